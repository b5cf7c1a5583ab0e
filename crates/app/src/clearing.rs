//! The officers' desk of clearing: a month is closed with the institutions, shown, paid; what comes late is set right.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail, ensure};
use centre::{ByHand, ClearingDesk, ClearingError, Hands, Lacks, Month, run_of, sheet};
use clap::{Args, Subcommand};
use model::{EncounterId, InsuranceKind, Payer, SettlementId, SystemClock};
use money::{Money, Rate};
use store::{CentreStore, ClearingRow, EntryKind, HospitalRow, Sealer};
use wire::Language;

use crate::books::CityBooks;
use crate::table::{Row, Table};

#[derive(Subcommand)]
pub enum ClearingCommand {
    /// Close a month with the institutions that have applied for it; again: nothing 月度清算,可重复运行
    Close {
        /// Groups of stays that are paid by points: a CSV file with `visit,group`
        #[arg(long)]
        groups: Option<PathBuf>,
        /// Also institutions that have not applied 未申请的机构也清算
        #[arg(long)]
        unapplied: bool,
        #[command(flatten)]
        what: What,
    },
    /// The sheet of a month, line by line; also while a centre runs 清算表
    Sheet {
        /// The month, such as 2026-11, or a year
        #[arg(long)]
        period: String,
        /// Code of one institution; all of them where left out
        #[arg(long)]
        hospital: Option<String>,
        /// Where to write it as CSV; printed where left out
        #[arg(long)]
        csv: Option<PathBuf>,
        #[command(flatten)]
        books: CityBooks,
    },
    /// Pay what is open of months that are closed, under the number of a run that is used once 拨付
    Pay {
        /// Number of the run, such as 2026-11-1 拨付批次号,只用一次
        #[arg(long)]
        run: String,
        /// Where to write the bank's list as CSV
        #[arg(long)]
        bank: PathBuf,
        #[command(flatten)]
        what: What,
    },
    /// Write the bank's list of a run again: what it paid, and advances that go by its number 银行清单
    Bank {
        /// Number of the run
        #[arg(long)]
        run: String,
        /// Where to write it as CSV; printed where left out
        #[arg(long)]
        csv: Option<PathBuf>,
        #[command(flatten)]
        books: CityBooks,
    },
    /// Pay something before a month is closed; two persons 预付
    Advance(Entered),
    /// Set right what a fund owes of a month that is closed; two persons 跨期更正
    Correct(Entered),
    /// Allow an institution to void a settlement of a month that is closed; two persons 准予跨期撤销
    Permit {
        /// Number of the settlement
        settlement: SettlementId,
        #[command(flatten)]
        what: What,
    },
    /// End a year: give back of what was held back what the assessment says; two persons 年终清算
    EndYear {
        /// The year that is over
        #[arg(long, value_parser = clap::value_parser!(i16).range(1990..=9998))]
        year: i16,
        /// Parts to be given back: a CSV file with `code,part`, such as `H99010100001,90%`
        #[arg(long)]
        parts: PathBuf,
        #[command(flatten)]
        hands: By,
        #[command(flatten)]
        books: CityBooks,
    },
}

/// Who does it.
#[derive(Args)]
pub struct By {
    /// Who does it
    #[arg(long)]
    by: String,
    /// Who confirms it, where two persons must
    #[arg(long, default_value = "")]
    confirmed_by: String,
    /// Why
    #[arg(long, default_value = "")]
    why: String,
}

impl By {
    fn hands(&self) -> Hands<'_> {
        Hands { by: &self.by, confirmed_by: &self.confirmed_by, why: &self.why }
    }
}

/// Which month, with whom, by whom.
#[derive(Args)]
pub struct What {
    /// The month, such as 2026-11
    #[arg(long)]
    month: Month,
    /// Code of one institution; all of them where left out
    #[arg(long)]
    hospital: Option<String>,
    #[command(flatten)]
    hands: By,
    #[command(flatten)]
    books: CityBooks,
}

/// What is entered by hand.
#[derive(Args)]
pub struct Entered {
    /// Who pays: `pooled`, `major_medical`, `civil_servant` …, `personal_account`
    #[arg(long)]
    payer: Payer,
    /// National kind of clearing, such as 11 or 21
    #[arg(long)]
    kind: String,
    /// Under which insurance: 310, or 340 for retired cadres
    #[arg(long, default_value_t = InsuranceKind::EMPLOYEE.0)]
    insurance: u16,
    /// Yuan; below zero takes away
    #[arg(long, allow_hyphen_values = true)]
    amount: Money,
    /// Its number, so that it is not entered twice; of an advance the run it is paid with 编号
    #[arg(long)]
    reference: String,
    #[command(flatten)]
    what: What,
}

pub fn carry_out(command: ClearingCommand) -> anyhow::Result<ExitCode> {
    match command {
        ClearingCommand::Close { groups, unapplied, what } => {
            return close(&what, groups.as_deref(), unapplied);
        }
        ClearingCommand::Sheet { period, hospital, csv, books } => {
            let office = Office::open(&books)?;
            let lines = office.sheet_lines(&period, hospital.as_deref())?;
            write_rows(csv.as_deref(), &SHEET, &lines)?;
        }
        ClearingCommand::Pay { run, bank, what } => pay(&what, &run, &bank)?,
        ClearingCommand::Bank { run, csv, books } => {
            let (rows, total) = bank_list(&Office::open(&books)?, &run)?;
            ensure!(!rows.is_empty(), "there is no run {run} 没有拨付批次 {run}");
            write_rows(csv.as_deref(), &BANK, &rows)?;
            if csv.is_some() {
                println!("{run}: {total}");
            }
        }
        ClearingCommand::Advance(entered) => enter(&entered, EntryKind::Advance)?,
        ClearingCommand::Correct(entered) => enter(&entered, EntryKind::Correction)?,
        ClearingCommand::Permit { settlement, what } => {
            let office = Office::open(&what.books)?;
            let hospital = office.one(what.hospital.as_deref())?;
            let month = what.month.first_day();
            office.desk(|desk| Ok(desk.permit(hospital.id, month, settlement, what.hands.hands())?))?;
            println!("{} {settlement}: 准予跨期撤销 may be voided", hospital.code);
        }
        ClearingCommand::EndYear { year, parts, hands, books } => end_year(year, &parts, &hands, &books)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Closes a month; institutions that have not applied are told, and the others closed all the same.
fn close(what: &What, groups: Option<&Path>, unapplied: bool) -> anyhow::Result<ExitCode> {
    let office = Office::open(&what.books)?;
    let rules = crate::city::clearing_rules(what.books.policies.as_deref())?;
    let groups = groups.map(read_groups).transpose()?.unwrap_or_default();
    let hospitals = office.some(what.hospital.as_deref())?;
    let bar = crate::verify::progress("清算 closing");
    let (mut closed, mut left, mut waiting) = (0, Vec::new(), Vec::new());
    office.desk(|desk| {
        for hospital in hospitals {
            let month = what.month.first_day();
            match desk.close(hospital, month, &rules, &groups, unapplied, what.hands.hands()) {
                Ok(reckoned) => {
                    closed += usize::from(!reckoned.entries.is_empty());
                    waiting
                        .extend(reckoned.waiting.iter().map(|(stay, lacks)| waits(hospital, *stay, lacks)));
                }
                Err(
                    error @ (ClearingError::NotApplied(_)
                    | ClearingError::Changed(_)
                    | ClearingError::EarlierOpen(_)),
                ) => {
                    left.push(format!("{} {}: {error}", hospital.code, hospital.name));
                }
                Err(error) => return Err(error.into()),
            }
            bar.inc(1);
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    waiting.iter().chain(&left).for_each(|line| println!("{line}"));
    println!(
        "close {} 清算: {closed} 家机构 institutions closed with entries, {} 家未清算 not closed",
        what.month,
        left.len()
    );
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A stay that is withheld, and what it lacks.
fn waits(hospital: &HospitalRow, stay: EncounterId, lacks: &Lacks) -> String {
    let words = lacks.words();
    let (zh, en) = (words.told(Language::Zh), words.told(Language::En));
    format!("{} {}: 住院 {stay} 暂扣 withheld: {zh} {en}", hospital.code, hospital.name)
}

fn pay(what: &What, run: &str, bank: &Path) -> anyhow::Result<()> {
    let office = Office::open(&what.books)?;
    let hospitals = office.some(what.hospital.as_deref())?;
    for hospital in &office.hospitals {
        let paid = |entry: &ClearingRow| entry.kind == EntryKind::Payment && entry.reference == run;
        ensure!(
            !office.entries(hospital)?.iter().any(paid),
            "run {run} is paid already; `clearing bank --run {run}` writes its list again 批次 {run} 已拨付"
        );
    }
    let accounts = crate::city::bank_accounts(what.books.policies.as_deref())?;
    let without: Vec<String> = hospitals
        .iter()
        .filter(|hospital| {
            accounts.get(&hospital.code).is_none_or(|(bank, number)| bank.is_empty() || number.is_empty())
        })
        .map(|hospital| format!("{} {}", hospital.code, hospital.name))
        .collect();
    ensure!(without.is_empty(), "no bank account 没有银行账户: {}", without.join(", "));
    let mut unclosed = 0;
    office.desk(|desk| {
        for hospital in hospitals {
            match desk.pay(hospital.id, what.month.first_day(), run, what.hands.hands()) {
                Ok(_) => {}
                Err(ClearingError::Open(_)) => unclosed += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    })?;
    let (rows, total) = bank_list(&office, run)?;
    write_rows(Some(bank), &BANK, &rows)?;
    println!("pay {} {run} 拨付: {total}, {unclosed} 家未清算 not closed", what.month);
    Ok(())
}

/// What the bank is to do for a run, and what that comes to.
fn bank_list(office: &Office<'_>, run: &str) -> anyhow::Result<(Vec<Vec<String>>, Money)> {
    let policies = office.books.policies.as_deref();
    let (editions, accounts) =
        (crate::city::clearing_rules(policies)?, crate::city::bank_accounts(policies)?);
    let (mut rows, mut total) = (Vec::new(), Money::ZERO);
    for hospital in &office.hospitals {
        let entries = office.entries(hospital)?;
        let paid = run_of(&entries, run);
        let sum: Money = paid.values().copied().sum();
        total += sum;
        if paid.is_empty() {
            continue;
        }
        let account = accounts.get(&hospital.code);
        let account = account.with_context(|| format!("{}: no bank account 没有银行账户", hospital.code))?;
        // The accounts funds paid from on the day of the run.
        let at = entries.iter().filter(|entry| entry.reference == run).map(|entry| entry.at).max();
        for (payer, amount) in &paid {
            let rules = at.and_then(|at| editions.of(at.date())).context("there are rules of clearing")?;
            let from = rules
                .account_of(*payer)
                .with_context(|| format!("no [[payer]] pays `{payer}` 清算规则中没有该付款方的账户"))?;
            rows.push(vec![
                hospital.code.clone(),
                hospital.name.clone(),
                account.0.clone(),
                account.1.clone(),
                payer.word().to_owned(),
                from.name.clone(),
                from.bank.clone(),
                from.account.clone(),
                amount.to_string(),
                sum.to_string(),
            ]);
        }
    }
    Ok((rows, total))
}

fn enter(entered: &Entered, kind: EntryKind) -> anyhow::Result<()> {
    let what = &entered.what;
    let office = Office::open(&what.books)?;
    let hospital = office.one(what.hospital.as_deref())?;
    let by_hand = ByHand {
        month: what.month.first_day(),
        payer: entered.payer,
        insurance_kind: InsuranceKind(entered.insurance),
        clearing_kind: entered.kind.clone(),
        amount: entered.amount,
        reference: entered.reference.clone(),
    };
    office.desk(|desk| {
        let hands = what.hands.hands();
        match kind {
            EntryKind::Advance => desk.advance(hospital.id, &by_hand, hands)?,
            _ => desk.correct(hospital.id, &by_hand, hands)?,
        }
        Ok(())
    })?;
    println!(
        "{} {} {kind}: {} {}",
        hospital.code,
        what.month,
        entered.payer,
        entered.amount,
        kind = kind.word()
    );
    Ok(())
}

fn end_year(year: i16, parts: &Path, hands: &By, books: &CityBooks) -> anyhow::Result<()> {
    let office = Office::open(books)?;
    let read = |(line, (code, part)): &(u64, (String, String))| {
        let hospital = office.one(Some(code))?;
        let part: Rate = part.parse().map_err(|error| anyhow!("line {line}: `{part}`: {error}"))?;
        ensure!(part >= Rate::ZERO && part <= Rate::ONE, "line {line}: `{part}` is no part 不是比例");
        Ok((hospital.id, part))
    };
    // All lines are read before anything is entered.
    let parts: Vec<_> =
        read_pairs(parts, ["code", "part"])?.iter().map(read).collect::<anyhow::Result<_>>()?;
    let mut given = Money::ZERO;
    office.desk(|desk| {
        for (hospital, part) in parts {
            given += desk.end_year(hospital, year, part, hands.hands())?;
        }
        Ok(())
    })?;
    println!("end-year {year} 年终清算: {given} 返还 given back");
    Ok(())
}

/// Groups of stays by visit.
fn read_groups(file: &Path) -> anyhow::Result<HashMap<EncounterId, String>> {
    let read = |(line, (visit, group)): (u64, (String, String))| {
        let visit = visit
            .parse()
            .map_err(|_| anyhow!("{}:{line}: `{visit}` is no visit 不是就诊号", file.display()))?;
        Ok((visit, group))
    };
    read_pairs(file, ["visit", "group"])?.into_iter().map(read).collect()
}

/// Two columns of a CSV file, each with its line.
fn read_pairs(file: &Path, names: [&str; 2]) -> anyhow::Result<Vec<(u64, (String, String))>> {
    let pair = |row: Row<'_>| (row.line(), (row.text(names[0]).to_owned(), row.text(names[1]).to_owned()));
    Ok(Table::read(file, &names)?.rows().map(pair).collect())
}

const SHEET: [&str; 16] = [
    "institution",
    "name",
    "period",
    "payer",
    "insurance",
    "kind",
    "claimed",
    "audited_off",
    "points",
    "withheld",
    "held_back",
    "advance",
    "correction",
    "payable",
    "paid",
    "open",
];
const BANK: [&str; 10] = [
    "institution",
    "name",
    "bank",
    "account",
    "payer",
    "from_name",
    "from_bank",
    "from_account",
    "amount",
    "total_of_institution",
];

fn write_rows(file: Option<&Path>, head: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let to: Box<dyn std::io::Write> = match file {
        Some(file) => {
            Box::new(std::fs::File::create(file).with_context(|| format!("writing {}", file.display()))?)
        }
        None => Box::new(std::io::stdout()),
    };
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(head)?;
    rows.iter().try_for_each(|row| csv.write_record(row))?;
    Ok(csv.flush()?)
}

/// Open books, with the institutions of them.
struct Office<'b> {
    books: &'b CityBooks,
    sealer: Arc<Sealer>,
    store: Box<dyn CentreStore>,
    hospitals: Vec<HospitalRow>,
}

impl<'b> Office<'b> {
    fn open(books: &'b CityBooks) -> anyhow::Result<Self> {
        let (sealer, store) = (books.books.sealer()?, books.books.read_only()?);
        let hospitals = store.hospitals()?;
        Ok(Self { books, sealer, store, hospitals })
    }

    /// Those of a code, or all.
    fn some(&self, code: Option<&str>) -> anyhow::Result<Vec<&HospitalRow>> {
        let found: Vec<&HospitalRow> =
            self.hospitals.iter().filter(|row| code.is_none_or(|code| row.code == code)).collect();
        match code.filter(|_| found.is_empty()) {
            Some(code) => bail!("there is no institution {code} 没有机构 {code}"),
            None => Ok(found),
        }
    }

    fn one(&self, code: Option<&str>) -> anyhow::Result<&HospitalRow> {
        let code = code.context("name the institution with --hospital 请用 --hospital 指定机构")?;
        Ok(self.some(Some(code))?[0])
    }

    fn entries(&self, hospital: &HospitalRow) -> anyhow::Result<Vec<ClearingRow>> {
        Ok(centre::entries_of(self.store.reader()?.as_mut(), hospital.id)?)
    }

    fn sheet_lines(&self, period: &str, code: Option<&str>) -> anyhow::Result<Vec<Vec<String>>> {
        let mut rows = Vec::new();
        for hospital in self.some(code)? {
            let entries = self.entries(hospital)?;
            for line in sheet(entries.iter().filter(|entry| entry.period == period)) {
                let mut row = vec![
                    hospital.code.clone(),
                    hospital.name.clone(),
                    period.to_owned(),
                    line.payer.to_string(),
                ];
                row.extend([line.insurance_kind.to_string(), line.clearing_kind.clone()]);
                let kinds = [
                    EntryKind::Claim,
                    EntryKind::Audit,
                    EntryKind::Points,
                    EntryKind::Withheld,
                    EntryKind::Retention,
                    EntryKind::Advance,
                    EntryKind::Correction,
                ];
                row.extend(kinds.map(|kind| line.of(kind).to_string()));
                row.extend([line.payable(), line.paid(), line.open()].map(|amount| amount.to_string()));
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Does something at the desk; no centre may run on a file meanwhile.
    fn desk<T>(&self, work: impl FnOnce(&mut ClearingDesk<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let books = &self.books.books;
        books
            .write(&self.sealer, |writer, _| work(&mut ClearingDesk::new(writer, &self.sealer, &SystemClock)))
    }
}
