// A hospital that opens its desk: from the invitation to whoever works there, their receipt numbers, doctors, diagnoses,
// wards, prices and mappings, by its pages alone, as an administrator without a manual does it. Each step answers what was seen.
// A house is to other checks what the demo is: where its pages are, and who may sign in.
import { openWindow, signIn } from "./browser.mjs";
import { must } from "./checking.mjs";
import { ByKeys } from "./ways.mjs";
import { say } from "./words.mjs";

const zh = (key, places) => say("zh", key, places);
const UNTIL = "2028-01-01";
/** Whoever works there: the first is who sets it up. */
export const PEOPLE = {
  "0001": { name: "管理", role: "administrator" },
  "0103": { name: "李敏", role: "cashier", post: "module-outpatient-charging" },
  "0207": { name: "陈霞", role: "biller", post: "module-inpatient-billing" },
  "0301": { name: "周芳", role: "admission-clerk", post: "module-inpatient-management" },
  "0401": { name: "吴静", role: "finance" },
  "0501": { name: "方圆", role: "insurance-office" },
};
const [ADMINISTRATOR, CASHIER, , CLERK, , OFFICER] = Object.keys(PEOPLE);
export const SEGMENTS = [
  { kind: "outpatient", prefix: "NB-", from: "0000001", to: "0000500", owner: CASHIER },
  { kind: "inpatient", prefix: "ZY-", from: "0000001", to: "0000100", owner: CLERK },
  { kind: "deposit", prefix: "YJ-", from: "0000001", to: "0000100", owner: CLERK },
];
/** The first by the fields of the page, the others as a list from a spreadsheet. */
const DOCTORS = [["012", "张明", "D990101000012", "0301", "内科"], ["013", "刘红", "D990101000013", "0401", "外科"]];
const DIAGNOSES = [["J06.900", "急性上呼吸道感染"], ["I10", "原发性高血压"], ["K29.500", "慢性胃炎"]];
export const WARD = { code: "N1", name: "内一病区", from: "1", to: "12", kind: "普通" };

/** A house at a desk that is not set up: nothing of it is done. What it had to do another way than the pages say is a fault. `patients` are at nobody else's disposal. */
export function plan(browser, desk, city, patients) {
  const { code, name } = desk.hospital;
  const operators = Object.fromEntries(Object.entries(PEOPLE).map(([login, person]) => [login, { name: person.name, role: person.role }]));
  return {
    browser, desk, address: desk.address, hospitals: [{ code, name }], operators, password: "correct horse 7", secrets: {},
    items: offered(city), patients, card: patients[0].card, faults: [],
  };
}

/** What it charges, with the code the country has for it. Its own codes and names are as in no other list. */
const offered = (city) => NAMES.map((name, n) => ({ own: `Y00${n + 1}`, ...city.items.find((item) => item.name === name) }));
const NAMES = ["法莫替丁片", "西咪替丁片", "吉法酯片", "硫糖铝咀嚼片", "艾普拉唑肠溶片"];

/** Everything of `STEPS`, one after the other. */
export async function settleIn(house) {
  for (const step of Object.values(STEPS)) await step(house);
  return house;
}

/** What a hospital does in its first hour, in this order. */
export const STEPS = {
  "set-up": setUp,
  "administrator-signs-in": administratorSignsIn,
  "people-are-engaged": engage,
  "receipt-numbers": issue,
  doctors,
  diagnoses,
  wards,
  "price-list": prices,
  "catalogue-and-mapping": mapping,
};

/** Does something at a window where somebody has signed in, with the keyboard. */
export async function at(house, login, work) {
  const w = await openWindow(house.browser, house);
  try {
    await signIn(w, { login });
    return await work(new ByKeys(w));
  } finally {
    await w.close();
  }
}

/** What a page says is wrong. */
const wrong = ({ page }) => page.evaluate(() => Array.from(document.querySelectorAll(".note.bad, .why"), (e) => e.textContent).filter(Boolean).join("; "));
const rows = ({ page }, table = "main table") => page.locator(`${table} tbody tr:has(td:nth-child(2))`).count();

async function nothingWrong(way, what) {
  const why = await wrong(way);
  must(!why, `${what}: ${why}`);
}

/** Fills a form with the keyboard from the field where the cursor is, and sends it with F9. */
async function form(way, fields) {
  for (const [name, text] of Object.entries(fields)) await way.type(name, text);
  await way.send("F9");
}

async function setUp(house) {
  const w = await openWindow(house.browser, house);
  try {
    const way = new ByKeys(w);
    await way.open("/set-up", "#f-invitation");
    await form(way, { invitation: house.desk.code, login: ADMINISTRATOR, name: PEOPLE[ADMINISTRATOR].name, password: house.password });
    await nothingWrong(way, "set-up");
    house.secrets[ADMINISTRATOR] = await w.page.textContent("strong.code");
    await way.enter("input");
    must(new URL(w.page.url()).pathname === "/sign-in", `behind the set-up is ${w.page.url()}`);
    return `the code is taken, the secret has ${house.secrets[ADMINISTRATOR].length} signs; Enter leads to the sign-in`;
  } finally {
    await w.close();
  }
}

async function administratorSignsIn(house) {
  return at(house, ADMINISTRATOR, async ({ page }) => {
    const tabs = await page.locator("nav.tabs a").allTextContents();
    must(tabs.includes(zh("tab-operators")), `the tabs are ${tabs}`);
    return `modules: ${tabs.join(" ")}`;
  });
}

async function engage(house) {
  const others = Object.entries(PEOPLE).filter(([login]) => login !== ADMINISTRATOR);
  return at(house, ADMINISTRATOR, async (way) => {
    for (const [login, person] of others) await engageOne(house, way, login, person);
    await way.open("/operators", "#f-login");
    const count = await rows(way);
    must(count === others.length + 1, `${count} people are on the list`);
    return `${others.map(([login, { role }]) => `${login} ${role}`).join(", ")}; ${way.hands.keys} keys`;
  });
}

async function engageOne(house, way, login, { name, role, post }) {
  await way.open("/operators", "#f-login");
  await way.type("login", login);
  await way.type("name", name);
  await way.type("password", house.password);
  await way.to(`[name=role][value=${role}]`);
  await way.hands.press("Space");
  await way.send("F9");
  await nothingWrong(way, `engaging ${login}`);
  if (!post) return;
  await way.open(`/operators/${login}`, "main");
  await way.to(`#f-${post}`);
  await way.hands.type(UNTIL);
  await way.send("F9");
  await nothingWrong(way, `the post of ${login}`);
  if ((await way.page.inputValue(`#f-${post}`)) === UNTIL) return;
  house.faults.push(`F9 keeps nothing at /operators/${login}, and says nothing`);
  await way.to(`#f-${post}`);
  await way.hands.type(UNTIL);
  await way.button("#change button", "main");
  must((await way.page.inputValue(`#f-${post}`)) === UNTIL, `the post of ${login} is not kept`);
}

async function issue(house) {
  return at(house, ADMINISTRATOR, async (way) => {
    for (const { kind, ...numbers } of SEGMENTS) {
      await way.open("/segments", "#f-kind");
      await way.page.selectOption("#f-kind", kind);
      await form(way, numbers);
      await nothingWrong(way, `the numbers of ${numbers.owner}`);
    }
    const count = await rows(way);
    must(count === SEGMENTS.length, `${count} segments are on the list`);
    return SEGMENTS.map(({ kind, prefix, from, to, owner }) => `${kind} ${prefix}${from}–${to} for ${owner}`).join(", ");
  });
}

function doctors(house) {
  return kept(house, "/doctors", ["doctor-number", "doctor-name", "doctor-code", "department-code", "department-name"], DOCTORS);
}

function diagnoses(house) {
  return kept(house, "/diagnoses", ["diagnosis-code", "diagnosis-name"], DIAGNOSES);
}

/** A list of the house: one row by the fields of its page, the rest pasted under the headings that the page names. */
async function kept(house, address, fields, [first, ...others]) {
  return at(house, ADMINISTRATOR, async (way) => {
    await way.open(address, `#f-${fields[0]}`);
    await form(way, Object.fromEntries(fields.map((name, n) => [name, first[n]])));
    await nothingWrong(way, first[0]);
    await way.send("F6", "#f-text");
    const [, headings] = /列名:([^。]+)/.exec(await way.page.textContent("main p.muted"));
    await way.page.fill("#f-text", [headings, ...others.map((row) => row.join(","))].join("\n"));
    await way.send("F8");
    await nothingWrong(way, `the list for ${address}`);
    const told = await way.page.textContent("main dl.facts");
    await way.send("F9");
    await nothingWrong(way, `taking the list for ${address} over`);
    const count = await rows(way);
    must(count === others.length + 1, `${count} rows at ${address}: ${told}`);
    return `1 by the fields, ${others.length} pasted: ${told.replace(/\s+/g, " ").trim()}`;
  });
}

async function wards(house) {
  return at(house, ADMINISTRATOR, async (way) => {
    await way.open("/wards", "#f-code");
    await form(way, WARD);
    await nothingWrong(way, "the ward");
    const words = await way.page.textContent("main table tbody");
    must(words.includes(WARD.name), `the wards are ${words}`);
    return `${WARD.name} with ${WARD.to} beds`;
  });
}

/** A list as it is pasted from a spreadsheet. */
export const list = (house) => ["编码,名称,规格,单位,单价,费用类别,国家编码,药品", ...house.items.map(({ own, name, unit, price, code }) => `${own},${name},,${unit},${Number(price)},09,${code},1`)].join("\n");

async function prices(house) {
  return at(house, ADMINISTRATOR, async (way) => {
    await way.open("/price-import", "#f-text");
    await way.page.fill("#f-text", list(house));
    await way.send("F8");
    await nothingWrong(way, "the price list");
    const told = await way.page.textContent("main dl.facts");
    await way.send("F9");
    await nothingWrong(way, "taking the price list over");
    const count = await rows(way);
    must(count === house.items.length, `${count} items are on the list: ${told}`);
    return `${count} items from a pasted list, told before: ${told.replace(/\s+/g, " ").trim()}`;
  });
}

/** The catalogue is fetched from the centre, what is sure is confirmed at once, the rest by its code, and all is reported. */
async function mapping(house) {
  return at(house, OFFICER, async (way) => {
    await way.open("/catalogue", "main");
    await way.send("F9");
    await nothingWrong(way, "the catalogue");
    await way.open("/mapping", "#f-q");
    await way.send("F8");
    const left = await way.page.locator("a[data-row]").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    for (const href of left) await mapOne(house, way, href);
    await way.open("/mapping", "#f-q");
    await way.send("F9");
    const share = (await way.page.textContent("main dl .big")).trim();
    must(share === "100.0%", `${share} of the items are mapped`);
    return `${house.items.length - left.length} confirmed by F8, ${left.length} by their code; ${share} mapped, ${await way.page.locator("main > .note").allTextContents()}`;
  });
}

async function mapOne(house, way, href) {
  const { code } = house.items.find(({ own }) => href.endsWith(own));
  await way.open(href, "#f-national");
  await way.hands.type(code);
  await way.send("F9");
  await nothingWrong(way, `mapping ${href}`);
}
