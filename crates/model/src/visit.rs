//! What kind of care, where.

use crate::person::words;

words! {
    /// The kind of a visit as benefit rules see it.
    VisitKind {
        /// Ordinary outpatient visit.
        Outpatient = "outpatient",
        /// Emergency visit.
        Emergency = "emergency",
        /// Listed chronic disease, outpatient.
        Chronic = "chronic",
        /// Listed special disease, outpatient.
        Special = "special",
        /// Dual-channel drug.
        DualChannel = "dual channel",
        /// Purchase at a pharmacy.
        Pharmacy = "pharmacy",
        /// Stay in hospital.
        Inpatient = "inpatient",
        /// Day surgery.
        DaySurgery = "day surgery",
        /// Maternity.
        Maternity = "maternity",
        /// A visit under no benefit rule.
        Other = "other",
        /// Kept under observation in the emergency room.
        Observation = "observation",
        /// A bed at home.
        HomeBed = "home bed",
        /// Family planning.
        FamilyPlanning = "family planning",
    }
}

words! {
    /// Where care is given, seen from where the person is insured.
    Region {
        /// In the city.
        Home = "home",
        /// Elsewhere, filed for the long term.
        Filed = "filed",
        /// Elsewhere, referred.
        Referred = "referred",
        /// Elsewhere, unfiled.
        Unfiled = "unfiled",
        /// Elsewhere, an emergency.
        Emergency = "emergency",
        /// Elsewhere in the same province, where no filing is asked for.
        Province = "province",
    }
}

words! {
    /// Why care is needed: not everything is for the insurance to pay.
    Cause {
        /// Illness, or anything not said.
        Illness = "illness",
        /// An injury a third party answers for.
        ThirdParty = "third party",
        /// An injury at work.
        WorkInjury = "work injury",
        /// Care abroad.
        Abroad = "abroad",
        /// Borne by public health.
        PublicHealth = "public health",
    }
}

words! {
    /// How a stay follows another.
    Referral {
        /// It does not.
        None = "none",
        /// Sent on to a hospital of a higher level.
        Up = "up",
        /// Sent back to a hospital of a lower level.
        Down = "down",
    }
}

words! {
    /// Where the prescription of a purchase came from.
    Prescription {
        /// Nowhere.
        None = "none",
        /// A hospital's, transferred to the pharmacy.
        Transferred = "transferred",
    }
}

/// 0 unrated, 1 to 3 as graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HospitalLevel(u8);

impl HospitalLevel {
    /// A level from 0 to 3.
    pub fn new(level: u8) -> Option<Self> {
        (level <= 3).then_some(Self(level))
    }

    /// 0 to 3.
    pub const fn get(self) -> u8 {
        self.0
    }
}
