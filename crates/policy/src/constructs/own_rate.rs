//! C. Classes with a rate of their own, outside the segments: negotiated and dual-channel drugs.

use std::ops::RangeInclusive;

use model::Fund;

use super::ceiling::{self, Ceiling, Counts, UsedBy};
use super::segments::{POINTS, RATE, Segments};
use super::{Articles, Construct, Law, Scope};
use crate::counters::Track;
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, PAYS, Page};

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 11,
    page: &PAGE,
    // What they pay is told as segments are.
    sentences: &[],
    keeps: &[Law::Monotone, Law::OrderFree],
};

const PAGE: Page = Page {
    key: "own_rate",
    name: ("单独支付", "Rates of their own"),
    text: (
        "清单上的项目(如双通道药品)不进分段,按自己的比例支付,可另设封顶线,也可与其他就诊共用封顶线。最多四类。\
         每类各有全年累计 `own_rate.<序号>.paid`、`own_rate.<序号>.entered`,序号是它在本版本各类中的次序,从 1 起;\
         同一年度以后的版本必须保持各类的次序,新的类写在最后,只能从最后减去。各类合计记在 `dual_channel.paid`、\
         `dual_channel.entered`;只有一类时,它的封顶线按这个合计计。",
        "Classes with a rate of their own: items on a list (dual-channel drugs) stay out of the segments and are paid \
         at their own rate, up to a ceiling of their own or a shared one. At most four classes. Each class has counters of \
         its own in a year, `own_rate.<number>.paid` and `own_rate.<number>.entered`; its number is its place among the \
         classes of the edition, from 1. Later editions of the same year must keep the order of the classes: a new one \
         stands last, and only the last may go. All classes together are counted in `dual_channel.paid` and \
         `dual_channel.entered`; the ceiling of a class that is alone goes by these.",
    ),
    at: &["own_rate"],
    needed: false,
    many: true,
    keys: &[
        Key::needed("list", Holds::Names("list"), "哪些清单上的项目", "the items of which lists"),
        RATE,
        POINTS,
        Key::optional(
            "ceiling",
            Holds::Table(ceiling::PAGE.keys),
            "本类的封顶线;见“封顶线”;省略为不设",
            "a ceiling of its own; see Ceiling; left out: none",
        ),
        Key::optional(
            "shares_ceiling_of",
            Holds::Word("rules"),
            "还受哪一类规则的封顶线限制;省略为不受",
            "the table of rules whose ceiling holds, too; left out: none",
        ),
        PAYS,
        Key::optional(
            "thresholds",
            Holds::Choice(&["counted from nothing", "counted from the line"]),
            "分段界限从哪里算起;本类没有起付线,两者相同",
            "from where thresholds count; without a line both are the same",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "own_rate"),
};

/// The numbers of classes an edition may have: counters of a class go by its number.
pub(crate) const NUMBERS: RangeInclusive<u8> = 1..=4;

/// Classes an edition may have.
pub(crate) const MAX: usize = *NUMBERS.end() as usize;

/// One class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnRate {
    /// Its place among the classes of the edition, from 1.
    pub(crate) number: u8,
    /// The lists its items are on, one bit each.
    pub(crate) lists: u32,
    pub(crate) segments: Segments,
    pub(crate) ceiling: Option<Ceiling>,
    /// The table of rules whose ceiling holds, too.
    pub(crate) shares_ceiling_of: Option<Track>,
    pub(crate) pays: Fund,
    pub(crate) law: u16,
}

/// What such classes have paid together is counted under this.
pub(crate) const TRACK: Track = Track::DualChannel;

impl OwnRate {
    pub(crate) fn read_all(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Vec<Self> {
        let sections = root.rows("own_rate");
        if let Some(section) = sections.get(MAX) {
            section.report("one class too many", &format!("at most {MAX}"));
        }
        let alone = sections.len() == 1;
        let numbered = NUMBERS.zip(&sections);
        numbered.filter_map(|(number, section)| Self::read(number, alone, section, scope, articles)).collect()
    }

    fn read(
        number: u8,
        alone: bool,
        section: &Section<'_>,
        scope: &Scope<'_>,
        articles: &mut Articles,
    ) -> Option<Self> {
        let law = articles.read(section);
        let lists = section.need("list").map(|place| scope.lists(&place));
        let segments = Segments::read_flat(section, scope, law);
        let used_by = if alone { UsedBy::OnlyClass } else { UsedBy::Class(number) };
        let ceiling = Ceiling::read(section, used_by, scope, articles);
        if ceiling.as_ref().is_some_and(|rule| rule.by_disease || rule.counts != Counts::Payment) {
            section.report("a class's ceiling of cost, or per disease", "one of payment, of the year");
        }
        let shares_ceiling_of =
            section.get("shares_ceiling_of").and_then(|place| Track::read_all(&place).into_iter().next());
        let pays = section.get("pays").map_or(Some(Fund::Pooled), |place| place.parse("a fund"));
        section.done();
        Some(Self { number, lists: lists?, segments, ceiling, shares_ceiling_of, pays: pays?, law })
    }
}
