//! 1201: Designated institutions, by kind, name or code.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{GetInstitution, InstitutionsFound};

use crate::decide::{Context, Decision, Moment};
use crate::directory::Hospital;
use crate::state::State;

pub(crate) fn needs(_: &GetInstitution, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &GetInstitution,
    _: &Context<'_>,
    _: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let asked = |hospital: &&std::sync::Arc<Hospital>| {
        let row = &hospital.row;
        (request.code.is_empty() || request.code == row.code)
            && (request.kind.is_empty() || (request.kind == "2") == is_pharmacy(hospital))
            && row.name.contains(&request.name)
    };
    let mut found: Vec<_> = at.directory.iter().filter(asked).collect();
    found.sort_unstable_by(|a, b| a.row.code.cmp(&b.row.code));
    let row = |hospital: &std::sync::Arc<Hospital>| {
        let of = &hospital.row;
        (of.code.clone(), of.name.clone(), is_pharmacy(hospital), of.grade.clone())
    };
    Ok(Decision::answer(InstitutionsFound { rows: found.into_iter().map(row).collect() }))
}

fn is_pharmacy(hospital: &Hospital) -> bool {
    hospital.row.kind == "pharmacy"
}
