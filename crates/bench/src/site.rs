//! A real installation in a folder: configuration, keys, the sample city's books; and the real executable on it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use model::{Clock, SystemClock};
use policy::{Edition, Editions};
use road::{Capabilities, Family, HttpRoad, HttpSettings};
use sample::SampleCity;
use store::{CentreStore, DayKeys, Keys, Sealer};
use store_postgres::{PostgresStore, Strictness};
use store_sqlite::SqliteStore;

/// An installation.
pub struct Site {
    /// Its folder.
    pub folder: PathBuf,
    /// The city in it.
    pub city: SampleCity,
    /// Its sealer.
    pub sealer: Arc<Sealer>,
    /// The database's address.
    database: String,
    port: u16,
}

/// A centre's process.
pub struct Running {
    child: Child,
    /// What its connection said of its durability.
    pub durability: String,
    /// Host and port.
    pub address: String,
    out: BufReader<std::process::ChildStdout>,
}

impl Site {
    /// Makes an installation with so many people; its books are in a file of the folder, or on the server at this address.
    pub fn make(folder: &Path, persons: usize, server: Option<&str>) -> anyhow::Result<Self> {
        let clock = Arc::new(SystemClock);
        let mut city = SampleCity::new(1, persons, clock.now().date());
        // The programs of the benchmarks scan no packs.
        let scanning = city.hospitals.iter_mut().filter(|hospital| !hospital.profile.contains("traces="));
        scanning.for_each(|hospital| hospital.profile.push_str(" traces=warn"));
        let keys = Keys::generate();
        keys.write(&folder.join("centre.keys"))?;
        DayKeys::create(&folder.join("centre.audit"), &folder.join("auditor.key"), clock.now().date())?;
        let sealer = sealer(folder)?;
        let database = match server {
            None => format!("sqlite://{}", folder.join("centre.db").display()),
            Some(url) => format!("{url}/postgres"),
        };
        let store = open(&database, &sealer)?;
        centre::designate(store.as_ref(), &city.hospitals)?;
        let people: Vec<_> = city.persons.iter().map(|p| p.enrolment.clone()).collect();
        let mut writer = store.writer()?;
        centre::enrol(writer.as_mut(), &sealer, clock.as_ref(), &people, &mut |_| {})?;
        writer.close()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/demo-city");
        // A folder may be copied: a file in it is named from there.
        let named = server.map_or("sqlite://centre.db", |_| database.as_str());
        let config = format!(
            "database = \"{named}\"\nkeys = \"centre.keys\"\npolicies = \"{}\"\ndivision = \"990100\"\n\
             home_divisions = [\"9901\"]\nlisten = \"127.0.0.1:{port}\"\nrate_limit = false\n",
            policies.canonicalize()?.display()
        );
        std::fs::write(folder.join("tongqu.toml"), config)?;
        Ok(Self { folder: folder.into(), city, sealer, database, port })
    }

    /// The way to its centre for the hospital's program of this number.
    pub fn road(&self, number: usize, timeout: Duration) -> HttpRoad {
        let hospital = &self.city.hospitals[number];
        let settings = HttpSettings {
            address: self.address(),
            key: hospital.key.clone(),
            secret: hospital.secret.clone(),
            family: Family::Tif,
            timeout,
            capabilities: Capabilities::default(),
        };
        HttpRoad::new(settings, Arc::new(SystemClock))
    }

    /// Where its centre listens.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its books, to read.
    pub fn store(&self) -> anyhow::Result<Box<dyn CentreStore>> {
        open_read_only(&self.database, &self.sealer)
    }

    /// Starts the real executable on it. `preload` is a library to run it under.
    pub fn start(&self, preload: Option<&Path>) -> anyhow::Result<Running> {
        start(&self.folder, preload)
    }
}

/// Books to run a centre on.
pub fn open(database: &str, sealer: &Arc<Sealer>) -> anyhow::Result<Box<dyn CentreStore>> {
    let (sealer, clock) = (sealer.clone(), Arc::new(SystemClock));
    Ok(match database.strip_prefix("sqlite://") {
        Some(file) => Box::new(SqliteStore::open(Path::new(file), sealer, clock)?),
        None => Box::new(PostgresStore::open(database, sealer, clock, Strictness::Strict)?),
    })
}

/// Books to read only, also while a centre runs on them.
pub fn open_read_only(database: &str, sealer: &Arc<Sealer>) -> anyhow::Result<Box<dyn CentreStore>> {
    let (sealer, clock) = (sealer.clone(), Arc::new(SystemClock));
    Ok(match database.strip_prefix("sqlite://") {
        Some(file) => Box::new(SqliteStore::open_read_only(Path::new(file), sealer, clock)?),
        None => Box::new(PostgresStore::open_read_only(database, sealer, clock)?),
    })
}

/// Starts the real executable on a folder with a configuration.
pub fn start(folder: &Path, preload: Option<&Path>) -> anyhow::Result<Running> {
    let mut command = Command::new(executable()?);
    command.arg("centre").arg("--config").arg(folder.join("tongqu.toml"));
    if let Some(library) = preload {
        command.env("LD_PRELOAD", library).env("POWERCUT_FOLDER", folder);
    }
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().context("starting tongqu")?;
    let mut out = BufReader::new(child.stdout.take().context("the centre's output")?);
    let mut durability = String::new();
    let mut line = String::new();
    while !line.contains("http://") {
        line.clear();
        ensure!(out.read_line(&mut line)? > 0, "the centre did not start");
        if let Some((_, told)) = line.split_once("books: ") {
            told.trim().clone_into(&mut durability);
        }
    }
    let address = line.split_once("http://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    Ok(Running { child, durability, address: address.to_owned(), out })
}

/// The keys of an installation.
pub fn sealer(folder: &Path) -> anyhow::Result<Arc<Sealer>> {
    let keys = Keys::read(&folder.join("centre.keys"))?;
    let day_keys = DayKeys::open(&folder.join("centre.audit"))?;
    Ok(Arc::new(Sealer::new(&keys, wire::TEXTS).with_day_keys(day_keys)))
}

/// The editions of the sample city.
pub fn editions() -> anyhow::Result<Editions> {
    let parsed = sample::EDITIONS.map(|(name, text)| Edition::parse(name, text));
    Ok(Editions::new(parsed.into_iter().collect::<Result<Vec<_>, _>>()?)?)
}

impl Running {
    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM: a clean stop. Answers its last line.
    pub fn stop(mut self) -> anyhow::Result<String> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let mut last = String::new();
        let mut line = String::new();
        while self.out.read_line(&mut line)? > 0 {
            last = std::mem::take(&mut line);
        }
        self.child.wait()?;
        Ok(last.trim().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The executable built beside this one.
fn executable() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("tongqu");
    ensure!(path.exists(), "{} is missing: cargo build --release", path.display());
    Ok(path)
}
