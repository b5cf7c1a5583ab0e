//! K. Rounding: when and how finer figures become whole fen.

use money::{Exact, Rounding};

use super::Construct;
use crate::document::Section;
use crate::manual::{Holds, Key, Page};

pub(crate) const CONSTRUCT: Construct =
    Construct {
        id: 2, page: &PAGE, sentences: &[("化为分,差 {=}", "rounded to the fen: {=}")], keeps: &[]
    };

pub(crate) const PAGE: Page = Page {
    key: "rounding",
    name: ("舍入", "Rounding"),
    text: (
        "中间值精确计算,何时、怎样化为分。",
        "Figures are exact inside; when and how they become whole fen.",
    ),
    at: &["edition.rounding"],
    needed: true,
    many: false,
    keys: &[
        Key::needed(
            "mode",
            Holds::Choice(&["half-up", "half-even", "down"]),
            "怎样化为分",
            "how a figure becomes whole fen",
        ),
        Key::needed(
            "at",
            Holds::Choice(&["end", "segment"]),
            "end 每个数最后化一次;segment 每段各化一次",
            "end: each figure once; segment: in each segment",
        ),
        Key::optional(
            "last_fen",
            Holds::Choice(&["share"]),
            "剩下的一分归个人负担;写不写都一样",
            "the fen left over is the patient's; it is so where left out, too",
        ),
    ],
    example: ("demo-city", "2001-01-01", "edition.rounding"),
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
