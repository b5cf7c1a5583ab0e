//! W, AC. Which care counts as one, and how late a bill may be filed by hand.

use super::Construct;
use crate::document::Section;
use crate::manual::Page;

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
    name: ("", ""),
    text: (
        "合并与手工报销:入院前若干小时的急诊、若干天的术前检查并入住院;手工报销的时限。",
        "What joins a stay (emergency hours and tests before it), and how late a bill may be filed by hand.",
    ),
    at: &[],
    many: false,
    keys: &[],
    example: ("", "", ""),
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
