//! Finding a row of a list by what is typed: its code, the initials of its name in pinyin by every reading, the name's
//! beginning, or any part of it. The whole of what is typed counts.

use pinyin::ToPinyinMulti as _;

/// Readings of one name that are kept; more are of names with many signs that are read in many ways.
const READINGS_MAX: usize = 64;

/// A list that can be searched. Rows are named by their place.
pub struct Search {
    /// What a row can be found by from its beginning: the text, how good a match it is, the row.
    heads: Vec<(String, Kind, u32)>,
    /// All texts of a row, one behind the other.
    bodies: Vec<String>,
}

/// What of a row a text is; a better one goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Code,
    Initials,
    Name,
}

impl Search {
    /// Of rows: codes, and names with other names.
    pub fn new<'r>(rows: impl IntoIterator<Item = (Vec<&'r str>, Vec<&'r str>)>) -> Self {
        let (mut heads, mut bodies) = (Vec::new(), Vec::new());
        for (codes, names) in rows {
            let at = u32::try_from(bodies.len()).expect("a list of less than four thousand million");
            let mut body = String::new();
            for code in codes.iter().filter(|code| !code.is_empty()) {
                let code = code.to_lowercase();
                body.push_str(&code);
                body.push('\n');
                heads.push((code, Kind::Code, at));
            }
            for name in names {
                let name = name.to_lowercase();
                heads.extend(initials(&name).into_iter().map(|initials| (initials, Kind::Initials, at)));
                body.push_str(&name);
                body.push('\n');
                heads.push((name, Kind::Name, at));
            }
            bodies.push(body);
        }
        heads.sort_unstable();
        heads.dedup();
        Self { heads, bodies }
    }

    /// The rows that what is typed finds, the best first.
    pub fn find(&self, typed: &str, most: usize) -> Vec<usize> {
        let typed = web::field::plain(typed).to_lowercase();
        if typed.is_empty() {
            return Vec::new();
        }
        let from = self.heads.partition_point(|(text, ..)| *text < typed);
        let matching = self.heads[from..].iter().take_while(|(text, ..)| text.starts_with(&typed));
        // Exact code, exact initials, initials that go on, a name that goes on.
        let mut ranked: Vec<((bool, Kind), usize, u32)> = matching
            .map(|(text, kind, row)| {
                let exact = *text == typed && *kind != Kind::Name;
                ((!exact, *kind), text.chars().count(), *row)
            })
            .collect();
        ranked.sort_unstable();
        let mut rows: Vec<u32> = Vec::new();
        for (.., row) in ranked {
            if rows.len() == most {
                break;
            }
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        if rows.len() < most {
            let within = (0_u32..).zip(&self.bodies).filter(|(_, body)| body.contains(&typed));
            let fresh: Vec<u32> = within
                .map(|(row, _)| row)
                .filter(|row| !rows.contains(row))
                .take(most - rows.len())
                .collect();
            rows.extend(fresh);
        }
        rows.into_iter().map(|row| row as usize).collect()
    }
}

/// The initials of a name, by each way to read it.
pub fn initials(name: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for sign in name.chars() {
        let letters = letters(sign);
        if letters.is_empty() {
            continue;
        }
        // Of a name with too many readings the first of each further sign stands.
        let letters = if all.len() * letters.len() > READINGS_MAX { &letters[..1] } else { &letters[..] };
        all =
            all.iter().flat_map(|head| letters.iter().map(move |letter| format!("{head}{letter}"))).collect();
    }
    all.retain(|initials| !initials.is_empty());
    all
}

/// The first letters of a sign's readings; of letters and digits themselves.
fn letters(sign: char) -> Vec<char> {
    if sign.is_ascii_alphanumeric() {
        return vec![sign.to_ascii_lowercase()];
    }
    let Some(readings) = sign.to_pinyin_multi() else { return Vec::new() };
    let mut letters = Vec::new();
    for letter in readings.into_iter().filter_map(|reading| reading.plain().chars().next()) {
        if !letters.contains(&letter) {
            letters.push(letter);
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Search {
        let names =
            ["阿莫西林胶囊", "氨氯地平片", "血常规", "重组人干扰素", "CT平扫", "阿莫西林克拉维酸钾片"];
        let codes = ["1001", "1002", "2001", "1003", "3001", "1004"];
        Search::new(codes.iter().zip(names).map(|(code, name)| (vec![*code], vec![name])))
    }

    #[test]
    fn a_row_is_found_by_code_initials_beginning_and_part() {
        let check = |typed: &str, rows: &[usize]| assert_eq!(list().find(typed, 12), rows, "{typed}");
        check("1002", &[1]);
        check("aldpp", &[1]);
        check("amxl", &[0, 5]);
        check("amxljn", &[0]);
        check("AMXLK", &[5]);
        check("血常", &[2]);
        check("西林", &[0, 5]);
        check("ct", &[4]);
        check("ｃｔｐｓ", &[4]);
        check("nothing", &[]);
        check(" ", &[]);
    }

    #[test]
    fn a_sign_of_several_readings_is_found_by_each() {
        for typed in ["zzrgrs", "czrgrs"] {
            assert_eq!(list().find(typed, 12), [3], "{typed}");
        }
        assert!(initials("血").contains(&"x".to_owned()));
    }

    #[test]
    fn what_is_exact_goes_before_what_goes_on() {
        let search = Search::new([
            (vec!["9"], vec!["静脉注射液配置"]),
            (vec!["8"], vec!["静脉注射"]),
            (vec!["jmzs"], vec!["另一项"]),
        ]);
        assert_eq!(search.find("jmzs", 12), [2, 1, 0]);
        assert_eq!(search.find("jmzs", 2), [2, 1]);
    }
}
