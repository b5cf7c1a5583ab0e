//! The insurance catalogue, and the lists of codes beside it.

use jiff::civil::Date;
use money::Quantity;

use crate::person::words;
use crate::{Item, Listed, Listing, Validity};

/// The insurance catalogue. Settlements name its newest version.
pub type Catalogue = Listing<Item>;

impl Catalogue {
    /// The item of a national code on a day.
    pub fn item(&self, code: &str, day: Date) -> Option<&Item> {
        self.on(code, day)
    }

    /// All rows of items, in the catalogue's order.
    pub fn items(&self) -> &[Item] {
        self.rows()
    }
}

impl Listed for Item {
    fn code(&self) -> &str {
        &self.code
    }

    fn valid(&self) -> &Validity {
        &self.valid
    }

    fn valid_mut(&mut self) -> &mut Validity {
        &mut self.valid
    }
}

words! {
    /// Lists of codes with names.
    CodeList {
        /// Diagnoses.
        Diagnoses = "diagnoses",
        /// Operations and procedures.
        Procedures = "procedures",
        /// Morphology of tumours.
        TumourMorphology = "tumour_morphology",
        /// Diseases of Chinese medicine.
        TcmDiseases = "tcm_diseases",
        /// Syndromes of Chinese medicine.
        TcmSyndromes = "tcm_syndromes",
        /// Diseases with an outpatient benefit of their own.
        ListedDiseases = "listed_diseases",
        /// What is paid by disease.
        DiseasePayments = "disease_payments",
        /// What of that is done within a day.
        DaySurgeries = "day_surgeries",
    }
}

/// A group of stays that are paid alike, by points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayGroup {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its points.
    pub points: Quantity,
}

/// A code with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When it holds.
    pub valid: Validity,
}

impl Listed for Code {
    fn code(&self) -> &str {
        &self.code
    }

    fn valid(&self) -> &Validity {
        &self.valid
    }

    fn valid_mut(&mut self) -> &mut Validity {
        &mut self.valid
    }
}

/// All lists of codes of a city.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeLists(Vec<(CodeList, Listing<Code>)>);

impl CodeLists {
    /// These lists.
    pub fn new(lists: Vec<(CodeList, Listing<Code>)>) -> Self {
        Self(lists)
    }

    /// One of them; nothing of one that the city has not.
    pub fn get(&self, list: CodeList) -> Option<&Listing<Code>> {
        self.0.iter().find(|(kind, _)| *kind == list).map(|(_, rows)| rows)
    }
}
