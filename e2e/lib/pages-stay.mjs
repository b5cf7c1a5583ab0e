// Pages of inpatients and of the house, with how an admission clerk, a biller, a cashier, finance and the administrator
// come there. `login` is whose page it is.
import { SCRIPT } from "./bills.mjs";
import { cursorIn, Hands } from "./browser.mjs";
import { ByKeys } from "./ways.mjs";

const [CLERK, BILLER, FINANCE, ADMINISTRATOR] = ["0301", "0207", "0401", "0001"];
const [ITEM] = SCRIPT.items.map((item) => item.initials);

/** A page that only has to be gone to: its address, with the names of stays in it. */
export const at = (title, address, more = {}) => ({ title, go: ({ w, stays }) => w.page.goto(address(stays)), ...more });
export const of = (login, pages) => Object.fromEntries(Object.entries(pages).map(([name, page]) => [name, { login, ...page }]));

/** Behind a step that was refused, there is no place to come back to. */
export const refused = (title, go) => ({ title, go, passing: true });

export const STAYS = {
  ...of(CLERK, {
    admissions: at("tab-admission", () => "/admission"),
    "admission-card-unknown": refused("tab-admission", (t) => typed(t, "/admission", "card", "999", "#f-card[aria-invalid=true]")),
    admit: refused("admit", (t) => typed(t, "/admission", "card", t.w.demo.card, "#f-ward")),
    "admit-alone": refused("admit", alone),
    "admit-without-a-name": refused("admit", withoutName),
    stay: at("stay", (s) => `/admission/${s.here}`),
    "stay-waiting": at("stay", (s) => `/admission/${s.waiting}`),
    "stay-cancelled": at("stay", (s) => `/admission/${s.cancelled}`),
    "stay-not-cancelled": refused("stay", notCancelled),
    "deposit-list": at("tab-deposits", () => "/deposits"),
    "deposit-list-none": at("tab-deposits", () => "/deposits?q=nobody"),
    deposits: at("tab-deposits", (s) => `/deposits/${s.here}`),
    "deposits-taken": at("tab-deposits", (s) => `/deposits/${s.here}?done=${s.deposit}`),
    "deposits-nothing": at("tab-deposits", (s) => `/deposits/${s.here}`, { go: nothing }),
    settlements: at("settlements", (s) => `/settlements/${s.here}`),
    "settlements-settled": at("settlements", (s) => `/settlements/${s.settled}`),
    change: at("change-stay", (s) => `/change/${s.here}`),
    arrears: at("tab-arrears", () => "/arrears"),
    "arrears-warned": at("tab-arrears", () => "/arrears?level=warning"),
    "discharge-list": at("tab-discharge", () => "/discharge"),
    discharge: at("tab-discharge", (s) => `/discharge/${s.here}`),
    "discharge-tried": at("tab-discharge", (s) => `/discharge/${s.leaving}`),
    "discharge-settled": at("tab-discharge", (s) => `/discharge/${s.settled}`),
    "discharge-debt": at("tab-discharge", (s) => `/discharge/${s.debt}`),
    beds: at("tab-beds", () => "/beds"),
    "beds-list": at("tab-beds", () => "/beds?ward=W1&view=list"),
    "bed-without-a-note": refused("tab-beds", withoutNote),
    "clerk-closing": at("tab-closing", () => "/closing"),
    "why-stay": at("why", (s) => `/why/stay/${s.explained}`),
    "why-stay-alone": at("why", (s) => `/why/stay/${s.settlement}`),
    "receipt-deposit": at("deposit-receipt-title", (s) => `/print/deposit/${s.deposit}?look=1`, { paper: true }),
    "receipt-stay": at("stay-receipt-title", (s) => `/print/stay/${s.settlement}?look=1`, { paper: true }),
    dunning: at("dunning-title", (s) => `/print/dunning/${s.here}`, { paper: true }),
    "admission-form": at("admission-form-title", (s) => `/print/admission/${s.here}`, { paper: true }),
    certificate: at("certificate-title", (s) => `/print/certificate/${s.settled}`, { paper: true }),
    "stay-bill": at("stay-bill-title", (s) => `/print/bill/${s.settlement}`, { paper: true }),
    "fee-list": at("fee-list-title", (s) => `/print/fees/${s.here}`, { paper: true }),
    "day-list": at("day-list-title", (s) => `/print/day/${s.here}`, { paper: true }),
    "ward-day-list": at("day-list-title", () => "/print/ward/N1", { paper: true }),
  }),
  ...of(BILLER, {
    ward: at("tab-posting", () => "/posting"),
    "ward-bed-unknown": at("tab-posting", () => "/posting?ward=N1&bed=99"),
    posting: at("tab-posting", (s) => `/posting/${s.here}`),
    "posting-candidates": at("tab-posting", (s) => `/posting/${s.here}`, { go: candidates }),
    "posting-item-unknown": at("tab-posting", (s) => `/posting/${s.here}`, { go: itemUnknown }),
    "posting-closed": at("tab-posting", (s) => `/posting/${s.settled}`),
    reverse: at("reverse", (s) => `/posting/${s.here}/reverse/${s.line}`),
    "reverse-too-many": at("reverse", () => "", { go: tooMany }),
    batch: at("tab-batch", () => "/batch?ward=N1"),
    "batch-planned": refused("tab-batch", planned),
    "biller-stay": at("stay", (s) => `/admission/${s.here}`),
  }),
};

/** Pages of the house, once bills were settled. */
export const HOUSE = {
  ...of("0103", {
    closing: at("tab-closing", () => "/closing"),
    closed: at("closing", (s) => s.closing),
  }),
  ...of(FINANCE, {
    confirm: at("tab-confirm", () => "/confirm"),
    "confirm-one": at("closing", (s) => s.closing),
    "confirm-difference": at("closing", () => "", { go: difference }),
    approvals: at("tab-approvals", () => "/approvals"),
    segments: at("tab-segments", () => "/segments"),
    "segments-wrong": at("tab-segments", () => "", { go: segmentWrong }),
    "finance-beds": at("tab-beds", () => "/beds"),
  }),
  ...of(ADMINISTRATOR, {
    today: at("tab-today", () => "/today"),
    operators: at("tab-operators", () => "/operators"),
    operator: at("operator", () => "/operators/0103"),
    "operator-nameless": at("tab-operators", () => "", { go: operatorNameless }),
    forms: at("tab-forms", () => "/forms"),
    form: at("receipt-title", () => "/forms/receipt"),
    wards: at("tab-wards", () => "/wards"),
    "wards-wrong": at("tab-wards", () => "", { go: wardWrong }),
  }),
};

async function typed({ w }, address, name, text, seen) {
  await w.page.goto(address);
  await cursorIn(w, `#f-${name}`);
  await new Hands(w).type(text);
  await new Hands(w).pressed("Enter", text, seen);
}

async function alone({ w }) {
  await w.page.goto("/admission");
  await new Hands(w).pressed("Enter", "nobody's card", "#f-name");
}

async function withoutName(t) {
  await alone(t);
  await new Hands(t.w).pressed("F9", "admitting nobody", "#f-name[aria-invalid=true]");
}

async function notCancelled({ w, stays }) {
  await w.page.goto(`/admission/${stays.here}`);
  await new ByKeys(w).button("#cancel button", "main");
}

async function nothing({ w, stays }) {
  await w.page.goto(`/deposits/${stays.here}`);
  await cursorIn(w, "#f-amount");
  await new Hands(w).pressed("F9", "taking nothing", "#f-amount[aria-invalid=true]");
}

async function withoutNote({ w }) {
  await w.page.goto("/beds");
  await new ByKeys(w).button(".tiles form.offer:has(input[value=stop]) button", "#f-ward");
}

async function candidates({ w, stays }) {
  await w.page.goto(`/posting/${stays.here}`);
  await cursorIn(w, "#f-item");
  await new Hands(w).type("xq");
  await w.page.waitForSelector(".pick [data-pick]:nth-child(2)");
}

async function itemUnknown(t) {
  await typed(t, `/posting/${t.stays.here}`, "item", "zzzz", "#f-item[aria-invalid=true]");
}

async function tooMany({ w, stays }) {
  await w.page.goto(`/posting/${stays.here}/reverse/${stays.line}`);
  await cursorIn(w, "#f-quantity");
  const biller = new ByKeys(w);
  await biller.type("quantity", "99");
  await biller.send("F9", "#f-quantity[aria-invalid=true]");
}

/** What would be posted, which is not posted here. */
async function planned({ w }) {
  await w.page.goto("/batch?ward=N1");
  await cursorIn(w, "#f-item");
  const biller = new ByKeys(w);
  await biller.type("item", ITEM);
  await biller.button("button[value=plan]", "button[value=post]");
}

async function difference({ w, stays }) {
  await w.page.goto(stays.closing);
  await cursorIn(w, "#f-counted");
  const finance = new ByKeys(w);
  await finance.type("counted", "0");
  await finance.send("F9");
  await w.page.waitForSelector("[role=alert], [aria-invalid=true]");
}

async function segmentWrong({ w }) {
  await w.page.goto("/segments");
  const finance = new ByKeys(w);
  await finance.type("from", ITEM);
  await finance.send("F9");
  await w.page.waitForSelector("[role=alert], [aria-invalid=true]");
}

async function operatorNameless({ w }) {
  await w.page.goto("/operators");
  const administrator = new ByKeys(w);
  await administrator.type("login", "0999");
  await administrator.send("F9");
  await w.page.waitForSelector("[role=alert], [aria-invalid=true]");
}

async function wardWrong({ w }) {
  await w.page.goto("/wards");
  await new Hands(w).pressed("F9", "a ward without a code", "#f-code[aria-invalid=true]");
}
