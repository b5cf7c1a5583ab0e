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
/** A drug: the centre refuses it where no trace code came with it. */
export const TRACED = "mtss";
/** One alone makes a bill that finance has to refund: above 200 yuan, all of it the patient's. */
export const DEAR = { initials: "gshf", name: "果酸焕肤" };

/** Each pair of initials must find its item first; else the sample city has changed, and the script with it. */
export async function itemsExist(w) {
  for (const { initials, name } of [...SCRIPT.items, DEAR]) {
    const found = await fetched(w, `/find/item?q=${initials}`);
    const first = /<tr role="option".*?<\/tr>/s.exec(found.body)?.[0] ?? "";
    must(first.includes(name), `${initials} should find ${name} first`);
  }
}

/** A key that is followed by a wait, and what must be seen then. */
const line = (n) => `#f-item[value=""]:not([aria-invalid]) >> table tbody tr:nth-child(${n}) td.code`;

/** The script of 51 keys. `seen` says after each part what to wait for; without it nothing is waited for. */
export async function script(hands, card, seen) {
  const { doctor, diagnosis, items, tendered } = SCRIPT;
  await hands.press("F2");
  if (seen) await cursorIn(hands.w, "#f-card");
  const from = performance.now();
  await hands.scan(card);
  if (seen) await hands.until("card", "#f-doctor", { from });
  await picked(hands, seen, doctor, "", "doctor", "#f-diagnosis");
  await picked(hands, seen, diagnosis.initials, "", "diagnosis", "#f-item");
  for (const [n, item] of items.entries()) {
    await picked(hands, seen, item.initials, "*1", `line ${n + 1}`, "#f-item", lines(n + 1));
  }
  await entered(hands, seen, "trial", "#f-tendered");
  await hands.type(tendered);
  await entered(hands, seen, "tendered", "#settle button");
  await hands.press("F9");
}

const lines = (n) => `#f-item:not([aria-invalid])`.concat(`, table tbody tr:nth-child(${n}) td.code`);
