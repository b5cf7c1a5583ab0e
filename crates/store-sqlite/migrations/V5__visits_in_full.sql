-- Refund rows name the line they take from; a line names the message that brought it. What was said of a visit or a
-- diagnosis and is only said again is kept sealed.
alter table fee_line add column refunds text;
alter table fee_line add column message integer;
alter table encounter add column facts blob not null default x'';
alter table diagnosis add column facts blob not null default x'';
-- A person's money messages are found through the settlements they made.
drop index message_money;
create index encounter_person on encounter (person, begins);
create index encounter_admitted on encounter (begins, hospital) where stay = 1;
insert into meta values (5, '0.1.0');
