// Finance compares a day with the centre's: a settlement that only the centre has, and a refund the papers lack, are seen
// with their cause, each is put right by its one remedy, and the day ends equal. With the keyboard alone.
import { look, SCRIPT, settled } from "../lib/bills.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { told } from "../lib/days.mjs";
import { Program } from "../lib/vendor.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

/** A hospital at which nothing else is charged on this day. */
const HOSPITAL = 1;
const zh = (key, places) => say("zh", key, places);
const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);

export async function run({ browser, demo, findings }) {
  const [cashier, w] = [await openWindow(browser, demo), await openWindow(browser, demo)];
  const story = { demo, cashier, w, finance: new ByKeys(w) };
  try {
    await signIn(cashier, { hospital: HOSPITAL });
    await signIn(w, { hospital: HOSPITAL, login: "0401" });
    for (const [name, work] of Object.entries(STEPS)) {
      if (!(await findings.check(`reconcile/${name}`, () => work(story)))) return;
    }
  } finally {
    await cashier.close();
    await w.close();
  }
}

const STEPS = {
  "equal-at-first": equalAtFirst,
  "differs-by-two": differsByTwo,
  "refund-is-taken-over": (s) => remedied(s, "cause-refund-not-written", "remedy-adopt"),
  "settlement-is-taken-back": (s) => remedied(s, "cause-not-written", "remedy-take-back"),
  "equal-in-the-end": equalInTheEnd,
};

/** A bill of the desk's is with the centre as it is in the papers. */
async function equalAtFirst(s) {
  const { finance, cashier } = s;
  const key = await settled(cashier, [SCRIPT.items[1].initials]);
  s.bill = await look(cashier, key);
  s.key = key;
  await finance.open("/reconcile", "#f-day");
  await finance.type("day", "t");
  await finance.send("F9", "main");
  await finance.send("F9", "main");
  const { state, foot } = await told(finance);
  same(state, zh("day-equal"), "the day");
  same(foot[0], foot[1], "the sums of the hospital");
  must(foot[0].startsWith("1 "), `a bill was settled, and the sums are ${foot[0]}`);
  return `1 bill, ${foot[0]} on both sides`;
}

/** The hospital's other program settles something and refunds the bill of the desk. */
async function differsByTwo(s) {
  const { finance, demo } = s;
  const program = new Program(demo, HOSPITAL);
  await program.settle(demo.patients.at(-1).number);
  const king = demo.city.persons.find(({ id_number }) => id_number === demo.card).psn_no;
  await program.refund(king, s.bill.facts[zh("settlement-id")]);
  await finance.send("F9", "main");
  const { state, rows, foot } = await told(finance);
  same(state, zh("day-apart"), "the day");
  same(rows.length, 2, "the rows that differ");
  for (const cause of ["cause-not-written", "cause-refund-not-written"]) must(rows.some(({ words }) => words.includes(zh(cause))), `no row of ${cause}`);
  must(rows.every(({ side }) => side === zh("side-theirs")), `the lists are ${rows.map(({ side }) => side)}`);
  return `${foot[0]} here, ${foot[1]} at the centre; both causes are named`;
}

/** Down to the row, its cause and remedy read, F9. */
async function remedied(s, cause, remedy) {
  const { finance } = s;
  const before = await told(finance);
  const row = before.rows.find(({ words }) => words.includes(zh(cause)));
  must(row, `no row of ${cause}`);
  await finance.row(`a[href="${row.href}"]`);
  await finance.enter("#act button");
  same(await finance.page.textContent("main h1"), zh(cause), "the cause");
  must((await finance.page.textContent("#act button")).includes(zh(remedy)), `the remedy is ${await finance.page.textContent("#act button")}`);
  await finance.send("F9", "main");
  const { rows } = await told(finance);
  same(rows.length, before.rows.length - 1, "the rows that are left");
  const done = await finance.page.textContent("main section:last-of-type");
  return `${zh(cause)}: ${zh(remedy)}${done.includes(zh(remedy)) ? `, ${zh("correction-done")}` : ""}`;
}

async function equalInTheEnd(s) {
  const { finance, cashier, w } = s;
  await finance.send("F8", "main");
  const { state, foot, rows } = await told(finance);
  same(state, zh("day-equal"), "the day");
  same(rows.length, 0, "the rows that differ");
  same(foot[0], foot[1], "the sums of the hospital");
  same((await look(cashier, s.key)).tag, zh("bill-voided"), "the bill that the centre had refunded");
  const wrong = w.heard.filter((e) => e.kind === "mouse" || e.kind === "error");
  must(wrong.length === 0, `heard of ${wrong.map((e) => e.what)}`);
  return `${foot[0]} on both sides, row by row; the bill is voided; ${finance.hands.keys} keys`;
}
