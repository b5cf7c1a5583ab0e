//! Words that are told in the reader's language, one language at a time.

use std::borrow::Cow;

/// The language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// One thing in the words of both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Both {
    zh: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Both {
    /// Words that have no figure in them.
    pub const fn of(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// Words made for the occasion.
    pub fn new(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// What is told as it is: a code, or what another has said.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(text.clone(), text)
    }

    /// The words for a reader.
    pub fn told(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }

    /// Both, for a reader whose language is not known; what is the same in either once.
    pub fn in_both(&self) -> String {
        if self.zh == self.en { self.zh.clone().into_owned() } else { format!("{} {}", self.zh, self.en) }
    }

    /// Two things, one behind the other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let joined = |language, mark| format!("{}{mark}{}", self.told(language), other.told(language));
        Self::new(joined(Language::Zh, ";"), joined(Language::En, "; "))
    }
}

/// What a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// It must be there.
    Present,
    /// The number in the address, which is this one.
    Addressed(String),
    /// At most so many printable characters.
    Printable(usize),
    /// An institution's code of at most so many characters.
    Code(usize),
    /// A number.
    Number,
    /// A number with at most so many places.
    Places(u32),
    /// A number below this power of ten.
    Digits(usize),
    /// A number up to this.
    UpTo(i64),
    /// At most so many days at once.
    Days(i32),
    /// A month.
    Month,
    /// A day or a moment not before this.
    NotBefore(String),
    /// A number not below nothing.
    NotNegative,
    /// What the original line says.
    AsOriginal(String),
    /// A day.
    Date,
    /// A moment.
    Time,
    /// All rows name one visit.
    OneVisit,
    /// A whole number from one on.
    AtLeastOne,
    /// One of them and no more.
    ExactlyOne,
    /// The code on a pack of a drug.
    TraceCode,
    /// How an item is listed at the place of care.
    Listed,
    /// Bytes.
    Bytes,
}

/// What stands in the braces of a text.
pub(crate) trait Figure {
    /// In the words for a reader.
    fn told(&self, language: Language) -> Cow<'_, str>;
}

impl Figure for String {
    fn told(&self, _: Language) -> Cow<'_, str> {
        self.into()
    }
}

impl Figure for Both {
    fn told(&self, language: Language) -> Cow<'_, str> {
        self.told(language).into()
    }
}

impl Figure for Rule {
    fn told(&self, language: Language) -> Cow<'_, str> {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }
}

impl Rule {
    fn zh(&self) -> Cow<'static, str> {
        match self {
            Self::Present => "必须填写".into(),
            Self::Addressed(infno) => format!("与地址中的 {infno} 一致").into(),
            Self::Printable(max) => format!("不超过 {max} 个可显示字符").into(),
            Self::Code(max) => format!("不超过 {max} 个字符的代码").into(),
            Self::Number => "数字".into(),
            Self::Places(places) => format!("最多 {places} 位小数的数字").into(),
            Self::Digits(digits) => format!("小于 10^{digits} 的数字").into(),
            Self::UpTo(max) => format!("不超过 {max} 的数字").into(),
            Self::Days(days) => format!("一次最多 {days} 天").into(),
            Self::Month => "年月,如 202601".into(),
            Self::NotBefore(day) => format!("不早于 {day}").into(),
            Self::NotNegative => "不小于 0 的数字".into(),
            Self::AsOriginal(value) => format!("与原明细的 {value} 一致").into(),
            Self::Date => "日期,如 2026-01-31".into(),
            Self::Time => "时间,如 2026-01-31 09:41:00".into(),
            Self::OneVisit => "一次只传一个就诊".into(),
            Self::AtLeastOne => "不小于 1 的整数".into(),
            Self::ExactlyOne => "有且仅有一个".into(),
            Self::TraceCode => "应为药品包装上的追溯码;没有时整个节点不传".into(),
            Self::Listed => "应为就医地中心给出的目录信息".into(),
            Self::Bytes => "0 至 255 的数字数组,或 base64".into(),
        }
    }

    fn en(&self) -> Cow<'static, str> {
        match self {
            Self::Present => "present".into(),
            Self::Addressed(infno) => format!("{infno}, as the address says").into(),
            Self::Printable(max) => format!("at most {max} printable characters").into(),
            Self::Code(max) => format!("a code of at most {max} characters").into(),
            Self::Number => "number".into(),
            Self::Places(places) => format!("number with at most {places} places").into(),
            Self::Digits(digits) => format!("number below 10^{digits}").into(),
            Self::UpTo(max) => format!("number up to {max}").into(),
            Self::Days(days) => format!("at most {days} days at once").into(),
            Self::Month => "month yyyyMM".into(),
            Self::NotBefore(day) => format!("not before {day}").into(),
            Self::NotNegative => "number not below 0".into(),
            Self::AsOriginal(value) => format!("{value}, as the original line has it").into(),
            Self::Date => "date yyyy-MM-dd".into(),
            Self::Time => "time yyyy-MM-dd HH:mm:ss".into(),
            Self::OneVisit => "one visit a call".into(),
            Self::AtLeastOne => "whole number from 1 on".into(),
            Self::ExactlyOne => "exactly one".into(),
            Self::TraceCode => "the code on the pack; where there is none leave the node out".into(),
            Self::Listed => "how the centre of the place of care lists the item".into(),
            Self::Bytes => "array of numbers from 0 to 255, or base64".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_things_are_told_in_one_language() {
        let both = Both::of("甲", "one").and(&Both::same("7"));
        assert_eq!((both.told(Language::Zh), both.told(Language::En)), ("甲;7", "one; 7"));
    }
}
