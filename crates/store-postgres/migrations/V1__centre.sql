-- The centre's books. Amounts are whole fen; prices millionths of a yuan; quantities and rates ten-thousandths.
-- Moments are China Standard Time to the millisecond; days are days. Personal fields are sealed blobs.
-- Texts compare by bytes. What a batch writes refers to rows it wrote before; what else must be is looked at by `verify`:
-- a reference costs a look-up for every row. Rows of a person that change lie in pages with room to change in place.

create table meta (
    version bigint not null,
    min_binary text collate "C" not null
);
insert into meta values (1, '0.1.0');

create table hospital (
    hospital bigint primary key,
    code text collate "C" not null unique,
    name text collate "C" not null,
    kind text collate "C" not null check (kind in ('hospital', 'pharmacy')),
    level bigint not null check (level between 0 and 3),
    grade text collate "C" not null,
    division text collate "C" not null,
    scheme bigint not null check (scheme between 1 and 5),
    profile text collate "C" not null,
    active boolean not null
);

create table access_key (
    key text collate "C" primary key,
    hospital bigint not null references hospital,
    secret bytea not null
);

-- One writer of one process run. Closed with its count and last hash: the anchor of its part of the audit log.
create table stream (
    stream bigint primary key,
    slot bigint not null,
    process text collate "C" not null,
    opened timestamp(3) not null,
    closed timestamp(3),
    records bigint,
    last_hash bytea,
    -- The highest stream there was when it closed, and the one that says how it ended.
    behind bigint,
    anchored_by bigint
);

create table audit (
    stream bigint not null,
    seq bigint not null check (seq > 0),
    at timestamp(3) not null,
    hospital bigint,
    operator text collate "C" not null,
    action text collate "C" not null,
    object text collate "C" not null,
    result text collate "C" not null,
    hash bytea not null,
    key_day date not null,
    mac bytea not null,
    primary key (stream, seq)
);

create table person (
    person bigint primary key,
    number text collate "C" not null unique,
    household bigint not null,
    name text collate "C" not null,
    document_kind text collate "C" not null,
    document bytea not null,
    document_hash bytea not null,
    card_hash bytea,
    gender text collate "C" not null,
    born date not null
);
create index person_document on person (document_hash);
create index person_card on person (card_hash) where card_hash is not null;

create table cover (
    person bigint not null references person,
    insurance_kind bigint not null,
    from_day date not null,
    to_day date check (to_day is null or to_day >= from_day),
    person_type text collate "C" not null,
    status text collate "C" not null check (status in ('employed', 'retired', 'cadre', 'other', 'spouse', 'soldier', 'family', 'freelance')),
    premium text collate "C" not null check (premium in ('paid', 'arrears', 'waiting', 'ended')),
    civil_servant boolean not null,
    employer text collate "C" not null,
    division text collate "C" not null,
    primary key (person, insurance_kind, from_day)
);

create table identity (
    person bigint not null references person,
    kind text collate "C" not null,
    from_day date not null,
    to_day date,
    primary key (person, kind, from_day)
);

-- The one hot row of a settlement.
create table person_state (
    person bigint primary key references person,
    version bigint not null check (version >= 0),
    account_current bigint not null check (account_current >= 0),
    account_prior bigint not null check (account_prior >= 0),
    on_hold bigint not null check (on_hold >= 0),
    years text collate "C" not null,
    check (account_current + account_prior - on_hold >= 0)
) with (fillfactor = 70);

create table encounter (
    hospital bigint not null,
    encounter bigint not null,
    person bigint not null,
    visit_number text collate "C" not null,
    insurance_kind bigint not null,
    care_kind text collate "C" not null,
    visit text collate "C" not null,
    stay boolean not null,
    region text collate "C" not null,
    begins timestamp(3) not null,
    ends timestamp(3),
    disease text collate "C" not null,
    doctor text collate "C" not null,
    doctor_name text collate "C" not null,
    department text collate "C" not null,
    department_name text collate "C" not null,
    state text collate "C" not null check (state in ('open', 'discharged', 'cancelled')),
    message bigint not null,
    primary key (hospital, encounter),
    check (state <> 'discharged' or (stay and ends >= begins))
);
create index encounter_visit_number on encounter (hospital, visit_number);
-- Nobody lies in two hospitals.
create unique index encounter_open_stay on encounter (person) where stay and state = 'open';

create table diagnosis (
    hospital bigint not null,
    encounter bigint not null,
    number bigint not null,
    person bigint not null,
    kind text collate "C" not null,
    code text collate "C" not null,
    name bytea not null,
    valid boolean not null,
    primary key (hospital, encounter, kind, number)
);

-- Whether a line is settled follows from the effective settlement of its charge batch.
create table fee_line (
    hospital bigint not null,
    encounter bigint not null,
    number text collate "C" not null,
    person bigint not null,
    charge_batch text collate "C" not null,
    served timestamp(3) not null,
    item text collate "C" not null,
    hospital_item text collate "C" not null,
    class text collate "C" not null check (class in ('A', 'B', 'C')),
    kind text collate "C" not null,
    price bigint not null,
    quantity bigint not null,
    amount bigint not null,
    price_limit bigint,
    first_self_pay bigint,
    standing text collate "C" not null check (standing in ('listed', 'confirmed', 'unconfirmed', 'unmapped')),
    state text collate "C" not null check (state in ('valid', 'withdrawn')),
    primary key (hospital, encounter, number)
);

-- One message, one result, for ever. content: the digest for uploads (other content under an id is a new message),
-- empty for acts and money.
create table message (
    message bigint primary key,
    hospital bigint not null,
    infno text collate "C" not null,
    msgid text collate "C" not null,
    content bytea not null,
    digest bytea not null,
    person bigint,
    received timestamp(3) not null,
    decided timestamp(3) not null,
    result text collate "C" not null check (result in ('done', 'refused', 'tombstone')),
    code text collate "C" not null,
    made text collate "C" not null check (made in ('', 'encounter', 'settlement')),
    made_id bigint,
    taken_back_by bigint,
    request bytea not null,
    reply bytea not null,
    unique (hospital, infno, msgid, content),
    check ((made = '') = (made_id is null)),
    check (result = 'done' or made = '')
);
create index message_money on message (person, infno, made_id) where made = 'settlement';

-- Settlements, voids, takings back. Rows never change, but for the two marks.
create table settlement (
    hospital bigint not null,
    settlement bigint not null,
    person bigint not null,
    version bigint not null,
    encounter bigint not null,
    scope text collate "C" not null,
    kind text collate "C" not null check (kind in ('settle', 'void', 'take back', 'reinstate')),
    undoes bigint,
    root bigint not null,
    message bigint not null,
    effective boolean not null,
    counted boolean not null,
    decided timestamp(3) not null,
    benefit_date date not null,
    year bigint not null,
    insurance_kind bigint not null,
    care_kind text collate "C" not null,
    clearing_kind text collate "C" not null,
    edition text collate "C" not null,
    catalogue text collate "C" not null,
    total bigint not null,
    out_of_scope bigint not null,
    over_limit bigint not null,
    prior_self_pay bigint not null,
    eligible bigint not null,
    deductible bigint not null,
    pooled bigint not null,
    major_medical bigint not null,
    civil_servant bigint not null,
    critical_illness bigint not null,
    employer bigint not null,
    disabled bigint not null,
    aid bigint not null,
    other bigint not null,
    personal_account bigint not null,
    mutual_aid bigint not null,
    cash bigint not null,
    hospital_share bigint not null,
    from_current bigint not null,
    balance bigint not null check (balance >= 0),
    inputs bytea not null,
    before text collate "C" not null,
    change text collate "C" not null,
    trail bytea not null,
    details text collate "C" not null,
    audit_stream bigint not null,
    audit_seq bigint not null,
    primary key (hospital, settlement),
    foreign key (hospital, encounter) references encounter,
    check ((kind = 'settle') = (undoes is null)),
    check ((kind = 'settle') = (root = settlement)),
    check (not effective or kind in ('settle', 'reinstate')),
    check (abs(deductible) <= abs(eligible)),
    check (case when total >= 0
        then least(out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant,
            critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash) >= 0
        else greatest(out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant,
            critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash) <= 0
        end),
    check (total = out_of_scope + over_limit + prior_self_pay + eligible),
    check (total = pooled + major_medical + civil_servant + critical_illness + employer + disabled + aid + other
        + personal_account + mutual_aid + cash + hospital_share)
) with (fillfactor = 90);
create unique index settlement_version on settlement (person, version);
create unique index settlement_effective on settlement (hospital, encounter, scope) where effective;
create unique index settlement_undone_once on settlement (hospital, undoes) where undoes is not null;
-- A message makes one row.
create unique index settlement_message on settlement (message);
-- How the rows of a visit are found.
create index settlement_encounter on settlement (hospital, encounter);
create table journal (
    journal bigint primary key,
    source text collate "C" not null
        check (source in ('settlement', 'reversal', 'account_credit', 'correction', 'clearing', 'payment')),
    settlement bigint,
    person bigint not null,
    hospital bigint,
    insurance_kind bigint not null,
    at timestamp(3) not null,
    foreign key (hospital, settlement) references settlement,
    check ((source in ('settlement', 'reversal')) = (settlement is not null)),
    check (settlement is null or hospital is not null)
);
create unique index journal_settlement on journal (hospital, settlement) where settlement is not null;

create table posting (
    journal bigint not null,
    line bigint not null,
    account text collate "C" not null,
    person bigint,
    hospital bigint,
    amount bigint not null check (amount <> 0),
    primary key (journal, line)
);

create table sign_in (
    hospital bigint not null,
    number text collate "C" not null,
    operator text collate "C" not null,
    opened timestamp(3) not null,
    closed timestamp(3),
    primary key (hospital, number)
);
create index sign_in_operator on sign_in (hospital, operator, opened);

create table credit (
    person bigint not null,
    kind text collate "C" not null check (kind in ('month', 'year', 'inheritance', 'benefit')),
    period text collate "C" not null,
    version bigint not null check (version > 0),
    edition text collate "C" not null,
    base bigint not null,
    employer bigint not null,
    own bigint not null,
    extra bigint not null,
    amount bigint not null,
    journal bigint,
    primary key (person, kind, period),
    check (amount = 0 or journal is not null)
);
create unique index credit_version on credit (person, version);
create unique index credit_journal on credit (journal) where journal is not null;
-- The stay before another at the same hospital: a deductible may not be due again so soon.
create index encounter_stays on encounter (hospital, person, ends) where stay;

-- A batch is sent as a whole, its commit with it: what must meet exactly so many rows stops it where it does not.
create function must(met bigint, expected bigint) returns void language plpgsql as $$
begin
    if met <> expected then
        raise exception 'the store is not as it was loaded: % rows instead of %', met, expected using errcode = 'TQ001';
    end if;
end $$;

create function refuse() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0] using errcode = 'TQ002';
end $$;

-- What a settlement stands on does not change under it.
create function fee_line_settled() returns trigger language plpgsql as $$
begin
    if old.state = 'valid' and exists (select 1 from settlement where hospital = old.hospital
        and encounter = old.encounter and effective and scope = old.charge_batch) then
        raise exception 'a settled line does not change' using errcode = 'TQ002';
    end if;
    return new;
end $$;
create trigger fee_line_settled before update on fee_line for each row execute function fee_line_settled();
create function encounter_settled() returns trigger language plpgsql as $$
begin
    if new.state = 'cancelled' and exists (select 1 from settlement
        where hospital = old.hospital and encounter = old.encounter and effective) then
        raise exception 'a settled visit is not cancelled' using errcode = 'TQ002';
    end if;
    return new;
end $$;
create trigger encounter_settled before update of state on encounter for each row execute function encounter_settled();

-- The books are only added to. Of a settlement its two marks change, of a message the note who took it back.
create trigger settlement_stays before delete on settlement for each row execute function refuse('settlements are never deleted');
create trigger journal_stays before delete on journal for each row execute function refuse('journals are never deleted');
create trigger posting_stays before delete on posting for each row execute function refuse('postings are never deleted');
create trigger audit_stays before delete on audit for each row execute function refuse('audit records are never deleted');
create trigger message_stays before delete on message for each row execute function refuse('messages are never deleted');
create trigger credit_stays before delete on credit for each row execute function refuse('credits are never deleted');
create trigger journal_stands before update on journal for each row execute function refuse('journals never change');
create trigger posting_stands before update on posting for each row execute function refuse('postings never change');
create trigger audit_stands before update on audit for each row execute function refuse('audit records never change');
create trigger credit_stands before update on credit for each row execute function refuse('credits never change');
create trigger settlement_stands before update of hospital, settlement, person, version, encounter, scope, kind, undoes,
    root, message, decided, benefit_date, year, insurance_kind, care_kind, clearing_kind, edition, catalogue, total,
    out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant,
    critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash, hospital_share,
    from_current, balance, inputs, before, change, trail, details, audit_stream, audit_seq
on settlement for each row execute function refuse('settlements never change');
create trigger message_stands before update of message, hospital, infno, msgid, content, digest, person, received,
    decided, result, code, made, made_id, request, reply
on message for each row execute function refuse('messages never change');
create trigger settlement_kept before truncate on settlement for each statement execute function refuse('settlements are never deleted');
create trigger journal_kept before truncate on journal for each statement execute function refuse('journals are never deleted');
create trigger posting_kept before truncate on posting for each statement execute function refuse('postings are never deleted');
create trigger audit_kept before truncate on audit for each statement execute function refuse('audit records are never deleted');
create trigger message_kept before truncate on message for each statement execute function refuse('messages are never deleted');
create trigger credit_kept before truncate on credit for each statement execute function refuse('credits are never deleted');
