//! Where an arm's books are: a file, or a database of the server that all arms of a run share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use rusqlite::Connection;
use store::{CentreStore, Keys, NewBooks, Sealer};
use store_postgres::PostgresNewBooks;
use tokio::runtime::Builder;
use tokio_postgres::{Client, NoTls};

use super::capture::TABLES;
use crate::site;

/// Books.
pub enum Books {
    /// In a file.
    File(PathBuf),
    /// In a database.
    Server { server: String, name: String },
}

impl Books {
    /// Of their address.
    pub fn of(address: &str) -> anyhow::Result<Self> {
        if let Some(file) = address.strip_prefix("sqlite://") {
            return Ok(Self::File(file.into()));
        }
        let (server, name) = address.rsplit_once('/').context("a database's address")?;
        Ok(Self::Server { server: server.into(), name: name.into() })
    }

    /// As `tongqu.toml` names it.
    pub fn address(&self) -> String {
        match self {
            Self::File(file) => format!("sqlite://{}", file.display()),
            Self::Server { server, name } => format!("{server}/{name}"),
        }
    }

    /// To run a centre on.
    pub fn open(&self, sealer: &Arc<Sealer>) -> anyhow::Result<Box<dyn CentreStore>> {
        site::open(&self.address(), sealer)
    }

    /// How many writers an engine has on them.
    pub fn writers(&self) -> anyhow::Result<usize> {
        let sealer = Arc::new(Sealer::new(&Keys::generate(), b""));
        Ok(site::open_read_only(&self.address(), &sealer)?.writers())
    }

    /// What one number a query answers.
    pub fn count(&self, sql: &str) -> anyhow::Result<i64> {
        match self {
            Self::File(file) => Ok(Connection::open(file)?.query_row(sql, [], |row| row.get(0))?),
            Self::Server { .. } => {
                on_server(&self.address(), async |client| Ok(client.query_one(sql, &[]).await?.get(0)))
            }
        }
    }

    /// Settlement rows in them.
    pub fn settlements(&self) -> anyhow::Result<u64> {
        Ok(u64::try_from(self.count("select count(*) from settlement")?)?)
    }

    /// Whether every table of a bill has as many rows as the recorded run's.
    pub fn same_rows(&self, recorded: &Path) -> anyhow::Result<bool> {
        let recorded = Self::File(recorded.into());
        for table in TABLES {
            // The first records of streams belong to runs, not to bills.
            let rest = if table.name == "audit" {
                " where action not in ('anchor', 'stream opened', 'books arrived')"
            } else {
                ""
            };
            let sql = format!("select count(*) from {}{rest}", table.name);
            if self.count(&sql)? != recorded.count(&sql)? {
                eprintln!("{}: {} rows instead of {}", table.name, self.count(&sql)?, recorded.count(&sql)?);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether they are sound.
    pub fn sound(&self, sealer: &Arc<Sealer>) -> anyhow::Result<bool> {
        let store = site::open_read_only(&self.address(), sealer)?;
        let report =
            centre::verify(store.reader()?.as_mut(), &site::editions()?, sealer.day_keys(), &mut |_| {})?;
        report.findings.iter().filter(|f| f.violations > 0).for_each(|f| eprintln!("{f}"));
        Ok(report.violations() == 0)
    }
}

/// A conversation with a database.
pub fn on_server<T>(
    address: &str,
    talk: impl AsyncFnOnce(&Client) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await.context("the server")?;
        tokio::spawn(connection);
        talk(&client).await
    })
}

/// Says several things to a database, each a transaction of its own.
pub fn say(address: &str, commands: &[&str]) -> anyhow::Result<()> {
    on_server(address, async |client| {
        for command in commands {
            client.batch_execute(command).await.with_context(|| (*command).to_owned())?;
        }
        Ok(())
    })
}

/// Makes a database of the server that holds the same city as a file.
pub fn copy_to_server(file: &Path, server: &str, name: &str, sealer: &Arc<Sealer>) -> anyhow::Result<()> {
    say(&format!("{server}/postgres"), &[&format!("create database {name}")])?;
    let books = Books::Server { server: server.into(), name: name.into() };
    let from = site::open_read_only(&Books::File(file.into()).address(), sealer)?;
    let mut new: Box<dyn NewBooks> = Box::new(PostgresNewBooks::begin(&books.address())?);
    backup::carry(from.reader()?.as_mut(), new.as_mut(), &mut |_| {})?;
    new.release("a file")?;
    on_server(&books.address(), async |client| {
        // As a server does by itself: a table without rows is not looked at.
        let filled = "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
                      and relkind = 'r' and pg_relation_size(oid) > 0";
        for row in client.query(filled, &[]).await? {
            client.batch_execute(&format!("analyze {}", row.get::<_, &str>(0))).await?;
        }
        Ok(())
    })
}
