//! The fund's side of personal accounts: credits of a month, the end of a year, an inheritance.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, ensure};
use centre::{BenefitPaid, Credited, Fund, Month};
use clap::Subcommand;
use jiff::civil::date;
use model::{PersonNumber, SystemClock};
use money::Money;
use policy::Language;
use store::{CentreStore, StoreError};

use crate::books::CityBooks;
use crate::people::files;

#[derive(Subcommand)]
pub enum FundCommand {
    /// Credit accounts with a month's premiums that were received; again: only what is new 按月划账,可重复运行
    Credit {
        /// The month, such as 2026-11
        #[arg(long)]
        month: Month,
        /// Premiums of the month: a CSV file with `number,base,pension,received` and `received_on`; yuan, yes or no, a day
        #[arg(long)]
        file: PathBuf,
        #[command(flatten)]
        books: CityBooks,
    },
    /// End a year: interest, and this year's money becomes older money 年终结息结转
    Year {
        /// The year that ends
        #[arg(long, value_parser = clap::value_parser!(i16).range(1990..=9998))]
        year: i16,
        #[command(flatten)]
        books: CityBooks,
    },
    /// Pay what layers that pay once a year owe for a year that is over; run again, it pays or takes back what has changed
    /// 年终补助支付,重跑只补差
    Benefits {
        /// The year that is over
        #[arg(long, value_parser = clap::value_parser!(i16).range(1990..=9998))]
        year: i16,
        /// Where to write who is or was owed what, with the reckoning, as CSV: what is to be paid now is the bank's list
        #[arg(long)]
        list: PathBuf,
        #[command(flatten)]
        books: CityBooks,
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
        books: CityBooks,
    },
}

pub fn carry_out(command: FundCommand) -> anyhow::Result<ExitCode> {
    match command {
        FundCommand::Credit { month, file, books } => {
            let lines = files::premiums(&file)?.rows.map_err(|troubles| {
                let troubles: Vec<String> = troubles.iter().map(ToString::to_string).collect();
                anyhow!("{}:\n{}", file.display(), troubles.join("\n"))
            })?;
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
        FundCommand::Benefits { year, list, books } => benefits(year, &list, &books),
        FundCommand::Inherit { from, to, books } => {
            let (from, to) = (PersonNumber::from(&*from), PersonNumber::from(&*to));
            ensure!(from != to, "nobody inherits from himself 不能继承自己");
            on(&books, |fund, _| Ok(("inherit".to_owned(), fund.inherit(&from, &to)?)))
        }
    }
}

/// Opens the books and does something with them.
fn with<T>(
    books: &CityBooks,
    work: impl FnOnce(&mut Fund<'_>, &dyn CentreStore) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let sealer = books.books.sealer()?;
    let editions = crate::city::editions(books.policies.as_deref())?;
    books
        .books
        .write(&sealer, |writer, store| work(&mut Fund::new(writer, &editions, &sealer, &SystemClock), store))
}

/// Pays what is owed for a year. The list is written as it is booked, from before the first payment on: nothing is booked
/// that no list tells of.
fn benefits(year: i16, list: &Path, books: &CityBooks) -> anyhow::Result<ExitCode> {
    let editions = crate::city::editions(books.policies.as_deref())?;
    let mut csv = csv::Writer::from_path(list).with_context(|| format!("writing {}", list.display()))?;
    csv.write_record(["number", "layer", "fund", "base", "owed", "paid_before", "paid_now", "reckoning"])?;
    let mut told = Told::default();
    with(books, |fund, store| {
        let numbers = everybody(store)?;
        let bar = crate::verify::progress("年终补助 benefits");
        fund.pay_benefits(year, &numbers, &mut |paid| {
            bar.inc(1);
            told.add(&paid);
            let steps = paid.trail.as_ref().zip(editions.on(date(year, 12, 31)));
            let steps = steps.map(|(trail, edition)| trail.render(edition, Language::Zh));
            write_benefit(&mut csv, &paid, &steps.unwrap_or_default()).map_err(|error| StoreError {
                operation: "writing",
                subject: list.display().to_string(),
                source: error.into(),
            })
        })?;
        bar.finish_and_clear();
        Ok(())
    })?;
    println!(
        "benefits {year} 年终补助: {} paid 支付 {}, {} taken back 追回 {}, owed in all 应付合计 {}",
        told.paid.0, told.paid.1, told.back.0, told.back.1, told.owed
    );
    Ok(ExitCode::SUCCESS)
}

/// How many, and how much.
#[derive(Default)]
struct Told {
    paid: (usize, Money),
    back: (usize, Money),
    owed: Money,
}

impl Told {
    fn add(&mut self, benefit: &BenefitPaid) {
        self.owed += benefit.due;
        if benefit.paid > Money::ZERO {
            self.paid = (self.paid.0 + 1, self.paid.1 + benefit.paid);
        } else if benefit.paid < Money::ZERO {
            self.back = (self.back.0 + 1, self.back.1 - benefit.paid);
        }
    }
}

/// One row, written out before the next batch is booked.
fn write_benefit(csv: &mut csv::Writer<File>, paid: &BenefitPaid, steps: &[String]) -> anyhow::Result<()> {
    let BenefitPaid { number, layer, fund, base, due, before, paid, .. } = paid;
    let fund = fund.to_string();
    let [base, due, before, paid] = [base, due, before, paid].map(ToString::to_string);
    csv.write_record([number.as_str(), layer.word(), &fund, &base, &due, &before, &paid, &steps.join(";")])?;
    Ok(csv.flush()?)
}

/// Opens the books, does something with accounts, and tells what came of it.
fn on(
    books: &CityBooks,
    work: impl FnOnce(&mut Fund<'_>, &dyn CentreStore) -> anyhow::Result<(String, Credited)>,
) -> anyhow::Result<ExitCode> {
    let (what, told) = with(books, work)?;
    for (numbers, why) in [
        (&told.unknown, "nobody has this number, or it was merged 无此人员或已合并"),
        (&told.uncovered, "not insured then, or no edition in force 当时未参保或无适用版本"),
    ] {
        numbers.iter().for_each(|number| println!("{number}: {why}"));
    }
    println!(
        "{what}: {} credited with {}, {} before, {} not received, {} unknown, {} uncovered; employers {}, persons {}, fixed {}; \
         pool stopped 停待遇 {}, restored 恢复 {}",
        told.credited,
        told.amount,
        told.already,
        told.unpaid,
        told.unknown.len(),
        told.uncovered.len(),
        told.employer,
        told.own,
        told.extra,
        told.stopped,
        told.restored
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
