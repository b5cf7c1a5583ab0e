//! What a person is enrolled with: identity, insurances by days, opening balance.

use jiff::civil::Date;
use money::Money;

use crate::{FilingKind, InsuranceKind, PersonStatus, Premium};

/// An insurance a person has, from a day to a day, with one status and one state of the premium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// Kind of insurance.
    pub kind: InsuranceKind,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// National type of person.
    pub person_type: String,
    /// The status benefit rules see.
    pub status: PersonStatus,
    /// How the premium stands.
    pub premium: Premium,
    /// Has the civil servants' supplement.
    pub civil_servant: bool,
    /// Name of the employer.
    pub employer: String,
    /// Home division, six digits.
    pub division: String,
}

impl Cover {
    /// Whether the day is within.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Takes in the one behind it, where nothing but their days is different and there are none between.
    fn joins(&mut self, later: &Self) -> bool {
        let touches = self.to.and_then(|to| to.tomorrow().ok()) == Some(later.from);
        let alike = touches && Self { from: self.from, to: self.to, ..later.clone() } == *self;
        if alike {
            self.to = later.to;
        }
        alike
    }
}

/// The insurances with one kind changed from a day to a day; stretches that come to be alike and touch are one.
pub fn changed(
    covers: &[Cover],
    kind: InsuranceKind,
    from: Date,
    to: Option<Date>,
    change: impl Fn(&mut Cover),
) -> Vec<Cover> {
    let mut after: Vec<Cover> = Vec::with_capacity(covers.len() + 2);
    for cover in covers {
        let meets = cover.kind == kind
            && cover.to.is_none_or(|last| from <= last)
            && to.is_none_or(|to| cover.from <= to);
        if !meets {
            after.push(cover.clone());
            continue;
        }
        let (before, behind) = (from.yesterday().ok(), to.and_then(|to| to.tomorrow().ok()));
        if cover.from < from {
            after.push(Cover { to: before, ..cover.clone() });
        }
        let last = if to.is_some_and(|to| cover.to.is_none_or(|last| to < last)) { to } else { cover.to };
        let mut within = Cover { from: cover.from.max(from), to: last, ..cover.clone() };
        change(&mut within);
        after.push(within);
        if let Some(behind) = behind.filter(|behind| cover.to.is_none_or(|last| *behind <= last)) {
            after.push(Cover { from: behind, ..cover.clone() });
        }
    }
    after.sort_by_key(|cover| (cover.kind, cover.from));
    after.dedup_by(|later, earlier| earlier.joins(later));
    after
}

/// An identity such as low income, from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// National kind.
    pub kind: String,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
}

impl Identity {
    /// Whether the day is within.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// Something on file, from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnFile {
    /// What kind.
    pub kind: FilingKind,
    /// Which: the disease's code, the institution's code.
    pub code: String,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
}

/// A person to be enrolled.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The person's number.
    pub number: String,
    /// Name.
    pub name: String,
    /// National kind of identity document.
    pub document_kind: String,
    /// Its number.
    pub document: String,
    /// Social security card number.
    pub card: String,
    /// National code.
    pub gender: String,
    /// Day of birth.
    pub born: Date,
    /// Insurances.
    pub covers: Vec<Cover>,
    /// Identities.
    pub identities: Vec<Identity>,
    /// What is on file at the start.
    pub filings: Vec<OnFile>,
    /// What the account holds at the start: this year's money, older money.
    pub opening: (Money, Money),
}

impl std::fmt::Debug for Enrolment {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").field("number", &self.number).finish_non_exhaustive()
    }
}

/// An institution to be designated, with the key its program signs with.
#[derive(Clone, PartialEq, Eq)]
pub struct Institution {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `hospital` or `pharmacy`.
    pub kind: String,
    /// 0 to 3.
    pub level: u8,
    /// National grade.
    pub grade: String,
    /// Division, six digits.
    pub division: String,
    /// Connection scheme, 1 to 5.
    pub scheme: u8,
    /// Profile words.
    pub profile: String,
    /// Public name of its access key.
    pub key: String,
    /// Shared secret of the key.
    pub secret: String,
    /// Designated still.
    pub active: bool,
}

impl std::fmt::Debug for Institution {
    /// The secret stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Institution").field("code", &self.code).finish_non_exhaustive()
    }
}
