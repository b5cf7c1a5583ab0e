//! Dates and times as the interface writes them, and as programs really send them.

use std::fmt::Write;

use jiff::civil::{Date, DateTime, Time};

/// `2026-01-31`.
pub fn print_date(date: Date) -> String {
    let mut out = String::with_capacity(10);
    let _ = write!(out, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    out
}

/// `2026-01-31 09:41:00`.
pub fn print_time(time: DateTime) -> String {
    let mut out = print_date(time.date());
    let _ = write!(out, " {:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    out
}

/// `20260131094100123`: to the millisecond, without separators.
pub fn compact_time(time: DateTime) -> String {
    let mut out = String::with_capacity(17);
    let _ = write!(out, "{:04}{:02}{:02}", time.year(), time.month(), time.day());
    let _ =
        write!(out, "{:02}{:02}{:02}{:03}", time.hour(), time.minute(), time.second(), time.millisecond());
    out
}

/// A moment, written with a blank or a T, with slashes, without separators, with or without a time of day, with or
/// without a fraction or an offset (which is passed over: all times are China Standard Time).
pub fn read_time(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let (day, clock) = match text.find(['T', ' ']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None if text.len() >= 14 && text.bytes().all(|b| b.is_ascii_digit()) => (&text[..8], &text[8..14]),
        None => (text, ""),
    };
    Some(read_day(day)?.to_datetime(read_clock(clock)?))
}

/// A day, in any of those forms; a time of day behind it is passed over.
pub fn read_date(text: &str) -> Option<Date> {
    read_time(text).map(DateTime::date)
}

fn read_day(text: &str) -> Option<Date> {
    let mut parts = [0_i16; 3];
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        parts = [text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?];
    } else {
        let mut given = text.split(['-', '/']);
        for part in &mut parts {
            let digits = given
                .next()
                .filter(|d| (1..=4).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))?;
            *part = digits.parse().ok()?;
        }
        if given.next().is_some() {
            return None;
        }
    }
    Date::new(parts[0], i8::try_from(parts[1]).ok()?, i8::try_from(parts[2]).ok()?).ok()
}

fn read_clock(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let text = text.split(['.', '+', 'Z']).next().unwrap_or_default();
    let mut parts = [0_i8; 3];
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        parts = [text[..2].parse().ok()?, text[2..4].parse().ok()?, text[4..].parse().ok()?];
    } else {
        for (part, digits) in parts.iter_mut().zip(text.split(':')) {
            *part = digits.parse().ok()?;
        }
        if text.split(':').count() > 3 {
            return None;
        }
    }
    Time::new(parts[0], parts[1], parts[2], 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn every_way_programs_write_a_moment_is_read() {
        let morning = Some(datetime(2026, 1, 31, 9, 41, 5, 0));
        for text in [
            "2026-01-31 09:41:05",
            "2026-01-31T09:41:05",
            "2026-01-31T09:41:05.1234567+08:00",
            "2026/1/31 9:41:05",
            "20260131094105",
            " 2026-01-31 09:41:05 ",
        ] {
            assert_eq!(read_time(text), morning, "{text}");
        }
        assert_eq!(read_time("2026-01-31"), Some(datetime(2026, 1, 31, 0, 0, 0, 0)));
        assert_eq!(read_time("20260131"), Some(datetime(2026, 1, 31, 0, 0, 0, 0)));
        assert_eq!(read_time("2026-01-31 09:41").map(print_time).as_deref(), Some("2026-01-31 09:41:00"));
        for text in ["", "昨天", "2026-02-30", "2026-1", "26:00", "2026-01-31 25:00:00", "2026-01-31-01"] {
            assert_eq!(read_time(text), None, "{text}");
        }
        assert_eq!(compact_time(datetime(2026, 1, 31, 9, 41, 5, 7_000_000)), "20260131094105007");
    }
}
