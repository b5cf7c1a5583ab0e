//! Values of PostgreSQL: a column of a batch as one array, a row as it was read.

use bytes::BytesMut;
use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, Span};
use tables::{Bad, Get, Kind, Put, Table};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Fault = Box<dyn std::error::Error + Sync + Send>;

/// The day PostgreSQL counts from.
const EPOCH: Date = date(2000, 1, 1);
const SECONDS_A_DAY: i64 = 86_400;

pub(crate) fn days(day: Date) -> i32 {
    (day - EPOCH).get_days()
}

pub(crate) fn micros(time: DateTime) -> i64 {
    let of_day = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let seconds = i64::from(days(time.date())) * SECONDS_A_DAY + of_day;
    (seconds * 1_000 + i64::from(time.millisecond())) * 1_000
}

/// One column of many rows, as an array in the form PostgreSQL reads.
pub struct Array {
    kind: Kind,
    count: i32,
    nulls: bool,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Array {
    /// Not what is in it: a log of statements names nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {:?}", self.count, self.kind)
    }
}

impl Array {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, count: 0, nulls: false, bytes: Vec::new() }
    }

    pub(crate) fn ints(values: impl IntoIterator<Item = i64>) -> Self {
        let mut array = Self::new(Kind::Int);
        values.into_iter().for_each(|value| array.push(Some(&value.to_be_bytes())));
        array
    }

    pub(crate) fn texts<'t>(values: impl IntoIterator<Item = &'t str>) -> Self {
        let mut array = Self::new(Kind::Text);
        values.into_iter().for_each(|value| array.push(Some(value.as_bytes())));
        array
    }

    pub(crate) fn blobs<'b>(values: impl IntoIterator<Item = &'b [u8]>) -> Self {
        let mut array = Self::new(Kind::Blob);
        values.into_iter().for_each(|value| array.push(Some(value)));
        array
    }

    pub(crate) fn times(values: impl IntoIterator<Item = DateTime>) -> Self {
        let mut array = Self::new(Kind::Time);
        values.into_iter().for_each(|value| array.push(Some(&micros(value).to_be_bytes())));
        array
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn push(&mut self, value: Option<&[u8]>) {
        self.count += 1;
        match value {
            Some(value) => {
                let length = i32::try_from(value.len()).expect("a value has less than two gigabytes");
                self.bytes.extend_from_slice(&length.to_be_bytes());
                self.bytes.extend_from_slice(value);
            }
            None => {
                self.nulls = true;
                self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
            }
        }
    }

    fn element(&self) -> Type {
        match self.kind {
            Kind::Int => Type::INT8,
            Kind::Text => Type::TEXT,
            Kind::Blob => Type::BYTEA,
            Kind::Flag => Type::BOOL,
            Kind::Time => Type::TIMESTAMP,
            Kind::Day => Type::DATE,
        }
    }
}

impl ToSql for Array {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        let dimensions = i32::from(self.count > 0);
        out.extend_from_slice(&dimensions.to_be_bytes());
        out.extend_from_slice(&i32::from(self.nulls).to_be_bytes());
        out.extend_from_slice(&self.element().oid().to_be_bytes());
        if self.count > 0 {
            out.extend_from_slice(&self.count.to_be_bytes());
            out.extend_from_slice(&1_i32.to_be_bytes());
        }
        out.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), tokio_postgres::types::Kind::Array(_))
    }

    to_sql_checked!();
}

/// How a kind of column is called.
pub(crate) const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "bigint",
        Kind::Text => "text",
        Kind::Blob => "bytea",
        Kind::Flag => "boolean",
        Kind::Time => "timestamp",
        Kind::Day => "date",
    }
}

/// The rows of a batch for one table, column by column.
pub struct Columns {
    arrays: Vec<Array>,
    at: usize,
}

impl Columns {
    /// The arrays of some rows, one a column.
    pub fn of<R>(table: &Table, rows: &[R], put: impl Fn(&mut dyn Put, &R)) -> Vec<Array> {
        let arrays = table.columns.iter().map(|(_, kind)| Array::new(*kind)).collect();
        let mut columns = Self { arrays, at: 0 };
        for row in rows {
            columns.at = 0;
            put(&mut columns, row);
            debug_assert_eq!(columns.at, columns.arrays.len(), "{}: a value a column", table.name);
        }
        columns.arrays
    }

    fn next(&mut self, kind: Kind) -> &mut Array {
        self.at += 1;
        let array = &mut self.arrays[self.at - 1];
        debug_assert_eq!(array.kind, kind, "column {}", self.at);
        array
    }
}

impl Put for Columns {
    fn int(&mut self, value: Option<i64>) {
        self.next(Kind::Int).push(value.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..]));
    }

    fn text(&mut self, value: Option<&str>) {
        self.next(Kind::Text).push(value.map(str::as_bytes));
    }

    fn blob(&mut self, value: Option<&[u8]>) {
        self.next(Kind::Blob).push(value);
    }

    fn flag(&mut self, value: bool) {
        self.next(Kind::Flag).push(Some(&[u8::from(value)]));
    }

    fn time(&mut self, value: Option<DateTime>) {
        let bytes = value.map(|time| micros(time).to_be_bytes());
        self.next(Kind::Time).push(bytes.as_ref().map(|bytes| &bytes[..]));
    }

    fn day(&mut self, value: Option<Date>) {
        let bytes = value.map(|day| days(day).to_be_bytes());
        self.next(Kind::Day).push(bytes.as_ref().map(|bytes| &bytes[..]));
    }
}

/// A moment as it was read.
struct Moment(DateTime);

impl<'a> FromSql<'a> for Moment {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        Ok(Self(EPOCH.at(0, 0, 0, 0).checked_add(SignedDuration::from_micros(micros))?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMP
    }
}

/// A day as it was read.
struct Day(Date);

impl<'a> FromSql<'a> for Day {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        let days = i32::from_be_bytes(raw.try_into()?);
        Ok(Self(EPOCH.checked_add(Span::new().try_days(days)?)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

/// A row as it was read.
pub(crate) struct Line<'r>(pub(crate) &'r Row);

impl Line<'_> {
    fn value<'s, T: FromSql<'s>>(&'s self, at: usize) -> Result<Option<T>, Bad> {
        self.0.try_get(at).map_err(|error| Bad::new(at, error.to_string()))
    }
}

impl Get for Line<'_> {
    fn int(&self, at: usize) -> Result<Option<i64>, Bad> {
        self.value(at)
    }

    fn text(&self, at: usize) -> Result<Option<&str>, Bad> {
        self.value(at)
    }

    fn blob(&self, at: usize) -> Result<Option<&[u8]>, Bad> {
        self.value(at)
    }

    fn flag(&self, at: usize) -> Result<Option<bool>, Bad> {
        self.value(at)
    }

    fn time(&self, at: usize) -> Result<Option<DateTime>, Bad> {
        Ok(self.value::<Moment>(at)?.map(|moment| moment.0))
    }

    fn day(&self, at: usize) -> Result<Option<Date>, Bad> {
        Ok(self.value::<Day>(at)?.map(|day| day.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn moments_and_days_read_back() {
        let moment = datetime(2026, 11, 23, 8, 5, 7, 123_000_000);
        let read = Moment::from_sql(&Type::TIMESTAMP, &micros(moment).to_be_bytes()).unwrap();
        assert_eq!(read.0, moment);
        let day = date(1956, 2, 29);
        assert_eq!(Day::from_sql(&Type::DATE, &days(day).to_be_bytes()).unwrap().0, day);
    }

    #[test]
    fn an_array_is_written_as_postgresql_reads_it() {
        let mut out = BytesMut::new();
        Array::ints([7]).to_sql(&Type::INT8_ARRAY, &mut out).unwrap();
        assert_eq!(
            &out[..],
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7]
        );
    }
}
