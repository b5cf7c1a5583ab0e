//! 4101, 4101A: Keeps the settlement list of a stay once its figures are those of the settlement. Said anew it takes the
//! place of the one before, under the same number.

use jiff::civil::DateTime;
use model::RegisterKind;
use money::Money;
use store::{Needs, RegisterRow, Registers, Sealer, Who};
use wire::transactions::{ListKept, UploadSettlementList};
use wire::{Both, Refusal};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::kept::STANDS;
use crate::state::State;
use crate::undo::standing;
use crate::words;

/// Where what is said is sealed.
const SAID: &str = "register.settlement list";

pub(crate) fn needs(request: &UploadSettlementList, needs: &mut Needs, _: &Sealer) {
    needs.who = Who::OwnerOf(request.settlement);
    needs.settlement = Some(request.settlement);
    let keys = vec![request.settlement.to_string()];
    needs.registers.push(Registers::Keys(RegisterKind::SettlementList, keys));
}

pub(crate) fn decide(
    request: &UploadSettlementList,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, row) = bill::settlement(state, context.hospital, request.settlement)?;
    bill::must_be_kind(visit, true, words::TO_REPORT)?;
    if row.encounter != request.encounter {
        return Err(Refusal::VisitUnknown { visit: request.encounter.to_string() });
    }
    let owner = state.person_by_id(row.person).map(|record| record.row.number.as_str());
    if let Some(person) = request.person.as_ref().filter(|person| owner != Some(person.as_str())) {
        return Err(Refusal::PersonMismatch { person: person.to_string() });
    }
    // A settlement whose void was taken back stands again, under its own number.
    if row.undoes.is_some() || standing(visit, row.id).is_none() {
        return Err(Refusal::AlreadyVoided { settlement: row.id.to_string() });
    }
    check_figures(request, row)?;
    let (hospital, key, person) = (context.hospital.id(), row.id.to_string(), row.person);
    let (from, to) = (visit.row.begins.date(), visit.row.ends.map(DateTime::date));
    let before = state.registered(hospital, RegisterKind::SettlementList).find(|known| known.key == key);
    // The first message that said it gives it its number.
    let number = before.map_or_else(|| context.id.to_string(), |known| known.data.clone());
    let kept = RegisterRow {
        hospital,
        kind: RegisterKind::SettlementList,
        version: before.map_or(0, |known| known.version),
        from,
        to,
        state: STANDS.into(),
        message: Some(context.id),
        data: number.clone(),
        facts: at.sealer.seal(SAID, row.id.0, request.said.as_bytes()),
        key,
    };
    let object = format!("settlement list {number}");
    state.put_register(kept);
    Ok(Decision { object, person: Some(person), ..Decision::answer(ListKept { number }) })
}

/// What is said of the amounts is what was settled.
fn check_figures(request: &UploadSettlementList, row: &store::SettlementRow) -> Result<(), Refusal> {
    let figures = [
        (request.total, row.amounts.total, words::TOTAL),
        (request.funds, row.amounts.funds_total(), words::FUNDS),
        (request.account, row.amounts.personal_account, words::ACCOUNT),
        (request.cash, row.amounts.cash, words::CASH),
    ];
    let apart = figures.into_iter().find(|(sent, reckoned, _)| sent.is_some_and(|sent| sent != *reckoned));
    apart.map_or(Ok(()), |(sent, reckoned, figure): (Option<Money>, Money, Both)| {
        let sent = sent.unwrap_or_default().to_string();
        Err(Refusal::SplitMismatch { figure, sent, reckoned: reckoned.to_string() })
    })
}
