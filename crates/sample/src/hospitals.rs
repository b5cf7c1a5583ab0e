//! The designated institutions.

use model::Institution;

use crate::Random;

const FILE: &str = include_str!("../data/hospitals.csv");

pub(crate) fn all(random: &mut Random) -> Vec<Institution> {
    let mut reader = csv::Reader::from_reader(FILE.as_bytes());
    let rows = reader.records().map(|row| row.expect("the file of hospitals is well formed"));
    rows.map(|row| {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let number = |at: usize| text(at).parse().expect("a number in the file of hospitals");
        let name = text(1);
        Institution {
            key: format!("paas-{}", text(0)),
            secret: format!("{:016x}{:016x}", random.bits(), random.bits()),
            active: true,
            profile: profile(&name),
            code: text(0),
            kind: text(2),
            level: number(3),
            grade: text(4),
            division: text(5),
            scheme: number(6),
            name,
        }
    })
    .collect()
}

/// What each institution treats, in the order of [`all`]; an empty list: everything.
pub(crate) fn departments() -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(FILE.as_bytes());
    let rows = reader.records().map(|row| row.expect("the file of hospitals is well formed"));
    let words = |row: csv::StringRecord| {
        row.get(12).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    rows.map(words).collect()
}

/// How a few institutions want to be spoken to; the others have the default. But for one none sends trace codes yet.
fn profile(name: &str) -> String {
    let spoken = match name {
        // A hub-style program that takes texts only.
        "澜州市第二医院" => "infcode=text amounts=text ",
        // Its archive files paper bills late, back to the first edition.
        "澜州市第一医院" => "backdate_days=10000 ",
        // Its own centre speaks for it: what it charges is listed there.
        "邻州市人民医院" => "backdate_days=366 catalogue=theirs sign_in=ignore ",
        // Seafarers from abroad: its windows speak English.
        "榭岛海员医院" => "language=en ",
        // Its pharmacy scans every pack: what the edition says holds.
        "石矶骨伤医院" => return String::new(),
        _ => "",
    };
    format!("{spoken}traces=warn")
}
