-- The centre's books. Amounts are whole fen; prices millionths of a yuan; quantities and rates ten-thousandths.
-- Moments are China Standard Time to the millisecond; days are days. Personal fields are sealed blobs.
-- What a batch writes refers to other rows deferred: looked at when it commits, so that its order does not matter and no
-- statement must be kept undoable by itself.

create table meta (
    version integer not null,
    min_binary text not null
) strict;
insert into meta values (1, '0.1.0');

create table hospital (
    hospital integer primary key,
    code text not null unique,
    name text not null,
    kind text not null check (kind in ('hospital', 'pharmacy')),
    level integer not null check (level between 0 and 3),
    grade text not null,
    division text not null,
    scheme integer not null check (scheme between 1 and 5),
    profile text not null,
    active integer not null check (active in (0, 1))
) strict;

create table access_key (
    key text primary key,
    hospital integer not null references hospital,
    secret blob not null
) strict, without rowid;

-- One writer of one process run. Closed with its count and last hash: the anchor of its part of the audit log.
create table stream (
    stream integer primary key,
    slot integer not null,
    process text not null,
    opened text not null,
    closed text,
    records integer,
    last_hash blob
) strict;

create table audit (
    stream integer not null references stream deferrable initially deferred,
    seq integer not null check (seq > 0),
    at text not null,
    hospital integer references hospital deferrable initially deferred,
    operator text not null,
    action text not null,
    object text not null,
    result text not null,
    hash blob not null,
    key_day text not null,
    mac blob not null,
    primary key (stream, seq)
) strict, without rowid;

create table person (
    person integer primary key,
    number text not null unique,
    household integer not null,
    name text not null,
    document_kind text not null,
    document blob not null,
    document_hash blob not null,
    card_hash blob,
    gender text not null,
    born text not null
) strict;
create index person_document on person (document_hash);
create index person_card on person (card_hash) where card_hash is not null;

create table cover (
    person integer not null references person,
    insurance_kind integer not null,
    from_day text not null,
    to_day text check (to_day is null or to_day >= from_day),
    person_type text not null,
    status text not null check (status in ('employed', 'retired', 'cadre', 'other', 'spouse', 'soldier', 'family', 'freelance')),
    premium text not null check (premium in ('paid', 'arrears', 'waiting', 'ended')),
    civil_servant integer not null check (civil_servant in (0, 1)),
    employer text not null,
    division text not null,
    primary key (person, insurance_kind, from_day)
) strict, without rowid;

create table identity (
    person integer not null references person,
    kind text not null,
    from_day text not null,
    to_day text,
    primary key (person, kind, from_day)
) strict, without rowid;

-- The one hot row of a settlement.
create table person_state (
    person integer primary key references person,
    version integer not null check (version >= 0),
    account_current integer not null check (account_current >= 0),
    account_prior integer not null check (account_prior >= 0),
    on_hold integer not null check (on_hold >= 0),
    years text not null,
    check (account_current + account_prior - on_hold >= 0)
) strict;

create table encounter (
    hospital integer not null references hospital deferrable initially deferred,
    encounter integer not null,
    person integer not null references person deferrable initially deferred,
    visit_number text not null,
    insurance_kind integer not null,
    care_kind text not null,
    visit text not null,
    stay integer not null check (stay in (0, 1)),
    region text not null,
    begins text not null,
    ends text,
    disease text not null,
    doctor text not null,
    doctor_name text not null,
    department text not null,
    department_name text not null,
    state text not null check (state in ('open', 'discharged', 'cancelled')),
    message integer not null references message deferrable initially deferred,
    primary key (hospital, encounter),
    check (state <> 'discharged' or (stay = 1 and ends >= begins))
) strict, without rowid;
create index encounter_visit_number on encounter (hospital, visit_number);
-- Nobody lies in two hospitals.
create unique index encounter_open_stay on encounter (person) where stay = 1 and state = 'open';

create table diagnosis (
    hospital integer not null,
    encounter integer not null,
    number integer not null,
    person integer not null,
    kind text not null,
    code text not null,
    name blob not null,
    valid integer not null check (valid in (0, 1)),
    primary key (hospital, encounter, kind, number),
    foreign key (hospital, encounter) references encounter deferrable initially deferred
) strict, without rowid;

-- Whether a line is settled follows from the effective settlement of its charge batch.
create table fee_line (
    hospital integer not null,
    encounter integer not null,
    number text not null,
    person integer not null,
    charge_batch text not null,
    served text not null,
    item text not null,
    hospital_item text not null,
    class text not null check (class in ('A', 'B', 'C')),
    kind text not null,
    price integer not null,
    quantity integer not null,
    amount integer not null,
    price_limit integer,
    first_self_pay integer,
    standing text not null check (standing in ('listed', 'confirmed', 'unconfirmed', 'unmapped')),
    state text not null check (state in ('valid', 'withdrawn')),
    primary key (hospital, encounter, number),
    foreign key (hospital, encounter) references encounter deferrable initially deferred
) strict, without rowid;

-- One message, one result, for ever. content: the digest for uploads (other content under an id is a new message),
-- empty for acts and money.
create table message (
    message integer primary key,
    hospital integer not null references hospital deferrable initially deferred,
    infno text not null,
    msgid text not null,
    content blob not null,
    digest blob not null,
    person integer,
    received text not null,
    decided text not null,
    result text not null check (result in ('done', 'refused', 'tombstone')),
    code text not null,
    made text not null check (made in ('', 'encounter', 'settlement')),
    made_id integer,
    taken_back_by integer,
    request blob not null,
    reply blob not null,
    unique (hospital, infno, msgid, content),
    check ((made = '') = (made_id is null)),
    check (result = 'done' or made = '')
) strict;
create index message_money on message (person, infno, made_id) where made = 'settlement';

-- Settlements, voids, takings back. Rows never change, but for the two marks.
create table settlement (
    hospital integer not null,
    settlement integer not null,
    person integer not null references person deferrable initially deferred,
    version integer not null,
    encounter integer not null,
    scope text not null,
    kind text not null check (kind in ('settle', 'void', 'take back', 'reinstate')),
    undoes integer,
    root integer not null,
    message integer not null references message deferrable initially deferred,
    effective integer not null check (effective in (0, 1)),
    counted integer not null check (counted in (0, 1)),
    decided text not null,
    benefit_date text not null,
    year integer not null,
    insurance_kind integer not null,
    care_kind text not null,
    clearing_kind text not null,
    edition text not null,
    catalogue text not null,
    total integer not null,
    out_of_scope integer not null,
    over_limit integer not null,
    prior_self_pay integer not null,
    eligible integer not null,
    deductible integer not null,
    pooled integer not null,
    major_medical integer not null,
    civil_servant integer not null,
    critical_illness integer not null,
    employer integer not null,
    disabled integer not null,
    aid integer not null,
    other integer not null,
    personal_account integer not null,
    mutual_aid integer not null,
    cash integer not null,
    hospital_share integer not null,
    from_current integer not null,
    balance integer not null check (balance >= 0),
    inputs blob not null,
    before text not null,
    change text not null,
    trail blob not null,
    details text not null,
    audit_stream integer not null,
    audit_seq integer not null,
    primary key (hospital, settlement),
    foreign key (hospital, encounter) references encounter deferrable initially deferred,
    foreign key (hospital, undoes) references settlement deferrable initially deferred,
    foreign key (hospital, root) references settlement deferrable initially deferred,
    foreign key (audit_stream, audit_seq) references audit deferrable initially deferred,
    check ((kind = 'settle') = (undoes is null)),
    check ((kind = 'settle') = (root = settlement)),
    check (effective = 0 or kind in ('settle', 'reinstate')),
    check (abs(deductible) <= abs(eligible)),
    check (case when total >= 0
        then min(out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant,
            critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash) >= 0
        else max(out_of_scope, over_limit, prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant,
            critical_illness, employer, disabled, aid, other, personal_account, mutual_aid, cash) <= 0
        end),
    check (total = out_of_scope + over_limit + prior_self_pay + eligible),
    check (total = pooled + major_medical + civil_servant + critical_illness + employer + disabled + aid + other
        + personal_account + mutual_aid + cash + hospital_share)
) strict, without rowid;
create unique index settlement_version on settlement (person, version);
create unique index settlement_effective on settlement (hospital, encounter, scope) where effective = 1;
create unique index settlement_undone_once on settlement (hospital, undoes) where undoes is not null;
-- A message makes one row.
create unique index settlement_message on settlement (message);
-- How the rows of a visit are found.
create index settlement_encounter on settlement (hospital, encounter);
-- What a settlement stands on does not change under it.
create trigger fee_line_settled before update on fee_line
when exists (select 1 from settlement where hospital = old.hospital and encounter = old.encounter and effective = 1
    and scope in (old.charge_batch, '0'))
begin select raise(abort, 'a settled line does not change'); end;
create trigger encounter_settled before update of state on encounter
when new.state = 'cancelled' and exists (select 1 from settlement
    where hospital = old.hospital and encounter = old.encounter and effective = 1)
begin select raise(abort, 'a settled visit is not cancelled'); end;

create table journal (
    journal integer primary key,
    source text not null
        check (source in ('settlement', 'reversal', 'account_credit', 'correction', 'clearing', 'payment')),
    settlement integer,
    person integer not null,
    hospital integer,
    insurance_kind integer not null,
    at text not null,
    foreign key (hospital, settlement) references settlement deferrable initially deferred,
    check ((source in ('settlement', 'reversal')) = (settlement is not null)),
    check (settlement is null or hospital is not null)
) strict;
create unique index journal_settlement on journal (hospital, settlement) where settlement is not null;

create table posting (
    journal integer not null references journal deferrable initially deferred,
    line integer not null,
    account text not null,
    person integer,
    hospital integer,
    amount integer not null check (amount <> 0),
    primary key (journal, line)
) strict, without rowid;

create table sign_in (
    hospital integer not null references hospital,
    number text not null,
    operator text not null,
    opened text not null,
    closed text,
    primary key (hospital, number)
) strict, without rowid;
create index sign_in_operator on sign_in (hospital, operator, opened);

-- The books are only added to. Of a settlement its two marks change, of a message the note who took it back.
create trigger settlement_stays before delete on settlement
begin select raise(abort, 'settlements are never deleted'); end;
create trigger settlement_stands before update of hospital, settlement, person, version, encounter, scope, kind, undoes, root, message, decided, benefit_date,
    year, insurance_kind, care_kind, clearing_kind, edition, catalogue, total, out_of_scope, over_limit,
    prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant, critical_illness, employer,
    disabled, aid, other, personal_account, mutual_aid, cash, hospital_share, from_current, balance, inputs,
    before, change, trail, details, audit_stream, audit_seq
on settlement begin select raise(abort, 'settlements never change'); end;
create trigger journal_stays before delete on journal begin select raise(abort, 'journals are never deleted'); end;
create trigger journal_stands before update on journal begin select raise(abort, 'journals never change'); end;
create trigger posting_stays before delete on posting begin select raise(abort, 'postings are never deleted'); end;
create trigger posting_stands before update on posting begin select raise(abort, 'postings never change'); end;
create trigger audit_stays before delete on audit begin select raise(abort, 'audit records are never deleted'); end;
create trigger audit_stands before update on audit begin select raise(abort, 'audit records never change'); end;
create trigger message_stays before delete on message begin select raise(abort, 'messages are never deleted'); end;
create trigger message_stands before update of message, hospital, infno, msgid, content, digest, person, received,
    decided, result, code, made, made_id, request, reply
on message begin select raise(abort, 'messages never change'); end;
