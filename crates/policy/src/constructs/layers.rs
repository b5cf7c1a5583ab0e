//! H, O, X, Y. Layers above the pool: an ordered list, each seeing what earlier ones left.

use model::Fund;
use money::{Exact, Money, Rate};

use super::ratio::{self, Ratio};
use super::rounding::RoundingRule;
use super::segments::{Entering, POINTS, Paid, Piece, RATE, Room, Segments};
use super::{Articles, Construct, Law, Part, Parts, Scope};
use crate::counters::{Accumulators, Counter, LayerName};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::{Condition, Situation, Used};
use crate::steps::{Figure, Trail};
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 9,
    page: &PAGE,
    sentences: &[
        ("本层起付 {0},累计 {1}", "line of the layer {0}, come to it so far {1}"),
        ("本层封顶 {0},已付 {1},扣减 {=}", "ceiling of the layer {0}, paid before {1}: {=}"),
        ("该基金余额 {0},扣减 {=}", "the fund has {0} left: {=}"),
        ("结算时已付 {0},扣减 {=}", "paid with bills before {0}: {=}"),
    ],
    keeps: &[Law::Monotone, Law::OrderFree, Law::Telescopes],
};

const PAGE: Page = Page {
    key: "layer",
    name: ("补充层", "Layer"),
    text: (
        "统筹之上的各层(大额、大病、公务员、单位补充、救助等),按书写次序,各层只看前面剩下的;可设起付、分段、封顶、加点,\
         可按年累计,可年终一次支付:每张账单只记入全年应补的部分,结算时不付,年终由 `tongqu fund benefits` 付给个人。",
        "Layers above the pool (large amount, serious illness, civil servants, employers, aid), in written order; each sees \
         what earlier layers left; with a line, segments, a ceiling, points; by bill or by year; at the window, or once a \
         year: each bill then only counts what would come to the layer, and `tongqu fund benefits` pays the person behind \
         the year.",
    ),
    at: &["layer"],
    needed: false,
    many: true,
    keys: &[
        Key::needed("name", Holds::Word("layer"), "哪一层;每层一次", "which layer; each once"),
        Key::needed("pays", Holds::Word("fund"), "由哪个基金支付", "the fund that pays"),
        Key::needed(
            "of",
            Holds::Choice(&[
                "cost above the ceiling",
                "in-scope self-pay of the bill",
                "in-scope self-pay of the year",
            ]),
            "付个人剩下的哪些:超封顶的费用,或范围内自付(起付、自付、超封顶、先行自付)",
            "what it pays for: cost above the ceiling, or in-scope self-pay (deductible, share, above the ceiling, first \
             shares)",
        ),
        Key::optional(
            "for",
            Holds::Rules(&[]),
            "对哪些情形;适用其中一行即可;省略为人人",
            "whom and what it is for; one row that fits is enough; left out: everybody",
        ),
        RATE,
        Key::optional(
            "above",
            Holds::Rules(&[Key::needed("is", Holds::Amount, "金额", "the amount")]),
            "本层起付线,至多一行适用;省略为零",
            "the line of the layer; at most one row fits; left out: nothing",
        ),
        Key::optional(
            "above_times",
            Holds::Rules(&[Key::needed("is", Holds::Factor, "系数", "the factor")]),
            "起付线乘以系数;适用的各行相乘",
            "factors on the line; all rows that fit multiply",
        ),
        Key::optional(
            "by",
            Holds::Choice(&["bill", "year"]),
            "按单次账单,或按全年累计;省略时看 of:含 of the year 的按年,其余按次",
            "by bill, or added up over the year; left out: by year where `of` says so, else by bill",
        ),
        Key::optional(
            "thresholds",
            Holds::Choice(&["counted from nothing", "counted from the line"]),
            "分段界限从零算起,或从本层起付线算起;省略为从零算起",
            "thresholds count from nothing, or from the line; left out: from nothing",
        ),
        POINTS,
        Key::optional(
            "ceiling",
            Holds::Rules(&[Key::needed("is", Holds::Amount, "金额", "the amount")]),
            "本层全年最多支付多少,至多一行适用;省略为不限",
            "how much the layer pays in a year; at most one row fits; left out: no bound",
        ),
        Key::optional(
            "without",
            Holds::Words("part"),
            "从 of 所列部分中除去哪些",
            "parts that are taken out of what `of` says",
        ),
        Key::optional(
            "with",
            Holds::Words("part"),
            "在 of 所列部分之外另加哪些",
            "parts that are added to what `of` says",
        ),
        Key::optional(
            "ratio",
            Holds::Table(ratio::PAGE.keys),
            "只在负担比例超过规定时支付;见“负担比例”",
            "pays only where the patient bears more than a stated ratio; see Ratio",
        ),
        Key::optional(
            "time",
            Holds::Choice(&["window", "once a year"]),
            "结算时支付,或年终一次支付(结算时不付);省略为 window",
            "paid with the bill, or once a year (not with the bill); left out: window",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "layer"),
};

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) name: LayerName,
    pub(crate) pays: Fund,
    /// Whom it is for; empty: everybody.
    whom: Vec<Condition>,
    /// What the patient is left with of these parts comes to it.
    of: Parts<bool>,
    ratio: Option<Ratio>,
    /// What comes to it adds up over the year.
    yearly: bool,
    above: Table<Money>,
    /// Factors on the line.
    above_times: Table<Rate>,
    segments: Segments,
    ceiling: Table<Money>,
    /// Paid once a year behind the books, not at the window.
    pub(crate) once_a_year: bool,
    pub(crate) law: u16,
}

/// What a layer pays of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerPaid {
    /// What came to it.
    pub(crate) base: Exact,
    pub(crate) paid: Exact,
    /// Line and what had come to it with this bill, where it has a line.
    pub(crate) line: Option<(Exact, Exact)>,
    /// What is told where it goes by a ratio.
    pub(crate) ratio: Option<ratio::Told>,
    /// Ceiling, paid before, taken away.
    pub(crate) ceiling: Option<(Exact, Exact, Exact)>,
    /// Left in the fund, taken away.
    pub(crate) fund: Option<(Exact, Exact)>,
}

/// Money that comes to a bill's layers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left<'a> {
    pub(crate) parts: &'a Parts<Exact>,
    pub(crate) in_scope: Exact,
    pub(crate) fund_left: Option<(Fund, Exact)>,
}

impl Layer {
    pub(crate) fn read_all(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Vec<Self> {
        let mut layers: Vec<Self> = Vec::new();
        for section in root.rows("layer") {
            let Some(layer) = Self::read(&section, scope, articles) else { continue };
            if layers.iter().any(|known| known.name == layer.name) {
                section
                    .report(&format!("the layer `{}` a second time", layer.name.word()), "each layer once");
            }
            layers.push(layer);
        }
        layers
    }

    fn read(section: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let whom: Vec<Condition> = section
            .rows("for")
            .iter()
            .map(|row| {
                let condition = Condition::read(row, scope.groups);
                row.done();
                condition
            })
            .collect();
        let scope = &Scope { whom: &whom, ..*scope };
        let law = articles.read(section);
        let names = LayerName::ALL.map(|name| (name.word(), name));
        let name = section.need_choice("name", &names);
        let of = section.need_choice(
            "of",
            &[
                ("cost above the ceiling", (false, &[Part::OverCeiling][..])),
                ("in-scope self-pay of the bill", (false, SELF_PAY)),
                ("in-scope self-pay of the year", (true, SELF_PAY)),
            ],
        );
        let (yearly, parts) = of?;
        let yearly = section.choice("by", &[("bill", false), ("year", true)]).unwrap_or(yearly);
        let mut base = Parts::of(parts);
        if let Some(place) = section.get("without") {
            base = base.without(&Parts::read(&place));
        }
        if let Some(place) = section.get("with") {
            base = base.with(&Parts::read(&place));
        }
        let ratio = Ratio::read(section);
        let amounts = |key: &str| {
            let table =
                Table::read(section, key, scope, |r| r.need("is").and_then(|p| scope.bases.amount(p)));
            table.check_single(section, key, scope, false);
            table
        };
        let (above, ceiling) = (amounts("above"), amounts("ceiling"));
        let above_times =
            Table::read(section, "above_times", scope, |row| row.need("is").and_then(|p| p.factor()));
        let segments = Segments::read_layer(section, scope, yearly, law);
        let pays = section.need("pays").and_then(|place| place.parse("a fund"));
        let once_a_year =
            section.choice("time", &[("window", false), ("once a year", true)]).unwrap_or(false);
        section.done();
        let layer = Self {
            name: name?,
            pays: pays?,
            whom,
            of: base,
            ratio,
            yearly,
            above,
            above_times,
            segments,
            ceiling,
            once_a_year,
            law,
        };
        if once_a_year {
            layer.check_once_a_year(section);
        }
        Some(layer)
    }

    /// What is paid behind the year's bills goes by the person and what the year left, not by any bill.
    fn check_once_a_year(&self, section: &Section<'_>) {
        let tables = [&self.above, &self.ceiling].into_iter().flat_map(Table::conditions);
        let all = tables.chain(self.above_times.conditions()).chain(self.segments.conditions());
        if let Some(word) = Used::by(all).of_bill() {
            let found = format!("a row of a layer paid once a year that depends on `{word}`");
            section.report(&found, "rows that depend on the person alone");
        }
        if !self.yearly {
            section.report(
                "a layer paid once a year that goes by bill",
                "`in-scope self-pay of the year`, or by = \"year\"",
            );
        }
        if self.ratio.is_some() {
            section.report("`ratio` in a layer paid once a year", "no `ratio`");
        }
    }

    /// Whether it is for a bill.
    pub(crate) fn holds(&self, situation: &Situation) -> bool {
        self.whom.is_empty() || self.whom.iter().any(|condition| condition.fits(situation))
    }

    /// The parts it pays for.
    pub(crate) fn parts(&self) -> &Parts<bool> {
        &self.of
    }

    fn line(&self, situation: &Situation) -> Exact {
        let line = self.above.find(situation).copied().unwrap_or(Money::ZERO).exact();
        self.above_times.all(situation).fold(line, |line, factor| line.share(*factor))
    }

    /// What it pays for what earlier layers left.
    pub(crate) fn pay(
        &self,
        situation: &Situation,
        rounding: RoundingRule,
        year: &Accumulators,
        left: Left<'_>,
        told: impl FnMut(Piece),
    ) -> LayerPaid {
        let (base, ratio) = self.base(left);
        let before = if self.yearly { year.get(Counter::LayerEntered(self.name)) } else { Exact::ZERO };
        let used = year.get(Counter::LayerPaid(self.name));
        let paid = self.pay_base(situation, rounding, [base, before, used], told);
        let mut paid = LayerPaid { ratio, ..paid };
        paid.fund = left.fund_left.filter(|(fund, _)| *fund == self.pays).map(|(_, has)| {
            let taken = (paid.paid - has.at_least_zero()).at_least_zero();
            paid.paid -= taken;
            (has, taken)
        });
        paid
    }

    /// What it pays for all that came to it in a year, where it pays once a year.
    pub(crate) fn pay_year(
        &self,
        situation: &Situation,
        rounding: RoundingRule,
        base: Exact,
        told: impl FnMut(Piece),
    ) -> LayerPaid {
        self.pay_base(situation, rounding, [base, Exact::ZERO, Exact::ZERO], told)
    }

    /// What comes to it, what came before, what it paid before.
    fn pay_base(
        &self,
        situation: &Situation,
        rounding: RoundingRule,
        [base, before, used]: [Exact; 3],
        told: impl FnMut(Piece),
    ) -> LayerPaid {
        let line = self.line(situation);
        let entering = Entering {
            entered_year: before,
            paid_year: Exact::ZERO,
            deductible: Exact::ZERO,
            cost: base,
            above: line,
            cut: Rate::ZERO,
            room: Room::ENDLESS,
        };
        let Paid { mut paid, .. } = self.segments.pay(situation, rounding, entering, told);
        let ceiling = self.ceiling.find(situation).map(|ceiling| {
            let taken = (paid - (ceiling.exact() - used).at_least_zero()).at_least_zero();
            paid -= taken;
            (ceiling.exact(), used, taken)
        });
        let line = (line > Exact::ZERO).then_some((line, before + base));
        LayerPaid { base, paid, line, ratio: None, ceiling, fund: None }
    }

    fn base(&self, left: Left<'_>) -> (Exact, Option<ratio::Told>) {
        let bears = left.parts.sum_of(&self.of);
        match self.ratio.map(|ratio| ratio.base(bears, left.in_scope)) {
            None => (bears, None),
            Some(None) => (Exact::ZERO, None),
            Some(Some((base, told))) => (base, Some(told)),
        }
    }

    /// Its line, its ceiling and what its fund has, where they bear on what it pays.
    pub(crate) fn explain(&self, paid: &LayerPaid, trail: &mut Trail) {
        let figure = Figure::Fund(self.pays);
        if let Some(line) = paid.line.filter(|_| paid.paid > Exact::ZERO) {
            trail.push(&CONSTRUCT, 0, self.law, Figure::Note, line, Money::ZERO);
        }
        if let Some((ceiling, used, taken)) = paid.ceiling.filter(|(_, _, taken)| *taken > Exact::ZERO) {
            trail.push(&CONSTRUCT, 1, self.law, figure, (ceiling, used), -taken);
        }
        if let Some((has, taken)) = paid.fund.filter(|(_, taken)| *taken > Exact::ZERO) {
            trail.push(&CONSTRUCT, 2, self.law, figure, (has,), -taken);
        }
    }

    pub(crate) fn segments(&self) -> &Segments {
        &self.segments
    }
}

/// What the patient bears of in-scope cost, the first share of class B and of care elsewhere included.
const SELF_PAY: &[Part] =
    &[Part::Deductible, Part::Share, Part::OverCeiling, Part::FirstSelfPay, Part::VisitShare];
