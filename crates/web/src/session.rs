//! Sessions: whose browser this is, how long it stays so, and the second factor.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use totp_rs::{Builder, Totp};

/// Without a request for so long, the screen is locked: what is being typed stays.
pub const LOCK: SignedDuration = SignedDuration::from_mins(10);
/// Without one for so long, the session ends.
pub const IDLE: SignedDuration = SignedDuration::from_mins(15);
/// It ends then, whatever happens.
pub const WHOLE: SignedDuration = SignedDuration::from_hours(10);

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may go on.
    Open,
    /// Its own operator may go on after a password.
    Locked,
    /// It is over.
    Over,
}

/// How a session stands that began and was last heard of then; `lock` is the hospital's own time to lock.
pub fn standing(began: DateTime, heard: DateTime, lock: SignedDuration, now: DateTime) -> Standing {
    if now.duration_since(began) >= WHOLE || now.duration_since(heard) >= IDLE.max(lock * 2) {
        Standing::Over
    } else if now.duration_since(heard) >= lock {
        Standing::Locked
    } else {
        Standing::Open
    }
}

/// 256 random bits, as text.
pub fn random_token() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    hex(&bytes)
}

/// What is kept of a token: who reads it cannot use it.
pub fn token_hash(token: &str) -> String {
    hex(digest(&SHA256, token.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A secret as authenticators take it.
pub fn base32(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let groups = (0..bytes.len() * 8).step_by(5);
    groups
        .map(|from| char::from(SIGNS[(from..from + 5).fold(0, |sum, at| sum << 1 | usize::from(bit(at)))]))
        .collect()
}

/// Seconds a code of the second factor holds.
const STEP: u64 = 30;

fn totp(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_step_duration(STEP).with_secret(secret.to_vec()).build().ok()
}

/// The code of the second factor at a second.
pub fn code_at(secret: &[u8], unix_seconds: u64) -> Option<String> {
    totp(secret).map(|totp| totp.generate(unix_seconds).to_string())
}

/// What an authenticator reads to know a second factor: whose, of which installation.
pub fn code_address(secret: &[u8], whose: &str) -> String {
    let whose: String =
        whose.chars().filter(|sign| sign.is_ascii_alphanumeric() || "@-.".contains(*sign)).collect();
    format!("otpauth://totp/Tongqu:{whose}?secret={}&issuer=Tongqu", base32(secret))
}

/// Whether a code of the second factor is right at this second; answers its step, which may be used once. `after` is the
/// step used last.
pub fn right_code(secret: &[u8], code: &str, unix_seconds: u64, after: u64) -> Option<u64> {
    let totp = totp(secret)?;
    let now = unix_seconds / STEP;
    (now.saturating_sub(1)..=now + 1)
        .find(|step| *step > after && totp.generate(step * STEP).to_string() == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn an_authenticator_reads_whose_code_it_is() {
        let address = code_address(b"twenty random bytes!", "0001@H99010400001 ·");
        assert!(address.starts_with("otpauth://totp/Tongqu:0001@H99010400001?secret="), "{address}");
        assert!(
            address.ends_with(&format!("{}&issuer=Tongqu", base32(b"twenty random bytes!"))),
            "{address}"
        );
    }

    #[test]
    fn a_session_locks_then_ends_and_never_lasts_longer_than_a_shift() {
        let began = datetime(2026, 11, 23, 8, 0, 0, 0);
        let check = |heard: i64, now: i64, expected| {
            let at = |minutes| began.saturating_add(SignedDuration::from_mins(minutes));
            assert_eq!(standing(began, at(heard), LOCK, at(now)), expected, "heard {heard}, now {now}");
        };
        check(0, 9, Standing::Open);
        check(0, 10, Standing::Locked);
        check(0, 20, Standing::Over);
        check(595, 599, Standing::Open);
        check(599, 600, Standing::Over);
    }

    #[test]
    fn a_code_is_taken_once_and_a_step_late_or_early() {
        let secret = b"twenty random bytes!";
        let code = totp(secret).unwrap().generate(3_000).to_string();
        assert_eq!(right_code(secret, &code, 3_010, 0), Some(100));
        assert_eq!(right_code(secret, &code, 3_040, 0), Some(100));
        assert_eq!(right_code(secret, &code, 3_010, 100), None, "used");
        assert_eq!(right_code(secret, &code, 3_100, 0), None, "too late");
        assert_eq!(right_code(secret, "abc", 3_010, 0), None);
    }

    #[test]
    fn a_secret_is_told_as_authenticators_take_it() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn tokens_differ_and_their_hash_is_not_they() {
        let token = random_token();
        assert_eq!(token.len(), 64);
        assert_ne!(token, random_token());
        assert_ne!(token_hash(&token), token);
    }
}
