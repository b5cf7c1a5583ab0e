// The patient goes while nobody knows whether he was admitted, or his stay settled: the clerk gives it up, and it is taken back,
// whatever of it or of the taking back is lost. Nothing of it is left in either book, and it can be done again.
import { fen, grouped } from "../lib/account.mjs";
import { ask } from "../lib/asking.mjs";
import { must } from "../lib/checking.mjs";
import * as does from "../lib/clerk.mjs";
import { plan, settleIn, WARD } from "../lib/house.mjs";
import { both, toldOf } from "../lib/losses.mjs";
import { atTheCentre, bedIs, dayIsEqual, depositIs, isSame, same, stateIs } from "../lib/stay-books.mjs";
import { admit, freeBed, leave, patient, post, staff } from "../lib/stays.mjs";
import { deskAt } from "../lib/town.mjs";
import { programIn } from "../lib/vendor.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const zh = (key, places) => say("zh", key, places);
const DEPOSIT = "500";
const CENTRES = [
  { centre: "ours", hospital: 9, plain: false, persons: [140, 160] },
  { centre: "plain", hospital: 10, plain: true, persons: [160, 180] },
];
/** What is lost of what is given up, and then of what takes it back. */
const WAYS = [["never-arrived", "request", ""], ["was-done", "reply", ""], ["taking-back-lost", "request", "request"], ["answer-of-taking-back-lost", "reply", "reply"]];

export async function run(world) {
  await Promise.all(CENTRES.map((centre) => atCentre(world, centre)));
}

async function atCentre({ browser, findings, town }, { centre, hospital, plain, persons }) {
  const desk = await deskAt(town, hospital, { plain });
  const house = plan(browser, desk, town.city, town.city.persons.filter(({ situation }) => !situation).slice(...persons));
  const named = (name) => `given-up/${centre}/${name}`;
  if (!(await findings.check(named("house"), async () => `${(await settleIn(house)).hospitals[0].name} has settled in`))) return;
  const windows = await staff(browser, house);
  const clerk = new ByKeys(windows.clerk);
  const shared = { house, line: desk.line, program: programIn(town, house), settled: 0 };
  const check = async (name, work, way) => {
    await findings.check(named(name), () => work({ shared, windows: [windows.clerk, windows.biller], clerk, nextClerk: clerk, charged: 0 }, way));
  };
  try {
    for (const [name, ...way] of WAYS) await check(`2401-admission-${name}`, admission, way);
    for (const [name, ...way] of WAYS) await check(`2304-settlement-${name}`, settlement, way);
  } finally {
    await windows.close();
  }
}

/** Sends what is lost, and gives it up by its key; answers what the line has carried of it. */
async function givenUp({ shared, clerk }, infno, [lost, lostThen], send) {
  const { line } = shared;
  const from = line.heard.length;
  await both(line.lose(infno, lost), send);
  // The machine must not be faster than the clerk.
  line.lose(infno, lost).catch(() => {});
  if (lostThen) line.lose("2601", lostThen).catch(() => {});
  await clerk.page.keyboard.press("F7");
  await clerk.page.waitForSelector("[data-again]", { state: "detached" });
  line.forget();
  const words = await clerk.page.textContent("main");
  must(words.includes(zh("taken-back")), `that it was taken back is not said: ${words.replace(/\s+/g, " ").slice(0, 300)}`);
  const sent = line.heard.slice(from).filter((one) => [infno, "2601"].includes(one.infno));
  return sent.map(toldOf).join(", ");
}

/** The bed stays kept for him until he is admitted again, or the admission is cancelled. */
async function admission(s, way) {
  const { clerk } = s;
  s.who = await patient(s.windows[0]);
  const bed = await freeBed(s.windows[0], WARD.code);
  const line = await givenUp(s, "2401", way, await does.admitting(clerk, s.who.card, bed));
  s.number = does.shownStay(clerk);
  await stateIs(clerk, "stay-expected");
  const { visits, lying } = await atTheCentre(s);
  same(`${visits.length} ${lying.length}`, "0 0", "the stays the centre has of the patient, and those in hospital");
  await bedIs(s, bed);
  await clerk.button("#again button");
  await stateIs(clerk, "stay-in-house");
  await isSame(s, { lies: true });
  await bedIs(s, bed);
  await does.leavesBed(clerk, s.number);
  await (await does.cancelling(clerk, s.number))();
  await stateIs(clerk, "stay-cancelled");
  await bedIs(s, "");
  same(await freeBed(s.windows[0], WARD.code), bed, "the bed that is free again");
  return `${zh("stay-expected")} and not at the centre; admitted again he is in bed ${bed} in both books; cancelled, the bed is free again; ${line}`;
}

/** It was not settled: no receipt is printed, and its number is given to what is settled then. */
async function settlement(s, way) {
  const { clerk } = s;
  const { windows: [w, biller], shared } = s;
  s.who = await patient(w);
  s.number = await admit(w, { card: s.who.card });
  s.receipt = await does.takes(clerk, s.number, DEPOSIT);
  await post(biller, s.number, [`${shared.house.items[4].own}*2`]);
  await leave(w, s.number);
  const send = await does.settling(clerk, s.number);
  const next = /ZY-\d{7}/.exec(await clerk.page.textContent("#settle"))?.[0];
  const line = await givenUp(s, "2304", way, send);
  await stateIs(clerk, "stay-awaiting-settlement");
  must(!(await ask(w, `/settlements/${s.number}`)).body.includes("/print/stay/"), "a receipt of what was given up is offered");
  await depositIs(s, DEPOSIT, "deposit-valid");
  await dayIsEqual(s);
  await (await does.settling(clerk, s.number))();
  ({ charged: s.charged } = await stateIs(clerk, "stay-settled"));
  shared.settled += 1;
  same(/ZY-\d{7}/.exec(await clerk.page.textContent("aside"))?.[0], next, "the receipt, with the number that was offered first");
  await depositIs(s, DEPOSIT, "deposit-applied");
  await isSame(s, { lies: false });
  return `${zh("stay-awaiting-settlement")}, the deposit of ${grouped(fen(DEPOSIT))} stands; settled again with ${next}, in both books once: ${await dayIsEqual(s)}; ${line}`;
}
