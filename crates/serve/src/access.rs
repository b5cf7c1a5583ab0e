//! Who may send: keys and whose they are.

use std::collections::HashMap;

use wire::Profile;

/// The holder of a key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The shared secret.
    pub secret: String,
    /// The institution's code.
    pub hospital: String,
    /// How it wants its answers.
    pub profile: Profile,
}

/// All keys, by their public names.
#[derive(Clone, Default)]
pub struct Keyring(HashMap<String, KeyHolder>);

impl Keyring {
    /// The holder of a key.
    pub fn find(&self, key: &str) -> Option<&KeyHolder> {
        self.0.get(key)
    }
}

impl FromIterator<(String, KeyHolder)> for Keyring {
    fn from_iter<I: IntoIterator<Item = (String, KeyHolder)>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}
