// Pictures of the operator's manual: of the pages its chapters show, small enough to travel with the program.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CHAPTERS = new URL("../../docs/operator/", import.meta.url);
/** Of 100; words are still sharp. */
const QUALITY = 60;

/** Keeps pictures in a folder: only those a chapter names. */
export function illustrated(folder) {
  mkdirSync(folder, { recursive: true });
  const names = new Set(readdirSync(CHAPTERS).filter((file) => file.endsWith(".md")).flatMap(named));
  return {
    async keep(page, name) {
      if (!names.has(name)) return;
      const devtools = await page.context().newCDPSession(page);
      const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
      await devtools.detach();
      writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, "base64"));
    },
  };
}

/** The pictures a chapter shows, without their ending. */
function named(file) {
  const text = readFileSync(new URL(file, CHAPTERS), "utf8");
  return Array.from(text.matchAll(/\]\(pictures\/([\w.-]+)\.png\)/g), ([, name]) => name);
}
