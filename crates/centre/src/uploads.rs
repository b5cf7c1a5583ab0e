//! The officers' view of what institutions upload and the centre only keeps: stock, sales, self-pay patients, front pages.

use jiff::civil::{Date, DateTime};
use model::{HospitalId, MessageId};
use store::{MessageResult, Needs, Reader, Sealer, StoreError};
use wire::{Facts, Message, Profile};

/// One upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Our id of the message.
    pub id: MessageId,
    /// Who sent it.
    pub hospital: HospitalId,
    /// National number of the transaction.
    pub infno: String,
    /// The sender's id of it.
    pub msgid: String,
    /// When it came.
    pub at: DateTime,
}

/// One row of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// National name of its node.
    pub node: &'static str,
    /// What it says, by national name.
    pub said: Facts,
}

/// What was uploaded on some days, the latest first. It walks through all messages; `progress` hears how many.
pub fn uploads(
    reader: &mut dyn Reader,
    (from, to): (Date, Date),
    wanted: impl Fn(HospitalId, &str) -> bool,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Upload>, StoreError> {
    let mut found = Vec::new();
    let mut seen = 0;
    reader.scan(&mut |scan| {
        scan.messages(&mut |row| {
            seen += 1;
            progress(seen);
            let kept = row.result == MessageResult::Done
                && wire::transactions::is_only_kept(&row.key.infno)
                && (from..=to).contains(&row.received.date())
                && wanted(row.key.hospital, &row.key.infno);
            if kept {
                let (hospital, infno, msgid) = (row.key.hospital, row.key.infno, row.key.msgid);
                found.push(Upload { id: row.id, hospital, infno, msgid, at: row.received });
            }
        })
    })?;
    found.sort_by_key(|upload| std::cmp::Reverse((upload.at, upload.id)));
    Ok(found)
}

/// The rows of an upload, as the institution's program means them; none where it is not there or cannot be opened.
pub fn upload_rows(
    reader: &mut dyn Reader,
    upload: &Upload,
    profile: &Profile,
    sealer: &Sealer,
) -> Result<Option<Vec<UploadRow>>, StoreError> {
    let original = Some((upload.infno.clone(), upload.msgid.clone()));
    let loaded = reader.load(&[Needs { original, ..Needs::of(upload.hospital) }])?;
    let message = loaded.messages.iter().find(|row| row.id == upload.id).and_then(|row| {
        let body = sealer.open("message.request", row.id.0, &row.request).ok()?;
        Message::read(body.into(), Some(&row.key.infno)).ok()?.under(profile).ok()
    });
    Ok(message.map(|message| {
        let nodes = message.transaction.input.iter();
        let rows = nodes.flat_map(|node| message.input.rows(node.name).map(|row| (node.name, row.facts())));
        rows.map(|(node, said)| UploadRow { node, said }).collect()
    }))
}
