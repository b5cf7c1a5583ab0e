//! Bills that are settled for money to the person: on paper, and those of a time in arrears that was restored.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use model::{
    Amounts, Catalogue, EventKind, Fund, HospitalId, HospitalLevel, InsuranceKind, PersonId, PersonNumber,
    Premium, Region, RegisterKind, SettlementId, VisitKind,
};
use money::{Exact, Money, Quantity, UnitPrice};
use policy::{Accumulators, Adjudication, Earlier, Edition, Line};
use store::{
    Changes, EventRow, Loaded, Needs, PersonRecord, PersonState, Reader, RegisterRow, SettlementRow,
    StoreError, Who, supplement_key,
};
use wire::Both;
use wire::transactions::STAY_SCOPE;

use super::change::must_live;
use super::{PeopleDesk, Trouble, find, to_person};
use crate::bill::{self, accumulators, add_counters, counters, counters_of};
use crate::inputs::Inputs;
use crate::kept::STANDS;

/// A bill on paper, as an officer enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperBill {
    /// Whose.
    pub number: PersonNumber,
    /// The number of the paper: one bill is paid once.
    pub bill: String,
    /// What kind of care.
    pub kind: VisitKind,
    /// Level of the institution.
    pub level: HospitalLevel,
    /// Where it is, seen from the person's home.
    pub region: Region,
    /// First day.
    pub begins: Date,
    /// Last day.
    pub ends: Date,
    /// Code of a listed disease; empty: none.
    pub disease: String,
    /// What was charged.
    pub lines: Vec<PaperLine>,
    /// Why it was not settled where it was made.
    pub why: String,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperLine {
    /// National code of the item.
    pub item: String,
    /// Day of service.
    pub served: Date,
    /// Unit price.
    pub price: UnitPrice,
    /// Quantity.
    pub quantity: Quantity,
    /// Charged.
    pub amount: Money,
}

/// What a paper bill comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reimbursed {
    /// Its shares.
    pub amounts: Amounts,
    /// What the person is paid.
    pub paid: Money,
    /// Why, one step a line.
    pub steps: [Vec<String>; 2],
}

/// What a bill of a time in arrears that was restored is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Whose.
    pub number: String,
    /// The settlement.
    pub settlement: SettlementId,
    /// Its day.
    pub day: Date,
    /// What funds paid of it.
    pub paid: Money,
    /// What they owe besides; nothing where it is left to officers.
    pub owed: Money,
    /// Why it is left to officers.
    pub left: Option<Both>,
}

impl PeopleDesk<'_> {
    /// Settles a bill on paper and books what the person is paid. `dry`: only what it comes to.
    pub fn reimburse(
        &mut self,
        paper: &PaperBill,
        catalogue: &Catalogue,
        by: &str,
        dry: bool,
    ) -> Result<Result<Reimbursed, Vec<Trouble>>, StoreError> {
        let who = Who::Number(paper.number.clone());
        let paper_of = Some(paper.bill.clone());
        let loaded = self.load(&[Needs { who, paper: paper_of, ..Needs::of(HospitalId(0)) }])?;
        let found = find(&loaded, &paper.number).map_err(|trouble| vec![trouble]).and_then(|record| {
            // Whoever brought it.
            let twice = loaded.events.iter().any(|event| event.reference == paper.bill);
            if twice {
                let words = Both::new(
                    format!("票据 {} 已报销", paper.bill),
                    format!("bill {} is paid already", paper.bill),
                );
                return Err(vec![Trouble::new("bill", "BILL_PAID", words)]);
            }
            let settled = self.settle_paper(paper, record, catalogue)?;
            Ok((record, settled))
        });
        let (record, (inputs, edition, before, settled)) = match found {
            Ok(found) => found,
            Err(troubles) => {
                self.writer.abandon();
                return Ok(Err(troubles));
            }
        };
        let told = reimbursed(&settled, edition);
        if dry {
            self.writer.abandon();
            return Ok(Ok(told));
        }
        let event = EventRow {
            why: paper.why.clone(),
            reference: paper.bill.clone(),
            edition: edition.key(),
            year: inputs.visit.date.year(),
            inputs: inputs.encode(),
            before: counters(&before),
            change: vec![(inputs.visit.date.year(), counters(&settled.change))],
            trail: settled.trail.as_bytes().to_vec(),
            said: self.sealer.seal(super::SAID, record.row.id.0, paper_lines(paper).as_bytes()),
            ..self.event(record, EventKind::Reimbursed, inputs.visit.date, by)
        };
        let object = format!("reimbursement {}", paper.bill);
        let kind = kind_on(record, inputs.visit.date);
        self.book(record.clone(), event, (kind, &settled.amounts), Vec::new(), &object)?;
        Ok(Ok(told))
    }

    fn settle_paper(
        &self,
        paper: &PaperBill,
        record: &PersonRecord,
        catalogue: &Catalogue,
    ) -> Result<(Inputs, &Edition, Accumulators, Adjudication), Vec<Trouble>> {
        let one = |trouble: Trouble| vec![trouble];
        let today = self.clock.now().date();
        if paper.ends < paper.begins || paper.ends > today {
            let words = Both::new(
                format!("结束日期 {} 早于开始或晚于今日", paper.ends),
                format!("{} is before the first day, or yet to come", paper.ends),
            );
            return Err(one(Trouble::new("ends", "DAY_WRONG", words)));
        }
        let date = bill::benefit_day(self.editions, paper.begins, paper.ends, paper.ends);
        must_live(record, date).map_err(one)?;
        let cover = bill::cover_on(record, kind_on(record, date), date);
        let cover = cover.map_err(|refusal| one(Trouble::new("begins", "NOT_INSURED", refusal.words())))?;
        if cover.premium != Premium::Paid {
            // Paid now it would be paid without the pool, and never again.
            let words = Both::of(
                "该日统筹待遇暂停,恢复后再报",
                "the pool is stopped on that day: bring it when it is restored",
            );
            return Err(one(Trouble::new("begins", "POOL_STOPPED", words)));
        }
        let edition = self.editions.on(date).ok_or_else(|| {
            let words =
                Both::new(format!("{date} 没有政策版本"), format!("no edition is in force on {date}"));
            one(Trouble::new("begins", "EDITION_NONE", words))
        })?;
        must_be_in_time(paper, edition, today).map_err(one)?;
        let lines = self.paper_lines(paper, edition, catalogue)?;
        let before = counters_of(&record.state.years, date.year());
        let stay = paper.kind == VisitKind::Inpatient;
        let inputs = Inputs {
            // What was paid was paid in cash: the account has no part in it.
            person: bill::policy_person(record, cover, date, false, edition),
            visit: policy::Visit {
                region: paper.region,
                admitted: stay.then_some(paper.begins),
                admission: if stay { before.admissions() + 1 } else { 0 },
                disease: edition.disease(&paper.disease),
                manual: true,
                ..policy::Visit::new(paper.kind, paper.level, date)
            },
            lines,
            fund_left: None,
            earlier: Vec::new(),
            settled: Vec::new(),
            refunds: Vec::new(),
        };
        let settled = inputs.adjudicate(edition, &before, Some(self.editions), &Earlier::default());
        Ok((inputs, edition, before, settled))
    }

    /// The lines as the rules see them; each that cannot be is told with its row.
    fn paper_lines(
        &self,
        paper: &PaperBill,
        edition: &Edition,
        catalogue: &Catalogue,
    ) -> Result<Vec<Line>, Vec<Trouble>> {
        let (mut lines, mut troubles) = (Vec::new(), Vec::new());
        for (row, line) in paper.lines.iter().enumerate() {
            match paper_line(line, paper, edition, self.editions, catalogue) {
                Ok(line) => lines.push(line),
                Err(trouble) => troubles.push(Trouble { row, ..trouble }),
            }
        }
        if lines.is_empty() && troubles.is_empty() {
            troubles.push(Trouble::new("item", "NO_LINES", Both::of("没有费用明细", "there are no lines")));
        }
        if troubles.is_empty() { Ok(lines) } else { Err(troubles) }
    }

    /// Bills that were settled while the pool was stopped, of persons for whom it was restored since: what the funds owe of
    /// them besides. Each is booked once, for money to the person. `dry`: only what is owed.
    pub fn restore(
        &mut self,
        reader: &mut dyn Reader,
        by: &str,
        dry: bool,
        told: &mut dyn FnMut(Owed) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // What a trial would have booked: the next bill of the person goes on from it.
        let mut tried: HashMap<PersonId, PersonState> = HashMap::new();
        for (number, row) in stopped_bills(reader)? {
            let who = Who::Number(PersonNumber::from(&*number));
            let needs = Needs { who, settlement: Some(row.id), events: true, ..Needs::of(row.hospital) };
            let loaded = self.load(&[needs])?;
            let owed = still_stopped(&loaded, &row).and_then(|record| {
                let state = tried.get(&record.row.id).cloned();
                let record = PersonRecord { state: state.unwrap_or(record.state.clone()), ..record.clone() };
                let (owed, booking) = self.supplement(&record, &row, &loaded.settlements, by)?;
                Some((record, owed, booking))
            });
            let Some((record, owed, booking)) = owed else {
                self.writer.abandon();
                continue;
            };
            match booking {
                Some((event, amounts)) if !dry => {
                    let object = format!("supplement of settlement {}", row.id);
                    let owed = (row.insurance_kind, &amounts);
                    self.book(record, event, owed, vec![self.mark(&row)], &object)?;
                }
                Some((event, _)) => {
                    tried.insert(record.row.id, behind(&record, &event));
                    self.writer.abandon();
                }
                None => self.writer.abandon(),
            }
            told(owed)?;
        }
        Ok(())
    }

    /// From here on the settlement cannot be undone where it was made.
    fn mark(&self, row: &SettlementRow) -> RegisterRow {
        RegisterRow {
            hospital: row.hospital,
            kind: RegisterKind::Clearing,
            key: supplement_key(row.root),
            version: 0,
            from: self.clock.now().date(),
            to: None,
            state: STANDS.into(),
            message: None,
            data: String::new(),
            facts: Vec::new(),
        }
    }

    /// What is owed of a bill; none where its day is in arrears still, or nothing is.
    fn supplement(
        &self,
        record: &PersonRecord,
        row: &SettlementRow,
        rows: &[SettlementRow],
        by: &str,
    ) -> Option<(Owed, Option<(EventRow, Amounts)>)> {
        let cover = bill::cover_on(record, row.insurance_kind, row.benefit_date).ok()?;
        let edition = self.editions.named(&row.edition).filter(|_| cover.premium == Premium::Paid)?;
        let inputs = restored(&Inputs::decode(&row.inputs)?);
        let before = counters_of(&record.state.years, row.year).plus(&accumulators(&row.change).negated());
        let again = inputs.adjudicate(edition, &before, Some(self.editions), &Earlier::default());
        let amounts = beside(&again.amounts, &row.amounts);
        let owed = Owed {
            number: record.row.number.clone(),
            settlement: row.id,
            day: row.benefit_date,
            paid: row.amounts.funds_total(),
            owed: amounts.funds_total(),
            left: None,
        };
        // A part of a stay, or a fund that would get money back: the whole must be looked at.
        let stay = inputs.visit.admitted.is_some();
        let alone = |known: &&SettlementRow| known.effective && known.encounter == row.encounter;
        let parts = rows.iter().filter(alone).count();
        let whole = !stay || (parts == 1 && row.scope == STAY_SCOPE);
        let gains = Fund::ALL.iter().all(|fund| amounts.fund(*fund) >= Money::ZERO);
        if !whole || !gains {
            let left = Both::of(
                "分段结算或基金需回收,须人工处理",
                "of a part of a stay, or to be paid back by a fund: by hand",
            );
            return Some((Owed { owed: Money::ZERO, left: Some(left), ..owed }, None));
        }
        if owed.owed.is_zero() {
            return None;
        }
        let change = again.change.plus(&accumulators(&row.change).negated());
        let event = EventRow {
            reference: row.root.to_string(),
            edition: row.edition.clone(),
            year: row.year,
            inputs: inputs.encode(),
            before: counters(&before),
            change: vec![(row.year, counters(&change))],
            trail: again.trail.as_bytes().to_vec(),
            ..self.event(record, EventKind::Supplement, row.benefit_date, by)
        };
        Some((owed, Some((event, amounts))))
    }

    /// Books an event that pays the person.
    fn book(
        &mut self,
        record: PersonRecord,
        event: EventRow,
        (kind, amounts): (InsuranceKind, &Amounts),
        registers: Vec<RegisterRow>,
        object: &str,
    ) -> Result<(), StoreError> {
        let loaded = record.state.version;
        let record = PersonRecord { state: behind(&record, &event), ..record };
        let journal = to_person(amounts).map(|journal| self.journal(&record, kind, journal));
        let mut changes = Changes { registers, ..Changes::default() };
        changes.states.push((record.row.id, loaded, record.state));
        changes.events.push(EventRow { journal: journal.as_ref().map(|j| j.id), ..event });
        changes.journals.extend(journal);
        self.record(changes, object)
    }
}

/// What a bill was settled from, had the premium been paid. What the account paid stays paid: it has no part in it.
pub(crate) fn restored(inputs: &Inputs) -> Inputs {
    let mut restored = inputs.clone();
    restored.person.premium = Premium::Paid;
    restored.person.uses_account = false;
    restored
}

/// What funds owe beside what they paid.
pub(crate) fn beside(again: &Amounts, paid: &Amounts) -> Amounts {
    let mut amounts = Amounts::default();
    for fund in Fund::ALL {
        amounts.funds[*fund as usize] = again.fund(*fund) - paid.fund(*fund);
    }
    amounts
}

/// Settlements that stand and were made while the premium was in arrears, each with its person's number.
fn stopped_bills(reader: &mut dyn Reader) -> Result<Vec<(String, SettlementRow)>, StoreError> {
    let mut rows: Vec<SettlementRow> = Vec::new();
    let mut numbers = HashMap::new();
    reader.scan(&mut |scan| {
        scan.settlements(&mut |row| {
            let stopped = |row: &SettlementRow| {
                Inputs::decode(&row.inputs).is_some_and(|inputs| inputs.person.premium == Premium::Arrears)
            };
            if row.effective && row.kind.settles() && stopped(&row) {
                numbers.insert(row.person, String::new());
                rows.push(row);
            }
        })?;
        scan.persons(&mut |record| {
            if let Some(number) = numbers.get_mut(&record.row.id) {
                *number = record.row.number;
            }
        })
    })?;
    // Each goes on from the one before.
    rows.sort_by_key(|row| (row.person, row.id));
    let number = |row: &SettlementRow| numbers.get(&row.person).cloned().unwrap_or_default();
    Ok(rows.into_iter().map(|row| (number(&row), row)).collect())
}

fn paper_line(
    line: &PaperLine,
    paper: &PaperBill,
    edition: &Edition,
    editions: &policy::Editions,
    catalogue: &Catalogue,
) -> Result<Line, Trouble> {
    let trouble = |column, code, zh: String, en: String| Trouble::new(column, code, Both::new(zh, en));
    let item = catalogue.item(&line.item, line.served).ok_or_else(|| {
        let (code, day) = (&line.item, line.served);
        trouble(
            "item",
            "ITEM_UNKNOWN",
            format!("{day} 目录没有 {code}"),
            format!("the catalogue has no {code} on {day}"),
        )
    })?;
    if !(paper.begins..=paper.ends).contains(&line.served) {
        let day = line.served;
        return Err(trouble(
            "served",
            "DAY_WRONG",
            format!("{day} 不在就诊期间"),
            format!("{day} is outside the visit"),
        ));
    }
    let apart = line.amount.exact() - Exact::line(line.price, line.quantity);
    let cent = Money::from_fen(1).exact();
    if apart > cent || -apart > cent || line.amount <= Money::ZERO {
        return Err(trouble(
            "amount",
            "AMOUNT_WRONG",
            "金额不等于单价乘数量,或不大于零".into(),
            "the amount is not price times quantity, or not above nothing".into(),
        ));
    }
    Ok(Line {
        class: item.class,
        kind: item.kind,
        amount: line.amount,
        price: line.price,
        quantity: line.quantity,
        limit: item.limits[usize::from(paper.level.get())].into(),
        first_self_pay: item.first_self_pay.into(),
        lists: editions.for_items(edition, line.served).lists(&line.item),
        standing: if item.restricted { model::Standing::Unconfirmed } else { model::Standing::Listed },
        day: policy::day_number(line.served),
    })
}

/// The lines in words, as they are kept.
fn paper_lines(paper: &PaperBill) -> String {
    let line = |line: &PaperLine| {
        format!("{} {} {} {} {}\n", line.served, line.item, line.price, line.quantity, line.amount)
    };
    paper.lines.iter().map(line).collect()
}

/// The person's state behind an event.
fn behind(record: &PersonRecord, event: &EventRow) -> PersonState {
    let mut state = PersonState { version: event.version, ..record.state.clone() };
    for (year, change) in &event.change {
        add_counters(&mut state.years, *year, change);
    }
    state
}

/// The insurance somebody has on a day; the employees' where he has none.
fn kind_on(record: &PersonRecord, day: Date) -> InsuranceKind {
    let held = record.covers.iter().find(|cover| cover.holds_on(day));
    held.map_or(InsuranceKind::EMPLOYEE, |cover| cover.kind)
}

/// Whose bill it is, where it stands and has no supplement.
fn still_stopped<'l>(loaded: &'l Loaded, row: &SettlementRow) -> Option<&'l PersonRecord> {
    let root = row.root.to_string();
    let stands = loaded.settlements.iter().any(|known| known.id == row.id && known.effective);
    let done = loaded.events.iter().any(|e| e.kind == EventKind::Supplement && e.reference == root);
    let record = loaded.persons.iter().find(|record| record.row.id == row.person);
    record.filter(|_| stands && !done)
}

fn reimbursed(settled: &Adjudication, edition: &Edition) -> Reimbursed {
    let steps =
        [policy::Language::Zh, policy::Language::En].map(|language| settled.trail.render(edition, language));
    Reimbursed { amounts: settled.amounts, paid: settled.amounts.funds_total(), steps }
}

/// Filed within the days the edition gives for it.
fn must_be_in_time(paper: &PaperBill, edition: &Edition, today: Date) -> Result<(), Trouble> {
    let last = edition.joining.manual_days.map(|days| paper.ends.saturating_add(i64::from(days).days()));
    match last.filter(|last| today > *last) {
        None => Ok(()),
        Some(last) => {
            let words = Both::new(
                format!("手工报销须在 {last} 以前提出"),
                format!("a bill on paper had to be filed by {last}"),
            );
            Err(Trouble::new("ends", "TOO_LATE", words))
        }
    }
}
