//! 2204, 2205, 2301, 2302 and 5204: lines are charged, withdrawn and asked after.

use jiff::civil::DateTime;
use money::{Money, Quantity, UnitPrice};

use super::speaker::{Asking, Insured, Named, Speaker};
use super::writing::Row;
use crate::transactions::ALL_FEES;

/// Whether the hospital has approved the use of an item whose use is restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approval {
    /// It is not restricted.
    #[default]
    NotNeeded,
    /// It is used as the restriction says.
    Approved,
    /// It is not: the patient pays.
    Refused,
}

/// One line of a visit or a stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The hospital's number of the line.
    pub number: String,
    /// Which bill of a visit it is part of. A stay has one bill, and lines that do not say so.
    pub batch: String,
    /// The prescription's number; of a stay the order's.
    pub prescription: String,
    /// A prescription that was taken elsewhere; of visits alone.
    pub bought_elsewhere: bool,
    /// National code of the listed disease it is for; empty for none. Of visits alone.
    pub disease: String,
    /// Of a stay's line below nothing: the line it takes back from.
    pub refunds: Option<String>,
    /// When the service was given.
    pub served: DateTime,
    /// The item's national code.
    pub item: String,
    /// The hospital's own code and name of it.
    pub own: Named,
    /// What was charged.
    pub amount: Money,
    /// How many.
    pub quantity: Quantity,
    /// For how much each.
    pub price: UnitPrice,
    /// The department that ordered it.
    pub department: Named,
    /// The doctor who ordered it.
    pub doctor: Named,
    /// The department that gave it, where it is another.
    pub executing: Named,
    /// The doctor who gave it.
    pub executing_doctor: Named,
    /// Whether a restricted use is approved.
    pub approval: Approval,
    /// Drugs to take home; of stays alone.
    pub taken_home: bool,
    /// What else is to be known of it; the table has no place for it in a visit.
    pub note: String,
    /// A part of a pack: others may carry the same trace code.
    pub part_of_pack: bool,
    /// Trace codes of the packs.
    pub traces: Vec<String>,
}

impl Line {
    fn of_visit(&self, asked: &ChargeLines) -> Row {
        let row = Row::new().text("feedetl_sn", &self.number).text("mdtrt_id", &asked.visit);
        let row = row.text("psn_no", asked.person.number.as_str()).text("chrg_bchno", &self.batch);
        let row = row.text("dise_codg", &self.disease).text("rxno", &self.prescription);
        let row = self.charged(row.flag("rx_circ_flag", self.bought_elsewhere));
        self.traced(row.text("medins_list_name", &self.own.name))
    }

    fn of_stay(&self, asked: &StayLines) -> Row {
        let original = self.refunds.as_deref().unwrap_or_default();
        let row = Row::new().text("feedetl_sn", &self.number).text("init_feedetl_sn", original);
        let row = row.text("mdtrt_id", &asked.visit).text("drord_no", &self.prescription);
        let row = row.text("psn_no", asked.person.number.as_str()).text("med_type", &asked.care_kind);
        let row = self.charged(row).flag("dscg_tkdrug_flag", self.taken_home);
        self.traced(row.text("memo", &self.note).text("medins_list_name", &self.own.name))
    }

    /// What visits and stays say alike.
    fn charged(&self, row: Row) -> Row {
        let row = row.time("fee_ocur_time", self.served).text("med_list_codg", &self.item);
        let row = row.text("medins_list_codg", &self.own.code).number("det_item_fee_sumamt", self.amount);
        let row = row.number("cnt", self.quantity).number("pric", self.price);
        let row = row.named("bilg_dept_codg", "bilg_dept_name", &self.department);
        let row = row.named("bilg_dr_codg", "bilg_dr_name", &self.doctor);
        let row = row.named("acord_dept_codg", "acord_dept_name", &self.executing);
        let row = row.named("orders_dr_code", "orders_dr_name", &self.executing_doctor);
        row.text(
            "hosp_appr_flag",
            match self.approval {
                Approval::NotNeeded => "0",
                Approval::Approved => "1",
                Approval::Refused => "2",
            },
        )
    }

    fn traced(&self, row: Row) -> Row {
        let packs = self.traces.iter().map(|code| Row::new().text("drug_trac_codg", code));
        let row = if self.part_of_pack { row.flag("trdn_flag", true) } else { row };
        row.rows("drugtracinfo", packs)
    }
}

/// 2204: charges lines of a visit, at most [`LINES_MAX`](crate::transactions::LINES_MAX) at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeLines {
    /// Who.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Asking for ChargeLines {
    fn infno(&self) -> &'static str {
        "2204"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        Row::new().rows("feedetail", self.lines.iter().map(|line| line.of_visit(self))).end()
    }
}

/// 2301: charges lines of a stay, at most [`LINES_MAX`](crate::transactions::LINES_MAX) at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayLines {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
    /// National kind of care.
    pub care_kind: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Asking for StayLines {
    fn infno(&self) -> &'static str {
        "2301"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        Row::new().rows("feedetail", self.lines.iter().map(|line| line.of_stay(self))).end()
    }
}

/// 2205: withdraws lines of a visit that are not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawLines {
    /// Who.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// Those of one bill; none: all that are not settled. The table names no single line.
    pub batch: Option<String>,
}

impl Asking for WithdrawLines {
    fn infno(&self) -> &'static str {
        "2205"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("mdtrt_id", &self.visit);
        let row = row.text("chrg_bchno", self.batch.as_deref().unwrap_or(ALL_FEES));
        row.text("psn_no", self.person.number.as_str()).within("data")
    }
}

/// 2302: withdraws lines of a stay that are not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawStayLines {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
    /// These, by the hospital's numbers; none: all that are not settled.
    pub lines: Option<Vec<String>>,
}

impl Asking for WithdrawStayLines {
    fn infno(&self) -> &'static str {
        "2302"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let all = [ALL_FEES.to_owned()];
        let lines = self.lines.as_deref().unwrap_or(&all).iter();
        let row = |line: &String| {
            let row = Row::new().text("feedetl_sn", line).text("mdtrt_id", &self.visit);
            row.text("psn_no", self.person.number.as_str())
        };
        Row::new().rows("data", lines.map(row)).end()
    }
}

/// 5204: the lines of a visit or a stay, as the centre has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskLines {
    /// Whose.
    pub person: Insured,
    /// Of which visit or stay, by the centre's id.
    pub visit: String,
    /// Those of one settlement alone.
    pub settlement: Option<String>,
}

impl Asking for AskLines {
    fn infno(&self) -> &'static str {
        "5204"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str());
        let settlement = self.settlement.as_deref().unwrap_or_default();
        row.text("setl_id", settlement).text("mdtrt_id", &self.visit).within("data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, said};
    use crate::transactions::{
        CancelFees, FeeLine, QueryFees, STAY_SCOPE, UploadFees, WhichFees, said_of_lines,
    };
    use model::{EncounterId, SettlementId};

    fn line(number: &str) -> Line {
        Line {
            number: number.into(),
            batch: "B1".into(),
            prescription: "RX\"1".into(),
            bought_elsewhere: false,
            disease: "M03900".into(),
            refunds: None,
            served: AT,
            item: "XL01".into(),
            own: Named::new("YP570", ODD),
            amount: Money::from_fen(1_000),
            quantity: Quantity::from_ten_thousandths(30_000),
            price: UnitPrice::from_millionths(3_333_333),
            department: Named::new("0301", "内科门诊"),
            doctor: Named::new("D990100000001", ODD),
            executing: Named::new("0501", "药房"),
            executing_doctor: Named::default(),
            approval: Approval::Approved,
            taken_home: false,
            note: String::new(),
            part_of_pack: true,
            traces: vec!["81000000000000000001".into(), "81000000000000000002".into()],
        }
    }

    fn read(number: &str, batch: &str) -> FeeLine {
        FeeLine {
            number: number.into(),
            charge_batch: batch.into(),
            served: AT,
            item: "XL01".into(),
            hospital_item: "YP570".into(),
            amount: Money::from_fen(1_000),
            quantity: Quantity::from_ten_thousandths(30_000),
            price: UnitPrice::from_millionths(3_333_333),
            confirmed: true,
            traces: line(number).traces,
            part_of_pack: true,
            listing: None,
            refunds: None,
        }
    }

    #[test]
    fn lines_of_a_visit_are_charged() {
        let plain = Line {
            approval: Approval::NotNeeded,
            part_of_pack: false,
            traces: Vec::new(),
            bought_elsewhere: true,
            ..line("2")
        };
        let request = ChargeLines {
            person: Insured::of("990100", "990101"),
            visit: "7".into(),
            lines: vec![line("1"), plain],
        };
        let message = said(&request);
        assert_eq!(message.envelope.home_district, "990101");
        let expected =
            FeeLine { confirmed: false, part_of_pack: false, traces: Vec::new(), ..read("2", "B1") };
        let expected = UploadFees {
            person: "990100".into(),
            encounter: EncounterId(7),
            stay: false,
            lines: vec![read("1", "B1"), expected],
        };
        assert_eq!(UploadFees::read(&message.input).unwrap(), expected);
        let (_, facts) = said_of_lines(&message.input).next().unwrap();
        assert_eq!((facts.text("rxno"), facts.text("medins_list_name")), ("RX\"1", ODD));
        assert_eq!((facts.text("acord_dept_codg"), facts.text("bilg_dr_name")), ("0501", ODD));
        assert!(!format!("{request:?}").contains('王'));
    }

    #[test]
    fn lines_of_a_stay_are_charged_and_taken_back() {
        let back = Line {
            amount: Money::from_fen(-1_000),
            quantity: Quantity::from_ten_thousandths(-30_000),
            refunds: Some("1".into()),
            approval: Approval::Refused,
            note: "退\\药".into(),
            taken_home: true,
            ..line("2")
        };
        let lines = vec![line("1"), back];
        let request = StayLines { person: "990100".into(), visit: "7".into(), care_kind: "21".into(), lines };
        let message = said(&request);
        let taken = FeeLine {
            amount: Money::from_fen(-1_000),
            quantity: Quantity::from_ten_thousandths(-30_000),
            confirmed: false,
            refunds: Some("1".into()),
            ..read("2", STAY_SCOPE)
        };
        let expected = UploadFees {
            person: "990100".into(),
            encounter: EncounterId(7),
            stay: true,
            lines: vec![read("1", STAY_SCOPE), taken],
        };
        assert_eq!(UploadFees::read(&message.input).unwrap(), expected);
        let (_, facts) = said_of_lines(&message.input).nth(1).unwrap();
        assert_eq!(
            (facts.text("memo"), facts.text("drord_no"), facts.text("dscg_tkdrug_flag")),
            ("退\\药", "RX\"1", "1")
        );
    }

    #[test]
    fn lines_are_withdrawn_by_bill_by_number_or_all() {
        let withdrawn =
            |stay, which| CancelFees { person: "990100".into(), encounter: EncounterId(7), stay, which };
        let visit = |batch: Option<&str>| WithdrawLines {
            person: "990100".into(),
            visit: "7".into(),
            batch: batch.map(str::to_owned),
        };
        let stay = |lines| WithdrawStayLines { person: "990100".into(), visit: "7".into(), lines };
        let read = |request: &dyn Asking| CancelFees::read(&said(request).input).unwrap();
        assert_eq!(read(&visit(None)), withdrawn(false, WhichFees::All));
        assert_eq!(read(&visit(Some("B1"))), withdrawn(false, WhichFees::Batch("B1".into())));
        assert_eq!(read(&stay(None)), withdrawn(true, WhichFees::All));
        let lines = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(read(&stay(Some(lines.clone()))), withdrawn(true, WhichFees::Lines(lines)));
    }

    #[test]
    fn lines_are_asked_after() {
        for (settlement, id) in [(None, None), (Some("8".to_owned()), Some(SettlementId(8)))] {
            let request = AskLines { person: "990100".into(), visit: "7".into(), settlement };
            let expected = QueryFees { person: "990100".into(), encounter: EncounterId(7), settlement: id };
            assert_eq!(QueryFees::read(&said(&request).input).unwrap(), expected);
        }
    }
}
