// A stay whose every message is lost on its way to the centre, and one of which every answer is lost, from the admission to
// the receipt and back until nothing is left, at our centre and at somebody else's. The clerk and the biller touch nothing:
// the machine asks on, the pages go on by themselves, and the next patient is served meanwhile. No receipt is printed before
// the settlement stands, no bed is taken twice, no deposit is used twice, and both books have the same.
import { account, facts, fen, grouped } from "../lib/account.mjs";
import { ask, step } from "../lib/asking.mjs";
import { eventually, must } from "../lib/checking.mjs";
import * as does from "../lib/clerk.mjs";
import { at, plan, settleIn, WARD } from "../lib/house.mjs";
import { both, toldOf } from "../lib/losses.mjs";
import { atTheCentre, bedIs, beds, dayIsEqual, depositIs, isSame, same, stateIs } from "../lib/stay-books.mjs";
import { freeBed, patient, staff } from "../lib/stays.mjs";
import { deskAt } from "../lib/town.mjs";
import { programIn } from "../lib/vendor.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const zh = (key, places) => say("zh", key, places);
const DEPOSIT = "500";
const [DOCTOR, DIAGNOSIS] = ["013", "K29.500"];
const SURGERY = { code: "W2", name: "外二病区", from: "1", to: "6", kind: "普通" };

/** What is lost of each message of a stay. */
const STAGES = { request: "the message was lost on its way", reply: "the centre did it and its answer was lost" };
const CENTRES = [
  { centre: "ours", hospital: 7, plain: false, persons: [80, 110] },
  { centre: "plain", hospital: 8, plain: true, persons: [110, 140] },
];

export async function run(world) {
  await Promise.all(CENTRES.map((centre) => atCentre(world, centre)));
}

/** Two stays at a hospital that has settled in before one of the centres: they go each step side by side. */
async function atCentre({ browser, findings, town }, { centre, hospital, plain, persons }) {
  const desk = await deskAt(town, hospital, { plain });
  const house = plan(browser, desk, town.city, town.city.persons.filter(({ situation }) => !situation).slice(...persons));
  const named = (name) => `lost-stays/${centre}/${name}`;
  if (!(await findings.check(named("house"), async () => `${(await settleIn(house)).hospitals[0].name} has settled in`))) return;
  const shared = { house, desk, line: desk.line, plain, program: programIn(town, house), settled: 0, turn: Promise.resolve(), receipts: [], others: [SURGERY.code] };
  await at(house, "0001", ({ w }) => step(w, "/wards", SURGERY));
  const stays = [];
  try {
    for (const stage of Object.keys(STAGES)) stays.push(await begun(browser, shared, stage));
    for (const [name, work] of Object.entries(STEPS)) {
      const check = async (s) => (s.broken ||= !(await findings.check(named(`${name}-${s.stage}`), () => work(s))));
      await Promise.all(stays.filter(({ broken }) => !broken).map(check));
      desk.line.forget();
    }
  } finally {
    for (const { close } of stays) await close();
  }
}

/** The windows of a stay to come: of a clerk and a biller who have it before them, and of the same two beside. */
async function begun(browser, shared, stage) {
  const [here, beside] = [await staff(browser, shared.house), await staff(browser, shared.house)];
  const windows = [here.clerk, here.biller, beside.clerk, beside.biller];
  const [clerk, biller, nextClerk, nextBiller] = windows.map((w) => new ByKeys(w));
  const close = () => Promise.all([here.close(), beside.close()]);
  return { shared, stage, windows, clerk, biller, nextClerk, nextBiller, close };
}

const STEPS = {
  "2401-admission": admission,
  "2301-charges": charges,
  "2403-change": change,
  "2403-other-ward": otherWard,
  "2402-discharge": discharge,
  "2304-settlement": settlement,
  "2305-undone": undone,
  "2405-back-in-hospital": backInHospital,
  "2302-charge-withdrawn": withdrawn,
  "2404-cancelled": cancelled,
};

/** One after the other: what is lost of one stay must not be lost of another. */
function alone({ shared }, work) {
  const mine = shared.turn.then(work);
  shared.turn = mine.catch(() => {});
  return mine;
}

const prints = (s) => s.windows.flatMap(({ heard }) => heard).filter((e) => e.kind === "request" && e.what.startsWith("/print/stay/"));
const main = ({ page }) => page.textContent("main");

/** A step of a clerk of which a message is lost: he is told so and touches nothing, the next patient is served, and the page
 * goes on by itself. Answers what the line has carried of it. */
async function inDoubt(s, way, infno, send, next) {
  const { line } = s.shared;
  const [from, printed] = [line.heard.length, prints(s).length];
  await both(line.lose(infno, s.stage), send);
  const words = await main(way);
  must(words.includes(zh("h304")), `"${words.replace(/\s+/g, " ").slice(-300)}" does not say ${zh("h304")}`);
  s.told = await next();
  const open = (await way.page.locator("[data-again]").count()) > 0;
  if (open) same(prints(s).length, printed, "the number of receipts that were asked for while nobody knew");
  await way.page.waitForSelector("[data-again]", { state: "detached" });
  const { heard } = line;
  const first = heard.slice(from).find((one) => one.infno === infno);
  const copies = heard.slice(from).filter(({ id }) => id === first.id);
  must(copies.length > 1, `${infno} was sent ${copies.length} times, and never again as it was`);
  return heard.slice(from).filter(({ id, infno }) => id === first.id || infno === "2601").map(toldOf).join(", ");
}

const until = (s) => `${STAGES[s.stage]}, the page said "${zh("h304")}" and went on by itself`;

/** The next patient pays a deposit at the window beside. */
async function deposited(s) {
  const receipt = await does.takes(s.nextClerk, s.neighbour, "10");
  return `meanwhile the next patient paid a deposit, ${receipt}`;
}

/** The same; and while nobody knows what became of a settlement, nothing is deposited or given back for it. */
async function settlesNothingElse(s) {
  const said = await deposited(s);
  await s.nextClerk.open(`/deposits/${s.number}`, does.WHEREVER);
  same(await s.nextClerk.page.locator("#take, #void, #refund, #carry").count(), 0, "ways to move a deposit meanwhile");
  return `${said}, and no deposit of this one could be moved`;
}

/** The same of a settlement that may stand: there is nothing to print either. */
async function printsNothing(s) {
  const { body } = await ask(s.windows[2], `/settlements/${s.number}`);
  must(!body.includes("/print/stay/"), "the receipt of a settlement nobody knows of is offered");
  return `${await settlesNothingElse(s)} nor its receipt be printed`;
}

/** While nobody knows, the bed is kept: the next patient gets another. */
async function admission(s) {
  return alone(s, async () => {
    const { shared, clerk, nextClerk } = s;
    s.who = await patient(s.windows[0]);
    s.bed = await freeBed(s.windows[0], WARD.code);
    const next = await patient(s.windows[2]);
    s.charged = 0;
    const send = await does.admitting(clerk, s.who.card, s.bed);
    const line = await inDoubt(s, clerk, "2401", send, async () => {
      s.number = does.shownStay(clerk);
      const tries = await does.admitting(nextClerk, next.card, s.bed);
      await tries();
      same(await nextClerk.page.textContent("#w-bed"), zh("bed-not-free", { bed: s.bed }), "what is said of the bed");
      const other = await freeBed(s.windows[2], WARD.code);
      await nextClerk.type("bed", other);
      await nextClerk.send("F9", "main");
      await stateIs(nextClerk, "stay-in-house");
      s.neighbour = does.shownStay(nextClerk);
      return `meanwhile ${next.name} was not given bed ${s.bed}, and was admitted to ${other}`;
    });
    const found = await stateIs(clerk, "stay-in-house");
    must(found.bed.endsWith(` ${s.bed}`), `the bed is ${found.bed}`);
    await bedIs(s, s.bed);
    await isSame(s, { lies: true });
    s.visit = (await facts(clerk, "[aria-label='病人']"))[zh("visit-id")];
    s.receipt = await does.takes(clerk, s.number, DEPOSIT);
    return `${until(s)}: ${s.who.name} is in bed ${s.bed}, and at the centre once; ${s.told}; ${line}`;
  });
}

/** How the lines of a stay are told to stand, once its page is looked at again. */
async function lineStates(s) {
  await s.biller.open(`/posting/${s.number}`, does.WHEREVER);
  return (await does.posted(s.biller)).map(({ state }) => state);
}

/** Lines go by themselves once a minute has gone: the machine asks first which are there. */
async function linesEnd(s, from, wanted) {
  const states = () => lineStates(s);
  let seen;
  await eventually(
    async () => (seen = await states()).every((state) => wanted.includes(state)),
    () => `the lines are ${seen}, and should be ${wanted}`,
  );
  const heard = s.shared.line.heard.slice(from);
  return heard.filter(({ infno, visit }) => visit === s.visit && ["2301", "2302", "5204"].includes(infno)).map(toldOf).join(", ");
}

/** What of the lines was lost is told at once; the next patient's line goes through. */
async function linesLost(s, infno, send) {
  const { line, house } = s.shared;
  await both(line.lose(infno, s.stage), send);
  const words = await main(s.biller);
  must(/未传到中心 \d+ 条/.test(words), `"${words.replace(/\s+/g, " ").slice(0, 300)}" does not say that lines have not arrived`);
  const next = await does.posting(s.nextBiller, s.neighbour, [`${house.items[1].own}*1`]);
  await next();
  const [{ state }] = await does.posted(s.nextBiller);
  same(state, zh("posting-sent"), "the next patient's line");
  return /未传到中心 \d+ 条/.exec(words)[0];
}

async function charges(s) {
  const { items } = s.shared.house;
  const from = s.shared.line.heard.length;
  const said = await alone(s, async () => linesLost(s, "2301", await does.posting(s.biller, s.number, [`${items[0].own}*2`, `${items[4].own}*3`])));
  const line = await linesEnd(s, from, [zh("posting-sent")]);
  s.charged = (await account(s.biller)).charged;
  must(s.charged > 0, "nothing is charged");
  await isSame(s, { lies: true });
  return `${STAGES[s.stage]}, the page said "${said}", and the machine sent what was missing: ${grouped(s.charged)} in both books, each line once; meanwhile a line of the next patient went through; ${line}`;
}

/** Nothing is changed before the centre has it. */
async function change(s) {
  return alone(s, async () => {
    const { clerk, number } = s;
    const send = await does.changing(clerk, number, DOCTOR, DIAGNOSIS);
    const line = await inDoubt(s, clerk, "2403", send, () => deposited(s));
    const found = await facts(clerk, "[aria-label='病人']");
    must(found[zh("diagnosis")].startsWith(DIAGNOSIS), `the diagnosis is ${found[zh("diagnosis")]}`);
    const { diagnoses } = await atTheCentre(s);
    same(diagnoses.map(({ diag_code }) => diag_code).join(), DIAGNOSIS, "the diagnoses the centre has");
    await isSame(s, { lies: true });
    await bedIs(s, s.bed);
    return `${until(s)}: ${found[zh("diagnosis")]} in both books, bed ${s.bed} as before; ${s.told}; ${line}`;
  });
}

/** While nobody knows, both beds are his; then the one he came from is to be cleaned. */
async function otherWard(s) {
  return alone(s, async () => {
    const { clerk, number, windows } = s;
    await step(windows[0], `/change/${number}/ask`, { ward: SURGERY.code, doctor: DOCTOR, why: "surgery" });
    const bed = `${SURGERY.code}-${await freeBed(windows[0], SURGERY.code)}`;
    const mine = async () => (await beds(s)).filter(({ name }) => name === s.who.name).map(({ number }) => number).join();
    const line = await inDoubt(s, clerk, "2403", await does.taking(clerk, number, bed), async () => {
      same(await mine(), `${s.bed},${bed}`, "the beds that are kept for him meanwhile");
      return deposited(s);
    });
    await bedIs(s, bed);
    const before = (await beds(s)).find(({ number }) => number === s.bed);
    same(before.state, zh("bed-cleaning"), "the bed he came from");
    await isSame(s, { lies: true });
    const found = (await facts(clerk, "[aria-label='病人']"))[zh("bed")];
    must(found.startsWith(SURGERY.name), `the bed is ${found}`);
    return `${until(s)}: ${s.who.name} is in ${found} alone, and bed ${s.bed} is to be cleaned; ${s.told}; ${line}`;
  });
}

async function discharge(s) {
  return alone(s, async () => {
    const { clerk, number } = s;
    const line = await inDoubt(s, clerk, "2402", await does.discharging(clerk, number), () => deposited(s));
    await stateIs(clerk, "stay-awaiting-settlement");
    await isSame(s, { lies: false });
    return `${until(s)}: ${zh("stay-awaiting-settlement")} in both books; ${s.told}; ${line}`;
  });
}

/** At a centre that cannot say what became of a message, what it may have done is taken back, and done again. */
const takenBack = (s) => s.shared.plain && s.stage === "reply";

async function settlement(s) {
  return alone(s, async () => {
    const { clerk, number } = s;
    const printed = prints(s).length;
    const line = await inDoubt(s, clerk, "2304", await does.settling(clerk, number), () => printsNothing(s));
    let again = "";
    if (takenBack(s)) {
      await stateIs(clerk, "stay-awaiting-settlement");
      must((await main(clerk)).includes(zh("taken-back")), "that it was taken back is not said");
      same(prints(s).length, printed, "the number of receipts of what was taken back");
      await depositIs(s, DEPOSIT, "deposit-valid");
      await dayIsEqual(s);
      again = `, taken back ("${zh("taken-back")}") and settled again`;
      await (await does.settling(clerk, number))();
    }
    await stateIs(clerk, "stay-settled");
    s.shared.settled += 1;
    const rows = await facts(clerk, "aside");
    const paper = await clerk.printed("/print/stay/");
    same(prints(s).length, printed + 1, "the number of receipts that were printed");
    const receipt = rows[zh("receipt")];
    must(/^ZY-\d{7}$/.test(receipt) && !s.shared.receipts.includes(receipt), `the receipt is ${receipt}`);
    s.shared.receipts.push(receipt);
    must(paper.includes(receipt), "the paper has another number");
    same(fen(rows[zh("deposits-used")]), fen(DEPOSIT), "the deposits that were used");
    const open = fen(rows[zh("split-due")]) - fen(DEPOSIT);
    same(fen(rows[zh(open > 0 ? "collected" : "given-back")]), Math.abs(open), "what goes over the counter");
    await depositIs(s, DEPOSIT, "deposit-applied");
    await bedIs(s, "");
    await isSame(s, { lies: false });
    return `${until(s)}${again}: ${receipt} was printed once, behind the settlement, and the deposit of ${grouped(fen(DEPOSIT))} is used once; the day is equal, ${await dayIsEqual(s)}; ${s.told}; ${line}`;
  });
}

async function undone(s) {
  return alone(s, async () => {
    const { clerk, number } = s;
    const line = await inDoubt(s, clerk, "2305", await does.undoing(clerk, number), () => settlesNothingElse(s));
    let again = "";
    if (takenBack(s)) {
      await stateIs(clerk, "stay-settled");
      must((await main(clerk)).includes(zh("taken-back")), "that it was taken back is not said");
      await depositIs(s, DEPOSIT, "deposit-applied");
      await dayIsEqual(s);
      again = `, taken back ("${zh("taken-back")}") and undone again`;
      await (await does.undoing(clerk, number))();
    }
    const { deposited: sum } = await stateIs(clerk, "stay-awaiting-settlement");
    s.shared.settled += 1;
    same(sum, fen(DEPOSIT), "the deposits, which stand again");
    await depositIs(s, DEPOSIT, "deposit-valid");
    await isSame(s, { lies: false });
    return `${until(s)}${again}: ${zh("stay-awaiting-settlement")}, the deposit stands again, once; the day is equal, ${await dayIsEqual(s)}; ${s.told}; ${line}`;
  });
}

async function backInHospital(s) {
  return alone(s, async () => {
    const { clerk, number } = s;
    const line = await inDoubt(s, clerk, "2405", await does.recalling(clerk, number), () => deposited(s));
    await stateIs(clerk, "stay-in-house");
    await bedIs(s, "");
    await isSame(s, { lies: true });
    return `${until(s)}: ${zh("stay-in-house")} in both books, without the bed, which went with the settlement; ${s.told}; ${line}`;
  });
}

/** Each line is taken back as a whole; the last of them is lost. */
async function withdrawn(s) {
  const from = s.shared.line.heard.length;
  const said = await alone(s, async () => {
    await (await does.takingBack(s.biller, s.number))();
    return linesLost(s, "2302", await does.takingBack(s.biller, s.number));
  });
  const line = await linesEnd(s, from, [zh("posting-withdrawn")]);
  s.charged = (await account(s.biller)).charged;
  same(s.charged, 0, "what is charged");
  await isSame(s, { lies: true });
  return `${STAGES[s.stage]}, the page said "${said}", and the machine sent it again: nothing is charged in either book; meanwhile a line of the next patient went through; ${line}`;
}

async function cancelled(s) {
  return alone(s, async () => {
    const { clerk, number } = s;
    await does.givesBack(clerk, number);
    await does.leavesBed(clerk, number);
    const line = await inDoubt(s, clerk, "2404", await does.cancelling(clerk, number), () => deposited(s));
    await stateIs(clerk, "stay-cancelled");
    await depositIs(s, DEPOSIT, "deposit-void");
    await bedIs(s, "");
    const { visits, lying } = await atTheCentre(s);
    same(`${visits.length} ${lying.length}`, "0 0", "the stays the centre has of the patient, and those in hospital");
    return `${until(s)}: ${zh("stay-cancelled")}, and the centre has no stay of the patient; the day is equal, ${await dayIsEqual(s)}; ${s.told}; ${line}`;
  });
}
