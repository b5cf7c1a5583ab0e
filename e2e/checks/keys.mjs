// Keys do what the bar says, on the pages where a cashier charges; a dimmed key does nothing and says why; a key that is
// not in the bar does nothing.
import { begin, enter, look, NEXT, SCRIPT, settled } from "../lib/bills.mjs";
import { actions, cursor, cursorIn, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { say } from "../lib/words.mjs";

/** F5 is the browser's. */
const ALL = ["F2", "F3", "F4", "F6", "F7", "F8", "F9", "F10", "Escape", "Control+Delete", "Control+Enter", "Shift+F7"];
const [FIRST, SECOND] = SCRIPT.items.map((item) => item.initials);

export async function run({ browser, demo, findings }) {
  const w = await openWindow(browser, demo);
  const hands = new Hands(w);
  const check = (name, work) => findings.check(`keys/${name}`, () => work(w, hands));
  try {
    await signIn(w);
    for (const [name, work] of Object.entries(CHECKS)) await check(name, work);
  } finally {
    await w.close();
  }
}

const CHECKS = {
  "card-page": cardPage,
  dimmed,
  "not-in-the-bar": notInTheBar,
  trial,
  settle: (w, hands) => settles(w, hands, "F9"),
  "settle-from-anywhere": (w, hands) => settles(w, hands, "Control+Enter"),
  "settle-twice": settleTwice,
  "tendered-is-not-lost": tenderedIsNotLost,
  "remove-line": removeLine,
  park,
  drop,
  candidates,
  "a-code-with-digits": codeWithDigits,
  question,
  "question-in-capitals": questionInCapitals,
  "field-before": fieldBefore,
  "look-page": lookPage,
  "sign-in-again": signInAgain,
};

/** What the bar shows: keys that work, and dimmed ones with their reason. */
const bar = (w) =>
  w.page.evaluate(() => {
    const keys = Array.from(document.querySelectorAll(".keys button, .keys a"));
    return keys.map((e) => ({
      key: e.querySelector("kbd").textContent.replace("Ctrl Del", "Ctrl+Delete").replace("Esc", "Escape"),
      works: e.getAttribute("data-key"),
      dimmed: e.getAttribute("aria-disabled") === "true",
      tip: e.title,
      read: e.querySelector(".sr")?.textContent ?? "",
    }));
  });

const ours = (key) => key.replace("Control", "Ctrl");

/** Nothing is asked of the server when a key is pressed, and the page stays. */
async function nothing(w, hands, key) {
  const [before, text] = [actions(w).length, await w.page.textContent("main")];
  await hands.press(key);
  // Whatever a key asks for is asked before the page has painted twice.
  await w.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const asked = actions(w).slice(before);
  must(asked.length === 0, `${key} should do nothing; it asked for ${asked.map((e) => e.what)}`);
  must((await w.page.textContent("main")) === text, `${key} should do nothing; it changed the page`);
}

async function cardPage(w, hands) {
  await w.page.goto("/charge");
  await cursorIn(w, "#f-card");
  await hands.type("999");
  await hands.pressed("F9", "reading a card nobody has", "#f-card[aria-invalid=true]");
  must((await w.page.inputValue("#f-card")) === "999", "what was typed is gone");
  await hands.pressed("F2", "a new bill", "#f-card", "#f-card:not([aria-invalid])");
  await hands.pressed("Enter", "nobody's card", "#f-name");
  return "F9 reads the card, F2 begins anew, Enter on nothing is for who pays alone";
}

async function dimmed(w, hands) {
  await begin(w, []);
  const keys = (await bar(w)).filter((key) => key.dimmed);
  const why = { F8: "no-lines", F9: "try-first", "Ctrl+Delete": "no-lines" };
  for (const key of Object.keys(why)) must(keys.some((k) => k.key === key && k.tip === say("zh", why[key])), `${key} should be dimmed and say why`);
  for (const { key, works, tip, read } of keys) {
    must(!works && tip && read === tip, `${key} says "${tip}" and reads "${read}"`);
    await nothing(w, hands, key.replace("Ctrl", "Control"));
  }
  return `${keys.map((k) => k.key).join(", ")} do nothing and say why, to the eye and to the ear`;
}

async function notInTheBar(w, hands) {
  await begin(w, [FIRST]);
  const shown = (await bar(w)).map((key) => key.key);
  const wanted = ["F2", "F7", "F8", "F9", "Ctrl+Delete", "Shift+F7"];
  must(wanted.every((key) => shown.includes(key)), `the bar shows ${shown} instead of ${wanted}`);
  const rest = ALL.filter((key) => !shown.includes(ours(key)) && key !== "Control+Enter");
  for (const key of rest) await nothing(w, hands, key);
  return `${rest.join(", ")} do nothing`;
}

async function trial(w, hands) {
  await begin(w, [FIRST]);
  await hands.pressed("F8", "the trial", "#f-tendered", "#tender");
  await begin(w, [FIRST]);
  await hands.pressed("+", "the trial by +", "#f-tendered", "#tender");
  return "F8 and + try the bill, and the cursor is where the cash is typed";
}

async function tried(w, hands) {
  const key = await begin(w, [FIRST]);
  await hands.pressed("F8", "the trial", "#f-tendered", "#tender");
  return key;
}

async function settles(w, hands, key) {
  const bill = await tried(w, hands);
  await enter(hands, SCRIPT.tendered, "#settle button");
  await hands.pressed(key, "the settlement", NEXT, "[data-print]");
  must((await look(w, bill)).tag === say("zh", "bill-settled"), "the bill is not settled");
  return `${ours(key)} settles what was tried`;
}

/** A second F9 while the first is on its way settles nothing more, and the change stays in sight. */
async function settleTwice(w, hands) {
  const bill = await tried(w, hands);
  await enter(hands, SCRIPT.tendered, "#settle button");
  const before = actions(w).length;
  await hands.press("F9");
  await hands.press("F9");
  await w.page.waitForSelector("#begin");
  await cursorIn(w, `#f-name, ${NEXT}`, "#begin");
  await w.page.waitForFunction(() => document.querySelector(".busy").textContent === "");
  const asked = actions(w).slice(before).map((e) => e.what);
  must((await look(w, bill)).tag === say("zh", "bill-settled"), "the bill is not settled");
  must(await w.page.isVisible("[data-print] .big"), `the change is gone; asked for were ${asked.join(", ").replace(bill, "KEY")}`);
  return "a second F9 changes nothing";
}

/** Who types what he was given and presses F9 at once means it. */
async function tenderedIsNotLost(w, hands) {
  await tried(w, hands);
  await hands.type(SCRIPT.tendered);
  await hands.press("F9");
  await w.page.waitForSelector("[data-print], #f-tendered[aria-invalid=true]");
  if (await w.page.isVisible("[data-print]")) return "F9 takes the amount along";
  const left = await w.page.inputValue("#f-tendered");
  must(left === SCRIPT.tendered, `typed ${SCRIPT.tendered} and F9: "${await w.page.textContent("#w-tendered")}", and the field holds "${left}"`);
  return "F9 asks for Enter first, and what was typed is still there";
}

async function removeLine(w, hands) {
  await begin(w, [FIRST, SECOND]);
  await hands.pressed("Control+Delete", "removing", "#f-item", ".scroll tbody:not(:has(tr:nth-child(2)))");
  const name = await w.page.textContent(".scroll tbody td:nth-child(3)");
  must(name === SCRIPT.items[0].name, `left is ${name}`);
  return "Ctrl+Delete takes the last line away";
}

async function park(w, hands) {
  const key = await begin(w, [FIRST]);
  await hands.pressed("F7", "parking", "#f-card", `a[data-row][href="/charge/${key}"]`);
  await hands.pressed("ArrowDown", "the row", "a[data-row]");
  while ((await w.page.evaluate(() => document.activeElement.pathname)) !== `/charge/${key}`) await hands.press("ArrowDown");
  await hands.pressed("Enter", "recalling", "#f-item", ".scroll tbody td.code");
  return "F7 parks a bill; arrows and Enter take it up again with its lines";
}

async function drop(w, hands) {
  const key = await begin(w, [FIRST]);
  await hands.pressed("Shift+F7", "giving up", "#f-card");
  must((await w.page.locator(`a[href="/charge/${key}"]`).count()) === 0, "a bill given up is still waiting");
  return "Shift+F7 gives a bill up";
}

/** In a list of candidates: arrows and digits choose, Esc closes it and leaves what was typed. */
async function candidates(w, hands) {
  await begin(w, []);
  const second = ".pick [data-pick]:nth-child(2)";
  await hands.type("x");
  await w.page.waitForSelector(second);
  await hands.press("Escape");
  await w.page.waitForSelector(".pick", { state: "detached" });
  must((await w.page.inputValue("#f-item")) === "x", "Esc should leave what was typed");
  await hands.type("q");
  const name = await w.page.textContent(`${second} td:nth-child(3)`);
  await hands.press("2");
  await w.page.waitForSelector(".scroll tbody td.code");
  must((await w.page.textContent(".scroll tbody td:nth-child(3)")) === name, `2 should take ${name}`);
  await hands.type("x");
  await w.page.waitForSelector(second);
  await hands.press("ArrowDown");
  must((await w.page.getAttribute("#f-item", "aria-activedescendant")) === (await w.page.getAttribute(second, "id")), "the arrow should mark the second");
  return "arrows and digits choose, Esc closes the list and leaves what was typed";
}

/** Codes of diagnoses have digits; typed with their list in sight they are codes, not choices from it. */
async function codeWithDigits(w, hands) {
  await begin(w, [], { diagnosis: "" });
  const before = actions(w).length;
  await hands.type("I");
  await w.page.waitForSelector(".pick [aria-selected=true]");
  await hands.type("10");
  await hands.press("Enter");
  await w.page.waitForSelector("form#visit .tag");
  const got = await w.page.textContent("form#visit .tag");
  must(got.startsWith("I10 "), `typing I10 and Enter in the diagnosis chose "${got}" (${actions(w).length - before} requests)`);
  return "I10 is the diagnosis I10";
}

async function doubled(w, hands) {
  await begin(w, [FIRST]);
  await hands.type(FIRST);
  await hands.pressed("Enter", "the same again", "#question button");
}

async function question(w, hands) {
  await doubled(w, hands);
  await hands.pressed("n", "N", "#f-item", ".scroll tbody tr:nth-child(2) td.code");
  await doubled(w, hands);
  await hands.pressed("Enter", "Enter", "#f-item", ".scroll tbody tr td.code");
  must((await w.page.locator(".scroll tbody td.code").count()) === 1, "Enter should merge the lines");
  return "N keeps the line apart, Enter merges";
}

/** With Caps Lock on, N is still N: the bar writes it so. */
async function questionInCapitals(w, hands) {
  await doubled(w, hands);
  const before = actions(w).length;
  await hands.press("Shift+N");
  await w.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  must(actions(w).length > before, "N typed as a capital does nothing");
  await cursorIn(w, "#f-item", ".scroll tbody tr:nth-child(2) td.code");
  return "N answers as n does";
}

async function fieldBefore(w, hands) {
  await begin(w, [], { diagnosis: "" });
  await hands.pressed("Shift+Enter", "going back", "#f-doctor");
  await hands.pressed("Shift+Enter", "going back", "#f-care_kind");
  return "Shift+Enter goes back field by field";
}

async function lookPage(w, hands) {
  const key = await settled(w, [FIRST]);
  await w.page.goto(`/bills/${key}`);
  await hands.pressed("F3", "why", "main", ".steps li");
  await hands.pressed("Escape", "back", "main", "[data-key=F8]");
  const [sheet] = await Promise.all([w.context.waitForEvent("page"), hands.press("F10")]);
  await sheet.waitForSelector("svg text");
  await sheet.close();
  const [manual] = await Promise.all([w.context.waitForEvent("page"), hands.press("F1")]);
  await manual.waitForSelector(".manual table");
  await manual.close();
  await hands.pressed("F8", "the refund", "#f-reason");
  await hands.pressed("Escape", "back", "main", "[data-key=F8]");
  await hands.pressed("Escape", "back", "#f-receipt");
  return "F1 opens the manual, F3 says why, F10 shows the receipt, F8 the refund, Esc goes back";
}

/** After a wrong password the cursor is where the right one goes. */
async function signInAgain(w) {
  const { page, demo } = w;
  await w.context.clearCookies();
  await page.goto("/sign-in");
  await page.fill("#f-hospital", demo.hospitals[0].code);
  await page.fill("#f-login", "0103");
  await page.fill("#f-password", "wrong");
  await page.press("#f-code", "Enter");
  await page.waitForSelector(".note.bad");
  const at = await cursor(w);
  must(at.startsWith("input#f-password"), `after a wrong password the cursor is in ${at}`);
  must((await page.inputValue("#f-login")) === "0103", "the login is gone");
  return "after a wrong password the cursor is in its field, and the login stays";
}
