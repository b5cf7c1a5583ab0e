//! The people of the sample city: some with a situation each, the rest drawn from the seed.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use model::{Cover, Enrolment, FilingKind, Identity, InsuranceKind, OnFile, PersonStatus, Premium};
use money::Money;

use crate::Random;

/// One insured person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePerson {
    /// As the person is enrolled.
    pub enrolment: Enrolment,
    /// What is special about this person.
    pub situation: Option<Situation>,
}

/// A situation, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// Division that identity documents and people without a known employer belong to.
const DIVISION: &str = "990101";
/// Since when most are insured.
const SINCE: Date = date(2012, 1, 1);

struct Named {
    name: &'static str,
    age: i16,
    gender: &'static str,
    employer: &'static str,
    status: PersonStatus,
    balance: i64,
    zh: &'static str,
    en: &'static str,
}

/// How many people have a situation.
pub(crate) const NAMED_COUNT: usize = 16;

const NAMED: [Named; NAMED_COUNT] = [
    named(
        "王建国",
        46,
        "1",
        "东海机械厂",
        63_785,
        "在职;本年门诊起付线已付 125.55",
        "in work; 125.55 of the year's outpatient deductible used",
    ),
    named(
        "林秀英",
        38,
        "2",
        "澜江纺织厂",
        51_230,
        "单位欠费,统筹暂停,账户可用",
        "employer in arrears: pool stopped, account usable",
    ),
    named(
        "陈志远",
        60,
        "1",
        "澜州市教育局",
        328_040,
        "公务员,2026-06-01 退休",
        "civil servant, retired on 2026-06-01",
    ),
    named(
        "周海生",
        50,
        "1",
        "澜港集团",
        95_000,
        "两次住院,企业补充余额将尽",
        "two stays, the employer's supplement runs out",
    ),
    named(
        "吴小敏",
        29,
        "2",
        "灵活就业窗口",
        12_800,
        "中断 4 个月,等待期至 2026-10-01",
        "a break of four months, waiting until 2026-10-01",
    ),
    named("郑克勤", 96, "1", "市老干部局", 0, "离休", "retired cadre"),
    named(
        "赵桂兰",
        72,
        "2",
        "东海机械厂",
        21_000,
        "退休;可用丈夫账户",
        "retired; may use her husband's account",
    ),
    named("孙福田", 61, "1", "东海机械厂", 8_000, "低保,肿瘤", "low income, cancer"),
    named("何雨桐", 31, "2", "东海机械厂", 45_000, "分娩", "delivery"),
    named(
        "马国栋",
        67,
        "1",
        "东海机械厂",
        150_000,
        "长住邻州市,已备案",
        "lives in the neighbour city, filed",
    ),
    named("马国梁", 58, "1", "东海机械厂", 0, "未备案外出就医", "travels for care, unfiled"),
    named("许大力", 41, "1", "东海机械厂", 30_000, "两条记录待合并", "two records to be merged"),
    named(
        "罗阿婆",
        80,
        "2",
        "东海机械厂",
        60_000,
        "高血压和糖尿病两个病种，大榭医院有家庭医生",
        "hypertension and diabetes: two diseases; a family doctor at 大榭医院",
    ),
    named("钱守仁", 38, "1", "东海机械厂", 42_000, "2001 版示例账单 A1", "the checked bill A1 of 2001"),
    named("冯桂芳", 71, "2", "东海机械厂", 0, "2001 版示例账单 A2", "the checked bill A2 of 2001"),
    named("许大力", 41, "1", "澜港集团", 1_000, "第二条记录", "the second record"),
];

const fn named(
    name: &'static str,
    age: i16,
    gender: &'static str,
    employer: &'static str,
    balance: i64,
    zh: &'static str,
    en: &'static str,
) -> Named {
    let status = if age >= 96 {
        PersonStatus::Cadre
    } else if age > 60 {
        PersonStatus::Retired
    } else {
        PersonStatus::Employed
    };
    Named { name, age, gender, employer, status, balance, zh, en }
}

pub(crate) fn all(random: &mut Random, count: usize, today: Date) -> Vec<SamplePerson> {
    let families = weighted(include_str!("../data/families.csv"));
    let given = GivenNames::read();
    let units = units();
    let mut persons: Vec<SamplePerson> = NAMED
        .iter()
        .enumerate()
        .take(count)
        .map(|(n, named)| of_situation(n, named, &units, today))
        .collect();
    for n in persons.len()..count {
        persons.push(drawn(n, random, &families, &given, &units, today));
    }
    persons
}

fn column(file: &str, at: usize) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    reader.records().filter_map(|row| row.ok()?.get(at).map(str::to_owned)).collect()
}

/// First column with the number in the second.
fn weighted(file: &str) -> Vec<(String, usize)> {
    let weights = column(file, 1).into_iter().map(|w| w.parse().unwrap_or(1).max(1));
    column(file, 0).into_iter().zip(weights).collect()
}

/// An employer and the division its people live in.
type Unit = (String, String);

fn units() -> Vec<Unit> {
    let file = include_str!("../data/units.csv");
    column(file, 1).into_iter().zip(column(file, 3)).collect()
}

/// Given names for men and for women; some are for both.
struct GivenNames([Vec<String>; 2]);

impl GivenNames {
    fn read() -> Self {
        let file = include_str!("../data/given.csv");
        let names: Vec<(String, String)> = column(file, 0).into_iter().zip(column(file, 1)).collect();
        let of = |gender: &str| {
            let fits = names.iter().filter(|(_, g)| g == gender || g == "0");
            fits.map(|(name, _)| name.clone()).collect()
        };
        Self([of("1"), of("2")])
    }

    fn pick(&self, random: &mut Random, gender: &str) -> &str {
        random.pick::<String>(&self.0[usize::from(gender == "2")])
    }
}

/// The first record of a person: two records that wait to be merged carry one document.
fn first_record(named: &Named) -> usize {
    NAMED.iter().position(|other| other.name == named.name).unwrap_or(0)
}

fn of_situation(n: usize, named: &Named, units: &[Unit], today: Date) -> SamplePerson {
    // The two of the checked bills of 2001 are that old in that year.
    let old = named.zh.contains("2001");
    let from = if old { date(2000, 1, 1) } else { SINCE };
    let aged = if old { date(2001, 6, 1) } else { today };
    let born = aged.saturating_sub(i64::from(named.age).years()).saturating_sub(100.days());
    let unit = units.iter().find(|(name, _)| name == named.employer);
    let division = unit.map_or(DIVISION, |(_, division)| division);
    let cover = cover(from, named.status, named.employer, division);
    let enrolment = Enrolment {
        document: document(first_record(named), born),
        covers: stretches(named.name, cover),
        identities: identities(named.name),
        filings: filings(named.name),
        opening: (Money::from_fen(named.balance), Money::ZERO),
        ..person(n, named.name.into(), named.gender, born)
    };
    SamplePerson { enrolment, situation: Some(Situation { zh: named.zh, en: named.en }) }
}

/// Who is on minimum living allowance.
fn identities(name: &str) -> Vec<Identity> {
    let allowance = Identity { kind: "02".into(), from: date(2025, 1, 1), to: None };
    if name == "孙福田" { vec![allowance] } else { Vec::new() }
}

/// What the people with situations have on file: listed diseases, a family doctor, a life in the neighbour city.
fn filings(name: &str) -> Vec<OnFile> {
    let since = |kind, code: &str| OnFile { kind, code: code.into(), from: date(2025, 1, 1), to: None };
    let disease = |code: &str| since(FilingKind::ListedDisease, code);
    match name {
        "孙福田" => vec![disease("M00500")],
        "罗阿婆" => {
            vec![disease("M03900"), disease("M01600"), since(FilingKind::FamilyDoctor, DOCTOR_AT)]
        }
        "马国栋" => vec![since(FilingKind::OffSite, NEIGHBOUR)],
        _ => Vec::new(),
    }
}

/// Where the family doctor is: 大榭医院.
const DOCTOR_AT: &str = "H99010500001";

/// The neighbour city's division.
const NEIGHBOUR: &str = "990200";

fn cover(from: Date, status: PersonStatus, employer: &str, division: &str) -> Cover {
    Cover {
        kind: if status == PersonStatus::Cadre { InsuranceKind(340) } else { InsuranceKind::EMPLOYEE },
        from,
        to: None,
        person_type: match status {
            PersonStatus::Employed | PersonStatus::Freelance => "11",
            PersonStatus::Cadre => "13",
            _ => "12",
        }
        .into(),
        status,
        premium: Premium::Paid,
        civil_servant: employer == "澜州市教育局",
        employer: employer.into(),
        division: division.into(),
    }
}

/// Divides a cover where a situation changes it.
fn stretches(name: &str, cover: Cover) -> Vec<Cover> {
    let split = |day: Date, change: fn(&mut Cover)| {
        let mut later = Cover { from: day, ..cover.clone() };
        change(&mut later);
        vec![Cover { to: day.yesterday().ok(), ..cover.clone() }, later]
    };
    match name {
        "林秀英" => split(date(2026, 8, 1), |c| c.premium = Premium::Arrears),
        "陈志远" => split(date(2026, 6, 1), |c| {
            c.status = PersonStatus::Retired;
            c.person_type = "12".into();
        }),
        "吴小敏" => {
            let mut stretches = split(date(2026, 7, 1), |c| c.premium = Premium::Waiting);
            stretches[1].to = Some(date(2026, 9, 30));
            stretches.push(Cover { from: date(2026, 10, 1), ..cover });
            stretches
        }
        _ => vec![cover],
    }
}

fn drawn(
    n: usize,
    random: &mut Random,
    families: &[(String, usize)],
    given: &GivenNames,
    units: &[Unit],
    today: Date,
) -> SamplePerson {
    let gender = if random.percent(50) { "1" } else { "2" };
    let name = format!("{}{}", random.weighted(families), given.pick(random, gender));
    let born = today.saturating_sub(random.between(19 * 365, 90 * 365).days());
    let age = (today - born).get_days() / 365;
    let retired = age >= if gender == "1" { 60 } else { 55 };
    let (employer, division) = random.pick(units);
    let status = if retired { PersonStatus::Retired } else { PersonStatus::Employed };
    // Insured since coming of working age; who has only just, since today.
    let since = SINCE.max(born.saturating_add(19.years())).min(today);
    let cover = cover(since, status, employer, division);
    let arrears = employer == "澜江纺织厂" && cover.from < date(2026, 8, 1);
    let opening = (Money::from_fen(random.between(0, 600_000)), Money::from_fen(random.between(0, 100_000)));
    let covers = if arrears { stretches("林秀英", cover) } else { vec![cover] };
    SamplePerson {
        enrolment: Enrolment { covers, opening, ..person(n, name, gender, born) },
        situation: None,
    }
}

/// The number of person `n` of the city, counted from 0.
pub fn person_number(n: usize) -> String {
    format!("990100{:014}", n + 1)
}

fn person(n: usize, name: String, gender: &str, born: Date) -> Enrolment {
    Enrolment {
        number: person_number(n),
        name,
        document_kind: "01".into(),
        document: document(n, born),
        card: format!("L{:08}", n + 1),
        gender: gender.into(),
        born,
        covers: Vec::new(),
        identities: Vec::new(),
        filings: Vec::new(),
        opening: (Money::ZERO, Money::ZERO),
    }
}

/// Weights of the check digit's rule.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// An identity number whose check digit is one off, so that it can be nobody's. The fourteen digits of a person number
/// more than a day has room for go into the division part: 990101 and after.
fn document(n: usize, born: Date) -> String {
    let division: usize = DIVISION.parse::<usize>().unwrap_or(990_101) + n / 1_000 % 899;
    let body = format!("{division}{:04}{:02}{:02}{:03}", born.year(), born.month(), born.day(), n % 1_000);
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight).sum();
    let right = b"10X98765432"[usize::try_from(sum % 11).unwrap_or(0)];
    let wrong = if right == b'0' { '1' } else { '0' };
    format!("{body}{wrong}")
}
