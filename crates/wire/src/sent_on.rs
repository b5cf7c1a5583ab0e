//! A message about a person of another city, as the centre of the place of care sends it on to that of the place of insurance; and
//! what was settled there, as its answer says.

use jiff::civil::Date;
use model::{EncounterId, InsuranceKind, SettlementId};
use money::Money;

use crate::care_listing::{CareListing, FIELD};
use crate::codes::{Problem, Refusal};
use crate::input::{Fields, Input};
use crate::json::write_text;
use crate::message::Message;
use crate::output::Answer;
use crate::stamp::read_time;
use crate::table::FieldType;

impl Message {
    /// The message as it is sent on: in the table's names, and each line with how its item is listed here, of which `listing`
    /// is asked by code and day. The same message always makes the same one.
    pub fn sent_on(&self, listing: &dyn Fn(&str, Date) -> Option<CareListing>) -> Result<Self, Refusal> {
        let e = &self.envelope;
        let mut text = String::from("{");
        for (name, value) in [
            ("infno", e.infno.as_str()),
            ("msgid", &e.msgid),
            ("mdtrtarea_admvs", &e.care_district),
            ("insuplc_admdvs", &e.home_district),
            ("opter", &e.operator),
            ("opter_name", &e.operator_name),
            ("inf_time", &e.sent_at),
            ("fixmedins_code", &e.hospital),
        ] {
            write_text(&mut text, name);
            text.push(':');
            write_text(&mut text, value);
            text.push(',');
        }
        text.push_str("\"input\":");
        self.input.write(&mut text, listing)?;
        text.push('}');
        let read = Self::read(text.into_bytes().into(), Some(self.transaction.infno));
        read.map_err(|unreadable| match unreadable.problem {
            Problem::EnvelopeField { field, rule } => {
                Refusal::FieldInvalid { field, value: String::new(), rule }
            }
            other => unreachable!("what we write is read: {other}"),
        })
    }
}

impl Input {
    /// Writes all that is said in fields of the table.
    fn write(
        &self,
        out: &mut String,
        listing: &dyn Fn(&str, Date) -> Option<CareListing>,
    ) -> Result<(), Refusal> {
        out.push('{');
        let mut first = true;
        for node in &self.transaction().input {
            let rows: Vec<Fields<'_>> = self.rows(node.name).filter(|row| !row.is_within()).collect();
            if rows.is_empty() {
                continue;
            }
            separate(out, &mut first);
            write_text(out, node.name);
            out.push(':');
            if node.many {
                out.push('[');
            }
            for (n, row) in rows.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                row.write(out, listing)?;
            }
            if node.many {
                out.push(']');
            }
        }
        out.push('}');
        Ok(())
    }
}

impl Fields<'_> {
    fn write(
        &self,
        out: &mut String,
        listing: &dyn Fn(&str, Date) -> Option<CareListing>,
    ) -> Result<(), Refusal> {
        out.push('{');
        let mut first = true;
        for field in self.spec_fields().iter().filter(|field| field.name != FIELD) {
            if field.kind == FieldType::Rows {
                let within: Vec<Fields<'_>> = self.rows(field.name).collect();
                if within.is_empty() {
                    continue;
                }
                separate(out, &mut first);
                write_text(out, field.name);
                out.push_str(":[");
                for (n, row) in within.into_iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    row.write(out, listing)?;
                }
                out.push(']');
            } else if let Some(value) = self.get(field.name) {
                separate(out, &mut first);
                write_text(out, field.name);
                out.push(':');
                write_text(out, value);
            }
        }
        if let Some(listed) = self.listed(listing)? {
            separate(out, &mut first);
            write_text(out, FIELD);
            out.push(':');
            write_text(out, &listed.to_string());
        }
        out.push('}');
        Ok(())
    }

    /// How the item of a line is listed; one that is not listed here is not charged here.
    fn listed(
        &self,
        listing: &dyn Fn(&str, Date) -> Option<CareListing>,
    ) -> Result<Option<CareListing>, Refusal> {
        if !self.spec_fields().iter().any(|field| field.name == FIELD) {
            return Ok(None);
        }
        let (Some(code), Some(served)) = (self.get("med_list_codg"), self.get("fee_ocur_time")) else {
            return Ok(None);
        };
        let Some(served) = read_time(served) else { return Ok(None) };
        let listed = listing(code, served.date());
        let line = || self.text("feedetl_sn").to_owned();
        listed.map(Some).ok_or_else(|| Refusal::ItemUnknown { line: line(), code: code.into() })
    }
}

fn separate(out: &mut String, first: &mut bool) {
    if !std::mem::take(first) {
        out.push(',');
    }
}

/// What was settled, or voided, at another centre.
#[derive(Clone, PartialEq, Eq)]
pub struct SettledAbroad {
    /// Its number there.
    pub settlement: SettlementId,
    /// The visit's number there.
    pub encounter: EncounterId,
    /// The person's number.
    pub person: String,
    /// Number of the person's document; empty where the answer has none.
    pub document: String,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of care.
    pub care_kind: String,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// Cost.
    pub total: Money,
    /// Paid by all funds.
    pub funds: Money,
    /// Paid by the person's own account.
    pub account: Money,
    /// Paid by relatives' accounts.
    pub relatives: Money,
    /// Paid in cash.
    pub cash: Money,
    /// Borne by the hospital.
    pub hospital_share: Money,
}

impl std::fmt::Debug for SettledAbroad {
    /// Whose it is stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SettledAbroad").field("settlement", &self.settlement).finish_non_exhaustive()
    }
}

impl SettledAbroad {
    /// Reads the answer to a settlement or a void that was done; none where it does not say what it must.
    pub fn read(answer: &Answer) -> Option<Self> {
        let (total, funds): (Money, Money) = (
            answer.output("setlinfo", "medfee_sumamt")?.parse().ok()?,
            answer.output("setlinfo", "fund_pay_sumamt")?.parse().ok()?,
        );
        let of = |field: &str| answer.output("setlinfo", field).filter(|text| !text.is_empty());
        let money = |field: &str| of(field).map_or(Some(Money::ZERO), |text| text.parse().ok());
        let [account, relatives, cash] =
            [money("acct_pay")?, money("acct_mulaid_pay")?, money("psn_cash_pay")?];
        Some(Self {
            settlement: SettlementId(of("setl_id")?.parse().ok()?),
            encounter: EncounterId(of("mdtrt_id")?.parse().ok()?),
            person: of("psn_no").unwrap_or_default(),
            document: of("certno").unwrap_or_default(),
            insurance_kind: InsuranceKind(of("insutype").map_or(Some(310), |text| text.parse().ok())?),
            care_kind: of("med_type").unwrap_or_default(),
            clearing_kind: of("clr_type")?,
            total,
            funds,
            account,
            relatives,
            cash,
            // Not every answer tells it: it is what nobody else pays.
            hospital_share: total - funds - account - relatives - cash,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ItemClass, ItemKind};

    fn message(infno: &str, input: &str) -> Message {
        let body = format!(
            r#"{{"infno":"{infno}","msgid":"M1","medins_code":"H1","insuplc_admdvs":"990101","sign_no":"S","input":{input}}}"#
        );
        Message::read(body.into_bytes().into(), None).unwrap()
    }

    fn listing() -> CareListing {
        CareListing {
            name: "某项目".into(),
            class: ItemClass::B,
            kind: ItemKind::Test,
            list_kind: "201".into(),
            charge_kind: "04".into(),
            limit: None,
            first_self_pay: None,
            restricted: false,
        }
    }

    #[test]
    fn what_is_sent_on_says_the_same_and_how_each_item_is_listed() {
        let fees = message(
            "2204",
            r#"{"FEEDETAIL":[{"feedetl_sn":"1","psn_no":7,"med_list_codg":"A","fee_ocur_time":"2026-11-23T08:00:00",
                "drugtracinfo":[{"drug_trac_codg":"T1"}],"care_listing":"A|test|1|1|||mine","other":"x"}]}"#,
        );
        let on = fees.sent_on(&|code, day| (code == "A" && day.day() == 23).then(listing)).unwrap();
        assert_eq!((&*on.envelope.msgid, &*on.envelope.hospital, &*on.envelope.sign_in), ("M1", "H1", ""));
        let row = on.input.first("feedetail").unwrap();
        assert_eq!((row.text("psn_no"), row.text(FIELD)), ("7", "B|test|201|04||||某项目"));
        assert_eq!(row.rows("drugtracinfo").next().unwrap().text("drug_trac_codg"), "T1");
        let again = on.sent_on(&|_, _| Some(listing())).unwrap();
        assert_eq!(again.digest, on.digest);
        let refused = fees.sent_on(&|_, _| None).unwrap_err();
        assert_eq!(refused.code(), "ITEM_UNKNOWN");
        let bill = message("2207", r#"{"data":{"psn_no":"7","medfee_sumamt":"12.50","x":"y"}}"#);
        let on = bill.sent_on(&|_, _| None).unwrap();
        assert_eq!(on.input.first("data").unwrap().text("medfee_sumamt"), "12.5");
    }
}
