//! Random life: the programs of forty hospitals send what is right, what is wrong, what they sent before, what they held back,
//! and take back what they please. Whatever becomes of it, the books stay sound.
//!
//! `cargo xtask life --messages 200000` runs it at length.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::ToSpan;
use ledger::Account;
use model::Clock;
use money::Money;
use sample::Random;
use serde_json::{Value, json};
use testkit::{Books, Item, Program, Said, TestCentre};

const HOSPITALS: usize = 40;
/// Bills are looked at together only while they are few.
const OPEN_MAX: usize = 12;
/// Of messages sent before, so many are remembered.
const SENT_MAX: usize = 60;

/// A message as it was put together.
#[derive(Clone)]
struct Sent {
    infno: &'static str,
    msgid: String,
    input: Value,
}

/// A visit or a stay, as the hospital's program believes it to be.
#[derive(Clone)]
struct Care {
    person: String,
    visit: String,
    stay: bool,
    lines: usize,
    discharged: bool,
    settlement: Option<String>,
}

/// What became of messages: how many were done, or refused with which code.
type Outcomes = BTreeMap<String, usize>;

struct Hospital<'c> {
    centre: &'c TestCentre,
    program: Program,
    random: Random,
    open: Vec<Care>,
    sent: Vec<Sent>,
    held: Vec<Sent>,
    outcomes: Outcomes,
    serial: usize,
}

impl<'c> Hospital<'c> {
    fn new(centre: &'c TestCentre, number: usize, seed: u64) -> Self {
        let name = centre.sample.hospitals[number].name.clone();
        Self {
            centre,
            program: centre.program(&name),
            random: Random::new(seed * 1_000 + number as u64),
            open: Vec::new(),
            sent: Vec::new(),
            held: Vec::new(),
            outcomes: Outcomes::new(),
            serial: 0,
        }
    }

    fn write(&mut self, infno: &'static str, input: Value) -> Sent {
        self.serial += 1;
        // Four digits a second are soon used up: some programs' ids meet others'.
        let msgid = format!("{}{:05}", &self.program.msgid()[..26], self.serial % 90_000);
        Sent { infno, msgid, input }
    }

    fn send(&mut self, sent: &Sent) -> Said {
        let said = self.program.say_as(sent.infno, &sent.msgid, &sent.input);
        let outcome = said.code.clone().unwrap_or_else(|| "done".into());
        assert_ne!(outcome, "?", "nothing may be left unknown: {} {}", sent.infno, sent.msgid);
        *self.outcomes.entry(outcome).or_default() += 1;
        if self.sent.len() == SENT_MAX {
            let at = self.random.below(SENT_MAX);
            self.sent.swap_remove(at);
        }
        self.sent.push(sent.clone());
        said
    }

    /// One message of whatever kind.
    fn step(&mut self) {
        match self.random.below(100) {
            0..=9 => self.again(),
            10..=14 => self.late(),
            15..=22 => self.take_back(),
            23..=34 => self.wrong(),
            35..=38 => self.ask(),
            _ => self.go_on(),
        }
    }

    /// The next step of some care, or its first.
    fn go_on(&mut self) {
        if self.open.is_empty() || (self.open.len() < OPEN_MAX && self.random.percent(25)) {
            return self.begin();
        }
        let at = self.random.below(self.open.len());
        let care = self.open[at].clone();
        let sent = self.next(&care);
        if self.random.percent(5) {
            // It stays on the way for now.
            return self.held.push(sent);
        }
        let said = self.send(&sent);
        self.note(at, sent.infno, &said);
    }

    fn begin(&mut self) {
        let stay = self.random.percent(25);
        let person = self.random.below(self.centre.sample.persons.len());
        let person = self.centre.sample.persons[person].enrolment.number.clone();
        let (now, number) = (self.centre.clock.now(), format!("N{}", self.serial));
        let (infno, input, node) = if stay {
            ("2401", self.program.admit_request(&person, &number, now.saturating_sub(2.days())), "result")
        } else {
            let begins = wire::print_time(now);
            let data = json!({"psn_no": person, "insutype": "310", "begntime": begins, "mdtrt_cert_type": "02",
                "mdtrt_cert_no": "x", "ipt_otp_no": number, "atddr_no": "D1", "dr_name": "王医生",
                "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03"});
            ("2201", json!({ "data": data }), "data")
        };
        let sent = self.write(infno, input);
        let said = self.send(&sent);
        if said.code.is_none() {
            let visit = said.get(node, "mdtrt_id");
            self.open.push(Care { person, visit, stay, lines: 0, discharged: false, settlement: None });
        }
    }

    fn named(care: &Care, more: &[(&str, &str)]) -> Value {
        let mut data = json!({"psn_no": care.person, "mdtrt_id": care.visit});
        more.iter().for_each(|(name, text)| data[*name] = (*text).into());
        json!({ "data": data })
    }

    fn next(&mut self, care: &Care) -> Sent {
        let total = format!("{}.00", care.lines * 25);
        let more_lines = care.lines == 0 || (care.lines < 4 && self.random.percent(30));
        let (infno, input) = match (care.stay, &care.settlement) {
            (_, Some(settlement)) => {
                let infno = if care.stay { "2305" } else { "2208" };
                (infno, Self::named(care, &[("setl_id", settlement)]))
            }
            (false, None) if more_lines => ("2204", self.fees(care)),
            (false, None) if self.random.percent(10) => ("2205", Self::named(care, &[("chrg_bchno", "1")])),
            (false, None) => ("2207", self.program.bill(&care.person, &care.visit, "1", &total)),
            (true, None) if care.discharged => {
                ("2304", self.program.stay_bill(&care.person, &care.visit, &total))
            }
            (true, None) if more_lines => ("2301", self.fees(care)),
            (true, None) if self.random.percent(10) => {
                ("2304", self.program.interim_bill(&care.person, &care.visit, &total))
            }
            (true, None) => ("2402", self.discharge(care)),
        };
        self.write(infno, input)
    }

    fn fees(&self, care: &Care) -> Value {
        let item = Item::one(self.centre.item("血常规(五分类)"), "25.00");
        let mut fees = self.program.fees(&care.person, &care.visit, "1", &[item]);
        let row = &mut fees["feedetail"][0];
        row["feedetl_sn"] = format!("L{}", care.lines).into();
        if care.stay {
            row["med_type"] = "21".into();
        }
        fees
    }

    fn discharge(&self, care: &Care) -> Value {
        let now = wire::print_time(self.centre.clock.now());
        json!({"dscginfo": {"mdtrt_id": care.visit, "psn_no": care.person, "insutype": "310", "endtime": now,
            "dscg_dept_codg": "0301", "dscg_dept_name": "内科", "dscg_way": "1"}, "diseinfo": []})
    }

    /// What the program believes behind an answer.
    fn note(&mut self, at: usize, infno: &str, said: &Said) {
        let care = &mut self.open[at];
        if said.code.is_some() {
            // What does not go on any more is let go.
            if self.random.percent(30) {
                self.open.swap_remove(at);
            }
            return;
        }
        match infno {
            "2204" | "2301" => care.lines += 1,
            "2205" => care.lines = 0,
            "2402" => care.discharged = true,
            "2207" | "2304" => {
                care.settlement = Some(said.get("setlinfo", "setl_id"));
                if self.random.percent(80) {
                    self.open.swap_remove(at);
                }
            }
            "2208" | "2305" => {
                self.open.swap_remove(at);
            }
            _ => {}
        }
    }

    /// Something that was sent before, once more.
    fn again(&mut self) {
        if self.sent.is_empty() {
            return self.begin();
        }
        let sent = self.sent[self.random.below(self.sent.len())].clone();
        self.send(&sent);
    }

    /// What was held back arrives, late.
    fn late(&mut self) {
        if self.held.is_empty() {
            return self.go_on();
        }
        let at = self.random.below(self.held.len());
        let sent = self.held.swap_remove(at);
        self.send(&sent);
    }

    /// 2601 of something that was sent, or is still on its way, or never was.
    fn take_back(&mut self) {
        let original = match self.random.below(4) {
            0 if !self.held.is_empty() => self.held[self.random.below(self.held.len())].clone(),
            1 => self.write("2207", Value::Null),
            _ if !self.sent.is_empty() => self.sent[self.random.below(self.sent.len())].clone(),
            _ => return self.begin(),
        };
        let care =
            original.input.pointer("/data/psn_no").and_then(Value::as_str).unwrap_or_default().to_owned();
        let input = json!({"data": {"psn_no": care, "omsgid": original.msgid, "oinfno": original.infno}});
        let sent = self.write("2601", input);
        self.send(&sent);
    }

    /// Something right, made wrong.
    fn wrong(&mut self) {
        if self.open.is_empty() {
            return self.begin();
        }
        let care = self.open[self.random.below(self.open.len())].clone();
        let mut sent = self.next(&care);
        let spoil = match self.random.below(5) {
            0 => ("psn_no", json!("99010000000000000001")),
            1 => ("mdtrt_id", json!("7")),
            2 => ("medfee_sumamt", json!("1.005")),
            3 => ("psn_no", Value::Null),
            _ => ("insutype", json!("999")),
        };
        for node in ["data", "feedetail", "dscginfo"] {
            let found = &mut sent.input[node];
            let row = if found.is_array() { &mut found[0] } else { found };
            if row.is_object() {
                row[spoil.0] = spoil.1.clone();
            }
        }
        self.send(&sent);
    }

    fn ask(&mut self) {
        let Some(care) = self.open.first().cloned() else { return self.begin() };
        let infno = ["2206", "5204", "5206"][self.random.below(3)];
        let input = match infno {
            "2206" => self.program.bill(&care.person, &care.visit, "1", &format!("{}.00", care.lines * 25)),
            _ => Self::named(&care, &[]),
        };
        let sent = self.write(infno, input);
        self.send(&sent);
    }
}

/// What this process holds in memory, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

/// What hospitals are owed by the ledger, and by the settlements that count.
fn owed(centre: &TestCentre) -> (Money, Money) {
    let (mut ledger, mut settled) = (Money::ZERO, Money::ZERO);
    let mut reader = centre.reader();
    reader
        .scan(&mut |scan| {
            scan.journals(&mut |row| ledger += row.journal.received(Account::HospitalClaim))?;
            scan.settlements(&mut |row| {
                if row.counted {
                    settled += row.amounts.funds_total() + row.amounts.personal_account;
                }
            })
        })
        .expect("books");
    (ledger, settled)
}

#[test]
fn whatever_forty_hospitals_send_the_books_stay_sound() {
    let setting = |name: &str, otherwise: usize| {
        std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let (messages, seed) = (setting("TONGQU_LIFE", 4_000), setting("TONGQU_LIFE_SEED", 1));
    let centre = TestCentre::start_on(Books::new(), 3_000);
    let (done, outcomes) = (AtomicUsize::new(0), Mutex::new(Outcomes::new()));
    let memory = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..HOSPITALS {
            let (centre, done, outcomes, memory) = (&centre, &done, &outcomes, &memory);
            scope.spawn(move || {
                let mut hospital = Hospital::new(centre, number, seed as u64);
                loop {
                    let nth = done.fetch_add(1, Ordering::Relaxed);
                    if nth >= messages {
                        break;
                    }
                    // Some seconds go by: a day in a long run has its end.
                    if nth.is_multiple_of(10) {
                        centre.clock.set(centre.clock.now().saturating_add(4.seconds()));
                    }
                    if nth.is_multiple_of(messages / 10) {
                        memory.lock().expect("nobody panicked").push((nth, resident()));
                    }
                    hospital.step();
                }
                let mut all = outcomes.lock().expect("nobody panicked");
                for (outcome, times) in hospital.outcomes {
                    *all.entry(outcome).or_default() += times;
                }
            });
        }
    });
    let report = centre.assert_clean();
    let (ledger, settled) = owed(&centre);
    let mut memory = memory.into_inner().expect("nobody panicked");
    memory.sort_unstable();
    let outcomes = outcomes.into_inner().expect("nobody panicked");
    for (outcome, times) in &outcomes {
        println!("  {times:>7} {outcome}");
    }
    memory.iter().for_each(|(nth, kib)| println!("  at {nth:>7} messages {:>5} MiB", kib / 1_024));
    println!(
        "life: {messages} messages of {HOSPITALS} hospitals, seed {seed}: {} settlements, {} reversals, owed by the ledger \
         {ledger}, by the settlements {settled}, 0 violations",
        report.settlements, report.reversals
    );
    assert_eq!(ledger, settled, "what hospitals are owed");
    assert!(report.settlements > messages as u64 / 60 && report.reversals > messages as u64 / 600);
    assert!(outcomes.len() > 15, "of every kind: {outcomes:?}");
    // Memory is what a run of any length needs: what half of it needed is enough for all of it.
    let (half, end) = (memory[memory.len() / 2].1, memory[memory.len() - 1].1);
    assert!(end * 4 <= half * 5, "memory grew from {half} to {end} KiB");
}
