//! What a case expects of its bill: figures, what is remitted besides, and what the bill adds to the year's counters.

use model::Fund;
use money::{Exact, Money};

use super::{Failure, read_counters};
use crate::document::{Place, Section};
use crate::{Adjudication, Counter, Figure};

/// One figure a case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The word in the case.
    pub word: String,
    of: Of,
    /// The amount.
    pub amount: Exact,
}

/// What an expectation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Figure(Figure),
    Remitted,
    Change(Counter),
}

const FIGURES: [(&str, Figure); 18] = [
    ("total", Figure::Total),
    ("out_of_scope", Figure::OutOfScope),
    ("over_limit", Figure::OverLimit),
    ("first_self_pay", Figure::PriorSelfPay),
    ("in_scope", Figure::Eligible),
    ("deductible", Figure::Deductible),
    ("pooled_fund", Figure::Fund(Fund::Pooled)),
    ("major_medical", Figure::Fund(Fund::MajorMedical)),
    ("civil_servant", Figure::Fund(Fund::CivilServant)),
    ("critical_illness", Figure::Fund(Fund::CriticalIllness)),
    ("employer", Figure::Fund(Fund::Employer)),
    ("disabled", Figure::Fund(Fund::Disabled)),
    ("aid", Figure::Fund(Fund::Aid)),
    ("other", Figure::Fund(Fund::Other)),
    ("account", Figure::Account),
    ("relatives", Figure::MutualAid),
    ("cash", Figure::Cash),
    ("hospital", Figure::Hospital),
];

impl Expectation {
    /// Reads `[expect]`.
    pub(super) fn read_all(section: &Section<'_>) -> Vec<Self> {
        let figures = FIGURES.into_iter().filter_map(|(word, figure)| {
            let place = section.get(word)?;
            // What a hospital keeps of a package is below zero; nothing else ever is.
            let amount = if figure == Figure::Hospital { any_amount(&place) } else { place.money() };
            Some(Self { word: word.into(), of: Of::Figure(figure), amount: amount?.exact() })
        });
        let mut all: Vec<Self> = figures.collect();
        let remitted = section.get("remitted").and_then(|place| place.money());
        all.extend(remitted.map(|m| Self { word: "remitted".into(), of: Of::Remitted, amount: m.exact() }));
        let counters = section.section("counters").map(|section| read_counters(&section)).unwrap_or_default();
        all.extend(counters.into_iter().filter_map(|(counter, place)| Self::change(counter, &place)));
        section.done();
        all
    }

    /// Counters are finer than a fen.
    fn change(counter: Counter, place: &Place<'_>) -> Option<Self> {
        let amount = place.parse("an amount in yuan in quotes, such as \"1000\"")?;
        Some(Self { word: format!("counters.{counter}"), of: Of::Change(counter), amount })
    }

    /// How it fails; none where it holds.
    pub(super) fn failure(&self, settled: &Adjudication) -> Option<Failure> {
        let came = match self.of {
            Of::Figure(figure) => figure.of(&settled.amounts).exact(),
            Of::Remitted => settled.remitted.exact(),
            Of::Change(counter) => settled.change.get(counter),
        };
        (came != self.amount).then(|| Failure {
            what: self.word.clone(),
            expected: self.amount.to_string(),
            came: came.to_string(),
        })
    }
}

fn any_amount(place: &Place<'_>) -> Option<Money> {
    place.parse("an amount in yuan in quotes, such as \"-1000\"")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::manual::{Key, pages};
    use crate::{LayerName, Period, Track};

    fn words(keys: &[Key]) -> BTreeSet<String> {
        keys.iter().map(|key| key.key.to_owned()).collect()
    }

    #[test]
    fn the_manual_tells_of_every_word_a_case_expects_by_and_of_no_other() {
        let page = pages().find(|page| page.key == "expect").unwrap();
        let read = FIGURES.iter().map(|(word, _)| *word).chain(["remitted", "counters"]);
        assert_eq!(words(page.keys), read.map(str::to_owned).collect());
        let general = |counter: Counter| {
            let told = counter.to_string().replace(Track::Pharmacy.key(), "<rules>");
            let told = told.replace(LayerName::Employer.word(), "<layer>").replace('7', "<n>");
            told.replace(Period::Week.word(), "<period>")
        };
        let plain = Counter::all().map(general).filter(|word| {
            let others = Track::ALL.iter().map(|t| t.key()).chain(LayerName::ALL.iter().map(|l| l.word()));
            !others.into_iter().any(|other| word.starts_with(&format!("{other}.")))
        });
        let keyed = [
            Counter::PeriodPaid(Track::Pharmacy, Period::Week, 7),
            Counter::PeriodTimes(Track::Pharmacy, Period::Week, 7),
            Counter::DiseasePaid(Track::Pharmacy, 7),
            Counter::OwnRatePaid(7),
            Counter::OwnRateEntered(7),
        ];
        let counters = page.keys.iter().find(|key| key.key == "counters").unwrap();
        assert_eq!(words(counters.below()), plain.chain(keyed.map(general)).collect());
    }
}
