//! Journals: what one source moves between accounts.

use std::fmt;
use std::str::FromStr;

use model::{Amounts, Fund};
use money::Money;

use crate::Account;

/// What a journal comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A settlement, or one that re-instates another.
    Settlement,
    /// A void or a taking back.
    Reversal,
    /// Money for a personal account; opening balances too.
    AccountCredit,
    /// A correction by two persons.
    Correction,
    /// A period cleared.
    Clearing,
    /// Money sent to a hospital, or by a fund to a person.
    Payment,
}

const SOURCES: [(Source, &str); 6] = [
    (Source::Settlement, "settlement"),
    (Source::Reversal, "reversal"),
    (Source::AccountCredit, "account_credit"),
    (Source::Correction, "correction"),
    (Source::Clearing, "clearing"),
    (Source::Payment, "payment"),
];

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(SOURCES.iter().find(|(s, _)| s == self).map_or("", |(_, word)| word))
    }
}

impl FromStr for Source {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        SOURCES
            .iter()
            .find(|(_, w)| *w == word)
            .map(|(s, _)| *s)
            .ok_or_else(|| format!("`{word}` is no source"))
    }
}

/// One line of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// Above zero: it receives.
    pub amount: Money,
}

/// What the person's account holds, by age of the money, in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// This year's.
    pub current: Money,
    /// Older.
    pub prior: Money,
    /// Given by relatives for the person's bills.
    pub granted: Money,
}

impl Held {
    /// The person's own, both together.
    pub fn total(self) -> Money {
        self.current + self.prior
    }

    /// Nothing of it is below zero.
    pub fn is_solid(self) -> bool {
        [self.current, self.prior, self.granted].iter().all(|part| !part.is_negative())
    }

    /// What is left after a journal of this person.
    #[must_use]
    pub fn after(self, journal: &Journal) -> Self {
        let sum = |account| journal.postings.iter().filter(|p| p.account == account).map(|p| p.amount).sum();
        Self {
            current: self.current + sum(Account::PersonalCurrent),
            prior: self.prior + sum(Account::PersonalPrior),
            granted: self.granted + sum(Account::PersonalGranted),
        }
    }
}

/// A zero-sum set of postings from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// What it comes from.
    pub source: Source,
    /// Its lines; none of them zero.
    pub postings: Vec<Posting>,
}

/// What is wrong with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The lines do not add up to zero but to this.
    Sum(Money),
    /// Fewer than two lines, where there must be some.
    TooFewLines,
    /// A line of nothing.
    ZeroLine,
    /// This account moves the wrong way, or has no place in a journal of this source.
    Fence(Account),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum(sum) => write!(f, "the lines add up to {sum}"),
            Self::TooFewLines => f.write_str("fewer than two lines"),
            Self::ZeroLine => f.write_str("a line of nothing"),
            Self::Fence(account) => write!(f, "{account} may not move this way here"),
        }
    }
}

impl std::error::Error for Broken {}

impl Journal {
    /// The journal of a settlement: payers to hospital. This year's account money is spent before older money.
    pub fn settlement(amounts: &Amounts, held: Held) -> Self {
        let mut journal = Self { source: Source::Settlement, postings: Vec::with_capacity(6) };
        for fund in Fund::ALL {
            journal.add(Account::Fund(*fund), -amounts.fund(*fund));
        }
        let current = amounts.personal_account.min(held.current.at_least_zero());
        journal.add(Account::PersonalCurrent, -current);
        journal.add(Account::PersonalPrior, current - amounts.personal_account);
        journal.add(Account::PersonalGranted, -amounts.mutual_aid);
        journal.add(Account::PatientCash, -amounts.cash);
        let accounts = amounts.personal_account + amounts.mutual_aid;
        journal.add(Account::HospitalClaim, amounts.funds_total() + accounts);
        journal.add(Account::HospitalCash, amounts.cash);
        journal.debug_check();
        journal
    }

    /// The journal that undoes another, line by line.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let source = if self.source == Source::Settlement { Source::Reversal } else { Source::Settlement };
        let postings =
            self.postings.iter().map(|p| Posting { account: p.account, amount: -p.amount }).collect();
        let journal = Self { source, postings };
        journal.debug_check();
        journal
    }

    /// Money for a personal account out of premium income: a credit, or an opening balance.
    pub fn account_credit(current: Money, prior: Money) -> Self {
        Self::into_account(Held { current, prior, granted: Money::ZERO })
    }

    /// Money for a personal account, or out of it, part by part; what is moved from one account to another is two of these.
    pub fn into_account(moved: Held) -> Self {
        let mut journal = Self { source: Source::AccountCredit, postings: Vec::with_capacity(4) };
        journal.add(Account::PersonalCurrent, moved.current);
        journal.add(Account::PersonalPrior, moved.prior);
        journal.add(Account::PersonalGranted, moved.granted);
        journal.add(Account::PremiumIncome, -(moved.total() + moved.granted));
        journal.debug_check();
        journal
    }

    /// What a fund pays a person outside any bill; below zero, what it takes back.
    pub fn benefit(fund: Fund, amount: Money) -> Self {
        let mut journal = Self { source: Source::Payment, postings: Vec::with_capacity(2) };
        journal.add(Account::Fund(fund), -amount);
        journal.add(Account::PaidToPerson, amount);
        journal.debug_check();
        journal
    }

    /// What funds pay a person for one bill outside any institution's.
    pub fn paid_by_funds(parts: impl Iterator<Item = (Fund, Money)>) -> Self {
        let mut journal = Self { source: Source::Payment, postings: Vec::with_capacity(3) };
        let mut sum = Money::ZERO;
        for (fund, amount) in parts {
            journal.add(Account::Fund(fund), -amount);
            sum += amount;
        }
        journal.add(Account::PaidToPerson, sum);
        journal
    }

    /// What another city owes a hospital for one of its people; below nothing, for a void.
    pub fn off_site(amount: Money) -> Self {
        Self::moved(Source::Clearing, Account::Receivable, Account::HospitalClaim, amount)
    }

    /// What audit cuts from a hospital's claim.
    pub fn audited_off(amount: Money) -> Self {
        Self::moved(Source::Clearing, Account::HospitalClaim, Account::Deduction, amount)
    }

    /// What is held back of a hospital's claim; below zero, what it is given of that.
    pub fn retained(amount: Money) -> Self {
        Self::moved(Source::Clearing, Account::HospitalClaim, Account::Retention, amount)
    }

    /// What a fund pays more for stays than they were settled with, because they are paid by points; below zero, less.
    pub fn by_points(fund: Fund, amount: Money) -> Self {
        Self::moved(Source::Clearing, Account::Fund(fund), Account::HospitalClaim, amount)
    }

    /// What is set right of a hospital's claim by two persons.
    pub fn corrected(fund: Fund, amount: Money) -> Self {
        Self::moved(Source::Correction, Account::Fund(fund), Account::HospitalClaim, amount)
    }

    /// What is sent to a hospital's bank.
    pub fn paid_out(amount: Money) -> Self {
        Self::moved(Source::Payment, Account::HospitalClaim, Account::PaidOut, amount)
    }

    fn moved(source: Source, from: Account, to: Account, amount: Money) -> Self {
        let mut journal = Self { source, postings: Vec::with_capacity(2) };
        journal.add(from, -amount);
        journal.add(to, amount);
        journal.debug_check();
        journal
    }

    /// What an account receives in all.
    pub fn received(&self, account: Account) -> Money {
        self.postings.iter().filter(|p| p.account == account).map(|p| p.amount).sum()
    }

    /// What a person received at the bank.
    pub fn paid_to_person(&self) -> Money {
        self.received(Account::PaidToPerson)
    }

    fn add(&mut self, account: Account, amount: Money) {
        if !amount.is_zero() {
            self.postings.push(Posting { account, amount });
        }
    }

    fn debug_check(&self) {
        debug_assert_eq!(self.check(), Ok(()));
    }

    /// Zero sum, at least two lines, none of nothing, and no fence crossed: a settlement only moves value from payer
    /// to hospital, a reversal only back. What a hospital bears alone, as the last part of a package may be, moves nothing.
    pub fn check(&self) -> Result<(), Broken> {
        let sum: Money = self.postings.iter().map(|p| p.amount).sum();
        if !sum.is_zero() {
            return Err(Broken::Sum(sum));
        }
        let bill = matches!(self.source, Source::Settlement | Source::Reversal);
        if self.postings.len() < 2 && !(bill && self.postings.is_empty()) {
            return Err(Broken::TooFewLines);
        }
        if self.postings.iter().any(|p| p.amount.is_zero()) {
            return Err(Broken::ZeroLine);
        }
        self.postings.iter().find(|p| !self.may(p)).map_or(Ok(()), |p| Err(Broken::Fence(p.account)))
    }

    fn may(&self, posting: &Posting) -> bool {
        let receives = posting.amount > Money::ZERO;
        let account = posting.account;
        match self.source {
            Source::Settlement => (account.pays() && !receives) || (account.is_paid() && receives),
            Source::Reversal => (account.pays() && receives) || (account.is_paid() && !receives),
            Source::AccountCredit => account.is_personal() || account == Account::PremiumIncome,
            Source::Correction => true,
            Source::Clearing => match account {
                Account::HospitalClaim | Account::Deduction | Account::Retention => true,
                // One fund, or another city, and a hospital: nothing goes from fund to fund.
                Account::Fund(_) | Account::Receivable => {
                    let others = self.postings.iter().filter(|p| p.account != account);
                    self.postings.len() == 2
                        && others.into_iter().all(|p| p.account == Account::HospitalClaim)
                }
                _ => false,
            },
            // From funds to the person, or all of it back: nothing goes from fund to fund.
            Source::Payment if self.postings.iter().any(|p| p.account == Account::PaidToPerson) => {
                let to_person = self.paid_to_person() > Money::ZERO;
                match account {
                    Account::Fund(_) => receives != to_person,
                    other => other == Account::PaidToPerson,
                }
            }
            Source::Payment => matches!(account, Account::HospitalClaim | Account::PaidOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn posting(account: Account, fen: i64) -> Posting {
        Posting { account, amount: Money::from_fen(fen) }
    }

    prop_compose! {
        fn amounts()(
            pooled in 0_i64..100_000, major in 0_i64..100_000, account in 0_i64..100_000, granted in 0_i64..100_000,
            cash in 1_i64..100_000,
        ) -> Amounts {
            let mut a = Amounts {
                personal_account: Money::from_fen(account),
                mutual_aid: Money::from_fen(granted),
                cash: Money::from_fen(cash),
                ..Amounts::default()
            };
            a.funds[Fund::Pooled as usize] = Money::from_fen(pooled);
            a.funds[Fund::MajorMedical as usize] = Money::from_fen(major);
            a.total = a.funds_total() + a.patient_share();
            a.eligible = a.total;
            a
        }
    }

    proptest! {
        #[test]
        fn a_settlement_and_its_reversal_are_zero_sum_and_cancel(a in amounts(), current in 0_i64..100_000) {
            let held = Held {
                current: Money::from_fen(current),
                prior: Money::from_fen(1_000_000),
                granted: Money::from_fen(1_000_000),
            };
            let journal = Journal::settlement(&a, held);
            prop_assert_eq!(journal.check(), Ok(()));
            let back = journal.reversed();
            prop_assert_eq!(back.check(), Ok(()));
            prop_assert_eq!(held.after(&journal).after(&back), held);
            prop_assert_eq!(held.after(&journal).total(), held.total() - a.personal_account);
            prop_assert!(held.after(&journal).is_solid());
            prop_assert_eq!(held.after(&journal).granted, held.granted - a.mutual_aid);
            prop_assert_eq!(back.reversed(), journal);
        }
    }

    #[test]
    fn each_way_to_break_a_journal_is_named() {
        let check = |source, postings: &[Posting]| Journal { source, postings: postings.to_vec() }.check();
        let (pool, claim) = (Account::Fund(Fund::Pooled), Account::HospitalClaim);
        assert_eq!(check(Source::Settlement, &[posting(pool, -60), posting(claim, 60)]), Ok(()));
        assert_eq!(
            check(Source::Settlement, &[posting(pool, -60), posting(claim, 59)]),
            Err(Broken::Sum(Money::from_fen(-1)))
        );
        assert_eq!(check(Source::AccountCredit, &[]), Err(Broken::TooFewLines));
        assert_eq!(check(Source::Settlement, &[posting(pool, 0)]), Err(Broken::TooFewLines));
        assert_eq!(check(Source::Settlement, &[]), Ok(()), "the hospital bears it alone");
        assert_eq!(
            check(Source::Settlement, &[posting(pool, -60), posting(claim, 60), posting(claim, 0)]),
            Err(Broken::ZeroLine)
        );
        let fence = [posting(pool, -60), posting(Account::PersonalCurrent, 60)];
        assert_eq!(check(Source::Settlement, &fence), Err(Broken::Fence(Account::PersonalCurrent)));
        assert_eq!(check(Source::Reversal, &fence), Err(Broken::Fence(pool)));
        assert_eq!(check(Source::AccountCredit, &fence), Err(Broken::Fence(pool)));
        assert_eq!(check(Source::Correction, &fence), Ok(()));
        let funds = [posting(pool, -60), posting(Account::Fund(Fund::MajorMedical), 60)];
        assert_eq!(check(Source::Clearing, &funds), Err(Broken::Fence(pool)), "from fund to fund");
        assert_eq!(Journal::by_points(Fund::Pooled, Money::from_fen(-60)).check(), Ok(()));
        assert_eq!(Journal::paid_out(Money::from_fen(60)).received(Account::PaidOut), Money::from_fen(60));
    }
}
