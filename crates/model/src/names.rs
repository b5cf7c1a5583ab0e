//! How alike two names of things are.

/// How alike two names are, 0 to 100: of the pairs of letters that stand side by side in either, how many stand in both.
/// Blanks, brackets and the width of letters do not count; names with other numbers in them are never more than half alike,
/// for they are of another strength or size.
pub fn likeness(a: &str, b: &str) -> u8 {
    let (a, b) = (letters(a), letters(b));
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let most = if numbers(&a) == numbers(&b) { 100 } else { 50 };
    if a == b {
        return most;
    }
    let (pairs_a, mut pairs_b) = (pairs(&a), pairs(&b));
    let all = pairs_a.len() + pairs_b.len();
    let both = pairs_a.iter().filter(|pair| take(&mut pairs_b, **pair)).count();
    u8::try_from(200 * both / all.max(1)).unwrap_or(100).min(most)
}

/// The numbers of a name, in their order.
fn numbers(letters: &[char]) -> Vec<String> {
    let text: String = letters.iter().collect();
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    parts.map(|part| part.trim_matches('.').to_owned()).filter(|part| !part.is_empty()).collect()
}

fn letters(name: &str) -> Vec<char> {
    let narrow = |c: char| match c {
        // Full width letters stand as far from narrow ones, one after the other.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    name.chars()
        .map(narrow)
        .filter(|c| c.is_alphanumeric() || *c == '.')
        .flat_map(char::to_lowercase)
        .collect()
}

fn pairs(letters: &[char]) -> Vec<(char, char)> {
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

fn take(pairs: &mut Vec<(char, char)>, wanted: (char, char)) -> bool {
    let at = pairs.iter().position(|pair| *pair == wanted);
    at.map(|at| pairs.swap_remove(at)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_by_the_pairs_of_letters_they_share() {
        let check = |a, b, expected| assert_eq!(likeness(a, b), expected, "{a} / {b}");
        check("血常规(五分类)", "血常规(五分类)", 100);
        check("血常规 五分类", "血常规(五分类)", 100);
        check("血常规五分类法", "血常规(五分类)", 90);
        check("阿莫西林胶囊", "阿莫西林颗粒", 60);
        check("普通门诊诊查费", "椎管内麻醉", 0);
        check("", "血常规", 0);
        check("", "", 0);
        check("氯化钠注射液 2.5ml", "氯化钠注射液(25ml)", 50);
        check("阿莫西林胶囊0.25g", "阿莫西林胶囊 0.25g", 100);
    }
}
