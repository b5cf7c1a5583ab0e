//! Other engines over the same visits: a Python function, a graph of Zen, a query of `DuckDB`. Each compares its amounts
//! with ours on every visit it does, and only one that agrees on all counts for a goal. Their figures are CPU time of
//! their process, ours of this thread, in rounds that alternate.

mod install;
mod arrays;
mod peer;
mod ours;
mod memory;

use std::path::Path;

use anyhow::Result;

use super::rounds::print_figure;
use super::visits::Visits;
use crate::goals::{Bound, Spread, goal};
use install::{Installed, install};
use memory::Watched;
use ours::Ours;
use peer::{Kind, Peer};

const ZEN: usize = 0;
const TRACED: usize = 1;
const DUCKDB: [usize; 2] = [3, 4];

const PEERS: [Kind; 5] = [
    Kind { name: "Zen", script: "peer_zen.py", word: None, needs: &["zen-engine"], visits: 2_000 },
    Kind {
        name: "Zen with trace",
        script: "peer_zen.py",
        word: Some("trace"),
        needs: &["zen-engine"],
        visits: 500,
    },
    Kind { name: "Python function", script: "peer_python.py", word: None, needs: &[], visits: 10_000 },
    Kind {
        name: "DuckDB, in memory",
        script: "peer_duckdb.py",
        word: Some("memory"),
        needs: &["duckdb", "numpy"],
        visits: usize::MAX,
    },
    Kind {
        name: "DuckDB, in a file",
        script: "peer_duckdb.py",
        word: Some("file"),
        needs: &["duckdb", "numpy"],
        visits: usize::MAX,
    },
];

/// Our arms in their order.
const TEXT: usize = 0;
const CORE: usize = 1;
const REHEARSAL: usize = 2;
const READING: usize = 3;
const OURS: [&str; 4] =
    ["ours, text and look-up", "ours, settled and recorded", "ours, rehearsal", "of it, inputs read"];

/// Nanoseconds a visit, round by round; empty where a peer does not run.
struct Taken {
    peers: [Vec<f64>; PEERS.len()],
    ours: [Vec<f64>; OURS.len()],
    /// Of the rehearsal rounds, in MiB: ours and each peer's.
    peaks: [Option<f64>; 1 + PEERS.len()],
}

/// Installs and compares the peers, measures all, prints figures and goals.
pub fn run(visits: &Visits, rounds: usize) -> Result<()> {
    let folder = root().join("target/peers");
    let installed = install(&folder);
    let data = folder.join("data");
    println!("writing {} visits to {}", visits.bills.len(), data.display());
    arrays::write(&data, visits)?;
    let mut peers = PEERS.map(|kind| start(&kind, installed.as_ref(), &data, visits.bills.len()));
    let ours = Ours::new(visits);
    let taken = measure(&mut peers, &ours, rounds.max(3));
    print(&peers, &ours, &taken);
    Ok(())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("a crate stands two folders below the root")
}

/// Starts a peer and says whether it agrees; none where it does not run.
fn start(kind: &Kind, installed: Option<&Installed>, data: &Path, visits: usize) -> Option<Peer> {
    let Installed { python, packages } = installed?;
    if let Some(missing) = kind.needs.iter().find(|package| !packages.contains(**package)) {
        println!("{}: left out without {missing}", kind.name);
        return None;
    }
    match Peer::start(kind, python, data, visits) {
        Ok(peer) => {
            let found = match peer.differing {
                0 => "equal".to_owned(),
                differing => format!("{differing} differ"),
            };
            println!("{} ({}): {found}, {} visits compared", kind.name, peer.version, peer.visits);
            Some(peer)
        }
        Err(error) => {
            println!("{}: left out: {error:#}", kind.name);
            None
        }
    }
}

fn measure(peers: &mut [Option<Peer>; PEERS.len()], ours: &Ours<'_>, rounds: usize) -> Taken {
    let mut taken = Taken { peers: Default::default(), ours: Default::default(), peaks: Default::default() };
    for round in 0..rounds {
        println!("round {} of {rounds}", round + 1);
        for (at, peer) in peers.iter_mut().enumerate() {
            let Some(running) = peer else { continue };
            let watched = Watched::begin(running.process());
            match running.round() {
                Ok(took) => taken.peers[at].push(took),
                Err(error) => {
                    println!("{}: left out: {error:#}", PEERS[at].name);
                    taken.peers[at].clear();
                    *peer = None;
                }
            }
            note(&mut taken.peaks[1 + at], watched);
        }
        taken.ours[TEXT].push(ours.text_included());
        taken.ours[CORE].push(ours.core());
        let watched = Watched::begin(std::process::id());
        taken.ours[REHEARSAL].push(ours.rehearsal());
        note(&mut taken.peaks[0], watched);
        taken.ours[READING].push(ours.reading());
    }
    taken
}

/// Keeps the highest peak.
fn note(peak: &mut Option<f64>, watched: Option<Watched>) {
    let now = watched.and_then(|watched| watched.peak());
    *peak = now.map(|now| peak.map_or(now, |before| before.max(now))).or(*peak);
}

fn print(peers: &[Option<Peer>], ours: &Ours<'_>, taken: &Taken) {
    println!("\nCPU in ns a visit, median [least, most]");
    PEERS.iter().zip(&taken.peers).for_each(|(kind, taken)| print_figure(kind.name, taken.clone()));
    OURS.iter().zip(&taken.ours).for_each(|(name, taken)| print_figure(name, taken.clone()));
    print_memory(ours, taken);
    println!();
    let ratio = |peer: usize, arm: usize| {
        peers[peer].as_ref().filter(|peer| peer.differing == 0)?;
        let rounds = taken.peers[peer].iter().zip(&taken.ours[arm]);
        Some(Spread::of(rounds.map(|(theirs, ours)| theirs / ours).collect())?.median)
    };
    let shown = |ratio: Option<f64>| ratio.map_or("none".to_owned(), |ratio| format!("{ratio:.2}"));
    println!("Zen with trace / ours, text and look-up included: {}", shown(ratio(TRACED, TEXT)));
    // Whichever is faster for it.
    let duckdb = DUCKDB.into_iter().filter_map(|peer| ratio(peer, REHEARSAL)).reduce(f64::min);
    goal("Zen / ours, text and look-up included", ratio(ZEN, TEXT), &Bound::AtLeast(20.0));
    goal("Zen / ours, settled and recorded", ratio(ZEN, CORE), &Bound::AtLeast(500.0));
    goal("DuckDB / ours, rehearsal of one core", duckdb, &Bound::AtLeast(5.0));
    println!();
}

/// What a peer kept from comparing its amounts, and uses again, is not in these figures.
fn print_memory(ours: &Ours<'_>, taken: &Taken) {
    let shown = |peak: Option<f64>| peak.map_or("not known".to_owned(), |peak| format!("{peak:.1}"));
    println!("\npeak memory of a rehearsal round in MiB, beyond what was held before it");
    println!(
        "{:<28} {} (stored inputs: {:.0})",
        OURS[REHEARSAL],
        shown(taken.peaks[0]),
        mib(ours.stored_bytes())
    );
    for at in DUCKDB {
        println!("{:<28} {}", PEERS[at].name, shown(taken.peaks[1 + at]));
    }
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
