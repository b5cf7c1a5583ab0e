//! What a patient may owe while he is here, who answers for more, and how somebody goes without having paid.

use jiff::civil::{Date, DateTime};
use money::Money;
use serde::{Deserialize, Serialize};

use crate::amounts;
use crate::house::Parameters;
use crate::sheet::Sheet;
use crate::stay::Stay;

/// Somebody answers for so much more of a patient's debt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarantee {
    /// Who.
    pub name: String,
    /// What they are to the patient.
    pub relation: String,
    /// How much.
    #[serde(with = "amounts")]
    pub amount: Money,
    /// The last day it holds.
    pub until: Date,
    /// Who wrote it down.
    pub by: String,
}

/// That a patient went without having paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// When.
    pub at: DateTime,
    /// Who let him go: an operator's number.
    pub by: String,
    /// Who allowed it where nobody answers for it: an operator's number; empty: somebody does.
    #[serde(default)]
    pub allowed_by: String,
    /// What he is let off; none: he is to pay.
    #[serde(default)]
    pub written_off: Option<WrittenOff>,
}

/// That the hospital lets somebody off what he owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenOff {
    /// Who says so.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// Why.
    pub why: String,
    /// What was owed when he said so: the most that is let off.
    #[serde(with = "amounts")]
    pub amount: Money,
}

/// Why something is charged to a patient whose balance is below the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// It cannot wait.
    Urgent,
    /// Somebody allowed it: an operator's number.
    By(String),
}

impl Sheet<Stay> {
    /// Who answers for more, today.
    pub fn guarantee(&self, today: Date) -> Option<&Guarantee> {
        self.private.guarantee.as_ref().filter(|guarantee| today <= guarantee.until)
    }

    /// The balance below which a charge that can wait is to be allowed.
    pub fn limit(&self, parameters: &Parameters, today: Date) -> Money {
        let usual =
            if self.facts.insured { parameters.arrears_insured_yuan } else { parameters.arrears_alone_yuan };
        let guaranteed = self.guarantee(today).map_or(Money::ZERO, |guarantee| guarantee.amount);
        Money::from_yuan(usual) - guaranteed
    }
}

/// What brings a balance back above a level, in whole hundreds.
pub fn missing(balance: Money, level: Money) -> Money {
    let fen = (level - balance).fen().max(0);
    Money::from_yuan((fen + 9_999) / 10_000 * 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_rounded_up_to_hundreds() {
        let check = |balance: &str, level: &str, expected: &str| {
            let money = |text: &str| text.parse::<Money>().unwrap();
            assert_eq!(missing(money(balance), money(level)), money(expected), "{balance} {level}");
        };
        check("499.99", "500", "100");
        check("400", "500", "100");
        check("399.99", "500", "200");
        check("-2000.01", "500", "2600");
        check("500", "500", "0");
        check("900", "500", "0");
    }
}
