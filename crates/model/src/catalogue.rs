//! The insurance catalogue of one version.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::Item;

/// All items of one version, by national code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// The version settlements name.
    pub version: String,
    items: Vec<Item>,
    /// Whoever sends codes cannot add any, so a fast hash does.
    by_code: HashMap<String, usize, FixedState>,
}

impl Catalogue {
    /// A catalogue of these items; of two with one code the later stands.
    pub fn new(version: &str, items: Vec<Item>) -> Self {
        let by_code = items.iter().enumerate().map(|(at, item)| (item.code.clone(), at)).collect();
        Self { version: version.into(), items, by_code }
    }

    /// The item of a national code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.by_code.get(code).map(|at| &self.items[*at])
    }

    /// All items, in the catalogue's order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
}
