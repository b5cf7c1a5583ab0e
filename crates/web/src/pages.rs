//! Pages from templates: strict about names, the same in every language but for the words.

use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use crate::languages::{Language, Texts};

/// The templates of a program with its texts.
pub struct Pages {
    zh: Environment<'static>,
    en: Environment<'static>,
    texts: Arc<Texts>,
}

impl Pages {
    /// Of templates, by name, and texts. A template that cannot be read is a mistake of the program.
    pub fn new(templates: &[(&'static str, &'static str)], texts: Texts) -> Self {
        let texts = Arc::new(texts);
        let [zh, en] = Language::ALL.map(|language| environment(language, templates, &texts));
        Self { zh, en, texts }
    }

    /// What is said, by key.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// A page, or a part of one. The error says which name was missing where.
    pub fn show(&self, language: Language, template: &str, facts: impl Serialize) -> Result<String, Error> {
        let environment = match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        };
        environment.get_template(template)?.render(facts)
    }
}

fn environment(
    language: Language,
    templates: &[(&'static str, &'static str)],
    texts: &Arc<Texts>,
) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    for (name, source) in templates {
        environment.add_template(name, source).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    }
    let texts = texts.clone();
    environment.add_function("t", move |key: &str, with: Kwargs| {
        let names: Vec<String> = with.args().map(str::to_owned).collect();
        let mut values = Vec::new();
        for name in &names {
            values.push((name.as_str(), with.get::<minijinja::Value>(name)?.to_string()));
        }
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let missing = || Error::new(ErrorKind::UndefinedError, format!("no text `{key}` in {language:?}"));
        texts.find(language, key, &values).ok_or_else(missing)
    });
    environment.add_filter("grouped", |amount: &str| grouped(amount));
    environment
}

/// A number as people read it: thousands apart.
pub fn grouped(amount: &str) -> String {
    let (sign, rest) = match amount.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", amount),
    };
    let (whole, places) = rest.split_once('.').map_or((rest, None), |(whole, places)| (whole, Some(places)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(places) = places {
        out.push('.');
        out.push_str(places);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (plain, read) in [
            ("0.00", "0.00"),
            ("231.70", "231.70"),
            ("1234.50", "1,234.50"),
            ("-1234567.89", "-1,234,567.89"),
            ("100", "100"),
            ("-100.0000", "-100.0000"),
        ] {
            assert_eq!(grouped(plain), read);
        }
    }

    #[test]
    fn what_a_template_does_not_get_is_an_error_and_text_is_escaped() {
        let texts = Texts::new(&[(Language::Zh, "hello = 你好 { $who }\n"), (Language::En, "bye = bye\n")]);
        let pages =
            Pages::new(&[("a.html", "{{ t('hello', who=name) }}"), ("b.html", "{{ nobody }}")], texts);
        let facts = minijinja::context! { name => "<b>" };
        assert_eq!(pages.show(Language::Zh, "a.html", &facts).unwrap(), "你好 &lt;b&gt;");
        assert!(pages.show(Language::En, "a.html", &facts).is_err(), "no such key in English");
        assert!(pages.show(Language::Zh, "b.html", &facts).is_err());
    }
}
