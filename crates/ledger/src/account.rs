//! The accounts of the books.

use std::fmt;
use std::str::FromStr;

use model::Fund;

/// An account of the books. Those of a person or a hospital belong to the journal's person or hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// This year's money of the person's own account.
    PersonalCurrent,
    /// Older money of the person's own account.
    PersonalPrior,
    /// What relatives have given out of their accounts for the person's bills.
    PersonalGranted,
    /// The patient's pocket.
    PatientCash,
    /// A fund.
    Fund(Fund),
    /// What the insurance owes the hospital.
    HospitalClaim,
    /// What the hospital took in cash.
    HospitalCash,
    /// What the hospital bears by rule.
    HospitalShare,
    /// Premiums, from which accounts are credited.
    PremiumIncome,
    /// Pays differences of offline promises.
    Risk,
    /// Owed to the insurance.
    Receivable,
    /// Cut from a hospital's claim by audit.
    Deduction,
    /// Held back of a hospital's claim until the year ends.
    Retention,
    /// Paid to hospitals' banks.
    PaidOut,
    /// Paid to persons' banks.
    PaidToPerson,
}

const PLAIN: [(Account, &str); 14] = [
    (Account::PersonalCurrent, "personal_account.current"),
    (Account::PersonalPrior, "personal_account.prior"),
    (Account::PersonalGranted, "personal_account.granted"),
    (Account::PatientCash, "patient_cash"),
    (Account::HospitalClaim, "hospital_claim"),
    (Account::HospitalCash, "hospital_cash"),
    (Account::HospitalShare, "hospital_share"),
    (Account::PremiumIncome, "premium_income"),
    (Account::Risk, "risk"),
    (Account::Receivable, "receivable"),
    (Account::Deduction, "deduction"),
    (Account::Retention, "retention"),
    (Account::PaidOut, "paid_out"),
    (Account::PaidToPerson, "paid_to_person"),
];

const FUNDS: [&str; Fund::ALL.len()] = [
    "pooled_fund",
    "major_medical_fund",
    "civil_servant_fund",
    "critical_illness_fund",
    "employer_fund",
    "disabled_fund",
    "aid_fund",
    "other_fund",
];

impl Account {
    /// The name in the books.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fund(fund) => FUNDS[fund as usize],
            plain => PLAIN
                .iter()
                .find(|(a, _)| *a == plain)
                .map(|(_, word)| *word)
                .expect("every account is named"),
        }
    }

    /// In the person's account.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::PersonalCurrent | Self::PersonalPrior | Self::PersonalGranted)
    }

    /// May only give in a settlement.
    pub(crate) const fn pays(self) -> bool {
        self.is_personal() || matches!(self, Self::PatientCash | Self::Fund(_))
    }

    /// May only receive in a settlement.
    pub(crate) const fn is_paid(self) -> bool {
        matches!(self, Self::HospitalClaim | Self::HospitalCash)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Account {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let plain = PLAIN.iter().find(|(_, w)| *w == word).map(|(account, _)| *account);
        let fund = || FUNDS.iter().position(|w| *w == word).map(|at| Self::Fund(Fund::ALL[at]));
        plain.or_else(fund).ok_or_else(|| format!("`{word}` is not an account"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_reads_back_by_its_name() {
        let all = PLAIN.iter().map(|(a, _)| *a).chain(Fund::ALL.iter().map(|f| Account::Fund(*f)));
        for account in all {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert!("petty_cash".parse::<Account>().is_err());
    }
}
