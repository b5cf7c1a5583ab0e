//! A hospital's window: a program on a road that resolves unknown outcomes by itself, with its intents on disk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use road::{Capabilities, Family, HttpRoad, HttpSettings, Intents, SafeRoad};
use tempfile::TempDir;

use crate::{Program, TestCentre};

/// A line that cuts every fourth request does not cut so many in a row.
const TRIES: usize = 30;

/// A window.
pub struct Window {
    /// What stands behind it.
    pub program: Program,
    capabilities: Capabilities,
    folder: TempDir,
}

impl Window {
    /// Opens a hospital's window onto an address, behind which a centre with these capabilities stands.
    pub fn open(centre: &TestCentre, hospital: &str, to: SocketAddr, capabilities: Capabilities) -> Self {
        let folder = TempDir::new().expect("a folder for the intents");
        let program = program(centre, hospital, to, capabilities, &folder);
        Self { program, capabilities, folder }
    }

    /// Opens it again, as after a power cut: the intents are there still. The line may be another.
    pub fn reopen(self, centre: &TestCentre, to: SocketAddr) -> Self {
        let Self { program: before, capabilities, folder } = self;
        let hospital = before.hospital().name.clone();
        // Only one keeps the journal of intents.
        drop(before);
        let program = program(centre, &hospital, to, capabilities, &folder);
        Self { program, capabilities, folder }
    }
}

fn program(
    centre: &TestCentre,
    hospital: &str,
    to: SocketAddr,
    capabilities: Capabilities,
    folder: &TempDir,
) -> Program {
    let hospital = centre.sample.hospital(hospital);
    let settings = HttpSettings {
        address: format!("http://{to}"),
        key: hospital.key.clone(),
        secret: hospital.secret.clone(),
        family: Family::Tif,
        timeout: Duration::from_secs(20),
        capabilities,
    };
    let intents = Intents::open(&folder.path().join("intents")).expect("a journal of intents");
    let road = HttpRoad::new(settings, centre.clock.clone());
    let road = SafeRoad::new(road, intents, vec![Duration::from_millis(1); TRIES]);
    Program::new(hospital, Arc::new(road), centre.clock.clone())
}
