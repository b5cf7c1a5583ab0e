//! Cases that are no bill: a month's premium, an enrolment, what a till collects.

use jiff::civil::Date;
use money::{Exact, Money, TillRounding};

use crate::cases::{CaseFile, Failure, set_flag, set_number};
use crate::document::{Problems, Section, Source};
use crate::{Edition, Editions, Enrolling, Person};

/// Checks a good case of any kind: its title, and what does not hold of it.
pub fn check_case(file: &str, text: &str, editions: &Editions) -> Result<(String, Vec<Failure>), Problems> {
    if FundCase::is_one(text) {
        let case = FundCase::parse(file, text)?;
        let failures = case.check(editions);
        return Ok((case.title, failures));
    }
    let case = CaseFile::parse(file, text)?;
    let failures = case.check(editions);
    Ok((case.title, failures))
}

/// A case of the fund or of a till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FundCase {
    title: String,
    edition: Option<Date>,
    what: What,
    /// What it should come to: a word and a value as it is printed.
    expect: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Premium { person: Box<Person>, base: Money, pension: Money, balance: Money },
    Enrolling(Enrolling),
    Till { mode: TillRounding, due: Exact },
}

impl FundCase {
    /// Whether a file holds such a case, and no bill.
    fn is_one(text: &str) -> bool {
        text.lines().any(|line| ["[month]", "[enrolling]", "[till]"].contains(&line.trim()))
    }

    /// Reads a case from TOML; `file` is named in problems.
    fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = Source::parse(file, text)?;
        let made = Self::read(&source.root());
        source.finish(made)
    }

    fn read(root: &Section<'_>) -> Option<Self> {
        let title = root.need("title").and_then(|p| p.text()).map(str::to_owned);
        let edition = root.get("edition").and_then(|p| p.date());
        let what = if let Some(section) = root.section("till") {
            read_till(&section)
        } else if let Some(section) = root.section("enrolling") {
            read_enrolling(&section)
        } else {
            root.need("month")?.section().and_then(|section| read_month(&section))
        };
        let expect = root.need("expect")?.section().map(|section| {
            let value = |key: &str| section.get(key).map(|p| p.plain_words().concat()).unwrap_or_default();
            section.keys().into_iter().map(|key| (key.to_owned(), value(key))).collect()
        });
        root.done();
        Some(Self { title: title?, edition, what: what?, expect: expect? })
    }

    /// Reckons it and compares.
    fn check(&self, editions: &Editions) -> Vec<Failure> {
        let edition = match self.edition {
            Some(from) => editions.named(&from.to_string()),
            None => editions.iter().last(),
        };
        let Some(edition) = edition else {
            return vec![Failure { what: "edition".into(), expected: "one".into(), came: "none".into() }];
        };
        let came = self.what.come_to(edition);
        let differs = |(word, expected): &(String, String)| {
            let came = came.iter().find(|(known, _)| known == word).map(|(_, value)| value.clone());
            let came = came.unwrap_or_else(|| "no such figure".into());
            (came != *expected).then(|| Failure { what: word.clone(), expected: expected.clone(), came })
        };
        self.expect.iter().filter_map(differs).collect()
    }
}

impl What {
    fn come_to(&self, edition: &Edition) -> Vec<(&'static str, String)> {
        match self {
            Self::Till { mode, due } => vec![("collected", mode.collect(*due).to_string())],
            Self::Premium { person, base, pension, balance } => {
                let month = edition.monthly_premium(person, *base, *pension);
                vec![
                    ("base", month.base.to_string()),
                    ("employer", month.employer.to_string()),
                    ("own", month.own.to_string()),
                    ("extra", month.extra.to_string()),
                    ("credit", month.credit.to_string()),
                    ("interest", edition.interest(*balance).to_string()),
                ]
            }
            Self::Enrolling(person) => {
                let enrolled = edition.enrolled(person);
                vec![
                    ("break_months", enrolled.break_months.to_string()),
                    ("missing_months", enrolled.missing_months.to_string()),
                    ("waiting_months", enrolled.waiting_months.to_string()),
                    ("by_unemployment_fund", enrolled.by_unemployment_fund.to_string()),
                ]
            }
        }
    }
}

fn read_till(section: &Section<'_>) -> Option<What> {
    let mode = section.need("mode").and_then(|p| p.parse("a till's way to round"));
    let due = section.need("due").and_then(|p| p.parse("an amount in yuan"));
    section.done();
    Some(What::Till { mode: mode?, due: due? })
}

fn read_month(section: &Section<'_>) -> Option<What> {
    let status = section.need("status").and_then(|p| p.parse("a status"));
    let mut age = 40;
    set_number(section, "age", &mut age);
    let money = |key: &str| section.get(key).and_then(|p| p.money()).unwrap_or_default();
    let (base, pension, balance) = (money("base"), money("pension"), money("balance"));
    section.done();
    Some(What::Premium { person: Box::new(Person::new(status?, age)), base, pension, balance })
}

fn read_enrolling(section: &Section<'_>) -> Option<What> {
    let status = section.need("status").and_then(|p| p.parse("a status"));
    let (mut unemployed, mut paid_months) = (false, 0);
    set_flag(section, "unemployed", &mut unemployed);
    set_number(section, "paid_months", &mut paid_months);
    let last_covered = section.get("last_covered").and_then(|p| p.date());
    let from = section.need("from").and_then(|p| p.date());
    section.done();
    Some(What::Enrolling(Enrolling { status: status?, unemployed, paid_months, last_covered, from: from? }))
}
