//! The sample city for this run: people of every status with changes in their covers, a clock that is set, and a centre
//! on a file of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use centre::{Centre, City, Options};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};
use model::{Clock, Cover, Enrolment, Identity, InsuranceKind, PersonStatus, Premium};
use money::Money;
use sample::SampleCity;
use store::{CentreStore, DayKeys, Keys, Sealer};
use store_sqlite::SqliteStore;

use crate::site;

/// The first day; the edition of 2001 holds until the end of the year.
pub const FIRST: Date = date(2025, 3, 1);
/// The day people are as old as the sample city makes them.
const TODAY: Date = date(2026, 11, 23);
/// Since when everybody who was of age then is insured: paper bills go back so far.
const SINCE: Date = date(2000, 1, 1);

/// Says what it was set to; each look moves it by a millisecond, as a real one would.
pub struct SetClock(Mutex<DateTime>);

impl SetClock {
    /// Sets it.
    pub fn set(&self, now: DateTime) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.saturating_add(jiff::SignedDuration::from_millis(1));
        *now
    }
}

/// The city and its centre.
pub struct Town {
    /// People, hospitals, catalogue.
    pub city: SampleCity,
    /// The running centre.
    pub centre: Centre,
    /// What everybody's time is.
    pub clock: Arc<SetClock>,
    /// The keys of the books.
    pub sealer: Arc<Sealer>,
    folder: PathBuf,
    messages: AtomicU64,
}

impl Town {
    /// Builds it in an empty folder.
    pub fn build(folder: &Path, persons: usize) -> anyhow::Result<Self> {
        let clock = Arc::new(SetClock(Mutex::new(FIRST.at(0, 5, 0, 0))));
        let city = people(SampleCity::new(1, persons.max(SampleCity::PERSONS_MIN), TODAY));
        Keys::generate().write(&folder.join("centre.keys"))?;
        DayKeys::create(&folder.join("centre.audit"), &folder.join("auditor.key"), FIRST)?;
        let sealer = site::sealer(folder)?;
        let open = || SqliteStore::open(&folder.join("centre.db"), sealer.clone(), clock.clone());
        put(&open()?, &city, &sealer, clock.as_ref())?;
        let with = City {
            editions: site::editions()?,
            catalogue: city.catalogue.clone(),
            lists: city.lists.clone(),
            audit: policy::AuditRules::default(),
            dialects: wire::Dialects::new(),
            peers: Vec::new(),
            sealer: sealer.clone(),
            divisions: vec!["9901".into()],
        };
        let centre =
            Centre::start(&open()?, with, clock.clone(), Options { bounded: false, ..Options::default() })?;
        Ok(Self { city, centre, clock, sealer, folder: folder.into(), messages: AtomicU64::new(0) })
    }

    /// A store that only reads the books.
    pub fn read(&self) -> anyhow::Result<SqliteStore> {
        let file = self.folder.join("centre.db");
        Ok(SqliteStore::open_read_only(&file, self.sealer.clone(), self.clock.clone())?)
    }

    /// How full the writer's batches were.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people to read")]
    pub fn messages_a_commit(&self) -> f64 {
        let counts = self.centre.counts();
        let (messages, commits) =
            (counts.messages.load(Ordering::Relaxed), counts.commits.load(Ordering::Relaxed));
        messages as f64 / commits.max(1) as f64
    }

    /// A number that no other message has.
    pub fn number(&self) -> u64 {
        self.messages.fetch_add(1, Ordering::Relaxed)
    }
}

fn put(store: &SqliteStore, city: &SampleCity, sealer: &Sealer, clock: &dyn Clock) -> anyhow::Result<()> {
    centre::designate(store, &city.hospitals)?;
    let people: Vec<_> = city.persons.iter().map(|p| p.enrolment.clone()).collect();
    let mut writer = store.writer()?;
    centre::enrol(writer.as_mut(), sealer, clock, &people, &mut |_| {})?;
    Ok(writer.close()?)
}

/// Every status, identity and state of the premium, by the place among forty: also a small city has them all.
fn people(mut city: SampleCity) -> SampleCity {
    for (n, person) in city.persons.iter_mut().enumerate() {
        let enrolment = &mut person.enrolment;
        begin_early(enrolment);
        work_until_retired(enrolment);
        if n >= SampleCity::PERSONS_MIN {
            change(n % 40, enrolment);
        }
    }
    let place = |name: &str| city.hospitals.iter().position(|h| h.name == name);
    if let Some(at) = place("澜州市第一医院") {
        "backdate_days=10000".clone_into(&mut city.hospitals[at].profile);
    }
    city
}

fn begin_early(enrolment: &mut Enrolment) {
    let of_age = enrolment.born.saturating_add(19.years());
    if let Some(first) = enrolment.covers.first_mut() {
        first.from = first.from.min(SINCE.max(of_age));
    }
}

/// Who retires within the run was in work before.
fn work_until_retired(enrolment: &mut Enrolment) {
    let years = if enrolment.gender == "1" { 60 } else { 55 };
    let retires = enrolment.born.saturating_add(i64::from(years).years());
    let [cover] = enrolment.covers.as_slice() else { return };
    if cover.status != PersonStatus::Retired || retires <= FIRST {
        return;
    }
    let before = Cover {
        to: retires.yesterday().ok(),
        status: PersonStatus::Employed,
        person_type: "11".into(),
        ..cover.clone()
    };
    let after = Cover { from: retires, ..cover.clone() };
    enrolment.covers = vec![before, after];
}

fn change(place: usize, enrolment: &mut Enrolment) {
    let all = |enrolment: &mut Enrolment, change: &dyn Fn(&mut Cover)| {
        enrolment.covers.iter_mut().for_each(change);
    };
    let status = |status: PersonStatus| move |cover: &mut Cover| cover.status = status;
    match place {
        0 => all(enrolment, &|cover| {
            cover.status = PersonStatus::Cadre;
            cover.kind = InsuranceKind(340);
            cover.person_type = "13".into();
        }),
        1 => all(enrolment, &status(PersonStatus::Spouse)),
        2 => all(enrolment, &status(PersonStatus::Soldier)),
        3 => all(enrolment, &status(PersonStatus::Family)),
        4 => all(enrolment, &status(PersonStatus::Other)),
        5 | 6 => all(enrolment, &status(PersonStatus::Freelance)),
        7 | 8 => enrolment.identities = vec![identity("02", date(2025, 1, 1), None)],
        9 => enrolment.identities = vec![identity("23", date(2026, 5, 1), None)],
        10 => enrolment.identities = vec![identity("99", date(2025, 1, 1), Some(date(2026, 6, 30)))],
        11 | 12 => stop(enrolment, Premium::Arrears, date(2025, 9, 1), date(2026, 2, 28)),
        13 | 14 => stop(enrolment, Premium::Waiting, date(2026, 4, 1), date(2026, 9, 30)),
        15 | 16 => all(enrolment, &|cover| cover.employer = "澜港集团".into()),
        17..=20 => all(enrolment, &|cover| cover.civil_servant = true),
        21 => enrolment.opening = (Money::ZERO, Money::ZERO),
        22 => enrolment.opening = (Money::from_yuan(30_000), Money::from_yuan(12_345)),
        _ => {}
    }
}

fn identity(kind: &str, from: Date, to: Option<Date>) -> Identity {
    Identity { kind: kind.into(), from, to }
}

/// The premium of the last cover is in this state from a day to a day.
fn stop(enrolment: &mut Enrolment, premium: Premium, from: Date, to: Date) {
    let Some(last) = enrolment.covers.pop() else { return };
    if last.from >= from {
        return enrolment.covers.push(last);
    }
    let day_after = to.tomorrow().unwrap_or(to);
    enrolment.covers.extend([
        Cover { to: from.yesterday().ok(), ..last.clone() },
        Cover { from, to: Some(to), premium, ..last.clone() },
        Cover { from: day_after, ..last },
    ]);
}
