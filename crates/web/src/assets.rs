//! What is in the executable: the style, the script, the templates and texts every program's pages share.

use crate::ask::Answer;
use crate::languages::Language;

const STYLE: &str = include_str!("../../../templates/base/tongqu.css");
const PRINT: &str = include_str!("../../../templates/base/print.css");
const SCRIPT: &str = include_str!("../../../templates/base/tongqu.js");

/// The templates that others build on, by name.
pub const BASE: &[(&str, &str)] = &[
    ("base/frame.html", include_str!("../../../templates/base/frame.html")),
    ("base/parts.html", include_str!("../../../templates/base/parts.html")),
];

/// What every program says.
pub const TEXTS: &[(Language, &str)] = &[
    (Language::Zh, include_str!("../../../translations/zh-CN/web.ftl")),
    (Language::En, include_str!("../../../translations/en/web.ftl")),
];

/// A file that pages are shown with, by its name. It has the version in its address, so that it is asked for once.
pub fn asset(name: &str) -> Option<Answer> {
    let (kind, text) = match name {
        "tongqu.css" => ("text/css; charset=utf-8", STYLE),
        "print.css" => ("text/css; charset=utf-8", PRINT),
        "tongqu.js" => ("text/javascript; charset=utf-8", SCRIPT),
        _ => return None,
    };
    Some(Answer::of(kind, text).with("cache-control", "public, max-age=31536000, immutable".into()))
}
