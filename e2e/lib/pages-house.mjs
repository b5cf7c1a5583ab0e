// Pages of what a house tells its people and how it is laid out: notices, branches and windows, a window for the insured
// only, and a cashier's own numbers. Made once, and looked at in every language.
import { printed, settledAlone } from "./bills.mjs";
import { cursorIn, Hands } from "./browser.mjs";
import { must } from "./checking.mjs";
import { CUT, DIRECTOR, FAR, INSURED, layOut } from "./layout.mjs";
import { EVERYBODY, OFFICER } from "./office.mjs";
import { at } from "./pages-stay.mjs";
import { ByKeys } from "./ways.mjs";

const [ADMINISTRATOR, BILLER, CLERK, FINANCE] = ["0001", "0207", "0301", "0401"].map((login) => ({ login }));
/** Who has run out of numbers. */
const WITHOUT = { login: "0105" };

/** Whose they are, and what they are. */
export const LAID_OUT = [
  [ADMINISTRATOR, {
    "notices-published": at("notices", () => "/notices"),
    "notices-publish": at("notices", () => "", { go: publishing }),
    "notices-wrong": at("notices", () => "", { go: (t) => wrong(t, "/notices", "#f-title") }),
    "notices-without-text": at("notices", () => "", { go: (t) => unpublished(t, { title: "Fire drill" }, "#f-body") }),
    "notices-over": at("notices", () => "", { go: (t) => unpublished(t, { title: "Fire drill", body: "At ten", until: "0101" }, "#f-until") }),
    windows: at("tab-windows", () => "/windows"),
    "windows-wrong": at("tab-windows", () => "", { go: (t) => wrong(t, "/windows", "#f-window") }),
    "wards-of-branches": at("tab-wards", () => "/wards"),
  }],
  [{ login: OFFICER.login }, {
    notices: at("notices", () => "/notices"),
  }],
  [{ login: DIRECTOR.login }, {
    "notices-unread": at("notices", () => "/notices"),
  }],
  [{ login: EVERYBODY.login }, {
    "every-notice": at("notices", () => "/notices"),
    "today-unread": at("tab-today", () => "/today"),
  }],
  [BILLER, {
    "notices-none": at("notices", () => "/notices"),
  }],
  [{ ...CUT, workstation: INSURED }, {
    "charge-insured-only": at("tab-charge", () => "/charge"),
    "charge-insured-only-alone": at("tab-charge", () => "", { go: alone }),
  }],
  [CUT, {
    numbers: at("tab-numbers", () => "/numbers"),
    "numbers-wrong": at("tab-numbers", () => "", { go: (t) => wrong(t, "/numbers", "#f-number") }),
    "numbers-too-many": at("tab-numbers", () => "", { go: (t) => typed(t, FAR, "#f-number[aria-invalid=true]") }),
    "numbers-several": at("tab-numbers", () => "", { go: several }),
    "numbers-spoilt": at("tab-numbers", () => "", { go: spoilt }),
    "numbers-again": at("tab-numbers", () => "", { go: again }),
    "look-renumbered": at("bill", (s) => `/bills/${s.renumbered}`),
    "closing-spoilt": at("tab-closing", () => "/closing"),
  }],
  [WITHOUT, {
    "numbers-none": at("tab-numbers", () => "/numbers"),
  }],
  [CLERK, {
    "numbers-of-two-kinds": at("tab-numbers", () => "/numbers"),
  }],
  [FINANCE, {
    "report-numbers-spoilt": at("report-exceptions", () => "/reports/exceptions?from=20261101&to=t&by=number-spoilt"),
  }],
];

/** F9 where nothing was typed. */
async function wrong({ w }, address, field) {
  await w.page.goto(address);
  await new Hands(w).pressed("F9", "nothing typed", `${field}[aria-invalid=true]`);
}

/** A notice about to be published, with all of its form in sight. */
async function publishing({ w }) {
  await w.page.goto("/notices");
  await w.page.fill("#f-title", "周六 14 点停机");
  await w.page.fill("#f-body", "系统升级,约一小时。\n停机时手工开票,恢复后补录。");
  await w.page.selectOption("#f-role", "cashier");
  await w.page.focus("[name=must]");
  await w.page.keyboard.press("Space");
  await w.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
}

/** A notice that lacks something, or is over before it began. */
async function unpublished({ w }, fields, field) {
  await w.page.goto("/notices");
  for (const [name, text] of Object.entries(fields)) await w.page.fill(`#f-${name}`, text);
  await new Hands(w).pressed("F9", "what is not right", `${field}[aria-invalid=true]`);
}

/** Somebody who pays alone, at a window for the insured. */
async function alone({ w }) {
  await w.page.goto("/charge");
  await new Hands(w).pressed("Enter", "nobody's card", "#f-card[aria-invalid=true], main .note.bad");
}

/** A number to be spoilt, and what is to be seen behind F9. */
async function typed({ w }, number, seen) {
  await w.page.goto("/numbers");
  await cursorIn(w, "#f-number");
  const cashier = new ByKeys(w);
  await cashier.type("number", number);
  await cashier.send("F9");
  await w.page.waitForSelector(seen);
}

/** The next number but so many, as the page has it. */
async function nextBut({ w }, many) {
  await w.page.goto("/numbers");
  const next = await w.page.textContent("dl.facts .code");
  return next.replace(/\d+$/, (digits) => String(Number(digits) + many).padStart(digits.length, "0"));
}

/** Ten numbers that nobody used are asked about first. */
async function several(trip) {
  await typed(trip, await nextBut(trip, 9), "[role=alert]");
}

/** The next one; who goes through the pages in the other language may have taken it meanwhile. */
async function spoilt(trip) {
  for (let n = 0; n < 3; n += 1) {
    await typed(trip, await nextBut(trip, 0), "main > .note.good, [aria-invalid=true]");
    if (await trip.w.page.locator("main > .note.good").count()) return;
  }
  throw new Error("no number was spoilt");
}

/** A receipt that jammed: from its bill to paper under another number. */
async function again({ w }) {
  const key = await settledAlone(w);
  must(key, "nothing was settled");
  await w.page.goto(`/bills/${key}`);
  const cashier = new ByKeys(w);
  await cashier.button(`a[href^="/numbers?"]`, "#f-number");
  await cashier.send("F9");
  await w.page.waitForSelector("main > .note.good[data-print]");
  await printed(w);
}

/** What is laid out, once for a demo. */
export async function house(world) {
  world.demo.laidOut ??= layOut(world);
  return world.demo.laidOut;
}
