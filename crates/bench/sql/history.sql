-- A bill of the past for everybody: each row of the template, `one_*`, once for each person.
create temporary table everybody as
    select person, version, n, places.ids[1 + n % array_length(places.ids, 1)] as hospital
    from (select person, version, row_number() over (order by person) as n from person_state) numbered,
        (select array_agg(hospital order by hospital) as ids from hospital) places;
insert into message
    select n * 8 + k, e.hospital, infno, 'past-' || n || '-' || k, content, digest, e.person, received, decided, result,
        code, made, case when made_id is null then null else n end, taken_back_by, request, reply
    from everybody e, (select *, row_number() over (order by message) as k from one_message) o;
insert into encounter
    select e.hospital, n, e.person, 'past-' || n, insurance_kind, care_kind, visit, stay, region, begins, ends, disease,
        doctor, doctor_name, department, department_name, state, n * 8 + 1
    from everybody e, one_encounter o;
insert into diagnosis
    select e.hospital, n, number, e.person, kind, code, name, valid from everybody e, one_diagnosis o;
insert into fee_line
    select e.hospital, n, number, e.person, charge_batch, served, item, hospital_item, class, kind, price, quantity,
        amount, price_limit, first_self_pay, standing, state
    from everybody e, one_fee_line o;
insert into settlement
    select e.hospital, n, e.person, e.version + 1, n, scope, kind, undoes, n, n * 8 + 4, effective, counted, decided,
        benefit_date, year, insurance_kind, care_kind, clearing_kind, edition, catalogue, total, out_of_scope, over_limit,
        prior_self_pay, eligible, deductible, pooled, major_medical, civil_servant, critical_illness, employer, disabled,
        aid, other, personal_account, mutual_aid, cash, hospital_share, from_current, balance, inputs, before, change,
        trail, details, audit_stream, audit_seq
    from everybody e, one_settlement o;
insert into journal
    select n, source, n, e.person, e.hospital, insurance_kind, at from everybody e, one_journal o;
insert into posting
    select n, line, account, case when o.person is not null then e.person end,
        case when o.hospital is not null then e.hospital end, amount
    from everybody e, one_posting o;
update person_state s set version = e.version + 1 from everybody e where e.person = s.person;
