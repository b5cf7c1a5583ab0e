//! The last messages of each key, for whoever writes the program that sends them: what was sent, what we understood of it,
//! where that is not as the interface has it, what we answered. Kept in memory only, and only where a centre is set up for it.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use hyper::body::Bytes;
use jiff::civil::DateTime;
use wire::{Both, Language, Node, Profile, Reading, print_time, quoted, reading, transaction};

/// How many are kept of a key.
const KEPT: usize = 100;

/// Longer bodies and answers are not kept, in bytes.
const LENGTH: usize = 64 << 10;

/// Of all keys together, in bytes; where there is more, the key with the most loses its oldest.
const ALL: usize = 64 << 20;

/// Longer texts are shown as they came, in bytes: laid out they would be many times as long.
const LAID_OUT: usize = 16 << 10;

/// One message and its answer.
#[derive(Clone)]
pub(crate) struct Exchange {
    /// When it came.
    pub(crate) at: DateTime,
    /// The number in the address.
    pub(crate) infno: Option<String>,
    /// What was sent; none where that is too long to be kept.
    sent: Option<Bytes>,
    /// What was answered; the same.
    answered: Option<Bytes>,
    /// What became of it, in the word of the header.
    pub(crate) outcome: String,
}

impl Exchange {
    pub(crate) fn new(
        at: DateTime,
        infno: Option<&str>,
        sent: Bytes,
        answered: Bytes,
        outcome: &str,
    ) -> Self {
        let short = |bytes: Bytes| Some(bytes).filter(|bytes| bytes.len() <= LENGTH);
        let (sent, answered) = (short(sent), short(answered));
        Self { at, infno: infno.map(str::to_owned), sent, answered, outcome: outcome.to_owned() }
    }

    fn bytes(&self) -> usize {
        [&self.sent, &self.answered].into_iter().flatten().map(Bytes::len).sum()
    }

    fn read(&self, profile: &Profile) -> Reading {
        match &self.sent {
            Some(sent) => reading(sent, self.infno.as_deref(), profile),
            None => Reading { understood: String::new(), differences: vec![TOO_LONG] },
        }
    }

    /// The number it was about, where it had one.
    fn number(&self) -> String {
        let said = || {
            let node = Node::parse(self.sent.as_ref()?).ok()?;
            Some(node.get("infno")?.scalar()?.into_owned())
        };
        self.infno.clone().or_else(said).unwrap_or_default()
    }
}

const TOO_LONG: Both = Both::of("超过 64 KiB,未保留", "longer than 64 KiB: not kept");

/// By the public name of the key, the latest first.
#[derive(Default)]
pub(crate) struct Exchanges(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    of: HashMap<String, VecDeque<Exchange>>,
    bytes: usize,
}

impl Exchanges {
    /// Keeps one; the oldest of the key goes where there are too many.
    pub(crate) fn keep(&self, key: &str, exchange: Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += exchange.bytes();
        let own = kept.of.entry(key.to_owned()).or_default();
        own.push_front(exchange);
        let gone = if own.len() > KEPT { own.pop_back() } else { None };
        kept.bytes -= gone.map_or(0, |gone| gone.bytes());
        while kept.bytes > ALL {
            let most = kept.of.values_mut().max_by_key(|own| own.iter().map(Exchange::bytes).sum::<usize>());
            let Some(gone) = most.and_then(VecDeque::pop_back) else { return };
            kept.bytes -= gone.bytes();
        }
    }

    /// Those of a key.
    pub(crate) fn of(&self, key: &str) -> Vec<Exchange> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.of.get(key).map(|own| own.iter().cloned().collect()).unwrap_or_default()
    }
}

fn text(bytes: Option<&Bytes>) -> String {
    bytes.map_or_else(String::new, |bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// For programs.
pub(crate) fn as_json(exchanges: &[Exchange], profile: &Profile) -> String {
    let difference = |both: &Both| {
        format!("{{\"zh\":{},\"en\":{}}}", quoted(both.told(Language::Zh)), quoted(both.told(Language::En)))
    };
    let one = |exchange: &Exchange| {
        let read = exchange.read(profile);
        let understood = if read.understood.is_empty() { "null" } else { &read.understood };
        let differences: Vec<String> = read.differences.iter().map(difference).collect();
        format!(
            "{{\"at\":{},\"infno\":{},\"outcome\":{},\"differences\":[{}],\"sent\":{},\"understood\":{understood},\
             \"answered\":{}}}",
            quoted(&print_time(exchange.at)),
            quoted(&exchange.number()),
            quoted(&exchange.outcome),
            differences.join(","),
            quoted(&text(exchange.sent.as_ref())),
            quoted(&text(exchange.answered.as_ref())),
        )
    };
    let all: Vec<String> = exchanges.iter().map(one).collect();
    format!("{{\"exchanges\":[{}]}}", all.join(","))
}

const STYLE: &str = "body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:82rem;padding:1rem;\
    color:#1a2330;background:#fff}h1{font-size:1.25rem}section{border-top:1px solid #c9d2dc;padding:.75rem 0}\
    h2{font-size:1rem;margin:0 0 .25rem}.refused{color:#9a3412}.not-processed,.unknown{color:#b42318}.done{color:#176b3a}\
    ul{margin:.25rem 0;padding-left:1.25rem}.pair{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}\
    pre{background:#f4f6f8;padding:.5rem;margin:0;overflow:auto;max-height:24rem;font-size:13px;white-space:pre-wrap;\
    overflow-wrap:anywhere}h3{font-size:.85rem;margin:.5rem 0 .25rem;color:#4a5868}\
    @media(max-width:48rem){.pair{grid-template-columns:1fr}}";

/// For people, in their language.
pub(crate) fn as_page(exchanges: &[Exchange], profile: &Profile, language: Language) -> String {
    let word = |zh: &'static str, en: &'static str| if language == Language::Zh { zh } else { en };
    let title = word("本密钥最近的报文", "The last messages of this key");
    let lang = word("zh-CN", "en");
    let mut page = format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title} ({})</h1>",
        exchanges.len()
    );
    for exchange in exchanges {
        let read = exchange.read(profile);
        let number = exchange.number();
        let name = transaction(&number).map_or("", |known| word(known.zh, known.en));
        let _ = write!(
            page,
            "<section><h2>{} · {} {} · <span class=\"{outcome}\">{outcome}</span></h2>",
            print_time(exchange.at),
            escaped(&number),
            escaped(name),
            outcome = escaped(&exchange.outcome),
        );
        if read.differences.is_empty() {
            let _ = write!(page, "<p>{}</p>", word("与接口写法一致", "as the interface has it"));
        } else {
            let items =
                read.differences.iter().map(|both| format!("<li>{}</li>", escaped(both.told(language))));
            let _ = write!(page, "<ul>{}</ul>", items.collect::<String>());
        }
        let pre = |text: &str| format!("<pre>{}</pre>", escaped(&laid_out(text)));
        let _ = write!(
            page,
            "<div class=\"pair\"><div><h3>{}</h3>{}</div><div><h3>{}</h3>{}</div></div><h3>{}</h3>{}</section>",
            word("发来的", "sent"),
            pre(&text(exchange.sent.as_ref())),
            word("读作", "understood"),
            pre(&read.understood),
            word("答复", "answered"),
            pre(&text(exchange.answered.as_ref())),
        );
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// JSON, a member a line; anything else, and what is long, as it is.
fn laid_out(text: &str) -> String {
    if text.len() > LAID_OUT {
        return text.to_owned();
    }
    Node::parse(text.as_bytes()).map_or_else(|_| text.to_owned(), |node| node.laid_out())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_key_the_last_hundred_are_kept_and_no_other_keys() {
        let kept = Exchanges::default();
        for n in 0..150 {
            let body = Bytes::from(format!("{{\"infno\":\"{n}\"}}"));
            kept.keep(
                "a",
                Exchange::new(DateTime::constant(2026, 11, 23, 8, 0, 0, 0), None, body, Bytes::new(), "done"),
            );
        }
        let own = kept.of("a");
        assert_eq!((own.len(), own[0].number(), own[99].number()), (100, "149".into(), "50".into()));
        assert!(kept.of("b").is_empty());
        let long = Bytes::from(vec![b' '; LENGTH + 1]);
        kept.keep("a", Exchange::new(own[0].at, None, long, Bytes::new(), "done"));
        assert!(as_json(&kept.of("a")[..1], &Profile::default()).contains("longer than 64 KiB"));
    }

    #[test]
    fn of_all_keys_together_so_much_is_kept_and_who_has_most_loses_first() {
        let kept = Exchanges::default();
        let at = DateTime::constant(2026, 11, 23, 8, 0, 0, 0);
        kept.keep("small", Exchange::new(at, None, Bytes::from_static(b"{}"), Bytes::new(), "done"));
        let long = Bytes::from(vec![b' '; LENGTH]);
        for n in 0..2 * ALL / LENGTH {
            let key = (n % 20).to_string();
            kept.keep(&key, Exchange::new(at, None, long.clone(), Bytes::new(), "done"));
        }
        let bytes: usize = (0..20).flat_map(|n| kept.of(&n.to_string())).map(|one| one.bytes()).sum();
        assert!(bytes <= ALL && bytes > ALL - 2 * LENGTH, "{bytes}");
        assert_eq!(kept.of("small").len(), 1);
    }

    #[test]
    fn a_page_shows_what_was_sent_and_runs_none_of_it() {
        let body =
            Bytes::from_static(br#"{"infno":"9001","x":"<script>alert(1)</script>","input":{"a":[1,{}]}}"#);
        let exchange =
            Exchange::new(DateTime::constant(2026, 11, 23, 8, 0, 0, 0), None, body, Bytes::new(), "refused");
        for language in [Language::Zh, Language::En] {
            let page = as_page(std::slice::from_ref(&exchange), &Profile::default(), language);
            assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
            assert!(page.contains("&quot;a&quot;: [\n"), "{page}");
        }
    }
}
