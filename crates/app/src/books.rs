//! The books an officer works on, as they are named on the command line.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use model::SystemClock;
use store::{CentreStore, HospitalRow, Sealer, Writer};

/// The books.
#[derive(Args)]
pub struct Books {
    /// The database, such as `sqlite://centre.db` or `postgres://tongqu@server/centre`
    #[arg(long)]
    database: String,
    /// The key file; beside a database's file where left out
    #[arg(long)]
    keys: Option<PathBuf>,
}

/// The books, with the policies of their city.
#[derive(Args)]
pub struct CityBooks {
    #[command(flatten)]
    pub books: Books,
    /// Folder of the city's policies; the sample city's where left out
    #[arg(long)]
    pub policies: Option<PathBuf>,
}

/// An institution by its code.
pub fn institution<'h>(hospitals: &'h [HospitalRow], code: &str) -> anyhow::Result<&'h HospitalRow> {
    let found = hospitals.iter().find(|row| row.code == code);
    found.with_context(|| format!("there is no institution {code} 没有机构 {code}"))
}

impl Books {
    /// What opens what is sealed in them.
    pub fn sealer(&self) -> anyhow::Result<Arc<Sealer>> {
        let keys = crate::stores::Place::of(&self.database)?.keys(self.keys.as_deref())?;
        crate::stores::sealer(&keys)
    }

    /// Only to be read; also while a centre runs on them.
    pub fn read_only(&self) -> anyhow::Result<Box<dyn CentreStore>> {
        crate::stores::open_read_only(&self.database, Arc::new(SystemClock))
    }

    /// Does something on a writer of its own; no centre may run on a file meanwhile.
    pub fn write<T>(
        &self,
        sealer: &Arc<Sealer>,
        work: impl FnOnce(&mut dyn Writer, &dyn CentreStore) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let store = crate::stores::open_existing(&self.database, sealer.clone(), Arc::new(SystemClock))?;
        let mut writer = store
            .writer()
            .context("the books are in use: stop the centre first 账本正被使用,请先停止中心")?;
        let done = work(writer.as_mut(), store.as_ref());
        writer.close()?;
        done
    }
}
