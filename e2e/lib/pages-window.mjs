// Pages of a window with everything a hospital may put there (`window.mjs`), and of who keeps its packages: made once, and
// looked at in every language.
import { ask, step } from "./asking.mjs";
import { begin, enter, printed, settled, SCRIPT, voided } from "./bills.mjs";
import { cursorIn, Hands } from "./browser.mjs";
import { eventually, must } from "./checking.mjs";
import { withWindow } from "./office.mjs";
import { at } from "./pages-stay.mjs";
import { ADMINISTRATOR, CASHIER, codes, DRUG, pack, parameter } from "./window.mjs";

const PACKAGE = { "package-code": "TC90", "package-name": "Teeth of children" };
const [ONE] = SCRIPT.items.map((item) => item.initials);

/** Whose they are, and what they are. */
export const WINDOW = [
  [CASHIER, {
    reader: at("tab-reader", () => "/reader"),
    "charge-reader": at("tab-charge", () => "/charge"),
    patients: at("find-patient", () => "/patients"),
    "patients-found": at("find-patient", () => "/patients?q=wjg"),
    "patients-none": at("find-patient", () => "/patients?q=zzzz"),
    "charge-patient": at("tab-charge", () => "", { go: ({ w, stays }) => w.page.goto(stays.patient) }),
    "bill-package": at("tab-charge", () => "", { go: packageAsked }),
    "bill-package-unknown": at("tab-charge", () => "", { go: packageUnknown }),
    "bill-traces": at("tab-charge", () => "", { go: tracesAsked }),
    "bill-trace-wrong": at("tab-charge", () => "", { go: traceWrong }),
    "bill-traces-missing": at("tab-charge", () => "", { go: tracesMissing }),
    "look-electronic": at("bill", (s) => `/bills/${s.sold}`),
    "look-electronic-red": at("bill", (s) => `/bills/${s.red}`),
    "receipt-electronic": at("receipt-title", (s) => `/print/receipt/${s.sold}?look=1`, { paper: true }),
    "void-packs": at("void", (s) => `/bills/${s.sold}/void`),
  }],
  [ADMINISTRATOR, {
    packages: at("tab-packages", () => "/packages"),
    "packages-change": at("tab-packages", () => `/packages?key=${PACKAGE["package-code"]}`),
    "packages-wrong": at("tab-packages", () => "", { go: packageWrong }),
    "today-electronic": at("tab-today", () => "/today"),
  }],
];

/** What stands at that window, once for a demo. */
export async function window(world) {
  world.demo.window ??= made(world);
  return world.demo.window;
}

async function made(world) {
  await parameter(world, "traces", "warn");
  await parameter(world, "receipts", "electronic");
  await withWindow(world, ADMINISTRATOR, async (w) => {
    const [one, two] = await codes(w, 2);
    const { body } = await ask(w, "/packages", { ...PACKAGE, "package-items": `${one}*2 ${two}` });
    must(!body.includes('class="why"'), "the package was not kept");
  });
  return withWindow(world, CASHIER, async (w) => {
    await step(w, "/reader", { card: "0" });
    const red = await settled(w, [ONE]);
    await voided(w, red);
    const sold = await sell(w);
    const { body } = await ask(w, "/patients?q=wjg");
    const patient = /href="(\/charge\?patient=[^"]+)"/.exec(body)?.[1];
    must(patient, "a patient who was here is not found");
    await eventually(async () => (await ask(w, `/bills/${red}`)).body.includes("红票"), () => "no red receipt came");
    return { red, sold, patient };
  });
}

/** Two packs of a drug, scanned and settled. */
async function sell(w) {
  const hands = new Hands(w);
  const key = await begin(w, []);
  await enter(hands, `${DRUG.initials}*2`, "#f-code");
  await enter(hands, pack(9001), "#f-code", "#trace");
  await w.page.waitForFunction(() => document.querySelector("label[for=f-code]")?.textContent.includes("1/2"));
  await enter(hands, pack(9002), "#f-item");
  await hands.pressed("F8", "the trial", "#f-tendered, #settle button");
  if (await w.page.evaluate(() => document.activeElement.id === "f-tendered")) await enter(hands, "9999", "#settle button");
  await hands.pressed("F9", "settle", "#f-card, iframe.sheet", "[data-print]");
  await printed(w);
  return key;
}

async function packageAsked({ w }) {
  await begin(w, [ONE]);
  await new Hands(w).pressed("F3", "the package", "#f-package");
}

async function packageUnknown(trip) {
  await packageAsked(trip);
  await enter(new Hands(trip.w), "zzzz", "#f-package[aria-invalid=true]");
}

async function tracesAsked({ w }) {
  await begin(w, [ONE]);
  await enter(new Hands(w), `${DRUG.initials}*2`, "#f-code");
}

async function traceWrong(trip) {
  await tracesAsked(trip);
  await enter(new Hands(trip.w), "0000000", "#f-code[aria-invalid=true]");
}

/** None is scanned: the line says that codes are missing. */
async function tracesMissing(trip) {
  await tracesAsked(trip);
  await new Hands(trip.w).pressed("Enter", "nothing scanned", "#f-item");
}

async function packageWrong({ w }) {
  await w.page.goto("/packages");
  await cursorIn(w, "#f-package-code");
  await new Hands(w).press("F9");
  await w.page.waitForSelector(".why");
}
