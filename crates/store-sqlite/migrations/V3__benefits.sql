-- What layers that pay once a year pay to persons. A check of a table cannot be changed: the rows move to a new one.
create table credit_next (
    person integer not null references person deferrable initially deferred,
    kind text not null check (kind in ('month', 'year', 'inheritance', 'benefit')),
    period text not null,
    version integer not null check (version > 0),
    edition text not null,
    base integer not null,
    employer integer not null,
    own integer not null,
    extra integer not null,
    amount integer not null,
    journal integer references journal deferrable initially deferred,
    primary key (person, kind, period),
    check (amount = 0 or journal is not null)
) strict, without rowid;
insert into credit_next select * from credit;
drop table credit;
alter table credit_next rename to credit;
create unique index credit_version on credit (person, version);
create unique index credit_journal on credit (journal) where journal is not null;
create trigger credit_stays before delete on credit begin select raise(abort, 'credits are never deleted'); end;
create trigger credit_stands before update on credit begin select raise(abort, 'credits never change'); end;
insert into meta values (3, '0.1.0');
