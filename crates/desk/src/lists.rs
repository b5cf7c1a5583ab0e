//! The lists of a hospital that are searched while typing, in memory: read again when the hospital has changed them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use store::{By, Change};

use crate::desk::locked;
use crate::house::{Diagnosis, Doctor, Item, Lists, Use};
use crate::package::Package;
use crate::search::Search;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};

/// A list with what finds its rows.
pub struct Shelf<F: Form> {
    rows: Vec<Sheet<F>>,
    by_key: HashMap<String, usize>,
    search: Search,
}

impl<F: Form<State = Use>> Shelf<F> {
    fn new(rows: Vec<Sheet<F>>, words: impl Fn(&Sheet<F>) -> (Vec<&str>, Vec<&str>)) -> Self {
        let search = Search::new(rows.iter().map(words));
        let by_key = rows.iter().enumerate().map(|(at, row)| (row.key.clone(), at)).collect();
        Self { rows, by_key, search }
    }

    /// All rows, stopped or not, by their keys: papers without a day are read the last key first.
    pub fn rows(&self) -> impl Iterator<Item = &Sheet<F>> {
        self.rows.iter().rev()
    }

    /// The row with a key, stopped or not.
    pub fn get(&self, key: &str) -> Option<&Sheet<F>> {
        self.by_key.get(key).map(|at| &self.rows[*at])
    }

    /// What may be used of what is typed, the best first.
    pub fn find(&self, typed: &str, most: usize) -> Vec<&Sheet<F>> {
        let found = self.search.find(typed, most * 2).into_iter().map(|at| &self.rows[at]);
        found.filter(|row| row.state == Use::Active).take(most).collect()
    }
}

/// The lists of one hospital.
pub struct House {
    version: i64,
    /// What it charges.
    pub items: Shelf<Item>,
    /// What it diagnoses.
    pub diagnoses: Shelf<Diagnosis>,
    /// Its doctors.
    pub doctors: Shelf<Doctor>,
    /// What it often charges together.
    pub packages: Shelf<Package>,
}

/// The lists of all hospitals somebody has asked for.
#[derive(Default)]
pub struct Shelves {
    read: Mutex<HashMap<String, Arc<House>>>,
    /// Held while one is read: a long list is read once, however many windows wait for it.
    reading: Mutex<()>,
}

impl Shelves {
    /// The lists of a hospital as they stand.
    pub fn of(&self, papers: &Papers) -> Result<Arc<House>, PaperError> {
        let version = papers.get::<Lists>(Lists::KEY)?.map_or(0, |lists| lists.version);
        if let Some(house) = self.known(papers, version) {
            return Ok(house);
        }
        let _reading = locked(&self.reading);
        if let Some(house) = self.known(papers, version) {
            return Ok(house);
        }
        let house = Arc::new(House::read(papers, version)?);
        locked(&self.read).insert(papers.hospital().to_owned(), house.clone());
        Ok(house)
    }

    fn known(&self, papers: &Papers, version: i64) -> Option<Arc<House>> {
        locked(&self.read).get(papers.hospital()).filter(|house| house.version == version).cloned()
    }
}

impl House {
    fn read(papers: &Papers, version: i64) -> Result<Self, PaperError> {
        let items = Shelf::new(papers.list(By::All, ALL, 0)?, |row: &Sheet<Item>| {
            let names = std::iter::once(&row.facts.name).chain(&row.facts.aliases).map(String::as_str);
            let mapped = row.facts.mapped.as_deref().unwrap_or_default();
            (vec![row.key.as_str(), mapped], names.collect())
        });
        let diagnoses = Shelf::new(papers.list(By::All, ALL, 0)?, |row: &Sheet<Diagnosis>| {
            (vec![row.key.as_str()], vec![row.facts.name.as_str()])
        });
        let doctors = Shelf::new(papers.list(By::All, ALL, 0)?, |row: &Sheet<Doctor>| {
            (vec![row.key.as_str()], vec![row.facts.name.as_str()])
        });
        let packages = Shelf::new(papers.list(By::All, ALL, 0)?, |row: &Sheet<Package>| {
            (vec![row.key.as_str()], vec![row.facts.name.as_str()])
        });
        Ok(Self { version, items, diagnoses, doctors, packages })
    }
}

/// That the lists a hospital searches have changed, and how many rows they have now.
pub(crate) fn lists_changed(papers: &Papers, count: impl FnOnce(&mut Lists)) -> Result<Change, PaperError> {
    let fresh = || Sheet::new(Lists::KEY, Use::Active, None, Lists::default());
    let mut lists = papers.get::<Lists>(Lists::KEY)?.unwrap_or_else(fresh);
    count(&mut lists.facts);
    Ok(lists.happened("change"))
}
