//! W, AC. Which care counts as one, and how late a bill may be filed by hand.

use jiff::ToSpan;
use jiff::civil::DateTime;
use model::ItemKind;

use super::{Articles, Construct};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 18,
    page: &PAGE,
    sentences: &[("入院前的费用 {0} 并入本次住院", "cost of {0} from before the admission joins the stay")],
    keeps: &[],
};

const PAGE: Page = Page {
    key: "joining",
    name: ("合并与手工报销", "Joining and manual claims"),
    text: (
        "入院前若干小时的费用(急诊)、若干天的检查检验可作为住院明细上传,并入住院结算;更早的明细拒收。手工报销的时限:\
         目前只读取,手工报销时才查。",
        "What of before an admission may be uploaded as lines of the stay and is settled with it: all care within some \
         hours (emergency), examinations and tests within some days; earlier lines are refused. And \
         how late a bill may be filed by hand: that is read, and checked where bills are filed by hand.",
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
            "入院前几天内的检查检验并入住院;省略为不并",
            "examinations and tests within so many days before the admission join the stay; left out: none",
        ),
        Key::optional(
            "manual_days",
            Holds::Count,
            "手工报销须在几天内提出;省略为不限",
            "a bill filed by hand later than so many days is refused; left out: no limit",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "joining"),
};

/// The joining rules of an edition; nothing joins where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Joining {
    /// Emergency care so many hours before an admission belongs to the stay.
    pub emergency_hours: Option<u16>,
    /// Examinations and tests so many days before an admission belong to the stay.
    pub tests_days: Option<u16>,
    /// A bill filed by hand later than this many days is refused.
    pub manual_days: Option<u16>,
    pub(crate) law: u16,
}

impl Joining {
    /// Whether something served before an admission belongs to the stay.
    pub fn joins(&self, kind: ItemKind, served: DateTime, admitted: DateTime) -> bool {
        self.earliest(kind, admitted).is_some_and(|from| served >= from)
    }

    /// From when on what is of a kind belongs to the stay; none where nothing of before the day of admission does.
    pub fn earliest(&self, kind: ItemKind, admitted: DateTime) -> Option<DateTime> {
        let is_test = matches!(kind, ItemKind::Examination | ItemKind::Test);
        let hours = self.emergency_hours.map(|hours| admitted.saturating_sub(i64::from(hours).hours()));
        let days = self.tests_days.filter(|_| is_test);
        let day = days.map(|days| admitted.date().saturating_sub(i64::from(days).days()).at(0, 0, 0, 0));
        hours.into_iter().chain(day).min()
    }

    pub(crate) fn read(root: &Section<'_>, articles: &mut Articles) -> Self {
        let Some(section) = root.section("joining") else { return Self::default() };
        let number = |key: &str| section.get(key).and_then(|place| place.count());
        let joining = Self {
            emergency_hours: number("emergency_hours"),
            tests_days: number("tests_days"),
            manual_days: number("manual_days"),
            law: articles.read(&section),
        };
        section.done();
        joining
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn what_joins_a_stay_is_counted_by_the_hour_and_tests_by_the_day() {
        let joining = Joining { emergency_hours: Some(72), tests_days: Some(7), ..Joining::default() };
        let admitted = datetime(2026, 11, 21, 9, 0, 0, 0);
        let joins = |kind, day, hour| joining.joins(kind, datetime(2026, 11, day, hour, 0, 0, 0), admitted);
        assert!(joins(ItemKind::Drug, 18, 9) && !joins(ItemKind::Drug, 18, 8));
        assert!(joins(ItemKind::Test, 14, 0) && !joins(ItemKind::Examination, 13, 23));
        assert_eq!(joining.earliest(ItemKind::Drug, admitted), Some(datetime(2026, 11, 18, 9, 0, 0, 0)));
        let none = Joining::default();
        assert!(!none.joins(ItemKind::Test, datetime(2026, 11, 20, 23, 59, 0, 0), admitted));
        assert_eq!(none.earliest(ItemKind::Test, admitted), None);
    }
}
