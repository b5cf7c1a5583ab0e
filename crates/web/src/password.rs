//! Passwords: how they are kept, which are taken, and when nobody may try any longer.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use ring::rand::{SecureRandom, SystemRandom};

use crate::languages::Said;

/// KiB of memory a hash takes.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes made at once: each takes its memory.
const AT_ONCE: usize = 2;
/// So many wait for their turn; the others are asked to come again.
const WAITING: usize = 16;

/// Makes and checks hashes of passwords, with a secret that is not where the hashes are.
pub struct Passwords {
    pepper: Vec<u8>,
    /// How many hashes are being made, and how many wait for their turn.
    busy: Mutex<(usize, usize)>,
    turn: std::sync::Condvar,
    /// Compared with where a login does not exist: that takes as long, and tells nothing.
    nobody: String,
}

/// Too many sign in at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

impl Passwords {
    /// With a secret of the installation.
    pub fn new(pepper: &[u8]) -> Self {
        let mut passwords = Self {
            pepper: pepper.to_vec(),
            busy: Mutex::new((0, 0)),
            turn: std::sync::Condvar::new(),
            nobody: String::new(),
        };
        passwords.nobody = passwords.hash("nobody's password").expect("nobody waits yet");
        passwords
    }

    /// What is kept of a password.
    pub fn hash(&self, password: &str) -> Result<String, Busy> {
        let _turn = self.enter()?;
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random).expect("the system has randomness");
        let hash = self.argon().hash_password_with_salt(password.as_bytes(), &random);
        let hash: PasswordHash = hash.expect("fixed parameters fit");
        Ok(hash.to_string())
    }

    /// Whether it is the password of whom the hash is; of nobody, never, after as long.
    pub fn is_right(&self, password: &str, hash: Option<&str>) -> Result<bool, Busy> {
        let _turn = self.enter()?;
        let known = hash.unwrap_or(&self.nobody);
        let Ok(parsed) = PasswordHash::new(known) else { return Ok(false) };
        let is_right = self.argon().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(is_right && hash.is_some())
    }

    fn argon(&self) -> Argon2<'_> {
        let params = Params::new(MEMORY, PASSES, 1, None).expect("parameters in their bounds");
        Argon2::new_with_secret(&self.pepper, Algorithm::Argon2id, Version::V0x13, params)
            .expect("a pepper of a few bytes")
    }

    fn enter(&self) -> Result<Turn<'_>, Busy> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.0 >= AT_ONCE {
            if busy.1 >= WAITING {
                return Err(Busy);
            }
            busy.1 += 1;
            while busy.0 >= AT_ONCE {
                busy = self.turn.wait(busy).unwrap_or_else(PoisonError::into_inner);
            }
            busy.1 -= 1;
        }
        busy.0 += 1;
        Ok(Turn(self))
    }
}

struct Turn<'p>(&'p Passwords);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.busy.lock().unwrap_or_else(PoisonError::into_inner).0 -= 1;
        self.0.turn.notify_one();
    }
}

/// How long a password may be.
pub const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;

/// Passwords everybody tries first: they and those that hold one and little else.
const COMMON: &[&str] = &[
    "password",
    "qwertyuiop",
    "1234567890",
    "0123456789",
    "1111111111",
    "0000000000",
    "8888888888",
    "abcdefghij",
    "iloveyou",
    "admin12345",
    "administrator",
    "letmein",
    "welcome",
    "1qaz2wsx3edc",
    "qazwsxedc",
    "zaq12wsx",
    "a123456789",
    "5201314520",
    "woaini1314",
    "woaini520",
    "mima123456",
    "yiyuan",
];

/// Whether a password is taken; else why not.
pub fn acceptable(password: &str, login: &str, hospital: &str) -> Result<(), Said> {
    let length = password.chars().count();
    if !LENGTH.contains(&length) {
        return Err(Said::new("password-length").with("least", LENGTH.start()).with("most", LENGTH.end()));
    }
    let plain = password.to_lowercase();
    let holds = |word: &str| word.chars().count() > 2 && plain.contains(&word.to_lowercase());
    if holds(login) || holds(hospital) {
        return Err(Said::new("password-personal"));
    }
    let is_common = |word: &&str| plain.strip_prefix(*word).is_some_and(|rest| rest.chars().count() < 4);
    let mut letters: Vec<char> = plain.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if COMMON.iter().any(is_common) || letters.len() < 4 {
        return Err(Said::new("password-common"));
    }
    Ok(())
}

/// So many wrong tries within [`WINDOW`] lock.
pub const TRIES: usize = 5;
/// So many from one address.
pub const TRIES_ADDRESS: usize = 20;
/// Within which tries count, and how long a lock holds.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Until when nobody may try: the last `most` wrong tries fell within the window, and the last of them not longer ago.
pub fn locked_until(wrong: &[DateTime], most: usize, now: DateTime) -> Option<DateTime> {
    let last = *wrong.last()?;
    let first = *wrong.get(wrong.len().checked_sub(most)?)?;
    let until = last.saturating_add(WINDOW);
    (last.duration_since(first) <= WINDOW && now < until).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_password_is_right_with_its_own_hash_and_pepper_only() {
        let passwords = Passwords::new(b"pepper");
        let hash = passwords.hash("长一点的口令 123").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(passwords.is_right("长一点的口令 123", Some(&hash)), Ok(true));
        assert_eq!(passwords.is_right("长一点的口令 124", Some(&hash)), Ok(false));
        assert_eq!(passwords.is_right("nobody's password", None), Ok(false));
        assert_eq!(Passwords::new(b"other").is_right("长一点的口令 123", Some(&hash)), Ok(false));
    }

    #[test]
    fn very_many_who_sign_in_at_once_get_their_turn_or_are_asked_to_come_again() {
        let passwords = Passwords::new(b"pepper");
        let answers: Vec<_> = std::thread::scope(|threads| {
            let all: Vec<_> = (0..30).map(|_| threads.spawn(|| passwords.is_right("x", None))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let told = answers.iter().filter(|answer| **answer == Ok(false)).count();
        assert!(told >= AT_ONCE + WAITING, "{told}");
        assert_eq!(passwords.is_right("x", None), Ok(false), "nobody holds a turn for ever");
    }

    #[test]
    fn short_common_and_personal_passwords_are_not_taken() {
        let check = |password: &str, why: Option<&str>| {
            let answer = acceptable(password, "0103limin", "大榭医院");
            assert_eq!(answer.err().map(|said| said.key), why, "{password}");
        };
        check("九个字的口令不够", Some("password-length"));
        check("password12", Some("password-common"));
        check("aaaaaaaaaabb", Some("password-common"));
        check("xx0103limin!", Some("password-personal"));
        check("在大榭医院上班的人", Some("password-length"));
        check("我在大榭医院上班十年", Some("password-personal"));
        check("correct horse battery", None);
        check(&"x1y2".repeat(33), Some("password-length"));
    }

    #[test]
    fn five_wrong_tries_in_a_quarter_of_an_hour_lock_for_as_long() {
        let at = |minute| datetime(2026, 11, 23, 8, minute, 0, 0);
        let wrong: Vec<_> = (0..5).map(at).collect();
        assert_eq!(locked_until(&wrong[..4], TRIES, at(5)), None);
        assert_eq!(locked_until(&wrong, TRIES, at(5)), Some(at(19)));
        assert_eq!(locked_until(&wrong, TRIES, at(19)), None);
        let slow: Vec<_> = (0..5).map(|n| at(n * 10)).collect();
        assert_eq!(locked_until(&slow, TRIES, at(45)), None);
    }
}
