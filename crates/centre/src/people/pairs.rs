//! What is done to two persons at once: two records become one, and money of one account is set apart for another's bills. Money
//! moves by two journals that cancel.

use std::collections::HashSet;

use jiff::civil::Date;
use ledger::{Held, Journal};
use model::{EventKind, FilingId, FilingKind, HospitalId, Identity, Ids, InsuranceKind, PersonNumber};
use money::Money;
use store::{Changes, Counters, EventRow, FilingRow, Loaded, Needs, PersonRecord, StoreError, Who};
use wire::Both;

use super::change::{ended, filing, must_live};
use super::{PeopleDesk, Trouble, find};
use crate::bill::add_counters;
use crate::kept;
use crate::transactions::FILING_FACTS;
use crate::undo::negated as taken_off;

/// One side of what is done to two: the record before and after, the other's number, what moves, and how counters change.
struct Side {
    before: PersonRecord,
    after: PersonRecord,
    reference: String,
    moved: Held,
    change: Vec<(i16, Counters)>,
}

impl PeopleDesk<'_> {
    /// Makes one person of two records, by two officers: what the second's account holds, what it used of the year, its card, its
    /// identities and what it has on file come to the first; the second is closed and leads to the first. Bills stay where they are,
    /// and none is made or undone under the second's number any more.
    pub fn merge(
        &mut self,
        [from, into]: [&PersonNumber; 2],
        by: [&str; 2],
        why: &str,
    ) -> Result<Option<Trouble>, StoreError> {
        let [one, other] = by.map(str::trim);
        if one == other || one.is_empty() || other.is_empty() {
            let words = Both::of("须由两人办理", "two officers are needed");
            return Ok(Some(Trouble::new("with", "TWO_OFFICERS", words)));
        }
        let who = |number: &PersonNumber| Needs {
            who: Who::Number(number.clone()),
            open_stays: true,
            identity: true,
            ..Needs::of(HospitalId(0))
        };
        let loaded = self.load(&[who(from), who(into)])?;
        let merged = self.merging([from, into], &loaded);
        self.book_pair(merged, EventKind::Merged, &format!("{one} / {other}"), why)
    }

    fn merging(
        &mut self,
        [from, into]: [&PersonNumber; 2],
        loaded: &Loaded,
    ) -> Result<([Side; 2], Vec<FilingRow>), Trouble> {
        let (second, first) = (find(loaded, from)?, find(loaded, into)?);
        let today = self.clock.now().date();
        check_merging(second, first, loaded, today)?;
        let (mut closed, mut one) = (second.clone(), first.clone());
        let last = today.yesterday().unwrap_or(today);
        closed.covers = ended(&second.covers, None, last);
        one.row.card_hash = first.row.card_hash.or(second.row.card_hash);
        closed.row.card_hash = None;
        let new = second
            .identities
            .iter()
            .filter(|identity| !first.identities.iter().any(|own| meet(own, identity)));
        one.identities.extend(new.cloned());
        let id = self.ids.at(self.clock.now()).next();
        let mut filings = vec![filing(second, id, FilingKind::Merged, into.as_str(), today)];
        for known in second.filings.iter().filter(|known| known.stands && !on_file_of(first, known)) {
            let id = FilingId(self.ids.next());
            let said = kept::open(&known.facts, FILING_FACTS, known.id.0, self.sealer);
            let facts = kept::seal(&said, FILING_FACTS, id.0, self.sealer);
            filings.push(FilingRow { id, person: first.row.id, facts, ..known.clone() });
        }
        for (year, used) in &second.state.years {
            add_counters(&mut one.state.years, *year, used);
        }
        closed.state.years.clear();
        let gone = second.state.years.iter().map(|(year, used)| (*year, taken_off(used))).collect();
        let moved = second.state.held;
        let sides = [
            Side {
                before: second.clone(),
                after: closed,
                reference: into.to_string(),
                moved: opposite(moved),
                change: gone,
            },
            Side {
                before: first.clone(),
                after: one,
                reference: from.to_string(),
                moved,
                change: second.state.years.clone(),
            },
        ];
        Ok((sides, filings))
    }

    /// Gives money of one account for another person's bills; an amount below zero gives back what is left of it. Which relatives
    /// may is the officer's to know; whether any may, the edition's.
    pub fn lend(
        &mut self,
        [from, to]: [&PersonNumber; 2],
        amount: Money,
        by: &str,
        why: &str,
    ) -> Result<Option<Trouble>, StoreError> {
        let who = |number: &PersonNumber| Needs {
            who: Who::Number(number.clone()),
            events: true,
            ..Needs::of(HospitalId(0))
        };
        let loaded = self.load(&[who(from), who(to)])?;
        let lent = self.lending([from, to], amount, &loaded).map(|sides| (sides, Vec::new()));
        self.book_pair(lent, EventKind::Lent, by, why)
    }

    fn lending(
        &self,
        [from, to]: [&PersonNumber; 2],
        amount: Money,
        loaded: &Loaded,
    ) -> Result<[Side; 2], Trouble> {
        let (giver, taker) = (find(loaded, from)?, find(loaded, to)?);
        let today = self.clock.now().date();
        if giver.row.id == taker.row.id || amount.is_zero() {
            let words = Both::of("须为两人,金额不为零", "it takes two persons and an amount");
            return Err(Trouble::new("amount", "NOTHING_LENT", words));
        }
        // Also what comes back needs two accounts that are open.
        must_live(giver, Date::MIN)?;
        must_live(taker, Date::MIN)?;
        if amount > Money::ZERO {
            must_live(giver, today)?;
            must_live(taker, today)?;
            if !self.editions.on(today).is_some_and(policy::Edition::relatives_pay) {
                let words = Both::of("政策版本不允许家庭共济", "the edition has no money of relatives");
                return Err(Trouble::new("to", "NOT_OFFERED", words));
            }
        }
        let held = giver.state.held;
        let free = held.total() - giver.state.on_hold;
        // What another relative has given is not this one's.
        let given = given_by(giver, taker, loaded).min(taker.state.held.granted);
        if amount > free || -amount > given {
            let words = Both::new(
                format!("账户可用 {free},已共济未用 {given}"),
                format!("the account has {free}, and {given} of what it gave is left"),
            );
            return Err(Trouble::new("amount", "ACCOUNT_SHORT", words));
        }
        // This year's money goes first, and what comes back is of this year.
        let current = amount.min(held.current);
        let out = Held { current: -current, prior: current - amount, granted: Money::ZERO };
        let into = Held { granted: amount, ..Held::default() };
        Ok([(giver, to, out), (taker, from, into)].map(|(record, other, moved)| Side {
            before: record.clone(),
            after: record.clone(),
            reference: format!("{other} {amount}"),
            moved,
            change: Vec::new(),
        }))
    }

    fn book_pair(
        &mut self,
        sides: Result<([Side; 2], Vec<FilingRow>), Trouble>,
        kind: EventKind,
        by: &str,
        why: &str,
    ) -> Result<Option<Trouble>, StoreError> {
        let (sides, filings) = match sides {
            Ok(sides) => sides,
            Err(trouble) => {
                self.writer.abandon();
                return Ok(Some(trouble));
            }
        };
        let object =
            format!("{kind} {}", sides.each_ref().map(|side| side.before.row.number.as_str()).join(" "));
        // One moment for both: by it they are known as a pair.
        let now = self.clock.now();
        let mut changes = Changes { filings, ..Changes::default() };
        for Side { before, mut after, reference, moved, change } in sides {
            after.state.version += 1;
            let journal = (moved != Held::default()).then(|| Journal::into_account(moved));
            let journal = journal.map(|journal| self.journal(&after, InsuranceKind::EMPLOYEE, journal));
            after.state.held =
                journal.as_ref().map_or(after.state.held, |j| after.state.held.after(&j.journal));
            changes.events.push(EventRow {
                at: now,
                why: why.into(),
                reference,
                change,
                journal: journal.as_ref().map(|journal| journal.id),
                ..self.event(&before, kind, now.date(), by)
            });
            changes.journals.extend(journal);
            changes.states.push((after.row.id, before.state.version, after.state.clone()));
            if kind == EventKind::Merged {
                changes.enrolled.push(after);
            }
        }
        self.record(changes, &object).map(|()| None)
    }
}

/// Nothing may be under way at the record that is closed.
fn check_merging(
    second: &PersonRecord,
    first: &PersonRecord,
    loaded: &Loaded,
    today: Date,
) -> Result<(), Trouble> {
    if second.row.id == first.row.id {
        let words = Both::of("不能与自己合并", "nobody is merged with himself");
        return Err(Trouble::new("into", "SAME_PERSON", words));
    }
    must_live(second, today)?;
    must_live(first, today)?;
    if let Some(stay) = loaded.encounters.iter().find(|row| row.person == second.row.id && row.stay) {
        let (number, since) = (&second.row.number, stay.begins.date());
        let words = Both::new(
            format!("{number} 自 {since} 住院未结,请先结算"),
            format!("{number} is in hospital since {since}: settle that first"),
        );
        return Err(Trouble::new("from", "STAY_OPEN", words));
    }
    if !second.state.on_hold.is_zero() {
        let words = Both::of("账户有冻结金额", "a part of its account is promised away");
        return Err(Trouble::new("from", "ACCOUNT_HELD", words));
    }
    Ok(())
}

/// What one person has given another on balance, also under numbers that were merged into his.
fn given_by(giver: &PersonRecord, taker: &PersonRecord, loaded: &Loaded) -> Money {
    let own = |record: &PersonRecord, kind: EventKind| {
        let id = record.row.id;
        loaded.events.iter().filter(move |event| event.person == id && event.kind == kind)
    };
    let mut names: HashSet<&str> =
        own(giver, EventKind::Merged).map(|event| event.reference.as_str()).collect();
    names.insert(&giver.row.number);
    let lent = own(taker, EventKind::Lent).filter_map(|event| event.reference.split_once(' '));
    lent.filter(|(number, _)| names.contains(number))
        .filter_map(|(_, amount)| amount.parse::<Money>().ok())
        .sum()
}

fn opposite(held: Held) -> Held {
    Held { current: -held.current, prior: -held.prior, granted: -held.granted }
}

/// Whether two identities are of one kind and have a day in common.
fn meet(one: &Identity, other: &Identity) -> bool {
    one.kind == other.kind && days_meet((one.from, one.to), (other.from, other.to))
}

fn days_meet((from, to): (Date, Option<Date>), (other_from, other_to): (Date, Option<Date>)) -> bool {
    to.is_none_or(|to| other_from <= to) && other_to.is_none_or(|to| from <= to)
}

/// Whether a person has the same on file on one of its days.
fn on_file_of(record: &PersonRecord, other: &FilingRow) -> bool {
    let alike = |own: &FilingRow| {
        own.stands
            && (own.kind, &own.code) == (other.kind, &other.code)
            && days_meet((own.from, own.to), (other.from, other.to))
    };
    record.filings.iter().any(alike)
}
