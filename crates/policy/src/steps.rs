//! The explanation of a settlement: one step a rule that was applied, adding up to the figures.

use std::fmt;

use model::{Amounts, Fund};
use money::{Exact, Money, Rate};

use crate::Edition;
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
    /// What people call it.
    pub fn label(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Note => ("说明", "note"),
            Self::Total => ("费用总额", "total"),
            Self::OutOfScope => ("目录外自费", "out of scope"),
            Self::OverLimit => ("超限价自付", "above price limits"),
            Self::PriorSelfPay => ("先行自付", "first self-pay"),
            Self::Eligible => ("符合范围", "in scope"),
            Self::Deductible => ("起付线", "deductible"),
            Self::Account => ("个人账户", "personal account"),
            Self::Cash => ("现金", "cash"),
            Self::Hospital => ("医院负担", "hospital"),
            Self::MutualAid => ("家庭共济", "relatives' accounts"),
            Self::Fund(Fund::Pooled) => ("统筹基金", "pooled fund"),
            Self::Fund(Fund::MajorMedical) => ("大额补助", "large amount"),
            Self::Fund(Fund::CivilServant) => ("公务员补助", "civil servant"),
            Self::Fund(Fund::CriticalIllness) => ("大病保险", "serious illness"),
            Self::Fund(Fund::Employer) => ("企业补充", "employer"),
            Self::Fund(Fund::Disabled) => ("伤残离休", "veterans and cadres"),
            Self::Fund(Fund::Aid) => ("医疗救助", "medical aid"),
            Self::Fund(Fund::Other) => ("其他基金", "other funds"),
        };
        if language == Language::Zh { zh } else { en }
    }

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

/// One figure of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Value {
    /// None, or an amount of nothing.
    #[default]
    Nothing,
    /// A count, a day, or a rate in ten-thousandths.
    Number(i64),
    /// An amount in whole fen.
    Money(Money),
    /// An amount finer than that.
    Exact(Exact),
}

/// How many, in a step.
pub(crate) fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

impl Value {
    /// As an amount; a number is none.
    pub fn amount(self) -> Exact {
        match self {
            Self::Nothing | Self::Number(_) => Exact::ZERO,
            Self::Money(amount) => amount.exact(),
            Self::Exact(amount) => amount,
        }
    }

    /// As a number; an amount is none.
    pub fn number(self) -> i64 {
        if let Self::Number(number) = self { number } else { 0 }
    }
}

/// A figure that can stand in a step: it writes its compact form, and answers in four bits what it is.
pub(crate) trait Told: Copy {
    fn write(self, pen: &mut Pen<'_>) -> u32;
}

/// The inputs of a step, in the order of its sentence.
pub(crate) trait Inputs: Copy {
    fn write(self, pen: &mut Pen<'_>) -> u32;
}

impl Told for i64 {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        pen.whole(self, NUMBER, [8, 16, 32])
    }
}

impl Told for Rate {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        self.ten_thousandths().write(pen)
    }
}

impl Told for Money {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        if self.is_zero() { 0 } else { pen.whole(self.fen(), MONEY, [16, 24, 40]) }
    }
}

impl Told for Exact {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        match self.whole() {
            Some(money) => money.write(pen),
            None => pen.exact(self),
        }
    }
}

impl Told for Value {
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Number(number) => number.write(pen),
            Self::Money(amount) => amount.write(pen),
            Self::Exact(amount) => amount.write(pen),
        }
    }
}

impl Inputs for () {
    #[inline]
    fn write(self, _: &mut Pen<'_>) -> u32 {
        0
    }
}

impl<A: Told> Inputs for (A,) {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        self.0.write(pen)
    }
}

impl<A: Told, B: Told> Inputs for (A, B) {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        self.0.write(pen) | self.1.write(pen) << 4
    }
}

impl<A: Told, B: Told, C: Told> Inputs for (A, B, C) {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        (self.0, self.1).write(pen) | self.2.write(pen) << 8
    }
}

impl<A: Told, B: Told, C: Told, D: Told> Inputs for (A, B, C, D) {
    #[inline]
    fn write(self, pen: &mut Pen<'_>) -> u32 {
        (self.0, self.1, self.2).write(pen) | self.3.write(pen) << 12
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
    /// The inputs, in the order of the sentence.
    pub values: [Value; 4],
    /// What it adds.
    pub result: Value,
}

/// All steps of one settlement, in the order they were taken, in the compact form that is kept with it: some twenty
/// bytes a step.
///
/// A step is eight bytes (figure, construct, sentence, article, and four bits a value for what it is), then the bytes
/// of its values, low ones first.
#[derive(Clone)]
pub struct Trail {
    /// Room for steps; what lies behind `end` is no part of it.
    bytes: Vec<u8>,
    end: usize,
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.steps()).finish()
    }
}

impl PartialEq for Trail {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Trail {}

/// A stored trail that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepsError;

impl fmt::Display for StepsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored explanation cannot be read")
    }
}

impl std::error::Error for StepsError {}

const FORMAT: u8 = 2;
const HEAD: usize = 8;
const VALUES: usize = 5;
/// Few settlements have more.
const CAPACITY: usize = 512;

/// What a value is and how many bytes it takes, by its four bits.
const WIDTHS: [u8; 16] = [0, 1, 2, 4, 8, 2, 3, 5, 8, 5, 8, 16, 0, 0, 0, 0];
/// No step has as much: what has is damaged, and sums of it would not fit.
const MOST: u64 = 1 << 56;
const NUMBER: u8 = 1;
const MONEY: u8 = 5;
const EXACT: u8 = 9;

/// A step has at most so many bytes.
const STEP_MAX: usize = HEAD + VALUES * 16;

impl Default for Trail {
    fn default() -> Self {
        let mut bytes = vec![0; CAPACITY];
        bytes[0] = FORMAT;
        Self { bytes, end: 1 }
    }
}

/// Writes the values of one step. A step finds room before it is begun, so no place needs a check.
pub(crate) struct Pen<'a> {
    room: &'a mut [u8; STEP_ROOM],
    at: usize,
}

/// Places behind this do not occur; what is written there at most still lies within the room.
const STEP_MASK: usize = STEP_MAX.next_power_of_two() - 1;
const STEP_ROOM: usize = STEP_MASK + 1 + 16;

impl Pen<'_> {
    #[inline]
    fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        self.room[self.at & STEP_MASK..][..N].copy_from_slice(&bytes);
    }

    /// A whole number in the fewest bytes of its kind; one below nothing takes all.
    #[inline]
    fn whole(&mut self, number: i64, first: u8, bits: [u32; 3]) -> u32 {
        let unsigned = number.cast_unsigned();
        let more = bits.iter().fold(0, |more, bits| more + u8::from(unsigned >> bits != 0));
        self.low(number, first + more)
    }

    /// The low bytes of a number, as many as its kind takes; those written behind are written over.
    #[inline]
    fn low(&mut self, number: i64, kind: u8) -> u32 {
        self.bytes(number.to_le_bytes());
        self.at += usize::from(WIDTHS[usize::from(kind & 0xf)]);
        kind.into()
    }

    #[inline]
    fn exact(&mut self, amount: Exact) -> u32 {
        let Ok(units) = i64::try_from(amount.units()) else {
            self.bytes(amount.units().to_le_bytes());
            self.at += 16;
            return u32::from(EXACT) + 2;
        };
        let zigzag = (units << 1) ^ (units >> 63);
        self.low(zigzag, EXACT + u8::from(zigzag.cast_unsigned() >> 40 != 0))
    }
}

impl Trail {
    #[inline]
    pub(crate) fn push(
        &mut self,
        construct: &Construct,
        says: u8,
        law: u16,
        figure: Figure,
        values: impl Inputs,
        result: impl Told,
    ) {
        self.add((construct.id, says), law, figure, values, result);
    }

    #[inline]
    pub(crate) fn add(
        &mut self,
        (construct, says): (u8, u8),
        law: u16,
        figure: Figure,
        values: impl Inputs,
        result: impl Told,
    ) {
        let mut pen = Pen { room: self.room(), at: HEAD };
        let kinds = values.write(&mut pen) | result.write(&mut pen) << 16;
        let [law0, law1] = law.to_le_bytes();
        let [kinds0, kinds1, kinds2, _] = kinds.to_le_bytes();
        let head = [figure.code(), construct, says, law0, law1, kinds0, kinds1, kinds2];
        pen.room[..HEAD].copy_from_slice(&head);
        self.end += pen.at;
    }

    /// Room for one more step.
    #[inline]
    fn room(&mut self) -> &mut [u8; STEP_ROOM] {
        if self.end + STEP_ROOM > self.bytes.len() {
            self.grow();
        }
        self.bytes[self.end..].first_chunk_mut().expect("it has grown")
    }

    #[cold]
    fn grow(&mut self) {
        self.bytes.resize((self.end + STEP_ROOM).next_power_of_two(), 0);
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let mut rest = self.as_bytes().get(1..).unwrap_or_default();
        std::iter::from_fn(move || if rest.is_empty() { None } else { read_step(&mut rest) })
    }

    /// What the steps say a figure is.
    pub fn sum(&self, figure: Figure) -> Exact {
        self.steps().filter(|s| s.figure == figure).map(|s| s.result.amount()).sum()
    }

    /// The first figure where the steps do not add up to the amounts.
    pub fn mismatch(&self, amounts: &Amounts) -> Option<Figure> {
        Figure::reported().find(|f| self.sum(*f) != f.of(amounts).exact())
    }

    /// The compact form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// The compact form, to keep.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.end);
        self.bytes
    }

    /// Reads the compact form; damage is noticed now.
    pub fn decode(bytes: &[u8]) -> Result<Self, StepsError> {
        let (format, mut rest) = bytes.split_first().ok_or(StepsError)?;
        if *format != FORMAT {
            return Err(StepsError);
        }
        while !rest.is_empty() {
            read_step(&mut rest).ok_or(StepsError)?;
        }
        Ok(Self { bytes: bytes.into(), end: bytes.len() })
    }

    /// The steps as sentences with their articles, one a line.
    pub fn render(&self, edition: &Edition, language: Language) -> Vec<String> {
        self.steps().map(|step| step.render(edition, language)).collect()
    }
}

fn read_step(rest: &mut &[u8]) -> Option<Step> {
    let (head, tail) = rest.split_first_chunk::<HEAD>()?;
    *rest = tail;
    let [figure, construct, says, law0, law1, kinds @ ..] = *head;
    let kinds = u32::from_le_bytes([kinds[0], kinds[1], kinds[2], 0]);
    let mut values = [Value::Nothing; VALUES];
    for (n, value) in values.iter_mut().enumerate() {
        *value = read_value(rest, u8::try_from(kinds >> (4 * n) & 0xf).ok()?)?;
    }
    let [a, b, c, d, result] = values;
    Some(Step {
        figure: Figure::from_code(figure)?,
        says: (construct, says),
        law: u16::from_le_bytes([law0, law1]),
        values: [a, b, c, d],
        result,
    })
}

fn read_value(rest: &mut &[u8], kind: u8) -> Option<Value> {
    let (bytes, tail) = rest.split_at_checked(usize::from(WIDTHS[usize::from(kind)]))?;
    *rest = tail;
    let mut whole = [0; 16];
    whole[..bytes.len()].copy_from_slice(bytes);
    let units = i128::from_le_bytes(whole);
    let low = i64::from_le_bytes(*whole.first_chunk()?);
    Some(match kind {
        0 => Value::Nothing,
        NUMBER..MONEY if low.unsigned_abs() < MOST => Value::Number(low),
        MONEY..EXACT if low.unsigned_abs() < MOST => Value::Money(Money::from_fen(low)),
        9 | 10 => {
            Value::Exact(Exact::from_units(i128::from((low.cast_unsigned() >> 1).cast_signed() ^ -(low & 1))))
        }
        11 if units.unsigned_abs() < u128::from(MOST) << 34 => Value::Exact(Exact::from_units(units)),
        _ => return None,
    })
}

impl Step {
    /// The sentence of this step, its figures filled in, its article behind it.
    pub fn render(&self, edition: &Edition, language: Language) -> String {
        let Some(template) = sentence(self.says, language) else { return String::new() };
        let mut text = fill(template, self, language);
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

/// An amount for people: to four places of a yuan, at least two. What is kept of a step is exact.
fn show(text: &mut String, amount: Exact) {
    const TEN_THOUSANDTH: i128 = 100_000_000;
    let units = amount.units().unsigned_abs();
    let rounded = match u64::try_from(units) {
        Ok(units) if units < 1 << 63 => u128::from((units + 50_000_000) / 100_000_000),
        _ => units.saturating_add(TEN_THOUSANDTH.unsigned_abs() / 2) / TEN_THOUSANDTH.unsigned_abs(),
    };
    let Ok(rounded) = u64::try_from(rounded) else {
        text.push_str(&amount.to_string());
        return;
    };
    if amount < Exact::ZERO && rounded > 0 {
        text.push('-');
    }
    let mut digits = [b'0'; 24];
    let (mut at, mut rest) = (digits.len(), rounded);
    // The point and a digit before it are always there.
    while rest > 0 || at > digits.len() - 6 {
        at -= 1;
        if at == digits.len() - 5 {
            digits[at] = b'.';
            continue;
        }
        digits[at] = b'0' + u8::try_from(rest % 10).expect("a digit");
        rest /= 10;
    }
    let kept = match &digits[digits.len() - 2..] {
        b"00" => digits.len() - 2,
        [_, b'0'] => digits.len() - 1,
        _ => digits.len(),
    };
    text.push_str(std::str::from_utf8(&digits[at..kept]).expect("digits are ASCII"));
}

/// Fills a template: `{0}` money, `{0%}` a rate, `{0#}` a count, `{0@}` a day, `{=}` the result, `{f}` its figure.
fn fill(template: &str, step: &Step, language: Language) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (hole, tail) = after.split_once('}').expect("a template closes its holes");
        rest = tail;
        let value = |digit: &str| step.values[digit.parse::<usize>().expect("a hole names a value")];
        if hole == "f" {
            text.push_str(step.figure.label(language));
        } else if hole == "=" {
            show(&mut text, step.result.amount());
        } else if let Some(digit) = hole.strip_suffix('%') {
            text.push_str(&Rate::from_ten_thousandths(value(digit).number()).percent());
        } else if let Some(digit) = hole.strip_suffix('@') {
            let day = i32::try_from(value(digit).number()).ok().and_then(date_of);
            text.push_str(&day.map(|day| day.to_string()).unwrap_or_default());
        } else if let Some(digit) = hole.strip_suffix('#') {
            text.push_str(&value(digit).number().to_string());
        } else {
            show(&mut text, value(hole).amount());
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_to_four_places_and_at_least_two() {
        let shown = |text: &str| {
            let mut told = String::new();
            show(&mut told, text.parse().unwrap());
            told
        };
        let same = ["0.00", "0.05", "5162.2525", "-0.125", "12345678901234567.89", "1.00", "-1.10"];
        assert_eq!(same.map(shown), same);
        let rounded = ["0.00005", "2.99995", "0.00004", "-0.00001"];
        assert_eq!(rounded.map(shown), ["0.0001", "3.00", "0.00", "0.00"]);
    }

    #[test]
    fn a_trail_is_read_back_as_it_was_written_and_damage_is_noticed() {
        let mut trail = Trail::default();
        let mut steps = Vec::new();
        let numbers = [0, 1, 255, 256, 65_535, 70_000, 1 << 33, -1].map(Value::Number);
        let fen = [1, 65_536, 1 << 24, 1 << 40, -7].map(|fen| Value::Money(Money::from_fen(fen)));
        let units = [3, -3, 1 << 39, -(1 << 41), 1 << 70, -(1 << 89)];
        let exact = units.map(|units| Value::Exact(Exact::from_units(units)));
        let values: Vec<Value> = numbers.into_iter().chain(fen).chain(exact).collect();
        for (n, figure) in Figure::reported().enumerate() {
            let value = |k: usize| values[(n * 5 + k) % values.len()];
            let step = Step {
                figure,
                says: (3, 1),
                law: 300,
                values: [value(0), value(1), value(2), value(3)],
                result: value(4),
            };
            let [a, b, c, d] = step.values;
            trail.add(step.says, step.law, step.figure, (a, b, c, d), step.result);
            steps.push(step);
        }
        assert_eq!(trail.steps().collect::<Vec<_>>(), steps);
        let bytes = trail.as_bytes().to_owned();
        assert_eq!(Trail::decode(&bytes), Ok(trail));
        for cut in 1..bytes.len() {
            let _ = Trail::decode(&bytes[..cut]);
        }
        assert_eq!(Trail::decode(&bytes[..bytes.len() - 1]), Err(StepsError));
        assert_eq!(Trail::decode(&[]), Err(StepsError));
    }
}
