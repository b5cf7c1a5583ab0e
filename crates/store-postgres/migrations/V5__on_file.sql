-- What a person has on file with the centre, from a day to a day; it decides what is paid.
create table filing (
    person bigint not null,
    filing bigint not null,
    kind text collate "C" not null check (kind in ('listed disease', 'referral', 'institution', 'family doctor', 'off-site')),
    code text collate "C" not null,
    insurance_kind bigint,
    from_day date not null,
    to_day date check (to_day is null or to_day >= from_day),
    state text collate "C" not null check (state in ('stands', 'withdrawn')),
    hospital bigint,
    message bigint,
    facts bytea not null,
    primary key (person, filing)
);
create trigger filing_stays before delete on filing for each row execute function refuse('filings are never deleted');
create trigger filing_kept before truncate on filing for each statement execute function refuse('filings are never deleted');

-- What institutions have registered of themselves. version: raised with every change, so that none is lost.
create table register (
    hospital bigint not null references hospital,
    kind text collate "C" not null check (kind in ('department', 'staff', 'mapping', 'settlement list', 'file', 'reconciled day')),
    key text collate "C" not null,
    version bigint not null check (version > 0),
    from_day date not null,
    to_day date,
    state text collate "C" not null,
    message bigint,
    data text collate "C" not null,
    facts bytea not null,
    primary key (hospital, kind, key)
);
create trigger register_stays before delete on register for each row execute function refuse('registrations are never deleted');
create trigger register_kept before truncate on register for each statement execute function refuse('registrations are never deleted');

alter table filing enable row level security, force row level security;
create policy tenant on filing using (false) with check (false);
create policy centre on filing to current_user using (true) with check (true);
alter table register enable row level security, force row level security;
create policy tenant on register using (hospital = (select counter.session_hospital()))
    with check (hospital = (select counter.session_hospital()));
create policy centre on register to current_user using (true) with check (true);

-- The rows of a hospital's days, by kind of clearing.
create index settlement_day on settlement (clearing_kind, hospital, decided);
