//! The days a report is of.

use jiff::civil::Date;
use web::{Said, field};

/// The most days of one report: a quarter of a year. The bills of more are read too slowly to wait for.
pub(crate) const DAYS_MAX: i32 = 92;

/// Days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first.
    pub(crate) from: Date,
    /// The last.
    pub(crate) to: Date,
}

impl Span {
    /// One day.
    pub(crate) const fn of(day: Date) -> Self {
        Self { from: day, to: day }
    }

    /// What is typed: today where nothing is, one day where one is; so many at the most.
    pub(crate) fn read(from: &str, to: &str, today: Date, most: i32) -> Result<Self, Said> {
        let (from, to) = match (from, to) {
            ("", "") => return Ok(Self::of(today)),
            ("", one) | (one, "") => (one, one),
            both => both,
        };
        // A month that is not over yet is shown as far as it has come.
        let span = Self { from: field::past_day(from, today)?, to: field::day(to, today)?.min(today) };
        if span.from > span.to {
            return Err(Said::new("report-days-turned"));
        }
        if span.len() > most {
            return Err(Said::new("report-days-many").with("most", most).with("seen", span.len()));
        }
        Ok(span)
    }

    /// Those people ask for most: the key of each one's name, and its days.
    pub(crate) fn usual(today: Date) -> [(&'static str, Self); 4] {
        let month = today.first_of_month();
        let last = month.yesterday().unwrap_or(month);
        [
            ("report-today", Self::of(today)),
            ("report-yesterday", Self::of(today.yesterday().unwrap_or(today))),
            ("report-this-month", Self { from: month, to: today }),
            ("report-last-month", Self { from: last.first_of_month(), to: last }),
        ]
    }

    /// Each of them, the first first.
    pub(crate) fn days(self) -> impl Iterator<Item = Date> {
        self.from.series(jiff::Span::new().days(1)).take_while(move |day| *day <= self.to)
    }

    pub(crate) fn has(self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    fn len(self) -> i32 {
        (self.to - self.from).get_days() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_in_order_past_and_not_too_many() {
        let today = date(2026, 11, 23);
        let check = |from: &str, to: &str, expected: Result<(Date, Date), &str>| {
            let read = Span::read(from, to, today, DAYS_MAX).map(|span| (span.from, span.to));
            assert_eq!(
                read.as_ref().map_err(|said| said.key),
                expected.as_ref().map_err(|key| *key),
                "{from} {to}"
            );
        };
        check("", "", Ok((today, today)));
        check("2026-11-01", "", Ok((date(2026, 11, 1), date(2026, 11, 1))));
        check("", "t-1", Ok((date(2026, 11, 22), date(2026, 11, 22))));
        check("1101", "t", Ok((date(2026, 11, 1), today)));
        check("t", "t-1", Err("report-days-turned"));
        check("2026-08-24", "t", Ok((date(2026, 8, 24), today)));
        check("2026-08-23", "t", Err("report-days-many"));
        check("t", "1231", Ok((today, today)));
        check("1124", "1231", Err("field-day-future"));
        check("x", "t", Err("field-day"));
    }

    #[test]
    fn last_month_is_whole() {
        let [_, (_, yesterday), (_, this), (_, last)] = Span::usual(date(2026, 3, 1));
        assert_eq!(yesterday, Span::of(date(2026, 2, 28)));
        assert_eq!(this, Span::of(date(2026, 3, 1)));
        assert_eq!((last.from, last.days().count()), (date(2026, 2, 1), 28));
        assert!(last.has(date(2026, 2, 28)) && !last.has(date(2026, 3, 1)));
    }
}
