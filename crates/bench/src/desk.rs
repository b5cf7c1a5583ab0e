//! The pages of a desk with very many windows at once, each beside an empty page (the frame alone) of the same run: how long
//! an answer takes at the window, and how many bytes it is.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use desk::{
    ByHand, Desk, Doctor, Founding, Hospital, Keyboard, Module, Named, NewOperator, Nobody, Parameters,
    ReceiptKind, Role, Segment, Setting, Silent, Unwatched,
};
use flate2::read::GzDecoder;
use model::{Clock, SystemClock};
use road::{Capabilities, NoReply, Reply, Road};
use rustix::net;
use sample::{Packet, Random};
use store::{Act, DeskStore};
use store_sqlite::SqliteDesk;
use wire::{Message, Problem};

use crate::goals::{Bound, goal, load_average};
use crate::site::Site;

#[derive(Args)]
pub struct DeskArguments {
    /// Windows at once
    #[arg(long, default_value_t = 100)]
    windows: usize,
    /// Bills each window charges
    #[arg(long, default_value_t = 6)]
    bills: usize,
    /// Items the hospital charges
    #[arg(long, default_value_t = 60_000)]
    items: usize,
    /// Pause of a window between two actions, in ms, on the average
    #[arg(long, default_value_t = 400)]
    pause: u64,
}

/// The hospital whose windows they are.
const HOSPITAL: &str = "庄市佩珍医院";
const PASSWORD: &str = "benchmark of windows";
/// Beside what everything is set.
const EMPTY: &str = "empty page";
/// What is asked or entered: these have a goal.
const QUERIES: [&str; 7] = [
    "new bill",
    "doctor, diagnosis",
    "find item",
    "add line",
    "tendered",
    "bills of the day",
    "look at a bill",
];
/// Items of four initials, as windows type them.
const TYPED: [&str; 8] = ["amlz", "xcgs", "cgxd", "tbct", "jmzs", "xtcd", "ggnc", "ncgs"];

/// Measures.
pub fn desk(arguments: &DeskArguments) -> anyhow::Result<ExitCode> {
    println!(
        "bench desk: {} windows, {} bills each, {} items, a pause of {} ms between actions; load average {}",
        arguments.windows,
        arguments.bills,
        arguments.items,
        arguments.pause,
        load_average()
    );
    let folder = tempfile::tempdir()?;
    let site = Site::make(folder.path(), 2_000, None)?;
    let config = folder.path().join("tongqu.toml");
    OpenOptions::new().append(true).open(config)?.write_all(b"desk = \"sqlite://desk.db\"\n")?;
    found(&site, arguments)?;
    let running = site.start(None)?;
    let heard = all(&site, &running.address, arguments)?;
    running.stop()?;
    tell(&heard);
    Ok(ExitCode::SUCCESS)
}

/// No way anywhere: the papers are made before the centre runs.
struct NoWay;

impl Road for NoWay {
    fn send(&self, _: &Message) -> Result<Reply, NoReply> {
        Err(NoReply::NotProcessed(Problem::Busy))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }
}

/// A hospital with very many items, and a cashier with a segment of his own for each window.
fn found(site: &Site, arguments: &DeskArguments) -> anyhow::Result<()> {
    let store: Arc<dyn DeskStore> =
        Arc::new(SqliteDesk::open(&site.folder.join("desk.db"), site.sealer.clone())?);
    let desk = Desk::new(Setting {
        store,
        road: Arc::new(NoWay),
        clock: Arc::new(SystemClock),
        certificates: Box::new(ByHand),
        pepper: desk::pepper(&site.sealer),
        invitations: Box::new(Nobody),
        catalogue: None,
        machine: Box::new(Unwatched),
        readers: Box::new(Keyboard),
        receipts: None,
        bulletin: Box::new(Silent),
    });
    let institution = site.city.hospital(HOSPITAL);
    let act = Act { at: SystemClock.now(), operator: "bench".into(), workstation: String::new() };
    let doctors = sample::DOCTORS.map(|doctor| {
        let department = Named::of(doctor.department.0, doctor.department.1);
        (doctor.number.to_owned(), Doctor { name: doctor.name.into(), code: doctor.code.into(), department })
    });
    let segment = |n: usize| {
        let from = 1 + 1_000 * u64::try_from(n).expect("few windows");
        Segment::new(ReceiptKind::Outpatient, "B", 7, (from, from + 999), &login(n))
    };
    let catalogue = sample::large_catalogue(arguments.items);
    let founding = Founding {
        code: institution.code.clone(),
        hospital: Hospital {
            name: institution.name.clone(),
            division: institution.division.clone(),
            parameters: Parameters::default(),
        },
        catalogue: catalogue.items(),
        doctors: doctors.into(),
        diagnoses: sample::diagnoses().iter().map(|d| (d.code.clone(), d.name.clone())).collect(),
        segments: (0..arguments.windows).map(segment).collect(),
    };
    desk.found(founding, &act)?;
    let papers = desk.papers(&institution.code);
    let until = act.at.date().saturating_add(jiff::Span::new().years(1));
    for n in 0..arguments.windows {
        let new = NewOperator {
            login: &login(n),
            name: "收费员",
            roles: &[Role::Cashier],
            posts: &[(Module::OutpatientCharging, until)],
            password: PASSWORD,
            totp: b"",
        };
        desk.hire(&papers, &new, &act)?.map_err(|_| anyhow::anyhow!("too many passwords at once"))?;
    }
    Ok(())
}

fn login(n: usize) -> String {
    format!("9{n:03}")
}

/// What was answered: how long it took, how many bytes came, and how many they unfold to.
struct Heard {
    micros: u64,
    packed: usize,
    plain: usize,
}

type All = BTreeMap<&'static str, Vec<Heard>>;

/// Every window at work, from when all have signed in.
fn all(site: &Site, address: &str, arguments: &DeskArguments) -> anyhow::Result<All> {
    let code = &site.city.hospital(HOSPITAL).code;
    let barrier = Barrier::new(arguments.windows);
    let windows: Vec<anyhow::Result<All>> = std::thread::scope(|threads| {
        let work = |n: usize| {
            let barrier = &barrier;
            move || {
                let signed = Window::sign_in(address, code, n);
                // Who could not sign in holds nobody up.
                barrier.wait();
                let mut window = signed?;
                window.pause = arguments.pause;
                for bill in 0..arguments.bills {
                    let person = &site.city.persons[(n * arguments.bills + bill) % site.city.persons.len()];
                    window.charge(&person.enrolment.document)?;
                }
                Ok(window.heard)
            }
        };
        let started: Vec<_> = (0..arguments.windows).map(|n| threads.spawn(work(n))).collect();
        started.into_iter().map(|window| window.join().expect("a window does not panic")).collect()
    });
    let mut all = All::new();
    for window in windows {
        for (name, mut heard) in window? {
            all.entry(name).or_default().append(&mut heard);
        }
    }
    Ok(all)
}

/// A window: a connection, a session, the bill it is at.
struct Window {
    to: TcpStream,
    from: BufReader<TcpStream>,
    host: String,
    cookie: String,
    csrf: String,
    pause: u64,
    random: Random,
    heard: All,
}

impl Window {
    fn sign_in(address: &str, hospital: &str, n: usize) -> anyhow::Result<Self> {
        let to = connect(address, n).context("connecting to the desk")?;
        to.set_nodelay(true)?;
        let mut window = Self {
            from: BufReader::new(to.try_clone()?),
            to,
            host: address.to_owned(),
            cookie: String::new(),
            csrf: String::new(),
            pause: 0,
            random: Random::new(u64::try_from(n)?),
            heard: All::new(),
        };
        // Passwords are hashed two at a time; whoever is asked to come again does.
        for _ in 0..1_000 {
            let form =
                format!("hospital={hospital}&login={}&password={}", login(n), PASSWORD.replace(' ', "+"));
            let answer = window.send("/sign-in", Some(&form))?;
            let told = String::from_utf8_lossy(&answer.head).into_owned();
            if let Some((_, rest)) = told.split_once("__Host-tongqu=") {
                window.cookie = format!("__Host-tongqu={}", rest.split(';').next().unwrap_or_default());
                let page = unfold(&window.send("/charge", None)?)?;
                window.csrf = within(&page, "name=\"csrf\" value=\"").context("a token")?;
                return Ok(window);
            }
            wait(50);
        }
        anyhow::bail!("window {n} could not sign in")
    }

    /// One whole bill, and looking at it.
    fn charge(&mut self, document: &str) -> anyhow::Result<()> {
        self.get(EMPTY, "/nothing-here")?;
        self.get("new bill", "/charge")?;
        let begun = self.post("read card", "/charge", &format!("card={document}"))?;
        let Some(bill) = begun else { return Ok(()) };
        self.post("doctor, diagnosis", &format!("{bill}/visit"), "doctor=012")?;
        self.post("doctor, diagnosis", &format!("{bill}/visit"), "diagnosis=I10")?;
        for _ in 0..5 {
            let typed = *self.random.pick(&TYPED);
            self.get("find item", &format!("/find/item?q={typed}"))?;
            self.post("add line", &format!("{bill}/line"), &format!("item={typed}*1"))?;
            self.post("add line", &format!("{bill}/answer"), "answer=yes")?;
        }
        self.post("trial", &format!("{bill}/try"), "")?;
        self.post("tendered", &format!("{bill}/tender"), "tendered=9000")?;
        self.post("settle", &format!("{bill}/settle"), "")?;
        self.get("bills of the day", "/bills")?;
        let look = bill.replace("/charge/", "/bills/");
        self.get("look at a bill", &look)?;
        self.get("why", &format!("{look}/why"))?;
        Ok(())
    }

    fn get(&mut self, name: &'static str, path: &str) -> anyhow::Result<()> {
        self.measured(name, path, None).map(drop)
    }

    /// Where it is then, when something was begun.
    fn post(&mut self, name: &'static str, path: &str, form: &str) -> anyhow::Result<Option<String>> {
        let form = format!("csrf={}&{form}", self.csrf);
        let answer = self.measured(name, path, Some(&form))?;
        Ok(answer.header("x-place").filter(|place| place.starts_with("/charge/")).map(str::to_owned))
    }

    fn measured(&mut self, name: &'static str, path: &str, form: Option<&str>) -> anyhow::Result<Packet> {
        let pause = self.pause * 2 * u64::try_from(self.random.below(1_000))? / 1_000;
        wait(pause);
        let began = now();
        let answer = self.send(path, form)?;
        let micros = u64::try_from(began.elapsed().as_micros())?;
        let (packed, plain) = (answer.body.len(), unfold(&answer)?.len());
        self.heard.entry(name).or_default().push(Heard { micros, packed, plain });
        Ok(answer)
    }

    fn send(&mut self, path: &str, form: Option<&str>) -> anyhow::Result<Packet> {
        let (method, body) = form.map_or(("GET", ""), |form| ("POST", form));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\naccept-encoding: gzip\r\nx-part: 1\r\ncookie: {}\r\n\
             content-length: {}\r\n\r\n{body}",
            self.host,
            self.cookie,
            body.len()
        );
        self.to.write_all(request.as_bytes())?;
        let answer = Packet::read(&mut self.from)?.context("the desk closed the line")?;
        let status = String::from_utf8_lossy(&answer.head[9..12]).into_owned();
        ensure!(!status.starts_with('5'), "{path}: {status}");
        Ok(answer)
    }
}

/// From an address of its own for each forty windows, as hospitals have: one address may open only so many.
fn connect(address: &str, n: usize) -> anyhow::Result<TcpStream> {
    let to: std::net::SocketAddr = address.parse()?;
    let from = std::net::SocketAddr::from(([127, 0, 1, 1 + u8::try_from(n / 40)?], 0));
    let socket = net::socket(net::AddressFamily::INET, net::SocketType::STREAM, None)?;
    net::bind(&socket, &from)?;
    net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

fn unfold(answer: &Packet) -> anyhow::Result<String> {
    if answer.header("content-encoding") != Some("gzip") {
        return Ok(String::from_utf8_lossy(&answer.body).into_owned());
    }
    let mut text = String::new();
    GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text)?;
    Ok(text)
}

fn within(page: &str, before: &str) -> Option<String> {
    page.split(before).nth(1)?.split('"').next().map(str::to_owned)
}

#[expect(clippy::disallowed_methods, reason = "measures")]
fn now() -> Instant {
    Instant::now()
}

/// Waits on a channel nobody sends on.
fn wait(ms: u64) {
    let (_keep, never) = mpsc::channel::<()>();
    let waited = never.recv_timeout(Duration::from_millis(ms));
    debug_assert_eq!(waited, Err(RecvTimeoutError::Timeout));
}

/// The figure below which so many in a hundred are.
fn percentile(heard: &[Heard], percent: usize, of: fn(&Heard) -> u64) -> f64 {
    let mut values: Vec<u64> = heard.iter().map(of).collect();
    values.sort_unstable();
    let at = (values.len() * percent / 100).min(values.len().saturating_sub(1));
    values.get(at).map_or(0.0, |value| f64::from(u32::try_from(*value).unwrap_or(u32::MAX)))
}

fn tell(heard: &All) {
    let p95 = |name: &str| heard.get(name).map(|all| percentile(all, 95, |h| h.micros));
    println!(
        "\n{:<20} {:>7} {:>10} {:>10} {:>9} {:>9} {:>9}",
        "", "times", "p50 ms", "p95 ms", "p95 / e", "plain", "packed"
    );
    let empty = p95(EMPTY).unwrap_or(f64::NAN);
    for (name, all) in heard {
        let (p50, p95) = (percentile(all, 50, |h| h.micros), percentile(all, 95, |h| h.micros));
        let plain = percentile(all, 95, |h| u64::try_from(h.plain).unwrap_or(u64::MAX));
        let packed = percentile(all, 95, |h| u64::try_from(h.packed).unwrap_or(u64::MAX));
        println!(
            "{name:<20} {:>7} {:>10.2} {:>10.2} {:>9.2} {plain:>9.0} {packed:>9.0}",
            all.len(),
            p50 / 1_000.0,
            p95 / 1_000.0,
            p95 / empty
        );
    }
    println!("load average at the end: {}\n", load_average());
    for name in QUERIES {
        goal(&format!("{name}: p95 / empty page"), p95(name).map(|p95| p95 / empty), &Bound::AtMost(5.0));
    }
    goal(
        "search of all items: p95 / empty page",
        p95("find item").map(|p95| p95 / empty),
        &Bound::AtMost(3.0),
    );
    let most =
        heard.values().map(|all| percentile(all, 100, |h| u64::try_from(h.packed).unwrap_or(u64::MAX)));
    goal(
        "largest later page, kB packed",
        most.reduce(f64::max).map(|most| most / 1_000.0),
        &Bound::AtMost(10.0),
    );
}
