//! H. A layer for those who bear too much: it pays only where the patient's share of in-scope cost exceeds a ratio.

use money::{Exact, Rate};

use super::{Construct, Law};
use crate::document::Section;
use crate::manual::{Holds, Key, Page};

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 20,
    page: &PAGE,
    sentences: &[(
        "个人负担 {0},占范围内费用 {1} 的 {2%},超过 {3%}",
        "the patient bears {0} of in-scope cost {1}, {2%}, more than {3%}",
    )],
    keeps: &[Law::OrderFree],
};

pub(crate) const PAGE: Page = Page {
    key: "ratio",
    name: ("负担比例", "Ratio"),
    text: (
        "个人负担占范围内费用的比例(取两位小数)超过规定时,对超出免补部分的负担补助。",
        "Aid where the patient bears more than a stated share of in-scope cost (to two places), what he bears \
         above a part that stays his.",
    ),
    at: &["layer.ratio"],
    needed: false,
    many: false,
    keys: &[
        Key::needed(
            "free",
            Holds::Rate,
            "免补部分:范围内费用的多少仍归个人",
            "what of in-scope cost stays the patient's",
        ),
        Key::needed(
            "above",
            Holds::Rate,
            "负担比例超过多少才补助(等于不补)",
            "the ratio that must be exceeded",
        ),
    ],
    example: ("catalogue-demo", "2027-01-01", "layer"),
};

/// When a layer pays, and above which part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ratio {
    /// Stays the patient's.
    free: Rate,
    above: Rate,
}

/// What is told of it: what the patient bears, of how much, which share that is, and above which it pays.
pub(crate) type Told = (Exact, Exact, Rate, Rate);

impl Ratio {
    pub(crate) fn read(layer: &Section<'_>) -> Option<Self> {
        let row = layer.section("ratio")?;
        let (free, above) =
            (row.need("free").and_then(|p| p.rate()), row.need("above").and_then(|p| p.rate()));
        row.done();
        Some(Self { free: free?, above: above? })
    }

    /// What comes to the layer, and what is told of it; none where the ratio is not exceeded.
    pub(crate) fn base(self, bears: Exact, in_scope: Exact) -> Option<(Exact, Told)> {
        let ratio = ratio(bears, in_scope);
        let base = (bears - in_scope.share(self.free)).at_least_zero();
        let told = (bears, in_scope, ratio, self.above);
        (ratio > self.above).then_some((base, told))
    }
}

/// What share one amount is of another, to two places.
fn ratio(part: Exact, whole: Exact) -> Rate {
    if whole <= Exact::ZERO {
        return Rate::ZERO;
    }
    let hundredths = (part.units() * 200 + whole.units()) / (whole.units() * 2);
    Rate::from_ten_thousandths(i64::try_from(hundredths * 100).unwrap_or(i64::MAX))
}
