//! A message about a person of another city, as the centre of the place of care sends it on to that of the place of insurance; and
//! what was settled there, as its answer says.

use jiff::civil::{Date, DateTime};
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

/// How an item is listed here, by its code and a day.
pub type Listing<'l> = &'l dyn Fn(&str, Date) -> Option<CareListing>;

impl Message {
    /// The message as it is sent on: in the table's names, and each line with how its item is listed here, of which `listing`
    /// is asked by code and day; without one no line says so. All that is sent on of one message has one digest.
    pub fn sent_on(&self, listing: Option<Listing<'_>>) -> Result<Self, Refusal> {
        let mut input = String::new();
        self.input.write(&mut input, listing)?;
        self.on_with(self.transaction.infno, &input)
    }

    /// The question what became of this message, to be sent on.
    pub fn asked_after(&self) -> Result<Self, Refusal> {
        let mut input = String::from("{\"data\":{\"omsgid\":");
        write_text(&mut input, &self.envelope.msgid);
        input.push_str(",\"oinfno\":");
        write_text(&mut input, self.transaction.infno);
        input.push_str("}}");
        self.on_with("outcome", &input)
    }

    fn on_with(&self, infno: &str, input: &str) -> Result<Self, Refusal> {
        let e = &self.envelope;
        let mut text = String::from("{");
        for (name, value) in [
            ("infno", infno),
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
        text.push_str(input);
        text.push('}');
        let read = Self::read(text.into_bytes().into(), Some(infno));
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
    fn write(&self, out: &mut String, listing: Option<Listing<'_>>) -> Result<(), Refusal> {
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
    fn write(&self, out: &mut String, listing: Option<Listing<'_>>) -> Result<(), Refusal> {
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
    fn listed(&self, listing: Option<Listing<'_>>) -> Result<Option<CareListing>, Refusal> {
        let Some(listing) = listing else { return Ok(None) };
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
    /// When it was settled there.
    pub decided: Option<DateTime>,
    /// Under which insurance; not every answer to a void says it, nor the kinds.
    pub insurance_kind: Option<InsuranceKind>,
    /// National kind of care.
    pub care_kind: Option<String>,
    /// National kind of clearing.
    pub clearing_kind: Option<String>,
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
        let [account, relatives] = [money("acct_pay")?, money("acct_mulaid_pay")?];
        let cash = of("psn_cash_pay").or_else(|| of("cash_payamt"));
        let cash = cash.map_or(Some(Money::ZERO), |text| text.parse().ok())?;
        Some(Self {
            settlement: SettlementId(of("setl_id")?.parse().ok()?),
            encounter: EncounterId(of("mdtrt_id")?.parse().ok()?),
            person: of("psn_no").unwrap_or_default(),
            document: of("certno").unwrap_or_default(),
            decided: of("setl_time").as_deref().and_then(read_time),
            insurance_kind: of("insutype").and_then(|text| text.parse().ok()).map(InsuranceKind),
            care_kind: of("med_type"),
            clearing_kind: of("clr_type"),
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
        let on = fees.sent_on(Some(&|code, day| (code == "A" && day.day() == 23).then(listing))).unwrap();
        assert_eq!((&*on.envelope.msgid, &*on.envelope.hospital, &*on.envelope.sign_in), ("M1", "H1", ""));
        let row = on.input.first("feedetail").unwrap();
        assert_eq!((row.text("psn_no"), row.text(FIELD)), ("7", "B|test|201|04||||某项目"));
        assert_eq!(row.rows("drugtracinfo").next().unwrap().text("drug_trac_codg"), "T1");
        let otherwise = CareListing { limit: Some(money::UnitPrice::from_millionths(1)), ..listing() };
        for again in [fees.sent_on(Some(&|_, _| Some(otherwise.clone()))), fees.sent_on(None)] {
            assert_eq!(again.unwrap().digest, on.digest, "how an item is listed may have changed since");
        }
        let asked = fees.asked_after().unwrap();
        let row = asked.input.first("data").unwrap();
        assert_eq!((row.text("omsgid"), row.text("oinfno")), ("M1", "2204"));
        let refused = fees.sent_on(Some(&|_, _| None)).unwrap_err();
        assert_eq!(refused.code(), "ITEM_UNKNOWN");
        let bill = message("2207", r#"{"data":{"psn_no":"7","medfee_sumamt":"12.50","x":"y"}}"#);
        let on = bill.sent_on(Some(&|_, _| None)).unwrap();
        assert_eq!(on.input.first("data").unwrap().text("medfee_sumamt"), "12.5");
    }
}
