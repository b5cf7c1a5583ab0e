//! What each report shows of its figures: columns, rows, what they come to.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use money::{Money, Rate};

use super::{Table, Wanted};
use crate::desk::{At, Stop};
use crate::export::{Column, Kind};
use crate::people::Operator;
use crate::place::inpatient::Inpatient;
use crate::place::{Office, Place, Report};
use crate::reports::{
    Account, Categories, Exception, Group, Handed, Happened, Row, Share, Side, Takings, Told, Used, advances,
    exceptions, handed, income, shares, takings, used,
};
use crate::screens::bills::reason_words;
use crate::screens::closing::told;
use crate::screens::inpatients::{insurance_name, shown};
use crate::screens::posting::many;
use crate::screens::windows;
use crate::sheet::{ALL, Sheet};
use crate::stay::Stay;

/// A report's table.
pub(super) fn table(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    match wanted.report {
        Report::House => house(at, wanted),
        Report::Handed => owed(at, wanted),
        Report::Deposits => deposits(at, wanted),
        Report::Departments => departments(at, wanted),
        Report::Shares => payers(at, wanted),
        Report::Items => items(at, wanted),
        Report::Exceptions => undone(at, wanted),
        Report::All => Err(Stop::Nothing),
    }
}

/// Operators by their numbers.
fn operators(at: &At<'_>) -> Result<BTreeMap<String, String>, Stop> {
    let all: Vec<Sheet<Operator>> = at.papers.list(store::By::All, ALL, 0)?;
    Ok(all.into_iter().map(|operator| (operator.key, operator.facts.name)).collect())
}

fn called(operators: &BTreeMap<String, String>, number: &str) -> String {
    match operators.get(number) {
        Some(name) => format!("{number} {name}"),
        None => number.to_owned(),
    }
}

/// The address of a place for whoever may go there.
fn open(at: &At<'_>, place: &Place) -> Option<String> {
    at.lacks(place.right()).is_none().then(|| place.to_string())
}

/// 全院日报: a row a cashier, a day or a branch, and below it all that a closing over all of it would say.
fn house(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let (by, column) = match wanted.by {
        "day" => (Row::Day, "day"),
        "branch" => (Row::Branch, "branch"),
        _ => (Row::Cashier, "cashier"),
    };
    let house = takings(&at.papers, wanted.span, by)?;
    let operators = operators(at)?;
    let branches = if by == Row::Branch { windows::branches(at)? } else { Vec::new() };
    let row = |(who, taken): (&String, &Takings)| {
        let who = match by {
            Row::Day => who.clone(),
            Row::Branch => windows::called(at, &branches, who),
            Row::Cashier => called(&operators, who),
        };
        context! { who, ..taking(taken) }
    };
    let columns = [
        (column, "who", Kind::Text),
        ("closing-came", "came", Kind::Count),
        ("closing-went", "went", Kind::Count),
        ("report-outpatient", "outpatient", Kind::Amount),
        ("report-inpatient", "inpatient", Kind::Amount),
        ("total", "total", Kind::Amount),
        ("closing-share", "share", Kind::Amount),
        ("closing-deposits-in", "deposits_in", Kind::Amount),
        ("closing-deposits-out", "deposits_out", Kind::Amount),
        ("report-in-cash", "cash", Kind::Amount),
        ("report-otherwise", "otherwise", Kind::Amount),
    ];
    let rows: Vec<Value> = house.rows.iter().map(row).collect();
    let all = &house.total.all;
    let closing = (!rows.is_empty()).then(|| told(at, all));
    let wrong = (!all.adds_up()).then_some("closing-not-even");
    Ok(Table { wrong, closing, ..Table::new(&columns, rows, taking(&house.total), "total") })
}

fn taking(taken: &Takings) -> Value {
    let all = &taken.all;
    context! {
        came => all.charged.came + all.stays.came + all.deposits.came,
        went => all.charged.went + all.stays.went + all.deposits.went,
        outpatient => taken.outpatient.to_string(), inpatient => taken.inpatient().to_string(),
        total => all.total.to_string(), share => all.share.to_string(),
        deposits_in => all.deposits_in.to_string(), deposits_out => (-all.deposits_out).to_string(),
        cash => all.hand_over.to_string(), otherwise => taken.otherwise().to_string(),
    }
}

/// 应交已交.
fn owed(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let all = handed(&at.papers, wanted.span)?;
    let operators = operators(at)?;
    let total = all.values().fold(Handed::default(), |sum, one| sum.and(one));
    let rows = all.iter().map(|(who, cash)| context! { who => called(&operators, who), ..owing(cash) });
    let columns = [
        ("cashier", "who", Kind::Text),
        ("report-earlier", "earlier", Kind::Amount),
        ("report-closed", "closed", Kind::Amount),
        ("report-open", "open", Kind::Amount),
        ("report-due", "due", Kind::Amount),
        ("report-counted", "handed", Kind::Amount),
        ("report-difference", "difference", Kind::Amount),
        ("report-outstanding", "outstanding", Kind::Amount),
    ];
    Ok(Table::new(&columns, rows.collect(), owing(&total), "outstanding"))
}

fn owing(cash: &Handed) -> Value {
    context! {
        earlier => cash.earlier.to_string(), closed => cash.closed.to_string(), open => cash.open.to_string(),
        due => cash.due().to_string(), handed => cash.handed.to_string(), difference => cash.difference.to_string(),
        outstanding => cash.outstanding().to_string(),
    }
}

/// 预交金.
fn deposits(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let all = advances(&at.papers, wanted.span, at.now.date())?;
    let total = all.values().fold(Account::default(), |sum, one| sum.and(one));
    let rows = all.iter().map(|(stay, account)| {
        let href = open(at, &Place::Inpatient(Inpatient::Stay(stay.clone())));
        context! { stay, href, ..held(account) }
    });
    let columns = [
        ("stay-number", "stay", Kind::Text),
        ("name", "name", Kind::Text),
        ("report-opening", "opening", Kind::Amount),
        ("report-received", "received", Kind::Amount),
        ("report-refunded", "refunded", Kind::Amount),
        ("report-carried", "carried", Kind::Amount),
        ("report-applied", "applied", Kind::Amount),
        ("report-closing", "closing", Kind::Amount),
    ];
    let wrong = all.values().any(|account| !account.adds_up()).then_some("report-deposits-uneven");
    let table = Table::new(&columns, rows.collect(), held(&total), "closing");
    Ok(Table { named: patient, wrong, ..table })
}

fn held(account: &Account) -> Value {
    context! {
        opening => account.opening.to_string(), received => account.received.to_string(),
        refunded => (-account.refunded).to_string(), carried => account.carried.to_string(),
        applied => (-account.applied).to_string(), closing => account.closing.to_string(),
    }
}

/// Whose stay it is.
fn patient(at: &At<'_>, row: Value) -> Result<Value, Stop> {
    let key = row.get_attr("stay").unwrap_or_default().to_string();
    let stay = at.papers.get::<Stay>(&key)?;
    Ok(context! { name => stay.map(|stay| stay.private.patient.name), ..row })
}

/// Kinds of charge, as columns: the code of each, the key of its name, the name of its column.
const CATEGORIES: [(&str, &str, &str); 14] = [
    ("01", "category-01", "c01"),
    ("02", "category-02", "c02"),
    ("03", "category-03", "c03"),
    ("04", "category-04", "c04"),
    ("05", "category-05", "c05"),
    ("06", "category-06", "c06"),
    ("07", "category-07", "c07"),
    ("08", "category-08", "c08"),
    ("09", "category-09", "c09"),
    ("10", "category-10", "c10"),
    ("11", "category-11", "c11"),
    ("12", "category-12", "c12"),
    ("13", "category-13", "c13"),
    ("14", "category-14", "c14"),
];

/// The column of a kind of charge; of an unknown one that of all others.
fn category(code: &str) -> (&'static str, &'static str) {
    let known = CATEGORIES.iter().find(|(known, ..)| *known == code);
    known.or(CATEGORIES.last()).map_or(("", ""), |(_, key, field)| (key, field))
}

/// 科室收入: a row a department, a column a kind of charge that is there.
fn departments(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let (by, column) = match wanted.by {
        "branch" => (Side::Branch, "branch"),
        "executing" => (Side::Executing, "department"),
        _ => (Side::Ordering, "department"),
    };
    let income = income(&at.papers, wanted.span, by)?;
    let branches = if by == Side::Branch { windows::branches(at)? } else { Vec::new() };
    let row = |(code, (name, sums)): (&String, &(String, Categories))| {
        let name = match by {
            Side::Branch => windows::called(at, &branches, code),
            _ if code.is_empty() => at.word("report-no-department"),
            _ => name.clone(),
        };
        context! { code, name, ..Value::from(charges(sums)) }
    };
    let mut columns: Vec<Column> = vec![(column, "name", Kind::Text), ("item-code", "code", Kind::Text)];
    let mut there: Vec<Column> = income
        .total
        .keys()
        .map(|code| {
            let (key, field) = category(code);
            (key, field, Kind::Amount)
        })
        .collect();
    there.sort_unstable_by_key(|(_, field, _)| *field);
    there.dedup();
    columns.extend(there);
    columns.push(("total", "total", Kind::Amount));
    let rows = income.rows.iter().map(row).collect();
    Ok(Table::new(&columns, rows, Value::from(charges(&income.total)), "total"))
}

/// Sums by the names of their columns; what there is none of is nothing.
fn charges(sums: &Categories) -> BTreeMap<&'static str, String> {
    let mut by_column: BTreeMap<&'static str, Money> =
        CATEGORIES.iter().map(|(_, _, field)| (*field, Money::ZERO)).collect();
    for (code, sum) in sums {
        *by_column.entry(category(code).1).or_default() += *sum;
    }
    let total: Money = sums.values().copied().sum();
    by_column.into_iter().chain([("total", total)]).map(|(field, sum)| (field, sum.to_string())).collect()
}

/// 医保与自费: visits by insurance, then stays.
fn payers(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let all = shares(&at.papers, wanted.span)?;
    let total = all.values().fold(Share::default(), |sum, one| sum.and(one));
    let row = |(group, share): (&Group, &Share)| {
        let kind = at.word(if group.inpatient { "report-stays" } else { "report-visits" });
        let insurance = group.insurance.map_or_else(|| at.word("alone"), |kind| insurance_name(at, kind));
        context! { kind, insurance, ..paid(share) }
    };
    let columns = [
        ("report-care", "kind", Kind::Text),
        ("report-insurance", "insurance", Kind::Text),
        ("report-cares", "cares", Kind::Count),
        ("total", "total", Kind::Amount),
        ("funds", "funds", Kind::Amount),
        ("split-account", "account", Kind::Amount),
        ("cash", "cash", Kind::Amount),
        ("split-hospital", "hospital", Kind::Amount),
        ("report-average", "average", Kind::Amount),
        ("report-self-paid", "self_paid", Kind::Count),
        ("report-own", "own", Kind::Count),
        ("report-drug-ratio", "drugs", Kind::Count),
    ];
    Ok(Table::new(&columns, all.iter().map(row).collect(), paid(&total), "total"))
}

fn paid(share: &Share) -> Value {
    let ratio = |part: Money| share.of_total(part).map(percent);
    context! {
        cares => share.cares(), total => share.total.to_string(), funds => share.funds.to_string(),
        account => share.account.to_string(), cash => share.cash.to_string(), hospital => share.hospital.to_string(),
        average => share.average().map(|average| average.to_string()),
        self_paid => ratio(share.self_paid), own => ratio(share.own()), drugs => ratio(share.drugs),
    }
}

/// Per cent, to two places.
fn percent(rate: Rate) -> String {
    let parts = rate.ten_thousandths();
    let sign = if parts < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", parts.abs() / 100, parts.abs() % 100)
}

/// 项目使用.
fn items(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let by_doctor = wanted.by.starts_with("doctor");
    let all = used(&at.papers, wanted.span, by_doctor, wanted.by.ends_with("drugs"))?;
    let total: Money = all.iter().map(|used| used.amount).sum();
    let row = |used: &Used| {
        context! {
            doctor => format!("{} {}", used.doctor.code, used.doctor.name).trim(), code => used.item, name => used.name,
            specification => used.specification, unit => used.unit, quantity => many(&used.quantity.to_string()),
            drug => if used.drug { at.word("item-drug") } else { String::new() }, amount => used.amount.to_string(),
        }
    };
    let doctor: &[Column] = if by_doctor { &[("doctor", "doctor", Kind::Text)] } else { &[] };
    let columns = [
        ("item-code", "code", Kind::Text),
        ("item-name", "name", Kind::Text),
        ("specification", "specification", Kind::Text),
        ("unit", "unit", Kind::Text),
        ("item-drug", "drug", Kind::Text),
        ("quantity", "quantity", Kind::Count),
        ("amount", "amount", Kind::Amount),
    ];
    let rows = all.iter().map(row).collect();
    Ok(Table::new(&[doctor, &columns].concat(), rows, context! { amount => total.to_string() }, "amount"))
}

/// The ways exceptions are looked at: all, or those of one kind.
pub(super) const EXCEPTIONS: [(&str, &str); 10] = [
    ("all", "report-all-kinds"),
    ("bill-voided", "exception-bill-voided"),
    ("part-refunded", "exception-part-refunded"),
    ("settlement-voided", "exception-settlement-voided"),
    ("deposit-voided", "exception-deposit-voided"),
    ("deposit-refunded", "exception-deposit-refunded"),
    ("charge-reversed", "exception-charge-reversed"),
    ("prices-changed", "exception-prices-changed"),
    ("reprinted", "exception-reprinted"),
    ("number-spoilt", "exception-number-spoilt"),
];

/// 异常.
fn undone(at: &At<'_>, wanted: &Wanted) -> Result<Table, Stop> {
    let mut all = exceptions(&at.papers, wanted.span)?;
    let kind = Happened::ALL.into_iter().find(|kind| kind.word() == wanted.by);
    all.retain(|one| kind.is_none_or(|kind| one.what == kind));
    let total: Money = all.iter().map(|one| one.amount).sum();
    let operators = operators(at)?;
    let row = |one: &Exception| {
        context! {
            at => shown(one.at), what => at.word(one.what.key()), number => one.number, amount => one.amount.to_string(),
            by => called(&operators, &one.by), approver => called(&operators, &one.approver), why => reason_words(at, &one.why),
            href => place(&one.told).and_then(|place| open(at, &place)),
        }
    };
    let columns = [
        ("time", "at", Kind::Text),
        ("report-what", "what", Kind::Text),
        ("report-paper", "number", Kind::Text),
        ("report-gone", "amount", Kind::Amount),
        ("report-who", "by", Kind::Text),
        ("report-approver", "approver", Kind::Text),
        ("reason", "why", Kind::Text),
    ];
    let rows = all.iter().map(row).collect();
    Ok(Table::new(&columns, rows, context! { amount => total.to_string() }, "amount"))
}

fn place(told: &Told) -> Option<Place> {
    Some(match told {
        Told::Bill(key) => Place::Look(key.clone()),
        Told::Stay(key) => Place::Inpatient(Inpatient::Stay(key.clone())),
        Told::Prices(key) => Place::Office(Office::PriceChange(key.clone())),
        Told::Nowhere => return None,
    })
}
