// A patient from the bed to the receipt and back into the hospital, at two desks: with the keyboard alone, and then the
// same steps without JavaScript. Every figure on the pages adds up, states are words, and what is printed says so.
import { account, facts, fen, grouped } from "../lib/account.mjs";
import { SCRIPT } from "../lib/bills.mjs";
import { ask } from "../lib/asking.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { posted } from "../lib/clerk.mjs";
import { admit, clean, enter, freeBed, patient, staff } from "../lib/stays.mjs";
import { ByForms, ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const WARD = "N1";
const [, , , BLOOD, NURSING] = SCRIPT.items;
/** What is dear enough for the pooled fund to pay a part of it. */
const DEAR = { initials: "xylg", name: "血液滤过" };
const GIVEN = "99999";

/** The one has deposited less than is due in the end, the other more. */
const ROUNDS = [
  { name: "keys", Way: ByKeys, options: {}, deposit: "100", printed: "¥100.00", capitals: "壹佰元整" },
  { name: "forms", Way: ByForms, options: { javaScriptEnabled: false }, deposit: "20000", printed: "¥20,000.00", capitals: "贰万元整" },
];

export async function run(world) {
  for (const round of ROUNDS) await walkThrough(world, round);
  await world.findings.check("inpatient/keys/choosing-goes-on", () => choosingGoesOn(world));
  await world.findings.check("inpatient/keys/typed-is-not-lost", () => typedIsNotLost(world));
}

/** Each step stands on the one before. */
async function walkThrough({ browser, demo, findings }, round) {
  const { clerk, biller, close } = await staff(browser, demo, round.options);
  const story = { demo, ...round, windows: { clerk, biller }, clerk: new round.Way(clerk), biller: new round.Way(biller) };
  try {
    for (const [name, step] of Object.entries(STEPS)) {
      if (!(await findings.check(`inpatient/${round.name}/${name}`, () => step(story)))) return;
    }
  } finally {
    await close();
  }
}

const STEPS = {
  admission,
  deposit,
  charges,
  "taken-back-in-part": takenBack,
  "daily-list": dailyList,
  "what-is-not-posted-keeps-a-patient": notPosted,
  discharge,
  trial,
  settlement,
  "undone-in-order": undoneInOrder,
  "back-in-hospital": backInHospital,
  "hands-on-the-keyboard": handsOnTheKeyboard,
};

const zh = (key, places) => say("zh", key, places);
const sum = (amounts) => amounts.reduce((all, one) => all + one, 0);
const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);
const has = (text, part, where) => must(text.includes(part), `${where} should say "${part}": "${text.replace(/\s+/g, " ").slice(0, 400)}"`);

const texts = (way, what) => way.page.locator(what).allTextContents();
const text = async (way, what) => (await texts(way, what)).join(" ");

/** Reads a card, and walks through the form. */
async function admission(s) {
  const { clerk } = s;
  s.who = await patient(s.windows.clerk);
  s.bed = await freeBed(s.windows.clerk, WARD);
  await clerk.open("/admission", "#f-card");
  await clerk.hands.type(s.who.card);
  await clerk.enter("#f-ward");
  has(await text(clerk, "main dl"), s.who.name, "the form");
  await clerk.type("bed", "99");
  await clerk.type("doctor", SCRIPT.doctor);
  await clerk.type("diagnosis", "I10");
  await clerk.type("contact", "Wang");
  await clerk.send("F9", "#f-bed[aria-invalid=true]");
  same(await text(clerk, "#w-bed"), zh("bed-not-free", { bed: "99" }), "what is said of a bed there is not");
  same(await clerk.page.inputValue("#f-contact"), "Wang", "the contact that was typed");
  await clerk.type("bed", s.bed);
  await clerk.send("F9", "main");
  s.stay = new URL(clerk.page.url()).pathname.split("/")[2];
  const found = await account(clerk);
  same(found.state, zh("stay-in-house"), "the state");
  same(found.name, s.who.name, "the patient");
  must(found.bed.endsWith(` ${s.bed}`), `the bed is ${found.bed}`);
  has(await text(clerk, "main .note.warn"), "H503", "a stay without a deposit");
  return `${s.who.name} is ${found.state} in ${found.bed}, number ${s.stay}`;
}

async function deposit(s) {
  const { clerk } = s;
  await clerk.send("F8", "#f-amount");
  await clerk.type("amount", "0");
  await clerk.send("F9", "#f-amount[aria-invalid=true]");
  same(await text(clerk, "#w-amount"), zh("deposit-nothing"), "what is said of nothing");
  await clerk.type("amount", s.deposit);
  await clerk.send("F9", "#f-amount:not([aria-invalid])");
  const said = await text(clerk, ".note.good");
  const receipt = /YJ-\d{7}/.exec(said)?.[0];
  same(said, zh("deposit-taken", { amount: grouped(fen(s.deposit)), receipt }), "what is said of a deposit");
  same((await account(clerk)).deposited, fen(s.deposit), "what is deposited");
  same(await text(clerk, ".scroll tbody .tag"), zh("deposit-valid"), "the deposit");
  const paper = await clerk.printed("/print/deposit/");
  for (const part of [receipt, s.printed, s.capitals, s.who.name, s.stay]) has(paper, part, "the receipt");
  return `${receipt} over ${s.printed} ${s.capitals}, printed; the cursor is where the next amount goes`;
}

/** The ward's list, the bed typed, lines as at the window; posted by F9, and by Enter on the empty field. */
async function charges(s) {
  const { biller } = s;
  await biller.open("/posting", "#f-bed");
  await biller.type("bed", s.bed);
  await biller.enter("#f-item");
  has(await text(biller, "main .facts .name"), s.who.name, "the page of the bed");
  for (const item of [`${BLOOD.initials}*3`, `${NURSING.initials}*2`, `${DEAR.initials}*9`]) {
    await biller.type("item", item);
    await biller.enter("#f-item");
  }
  same((await texts(biller, "main .stack > section table tbody td.code")).length, 3, "the lines that are entered");
  await biller.send("F9", "#f-item");
  await biller.type("item", BLOOD.initials);
  await biller.enter("#f-item");
  await biller.enter("#f-item, #f-approver");
  const signed = await allowed(s);
  const lines = await posted(biller);
  same(lines.map((line) => line.name).join(), [BLOOD, DEAR, NURSING, BLOOD].map((item) => item.name).join(), "what is posted, the last first");
  for (const { name, quantity, price, amount, state } of lines) {
    same(fen(amount), Math.round(fen(price) * Number(quantity)), `the amount of ${name}`);
    has(state, zh("posting-sent"), `the state of ${name}`);
  }
  s.charged = sum(lines.map((line) => fen(line.amount)));
  await totals(s);
  await biller.send("F8", "#f-item");
  const tried = await account(biller);
  must(tried.expected > 0, "the funds are expected to pay nothing");
  return `${lines.length} lines come to ${grouped(s.charged)}${signed}, all with the centre; the funds are expected to pay ${grouped(tried.expected)}`;
}

/** Of whom too little is deposited: the head nurse signs for what is not urgent. */
async function allowed({ biller, demo }) {
  if (!(await biller.page.locator("#f-approver").count())) return "";
  await biller.type("approver", "0211");
  await biller.type("approver_password", demo.password);
  await biller.send("F9", "#f-item");
  return ", signed for by the head nurse";
}

/** The account, the total under the lines and the sum of the days are the same. */
async function totals(s) {
  const { biller } = s;
  same((await account(biller)).charged, s.charged, "what was charged");
  same(fen(await text(biller, "main .split table tfoot .num")), s.charged, "the total under the lines");
  same(sum((await texts(biller, "aside .bill dd")).map(fen)), s.charged, "the sum of the days");
}

async function takenBack(s) {
  const { biller } = s;
  const line = (await posted(biller)).find((line) => line.quantity === "3");
  await biller.button(`a[href="${line.reverse}"]`, "#f-quantity");
  await biller.type("quantity", "4");
  await biller.send("F9", "#f-quantity[aria-invalid=true]");
  same(await text(biller, "#w-quantity"), zh("h402", { left: "3" }), "what is said of more than there is");
  await biller.type("quantity", "1");
  await biller.send("F9", "#f-reason[aria-invalid=true]");
  same(await text(biller, "#w-reason"), zh("reverse-why"), "what is said without a reason");
  await biller.type("quantity", "1");
  await biller.type("reason", "wrong");
  await biller.send("F9", "#f-item");
  const [back] = await posted(biller);
  same(back.quantity, "-1", "the quantity of what takes back");
  same(fen(back.amount), -fen(line.price), "its amount");
  same(back.state, zh("posting-sent"), "its state");
  has(back.name, "wrong", "its line");
  s.charged -= fen(line.price);
  await totals(s);
  return `1 of 3 taken back; left are ${grouped(s.charged)}`;
}

async function dailyList(s) {
  const paper = await s.biller.beside("F10");
  const { deposited, balance } = await account(s.biller);
  const [today, all] = [zh("day-sum"), zh("so-far")].map((words) => paper.slice(paper.indexOf(words) + words.length).match(/-?[\d,.]+/)[0]);
  same(fen(today), s.charged, "the sum of the day");
  same(fen(all), s.charged, "the sum so far");
  has(paper, `${zh("deposited")} ${grouped(deposited)} · ${zh("stay-balance")} ${grouped(balance)}`, "the daily list");
  for (const part of [zh("day-list-title"), s.who.name, s.stay, DEAR.name, "-1"]) has(paper, part, "the daily list");
  return `${zh("day-list-title")}: ${today} on the day and so far, balance ${grouped(balance)}`;
}

async function notPosted(s) {
  const { clerk, biller } = s;
  await biller.type("item", NURSING.initials);
  await biller.enter("#f-item");
  await clerk.open("/discharge", "#f-q");
  await clerk.type("q", s.stay);
  await clerk.enter("#f-q");
  await clerk.row("a[data-row]");
  await clerk.enter("#f-time");
  same((await texts(clerk, ".checks li")).filter((check) => check.startsWith("✗")).length, 1, "what is open on the list");
  await clerk.send("F9");
  same(await text(clerk, "main .note.bad[role=alert]"), zh("h502-unposted", { open: 1 }), "what is said");
  await biller.send("Ctrl+Delete", "#f-item");
  same((await texts(biller, "main .stack > section table tbody td.code")).length, 0, "the lines that are entered");
  return "what is entered and not posted is on the list, and keeps the patient";
}

async function discharge(s) {
  const { clerk } = s;
  await clerk.open(`/discharge/${s.stay}`, "#f-time");
  const checks = await texts(clerk, ".checks li");
  must(checks.length >= 6 && checks.every((check) => check.startsWith("✓")), `the list says ${checks}`);
  await clerk.send("F9", "button[form=try]");
  same((await account(clerk)).state, zh("stay-awaiting-settlement"), "the state");
  has(await text(clerk, ".ladder [aria-current]"), zh("rung-discharge"), "the ladder");
  return `${checks.length} points are good; ${zh("stay-awaiting-settlement")}`;
}

/** The split and what becomes of the deposits, with each sum checked. */
async function split(s) {
  const rows = await facts(s.clerk, "aside");
  const of = (key) => (rows[zh(key)] === undefined ? 0 : fen(rows[zh(key)]));
  same(of("split-total"), s.charged, "the total");
  same(sum((await texts(s.clerk, "aside .bill .sum dd")).map(fen)), s.charged, "funds, account and cash");
  same(of("deposits-used"), fen(s.deposit), "the deposits");
  const open = of("split-due") - fen(s.deposit);
  same(of("collected"), Math.max(open, 0), "what is collected");
  same(of("given-back"), Math.max(-open, 0), "what is given back");
  return { rows, open };
}

async function trial(s) {
  await s.clerk.send("F8", "#f-tendered, #settle button");
  const { rows, open } = await split(s);
  same(await s.clerk.page.locator("#f-tendered").count(), open > 0 ? 1 : 0, "fields for cash");
  s.due = Math.max(open, 0);
  return `cash ${rows[zh("split-due")]}, deposits ${grouped(fen(s.deposit))}: ${open > 0 ? "collected" : "given back"} ${grouped(Math.abs(open))}`;
}

async function settlement(s) {
  const { clerk } = s;
  if (s.due) {
    await clerk.type("tendered", grouped(s.due - 1));
    await clerk.send("F9", "#f-tendered[aria-invalid=true]");
    same(await text(clerk, "#w-tendered"), zh("h303", { missing: "0.01" }), "what is said of too little");
    await clerk.type("tendered", GIVEN);
  }
  await clerk.send("F9", "main");
  const { rows, open } = await split(s);
  const found = await account(clerk);
  same(`${found.state} ${await text(clerk, "aside header .tag")}`, `${zh("stay-settled")} ${zh("bill-settled")}`, "the states");
  same(found.balance, 0, "the balance of what is settled");
  if (s.due) same(fen(rows[zh("change")]), fen(GIVEN) - s.due, "the change");
  s.receipt = rows[zh("receipt")];
  must(/^ZY-\d{7}$/.test(s.receipt), `the receipt is ${s.receipt}`);
  s.print = await clerk.page.getAttribute("[data-key=F10]", "href");
  const paper = await clerk.printed("/print/stay/");
  for (const part of [s.receipt, s.who.name, s.stay, `¥${grouped(s.charged)}`, grouped(fen(s.deposit)), grouped(Math.abs(open))]) has(paper, part, "the receipt");
  await cleaned(s);
  return `${s.receipt} printed; ${open > 0 ? `change ${rows[zh("change")]}` : `given back ${grouped(-open)}`}`;
}

/** The bed is to be cleaned, and is free again then. */
async function cleaned(s) {
  const { clerk } = s.windows;
  await clean(clerk, WARD, s.bed);
  must((await ask(clerk, `/beds?ward=${WARD}`)).status === 200, "the board is not there");
}

async function undoneInOrder(s) {
  const { clerk } = s;
  has(await text(clerk, ".ladder [aria-current]"), zh("rung-settlement"), "the ladder");
  const { open } = await split(s);
  const back = { back: grouped(Math.max(open, 0)), fetch: grouped(Math.max(-open, 0)) };
  has(await text(clerk, "main p.small"), zh("void-settlement-words", back), "what is given back");
  await clerk.choose("reason", 1);
  await clerk.button("#void button", "button[form=try]");
  const found = await account(clerk);
  same(found.state, zh("stay-awaiting-settlement"), "the state");
  same(found.deposited, fen(s.deposit), "the deposits, which stand again");
  has((await ask(s.windows.clerk, `${s.print}?look=1`)).body, `>${zh("receipt-voided")}<`, "the receipt");
  return `${zh("stay-awaiting-settlement")} again, the receipt is void, the deposits stand`;
}

async function backInHospital(s) {
  const { clerk } = s;
  await clerk.button("#recall button", "#f-time");
  const found = await account(clerk);
  same(found.state, zh("stay-in-house"), "the state");
  same(found.bed, "—", "the bed, which went with the settlement");
  const bed = await freeBed(s.windows.clerk, WARD);
  await clerk.send("F4", "main");
  await clerk.type("bed", bed);
  await clerk.enter("main");
  must((await account(clerk)).bed.endsWith(` ${bed}`), "the bed was not assigned");
  has(await text(clerk, ".ladder [aria-current]"), zh("rung-lines"), "the ladder");
  return `${zh("stay-in-house")} again, in bed ${bed}; the next to be undone would be ${zh("rung-lines")}`;
}

async function handsOnTheKeyboard({ clerk, biller }) {
  const heard = [...clerk.w.heard, ...biller.w.heard];
  const wrong = heard.filter((e) => e.kind === "mouse" || e.kind === "error");
  must(wrong.length === 0, `heard of ${wrong.map((e) => `${e.kind} ${e.what}`)}`);
  return `${clerk.hands.keys + biller.hands.keys} keys, no mouse, the script threw nothing`;
}

/** Who takes a candidate in a form that is walked through is in its next field: nobody is admitted by it. */
async function choosingGoesOn({ browser, demo }) {
  const w = await openWindow(browser, demo);
  try {
    await signIn(w, { login: "0301" });
    const clerk = new ByKeys(w);
    await clerk.open("/admission", "#f-card");
    await clerk.enter("#f-name");
    await clerk.type("name", "Wang");
    await clerk.to("#f-doctor");
    await clerk.hands.type("0");
    await w.page.waitForSelector("#f-doctor ~ .pick [data-pick]:nth-child(2)");
    await clerk.hands.press("ArrowDown");
    const chosen = await w.page.textContent("#f-doctor ~ .pick [aria-selected=true] td:nth-child(3)");
    await clerk.hands.pressed("Enter", "choosing a doctor", "#f-diagnosis");
    has(await w.page.inputValue("#f-doctor"), chosen, "the field of the doctor");
    same(await w.page.locator("#w-diagnosis").count(), 0, "reasons at a field nobody has typed in");
    return `${chosen} is in the field, and the cursor in the next`;
  } finally {
    await w.close();
  }
}

/** Who types an item and presses F9 at once means it: it is posted, or still there. */
async function typedIsNotLost({ browser, demo }) {
  const { clerk, biller, close } = await staff(browser, demo);
  try {
    const stay = await admit(clerk, { name: "Wang", lies: false });
    await enter(biller, stay, NURSING.initials);
    const way = new ByKeys(biller);
    await way.open(`/posting/${stay}`, "#f-item");
    await way.hands.type(`${BLOOD.initials}*7`);
    await way.send("F9", "#f-item");
    const [left, seen] = [await biller.page.inputValue("#f-item"), await text(way, "main .stack table td")];
    must(left || seen.includes(BLOOD.name), `${BLOOD.initials}*7 and F9 at once: what was entered before is posted, this is nowhere`);
    return left ? "it is still in the field" : "it is on the page";
  } finally {
    await close();
  }
}
