//! What a new edition would have come to: stored settlements reckoned again under it, person by person in their order,
//! so that each bill meets the counters its forerunners would have left. Reads only.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use jiff::civil::Date;
use model::{Amounts, Fund, HospitalId, HospitalLevel, PersonId, PersonStatus, SettlementId};
use money::Money;
use policy::{Accumulators, Adjudication, Earlier, Edition, Editions, Renumbering};
use store::{Reader, SettlementRow, StoreError};

use crate::bill::accumulators;
use crate::inputs::Inputs;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The edition that is tried.
    pub edition: &'a Edition,
    /// The editions the bills were settled under.
    pub editions: &'a Editions,
    /// The first benefit day of bills that are looked at.
    pub from: Date,
    /// The last.
    pub to: Date,
}

/// Whose bills an effect is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Everybody's.
    All,
    /// Persons of a status.
    Status(PersonStatus),
    /// Hospitals of a level.
    Level(HospitalLevel),
    /// One hospital's.
    Hospital(HospitalId),
    /// A tenth of the persons, by what their bills come to; 1 the least.
    Decile(u8),
}

/// Who pays how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Payers {
    /// Each fund.
    pub funds: [Money; Fund::ALL.len()],
    /// The patient: accounts and cash.
    pub patient: Money,
    /// The hospital.
    pub hospital: Money,
}

/// What a group's bills came to, and would have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    /// Bills.
    pub bills: u64,
    /// Bills of which some payer pays another amount.
    pub changed: u64,
    /// The whole cost.
    pub total: Money,
    /// As settled.
    pub old: Payers,
    /// Under the edition tried.
    pub new: Payers,
}

/// All effects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// By group.
    pub groups: BTreeMap<Whose, Effect>,
    /// Persons with a bill in those days.
    pub persons: u64,
    /// Bills whose inputs cannot be read, or whose edition is not at hand.
    pub unreadable: u64,
}

impl Payers {
    /// All funds together.
    pub fn all_funds(&self) -> Money {
        self.funds.iter().copied().sum()
    }

    fn add(&mut self, amounts: &Amounts) {
        self.funds.iter_mut().zip(amounts.funds).for_each(|(sum, paid)| *sum += paid);
        self.patient += amounts.personal_account + amounts.mutual_aid + amounts.cash;
        self.hospital += amounts.hospital_share;
    }

    fn join(&mut self, other: &Self) {
        self.funds.iter_mut().zip(other.funds).for_each(|(sum, paid)| *sum += paid);
        self.patient += other.patient;
        self.hospital += other.hospital;
    }
}

impl Effect {
    fn add(&mut self, old: &Amounts, new: &Amounts) {
        let (mut before, mut after) = (Payers::default(), Payers::default());
        before.add(old);
        after.add(new);
        self.bills += 1;
        self.changed += u64::from(before != after);
        self.total += old.total;
        self.old.join(&before);
        self.new.join(&after);
    }

    fn join(&mut self, other: &Self) {
        self.bills += other.bills;
        self.changed += other.changed;
        self.total += other.total;
        self.old.join(&other.old);
        self.new.join(&other.new);
    }
}

/// How an edition that is tried numbers the groups and lists of each edition of a city.
pub(crate) struct Numbers<'a> {
    editions: &'a Editions,
    each: Vec<(Date, Renumbering)>,
}

impl<'a> Numbers<'a> {
    pub(crate) fn new(editions: &'a Editions, tried: &Edition) -> Self {
        let each = editions.iter().map(|old| (old.head.from, old.renumbering(tried))).collect();
        Self { editions, each }
    }

    fn of(&self, edition: &Edition) -> Option<&Renumbering> {
        self.each.iter().find(|(from, _)| *from == edition.head.from).map(|(_, to)| to)
    }

    /// Inputs of a bill that was settled under `old`.
    pub(crate) fn renumber(&self, inputs: &mut Inputs, old: &Edition) {
        let Some(to) = self.of(old) else { return };
        inputs.renumber(to, |day| self.of(self.editions.for_items_of_day(old, day)));
    }
}

/// Persons that are handed to a worker at once.
const PERSONS: usize = 64;

type Batch = Vec<Vec<SettlementRow>>;

/// Rehearses on as many threads as named. `progress` is told how many rows were read so far.
pub fn rehearse(
    reader: &mut dyn Reader,
    plan: Plan<'_>,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Effects, StoreError> {
    let (send, receive) = sync_channel::<Batch>(threads * 4);
    // The workers alone hold the other end: were they all gone, sending would fail.
    let receive = Arc::new(Mutex::new(receive));
    let (read, done) = std::thread::scope(|scope| {
        let work_on = |receive: Arc<Mutex<Receiver<Batch>>>| scope.spawn(move || work(plan, &receive));
        let workers: Vec<_> = (0..threads).map(|_| work_on(receive.clone())).collect();
        drop(receive);
        let read = read_persons(reader, send, progress);
        let done: Vec<Worker<'_>> =
            workers.into_iter().map(|w| w.join().expect("a worker does not panic")).collect();
        (read, done)
    });
    read?;
    Ok(Worker::together(done))
}

/// Cuts the settlements, which come by person and version, into persons.
fn read_persons(
    reader: &mut dyn Reader,
    send: SyncSender<Batch>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let mut batch: Batch = Vec::new();
    let mut rows = 0;
    reader.scan(&mut |scan| {
        scan.settlements(&mut |row| {
            rows += 1;
            progress(rows);
            let same = batch.last().and_then(|p| p.last()).is_some_and(|last| last.person == row.person);
            match batch.last_mut().filter(|_| same) {
                Some(person) => person.push(row),
                None => {
                    if batch.len() == PERSONS {
                        // Workers end only when this sender is gone.
                        let _ = send.send(std::mem::take(&mut batch));
                    }
                    batch.push(vec![row]);
                }
            }
        })
    })?;
    let _ = send.send(batch);
    drop(send);
    Ok(())
}

fn work<'a>(plan: Plan<'a>, batches: &Mutex<Receiver<Batch>>) -> Worker<'a> {
    let numbers = Numbers::new(plan.editions, plan.edition);
    let mut worker = Worker { plan, numbers, effects: Effects::default(), persons: Vec::new() };
    loop {
        let next = batches.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(batch) = next else { return worker };
        batch.iter().for_each(|rows| worker.person(rows));
    }
}

/// One worker's share.
struct Worker<'a> {
    plan: Plan<'a>,
    numbers: Numbers<'a>,
    effects: Effects,
    /// Each person's bills together.
    persons: Vec<(PersonId, Effect)>,
}

/// A person under the edition tried, on the way through the rows as they came: also what was undone later left its
/// mark on the bills between.
#[derive(Default)]
struct Person {
    years: BTreeMap<i16, Accumulators>,
    /// What the account has paid less, so far, than it did: it holds so much more.
    spared: Money,
    bills: BTreeMap<SettlementId, Again>,
}

/// A bill under the edition tried; outside the days looked at, as it was settled.
#[derive(Clone)]
struct Again {
    /// Whose it is; none: it is not told.
    whose: Option<(PersonStatus, HospitalLevel)>,
    amounts: Amounts,
    change: Accumulators,
    spared: Money,
}

impl Worker<'_> {
    fn person(&mut self, rows: &[SettlementRow]) {
        let mut person = Person::default();
        let mut all = Effect::default();
        for row in rows {
            let again = match row.undoes.and_then(|target| person.bills.get(&target)) {
                Some(undone) => undone.negated(),
                None => self.bill(row, &person),
            };
            if row.effective
                && let Some(whose) = again.whose
            {
                self.tell(row, whose, &again.amounts);
                all.add(&row.amounts, &again.amounts);
            }
            person.count(row, again);
        }
        if all.bills > 0 {
            self.persons.extend(rows.first().map(|row| (row.person, all)));
        }
    }

    fn bill(&mut self, row: &SettlementRow, person: &Person) -> Again {
        let within = (self.plan.from..=self.plan.to).contains(&row.benefit_date);
        let again = if within { self.again(row, person) } else { None };
        self.effects.unreadable += u64::from(within && again.is_none());
        let Some((inputs, again)) = again else {
            let change = accumulators(&row.change);
            return Again { whose: None, amounts: row.amounts, change, spared: Money::ZERO };
        };
        Again {
            whose: Some((inputs.person.status, inputs.visit.level)),
            amounts: again.amounts,
            change: again.change,
            spared: row.amounts.personal_account - again.amounts.personal_account,
        }
    }

    /// One bill under the edition tried.
    fn again(&self, row: &SettlementRow, person: &Person) -> Option<(Inputs, Adjudication)> {
        let old = self.plan.editions.named(&row.edition)?;
        let mut inputs = Inputs::decode(&row.inputs)?;
        self.numbers.renumber(&mut inputs, old);
        inputs.person.account = (inputs.person.account + person.spared).at_least_zero();
        let mut earlier = Earlier::default();
        for id in &inputs.earlier {
            let before = person.bills.get(id)?;
            earlier.add(&before.amounts, &before.change);
        }
        let year = person.years.get(&row.year).cloned().unwrap_or_default();
        let again = inputs.adjudicate(self.plan.edition, &year, None, &earlier);
        Some((inputs, again))
    }

    fn tell(&mut self, row: &SettlementRow, (status, level): (PersonStatus, HospitalLevel), new: &Amounts) {
        let groups = [Whose::All, Whose::Status(status), Whose::Level(level), Whose::Hospital(row.hospital)];
        for whose in groups {
            self.effects.groups.entry(whose).or_default().add(&row.amounts, new);
        }
    }

    /// What all workers found; persons fall into tenths by what their bills come to.
    fn together(workers: Vec<Self>) -> Effects {
        let mut effects = Effects::default();
        let mut persons = Vec::new();
        for worker in workers {
            effects.unreadable += worker.effects.unreadable;
            for (whose, effect) in &worker.effects.groups {
                effects.groups.entry(*whose).or_default().join(effect);
            }
            persons.extend(worker.persons);
        }
        persons.sort_by_key(|(person, effect)| (effect.total, *person));
        let count = persons.len();
        effects.persons = u64::try_from(count).unwrap_or(u64::MAX);
        for (at, (_, effect)) in persons.iter().enumerate() {
            let tenth = u8::try_from(at * 10 / count + 1).expect("one of ten");
            effects.groups.entry(Whose::Decile(tenth)).or_default().join(effect);
        }
        effects
    }
}

impl Person {
    fn count(&mut self, row: &SettlementRow, again: Again) {
        let year = self.years.entry(row.year).or_default();
        *year = std::mem::take(year).plus(&again.change);
        self.spared += again.spared;
        self.bills.insert(row.id, again);
    }
}

impl Again {
    fn negated(&self) -> Self {
        let Self { whose, amounts, change, spared } = self.clone();
        Self { whose, amounts: -amounts, change: change.negated(), spared: -spared }
    }
}
