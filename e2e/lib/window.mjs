// A window with everything a hospital may put there: a reader with a drawer of cards, trace codes of drugs, electronic
// receipts, packages. At the second hospital and a workstation of its own, so that no other check meets any of it.
import { ask, step } from "./asking.mjs";
import { SCRIPT } from "./bills.mjs";
import { withWindow } from "./office.mjs";

const HOSPITAL = 1;
/** The cashier, and who keeps parameters and packages there. */
export const CASHIER = { hospital: HOSPITAL, login: "0104", workstation: "W2" };
export const ADMINISTRATOR = { hospital: HOSPITAL, login: "0001" };
/** A drug with trace codes, by its initials. */
export const DRUG = { initials: "amlz", name: "奥美拉唑肠溶胶囊" };

/** The code of a pack: as many as are asked for, each its own. */
export const pack = (number) => `8123456${String(number).padStart(13, "0")}`;

/** A parameter becomes something else. */
export const parameter = (world, name, value) =>
  withWindow(world, ADMINISTRATOR, (w) => step(w, "/parameters", { name, value, why: "a window with everything" }));

/** Items of the script by the hospital's own codes, as a package names them: who keeps packages sees them in the price list. */
export async function codes(w, many) {
  const found = ({ name }) => ask(w, `/prices?q=${encodeURIComponent(name)}`);
  const pages = await Promise.all(SCRIPT.items.slice(0, many).map(found));
  return pages.map(({ body }) => /href="\/prices\/([^"]+)" data-row/.exec(body)[1]);
}
