//! A hospital program: builds requests as vendors do and says them over a road.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};

use jiff::civil::DateTime;
use model::{Clock, Institution};
use road::{NoReply, Reply, Road};
use serde_json::{Value, json};
use wire::{Answer, Message, Problem, compact_time, print_time};

/// One charged item.
#[derive(Debug, Clone)]
pub struct Item {
    /// National code.
    pub code: String,
    /// Unit price as sent.
    pub price: String,
    /// Quantity as sent.
    pub quantity: String,
    /// Amount as sent.
    pub amount: String,
}

impl Item {
    /// One unit at a price.
    pub fn one(code: &str, price: &str) -> Self {
        Self { code: code.into(), price: price.into(), quantity: "1".into(), amount: price.into() }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The answer's text.
    pub text: String,
    /// Given before.
    pub replayed: bool,
    /// The code, where it was refused or not processed, or the whole text of a centre that has no codes; `?` where
    /// nothing is known.
    pub code: Option<String>,
}

impl Said {
    /// One field of one output node, first row.
    pub fn get(&self, node: &str, field: &str) -> String {
        let answer = Answer { text: self.text.as_bytes().into() };
        answer.output(node, field).unwrap_or_else(|| panic!("no {node}.{field} in {}", self.text))
    }

    /// All rows of one output node; `output` where they stand directly under it.
    pub fn rows(&self, node: &str) -> Vec<Value> {
        let answer: Value = serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text));
        let output = &answer["output"];
        let list = if node == "output" { output } else { &output[node] };
        list.as_array().unwrap_or_else(|| panic!("no rows of {node} in {}", self.text)).clone()
    }

    /// Fails unless it was refused with this code.
    pub fn refused(&self, code: &str) {
        assert_eq!(self.code.as_deref(), Some(code), "{}", self.text);
    }

    /// Fails unless it was done.
    pub fn done(self) -> Self {
        assert_eq!(self.code, None, "{}", self.text);
        self
    }
}

/// A hospital program.
#[derive(Clone)]
pub struct Program {
    hospital: Institution,
    road: Arc<dyn Road>,
    clock: Arc<dyn Clock>,
    serial: Arc<AtomicU64>,
}

impl Program {
    /// A program of a hospital, on a road.
    pub fn new(hospital: &Institution, road: Arc<dyn Road>, clock: Arc<dyn Clock>) -> Self {
        Self { hospital: hospital.clone(), road, clock, serial: Arc::new(AtomicU64::new(1)) }
    }

    /// The hospital it belongs to.
    pub fn hospital(&self) -> &Institution {
        &self.hospital
    }

    /// A new message id: code, time, serial.
    pub fn msgid(&self) -> String {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) % 10_000;
        format!("{}{}{serial:04}", self.hospital.code, &compact_time(self.clock.now())[..14])
    }

    /// A whole request.
    pub fn request(&self, infno: &str, msgid: &str, input: &Value) -> Value {
        json!({
            "infno": infno, "msgid": msgid, "mdtrtarea_admvs": self.hospital.division, "insuplc_admdvs": "990101",
            "recer_sys_code": "YBXT", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "",
            "infver": "V1.0", "opter_type": "1", "opter": "0103", "opter_name": "李敏",
            "inf_time": print_time(self.clock.now()), "fixmedins_code": self.hospital.code,
            "fixmedins_name": self.hospital.name, "sign_no": "", "input": input,
        })
    }

    /// Says a request under an id.
    pub fn say_as(&self, infno: &str, msgid: &str, input: &Value) -> Said {
        self.say_body(&self.request(infno, msgid, input).to_string())
    }

    /// Says a request under a new id.
    pub fn say(&self, infno: &str, input: &Value) -> Said {
        self.say_as(infno, &self.msgid(), input)
    }

    /// Says a body, whatever it is.
    pub fn say_body(&self, body: &str) -> Said {
        match Message::read(body.as_bytes().into(), None) {
            Ok(message) => self.carry(&message),
            Err(unreadable) => not_said(unreadable.problem.code()),
        }
    }

    fn carry(&self, message: &Message) -> Said {
        Self::heard(self.road.send(message))
    }

    /// 9101. Answers the number of the file.
    pub fn upload(&self, name: &str, content: &[u8]) -> String {
        let code = &self.hospital.code;
        let input = json!({"fsUploadIn": {"in": content, "filename": name, "fixmedins_code": code}});
        self.say("9101", &input).done().get("output", "file_qury_no")
    }

    /// 9102. Answers the zip, or what was said instead.
    pub fn fetch(&self, number: &str) -> Result<Vec<u8>, Said> {
        let (name, code) = ("file.zip", &self.hospital.code);
        let input =
            json!({"fsDownloadIn": {"file_qury_no": number, "filename": name, "fixmedins_code": code}});
        let body = self.request("9102", &self.msgid(), &input).to_string();
        let message = Message::read(body.into_bytes().into(), None).expect("a request");
        match self.road.send(&message) {
            Ok(Reply::Done(given)) if given.answer.is_file() => Ok(given.answer.text.to_vec()),
            other => Err(Self::heard(other)),
        }
    }

    /// Says a request without waiting; what comes back is heard later.
    pub fn post(&self, infno: &str, msgid: &str, input: &Value) -> Receiver<Said> {
        let body = self.request(infno, msgid, input).to_string();
        let message = Message::read(body.into_bytes().into(), None).expect("a request");
        let (sender, receiver) = channel();
        self.road.post(
            message,
            Box::new(move |result| {
                let _ = sender.send(Self::heard(result));
            }),
        );
        receiver
    }

    fn heard(result: Result<Reply, NoReply>) -> Said {
        match result {
            Ok(Reply::Done(given) | Reply::Refused(given)) => Said {
                code: given.answer.error_code().or_else(|| given.answer.error()),
                text: String::from_utf8(given.answer.text.to_vec()).expect("an answer is UTF-8"),
                replayed: given.replayed,
            },
            Ok(Reply::Held(ticket)) => not_said(&format!("held {}", ticket.0)),
            // What a road brought says in its text which it was.
            Err(NoReply::NotProcessed(Problem::Elsewhere { text })) => {
                let code = text.strip_prefix('[').and_then(|rest| Some(rest.split_once(']')?.0));
                not_said(code.unwrap_or(&text))
            }
            Err(NoReply::NotProcessed(problem)) => not_said(problem.code()),
            Err(NoReply::Unknown(_)) => not_said("?"),
        }
    }

    /// 2201. Answers the visit.
    pub fn register(&self, person: &str) -> String {
        let msgid = self.msgid();
        let input = json!({"data": {
            "psn_no": person, "insutype": "310", "begntime": print_time(self.clock.now()), "mdtrt_cert_type": "02",
            "mdtrt_cert_no": "x", "ipt_otp_no": &msgid[12..], "atddr_no": "D1", "dr_name": "王医生",
            "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
        }});
        self.say_as("2201", &msgid, &input).done().get("data", "mdtrt_id")
    }

    /// The input of 2203.
    pub fn visit_request(&self, person: &str, visit: &str) -> Value {
        let time = print_time(self.clock.now());
        json!({
            "mdtrtinfo": {"mdtrt_id": visit, "psn_no": person, "med_type": "11", "begntime": time},
            "diseinfo": [{"diag_type": "1", "diag_srt_no": 1, "diag_code": "I10", "diag_name": "原发性高血压",
                "diag_dept": "0301", "dise_dor_no": "D1", "dise_dor_name": "王医生", "diag_time": time,
                "vali_flag": "1"}],
        })
    }

    /// 2203.
    pub fn visit(&self, person: &str, visit: &str) {
        self.say("2203", &self.visit_request(person, visit)).done();
    }

    /// The input of 2204.
    pub fn fees(&self, person: &str, visit: &str, batch: &str, items: &[Item]) -> Value {
        let time = print_time(self.clock.now());
        let rows: Vec<Value> = items
            .iter()
            .enumerate()
            .map(|(n, item)| {
                json!({
                    "feedetl_sn": format!("{batch}-{n}"), "mdtrt_id": visit, "psn_no": person, "chrg_bchno": batch,
                    "rx_circ_flag": "0", "fee_ocur_time": time, "med_list_codg": item.code,
                    "medins_list_codg": "YP1", "det_item_fee_sumamt": item.amount, "cnt": item.quantity,
                    "pric": item.price, "bilg_dept_codg": "0301", "bilg_dept_name": "内科门诊",
                    "bilg_dr_codg": "D1", "bilg_dr_name": "王医生", "hosp_appr_flag": "1",
                })
            })
            .collect();
        json!({"feedetail": rows})
    }

    /// The input of 2206 and 2207.
    pub fn bill(&self, person: &str, visit: &str, batch: &str, total: &str) -> Value {
        json!({"data": {
            "psn_no": person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "med_type": "11",
            "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": batch,
            "insutype": "310", "acct_used_flag": "1", "invono": "",
        }})
    }

    /// A whole bill up to its fee lines, in one batch named `1`: answers the visit.
    pub fn charge(&self, person: &str, items: &[Item]) -> String {
        let visit = self.register(person);
        self.visit(person, &visit);
        self.say("2204", &self.fees(person, &visit, "1", items)).done();
        visit
    }

    /// A whole bill, settled: answers the visit and what 2207 said.
    pub fn settle(&self, person: &str, items: &[Item], total: &str) -> (String, Said) {
        let visit = self.charge(person, items);
        let said = self.say("2207", &self.bill(person, &visit, "1", total)).done();
        (visit, said)
    }

    /// The input of 2401.
    pub fn admit_request(&self, person: &str, number: &str, begins: DateTime) -> Value {
        json!({
            "mdtrtinfo": {"psn_no": person, "insutype": "310", "begntime": print_time(begins), "mdtrt_cert_type": "02",
                "mdtrt_cert_no": "x", "med_type": "21", "ipt_no": number, "atddr_no": "D1",
                "chfpdr_name": "王医生", "adm_diag_dscr": "肺炎", "adm_dept_codg": "0301", "adm_dept_name": "内科",
                "adm_bed": "12", "dscg_maindiag_code": "J18.9", "dscg_maindiag_name": "肺炎"},
            "diseinfo": [Self::diagnosis(person, begins)],
        })
    }

    /// 2401 under the hospital's own number of the stay.
    pub fn admit_as(&self, person: &str, number: &str, begins: DateTime) -> Said {
        self.say("2401", &self.admit_request(person, number, begins))
    }

    /// 2401 under a new number.
    pub fn admit(&self, person: &str, begins: DateTime) -> Said {
        self.admit_as(person, &self.msgid()[12..], begins)
    }

    fn diagnosis(person: &str, time: DateTime) -> Value {
        json!({"psn_no": person, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1, "diag_code": "J18.9",
            "diag_name": "肺炎", "diag_dept": "0301", "dise_dor_no": "D1", "dise_dor_name": "王医生",
            "diag_time": print_time(time), "vali_flag": "1"})
    }

    /// 2301.
    pub fn stay_fees(&self, person: &str, stay: &str, served: DateTime, items: &[Item]) -> Said {
        self.more_stay_fees(person, stay, "1", served, items)
    }

    /// 2301 of one of several parts, by which the lines are numbered.
    pub fn more_stay_fees(
        &self,
        person: &str,
        stay: &str,
        part: &str,
        served: DateTime,
        items: &[Item],
    ) -> Said {
        let rows: Vec<Value> = self.fees(person, stay, part, items)["feedetail"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| {
                let mut row = row.clone();
                row["med_type"] = "21".into();
                row["fee_ocur_time"] = print_time(served).into();
                row
            })
            .collect();
        self.say("2301", &json!({"feedetail": rows}))
    }

    /// 2402.
    pub fn discharge(&self, person: &str, stay: &str, ends: DateTime) -> Said {
        self.discharge_for(person, stay, ends, "")
    }

    /// 2402 that says which listed disease the stay was for.
    pub fn discharge_for(&self, person: &str, stay: &str, ends: DateTime, disease: &str) -> Said {
        let mut diagnosis = Self::diagnosis(person, ends);
        diagnosis["mdtrt_id"] = stay.into();
        self.say(
            "2402",
            &json!({
                "dscginfo": {"mdtrt_id": stay, "psn_no": person, "insutype": "310", "endtime": print_time(ends),
                    "dscg_dept_codg": "0301", "dscg_dept_name": "内科", "dscg_bed": "12", "dscg_way": "1",
                    "dise_codg": disease},
                "diseinfo": [diagnosis],
            }),
        )
    }

    /// The input of 2303 and 2304.
    pub fn stay_bill(&self, person: &str, stay: &str, total: &str) -> Value {
        json!({"data": {
            "psn_no": person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "medfee_sumamt": total,
            "psn_setlway": "01", "mdtrt_id": stay, "acct_used_flag": "1", "insutype": "310", "invono": "",
            "mid_setl_flag": "0", "fulamt_ownpay_amt": "0.00", "overlmt_selfpay": "0.00", "preselfpay_amt": "0.00",
            "inscp_scp_amt": "0.00",
        }})
    }

    /// The input of 2303 and 2304 for what a stay that goes on has come to so far.
    pub fn interim_bill(&self, person: &str, stay: &str, total: &str) -> Value {
        let mut bill = self.stay_bill(person, stay, total);
        bill["data"]["mid_setl_flag"] = "1".into();
        bill
    }

    /// A whole stay, settled: answers the stay and what 2304 said.
    pub fn settle_stay(
        &self,
        person: &str,
        (begins, ends): (DateTime, DateTime),
        items: &[Item],
        total: &str,
    ) -> (String, Said) {
        let stay = self.admit(person, begins).done().get("result", "mdtrt_id");
        self.stay_fees(person, &stay, begins, items).done();
        self.discharge(person, &stay, ends).done();
        let said = self.say("2304", &self.stay_bill(person, &stay, total)).done();
        (stay, said)
    }

    /// 2208.
    pub fn void(&self, person: &str, visit: &str, settlement: &str) -> Said {
        self.say("2208", &json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settlement}}))
    }

    /// 2305.
    pub fn void_stay(&self, person: &str, stay: &str, settlement: &str) -> Said {
        self.say("2305", &json!({"data": {"psn_no": person, "mdtrt_id": stay, "setl_id": settlement}}))
    }

    /// 2601.
    pub fn reverse(&self, person: &str, infno: &str, msgid: &str) -> Said {
        self.say("2601", &json!({"data": {"psn_no": person, "omsgid": msgid, "oinfno": infno}}))
    }

    /// Our own question.
    pub fn outcome(&self, infno: &str, msgid: &str) -> Said {
        self.say("outcome", &json!({"data": {"omsgid": msgid, "oinfno": infno}}))
    }
}

fn not_said(code: &str) -> Said {
    Said { text: String::new(), replayed: false, code: Some(code.into()) }
}
