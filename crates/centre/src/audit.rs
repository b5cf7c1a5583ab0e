//! Audit: what of a visit is looked at, what meets a rule, and how that is kept until an officer has judged it.

use model::{EncounterId, ItemKind, RegisterKind};
use money::{Money, Quantity};
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
        // What was drafted or voided was not given; what a stay has come to so far was.
        let goes_on = row.stay && row.state == EncounterState::Open;
        let visit = state.visit(row.hospital, row.id);
        let settled = |number: &str| {
            let line = visit.and_then(|visit| visit.line(number).zip(Some(visit)));
            line.is_some_and(|(line, visit)| visit.effective(&line.charge_batch).is_some())
        };
        let mut lines = visit.map(|visit| charged(visit, at)).unwrap_or_default();
        lines.retain(|(number, _)| goes_on || settled(number));
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
    /// Keeps a hit, once a visit, rule and first line, however often it is met; answers the number it is kept under. What is
    /// met again adds lines and never takes an amount away. Lines behind what an officer has taken up are a case of their own.
    pub(crate) fn keep(&self, hit: &Hit<'_>, lines: &[String], state: &mut State, at: &Moment<'_>) -> String {
        let (hospital, message) = (self.context.hospital.id(), self.context.id);
        let all = || state.registered(hospital, RegisterKind::AuditHit);
        let of_rule = format!("{}{KEY_MARK}{}{KEY_MARK}", self.visit, hit.rule.id);
        let taken_up: Vec<(&RegisterRow, Facts)> = all()
            .filter(|row| row.state != RAISED && row.key.starts_with(&of_rule))
            .map(|row| (row, Facts::from_text(&row.data)))
            .collect();
        let has = |said: &Facts, line: &String| said.text(LINES).split(',').any(|known| known == line);
        let is_new = |line: &&String| !taken_up.iter().any(|(_, said)| has(said, line));
        let rest: Vec<String> = lines.iter().filter(is_new).cloned().collect();
        if let Some((_, said)) = taken_up.first().filter(|_| rest.is_empty()) {
            return said.text(NUMBER).to_owned();
        }
        let key = format!("{of_rule}{}", rest.first().map_or("", String::as_str));
        let known = all().find(|row| row.key == key);
        let said = known.map(|row| Facts::from_text(&row.data)).unwrap_or_default();
        let number = match known {
            Some(_) => said.text(NUMBER).to_owned(),
            None => format!("{message}-{}", all().filter(|row| row.message == Some(message)).count() + 1),
        };
        let before: Money = said.text(AMOUNT).parse().unwrap_or_default();
        let mut all_lines: Vec<String> = said.text(LINES).split(',').map(str::to_owned).collect();
        all_lines.extend(rest.into_iter().filter(|line| !has(&said, line)));
        all_lines.retain(|line| !line.is_empty());
        let data = said.clone().and(self.data(hit, &number, &all_lines, hit.amount.max(before)));
        if known.is_some_and(|row| row.data == data.to_text()) {
            return number;
        }
        let found = facts([(PERSON, &self.person), (FOUND_ZH, &hit.words[0]), (FOUND_EN, &hit.words[1])]);
        let kept = known.map(|row| kept::open(&row.facts, kept::REGISTERED, hospital.0, at.sealer));
        let found = kept.unwrap_or_default().and(found);
        let row = RegisterRow {
            hospital,
            kind: RegisterKind::AuditHit,
            key,
            version: known.map_or(0, |row| row.version),
            from: at.now.date(),
            to: None,
            state: RAISED.into(),
            message: Some(message),
            data: data.to_text(),
            facts: kept::seal(&found, kept::REGISTERED, hospital.0, at.sealer),
        };
        state.put_register(row);
        number
    }

    fn data(&self, hit: &Hit<'_>, number: &str, lines: &[String], amount: Money) -> Facts {
        facts([
            (NUMBER, number),
            (RULE, &hit.rule.id),
            (VERSION, &hit.rule.version.to_string()),
            (PHASE, self.phase.word()),
            (AMOUNT, &amount.to_string()),
            (LINES, &lines.join(",")),
        ])
    }
}

/// What is said, by name.
pub(crate) fn facts<const N: usize>(pairs: [(&str, &str); N]) -> Facts {
    pairs.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// A hit as the hospital is told.
pub(crate) fn told(hit: &Hit<'_>, number: String, orders: &[Order], context: &Context<'_>) -> HitTold {
    let at = usize::from(context.hospital.profile.language == wire::Language::En);
    let orders = hit.lines.iter().filter_map(|line| orders.get(*line));
    HitTold {
        number,
        rule: (hit.rule.id.clone(), hit.rule.name[at].clone()),
        words: hit.told[at].clone(),
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
