//! A text in TOML, readable without a key, whose last lines say who wrote it: nothing above them may change.

use ring::hmac;
use store::{hex, unhex};
use toml_edit::{DocumentMut, Item};

use crate::BackupError;
use crate::key::BackupKey;

const SIGNATURE: &str = "\n[signature]\n";

/// The text with its signature.
pub(crate) fn signed(text: &str, key: &BackupKey) -> String {
    let tag = hmac::sign(&key.signing(), text.as_bytes());
    format!("{text}{SIGNATURE}key = \"{}\"\nhmac_sha256 = \"{}\"\n", key.name(), hex(tag.as_ref()))
}

/// Fails unless a text is as it was signed with this key.
pub(crate) fn check(text: &str, key: &BackupKey, name: &str) -> Result<(), BackupError> {
    let altered = || BackupError::Damaged(name.into());
    let (body, _) = text.split_once(SIGNATURE).ok_or_else(altered)?;
    let signature = read(text, name)?;
    let value = |at: &str| Some(signature.get("signature")?.get(at)?.as_str()?.to_owned());
    let (signer, tag) = value("key").zip(value("hmac_sha256")).ok_or_else(altered)?;
    if signer != key.name() {
        return Err(BackupError::OtherKey(signer));
    }
    let tag = unhex(&tag).ok_or_else(altered)?;
    hmac::verify(&key.signing(), body.as_bytes(), &tag).map_err(|_| altered())?;
    // Nothing was written behind it either.
    if signed(body, key) == text { Ok(()) } else { Err(altered()) }
}

pub(crate) fn read(text: &str, name: &str) -> Result<DocumentMut, BackupError> {
    text.parse().map_err(|_| BackupError::Damaged(name.into()))
}

/// A value of a document, or that there is none.
pub(crate) fn value<'d, T>(
    document: &'d Item,
    name: &str,
    read: impl FnOnce(&'d Item) -> Option<T>,
) -> Result<T, BackupError> {
    document.get(name).and_then(read).ok_or_else(|| BackupError::Damaged(format!("`{name}`")))
}
