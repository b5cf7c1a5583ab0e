// What lies and is scanned at a window, with the keyboard alone and then without script: a card on a reader that must stay
// there until the bill is settled, packages by F3, patients seen before by F4, packs of drugs by their trace codes and back
// again, and electronic receipts with the red ones that undo them.
import { look, SCRIPT } from "../lib/bills.mjs";
import { cursor, openWindow, signIn } from "../lib/browser.mjs";
import { eventually, must, until } from "../lib/checking.mjs";
import { withWindow } from "../lib/office.mjs";
import { ByForms, ByKeys } from "../lib/ways.mjs";
import { ADMINISTRATOR, CASHIER, codes, DRUG, pack, parameter } from "../lib/window.mjs";
import { say } from "../lib/words.mjs";

const WAYS = [["keys", ByKeys, {}], ["forms", ByForms, { javaScriptEnabled: false }]];
const [SEALANT, FLUORIDE] = SCRIPT.items;
const PACKAGE = { code: "TC01", name: "口腔防龋", initials: "kqfq" };
const zh = (key, places) => say("zh", key, places);
const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);

export async function run(world) {
  for (const [n, [name, Way, options]] of WAYS.entries()) {
    const w = await openWindow(world.browser, world.demo, options);
    const story = { world, w, Way, way: new Way(w), packs: n * 100 };
    try {
      await signIn(w, CASHIER);
      for (const [what, work] of Object.entries(STEPS)) await world.findings.check(`window/${name}/${what}`, () => work(story));
    } finally {
      await w.close();
      await ordinary(world);
    }
  }
}

const STEPS = {
  "card-on-the-reader": cardOnTheReader,
  "cursor-behind-h104": cursorBehindH104,
  "nothing-on-the-reader": nothingOnTheReader,
  "voucher-by-scanning": voucherByScanning,
  "insured-elsewhere-by-division": insuredElsewhere,
  "package-by-f3": packageByF3,
  "package-given-up": packageGivenUp,
  "patient-by-f4": patientByF4,
  "card-after-all": cardAfterAll,
  "trace-codes": traceCodes,
  "pack-comes-back": packComesBack,
  "electronic-receipt": electronicReceipt,
  "hands-on-the-keyboard": handsOnTheKeyboard,
};

/** Others work at this hospital as if nothing had been. */
async function ordinary(world) {
  await parameter(world, "traces", "off");
  await parameter(world, "receipts", "paper");
}

/** What the page says in its notes. */
const notes = ({ page }) => page.evaluate(() => Array.from(document.querySelectorAll("main .note"), (e) => e.textContent.trim()).join(" / "));
const key = ({ page }) => new URL(page.url()).pathname.split("/")[2];

/** What a bill needs before it is tried. */
async function visit(way) {
  await way.type("doctor", SCRIPT.doctor);
  await way.enter("#f-diagnosis");
  await way.type("diagnosis", SCRIPT.diagnosis.initials);
  await way.enter("#f-item");
}

async function item(way, typed, at = "#f-item") {
  await way.type("item", typed);
  await way.enter(at);
}

/** Tried, and what is due handed over where anything is: the cursor is where F9 is next. */
async function paid(way) {
  await way.send("F8", "#f-tendered, #settle button");
  if (!(await way.page.evaluate(() => document.activeElement.id === "f-tendered"))) return;
  await way.type("tendered", "9999");
  await way.enter("#settle button");
}

/** Settled by F9; answers the key of the bill. */
async function settle(way) {
  const bill = key(way);
  await way.send("F9", "#f-card, iframe.sheet");
  same(new URL(way.page.url()).searchParams.get("done"), bill, "what was settled");
  return bill;
}

/** A bill begun for the card of the demo, with its doctor and diagnosis. */
async function begin({ world, way }) {
  await way.open("/charge", "#f-card");
  await way.type("card", world.demo.card);
  await way.enter("#f-doctor");
  await visit(way);
}

/** The page of the reader beside the bill, as a window of its own: there cards are laid and taken away. */
async function drawer({ w, Way }, work) {
  const page = await w.context.newPage();
  try {
    const way = new Way({ ...w, page });
    await way.open("/reader", "main");
    return await work(way);
  } finally {
    await page.close();
  }
}

const lay = (way) => way.button('button[name=card][value="0"]', "main");

async function cardOnTheReader(story) {
  const { way } = story;
  await way.open("/reader", "main");
  await lay(way);
  const name = (await way.page.textContent("tr:has(.tag) td")).trim();
  await way.send("F2", "#f-card");
  await way.send("F2", "#f-doctor");
  same(await way.page.textContent(".facts .name dd"), name, "whom the card on the reader names");
  await visit(way);
  await item(way, SEALANT.initials);
  await paid(way);
  await drawer(story, (beside) => beside.button('button[name=card][value=""]', "main"));
  const open = key(way);
  await way.send("F9");
  story.after = await cursor(story.w);
  must((await notes(way)).includes(zh("h104")), `without its card the bill says "${await notes(way)}"`);
  same((await look(story.w, open)).tag, zh("bill-tried"), "the bill without its card");
  await drawer(story, lay);
  const settled = await settle(way);
  same((await look(story.w, settled)).tag, zh("bill-settled"), "the bill with its card again");
  await drawer(story, (beside) => beside.button("button[value=away]", "main"));
  return `F2 reads ${name}; taken off the reader, F9 says H104; laid back, it is settled`;
}

/** What has to be done is told, and the hand goes on from the button it had pressed. */
async function cursorBehindH104({ after }) {
  must(after?.startsWith("button"), `behind H104 the cursor is in ${after}, not on the button that settles`);
  return "behind H104 the cursor is on the button that settles";
}

async function nothingOnTheReader(story) {
  const { way } = story;
  await drawer(story, lay);
  await drawer(story, (beside) => beside.button('button[name=card][value=""]', "main"));
  await way.open("/charge", "#f-card");
  await way.send("F2", "#f-card[aria-invalid=true]");
  same(await way.page.textContent("#w-card"), zh("reader-empty"), "what is said of a reader without a card");
  await drawer(story, (beside) => beside.button("button[value=away]", "main"));
  return "F2 says that there is no card, and the number can be typed where the cursor is";
}

/** A voucher is on a telephone, and its code is scanned like keys. */
async function voucherByScanning(story) {
  const { way } = story;
  const row = `tr:has-text("${zh("card-voucher")}")`;
  const [name, code] = await drawer(story, async ({ page }) => [await page.locator(`${row} td`).first().textContent(), await page.locator(`${row} td.code`).first().textContent()]);
  must(/^\d{28}$/.test(code), `a voucher's code is ${code}`);
  await way.open("/charge", "#f-card");
  await way.act(() => way.hands.scan(code), "#f-doctor");
  same(await way.page.textContent(".facts .name dd"), name, "whom the voucher names");
  await way.send("Shift+F7", "#f-card");
  return `28 digits scanned, and the bill is ${name}'s`;
}

/** A division that cannot be is told at its own field, and the card that was typed stays. */
async function insuredElsewhere(story) {
  const { world, way } = story;
  await way.open("/charge", "#f-card");
  await way.type("card", world.demo.card);
  await way.hands.press("Tab");
  await way.cursor("#f-home");
  await way.hands.type("9901");
  await way.enter();
  must((await way.page.textContent("main")).includes(zh("home-wrong", { seen: "9901" })), "a division of four digits is taken");
  same(await way.page.inputValue("#f-card"), world.demo.card, "the card that was typed");
  must(await way.page.evaluate(() => document.activeElement.id === "f-home"), `what is wrong with the division stands at another field: the cursor is in ${await cursor(story.w)}`);
  await way.type("home", "990101");
  await way.enter("#f-doctor");
  await way.send("Shift+F7", "#f-card");
  return "four digits are refused at their field, six are taken, and the card that was typed stays";
}

async function packageByF3(story) {
  const { world, way } = story;
  await withWindow(world, ADMINISTRATOR, async (w) => {
    const items = await codes(w, 2);
    const office = new ByKeys(w);
    await office.open("/packages", "#f-package-code");
    await office.type("package-code", PACKAGE.code + story.packs);
    await office.type("package-name", PACKAGE.name);
    await office.type("package-items", `${items[0]}*2 ${items[1]}`);
    await office.send("F9");
    must((await office.page.textContent("main table")).includes(PACKAGE.name), `the package is not kept: ${await office.page.textContent("main")}`);
  });
  await begin(story);
  await way.send("F3", "#f-package");
  await way.hands.type("zzzz");
  await way.enter("#f-package[aria-invalid=true]");
  same(await way.page.textContent("#w-package"), zh("package-unknown", { seen: "zzzz" }), "what is said of no package");
  await way.type("package", PACKAGE.initials);
  await way.enter("#f-item");
  const names = await way.page.locator(`section[aria-label="${zh("lines")}"] tbody td:nth-child(3)`).allTextContents();
  same(names.map((name) => name.trim()).join(), [SEALANT.name, FLUORIDE.name].join(), "what the package has charged");
  await paid(way);
  const bill = await look(story.w, await settle(way));
  return `F3 and ${PACKAGE.initials} charge ${names.length} lines at once, ${bill.total} settled`;
}

/** Whoever has no package in mind after all goes back to the items. */
async function packageGivenUp(story) {
  const { way } = story;
  await begin(story);
  await way.send("F3", "#f-package");
  must((await way.page.locator('footer.keys [data-key="Escape"]').count()) === 1, "no key leads from the field of the package back to the items");
  await way.send("Escape", "#f-item");
  await way.send("Shift+F7", "#f-card");
  return "Esc leads back to the items";
}

async function patientByF4(story) {
  const { way } = story;
  await way.open("/charge", "#f-card");
  await way.send("F4", "#f-q");
  await way.type("q", "wjg");
  await way.enter("[data-row]");
  const document = await way.page.textContent("tbody td:nth-child(3)");
  must(!document.includes(story.world.demo.card), "the whole document is shown");
  await way.enter("#begin button");
  must((await way.page.textContent("#begin")).includes(zh("patients-check")), "nobody is told to look at the document");
  await way.enter("#f-doctor");
  same(await way.page.textContent(".facts .name dd"), "王建国", "whose bill is begun");
  await way.send("Shift+F7", "#f-card");
  await way.send("F4", "#f-q");
  await way.type("q", "zzzz");
  await way.enter("#f-q");
  same(await notes(way), zh("patients-none", { seen: "zzzz" }), "what is said of nobody");
  return `F4 and wjg find 王建国, shown with ${document}; Enter twice begins his bill`;
}

/** Somebody was found, and then shows a card: F2 reads it here as on any page that charges. */
async function cardAfterAll(story) {
  const { way } = story;
  await drawer(story, lay);
  try {
    await way.open("/patients?q=wjg", "[data-row]");
    await way.enter("#begin button");
    const before = way.page.url();
    await way.press("F2");
    await until(() => /\/charge\/\d+$/.test(way.page.url()) || /\/charge$/.test(way.page.url()), `F2 does nothing at ${before}`, 5_000);
    await way.cursor("#f-doctor");
    await way.send("Shift+F7", "#f-card");
  } finally {
    await drawer(story, (beside) => beside.button("button[value=away]", "main"));
  }
  return "where somebody was found, F2 still reads the card that lies on the reader";
}

async function scan(way, code, at) {
  await way.hands.type(code);
  await way.enter(at);
}

async function traceCodes(story) {
  const { way } = story;
  await parameter(story.world, "traces", "required");
  const [one, two] = [pack(story.packs + 1), pack(story.packs + 2)];
  await begin(story);
  await item(way, `${DRUG.initials}*2`, "#f-code");
  await way.send("F8", "#f-code");
  same(await way.page.textContent("#w-code"), zh("trace-missing", { name: DRUG.name, missing: 2 }), "what is said before a pack is scanned");
  await scan(way, one, "#f-code");
  must((await way.page.textContent("label[for=f-code]")).includes("1/2"), "the first pack is not counted");
  await scan(way, one, "#f-code[aria-invalid=true]");
  same(await way.page.textContent("#w-code"), zh("trace-twice", { seen: one }), "what is said of a pack scanned twice");
  await way.type("code", two);
  await way.enter("#f-item");
  await paid(way);
  story.sold = await settle(way);
  await way.open(`/bills/${story.sold}`, "main");
  for (const code of [one, two]) must((await way.page.textContent("main")).includes(code), `${code} is not on the bill`);
  return `two packs scanned one behind the other, the same one refused, and nothing tried before the last`;
}

async function packComesBack(story) {
  must(story.sold, "nothing was sold");
  const { way } = story;
  const [one, two] = [pack(story.packs + 1), pack(story.packs + 2)];
  await way.open(`/bills/${story.sold}/void`, "#f-reason");
  await way.before("[name=back-1]");
  await way.hands.type("1");
  await way.choose("reason", 1);
  await way.send("F9", "[name=back-1][aria-invalid=true]");
  same(await way.page.textContent("#w-back-1"), zh("trace-back", { count: 1 }), "what is said of a pack that is not named");
  await way.before(`[name=pack-1-${two}]`);
  await way.hands.press("Space");
  await way.send("F9", "#void button");
  await way.send("F9", "#f-card, #settle button, #f-tendered");
  const rest = new URL(way.page.url()).searchParams.get("done");
  must(rest && rest !== story.sold, `the rest is not settled: ${way.page.url()} says ${await notes(way)}`);
  await way.open(`/bills/${rest}`, "main");
  const words = await way.page.textContent("main");
  must(words.includes(one) && !words.includes(two), `the rest should have ${one} alone`);
  await begin(story);
  await item(way, DRUG.initials, "#f-code");
  await scan(way, two, "#f-item");
  same(await notes(way), "", "what is said of a pack that came back");
  await way.send("Shift+F7", "#f-card");
  return `which pack comes back has to be said; ${one} stays with the rest, ${two} is free to be sold again`;
}

async function electronicReceipt(story) {
  const { way, w } = story;
  await parameter(story.world, "receipts", "electronic");
  await begin(story);
  await item(way, SEALANT.initials);
  await paid(way);
  const bill = await settle(way);
  const paper = await way.printed(`/print/receipt/${bill}`);
  const shape = (key) => new RegExp(zh(key, { code: "(\\d{8})", number: "(\\d{10})", check: "(\\w{6})" }));
  const [, code, number, check] = shape("electronic-issued").exec(paper) ?? [];
  must(number, `the receipt has no code and number of an electronic one: ${paper}`);
  const facts = async () => (await look(w, bill)).facts[zh("electronic")];
  same(await facts(), zh("electronic-issued", { code, number, check }), "what the bill's page says");
  await way.open(`/bills/${bill}/void`, "#f-reason");
  await way.choose("reason", 1);
  await way.send("F9", "main");
  let seen;
  await eventually(async () => shape("electronic-red").test((seen = await facts())), () => `behind the void the bill's page says "${seen}"`);
  const [, , red] = shape("electronic-red").exec(seen);
  must(red !== number, "the red one has the number of the first");
  return `printed with ${code} ${number} ${check}; voided, the bill shows the red one, ${red}`;
}

async function handsOnTheKeyboard({ w }) {
  const wrong = w.heard.filter((e) => e.kind === "mouse" || e.kind === "error");
  must(wrong.length === 0, `heard of ${wrong.map((e) => e.what)}`);
  return "no mouse, and the script threw nothing";
}
