//! The fund's side of personal accounts: credits of a month, the end of a year, an inheritance.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use centre::{Credited, Fund, Month, PremiumLine};
use clap::{Args, Subcommand};
use model::{PersonNumber, SystemClock};
use money::Money;
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
    /// The database, such as `sqlite://centre.db`
    #[arg(long)]
    database: String,
    /// The key file; beside the database where left out
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
        FundCommand::Inherit { from, to, books } => {
            let (from, to) = (PersonNumber::from(&*from), PersonNumber::from(&*to));
            ensure!(from != to, "nobody inherits from himself 不能继承自己");
            on(&books, |fund, _| Ok(("inherit".to_owned(), fund.inherit(&from, &to)?)))
        }
    }
}

/// Opens the books, does something with them, and tells what came of it.
fn on(
    books: &Books,
    work: impl FnOnce(&mut Fund<'_>, &dyn CentreStore) -> anyhow::Result<(String, Credited)>,
) -> anyhow::Result<ExitCode> {
    let file = crate::stores::sqlite_file(&books.database)?;
    ensure!(file.exists(), "there is no {} 没有数据库", file.display());
    let keys = books.keys.clone().unwrap_or_else(|| file.with_extension("keys"));
    let (sealer, clock) = (crate::stores::sealer(&keys)?, Arc::new(SystemClock));
    let editions = crate::city::editions(books.policies.as_deref())?;
    let store = crate::stores::open(&books.database, sealer.clone(), clock.clone())?;
    let mut writer =
        store.writer().context("the books are in use: stop the centre first 账本正被使用,请先停止中心")?;
    let done = work(&mut Fund::new(writer.as_mut(), &editions, &sealer, clock.as_ref()), store.as_ref());
    writer.close()?;
    let (what, told) = done?;
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
