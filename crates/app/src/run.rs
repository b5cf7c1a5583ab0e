//! Runs a centre until it is told to stop.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use anyhow::Context;
use centre::{Centre, City, Directory, Options};
use counter::{Holder, Pump};
use model::{Clock, SystemClock};
use serve::{KeyHolder, Keyring, Limits, Server, Service, Settings};
use store::{AccessKey, CentreStore};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::config::{Config, ConfigArguments};

/// All keys of a store with their institutions' profiles.
pub fn keyring(store: &dyn CentreStore, directory: &Directory) -> anyhow::Result<Keyring> {
    let holder = |key: AccessKey| {
        let hospital = directory.by_id(key.hospital)?;
        let (code, profile) = (hospital.row.code.clone(), hospital.profile.clone());
        Some((key.key, KeyHolder { secret: key.secret, hospital: code, profile }))
    };
    Ok(store.access_keys()?.into_iter().filter_map(holder).collect())
}

/// Runs a centre from its configuration.
pub fn centre(arguments: &ConfigArguments) -> anyhow::Result<ExitCode> {
    let config = Config::read(arguments)?;
    config.check_listener()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sealer = crate::stores::sealer(&config.keys)?;
    let store = crate::stores::open(&config.database, sealer.clone(), clock.clone(), config.strictness())?;
    let catalogue = crate::city::catalogue(Some(&config.policies))?;
    let city = City {
        editions: crate::city::editions(Some(&config.policies))?,
        catalogue: catalogue.clone(),
        lists: crate::city::code_lists(&config.policies)?,
        audit: crate::city::audit_rules(Some(&config.policies))?,
        dialects: crate::city::dialects(Some(&config.policies))?,
        peers: crate::peers::peers(&config.peers, &config.home_divisions, &clock)?,
        sealer: sealer.clone(),
        divisions: config.home_divisions.clone(),
    };
    let centre = Arc::new(Centre::start(store.as_ref(), city, clock.clone(), Options::default())?);
    let keys = Arc::new(keyring(store.as_ref(), centre.directory())?);
    let division = config.division.parse().context("division is not six digits")?;
    let pump = pump(store.as_ref(), &centre, clock.clone(), division)?;
    let limits = Limits::default();
    let settings = Settings {
        address: config.listen,
        limits: if config.rate_limit { limits } else { Limits { rate: None, ..limits } },
        division,
        signed: true,
        keep_exchanges: config.keep_exchanges,
    };
    let desk = match &config.desk {
        Some(address) => {
            let papers = crate::desks::open(address, sealer.clone(), config.strictness())?;
            let around = crate::desks::Around {
                invitations: Box::new(crate::invite::Files::beside(&config.keys)),
                bulletin: Box::new(crate::notices::Files::beside(&config.keys)),
                catalogue: Some(catalogue),
                machine: Box::new(crate::desks::Watched::of(address, config.backups.clone())),
                readers: crate::readers::training(config.training_cards.as_deref())?,
                simulated_receipts: config.simulated_receipts,
            };
            Some(crate::desks::Running::start(papers, centre.clone(), clock.clone(), &sealer, around))
        }
        None => None,
    };
    let site = desk.as_ref().map(|running| running.desk.clone() as Arc<dyn web::Site>);
    let service = Service { road: centre.clone(), keys, header_clock: clock.clone(), clock, site };
    let running = Running::start(service, settings)?;
    println!("账本 books: {}", centre.durability());
    println!("通衢中心 centre: http://{}/api  (Ctrl-C 停止 to stop)", running.address);
    if desk.is_some() {
        println!("简易版 desk: http://{}/", running.address);
    }
    if config.keep_exchanges {
        println!("保留报文 keep_exchanges: GET /dev/messages");
    }
    running.wait_for_signal();
    running.stop();
    pump.iter().for_each(Pump::stop);
    centre.stop();
    let (commits, messages) = (&centre.counts().commits, &centre.counts().messages);
    println!("已停止 stopped: {} messages in {} commits", messages.load(Relaxed), commits.load(Relaxed));
    Ok(ExitCode::SUCCESS)
}

/// Takes what workstations put on the counter, where the database has one.
fn pump(
    store: &dyn CentreStore,
    centre: &Arc<Centre>,
    clock: Arc<dyn Clock>,
    division: u32,
) -> anyhow::Result<Option<Pump>> {
    let Some(slots) = store.slots()? else { return Ok(None) };
    let behind = centre.clone();
    let find = move |id| {
        let hospital = behind.directory().by_id(id)?;
        Some(Holder { code: hospital.row.code.clone(), profile: hospital.profile.clone() })
    };
    Ok(Some(Pump::start(slots, centre.clone(), find, clock, division)))
}

/// A server on threads of its own.
pub struct Running {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<()>,
    /// Where it listens.
    pub address: std::net::SocketAddr,
}

impl Running {
    /// Starts to serve.
    pub fn start(service: Service, settings: Settings) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let server = runtime
            .block_on(Server::bind(service, settings))
            .with_context(|| format!("listening on {} 监听失败", settings.address))?;
        let address = server.address()?;
        let (stop, stopped) = watch::channel(false);
        let served = runtime.spawn(server.run(stopped));
        Ok(Self { runtime, stop, served, address })
    }

    /// Waits for Ctrl-C or a request to terminate.
    pub fn wait_for_signal(&self) {
        self.runtime.block_on(async {
            let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .expect("a process may ask for its signals");
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        });
    }

    /// Stops taking connections and lets those open end.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.runtime.block_on(self.served);
    }
}
