//! The code dictionaries by what they are about, so that a desk can offer codes and name them.

use crate::dictionary;
use crate::words::Both;

/// What codes are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeBook {
    /// Kinds of identity documents.
    Documents,
    /// Kinds of proof at the window.
    Proofs,
    /// Genders.
    Genders,
    /// Kinds of insurance.
    Insurances,
    /// States of an insurance.
    InsuranceStates,
    /// Types of persons.
    PersonTypes,
    /// Identities of persons.
    Identities,
    /// Kinds of care.
    Care,
    /// Ways of settling.
    Ways,
    /// Kinds of clearing.
    Clearing,
    /// Funds.
    Funds,
    /// Kinds of lists of the catalogue.
    Lists,
    /// Kinds of charges.
    Charges,
    /// Kinds of diagnoses.
    Diagnoses,
    /// Ways of leaving the hospital.
    Leaving,
}

impl CodeBook {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Documents,
        Self::Proofs,
        Self::Genders,
        Self::Insurances,
        Self::InsuranceStates,
        Self::PersonTypes,
        Self::Identities,
        Self::Care,
        Self::Ways,
        Self::Clearing,
        Self::Funds,
        Self::Lists,
        Self::Charges,
        Self::Diagnoses,
        Self::Leaving,
    ];

    fn national(self) -> &'static str {
        match self {
            Self::Documents => "psn_cert_type",
            Self::Proofs => "mdtrt_cert_type",
            Self::Genders => "gend",
            Self::Insurances => "insutype",
            Self::InsuranceStates => "psn_insu_stas",
            Self::PersonTypes => "psn_type",
            Self::Identities => "psn_idet_type",
            Self::Care => "med_type",
            Self::Ways => "psn_setlway",
            Self::Clearing => "clr_type",
            Self::Funds => "fund_pay_type",
            Self::Lists => "list_type",
            Self::Charges => "med_chrgitm_type",
            Self::Diagnoses => "diag_type",
            Self::Leaving => "dscg_way",
        }
    }

    /// Its codes, in their order, each with what it means.
    pub fn codes(self) -> impl Iterator<Item = (&'static str, Both)> {
        let codes = dictionary(self.national()).map_or(&[][..], |found| &found.codes);
        codes.iter().map(|(code, zh, en)| (*code, meaning(zh, en)))
    }

    /// What a code means; none of one that is not listed.
    pub fn of(self, code: &str) -> Option<Both> {
        self.codes().find(|(listed, _)| *listed == code).map(|(_, means)| means)
    }
}

/// Without remarks for whoever keeps the dictionaries; what has no English is told in Chinese.
fn meaning(zh: &'static str, en: &'static str) -> Both {
    let plain =
        |text: &'static str| text.split(" (").next().and_then(|text| text.split(" /").next()).unwrap_or(text);
    let (zh, en) = (plain(zh), plain(en));
    Both::of(zh, if en == "-" { zh } else { en })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn every_book_has_codes_and_none_has_remarks() {
        for book in CodeBook::ALL {
            assert!(book.codes().count() > 1, "{book:?}");
            for (code, means) in book.codes() {
                for language in [Language::Zh, Language::En] {
                    let told = means.told(language);
                    assert!(!told.is_empty() && !told.contains('_'), "{book:?} {code}: {told}");
                }
            }
        }
    }

    #[test]
    fn a_code_is_named() {
        let card = CodeBook::Proofs.of("02").unwrap();
        assert_eq!((card.told(Language::Zh), card.told(Language::En)), ("居民身份证", "identity card"));
        assert_eq!(CodeBook::Proofs.of("99"), None);
    }
}
