//! 2204, 2301: Prices fee lines and keeps them; an equal line is accepted again, another under its number is refused. A
//! refund row of a stay takes back from a line, wherever in the stay it was settled.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Catalogue, Item, RegisterKind, Standing, Tracing};
use money::{Exact, Money, Quantity};
use store::{EncounterRow, LineRow, LineState, Made, Needs, PersonRecord, PersonRow, Registers, Sealer};
use wire::transactions::{FeeLine, FeesPriced, PricedLine, UploadFees};
use wire::{Both, Lines, Refusal, print_date, print_time};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::mapping;
use crate::state::{State, Visit};
use crate::{traces, words};

pub(crate) fn needs(request: &UploadFees, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
    needs.traces = traces::codes(&request.lines);
    if !needs.traces.is_empty() {
        let visit = vec![request.encounter.to_string()];
        needs.registers.push(Registers::Under(RegisterKind::AuditHit, visit));
    }
}

pub(crate) fn decide(
    request: &UploadFees,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_be_open(visit, request.stay, words::TO_UPLOAD_FEES)?;
    let person = record.row.id;
    let Taken { rows, again, mut priced } = taken(&request.lines, visit, record, context, state, at)?;
    let lines = visit.lines.len() + rows.len();
    if lines > LINES_MAX {
        return Err(Refusal::VisitTooLong { lines: lines.to_string(), max: LINES_MAX.to_string() });
    }
    let sold = Sold::of(&request.lines, rows.iter().chain(&again), &visit.row, &record.row);
    let warning = sold.and_then(|sold| sold.keep(&mut priced, context, state, at));
    rows.into_iter().for_each(|row| state.put_line(row));
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {} lines {}", request.encounter, request.lines.len()),
        warning,
        ..Decision::answer(FeesPriced { lines: priced })
    })
}

/// Lines with packs, as they were sent and as they are kept.
pub(crate) struct Sold<'s> {
    lines: Vec<(&'s FeeLine, &'s LineRow)>,
    visit: EncounterRow,
    person: PersonRow,
}

impl<'s> Sold<'s> {
    /// Of lines, those with packs; none where no line has any.
    pub(crate) fn of(
        sent: &'s [FeeLine],
        rows: impl Iterator<Item = &'s LineRow>,
        visit: &EncounterRow,
        person: &PersonRow,
    ) -> Option<Self> {
        // Said twice in one call it is one line, and the first stands.
        let mut traced: HashMap<&str, &FeeLine> = HashMap::new();
        for line in sent.iter().filter(|line| !line.traces.is_empty()) {
            traced.entry(&line.number).or_insert(line);
        }
        if traced.is_empty() {
            return None;
        }
        let lines = rows.filter_map(|row| Some((*traced.get(row.number.as_str())?, row))).collect();
        Some(Self { lines, visit: visit.clone(), person: person.clone() })
    }

    /// Keeps the packs they were sold with; of those sold before the line's note and a warning tell.
    pub(crate) fn keep(
        &self,
        priced: &mut [PricedLine],
        context: &Context<'_>,
        state: &mut State,
        at: &Moment<'_>,
    ) -> Option<Both> {
        let found = traces::keep(&self.lines, &self.visit, &self.person, context, state, at);
        told(found, priced, context)
    }

    /// Only tells which were sold before.
    pub(crate) fn look(
        &self,
        priced: &mut [PricedLine],
        context: &Context<'_>,
        state: &State,
        at: &Moment<'_>,
    ) -> Option<Both> {
        let found = traces::sold_twice(&self.lines, &self.visit, &self.person, state, at);
        told(traces::told(&found), priced, context)
    }
}

/// What was found of lines, behind what their notes say already; and as a warning.
fn told(found: Vec<(String, Both)>, priced: &mut [PricedLine], context: &Context<'_>) -> Option<Both> {
    for (number, words) in &found {
        let words = words.told(context.hospital.profile.language);
        for line in priced.iter_mut().filter(|line| line.number == *number) {
            let memo = if line.memo.is_empty() { words.to_owned() } else { format!("{};{words}", line.memo) };
            line.memo = memo.chars().take(MEMO_MAX).collect();
        }
    }
    found.into_iter().map(|(_, words)| words).reduce(|all, words| all.and(&words))
}

/// Characters a note has at most.
const MEMO_MAX: usize = 500;

/// Lines of a call, as a visit keeps them.
pub(crate) struct Taken {
    /// Those that are new.
    pub(crate) rows: Vec<LineRow>,
    /// Those it has, said again with trace codes: these may be new.
    pub(crate) again: Vec<LineRow>,
    /// What each comes to before any benefit.
    pub(crate) priced: Vec<PricedLine>,
}

/// Takes lines into a visit.
pub(crate) fn taken(
    lines: &[FeeLine],
    visit: &Visit,
    record: &PersonRecord,
    context: &Context<'_>,
    state: &State,
    at: &Moment<'_>,
) -> Result<Taken, Refusal> {
    let taken = Taken { rows: Vec::new(), again: Vec::new(), priced: Vec::new() };
    let mut upload = Upload { visit, record, context, state, at, taken };
    let refused = lines.iter().filter_map(|line| Some((line.number.clone(), upload.take(line).err()?)));
    let refused: Vec<(String, Refusal)> = refused.collect();
    let taken = upload.taken;
    all_taken(refused)?;
    Ok(taken)
}

/// All lines of a call are taken, or none: of one that is not its reason is told, of several each one's.
fn all_taken(mut refused: Vec<(String, Refusal)>) -> Result<(), Refusal> {
    match refused.len() {
        0 => Ok(()),
        1 => Err(refused.remove(0).1),
        count => Err(Refusal::LinesRefused { count: count.to_string(), lines: Lines(refused) }),
    }
}

/// Lines of one visit, withdrawn ones included: every message of the visit reads them. The longest stays have a tenth.
const LINES_MAX: usize = 30_000;

/// Lines of one call on their way into a visit.
struct Upload<'u, 'c, 'm> {
    visit: &'u Visit,
    record: &'u PersonRecord,
    context: &'u Context<'c>,
    state: &'u State,
    at: &'u Moment<'m>,
    /// So far.
    taken: Taken,
}

impl<'u> Upload<'u, '_, '_> {
    /// Takes a line in, or says why not.
    fn take(&mut self, sent: &FeeLine) -> Result<(), Refusal> {
        let (row, item) = match &sent.refunds {
            None => self.line(sent)?,
            Some(original) => self.refund(sent, original)?,
        };
        let twin = self.taken.rows.iter().find(|known| known.number == row.number);
        if twin.is_some_and(|twin| *twin != row) {
            return Err(Refusal::LineDuplicate { line: row.number });
        }
        let (stored, hospital) = (self.stored(&row.number), self.context.hospital);
        let item = item.as_ref();
        let priced = bill::priced(stored.unwrap_or(&row), item, self.visit, self.record, hospital, self.at)?;
        match stored {
            Some(stored) if same_as_sent(stored, &row, item, self.visit.row.stay) => {
                if !sent.traces.is_empty() && stored.refunds.is_none() {
                    self.taken.again.push(stored.clone());
                }
            }
            Some(_) => return Err(Refusal::LineDuplicate { line: row.number }),
            // Said twice in one call it is one line.
            None if twin.is_some() => {}
            None => {
                if let Some(settled) = self.visit.effective(&row.charge_batch) {
                    let settlement = settled.id.to_string();
                    return Err(Refusal::BatchSettled { batch: row.charge_batch, settlement });
                }
                self.taken.rows.push(row);
            }
        }
        let noted = self.noted(priced, sent, item);
        self.taken.priced.push(noted);
        Ok(())
    }

    /// With a note where a drug lacks its trace code, and that is only warned of.
    fn noted(&self, priced: PricedLine, sent: &FeeLine, item: &Item) -> PricedLine {
        if traces::missing(sent, item, self.context, self.at) != Tracing::Warn || !priced.memo.is_empty() {
            return priced;
        }
        let memo = words::UNTRACED.told(self.context.hospital.profile.language).to_owned();
        PricedLine { memo, ..priced }
    }

    fn stored(&self, number: &str) -> Option<&'u LineRow> {
        self.visit.line(number).filter(|stored| stored.state == LineState::Valid)
    }

    /// The item of a code on the day it was served.
    fn item(&self, line: &str, code: &str, day: Date) -> Result<&'u Item, Refusal> {
        let catalogue: &'u Catalogue = self.at.catalogue;
        let (line, known) = (line.to_owned(), catalogue.of(code).next().is_some());
        catalogue.item(code, day).ok_or_else(|| {
            let code = code.to_owned();
            if known {
                Refusal::ItemStopped { line, code, date: print_date(day) }
            } else {
                Refusal::ItemUnknown { line, code }
            }
        })
    }

    /// How an item is listed at the place of care, if that is elsewhere.
    fn elsewhere(&self, sent: &FeeLine) -> Option<Item> {
        let told = self.context.hospital.profile.listed_elsewhere.then_some(sent.listing.as_ref())?;
        told.map(|listing| listing.item(&sent.item, sent.price))
    }

    /// A line as it is kept, and its item.
    fn line(&self, sent: &FeeLine) -> Result<(LineRow, Cow<'u, Item>), Refusal> {
        if sent.quantity == Quantity::default() {
            let (line, quantity) = (sent.number.clone(), sent.quantity.to_string());
            return Err(Refusal::LineQuantity { line, quantity });
        }
        self.check_amount(sent)?;
        // A day that is out of all bounds is told before that nothing was listed on it.
        let elsewhere = self.elsewhere(sent);
        self.check_date(sent, elsewhere.as_ref().or_else(|| self.at.catalogue.of(&sent.item).next()))?;
        let item = match elsewhere {
            Some(item) => Cow::Owned(item),
            None => Cow::Borrowed(self.item(&sent.number, &sent.item, sent.served.date())?),
        };
        if traces::missing(sent, &item, self.context, self.at) == Tracing::Required {
            return Err(Refusal::TraceCodeRequired { line: sent.number.clone(), item: item.name.clone() });
        }
        let row = line_row(sent, &item, self.visit, self.context);
        Ok((LineRow { standing: self.standing(sent, &item), ..row }, item))
    }

    /// Whether the hospital's own item is mapped, where that is asked; then whether a restricted use is confirmed.
    fn standing(&self, sent: &FeeLine, item: &Item) -> Standing {
        let (hospital, day) = (self.context.hospital, sent.served.date());
        if !mapping::is_mapped(self.state, hospital, &sent.hospital_item, &sent.item, day) {
            return Standing::Unmapped;
        }
        match (item.restricted, sent.confirmed) {
            (false, _) => Standing::Listed,
            (true, true) => Standing::Confirmed,
            (true, false) => Standing::Unconfirmed,
        }
    }

    fn check_amount(&self, sent: &FeeLine) -> Result<(), Refusal> {
        let apart = sent.amount.exact() - Exact::line(sent.price, sent.quantity);
        let tolerance = Money::from_fen(self.context.hospital.profile.line_tolerance_fen).exact();
        let other_sign =
            if sent.refunds.is_some() { sent.amount > Money::ZERO } else { sent.amount.is_negative() };
        if other_sign || apart > tolerance || -apart > tolerance {
            return Err(Refusal::LineAmount {
                line: sent.number.clone(),
                amount: sent.amount.to_string(),
                price: sent.price.to_string(),
                quantity: sent.quantity.to_string(),
            });
        }
        Ok(())
    }

    fn check_date(&self, sent: &FeeLine, item: Option<&Item>) -> Result<(), Refusal> {
        let (visit, at) = (self.visit, self.at);
        let (begins, to) = (visit.row.begins, at.now.saturating_add(10.minutes()));
        let joining = at.policy.on(begins.date()).map(|edition| edition.joining).filter(|_| visit.row.stay);
        let joining = joining.unwrap_or_default();
        let before = sent.served.date() < begins.date();
        // Whether something of before an admission joins the stay, its kind says; of what is unknown it is told that it is.
        let joins = match item {
            Some(item) => joining.joins(item.kind, sent.served, begins),
            None => visit.row.stay,
        };
        if (before && !joins) || sent.served > to {
            let earliest = item.and_then(|item| joining.earliest(item.kind, begins));
            let from = earliest.map_or_else(|| print_date(begins.date()), print_time);
            return Err(line_date(sent, from, print_time(to)));
        }
        Ok(())
    }

    /// A refund row of a stay as it is kept: what its original is, less than nothing of it.
    fn refund(&self, sent: &FeeLine, original: &str) -> Result<(LineRow, Cow<'u, Item>), Refusal> {
        self.check_amount(sent)?;
        let fresh = self.taken.rows.iter().find(|row| row.number == *original);
        let original =
            fresh.or(self.stored(original)).filter(|row| row.refunds.is_none()).ok_or_else(|| {
                Refusal::RefundOriginal { line: sent.number.clone(), original: original.into() }
            })?;
        // It was listed when it came; what is said of that day now is nothing to what is given back.
        let day = original.served.date();
        let listed = self.at.catalogue.item(&original.item, day);
        let item =
            match (self.elsewhere(sent), listed.or_else(|| self.at.catalogue.of(&original.item).next())) {
                (Some(item), _) => Cow::Owned(item),
                (None, Some(item)) => Cow::Borrowed(item),
                (None, None) => Cow::Borrowed(self.item(&sent.number, &original.item, day)?),
            };
        sent.must_be_of(&original.item, original.price)?;
        let to = self.at.now.saturating_add(10.minutes());
        if sent.served < original.served || sent.served > to {
            return Err(line_date(sent, print_time(original.served), print_time(to)));
        }
        self.check_year(original)?;
        self.check_left(sent, original)?;
        let row = LineRow {
            number: sent.number.clone(),
            charge_batch: sent.charge_batch.clone(),
            served: sent.served,
            quantity: sent.quantity,
            amount: sent.amount,
            refunds: Some(original.number.clone()),
            message: Some(self.context.id),
            ..original.clone()
        };
        Ok((row, item))
    }

    /// What an earlier year's part of a stay settled is that year's: it is set right by undoing that part.
    fn check_year(&self, original: &LineRow) -> Result<(), Refusal> {
        let settled = self.visit.effective(&original.charge_batch);
        if settled.is_some_and(|settled| settled.year < self.at.now.year()) {
            return Err(Refusal::UndoFirst { step: words::STAY_SETTLEMENT });
        }
        Ok(())
    }

    /// Of quantity and amount no more is taken back than there is, and all of one only with all of the other.
    fn check_left(&self, sent: &FeeLine, original: &LineRow) -> Result<(), Refusal> {
        let stored = self.visit.lines.iter().filter(|row| row.state == LineState::Valid);
        let refunds = stored
            .chain(&self.taken.rows)
            .filter(|row| row.refunds.as_ref() == Some(&original.number) && row.number != sent.number);
        let (quantity, amount) = refunds
            .fold((original.quantity, original.amount), |(q, a), row| (q + row.quantity, a + row.amount));
        let (nothing, free) = (Quantity::default(), Money::ZERO);
        let (rest, rest_amount) = (quantity + sent.quantity, amount + sent.amount);
        if rest < nothing || rest_amount < free || (rest == nothing) != (rest_amount == free) {
            return Err(Refusal::RefundExceeds {
                line: sent.number.clone(),
                asked: format!("{}, {}", -sent.quantity, -sent.amount),
                left: format!("{quantity}, {amount}"),
            });
        }
        Ok(())
    }
}

fn line_date(sent: &FeeLine, from: String, to: String) -> Refusal {
    Refusal::LineDate { line: sent.number.clone(), date: print_time(sent.served), from, to }
}

/// Whether a hospital sends again what it sent: what the catalogue says of the item may have changed since, and a stay's
/// line may have been settled in mid-stay.
fn same_as_sent(stored: &LineRow, again: &LineRow, item: &Item, stay: bool) -> bool {
    let batch = if stay { stored } else { again };
    let now = LineRow {
        charge_batch: batch.charge_batch.clone(),
        class: stored.class,
        kind: stored.kind,
        price_limit: stored.price_limit,
        first_self_pay: stored.first_self_pay,
        standing: if item.restricted { again.standing } else { stored.standing },
        message: stored.message,
        ..again.clone()
    };
    *stored == now
}

/// The line as it is kept.
fn line_row(line: &FeeLine, item: &Item, visit: &Visit, context: &Context<'_>) -> LineRow {
    LineRow {
        hospital: context.hospital.id(),
        encounter: visit.row.id,
        number: line.number.clone(),
        person: visit.row.person,
        charge_batch: line.charge_batch.clone(),
        served: line.served,
        item: line.item.clone(),
        hospital_item: line.hospital_item.clone(),
        class: item.class,
        kind: item.kind,
        price: line.price,
        quantity: line.quantity,
        amount: line.amount,
        price_limit: item.limits[usize::from(context.hospital.level().get())],
        first_self_pay: item.first_self_pay,
        standing: Standing::Listed,
        state: LineState::Valid,
        refunds: None,
        message: Some(context.id),
    }
}
