//! What pages say, in each language. Texts stand in `translations/`, by key; a key that is not there is a mistake of the
//! program, and a test finds it.

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of pages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// As HTML names it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Of its short word; what is no language is Chinese.
    pub fn of(word: &str) -> Self {
        if word == "en" { Self::En } else { Self::Zh }
    }

    /// Its short word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }
}

/// All texts of a program.
pub struct Texts(BTreeMap<Language, FluentBundle<FluentResource>>);

/// A text with what is put into it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Its key.
    pub key: &'static str,
    /// What is put into it, by name.
    pub with: Vec<(&'static str, String)>,
}

impl Said {
    /// A text by its key.
    pub const fn new(key: &'static str) -> Self {
        Self { key, with: Vec::new() }
    }

    /// The same with something put into it.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "what is put in is mostly made for it")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.with.push((name, value.to_string()));
        self
    }
}

impl Texts {
    /// Of files: language and what it says. A mistake in one is the program's.
    pub fn new(files: &[(Language, &str)]) -> Self {
        let mut all = BTreeMap::new();
        for language in Language::ALL {
            let tag: LanguageIdentifier = language.tag().parse().expect("a language tag");
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // The marks around what is put in would stand in receipts.
            bundle.set_use_isolating(false);
            for (_, text) in files.iter().filter(|(of, _)| *of == language) {
                let resource = FluentResource::try_new((*text).to_owned())
                    .unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
                bundle.add_resource(resource).unwrap_or_else(|errors| panic!("{language:?}: {errors:?}"));
            }
            all.insert(language, bundle);
        }
        Self(all)
    }

    /// What a key says; none where the language has no such key, or what it needs is not given.
    pub fn find(&self, language: Language, key: &str, with: &[(&str, &str)]) -> Option<String> {
        let bundle = &self.0[&language];
        let pattern = bundle.get_message(key)?.value()?;
        let mut arguments = FluentArgs::new();
        for (name, value) in with {
            arguments.set(*name, FluentValue::from(*value));
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }

    /// What is said, in a language.
    pub fn say(&self, language: Language, said: &Said) -> String {
        let with: Vec<_> = said.with.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.find(language, said.key, &with).unwrap_or_else(|| format!("[{}]", said.key))
    }
}

/// The keys of a file of translations, in its order.
pub fn keys(file: &str) -> impl Iterator<Item = &str> {
    let starts = file.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    starts.filter_map(|line| line.split_once('=')).map(|(key, _)| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_said_with_what_is_put_into_it_or_not_at_all() {
        let files = [(Language::Zh, "left = 余 { $n } 张\n"), (Language::En, "left = { $n } left\n")];
        let texts = Texts::new(&files);
        let said = Said::new("left").with("n", 88);
        assert_eq!(Language::ALL.map(|l| texts.say(l, &said)), ["余 88 张", "88 left"]);
        assert_eq!(texts.find(Language::Zh, "left", &[]), None);
        assert_eq!(texts.find(Language::En, "right", &[]), None);
        assert_eq!(keys(files[0].1).collect::<Vec<_>>(), ["left"]);
    }
}
