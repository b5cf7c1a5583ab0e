// What pages say of the account of a stay, with amounts in fen.
import { must } from "./checking.mjs";
import { say } from "./words.mjs";

const zh = (key) => say("zh", key);

export const fen = (text) => Math.round(Number(text.replaceAll(",", "")) * 100);
/** As pages write an amount. */
export const grouped = (amount) => (amount / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });

/** Names and values of lists of facts; of a name that comes twice the first. */
export const facts = (way, within = "main") =>
  way.page.evaluate((within) => {
    const pairs = Array.from(document.querySelectorAll(`${within} dl div`), (e) => [e.children[0].textContent, e.children[1].textContent.trim()]);
    return Object.fromEntries(pairs.reverse());
  }, within);

/** How the account of a stay stands; the balance is what is left of the deposits. */
export async function account(way) {
  const all = await facts(way, "[aria-label='病人']");
  const of = (key) => fen(Object.entries(all).find(([name]) => name.startsWith(zh(key)))[1]);
  const found = { deposited: of("deposited"), charged: of("charged"), expected: of("expected"), balance: of("stay-balance"), state: all[zh("state")], bed: all[zh("bed")], name: all[zh("name")] };
  const settled = all[zh("settled-so-far")] ?? "0";
  const wanted = found.deposited - (found.charged - fen(settled) - found.expected);
  if (found.state !== zh("stay-settled")) must(found.balance === wanted, `the balance should be ${wanted}, and is ${found.balance}`);
  return found;
}
