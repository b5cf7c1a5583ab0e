-- What institutions are paid for a month or a year, entry by entry; entries are never changed.
create table clearing (
    hospital integer not null references hospital deferrable initially deferred,
    period text not null check (length(period) in (4, 7)),
    number integer not null check (number > 0),
    kind text not null
        check (kind in ('claim', 'audit', 'points', 'withheld', 'retention', 'advance', 'payment', 'correction')),
    payer text not null,
    insurance_kind integer not null,
    clearing_kind text not null,
    amount integer not null check (amount <> 0),
    encounter integer,
    reference text not null,
    journal integer references journal deferrable initially deferred,
    at text not null,
    by_whom text not null check (by_whom <> ''),
    why text not null,
    primary key (hospital, period, number),
    check ((kind in ('claim', 'withheld')) = (journal is null))
) strict, without rowid;
create unique index clearing_journal on clearing (journal) where journal is not null;
create trigger clearing_stays before delete on clearing begin select raise(abort, 'clearings are never deleted'); end;
create trigger clearing_stands before update on clearing begin select raise(abort, 'clearings never change'); end;
insert into meta values (9, '0.1.0');
