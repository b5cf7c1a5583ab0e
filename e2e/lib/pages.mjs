// Every page there is, with how a cashier comes there. Walks go through all of them in one language and let a visitor
// look at each. A locked screen is not among them: it takes ten minutes without a key.
import { step } from "./asking.mjs";
import { begin, beginAlone, DEAR, enter, SCRIPT, settled, settledAlone, voided } from "./bills.mjs";
import { cursorIn, Hands, openWindow, signIn, speak } from "./browser.mjs";
import { EVERYBODY, hired, office, withWindow } from "./office.mjs";
import { house, LAID_OUT } from "./pages-house.mjs";
import { OFFICE } from "./pages-office.mjs";
import { REPORTS } from "./pages-reports.mjs";
import { HOUSE, STAYS } from "./pages-stay.mjs";
import { WINDOW, window } from "./pages-window.mjs";
import { standing } from "./stays.mjs";
import { other } from "./words.mjs";

const [ONE, TWO] = SCRIPT.items.map((item) => item.initials);
const YESTERDAY = "2026-11-22";
const CASHIER = "0103";

/** Pages before somebody has signed in. */
const OUTSIDE = {
  "sign-in": { title: "sign-in", go: (t) => t.w.page.goto("/sign-in") },
  "sign-in-refused": { title: "sign-in", go: codeMissing, passing: true },
  "set-up": { title: "set-up", go: (t) => t.w.page.goto("/set-up") },
};

/** Pages of a cashier. `title` is the key of what the title says; `passing`: no place to come back to. */
const INSIDE = {
  charge: { title: "tab-charge", go: ({ w }) => w.page.goto("/charge") },
  "charge-card-unknown": { title: "tab-charge", go: cardUnknown },
  "charge-alone": { title: "tab-charge", go: nobodysCard },
  "charge-name-wrong": { title: "tab-charge", go: nameWrong },
  "bill-begun": { title: "tab-charge", go: (t) => begin(t.w, [], { doctor: "", diagnosis: "" }) },
  "bill-doctor-unknown": { title: "tab-charge", go: doctorUnknown },
  "bill-diagnosis-unknown": { title: "tab-charge", go: diagnosisUnknown },
  "bill-lines": { title: "tab-charge", go: (t) => begin(t.w, SCRIPT.items.map((item) => item.initials)) },
  "bill-candidates": { title: "tab-charge", go: candidates },
  "bill-item-unknown": { title: "tab-charge", go: (t) => wrongItem(t, "zzzz") },
  "bill-quantity-wrong": { title: "tab-charge", go: (t) => wrongItem(t, `${ONE}*0`) },
  "bill-question": { title: "tab-charge", go: question },
  "bill-line-of-nothing": { title: "tab-charge", go: (t) => wrongItem(t, "dzrt*0.01") },
  "bill-tried": { title: "tab-charge", go: tried },
  "bill-too-little": { title: "tab-charge", go: (t) => tendered(t, "1", "#f-tendered[aria-invalid=true]") },
  "bill-tendered": { title: "tab-charge", go: (t) => tendered(t, SCRIPT.tendered, "#settle button") },
  "bill-alone-without-reason": { title: "tab-charge", go: withoutReason },
  "bill-of-who-pays-alone": { title: "tab-charge", go: ({ w }) => beginAlone(w) },
  "charge-done": { title: "tab-charge", go: (t) => settled(t.w, [ONE, TWO]) },
  bills: { title: "tab-bills", go: ({ w }) => w.page.goto("/bills") },
  "bills-day-wrong": { title: "tab-bills", go: ({ w }) => w.page.goto("/bills?day=0231") },
  "bills-none": { title: "tab-bills", go: ({ w }) => w.page.goto(`/bills?day=${YESTERDAY}`) },
  look: { title: "bill", go: ({ w, stands }) => w.page.goto(`/bills/${stands}`) },
  "look-voided": { title: "bill", go: ({ w, undone }) => w.page.goto(`/bills/${undone}`) },
  void: { title: "void", go: ({ w, stands }) => w.page.goto(`/bills/${stands}/void`) },
  "void-needs-finance": { title: "void", go: needsFinance },
  "void-asked": { title: "void", go: asked },
  "void-too-many": { title: "void", go: (t) => backs(t, "99", "[aria-invalid=true]") },
  "void-part": { title: "void", passing: true, go: (t) => backs(t, "1", "#void button") },
  why: { title: "why", go: ({ w, stands }) => w.page.goto(`/bills/${stands}/why`) },
  "why-alone": { title: "why", needs: "alone", go: ({ w, alone }) => w.page.goto(`/bills/${alone}/why`) },
  receipt: { title: "receipt-title", paper: true, go: ({ w, stands }) => w.page.goto(`/print/receipt/${stands}?look=1`) },
  "receipt-voided": { title: "receipt-title", paper: true, go: ({ w, undone }) => w.page.goto(`/print/receipt/${undone}`) },
  kit: { title: "kit", go: ({ w }) => w.page.goto("/kit") },
  "not-there": { title: "stopped", go: ({ w }) => w.page.goto("/charge/1") },
  "out-of-date": { title: "stopped", passing: true, go: outOfDate },
};

/** Pages of others. */
const OTHERS = {
  "finance-may-not": { title: "stopped", login: "0401", go: ({ w }) => w.page.goto("/charge") },
  "finance-bills": { title: "tab-bills", login: "0401", go: ({ w }) => w.page.goto("/bills") },
  "administrator-kit": { title: "kit", login: "0001", go: ({ w }) => w.page.goto("/kit") },
};

/** What all languages look at, made once: stays, a closing that waits for finance, what an office leaves behind, and a
 * window with everything. */
export async function makeAll(world) {
  const stays = await standing(world);
  // First, for what is closed is not the cashier's alone to refund.
  stays.closing ??= await withWindow(world, {}, closed);
  await office(world);
  await hired(world, EVERYBODY);
  await window(world);
  await house(world);
}

/** Goes to every page in a language; answers which could not be reached. `visit` is told the name of each, what it is,
 * and in which window it stands. */
export async function walk({ browser, demo, findings }, language, visit) {
  const w = await openWindow(browser, demo);
  const lost = (name, error) => findings.fail(`walk/${language}/${name}`, error.message.replaceAll("\n", " ⏎ "));
  const trip = { w, language, lost, unreached: ["locked"] };
  try {
    await speak(w, language);
    await through(OUTSIDE, trip, visit);
    await signIn(w, { language });
    await prepare(trip, { browser, demo });
    await through(INSIDE, trip, visit);
    for (const [login, places] of byLogin({ ...HOUSE, ...OTHERS, ...STAYS, ...OFFICE, ...REPORTS })) {
      if (login !== CASHIER) await signIn(w, { language, login });
      await through(places, trip, visit);
    }
    for (const [whose, places] of [...WINDOW, ...LAID_OUT]) {
      await signIn(w, { language, ...whose });
      await through(places, trip, visit);
    }
    return trip.unreached;
  } finally {
    await w.close();
  }
}

/** Pages by whose they are: he signs in once. The cashier, who is signed in, goes first. */
function byLogin(places) {
  const logins = new Map([[CASHIER, {}]]);
  for (const [name, place] of Object.entries(places)) logins.set(place.login, { ...logins.get(place.login), [name]: place });
  return logins;
}

async function through(places, trip, visit) {
  for (const [name, place] of Object.entries(places)) {
    if (place.needs && !trip[place.needs]) {
      trip.unreached.push(name);
      continue;
    }
    try {
      await place.go(trip);
    } catch (error) {
      // The way to the other pages does not lead by this one.
      trip.lost(name, error);
      continue;
    }
    await visit(name, { ...place, language: trip.language }, trip.w);
  }
}

/** Bills to look at: one that stands, one that is void, one that a patient paid alone. And what was made for all. */
async function prepare(trip, world) {
  const { w } = trip;
  trip.stays = { ...(await standing(world)), ...(await office(world)), ...(await window(world)), ...(await house(world)) };
  trip.undone = await settled(w, [ONE]);
  // Somebody of the other language did it: what he chose is still to be read.
  await speak(w, other(trip.language), "/charge");
  await voided(w, trip.undone);
  await speak(w, trip.language, "/charge");
  trip.stands = await settled(w, [ONE, TWO]);
  trip.alone = await settledAlone(w);
}

/** A closing of one bill. */
async function closed(w) {
  await settledAlone(w);
  return step(w, "/closing");
}

async function codeMissing({ w }) {
  const { demo, page } = w;
  await page.goto("/sign-in");
  await page.fill("#f-hospital", demo.hospitals[0].code);
  await page.fill("#f-login", "0001");
  await page.fill("#f-password", demo.password);
  await page.press("#f-code", "Enter");
  await page.waitForSelector(".note.bad");
}

async function cardUnknown({ w }) {
  await w.page.goto("/charge");
  await enter(new Hands(w), "999", "#f-card[aria-invalid=true]");
}

async function nobodysCard({ w }) {
  await w.page.goto("/charge");
  await new Hands(w).pressed("Enter", "nobody's card", "#f-name");
}

async function nameWrong(trip) {
  await nobodysCard(trip);
  await trip.w.page.press("#f-age", "Enter");
  await cursorIn(trip.w, "#f-name[aria-invalid=true]");
}

async function doctorUnknown({ w }) {
  await begin(w, [], { doctor: "", diagnosis: "" });
  await enter(new Hands(w), "zzzz", "#f-doctor[aria-invalid=true]");
}

async function diagnosisUnknown({ w }) {
  await begin(w, [], { diagnosis: "" });
  await enter(new Hands(w), "zzzz", "#f-diagnosis[aria-invalid=true]");
}

async function candidates({ w }) {
  await begin(w, [ONE]);
  await new Hands(w).type("xq");
  await w.page.waitForSelector(".pick [data-pick]:nth-child(2)");
}

async function wrongItem({ w }, typed) {
  await begin(w, [TWO]);
  await enter(new Hands(w), typed, "#f-item[aria-invalid=true]");
}

async function question({ w }) {
  await begin(w, [ONE]);
  await enter(new Hands(w), ONE, "#question button");
}

async function tried({ w }) {
  await begin(w, [ONE, TWO]);
  const hands = new Hands(w);
  await hands.pressed("F8", "the trial", "#f-tendered", "#tender");
  return hands;
}

async function tendered(trip, amount, at) {
  await enter(await tried(trip), amount, at);
}

async function withoutReason({ w }) {
  await begin(w, [ONE]);
  await w.page.press("#f-why", "Enter");
  await w.page.waitForSelector("#f-why[aria-invalid=true]");
}

async function needsFinance(trip) {
  trip.dear ??= await settled(trip.w, [DEAR.initials]);
  await trip.w.page.goto(`/bills/${trip.dear}/void`);
  await trip.w.page.keyboard.press("F9");
  await trip.w.page.waitForSelector(".note.bad");
}

/** Finance is asked. */
async function asked(trip) {
  await needsFinance(trip);
  await trip.w.page.focus("#void button[value=ask]");
  await trip.w.page.keyboard.press("Enter");
  await trip.w.page.waitForSelector(".note.warn");
}

/** So many of the first line are to go back; nothing does yet. */
async function backs({ w, stands }, many, at) {
  await w.page.goto(`/bills/${stands}/void`);
  await cursorIn(w, "#f-reason");
  await w.page.focus("#void td input");
  const hands = new Hands(w);
  await hands.type(many);
  await hands.pressed("F9", `${many} back`, at, "#void");
}

async function outOfDate({ w }) {
  await w.page.goto("/charge");
  await w.page.evaluate(() => document.querySelectorAll("[name=csrf]").forEach((field) => (field.value = "0")));
  await enter(new Hands(w), "1", "a[autofocus]");
}
