//! The files of the desk of enrolment.

use std::collections::HashSet;
use std::path::Path;

use centre::{Identity, Order, PaperLine, PremiumLine, Unit, What};
use model::{Cover, Enrolment, InsuranceKind, PersonNumber, PersonStatus, Premium};
use money::Money;
use wire::Both;

use crate::table::{CellTrouble, Row, Table, all};

/// A file with what it says, or with what is wrong in it.
pub struct Told<T> {
    pub table: Table,
    pub rows: Result<Vec<T>, Vec<CellTrouble>>,
}

fn read<T>(
    file: &Path,
    needed: &[&str],
    row: impl Fn(Row<'_>) -> Result<T, CellTrouble>,
) -> anyhow::Result<Told<T>> {
    let table = Table::read(file, needed)?;
    let rows = all(table.rows().map(row));
    Ok(Told { table, rows })
}

fn day() -> Both {
    Both::of("应为日期,如 2026-11-30", "it must be a day such as 2026-11-30")
}

fn yuan() -> Both {
    Both::of("应为金额(元)", "it must be an amount in yuan")
}

fn kind() -> Both {
    Both::of("应为险种代码,如 310", "it must be a kind such as 310")
}

/// An amount not below nothing; nothing where the cell is empty.
pub fn amount(row: Row<'_>, column: &str) -> Result<Money, CellTrouble> {
    let amount = row.maybe::<Money>(column, &yuan())?.unwrap_or(Money::ZERO);
    if amount.is_negative() { Err(row.trouble(column, yuan())) } else { Ok(amount) }
}

/// Words of a status in both languages, each with the national type of person it has where none is told.
const STATUS: [(&str, (PersonStatus, &str)); 8] = [
    ("employed", (PersonStatus::Employed, "11")),
    ("在职", (PersonStatus::Employed, "11")),
    ("retired", (PersonStatus::Retired, "12")),
    ("退休", (PersonStatus::Retired, "12")),
    ("cadre", (PersonStatus::Cadre, "13")),
    ("离休", (PersonStatus::Cadre, "13")),
    ("freelance", (PersonStatus::Freelance, "11")),
    ("灵活就业", (PersonStatus::Freelance, "11")),
];

pub const YES_NO: [(&str, bool); 4] = [("yes", true), ("是", true), ("no", false), ("否", false)];

fn flag(row: Row<'_>, column: &str) -> Result<bool, CellTrouble> {
    if row.text(column).is_empty() { Ok(false) } else { row.pick(column, &YES_NO) }
}

/// Six digits.
pub fn division(row: Row<'_>, column: &str) -> Result<String, CellTrouble> {
    let text = row.need(column)?;
    let fine = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let told = || row.trouble(column, Both::of("应为六位区划代码", "it must be six digits"));
    if fine { Ok(text.to_owned()) } else { Err(told()) }
}

/// 310 where left out, 340 of cadres.
fn insurance(row: Row<'_>, status: PersonStatus) -> Result<InsuranceKind, CellTrouble> {
    let told = row.maybe("insurance", &kind())?;
    let usual = if status == PersonStatus::Cadre { InsuranceKind(340) } else { InsuranceKind::EMPLOYEE };
    Ok(told.map_or(usual, InsuranceKind))
}

fn cover(row: Row<'_>, from: &str) -> Result<Cover, CellTrouble> {
    let (status, usual) = row.pick("status", &STATUS)?;
    let told = row.text("person_type");
    Ok(Cover {
        kind: insurance(row, status)?,
        from: row.value(from, &day())?,
        to: None,
        person_type: if told.is_empty() { usual } else { told }.into(),
        status,
        premium: Premium::Paid,
        civil_servant: flag(row, "civil_servant")?,
        employer: row.text("employer").into(),
        division: division(row, "division")?,
    })
}

/// New people: `number,name,document,born,gender,status,employer,division,from`, and where wanted `document_kind` (01),
/// `card`, `insurance`, `person_type`, `civil_servant`, `current` and `prior`, with which the account opens.
pub fn people(file: &Path) -> anyhow::Result<Told<Enrolment>> {
    let needed = ["number", "name", "document", "born", "gender", "status", "employer", "division", "from"];
    read(file, &needed, |row| {
        let kind = row.text("document_kind");
        Ok(Enrolment {
            number: row.need("number")?.into(),
            name: row.need("name")?.into(),
            document_kind: if kind.is_empty() { "01" } else { kind }.into(),
            document: row.need("document")?.to_uppercase(),
            card: row.text("card").into(),
            gender: row.pick("gender", &[("1", "1"), ("男", "1"), ("2", "2"), ("女", "2")])?.into(),
            born: row.value("born", &day())?,
            covers: vec![cover(row, "from")?],
            identities: Vec::new(),
            filings: Vec::new(),
            opening: (amount(row, "current")?, amount(row, "prior")?),
        })
    })
}

/// What a change may be called.
const CHANGES: [(&str, &str); 14] = [
    ("insured", "insured"),
    ("参保", "insured"),
    ("stopped", "stopped"),
    ("停保", "stopped"),
    ("retired", "retired"),
    ("退休", "retired"),
    ("transferred", "transferred"),
    ("调动", "transferred"),
    ("died", "died"),
    ("死亡", "died"),
    ("revived", "revived"),
    ("撤销死亡", "revived"),
    ("corrected", "corrected"),
    ("更正", "corrected"),
];

/// Changes: `number,change,day`, and as the change asks: `status,employer,division` and the like, or who the person is.
pub fn changes(file: &Path) -> anyhow::Result<Told<Order>> {
    read(file, &["number", "change", "day"], |row| {
        Ok(Order {
            number: row.need("number")?.into(),
            insurance: row.maybe("insurance", &kind())?.map(InsuranceKind),
            what: what(row)?,
            day: row.value("day", &day())?,
            why: row.text("why").into(),
        })
    })
}

fn what(row: Row<'_>) -> Result<What, CellTrouble> {
    Ok(match row.pick("change", &CHANGES)? {
        "insured" => What::Insured(Box::new(cover(row, "day")?)),
        "stopped" => What::Stopped,
        "retired" => What::Retired,
        "transferred" => {
            let told = row.text("division");
            let (employer, told) = (
                row.text("employer"),
                if told.is_empty() { String::new() } else { division(row, "division")? },
            );
            if employer.is_empty() && told.is_empty() {
                return Err(row
                    .trouble("employer", Both::of("应填单位或区划", "an employer or a division is needed")));
            }
            What::Transferred { employer: employer.into(), division: told }
        }
        "died" => What::Died,
        "revived" => {
            row.need("why")?;
            What::Revived
        }
        _ => {
            row.need("why")?;
            What::Corrected(Box::new(Identity {
                name: row.text("name").into(),
                document_kind: row.text("document_kind").into(),
                document: row.text("document").to_uppercase(),
                card: row.text("card").into(),
                gender: row.text("gender").into(),
                born: row.maybe("born", &day())?,
            }))
        }
    })
}

/// Employers: `code,name,kind,division,from`, and where wanted `to` and `contact`.
pub fn units(file: &Path) -> anyhow::Result<Told<Unit>> {
    read(file, &["code", "name", "kind", "division", "from"], |row| {
        let (from, to) = (row.value("from", &day())?, row.maybe("to", &day())?);
        if to.is_some_and(|to: jiff::civil::Date| to < from) {
            return Err(row.trouble("to", Both::of("早于开始日期", "it is before the first day")));
        }
        Ok(Unit {
            code: row.need("code")?.into(),
            name: row.need("name")?.into(),
            kind: row.need("kind")?.into(),
            division: division(row, "division")?,
            from,
            to,
            contact: row.text("contact").into(),
        })
    })
}

/// Lines of a bill on paper: `item,served,price,quantity,amount`.
pub fn paper_lines(file: &Path) -> anyhow::Result<Told<PaperLine>> {
    read(file, &["item", "served", "price", "quantity", "amount"], |row| {
        let number = Both::of("应为数字", "it must be a number");
        Ok(PaperLine {
            item: row.need("item")?.into(),
            served: row.value("served", &day())?,
            price: row.value("price", &number)?,
            quantity: row.value("quantity", &number)?,
            amount: row.value("amount", &yuan())?,
        })
    })
}

/// A month's premiums: `number,base,pension,received`, and where it is known `received_on`. Who stands twice is told: his lines may
/// contradict each other.
pub fn premiums(file: &Path) -> anyhow::Result<Told<PremiumLine>> {
    let mut told = read(file, &["number", "base", "pension", "received"], |row| {
        Ok(PremiumLine {
            number: PersonNumber::from(row.need("number")?),
            base: amount(row, "base")?,
            pension: amount(row, "pension")?,
            received: row.pick("received", &YES_NO)?,
            on: row.maybe("received_on", &day())?,
        })
    })?;
    let mut seen = HashSet::new();
    let mut twice = Vec::new();
    for row in told.table.rows() {
        if !seen.insert(row.text("number")) {
            twice.push(row.trouble("number", Both::of("文件中重复", "it stands twice in the file")));
        }
    }
    if !twice.is_empty() {
        told.rows = Err(told.rows.err().into_iter().flatten().chain(twice).collect());
    }
    Ok(told)
}
