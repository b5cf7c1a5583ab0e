// Many windows at once, as a server sees them: each is a cashier of its own with numbers of his own, at a machine with an
// address of its own, who charges small bills at a human pace. None of them is a browser.
import { Agent, request } from "node:http";
import { ask, step } from "./asking.mjs";
import { SCRIPT } from "./bills.mjs";
import { must } from "./checking.mjs";
import { withWindow } from "./office.mjs";

const [ADMINISTRATOR, POST, UNTIL] = ["0001", "module-outpatient-charging", "2028-01-01"];
/** Numbers of each. */
const NUMBERS = 1000;
/** Milliseconds from one request of a window to its next: two seconds, as chance has it. */
const [PAUSE_LEAST, PAUSE_MOST] = [500, 3500];

/** So many windows, each with somebody engaged for it by the administrator. Nobody charges yet. */
export async function gather({ browser, demo }, count, seed) {
  const logins = Array.from({ length: count }, (_, n) => String(2000 + n));
  await withWindow({ browser, demo }, { login: ADMINISTRATOR }, async (w) => {
    for (const [n, login] of logins.entries()) await engage(w, login, n);
  });
  const crowd = new Crowd(logins.map((login, n) => new Window(demo, login, n, random(seed + n))));
  for (const window of crowd.windows) await window.signIn();
  return crowd;
}

async function engage(w, login, n) {
  await step(w, "/operators", { login, name: "Zhao", password: w.demo.password, role: "cashier" });
  await ask(w, `/operators/${login}`, { do: "change", role: "cashier", [POST]: UNTIL });
  const from = 1_000_000 + n * NUMBERS;
  const { body } = await ask(w, "/segments", { kind: "outpatient", prefix: "CR-", from: `${from}`, to: `${from + NUMBERS - 1}`, owner: login });
  must(!body.includes('class="note bad"'), `${login} has no receipt numbers`);
}

class Crowd {
  constructor(windows) {
    this.windows = windows;
  }
  /** All begin, each after a pause of its own. */
  begin() {
    this.over = Promise.all(this.windows.map((window) => window.work(() => this.ends)));
  }
  /** Each has asked for something and was answered since it began. */
  get busy() {
    return this.windows.every(({ answers }) => answers.length > 0);
  }
  /** They finish what they are at. */
  async end() {
    this.ends = true;
    await this.over;
    for (const { agent } of this.windows) agent.destroy();
  }
  /** What was asked between two moments: how many a second, and how long 95 of 100 took at most. */
  pace(from, to) {
    const took = this.windows.flatMap(({ answers }) => answers.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms));
    took.sort((a, b) => a - b);
    return { rate: took.length / ((to - from) / 1000), p95: took[Math.floor(took.length * 0.95)], worst: took.at(-1), count: took.length };
  }
  get bills() {
    return this.windows.reduce((sum, { bills }) => sum + bills, 0);
  }
  get troubles() {
    return this.windows.flatMap(({ troubles }) => troubles);
  }
}

/** A window. What it has been answered is kept, with the moment and how long it took. */
class Window {
  answers = [];
  troubles = [];
  bills = 0;
  constructor(demo, login, n, random) {
    const agent = new Agent({ keepAlive: true, maxSockets: 2, localAddress: `127.0.1.${n + 1}` });
    Object.assign(this, { demo, login, n, random, agent });
  }
  async signIn() {
    const { demo, login, n } = this;
    const answer = await this.ask("/sign-in", { hospital: demo.hospitals[0].code, workstation: `C${n}`, login, password: demo.password });
    must(answer.status === 303, `${login} cannot sign in: ${answer.status}`);
    this.session = answer.headers["set-cookie"].map((cookie) => cookie.split(";")[0]).join("; ");
    this.csrf = /name="csrf" value="([^"]+)"/.exec((await this.ask("/kit")).body)[1];
    this.answers.length = 0;
  }
  async work(ends) {
    while (!ends()) {
      try {
        await this.charge(ends);
        this.bills += 1;
      } catch (error) {
        this.troubles.push(`${this.login}: ${error.message}`);
      }
    }
  }
  /** A card, a doctor, a diagnosis, one item or two with their candidates, the trial, what is handed over, the receipt. */
  async charge() {
    const { doctor, diagnosis, items } = SCRIPT;
    const patients = this.demo.patients;
    const bill = await this.step("/charge", { card: patients[Math.floor(this.random() * patients.length)].card });
    await this.look("/find/doctor?q=0");
    await this.step(`${bill}/visit`, { doctor });
    await this.look(`/find/diagnosis?q=${diagnosis.initials}`);
    await this.step(`${bill}/visit`, { diagnosis: diagnosis.initials });
    const first = Math.floor(this.random() * items.length);
    for (const { initials } of [items[first], items[(first + 1) % items.length]].slice(0, this.random() < 0.5 ? 1 : 2)) {
      await this.look(`/find/item?q=${initials}`);
      await this.step(`${bill}/line`, { item: `${initials}*1` });
    }
    await this.step(`${bill}/try`, {});
    const done = await this.step(`${bill}/settle`, { tendered: "9999" });
    must(done.includes("done="), `${bill} ends at ${done}`);
    await this.look(`/print/receipt/${bill.split("/")[2]}`);
  }
  async look(path) {
    const { status } = await this.paused(path);
    must(status === 200, `${path} answers ${status}`);
  }
  /** As the script of a page sends a form; answers the place that is shown then. */
  async step(path, form) {
    const { status, headers, body } = await this.paused(path, { csrf: this.csrf, ...form });
    const why = /class="(?:note bad|why)"[^>]*>([^<]*)/.exec(body)?.[1];
    must(status === 200 && !why, `${path} answers ${status} ${why ?? ""}`);
    return headers["x-place"];
  }
  async paused(path, form) {
    const pause = PAUSE_LEAST + this.random() * (PAUSE_MOST - PAUSE_LEAST);
    await new Promise((over) => setTimeout(over, pause));
    const from = performance.now();
    const answer = await this.ask(path, form, { "x-part": "1" });
    this.answers.push({ at: from, ms: performance.now() - from });
    return answer;
  }
  ask(path, form, more = {}) {
    const { agent, session, demo } = this;
    const body = form && new URLSearchParams(form).toString();
    const type = body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) };
    const headers = { ...type, ...(session ? { cookie: session } : {}), ...more };
    return new Promise((resolve, reject) => {
      const asked = request(demo.address + path, { method: form ? "POST" : "GET", agent, headers }, async (came) => {
        const parts = [];
        for await (const part of came) parts.push(part);
        resolve({ status: came.statusCode, headers: came.headers, body: Buffer.concat(parts).toString() });
      });
      asked.once("error", reject);
      asked.end(body);
    });
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
