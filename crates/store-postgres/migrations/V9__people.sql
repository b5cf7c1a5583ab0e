-- What officers do to persons, each once and for ever: at a version of the person, with the counters it changed and, where a
-- bill was settled for money to the person, what it was settled from.
create table person_event (
    person bigint not null,
    version bigint not null check (version > 0),
    kind text collate "C" not null check (kind <> ''),
    day date not null,
    at timestamp(3) not null,
    by_whom text collate "C" not null check (by_whom <> ''),
    why text collate "C" not null,
    reference text collate "C" not null,
    edition text collate "C" not null,
    year bigint not null,
    inputs bytea not null,
    before text collate "C" not null,
    change text collate "C" not null,
    trail bytea not null,
    journal bigint,
    said bytea not null,
    primary key (person, version)
);
create unique index person_event_journal on person_event (journal) where journal is not null;
-- A bill on paper is paid once, whoever brings it; a settlement is supplemented once.
create unique index person_event_once on person_event (kind, reference) where kind in ('reimbursed', 'supplement');
create trigger person_event_stays before update or delete on person_event for each row
    execute function refuse('what was done to persons never changes');
create trigger person_event_kept before truncate on person_event for each statement
    execute function refuse('what was done to persons never changes');
alter table person_event enable row level security, force row level security;
create policy tenant on person_event using (false) with check (false);
create policy centre on person_event to current_user using (true) with check (true);

-- Months of premiums as the tax office tells them, received or not.
create table premium (
    person bigint not null,
    month date not null check (extract(day from month) = 1),
    unit text collate "C" not null,
    base bigint not null check (base >= 0),
    pension bigint not null check (pension >= 0),
    received date,
    primary key (person, month)
);
create trigger premium_stays before delete on premium for each row execute function refuse('premiums are never deleted');
create trigger premium_kept before truncate on premium for each statement execute function refuse('premiums are never deleted');
alter table premium enable row level security, force row level security;
create policy tenant on premium using (false) with check (false);
create policy centre on premium to current_user using (true) with check (true);

-- Employers: a change is a row from another day on.
create table unit (
    code text collate "C" not null check (code <> ''),
    from_day date not null,
    to_day date check (to_day is null or to_day >= from_day),
    name text collate "C" not null check (name <> ''),
    kind text collate "C" not null,
    division text collate "C" not null,
    facts bytea not null,
    primary key (code, from_day)
);
create trigger unit_stays before delete on unit for each row execute function refuse('employers are never deleted');
create trigger unit_kept before truncate on unit for each statement execute function refuse('employers are never deleted');
alter table unit enable row level security, force row level security;
create policy tenant on unit using (false) with check (false);
create policy centre on unit to current_user using (true) with check (true);

-- That a person has died, or is another's second record, is on file like the rest.
alter table filing drop constraint filing_kind_check;
alter table filing add constraint filing_kind_check check (kind <> '');

-- What relatives have given for the person's bills.
alter table person_state add column account_granted bigint not null default 0 check (account_granted >= 0);

-- Settlements of people of other cities, as the centre of the place of care has them.
create table offsite (
    hospital bigint not null references hospital,
    division text collate "C" not null,
    settlement bigint not null,
    encounter bigint not null,
    person_number text collate "C" not null,
    document bytea not null,
    message bigint not null,
    undoes bigint,
    decided timestamp(3) not null,
    insurance_kind bigint not null,
    care_kind text collate "C" not null,
    clearing_kind text collate "C" not null,
    total bigint not null,
    funds bigint not null,
    account bigint not null,
    relatives bigint not null,
    cash bigint not null,
    hospital_share bigint not null,
    counted boolean not null,
    journal bigint,
    back bigint,
    primary key (hospital, division, settlement),
    check (total = funds + account + relatives + cash + hospital_share)
);
create unique index offsite_message on offsite (message);
create index offsite_day on offsite (hospital, decided, settlement);
create index offsite_settlement on offsite (hospital, settlement);
create index offsite_undoes on offsite (hospital, undoes) where undoes is not null;
create trigger offsite_stays before delete on offsite for each row execute function refuse('settlements are never deleted');
create trigger offsite_kept before truncate on offsite for each statement execute function refuse('settlements are never deleted');
alter table offsite enable row level security, force row level security;
create policy tenant on offsite using (hospital = (select counter.session_hospital()))
    with check (false);
create policy centre on offsite to current_user using (true) with check (true);
