//! What an insurer looks for in what is charged: rules as data, and what meets them. A rule never changes what a bill comes
//! to; whoever meets one is warned, and an officer judges it.

mod check;
mod read;
mod words;
#[cfg(test)]
mod tests;

use jiff::civil::{Date, DateTime};
use model::{ItemKind, Sex, VisitKind};
use money::{Money, Quantity};

/// How sure a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Against the rules.
    Clear,
    /// Most likely.
    Likely,
    /// To be looked at.
    Possible,
}

/// What of a visit is looked at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Line,
    Day,
    Visit,
}

/// What a rule looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// The same more than once a day.
    Duplicate,
    /// More than so much within so many days, wherever it was given.
    Frequency { most: Quantity, days: u16 },
    /// Not for this person.
    Patient { sex: Option<Sex>, from: u16, to: u16 },
    /// Only with one of these diagnoses.
    Diagnosis(Vec<Pattern>),
    /// For more days than these.
    Supply { days: u16 },
    /// More than so much, or dearer than so much.
    Excess { per: Per, most: Option<Quantity>, amount: Option<Money> },
    /// While the person lay in a hospital.
    Overlap,
    /// A stay so soon behind one at the same hospital.
    Readmission { days: u16 },
    /// A pack that was sold before.
    SoldBefore,
}

/// A code, or `I10*` for all that begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    fn fits(&self, code: &str) -> bool {
        self.0.strip_suffix('*').map_or(code == self.0, |start| code.starts_with(start))
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRule {
    /// Its number.
    pub id: String,
    /// Its name, Chinese and English.
    pub name: [String; 2],
    /// Raised with every change.
    pub version: u16,
    /// The document it comes from.
    pub basis: String,
    /// How sure it is.
    pub severity: Severity,
    check: Check,
    from: Option<Date>,
    to: Option<Date>,
    visits: Vec<VisitKind>,
    kinds: Vec<ItemKind>,
    items: Vec<Pattern>,
    /// All it covers counts as one thing; else each item is its own.
    alike: bool,
}

/// The rules of a city.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditRules(Vec<AuditRule>);

/// A visit or stay that is looked at, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedVisit {
    /// Whose.
    pub sex: Sex,
    /// Day of birth.
    pub born: Date,
    /// What kind of care.
    pub kind: VisitKind,
    /// A stay.
    pub stay: bool,
    /// When it began.
    pub from: DateTime,
    /// When it ended; none: it goes on.
    pub to: Option<DateTime>,
    /// Codes of its diagnoses.
    pub diagnoses: Vec<String>,
    /// What is and was charged: of this visit, and of the person's others.
    pub lines: Vec<AuditedLine>,
    /// The person's other stays.
    pub stays: Vec<OtherStay>,
}

/// Something that is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedLine {
    /// National code.
    pub item: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// The day it is for.
    pub day: Date,
    /// How much of it.
    pub quantity: Quantity,
    /// What is charged.
    pub amount: Money,
    /// For how many days it is meant to last, where that is said.
    pub days: Option<u16>,
    /// Of the visit that is looked at.
    pub here: bool,
    /// To be judged; the others only count beside it.
    pub asked: bool,
    /// Trace codes of its packs that were sold before.
    pub sold_before: Vec<String>,
}

/// Another stay of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherStay {
    /// At the same hospital.
    pub here: bool,
    /// Where.
    pub hospital: String,
    /// When it began.
    pub from: DateTime,
    /// When it ended; none: it goes on.
    pub to: Option<DateTime>,
}

/// Something that meets a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'r> {
    /// Which.
    pub rule: &'r AuditRule,
    /// Which lines are at fault, by their places.
    pub lines: Vec<usize>,
    /// What they come to, in fen.
    pub amount: Money,
    /// What was found, Chinese and English.
    pub words: [String; 2],
    /// The same as the institution that asks is told: where else the person lies is nothing to it.
    pub told: [String; 2],
}

impl AuditRules {
    /// All of them.
    pub fn all(&self) -> &[AuditRule] {
        &self.0
    }

    /// Numbers of the rules that look for packs sold before.
    pub fn of_packs(&self) -> Vec<String> {
        let of_packs = self.0.iter().filter(|rule| rule.check == Check::SoldBefore);
        of_packs.map(|rule| rule.id.clone()).collect()
    }

    /// How many days of a person's past they may look at.
    pub fn days_back(&self) -> u16 {
        let days = |rule: &AuditRule| match rule.check {
            Check::Frequency { days, .. } | Check::Readmission { days } => days,
            _ => 0,
        };
        self.0.iter().map(days).max().unwrap_or(0)
    }

    /// What of a visit meets a rule in force on a day. `asked` names rules; nothing: all of them.
    pub fn hits<'r>(&'r self, visit: &AuditedVisit, day: Date, asked: &[String]) -> Vec<Hit<'r>> {
        let named = |rule: &&AuditRule| asked.is_empty() || asked.contains(&rule.id);
        let rules = self.0.iter().filter(named).filter(|rule| rule.holds(visit.kind, day));
        rules.flat_map(|rule| rule.hits(visit)).collect()
    }
}

impl AuditRule {
    /// What it looks for, in the order of the checks there are: 1 the same twice, 2 too often, 3 not for this patient, 4 not
    /// with these diagnoses, 5 for too many days, 6 too much, 7 during a stay, 8 a stay so soon, 9 a pack sold before.
    pub const fn check_number(&self) -> u8 {
        match self.check {
            Check::Duplicate => 1,
            Check::Frequency { .. } => 2,
            Check::Patient { .. } => 3,
            Check::Diagnosis(_) => 4,
            Check::Supply { .. } => 5,
            Check::Excess { .. } => 6,
            Check::Overlap => 7,
            Check::Readmission { .. } => 8,
            Check::SoldBefore => 9,
        }
    }

    fn holds(&self, kind: VisitKind, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to)
            && (self.visits.is_empty() || self.visits.contains(&kind))
    }

    fn covers(&self, line: &AuditedLine) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&line.kind))
            && (self.items.is_empty() || self.items.iter().any(|pattern| pattern.fits(&line.item)))
    }
}
