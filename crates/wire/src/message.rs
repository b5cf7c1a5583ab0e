//! A message: bytes understood.

use std::sync::Arc;

use crate::codes::Problem;
use crate::envelope::Envelope;
use crate::input::{Digest, Input};
use crate::json::{DEPTH_MAX, JsonError, Node};
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
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Malformed(at) => {
                Self::Malformed { place: Both::new(format!("第 {at} 字节"), format!("byte {at}")) }
            }
            JsonError::TooDeep => Self::TooDeep { max: DEPTH_MAX.to_string() },
            JsonError::DuplicateKey(key) => Self::DuplicateKey { key },
            JsonError::Encoding => Self::Encoding,
        }
    }
}
