// How checks say what they found: each makes lines, `ok` or `FAILED`, and one that breaks fails and lets the rest go on.

/** What a check has found. */
export class Findings {
  count = 0;
  failed = 0;
  ok(name, measured) {
    this.count += 1;
    console.log(`ok  ${name}  ${measured}`);
  }
  fail(name, why) {
    this.count += 1;
    this.failed += 1;
    console.log(`FAILED ${name}  ${why}`);
  }
  /** One line: `ok` where nothing is wrong. */
  say(name, wrong, measured) {
    if (wrong.length === 0) return this.ok(name, measured);
    return this.fail(name, `${wrong.length} wrong: ${some(wrong)}`);
  }
  /** Does what is measured; what it throws is why it failed, what it answers was measured. Answers whether it held. */
  async check(name, work) {
    try {
      this.ok(name, await work());
      return true;
    } catch (error) {
      this.fail(name, String(error.message ?? error).replace(/\x1b\[\d*m/g, "").replaceAll("\n", " ⏎ "));
      return false;
    }
  }
}

/** What is wrong on which pages; the same thing on many of them is one thing to mend. */
export class Wrongs {
  all = new Map();
  add(page, what) {
    this.all.set(what, new Set(this.all.get(what)).add(page));
  }
  list() {
    return [...this.all].map(([what, pages]) => `${what} on ${on([...pages])}`);
  }
}

const on = (pages) => (pages.length > 3 ? `${pages.length} pages, such as ${pages[0]}` : pages.join(", "));

const MOST = 40;

function some(wrong) {
  const rest = wrong.length - MOST;
  return wrong.slice(0, MOST).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** Stops a check with a reason. */
export function must(holds, why) {
  if (!holds) throw new Error(why);
}

const [PATIENCE_MS, AGAIN_MS] = [60_000, 10];

/** Waits until something holds that the browser tells this side of. */
export async function until(holds, why, patience = PATIENCE_MS) {
  await waited(holds, () => why, patience, AGAIN_MS);
}

/** The machine asks again behind half a minute at most, at first. */
const [LONG_MS, LOOK_MS] = [120_000, 200];

/** Waits until something holds that has to be asked for; answers what it came to. */
export const eventually = (asked, why) => waited(asked, why, LONG_MS, LOOK_MS);

async function waited(asked, why, patience, pause) {
  const late = Date.now() + patience;
  for (;;) {
    const came = await asked();
    if (came) return came;
    must(Date.now() < late, why());
    await new Promise((again) => setTimeout(again, pause));
  }
}
