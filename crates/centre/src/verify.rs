//! Checks every invariant of the books on a live store, in one snapshot. Reads only, never repairs.

mod cleared;
mod days;
mod facts;
mod people;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::civil::DateTime;
use ledger::{Account, Held, Source};
use model::{
    Amounts, EncounterId, HospitalId, JournalId, MessageId, PersonId, Premium, RegisterKind, SettlementId,
};
use money::{Exact, Money};
use policy::{Accumulators, Earlier, Editions};
use store::{
    AuditRow, ClearingRow, CreditKind, CreditRow, DayKeys, EventRow, JournalRow, LineRow, LineState, Made,
    MessageKey, MessageResult, MessageRow, OffsiteRow, PersonRecord, Reader, Scan, SettlementKind,
    SettlementRow, StoreError,
};

use wire::transactions::STAY_SCOPE;

use crate::bill::{accumulators, bare_line};
use crate::fund::benefit_layer;
use crate::inputs::Inputs;

/// What was found for one invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `I-1` and so on.
    pub id: &'static str,
    /// What must hold, in Chinese and English.
    pub title: (&'static str, &'static str),
    /// Rows looked at.
    pub rows: u64,
    /// Rows that break it.
    pub violations: u64,
    /// Keys of the first twenty, each with what is wrong.
    pub keys: Vec<String>,
}

/// All findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One an invariant.
    pub findings: Vec<Finding>,
    /// Settlement rows seen: settlements, and rows that undo one.
    pub settlements: u64,
    /// Rows that undo another.
    pub reversals: u64,
    /// Journals seen.
    pub journals: u64,
    /// By how much settlements differ from their recomputation, all figures of all rows together. A row that cannot be
    /// recomputed differs by all of it.
    pub difference: Money,
}

impl Report {
    /// Violations of all invariants together.
    pub fn violations(&self) -> u64 {
        self.findings.iter().map(|f| f.violations).sum()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (zh, en) = self.title;
        write!(f, "{:<5} {zh} {en}: {} rows, {} violations", self.id, self.rows, self.violations)?;
        self.keys.iter().try_for_each(|key| write!(f, "\n      {key}"))
    }
}

const TITLES: [(&str, (&str, &str)); 16] = [
    ("I-1", ("凭证平衡", "every journal is zero-sum, one for each settlement row")),
    ("I-2", ("账单相符", "payers and lines add up to the total")),
    ("I-3", ("余额相符", "cached balances equal the sum of postings")),
    ("I-4", ("累计相符", "counters equal the sum of changes and are not negative")),
    ("I-5", ("报文唯一", "one message, one result, at most one settlement row")),
    ("I-6", ("一单一结", "one effective settlement a bill")),
    ("I-7", ("撤销精确", "a reversal is the exact negation, once")),
    ("I-8", ("不透支", "no account is overdrawn")),
    ("I-13", ("对账相符", "days that were agreed on are still what they were")),
    ("I-14", ("租户隔离", "every row belongs to one institution")),
    ("I-15", ("审计链完整", "the audit chain is whole and every settlement names its record")),
    ("I-16", ("先冲后到", "what was taken back before it arrived made nothing")),
    ("I-17", ("政策重算", "recomputation under the named edition gives the stored shares")),
    ("I-18", ("次序连续", "versions of a person have no gap and counters before follow from them")),
    ("I-19", ("基金隔离", "no journal moves value between funds")),
    ("I-20", ("清算相符", "what was cleared is what was settled, and what was paid was payable")),
];

/// Longest list of keys reported for one invariant.
const KEYS_MAX: usize = 20;

/// Verifies a store. Audit records of days whose key `keys` has are checked against it. `progress` is told how many
/// rows were seen so far.
pub fn verify(
    reader: &mut dyn Reader,
    editions: &Editions,
    keys: &DayKeys,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, StoreError> {
    let mut check = Check::new(editions, keys, progress);
    reader.scan(&mut |scan| check.walk(scan))?;
    Ok(check.report())
}

/// What is remembered of a settlement row until its journal and what undoes it are seen.
struct Seen {
    row: SettlementRow,
    /// The fee lines it settled.
    lines: Lines,
    /// What it was settled from, where the pool was stopped: it may be supplemented.
    stopped: Option<Inputs>,
    journals: u32,
}

/// Fee lines of a bill, whatever order they come in: their sum, and a sum of hashes of all the rules see of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Lines {
    total: Money,
    hashes: u64,
}

impl Lines {
    fn of<'l>(lines: impl Iterator<Item = &'l policy::Line>) -> Self {
        let mut sum = Self::default();
        lines.for_each(|line| sum.add(line));
        sum
    }

    /// Both together.
    fn plus(self, other: Self) -> Self {
        Self { total: self.total + other.total, hashes: self.hashes.wrapping_add(other.hashes) }
    }

    /// Adds a line; which lists of an edition its item is on follows from the item.
    fn add(&mut self, line: &policy::Line) {
        let mut hasher = std::hash::DefaultHasher::new();
        policy::Line { lists: 0, ..*line }.hash(&mut hasher);
        self.total += line.amount;
        self.hashes = self.hashes.wrapping_add(hasher.finish());
    }
}

/// What the rows of a person add up to.
#[derive(Default)]
struct PersonSum {
    version: i64,
    held: Held,
    years: HashMap<i16, Accumulators>,
}

struct Check<'a> {
    editions: &'a Editions,
    keys: &'a DayKeys,
    progress: &'a mut dyn FnMut(u64),
    seen_rows: u64,
    findings: Vec<Finding>,
    settlements: HashMap<SettlementId, Seen>,
    /// The settlement that stands of each bill.
    effective: HashMap<(HospitalId, EncounterId, String), SettlementId>,
    persons: HashMap<PersonId, PersonSum>,
    made_by: HashMap<MessageId, SettlementId>,
    /// Audit records, each with the settlement it speaks of.
    audits: HashMap<(i64, i64), Option<i64>>,
    /// By institution and number: audit records of messages, less the messages.
    recorded: HashMap<(HospitalId, String), i64>,
    /// Who took back what.
    taken_back: HashMap<SettlementId, MessageId>,
    visits: facts::Visits,
    /// Settlements of a stay that stand so far, by the year, in their order.
    parts: HashMap<(HospitalId, EncounterId, i16), Vec<SettlementId>>,
    /// Versions that credits made, and what officers did.
    others: HashMap<(PersonId, i64), Option<EventRow>>,
    /// What the journals of events must post; none where two records became one: those together move nothing.
    events: HashMap<JournalId, (DateTime, Option<people::Postings>)>,
    /// What the journals of settlements of other cities' people must be.
    abroad: HashMap<JournalId, ledger::Journal>,
    /// The messages that made those settlements.
    abroad_by: HashSet<MessageId>,
    /// What was done to two persons at one moment.
    pairs: BTreeMap<DateTime, people::Pair>,
    /// Whose record was merged, or took another's in.
    merged: HashSet<PersonId>,
    /// What the journals of credits move to an account must be, or to the person's bank.
    credited: HashMap<JournalId, CreditRow>,
    cleared: cleared::Cleared,
    days: days::Days,
    reversals: u64,
    journals: u64,
    difference: Money,
}

impl<'a> Check<'a> {
    fn new(editions: &'a Editions, keys: &'a DayKeys, progress: &'a mut dyn FnMut(u64)) -> Self {
        let findings = TITLES
            .map(|(id, title)| Finding { id, title, rows: 0, violations: 0, keys: Vec::new() })
            .to_vec();
        Self {
            editions,
            keys,
            progress,
            seen_rows: 0,
            findings,
            settlements: HashMap::new(),
            effective: HashMap::new(),
            persons: HashMap::new(),
            made_by: HashMap::new(),
            audits: HashMap::new(),
            recorded: HashMap::new(),
            taken_back: HashMap::new(),
            visits: HashMap::new(),
            parts: HashMap::new(),
            others: HashMap::new(),
            events: HashMap::new(),
            abroad: HashMap::new(),
            abroad_by: HashSet::new(),
            pairs: BTreeMap::new(),
            merged: HashSet::new(),
            credited: HashMap::new(),
            cleared: cleared::Cleared::default(),
            days: days::Days::default(),
            reversals: 0,
            journals: 0,
            difference: Money::ZERO,
        }
    }

    fn report(self) -> Report {
        Report {
            findings: self.findings,
            settlements: u64::try_from(self.settlements.len()).unwrap_or(u64::MAX) - self.reversals,
            reversals: self.reversals,
            journals: self.journals,
            difference: self.difference,
        }
    }

    /// Counts a row under an invariant.
    fn row(&mut self, id: &str) -> &mut Finding {
        let finding = self.findings.iter_mut().find(|f| f.id == id).expect("an invariant of the list");
        finding.rows += 1;
        finding
    }

    /// Counts a row, and a violation where `fine` is false.
    fn expect(&mut self, id: &str, fine: bool, key: impl FnOnce() -> String) {
        self.row(id);
        if !fine {
            self.broken(id, key());
        }
    }

    fn broken(&mut self, id: &str, key: String) {
        let finding = self.findings.iter_mut().find(|f| f.id == id).expect("an invariant of the list");
        finding.violations += 1;
        if finding.keys.len() < KEYS_MAX {
            finding.keys.push(key);
        }
    }

    fn tick(&mut self) {
        self.seen_rows += 1;
        if self.seen_rows.is_multiple_of(1_000) {
            (self.progress)(self.seen_rows);
        }
    }

    fn walk(&mut self, scan: &mut dyn Scan) -> Result<(), StoreError> {
        self.walk_audits(scan)?;
        scan.credits(&mut |row| self.credit(row))?;
        scan.events(&mut |row| self.event(row))?;
        scan.clearings(&mut |row| self.clearing(row))?;
        scan.registers(RegisterKind::ReconciledDay, &mut |row| {
            self.tick();
            self.days.register(&row);
        })?;
        scan.offsite(&mut |row| self.offsite(&row))?;
        scan.settlements(&mut |row| self.settlement(row))?;
        self.pass_rest();
        self.check_undone();
        self.check_counted();
        scan.journals(&mut |row| self.journal(&row))?;
        self.check_journals();
        self.check_credits();
        self.check_clearings();
        self.check_days();
        self.walk_encounters(scan)?;
        self.walk_messages(scan)?;
        self.check_recorded();
        self.walk_lines(scan)?;
        scan.persons(&mut |record| self.person(&record))?;
        let mut gone: Vec<_> = std::mem::take(&mut self.persons).into_keys().collect();
        gone.sort_unstable();
        gone.into_iter().for_each(|id| self.broken("I-3", format!("person {id} has rows and is not there")));
        scan.strays(&mut |table, key| self.broken("I-14", format!("{table} {key}")))
    }

    fn walk_audits(&mut self, scan: &mut dyn Scan) -> Result<(), StoreError> {
        let mut ends: BTreeMap<i64, (i64, [u8; 32])> = BTreeMap::new();
        let mut anchored: HashSet<String> = HashSet::new();
        scan.audits(&mut |row: AuditRow| {
            self.tick();
            let before = ends.get(&row.stream).copied().unwrap_or((0, [0; 32]));
            let fine = row.seq == before.0 + 1 && row.hash == row.chained(&before.1);
            self.expect("I-15", fine, || format!("audit {}/{}: the chain is broken", row.stream, row.seq));
            if let Some(marked) = self.keys.check(&row.mark, &row.hash) {
                self.expect("I-15", marked, || {
                    format!("audit {}/{} does not carry the mark of its day", row.stream, row.seq)
                });
            }
            self.audits.insert((row.stream, row.seq), facts::settlement_of(&row.object));
            self.audit_of_message(&row);
            ends.insert(row.stream, (row.seq, row.hash));
            if row.action == AuditRow::ANCHOR {
                anchored.insert(row.object);
            }
        })?;
        let mut closed = Vec::new();
        scan.closed_streams(&mut |end| closed.push(end))?;
        let last = ends.keys().copied().chain(closed.iter().map(|end| end.stream)).max().unwrap_or(0);
        for end in &closed {
            let reached = ends.get(&end.stream).copied().unwrap_or((0, [0; 32]));
            self.expect("I-15", reached == (end.records, end.hash), || {
                format!("stream {}: {} records, it was closed with {}", end.stream, reached.0, end.records)
            });
            let told = last <= end.behind || anchored.contains(&end.to_string());
            self.expect("I-15", told, || format!("{end}: no later stream says so"));
        }
        for stream in 1..last {
            let known = ends.contains_key(&stream) || closed.iter().any(|end| end.stream == stream);
            self.expect("I-15", known, || format!("stream {stream} is gone"));
        }
        Ok(())
    }

    fn settlement(&mut self, mut row: SettlementRow) {
        self.tick();
        let id = row.id;
        self.cleared.settlement(&row);
        self.days.settlement(&row);
        self.reversals += u64::from(row.kind.undoes());
        let balance = row.amounts.check_balance();
        self.expect("I-2", balance.is_ok(), || format!("settlement {id}: {}", balance.unwrap_err()));
        let other = self.made_by.insert(row.message, id);
        self.expect("I-5", other.is_none(), || {
            format!("message {} made {id} and {}", row.message, other.map_or(0, |o| o.0))
        });
        let inputs = Inputs::decode(&row.inputs);
        self.kinds(&row, inputs.as_ref());
        let lines = inputs.as_ref().map(|inputs| Lines::of(inputs.own_lines())).unwrap_or_default();
        if let Some(inputs) = inputs.as_ref().filter(|inputs| inputs.visit.admitted.is_some()) {
            self.part(&row, inputs);
        }
        if row.effective {
            let scope = (row.hospital, row.encounter, row.scope.clone());
            let twin = self.effective.insert(scope, id);
            self.expect("I-6", twin.is_none(), || {
                format!("settlements {} and {id} of one bill", twin.map_or(0, |t| t.0))
            });
            let standing = row.kind.settles();
            self.expect("I-6", standing, || format!("settlement {id} undoes another and stands"));
        }
        self.order(&row);
        if row.kind == SettlementKind::Settle {
            self.recompute(&row, inputs.as_ref());
        }
        // What is not looked at again is let go: a million rows are walked through.
        (row.inputs, row.trail, row.details) = (Vec::new(), Vec::new(), String::new());
        let stopped = inputs.filter(|inputs| inputs.person.premium == Premium::Arrears);
        self.settlements.insert(id, Seen { row, lines, stopped, journals: 0 });
    }

    /// Versions follow each other, and the counters a settlement started from are those the rows before it left.
    fn order(&mut self, row: &SettlementRow) {
        let version = self.pass_others(row.person);
        let sum = self.persons.entry(row.person).or_default();
        let gap = row.version != version + 1;
        let year = sum.years.entry(row.year).or_default();
        let started = row.kind.undoes() || *year == accumulators(&row.before);
        *year = std::mem::take(year).plus(&accumulators(&row.change));
        sum.version = row.version;
        let id = row.id;
        self.expect("I-18", !gap, || format!("settlement {id}: version {} behind {version}", row.version));
        self.expect("I-18", started, || {
            format!("settlement {id}: other counters before than the rows before it left")
        });
    }

    /// The stored inputs under the named edition give the stored shares, change and explanation.
    fn recompute(&mut self, row: &SettlementRow, inputs: Option<&Inputs>) {
        let id = row.id;
        let found = self.editions.named(&row.edition).zip(inputs);
        let Some((edition, inputs)) = found else {
            self.difference += facts::difference(&Amounts::default(), &row.amounts);
            self.expect("I-17", false, || {
                format!("settlement {id}: no edition {} or unreadable inputs", row.edition)
            });
            return;
        };
        let named = self.editions.on(row.benefit_date).is_some_and(|e| e.key() == row.edition);
        let in_force = named && inputs.visit.date == row.benefit_date;
        let before = accumulators(&row.before);
        let Some(earlier) = self.earlier(inputs, row) else {
            self.difference += facts::difference(&Amounts::default(), &row.amounts);
            self.expect("I-17", false, || {
                format!("settlement {id}: an interim settlement it goes on from is not there")
            });
            return;
        };
        let again = inputs.adjudicate(edition, &before, Some(self.editions), &earlier);
        let lines: Money = inputs.own_lines().map(|l| l.amount).sum();
        self.expect("I-2", lines == row.amounts.total, || {
            format!("settlement {id}: its lines add up to {lines}")
        });
        let same = again.amounts == row.amounts && again.change == accumulators(&row.change);
        let told = again.trail.as_bytes() == row.trail;
        self.difference += facts::difference(&again.amounts, &row.amounts);
        self.expect("I-17", in_force && same && told, || {
            format!(
                "settlement {id}: recomputed {:?}, stored {:?}",
                again.amounts.funds_total(),
                row.amounts.funds_total()
            )
        });
    }

    /// A settlement of a stay goes on from all that stand of the year, and from their lines; what undoes one is the last.
    fn part(&mut self, row: &SettlementRow, inputs: &Inputs) {
        let (id, key) = (row.id, (row.hospital, row.encounter, row.year));
        let mut standing = self.parts.remove(&key).unwrap_or_default();
        if row.kind == SettlementKind::Settle {
            let lines = standing.iter().filter_map(|id| self.settlements.get(id)).map(|seen| seen.lines);
            let lines = lines.fold(Lines::default(), Lines::plus);
            let before = Lines::of(inputs.settled_lines());
            self.expect("I-17", inputs.earlier == standing && lines == before, || {
                format!("settlement {id} does not go on from what stood of its stay")
            });
        }
        match row.undoes {
            Some(undone) if !row.kind.settles() => {
                let last = standing.pop();
                self.expect("I-7", last == Some(undone), || {
                    format!("settlement {id} undoes {undone}, on which another stood")
                });
            }
            _ => standing.push(id),
        }
        self.parts.insert(key, standing);
    }

    /// What the interim settlements came to that a row goes on from: rows of the same stay and year.
    fn earlier(&self, inputs: &Inputs, row: &SettlementRow) -> Option<Earlier> {
        let mut earlier = Earlier::default();
        for id in &inputs.earlier {
            let before = &self.settlements.get(id)?.row;
            let of_stay = (before.hospital, before.encounter, before.year);
            if of_stay != (row.hospital, row.encounter, row.year) {
                return None;
            }
            earlier.add(&before.amounts, &accumulators(&before.change));
        }
        Some(earlier)
    }

    /// Every row that undoes another is its exact negation; none is undone twice.
    fn check_undone(&mut self) {
        let mut undone: HashMap<SettlementId, SettlementId> = HashMap::new();
        let mut broken = Vec::new();
        let mut rows = 0;
        for seen in self.settlements.values() {
            let row = &seen.row;
            let Some(target) = row.undoes else { continue };
            rows += 1;
            if undone.insert(target, row.id).is_some() {
                broken.push(format!("settlement {target} is undone twice"));
            }
            let exact = self.settlements.get(&target).is_some_and(|t| negates(row, &t.row));
            if !exact {
                broken.push(format!("settlement {} is not the negation of {target}", row.id));
            }
        }
        for seen in self.settlements.values() {
            let stands = seen.row.kind.settles() && !undone.contains_key(&seen.row.id);
            if stands != seen.row.effective {
                broken.push(format!("settlement {}: effective should be {stands}", seen.row.id));
            }
        }
        self.row("I-7").rows += rows;
        broken.sort();
        broken.into_iter().for_each(|key| self.broken("I-7", key));
    }

    fn journal(&mut self, row: &JournalRow) {
        self.tick();
        self.journals += 1;
        let id = row.id;
        let checked = row.journal.check();
        let zero_sum = !matches!(
            checked,
            Err(ledger::Broken::Sum(_) | ledger::Broken::TooFewLines | ledger::Broken::ZeroLine)
        );
        self.expect("I-1", zero_sum, || format!("journal {id}: {}", checked.unwrap_err()));
        let fenced = !matches!(checked, Err(ledger::Broken::Fence(_)));
        self.expect("I-19", fenced, || format!("journal {id}: {}", checked.unwrap_err()));
        if let Some(expected) = self.abroad.remove(&id) {
            let same = row.journal == expected && row.person.is_none();
            return self.expect("I-1", same, || format!("journal {id} does not post what another city owes"));
        }
        let Some(person) = row.person else { return self.clearing_journal(row) };
        let sum = self.persons.entry(person).or_default();
        sum.held = sum.held.after(&row.journal);
        let Some(settlement) = row.settlement else { return self.credit_journal(row) };
        let Some(seen) = self.settlements.get_mut(&settlement) else {
            return self
                .broken("I-1", format!("journal {id} of a settlement {settlement} that is not there"));
        };
        seen.journals += 1;
        let (held, told) = (sum.held.total(), seen.row.balance);
        let undoes = seen.row.kind.undoes() && seen.row.kind != SettlementKind::Reinstate;
        let source = if undoes { Source::Reversal } else { Source::Settlement };
        let expected = seen.row.journal();
        let same = sorted(&expected.postings) == sorted(&row.journal.postings)
            && row.journal.source == source
            && row.insurance_kind == seen.row.insurance_kind;
        self.expect("I-1", same, || format!("journal {id} does not post settlement {settlement}"));
        self.expect("I-3", held == told, || {
            format!("settlement {settlement} told a balance of {told}, postings say {held}")
        });
    }

    /// A credit: its journal is looked for later.
    fn credit(&mut self, row: CreditRow) {
        self.tick();
        let person = row.person;
        let fresh = self.others.insert((person, row.version), None).is_none();
        self.expect("I-18", fresh, || format!("person {person}: version {} twice", row.version));
        match row.journal {
            Some(journal) => drop(self.credited.insert(journal, row)),
            None => self.expect("I-1", row.amount.is_zero(), || {
                format!("person {person}: credit of {} has no journal", row.period)
            }),
        }
    }

    /// The journal of a credit moves what the credit says. Opening balances are journals of nothing else.
    fn credit_journal(&mut self, row: &JournalRow) {
        if let Some(expected) = self.events.remove(&row.id) {
            return self.event_journal(row, expected);
        }
        let Some(credit) = self.credited.remove(&row.id) else {
            let opening = row.journal.source == Source::AccountCredit;
            return self.expect("I-1", opening, || format!("journal {} belongs to nothing", row.id));
        };
        let (source, moved) = match credit.kind {
            CreditKind::Benefit => (Source::Payment, row.journal.paid_to_person()),
            _ => (Source::AccountCredit, Held::default().after(&row.journal).total()),
        };
        let amount = credit.amount;
        let same = Some(credit.person) == row.person && moved == amount && row.journal.source == source;
        self.expect("I-1", same, || format!("journal {} moves {moved}, its credit says {amount}", row.id));
        if credit.kind == CreditKind::Benefit {
            let named = self.editions.named(&credit.edition).zip(benefit_layer(&credit.period));
            let fund = named.and_then(|(edition, layer)| edition.layer_fund(layer));
            let from = |fund| row.journal.postings.iter().any(|p| p.account == Account::Fund(fund));
            self.expect("I-19", fund.is_some_and(from), || {
                format!("journal {}: the benefit {} is not paid by its layer's fund", row.id, credit.period)
            });
        }
    }

    /// A settlement of another city's person: what that city owes is posted, and posted back where it was taken back.
    fn offsite(&mut self, row: &OffsiteRow) {
        self.tick();
        let owed = row.owed();
        let (moves, back) = (row.journal.is_some(), row.back.is_some());
        let fine = moves != owed.is_zero() && back == (moves && !row.counted);
        self.expect("I-1", fine, || {
            format!("settlement elsewhere {}: a journal is missing, or one too many", row.settlement)
        });
        let posted = [(row.journal, owed), (row.back, -owed)];
        for (id, amount) in posted.into_iter().filter_map(|(id, amount)| Some((id?, amount))) {
            self.abroad.insert(id, ledger::Journal::off_site(amount));
        }
        self.abroad_by.insert(row.message);
        self.cleared.offsite(row);
        self.days.offsite(row);
    }

    fn clearing(&mut self, row: ClearingRow) {
        self.tick();
        let wrong = self.cleared.entry(row);
        self.expect("I-20", wrong.is_none(), || wrong.unwrap_or_default());
    }

    /// What belongs to nobody is a clearing's, and moves what its entry says.
    fn clearing_journal(&mut self, row: &JournalRow) {
        match self.cleared.journal(row) {
            None => self.broken("I-1", format!("journal {} belongs to nothing", row.id)),
            Some(same) => {
                self.expect("I-20", same, || format!("journal {} does not move what its entry says", row.id));
            }
        }
    }

    fn check_days(&mut self) {
        let days = std::mem::take(&mut self.days);
        days.checked().for_each(|(same, what)| self.expect("I-13", same, || what));
    }

    fn check_clearings(&mut self) {
        let mut found = self.cleared.months();
        found.extend(self.cleared.sums());
        found.into_iter().for_each(|(fine, key)| self.expect("I-20", fine, || key));
        self.cleared.without_journals().into_iter().for_each(|key| self.broken("I-20", key));
    }

    fn check_credits(&mut self) {
        let mut wrong: Vec<String> = self
            .credited
            .keys()
            .chain(self.events.keys())
            .chain(self.abroad.keys())
            .map(|journal| format!("journal {journal} of a credit or an event is not there"))
            .collect();
        wrong.sort();
        wrong.into_iter().for_each(|key| self.broken("I-1", key));
        self.check_pairs();
    }

    fn check_journals(&mut self) {
        let mut wrong: Vec<String> = self
            .settlements
            .values()
            .filter(|seen| seen.journals != 1)
            .map(|seen| format!("settlement {} has {} journals", seen.row.id, seen.journals))
            .collect();
        wrong.sort();
        wrong.into_iter().for_each(|key| self.broken("I-1", key));
    }

    fn walk_messages(&mut self, scan: &mut dyn Scan) -> Result<(), StoreError> {
        let mut last: Option<MessageKey> = None;
        scan.messages(&mut |row: MessageRow| {
            self.tick();
            let id = row.id;
            let fresh = last.as_ref() != Some(&row.key);
            self.expect("I-5", fresh, || format!("message {id}: its key stands twice"));
            self.message_facts(&row);
            last = Some(row.key.clone());
            let made = self.made_by.get(&id).copied();
            let told = match row.made {
                Made::Settlement(settlement) => Some(settlement),
                _ => None,
            };
            self.expect("I-5", made == told, || {
                format!("message {id} says it made {told:?}, the books say {made:?}")
            });
            let settles = wire::transaction(&row.key.infno)
                .is_some_and(|t| t.class == wire::Class::Money && t.name != "reverse_message");
            let done = row.result == MessageResult::Done;
            let kept = made.is_some() || self.abroad_by.contains(&id);
            self.expect("I-5", !(done && settles) || kept, || {
                format!("message {id} was done and settled nothing, here or elsewhere")
            });
            if row.result == MessageResult::Tombstone {
                self.expect("I-16", made.is_none(), || format!("tombstone {id} has a settlement"));
            }
            if row.taken_back_by.is_some() {
                let stands = made
                    .and_then(|m| self.settlements.get(&m))
                    .is_some_and(|s| s.row.effective || s.row.counted);
                self.expect("I-16", !stands, || format!("message {id} was taken back and still stands"));
            }
        })
    }

    /// The lines of every bill that stands are those it was settled from.
    fn walk_lines(&mut self, scan: &mut dyn Scan) -> Result<(), StoreError> {
        let mut found: HashMap<(HospitalId, EncounterId, String), Lines> = HashMap::new();
        scan.lines(&mut |line: LineRow| {
            self.tick();
            if line.state == LineState::Valid {
                let seen = bare_line(&line);
                found.entry((line.hospital, line.encounter, line.charge_batch)).or_default().add(&seen);
            }
        })?;
        let stray = found.keys().filter(|(hospital, stay, bill)| {
            let of_stay = self.visits.get(stay).is_some_and(|visit| visit.stay);
            of_stay && bill != STAY_SCOPE && !self.effective.contains_key(&(*hospital, *stay, bill.clone()))
        });
        let mut stray: Vec<String> = stray
            .map(|(_, stay, bill)| {
                format!("stay {stay} has lines of its settlement {bill}, which does not stand")
            })
            .collect();
        stray.sort_unstable();
        stray.into_iter().for_each(|key| self.broken("I-6", key));
        for (scope, id) in std::mem::take(&mut self.effective) {
            let lines = found.get(&scope).copied().unwrap_or_default();
            let settled = self.settlements[&id].lines;
            self.expect("I-2", lines == settled, || {
                let (before, now) = (settled.total, lines.total);
                format!("settlement {id}: settled from lines of {before}, now they are others, of {now}")
            });
        }
        Ok(())
    }

    fn person(&mut self, record: &PersonRecord) {
        self.tick();
        let (id, state) = (record.row.id, &record.state);
        let version = self.pass_others(id);
        let sum = self.persons.remove(&id).unwrap_or_default();
        let balance = state.held == sum.held;
        self.expect("I-3", balance, || {
            format!("person {id}: holds {:?}, postings say {:?}", state.held, sum.held)
        });
        let free = state.held.total() - state.on_hold;
        let solid = state.held.is_solid() && free >= Money::ZERO;
        self.expect("I-8", solid, || format!("person {id}: {:?} with {} on hold", state.held, state.on_hold));
        self.expect("I-18", state.version == version, || {
            format!("person {id}: version {}, rows say {version}", state.version)
        });
        let stored = |year: i16| {
            state.years.iter().find(|(y, _)| *y == year).map(|(_, c)| accumulators(c)).unwrap_or_default()
        };
        let years: HashSet<i16> =
            sum.years.keys().copied().chain(state.years.iter().map(|(y, _)| *y)).collect();
        for year in years {
            let (cached, summed) = (stored(year), sum.years.get(&year).cloned().unwrap_or_default());
            let fine = cached == summed && cached.used().all(|(_, value)| value >= Exact::ZERO);
            self.expect("I-4", fine, || {
                format!("person {id}, {year}: counters differ from the sum of changes")
            });
            let last = jiff::civil::date(year, 12, 31);
            // Two records may each have come near it before they were one.
            let bound = self.editions.on(last).filter(|_| !self.merged.contains(&id));
            let over = bound.and_then(|edition| edition.over_ceiling(&cached));
            self.expect("I-4", over.is_none(), || {
                let (track, used, ceiling) = over.unwrap_or_default();
                format!("person {id}, {year}: {track} has used {used} of a ceiling of {ceiling}")
            });
        }
        self.row("I-14");
    }
}

fn negates(row: &SettlementRow, target: &SettlementRow) -> bool {
    row.amounts == -target.amounts
        && row.from_current == -target.from_current
        && row.year == target.year
        && row.person == target.person
        && row.hospital == target.hospital
        && row.root == target.root
        && (row.encounter, &row.scope) == (target.encounter, &target.scope)
        && (row.insurance_kind, row.benefit_date) == (target.insurance_kind, target.benefit_date)
        && (&row.care_kind, &row.clearing_kind) == (&target.care_kind, &target.clearing_kind)
        && row.edition == target.edition
        && accumulators(&row.change) == accumulators(&target.change).negated()
}

fn sorted(postings: &[ledger::Posting]) -> Vec<(&'static str, i64)> {
    let mut sorted: Vec<_> = postings.iter().map(|p| (p.account.word(), p.amount.fen())).collect();
    sorted.sort_unstable();
    sorted
}
