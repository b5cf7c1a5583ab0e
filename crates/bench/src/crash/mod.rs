//! A centre under load from 16 clients; at random moments it is killed and started again, or its database server is, or
//! its connections are cut, or a standby takes the server's place. Afterwards every message the clients believe done is in the books once, none that was refused
//! is, and the books are sound.

mod client;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use pgtest::{Durable, Server};
use sample::Random;
use store::MessageResult;

use crate::site::Site;
use client::{Belief, Beliefs, Client};

const CLIENTS: usize = 16;

#[derive(Args)]
pub struct CrashArguments {
    /// How often to kill
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Seed of the moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// After a kill, only what was synced survives
    #[arg(long, conflicts_with = "postgres")]
    power_cut: bool,
    /// With books in a PostgreSQL server of its own: what is killed
    #[arg(long)]
    postgres: Option<Victim>,
}

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Victim {
    /// The centre's process
    Centre,
    /// All processes of the database server
    Server,
    /// The connections between them
    Line,
    /// All processes of the database server, for good: its standby takes its place, and gets a new standby
    Standby,
}

/// The database server, and the standby that takes its place.
struct Servers {
    primary: Server,
    standby: Option<Server>,
}

impl Servers {
    /// What this victim needs, if anything.
    fn start(victim: Option<Victim>) -> anyhow::Result<Option<Self>> {
        if victim.is_none() {
            return Ok(None);
        }
        let primary = Server::start(Durable::Yes, &["max_wal_size = 4GB", "wal_compression = on"])?;
        let standby = (victim == Some(Victim::Standby)).then(|| primary.standby()).transpose()?;
        Ok(Some(Self { primary, standby }))
    }

    fn url(&self) -> String {
        self.standby.as_ref().map_or_else(|| self.primary.url(), |standby| self.primary.url_with(standby))
    }

    /// The standby takes the place of a server that was killed and comes back as a standby only. In between, one server
    /// has it all.
    fn fail_over(&mut self) -> anyhow::Result<()> {
        let standby = self.standby.as_mut().context("there is no standby")?;
        self.primary.kill()?;
        standby.promote()?;
        std::mem::swap(&mut self.primary, standby);
        Ok(standby.follow(&self.primary)?)
    }
}

/// Runs it; exits 1 where anything was lost or doubled.
pub fn crash(arguments: &CrashArguments) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let mut servers = Servers::start(arguments.postgres)?;
    let url = servers.as_ref().map(Servers::url);
    let site = Arc::new(Site::make(folder.path(), 2_000, url.as_deref())?);
    let shim = if arguments.power_cut { Some(build_shim(folder.path())?) } else { None };
    let beliefs = Arc::new(Beliefs::default());
    let durability = load_and_kill(arguments, &site, shim.as_deref(), servers.as_mut(), &beliefs)?;
    println!("writer's own connection: {durability}");
    if shim.is_none() && servers.is_none() {
        count_syncs(&site, &beliefs)?;
    }
    report(arguments, &site, &beliefs)
}

/// The load, and the kills in the midst of it. What a client does not know is resolved before it goes on.
fn load_and_kill(
    arguments: &CrashArguments,
    site: &Arc<Site>,
    shim: Option<&Path>,
    mut servers: Option<&mut Servers>,
    beliefs: &Arc<Beliefs>,
) -> anyhow::Result<String> {
    let mut random = Random::new(arguments.seed);
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = site.start(shim)?;
    let durability = running.durability.clone();
    let clients = start_clients(site, beliefs, &stop);
    for kill in 1..=arguments.kills {
        pause(Duration::from_millis(u64::try_from(random.between(30, 400)).unwrap_or(100)));
        match servers.as_deref_mut().zip(arguments.postgres) {
            Some((servers, Victim::Server)) => {
                servers.primary.kill()?;
                servers.primary.begin()?;
            }
            Some((servers, Victim::Line)) => cut_lines(&servers.primary)?,
            Some((servers, Victim::Standby)) => servers.fail_over()?,
            _ => {
                running.kill()?;
                if shim.is_some() {
                    cut_power(&site.folder)?;
                }
                running = site.start(shim)?;
            }
        }
        if kill.is_multiple_of(20) {
            println!("{kill} kills, {} messages believed done", beliefs.count());
        }
    }
    pause(Duration::from_millis(500));
    stop_clients(clients, &stop)?;
    ensure!(beliefs.count() > 0, "nothing was ever done: there was no load");
    running.stop()?;
    Ok(durability)
}

/// Ends every connection of the centre's, whatever it is doing.
fn cut_lines(server: &Server) -> anyhow::Result<()> {
    let sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tongqu'";
    Ok(server.say("postgres", sql)?)
}

/// A client at work on a thread of its own.
type Working = std::thread::JoinHandle<anyhow::Result<()>>;

/// Tells the clients to stop and waits for their last bill.
fn stop_clients(clients: Vec<Working>, stop: &AtomicBool) -> anyhow::Result<()> {
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
    }
    Ok(())
}

fn start_clients(site: &Arc<Site>, beliefs: &Arc<Beliefs>, stop: &Arc<AtomicBool>) -> Vec<Working> {
    (0..CLIENTS)
        .map(|n| {
            let (site, beliefs, stop) = (site.clone(), beliefs.clone(), stop.clone());
            std::thread::spawn(move || Client::new(&site, n, &beliefs, &stop).work())
        })
        .collect()
}

/// Waits on a channel nobody sends on.
fn pause(time: Duration) {
    let (_keep, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}

/// One more quiet run under a tracer: how many syncs a commit costs.
fn count_syncs(site: &Arc<Site>, beliefs: &Arc<Beliefs>) -> anyhow::Result<()> {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("fdatasync per commit: not counted, strace is not installed");
        return Ok(());
    }
    let counts = site.folder.join("strace.txt");
    let running = site.start(None)?;
    let mut tracer = Command::new("strace")
        .args(["-f", "-c", "-e", "trace=fdatasync,fsync", "-o"])
        .arg(&counts)
        .args(["-p", &running.id().to_string()])
        .stderr(std::process::Stdio::null())
        .spawn()?;
    pause(Duration::from_millis(500));
    let stop = Arc::new(AtomicBool::new(false));
    let clients = start_clients(site, beliefs, &stop);
    pause(Duration::from_secs(3));
    stop_clients(clients, &stop)?;
    let last = running.stop()?;
    tracer.wait()?;
    let syncs: u64 = std::fs::read_to_string(&counts)?
        .lines()
        .filter(|l| l.ends_with("sync"))
        .filter_map(|l| l.split_whitespace().nth(3)?.parse::<u64>().ok())
        .sum();
    let numbers: Vec<u64> = last.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    let [messages, commits] = numbers[..] else { anyhow::bail!("the centre said: {last}") };
    ensure!(commits > 0, "no commit was made");
    println!(
        "{messages} messages in {commits} commits, {syncs} syncs: {}.{:02} a commit",
        syncs / commits,
        syncs * 100 / commits % 100
    );
    Ok(())
}

/// Compares what clients believe with what stands in the books.
fn report(arguments: &CrashArguments, site: &Site, beliefs: &Beliefs) -> anyhow::Result<ExitCode> {
    let store = site.store()?;
    let editions = crate::site::editions()?;
    let mut reader = store.reader()?;
    let verified = centre::verify(reader.as_mut(), &editions, site.sealer.day_keys(), &mut |_| {})?;
    let mut kept: HashMap<(String, String), Vec<bool>> = HashMap::new();
    reader.scan(&mut |scan| {
        scan.messages(&mut |row| {
            let done = row.result == MessageResult::Done && row.taken_back_by.is_none();
            kept.entry((row.key.infno, row.key.msgid)).or_default().push(done);
        })
    })?;
    let (mut lost, mut doubled, mut ghosts) = (0, 0, 0);
    let believed = beliefs.all();
    for (key, belief) in &believed {
        let rows = kept.get(key).map_or(&[][..], Vec::as_slice);
        doubled += u32::from(rows.len() > 1);
        match belief {
            Belief::Done => lost += u32::from(!rows.contains(&true)),
            Belief::NotDone => ghosts += u32::from(rows.contains(&true)),
        }
    }
    for finding in verified.findings.iter().filter(|f| f.violations > 0) {
        println!("{finding}");
    }
    println!(
        "crash: {} {}{}, {} messages, {} settlements, {} lost, {} doubled, {} refused but in the books, {} violations",
        arguments.kills,
        match arguments.postgres {
            None | Some(Victim::Centre) => "kills",
            Some(Victim::Server) => "kills of the server",
            Some(Victim::Line) => "cuts of all connections",
            Some(Victim::Standby) => "promotions of the standby",
        },
        match (arguments.power_cut, arguments.postgres) {
            (true, _) => " with power cut",
            (_, Some(_)) => " with books in PostgreSQL",
            _ => "",
        },
        believed.len(),
        verified.settlements,
        lost,
        doubled,
        ghosts,
        verified.violations()
    );
    let sound = lost == 0 && doubled == 0 && ghosts == 0 && verified.violations() == 0;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the library that remembers what was synced.
fn build_shim(folder: &Path) -> anyhow::Result<PathBuf> {
    let library = folder.join("powercut.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/crash/powercut.c");
    let built = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .status()?;
    ensure!(built.success(), "the C compiler refused powercut.c");
    Ok(library)
}

/// What the disk holds after a power cut: each file as it was when last synced.
fn cut_power(folder: &Path) -> anyhow::Result<()> {
    for name in ["centre.db", "centre.db-wal"] {
        let (file, synced) = (folder.join(name), folder.join(format!("{name}.synced")));
        if synced.exists() {
            std::fs::copy(&synced, &file).with_context(|| format!("restoring {name}"))?;
        }
    }
    // Shared memory does not outlive power.
    let _ = std::fs::remove_file(folder.join("centre.db-shm"));
    Ok(())
}
