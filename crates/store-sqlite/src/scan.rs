//! Walks through everything, in one snapshot, without holding more than a row.

use model::PersonId;
use model::RegisterKind;
use rusqlite::{Connection, Row};
use store::{
    AuditRow, ClearingRow, CreditRow, EncounterRow, EventRow, JournalRow, LineRow, MessageRow, OffsiteRow,
    PersonRecord, RegisterRow, Rows, Scan, SettlementRow, StoreError, StreamEnd,
};

use crate::columns::{self, read};
use crate::fault;
use crate::load::{bare, person_record};

pub(crate) struct SqliteScan<'c> {
    pub(crate) connection: &'c Connection,
}

impl SqliteScan<'_> {
    fn walk<T>(
        &self,
        table: &'static str,
        sql: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        mut each: impl FnMut(T) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let mut walk = || {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(read(row)?)?;
            }
            Ok(())
        };
        walk().map_err(fault("scanning", table))
    }
}

impl Scan for SqliteScan<'_> {
    fn persons(&mut self, each: &mut dyn FnMut(PersonRecord)) -> Result<(), StoreError> {
        let id = |row: &Row<'_>| row.get(0).map(PersonId);
        self.walk("person", "select person from person order by person", id, |person| {
            if let Some(record) = person_record(self.connection, &columns::PERSON_BY_ID, &person.0)? {
                each(record);
            }
            Ok(())
        })
    }

    fn encounters(&mut self, each: &mut dyn FnMut(EncounterRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from encounter", tables::ENCOUNTER.list);
        self.walk("encounter", &sql, read(tables::encounter), |row| {
            each(row);
            Ok(())
        })
    }

    fn lines(&mut self, each: &mut dyn FnMut(LineRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from fee_line order by hospital, encounter, number", tables::LINE.list);
        self.walk("fee_line", &sql, read(tables::line), |row| {
            each(row);
            Ok(())
        })
    }

    fn settlements(&mut self, each: &mut dyn FnMut(SettlementRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from settlement order by person, version", tables::SETTLEMENT.list);
        self.walk("settlement", &sql, read(tables::settlement), |row| {
            each(row);
            Ok(())
        })
    }

    fn credits(&mut self, each: &mut dyn FnMut(CreditRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from credit order by person, version", tables::CREDIT.list);
        self.walk("credit", &sql, read(tables::credit), |row| {
            each(row);
            Ok(())
        })
    }

    fn events(&mut self, each: &mut dyn FnMut(EventRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from person_event order by person, version", tables::EVENT.list);
        self.walk("person_event", &sql, read(tables::event), |row| {
            each(row);
            Ok(())
        })
    }

    fn offsite(&mut self, each: &mut dyn FnMut(OffsiteRow)) -> Result<(), StoreError> {
        let sql =
            format!("select {} from offsite order by hospital, division, settlement", tables::OFFSITE.list);
        self.walk("offsite", &sql, read(tables::offsite), |row| {
            each(row);
            Ok(())
        })
    }

    fn clearings(&mut self, each: &mut dyn FnMut(ClearingRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from clearing order by hospital, period, number", tables::CLEARING.list);
        self.walk("clearing", &sql, read(tables::clearing), |row| {
            each(row);
            Ok(())
        })
    }

    fn registers(&mut self, kind: RegisterKind, each: &mut dyn FnMut(RegisterRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from register where kind = '{}'", tables::REGISTER.list, kind.word());
        self.walk("register", &sql, read(tables::register), |row| {
            each(row);
            Ok(())
        })
    }

    fn journals(&mut self, each: &mut dyn FnMut(JournalRow)) -> Result<(), StoreError> {
        let mut open: Option<JournalRow> = None;
        self.walk("journal", tables::JOURNALS, read(tables::journal_line), |(row, posting)| {
            if open.as_ref().is_none_or(|o| o.id != row.id)
                && let Some(done) = open.replace(row)
            {
                each(done);
            }
            if let Some(journal) = open.as_mut() {
                journal.journal.postings.extend(posting);
            }
            Ok(())
        })?;
        open.into_iter().for_each(each);
        Ok(())
    }

    fn messages(&mut self, each: &mut dyn FnMut(MessageRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from message order by hospital, infno, msgid, content", bare());
        self.walk("message", &sql, read(tables::message), |row| {
            each(row);
            Ok(())
        })
    }

    fn audits(&mut self, each: &mut dyn FnMut(AuditRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from audit order by stream, seq", tables::AUDIT.list);
        self.walk("audit", &sql, read(tables::audit), |row| {
            each(row);
            Ok(())
        })
    }

    fn closed_streams(&mut self, each: &mut dyn FnMut(StreamEnd)) -> Result<(), StoreError> {
        let sql = format!("{} order by stream", crate::CLOSED_STREAMS);
        self.walk("stream", &sql, read(tables::stream_end), |end| {
            each(end);
            Ok(())
        })
    }

    fn strays(&mut self, each: &mut dyn FnMut(&str, String)) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
        self.walk("strays", tables::STRAYS, read, |(table, key)| {
            each(&table, key.to_string());
            Ok(())
        })
    }
}

impl Rows for SqliteScan<'_> {
    fn rows(
        &mut self,
        table: &str,
        each: &mut dyn FnMut(Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let whole = crate::copy::known(table)?;
        let mut statement = self.connection.prepare(&whole.select()).map_err(fault("scanning", table))?;
        let mut rows = statement.query([]).map_err(fault("scanning", table))?;
        let bytes = read(|row| whole.bytes(row));
        while let Some(row) = rows.next().map_err(fault("scanning", table))? {
            each(bytes(row).map_err(fault("reading", table))?)?;
        }
        Ok(())
    }
}
