// What pages weigh and what actions cost: a first visit is light, an action asks the server once, and candidates are in
// sight on a long bill.
import { begin, enter, NEXT, SCRIPT } from "../lib/bills.mjs";
import { actions, cursorIn, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must, until } from "../lib/checking.mjs";

const [FIRST_WHOLE, FIRST_PACKED, LATER_PACKED] = [60_000, 20_000, 10_000];

export async function run(world) {
  const { findings } = world;
  const w = await openWindow(world.browser, world.demo);
  const bytes = await meter(w);
  try {
    await findings.check("weight/first-visit", () => firstVisit(w, bytes));
    await findings.check("weight/later-pages", () => laterPages(w, bytes));
    await findings.check("weight/candidates", () => candidatesSeen(w));
    await findings.check("weight/one-request", () => oneRequest(w));
  } finally {
    await w.close();
  }
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
    why: pressed("F3", "main", ".steps li"),
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
