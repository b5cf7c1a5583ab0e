//! A desk of the sample city's hospitals, and a browser without script: forms, links, cookies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use desk::{
    ByHand, Desk, Doctor, Founding, Hospital, Invitations, Keyboard, Module, Named, NewOperator, NewWard,
    Nobody, Parameters, ReceiptKind, Role, Segment, Setting, Silent, Unwatched,
};
use model::Clock as _;
use road::Road;
use store::{Act, DeskStore};
use web::{Answer, Asked, Fields, Site as _};

use crate::TestCentre;

/// The password of everybody at the desks of tests.
pub const DESK_PASSWORD: &str = "correct horse battery";
/// The secret of the administrators' second factor there.
pub const DESK_TOTP: &[u8] = b"twenty random bytes!";

/// A centre with a desk on it.
pub struct TestDesk {
    /// The centre.
    pub centre: TestCentre,
    /// The desk.
    pub desk: Arc<Desk>,
    store: Arc<dyn DeskStore>,
}

fn setting(centre: &TestCentre, store: &Arc<dyn DeskStore>, road: Arc<dyn Road>) -> Setting {
    Setting {
        store: store.clone(),
        road,
        clock: centre.clock.clone(),
        certificates: Box::new(ByHand),
        pepper: b"pepper of tests".to_vec(),
        invitations: Box::new(Nobody),
        bulletin: Box::new(Silent),
        catalogue: Some(Box::new(centre.sample.catalogue.clone())),
        machine: Box::new(Unwatched),
        readers: Box::new(Keyboard),
        receipts: None,
    }
}

fn desk(centre: &TestCentre, store: &Arc<dyn DeskStore>, road: Arc<dyn Road>) -> Arc<Desk> {
    Arc::new(Desk::new(setting(centre, store, road)))
}

impl TestDesk {
    /// A desk of these hospitals of the sample city, beside a centre with so many people.
    pub fn start(persons: usize, hospitals: &[&str]) -> Self {
        let centre = TestCentre::start(persons);
        let road = centre.centre.clone();
        Self::on(centre, road, hospitals)
    }

    /// The same, speaking to its centre by this road.
    pub fn on(centre: TestCentre, road: Arc<dyn Road>, hospitals: &[&str]) -> Self {
        let store: Arc<dyn DeskStore> = centre.desk_store().into();
        let desk = desk(&centre, &store, road);
        let this = Self { centre, desk, store };
        hospitals.iter().for_each(|name| this.found(name));
        this
    }

    /// The desk of a workstation of one hospital: its papers and its way to the centre go by its own login.
    pub fn at_workstation(centre: TestCentre, hospital: &str) -> Self {
        let code = centre.sample.hospital(hospital).code.clone();
        // The centre's own desk makes the tables.
        drop(centre.desk_store());
        let store: Arc<dyn DeskStore> = Arc::from(centre.desk_store_of(&code));
        let road: Arc<dyn Road> = Arc::new(centre.counter(&code));
        let desk = desk(&centre, &store, road);
        let this = Self { centre, desk, store };
        this.found(hospital);
        this
    }

    /// The desk of the process that comes next, on the same papers.
    pub fn again(&self, road: Arc<dyn Road>) -> Arc<Desk> {
        desk(&self.centre, &self.store, road)
    }

    /// The same desk, which lets those invited set up a hospital.
    pub fn inviting(&self, invitations: Box<dyn Invitations>) -> Arc<Desk> {
        let road = self.centre.centre.clone();
        Arc::new(Desk::new(Setting { invitations, ..setting(&self.centre, &self.store, road) }))
    }

    /// The same papers and people at a desk that is set up otherwise.
    pub fn set_up(self, road: Arc<dyn Road>, change: impl FnOnce(&mut Setting)) -> Self {
        let mut setting = setting(&self.centre, &self.store, road);
        change(&mut setting);
        Self { desk: Arc::new(Desk::new(setting)), ..self }
    }

    /// Every column its papers are exported with says what it means.
    pub fn assert_described(&self, hospital: &str) {
        let tables = desk::plain_tables(self.store(), &self.code(hospital), true).expect("its papers");
        let bare = |meaning: &desk::Meaning| meaning.zh.is_empty() || meaning.en.is_empty();
        let all = desk::meanings(&tables).into_iter().filter(bare);
        let bare: Vec<String> =
            all.map(|meaning| format!("{}|{}||", meaning.table, meaning.column)).collect();
        assert!(bare.is_empty(), "columns without a meaning:\n{}", bare.join("\n"));
    }

    /// Its papers, as they are stored.
    pub fn store(&self) -> &dyn DeskStore {
        self.store.as_ref()
    }

    /// The code of a hospital.
    pub fn code(&self, hospital: &str) -> String {
        self.centre.sample.hospital(hospital).code.clone()
    }

    fn found(&self, name: &str) {
        let institution = self.centre.sample.hospital(name);
        let act = Act { at: self.centre.clock.now(), operator: "set-up".into(), workstation: String::new() };
        let doctors = sample::DOCTORS.map(|doctor| {
            let department = Named::of(doctor.department.0, doctor.department.1);
            let facts = Doctor { name: doctor.name.into(), code: doctor.code.into(), department };
            (doctor.number.to_owned(), facts)
        });
        let diagnoses = sample::diagnoses().iter().map(|d| (d.code.clone(), d.name.clone())).collect();
        let segments = ["0103", "0104"].into_iter().zip([1, 5_001]);
        let founding = Founding {
            code: institution.code.clone(),
            hospital: Hospital {
                name: institution.name.clone(),
                division: institution.division.clone(),
                parameters: Parameters::default(),
            },
            catalogue: self.centre.sample.catalogue.items(),
            doctors: doctors.into(),
            diagnoses,
            segments: segments
                .map(|(owner, from)| {
                    Segment::new(ReceiptKind::Outpatient, "NB-", 7, (from, from + 4_999), owner)
                })
                .collect(),
        };
        self.desk.found(founding, &act).expect("a hospital");
        let papers = self.desk.papers(&institution.code);
        let wards = sample::WARDS.map(|w| NewWard { code: w.code, name: w.name, beds: w.beds });
        let stays = Segment::new(ReceiptKind::Inpatient, "ZY-", 7, (1, 2_000), "0301");
        let deposits = Segment::new(ReceiptKind::Deposit, "YJ-", 7, (1, 2_000), "0301");
        self.desk.open_wards(&papers, &wards, vec![stays, deposits], &act).expect("wards");
        let until = act.at.date().saturating_add(jiff::Span::new().years(2));
        for operator in sample::OPERATORS {
            let role = Role::of(operator.role).expect("a role");
            let posts: Vec<(Module, _)> = Module::of(role).iter().map(|module| (*module, until)).collect();
            let new = NewOperator {
                login: operator.number,
                name: operator.name,
                roles: &[role],
                posts: &posts,
                password: DESK_PASSWORD,
                totp: if role == Role::Administrator { DESK_TOTP } else { b"" },
            };
            self.desk.hire(&papers, &new, &act).expect("an operator").expect("not busy");
        }
    }

    /// A browser at a hospital where somebody has signed in.
    pub fn signed_in(&self, hospital: &str, login: &str) -> Browser {
        self.sign_in(hospital, login, "")
    }

    /// The same with a second factor.
    pub fn signed_in_with_code(&self, hospital: &str, login: &str) -> Browser {
        let now = jiff::tz::Offset::constant(8).to_timestamp(self.centre.clock.now()).expect("a time");
        let now = u64::try_from(now.as_second()).expect("behind 1970");
        self.sign_in(hospital, login, &web::code_at(DESK_TOTP, now).expect("a secret"))
    }

    /// A browser at a workstation of a hospital where somebody has signed in.
    pub fn signed_in_at(&self, hospital: &str, login: &str, workstation: &str) -> Browser {
        self.sign_in_at(hospital, login, "", workstation)
    }

    fn sign_in(&self, hospital: &str, login: &str, code: &str) -> Browser {
        self.sign_in_at(hospital, login, code, "窗口1")
    }

    fn sign_in_at(&self, hospital: &str, login: &str, code: &str, workstation: &str) -> Browser {
        let mut browser = Browser::new(self.desk.clone());
        let hospital = self.code(hospital);
        let who = [("hospital", &*hospital), ("login", login), ("password", DESK_PASSWORD)];
        let form = [&who[..], &[("workstation", workstation), ("code", code)]].concat();
        let page = browser.post("/sign-in", &form);
        assert!(page.contains("/sign-out"), "not signed in: {page}");
        browser
    }
}

/// A browser without script.
pub struct Browser {
    desk: Arc<Desk>,
    cookies: Vec<(String, String)>,
    /// Where it is.
    pub place: String,
    /// What it shows.
    pub page: String,
    /// The status it was answered.
    pub status: u16,
    /// Requests it made.
    pub requests: AtomicUsize,
}

impl Browser {
    /// One that nobody has signed in at.
    pub fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            cookies: Vec::new(),
            place: "/".into(),
            page: String::new(),
            status: 0,
            requests: AtomicUsize::new(0),
        }
    }

    /// Looks at a place.
    pub fn get(&mut self, target: &str) -> String {
        let asked = Asked::get(target);
        self.ask(target, asked)
    }

    /// Sends a form, with the token of the page it is on.
    pub fn post(&mut self, target: &str, form: &[(&str, &str)]) -> String {
        let csrf = self.csrf();
        let mut all = form.to_vec();
        all.push(("csrf", &csrf));
        let asked = Asked { post: true, form: Fields::of(&all), ..Asked::get(target) };
        self.ask(target, asked)
    }

    /// The token its page carries.
    pub fn csrf(&self) -> String {
        let after = self.page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
        after.split('"').next().unwrap_or_default().to_owned()
    }

    /// What it is answered, without going on.
    pub fn raw(&mut self, asked: Asked) -> Answer {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let pairs: Vec<(&str, &str)> = self.cookies.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = self.desk.answer(&Asked { cookies: Fields::of(&pairs), ..asked });
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    fn ask(&mut self, target: &str, asked: Asked) -> String {
        let mut target = target.to_owned();
        let mut answer = self.raw(asked);
        while answer.status == 303 {
            answer.header("location").expect("where to").clone_into(&mut target);
            answer = self.raw(Asked::get(&target));
        }
        self.status = answer.status;
        self.page = answer.text();
        self.place = target;
        self.page.clone()
    }

    /// The text a reader of the page sees: without tags.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut within = false;
        for sign in self.page.chars() {
            match sign {
                '<' => {
                    within = true;
                    text.push(' ');
                }
                '>' => within = false,
                sign if !within => text.push(sign),
                _ => {}
            }
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // Templates write it so.
        text.replace("&#x2f;", "/")
    }

    /// What stands behind a label in a list of facts or amounts.
    pub fn fact(&self, label: &str) -> Option<String> {
        let after = self.page.split(&format!("<dt>{label}</dt><dd")).nth(1)?;
        let value = after.split_once('>')?.1.split("</dd>").next()?;
        Some(value.to_owned())
    }
}
