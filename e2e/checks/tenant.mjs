// What is another hospital's is not there: every address is tried with the keys of its bills, stays, closings and of what
// its office has, from sessions of a second hospital. Each must answer to the letter as it does for what does not exist,
// and nothing may have changed. Lists as files hold one's own only.
import { step } from "../lib/asking.mjs";
import { begin, SCRIPT, settled, voided } from "../lib/bills.mjs";
import { cookie, csrf, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";
import { words } from "../lib/files.mjs";
import { BRANCH, CASHIER, CUT, INSURED, NOTICE, SPOILT } from "../lib/layout.mjs";
import { hired, ITEM, office, OFFICER, QUESTION, REASON, withWindow } from "../lib/office.mjs";
import { house } from "../lib/pages-house.mjs";
import { staff, standing } from "../lib/stays.mjs";

const LEAST = 200;
const COOKIE = "__Host-tongqu";

export async function run({ browser, demo, findings }) {
  const ours = await openWindow(browser, demo);
  const theirs = await openWindow(browser, demo);
  const { clerk, biller, close } = await staff(browser, demo);
  try {
    const kept = await office({ browser, demo });
    const laid = await house({ browser, demo });
    await hired({ browser, demo }, OFFICER, 1);
    await hired({ browser, demo }, CASHIER, 1);
    await signIn(ours, { hospital: 0 });
    const bills = await makeBills(ours);
    const stays = await makeStays(ours, { browser, demo });
    // Behind the closing, which the bills are in.
    for (const bill of bills) bill.before = await seen(ours, bill.key);
    const looks = looksOf(stays, { ours, clerk, biller });
    const before = await looks();
    await findings.check("tenant/can-tell", () => canTell(ours, bills));
    await findings.check("tenant/can-tell-stays", () => canTellStays(clerk, stays));
    for (const login of ["0103", "0401", "0301", "0207"]) {
      await signIn(theirs, { hospital: 1, login });
      await findings.check(`tenant/as-${login}`, () => tryAll(theirs, bills));
      await findings.check(`tenant/stays-as-${login}`, () => tryStays(theirs, stays));
    }
    for (const login of Object.keys(LISTS)) {
      await signIn(theirs, { hospital: 1, login });
      if (OFFICES[login]) await findings.check(`tenant/office-as-${login}`, () => tryOffice(theirs, login, bills, { ...kept, ...laid }));
      await findings.check(`tenant/files-as-${login}`, () => withWindow({ browser, demo }, { login }, (w) => files(w, theirs, login)));
    }
    await signIn(theirs, { hospital: 1 });
    await findings.check("tenant/files-for-cashiers", () => closedTo(ours));
    await findings.check("tenant/cookie", () => otherCookies(demo, ours, theirs, bills));
    await findings.check("tenant/untouched", () => untouched(ours, bills));
    await findings.check("tenant/stays-untouched", () => same(before, looks));
  } finally {
    await ours.close();
    await theirs.close();
    await close();
  }
}

/** Bills of every state that can be had. */
async function makeBills(w) {
  const [one, two] = SCRIPT.items.map((item) => item.initials);
  const undone = await settled(w, [one]);
  await voided(w, undone);
  const stands = [await settled(w, [one, two]), await settled(w, [two])];
  const tried = await begin(w, [one]);
  await new Hands(w).pressed("F8", "the trial", "#f-tendered");
  const entered = await begin(w, [two]);
  const keys = [undone, ...stands, tried, entered];
  const bills = [];
  for (const key of keys) bills.push({ key, ...(await receipt(w, key, stands)) });
  return bills;
}

const receipt = async (w, key, settled) => (settled.includes(key) ? { receipt: /NB-\d{7}/.exec(await seen(w, key))[0] } : {});

/** Its page as its own hospital sees it, without the clock. */
async function seen(w, key) {
  const answer = await asked(w, await cookie(w), { path: `/bills/${key}` });
  if (answer.status !== 303) return answer.body;
  return (await asked(w, await cookie(w), { path: answer.location })).body;
}

const STEPS = {
  visit: { care_kind: "11", doctor: "012", diagnosis: "jxsh" },
  line: { item: SCRIPT.items[2].initials },
  package: { package: SCRIPT.items[2].initials },
  trace: { line: "1", code: "81234567" },
  remove: { number: "1" },
  answer: { answer: "yes" },
  try: {},
  tender: { tendered: "9999" },
  account: { uses_account: "0" },
  settle: { tendered: "9999" },
  park: {},
  drop: {},
  alone: { why: "test" },
  fetch: {},
  "give-up": {},
};
const LOOKS = ["/bills?receipt=KEY&as=csv", "/charge/KEY", "/charge?done=KEY", "/bills/KEY", "/bills/KEY/why", "/bills/KEY/void", "/print/receipt/KEY", "/print/receipt/KEY?look=1", "/find/item?q=KEY", "/find/diagnosis?q=KEY", "/find/doctor?q=KEY", "/bills?receipt=KEY"];

/** Everything that can be asked with the key of a bill. */
function attempts(token) {
  const looks = [...LOOKS, ...Object.keys(STEPS).map((step) => `/charge/KEY/${step}`)].map((path) => ({ path }));
  const steps = Object.entries(STEPS).map(([step, form]) => ({ path: `/charge/KEY/${step}`, form: { csrf: token, ...form } }));
  const parts = [{}, { do: "ask" }, { "back-1": "1", sure: "0.00" }];
  const refunds = parts.map((part) => ({ path: "/bills/KEY/void", form: { csrf: token, reason: "void-wrong-item", ...part } }));
  return [...looks, ...steps, ...refunds].flatMap((attempt) => [attempt, { ...attempt, part: true }]);
}

async function tryAll(w, bills) {
  const [session, token] = [await cookie(w), await csrf(w)];
  const nobodys = (key) => String(BigInt(key) + 7_777_777n);
  let count = 0;
  for (const { key, receipt } of bills) {
    const pairs = [[key, nobodys(key)], ...(receipt ? [[receipt, "NB-7777777"]] : [])];
    for (const attempt of attempts(token)) {
      for (const [named, missing] of pairs) {
        if (named === receipt && !/receipt|find/.test(attempt.path)) continue;
        await alike(w, session, attempt, { KEY: named }, { KEY: missing });
        count += 1;
      }
    }
  }
  must(count >= LEAST, `only ${count} attempts`);
  return `${count} attempts with ${bills.length} bills, each answered as for a bill that does not exist`;
}

/** What is there and what is not are answered to the letter alike. */
async function alike(w, session, attempt, named, missing) {
  const [there, nowhere] = await Promise.all([named, missing].map((names) => asked(w, session, attempt, names)));
  must(JSON.stringify(there) === JSON.stringify(nowhere), `${attempt.form ? "POST" : "GET"} ${attempt.path} of another hospital answers ${there.status}, of nobody ${nowhere.status}: ${differ(there, nowhere)}`);
}

/** Stays in every state with what hangs on them, and a closing; of each what is to be tried, and the like of nobody. */
async function makeStays(w, world) {
  const stays = await standing(world);
  stays.closing ??= await step(w, "/closing");
  const closing = stays.closing.split("/")[2];
  const number = (await asked(w, await cookie(w), { path: stays.closing })).body;
  must(number.includes(closing), `${stays.closing} is not shown`);
  const rest = { LINE: stays.line, DEPOSIT: stays.deposit, SETTLEMENT: stays.settlement, CLOSING: closing, YJ: "YJ-0000002" };
  const nobody = { STAY: "99777777", LINE: "99777777-00001", DEPOSIT: "990077700777001", SETTLEMENT: "990077700777002", CLOSING: "0103-77777", YJ: "YJ-7777777" };
  const keys = ["here", "waiting", "cancelled", "settled", "debt", "leaving"].map((name) => stays[name]);
  return keys.map((STAY) => ({ named: { STAY, ...rest }, missing: nobody }));
}

/** Steps of a stay by the address they begin with. */
const STAY_STEPS = {
  admission: { bed: { bed: "01" }, release: {}, leave: {}, return: {}, again: {}, alone: {}, cancel: {}, "give-up": {} },
  deposits: { take: { amount: "1", method: "cash" }, void: { deposit: "DEPOSIT", reason: "void-wrong-amount" }, refund: { receipt: "YJ" } },
  posting: { order: { doctor: "012" }, line: { item: SCRIPT.items[3].initials }, package: { package: "" }, trace: { line: "1", code: "81234567" }, remove: {}, post: {}, send: {}, try: {} },
  discharge: { go: { way: "1", diagnosis: "I10" }, try: {}, settle: { tendered: "99999" }, void: { reason: "void-lines-wrong" }, recall: {}, debt: { guarantor: "Wang" }, "give-up": {} },
};
/** Beds are not among them: each hospital has a first bed of its first ward. */
const STAY_LOOKS = [
  ...Object.keys(STAY_STEPS).flatMap((module) => [`/${module}/STAY`, `/${module}?q=STAY`]),
  ...Object.entries(STAY_STEPS).flatMap(([module, steps]) => Object.keys(steps).map((step) => `/${module}/STAY/${step}`)),
  "/deposits/STAY?done=DEPOSIT",
  "/deposits/STAY?as=csv",
  ...["admission", "deposits", "discharge"].map((module) => `/${module}?q=STAY&as=csv`),
  "/posting?bed=STAY",
  "/posting/STAY/reverse/LINE",
  "/print/day/STAY",
  "/print/day/STAY?day=t",
  "/print/deposit/DEPOSIT",
  "/print/deposit/DEPOSIT?look=1",
  "/print/stay/SETTLEMENT",
  "/print/stay/SETTLEMENT?look=1",
  "/why/stay/SETTLEMENT",
  "/closing/CLOSING",
];

async function tryStays(w, stays) {
  const [session, token] = [await cookie(w), await csrf(w)];
  const steps = Object.entries(STAY_STEPS).flatMap(([module, all]) => Object.entries(all).map(([step, form]) => [`/${module}/STAY/${step}`, form]));
  const more = [["/posting/STAY/reverse/LINE", { quantity: "1", reason: "test" }], ["/closing/CLOSING", { do: "cancel" }], ["/closing/CLOSING", { counted: "0" }], ["/batch", { ward: "N1", item: SCRIPT.items[3].initials, quantity: "1", do: "post", stay: "STAY" }]];
  const posts = [...steps, ...more].map(([path, form]) => ({ path, form: { csrf: token, ...form } }));
  const all = [...STAY_LOOKS.map((path) => ({ path })), ...posts].flatMap((attempt) => [attempt, { ...attempt, part: true }]);
  for (const { named, missing } of stays) {
    for (const attempt of all) await alike(w, session, attempt, named, missing);
  }
  const count = all.length * stays.length;
  must(count >= LEAST, `only ${count} attempts`);
  return `${count} attempts with ${stays.length} stays, each answered as for a stay that does not exist`;
}

/** What can be asked of an office, by who may: addresses to look at, and steps with their forms. */
const OFFICES = {
  "0103": {
    looks: ["SPOILT", "JAMMED"].map((number) => `/numbers?kind=outpatient&number=${number}`),
    steps: [...["SPOILT", "JAMMED"].map((number) => ["/numbers", { kind: "outpatient", number, reason: "spoilt-jam" }]), ["/notices", { do: "read", key: "NOTICE" }]],
  },
  "0401": {
    looks: ["DAYROW", "TICKET"],
    steps: [["DAYROW", { seen: "1" }], ["DAYROW", { seen: "1", do: "ticket", text: "test" }], ["TICKET", { ended: "test" }], ["/approvals", { bill: "BILL", do: "yes" }], ["/approvals", { bill: "BILL", do: "no" }], ["/segments", { do: "return", key: "SEGMENT" }], ["/clearing", { month: "MONTH", kind: "11", do: "withdraw" }]],
  },
  "0001": {
    looks: ["/prices/ITEM", "/prices?q=ITEM", "/prices?q=ITEM&as=csv", "/operators/WHO", ...["", "?as=csv", "?as=xlsx"].map((as) => `SHEET${as}`)],
    steps: [...[{ do: "price", price: "1", from: "2026-12-24", why: "test" }, { do: "stop", why: "test" }, { do: "go-on" }, { do: "change", name: "test" }].map((form) => ["/prices/ITEM", form]), ["SHEET", {}], ["SHEET", { do: "refuse" }], ["/operators/WHO", { do: "stop" }], ["/operators/WHO", { do: "code" }], ["/operators/WHO", { do: "password", password: "long enough it is" }], ["/notices", { do: "read", key: "NOTICE" }], ["/notices", { do: "withdraw", key: "NOTICE" }], ["/windows", { do: "stop-branch", key: "BRANCH" }], ["/windows", { do: "stop-window", key: "STATION" }]],
  },
  [OFFICER.login]: {
    looks: ["/mapping/ITEM", "/mapping?show=all&q=ITEM", "/mapping?show=all&q=ITEM&as=csv", "/prices/ITEM", "SHEET"],
    steps: [["/mapping/ITEM", { national: "NONE" }], ["/mapping/ITEM", { do: "revoke" }], ["SHEET", {}]],
  },
};

/** Beside what is there, the like of it that is nowhere. The cashier with one number works at the first hospital alone. */
async function tryOffice(w, login, bills, kept) {
  const [session, token] = [await cookie(w), await csrf(w)];
  const named = { DAYROW: kept.unwritten, TICKET: kept.ticket, SHEET: kept.sheet, ITEM: ITEM.code, WHO: kept.restLogin, BILL: bills[1].key, SEGMENT: "outpatient/NB-0099001", MONTH: "202611", BRANCH: BRANCH.code, STATION: INSURED, NOTICE: kept.notice, SPOILT, JAMMED: kept.jammed };
  const missing = { DAYROW: kept.unwritten.replace(/\d+$/, "97"), TICKET: "/tickets/990077700777003", SHEET: "/price-changes/990077700777004", ITEM: "E2E9", WHO: "0777", BILL: "990077700777005", SEGMENT: "outpatient/NB-7777777", MONTH: "202609", BRANCH: "E9", STATION: "W99", NOTICE: "990077700777006", SPOILT: "HJ-7777777", JAMMED: "HJ-7777778" };
  const { looks, steps } = OFFICES[login];
  const tried = [...looks.map((path) => ({ path })), ...steps.map(([path, form]) => ({ path, form: { csrf: token, ...form } }))];
  const all = tried.flatMap((attempt) => [attempt, { ...attempt, part: true }]);
  for (const attempt of all) await alike(w, session, attempt, ...[named, missing].map((names) => meant(names, attempt)));
  return `${all.length} attempts, each answered as for what does not exist`;
}

/** Of all names those that an attempt asks with: the others may stand in what is answered. */
const meant = (names, attempt) => Object.fromEntries(Object.entries(names).filter(([name]) => JSON.stringify(attempt).includes(name)));

/** Lists that are files, by who may have them, each with something that the first hospital's alone has in it. */
const LISTS = {
  "0103": { "/bills": "", "/closing": "" },
  [CUT.login]: { "/numbers": SPOILT },
  "0401": { "/bills": "NB-0099001", "/reconcile": "2026-11-23", "/tickets": QUESTION, "/clearing": "2026-11", "/segments": "NB-0099001", "/confirm": "" },
  "0301": { "/admission": "高敏", "/deposits": "高敏", "/discharge": "唐雪梅" },
  "0001": { "/prices": ITEM.name, "/windows": BRANCH.name, "/notices": NOTICE.title },
  [OFFICER.login]: { "/prices": ITEM.aliases, "/mapping?show=all": ITEM.name, "/catalogue": "" },
};

/** Both kinds of file of each list: ours has it, theirs has not. */
async function files(ours, theirs, login) {
  const sessions = [await cookie(ours), await cookie(theirs)];
  let count = 0;
  for (const [path, own] of Object.entries(LISTS[login])) {
    for (const kind of ["csv", "xlsx"]) {
      const address = `${ours.demo.address}${path}${path.includes("?") ? "&" : "?"}as=${kind}`;
      const answers = await Promise.all(sessions.map((session) => fetch(address, { headers: { cookie: session }, redirect: "manual" })));
      const [mine, others] = await Promise.all(answers.map(async (answer) => words(Buffer.from(await answer.arrayBuffer()))));
      must(answers.every(({ status }) => status === 200), `${path} as ${kind} answered ${answers.map(({ status }) => status)}`);
      count += 1;
      if (!own || path === "/reconcile" || path === "/clearing") continue;
      must(mine.includes(own), `${path} as ${kind} of its own hospital lacks ${own}`);
      must(!others.includes(own) && !others.includes(REASON), `${path} as ${kind} of another hospital has ${own}`);
    }
  }
  return `${count} files hold what is one's own`;
}

/** Lists that cashiers have, too, each with what is for them. */
const EVERYBODYS = ["/bills", "/notices", "/numbers"];

/** What is no page of a cashier's is no file of his either. */
async function closedTo(w) {
  const session = await cookie(w);
  const all = Object.entries(LISTS).filter(([login]) => login !== "0103").flatMap(([, lists]) => Object.keys(lists)).filter((path) => !EVERYBODYS.includes(path));
  for (const path of all) {
    const { status } = await asked(w, session, { path: `${path}${path.includes("?") ? "&" : "?"}as=csv` });
    must(status === 403, `${path} as a file answers a cashier ${status}`);
  }
  return `${all.length} files of others' pages are refused with 403`;
}

/** Their own hospital is answered otherwise. */
async function canTellStays(w, stays) {
  const session = await cookie(w);
  for (const { named, missing } of stays) {
    for (const path of ["/admission/STAY", "/deposits/STAY", "/discharge/STAY", "/print/day/STAY"]) {
      const [there, nowhere] = [await asked(w, session, { path }, named), await asked(w, session, { path }, missing)];
      must(there.status === 200 && nowhere.status === 404, `${path} is answered ${there.status}, of nobody ${nowhere.status}`);
    }
  }
  return "its own hospital is answered otherwise";
}

/** What its own hospital sees of stays and the closing, on pages without the clock. */
function looksOf(stays, { ours, clerk, biller }) {
  const pages = [[clerk, "/admission/STAY"], [clerk, "/deposits/STAY"], [biller, "/posting/STAY"], [ours, "/closing/CLOSING"]];
  return async () => {
    const seen = [];
    for (const { named } of stays) {
      for (const [w, path] of pages) seen.push((await asked(w, await cookie(w), { path }, named)).body);
    }
    return seen;
  };
}

async function same(before, looks) {
  const now = await looks();
  const at = now.findIndex((page, n) => page !== before[n]);
  must(at < 0, `page ${at} of stays is not as it was: ${differ({ body: before[at] ?? "" }, { body: now[at] ?? "" })}`);
  return `${now.length} pages of stays and the closing are as they were`;
}

/** The hospital itself is answered otherwise: what is compared would show what is given away. */
async function canTell(w, bills) {
  const session = await cookie(w);
  for (const { key } of bills) {
    const [there, nowhere] = [await asked(w, session, { path: "/bills/KEY" }, { KEY: key }), await asked(w, session, { path: "/bills/KEY" }, { KEY: "1" })];
    must(there.status !== nowhere.status, `its own hospital is answered ${there.status} of the bill ${key}`);
  }
  return "its own hospital is answered otherwise";
}

function differ(one, two) {
  const at = [...one.body].findIndex((sign, n) => sign !== two.body[n]);
  return `"${one.body.slice(Math.max(0, at - 40), at + 80)}" and "${two.body.slice(Math.max(0, at - 40), at + 80)}"`;
}

/** What is answered, with the keys it was asked with made alike. */
async function asked(w, session, { path, form, part }, names = {}) {
  const headers = { cookie: session, ...(part ? { "x-part": "1" } : {}) };
  const filled = (text) => Object.entries(names).reduce((rest, [name, key]) => rest.replaceAll(name, key), text);
  const body = form && new URLSearchParams(Object.entries(form).map(([name, value]) => [name, names[value] ?? value]));
  const answer = await fetch(w.demo.address + filled(path), { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
  const keys = Object.entries(names).sort(([, a], [, b]) => b.length - a.length);
  const plain = (text) => keys.reduce((rest, [name, key]) => rest.replaceAll(key, name).replaceAll(encodeURIComponent(key), name), (text ?? "").replaceAll("&#x2f;", "/"));
  const place = plain(answer.headers.get("x-place"));
  return { status: answer.status, location: plain(answer.headers.get("location")), place, body: plain(await answer.text()) };
}

/** A token of one hospital with the name of the other: no session at all. */
async function otherCookies(demo, ours, theirs, bills) {
  const token = async (w) => (await w.context.cookies()).find(({ name }) => name === COOKIE).value.split(".")[1];
  const [a, b] = demo.hospitals.map(({ code }) => code);
  const forged = [`${a}.${await token(theirs)}`, `${b}.${await token(ours)}`, `${a}.`, `.${await token(ours)}`];
  for (const value of forged) {
    for (const { key } of bills) {
      const answer = await asked(ours, `${COOKIE}=${value}`, { path: `/bills/${key}` });
      must(answer.status === 401, `a cookie of the wrong hospital is answered ${answer.status}`);
    }
  }
  return `${forged.length} cookies of the wrong hospital open no session`;
}

async function untouched(w, bills) {
  for (const { key, before } of bills) {
    const now = await seen(w, key);
    must(now === before, `the bill ${key} is not as it was: ${differ({ body: before }, { body: now })}`);
  }
  return `${bills.length} bills are as they were`;
}
