//! Who may send: keys and whose they are.

use wire::Profile;

/// The holder of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The shared secret.
    pub secret: String,
    /// The institution's code.
    pub hospital: String,
    /// How it wants its answers.
    pub profile: Profile,
}

/// Finds keys.
pub trait Access: Send + Sync {
    /// The holder of a key.
    fn find(&self, key: &str) -> Option<KeyHolder>;
}
