//! A rule table: rows of conditions on the left and a value on the right. Checked at load: two rows that both fit,
//! and a situation that no row fits.

use std::collections::HashMap;

use crate::constructs::Scope;
use crate::document::Section;
use crate::index::Index;
use crate::situation::{Condition, Situation};

/// Rows in written order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table<T> {
    rows: Vec<(Condition, T)>,
    fitting: Fitting,
}

/// Which rows fit.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fitting {
    /// By situation: where in `rows` those stand that fit, and how many.
    Known { index: Index, cells: Box<[(u16, u16)]>, rows: Box<[u16]> },
    /// Looked for: there are too many situations. All rows.
    Open(Box<[u16]>),
}

impl Fitting {
    fn of<T>(rows: &[(Condition, T)]) -> Self {
        let all = || 0..u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let Some(index) = Index::new(rows.iter().map(|(condition, _)| condition)) else {
            return Self::Open(all().collect());
        };
        let mut listed: Vec<u16> = Vec::new();
        let mut known: HashMap<Vec<u16>, (u16, u16)> = HashMap::new();
        let mut cells = Vec::new();
        for situation in index.situations() {
            let fit: Vec<u16> = all().filter(|at| rows[usize::from(*at)].0.fits(&situation)).collect();
            let place = known.get(&fit).copied().unwrap_or_else(|| {
                let place = (u16::try_from(listed.len()), u16::try_from(fit.len()));
                listed.extend(&fit);
                (place.0.unwrap_or(u16::MAX), place.1.unwrap_or(u16::MAX))
            });
            known.insert(fit, place);
            cells.push(place);
        }
        if listed.len() > usize::from(u16::MAX) {
            return Self::Open(all().collect());
        }
        Self::Known { index, cells: cells.into(), rows: listed.into() }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl<T> Table<T> {
    fn of(rows: Vec<(Condition, T)>) -> Self {
        Self { fitting: Fitting::of(&rows), rows }
    }

    /// Reads the rows below `key`; `value` reads the right side of one.
    pub(crate) fn read(
        section: &Section<'_>,
        key: &str,
        scope: &Scope<'_>,
        mut value: impl FnMut(&Section<'_>) -> Option<T>,
    ) -> Self {
        let mut rows = Vec::new();
        for row in section.rows(key) {
            let condition = Condition::read(&row, scope.groups);
            if let Some(value) = value(&row) {
                rows.push((condition, value));
            }
            row.done();
        }
        Self::of(rows)
    }

    /// One row for every situation.
    pub(crate) fn always(value: T) -> Self {
        Self::of(vec![(Condition::any(), value)])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All values, in written order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(_, value)| value)
    }

    /// The conditions, in written order.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> + Clone {
        self.rows.iter().map(|(condition, _)| condition)
    }

    /// The row that fits. [`Table::check_single`] has made sure that there is at most one.
    #[inline]
    pub(crate) fn find(&self, situation: &Situation) -> Option<&T> {
        // Most tables of most editions are empty.
        if self.rows.is_empty() { None } else { self.all(situation).next() }
    }

    /// All rows that fit, in written order.
    #[inline]
    pub(crate) fn all<'t, 's>(
        &'t self,
        situation: &'s Situation,
    ) -> impl Iterator<Item = &'t T> + use<'t, 's, T> {
        let (rows, open) = match &self.fitting {
            Fitting::Known { index, cells, rows } => {
                let (from, count) = cells[index.cell(situation)];
                (&rows[usize::from(from)..][..usize::from(count)], false)
            }
            Fitting::Open(rows) => (&rows[..], true),
        };
        let rows = rows.iter().map(|at| &self.rows[usize::from(*at)]);
        rows.filter(move |(condition, _)| !open || condition.fits(situation)).map(|(_, value)| value)
    }

    /// Reports the first situation in which two rows fit, and (where `complete`) the first in which none does.
    pub(crate) fn check_single(&self, section: &Section<'_>, key: &str, scope: &Scope<'_>, complete: bool) {
        if self.is_empty() {
            return;
        }
        let ground = self.ground(scope);
        let count = |s: &Situation| self.all(s).count();
        if let Some((_, words)) = ground.iter().find(|(s, _)| count(s) > 1) {
            section.report(&format!("two rows of `{key}` that both fit {words}"), "one row");
        }
        if complete && let Some((_, words)) = ground.iter().find(|(s, _)| count(s) == 0) {
            section.report(&format!("no row of `{key}` for {words}"), "one row");
        }
    }

    /// Every situation that differs for some row, with its words.
    pub(crate) fn ground(&self, scope: &Scope<'_>) -> Vec<(Situation, String)> {
        scope.ground().situations(&self.rows.iter().map(|(condition, _)| condition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edition, Person, Visit};
    use jiff::civil::date;
    use model::{HospitalLevel, PersonStatus, Region, VisitKind};
    use proptest::prelude::*;

    /// Rows that look at words, numbers and days, at both ends of ranges.
    const ROWS: &str = r#"
        rule = [
          { status = "retired", age = "..59", is = "1%" },
          { status = "retired", age = "60..69", is = "2%" },
          { status = ["retired", "cadre"], age = "70+", is = "3%" },
          { level = [1, 3], region = "home", admission = "2+", is = "4%" },
          { born = "1956-01-01..", is = "5%" },
          { born = "unknown", visit = ["inpatient", "emergency"], is = "6%" },
          { is = "7%" },
        ]
    "#;

    fn table() -> Table<money::Rate> {
        let text = include_str!("manual/new/edition.toml").to_owned() + "\n[causes]\n";
        let edition = Edition::parse("edition", &text).unwrap();
        let source = crate::document::Source::parse("rows", ROWS).unwrap();
        let (bases, root) = (crate::constructs::bases::Bases::default(), source.root());
        let scope = Scope {
            statuses: PersonStatus::ALL,
            levels: &[],
            visits: VisitKind::ALL,
            groups: edition.groups(),
            bases: &bases,
            whom: &[],
        };
        Table::read(&root, "rule", &scope, |row| row.need("is").and_then(|p| p.rate()))
    }

    proptest! {
        #[test]
        fn a_table_finds_the_rows_whose_conditions_fit(
            status in prop::sample::select(PersonStatus::ALL), age in 0_u16..120,
            level in 0_u8..=3, region in prop::sample::select(Region::ALL), kind in prop::sample::select(VisitKind::ALL),
            admission in 0_u16..5, born in prop::option::of(-20_i64..20),
        ) {
            let table = table();
            let person = Person {
                born: born.map(|days| date(1956, 1, 1).saturating_add(jiff::Span::new().days(days))),
                ..Person::new(status, age)
            };
            let level = HospitalLevel::new(level).unwrap();
            let visit = Visit { region, admission, ..Visit::new(kind, level, date(2026, 5, 1)) };
            let situation = Situation::new(&person, &visit, level);
            let found: Vec<_> = table.all(&situation).collect();
            let fit = table.rows.iter().filter(|(condition, _)| condition.fits(&situation));
            prop_assert_eq!(found, fit.map(|(_, rate)| rate).collect::<Vec<_>>());
        }
    }
}
