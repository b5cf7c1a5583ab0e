//! Walks through everything, in one snapshot, without holding more than a row.

use model::PersonId;
use rusqlite::{Connection, Row};
use store::{
    AuditRow, CreditRow, EncounterRow, JournalRow, LineRow, MessageRow, PersonRecord, Scan, SettlementRow,
    StoreError, StreamEnd,
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

    fn journals(&mut self, each: &mut dyn FnMut(JournalRow)) -> Result<(), StoreError> {
        let sql = "select j.journal, j.source, j.settlement, j.person, j.hospital, j.insurance_kind, j.at,
                       p.account, p.amount
                   from journal j
                   left join posting p on p.journal = j.journal
                   left join settlement s on s.hospital = j.hospital and s.settlement = j.settlement
                   left join credit c on c.journal = j.journal
                   order by j.person, coalesce(s.version, c.version, 0), j.journal, p.line";
        let mut open: Option<JournalRow> = None;
        self.walk("journal", sql, read(tables::journal_line), |(row, posting)| {
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
        let sql = "select stream, coalesce(records, 0), last_hash from stream where closed is not null order by stream";
        self.walk("stream", sql, read(tables::stream_end), |end| {
            each(end);
            Ok(())
        })
    }

    fn strays(&mut self, each: &mut dyn FnMut(&str, String)) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
        self.walk("strays", STRAYS, read, |(table, key)| {
            each(&table, key.to_string());
            Ok(())
        })
    }
}

/// Rows that point at no row of their own hospital, or of no hospital; postings outside any journal.
const STRAYS: &str = "
    select 'encounter', encounter from encounter e where not exists (select 1 from hospital h where h.hospital = e.hospital)
    union all
    select 'fee_line', encounter from fee_line l
        where not exists (select 1 from encounter e where e.hospital = l.hospital and e.encounter = l.encounter and e.person = l.person)
    union all
    select 'diagnosis', encounter from diagnosis d
        where not exists (select 1 from encounter e where e.hospital = d.hospital and e.encounter = d.encounter)
    union all
    select 'settlement', settlement from settlement s
        where not exists (select 1 from encounter e where e.hospital = s.hospital and e.encounter = s.encounter and e.person = s.person)
    union all
    select 'settlement', settlement from settlement s
        where not exists (select 1 from message m where m.message = s.message and m.hospital = s.hospital)
    union all
    select 'journal', journal from journal j
        where settlement is not null
        and not exists (select 1 from settlement s where s.hospital = j.hospital and s.settlement = j.settlement and s.person = j.person)
    union all
    select 'posting', journal from posting p where not exists (select 1 from journal j where j.journal = p.journal)
    union all
    select 'posting', p.journal from posting p join journal j on j.journal = p.journal
        where (p.hospital is not null and p.hospital is not j.hospital) or (p.person is not null and p.person is not j.person)
    union all
    select 'posting', journal from posting where person is null
        and account in ('personal_account.current', 'personal_account.prior', 'patient_cash')
    union all
    select 'posting', journal from posting where hospital is null
        and account in ('hospital_claim', 'hospital_cash', 'hospital_share')
    union all
    select 'credit', c.person from credit c where journal is not null
        and not exists (select 1 from journal j where j.journal = c.journal and j.person = c.person)
    union all
    select 'message', message from message m where not exists (select 1 from hospital h where h.hospital = m.hospital)
    union all
    select 'sign_in', rowid_of from (select hospital as rowid_of from sign_in s where not exists (select 1 from hospital h where h.hospital = s.hospital))
";
