//! The HTTP carrier: to our centre, to a front, or to any centre that answers the national transactions.

use std::time::Duration;

use model::Clock;
use ring::rand::{SecureRandom, SystemRandom};
use ureq::Agent;
use wire::{Answer, Both, Doubt, Message, OutcomeWord, Problem, Refusal};

use crate::gateway::{Family, hex, sign};
use crate::port::{Capabilities, Given, NoReply, Reply, Road};
use crate::words;

/// Where and as whom to send.
#[derive(Clone)]
pub struct HttpSettings {
    /// `http://127.0.0.1:8520`, without the path.
    pub address: String,
    /// Public name of the access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// Which headers.
    pub family: Family,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// What stands behind.
    pub capabilities: Capabilities,
}

impl std::fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSettings")
            .field("address", &self.address)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// The HTTP carrier. One may be used from many threads; connections are kept.
pub struct HttpRoad {
    settings: HttpSettings,
    agent: Agent,
    clock: std::sync::Arc<dyn Clock>,
}

impl HttpRoad {
    /// A carrier. The clock stands in the signature headers.
    pub fn new(settings: HttpSettings, clock: std::sync::Arc<dyn Clock>) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(settings.timeout))
            .timeout_connect(Some(Duration::from_secs(10)))
            .max_idle_connections_per_host(64)
            .build()
            .into();
        Self { settings, agent, clock }
    }

    fn nonce() -> String {
        let mut bytes = [0_u8; 8];
        SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
        hex(&bytes)
    }

    /// Looks at something of the centre's under its own key; answers the status and the text.
    pub fn get(&self, path: &str, accept: &str) -> Result<(u16, String), Both> {
        let mut request = self.agent.get(format!("{}{path}", self.settings.address)).header("accept", accept);
        for (name, value) in self.signature("") {
            request = request.header(name, value);
        }
        let told = |error: ureq::Error| words::of_http(&error);
        let mut response = request.call().map_err(told)?;
        let text = response.body_mut().with_config().limit(ANSWER_MAX).read_to_string().map_err(told)?;
        Ok((response.status().as_u16(), text))
    }

    fn signature(&self, infno: &str) -> Vec<(&'static str, String)> {
        let seconds = jiff::tz::Offset::constant(8)
            .to_timestamp(self.clock.now())
            .map_or(0, jiff::Timestamp::as_second);
        let s = &self.settings;
        sign(s.family, &s.key, &s.secret, infno, seconds, &Self::nonce())
    }

    /// Sends bytes as they are: what the message carrier does, and what sends a vendor's body unchanged.
    pub fn send_body(&self, infno: &str, body: &[u8]) -> Result<Reply, NoReply> {
        let url = format!("{}/api/{infno}", self.settings.address);
        let mut request = self.agent.post(url).header("content-type", "application/json; charset=utf-8");
        for (name, value) in self.signature(infno) {
            request = request.header(name, value);
        }
        let mut response = request.send(body).map_err(no_reply)?;
        let header =
            |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let outcome = header("x-tongqu-outcome").and_then(|word| OutcomeWord::from_word(&word));
        let replayed = header("x-tongqu-replayed").is_some();
        let ok = response.status().is_success();
        let text = response.body_mut().with_config().limit(ANSWER_MAX).read_to_vec().map_err(no_reply)?;
        understand(Answer { text: text.into() }, outcome, replayed, ok)
    }
}

/// Longest answer read, in bytes.
const ANSWER_MAX: u64 = 64 << 20;

impl Road for HttpRoad {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        self.send_body(message.transaction.infno, &message.body)
    }

    fn capabilities(&self) -> Capabilities {
        self.settings.capabilities
    }
}

/// Never connected: certainly nothing happened. Anything later may have happened.
fn no_reply(error: ureq::Error) -> NoReply {
    use ureq::Error;
    let cause = words::of_http(&error);
    match error {
        Error::ConnectionFailed
        | Error::HostNotFound
        | Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            NoReply::NotProcessed(Problem::LineDown { cause })
        }
        Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
            NoReply::NotProcessed(Problem::LineDown { cause })
        }
        _ => NoReply::Unknown(Doubt::NoAnswer { cause }),
    }
}

/// Our header says what became of it. A plain centre says only `infcode`: zero is done, anything else a refusal; what
/// is no envelope at all says nothing.
pub fn understand(
    answer: Answer,
    outcome: Option<OutcomeWord>,
    replayed: bool,
    ok: bool,
) -> Result<Reply, NoReply> {
    let given = |answer| Given { answer, replayed };
    match outcome {
        Some(OutcomeWord::Done) => Ok(Reply::Done(given(answer))),
        Some(OutcomeWord::Refused) => Ok(Reply::Refused(given(answer))),
        Some(OutcomeWord::NotProcessed) => {
            let text = answer.error().unwrap_or_default();
            Err(NoReply::NotProcessed(Problem::Elsewhere { text }))
        }
        Some(OutcomeWord::Unknown) => {
            let cause = Both::same(answer.error().unwrap_or_default());
            Err(NoReply::Unknown(Doubt::NoAnswer { cause }))
        }
        None => {
            let envelope = answer.parsed().is_some_and(|node| node.get("infcode").is_some());
            match (ok && (envelope || answer.is_file()), answer.error()) {
                (true, None) => Ok(Reply::Done(given(answer))),
                (true, Some(_)) => Ok(Reply::Refused(given(answer))),
                (false, _) => {
                    let cause = Both::of("答复不是交易报文", "no envelope in the answer");
                    Err(NoReply::Unknown(Doubt::NoAnswer { cause }))
                }
            }
        }
    }
}

/// The code of a refusal that came over a road, where it has one.
pub fn refusal_code(given: &Given) -> Option<String> {
    let code = given.answer.error_code()?;
    Refusal::REGISTRY.iter().any(|row| row.code == code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_centre_is_understood_by_its_envelope_alone() {
        let understand =
            |text: &str, ok| super::understand(Answer { text: text.as_bytes().into() }, None, false, ok);
        assert!(matches!(understand(r#"{"infcode":0,"output":{}}"#, true), Ok(Reply::Done(_))));
        assert!(matches!(understand(r#"{"infcode":"0","output":{}}"#, true), Ok(Reply::Done(_))));
        assert!(matches!(
            understand(r#"{"infcode":-1,"err_msg":"x","output":{}}"#, true),
            Ok(Reply::Refused(_))
        ));
        assert!(matches!(understand("<html>bad gateway</html>", false), Err(NoReply::Unknown(_))));
        assert!(matches!(understand(r#"{"code":999}"#, true), Err(NoReply::Unknown(_))));
    }
}
