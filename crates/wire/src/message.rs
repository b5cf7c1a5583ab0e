//! A message: bytes understood.

use std::borrow::Cow;
use std::sync::Arc;

use crate::codes::Problem;
use crate::envelope::{Envelope, Profile};
use crate::input::{Digest, Input};
use crate::json::{DEPTH_MAX, JsonError, Node, write_text};
use crate::table::{Transaction, transaction};
use crate::words::Both;

/// One request of a hospital.
#[derive(Clone)]
pub struct Message {
    /// The envelope.
    pub envelope: Envelope,
    /// Which transaction.
    pub transaction: &'static Transaction,
    /// The input, normalised.
    pub input: Input,
    /// Digest of the input.
    pub digest: Digest,
    /// The bytes as they came.
    pub body: Arc<[u8]>,
}

impl std::fmt::Debug for Message {
    /// The body stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("envelope", &self.envelope)
            .field("digest", &self.digest)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Bytes that are no message. Certainly without effect.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Why.
    pub problem: Problem,
    /// The envelope, where it at least could be read: the answer then has the sender's form.
    pub envelope: Option<Box<Envelope>>,
}

impl Message {
    /// Understands a body. `infno_in_path` is the number the address named.
    pub fn read(body: Arc<[u8]>, infno_in_path: Option<&str>) -> Result<Self, Unreadable> {
        let unreadable =
            |problem, envelope: Option<Envelope>| Unreadable { problem, envelope: envelope.map(Box::new) };
        if body.trim_ascii().is_empty() {
            let place = Both::of("报文为空", "it is empty");
            return Err(unreadable(Problem::Malformed { place }, None));
        }
        let node = Node::parse(&body).map_err(|e| unreadable(e.into(), None))?;
        let envelope = Envelope::read(&node, infno_in_path).map_err(|p| unreadable(p, None))?;
        let Some(transaction) = transaction(&envelope.infno) else {
            let infno = envelope.infno.chars().take(10).collect();
            return Err(unreadable(Problem::InfnoUnknown { infno }, Some(envelope)));
        };
        match Input::read(transaction, node.given("input").unwrap_or(&Node::Null)) {
            Ok(input) => {
                let digest = input.digest();
                Ok(Self { envelope, transaction, input, digest, body })
            }
            Err(problem) => Err(unreadable(problem, Some(envelope))),
        }
    }

    /// The message as an institution of this profile means it: in its own names and codes, where it has such.
    pub fn under(self, profile: &Profile) -> Result<Self, Problem> {
        let Some(dialect) = &profile.dialect else { return Ok(self) };
        let bytes = Arc::clone(&self.body);
        let body = Node::parse(&bytes)?;
        let given = body.given("input").unwrap_or(&Node::Null);
        let inner = given.as_str().and_then(|text| Node::parse(text.as_bytes()).ok());
        let inner = inner.filter(|node| matches!(node, Node::Object(_)));
        let mut node = inner.unwrap_or_else(|| given.clone());
        dialect.hear(self.transaction, &mut node);
        let input = Input::read(self.transaction, &node)?;
        Ok(Self { digest: input.digest(), input, ..self })
    }

    /// What is kept of the request: all of it, but of a file only what it is called. Its bytes are kept once, elsewhere.
    pub fn kept(&self) -> Cow<'_, [u8]> {
        if !self.transaction.brings_a_file() {
            return Cow::Borrowed(&self.body);
        }
        let said = self.input.first("fsUploadIn").map(|row| row.facts().apart(&["in"]).0).unwrap_or_default();
        let mut text = String::from("{");
        for (name, value) in [("infno", self.transaction.infno), ("msgid", self.envelope.msgid.as_str())] {
            write_text(&mut text, name);
            text.push(':');
            write_text(&mut text, value);
            text.push(',');
        }
        text.push_str(r#""input":{"fsUploadIn":"#);
        text.push_str(&said.to_text());
        text.push_str("}}");
        Cow::Owned(text.into_bytes())
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Malformed(at) => {
                let nth = at + 1;
                Self::Malformed { place: Both::new(format!("第 {nth} 字节"), format!("byte {nth}")) }
            }
            JsonError::TooDeep => Self::TooDeep { max: DEPTH_MAX.to_string() },
            JsonError::DuplicateKey(key) => Self::DuplicateKey { key },
            JsonError::Encoding => Self::Encoding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_cannot_be_read_says_where() {
        let check = |body: &str, zh: &str, en: &str| {
            let problem = Message::read(body.as_bytes().into(), None).unwrap_err().problem;
            assert_eq!(problem.code(), "MALFORMED", "{body}");
            let told = [Language::Zh, Language::En].map(|language| problem.text(language));
            assert_eq!(
                told,
                [format!("报文无法解析:{zh}"), format!("the message cannot be read: {en}")],
                "{body}"
            );
        };
        let with =
            |input: &str| format!(r#"{{"infno":"2207","msgid":"M1","fixmedins_code":"H1","input":{input}}}"#);
        check("", "报文为空", "it is empty");
        check(" \r\n", "报文为空", "it is empty");
        check("[]", "报文不是对象", "the body is not an object");
        check("{\"infno\":2207,}", "第 15 字节", "byte 15");
        check(&with(r#""{\"data\":""#), "input 中第 9 字节", "byte 9 of input");
        check(&with(r#""MDAx""#), "input 中第 1 字节", "byte 1 of input");
        check(&with(r#""\"{\\\"data\\\":{}}\"""#), "input 被编码了两次", "input was encoded twice");
        for other in ["7", "true", r#"[{"psn_no":"1"}]"#, r#""7""#, r#""\"7\"""#, r#""\"{\"""#] {
            check(&with(other), "input 不是对象", "input is not an object");
        }
    }
}
