//! A database that is being filled, in which a mark says so until it is whole, and one that is being left.

use jiff::civil::DateTime;
use store::{Leaving, NewBooks, NewPapers, PaperScan, Reader, Rows, StoreError, UNFINISHED};
use tables::{PAPERS, WHOLE, Whole, WholeRow};

use crate::address::Address;
use crate::link::{Link, Step};
use crate::load::LoadError;
use crate::reader::{PostgresReader, WALK};
use crate::scan::PostgresScan;
use crate::values::{Array, Line};
use crate::{MIGRATING, Strictness, fault, record, settings, stream};

/// A database that is being filled.
pub struct PostgresNewBooks {
    address: Address,
    link: Link,
}

/// How one begins again: what a try left is not told from what was there before by anything but the mark.
const AGAIN: &str = "请删除并重建这个数据库(dropdb、createdb),再重新运行该命令 \
                     drop this database, create it anew (dropdb, createdb), and run the command again";

impl PostgresNewBooks {
    /// Begins to fill a database without a row.
    pub fn begin(url: &str) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let mut link = address.connect()?;
        // Whether a weak server is taken is the centre's to decide that runs on it.
        settings::check(&mut link, Strictness::AcceptsLoss)?;
        link.batch(&format!("select pg_advisory_lock({MIGRATING})")).map_err(fault("locking", "schema"))?;
        check_finished(&mut link).map_err(fault("filling", "database"))?;
        check_empty(&mut link, &WHOLE).map_err(fault("filling", "database"))?;
        link.batch("create table restoring (since timestamp(3) not null default localtimestamp)")
            .map_err(fault("filling", "database"))?;
        crate::migrate(&mut link)?;
        let unlock = format!("select pg_advisory_unlock({MIGRATING})");
        // The last commit, which takes the mark away, is waited for, and with it all before.
        link.batch(&format!("{unlock}; set synchronous_commit = off"))
            .map_err(fault("filling", "database"))?;
        Ok(Self { address, link })
    }
}

impl NewBooks for PostgresNewBooks {
    fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
        add(&mut self.link, table, rows)
    }

    fn reader(&mut self) -> Result<Box<dyn Reader>, StoreError> {
        // The server knows nothing yet of rows that came all at once.
        self.link.batch("analyze").map_err(fault("analysing", "database"))?;
        Ok(Box::new(PostgresReader::on(&self.address)?))
    }

    fn release(mut self: Box<Self>, origin: &str) -> Result<(), StoreError> {
        let mut release = || -> Result<(), LoadError> {
            self.link.batch(
                "set synchronous_commit = on; begin; \
                 create table origin (origin text collate \"C\" not null, told_by bigint)",
            )?;
            let note = "insert into origin (origin) select * from unnest($1::text[])";
            self.link.rows(note, vec![Array::texts([origin])])?;
            Ok(self.link.batch("drop table restoring; commit")?)
        };
        release().map_err(fault("releasing", "database"))
    }
}

/// Papers of desks that are being filled, in the schema `desk` of a database.
pub struct PostgresNewPapers {
    address: Address,
    link: Link,
}

impl PostgresNewPapers {
    /// Begins to fill a database whose desks have no paper.
    pub fn begin(url: &str) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let mut link = address.connect()?;
        settings::check(&mut link, Strictness::AcceptsLoss)?;
        crate::desk::lock(&mut link)?;
        check_finished(&mut link).map_err(fault("filling", "schema desk"))?;
        check_empty(&mut link, &PAPERS).map_err(fault("filling", "schema desk"))?;
        link.batch("create table restoring (since timestamp(3) not null default localtimestamp)")
            .map_err(fault("filling", "schema desk"))?;
        crate::desk::migrate(&mut link)?;
        link.batch("set synchronous_commit = off").map_err(fault("filling", "schema desk"))?;
        Ok(Self { address, link })
    }
}

impl NewPapers for PostgresNewPapers {
    fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
        add(&mut self.link, table, rows)
    }

    fn scan(&mut self) -> Result<Box<dyn PaperScan>, StoreError> {
        self.link.batch("analyze").map_err(fault("analysing", "schema desk"))?;
        Ok(Box::new(PostgresPaperScan { link: crate::desk::connect(&self.address)? }))
    }

    fn release(self: Box<Self>) -> Result<(), StoreError> {
        let release = "set synchronous_commit = on; drop table restoring";
        self.link.batch(release).map_err(fault("releasing", "schema desk"))
    }
}

/// What a hospital's own login is told.
const PART_ONLY: &str = "这个登录只看得到本院单据,不能用来备份:请用中心的登录,本院单据用 tongqu export 导出 \
                         this login sees its own hospital's papers only and backs up nothing: use the centre's, or \
                         `tongqu export` for the hospital's own";

/// The papers of desks in a database, read only, also while desks write there.
pub struct PostgresPaperScan {
    link: Link,
}

impl PostgresPaperScan {
    /// With the login that made them: a hospital's own sees its papers alone, and a copy of those would pass for all.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let mut link = crate::desk::connect(&Address::parse(url)?)?;
        check_finished(&mut link).map_err(fault("opening", "schema desk"))?;
        crate::check_version(&mut link)?;
        let walled =
            link.rows_once("select own_hospital() is not null").map_err(fault("opening", "schema desk"))?;
        if walled.first().is_some_and(|row| row.get(0)) {
            return Err(fault("opening", "schema desk")(PART_ONLY));
        }
        Ok(Self { link })
    }
}

impl PaperScan for PostgresPaperScan {
    fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.link.batch(WALK).map_err(fault("beginning", "scan"))?;
        let walked = walk(&mut PostgresScan { link: &mut self.link });
        let _ = self.link.batch("rollback");
        walked
    }
}

fn add(link: &mut Link, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
    let whole = known(table)?;
    let read = rows.iter().map(|row| whole.read(row)).collect::<Result<Vec<_>, _>>();
    let read = read.map_err(fault("reading", table))?;
    let mut steps = Vec::new();
    record::insert(&mut steps, &whole.table, &read, |to, row: &WholeRow<'_>| row.put(to));
    for answer in link.send(&steps).map_err(|error| fault("adding", table)(crate::told(&error)))? {
        answer.map_err(|error| fault("adding", table)(crate::told(&error)))?;
    }
    Ok(())
}

pub(crate) fn known(table: &str) -> Result<&'static Whole, StoreError> {
    Whole::of(table).ok_or_else(|| fault("copying", table)("there is no such table"))
}

fn exists(link: &mut Link, table: &str) -> Result<bool, LoadError> {
    let found = link.rows_once(&format!("select to_regclass('{table}') is not null"))?;
    Ok(found.first().is_some_and(|row| row.get(0)))
}

/// Where these books come from, unless the stream of an earlier centre has told of it.
pub(crate) fn origin(link: &mut Link) -> Result<Option<String>, LoadError> {
    if !exists(link, "origin")? {
        return Ok(None);
    }
    let origin = link.rows("select origin from origin where told_by is null", Vec::new())?;
    Ok(origin.first().map(|row| row.get(0)))
}

/// Fails where a database is being filled, or was and is not whole.
pub(crate) fn check_finished(link: &mut Link) -> Result<(), LoadError> {
    if exists(link, "restoring")? { Err(LoadError::Closed(format!("{UNFINISHED};{AGAIN}"))) } else { Ok(()) }
}

/// Fails where no centre may run on a database: it is not whole, or its books have been moved away.
pub fn check_stands(url: &str) -> Result<(), StoreError> {
    let mut link = Address::parse(url)?.connect()?;
    check_stand(&mut link).map_err(fault("opening", "database"))
}

/// The same on a connection.
pub(crate) fn check_stand(link: &mut Link) -> Result<(), LoadError> {
    check_finished(link)?;
    if !exists(link, "moved")? {
        return Ok(());
    }
    let moved = link.rows("select moved_to, at from moved", Vec::new())?;
    let told = moved.first().map(|row| -> Result<String, tables::Bad> {
        use tables::Get as _;
        let row = Line(row);
        let at = row.time(1)?.map(store::write_time).unwrap_or_default();
        Ok(store::moved_words(row.text(0)?.unwrap_or_default(), &at))
    });
    Err(LoadError::Closed(told.transpose()?.unwrap_or_default()))
}

fn check_empty(link: &mut Link, tables: &[Whole]) -> Result<(), LoadError> {
    for whole in tables {
        let name = whole.table.name;
        if !exists(link, name)? {
            continue;
        }
        let some = link.rows_once(&format!("select exists (select 1 from {name})"))?;
        if some.first().is_some_and(|row| row.get(0)) {
            let why = format!(
                "此处已有数据,不能覆盖;请换一个空库 there are rows in it already ({name}), which are not overwritten: \
                 name an empty database"
            );
            return Err(LoadError::Closed(why));
        }
    }
    Ok(())
}

/// A database that is being left: a transaction holds it, and whatever it changes it changes in the end.
pub struct PostgresLeaving {
    address: Address,
    link: Link,
}

impl PostgresLeaving {
    /// Holds a database. One that centres run on is refused.
    pub fn hold(url: &str) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let mut link = address.connect()?;
        crate::check_version(&mut link)?;
        hold(&mut link).map_err(fault("holding", "database"))?;
        Ok(Self { address, link })
    }
}

fn hold(link: &mut Link) -> Result<(), LoadError> {
    link.batch(
        "begin isolation level read committed; set local idle_in_transaction_session_timeout = 0; \
         set local lock_timeout = '10s'",
    )?;
    // No stream opens any more, so no centre starts, and none that lost its connection comes back.
    let opening = format!("select pg_try_advisory_xact_lock({})", stream::OPENING);
    if !link.rows_once(&opening)?.first().is_some_and(|row| row.get(0)) {
        let why =
            "正有中心启动或正在迁移,请稍后再试 a centre just starts on it, or it is being moved: try again";
        return Err(LoadError::Closed(why.into()));
    }
    check_stand(link)?;
    let open = link.rows("select stream, process from stream where closed is null", Vec::new())?;
    for (stream, process) in open.iter().map(|row| (row.get::<_, i64>(0), row.get::<_, String>(1))) {
        let lock = format!("select pg_try_advisory_xact_lock({})", stream::alive(stream));
        if !link.rows_once(&lock)?.first().is_some_and(|row| row.get(0)) {
            let why = format!(
                "请先停止在其上运行的中心 stop the centres that run on it first: process {process} writes to it"
            );
            return Err(LoadError::Closed(why));
        }
    }
    Ok(link.batch("lock table hospital, access_key, stream in share mode")?)
}

impl Leaving for PostgresLeaving {
    fn reader(&mut self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(PostgresReader::on(&self.address)?))
    }

    fn left(mut self: Box<Self>, to: &str, at: DateTime) -> Result<(), StoreError> {
        let mut steps = vec![Step::new(
            "insert into moved select * from unnest($1::text[], $2::timestamp[])",
            vec![Array::texts([to]), Array::times([at])],
        )];
        steps.push(Step::command("commit"));
        let mut mark = || -> Result<(), LoadError> {
            self.link.batch("create table moved (moved_to text not null, at timestamp(3) not null)")?;
            for answer in self.link.send(&steps)? {
                answer?;
            }
            Ok(())
        };
        mark().map_err(fault("marking", "database"))
    }
}
