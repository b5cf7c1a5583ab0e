//! W, AC. Which care counts as one, and how late a bill may be filed by hand.

use super::Construct;
use crate::document::Section;
use crate::manual::{Holds, Key, Page};

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 18,
    page: &PAGE,
    sentences: &[(
        "入院前 {0#} 小时内的急诊费用并入住院",
        "emergency care within {0#} hours before joins the stay",
    )],
    keeps: &[],
};

const PAGE: Page = Page {
    key: "joining",
    name: ("合并与手工报销", "Joining and manual claims"),
    text: (
        "入院前若干小时的急诊、若干天的术前检查并入住院;手工报销的时限。目前只读取,结算时还不自动合并、不查时限。",
        "What joins a stay (emergency hours and tests before it), and how late a bill may be filed by hand. It is read \
         only: settlements neither join bills nor check the limit yet.",
    ),
    at: &["joining"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "emergency_hours",
            Holds::Count,
            "入院前几小时内的急诊并入住院;省略为不并",
            "emergency care within so many hours before joins the stay; left out: none",
        ),
        Key::optional(
            "tests_days",
            Holds::Count,
            "术前几天内的检查并入住院;省略为不并",
            "tests within so many days before an operation join the stay; left out: none",
        ),
        Key::optional(
            "manual_days",
            Holds::Count,
            "手工报销须在几天内提出;省略为不限",
            "a bill filed by hand later than so many days is refused; left out: no limit",
        ),
    ],
    example: ("demo-city", "2026-01-01", "joining"),
};

/// The joining rules of an edition; nothing joins where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Joining {
    /// Emergency care so many hours before an admission belongs to the stay.
    pub emergency_hours: Option<u16>,
    /// Tests so many days before an operation belong to the stay.
    pub tests_days: Option<u16>,
    /// A bill filed by hand later than this many days is refused.
    pub manual_days: Option<u16>,
}

impl Joining {
    pub(crate) fn read(root: &Section<'_>) -> Self {
        let Some(section) = root.section("joining") else { return Self::default() };
        let number = |key: &str| section.get(key)?.integer().and_then(|n| u16::try_from(n).ok());
        let joining = Self {
            emergency_hours: number("emergency_hours"),
            tests_days: number("tests_days"),
            manual_days: number("manual_days"),
        };
        section.done();
        joining
    }
}
