//! What kinds of settlements a run had, and which constructs were applied: so that one sees what was held to the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use centre::Inputs;
use model::{Fund, HospitalLevel, Premium, VisitKind};
use policy::{CONSTRUCTS, Construct, Editions, Trail};
use store::{Reader, SettlementKind, SettlementRow, StoreError};
use wire::transactions::{STAY_SCOPE, inpatient_kind};

/// Settlements counted by what they were.
#[derive(Default)]
pub struct Histogram {
    /// By what, and by each value of it.
    by: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Settlements in which each sentence was said.
    said: HashMap<(u8, u8), u64>,
    /// Settlements in which each construct was applied, by its number.
    constructs: HashMap<u8, u64>,
    /// Settlements with an item that has a rate of its own.
    own_rate: u64,
    /// Settlements with the ceiling of stays: it is a multiple of a base.
    based: u64,
    /// Settlements of stays in parts.
    pub parts: u64,
}

impl Histogram {
    /// Of all settlements of the books.
    pub fn of(reader: &mut dyn Reader, editions: &Editions) -> Result<Self, StoreError> {
        let mut histogram = Self::default();
        reader.scan(&mut |scan| {
            scan.settlements(&mut |row| match row.kind {
                SettlementKind::Settle => histogram.add(&row, editions),
                SettlementKind::Void => histogram.count("rows that undo", "void"),
                SettlementKind::TakeBack => histogram.count("rows that undo", "message taken back"),
                SettlementKind::Reinstate => histogram.count("rows that undo", "void taken back"),
            })
        })?;
        Ok(histogram)
    }

    fn count(&mut self, by: &'static str, value: impl Into<String>) {
        *self.by.entry(by).or_default().entry(value.into()).or_default() += 1;
    }

    fn add(&mut self, row: &SettlementRow, editions: &Editions) {
        self.count("edition", &row.edition);
        self.count("benefit year", row.year.to_string());
        self.count("kind of care", &row.care_kind);
        self.count("kind of insurance", row.insurance_kind.to_string());
        let inputs = Inputs::decode(&row.inputs);
        if let Some(inputs) = &inputs {
            self.add_inputs(row, inputs, editions);
        }
        for fund in Fund::ALL.iter().filter(|fund| !row.amounts.fund(**fund).is_zero()) {
            self.count("fund that pays", fund.word());
        }
        if !row.amounts.hospital_share.is_zero() {
            self.count("fund that pays", "(the hospital)");
        }
        if !row.amounts.personal_account.is_zero() {
            self.count("fund that pays", "(the account)");
        }
        let Ok(trail) = Trail::decode(&row.trail) else { return };
        let said: BTreeSet<(u8, u8)> = trail.steps().map(|step| step.says).collect();
        let constructs: BTreeSet<u8> = said.iter().map(|(construct, _)| *construct).collect();
        let of_stay = |inputs: &Inputs| {
            [VisitKind::Inpatient, VisitKind::DaySurgery, VisitKind::Special].contains(&inputs.visit.kind)
        };
        let ceiling = constructs.iter().any(|construct| key(*construct) == "ceiling");
        self.based += u64::from(ceiling && inputs.as_ref().is_some_and(of_stay));
        constructs.into_iter().for_each(|construct| *self.constructs.entry(construct).or_default() += 1);
        said.into_iter().for_each(|says| *self.said.entry(says).or_default() += 1);
    }

    fn add_inputs(&mut self, row: &SettlementRow, inputs: &Inputs, editions: &Editions) {
        let (person, visit) = (inputs.person, inputs.visit);
        let stay = inpatient_kind(&row.care_kind).is_some();
        self.count("visit", visit.kind.word());
        self.count("hospital level", level(visit.level));
        self.count("status", person.status.word());
        self.count("region", visit.region.word());
        if person.premium != Premium::Paid {
            self.count("premium", person.premium.word());
        }
        if person.hardship != model::Hardship::None {
            self.count("hardship", person.hardship.word());
        }
        if person.servant != model::Servant::None {
            self.count("civil servants", person.servant.word());
        }
        if person.unit != 0 {
            self.count("employer with a supplement", person.unit.to_string());
        }
        if visit.disease != 0 {
            self.count("group of diseases, by number", format!("{} {}", row.edition, visit.disease));
        }
        let part = stay && (row.scope != STAY_SCOPE || !inputs.earlier.is_empty());
        if part {
            self.parts += 1;
            let place = if row.scope == STAY_SCOPE { "last" } else { row.scope.as_str() };
            self.count("part of a stay", place);
        }
        let other_rules = |line: &policy::Line| {
            editions.iter().filter(|e| policy::day_number(e.head.from) <= line.day).count() > 1
        };
        if inputs.lines.iter().any(other_rules) && !inputs.lines.iter().all(other_rules) {
            self.count("lines", "served under two editions");
        }
        for class in model::ItemClass::ALL {
            if inputs.lines.iter().any(|line| line.class == *class) {
                self.count("lines", format!("of class {class}"));
            }
        }
        if inputs.lines.iter().any(|line| line.limit.get().is_some_and(|limit| line.price > limit)) {
            self.count("lines", "over their limit");
        }
        if inputs.lines.iter().any(|line| line.first_self_pay.get().is_some()) {
            self.count("lines", "with a first share of their own");
        }
        if inputs.lines.iter().any(|line| line.standing != model::Standing::Listed) {
            self.count("lines", "restricted");
        }
        self.own_rate += u64::from(inputs.lines.iter().any(|line| line.lists != 0));
    }

    /// Prints it, and what of the editions was never applied.
    pub fn print(&self) {
        for (by, values) in &self.by {
            println!("{by}: {}", list(values.iter()));
        }
        let applied: Vec<(String, u64)> =
            CONSTRUCTS.iter().map(|c| (c.page.key.to_owned(), self.applied(c))).collect();
        let shown = applied.iter().filter(|(_, times)| *times > 0).map(|(key, times)| (key, times));
        println!("settlements by construct: {}", list(shown));
        println!("stated by the editions and never applied: {}", self.never_applied().join(", "));
        let unstated = CONSTRUCTS.iter().filter(|c| !stated(c.page.key) && self.applied(c) == 0);
        let unstated: Vec<_> = unstated.map(|c| c.page.key).collect();
        println!("neither stated nor applied: {}", unstated.join(", "));
        println!("sentences of applied constructs that were never said:");
        for construct in CONSTRUCTS.iter().filter(|c| self.applied(c) > 0) {
            for (at, (_, english)) in (0_u8..).zip(construct.sentences) {
                if !self.said.contains_key(&(construct.id, at)) {
                    println!("  {}: {english}", construct.page.key);
                }
            }
        }
    }

    /// Keys of the editions' constructs that were never applied.
    pub fn never_applied(&self) -> Vec<&'static str> {
        let never = CONSTRUCTS.iter().filter(|c| stated(c.page.key) && self.applied(c) == 0);
        never.map(|c| c.page.key).collect()
    }

    /// Settlements a construct was applied in; what has no sentences of its own is told by what it led to.
    fn applied(&self, construct: &Construct) -> u64 {
        match construct.page.key {
            "base" => self.based,
            "own_rate" => self.own_rate,
            _ => self.constructs.get(&construct.id).copied().unwrap_or(0),
        }
    }
}

fn key(construct: u8) -> &'static str {
    CONSTRUCTS.iter().find(|c| c.id == construct).map_or("", |c| c.page.key)
}

/// Whether an edition of the sample city has a table of this construct, or a line of it.
fn stated(key: &str) -> bool {
    let states = |line: &str| match line.trim_start_matches('[').split_once(']') {
        Some((table, _)) if line.starts_with('[') => table.split('.').any(|word| word == key),
        _ => line.split('=').next().is_some_and(|name| name.trim() == key),
    };
    sample::EDITIONS.iter().any(|(_, text)| text.lines().any(states))
}

fn level(level: HospitalLevel) -> String {
    if level.get() == 0 { "unrated".to_owned() } else { level.get().to_string() }
}

fn list<'v>(values: impl Iterator<Item = (&'v String, &'v u64)>) -> String {
    let all: Vec<String> = values.map(|(value, times)| format!("{value} {times}")).collect();
    all.join(", ")
}
