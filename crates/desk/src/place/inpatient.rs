//! The addresses of inpatients: admission, deposits, charges, discharge, beds, each with the right it asks for.

use std::fmt;

use crate::people::Right;

/// Steps with their words in addresses.
macro_rules! steps {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $step:ident => $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $step,)* }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$step),*];

            const fn word(self) -> &'static str {
                match self { $(Self::$step => $word),* }
            }

            fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|step| step.word() == word)
            }
        }
    };
}

steps! {
    /// What is done to an admission.
    Admitting {
        /// A bed, or another.
        Bed => "bed",
        /// The bed is given back.
        Release => "release",
        /// On leave.
        Leave => "leave",
        /// Back from leave.
        Return => "return",
        /// Said to the centre again.
        Again => "again",
        /// The patient pays alone.
        Alone => "alone",
        /// Taken back.
        Cancel => "cancel",
        /// What nobody knows is taken back.
        GiveUp => "give-up",
    }
}

steps! {
    /// What is said anew of a stay that goes on.
    Changing {
        /// Diagnoses, doctor, kind of care.
        Say => "say",
        /// Another ward is asked.
        Ask => "ask",
        /// It takes the patient.
        Accept => "accept",
        /// It does not.
        Refuse => "refuse",
    }
}

steps! {
    /// What is done to deposits.
    Depositing {
        /// One is taken.
        Take => "take",
        /// One is voided.
        Void => "void",
        /// One is given back.
        Refund => "refund",
        /// One goes on to another stay of the patient.
        Carry => "carry",
        /// Somebody answers for more.
        Guarantee => "guarantee",
    }
}

steps! {
    /// What is done to charges.
    Charging {
        /// Doctor and time.
        Order => "order",
        /// A line more.
        Line => "line",
        /// A line less.
        Remove => "remove",
        /// All of a package.
        Package => "package",
        /// A pack of a line, by its trace code.
        Trace => "trace",
        /// All of them are posted.
        Post => "post",
        /// What has not arrived is sent again.
        Send => "send",
        /// A trial.
        Try => "try",
    }
}

steps! {
    /// What is done to a discharge and its settlement.
    Leaving {
        /// The patient goes.
        Go => "go",
        /// A trial.
        Try => "try",
        /// It is settled.
        Settle => "settle",
        /// The settlement is voided.
        Void => "void",
        /// The discharge is taken back.
        Recall => "recall",
        /// The patient goes without paying.
        Debt => "debt",
        /// What nobody knows is taken back.
        GiveUp => "give-up",
    }
}

steps! {
    /// What is done to settlements of a stay that goes on.
    Settling {
        /// A trial of what is not settled.
        Try => "try",
        /// It is settled.
        Settle => "settle",
        /// The last one is voided.
        Void => "void",
        /// What nobody knows is taken back.
        GiveUp => "give-up",
    }
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inpatient {
    /// Who is in the hospital, and who comes next.
    Admissions,
    /// Somebody is admitted.
    Register,
    /// One stay.
    Stay(String),
    /// Something done to it.
    Admit(String, Admitting),
    /// What may be said anew of a stay.
    Change(String),
    /// What is.
    Changed(String, Changing),
    /// Deposits and balances of all.
    Deposits,
    /// Those of a stay.
    Account(String),
    /// Something done to them.
    Deposit(String, Depositing),
    /// The wards to charge in.
    Postings,
    /// The charges of a stay.
    Posting(String),
    /// Something done to them.
    Post(String, Charging),
    /// A line of them, taken back.
    Reverse(String, String),
    /// One item for many patients.
    Batch,
    /// Who goes, and who has gone unsettled.
    Discharges,
    /// One of them.
    Discharge(String),
    /// Something done to it.
    Leave(String, Leaving),
    /// Who owes.
    Arrears,
    /// What somebody owes who has gone, let off.
    WriteOff(String),
    /// A letter that asks for money, to print.
    Dunning(String),
    /// What was written down at the admission, to print.
    AdmissionForm(String),
    /// That somebody was here and has gone, to print.
    Certificate(String),
    /// What a settlement settled, line by line, to print.
    StayBill(String),
    /// All charges of a stay, to print.
    FeeList(String),
    /// The settlements of a stay.
    Settlements(String),
    /// Something done to them.
    Settle(String, Settling),
    /// The bed board.
    Beds,
    /// Something done to a bed.
    Bed(String),
    /// Wards and their beds, as the administrator sets them up.
    Wards,
    /// A deposit's receipt, to print.
    DepositReceipt(String),
    /// A settlement's receipt, to print.
    StayReceipt(String),
    /// What a patient was charged on a day, to print.
    DayList(String),
    /// The same of all who lie in a ward, in the order of their beds.
    WardDay(String),
    /// Why a settlement of a stay is shared so.
    Why(String),
}

impl Inpatient {
    /// The address these segments name.
    pub fn read(segments: &[&str]) -> Option<Self> {
        let own = |key: &&str| (*key).to_owned();
        Some(match segments {
            ["admission"] => Self::Admissions,
            ["admission", "register"] => Self::Register,
            ["admission", key] => Self::Stay(own(key)),
            ["admission", key, step] => Self::Admit(own(key), Admitting::read(step)?),
            ["change", key] => Self::Change(own(key)),
            ["change", key, step] => Self::Changed(own(key), Changing::read(step)?),
            ["deposits"] => Self::Deposits,
            ["deposits", key] => Self::Account(own(key)),
            ["deposits", key, step] => Self::Deposit(own(key), Depositing::read(step)?),
            ["posting"] => Self::Postings,
            ["posting", key] => Self::Posting(own(key)),
            ["posting", key, step] => Self::Post(own(key), Charging::read(step)?),
            ["posting", key, "reverse", line] => Self::Reverse(own(key), own(line)),
            ["batch"] => Self::Batch,
            ["discharge"] => Self::Discharges,
            ["discharge", key] => Self::Discharge(own(key)),
            ["discharge", key, step] => Self::Leave(own(key), Leaving::read(step)?),
            ["arrears"] => Self::Arrears,
            ["arrears", key] => Self::WriteOff(own(key)),
            ["print", "dunning", key] => Self::Dunning(own(key)),
            ["print", "admission", key] => Self::AdmissionForm(own(key)),
            ["print", "certificate", key] => Self::Certificate(own(key)),
            ["print", "bill", key] => Self::StayBill(own(key)),
            ["print", "fees", key] => Self::FeeList(own(key)),
            ["settlements", key] => Self::Settlements(own(key)),
            ["settlements", key, step] => Self::Settle(own(key), Settling::read(step)?),
            ["beds"] => Self::Beds,
            ["beds", key] => Self::Bed(own(key)),
            ["wards"] => Self::Wards,
            ["print", "deposit", key] => Self::DepositReceipt(own(key)),
            ["print", "stay", key] => Self::StayReceipt(own(key)),
            ["print", "day", key] => Self::DayList(own(key)),
            ["print", "ward", key] => Self::WardDay(own(key)),
            ["why", "stay", key] => Self::Why(own(key)),
            _ => return None,
        })
    }

    /// The address whose page is shown behind it.
    pub fn page(&self) -> Self {
        match self {
            Self::Register => Self::Admissions,
            Self::Admit(key, _) => Self::Stay(key.clone()),
            Self::Changed(key, _) => Self::Change(key.clone()),
            Self::Deposit(key, _) => Self::Account(key.clone()),
            Self::Post(key, _) => Self::Posting(key.clone()),
            Self::Leave(key, _) => Self::Discharge(key.clone()),
            Self::Settle(key, _) => Self::Settlements(key.clone()),
            Self::WriteOff(_) => Self::Arrears,
            Self::Bed(_) => Self::Beds,
            other => other.clone(),
        }
    }

    /// What it asks of whoever comes.
    pub const fn right(&self) -> Right {
        match self {
            Self::Admissions
            | Self::Register
            | Self::Admit(..)
            | Self::Change(_)
            | Self::Changed(..)
            | Self::Deposits
            | Self::Account(_)
            | Self::Deposit(..)
            | Self::Discharges
            | Self::Discharge(_)
            | Self::Leave(..)
            | Self::Settle(..)
            | Self::Bed(_) => Right::Admit,
            Self::Wards => Right::Administer,
            Self::Arrears | Self::Dunning(_) => Right::SeeArrears,
            Self::WriteOff(_) => Right::WriteOff,
            Self::Postings | Self::Batch | Self::Posting(_) | Self::Post(..) | Self::Reverse(..) => {
                Right::Post
            }
            Self::Stay(_)
            | Self::Beds
            | Self::Settlements(_)
            | Self::DepositReceipt(_)
            | Self::StayReceipt(_)
            | Self::AdmissionForm(_)
            | Self::Certificate(_)
            | Self::StayBill(_)
            | Self::FeeList(_)
            | Self::DayList(_)
            | Self::WardDay(_)
            | Self::Why(_) => Right::Inpatients,
        }
    }
}

impl fmt::Display for Inpatient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admissions => f.write_str("/admission"),
            Self::Register => f.write_str("/admission/register"),
            Self::Stay(key) => write!(f, "/admission/{key}"),
            Self::Admit(key, step) => write!(f, "/admission/{key}/{}", step.word()),
            Self::Change(key) => write!(f, "/change/{key}"),
            Self::Changed(key, step) => write!(f, "/change/{key}/{}", step.word()),
            Self::Deposits => f.write_str("/deposits"),
            Self::Account(key) => write!(f, "/deposits/{key}"),
            Self::Deposit(key, step) => write!(f, "/deposits/{key}/{}", step.word()),
            Self::Postings => f.write_str("/posting"),
            Self::Posting(key) => write!(f, "/posting/{key}"),
            Self::Post(key, step) => write!(f, "/posting/{key}/{}", step.word()),
            Self::Reverse(key, line) => write!(f, "/posting/{key}/reverse/{line}"),
            Self::Batch => f.write_str("/batch"),
            Self::Discharges => f.write_str("/discharge"),
            Self::Discharge(key) => write!(f, "/discharge/{key}"),
            Self::Leave(key, step) => write!(f, "/discharge/{key}/{}", step.word()),
            Self::Arrears => f.write_str("/arrears"),
            Self::WriteOff(key) => write!(f, "/arrears/{key}"),
            Self::Dunning(key) => write!(f, "/print/dunning/{key}"),
            Self::AdmissionForm(key) => write!(f, "/print/admission/{key}"),
            Self::Certificate(key) => write!(f, "/print/certificate/{key}"),
            Self::StayBill(key) => write!(f, "/print/bill/{key}"),
            Self::FeeList(key) => write!(f, "/print/fees/{key}"),
            Self::Settlements(key) => write!(f, "/settlements/{key}"),
            Self::Settle(key, step) => write!(f, "/settlements/{key}/{}", step.word()),
            Self::Beds => f.write_str("/beds"),
            Self::Bed(key) => write!(f, "/beds/{key}"),
            Self::Wards => f.write_str("/wards"),
            Self::DepositReceipt(key) => write!(f, "/print/deposit/{key}"),
            Self::StayReceipt(key) => write!(f, "/print/stay/{key}"),
            Self::DayList(key) => write!(f, "/print/day/{key}"),
            Self::WardDay(key) => write!(f, "/print/ward/{key}"),
            Self::Why(key) => write!(f, "/why/stay/{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_read_as_it_is_written() {
        let own = || "26000001".to_owned();
        let mut all = vec![
            Inpatient::Admissions,
            Inpatient::Register,
            Inpatient::Stay(own()),
            Inpatient::Change(own()),
            Inpatient::Deposits,
            Inpatient::Account(own()),
            Inpatient::Postings,
            Inpatient::Posting(own()),
            Inpatient::Reverse(own(), "26000001-00001".into()),
            Inpatient::Batch,
            Inpatient::Discharges,
            Inpatient::Discharge(own()),
            Inpatient::Arrears,
            Inpatient::WriteOff(own()),
            Inpatient::Dunning(own()),
            Inpatient::AdmissionForm(own()),
            Inpatient::Certificate(own()),
            Inpatient::StayBill(own()),
            Inpatient::FeeList(own()),
            Inpatient::Settlements(own()),
            Inpatient::Beds,
            Inpatient::Bed("N1-03".into()),
            Inpatient::Wards,
            Inpatient::DepositReceipt(own()),
            Inpatient::StayReceipt(own()),
            Inpatient::WardDay("N1".into()),
            Inpatient::Why(own()),
            Inpatient::DayList(own()),
        ];
        all.extend(Admitting::ALL.iter().map(|step| Inpatient::Admit(own(), *step)));
        all.extend(Changing::ALL.iter().map(|step| Inpatient::Changed(own(), *step)));
        all.extend(Depositing::ALL.iter().map(|step| Inpatient::Deposit(own(), *step)));
        all.extend(Charging::ALL.iter().map(|step| Inpatient::Post(own(), *step)));
        all.extend(Leaving::ALL.iter().map(|step| Inpatient::Leave(own(), *step)));
        all.extend(Settling::ALL.iter().map(|step| Inpatient::Settle(own(), *step)));
        for place in all {
            let written = place.to_string();
            let segments: Vec<&str> = written.split('/').skip(1).collect();
            assert_eq!(Inpatient::read(&segments), Some(place));
        }
        assert_eq!(Inpatient::read(&["admission", "1", "fly"]), None);
    }
}
