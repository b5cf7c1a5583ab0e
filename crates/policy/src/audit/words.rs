//! What was found, in sentences.

use jiff::civil::Date;
use model::Sex;
use money::{Money, Quantity};

/// What was found.
#[derive(Clone)]
pub(super) enum Found {
    Duplicate {
        day: Date,
        times: usize,
    },
    Frequency {
        count: Quantity,
        most: Quantity,
        days: u16,
    },
    Patient {
        sex: Sex,
        age: u16,
    },
    Diagnosis(Vec<String>),
    Supply {
        said: u16,
        most: u16,
    },
    Quantity {
        count: Quantity,
        most: Quantity,
    },
    Amount {
        sum: Money,
        most: Money,
    },
    Overlap {
        here: bool,
        hospital: String,
        from: Date,
        to: Option<Date>,
    },
    /// A stay that goes on at some other institution.
    Elsewhere,
    Readmission {
        left: Date,
        since: i32,
        days: u16,
    },
    SoldBefore(Vec<String>),
}

impl Found {
    /// Chinese and English; of several lines the first one's name stands for all.
    pub(super) fn words(&self, name: &str, lines: usize) -> [String; 2] {
        let [zh, en] = self.sentence();
        match (name, lines) {
            ("", _) => [zh, en],
            (name, 0 | 1) => [format!("{name}:{zh}"), format!("{name}: {en}")],
            (name, n) => [format!("{name}等 {n} 行:{zh}"), format!("{name} and others, {n} lines: {en}")],
        }
    }

    /// As the institution that asks is told.
    pub(super) fn told(&self) -> Self {
        match self {
            Self::Overlap { here: false, .. } => Self::Elsewhere,
            found => found.clone(),
        }
    }

    fn sentence(&self) -> [String; 2] {
        match self {
            Self::Duplicate { day, times } => {
                [format!("{day} 收取 {times} 次"), format!("charged {times} times on {day}")]
            }
            Self::Frequency { count, most, days } => {
                let (count, most) = (plain(*count), plain(*most));
                [
                    format!("{days} 天内 {count} 次,至多 {most} 次"),
                    format!("{count} within {days} days, at most {most}"),
                ]
            }
            Self::Patient { sex, age } => {
                let word = if *sex == Sex::Female { "女" } else { "男" };
                [format!("患者为{word}性 {age} 岁"), format!("the patient is {sex}, aged {age}")]
            }
            Self::Diagnosis(codes) if codes.is_empty() => {
                ["没有诊断支持".into(), "no diagnosis supports it".into()]
            }
            Self::Diagnosis(codes) => {
                let codes = codes.join(",");
                [format!("诊断 {codes} 不在限定范围"), format!("diagnoses {codes} are not those it is for")]
            }
            Self::Supply { said, most } => {
                [format!("开药 {said} 天,至多 {most} 天"), format!("for {said} days, at most {most}")]
            }
            Self::Quantity { count, most } => {
                let (count, most) = (plain(*count), plain(*most));
                [format!("数量 {count},至多 {most}"), format!("quantity {count}, at most {most}")]
            }
            Self::Amount { sum, most } => {
                [format!("金额 {sum},至多 {most}"), format!("amount {sum}, at most {most}")]
            }
            Self::Elsewhere => ["同期在其他医院住院".into(), "a stay elsewhere at the same time".into()],
            Self::Overlap { hospital, from, to, .. } => {
                let until = to.map_or_else(|| "今".into(), |to| to.to_string());
                let until_en = to.map_or_else(|| "now".into(), |to| to.to_string());
                [
                    format!("{from} 至{until}在 {hospital} 住院"),
                    format!("a stay at {hospital} from {from} to {until_en}"),
                ]
            }
            Self::Readmission { left, since, days } => [
                format!("{left} 出院后 {since} 天再次住院,{days} 天内需说明"),
                format!("admitted {since} days after {left}, to be explained within {days}"),
            ],
            Self::SoldBefore(codes) => {
                let codes = codes.join(",");
                [format!("追溯码 {codes} 已售出"), format!("trace code {codes} was sold before")]
            }
        }
    }
}

/// A quantity without zeros behind it.
fn plain(quantity: Quantity) -> String {
    let text = quantity.to_string();
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
