// A hospital's other program: it says national messages to the centre, signed as docs/vendor has it, and its desk knows
// nothing of them.
import { createHash } from "node:crypto";
import { must } from "./checking.mjs";

/** A moment of the demo's day that has been. */
const MOMENT = "08:00:01";
/** Ids of the desk end in lower numbers. */
const FIRST = 9000;
const TEST = "血常规(五分类)";

/** Of a hospital of a town, on today's date, at our centre: before the plain one stand the same books. */
export function programIn({ city }, house) {
  const now = new Date(Date.now() + 8 * 3_600_000).toISOString();
  const hospitals = city.hospitals.map((hospital) => ({ ...hospital, paasid: hospital.key }));
  const demo = { address: city.address, day: now.slice(0, 10), hospitals: house.hospitals, city: { hospitals, items: city.items } };
  return Object.assign(new Program(demo), { time: now.slice(0, 19).replace("T", " "), item: city.items[0].code });
}

export class Program {
  constructor(demo, hospital = 0) {
    const own = demo.city.hospitals.find(({ code }) => code === demo.hospitals[hospital].code);
    Object.assign(this, { demo, own, time: `${demo.day} ${MOMENT}`, next: FIRST });
  }
  /** Says what must be done; answers the output. */
  async say(infno, input) {
    const { demo, own, time } = this;
    const body = JSON.stringify({
      infno, msgid: this.id(), mdtrtarea_admvs: own.division, insuplc_admdvs: "990101", recer_sys_code: "HIS", dev_no: "", dev_safe_info: "",
      cainfo: "", signtype: "", infver: "V1.0", opter_type: "1", opter: "9001", opter_name: "Program", inf_time: time,
      fixmedins_code: own.code, fixmedins_name: own.name, sign_no: "", input,
    });
    const answer = await fetch(`${demo.address}/api/${infno}`, { method: "POST", headers: this.signed(), body });
    const said = JSON.parse(await answer.text());
    must(String(said.infcode) === "0", `${infno}: ${said.err_msg}`);
    return said.output;
  }
  id() {
    this.last = `${this.own.code}${this.time.replace(/\D/g, "")}${(this.next += 1)}`;
    return this.last;
  }
  signed() {
    const [stamp, nonce] = [String(Math.floor(Date.now() / 1000)), `e2e-${this.next}`];
    const signature = createHash("sha256").update(`${stamp}${this.own.secret}${nonce}${stamp}`).digest("hex");
    const said = { paasid: this.own.paasid, timestamp: stamp, nonce, signature };
    return { "content-type": "application/json", ...Object.fromEntries(Object.entries(said).map(([name, value]) => [`x-tif-${name}`, value])) };
  }
  /** A blood test, charged and settled as a bill; answers the centre's ids of visit and settlement. */
  async settle(person, amount = "21.00") {
    const item = this.item ?? this.demo.city.items.find(({ name }) => name === TEST).code;
    const { time } = this;
    const { data } = await this.say("2201", { data: { psn_no: person, insutype: "310", begntime: time, mdtrt_cert_type: "02", mdtrt_cert_no: "x", ipt_otp_no: `MZ${this.next}`, atddr_no: "D1", dr_name: "Wang", dept_code: "0301", dept_name: "Ward", caty: "A03" } });
    const visit = data.mdtrt_id;
    const doctor = { dise_dor_no: "D1", dise_dor_name: "Wang", diag_dept: "0301", diag_time: time };
    await this.say("2203", { mdtrtinfo: { mdtrt_id: visit, psn_no: person, med_type: "11", begntime: time }, diseinfo: [{ diag_type: "1", diag_srt_no: "1", diag_code: "I10", diag_name: "I10", vali_flag: "1", ...doctor }] });
    await this.say("2204", { feedetail: [{ feedetl_sn: `1-${this.next}`, mdtrt_id: visit, psn_no: person, chrg_bchno: "1", rx_circ_flag: "0", fee_ocur_time: time, med_list_codg: item, medins_list_codg: "1", det_item_fee_sumamt: amount, cnt: "1", pric: amount, bilg_dept_codg: "0301", bilg_dept_name: "Ward", bilg_dr_codg: "D1", bilg_dr_name: "Wang", hosp_appr_flag: "1" }] });
    const said = await this.say("2207", { data: { psn_no: person, mdtrt_cert_type: "02", mdtrt_cert_no: "x", med_type: "11", medfee_sumamt: amount, psn_setlway: "01", mdtrt_id: visit, chrg_bchno: "1", insutype: "310", acct_used_flag: "1", invono: "" } });
    return { visit, settlement: said.setlinfo.setl_id };
  }
  /** Undoes a settlement of any of the hospital's programs by its number. */
  async refund(person, settlement) {
    const day = this.demo.day;
    const { mdtrtinfo } = await this.say("5201", { data: { psn_no: person, begntime: `${day} 00:00:00`, endtime: `${day} 23:59:59`, med_type: "11", mdtrt_id: "" } });
    for (const { mdtrt_id } of mdtrtinfo) {
      const known = await this.say("5203", { data: { psn_no: person, setl_id: settlement, mdtrt_id } }).catch(() => null);
      if (!known) continue;
      await this.say("2208", { data: { setl_id: settlement, mdtrt_id, psn_no: person } });
      return;
    }
    throw new Error(`no visit has the settlement ${settlement}`);
  }
}
