//! The visits as other programs read them: one file of little-endian numbers a column, named
//! `<table>.<column>.<type>`, where the type is numpy's word for it; and the figures of the policy in `policy.json`.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use model::{Amounts, Fund, PersonStatus, Premium, Servant, Standing, VisitKind};
use money::{Rate, UnitPrice};
use policy::{Line, adjudicate};
use serde_json::{Value, json};

use crate::policy::tables::{
    BAND_ENDS, FIRST_OF_B, LARGE_END, LARGE_RATE, OUTPATIENT_CEILING, OUTPATIENT_DEDUCTIBLE, OUTPATIENT_RATE,
    SERVANT_RATE, STAY_CEILING, STAY_DEDUCTIBLE, STAY_RATE,
};
use crate::policy::units::FEN;
use crate::policy::visits::{Bill, Visits};

/// A column's name, its type and what stands in it; -1 where there is nothing.
type Column<T> = (&'static str, Kind, fn(&T) -> i64);

/// How many bytes a number takes; `u1` has no sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    U1,
    I4,
    I8,
}
use Kind::{I4, I8, U1};

const LINES: [Column<Line>; 7] = [
    ("class", U1, |line| line.class as i64),
    ("standing", U1, |line| line.standing as i64),
    ("amount", I4, |line| line.amount.fen()),
    ("price", I4, |line| line.price.millionths()),
    ("quantity", I4, |line| line.quantity.ten_thousandths()),
    ("limit", I4, |line| line.limit.get().map_or(-1, UnitPrice::millionths)),
    ("own_rate", I4, |line| line.first_self_pay.get().map_or(-1, Rate::ten_thousandths)),
];

/// Counters of the year are in units, the account in fen.
const VISITS: [Column<Bill>; 14] = [
    ("lines", U1, |bill| whole(bill.lines.len())),
    ("stay", U1, |bill| i64::from(bill.visit.kind == VisitKind::Inpatient)),
    ("status", U1, |bill| i64::from(bill.person.status == PersonStatus::Retired)),
    ("level", U1, |bill| i64::from(bill.visit.level.get())),
    ("admission", U1, |bill| i64::from(bill.visit.admission)),
    ("servant", U1, |bill| i64::from(bill.person.servant != Servant::None)),
    ("arrears", U1, |bill| i64::from(bill.person.premium == Premium::Arrears)),
    ("uses_account", U1, |bill| i64::from(bill.person.uses_account)),
    ("account", I8, |bill| bill.person.account.fen()),
    ("outpatient_deductible", I8, |bill| bill.hand_year.outpatient_deductible),
    ("outpatient_paid", I8, |bill| bill.hand_year.outpatient_paid),
    ("stay_entered", I8, |bill| bill.hand_year.stay_entered),
    ("stay_paid", I8, |bill| bill.hand_year.stay_paid),
    ("large_entered", I8, |bill| bill.hand_year.large_entered),
];

/// What our engine answers, in fen.
const EXPECTED: [Column<Amounts>; 11] = [
    ("total", I8, |a| a.total.fen()),
    ("out_of_scope", I8, |a| a.out_of_scope.fen()),
    ("over_limit", I8, |a| a.over_price_limit.fen()),
    ("first_self_pay", I8, |a| a.prior_self_pay.fen()),
    ("eligible", I8, |a| a.eligible.fen()),
    ("deductible", I8, |a| a.deductible_paid.fen()),
    ("pooled", I8, |a| a.funds[Fund::Pooled as usize].fen()),
    ("large", I8, |a| a.funds[Fund::MajorMedical as usize].fen()),
    ("supplement", I8, |a| a.funds[Fund::CivilServant as usize].fen()),
    ("account", I8, |a| a.personal_account.fen()),
    ("cash", I8, |a| a.cash.fen()),
];

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            U1 => "u1",
            I4 => "i4",
            I8 => "i8",
        }
    }

    /// Fails where a number needs more room: a peer must not settle another one.
    fn write(self, to: &mut impl Write, number: i64) -> Result<()> {
        match self {
            U1 => to.write_all(&u8::try_from(number)?.to_le_bytes())?,
            I4 => to.write_all(&i32::try_from(number)?.to_le_bytes())?,
            I8 => to.write_all(&number.to_le_bytes())?,
        }
        Ok(())
    }
}

/// Writes all visits, what they come to, and the policy.
pub fn write(folder: &Path, visits: &Visits) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let settled = |bill| adjudicate(&visits.edition, &visits.case(bill)).amounts;
    let expected: Vec<Amounts> = visits.bills.iter().map(settled).collect();
    write_table(folder, "lines", &LINES, &visits.lines)?;
    write_table(folder, "visits", &VISITS, &visits.bills)?;
    write_table(folder, "expected", &EXPECTED, &expected)?;
    fs::write(folder.join("policy.json"), policy().to_string()).context("cannot write the policy")
}

fn write_table<T>(folder: &Path, table: &str, columns: &[Column<T>], rows: &[T]) -> Result<()> {
    for (name, kind, value) in columns {
        let path = folder.join(format!("{table}.{name}.{}", kind.word()));
        let file = fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut to = BufWriter::new(file);
        for row in rows {
            kind.write(&mut to, value(row)).with_context(|| path.display().to_string())?;
        }
        to.flush()?;
    }
    Ok(())
}

/// The figures in fen and ten-thousandths: one row for each status, level and admission; outpatient visits have
/// admission 0.
fn policy() -> Value {
    let mut rules = Vec::new();
    for (status, level) in [0, 1].into_iter().flat_map(|status| [0, 1, 2].map(|level| (status, level))) {
        let mut rule = |admission: usize, deductible, ceiling, ends: &[i64], rates: &[i64], large| {
            rules.push(json!({
                "stay": i64::from(admission > 0), "status": status, "level": level + 1, "admission": admission,
                "deductible": deductible, "ceiling": ceiling, "ends": ends, "rates": rates, "large": large,
            }));
        };
        let rates = [OUTPATIENT_RATE[status][level]];
        rule(0, OUTPATIENT_DEDUCTIBLE[level], OUTPATIENT_CEILING[status], &[], &rates, 0);
        for (before, deductible) in STAY_DEDUCTIBLE[status][level].into_iter().enumerate() {
            let (rates, large) = (STAY_RATE[status][level], LARGE_RATE[status][level]);
            rule(before + 1, deductible, STAY_CEILING, &BAND_ENDS, &rates, large);
        }
    }
    json!({
        "units_a_fen": FEN, "first_of_b": FIRST_OF_B, "outside_from": Standing::Unconfirmed as i64,
        "large_end": LARGE_END, "servant": SERVANT_RATE, "rules": rules,
    })
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path, file: &str) -> Vec<i64> {
        let bytes = fs::read(folder.join(file)).unwrap();
        match file.rsplit('.').next().unwrap() {
            "u1" => bytes.into_iter().map(i64::from).collect(),
            "i4" => bytes.as_chunks().0.iter().map(|b| i64::from(i32::from_le_bytes(*b))).collect(),
            _ => bytes.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b)).collect(),
        }
    }

    #[test]
    fn arrays_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let visits = Visits::new(5, 60);
        write(folder.path(), &visits).unwrap();
        let prices: Vec<i64> = visits.lines.iter().map(|line| line.price.millionths()).collect();
        assert_eq!(read(folder.path(), "lines.price.i4"), prices);
        let limits = read(folder.path(), "lines.limit.i4");
        assert_eq!(limits.len(), visits.lines.len());
        assert!(
            limits
                .iter()
                .zip(&visits.lines)
                .all(|(limit, line)| (*limit == -1) == line.limit.get().is_none())
        );
        let counts = read(folder.path(), "visits.lines.u1");
        assert_eq!(counts.iter().sum::<i64>(), whole(visits.lines.len()));
        let entered: Vec<i64> = visits.bills.iter().map(|bill| bill.hand_year.stay_entered).collect();
        assert_eq!(read(folder.path(), "visits.stay_entered.i8"), entered);
        let cash = read(folder.path(), "expected.cash.i8");
        for (bill, cash) in visits.bills.iter().zip(cash) {
            assert_eq!(adjudicate(&visits.edition, &visits.case(bill)).amounts.cash.fen(), cash);
        }
    }

    #[test]
    fn a_number_that_does_not_fit_is_not_written() {
        assert!(U1.write(&mut Vec::new(), -1).is_err());
        assert!(I4.write(&mut Vec::new(), 1 << 31).is_err());
    }

    #[test]
    fn the_policy_has_a_row_for_each_level_and_admission() {
        let policy = policy();
        let rules = policy["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 2 * 3 * (3 + 1));
        let row = rules.iter().find(|row| {
            (&row["status"], &row["level"], &row["admission"]) == (&json!(1), &json!(2), &json!(2))
        });
        assert_eq!(row.unwrap()["deductible"], 25_000);
    }
}
