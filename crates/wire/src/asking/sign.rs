//! 9001 and 9002: an operator begins and ends work.

use super::hearing::heard;
use super::speaker::{Asking, Speaker};
use super::writing::Row;
use crate::output::Answer;

/// 9001: the operator who speaks begins work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignIn {
    /// Hardware address of the workstation; not every centre asks for it.
    pub hardware: String,
    /// Network address of the workstation; every centre asks for it.
    pub address: String,
}

impl Asking for SignIn {
    fn infno(&self) -> &'static str {
        "9001"
    }

    fn input(&self, speaker: &Speaker) -> String {
        let row = Row::new().text("opter_no", &speaker.operator);
        row.text("mac", &self.hardware).text("ip", &self.address).within("signIn")
    }
}

/// 9002: the operator who speaks ends work; the sign-in is the one of the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignOut;

impl Asking for SignOut {
    fn infno(&self) -> &'static str {
        "9002"
    }

    fn input(&self, speaker: &Speaker) -> String {
        Row::new().text("sign_no", &speaker.sign_in).text("opter_no", &speaker.operator).within("signOut")
    }
}

/// The answer to [`SignIn`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The number every later message carries.
    pub sign_in: String,
}

impl SignedIn {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| Some(Self { sign_in: output.node("signinoutb")?.some("sign_no")? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, answered, said};
    use crate::transactions;

    #[test]
    fn work_begins_and_ends() {
        let sign_in = SignIn { hardware: "00-0C-29-3E-5B-01".into(), address: "192.168.10.21".into() };
        let read = transactions::SignIn::read(&said(&sign_in).input).unwrap();
        assert_eq!((read.operator.as_str(), read.workstation.as_str()), ("0103", "00-0C-29-3E-5B-01"));
        said(&SignIn { address: "::1".into(), ..SignIn::default() });
        let read = transactions::SignOut::read(&said(&SignOut).input).unwrap();
        assert_eq!((read.number.as_str(), read.operator.as_str()), ("S1", "0103"));
    }

    #[test]
    fn the_number_is_heard() {
        let told = transactions::SignedIn { at: AT, number: ODD.into() };
        assert_eq!(SignedIn::hear(&answered("9001", &told)), Some(SignedIn { sign_in: ODD.into() }));
        assert_eq!(SignedIn::hear(&answered("9002", &transactions::SignedOut { at: AT })), None);
    }
}
