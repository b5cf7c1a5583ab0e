//! What can be charged.

use money::{Rate, UnitPrice};

use crate::Validity;
use crate::person::words;

words! {
    /// The catalogue's class of an item.
    ItemClass {
        /// Paid by the rules in full.
        A = "A",
        /// The patient pays a first share.
        B = "B",
        /// Outside the insurance.
        C = "C",
    }
}

words! {
    /// What an item is, as item rules see it.
    ItemKind {
        /// Western drug.
        Drug = "drug",
        /// Chinese patent drug.
        Patent = "patent",
        /// Herb.
        Herb = "herb",
        /// Examination.
        Examination = "examination",
        /// Laboratory test.
        Test = "test",
        /// Treatment.
        Treatment = "treatment",
        /// Operation.
        Operation = "operation",
        /// Nursing.
        Nursing = "nursing",
        /// Bed day.
        Bed = "bed",
        /// Consultation.
        Consultation = "consultation",
        /// Registration.
        Registration = "registration",
        /// Material made in the country.
        Material = "material",
        /// Imported material.
        ImportedMaterial = "imported material",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How an item stands in the catalogue, and whether a restriction on it is met.
    Standing {
        /// Listed, without restriction.
        Listed = "listed",
        /// Restricted in use, and confirmed to be used so.
        Confirmed = "confirmed",
        /// Restricted in use, and not confirmed.
        Unconfirmed = "unconfirmed",
        /// The hospital's item is not mapped to the catalogue.
        Unmapped = "unmapped",
    }
}

words! {
    /// What becomes of a drug that is charged without the trace code it has.
    Tracing {
        /// Nothing.
        Off = "off",
        /// The institution is told.
        Warn = "warn",
        /// It is refused.
        Required = "required",
    }
}

/// One value a hospital level, 0 to 3.
pub type PerLevel<T> = [T; 4];

/// One row of the insurance catalogue, as of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Class.
    pub class: ItemClass,
    /// Kind.
    pub kind: ItemKind,
    /// National list type, e.g. `101` drugs.
    pub list_kind: String,
    /// National kind of charge, e.g. `09` western drugs.
    pub charge_kind: String,
    /// Unit of sale.
    pub unit: String,
    /// Specification.
    pub specification: String,
    /// A usual price; what a hospital charges may differ.
    pub price: UnitPrice,
    /// Highest price the insurance reckons with, by hospital level.
    pub limits: PerLevel<Option<UnitPrice>>,
    /// A first self-pay share of the item's own, before the edition's rule for its class and kind.
    pub first_self_pay: Option<Rate>,
    /// Paid only when the hospital confirms the restricted use.
    pub restricted: bool,
    /// Carries a drug trace code.
    pub traced: bool,
    /// Initials for searching.
    pub initials: String,
    /// When it holds.
    pub valid: Validity,
}
