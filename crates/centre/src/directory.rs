//! The institutions as messages name them, held in memory.

use std::collections::HashMap;
use std::sync::Arc;

use model::{HospitalId, HospitalLevel};
use store::{CentreStore, HospitalRow, StoreError};
use wire::{Dialects, Profile};

/// One institution, with its profile read.
#[derive(Debug, Clone)]
pub struct Hospital {
    /// The row.
    pub row: HospitalRow,
    /// How it speaks and is spoken to.
    pub profile: Profile,
}

impl Hospital {
    /// Its id.
    pub fn id(&self) -> HospitalId {
        self.row.id
    }

    /// Its level.
    pub fn level(&self) -> HospitalLevel {
        HospitalLevel::new(self.row.level).expect("the store keeps levels from 0 to 3")
    }
}

/// All institutions by their codes.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    by_code: HashMap<String, Arc<Hospital>>,
}

impl Directory {
    /// Reads all institutions. A profile that cannot be read is a fault of the installation.
    pub fn read(store: &dyn CentreStore, dialects: &Dialects) -> Result<Self, StoreError> {
        let mut by_code = HashMap::new();
        for row in store.hospitals()? {
            let profile = Profile::parse(&row.profile, dialects).map_err(|why| StoreError {
                operation: "reading the profile",
                subject: row.code.clone(),
                source: why.into(),
            })?;
            by_code.insert(row.code.clone(), Arc::new(Hospital { row, profile }));
        }
        Ok(Self { by_code })
    }

    /// The institution of a code.
    pub fn find(&self, code: &str) -> Option<&Arc<Hospital>> {
        self.by_code.get(code)
    }

    /// The institution of our id.
    pub fn by_id(&self, id: HospitalId) -> Option<&Arc<Hospital>> {
        self.iter().find(|hospital| hospital.id() == id)
    }

    /// The name of an institution by our id.
    pub fn name(&self, id: HospitalId) -> String {
        self.by_id(id).map(|hospital| hospital.row.name.clone()).unwrap_or_default()
    }

    /// All institutions.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Hospital>> {
        self.by_code.values()
    }
}
