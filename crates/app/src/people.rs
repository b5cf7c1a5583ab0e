//! The desk of enrolment: people, employers, and money that goes to a person for a bill.

pub mod files;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use centre::{Owed, PaperBill, PeopleDesk, Trouble};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use model::{EventKind, HospitalId, HospitalLevel, PersonNumber, Region, SystemClock, VisitKind};
use store::{CentreStore, Needs, StoreError, Who};

use crate::books::{Books, CityBooks};
use crate::table::{Table, or_told, wrong};
use files::Told;

#[derive(Subcommand)]
pub enum PeopleCommand {
    /// Enrol the people of a file, all of them or none 批量参保
    Import {
        #[command(flatten)]
        file: FileOf,
    },
    /// Change people: insured, stopped, retired, transferred, died, corrected 变更:参保 停保 退休 调动 死亡 更正
    Change {
        #[command(flatten)]
        file: FileOf,
        /// Who does it
        #[arg(long)]
        by: String,
    },
    /// Enter employers, or change them from a day on 单位登记与变更
    Units {
        #[command(flatten)]
        file: FileOf,
    },
    /// Make one person of two records, by two officers 合并重复参保记录
    Merge {
        /// Number of the record that is closed
        #[arg(long)]
        from: String,
        /// Number of the record that stays
        #[arg(long)]
        into: String,
        /// Who does it
        #[arg(long)]
        by: String,
        /// Who confirms it
        #[arg(long)]
        with: String,
        /// Why
        #[arg(long)]
        why: String,
        #[command(flatten)]
        books: CityBooks,
    },
    /// Give money of one account for another person's bills; below zero, give back what is left of it 家庭共济
    Lend {
        /// Whose account gives
        #[arg(long)]
        from: String,
        /// For whose bills
        #[arg(long)]
        to: String,
        /// Yuan
        #[arg(long, allow_hyphen_values = true)]
        amount: money::Money,
        /// Who does it
        #[arg(long)]
        by: String,
        /// What they are to each other
        #[arg(long)]
        why: String,
        #[command(flatten)]
        books: CityBooks,
    },
    /// All there is of one person's enrolment, event by event; also while a centre runs 查看一人的参保经过
    Show {
        /// The person's number
        number: String,
        #[command(flatten)]
        books: Books,
    },
    /// Settle again what was settled while the pool was stopped that is restored since; the difference goes to the person
    /// 补缴恢复后重算期间账单,差额付本人
    Restore {
        /// Who does it
        #[arg(long)]
        by: String,
        /// Only tell what is owed
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        books: CityBooks,
    },
    /// The bank's list of what funds owe persons for paper bills and bills settled again, as the books have it; also while a
    /// centre runs 零星报销与补付的银行清单
    Owed {
        /// First day they were booked on
        #[arg(long)]
        from: Date,
        /// Last day
        #[arg(long)]
        to: Date,
        /// Where to write it, as CSV
        #[arg(long)]
        list: PathBuf,
        #[command(flatten)]
        books: Books,
    },
    /// Settle a bill on paper; what funds pay goes to the person 零星报销
    Reimburse(Box<Reimbursement>),
}

/// A file, and whether it is only looked at.
#[derive(Args)]
pub struct FileOf {
    /// The CSV file
    #[arg(long)]
    pub file: PathBuf,
    /// Only tell what is wrong with it
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub books: CityBooks,
}

/// A bill on paper.
#[derive(Args)]
pub struct Reimbursement {
    /// The person's number
    #[arg(long)]
    number: String,
    /// Number of the paper: one is paid once
    #[arg(long)]
    bill: String,
    /// Kind of care: outpatient, inpatient, emergency and so on
    #[arg(long)]
    kind: VisitKind,
    /// Level of the institution, 0 to 3
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=3))]
    level: u8,
    /// Where it is, seen from home: home, filed, referred, emergency, unfiled
    #[arg(long, default_value = "home")]
    region: Region,
    /// First day
    #[arg(long)]
    begins: Date,
    /// Last day; the first where left out
    #[arg(long)]
    ends: Option<Date>,
    /// Code of a listed disease
    #[arg(long, default_value = "")]
    disease: String,
    /// Its lines: a CSV file with `item,served,price,quantity,amount`
    #[arg(long)]
    lines: PathBuf,
    /// Who does it
    #[arg(long)]
    by: String,
    /// Why it was not settled where it was made
    #[arg(long)]
    why: String,
    /// Only tell what it comes to
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    books: CityBooks,
}

pub fn carry_out(command: PeopleCommand) -> anyhow::Result<ExitCode> {
    match command {
        PeopleCommand::Import { file } => {
            let told = files::people(&file.file)?;
            on_file(&file, told, "人参保 enrolled", |desk, people, dry| {
                let bar = crate::verify::progress("参保 enrolling");
                let troubles = desk.enrol(people, dry, &mut |n| bar.set_position(n as u64));
                bar.finish_and_clear();
                Ok((troubles?, 0))
            })
        }
        PeopleCommand::Change { file, by } => {
            let told = files::changes(&file.file)?;
            on_file(&file, told, "项变更 changes", |desk, orders, dry| {
                desk.change(orders, &by, dry).map(|changed| (changed.troubles, changed.made))
            })
        }
        PeopleCommand::Units { file } => {
            let told = files::units(&file.file)?;
            on_file(&file, told, "个单位 employers", |desk, units, dry| {
                desk.put_units(units, dry).map(|troubles| (troubles, 0))
            })
        }
        PeopleCommand::Merge { from, into, by, with, why, books } => {
            let numbers = [PersonNumber::from(&*from), PersonNumber::from(&*into)];
            let trouble =
                desk(&books, |desk, _| Ok(desk.merge([&numbers[0], &numbers[1]], [&by, &with], &why)?))?;
            Ok(done(trouble.as_ref(), &format!("{from} → {into}: 已合并 merged")))
        }
        PeopleCommand::Lend { from, to, amount, by, why, books } => {
            let numbers = [PersonNumber::from(&*from), PersonNumber::from(&*to)];
            let trouble =
                desk(&books, |desk, _| Ok(desk.lend([&numbers[0], &numbers[1]], amount, &by, &why)?))?;
            Ok(done(trouble.as_ref(), &format!("{from} → {to}: 共济 given {amount}")))
        }
        PeopleCommand::Show { number, books } => show(&number, &books),
        PeopleCommand::Restore { by, dry_run, books } => restore(&by, dry_run, &books),
        PeopleCommand::Owed { from, to, list, books } => owed((from, to), &list, &books),
        PeopleCommand::Reimburse(bill) => reimburse(&bill),
    }
}

fn done(trouble: Option<&Trouble>, told: &str) -> ExitCode {
    match trouble {
        None => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Some(trouble) => {
            println!("{}", in_both(trouble));
            ExitCode::FAILURE
        }
    }
}

/// Opens the books and works at the desk.
fn desk<T>(
    books: &CityBooks,
    work: impl FnOnce(&mut PeopleDesk<'_>, &dyn CentreStore) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let sealer = books.books.sealer()?;
    let editions = crate::city::editions(books.policies.as_deref())?;
    books.books.write(&sealer, |writer, store| {
        work(&mut PeopleDesk::new(writer, &editions, &sealer, &SystemClock), store)
    })
}

/// Does what a file says, all of it or nothing; each row that is wrong is named. `work` answers how many rows were written all the same,
/// where another process changed the books meanwhile.
fn on_file<T>(
    file: &FileOf,
    told: Told<T>,
    what: &str,
    work: impl FnOnce(&mut PeopleDesk<'_>, &[T], bool) -> Result<(Vec<Trouble>, usize), StoreError>,
) -> anyhow::Result<ExitCode> {
    let rows = match or_told(told.rows) {
        Ok(rows) => rows,
        Err(code) => return Ok(code),
    };
    let (troubles, written) = desk(&file.books, |desk, _| Ok(work(desk, &rows, file.dry_run)?))?;
    if !troubles.is_empty() {
        troubles.iter().for_each(|trouble| println!("{}", of_row(trouble, &told.table)));
        return Ok(wrong(troubles.len(), written));
    }
    let tried = if file.dry_run { "(试运行,未写入 dry run, nothing was written)" } else { "" };
    println!("{} {what}{tried}", rows.len());
    Ok(ExitCode::SUCCESS)
}

fn in_both(trouble: &Trouble) -> String {
    format!("[{}] {}", trouble.code, trouble.words.in_both())
}

fn of_row(trouble: &Trouble, table: &Table) -> String {
    let (line, column) = (table.line(trouble.row), trouble.column);
    let other = trouble.same_as.map(|row| table.line(row));
    let other = other.map(|line| format!("(第 {line} 行 line {line})")).unwrap_or_default();
    format!("line {line} column {column} 第 {line} 行 {column}: {}{other}", in_both(trouble))
}

fn show(number: &str, books: &Books) -> anyhow::Result<ExitCode> {
    let (sealer, store) = (books.sealer()?, books.read_only()?);
    let who = Who::Number(PersonNumber::from(number));
    let needs = Needs { who, events: true, premiums: true, ..Needs::of(HospitalId(0)) };
    let loaded = store.reader()?.load(&[needs])?;
    let record = loaded.persons.first().context("nobody has this number 无此人员")?;
    let held = record.state.held;
    println!("{number} {} 账户 account {} 共济 granted {}", record.row.name, held.total(), held.granted);
    for cover in &record.covers {
        let to = cover.to.map(|to| to.to_string()).unwrap_or_default();
        println!(
            "  {} {}..{to} {} {} {} {}",
            cover.kind, cover.from, cover.status, cover.premium, cover.division, cover.employer
        );
    }
    for month in &loaded.premiums {
        let received =
            month.received.map_or("未到账 not received".to_owned(), |day| format!("到账 received {day}"));
        println!("  {} {} {} {received}", &month.month.to_string()[..7], month.unit, month.base);
    }
    for event in &loaded.events {
        let what = format!("{} {}", event.reference, event.why);
        println!("  {} {} {} {} {}", event.at.date(), event.kind, event.day, event.by, what.trim());
        centre::enrolled_before(event, &sealer).lines().for_each(|line| println!("      {line}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn restore(by: &str, dry: bool, books: &CityBooks) -> anyhow::Result<ExitCode> {
    let (mut count, mut sum) = (0_u64, money::Money::ZERO);
    desk(books, |desk, store| {
        let mut reader = store.reader()?;
        let bar = crate::verify::progress("重算 settling again");
        desk.restore(reader.as_mut(), by, dry, &mut |owed: Owed| {
            bar.inc(1);
            (count, sum) = (count + 1, sum + owed.owed);
            let left = owed.left.as_ref().map(wire::Both::in_both).unwrap_or_default();
            bar.suspend(|| {
                println!(
                    "{} {} {} {} → {} {left}",
                    owed.number, owed.settlement, owed.day, owed.paid, owed.owed
                );
            });
            Ok(())
        })?;
        bar.finish_and_clear();
        Ok(())
    })?;
    let tried = if dry { "(试运行 dry run)" } else { "" };
    println!("{count} 笔重算 bills settled again, 应付本人 owed to persons {sum}{tried}");
    Ok(ExitCode::SUCCESS)
}

/// What the books say is owed to persons of some days: asked again, the same.
fn owed((from, to): (Date, Date), list: &std::path::Path, books: &Books) -> anyhow::Result<ExitCode> {
    let store = books.read_only()?;
    let (mut events, mut amounts, mut numbers) = (Vec::new(), HashMap::new(), HashMap::new());
    store.reader()?.scan(&mut |scan| {
        scan.events(&mut |event| {
            let bill = matches!(event.kind, EventKind::Reimbursed | EventKind::Supplement);
            if bill && (from..=to).contains(&event.at.date()) {
                events.push(event);
            }
        })?;
        scan.journals(&mut |row| {
            amounts.insert(row.id, row.journal.paid_to_person());
        })?;
        scan.persons(&mut |record| drop(numbers.insert(record.row.id, record.row.number)))
    })?;
    let mut csv = csv::Writer::from_path(list).with_context(|| format!("writing {}", list.display()))?;
    csv.write_record(["booked", "number", "kind", "reference", "day", "amount", "by"])?;
    let mut sum = money::Money::ZERO;
    events.sort_by_key(|event| event.at);
    for event in &events {
        let amount = event.journal.and_then(|id| amounts.get(&id)).copied().unwrap_or_default();
        sum += amount;
        let number = numbers.get(&event.person).cloned().unwrap_or_default();
        let [booked, day] = [event.at.date(), event.day].map(|day| day.to_string());
        let amount = amount.to_string();
        csv.write_record([&booked, &number, event.kind.word(), &event.reference, &day, &amount, &event.by])?;
    }
    csv.flush()?;
    println!("{} 笔 bills, 应付本人 owed to persons {sum}", events.len());
    Ok(ExitCode::SUCCESS)
}

fn reimburse(bill: &Reimbursement) -> anyhow::Result<ExitCode> {
    let Told { table, rows } = files::paper_lines(&bill.lines)?;
    let lines = match or_told(rows) {
        Ok(lines) => lines,
        Err(code) => return Ok(code),
    };
    let paper = PaperBill {
        number: PersonNumber::from(&*bill.number),
        bill: bill.bill.clone(),
        kind: bill.kind,
        level: HospitalLevel::new(bill.level).context("a level is 0 to 3 等级为 0 至 3")?,
        region: bill.region,
        begins: bill.begins,
        ends: bill.ends.unwrap_or(bill.begins),
        disease: bill.disease.clone(),
        lines,
        why: bill.why.clone(),
    };
    let catalogue = crate::city::catalogue(bill.books.policies.as_deref())?;
    let told =
        desk(&bill.books, |desk, _| Ok(desk.reimburse(&paper, &catalogue, &bill.by, bill.dry_run)?))?;
    Ok(match told {
        Ok(told) => {
            told.steps.iter().flatten().for_each(|step| println!("  {step}"));
            let tried = if bill.dry_run { "(试算,未入账 not booked)" } else { "" };
            println!(
                "费用总额 total {} 应付本人 owed to the person {}{tried}",
                told.amounts.total, told.paid
            );
            ExitCode::SUCCESS
        }
        Err(troubles) => {
            troubles.iter().for_each(|trouble| println!("{}", of_row(trouble, &table)));
            wrong(troubles.len(), 0)
        }
    })
}
