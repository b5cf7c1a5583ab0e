//! F. Segments: what share of in-scope cost above the deductible the pool pays.

use money::{Exact, Money, Rate, Rounding};

use super::rounding::RoundingRule;
use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::{Condition, Situation};
use crate::steps::{Figure, Trail};
use crate::table::Table;
use model::Fund;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 7,
    page: &PAGE,
    sentences: &[
        ("{0} × {1%} = {=}", "{0} × {1%} = {=}"),
        ("进入 {0} 至 {1} 段的 {2} × {3%} = {=}", "in the segment from {0} to {1}: {2} × {3%} = {=}"),
        ("进入 {0} 以上的 {2} × {3%} = {=}", "in the segment above {0}: {2} × {3%} = {=}"),
    ],
    keeps: &[Law::OrderFree, Law::Telescopes],
};

pub(crate) const PAGE: Page = Page {
    key: "segments",
    name: ("分段支付", "Segments"),
    text: (
        "起付线以上的范围内费用按段、按比例由统筹支付;可按本次或全年累计分段,按费用(含或不含起付线)或按支付额分段,\
         可加减百分点或给个人部分乘系数。",
        "Shares of in-scope cost paid by the pool; by stay or by year, with added points or a factor on the \
         patient's part.",
    ),
    at: &["<rules>.segments"],
    needed: false,
    many: false,
    keys: &[
        Key::needed(
            "of",
            Holds::Choice(&["stay", "year"]),
            "按本次费用分段,或接着全年已进入的费用分段",
            "segments of this bill's cost, or going on from what has entered in the year",
        ),
        RATE,
        Key::optional(
            "thresholds",
            Holds::Choice(&["cost above the deductible", "cost including the deductible", "payment"]),
            "界限按什么量;省略为 cost above the deductible",
            "what thresholds measure; left out: cost above the deductible",
        ),
        POINTS,
        Key::optional(
            "patient_share_times",
            Holds::Rules(&[Key::needed("is", Holds::Factor, "系数", "the factor")]),
            "个人负担部分乘以系数;适用的各行相乘",
            "factors on the patient's part; all rows that fit multiply",
        ),
        LAW,
    ],
    example: ("demo-city", "2001-01-01", "inpatient.segments"),
};

/// The rate of each section; layers and classes with a rate of their own have it, too.
pub(crate) const RATE: Key = Key::needed(
    "rate",
    Holds::Rules(&[
        Key::optional(
            "to",
            Holds::Amount,
            "到哪里为止;最后一段不写",
            "up to where; the last section has none",
        ),
        Key::needed("is", Holds::Rate, "支付比例", "the share that is paid"),
    ]),
    "各段的支付比例;每种情形的各段由低到高,最后一段不写 to",
    "the share of each section; the sections of every situation rise, and the last has no `to`",
);

/// Points on the rate, likewise.
pub(crate) const POINTS: Key = Key::optional(
    "points",
    Holds::Rules(&[
        Key::needed("is", Holds::Points, "加几个百分点,减为负数", "how many points; below zero to take away"),
        Key::optional("at_most", Holds::Rate, "加到多少为止;省略为 100%", "up to this rate; left out: 100%"),
    ]),
    "支付比例加减百分点;适用的各行都加",
    "points added to the rate; all rows that fit are added",
);

/// Whose cost the thresholds count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Stay,
    Year,
}

/// What thresholds are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// In-scope cost above the deductible.
    Cost,
    /// In-scope cost, the deductible included.
    CostWithDeductible,
    /// What the fund has paid.
    Payment,
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
    measure: Measure,
    /// Thresholds count from the line of a layer, not from nothing.
    from_line: bool,
    rows: Table<Segment>,
    points: Table<Points>,
    /// Factors on the patient's part; all that fit multiply.
    patient_times: Table<Rate>,
    pub(crate) law: u16,
}

/// How much may still enter and be paid; none: no bound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) cost: Option<Exact>,
    pub(crate) payment: Option<Exact>,
}

impl Room {
    pub(crate) const ENDLESS: Self = Self { cost: None, payment: None };

    pub(crate) fn is_full(&self) -> bool {
        [self.cost, self.payment].contains(&Some(Exact::ZERO))
    }
}

/// What comes to the segments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entering {
    /// What of the year has entered before, and what was paid for it.
    pub(crate) entered_year: Exact,
    pub(crate) paid_year: Exact,
    /// The deductible of this bill.
    pub(crate) deductible: Exact,
    /// The cost above it.
    pub(crate) cost: Exact,
    /// Nothing is paid for what lies below this; thresholds above it count from nothing.
    pub(crate) above: Exact,
    /// Taken from every rate.
    pub(crate) cut: Rate,
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

/// The share of a segment that the pool pays: all but the patient's part, which may have factors of its own.
#[derive(Clone, Copy)]
struct PoolRate<'s> {
    patient: Rate,
    times: &'s Table<Rate>,
    situation: &'s Situation,
}

impl PoolRate<'_> {
    fn of(self, cost: Exact) -> Exact {
        let part = cost.share(self.patient);
        cost - self.times.all(self.situation).fold(part, |part, factor| part.share(*factor))
    }

    /// The cost that yields a payment.
    fn cost_of(self, payment: Exact) -> Exact {
        payment.whole_of(self.shown(), Rounding::HalfUp)
    }

    /// To four places.
    fn shown(self) -> Rate {
        if self.times.is_empty() {
            return self.patient.complement();
        }
        let whole = Money::from_fen(10_000).exact();
        Rate::from_ten_thousandths(self.of(whole).round(Rounding::HalfUp).fen())
    }
}

/// What enters one segment and what is paid for it; where the payment is cut, the cost that yields it.
fn enter(
    rate: PoolRate<'_>,
    width: Exact,
    rounding: RoundingRule,
    payment_room: Option<Exact>,
) -> (Exact, Exact) {
    let pays = rounding.in_segment(rate.of(width));
    match payment_room {
        Some(room) if pays > room => (rounding.in_segment(rate.cost_of(room)).min(width), room),
        _ => (width, pays),
    }
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
        let of = section.need_choice("of", &[("stay", Of::Stay), ("year", Of::Year)]);
        let measure = section.choice(
            "thresholds",
            &[
                ("cost above the deductible", Measure::Cost),
                ("cost including the deductible", Measure::CostWithDeductible),
                ("payment", Measure::Payment),
            ],
        );
        let rows = Self::read_rows(&section, scope);
        let points = Self::read_points(&section, scope);
        let patient_times = Table::read(&section, "patient_share_times", scope, |row| {
            row.need("is").and_then(|p| p.factor())
        });
        section.done();
        Some(Self {
            of: of?,
            measure: measure.unwrap_or(Measure::Cost),
            from_line: false,
            rows,
            points,
            patient_times,
            law,
        })
    }

    /// The rows of a layer: thresholds count what comes to the layer within the year, or the bill.
    pub(crate) fn read_layer(layer: &Section<'_>, scope: &Scope<'_>, yearly: bool, law: u16) -> Self {
        let from_line =
            layer.choice("thresholds", &[("counted from nothing", false), ("counted from the line", true)]);
        Self {
            of: if yearly { Of::Year } else { Of::Stay },
            measure: Measure::Cost,
            from_line: from_line.unwrap_or(false),
            rows: Self::read_rows(layer, scope),
            points: Self::read_points(layer, scope),
            patient_times: Table::default(),
            law,
        }
    }

    /// One rate for each situation, without thresholds.
    pub(crate) fn read_flat(section: &Section<'_>, scope: &Scope<'_>, law: u16) -> Self {
        Self::read_layer(section, scope, false, law)
    }

    /// `{ status = "retired", is = 3, at_most = "97%" }`; points may be taken away: `is = -5`.
    fn read_points(section: &Section<'_>, scope: &Scope<'_>) -> Table<Points> {
        Table::read(section, "points", scope, |row| {
            let add = row.need("is").and_then(|p| p.points())?;
            let at_most = row.get("at_most").map_or(Some(Rate::ONE), |p| p.rate())?;
            Some(Points { add, at_most })
        })
    }

    fn read_rows(section: &Section<'_>, scope: &Scope<'_>) -> Table<Segment> {
        let rows = Table::read(section, "rate", scope, |row| {
            let to = match row.get("to") {
                Some(place) => Some(scope.bases.amount(place)?),
                None => None,
            };
            row.need("is").and_then(|p| p.rate()).map(|rate| Segment { to, rate })
        });
        if rows.is_empty() {
            section.report("no row of `rate`", "at least one row");
        }
        for (situation, words) in rows.ground(scope) {
            let ends: Vec<Option<Money>> = rows.all(&situation).map(|s| s.to).collect();
            let complaint = match ends.as_slice() {
                [] => Some((format!("no row of `rate` for {words}"), "one row")),
                ends if ends.windows(2).any(|w| w[0] == w[1]) => {
                    Some((format!("two rows of `rate` that both fit {words}"), "one row"))
                }
                ends if ends.windows(2).any(|w| w[0].is_none()) => {
                    Some((format!("a row of `rate` behind the last one for {words}"), "nothing"))
                }
                ends if ends.windows(2).any(|w| w[1].is_some() && w[1] <= w[0]) => {
                    Some((format!("thresholds out of order for {words}"), "rising thresholds"))
                }
                [.., Some(_)] => Some((
                    format!("no row of `rate` above the last threshold for {words}"),
                    "a last row without `to`",
                )),
                _ => None,
            };
            if let Some((found, expected)) = complaint {
                section.report(&found, expected);
                break;
            }
        }
        rows
    }

    /// All conditions a rate depends on.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> + Clone {
        self.rows.conditions().chain(self.points.conditions()).chain(self.patient_times.conditions())
    }

    /// Pays the cost above the deductible, beginning where the year (or nothing) and the deductible left off.
    pub(crate) fn pay(
        &self,
        situation: &Situation,
        rounding: RoundingRule,
        entering: Entering,
        mut told: impl FnMut(Piece),
    ) -> Paid {
        let Entering { deductible, cost, above, cut, room, .. } = entering;
        let counted = if self.counts_deductible() { deductible } else { Exact::ZERO };
        let mut at = self.start(&entering) + counted;
        let mut left = room.cost.map_or(cost, |room| cost.min((room - counted).at_least_zero()));
        let mut payment_left = room.payment;
        let (mut paid, mut entered, mut from) = (Exact::ZERO, Exact::ZERO, Exact::ZERO);
        let from_line = if self.from_line { above } else { Exact::ZERO };
        // What lies below the line enters, and nothing is paid for it.
        let below = (above - at).at_least_zero().min(left);
        entered += below;
        at += below;
        left -= below;
        for segment in self.rows.all(situation) {
            let rate = self.rate(situation, segment.rate, cut);
            let width = segment.to.map_or(left, |to| self.width(to.exact() + from_line - at, rate).min(left));
            if width > Exact::ZERO {
                let width = rounding.in_segment(width);
                let (cost, pays) = enter(rate, width, rounding, payment_left);
                if cost > Exact::ZERO {
                    told(Piece { from, to: segment.to, cost, rate: rate.shown(), pays });
                }
                paid += pays;
                entered += cost;
                at += if self.measure == Measure::Payment { pays } else { cost };
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

    /// Whether what has entered counts the deductible.
    pub(crate) fn counts_deductible(&self) -> bool {
        self.measure == Measure::CostWithDeductible
    }

    fn start(&self, entering: &Entering) -> Exact {
        match (self.of, self.measure) {
            (Of::Stay, _) => Exact::ZERO,
            (Of::Year, Measure::Payment) => entering.paid_year,
            (Of::Year, _) => entering.entered_year,
        }
    }

    /// The cost up to a threshold that is `distance` away.
    fn width(&self, distance: Exact, rate: PoolRate<'_>) -> Exact {
        let distance = distance.at_least_zero();
        if self.measure == Measure::Payment { rate.cost_of(distance) } else { distance }
    }

    /// The written rate with its points, less the cut.
    fn rate<'s>(&'s self, situation: &'s Situation, written: Rate, cut: Rate) -> PoolRate<'s> {
        let points = self.points.all(situation);
        let pool =
            points.fold(written, |rate, points| rate.plus(points.add, points.at_most.max(rate))).minus(cut);
        PoolRate { patient: pool.complement(), times: &self.patient_times, situation }
    }

    /// One step a segment, for fund `fund`.
    pub(crate) fn explain(&self, trail: &mut Trail, fund: Fund, piece: Piece) {
        let Piece { from, to, cost, pays, .. } = piece;
        let rate = piece.rate;
        let (law, figure) = (self.law, Figure::Fund(fund));
        match to {
            None if from == Exact::ZERO => trail.push(&CONSTRUCT, 0, law, figure, (cost, rate), pays),
            None => trail.push(&CONSTRUCT, 2, law, figure, (from, Money::ZERO, cost, rate), pays),
            Some(to) => trail.push(&CONSTRUCT, 1, law, figure, (from, to, cost, rate), pays),
        }
    }
}
