//! A centre of the sample city.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use centre::{
    AuditCase, AuditDesk, Centre, City, ClearingDesk, Effects, Fund, MappedItem, MappingDesk, Options, Peer,
    PeopleDesk, Plan, Report, Upload, UploadRow,
};
use counter::{CounterRoad, Holder, Pump};
use jiff::civil::{Date, DateTime, datetime};
use model::{Clock, HospitalId, Institution, Item, ItemClass};
use policy::{AuditRules, ClearingEditions, ClearingRules, Edition, Editions};
use road::Road;
use sample::SampleCity;
use store::{CentreStore, ClearingRow, Counter, HospitalRow, Keys, Reader, Sealer, Writer};
use store_postgres::PostgresCounter;
use wire::{Dialect, Dialects};

use crate::books::file_read_only;
use crate::{Books, FakeClock, Poison, PoisonStore, Program, Way};

/// A centre of the sample city, on books of its own that go when it goes.
pub struct TestCentre {
    /// The city's people, hospitals, catalogue.
    pub sample: SampleCity,
    /// The clock everything reads; 2026-11-23 08:00 at first.
    pub clock: Arc<FakeClock>,
    /// The running centre.
    pub centre: Arc<Centre>,
    over_counter: bool,
    /// Takes what is put on the counter, where programs work over the database.
    pump: Option<Pump>,
    sealer: Arc<Sealer>,
    books: Books,
    town: Town,
    /// The way here from another city's centre.
    way: Arc<Way>,
}

/// Whose centre it is.
enum Town {
    /// The sample city's.
    Home,
    /// Its neighbour's, and the way from there to the sample city's.
    Neighbour(Arc<Way>),
}

/// First digits of the neighbour city's divisions.
const NEIGHBOUR: &str = "9902";

/// What the neighbour city's catalogue does not pay for; the sample city's does.
const UNPAID_THERE: &str = "血常规(五分类)";

/// With `counter`, programs work over the database their centre's books are in, each with its hospital's login.
const ROAD: &str = "TONGQU_TEST_ROAD";

fn over_the_counter() -> bool {
    std::env::var(ROAD).is_ok()
}

impl TestCentre {
    /// A centre with so many people.
    pub fn start(persons: usize) -> Self {
        Self::start_on(Books::new(), persons)
    }

    /// The same on these books.
    pub fn start_on(books: Books, persons: usize) -> Self {
        Self::begin(books, persons, over_the_counter())
    }

    /// The same, with programs that work over the database, whatever this run does.
    pub fn start_over_counter(books: Books, persons: usize) -> Self {
        Self::begin(books, persons, true)
    }

    /// The centre of the neighbour city, which has one hospital and sends what is about the people of `home` on to it. Some
    /// items are listed otherwise there.
    pub fn neighbour_of(home: &Self) -> Self {
        Self::neighbour_on(Books::new(), home)
    }

    /// The same on these books.
    pub fn neighbour_on(books: Books, home: &Self) -> Self {
        let mut sample = home.sample.clone();
        sample.hospitals.retain(|hospital| hospital.division.starts_with(NEIGHBOUR));
        sample.hospitals.iter_mut().for_each(|hospital| "traces=warn".clone_into(&mut hospital.profile));
        sample.persons.clear();
        let of_class_c = |item: &&Item| item.name == UNPAID_THERE;
        let mut unpaid: Vec<Item> = sample.catalogue.items().iter().filter(of_class_c).cloned().collect();
        unpaid.iter_mut().for_each(|item| item.class = ItemClass::C);
        sample.catalogue = sample.catalogue.clone().with("there", unpaid);
        let town = Town::Neighbour(home.way.clone());
        let over_counter = matches!(books, Books::Database(..)) && over_the_counter();
        Self::set_up(books, sample, home.clock.clone(), town, over_counter)
    }

    /// The way here from another city's centre, on which messages can be lost.
    pub fn way(&self) -> &Arc<Way> {
        &self.way
    }

    /// What seals its rows.
    pub fn sealer(&self) -> &Arc<Sealer> {
        &self.sealer
    }

    /// The papers of desks, beside the books.
    pub fn desk_store(&self) -> Box<dyn store::DeskStore> {
        self.books.desk(&self.sealer)
    }

    /// The papers of one hospital, with its own login.
    pub fn desk_store_of(&self, code: &str) -> Box<dyn store::DeskStore> {
        let papers = store_postgres::PostgresDesk::join(&self.login(code), self.sealer.clone());
        Box::new(papers.expect("the hospital's papers"))
    }

    fn begin(books: Books, persons: usize, over_counter: bool) -> Self {
        Self::begin_at(books, persons, datetime(2026, 11, 23, 8, 0, 0, 0), over_counter)
    }

    /// The same at this time.
    pub fn start_today(books: Books, persons: usize, now: DateTime) -> Self {
        Self::begin_at(books, persons, now, false)
    }

    fn begin_at(books: Books, persons: usize, now: DateTime, over_counter: bool) -> Self {
        let sample = SampleCity::new(1, persons, now.date());
        Self::set_up(books, sample, Arc::new(FakeClock::at(now)), Town::Home, over_counter)
    }

    fn set_up(
        books: Books,
        sample: SampleCity,
        clock: Arc<FakeClock>,
        town: Town,
        over_counter: bool,
    ) -> Self {
        let sealer = Arc::new(Sealer::new(&Keys::generate(), wire::TEXTS));
        let store = books.open(&sealer, &clock);
        put_city(store.as_ref(), &sample, &sealer, &*clock);
        drop(store);
        let store = PoisonStore::new(books.open(&sealer, &clock), Poison::None);
        let centre = run(&store, &sample, &sealer, &clock, &town);
        let way = Arc::new(Way::default());
        let mut new = Self { sample, clock, centre, over_counter, pump: None, sealer, books, town, way };
        new.run_beside(&store);
        new
    }

    /// What runs beside a centre that was started.
    fn run_beside(&mut self, store: &dyn CentreStore) {
        self.pump = self.start_pump(store);
        self.way.lead_to(Some(&self.centre));
    }

    fn start_pump(&self, store: &dyn CentreStore) -> Option<Pump> {
        if !self.over_counter {
            return None;
        }
        let slots = store.slots().expect("the counter")?;
        let centre = self.centre.clone();
        let find = move |id| {
            let hospital = centre.directory().by_id(id)?;
            Some(Holder { code: hospital.row.code.clone(), profile: hospital.profile.clone() })
        };
        Some(Pump::start(slots, self.centre.clone(), find, self.clock.clone(), self.town.division()))
    }

    fn stop(&mut self) {
        self.pump = None;
        self.way.lead_to(None);
        self.centre.stop();
    }

    /// Stops the centre and starts another on the same books, in whose store this goes wrong.
    pub fn restart_poisoned(&mut self, poison: Poison) {
        self.stop();
        let store = PoisonStore::new(self.books.open(&self.sealer, &self.clock), poison);
        self.centre = run(&store, &self.sample, &self.sealer, &self.clock, &self.town);
        self.run_beside(&store);
    }

    /// Stops the centre and starts another on the same books.
    pub fn restart(&mut self) {
        self.restart_poisoned(Poison::None);
    }

    /// Stops the centre, does something on a writer of the books, and starts the centre again.
    fn on_a_writer<T>(&mut self, work: impl FnOnce(&mut dyn Writer, &Sealer, &dyn Clock) -> T) -> T {
        self.stop();
        let store = self.books.open(&self.sealer, &self.clock);
        let mut writer = store.writer().expect("the centre has let go of the books");
        let done = work(writer.as_mut(), &self.sealer, &*self.clock);
        writer.close().expect("a closed stream");
        drop((writer, store));
        self.restart();
        done
    }

    /// Does something for the fund while the centre is stopped.
    pub fn fund<T>(&mut self, work: impl FnOnce(&mut Fund<'_>) -> T) -> T {
        let editions = self.town.editions();
        self.on_a_writer(|writer, sealer, clock| work(&mut Fund::new(writer, &editions, sealer, clock)))
    }

    /// Does something at the desk of enrolment while the centre is stopped.
    pub fn people<T>(&mut self, work: impl FnOnce(&mut PeopleDesk<'_>) -> T) -> T {
        let editions = self.town.editions();
        self.on_a_writer(|writer, sealer, clock| work(&mut PeopleDesk::new(writer, &editions, sealer, clock)))
    }

    /// Does something at the officers' desk of audit while the centre is stopped.
    pub fn audit_desk<T>(&mut self, work: impl FnOnce(&mut AuditDesk<'_>) -> T) -> T {
        self.on_a_writer(|writer, sealer, clock| work(&mut AuditDesk::new(writer, sealer, clock)))
    }

    /// Looks at mappings while the centre is stopped.
    pub fn mapping_desk<T>(&mut self, work: impl FnOnce(&mut MappingDesk<'_>) -> T) -> T {
        self.on_a_writer(|writer, sealer, clock| work(&mut MappingDesk::new(writer, sealer, clock)))
    }

    /// What an institution says its items are.
    pub fn mapped_items(&self, hospital: &str) -> Vec<MappedItem> {
        let id = self.hospital_id(hospital);
        centre::mapped_items(self.reader().as_mut(), &[id], &self.sealer).expect("mappings")
    }

    /// Clears with an institution while the centre is stopped.
    pub fn clearing_desk<T>(
        &mut self,
        hospital: &str,
        work: impl FnOnce(&mut ClearingDesk<'_>, &HospitalRow, &ClearingEditions) -> T,
    ) -> T {
        let code = &self.sample.hospital(hospital).code;
        let row = self.centre.directory().find(code).expect("a hospital").row.clone();
        let rules = clearing_rules();
        self.on_a_writer(|writer, sealer, clock| {
            work(&mut ClearingDesk::new(writer, sealer, clock), &row, &rules)
        })
    }

    /// All entries of an institution's clearings.
    pub fn clearings(&self, hospital: &str) -> Vec<ClearingRow> {
        centre::entries_of(self.reader().as_mut(), self.hospital_id(hospital)).expect("entries")
    }

    /// All cases of audit at an institution.
    pub fn audit_cases(&self, hospital: &str) -> Vec<AuditCase> {
        let id = self.hospital_id(hospital);
        centre::cases(self.reader().as_mut(), &[id], &self.sealer).expect("cases")
    }

    /// The rows of an upload that is only kept.
    pub fn upload_rows(&self, upload: &Upload) -> Vec<UploadRow> {
        let (mut reader, profile) = (self.reader(), wire::Profile::default());
        let rows = centre::upload_rows(reader.as_mut(), upload, &profile, &self.sealer).expect("its message");
        rows.expect("an upload that is there")
    }

    /// Our id of an institution.
    pub fn hospital_id(&self, hospital: &str) -> HospitalId {
        let code = &self.sample.hospital(hospital).code;
        self.centre.directory().find(code).expect("a hospital").id()
    }

    /// Gives an institution a profile, and starts the centre again.
    pub fn set_profile(&mut self, hospital: &str, profile: &str) {
        self.stop();
        let found = self.sample.hospitals.iter_mut().find(|h| h.name == hospital).expect("a hospital");
        profile.clone_into(&mut found.profile);
        let store = self.books.open(&self.sealer, &self.clock);
        centre::designate(store.as_ref(), &self.sample.hospitals).expect("hospitals");
        drop(store);
        self.restart();
    }

    /// The books.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Goes on with other books, which hold what these held; answers those it leaves.
    pub fn go_on_with(&mut self, books: Books) -> Books {
        self.stop();
        let left = std::mem::replace(&mut self.books, books);
        self.restart();
        left
    }

    /// A reader of the books.
    pub fn reader(&self) -> Box<dyn Reader> {
        self.reader_of(&self.books)
    }

    /// A reader of other books of this centre's keys.
    pub fn reader_of(&self, books: &Books) -> Box<dyn Reader> {
        books.open_read_only(&self.sealer, &self.clock).reader().expect("a reader")
    }

    /// Makes empty books with this centre's keys, as `init` does.
    pub fn make_empty(&self, books: &Books) {
        drop(books.open(&self.sealer, &self.clock));
    }

    /// What a centre is told that tries to run on books of this centre's keys.
    pub fn refusal(&self, books: &Books) -> String {
        books.refusal(&self.sealer, &self.clock)
    }

    /// The code of an item of the catalogue by its name.
    pub fn item(&self, name: &str) -> &str {
        let found = self.sample.catalogue.items().iter().find(|item| item.name == name);
        &found.unwrap_or_else(|| panic!("the catalogue has no {name}")).code
    }

    /// A hospital program of a hospital by its name.
    pub fn program(&self, hospital: &str) -> Program {
        let hospital = self.sample.hospital(hospital);
        let road: Arc<dyn Road> = match self.pump {
            None => self.centre.clone(),
            Some(_) => Arc::new(self.counter(&hospital.code)),
        };
        Program::new(hospital, road, self.clock.clone())
    }

    /// The same beside the centre, in its process, whatever road this run takes.
    pub fn program_beside(&self, hospital: &str) -> Program {
        Program::new(self.sample.hospital(hospital), self.centre.clone(), self.clock.clone())
    }

    /// A road over the database, with the login of a hospital.
    pub fn counter(&self, code: &str) -> CounterRoad {
        let url = self.login(code);
        let wake = counter::wake();
        let open = move || Ok(Box::new(PostgresCounter::new(&url, wake)?) as Box<dyn Counter>);
        CounterRoad::new(open, Duration::from_secs(30))
    }

    /// The address of the database for the login of a hospital, which is made.
    pub fn login(&self, code: &str) -> String {
        let url = self.books.url();
        let (_, place) = url.split_once('@').expect("an address of a database");
        let made = store_postgres::admit(&format!("postgres://tongqu@{place}"), code).expect("a login");
        format!("postgres://{}@{place}", made.role)
    }

    /// All invariants, on the live books.
    pub fn verify(&self) -> Report {
        self.verify_store(self.books.open_read_only(&self.sealer, &self.clock).as_ref())
    }

    /// All invariants, on another file of this centre's keys.
    pub fn verify_file(&self, path: &Path) -> Report {
        self.verify_store(file_read_only(path, &self.sealer, &self.clock).as_ref())
    }

    fn verify_store(&self, store: &dyn CentreStore) -> Report {
        self.verify_by(store.reader().expect("a reader").as_mut())
    }

    /// All invariants, as a reader of books of this centre sees them.
    pub fn verify_by(&self, reader: &mut dyn Reader) -> Report {
        centre::verify(reader, &self.town.editions(), self.sealer.day_keys(), &mut |_| {})
            .expect("a walk through the books")
    }

    /// What another edition would have come to.
    pub fn rehearse(&self, edition: &Edition, from: Date, to: Date) -> Effects {
        let store = self.books.open_read_only(&self.sealer, &self.clock);
        let mut reader = store.reader().expect("a reader");
        let editions = self.town.editions();
        let plan = Plan { edition, editions: &editions, from, to };
        centre::rehearse(reader.as_mut(), plan, 2, &mut |_| {}).expect("a walk through the books")
    }

    /// Fails with the report unless all invariants hold.
    pub fn assert_clean(&self) -> Report {
        assert_sound(self.verify())
    }

    /// The same of books as a reader of them sees them.
    pub fn assert_sound_by(&self, reader: &mut dyn Reader) -> Report {
        assert_sound(self.verify_by(reader))
    }
}

fn assert_sound(report: Report) -> Report {
    let broken: Vec<String> =
        report.findings.iter().filter(|f| f.violations > 0).map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    report
}

fn run(
    store: &dyn CentreStore,
    sample: &SampleCity,
    sealer: &Arc<Sealer>,
    clock: &Arc<FakeClock>,
    town: &Town,
) -> Arc<Centre> {
    let city = City {
        editions: town.editions(),
        catalogue: sample.catalogue.clone(),
        lists: sample.lists.clone(),
        audit: audit_rules(),
        dialects: dialects(),
        peers: town.peers(sample),
        sealer: sealer.clone(),
        divisions: vec![town.home().into()],
    };
    Arc::new(Centre::start(store, city, clock.clone(), Options::default()).expect("a centre"))
}

fn dialects() -> Dialects {
    let (name, text) = sample::DIALECT;
    let dialect = Dialect::parse(text).expect("the sample city's dialect is well formed");
    [(name.trim_end_matches(".csv").to_owned(), Arc::new(dialect))].into()
}

fn clearing_rules() -> ClearingEditions {
    let (name, text, groups) = sample::CLEARING;
    let rules = ClearingRules::parse(name, text).expect("the sample city's rules are well formed");
    let groups = sample::read_groups(groups).expect("the sample city's groups");
    ClearingEditions::new(vec![rules.with_groups(groups)])
}

fn audit_rules() -> AuditRules {
    let (name, text) = sample::AUDIT_RULES;
    AuditRules::parse(&[(name.into(), text.into())]).expect("the sample city's rules are well formed")
}

impl Town {
    /// First digits of its people's divisions.
    fn home(&self) -> &'static str {
        match self {
            Self::Home => &sample::CITY_DIVISION[..4],
            Self::Neighbour(_) => NEIGHBOUR,
        }
    }

    fn division(&self) -> u32 {
        format!("{}00", self.home()).parse().expect("six digits")
    }

    fn editions(&self) -> Editions {
        let texts = match self {
            Self::Home => sample::EDITIONS.to_vec(),
            Self::Neighbour(_) => vec![sample::NEIGHBOUR_EDITION],
        };
        let parse = |(name, text)| Edition::parse(name, text).expect("the editions are well formed");
        Editions::new(texts.into_iter().map(parse).collect()).expect("one edition a day")
    }

    fn peers(&self, sample: &SampleCity) -> Vec<Peer> {
        let Self::Neighbour(way) = self else { return Vec::new() };
        let road = |hospital: &Institution| (hospital.code.clone(), way.clone() as Arc<dyn Road>);
        vec![Peer {
            divisions: vec![sample::CITY_DIVISION[..4].into()],
            roads: sample.hospitals.iter().map(road).collect(),
        }]
    }
}

fn put_city(store: &dyn CentreStore, sample: &SampleCity, sealer: &Sealer, clock: &dyn Clock) {
    centre::designate(store, &sample.hospitals).expect("hospitals");
    let people: Vec<_> = sample.persons.iter().map(|p| p.enrolment.clone()).collect();
    let mut writer = store.writer().expect("a writer");
    centre::enrol(writer.as_mut(), sealer, clock, &people, &mut |_| {}).expect("people");
    writer.close().expect("a closed stream");
}
