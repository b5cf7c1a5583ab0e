// Stays as checks need them, made without their pages: who is in hospital, who has left, and what of it there is to print.
import { SCRIPT } from "./bills.mjs";
import { ask, step } from "./asking.mjs";
import { openWindow, signIn } from "./browser.mjs";
import { must } from "./checking.mjs";

const DOCTOR = SCRIPT.doctor;
const DIAGNOSIS = "I10";
/** More than any stay here comes to. */
const ENOUGH = "99999";
const [NURSING, BLOOD] = ["kqhl", "jmcx"];

/** The windows of an admission clerk and a biller of a hospital. */
export async function staff(browser, demo, options = {}) {
  const [clerk, biller] = [await openWindow(browser, demo, options), await openWindow(browser, demo, options)];
  await signIn(clerk, { login: "0301" });
  await signIn(biller, { login: "0207" });
  return { clerk, biller, close: () => Promise.all([clerk.close(), biller.close()]) };
}

/** Somebody the pooled fund pays for, whom no other stay is of: of whom the centre knows nothing that stands in the way. */
export async function patient(clerk) {
  for (;;) {
    const next = clerk.demo.patients.shift();
    must(next, "nobody is left to be admitted");
    (clerk.demo.met ??= []).push(next.name);
    const { body } = await ask(clerk, "/admission", { card: next.card });
    if (body.includes(next.name) && !/class="tag (bad|warn)"/.test(body)) return next;
  }
}

/** The first bed of a ward that is free. */
export async function freeBed(clerk, ward) {
  const { body } = await ask(clerk, `/beds?ward=${ward}`);
  const free = new RegExp(`action="/beds/${ward}-(\\w+)"[^>]*><input[^>]*><input[^>]*value="reserve"`).exec(body);
  must(free, `no bed of ${ward} is free`);
  return free[1];
}

/** Admits, with a bed of a ward or none; answers the number of the stay. Without a card the patient pays alone. */
export async function admit(clerk, { card = "", name = "", ward = "N1", lies = true }) {
  const bed = lies ? await freeBed(clerk, ward) : "";
  const who = card ? { card } : { card, name, sex: "2", age: "63" };
  const place = await step(clerk, "/admission/register", { ...who, ward, bed, doctor: DOCTOR, diagnosis: DIAGNOSIS, contact: "Wang", telephone: "13900001234" });
  return place.split("/")[2];
}

export const deposit = (clerk, stay, amount) => step(clerk, `/deposits/${stay}/take`, { amount, method: "cash" });

/** Enters a line, which is not posted yet. */
export async function enter(biller, stay, item) {
  const { body } = await ask(biller, `/posting/${stay}/line`, { item });
  must(!body.includes('id="w-item"'), `${item} was not entered`);
}

export async function post(biller, stay, items) {
  for (const item of items) await enter(biller, stay, item);
  await step(biller, `/posting/${stay}/post`);
}

/** The keys of lines that can be taken back, the last first. */
export async function lines(biller, stay) {
  const { body } = await ask(biller, `/posting/${stay}`);
  return [...body.matchAll(/\/reverse\/([\w-]+)"/g)].map(([, line]) => line);
}

export async function leave(clerk, stay) {
  await step(clerk, `/discharge/${stay}/go`, { way: "1", diagnosis: DIAGNOSIS });
  await step(clerk, `/discharge/${stay}/try`);
}

/** Settles; answers the key of the settlement. */
export async function settle(clerk, stay) {
  await step(clerk, `/discharge/${stay}/settle`, { tendered: ENOUGH });
  const { body } = await ask(clerk, `/discharge/${stay}`);
  return /\/print\/stay\/(\w+)/.exec(body)[1];
}

export const clean = (clerk, ward, bed) => step(clerk, `/beds/${ward}-${bed}`, { event: "clean" });

/** The bed of a ward that waits to be cleaned, cleaned. */
async function cleaned(clerk, ward) {
  const { body } = await ask(clerk, `/beds?ward=${ward}`);
  const bed = new RegExp(`action="/beds/${ward}-(\\w+)"[^>]*><input[^>]*><input[^>]*value="clean"`).exec(body)[1];
  await clean(clerk, ward, bed);
}

/** Stays in every state that pages show otherwise, made once for a demo and only looked at. */
export async function standing({ browser, demo }) {
  demo.stays ??= await made(browser, demo);
  return demo.stays;
}

async function made(browser, demo) {
  const { clerk, biller, close } = await staff(browser, demo);
  try {
    const here = await inHouse(clerk, biller);
    const waiting = await admit(clerk, { name: "高敏", lies: false });
    const cancelled = await admit(clerk, { name: "高敏", lies: false });
    await step(clerk, `/admission/${cancelled}/cancel`);
    const settled = await gone(clerk, biller, { name: "罗桂芳" }, "2000");
    const settlement = await settle(clerk, settled);
    await cleaned(clerk, "W1");
    const explained = await settle(clerk, await gone(clerk, biller, await patient(clerk), "2000"));
    await cleaned(clerk, "W1");
    const debt = await gone(clerk, biller, { name: "梁玉" }, "");
    await step(clerk, `/discharge/${debt}/debt`, { guarantor: "Luo" });
    const leaving = await gone(clerk, biller, { name: "唐雪梅" }, "20");
    await step(clerk, "/beds/W1-03", { event: "stop", note: "lamp" });
    return { ...here, waiting, cancelled, settled, settlement, explained, debt, leaving, names: ["高敏", "罗桂芳", "梁玉", "唐雪梅", here.name] };
  } finally {
    await close();
  }
}

/** Insured, in a bed, with deposits of which one is void, lines of which a part was taken back, and one entered only. */
async function inHouse(clerk, biller) {
  const { name, card } = await patient(clerk);
  const here = await admit(clerk, { card });
  const done = async (amount) => new URL(await deposit(clerk, here, amount), "http://here").searchParams.get("done");
  await step(clerk, `/deposits/${here}/void`, { deposit: await done("30"), reason: "void-wrong-amount" });
  const taken = await done("1000");
  await post(biller, here, [`${NURSING}*2`, `${BLOOD}*5`]);
  const [line] = await lines(biller, here);
  await step(biller, `/posting/${here}/reverse/${line}`, { quantity: "2", reason: "wrong" });
  await enter(biller, here, NURSING);
  return { name, here, line, deposit: taken };
}

/** Has left ward W1, tried and not settled: without a card who pays alone. */
async function gone(clerk, biller, who, given) {
  const stay = await admit(clerk, { ...who, ward: "W1" });
  if (given) await deposit(clerk, stay, given);
  await post(biller, stay, [`${NURSING}*3`]);
  await leave(clerk, stay);
  return stay;
}
