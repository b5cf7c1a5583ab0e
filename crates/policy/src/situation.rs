//! The dimensions rules depend on: the situation of a bill, and the condition of a row.

use std::str::FromStr;

use model::{HospitalLevel, PersonStatus, Region, VisitKind};

use crate::document::Section;

/// Where one bill stands in every dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Situation {
    /// One bit a dimension: status, level, region, visit.
    bits: u32,
    /// Years of age.
    pub(crate) age: u16,
    /// Number of the admission in the year, from 1; 0 outside stays.
    pub(crate) admission: u16,
}

const LEVEL_AT: u32 = 4;
const REGION_AT: u32 = 8;
const VISIT_AT: u32 = 16;
const STATUS_MASK: u32 = 0xf;
const LEVEL_MASK: u32 = 0xf << LEVEL_AT;
const REGION_MASK: u32 = 0xff << REGION_AT;
const VISIT_MASK: u32 = 0xffff << VISIT_AT;

impl Situation {
    pub(crate) fn new(
        status: PersonStatus,
        level: HospitalLevel,
        region: Region,
        visit: VisitKind,
        age: u16,
        admission: u16,
    ) -> Self {
        let bits = (1 << status as u32)
            | (1 << (LEVEL_AT + u32::from(level.get())))
            | (1 << (REGION_AT + region as u32))
            | (1 << (VISIT_AT + visit as u32));
        Self { bits, age, admission }
    }

    /// In words, for problems: `status employed, level 2, …`.
    pub(crate) fn words(&self) -> String {
        let bit = |mask: u32, at: u32| (self.bits & mask).trailing_zeros() - at;
        let visit = VisitKind::ALL[bit(VISIT_MASK, VISIT_AT) as usize];
        let status = PersonStatus::ALL[bit(STATUS_MASK, 0) as usize];
        let region = Region::ALL[bit(REGION_MASK, REGION_AT) as usize];
        let level = bit(LEVEL_MASK, LEVEL_AT);
        format!(
            "status {status}, level {level}, region {region}, visit {visit}, age {}, admission {}",
            self.age, self.admission
        )
    }
}

/// When a row applies. A dimension left out means any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Condition {
    bits: u32,
    age: (u16, u16),
    admission: (u16, u16),
}

impl Condition {
    pub(crate) const ANY: Self = Self { bits: u32::MAX, age: (0, u16::MAX), admission: (0, u16::MAX) };

    pub(crate) fn fits(&self, situation: &Situation) -> bool {
        situation.bits & !self.bits == 0
            && (self.age.0..=self.age.1).contains(&situation.age)
            && (self.admission.0..=self.admission.1).contains(&situation.admission)
    }

    /// Reads the dimensions a row names.
    pub(crate) fn read(row: &Section<'_>) -> Self {
        let mut condition = Self::ANY;
        condition.narrow::<PersonStatus>(row, "status", STATUS_MASK, |s| 1 << s as u32);
        condition.narrow::<u8>(row, "level", LEVEL_MASK, |l| 1 << (LEVEL_AT + u32::from(l.min(3))));
        condition.narrow::<Region>(row, "region", REGION_MASK, |r| 1 << (REGION_AT + r as u32));
        condition.narrow::<VisitKind>(row, "visit", VISIT_MASK, |v| 1 << (VISIT_AT + v as u32));
        condition.age = range(row, "age");
        condition.admission = range(row, "admission");
        condition
    }

    fn narrow<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        row: &Section<'_>,
        key: &str,
        mask: u32,
        bit: impl Fn(T) -> u32,
    ) {
        if let Some(place) = row.get(key) {
            let bits =
                place.words::<T>(&format!("a {key}")).into_iter().map(bit).fold(0, |all, one| all | one);
            self.bits = (self.bits & !mask) | bits;
        }
    }
}

/// `3`, `"3+"` or `"60..69"`.
fn range(row: &Section<'_>, key: &str) -> (u16, u16) {
    let any = (0, u16::MAX);
    let Some(place) = row.get(key) else { return any };
    let words = place.words::<String>("a number, \"3+\" or \"60..69\"");
    let Some(text) = words.first() else { return any };
    let parsed = if let Some(from) = text.strip_suffix('+') {
        from.parse().ok().map(|from| (from, u16::MAX))
    } else if let Some((from, to)) = text.split_once("..") {
        from.parse().ok().zip(to.parse().ok())
    } else {
        text.parse().ok().map(|n| (n, n))
    };
    match parsed {
        Some((from, to)) if from <= to => (from, to),
        _ => {
            place.report(&place.shown(), "a number, \"3+\" or \"60..69\"");
            any
        }
    }
}

/// Every situation that differs for some row: the ground a table must cover.
pub(crate) fn ground(
    conditions: &[Condition],
    statuses: &[PersonStatus],
    levels: &[HospitalLevel],
    visits: &[VisitKind],
) -> Vec<Situation> {
    let cuts = |pick: fn(&Condition) -> (u16, u16), first: u16| {
        let mut points = vec![first];
        for condition in conditions {
            let (from, to) = pick(condition);
            points.push(from.max(first));
            points.extend(to.checked_add(1).map(|next| next.max(first)));
        }
        points.sort_unstable();
        points.dedup();
        points
    };
    let ages = cuts(|c| c.age, 0);
    let admissions = cuts(|c| c.admission, 1);
    let mut all = Vec::new();
    for &status in statuses {
        for &level in levels {
            for &region in Region::ALL {
                for &visit in visits {
                    for &age in &ages {
                        for &admission in &admissions {
                            all.push(Situation::new(status, level, region, visit, age, admission));
                        }
                    }
                }
            }
        }
    }
    all
}
