//! How a centre has split lines, as it answers when they are charged and when it is asked after them.

use jiff::civil::DateTime;
use model::ItemClass;
use money::{Money, Quantity, Rate, UnitPrice};

use super::hearing::{Told, heard};
use super::speaker::Named;
use crate::output::Answer;
use crate::transactions::NO_LIMIT;

/// The answer to [`ChargeLines`](super::ChargeLines) and [`StayLines`](super::StayLines).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesHeard {
    /// One row a line.
    pub lines: Vec<LineHeard>,
}

/// How the centre has split one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineHeard {
    /// The hospital's number of the line.
    pub number: String,
    /// Charged.
    pub amount: Money,
    /// How many.
    pub quantity: Quantity,
    /// For how much each.
    pub price: UnitPrice,
    /// The price limit applied.
    pub limit: Option<UnitPrice>,
    /// First self-pay rate.
    pub rate: Rate,
    /// Class C and excluded.
    pub out_of_scope: Money,
    /// Above the limit.
    pub over_limit: Money,
    /// First self-pay.
    pub first_self_pay: Money,
    /// Inside the policy.
    pub eligible: Money,
    /// Class; none where the centre tells one that is not A, B or C.
    pub class: Option<ItemClass>,
    /// National kind of charge.
    pub charge_kind: String,
    /// Its use is restricted.
    pub restricted: bool,
    /// What the centre says of it.
    pub note: String,
}

impl LineHeard {
    fn read(row: Told<'_>) -> Option<Self> {
        let limit: Option<UnitPrice> = row.number("pric_uplmt_amt", 6)?;
        Some(Self {
            number: row.text("feedetl_sn"),
            amount: row.amount("det_item_fee_sumamt")?,
            quantity: row.number("cnt", 4)?.unwrap_or_default(),
            price: row.number("pric", 6)?.unwrap_or_default(),
            limit: limit.filter(|limit| *limit < NO_LIMIT),
            rate: row.rate("selfpay_prop")?,
            out_of_scope: row.amount("fulamt_ownpay_amt")?,
            over_limit: row.amount("overlmt_amt")?,
            first_self_pay: row.amount("preselfpay_amt")?,
            eligible: row.amount("inscp_scp_amt")?,
            class: class(&row.text("chrgitm_lv")),
            charge_kind: row.text("med_chrgitm_type"),
            restricted: row.flag("lmt_used_flag"),
            note: row.text("memo"),
        })
    }
}

fn class(code: &str) -> Option<ItemClass> {
    Some(match code {
        "01" | "1" => ItemClass::A,
        "02" | "2" => ItemClass::B,
        "03" | "3" => ItemClass::C,
        _ => return None,
    })
}

impl LinesHeard {
    /// Reads an answer; none where it is not readable as that. Of a refusal [`refused_lines`](super::refused_lines) tells
    /// why.
    pub fn hear(answer: &Answer) -> Option<Self> {
        let rows = |output: Told<'_>| output.rows("result").map(LineHeard::read).collect::<Option<Vec<_>>>();
        heard(answer, rows).map(|lines| Self { lines })
    }
}

/// The answer to [`AskLines`](super::AskLines).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesKept {
    /// One row a line.
    pub lines: Vec<LineKept>,
}

/// One line as the centre has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineKept {
    /// The settlement it is in.
    pub settlement: Option<String>,
    /// Number of the prescription or the order.
    pub prescription: String,
    /// When the service was given.
    pub served: Option<DateTime>,
    /// The item's national code and name.
    pub item: Named,
    /// The hospital's own code and name of it.
    pub own: Named,
    /// National kind of its list.
    pub list_kind: String,
    /// Its specification.
    pub specification: String,
    /// The department that ordered it.
    pub department: Named,
    /// The doctor who ordered it.
    pub doctor: Named,
    /// How it is split.
    pub split: LineHeard,
}

impl LineKept {
    fn read(row: Told<'_>) -> Option<Self> {
        let named = |code: &str, name: &str| Named::new(row.text(code), row.text(name));
        Some(Self {
            settlement: row.some("setl_id"),
            prescription: row.text("rx_drord_no"),
            served: row.time("fee_ocur_time"),
            item: named("med_list_codg", "hilist_name"),
            own: named("medins_list_codg", "medins_list_name"),
            list_kind: row.text("list_type"),
            specification: row.text("spec"),
            department: named("bilg_dept_codg", "bilg_dept_name"),
            doctor: named("bilg_dr_codg", "bilg_dr_name"),
            split: LineHeard::read(row)?,
        })
    }
}

impl LinesKept {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        let rows = |output: Told<'_>| output.list().map(LineKept::read).collect::<Option<Vec<_>>>();
        heard(answer, rows).map(|lines| Self { lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Facts;
    use crate::asking::checked::{AT, ODD, answered, answered_in_texts};
    use crate::transactions::{FeeFound, FeesFound, FeesPriced, PricedLine};
    use model::{EncounterId, SettlementId};

    fn priced(limit: Option<UnitPrice>, class: ItemClass) -> PricedLine {
        PricedLine {
            number: "yp\"1".into(),
            amount: Money::from_fen(1_000),
            quantity: Quantity::from_ten_thousandths(30_000),
            price: UnitPrice::from_millionths(3_333_333),
            limit,
            rate: Rate::from_ten_thousandths(1_000),
            out_of_scope: Money::from_fen(1),
            over_limit: Money::from_fen(2),
            first_self_pay: Money::from_fen(3),
            eligible: Money::from_fen(994),
            class,
            charge_kind: "09".into(),
            restricted: true,
            memo: ODD.into(),
        }
    }

    fn split(limit: Option<UnitPrice>, class: ItemClass) -> LineHeard {
        LineHeard {
            number: "yp\"1".into(),
            amount: Money::from_fen(1_000),
            quantity: Quantity::from_ten_thousandths(30_000),
            price: UnitPrice::from_millionths(3_333_333),
            limit,
            rate: Rate::from_ten_thousandths(1_000),
            out_of_scope: Money::from_fen(1),
            over_limit: Money::from_fen(2),
            first_self_pay: Money::from_fen(3),
            eligible: Money::from_fen(994),
            class: Some(class),
            charge_kind: "09".into(),
            restricted: true,
            note: ODD.into(),
        }
    }

    #[test]
    fn lines_are_heard_as_they_were_split() {
        let limit = Some(UnitPrice::from_millionths(3_000_000));
        let told = FeesPriced {
            lines: vec![priced(None, ItemClass::A), priced(limit, ItemClass::B), priced(limit, ItemClass::C)],
        };
        let expected = LinesHeard {
            lines: vec![split(None, ItemClass::A), split(limit, ItemClass::B), split(limit, ItemClass::C)],
        };
        for infno in ["2204", "2301"] {
            assert_eq!(LinesHeard::hear(&answered(infno, &told)).as_ref(), Some(&expected), "{infno}");
            assert_eq!(
                LinesHeard::hear(&answered_in_texts(infno, &told)).as_ref(),
                Some(&expected),
                "{infno}"
            );
        }
    }

    #[test]
    fn another_centre_need_not_split_a_line() {
        let text = r#"{"infcode":0,"output":{"result":[{"feedetl_sn":"1","det_item_fee_sumamt":10,"cnt":1,"pric":10.0,
            "pric_uplmt_amt":999999,"chrgitm_lv":"1"}]}}"#;
        let heard = LinesHeard::hear(&Answer { text: text.as_bytes().into() }).unwrap();
        let line = &heard.lines[0];
        assert_eq!(
            (line.limit, line.rate, line.eligible, line.class),
            (None, Rate::ZERO, Money::ZERO, Some(ItemClass::A))
        );
        let odd = text.replace("\"cnt\":1", "\"cnt\":\"some\"");
        assert_eq!(LinesHeard::hear(&Answer { text: odd.into_bytes().into() }), None);
    }

    #[test]
    fn lines_that_are_kept_say_what_their_items_are() {
        let facts = r#"{"bilg_dept_codg":"0301","bilg_dept_name":"内科","bilg_dr_codg":"D1","bilg_dr_name":"王","medins_list_name":"本院药","rxno":"RX1"}"#;
        let found = |settlement| FeeFound {
            person: "990100".into(),
            encounter: EncounterId(7),
            settlement,
            hospital: ("H1".into(), "示范".into()),
            care_kind: "11".into(),
            served: AT,
            item: ["XL01".into(), "某\"药".into(), "101".into(), "10mg".into()],
            hospital_item: "YP570".into(),
            priced: priced(None, ItemClass::B),
            facts: Facts::from_text(facts),
        };
        let told = FeesFound { lines: vec![found(Some(SettlementId(8))), found(None)] };
        let heard = LinesKept::hear(&answered("5204", &told)).unwrap();
        let expected = LineKept {
            settlement: Some("8".into()),
            prescription: "RX1".into(),
            served: Some(AT),
            item: Named::new("XL01", "某\"药"),
            own: Named::new("YP570", "本院药"),
            list_kind: "101".into(),
            specification: "10mg".into(),
            department: Named::new("0301", "内科"),
            doctor: Named::new("D1", "王"),
            split: split(None, ItemClass::B),
        };
        assert_eq!(heard.lines, [expected.clone(), LineKept { settlement: None, ..expected }]);
        assert_eq!(
            LinesKept::hear(&answered("5204", &FeesFound::default())),
            Some(LinesKept { lines: Vec::new() })
        );
    }
}
