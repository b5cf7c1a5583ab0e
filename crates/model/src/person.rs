//! What the insurance knows of a person that bears on money.

use std::fmt;

/// The kind of insurance, by its national number: 310 employee basic, 320 civil servant, 330 large amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InsuranceKind(pub u16);

impl InsuranceKind {
    /// Employee basic medical insurance.
    pub const EMPLOYEE: Self = Self(310);
}

impl fmt::Display for InsuranceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in editions, cases and tables.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.word() == word).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|v| v.word()).collect();
                    format!("`{word}` is not one of {}", known.join(", "))
                })
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a person is to the insurance.
    PersonStatus {
        /// In work, or freely employed.
        Employed = "employed",
        /// Retired.
        Retired = "retired",
        /// Retired before 1949-10 service (离休): paid in full by a fund of their own.
        Cadre = "cadre",
        /// Not an employee's insurance.
        Other = "other",
        /// Surviving spouse of such a cadre.
        Spouse = "spouse",
        /// Disabled soldier.
        Soldier = "soldier",
        /// Supported member of an employee's family.
        Family = "family",
        /// Without an employer, paying for himself.
        Freelance = "freelance",
    }
}

words! {
    /// How the premium stands on the day of care.
    Premium {
        /// Paid.
        Paid = "paid",
        /// The employer is in arrears.
        Arrears = "arrears",
        /// Waiting after a break.
        Waiting = "waiting",
        /// Not enrolled, or ended.
        Ended = "ended",
    }
}

words! {
    /// Male or female.
    Sex {
        /// Male.
        Male = "male",
        /// Female.
        Female = "female",
    }
}

words! {
    /// Which civil servants' supplement a person has.
    Servant {
        /// None.
        None = "none",
        /// Up to section rank, or not divided by rank.
        Section = "section",
        /// County rank.
        County = "county",
        /// Bureau rank.
        Bureau = "bureau",
    }
}

words! {
    /// A hardship that changes benefits.
    Hardship {
        /// None.
        None = "none",
        /// In extreme poverty (特困).
        Destitute = "destitute",
        /// On minimum living allowance (低保).
        LowIncome = "low income",
        /// Little above it (低保边缘).
        Marginal = "marginal",
        /// Made poor by illness (因病致贫).
        Impoverished = "impoverished",
        /// Severely disabled.
        Disabled = "disabled",
    }
}

words! {
    /// The scheme a person is insured in.
    Scheme {
        /// Employees.
        Employee = "employee",
        /// Residents.
        Resident = "resident",
    }
}
