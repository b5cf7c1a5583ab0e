// A way through all pages in each language, with all who look at them: each looks, and only then one that goes away from
// the page may. The ways are gone side by side, in sessions of their own.
import { makeAll, walk } from "./pages.mjs";

const LANGUAGES = ["zh", "en"];

/** `looker` of a check answers what it does at a page (`visit`), what takes it away from there (`leave`, if anything),
 * and what it says in the end (`tell`, told which pages could not be reached). */
export async function look(world, names) {
  const modules = await Promise.all(names.map((name) => import(`../checks/${name}.mjs`)));
  await makeAll(world);
  const told = await Promise.all(LANGUAGES.map((language) => through(world, modules, language)));
  for (const tell of told) tell();
}

/** Goes through in a language; answers what says what was found. The languages go side by side. */
async function through(world, modules, language) {
  const lookers = modules.map(({ looker }) => looker(world, language));
  const unreached = await walk(world, language, async (name, place, w) => {
    for (const { visit } of lookers) await visit(name, place, w);
    for (const { leave } of lookers) await leave?.(name, place, w);
  });
  return () => lookers.forEach(({ tell }) => tell(unreached));
}
