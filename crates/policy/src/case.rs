//! What a settlement is computed from, besides the edition.

use jiff::civil::Date;
use model::{
    Cause, Fund, Hardship, HospitalLevel, ItemClass, ItemKind, PersonStatus, Premium, Prescription, Referral,
    Region, Scheme, Servant, Sex, Standing, VisitKind,
};
use money::{Money, Quantity, Rate, UnitPrice};

use crate::{Accumulators, Editions};

/// The person as the rules see them, on the benefit date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Scheme.
    pub scheme: Scheme,
    /// In work, retired …
    pub status: PersonStatus,
    /// Male or female.
    pub sex: Sex,
    /// Full years.
    pub age: u16,
    /// Day of birth, where a rule needs it.
    pub born: Option<Date>,
    /// First day at work, where known.
    pub worked_from: Option<Date>,
    /// Full years of service.
    pub service_years: u16,
    /// How the premium stands.
    pub premium: Premium,
    /// Civil servants' supplement.
    pub servant: Servant,
    /// Enrolled in a voluntary supplement.
    pub supplement: bool,
    /// A hardship; of several the one that helps most, by the centre's order.
    pub hardship: Hardship,
    /// The edition's group of the employer; 0 none.
    pub unit: u8,
    /// The edition's groups of diseases the person is entitled for, one bit each.
    pub entitled: u16,
    /// 0 none; 1 details only, 2 payment stopped, 3 all stopped.
    pub blacklist: u8,
    /// The person's own contribution wage of a year.
    pub wage: Money,
    /// Money in the person's own account that may be used now, in fen.
    pub account: Money,
    /// What relatives have granted for this bill, in fen.
    pub relatives: Money,
    /// Whether the person wants the account used.
    pub uses_account: bool,
}

impl Person {
    /// Somebody insured as an employee, with nothing special.
    pub const fn new(status: PersonStatus, age: u16) -> Self {
        Self {
            scheme: Scheme::Employee,
            status,
            sex: Sex::Female,
            age,
            born: None,
            worked_from: None,
            service_years: 0,
            premium: Premium::Paid,
            servant: Servant::None,
            supplement: false,
            hardship: Hardship::None,
            unit: 0,
            entitled: 0,
            blacklist: 0,
            wage: Money::ZERO,
            account: Money::ZERO,
            relatives: Money::ZERO,
            uses_account: true,
        }
    }
}

/// The visit as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Kind of care.
    pub kind: VisitKind,
    /// The hospital's level; of a purchase with a transferred prescription, the prescriber's.
    pub level: HospitalLevel,
    /// Where, seen from home.
    pub region: Region,
    /// The date benefit rules go by.
    pub date: Date,
    /// The day a stay began, where that is another.
    pub admitted: Option<Date>,
    /// Which admission of the year, from 1; 0 outside stays.
    pub admission: u16,
    /// The edition's group of the disease the visit is for; 0 none.
    pub disease: u8,
    /// Why care is needed.
    pub cause: Cause,
    /// How a stay follows another.
    pub referral: Referral,
    /// Days since the last stay at the same hospital, where a rule may join the two.
    pub days_since_stay: Option<u16>,
    /// Deductible already charged: by the stay this one was referred from, or by this stay in the year before.
    pub deductible_before: Money,
    /// The deductible in force when a stay was admitted that began in an earlier year.
    pub deductible_at_admission: Option<Money>,
    /// Where a prescription came from.
    pub prescription: Prescription,
    /// At an institution the person chose.
    pub chosen: bool,
    /// At the institution of the person's family doctor.
    pub contract: bool,
    /// At the hospital of the person's own employer.
    pub own: bool,
    /// At a community clinic.
    pub clinic: bool,
    /// At a private institution.
    pub private: bool,
    /// Paid by the person and filed by hand.
    pub manual: bool,
}

impl Visit {
    /// A visit at home, with nothing special; a stay is the year's first.
    pub const fn new(kind: VisitKind, level: HospitalLevel, date: Date) -> Self {
        Self {
            kind,
            level,
            region: Region::Home,
            date,
            admitted: None,
            admission: matches!(kind, VisitKind::Inpatient | VisitKind::DaySurgery) as u16,
            disease: 0,
            cause: Cause::Illness,
            referral: Referral::None,
            days_since_stay: None,
            deductible_before: Money::ZERO,
            deductible_at_admission: None,
            prescription: Prescription::None,
            chosen: false,
            contract: false,
            own: false,
            clinic: false,
            private: false,
            manual: false,
        }
    }
}

/// A price limit, or none: one word, so that it is read without a jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PriceLimit(UnitPrice);

impl PriceLimit {
    /// No limit: more than any price.
    pub const NONE: Self = Self(UnitPrice::from_millionths(i64::MAX));

    /// The limit.
    pub fn get(self) -> Option<UnitPrice> {
        (self != Self::NONE).then_some(self.0)
    }

    /// In millionths of a yuan; the most there is where there is none.
    pub const fn millionths(self) -> i64 {
        self.0.millionths()
    }
}

impl From<Option<UnitPrice>> for PriceLimit {
    /// Whoever reads a limit refuses one below zero; here it is zero.
    fn from(limit: Option<UnitPrice>) -> Self {
        limit.map_or(Self::NONE, |limit| Self(limit.max(UnitPrice::default())))
    }
}

/// An item's own first self-pay share, or none, likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnRate {
    ten_thousandths: i32,
    /// All ones where there is one.
    mask: i32,
}

impl OwnRate {
    /// No rate of its own.
    pub const NONE: Self = Self { ten_thousandths: 0, mask: 0 };

    /// The rate.
    pub fn get(self) -> Option<Rate> {
        (self.mask != 0).then(|| Rate::from_ten_thousandths(self.ten_thousandths.into()))
    }

    /// In ten-thousandths, zero where there is none, and all ones where there is one.
    #[inline]
    pub fn masked(self) -> (i64, i64) {
        (self.ten_thousandths.into(), self.mask.into())
    }
}

impl From<Option<Rate>> for OwnRate {
    /// A rate of more than two hundred thousand is one of that much.
    fn from(rate: Option<Rate>) -> Self {
        rate.map_or(Self::NONE, |rate| {
            let most = rate.ten_thousandths().clamp(i32::MIN.into(), i32::MAX.into());
            Self { ten_thousandths: i32::try_from(most).expect("it is within both"), mask: -1 }
        })
    }
}

/// One fee line with what the catalogue says of its item for this hospital and date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// Class.
    pub class: ItemClass,
    /// Kind.
    pub kind: ItemKind,
    /// Amount charged; may differ from price × quantity by a rounding.
    pub amount: Money,
    /// Unit price.
    pub price: UnitPrice,
    /// Quantity.
    pub quantity: Quantity,
    /// The catalogue's price limit at this hospital's level.
    pub limit: PriceLimit,
    /// The item's own first self-pay share.
    pub first_self_pay: OwnRate,
    /// The edition's lists the item is on, one bit each.
    pub lists: u32,
    /// How the item stands.
    pub standing: Standing,
    /// Day of service, as [`crate::day_number`] numbers days.
    pub day: i32,
}

impl Line {
    /// One piece of something listed, for this much.
    pub const fn new(class: ItemClass, kind: ItemKind, amount: Money) -> Self {
        Self {
            class,
            kind,
            amount,
            price: UnitPrice::from_millionths(amount.fen() * 10_000),
            quantity: Quantity::ONE,
            limit: PriceLimit::NONE,
            first_self_pay: OwnRate::NONE,
            lists: 0,
            standing: Standing::Listed,
            day: 0,
        }
    }
}

/// How one line is shared before any benefit: `amount = out_of_scope + over_limit + first_self_pay + eligible`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineShares {
    /// Class C.
    pub out_of_scope: Money,
    /// Above the limit.
    pub over_limit: Money,
    /// First share of class B.
    pub first_self_pay: Money,
    /// The rate of it; one for class C.
    pub rate: Rate,
    /// Inside the policy.
    pub eligible: Money,
    /// The limit applied.
    pub limit: Option<UnitPrice>,
}

/// All of it together.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Who.
    pub person: Person,
    /// What and where.
    pub visit: Visit,
    /// The fee lines, in any order; of a stay with interim settlements, all of the stay so far.
    pub lines: &'a [Line],
    /// The benefit year's counters before this bill (before this stay, where there were interim settlements).
    pub year: &'a Accumulators,
    /// What a fund that may run out has left; none: nothing runs out.
    pub fund_left: Option<(Fund, Money)>,
    /// All editions of the city, where item rules go by the day of service; none: all lines go by the bill's edition.
    pub editions: Option<&'a Editions>,
}
