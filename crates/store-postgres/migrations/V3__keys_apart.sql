-- Only the key by which a row is looked up begins with the hospital. Of two that do, the server may take the other one
-- while a table is new, and then reads all rows of the hospital for each.
drop index encounter_visit_number;
create index encounter_visit_number on encounter (visit_number, hospital);
drop index encounter_stays;
create index encounter_stays on encounter (person, hospital, ends) where stay;
drop index sign_in_operator;
create index sign_in_operator on sign_in (operator, hospital, opened);
