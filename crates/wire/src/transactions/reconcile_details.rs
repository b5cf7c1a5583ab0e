//! 3202: a hospital's settlements of some days, row by row, beside the centre's.

use std::collections::HashMap;

use jiff::civil::Date;
use model::{EncounterId, SettlementId};
use money::Money;

use super::reconcile_totals::days;
use crate::codes::Refusal;
use crate::dictionary;
use crate::file::FileNumber;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use crate::words::{Both, Language};

/// Are the hospital's rows those of the centre?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileDetails {
    /// National kinds of clearing: the one that is asked for, or all of them.
    pub clearing_kinds: Vec<String>,
    /// The one that is asked for; empty for all.
    pub clearing_kind: String,
    /// The division whose people it is about.
    pub division: String,
    /// First and last day.
    pub days: (Date, Date),
    /// The file with the hospital's rows, as it was named.
    pub file: String,
    /// What the hospital says its rows come to: how many, cost, paid by funds.
    pub sums: (i64, Money, Money),
    /// Whether refunds are counted, as settlements below nothing; none where the message does not say.
    pub with_refunds: Option<bool>,
}

impl ReconcileDetails {
    /// Reads the input of 3202. Who does not say whether refunds are counted has counted them.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "file_qury_no", "文件查询号")?;
        let asked = row.text("clr_type").to_owned();
        let all =
            || dictionary("clr_type").map(|d| d.codes.iter().map(|(code, ..)| (*code).to_owned()).collect());
        Ok(Self {
            clearing_kinds: if asked.is_empty() { all().unwrap_or_default() } else { vec![asked.clone()] },
            clearing_kind: asked,
            division: row.need("setl_optins")?.into(),
            days: days(row)?,
            file: row.need("file_qury_no")?.chars().take(40).collect(),
            sums: (
                row.number("fixmedins_setl_cnt")?,
                row.number("medfee_sumamt")?,
                row.number("fund_pay_sumamt")?,
            ),
            with_refunds: row.get("refd_setl_flag").map(|flag| flag != "0"),
        })
    }

    /// The number of the file.
    pub fn kept_file(&self) -> Option<i64> {
        match self.file.parse() {
            Ok(FileNumber::Kept(id)) => Some(id),
            _ => None,
        }
    }
}

/// One settlement as a hospital's file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TheirRow {
    /// The person's number.
    pub person: String,
    /// The visit; none where it is no number of ours.
    pub encounter: Option<EncounterId>,
    /// The settlement; none where it is no number of ours.
    pub settlement: Option<SettlementId>,
    /// The message that asked for it.
    pub msgid: String,
    /// A refund.
    pub refund: bool,
    /// Cost, below nothing of a refund.
    pub total: Money,
    /// Paid by funds.
    pub funds: Money,
    /// Paid by the account.
    pub account: Money,
    /// As they were written: person, visit, settlement.
    pub written: [String; 3],
}

/// Most rows of a file.
pub const ROWS_MAX: usize = 200_000;

/// Amounts are below this, in fen.
const FEN_END: u64 = 10_000_000_000_000_000;

/// Columns of a file without a line of names.
const COLUMNS: [&str; 8] = [
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "msgid",
    "refd_setl_flag",
    "medfee_sumamt",
    "fund_pay_sumamt",
    "acct_pay",
];

/// Reads a hospital's file: lines of columns with tabs between, their names in the first line or not. An error names the
/// line and what is wrong with it.
pub fn read_rows(text: &str) -> Result<Vec<TheirRow>, (usize, Both)> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let named = |line: &str| line.split('\t').any(|name| name.trim().eq_ignore_ascii_case("setl_id"));
    let names: Vec<String> = match lines.next_if(|(_, line)| named(line)) {
        Some((_, line)) => line.split('\t').map(|name| name.trim().to_ascii_lowercase()).collect(),
        None => COLUMNS.map(str::to_owned).to_vec(),
    };
    let places: HashMap<&str, usize> =
        names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let mut rows = Vec::new();
    for (at, line) in lines {
        if rows.len() == ROWS_MAX {
            let why =
                Both::new(format!("一次最多 {ROWS_MAX} 行"), format!("at most {ROWS_MAX} rows at once"));
            return Err((at + 1, why));
        }
        rows.push(read_row(line, &places).map_err(|why| (at + 1, why))?);
    }
    Ok(rows)
}

fn read_row(line: &str, places: &HashMap<&str, usize>) -> Result<TheirRow, Both> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let text = |name: &str| -> Result<&str, Both> {
        let found = places.get(name).and_then(|at| columns.get(*at)).copied();
        found.ok_or_else(|| Both::new(format!("没有 {name} 列"), format!("there is no column {name}")))
    };
    let amount = |name: &str| -> Result<Money, Both> {
        let text = text(name)?;
        if text.is_empty() {
            return Ok(Money::ZERO);
        }
        let amount = text.parse().ok().filter(|amount: &Money| amount.fen().unsigned_abs() < FEN_END);
        amount.ok_or_else(|| {
            Both::new(format!("{name}「{text}」不是金额"), format!("{name} `{text}` is no amount"))
        })
    };
    let refund = text("refd_setl_flag")? == "1";
    // Some programs write what was given back, others what it makes.
    let signed = |amount: Money| if refund && amount > Money::ZERO { -amount } else { amount };
    let written = [text("psn_no")?, text("mdtrt_id")?, text("setl_id")?].map(str::to_owned);
    Ok(TheirRow {
        person: written[0].clone(),
        encounter: written[1].parse().ok(),
        settlement: written[2].parse().ok(),
        msgid: text("msgid").unwrap_or_default().into(),
        refund,
        total: signed(amount("medfee_sumamt")?),
        funds: signed(amount("fund_pay_sumamt")?),
        account: signed(amount("acct_pay")?),
        written,
    })
}

/// A difference as it is told: what both sides wrote of a row, and why it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceTold {
    /// Person, visit, settlement.
    pub written: [String; 3],
    /// The message.
    pub msgid: String,
    /// A refund.
    pub refund: bool,
    /// Cost, paid by funds, paid by the account: as the centre has it, or as the hospital has it alone.
    pub amounts: [Money; 3],
    /// A code that never changes its meaning.
    pub code: &'static str,
    /// What happened, and what to do.
    pub words: Both,
}

impl DifferenceTold {
    /// As a line of the result: person, visit, settlement, message, 1 for different, refund, memo, cost, funds, account.
    pub fn line(&self, language: Language) -> String {
        let [person, visit, settlement] = &self.written;
        let memo = format!("[{}] {}", self.code, self.words.told(language)).replace(['\t', '\r', '\n'], " ");
        let [total, funds, account] = self.amounts.map(|amount| amount.to_string());
        let refund = if self.refund { "1" } else { "0" };
        let columns =
            [person, visit, settlement, &self.msgid, "1", refund, &memo, &total, &funds, &account].join("\t");
        format!("{columns}\r\n")
    }
}

/// Where the result waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsReconciled {
    /// The number of the file.
    pub number: FileNumber,
    /// Its name.
    pub name: String,
    /// The last day it can be fetched.
    pub until: Date,
}

impl Outgoing for DetailsReconciled {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "file_qury_no" => self.number.to_string().into(),
            "filename" => self.name.as_str().into(),
            "dld_endtime" => Value::Time(self.until.at(23, 59, 59, 0)),
            _ => Value::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_names_of_columns_or_without() {
        let plain = read_rows("P1\t11\t12\tM1\t0\t20.00\t15.00\t5\r\n\r\n").unwrap();
        let named = read_rows(
            "setl_id\tmdtrt_id\tpsn_no\tmedfee_sumamt\tfund_pay_sumamt\tacct_pay\trefd_setl_flag\n\
                               12\t11\tP1\t20\t15\t5\t0\n",
        );
        let one = &plain[0];
        assert_eq!((one.settlement, one.total), (Some(SettlementId(12)), Money::from_yuan(20)));
        assert_eq!(named.unwrap()[0], TheirRow { msgid: String::new(), ..one.clone() });
        let refund = read_rows("P1\t11\t12\tM1\t1\t20.00\t15.00\t5").unwrap();
        assert_eq!(refund[0].total, Money::from_yuan(-20));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let wrong = |text: &str| {
            let (line, why) = read_rows(text).unwrap_err();
            (line, why.told(Language::En).to_owned())
        };
        assert_eq!(wrong("P1\t11\t12\tM1\t0\tdear\t0\t0"), (1, "medfee_sumamt `dear` is no amount".into()));
        let short = "P1\t11\t12\tM1\t0\t1\t0\t1\nP1\t11";
        assert_eq!(wrong(short), (2, "there is no column refd_setl_flag".into()));
    }
}
