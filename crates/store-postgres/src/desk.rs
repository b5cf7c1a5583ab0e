//! Papers of desks in a schema of their own, `desk`, of a PostgreSQL database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use store::{Act, By, Change, DeskStore, Event, Paper, Put, Sealer, StoreError, Tenant};
use tables::papers::{self, Cell, Each, Run};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::address::Address;
use crate::link::Link;
use crate::values::{self, Line};
use crate::{Strictness, fault, settings, told};

mod migrations {
    refinery::embed_migrations!("desk");
}

/// Held while the schema is brought up to date: several processes may start at once.
const MIGRATING: i64 = 0x5451_0000_0000_0001;

/// The papers of desks in a database.
pub struct PostgresDesk {
    address: Address,
    sealer: Arc<Sealer>,
    idle: Mutex<Vec<Link>>,
}

impl PostgresDesk {
    /// Connects to `postgres://…` and brings the schema up to date. A server whose settings may lose what was committed
    /// is refused, unless [`Strictness::AcceptsLoss`].
    pub fn open(url: &str, sealer: Arc<Sealer>, strictness: Strictness) -> Result<Self, StoreError> {
        let store = Self { address: Address::parse(url)?, sealer, idle: Mutex::default() };
        let mut link = store.address.connect()?;
        settings::check(&mut link, strictness)?;
        lock(&mut link)?;
        crate::copy::check_finished(&mut link).map_err(fault("opening", "schema desk"))?;
        migrate(&mut link)?;
        locked(&store.idle).push(link);
        Ok(store)
    }

    /// The same for a workstation of a hospital, with the hospital's login: it sees its own papers, and changes no schema.
    pub fn join(url: &str, sealer: Arc<Sealer>) -> Result<Self, StoreError> {
        let store = Self { address: Address::parse(url)?, sealer, idle: Mutex::default() };
        let mut link = connect(&store.address)?;
        crate::copy::check_finished(&mut link).map_err(fault("opening", "schema desk"))?;
        crate::check_version(&mut link)?;
        locked(&store.idle).push(link);
        Ok(store)
    }

    /// A connection nobody else uses meanwhile.
    fn with<T>(&self, use_it: impl FnOnce(&mut Link) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = std::iter::from_fn(|| locked(&self.idle).pop()).find(|link| !link.is_gone());
        let mut link = match idle {
            Some(link) => link,
            None => connect(&self.address)?,
        };
        let answer = use_it(&mut link);
        if answer.is_ok() {
            locked(&self.idle).push(link);
        }
        answer
    }
}

/// A connection to the schema of papers.
pub(crate) fn connect(address: &Address) -> Result<Link, StoreError> {
    let link = address.connect()?;
    link.batch("set search_path = desk").map_err(fault("connecting", "schema desk"))?;
    Ok(link)
}

/// Makes the schema where there is none, and lets nobody else change it until [`migrate`] has ended.
pub(crate) fn lock(link: &mut Link) -> Result<(), StoreError> {
    let prepare = format!(
        "select pg_advisory_lock({MIGRATING}); create schema if not exists desk; set search_path = desk"
    );
    link.batch(&prepare).map_err(fault("preparing", "schema desk"))
}

/// Brings the schema of papers up to date.
pub(crate) fn migrate(link: &mut Link) -> Result<(), StoreError> {
    let runner = migrations::migrations::runner().set_abort_missing(false);
    link.migrate(&runner).map_err(fault("migrating", "schema desk"))?;
    crate::check_version(link)?;
    crate::roles::check_walls(link, "desk")?;
    link.batch(&format!("select pg_advisory_unlock({MIGRATING})")).map_err(fault("preparing", "schema desk"))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DeskStore for PostgresDesk {
    fn paper(&self, of: &Tenant, kind: &str, key: &str) -> Result<Option<Paper>, StoreError> {
        self.with(|link| papers::paper(link, &self.sealer, of, kind, key))
    }

    fn papers(
        &self,
        of: &Tenant,
        kind: &str,
        by: By<'_>,
        most: usize,
        skip: usize,
    ) -> Result<Vec<Paper>, StoreError> {
        self.with(|link| papers::papers(link, &self.sealer, of, kind, by, (most, skip)))
    }

    fn put(&self, of: &Tenant, changes: &[Change], act: &Act) -> Result<Put, StoreError> {
        self.with(|link| {
            link.batch("begin").map_err(fault("beginning", "papers"))?;
            let put = papers::put(link, &self.sealer, of, changes, act)?;
            // A transaction that failed answers its commit with a rollback, and no error: but then a statement before
            // it has answered one, and this is not reached.
            let end = if put == Put::Done { "commit" } else { "rollback" };
            link.batch(end).map_err(fault("committing", "papers"))?;
            Ok(put)
        })
    }

    fn events(&self, of: &Tenant, kind: &str, key: &str) -> Result<Vec<Event>, StoreError> {
        self.with(|link| papers::events(link, of, kind, key))
    }

    fn tenants(&self, kind: &str, state: &str) -> Result<Vec<Tenant>, StoreError> {
        self.with(|link| papers::tenants(link, kind, state))
    }
}

impl Run for Link {
    fn run(&mut self, sql: &'static str, cells: &[Cell<'_>], each: Each<'_>) -> Result<usize, StoreError> {
        let values: Vec<Value<'_>> = cells.iter().map(Value).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        let rows = self.one(sql, &values).map_err(|error| fault("asking for", "papers")(told(&error)))?;
        rows.iter().try_for_each(|row| each(&Line(row))).map_err(fault("reading", "papers"))?;
        Ok(rows.len())
    }
}

/// A value as its column takes it.
#[derive(Debug)]
struct Value<'a>(&'a Cell<'a>);

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Cell::Int(value) => out.extend_from_slice(&value.to_be_bytes()),
            Cell::Text(text) | Cell::Word(Some(text)) => out.extend_from_slice(text.as_bytes()),
            Cell::Blob(bytes) => out.extend_from_slice(bytes),
            Cell::Time(time) => out.extend_from_slice(&values::micros(*time).to_be_bytes()),
            Cell::Day(Some(day)) => out.extend_from_slice(&values::days(*day).to_be_bytes()),
            Cell::Day(None) | Cell::Word(None) => return Ok(IsNull::Yes),
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA, Type::TIMESTAMP, Type::DATE].contains(ty)
    }

    to_sql_checked!();
}
