//! Where people go: a level as the visit asks for it, a hospital that treats the disease, rather near than far.

use model::Institution;

use crate::diagnoses::Diagnosis;
use crate::{CITY_DIVISION, Random, hospitals};

/// How often a level is chosen: 0 unrated, 1 to 3 as graded.
pub(crate) type Levels = [(u8, usize); 4];

/// Levels of ordinary outpatient visits.
pub(crate) const OUTPATIENT: Levels = [(0, 5), (1, 35), (2, 35), (3, 25)];
/// Levels of emergencies: unrated hospitals and health centres have no emergency room.
pub(crate) const EMERGENCY: Levels = [(0, 0), (1, 0), (2, 55), (3, 45)];
/// Levels of stays.
pub(crate) const STAY: Levels = [(0, 3), (1, 12), (2, 47), (3, 38)];

/// In so many of a hundred cases somebody goes to a hospital of the own district, where one fits.
const NEAR_PERCENT: usize = 75;

/// The hospitals and pharmacies of the city.
pub(crate) struct Places {
    hospitals: Vec<Place>,
    pharmacies: Vec<usize>,
}

struct Place {
    at: usize,
    level: u8,
    division: String,
    /// What a specialised hospital treats; empty: everything.
    departments: Vec<String>,
}

impl Places {
    pub(crate) fn new(institutions: &[Institution]) -> Self {
        let own = |i: &Institution| i.division.starts_with(&CITY_DIVISION[..4]);
        let departments = hospitals::departments();
        let numbered = || institutions.iter().enumerate().filter(|(_, i)| own(i));
        let place = |(at, i): (usize, &Institution)| Place {
            at,
            level: i.level,
            division: i.division.clone(),
            departments: departments[at].clone(),
        };
        Self {
            hospitals: numbered().filter(|(_, i)| i.kind == "hospital").map(place).collect(),
            pharmacies: numbered().filter(|(_, i)| i.kind == "pharmacy").map(|(at, _)| at).collect(),
        }
    }

    /// A hospital for a disease of somebody who lives in `home`.
    pub(crate) fn hospital(
        &self,
        levels: &Levels,
        disease: &Diagnosis,
        home: &str,
        random: &mut Random,
    ) -> usize {
        let treats = |p: &&Place| p.level >= disease.department().level && p.treats(&disease.department);
        let fits: Vec<&Place> = self.hospitals.iter().filter(treats).collect();
        let wanted = levels
            .map(|(level, weight)| (level, if fits.iter().any(|p| p.level == level) { weight } else { 0 }));
        let level = *random.weighted(&wanted);
        let of_level: Vec<&Place> = fits.into_iter().filter(|p| p.level == level).collect();
        let near: Vec<&Place> = of_level.iter().copied().filter(|p| p.division == home).collect();
        let stays_near = random.percent(NEAR_PERCENT) && !near.is_empty();
        random.pick(if stays_near { &near } else { &of_level }).at
    }

    pub(crate) fn pharmacy(&self, random: &mut Random) -> usize {
        *random.pick(&self.pharmacies)
    }
}

impl Place {
    fn treats(&self, department: &str) -> bool {
        self.departments.is_empty() || self.departments.iter().any(|d| d == department)
    }
}
