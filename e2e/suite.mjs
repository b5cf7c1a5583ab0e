// What users do at the pages of Tongqu, in a real browser: node suite.mjs --program PATH [--shots FOLDER] [--only NAME,NAME].
// Starts the program's demo, runs the checks one after the other, prints a line for each thing checked, and ends with 1
// where any failed.
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { open } from "./lib/browser.mjs";
import { Findings } from "./lib/checking.mjs";
import { start } from "./lib/server.mjs";
import { look } from "./lib/walks.mjs";

const CHECKS = ["charge", "noscript", "inpatient", "closing", "refund", "reconcile", "keys", "tenant", "weight"];
/** What looks at every page there is: they go together, for the way is long. */
const WALKERS = ["languages", "axe", "shape"];
const ALL = [...CHECKS, ...WALKERS];

const { values: said } = parseArgs({
  options: { program: { type: "string" }, shots: { type: "string" }, only: { type: "string" } },
});

const chosen = said.only?.split(",") ?? ALL;
if (!said.program || !chosen.every((name) => ALL.includes(name))) {
  console.error(`node suite.mjs --program PATH [--shots FOLDER] [--only ${ALL.join("|")}]`);
  process.exit(2);
}
const isRight = await suite().catch((error) => void console.error(error.message));
process.exitCode = isRight ? 0 : 1;

/** Whether nothing failed. The demo and the browser are ended whatever happens. */
async function suite() {
  const from = performance.now();
  const findings = new Findings();
  const demo = await start(said.program);
  const ends = [() => demo.stop()];
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void over(ends).then(() => process.exit(1)));
  try {
    const browser = await open();
    ends.unshift(() => browser.close());
    if (said.shots) mkdirSync(said.shots, { recursive: true });
    const world = { browser, demo, findings, shots: said.shots };
    for (const name of CHECKS.filter((name) => chosen.includes(name))) {
      await one(name, findings, async () => (await import(`./checks/${name}.mjs`)).run(world));
    }
    const walkers = WALKERS.filter((name) => chosen.includes(name));
    if (walkers.length) await one("walk", findings, () => look(world, walkers));
  } finally {
    await over(ends);
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(0);
  console.log(`${findings.count} checked, ${findings.failed} failed, ${seconds} s`);
  return findings.failed === 0;
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
