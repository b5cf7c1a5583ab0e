//! Numbers in one form: no plus, no needless zeros, no exponent. What is no number stays as it is.
//!
//! A JSON number of 15 significant digits or more is a double that a machine printed, and means the decimal its program
//! reckoned with: it is taken at the scale of its field where the two differ by less than 10⁻⁹. A unit price, of six
//! places, is taken at its scale in any case, because it is a quotient (10 / 3 is sent as 3.3333333333333335); the
//! amount of the line is what counts, and must be price × quantity within the institution's tolerance.
//! Everything else with too many places is refused, and so is a text: ADR 0010.

use std::borrow::Cow;

/// So many significant digits only a machine writes: a double has 15 to 17.
const DOUBLE_DIGITS: usize = 15;
/// What lies behind so many places is what binary leaves over.
const LEFT_OVER_FROM: usize = 9;
/// Places of a unit price.
const PRICE_PLACES: usize = 6;

/// The one form of a number. `places` is the scale of its field, where the number may be a double.
pub(crate) fn canonical(text: &str, places: Option<u32>) -> Cow<'_, str> {
    let Some(least) = least(text) else { return text.into() };
    let scaled = places.and_then(|places| at_scale(&least, places as usize));
    scaled.unwrap_or(least).into()
}

/// A double at the scale of its field; none where it is none, or where too much would be lost.
fn at_scale(least: &str, places: usize) -> Option<String> {
    let (sign, body) = least.strip_prefix('-').map_or(("", least), |body| ("-", body));
    let (whole, fraction) = body.split_once('.')?;
    let significant = whole.bytes().chain(fraction.bytes()).skip_while(|digit| *digit == b'0').count();
    if fraction.len() <= places || significant < DOUBLE_DIGITS {
        return None;
    }
    let (kept, rest) = fraction.split_at(places);
    let up = rest.as_bytes()[0] >= b'5';
    if places < PRICE_PLACES && !is_left_over(rest, LEFT_OVER_FROM - places, up) {
        return None;
    }
    let units = format!("{whole}{kept}").parse::<u128>().ok()?.checked_add(u128::from(up))?;
    let digits = format!("{units:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    self::least(&format!("{sign}{whole}.{fraction}"))
}

/// Whether the digits behind a scale are less than a unit of the last of `near` places away from it.
fn is_left_over(rest: &str, near: usize, up: bool) -> bool {
    let digit = if up { b'9' } else { b'0' };
    rest.len() > near && rest.bytes().take(near).all(|d| d == digit)
}

fn least(text: &str) -> Option<String> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], body[at + 1..].parse::<i32>().ok().filter(|e| e.abs() <= 30)?),
        None => (body, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut digits = String::with_capacity(whole.len() + fraction.len() + 8);
    digits.push_str(whole);
    digits.push_str(fraction);
    let mut point = i32::try_from(whole.len()).ok()? + exponent;
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    while usize::try_from(point).ok()? > digits.len() {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(usize::try_from(point).ok()?);
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.is_empty() && fraction.is_empty() {
        return Some("0".into());
    }
    let sign = if negative { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for (text, least) in [
            ("25.10", "25.1"),
            ("+007", "7"),
            ("1.0E+2", "100"),
            ("-0.00", "0"),
            (".5", "0.5"),
            ("1e-3", "0.001"),
            ("-8.00", "-8"),
            ("1,5", "1,5"),
            ("12.299999999999999", "12.299999999999999"),
        ] {
            assert_eq!(canonical(text, None), least, "{text}");
        }
    }

    #[test]
    fn a_double_means_the_decimal_beside_it() {
        let check = |text: &str, places: u32, taken: &str| {
            assert_eq!(canonical(text, Some(places)), taken, "{text} at {places} places");
        };
        check("12.299999999999999", 2, "12.3");
        check("-12.299999999999999", 2, "-12.3");
        check("205.45000000000002", 2, "205.45");
        check("99.99999999999999", 2, "100");
        check("0.30000000000000004", 4, "0.3");
        check("5.551115123125783e-17", 2, "0");
        check("1.22999999999999998e1", 2, "12.3");
        // Half a fen is none of binary's making.
        check("1.005", 2, "1.005");
        check("1.0050000000000001", 2, "1.0050000000000001");
        check("3.3333333333333335", 2, "3.3333333333333335");
        check("0.3333333333333333", 4, "0.3333333333333333");
        // Just within a thousand-millionth, and just not.
        check("12.3000000009999", 2, "12.3");
        check("12.3000000010001", 2, "12.3000000010001");
        check("12.2999999990001", 2, "12.3");
        check("12.299999999", 2, "12.299999999");
        check("12345678.299999999", 2, "12345678.299999999");
        // Beyond any amount, and no reason to stumble.
        let most = "3402823669209384634633746074317682114.5599999999999";
        assert_eq!(canonical(most, Some(2)), most);
        // Fourteen digits somebody may have meant.
        check("12.300000000001", 2, "12.300000000001");
    }

    #[test]
    fn a_unit_price_is_taken_at_its_six_places() {
        let check = |text: &str, taken: &str| assert_eq!(canonical(text, Some(6)), taken, "{text}");
        check("3.3333333333333335", "3.333333");
        check("3.33333333333333", "3.333333");
        check("6.666666666666667", "6.666667");
        check("0.99999999999999989", "1");
        check("3.3333333", "3.3333333");
    }
}
