//! A settlement for people's eyes, and the words of its figures: the one a case expects it by, and a label in both
//! languages.

use model::{Amounts, Fund};
use policy::{Figure, Language};

/// What a figure is called.
pub struct Named {
    /// Which.
    pub figure: Figure,
    /// In files: of a case, and of a bill for machines.
    pub word: &'static str,
    zh: &'static str,
    en: &'static str,
}

impl Named {
    /// For people.
    pub fn label(&self, language: Language) -> &'static str {
        if language == Language::Zh { self.zh } else { self.en }
    }
}

/// All figures of a bill, in the order of a receipt.
pub const FIGURES: [Named; 18] = [
    named(Figure::Total, "total", "费用总额", "total"),
    named(Figure::OutOfScope, "out_of_scope", "目录外自费", "out of scope"),
    named(Figure::OverLimit, "over_limit", "超限价自付", "above price limits"),
    named(Figure::PriorSelfPay, "first_self_pay", "先行自付", "first self-pay"),
    named(Figure::Eligible, "in_scope", "符合范围", "in scope"),
    named(Figure::Deductible, "deductible", "其中起付线", "of it deductible"),
    named(Figure::Fund(Fund::Pooled), "pooled_fund", "统筹基金", "pooled fund"),
    named(Figure::Fund(Fund::MajorMedical), "major_medical", "大额补助", "large amount"),
    named(Figure::Fund(Fund::CivilServant), "civil_servant", "公务员补助", "civil servant"),
    named(Figure::Fund(Fund::CriticalIllness), "critical_illness", "大病保险", "serious illness"),
    named(Figure::Fund(Fund::Employer), "employer", "企业补充", "employer"),
    named(Figure::Fund(Fund::Disabled), "disabled", "伤残离休", "veterans and cadres"),
    named(Figure::Fund(Fund::Aid), "aid", "医疗救助", "medical aid"),
    named(Figure::Fund(Fund::Other), "other", "其他基金", "other funds"),
    named(Figure::Account, "account", "个人账户", "personal account"),
    named(Figure::MutualAid, "relatives", "家庭共济", "relatives' accounts"),
    named(Figure::Cash, "cash", "现金", "cash"),
    named(Figure::Hospital, "hospital", "医院负担", "hospital"),
];

const fn named(figure: Figure, word: &'static str, zh: &'static str, en: &'static str) -> Named {
    Named { figure, word, zh, en }
}

/// The word of a figure; `note` of what adds to none.
pub fn word(figure: Figure) -> &'static str {
    FIGURES.iter().find(|named| named.figure == figure).map_or("note", |named| named.word)
}

/// Lines of a receipt: a label and an amount; parts that are nothing are left out.
pub fn lines(amounts: &Amounts, language: Language) -> Vec<String> {
    let always = [Figure::Total, Figure::Fund(Fund::Pooled), Figure::Cash];
    let rows = FIGURES.iter().map(|named| (named, named.figure.of(amounts)));
    rows.filter(|(named, amount)| !amount.is_zero() || always.contains(&named.figure))
        .map(|(named, amount)| format!("{}{amount:>14}", padded(named.label(language), 20)))
        .collect()
}

/// Places a text takes on a terminal, where a Chinese character takes two.
pub fn places(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Pads to a width on a terminal.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(places(text))))
}

/// The same, right-aligned.
pub fn aligned(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(places(text))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::CaseFile;

    #[test]
    fn every_figure_has_the_word_a_case_expects_it_by() {
        let editions = crate::city::editions(None).unwrap();
        let bill = include_str!("../../../examples/outpatient.toml");
        let settled = CaseFile::parse("bill", bill).unwrap();
        let settled = settled.adjudicate(editions.iter().last().unwrap(), &editions).unwrap();
        for figure in Figure::reported() {
            let check = |amount| {
                let text = format!("{bill}\nexpect = {{ {} = \"{amount}\" }}", word(figure));
                CaseFile::parse("bill", &text).unwrap_or_else(|p| panic!("{p}")).check(&editions)
            };
            let amount = figure.of(&settled.amounts);
            assert_eq!(check(amount), [], "{figure:?}");
            let [failure] = &check(amount + amount + money::Money::from_fen(1))[..] else {
                panic!("{figure:?} is expected otherwise and nothing fails")
            };
            assert_eq!(failure.came, amount.to_string());
        }
        assert_eq!(word(Figure::Note), "note");
        assert_eq!(Figure::reported().count(), FIGURES.len());
    }
}
