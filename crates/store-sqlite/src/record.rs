//! Writes what a batch changed.

use model::Fund;
use rusqlite::{Connection, params};
use store::{
    AuditRow, Changes, DiagnosisRow, EncounterRow, JournalRow, LineRow, Made, MessageResult, MessageRow,
    PersonRecord, PersonState, SettlementRow, write_date, write_time,
};

use crate::columns::{encounter_state, line_state, settlement_kind_word, years_to_text};

type Written = rusqlite::Result<()>;

pub(crate) fn write(connection: &Connection, changes: &Changes) -> Written {
    let c = connection;
    each(&changes.audits, |row| audit(c, row))?;
    each(&changes.messages, |row| message(c, row))?;
    each(&changes.taken_back, |(original, by)| {
        exactly_one(
            c.prepare_cached("update message set taken_back_by = ?2 where message = ?1")?
                .execute(params![original.0, by.0])?,
        )
    })?;
    each(&changes.persons, |row| person(c, row))?;
    each(&changes.states, |(id, loaded, row)| state(c, id.0, *loaded, row))?;
    each(&changes.encounters, |row| encounter(c, row))?;
    each(&changes.encounters_changed, |row| encounter_changed(c, row))?;
    each(&changes.diagnoses, |row| diagnosis(c, row))?;
    each(&changes.lines, |row| line(c, row))?;
    each(&changes.marks, |(hospital, settlement, effective, counted)| {
        let mut update = c.prepare_cached(
            "update settlement set effective = ?3, counted = ?4 where hospital = ?1 and settlement = ?2",
        )?;
        exactly_one(update.execute(params![hospital.0, settlement.0, effective, counted])?)
    })?;
    each(&changes.settlements, |row| settlement(c, row))?;
    each(&changes.journals, |row| journal(c, row))?;
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

pub(crate) fn audit(c: &Connection, row: &AuditRow) -> Written {
    let mut insert = c.prepare_cached("insert into audit values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    insert.execute(params![
        row.stream,
        row.seq,
        write_time(row.at),
        row.hospital.map(|h| h.0),
        row.operator,
        row.action,
        row.object,
        row.result,
        &row.hash[..]
    ])?;
    Ok(())
}

fn message(c: &Connection, row: &MessageRow) -> Written {
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
    let mut insert = c.prepare_cached(
        "insert into message (message, hospital, infno, msgid, content, digest, person, received, decided, result,
             code, made, made_id, taken_back_by, request, reply)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    insert.execute(params![
        row.id.0,
        row.key.hospital.0,
        row.key.infno,
        row.key.msgid,
        row.key.content,
        &row.digest[..],
        row.person.map(|p| p.0),
        write_time(row.received),
        write_time(row.decided),
        result,
        code,
        made,
        made_id,
        row.taken_back_by.map(|m| m.0),
        row.request,
        row.reply
    ])?;
    Ok(())
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

fn encounter(c: &Connection, row: &EncounterRow) -> Written {
    let mut insert = c.prepare_cached(
        "insert into encounter (hospital, encounter, person, visit_number, insurance_kind, care_kind, visit, stay, region,
             begins, ends, disease, doctor, doctor_name, department, department_name, state, message)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    insert.execute(params![
        row.hospital.0,
        row.id.0,
        row.person.0,
        row.visit_number,
        row.insurance_kind.0,
        row.care_kind,
        row.visit.word(),
        row.stay,
        row.region.word(),
        write_time(row.begins),
        row.ends.map(write_time),
        row.disease,
        row.doctor,
        row.doctor_name,
        row.department,
        row.department_name,
        encounter_state(row.state),
        row.message.0
    ])?;
    Ok(())
}

fn encounter_changed(c: &Connection, row: &EncounterRow) -> Written {
    let mut update = c.prepare_cached(
        "update encounter set care_kind = ?3, visit = ?4, begins = ?5, ends = ?6, disease = ?7, state = ?8
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
        encounter_state(row.state)
    ])?)
}

fn diagnosis(c: &Connection, row: &DiagnosisRow) -> Written {
    let mut insert = c.prepare_cached(
        "insert into diagnosis (hospital, encounter, number, person, kind, code, name, valid)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         on conflict (hospital, encounter, kind, number) do update set code = ?6, name = ?7, valid = ?8",
    )?;
    insert.execute(params![
        row.hospital.0,
        row.encounter.0,
        row.number,
        row.person.0,
        row.kind,
        row.code,
        row.name,
        row.valid
    ])?;
    Ok(())
}

fn line(c: &Connection, row: &LineRow) -> Written {
    let mut insert = c.prepare_cached(
        "insert into fee_line (hospital, encounter, number, person, charge_batch, served, item, hospital_item, class,
             kind, price, quantity, amount, price_limit, first_self_pay, state)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         on conflict (hospital, encounter, number) do update set charge_batch = ?5, served = ?6, item = ?7,
             hospital_item = ?8, class = ?9, kind = ?10, price = ?11, quantity = ?12, amount = ?13, price_limit = ?14,
             first_self_pay = ?15, state = ?16",
    )?;
    insert.execute(params![
        row.hospital.0,
        row.encounter.0,
        row.number,
        row.person.0,
        row.charge_batch,
        write_time(row.served),
        row.item,
        row.hospital_item,
        row.class.word(),
        row.kind.word(),
        row.price.millionths(),
        row.quantity.ten_thousandths(),
        row.amount.fen(),
        row.price_limit.map(money::UnitPrice::millionths),
        row.first_self_pay.map(money::Rate::ten_thousandths),
        line_state(row.state)
    ])?;
    Ok(())
}

fn settlement(c: &Connection, row: &SettlementRow) -> Written {
    let a = &row.amounts;
    let fund = |fund: Fund| a.fund(fund).fen();
    let mut insert = c.prepare_cached(
        "insert into settlement (hospital, settlement, person, version, encounter, scope, kind, undoes, root, message,
             effective, counted, decided, benefit_date, year, insurance_kind, care_kind, clearing_kind, edition,
             catalogue, total, out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical,
             civil_servant, critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash,
             hospital_share, from_current, balance, inputs, before, change, trail, details, audit_stream, audit_seq)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
             ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43,
             ?44, ?45, ?46, ?47)",
    )?;
    insert.execute(params![
        row.hospital.0,
        row.id.0,
        row.person.0,
        row.version,
        row.encounter.0,
        row.scope,
        settlement_kind_word(row.kind),
        row.undoes.map(|s| s.0),
        row.root.0,
        row.message.0,
        row.effective,
        row.counted,
        write_time(row.decided),
        write_date(row.benefit_date),
        row.year,
        row.insurance_kind.0,
        row.care_kind,
        row.clearing_kind,
        row.edition,
        row.catalogue,
        a.total.fen(),
        a.out_of_scope.fen(),
        a.over_price_limit.fen(),
        a.prior_self_pay.fen(),
        a.eligible.fen(),
        a.deductible_paid.fen(),
        fund(Fund::Pooled),
        fund(Fund::MajorMedical),
        fund(Fund::CivilServant),
        fund(Fund::CriticalIllness),
        fund(Fund::Employer),
        fund(Fund::Disabled),
        fund(Fund::Aid),
        fund(Fund::Other),
        a.personal_account.fen(),
        a.mutual_aid.fen(),
        a.cash.fen(),
        a.hospital_share.fen(),
        row.from_current.fen(),
        row.balance.fen(),
        row.inputs,
        row.before.to_json(),
        row.change.to_json(),
        row.trail,
        row.details,
        row.audit.0,
        row.audit.1
    ])?;
    Ok(())
}

fn journal(c: &Connection, row: &JournalRow) -> Written {
    c.prepare_cached("insert into journal values (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        row.id.0,
        row.journal.source.to_string(),
        row.settlement.map(|s| s.0),
        row.person.0,
        row.hospital.map(|h| h.0),
        row.insurance_kind.0,
        write_time(row.at)
    ])?;
    let mut insert = c.prepare_cached("insert into posting values (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (n, posting) in (1_i64..).zip(&row.journal.postings) {
        let (person, hospital) = row.owner(posting.account);
        let (person, hospital) = (person.map(|p| p.0), hospital.map(|h| h.0));
        insert.execute(params![
            row.id.0,
            n,
            posting.account.word(),
            person,
            hospital,
            posting.amount.fen()
        ])?;
    }
    Ok(())
}
