// A house that is laid out: notices and a director who reads them, a branch with a window and a ward, a window for the
// insured, and a cashier of its own who has spoilt numbers. Workstations no other check works at.
import { ask, step } from "./asking.mjs";
import { SCRIPT } from "./bills.mjs";
import { must } from "./checking.mjs";
import { hired, withWindow } from "./office.mjs";

/** The workstation of the window for the insured. */
export const INSURED = "W7";
/** A cashier who has spoilt numbers, at the window of the branch. */
export const CUT = { login: "0106", workstation: "W8" };
export const CASHIER = { login: CUT.login, name: "何静", role: ["cashier"], posts: { "module-outpatient-charging": "2028-01-01" } };
/** Numbers of his own, as no other hospital has them. */
const [FIRST, NEXT, LAST] = ["HJ-0098001", "HJ-0098002", "HJ-0098200"];
export const SPOILT = FIRST;
/** More than are spoilt at once. */
export const FAR = LAST;
/** Whom nobody else's notices are for. */
export const DIRECTOR = { login: "0601", name: "沈毅", role: ["director"] };
/** What the house has to tell the insurance office, and its director: he must read one, and has read the other. */
export const NOTICE = { title: "冬季价目启用", body: "新价目自 12 月 1 日起执行。\n旧价目表交回医保办。" };
export const MUST = { title: "年终结账安排", body: "12 月 31 日 22 点停止收费,各窗口当天日结、交款。\n1 月 1 日 0 点恢复。" };
export const READ = { title: "院务会改到周四", body: "本周院务会改到周四 15 点,三楼会议室。" };
/** Which branch it has. */
export const BRANCH = { code: "E1", name: "东院" };

/** Answers the key of a notice, of a bill that has its second number, and the numbers. */
export async function layOut(world) {
  await hired(world, CASHIER);
  await hired(world, DIRECTOR);
  const notice = await withWindow(world, { login: "0001" }, published);
  await withWindow(world, { login: DIRECTOR.login }, async (w) => step(w, "/notices", { do: "read", key: await keyed(w, READ) }));
  await withWindow(world, { login: "0401" }, (w) => ask(w, "/segments", { kind: "outpatient", prefix: "HJ-", from: digits(FIRST), to: digits(LAST), owner: CUT.login }));
  return { notice, ...(await withWindow(world, CUT, spoilt)) };
}

const digits = (number) => /\d+$/.exec(number)[0];

async function published(w) {
  const publish = (notice, more) => step(w, "/notices", { do: "publish", ...notice, until: "", ...more });
  await publish(NOTICE, { role: "insurance-office" });
  await publish(READ, { role: "director", until: "2026-11-27" });
  await publish(MUST, { role: "director", must: "1" });
  await step(w, "/windows", { do: "branch", ...BRANCH });
  await step(w, "/windows", { do: "window", window: CUT.workstation, branch: BRANCH.code, insured_only: "" });
  await step(w, "/windows", { do: "window", window: INSURED, branch: "", insured_only: "1" });
  await step(w, "/wards", { code: "E1W", name: "East ward", from: "1", to: "2", kind: "double", branch: BRANCH.code });
  return keyed(w, NOTICE);
}

/** The key of a notice, as its page has it. */
async function keyed(w, { title }) {
  const { body } = await ask(w, "/notices");
  const key = new RegExp(`aria-label="${title}".*?name="key" value="([^"]+)"`, "s").exec(body)?.[1];
  must(key, `the notice ${title} is not there`);
  return key;
}

/** Paper that was torn, and then a receipt that jammed. */
async function spoilt(w) {
  await spoil(w, FIRST, "spoilt-torn");
  const bill = await step(w, "/charge", { name: "Wang", sex: "1", age: "40" });
  await ask(w, `${bill}/line`, { item: SCRIPT.items[0].initials });
  await ask(w, `${bill}/try`, {});
  await step(w, `${bill}/settle`, { tendered: "9999" });
  await spoil(w, NEXT, "spoilt-jam");
  return { renumbered: bill.split("/")[2], jammed: NEXT };
}

async function spoil(w, number, reason) {
  const { body } = await ask(w, "/numbers", { kind: "outpatient", number, reason });
  must(body.includes('class="note good"'), `${number} was not spoilt`);
}
