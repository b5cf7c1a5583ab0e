// A desk before somebody else's centre: the national transactions and nothing of ours. All of a day's work is done by them,
// and where the centre cannot say something, the page says that.
import { enter, look, settled, voided } from "../lib/bills.mjs";
import { ask } from "../lib/asking.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { equalToday, today } from "../lib/days.mjs";
import { at, plan, settleIn } from "../lib/house.mjs";
import { admit, deposit, leave, post, settle, staff } from "../lib/stays.mjs";
import { deskAt } from "../lib/town.mjs";
import { programIn } from "../lib/vendor.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const HOSPITAL = 6;
const FINANCE = "0401";
const zh = (key, places) => say("zh", key, places);
const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);

export async function run({ browser, findings, town }) {
  const desk = await deskAt(town, HOSPITAL, { plain: true });
  const house = plan(browser, desk, town.city, town.city.persons.filter(({ situation }) => !situation).slice(60, 80));
  const s = { browser, house, town, item: house.items[4].own };
  if (!(await findings.check("plain/house", async () => `${(await settleIn(house)).hospitals[0].name} has settled in`))) return;
  s.w = await openWindow(browser, house);
  await signIn(s.w);
  try {
    for (const [name, work] of Object.entries(STEPS)) await findings.check(`plain/${name}`, () => work(s));
  } finally {
    await s.w.close();
  }
}

const STEPS = {
  charge,
  "why-this-amount": why,
  "refund-of-all": refundOfAll,
  "refund-of-a-part": refundOfAPart,
  stay,
  "day-is-equal": async ({ house }) => `${(await at(house, FINANCE, equalToday)).words} on both sides`,
  "row-without-outcome": rowWithoutOutcome,
  "row-is-put-right": rowPutRight,
};

const receiptOf = async (s, key) => (await look(s.w, key)).facts[zh("receipt")];

async function charge(s) {
  s.house.card = s.house.patients[0].card;
  s.key = await settled(s.w, [s.item]);
  const { tag, total, facts } = await look(s.w, s.key);
  same(tag, zh("bill-settled"), "the bill");
  return `${total}, ${facts[zh("receipt")]}, at the centre ${facts[zh("settlement-id")]}`;
}

/** The steps are not to be had; the shares are. */
async function why(s) {
  await s.w.page.goto(`/bills/${s.key}/why`);
  const said = await s.w.page.textContent("main .note");
  same(said, zh("why-not-offered"), "what is said");
  const rows = await s.w.page.locator("aside .bill div").count();
  must(rows > 1, "no shares are shown");
  return `"${said}", with ${rows} rows of shares`;
}

async function refundOfAll(s) {
  await voided(s.w, s.key);
  const { tag } = await look(s.w, s.key);
  same(tag, zh("bill-voided"), "the bill");
  return `${tag}, ${await receiptOf(s, s.key)} is void`;
}

/** Nobody says before what the rest comes to: that is said, and F9 pressed once more; the rest is shown once the bill is
 * void, and settled by a key of its own. */
async function refundOfAPart(s) {
  const { page } = s.w;
  const key = await settled(s.w, [`${s.item}*3`]);
  const before = await look(s.w, key);
  const way = new ByKeys(s.w);
  await way.open(`/bills/${key}/void`, "#f-reason");
  await way.before("[name=back-1]");
  await way.hands.type("1");
  await way.choose("reason", 1);
  await way.send("F9", "#void .btn.go");
  same(await page.textContent("main .note.bad"), zh("rest-untold"), "what is said of the rest");
  await way.send("F9", "#f-tendered, #settle button");
  const said = await page.locator("main .note").allTextContents();
  same((await look(s.w, key)).tag, zh("bill-voided"), "the bill before");
  if (await page.evaluate(() => document.activeElement.id === "f-tendered")) await enter(way.hands, "9999", "#settle button");
  await way.send("F9", "#f-card");
  const rest = await look(s.w, new URL(page.url()).searchParams.get("done"));
  same(rest.tag, zh("bill-settled"), "the rest");
  return `of ${before.total} the rest is ${rest.total}, ${rest.facts[zh("receipt")]}; "${said}"`;
}

async function stay(s) {
  const { house } = s;
  const { clerk, biller, close } = await staff(s.browser, house);
  try {
    const { card, name } = house.patients[1];
    const number = await admit(clerk, { card });
    await deposit(clerk, number, "2000");
    await post(biller, number, house.items.map(({ own }) => `${own}*2`));
    await leave(clerk, number);
    const settlement = await settle(clerk, number);
    const { body } = await ask(clerk, `/print/stay/${settlement}?look=1`);
    const receipt = /ZY-\d{7}/.exec(body)?.[0];
    must(receipt, "there is no receipt of the stay");
    const told = await ask(clerk, `/why/stay/${settlement}`);
    must(told.body.includes(zh("why-not-offered")), "why this amount is not answered");
    return `${name} was admitted, charged and settled: stay ${number}, ${receipt}`;
  } finally {
    await close();
  }
}

/** Another program of the hospital settles something, at the same centre. */
async function rowWithoutOutcome(s) {
  await programIn(s.town, s.house).settle(s.house.patients[2].number);
  return at(s.house, FINANCE, async (way) => {
    const { state, rows } = await today(way);
    same(state, zh("day-apart"), "the day");
    same(rows.length, 1, "the rows that differ");
    s.row = rows[0].href;
    await way.open(s.row, "main *");
    const facts = await way.page.locator("main dl").first().textContent();
    const [cause, words] = [await way.page.textContent("main h1"), await way.page.textContent("main section p")];
    const outcome = facts.includes(zh("message-at-centre")) || /不告知|不提供|说不清|不能.*查/.test(words);
    must(outcome, `"${cause}: ${words}" with ${facts.replace(/\s+/g, " ")}; that this centre does not tell what became of a message is not said`);
    return `${cause}: ${words}`;
  });
}

async function rowPutRight(s) {
  must(s.row, "no row differs");
  return at(s.house, FINANCE, async (way) => {
    await way.open(s.row, "main *");
    const remedy = (await way.page.textContent("section[aria-label='处理'] button, #act button, #ticket button")).trim();
    await way.send((await way.page.locator("#act").count()) ? "F9" : "F8", "main");
    const why = await way.page.locator("main .note.bad").allTextContents();
    const { words } = await equalToday(way);
    return `${remedy}${why.length ? `: ${why}` : ""}; ${words} on both sides`;
  });
}
