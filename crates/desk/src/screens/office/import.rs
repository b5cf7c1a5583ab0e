//! A price list from a file: what it would change is told first, and every problem by row and column; then it is taken over.

use minijinja::{Value, context};
use store::{By, Change};
use web::{Asked, Said};

use super::prices::{from_day, propose, renewed};
use crate::desk::{At, Shown, Stop};
use crate::house::{Item, Use};
use crate::lists::lists_changed;
use crate::pasted::Problem;
use crate::place::{Office, Place};
use crate::price_change::PriceRow;
use crate::price_list::{ListedItem, read};
use crate::screens::charge::four_places;
use crate::sheet::{ALL, Sheet};

/// So many problems and changes are shown.
const SHOWN: usize = 200;

/// What a list would change.
#[derive(Default)]
struct Plan {
    new: Vec<ListedItem>,
    changed: Vec<Sheet<Item>>,
    prices: Vec<PriceRow>,
    same: usize,
}

/// The page, empty.
pub(crate) fn ask(at: &At<'_>) -> Result<Shown, Stop> {
    page(at, None, &Plan::default(), &[], "")
}

fn page(
    at: &At<'_>,
    asked: Option<&Asked>,
    plan: &Plan,
    problems: &[Problem],
    why: &str,
) -> Result<Shown, Stop> {
    let again = |name: &str| asked.map(|asked| asked.form.get(name).to_owned()).unwrap_or_default();
    let tomorrow = at.now.date().tomorrow().unwrap_or(at.now.date()).to_string();
    let from = again("from");
    let told: Vec<Value> = problems
        .iter()
        .take(SHOWN)
        .map(|problem| context! { line => problem.line, column => problem.column, what => at.say(&problem.said) })
        .collect();
    let prices: Vec<Value> = plan
        .prices
        .iter()
        .take(SHOWN)
        .map(|row| {
            context! {
                code => row.code, name => row.name, before => four_places(&row.before.to_string()),
                after => four_places(&row.after.to_string()),
            }
        })
        .collect();
    let facts = context! {
        text => again("text"), from => if from.is_empty() { tomorrow } else { from }, reason => again("why"),
        problems => told, wrong => problems.len(), why, prices,
        checked => asked.is_some() && problems.is_empty() && why.is_empty(),
        new => plan.new.len(), changed => plan.changed.len(), priced => plan.prices.len(), same => plan.same,
        csrf => at.session.facts.csrf, here => Office::Import.to_string(), back => Office::Prices.to_string(),
    };
    Ok(Shown::Page("desk/price-import.html", facts))
}

/// Looks what a list would change; where that is wished and nothing is wrong, takes it over.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let from = match from_day(asked.form.get("from"), at.now.date()) {
        Ok(from) => from,
        Err(said) => return page(at, Some(asked), &Plan::default(), &[], &at.say(&said)),
    };
    let rows = match read(asked.form.get("text")) {
        Ok(rows) => rows,
        Err(problems) => return page(at, Some(asked), &Plan::default(), &problems, ""),
    };
    let known: Vec<Sheet<Item>> = at.papers.list(By::All, ALL, 0)?;
    let plan = plan(rows, &known, from);
    let why: String = asked.form.get("why").chars().take(100).collect();
    if asked.form.get("do") != "apply" {
        return page(at, Some(asked), &plan, &[], "");
    }
    if !plan.prices.is_empty() && why.is_empty() {
        return page(at, Some(asked), &plan, &[], &at.say(&Said::new("price-why")));
    }
    let more = plan.new.len();
    let mut changes: Vec<Change> = vec![lists_changed(&at.papers, |lists| lists.items += more)?];
    changes.extend(
        plan.new.into_iter().map(|row| Sheet::new(row.code, Use::Active, None, row.item).happened("new")),
    );
    changes.extend(plan.changed.iter().map(|item| item.happened("change")));
    let sheet = (!plan.prices.is_empty()).then(|| propose(at, from, &why, plan.prices));
    changes.extend(sheet.as_ref().map(|sheet| sheet.happened("propose")));
    at.papers.put(&changes, &at.act())?;
    let to = sheet.map_or(Office::Prices, |sheet| Office::PriceChange(sheet.key));
    Ok(Shown::Go(Place::Office(to).to_string()))
}

/// What of a list is new, what differs in words, what in price. Mappings are not taken over: the office confirms them.
fn plan(rows: Vec<ListedItem>, known: &[Sheet<Item>], from: jiff::civil::Date) -> Plan {
    let known: std::collections::HashMap<&str, &Sheet<Item>> =
        known.iter().map(|item| (item.key.as_str(), item)).collect();
    let mut plan = Plan::default();
    for row in rows {
        let Some(item) = known.get(row.code.as_str()) else {
            plan.new.push(row);
            continue;
        };
        let price = PriceRow::of(item, from, row.item.price);
        let facts = renewed(&item.facts, row.over(&item.facts));
        let changed = facts != item.facts;
        plan.same += usize::from(!changed && price.is_none());
        if changed {
            plan.changed.push(Sheet { facts, ..(*item).clone() });
        }
        plan.prices.extend(price);
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_is_new_what_differs_and_what_costs_otherwise_are_told_apart() {
        let item = |name: &str, price: &str| crate::found::tests::item(name, price);
        let known = [("A1", "甲", "1"), ("A2", "乙", "2"), ("A3", "丙", "3")]
            .map(|(code, name, price)| Sheet::new(code, Use::Active, None, item(name, price)));
        let rows = [("A1", "甲", "1"), ("A2", "乙", "2.5"), ("A3", "丙丁", "3"), ("A4", "戊", "4")].map(
            |(code, name, price)| ListedItem {
                code: code.into(),
                item: item(name, price),
                has: [true; crate::price_list::COLUMNS.len()],
            },
        );
        let plan = plan(rows.to_vec(), &known, date(2026, 12, 1));
        assert_eq!((plan.new.len(), plan.changed.len(), plan.prices.len(), plan.same), (1, 1, 1, 1));
        assert_eq!((plan.prices[0].code.as_str(), plan.changed[0].key.as_str()), ("A2", "A3"));
    }
}
