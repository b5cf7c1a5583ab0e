//! Writes what a batch changed: new rows many at once, changed rows one by one, each exactly once.

use ledger::Posting;
use model::Fund;
use rusqlite::{CachedStatement, Connection, ToSql, params};
use store::{
    AuditRow, Changes, CreditRow, DiagnosisRow, EncounterRow, JournalRow, LineRow, Made, MessageResult,
    MessageRow, PersonRecord, PersonState, SettlementRow, write_date, write_time,
};

use crate::columns::{encounter_state, line_state, settlement_kind_word, years_to_text};

type Written = rusqlite::Result<()>;

pub(crate) fn write(connection: &Connection, changes: &Changes) -> Written {
    let c = connection;
    AUDIT.all(c, &changes.audits, audit_row)?;
    MESSAGE.all(c, &changes.messages, message_row)?;
    each(&changes.taken_back, |(original, by)| {
        exactly_one(
            c.prepare_cached("update message set taken_back_by = ?2 where message = ?1")?
                .execute(params![original.0, by.0])?,
        )
    })?;
    each(&changes.persons, |row| person(c, row))?;
    each(&changes.states, |(id, loaded, row)| state(c, id.0, *loaded, row))?;
    // First the marks: what hangs on a bill that was undone, its lines and its visit, may change again.
    each(&changes.marks, |(hospital, settlement, effective, counted)| {
        let mut update = c.prepare_cached(
            "update settlement set effective = ?3, counted = ?4 where hospital = ?1 and settlement = ?2",
        )?;
        exactly_one(update.execute(params![hospital.0, settlement.0, effective, counted])?)
    })?;
    // A stay that ends makes room for the same person's next one.
    each(&changes.encounters_changed, |row| encounter_changed(c, row))?;
    ENCOUNTER.all(c, &changes.encounters, encounter_row)?;
    DIAGNOSIS.all(c, &changes.diagnoses, diagnosis_row)?;
    LINE.all(c, &changes.lines, line_row)?;
    SETTLEMENT.all(c, &changes.settlements, settlement_row)?;
    JOURNAL.all(c, &changes.journals, journal_row)?;
    let postings: Vec<_> = changes.journals.iter().flat_map(postings).collect();
    POSTING.all(c, &postings, posting_row)?;
    CREDIT.all(c, &changes.credits, credit_row)?;
    each(&changes.sign_ins, |row| {
        let mut insert = c.prepare_cached("insert into sign_in values (?1, ?2, ?3, ?4, ?5)")?;
        insert.execute(params![
            row.hospital.0,
            row.number,
            row.operator,
            write_time(row.opened),
            row.closed.map(write_time)
        ])?;
        Ok(())
    })?;
    each(&changes.signed_out, |(hospital, number, at)| {
        let mut update =
            c.prepare_cached("update sign_in set closed = ?3 where hospital = ?1 and number = ?2")?;
        exactly_one(update.execute(params![hospital.0, number, write_time(*at)])?)
    })
}

fn each<T>(rows: &[T], mut write: impl FnMut(&T) -> Written) -> Written {
    rows.iter().try_for_each(&mut write)
}

/// A change that meets no row, or more than one, means that the store is not as it was loaded.
fn exactly_one(rows: usize) -> Written {
    if rows == 1 { Ok(()) } else { Err(rusqlite::Error::StatementChangedRows(rows)) }
}

fn person(c: &Connection, record: &PersonRecord) -> Written {
    let row = &record.row;
    c.prepare_cached(
        "insert into person (person, number, household, name, document_kind, document, document_hash, card_hash, gender,
             born)
         values (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        row.id.0,
        row.number,
        row.name,
        row.document_kind,
        row.document,
        &row.document_hash[..],
        row.card_hash.as_ref().map(|h| &h[..]),
        row.gender,
        write_date(row.born)
    ])?;
    for cover in &record.covers {
        c.prepare_cached("insert into cover values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?.execute(
            params![
                row.id.0,
                cover.kind.0,
                write_date(cover.from),
                cover.to.map(write_date),
                cover.person_type,
                cover.status.word(),
                cover.premium.word(),
                cover.civil_servant,
                cover.employer,
                cover.division
            ],
        )?;
    }
    for identity in &record.identities {
        c.prepare_cached("insert into identity values (?1, ?2, ?3, ?4)")?.execute(params![
            row.id.0,
            identity.kind,
            write_date(identity.from),
            identity.to.map(write_date)
        ])?;
    }
    let s = &record.state;
    c.prepare_cached("insert into person_state values (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        row.id.0,
        s.version,
        s.held.current.fen(),
        s.held.prior.fen(),
        s.on_hold.fen(),
        years_to_text(&s.years)
    ])?;
    Ok(())
}

fn state(c: &Connection, person: i64, loaded: i64, row: &PersonState) -> Written {
    let mut update = c.prepare_cached(
        "update person_state set version = ?2, account_current = ?3, account_prior = ?4, on_hold = ?5, years = ?6
         where person = ?1 and version = ?7",
    )?;
    exactly_one(update.execute(params![
        person,
        row.version,
        row.held.current.fen(),
        row.held.prior.fen(),
        row.on_hold.fen(),
        years_to_text(&row.years),
        loaded
    ])?)
}

fn encounter_changed(c: &Connection, row: &EncounterRow) -> Written {
    let mut update = c.prepare_cached(
        "update encounter set care_kind = ?3, visit = ?4, begins = ?5, ends = ?6, disease = ?7, state = ?8, message = ?9
         where hospital = ?1 and encounter = ?2",
    )?;
    exactly_one(update.execute(params![
        row.hospital.0,
        row.id.0,
        row.care_kind,
        row.visit.word(),
        write_time(row.begins),
        row.ends.map(write_time),
        row.disease,
        encounter_state(row.state),
        row.message.0
    ])?)
}

/// An insert of rows of one table, many in one statement.
struct Insert {
    table: &'static str,
    columns: &'static [&'static str],
    /// What becomes of a row that is there already; nothing: an error.
    over: &'static str,
}

/// Rows of one statement; what is left goes in smaller ones. Few sizes, so that each is prepared once.
const SIZES: [usize; 3] = [32, 8, 1];

impl Insert {
    const fn new(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { table, columns, over: "" }
    }

    fn sql(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let (table, columns) = (self.table, self.columns.join(", "));
        // `or fail`: SQLite need not keep what the statement changed to undo it alone; on an error all is rolled back.
        format!("insert or fail into {table} ({columns}) values {}{}", vec![row; rows].join(", "), self.over)
    }

    fn all<R>(&self, c: &Connection, rows: &[R], bind: impl Fn(&mut Bind<'_>, &R) -> Written) -> Written {
        let mut rest = rows;
        for size in SIZES {
            while let Some((now, later)) = rest.split_at_checked(size) {
                let mut values = Bind { statement: c.prepare_cached(&self.sql(size))?, at: 0 };
                now.iter().try_for_each(|row| bind(&mut values, row))?;
                debug_assert_eq!(values.at, size * self.columns.len(), "{}: a value a column", self.table);
                values.statement.raw_execute()?;
                rest = later;
            }
        }
        Ok(())
    }
}

/// Binds values one behind the other.
struct Bind<'c> {
    statement: CachedStatement<'c>,
    at: usize,
}

impl Bind<'_> {
    fn put(&mut self, values: &[&dyn ToSql]) -> Written {
        for value in values {
            self.at += 1;
            self.statement.raw_bind_parameter(self.at, value)?;
        }
        Ok(())
    }
}

const AUDIT: Insert = Insert::new(
    "audit",
    &["stream", "seq", "at", "hospital", "operator", "action", "object", "result", "hash", "key_day", "mac"],
);

/// One audit record by itself: the one a stream begins with.
pub(crate) fn audit(c: &Connection, row: &AuditRow) -> Written {
    AUDIT.all(c, std::slice::from_ref(row), audit_row)
}

fn audit_row(values: &mut Bind<'_>, row: &AuditRow) -> Written {
    values.put(&[
        &row.stream,
        &row.seq,
        &write_time(row.at),
        &row.hospital.map(|h| h.0),
        &row.operator,
        &row.action,
        &row.object,
        &row.result,
        &&row.hash[..],
        &write_date(row.mark.day),
        &&row.mark.mac[..],
    ])
}

const MESSAGE: Insert = Insert::new(
    "message",
    &[
        "message",
        "hospital",
        "infno",
        "msgid",
        "content",
        "digest",
        "person",
        "received",
        "decided",
        "result",
        "code",
        "made",
        "made_id",
        "taken_back_by",
        "request",
        "reply",
    ],
);

fn message_row(values: &mut Bind<'_>, row: &MessageRow) -> Written {
    let (result, code) = match &row.result {
        MessageResult::Done => ("done", ""),
        MessageResult::Refused(code) => ("refused", code.as_str()),
        MessageResult::Tombstone => ("tombstone", ""),
    };
    let (made, made_id) = match row.made {
        Made::Nothing => ("", None),
        Made::Encounter(id) => ("encounter", Some(id.0)),
        Made::Settlement(id) => ("settlement", Some(id.0)),
    };
    values.put(&[
        &row.id.0,
        &row.key.hospital.0,
        &row.key.infno,
        &row.key.msgid,
        &row.key.content,
        &&row.digest[..],
        &row.person.map(|p| p.0),
        &write_time(row.received),
        &write_time(row.decided),
        &result,
        &code,
        &made,
        &made_id,
        &row.taken_back_by.map(|m| m.0),
        &row.request,
        &row.reply,
    ])
}

const ENCOUNTER: Insert = Insert::new(
    "encounter",
    &[
        "hospital",
        "encounter",
        "person",
        "visit_number",
        "insurance_kind",
        "care_kind",
        "visit",
        "stay",
        "region",
        "begins",
        "ends",
        "disease",
        "doctor",
        "doctor_name",
        "department",
        "department_name",
        "state",
        "message",
    ],
);

fn encounter_row(values: &mut Bind<'_>, row: &EncounterRow) -> Written {
    values.put(&[
        &row.hospital.0,
        &row.id.0,
        &row.person.0,
        &row.visit_number,
        &row.insurance_kind.0,
        &row.care_kind,
        &row.visit.word(),
        &row.stay,
        &row.region.word(),
        &write_time(row.begins),
        &row.ends.map(write_time),
        &row.disease,
        &row.doctor,
        &row.doctor_name,
        &row.department,
        &row.department_name,
        &encounter_state(row.state),
        &row.message.0,
    ])
}

const DIAGNOSIS: Insert = Insert {
    over: " on conflict (hospital, encounter, kind, number) do update set code = excluded.code, name = excluded.name, \
           valid = excluded.valid",
    ..Insert::new(
        "diagnosis",
        &["hospital", "encounter", "number", "person", "kind", "code", "name", "valid"],
    )
};

fn diagnosis_row(values: &mut Bind<'_>, row: &DiagnosisRow) -> Written {
    values.put(&[
        &row.hospital.0,
        &row.encounter.0,
        &row.number,
        &row.person.0,
        &row.kind,
        &row.code,
        &row.name,
        &row.valid,
    ])
}

/// A line that was withdrawn may come again with other content.
const LINE: Insert = Insert {
    over: " on conflict (hospital, encounter, number) do update set charge_batch = excluded.charge_batch, \
           served = excluded.served, item = excluded.item, hospital_item = excluded.hospital_item, \
           class = excluded.class, kind = excluded.kind, price = excluded.price, quantity = excluded.quantity, \
           amount = excluded.amount, price_limit = excluded.price_limit, \
           first_self_pay = excluded.first_self_pay, standing = excluded.standing, state = excluded.state",
    ..Insert::new(
        "fee_line",
        &[
            "hospital",
            "encounter",
            "number",
            "person",
            "charge_batch",
            "served",
            "item",
            "hospital_item",
            "class",
            "kind",
            "price",
            "quantity",
            "amount",
            "price_limit",
            "first_self_pay",
            "standing",
            "state",
        ],
    )
};

fn line_row(values: &mut Bind<'_>, row: &LineRow) -> Written {
    values.put(&[
        &row.hospital.0,
        &row.encounter.0,
        &row.number,
        &row.person.0,
        &row.charge_batch,
        &write_time(row.served),
        &row.item,
        &row.hospital_item,
        &row.class.word(),
        &row.kind.word(),
        &row.price.millionths(),
        &row.quantity.ten_thousandths(),
        &row.amount.fen(),
        &row.price_limit.map(money::UnitPrice::millionths),
        &row.first_self_pay.map(money::Rate::ten_thousandths),
        &row.standing.word(),
        &line_state(row.state),
    ])
}

const SETTLEMENT: Insert = Insert::new(
    "settlement",
    &[
        "hospital",
        "settlement",
        "person",
        "version",
        "encounter",
        "scope",
        "kind",
        "undoes",
        "root",
        "message",
        "effective",
        "counted",
        "decided",
        "benefit_date",
        "year",
        "insurance_kind",
        "care_kind",
        "clearing_kind",
        "edition",
        "catalogue",
        "total",
        "out_of_scope",
        "over_limit",
        "prior_self_pay",
        "eligible",
        "deductible",
        "pooled",
        "major_medical",
        "civil_servant",
        "critical_illness",
        "employer",
        "disabled",
        "aid",
        "other",
        "personal_account",
        "mutual_aid",
        "cash",
        "hospital_share",
        "from_current",
        "balance",
        "inputs",
        "before",
        "change",
        "trail",
        "details",
        "audit_stream",
        "audit_seq",
    ],
);

fn settlement_row(values: &mut Bind<'_>, row: &SettlementRow) -> Written {
    let a = &row.amounts;
    let fund = |fund: Fund| a.fund(fund).fen();
    values.put(&[
        &row.hospital.0,
        &row.id.0,
        &row.person.0,
        &row.version,
        &row.encounter.0,
        &row.scope,
        &settlement_kind_word(row.kind),
        &row.undoes.map(|s| s.0),
        &row.root.0,
        &row.message.0,
        &row.effective,
        &row.counted,
        &write_time(row.decided),
        &write_date(row.benefit_date),
        &row.year,
        &row.insurance_kind.0,
        &row.care_kind,
        &row.clearing_kind,
        &row.edition,
        &row.catalogue,
        &a.total.fen(),
        &a.out_of_scope.fen(),
        &a.over_price_limit.fen(),
        &a.prior_self_pay.fen(),
        &a.eligible.fen(),
        &a.deductible_paid.fen(),
    ])?;
    values.put(&[
        &fund(Fund::Pooled),
        &fund(Fund::MajorMedical),
        &fund(Fund::CivilServant),
        &fund(Fund::CriticalIllness),
        &fund(Fund::Employer),
        &fund(Fund::Disabled),
        &fund(Fund::Aid),
        &fund(Fund::Other),
        &a.personal_account.fen(),
        &a.mutual_aid.fen(),
        &a.cash.fen(),
        &a.hospital_share.fen(),
        &row.from_current.fen(),
        &row.balance.fen(),
        &row.inputs,
        &row.before.to_json(),
        &row.change.to_json(),
        &row.trail,
        &row.details,
        &row.audit.0,
        &row.audit.1,
    ])
}

const JOURNAL: Insert = Insert::new(
    "journal",
    &["journal", "source", "settlement", "person", "hospital", "insurance_kind", "at"],
);

fn journal_row(values: &mut Bind<'_>, row: &JournalRow) -> Written {
    values.put(&[
        &row.id.0,
        &row.journal.source.to_string(),
        &row.settlement.map(|s| s.0),
        &row.person.0,
        &row.hospital.map(|h| h.0),
        &row.insurance_kind.0,
        &write_time(row.at),
    ])
}

const CREDIT: Insert = Insert::new(
    "credit",
    &[
        "person", "kind", "period", "version", "edition", "base", "employer", "own", "extra", "amount",
        "journal",
    ],
);

fn credit_row(values: &mut Bind<'_>, row: &CreditRow) -> Written {
    values.put(&[
        &row.person.0,
        &row.kind.word(),
        &row.period,
        &row.version,
        &row.edition,
        &row.base.fen(),
        &row.employer.fen(),
        &row.own.fen(),
        &row.extra.fen(),
        &row.amount.fen(),
        &row.journal.map(|j| j.0),
    ])
}

/// A posting with its journal and its number in it.
type NumberedPosting<'r> = (&'r JournalRow, i64, &'r Posting);

fn postings(row: &JournalRow) -> impl Iterator<Item = NumberedPosting<'_>> {
    (1_i64..).zip(&row.journal.postings).map(move |(n, posting)| (row, n, posting))
}

const POSTING: Insert =
    Insert::new("posting", &["journal", "line", "account", "person", "hospital", "amount"]);

fn posting_row(values: &mut Bind<'_>, (row, n, posting): &NumberedPosting<'_>) -> Written {
    let (person, hospital) = row.owner(posting.account);
    values.put(&[
        &row.id.0,
        n,
        &posting.account.word(),
        &person.map(|p| p.0),
        &hospital.map(|h| h.0),
        &posting.amount.fen(),
    ])
}
