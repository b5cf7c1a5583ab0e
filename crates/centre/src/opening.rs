//! Opening a visit or a stay: what must hold, and the row it becomes.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{EncounterId, InsuranceKind, PersonId, PersonNumber, Region};
use store::{DiagnosisRow, EncounterRow, EncounterState, Made, Sealer};
use wire::transactions::{Diagnosis, Registered};
use wire::{Facts, Refusal, print_date, print_time};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::state::State;

/// What any visit or stay is opened with.
pub(crate) struct Opening<'m> {
    pub(crate) person: &'m PersonNumber,
    pub(crate) insurance_kind: InsuranceKind,
    pub(crate) begins: DateTime,
    pub(crate) visit_number: &'m str,
    pub(crate) facts: &'m Facts,
}

impl Opening<'_> {
    /// Opens it as `fill` completes the row. One of the same number, person, day and insurance that is open and empty is
    /// answered again, for programs that retry under a new id; many keep one number for a patient for ever.
    pub(crate) fn open(
        &self,
        context: &Context<'_>,
        state: &mut State,
        at: &mut Moment<'_>,
        fill: impl FnOnce(EncounterRow) -> EncounterRow,
    ) -> Result<Decision, Refusal> {
        let row = self.row(context, state, at, fill)?;
        let person = row.person;
        let open = state
            .visits_numbered(context.hospital.id(), self.visit_number)
            .find(|visit| visit.lines.is_empty() && says_again(&visit.row, &row));
        let encounter = match open.map(|v| v.row.clone()) {
            // From now on it is this message's: taking back the other must not take it away.
            Some(open) => {
                let id = open.id;
                state.change_encounter(EncounterRow { message: context.id, ..open });
                id
            }
            None => add(row, self.facts, state, at)?,
        };
        let output =
            Registered { encounter, person: self.person.clone(), visit_number: self.visit_number.to_owned() };
        Ok(Decision {
            made: Made::Encounter(encounter),
            person: Some(person),
            object: format!("encounter {encounter}"),
            ..Decision::answer(output)
        })
    }

    /// The row it becomes as `fill` completes it, before it has a number and more is said of it.
    pub(crate) fn row(
        &self,
        context: &Context<'_>,
        state: &State,
        at: &Moment<'_>,
        fill: impl FnOnce(EncounterRow) -> EncounterRow,
    ) -> Result<EncounterRow, Refusal> {
        let record = bill::person(state, self.person)?;
        let person = record.row.id;
        self.check_date(context, at)?;
        check_home(context, at)?;
        bill::cover_on(record, self.insurance_kind, self.begins.date())?;
        let row = fill(EncounterRow {
            id: EncounterId(0),
            hospital: context.hospital.id(),
            person,
            visit_number: self.visit_number.into(),
            insurance_kind: self.insurance_kind,
            care_kind: String::new(),
            visit: model::VisitKind::Outpatient,
            stay: false,
            region: Region::Home,
            begins: self.begins,
            ends: None,
            disease: String::new(),
            doctor: String::new(),
            doctor_name: String::new(),
            department: String::new(),
            department_name: String::new(),
            state: EncounterState::Open,
            message: context.id,
            facts: Vec::new(),
        });
        Ok(EncounterRow { region: bill::region_of(&row, record, context.hospital), ..row })
    }

    /// Not in the future, not older than the institution's profile allows.
    fn check_date(&self, context: &Context<'_>, at: &Moment<'_>) -> Result<(), Refusal> {
        let (from, late) = may_begin(context, at);
        if self.begins > late || self.begins.date() < from {
            return Err(Refusal::DateOutOfRange {
                date: print_time(self.begins),
                from: print_date(from),
                to: print_time(late),
            });
        }
        Ok(())
    }
}

/// From which day and to which moment a visit may begin.
pub(crate) fn may_begin(context: &Context<'_>, at: &Moment<'_>) -> (Date, DateTime) {
    let days = context.hospital.profile.backdate_days;
    (at.now.date().saturating_sub(days.days()), at.now.saturating_add(10.minutes()))
}

/// A visit with what else was said of it now.
pub(crate) fn with_facts(row: EncounterRow, said: &Facts, sealer: &Sealer) -> EncounterRow {
    if said.is_empty() {
        return row;
    }
    let said = facts(&row, sealer).and(said.clone());
    EncounterRow { facts: kept::seal(&said, FACTS, row.id.0, sealer), ..row }
}

/// What else was said of a visit.
pub(crate) fn facts(row: &EncounterRow, sealer: &Sealer) -> Facts {
    kept::open(&row.facts, FACTS, row.id.0, sealer)
}

/// Where that is sealed.
const FACTS: &str = "encounter.facts";

/// Whether what opened `open`, which still is open, would be said again by `row`. The number alone says too little.
fn says_again(open: &EncounterRow, row: &EncounterRow) -> bool {
    let named = |of: &EncounterRow| (of.stay, of.person, of.insurance_kind, of.begins.date());
    open.state == EncounterState::Open && named(open) == named(row)
}

/// Nobody lies in two hospitals at once.
pub(crate) fn nowhere_else(person: PersonId, state: &State, at: &Moment<'_>) -> Result<(), Refusal> {
    state.open_stay(person).map_or(Ok(()), |other| {
        Err(Refusal::InHospitalElsewhere {
            hospital: at.directory.name(other.hospital),
            since: other.begins.date().to_string(),
        })
    })
}

fn add(
    row: EncounterRow,
    facts: &Facts,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<EncounterId, Refusal> {
    if row.stay {
        nowhere_else(row.person, state, at)?;
    }
    let id = EncounterId(at.ids.next());
    state.add_encounter(with_facts(EncounterRow { id, ..row }, facts, at.sealer));
    Ok(id)
}

/// The home division in the envelope, where given, must be one this centre settles for.
fn check_home(context: &Context<'_>, at: &Moment<'_>) -> Result<(), Refusal> {
    let division = &context.message.envelope.home_district;
    let known = division.is_empty() || at.divisions.iter().any(|known| division.starts_with(known.as_str()));
    if known { Ok(()) } else { Err(Refusal::DivisionUnknown { division: division.clone() }) }
}

/// Where what else is said of a diagnosis is sealed.
pub(crate) const DIAGNOSIS_FACTS: &str = "diagnosis.facts";

/// Keeps the diagnoses of a visit, names sealed; one sent as withdrawn no longer stands.
pub(crate) fn keep_diagnoses(
    diagnoses: &[Diagnosis],
    row: &EncounterRow,
    state: &mut State,
    at: &Moment<'_>,
) {
    for diagnosis in diagnoses {
        state.add_diagnosis(DiagnosisRow {
            hospital: row.hospital,
            encounter: row.id,
            person: row.person,
            number: diagnosis.number,
            kind: diagnosis.kind.clone(),
            code: diagnosis.code.clone(),
            name: at.sealer.seal("diagnosis.name", row.id.0, diagnosis.name.as_bytes()),
            valid: diagnosis.valid,
            facts: kept::seal(&diagnosis.facts, DIAGNOSIS_FACTS, row.id.0, at.sealer),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;
    use model::{HospitalId, MessageId, VisitKind};

    fn row() -> EncounterRow {
        EncounterRow {
            id: EncounterId(1),
            hospital: HospitalId(1),
            person: PersonId(1),
            visit_number: "MZ1".into(),
            insurance_kind: InsuranceKind(310),
            care_kind: String::new(),
            visit: VisitKind::Outpatient,
            stay: false,
            region: Region::Home,
            begins: datetime(2026, 11, 23, 8, 0, 0, 0),
            ends: None,
            disease: String::new(),
            doctor: String::new(),
            doctor_name: String::new(),
            department: String::new(),
            department_name: String::new(),
            state: EncounterState::Open,
            message: MessageId(1),
            facts: Vec::new(),
        }
    }

    #[test]
    fn a_visit_is_the_same_again_on_its_day_for_its_person_under_its_insurance() {
        let later = EncounterRow { begins: datetime(2026, 11, 23, 17, 0, 0, 0), id: EncounterId(2), ..row() };
        assert!(says_again(&row(), &later), "the same day");
        for other in [
            EncounterRow { begins: datetime(2026, 11, 24, 8, 0, 0, 0), ..row() },
            EncounterRow { insurance_kind: InsuranceKind(390), ..row() },
            EncounterRow { person: PersonId(2), ..row() },
            EncounterRow { stay: true, ..row() },
        ] {
            assert!(!says_again(&row(), &other), "{other:?}");
        }
        let cancelled = EncounterRow { state: EncounterState::Cancelled, ..row() };
        assert!(!says_again(&cancelled, &row()));
    }
}
