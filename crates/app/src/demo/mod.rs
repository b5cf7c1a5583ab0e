//! A whole sample city on this machine: a centre, its hospitals' programs over HTTP, and scenes with their receipts.

mod bodies;
mod manifest;
mod officers;
mod scenes;
mod town;
mod window;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use centre::Report;
use clap::{Args, ValueEnum};
use jiff::civil::{Date, date};
use sample::SampleCity;

use crate::Lang;
use crate::clock::DemoClock;
use town::Town;

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
    /// How far it is played
    #[arg(long, value_enum, default_value_t = Until::Month)]
    until: Until,
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

/// How far the demo is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Until {
    /// The windows' morning
    Noon,
    /// And the officers' noon, and the day's reconciliation
    Evening,
    /// And the month's clearing
    Month,
}

/// A running demo.
pub(crate) struct Demo {
    pub(crate) city: SampleCity,
    pub(crate) clock: Arc<DemoClock>,
    pub(crate) town: RefCell<Town>,
    pub(crate) neighbour: RefCell<Town>,
    pub(crate) address: String,
    pub(crate) lang: Lang,
    /// The day most of it is played on.
    pub(crate) today: Date,
}

/// Plays the scenes, then serves until Ctrl-C.
pub fn demo(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let scratch = tempfile::tempdir().context("making a folder for the demo")?;
    let folder = arguments.folder.clone().unwrap_or_else(|| scratch.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    let today = arguments.today;
    let clock = Arc::new(DemoClock::at(today.yesterday()?.at(16, 0, 0, 0)));
    let mut city = SampleCity::new(1, arguments.persons, today);
    if arguments.lang == Lang::En {
        speak_english(&mut city);
    }
    let town = Town::home(&folder, &city, &clock, arguments.port)?;
    let neighbour = Town::neighbour(&folder.join("neighbour"), &town)?;
    let address = town.address()?;
    let (town, neighbour) = (RefCell::new(town), RefCell::new(neighbour));
    let demo = Demo { city, clock, town, neighbour, address, lang: arguments.lang, today };
    let result = demo.play(arguments);
    if result.is_ok() && !arguments.once {
        demo.town.borrow_mut().open_desks()?;
        crate::desks::tell_demo(&demo.address, &demo.city);
        println!("{}/api  (Ctrl-C 停止 to stop)", demo.address);
        demo.town.borrow().wait()?;
    }
    demo.neighbour.borrow_mut().stop();
    demo.town.borrow_mut().stop();
    result
}

impl Demo {
    fn play(&self, arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
        scenes::play(self, arguments.until)?;
        // Behind the scenes, which move money: a balance that is written is the one that is served.
        if let Some(path) = &arguments.manifest {
            manifest::write(self, path)?;
        }
        let there = verified(&self.neighbour.borrow())?;
        let report = verified(&self.town.borrow())?;
        println!(
            "demo: {} settlements, {} reversals, {} journals, {} violations",
            report.settlements,
            report.reversals,
            report.journals,
            report.violations() + there.violations()
        );
        let sound = report.violations() + there.violations() == 0;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Every invariant of a city's books; what is broken is told.
fn verified(town: &Town) -> anyhow::Result<Report> {
    let bar = crate::verify::progress("核查 verifying, rows");
    let report =
        centre::verify(town.reader()?.as_mut(), &town.editions, town.sealer.day_keys(), &mut |rows| {
            bar.set_position(rows);
        })?;
    bar.finish_and_clear();
    report.findings.iter().filter(|f| f.violations > 0).for_each(|finding| println!("{finding}"));
    Ok(report)
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
