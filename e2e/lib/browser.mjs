// A browser as a cashier's: windows that tell what was asked, printed and touched, signing in, and hands on the keyboard.
import { chromium } from "playwright-core";
import { code } from "./totp.mjs";
import { must } from "./checking.mjs";
import { seconds } from "./server.mjs";
import { tag } from "./words.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** How long anything may take before a check gives up. Nothing is ever asserted about time. */
export const PATIENCE_MS = 60_000;
export const SCREEN = { width: 1366, height: 768 };

export const open = () => chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

/** What a page tells of itself, in every frame of it. */
function listen() {
  window.print = () => tongquHeard("print", location.pathname);
  const mouse = ["mousedown", "mouseup", "mousemove", "wheel", "pointerdown", "touchstart"];
  for (const kind of mouse) addEventListener(kind, () => tongquHeard("mouse", kind), { capture: true, passive: true });
}

/** A window of its own, with nobody signed in. `page` is Playwright's. */
export async function openWindow(browser, demo, options = {}) {
  const context = await browser.newContext({ viewport: SCREEN, baseURL: demo.address, locale: "zh-CN", ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const heard = [];
  if (options.javaScriptEnabled !== false) {
    await context.exposeBinding("tongquHeard", (_, kind, what) => void heard.push({ kind, what }));
    await context.addInitScript(listen);
  }
  const page = await context.newPage();
  page.on("request", (request) => heard.push(asked(request)));
  page.on("pageerror", (error) => heard.push({ kind: "error", what: error.message }));
  page.on("response", (answer) => heard.push({ kind: "answer", what: path(answer.url()), status: answer.status() }));
  const close = () => context.close();
  return { demo, context, page, heard, close };
}

const path = (url) => new URL(url).pathname;

function asked(request) {
  const whole = request.isNavigationRequest() && !request.frame().parentFrame();
  return { kind: "request", what: path(request.url()), method: request.method(), whole };
}

/** Requests so far of pages and steps: not files, not candidates, not what is printed. */
export const actions = (w) => w.heard.filter((e) => e.kind === "request" && !/\.(css|js|ico)$|^\/(find|print)\//.test(e.what));

/** Signs somebody in, one after the other; whoever was signed in before in this window is forgotten. A session has one language. */
export async function signIn(w, { hospital = 0, login = "0103", language = "zh", workstation = "W1" } = {}) {
  const { demo, context } = w;
  const who = `${hospital}/${login}/${language}/${workstation}`;
  await context.clearCookies();
  const kept = demo.sessions?.[who];
  if (kept) await context.addCookies(kept);
  else await (demo.signing = (demo.signing ?? Promise.resolve()).then(() => enter(w, hospital, login, workstation)));
  // A code of the second factor is taken once, and another comes in half a minute: who needs one stays signed in. So does
  // everybody but the cashiers, whom a check signs out.
  if (demo.operators[login].role !== "cashier") demo.sessions = { ...demo.sessions, [who]: await context.cookies() };
  await speak(w, language, "/");
  await unlocked(w);
}

/** Whoever was away for long finds the screen locked. */
async function unlocked({ demo, page }) {
  if (!(await page.locator("#unlock").count())) return;
  await page.fill("#f-password", demo.password);
  await page.press("#f-password", "Enter");
  await page.waitForSelector("body:not(:has(#unlock))");
}

async function enter({ demo, page }, hospital, login, workstation) {
  await page.goto("/sign-in");
  await page.fill("#f-hospital", demo.hospitals[hospital].code);
  await page.fill("#f-workstation", workstation);
  await page.fill("#f-login", login);
  await page.fill("#f-password", demo.password);
  const secret = demo.secrets?.[login] ?? (demo.operators[login].role === "administrator" ? demo.secret : "");
  if (secret) await page.fill("#f-code", nextCode(demo, `${hospital}/${login}`, secret));
  await page.press("#f-code", "Enter");
  await page.waitForSelector("form[action='/sign-out']");
}

const CODE_SECONDS = 30;

/** A code that was not taken yet: the one of now, or the next, which is taken before its time. */
function nextCode(demo, who, secret) {
  demo.codes ??= {};
  const now = Math.floor(seconds(demo) / CODE_SECONDS);
  const step = Math.max(now, (demo.codes[who] ?? 0) + 1);
  must(step <= now + 1, `${who} has signed in too often for half a minute`);
  demo.codes[who] = step;
  return code(secret, step * CODE_SECONDS);
}

/** Sees to it that pages are in a language; the same place is shown again. */
export async function speak(w, language, back) {
  const at = back ?? (w.page.url().startsWith("http") ? path(w.page.url()) : "/");
  await w.page.goto(`/language/${language}?back=${at}`);
  await w.page.waitForSelector(`html[lang="${tag(language)}"]`);
}

/** Waits until the cursor is in a field or on a button, and something else is to be seen. */
export const cursorIn = (w, at, seen = "body") =>
  w.page.waitForFunction(
    ([at, seen]) => document.activeElement?.matches(at) && document.querySelector(seen) !== null,
    [at, seen],
    { polling: 5 },
  );

/** Where the cursor is, in words for a report. */
export const cursor = (w) =>
  w.page.evaluate(() => {
    const at = document.activeElement;
    return `${at?.tagName.toLowerCase()}${at?.id ? "#" + at.id : ""} at ${location.pathname}`;
  });

/** The session of a window, as its requests say it. */
export async function cookie(w) {
  const all = await w.context.cookies();
  return all.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** Asks as the page would, with the session of the window. */
export const fetched = (w, address, options) =>
  w.page.evaluate(
    async ([address, options]) => {
      const answer = await fetch(address, options);
      return { status: answer.status, body: await answer.text(), place: answer.headers.get("x-place"), url: answer.url };
    },
    [address, options],
  );

/** The token that steps are sent with. */
export const csrf = (w) => w.page.getAttribute("input[name=csrf]", "value");

/** Nothing on a page is further away than this. */
const FAR = 120;

/** Hands on the keyboard: counts keys and measures how long each wait was. */
export class Hands {
  constructor(w, delay = 0) {
    Object.assign(this, { w, delay, keys: 0, waits: [] });
  }
  async press(key) {
    this.keys += 1;
    await this.w.page.keyboard.press(key, { delay: this.delay });
  }
  async type(text) {
    // What no key has comes from an input method, whole.
    if (/[^ -~]/.test(text)) return void (await this.w.page.keyboard.insertText(text));
    for (const sign of text) await this.press(sign);
  }
  /** Goes on with a key, such as Tab, until the cursor is there. */
  async reach(at, key = "Tab") {
    for (let n = 0; n < FAR; n += 1) {
      if (await this.w.page.evaluate((at) => document.activeElement.matches(at), at)) return;
      await this.press(key);
    }
    throw new Error(`${FAR} times ${key} do not lead to ${at}; the cursor is in ${await cursor(this.w)}`);
  }
  /** A scanner types a card and Enter at once, which is no key of the cashier's. */
  async scan(text) {
    await this.w.page.keyboard.type(text);
    await this.w.page.keyboard.press("Enter");
  }
  /** Presses a key and measures how long it is until the cursor is where the hand needs it next. */
  async wait(name, act, at, seen) {
    const from = performance.now();
    await act();
    await cursorIn(this.w, at, seen).catch(async () => {
      throw new Error(`after ${name} the cursor should be in ${at} with ${seen ?? "nothing else"}; it is in ${await cursor(this.w)}`);
    });
    this.waits.push({ name, ms: performance.now() - from });
  }
  /** The same, of a key. */
  pressed(key, name, at, seen) {
    return this.wait(name, () => this.press(key), at, seen);
  }
}
