//! Giving money back: a bill is voided whole, and what the patient keeps of it is settled anew, as a bill of its own.

use jiff::civil::DateTime;
use money::{Money, Quantity};
use serde::{Deserialize, Serialize};

use crate::amounts;
use crate::bill::{Bill, BillState, Line, Patient, amount};
use crate::counted::Counted;
use crate::pay::Payment;
use crate::sheet::Sheet;

/// What stays of a line where the rest of it is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The number of the line.
    pub line: u32,
    /// How many stay.
    #[serde(with = "amounts")]
    pub quantity: Quantity,
    /// Trace codes of the packs that stay, of a line a part of which goes back.
    #[serde(default)]
    pub traces: Vec<String>,
}

/// That somebody asks for a refund he may not make himself, and what finance said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who asks.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// Why money is to go back.
    pub why: String,
    /// What stays; nothing: all goes back.
    pub kept: Vec<Kept>,
    /// What finance said, and who; none yet.
    pub said: Option<(bool, String)>,
}

impl Approval {
    /// It allows this very refund.
    pub fn allows(&self, why: &str, kept: &[Kept]) -> bool {
        matches!(self.said, Some((true, _))) && self.why == why && self.kept == kept
    }

    /// Nobody has answered it.
    pub fn waits(&self) -> bool {
        self.said.is_none()
    }
}

/// The lines that stay, each reckoned as if it alone had been charged.
pub fn left(lines: &[Line], kept: &[Kept]) -> Vec<Line> {
    let stays = |line: &Line| {
        let kept = kept.iter().find(|kept| kept.line == line.number)?;
        let quantity = kept.quantity;
        if quantity == line.quantity {
            return Some(line.clone());
        }
        let (amount, traces) = (amount(line.price, quantity), kept.traces.clone());
        let left = Line { quantity, amount, traces, ..line.clone() };
        (quantity != Quantity::default()).then_some(left)
    };
    lines.iter().filter_map(stays).collect()
}

/// What lines come to.
pub fn total(lines: &[Line]) -> Money {
    lines.iter().map(|line| line.amount).sum()
}

/// The bill of what stays of one that is voided; none where nothing does.
pub(crate) fn rest(voided: &Sheet<Bill>) -> Option<Sheet<Bill>> {
    let facts = &voided.facts;
    let void = facts.voided.as_ref().filter(|void| !void.rest.is_empty())?;
    let batch: u32 = facts.batch.parse().unwrap_or(1);
    let bill = Bill {
        cashier: void.by.clone(),
        branch: void.branch.clone(),
        lines: left(&facts.lines, &void.kept),
        batch: (batch + 1).to_string(),
        uploaded: false,
        // The lines of the bill before are with the centre, unsettled again.
        was_uploaded: facts.insured,
        trial: None,
        payment: Payment::default(),
        receipt: String::new(),
        settlement: String::new(),
        settled: None,
        split: None,
        closing: String::new(),
        voided: None,
        refused: None,
        taken_back: false,
        parked: false,
        prints: 0,
        reprints: Vec::new(),
        rest_of: voided.key.clone(),
        paid_before: Some(facts.payment.clone()),
        approval: None,
        counted: Counted::default(),
        ..facts.clone()
    };
    let mut rest = Sheet::new(void.rest.clone(), BillState::Entry, Some(void.at.date()), bill);
    rest.private = Patient { sent: String::new(), ..voided.private.clone() };
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::Named;

    fn line(number: u32, price: &str, quantity: i64) -> Line {
        let quantity_packs = quantity / 10_000;
        let quantity = Quantity::from_ten_thousandths(quantity);
        let price = price.parse().unwrap();
        Line {
            number,
            item: number.to_string(),
            name: String::new(),
            specification: String::new(),
            unit: String::new(),
            quantity,
            price,
            amount: amount(price, quantity),
            category: "09".into(),
            mapped: None,
            class: "A".into(),
            first_self_pay: String::new(),
            executing: Named::default(),
            drug: true,
            traced: true,
            traces: (0..quantity_packs).map(|pack| format!("{number}00000{pack}")).collect(),
            part_of_pack: false,
        }
    }

    #[test]
    fn what_stays_is_reckoned_as_if_it_alone_had_been_charged() {
        let lines = [line(1, "0.125", 30_000), line(2, "20", 10_000), line(4, "3.333", 15_000)];
        let keep = |line, quantity| Kept {
            line,
            quantity: Quantity::from_ten_thousandths(quantity),
            traces: vec![format!("{line}000001")],
        };
        let left = left(&lines, &[keep(1, 10_000), keep(2, 10_000), keep(4, 0)]);
        let packs: Vec<_> = left.iter().map(|line| line.traces.join(" ")).collect();
        assert_eq!(packs, ["1000001", "2000000"], "which pack stays is said only where one goes back");
        let told: Vec<_> = left.iter().map(|line| (line.number, line.amount.to_string())).collect();
        assert_eq!(told, [(1, "0.13".into()), (2, "20.00".into())]);
        assert_eq!(total(&left).to_string(), "20.13");
    }

    #[test]
    fn an_approval_holds_for_what_was_asked_and_nothing_else() {
        let kept =
            vec![Kept { line: 1, quantity: Quantity::from_ten_thousandths(10_000), traces: Vec::new() }];
        let said = |said| Approval {
            by: "0103".into(),
            at: jiff::civil::datetime(2026, 11, 23, 8, 0, 0, 0),
            why: "void-wrong-item".into(),
            kept: kept.clone(),
            said,
        };
        let yes = said(Some((true, "0401".into())));
        assert!(yes.allows("void-wrong-item", &kept));
        assert!(!yes.allows("void-wrong-item", &[]) && !yes.allows("void-not-done", &kept));
        assert!(!said(Some((false, "0401".into()))).allows("void-wrong-item", &kept));
        assert!(said(None).waits());
    }
}
