// Accessibility of every page in both languages, as axe sees it: nothing serious or critical.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { walk } from "../lib/pages.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const GRAVE = ["serious", "critical"];

export async function run({ browser, demo, findings }) {
  for (const language of ["zh", "en"]) {
    const [grave, lesser] = [new Map(), new Map()];
    let pages = 0;
    await walk({ browser, demo }, { language }, async (name, _, w) => {
      pages += 1;
      for (const violation of await violations(w)) note(GRAVE.includes(violation.impact) ? grave : lesser, name, violation);
    });
    const rest = lesser.size ? `; lesser ones: ${told(lesser).join("; ")}` : "";
    findings.say(`axe/${language}`, told(grave), `${pages} pages without a serious or critical violation${rest}`);
  }
}

async function violations(w) {
  await w.page.evaluate(AXE);
  const found = await w.page.evaluate(() => axe.run(document, { resultTypes: ["violations"], iframes: false }));
  return found.violations;
}

/** The same thing on many pages is one thing to mend. */
function note(all, page, { id, impact, help, nodes }) {
  for (const { target } of nodes) {
    const key = `${impact} ${id} (${help}) at ${target.join(" ")}`;
    all.set(key, [...(all.get(key) ?? []), page]);
  }
}

const told = (all) => [...all].map(([what, pages]) => `${what} on ${pages.length > 3 ? `${pages.length} pages, such as ${pages[0]}` : pages.join(", ")}`);
