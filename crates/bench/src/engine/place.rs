//! Cities on disk: prepared once, copied for each run; and what a process used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use centre::{Centre, City, Options};
use jiff::civil::DateTime;
use model::{Clock, SystemClock};
use road::Road;
use rusqlite::Connection;
use sample::{Random, SampleCity};
use serde::{Deserialize, Serialize};
use store::{CentreStore, Sealer};
use tempfile::TempDir;
use wire::Message;

use super::books::{self, Books};
use super::capture::{self, Group};
use super::{ArmArguments, Work, copy_city};
use crate::hospital::Bodies;
use crate::site::{self, Site};

/// Bills recorded and prepared.
pub const BILLS: usize = 4_000;
/// Lines of a bill.
const LINES: usize = 10;
/// What a bill comes to.
pub const TOTAL: &str = "125.00";
const PRICE: &str = "12.50";

/// A bill that waits to be settled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prepared {
    pub hospital: usize,
    pub person: String,
    pub visit: String,
}

/// Answers of a recorded run, one for each transaction number: what the limit server says.
pub type Answers = std::collections::BTreeMap<String, String>;

/// A city of so many people; with `bills`, also the same city with that many bills waiting, and two recorded runs.
pub fn prepare(folder: &Path, city: &str, persons: usize, bills: usize) -> anyhow::Result<()> {
    let base = folder.join(city).join("base");
    std::fs::create_dir_all(&base)?;
    println!("{city} city: {persons} people");
    Site::make(&base, persons, None)?;
    if bills == 0 {
        return Ok(());
    }
    println!("{city} city: recording {bills} whole bills");
    let whole = folder.join(city).join("whole");
    let mut answers = Answers::new();
    let visits =
        record(&base, &whole, |hands| (0..bills).map(|n| hands.whole(n as u64, &mut answers)).collect())?;
    println!("{city} city: {bills} bills that wait, and a record of their settlement");
    let waiting = folder.join(city).join("waiting");
    copy_city(&base, &waiting)?;
    let prepared = {
        let hands = Hands::in_folder(&waiting)?;
        (0..bills).map(|n| hands.prepare(n as u64)).collect::<anyhow::Result<Vec<_>>>()?
    };
    drop(visits);
    record(&waiting, &folder.join(city).join("settle"), |hands| {
        prepared.iter().map(|bill| hands.settle(bill, &mut answers)).collect()
    })?;
    std::fs::write(folder.join(city).join("prepared.json"), serde_json::to_vec(&prepared)?)?;
    std::fs::write(folder.join(city).join("answers.json"), serde_json::to_vec(&answers)?)?;
    Ok(())
}

/// Runs one client on a copy that remembers what is written.
fn record<T>(
    from: &Path,
    to: &Path,
    run: impl FnOnce(&Hands) -> anyhow::Result<Vec<T>>,
) -> anyhow::Result<Vec<T>> {
    copy_city(from, to)?;
    capture::install(&Connection::open(to.join("centre.db"))?)?;
    let hands = Hands::in_folder(to)?;
    let done = run(&hands);
    hands.centre.stop();
    done
}

/// Where a run works: a copy that goes with it.
pub struct Scratch {
    folder: TempDir,
    pub books: Books,
    pub sealer: Arc<Sealer>,
    kept: bool,
}

impl Scratch {
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let (Books::Server { server, name }, false) = (&self.books, self.kept) {
            let dropped = books::say(
                &format!("{server}/postgres"),
                &[&format!("drop database if exists {name} with (force)")],
            );
            if let Err(error) = dropped {
                eprintln!("{name} was left behind: {error:#}");
            }
        }
    }
}

/// A copy of the city a run starts from. The large city of a server is not copied: what a run adds to it is nothing
/// beside what is in it.
pub fn scratch(arguments: &ArmArguments) -> anyhow::Result<Scratch> {
    let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&arguments.folder)?;
    let Some(server) = &arguments.server else {
        copy_city(&start(arguments), folder.path())?;
        let (books, sealer) = (Books::File(folder.path().join("centre.db")), site::sealer(folder.path())?);
        return Ok(Scratch { folder, books, sealer, kept: false });
    };
    copy_keys(&start(arguments), folder.path())?;
    let kept = arguments.city == "large";
    let template = database(&arguments.city, arguments.work);
    let name = if kept { template } else { copy_database(server, &template)? };
    let books = Books::Server { server: server.clone(), name };
    warm(&books.address())?;
    let config = std::fs::read_to_string(start(arguments).join("tongqu.toml"))?;
    let config = config.replace("sqlite://centre.db", &books.address());
    std::fs::write(folder.path().join("tongqu.toml"), config)?;
    let sealer = site::sealer(folder.path())?;
    Ok(Scratch { folder, books, sealer, kept })
}

/// Reads what bills look for at random into the server's memory, as it is there where a centre has run for a while.
fn warm(address: &str) -> anyhow::Result<()> {
    let read = "select sum(pg_prewarm(oid)) from pg_class where relkind in ('r', 'i') and relname in ( \
                'person', 'person_number_key', 'person_pkey', 'person_state', 'person_state_pkey', 'cover', 'cover_pkey', \
                'identity_pkey', 'filing_pkey', 'encounter_person', 'encounter_visit_number', 'settlement_version')";
    books::say(address, &["create extension if not exists pg_prewarm", read])
}

fn copy_keys(from: &Path, to: &Path) -> anyhow::Result<()> {
    for name in ["centre.keys", "centre.audit"] {
        std::fs::copy(from.join(name), to.join(name)).with_context(|| format!("copying {name}"))?;
    }
    Ok(())
}

fn copy_database(server: &str, template: &str) -> anyhow::Result<String> {
    let name = format!("run_{}", std::process::id());
    let made = format!("create database {name} template {template} strategy file_copy");
    // What is still being written out would be in the way.
    books::say(&format!("{server}/postgres"), &[&made, "checkpoint"])?;
    rustix::fs::sync();
    Ok(name)
}

/// The database of a city on the server, and of the same with bills that wait.
pub fn database(city: &str, work: Work) -> String {
    match work {
        Work::Whole => format!("{city}_base"),
        Work::Settle => format!("{city}_waiting"),
    }
}

/// The cities of a folder, on a server.
pub fn copy_to_server(folder: &Path, city: &str, server: &str) -> anyhow::Result<()> {
    for work in [Work::Whole, Work::Settle] {
        let from = folder.join(city).join(start_folder(work));
        let sealer = site::sealer(&from)?;
        books::copy_to_server(&from.join("centre.db"), server, &database(city, work), &sealer)?;
    }
    Ok(())
}

fn start(arguments: &ArmArguments) -> PathBuf {
    arguments.folder.join(&arguments.city).join(start_folder(arguments.work))
}

fn start_folder(work: Work) -> &'static str {
    match work {
        Work::Whole => "base",
        Work::Settle => "waiting",
    }
}

/// The database of the recorded run.
pub fn recorded(arguments: &ArmArguments) -> PathBuf {
    let run = match arguments.work {
        Work::Whole => "whole",
        Work::Settle => "settle",
    };
    arguments.folder.join(&arguments.city).join(run).join("centre.db")
}

/// Bills that wait, in the order of the recorded run: accounts run out in it.
pub fn prepared(arguments: &ArmArguments) -> anyhow::Result<Vec<Prepared>> {
    let path = arguments.folder.join(&arguments.city).join("prepared.json");
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// Bills that wait, in an order of the run's own.
pub fn shuffled(arguments: &ArmArguments) -> anyhow::Result<Vec<Prepared>> {
    let mut bills = prepared(arguments)?;
    let mut random = Random::new(arguments.seed);
    for at in (1..bills.len()).rev() {
        bills.swap(at, random.below(at + 1));
    }
    Ok(bills)
}

pub fn answers(arguments: &ArmArguments) -> anyhow::Result<Answers> {
    let path = arguments.folder.join(&arguments.city).join("answers.json");
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// Settlements among recorded groups.
pub fn bills(groups: &[Group]) -> u64 {
    groups.iter().filter(|group| group.infno == "2207").count() as u64
}

/// A centre in this process, and what its clients need to make bills.
pub struct Hands {
    pub centre: Centre,
    pub city: SampleCity,
}

impl Hands {
    pub fn open(scratch: &Scratch) -> anyhow::Result<Self> {
        Self::on(scratch.books.open(&scratch.sealer)?.as_ref(), scratch.sealer.clone())
    }

    /// On the file of a folder.
    pub fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let sealer = site::sealer(folder)?;
        Self::on(Books::File(folder.join("centre.db")).open(&sealer)?.as_ref(), sealer)
    }

    /// On a store of the caller's.
    pub fn on(store: &dyn CentreStore, sealer: Arc<Sealer>) -> anyhow::Result<Self> {
        let city = town();
        let with = City {
            editions: site::editions()?,
            catalogue: city.catalogue.clone(),
            lists: city.lists.clone(),
            audit: policy::AuditRules::default(),
            dialects: wire::Dialects::new(),
            peers: Vec::new(),
            sealer,
            divisions: vec!["9901".into()],
        };
        let centre = Centre::start(
            store,
            with,
            Arc::new(SystemClock),
            Options { bounded: false, ..Options::default() },
        )?;
        Ok(Self { centre, city })
    }

    /// Sends a body and takes what it must answer: it was done.
    pub fn say(&self, body: String, answers: Option<&mut Answers>) -> anyhow::Result<wire::Answer> {
        let message =
            Message::read(body.into_bytes().into(), None).map_err(|u| anyhow::anyhow!("{}", u.problem))?;
        match self.centre.send(&message) {
            Ok(road::Reply::Done(given)) => {
                if let Some(answers) = answers {
                    let text = String::from_utf8_lossy(&given.answer.text).into_owned();
                    answers.entry(message.transaction.infno.into()).or_insert(text);
                }
                Ok(given.answer)
            }
            other => anyhow::bail!("{}: {}", message.transaction.infno, not_done(&other)),
        }
    }

    fn whole(&self, n: u64, answers: &mut Answers) -> anyhow::Result<String> {
        let bill = Bill::pick(&self.city, n, 10_000);
        let visit = self.begin(&bill, Some(answers))?;
        self.say(bill.preview(&visit), Some(answers))?;
        self.say(bill.settle(&visit), Some(answers))?;
        Ok(visit)
    }

    fn begin(&self, bill: &Bill<'_>, mut answers: Option<&mut Answers>) -> anyhow::Result<String> {
        let registered = self.say(bill.register(), answers.as_deref_mut())?;
        let visit = registered.output("data", "mdtrt_id").context("a visit")?;
        self.say(bill.visit(&visit), answers.as_deref_mut())?;
        self.say(bill.fees(&visit), answers)?;
        Ok(visit)
    }

    fn prepare(&self, n: u64) -> anyhow::Result<Prepared> {
        let bill = Bill::pick(&self.city, n, 10_000);
        let visit = self.begin(&bill, None)?;
        Ok(Prepared { hospital: bill.hospital, person: bill.person, visit })
    }

    fn settle(&self, prepared: &Prepared, answers: &mut Answers) -> anyhow::Result<()> {
        let bill = Bill::of(&self.city, prepared, 0);
        self.say(bill.settle(&prepared.visit), Some(answers)).map(|_| ())
    }
}

/// Why a message was not done, in words.
pub fn not_done(heard: &Result<road::Reply, road::NoReply>) -> String {
    match heard {
        Ok(road::Reply::Done(given) | road::Reply::Refused(given)) => {
            given.answer.error().unwrap_or_default()
        }
        other => format!("{other:?}"),
    }
}

/// Hospitals and catalogue; people are known by their numbers.
pub fn town() -> SampleCity {
    SampleCity::new(1, 0, SystemClock.now().date())
}

/// One bill of ten lines and its bodies.
pub struct Bill<'c> {
    bodies: Bodies<'c>,
    pub hospital: usize,
    pub person: String,
    items: Vec<&'c str>,
    now: DateTime,
    serial: u64,
}

impl<'c> Bill<'c> {
    /// Bill number `n`: person, hospital and items follow from it.
    pub fn pick(city: &'c SampleCity, n: u64, persons: usize) -> Self {
        let mut random = Random::new(n);
        // The first hundred have situations of their own.
        let person = sample::person_number(100 + random.below(persons - 100));
        let hospital = random.below(43);
        let all = city.catalogue.items();
        let items = (0..LINES).map(|_| all[random.below(all.len())].code.as_str()).collect();
        let bodies = Bodies { hospital: &city.hospitals[hospital] };
        Self { bodies, hospital, person, items, now: SystemClock.now(), serial: n * 10 }
    }

    /// A bill that waits.
    pub fn of(city: &'c SampleCity, prepared: &Prepared, serial: u64) -> Self {
        let bodies = Bodies { hospital: &city.hospitals[prepared.hospital] };
        let (hospital, person) = (prepared.hospital, prepared.person.clone());
        Self { bodies, hospital, person, items: Vec::new(), now: SystemClock.now(), serial }
    }

    pub fn institution(&self) -> &'c model::Institution {
        self.bodies.hospital
    }

    /// Ids that no other bill of the run has.
    fn msgid(&self, step: u64) -> String {
        format!("{}-{}-{step}", self.bodies.hospital.code, self.serial + step)
    }

    /// The body of a step: 2201, 2203, 2204, 2206, 2207.
    pub fn step(&self, step: usize, visit: &str) -> String {
        match step {
            0 => self.register(),
            1 => self.visit(visit),
            2 => self.fees(visit),
            3 => self.preview(visit),
            _ => self.settle(visit),
        }
    }

    pub fn register(&self) -> String {
        let number = (self.serial / 10).to_string();
        self.bodies.register(&self.msgid(1), self.now, &self.person, &number)
    }

    pub fn visit(&self, visit: &str) -> String {
        self.bodies.visit(&self.msgid(2), self.now, &self.person, visit)
    }

    pub fn fees(&self, visit: &str) -> String {
        let charges: Vec<_> = self.items.iter().map(|code| (*code, PRICE)).collect();
        self.bodies.fees(&self.msgid(3), self.now, &self.person, visit, &charges)
    }

    pub fn preview(&self, visit: &str) -> String {
        self.bodies.bill("2206", &self.msgid(4), self.now, &self.person, visit, TOTAL)
    }

    pub fn settle(&self, visit: &str) -> String {
        let msgid = format!("{}-{visit}", self.bodies.hospital.code);
        self.bodies.bill("2207", &msgid, self.now, &self.person, visit, TOTAL)
    }
}

/// Wall time, and CPU time of this process and of the database server.
pub struct Meter {
    start: std::time::Instant,
    cpu: f64,
    database: Option<(u32, f64)>,
}

/// What was used between two moments, in seconds.
pub struct Used {
    pub seconds: f64,
    pub cpu: f64,
    pub database_cpu: f64,
}

impl Meter {
    #[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
    pub fn start(arguments: &ArmArguments) -> Self {
        let cpu = cpu(std::process::id()).unwrap_or(0.0);
        let database = arguments.postmaster.map(|server| (server, children_cpu(server).unwrap_or(0.0)));
        Self { start: std::time::Instant::now(), cpu, database }
    }

    /// Without CPU, which costs a look at a file.
    #[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
    pub fn start_wall() -> Self {
        Self { start: std::time::Instant::now(), cpu: 0.0, database: None }
    }

    pub fn stop(&self) -> anyhow::Result<Used> {
        let seconds = self.start.elapsed().as_secs_f64();
        let database_cpu = match self.database {
            Some((server, before)) => children_cpu(server)? - before,
            None => 0.0,
        };
        Ok(Used { seconds, cpu: cpu(std::process::id())? - self.cpu, database_cpu })
    }

    pub fn elapsed(&self) -> std::time::Duration {
        self.start.elapsed()
    }
}

/// CPU seconds of a process and of its children, those that ended and those that run.
fn children_cpu(process: u32) -> anyhow::Result<f64> {
    let mut all = ended_children_cpu(process)?;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // One that ended meanwhile counts with its parent.
        if number == process || fields(number).is_ok_and(|fields| fields[PARENT] == process.to_string()) {
            all += cpu(number).unwrap_or(0.0);
        }
    }
    Ok(all)
}

/// Fields of `/proc/N/stat` behind the name, by place.
const PARENT: usize = 1;
const USER: usize = 11;
const CHILDREN_USER: usize = 13;

fn fields(process: u32) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let rest = text.rsplit_once(')').context("a process")?.1;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}

/// Two fields in ticks of a hundredth second: of the process, of the kernel for it.
fn seconds(process: u32, first: usize) -> anyhow::Result<f64> {
    let fields = fields(process)?;
    let ticks = |at: usize| fields.get(at).and_then(|w| w.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(first) + ticks(first + 1)) / 100.0)
}

fn ended_children_cpu(process: u32) -> anyhow::Result<f64> {
    seconds(process, CHILDREN_USER)
}

/// CPU seconds a process has used, all threads.
pub fn cpu(process: u32) -> anyhow::Result<f64> {
    seconds(process, USER)
}

/// Most memory a process has held, in KiB.
pub fn memory_peak(process: u32) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
