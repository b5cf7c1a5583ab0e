//! Walks through everything, in one snapshot, without holding more than some rows.

use model::RegisterKind;
use store::{
    AuditRow, ClearingRow, CreditRow, EncounterRow, EventRow, JournalRow, LineRow, MessageRow, OffsiteRow,
    PersonRecord, RegisterRow, Rows, Scan, SettlementRow, StoreError, StreamEnd,
};
use tables::{Bad, Enrolled, Get};

use crate::fault;
use crate::link::Link;
use crate::load::{LoadError, bare_record};
use crate::values::Line;

pub(crate) struct PostgresScan<'l> {
    pub(crate) link: &'l mut Link,
}

impl PostgresScan<'_> {
    fn walk<T>(
        &mut self,
        table: &'static str,
        sql: &str,
        read: impl Fn(&dyn Get) -> Result<T, Bad>,
        mut each: impl FnMut(T),
    ) -> Result<(), StoreError> {
        let walked = self.link.walk::<LoadError>(sql, |row| {
            each(read(&Line(row))?);
            Ok(())
        });
        walked.map_err(fault("scanning", table))
    }
}

impl Scan for PostgresScan<'_> {
    fn persons(&mut self, each: &mut dyn FnMut(PersonRecord)) -> Result<(), StoreError> {
        // One walk: each person's row, then a row for each insurance and identity.
        let (person, state) = (tables::PERSON.list, tables::STATE.list);
        let sql = format!(
            "select {person}, {state}, e.* from person join person_state using (person) \
             left join ({}) e (whose, insurance_kind, from_day, to_day, person_type, status, premium, civil_servant, \
             employer, division, filing, at, message, facts) on whose = person order by person, filing nulls first, \
             insurance_kind nulls last, from_day",
            tables::enrolled_of("is not null", "false")
        );
        let behind = tables::PERSON.columns.len() + tables::STATE.columns.len();
        let mut open: Option<PersonRecord> = None;
        let read = |row: &dyn Get| {
            let (person, state) = tables::person(row)?;
            let some = row.int(behind)?.is_some();
            let what = some.then(|| tables::enrolled(&Behind { row, first: behind })).transpose()?;
            Ok((bare_record(person, state), what))
        };
        self.walk("person", &sql, read, |(record, what)| {
            if open.as_ref().is_none_or(|o| o.row.id != record.row.id)
                && let Some(done) = open.replace(record)
            {
                each(done);
            }
            match (open.as_mut(), what) {
                (Some(open), Some((_, Enrolled::Cover(cover)))) => open.covers.push(cover),
                (Some(open), Some((_, Enrolled::Identity(identity)))) => open.identities.push(identity),
                (Some(open), Some((_, Enrolled::Filing(filing)))) => open.filings.push(filing),
                _ => {}
            }
        })?;
        open.into_iter().for_each(each);
        Ok(())
    }

    fn encounters(&mut self, each: &mut dyn FnMut(EncounterRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from encounter", tables::ENCOUNTER.list);
        self.walk("encounter", &sql, tables::encounter, each)
    }

    fn lines(&mut self, each: &mut dyn FnMut(LineRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from fee_line order by hospital, encounter, number", tables::LINE.list);
        self.walk("fee_line", &sql, tables::line, each)
    }

    fn settlements(&mut self, each: &mut dyn FnMut(SettlementRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from settlement order by person, version", tables::SETTLEMENT.list);
        self.walk("settlement", &sql, tables::settlement, each)
    }

    fn credits(&mut self, each: &mut dyn FnMut(CreditRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from credit order by person, version", tables::CREDIT.list);
        self.walk("credit", &sql, tables::credit, each)
    }

    fn events(&mut self, each: &mut dyn FnMut(EventRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from person_event order by person, version", tables::EVENT.list);
        self.walk("person_event", &sql, tables::event, each)
    }

    fn offsite(&mut self, each: &mut dyn FnMut(OffsiteRow)) -> Result<(), StoreError> {
        let sql =
            format!("select {} from offsite order by hospital, division, settlement", tables::OFFSITE.list);
        self.walk("offsite", &sql, tables::offsite, each)
    }

    fn clearings(&mut self, each: &mut dyn FnMut(ClearingRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from clearing order by hospital, period, number", tables::CLEARING.list);
        self.walk("clearing", &sql, tables::clearing, each)
    }

    fn registers(&mut self, kind: RegisterKind, each: &mut dyn FnMut(RegisterRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from register where kind = '{}'", tables::REGISTER.list, kind.word());
        self.walk("register", &sql, tables::register, each)
    }

    fn journals(&mut self, each: &mut dyn FnMut(JournalRow)) -> Result<(), StoreError> {
        let mut open: Option<JournalRow> = None;
        self.walk("journal", tables::JOURNALS, tables::journal_line, |(row, posting)| {
            if open.as_ref().is_none_or(|o| o.id != row.id)
                && let Some(done) = open.replace(row)
            {
                each(done);
            }
            if let Some(journal) = open.as_mut() {
                journal.journal.postings.extend(posting);
            }
        })?;
        open.into_iter().for_each(each);
        Ok(())
    }

    fn messages(&mut self, each: &mut dyn FnMut(MessageRow)) -> Result<(), StoreError> {
        let sql = format!(
            "select {}, substr(request, 1, 1), substr(reply, 1, 1) from message order by hospital, infno, msgid, content",
            tables::MESSAGE_BARE.list
        );
        self.walk("message", &sql, tables::message, each)
    }

    fn audits(&mut self, each: &mut dyn FnMut(AuditRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from audit order by stream, seq", tables::AUDIT.list);
        self.walk("audit", &sql, tables::audit, each)
    }

    fn closed_streams(&mut self, each: &mut dyn FnMut(StreamEnd)) -> Result<(), StoreError> {
        let sql = "select stream, coalesce(records, 0), last_hash, behind from stream where closed is not null order by stream";
        self.walk("stream", sql, tables::stream_end, each)
    }

    fn strays(&mut self, each: &mut dyn FnMut(&str, String)) -> Result<(), StoreError> {
        let read = |row: &dyn Get| {
            let table = row.text(0)?.unwrap_or_default().to_owned();
            Ok((table, row.int(1)?.unwrap_or_default()))
        };
        self.walk("strays", tables::STRAYS, read, |(table, key)| each(&table, key.to_string()))
    }
}

impl Rows for PostgresScan<'_> {
    fn rows(
        &mut self,
        table: &str,
        each: &mut dyn FnMut(Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let whole = crate::copy::known(table)?;
        // By the index of its key: a sort would first write a table of any size to the server's disk once more.
        self.link.batch("set local enable_sort = off").map_err(fault("scanning", table))?;
        // What each row is given to may fail for reasons of its own.
        let mut stopped = Ok(());
        let walked = self.link.walk::<LoadError>(&whole.select(), |row| {
            let bytes = whole.bytes(&Line(row))?;
            stopped = each(bytes);
            if stopped.is_ok() { Ok(()) } else { Err(Bad::new(0, "the walk was stopped").into()) }
        });
        stopped?;
        walked.map_err(fault("scanning", table))
    }
}

/// The columns of one row from a place on, as a row of its own: the first of them is the person's.
struct Behind<'r> {
    row: &'r dyn Get,
    first: usize,
}

impl Behind<'_> {
    fn place(&self, at: usize) -> usize {
        if at == 0 { 0 } else { self.first + at }
    }
}

impl Get for Behind<'_> {
    fn int(&self, at: usize) -> Result<Option<i64>, Bad> {
        self.row.int(self.place(at))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, Bad> {
        self.row.text(self.place(at))
    }

    fn blob(&self, at: usize) -> Result<Option<&[u8]>, Bad> {
        self.row.blob(self.place(at))
    }

    fn flag(&self, at: usize) -> Result<Option<bool>, Bad> {
        self.row.flag(self.place(at))
    }

    fn time(&self, at: usize) -> Result<Option<jiff::civil::DateTime>, Bad> {
        self.row.time(self.place(at))
    }

    fn day(&self, at: usize) -> Result<Option<jiff::civil::Date>, Bad> {
        self.row.day(self.place(at))
    }
}
