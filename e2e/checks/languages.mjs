// Every page in both languages: title and language are right, no text is missing, English pages have Chinese only where
// they show data, and the toggle keeps the page.
import { DEAR, SCRIPT } from "../lib/bills.mjs";
import { speak } from "../lib/browser.mjs";
import { Wrongs } from "../lib/checking.mjs";
import { BRANCH, MUST, NOTICE, READ } from "../lib/layout.mjs";
import { DRUG } from "../lib/window.mjs";
import { other, say, tag } from "../lib/words.mjs";
import { join } from "node:path";

/** Where data is shown, which is never translated. */
const DATA = [
  "header.top .where", // the hospital
  "header.top .grow + span", // the operator
  "header.top a[lang]", // the other language, in its own words
  ".facts .name dd", // the patient
  ".facts > div:nth-child(5) > dd", // the employer
  "#visit strong", // the department
  "#visit .tag.calm", // diagnoses
  "a[data-row]", // patients in lists
  "[aria-label=Lines] .scroll tbody td:nth-child(n+2):nth-child(-n+5)", // items: name, specification, unit
  "[aria-label=Lines] .scroll tbody td:nth-child(11)", // where it is given
  ".pick td:nth-child(n+3):nth-child(-n+5)", // candidates: name, specification, unit; a doctor's department
  ".pick td:nth-child(8)", // where it is given
  ".steps .law", // articles of the law
  "header .muted", // which order and catalogue an explanation follows
  "text.hospital, text.name, text.capitals", // of a receipt
  ":is([aria-label=Entry], [aria-label=Posted]) tbody td:nth-child(4)", // units of what is charged to inpatients
  "[aria-label='Take back'] .bill > div:nth-child(3) dd", // how many of a unit
  "#void tbody td:nth-child(3)", // units of what may be refunded
  ".a4 tbody td", // items of a daily list
  "#batch tbody td:nth-child(-n+3), #batch [name=stay]", // who lies in which bed
  ":is([aria-label=Prices], [aria-label=Mapping]) tbody td:is(:nth-child(3), :nth-child(4))", // specification and unit of items
  ":is([aria-label=Doctors], [aria-label=Diagnoses]) tbody td", // names of both, and of departments
  ".a4 tfoot td", // amounts in capitals
  "[aria-label=Prices] tbody td:nth-child(7)", // where they are given
  "[aria-label=Mapping] tbody td:nth-child(6)", // their national names
  "[aria-label^=Reconciliation] tbody td[rowspan]:last-child", // what the centre says of sums that differ
  "header:has(.tag) + p.pad", // and of a row
  "[aria-label='Find patient'] tbody td:nth-child(4), #begin .facts dd", // employers of who was here before
  "[aria-label=Packages] tbody td", // names of packages
  "[aria-label='Income of departments'] tbody td:first-child", // departments
  "[aria-label='Use of items'] tbody td:nth-child(-n+5)", // items with their units
  ".told", // what a notice says
];

/** Names that stand within sentences, too: of notices, of a branch, of the sample city's items, doctors, diagnoses, departments,
 * wards and beds. */
const NAMES = [...[NOTICE, MUST, READ].map(({ title }) => title), BRANCH.name, ...[...SCRIPT.items, DEAR, DRUG].map(({ name }) => name), "张伟", "原发性高血压", "内科", "内一病区", "外一病区", "三人间", "双人间", "单人间"];

export function looker({ findings, shots, manual }, language) {
  const seen = { pages: 0, titles: new Wrongs(), keys: new Wrongs(), chinese: new Wrongs(), toggles: new Wrongs() };
  async function visit(name, place, w) {
    seen.pages += 1;
    if (manual) await manual.keep(w.page, `${name}.${language}`);
    if (shots) await w.page.screenshot({ path: join(shots, `${name}.${language}.png`) });
    await inspect(name, place, w, seen);
  }
  async function leave(name, place, w) {
    if (!place.paper) await toggled(name, place, w, seen);
  }
  function tell(unreached) {
    const say = (what, measured) => findings.say(`languages/${language}/${what}`, seen[what].list(), measured);
    say("titles", `${seen.pages} pages have the right title and language (not reached: ${unreached.join(", ")})`);
    say("keys", `no text is missing on ${seen.pages} pages`);
    if (language === "en") say("chinese", "nothing but data is in Chinese");
    say("toggles", "the toggle keeps the page");
  }
  return { visit, leave, tell };
}

async function inspect(name, place, w, seen) {
  const { language } = place;
  const found = await w.page.evaluate(texts, DATA);
  const title = titled(place, language);
  if (found.title !== title) seen.titles.add(name, `the title "${found.title}" instead of "${title}"`);
  if (found.lang !== tag(language)) seen.titles.add(name, `the language ${found.lang}`);
  for (const { text, where, data } of found.texts) {
    if (/\[[a-z][a-z0-9-]*\]|\{ ?\$/.test(text)) seen.keys.add(name, `"${text}" in ${where}`);
    if (!data && isChinese(stripped(text, w.demo))) seen.chinese.add(name, `"${text}" in ${where}`);
  }
}

function titled(place, language) {
  const words = typeof place.title === "function" ? place.title() : say(language, place.title, place.places);
  return place.paper ? words : `${words} · ${say(language, "product")}`;
}

const CENTRE = /\[[A-Z_]{4,}\].*?(。请更正后用新报文号发送|$)/;

const isChinese = (text) => /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/.test(text);

/** Names stand also within sentences, and so do the words of the centre, which begin with its code. */
function stripped(text, demo) {
  const names = [...demo.hospitals, ...Object.values(demo.operators)].map(({ name }) => name);
  const all = [...names, ...drawn(demo), ...(demo.stays?.names ?? []), ...(demo.met ?? []), ...NAMES, "王建国", "王小明"];
  return all.reduce((rest, name) => rest.replaceAll(name, ""), text.replace(CENTRE, ""));
}

/** Whose cards are in the drawer of simulated readers. */
const drawn = (demo) => demo.city.persons.slice(0, 6).map(({ name }) => name);

/** In the page: its title, its language, every text of it, and every text of an attribute that is read aloud. */
function texts(data) {
  const found = [];
  const isData = (e) => data.some((selector) => e.closest(selector));
  const where = (e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${e.getAttribute("class") ? "." + e.getAttribute("class") : ""}`;
  const add = (text, e) => text.trim() && found.push({ text: text.trim(), where: where(e), data: isData(e) });
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) add(nodes.currentNode.textContent, nodes.currentNode.parentElement);
  for (const name of ["title", "aria-label", "placeholder", "alt"]) {
    document.body.querySelectorAll(`[${name}]`).forEach((e) => add(e.getAttribute(name), e));
  }
  return { title: document.title, lang: document.documentElement.lang, texts: found };
}

/** The toggle shows the same place in the other language; then back, for the walk to go on. */
async function toggled(name, place, w, seen) {
  const { page } = w;
  const [before, next] = [page.url(), other(place.language)];
  await page.click("header.top a[lang]");
  await page.waitForSelector(`html[lang="${tag(next)}"]`);
  const at = (url) => url.replace(w.demo.address, "");
  const same = page.url() === before && (await page.title()) === titled(place, next);
  if (!same && !place.passing) {
    seen.toggles.add(name, `from ${shape(at(before))} to ${shape(at(page.url()))} "${await page.title()}"`);
  }
  await speak(w, place.language, "/kit");
}

/** An address without the key of a bill. */
const shape = (address) => address.replace(/\d{6,}/, "KEY");
