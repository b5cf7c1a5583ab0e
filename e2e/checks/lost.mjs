// A reply that is lost at each arrow from the first line of a bill to its refund, on our centre and on somebody else's: the
// bill ends as it should by itself, no receipt is printed before it is settled, the centre has one settlement or none, and
// no receipt number is used twice.
import { begin, enter, look } from "../lib/bills.mjs";
import { ask } from "../lib/asking.mjs";
import { cursorIn, Hands } from "../lib/browser.mjs";
import { eventually, must } from "../lib/checking.mjs";
import { equalToday } from "../lib/days.mjs";
import { at, plan, SEGMENTS, settleIn } from "../lib/house.mjs";
import { both, cashier, WAYS } from "../lib/losses.mjs";
import { deskAt } from "../lib/town.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const zh = (key, places) => say("zh", key, places);
const [ENTRY, TRIED, SETTLED, VOIDED] = ["entry", "tried", "settled", "voided"].map((state) => zh(`bill-${state}`));
const [FINANCE, ADMINISTRATOR] = ["0401", "0001"];

const STAGES = ["request", "reply"];
/** Of the arrows before the settlement: the transaction of each. */
const BEFORE = { diagnoses: "2203", lines: "2204", trial: "2206" };

export async function run({ browser, findings, town }) {
  for (const [centre, hospital, plain] of [["ours", 4, false], ["plain", 5, true]]) await atCentre(browser, findings, town, { centre, hospital, plain });
}

/** All of it at a hospital that has settled in before one of the centres. */
async function atCentre(browser, findings, town, { centre, hospital, plain }) {
  const desk = await deskAt(town, hospital, { plain });
  const house = plan(browser, desk, town.city, town.city.persons.filter(({ situation }) => !situation).slice(20, 60));
  const s = { house, desk, line: desk.line, plain, receipts: [], untold: [], settled: 0 };
  if (!(await findings.check(`lost/${centre}/house`, async () => `${(await settleIn(house)).hospitals[0].name} has settled in`))) return;
  s.w = await cashier(house);
  const check = async (name, work) => {
    await findings.check(`lost/${centre}/${name}`, () => work(s));
    s.line.forget();
    await s.line.up();
  };
  try {
    for (const stage of STAGES) await check(`2201-visit-${stage}`, () => opening(s, stage));
    for (const [name, infno] of Object.entries(BEFORE)) {
      for (const stage of STAGES) await check(`${infno}-${name}-${stage}`, () => beforeSettling(s, infno, stage));
    }
    for (const [name, way] of Object.entries(WAYS)) await check(`2207-${name}`, () => settling(s, way));
    for (const [name, way] of Object.entries(WAYS)) await check(`2208-${name}`, () => voiding(s, way));
    for (const [name, infno, stage] of GIVEN_UP) await check(`2601-${name}`, () => givenUp(s, infno, stage));
    await check("receipt-numbers", receiptNumbers);
    const untold = s.untold.map((key) => `the page of ${key} goes from H304 to ${TRIED} without a word`);
    findings.say(`lost/${centre}/what-was-taken-back-is-told`, untold, "the page says that it may be settled again");
  } finally {
    await s.w.close();
  }
}

/** A bill with one line, or none, of the next patient, at a window. */
async function bill(s, items = [s.house.items[0].own]) {
  s.house.card = s.house.patients.shift().card;
  s.house.patients.push({ card: s.house.card });
  s.w.heard.length = 0;
  s.voids = false;
  return begin(s.w, items);
}

/** Presses a key that asks the server; answers once its page has come, or that the server did not answer is said. */
async function pressed(s, key) {
  const { page } = s.w;
  await page.evaluate(() => document.querySelector("main").setAttribute("data-old", ""));
  await page.keyboard.press(key);
  await page.waitForFunction(() => document.querySelector("main:not([data-old])") || document.querySelector(".busy")?.textContent.includes("没有应答"));
}

/** F8, and what is handed over where something is due. */
async function tried(s) {
  await pressed(s, "F8");
  await cursorIn(s.w, "#f-tendered, #settle button");
  if (await s.w.page.evaluate(() => document.activeElement.id === "f-tendered")) await enter(new Hands(s.w), "9999", "#settle button");
}

const printsOf = (s) => s.w.heard.filter((e) => e.kind === "request" && e.what.startsWith("/print/receipt/"));

/** How a bill stands. As long as it is not settled, no page has asked for its receipt. */
async function stateOf(s, key) {
  const before = printsOf(s).length;
  const look = await ask(s.w, `/bills/${key}`);
  const { body } = look.status === 303 ? await ask(s.w, look.place) : look;
  const state = /class="tag[^"]*">([^<]*)</.exec(body.slice(body.indexOf('class="facts"')))[1];
  if (state !== SETTLED && !s.voids) must(before === 0, `a receipt was asked for before the bill was ${state}`);
  return state;
}

/** How a bill stands in the end, by itself, and how before. */
async function endsAs(s, key, ends) {
  const seen = [];
  await eventually(
    async () => {
      const state = await stateOf(s, key);
      if (seen.at(-1) !== state) seen.push(state);
      return ends.includes(state);
    },
    () => `the bill went ${seen.join(" → ")}, and should be ${ends}`,
  );
  return seen;
}

/** Nothing is printed of a bill that is not settled, whoever asks. */
async function noReceipt(s, key) {
  const state = await stateOf(s, key);
  if (state === SETTLED) return;
  const { status } = await ask(s.w, `/print/receipt/${key}?look=1`);
  must(status === 404 || (await stateOf(s, key)) === SETTLED, `a receipt of a bill that is ${state} is answered ${status}`);
}

/** The visit is opened at the first line, which stays. */
async function opening(s, stage) {
  const key = await bill(s, []);
  await s.w.page.focus("#f-item");
  await s.w.page.keyboard.type(s.house.items[0].own);
  return goesOn(s, key, "2201", stage, "Enter");
}

async function beforeSettling(s, infno, stage) {
  return goesOn(s, await bill(s), infno, stage, "F8");
}

/** Before a settlement nothing is in doubt: the page says why, and F8 goes on. */
async function goesOn(s, key, infno, stage, by) {
  const from = s.line.heard.length;
  const page = s.w.page;
  await both(s.line.lose(infno, stage), () => pressed(s, by));
  must((await page.locator(".scroll tbody td.code").count()) === 1, "the line is not on the page");
  const why = await page.textContent("main .note.bad");
  const state = await page.textContent("main dl.facts .tag");
  must(state === ENTRY, `behind a lost ${stage} of ${infno} the bill is ${state}`);
  await noReceipt(s, key);
  await tried(s);
  must((await page.textContent("main dl.facts .tag")) === TRIED, "F8 does not bring it to a trial");
  await settledNow(s, key);
  return `${state}, "${why.trim()}"; F8: ${TRIED}; F9: ${SETTLED}, ${s.line.reached("2207", from)} × 2207 at the centre, the day is equal`;
}

/** F9, with nothing lost. */
async function settledNow(s, key) {
  await s.w.page.focus("body");
  await pressed(s, "F9");
  await endsAs(s, key, [SETTLED]);
  await stands(s, key);
}

/** What is settled: one settlement more at the centre, and a receipt number of its own. */
async function stands(s, key) {
  const { facts } = await look(s.w, key);
  const receipt = facts[zh("receipt")];
  must(/^NB-\d{7}$/.test(receipt) && !s.receipts.includes(receipt), `its receipt is ${receipt}, after ${s.receipts}`);
  s.receipts.push(receipt);
  s.settled += 1;
  await isEqual(s);
  return receipt;
}

/** Both books have the same: what was settled, and what was refunded. */
async function isEqual(s) {
  const { count, words } = await at(s.house, FINANCE, equalToday);
  must(count === s.settled, `${s.settled} were settled and refunded, the day has ${words}`);
}

async function settling(s, way) {
  const key = await bill(s);
  await tried(s);
  const from = s.line.heard.length;
  await way.go(s, "2207", () => pressed(s, "F9").catch(() => {}));
  const shown = await shownNow(s);
  await noReceipt(s, key);
  const backs = s.plain && way.arrives;
  const seen = await endsAs(s, key, [backs ? TRIED : SETTLED]);
  const page = await seenThen(s, key, way);
  const receipt = backs ? await again(s, key) : await stands(s, key);
  return `${shown}; ${seen.join(" → ")}; ${page}${backs ? ", settled again" : ""}; ${receipt}; ${sentHow(s, from)}`;
}

/** Taken back by the machine: nothing of it is with the centre, and it may be settled again. */
async function again(s, key) {
  await isEqual(s);
  await s.w.page.goto(`/charge/${key}`);
  await tried(s);
  await settledNow(s, key);
  return (await look(s.w, key)).facts[zh("receipt")];
}

/** What the page says while nobody knows. */
const shownNow = async ({ w }) => {
  const words = await w.page.evaluate(() => [document.querySelector("main .note.warn b, main .note.bad, main .note.good"), document.querySelector(".busy")].map((e) => e?.textContent.trim()).filter(Boolean).join(", ")).catch(() => "");
  return words || "nothing is said";
};

/** What the cashier has before him once it is known: the page of a doubt goes on by itself, another is asked for again. */
async function seenThen(s, key, { asked }) {
  const { page } = s.w;
  if (asked) await page.goto(`/charge/${key}`);
  await page.waitForSelector("[data-again]", { state: "detached" });
  const prints = printsOf(s).length;
  const words = await page.locator("main .note").allTextContents();
  const state = await page.textContent("main dl.facts .tag");
  if (state === TRIED && words.length === 0) s.untold.push(key);
  return `the page shows ${state}${words.length ? ` "${words.join("; ").trim()}"` : ""}, ${prints ? `and its receipt was printed ${prints} times behind that` : "and no receipt is printed by itself"}`;
}

/** What went over the line of it. What nobody knows is sent again as it was, with the number it had. */
function sentHow(s, from, infno = "2207") {
  const sent = s.line.heard.slice(from).filter((one) => ["2207", "2208", "2601"].includes(one.infno));
  const till = sent.findIndex((one) => one.infno === "2601");
  const copies = sent.slice(0, till < 0 ? undefined : till).filter((one) => one.infno === infno).map(({ id }) => id);
  must(copies.length > 0 && copies.every((id) => id && id === copies[0]), `${infno} was sent with the numbers ${copies}`);
  return `on the line ${sent.map(({ infno, reached, answered }) => `${infno}${answered ? "" : reached ? " (reply lost)" : " (lost)"}`).join(", ")}`;
}

async function voiding(s, way) {
  const key = await bill(s);
  await tried(s);
  await settledNow(s, key);
  s.voids = true;
  await toVoid(s, key);
  const from = s.line.heard.length;
  await way.go(s, "2208", () => pressed(s, "F9").catch(() => {}));
  const shown = await shownNow(s);
  const backs = s.plain && way.arrives;
  const seen = backs ? await takenBack(s, key, from) : await endsAs(s, key, [VOIDED]);
  if (backs) await voidedNow(s, key);
  s.settled += 1;
  await isEqual(s);
  return `${shown}; ${seen.join(" → ")}${backs ? ", voided again" : ""}; ${sentHow(s, from, "2208")}`;
}

/** The refund was undone: the bill stands again once the centre was told. */
async function takenBack(s, key, from) {
  await eventually(() => s.line.reached("2601", from) > 0, () => "nothing takes the refund back");
  return endsAs(s, key, [SETTLED]);
}

async function voidedNow(s, key) {
  await toVoid(s, key);
  await pressed(s, "F9");
  await endsAs(s, key, [VOIDED]);
}

/** The page of a refund, with a reason. */
async function toVoid(s, key) {
  const way = new ByKeys(s.w);
  await way.open(`/bills/${key}/void`, "#f-reason");
  await way.choose("reason", 1);
}

/** What is lost once of a settlement, and then of what takes it back. */
const GIVEN_UP = [["settlement-never-arrived", "request", ""], ["settlement-is-done", "reply", ""], ["request-lost", "request", "request"], ["reply-lost", "request", "reply"]];

/** The patient leaves: F7. */
async function givenUp(s, lost, lostThen) {
  const key = await bill(s);
  await tried(s);
  const from = s.line.heard.length;
  await both(s.line.lose("2207", lost), () => pressed(s, "F9"));
  const shown = await shownNow(s);
  if (lostThen) s.line.lose("2601", lostThen).catch(() => {});
  await pressed(s, "F7");
  const seen = await endsAs(s, key, [TRIED, SETTLED]);
  const page = await seenThen(s, key, { asked: false });
  const receipt = seen.at(-1) === SETTLED ? await stands(s, key) : await again(s, key);
  return `${shown}; F7: ${seen.join(" → ")}; ${page}${seen.at(-1) === TRIED ? ", settled again" : ""}; ${receipt}; ${sentHow(s, from)}`;
}

/** No number is used twice, none is missing, and none is kept for what is not settled. */
async function receiptNumbers(s) {
  return at(s.house, ADMINISTRATOR, async ({ page }) => {
    await page.goto("/segments");
    const row = page.locator("main table tbody tr", { hasText: SEGMENTS[0].owner }).first();
    const [used, gone, reserved, left] = (await row.locator(".num").allTextContents()).map(Number);
    const { from, to } = SEGMENTS[0];
    must(used + gone === s.receipts.length && reserved === 0, `${s.receipts.length} receipts were seen, ${used} are used, ${gone} void, ${reserved} reserved`);
    must(used + gone + left === Number(to) - Number(from) + 1, `${used} used, ${gone} void and ${left} left do not make ${from} to ${to}`);
    return `${used} used, ${gone} void, none reserved, ${left} left; ${s.receipts.length} receipts, each of its own`;
  });
}
