//! Charges of a stay on paper: what a settlement settled, item by item with what the insurance makes of each, and all charges
//! of a stay in detail, by kind or by day.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use money::{Money, Quantity};
use web::{Asked, capitals};
use wire::asking::{AskLines, LineHeard, LinesKept};

use super::charge::{category_name, four_places, fund_name};
use super::inpatients::{insurance_name, shown, stay, strip};
use super::person::{ask, insured};
use super::posting::many;
use crate::bill::BillState;
use crate::desk::{At, Shown, Stop};
use crate::posting::{Posting, categories, postings, sum};
use crate::settlement::Settlement;
use crate::sheet::Sheet;
use crate::stay::Stay;

/// Lines of one item at one price, added up, with what the centre makes of them.
#[derive(Default)]
struct Row {
    category: String,
    name: String,
    unit: String,
    price: String,
    class: String,
    quantity: Quantity,
    amount: Money,
    /// First self-pay, inside the policy, the patient's alone; none: the centre does not say.
    shares: Option<[Money; 3]>,
}

/// 住院费用结算单: what a settlement settled. Of what never stood there is none.
pub(crate) fn settlement(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let settlement = at.papers.get::<Settlement>(key)?.ok_or(Stop::Nothing)?;
    let facts = &settlement.facts;
    let Some(settled) = facts.settled.filter(|_| settlement.state.stood()) else { return Err(Stop::Nothing) };
    let stay = stay(at, &facts.stay)?;
    let period = if facts.interim { key } else { "" };
    let mut lines = postings(&at.papers, &stay.key)?;
    lines.retain(|line| line.facts.period == period);
    let heard = shares(at, &stay, facts);
    let rows: Vec<Value> = rows(&lines, &heard).iter().map(|row| row_facts(at, row)).collect();
    let funds =
        facts.split.funds.iter().map(|(word, amount)| context! { name => at.say(&fund_name(word)), amount });
    let account = &facts.account;
    let figure =
        |key: &'static str, amount: Money| context! { name => at.word(key), amount => amount.to_string() };
    let foot = [
        figure("split-account", facts.split.account + facts.split.relatives),
        figure("split-hospital", facts.split.hospital),
        figure("split-due", facts.split.cash),
        figure("deposits-used", account.deposits),
        figure("collected", account.payment.due + account.payment.comes_in()),
        figure("method-written-off", account.payment.otherwise() - account.payment.comes_in()),
        figure("given-back", account.refund),
    ];
    let facts = context! {
        title => at.word("stay-bill-title"), sums => Vec::<Value>::new(), receipt => facts.receipt, settled => shown(settled),
        kind => at.word(if facts.interim { "settlement-interim" } else { "settlement-final" }), period => facts.period,
        insurance => if facts.insured { insurance_name(at, stay.facts.insurance) } else { at.word("alone") },
        total => facts.total.to_string(), capitals => capitals(facts.total), rows,
        foot => funds.chain(foot).collect::<Vec<_>>(), shares => !heard.is_empty(), voided => settlement.state == BillState::Voided,
        ..frame(at, &stay)
    };
    Ok(Shown::Raw(at.desk.render(at.language(), "desk/stay-bill.html", facts)))
}

/// What the centre makes of each line, by its number; nothing where it is not asked, or does not say.
fn shares(at: &At<'_>, stay: &Sheet<Stay>, settlement: &Settlement) -> BTreeMap<String, LineHeard> {
    if !settlement.insured || settlement.number.is_empty() {
        return BTreeMap::new();
    }
    let person = insured(&stay.private.patient);
    let (visit, number) = (settlement.visit.clone(), settlement.number.clone());
    let request = AskLines { person, visit, settlement: Some(number) };
    let kept = ask(at, &request, LinesKept::hear).map(|kept| kept.lines).unwrap_or_default();
    kept.into_iter().map(|line| (line.split.number.clone(), line.split)).collect()
}

/// By kind of charge, item and price. What was taken back whole is not there.
fn rows(lines: &[Sheet<Posting>], heard: &BTreeMap<String, LineHeard>) -> Vec<Row> {
    let mut rows = BTreeMap::<(String, String, String), Row>::new();
    for line in lines {
        let of = &line.facts.line;
        let key = (of.category.clone(), of.item.clone(), of.price.to_string());
        let row = rows.entry(key).or_insert_with(|| Row {
            category: of.category.clone(),
            name: of.name.clone(),
            unit: of.unit.clone(),
            price: of.price.to_string(),
            class: if of.mapped.is_some() { of.class.clone() } else { String::new() },
            ..Row::default()
        });
        row.quantity = row.quantity + of.quantity;
        row.amount += of.amount;
        if let Some(split) = heard.get(&line.key) {
            let shares = row.shares.get_or_insert([Money::ZERO; 3]);
            shares[0] += split.first_self_pay;
            shares[1] += split.eligible;
            shares[2] += split.out_of_scope + split.over_limit;
        }
    }
    rows.into_values().filter(|row| row.quantity != Quantity::default()).collect()
}

fn row_facts(at: &At<'_>, row: &Row) -> Value {
    let share = |n: usize| row.shares.map(|shares| shares[n].to_string());
    context! {
        category => at.say(&category_name(&row.category)), name => row.name, unit => row.unit,
        price => four_places(&row.price), quantity => many(&row.quantity.to_string()),
        amount => row.amount.to_string(), class => row.class,
        first => share(0), inside => share(1), own => share(2),
    }
}

fn frame(at: &At<'_>, stay: &Sheet<Stay>) -> Value {
    context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"),
        hospital => at.house(at.branch()), stay => strip(at, stay),
        printed => shown(at.now), operator => at.operator.name,
    }
}

/// 总费用清单: all charges of a stay; by kind or by day where that is asked for.
pub(crate) fn fees(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let lines = postings(&at.papers, key)?;
    let by = asked.query.get("by");
    let sums: Vec<Value> = match by {
        "category" => categories(&lines)
            .into_iter()
            .map(|(kind, sum)| context! { name => at.say(&category_name(&kind)), amount => sum.to_string() })
            .collect(),
        "day" => {
            let mut days = BTreeMap::new();
            for line in &lines {
                *days.entry(line.facts.served.date()).or_insert(Money::ZERO) += line.facts.line.amount;
            }
            days.into_iter()
                .map(|(day, sum)| context! { name => day.to_string(), amount => sum.to_string() })
                .collect()
        }
        _ => Vec::new(),
    };
    let detail = |line: &Sheet<Posting>| {
        let of = &line.facts.line;
        context! {
            category => line.facts.served.date().to_string(), name => of.name, unit => of.unit,
            price => four_places(&of.price.to_string()), quantity => many(&of.quantity.to_string()),
            amount => of.amount.to_string(), class => if of.mapped.is_some() { of.class.as_str() } else { "" },
        }
    };
    let rows: Vec<Value> = if sums.is_empty() { lines.iter().map(detail).collect() } else { Vec::new() };
    let total = sum(&lines);
    let facts = context! {
        title => at.word("fee-list-title"), receipt => "", foot => Vec::<Value>::new(), shares => false, voided => false,
        rows, sums, total => total.to_string(), capitals => capitals(total),
        insurance => if stay.facts.insured { insurance_name(at, stay.facts.insurance) } else { at.word("alone") },
        ..frame(at, &stay)
    };
    Ok(Shown::Raw(at.desk.render(at.language(), "desk/stay-bill.html", facts)))
}
