//! Rows of tables to rows of the store, and the words between.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use ledger::Held;
use model::{
    Amounts, Cover, EncounterId, Fund, HospitalId, Identity, InsuranceKind, JournalId, MessageId, PersonId,
    SettlementId,
};
use money::{Money, Quantity, Rate, UnitPrice};
use rusqlite::Row;
use rusqlite::types::Type;
use store::{
    Counters, CreditKind, CreditRow, EncounterRow, EncounterState, HospitalRow, LineRow, LineState, Made,
    MessageKey, MessageResult, MessageRow, PersonRow, PersonState, SettlementKind, SettlementRow, SignInRow,
};

type Read<T> = rusqlite::Result<T>;

fn bad(at: usize, what: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Text, what.to_owned().into())
}

fn word<T: FromStr>(row: &Row<'_>, at: usize) -> Read<T> {
    let text = row.get_ref(at)?.as_str()?;
    text.parse().map_err(|_| bad(at, text))
}

fn time(row: &Row<'_>, at: usize) -> Read<DateTime> {
    let text = row.get_ref(at)?.as_str()?;
    store::read_time(text).ok_or_else(|| bad(at, text))
}

fn date(row: &Row<'_>, at: usize) -> Read<Date> {
    let text = row.get_ref(at)?.as_str()?;
    store::read_date(text).ok_or_else(|| bad(at, text))
}

fn maybe_date(row: &Row<'_>, at: usize) -> Read<Option<Date>> {
    match row.get_ref(at)?.as_str_or_null()? {
        None => Ok(None),
        Some(text) => store::read_date(text).map(Some).ok_or_else(|| bad(at, text)),
    }
}

fn fen(row: &Row<'_>, at: usize) -> Read<Money> {
    row.get(at).map(Money::from_fen)
}

fn fixed<const N: usize>(row: &Row<'_>, at: usize) -> Read<[u8; N]> {
    row.get_ref(at)?.as_blob()?.try_into().map_err(|_| bad(at, "a blob of another length"))
}

pub(crate) fn hospital(row: &Row<'_>) -> Read<HospitalRow> {
    Ok(HospitalRow {
        id: HospitalId(row.get(0)?),
        code: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        level: row.get(4)?,
        grade: row.get(5)?,
        division: row.get(6)?,
        scheme: row.get(7)?,
        profile: row.get(8)?,
        active: row.get(9)?,
    })
}

/// One person with the hot row, by our id.
pub(crate) const PERSON_BY_ID: &str = "select p.person, number, name, document_kind, document, document_hash, \
     card_hash, gender, born, version, account_current, account_prior, on_hold, years \
     from person p join person_state s on s.person = p.person where p.person = ?1";

/// The same, by the person's number.
pub(crate) const PERSON_BY_NUMBER: &str = "select p.person, number, name, document_kind, document, document_hash, \
     card_hash, gender, born, version, account_current, account_prior, on_hold, years \
     from person p join person_state s on s.person = p.person where number = ?1";

pub(crate) fn person(row: &Row<'_>) -> Read<PersonRow> {
    let card: Option<Vec<u8>> = row.get(6)?;
    Ok(PersonRow {
        id: PersonId(row.get(0)?),
        number: row.get(1)?,
        name: row.get(2)?,
        document_kind: row.get(3)?,
        document: row.get(4)?,
        document_hash: fixed(row, 5)?,
        card_hash: card.and_then(|hash| hash.try_into().ok()),
        gender: row.get(7)?,
        born: date(row, 8)?,
    })
}

/// Both in one statement: an identity has no insurance kind.
pub(crate) const COVERS_AND_IDENTITIES: &str = "select insurance_kind, from_day, to_day, person_type, status, premium, \
     civil_servant, employer, division from cover where person = ?1 \
     union all select null, from_day, to_day, kind, '', '', 0, '', '' from identity where person = ?1";

/// One row of [`COVERS_AND_IDENTITIES`].
pub(crate) enum Enrolled {
    Cover(Cover),
    Identity(Identity),
}

pub(crate) fn cover_or_identity(row: &Row<'_>) -> Read<Enrolled> {
    let (from, to) = (date(row, 1)?, maybe_date(row, 2)?);
    let Some(kind) = row.get(0)? else {
        return Ok(Enrolled::Identity(Identity { kind: row.get(3)?, from, to }));
    };
    Ok(Enrolled::Cover(Cover {
        kind: InsuranceKind(kind),
        from,
        to,
        person_type: row.get(3)?,
        status: word(row, 4)?,
        premium: word(row, 5)?,
        civil_servant: row.get(6)?,
        employer: row.get(7)?,
        division: row.get(8)?,
    }))
}

/// Behind the columns of [`person`].
pub(crate) fn state(row: &Row<'_>) -> Read<PersonState> {
    Ok(PersonState {
        version: row.get(9)?,
        held: Held { current: fen(row, 10)?, prior: fen(row, 11)? },
        on_hold: fen(row, 12)?,
        years: years_from_text(row.get_ref(13)?.as_str()?).ok_or_else(|| bad(13, "years"))?,
    })
}

/// One benefit year a line: `2026 {"outpatient.paid":"24.80"}`.
pub(crate) fn years_to_text(years: &[(i16, Counters)]) -> String {
    let lines: Vec<String> =
        years.iter().map(|(year, counters)| format!("{year} {}", counters.to_json())).collect();
    lines.join("\n")
}

fn years_from_text(text: &str) -> Option<Vec<(i16, Counters)>> {
    let line = |line: &str| {
        let (year, counters) = line.split_once(' ')?;
        Some((year.parse().ok()?, Counters::from_json(counters)?))
    };
    text.lines().map(line).collect()
}

pub(crate) const ENCOUNTER: &str = "encounter, hospital, person, visit_number, insurance_kind, care_kind, visit, \
     stay, region, begins, ends, disease, doctor, doctor_name, department, department_name, state, message";

pub(crate) fn encounter(row: &Row<'_>) -> Read<EncounterRow> {
    Ok(EncounterRow {
        id: EncounterId(row.get(0)?),
        hospital: HospitalId(row.get(1)?),
        person: PersonId(row.get(2)?),
        visit_number: row.get(3)?,
        insurance_kind: InsuranceKind(row.get(4)?),
        care_kind: row.get(5)?,
        visit: word(row, 6)?,
        stay: row.get(7)?,
        region: word(row, 8)?,
        begins: time(row, 9)?,
        ends: match row.get_ref(10)?.as_str_or_null()? {
            None => None,
            Some(text) => Some(store::read_time(text).ok_or_else(|| bad(10, text))?),
        },
        disease: row.get(11)?,
        doctor: row.get(12)?,
        doctor_name: row.get(13)?,
        department: row.get(14)?,
        department_name: row.get(15)?,
        state: match row.get_ref(16)?.as_str()? {
            "cancelled" => EncounterState::Cancelled,
            "discharged" => EncounterState::Discharged,
            _ => EncounterState::Open,
        },
        message: MessageId(row.get(17)?),
    })
}

pub(crate) const fn encounter_state(state: EncounterState) -> &'static str {
    match state {
        EncounterState::Open => "open",
        EncounterState::Discharged => "discharged",
        EncounterState::Cancelled => "cancelled",
    }
}

pub(crate) const LINE: &str = "hospital, encounter, number, person, charge_batch, served, item, hospital_item, class, \
     kind, price, quantity, amount, price_limit, first_self_pay, standing, state";

pub(crate) fn line(row: &Row<'_>) -> Read<LineRow> {
    let limit: Option<i64> = row.get(13)?;
    let first_self_pay: Option<i64> = row.get(14)?;
    Ok(LineRow {
        hospital: HospitalId(row.get(0)?),
        encounter: EncounterId(row.get(1)?),
        number: row.get(2)?,
        person: PersonId(row.get(3)?),
        charge_batch: row.get(4)?,
        served: time(row, 5)?,
        item: row.get(6)?,
        hospital_item: row.get(7)?,
        class: word(row, 8)?,
        kind: word(row, 9)?,
        price: UnitPrice::from_millionths(row.get(10)?),
        quantity: Quantity::from_ten_thousandths(row.get(11)?),
        amount: fen(row, 12)?,
        price_limit: limit.map(UnitPrice::from_millionths),
        first_self_pay: first_self_pay.map(Rate::from_ten_thousandths),
        standing: word(row, 15)?,
        state: match row.get_ref(16)?.as_str()? {
            "withdrawn" => LineState::Withdrawn,
            _ => LineState::Valid,
        },
    })
}

pub(crate) const fn line_state(state: LineState) -> &'static str {
    match state {
        LineState::Valid => "valid",
        LineState::Withdrawn => "withdrawn",
    }
}

pub(crate) const SETTLEMENT: &str = "settlement, hospital, person, version, encounter, scope, kind, undoes, root, \
     message, effective, counted, decided, benefit_date, year, insurance_kind, care_kind, clearing_kind, edition, \
     catalogue, total, out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical, \
     civil_servant, critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash, \
     hospital_share, from_current, balance, inputs, before, change, trail, details, audit_stream, audit_seq";

const AMOUNTS_AT: usize = 20;
const FUNDS_AT: usize = AMOUNTS_AT + 6;

pub(crate) fn settlement(row: &Row<'_>) -> Read<SettlementRow> {
    let undoes: Option<i64> = row.get(7)?;
    let counters = |at: usize| {
        let text = row.get_ref(at)?.as_str()?;
        Counters::from_json(text).ok_or_else(|| bad(at, text))
    };
    Ok(SettlementRow {
        id: SettlementId(row.get(0)?),
        hospital: HospitalId(row.get(1)?),
        person: PersonId(row.get(2)?),
        version: row.get(3)?,
        encounter: EncounterId(row.get(4)?),
        scope: row.get(5)?,
        kind: settlement_kind(row, 6)?,
        undoes: undoes.map(SettlementId),
        root: SettlementId(row.get(8)?),
        message: MessageId(row.get(9)?),
        effective: row.get(10)?,
        counted: row.get(11)?,
        decided: time(row, 12)?,
        benefit_date: date(row, 13)?,
        year: row.get(14)?,
        insurance_kind: InsuranceKind(row.get(15)?),
        care_kind: row.get(16)?,
        clearing_kind: row.get(17)?,
        edition: row.get(18)?,
        catalogue: row.get(19)?,
        amounts: amounts(row)?,
        from_current: fen(row, 38)?,
        balance: fen(row, 39)?,
        inputs: row.get(40)?,
        before: counters(41)?,
        change: counters(42)?,
        trail: row.get(43)?,
        details: row.get(44)?,
        audit: (row.get(45)?, row.get(46)?),
    })
}

fn amounts(row: &Row<'_>) -> Read<Amounts> {
    let mut funds = [Money::ZERO; Fund::ALL.len()];
    for (at, fund) in funds.iter_mut().enumerate() {
        *fund = fen(row, FUNDS_AT + at)?;
    }
    Ok(Amounts {
        total: fen(row, AMOUNTS_AT)?,
        out_of_scope: fen(row, AMOUNTS_AT + 1)?,
        over_price_limit: fen(row, AMOUNTS_AT + 2)?,
        prior_self_pay: fen(row, AMOUNTS_AT + 3)?,
        eligible: fen(row, AMOUNTS_AT + 4)?,
        deductible_paid: fen(row, AMOUNTS_AT + 5)?,
        funds,
        personal_account: fen(row, 34)?,
        mutual_aid: fen(row, 35)?,
        cash: fen(row, 36)?,
        hospital_share: fen(row, 37)?,
    })
}

const KINDS: [(SettlementKind, &str); 4] = [
    (SettlementKind::Settle, "settle"),
    (SettlementKind::Void, "void"),
    (SettlementKind::TakeBack, "take back"),
    (SettlementKind::Reinstate, "reinstate"),
];

fn settlement_kind(row: &Row<'_>, at: usize) -> Read<SettlementKind> {
    let text = row.get_ref(at)?.as_str()?;
    KINDS.iter().find(|(_, word)| *word == text).map(|(kind, _)| *kind).ok_or_else(|| bad(at, text))
}

pub(crate) fn settlement_kind_word(kind: SettlementKind) -> &'static str {
    KINDS.iter().find(|(k, _)| *k == kind).map_or("", |(_, word)| word)
}

pub(crate) const MESSAGE: &str = "message, hospital, infno, msgid, content, digest, person, received, decided, result, \
     code, made, made_id, taken_back_by, request, reply";

/// The same, with the first byte of each text: whether it is there.
pub(crate) const MESSAGE_BARE: &str = "message, hospital, infno, msgid, content, digest, person, received, decided, \
     result, code, made, made_id, taken_back_by, ifnull(substr(request, 1, 1), x''), ifnull(substr(reply, 1, 1), x'')";

pub(crate) fn message(row: &Row<'_>) -> Read<MessageRow> {
    let person: Option<i64> = row.get(6)?;
    let taken_back_by: Option<i64> = row.get(13)?;
    Ok(MessageRow {
        id: MessageId(row.get(0)?),
        key: MessageKey {
            hospital: HospitalId(row.get(1)?),
            infno: row.get(2)?,
            msgid: row.get(3)?,
            content: row.get(4)?,
        },
        digest: fixed(row, 5)?,
        person: person.map(PersonId),
        received: time(row, 7)?,
        decided: time(row, 8)?,
        result: match row.get_ref(9)?.as_str()? {
            "done" => MessageResult::Done,
            "refused" => MessageResult::Refused(row.get(10)?),
            "tombstone" => MessageResult::Tombstone,
            other => return Err(bad(9, other)),
        },
        made: match row.get_ref(11)?.as_str()? {
            "" => Made::Nothing,
            "encounter" => Made::Encounter(EncounterId(row.get(12)?)),
            "settlement" => Made::Settlement(SettlementId(row.get(12)?)),
            other => return Err(bad(11, other)),
        },
        taken_back_by: taken_back_by.map(MessageId),
        request: row.get(14)?,
        reply: row.get(15)?,
    })
}

pub(crate) const SIGN_IN: &str = "hospital, number, operator, opened, closed";

pub(crate) fn sign_in(row: &Row<'_>) -> Read<SignInRow> {
    let closed = match row.get_ref(4)?.as_str_or_null()? {
        None => None,
        Some(text) => Some(store::read_time(text).ok_or_else(|| bad(4, text))?),
    };
    Ok(SignInRow {
        hospital: HospitalId(row.get(0)?),
        number: row.get(1)?,
        operator: row.get(2)?,
        opened: time(row, 3)?,
        closed,
    })
}

pub(crate) const CREDIT: &str =
    "person, kind, period, version, edition, base, employer, own, extra, amount, journal";

pub(crate) fn credit(row: &Row<'_>) -> Read<CreditRow> {
    let kind: String = row.get(1)?;
    let journal: Option<i64> = row.get(10)?;
    let money = |at| row.get(at).map(Money::from_fen);
    Ok(CreditRow {
        person: PersonId(row.get(0)?),
        kind: CreditKind::ALL.into_iter().find(|k| k.word() == kind).ok_or_else(|| bad(1, &kind))?,
        period: row.get(2)?,
        version: row.get(3)?,
        edition: row.get(4)?,
        base: money(5)?,
        employer: money(6)?,
        own: money(7)?,
        extra: money(8)?,
        amount: money(9)?,
        journal: journal.map(JournalId),
    })
}
