//! Whether a text for people keeps to one language.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use wire::{Language, transactions_known};

/// Names of fields and nodes, and words of the protocol: told alike to every reader.
static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let nodes = transactions_known().flat_map(|t| t.input.iter().chain(&t.output));
    let fields = nodes.flat_map(|node| node.fields.iter().map(|f| f.name).chain([node.name]));
    let envelope =
        ["input", "infno", "msgid", "fixmedins_code", "opter", "opter_name", "sign_no", "mdtrtarea_admvs"];
    // Of the gateway's headers, what stands between the strokes.
    let headers = ["POST", "paasid", "timestamp", "nonce", "signature"];
    fields.chain(envelope).chain(headers).collect()
});

/// The first word of a text that is of the other language: Chinese in English; in Chinese four Latin letters or more
/// that are no name of the interface. What stands in `sent`, as a value of the sender's, belongs to neither.
pub fn foreign(text: &str, language: Language, sent: &str) -> Option<String> {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let inside: &dyn Fn(char) -> bool = match language {
        Language::Zh => &word,
        Language::En => &han,
    };
    let foreign = |run: &&str| match language {
        Language::Zh => run.bytes().filter(u8::is_ascii_alphabetic).count() >= 4 && !NAMES.contains(run),
        Language::En => true,
    };
    let runs = text.split(|c| !inside(c)).filter(|run| !run.is_empty());
    runs.filter(foreign).find(|run| !sent.contains(run)).map(str::to_owned)
}
