//! A hospital's program: builds the messages of one errand and says them to the centre.

use anyhow::{bail, ensure};
use jiff::civil::DateTime;
use model::{Clock, Institution};
use money::Money;
use road::{Reply, Road};
use serde_json::{Value, json};
use wire::{Answer, Message, print_time};

use super::errand::{Charge, Errand};
use super::town::Town;

/// What came back.
pub struct Said {
    /// Why it was refused; none: it was done.
    pub code: Option<String>,
    /// It had been said before.
    pub replayed: bool,
    answer: Answer,
    infno: String,
}

impl Said {
    /// Fails unless it was done.
    pub fn done(self) -> anyhow::Result<Self> {
        match self.code {
            None => Ok(self),
            Some(_) => bail!("{}: {}", self.infno, self.answer.error().unwrap_or_default()),
        }
    }

    /// One field of the first row of a node.
    pub fn get(&self, node: &str, field: &str) -> anyhow::Result<String> {
        let found = self.answer.output(node, field);
        found.ok_or_else(|| anyhow::anyhow!("{} answered no {node}.{field}", self.infno))
    }

    /// The whole answer.
    pub fn text(&self) -> &[u8] {
        &self.answer.text
    }
}

/// A message that may be sent again.
#[derive(Clone)]
pub struct Sent {
    /// Its transaction.
    pub infno: &'static str,
    /// Its id.
    pub msgid: String,
    /// What it says.
    pub input: Value,
}

/// The program of the errand's hospital.
pub struct Program<'t> {
    town: &'t Town,
    hospital: &'t Institution,
}

impl<'t> Program<'t> {
    /// Of a hospital by its place.
    pub fn new(town: &'t Town, hospital: usize) -> Self {
        Self { town, hospital: &town.city.hospitals[hospital] }
    }

    /// A message under an id of its own.
    pub fn write(&self, infno: &'static str, input: Value) -> Sent {
        let msgid = format!("{}-{}", self.hospital.code, self.town.number());
        Sent { infno, msgid, input }
    }

    /// Says it; what was neither done nor refused ends the run.
    pub fn send(&self, sent: &Sent) -> anyhow::Result<Said> {
        let body = self.envelope(sent).to_string();
        let message =
            Message::read(body.into_bytes().into(), None).map_err(|u| anyhow::anyhow!("{}", u.problem))?;
        let infno = sent.infno.to_owned();
        match self.town.centre.send(&message) {
            Ok(Reply::Done(given)) => {
                Ok(Said { code: None, replayed: given.replayed, answer: given.answer, infno })
            }
            Ok(Reply::Refused(given)) => {
                let code = given.answer.error_code().unwrap_or_default();
                Ok(Said { code: Some(code), replayed: given.replayed, answer: given.answer, infno })
            }
            other => bail!("{infno}: {other:?}"),
        }
    }

    /// Says something new.
    pub fn say(&self, infno: &'static str, input: Value) -> anyhow::Result<Said> {
        self.send(&self.write(infno, input))
    }

    fn envelope(&self, sent: &Sent) -> Value {
        let h = self.hospital;
        json!({
            "infno": sent.infno, "msgid": sent.msgid, "mdtrtarea_admvs": h.division, "insuplc_admdvs": "990101",
            "recer_sys_code": "YBXT", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "",
            "infver": "V1.0", "opter_type": "1", "opter": "0103", "opter_name": "李敏",
            "inf_time": print_time(self.town.clock.now()), "fixmedins_code": h.code, "fixmedins_name": h.name,
            "sign_no": "", "input": sent.input,
        })
    }

    /// 2201 or 2401; answers the visit.
    pub fn open(&self, errand: &Errand) -> anyhow::Result<String> {
        let number = self.town.number().to_string();
        if errand.ends.is_none() {
            let said = self.say("2201", register(errand, &number))?.done()?;
            let visit = said.get("data", "mdtrt_id")?;
            self.say("2203", visit_of(errand, &visit))?.done()?;
            return Ok(visit);
        }
        self.say("2401", admit(errand, &number))?.done()?.get("result", "mdtrt_id")
    }

    /// 2204 or 2301: lines `from` and after, in calls of at most a hundred.
    pub fn charge(
        &self,
        errand: &Errand,
        visit: &str,
        batch: &str,
        from: usize,
        charges: &[Charge],
    ) -> anyhow::Result<()> {
        let infno = if errand.ends.is_some() { "2301" } else { "2204" };
        for (nth, some) in charges.chunks(100).enumerate() {
            let rows: Vec<Value> = (from + nth * 100..)
                .zip(some)
                .map(|(n, charge)| self.traced(fee(errand, visit, batch, n, charge)))
                .collect();
            self.say(infno, json!({"feedetail": rows}))?.done()?;
        }
        Ok(())
    }

    /// A line with the trace code of its pack, at an institution that sends them.
    fn traced(&self, mut line: Value) -> Value {
        if !self.hospital.profile.contains("traces=warn") {
            line["drugtracinfo"] = json!([{"drug_trac_codg": format!("{:020}", self.town.number())}]);
        }
        line
    }

    /// 2402.
    pub fn discharge(&self, errand: &Errand, stay: &str) -> anyhow::Result<()> {
        let ends = errand.ends.unwrap_or(errand.begins);
        let mut diagnosis = diagnosis(errand, ends);
        diagnosis["mdtrt_id"] = stay.into();
        let info = json!({
            "mdtrt_id": stay, "psn_no": errand.person, "insutype": errand.insurance.to_string(),
            "endtime": print_time(ends), "dscg_dept_codg": "0301", "dscg_dept_name": "内科", "dscg_bed": "12",
            "dscg_way": "1", "dise_codg": errand.disease,
        });
        self.say("2402", json!({"dscginfo": info, "diseinfo": [diagnosis]}))?.done()?;
        Ok(())
    }

    /// 2405.
    pub fn go_on(&self, errand: &Errand, stay: &str) -> anyhow::Result<()> {
        let input = json!({"data": {"mdtrt_id": stay, "psn_no": errand.person}});
        self.say("2405", input)?.done().map(|_| ())
    }

    /// 2208 or 2305.
    pub fn void(&self, errand: &Errand, visit: &str, settlement: &str) -> Sent {
        let infno = if errand.ends.is_some() { "2305" } else { "2208" };
        let data = json!({"psn_no": errand.person, "mdtrt_id": visit, "setl_id": settlement});
        self.write(infno, json!({"data": data}))
    }

    /// 2601.
    pub fn take_back(&self, errand: &Errand, sent: &Sent) -> anyhow::Result<Said> {
        let data = json!({"psn_no": errand.person, "omsgid": sent.msgid, "oinfno": sent.infno});
        self.say("2601", json!({"data": data}))
    }
}

/// The input of 2206 and 2207, 2303 and 2304.
pub fn bill(errand: &Errand, visit: &str, batch: &str, total: Money, interim: bool) -> Value {
    let mut data = json!({
        "psn_no": errand.person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "medfee_sumamt": total.to_string(),
        "psn_setlway": "01", "mdtrt_id": visit, "acct_used_flag": if errand.account { "1" } else { "0" },
        "insutype": errand.insurance.to_string(), "invono": "",
    });
    if errand.ends.is_some() {
        data["mid_setl_flag"] = if interim { "1" } else { "0" }.into();
    } else {
        data["med_type"] = errand.care.into();
        data["chrg_bchno"] = batch.into();
    }
    json!({"data": data})
}

fn register(errand: &Errand, number: &str) -> Value {
    json!({"data": {
        "psn_no": errand.person, "insutype": errand.insurance.to_string(), "begntime": print_time(errand.begins),
        "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "ipt_otp_no": number, "atddr_no": "D1",
        "dr_name": "王医生", "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
    }})
}

fn visit_of(errand: &Errand, visit: &str) -> Value {
    json!({
        "mdtrtinfo": {"mdtrt_id": visit, "psn_no": errand.person, "med_type": errand.care,
            "begntime": print_time(errand.begins), "dise_codg": errand.disease},
        "diseinfo": [diagnosis(errand, errand.begins)],
    })
}

fn admit(errand: &Errand, number: &str) -> Value {
    let disease = if errand.late { "" } else { errand.disease.as_str() };
    json!({
        "mdtrtinfo": {"psn_no": errand.person, "insutype": errand.insurance.to_string(),
            "begntime": print_time(errand.begins), "mdtrt_cert_type": "02", "mdtrt_cert_no": "x",
            "med_type": errand.care, "ipt_no": number, "atddr_no": "D1", "chfpdr_name": "王医生",
            "adm_diag_dscr": errand.diagnosis.1, "adm_dept_codg": "0301", "adm_dept_name": "内科",
            "adm_bed": "12", "dscg_maindiag_code": errand.diagnosis.0,
            "dscg_maindiag_name": errand.diagnosis.1, "dise_codg": disease},
        "diseinfo": [diagnosis(errand, errand.begins)],
    })
}

fn diagnosis(errand: &Errand, time: DateTime) -> Value {
    json!({
        "psn_no": errand.person, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1,
        "diag_code": errand.diagnosis.0, "diag_name": errand.diagnosis.1, "diag_dept": "0301",
        "dise_dor_no": "D1", "dise_dor_name": "王医生", "diag_time": print_time(time), "vali_flag": "1",
    })
}

fn fee(errand: &Errand, visit: &str, batch: &str, n: usize, charge: &Charge) -> Value {
    let mut row = json!({
        "feedetl_sn": n.to_string(), "mdtrt_id": visit, "psn_no": errand.person,
        "fee_ocur_time": print_time(charge.served), "med_list_codg": charge.item, "medins_list_codg": "YP1",
        "det_item_fee_sumamt": charge.amount.to_string(), "cnt": charge.quantity.to_string(),
        "pric": charge.price.to_string(), "rx_circ_flag": "0", "bilg_dept_codg": "0301",
        "bilg_dept_name": "内科门诊", "bilg_dr_codg": "D1", "bilg_dr_name": "王医生",
        "hosp_appr_flag": if charge.confirmed { "1" } else { "0" },
    });
    if errand.ends.is_some() {
        row["med_type"] = errand.care.into();
    } else {
        row["chrg_bchno"] = batch.into();
    }
    row
}

/// Fails unless a trial and the settlement say the same.
pub fn same_figures(trial: &Said, settled: &Said) -> anyhow::Result<()> {
    const FIGURES: [&str; 11] = [
        "medfee_sumamt",
        "fulamt_ownpay_amt",
        "overlmt_selfpay",
        "preselfpay_amt",
        "inscp_scp_amt",
        "act_pay_dedc",
        "hifp_pay",
        "hifob_pay",
        "fund_pay_sumamt",
        "acct_pay",
        "psn_cash_pay",
    ];
    for figure in FIGURES {
        let (tried, given) = (trial.get("setlinfo", figure)?, settled.get("setlinfo", figure)?);
        ensure!(tried == given, "{}: {figure} {tried}, {} says {given}", trial.infno, settled.infno);
    }
    Ok(())
}
