// The shape of every page: nothing runs off the side, on the usual screen or zoomed to double size; the cursor is always
// in sight and outlined; pages are light, and an action asks the server once.
import { begin, enter, NEXT, SCRIPT } from "../lib/bills.mjs";
import { actions, cursorIn, Hands, openWindow, SCREEN, signIn } from "../lib/browser.mjs";
import { must, until, Wrongs } from "../lib/checking.mjs";
import { walk } from "../lib/pages.mjs";

/** What 200 % leaves of the screen. */
const ZOOMED = { width: 683, height: 384 };
const SIZES = [["screen", SCREEN], ["zoomed", ZOOMED]];
/** Tab goes no further than this on a page. */
const STOPS = 60;
const [FIRST_WHOLE, FIRST_PACKED, LATER_PACKED] = [60_000, 20_000, 10_000];

export async function run(world) {
  const { findings } = world;
  for (const language of ["zh", "en"]) await fits(world, language);
  const w = await openWindow(world.browser, world.demo);
  const bytes = await meter(w);
  try {
    await findings.check("shape/first-visit", () => firstVisit(w, bytes));
    await findings.check("shape/later-pages", () => laterPages(w, bytes));
    await findings.check("shape/candidates", () => candidatesSeen(w));
    await findings.check("shape/one-request", () => oneRequest(w));
  } finally {
    await w.close();
  }
}

/** Both sizes on one way through the pages: what is wide is looked for first, for Tab closes what is open. */
async function fits({ browser, demo, findings }, language) {
  const seen = SIZES.map(([name, size]) => ({ name, size, pages: 0, stops: 0, wide: new Wrongs(), hidden: new Wrongs() }));
  await walk({ browser, demo }, { language }, async (page, place, w) => {
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
  });
  for (const { name, size, pages, stops, wide, hidden } of seen) {
    findings.say(`shape/${language}/${name}/width`, wide.list(), `${pages} pages fit ${size.width} × ${size.height}`);
    findings.say(`shape/${language}/${name}/cursor`, hidden.list(), `${stops} stops of the cursor on ${pages} pages are in sight and outlined`);
  }
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
  for (let stop = 0; stop < STOPS; stop += 1) {
    const at = await w.page.evaluate(cursorBox);
    if (at.id !== "none") {
      if (been.has(at.id)) break;
      been.add(at.id);
      seen.stops += 1;
      if (at.wrong) seen.hidden.add(page, `${at.name} ${at.wrong}`);
    } else if (stop > 1) break;
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

/** Counts bytes as they come over the line and as they are. `over` waits until what was asked for is here. */
async function meter(w) {
  const bytes = {};
  const clear = () => Object.assign(bytes, { packed: 0, whole: 0, asked: 0, here: 0 });
  const over = () => until(() => bytes.asked > 0 && bytes.here >= bytes.asked, "nothing came over the line");
  const line = await w.context.newCDPSession(w.page);
  await line.send("Network.enable");
  line.on("Network.requestWillBeSent", () => (bytes.asked += 1));
  line.on("Network.dataReceived", (part) => (bytes.whole += part.dataLength));
  line.on("Network.loadingFinished", (end) => ((bytes.packed += end.encodedDataLength), (bytes.here += 1)));
  line.on("Network.loadingFailed", () => (bytes.here += 1));
  clear();
  return Object.assign(bytes, { clear, over });
}

async function firstVisit(w, bytes) {
  await w.page.goto("/sign-in");
  await bytes.over();
  must(bytes.asked >= 3, `a first visit asked for ${bytes.asked} things: page, style and script were expected`);
  const measured = `${bytes.whole} bytes, ${bytes.packed} over the line (most: ${FIRST_WHOLE}, ${FIRST_PACKED})`;
  must(bytes.whole <= FIRST_WHOLE && bytes.packed <= FIRST_PACKED, measured);
  return measured;
}

/** Each action with what it costs; the dearest must be cheap enough. */
async function laterPages(w, bytes) {
  await signIn(w);
  await cursorIn(w, "#f-card");
  const costs = [];
  for (const [name, act] of Object.entries(actionsOf(w))) {
    bytes.clear();
    await act();
    await bytes.over();
    costs.push({ name, packed: bytes.packed });
  }
  const told = `bytes over the line: ${costs.map(({ name, packed }) => `${name} ${packed}`).join(", ")} (most: ${LATER_PACKED})`;
  must(costs.every(({ packed }) => packed > 0 && packed <= LATER_PACKED), told);
  return told;
}

/** A bill from its card to its receipt and what can be looked at then, one action after the other. */
function actionsOf(w) {
  const hands = new Hands(w);
  const typed = (text, at, seen) => () => enter(hands, text, at, seen);
  const pressed = (key, at, seen) => () => hands.pressed(key, key, at, seen);
  const lines = SCRIPT.items.map(({ initials }, n) => [`line ${n + 1}`, typed(initials, "#f-item", `.scroll tbody tr:nth-child(${n + 1}) td.code`)]);
  return {
    "new bill": pressed("F2", "#f-card"),
    card: () => hands.wait("card", () => hands.scan(w.demo.card), "#f-doctor"),
    doctor: typed(SCRIPT.doctor, "#f-diagnosis"),
    diagnosis: typed(SCRIPT.diagnosis.initials, "#f-item"),
    ...Object.fromEntries(lines),
    trial: pressed("F8", "#f-tendered"),
    tendered: typed(SCRIPT.tendered, "#settle button"),
    "settle and print": pressed("F9", NEXT, "[data-print]"),
    bills: () => follow(w, "nav a[href='/bills']", "table[data-rows]"),
    look: () => follow(w, "a[data-row]", "[data-key=F8]"),
    why: pressed("F1", "main", ".steps li"),
  };
}

async function follow(w, link, seen) {
  await w.page.focus(link);
  await w.page.keyboard.press("Enter");
  await w.page.waitForSelector(seen);
}

const MANY = ["wgfb", "jbtf", "sjjc", "jmcx", "kqhl", "xqfx", "gftz", "ydzx", "xlzl", "jrzs", "pxzs", "mscx"];

/** On a long bill the candidates are in sight, too, and the marked one stays so however far the arrow goes. */
async function candidatesSeen(w) {
  await begin(w, MANY);
  const hands = new Hands(w);
  await hands.type("xq");
  await w.page.waitForSelector(".pick [aria-selected=true]");
  const count = await w.page.locator(".pick [data-pick]").count();
  for (let n = 0; n < count; n += 1) {
    const hidden = await w.page.evaluate(() => {
      const box = document.querySelector(".pick [aria-selected=true]").getBoundingClientRect();
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return top?.closest(".pick [aria-selected=true]") ? "" : `is at ${Math.round(box.top)} of ${innerHeight}`;
    });
    must(!hidden, `on a bill of ${MANY.length} lines candidate ${n + 1} of ${count} is marked and ${hidden}`);
    await hands.press("ArrowDown");
  }
  return `${count} candidates can be seen on a bill of ${MANY.length} lines`;
}

/** What is printed, and candidates while typing, are asked for besides; signing in and the toggle load whole pages. */
async function oneRequest(w) {
  await w.page.goto("/charge");
  await cursorIn(w, "#f-card");
  const counts = [];
  for (const [name, act] of Object.entries(actionsOf(w))) {
    const before = actions(w).length;
    await act();
    counts.push({ name, count: actions(w).length - before });
  }
  const many = counts.filter(({ count }) => count !== 1);
  must(many.length === 0, many.map(({ name, count }) => `${name} made ${count} requests`).join(", "));
  return `${counts.length} actions, one request each`;
}
