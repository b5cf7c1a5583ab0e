// A stay in both books: at the desk as its pages say it, and at the centre as the national queries do. A stay is here `s`,
// with its number, whose it is (`who`), what is charged, and its house (`shared`).
import { account, fen, grouped } from "./account.mjs";
import { ask } from "./asking.mjs";
import { must } from "./checking.mjs";
import { deposits } from "./clerk.mjs";
import { equalToday } from "./days.mjs";
import { at, WARD } from "./house.mjs";
import { say } from "./words.mjs";

const zh = (key) => say("zh", key);
const FINANCE = "0401";
export const same = (got, wanted, what) => must(got === wanted, `${what} should be ${wanted}, and is ${got}`);

/** The state on a page of a stay; answers its account. */
export async function stateIs(way, wanted) {
  const found = await account(way);
  same(found.state, zh(wanted), "the state");
  return found;
}

/** The one deposit of a stay, as its page at a window says it stands. */
export async function depositIs(s, amount, state) {
  const all = await deposits(s.nextClerk, s.number);
  same(all.map(({ receipt, amount, state }) => `${receipt} ${amount} ${state}`).join(), `${s.receipt} ${grouped(fen(amount))} ${zh(state)}`, "the deposits");
}

/** What the centre has of the stay. */
export async function atTheCentre({ shared, who, number }) {
  const { program } = shared;
  const day = program.time.slice(0, 10);
  const within = { psn_no: who.number, begntime: `${day} 00:00:00`, endtime: `${day} 23:59:59` };
  const visits = (await program.say("5201", { data: { ...within, med_type: "21", mdtrt_id: "" } })).mdtrtinfo ?? [];
  const lying = (await program.say("5303", { data: within })).data ?? [];
  const mine = visits.filter(({ ipt_otp_no }) => ipt_otp_no === number);
  const ids = { psn_no: who.number, mdtrt_id: mine[0]?.mdtrt_id };
  const lines = mine.length ? await program.say("5204", { data: { ...ids, setl_id: "" } }) : [];
  const diagnoses = mine.length ? (await program.say("5202", { data: ids })).diseinfo ?? [] : [];
  return { visits, mine, lying, lines, diagnoses };
}

/** The centre has the stay once and none besides, and in the hospital or not; it has the lines that the account has. */
export async function isSame(s, { lies }) {
  const { visits, mine, lying, lines } = await atTheCentre(s);
  same(`${visits.length} ${mine.length}`, "1 1", "the stays the centre has of the patient, and those under the number");
  same(lying.length, lies ? 1 : 0, "the stays in hospital the centre has");
  const keys = new Set(lines.map(({ feedetl_sn }) => feedetl_sn));
  same(lines.length, keys.size, "the lines the centre has");
  const sum = lines.reduce((all, { det_item_fee_sumamt }) => all + fen(String(det_item_fee_sumamt)), 0);
  same(sum, s.charged, "what they come to at the centre");
}

/** What is settled and undone today is the same in both books. */
export async function dayIsEqual({ shared }) {
  const { count, words } = await at(shared.house, FINANCE, equalToday);
  same(count, shared.settled, "what was settled and undone today");
  return words;
}

/** Who has which bed: of the first ward by its number, of another by its ward's code, too. */
export async function beds(s) {
  const all = [];
  for (const ward of [WARD.code, ...(s.shared.others ?? [])]) {
    const { body } = await ask(s.windows[0], `/beds?ward=${ward}&view=list`);
    const rows = [...body.matchAll(/<tr><td>(\w+)<\/td><td>[^<]*<\/td><td>(.*?)<\/td>(.*?)<\/tr>/gs)];
    const name = (number) => (ward === WARD.code ? number : `${ward}-${number}`);
    all.push(...rows.map(([, number, state, rest]) => ({ number: name(number), state: state.replace(/<[^>]*>/g, "").trim(), name: /data-row>([^<]*)</.exec(rest)?.[1] ?? "" })));
  }
  return all;
}

/** Nobody has two beds, and whoever should have one has that. */
export async function bedIs(s, bed) {
  const all = await beds(s);
  const has = all.filter(({ name }) => name === s.who.name).map(({ number }) => number).join();
  same(has, bed, `the bed of ${s.who.name}`);
  const names = all.map(({ name }) => name).filter(Boolean);
  same(new Set(names).size, names.length, "patients in as many beds");
  const empty = all.filter(({ state, name }) => state === zh("bed-taken") && !name);
  same(empty.length, 0, "beds that are taken by nobody");
}
