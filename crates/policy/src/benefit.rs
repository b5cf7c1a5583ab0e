//! Whether money of the insurance may be used at all, before any amount is reckoned. A settlement and a question about
//! benefits are answered by the same rules.

use crate::constructs::{causes, entitlement, off_site, sentence};
use crate::edition::Edition;
use crate::situation::Situation;
use crate::{Construct, Language, Person, Responsibility, Visit};

/// Why some money may not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    pub(crate) construct: u8,
    pub(crate) says: u8,
    pub(crate) law: u16,
}

impl Reason {
    fn new(construct: &Construct, says: u8, law: u16) -> Self {
        Self { construct: construct.id, says, law }
    }

    /// In words.
    pub fn text(self, language: Language) -> &'static str {
        sentence((self.construct, self.says), language).unwrap_or_default()
    }
}

/// Which money of the insurance may be used; a reason where it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Benefit {
    /// The funds.
    pub funds: Option<Reason>,
    /// The person's account.
    pub account: Option<Reason>,
}

/// What pays for a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payer {
    /// No fund.
    Nobody(Reason),
    /// A fund for persons outside the normal rule.
    OutsideFund,
    /// The pool and the layers above it, or a fixed benefit or package.
    Pool,
}

impl Edition {
    /// Which money a person may use for a visit.
    pub fn benefit(&self, person: &Person, visit: &Visit) -> Benefit {
        let situation = self.situation(person, visit);
        let funds = match self.payer(person, visit, &situation) {
            Payer::Nobody(reason) => Some(reason),
            Payer::OutsideFund | Payer::Pool => None,
        };
        Benefit { funds, account: self.account_stopped(&situation) }
    }

    pub(crate) fn account_stopped(&self, situation: &Situation) -> Option<Reason> {
        // What is not the insurance's to pay is not the account's either.
        if self.causes.find(situation) == Some(Responsibility::Refused) {
            return Some(Reason::new(&causes::CONSTRUCT, 0, self.causes.law));
        }
        let stopped = self.entitlement.account_stopped(situation);
        stopped.then(|| Reason::new(&entitlement::CONSTRUCT, 4, self.entitlement.law))
    }

    pub(crate) fn payer(&self, person: &Person, visit: &Visit, situation: &Situation) -> Payer {
        let nobody = |construct: &Construct, says, law| Payer::Nobody(Reason::new(construct, says, law));
        match self.causes.find(situation) {
            Some(Responsibility::Refused) => return nobody(&causes::CONSTRUCT, 0, self.causes.law),
            Some(Responsibility::Held) => return nobody(&causes::CONSTRUCT, 1, self.causes.law),
            Some(Responsibility::Recovered) | None => {}
        }
        if let Some(says) = self.entitlement.funds_stopped(person.premium, situation) {
            return nobody(&entitlement::CONSTRUCT, says, self.entitlement.law);
        }
        if !self.off_site.find(situation).paid {
            return nobody(&off_site::CONSTRUCT, 1, self.off_site.law);
        }
        if self.outside_funds.find(situation).is_some() {
            return Payer::OutsideFund;
        }
        let has_own_rule = self.fixed.find(situation).is_some() || self.packages.find(situation).is_some();
        if !self.covers(person.status) {
            return nobody(&entitlement::CONSTRUCT, 6, 0);
        }
        if !has_own_rule && self.visit_rules(visit.kind).is_none() {
            return nobody(&entitlement::CONSTRUCT, 5, 0);
        }
        Payer::Pool
    }
}
