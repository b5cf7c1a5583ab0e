//! H. Layers above the pool: an ordered list, each seeing what earlier ones left.

use model::Fund;
use money::Exact;

use super::rounding::RoundingRule;
use super::segments::{Entering, Paid, Piece, Room, Segments};
use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::situation::Situation;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 9,
    key: "layer",
    zh: "补充层:统筹之上的各层(大额等),按次序,各层只看前面剩下的。",
    en: "Layers above the pool (large amount and others), in order; each sees what earlier layers left.",
    sentences: &[],
    keeps: &[Law::Monotone, Law::OrderFree],
};

/// One layer: pays for cost above the ceiling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) pays: Fund,
    segments: Segments,
}

impl Layer {
    pub(crate) fn read_all(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Vec<Self> {
        root.rows("layer").iter().filter_map(|section| Self::read(section, scope, articles)).collect()
    }

    fn read(section: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let law = articles.read(section);
        section.need("name").and_then(|place| place.text());
        if let Some(place) = section.need("of")
            && place.text().is_some_and(|word| word != "cost above the ceiling")
        {
            place.report(&place.shown(), "cost above the ceiling");
        }
        let segments = Segments::read_layer(section, scope, law);
        let pays = section.need("pays").and_then(|place| {
            let fund: Fund = place.parse("a fund")?;
            if fund != Fund::MajorMedical {
                place.report(&place.shown(), "major_medical");
            }
            Some(fund)
        });
        section.done();
        Some(Self { pays: pays?, segments })
    }

    pub(crate) fn pay(
        &self,
        situation: &Situation,
        rounding: RoundingRule,
        entered_year: Exact,
        cost: Exact,
        told: impl FnMut(Piece),
    ) -> Paid {
        let room = Room { cost: None, payment: None };
        let entering = Entering { entered_year, deductible: Exact::ZERO, cost, room };
        self.segments.pay(situation, rounding, entering, told)
    }

    pub(crate) fn segments(&self) -> &Segments {
        &self.segments
    }
}
