//! The addresses of the desk, as types, each with the right it asks for.

mod house;
pub(crate) mod inpatient;
mod office;
mod reports;

use std::fmt;

use web::Asked;

use crate::manual;
use crate::people::Right;

pub use house::House;
pub use inpatient::Inpatient;
pub use office::Office;
pub use reports::Report;

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Where somebody begins: the first module he has.
    Home,
    /// Signing in.
    SignIn,
    /// Signing out.
    SignOut,
    /// Going on behind a locked screen.
    Unlock,
    /// A new bill, or what was just settled.
    Charge,
    /// A bill being charged.
    Bill(String),
    /// Something done to it.
    Step(String, Step),
    /// Candidates for what is typed.
    Find(What),
    /// Bills of a day.
    Bills,
    /// One of them, to look at.
    Look(String),
    /// Voiding it.
    Void(String),
    /// Why it is shared so.
    Why(String),
    /// Its receipt, to print.
    Receipt(String),
    /// Patients the hospital has seen.
    Patients,
    /// The simulated reader, and its drawer of cards.
    Reader,
    /// A chapter of the manual; empty: its contents.
    Manual(String),
    /// What pages are made of.
    Kit,
    /// Setting a hospital up, with an invitation.
    SetUp,
    /// What keeps the desk going.
    House(House),
    /// Something of inpatients.
    Inpatient(Inpatient),
    /// Something of the insurance office.
    Office(Office),
    /// A report, or all that there are.
    Report(Report),
}

/// What is done to a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Doctor, diagnosis, kind of care.
    Visit,
    /// A line more.
    Line,
    /// A line less.
    Remove,
    /// All of a package.
    Package,
    /// A pack of a line, by its trace code.
    Trace,
    /// An answer to what is asked.
    Answer,
    /// A trial.
    Try,
    /// What was handed over.
    Tender,
    /// Whether the account pays.
    Account,
    /// Settle.
    Settle,
    /// Another first.
    Park,
    /// What waits for the patient, instead.
    Fetch,
    /// Not at all.
    Drop,
    /// Charged to the patient alone, or to the insurance after all.
    Alone,
    /// What nobody knows is taken back.
    GiveUp,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Items.
    Item,
    /// Diagnoses.
    Diagnosis,
    /// Doctors.
    Doctor,
    /// Packages.
    Package,
}

const STEPS: [(Step, &str); 15] = [
    (Step::Visit, "visit"),
    (Step::Line, "line"),
    (Step::Remove, "remove"),
    (Step::Package, "package"),
    (Step::Trace, "trace"),
    (Step::Answer, "answer"),
    (Step::Try, "try"),
    (Step::Tender, "tender"),
    (Step::Account, "account"),
    (Step::Settle, "settle"),
    (Step::Park, "park"),
    (Step::Fetch, "fetch"),
    (Step::Drop, "drop"),
    (Step::Alone, "alone"),
    (Step::GiveUp, "give-up"),
];

const WHATS: [(What, &str); 4] = [
    (What::Item, "item"),
    (What::Diagnosis, "diagnosis"),
    (What::Doctor, "doctor"),
    (What::Package, "package"),
];

impl Place {
    /// The place an address names; none: there is no such place.
    pub fn read(asked: &Asked) -> Option<Self> {
        let own = |key: &&str| (*key).to_owned();
        Some(match asked.segments().as_slice() {
            [] => Self::Home,
            ["sign-in"] => Self::SignIn,
            ["sign-out"] => Self::SignOut,
            ["unlock"] => Self::Unlock,
            ["charge"] => Self::Charge,
            ["charge", key] => Self::Bill(own(key)),
            ["charge", key, step] => Self::Step(own(key), STEPS.iter().find(|(_, word)| word == step)?.0),
            ["find", what] => Self::Find(WHATS.iter().find(|(_, word)| word == what)?.0),
            ["bills"] => Self::Bills,
            ["bills", key] => Self::Look(own(key)),
            ["bills", key, "void"] => Self::Void(own(key)),
            ["bills", key, "why"] => Self::Why(own(key)),
            ["print", "receipt", key] => Self::Receipt(own(key)),
            ["manual"] => Self::Manual(String::new()),
            ["manual", chapter] => Self::Manual(own(chapter)),
            ["patients"] => Self::Patients,
            ["reader"] => Self::Reader,
            ["kit"] => Self::Kit,
            ["set-up"] => Self::SetUp,
            path => {
                let inpatient = || Inpatient::read(path).map(Self::Inpatient);
                let office = || Office::read(path).map(Self::Office);
                let report = || Report::read(path).map(Self::Report);
                House::read(path).map(Self::House).or_else(inpatient).or_else(office).or_else(report)?
            }
        })
    }

    /// The place whose page is shown behind it.
    pub fn page(&self) -> Self {
        match self {
            Self::Step(key, _) => Self::Bill(key.clone()),
            Self::Inpatient(place) => Self::Inpatient(place.page()),
            other => other.clone(),
        }
    }

    /// What it asks of whoever comes.
    pub const fn right(&self) -> Right {
        match self {
            Self::SignIn | Self::SetUp | Self::Manual(_) => Right::Anybody,
            Self::House(place) => place.right(),
            Self::Home | Self::SignOut | Self::Unlock | Self::Kit => Right::SignedIn,
            // What is unknown may be given up without a certificate: nothing new is begun.
            Self::Bills | Self::Look(_) | Self::Why(_) | Self::Receipt(_) | Self::Step(_, Step::GiveUp) => {
                Right::LookUp
            }
            Self::Charge | Self::Bill(_) | Self::Step(..) => Right::Charge,
            Self::Find(_) | Self::Reader | Self::Patients => Right::Find,
            Self::Void(_) => Right::Refund,
            Self::Inpatient(place) => place.right(),
            Self::Office(place) => place.right(),
            Self::Report(place) => place.right(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("/"),
            Self::SignIn => f.write_str("/sign-in"),
            Self::SignOut => f.write_str("/sign-out"),
            Self::Unlock => f.write_str("/unlock"),
            Self::Charge => f.write_str("/charge"),
            Self::Bill(key) => write!(f, "/charge/{key}"),
            Self::Step(key, step) => {
                let word = STEPS.iter().find(|(known, _)| known == step).map_or("", |(_, word)| word);
                write!(f, "/charge/{key}/{word}")
            }
            Self::Find(what) => {
                let word = WHATS.iter().find(|(known, _)| known == what).map_or("", |(_, word)| word);
                write!(f, "/find/{word}")
            }
            Self::Bills => f.write_str("/bills"),
            Self::Look(key) => write!(f, "/bills/{key}"),
            Self::Void(key) => write!(f, "/bills/{key}/void"),
            Self::Why(key) => write!(f, "/bills/{key}/why"),
            Self::Receipt(key) => write!(f, "/print/receipt/{key}"),
            Self::Manual(chapter) if chapter.is_empty() => f.write_str(manual::PLACE),
            Self::Manual(chapter) => write!(f, "{}/{chapter}", manual::PLACE),
            Self::Patients => f.write_str("/patients"),
            Self::Reader => f.write_str("/reader"),
            Self::Kit => f.write_str("/kit"),
            Self::SetUp => f.write_str("/set-up"),
            Self::House(place) => place.fmt(f),
            Self::Inpatient(place) => place.fmt(f),
            Self::Office(place) => place.fmt(f),
            Self::Report(place) => place.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_read_as_it_is_written() {
        let own = || "7123".to_owned();
        let plain = [
            Place::Home,
            Place::SignIn,
            Place::SignOut,
            Place::Unlock,
            Place::Charge,
            Place::Bill(own()),
            Place::Bills,
            Place::Look(own()),
            Place::Void(own()),
            Place::Why(own()),
            Place::Receipt(own()),
            Place::Manual(String::new()),
            Place::Manual("prices".into()),
            Place::Reader,
            Place::Patients,
            Place::Kit,
            Place::SetUp,
        ];
        let steps = STEPS.map(|(step, _)| Place::Step(own(), step));
        let finds = WHATS.map(|(what, _)| Place::Find(what));
        for place in plain.into_iter().chain(steps).chain(finds) {
            assert_eq!(Place::read(&Asked::get(&place.to_string())), Some(place));
        }
        for wrong in ["/nothing", "/charge/1/fly", "/charge/1/try/2", "/find/gold"] {
            assert_eq!(Place::read(&Asked::get(wrong)), None, "{wrong}");
        }
    }
}
