//! Why people come: diagnoses and the departments that treat them, read once from `data/`.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use csv::StringRecord;

use crate::SamplePerson;

/// A diagnosis people of the sample city have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// ICD-10 code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The department that treats it.
    pub department: String,
    /// How often it is why somebody comes.
    pub(crate) weight: usize,
    /// How often it is why somebody is admitted.
    pub(crate) stay_weight: usize,
    /// A list that gives it a benefit of its own.
    pub(crate) listed: Option<Listed>,
    /// An operation a stay may be for, with its materials; names of the catalogue.
    pub(crate) operation: Vec<String>,
    /// National code of the gender that alone has it; empty: both.
    gender: String,
    ages: RangeInclusive<i16>,
}

/// Lists of diagnoses with benefits of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Chronic diseases.
    Chronic,
    /// Special diseases.
    Special,
    /// Pregnancy and birth.
    Maternity,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Department {
    name: String,
    /// Hospitals below this level have none.
    pub(crate) level: u8,
    /// First letters of the therapeutic groups of its drugs.
    pub(crate) drugs: Vec<char>,
    /// Its usual examinations, tests and treatments; names of the catalogue.
    pub(crate) care: Vec<String>,
}

/// What people of the sample city have.
pub fn diagnoses() -> &'static [Diagnosis] {
    &DIAGNOSES
}

/// All diagnoses.
pub(crate) static DIAGNOSES: LazyLock<Vec<Diagnosis>> = LazyLock::new(|| {
    let rows = rows(include_str!("../data/diagnoses.csv"));
    rows.iter().map(Diagnosis::read).collect()
});

static DEPARTMENTS: LazyLock<Vec<Department>> = LazyLock::new(|| {
    let rows = rows(include_str!("../data/departments.csv"));
    rows.iter().map(Department::read).collect()
});

fn rows(file: &str) -> Vec<StringRecord> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    reader.records().map(|row| row.expect("the files of the sample city are well formed")).collect()
}

fn number<T: std::str::FromStr>(row: &StringRecord, at: usize, otherwise: T) -> T {
    row.get(at).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn names(row: &StringRecord, at: usize) -> Vec<String> {
    row.get(at).unwrap_or_default().split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

impl Diagnosis {
    fn read(row: &StringRecord) -> Self {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        Self {
            code: text(0),
            name: text(1),
            department: text(2),
            weight: number(row, 3, 0),
            stay_weight: number(row, 4, 0),
            gender: text(5),
            ages: number(row, 6, 0)..=number(row, 7, i16::MAX),
            listed: match row.get(8) {
                Some("chronic") => Some(Listed::Chronic),
                Some("special") => Some(Listed::Special),
                Some("maternity") => Some(Listed::Maternity),
                _ => None,
            },
            operation: names(row, 9),
        }
    }

    /// Whether a person of this age can have it.
    pub(crate) fn fits(&self, person: &SamplePerson, age: i16) -> bool {
        let gender = self.gender.is_empty() || self.gender == person.enrolment.gender;
        gender && self.ages.contains(&age)
    }

    /// A disease of the airways: more of them come in winter.
    pub(crate) fn respiratory(&self) -> bool {
        self.code.starts_with('J')
    }

    /// The department that treats it.
    pub(crate) fn department(&self) -> &'static Department {
        let found = DEPARTMENTS.iter().find(|d| d.name == self.department);
        found.expect("every department of a diagnosis stands in departments.csv")
    }
}

impl Department {
    fn read(row: &StringRecord) -> Self {
        Self {
            name: row.get(0).unwrap_or_default().to_owned(),
            level: number(row, 1, 0),
            drugs: row.get(2).unwrap_or_default().chars().collect(),
            care: names(row, 3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn departments_and_operations_name_what_the_catalogue_has() {
        let catalogue = crate::catalogue();
        let known: HashSet<&str> = catalogue.items().iter().map(|item| item.name.as_str()).collect();
        for diagnosis in DIAGNOSES.iter() {
            let care = diagnosis.department().care.iter().chain(&diagnosis.operation);
            care.for_each(|name| assert!(known.contains(name.as_str()), "{}: {name}", diagnosis.name));
        }
    }
}
