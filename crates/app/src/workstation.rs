//! A desk at a workstation of a hospital, its pages on loopback. Either its papers and its way to the centre are in the
//! centre's database, with the hospital's own login; or it has a file of papers, and speaks over HTTP to any centre of
//! the national transactions.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use desk::{Hospital, Invitation, Invitations, Parameters};
use jiff::civil::DateTime;
use model::{Clock, SystemClock};
use road::{Capabilities, Family, HttpRoad, HttpSettings, Road};
use serve::{Keyring, Limits, Service, Settings};
use store::{DeskStore, Keys, Sealer};
use store_postgres::PostgresDesk;
use store_sqlite::SqliteDesk;

use crate::run::Running;

#[derive(clap::Args)]
pub struct WorkstationArguments {
    /// The centre's database, with the login of the hospital, such as `postgres://h_1@SERVER/NAME?sslcert=…`
    #[arg(long, conflicts_with = "centre")]
    database: Option<String>,
    /// The centre over HTTP instead, such as `http://10.1.2.3:8520`; then the papers are a file here
    #[arg(long)]
    centre: Option<String>,
    /// Public name of the hospital's key at that centre
    #[arg(long, requires = "centre", default_value = "")]
    key: String,
    /// A file with its secret alone
    #[arg(long, requires = "centre")]
    secret_file: Option<PathBuf>,
    /// That centre is somebody else's: it tells no outcomes and explains nothing
    #[arg(long, requires = "centre")]
    foreign: bool,
    /// The file of the papers
    #[arg(long, default_value = "desk.db")]
    papers: PathBuf,
    /// The file of the key that seals what is personal; made when the hospital is set up, and the same at all its workstations
    #[arg(long, default_value = "desk.keys")]
    keys: PathBuf,
    /// Folder of the papers' backups, so that the administrator is told how old the newest is
    #[arg(long)]
    backups: Option<PathBuf>,
    /// What reads cards here: `program:PATH`, which the card reader's vendor supplies or you write; `simulated:FILE`, a file of
    /// cards for training. None: cards are typed, or scanned by what types like a keyboard
    #[arg(long)]
    reader: Option<String>,
    /// Electronic receipts are issued by a simulated platform: for training and trials
    #[arg(long)]
    simulated_receipts: bool,
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
    ensure!(
        arguments.listen.ip().is_loopback(),
        "pages of a workstation are for this machine alone: listen on 127.0.0.1 工作站页面只供本机,请监听 127.0.0.1"
    );
    ensure!(
        arguments.database.is_some() || arguments.centre.is_some(),
        "name the centre's database with --database, or the centre with --centre; or use `tongqu desk invite` \
         请用 --database 指明中心数据库,或用 --centre 指明中心地址,或用 tongqu desk invite"
    );
    // Papers are not audited by days: what happened to each is kept with it.
    let sealer = Arc::new(Sealer::new(&keys(arguments)?, wire::TEXTS));
    let (papers, road) = behind(arguments, &sealer)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (invitations, code) = invitation(arguments);
    let file = arguments.centre.as_ref().map(|_| arguments.papers.clone());
    let around = crate::desks::Around {
        invitations: Box::new(invitations),
        bulletin: Box::new(desk::Silent),
        catalogue: None,
        machine: Box::new(crate::desks::Watched { backups: arguments.backups.clone(), file }),
        readers: crate::readers::named(arguments.reader.as_deref())?,
        simulated_receipts: arguments.simulated_receipts,
    };
    let desk = crate::desks::Running::start(papers, road.clone(), clock.clone(), &sealer, around);
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

/// The keys that seal what is personal, made where the hospital is set up.
fn keys(arguments: &WorkstationArguments) -> anyhow::Result<Keys> {
    if arguments.hospital.is_some() && !arguments.keys.exists() {
        Keys::generate()
            .write(&arguments.keys)
            .with_context(|| format!("writing 写入 {}", arguments.keys.display()))?;
        println!(
            "{}  密钥,请另存一份,并拷到本院其他工作站 keep a copy of the key, and take it to the hospital's other workstations",
            arguments.keys.display()
        );
    }
    Keys::read(&arguments.keys).with_context(|| {
        format!("{}: the key made at the hospital's first workstation is needed here 需要本院第一台工作站生成的密钥文件", arguments.keys.display())
    })
}

/// Its papers, and its way to the centre.
fn behind(
    arguments: &WorkstationArguments,
    sealer: &Arc<Sealer>,
) -> anyhow::Result<(Arc<dyn DeskStore>, Arc<dyn Road>)> {
    let timeout = Duration::from_secs(arguments.timeout);
    if let Some(database) = &arguments.database {
        let papers = PostgresDesk::join(database, sealer.clone())
            .context("opening the hospital's papers 打开本院单据")?;
        return Ok((Arc::new(papers), Arc::new(crate::stores::counter_road(database, timeout))));
    }
    let papers = SqliteDesk::open(&arguments.papers, sealer.clone())
        .with_context(|| format!("opening the papers 打开单据库 {}", arguments.papers.display()))?;
    let secret = match &arguments.secret_file {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("reading the secret 读取密钥 {}", file.display()))?,
        None => String::new(),
    };
    let offers = !arguments.foreign;
    let settings = HttpSettings {
        address: arguments.centre.as_deref().unwrap_or_default().trim_end_matches('/').to_owned(),
        key: arguments.key.clone(),
        secret: secret.trim().to_owned(),
        family: Family::Tif,
        timeout,
        capabilities: Capabilities {
            outcome: offers,
            explain: offers,
            rest: offers,
            ..Capabilities::default()
        },
    };
    Ok((Arc::new(papers), Arc::new(HttpRoad::new(settings, Arc::new(SystemClock)))))
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
            division: division.clone(),
            parameters: Parameters::default(),
        },
    };
    (Once(Mutex::new(Some((code.clone(), invitation)))), Some(code))
}
