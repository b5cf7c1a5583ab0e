-- What officers do to persons, each once and for ever: at a version of the person, with the counters it changed and, where a
-- bill was settled for money to the person, what it was settled from.
create table person_event (
    person integer not null references person deferrable initially deferred,
    version integer not null check (version > 0),
    kind text not null check (kind <> ''),
    day text not null,
    at text not null,
    by_whom text not null check (by_whom <> ''),
    why text not null,
    reference text not null,
    edition text not null,
    year integer not null,
    inputs blob not null,
    before text not null,
    change text not null,
    trail blob not null,
    journal integer references journal deferrable initially deferred,
    said blob not null,
    primary key (person, version)
) strict, without rowid;
create unique index person_event_journal on person_event (journal) where journal is not null;
-- A bill on paper is paid once, whoever brings it; a settlement is supplemented once.
create unique index person_event_once on person_event (kind, reference) where kind in ('reimbursed', 'supplement');
create trigger person_event_stays before delete on person_event
    begin select raise(abort, 'what was done to persons never changes'); end;
create trigger person_event_stands before update on person_event
    begin select raise(abort, 'what was done to persons never changes'); end;

-- Months of premiums as the tax office tells them, received or not.
create table premium (
    person integer not null references person deferrable initially deferred,
    month text not null check (month like '%-01'),
    unit text not null,
    base integer not null check (base >= 0),
    pension integer not null check (pension >= 0),
    received text,
    primary key (person, month)
) strict, without rowid;
create trigger premium_stays before delete on premium begin select raise(abort, 'premiums are never deleted'); end;

-- Employers: a change is a row from another day on.
create table unit (
    code text not null check (code <> ''),
    from_day text not null,
    to_day text check (to_day is null or to_day >= from_day),
    name text not null check (name <> ''),
    kind text not null,
    division text not null,
    facts blob not null,
    primary key (code, from_day)
) strict, without rowid;
create trigger unit_stays before delete on unit begin select raise(abort, 'employers are never deleted'); end;

-- That a person has died, or is another's second record, is on file like the rest.
create table filing_next (
    person integer not null references person deferrable initially deferred,
    filing integer not null,
    kind text not null check (kind <> ''),
    code text not null,
    insurance_kind integer,
    from_day text not null,
    to_day text check (to_day is null or to_day >= from_day),
    state text not null check (state in ('stands', 'withdrawn')),
    hospital integer references hospital deferrable initially deferred,
    message integer,
    facts blob not null,
    primary key (person, filing)
) strict, without rowid;
insert into filing_next select * from filing;
drop table filing;
alter table filing_next rename to filing;
create trigger filing_stays before delete on filing begin select raise(abort, 'filings are never deleted'); end;

-- What relatives have given for the person's bills.
alter table person_state add column account_granted integer not null default 0 check (account_granted >= 0);

-- Settlements of people of other cities, as the centre of the place of care has them.
create table offsite (
    hospital integer not null references hospital deferrable initially deferred,
    division text not null,
    settlement integer not null,
    encounter integer not null,
    person_number text not null,
    document blob not null,
    message integer not null references message deferrable initially deferred,
    undoes integer,
    decided text not null,
    insurance_kind integer not null,
    care_kind text not null,
    clearing_kind text not null,
    total integer not null,
    funds integer not null,
    account integer not null,
    relatives integer not null,
    cash integer not null,
    hospital_share integer not null,
    counted integer not null check (counted in (0, 1)),
    journal integer references journal deferrable initially deferred,
    back integer references journal deferrable initially deferred,
    primary key (hospital, division, settlement),
    check (total = funds + account + relatives + cash + hospital_share)
) strict, without rowid;
create unique index offsite_message on offsite (message);
create index offsite_day on offsite (hospital, decided, settlement);
create index offsite_settlement on offsite (settlement);
create index offsite_undoes on offsite (undoes) where undoes is not null;
create trigger offsite_stays before delete on offsite begin select raise(abort, 'settlements are never deleted'); end;
insert into meta values (10, '0.1.0');
