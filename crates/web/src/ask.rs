//! What a browser asks and what it is answered, free of HTTP: pages are functions from one to the other, and tests call
//! them as a browser does.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

/// A place that answers browsers.
pub trait Site: Send + Sync {
    /// Answers one. May take its time: it has a thread of its own.
    fn answer(&self, asked: &Asked) -> Answer;
}

/// What a browser asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// It wants something done; else to look only.
    pub post: bool,
    /// The parts of the path between its strokes, decoded.
    pub path: Vec<String>,
    /// What stands behind the question mark.
    pub query: Fields,
    /// What was filled in.
    pub form: Fields,
    /// Its cookies.
    pub cookies: Fields,
    /// The script asks: only what changes within the frame is wanted.
    pub part: bool,
    /// Of what site the page that asks is, where the browser says: scheme and host.
    pub origin: Option<String>,
    /// The host it believes to ask.
    pub host: String,
    /// From where.
    pub address: IpAddr,
}

impl Asked {
    /// A look at a path, with what may stand behind a question mark.
    pub fn get(target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            post: false,
            path: segments(path),
            query: Fields::read(query.as_bytes()),
            form: Fields::default(),
            cookies: Fields::default(),
            part: false,
            origin: None,
            host: String::new(),
            address: IpAddr::from([127, 0, 0, 1]),
        }
    }

    /// The path's parts, to match on.
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The page that asks is one of ours, as far as the browser says.
    pub fn is_from_here(&self) -> bool {
        self.origin.as_deref().is_none_or(|origin| {
            origin.split_once("://").is_some_and(|(_, host)| host == self.host && !host.is_empty())
        })
    }
}

/// The parts of a path between its strokes, decoded.
pub fn segments(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
}

/// Names with their values, in their order; a name may come again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Of a form as browsers write it.
    pub fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// Of a cookie header.
    pub fn of_cookies(header: &str) -> Self {
        let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Of pairs.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// As it stands behind an address, with the question mark; nothing where there are none.
    pub fn written(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        form_urlencoded::Serializer::for_suffix(String::from("?"), 1).extend_pairs(&self.0).finish()
    }

    /// The first value of a name, without space around it; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// Whether the name came at all.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }
}

/// What it is answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// What the body is, as `Content-Type` says it.
    pub kind: &'static str,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    /// What it says stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}, {} bytes", self.status, self.kind, self.body.len())
    }
}

/// A page, or a part of one.
pub const HTML: &str = "text/html; charset=utf-8";

impl Answer {
    /// Something to show.
    pub fn of(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, kind, headers: Vec::new(), body: body.into() }
    }

    /// Sends the browser on, to look.
    pub fn go(to: &str) -> Self {
        let headers = vec![("location", to.to_owned())];
        Self { status: 303, kind: HTML, headers, body: Vec::new() }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_question_are_decoded() {
        let asked = Asked::get("/charge/2026%2F1/%E6%8C%82?q=%E5%BD%93+a&q=2");
        assert_eq!(asked.segments(), ["charge", "2026/1", "挂"]);
        assert_eq!((asked.query.get("q"), asked.query.all("q").count()), ("当 a", 2));
        assert_eq!(asked.query.get("none"), "");
        assert_eq!(asked.query.written(), "?q=%E5%BD%93+a&q=2");
        assert_eq!(Fields::default().written(), "");
    }

    #[test]
    fn a_page_of_another_site_is_told_by_its_origin() {
        let check = |origin: Option<&str>, host: &str, ours: bool| {
            let origin = origin.map(Into::into);
            let asked = Asked { origin, host: host.into(), ..Asked::get("/") };
            assert_eq!(asked.is_from_here(), ours, "{asked:?}");
        };
        check(None, "desk.local", true);
        check(Some("https://desk.local"), "desk.local", true);
        check(Some("https://desk.local:1"), "desk.local", false);
        check(Some("https://evil.example"), "desk.local", false);
        check(Some("null"), "desk.local", false);
        check(Some("https://"), "", false);
    }
}
