//! What a till collects when small change is not given. Never travels, never enters the centre's books.

use std::str::FromStr;

use crate::exact::divide;
use crate::{Exact, Money, Rounding};

/// How a till rounds cash due. Seven customs are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TillRounding {
    /// Whole fen, halves up.
    #[default]
    None,
    /// First to the fen, then to the jiao, halves up.
    JiaoHalfUp,
    /// Up to the next jiao.
    JiaoUp,
    /// Down to the jiao.
    JiaoDown,
    /// To the jiao, halves to the even one, on the unrounded amount.
    JiaoHalfEven,
    /// To half a yuan: below 0.30 down, from 0.80 up, between them 0.50.
    HalfYuan,
    /// First to the fen, then to the jiao: five fen down, six up.
    FiveDownSixUp,
}

const JIAO: i64 = 10;

impl TillRounding {
    /// The cash collected for `due`. The difference is the hospital's rounding, not the insurance's.
    pub fn collect(self, due: Exact) -> Money {
        let fen = due.round(Rounding::HalfUp).fen();
        match self {
            Self::None => Money::from_fen(fen),
            Self::JiaoHalfUp => to_jiao(Money::from_fen(fen).exact(), Rounding::HalfUp),
            Self::JiaoUp => to_jiao(due, Rounding::Up),
            Self::JiaoDown => to_jiao(due, Rounding::Down),
            Self::JiaoHalfEven => to_jiao(due, Rounding::HalfEven),
            Self::HalfYuan => Money::from_fen(fen.signum() * half_yuan(fen.abs())),
            Self::FiveDownSixUp => {
                let (jiao, rest) = (fen / JIAO, fen % JIAO);
                Money::from_fen((jiao + if rest.abs() > 5 { fen.signum() } else { 0 }) * JIAO)
            }
        }
    }
}

fn to_jiao(due: Exact, rounding: Rounding) -> Money {
    let jiao = divide(due.units(), Money::from_fen(JIAO).exact().units(), rounding);
    Money::from_fen(i64::try_from(jiao).expect("cash due fits") * JIAO)
}

fn half_yuan(fen: i64) -> i64 {
    let (yuan, rest) = (fen / 100, fen % 100);
    yuan * 100
        + match rest {
            0..30 => 0,
            30..80 => 50,
            _ => 100,
        }
}

impl FromStr for TillRounding {
    type Err = String;
    /// The word a hospital's settings use.
    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "none" => Self::None,
            "jiao half-up" => Self::JiaoHalfUp,
            "jiao up" => Self::JiaoUp,
            "jiao down" => Self::JiaoDown,
            "jiao half-even" => Self::JiaoHalfEven,
            "half yuan" => Self::HalfYuan,
            "five down six up" => Self::FiveDownSixUp,
            other => return Err(format!("`{other}` is no till rounding")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mode: &str, rows: &[(&str, &str)]) {
        let mode: TillRounding = mode.parse().unwrap();
        for (due, expected) in rows {
            // Dues are given to a tenth of a fen.
            let tenths: i128 = due.replace('.', "").parse().unwrap();
            let places = u32::try_from(due.split_once('.').unwrap().1.len()).unwrap();
            let due_exact = Exact::from_units(tenths * 10_i128.pow(12 - places));
            assert_eq!(mode.collect(due_exact), expected.parse().unwrap(), "{mode:?} of {due}");
        }
    }

    #[test]
    fn tills_collect_what_each_custom_says() {
        check("none", &[("0.248", "0.25"), ("5162.25", "5162.25")]);
        check(
            "jiao half-up",
            &[("0.56", "0.60"), ("0.248", "0.30"), ("5162.25", "5162.30"), ("0.54", "0.50")],
        );
        check("jiao up", &[("0.56", "0.60"), ("0.51", "0.60"), ("0.50", "0.50")]);
        check("jiao down", &[("0.51", "0.50"), ("0.59", "0.50")]);
        check("jiao half-even", &[("0.16", "0.20"), ("0.25", "0.20"), ("0.35", "0.40"), ("0.251", "0.30")]);
        check("half yuan", &[("0.29", "0.00"), ("0.30", "0.50"), ("0.79", "0.50"), ("0.80", "1.00")]);
        check("five down six up", &[("0.16", "0.20"), ("0.15", "0.10"), ("0.10", "0.10")]);
    }
}
