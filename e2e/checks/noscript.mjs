// The same without JavaScript: forms that are filled in and sent, links that are followed. A bill is charged, looked up
// by its receipt, and refunded whole.
import { SCRIPT } from "../lib/bills.mjs";
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { say } from "../lib/words.mjs";

export async function run({ browser, demo, findings }) {
  const w = await openWindow(browser, demo, { javaScriptEnabled: false });
  try {
    await signIn(w);
    let receipt;
    await findings.check("noscript/charge", async () => {
      receipt = await charge(w.page, demo.card);
      return `${SCRIPT.items.length} items settled, receipt ${receipt}`;
    });
    await findings.check("noscript/question", () => question(w.page, demo.card));
    await findings.check("noscript/errors", () => errors(w.page));
    await findings.check("noscript/refund", () => refund(w.page, receipt));
    await findings.check("noscript/toggle-and-out", () => out(w.page));
  } finally {
    await w.close();
  }
}

/** Types in a field and sends its form with Enter. */
async function send(page, field, typed) {
  await page.fill(field, typed);
  await Promise.all([page.waitForNavigation(), page.press(field, "Enter")]);
}

async function click(page, what) {
  await Promise.all([page.waitForNavigation(), page.click(what)]);
}

async function begin(page, card) {
  await page.goto("/charge");
  await send(page, "#f-card", card);
  await page.fill("#f-doctor", SCRIPT.doctor);
  await send(page, "#f-diagnosis", SCRIPT.diagnosis.initials);
}

const rows = (page) => page.locator(".scroll tbody td.code").count();

async function charge(page, card) {
  await begin(page, card);
  for (const [n, { initials, name }] of SCRIPT.items.entries()) {
    await send(page, "#f-item", `${initials}*1`);
    must((await rows(page)) === n + 1, `line ${n + 1} was not added`);
    must((await page.textContent(`.scroll tbody tr:nth-child(${n + 1}) td:nth-child(3)`)) === name, `line ${n + 1} should be ${name}`);
  }
  await click(page, "#try button");
  await send(page, "#f-tendered", SCRIPT.tendered);
  await click(page, "#settle button");
  must(new URL(page.url()).searchParams.has("done"), `after the settlement the page is ${page.url()}`);
  const words = await page.textContent(".note.good");
  const receipt = /NB-\d{7}/.exec(words)?.[0];
  must(receipt, `no receipt in "${words}"`);
  must((await page.getAttribute("a[href^='/print/receipt/']", "href")) !== null, "no link to the receipt");
  return receipt;
}

/** An item twice: the page asks, and either answer is a button. */
async function question(page, card) {
  await begin(page, card);
  const { initials } = SCRIPT.items[3];
  await send(page, "#f-item", initials);
  await send(page, "#f-item", initials);
  must(await page.isVisible("#question"), "nothing is asked where an item comes twice");
  await click(page, "#question button[value=yes]");
  must((await rows(page)) === 1, "the lines were not merged");
  must((await page.textContent(".scroll tbody tr td:nth-child(6)")) === "2", "the merged line should have quantity 2");
  await click(page, ".scroll tbody button[name=number]");
  must((await rows(page)) === 0, "the line was not removed");
  return "merged by its button, removed by its button";
}

/** What is refused says why under the field, and what was typed stays. */
async function errors(page) {
  await send(page, "#f-item", "zzzz");
  must((await page.textContent("#w-item")) === say("zh", "item-unknown", { seen: "zzzz" }), "an unknown item is not explained");
  must((await page.inputValue("#f-item")) === "zzzz", "what was typed is gone");
  must((await page.getAttribute("#f-item", "aria-invalid")) === "true", "the field is not marked");
  return "explained under its field, and what was typed is still there";
}

async function refund(page, receipt) {
  must(receipt, "there is no receipt to look up");
  await page.goto("/bills");
  await send(page, "#f-receipt", receipt);
  must((await page.locator(".scroll tbody a").count()) === 1, "the receipt should find one bill");
  await click(page, ".scroll tbody a");
  await click(page, "a[href$='/void']");
  await page.selectOption("#f-reason", "void-wrong-item");
  await click(page, "#void button");
  must((await page.textContent(".facts .tag")) === say("zh", "bill-voided"), "the bill is not voided");
  return `${receipt} found, refunded whole, and voided`;
}

async function out(page) {
  await page.goto("/bills");
  await click(page, "a[href^='/language/']");
  must((await page.title()).startsWith(say("en", "tab-bills")), "the toggle does not keep the page");
  await click(page, "form[action='/sign-out'] button");
  must((await page.locator("#f-password").count()) === 1, "after signing out nobody is asked to sign in");
  await page.goto("/bills");
  must((await page.locator("#f-password").count()) === 1, "after signing out pages are still shown");
  return "the toggle keeps the page, and signing out ends the session";
}
