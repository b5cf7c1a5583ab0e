//! Lists of coded things that change by versions: the insurance catalogue, diagnoses. A version adds rows to what was there
//! before it, also rows that begin later, so that what was served earlier is reckoned with as it was listed then. A row said
//! anew from the same day takes the place of the one before.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use jiff::civil::Date;

/// From when to when a row holds, and which version said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// First day; none: always.
    pub from: Option<Date>,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// Position of the version among the list's.
    pub version: usize,
}

impl Validity {
    /// Whether the day is within.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A row of a list.
pub trait Listed {
    /// Its code.
    fn code(&self) -> &str;
    /// When it holds.
    fn valid(&self) -> &Validity;
    /// The same, to change.
    fn valid_mut(&mut self) -> &mut Validity;
}

/// A list, with all its versions. Rows of one code do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    versions: Vec<String>,
    rows: Vec<T>,
    /// The row of the same code that holds before.
    before: Vec<Option<usize>>,
    /// The row of a code that holds last. Whoever sends codes cannot add any, so a fast hash does.
    last: HashMap<String, usize, FixedState>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { versions: Vec::new(), rows: Vec::new(), before: Vec::new(), last: HashMap::default() }
    }
}

impl<T: Listed> Listing<T> {
    /// A list of one version; of two rows with one code and beginning the later stands.
    pub fn new(version: &str, rows: Vec<T>) -> Self {
        Self::default().with(version, rows)
    }

    /// With a further version: a row takes the place of one of its code that begins on the same day, ends the one that
    /// holds until then the day before, and itself ends before one that begins later.
    #[must_use]
    pub fn with(mut self, version: &str, rows: Vec<T>) -> Self {
        let at = self.versions.len();
        self.versions.push(version.into());
        for mut row in rows {
            row.valid_mut().version = at;
            self.put(row);
        }
        self
    }

    fn put(&mut self, mut row: T) {
        let from = row.valid().from;
        // The first that begins no later, and the one behind it.
        let (mut after, mut place) = (None, self.last.get(row.code()).copied());
        while let Some(at) = place.filter(|at| self.rows[*at].valid().from > from) {
            (after, place) = (Some(at), self.before[at]);
        }
        let ends_before = |day: Option<Date>| day.and_then(|day| day.yesterday().ok());
        if let Some(begins) = after.map(|at: usize| self.rows[at].valid().from) {
            let valid = row.valid_mut();
            if valid.to.is_none_or(|to| Some(to) >= begins) {
                valid.to = ends_before(begins);
            }
        }
        if let Some(at) = place.filter(|at| self.rows[*at].valid().from == from) {
            self.rows[at] = row;
            return;
        }
        let version = row.valid().version;
        if let Some(at) = place {
            let earlier = self.rows[at].valid_mut();
            if earlier.to.is_none_or(|to| Some(to) >= from) {
                (earlier.to, earlier.version) = (ends_before(from), version);
            }
        }
        let new = self.rows.len();
        match after {
            None => {
                self.last.insert(row.code().to_owned(), new);
            }
            Some(at) => self.before[at] = Some(new),
        }
        self.rows.push(row);
        self.before.push(place);
    }

    /// The newest version; nothing of an empty list.
    pub fn version(&self) -> &str {
        self.versions.last().map_or("", String::as_str)
    }

    /// All versions, the oldest first.
    pub fn versions(&self) -> &[String] {
        &self.versions
    }

    /// All rows.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Rows of a code, the one that holds last first.
    pub fn of<'l>(&'l self, code: &str) -> impl Iterator<Item = &'l T> {
        let first = self.last.get(code).copied();
        std::iter::successors(first, |at| self.before[*at]).map(|at| &self.rows[at])
    }

    /// The row of a code that holds on a day.
    pub fn on(&self, code: &str, day: Date) -> Option<&T> {
        self.of(code).find(|row| row.valid().holds_on(day))
    }

    /// Rows that a version said or changed which came behind the one named; all of them where no version is called so.
    pub fn since<'l>(&'l self, version: &str) -> impl Iterator<Item = &'l T> {
        let known = self.versions.iter().position(|name| name == version);
        self.rows.iter().filter(move |row| known.is_none_or(|known| row.valid().version > known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Row(&'static str, &'static str, Validity);

    impl Listed for Row {
        fn code(&self) -> &str {
            self.0
        }

        fn valid(&self) -> &Validity {
            &self.2
        }

        fn valid_mut(&mut self) -> &mut Validity {
            &mut self.2
        }
    }

    fn row(code: &'static str, what: &'static str, from: Option<Date>) -> Row {
        Row(code, what, Validity { from, ..Validity::default() })
    }

    fn told(list: &Listing<Row>, code: &str, day: Date) -> &'static str {
        list.on(code, day).map_or("none", |row| row.1)
    }

    #[test]
    fn a_later_version_changes_what_is_to_come_and_not_what_was() {
        let (december, march) = (date(2026, 12, 1), date(2027, 3, 1));
        let list = Listing::new("1", vec![row("a", "old", None), row("b", "stays", None)])
            .with("2", vec![row("a", "new", Some(december)), row("c", "comes", Some(december))])
            .with("3", vec![row("a", "newest", Some(march))]);
        assert_eq!(told(&list, "a", date(2026, 11, 30)), "old");
        assert_eq!(told(&list, "a", december), "new");
        assert_eq!(told(&list, "a", date(2027, 2, 28)), "new");
        assert_eq!(told(&list, "a", march), "newest");
        assert_eq!(told(&list, "c", date(2026, 11, 30)), "none");
        assert_eq!(list.version(), "3");
        let since = |version| list.since(version).map(|row| row.1).collect::<Vec<_>>();
        assert_eq!(since("0"), ["old", "stays", "new", "comes", "newest"]);
        assert_eq!(since("1"), ["old", "new", "comes", "newest"], "the old one ends now");
        assert_eq!(since("2"), ["new", "newest"]);
        assert_eq!(since("3"), [""; 0]);
    }

    #[test]
    fn a_row_put_between_two_ends_the_one_and_before_the_other() {
        let day = |d| date(2026, 12, d);
        let mut stops = row("a", "stops", Some(day(20)));
        stops.2.to = Some(day(24));
        let list = Listing::new("1", vec![row("a", "one", None), row("a", "three", Some(day(10)))])
            .with("2", vec![row("a", "two", Some(day(5)))])
            .with("3", vec![row("a", "three again", Some(day(10))), stops]);
        let on = |d| told(&list, "a", day(d));
        assert_eq!([on(1), on(4), on(5), on(9)], ["one", "one", "two", "two"]);
        assert_eq!(
            [on(10), on(19), on(20), on(24), on(25)],
            ["three again", "three again", "stops", "stops", "none"]
        );
        let again = list.clone().with("4", vec![row("a", "one again", None)]);
        assert_eq!(told(&again, "a", day(4)), "one again");
        assert_eq!(told(&again, "a", day(5)), "two", "it still ends before the next begins");
        assert_eq!(told(&again, "a", day(25)), "none");
        assert_eq!(list.of("a").map(|row| row.1).collect::<Vec<_>>(), ["stops", "three again", "two", "one"]);
    }
}
