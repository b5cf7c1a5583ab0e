//! Amounts as receipts write them out, in the capital figures of accountants.

use money::Money;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];

/// An amount in capitals: 1234.50 is 壹仟贰佰叁拾肆元伍角整.
pub fn capitals(amount: Money) -> String {
    let fen = amount.fen().unsigned_abs();
    let (yuan, jiao, fen) = (fen / 100, digit(fen / 10), digit(fen));
    let mut text = String::from(if amount.is_negative() { "负" } else { "" });
    let whole = whole(yuan);
    if !whole.is_empty() {
        text.push_str(&whole);
        text.push('元');
    }
    match (jiao, fen) {
        (0, 0) if whole.is_empty() => text.push_str("零元整"),
        (0, 0) => text.push('整'),
        (jiao, 0) => text.extend([DIGITS[jiao], '角', '整']),
        (0, fen) => {
            if !whole.is_empty() {
                text.push('零');
            }
            text.extend([DIGITS[fen], '分']);
        }
        (jiao, fen) => text.extend([DIGITS[jiao], '角', DIGITS[fen], '分']),
    }
    text
}

fn digit(number: u64) -> usize {
    usize::try_from(number % 10).expect("one digit")
}

/// A whole number, by groups of four digits. Noughts within are said once.
fn whole(mut number: u64) -> String {
    let mut groups = Vec::new();
    while number > 0 {
        groups.push(number % 10_000);
        number /= 10_000;
    }
    let mut text = String::new();
    let mut gap = false;
    for (at, group) in groups.iter().enumerate().rev() {
        if *group == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap || (!text.is_empty() && *group < 1_000) {
            text.push('零');
        }
        text.push_str(&four(*group));
        text.push_str(GROUPS[at]);
        gap = false;
    }
    text
}

fn four(group: u64) -> String {
    let mut text = String::new();
    let mut gap = false;
    for place in (0..4).rev() {
        let digit = digit(group / 10_u64.pow(place));
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
        }
        text.push(DIGITS[digit]);
        text.push_str(PLACES[place as usize]);
        gap = false;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_out_as_accountants_do() {
        for (fen, text) in [
            (0, "零元整"),
            (5, "伍分"),
            (50, "伍角整"),
            (123_450, "壹仟贰佰叁拾肆元伍角整"),
            (100_005, "壹仟元零伍分"),
            (1_000_000, "壹万元整"),
            (1_005_000, "壹万零伍拾元整"),
            (10_050_000, "壹拾万零伍佰元整"),
            (1_000_000_100, "壹仟万零壹元整"),
            (100_000_000_000, "壹拾亿元整"),
            (100_010_000_023, "壹拾亿零壹拾万元贰角叁分"),
            (-1_010, "负壹拾元壹角整"),
            (200_000, "贰仟元整"),
            (20_304_000, "贰拾万叁仟零肆拾元整"),
        ] {
            assert_eq!(capitals(Money::from_fen(fen)), text);
        }
    }
}
