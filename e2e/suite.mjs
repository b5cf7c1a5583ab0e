// What users do at the pages of Tongqu, in a real browser: node suite.mjs --program PATH [--centre PATH] [--shots FOLDER]
// [--manual FOLDER] [--only NAME,NAME] [--without NAME,NAME] [--runs N]. Starts the program's demo, runs the checks one after
// the other, prints a line for each thing checked, and ends with 1 where any failed. Where the test centre's program is named,
// hospitals with a desk of their own are tried. `--runs` is how often the acceptance script is replayed beside the crowd.
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { open } from "./lib/browser.mjs";
import { Findings } from "./lib/checking.mjs";
import { start } from "./lib/server.mjs";
import { illustrated } from "./lib/manual.mjs";
import { found } from "./lib/town.mjs";
import { look } from "./lib/walks.mjs";

const CHECKS = ["charge", "noscript", "inpatient", "closing", "refund", "reconcile", "window", "keys", "notices", "tenant", "weight"];
/** What looks at every page there is: they go together, for the way is long. */
const WALKERS = ["languages", "axe", "shape"];
/** Leaves a hundred cashiers behind, whom others need not meet. */
const LAST = ["crowd"];
/** At desks that are programs of their own, before a centre that is one, too. */
const TOWN = ["firsthour", "plain", "lost", "lost-stays", "given-up"];
const DEMO = [...CHECKS, ...WALKERS, ...LAST];
const ALL = [...DEMO, ...TOWN];

const text = { type: "string" };
const { values: said } = parseArgs({ options: { program: text, centre: text, shots: text, manual: text, only: text, without: text, runs: text } });

const without = said.without?.split(",") ?? [];
const chosen = (said.only?.split(",") ?? (said.centre ? ALL : DEMO)).filter((name) => !without.includes(name));
const runs = said.runs === undefined ? undefined : Number(said.runs);
const isCounted = runs === undefined || (Number.isInteger(runs) && runs > 0);
const isClear = isCounted && chosen.every((name) => ALL.includes(name)) && (said.centre || !chosen.some((name) => TOWN.includes(name)));
if (!said.program || !isClear) {
  console.error(`node suite.mjs --program PATH [--centre PATH] [--shots FOLDER] [--manual FOLDER] [--only ${ALL.join("|")}] [--runs N]`);
  process.exit(2);
}
const isRight = await suite().catch((error) => void console.error(error.message));
process.exitCode = isRight ? 0 : 1;

/** Whether nothing failed. What was started is ended whatever happens. */
async function suite() {
  const from = performance.now();
  const findings = new Findings();
  const ends = [];
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void over(ends).then(() => process.exit(1)));
  try {
    const browser = await open();
    ends.unshift(() => browser.close());
    if (said.shots) mkdirSync(said.shots, { recursive: true });
    const world = { browser, findings, shots: said.shots, manual: said.manual && illustrated(said.manual), runs };
    if (picked(DEMO).length) await atTheDemo(world, ends);
    if (picked(TOWN).length) await inTown(world, ends);
  } finally {
    await over(ends);
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(0);
  console.log(`${findings.count} checked, ${findings.failed} failed, ${seconds} s`);
  return findings.failed === 0;
}

function picked(names) {
  return names.filter((name) => chosen.includes(name));
}

async function atTheDemo(world, ends) {
  const demo = await start(said.program);
  const stop = () => demo.stop();
  ends.push(stop);
  await each(CHECKS, { ...world, demo });
  if (picked(WALKERS).length) await one("walk", world.findings, () => look({ ...world, demo }, picked(WALKERS)));
  await each(LAST, { ...world, demo });
  await over(ends.splice(ends.indexOf(stop), 1));
}

async function inTown(world, ends) {
  const town = await found({ program: said.program, centre: said.centre });
  ends.push(() => town.stop());
  await each(TOWN, { ...world, town });
}

async function each(names, world) {
  for (const name of picked(names)) {
    await one(name, world.findings, async () => (await import(`./checks/${name}.mjs`)).run(world));
  }
}

async function over(ends) {
  for (const end of ends.splice(0)) await end().catch(() => {});
}

/** A check that breaks before it could say anything has failed. */
async function one(name, findings, work) {
  try {
    await work();
  } catch (error) {
    findings.fail(name, String(error.stack ?? error).replaceAll("\n", " ⏎ "));
  }
}
