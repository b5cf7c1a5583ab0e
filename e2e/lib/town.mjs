// A town of its own: a centre of the sample city on today's date, and at hospitals desks that are processes with papers in
// a file, each with a line to the centre that fails as it is told.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Line } from "./line.mjs";

const PATIENCE_MS = 120_000;
/** Seconds a desk waits for an answer. */
const TIMEOUT = "3";

/** A centre that listens. `stop` ends it, and all that stands before it. */
export async function found({ program, centre }) {
  const folder = mkdtempSync(join(tmpdir(), "tongqu-town-"));
  const child = spawn(centre, { stdio: ["pipe", "pipe", "pipe"] });
  const town = { program, folder, desks: [], lines: [] };
  town.stop = () => stop(town, child);
  try {
    town.city = JSON.parse(await firstLine(child, /^\{/, "the centre"));
    return town;
  } catch (error) {
    await town.stop();
    throw error;
  }
}

async function stop({ desks, lines, folder }, child) {
  await Promise.all(desks.map((desk) => desk.kill()));
  await Promise.all(lines.map((line) => line.stop()));
  await ended(child, () => child.stdin.end());
  rmSync(folder, { recursive: true, force: true });
}

/** The desk of the hospital so many on the centre's list, at our centre or at the plain one, which is somebody else's. It
 * has papers of its own, and is not set up. */
export async function deskAt(town, hospital, { plain = false } = {}) {
  const { city, program, folder } = town;
  const line = await Line.to(plain ? city.plain : city.address);
  town.lines.push(line);
  const desk = new DeskProcess(program, join(folder, `${hospital}`), city.hospitals[hospital], line, plain);
  town.desks.push(desk);
  await desk.start();
  return desk;
}

/** A desk as a process. It may be killed at any moment, and started again with the same papers at the same port. */
class DeskProcess {
  constructor(program, papers, hospital, line, plain) {
    Object.assign(this, { program, papers, hospital, line, plain, listen: "127.0.0.1:0", told: [] });
    writeFileSync(`${papers}.secret`, hospital.secret);
  }
  async start() {
    this.child = spawn(this.program, ["desk", ...this.#asked()], { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stderr.on("data", (text) => this.told.push(String(text)));
    const said = await firstLine(this.child, this.address ? /desk: http/ : /invitation code:/, `the desk of ${this.hospital.name}`);
    const [, code, listen] = /code: (\S+) .*http:\/\/([\d.:]+)\//.exec(said) ?? [];
    if (code) Object.assign(this, { code, listen, address: `http://${listen}` });
  }
  /** At once, as where the power fails. */
  kill() {
    return ended(this.child, () => this.child.kill("SIGKILL"));
  }
  #asked() {
    const { line, hospital, papers, listen, plain } = this;
    const centre = ["--centre", line.address, "--key", hospital.key, "--secret-file", `${papers}.secret`, ...(plain ? ["--foreign"] : [])];
    const own = ["--papers", `${papers}.db`, "--keys", `${papers}.keys`, "--listen", listen, "--timeout", TIMEOUT];
    const first = this.address ? [] : ["--hospital", hospital.code, "--name", hospital.name, "--division", hospital.division];
    return [...centre, ...own, ...first];
  }
}

/** The first line of a shape that a process prints; that it ended instead is told with what it said. */
function firstLine(child, shape, what) {
  const errors = [];
  child.stderr.on("data", (text) => errors.push(text));
  return new Promise((resolve, reject) => {
    const over = (why) => reject(new Error(`${what} ${why}: ${errors.join("")}`));
    const late = setTimeout(() => over("did not start in time"), PATIENCE_MS);
    child.once("error", (error) => over(error.message));
    child.once("exit", (status) => over(`ended with ${status}`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!shape.test(line)) return;
      clearTimeout(late);
      resolve(line);
    });
  });
}

function ended(child, end) {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.once("exit", () => (clearTimeout(force), resolve()));
    end();
  });
}
