//! A desk at a workstation of a hospital: its pages on loopback, its papers and its way to the centre in the centre's
//! database, with the hospital's own login.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use desk::{Hospital, Invitation, Invitations, Parameters};
use jiff::civil::DateTime;
use model::{Clock, SystemClock};
use road::Road;
use serve::{Keyring, Limits, Service, Settings};
use store::{DeskStore, Keys, Sealer};
use store_postgres::PostgresDesk;

use crate::run::Running;

#[derive(clap::Args)]
pub struct WorkstationArguments {
    /// The centre's database, with the login of the hospital, such as `postgres://h_1@SERVER/NAME?sslcert=…`
    #[arg(long)]
    database: Option<String>,
    /// The file of the key that seals what is personal; made when the hospital is set up, and the same at all its workstations
    #[arg(long, default_value = "desk.keys")]
    keys: PathBuf,
    /// Where pages are served
    #[arg(long, default_value = "127.0.0.1:7910")]
    listen: SocketAddr,
    /// Seconds to wait for the centre
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    /// Code of the hospital, to set it up the first time
    #[arg(long, requires = "name", requires = "division")]
    hospital: Option<String>,
    /// Its name
    #[arg(long)]
    name: Option<String>,
    /// The division it stands in, six digits
    #[arg(long)]
    division: Option<String>,
}

/// The one invitation a workstation gives, to whoever reads its console.
struct Once(Mutex<Option<(String, Invitation)>>);

impl Once {
    fn given(&self) -> std::sync::MutexGuard<'_, Option<(String, Invitation)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Invitations for Once {
    fn find(&self, code: &str, _: DateTime) -> Option<Invitation> {
        self.given().as_ref().filter(|(known, _)| known == code).map(|(_, invitation)| invitation.clone())
    }

    fn used(&self, _: &str) {
        *self.given() = None;
    }
}

/// Serves it until it is told to stop.
pub fn serve(arguments: &WorkstationArguments) -> anyhow::Result<ExitCode> {
    let database = arguments.database.as_ref().context(
        "name the centre's database with --database, or use `tongqu desk invite` 请用 --database 指明中心数据库,或用 tongqu desk invite",
    )?;
    ensure!(
        arguments.listen.ip().is_loopback(),
        "pages of a workstation are for this machine alone: listen on 127.0.0.1 工作站页面只供本机,请监听 127.0.0.1"
    );
    if arguments.hospital.is_some() && !arguments.keys.exists() {
        Keys::generate()
            .write(&arguments.keys)
            .with_context(|| format!("writing 写入 {}", arguments.keys.display()))?;
        println!(
            "{}  密钥,请另存一份,并拷到本院其他工作站 keep a copy of the key, and take it to the hospital's other workstations",
            arguments.keys.display()
        );
    }
    let keys = Keys::read(&arguments.keys).with_context(|| {
        format!("{}: the key made at the hospital's first workstation is needed here 需要本院第一台工作站生成的密钥文件", arguments.keys.display())
    })?;
    // Papers are not audited by days: what happened to each is kept with it.
    let sealer = Arc::new(Sealer::new(&keys, wire::TEXTS));
    let papers: Arc<dyn DeskStore> = Arc::new(
        PostgresDesk::join(database, sealer.clone()).context("opening the hospital's papers 打开本院单据")?,
    );
    let road: Arc<dyn Road> =
        Arc::new(crate::stores::counter_road(database, Duration::from_secs(arguments.timeout)));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (invitations, code) = invitation(arguments);
    let with = (Box::new(invitations) as Box<dyn Invitations>, None);
    let desk = crate::desks::Running::start(papers, road.clone(), clock.clone(), &sealer, with);
    let settings = Settings {
        address: arguments.listen,
        limits: Limits::default(),
        division: 0,
        signed: true,
        keep_exchanges: false,
    };
    // Nobody has a key here: programs speak to the centre, people to the pages.
    let keys = Arc::new(Keyring::default());
    let site = Some(desk.desk.clone() as Arc<dyn web::Site>);
    let running = Running::start(Service { road, keys, header_clock: clock.clone(), clock, site }, settings)?;
    println!("简易版工作站 desk: http://{}/  (Ctrl-C 停止 to stop)", running.address);
    if let Some(code) = code {
        println!("开通码 invitation code: {code}  → http://{}/set-up", running.address);
    }
    running.wait_for_signal();
    running.stop();
    Ok(ExitCode::SUCCESS)
}

fn invitation(arguments: &WorkstationArguments) -> (Once, Option<String>) {
    let (Some(hospital), Some(name), Some(division)) =
        (&arguments.hospital, &arguments.name, &arguments.division)
    else {
        return (Once(Mutex::default()), None);
    };
    let code = web::random_token()[..24].to_owned();
    let invitation = Invitation {
        code: hospital.clone(),
        hospital: Hospital {
            name: name.clone(),
            branch: String::new(),
            division: division.clone(),
            parameters: Parameters::default(),
        },
    };
    (Once(Mutex::new(Some((code.clone(), invitation)))), Some(code))
}
