//! Requests as hospital programs really build them: each vendor has its own key order, numbers or texts, nulls, extra
//! members. The transactions' fields are the national ones; who, where and what are the demo city's.

use jiff::civil::DateTime;
use model::Institution;
use serde_json::{Value, json};
use wire::{compact_time, print_time};

/// One charged item: code, unit price, quantity, amount, and the trace code of its pack where it was scanned.
pub(crate) struct Charge {
    pub(crate) code: String,
    pub(crate) price: &'static str,
    pub(crate) quantity: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) pack: &'static str,
}

/// A vendor's program at a hospital.
pub(crate) struct Vendor<'a> {
    pub(crate) hospital: &'a Institution,
    pub(crate) sign_no: String,
    /// The division its patients are insured in, where it says one.
    pub(crate) insured_in: Option<&'a str>,
}

impl Vendor<'_> {
    pub(crate) fn msgid(&self, now: DateTime, serial: u32) -> String {
        format!("{}{}{serial:04}", self.hospital.code, &compact_time(now)[..14])
    }

    /// The envelope of a .NET program: indented, nulls for what it does not know.
    pub(crate) fn indented(&self, infno: &str, msgid: &str, now: DateTime, input: &Value) -> String {
        let h = self.hospital;
        let insured_in = self.insured_in.map_or("null".to_owned(), |division| format!("{division:?}"));
        let sign_no = if self.sign_no.is_empty() { "null".to_owned() } else { format!("{:?}", self.sign_no) };
        format!(
            "{{\r\n  \"infno\": {infno:?},\r\n  \"msgid\": {msgid:?},\r\n  \"mdtrtarea_admvs\": {:?},\r\n  \
             \"insuplc_admdvs\": {insured_in},\r\n  \"recer_sys_code\": \"YBXT\",\r\n  \"dev_no\": \"\",\r\n  \
             \"dev_safe_info\": \"\",\r\n  \"cainfo\": \"\",\r\n  \"signtype\": \"MOCK\",\r\n  \"infver\": \"V1.0\",\r\n  \
             \"opter_type\": \"1\",\r\n  \"opter\": \"0103\",\r\n  \"opter_name\": \"李敏\",\r\n  \"inf_time\": {:?},\r\n  \
             \"fixmedins_code\": {:?},\r\n  \"fixmedins_name\": \"{}\",\r\n  \"sign_no\": {sign_no},\r\n  \"input\": {}\r\n}}",
            h.division,
            print_time(now),
            h.code,
            h.name,
            serde_json::to_string_pretty(input).unwrap_or_default().replace('\n', "\r\n"),
        )
    }

    /// The envelope of a hub-style Java bean: keys sorted, the hospital under another name, the input as a text.
    pub(crate) fn hub(&self, infno: &str, msgid: &str, input: &Value) -> String {
        let h = self.hospital;
        json!({
            "infno": infno, "input": input.to_string(), "insur_code": h.division, "insuplc_admdvs": "990101",
            "mdtrtarea_admvs": h.division, "medins_code": h.code, "msgid": msgid, "opter": "1001",
            "opter_name": "收费员甲", "url": "http://127.0.0.1/upay",
        })
        .to_string()
    }

    /// The envelope of a clinic's program: compact, an extra member behind the input.
    pub(crate) fn compact(&self, infno: &str, msgid: &str, now: DateTime, input: &Value) -> String {
        let h = self.hospital;
        format!(
            "{{\"infno\":{infno:?},\"msgid\":{msgid:?},\"mdtrtarea_admvs\":{:?},\"insuplc_admdvs\":\"990101\",\
             \"recer_sys_code\":\"MK\",\"dev_no\":\"\",\"dev_safe_info\":\"\",\"cainfo\":\"\",\"signtype\":\"\",\
             \"infver\":\"V1.0\",\"opter_type\":\"1\",\"opter\":\"D1\",\"opter_name\":\"赵医生\",\"inf_time\":{:?},\
             \"fixmedins_code\":{:?},\"fixmedins_name\":\"{}\",\"sign_no\":{:?},\"input\":{input},\"departname\":\"全科\"}}",
            h.division,
            print_time(now),
            h.code,
            h.name,
            self.sign_no,
        )
    }
}

pub(crate) fn sign_in() -> Value {
    json!({"signIn": {"opter_no": "0103", "mac": "00-0C-29-3E-5B-01", "ip": "192.168.10.21"}})
}

pub(crate) fn get_person(document: &str, name: &str) -> Value {
    json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": document, "card_sn": "", "begntime": "",
        "psn_cert_type": "01", "certno": document, "psn_name": name}})
}

/// 2201 of a program that writes moments with a T.
pub(crate) fn register(person: &str, number: &str, begins: DateTime) -> Value {
    json!({"data": {"psn_no": person, "insutype": "310", "begntime": print_time(begins).replace(' ', "T"),
        "mdtrt_cert_type": "02", "mdtrt_cert_no": "见证件", "ipt_otp_no": number, "atddr_no": "D990100000001",
        "dr_name": "王医生", "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03"}})
}

pub(crate) fn visit(person: &str, visit: &str, now: DateTime) -> Value {
    let time = print_time(now);
    json!({
        "mdtrtinfo": {"mdtrt_id": visit, "psn_no": person, "med_type": "11", "begntime": time, "main_cond_dscr": "",
            "dise_codg": "", "dise_name": "", "birctrl_type": "", "birctrl_matn_date": "0001-01-01T00:00:00"},
        "diseinfo": [{"diag_type": "1", "diag_srt_no": 1, "diag_code": "I10", "diag_name": "原发性高血压",
            "diag_dept": "0301", "dise_dor_no": "D990100000001", "dise_dor_name": "王医生", "diag_time": time,
            "vali_flag": "1"}],
    })
}

/// 2204 with numbers as the program holds them, nulls and a camel-case extension.
pub(crate) fn fees(person: &str, visit: &str, batch: &str, now: DateTime, charges: &[Charge]) -> Value {
    let number = |text: &str| text.parse::<serde_json::Number>().map_or(Value::Null, Value::Number);
    let rows: Vec<Value> = (1..)
        .zip(charges)
        .map(|(n, charge)| {
            json!({
                "feedetl_sn": format!("yp{batch}-{n}"), "mdtrt_id": visit, "psn_no": person, "chrg_bchno": batch,
                "dise_codg": "", "rxno": "RX0001", "rx_circ_flag": "0", "fee_ocur_time": print_time(now),
                "med_list_codg": charge.code, "medins_list_codg": "YP570",
                "det_item_fee_sumamt": number(charge.amount), "cnt": number(charge.quantity),
                "pric": number(charge.price), "bilg_dept_codg": "0301", "bilg_dept_name": "内科门诊",
                "bilg_dr_codg": "D990100000001", "bilg_dr_name": "王医生", "acord_dept_codg": null,
                "hosp_appr_flag": "1", "tcmdrug_used_way": "1", "etip_flag": null, "matn_fee_flag": "0",
                "drugtracinfo": packs(charge.pack),
                "expContent": null,
            })
        })
        .collect();
    json!({"feedetail": rows})
}

/// The packs of a line; none where nobody scanned any.
fn packs(code: &str) -> Value {
    if code.is_empty() { Value::Null } else { json!([{"drug_trac_codg": code}]) }
}

/// 2206 and 2207; the split amounts left empty, as many programs do.
pub(crate) fn bill(person: &str, visit: &str, batch: &str, total: &str) -> Value {
    json!({"data": {"psn_no": person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "见证件", "med_type": "11",
        "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": batch,
        "acct_used_flag": "1", "insutype": "310", "invono": null, "fulamt_ownpay_amt": "",
        "overlmt_selfpay": "", "preselfpay_amt": "", "inscp_scp_amt": "", "expContent": null}})
}

pub(crate) fn void(person: &str, visit: &str, settlement: &str) -> Value {
    json!({"data": {"setl_id": settlement, "mdtrt_id": visit, "psn_no": person}})
}

/// 2401.
pub(crate) fn admit(person: &str, number: &str, begins: DateTime) -> Value {
    json!({
        "mdtrtinfo": {"psn_no": person, "insutype": "310", "coner_name": "", "tel": "", "begntime": print_time(begins),
            "mdtrt_cert_type": "02", "mdtrt_cert_no": "见证件", "med_type": "21", "ipt_no": number, "medrcdno": "",
            "atddr_no": "D990100000009", "chfpdr_name": "李医生", "adm_diag_dscr": "肺炎", "adm_dept_codg": "A05",
            "adm_dept_name": "内科", "adm_bed": "1203", "dscg_maindiag_code": "J18.900",
            "dscg_maindiag_name": "肺炎", "main_cond_dscr": "", "dise_codg": "", "fetts": "", "fetus_cnt": ""},
        "diseinfo": [diagnosis(person, "", begins)],
    })
}

fn diagnosis(person: &str, stay: &str, time: DateTime) -> Value {
    json!({"psn_no": person, "mdtrt_id": stay, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": "1",
        "diag_code": "J18.900", "diag_name": "肺炎", "adm_cond": "", "diag_dept": "A05",
        "dise_dor_no": "D990100000009", "dise_dor_name": "李医生", "diag_time": print_time(time)})
}

/// 2301 of a program that sends every number as a text and every member it knows, empty or not.
pub(crate) fn stay_fees(
    person: &str,
    stay: &str,
    batch: &str,
    served: DateTime,
    charges: &[Charge],
) -> Value {
    let rows: Vec<Value> = (1..)
        .zip(charges)
        .map(|(n, charge)| {
            json!({
                "feedetl_sn": format!("{batch}{n:04}"), "init_feedetl_sn": "", "mdtrt_id": stay, "drord_no": "YZ01",
                "psn_no": person, "med_type": "21", "fee_ocur_time": print_time(served), "cnt": charge.quantity,
                "pric": charge.price, "det_item_fee_sumamt": charge.amount, "med_list_codg": charge.code,
                "medins_list_codg": "F00000012", "medins_list_name": "本院项目", "bilg_dept_codg": "A05",
                "bilg_dept_name": "内科", "bilg_dr_codg": "D990100000009", "bilg_dr_name": "李医生",
                "acord_dept_codg": "", "hosp_appr_flag": "1", "dscg_tkdrug_flag": "0", "frqu_dscr": "",
                "prd_days": "", "unchk_flag": "", "memo": "",
            })
        })
        .collect();
    json!({"feedetail": rows})
}

/// 2402 of a program that names the node as it does everywhere.
pub(crate) fn discharge(person: &str, stay: &str, ends: DateTime) -> Value {
    json!({
        "mdtrtinfo": {"mdtrt_id": stay, "psn_no": person, "insutype": "310", "endtime": print_time(ends),
            "dise_codg": "", "cop_flag": "0", "dscg_dept_codg": "A05", "dscg_dept_name": "内科",
            "dscg_bed": "1203", "dscg_way": "1", "die_date": "", "geso_val": "", "fetts": ""},
        "diseinfo": [diagnosis(person, stay, ends)],
    })
}

/// 2303 and 2304 of a program that puts the fields straight under the input, with amounts it does not know as zero.
pub(crate) fn stay_bill(person: &str, stay: &str, total: &str) -> Value {
    json!({"psn_no": person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "见证件", "medfee_sumamt": total,
        "psn_setlway": "01", "mdtrt_id": stay, "acct_used_flag": "1", "insutype": "310", "invono": "",
        "mid_setl_flag": "0", "fulamt_ownpay_amt": "0.00", "overlmt_selfpay": "0.00", "preselfpay_amt": "0.00",
        "inscp_scp_amt": "0.00"})
}

/// 2601 of a program that puts the fields straight under the input.
pub(crate) fn reverse(person: &str, infno: &str, msgid: &str) -> Value {
    json!({"psn_no": person, "omsgid": msgid, "oinfno": infno})
}
