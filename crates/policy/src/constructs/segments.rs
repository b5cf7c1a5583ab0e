//! F. Segments: what share of in-scope cost above the deductible the pool pays.

use money::{Exact, Money, Rate, Rounding};

use super::rounding::RoundingRule;
use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::situation::Situation;
use crate::steps::{Figure, Trail};
use crate::table::Table;
use model::Fund;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 7,
    key: "segments",
    zh: "分段支付:起付线以上的范围内费用按段、按比例由统筹支付;可按本次或全年累计分段,可加百分点或给个人部分乘系数。",
    en: "Segments: shares of in-scope cost paid by the pool; by stay or by year, with added points or a factor on the patient's part.",
    sentences: &[
        ("{0} × {1%} = {=}", "{0} × {1%} = {=}"),
        ("进入 {0} 至 {1} 段的 {2} × {3%} = {=}", "in the segment from {0} to {1}: {2} × {3%} = {=}"),
        ("进入 {0} 以上的 {2} × {3%} = {=}", "in the segment above {0}: {2} × {3%} = {=}"),
    ],
    keeps: &[Law::OrderFree, Law::Telescopes],
};

/// Whose cost the thresholds count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Stay,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    /// Upper end; none for the last.
    to: Option<Money>,
    rate: Rate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Points {
    add: Rate,
    at_most: Rate,
}

/// The segments of one track or layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segments {
    of: Of,
    /// Thresholds count the deductible too.
    include_deductible: bool,
    rows: Table<Segment>,
    points: Table<Points>,
    /// Factors on the patient's part; all that fit multiply.
    patient_times: Table<Rate>,
    pub(crate) law: u16,
}

/// How much may still enter and be paid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) cost: Option<Exact>,
    pub(crate) payment: Option<Exact>,
}

/// What comes to the segments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entering {
    /// What of the year has entered before.
    pub(crate) entered_year: Exact,
    /// The deductible of this bill.
    pub(crate) deductible: Exact,
    /// The cost above it.
    pub(crate) cost: Exact,
    pub(crate) room: Room,
}

/// What one segment took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    from: Exact,
    to: Option<Money>,
    cost: Exact,
    rate: Rate,
    pays: Exact,
}

/// What the segments made of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paid {
    /// Cost that entered, the deductible included where thresholds include it.
    pub(crate) entered: Exact,
    pub(crate) paid: Exact,
    /// Cost that found no room.
    pub(crate) over: Exact,
}

impl Segments {
    pub(crate) fn read(track: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = track.need("segments")?.section()?;
        let law = articles.read(&section);
        let of = section.need("of").and_then(|place| match place.text()? {
            "stay" => Some(Of::Stay),
            "year" => Some(Of::Year),
            _ => {
                place.report(&place.shown(), "stay or year");
                None
            }
        });
        let include_deductible = match section.get("thresholds") {
            None => Some(false),
            Some(place) => match place.text()? {
                "cost including the deductible" => Some(true),
                "cost above the deductible" => Some(false),
                _ => {
                    place.report(
                        &place.shown(),
                        "cost including the deductible, or cost above the deductible",
                    );
                    None
                }
            },
        };
        let rows = Self::read_rows(&section, scope);
        let points = Table::read(&section, "points", |row| {
            let add: Rate =
                row.need("is").and_then(|p| p.integer()).map(|n| Rate::from_ten_thousandths(n * 100))?;
            let at_most = row.get("at_most").map_or(Some(Rate::ONE), |p| p.rate())?;
            Some(Points { add, at_most })
        });
        let patient_times =
            Table::read(&section, "patient_share_times", |row| row.need("is").and_then(|p| p.factor()));
        section.done();
        Some(Self { of: of?, include_deductible: include_deductible?, rows, points, patient_times, law })
    }

    /// The rows of a layer: thresholds count what enters the layer within the year.
    pub(crate) fn read_layer(layer: &Section<'_>, scope: &Scope<'_>, law: u16) -> Self {
        let none = || Table::read(layer, "-", |_| None::<Rate>);
        Self {
            of: Of::Year,
            include_deductible: false,
            rows: Self::read_rows(layer, scope),
            points: Table::read(layer, "-", |_| None),
            patient_times: none(),
            law,
        }
    }

    fn read_rows(section: &Section<'_>, scope: &Scope<'_>) -> Table<Segment> {
        let rows = Table::read(section, "rate", |row| {
            let to = match row.get("to") {
                Some(place) => Some(scope.bases.amount(place)?),
                None => None,
            };
            row.need("is").and_then(|p| p.rate()).map(|rate| Segment { to, rate })
        });
        if rows.is_empty() {
            section.report("no row of `rate`", "at least one row");
        }
        for situation in rows.ground(scope) {
            let ends: Vec<Option<Money>> = rows.all(&situation).map(|s| s.to).collect();
            let complaint = match ends.as_slice() {
                [] => Some((format!("no row of `rate` for {}", situation.words()), "one row")),
                ends if ends.windows(2).any(|w| w[0].is_none()) => Some((
                    format!("a row of `rate` behind the last one for {}", situation.words()),
                    "nothing",
                )),
                ends if ends.windows(2).any(|w| w[1].is_some() && w[1] <= w[0]) => {
                    Some((format!("thresholds out of order for {}", situation.words()), "rising thresholds"))
                }
                _ => None,
            };
            if let Some((found, expected)) = complaint {
                section.report(&found, expected);
                break;
            }
        }
        rows
    }

    /// Pays the cost above the deductible, beginning where the year (or nothing) and the deductible left off.
    pub(crate) fn pay(
        &self,
        situation: &Situation,
        rounding: RoundingRule,
        entering: Entering,
        mut told: impl FnMut(Piece),
    ) -> Paid {
        let Entering { entered_year, deductible, cost, room } = entering;
        let start = if self.of == Of::Year { entered_year } else { Exact::ZERO };
        let counted = if self.include_deductible { deductible } else { Exact::ZERO };
        let mut at = start + counted;
        let mut left = room.cost.map_or(cost, |room| cost.min((room - counted).at_least_zero()));
        let mut payment_left = room.payment;
        let (mut paid, mut entered, mut from) = (Exact::ZERO, Exact::ZERO, Exact::ZERO);
        for segment in self.rows.all(situation) {
            let width = segment.to.map_or(left, |to| (to.exact() - at).at_least_zero().min(left));
            if width > Exact::ZERO {
                let (cost, pays) =
                    self.enter(situation, segment, rounding.in_segment(width), rounding, payment_left);
                told(Piece { from, to: segment.to, cost, rate: self.rate(situation, segment), pays });
                paid += pays;
                entered += cost;
                at += cost;
                left -= cost;
                payment_left = payment_left.map(|room| room - pays);
                if cost < width {
                    break;
                }
            }
            from = segment.to.map_or(from, Money::exact);
        }
        Paid { entered: entered + counted, paid, over: cost - entered }
    }

    /// What enters one segment and what is paid for it; where the payment is cut, the cost that yields it.
    fn enter(
        &self,
        situation: &Situation,
        segment: &Segment,
        width: Exact,
        rounding: RoundingRule,
        payment_room: Option<Exact>,
    ) -> (Exact, Exact) {
        let pays = rounding.in_segment(width - self.patient_part(situation, segment, width));
        match payment_room {
            Some(room) if pays > room => {
                let rate = self.rate(situation, segment);
                (rounding.in_segment(room.whole_of(rate, Rounding::HalfUp)).min(width), room)
            }
            _ => (width, pays),
        }
    }

    fn patient_part(&self, situation: &Situation, segment: &Segment, cost: Exact) -> Exact {
        let part = cost.share(self.with_points(situation, segment).complement());
        self.patient_times.all(situation).fold(part, |part, factor| part.share(*factor))
    }

    fn with_points(&self, situation: &Situation, segment: &Segment) -> Rate {
        self.points.all(situation).fold(segment.rate, |rate, points| rate.plus(points.add, points.at_most))
    }

    /// The share the pool pays, points and factors included; to four places for showing.
    fn rate(&self, situation: &Situation, segment: &Segment) -> Rate {
        let whole = Money::from_fen(10_000).exact();
        let pool = whole - self.patient_part(situation, segment, whole);
        Rate::from_ten_thousandths(pool.round(Rounding::HalfUp).fen())
    }

    /// One step a segment, for fund `fund`.
    pub(crate) fn explain(&self, trail: &mut Trail, fund: Fund, piece: Piece) {
        let Piece { from, to, cost, pays, .. } = piece;
        let rate = Exact::from_units(i128::from(piece.rate.ten_thousandths()));
        let (says, values) = match to {
            None if from == Exact::ZERO => (0, [cost, rate, Exact::ZERO, Exact::ZERO]),
            None => (2, [from, Exact::ZERO, cost, rate]),
            Some(to) => (1, [from, to.exact(), cost, rate]),
        };
        trail.push(&CONSTRUCT, says, self.law, Figure::Fund(fund), values, pays);
    }
}
