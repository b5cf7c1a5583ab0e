// One way through all pages in a language, with all who look at them: each looks, and only then one that goes away from
// the page may.
import { walk } from "./pages.mjs";

/** `looker` of a check answers what it does at a page (`visit`), what takes it away from there (`leave`, if anything),
 * and what it says in the end (`tell`, told which pages could not be reached). */
export async function look(world, names) {
  const modules = await Promise.all(names.map((name) => import(`../checks/${name}.mjs`)));
  for (const language of ["zh", "en"]) {
    const lookers = modules.map(({ looker }) => looker(world, language));
    const unreached = await walk(world, language, async (name, place, w) => {
      for (const { visit } of lookers) await visit(name, place, w);
      for (const { leave } of lookers) await leave?.(name, place, w);
    });
    for (const { tell } of lookers) tell(unreached);
  }
}
