// Starts the program's demo and reads what it prints: where its pages are, and who may sign in.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const DAY = "2026-11-23";
/** The demo's clock starts here, in the hospital's time, and goes on as real time does. */
const MORNING = Date.parse(`${DAY}T08:00:00+08:00`);
const PATIENCE_MS = 300_000;

/** A running demo. `stop` ends it. */
export async function start(program) {
  const folder = mkdtempSync(join(tmpdir(), "tongqu-e2e-"));
  const manifest = join(folder, "manifest.json");
  const asked = ["demo", "--today", DAY, "--until", "noon", "--persons", "1000", "--port", "0", "--manifest", manifest];
  const child = spawn(program, asked, { stdio: ["ignore", "pipe", "pipe"] });
  const errors = [];
  child.stderr.on("data", (text) => errors.push(text));
  const demo = { hospitals: [], operators: {}, day: DAY, faults: () => errors.join("") };
  demo.stop = () => stop(child);
  try {
    await told(child, demo);
    demo.city = JSON.parse(readFileSync(manifest, "utf8"));
    demo.patients = insured(demo.city.persons);
  } catch (error) {
    await demo.stop();
    throw new Error(`${error.message}\n${demo.faults()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return demo;
}

/** Whom the pooled fund pays for and nothing else is said of, each for one stay: nobody is in hospital twice. The least
 * account first: what it does not pay is due in cash. */
function insured(persons) {
  const usual = persons.filter((p) => p.insutype === "310" && p.status === "employed" && !p.situation);
  usual.sort((a, b) => Number(a.balance) - Number(b.balance));
  return usual.map((p) => ({ name: p.name, card: p.id_number, number: p.psn_no }));
}

/** Reads lines until the last one the demo prints. */
function told(child, demo) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the demo did not start in time")), PATIENCE_MS);
    const lines = createInterface({ input: child.stdout });
    const over = (done, value) => (clearTimeout(late), done(value));
    child.once("error", (error) => over(reject, error));
    child.once("exit", (status) => over(reject, new Error(`the demo ended with ${status}`)));
    lines.on("line", (line) => {
      if (read(line, demo)) over(resolve);
    });
  });
}

const SAID = [
  [/the simplified edition: (http:\/\/\S+?)\/$/, (demo, [, address]) => (demo.address = address)],
  [/^ {2}(H\d+) {2}(.+)$/, (demo, [, code, name]) => demo.hospitals.push({ code, name })],
  [/^ {2}(\d{4}) {2}(\S+) {2}(\S+)$/, (demo, [, login, name, role]) => (demo.operators[login] = { name, role })],
  [/password: (.+)$/, (demo, [, password]) => (demo.password = password)],
  [/secret \(base32\): (\S+)$/, (demo, [, secret]) => (demo.secret = secret)],
  [/identity card: (\S+) {2}王建国$/, (demo, [, card]) => (demo.card = card)],
];

/** Whether this was the last line. */
function read(line, demo) {
  if (/^\d\d-\d\d 08:00/.test(line)) demo.began ??= Date.now();
  for (const [shape, keep] of SAID) {
    const found = shape.exec(line);
    if (found) keep(demo, found);
  }
  return /\/api .*to stop/.test(line);
}

/** What the clock of the demo, or of a house, shows, in seconds since 1970. A house goes by this machine's. */
export function seconds(demo) {
  if (!demo.began) return Math.floor(Date.now() / 1000);
  return Math.floor((MORNING + Date.now() - demo.began) / 1000);
}

/** As Ctrl-C does, so that the demo clears away what it has written; by force where that does not help. */
function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.once("exit", () => (clearTimeout(force), resolve()));
    child.kill("SIGINT");
  });
}
