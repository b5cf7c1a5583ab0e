-- What personal accounts are credited with outside settlements: a month's premium, a year's end, an inheritance. One row
-- a person, kind and period, so that nothing is credited twice; each makes a version of the person, as a settlement does.
create table credit (
    person integer not null references person deferrable initially deferred,
    kind text not null check (kind in ('month', 'year', 'inheritance')),
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
create unique index credit_version on credit (person, version);
create unique index credit_journal on credit (journal) where journal is not null;
create trigger credit_stays before delete on credit begin select raise(abort, 'credits are never deleted'); end;
create trigger credit_stands before update on credit begin select raise(abort, 'credits never change'); end;
-- The stay before another at the same hospital: a deductible may not be due again so soon.
create index encounter_stays on encounter (hospital, person, ends) where stay = 1;
-- A line that was withdrawn may come again in another bill, whatever has been settled since; an interim settlement's lines
-- lie in a bill of their own.
drop trigger fee_line_settled;
create trigger fee_line_settled before update on fee_line
when old.state = 'valid' and exists (select 1 from settlement where hospital = old.hospital and encounter = old.encounter
    and effective = 1 and scope = old.charge_batch)
begin select raise(abort, 'a settled line does not change'); end;
insert into meta values (2, '0.1.0');
