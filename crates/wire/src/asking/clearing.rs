//! 3203 and 3204: a month is applied for, and the application is withdrawn.

use jiff::civil::Date;
use money::Money;

use super::hearing::heard;
use super::speaker::{Asking, Speaker};
use super::writing::Row;
use crate::output::Answer;

/// 3203: applies for a month to be cleared. Said again it is the same application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyClearing {
    /// National kind of clearing.
    pub clearing_kind: String,
    /// National way of clearing.
    pub way: String,
    /// Any day of the month.
    pub month: Date,
    /// How many settlements the hospital reckons.
    pub count: i64,
    /// What they cost.
    pub total: Money,
    /// What funds paid of it.
    pub funds: Money,
    /// What accounts paid.
    pub account: Money,
}

impl Asking for ApplyClearing {
    fn infno(&self) -> &'static str {
        "3203"
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("clr_type", &self.clearing_kind).text("clr_way", &self.way);
        let row = row.text("setlym", &self.month.strftime("%Y%m").to_string()).number("psntime", self.count);
        let row = row.number("medfee_sumamt", self.total).number("fund_appy_sum", self.funds);
        row.number("acct_pay", self.account).within("data")
    }
}

/// The answer to [`ApplyClearing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationHeard {
    /// The number of the application; empty where the centre gives none.
    pub number: String,
}

impl ApplicationHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let row = output.node("result")?;
            Some(Self { number: row.text("clr_appy_evt_id") })
        })
    }
}

/// 3204: withdraws an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawClearing {
    /// Its number.
    pub number: String,
}

impl Asking for WithdrawClearing {
    fn infno(&self) -> &'static str {
        "3204"
    }

    fn input(&self, _: &Speaker) -> String {
        Row::new().text("clr_appy_evt_id", &self.number).within("data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{answered, refused, said};
    use crate::codes::Refusal;
    use crate::transactions::{self, ClearingApplied};
    use jiff::civil::date;

    #[test]
    fn a_month_is_applied_for_and_withdrawn() {
        let request = ApplyClearing {
            clearing_kind: "11".into(),
            way: "10".into(),
            month: date(2026, 11, 23),
            count: 3,
            total: Money::from_fen(23_170),
            funds: Money::from_fen(2_480),
            account: Money::ZERO,
        };
        let read = transactions::ApplyClearing::read(&said(&request).input).unwrap();
        let expected = transactions::ApplyClearing {
            clearing_kind: "11".into(),
            way: "10".into(),
            month: date(2026, 11, 1),
            sums: [Some(request.total), Some(request.funds), Some(Money::ZERO), None],
            count: Some(3),
        };
        assert_eq!(read, expected);
        let told = ClearingApplied { application: "7".into() };
        assert_eq!(
            ApplicationHeard::hear(&answered("3203", &told)),
            Some(ApplicationHeard { number: "7".into() })
        );
        assert_eq!(ApplicationHeard::hear(&refused("3203", &Refusal::NoLines)), None);
        let read =
            transactions::WithdrawClearing::read(&said(&WithdrawClearing { number: "7".into() }).input);
        assert_eq!(read.unwrap().application, "7");
    }
}
