// The acceptance script, and the one of a bill that was entered elsewhere, while a hundred other windows are busy at the
// same program. What they take is measured, and nothing is asserted about it; that no window is lost is. How often they are
// replayed may be said (`--runs`): of a hundred runs, 95 within the goal is what the script is to be accepted by.
import { itemsExist, voided } from "../lib/bills.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must, until } from "../lib/checking.mjs";
import { gather } from "../lib/crowd.mjs";
import { bySight, FETCHED, fetchedElsewhere, modelled, SCRIPTED } from "./charge.mjs";

const [WINDOWS, RUNS, SEED] = [100, 5, 20261123];
/** Runs that are told one by one; of more, what they come to. */
const FEW = 10;
const SHARE = 0.95;

export async function run({ browser, demo, findings, runs = RUNS }) {
  const w = await openWindow(browser, demo);
  let crowd;
  try {
    await signIn(w);
    await itemsExist(w);
    await findings.check("crowd/gathers", async () => {
      crowd = await gather({ browser, demo }, WINDOWS, SEED);
      return `${WINDOWS} windows, each with a cashier and an address of its own`;
    });
    if (!crowd) return;
    crowd.begin();
    await until(() => crowd.busy, "not all windows have begun");
    const from = performance.now();
    await findings.check("crowd/script", () => several(runs, SCRIPTED, () => scripted(w)));
    await findings.check("crowd/fetched", () => several(runs, FETCHED, () => fetchedElsewhere(browser, w)));
    await findings.check("crowd/pace", async () => paceOf(crowd, from));
  } finally {
    await crowd?.end();
    await w.close();
  }
}

/** Bills refunded at once, so that the account of the patient is as it was. */
async function scripted(w) {
  const done = await bySight(w);
  await voided(w, done.key);
  return done;
}

async function several(runs, script, once) {
  const seconds = [];
  for (let n = 0; n < runs; n += 1) seconds.push(modelled((await once()).hands, script));
  return told(seconds, script);
}

/** What so many runs took: one by one where they are few; of many, what 95 of 100 took at most. */
function told(seconds, { goal }) {
  const sorted = seconds.slice().sort((a, b) => a - b);
  const runs = sorted.length;
  const [median, worst] = [sorted[Math.floor(runs / 2)], sorted.at(-1)];
  const verdict = (one) => `${one <= goal ? "within" : "ABOVE"} the goal of ${goal} s`;
  const ends = `median ${median.toFixed(1)} s, worst ${worst.toFixed(1)} s`;
  if (runs <= FEW) return `modelled ${seconds.map((one) => one.toFixed(1)).join(", ")} s; ${ends}, ${verdict(worst)}`;
  const share = Math.ceil(runs * SHARE);
  const most = sorted[share - 1];
  const met = sorted.filter((one) => one <= goal).length;
  return `modelled ${runs} times, ${sorted[0].toFixed(1)} s at least, ${ends}; ${share} of ${runs} took ${most.toFixed(1)} s at most, ${verdict(most)}, which ${met} of ${runs} met`;
}

/** No window was refused anything. */
function paceOf(crowd, from) {
  const { rate, p95, worst, count } = crowd.pace(from, performance.now());
  const { troubles, bills } = crowd;
  must(troubles.length === 0, `${troubles.length} windows were stopped, ${bills} bills charged: ${[...new Set(troubles)].slice(0, 5).join("; ")}`);
  return `${count} requests, ${rate.toFixed(1)} a second, 95 of 100 within ${p95.toFixed(0)} ms, the worst ${worst.toFixed(0)} ms; ${bills} bills charged`;
}
