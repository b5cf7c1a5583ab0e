//! 3201 and 3202: the hospital's sums and rows beside the centre's, the file they are compared from and the one that says
//! what differs.

use jiff::civil::{Date, DateTime};
use model::InsuranceKind;
use money::Money;

use super::hearing::heard;
use super::speaker::{Asking, Speaker};
use super::writing::Row;
use crate::output::Answer;
use crate::transactions::Sums;

/// 3201: are the hospital's sums of some days those of the centre?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileTotals {
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// The division whose people it is about.
    pub division: String,
    /// First and last day.
    pub days: (Date, Date),
    /// What the hospital has.
    pub sums: Sums,
    /// Whether refunds are counted, as settlements below nothing; none: as the centre knows it of this hospital.
    pub with_refunds: Option<bool>,
}

impl Asking for ReconcileTotals {
    fn infno(&self) -> &'static str {
        "3201"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.division)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("insutype", &self.insurance.to_string());
        let row = row.text("clr_type", &self.clearing_kind).text("setl_optins", &self.division);
        let row = row.date("stmt_begndate", self.days.0).date("stmt_enddate", self.days.1);
        let row = row.number("medfee_sumamt", self.sums.total).number("fund_pay_sumamt", self.sums.funds);
        let row = row.number("acct_pay", self.sums.account).number("fixmedins_setl_cnt", self.sums.count);
        refunds(row, self.with_refunds).within("data")
    }
}

fn refunds(row: Row, counted: Option<bool>) -> Row {
    match counted {
        Some(counted) => row.flag("refd_setl_flag", counted),
        None => row,
    }
}

/// The answer to [`ReconcileTotals`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalsHeard {
    /// The sums are equal.
    pub equal: bool,
    /// What differs.
    pub told: String,
}

impl TotalsHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let row = output.node("stmtinfo")?;
            Some(Self { equal: row.some("stmt_rslt")? == "0", told: row.text("stmt_rslt_dscr") })
        })
    }

    /// The centre's own sums: those that were asked where they are equal, else as it tells what differs. There is no member
    /// for them; none where its words are not those of our centre.
    pub fn centre(&self, asked: Sums) -> Option<Sums> {
        if self.equal {
            return Some(asked);
        }
        let told = |zh: &str, en: &str| self.told.split(';').find_map(|part| own_figure(part.trim(), zh, en));
        let money = |zh, en| told(zh, en).map(|text| text.parse::<Money>().ok());
        let (count, total) = (told("笔数", "count").map(|text| text.parse().ok()), money("总额", "total"));
        let (funds, account) = (money("基金", "funds"), money("账户", "account"));
        let known = count.is_some() || total.is_some() || funds.is_some() || account.is_some();
        // What is not told apart is the same.
        let sums = Sums {
            count: count.unwrap_or(Some(asked.count))?,
            total: total.unwrap_or(Some(asked.total))?,
            funds: funds.unwrap_or(Some(asked.funds))?,
            account: account.unwrap_or(Some(asked.account))?,
        };
        known.then_some(sums)
    }
}

/// The centre's figure in a part of what it tells.
fn own_figure<'t>(part: &'t str, zh: &str, en: &str) -> Option<&'t str> {
    let of = |label: &str, mark: &str| part.strip_prefix(label)?.split_once(mark).map(|(_, figure)| figure);
    of(zh, ",中心 ").or_else(|| of(en, ", the centre has "))
}

/// 3202: which of the hospital's rows are not those of the centre? The rows are a file that was uploaded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileDetails {
    /// National kind of clearing; empty for all.
    pub clearing_kind: String,
    /// The division whose people it is about.
    pub division: String,
    /// First and last day.
    pub days: (Date, Date),
    /// The number of the file with the rows.
    pub file: String,
    /// How many rows it has.
    pub count: i64,
    /// What they cost.
    pub total: Money,
    /// What funds paid of it.
    pub funds: Money,
    /// What was paid in cash.
    pub cash: Money,
    /// Whether refunds are counted, as settlements below nothing; none: as the centre knows it of this hospital.
    pub with_refunds: Option<bool>,
}

impl Asking for ReconcileDetails {
    fn infno(&self) -> &'static str {
        "3202"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.division)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("clr_type", &self.clearing_kind).text("setl_optins", &self.division);
        let row = row.text("file_qury_no", &self.file).date("stmt_begndate", self.days.0);
        let row = row.date("stmt_enddate", self.days.1).number("medfee_sumamt", self.total);
        let row = row.number("fund_pay_sumamt", self.funds).number("cash_payamt", self.cash);
        refunds(row.number("fixmedins_setl_cnt", self.count), self.with_refunds).within("data")
    }
}

/// The answer to [`ReconcileDetails`]: where the file waits that [`differences`] reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsHeard {
    /// The number of the file.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Until when it can be fetched.
    pub until: Option<DateTime>,
}

impl DetailsHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let row = output.node("fileinfo")?;
            let (file, name) = (row.some("file_qury_no")?, row.text("filename"));
            Some(Self { file, name, until: row.time("dld_endtime") })
        })
    }
}

/// One settlement or refund, as a hospital has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailRow {
    /// The person's number.
    pub person: String,
    /// The centre's id of the visit or stay.
    pub visit: String,
    /// The centre's id of the settlement; empty where it never answered.
    pub settlement: String,
    /// The message that asked for it.
    pub msgid: String,
    /// A refund: its amounts are below nothing.
    pub refund: bool,
    /// Cost.
    pub total: Money,
    /// Paid by funds.
    pub funds: Money,
    /// Paid by the account.
    pub account: Money,
}

/// The columns of a file of rows.
const COLUMNS: &str =
    "psn_no\tmdtrt_id\tsetl_id\tmsgid\trefd_setl_flag\tmedfee_sumamt\tfund_pay_sumamt\tacct_pay";

/// The text of a file of rows, as 3202 compares it; its first line names the columns.
pub fn details_file(rows: &[DetailRow]) -> String {
    let mut out = format!("{COLUMNS}\r\n");
    for row in rows {
        let [total, funds, account] = [row.total, row.funds, row.account].map(|amount| amount.to_string());
        let refund = if row.refund { "1" } else { "0" };
        let texts = [&row.person, &row.visit, &row.settlement, &row.msgid].map(|text| one_line(text));
        let [person, visit, settlement, msgid] = &texts;
        let columns = [person, visit, settlement, msgid, refund, &total, &funds, &account];
        out.push_str(&columns.join("\t"));
        out.push_str("\r\n");
    }
    out
}

/// What parts columns and lines is no part of a text.
fn one_line(text: &str) -> String {
    text.replace(['\t', '\r', '\n'], " ")
}

/// One row that differs, as the centre tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row, as the centre has it, or as the hospital has it alone.
    pub row: DetailRow,
    /// Why: `NEVER_ARRIVED`, `NOT_WRITTEN` and others; empty where the centre has no such codes.
    pub code: String,
    /// What happened, and what to do.
    pub told: String,
}

/// Reads the file that says what differs; none where a line of it cannot be read. Columns are those of the answer's table,
/// with a line of names or without.
pub fn differences(text: &str) -> Option<Vec<Difference>> {
    let named = |line: &&str| !line.split('\t').any(|name| name.trim().eq_ignore_ascii_case("setl_id"));
    text.lines().filter(|line| !line.trim().is_empty()).filter(named).map(difference).collect()
}

fn difference(line: &str) -> Option<Difference> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [person, visit, settlement, msgid, _, refund, memo, total, funds, account, ..] = columns[..] else {
        return None;
    };
    let amount = |text: &str| if text.is_empty() { Some(Money::ZERO) } else { text.parse().ok() };
    let coded = memo.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (code, told) = coded.map_or(("", memo), |(code, told)| (code, told.trim()));
    let row = DetailRow {
        person: person.into(),
        visit: visit.into(),
        settlement: settlement.into(),
        msgid: msgid.into(),
        refund: refund == "1",
        total: amount(total)?,
        funds: amount(funds)?,
        account: amount(account)?,
    };
    Some(Difference { row, code: code.into(), told: told.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{ODD, answered, said};
    use crate::file::FileNumber;
    use crate::transactions::{self, DetailsReconciled, DifferenceTold, TotalsReconciled, read_rows};
    use crate::{Both, Language};
    use jiff::civil::date;

    const DAYS: (Date, Date) = (date(2026, 11, 1), date(2026, 11, 23));

    fn sums() -> Sums {
        Sums {
            count: 3,
            total: Money::from_fen(23_170),
            funds: Money::from_fen(2_480),
            account: Money::from_fen(-5),
        }
    }

    #[test]
    fn sums_are_compared() {
        for with_refunds in [None, Some(true), Some(false)] {
            let request = ReconcileTotals {
                insurance: InsuranceKind::EMPLOYEE,
                clearing_kind: "11".into(),
                division: "990101".into(),
                days: DAYS,
                sums: sums(),
                with_refunds,
            };
            let read = transactions::ReconcileTotals::read(&said(&request).input).unwrap();
            let expected = transactions::ReconcileTotals {
                insurance_kind: InsuranceKind::EMPLOYEE,
                clearing_kind: "11".into(),
                division: "990101".into(),
                days: DAYS,
                sums: sums(),
                with_refunds,
            };
            assert_eq!(read, expected);
            for equal in [true, false] {
                let told = TotalsReconciled { asked: expected.clone(), equal, told: ODD.into() };
                let heard = TotalsHeard::hear(&answered("3201", &told));
                assert_eq!(heard, Some(TotalsHeard { equal, told: ODD.into() }));
            }
        }
    }

    #[test]
    fn the_centres_own_sums_are_read_from_what_it_tells() {
        let heard = |equal, told: &str| TotalsHeard { equal, told: told.into() }.centre(sums());
        assert_eq!(heard(true, "一致"), Some(sums()));
        let other = Sums { count: 4, total: Money::from_fen(25_170), ..sums() };
        assert_eq!(heard(false, "笔数 3,中心 4;总额 231.70,中心 251.70;请用 3202 核对明细"), Some(other));
        let other = Sums { account: Money::from_fen(-100), ..sums() };
        assert_eq!(heard(false, "account -0.05, the centre has -1.00; compare the rows"), Some(other));
        assert_eq!(heard(false, "总额不符"), None);
        assert_eq!(heard(false, "笔数 3,中心 许多"), None);
    }

    #[test]
    fn rows_are_compared() {
        let request = ReconcileDetails {
            clearing_kind: "11".into(),
            division: "990101".into(),
            days: DAYS,
            file: "604661760000000001".into(),
            count: 3,
            total: Money::from_fen(23_170),
            funds: Money::from_fen(2_480),
            cash: Money::ZERO,
            with_refunds: Some(true),
        };
        let read = transactions::ReconcileDetails::read(&said(&request).input).unwrap();
        assert_eq!(
            (read.days, read.kept_file(), read.with_refunds),
            (DAYS, Some(604_661_760_000_000_001), Some(true))
        );
        assert_eq!((read.clearing_kind.as_str(), read.division.as_str()), ("11", "990101"));
        assert_eq!(read.sums, (3, Money::from_fen(23_170), Money::from_fen(2_480)));
        let until = date(2026, 12, 23);
        let told = DetailsReconciled { number: FileNumber::Kept(7), name: "result.zip".into(), until };
        let heard = DetailsHeard::hear(&answered("3202", &told));
        let until = Some(until.at(23, 59, 59, 0));
        assert_eq!(heard, Some(DetailsHeard { file: "7".into(), name: "result.zip".into(), until }));
    }

    fn row(refund: bool) -> DetailRow {
        let sign = if refund { -1 } else { 1 };
        DetailRow {
            person: "990100".into(),
            visit: "11".into(),
            settlement: "12".into(),
            msgid: "M\"1".into(),
            refund,
            total: Money::from_fen(sign * 2_000),
            funds: Money::from_fen(sign * 1_500),
            account: Money::from_fen(sign * 500),
        }
    }

    #[test]
    fn the_centre_reads_the_file_that_is_written() {
        let odd = DetailRow { visit: "V\t甲".into(), settlement: String::new(), ..row(false) };
        let text = details_file(&[row(false), row(true), odd]);
        let read = read_rows(&text).unwrap();
        assert_eq!(read.len(), 3);
        for (read, said) in read.iter().zip([row(false), row(true)]) {
            assert_eq!(
                (read.person.as_str(), read.msgid.as_str(), read.refund),
                ("990100", "M\"1", said.refund)
            );
            assert_eq!((read.total, read.funds, read.account), (said.total, said.funds, said.account));
            assert_eq!(read.written, ["990100", "11", "12"]);
        }
        assert_eq!(read[2].written, ["990100", "V 甲", ""]);
        assert_eq!(read_rows(&details_file(&[])), Ok(Vec::new()));
    }

    #[test]
    fn what_differs_is_read_back() {
        let told = DifferenceTold {
            written: ["990100".into(), "11".into(), "12".into()],
            msgid: "M\"1".into(),
            refund: true,
            amounts: [Money::from_fen(-2_000), Money::from_fen(-1_500), Money::from_fen(-500)],
            code: "REFUND_NOT_WRITTEN",
            words: Both::of("已退费:请记账", "refunded: write it"),
        };
        let text = told.line(Language::Zh);
        let expected =
            Difference {
                row: row(true), code: "REFUND_NOT_WRITTEN".into(), told: "已退费:请记账".into()
            };
        assert_eq!(differences(&text), Some(vec![expected.clone()]));
        let plain = text.replace("[REFUND_NOT_WRITTEN] ", "");
        assert_eq!(
            differences(&format!("psn_no\tmdtrt_id\tsetl_id\r\n{plain}\r\n")),
            Some(vec![Difference { code: String::new(), ..expected }])
        );
        assert_eq!(differences(""), Some(Vec::new()));
        for odd in ["P1\t11\t12", &text.replace("-20.00", "dear")] {
            assert_eq!(differences(odd), None, "{odd}");
        }
    }
}
