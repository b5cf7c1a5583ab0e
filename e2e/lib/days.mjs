// A day as finance compares it with the centre's: what its page says.
import { must } from "./checking.mjs";
import { say } from "./words.mjs";

const zh = (key) => say("zh", key);

/** What the page of a day says: its state, the sums of both sides, and the rows that differ. */
export const told = ({ page }) =>
  page.evaluate(() => {
    const all = (what) => Array.from(document.querySelectorAll(what));
    const foot = all("main tfoot tr").map((row) => Array.from(row.querySelectorAll(".num"), (e) => e.textContent).join(" "));
    const rows = all("a[data-row]").map((link) => ({ href: link.getAttribute("href"), words: link.closest("tr").textContent, side: link.closest("table").caption.textContent }));
    return { state: document.querySelector("main header .tag").textContent, foot, rows };
  });

/** Opens today, and compares it row by row. */
export async function today(finance) {
  await finance.open("/reconcile", "#f-day");
  await finance.type("day", "t");
  await finance.send("F9", "main");
  await finance.send("F8", "main");
  return told(finance);
}

/** Today is the same on both sides; answers how many were settled and refunded, and what they come to. */
export async function equalToday(finance) {
  const { state, foot, rows } = await today(finance);
  const differ = rows.map(({ words, side }) => `${side}: ${words.replace(/\s+/g, " ")}`);
  must(state === zh("day-equal") && rows.length === 0 && foot[0] === foot[1], `the day is ${state}, ${foot.join(" | ")}, ${differ.join("; ")}`);
  return { count: Number(foot[0].split(" ")[0]), words: foot[0] };
}
