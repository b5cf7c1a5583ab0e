//! Our own `rest`: what the rest of a settled bill would come to, were the bill voided. Heard as a trial is.

use money::{Money, Quantity};

use super::speaker::{Asking, Insured, Speaker};
use super::writing::Row;

/// `rest`: what would stay of a bill? Our own; another centre knows no such transaction and refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryRest {
    /// Whose.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// Which settlement would be voided, by the centre's id.
    pub settlement: String,
    /// What the rest comes to.
    pub total: Money,
    /// The patient wants the account used.
    pub uses_account: bool,
    /// What stays of each line: its number, how many, for how much.
    pub lines: Vec<(String, Quantity, Money)>,
}

impl Asking for TryRest {
    fn infno(&self) -> &'static str {
        "rest"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str()).text("mdtrt_id", &self.visit);
        let row = row.text("setl_id", &self.settlement).number("medfee_sumamt", self.total);
        let line = |(number, quantity, amount): &(String, Quantity, Money)| {
            let line = Row::new().text("feedetl_sn", number).number("cnt", quantity);
            line.number("det_item_fee_sumamt", amount)
        };
        let row = row.flag("acct_used_flag", self.uses_account);
        Row::new().row("data", row).rows("feedetail", self.lines.iter().map(line)).end()
    }
}
