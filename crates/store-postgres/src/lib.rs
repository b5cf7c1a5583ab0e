//! The ports on PostgreSQL: several writers, also of several processes, on one database. A batch is one round trip to
//! load, two where what it names leads further, and one to record: its statements are sent together, each with its columns
//! as arrays, the commit with them.

mod address;
mod copy;
mod desk;
mod link;
mod load;
mod asked;
mod reader;
mod record;
mod scan;
mod roles;
mod settings;
mod slots;
mod stream;
mod values;
mod writer;

use std::sync::Arc;

use model::{Clock, HospitalId};
use store::{AccessKey, CentreStore, HospitalRow, Reader, Sealer, Slots, StoreError, Writer};

pub use copy::{PostgresLeaving, PostgresNewBooks, PostgresNewPapers, PostgresPaperScan, check_stands};
pub use desk::PostgresDesk;
pub use roles::{Admitted, admit, dismiss};
pub use settings::Strictness;
pub use slots::PostgresCounter;

/// Columns of many rows as arrays, and the statement that takes them: what a batch is written with.
pub mod arrays {
    pub use crate::link::SESSION;
    pub use crate::record::insert_sql as insert;
    pub use crate::values::{Array, Columns};
}

use address::Address;
use link::{Link, Step, sql};
use reader::PostgresReader;
use values::Array;
use writer::PostgresWriter;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// The centre's store in a PostgreSQL database.
pub struct PostgresStore {
    pub(crate) address: Address,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) clock: Arc<dyn Clock>,
    /// What of the server's settings is weak, and was accepted.
    pub(crate) weak: Option<String>,
    pub(crate) strictness: Strictness,
}

#[expect(clippy::needless_pass_by_value, reason = "subjects are mostly made for the call")]
pub(crate) fn fault<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    operation: &'static str,
    subject: impl ToString,
) -> impl FnOnce(E) -> StoreError {
    let subject = subject.to_string();
    move |error| StoreError { operation, subject, source: error.into() }
}

/// What the server says of an error: its code, the rule that was broken; never the row, which names persons.
pub(crate) fn told(error: &tokio_postgres::Error) -> String {
    let Some(said) = error.as_db_error() else { return error.to_string() };
    let rule = said.constraint().map(|rule| format!(", {rule}")).unwrap_or_default();
    format!("{} {}{rule}", said.code().code(), said.message())
}

/// While one batch waits for the disk or the line, others are decided; but more of them make smaller batches, and each
/// costs the server as many statements.
const WRITERS: std::ops::RangeInclusive<usize> = 2..=8;

/// Held while the schema is brought up to date: several processes may start at once.
const MIGRATING: i64 = 0x5451_0000_0000_0000;

impl PostgresStore {
    /// Connects to `postgres://…` and brings the schema up to date. A server whose settings may lose what was committed
    /// is refused, unless [`Strictness::AcceptsLoss`].
    pub fn open(
        url: &str,
        sealer: Arc<Sealer>,
        clock: Arc<dyn Clock>,
        strictness: Strictness,
    ) -> Result<Self, StoreError> {
        let mut store = Self::open_read_only(url, sealer, clock)?;
        let mut link = store.connect()?;
        store.weak = settings::check(&mut link, strictness)?;
        store.strictness = strictness;
        let locked = format!("select pg_advisory_lock({MIGRATING})");
        link.batch(&locked).map_err(fault("locking", "schema"))?;
        check_version(&mut link)?;
        copy::check_stand(&mut link).map_err(fault("opening", "database"))?;
        migrate(&mut link)?;
        link.batch(&format!("select pg_advisory_unlock({MIGRATING})")).map_err(fault("locking", "schema"))?;
        roles::check_walls(&mut link, "public")?;
        Ok(store)
    }

    /// Connects to read only: while centres run on it, too.
    pub fn open_read_only(url: &str, sealer: Arc<Sealer>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let store =
            Self { address: Address::parse(url)?, sealer, clock, weak: None, strictness: Strictness::Strict };
        copy::check_finished(&mut store.connect()?).map_err(fault("opening", "database"))?;
        Ok(store)
    }

    pub(crate) fn connect(&self) -> Result<Link, StoreError> {
        self.address.connect()
    }
}

fn migrate(link: &mut Link) -> Result<(), StoreError> {
    let runner = migrations::migrations::runner().set_abort_missing(false);
    link.migrate(&runner).map_err(fault("migrating", "schema"))
}

/// A database that a later version has made its own is not opened.
fn check_version(link: &mut Link) -> Result<(), StoreError> {
    let made = link.rows("select to_regclass('meta')::text", Vec::new()).map_err(fault("reading", "meta"))?;
    if made.first().is_none_or(|row| row.get::<_, Option<&str>>(0).is_none()) {
        return Ok(());
    }
    let least = link
        .rows("select max(min_binary) from meta", Vec::new())
        .map_err(fault("reading", "meta"))?
        .first()
        .and_then(|row| row.get::<_, Option<String>>(0))
        .unwrap_or_default();
    tables::may_open(&least).map_err(fault("opening", "database"))
}

impl CentreStore for PostgresStore {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(PostgresWriter::open(self)?))
    }

    fn writers(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(*WRITERS.start(), usize::from);
        cores.clamp(*WRITERS.start(), *WRITERS.end())
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(PostgresReader::open(self)?))
    }

    fn slots(&self) -> Result<Option<[Box<dyn Slots>; 2]>, StoreError> {
        let open = |listens| -> Result<Box<dyn Slots>, StoreError> {
            Ok(Box::new(slots::PostgresSlots::open(&self.address, listens)?))
        };
        Ok(Some([open(true)?, open(false)?]))
    }

    fn hospitals(&self) -> Result<Vec<HospitalRow>, StoreError> {
        let sql = format!("select {} from hospital order by hospital", tables::HOSPITAL.list);
        let answer = self.connect()?.rows_once(&sql);
        load::rows(answer, tables::hospital).map_err(fault("reading", "hospital"))
    }

    fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let rows = self
            .connect()?
            .rows("select key, hospital, secret from access_key order by key", Vec::new())
            .map_err(fault("reading", "access_key"))?;
        let open = |row: &tokio_postgres::Row| {
            let (key, hospital): (String, i64) = (row.get(0), row.get(1));
            let secret = self.sealer.open("access_key.secret", hospital, row.get(2)).ok();
            let secret = secret.and_then(|s| String::from_utf8(s).ok());
            let why = "the key file does not fit this database";
            let secret = secret.ok_or_else(|| fault("opening", &key)(why))?;
            Ok(AccessKey { key, hospital: HospitalId(hospital), secret })
        };
        rows.iter().map(open).collect()
    }

    fn put_hospitals(&self, hospitals: &[HospitalRow], keys: &[AccessKey]) -> Result<(), StoreError> {
        let secrets: Vec<Vec<u8>> = keys
            .iter()
            .map(|k| self.sealer.seal("access_key.secret", k.hospital.0, k.secret.as_bytes()))
            .collect();
        let values = vec![
            Array::texts(keys.iter().map(|k| k.key.as_str())),
            Array::ints(keys.iter().map(|k| k.hospital.0)),
            Array::blobs(secrets.iter().map(Vec::as_slice)),
        ];
        // A key of another institution is not taken over.
        let put_keys = sql!(record::exactly_sql(
            "insert into access_key as k (key, hospital, secret) \
             select * from unnest($1::text[], $2::bigint[], $3::bytea[]) \
             on conflict (key) do update set secret = excluded.secret where k.hospital = excluded.hospital",
            3
        ));
        let mut steps = vec![Step::command("begin")];
        record::insert(&mut steps, &tables::HOSPITAL, hospitals, tables::put_hospital);
        steps.push(record::exactly(put_keys, values, keys.len()));
        steps.push(Step::command("commit"));
        let answers = self.connect()?.send(&steps).map_err(fault("writing", "hospital"))?;
        answers.into_iter().try_for_each(|answer| answer.map(drop)).map_err(fault("writing", "hospital"))
    }
}
