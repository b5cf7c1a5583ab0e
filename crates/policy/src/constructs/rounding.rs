//! K. Rounding: when and how finer figures become whole fen.

use money::{Exact, Rounding};

use super::Construct;
use crate::document::Section;
use crate::manual::Page;

pub(crate) const CONSTRUCT: Construct =
    Construct {
        id: 2, page: &PAGE, sentences: &[("化为分,差 {=}", "rounded to the fen: {=}")], keeps: &[]
    };

const PAGE: Page = Page {
    key: "rounding",
    name: ("", ""),
    text: (
        "舍入:中间值精确计算,何时、怎样化为分。",
        "Rounding: figures are exact inside; when and how they become whole fen.",
    ),
    at: &[],
    many: false,
    keys: &[],
    example: ("", "", ""),
};

/// When rounding happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Each reported figure once, at the end.
    End,
    /// The entering cost and the payment of each segment.
    Segment,
}

/// The rounding of an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoundingRule {
    pub(crate) mode: Rounding,
    pub(crate) at: At,
}

impl RoundingRule {
    pub(crate) fn read(head: &Section<'_>) -> Option<Self> {
        let section = head.need("rounding")?.section()?;
        let mode = section.need("mode").and_then(|place| match place.text()? {
            "half-up" => Some(Rounding::HalfUp),
            "half-even" => Some(Rounding::HalfEven),
            "down" => Some(Rounding::Down),
            _ => {
                place.report(&place.shown(), "half-up, half-even or down");
                None
            }
        });
        let at = section.need("at").and_then(|place| match place.text()? {
            "end" => Some(At::End),
            "segment" => Some(At::Segment),
            _ => {
                place.report(&place.shown(), "end or segment");
                None
            }
        });
        // The fen that rounding leaves over always goes to the patient's share; the word is read so that an
        // edition says so.
        if let Some(place) = section.get("last_fen")
            && place.text().is_some_and(|word| word != "share")
        {
            place.report(&place.shown(), "share");
        }
        section.done();
        Some(Self { mode: mode?, at: at? })
    }

    /// Rounds a figure of one segment where the edition rounds there.
    pub(crate) fn in_segment(self, value: Exact) -> Exact {
        match self.at {
            At::End => value,
            At::Segment => value.round(self.mode).exact(),
        }
    }
}
