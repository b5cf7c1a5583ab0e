// Bills as checks need them: the keys of the acceptance script, a bill made quickly, and what a settled one says.
import { must } from "./checking.mjs";
import { csrf, cursorIn, fetched, Hands } from "./browser.mjs";

/** Items of the sample city by the initials of their names; none is a drug, whose packs would have to be scanned. */
export const SCRIPT = {
  doctor: "012",
  diagnosis: { initials: "jxsh", name: "急性上呼吸道感染" },
  items: [
    { initials: "wgfb", name: "窝沟封闭" },
    { initials: "jbtf", name: "局部涂氟" },
    { initials: "sjjc", name: "色觉检查" },
    { initials: "jmcx", name: "静脉采血" },
    { initials: "kqhl", name: "口腔护理" },
  ],
  tendered: "200",
};
/** One alone makes a bill that finance has to refund: above 200 yuan. */
export const DEAR = { initials: "gshf", name: "果酸焕肤" };

/** Where the cursor is once a bill is settled: in the card field, or still with the sheet that is printed. That it does
 * not stay there is a check of its own. */
export const NEXT = "#f-card, iframe.sheet";

/** Initials must find their item first; else the sample city has changed, and the script with it. */
export async function itemsExist(w) {
  for (const { initials, name } of [...SCRIPT.items, DEAR]) {
    const found = await fetched(w, `/find/item?q=${initials}`);
    const first = /<tr role="option".*?<\/tr>/s.exec(found.body)?.[0] ?? "";
    must(first.includes(`>${name}<`), `${initials} should find ${name} first: ${first.replace(/<[^>]*>/g, " ")}`);
  }
}

const FIND = "[role=combobox]:focus";

/** The script of 51 keys, from F2 to the cursor that is back in the card field, seeing each answer of the page. */
export async function charge(hands, card) {
  const { doctor, diagnosis, items, tendered } = SCRIPT;
  await hands.press("F2");
  await cursorIn(hands.w, "#f-card");
  await hands.wait("card", () => hands.scan(card), "#f-doctor");
  await choose(hands, doctor, "", "doctor", "#f-diagnosis");
  await choose(hands, diagnosis.initials, "", "diagnosis", "#f-item");
  for (const [n, item] of items.entries()) {
    await choose(hands, item.initials, "*1", `line ${n + 1}`, "#f-item", `.scroll tbody tr:nth-child(${n + 1}) td.code`);
  }
  await hands.pressed("Enter", "trial", "#f-tendered");
  await hands.type(tendered);
  await hands.pressed("Enter", "tendered", "#settle button");
  await hands.pressed("F9", "settle", NEXT, "[data-print]");
}

/** Types in a field that offers candidates, sees them, and takes the first. */
async function choose(hands, typed, more, name, at, seen) {
  await hands.type(typed);
  await hands.w.page.waitForSelector(`${FIND} ~ .pick [aria-selected=true]`);
  await hands.type(more);
  await hands.pressed("Enter", name, at, seen);
}

/** The same keys as fast as they can be typed: the page keeps what comes while it waits. */
export async function chargeBlind(hands, card) {
  const { doctor, diagnosis, items, tendered } = SCRIPT;
  await hands.press("F2");
  await hands.scan(card);
  const typed = [doctor, diagnosis.initials, ...items.map((item) => `${item.initials}*1`), "", tendered];
  for (const text of typed) {
    await hands.type(text);
    await hands.press("Enter");
  }
  await hands.pressed("F9", "all of it", NEXT, "[data-print]");
}

/** A bill begun for the card of the demo, with lines; answers its key. The page shows it. */
export async function begin(w, items, { doctor = SCRIPT.doctor, diagnosis = SCRIPT.diagnosis.initials } = {}) {
  const hands = new Hands(w);
  await w.page.goto("/charge");
  await cursorIn(w, "#f-card");
  await hands.wait("card", () => hands.scan(w.demo.card), "#f-doctor");
  const key = new URL(w.page.url()).pathname.split("/")[2];
  if (doctor) await enter(hands, doctor, "#f-diagnosis");
  if (diagnosis) await enter(hands, diagnosis, "#f-item");
  for (const [n, item] of items.entries()) await enter(hands, item, "#f-item", `.scroll tbody tr:nth-child(${n + 1}) td.code`);
  return key;
}

export async function enter(hands, typed, at, seen) {
  await hands.type(typed);
  await hands.pressed("Enter", typed, at, seen);
}

/** Waits until the receipt of the bill just settled is printed: that is written on the bill, too. */
export const printed = (w) =>
  w.page.waitForFunction(() => document.querySelector("iframe.sheet")?.contentDocument?.querySelector("svg text"));

/** Makes and settles one; answers its key. */
export async function settled(w, items) {
  const key = await begin(w, items);
  const hands = new Hands(w);
  await hands.pressed("F8", "trial", "#f-tendered, #settle button");
  if (await w.page.evaluate(() => document.activeElement.id === "f-tendered")) {
    await hands.type("9999");
    await hands.pressed("Enter", "tendered", "#settle button");
  }
  await hands.pressed("F9", "settle", NEXT, "[data-print]");
  await printed(w);
  return key;
}

/** A bill of a patient without insurance, with one line; the cursor is where the next goes. */
export async function beginAlone(w) {
  const hands = new Hands(w);
  await w.page.goto("/charge");
  await hands.pressed("Enter", "nobody's card", "#f-name");
  await w.page.fill("#f-name", "王小明");
  await w.page.fill("#f-age", "7");
  await w.page.focus("#f-age");
  await hands.pressed("Enter", "who pays alone", "#f-doctor", "#line");
  await w.page.focus("#f-item");
  await enter(hands, SCRIPT.items[0].initials, "#f-item", ".scroll tbody td.code");
  return hands;
}

/** The same settled; answers its key, or nothing where the page says that it could not be. */
export async function settledAlone(w) {
  const hands = await beginAlone(w);
  await hands.pressed("F8", "the trial", "#f-tendered");
  await enter(hands, SCRIPT.tendered, "#settle button");
  await hands.press("F9");
  await w.page.waitForSelector("[data-print], main > .note.bad");
  return new URL(w.page.url()).searchParams.get("done");
}

/** What the page of a settled bill says, as words: read in Chinese, whatever language the window has. */
export async function look(w, key) {
  const answer = await fetched(w, `/bills/${key}`);
  must(answer.status === 200, `/bills/${key} answered ${answer.status}`);
  return w.page.evaluate((html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const text = (what) => Array.from(page.querySelectorAll(what), (e) => e.textContent.trim());
    // A button beside a fact is no part of it.
    page.querySelectorAll("dl .btn").forEach((e) => e.remove());
    const facts = Object.fromEntries(Array.from(page.querySelectorAll("dl div"), (e) => [e.children[0].textContent, e.children[1].textContent.trim()]));
    return { facts, lines: text("section[aria-label] .scroll tbody tr"), total: text(".scroll tfoot .num")[0], tag: text(".facts .tag")[0] };
  }, answer.body);
}

/** Refunds one whole without its page. */
export async function voided(w, key) {
  const body = new URLSearchParams({ csrf: await csrf(w), reason: "void-wrong-item" });
  const answer = await fetched(w, `/bills/${key}/void`, { method: "POST", body: body.toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
  must(answer.url.endsWith(`/bills/${key}`), `the refund ended at ${answer.url}`);
}
