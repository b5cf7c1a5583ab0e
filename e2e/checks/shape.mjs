// The shape of every page: nothing runs off the side, on the usual screen or zoomed to double size; the cursor is always
// in sight and outlined.
import { SCREEN } from "../lib/browser.mjs";
import { Wrongs } from "../lib/checking.mjs";

/** What 200 % leaves of the screen. */
const ZOOMED = { width: 683, height: 384 };
const SIZES = [["screen", SCREEN], ["zoomed", ZOOMED]];
/** Tab goes no further than this on a page. */
const STOPS = 60;

/** What is wide is looked for first, for Tab closes what is open. */
export function looker({ findings }, language) {
  const seen = SIZES.map(([name, size]) => ({ name, size, pages: 0, stops: 0, wide: new Wrongs(), hidden: new Wrongs() }));
  async function visit(page, place, w) {
    // A receipt has the size of its paper.
    if (place.paper) return;
    const first = await w.page.evaluateHandle(() => document.activeElement);
    for (const one of seen) {
      await w.page.setViewportSize(one.size);
      one.pages += 1;
      for (const what of await w.page.evaluate(tooWide)) one.wide.add(page, what);
    }
    for (const one of [...seen].reverse()) {
      await w.page.setViewportSize(one.size);
      await first.evaluate((e) => (document.activeElement.blur(), e.focus(), e.scrollIntoView({ block: "nearest" })));
      await cursorSeen(page, w, one);
    }
  }
  function tell() {
    for (const { name, size, pages, stops, wide, hidden } of seen) {
      findings.say(`shape/${language}/${name}/width`, wide.list(), `${pages} pages fit ${size.width} × ${size.height}`);
      findings.say(`shape/${language}/${name}/cursor`, hidden.list(), `${stops} stops of the cursor on ${pages} pages are in sight and outlined`);
    }
  }
  return { visit, tell };
}

/** In the page: what runs off the side and cannot be scrolled to within a part that scrolls. */
function tooWide() {
  const found = [];
  const whole = document.documentElement;
  if (whole.scrollWidth > whole.clientWidth) found.push(`the page is ${whole.scrollWidth} wide instead of ${whole.clientWidth}`);
  for (const e of document.body.querySelectorAll("*")) {
    if (e.closest(".scroll, .sr, .skip, iframe, svg, script, option")) continue;
    const box = e.getBoundingClientRect();
    if (box.width && (box.right > whole.clientWidth + 1 || box.left < -1)) found.push(`${name(e)} from ${Math.round(box.left)} to ${Math.round(box.right)}`);
    const cut = getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && !/^(INPUT|SELECT)$/.test(e.tagName);
    if (cut && !["auto", "scroll"].includes(getComputedStyle(e).overflowX)) found.push(`${name(e)} is cut off`);
  }
  return found;
  function name(e) {
    return e.tagName.toLowerCase() + (e.id ? `#${e.id}` : "") + (e.className ? `.${e.className}` : "");
  }
}

/** Where the cursor stands at first, and wherever Tab takes it, until it comes round. */
async function cursorSeen(page, w, seen) {
  const been = new Set();
  let ends = 0;
  for (let stop = 0; stop < STOPS; stop += 1) {
    const at = await w.page.evaluate(cursorBox);
    if (at.id !== "none") {
      if (been.has(at.id)) break;
      been.add(at.id);
      seen.stops += 1;
      if (at.wrong) seen.hidden.add(page, `${at.name} ${at.wrong}`);
      // Behind the last there is nothing once, and then the first.
    } else if (stop > 1 && (ends += 1) > 1) break;
    await w.page.keyboard.press("Tab");
  }
}

/** In the page: what has the cursor, and what is wrong with how it is seen. */
function cursorBox() {
  const e = document.activeElement;
  if (!e || e === document.body) return { id: "none" };
  const id = Array.from(document.querySelectorAll("*")).indexOf(e);
  const part = e.closest("header, nav, main, footer")?.tagName.toLowerCase();
  const name = [part, e.tagName.toLowerCase() + (e.id ? `#${e.id}` : ""), e.getAttribute("data-key") ?? ""].join(" ").trim();
  // The work area holds the cursor where a page has no field; it is no control.
  if (e.matches("main")) return { id };
  const style = getComputedStyle(e);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return { id, name, wrong: `has an outline of ${style.outlineWidth} ${style.outlineStyle}` };
  const box = e.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (box.width === 0 || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return { id, name, wrong: "is out of sight" };
  const top = document.elementFromPoint(x, y);
  const seen = top && (e.contains(top) || top.contains(e));
  return seen ? { id } : { id, name, wrong: `is behind ${top?.closest("footer.keys, .pick, header")?.className ?? top?.tagName}` };
}
