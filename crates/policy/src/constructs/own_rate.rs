//! C. Classes with a rate of their own, outside the segments: negotiated and dual-channel drugs.

use model::Fund;

use super::ceiling::{self, Ceiling};
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
        "清单上的项目(如双通道药品)不进分段,按自己的比例支付,可另设封顶线,也可与其他就诊共用封顶线。最多四类。",
        "Classes with a rate of their own: items on a list (dual-channel drugs) stay out of the segments and are paid \
         at their own rate, up to a ceiling of their own or a shared one. At most four classes.",
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

/// Classes an edition may have.
pub(crate) const MAX: usize = 4;

/// One class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnRate {
    /// The lists its items are on, one bit each.
    pub(crate) lists: u32,
    pub(crate) segments: Segments,
    pub(crate) ceiling: Option<Ceiling>,
    /// The table of rules whose ceiling holds, too.
    pub(crate) shares_ceiling_of: Option<Track>,
    pub(crate) pays: Fund,
    pub(crate) law: u16,
}

/// What such classes have paid is counted under this.
pub(crate) const TRACK: Track = Track::DualChannel;

impl OwnRate {
    pub(crate) fn read_all(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Vec<Self> {
        let sections = root.rows("own_rate");
        if let Some(section) = sections.get(MAX) {
            section.report("one class too many", &format!("at most {MAX}"));
        }
        sections.iter().take(MAX).filter_map(|section| Self::read(section, scope, articles)).collect()
    }

    fn read(section: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let law = articles.read(section);
        let lists = section.need("list").map(|place| scope.lists(&place));
        let segments = Segments::read_flat(section, scope, law);
        let ceiling = Ceiling::read(section, TRACK, scope, articles);
        let shares_ceiling_of =
            section.get("shares_ceiling_of").and_then(|place| Track::read_all(&place).into_iter().next());
        let pays = section.get("pays").map_or(Some(Fund::Pooled), |place| place.parse("a fund"));
        section.done();
        Some(Self { lists: lists?, segments, ceiling, shares_ceiling_of, pays: pays?, law })
    }
}
