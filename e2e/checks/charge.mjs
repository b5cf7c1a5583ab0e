// The acceptance script of 51 keys: five items, insured, in cash, without a mouse, from F2 until the cursor is back.
// Then once more as fast as keys can be pressed, which must make the same bill. And a bill that was entered at another
// window, fetched and charged.
import { begin, charge, chargeBlind, itemsExist, look, NEXT, printed, SCRIPT, settled, settledAlone, voided } from "../lib/bills.mjs";
import { cursor, cursorIn, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must, until } from "../lib/checking.mjs";
import { say } from "../lib/words.mjs";

const KEYS = 51;
/** Seconds a key, a decision and a scan take a cashier who is no master of it. */
const MODEL = { key: 0.28, decision: 1.35, card: 1.0 };
/** The acceptance script, and how many seconds it may take. */
export const SCRIPTED = { goal: 30, decisions: 7 };
/** Of a bill that was entered elsewhere: that it is the patient's, what is handed over, that it is settled. */
export const FETCHED = { keys: 10, goal: 10, decisions: 3 };

export async function run({ browser, demo, findings }) {
  const w = await openWindow(browser, demo);
  try {
    await signIn(w);
    await itemsExist(w);
    let first;
    await findings.check("charge/script", async () => {
      const { key, hands } = await bySight(w);
      first = await look(w, key);
      await voided(w, key);
      return told(hands, SCRIPTED);
    });
    await findings.check("charge/full-speed", () => atFullSpeed(w, first));
    await findings.check("charge/fetched", async () => told((await fetchedElsewhere(browser, w)).hands, FETCHED));
    await findings.check("charge/cursor-after-printing", () => cursorAfterPrinting(w));
    await findings.check("charge/late-candidates", () => lateCandidates(w));
    await findings.check("charge/without-insurance", () => withoutInsurance(w));
    await findings.check("charge/no-script-errors", async () => noErrors(w));
  } finally {
    await w.close();
  }
}

/** The acceptance script; answers the bill's key and the hands that did it. */
export async function bySight(w) {
  await w.page.goto("/charge");
  w.heard.length = 0;
  const hands = new Hands(w);
  await charge(hands, w.demo.card);
  must(hands.keys === KEYS, `it took ${hands.keys} keys instead of ${KEYS}`);
  noMouse(w);
  return { key: await stands(w), hands };
}

const waited = ({ waits }) => waits.reduce((sum, { ms }) => sum + ms, 0) / 1000;

/** Seconds a cashier takes who is no master of it. */
export const modelled = (hands, { decisions }) => hands.keys * MODEL.key + decisions * MODEL.decision + waited(hands) + MODEL.card;

function told(hands, { decisions, goal }) {
  const each = hands.waits.map(({ name, ms }) => `${name} ${ms.toFixed(0)}`).join(", ");
  const seconds = modelled(hands, { decisions });
  const verdict = seconds <= goal ? "within" : "ABOVE";
  return `${hands.keys} keys, ${hands.waits.length} waits of ${waited(hands).toFixed(2)} s (ms: ${each}); modelled ${seconds.toFixed(1)} s, ${verdict} the goal of ${goal} s`;
}

/** F2, the card, F6, what is handed over, Enter, F9: the bill was entered at another window, which parked it. */
export async function fetchedElsewhere(browser, w) {
  const parked = await parkedElsewhere(browser, w.demo);
  await w.page.goto("/charge");
  w.heard.length = 0;
  const hands = new Hands(w);
  await hands.press("F2");
  await cursorIn(w, "#f-card");
  await hands.wait("card", () => hands.scan(w.demo.card), "#f-doctor", "[data-key=F6]");
  const empty = new URL(w.page.url()).pathname;
  await hands.pressed("F6", "fetch and trial", "#f-tendered");
  await hands.type(SCRIPT.tendered);
  await hands.pressed("Enter", "tendered", "#settle button");
  await hands.pressed("F9", "settle", NEXT, "[data-print]");
  noMouse(w);
  const key = await stands(w);
  must(key === parked, `settled was ${key}, parked ${parked}`);
  must((await w.page.locator(`a[href="${empty}"]`).count()) === 0, "the empty bill it was fetched from waits still");
  must(hands.keys <= FETCHED.keys, `it took ${hands.keys} keys, more than ${FETCHED.keys}`);
  await voided(w, key);
  return { key, hands };
}

/** By somebody else, for the card of the demo; answers its key. */
async function parkedElsewhere(browser, demo) {
  const other = await openWindow(browser, demo);
  try {
    await signIn(other, { login: "0104" });
    const key = await begin(other, SCRIPT.items.map(({ initials }) => initials));
    await new Hands(other).pressed("F7", "parking", "#f-card");
    return key;
  } finally {
    await other.close();
  }
}

function noMouse(w) {
  const mouse = w.heard.filter((e) => e.kind === "mouse");
  must(mouse.length === 0, `the mouse was used: ${mouse.map((e) => e.what)}`);
}

/** The bill just settled: it stands, has a receipt, and its receipt was printed only after that. */
async function stands(w) {
  const key = new URL(w.page.url()).searchParams.get("done");
  must(key, `no settled bill is shown at ${w.page.url()}`);
  await printed(w);
  const bill = await look(w, key);
  must(bill.tag === say("zh", "bill-settled"), `the bill is ${bill.tag}`);
  must(/^NB-\d{7}$/.test(bill.facts[say("zh", "receipt")]), `its receipt is ${bill.facts[say("zh", "receipt")]}`);
  printedOnce(w, key);
  return key;
}

function printedOnce(w, key) {
  const prints = w.heard.filter((e) => e.kind === "request" && e.what.startsWith("/print/receipt/"));
  must(prints.length === 1 && prints[0].what.endsWith(key), `printed: ${prints.map((e) => e.what)}`);
  const answered = w.heard.findIndex((e) => e.kind === "answer" && e.what === `/charge/${key}/settle` && e.status === 200);
  must(answered >= 0 && answered < w.heard.indexOf(prints[0]), "the receipt was asked for before the bill was settled");
}

async function atFullSpeed(w, first) {
  must(first, "there is no first bill to compare with");
  await w.page.goto("/charge");
  w.heard.length = 0;
  const hands = new Hands(w);
  await chargeBlind(hands, w.demo.card);
  must(hands.keys === KEYS, `it took ${hands.keys} keys instead of ${KEYS}`);
  noMouse(w);
  const key = await stands(w);
  const second = await look(w, key);
  must(same(first, second), `another bill: ${JSON.stringify(first)} and ${JSON.stringify(second)}`);
  await voided(w, key);
  return `${hands.keys} keys without waiting, the same ${second.lines.length} lines, total ${second.total}, split and change`;
}

/** All but what is of one bill alone: receipt, settlement, the time. */
function same(first, second) {
  const own = ["receipt", "settlement-id", "settled-at"].map((key) => say("zh", key));
  const rest = (bill) => JSON.stringify([bill.lines, bill.total, bill.tag, Object.entries(bill.facts).filter(([name]) => !own.includes(name))]);
  return rest(first) === rest(second);
}

/** Printing must not take the cursor away: the next card is scanned at once. */
async function cursorAfterPrinting(w) {
  w.heard.length = 0;
  await settled(w, [SCRIPT.items[0].initials]);
  await w.page.waitForFunction(() => document.querySelector("iframe.sheet").contentDocument.readyState === "complete");
  await until(() => w.heard.some((e) => e.kind === "print"), "nothing was printed");
  const at = await cursor(w);
  must(at.startsWith("input#f-card"), `once the receipt is with the printer, the cursor is in ${at}`);
  return "once the receipt is with the printer, the cursor is in the card field";
}

/** Candidates that are late belong to less than was typed: Enter must not take one of them. */
async function lateCandidates(w) {
  const [item] = SCRIPT.items;
  const hands = new Hands(w);
  await w.page.goto("/charge");
  await hands.wait("card", () => hands.scan(w.demo.card), "#f-doctor");
  // Of the first sign candidates come; of all of it only once Enter was pressed.
  const held = [];
  let pressed = false;
  const address = `**/find/item?q=${item.initials}`;
  await w.page.route(address, (route) => (pressed ? route.continue() : void held.push(route)));
  await w.page.focus("#f-item");
  await hands.type(item.initials.slice(0, 1));
  await w.page.waitForSelector(".pick [aria-selected=true]");
  await hands.type(item.initials.slice(1));
  await hands.press("Enter");
  pressed = true;
  await Promise.all(held.map((route) => route.continue().catch(() => {})));
  await w.page.waitForSelector(".scroll tbody tr td.code");
  await w.page.unroute(address);
  const name = await w.page.textContent(".scroll tbody tr td:nth-child(3)");
  must(name === item.name, `${item.initials} and Enter, while candidates of ${item.initials[0]} were shown, charged ${name}`);
  return "what was typed counts, not what an older list offered";
}

/** Who has no insurance pays alone: the centre is not asked. */
async function withoutInsurance(w) {
  const key = await settledAlone(w);
  must(key, `the settlement ended with "${await w.page.textContent("main > .note.bad").catch(() => "")}"`);
  const bill = await look(w, key);
  must(bill.tag === say("zh", "bill-settled"), `the bill is ${bill.tag}`);
  return `settled, receipt ${bill.facts[say("zh", "receipt")]}`;
}

function noErrors(w) {
  const errors = w.heard.filter((e) => e.kind === "error");
  must(errors.length === 0, errors.map((e) => e.what).join("; "));
  return "the script threw nothing";
}
