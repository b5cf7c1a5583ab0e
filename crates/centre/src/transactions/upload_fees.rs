//! 2204, 2301: Prices fee lines and keeps them; an equal line is accepted again, another under its number is refused.

use jiff::ToSpan;
use model::{Item, ItemClass, Standing};
use money::{Exact, Money, Quantity, UnitPrice};
use policy::price_line;
use store::{LineRow, LineState, Made, Needs, PersonRecord, Sealer};
use wire::transactions::{FeeLine, FeesPriced, PricedLine, UploadFees};
use wire::{Refusal, print_date, print_time};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::{State, Visit};
use crate::words;

pub(crate) fn needs(request: &UploadFees, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
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
    let (mut rows, mut priced) = (Vec::new(), Vec::new());
    for sent in &request.lines {
        let item = check(sent, visit, context, at)?;
        let row = line_row(sent, item, visit, context);
        if let Some(earlier) = rows.iter().find(|r: &&LineRow| r.number == row.number)
            && *earlier != row
        {
            return Err(Refusal::LineDuplicate { line: sent.number.clone() });
        }
        let stored = visit.line(&row.number).filter(|stored| stored.state == LineState::Valid);
        priced.push(price(stored.unwrap_or(&row), item, sent, visit, record, context, at)?);
        match stored {
            Some(stored) if same_as_sent(stored, &row, item, visit.row.stay) => {}
            Some(_) => return Err(Refusal::LineDuplicate { line: sent.number.clone() }),
            _ => {
                if let Some(settled) = visit.effective(&row.charge_batch) {
                    let settlement = settled.id.to_string();
                    return Err(Refusal::BatchSettled { batch: row.charge_batch, settlement });
                }
                rows.push(row);
            }
        }
    }
    let lines = visit.lines.len() + rows.len();
    if lines > LINES_MAX {
        return Err(Refusal::VisitTooLong { lines: lines.to_string(), max: LINES_MAX.to_string() });
    }
    rows.into_iter().for_each(|row| state.put_line(row));
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {} lines {}", request.encounter, request.lines.len()),
        ..Decision::answer(FeesPriced { lines: priced })
    })
}

/// Lines of one visit, withdrawn ones included: every message of the visit reads them. The longest stays have a tenth.
const LINES_MAX: usize = 30_000;

/// What must hold of a line by itself; answers its item.
fn check<'a>(
    line: &FeeLine,
    visit: &Visit,
    context: &Context<'_>,
    at: &Moment<'a>,
) -> Result<&'a Item, Refusal> {
    let number = || line.number.clone();
    let (nothing, free) = (Quantity::default(), UnitPrice::default());
    if line.quantity < nothing || line.price < free || line.amount.is_negative() {
        return Err(Refusal::RefundNotOffered {
            line: number(),
            price: line.price.to_string(),
            quantity: line.quantity.to_string(),
            amount: line.amount.to_string(),
        });
    }
    if line.quantity == nothing {
        return Err(Refusal::LineQuantity { line: number(), quantity: line.quantity.to_string() });
    }
    let apart = line.amount.exact() - Exact::line(line.price, line.quantity);
    let tolerance = Money::from_fen(context.hospital.profile.line_tolerance_fen).exact();
    if apart > tolerance || -apart > tolerance {
        return Err(Refusal::LineAmount {
            line: number(),
            amount: line.amount.to_string(),
            price: line.price.to_string(),
            quantity: line.quantity.to_string(),
        });
    }
    let item = at.catalogue.item(&line.item);
    let (begins, to) = (visit.row.begins, at.now.saturating_add(10.minutes()));
    let joining = at.policy.on(begins.date()).map(|edition| edition.joining).filter(|_| visit.row.stay);
    let joining = joining.unwrap_or_default();
    let before = line.served.date() < begins.date();
    // Whether something of before an admission joins the stay, its kind says; of what is unknown it is told that it is.
    let joins = match item {
        Some(item) => joining.joins(item.kind, line.served, begins),
        None => visit.row.stay,
    };
    if (before && !joins) || line.served > to {
        let earliest = item.and_then(|item| joining.earliest(item.kind, begins));
        let from = earliest.map_or_else(|| print_date(begins.date()), print_time);
        let (date, to) = (print_time(line.served), print_time(to));
        return Err(Refusal::LineDate { line: number(), date, from, to });
    }
    item.ok_or_else(|| Refusal::ItemUnknown { line: number(), code: line.item.clone() })
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
        standing: match (item.restricted, line.confirmed) {
            (false, _) => Standing::Listed,
            (true, true) => Standing::Confirmed,
            (true, false) => Standing::Unconfirmed,
        },
        state: LineState::Valid,
    }
}

fn price(
    row: &LineRow,
    item: &Item,
    line: &FeeLine,
    visit: &Visit,
    record: &PersonRecord,
    context: &Context<'_>,
    at: &Moment<'_>,
) -> Result<PricedLine, Refusal> {
    // What joins a stay may be of before the first edition: the stay's own then says, as it does when it is settled.
    let day = line.served.date().max(visit.row.begins.date());
    let bill = at.policy.on(day).ok_or_else(|| Refusal::EditionNone { date: day.to_string() })?;
    let edition = at.policy.for_items(bill, line.served.date());
    let cover = bill::cover_on(record, visit.row.insurance_kind, visit.row.begins.date())?;
    let person = bill::policy_person(record, cover, day, true, edition);
    let policy_visit = policy::Visit {
        region: visit.row.region,
        admission: 0,
        disease: edition.disease(&visit.row.disease),
        ..policy::Visit::new(visit.row.visit, context.hospital.level(), day)
    };
    let language = context.hospital.profile.language;
    let shares = price_line(edition, &person, &policy_visit, &bill::policy_line(row, edition, at.policy));
    Ok(PricedLine {
        number: row.number.clone(),
        amount: row.amount,
        quantity: row.quantity,
        price: row.price,
        limit: shares.limit,
        rate: shares.rate,
        out_of_scope: shares.out_of_scope,
        over_limit: shares.over_limit,
        first_self_pay: shares.first_self_pay,
        eligible: shares.eligible,
        class: if shares.out_of_scope.is_zero() { row.class } else { ItemClass::C },
        charge_kind: item.charge_kind.clone(),
        restricted: item.restricted,
        memo: if row.standing == Standing::Unconfirmed {
            words::UNCONFIRMED.told(language).into()
        } else {
            String::new()
        },
    })
}
