//! 2102: A purchase at a pharmacy: its visit, its lines and its settlement are made in one.

use model::{EncounterId, VisitKind};
use store::{EncounterRow, Made, Needs, PersonRecord, Sealer};
use wire::transactions::{FeesPriced, PricedLine, PurchaseSettled, SettleBill, SettlePharmacy};
use wire::{Facts, Refusal};

use super::upload_fees::{self, Sold, Taken};
use super::{get_person, settle_bill};
use crate::bill::{self, Bill};
use crate::decide::{Context, Decision, Moment};
use crate::opening::Opening;
use crate::state::{State, Visit};
use crate::traces;

pub(crate) fn needs(request: &SettlePharmacy, needs: &mut Needs, sealer: &Sealer) {
    needs.who = match &request.key {
        None => super::who(&request.asked.person),
        Some(key) => super::by_key(key, sealer),
    };
    needs.traces = traces::codes(&request.lines);
}

/// A purchase, reckoned; nothing of it is among the rows yet.
pub(crate) struct Purchase {
    pub(crate) visit: Visit,
    pub(crate) record: PersonRecord,
    pub(crate) asked: SettleBill,
    pub(crate) bill: Bill,
    pub(crate) priced: Vec<PricedLine>,
}

pub(crate) fn decide(
    request: &SettlePharmacy,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let Purchase { visit, record, asked, bill, mut priced } = reckon(request, context, state, at)?;
    let (row, journal) = settle_bill::rows(&bill, &asked, &record, state.next_audit(), context, at);
    let (encounter, id, person) = (visit.row.id, row.id, row.person);
    let sold = Sold::of(&request.lines, visit.lines.iter(), &visit.row, &record.row);
    let warning = sold.and_then(|sold| sold.keep(&mut priced, context, state, at));
    state.add_encounter(visit.row);
    visit.lines.into_iter().for_each(|line| state.put_line(line));
    let settled = bill::settled(&row, state, &record, context.hospital, at);
    state.add_settlement(row, journal);
    Ok(Decision {
        made: Made::Settlement(id),
        person: Some(person),
        object: format!("settlement {id} encounter {encounter}"),
        warning,
        ..Decision::answer(PurchaseSettled { settled, lines: FeesPriced { lines: priced } })
    })
}

pub(crate) fn reckon(
    request: &SettlePharmacy,
    context: &Context<'_>,
    state: &State,
    at: &mut Moment<'_>,
) -> Result<Purchase, Refusal> {
    let record = match &request.key {
        None => bill::person(state, &request.asked.person)?,
        Some(key) => get_person::found(key, state, at)?,
    };
    let id = EncounterId(at.ids.next());
    let asked =
        SettleBill { person: record.row.number.as_str().into(), encounter: id, ..request.asked.clone() };
    let (number, facts) = (id.to_string(), Facts::default());
    let opening = Opening {
        person: &asked.person,
        insurance_kind: asked.insurance_kind,
        begins: request.begins.unwrap_or(at.now),
        visit_number: &number,
        facts: &facts,
    };
    let care_kind = asked.care.as_ref().map(|(code, _)| code.clone()).unwrap_or_default();
    let row = opening.row(context, state, at, |row| EncounterRow {
        id,
        care_kind,
        visit: VisitKind::Pharmacy,
        ..row
    })?;
    let mut visit = Visit { row, lines: Vec::new(), settlements: Vec::new() };
    let Taken { rows: mut lines, priced, .. } =
        upload_fees::taken(&request.lines, &visit, record, context, state, at)?;
    lines.sort_unstable_by(|a, b| a.number.cmp(&b.number));
    visit.lines = lines;
    let bill = bill::adjudicate_visit(&visit, record, state, context.hospital, &asked, at)?;
    Ok(Purchase { visit, record: record.clone(), asked, bill, priced })
}
