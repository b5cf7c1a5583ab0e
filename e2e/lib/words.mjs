// What pages say, read from the translations: checks name texts by their key, as the program does.
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../translations/", import.meta.url);
const TAGS = { zh: "zh-CN", en: "en" };

const read = (tag) =>
  readdirSync(new URL(`${tag}/`, FOLDER)).flatMap((file) => {
    const lines = readFileSync(new URL(`${tag}/${file}`, FOLDER), "utf8").split("\n");
    return lines.map((line) => /^([\w-]+) = (.*)$/.exec(line)).filter(Boolean);
  });

const ALL = Object.fromEntries(
  Object.entries(TAGS).map(([language, tag]) => [
    language,
    new Map(read(tag).map(([, key, words]) => [key, words])),
  ]),
);

/** As `lang` of a page says it. */
export const tag = (language) => TAGS[language];
export const other = (language) => (language === "zh" ? "en" : "zh");

/** What a key says, with its `{ $places }` filled in. */
export function say(language, key, places = {}) {
  const words = ALL[language].get(key);
  if (words === undefined) throw new Error(`no text ${key}`);
  return words.replace(/\{ \$([\w-]+) \}/g, (_, name) => places[name] ?? "");
}
