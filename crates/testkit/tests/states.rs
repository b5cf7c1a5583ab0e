//! Every path a visit, a stay and a purchase can take, up to six steps: in each state every transaction is either done or refused, always
//! the same way; what is refused changes nothing, and all the books that come of it are sound.
//!
//! `states.txt` says what becomes of each transaction in each state; `UPDATE=1` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::datetime;
use model::{EncounterId, PersonNumber};
use serde_json::{Value, json};
use store::{EncounterState, LineState, Loaded, Needs, Who};
use testkit::{Item, Program, Said, TestCentre};

/// What can be asked about a visit or a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Register,
    Describe,
    Charge,
    Withdraw,
    Preview,
    Interim,
    Discharge,
    Recall,
    Settle,
    Void,
    Cancel,
    TakeBack,
}

use Act::{
    Cancel, Charge, Describe, Discharge, Interim, Preview, Recall, Register, Settle, TakeBack, Void, Withdraw,
};

/// What is walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Visit,
    Stay,
    /// At a pharmacy: a purchase is settled with its lines, and what else is said of visits is not said of it.
    Purchase,
}

const VISIT: &[Act] = &[Register, Describe, Charge, Withdraw, Preview, Settle, Void, Cancel, TakeBack];
const STAY: &[Act] = &[
    Register, Describe, Charge, Withdraw, Preview, Interim, Discharge, Recall, Settle, Void, Cancel, TakeBack,
];

const PURCHASE: &[Act] = &[Describe, Charge, Withdraw, Preview, Settle, Void, Cancel, TakeBack];

/// Longest path.
const STEPS: usize = 6;

/// Somebody on his way: what the hospital's program remembers.
struct Walk<'c> {
    centre: &'c TestCentre,
    program: Program,
    life: Life,
    person: String,
    visit: Option<String>,
    /// The last message that moved money, and its transaction.
    money: Option<(&'static str, String)>,
    settlement: Option<String>,
    batches: usize,
}

impl<'c> Walk<'c> {
    fn new(centre: &'c TestCentre, program: &Program, life: Life, person: usize) -> Self {
        let person = centre.sample.persons[person].enrolment.number.clone();
        let (visit, money, settlement, batches) = (None, None, None, 0);
        Self { centre, program: program.clone(), life, person, visit, money, settlement, batches }
    }

    fn infno(&self, act: Act) -> &'static str {
        match (act, self.life) {
            (Preview, Life::Purchase) => "2101",
            (Interim | Settle, Life::Purchase) => "2102",
            (Void, Life::Purchase) => "2103",
            (Register, Life::Stay) => "2401",
            (Describe, Life::Stay) => "2403",
            (Charge, Life::Stay) => "2301",
            (Withdraw, Life::Stay) => "2302",
            (Preview, Life::Stay) => "2303",
            (Interim | Settle, Life::Stay) => "2304",
            (Void, Life::Stay) => "2305",
            (Cancel, Life::Stay) => "2404",
            (Register, _) => "2201",
            (Describe, _) => "2203",
            (Charge, _) => "2204",
            (Withdraw, _) => "2205",
            (Preview, _) => "2206",
            (Interim | Settle, _) => "2207",
            (Discharge, _) => "2402",
            (Recall, _) => "2405",
            (Void, _) => "2208",
            (Cancel, _) => "2202",
            (TakeBack, _) => "2601",
        }
    }

    fn visit(&self) -> String {
        // Nobody's number, where there is none yet.
        self.visit.clone().unwrap_or_else(|| "7".into())
    }

    fn lines(&self) -> (i64, Loaded) {
        let loaded = self.load();
        let valid = loaded.lines.iter().filter(|line| line.state == LineState::Valid);
        (valid.map(|line| line.amount.fen()).sum(), loaded)
    }

    fn input(&self, act: Act) -> Value {
        let (person, visit) = (self.person.as_str(), self.visit());
        let at = |day| datetime(2026, 11, day, 9, 0, 0, 0);
        let item = Item::one(self.centre.item("血常规(五分类)"), "20.00");
        let named = |more: &[(&str, String)]| {
            let mut data = json!({"psn_no": person, "mdtrt_id": visit});
            more.iter().for_each(|(name, text)| data[*name] = text.as_str().into());
            json!({ "data": data })
        };
        let total = || format!("{}.00", self.lines().0 / 100);
        match (act, self.life) {
            (Preview | Settle, Life::Purchase) => self.purchase(),
            (Void, Life::Purchase) => {
                json!({"data": {"setl_id": self.settlement.clone().unwrap_or_else(|| "7".into())}})
            }
            (Register, Life::Visit | Life::Purchase) => json!({"data": {
                "psn_no": person, "insutype": "310", "begntime": "2026-11-23 08:00:00", "mdtrt_cert_type": "02",
                "mdtrt_cert_no": "x", "ipt_otp_no": self.number(), "atddr_no": "D1", "dr_name": "王医生",
                "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
            }}),
            (Register, Life::Stay) => self.program.admit_request(person, &self.number(), at(20)),
            (Describe, Life::Visit | Life::Purchase) => self.program.visit_request(person, &visit),
            (Describe, Life::Stay) => {
                json!({"adminfo": {"mdtrt_id": visit, "psn_no": person, "adm_bed": "14"}})
            }
            (Charge, Life::Visit | Life::Purchase) => self.program.fees(person, &visit, "1", &[item]),
            (Charge, Life::Stay) => {
                let mut fees = self.program.fees(person, &visit, &self.batches.to_string(), &[item]);
                fees["feedetail"][0]["med_type"] = "21".into();
                fees["feedetail"][0]["fee_ocur_time"] = "2026-11-20 09:00:00".into();
                fees
            }
            (Withdraw, Life::Visit | Life::Purchase) => named(&[("chrg_bchno", "1".into())]),
            (Withdraw, Life::Stay) => {
                json!({"data": [{"feedetl_sn": "0000", "mdtrt_id": visit, "psn_no": person}]})
            }
            (Preview | Settle | Interim, Life::Visit | Life::Purchase) => {
                self.program.bill(person, &visit, "1", &total())
            }
            (Preview | Settle, Life::Stay) => self.program.stay_bill(person, &visit, &self.open_total()),
            (Interim, Life::Stay) => self.program.interim_bill(person, &visit, &self.open_total()),
            (Discharge, _) => json!({
                "dscginfo": {"mdtrt_id": visit, "psn_no": person, "insutype": "310", "endtime": "2026-11-23 08:05:00",
                    "dscg_dept_codg": "0301", "dscg_dept_name": "内科", "dscg_way": "1"},
                "diseinfo": [],
            }),
            (Void, _) => named(&[("setl_id", self.settlement.clone().unwrap_or_else(|| "7".into()))]),
            (Cancel, Life::Visit | Life::Purchase) => named(&[("ipt_otp_no", self.number())]),
            (Recall, _) | (Cancel, Life::Stay) => named(&[]),
            (TakeBack, _) => {
                let never = if self.life == Life::Purchase { "2102" } else { "2207" };
                let (infno, msgid) = self.money.clone().unwrap_or((never, format!("NEVER-{person}")));
                named(&[("omsgid", msgid), ("oinfno", infno.into())])
            }
        }
    }

    fn purchase(&self) -> Value {
        let item = self.centre.item("注射用兰索拉唑");
        json!({
            "druginfo": {"psn_no": self.person, "mdtrt_cert_type": "02", "begntime": "2026-11-23 08:00:00",
                "medfee_sumamt": "20.00", "insutype": "310", "acct_used_flag": "1", "med_type": "41"},
            "drugdetail": [{"feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-23 08:00:00",
                "med_list_codg": item, "medins_list_codg": "Y1", "det_item_fee_sumamt": "20.00", "cnt": "1",
                "pric": "20.00"}],
        })
    }

    fn number(&self) -> String {
        format!("N{}", &self.person[8..])
    }

    /// What no settlement of a stay has settled yet.
    fn open_total(&self) -> String {
        let loaded = self.load();
        let open = loaded.lines.iter().filter(|l| l.state == LineState::Valid && l.charge_batch == "0");
        format!("{}.00", open.map(|line| line.amount.fen()).sum::<i64>() / 100)
    }

    fn load(&self) -> Loaded {
        let hospital = self.centre.hospital_id(&self.program.hospital().name);
        let encounter = self.visit.as_ref().map(|visit| EncounterId(visit.parse().expect("a number")));
        let who = Who::Number(PersonNumber::from(self.person.as_str()));
        self.centre.reader().load(&[Needs { encounter, who, ..Needs::of(hospital) }]).expect("rows")
    }

    /// Does something; what the program remembers of it follows the answer.
    fn act(&mut self, act: Act) -> Said {
        let (infno, msgid, input) = (self.infno(act), self.program.msgid(), self.input(act));
        let mut input = input;
        if act == Charge {
            let number = format!("{}", self.batches);
            input["feedetail"][0]["feedetl_sn"] = number.into();
        }
        let said = self.program.say_as(infno, &msgid, &input);
        if said.code.is_some() {
            return said;
        }
        match act {
            Register => {
                let node = if self.life == Life::Stay { "result" } else { "data" };
                let visit = Some(said.get(node, "mdtrt_id"));
                if visit != self.visit {
                    (self.visit, self.settlement, self.money) = (visit, None, None);
                }
            }
            Charge => self.batches += 1,
            Settle | Interim => {
                self.visit = Some(said.get("setlinfo", "mdtrt_id"));
                self.settlement = Some(said.get("setlinfo", "setl_id"));
                self.money = Some((infno, msgid));
            }
            Void => self.money = Some((infno, msgid)),
            _ => {}
        }
        said
    }

    /// The state, as the books have it.
    fn state(&self) -> String {
        let Some(visit) = &self.visit else { return "none 未登记".into() };
        let loaded = self.load();
        let id: EncounterId = visit.parse().expect("a number");
        let row = loaded.encounters.iter().find(|row| row.id == id).expect("the visit");
        let mut words = vec![match row.state {
            EncounterState::Open => "open 进行中",
            EncounterState::Discharged => "discharged 已出院",
            EncounterState::Cancelled => "cancelled 已撤销",
        }];
        let open_scope = if self.life == Life::Stay { "0" } else { "1" };
        let valid = || loaded.lines.iter().filter(|line| line.state == LineState::Valid);
        let standing: Vec<_> = loaded.settlements.iter().filter(|row| row.effective).collect();
        if standing.iter().any(|row| row.scope == open_scope) {
            words.push("settled 已结算");
        }
        if standing.iter().any(|row| row.scope != open_scope) {
            words.push("settled in part 已中途结算");
        }
        if valid().any(|line| line.charge_batch == open_scope) {
            words.push("with lines 有明细");
        }
        if loaded.lines.iter().any(|line| line.state == LineState::Withdrawn) {
            words.push("with withdrawn lines 有已撤明细");
        }
        // What can be taken back: the last message that moved money, while it stands.
        let last = loaded.settlements.iter().max_by_key(|row| row.version);
        words.push(match last {
            None => "nothing to take back 无可冲正",
            Some(row) if row.kind == store::SettlementKind::Settle => "a settlement behind it 末笔为结算",
            Some(row) if row.kind == store::SettlementKind::Void => "a void behind it 末笔为撤销",
            Some(row) if row.kind == store::SettlementKind::Reinstate => {
                "a re-instating behind it 末笔为恢复"
            }
            Some(_) => "a taking back behind it 末笔为冲正",
        });
        words.join(", ")
    }
}

/// What a state makes of a transaction: done, or the code it is refused with.
type Matrix = BTreeMap<(String, &'static str, Act), BTreeSet<String>>;

struct Explorer<'c> {
    centre: &'c TestCentre,
    program: Program,
    life: Life,
    acts: &'static [Act],
    next_person: AtomicUsize,
    matrix: Mutex<Matrix>,
    paths: AtomicUsize,
}

impl<'c> Explorer<'c> {
    /// Somebody new who has gone this far.
    fn walked(&self, path: &[Act]) -> Walk<'c> {
        let person = self.next_person.fetch_add(1, Ordering::Relaxed);
        let mut walk = Walk::new(self.centre, &self.program, self.life, person);
        for act in path {
            let said = walk.act(*act);
            assert_eq!(said.code, None, "{path:?}: {act:?} was done before: {}", said.text);
        }
        walk
    }

    /// Tries everything where a path has led; answers what leads on.
    fn try_all(&self, path: &[Act]) -> Vec<Act> {
        self.paths.fetch_add(1, Ordering::Relaxed);
        let mut walk = self.walked(path);
        let state = walk.state();
        let mut done = Vec::new();
        for act in self.acts {
            let before = rows(&walk.load());
            let said = walk.act(*act);
            let told = match &said.code {
                None => "done".to_owned(),
                Some(code) => {
                    assert_eq!(
                        rows(&walk.load()),
                        before,
                        "{path:?}: {act:?} was refused and changed something"
                    );
                    let text: Value = serde_json::from_str(&said.text).expect("an answer");
                    let message = text["err_msg"].as_str().expect("a message");
                    assert!(message.chars().count() > code.len() + 6, "{act:?}: it says why: {message}");
                    code.clone()
                }
            };
            let infno = walk.infno(*act);
            let mut matrix = self.matrix.lock().expect("nobody panicked");
            matrix.entry((state.clone(), infno, *act)).or_default().insert(told);
            drop(matrix);
            if said.code.is_some() || (rows(&walk.load()) == before && *act != Charge) {
                continue;
            }
            // What changes something is a path of its own: said again and again it is one, and so are more charges than two.
            let again = *act == Describe && path.contains(act) || *act == Charge && walk.batches > 2;
            if !again {
                done.push(*act);
            }
            walk = self.walked(path);
        }
        done
    }

    fn explore(&self) {
        let mut level: Vec<Vec<Act>> = vec![Vec::new()];
        for length in 0..=STEPS {
            let (at, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        while let Some(path) = level.get(at.fetch_add(1, Ordering::Relaxed)) {
                            if length == STEPS {
                                self.paths.fetch_add(1, Ordering::Relaxed);
                                drop(self.walked(path));
                                continue;
                            }
                            let done = self.try_all(path);
                            let longer = done.into_iter().map(|act| [path.as_slice(), &[act]].concat());
                            found.lock().expect("nobody panicked").extend(longer);
                        }
                    });
                }
            });
            level = found.into_inner().expect("nobody panicked");
        }
    }
}

/// What a refusal must leave as it was.
fn rows(loaded: &Loaded) -> String {
    let persons = loaded.persons.iter().map(|record| &record.state).collect::<Vec<_>>();
    format!("{persons:?} {:?} {:?} {:?}", loaded.encounters, loaded.lines, loaded.settlements)
}

fn told(matrix: &Matrix) -> String {
    let mut text = String::new();
    let mut last = "";
    for ((state, infno, act), outcomes) in matrix {
        if state != last {
            writeln!(text, "\n{state}").unwrap();
            last = state;
        }
        let outcomes = outcomes.iter().cloned().collect::<Vec<_>>().join(" | ");
        writeln!(text, "  {infno} {act:?}: {outcomes}").unwrap();
    }
    text
}

fn explored(at: &str, life: Life, acts: &'static [Act]) -> (String, usize) {
    // Each path has a person of its own.
    let centre = TestCentre::start(if life == Life::Purchase { 1_500 } else { 12_000 });
    let program = centre.program(at);
    let explorer = Explorer {
        centre: &centre,
        program,
        life,
        acts,
        next_person: AtomicUsize::new(20),
        matrix: Mutex::default(),
        paths: AtomicUsize::new(0),
    };
    explorer.explore();
    let text = told(&explorer.matrix.lock().expect("nobody panicked"));
    let paths = explorer.paths.load(Ordering::Relaxed);
    drop(explorer);
    centre.assert_clean();
    (text, paths)
}

#[test]
fn every_path_of_a_visit_a_stay_and_a_purchase_is_sound_and_every_state_answers_the_same_way() {
    let (visits, of_visits) = explored("大榭医院", Life::Visit, VISIT);
    let (stays, of_stays) = explored("大榭医院", Life::Stay, STAY);
    let (purchases, of_purchases) = explored("澜州惠民大药房(钟楼店)", Life::Purchase, PURCHASE);
    println!("{of_visits} paths of visits, {of_stays} of stays, {of_purchases} of purchases");
    let text =
        format!("Outpatient visits 门诊\n{visits}\nStays 住院\n{stays}\nPurchases 药店购药\n{purchases}");
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/states.txt"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "UPDATE=1 writes it anew");
}
