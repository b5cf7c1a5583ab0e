//! The insurance office: days and months beside the centre's, what differs, tickets; prices, mappings, the catalogue.

mod catalogue;
mod day;
mod import;
mod mapping;
mod months;
mod parameters;
mod price_sheets;
pub(crate) mod prices;
mod remedy;
mod row;
mod tickets;

use web::{Asked, Said};

use crate::desk::{At, Shown, Stop};
use crate::place::Office;

/// What is done where.
pub(crate) fn route(at: &At<'_>, asked: &Asked, place: &Office) -> Result<Shown, Stop> {
    match (place, asked.post) {
        (Office::Days, false) => day::list(at, asked),
        (Office::Day(day), false) => day::show(at, day, ""),
        (Office::Day(day), true) => day::compare(at, asked, day),
        (Office::Row(day, row), false) => row::show(at, day, *row, ""),
        (Office::Row(day, row), true) => remedy::act(at, asked, day, *row),
        (Office::Tickets, false) => tickets::list(at, asked),
        (Office::Ticket(key), false) => tickets::show(at, key, ""),
        (Office::Ticket(key), true) => tickets::close(at, asked, key),
        (Office::Months, false) => months::list(at, asked),
        (Office::Months, true) => months::act(at, asked),
        (Office::Prices, false) => prices::list(at, asked),
        (Office::NewItem, false) => prices::ask_new(at, None, ""),
        (Office::NewItem, true) => prices::new(at, asked),
        (Office::Item(code), false) => prices::show(at, code, ""),
        (Office::Item(code), true) => prices::act(at, asked, code),
        (Office::Import, false) => import::ask(at),
        (Office::Import, true) => import::act(at, asked),
        (Office::PriceChanges, false) => price_sheets::list(at),
        (Office::PriceChange(key), false) => price_sheets::show(at, asked, key, ""),
        (Office::PriceChange(key), true) => price_sheets::decide(at, asked, key),
        (Office::Mapping, false) => mapping::list(at, asked),
        (Office::Mapping, true) => mapping::act(at, asked),
        (Office::Map(code), false) => mapping::show(at, code, ""),
        (Office::Map(code), true) => mapping::act_one(at, asked, code),
        (Office::Catalogue, false) => catalogue::show(at, asked, ""),
        (Office::Catalogue, true) => catalogue::fetch(at, asked),
        (Office::Parameters, false) => parameters::show(at, ""),
        (Office::Parameters, true) => parameters::change(at, asked),
        (Office::Days | Office::Tickets | Office::Prices | Office::PriceChanges, true) => Err(Stop::Nothing),
    }
}

/// The name of a cause, as the centre codes it or a ticket of ours does.
fn cause(at: &At<'_>, code: &str) -> String {
    let key = match code {
        "NEVER_ARRIVED" => "cause-never-arrived",
        "UNKNOWN_VISIT" => "cause-unknown-visit",
        "NOT_WRITTEN" => "cause-not-written",
        "REFUND_NOT_WRITTEN" => "cause-refund-not-written",
        "REFUND_NOT_SENT" => "cause-refund-not-sent",
        "TAKEN_BACK" => "cause-taken-back",
        "AMOUNTS_DIFFER" => "cause-amounts",
        "OTHER_DAY" => "cause-other-day",
        "OTHER_WAY" => "cause-other-way",
        "TWICE" => "cause-twice",
        "UNEXPLAINED" => "cause-unexplained",
        "CASH_DIFFERS" => "cause-cash",
        "TOTAL_DIFFERS" => "cause-total",
        "" => "cause-none",
        other => return other.to_owned(),
    };
    at.word(key)
}

/// The name of a kind of clearing.
fn clearing_name(at: &At<'_>, kind: &str) -> String {
    let known = ["clearing-11", "clearing-21", "clearing-41", "clearing-99"];
    let found = known.into_iter().find(|key| key.strip_prefix("clearing-") == Some(kind));
    found.map_or_else(|| kind.to_owned(), |key| at.say(&Said::new(key)))
}
