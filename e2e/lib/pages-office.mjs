// Pages of the insurance office, of prices and of parameters, and of what stays of a refund, with how finance, the
// administrator, the insurance office and a cashier come there.
import { cursorIn, Hands } from "./browser.mjs";
import { EVERYBODY, ITEM, OFFICER } from "./office.mjs";
import { at, of, refused } from "./pages-stay.mjs";
import { ByKeys } from "./ways.mjs";

const [CASHIER, FINANCE, ADMINISTRATOR] = ["0105", "0401", "0001"];
const HEADING = "Code,Name,Specification,Unit,Price,Charge";
/** One new, one at another price; and a list that is wrong in two places. */
const LIST = `${HEADING}\nE2E3,Ward tea,,cup,3,14\n${ITEM.code},${ITEM.name},,${ITEM.unit},20,${ITEM.category}\n`;
const WRONG = `${HEADING}\nE2E3,Ward tea,,cup,dear,14\nE2E4,,,cup,1,14\n`;
const NEVER = "2026-11-20";

/** A key pressed on a page that has a field to fill first. */
const pressed = (address, key, seen = "main > .note.bad") => async ({ w, stays }) => {
  await w.page.goto(address(stays));
  await new ByKeys(w).send(key);
  await w.page.waitForSelector(seen);
};

const day = (places) => ({ places });

export const OFFICE = {
  ...of(FINANCE, {
    reconcile: at("tab-reconcile", () => "/reconcile"),
    "reconcile-day-wrong": at("tab-reconcile", () => "/reconcile?day=0231"),
    "reconcile-day": at("reconcile-of", (s) => `/reconcile/${s.day}`, day({ day: "2026-11-23" })),
    "reconcile-day-new": at("reconcile-of", () => `/reconcile/${NEVER}`, day({ day: NEVER })),
    "reconcile-row": at("reconcile-of", (s) => s.unwritten, day({ day: "2026-11-23" })),
    "reconcile-row-paper": at("reconcile-of", (s) => s.refunded, day({ day: "2026-11-23" })),
    "reconcile-ticket-empty": at("reconcile-of", () => "", { go: pressed((s) => s.unwritten, "F8"), ...day({ day: "2026-11-23" }) }),
    tickets: at("tab-tickets", () => "/tickets"),
    ticket: at("tab-tickets", (s) => s.ticket),
    "ticket-without-an-end": at("tab-tickets", () => "", { go: pressed((s) => s.ticket, "F9") }),
    months: at("tab-months", () => "/clearing?month=2026-11"),
    "months-wrong": at("tab-months", () => "/clearing?month=2026-13"),
  }),
  ...of(ADMINISTRATOR, {
    prices: at("tab-prices", () => "/prices"),
    "prices-none": at("tab-prices", () => "/prices?q=zzzz"),
    price: at(() => ITEM.name, (s) => s.item),
    "price-stopped": at(() => "Ward breakfast", () => "/prices/E2E2"),
    "price-wrong": at(() => ITEM.name, () => "", { go: pressed((s) => s.item, "F9") }),
    "price-new": at("item-new", () => "/price-new"),
    "price-new-wrong": refused("item-new", pressed(() => "/price-new", "F9")),
    "price-changes": at("price-changes", () => "/price-changes"),
    "price-change-own": at("price-change", (s) => s.sheet),
    "price-change-approved": at("price-change", (s) => s.approved),
    "price-import": at("import", () => "/price-import"),
    "price-import-checked": refused("import", (t) => imported(t, LIST, "button[value=apply]")),
    "price-import-problems": refused("import", (t) => imported(t, WRONG, "main table caption")),
    doctors: at("tab-doctors", () => "/doctors"),
    "doctors-change": at("tab-doctors", () => "/doctors?key=012"),
    "doctors-wrong": at("tab-doctors", () => "", { go: pressed(() => "/doctors", "F9", "#w-doctor-number") }),
    diagnoses: at("tab-diagnoses", () => "/diagnoses"),
    "diagnoses-import": refused("import", pressed(() => "/diagnoses?file=1", "F8", "main table caption")),
    parameters: at("tab-parameters", () => "/parameters"),
    "parameters-wrong": at("tab-parameters", () => "", { go: parameterWrong }),
  }),
  ...of(OFFICER.login, {
    "price-change": at("price-change", (s) => s.sheet),
    mapping: at("tab-mapping", () => "/mapping"),
    "mapping-all": at("tab-mapping", () => "/mapping?show=all"),
    "mapping-none": at("tab-mapping", () => "/mapping?show=refused"),
    map: at(() => ITEM.name, (s) => s.map),
    "map-wrong": at(() => ITEM.name, () => "", { go: mapWrong }),
    catalogue: at("tab-catalogue", () => "/catalogue"),
  }),
  ...of(CASHIER, {
    "charge-rest-waits": at("tab-charge", () => "/charge"),
    "bill-rest": at("tab-charge", (s) => `/charge/${s.rest}`),
    "look-rest-of": at("bill", (s) => `/bills/${s.restOf}`),
  }),
  ...of(EVERYBODY.login, {
    "every-tab": at("tab-bills", () => "/bills"),
  }),
};

async function imported({ w }, text, seen) {
  await w.page.goto("/price-import");
  await w.page.fill("#f-text", text);
  await new ByKeys(w).send("F8");
  await w.page.waitForSelector(seen);
}

async function parameterWrong({ w }) {
  await w.page.goto("/parameters");
  await w.page.fill("#v-lock-minutes", "99");
  await w.page.fill("#w-lock-minutes", "why not");
  await w.page.press("#w-lock-minutes", "Enter");
  await w.page.waitForSelector("main > .note.bad");
}

async function mapWrong({ w, stays }) {
  await w.page.goto(stays.map);
  await cursorIn(w, "#f-national");
  await new Hands(w).type("NONE");
  await new ByKeys(w).send("F9");
  await w.page.waitForSelector("main > .note.bad");
}
