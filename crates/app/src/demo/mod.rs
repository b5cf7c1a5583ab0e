//! A whole sample city on this machine: a centre, its hospitals' programs over HTTP, and scenes with their receipts.

mod bodies;
mod manifest;
mod scenes;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use centre::{Centre, City, Options};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::{Date, date};
use model::SystemClock;
use policy::Editions;
use sample::SampleCity;
use serve::{Limits, Service, Settings};
use store::{CentreStore, DayKeys, Keys, Sealer};
use store_sqlite::SqliteStore;

use crate::Lang;
use crate::clock::DemoClock;
use crate::run::{Running, keyring};

#[derive(Args)]
pub struct DemoArguments {
    /// Exit after the scenes
    #[arg(long)]
    once: bool,
    /// Language of receipts, explanations and answers
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
    /// The demo's day, from 2026-08-01 to 2028-10-23
    #[arg(long, default_value = "2026-11-23", value_parser = day)]
    today: Date,
    /// People of the city, from 16
    #[arg(long, default_value = "10000", value_parser = persons)]
    persons: usize,
    /// Port on loopback; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Write what a vendor's test program needs into this file
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Keep the database in this folder instead of one that goes with the demo
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Since when an employer of the scenes is in arrears, and until when the bills of 2001 may still be filed.
const DAYS: (Date, Date) = (date(2026, 8, 1), date(2028, 10, 23));

/// More people have no identity numbers of their own.
const PERSONS_MAX: usize = 500_000;

/// A day on which every scene comes to its figures.
fn day(text: &str) -> Result<Date, String> {
    let (first, last) = DAYS;
    let found: Option<Date> = text.parse().ok();
    found.filter(|day| (first..=last).contains(day)).ok_or_else(|| {
        format!("the scenes hold on days from {first} to {last} 演示场景适用于 {first} 至 {last} 之间的日期")
    })
}

/// So many people that everybody the scenes name is among them.
fn persons(text: &str) -> Result<usize, String> {
    let (least, most) = (SampleCity::PERSONS_MIN, PERSONS_MAX);
    let found: Option<usize> = text.parse().ok();
    found.filter(|count| (least..=most).contains(count)).ok_or_else(|| {
        format!(
            "the scenes name {least} people: from {least} to {most} 场景中有 {least} 位人物,人数应在 {least} 至 {most} 之间"
        )
    })
}

/// A running demo.
pub(crate) struct Demo {
    pub(crate) city: SampleCity,
    pub(crate) clock: Arc<DemoClock>,
    pub(crate) store: SqliteStore,
    pub(crate) editions: Editions,
    sealer: Arc<Sealer>,
    pub(crate) address: String,
    pub(crate) lang: Lang,
}

/// Plays the scenes, then serves until Ctrl-C.
pub fn demo(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::tempdir().context("making a folder for the demo")?;
    let folder = arguments.folder.clone().unwrap_or_else(|| scratch.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    let clock = Arc::new(DemoClock::at(arguments.today.at(8, 0, 0, 0)));
    let mut city = SampleCity::new(1, arguments.persons, arguments.today);
    if arguments.lang == Lang::En {
        speak_english(&mut city);
    }
    let sealer = keys(&folder, arguments.today)?;
    let file = folder.join("centre.db");
    anyhow::ensure!(
        !file.exists(),
        "{} is there already; the demo begins with an empty city",
        file.display()
    );
    install(&file, &city, &sealer, &clock)?;
    let store = SqliteStore::open(&file, sealer.clone(), clock.clone())?;
    let editions = crate::city::editions(None)?;
    let with = City {
        editions: editions.clone(),
        catalogue: city.catalogue.clone(),
        lists: city.lists.clone(),
        audit: crate::city::audit_rules(None)?,
        dialects: crate::city::dialects(None)?,
        peers: Vec::new(),
        sealer: sealer.clone(),
        divisions: vec!["9901".into()],
    };
    let centre = Arc::new(Centre::start(&store, with, clock.clone(), Options::default())?);
    let running = serve(&store, centre.clone(), clock.clone(), arguments.port)?;
    let demo = Demo {
        city,
        clock,
        store,
        editions,
        sealer,
        address: format!("http://{}", running.address),
        lang: arguments.lang,
    };
    let result = demo.play(arguments);
    if result.is_ok() && !arguments.once {
        println!("{}/api  (Ctrl-C 停止 to stop)", demo.address);
        running.wait_for_signal();
    }
    running.stop();
    centre.stop();
    result
}

impl Demo {
    fn play(&self, arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
        scenes::play(self)?;
        // Behind the scenes, which move money: a balance that is written is the one that is served.
        if let Some(path) = &arguments.manifest {
            manifest::write(self, path)?;
        }
        let bar = crate::verify::progress("核查 verifying, rows");
        let mut reader = self.store.reader()?;
        let report = centre::verify(reader.as_mut(), &self.editions, self.sealer.day_keys(), &mut |rows| {
            bar.set_position(rows);
        })?;
        bar.finish_and_clear();
        for finding in report.findings.iter().filter(|f| f.violations > 0) {
            println!("{finding}");
        }
        println!(
            "demo: {} settlements, {} reversals, {} journals, {} violations",
            report.settlements,
            report.reversals,
            report.journals,
            report.violations()
        );
        Ok(if report.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Every institution is answered in English.
fn speak_english(city: &mut SampleCity) {
    let others = city.hospitals.iter_mut().filter(|h| !h.profile.contains("language="));
    others.for_each(|h| {
        let between = if h.profile.is_empty() { "" } else { " " };
        h.profile.push_str(between);
        h.profile.push_str("language=en");
    });
}

/// The demo's keys; a folder that is kept keeps them.
fn keys(folder: &std::path::Path, today: Date) -> anyhow::Result<Arc<Sealer>> {
    let path = folder.join("centre.keys");
    if !path.exists() {
        Keys::generate().write(&path)?;
        DayKeys::create(&folder.join("centre.audit"), &folder.join("auditor.key"), today)?;
    }
    crate::stores::sealer(&path)
}

fn install(
    file: &std::path::Path,
    city: &SampleCity,
    sealer: &Arc<Sealer>,
    clock: &Arc<DemoClock>,
) -> anyhow::Result<()> {
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

fn serve(
    store: &SqliteStore,
    centre: Arc<Centre>,
    clock: Arc<DemoClock>,
    port: u16,
) -> anyhow::Result<Running> {
    let keys = Arc::new(keyring(store, centre.directory())?);
    // Signatures carry the real time: a vendor's program knows no other.
    let service = Service { road: centre, keys, clock, header_clock: Arc::new(SystemClock) };
    let settings = Settings {
        address: ([127, 0, 0, 1], port).into(),
        limits: Limits::default(),
        division: 990_100,
        signed: true,
    };
    Running::start(service, settings)
}
