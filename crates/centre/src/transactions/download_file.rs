//! 9102: A file as a zip: a list, made now, or what this institution has uploaded or been given.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::{DownloadFile, Downloaded};
use wire::{FileNumber, Refusal};

use super::download_catalogue::Rows;
use crate::decide::{Context, Decision, Moment};
use crate::files;
use crate::state::State;

pub(crate) fn needs(request: &DownloadFile, needs: &mut Needs, _: &Sealer) {
    if let Some(FileNumber::Kept(id)) = request.number {
        needs.registers.push(Registers::Keys(RegisterKind::File, vec![id.to_string()]));
    }
}

pub(crate) fn decide(
    request: &DownloadFile,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let unknown = || Refusal::FileUnknown { file: request.asked.clone() };
    let bytes = match request.number.as_ref().ok_or_else(unknown)? {
        FileNumber::Kept(id) => {
            let key = id.to_string();
            let mut kept = state.registered(context.hospital.id(), RegisterKind::File);
            let there = |row: &&RegisterRow| row.key == key && files::is_there(row, at.now.date());
            let row = kept.find(there).ok_or_else(unknown)?;
            files::packed(row, at.sealer).ok_or_else(unknown)?
        }
        FileNumber::List { infno, since, version } => {
            let list = Downloaded::of(infno).ok_or_else(unknown)?;
            let text = Rows::of(list, at).since(since, version).concat();
            wire::zip(&format!("{infno}.txt"), text.as_bytes())
        }
    };
    Ok(Decision::file(bytes))
}
