//! Money that comes to persons outside settlements: to their accounts a month's premium once it is received, a year's
//! interest, an inheritance; to their banks what layers that pay once a year owe. Each once a person and period, whatever
//! is sent again. On a store that no centre runs on.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use ledger::Journal;
use model::{
    Clock, Cover, EventKind, HospitalId, IdSource, Ids, InsuranceKind, JournalId, PersonId, PersonNumber,
    Premium,
};
use money::Money;
use policy::{DueMonth, Edition, Editions, LayerName, Trail, YearlyBenefit, standing};
use store::{
    AuditRow, Changes, CreditKind, CreditRow, EventRow, JournalRow, Loaded, Needs, PersonRecord, PremiumRow,
    Sealer, StoreError, Who, Writer,
};

use crate::bill;
use crate::people::{died, event, merged_into};

/// One line of a month's premiums, as the tax office tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PremiumLine {
    /// Whose.
    pub number: PersonNumber,
    /// The wage it is reckoned of, in fen.
    pub base: Money,
    /// The person's pension, in fen.
    pub pension: Money,
    /// It was received; else nothing is credited yet.
    pub received: bool,
    /// On which day, where told.
    pub on: Option<Date>,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credited {
    /// Accounts credited now, those with nothing to credit included.
    pub credited: u64,
    /// Credited before, or named twice.
    pub already: u64,
    /// Premiums not received.
    pub unpaid: u64,
    /// Numbers nobody has.
    pub unknown: Vec<PersonNumber>,
    /// Not insured in that time, or no edition is in force.
    pub uncovered: Vec<PersonNumber>,
    /// What employers paid.
    pub employer: Money,
    /// What persons paid.
    pub own: Money,
    /// Fixed sums besides.
    pub extra: Money,
    /// What accounts received.
    pub amount: Money,
    /// Persons for whom the pool has stopped.
    pub stopped: u64,
    /// Persons for whom it has been restored, or earlier days have.
    pub restored: u64,
}

/// A month, `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month(Date);

impl Month {
    /// Its first day.
    pub const fn first_day(self) -> Date {
        self.0
    }
}

impl std::str::FromStr for Month {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let told = || format!("`{text}` is no month such as 2026-11");
        let (year, month) = text.split_once('-').ok_or_else(told)?;
        let (year, month) = (year.parse().map_err(|_| told())?, month.parse().map_err(|_| told())?);
        Date::new(year, month, 1).map(Self).map_err(|_| told())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// Books credits, some hundred persons at once.
pub struct Fund<'a> {
    writer: &'a mut dyn Writer,
    editions: &'a Editions,
    sealer: &'a Sealer,
    clock: &'a dyn Clock,
    ids: IdSource,
}

/// Persons written in one batch.
const BATCH: usize = 500;

/// A credit to be booked: the row but for its version and journal, and what moves, if anything does.
struct Credit {
    row: CreditRow,
    journal: Option<Journal>,
}

/// What a layer that pays once a year owed a person, and what a run paid of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitPaid {
    /// Whose.
    pub number: PersonNumber,
    /// Which layer.
    pub layer: LayerName,
    /// The fund that pays.
    pub fund: model::Fund,
    /// What came to the layer.
    pub base: Money,
    /// What is owed in all.
    pub due: Money,
    /// What earlier runs paid of it.
    pub before: Money,
    /// What this one pays; below zero: to be taken back.
    pub paid: Money,
    /// Why; none where nothing is owed any more.
    pub trail: Option<Trail>,
}

impl<'a> Fund<'a> {
    /// On a writer that nobody else has.
    pub fn new(
        writer: &'a mut dyn Writer,
        editions: &'a Editions,
        sealer: &'a Sealer,
        clock: &'a dyn Clock,
    ) -> Self {
        let ids = writer.head().row_ids();
        Self { writer, editions, sealer, clock, ids }
    }

    /// Credits a month's premiums. `progress` is told how many lines are done.
    pub fn credit_month(
        &mut self,
        month: Month,
        lines: &[PremiumLine],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Credited, StoreError> {
        let edition = self.editions.on(month.0);
        let standing = self.tell_premiums(month, lines)?;
        let reckon = |line: &PremiumLine, record: &PersonRecord| -> Option<Credit> {
            let (edition, cover) =
                edition.zip(bill::cover_on(record, InsuranceKind::EMPLOYEE, month.0).ok())?;
            let person = bill::policy_person(record, cover, month.0, true, edition);
            let premium = edition.monthly_premium(&person, line.base, line.pension);
            let row = CreditRow {
                base: premium.base,
                employer: premium.employer,
                own: premium.own,
                extra: premium.extra,
                amount: premium.credit,
                ..empty(record, CreditKind::Month, &month.to_string(), edition)
            };
            Some(Credit { row, journal: to_account(premium.credit, Money::ZERO) })
        };
        let (received, unpaid): (Vec<&PremiumLine>, Vec<_>) = lines.iter().partition(|line| line.received);
        let period = month.to_string();
        let told =
            self.each((CreditKind::Month, &period), &received, |line| &line.number, reckon, progress)?;
        let mut unknown = told.unknown;
        unknown.extend(standing.unknown);
        let unpaid = u64::try_from(unpaid.len()).unwrap_or(u64::MAX);
        Ok(Credited { unpaid, unknown, stopped: standing.stopped, restored: standing.restored, ..told })
    }

    /// Keeps which premiums of a month are due and which were received, and what follows for arrears. Answers for how many
    /// persons the pool has stopped, for how many it has been restored, and whose unpaid lines nobody is known for.
    fn tell_premiums(&mut self, month: Month, lines: &[PremiumLine]) -> Result<Credited, StoreError> {
        let today = self.clock.now().date();
        let mut told = Credited::default();
        for batch in lines.chunks(BATCH) {
            let needs = |line: &PremiumLine| Needs {
                who: Who::Number(line.number.clone()),
                premiums: true,
                ..Needs::of(HospitalId(0))
            };
            let loaded = self.writer.load(&batch.iter().map(needs).collect::<Vec<_>>())?;
            let mut known: HashMap<PersonId, Vec<&PremiumRow>> = HashMap::new();
            loaded.premiums.iter().for_each(|row| known.entry(row.person).or_default().push(row));
            let mut changes = Changes::default();
            let mut seen = HashSet::new();
            for line in batch {
                let Some((record, _)) = find(&loaded, &line.number) else {
                    told.unknown.extend((!line.received).then(|| line.number.clone()));
                    continue;
                };
                if !seen.insert(record.row.id) {
                    continue;
                }
                let own = known.get(&record.row.id).map_or(&[][..], Vec::as_slice);
                let Some((row, after)) = told_premium(record, line, month.0, today, self.editions, own)
                else {
                    continue;
                };
                changes.premiums.push(row);
                let Some(after) = after else { continue };
                told.stopped += u64::from(in_arrears(&after) && !in_arrears(record));
                told.restored += u64::from(!in_arrears(&after) && in_arrears(record));
                let (version, day) = (record.state.version, month.0);
                let kind = EventKind::Premium;
                let event = event(record, kind, day, PREMIUMS_BY, self.clock, self.sealer);
                changes.events.push(EventRow { reference: month.to_string(), ..event });
                changes.states.push((record.row.id, version, after.state.clone()));
                changes.enrolled.push(after);
            }
            if changes.premiums.is_empty() {
                self.writer.abandon();
                continue;
            }
            let object = format!("premiums {month} persons {}", changes.premiums.len());
            let audit = AuditRow::new(self.clock.now(), "credit", object);
            changes.audits.push(audit.behind(&self.writer.head(), self.sealer.day_keys()));
            self.writer.record(&changes)?;
        }
        Ok(told)
    }

    /// Ends a year for these persons: interest on what accounts hold, and this year's money becomes older money. Before
    /// anything of the next year is settled.
    pub fn close_year(
        &mut self,
        year: i16,
        numbers: &[PersonNumber],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Credited, StoreError> {
        let edition = self.editions.on(date(year, 12, 31));
        let period = year.to_string();
        let reckon = |_: &PersonNumber, record: &PersonRecord| -> Option<Credit> {
            let (held, edition) = (record.state.held, edition?);
            let interest = edition.interest(held.total());
            let row = CreditRow { amount: interest, ..empty(record, CreditKind::Year, &period, edition) };
            Some(Credit { row, journal: to_account(-held.current, held.current + interest) })
        };
        let numbers: Vec<&PersonNumber> = numbers.iter().collect();
        self.each((CreditKind::Year, &period), &numbers, |number| number, reckon, progress)
    }

    /// Moves all that one account holds to another; again: nothing.
    pub fn inherit(&mut self, from: &PersonNumber, to: &PersonNumber) -> Result<Credited, StoreError> {
        let mut told = Credited::default();
        let needs = [(from, to), (to, from)].map(|(who, other)| Needs {
            who: Who::Number(who.clone()),
            credit: Some((CreditKind::Inheritance, other.to_string())),
            ..Needs::of(HospitalId(0))
        });
        let loaded = self.writer.load(&needs)?;
        let found = |number: &PersonNumber| find(&loaded, number).map(|(record, _)| record);
        let living = |number: &PersonNumber| found(number).filter(|record| died(record).is_none());
        let (Some(gives), Some(receives)) = (found(from), living(to)) else {
            let gone = [found(from).is_none().then_some(from), living(to).is_none().then_some(to)];
            told.unknown = gone.into_iter().flatten().cloned().collect();
            self.writer.abandon();
            return Ok(told);
        };
        let edition = self.editions.on(self.clock.now().date());
        let held = gives.state.held;
        let Some(edition) = edition.filter(|_| loaded.credits.is_empty() && gives.state.on_hold.is_zero())
        else {
            told.already = 1;
            self.writer.abandon();
            return Ok(told);
        };
        let credit = |record: &PersonRecord, other: &PersonNumber, sign: i64| {
            let amount = |money: Money| Money::from_fen(money.fen() * sign);
            let row = empty(record, CreditKind::Inheritance, other.as_str(), edition);
            let row = CreditRow { amount: amount(held.total()), ..row };
            Credit { row, journal: to_account(amount(held.current), amount(held.prior)) }
        };
        let credits = vec![(gives, credit(gives, to, -1)), (receives, credit(receives, from, 1))];
        told.credited = 1;
        told.amount = held.total();
        self.record(&format!("inheritance {from} {to}"), credits)?;
        Ok(told)
    }

    /// Pays what layers that pay once a year owe for a year that is over. Again: what has changed since, below zero where a
    /// bill was voided behind the last run. `told` hears of everybody something is or was owed to, once it is booked; where it
    /// fails, nothing more is booked.
    pub fn pay_benefits(
        &mut self,
        year: i16,
        numbers: &[PersonNumber],
        told: &mut dyn FnMut(BenefitPaid) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let refuse = |why: &str| StoreError {
            operation: "paying",
            subject: format!("the benefits of {year}"),
            source: why.to_owned().into(),
        };
        if year >= self.clock.now().year() {
            return Err(refuse("the year is not over 该年度尚未结束"));
        }
        let last = Date::new(year, 12, 31).map_err(|_| refuse("there is no such year 没有该年度"))?;
        let edition =
            self.editions.on(last).ok_or_else(|| refuse("no edition is in force then 当时没有政策"))?;
        let key = year.to_string();
        // One number twice in a batch would find each payment twice.
        let mut seen = HashSet::new();
        let numbers: Vec<&PersonNumber> = numbers.iter().filter(|number| seen.insert(*number)).collect();
        for batch in numbers.chunks(BATCH) {
            let needs: Vec<Needs> =
                batch.iter().map(|number| needs(number, CreditKind::Benefit, &key)).collect();
            let loaded = self.writer.load(&needs)?;
            let owed: Vec<_> = loaded
                .persons
                .iter()
                .flat_map(|record| {
                    let runs = loaded.credits.iter().filter(|credit| credit.person == record.row.id);
                    let found = benefits(record, &runs.collect::<Vec<_>>(), last, edition);
                    found.into_iter().map(move |(benefit, credit)| (record, benefit, credit))
                })
                .collect();
            let (mut credits, mut booked) = (Vec::new(), Vec::new());
            for (record, benefit, credit) in owed {
                credits.extend(credit.map(|credit| (record, credit)));
                booked.push(benefit);
            }
            if credits.is_empty() {
                self.writer.abandon();
            } else {
                self.record(&format!("benefit {year} payments {}", credits.len()), credits)?;
            }
            booked.into_iter().try_for_each(&mut *told)?;
        }
        Ok(())
    }

    /// Books what `reckon` makes of each line, unless the person has that credit already.
    fn each<L>(
        &mut self,
        (kind, period): (CreditKind, &str),
        lines: &[&L],
        number: impl Fn(&L) -> &PersonNumber,
        reckon: impl Fn(&L, &PersonRecord) -> Option<Credit>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Credited, StoreError> {
        let (mut told, mut seen) = (Credited::default(), HashSet::new());
        for (n, batch) in lines.chunks(BATCH).enumerate() {
            let needs: Vec<Needs> = batch.iter().map(|line| needs(number(line), kind, period)).collect();
            let loaded = self.writer.load(&needs)?;
            let mut credits = Vec::new();
            for line in batch {
                match find(&loaded, number(line)) {
                    None => told.unknown.push(number(line).clone()),
                    Some((_, true)) => told.already += 1,
                    Some((record, false)) if !seen.insert(record.row.id) => told.already += 1,
                    Some((record, false)) => match reckon(line, record) {
                        None => told.uncovered.push(number(line).clone()),
                        Some(credit) => {
                            told.add(&credit.row);
                            credits.push((record, credit));
                        }
                    },
                }
            }
            if credits.is_empty() {
                self.writer.abandon();
            } else {
                self.record(&format!("{} {period} persons {}", kind.word(), credits.len()), credits)?;
            }
            progress((n * BATCH + batch.len()).min(lines.len()));
        }
        Ok(told)
    }

    fn record(&mut self, object: &str, credits: Vec<(&PersonRecord, Credit)>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut changes = Changes::default();
        for (record, Credit { row, journal }) in credits {
            let journal = journal.map(|journal| JournalRow {
                id: JournalId(self.ids.at(now).next()),
                settlement: None,
                person: Some(record.row.id),
                hospital: None,
                insurance_kind: InsuranceKind::EMPLOYEE,
                at: now,
                journal,
            });
            // Several credits of one person stand beside each other.
            if changes.states.last().is_none_or(|(person, ..)| *person != record.row.id) {
                changes.states.push((record.row.id, record.state.version, record.state.clone()));
            }
            let Some((.., state)) = changes.states.last_mut() else { continue };
            state.version += 1;
            state.held = journal.as_ref().map_or(state.held, |j| state.held.after(&j.journal));
            changes.credits.push(CreditRow {
                version: state.version,
                journal: journal.as_ref().map(|j| j.id),
                ..row
            });
            changes.journals.extend(journal);
        }
        let audit = AuditRow::new(now, "credit", object.to_owned());
        changes.audits.push(audit.behind(&self.writer.head(), self.sealer.day_keys()));
        Ok(self.writer.record(&changes)?)
    }
}

/// Who changes what follows from premiums.
const PREMIUMS_BY: &str = "premiums";

/// A month's row of a person, where it says something new, and the person's enrolment where it follows that it is another.
fn told_premium(
    record: &PersonRecord,
    line: &PremiumLine,
    month: Date,
    today: Date,
    editions: &Editions,
    months: &[&PremiumRow],
) -> Option<(PremiumRow, Option<PersonRecord>)> {
    let cover = bill::cover_on(record, InsuranceKind::EMPLOYEE, month).ok()?;
    let own = || months.iter().copied();
    let known = own().find(|row| row.month == month);
    // What was received once stays received. What is told for the first time, and was received, came in its month unless the
    // day is told.
    let before = known.and_then(|row| row.received);
    let usual = if known.is_some() { today } else { today.min(month.last_of_month()) };
    let now = line.received.then(|| line.on.unwrap_or(usual));
    let row = PremiumRow {
        person: record.row.id,
        month,
        unit: cover.employer.clone(),
        base: line.base,
        pension: line.pension,
        received: before.or(now),
    };
    if known == Some(&row) {
        return None;
    }
    let others = own().filter(|row| row.month != month);
    let covers =
        standing(&record.covers, InsuranceKind::EMPLOYEE, &due_months(others.chain([&row]), editions));
    if covers == record.covers {
        return Some((row, None));
    }
    let mut after = PersonRecord { covers, ..record.clone() };
    after.state.version += 1;
    Some((row, Some(after)))
}

/// Months as rules of arrears see them, each by the rule of its own edition; an edition without one stops nothing.
pub(crate) fn due_months<'r>(
    rows: impl Iterator<Item = &'r PremiumRow>,
    editions: &Editions,
) -> Vec<DueMonth> {
    let due = |row: &PremiumRow| {
        let rule = editions.on(row.month)?.arrears_rule()?;
        Some(DueMonth { month: row.month, received: row.received, rule })
    };
    rows.filter_map(due).collect()
}

/// Whether the pool stops, or will where nothing is paid.
fn in_arrears(record: &PersonRecord) -> bool {
    record.covers.iter().any(|cover: &Cover| cover.to.is_none() && cover.premium == Premium::Arrears)
}

/// What is or was owed to one person for a year, and what of it is to be booked now; `runs` are the payments so far. The
/// person's standing is that of the last day of the year on which he was insured; to whom it was none, nothing is owed.
fn benefits(
    record: &PersonRecord,
    runs: &[&CreditRow],
    last: Date,
    edition: &Edition,
) -> Vec<(BenefitPaid, Option<Credit>)> {
    let year = last.year();
    let insured =
        record.covers.iter().filter(|cover| cover.kind == InsuranceKind::EMPLOYEE && cover.from <= last);
    let day = insured.map(|cover| cover.to.map_or(last, |to| to.min(last))).max();
    let person = day.filter(|day| day.year() == year).and_then(|day| {
        let cover = bill::cover_on(record, InsuranceKind::EMPLOYEE, day).ok()?;
        Some(bill::policy_person(record, cover, day, true, edition))
    });
    let counters = bill::counters_of(&record.state.years, year);
    let owed = person.map(|person| edition.yearly_benefits(&person, year, &counters)).unwrap_or_default();
    let mut all: Vec<(LayerName, Option<YearlyBenefit>)> =
        owed.into_iter().map(|benefit| (benefit.layer, Some(benefit))).collect();
    // What was paid by a layer that owes nothing any more is taken back.
    for layer in runs.iter().filter_map(|run| benefit_layer(&run.period)) {
        if !all.iter().any(|(known, _)| *known == layer) {
            all.push((layer, None));
        }
    }
    all.into_iter().filter_map(|owed| booked(record, runs, year, owed, edition)).collect()
}

/// What one layer owes or owed, and the difference to what it has paid; none where there is nothing to tell.
fn booked(
    record: &PersonRecord,
    runs: &[&CreditRow],
    year: i16,
    (layer, benefit): (LayerName, Option<YearlyBenefit>),
    edition: &Edition,
) -> Option<(BenefitPaid, Option<Credit>)> {
    let earlier: Vec<&&CreditRow> =
        runs.iter().filter(|run| benefit_layer(&run.period) == Some(layer)).collect();
    let before: Money = earlier.iter().map(|run| run.amount).sum();
    let (base, due) = benefit.as_ref().map_or((Money::ZERO, Money::ZERO), |b| (b.base, b.due));
    if due.is_zero() && before.is_zero() {
        return None;
    }
    // The edition of the year's last day is one and the same at every run: what has paid is a layer of it.
    let fund = edition.layer_fund(layer)?;
    let paid = due - before;
    let credit = (!paid.is_zero()).then(|| Credit {
        row: CreditRow {
            base,
            amount: paid,
            ..empty(record, CreditKind::Benefit, &benefit_period(year, layer, earlier.len() + 1), edition)
        },
        journal: Some(Journal::benefit(fund, paid)),
    });
    let number = PersonNumber::from(&*record.row.number);
    let trail = benefit.map(|b| b.trail);
    Some((BenefitPaid { number, layer, fund, base, due, before, paid, trail }, credit))
}

/// The period of a payment: the year, the layer, and which run of it.
fn benefit_period(year: i16, layer: LayerName, run: usize) -> String {
    format!("{year}:{}#{run}", layer.word())
}

/// The layer a payment's period names.
pub(crate) fn benefit_layer(period: &str) -> Option<LayerName> {
    let (_, layer) = period.split_once(':')?;
    let (word, _) = layer.split_once('#')?;
    LayerName::ALL.into_iter().find(|name| name.word() == word)
}

/// Moves money to an account; none where nothing moves.
fn to_account(current: Money, prior: Money) -> Option<Journal> {
    let moves = !current.is_zero() || !prior.is_zero();
    moves.then(|| Journal::account_credit(current, prior))
}

impl Credited {
    fn add(&mut self, row: &CreditRow) {
        self.credited += 1;
        self.employer += row.employer;
        self.own += row.own;
        self.extra += row.extra;
        self.amount += row.amount;
    }
}

fn needs(number: &PersonNumber, kind: CreditKind, period: &str) -> Needs {
    Needs {
        who: Who::Number(number.clone()),
        credit: Some((kind, period.to_owned())),
        ..Needs::of(HospitalId(0))
    }
}

/// A person, and whether what was asked for was credited before. A number that was merged with another is nobody's.
fn find<'l>(loaded: &'l Loaded, number: &PersonNumber) -> Option<(&'l PersonRecord, bool)> {
    let record = loaded.persons.iter().find(|record| record.row.number == number.as_str())?;
    let record = Some(record).filter(|record| merged_into(record).is_none())?;
    Some((record, loaded.credits.iter().any(|credit| credit.person == record.row.id)))
}

fn empty(record: &PersonRecord, kind: CreditKind, period: &str, edition: &Edition) -> CreditRow {
    CreditRow {
        person: record.row.id,
        kind,
        period: period.to_owned(),
        version: 0,
        edition: edition.key(),
        base: Money::ZERO,
        employer: Money::ZERO,
        own: Money::ZERO,
        extra: Money::ZERO,
        amount: Money::ZERO,
        journal: None,
    }
}
