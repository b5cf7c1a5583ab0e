//! What a new edition would have come to, from the books as they are.

use centre::{Effect, Whose};
use jiff::civil::{Date, date, datetime};
use model::{HospitalLevel, PersonStatus};
use money::Money;
use policy::Edition;
use sample::SampleCity;
use testkit::{Item, Program, TestCentre};

const FROM: Date = date(2026, 1, 1);
const TO: Date = date(2026, 12, 31);

/// The edition of 2026, something in it replaced.
fn edition(replace: &str, with: &str) -> Edition {
    let (name, text) = sample::EDITIONS.into_iter().find(|(name, _)| name.contains("2026")).unwrap();
    assert!(text.contains(replace), "the edition says {replace}");
    Edition::parse(name, &text.replacen(replace, with, 1)).unwrap()
}

fn unchanged() -> Edition {
    edition("unrated_as = 1", "unrated_as = 1")
}

/// Bills of class A, which enter the policy whole; 大榭医院 is of level 2.
fn bill(program: &Program, person: &str, amount: &str) {
    program.settle(person, &[item(amount)], amount).1.done();
}

fn item(amount: &str) -> Item {
    let city = SampleCity::new(1, 0, TO);
    let code = &city.catalogue.items().iter().find(|i| i.name == "血常规(五分类)").unwrap().code;
    Item::one(code, amount)
}

fn all(centre: &TestCentre, edition: &Edition) -> Effect {
    centre.rehearse(edition, FROM, TO).groups[&Whose::All]
}

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

#[test]
fn the_edition_in_force_changes_nothing_whatever_the_books_hold() {
    let centre = TestCentre::start(60);
    let program = centre.program("大榭医院");
    for n in 30..40 {
        let person = centre.sample.persons[n].enrolment.number.clone();
        bill(&program, &person, "620.00");
        bill(&program, &person, "75.50");
    }
    // A void, and a stay in three parts with another bill between.
    let person = centre.sample.person("王建国").number.clone();
    let item480 = [item("480.00")];
    let (visit, settled) = program.settle(&person, &item480, "480.00");
    // It stands while another bill is settled.
    bill(&program, &person, "71.00");
    program.void(&person, &visit, &settled.get("setlinfo", "setl_id")).done();
    let day = datetime(2026, 11, 20, 9, 0, 0, 0);
    let stay = program.admit(&person, day).done().get("result", "mdtrt_id");
    for (part, amount) in [("1", "480.00"), ("2", "9000.00")] {
        program.more_stay_fees(&person, &stay, part, day, &[item(amount)]).done();
        program.say("2304", &program.interim_bill(&person, &stay, amount)).done();
        bill(&program, &person, "33.00");
    }
    program.more_stay_fees(&person, &stay, "3", day, &item480).done();
    program.discharge(&person, &stay, datetime(2026, 11, 23, 7, 0, 0, 0)).done();
    program.say("2304", &program.stay_bill(&person, &stay, "480.00")).done();
    let effects = centre.rehearse(&unchanged(), FROM, TO);
    assert_eq!((effects.persons, effects.unreadable), (11, 0));
    for (whose, effect) in &effects.groups {
        assert_eq!((effect.changed, effect.new), (0, effect.old), "{whose:?}");
    }
    assert_eq!(effects.groups[&Whose::All].bills, 26);
    // Part of the year starts from the counters the bills before it left.
    let later = centre.rehearse(&unchanged(), date(2026, 11, 22), TO);
    assert!(later.groups.values().all(|effect| effect.changed == 0));
}

#[test]
fn a_lower_deductible_is_felt_by_each_bill_in_its_place() {
    let centre = TestCentre::start(60);
    let (program, person) = (centre.program("大榭医院"), centre.sample.person("王建国").number.clone());
    // Deductible of the year at level 2: 300.00; the pool pays 80 % above it.
    bill(&program, &person, "125.55");
    bill(&program, &person, "205.45");
    bill(&program, &person, "100.00");
    let lower = edition(r#"{ level = 2, is = "300" }"#, r#"{ level = 2, is = "200" }"#);
    let effect = all(&centre, &lower);
    assert_eq!((effect.bills, effect.changed), (3, 1));
    // 431.00 less 300.00, at 80 %; less 200.00.
    assert_eq!(effect.old.all_funds(), yuan("104.80"));
    assert_eq!(effect.new.all_funds(), yuan("184.80"));
    assert_eq!(effect.new.patient, yuan("246.20"));
    let effects = centre.rehearse(&lower, FROM, TO);
    let level = HospitalLevel::new(2).unwrap();
    assert_eq!(effects.groups[&Whose::Level(level)], effect);
    assert_eq!(effects.groups[&Whose::Status(PersonStatus::Employed)], effect);
}

#[test]
fn only_bills_of_those_days_are_told_and_groups_are_known_by_name() {
    let centre = TestCentre::start(60);
    let (program, person) = (centre.program("大榭医院"), centre.sample.person("王建国").number.clone());
    bill(&program, &person, "1000.00");
    assert!(centre.rehearse(&unchanged(), FROM, date(2026, 11, 22)).groups.is_empty());
    // Another group of diseases in front of the others renumbers them.
    let renumbered = edition(
        "[[disease]]\nname = \"hypertension\"",
        "[[disease]]\nname = \"gout\"\ncodes = [\"M10\"]\n\n[[disease]]\nname = \"hypertension\"",
    );
    assert_eq!(all(&centre, &renumbered).changed, 0);
}
