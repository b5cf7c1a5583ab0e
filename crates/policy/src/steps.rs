//! The explanation of a settlement: one step a rule that was applied, adding up to the figures.

use std::fmt;

use model::{Amounts, Fund};
use money::{Exact, Money, Rate};

use crate::Edition;
use crate::compact::{read_number, write_number};
use crate::constructs::{Construct, sentence};
use crate::edition::date_of;

/// The language of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// A reported figure that steps add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Says something, adds nothing.
    Note,
    /// The whole bill.
    Total,
    /// Class C.
    OutOfScope,
    /// Above price limits.
    OverLimit,
    /// First self-pay.
    PriorSelfPay,
    /// Inside the policy.
    Eligible,
    /// Deductible used up.
    Deductible,
    /// What a fund pays.
    Fund(Fund),
    /// From the person's account.
    Account,
    /// In cash.
    Cash,
    /// Borne by the hospital; below zero what it keeps of a package.
    Hospital,
    /// From relatives' accounts.
    MutualAid,
}

const FUND_CODE: u8 = 16;

impl Figure {
    fn code(self) -> u8 {
        match self {
            Self::Note => 0,
            Self::Total => 1,
            Self::OutOfScope => 2,
            Self::OverLimit => 3,
            Self::PriorSelfPay => 4,
            Self::Eligible => 5,
            Self::Deductible => 6,
            Self::Account => 7,
            Self::Cash => 8,
            Self::Hospital => 9,
            Self::MutualAid => 10,
            Self::Fund(fund) => FUND_CODE + fund as u8,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        const PLAIN: [Figure; 11] = [
            Figure::Note,
            Figure::Total,
            Figure::OutOfScope,
            Figure::OverLimit,
            Figure::PriorSelfPay,
            Figure::Eligible,
            Figure::Deductible,
            Figure::Account,
            Figure::Cash,
            Figure::Hospital,
            Figure::MutualAid,
        ];
        match code.checked_sub(FUND_CODE) {
            Some(fund) => Fund::ALL.get(usize::from(fund)).map(|f| Self::Fund(*f)),
            None => PLAIN.get(usize::from(code)).copied(),
        }
    }

    /// What the settlement reports for this figure.
    pub fn of(self, amounts: &Amounts) -> Money {
        match self {
            Self::Note => Money::ZERO,
            Self::Total => amounts.total,
            Self::OutOfScope => amounts.out_of_scope,
            Self::OverLimit => amounts.over_price_limit,
            Self::PriorSelfPay => amounts.prior_self_pay,
            Self::Eligible => amounts.eligible,
            Self::Deductible => amounts.deductible_paid,
            Self::Fund(fund) => amounts.fund(fund),
            Self::Account => amounts.personal_account,
            Self::Cash => amounts.cash,
            Self::Hospital => amounts.hospital_share,
            Self::MutualAid => amounts.mutual_aid,
        }
    }

    /// All figures that are reported.
    pub fn reported() -> impl Iterator<Item = Self> {
        (1..=10).chain(FUND_CODE..).map_while(Self::from_code)
    }
}

/// One rule applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which figure it adds to.
    pub figure: Figure,
    /// Which sentence: construct and number in it.
    pub says: (u8, u8),
    /// Which article of the edition; 0 none.
    pub law: u16,
    /// The inputs, in the order of the sentence: money exact, rates in ten-thousandths, counts as they are.
    pub values: [Exact; 4],
    /// What it adds.
    pub result: Exact,
}

/// All steps of one settlement, in the order they were taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    /// The steps.
    pub steps: Vec<Step>,
}

/// A stored trail that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepsError;

impl fmt::Display for StepsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored explanation cannot be read")
    }
}

impl std::error::Error for StepsError {}

const FORMAT: u8 = 1;

impl Trail {
    pub(crate) fn push(
        &mut self,
        construct: &Construct,
        says: u8,
        law: u16,
        figure: Figure,
        values: [Exact; 4],
        result: Exact,
    ) {
        self.steps.push(Step { figure, says: (construct.id, says), law, values, result });
    }

    /// What the steps say a figure is.
    pub fn sum(&self, figure: Figure) -> Exact {
        self.steps.iter().filter(|s| s.figure == figure).map(|s| s.result).sum()
    }

    /// The first figure where the steps do not add up to the amounts.
    pub fn mismatch(&self, amounts: &Amounts) -> Option<Figure> {
        Figure::reported().find(|f| self.sum(*f) != f.of(amounts).exact())
    }

    /// The compact form kept with a settlement: some ten bytes a step.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 + self.steps.len() * 24);
        bytes.push(FORMAT);
        for step in &self.steps {
            bytes.extend([step.figure.code(), step.says.0, step.says.1]);
            write_number(&mut bytes, i128::from(step.law));
            for value in step.values.iter().chain([&step.result]) {
                write_number(&mut bytes, value.units());
            }
        }
        bytes
    }

    /// Reads the compact form.
    pub fn decode(bytes: &[u8]) -> Result<Self, StepsError> {
        let (format, mut rest) = bytes.split_first().ok_or(StepsError)?;
        if *format != FORMAT {
            return Err(StepsError);
        }
        let mut trail = Self::default();
        while !rest.is_empty() {
            let [figure, construct, says, ..] = *rest else { return Err(StepsError) };
            rest = &rest[3..];
            let figure = Figure::from_code(figure).ok_or(StepsError)?;
            let law = u16::try_from(read_number(&mut rest).ok_or(StepsError)?).map_err(|_| StepsError)?;
            let mut numbers = [Exact::ZERO; 5];
            for number in &mut numbers {
                *number = Exact::from_units(read_number(&mut rest).ok_or(StepsError)?);
            }
            let [a, b, c, d, result] = numbers;
            trail.steps.push(Step { figure, says: (construct, says), law, values: [a, b, c, d], result });
        }
        Ok(trail)
    }

    /// The steps as sentences with their articles, one a line.
    pub fn render(&self, edition: &Edition, language: Language) -> Vec<String> {
        self.steps.iter().map(|step| step.render(edition, language)).collect()
    }
}

impl Step {
    /// The sentence of this step, its figures filled in, its article behind it.
    pub fn render(&self, edition: &Edition, language: Language) -> String {
        let Some(template) = sentence(self.says, language) else { return String::new() };
        let mut text = fill(template, self);
        if let Some(law) = edition.law(self.law) {
            text.push_str(match language {
                Language::Zh => "〔",
                Language::En => " [",
            });
            text.push_str(law);
            text.push(if language == Language::Zh { '〕' } else { ']' });
        }
        text
    }
}

/// An amount for people: to four places of a yuan. What is kept of a step is exact.
fn shown(amount: Exact) -> String {
    const TEN_THOUSANDTH: i128 = 100_000_000;
    let units = amount.units();
    let whole = (units.abs() + TEN_THOUSANDTH / 2) / TEN_THOUSANDTH * TEN_THOUSANDTH;
    Exact::from_units(whole * units.signum()).to_string()
}

/// Fills a template: `{0}` money, `{0%}` a rate, `{0#}` a count, `{0@}` a day, `{=}` the result.
fn fill(template: &str, step: &Step) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (hole, tail) = after.split_once('}').expect("a template closes its holes");
        rest = tail;
        let value = |digit: &str| step.values[digit.parse::<usize>().expect("a hole names a value")];
        if hole == "=" {
            text.push_str(&shown(step.result));
        } else if let Some(digit) = hole.strip_suffix('%') {
            let parts = i64::try_from(value(digit).units()).unwrap_or(0);
            text.push_str(&Rate::from_ten_thousandths(parts).percent());
        } else if let Some(digit) = hole.strip_suffix('@') {
            let day = i32::try_from(value(digit).units()).ok().and_then(date_of);
            text.push_str(&day.map(|day| day.to_string()).unwrap_or_default());
        } else if let Some(digit) = hole.strip_suffix('#') {
            text.push_str(&value(digit).units().to_string());
        } else {
            text.push_str(&shown(value(hole)));
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_read_back_as_it_was_written_and_damage_is_noticed() {
        let mut trail = Trail::default();
        for (n, figure) in (0_i128..).zip(Figure::reported()) {
            let value = |v: i128| Exact::from_units(v);
            trail.steps.push(Step {
                figure,
                says: (3, 1),
                law: 12,
                values: [value(n), value(-n), value(n << 70), value(-(n << 90))],
                result: value(n * 10_000_000_000),
            });
        }
        let bytes = trail.encode();
        assert_eq!(Trail::decode(&bytes), Ok(trail));
        for cut in 1..bytes.len() {
            let _ = Trail::decode(&bytes[..cut]);
        }
        assert_eq!(Trail::decode(&bytes[..bytes.len() - 1]), Err(StepsError));
        assert_eq!(Trail::decode(&[]), Err(StepsError));
    }
}
