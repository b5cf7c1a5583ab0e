-- Only the key by which a row is looked up begins with the hospital. Of two that do, the server may take the other one
-- while a table is new, and then reads all rows of the hospital for each.
drop index encounter_visit_number;
create index encounter_visit_number on encounter (visit_number, hospital);
drop index encounter_stays;
create index encounter_stays on encounter (person, hospital, ends) where stay;
drop index sign_in_operator;
create index sign_in_operator on sign_in (operator, hospital, opened);
-- A reference to a settlement is looked up for every row of a journal.
drop index settlement_effective;
create unique index settlement_effective on settlement (encounter, hospital, scope) where effective;
drop index settlement_undone_once;
create unique index settlement_undone_once on settlement (undoes, hospital) where undoes is not null;
drop index settlement_encounter;
create index settlement_encounter on settlement (encounter, hospital);
drop index journal_settlement;
create unique index journal_settlement on journal (settlement, hospital) where settlement is not null;
-- A visit changes soon after it was registered, and changes in place where its page has room.
alter table encounter set (fillfactor = 70);
-- Whether a visit or line is settled is asked of those that are undone alone.
drop trigger fee_line_settled on fee_line;
create trigger fee_line_settled before update on fee_line for each row
    when (old.state = 'valid') execute function fee_line_settled();
drop trigger encounter_settled on encounter;
create trigger encounter_settled before update of state on encounter for each row
    when (new.state = 'cancelled') execute function encounter_settled();
