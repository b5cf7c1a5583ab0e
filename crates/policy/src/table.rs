//! A rule table: rows of conditions on the left and a value on the right. Checked at load: two rows that both fit,
//! and a situation that no row fits.

use crate::constructs::Scope;
use crate::document::Section;
use crate::situation::{Condition, Situation};

/// Rows in written order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table<T> {
    rows: Vec<(Condition, T)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<T> Table<T> {
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
        Self { rows }
    }

    /// One row for every situation.
    pub(crate) fn always(value: T) -> Self {
        Self { rows: vec![(Condition::any(), value)] }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All values, in written order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(_, value)| value)
    }

    /// The conditions, in written order.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.rows.iter().map(|(condition, _)| condition)
    }

    /// The row that fits. [`Table::check_single`] has made sure that there is at most one.
    pub(crate) fn find(&self, situation: &Situation) -> Option<&T> {
        self.rows.iter().find(|(condition, _)| condition.fits(situation)).map(|(_, value)| value)
    }

    /// All rows that fit, in written order.
    pub(crate) fn all<'t>(&'t self, situation: &Situation) -> impl Iterator<Item = &'t T> + use<'t, T> {
        let situation = *situation;
        self.rows.iter().filter(move |(condition, _)| condition.fits(&situation)).map(|(_, value)| value)
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
