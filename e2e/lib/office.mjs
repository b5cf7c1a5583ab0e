// What an insurance office and an administrator leave behind, made without their pages and once for a demo: people who
// were hired, a day that differs from the centre's, tickets, prices and mappings. And what stays of a bill whose cashier
// has run out of receipt numbers.
import { ask, step } from "./asking.mjs";
import { look, SCRIPT, settled } from "./bills.mjs";
import { openWindow, signIn } from "./browser.mjs";
import { must } from "./checking.mjs";
import { Program } from "./vendor.mjs";
import { say } from "./words.mjs";

const [ADMINISTRATOR, FINANCE] = ["0001", "0401"];
/** Who is hired: a member of the insurance office, and a cashier with one receipt number. */
export const OFFICER = { login: "0501", name: "Fang Yuan", role: ["insurance-office"] };
const CASHIER = { login: "0105", name: "Ma Li", role: ["cashier"], posts: { "module-outpatient-charging": "2028-01-01" } };
/** Has every role there is: nobody has more tabs. */
export const EVERYBODY = { login: "0909", name: "Zhu Quan", role: ["cashier", "biller", "admission-clerk", "finance", "insurance-office", "director", "administrator"] };
const RECEIPT = "0099001";
const DAY = "2026-11-23";
const [TOMORROW, LATER] = ["2026-11-24", "2026-12-01"];
/** An item of the house, as no other has it. */
export const ITEM = { code: "E2E1", name: "Ward supper", unit: "meal", price: "18.5", category: "14", aliases: "supper;dinner" };
export const REASON = "winter prices";
export const QUESTION = "ask the other program";

/** Somebody who works at a hospital from now on; nothing where he does already. */
export async function hired({ browser, demo }, person, hospital = 0) {
  demo.hired ??= {};
  const key = `${hospital}/${person.login}`;
  demo.hired[key] ??= hire({ browser, demo }, person, hospital);
  await demo.hired[key];
}

async function hire({ browser, demo }, { login, name, role, posts = {} }, hospital) {
  await withWindow({ browser, demo }, { hospital, login: ADMINISTRATOR }, async (w) => {
    await step(w, "/operators", { login, name, password: demo.password, role });
    const { body } = await ask(w, `/operators/${login}`, { do: "change", role, ...posts });
    must(!body.includes('class="note bad"'), `${login} was not hired`);
    if (role.includes("administrator")) await secondFactor(w, login);
  });
  demo.operators[login] = { name, role: role[0] };
}

/** Whoever administers signs in with a code, too. */
async function secondFactor(w, login) {
  const { body } = await ask(w, `/operators/${login}`, { do: "code" });
  w.demo.secrets = { ...w.demo.secrets, [login]: /<strong class="code">(\w+)</.exec(body)[1] };
}

/** Does something in a window that is closed behind it. */
export async function withWindow({ browser, demo }, who, work) {
  const w = await openWindow(browser, demo);
  try {
    await signIn(w, who);
    return await work(w);
  } finally {
    await w.close();
  }
}

/** What stands at the office of the first hospital. */
export async function office(world) {
  world.demo.office ??= made(world);
  return world.demo.office;
}

async function made(world) {
  await hired(world, OFFICER);
  const [left, apart] = [await restLeft(world), await dayApart(world)];
  return { ...left, ...apart, ...(await pricesAndMappings(world)) };
}

/** A refund in part whose rest has no receipt number: the bill before is void, and the rest waits. */
async function restLeft(world) {
  await hired(world, CASHIER);
  await withWindow(world, { login: FINANCE }, (w) => ask(w, "/segments", { kind: "outpatient", prefix: "NB-", from: RECEIPT, to: RECEIPT, owner: CASHIER.login }));
  return withWindow(world, { login: CASHIER.login }, async (w) => {
    const bill = await step(w, "/charge", { name: "Wang", sex: "1", age: "40" });
    await ask(w, `${bill}/line`, { item: `${SCRIPT.items[0].initials}*2` });
    await ask(w, `${bill}/try`, {});
    await step(w, `${bill}/settle`, { tendered: "9999" });
    const key = bill.split("/")[2];
    const back = { "back-1": "1", reason: "void-wrong-item" };
    const shown = await ask(w, `/bills/${key}/void`, back);
    const sure = /name="sure" value="([^"]+)"/.exec(shown.body)?.[1];
    must(sure, "what the rest comes to is not shown");
    const { body } = await ask(w, `/bills/${key}/void`, { ...back, sure });
    const rest = /action="\/charge\/(\d+)\/settle"/.exec(body)?.[1];
    must(rest && body.includes("H305"), "there is no rest without a receipt number");
    return { rest, restOf: key, restLogin: CASHIER.login };
  });
}

/** A settlement of another program, which the demo's morning has left, and a refund of one: neither is in the papers. */
async function dayApart(world) {
  const bill = await withWindow(world, {}, async (w) => {
    const key = await settled(w, [SCRIPT.items[1].initials]);
    return look(w, key);
  });
  const king = world.demo.city.persons.find(({ id_number }) => id_number === world.demo.card).psn_no;
  await new Program(world.demo).refund(king, bill.facts[say("zh", "settlement-id")]);
  return withWindow(world, { login: FINANCE }, async (w) => {
    await step(w, `/reconcile/${DAY}`, { do: "rows" });
    const rows = await differing(w, DAY);
    const named = async (cause) => {
      for (const row of rows) if ((await ask(w, row)).body.includes(`<h1>${say("zh", cause)}</h1>`)) return row;
      throw new Error(`no row of ${cause}`);
    };
    const [unwritten, refunded] = [await named("cause-not-written"), await named("cause-refund-not-written")];
    const seen = /name="seen" value="(\d+)"/.exec((await ask(w, unwritten)).body)[1];
    await step(w, unwritten, { seen, do: "ticket", text: QUESTION });
    const { body } = await ask(w, "/tickets");
    const ticket = /href="(\/tickets\/[^"]+)"/.exec(body)[1];
    await ask(w, "/clearing", { month: "2026-11", kind: "11", way: "10" });
    return { day: DAY, unwritten, refunded, ticket };
  });
}

/** Addresses of the rows of a day that differ. */
export async function differing(w, day) {
  const { body } = await ask(w, `/reconcile/${day}`);
  return [...body.matchAll(new RegExp(`href="(/reconcile/${day}/\\d+)"`, "g"))].map(([, row]) => row);
}

/** An item of the house's own with two sheets, one approved; the catalogue, and the item not mapped. */
async function pricesAndMappings(world) {
  const item = `/prices/${ITEM.code}`;
  const proposed = await withWindow(world, { login: ADMINISTRATOR }, async (w) => {
    await step(w, "/price-new", ITEM);
    const first = await step(w, item, { do: "price", price: "19", from: TOMORROW, why: REASON });
    const second = await step(w, item, { do: "price", price: "21.25", from: LATER, why: REASON });
    await step(w, "/price-new", { ...ITEM, code: "E2E2", name: "Ward breakfast", aliases: "" });
    await step(w, "/prices/E2E2", { do: "stop", why: "not served any more", instead: ITEM.code });
    await step(w, "/parameters", { name: "lock-minutes", value: "12", why: "long tables" });
    return { first, second };
  });
  await withWindow(world, { login: OFFICER.login }, async (w) => {
    await step(w, proposed.first);
    await step(w, "/catalogue");
  });
  return { item, sheet: proposed.second, approved: proposed.first, map: `/mapping/${ITEM.code}` };
}
