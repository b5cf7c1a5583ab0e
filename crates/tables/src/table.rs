//! Which columns a table has, in their order.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of 64 bits.
    Int,
    /// A text.
    Text,
    /// Bytes.
    Blob,
    /// Yes or no.
    Flag,
    /// A moment, to the millisecond.
    Time,
    /// A day.
    Day,
}

/// A table, or some columns of one.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [(&'static str, Kind)],
    /// Their names, with commas.
    pub list: &'static str,
    /// What becomes of a row that is there already, in the SQL of both engines; nothing: an error.
    pub over: &'static str,
}

macro_rules! table {
    ($(#[$doc:meta])* $const:ident $name:literal: $first:ident $first_kind:ident $(, $column:ident $kind:ident)*
        $(; $over:literal)?) => {
        $(#[$doc])*
        pub const $const: Table = Table {
            name: $name,
            columns: &[(stringify!($first), Kind::$first_kind) $(, (stringify!($column), Kind::$kind))*],
            list: concat!(stringify!($first) $(, ", ", stringify!($column))*),
            over: concat!("" $(, $over)?),
        };
    };
}

table!(
    /// Papers of desks.
    PAPER "paper": hospital Text, kind Text, key Text, version Int, state Text, day Day, tags Text, facts Text,
    private Blob
);
table!(
    /// What else papers are found by.
    PAPER_TAG "paper_tag": hospital Text, kind Text, tag Text, key Text
);
table!(
    /// What happened to papers.
    PAPER_EVENT "paper_event": hospital Text, kind Text, key Text, version Int, at Time, operator Text,
    workstation Text, event Text, was Text, state Text, facts Text, private Blob
);
table!(
    /// Institutions.
    HOSPITAL "hospital": hospital Int, code Text, name Text, kind Text, level Int, grade Text, division Text,
    scheme Int, profile Text, active Flag;
    " on conflict (hospital) do update set code = excluded.code, name = excluded.name, kind = excluded.kind, \
     level = excluded.level, grade = excluded.grade, division = excluded.division, scheme = excluded.scheme, \
     profile = excluded.profile, active = excluded.active"
);
table!(
    /// Keys of institutions.
    ACCESS_KEY "access_key": key Text, hospital Int, secret Blob
);
table!(
    /// Writers, and how each ended.
    STREAM "stream": stream Int, slot Int, process Text, opened Time, closed Time, records Int, last_hash Blob,
    behind Int, anchored_by Int
);
table!(
    /// Records of the audit log.
    AUDIT "audit": stream Int, seq Int, at Time, hospital Int, operator Text, action Text, object Text, result Text,
    hash Blob, key_day Day, mac Blob
);
table!(
    /// Persons.
    PERSON "person": person Int, number Text, household Int, name Text, document_kind Text, document Blob,
    document_hash Blob, card_hash Blob, gender Text, born Day
);
table!(
    /// Their insurances.
    COVER "cover": person Int, insurance_kind Int, from_day Day, to_day Day, person_type Text, status Text,
    premium Text, civil_servant Flag, employer Text, division Text
);
table!(
    /// Their identities.
    IDENTITY "identity": person Int, kind Text, from_day Day, to_day Day
);
table!(
    /// The hot rows.
    PERSON_STATE "person_state": person Int, version Int, account_current Int, account_prior Int,
    account_granted Int, on_hold Int, years Text
);
table!(
    /// What of a hot row is read behind a person's own columns.
    STATE "person_state": version Int, account_current Int, account_prior Int, account_granted Int, on_hold Int,
    years Text
);
table!(
    /// Messages.
    MESSAGE "message": message Int, hospital Int, infno Text, msgid Text, content Blob, digest Blob, person Int,
    received Time, decided Time, result Text, code Text, made Text, made_id Int, taken_back_by Int, request Blob,
    reply Blob
);
table!(
    /// Messages without their texts.
    MESSAGE_BARE "message": message Int, hospital Int, infno Text, msgid Text, content Blob, digest Blob, person Int,
    received Time, decided Time, result Text, code Text, made Text, made_id Int, taken_back_by Int
);
table!(
    /// Visits and stays.
    ENCOUNTER "encounter": encounter Int, hospital Int, person Int, visit_number Text, insurance_kind Int,
    care_kind Text, visit Text, stay Flag, region Text, begins Time, ends Time, disease Text, doctor Text,
    doctor_name Text, department Text, department_name Text, state Text, message Int, facts Blob
);
table!(
    /// What of a visit may change, behind its key.
    ENCOUNTER_CHANGE "encounter": hospital Int, encounter Int, visit_number Text, care_kind Text, visit Text, region Text,
    begins Time, ends Time, disease Text, doctor Text, doctor_name Text, department Text, department_name Text, state Text, message Int,
    facts Blob
);
table!(
    /// Diagnoses; one of the same kind and number replaces the one before.
    DIAGNOSIS "diagnosis": hospital Int, encounter Int, number Int, person Int, kind Text, code Text, name Blob,
    valid Flag, facts Blob;
    " on conflict (hospital, encounter, kind, number) do update set code = excluded.code, name = excluded.name, \
     valid = excluded.valid, facts = excluded.facts"
);
table!(
    /// Fee lines. One that was withdrawn may come again with other content.
    LINE "fee_line": hospital Int, encounter Int, number Text, person Int, charge_batch Text, served Time, item Text,
    hospital_item Text, class Text, kind Text, price Int, quantity Int, amount Int, price_limit Int,
    first_self_pay Int, standing Text, state Text, refunds Text, message Int;
    " on conflict (hospital, encounter, number) do update set charge_batch = excluded.charge_batch, \
     served = excluded.served, item = excluded.item, hospital_item = excluded.hospital_item, \
     class = excluded.class, kind = excluded.kind, price = excluded.price, quantity = excluded.quantity, \
     amount = excluded.amount, price_limit = excluded.price_limit, \
     first_self_pay = excluded.first_self_pay, standing = excluded.standing, state = excluded.state, \
     refunds = excluded.refunds, message = excluded.message"
);
table!(
    /// Settlement rows.
    SETTLEMENT "settlement": settlement Int, hospital Int, person Int, version Int, encounter Int, scope Text,
    kind Text, undoes Int, root Int, message Int, effective Flag, counted Flag, decided Time, benefit_date Day,
    year Int, insurance_kind Int, care_kind Text, clearing_kind Text, edition Text, catalogue Text, total Int,
    out_of_scope Int, over_limit Int, prior_self_pay Int, eligible Int, deductible Int, pooled Int, major_medical Int,
    civil_servant Int, critical_illness Int, employer Int, disabled Int, aid Int, other Int, personal_account Int,
    mutual_aid Int, cash Int, hospital_share Int, from_current Int, balance Int, inputs Blob, before Text, change Text,
    trail Blob, details Text, audit_stream Int, audit_seq Int
);
table!(
    /// The two marks of a settlement row, behind its key.
    MARK "settlement": hospital Int, settlement Int, effective Flag, counted Flag
);
table!(
    /// Journals.
    JOURNAL "journal": journal Int, source Text, settlement Int, person Int, hospital Int, insurance_kind Int, at Time
);
table!(
    /// Postings.
    POSTING "posting": journal Int, line Int, account Text, person Int, hospital Int, amount Int
);
table!(
    /// Money for persons outside settlements.
    CREDIT "credit": person Int, kind Text, period Text, version Int, edition Text, base Int, employer Int, own Int,
    extra Int, amount Int, journal Int
);
table!(
    /// What officers did to persons.
    EVENT "person_event": person Int, version Int, kind Text, day Day, at Time, by_whom Text, why Text, reference Text,
    edition Text, year Int, inputs Blob, before Text, change Text, trail Blob, journal Int, said Blob
);
table!(
    /// Months of premiums. One that is told again is as it was told last.
    PREMIUM "premium": person Int, month Day, unit Text, base Int, pension Int, received Day;
    " on conflict (person, month) do update set unit = excluded.unit, base = excluded.base, \
     pension = excluded.pension, received = excluded.received"
);
table!(
    /// Settlements of people of other cities. One that is taken back counts no more.
    OFFSITE "offsite": hospital Int, division Text, settlement Int, encounter Int, person_number Text, document Blob,
    message Int, undoes Int, decided Time, insurance_kind Int, care_kind Text, clearing_kind Text, total Int, funds Int,
    account Int, relatives Int, cash Int, hospital_share Int, counted Flag, journal Int, back Int;
    " on conflict (hospital, division, settlement) do update set counted = excluded.counted, back = excluded.back"
);
table!(
    /// Employers. Of one that is there its last day changes.
    UNIT "unit": code Text, from_day Day, to_day Day, name Text, kind Text, division Text, facts Blob;
    " on conflict (code, from_day) do update set to_day = excluded.to_day"
);
table!(
    /// What persons have on file. Of one that is there its last day and its state change.
    FILING "filing": person Int, filing Int, kind Text, code Text, insurance_kind Int, from_day Day, to_day Day,
    state Text, hospital Int, message Int, facts Blob;
    " on conflict (person, filing) do update set to_day = excluded.to_day, state = excluded.state, \
     message = excluded.message, facts = excluded.facts"
);
table!(
    /// What institutions have registered.
    REGISTER "register": hospital Int, kind Text, key Text, version Int, from_day Day, to_day Day, state Text,
    message Int, data Text, facts Blob
);
table!(
    /// Entries of clearings.
    CLEARING "clearing": hospital Int, period Text, number Int, kind Text, payer Text, insurance_kind Int,
    clearing_kind Text, amount Int, encounter Int, reference Text, journal Int, at Time, by_whom Text, why Text
);
table!(
    /// Sign-ins.
    SIGN_IN "sign_in": hospital Int, number Text, operator Text, opened Time, closed Time
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lists_its_columns() {
        assert_eq!(SIGN_IN.list, "hospital, number, operator, opened, closed");
        assert_eq!(SIGN_IN.columns[3], ("opened", Kind::Time));
        assert_eq!(MESSAGE.columns.len(), MESSAGE_BARE.columns.len() + 2);
        assert!(MESSAGE.list.starts_with(MESSAGE_BARE.list));
    }
}
