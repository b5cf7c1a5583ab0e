//! 1101: The person with insurances and identities as they stood on the day asked about.

use model::{Cover, Premium};
use store::{Needs, PersonRecord, Sealer, Who};
use wire::Refusal;
use wire::transactions::{GetPerson, Insurance, PersonFound, PersonKey};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::people::{died, merged_into};
use crate::state::State;
use crate::words;

pub(crate) fn needs(request: &GetPerson, needs: &mut Needs, sealer: &Sealer) {
    needs.who = super::by_key(&request.key, sealer);
}

pub(crate) fn decide(
    request: &GetPerson,
    _: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = found(&request.key, state, at)?;
    let day = request.at.unwrap_or(at.now).date();
    let covers: Vec<&Cover> = record.covers.iter().filter(|c| c.holds_on(day)).collect();
    let differs = !request.name.is_empty() && request.name != record.row.name;
    let output = PersonFound {
        person: bill::person_facts(record, covers.first().copied(), day, at),
        insurances: covers.iter().map(|cover| insurance(record, cover)).collect(),
        identities: record.identities.iter().map(|i| (i.kind.clone(), i.from, i.to)).collect(),
    };
    let dead = died(record).filter(|death| *death < day);
    let dead = dead.map(|death| Refusal::PersonDied { date: death.to_string() }.words());
    let merged = merged_into(record).map(|other| Refusal::PersonMerged { person: other.into() }.words());
    let warning = merged.or(dead).or(differs.then_some(words::NAME_DIFFERS));
    let object = format!("person {}", record.row.id);
    Ok(Decision { warning, object, ..Decision::answer(output) })
}

/// The one person a document or card belongs to.
pub(crate) fn found<'s>(
    key: &PersonKey,
    state: &'s State,
    at: &Moment<'_>,
) -> Result<&'s PersonRecord, Refusal> {
    let (PersonKey::Document(_, number) | PersonKey::Card(number)) = key;
    let (Who::Document(hash) | Who::Card(hash)) = super::by_key(key, at.sealer) else {
        unreachable!("a key is one of the two")
    };
    match state.by_hash(&hash).as_slice() {
        [] => Err(Refusal::PersonUnknown { person: masked(number) }),
        [one] => Ok(*one),
        many => Err(Refusal::PersonAmbiguous { count: many.len().to_string() }),
    }
}

fn insurance(record: &PersonRecord, cover: &Cover) -> Insurance {
    let (state, paused) = match cover.premium {
        Premium::Paid => ("1", None),
        Premium::Arrears | Premium::Waiting => ("2", Some(cover.from)),
        Premium::Ended => ("4", Some(cover.from)),
    };
    Insurance {
        balance: record.state.held.total(),
        kind: cover.kind.0,
        person_type: cover.person_type.clone(),
        state,
        from: cover.from,
        paused,
        civil_servant: cover.civil_servant,
        division: cover.division.clone(),
        employer: cover.employer.clone(),
    }
}

/// The last four characters: enough to see which document was meant.
fn masked(number: &str) -> String {
    let tail: Vec<char> = number.chars().rev().take(4).collect();
    format!("…{}", tail.into_iter().rev().collect::<String>())
}
