//! Values of SQLite: how they are bound and read.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{CachedStatement, Row, ToSql};
use store::{read_date, read_time, write_date, write_time};
use tables::{Bad, Get, Put};

/// Binds values one behind the other, and keeps the first that could not be.
pub(crate) struct Bind<'c> {
    statement: CachedStatement<'c>,
    at: usize,
    failed: Option<rusqlite::Error>,
}

impl<'c> Bind<'c> {
    pub(crate) fn new(statement: CachedStatement<'c>) -> Self {
        Self { statement, at: 0, failed: None }
    }

    /// How many rows changed.
    pub(crate) fn execute(mut self) -> rusqlite::Result<usize> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.statement.raw_execute(),
        }
    }

    /// Values bound so far.
    pub(crate) fn bound(&self) -> usize {
        self.at
    }

    fn value(&mut self, value: impl ToSql) {
        self.at += 1;
        if let Err(error) = self.statement.raw_bind_parameter(self.at, value) {
            self.failed.get_or_insert(error);
        }
    }
}

impl Put for Bind<'_> {
    fn int(&mut self, value: Option<i64>) {
        self.value(value);
    }

    fn text(&mut self, value: Option<&str>) {
        self.value(value);
    }

    fn blob(&mut self, value: Option<&[u8]>) {
        self.value(value);
    }

    fn flag(&mut self, value: bool) {
        self.value(value);
    }

    fn time(&mut self, value: Option<DateTime>) {
        self.value(value.map(write_time));
    }

    fn day(&mut self, value: Option<Date>) {
        self.value(value.map(write_date));
    }
}

/// A row as it was read.
pub(crate) struct Line<'r, 's>(pub(crate) &'r Row<'s>);

impl Line<'_, '_> {
    fn value(&self, at: usize) -> Result<ValueRef<'_>, Bad> {
        self.0.get_ref(at).map_err(|error| Bad::new(at, error.to_string()))
    }

    fn parsed<T>(&self, at: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Bad> {
        self.text(at)?.map(|text| parse(text).ok_or_else(|| Bad::new(at, text))).transpose()
    }
}

impl Get for Line<'_, '_> {
    fn int(&self, at: usize) -> Result<Option<i64>, Bad> {
        self.value(at)?.as_i64_or_null().map_err(|error| Bad::new(at, error.to_string()))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, Bad> {
        self.value(at)?.as_str_or_null().map_err(|error| Bad::new(at, error.to_string()))
    }

    fn blob(&self, at: usize) -> Result<Option<&[u8]>, Bad> {
        self.value(at)?.as_blob_or_null().map_err(|error| Bad::new(at, error.to_string()))
    }

    fn flag(&self, at: usize) -> Result<Option<bool>, Bad> {
        Ok(self.int(at)?.map(|flag| flag != 0))
    }

    fn time(&self, at: usize) -> Result<Option<DateTime>, Bad> {
        self.parsed(at, read_time)
    }

    fn day(&self, at: usize) -> Result<Option<Date>, Bad> {
        self.parsed(at, read_date)
    }
}

/// Reads a row as its table says.
pub(crate) fn read<T>(read: impl Fn(&dyn Get) -> Result<T, Bad>) -> impl Fn(&Row<'_>) -> rusqlite::Result<T> {
    move |row| {
        read(&Line(row))
            .map_err(|bad| rusqlite::Error::FromSqlConversionFailure(bad.at, Type::Text, bad.what.into()))
    }
}

/// One person with the hot row, by our id.
pub(crate) static PERSON_BY_ID: LazyLock<String> = LazyLock::new(|| person_by("person"));

/// The same, by the person's number.
pub(crate) static PERSON_BY_NUMBER: LazyLock<String> = LazyLock::new(|| person_by("number"));

fn person_by(key: &str) -> String {
    let (person, state) = (tables::PERSON.list, tables::STATE.list);
    format!("select {person}, {state} from person join person_state using (person) where {key} = ?1")
}
