//! The operator's manual as the program itself serves it: chapters in both languages, with the pictures the browser suite made.

use include_dir::{Dir, include_dir};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use web::Language;

/// Where it is served.
pub(crate) const PLACE: &str = "/manual";

static PICTURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/operator/pictures");

/// A chapter: its name, and its text in Chinese and in English.
struct Chapter(&'static str, &'static str, &'static str);

macro_rules! chapters {
    ($($name:literal $file:literal),* $(,)?) => {
        &[$(Chapter(
            $name,
            include_str!(concat!("../../../docs/operator/", $file, ".md")),
            include_str!(concat!("../../../docs/operator/", $file, ".en.md")),
        )),*]
    };
}

/// All of them, the contents first.
const CHAPTERS: &[Chapter] = chapters![
    "" "README",
    "begin" "begin",
    "charging" "charging",
    "refunds" "refunds",
    "inpatients" "inpatients",
    "billing" "billing",
    "discharge" "discharge",
    "closing" "closing",
    "reports" "reports",
    "reconciliation" "reconciliation",
    "prices" "prices",
    "mapping" "mapping",
    "segments" "segments",
    "people" "people",
    "registers" "registers",
    "today" "today",
    "parameters" "parameters",
    "forms" "forms",
    "exports" "exports",
    "troubleshooting" "troubleshooting",
];

/// The chapter that tells of a page, by the first part of the page's path.
pub(crate) fn chapter_of(page: &str) -> &'static str {
    match page {
        "charge" | "patients" | "reader" => "charging",
        "bills" | "approvals" => "refunds",
        "admission" | "deposits" | "beds" => "inpatients",
        "posting" | "batch" => "billing",
        "discharge" => "discharge",
        "closing" | "confirm" => "closing",
        "doubts" => "troubleshooting",
        "reports" | "summaries" => "reports",
        "reconcile" | "tickets" | "clearing" => "reconciliation",
        "prices" | "price-new" | "price-import" | "price-changes" => "prices",
        "mapping" | "catalogue" => "mapping",
        "segments" | "numbers" => "segments",
        "operators" | "wards" | "windows" | "set-up" => "people",
        "doctors" | "diagnoses" | "packages" => "registers",
        "today" | "notices" => "today",
        "parameters" => "parameters",
        "forms" => "forms",
        _ => "begin",
    }
}

/// A chapter to be read: its title, and the rest of it as HTML. None: there is no such chapter.
pub(crate) fn chapter(name: &str, language: Language) -> Option<(String, String)> {
    let Chapter(_, zh, en) = CHAPTERS.iter().find(|Chapter(known, ..)| *known == name)?;
    let text = if language == Language::Zh { zh } else { en };
    let (title, rest) = text.split_once('\n')?;
    // The frame has the way to the contents and to the other language.
    let rest = rest.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once('\n').map_or("", |(_, rest)| rest) } else { rest };
    let mut without = false;
    let events = Parser::new_ext(rest, Options::ENABLE_TABLES).filter_map(|event| here(event, &mut without));
    let mut page = String::with_capacity(rest.len() * 2);
    html::push_html(&mut page, events);
    Some((title.trim_start_matches("# ").to_owned(), page))
}

/// What files say of each other, as addresses. A picture that is not here is left out: `without` says that one is being.
fn here<'e>(event: Event<'e>, without: &mut bool) -> Option<Event<'e>> {
    let end = matches!(event, Event::End(TagEnd::Image));
    if *without {
        *without = !end;
        return None;
    }
    Some(match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: address(&dest_url).into(), title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let name = picture_name(&dest_url);
            *without = PICTURES.get_file(&name).is_none();
            if *without {
                return None;
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url: format!("{PLACE}/pictures/{name}").into(),
                title,
                id,
            })
        }
        Event::Html(_) | Event::InlineHtml(_) => return None,
        other => other,
    })
}

/// Where a file of the manual is served: `prices.en.md#import` as `/manual/prices#import`.
fn address(file: &str) -> String {
    let (file, part) =
        file.split_once('#').map_or((file, String::new()), |(file, part)| (file, format!("#{part}")));
    let Some(name) = file.strip_suffix(".md") else { return format!("{file}{part}") };
    match name.strip_suffix(".en").unwrap_or(name) {
        "README" => format!("{PLACE}{part}"),
        name => format!("{PLACE}/{name}{part}"),
    }
}

/// The file of a picture as the browser suite writes it: `pictures/today.zh.png` is there as `today.zh.webp`.
fn picture_name(file: &str) -> String {
    file.trim_start_matches("pictures/").replace(".png", ".webp")
}

/// A picture.
pub(crate) fn picture(name: &str) -> Option<&'static [u8]> {
    let file = PICTURES.get_file(name)?;
    file.path().extension().is_some_and(|ending| ending == "webp").then(|| file.contents())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chapter_is_shown_in_both_languages_and_leads_to_chapters_there_are() {
        for Chapter(name, ..) in CHAPTERS {
            for language in [Language::Zh, Language::En] {
                let (title, page) = chapter(name, language).expect(name);
                assert!(!title.is_empty() && !title.contains('#') && page.len() > 200, "{name}: {title}");
                for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                    let place = link.split('#').next().unwrap();
                    let known = place.strip_prefix(PLACE).map(|rest| rest.trim_start_matches('/'));
                    let known =
                        known.is_some_and(|known| CHAPTERS.iter().any(|Chapter(name, ..)| *name == known));
                    assert!(known || place.is_empty(), "{name}: {link}");
                }
            }
        }
        assert!(chapter("nothing", Language::Zh).is_none());
    }

    #[test]
    fn files_become_addresses() {
        assert_eq!(address("README.en.md"), "/manual");
        assert_eq!(address("prices.en.md#import"), "/manual/prices#import");
        assert_eq!(address("#here"), "#here");
        assert_eq!(picture_name("pictures/today.zh.png"), "today.zh.webp");
        assert!(picture("README.md").is_none(), "only pictures are served");
    }

    #[test]
    fn help_leads_to_a_chapter_there_is() {
        for page in ["charge", "bills", "beds", "reports", "posting", "today", "doctors", "nothing", ""] {
            assert!(chapter(chapter_of(page), Language::En).is_some(), "{page}");
        }
    }
}
