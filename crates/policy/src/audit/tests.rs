//! Every rule of the sample city: a visit that meets it, and one that just does not.

use std::fs;

use jiff::civil::{date, datetime};

use super::*;
use crate::Language;

fn rules() -> AuditRules {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/demo-city/audit/rules.toml");
    AuditRules::parse(&[("rules.toml".into(), fs::read_to_string(file).unwrap())]).unwrap()
}

fn visit(kind: VisitKind) -> AuditedVisit {
    AuditedVisit {
        sex: Sex::Male,
        born: date(1980, 11, 23),
        kind,
        stay: kind == VisitKind::Inpatient,
        from: datetime(2026, 11, 20, 9, 0, 0, 0),
        to: Some(datetime(2026, 11, 23, 9, 0, 0, 0)),
        diagnoses: vec!["J06.9".into()],
        lines: Vec::new(),
        stays: Vec::new(),
    }
}

/// A line asked about: item, kind, day of November, quantity, yuan.
fn line(item: &str, kind: ItemKind, day: i8, quantity: i64, yuan: i64) -> AuditedLine {
    AuditedLine {
        item: item.into(),
        name: "项目".into(),
        kind,
        day: date(2026, 11, day),
        quantity: Quantity::from_ten_thousandths(quantity * 10_000),
        amount: Money::from_yuan(yuan),
        days: None,
        here: true,
        asked: true,
        sold_before: Vec::new(),
    }
}

fn past(line: AuditedLine) -> AuditedLine {
    AuditedLine { here: false, asked: false, ..line }
}

fn with(kind: VisitKind, lines: Vec<AuditedLine>) -> AuditedVisit {
    AuditedVisit { lines, ..visit(kind) }
}

/// Number of the rule, lines at fault, yuan.
fn met(visit: &AuditedVisit) -> Vec<(String, Vec<usize>, i64)> {
    let rules = rules();
    let told = |hit: Hit<'_>| (hit.rule.id.clone(), hit.lines, hit.amount.fen() / 100);
    rules.hits(visit, date(2026, 11, 23), &[]).into_iter().map(told).collect()
}

fn one(id: &str, lines: &[usize], yuan: i64) -> Vec<(String, Vec<usize>, i64)> {
    vec![(id.into(), lines.to_vec(), yuan)]
}

#[test]
fn the_same_twice_a_day() {
    use ItemKind::{Bed, Test};
    let bed = |item, day| line(item, Bed, day, 1, 50);
    let twice = with(VisitKind::Inpatient, vec![bed("B1", 20), bed("B2", 20), bed("B1", 21)]);
    assert_eq!(met(&twice), one("DUP-BED", &[1], 50), "of two beds on one day the second");
    assert_eq!(met(&with(VisitKind::Inpatient, vec![bed("B1", 20), bed("B1", 21)])), []);
    let test = |item| line(item, Test, 20, 1, 20);
    let known = AuditedLine { asked: false, ..test("T1") };
    assert_eq!(
        met(&with(VisitKind::Outpatient, vec![test("T1"), known.clone()])),
        one("DUP-TEST", &[0], 20),
        "what was there before is not what is one too many"
    );
    assert_eq!(
        met(&with(VisitKind::Outpatient, vec![test("T2"), known.clone()])),
        [],
        "each item is its own"
    );
    assert_eq!(met(&with(VisitKind::Outpatient, vec![test("T1"), past(known)])), [], "another visit's");
}

#[test]
fn too_often_within_days_wherever_it_was() {
    let scan = |day| line("009901000133000", ItemKind::Examination, day, 1, 150);
    let before = |days: &[i8]| days.iter().map(|day| past(scan(*day))).collect::<Vec<_>>();
    let asked = |days: &[i8]| {
        let mut lines = before(days);
        lines.push(scan(23));
        met(&with(VisitKind::Outpatient, lines))
    };
    assert_eq!(asked(&[1, 9, 18]), one("FREQ-CT", &[3], 150));
    assert_eq!(asked(&[9, 18]), []);
    let october = AuditedLine { day: date(2026, 10, 24), ..past(scan(1)) };
    let far = |first: AuditedLine| {
        met(&with(VisitKind::Outpatient, vec![first, past(scan(9)), past(scan(18)), scan(23)]))
    };
    assert_eq!(
        far(AuditedLine { day: date(2026, 10, 25), ..october.clone() }).len(),
        1,
        "the thirtieth day back"
    );
    assert_eq!(far(october), [], "the thirty-first");
}

#[test]
fn not_for_this_patient() {
    let womb = line("009901000223000", ItemKind::Examination, 23, 1, 65);
    assert_eq!(met(&with(VisitKind::Outpatient, vec![womb.clone()])), one("SEX-F", &[0], 65));
    let woman = AuditedVisit { sex: Sex::Female, ..with(VisitKind::Outpatient, vec![womb]) };
    assert_eq!(met(&woman), []);
    let prostate = line("009901000222000", ItemKind::Examination, 23, 1, 65);
    assert_eq!(met(&with(VisitKind::Outpatient, vec![prostate.clone()])), []);
    let woman = AuditedVisit { sex: Sex::Female, ..with(VisitKind::Outpatient, vec![prostate]) };
    assert_eq!(met(&woman), one("SEX-M", &[0], 65));
    let child = |born| AuditedVisit {
        born,
        ..with(VisitKind::Outpatient, vec![line("009903000009000", ItemKind::Treatment, 23, 1, 12)])
    };
    assert_eq!(met(&child(date(2011, 11, 23))), one("AGE-CHILD", &[0], 12), "fifteen today");
    assert_eq!(met(&child(date(2011, 11, 24))), [], "fourteen until tomorrow");
}

#[test]
fn only_with_a_diagnosis() {
    let with_code = |item: &str, code: &str| AuditedVisit {
        diagnoses: vec![code.into()],
        ..with(VisitKind::Outpatient, vec![line(item, ItemKind::Drug, 23, 1, 50)])
    };
    let (insulin, trastuzumab) = ("XA10AEB001A001010199253", "XL01XCB003A001010199811");
    assert_eq!(met(&with_code(insulin, "I10")), one("USE-INSULIN", &[0], 50));
    assert_eq!(met(&with_code(insulin, "E11.9")), []);
    assert_eq!(met(&with_code("XA10BAA001A001010199090", "I10")), [], "no insulin");
    assert_eq!(met(&with_code(trastuzumab, "C34.9")), one("USE-TRASTUZUMAB", &[0], 50));
    assert_eq!(met(&with_code(trastuzumab, "C50.9")), []);
    let none = AuditedVisit { diagnoses: Vec::new(), ..with_code(insulin, "") };
    assert_eq!(met(&none), one("USE-INSULIN", &[0], 50));
}

#[test]
fn for_too_many_days() {
    let drug = |days| AuditedLine { days: Some(days), ..line("D", ItemKind::Drug, 23, 1, 30) };
    assert_eq!(met(&with(VisitKind::Outpatient, vec![drug(8)])), one("DAYS-ACUTE", &[0], 30));
    assert_eq!(met(&with(VisitKind::Outpatient, vec![drug(7)])), []);
    assert_eq!(met(&with(VisitKind::Chronic, vec![drug(31)])), one("DAYS-CHRONIC", &[0], 30));
    assert_eq!(met(&with(VisitKind::Chronic, vec![drug(30)])), []);
    assert_eq!(met(&with(VisitKind::Inpatient, vec![drug(31)])), [], "of stays nothing is said");
}

#[test]
fn too_much_of_it() {
    let nursing = |item, day| line(item, ItemKind::Nursing, day, 1, 20);
    let (second, third) = ("009905000003000", "009905000004000");
    let both = with(VisitKind::Inpatient, vec![nursing(second, 20), nursing(third, 20), nursing(second, 21)]);
    assert_eq!(met(&both), one("QTY-NURSING", &[0, 1], 40));
    assert_eq!(met(&with(VisitKind::Inpatient, vec![nursing(second, 20), nursing(third, 21)])), []);
    let standing = |quantity| {
        let order = AuditedLine { days: Some(5), ..line(second, ItemKind::Nursing, 20, quantity, 20) };
        met(&with(VisitKind::Inpatient, vec![order]))
    };
    assert_eq!(standing(5), [], "an order of five days");
    assert_eq!(standing(6), one("QTY-NURSING", &[0], 20));
    let herbs = |a, b| {
        met(&with(
            VisitKind::Outpatient,
            vec![line("T1", ItemKind::Herb, 22, 1, a), line("T2", ItemKind::Herb, 23, 1, b)],
        ))
    };
    assert_eq!(herbs(500, 301), one("AMT-HERB", &[0, 1], 801));
    assert_eq!(herbs(500, 300), []);
}

#[test]
fn in_two_places_at_once() {
    let other = |from: i8, to: Option<i8>| OtherStay {
        here: false,
        hospital: "大榭医院".into(),
        from: datetime(2026, 11, from, 9, 0, 0, 0),
        to: to.map(|day| datetime(2026, 11, day, 9, 0, 0, 0)),
    };
    let asked = |kind, stay| AuditedVisit {
        stays: vec![stay],
        ..with(kind, vec![line("X", ItemKind::Treatment, 20, 1, 12)])
    };
    assert_eq!(met(&asked(VisitKind::Inpatient, other(10, Some(21)))), one("TWICE-IN", &[0], 12));
    assert_eq!(met(&asked(VisitKind::Inpatient, other(10, None))), one("TWICE-IN", &[0], 12));
    assert_eq!(met(&asked(VisitKind::Inpatient, other(10, Some(20)))), [], "transferred on that day");
    let late = OtherStay { to: Some(datetime(2026, 11, 20, 15, 0, 0, 0)), ..other(10, Some(20)) };
    assert_eq!(met(&asked(VisitKind::Inpatient, late)), [], "whatever the hour");
    assert_eq!(met(&asked(VisitKind::Outpatient, other(19, Some(21)))), one("TWICE-IN", &[0], 12));
    assert_eq!(met(&asked(VisitKind::Outpatient, other(20, Some(24)))), [], "seen first, then admitted");
    assert_eq!(met(&asked(VisitKind::Outpatient, other(10, Some(20)))), [], "seen after discharge");
}

#[test]
fn a_stay_split_in_two() {
    let before = |left: i8, here| AuditedVisit {
        stays: vec![OtherStay {
            here,
            hospital: "本院".into(),
            from: datetime(2026, 11, 1, 9, 0, 0, 0),
            to: Some(datetime(2026, 11, left, 9, 0, 0, 0)),
        }],
        ..visit(VisitKind::Inpatient)
    };
    assert_eq!(met(&before(10, true)), one("SPLIT-STAY", &[], 0));
    assert_eq!(met(&before(9, true)), []);
    let mut same_day = before(10, true);
    same_day.stays[0].to = Some(datetime(2026, 11, 20, 15, 0, 0, 0));
    assert_eq!(met(&same_day), one("SPLIT-STAY", &[], 0), "sent home and admitted again in an afternoon");
    assert_eq!(met(&before(10, false)), [], "elsewhere");
}

#[test]
fn a_pack_sold_twice() {
    let pack = |codes: &[&str]| AuditedLine {
        sold_before: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..line("D", ItemKind::Drug, 23, 1, 30)
    };
    let sold = with(VisitKind::Outpatient, vec![pack(&["81000000000000000001"]), pack(&[])]);
    assert_eq!(met(&sold), one("TRACE-TWICE", &[0], 30));
    assert_eq!(met(&with(VisitKind::Outpatient, vec![pack(&[])])), []);
    let rules = rules();
    assert_eq!(rules.hits(&sold, date(2025, 12, 31), &[]).len(), 0, "before its day");
    assert_eq!(rules.hits(&sold, date(2026, 1, 1), &["TRACE-TWICE".into()]).len(), 1);
    assert_eq!(rules.hits(&sold, date(2026, 1, 1), &["DUP-BED".into()]).len(), 0, "only those asked for");
}

#[test]
fn what_was_found_is_told_in_both_languages() {
    let visit = with(VisitKind::Outpatient, vec![line("009901000223000", ItemKind::Examination, 23, 1, 65)]);
    let rules = rules();
    let hit = &rules.hits(&visit, date(2026, 11, 23), &[])[0];
    assert_eq!(hit.words, ["项目:患者为男性 46 岁", "项目: the patient is male, aged 46"]);
}

#[test]
fn every_rule_has_a_case_and_a_wrong_one_says_where() {
    let rules = rules();
    assert_eq!((rules.all().len(), rules.days_back()), (15, 30));
    let wrong = |text: &str| AuditRules::parse(&[("r.toml".into(), text.into())]).unwrap_err();
    let good =
        "id = \"A\"\nname = \"甲\"\nenglish = \"a\"\nversion = 1\nbasis = \"文\"\nseverity = \"clear\"\n";
    for (text, told) in [
        ("check = \"supply\"", "r.toml:1: rule: 此处为 空缺,应为 `days`\n"),
        ("check = \"guess\"", "r.toml:8: rule.check: "),
        ("check = \"patient\"", "`sex` 和 `age_from` 都没有"),
        ("check = \"overlap\"\nkinds = [\"bad\"]", "r.toml:9: rule.kinds: "),
        ("check = \"overlap\"\nmost = \"1\"", "不认识的词 `most`"),
    ] {
        let problems = wrong(&format!("[[rule]]\n{good}{text}\n")).told(Language::Zh);
        assert!(problems.contains(told), "{text}: {problems}");
    }
    let twice = format!("[[rule]]\n{good}check = \"overlap\"\n[[rule]]\n{good}check = \"overlap\"\n");
    assert!(wrong(&twice).told(Language::Zh).contains("名称 `A` 第二次出现"));
}
