//! Invitations: how a hospital's desk gets its first administrator. There is no account before him, and no password that
//! everybody knows: whoever runs the centre writes an invitation, and hands its code over.

use jiff::civil::DateTime;

use crate::house::Hospital;

/// Who may be set up with a code.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The hospital's code.
    pub code: String,
    /// The hospital.
    pub hospital: Hospital,
}

/// Where invitations are kept.
pub trait Invitations: Send + Sync {
    /// The invitation of a code, while it holds.
    fn find(&self, code: &str, now: DateTime) -> Option<Invitation>;

    /// It was used: it opens nothing any more.
    fn used(&self, code: &str);
}

/// Nobody is invited.
pub struct Nobody;

impl Invitations for Nobody {
    fn find(&self, _: &str, _: DateTime) -> Option<Invitation> {
        None
    }

    fn used(&self, _: &str) {}
}

/// What a hospital without a price list begins with: the catalogue of the centre.
pub trait Catalogues: Send + Sync {
    /// Its items.
    fn items(&self) -> Vec<model::Item>;
}

impl Catalogues for model::Catalogue {
    fn items(&self) -> Vec<model::Item> {
        model::Catalogue::items(self).to_vec()
    }
}
