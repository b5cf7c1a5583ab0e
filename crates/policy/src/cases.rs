//! A case: one bill in a file, with what it should come to. The same form serves `settle`, `policy explain` and the
//! cases beside an edition.

mod expected;

use std::fmt;

use jiff::civil::Date;
use model::{Fund, HospitalLevel, ItemClass, ItemKind, PersonStatus, Standing, VisitKind};
use money::{Exact, Money, Quantity, Rate, Rounding, UnitPrice};

use crate::document::{Place, Problems, Section, Source};
use crate::{
    Accumulators, Adjudication, Case, Counter, Edition, Editions, Language, Line, Person, Visit, adjudicate,
    day_number,
};

pub use expected::Expectation;

/// One bill from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// What it shows.
    pub title: String,
    /// The edition it is settled under, by its first day; where absent, the one in force on the visit's date.
    pub edition: Option<Date>,
    /// The person.
    pub person: Person,
    /// The visit.
    pub visit: Visit,
    /// The names of the lines.
    pub names: Vec<String>,
    /// The lines.
    pub lines: Vec<Line>,
    /// The year's counters before.
    pub year: Accumulators,
    /// What a fund that may run out has left.
    pub fund_left: Option<(Fund, Money)>,
    named: Named,
    /// What it should come to.
    pub expect: Vec<Expectation>,
    /// Text that must stand in the explanation.
    pub says: Vec<String>,
}

/// One expectation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was looked at.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub came: String,
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, came to {}", self.what, self.expected, self.came)
    }
}

impl CaseFile {
    /// Reads a case from TOML; `file` is named in problems.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = Source::parse(file, text)?;
        let made = Self::read(&source.root());
        source.finish(made)
    }

    fn read(root: &Section<'_>) -> Option<Self> {
        let title = root.need("title").and_then(|p| p.text()).map(str::to_owned);
        let edition = root.get("edition").and_then(|p| p.date());
        let mut named = Named::default();
        let (person, year) = root.need("person")?.section().and_then(|s| read_person(&s, &mut named)).unzip();
        let visit = root.need("visit")?.section().and_then(|s| read_visit(&s, &mut named));
        let (names, lines) = root.rows("lines").iter().filter_map(|row| read_line(row, &mut named)).unzip();
        let fund_left = root.section("fund_left").and_then(|s| {
            let fund = s.need("fund").and_then(|p| p.parse("a fund"));
            let left = s.need("is").and_then(|p| p.money());
            s.done();
            fund.zip(left)
        });
        let expect = root.section("expect").map(|s| Expectation::read_all(&s)).unwrap_or_default();
        let says = root.get("says").map(|p| p.words("text")).unwrap_or_default();
        root.done();
        Some(Self {
            title: title?,
            edition,
            person: person?,
            visit: visit?,
            names,
            lines,
            year: year?,
            fund_left,
            named,
            expect,
            says,
        })
    }

    /// The edition this case is settled under.
    pub fn edition<'e>(&self, editions: &'e Editions) -> Option<&'e Edition> {
        match self.edition {
            Some(from) => editions.named(&from.to_string()),
            None => editions.on(self.visit.date),
        }
    }

    /// Settles it. An error names what of it the edition does not know.
    pub fn adjudicate(&self, edition: &Edition, editions: &Editions) -> Result<Adjudication, Failure> {
        let (mut person, mut visit, mut lines) = (self.person, self.visit, self.lines.clone());
        let groups = edition.groups();
        let (diseases, units) = (groups.disease_words(), groups.unit_words());
        let named = &self.named;
        if let Some(unit) = &named.unit {
            person.unit = place("unit", unit, &units)?;
        }
        if let Some(disease) = &named.disease {
            visit.disease = place("disease", disease, &diseases)?;
        }
        for disease in &named.entitled {
            person.entitled |= 1 << place("disease", disease, &diseases)?;
        }
        for ((line, lists), served) in lines.iter_mut().zip(&named.lists).zip(&named.served) {
            let served = served.unwrap_or(visit.date);
            line.day = day_number(served);
            let known = editions.for_items(edition, served).groups().list_words();
            for list in lists {
                line.lists |= 1 << place("list", list, known)?;
            }
        }
        let case = Case {
            person,
            visit,
            lines: &lines,
            year: &self.year,
            fund_left: self.fund_left,
            editions: Some(editions),
        };
        Ok(adjudicate(edition, &case))
    }

    /// Settles it and compares.
    pub fn check(&self, editions: &Editions) -> Vec<Failure> {
        let Some(edition) = self.edition(editions) else {
            return vec![Failure {
                what: "edition".into(),
                expected: self.edition.map_or("one in force".into(), |d| d.to_string()),
                came: "none".into(),
            }];
        };
        let settled = match self.adjudicate(edition, editions) {
            Ok(settled) => settled,
            Err(failure) => return vec![failure],
        };
        let mut failures: Vec<Failure> = self.expect.iter().filter_map(|e| e.failure(&settled)).collect();
        if let Some(figure) = settled.trail.mismatch(&settled.amounts) {
            failures.push(Failure {
                what: format!("the steps of {figure:?}"),
                expected: figure.of(&settled.amounts).to_string(),
                came: settled.trail.sum(figure).to_string(),
            });
        }
        let told = settled.trail.render(edition, Language::Zh).join("\n");
        for text in self.says.iter().filter(|text| !told.contains(text.as_str())) {
            failures.push(Failure { what: "says".into(), expected: text.clone(), came: told.clone() });
        }
        failures
    }
}

/// The number of a name an edition gives.
fn place(what: &str, name: &str, known: &[String]) -> Result<u8, Failure> {
    let at = known.iter().position(|word| word == name);
    at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| Failure {
        what: what.into(),
        expected: format!("one of the edition's: {}", known.join(", ")),
        came: name.into(),
    })
}

/// A bad edition, told as a good one with something replaced, and the problems it must be refused with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCase {
    /// What it shows.
    pub title: String,
    /// The file of the good edition.
    pub based_on: String,
    replace: String,
    with: String,
    /// Text that must stand among the problems.
    pub problems: Vec<String>,
}

impl BadCase {
    /// Reads a bad case from TOML; `file` is named in problems.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = Source::parse(file, text)?;
        let root = source.root();
        let text = |key: &str| root.need(key).and_then(|p| p.text()).map(str::to_owned);
        let (title, based_on, replace, with) =
            (text("title"), text("based_on"), text("replace"), text("with"));
        let problems = root.need("problems").map(|p| p.words("text")).unwrap_or_default();
        root.done();
        let made = title
            .zip(based_on)
            .zip(replace.zip(with))
            .map(|((title, based_on), (replace, with))| Self { title, based_on, replace, with, problems });
        source.finish(made)
    }

    /// Loads the spoilt edition and compares; `good` is the text of the one it is based on.
    pub fn check(&self, file: &str, good: &str) -> Vec<Failure> {
        let failure = |expected: &str, came: String| Failure {
            what: "problems".into(),
            expected: expected.into(),
            came,
        };
        if !good.contains(&self.replace) {
            return vec![failure(&self.replace, format!("{} does not have it", self.based_on))];
        }
        match Edition::parse(file, &good.replacen(&self.replace, &self.with, 1)) {
            Ok(_) => vec![failure("a refusal", "it was accepted".into())],
            Err(problems) => {
                let told = problems.to_string();
                let missing = self.problems.iter().filter(|p| !told.contains(p.as_str()));
                missing.map(|p| failure(p, told.clone())).collect()
            }
        }
    }
}

/// What of a case speaks of an edition's own names: resolved when it is settled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Named {
    disease: Option<String>,
    entitled: Vec<String>,
    unit: Option<String>,
    /// The lists of each line.
    lists: Vec<Vec<String>>,
    /// The day each line was served, where it is not that of the visit.
    served: Vec<Option<Date>>,
}

fn read_person(section: &Section<'_>, named: &mut Named) -> Option<(Person, Accumulators)> {
    let status = section.need("status").and_then(|p| p.parse("a status"));
    let mut person = Person::new(status.unwrap_or(PersonStatus::Employed), 40);
    set(section, "scheme", "a scheme", &mut person.scheme);
    set(section, "sex", "male or female", &mut person.sex);
    set_number(section, "age", &mut person.age);
    set_number(section, "service_years", &mut person.service_years);
    person.born = section.get("born").and_then(|p| p.date());
    person.worked_from = section.get("worked_from").and_then(|p| p.date());
    set(section, "premium", "a state of the premium", &mut person.premium);
    set(section, "servant", "a rank", &mut person.servant);
    set(section, "identity", "a hardship", &mut person.hardship);
    set_flag(section, "supplement", &mut person.supplement);
    set_number(section, "blacklist", &mut person.blacklist);
    set_money(section, "wage", &mut person.wage);
    set_money(section, "account", &mut person.account);
    set_money(section, "relatives", &mut person.relatives);
    set_flag(section, "uses_account", &mut person.uses_account);
    named.unit = section.get("unit").and_then(|p| p.text()).map(str::to_owned);
    named.entitled = section.get("entitled").map(|p| p.plain_words()).unwrap_or_default();
    let year = section.section("year").map(|s| read_year(&s)).unwrap_or_default();
    section.done();
    status.map(|_| (person, year))
}

fn read_year(section: &Section<'_>) -> Accumulators {
    let mut year = Accumulators::default();
    for (counter, place) in read_counters(section) {
        year.set(counter, place.money().unwrap_or_default().exact());
    }
    year
}

/// Counters by name, each with what stands behind it.
fn read_counters<'s>(section: &Section<'s>) -> Vec<(Counter, Place<'s>)> {
    let known = |key: &str| {
        let place = section.get(key)?;
        match key.parse() {
            Ok(counter) => Some((counter, place)),
            Err(error) => {
                let error: String = error;
                place.report(&error, "a counter such as \"outpatient.deductible\"");
                None
            }
        }
    };
    section.keys().into_iter().filter_map(known).collect()
}

fn set<T: std::str::FromStr<Err: fmt::Display>>(section: &Section<'_>, key: &str, what: &str, to: &mut T) {
    if let Some(value) = section.get(key).and_then(|p| p.parse(what)) {
        *to = value;
    }
}

pub(crate) fn set_number<T: TryFrom<i64>>(section: &Section<'_>, key: &str, to: &mut T) {
    if let Some(place) = section.get(key) {
        match place.integer().map(T::try_from) {
            Some(Ok(number)) => *to = number,
            Some(Err(_)) => place.report(&place.shown(), "a number of that kind"),
            None => {}
        }
    }
}

pub(crate) fn set_flag(section: &Section<'_>, key: &str, to: &mut bool) {
    *to = section.get(key).and_then(|p| p.flag()).unwrap_or(*to);
}

fn set_money(section: &Section<'_>, key: &str, to: &mut Money) {
    *to = section.get(key).and_then(|p| p.money()).unwrap_or(*to);
}

fn read_visit(section: &Section<'_>, named: &mut Named) -> Option<Visit> {
    let kind: Option<VisitKind> = section.need("kind").and_then(|p| p.parse("a kind of visit"));
    let level = section.need("level").and_then(|place| {
        let level = u8::try_from(place.integer()?).ok().and_then(HospitalLevel::new);
        if level.is_none() {
            place.report(&place.shown(), "a level from 0 to 3");
        }
        level
    });
    let date = section.need("date").and_then(|p| p.date());
    let mut visit = Visit::new(
        kind.unwrap_or(VisitKind::Other),
        level.or_else(|| HospitalLevel::new(1))?,
        date.unwrap_or(Date::ZERO),
    );
    set(section, "region", "a region", &mut visit.region);
    set_number(section, "admission", &mut visit.admission);
    visit.admitted = section.get("admitted").and_then(|p| p.date());
    set(section, "cause", "a cause", &mut visit.cause);
    set(section, "referral", "up or down", &mut visit.referral);
    let mut days = u16::MAX;
    set_number(section, "days_since_stay", &mut days);
    visit.days_since_stay = (days < u16::MAX).then_some(days);
    set_money(section, "deductible_before", &mut visit.deductible_before);
    visit.deductible_at_admission = section.get("deductible_at_admission").and_then(|p| p.money());
    set(section, "prescription", "where it came from", &mut visit.prescription);
    let flags = [
        ("chosen", &mut visit.chosen),
        ("contract", &mut visit.contract),
        ("own", &mut visit.own),
        ("clinic", &mut visit.clinic),
        ("private", &mut visit.private),
        ("manual", &mut visit.manual),
    ];
    for (key, flag) in flags {
        set_flag(section, key, flag);
    }
    named.disease = section.get("disease").and_then(|p| p.text()).map(str::to_owned);
    section.done();
    kind.zip(level).zip(date).map(|_| visit)
}

fn read_line(row: &Section<'_>, named: &mut Named) -> Option<(String, Line)> {
    let name = row.get("name").and_then(|p| p.text()).unwrap_or("-").to_owned();
    let class: Option<ItemClass> = row.get("class").map_or(Some(ItemClass::A), |p| p.parse("A, B or C"));
    let kind: Option<ItemKind> = row.need("kind").and_then(|p| p.parse("a kind of item"));
    let price: Option<UnitPrice> = row.need("price").and_then(|p| p.parse("a price in yuan"));
    let quantity: Option<Quantity> =
        row.get("quantity").map_or(Some(Quantity::ONE), |p| p.parse("a quantity"));
    let amount = row.get("amount").map(|p| p.money());
    let limit = row.get("limit").map(|p: Place<'_>| p.price());
    let first_self_pay: Option<Option<Rate>> = row.get("first_self_pay").map(|p| p.rate());
    let mut standing = Standing::Listed;
    set(row, "standing", "how the item stands", &mut standing);
    named.served.push(row.get("served").and_then(|p| p.date()));
    let lists = row.get("list").map(|p| p.plain_words()).unwrap_or_default();
    row.done();
    let (price, quantity) = (price?, quantity?);
    let amount = match amount {
        Some(amount) => amount?,
        None => Exact::line(price, quantity).round(Rounding::HalfUp),
    };
    let limit = limit.map_or(Some(None), |limit| limit.map(Some))?;
    let first_self_pay = first_self_pay.map_or(Some(None), |rate| rate.map(Some))?;
    let line = Line {
        class: class?,
        kind: kind?,
        amount,
        price,
        quantity,
        limit: limit.into(),
        first_self_pay: first_self_pay.into(),
        lists: 0,
        standing,
        day: 0,
    };
    named.lists.push(lists);
    Some((name, line))
}
