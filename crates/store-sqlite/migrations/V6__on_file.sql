-- What a person has on file with the centre, from a day to a day; it decides what is paid.
create table filing (
    person integer not null references person deferrable initially deferred,
    filing integer not null,
    kind text not null check (kind in ('listed disease', 'referral', 'institution', 'family doctor', 'off-site')),
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
create trigger filing_stays before delete on filing begin select raise(abort, 'filings are never deleted'); end;

-- What institutions have registered of themselves. version: raised with every change, so that none is lost.
create table register (
    hospital integer not null references hospital deferrable initially deferred,
    kind text not null check (kind in ('department', 'staff', 'mapping', 'settlement list', 'file', 'reconciled day')),
    key text not null,
    version integer not null check (version > 0),
    from_day text not null,
    to_day text,
    state text not null,
    message integer,
    data text not null,
    facts blob not null,
    primary key (hospital, kind, key)
) strict, without rowid;
create trigger register_stays before delete on register begin select raise(abort, 'registrations are never deleted'); end;
-- The rows of a hospital's days, by kind of clearing.
create index settlement_day on settlement (clearing_kind, hospital, decided);
insert into meta values (6, '0.1.0');
