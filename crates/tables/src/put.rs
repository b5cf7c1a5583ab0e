//! Rows of the store to values, in the order of their tables.

use ledger::Posting;
use model::{Cover, Fund, HospitalId, Identity, PersonId, SettlementId};
use money::Money;
use store::{
    AuditRow, ClearingRow, CreditRow, DiagnosisRow, EncounterRow, EventRow, FilingRow, HospitalRow,
    JournalRow, LineRow, Made, MessageResult, MessageRow, OffsiteRow, PersonRow, PersonState, PremiumRow,
    RegisterRow, SettlementRow, SignInRow, UnitRow,
};

use crate::Put;
use crate::words::{ENCOUNTER_STATES, LINE_STATES, SETTLEMENT_KINDS, STANDS, WITHDRAWN, word, years_to_text};

fn ints<const N: usize>(to: &mut dyn Put, values: [i64; N]) {
    values.into_iter().for_each(|value| to.int(Some(value)));
}

fn texts<const N: usize>(to: &mut dyn Put, values: [&str; N]) {
    values.into_iter().for_each(|value| to.text(Some(value)));
}

fn fens<const N: usize>(to: &mut dyn Put, values: [Money; N]) {
    ints(to, values.map(Money::fen));
}

/// Of [`crate::HOSPITAL`].
pub fn put_hospital(to: &mut dyn Put, row: &HospitalRow) {
    ints(to, [row.id.0]);
    texts(to, [&row.code, &row.name, &row.kind]);
    ints(to, [row.level.into()]);
    texts(to, [&row.grade, &row.division]);
    ints(to, [row.scheme.into()]);
    texts(to, [&row.profile]);
    to.flag(row.active);
}

/// Of [`crate::AUDIT`].
pub fn put_audit(to: &mut dyn Put, row: &AuditRow) {
    ints(to, [row.stream, row.seq]);
    to.time(Some(row.at));
    to.int(row.hospital.map(|h| h.0));
    texts(to, [&row.operator, &row.action, &row.object, &row.result]);
    to.blob(Some(&row.hash));
    to.day(Some(row.mark.day));
    to.blob(Some(&row.mark.mac));
}

/// Of [`crate::PERSON`].
pub fn put_person(to: &mut dyn Put, row: &PersonRow) {
    ints(to, [row.id.0]);
    texts(to, [&row.number]);
    ints(to, [row.id.0]);
    texts(to, [&row.name, &row.document_kind]);
    to.blob(Some(&row.document));
    to.blob(Some(&row.document_hash));
    to.blob(row.card_hash.as_ref().map(|hash| &hash[..]));
    texts(to, [&row.gender]);
    to.day(Some(row.born));
}

/// Of [`crate::COVER`].
pub fn put_cover(to: &mut dyn Put, person: PersonId, cover: &Cover) {
    ints(to, [person.0, cover.kind.0.into()]);
    to.day(Some(cover.from));
    to.day(cover.to);
    texts(to, [&cover.person_type, cover.status.word(), cover.premium.word()]);
    to.flag(cover.civil_servant);
    texts(to, [&cover.employer, &cover.division]);
}

/// Of [`crate::IDENTITY`].
pub fn put_identity(to: &mut dyn Put, person: PersonId, identity: &Identity) {
    ints(to, [person.0]);
    texts(to, [&identity.kind]);
    to.day(Some(identity.from));
    to.day(identity.to);
}

/// Of [`crate::FILING`].
pub fn put_filing(to: &mut dyn Put, row: &FilingRow) {
    ints(to, [row.person.0, row.id.0]);
    texts(to, [row.kind.word(), &row.code]);
    to.int(row.insurance_kind.map(|kind| kind.0.into()));
    to.day(Some(row.from));
    to.day(row.to);
    texts(to, [if row.stands { STANDS } else { WITHDRAWN }]);
    to.int(row.hospital.map(|h| h.0));
    to.int(row.message.map(|m| m.0));
    to.blob(Some(&row.facts));
}

/// Of [`crate::REGISTER`], one version on.
pub fn put_register(to: &mut dyn Put, row: &RegisterRow) {
    ints(to, [row.hospital.0]);
    texts(to, [row.kind.word(), &row.key]);
    ints(to, [row.version + 1]);
    to.day(Some(row.from));
    to.day(row.to);
    texts(to, [&row.state]);
    to.int(row.message.map(|m| m.0));
    texts(to, [&row.data]);
    to.blob(Some(&row.facts));
}

/// Of [`crate::PERSON_STATE`].
pub fn put_state(to: &mut dyn Put, person: PersonId, row: &PersonState) {
    ints(to, [person.0, row.version]);
    fens(to, [row.held.current, row.held.prior, row.held.granted, row.on_hold]);
    texts(to, [&years_to_text(&row.years)]);
}

/// Of [`crate::MESSAGE`].
pub fn put_message(to: &mut dyn Put, row: &MessageRow) {
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
    ints(to, [row.id.0, row.key.hospital.0]);
    texts(to, [&row.key.infno, &row.key.msgid]);
    to.blob(Some(&row.key.content));
    to.blob(Some(&row.digest));
    to.int(row.person.map(|p| p.0));
    to.time(Some(row.received));
    to.time(Some(row.decided));
    texts(to, [result, code, made]);
    to.int(made_id);
    to.int(row.taken_back_by.map(|m| m.0));
    to.blob(Some(&row.request));
    to.blob(Some(&row.reply));
}

/// Of [`crate::ENCOUNTER`].
pub fn put_encounter(to: &mut dyn Put, row: &EncounterRow) {
    ints(to, [row.id.0, row.hospital.0, row.person.0]);
    texts(to, [&row.visit_number]);
    ints(to, [row.insurance_kind.0.into()]);
    texts(to, [&row.care_kind, row.visit.word()]);
    to.flag(row.stay);
    texts(to, [row.region.word()]);
    to.time(Some(row.begins));
    to.time(row.ends);
    texts(to, [&row.disease, &row.doctor, &row.doctor_name, &row.department, &row.department_name]);
    texts(to, [word(&ENCOUNTER_STATES, row.state)]);
    ints(to, [row.message.0]);
    to.blob(Some(&row.facts));
}

/// Of [`crate::ENCOUNTER_CHANGE`].
pub fn put_encounter_change(to: &mut dyn Put, row: &EncounterRow) {
    ints(to, [row.hospital.0, row.id.0]);
    texts(to, [&row.visit_number, &row.care_kind, row.visit.word(), row.region.word()]);
    to.time(Some(row.begins));
    to.time(row.ends);
    texts(to, [&row.disease, &row.doctor, &row.doctor_name, &row.department, &row.department_name]);
    texts(to, [word(&ENCOUNTER_STATES, row.state)]);
    ints(to, [row.message.0]);
    to.blob(Some(&row.facts));
}

/// Of [`crate::DIAGNOSIS`].
pub fn put_diagnosis(to: &mut dyn Put, row: &DiagnosisRow) {
    ints(to, [row.hospital.0, row.encounter.0, row.number, row.person.0]);
    texts(to, [&row.kind, &row.code]);
    to.blob(Some(&row.name));
    to.flag(row.valid);
    to.blob(Some(&row.facts));
}

/// Of [`crate::LINE`].
pub fn put_line(to: &mut dyn Put, row: &LineRow) {
    ints(to, [row.hospital.0, row.encounter.0]);
    texts(to, [&row.number]);
    ints(to, [row.person.0]);
    texts(to, [&row.charge_batch]);
    to.time(Some(row.served));
    texts(to, [&row.item, &row.hospital_item, row.class.word(), row.kind.word()]);
    ints(to, [row.price.millionths(), row.quantity.ten_thousandths(), row.amount.fen()]);
    to.int(row.price_limit.map(money::UnitPrice::millionths));
    to.int(row.first_self_pay.map(money::Rate::ten_thousandths));
    texts(to, [row.standing.word(), word(&LINE_STATES, row.state)]);
    to.text(row.refunds.as_deref());
    to.int(row.message.map(|message| message.0));
}

/// Of [`crate::SETTLEMENT`].
pub fn put_settlement(to: &mut dyn Put, row: &SettlementRow) {
    let a = &row.amounts;
    ints(to, [row.id.0, row.hospital.0, row.person.0, row.version, row.encounter.0]);
    texts(to, [&row.scope, word(&SETTLEMENT_KINDS, row.kind)]);
    to.int(row.undoes.map(|s| s.0));
    ints(to, [row.root.0, row.message.0]);
    to.flag(row.effective);
    to.flag(row.counted);
    to.time(Some(row.decided));
    to.day(Some(row.benefit_date));
    ints(to, [row.year.into(), row.insurance_kind.0.into()]);
    texts(to, [&row.care_kind, &row.clearing_kind, &row.edition, &row.catalogue]);
    fens(to, [a.total, a.out_of_scope, a.over_price_limit, a.prior_self_pay, a.eligible, a.deductible_paid]);
    Fund::ALL.iter().for_each(|fund| to.int(Some(a.fund(*fund).fen())));
    fens(to, [a.personal_account, a.mutual_aid, a.cash, a.hospital_share, row.from_current, row.balance]);
    to.blob(Some(&row.inputs));
    texts(to, [&row.before.to_json(), &row.change.to_json()]);
    to.blob(Some(&row.trail));
    texts(to, [&row.details]);
    ints(to, [row.audit.0, row.audit.1]);
}

/// Of [`crate::MARK`].
pub fn put_mark(
    to: &mut dyn Put,
    (hospital, settlement, effective, counted): &(HospitalId, SettlementId, bool, bool),
) {
    ints(to, [hospital.0, settlement.0]);
    to.flag(*effective);
    to.flag(*counted);
}

/// Of [`crate::JOURNAL`].
pub fn put_journal(to: &mut dyn Put, row: &JournalRow) {
    ints(to, [row.id.0]);
    texts(to, [&row.journal.source.to_string()]);
    to.int(row.settlement.map(|s| s.0));
    // Nobody has the number 0.
    ints(to, [row.person.map_or(0, |person| person.0)]);
    to.int(row.hospital.map(|h| h.0));
    ints(to, [row.insurance_kind.0.into()]);
    to.time(Some(row.at));
}

/// Of [`crate::CLEARING`].
pub fn put_clearing(to: &mut dyn Put, row: &ClearingRow) {
    ints(to, [row.hospital.0]);
    texts(to, [&row.period]);
    ints(to, [row.number]);
    texts(to, [row.kind.word(), row.payer.word()]);
    ints(to, [row.insurance_kind.0.into()]);
    texts(to, [&row.clearing_kind]);
    fens(to, [row.amount]);
    to.int(row.encounter.map(|visit| visit.0));
    texts(to, [&row.reference]);
    to.int(row.journal.map(|journal| journal.0));
    to.time(Some(row.at));
    texts(to, [&row.by, &row.why]);
}

/// The postings of a journal, each with its number in it, from 1.
pub fn postings(row: &JournalRow) -> impl Iterator<Item = (&JournalRow, i64, &Posting)> {
    (1_i64..).zip(&row.journal.postings).map(move |(n, posting)| (row, n, posting))
}

/// Of [`crate::POSTING`]: the line of a journal with that number, from 1.
pub fn put_posting(to: &mut dyn Put, row: &JournalRow, number: i64, posting: &Posting) {
    let (person, hospital) = row.owner(posting.account);
    ints(to, [row.id.0, number]);
    texts(to, [posting.account.word()]);
    to.int(person.map(|p| p.0));
    to.int(hospital.map(|h| h.0));
    ints(to, [posting.amount.fen()]);
}

/// Of [`crate::CREDIT`].
pub fn put_credit(to: &mut dyn Put, row: &CreditRow) {
    ints(to, [row.person.0]);
    texts(to, [row.kind.word(), &row.period]);
    ints(to, [row.version]);
    texts(to, [&row.edition]);
    fens(to, [row.base, row.employer, row.own, row.extra, row.amount]);
    to.int(row.journal.map(|j| j.0));
}

/// Of [`crate::EVENT`].
pub fn put_event(to: &mut dyn Put, row: &EventRow) {
    ints(to, [row.person.0, row.version]);
    texts(to, [row.kind.word()]);
    to.day(Some(row.day));
    to.time(Some(row.at));
    texts(to, [&row.by, &row.why, &row.reference, &row.edition]);
    ints(to, [row.year.into()]);
    to.blob(Some(&row.inputs));
    texts(to, [&row.before.to_json(), &years_to_text(&row.change)]);
    to.blob(Some(&row.trail));
    to.int(row.journal.map(|j| j.0));
    to.blob(Some(&row.said));
}

/// Of [`crate::PREMIUM`].
pub fn put_premium(to: &mut dyn Put, row: &PremiumRow) {
    ints(to, [row.person.0]);
    to.day(Some(row.month));
    texts(to, [&row.unit]);
    fens(to, [row.base, row.pension]);
    to.day(row.received);
}

/// Of [`crate::OFFSITE`].
pub fn put_offsite(to: &mut dyn Put, row: &OffsiteRow) {
    ints(to, [row.hospital.0]);
    texts(to, [&row.division]);
    ints(to, [row.settlement.0, row.encounter.0]);
    texts(to, [&row.person]);
    to.blob(Some(&row.document));
    ints(to, [row.message.0]);
    to.int(row.undoes.map(|s| s.0));
    to.time(Some(row.decided));
    ints(to, [row.insurance_kind.0.into()]);
    texts(to, [&row.care_kind, &row.clearing_kind]);
    fens(to, [row.total, row.funds, row.account, row.relatives, row.cash, row.hospital_share]);
    to.flag(row.counted);
    to.int(row.journal.map(|j| j.0));
    to.int(row.back.map(|j| j.0));
}

/// Of [`crate::UNIT`].
pub fn put_unit(to: &mut dyn Put, row: &UnitRow) {
    texts(to, [&row.code]);
    to.day(Some(row.from));
    to.day(row.to);
    texts(to, [&row.name, &row.kind, &row.division]);
    to.blob(Some(&row.facts));
}

/// Of [`crate::SIGN_IN`].
pub fn put_sign_in(to: &mut dyn Put, row: &SignInRow) {
    ints(to, [row.hospital.0]);
    texts(to, [&row.number, &row.operator]);
    to.time(Some(row.opened));
    to.time(row.closed);
}
