//! Who works at a hospital: operators with their roles and posts, sessions, and what each role may do.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use web::Language;

use crate::house::Named;
use crate::sheet::Form;

/// What somebody is at a hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Charges outpatients.
    Cashier,
    /// Posts inpatient charges.
    Biller,
    /// Admits, takes deposits, settles stays.
    AdmissionClerk,
    /// Heads the nurses of a ward: allows charges below the limit.
    HeadNurse,
    /// Receives cash, approves refunds, confirms closings.
    Finance,
    /// Maps, reconciles, appeals.
    InsuranceOffice,
    /// Reads statistics.
    Director,
    /// Users, prices, number segments.
    Administrator,
}

impl Role {
    /// All of them, as lists show them.
    pub const ALL: [Self; 8] = [
        Self::Cashier,
        Self::Biller,
        Self::AdmissionClerk,
        Self::HeadNurse,
        Self::Finance,
        Self::InsuranceOffice,
        Self::Director,
        Self::Administrator,
    ];

    /// Of its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        self.key().trim_start_matches("role-")
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cashier => "role-cashier",
            Self::Biller => "role-biller",
            Self::AdmissionClerk => "role-admission-clerk",
            Self::HeadNurse => "role-head-nurse",
            Self::Finance => "role-finance",
            Self::InsuranceOffice => "role-insurance-office",
            Self::Director => "role-director",
            Self::Administrator => "role-administrator",
        }
    }
}

/// What a page or an action asks of who wants it. The table of who has it is [`Right::roles`], and the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Anybody, signed in or not.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Charge outpatients. A post: needs a certificate.
    Charge,
    /// Find items, diagnoses, doctors while typing.
    Find,
    /// Admit, take deposits, discharge and settle. A post: needs a certificate.
    Admit,
    /// Post charges of inpatients. A post: needs a certificate.
    Post,
    /// Look at inpatients and beds, and print.
    Inpatients,
    /// Look up bills and print them again.
    LookUp,
    /// Give money back.
    Refund,
    /// Keep users and prices.
    Administer,
    /// Issue number segments.
    IssueNumbers,
    /// Close one's own shift.
    Close,
    /// Look at closings.
    SeeClosings,
    /// Receive the cash of closings.
    ConfirmClosings,
    /// Allow refunds a cashier may not make himself.
    Approve,
    /// Look at what nobody knows the outcome of.
    SeeDoubts,
    /// Look at who owes, and print the letters.
    SeeArrears,
    /// Allow a charge below the limit, or that somebody goes without having paid.
    AllowArrears,
    /// Let somebody off what he owes.
    WriteOff,
    /// Compare days and months with the centre, and put right what differs.
    Reconcile,
    /// Keep the price list, and the lists of doctors and diagnoses.
    KeepPrices,
    /// Map items to the catalogue.
    MapItems,
    /// Look which reports there are.
    Reports,
    /// Read what the house takes and what departments earn.
    ReadTakings,
    /// Read who pays what: insurances and patients.
    ReadShares,
    /// Publish notices of the house, and withdraw them.
    PublishNotices,
    /// Read which items are used, and who orders them.
    ReadUse,
    /// Read what operators owe, what deposits the hospital holds, and what was undone.
    ReadTills,
}

impl Right {
    /// Who has it.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Anybody | Self::SignedIn => &Role::ALL,
            Self::Charge => &[Role::Cashier],
            Self::Close => &[Role::Cashier, Role::AdmissionClerk],
            Self::Find => &[Role::Cashier, Role::Biller, Role::AdmissionClerk],
            Self::Admit => &[Role::AdmissionClerk],
            Self::Post => &[Role::Biller],
            Self::Inpatients => &[
                Role::AdmissionClerk,
                Role::Biller,
                Role::HeadNurse,
                Role::Finance,
                Role::InsuranceOffice,
                Role::Administrator,
            ],
            Self::LookUp => &[Role::Cashier, Role::Finance, Role::InsuranceOffice, Role::Administrator],
            Self::Refund => &[Role::Cashier, Role::Finance],
            Self::SeeClosings => &[Role::Cashier, Role::AdmissionClerk, Role::Finance],
            Self::Administer => &[Role::Administrator],
            Self::IssueNumbers | Self::SeeDoubts => &[Role::Finance, Role::Administrator],
            Self::ConfirmClosings | Self::Approve | Self::WriteOff | Self::ReadTills => &[Role::Finance],
            Self::SeeArrears => &[Role::AdmissionClerk, Role::Biller, Role::HeadNurse, Role::Finance],
            Self::AllowArrears => &[Role::HeadNurse, Role::Finance],
            Self::Reconcile => &[Role::InsuranceOffice, Role::Finance],
            Self::KeepPrices | Self::PublishNotices => &[Role::InsuranceOffice, Role::Administrator],
            Self::MapItems | Self::ReadUse => &[Role::InsuranceOffice],
            Self::Reports => &[Role::Finance, Role::InsuranceOffice, Role::Director],
            Self::ReadTakings => &[Role::Finance, Role::Director],
            Self::ReadShares => &[Role::InsuranceOffice, Role::Director],
        }
    }

    /// The module whose certificate it asks for.
    pub const fn post(self) -> Option<Module> {
        match self {
            Self::Charge => Some(Module::OutpatientCharging),
            Self::Admit => Some(Module::InpatientManagement),
            Self::Post => Some(Module::InpatientBilling),
            _ => None,
        }
    }
}

/// A module somebody is examined in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Module {
    /// Outpatient charging.
    OutpatientCharging,
    /// Inpatient billing.
    InpatientBilling,
    /// Inpatient management.
    InpatientManagement,
}

impl Module {
    /// The modules a role works in.
    pub const fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Cashier => &[Self::OutpatientCharging],
            Role::Biller => &[Self::InpatientBilling],
            Role::AdmissionClerk => &[Self::InpatientManagement],
            Role::HeadNurse
            | Role::Finance
            | Role::InsuranceOffice
            | Role::Director
            | Role::Administrator => &[],
        }
    }
}

/// A passed exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// In what.
    pub module: Module,
    /// When.
    pub passed: Date,
    /// The last day it holds.
    pub until: Date,
}

/// Who says that somebody has passed an exam.
pub trait Certificates: Send + Sync {
    /// Whether an operator may work at a post on a day.
    fn holds(&self, operator: &Operator, module: Module, day: Date) -> bool;
}

/// Certificates an administrator enters by hand.
pub struct ByHand;

impl Certificates for ByHand {
    fn holds(&self, operator: &Operator, module: Module, day: Date) -> bool {
        operator.posts.iter().any(|post| post.module == module && post.passed <= day && day <= post.until)
    }
}

/// An operator. The key is the login: the staff number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Operator {
    /// Name.
    pub name: String,
    /// What he is.
    pub roles: Vec<Role>,
    /// Exams passed.
    pub posts: Vec<Post>,
    /// The hash of his password.
    pub password: String,
    /// Wrong tries of late.
    #[serde(default)]
    pub wrong: Vec<DateTime>,
    /// The step of the second factor that was used last.
    #[serde(default)]
    pub code_used: u64,
}

/// What of an operator is secret.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct OperatorSecret {
    /// The secret of the second factor; empty: none.
    #[serde(default)]
    pub totp: Vec<u8>,
}

/// Whether an operator may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorState {
    /// He may.
    Active,
    /// Not any more.
    Stopped,
}

impl Form for Operator {
    const KIND: &'static str = "operator";
    type State = OperatorState;
    type Private = OperatorSecret;
}

impl Operator {
    /// Whether he has a right, leaving his certificates aside.
    pub fn has(&self, right: Right) -> bool {
        self.roles.iter().any(|role| right.roles().contains(role))
    }

    /// Whether one of his roles works in a module he has no certificate for, or none any more.
    pub fn lacks_post(&self, today: Date) -> bool {
        let holds =
            |module: &Module| self.posts.iter().any(|post| post.module == *module && post.until >= today);
        self.roles.iter().flat_map(|role| Module::of(*role)).any(|module| !holds(module))
    }
}

/// Somebody's browser. The key is the hash of its cookie.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// The login.
    pub operator: String,
    /// At which workstation.
    pub workstation: String,
    /// In which branch that stands; without a code: in the main house.
    #[serde(default)]
    pub branch: Named,
    /// It serves patients of the insurance and nobody else.
    #[serde(default)]
    pub insured_only: bool,
    /// Since when.
    pub began: DateTime,
    /// When it was last heard of.
    pub heard: DateTime,
    /// What each form of it carries.
    pub csrf: String,
    /// The language of its pages.
    pub language: Language,
    /// The number of the sign-in at the centre.
    #[serde(default)]
    pub sign_in: String,
    /// The day of the first money he had moved and not closed when he signed in; none: there was none.
    #[serde(default)]
    pub unclosed: Option<Date>,
    /// The keys of the notices he has read.
    #[serde(default)]
    pub read: Vec<String>,
}

/// Whether a session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionState {
    /// It does.
    Open,
    /// It is over.
    Over,
}

impl Form for Session {
    const KIND: &'static str = "session";
    type State = SessionState;
    type Private = ();

    fn tags(&self, state: SessionState) -> Vec<String> {
        match state {
            SessionState::Open => vec![format!("operator:{}", self.operator)],
            SessionState::Over => Vec::new(),
        }
    }
}
