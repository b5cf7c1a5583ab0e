-- A settlement as a program writes it that sends one statement a row: what `rows.sql` writes to.
create schema rows;
create table rows.settlement (
    id bigint generated always as identity primary key, message uuid not null unique, person int not null,
    hospital int not null, at timestamptz not null default now(), total bigint not null, pooled bigint not null,
    major bigint not null, supplement bigint not null, account bigint not null, cash bigint not null,
    edition int not null, trail bytea not null
);
create table rows.line (
    settlement bigint not null, number int not null, item int not null, price int not null, quantity int not null,
    amount int not null, over_limit int not null, self_pay int not null, eligible int not null, rule int not null,
    primary key (settlement, number)
);
create table rows.posting (
    id bigint generated always as identity primary key, settlement bigint not null, account int not null,
    debit bigint not null, credit bigint not null, hash bytea not null
);
create table rows.counters (
    person int primary key, visits int not null, base bigint not null, pooled bigint not null, major bigint not null,
    version int not null
) with (fillfactor = 70);
create table rows.account (
    person int primary key, balance bigint not null, version int not null
) with (fillfactor = 70);
create table rows.notice (
    id bigint generated always as identity primary key, settlement bigint not null, body bytea not null
);
insert into rows.counters select n, 0, 0, 0, 0, 0 from generate_series(1, 100000) n;
insert into rows.account select n, 1000000000000, 0 from generate_series(1, 100000) n;
