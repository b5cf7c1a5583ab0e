//! Which item of the catalogue one of the hospital's own probably is: by its code, else by how alike names and
//! specifications are.
//!
//! Pure: rows in, rows with a score out.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::house::Item;
use crate::national::NationalItem;

/// A score that needs no second look, in thousandths.
pub(crate) const SURE: u32 = 950;
/// What is less alike is not suggested.
const LEAST: u32 = 300;
/// Of how much the name counts, the specification counting the rest.
const NAME: u32 = 700;

/// Two signs that stand side by side.
type Pair = (char, char);

/// Finds what is alike.
pub(crate) struct Suggester<'c> {
    rows: Vec<&'c NationalItem>,
    by_code: HashMap<&'c str, usize>,
    /// Made where names are weighed first: most items are known by their codes.
    names: OnceCell<Names>,
}

/// The names of all rows by what they are made of.
struct Names {
    pairs: Vec<HashSet<Pair>>,
    by_pair: HashMap<Pair, Vec<usize>>,
}

impl Names {
    fn of(rows: &[&NationalItem]) -> Self {
        let all: Vec<HashSet<Pair>> = rows.iter().map(|row| pairs(&row.name)).collect();
        let mut by_pair: HashMap<Pair, Vec<usize>> = HashMap::new();
        for (at, pairs) in all.iter().enumerate() {
            pairs.iter().for_each(|pair| by_pair.entry(*pair).or_default().push(at));
        }
        Self { pairs: all, by_pair }
    }
}

impl<'c> Suggester<'c> {
    /// Among these rows.
    pub(crate) fn new(rows: Vec<&'c NationalItem>) -> Self {
        let by_code = rows.iter().enumerate().map(|(at, row)| (row.code.as_str(), at)).collect();
        Self { rows, by_code, names: OnceCell::new() }
    }

    /// The row with a code.
    pub(crate) fn get(&self, code: &str) -> Option<&'c NationalItem> {
        self.by_code.get(code).map(|at| self.rows[*at])
    }

    /// What an item of the hospital's may be, the most alike first, each with its score in thousandths.
    pub(crate) fn find(&self, code: &str, item: &Item, most: usize) -> Vec<(&'c NationalItem, u32)> {
        if let Some(row) = self.get(code) {
            return vec![(row, 1_000)];
        }
        let (name, specification) = (&item.name, &item.specification);
        let mut found = self.by_name(name, specification, most);
        if let Some(row) = self.get(&item.proposed) {
            // A code slips by a row easily: where not even the names have anything in common somebody looks.
            let alike = !pairs(name).is_disjoint(&pairs(&row.name));
            found.retain(|(other, _)| other.code != row.code);
            found.insert(0, (row, if alike { 1_000 } else { SURE - 1 }));
            found.truncate(most);
        }
        found
    }

    fn by_name(&self, name: &str, specification: &str, most: usize) -> Vec<(&'c NationalItem, u32)> {
        let names = self.names.get_or_init(|| Names::of(&self.rows));
        let own = pairs(name);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for pair in &own {
            for at in names.by_pair.get(pair).into_iter().flatten() {
                *shared.entry(*at).or_default() += 1;
            }
        }
        let score = |(at, shared): (usize, usize)| {
            let row = self.rows[at];
            let alike = alike(shared, own.len(), names.pairs[at].len());
            (row, (alike * NAME + specifications(specification, &row.specification) * (1_000 - NAME)) / 1_000)
        };
        let mut found: Vec<(&NationalItem, u32)> =
            shared.into_iter().map(score).filter(|(_, score)| *score >= LEAST).collect();
        found.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.code.cmp(&b.code)));
        found.truncate(most);
        found
    }
}

/// How alike two sets are, in thousandths: twice what they share, of both together.
fn alike(shared: usize, one: usize, other: usize) -> u32 {
    let parts = (2_000 * shared).checked_div(one + other).unwrap_or_default();
    u32::try_from(parts).unwrap_or(1_000)
}

/// How alike two specifications are; where either has none, nothing speaks for or against.
fn specifications(one: &str, other: &str) -> u32 {
    let (one, other) = (plain(one), plain(other));
    if one == other {
        return 1_000;
    }
    if one.is_empty() || other.is_empty() {
        return 500;
    }
    let (one, other) = (pairs(&one), pairs(&other));
    alike(one.intersection(&other).count(), one.len(), other.len())
}

/// A text without what is written in many ways: space, brackets, signs of multiplication, capitals.
fn plain(text: &str) -> String {
    let text = web::field::plain(text).to_lowercase();
    let same = |c: char| match c {
        '×' | 'x' => Some('*'),
        'μ' => Some('u'),
        c if c.is_whitespace() || "()[]{}【】〔〕《》-—_·、,;:/".contains(c) => None,
        c => Some(c),
    };
    text.chars().filter_map(same).collect()
}

fn pairs(text: &str) -> HashSet<Pair> {
    let signs: Vec<char> = plain(text).chars().collect();
    match signs.as_slice() {
        [one] => HashSet::from([(*one, *one)]),
        signs => signs.windows(2).map(|pair| (pair[0], pair[1])).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::national::tests::national;

    #[test]
    fn a_code_is_certain_and_names_are_weighed_with_specifications() {
        let rows = [
            national("XL01", "苯磺酸氨氯地平片", "5mg×28片"),
            national("XL02", "苯磺酸氨氯地平片", "10mg×7片"),
            national("XL03", "氨氯地平贝那普利片", "5mg×14片"),
            national("FW01", "血常规(五分类)", ""),
        ];
        let suggester = Suggester::new(rows.iter().collect());
        let proposing = |code: &str, name: &str, specification: &str, proposed: &str| -> Vec<(String, u32)> {
            let item = crate::found::tests::item(name, "1");
            let item = Item { specification: specification.into(), proposed: proposed.into(), ..item };
            let found = suggester.find(code, &item, 3);
            found.into_iter().map(|(row, score)| (row.code.clone(), score)).collect()
        };
        let find = |code: &str, name: &str, specification: &str| proposing(code, name, specification, "");
        assert_eq!(find("XL02", "别的名字", ""), [("XL02".into(), 1_000)]);
        let found = find("0001", "苯磺酸氨氯地平片", "5MG*28片");
        assert_eq!(found[0], ("XL01".into(), 1_000));
        assert!(found[1].0 == "XL02" && found[1].1 < SURE, "{found:?}");
        assert_eq!(find("0002", "血常规（五分类）", "")[0], ("FW01".into(), 1_000));
        assert!(find("0003", "血常规", "")[0].1 < SURE);
        assert!(find("0004", "核磁共振", "").is_empty());
        // What the hospital's own list says is taken, unless it looks like a slip of a row.
        let found = proposing("0005", "氨氯地平片", "", "XL02");
        assert!(found[0] == ("XL02".into(), 1_000) && found.len() == 3, "{found:?}");
        assert_eq!(proposing("0006", "核磁共振", "", "FW01"), [("FW01".into(), SURE - 1)]);
        assert!(proposing("0007", "核磁共振", "", "ZZ99").is_empty(), "there is no such code");
    }
}
