//! 9101: Keeps a file under a number.

use store::{Needs, Sealer};
use wire::transactions::{FileKept, UploadFile};
use wire::{FileNumber, Refusal};

use crate::decide::{Context, Decision, Moment};
use crate::files;
use crate::state::State;

pub(crate) fn needs(_: &UploadFile, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &UploadFile,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    state.put_register(files::kept(&request.name, context, at.now));
    let output = FileKept {
        number: FileNumber::Kept(context.id.0),
        name: request.name.clone(),
        hospital: context.hospital.row.code.clone(),
        until: files::until(at.now),
    };
    Ok(Decision { object: format!("file {}", context.id), ..Decision::answer(output) })
}
