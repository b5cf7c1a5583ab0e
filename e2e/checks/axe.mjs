// Accessibility of every page in both languages, as axe sees it: nothing serious or critical.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { Wrongs } from "../lib/checking.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const GRAVE = ["serious", "critical"];

export function looker({ findings }, language) {
  const [grave, lesser] = [new Wrongs(), new Wrongs()];
  let pages = 0;
  async function visit(name, _, w) {
    pages += 1;
    for (const violation of await violations(w)) note(GRAVE.includes(violation.impact) ? grave : lesser, name, violation);
  }
  function tell() {
    const rest = lesser.list();
    findings.say(`axe/${language}`, grave.list(), `${pages} pages without a serious or critical violation${rest.length ? `; lesser ones: ${rest.join("; ")}` : ""}`);
  }
  return { visit, tell };
}

async function violations(w) {
  await w.page.evaluate(AXE);
  const found = await w.page.evaluate(() => axe.run(document, { resultTypes: ["violations"], iframes: false }));
  return found.violations;
}

function note(wrongs, page, { id, impact, help, nodes }) {
  for (const { target } of nodes) wrongs.add(page, `${impact} ${id} (${help}) at ${target.join(" ").replace(/\d+/g, "n")}`);
}
