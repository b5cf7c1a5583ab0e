//! An edition: one city's rules from one date, compiled once.

use jiff::civil::Date;
use model::{Hardship, HospitalLevel, PersonStatus, Tracing, VisitKind};
use money::{Exact, Money};

use crate::Accumulators;

use crate::arrears::ArrearsRule;
use crate::constructs::Articles;
use crate::constructs::Scope;
use crate::constructs::account::Account;
use crate::constructs::bases::Bases;
use crate::constructs::causes::{Causes, Responsibility};
use crate::constructs::ceiling::{Ceiling, UsedBy};
use crate::constructs::deductible::Deductible;
use crate::constructs::entitlement::Entitlement;
use crate::constructs::fixed::FixedBenefits;
use crate::constructs::items::ItemRules;
use crate::constructs::joining::Joining;
use crate::constructs::layers::Layer;
use crate::constructs::limits::Limit;
use crate::constructs::off_site::OffSite;
use crate::constructs::outside_fund::OutsideFunds;
use crate::constructs::overall::Overall;
use crate::constructs::own_rate::OwnRate;
use crate::constructs::package::Packages;
use crate::constructs::premium::{Enrolled, Enrolling, MonthlyPremium, Premiums};
use crate::constructs::rounding::RoundingRule;
use crate::constructs::segments::Segments;
use crate::counters::Track;
use crate::document::{Problem, Problems, Section, Source};
use crate::groups::{Groups, Renumbering};
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
    /// What becomes of a drug charged without its trace code.
    pub traces: Tracing,
}

/// The rules of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrackRules {
    pub(crate) track: Track,
    pub(crate) deductible: Deductible,
    pub(crate) segments: Segments,
    pub(crate) limits: Vec<Limit>,
    pub(crate) ceiling: Option<Ceiling>,
}

/// One edition, ready to settle under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// What it says of itself.
    pub head: EditionHead,
    /// The days it is in force, the first included, the last not.
    days: (i32, i32),
    pub(crate) rounding: RoundingRule,
    unrated_as: HospitalLevel,
    statuses: Vec<PersonStatus>,
    articles: Articles,
    groups: Groups,
    pub(crate) causes: Causes,
    pub(crate) entitlement: Entitlement,
    pub(crate) items: ItemRules,
    pub(crate) packages: Packages,
    pub(crate) off_site: OffSite,
    pub(crate) outside_funds: OutsideFunds,
    pub(crate) fixed: FixedBenefits,
    tracks: Vec<TrackRules>,
    visit_track: VisitTracks,
    pub(crate) own_rates: Vec<OwnRate>,
    /// The lists of each class with a rate of its own, in the same order.
    pub(crate) own_rate_lists: Vec<u32>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) overall: Option<Overall>,
    pub(crate) account: Account,
    premiums: Premiums,
    /// Which care counts as one.
    pub joining: Joining,
}

/// A day as a number that rises by one a day.
pub fn day_number(date: Date) -> i32 {
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}

/// The day of a number.
pub(crate) fn date_of(number: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}

impl Edition {
    /// Reads an edition from TOML; `file` is named in problems.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = Source::parse(file, text)?;
        let made = Self::read(&source.root());
        source.finish(made)
    }

    pub(crate) fn read(root: &Section<'_>) -> Option<Self> {
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
        let groups = Groups::read(root);
        let scope = Scope {
            statuses: &statuses,
            levels: &levels,
            visits: VisitKind::ALL,
            groups: &groups,
            bases: &bases,
            whom: &[],
        };
        let causes = Causes::read(root, &scope, &mut articles);
        let entitlement = Entitlement::read(root, &scope, &mut articles);
        let outside_funds = OutsideFunds::read(root, &scope, &mut articles);
        // Item rules are for everybody somebody pays for.
        let outside = PersonStatus::ALL.iter().filter(|s| !statuses.contains(s) && outside_funds.allows(**s));
        let paid_for: Vec<PersonStatus> = statuses.iter().chain(outside).copied().collect();
        let items = ItemRules::read(root, &Scope { statuses: &paid_for, ..scope }, &mut articles);
        let packages = Packages::read(root, &scope, &mut articles);
        let off_site = OffSite::read(root, &scope, &mut articles);
        let fixed = FixedBenefits::read(root, &scope, &mut articles);
        let (tracks, visit_track) = read_tracks(root, &scope, &mut articles);
        let own_rates = OwnRate::read_all(root, &scope, &mut articles);
        let layers = Layer::read_all(root, &scope, &mut articles);
        let overall = Overall::read(root, &scope, &mut articles);
        let account = Account::read(root, &mut articles);
        let joining = Joining::read(root, &mut articles);
        let premiums = Premiums::read(root, &scope, &mut articles);
        root.done();
        Some(Self {
            days: (i32::MIN, i32::MAX),
            head: head?,
            rounding: rounding?,
            unrated_as: unrated_as?,
            statuses,
            articles,
            causes,
            entitlement: entitlement?,
            items: items?,
            packages,
            off_site: off_site?,
            outside_funds,
            fixed,
            tracks,
            visit_track,
            own_rate_lists: own_rates.iter().map(|own| own.lists).collect(),
            own_rates,
            layers,
            overall,
            account: account?,
            joining,
            premiums,
            groups,
        })
    }

    /// The rules for a kind of visit; none where the pool has no rule for it.
    pub(crate) fn track(&self, visit: VisitKind) -> Option<&TrackRules> {
        self.visit_rules(visit).flatten()
    }

    /// The same; some none where the pool pays nothing, but layers do.
    pub(crate) fn visit_rules(&self, visit: VisitKind) -> Option<Option<&TrackRules>> {
        match self.visit_track[visit as usize] {
            Rules::None => None,
            Rules::LayersOnly => Some(None),
            Rules::At(at) => Some(Some(&self.tracks[usize::from(at)])),
        }
    }

    /// The first track of which a year's counters show more than anybody's ceiling: its name, what was used, the
    /// ceiling.
    pub fn over_ceiling(&self, year: &Accumulators) -> Option<(&'static str, Exact, Exact)> {
        self.tracks.iter().find_map(|rules| {
            let ceiling = rules.ceiling.as_ref()?;
            let (used, largest) = (ceiling.used(year, 0), ceiling.largest()?);
            (used > largest).then_some((rules.track.key(), used, largest))
        })
    }

    /// Whether the pool has rules for persons of this status.
    pub(crate) fn covers(&self, status: PersonStatus) -> bool {
        self.statuses.contains(&status)
    }

    pub(crate) fn situation(&self, person: &crate::Person, visit: &crate::Visit) -> Situation {
        let level = if visit.level.get() == 0 { self.unrated_as } else { visit.level };
        Situation::new(person, visit, level)
    }

    /// The table of rules of this name.
    pub(crate) fn rules(&self, track: Track) -> Option<&TrackRules> {
        self.tracks.iter().find(|rules| rules.track == track)
    }

    /// A person's premium of one month, and what the account is credited with; `base` and `pension` are the person's of
    /// that month, in fen.
    pub fn monthly_premium(&self, person: &crate::Person, base: Money, pension: Money) -> MonthlyPremium {
        let mode = self.rounding.mode;
        self.premiums.of_month(&self.situation_of(person), base, pension, |exact| exact.round(mode))
    }

    /// A year's interest on what an account held through the year.
    pub fn interest(&self, balance: Money) -> Money {
        self.premiums.interest(balance, |exact| exact.round(self.rounding.mode))
    }

    /// What follows from an enrolment: waiting, and the months retirement still asks for.
    pub fn enrolled(&self, person: &Enrolling) -> Enrolled {
        let situation = self.situation_of(&crate::Person::new(person.status, 40));
        self.premiums.enrolled(&situation, person)
    }

    /// Whether relatives' accounts may pay.
    pub fn relatives_pay(&self) -> bool {
        self.account.relatives_pay()
    }

    /// When unpaid premiums stop the pool, and when a late payment restores it; none: they do not.
    pub fn arrears_rule(&self) -> Option<ArrearsRule> {
        self.premiums.arrears
    }

    /// A person outside any visit.
    fn situation_of(&self, person: &crate::Person) -> Situation {
        let day = self.head.from;
        self.situation(person, &crate::Visit::new(VisitKind::Outpatient, self.unrated_as, day))
    }

    /// The deductible of a visit, whatever of it was paid; none where the pool has no rules for it.
    pub fn deductible_line(&self, person: &crate::Person, visit: &crate::Visit) -> Option<Money> {
        let rules = self.track(visit.kind)?;
        let line = rules.deductible.line(&self.situation(person, visit), person, visit);
        Some(line.round(self.rounding.mode))
    }

    /// Whether a stay that follows another as a referral goes on with it, by the deductible's rules: it is the same admission.
    pub fn goes_on(&self, kind: VisitKind, referral: model::Referral) -> bool {
        self.track(kind).is_some_and(|rules| rules.deductible.goes_on(referral))
    }

    /// What becomes of a bill by its cause; none: it is the insurance's.
    pub fn responsibility(&self, person: &crate::Person, visit: &crate::Visit) -> Option<Responsibility> {
        self.causes.find(&self.situation(person, visit))
    }

    /// The group of a disease by its national code; 0 none.
    pub fn disease(&self, code: &str) -> u8 {
        self.groups.disease(code)
    }

    /// The group of an employer by its name; 0 none.
    pub fn unit(&self, employer: &str) -> u8 {
        self.groups.unit(employer)
    }

    /// The hardship a national kind of identity is.
    pub fn hardship(&self, kind: &str) -> Hardship {
        self.groups.hardship(kind)
    }

    /// The lists an item is on, one bit each.
    pub fn lists(&self, item: &str) -> u32 {
        self.groups.lists(item)
    }

    /// Names of groups and lists that both editions have, with other members: bills that were settled under one carry its
    /// members, not codes.
    pub fn regrouped(&self, other: &Self) -> Vec<String> {
        self.groups.regrouped(&other.groups)
    }

    /// How another edition numbers the groups and lists of this one.
    pub fn renumbering(&self, to: &Self) -> Renumbering {
        Renumbering::new(&self.groups, &to.groups)
    }

    /// The group of diseases and of employers by name, and the bit of a list: for cases.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Whether the pool does not pay while the premium stands so.
    pub fn pool_stopped(&self, premium: model::Premium) -> bool {
        self.entitlement.pool_stopped(premium).is_some()
    }

    /// The name of an article a step refers to.
    pub fn law(&self, law: u16) -> Option<&str> {
        self.articles.name(law)
    }

    /// Whether item rules of a day's services are this edition's.
    pub(crate) fn holds_on(&self, day: i32) -> bool {
        self.days.0 <= day && day < self.days.1
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
    let traces = section
        .choice("traces", &[("off", Tracing::Off), ("warn", Tracing::Warn), ("required", Tracing::Required)]);
    Some(EditionHead {
        traces: traces.unwrap_or(Tracing::Off),
        city: city?,
        from: from?,
        order: order?,
        items_by: items_by?,
        benefits_by: benefits_by?,
    })
}

/// What pays for a kind of visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    None,
    /// Not the pool, but layers.
    LayersOnly,
    /// The pool, by the table at this place.
    At(u8),
}

type VisitTracks = [Rules; VisitKind::ALL.len()];

fn read_tracks(
    root: &Section<'_>,
    scope: &Scope<'_>,
    articles: &mut Articles,
) -> (Vec<TrackRules>, VisitTracks) {
    let mut tracks = Vec::new();
    let mut visit_track = [Rules::None; VisitKind::ALL.len()];
    for track in Track::ALL {
        let Some(section) = root.section(track.key()) else { continue };
        let visits: Vec<VisitKind> =
            section.need("visits").map(|p| p.words("a kind of visit")).unwrap_or_default();
        let scope = Scope { visits: &visits, ..*scope };
        let rules = if section.choice("pool", &[("pays", false), ("pays nothing", true)]) == Some(true) {
            Rules::LayersOnly
        } else {
            match read_track(root, &section, track, &scope, articles) {
                Some(rules) => {
                    tracks.push(rules);
                    Rules::At(u8::try_from(tracks.len() - 1).expect("few tracks"))
                }
                None => Rules::None,
            }
        };
        section.done();
        for visit in &visits {
            if std::mem::replace(&mut visit_track[*visit as usize], rules) != Rules::None {
                section
                    .report(&format!("the visit `{visit}` a second time"), "each kind of visit in one table");
            }
        }
    }
    (tracks, visit_track)
}

/// Reads one table; what it does not have itself is as in the table it says it is `like`.
fn read_track(
    root: &Section<'_>,
    section: &Section<'_>,
    track: Track,
    scope: &Scope<'_>,
    articles: &mut Articles,
) -> Option<TrackRules> {
    let like = section.get("like").and_then(|place| {
        let other = Track::read_all(&place).into_iter().next()?;
        let found = root.section(other.key());
        if found.is_none() {
            place.report(&place.shown(), "a table of this edition");
        }
        found
    });
    let of = |key: &str| like.as_ref().filter(|_| !section.has(key)).unwrap_or(section);
    let deductible = Deductible::read(of("deductible"), track, scope, articles);
    let segments = Segments::read(of("segments"), scope, articles);
    let limits = Limit::read_all(section, scope, articles);
    let ceiling = Ceiling::read(of("ceiling"), UsedBy::Tables(vec![track]), scope, articles);
    Some(TrackRules { track, deductible: deductible?, segments: segments?, limits, ceiling })
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
        let starts: Vec<i32> = editions.iter().map(|e| day_number(e.head.from)).collect();
        for (at, edition) in editions.iter_mut().enumerate() {
            edition.days = (starts[at], starts.get(at + 1).copied().unwrap_or(i32::MAX));
        }
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

    /// Which edition's item rules hold from which day until which, the last not included. What was served before the
    /// first edition goes by the first.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = (i32, i32, &Edition)> {
        self.sorted
            .iter()
            .enumerate()
            .map(|(at, edition)| (if at == 0 { i32::MIN } else { edition.days.0 }, edition.days.1, edition))
    }

    /// The edition whose item rules a service of a bill goes by.
    pub fn for_items<'e>(&'e self, bill: &'e Edition, served: Date) -> &'e Edition {
        self.for_items_of_day(bill, day_number(served))
    }

    /// The same for a day by its number.
    pub fn for_items_of_day<'e>(&'e self, bill: &'e Edition, day: i32) -> &'e Edition {
        let by_service = bill.head.items_by == DateRule::Service;
        let found =
            self.in_force().filter(|_| by_service).find(|(from, until, _)| (*from..*until).contains(&day));
        found.map_or(bill, |(.., edition)| edition)
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
