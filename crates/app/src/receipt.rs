//! A settlement for people's eyes, and the words of its figures by which cases expect them.

use model::{Amounts, Fund};
use policy::{Figure, Language};

/// What a figure is called.
pub struct Named {
    /// Which.
    pub figure: Figure,
    /// In files: of a case, and of a bill for machines.
    pub word: &'static str,
}

/// All figures of a bill, in the order of a receipt.
pub const FIGURES: [Named; 18] = [
    named(Figure::Total, "total"),
    named(Figure::OutOfScope, "out_of_scope"),
    named(Figure::OverLimit, "over_limit"),
    named(Figure::PriorSelfPay, "first_self_pay"),
    named(Figure::Eligible, "in_scope"),
    named(Figure::Deductible, "deductible"),
    named(Figure::Fund(Fund::Pooled), "pooled_fund"),
    named(Figure::Fund(Fund::MajorMedical), "major_medical"),
    named(Figure::Fund(Fund::CivilServant), "civil_servant"),
    named(Figure::Fund(Fund::CriticalIllness), "critical_illness"),
    named(Figure::Fund(Fund::Employer), "employer"),
    named(Figure::Fund(Fund::Disabled), "disabled"),
    named(Figure::Fund(Fund::Aid), "aid"),
    named(Figure::Fund(Fund::Other), "other"),
    named(Figure::Account, "account"),
    named(Figure::MutualAid, "relatives"),
    named(Figure::Cash, "cash"),
    named(Figure::Hospital, "hospital"),
];

const fn named(figure: Figure, word: &'static str) -> Named {
    Named { figure, word }
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
        .map(|(named, amount)| format!("{}{amount:>14}", padded(named.figure.label(language), 20)))
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
