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
  /** Does what is measured; what it throws is why it failed, what it answers was measured. */
  async check(name, work) {
    try {
      this.ok(name, await work());
    } catch (error) {
      this.fail(name, String(error.message ?? error).replace(/\x1b\[\d*m/g, "").replaceAll("\n", " ⏎ "));
    }
  }
}

const MOST = 40;

function some(wrong) {
  const shown = [...new Set(wrong)].slice(0, MOST);
  const rest = new Set(wrong).size - shown.length;
  return shown.join("; ") + (rest ? `; and ${rest} more` : "");
}

/** Stops a check with a reason. */
export function must(holds, why) {
  if (!holds) throw new Error(why);
}
