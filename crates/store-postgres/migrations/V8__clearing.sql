-- What institutions are paid for a month or a year, entry by entry; entries are never changed.
create table clearing (
    hospital bigint not null references hospital,
    period text collate "C" not null check (length(period) in (4, 7)),
    number bigint not null check (number > 0),
    kind text collate "C" not null
        check (kind in ('claim', 'audit', 'points', 'withheld', 'retention', 'advance', 'payment', 'correction')),
    payer text collate "C" not null,
    insurance_kind bigint not null,
    clearing_kind text collate "C" not null,
    amount bigint not null check (amount <> 0),
    encounter bigint,
    reference text collate "C" not null,
    journal bigint,
    at timestamp(3) not null,
    by_whom text collate "C" not null check (by_whom <> ''),
    why text collate "C" not null,
    primary key (hospital, period, number),
    check ((kind in ('claim', 'withheld')) = (journal is null))
);
create unique index clearing_journal on clearing (journal) where journal is not null;
create trigger clearing_stays before update or delete on clearing for each row
    execute function refuse('clearings never change');
create trigger clearing_kept before truncate on clearing for each statement
    execute function refuse('clearings never change');
alter table clearing enable row level security, force row level security;
create policy tenant on clearing using (hospital = (select counter.session_hospital()))
    with check (false);
create policy centre on clearing to current_user using (true) with check (true);
