//! How moments and days stand in a store: text that sorts and that a person can read.

use jiff::civil::{Date, DateTime, Time};

/// `2026-01-31 09:41:05.123`.
pub fn write_time(time: DateTime) -> String {
    let mut text = write_date(time.date());
    text.push(' ');
    push(&mut text, i32::from(time.hour()), 2);
    text.push(':');
    push(&mut text, i32::from(time.minute()), 2);
    text.push(':');
    push(&mut text, i32::from(time.second()), 2);
    text.push('.');
    push(&mut text, i32::from(time.millisecond()), 3);
    text
}

/// `2026-01-31`.
pub fn write_date(date: Date) -> String {
    let mut text = String::with_capacity(23);
    push(&mut text, i32::from(date.year()), 4);
    text.push('-');
    push(&mut text, i32::from(date.month()), 2);
    text.push('-');
    push(&mut text, i32::from(date.day()), 2);
    text
}

fn push(text: &mut String, number: i32, width: u32) {
    for place in (0..width).rev() {
        let digit = u8::try_from(number / 10_i32.pow(place) % 10).unwrap_or(0);
        text.push(char::from(b'0' + digit));
    }
}

/// Reads what [`write_time`] wrote.
pub fn read_time(text: &str) -> Option<DateTime> {
    let (date, clock) = text.split_once(' ')?;
    let number = |from: usize, to: usize| clock.get(from..to)?.parse::<i16>().ok();
    let nanos = i32::from(number(9, 12)?) * 1_000_000;
    let part = |from, to| i8::try_from(number(from, to)?).ok();
    let clock = Time::new(part(0, 2)?, part(3, 5)?, part(6, 8)?, nanos).ok()?;
    Some(read_date(date)?.to_datetime(clock))
}

/// Reads what [`write_date`] wrote.
pub fn read_date(text: &str) -> Option<Date> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let part = |from, to| i8::try_from(number(from, to)?).ok();
    Date::new(number(0, 4)?, part(5, 7)?, part(8, 10)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn moments_read_back() {
        let time = datetime(2026, 1, 31, 9, 41, 5, 123_000_000);
        assert_eq!(write_time(time), "2026-01-31 09:41:05.123");
        assert_eq!(read_time("2026-01-31 09:41:05.123"), Some(time));
        assert_eq!(read_time("2026-01-31 25:00:00.000"), None);
        assert_eq!(read_date("2026-02-30"), None);
    }
}
