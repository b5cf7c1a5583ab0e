// What an admission clerk and a biller do at the pages of a stay, with the keyboard alone. What sends a message is answered as
// a step of its own, to be taken when the check is ready for it.
import { must } from "./checking.mjs";

const DOCTOR = "012";
/** A page without a field for the hand has the cursor in its work area. */
export const WHEREVER = "main, main *";

/** The number of the stay whose page is shown. */
export const shownStay = ({ page }) => new URL(page.url()).pathname.split("/")[2];

/** Whoever has the card, up to F9: into a bed, or none. */
export async function admitting(clerk, card, bed) {
  await clerk.open("/admission", "#f-card");
  await clerk.hands.type(card);
  await clerk.enter("#f-ward");
  if (bed) await clerk.type("bed", bed);
  await clerk.type("doctor", DOCTOR);
  await clerk.type("diagnosis", "I10");
  await clerk.type("contact", "Wang");
  return () => clerk.send("F9");
}

/** Takes a deposit in cash; answers its receipt. */
export async function takes(clerk, stay, amount) {
  await clerk.open(`/deposits/${stay}`, "#f-amount");
  await clerk.type("amount", amount);
  await clerk.send("F9", "#f-amount:not([aria-invalid])");
  const said = await clerk.page.textContent(".note.good");
  const receipt = /YJ-\d{7}/.exec(said)?.[0];
  must(receipt, `no receipt is named: "${said}"`);
  return receipt;
}

/** Deposits of a stay: the receipt, the amount and the state of each. */
export async function deposits(clerk, stay) {
  await clerk.open(`/deposits/${stay}`, WHEREVER);
  return clerk.page.evaluate(() =>
    Array.from(document.querySelectorAll("main .scroll tbody tr:has(.tag)"), ({ cells }) => ({ receipt: cells[1].textContent, amount: cells[2].textContent, state: cells[6].textContent })),
  );
}

/** Gives back what was deposited on the same day: its receipt is void. */
export async function givesBack(clerk, stay) {
  await clerk.open(`/deposits/${stay}`, "#f-amount");
  await clerk.to("main form.offer [name=reason]");
  await clerk.hands.press("ArrowDown");
  await clerk.button("button[name=deposit]", WHEREVER);
}

/** Enters items for a stay, up to F9. */
export async function posting(biller, stay, items) {
  await biller.open(`/posting/${stay}`, "#f-item");
  for (const item of items) {
    await biller.type("item", item);
    await biller.enter("#f-item");
  }
  return () => biller.send("F9", "#f-item");
}

/** What is posted on the page, the last first. */
export const posted = (biller) =>
  biller.page.evaluate(() =>
    Array.from(document.querySelectorAll("main .split table tbody tr:has(.tag)"), (row) => {
      const cells = Array.from(row.cells, (cell) => cell.textContent.trim());
      return { name: cells[2], quantity: cells[4], price: cells[5], amount: cells[6], state: cells[9], reverse: row.querySelector("a")?.getAttribute("href") };
    }),
  );

/** Takes the last line of a stay back as a whole, up to F9. */
export async function takingBack(biller, stay) {
  await biller.open(`/posting/${stay}`, "#f-item");
  const line = (await posted(biller)).find(({ reverse }) => reverse);
  await biller.button(`a[href="${line.reverse}"]`, "#f-quantity");
  await biller.type("reason", "wrong");
  return () => biller.send("F9", "#f-item");
}

/** Another doctor and another diagnosis, up to F9. */
export async function changing(clerk, stay, doctor, diagnosis) {
  await clerk.open(`/change/${stay}`, "#f-doctor");
  await clerk.type("doctor", doctor);
  await clerk.type("diagnosis", diagnosis);
  return () => clerk.send("F9");
}

/** A ward takes a patient it was asked to take into a bed, up to F8. */
export async function taking(clerk, stay, bed) {
  await clerk.open(`/change/${stay}`, WHEREVER);
  await clerk.type("bed", bed);
  return () => clerk.send("F8");
}

/** The patient goes, up to F9. */
export async function discharging(clerk, stay) {
  await clerk.open(`/discharge/${stay}`, "#f-time");
  return () => clerk.send("F9");
}

/** Tries what a stay comes to, and types what is handed over; up to F9. */
export async function settling(clerk, stay) {
  await clerk.open(`/discharge/${stay}`, WHEREVER);
  await clerk.send("F8", "#f-tendered, #settle *");
  if (await clerk.page.locator("#f-tendered").count()) await clerk.type("tendered", "9999");
  return () => clerk.send("F9");
}

/** The settlement is undone, up to Enter on its button. */
export async function undoing(clerk, stay) {
  await clerk.open(`/discharge/${stay}`, WHEREVER);
  await clerk.choose("reason", 1);
  await clerk.to("#void button");
  return () => clerk.enter();
}

/** What one button of a page does, up to Enter on it. */
async function pressing(clerk, address, button) {
  await clerk.open(address, WHEREVER);
  await clerk.to(button);
  return () => clerk.enter();
}

/** The patient is in the hospital again. */
export const recalling = (clerk, stay) => pressing(clerk, `/discharge/${stay}`, "#recall button");
/** The admission is taken back. */
export const cancelling = (clerk, stay) => pressing(clerk, `/admission/${stay}`, "#cancel button");

/** Gives the bed back: nobody has to be told. */
export async function leavesBed(clerk, stay) {
  await clerk.open(`/admission/${stay}`, WHEREVER);
  if (!(await clerk.page.locator("#release button").count())) return;
  await clerk.button("#release button");
}
