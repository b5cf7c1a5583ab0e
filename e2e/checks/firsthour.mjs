// A hospital's first hour at a desk of its own, by its pages alone: from the invitation code to the first insured bill,
// which the centre has as the hospital has it.
import { look, settled } from "../lib/bills.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { equalToday } from "../lib/days.mjs";
import { at, plan, STEPS } from "../lib/house.mjs";
import { deskAt } from "../lib/town.mjs";
import { say } from "../lib/words.mjs";

const HOSPITAL = 3;
const zh = (key) => say("zh", key);

export async function run({ browser, findings, town }) {
  const { city } = town;
  const desk = await deskAt(town, HOSPITAL);
  const house = plan(browser, desk, city, city.persons.filter(({ situation }) => !situation).slice(0, 20));
  const from = performance.now();
  // What one step lacks, the next may not need: each is tried.
  for (const [name, step] of Object.entries(STEPS)) await findings.check(`firsthour/${name}`, () => step(house));
  await findings.check("firsthour/first-bill", () => firstBill(house));
  await findings.check("firsthour/equal-at-the-centre", () => equal(house));
  await findings.check("firsthour/nothing-is-missing", () => nothingMissing(house));
  findings.say("firsthour/as-the-pages-say", house.faults, "each page did what its keys say");
  const said = desk.told.join("").trim();
  findings.say("firsthour/log", said ? [said] : [], `the program said nothing wrong; ${((performance.now() - from) / 1000).toFixed(0)} s for all of it`);
}

/** The cashier charges whoever the pooled fund pays for. */
async function firstBill(house) {
  const w = await openWindow(house.browser, house);
  try {
    await signIn(w);
    const key = await settled(w, house.items.slice(0, 2).map(({ own }) => `${own}*2`));
    const { tag, facts, total } = await look(w, key);
    must(tag === zh("bill-settled"), `the bill is ${tag}`);
    return `${total} for ${facts[zh("name")]}, ${facts[zh("receipt")]}, at the centre ${facts[zh("settlement-id")]}`;
  } finally {
    await w.close();
  }
}

async function equal(house) {
  const { count, words } = await at(house, "0401", equalToday);
  must(count === 1, `one bill was charged, the day has ${count}`);
  return `${words} on both sides`;
}

/** As the page for the administrator has it. */
async function nothingMissing(house) {
  return at(house, "0001", async ({ page }) => {
    await page.goto("/today");
    const rows = page.locator("main section:first-of-type tbody tr");
    await rows.first().waitFor();
    const all = (await rows.allTextContents()).map((row) => row.replace(/\s+/g, " ").trim());
    const bad = await rows.filter({ has: page.locator(".tag.bad") }).allTextContents();
    // The papers of the first hour are saved by nobody yet, and that is said.
    const [saved, ...others] = bad;
    must(saved?.includes(zh("today-backup-none")) && others.length === 0, bad.join("; "));
    return all.join(", ");
  });
}
