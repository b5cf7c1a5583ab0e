//! A case: one bill in a file, with what it should come to. The same form serves `settle`, `policy explain` and the
//! cases beside an edition.

use std::fmt;

use jiff::civil::Date;
use model::{Fund, HospitalLevel, ItemClass, ItemKind, PersonStatus, Premium, Region, VisitKind};
use money::{Exact, Money, Quantity, Rate, Rounding, UnitPrice};

use crate::document::{Place, Problems, Section, Source};
use crate::{
    Accumulators, Adjudication, Case, Counter, Edition, Editions, Figure, Language, Line, Person, Visit,
    adjudicate,
};

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
    /// What it should come to.
    pub expect: Vec<Expectation>,
    /// Text that must stand in the explanation.
    pub says: Vec<String>,
}

/// One figure a case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The word in the case.
    pub word: String,
    figure: Figure,
    /// The amount.
    pub amount: Money,
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, came to {}", self.what, self.expected, self.came)
    }
}

const FIGURES: [(&str, Figure); 18] = [
    ("total", Figure::Total),
    ("out_of_scope", Figure::OutOfScope),
    ("over_limit", Figure::OverLimit),
    ("first_self_pay", Figure::PriorSelfPay),
    ("in_scope", Figure::Eligible),
    ("deductible", Figure::Deductible),
    ("pooled_fund", Figure::Fund(Fund::Pooled)),
    ("major_medical", Figure::Fund(Fund::MajorMedical)),
    ("civil_servant", Figure::Fund(Fund::CivilServant)),
    ("critical_illness", Figure::Fund(Fund::CriticalIllness)),
    ("employer", Figure::Fund(Fund::Employer)),
    ("disabled", Figure::Fund(Fund::Disabled)),
    ("aid", Figure::Fund(Fund::Aid)),
    ("other", Figure::Fund(Fund::Other)),
    ("account", Figure::Account),
    ("cash", Figure::Cash),
    ("hospital", Figure::Hospital),
    ("note", Figure::Note),
];

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
        let (person, year) = root.need("person")?.section().and_then(|s| read_person(&s)).unzip();
        let visit = root.need("visit")?.section().and_then(|s| read_visit(&s));
        let (names, lines) = root.rows("lines").iter().filter_map(read_line).unzip();
        let expect = root.section("expect").map(|s| read_expect(&s)).unwrap_or_default();
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

    /// Settles it.
    pub fn adjudicate(&self, edition: &Edition) -> Adjudication {
        adjudicate(
            edition,
            &Case { person: self.person, visit: self.visit, lines: &self.lines, year: &self.year },
        )
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
        let settled = self.adjudicate(edition);
        let mut failures: Vec<Failure> = self
            .expect
            .iter()
            .map(|e| (e, e.figure.of(&settled.amounts)))
            .filter(|(e, came)| e.amount != *came)
            .map(|(e, came)| Failure {
                what: e.word.clone(),
                expected: e.amount.to_string(),
                came: came.to_string(),
            })
            .collect();
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

fn read_person(section: &Section<'_>) -> Option<(Person, Accumulators)> {
    let status: Option<PersonStatus> = section.need("status").and_then(|p| p.parse("a status"));
    let age = section.get("age").map_or(Some(40), |p| p.integer()).and_then(|n| u16::try_from(n).ok());
    let premium = section.get("premium").map_or(Some(Premium::Paid), |p| p.parse("a state of the premium"));
    let account = section.get("account").map_or(Some(Money::ZERO), |p| p.money());
    let uses_account = section.get("uses_account").map_or(Some(true), |p| p.flag());
    let mut year = Accumulators::default();
    if let Some(counters) = section.section("year") {
        for key in counters.keys() {
            let Some(place) = counters.get(key) else { continue };
            match key.parse::<Counter>() {
                Ok(counter) => year.set(counter, place.money().unwrap_or_default().exact()),
                Err(error) => place.report(&error, "a counter such as \"outpatient.deductible\""),
            }
        }
    }
    section.done();
    Some((
        Person {
            status: status?,
            age: age?,
            premium: premium?,
            account: account?,
            uses_account: uses_account?,
        },
        year,
    ))
}

fn read_visit(section: &Section<'_>) -> Option<Visit> {
    let kind: Option<VisitKind> = section.need("kind").and_then(|p| p.parse("a kind of visit"));
    let level = section.need("level").and_then(|place| {
        let level = u8::try_from(place.integer()?).ok().and_then(HospitalLevel::new);
        if level.is_none() {
            place.report(&place.shown(), "a level from 0 to 3");
        }
        level
    });
    let region = section.get("region").map_or(Some(Region::Home), |p| p.parse("a region"));
    let date = section.need("date").and_then(|p| p.date());
    let stays = matches!(kind, Some(VisitKind::Inpatient | VisitKind::DaySurgery));
    let admission = section.get("admission").map_or(Some(i64::from(stays)), |p| p.integer());
    section.done();
    let admission = u16::try_from(admission?).ok()?;
    Some(Visit { kind: kind?, level: level?, region: region?, date: date?, admission })
}

fn read_line(row: &Section<'_>) -> Option<(String, Line)> {
    let name = row.get("name").and_then(|p| p.text()).unwrap_or("-").to_owned();
    let class: Option<ItemClass> = row.get("class").map_or(Some(ItemClass::A), |p| p.parse("A, B or C"));
    let kind: Option<ItemKind> = row.need("kind").and_then(|p| p.parse("a kind of item"));
    let price: Option<UnitPrice> = row.need("price").and_then(|p| p.parse("a price in yuan"));
    let quantity: Option<Quantity> =
        row.get("quantity").map_or(Some(Quantity::ONE), |p| p.parse("a quantity"));
    let amount = row.get("amount").map(|p| p.money());
    let limit = row.get("limit").map(|p: Place<'_>| p.parse("a price in yuan"));
    let first_self_pay: Option<Option<Rate>> = row.get("first_self_pay").map(|p| p.rate());
    row.done();
    let (price, quantity) = (price?, quantity?);
    let amount = match amount {
        Some(amount) => amount?,
        None => Exact::line(price, quantity).round(Rounding::HalfUp),
    };
    let limit = limit.map_or(Some(None), |limit| limit.map(Some))?;
    let first_self_pay = first_self_pay.map_or(Some(None), |rate| rate.map(Some))?;
    Some((name, Line { class: class?, kind: kind?, amount, price, quantity, limit, first_self_pay }))
}

fn read_expect(section: &Section<'_>) -> Vec<Expectation> {
    let mut expect = Vec::new();
    for (word, figure) in FIGURES {
        if let Some(amount) = section.get(word).and_then(|p| p.money()) {
            expect.push(Expectation { word: word.into(), figure, amount });
        }
    }
    section.done();
    expect
}
