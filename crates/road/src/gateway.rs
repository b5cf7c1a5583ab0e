//! The signature headers a gateway in front of the interface wants. Two families are in use; both say who sends, and
//! when, under a shared secret.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::hmac;

/// Which family of headers a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// `x-tif-*`: hex SHA-256 over time stamp, secret, nonce, time stamp.
    #[default]
    Tif,
    /// `_api_*`: base64 HMAC-SHA1 over the sorted names and values.
    Api,
}

/// What the headers of a request claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key's public name.
    pub key: String,
    /// Seconds since 1970 by the sender's clock.
    pub seconds: i64,
    signed: Signed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Signed {
    Tif { stamp: String, nonce: String, signature: String },
    Api { text: String, signature: String },
}

impl Claim {
    /// Reads the headers; none where neither family is complete.
    pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Option<Self> {
        Self::read_tif(&header).or_else(|| Self::read_api(&header))
    }

    fn read_tif<'h>(header: &impl Fn(&str) -> Option<&'h str>) -> Option<Self> {
        let stamp = header("x-tif-timestamp")?;
        Some(Self {
            key: header("x-tif-paasid")?.into(),
            seconds: seconds(stamp)?,
            signed: Signed::Tif {
                stamp: stamp.into(),
                nonce: header("x-tif-nonce")?.into(),
                signature: header("x-tif-signature")?.into(),
            },
        })
    }

    fn read_api<'h>(header: &impl Fn(&str) -> Option<&'h str>) -> Option<Self> {
        let stamp = header("_api_timestamp")?;
        let key = header("_api_access_key")?;
        Some(Self {
            key: key.into(),
            seconds: seconds(stamp)?,
            signed: Signed::Api {
                text: api_text(key, header("_api_name")?, stamp, header("_api_version")?),
                signature: header("_api_signature")?.into(),
            },
        })
    }

    /// Whether the signature was made with this secret. Takes the same time for any wrong one.
    pub fn holds(&self, secret: &str) -> bool {
        match &self.signed {
            Signed::Tif { stamp, nonce, signature } => {
                let expected = tif_signature(stamp, secret, nonce);
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                let tag = hmac::sign(&key, expected.as_bytes());
                hmac::verify(&key, signature.to_ascii_lowercase().as_bytes(), tag.as_ref()).is_ok()
            }
            Signed::Api { text, signature } => {
                let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
                STANDARD.decode(signature).is_ok_and(|tag| hmac::verify(&key, text.as_bytes(), &tag).is_ok())
            }
        }
    }
}

/// Seconds, also where a sender writes milliseconds.
fn seconds(stamp: &str) -> Option<i64> {
    let number: i64 = stamp.parse().ok()?;
    Some(if number > 100_000_000_000 { number / 1_000 } else { number })
}

fn tif_signature(stamp: &str, secret: &str, nonce: &str) -> String {
    let hash = digest(&SHA256, format!("{stamp}{secret}{nonce}{stamp}").as_bytes());
    hex(hash.as_ref())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn api_text(key: &str, name: &str, stamp: &str, version: &str) -> String {
    format!("_api_access_key={key}&_api_name={name}&_api_timestamp={stamp}&_api_version={version}")
}

/// The headers for one request.
pub fn sign(
    family: Family,
    key: &str,
    secret: &str,
    infno: &str,
    seconds: i64,
    nonce: &str,
) -> Vec<(&'static str, String)> {
    let stamp = seconds.to_string();
    match family {
        Family::Tif => vec![
            ("x-tif-paasid", key.into()),
            ("x-tif-signature", tif_signature(&stamp, secret, nonce)),
            ("x-tif-timestamp", stamp),
            ("x-tif-nonce", nonce.into()),
        ],
        Family::Api => {
            let text = api_text(key, infno, &stamp, "1.0.0");
            let mac = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
            vec![
                ("_api_name", infno.into()),
                ("_api_version", "1.0.0".into()),
                ("_api_timestamp", stamp),
                ("_api_access_key", key.into()),
                ("_api_signature", STANDARD.encode(hmac::sign(&mac, text.as_bytes()))),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(headers: &[(&'static str, String)]) -> Option<Claim> {
        Claim::read(|name| headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str()))
    }

    #[test]
    fn both_families_hold_with_the_right_secret_only() {
        for family in [Family::Tif, Family::Api] {
            let headers = sign(family, "paas1", "secret", "2207", 1_795_000_000, "n0nce");
            let read = claim(&headers).unwrap();
            assert_eq!((read.key.as_str(), read.seconds), ("paas1", 1_795_000_000));
            assert!(read.holds("secret"));
            assert!(!read.holds("Secret"));
            for at in 0..headers.len() {
                let mut altered = headers.clone();
                altered[at].1.push('1');
                assert!(
                    !claim(&altered)
                        .is_some_and(|c| c.key == "paas1" && c.seconds == 1_795_000_000 && c.holds("secret"))
                );
                altered.remove(at);
                assert_eq!(claim(&altered), None, "an incomplete family is none");
            }
        }
    }

    #[test]
    fn milliseconds_are_taken_for_seconds() {
        assert_eq!(seconds("1795000000123"), Some(1_795_000_000));
    }
}
