//! How dear it is to find out why rows differ, beside reading them.

use std::fmt::Write as _;
use std::process::ExitCode;

use centre::Asked;
use clap::Args;
use jiff::civil::date;
use model::{EncounterId, Fund, InsuranceKind, SettlementId};
use money::Money;
use sample::Random;
use store::SettledRow;
use wire::transactions::read_rows;

use crate::engine::Meter;
use crate::goals::{Bound, Spread, goal, load_average};

#[derive(Args)]
pub struct DetailsArguments {
    /// Rows of each side
    #[arg(long, default_value_t = 100_000)]
    rows: i64,
    /// Rounds; a figure is the median over them
    #[arg(long, default_value_t = 9)]
    rounds: usize,
}

/// Reads a file of many rows and compares it with as many of the centre's, one row in fifty otherwise.
pub fn details(arguments: &DetailsArguments) -> anyhow::Result<ExitCode> {
    println!("bench details: {} rows; load average {}", arguments.rows, load_average());
    let ours: Vec<SettledRow> = (1..=arguments.rows).map(own).collect();
    let text = file(&ours);
    let (day, kinds) = (date(2026, 11, 23), ["11".to_owned()]);
    let (mut ratios, mut differ) = (Vec::new(), 0);
    for _ in 0..arguments.rounds {
        let reading = Meter::start_wall();
        let theirs = read_rows(&text).map_err(|(line, _)| anyhow::anyhow!("line {line}"))?;
        let read = reading.elapsed();
        let comparing = Meter::start_wall();
        let asked = Asked {
            days: (day, day),
            clearing_kinds: &kinds,
            with_refunds: true,
            account_in_funds: false,
            theirs: &theirs,
        };
        let visits = asked.elsewhere(&ours, &["2207"]).visits;
        differ = asked.compare(&ours, &[], &visits).len();
        let compared = comparing.elapsed();
        println!("read in {} ms, compared in {} ms", read.as_millis(), compared.as_millis());
        ratios.push(compared.as_secs_f64() / read.as_secs_f64());
    }
    println!("{differ} rows differ, each with its cause");
    goal("comparing rows / reading them", Spread::of(ratios).map(|s| s.median), &Bound::AtMost(3.0));
    Ok(ExitCode::SUCCESS)
}

fn own(n: i64) -> SettledRow {
    SettledRow {
        settlement: SettlementId(n * 7),
        encounter: EncounterId(n * 7 + 1),
        person: format!("99010100000000{n:08}"),
        msgid: format!("H99010500001202611230900{n:08}"),
        undoes: None,
        counted: true,
        clearing_kind: "11".into(),
        decided: date(2026, 11, 23).at(9, 0, 0, 0),
        total: Money::from_fen(10_000 + n),
        funds: Money::from_fen(7_000 + n),
        account: Money::from_fen(2_000),
        insurance_kind: InsuranceKind::EMPLOYEE,
        scope: "1".into(),
        by_fund: [Money::ZERO; Fund::ALL.len()],
    }
}

/// The hospital's rows: one in fifty is missing, of another amount, or of a visit nobody knows.
fn file(ours: &[SettledRow]) -> String {
    let mut random = Random::new(1);
    let mut text = String::new();
    for row in ours {
        let fault = random.below(150);
        let (more, visit) = (i64::from(fault == 1), if fault == 2 { 1 } else { row.encounter.0 });
        if fault == 0 {
            continue;
        }
        let SettledRow { settlement, person, msgid, funds, account, .. } = row;
        let (total, settlement) = (row.total + Money::from_fen(more), settlement.0 + i64::from(fault == 2));
        let _ = writeln!(text, "{person}\t{visit}\t{settlement}\t{msgid}\t0\t{total}\t{funds}\t{account}\r");
    }
    text
}
