// The acceptance script, and the one of a bill that was entered elsewhere, while a hundred other windows are busy at the
// same program. What they take is measured, and nothing is asserted about it; that no window is lost is.
import { itemsExist, voided } from "../lib/bills.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must, until } from "../lib/checking.mjs";
import { gather } from "../lib/crowd.mjs";
import { bySight, FETCHED, fetchedElsewhere, modelled, SCRIPTED } from "./charge.mjs";

const [WINDOWS, RUNS, SEED] = [100, 5, 20261123];

export async function run({ browser, demo, findings }) {
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
    await findings.check("crowd/script", () => several(SCRIPTED, () => scripted(w)));
    await findings.check("crowd/fetched", () => several(FETCHED, () => fetchedElsewhere(browser, w)));
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

async function several(script, once) {
  const seconds = [];
  for (let n = 0; n < RUNS; n += 1) seconds.push(modelled((await once()).hands, script));
  const sorted = seconds.slice().sort((a, b) => a - b);
  const [median, worst] = [sorted[Math.floor(RUNS / 2)], sorted.at(-1)];
  return `modelled ${seconds.map((one) => one.toFixed(1)).join(", ")} s; median ${median.toFixed(1)} s, worst ${worst.toFixed(1)} s, ${worst <= script.goal ? "within" : "ABOVE"} the goal of ${script.goal} s`;
}

/** No window was refused anything. */
function paceOf(crowd, from) {
  const { rate, p95, worst, count } = crowd.pace(from, performance.now());
  const { troubles, bills } = crowd;
  must(troubles.length === 0, `${troubles.length} windows were stopped, ${bills} bills charged: ${[...new Set(troubles)].slice(0, 5).join("; ")}`);
  return `${count} requests, ${rate.toFixed(1)} a second, 95 of 100 within ${p95.toFixed(0)} ms, the worst ${worst.toFixed(0)} ms; ${bills} bills charged`;
}
