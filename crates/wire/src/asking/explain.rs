//! Our own `explain`: why a settlement came to its figures, step by step.

use money::{Exact, Money};

use super::hearing::{Told, heard};
use super::speaker::{Asking, Insured, Speaker};
use super::writing::Row;
use crate::output::Answer;
use crate::words::Both;

/// `explain`: why did a settlement come to its figures? Our own; another centre knows no such transaction and refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explain {
    /// Whose.
    pub person: Insured,
    /// Which, by the centre's id.
    pub settlement: String,
}

impl Asking for Explain {
    fn infno(&self) -> &'static str {
        "explain"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str());
        row.text("setl_id", &self.settlement).within("data")
    }
}

/// The answer to [`Explain`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplanationHeard {
    /// Which settlement.
    pub settlement: String,
    /// The one it undoes: its figures are those of that one below nothing, or again.
    pub undoes: Option<String>,
    /// The edition of the policy, by its first day.
    pub edition: String,
    /// The document the edition comes from.
    pub order: String,
    /// The catalogue's version.
    pub catalogue: String,
    /// The whole bill.
    pub total: Money,
    /// The steps, in the order they were taken.
    pub steps: Vec<StepHeard>,
}

/// One step of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepHeard {
    /// Its number, from 1.
    pub number: u32,
    /// Which rule, and which of its sentences: a code that never changes its meaning.
    pub key: String,
    /// What the rule is called.
    pub title: Both,
    /// What the figure is called that it adds to.
    pub figure: Both,
    /// How it was reckoned.
    pub words: Both,
    /// What it adds; of one figure all steps together come to what was settled.
    pub amount: Exact,
    /// The document and the article it goes by; empty where it goes by none.
    pub law: String,
}

impl StepHeard {
    fn read(row: Told<'_>) -> Option<Self> {
        let both = |zh: &str, en: &str| Both::new(row.text(zh), row.text(en));
        Some(Self {
            number: row.number("step", 0)??,
            key: row.text("key"),
            title: both("title", "title_en"),
            figure: both("figure", "figure_en"),
            words: both("words", "words_en"),
            amount: row.number("amount", 12)??,
            law: row.text("law"),
        })
    }
}

impl ExplanationHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let row = output.node("result")?;
            Some(Self {
                settlement: row.some("setl_id")?,
                undoes: row.some("undoes"),
                edition: row.text("edition"),
                order: row.text("order"),
                catalogue: row.text("catalogue"),
                total: row.amount("medfee_sumamt")?,
                steps: output.rows("explanation").map(StepHeard::read).collect::<Option<_>>()?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{ODD, answered, answered_in_texts, refused, said};
    use crate::codes::Refusal;
    use crate::transactions::{self, Explained, StepTold};
    use model::SettlementId;

    #[test]
    fn a_settlement_is_asked_about() {
        let request = Explain { person: Insured::of("990100", "990101"), settlement: "8".into() };
        let message = said(&request);
        assert_eq!(message.envelope.home_district, "990101");
        let read = transactions::Explain::read(&message.input).unwrap();
        assert_eq!(read, transactions::Explain { person: "990100".into(), settlement: SettlementId(8) });
        let theirs = Explain { person: "990100".into(), settlement: "ZY-8".into() };
        let refusal = transactions::Explain::read(&said(&theirs).input).unwrap_err();
        assert_eq!(refusal.code(), "SETTLEMENT_UNKNOWN");
    }

    #[test]
    fn every_step_is_heard_as_it_was_told() {
        let step = |amount: &str, law: Option<&str>| StepTold {
            key: "deductible.1".into(),
            title: Both::of("起付线", "Deductible"),
            figure: Both::of("统筹基金", "pooled fund"),
            words: Both::new(format!("起付标准 800.00 {ODD}"), "deductible \"800.00\""),
            amount: amount.parse().unwrap(),
            law: law.map(str::to_owned),
        };
        let told = Explained {
            settlement: SettlementId(9),
            undoes: Some(SettlementId(8)),
            edition: "2026-01-01".into(),
            order: "办法\\(示例)".into(),
            catalogue: "2026-12-01".into(),
            total: Money::from_fen(-23_170),
            steps: vec![step("-5162.252500000001", Some("办法 第九条")), step("0.00", None)],
        };
        let expected = |number, told: &StepTold| StepHeard {
            number,
            key: told.key.clone(),
            title: told.title.clone(),
            figure: told.figure.clone(),
            words: told.words.clone(),
            amount: told.amount,
            law: told.law.clone().unwrap_or_default(),
        };
        let expected = ExplanationHeard {
            settlement: "9".into(),
            undoes: Some("8".into()),
            edition: told.edition.clone(),
            order: told.order.clone(),
            catalogue: told.catalogue.clone(),
            total: told.total,
            steps: (1..).zip(&told.steps).map(|(number, step)| expected(number, step)).collect(),
        };
        for answer in [answered("explain", &told), answered_in_texts("explain", &told)] {
            assert_eq!(ExplanationHeard::hear(&answer).as_ref(), Some(&expected));
        }
        let unknown = Refusal::SettlementUnknown { settlement: "8".into() };
        assert_eq!(ExplanationHeard::hear(&refused("explain", &unknown)), None);
    }
}
