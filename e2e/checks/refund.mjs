// Refunding with the keyboard alone: one's own small bill; a dear one only by finance, or once finance has approved it. A
// part of a bill, too, by keys and without script: what that comes to is shown before. The receipt then says void.
import { begin, DEAR, look, SCRIPT, settled } from "../lib/bills.mjs";
import { cursorIn, fetched, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { ByForms, ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const WAYS = [["keys", ByKeys, {}], ["forms", ByForms, { javaScriptEnabled: false }]];
const zh = (key, places) => say("zh", key, places);
const fen = (text) => Math.round(Number(text.replaceAll(",", "")) * 100);
const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);
const LIMIT = "200.00";

export async function run({ browser, demo, findings }) {
  const w = await openWindow(browser, demo);
  const finance = await openWindow(browser, demo);
  try {
    await signIn(w);
    await findings.check("refund/own", () => own(w));
    let dear;
    await findings.check("refund/needs-finance", async () => {
      dear = await aboveLimit(w);
      return `above ${LIMIT} the cashier is told that finance does it (H404), and the bill stands`;
    });
    await findings.check("refund/by-finance", () => byFinance(finance, w, dear));
    for (const [name, Way, options] of WAYS) {
      await findings.check(`refund/${name}/a-part`, () => withBoth(browser, demo, Way, options, ({ cashier }) => aPart(w, cashier)));
      await findings.check(`refund/${name}/approved`, () => withBoth(browser, demo, Way, options, (both) => approved(w, both)));
    }
    await findings.check("refund/by-hand-of-nobody-else", () => anothers(browser, w));
  } finally {
    await w.close();
    await finance.close();
  }
}

/** The list, the receipt typed, the row, F8, the reason, F9: no mouse. */
async function byKeys(w, receipt) {
  const hands = new Hands(w);
  await w.page.goto("/bills");
  await cursorIn(w, "#f-receipt");
  w.heard.length = 0;
  await hands.type(receipt);
  await hands.pressed("Enter", "the receipt", "#f-receipt", `#f-receipt[value="${receipt}"]`);
  await hands.pressed("ArrowDown", "the row", "[data-row]");
  await hands.pressed("Enter", "the bill", "main", "[data-key=F8]");
  await hands.pressed("F8", "the refund", "#f-reason");
  await hands.press("ArrowDown");
  await hands.wait("the refund's end", () => hands.press("F9"), "main, #f-reason", ".note.bad");
  must(!w.heard.some((e) => e.kind === "mouse"), "the mouse was used");
  return hands.keys;
}

const receiptOf = async (w, key) => (await look(w, key)).facts[say("zh", "receipt")];

async function own(w) {
  const key = await settled(w, [SCRIPT.items[1].initials]);
  const keys = await byKeys(w, await receiptOf(w, key));
  const bill = await look(w, key);
  must(bill.tag === say("zh", "bill-voided"), `the bill is ${bill.tag}`);
  await saysVoid(w, key);
  return `${keys} keys from the list of bills; the bill is voided, its receipt says so`;
}

async function saysVoid(w, key) {
  const receipt = await fetched(w, `/print/receipt/${key}`);
  must(receipt.body.includes(`>${say("zh", "receipt-voided")}<`), "the receipt does not say that it is void");
}

async function aboveLimit(w) {
  const key = await settled(w, [DEAR.initials]);
  const { total } = await look(w, key);
  must(Number(total.replace(",", "")) > Number(LIMIT), `a bill of ${total} needs no finance`);
  await byKeys(w, await receiptOf(w, key));
  const words = await w.page.textContent("main .note.bad");
  must(words === say("zh", "h404", { limit: LIMIT }), `the cashier is told "${words}"`);
  must((await look(w, key)).tag === say("zh", "bill-settled"), "the bill no longer stands");
  return key;
}

async function byFinance(w, cashier, key) {
  must(key, "there is no dear bill");
  await signIn(w, { login: "0401" });
  const keys = await byKeys(w, await receiptOf(w, key));
  must((await look(w, key)).tag === say("zh", "bill-voided"), "the bill is not voided");
  await saysVoid(cashier, key);
  return `${keys} keys; voided, and the receipt says so`;
}

/** A cashier and somebody of finance, in windows of their own. */
async function withBoth(browser, demo, Way, options, work) {
  const windows = [await openWindow(browser, demo, options), await openWindow(browser, demo, options)];
  try {
    await signIn(windows[0]);
    await signIn(windows[1], { login: "0401" });
    const [cashier, finance] = windows.map((w) => new Way(w));
    const told = await work({ cashier, finance });
    const wrong = windows.flatMap((w) => w.heard).filter((e) => e.kind === "mouse" || e.kind === "error");
    must(wrong.length === 0, `heard of ${wrong.map((e) => e.what)}`);
    return told;
  } finally {
    for (const w of windows) await w.close();
  }
}

/** Rows of what is compared before a refund, and what goes back in the end. */
const compared = ({ page }) =>
  page.evaluate(() => ({
    rows: Object.fromEntries(Array.from(document.querySelectorAll("aside tbody tr"), (row) => [row.cells[0].textContent, Array.from(row.cells).slice(1).map((cell) => cell.textContent)])),
    name: document.querySelector("aside .bill .cash dt").textContent,
    back: document.querySelector("aside .bill .cash dd").textContent,
  }));

/** One of two goes back: before, now and the change are shown and add up, and nothing moves before F9 says so. */
async function aPart(w, cashier) {
  const [sealant, , , , nursing] = SCRIPT.items;
  const key = await settled(w, [`${sealant.initials}*2`, nursing.initials]);
  const before = await look(w, key);
  await cashier.open(`/bills/${key}`, "main");
  await cashier.send("F8", "#f-reason");
  await cashier.before("[name=back-1]");
  await cashier.hands.type("3");
  await cashier.send("F9", "[aria-invalid=true]");
  same(await cashier.page.textContent("#w-back-1"), zh("h402", { left: "2" }), "what is said of more than there is");
  await cashier.clear();
  await cashier.hands.type("1");
  await cashier.choose("reason", 1);
  await cashier.send("F9", "#void button");
  const { rows, name, back } = await compared(cashier);
  same(name, zh("rest-net"), "what is shown");
  for (const [what, [was, now, change]] of Object.entries(rows)) same(fen(now) - fen(was), fen(change), `the change of ${what}`);
  const cash = rows[zh("split-due")];
  for (const at of [0, 1]) same(["funds", "split-account", "split-due"].reduce((sum, one) => sum + fen(rows[zh(one)][at]), 0), fen(rows[zh("split-total")][at]), "funds, account and cash");
  same(fen(rows[zh("split-total")][0]), fen(before.total), "the total before");
  same(fen(back), -fen(cash[2]), "the cash to give back");
  must(fen(back) > 0, "nothing is given back: the account has paid all of it");
  same((await look(w, key)).tag, zh("bill-settled"), "the bill before it is confirmed");
  await cashier.send("F9", "#f-card");
  const done = new URL(cashier.page.url()).searchParams.get("done");
  must(done && done !== key, `the rest is no bill of its own: ${cashier.page.url()}`);
  must((await cashier.page.textContent(".facts .big")).includes(back), `behind the refund ${back} should be shown once more`);
  const paper = await cashier.printed(`/print/receipt/${done}`);
  const [gone, rest] = [await look(w, key), await look(w, done)];
  same(`${gone.tag} ${rest.tag}`, `${zh("bill-voided")} ${zh("bill-settled")}`, "the states");
  same(rest.total, rows[zh("split-total")][1], "the total of the rest");
  const receipts = [gone, rest].map((bill) => bill.facts[zh("receipt")]);
  must(/^NB-\d{7}$/.test(receipts[1]) && receipts[0] !== receipts[1], `the receipts are ${receipts}`);
  must(paper.includes(receipts[1]), `${receipts[1]} is not on its receipt`);
  await saysVoid(w, key);
  return `${back} back of ${before.total}, shown before; ${receipts[0]} is void, the rest of ${rest.total} has ${receipts[1]}`;
}

/** Above the limit finance is asked, sees it, approves; then the cashier refunds. */
async function approved(w, { cashier, finance }) {
  const key = await settled(w, [DEAR.initials]);
  const receipt = await receiptOf(w, key);
  await cashier.open(`/bills/${key}/void`, "#f-reason");
  await cashier.choose("reason", 1);
  await cashier.send("F9");
  same(await cashier.page.textContent("main .note.bad"), zh("h404", { limit: LIMIT }), "what the cashier is told");
  await cashier.button("#void button[value=ask]");
  must((await cashier.page.textContent("main .note.warn")).includes(zh("approval-waits")), "it is not said that finance was asked");
  await finance.open("/approvals", "main");
  const row = `tr:has(a[href="/bills/${key}"])`;
  must((await finance.page.textContent(row)).includes(receipt), `${receipt} is not on the list`);
  await finance.button(`${row} button[value=yes]`, "main");
  same(await finance.page.locator(row).count(), 0, "rows of what was approved");
  await cashier.open(`/bills/${key}/void`, "#f-reason");
  must((await cashier.page.textContent("main .note.good")).includes(zh("approval-given")), "it is not said that finance has approved");
  await cashier.choose("reason", 1);
  await cashier.send("F9", "main");
  same((await look(w, key)).tag, zh("bill-voided"), "the bill");
  return `${receipt}: H404, ${zh("approval-waits")}, ${zh("approval-given")}, ${zh("bill-voided")}`;
}

/** Another cashier of the same hospital does not even see it. */
async function anothers(browser, w) {
  const key = await begin(w, []);
  const other = await openWindow(browser, w.demo);
  try {
    await signIn(other, { login: "0104" });
    for (const address of [`/charge/${key}`, `/bills/${key}`]) {
      const { status } = await fetched(other, address);
      must(status === 404, `another cashier is answered ${status} at ${address}`);
    }
  } finally {
    await other.close();
  }
  return "another cashier of the hospital is answered 404";
}
