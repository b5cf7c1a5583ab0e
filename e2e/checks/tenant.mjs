// What is another hospital's is not there: every address is tried with the keys of its bills from sessions of a second
// hospital. Each must answer to the letter as it does for a bill that does not exist, and nothing may have changed.
import { begin, look, SCRIPT, settled, voided } from "../lib/bills.mjs";
import { csrf, Hands, openWindow, signIn } from "../lib/browser.mjs";
import { must } from "../lib/checking.mjs";

const LEAST = 200;
const COOKIE = "__Host-tongqu";

export async function run({ browser, demo, findings }) {
  const ours = await openWindow(browser, demo);
  const theirs = await openWindow(browser, demo);
  try {
    await signIn(ours, { hospital: 0 });
    const bills = await makeBills(ours);
    await findings.check("tenant/can-tell", () => canTell(ours, bills));
    for (const login of ["0103", "0401"]) {
      await signIn(theirs, { hospital: 1, login });
      await findings.check(`tenant/as-${login}`, () => tryAll(demo, theirs, bills));
    }
    await findings.check("tenant/cookie", () => otherCookies(demo, ours, theirs, bills));
    await findings.check("tenant/untouched", () => untouched(ours, bills));
  } finally {
    await ours.close();
    await theirs.close();
  }
}

/** Bills of every state that can be had, with what they are now. */
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
  for (const key of keys) bills.push({ key, before: await seen(w, key), ...(await receipt(w, key, stands)) });
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
  remove: { number: "1" },
  answer: { answer: "yes" },
  try: {},
  tender: { tendered: "9999" },
  account: { uses_account: "0" },
  settle: { tendered: "9999" },
  park: {},
  drop: {},
  alone: { why: "test" },
  "give-up": {},
};
const LOOKS = ["/charge/KEY", "/charge?done=KEY", "/bills/KEY", "/bills/KEY/why", "/bills/KEY/void", "/print/receipt/KEY", "/print/receipt/KEY?look=1", "/find/item?q=KEY", "/find/diagnosis?q=KEY", "/find/doctor?q=KEY", "/bills?receipt=KEY"];

/** Everything that can be asked with the key of a bill. */
function attempts(token) {
  const looks = [...LOOKS, ...Object.keys(STEPS).map((step) => `/charge/KEY/${step}`)].map((path) => ({ path }));
  const steps = Object.entries(STEPS).map(([step, form]) => ({ path: `/charge/KEY/${step}`, form: { csrf: token, ...form } }));
  const refund = { path: "/bills/KEY/void", form: { csrf: token, reason: "void-wrong-item" } };
  return [...looks, ...steps, refund].flatMap((attempt) => [attempt, { ...attempt, part: true }]);
}

async function tryAll(demo, w, bills) {
  const [session, token] = [await cookie(w), await csrf(w)];
  const nobodys = (key) => String(BigInt(key) + 7_777_777n);
  let count = 0;
  for (const { key, receipt } of bills) {
    const pairs = [[key, nobodys(key)], ...(receipt ? [[receipt, "NB-7777777"]] : [])];
    for (const attempt of attempts(token)) {
      for (const [named, missing] of pairs) {
        if (named === receipt && !/receipt|find/.test(attempt.path)) continue;
        const [there, nowhere] = [await asked(w, session, attempt, named), await asked(w, session, attempt, missing)];
        must(JSON.stringify(there) === JSON.stringify(nowhere), `${attempt.form ? "POST" : "GET"} ${attempt.path} of another hospital answers ${there.status}, of nobody ${nowhere.status}: ${differ(there, nowhere)}`);
        count += 1;
      }
    }
  }
  must(count >= LEAST, `only ${count} attempts`);
  return `${count} attempts with ${bills.length} bills, each answered as for a bill that does not exist`;
}

/** The hospital itself is answered otherwise: what is compared would show what is given away. */
async function canTell(w, bills) {
  const session = await cookie(w);
  for (const { key } of bills) {
    const [there, nowhere] = [await asked(w, session, { path: "/bills/KEY" }, key), await asked(w, session, { path: "/bills/KEY" }, "1")];
    must(there.status !== nowhere.status, `its own hospital is answered ${there.status} of the bill ${key}`);
  }
  return "its own hospital is answered otherwise";
}

function differ(one, two) {
  const at = [...one.body].findIndex((sign, n) => sign !== two.body[n]);
  return `"${one.body.slice(Math.max(0, at - 40), at + 80)}" and "${two.body.slice(Math.max(0, at - 40), at + 80)}"`;
}

async function cookie(w) {
  const all = await w.context.cookies();
  return all.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** What is answered, with the key it was asked with made alike. */
async function asked(w, session, { path, form, part }, key = "KEY") {
  const headers = { cookie: session, ...(part ? { "x-part": "1" } : {}) };
  const body = form && new URLSearchParams(form);
  const answer = await fetch(w.demo.address + path.replace("KEY", key), { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
  const alike = (text) => (text ?? "").replaceAll(key, "KEY");
  const place = alike(answer.headers.get("x-place"));
  return { status: answer.status, location: alike(answer.headers.get("location")), place, body: alike(await answer.text()) };
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
  for (const { key, before } of bills) must((await seen(w, key)) === before, `the bill ${key} is not as it was`);
  return `${bills.length} bills are as they were`;
}
