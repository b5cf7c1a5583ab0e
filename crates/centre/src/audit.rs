//! Audit: what of a visit is looked at, what meets a rule, and how that is kept until an officer has judged it.

use model::{EncounterId, ItemKind, RegisterKind};
use money::Quantity;
use policy::{AuditedLine, AuditedVisit, Hit, OtherStay, Severity};
use store::{EncounterRow, EncounterState, KEY_MARK, LineRow, LineState, PersonRecord, RegisterRow};
use wire::Facts;
use wire::transactions::{AuditedCare, HitTold, Order};

use crate::bill;
use crate::decide::{Context, Moment};
use crate::kept;
use crate::state::{State, Visit};

/// States of a hit.
pub(crate) const RAISED: &str = "raised";

/// What is said of a hit, by name.
pub(crate) const NUMBER: &str = "number";
pub(crate) const RULE: &str = "rule";
pub(crate) const VERSION: &str = "version";
pub(crate) const PHASE: &str = "phase";
pub(crate) const AMOUNT: &str = "amount";
pub(crate) const LINES: &str = "lines";
pub(crate) const PERSON: &str = "person";
pub(crate) const FOUND_ZH: &str = "zh";
pub(crate) const FOUND_EN: &str = "en";

/// Where in the course of a visit a rule was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Before,
    During,
    Charged,
}

impl Phase {
    const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::Charged => "charged",
        }
    }
}

/// What is looked at of a person's visit: orders, beside what is in the books.
pub(crate) fn ordered(
    care: &AuditedCare,
    visit: Option<&Visit>,
    record: &PersonRecord,
    context: &Context<'_>,
    state: &State,
    at: &Moment<'_>,
) -> AuditedVisit {
    let any_current = care.orders.iter().any(|order| order.current);
    let mut lines: Vec<AuditedLine> = care
        .orders
        .iter()
        .map(|order| AuditedLine { asked: order.current || !any_current, ..ordered_line(order, at) })
        .collect();
    // What was ordered and is charged by now is one thing.
    let is_ordered =
        |line: &AuditedLine| care.orders.iter().any(|o| o.item == line.item && o.from == line.day);
    let charged = visit.map(|visit| charged(visit, at)).unwrap_or_default();
    lines.extend(charged.into_iter().map(|(_, line)| line).filter(|line| !is_ordered(line)));
    let (from, to) = match visit {
        Some(visit) => (visit.row.begins, visit.row.ends),
        None => (care.from.at(0, 0, 0, 0), Some(care.to.at(23, 59, 59, 0))),
    };
    let mut diagnoses = care.diagnoses.clone();
    let known = visit.into_iter().flat_map(|visit| state.diagnoses(&visit.row)).filter(|d| d.valid);
    diagnoses.extend(known.map(|diagnosis| diagnosis.code.clone()));
    let mut audited = AuditedVisit {
        sex: bill::sex(&record.row),
        born: record.row.born,
        kind: care.kind,
        stay: care.stay,
        from,
        to,
        diagnoses,
        lines,
        stays: Vec::new(),
    };
    add_past(&mut audited, visit.map(|visit| visit.row.id), record, context, state, at);
    audited
}

fn ordered_line(order: &Order, at: &Moment<'_>) -> AuditedLine {
    let item = at.catalogue.item(&order.item, order.from);
    AuditedLine {
        item: order.item.clone(),
        name: item.map_or_else(|| order.name.clone(), |item| item.name.clone()),
        kind: item.map_or(ItemKind::Other, |item| item.kind),
        day: order.from,
        quantity: order.quantity,
        amount: order.amount,
        days: order.days(),
        here: true,
        asked: true,
        sold_before: Vec::new(),
    }
}

/// What a visit was charged, each line less what was taken back of it, with its number.
fn charged<'v>(visit: &'v Visit, at: &Moment<'_>) -> Vec<(&'v str, AuditedLine)> {
    let valid = || visit.lines.iter().filter(|line| line.state == LineState::Valid);
    let left = |line: &LineRow| {
        let refunds = valid().filter(|row| row.refunds.as_ref() == Some(&line.number));
        refunds.fold((line.quantity, line.amount), |(q, a), row| (q + row.quantity, a + row.amount))
    };
    let lines = valid().filter(|line| line.refunds.is_none()).map(|line| (line, left(line)));
    let lines = lines.filter(|(_, (quantity, _))| *quantity > Quantity::default());
    let audited = |(line, (quantity, amount)): (&'v LineRow, _)| {
        let day = line.served.date();
        let name = at.catalogue.item(&line.item, day).map(|item| item.name.clone()).unwrap_or_default();
        let line_of = AuditedLine {
            item: line.item.clone(),
            name,
            kind: line.kind,
            day,
            quantity,
            amount,
            days: None,
            here: true,
            asked: false,
            sold_before: Vec::new(),
        };
        (line.number.as_str(), line_of)
    };
    lines.map(audited).collect()
}

/// Adds what the person had elsewhere, and before.
fn add_past(
    audited: &mut AuditedVisit,
    own: Option<EncounterId>,
    record: &PersonRecord,
    context: &Context<'_>,
    state: &State,
    at: &Moment<'_>,
) {
    let of_person = |row: &&EncounterRow| {
        row.person == record.row.id && Some(row.id) != own && row.state != EncounterState::Cancelled
    };
    for row in state.listed().iter().filter(of_person) {
        if row.stay {
            audited.stays.push(OtherStay {
                here: row.hospital == context.hospital.id(),
                hospital: at.directory.name(row.hospital),
                from: row.begins,
                to: row.ends,
            });
        }
        let lines = state.visit(row.hospital, row.id).map(|visit| charged(visit, at)).unwrap_or_default();
        audited.lines.extend(lines.into_iter().map(|(_, line)| AuditedLine { here: false, ..line }));
    }
}

/// Whose visit is looked at, and when in its course.
pub(crate) struct Looked<'a> {
    /// The visit's number, as it was written.
    pub(crate) visit: String,
    pub(crate) phase: Phase,
    /// The person's number.
    pub(crate) person: String,
    pub(crate) context: &'a Context<'a>,
}

impl Looked<'_> {
    /// Keeps a hit, once a visit, rule and first line, however often it is met; answers the number it is kept under.
    pub(crate) fn keep(&self, hit: &Hit<'_>, lines: &[String], state: &mut State, at: &Moment<'_>) -> String {
        let (hospital, message) = (self.context.hospital.id(), self.context.id);
        let first = lines.first().map_or("", String::as_str);
        let key = format!("{}{KEY_MARK}{}{KEY_MARK}{first}", self.visit, hit.rule.id);
        let all = || state.registered(hospital, RegisterKind::AuditHit);
        let known = all().find(|row| row.key == key);
        let said = known.map(|row| Facts::from_text(&row.data)).unwrap_or_default();
        let number = match known {
            Some(_) => said.text(NUMBER).to_owned(),
            None => format!("{message}-{}", all().filter(|row| row.message == Some(message)).count() + 1),
        };
        let is_same = said.text(AMOUNT) == hit.amount.to_string() && said.text(LINES) == lines.join(",");
        // What an officer has taken up stays as he found it.
        if known.is_some_and(|row| row.state != RAISED || is_same) {
            return number;
        }
        let found = facts([(PERSON, &self.person), (FOUND_ZH, &hit.words[0]), (FOUND_EN, &hit.words[1])]);
        let row = RegisterRow {
            hospital,
            kind: RegisterKind::AuditHit,
            key,
            version: known.map_or(0, |row| row.version),
            from: at.now.date(),
            to: None,
            state: RAISED.into(),
            message: Some(message),
            data: self.data(hit, &number, lines).to_text(),
            facts: kept::seal(&found, kept::REGISTERED, hospital.0, at.sealer),
        };
        state.put_register(row);
        number
    }

    fn data(&self, hit: &Hit<'_>, number: &str, lines: &[String]) -> Facts {
        facts([
            (NUMBER, number),
            (RULE, &hit.rule.id),
            (VERSION, &hit.rule.version.to_string()),
            (PHASE, self.phase.word()),
            (AMOUNT, &hit.amount.to_string()),
            (LINES, &lines.join(",")),
        ])
    }
}

fn facts<const N: usize>(pairs: [(&str, &str); N]) -> Facts {
    pairs.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// A hit as the hospital is told.
pub(crate) fn told(hit: &Hit<'_>, number: String, orders: &[Order], context: &Context<'_>) -> HitTold {
    let at = usize::from(context.hospital.profile.language == wire::Language::En);
    let orders = hit.lines.iter().filter_map(|line| orders.get(*line));
    HitTold {
        number,
        rule: (hit.rule.id.clone(), hit.rule.name[at].clone()),
        words: hit.words[at].clone(),
        amount: hit.amount,
        severity: match hit.rule.severity {
            Severity::Clear => "1",
            Severity::Likely => "2",
            Severity::Possible => "3",
        },
        basis: hit.rule.basis.clone(),
        kind: format!("{:02}", hit.rule.check_number()),
        orders: orders.map(|o| (o.number.clone(), o.list_kind.clone(), o.amount)).collect(),
    }
}
