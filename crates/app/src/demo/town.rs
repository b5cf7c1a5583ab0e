//! A city's books in a folder, and the centre that runs on them while no officer works on them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use centre::{Centre, City, Options, Peer};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use model::{Clock, SystemClock};
use policy::Editions;
use road::{Capabilities, Family, HttpRoad, HttpSettings, Road};
use sample::SampleCity;
use serve::{Limits, Service, Settings};
use store::{CentreStore, DayKeys, HospitalRow, Keys, Reader, Sealer, Writer};
use store_sqlite::{SqliteDesk, SqliteStore};

use crate::clock::DemoClock;
use crate::run::{Running, keyring};

/// A city: its books, and its centre.
pub(crate) struct Town {
    file: PathBuf,
    pub(crate) sealer: Arc<Sealer>,
    clock: Arc<DemoClock>,
    city: SampleCity,
    pub(crate) editions: Editions,
    division: u32,
    /// The home city's address and the key it gave to an institution here, where this is a neighbour.
    home: Option<HttpSettings>,
    port: u16,
    /// Its centre serves hospitals' desks, too.
    desks: bool,
    running: Option<At>,
}

/// A centre at work.
struct At {
    store: SqliteStore,
    centre: Arc<Centre>,
    server: Running,
    desk: Option<crate::desks::Running>,
}

impl Town {
    /// The city of the demo.
    pub(crate) fn home(
        folder: &Path,
        city: &SampleCity,
        clock: &Arc<DemoClock>,
        port: u16,
    ) -> anyhow::Result<Self> {
        let mut town = Self::install(folder, city.clone(), clock, crate::city::editions(None)?, 990_100)?;
        town.port = port;
        town.start()?;
        Ok(town)
    }

    /// Its neighbour, with one hospital, which sends what is about people of the home city on to its centre.
    pub(crate) fn neighbour(folder: &Path, home: &Self) -> anyhow::Result<Self> {
        let mut city = home.city.clone();
        city.persons.clear();
        city.hospitals.retain(|hospital| hospital.division.starts_with(NEIGHBOUR));
        let way = city.hospitals.first().context("the sample city has a neighbour")?;
        let way = HttpSettings {
            address: home.address()?,
            key: way.key.clone(),
            secret: way.secret.clone(),
            family: Family::Tif,
            timeout: std::time::Duration::from_mins(1),
            capabilities: Capabilities { outcome: true, ..Capabilities::default() },
        };
        let language = if home.speaks_english() { "language=en " } else { "" };
        city.hospitals.iter_mut().for_each(|hospital| hospital.profile = format!("{language}traces=warn"));
        let (name, text) = sample::NEIGHBOUR_EDITION;
        let editions = Editions::new(vec![policy::Edition::parse(name, text)?])?;
        std::fs::create_dir_all(folder)?;
        let mut town = Self::install(folder, city, &home.clock, editions, 990_200)?;
        town.home = Some(way);
        town.start()?;
        Ok(town)
    }

    fn install(
        folder: &Path,
        city: SampleCity,
        clock: &Arc<DemoClock>,
        editions: Editions,
        division: u32,
    ) -> anyhow::Result<Self> {
        let sealer = keys(folder, clock.now().date())?;
        let file = folder.join("centre.db");
        anyhow::ensure!(
            !file.exists(),
            "{} is there already; the demo begins with an empty city",
            file.display()
        );
        fill(&file, &city, &sealer, clock)?;
        Ok(Self {
            file,
            sealer,
            clock: clock.clone(),
            city,
            editions,
            division,
            home: None,
            port: 0,
            desks: false,
            running: None,
        })
    }

    fn speaks_english(&self) -> bool {
        self.city.hospitals.iter().all(|hospital| hospital.profile.contains("language="))
    }

    /// Its centre begins to work, where it did before.
    fn start(&mut self) -> anyhow::Result<()> {
        let store = SqliteStore::open(&self.file, self.sealer.clone(), self.clock.clone())?;
        let with = City {
            editions: self.editions.clone(),
            catalogue: self.city.catalogue.clone(),
            lists: self.city.lists.clone(),
            audit: crate::city::audit_rules(None)?,
            dialects: crate::city::dialects(None)?,
            peers: self.peers(),
            sealer: self.sealer.clone(),
            divisions: vec![(self.division / 100).to_string()],
        };
        let centre = Arc::new(Centre::start(&store, with, self.clock.clone(), Options::default())?);
        let keys = Arc::new(keyring(&store, centre.directory())?);
        // Signatures carry the real time: a vendor's program knows no other.
        let desk = self.desk(&centre)?;
        let service = Service {
            road: centre.clone(),
            keys,
            clock: self.clock.clone(),
            header_clock: Arc::new(SystemClock),
            site: desk.as_ref().map(|running| running.desk.clone() as Arc<dyn web::Site>),
        };
        let settings = Settings {
            address: ([127, 0, 0, 1], self.port).into(),
            limits: Limits::default(),
            division: self.division,
            signed: true,
            keep_exchanges: true,
        };
        let server = Running::start(service, settings)?;
        self.port = server.address.port();
        self.running = Some(At { store, centre, server, desk });
        Ok(())
    }

    fn desk(&self, centre: &Arc<Centre>) -> anyhow::Result<Option<crate::desks::Running>> {
        if !self.desks {
            return Ok(None);
        }
        let papers = Arc::new(SqliteDesk::open(&self.file.with_file_name("desk.db"), self.sealer.clone())?);
        let (road, clock) = (centre.clone(), self.clock.clone());
        let file = Some(self.file.with_file_name("desk.db"));
        let around = crate::desks::Around {
            invitations: Box::new(crate::invite::Files::beside(&self.file.with_extension("keys"))),
            bulletin: Box::new(crate::notices::Files::beside(&self.file.with_extension("keys"))),
            catalogue: Some(self.city.catalogue.clone()),
            // Nobody saves what goes with the demo.
            machine: Box::new(crate::desks::Watched { backups: None, file }),
            readers: Box::new(crate::desks::demo_drawer(&self.city)),
            simulated_receipts: true,
        };
        Ok(Some(crate::desks::Running::start(papers, road, clock, &self.sealer, around)))
    }

    /// From now on its centre serves desks of hospitals, which are set up.
    pub(crate) fn open_desks(&mut self) -> anyhow::Result<()> {
        self.stop();
        self.desks = true;
        self.start()?;
        let desk = self.at()?.desk.as_ref().context("a desk was started")?;
        crate::desks::found_demo(&desk.desk, &self.city, self.clock.as_ref())
    }

    fn peers(&self) -> Vec<Peer> {
        let Some(way) = &self.home else { return Vec::new() };
        let road = |code: &String| {
            (code.clone(), Arc::new(HttpRoad::new(way.clone(), Arc::new(SystemClock))) as Arc<dyn Road>)
        };
        let roads = self.city.hospitals.iter().map(|hospital| road(&hospital.code)).collect();
        vec![Peer { divisions: vec![HOME.into()], roads }]
    }

    /// Its centre ends its work.
    pub(crate) fn stop(&mut self) {
        if let Some(At { centre, server, desk, .. }) = self.running.take() {
            server.stop();
            drop(desk);
            centre.stop();
        }
    }

    /// Something is done on a writer while the centre stands still. `publish` is in force when it begins again.
    pub(crate) fn officer<T>(
        &mut self,
        publish: Option<Editions>,
        work: impl FnOnce(&mut dyn Writer, &Sealer, &dyn Clock) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.stop();
        let store = SqliteStore::open(&self.file, self.sealer.clone(), self.clock.clone())?;
        let mut writer = store.writer()?;
        let done = work(writer.as_mut(), &self.sealer, self.clock.as_ref());
        writer.close()?;
        drop((writer, store));
        if let Some(editions) = publish {
            self.editions = editions;
        }
        self.start()?;
        done
    }

    /// Reads its books while its centre runs.
    pub(crate) fn reader(&self) -> anyhow::Result<Box<dyn Reader>> {
        Ok(self.at()?.store.reader()?)
    }

    /// Its institutions.
    pub(crate) fn hospitals(&self) -> anyhow::Result<Vec<HospitalRow>> {
        Ok(self.at()?.store.hospitals()?)
    }

    fn at(&self) -> anyhow::Result<&At> {
        self.running.as_ref().context("the centre runs")
    }

    /// Where its centre listens.
    pub(crate) fn address(&self) -> anyhow::Result<String> {
        Ok(format!("http://{}", self.at()?.server.address))
    }

    /// Waits for Ctrl-C.
    pub(crate) fn wait(&self) -> anyhow::Result<()> {
        self.at()?.server.wait_for_signal();
        Ok(())
    }
}

/// First digits of the home divisions of both cities.
const HOME: &str = "9901";
pub(crate) const NEIGHBOUR: &str = "9902";

/// A city's keys; a folder that is kept keeps them.
fn keys(folder: &Path, today: Date) -> anyhow::Result<Arc<Sealer>> {
    let path = folder.join("centre.keys");
    if !path.exists() {
        Keys::generate().write(&path)?;
        DayKeys::create(&folder.join("centre.audit"), &folder.join("auditor.key"), today)?;
    }
    crate::stores::sealer(&path)
}

fn fill(file: &Path, city: &SampleCity, sealer: &Arc<Sealer>, clock: &Arc<DemoClock>) -> anyhow::Result<()> {
    let store = SqliteStore::open(file, sealer.clone(), clock.clone())?;
    centre::designate(&store, &city.hospitals)?;
    let people: Vec<_> = city.persons.iter().map(|p| p.enrolment.clone()).collect();
    let bar = ProgressBar::new(people.len() as u64);
    bar.set_style(ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}").context("a fixed template")?);
    bar.set_message("参保登记 enrolling");
    let mut writer = store.writer()?;
    centre::enrol(writer.as_mut(), sealer, clock.as_ref(), &people, &mut |done| {
        bar.set_position(done as u64);
    })?;
    writer.close()?;
    bar.finish_and_clear();
    Ok(())
}
