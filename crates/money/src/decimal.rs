//! Reads and prints decimal text exactly, at a given number of places.

use std::fmt;

/// Why a text is not an amount at the wanted scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a decimal number at all.
    NotANumber,
    /// More places behind the point than the scale holds, and they are not zero.
    TooManyPlaces,
    /// Outside what 63 bits hold at this scale.
    OutOfRange,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "not a decimal number",
            Self::TooManyPlaces => "more decimal places than allowed",
            Self::OutOfRange => "number out of range",
        })
    }
}

impl std::error::Error for DecimalError {}

/// Reads `text` as an integer count of `10^-places`. Accepts a sign, a point, and an exponent (`1.0E+2`), because
/// JSON writers emit all three; places beyond the scale must be zero.
pub(crate) fn parse(text: &str, places: u32) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = split_exponent(digits)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(DecimalError::NotANumber);
    }
    let mut value: i64 = 0;
    // The position of a digit counts from the last kept place: zero is 10^-places.
    let point = i64::try_from(whole.len()).map_err(|_| DecimalError::OutOfRange)? + exponent;
    let wanted = point + i64::from(places);
    for (index, byte) in (0_i64..).zip(whole.bytes().chain(fraction.bytes())) {
        let digit = i64::from(byte.wrapping_sub(b'0'));
        if digit > 9 {
            return Err(DecimalError::NotANumber);
        }
        if index < wanted {
            value = push(value, digit)?;
        } else if digit != 0 {
            return Err(DecimalError::TooManyPlaces);
        }
    }
    let given = i64::try_from(whole.len() + fraction.len()).map_err(|_| DecimalError::OutOfRange)?;
    if value != 0 {
        for _ in given..wanted {
            value = push(value, 0)?;
        }
    }
    Ok(if negative { -value } else { value })
}

fn push(value: i64, digit: i64) -> Result<i64, DecimalError> {
    value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(DecimalError::OutOfRange)
}

fn split_exponent(text: &str) -> Result<(&str, i64), DecimalError> {
    match text.find(['e', 'E']) {
        None => Ok((text, 0)),
        Some(at) => {
            let exponent: i64 = text[at + 1..].parse().map_err(|_| DecimalError::NotANumber)?;
            if exponent.abs() > 30 {
                return Err(DecimalError::OutOfRange);
            }
            Ok((&text[..at], exponent))
        }
    }
}

/// Writes `value` counted in `10^-places`, with all places.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, value: i64, places: u32) -> fmt::Result {
    let unit = 10_u64.pow(places);
    let size = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    if places == 0 {
        return f.pad(&format!("{sign}{size}"));
    }
    let text = format!("{sign}{}.{:0width$}", size / unit, size % unit, width = places as usize);
    f.pad(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, places: u32, expected: Result<i64, DecimalError>) {
        assert_eq!(parse(text, places), expected, "{text} at {places} places");
    }

    #[test]
    fn decimal_text_is_read_exactly_or_refused() {
        check("231.70", 2, Ok(23_170));
        check("231.7", 2, Ok(23_170));
        check("25.100", 2, Ok(2_510));
        check("-8.00", 2, Ok(-800));
        check("+8", 2, Ok(800));
        check(".5", 2, Ok(50));
        check("5.", 2, Ok(500));
        check("1.0E+2", 2, Ok(10_000));
        check("1250e-3", 2, Ok(125));
        check("0.000000", 2, Ok(0));
        check("0e25", 2, Ok(0));
        check("92233720368547758.07", 2, Ok(i64::MAX));
        check("92233720368547758.08", 2, Err(DecimalError::OutOfRange));
        check("1e29", 2, Err(DecimalError::OutOfRange));
        check("1e99", 2, Err(DecimalError::OutOfRange));
        check("0.001", 2, Err(DecimalError::TooManyPlaces));
        check("1e-3", 2, Err(DecimalError::TooManyPlaces));
        for text in ["", "-", ".", "1,000", "12a", " 1", "--1", "1e", "0x10", "一", "NaN"] {
            check(text, 2, Err(DecimalError::NotANumber));
        }
    }
}
