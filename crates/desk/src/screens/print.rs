//! The outpatient receipt: a form in millimetres on its paper. Printing is no part of a settlement: it changes nothing but
//! the count of its own.

use minijinja::{Value, context};
use web::{Asked, capitals};

use super::bills::seen;
use super::charge::{category_name, fund_name};
use crate::bill::{Bill, BillState};
use crate::desk::{At, Shown, Stop};
use crate::pay::method_name;
use crate::sheet::Sheet;

/// Where a field of the receipt stands on its paper of 241 × 140 mm.
const FIELDS: &[(&str, i32, i32)] = &[
    ("title", 80, 14),
    ("number", 180, 14),
    ("copy", 180, 21),
    ("hospital", 12, 24),
    ("name", 12, 32),
    ("kind", 80, 32),
    ("time", 140, 32),
    ("capitals", 12, 96),
    ("total", 170, 96),
    ("balance", 12, 118),
    ("cashier", 12, 128),
    ("voided", 100, 128),
];

/// The receipt, to print. What is not settled has none.
pub(crate) fn receipt(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = seen(at, key)?;
    let (BillState::Settled | BillState::Voided, Some(split)) = (bill.state, bill.facts.split.clone()) else {
        return Err(Stop::Nothing);
    };
    if bill.state == BillState::Settled && !asked.query.has("look") {
        bill.facts.prints += 1;
        at.papers.put(&[bill.happened("printed")], &at.act())?;
    }
    let total = bill.facts.total();
    let categories: Vec<Value> = (0..)
        .zip(bill.facts.categories())
        .map(|(n, (category, sum))| {
            let y = 44 + n % 6 * 7;
            context! { x => 12 + n / 6 * 70, y, name => at.say(&category_name(&category)), amount => sum.to_string(), right => 70 + n / 6 * 70 }
        })
        .collect();
    let mut payers: Vec<(String, String)> = Vec::new();
    payers.extend(split.funds.iter().map(|(word, amount)| (at.say(&fund_name(word)), amount.clone())));
    let others = [
        ("split-hospital", split.hospital),
        ("split-account", split.account),
        ("split-relatives", split.relatives),
        ("split-rounding", bill.facts.payment.rounding),
        ("split-due", bill.facts.payment.due),
    ];
    payers.extend(
        bill.facts
            .payment
            .others
            .iter()
            .map(|paid| (at.say(&method_name(&paid.method)), paid.amount.to_string())),
    );
    payers.extend(
        others
            .iter()
            .filter(|(key, amount)| !amount.is_zero() || *key == "split-due")
            .map(|(key, amount)| (at.word(key), amount.to_string())),
    );
    let payers: Vec<Value> =
        (0..).zip(payers).map(|(n, (name, amount))| context! { name, amount, y => 44 + n * 7 }).collect();
    let texts: Vec<Value> = FIELDS
        .iter()
        .map(|(name, x, y)| context! { x, y, text => text(at, &bill, name, &split.balance.to_string()), class => *name })
        .filter(|field| field.get_attr("text").is_ok_and(|text| text.is_true()))
        .collect();
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"),
        title => at.word("receipt-title"), texts, categories, payers, total => total.to_string(),
    };
    let page = at.desk.render(at.language(), "desk/receipt.html", facts);
    Ok(Shown::Raw(page))
}

fn text(at: &At<'_>, bill: &Sheet<Bill>, field: &str, balance: &str) -> String {
    let facts = &bill.facts;
    let said = |key: &'static str, value: &str| format!("{} {value}", at.word(key));
    match field {
        "title" => at.word("receipt-title"),
        "number" => said("receipt-number", &facts.receipt),
        "copy" if facts.prints > 1 => at.say(&web::Said::new("receipt-copy").with("n", facts.prints - 1)),
        "hospital" => format!("{} {}", at.hospital.name, at.hospital.branch),
        "name" => said("receipt-name", &bill.private.name),
        "kind" => at.word(if facts.insured { "receipt-insured" } else { "alone" }),
        "time" => facts.settled.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        "capitals" => said("receipt-total", &capitals(facts.total())),
        "total" => format!("¥{}", web::grouped(&facts.total().to_string())),
        "balance" if facts.insured => said("receipt-balance", &web::grouped(balance)),
        "cashier" => said("receipt-cashier", &format!("{} {}", facts.cashier, facts.window)),
        "voided" if bill.state == BillState::Voided => at.word("receipt-voided"),
        _ => String::new(),
    }
}
