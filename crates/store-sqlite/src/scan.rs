//! Walks through everything, in one snapshot, without holding more than a row.

use jiff::civil::{Date, DateTime};
use ledger::{Journal, Posting};
use model::{HospitalId, InsuranceKind, JournalId, PersonId, SettlementId};
use money::Money;
use rusqlite::{Connection, Row};
use store::{
    AuditRow, CreditRow, EncounterRow, JournalRow, LineRow, Mark, MessageRow, PersonRecord, Scan,
    SettlementRow, StoreError, StreamEnd,
};

use crate::columns;
use crate::fault;
use crate::load::person_record;

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
            if let Some(record) = person_record(self.connection, columns::PERSON_BY_ID, &person.0)? {
                each(record);
            }
            Ok(())
        })
    }

    fn encounters(&mut self, each: &mut dyn FnMut(EncounterRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from encounter", columns::ENCOUNTER);
        self.walk("encounter", &sql, columns::encounter, |row| {
            each(row);
            Ok(())
        })
    }

    fn lines(&mut self, each: &mut dyn FnMut(LineRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from fee_line order by hospital, encounter, number", columns::LINE);
        self.walk("fee_line", &sql, columns::line, |row| {
            each(row);
            Ok(())
        })
    }

    fn settlements(&mut self, each: &mut dyn FnMut(SettlementRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from settlement order by person, version", columns::SETTLEMENT);
        self.walk("settlement", &sql, columns::settlement, |row| {
            each(row);
            Ok(())
        })
    }

    fn credits(&mut self, each: &mut dyn FnMut(CreditRow)) -> Result<(), StoreError> {
        let sql = format!("select {} from credit order by person, version", columns::CREDIT);
        self.walk("credit", &sql, columns::credit, |row| {
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
        self.walk("journal", sql, journal_line, |(row, posting)| {
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
        let sql =
            format!("select {} from message order by hospital, infno, msgid, content", columns::MESSAGE_BARE);
        self.walk("message", &sql, columns::message, |row| {
            each(row);
            Ok(())
        })
    }

    fn audits(&mut self, each: &mut dyn FnMut(AuditRow)) -> Result<(), StoreError> {
        let sql = "select stream, seq, at, hospital, operator, action, object, result, hash, key_day, mac from audit order by stream, seq";
        self.walk("audit", sql, audit, |row| {
            each(row);
            Ok(())
        })
    }

    fn closed_streams(&mut self, each: &mut dyn FnMut(StreamEnd)) -> Result<(), StoreError> {
        let sql = "select stream, coalesce(records, 0), last_hash from stream where closed is not null order by stream";
        let read = |row: &Row<'_>| {
            let hash: Option<Vec<u8>> = row.get(2)?;
            let hash = hash.and_then(|h| h.try_into().ok()).unwrap_or([0; 32]);
            Ok(StreamEnd { stream: row.get(0)?, records: row.get(1)?, hash })
        };
        self.walk("stream", sql, read, |end| {
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

fn journal_line(row: &Row<'_>) -> rusqlite::Result<(JournalRow, Option<Posting>)> {
    let wrong = |at, text: &str| {
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, text.to_owned().into())
    };
    let settlement: Option<i64> = row.get(2)?;
    let hospital: Option<i64> = row.get(4)?;
    let source: String = row.get(1)?;
    let at: String = row.get(6)?;
    let account: Option<String> = row.get(7)?;
    let posting = match account {
        None => None,
        Some(account) => Some(Posting {
            account: account.parse().map_err(|e: String| wrong(7, &e))?,
            amount: Money::from_fen(row.get(8)?),
        }),
    };
    let journal = JournalRow {
        id: JournalId(row.get(0)?),
        settlement: settlement.map(SettlementId),
        person: PersonId(row.get(3)?),
        hospital: hospital.map(HospitalId),
        insurance_kind: InsuranceKind(row.get(5)?),
        at: store::read_time(&at).unwrap_or(DateTime::MIN),
        journal: Journal { source: source.parse().map_err(|e: String| wrong(1, &e))?, postings: Vec::new() },
    };
    Ok((journal, posting))
}

fn audit(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let hospital: Option<i64> = row.get(3)?;
    let at: String = row.get(2)?;
    let hash: Vec<u8> = row.get(8)?;
    let day: String = row.get(9)?;
    let mac: Vec<u8> = row.get(10)?;
    Ok(AuditRow {
        stream: row.get(0)?,
        seq: row.get(1)?,
        at: store::read_time(&at).unwrap_or(DateTime::MIN),
        hospital: hospital.map(HospitalId),
        operator: row.get(4)?,
        action: row.get(5)?,
        object: row.get(6)?,
        result: row.get(7)?,
        hash: hash.try_into().unwrap_or([0; 32]),
        mark: Mark {
            day: store::read_date(&day).unwrap_or(Date::MIN),
            mac: mac.try_into().unwrap_or([0; 16]),
        },
    })
}
