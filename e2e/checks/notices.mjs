// What must be read, with the keyboard: it comes first at each sign-in until it was, whoever published it sees how many have
// read it, and withdrawn it is gone. At the second hospital, to a director, so that no other check meets it.
import { openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { DIRECTOR } from "../lib/layout.mjs";
import { hired } from "../lib/office.mjs";
import { ByKeys } from "../lib/ways.mjs";
import { say } from "../lib/words.mjs";

const HOSPITAL = 1;
const NOTICE = { title: "Power is off", body: "From ten to eleven tonight." };

export async function run({ browser, demo, findings }) {
  await hired({ browser, demo }, DIRECTOR, HOSPITAL);
  const publisher = new ByKeys(await openWindow(browser, demo));
  const reader = new ByKeys(await openWindow(browser, demo));
  try {
    await signIn(publisher.w, { hospital: HOSPITAL, login: "0001" });
    for (const [name, work] of Object.entries(CHECKS)) await findings.check(`notices/${name}`, () => work(publisher, reader));
  } finally {
    await publisher.w.close();
    await reader.w.close();
  }
}

const CHECKS = { publish, "must-read": mustRead, "was-read": wasRead, withdraw };

async function publish(publisher) {
  await publisher.open("/notices", "body *");
  await publisher.type("title", NOTICE.title);
  await publisher.type("body", NOTICE.body);
  await publisher.page.selectOption("#f-role", "director");
  await publisher.to("[name=must]");
  await publisher.hands.press("Space");
  await publisher.send("F9");
  await seen(publisher, NOTICE.title, say("zh", "notice-must"), say("zh", "notice-readers", { count: 0 }));
  return `published with ${publisher.hands.keys} keys`;
}

/** Signs in at a workstation where he has not been; answers whether notices came first. */
async function comes(reader, workstation) {
  const before = reader.w.heard.length;
  await signIn(reader.w, { hospital: HOSPITAL, login: DIRECTOR.login, workstation });
  return reader.w.heard.slice(before).some(({ kind, what }) => kind === "request" && what === "/notices");
}

async function mustRead(_, reader) {
  must(await comes(reader, "N1"), "the notice did not come first");
  must(await comes(reader, "N2"), "it did not come first again");
  await reader.open("/notices", "button[value=read]");
  await seen(reader, NOTICE.title, NOTICE.body, `${say("zh", "notices")} (1)`);
  await reader.enter();
  must(!(await reader.page.locator("button[value=read]").count()), "it is still offered to be read");
  must(!(await reader.page.textContent("header.top")).includes("(1)"), "it still counts as unread");
  return "first at each sign-in; Enter says that it was read";
}

async function wasRead(_, reader) {
  must(!(await comes(reader, "N3")), "it came first though it was read");
  return "behind that the first page is one's own";
}

async function withdraw(publisher, reader) {
  await publisher.open("/notices", "body *");
  await seen(publisher, say("zh", "notice-readers", { count: 1 }));
  await publisher.button("button[value=withdraw]");
  must(!(await publisher.page.textContent("main")).includes(NOTICE.title), "it is still there");
  await reader.page.goto("/notices");
  await seen(reader, say("zh", "notice-none"));
  return "read by 1; withdrawn it is gone";
}

/** The page says it. */
async function seen({ page }, ...words) {
  const text = await page.textContent("body");
  for (const word of words) must(text.includes(word), `the page lacks "${word}"`);
}
