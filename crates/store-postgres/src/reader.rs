//! Readers: each has a connection of its own, and reads in one snapshot.

use model::SettlementId;
use store::{Loaded, Needs, Reader, Scan, SettlementRow, StoreError};

use crate::address::Address;
use crate::link::{FENCE, Link, sql};
use crate::load::{self, Lock, rows};
use crate::scan::PostgresScan;
use crate::values::Array;
use crate::{PostgresStore, fault};

/// One snapshot, and nothing written.
const SNAPSHOT: &str = "begin isolation level repeatable read read only";

/// The same for who walks through all of it.
pub(crate) const WALK: &str = "begin isolation level repeatable read read only; set local enable_seqscan = on; \
                    set local enable_hashjoin = on; set local enable_mergejoin = on";

pub(crate) struct PostgresReader {
    address: Address,
    link: Link,
}

impl PostgresReader {
    pub(crate) fn open(store: &PostgresStore) -> Result<Self, StoreError> {
        Self::on(&store.address)
    }

    pub(crate) fn on(address: &Address) -> Result<Self, StoreError> {
        let link = address.connect()?;
        Ok(Self { address: address.clone(), link })
    }

    /// A connection that stands.
    fn link(&mut self) -> Result<&mut Link, StoreError> {
        if self.link.is_gone() {
            self.link = self.address.connect()?;
        }
        Ok(&mut self.link)
    }

    /// What a message came to is told once the standby has it too.
    fn settled(&mut self) -> Result<(), StoreError> {
        self.link.batch(FENCE).map_err(fault("waiting for", "standby"))?;
        self.link.warning().map_or(Ok(()), |told| Err(fault("waiting for", "standby")(told)))
    }
}

impl Reader for PostgresReader {
    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        let loaded = load::load(self.link()?, needs, SNAPSHOT, Lock::Nothing);
        // A connection that broke while it waited: the same once more on a new one.
        let loaded = match loaded {
            Err(_) if self.link.is_gone() => load::load(self.link()?, needs, SNAPSHOT, Lock::Nothing),
            loaded => loaded,
        };
        let _ = self.link.batch("rollback");
        let loaded = loaded.map_err(fault("loading", "query"))?;
        if !loaded.messages.is_empty() {
            self.settled()?;
        }
        Ok(loaded)
    }

    fn settlement(&mut self, id: SettlementId) -> Result<Option<SettlementRow>, StoreError> {
        // Hospital by hospital: settlements are kept under theirs.
        let sql = sql!(format!(
            "select {} from settlement where hospital in (select hospital from hospital) \
             and settlement = any($1::bigint[])",
            tables::SETTLEMENT.list
        ));
        let mut answer = self.link()?.rows(sql, vec![Array::ints([id.0])]);
        if answer.is_err() && self.link.is_gone() {
            answer = self.link()?.rows(sql, vec![Array::ints([id.0])]);
        }
        let found = rows(answer, tables::settlement);
        Ok(found.map_err(fault("reading", id))?.into_iter().next())
    }

    fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Scan) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut begun = self.link()?.batch(WALK);
        if begun.is_err() && self.link.is_gone() {
            begun = self.link()?.batch(WALK);
        }
        begun.map_err(fault("beginning", "scan"))?;
        let walked = walk(&mut PostgresScan { link: &mut self.link });
        let _ = self.link.batch("rollback");
        walked
    }
}
