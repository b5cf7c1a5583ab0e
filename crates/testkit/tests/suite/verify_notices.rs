//! The checker sees damage: each kind is planted in a copy of sound books and must be reported under its invariant.

use std::collections::HashMap;
use std::path::Path;

use centre::{Hands, PaperBill, PaperLine, PremiumLine};
use jiff::civil::datetime;
use model::{HospitalLevel, PersonNumber, Region, VisitKind};
use money::Money;
use rusqlite::Connection;
use serde_json::json;
use testkit::{Books, Item, Program, TestCentre};

/// Books with settlements, a void, a taking back and a tombstone.
fn books() -> TestCentre {
    let mut centre = TestCentre::start_on(Books::file(), 60);
    let program = centre.program("澜州市第一医院");
    let item = centre.item("血常规(五分类)").to_owned();
    let bill = [Item::one(&item, "500.00"), Item::one(&item, "20.00")];
    for n in 30..34 {
        let person = centre.sample.persons[n].enrolment.number.clone();
        program.settle(&person, &bill, "520.00");
        let (visit, settled) = program.settle(&person, &bill, "520.00");
        match n {
            30 => {
                program.void(&person, &visit, &settled.get("setlinfo", "setl_id")).done();
            }
            31 => {
                let visit = program.charge(&person, &bill);
                let msgid = program.msgid();
                program.say_as("2207", &msgid, &program.bill(&person, &visit, "1", "520.00")).done();
                program.reverse(&person, "2207", &msgid).done();
            }
            32 => {
                program.reverse(&person, "2207", "NEVER-SENT").done();
            }
            _ => {}
        }
    }
    settle_in_mid_stay(&centre, &program, &bill);
    pay_a_paper(&mut centre);
    // A month is credited; the restart behind it closes the stream, so that it has an anchor.
    let number = PersonNumber::from(&*centre.sample.persons[36].enrolment.number);
    let premium =
        PremiumLine { number, base: Money::from_yuan(7_000), pension: Money::ZERO, received: true, on: None };
    let told = centre.fund(|fund| fund.credit_month("2026-11".parse().unwrap(), &[premium], &mut |_| {}));
    assert_eq!(told.unwrap().credited, 1);
    clear_the_month(&mut centre);
    centre
}

/// A bill on paper is paid to a person, and money of one account set apart for another's bills.
fn pay_a_paper(centre: &mut TestCentre) {
    let [one, other] = [37, 38].map(|n| PersonNumber::from(&*centre.sample.persons[n].enrolment.number));
    let day = datetime(2026, 11, 20, 0, 0, 0, 0).date();
    let amount = Money::from_yuan(900);
    let line = PaperLine {
        item: centre.item("血常规(五分类)").to_owned(),
        served: day,
        price: "900".parse().unwrap(),
        quantity: "1".parse().unwrap(),
        amount,
    };
    let paper = PaperBill {
        number: one.clone(),
        bill: "F-1".into(),
        kind: VisitKind::Outpatient,
        level: HospitalLevel::new(2).unwrap(),
        region: Region::Home,
        begins: day,
        ends: day,
        disease: String::new(),
        lines: vec![line],
        why: "外地急诊".into(),
    };
    let catalogue = centre.sample.catalogue.clone();
    centre.people(|desk| {
        assert!(desk.reimburse(&paper, &catalogue, "甲", false).unwrap().unwrap().paid > Money::ZERO);
        assert_eq!(desk.lend([&one, &other], Money::from_fen(100), "甲", "").unwrap(), None);
    });
}

/// The month is closed with the institution, and paid.
fn clear_the_month(centre: &mut TestCentre) {
    centre.clock.set(datetime(2026, 12, 1, 8, 0, 0, 0));
    let hands = Hands { by: "甲", confirmed_by: "", why: "" };
    let month = datetime(2026, 11, 1, 0, 0, 0, 0).date();
    centre.clearing_desk("澜州市第一医院", |desk, row, rules| {
        assert!(desk.close(row, month, rules, &HashMap::new(), true, hands).unwrap().entries.len() > 2);
        assert!(!desk.pay(row.id, month, "B1", hands).unwrap().is_empty());
    });
}

/// A stay with one settlement before its end, and a void of the next.
fn settle_in_mid_stay(centre: &TestCentre, program: &Program, bill: &[Item]) {
    let person = centre.sample.persons[35].enrolment.number.clone();
    let day = datetime(2026, 11, 20, 9, 0, 0, 0);
    let stay = program.admit(&person, day).done().get("result", "mdtrt_id");
    program.more_stay_fees(&person, &stay, "1", day, bill).done();
    program.say("2304", &program.interim_bill(&person, &stay, "520.00")).done();
    program.more_stay_fees(&person, &stay, "2", day, bill).done();
    let second = program.say("2304", &program.interim_bill(&person, &stay, "520.00")).done();
    program.void_stay(&person, &stay, &second.get("setlinfo", "setl_id")).done();
}

/// What is planted, and under which invariant it must be reported.
const DAMAGE: &[(&str, &str, &str)] = &[
    (
        "an amount in a posting",
        "I-1",
        "update posting set amount = amount + 1 where account = 'pooled_fund' and journal = (select max(journal) from posting where account = 'pooled_fund')",
    ),
    (
        "a line of an interim settlement that is open again",
        "I-2",
        "update fee_line set charge_batch = '0' where number = '1-0' and encounter in (select encounter from encounter where stay = 1)",
    ),
    (
        "a line of a settlement of a stay that was voided",
        "I-6",
        "update fee_line set charge_batch = '2' where number = '2-0' and encounter in (select encounter from encounter where stay = 1)",
    ),
    (
        "a claim of a cleared month",
        "I-20",
        "update clearing set amount = amount + 1 where kind = 'claim' and number = 1",
    ),
    ("what was held back", "I-20", "update clearing set amount = amount + 1 where kind = 'retention'"),
    ("more paid than is payable", "I-20", "update clearing set amount = amount - 1 where kind = 'payment'"),
    ("an entry of a clearing gone", "I-20", "delete from clearing where number = 1"),
    (
        "a cleared settlement that counts no more",
        "I-20",
        "update settlement set counted = 0 where effective = 1",
    ),
    (
        "a journal of a clearing that moves something else",
        "I-20",
        "update posting set amount = -amount where journal in (select journal from clearing where kind = 'retention')",
    ),
    ("a credit of another amount", "I-1", "update credit set amount = amount + 1"),
    ("a credit gone", "I-18", "delete from credit"),
    ("a credit of a journal that is not there", "I-1", "update credit set journal = 1"),
    (
        "a journal gone",
        "I-1",
        "delete from posting where journal = (select max(journal) from journal where settlement is not null); delete from journal where journal = (select max(journal) from journal where settlement is not null)",
    ),
    (
        "a journal posted twice",
        "I-1",
        "drop index journal_settlement; insert into journal select 1, source, settlement, person, hospital, insurance_kind, at from journal where settlement is not null limit 1; insert into posting values (1, 1, 'patient_cash', null, null, -5), (1, 2, 'hospital_cash', null, null, 5)",
    ),
    (
        "a share moved from fund to cash",
        "I-2",
        "update settlement set pooled = pooled - 1 where kind = 'settle' and pooled > 0",
    ),
    ("a fee line made dearer", "I-2", "update fee_line set amount = amount + 100 where rowid_of = 1"),
    (
        "a fee line withdrawn behind its settlement",
        "I-2",
        "update fee_line set state = 'withdrawn' where rowid_of = 1",
    ),
    (
        "a fee line of another class under the same amount",
        "I-2",
        "update fee_line set class = 'B' where rowid_of = 1",
    ),
    ("the balance a receipt told", "I-3", "update settlement set balance = balance + 1 where version = 1"),
    (
        "a person gone",
        "I-3",
        "delete from person_state where version > 0; delete from cover; delete from person where person in (select person from settlement)",
    ),
    ("a balance", "I-3", "update person_state set account_current = account_current + 100 where version > 0"),
    (
        "a credit nobody posted",
        "I-3",
        "update person_state set account_prior = account_prior + 1 where version = 0",
    ),
    (
        "a counter",
        "I-4",
        "update person_state set years = replace(years, 'outpatient.deductible', 'outpatient.paid') where years like '%outpatient.deductible%'",
    ),
    (
        "more paid than the ceiling of the year",
        "I-4",
        "update person_state set years = '2026 {\"outpatient.paid\":\"900000.00\"}' where version > 0",
    ),
    (
        "a message that names another settlement",
        "I-5",
        "update message set made_id = 7 where made = 'settlement' and infno = '2208'",
    ),
    (
        "a message that hides its settlement",
        "I-5",
        "update message set made = '', made_id = null where infno = '2207' and taken_back_by is null",
    ),
    (
        "a message twice under one key",
        "I-5",
        "create table copy as select * from message where infno = '2208'; alter table message rename to old; create table message as select * from old; update copy set message = 9; insert into message select * from copy",
    ),
    (
        "two effective settlements of one bill",
        "I-6",
        "drop index settlement_effective; update settlement set effective = 1 where kind = 'void'",
    ),
    (
        "a reversal of another amount",
        "I-7",
        "update settlement set total = total - 1, eligible = eligible - 1, cash = cash - 1 where kind = 'void'",
    ),
    (
        "a void under another insurance",
        "I-7",
        "update settlement set insurance_kind = 390 where kind = 'void'",
    ),
    (
        "a voided settlement that still stands",
        "I-7",
        "update settlement set effective = 1 where settlement = (select undoes from settlement where kind = 'void')",
    ),
    (
        "a paper bill of another trail",
        "I-17",
        "update person_event set trail = x'00' where kind = 'reimbursed'",
    ),
    (
        "counters an event never had",
        "I-4",
        "update person_event set change = '2026 {\"outpatient.paid\":\"1.00\"}' where kind = 'lent'",
    ),
    ("an event gone", "I-18", "delete from person_event where kind = 'reimbursed'"),
    (
        "money set apart for another that nobody gave",
        "I-3",
        "update person_state set account_granted = account_granted + 1 where account_granted > 0",
    ),
    ("an overdrawn account", "I-8", "update person_state set on_hold = account_current + account_prior + 1"),
    (
        "a fee line of another hospital",
        "I-14",
        "update fee_line set hospital = hospital + 1 where rowid_of = 1",
    ),
    ("a posting nobody owns", "I-14", "update posting set hospital = null where account = 'hospital_claim'"),
    (
        "a settlement of another person's visit",
        "I-14",
        "update encounter set person = person + 1 where encounter = (select encounter from settlement limit 1)",
    ),
    ("an audit record reworded", "I-15", "update audit set object = 'something else' where seq = 3"),
    (
        "an audit record reworded and chained anew without the day's key",
        "I-15",
        "update audit set mac = zeroblob(16) where key_day = (select max(key_day) from audit)",
    ),
    ("an audit record gone", "I-15", "delete from audit where stream = 2 and seq = 5"),
    (
        "the end of the log cut off and its count mended",
        "I-15",
        "delete from audit where stream = 2 and seq > 20; update stream set records = 20, last_hash = (select hash from audit where stream = 2 and seq = 20) where stream = 2",
    ),
    (
        "a whole stream gone",
        "I-15",
        "delete from audit where stream = 2; delete from stream where stream = 2",
    ),
    ("an anchor", "I-15", "update stream set records = records - 1 where closed is not null and records > 0"),
    (
        "a tombstone that settled",
        "I-16",
        "update message set result = 'tombstone' where infno = '2207' and taken_back_by is null",
    ),
    (
        "an edition that was not in force",
        "I-17",
        "update settlement set benefit_date = '2025-12-31' where kind = 'settle'",
    ),
    ("another edition", "I-17", "update settlement set edition = '2001-01-01' where kind = 'settle'"),
    ("a settlement that no longer counts", "I-7", "update settlement set counted = 0 where effective = 1"),
    ("a bill taken back that counts", "I-7", "update settlement set counted = 1 where kind = 'take back'"),
    ("another kind of clearing", "I-17", "update settlement set clearing_kind = '99' where kind = 'settle'"),
    ("another kind of care", "I-17", "update settlement set care_kind = '51' where kind = 'settle'"),
    (
        "a settlement under another insurance than its visit",
        "I-6",
        "update encounter set insurance_kind = 390 where encounter in (select encounter from settlement where effective = 1)",
    ),
    (
        "a journal under another insurance",
        "I-1",
        "update journal set insurance_kind = 390 where settlement is not null",
    ),
    (
        "a settlement that names another's audit record",
        "I-15",
        "update settlement set audit_stream = 2, audit_seq = 1",
    ),
    ("a taking back forgotten", "I-16", "update message set taken_back_by = null where made = 'settlement'"),
    (
        "a visit cancelled under its settlement",
        "I-6",
        "update encounter set state = 'cancelled' where encounter in (select encounter from settlement where effective = 1)",
    ),
    (
        "a visit moved to another day under its settlement",
        "I-6",
        "update encounter set begins = '2026-10-01 09:00:00.000' where encounter in (select encounter from settlement where effective = 1)",
    ),
    ("a message whose visit is not there", "I-5", "update message set made_id = 7 where made = 'encounter'"),
    ("the digest of a message", "I-5", "update message set digest = zeroblob(33) where infno = '2204'"),
    ("the answer of a message", "I-5", "update message set reply = x'' where infno = '2204'"),
    ("messages gone", "I-5", "delete from message where infno = '2204'"),
    (
        "a version left out",
        "I-18",
        "update settlement set version = version + 10 where kind = 'settle' and version = 2",
    ),
];

#[test]
fn every_kind_of_damage_is_reported_under_its_invariant() {
    let centre = books();
    let sound = centre.assert_clean();
    assert!(sound.settlements >= 11 && sound.reversals == 3);
    check(&centre, DAMAGE);
}

#[test]
fn what_a_settlement_is_off_its_recomputation_is_told_in_fen() {
    let centre = books();
    assert_eq!(centre.assert_clean().difference, Money::ZERO);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("difference.db");
    let sql = "update settlement set pooled = pooled - 3, cash = cash + 3 where settlement = (select max(settlement) from settlement where kind = 'settle' and pooled > 3)";
    plant(&centre.books().path(), &path, "a share moved", sql);
    assert_eq!(centre.verify_file(&path).difference, Money::from_fen(6));
}

#[test]
fn money_between_funds_is_reported_as_a_crossed_fence() {
    let centre = books();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fence.db");
    let sql =
        "update posting set account = 'civil_servant_fund' where account = 'hospital_claim' and amount > 0";
    plant(&centre.books().path(), &path, "a fence", sql);
    let report = centre.verify_file(&path);
    assert!(report.findings.iter().any(|f| f.id == "I-19" && f.violations > 0));
}

#[test]
fn damage_to_what_is_paid_once_a_year_is_reported() {
    let mut centre = TestCentre::start_on(Books::file(), 60);
    let person = centre.sample.person("王建国").number.clone();
    let days = (datetime(2026, 11, 2, 9, 0, 0, 0), datetime(2026, 11, 20, 10, 0, 0, 0));
    let item = Item::one(centre.item("椎管内麻醉(2小时内)"), "900000");
    centre.program("澜州市第一医院").settle_stay(&person, days, &[item], "900000.00");
    centre.clock.set(datetime(2027, 1, 5, 9, 0, 0, 0));
    let numbers = [PersonNumber::from(&*person)];
    let mut paid = 0;
    centre.fund(|fund| {
        fund.pay_benefits(2026, &numbers, &mut |_| {
            paid += 1;
            Ok(())
        })
        .unwrap();
    });
    assert_eq!(paid, 1);
    centre.assert_clean();
    check(
        &centre,
        &[
            ("another fund", "I-19", "update posting set account = 'pooled_fund' where account = 'aid_fund'"),
            (
                "another sum",
                "I-1",
                "update posting set amount = amount * 2 where account in ('aid_fund', 'paid_to_person')",
            ),
            ("a payment of nothing", "I-1", "delete from credit where kind = 'benefit'"),
            ("nobody's money", "I-14", "update posting set person = null where account = 'paid_to_person'"),
        ],
    );
}

#[test]
fn damage_to_what_another_city_owes_is_reported() {
    let home = TestCentre::start(60);
    let place = TestCentre::neighbour_on(Books::file(), &home);
    let program = place.program("邻州市人民医院");
    let items = [Item::one(home.item("椎管内麻醉(2小时内)"), "900.00")];
    program.settle(&home.sample.person("马国栋").number, &items, "900.00");
    place.assert_clean();
    check(
        &place,
        &[
            ("a settlement gone", "I-5", "delete from offsite"),
            ("another sum", "I-1", "update offsite set funds = funds + 1, total = total + 1"),
            ("another posting", "I-1", "update posting set amount = amount * 2"),
            ("counts no more", "I-1", "update offsite set counted = 0"),
            ("no journal", "I-1", "update offsite set journal = null"),
        ],
    );
}

#[test]
fn damage_to_a_day_that_was_agreed_on_is_reported() {
    let centre = TestCentre::start_on(Books::file(), 60);
    let program = centre.program("大榭医院");
    let items = [Item::one(centre.item("血常规(五分类)"), "500.00")];
    let (_, said) = program.settle(&centre.sample.person("王建国").number, &items, "500.00");
    centre.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    let figure = |field: &str| said.get("setlinfo", field);
    let asked = json!({"data": {
        "insutype": "310", "clr_type": "11", "setl_optins": "990100", "stmt_begndate": "2026-11-23",
        "stmt_enddate": "2026-11-23", "medfee_sumamt": "500.00", "fund_pay_sumamt": figure("fund_pay_sumamt"),
        "acct_pay": figure("acct_pay"), "fixmedins_setl_cnt": "1", "refd_setl_flag": "1",
    }});
    assert_eq!(program.say("3201", &asked).done().get("stmtinfo", "stmt_rslt"), "0");
    let report = centre.assert_clean();
    let days = report.findings.iter().find(|finding| finding.id == "I-13").expect("days are looked at");
    assert_eq!(days.rows, 1);
    check(
        &centre,
        &[
            (
                "another sum agreed on",
                "I-13",
                "update register set data = replace(data, '500.00', '501.00') where kind = 'reconciled day'",
            ),
            (
                "a settlement that is of another day",
                "I-13",
                "update settlement set decided = replace(decided, '-23', '-22')",
            ),
            ("a settlement that counts no more", "I-13", "update settlement set counted = 0"),
        ],
    );
}

/// Plants each in a copy of sound books: it must be reported under its invariant.
fn check(centre: &TestCentre, damage: &[(&str, &str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (n, (what, invariant, sql)) in damage.iter().enumerate() {
        let path = folder.path().join(format!("{n}.db"));
        plant(&centre.books().path(), &path, what, sql);
        let report = centre.verify_file(&path);
        let found: Vec<_> = report.findings.iter().filter(|f| f.violations > 0).map(|f| f.id).collect();
        assert!(found.contains(invariant), "{what}: expected {invariant}, reported {found:?}");
        let finding = report.findings.iter().find(|f| f.id == *invariant).unwrap();
        assert!(!finding.keys.is_empty(), "{what}: names no key");
    }
}

/// Copies the books and damages the copy, constraints off: damage does not ask.
fn plant(from: &Path, to: &Path, what: &str, sql: &str) {
    let source = Connection::open(from).unwrap();
    source.execute("vacuum into ?1", [to.to_str().unwrap()]).unwrap();
    let copy = Connection::open(to).unwrap();
    let triggers: Vec<String> = copy
        .prepare("select 'drop trigger ' || name from sqlite_master where type = 'trigger'")
        .and_then(|mut names| names.query_map([], |row| row.get(0))?.collect())
        .unwrap();
    copy.execute_batch(&triggers.join(";")).unwrap();
    copy.execute_batch(
        "pragma foreign_keys = off; pragma ignore_check_constraints = on; pragma legacy_alter_table = on;",
    )
    .unwrap();
    // The one fee line of the first visit that is settled.
    let line = "(hospital, encounter, number) in (select l.hospital, l.encounter, l.number from fee_line l \
                join settlement s on s.hospital = l.hospital and s.encounter = l.encounter and s.effective = 1 limit 1)";
    let sql = sql.replace("rowid_of = 1", line);
    copy.execute_batch(&sql).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(copy.changes() > 0, "{what}: nothing was planted");
}
