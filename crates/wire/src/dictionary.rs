//! The code dictionaries, from `data/dictionaries.txt`.

use std::sync::LazyLock;

/// One dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dictionary {
    /// Its national name.
    pub name: &'static str,
    /// Chinese label.
    pub label: &'static str,
    /// Code, Chinese, English (or `-`).
    pub codes: Vec<(&'static str, &'static str, &'static str)>,
}

impl Dictionary {
    /// Whether the code is listed.
    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|(c, _, _)| *c == code)
    }
}

static ALL: LazyLock<Vec<Dictionary>> = LazyLock::new(|| read(include_str!("../data/dictionaries.txt")));

/// All of them.
pub fn dictionaries() -> &'static [Dictionary] {
    &ALL
}

/// The dictionary of a national name.
pub fn dictionary(name: &str) -> Option<&'static Dictionary> {
    ALL.iter().find(|d| d.name == name)
}

fn read(text: &'static str) -> Vec<Dictionary> {
    let mut all: Vec<Dictionary> = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(head) = line.strip_prefix("dictionary ") {
            // Between them stands how sure we are.
            let mut words = head.splitn(3, ' ').step_by(2);
            let mut word = || words.next().unwrap_or_default();
            all.push(Dictionary { name: word(), label: word(), codes: Vec::new() });
        } else if let Some(last) = all.last_mut() {
            let mut parts = line.split('|').map(str::trim);
            let code = parts.next().unwrap_or_default();
            let code = code.strip_suffix(" local").unwrap_or(code);
            last.codes.push((code, parts.next().unwrap_or_default(), parts.next().unwrap_or("-")));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_dictionaries_are_read() {
        assert_eq!(ALL.len(), 42);
        assert!(ALL.iter().all(|d| !d.codes.is_empty() && !d.label.is_empty()));
        assert_eq!(dictionary("insutype").map(|d| (d.label, d.has("310"))), Some(("险种类型", true)));
        assert!(!dictionary("acct_used_flag").unwrap().has("2"));
    }
}
