//! What was said and is only said again: sealed where it is kept; and what a registration says.

use model::{HospitalId, RegisterKind};
use store::{RegisterRow, Sealer};
use wire::Facts;

use crate::state::State;

/// Seals what was said for one place; nothing for nothing.
pub(crate) fn seal(said: &Facts, place: &str, row: i64, sealer: &Sealer) -> Vec<u8> {
    if said.is_empty() { Vec::new() } else { sealer.seal(place, row, said.to_text().as_bytes()) }
}

/// What was sealed for a place. What cannot be opened is told once, and is not said again.
pub(crate) fn open(sealed: &[u8], place: &str, row: i64, sealer: &Sealer) -> Facts {
    if sealed.is_empty() {
        return Facts::default();
    }
    match sealer.open(place, row, sealed) {
        Ok(text) => Facts::from_text(&String::from_utf8_lossy(&text)),
        Err(error) => {
            tracing::error!(place, row, %error, "what was said cannot be opened");
            Facts::default()
        }
    }
}

/// States of a registration.
pub(crate) const STANDS: &str = "stands";
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// Where what is said of persons in a registration is sealed.
pub(crate) const REGISTERED: &str = "register.facts";

/// What a hospital has registered of a kind, and not withdrawn.
pub(crate) fn standing(
    state: &State,
    hospital: HospitalId,
    kind: RegisterKind,
) -> impl Iterator<Item = &RegisterRow> {
    state.registered(hospital, kind).filter(|row| row.state == STANDS)
}

/// All that was said in a registration.
pub(crate) fn told(row: &RegisterRow, sealer: &Sealer) -> Facts {
    Facts::from_text(&row.data).and(open(&row.facts, REGISTERED, row.hospital.0, sealer))
}
