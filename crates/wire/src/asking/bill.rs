//! 2206 to 2208, 2303 to 2305 and 5203: a bill is tried, settled, voided and asked after.

use jiff::civil::Date;
use model::InsuranceKind;
use money::Money;

use super::speaker::{Asking, Insured, Proof, Speaker};
use super::writing::Row;
use crate::transactions::Splits;

/// A bill of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillAsked {
    /// Who.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// Which bill of it.
    pub batch: String,
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// What the person has shown.
    pub proof: Proof,
    /// National kind of care.
    pub care_kind: String,
    /// National way of settling: 01 by item.
    pub way: String,
    /// The whole bill as the hospital adds it up.
    pub total: Money,
    /// The patient wants the account used.
    pub uses_account: bool,
    /// The hospital's invoice number; a trial says none.
    pub invoice: String,
    /// How the hospital's own sums split the bill; a trial says none.
    pub splits: Splits,
}

impl BillAsked {
    fn row(&self) -> Row {
        let row = begin(&self.person, &self.proof).text("med_type", &self.care_kind);
        let row = row.number("medfee_sumamt", self.total).text("psn_setlway", &self.way);
        row.text("mdtrt_id", &self.visit).text("chrg_bchno", &self.batch)
    }
}

fn begin(person: &Insured, proof: &Proof) -> Row {
    let row = Row::new().text("psn_no", person.number.as_str());
    row.text("mdtrt_cert_type", &proof.kind).text("mdtrt_cert_no", &proof.number)
}

fn splits(row: Row, splits: &Splits) -> Row {
    let row = row.number_if("fulamt_ownpay_amt", splits.out_of_scope);
    let row = row.number_if("overlmt_selfpay", splits.over_price_limit);
    row.number_if("preselfpay_amt", splits.prior_self_pay).number_if("inscp_scp_amt", splits.eligible)
}

/// 2206: what the bill would come to; changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryBill(
    /// The bill.
    pub BillAsked,
);

impl Asking for TryBill {
    fn infno(&self) -> &'static str {
        "2206"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.0.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = self.0.row().flag("acct_used_flag", self.0.uses_account);
        row.text("insutype", &self.0.insurance.to_string()).within("data")
    }
}

/// 2207: settles the bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleBill(
    /// The bill.
    pub BillAsked,
);

impl Asking for SettleBill {
    fn infno(&self) -> &'static str {
        "2207"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.0.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = self.0.row().text("insutype", &self.0.insurance.to_string());
        let row = row.flag("acct_used_flag", self.0.uses_account).text("invono", &self.0.invoice);
        splits(row, &self.0.splits).within("data")
    }
}

/// A bill of a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayBillAsked {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// What the person has shown.
    pub proof: Proof,
    /// National way of settling: 01 by item.
    pub way: String,
    /// The whole bill as the hospital adds it up.
    pub total: Money,
    /// The patient wants the account used.
    pub uses_account: bool,
    /// What the stay has come to so far is settled, and the stay goes on.
    pub interim: bool,
    /// The hospital's invoice number.
    pub invoice: String,
    /// How the hospital's own sums split the bill.
    pub splits: Splits,
    /// The day of discharge, where it is over.
    pub discharged: Option<Date>,
}

impl StayBillAsked {
    fn row(&self) -> Row {
        let row = begin(&self.person, &self.proof).number("medfee_sumamt", self.total);
        row.text("psn_setlway", &self.way).text("mdtrt_id", &self.visit)
    }

    fn ended(&self, row: Row) -> String {
        let row = row.text("invono", &self.invoice).flag("mid_setl_flag", self.interim);
        let row = splits(row, &self.splits);
        match self.discharged {
            Some(day) => row.date("dscg_time", day),
            None => row,
        }
        .within("data")
    }
}

/// 2303: what the stay's bill would come to; changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryStay(
    /// The bill.
    pub StayBillAsked,
);

impl Asking for TryStay {
    fn infno(&self) -> &'static str {
        "2303"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.0.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = self.0.row().flag("acct_used_flag", self.0.uses_account);
        self.0.ended(row.text("insutype", &self.0.insurance.to_string()))
    }
}

/// 2304: settles the stay's bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleStay(
    /// The bill.
    pub StayBillAsked,
);

impl Asking for SettleStay {
    fn infno(&self) -> &'static str {
        "2304"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.0.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = self.0.row().text("insutype", &self.0.insurance.to_string());
        self.0.ended(row.flag("acct_used_flag", self.0.uses_account))
    }
}

/// 2208: voids a settlement of a visit as a whole. It is answered as the settlement was, under another id, with every
/// amount below nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidBill {
    /// Who.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// Which settlement, by the centre's id.
    pub settlement: String,
}

impl Asking for VoidBill {
    fn infno(&self) -> &'static str {
        "2208"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("setl_id", &self.settlement).text("mdtrt_id", &self.visit);
        row.text("psn_no", self.person.number.as_str()).within("data")
    }
}

/// 2305: voids the last settlement of a stay, as [`VoidBill`] does one of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidStay {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
    /// Which settlement, by the centre's id.
    pub settlement: String,
}

impl Asking for VoidStay {
    fn infno(&self) -> &'static str {
        "2305"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("mdtrt_id", &self.visit).text("setl_id", &self.settlement);
        row.text("psn_no", self.person.number.as_str()).within("data")
    }
}

/// 5203: one settlement, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskSettlement {
    /// Whose.
    pub person: Insured,
    /// Which, by the centre's id.
    pub settlement: String,
    /// Of which visit or stay, by the centre's id.
    pub visit: String,
}

impl Asking for AskSettlement {
    fn infno(&self) -> &'static str {
        "5203"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str());
        row.text("setl_id", &self.settlement).text("mdtrt_id", &self.visit).within("data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, said};
    use crate::transactions::{self, PreviewBill, QuerySettlement, STAY_SCOPE};
    use model::{EncounterId, Prescription, SettlementId, VisitKind};

    fn asked() -> BillAsked {
        BillAsked {
            person: Insured::of("990100", "990101"),
            visit: "7".into(),
            batch: "B\"1".into(),
            insurance: InsuranceKind::EMPLOYEE,
            proof: Proof::card("A1"),
            care_kind: "11".into(),
            way: "01".into(),
            total: Money::from_fen(23_170),
            uses_account: true,
            invoice: "FP1".into(),
            splits: Splits {
                out_of_scope: Some(Money::ZERO),
                eligible: Some(Money::from_fen(20_545)),
                ..Splits::default()
            },
        }
    }

    fn read() -> transactions::SettleBill {
        transactions::SettleBill {
            person: "990100".into(),
            encounter: EncounterId(7),
            stay: false,
            scope: "B\"1".into(),
            interim: false,
            insurance_kind: InsuranceKind::EMPLOYEE,
            care: Some(("11".into(), VisitKind::Outpatient)),
            prescription: Prescription::None,
            proof: "03".into(),
            way: "01".into(),
            total: Money::from_fen(23_170),
            uses_account: true,
            invoice: "FP1".into(),
            splits: asked().splits,
        }
    }

    #[test]
    fn a_bill_is_tried_and_settled() {
        let message = said(&SettleBill(asked()));
        assert_eq!(message.envelope.home_district, "990101");
        assert_eq!(transactions::SettleBill::read(&message.input).unwrap(), read());
        let tried = PreviewBill::read(&said(&TryBill(asked())).input).unwrap();
        let expected =
            transactions::SettleBill { invoice: String::new(), splits: Splits::default(), ..read() };
        assert_eq!(tried.0, expected);
        let other =
            BillAsked { uses_account: false, invoice: String::new(), splits: Splits::default(), ..asked() };
        let expected = transactions::SettleBill { uses_account: false, ..expected };
        assert_eq!(transactions::SettleBill::read(&said(&SettleBill(other)).input).unwrap(), expected);
    }

    #[test]
    fn a_stay_is_tried_and_settled() {
        let asked = |interim| StayBillAsked {
            person: Insured::of("990100", "990101"),
            visit: "7".into(),
            insurance: InsuranceKind::EMPLOYEE,
            proof: Proof::card("A1"),
            way: "01".into(),
            total: Money::from_fen(23_170),
            uses_account: true,
            interim,
            invoice: "FP1".into(),
            splits: super::tests::asked().splits,
            discharged: (!interim).then(|| AT.date()),
        };
        for interim in [false, true] {
            let expected = transactions::SettleBill {
                stay: true,
                scope: STAY_SCOPE.into(),
                interim,
                care: None,
                ..read()
            };
            let settled = said(&SettleStay(asked(interim)));
            assert_eq!(transactions::SettleBill::read(&settled.input).unwrap(), expected);
            let row = settled.input.first("data").unwrap();
            assert_eq!(row.text("dscg_time"), if interim { "" } else { "2026-11-23 00:00:00" });
            assert_eq!(PreviewBill::read(&said(&TryStay(asked(interim))).input).unwrap().0, expected);
        }
    }

    #[test]
    fn a_settlement_is_voided_and_asked_after() {
        let (person, visit, settlement) = (Insured::of("990100", "990101"), "7".to_owned(), "8".to_owned());
        let void = |stay| transactions::VoidBill {
            person: Some("990100".into()),
            encounter: Some(EncounterId(7)),
            stay,
            settlement: SettlementId(8),
        };
        let request =
            VoidBill { person: person.clone(), visit: visit.clone(), settlement: settlement.clone() };
        assert_eq!(transactions::VoidBill::read(&said(&request).input).unwrap(), void(false));
        let request =
            VoidStay { person: person.clone(), visit: visit.clone(), settlement: settlement.clone() };
        assert_eq!(transactions::VoidBill::read(&said(&request).input).unwrap(), void(true));
        let read = QuerySettlement::read(&said(&AskSettlement { person, settlement, visit }).input).unwrap();
        let expected = QuerySettlement {
            person: "990100".into(),
            settlement: SettlementId(8),
            encounter: EncounterId(7),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn ids_of_another_centre_are_said_as_they_are() {
        let request = BillAsked { visit: "ZY-8\"甲".into(), ..asked() };
        assert_eq!(said(&SettleBill(request)).input.first("data").unwrap().text("mdtrt_id"), "ZY-8\"甲");
    }
}
