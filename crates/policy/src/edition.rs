//! An edition: one city's rules from one date, compiled once.

use jiff::civil::Date;
use model::{HospitalLevel, PersonStatus, VisitKind};
use money::Exact;

use crate::Accumulators;

use crate::constructs::Articles;
use crate::constructs::Scope;
use crate::constructs::account::Account;
use crate::constructs::bases::Bases;
use crate::constructs::ceiling::Ceiling;
use crate::constructs::deductible::Deductible;
use crate::constructs::entitlement::Entitlement;
use crate::constructs::items::ItemRules;
use crate::constructs::layers::Layer;
use crate::constructs::off_site::OffSite;
use crate::constructs::rounding::RoundingRule;
use crate::constructs::segments::Segments;
use crate::counters::Track;
use crate::document::{Problem, Problems, Section, Source};
use crate::situation::Situation;

/// Which date rules go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateRule {
    /// The day of the service.
    Service,
    /// The day of admission, or of the visit.
    Admission,
    /// The day of discharge, or of the visit.
    Discharge,
    /// The day of settlement.
    Settlement,
}

impl DateRule {
    fn read(place: &crate::document::Place<'_>) -> Option<Self> {
        Some(match place.text()? {
            "service date" => Self::Service,
            "admission date" => Self::Admission,
            "discharge date" => Self::Discharge,
            "settlement date" => Self::Settlement,
            _ => {
                place.report(
                    &place.shown(),
                    "service date, admission date, discharge date or settlement date",
                );
                return None;
            }
        })
    }
}

/// What an edition says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionHead {
    /// The city, in words.
    pub city: String,
    /// First day in force.
    pub from: Date,
    /// The order it comes from.
    pub order: String,
    /// Which date item rules go by.
    pub items_by: DateRule,
    /// Which date benefit rules go by.
    pub benefits_by: DateRule,
}

/// The rules of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrackRules {
    pub(crate) track: Track,
    pub(crate) deductible: Deductible,
    pub(crate) segments: Segments,
    pub(crate) ceiling: Option<Ceiling>,
}

/// One edition, ready to settle under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// What it says of itself.
    pub head: EditionHead,
    pub(crate) rounding: RoundingRule,
    unrated_as: HospitalLevel,
    statuses: Vec<PersonStatus>,
    articles: Articles,
    pub(crate) entitlement: Entitlement,
    pub(crate) items: ItemRules,
    pub(crate) off_site: OffSite,
    tracks: Vec<TrackRules>,
    visit_track: [Option<u8>; VisitKind::ALL.len()],
    pub(crate) layers: Vec<Layer>,
    pub(crate) account: Account,
}

impl Edition {
    /// Reads an edition from TOML; `file` is named in problems.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = Source::parse(file, text)?;
        let made = Self::read(&source.root());
        source.finish(made)
    }

    fn read(root: &Section<'_>) -> Option<Self> {
        let mut articles = Articles::default();
        let section = root.need("edition")?.section()?;
        let head = read_head(&section);
        let rounding = RoundingRule::read(&section);
        let statuses: Vec<PersonStatus> =
            section.need("persons").map(|p| p.words("a status")).unwrap_or_default();
        let unrated_as = section.need("unrated_as").and_then(|place| {
            let level = u8::try_from(place.integer()?).ok().and_then(HospitalLevel::new);
            if level.is_none() {
                place.report(&place.shown(), "a level from 0 to 3");
            }
            level
        });
        section.done();
        let bases = Bases::read(root);
        let levels: Vec<HospitalLevel> = (0..=3)
            .filter_map(HospitalLevel::new)
            .filter(|l| l.get() > 0 || unrated_as == HospitalLevel::new(0))
            .collect();
        let scope = Scope { statuses: &statuses, levels: &levels, visits: VisitKind::ALL, bases: &bases };
        let entitlement = Entitlement::read(root, &mut articles);
        let items = ItemRules::read(root, &scope, &mut articles);
        let off_site = OffSite::read(root, &scope, &mut articles);
        let (tracks, visit_track) = read_tracks(root, &scope, &mut articles);
        let layers = Layer::read_all(root, &scope, &mut articles);
        let account = Account::read(root, &mut articles);
        root.done();
        Some(Self {
            head: head?,
            rounding: rounding?,
            unrated_as: unrated_as?,
            statuses,
            articles,
            entitlement: entitlement?,
            items: items?,
            off_site: off_site?,
            tracks,
            visit_track,
            layers,
            account: account?,
        })
    }

    /// The rules for a kind of visit; none where the pool has no rule for it.
    pub(crate) fn track(&self, visit: VisitKind) -> Option<&TrackRules> {
        self.visit_track[visit as usize].map(|at| &self.tracks[usize::from(at)])
    }

    /// The first track of which a year's counters show more than anybody's ceiling: its name, what was used, the
    /// ceiling.
    pub fn over_ceiling(&self, year: &Accumulators) -> Option<(&'static str, Exact, Exact)> {
        self.tracks.iter().find_map(|rules| {
            let ceiling = rules.ceiling.as_ref()?;
            let (used, largest) = (ceiling.used(year), ceiling.largest());
            (used > largest).then_some((rules.track.key(), used, largest))
        })
    }

    /// Whether the pool has rules for persons of this status.
    pub(crate) fn covers(&self, status: PersonStatus) -> bool {
        self.statuses.contains(&status)
    }

    pub(crate) fn situation(&self, person: &crate::Person, visit: &crate::Visit) -> Situation {
        let level = if visit.level.get() == 0 { self.unrated_as } else { visit.level };
        Situation::new(person.status, level, visit.region, visit.kind, person.age, visit.admission)
    }

    /// Whether the pool does not pay while the premium stands so.
    pub fn pool_stopped(&self, premium: model::Premium) -> bool {
        self.entitlement.pool_stopped(premium).is_some()
    }

    /// The name of an article a step refers to.
    pub fn law(&self, law: u16) -> Option<&str> {
        self.articles.name(law)
    }

    /// Under which name settlements refer to this edition: its first day.
    pub fn key(&self) -> String {
        self.head.from.to_string()
    }
}

fn read_head(section: &Section<'_>) -> Option<EditionHead> {
    let text = |key: &str| section.need(key).and_then(|p| p.text()).map(str::to_owned);
    let (city, order) = (text("city"), text("order"));
    text("scheme");
    let from = section.need("from").and_then(|p| p.date());
    let items_by = section.need("items_by").and_then(|p| DateRule::read(&p));
    let benefits_by = section.need("benefits_by").and_then(|p| DateRule::read(&p));
    Some(EditionHead {
        city: city?,
        from: from?,
        order: order?,
        items_by: items_by?,
        benefits_by: benefits_by?,
    })
}

type VisitTracks = [Option<u8>; VisitKind::ALL.len()];

fn read_tracks(
    root: &Section<'_>,
    scope: &Scope<'_>,
    articles: &mut Articles,
) -> (Vec<TrackRules>, VisitTracks) {
    let mut tracks = Vec::new();
    let mut visit_track = [None; VisitKind::ALL.len()];
    for track in Track::ALL {
        let Some(section) = root.section(track.key()) else { continue };
        let visits: Vec<VisitKind> =
            section.need("visits").map(|p| p.words("a kind of visit")).unwrap_or_default();
        let scope = Scope { visits: &visits, ..*scope };
        let at = u8::try_from(tracks.len()).expect("few tracks");
        for visit in &visits {
            if visit_track[*visit as usize].replace(at).is_some() {
                section
                    .report(&format!("the visit `{visit}` a second time"), "each kind of visit in one table");
            }
        }
        let deductible = Deductible::read(&section, &scope, articles);
        let segments = Segments::read(&section, &scope, articles);
        let ceiling = Ceiling::read(&section, track, &scope, articles);
        section.done();
        if let Some((deductible, segments)) = deductible.zip(segments) {
            tracks.push(TrackRules { track, deductible, segments, ceiling });
        } else {
            // The problems are told; what was read must not be asked for.
            visit_track.iter_mut().filter(|slot| **slot == Some(at)).for_each(|slot| *slot = None);
        }
    }
    (tracks, visit_track)
}

/// All editions of a city, by date.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Editions {
    sorted: Vec<Edition>,
}

impl Editions {
    /// Puts editions in order. Two from the same day are a problem.
    pub fn new(mut editions: Vec<Edition>) -> Result<Self, Problems> {
        editions.sort_by_key(|e| e.head.from);
        match editions.windows(2).find(|pair| pair[0].head.from == pair[1].head.from) {
            None => Ok(Self { sorted: editions }),
            Some(pair) => Err(Problems(vec![Problem {
                file: pair[1].head.order.clone(),
                line: 0,
                path: "edition.from".into(),
                found: format!("{}, the day of `{}` too", pair[1].head.from, pair[0].head.order),
                expected: "one edition a day".into(),
            }])),
        }
    }

    /// The edition in force on a day.
    pub fn on(&self, date: Date) -> Option<&Edition> {
        self.sorted.iter().rev().find(|e| e.head.from <= date)
    }

    /// The edition a settlement names.
    pub fn named(&self, key: &str) -> Option<&Edition> {
        self.sorted.iter().find(|e| e.key() == key)
    }

    /// All, by date.
    pub fn iter(&self) -> impl Iterator<Item = &Edition> {
        self.sorted.iter()
    }
}
