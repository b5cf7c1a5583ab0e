//! Every table as a whole, and a row of any of them as bytes: the same bytes whichever engine keeps it, so that a copy
//! can be compared with what it was made from.

use jiff::civil::{Date, DateTime};
use store::{read_date, read_time, write_date, write_time};

use crate::table::{
    ACCESS_KEY, AUDIT, CLEARING, COVER, CREDIT, DIAGNOSIS, ENCOUNTER, EVENT, FILING, HOSPITAL, IDENTITY,
    JOURNAL, LINE, MESSAGE, OFFSITE, PAPER, PAPER_EVENT, PAPER_TAG, PERSON, PERSON_STATE, POSTING, PREMIUM,
    REGISTER, SETTLEMENT, SIGN_IN, STREAM, UNIT,
};
use crate::{Bad, Get, Kind, Put, Table};

/// Changes with the columns of [`WHOLE`]: rows copied under one number are rows of another only by chance.
pub const LAYOUT: i64 = 4;

/// A table as it is copied: all its rows, by their key.
#[derive(Debug)]
pub struct Whole {
    /// All its columns. A row that is there already is an error.
    pub table: Table,
    /// The columns of its primary key.
    pub key: &'static str,
}

const fn whole(table: Table, key: &'static str) -> Whole {
    Whole { table: Table { over: "", ..table }, key }
}

/// Every table of the books, what is pointed at before what points. What an engine keeps of itself, its schema's version, is not copied.
pub static WHOLE: [Whole; 24] = [
    whole(HOSPITAL, "hospital"),
    whole(ACCESS_KEY, "key"),
    whole(STREAM, "stream"),
    whole(AUDIT, "stream, seq"),
    whole(PERSON, "person"),
    whole(COVER, "person, insurance_kind, from_day"),
    whole(IDENTITY, "person, kind, from_day"),
    whole(PERSON_STATE, "person"),
    whole(FILING, "person, filing"),
    whole(MESSAGE, "message"),
    whole(ENCOUNTER, "hospital, encounter"),
    whole(DIAGNOSIS, "hospital, encounter, kind, number"),
    whole(LINE, "hospital, encounter, number"),
    whole(SETTLEMENT, "hospital, settlement"),
    whole(JOURNAL, "journal"),
    whole(POSTING, "journal, line"),
    whole(CREDIT, "person, kind, period"),
    whole(EVENT, "person, version"),
    whole(PREMIUM, "person, month"),
    whole(UNIT, "code, from_day"),
    whole(OFFSITE, "hospital, division, settlement"),
    whole(CLEARING, "hospital, period, number"),
    whole(REGISTER, "hospital, kind, key"),
    whole(SIGN_IN, "hospital, number"),
];

/// Changes with the columns of [`PAPERS`].
pub const PAPERS_LAYOUT: i64 = 1;

/// The tables of papers of desks. Logins of workstations are the server's, and made anew.
pub static PAPERS: [Whole; 3] = [
    whole(PAPER, "hospital, kind, key"),
    whole(PAPER_TAG, "hospital, kind, tag, key"),
    whole(PAPER_EVENT, "hospital, kind, key, version"),
];

const NULL: u8 = 0;

/// What stands in front of a value.
const fn tag(kind: Kind) -> u8 {
    match kind {
        Kind::Int => 1,
        Kind::Text => 2,
        Kind::Blob => 3,
        Kind::Flag => 4,
        Kind::Time => 5,
        Kind::Day => 6,
    }
}

impl Whole {
    /// The table of that name.
    pub fn of(name: &str) -> Option<&'static Self> {
        WHOLE.iter().chain(&PAPERS).find(|whole| whole.table.name == name)
    }

    /// All its rows in the order of their key, as both engines read it.
    pub fn select(&self) -> String {
        format!("select {} from {} order by {}", self.table.list, self.table.name, self.key)
    }

    /// A row as bytes: of each value its kind, the length where that may differ, and the value.
    pub fn bytes(&self, row: &dyn Get) -> Result<Vec<u8>, Bad> {
        let mut bytes = Vec::new();
        let to = &mut bytes;
        for (at, (_, kind)) in self.table.columns.iter().enumerate() {
            match kind {
                Kind::Int => fixed(to, *kind, row.int(at)?.map(i64::to_be_bytes)),
                Kind::Text => long(to, *kind, row.text(at)?.map(str::as_bytes)),
                Kind::Blob => long(to, *kind, row.blob(at)?),
                Kind::Flag => {
                    let flag = row.flag(at)?.ok_or_else(|| Bad::new(at, "null"))?;
                    fixed(to, *kind, Some([u8::from(flag)]));
                }
                Kind::Time => long(to, *kind, row.time(at)?.map(write_time).as_deref().map(str::as_bytes)),
                Kind::Day => long(to, *kind, row.day(at)?.map(write_date).as_deref().map(str::as_bytes)),
            }
        }
        Ok(bytes)
    }

    /// A row from its bytes.
    pub fn read<'b>(&self, bytes: &'b [u8]) -> Result<WholeRow<'b>, Bad> {
        let mut rest = Rest { bytes, at: 0 };
        let values =
            self.table.columns.iter().map(|(_, kind)| rest.value(*kind)).collect::<Result<_, _>>()?;
        if rest.bytes.is_empty() { Ok(WholeRow { values }) } else { Err(rest.bad("more than a row")) }
    }
}

fn fixed<const N: usize>(to: &mut Vec<u8>, kind: Kind, value: Option<[u8; N]>) {
    to.push(if value.is_some() { tag(kind) } else { NULL });
    to.extend(value.iter().flatten());
}

fn long(to: &mut Vec<u8>, kind: Kind, value: Option<&[u8]>) {
    let Some(value) = value else { return to.push(NULL) };
    to.push(tag(kind));
    to.extend(u32::try_from(value.len()).expect("a value below 4 GiB").to_be_bytes());
    to.extend(value);
}

enum Value<'b> {
    Int(Option<i64>),
    Text(Option<&'b str>),
    Blob(Option<&'b [u8]>),
    Flag(bool),
    Time(Option<DateTime>),
    Day(Option<Date>),
}

/// A row of any table.
pub struct WholeRow<'b> {
    values: Vec<Value<'b>>,
}

impl WholeRow<'_> {
    /// Its values, in the order of its table.
    pub fn put(&self, to: &mut dyn Put) {
        for value in &self.values {
            match value {
                Value::Int(value) => to.int(*value),
                Value::Text(value) => to.text(*value),
                Value::Blob(value) => to.blob(*value),
                Value::Flag(value) => to.flag(*value),
                Value::Time(value) => to.time(*value),
                Value::Day(value) => to.day(*value),
            }
        }
    }
}

/// What of a row is still to be read, and at which column that is.
struct Rest<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Rest<'b> {
    fn bad(&self, what: &str) -> Bad {
        Bad::new(self.at, what)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Bad> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(|| self.bad("cut off"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        self.take(N)?.try_into().map_err(|_| self.bad("cut off"))
    }

    fn long(&mut self) -> Result<&'b [u8], Bad> {
        let length = u32::from_be_bytes(self.array()?);
        self.take(length as usize)
    }

    fn text(&mut self) -> Result<&'b str, Bad> {
        let bytes = self.long()?;
        std::str::from_utf8(bytes).map_err(|error| self.bad(&error.to_string()))
    }

    fn parsed<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Bad> {
        let text = self.text()?;
        read(text).ok_or_else(|| self.bad(text))
    }

    fn value(&mut self, kind: Kind) -> Result<Value<'b>, Bad> {
        let [found] = self.array()?;
        if found != tag(kind) && (found != NULL || kind == Kind::Flag) {
            return Err(self.bad("another kind of value"));
        }
        let there = found != NULL;
        let value = match kind {
            Kind::Int => Value::Int(there.then(|| self.array().map(i64::from_be_bytes)).transpose()?),
            Kind::Text => Value::Text(there.then(|| self.text()).transpose()?),
            Kind::Blob => Value::Blob(there.then(|| self.long()).transpose()?),
            Kind::Flag => Value::Flag(self.array()? == [1]),
            Kind::Time => Value::Time(there.then(|| self.parsed(read_time)).transpose()?),
            Kind::Day => Value::Day(there.then(|| self.parsed(read_date)).transpose()?),
        };
        self.at += 1;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    /// Values as an engine would read them: ints and texts by place.
    struct SignIn;

    impl Get for SignIn {
        fn int(&self, _: usize) -> Result<Option<i64>, Bad> {
            Ok(Some(-7))
        }
        fn text(&self, at: usize) -> Result<Option<&str>, Bad> {
            Ok(["", "S1", "李敏"].get(at).copied())
        }
        fn blob(&self, _: usize) -> Result<Option<&[u8]>, Bad> {
            Ok(None)
        }
        fn flag(&self, _: usize) -> Result<Option<bool>, Bad> {
            Ok(None)
        }
        fn time(&self, at: usize) -> Result<Option<DateTime>, Bad> {
            Ok((at == 3).then(|| datetime(2026, 11, 23, 8, 0, 0, 5_000_000)))
        }
        fn day(&self, _: usize) -> Result<Option<Date>, Bad> {
            Ok(Some(date(2026, 11, 23)))
        }
    }

    /// What was put, in words.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Put for Told {
        fn int(&mut self, value: Option<i64>) {
            self.0.push(format!("{value:?}"));
        }
        fn text(&mut self, value: Option<&str>) {
            self.0.push(format!("{value:?}"));
        }
        fn blob(&mut self, value: Option<&[u8]>) {
            self.0.push(format!("{value:?}"));
        }
        fn flag(&mut self, value: bool) {
            self.0.push(format!("{value:?}"));
        }
        fn time(&mut self, value: Option<DateTime>) {
            self.0.push(format!("{value:?}"));
        }
        fn day(&mut self, value: Option<Date>) {
            self.0.push(format!("{value:?}"));
        }
    }

    #[test]
    fn a_row_reads_back_from_its_bytes_and_one_cut_off_or_of_another_table_does_not() {
        let sign_in = Whole::of("sign_in").unwrap();
        let bytes = sign_in.bytes(&SignIn).unwrap();
        let mut told = Told::default();
        sign_in.read(&bytes).unwrap().put(&mut told);
        assert_eq!(
            told.0,
            ["Some(-7)", "Some(\"S1\")", "Some(\"李敏\")", "Some(2026-11-23T08:00:00.005)", "None"]
        );
        for length in 0..bytes.len() {
            assert!(sign_in.read(&bytes[..length]).is_err(), "{length} bytes of {}", bytes.len());
        }
        assert!(sign_in.read(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Whole::of("posting").unwrap().read(&bytes).is_err());
        assert!(Whole::of("hospital").unwrap().bytes(&SignIn).is_err(), "no flag is no flag");
    }

    #[test]
    fn what_rows_are_made_of_has_a_number() {
        // Another sum: the columns have changed, so the number must too, and backups of before name the one they have.
        let sum = |all: &[Whole]| {
            let columns =
                all.iter().map(|w| format!("{} ({:?}) by {}", w.table.name, w.table.columns, w.key));
            let text: String = columns.collect();
            text.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(0x0100_0000_01b3).wrapping_add(byte.into()))
        };
        assert_eq!((LAYOUT, sum(&WHOLE)), (4, 2_740_992_759_147_910_413));
        assert_eq!((PAPERS_LAYOUT, sum(&PAPERS)), (1, 1_578_913_958_052_659_509));
    }

    #[test]
    fn a_table_is_copied_by_a_key_of_its_own_columns_and_over_nothing() {
        for whole in WHOLE.iter().chain(&PAPERS) {
            assert!(
                whole.key.split(", ").all(|key| whole.table.columns.iter().any(|(name, _)| *name == key))
            );
            assert_eq!(whole.table.over, "", "{}", whole.table.name);
        }
    }
}
