//! Statements both engines run as they stand.

/// Journals with their postings, by person, in the order of what they belong to.
pub const JOURNALS: &str = "
    select j.journal, j.source, j.settlement, j.person, j.hospital, j.insurance_kind, j.at, p.account, p.amount
    from journal j
    left join posting p on p.journal = j.journal
    left join settlement s on s.hospital = j.hospital and s.settlement = j.settlement
    left join credit c on c.journal = j.journal
    left join person_event e on e.journal = j.journal
    order by j.person, coalesce(s.version, c.version, e.version, 0), j.journal, p.line
";

/// What all funds paid of a settlement.
const FUNDS: &str =
    "pooled + major_medical + civil_servant + critical_illness + employer + disabled + aid + other";

/// Settlement rows in the order of [`crate::settled`]: those of table `s` for which `which` holds.
pub fn settled_where(which: &str) -> String {
    format!(
        "select s.settlement, s.encounter, p.number, m.msgid, s.undoes, s.counted, s.clearing_kind, s.decided, s.total, \
         {FUNDS}, s.personal_account, s.insurance_kind, s.scope, {BY_FUND} from settlement s join person p on p.person = s.person \
         join message m on m.message = s.message where {which}"
    )
}

/// Each of them, in the order of `Fund::ALL`.
const BY_FUND: &str =
    "pooled, major_medical, civil_servant, critical_illness, employer, disabled, aid, other";

/// What was settled of a hospital within two moments, of some kinds of clearing, in the order of [`crate::claim`]; each place
/// in the form of an engine, with its words for yes.
pub fn claims_of([hospital, kinds, from, to]: [&str; 4], yes: &str) -> String {
    let sum = |column: &str| format!("cast(sum({column}) as bigint)");
    let sums = ["total", "eligible", "cash", "personal_account", "mutual_aid"];
    let sums = sums.into_iter().chain(BY_FUND.split(", "));
    let sums = sums.map(sum).collect::<Vec<_>>().join(", ");
    format!(
        "select insurance_kind, clearing_kind, count(*), cast(sum(case when kind = 'void' then 1 else 0 end) as bigint), {sums} \
         from settlement where clearing_kind {kinds} and hospital = {hospital} and decided between {from} and {to} \
         and counted{yes} group by 1, 2 order by 1, 2"
    )
}

/// Sums of the settlements of one hospital, insurance and kind of clearing between two moments, in the order of
/// [`crate::total`]; each place in the form of an engine, with its words for yes.
pub fn totals_of([hospital, insurance, clearing, from, to]: [&str; 5], yes: &str) -> String {
    format!(
        "select kind = 'void', effective, count(*), cast(sum(total) as bigint), cast(sum({FUNDS}) as bigint), \
         cast(sum(personal_account) as bigint) from settlement \
         where clearing_kind = {clearing} and hospital = {hospital} and decided between {from} and {to} \
         and insurance_kind = {insurance} and counted{yes} group by 1, 2 order by 1, 2"
    )
}

/// Settlements of people of other cities, each with the id of its message: those of table `o` for which `which` holds.
pub fn offsite_where(which: &str) -> String {
    let columns = crate::OFFSITE.columns.iter().map(|(name, _)| format!("o.{name}"));
    let columns = columns.collect::<Vec<_>>().join(", ");
    format!("select {columns}, m.msgid from offsite o join message m on m.message = o.message where {which}")
}

/// What persons are enrolled as and have on file, of those whose number compares as `person` says; `no` is the engine's
/// word for it.
pub fn enrolled_of(person: &str, no: &str) -> String {
    let none = "cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bytea)";
    format!(
        "select person, insurance_kind, from_day, to_day, person_type, status, premium, civil_servant, employer, division, \
         {none} from cover where cover.person {person} \
         union all select person, cast(null as bigint), from_day, to_day, kind, '', '', {no}, '', '', {none} from identity \
         where identity.person {person} \
         union all select person, insurance_kind, from_day, to_day, kind, state, code, {no}, '', '', \
         filing, hospital, message, facts from filing where filing.person {person}"
    )
}

/// Rows that point at no row of their own hospital, or of no hospital; postings outside any journal.
pub const STRAYS: &str = "
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
        where (p.hospital is not null and p.hospital is distinct from j.hospital) or (p.person is not null and p.person is distinct from j.person)
    union all
    select 'posting', journal from posting where person is null
        and account in ('personal_account.current', 'personal_account.prior', 'personal_account.granted', 'patient_cash', 'paid_to_person')
    union all
    select 'posting', journal from posting where hospital is null
        and account in ('hospital_claim', 'hospital_cash', 'hospital_share')
    union all
    select 'credit', c.person from credit c where journal is not null
        and not exists (select 1 from journal j where j.journal = c.journal and j.person = c.person)
    union all
    select 'person_event', e.person from person_event e where journal is not null
        and not exists (select 1 from journal j where j.journal = e.journal and j.person = e.person)
    union all
    select 'person_event', e.person from person_event e where not exists (select 1 from person p where p.person = e.person)
    union all
    select 'offsite', o.settlement from offsite o
        where not exists (select 1 from message m where m.message = o.message and m.hospital = o.hospital)
    union all
    select 'offsite', o.settlement from offsite o where journal is not null
        and not exists (select 1 from journal j where j.journal = o.journal and j.hospital = o.hospital)
    union all
    select 'offsite', o.settlement from offsite o where back is not null
        and not exists (select 1 from journal j where j.journal = o.back and j.hospital = o.hospital)
    union all
    select 'premium', m.person from premium m where not exists (select 1 from person p where p.person = m.person)
    union all
    select 'message', message from message m where not exists (select 1 from hospital h where h.hospital = m.hospital)
    union all
    select 'filing', filing from filing f where not exists (select 1 from person p where p.person = f.person)
    union all
    select 'register', hospital from register r where not exists (select 1 from hospital h where h.hospital = r.hospital)
    union all
    select 'sign_in', hospital from sign_in s where not exists (select 1 from hospital h where h.hospital = s.hospital)
";
