//! The fund's side of personal accounts: credits of a month, the end of a year, an inheritance.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use centre::{BenefitPaid, Credited, Fund, Month, PremiumLine};
use clap::{Args, Subcommand};
use jiff::civil::date;
use model::{Clock, PersonNumber, SystemClock};
use money::Money;
use policy::{Edition, Language};
use store::CentreStore;

#[derive(Subcommand)]
pub enum FundCommand {
    /// Credit accounts with a month's premiums that were received; again: only what is new 按月划账,可重复运行
    Credit {
        /// The month, such as 2026-11
        #[arg(long)]
        month: Month,
        /// Premiums of the month: a CSV file with `number,base,pension,received`; yuan, received yes or no
        #[arg(long)]
        file: PathBuf,
        #[command(flatten)]
        books: Books,
    },
    /// End a year: interest, and this year's money becomes older money 年终结息结转
    Year {
        /// The year that ends
        #[arg(long)]
        year: i16,
        #[command(flatten)]
        books: Books,
    },
    /// Pay what layers that pay once a year owe for a year that is over; again: what has changed since 年终补助支付
    Benefits {
        /// The year that is over
        #[arg(long)]
        year: i16,
        /// Writes the list for the bank, with the reckoning of each, as CSV
        #[arg(long)]
        list: Option<PathBuf>,
        #[command(flatten)]
        books: Books,
    },
    /// Move what one account holds to an heir's 账户继承
    Inherit {
        /// Number of the one who died
        #[arg(long)]
        from: String,
        /// Number of the heir
        #[arg(long)]
        to: String,
        #[command(flatten)]
        books: Books,
    },
}

/// The books written to; no centre may run on them.
#[derive(Args)]
pub struct Books {
    /// The database, such as `sqlite://centre.db` or `postgres://tongqu@server/centre`
    #[arg(long)]
    database: String,
    /// The key file; beside a database's file where left out
    #[arg(long)]
    keys: Option<PathBuf>,
    /// Folder of the city's policies; the sample city's where left out
    #[arg(long)]
    policies: Option<PathBuf>,
}

pub fn carry_out(command: FundCommand) -> anyhow::Result<ExitCode> {
    match command {
        FundCommand::Credit { month, file, books } => {
            let lines = premiums(&file)?;
            on(&books, |fund, _| {
                let bar = crate::verify::progress("划账 crediting, lines");
                let told = fund.credit_month(month, &lines, &mut |n| bar.set_position(n as u64))?;
                bar.finish_and_clear();
                Ok((format!("credit {month}"), told))
            })
        }
        FundCommand::Year { year, books } => on(&books, |fund, store| {
            let numbers = everybody(store)?;
            let bar = crate::verify::progress("结转 ending the year, persons");
            let told = fund.close_year(year, &numbers, &mut |n| bar.set_position(n as u64))?;
            bar.finish_and_clear();
            Ok((format!("year {year}"), told))
        }),
        FundCommand::Benefits { year, list, books } => {
            let today = SystemClock.now().date();
            ensure!(year < today.year(), "{year} is not over: today is {today} 该年度尚未结束");
            let told = with(&books, |fund, store| {
                let numbers = everybody(store)?;
                let bar = crate::verify::progress("年终补助 benefits, persons");
                let told = fund.pay_benefits(year, &numbers, &mut |n| bar.set_position(n as u64))?;
                bar.finish_and_clear();
                Ok(told)
            })?;
            if let Some(list) = list {
                let editions = crate::city::editions(books.policies.as_deref())?;
                let edition = editions.on(date(year, 12, 31));
                write_benefits(&list, &told, edition)?;
            }
            println!("{}", benefits_summary(year, &told));
            Ok(ExitCode::SUCCESS)
        }
        FundCommand::Inherit { from, to, books } => {
            let (from, to) = (PersonNumber::from(&*from), PersonNumber::from(&*to));
            ensure!(from != to, "nobody inherits from himself 不能继承自己");
            on(&books, |fund, _| Ok(("inherit".to_owned(), fund.inherit(&from, &to)?)))
        }
    }
}

/// Opens the books and does something with them.
fn with<T>(
    books: &Books,
    work: impl FnOnce(&mut Fund<'_>, &dyn CentreStore) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let keys = crate::stores::Place::of(&books.database)?.keys(books.keys.as_deref())?;
    let (sealer, clock) = (crate::stores::sealer(&keys)?, Arc::new(SystemClock));
    let editions = crate::city::editions(books.policies.as_deref())?;
    let store = crate::stores::open_existing(&books.database, sealer.clone(), clock.clone())?;
    let mut writer =
        store.writer().context("the books are in use: stop the centre first 账本正被使用,请先停止中心")?;
    let done = work(&mut Fund::new(writer.as_mut(), &editions, &sealer, clock.as_ref()), store.as_ref());
    writer.close()?;
    done
}

/// How many were paid, and how many are to be taken back from.
fn benefits_summary(year: i16, told: &[BenefitPaid]) -> String {
    let sum = |of: &dyn Fn(&&BenefitPaid) -> bool| -> (usize, Money) {
        let some = || told.iter().filter(|benefit| of(benefit));
        (some().count(), some().map(|benefit| benefit.paid).sum())
    };
    let (paid, back) = (sum(&|b| b.paid > Money::ZERO), sum(&|b| b.paid < Money::ZERO));
    let (paid_count, paid, back_count, back) = (paid.0, paid.1, back.0, -back.1);
    let due: Money = told.iter().map(|benefit| benefit.benefit.due).sum();
    format!(
        "benefits {year}: {paid_count} paid with {paid}, {back_count} taken back with {back}, {due} owed in all"
    )
}

/// Everybody something is owed to, or was; the reckoning in Chinese.
fn write_benefits(file: &Path, told: &[BenefitPaid], edition: Option<&Edition>) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_path(file).with_context(|| format!("writing {}", file.display()))?;
    csv.write_record(["number", "layer", "fund", "base", "owed", "paid_before", "paid_now", "reckoning"])?;
    for BenefitPaid { number, benefit, before, paid } in told {
        let steps = edition.map(|edition| benefit.trail.render(edition, Language::Zh)).unwrap_or_default();
        let amounts = [benefit.base, benefit.due, *before, *paid].map(|amount| amount.to_string());
        let [base, owed, before, paid] = &amounts;
        let (layer, fund) = (benefit.layer.word(), benefit.fund.to_string());
        csv.write_record([number.as_str(), layer, &fund, base, owed, before, paid, &steps.join(";")])?;
    }
    csv.flush().with_context(|| format!("writing {}", file.display()))
}

/// The same, and tells what came of it.
fn on(
    books: &Books,
    work: impl FnOnce(&mut Fund<'_>, &dyn CentreStore) -> anyhow::Result<(String, Credited)>,
) -> anyhow::Result<ExitCode> {
    let (what, told) = with(books, work)?;
    for (numbers, why) in [
        (&told.unknown, "nobody has this number 无此人员"),
        (&told.uncovered, "not insured then, or no edition in force 当时未参保或无适用版本"),
    ] {
        numbers.iter().for_each(|number| println!("{number}: {why}"));
    }
    println!(
        "{what}: {} credited with {}, {} before, {} not received, {} unknown, {} uncovered; employers {}, persons {}, fixed {}",
        told.credited,
        told.amount,
        told.already,
        told.unpaid,
        told.unknown.len(),
        told.uncovered.len(),
        told.employer,
        told.own,
        told.extra
    );
    let fine = told.unknown.is_empty() && told.uncovered.is_empty();
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn everybody(store: &dyn CentreStore) -> anyhow::Result<Vec<PersonNumber>> {
    let mut numbers = Vec::new();
    store.reader()?.scan(&mut |scan| {
        scan.persons(&mut |record| numbers.push(PersonNumber::from(&*record.row.number)))
    })?;
    Ok(numbers)
}

/// Reads a file of premiums; what is wrong in it is told with its line, and nothing is credited.
fn premiums(file: &Path) -> anyhow::Result<Vec<PremiumLine>> {
    let mut reader = csv::Reader::from_path(file).with_context(|| format!("reading {}", file.display()))?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        let at = headers.iter().position(|h| h.trim_start_matches('\u{feff}').trim() == name);
        at.with_context(|| format!("{}: there is no column `{name}` 缺少该列", file.display()))
    };
    let columns = [column("number")?, column("base")?, column("pension")?, column("received")?];
    let mut lines = Vec::new();
    for row in reader.records() {
        let row = row?;
        let line = row.position().map_or(0, csv::Position::line);
        let [number, base, pension, received] = columns.map(|at| row.get(at).unwrap_or_default().trim());
        let place = |what: &str| format!("{}:{line}: `{what}`", file.display());
        let money = |text: &str| -> anyhow::Result<Money> {
            let amount = if text.is_empty() { Ok(Money::ZERO) } else { text.parse::<Money>() };
            let amount = amount.ok().filter(|amount| *amount >= Money::ZERO);
            amount.with_context(|| format!("{} is no amount in yuan 不是金额", place(text)))
        };
        let received = match received {
            "yes" => true,
            "no" => false,
            other => bail!("{} is neither yes nor no 应为 yes 或 no", place(other)),
        };
        let number = PersonNumber::from(number);
        lines.push(PremiumLine { number, base: money(base)?, pension: money(pension)?, received });
    }
    Ok(lines)
}
