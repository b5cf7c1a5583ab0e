//! How fast bills are settled, as ratios to what the same machine can do at all, in one interleaved run.
//!
//! Arms, each a process of its own: (a) hospital programs over HTTP; (b) the engine fed with messages; (c) the limit
//! server, which parses the same bodies on the same HTTP stack, writes the same rows and decides nothing; (d) the same
//! rows as raw multi-row statements in batches of 64; and the engine's own record step alone on the same rows. A figure
//! is printed only where the arm's rows were counted and were right.

#![expect(clippy::cast_precision_loss, reason = "figures are for people to read")]

mod books;
mod capture;
mod client;
mod figures;
mod inside;
mod limit;
mod pgbench;
mod place;
mod raw;
mod backends;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::goals::load_average;
pub use backends::{StoreArguments, store};
use figures::Table;
pub use place::Meter;

#[derive(Args)]
pub struct EngineArguments {
    /// Rounds; a figure is the median over them
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// People of the large city
    #[arg(long, default_value_t = 1_000_000)]
    many: usize,
    /// Milliseconds one arm runs
    #[arg(long, default_value_t = 1_500)]
    ms: u64,
    /// Only this work, with 64 clients: for a look while changing something
    #[arg(long, value_enum)]
    only: Option<Work>,
}

/// One run of one arm, for the process that runs it.
#[derive(Args, Clone, Serialize, Deserialize)]
pub struct ArmArguments {
    #[arg(long, value_enum)]
    pub arm: Arm,
    #[arg(long, value_enum)]
    pub work: Work,
    #[arg(long)]
    pub clients: usize,
    /// The folder the orchestrator prepared
    #[arg(long)]
    pub folder: std::path::PathBuf,
    /// Which city of the folder
    #[arg(long, default_value = "small")]
    pub city: String,
    #[arg(long)]
    pub ms: u64,
    /// Picks bills and people
    #[arg(long)]
    pub seed: u64,
    /// Of the large city
    #[arg(long, default_value_t = 10_000)]
    pub persons: usize,
    /// The books a limit server writes to
    #[arg(long)]
    pub scratch: Option<String>,
    /// The database server, where the books are on one
    #[arg(long)]
    pub server: Option<String>,
    /// Its first process
    #[arg(long)]
    pub postmaster: Option<u32>,
}

impl ArmArguments {
    /// As words of a command.
    pub fn words(&self) -> Vec<OsString> {
        let Self { arm, work, clients, folder, city, ms, seed, persons, scratch, server, postmaster } = self;
        let mut words: Vec<OsString> = ["--arm", &arm.word(), "--work", &work.word(), "--city", city]
            .into_iter()
            .map(OsString::from)
            .collect();
        let mut say = |name: &str, value: OsString| words.extend([format!("--{name}").into(), value]);
        say("clients", clients.to_string().into());
        say("ms", ms.to_string().into());
        say("seed", seed.to_string().into());
        say("persons", persons.to_string().into());
        say("folder", folder.into());
        scratch.iter().for_each(|at| say("scratch", at.into()));
        server.iter().for_each(|at| say("server", at.into()));
        postmaster.iter().for_each(|number| say("postmaster", number.to_string().into()));
        words
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, Serialize, Deserialize)]
pub enum Arm {
    /// (a)
    Http,
    /// (b)
    Engine,
    /// (c)
    Limit,
    /// (d)
    Raw,
    /// The record step alone.
    Record,
    /// Settlements written row by row by `pgbench`.
    Rows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, Serialize, Deserialize)]
pub enum Work {
    /// 2201, 2203, 2204 with ten lines, 2206, 2207.
    Whole,
    /// 2207 of bills prepared before.
    Settle,
}

/// What one run measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Run {
    /// Bills settled.
    pub bills: u64,
    pub seconds: f64,
    /// CPU seconds of what asks.
    pub client_cpu: f64,
    /// CPU seconds of what answers.
    pub server_cpu: f64,
    /// CPU seconds of the database server.
    pub database_cpu: f64,
    /// Microseconds of each 2207.
    pub latencies: Vec<u32>,
    /// Most memory the answering process held, in KiB.
    pub memory: u64,
    /// Messages of an average commit.
    pub batch: f64,
    /// Rows were counted afterwards and were right.
    pub equal: bool,
}

impl Run {
    /// With what it used; all of it in this process.
    fn of(used: &place::Used) -> Self {
        let place::Used { seconds, cpu, database_cpu } = *used;
        Self { seconds, server_cpu: cpu, database_cpu, ..Self::default() }
    }

    pub fn rate(&self) -> f64 {
        self.bills as f64 / self.seconds
    }
}

/// Client counts of the table.
const CLIENTS: [usize; 3] = [1, 16, 64];

/// Runs all arms in rounds, prints figures and goals.
pub fn engine(arguments: &EngineArguments) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new().prefix("tongqu-bench-").tempdir()?;
    println!(
        "bench engine: {} rounds of {} ms an arm; per-hospital rate limits off in all arms",
        arguments.rounds, arguments.ms
    );
    println!("load average at the start: {}", load_average());
    place::prepare(folder.path(), "small", 10_000, place::BILLS)?;
    let schedule = schedule(arguments.only);
    if schedule.iter().any(|(_, _, _, city)| *city == "large") {
        place::prepare(folder.path(), "large", arguments.many, 0)?;
    }
    let mut table = Table::default();
    for round in 0..arguments.rounds {
        for &(arm, work, clients, city) in &schedule {
            let arm = ArmArguments {
                arm,
                work,
                clients,
                folder: folder.path().to_owned(),
                city: city.to_owned(),
                ms: arguments.ms,
                seed: round as u64 + 1,
                persons: if city == "large" { arguments.many } else { 10_000 },
                scratch: None,
                server: None,
                postmaster: None,
            };
            table.add(&arm, spawn(&arm)?);
        }
        println!("round {} of {} done, load average {}", round + 1, arguments.rounds, load_average());
    }
    table.print(&CLIENTS);
    table.goals(arguments.many);
    Ok(ExitCode::SUCCESS)
}

/// Neighbours in this order are compared with each other.
fn schedule(only: Option<Work>) -> Vec<(Arm, Work, usize, &'static str)> {
    if let Some(work) = only {
        return [Arm::Http, Arm::Limit, Arm::Engine, Arm::Raw, Arm::Record]
            .map(|arm| (arm, work, 64, "small"))
            .into();
    }
    let mut order = Vec::new();
    for work in [Work::Whole, Work::Settle] {
        for clients in CLIENTS {
            order.extend([Arm::Http, Arm::Limit, Arm::Engine].map(|arm| (arm, work, clients, "small")));
        }
        if work == Work::Whole {
            order.push((Arm::Engine, work, 64, "large"));
        }
        order.extend([Arm::Raw, Arm::Record].map(|arm| (arm, work, 64, "small")));
    }
    order
}

/// Runs one arm in a process of its own.
fn spawn(arm: &ArmArguments) -> anyhow::Result<Run> {
    let output = Command::new(std::env::current_exe()?)
        .arg("arm")
        .args(arm.words())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "{:?} {:?} with {} clients failed", arm.arm, arm.work, arm.clients);
    serde_json::from_slice(&output.stdout).context("the arm's figures")
}

/// The process of one arm: prints its figures as JSON.
pub fn arm(arguments: &ArmArguments) -> anyhow::Result<ExitCode> {
    let run = match arguments.arm {
        Arm::Http => client::over_http(arguments)?,
        Arm::Limit => client::against_limit(arguments)?,
        Arm::Engine => inside::engine(arguments)?,
        Arm::Raw => raw::raw(arguments)?,
        Arm::Record => inside::record(arguments)?,
        Arm::Rows => anyhow::bail!("`pgbench` is started by the run itself"),
    };
    serde_json::to_writer(std::io::stdout(), &run)?;
    Ok(ExitCode::SUCCESS)
}

/// The limit server as a process: serves until its input ends.
pub fn limit_server(arguments: &ArmArguments) -> anyhow::Result<ExitCode> {
    limit::serve(arguments)
}

/// The word of a choice on the command line.
pub trait Word {
    fn word(&self) -> String;
}

impl<T: clap::ValueEnum> Word for T {
    fn word(&self) -> String {
        self.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
    }
}

fn copy_city(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for name in ["centre.db", "centre.keys", "centre.audit", "tongqu.toml"] {
        std::fs::copy(from.join(name), to.join(name)).with_context(|| format!("copying {name}"))?;
    }
    // The copy and what earlier runs left are on the disk before anything is measured: what is still being written out
    // would be in the way.
    rustix::fs::sync();
    Ok(())
}
