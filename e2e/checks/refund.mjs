// Refunding whole with the keyboard alone: one's own small bill; a dear one only by finance. The receipt then says void.
import { begin, DEAR, look, SCRIPT, settled } from "../lib/bills.mjs";
import { cursorIn, fetched, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { say } from "../lib/words.mjs";

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
