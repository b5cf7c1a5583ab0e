// A cashier closes a shift of two bills, one of them voided; takes the closing back and closes again. Finance counts the
// cash: a difference is explained. With the keyboard alone.
import { settledAlone, look, voided } from "../lib/bills.mjs";
import { ask } from "../lib/asking.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

/** A cashier no other check charges with. */
const CASHIER = "0104";

export async function run({ browser, demo, findings }) {
  const [w, finance] = [await openWindow(browser, demo), await openWindow(browser, demo)];
  const story = { cashier: new ByKeys(w), finance: new ByKeys(finance), w, demo, browser };
  try {
    await signIn(w, { login: CASHIER });
    await signIn(finance, { login: "0401" });
    for (const [name, step] of Object.entries(STEPS)) {
      if (!(await findings.check(`closing/${name}`, () => step(story)))) return;
    }
  } finally {
    await w.close();
    await finance.close();
  }
}

const STEPS = {
  close,
  "taken-back": takenBack,
  "difference-is-explained": differenceIsExplained,
  confirmed,
  "nobody-elses": nobodyElses,
};

const zh = (key, places) => say("zh", key, places);
const fen = (text) => Math.round(Number(text.replaceAll(",", "")) * 100);
const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);

/** What a page of a closing says. */
const told = (way) =>
  way.page.evaluate(() => {
    const text = (what) => Array.from(document.querySelectorAll(what), (e) => e.textContent.trim());
    const facts = Object.fromEntries(Array.from(document.querySelectorAll("main .facts div"), (e) => [e.children[0].textContent, e.children[1].textContent.trim()]));
    const tables = Array.from(document.querySelectorAll("main .split table"), (table) => ({
      rows: Array.from(table.querySelectorAll("tbody .num"), (e) => e.textContent),
      total: table.querySelector("tfoot .num").textContent,
    }));
    return { facts, tables, cash: text("main .bill .cash dd")[0], state: text("main header .tag")[0], why: text("#w-difference")[0] };
  });

async function close(s) {
  const { cashier, w } = s;
  const first = await settledAlone(w);
  const second = await settledAlone(w);
  must(first && second, "the bills could not be settled");
  await voided(w, first);
  const [gone, stays] = [await look(w, first), await look(w, second)];
  await cashier.open("/closing", "#close button");
  const found = await told(cashier);
  same(found.facts[zh("closing-bills")], zh("closing-count", { came: 2, went: 1 }), "what was charged and voided");
  same(found.cash, stays.total, "the cash to hand over");
  for (const { rows, total } of found.tables) same(rows.map(fen).reduce((a, b) => a + b, 0), fen(total), "the total of a column");
  const words = JSON.stringify(found.facts);
  for (const bill of [gone, stays]) must(words.includes(bill.facts[zh("receipt")]), `${bill.facts[zh("receipt")]} is not named: ${words}`);
  await cashier.send("F9", "main");
  s.closing = new URL(cashier.page.url()).pathname;
  const closed = await told(cashier);
  same(closed.state, zh("closing-closed"), "the state");
  same(JSON.stringify(closed.facts), words, "what is closed");
  Object.assign(s, { words, cash: found.cash });
  return `${found.facts[zh("closing-bills")]}, ${found.cash} to hand over, as before it was closed`;
}

async function takenBack(s) {
  const { cashier } = s;
  await cashier.button("#cancel button", "#close button");
  same(JSON.stringify((await told(cashier)).facts), s.words, "what is to be closed again");
  await cashier.send("F9", "main");
  const before = s.closing;
  s.closing = new URL(cashier.page.url()).pathname;
  must(s.closing !== before, `the number ${before} was given again`);
  await cashier.send("Escape", "main, #close button");
  return `${before} taken back, and closed again as ${s.closing}`;
}

async function differenceIsExplained(s) {
  const { finance } = s;
  await finance.open("/confirm", "main");
  const due = await finance.page.textContent("main .big");
  must(fen(due) >= fen(s.cash), `to be received are ${due}`);
  await finance.row(`a[href="${s.closing}"]`);
  await finance.enter("#f-counted");
  s.counted = (fen(s.cash) / 100 - 1).toFixed(2);
  await finance.type("counted", s.counted);
  await finance.send("F9");
  const found = await told(finance);
  same(found.why, zh("closing-difference", { difference: "-1.00" }), "what is said of a difference, beside its field");
  same(await finance.page.inputValue("#f-counted"), s.counted, "what was counted");
  same(found.state, zh("closing-closed"), "the state");
  return `${s.counted} counted of ${s.cash}: ${found.why}`;
}

async function confirmed(s) {
  const { finance, cashier } = s;
  await finance.type("difference", "one short");
  await finance.send("F9", "main");
  const rows = await finance.page.locator(`table:last-of-type tr:has(a[href="${s.closing}"])`).last().textContent();
  must(rows.includes(zh("closing-confirmed")) && rows.includes(s.counted), `the list says ${rows}`);
  await cashier.open(s.closing, "main");
  const { state } = await told(cashier);
  same(state, zh("closing-confirmed"), "the state");
  same(await cashier.page.locator("#cancel").count(), 0, "what its cashier may still do");
  const refused = await ask(s.w, s.closing, { do: "cancel" });
  must(refused.body.includes(zh("closing-confirmed")), "it is not said why it cannot be taken back");
  must(!s.w.heard.some((e) => e.kind === "mouse"), "the mouse was used");
  return `${s.counted} received with its words; its cashier cannot take it back`;
}

async function nobodyElses(s) {
  const other = await openWindow(s.browser, s.demo);
  try {
    await signIn(other, { login: "0103" });
    for (const form of [undefined, { do: "cancel" }]) {
      const { status } = await ask(other, s.closing, form);
      same(status, 404, "what another cashier is answered");
    }
  } finally {
    await other.close();
  }
  return "another cashier is answered 404";
}
