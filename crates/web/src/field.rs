//! What people type, understood or told what is wrong with it: what was seen, what is allowed. Nothing here forgets what
//! was typed; that is the page's.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use money::{Money, Quantity};

use crate::languages::Said;

/// The most money a field takes.
pub const MONEY_MAX: Money = Money::from_fen(999_999_999);
/// The most of an item a line takes, in ten thousandths.
const QUANTITY_MAX: i64 = 99_999_999;

/// Full-width signs as plain ones, as an input method may have left them on; space around is nothing.
pub fn plain(typed: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\t' | '\r' | '\n' => ' ',
        '。' => '.',
        '×' => '*',
        c => c,
    };
    typed.chars().map(narrow).collect::<String>().trim().to_owned()
}

/// A short code of a house's own, in capitals: 1 to 8 letters or digits; else what was seen.
pub fn short_code(typed: &str) -> Result<String, String> {
    let code = plain(typed).to_uppercase();
    let is_code = (1..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_code { Ok(code) } else { Err(code) }
}

/// An amount of money: at least nothing, two places.
pub fn money(typed: &str) -> Result<Money, Said> {
    let text = plain(typed).replace(',', "");
    let refused = |key| Err(Said::new(key).with("seen", typed));
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && places.is_empty()) || !digits(whole) || !digits(places) {
        return refused("field-money");
    }
    if places.len() > 2 {
        return refused("field-money-places");
    }
    match format!("0{text}").trim_end_matches('.').parse() {
        Ok(amount) if amount <= MONEY_MAX => Ok(amount),
        _ => Err(Said::new("field-money-most").with("seen", typed).with("most", MONEY_MAX)),
    }
}

/// How many of an item: more than none, whole where the item says so.
pub fn quantity(typed: &str, whole: bool) -> Result<Quantity, Said> {
    let text = plain(typed);
    let read: Option<Quantity> = text.parse().ok();
    let refused = |key| Err(Said::new(key).with("seen", typed));
    match read.map(Quantity::ten_thousandths) {
        None => refused("field-quantity"),
        Some(..=0) => refused("field-quantity-least"),
        Some(QUANTITY_MAX..) => refused("field-quantity-most"),
        Some(parts) if whole && parts % 10_000 != 0 => refused("field-quantity-whole"),
        Some(parts) => Ok(Quantity::from_ten_thousandths(parts)),
    }
}

/// A day: `20000131`, `2000-1-31`, `0131` of this year, `t` for today, `t-1`; never in the future.
pub fn past_day(typed: &str, today: Date) -> Result<Date, Said> {
    let day = day(typed, today)?;
    if day > today { Err(Said::new("field-day-future").with("seen", typed)) } else { Ok(day) }
}

/// A day, also one to come.
pub fn day(typed: &str, today: Date) -> Result<Date, Said> {
    let text = plain(typed).to_lowercase();
    let refused = || Said::new("field-day").with("seen", typed);
    if let Some(back) = text.strip_prefix('t') {
        let back: i64 = if back.is_empty() { 0 } else { back.parse().map_err(|_| refused())? };
        return today.checked_add(SignedDuration::from_hours(24 * back)).map_err(|_| refused());
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| text.parse::<i8>().ok();
    let (year, month, day) = match (parts.as_slice(), text.len()) {
        ([year, month, day], _) => (number(year), small(month), small(day)),
        ([all], 8) if all.is_ascii() => (number(&all[..4]), small(&all[4..6]), small(&all[6..])),
        ([all], 4) if all.is_ascii() => (Some(today.year()), small(&all[..2]), small(&all[2..])),
        _ => (None, None, None),
    };
    let day = year.zip(month).zip(day).and_then(|((y, m), d)| Date::new(y, m, d).ok());
    day.filter(|day| day.year() > 1900 && *day < today + 10.years()).ok_or_else(refused)
}

/// What a citizen's identity number says of its holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Born on.
    pub born: Date,
    /// A woman.
    pub female: bool,
}

/// Whether a text is a citizen's identity number of 18 signs; else why not.
pub fn identity(typed: &str, today: Date) -> Result<Holder, Said> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let text = plain(typed).to_uppercase();
    let bytes = text.as_bytes();
    let refused = || Said::new("field-identity").with("seen", typed.chars().count());
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return Err(refused());
    }
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let check = CHECKS[(sum % 11) as usize];
    if bytes[17] != check {
        return Err(Said::new("field-identity-check").with("right", char::from(check)));
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<i16>().unwrap_or_default();
    let small = |range: std::ops::Range<usize>| text[range].parse::<i8>().unwrap_or_default();
    let born = Date::new(number(6..10), small(10..12), small(12..14)).ok();
    let born = born.filter(|born| *born <= today && born.year() > today.year() - 130);
    let female = (bytes[16] - b'0').is_multiple_of(2);
    born.map(|born| Holder { born, female }).ok_or_else(|| Said::new("field-identity-birth"))
}

/// A person's name: whatever signs it is written with, but no control signs.
pub fn name(typed: &str) -> Result<String, Said> {
    let name = typed.trim();
    match name.chars().count() {
        1..=50 if !name.chars().any(char::is_control) => Ok(name.to_owned()),
        1..=50 => Err(Said::new("field-name-control")),
        count => Err(Said::new("field-name").with("seen", count)),
    }
}

/// What is odd about a telephone number; that is told and stops nobody.
pub fn odd_phone(typed: &str) -> Option<Said> {
    let text = plain(typed);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mobile = digits.len() == 11 && digits.starts_with('1');
    let fixed = digits.starts_with('0') && (10..=12).contains(&digits.len());
    let local = (7..=8).contains(&digits.len()) && !digits.starts_with('0');
    let plain = text.chars().all(|c| c.is_ascii_digit() || "-+() ".contains(c));
    (!(plain && (mobile || fixed || local))).then(|| Said::new("field-phone").with("seen", digits.len()))
}

/// An identity number as a screen shows it to those who need not know it.
pub fn masked(number: &str) -> String {
    let signs: Vec<char> = number.chars().collect();
    if signs.len() < 9 {
        return "*".repeat(signs.len());
    }
    let shown = |range: &[char]| range.iter().collect::<String>();
    format!("{}{}{}", shown(&signs[..4]), "*".repeat(signs.len() - 8), shown(&signs[signs.len() - 4..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 1, 31);

    fn key<T: std::fmt::Debug + PartialEq>(answer: Result<T, Said>) -> &'static str {
        answer.expect_err("refused").key
    }

    #[test]
    fn money_has_two_places_and_may_be_typed_full_width() {
        for (typed, fen) in
            [("12", 1200), ("1,234.5", 123_450), (".5", 50), ("３００．２０", 30_020), ("0", 0)]
        {
            assert_eq!(money(typed), Ok(Money::from_fen(fen)), "{typed}");
        }
        assert_eq!(money("9999999.99"), Ok(MONEY_MAX));
        for (typed, why) in [
            ("", "field-money"),
            ("-1", "field-money"),
            ("1e3", "field-money"),
            ("1.005", "field-money-places"),
            ("10000000", "field-money-most"),
        ] {
            assert_eq!(key(money(typed)), why, "{typed}");
        }
    }

    #[test]
    fn a_quantity_is_more_than_none_and_whole_where_it_must() {
        assert_eq!(quantity("２", true), Ok(Quantity::from_ten_thousandths(20_000)));
        assert_eq!(quantity("0.125", false), Ok(Quantity::from_ten_thousandths(1_250)));
        for (typed, whole, why) in [
            ("0", false, "field-quantity-least"),
            ("-1", false, "field-quantity-least"),
            ("x", false, "field-quantity"),
            ("1.5", true, "field-quantity-whole"),
            ("10000", false, "field-quantity-most"),
        ] {
            assert_eq!(key(quantity(typed, whole)), why, "{typed}");
        }
    }

    #[test]
    fn a_day_is_typed_in_any_of_its_ways() {
        for (typed, expected) in [
            ("20000131", date(2000, 1, 31)),
            ("2000-1-31", date(2000, 1, 31)),
            ("0131", TODAY),
            ("t", TODAY),
            ("T-1", date(2026, 1, 30)),
            ("2000/01/31", date(2000, 1, 31)),
        ] {
            assert_eq!(past_day(typed, TODAY), Ok(expected), "{typed}");
        }
        for (typed, why) in [
            ("20260230", "field-day"),
            ("31", "field-day"),
            ("", "field-day"),
            ("0201", "field-day-future"),
            ("t+1", "field-day-future"),
            ("日期", "field-day"),
        ] {
            assert_eq!(key(past_day(typed, TODAY)), why, "{typed}");
        }
    }

    #[test]
    fn an_identity_number_tells_birth_and_sex_or_which_sign_is_wrong() {
        let holder = identity("11010519491231002x", TODAY).unwrap();
        assert_eq!(holder, Holder { born: date(1949, 12, 31), female: true });
        let wrong = identity("110105194912310021", TODAY).unwrap_err();
        assert_eq!((wrong.key, &*wrong.with[0].1), ("field-identity-check", "X"));
        assert_eq!(key(identity("1101051949123100", TODAY)), "field-identity");
        assert_eq!(masked("110105194912310021"), "1101**********0021");
        assert_eq!(masked("E123456"), "*******");
    }

    #[test]
    fn names_and_numbers_of_all_kinds_are_taken() {
        for typed in ["王建国", "阿卜杜拉·买买提", "𠮷田", "Zoë 2"] {
            assert_eq!(name(typed), Ok(typed.to_owned()));
        }
        assert_eq!(key(name("a\u{7}b")), "field-name-control");
        assert_eq!(key(name(" ")), "field-name");
        for prefix in 130..200 {
            assert_eq!(odd_phone(&format!("{prefix}12345678")), None);
        }
        for typed in ["0574-87654321", "87654321", "(010) 12345678"] {
            assert_eq!(odd_phone(typed), None, "{typed}");
        }
        assert!(odd_phone("199").is_some());
    }
}
