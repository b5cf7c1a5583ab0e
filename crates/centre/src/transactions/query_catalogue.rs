//! 1304, 1312, 1316, 1318, 1319: A page of the insurance catalogue.

use model::{Item, ItemClass};
use money::Rate;
use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{BEGINNING, CatalogueFound, ItemShown, Paged, QueryCatalogue, Shown};

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(_: &QueryCatalogue, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &QueryCatalogue,
    _: &Context<'_>,
    _: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let found = found(request, at);
    let on_page = request.page.of(found.len());
    let paged = Paged { page: request.page, all: found.len() };
    let rows = found[on_page].iter().map(|row| row.shown(request, at)).collect();
    Ok(Decision::answer(CatalogueFound { division: division(at), paged, rows }))
}

/// The division of the city, in six digits.
pub(crate) fn division(at: &Moment<'_>) -> String {
    format!("{:0<6}", at.divisions.first().map_or("", String::as_str))
}

/// An item, and what of it is told: of which hospital level, which ratio.
struct Found<'a> {
    item: &'a Item,
    level: usize,
    self_pay: Option<Rate>,
}

impl Found<'_> {
    fn shown(&self, request: &QueryCatalogue, at: &Moment<'_>) -> ItemShown {
        let version = &at.catalogue.versions()[self.item.valid.version];
        ItemShown {
            item: self.item.clone(),
            valid: is_valid(self.item, request, at),
            version: (version.clone(), day_of(version)),
            limit: self.item.limits[self.level].map(|limit| (self.level, limit)),
            self_pay: self.self_pay,
        }
    }
}

/// The day in a version's name; of one that has none, the first of all.
fn day_of(version: &str) -> jiff::civil::Date {
    version.parse().unwrap_or(BEGINNING)
}

fn is_valid(item: &Item, request: &QueryCatalogue, at: &Moment<'_>) -> bool {
    item.valid.holds_on(request.day.unwrap_or(at.now.date()))
}

fn found<'a>(request: &QueryCatalogue, at: &Moment<'a>) -> Vec<Found<'a>> {
    let versions = at.catalogue.versions();
    let wanted = |item: &&Item| {
        request.asks_for(item)
            && request.day.is_none_or(|day| item.valid.holds_on(day))
            && request.valid.is_none_or(|valid| valid == is_valid(item, request, at))
            && day_of(&versions[item.valid.version]) >= request.updated
    };
    let of_code = (!request.code.is_empty()).then(|| at.catalogue.of(&request.code));
    match of_code {
        Some(rows) => rows.filter(wanted).flat_map(|item| each(item, request.shown)).collect(),
        None => {
            at.catalogue.items().iter().filter(wanted).flat_map(|item| each(item, request.shown)).collect()
        }
    }
}

/// The rows an item makes: one a hospital level that has a limit of its own, one with the ratio it has, or itself.
fn each(item: &Item, shown: Shown) -> Vec<Found<'_>> {
    let one = |level, self_pay| Found { item, level, self_pay };
    match shown {
        Shown::Limits => (1..item.limits.len())
            .filter(|level| item.limits[*level].is_some())
            .map(|l| one(l, None))
            .collect(),
        Shown::SelfPay => self_pay(item).map(|rate| one(0, Some(rate))).into_iter().collect(),
        Shown::EthnicDrugs | Shown::Items | Shown::Matches => vec![one(0, None)],
    }
}

/// The ratio an item has by its class or of its own. Of class B without one the edition's rules decide, which may look at
/// the patient, the visit and the price: that is no ratio of the item.
fn self_pay(item: &Item) -> Option<Rate> {
    match item.class {
        ItemClass::A => Some(Rate::ZERO),
        ItemClass::B => item.first_self_pay,
        ItemClass::C => Some(Rate::ONE),
    }
}
