//! How one bill is shared.

use std::fmt;
use std::ops::{Add, Neg};

use money::Money;

use crate::person::words;

words! {
    /// A fund that pays hospitals. The personal account is none of them.
    Fund {
        /// Basic pooled fund.
        Pooled = "pooled",
        /// Large-amount fund.
        MajorMedical = "major_medical",
        /// Civil servants' fund.
        CivilServant = "civil_servant",
        /// Serious-illness insurance.
        CriticalIllness = "critical_illness",
        /// An employer's supplement.
        Employer = "employer",
        /// Disabled veterans' and retired cadres' funds.
        Disabled = "disabled",
        /// Medical aid.
        Aid = "aid",
        /// Any other.
        Other = "other",
    }
}

/// Who pays a hospital: a fund, the persons' own accounts, or another city for its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payer {
    /// A fund.
    Fund(Fund),
    /// Personal accounts.
    Account,
    /// Other cities, for their people.
    Elsewhere,
}

impl Payer {
    /// All of them, the funds first.
    pub fn all() -> impl Iterator<Item = Self> {
        Fund::ALL.iter().map(|fund| Self::Fund(*fund)).chain([Self::Account, Self::Elsewhere])
    }

    /// Its word in the books.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fund(fund) => fund.word(),
            Self::Account => "personal_account",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// The fund, if it is one.
    pub const fn fund(self) -> Option<Fund> {
        match self {
            Self::Fund(fund) => Some(fund),
            Self::Account | Self::Elsewhere => None,
        }
    }
}

impl fmt::Display for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl std::str::FromStr for Payer {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::all().find(|payer| payer.word() == word);
        found.ok_or_else(|| format!("`{word}` is no payer"))
    }
}

/// The shares of one settlement, in whole fen. A void carries them all negated.
///
/// Two identities hold (the interface's first and second): `total = out_of_scope + over_price_limit +
/// prior_self_pay + eligible`, and `total = funds + personal account + relatives + cash + hospital`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// The whole bill.
    pub total: Money,
    /// Class C and excluded.
    pub out_of_scope: Money,
    /// Above price limits.
    pub over_price_limit: Money,
    /// The patient's first share of class B and of off-site care.
    pub prior_self_pay: Money,
    /// Inside the policy.
    pub eligible: Money,
    /// The part of `eligible` that the deductible used up.
    pub deductible_paid: Money,
    /// Each fund's payment, in the order of [`Fund::ALL`].
    pub funds: [Money; Fund::ALL.len()],
    /// From the person's own account.
    pub personal_account: Money,
    /// From relatives' accounts.
    pub mutual_aid: Money,
    /// In cash.
    pub cash: Money,
    /// Borne by the hospital; of the other sign what it keeps of a package.
    pub hospital_share: Money,
}

/// Which identity a bill breaks, with both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbalanced {
    /// The identity in words.
    pub identity: &'static str,
    /// What one side says.
    pub left: Money,
    /// What the other says.
    pub right: Money,
}

impl fmt::Display for Unbalanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is not {}", self.identity, self.left, self.right)
    }
}

impl std::error::Error for Unbalanced {}

impl Amounts {
    /// What one fund pays.
    pub fn fund(&self, fund: Fund) -> Money {
        self.funds[fund as usize]
    }

    /// What all funds pay together; the personal account is not among them.
    pub fn funds_total(&self) -> Money {
        self.funds.iter().copied().sum()
    }

    /// What the patient bears: accounts and cash.
    pub fn patient_share(&self) -> Money {
        self.personal_account + self.mutual_aid + self.cash
    }

    /// The identities, and that no part has the other sign than the total. Called when a settlement is made,
    /// stored and loaded.
    pub fn check_balance(&self) -> Result<(), Unbalanced> {
        let parts = self.out_of_scope + self.over_price_limit + self.prior_self_pay + self.eligible;
        let payers = self.funds_total() + self.patient_share() + self.hospital_share;
        let equal = |identity, left, right| {
            if left == right { Ok(()) } else { Err(Unbalanced { identity, left, right }) }
        };
        equal("total = out of scope + over limit + prior self-pay + eligible", self.total, parts)?;
        equal("total = funds + accounts + cash + hospital", self.total, payers)?;
        let sign = self.total.fen().signum();
        for part in self.parts() {
            if part.fen().signum() * sign < 0 || (sign == 0 && !part.is_zero()) {
                return Err(Unbalanced {
                    identity: "every part has the sign of the total",
                    left: part,
                    right: self.total,
                });
            }
        }
        if self.deductible_paid.abs() > self.eligible.abs() {
            return Err(Unbalanced {
                identity: "the deductible is part of the eligible amount",
                left: self.deductible_paid,
                right: self.eligible,
            });
        }
        Ok(())
    }

    fn parts(&self) -> impl Iterator<Item = Money> + '_ {
        [
            self.out_of_scope,
            self.over_price_limit,
            self.prior_self_pay,
            self.eligible,
            self.deductible_paid,
            self.personal_account,
            self.mutual_aid,
            self.cash,
        ]
        .into_iter()
        .chain(self.funds)
    }
}

impl Add for Amounts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let mut funds = self.funds;
        funds.iter_mut().zip(other.funds).for_each(|(fund, more)| *fund += more);
        Self {
            total: self.total + other.total,
            out_of_scope: self.out_of_scope + other.out_of_scope,
            over_price_limit: self.over_price_limit + other.over_price_limit,
            prior_self_pay: self.prior_self_pay + other.prior_self_pay,
            eligible: self.eligible + other.eligible,
            deductible_paid: self.deductible_paid + other.deductible_paid,
            funds,
            personal_account: self.personal_account + other.personal_account,
            mutual_aid: self.mutual_aid + other.mutual_aid,
            cash: self.cash + other.cash,
            hospital_share: self.hospital_share + other.hospital_share,
        }
    }
}

impl Neg for Amounts {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            total: -self.total,
            out_of_scope: -self.out_of_scope,
            over_price_limit: -self.over_price_limit,
            prior_self_pay: -self.prior_self_pay,
            eligible: -self.eligible,
            deductible_paid: -self.deductible_paid,
            funds: self.funds.map(Neg::neg),
            personal_account: -self.personal_account,
            mutual_aid: -self.mutual_aid,
            cash: -self.cash,
            hospital_share: -self.hospital_share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill() -> Amounts {
        let mut funds = [Money::ZERO; 8];
        funds[Fund::Pooled as usize] = Money::from_fen(2_480);
        Amounts {
            total: Money::from_fen(23_170),
            prior_self_pay: Money::from_fen(2_625),
            eligible: Money::from_fen(20_545),
            deductible_paid: Money::from_fen(17_445),
            funds,
            personal_account: Money::from_fen(20_690),
            ..Amounts::default()
        }
    }

    #[test]
    fn a_bill_balances_and_so_does_its_void() {
        assert_eq!(bill().check_balance(), Ok(()));
        assert_eq!((-bill()).check_balance(), Ok(()));
    }

    #[test]
    fn each_broken_identity_is_named() {
        let broken = |change: fn(&mut Amounts)| {
            let mut amounts = bill();
            change(&mut amounts);
            amounts.check_balance().unwrap_err().identity
        };
        assert!(broken(|a| a.eligible += Money::from_fen(1)).starts_with("total = out of scope"));
        assert!(broken(|a| a.cash += Money::from_fen(1)).starts_with("total = funds"));
        assert!(
            broken(|a| {
                a.cash = Money::from_fen(-1);
                a.personal_account += Money::from_fen(1);
            })
            .starts_with("every part")
        );
        assert!(broken(|a| a.deductible_paid = Money::from_fen(20_546)).starts_with("the deductible"));
    }
}
