-- One settlement of ten lines and five postings, one statement a row, in one transaction.
\set person random(1, 100000)
\set hospital random(1, 43)
begin;
insert into rows.settlement (message, person, hospital, total, pooled, major, supplement, account, cash, edition, trail) values (gen_random_uuid(), :person, :hospital, 12500, 8000, 0, 0, 1500, 3000, 1, decode(repeat('2a', 160), 'hex')) returning id as settlement \gset
insert into rows.line values (:settlement, 0, (:person * 11 + 0) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 1, (:person * 11 + 1) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 2, (:person * 11 + 2) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 3, (:person * 11 + 3) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 4, (:person * 11 + 4) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 5, (:person * 11 + 5) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 6, (:person * 11 + 6) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 7, (:person * 11 + 7) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 8, (:person * 11 + 8) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.line values (:settlement, 9, (:person * 11 + 9) % 20000, 1250, 100, 1250, 0, 125, 1125, 7);
insert into rows.posting (settlement, account, debit, credit, hash) values (:settlement, 0, 12500, 0, decode(repeat('3b', 32), 'hex'));
insert into rows.posting (settlement, account, debit, credit, hash) values (:settlement, 1, 0, 3125, decode(repeat('3b', 32), 'hex'));
insert into rows.posting (settlement, account, debit, credit, hash) values (:settlement, 2, 0, 3125, decode(repeat('3b', 32), 'hex'));
insert into rows.posting (settlement, account, debit, credit, hash) values (:settlement, 3, 0, 3125, decode(repeat('3b', 32), 'hex'));
insert into rows.posting (settlement, account, debit, credit, hash) values (:settlement, 4, 0, 3125, decode(repeat('3b', 32), 'hex'));
update rows.counters set visits = visits + 1, base = base + 11250, pooled = pooled + 8000, version = version + 1 where person = :person;
update rows.account set balance = balance - 1500, version = version + 1 where person = :person and balance >= 1500;
insert into rows.notice (settlement, body) values (:settlement, decode(repeat('4c', 300), 'hex'));
commit;
