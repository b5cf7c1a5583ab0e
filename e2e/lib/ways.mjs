// Two ways to do the same thing: with the script of the pages, by the keys of the bar, and without it, by forms and links.
// What is done is written once. Both touch the keyboard only.
import { cursorIn, Hands } from "./browser.mjs";
import { must, until } from "./checking.mjs";

/** Another page has come: the old work area was marked. */
const FRESH = "main:not([data-old])";

class Way {
  constructor(w) {
    Object.assign(this, { w, page: w.page, hands: new Hands(w) });
  }
  async open(address, at) {
    await this.page.goto(address);
    await this.cursor(at);
  }
  /** Does what brings another page, and waits until the cursor is where the hand needs it next. */
  async act(work, at) {
    await this.page.evaluate(() => document.querySelector("main").setAttribute("data-old", ""));
    await work();
    await this.page.waitForSelector(FRESH, { state: "attached" });
    if (at) await this.cursor(at);
  }
  enter(at) {
    return this.act(() => this.hands.press("Enter"), at);
  }
  /** Goes to a field and types in it, in place of what it holds. */
  async type(name, text) {
    const at = `#f-${name}`;
    await this.to(at);
    if (await this.page.inputValue(at)) await this.hands.press("Control+A");
    await this.hands.type(text);
    await this.typed(at);
  }
  /** Nothing is left in the field. */
  async clear() {
    await this.hands.press("Control+A");
    await this.hands.press("Delete");
  }
  /** Takes the next but so many of a choice. */
  async choose(name, down) {
    await this.to(`#f-${name}`);
    for (let n = 0; n < down; n += 1) await this.hands.press("ArrowDown");
  }
  async button(what, at) {
    await this.to(what);
    await this.enter(at);
  }
  /** Opens what a key of the bar shows beside this page; answers its text. */
  async beside(key) {
    const [sheet] = await Promise.all([this.w.context.waitForEvent("page"), this.press(key)]);
    const text = await sheet.textContent("body");
    await sheet.close();
    return text;
  }
  send(key, at) {
    return this.act(() => this.press(key), at);
  }
}

/** With the script. */
export class ByKeys extends Way {
  press(key) {
    return this.hands.press(key.replace("Ctrl", "Control"));
  }
  cursor(at) {
    return cursorIn(this.w, at).catch(async () => {
      throw new Error(`the cursor should be in ${at}; it is in ${await this.page.evaluate(() => document.activeElement.outerHTML.slice(0, 120))}`);
    });
  }
  /** Within a form that is walked through, Enter goes on; else Tab does. */
  async to(at) {
    const walks = await this.page.evaluate((at) => {
      const [here, there] = [document.activeElement, document.querySelector(at)];
      const later = there && here.compareDocumentPosition(there) & Node.DOCUMENT_POSITION_FOLLOWING;
      return later && here.form?.hasAttribute("data-walk") && here.form === there.form && here.tagName !== "BUTTON" && there.tagName !== "BUTTON";
    }, at);
    await this.hands.reach(at, walks ? "Enter" : "Tab");
  }
  /** Goes back to what stands before the cursor. */
  before(at) {
    return this.hands.reach(at, "Shift+Tab");
  }
  /** A list of candidates is closed again: what is typed counts. Where it is of less than was typed, Escape would leave the page. */
  async typed(at) {
    if (!(await this.page.getAttribute(at, "data-find"))) return;
    const sought = (await this.page.inputValue(at)).split("*")[0].trim();
    await this.page.waitForSelector(`${at} ~ .pick[data-for="${sought}"] [aria-selected=true]`);
    await this.hands.press("Escape");
  }
  /** Goes down a list to its row. */
  row(what) {
    return this.hands.reach(what, "ArrowDown");
  }
  /** What was printed of itself at an address; answers its text. */
  async printed(address) {
    await until(() => this.w.heard.some((e) => e.kind === "print" && e.what.startsWith(address)), `nothing was printed of ${address}`);
    return this.page.evaluate(() => document.querySelector("iframe.sheet").contentDocument.body.textContent);
  }
}

/** Without it: a key of the bar is a button or a link, gone to and pressed. That Tab leads everywhere is checked elsewhere. */
export class ByForms extends Way {
  async press(key) {
    await this.to(`footer.keys [data-key="${key}"]`);
    await this.hands.press("Enter");
  }
  async cursor(at) {
    // A page without a field for the hand leaves the cursor where the browser begins.
    if (at === "main") return;
    await this.page.waitForSelector(`:is(${at}):focus`, { timeout: 5_000 }).catch(() => {
      throw new Error(`the cursor should be in ${at}`);
    });
  }
  to(at) {
    return this.page.focus(at);
  }
  before(at) {
    return this.page.focus(at);
  }
  async typed() {}
  row(what) {
    return this.page.focus(what);
  }
  /** Nothing prints by itself: there is a link to it. */
  async printed(address) {
    const link = `a[target=_blank][href^="${address}"]`;
    must((await this.page.locator(link).count()) > 0, `there is no link to ${address}`);
    await this.page.locator(link).last().focus();
    const [sheet] = await Promise.all([this.w.context.waitForEvent("page"), this.hands.press("Enter")]);
    const text = await sheet.textContent("body");
    await sheet.close();
    return text;
  }
}
