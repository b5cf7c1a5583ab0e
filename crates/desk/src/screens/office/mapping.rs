//! 对照: which item of the catalogue each of the hospital's own is. Suggested, confirmed by somebody, said to the centre.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use minijinja::{Value, context};
use money::Money;
use store::{By, Change};
use web::{Asked, Fields, Said, field};
use wire::asking::{MappingSaid, Named, RevokeMapping, UploadMapping, done};

use crate::bill::{BillState, Glance};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::house::{Item, Use};
use crate::lists::lists_changed;
use crate::mapping::{Mapping, MappingState};
use crate::national::{National, NationalItem};
use crate::paging::Paging;
use crate::place::{Office, Place};
use crate::posting::Posting;
use crate::screens::person::{ask, centre_says};
use crate::sheet::{ALL, PaperError, Sheet};
use crate::speak::No;
use crate::suggest::{SURE, Suggester};

/// So many are suggested for one item.
const SUGGESTIONS: usize = 8;
/// So many are said to the centre by one key: the rest by the next.
const SENT_AT_ONCE: usize = 500;
/// Until when a mapping is said to hold.
const FOREVER: Date = date(2099, 12, 31);
/// What programs send where there is no number of approval.
const NO_APPROVAL: &str = "-";

const COLUMNS: [Column; 8] = [
    ("item-code", "code", Kind::Text),
    ("item-name", "name", Kind::Text),
    ("specification", "specification", Kind::Text),
    ("unit", "unit", Kind::Text),
    ("national-code", "national", Kind::Text),
    ("national-name", "national_name", Kind::Text),
    ("score", "score", Kind::Count),
    ("state", "state", Kind::Text),
];

/// An item with its mapping, as far as it has one.
struct Mapped {
    item: Sheet<Item>,
    mapping: Option<Sheet<Mapping>>,
}

impl Mapped {
    /// The mapping that is about what the item is mapped to.
    fn standing(&self) -> Option<&Sheet<Mapping>> {
        self.mapping.as_ref().filter(|mapping| Some(&mapping.facts.item) == self.item.facts.mapped.as_ref())
    }

    /// It is mapped, and the centre has not taken that in.
    fn is_unsent(&self) -> bool {
        self.item.facts.mapped.is_some()
            && self.standing().is_none_or(|mapping| mapping.state != MappingState::Sent)
    }
}

/// All that is charged, by its codes.
fn all(at: &At<'_>) -> Result<Vec<Mapped>, PaperError> {
    let house = at.desk.shelves.of(&at.papers)?;
    let items = house.items.rows().filter(|item| item.state == Use::Active).cloned();
    let mappings: Vec<Sheet<Mapping>> = at.papers.list(By::All, ALL, 0)?;
    let mut mappings: std::collections::HashMap<String, Sheet<Mapping>> =
        mappings.into_iter().map(|mapping| (mapping.key.clone(), mapping)).collect();
    Ok(items.map(|item| Mapped { mapping: mappings.remove(&item.key), item }).collect())
}

/// What is shown of all.
const SHOWS: [(&str, &str); 4] = [
    ("open", "mapping-open"),
    ("unsent", "mapping-unsent"),
    ("refused", "mapping-refused"),
    ("all", "mapping-all"),
];

/// The page: how much is mapped, and what is not.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    page(at, asked, &asked.query, "")
}

fn page(at: &At<'_>, asked: &Asked, query: &Fields, why: &str) -> Result<Shown, Stop> {
    let all = all(at)?;
    let typed = field::plain(query.get("q"));
    let show =
        SHOWS.into_iter().find(|(word, _)| *word == query.get("show")).map_or("open", |(word, _)| word);
    let meant = |mapped: &&Mapped| {
        let state = mapped.standing().map(|mapping| mapping.state);
        let kind = match show {
            "open" => mapped.item.facts.mapped.is_none(),
            "unsent" => mapped.is_unsent(),
            "refused" => state == Some(MappingState::Refused),
            _ => true,
        };
        kind && (typed.is_empty() || mapped.item.key == typed || mapped.item.facts.name.contains(&typed))
    };
    let found: Vec<&Mapped> = all.iter().filter(meant).collect();
    let catalogue = National::read(&at.papers)?;
    let suggester = Suggester::new(catalogue.on(at.now.date()));
    let paging = Paging::of(query, found.len());
    let shown = if asked.query.has("as") { &found[..] } else { &found[paging.rows.clone()] };
    let rows: Vec<Value> = shown.iter().map(|mapped| line(at, mapped, &suggester)).collect();
    if let Some(file) = export::wanted(at, asked, "mapping", &COLUMNS, &rows) {
        return file;
    }
    let mapped = all.iter().filter(|mapped| mapped.item.facts.mapped.is_some()).count();
    let (amount, charged) = charged(at)?;
    let facts = context! {
        rows, count => found.len(), page => paging.page, pages => paging.pages, q => typed,
        shows => SHOWS.map(|(code, key)| context! { code, name => at.word(key) }), show, why,
        again => Fields::of(&[("show", show), ("q", &typed)]).written(),
        items => all.len(), mapped, share => per_cent(mapped as u64, all.len() as u64),
        amount => amount.to_string(), charged => charged.to_string(),
        amount_share => per_cent(fen(amount), fen(charged)),
        unsent => all.iter().filter(|mapped| mapped.is_unsent()).count(),
        fetched => !catalogue.on(at.now.date()).is_empty(), sure => SURE,
        csrf => at.session.facts.csrf, here => Office::Mapping.to_string(),
        catalogue => Office::Catalogue.to_string(),
    };
    Ok(Shown::Page("desk/mapping.html", facts))
}

fn fen(amount: Money) -> u64 {
    u64::try_from(amount.fen()).unwrap_or_default()
}

/// A share of a whole, in per cent with one place; of nothing, all of it.
fn per_cent(part: u64, whole: u64) -> String {
    let thousandths = (part * 1_000).checked_div(whole).unwrap_or(1_000);
    format!("{}.{}", thousandths / 10, thousandths % 10)
}

fn line(at: &At<'_>, mapped: &Mapped, suggester: &Suggester<'_>) -> Value {
    let Mapped { item, .. } = mapped;
    let facts = &item.facts;
    let standing = mapped.standing();
    let own = match &facts.mapped {
        Some(code) => {
            suggester.get(code).map(|row| (row, standing.map_or(1_000, |mapping| mapping.facts.score)))
        }
        None => suggester.find(&item.key, facts, 1).into_iter().next(),
    };
    let (state, tone) = match (&facts.mapped, standing) {
        (None, _) => ("not-mapped", "warn"),
        (Some(_), None) => ("mapping-as-founded", "calm"),
        (Some(_), Some(mapping)) => (mapping.state.key(), mapping.state.tone()),
    };
    context! {
        href => Office::Map(item.key.clone()).to_string(), code => item.key, name => facts.name,
        specification => facts.specification, unit => facts.unit, mapped => facts.mapped.is_some(),
        national => own.map(|(row, _)| row.code.clone()).or_else(|| facts.mapped.clone()),
        national_name => own.map(|(row, _)| format!("{} {}", row.name, row.specification)),
        score => own.map(|(_, score)| score.to_string()),
        told => standing.map(|mapping| mapping.facts.told.clone()).unwrap_or_default(),
        state => at.word(state), tone,
    }
}

/// What was charged in the last 30 days of mapped items, and of all.
fn charged(at: &At<'_>) -> Result<(Money, Money), Stop> {
    let (from, to) = (at.now.date().saturating_sub(30.days()), at.now.date());
    let mut sums = (Money::ZERO, Money::ZERO);
    let mut add = |mapped: bool, amount: Money| {
        sums.1 += amount;
        if mapped {
            sums.0 += amount;
        }
    };
    for bill in at.papers.list::<Glance>(By::Days(from, to), ALL, 0)? {
        if bill.state == BillState::Settled {
            bill.facts.lines.iter().for_each(|line| add(line.mapped.is_some(), line.amount));
        }
    }
    for posting in at.papers.list::<Posting>(By::Days(from, to), ALL, 0)? {
        add(posting.facts.line.mapped.is_some(), posting.facts.line.amount);
    }
    Ok(sums)
}

/// What is so alike that nobody need look twice is confirmed together; or what is confirmed is said to the centre.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let said = match asked.form.get("do") {
        "confirm" => Said::new("mapping-confirmed-many").with("count", confirm_sure(at)?),
        "send" => match send(at)? {
            Ok((taken, refused)) => {
                Said::new("mapping-sent-many").with("taken", taken).with("refused", refused)
            }
            Err(no) => centre_says(&no),
        },
        _ => return Err(Stop::Nothing),
    };
    page(at, asked, &asked.form, &at.say(&said))
}

fn confirm_sure(at: &At<'_>) -> Result<usize, Stop> {
    let catalogue = National::read(&at.papers)?;
    let suggester = Suggester::new(catalogue.on(at.now.date()));
    let mut changes = Vec::new();
    for mut mapped in all(at)? {
        if mapped.item.facts.mapped.is_some() {
            continue;
        }
        let facts = &mapped.item.facts;
        let best = suggester.find(&mapped.item.key, facts, 1);
        if let Some((row, score)) = best.into_iter().next().filter(|(_, score)| *score >= SURE) {
            changes.extend(confirmed(at, &mut mapped, row, score));
        }
    }
    let count = changes.len() / 2;
    if count > 0 {
        changes.push(lists_changed(&at.papers, |_| {})?);
        at.papers.put(&changes, &at.act())?;
    }
    Ok(count)
}

/// What is written where an item is mapped: it, and the mapping.
fn confirmed(at: &At<'_>, mapped: &mut Mapped, row: &NationalItem, score: u32) -> [Change; 2] {
    let facts = &mut mapped.item.facts;
    facts.mapped = Some(row.code.clone());
    facts.class.clone_from(&row.class);
    facts.first_self_pay.clone_from(&row.first_self_pay);
    let mapping = Mapping {
        item: row.code.clone(),
        name: row.name.clone(),
        list_kind: row.list_kind.clone(),
        score,
        by: at.login().to_owned(),
        at: at.now,
        from: None,
        told: String::new(),
    };
    let mut sheet =
        Sheet::new(mapped.item.key.clone(), MappingState::Confirmed, Some(at.now.date()), mapping);
    sheet.version = mapped.mapping.as_ref().map_or(0, |known| known.version);
    [mapped.item.happened("map"), sheet.happened("confirm")]
}

/// Says what is mapped to the centre; answers how many it has taken in, and how many not.
fn send(at: &At<'_>) -> Result<Result<(usize, usize), No>, Stop> {
    let catalogue = National::read(&at.papers)?;
    let suggester = Suggester::new(catalogue.on(at.now.date()));
    let unsent: Vec<Mapped> = all(at)?.into_iter().filter(Mapped::is_unsent).take(SENT_AT_ONCE).collect();
    let (mut taken, mut refused) = (0, 0);
    for some in unsent.chunks(wire::transactions::MAPPINGS_MAX) {
        match said(at, some, &suggester) {
            Ok(()) => {
                keep(at, some, &suggester, MappingState::Sent, "")?;
                taken += some.len();
            }
            // One of them is refused with all: each is said by itself.
            Err(No::Refused { .. }) => {
                for one in some {
                    let one = std::slice::from_ref(one);
                    match said(at, one, &suggester) {
                        Ok(()) => {
                            keep(at, one, &suggester, MappingState::Sent, "")?;
                            taken += 1;
                        }
                        Err(No::Refused { text, .. }) => {
                            keep(at, one, &suggester, MappingState::Refused, &text)?;
                            refused += 1;
                        }
                        Err(no) => return Ok(Err(no)),
                    }
                }
            }
            Err(no) => return Ok(Err(no)),
        }
    }
    Ok(Ok((taken, refused)))
}

fn said(at: &At<'_>, some: &[Mapped], suggester: &Suggester<'_>) -> Result<(), No> {
    let today = at.now.date();
    let row = |mapped: &Mapped| {
        let facts = &mapped.item.facts;
        let code = facts.mapped.clone().unwrap_or_default();
        let national = suggester.get(&code);
        MappingSaid {
            own: Named::new(&*mapped.item.key, &*facts.name),
            list_kind: national.map_or_else(|| list_kind(&code, mapped), |row| row.list_kind.clone()),
            item: code,
            days: (today, FOREVER),
            approval: NO_APPROVAL.into(),
            form: String::new(),
            unit: facts.unit.clone(),
            specification: facts.specification.clone(),
            price: Some(facts.price_on(today)),
            memo: String::new(),
        }
    };
    let request = UploadMapping { rows: some.iter().map(row).collect() };
    ask(at, &request, |answer| done(answer).then_some(()))
}

/// The kind of list of an item the catalogue here does not hold: as it was confirmed, else by its kind of charge.
fn list_kind(code: &str, mapped: &Mapped) -> String {
    let known = mapped.mapping.as_ref().filter(|mapping| mapping.facts.item == code);
    let by_charge = match mapped.item.facts.category.as_str() {
        "09" | "11" => "101",
        "10" => "102",
        "08" => "301",
        _ => "201",
    };
    known.map_or_else(|| by_charge.to_owned(), |mapping| mapping.facts.list_kind.clone())
}

fn keep(
    at: &At<'_>,
    some: &[Mapped],
    suggester: &Suggester<'_>,
    state: MappingState,
    told: &str,
) -> Result<(), Stop> {
    let mut changes = Vec::new();
    for mapped in some {
        let code = mapped.item.facts.mapped.clone().unwrap_or_default();
        let row = suggester.get(&code);
        let known = mapped.standing().map(|mapping| mapping.facts.clone());
        let facts = known.unwrap_or_else(|| Mapping {
            name: row.map_or_else(|| mapped.item.facts.name.clone(), |row| row.name.clone()),
            list_kind: row.map_or_else(|| list_kind(&code, mapped), |row| row.list_kind.clone()),
            item: code,
            score: 1_000,
            by: String::new(),
            at: at.now,
            from: None,
            told: String::new(),
        });
        let from = (state == MappingState::Sent).then(|| at.now.date()).or(facts.from);
        let facts = Mapping { by: at.login().to_owned(), at: at.now, from, told: told.to_owned(), ..facts };
        let mut sheet = Sheet::new(mapped.item.key.clone(), state, Some(at.now.date()), facts);
        sheet.version = mapped.mapping.as_ref().map_or(0, |known| known.version);
        changes.push(sheet.happened(if state == MappingState::Sent { "sent" } else { "refused" }));
    }
    at.papers.put(&changes, &at.act())?;
    Ok(())
}

/// One item: what it is mapped to, or what it may be.
pub(crate) fn show(at: &At<'_>, code: &str, why: &str) -> Result<Shown, Stop> {
    let mapped = one(at, code)?;
    let catalogue = National::read(&at.papers)?;
    let suggester = Suggester::new(catalogue.on(at.now.date()));
    let facts = &mapped.item.facts;
    let found = suggester.find(code, facts, SUGGESTIONS);
    let suggestions: Vec<Value> = found
        .into_iter()
        .map(|(row, score)| {
            context! {
                code => row.code, name => row.name, specification => row.specification, unit => row.unit,
                class => row.class, rate => row.first_self_pay, score,
            }
        })
        .collect();
    let page = context! {
        item => line(at, &mapped, &suggester), suggestions, why, csrf => at.session.facts.csrf,
        from => mapped.standing().and_then(|mapping| mapping.facts.from).map(|from| from.to_string()),
        by => mapped.standing().map(|mapping| format!("{} {}", mapping.facts.by, mapping.facts.at.strftime("%Y-%m-%d %H:%M"))),
        here => Office::Map(code.to_owned()).to_string(), back => Office::Mapping.to_string(),
        price => Office::Item(code.to_owned()).to_string(),
    };
    Ok(Shown::Page("desk/map.html", page))
}

fn one(at: &At<'_>, code: &str) -> Result<Mapped, Stop> {
    let item = at.papers.get::<Item>(code)?.ok_or(Stop::Nothing)?;
    Ok(Mapped { item, mapping: at.papers.get::<Mapping>(code)? })
}

/// Confirms what one item is, or revokes it.
pub(crate) fn act_one(at: &At<'_>, asked: &Asked, code: &str) -> Result<Shown, Stop> {
    let mapped = one(at, code)?;
    let done = if asked.form.get("do") == "revoke" {
        revoke(at, mapped)?
    } else {
        confirm(at, mapped, &field::plain(asked.form.get("national")))?
    };
    match done {
        Ok(()) => Ok(Shown::Go(Place::Office(Office::Map(code.to_owned())).to_string())),
        Err(said) => show(at, code, &at.say(&said)),
    }
}

fn confirm(at: &At<'_>, mut mapped: Mapped, national: &str) -> Result<Result<(), Said>, Stop> {
    if mapped.item.facts.mapped.as_deref().is_some_and(|known| known != national)
        && mapped.standing().is_some_and(|mapping| mapping.state == MappingState::Sent)
    {
        return Ok(Err(Said::new("mapping-revoke-first")));
    }
    let catalogue = National::read(&at.papers)?;
    let suggester = Suggester::new(catalogue.on(at.now.date()));
    let Some(row) = suggester.get(national) else {
        return Ok(Err(Said::new("national-unknown").with("seen", national)));
    };
    let facts = &mapped.item.facts;
    let found = suggester.find(&mapped.item.key, facts, usize::MAX);
    let score = found.into_iter().find(|(known, _)| known.code == row.code).map_or(0, |(_, score)| score);
    let mut changes = confirmed(at, &mut mapped, row, score).to_vec();
    changes.push(lists_changed(&at.papers, |_| {})?);
    at.papers.put(&changes, &at.act())?;
    Ok(Ok(()))
}

/// What the centre has is withdrawn there first.
fn revoke(at: &At<'_>, mut mapped: Mapped) -> Result<Result<(), Said>, Stop> {
    let Some(item) = mapped.item.facts.mapped.clone() else { return Ok(Err(Said::new("not-mapped"))) };
    let kind = list_kind(&item, &mapped);
    let sent = mapped.standing().is_some_and(|mapping| mapping.state == MappingState::Sent);
    if sent {
        let request =
            RevokeMapping { own: mapped.item.key.clone(), list_kind: kind.clone(), item: item.clone() };
        if let Err(no) = ask(at, &request, |answer| done(answer).then_some(())) {
            return Ok(Err(centre_says(&no)));
        }
    }
    mapped.item.facts.mapped = None;
    mapped.item.facts.class = "C".into();
    mapped.item.facts.first_self_pay.clear();
    let known = mapped.mapping.as_ref().map(|known| known.facts.clone());
    let facts = known.unwrap_or_else(|| Mapping {
        name: mapped.item.facts.name.clone(),
        item,
        list_kind: kind,
        score: 1_000,
        by: String::new(),
        at: at.now,
        from: None,
        told: String::new(),
    });
    let facts = Mapping { by: at.login().to_owned(), at: at.now, told: String::new(), ..facts };
    let key = mapped.item.key.clone();
    let mut sheet = Sheet::new(key, MappingState::Revoked, Some(at.now.date()), facts);
    sheet.version = mapped.mapping.as_ref().map_or(0, |known| known.version);
    let changes =
        [mapped.item.happened("unmap"), sheet.happened("revoke"), lists_changed(&at.papers, |_| {})?];
    at.papers.put(&changes, &at.act())?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::per_cent;

    #[test]
    fn a_share_has_one_place() {
        assert_eq!(per_cent(2, 3), "66.6");
        assert_eq!(per_cent(3, 3), "100.0");
        assert_eq!(per_cent(0, 0), "100.0");
    }
}
