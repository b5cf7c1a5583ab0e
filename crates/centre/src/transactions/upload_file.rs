//! 9101: Keeps a file under a number.

use jiff::ToSpan;
use store::{Needs, Sealer};
use wire::transactions::{FileKept, UploadFile};
use wire::{FileNumber, Refusal};

use crate::decide::{Context, Decision, Moment};
use crate::files::{self, DAYS_KEPT};
use crate::state::State;

pub(crate) fn needs(_: &UploadFile, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &UploadFile,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let id = at.ids.next();
    let hospital = context.hospital;
    let row =
        files::kept(hospital.id(), id, &request.name, &request.content, (context.id, at.now), at.sealer);
    state.put_register(row);
    let output = FileKept {
        number: FileNumber::Kept(id),
        name: request.name.clone(),
        hospital: hospital.row.code.clone(),
        until: at.now.date().saturating_add(DAYS_KEPT.days()),
    };
    Ok(Decision { object: format!("file {id}"), ..Decision::answer(output) })
}
