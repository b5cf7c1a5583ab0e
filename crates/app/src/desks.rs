//! Desks beside a centre: their papers, and the demo's hospitals with people to sign in.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use desk::{
    Backup, Bulletin, ByHand, Card, CardKind, Caretaker, Catalogues, Desk, Doctor, Drawer, Drawn, Founding,
    Hospital, Invitations, Machine, Module, Named, NewOperator, NewWard, Parameters, Readers, ReceiptKind,
    Receipts, Role, Room, Segment, Setting, SimulatedTreasury,
};
use model::{Catalogue, Clock, Institution, SystemClock};
use road::Road;
use sample::SampleCity;
use store::{Act, DeskStore, Sealer};
use store_postgres::{PostgresDesk, Strictness};
use store_sqlite::SqliteDesk;

use crate::stores::Place;

/// Opens the papers of desks at a database's address.
pub(crate) fn open(
    address: &str,
    sealer: Arc<Sealer>,
    strictness: Strictness,
) -> anyhow::Result<Arc<dyn DeskStore>> {
    Ok(match Place::of(address)? {
        Place::File(path) => {
            Arc::new(SqliteDesk::open(&path, sealer).context("opening the desk's papers 打开前台单据库")?)
        }
        Place::Server(url) => Arc::new(
            PostgresDesk::open(url, sealer, strictness)
                .context("opening the desk's papers 打开前台单据库")?,
        ),
    })
}

/// A desk at work: pages, and the machine that looks after messages of unknown outcome.
pub(crate) struct Running {
    pub(crate) desk: Arc<Desk>,
    _caretaker: Caretaker,
}

impl Running {
    /// A desk of all hospitals whose papers are in the store, speaking to their centre by this road.
    pub(crate) fn start(
        store: Arc<dyn DeskStore>,
        road: Arc<dyn Road>,
        clock: Arc<dyn Clock>,
        sealer: &Sealer,
        around: Around,
    ) -> Self {
        let pepper = desk::pepper(sealer);
        let certificates = Box::new(ByHand);
        let Around { invitations, catalogue, machine, readers, simulated_receipts, bulletin } = around;
        let simulated =
            || Box::new(SimulatedTreasury::new(store.clone(), clock.clone())) as Box<dyn Receipts>;
        let receipts = simulated_receipts.then(simulated);
        let catalogue = catalogue.map(|catalogue| Box::new(catalogue) as Box<dyn Catalogues>);
        let setting = Setting {
            store,
            road,
            clock,
            certificates,
            pepper,
            invitations,
            catalogue,
            machine,
            readers,
            receipts,
            bulletin,
        };
        let desk = Arc::new(Desk::new(setting));
        let caretaker = desk.look_after();
        Self { desk, _caretaker: caretaker }
    }
}

/// What stands around a desk.
pub(crate) struct Around {
    /// Who may set a hospital up.
    pub(crate) invitations: Box<dyn Invitations>,
    /// What a hospital without a price list begins with.
    pub(crate) catalogue: Option<Catalogue>,
    /// What it runs on.
    pub(crate) machine: Box<dyn Machine>,
    /// What reads cards at its windows.
    pub(crate) readers: Box<dyn Readers>,
    /// Electronic receipts are issued by a simulated platform; else nobody does.
    pub(crate) simulated_receipts: bool,
    /// What the centre has to tell.
    pub(crate) bulletin: Box<dyn Bulletin>,
}

/// What a desk's administrator is told of the machine.
pub(crate) struct Watched {
    /// The folder of backups, where one is known.
    pub(crate) backups: Option<PathBuf>,
    /// The file of the papers; none: they are on a database server.
    pub(crate) file: Option<PathBuf>,
}

impl Watched {
    /// Of papers at an address.
    pub(crate) fn of(address: &str, backups: Option<PathBuf>) -> Self {
        let file = match Place::of(address) {
            Ok(Place::File(file)) => Some(file),
            _ => None,
        };
        Self { backups, file }
    }
}

impl Machine for Watched {
    fn backup(&self) -> Backup {
        let Some(folder) = &self.backups else {
            // A database server's are its administrator's; a file's are nobody's but ours.
            return if self.file.is_some() { Backup::None } else { Backup::NotHere };
        };
        let kept = backup::kept(folder, backup::What::Papers, None).unwrap_or_else(|error| {
            tracing::warn!(%error, "backups cannot be looked at");
            Vec::new()
        });
        let standing = backup::standing(&kept, SystemClock.now());
        let newest =
            |backup::Standing { made, old, tried }: backup::Standing| Backup::Newest { made, old, tried };
        standing.map_or(Backup::None, newest)
    }

    fn room(&self) -> Option<Room> {
        let room = store_sqlite::Room::beside(self.file.as_ref()?).ok()?;
        Some(Room { free: room.free, low: room.is_low() })
    }
}

/// The hospitals whose desks the demo opens.
pub(crate) const DEMO: [&str; 2] = ["庄市佩珍医院", "113医院"];

/// A drawer of cards for the demo's simulated readers: each of some people's cards.
pub(crate) fn demo_drawer(city: &SampleCity) -> Drawer {
    let cards = city.persons.iter().take(6).enumerate().flat_map(|(n, person)| {
        let drawn = |kind, number: &str, code: String| Drawn {
            name: person.enrolment.name.clone(),
            code,
            card: Card {
                kind,
                number: number.into(),
                document: person.enrolment.document.clone(),
                ..Card::default()
            },
        };
        [
            drawn(CardKind::Insurance, &person.enrolment.card, String::new()),
            drawn(CardKind::Identity, &person.enrolment.document, String::new()),
            drawn(CardKind::Voucher, &format!("demo-token-{n}"), format!("28{n:026}")),
        ]
    });
    Drawer::of(cards.collect())
}

/// The password of everybody at the demo's desks. They listen on loopback only, and go with the demo.
pub(crate) const DEMO_PASSWORD: &str = "try-it-at-home";
/// The secret of the demo's second factor, as authenticators take it.
const DEMO_TOTP: &[u8] = b"demonstration only!!";

/// Sets the demo's hospitals up.
pub(crate) fn found_demo(desk: &Desk, city: &SampleCity, clock: &dyn Clock) -> anyhow::Result<()> {
    for name in DEMO {
        let institution = city.hospital(name);
        let act = Act { at: clock.now(), operator: "set-up".into(), workstation: String::new() };
        desk.found(founding(city, institution), &act)?;
        let wards = sample::WARDS.map(|w| NewWard { code: w.code, name: w.name, beds: w.beds });
        let stays = Segment::new(ReceiptKind::Inpatient, "ZY-", 7, (1, 2_000), "0301");
        let deposits = Segment::new(ReceiptKind::Deposit, "YJ-", 7, (1, 2_000), "0301");
        desk.open_wards(&desk.papers(&institution.code), &wards, vec![stays, deposits], &act)?;
        hire(desk, &institution.code, &act)?;
    }
    Ok(())
}

fn founding<'c>(city: &'c SampleCity, institution: &Institution) -> Founding<'c> {
    let doctors = sample::DOCTORS.map(|doctor| {
        let department = Named::of(doctor.department.0, doctor.department.1);
        let facts = Doctor { name: doctor.name.into(), code: doctor.code.into(), department };
        (doctor.number.to_owned(), facts)
    });
    let segment =
        |owner: &str, from| Segment::new(ReceiptKind::Outpatient, "NB-", 7, (from, from + 4_999), owner);
    Founding {
        code: institution.code.clone(),
        hospital: Hospital {
            name: institution.name.clone(),
            division: institution.division.clone(),
            parameters: Parameters::default(),
        },
        catalogue: city.catalogue.items(),
        doctors: doctors.into(),
        diagnoses: sample::diagnoses().iter().map(|d| (d.code.clone(), d.name.clone())).collect(),
        segments: vec![segment("0103", 1), segment("0104", 5_001)],
    }
}

fn hire(desk: &Desk, hospital: &str, act: &Act) -> anyhow::Result<()> {
    let papers = desk.papers(hospital);
    let until = act.at.date().saturating_add(jiff::Span::new().years(2));
    for operator in sample::OPERATORS {
        let role = Role::of(operator.role).context("a role of the sample city")?;
        let posts: Vec<(Module, _)> = Module::of(role).iter().map(|module| (*module, until)).collect();
        let new = NewOperator {
            login: operator.number,
            name: operator.name,
            roles: &[role],
            posts: &posts,
            password: DEMO_PASSWORD,
            totp: if role == Role::Administrator { DEMO_TOTP } else { b"" },
        };
        desk.hire(&papers, &new, act)?.map_err(|_| anyhow::anyhow!("too many passwords at once"))?;
    }
    Ok(())
}

/// What is printed of the demo's desks: where they are, and who may sign in.
pub(crate) fn tell_demo(address: &str, city: &SampleCity) {
    println!("\n简易版 the simplified edition: {address}/");
    for name in DEMO {
        println!("  {}  {name}", city.hospital(name).code);
    }
    for operator in sample::OPERATORS {
        println!("  {}  {}  {}", operator.number, operator.name, operator.role);
    }
    println!("  口令 password: {DEMO_PASSWORD}");
    println!("  动态码密钥 administrators' TOTP secret (base32): {}", web::base32(DEMO_TOTP));
    let people = ["王建国", "林秀英"]
        .into_iter()
        .filter(|name| city.persons.iter().any(|p| p.enrolment.name == *name));
    for name in people {
        println!("  身份证 identity card: {}  {name}", city.person(name).document);
    }
}
