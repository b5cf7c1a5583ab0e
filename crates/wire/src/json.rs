//! JSON as the interface needs it: numbers keep their digits, a doubled key is an error, depth is bounded, and an
//! error says where. Text is borrowed from the body where it has no escapes.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Node<'a>>),
    /// An array of many whole numbers from 0 to 255, as files are written.
    Bytes(Vec<u8>),
    /// An object, in written order.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// Why bytes are not an acceptable JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON at this byte.
    Malformed(usize),
    /// Nested deeper than allowed.
    TooDeep,
    /// An object names a member twice.
    DuplicateKey(String),
    /// Not UTF-8.
    Encoding,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(at) => write!(f, "not JSON at byte {at}"),
            Self::TooDeep => f.write_str("nested too deep"),
            Self::DuplicateKey(key) => write!(f, "member `{key}` twice"),
            Self::Encoding => f.write_str("not UTF-8"),
        }
    }
}

impl std::error::Error for JsonError {}

/// Deepest nesting accepted.
pub(crate) const DEPTH_MAX: usize = 32;

/// Shorter arrays of numbers are read as such.
const BYTES_MIN: usize = 16;

impl<'a> Node<'a> {
    /// Reads one value and nothing behind it. A byte order mark in front is passed over.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Encoding)?;
        let mut reader = Reader { text: text.trim_start_matches('\u{feff}'), at: 0, depth: 0 };
        let node = reader.value()?;
        reader.space();
        if reader.at == reader.text.len() { Ok(node) } else { Err(JsonError::Malformed(reader.at)) }
    }

    /// A member of an object.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Self::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// A member that is given: the one of this very name, else one of the name in another case.
    pub(crate) fn given(&self, key: &str) -> Option<&Node<'a>> {
        let Self::Object(members) = self else { return None };
        let given = |same: fn(&str, &str) -> bool| {
            members.iter().find(|(name, node)| same(name, key) && !node.is_absent()).map(|(_, node)| node)
        };
        given(|name, key| name == key).or_else(|| given(str::eq_ignore_ascii_case))
    }

    /// Whether a member of this name, in any case, is a string, be it an empty one.
    pub(crate) fn has_text(&self, key: &str) -> bool {
        let Self::Object(members) = self else { return false };
        members.iter().any(|(name, node)| name.eq_ignore_ascii_case(key) && node.as_str().is_some())
    }

    /// For people: a member a line; of bytes only how many.
    pub fn laid_out(&self) -> String {
        let mut out = String::new();
        lay_out(self, 0, &mut out);
        out
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string or a number.
    pub fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(digits) => Some(Cow::Borrowed(digits)),
            Self::Bool(true) => Some(Cow::Borrowed("true")),
            Self::Bool(false) => Some(Cow::Borrowed("false")),
            _ => None,
        }
    }

    /// The bytes an array of numbers stands for.
    pub(crate) fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Self::List(items) => {
                let byte =
                    |item: &Self| if let Self::Number(digits) = item { digits.parse().ok() } else { None };
                items.iter().map(byte).collect()
            }
            _ => None,
        }
    }

    /// Whether the member means "not given": null, a text of nothing one could see, or what holds only such.
    pub(crate) fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.chars().all(|c| c.is_whitespace() || c < ' '),
            Self::List(items) => items.iter().all(Self::is_absent),
            Self::Object(members) => members.iter().all(|(_, value)| value.is_absent()),
            Self::Bool(_) | Self::Number(_) | Self::Bytes(_) => false,
        }
    }

    /// Writes the value with its members sorted and what is absent left out: equal values give equal text.
    pub(crate) fn write_sorted(&self, out: &mut String) {
        self.write_members(out, |members| {
            let mut sorted: Vec<_> = members.iter().filter(|(_, node)| !node.is_absent()).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            sorted
        });
    }

    /// Writes the value as it is.
    pub(crate) fn write(&self, out: &mut String) {
        self.write_members(out, |members| members.iter().collect());
    }

    fn write_members(&self, out: &mut String, order: for<'m> fn(&'m [Member<'a>]) -> Vec<&'m Member<'a>>) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(out, text),
            Self::Bytes(bytes) => {
                let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
                let _ = write!(out, "[{}]", numbers.join(","));
            }
            Self::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.write_members(out, order);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (n, (key, node)) in order(members).into_iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write_text(out, key);
                    out.push(':');
                    node.write_members(out, order);
                }
                out.push('}');
            }
        }
    }
}

/// A member of an object.
type Member<'a> = (Cow<'a, str>, Node<'a>);

fn lay_out(node: &Node<'_>, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    match node {
        Node::Object(members) if !members.is_empty() => {
            out.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                line(out, depth + 1);
                let _ = write!(out, "{}: ", quoted(name));
                lay_out(value, depth + 1, out);
                out.push_str(if at + 1 < members.len() { "," } else { "" });
            }
            line(out, depth);
            out.push('}');
        }
        Node::List(items) if !items.is_empty() => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                line(out, depth + 1);
                lay_out(item, depth + 1, out);
                out.push_str(if at + 1 < items.len() { "," } else { "" });
            }
            line(out, depth);
            out.push(']');
        }
        Node::Object(_) => out.push_str("{}"),
        Node::List(_) => out.push_str("[]"),
        Node::Bytes(bytes) => {
            let _ = write!(out, "[… {}]", bytes.len());
        }
        Node::Text(text) => out.push_str(&quoted(text)),
        Node::Null => out.push_str("null"),
        value => out.push_str(&value.scalar().unwrap_or_default()),
    }
}

/// A text as JSON has it, with its marks.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_text(&mut out, text);
    out
}

/// Writes a JSON string.
pub(crate) fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut clean = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[clean..at]);
        if escape.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        clean = at + 1;
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn bad<T>(&self) -> Result<T, JsonError> {
        Err(JsonError::Malformed(self.at))
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        self.bad()
    }

    fn value(&mut self) -> Result<Node<'a>, JsonError> {
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            _ => self.bad(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Node<'a>, JsonError>) -> Result<Node<'a>, JsonError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(JsonError::TooDeep);
        }
        self.at += 1;
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Result<Node<'a>, JsonError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(node);
        }
        self.bad()
    }

    fn number(&mut self) -> Result<Node<'a>, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let first = self.at;
        self.digits()?;
        if self.at > first + 1 && self.text.as_bytes()[first] == b'0' {
            self.at = first + 1;
            return self.bad();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Node::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { self.bad() }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let text = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => return self.escaped(start).map(Cow::Owned),
                Some(0..0x20) | None => return self.bad(),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escaped(&mut self, start: usize) -> Result<String, JsonError> {
        let mut text = self.text[start..self.at].to_owned();
        loop {
            let clean = self.at;
            while !matches!(self.peek(), Some(b'"' | b'\\' | 0..0x20) | None) {
                self.at += 1;
            }
            text.push_str(&self.text[clean..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return self.bad(),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let Some(byte) = self.peek() else { return self.bad() };
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return self.bad(),
        })
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            let second = self.hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return self.bad();
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).map_or_else(|| self.bad(), Ok)
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let code = digits
            .filter(|d| d.iter().all(u8::is_ascii_hexdigit))
            .and_then(|d| u32::from_str_radix(std::str::from_utf8(d).ok()?, 16).ok());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.bad(),
        }
    }

    /// Whole numbers from 0 to 255 and nothing else, up to the end of an array; none where it is another, or so short that
    /// it may be anything.
    fn bytes(&mut self) -> Option<Vec<u8>> {
        let start = self.at;
        let mut bytes = Vec::new();
        loop {
            self.space();
            let from = self.at;
            while matches!(self.peek(), Some(b'0'..=b'9')) {
                self.at += 1;
            }
            let digits = &self.text[from..self.at];
            // With a zero in front it is no number.
            let byte = digits.parse().ok().filter(|_| digits.len() == 1 || !digits.starts_with('0'));
            self.space();
            let (byte, mark) = (byte, self.peek());
            let Some((byte, mark)) = byte.zip(mark.filter(|mark| matches!(mark, b',' | b']'))) else { break };
            bytes.push(byte);
            self.at += 1;
            if mark == b']' {
                if bytes.len() < BYTES_MIN {
                    break;
                }
                return Some(bytes);
            }
        }
        self.at = start;
        None
    }

    fn list(&mut self) -> Result<Node<'a>, JsonError> {
        if let Some(bytes) = self.bytes() {
            return Ok(Node::Bytes(bytes));
        }
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node::List(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Node::List(items));
                }
                _ => return self.bad(),
            }
        }
    }

    fn object(&mut self) -> Result<Node<'a>, JsonError> {
        let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::with_capacity(8);
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return self.bad();
            }
            let key = self.string()?;
            self.space();
            self.expect(b':')?;
            let value = self.value()?;
            members.push((key, value));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return single_keys(members).map(Node::Object);
                }
                _ => return self.bad(),
            }
        }
    }
}

/// Few members are compared pairwise; many are sorted, so that a hostile body costs no square.
fn single_keys<'a>(
    members: Vec<(Cow<'a, str>, Node<'a>)>,
) -> Result<Vec<(Cow<'a, str>, Node<'a>)>, JsonError> {
    const FEW: usize = 48;
    let doubled = if members.len() <= FEW {
        (1..members.len()).find(|&n| members[..n].iter().any(|(key, _)| *key == members[n].0))
    } else {
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by(|&a, &b| members[a].0.cmp(&members[b].0));
        order.windows(2).find(|w| members[w[0]].0 == members[w[1]].0).map(|w| w[1])
    };
    match doubled {
        None => Ok(members),
        Some(at) => Err(JsonError::DuplicateKey(members[at].0.chars().take(40).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "rows of a table read better without borrows")]
    fn check(text: &str, expected: Result<Node<'_>, JsonError>) {
        assert_eq!(Node::parse(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn values_are_read_with_their_digits() {
        check("25.10", Ok(Node::Number("25.10")));
        check(" \r\n-1.0E+2 ", Ok(Node::Number("-1.0E+2")));
        check("\u{feff}null", Ok(Node::Null));
        check(r#""a\u4e2d\n\ud83d\ude00""#, Ok(Node::Text("a中\n😀".into())));
        check(
            r#"{"a":[1,true,{}]}"#,
            Ok(Node::Object(vec![(
                "a".into(),
                Node::List(vec![Node::Number("1"), Node::Bool(true), Node::Object(vec![])]),
            )])),
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("[1,]", 3),
            ("{\"a\" 1}", 5),
            ("01", 1),
            ("1.", 2),
            ("nul", 0),
            ("\"\\ud800\"", 7),
            ("\"a\nb\"", 2),
            ("1 2", 2),
            ("{a:1}", 1),
            ("'a'", 0),
        ] {
            check(text, Err(JsonError::Malformed(at)));
        }
        assert_eq!(Node::parse(b"\"\xc4\xe3\""), Err(JsonError::Encoding));
        check(r#"{"a":1,"b":2,"a":3}"#, Err(JsonError::DuplicateKey("a".into())));
        let many: Vec<String> = (0..100).map(|n| format!("\"k{}\":1", n % 99)).collect();
        check(&format!("{{{}}}", many.join(",")), Err(JsonError::DuplicateKey("k0".into())));
        assert_eq!(Node::parse("[".repeat(1000).as_bytes()), Err(JsonError::TooDeep));
        let deep = "[".repeat(DEPTH_MAX) + &"]".repeat(DEPTH_MAX);
        assert!(Node::parse(deep.as_bytes()).is_ok());
    }

    #[test]
    fn the_bytes_of_a_file_are_read_as_bytes() {
        let numbers =
            |from: usize, to: usize| (from..to).map(|n| n.to_string()).collect::<Vec<_>>().join(" , ");
        let bytes: Vec<u8> = (0..=255).collect();
        check(&format!("[ {} ]", numbers(0, 256)), Ok(Node::Bytes(bytes.clone())));
        let mut out = String::new();
        Node::Bytes(bytes).write_sorted(&mut out);
        assert!(out.starts_with("[0,1,2,") && out.ends_with(",255]"), "{out}");
        for other in
            ["[1,2]".to_owned(), format!("[{}]", numbers(0, 257)), format!("[{},-1]", numbers(0, 20))]
        {
            assert!(matches!(Node::parse(other.as_bytes()), Ok(Node::List(_))), "{other}");
        }
        for bad in [
            format!("[{},01]", numbers(0, 20)),
            format!("[{},]", numbers(0, 20)),
            format!("[{}", numbers(0, 20)),
        ] {
            assert!(matches!(Node::parse(bad.as_bytes()), Err(JsonError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn written_text_reads_back() {
        for text in ["", "a\"b\\c\n\r\t\u{1}", "中文 😀"] {
            let mut out = String::new();
            write_text(&mut out, text);
            assert_eq!(Node::parse(out.as_bytes()), Ok(Node::Text(text.into())));
        }
    }
}
