//! Plays a story on a centre: hospitals, patients and officers do what its steps say.

mod officers;
mod read;

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::DateTime;
use model::Clock;
use serde_json::{Value, json};
use testkit::{Item, Lost, Program, Said, TestCentre};

pub use read::{Step, Story};

/// A bill, and the message that made or undid it.
#[derive(Clone)]
struct Bill {
    at: String,
    person: String,
    visit: String,
    stay: bool,
    /// Transaction and id of the message, and what it said.
    sent: (String, String, Value),
    /// What was answered; nothing where the reply was lost.
    said: Option<Said>,
    /// It went down between the two centres.
    unheard: bool,
}

impl Bill {
    fn settlement(&self) -> String {
        self.said.as_ref().expect("its answer was heard").get("setlinfo", "setl_id")
    }
}

struct Stay {
    at: String,
    person: String,
    id: String,
    parts: usize,
    sent: (String, String, Value),
}

/// A story on its way.
pub struct Play {
    centre: TestCentre,
    /// The neighbour city's, where the story has it.
    second: Option<TestCentre>,
    bills: HashMap<String, Bill>,
    stays: HashMap<String, Stay>,
}

/// Figures of a settlement by the words of a story.
const FIGURES: [(&str, &str); 19] = [
    ("total", "medfee_sumamt"),
    ("out_of_scope", "fulamt_ownpay_amt"),
    ("over_limit", "overlmt_selfpay"),
    ("first_self_pay", "preselfpay_amt"),
    ("in_scope", "inscp_scp_amt"),
    ("deductible", "act_pay_dedc"),
    ("pool", "hifp_pay"),
    ("large_amount", "hifob_pay"),
    ("serious_illness", "hifmi_pay"),
    ("civil_servant", "cvlserv_pay"),
    ("employer", "hifes_pay"),
    ("aid", "maf_pay"),
    ("funds", "fund_pay_sumamt"),
    ("account", "acct_pay"),
    ("relatives", "acct_mulaid_pay"),
    ("patient", "psn_part_amt"),
    ("cash", "psn_cash_pay"),
    ("hospital", "hosp_part_amt"),
    ("balance", "balc"),
];

/// Plays a story from its file, and looks at the books.
pub fn play(text: &str) {
    let story = Story::read(text);
    let centre = TestCentre::start(60);
    centre.clock.set(story.begins);
    let second = story.second_centre.then(|| TestCentre::neighbour_of(&centre));
    let mut play = Play { centre, second, bills: HashMap::new(), stays: HashMap::new() };
    for step in &story.steps {
        play.step(step);
        step.done();
    }
    let report = play.centre.assert_clean();
    let _ = play.second.map(|second| second.assert_clean());
    let (bills, undone) = (report.settlements, report.reversals);
    println!("{}: {} steps, {bills} settlements, {undone} undone", story.title, story.steps.len());
}

impl Play {
    fn step(&mut self, step: &Step) {
        // Each step is a minute later, unless it says when it is.
        let now = step.moment("on").unwrap_or_else(|| self.centre.clock.now().saturating_add(1.minute()));
        self.centre.clock.set(now);
        let _ = (step.maybe("zh"), step.maybe("en"));
        match step.text("do").as_str() {
            "register" => self.register(step),
            "settle" => self.settle(step),
            "buy" => self.buy(step),
            "void" => self.void(step),
            "again" => self.again(step),
            "ask" => self.ask(step),
            "take back" => self.take_back(step),
            "admit" => self.admit(step),
            "charge" => self.charge(step),
            "settle so far" => self.settle_stay(step, true),
            "discharge" => self.discharge(step),
            "settle stay" => self.settle_stay(step, false),
            "recall" => self.of_stay(step, "2405"),
            "withdraw charges" => self.withdraw(step),
            "file disease" | "refer" => self.file(step),
            other => self.officer(step, other),
        }
    }

    fn person(&self, name: &str) -> String {
        self.centre.sample.person(name).number.clone()
    }

    fn program(&self, at: &str) -> Program {
        self.centre_of(at).program(at)
    }

    /// The centre an institution speaks to.
    fn centre_of(&self, at: &str) -> &TestCentre {
        let there = |second: &&TestCentre| second.sample.hospitals.iter().any(|hospital| hospital.name == at);
        self.second.as_ref().filter(there).unwrap_or(&self.centre)
    }

    fn centre_of_mut(&mut self, at: &str) -> &mut TestCentre {
        let there =
            |second: &&mut TestCentre| second.sample.hospitals.iter().any(|hospital| hospital.name == at);
        self.second.as_mut().filter(there).unwrap_or(&mut self.centre)
    }

    /// The next message goes down between the two centres, or its reply.
    fn cut(&self, step: &Step) {
        match step.maybe("unheard").as_deref() {
            None => {}
            Some("message") => self.centre.way().lose(Lost::Message),
            Some("reply") => self.centre.way().lose(Lost::Reply),
            Some(other) => panic!("nobody knows {other}; {}", step.told()),
        }
    }

    /// Items as they are written: `name price` or `name price x quantity`.
    fn items(&self, step: &Step) -> (Vec<Item>, String) {
        let mut total = money::Money::ZERO;
        let items = step.texts("items");
        let items = items.iter().map(|text| {
            let mut words: Vec<&str> = text.split(' ').collect();
            let quantity = match words.iter().position(|word| *word == "x") {
                Some(at) => {
                    let quantity = words[at + 1].to_owned();
                    words.truncate(at);
                    quantity
                }
                None => "1".to_owned(),
            };
            let price = words.pop().expect("a price");
            let amount =
                money::Exact::line(price.parse().expect("a price"), quantity.parse().expect("a quantity"));
            let amount = amount.round(money::Rounding::HalfUp);
            total += amount;
            Item {
                quantity,
                amount: amount.to_string(),
                ..Item::one(self.centre.item(&words.join(" ")), price)
            }
        });
        (items.collect(), total.to_string())
    }

    /// Says a message; it comes to what the step says, or is refused as it says.
    fn say(&self, step: &Step, at: &str, infno: &str, input: &Value) -> (String, Said) {
        let program = self.program(at);
        let msgid = program.msgid();
        self.cut(step);
        let said = program.say_as(infno, &msgid, input);
        check(step, &said);
        (msgid, said)
    }

    fn keep(&mut self, step: &Step, bill: Bill) {
        let unheard = step.maybe("unheard").is_some();
        if !unheard && bill.said.as_ref().is_some_and(|said| said.code.is_some()) {
            return;
        }
        if let Some(name) = step.maybe("bill") {
            let lost = step.maybe("reply").as_deref() == Some("lost");
            let said = bill.said.filter(|_| !lost && !unheard);
            self.bills.insert(name, Bill { said, unheard, ..bill });
        }
    }

    fn bill(&self, step: &Step, word: &str) -> Bill {
        let name = step.text(word);
        self.bills.get(&name).unwrap_or_else(|| panic!("there is no `{name}`; {}", step.told())).clone()
    }

    fn open_visit(&self, at: &str, person: &str) -> String {
        self.program(at).register(person)
    }

    /// A visit that is opened and left: nothing hangs on it.
    fn register(&mut self, step: &Step) {
        let (at, person) = (step.text("at"), self.person(&step.text("person")));
        let (program, now) = (self.program(&at), wire::print_time(self.centre.clock.now()));
        let msgid = program.msgid();
        let input = json!({"data": {
            "psn_no": person, "insutype": "310", "begntime": now, "mdtrt_cert_type": "02", "mdtrt_cert_no": "x",
            "ipt_otp_no": &msgid[12..], "atddr_no": "D1", "dr_name": "王医生", "dept_code": "0301",
            "dept_name": "内科门诊", "caty": "A03",
        }});
        let said = program.say_as("2201", &msgid, &input);
        check(step, &said);
    }

    /// An outpatient bill from registration to settlement.
    fn settle(&mut self, step: &Step) {
        let (at, person) = (step.text("at"), self.person(&step.text("person")));
        let (items, total) = self.items(step);
        let (care, disease) = (step.maybe("care").unwrap_or("11".into()), step.maybe("disease"));
        let program = self.program(&at);
        let visit = self.open_visit(&at, &person);
        let mut told = program.visit_request(&person, &visit);
        told["mdtrtinfo"]["med_type"] = care.as_str().into();
        told["mdtrtinfo"]["dise_codg"] = disease.unwrap_or_default().into();
        program.say("2203", &told).done();
        program.say("2204", &program.fees(&person, &visit, "1", &items)).done();
        let mut bill = program.bill(&person, &visit, "1", &total);
        bill["data"]["med_type"] = care.into();
        let msgid = program.msgid();
        self.cut(step);
        let said = program.say_as("2207", &msgid, &bill);
        check(step, &said);
        let sent = ("2207".to_owned(), msgid, bill);
        self.keep(step, Bill { at, person, visit, stay: false, sent, said: Some(said), unheard: false });
    }

    /// A purchase at a pharmacy.
    fn buy(&mut self, step: &Step) {
        let (at, person) = (step.text("at"), self.person(&step.text("person")));
        let (items, total) = self.items(step);
        let (now, transferred) = (wire::print_time(self.centre.clock.now()), step.flag("prescription"));
        let flag = if transferred { "1" } else { "0" };
        let rows: Vec<Value> = (1..)
            .zip(&items)
            .map(|(n, item)| {
                json!({"feedetl_sn": n.to_string(), "rx_circ_flag": flag, "fee_ocur_time": now,
                    "med_list_codg": item.code, "medins_list_codg": "Y1", "det_item_fee_sumamt": item.amount,
                    "cnt": item.quantity, "pric": item.price})
            })
            .collect();
        let input = json!({
            "druginfo": {"psn_no": person, "mdtrt_cert_type": "02", "begntime": now, "medfee_sumamt": total,
                "insutype": "310", "acct_used_flag": "1", "med_type": "41"},
            "drugdetail": rows,
        });
        let (msgid, said) = self.say(step, &at, "2102", &input);
        let visit = if said.code.is_none() { said.get("setlinfo", "mdtrt_id") } else { String::new() };
        let sent = ("2102".to_owned(), msgid, input);
        self.keep(step, Bill { at, person, visit, stay: false, sent, said: Some(said), unheard: false });
    }

    /// Voids a bill as a whole, on its own day.
    fn void(&mut self, step: &Step) {
        let of = self.bill(step, "of");
        let infno = match (of.stay, of.sent.0.as_str()) {
            (true, _) => "2305",
            (_, "2102") => "2103",
            _ => "2208",
        };
        let data = json!({"psn_no": of.person, "mdtrt_id": of.visit, "setl_id": of.settlement()});
        let input = json!({ "data": data });
        let (msgid, said) = self.say(step, &of.at, infno, &input);
        let sent = (infno.to_owned(), msgid, input);
        self.keep(step, Bill { sent, said: Some(said), ..of });
    }

    /// The same message once more, as a program sends it that has heard nothing: the same answer comes.
    fn again(&mut self, step: &Step) {
        let (name, of) = (step.text("of"), self.bill(step, "of"));
        let (infno, msgid, input) = &of.sent;
        let said = self.program(&of.at).say_as(infno, msgid, input);
        check(step, &said);
        if said.code.is_none() {
            // Where the hospital's own centre had not heard either, it says it for the first time.
            assert_eq!(said.replayed, !of.unheard, "it was done before; {}", step.told());
            self.bills.insert(name, Bill { said: Some(said), unheard: false, ..of });
        }
    }

    /// What became of a message?
    fn ask(&self, step: &Step) {
        let (infno, msgid, at) = self.message(step);
        let said = self.program(&at).outcome(&infno, &msgid).done();
        assert_eq!(said.get("result", "outcome"), step.text("is"), "{}", step.told());
    }

    /// The message of a bill or of an admission.
    fn message(&self, step: &Step) -> (String, String, String) {
        let name = step.text("of");
        let bill = self.bills.get(&name).map(|bill| (&bill.sent, &bill.at));
        let stay = self.stays.get(&name).map(|stay| (&stay.sent, &stay.at));
        let found = bill.or(stay).unwrap_or_else(|| panic!("there is no `{name}`; {}", step.told()));
        let ((infno, msgid, _), at) = found;
        (infno.clone(), msgid.clone(), at.clone())
    }

    /// 2601: as if the message had never been sent.
    fn take_back(&self, step: &Step) {
        let name = step.text("of");
        let person = self.bills.get(&name).map(|bill| bill.person.clone());
        let person = person.or_else(|| self.stays.get(&name).map(|stay| stay.person.clone())).expect("whose");
        let (infno, msgid, at) = self.message(step);
        let said = self.program(&at).reverse(&person, &infno, &msgid);
        check(step, &said);
    }

    fn admit(&mut self, step: &Step) {
        let (at, person) = (step.text("at"), self.person(&step.text("person")));
        let program = self.program(&at);
        let (msgid, now) = (program.msgid(), self.centre.clock.now());
        let mut input = program.admit_request(&person, &msgid[12..], now);
        input["mdtrtinfo"]["dise_codg"] = step.maybe("disease").unwrap_or_default().into();
        if let Some(care) = step.maybe("care") {
            input["mdtrtinfo"]["med_type"] = care.into();
        }
        let said = program.say_as("2401", &msgid, &input);
        check(step, &said);
        let lost = step.maybe("reply").as_deref() == Some("lost");
        if said.code.is_none() {
            let id = if lost { String::new() } else { said.get("result", "mdtrt_id") };
            let sent = ("2401".to_owned(), msgid, input);
            self.stays.insert(step.text("stay"), Stay { at, person, id, parts: 0, sent });
        }
    }

    fn stay(&mut self, step: &Step) -> &mut Stay {
        let name = step.text("stay");
        self.stays.get_mut(&name).unwrap_or_else(|| panic!("there is no stay `{name}`; {}", step.told()))
    }

    fn charge(&mut self, step: &Step) {
        let (items, _) = self.items(step);
        let served = step.moment("served").unwrap_or_else(|| self.centre.clock.now());
        let stay = self.stay(step);
        stay.parts += 1;
        let (at, person, id, part) =
            (stay.at.clone(), stay.person.clone(), stay.id.clone(), stay.parts.to_string());
        let said = self.program(&at).more_stay_fees(&person, &id, &part, served, &items);
        check(step, &said);
    }

    fn discharge(&mut self, step: &Step) {
        let ends: DateTime = step.moment("ends").unwrap_or_else(|| self.centre.clock.now());
        let stay = self.stay(step);
        let (at, person, id) = (stay.at.clone(), stay.person.clone(), stay.id.clone());
        let said = self.program(&at).discharge(&person, &id, ends);
        check(step, &said);
    }

    /// Settles a stay, or what it has come to so far; the step says the sum of what is not settled yet.
    fn settle_stay(&mut self, step: &Step, so_far: bool) {
        let total = step.text("sum");
        let stay = self.stay(step);
        let (at, person, visit) = (stay.at.clone(), stay.person.clone(), stay.id.clone());
        let program = self.program(&at);
        let input = if so_far {
            program.interim_bill(&person, &visit, &total)
        } else {
            program.stay_bill(&person, &visit, &total)
        };
        let (msgid, said) = self.say(step, &at, "2304", &input);
        let sent = ("2304".to_owned(), msgid, input);
        self.keep(step, Bill { at, person, visit, stay: true, sent, said: Some(said), unheard: false });
    }

    fn of_stay(&mut self, step: &Step, infno: &str) {
        let stay = self.stay(step);
        let (at, input) = (stay.at.clone(), json!({"data": {"mdtrt_id": stay.id, "psn_no": stay.person}}));
        self.say(step, &at, infno, &input);
    }

    fn withdraw(&mut self, step: &Step) {
        let stay = self.stay(step);
        let all = json!({"data": [{"feedetl_sn": "0000", "mdtrt_id": stay.id, "psn_no": stay.person}]});
        let at = stay.at.clone();
        self.say(step, &at, "2302", &all);
    }

    /// A listed disease is certified, or the patient is sent on.
    fn file(&self, step: &Step) {
        let (at, person) = (step.text("at"), self.person(&step.text("person")));
        let hospital = self.centre.sample.hospital(&at);
        let from = step.day("from").unwrap_or_else(|| self.centre.clock.now().date()).to_string();
        if step.text("do") == "refer" {
            let to = self.centre.sample.hospital(&step.text("to"));
            let input = json!({"refmedin": {
                "psn_no": person, "diag_code": "I10", "diag_name": "高血压", "reflin_medins_no": to.code,
                "reflin_medins_name": to.name, "mdtrtarea_admdvs": to.division, "refl_type": "1",
                "refl_date": from, "refl_rea": "本地无条件", "refl_opnn": "同意",
            }});
            self.say(step, &at, "2501", &input);
            return;
        }
        let input = json!({"data": {
            "psn_no": person, "insutype": "310", "opsp_dise_code": step.text("code"), "opsp_dise_name": "病种",
            "insu_optins": "990100", "ide_fixmedins_no": hospital.code, "ide_fixmedins_name": hospital.name,
            "hosp_ide_date": from, "diag_dr_codg": "D1", "diag_dr_name": "示例医师", "begndate": from,
        }});
        self.say(step, &at, "2503", &input);
    }
}

/// Whether an answer is what the step says: refused so, or done with these figures.
fn check(step: &Step, said: &Said) {
    if let Some(what) = step.maybe("unheard") {
        let told = if what == "message" { "LINE_DOWN" } else { "?" };
        return assert_eq!(said.code.as_deref(), Some(told), "{}\n{}", step.told(), said.text);
    }
    let (refused, figures) = (step.maybe("refused"), step.figures("comes_to"));
    assert_eq!(said.code, refused, "{}\n{}", step.told(), said.text);
    for (name, amount) in figures {
        let field = FIGURES.iter().find(|(word, _)| *word == name).map(|(_, field)| *field);
        let field = field.unwrap_or_else(|| panic!("nobody knows the figure {name}; {}", step.told()));
        assert_eq!(said.get("setlinfo", field), amount, "{name}; {}\n{}", step.told(), said.text);
    }
}
