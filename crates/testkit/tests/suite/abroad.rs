//! People of another city, at the place of care: their own centre decides, whatever becomes of the line between the two, and
//! both have the same in their books.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::datetime;
use model::Clock;
use money::Money;
use sample::Random;
use serde_json::{Value, json};
use testkit::{Item, Lost, Program, Said, TestCentre};

const HOSPITAL: &str = "邻州市人民医院";

/// One settlement as a centre has it: cost, what the home city pays, and whether it counts.
type Settled = (Money, Money, bool);

struct Scene {
    home: TestCentre,
    place: TestCentre,
    program: Program,
    person: String,
}

impl Scene {
    fn new() -> Self {
        let home = TestCentre::start(60);
        let place = TestCentre::neighbour_of(&home);
        let person = home.sample.person("马国栋").number.clone();
        let program = place.program(HOSPITAL);
        Self { home, place, program, person }
    }

    fn items(&self, price: &str) -> [Item; 1] {
        [Item::one(self.home.item("椎管内麻醉(2小时内)"), price)]
    }

    fn tick(&self) {
        let now = self.home.clock.now();
        self.home.clock.set(now.saturating_add(1.minute()));
    }

    /// A bill that is charged, and the input that settles it.
    fn charged(&self, price: &str) -> (String, Value) {
        let visit = self.program.charge(&self.person, &self.items(price));
        let bill = self.program.bill(&self.person, &visit, "1", price);
        (visit, bill)
    }

    /// A bill that is settled at home, and nobody here has heard so: its message.
    fn unheard(&self, price: &str) -> (String, Value) {
        let ((_, bill), msgid) = (self.charged(price), self.program.msgid());
        self.home.way().lose(Lost::Reply);
        self.program.say_as("2207", &msgid, &bill).refused("?");
        (msgid, bill)
    }

    /// 3201 of one day with the sums of these answers, which must be equal: the day is agreed on.
    fn agree(&self, day: &str, rows: &[&Said]) {
        let sum = |field: &str| -> Money {
            rows.iter().map(|said| said.get("setlinfo", field).parse::<Money>().expect("an amount")).sum()
        };
        let totals = json!({"data": {
            "insutype": "310", "clr_type": "11", "setl_optins": "990100", "stmt_begndate": day, "stmt_enddate": day,
            "medfee_sumamt": sum("medfee_sumamt").to_string(), "fund_pay_sumamt": sum("fund_pay_sumamt").to_string(),
            "acct_pay": sum("acct_pay").to_string(), "fixmedins_setl_cnt": rows.len(), "refd_setl_flag": "1",
        }});
        assert_eq!(self.program.say("3201", &totals).done().get("stmtinfo", "stmt_rslt"), "0");
    }

    /// What the home centre has of the hospital.
    fn at_home(&self) -> BTreeMap<i64, Settled> {
        let (mut all, hospital) = (BTreeMap::new(), self.home.hospital_id(HOSPITAL));
        let mut take = |row: store::SettlementRow| {
            let a = &row.amounts;
            let owed = a.funds_total() + a.personal_account + a.mutual_aid;
            if row.hospital == hospital {
                all.insert(row.id.0, (a.total, owed, row.counted));
            }
        };
        self.home.reader().scan(&mut |scan| scan.settlements(&mut take)).expect("books");
        all
    }

    /// What the centre of the place of care has.
    fn here(&self) -> BTreeMap<i64, Settled> {
        let mut all = BTreeMap::new();
        let mut take = |row: store::OffsiteRow| {
            all.insert(row.settlement.0, (row.total, row.owed(), row.counted));
        };
        self.place.reader().scan(&mut |scan| scan.offsite(&mut take)).expect("books");
        all
    }

    fn assert_same(&self) {
        // What was taken back before it was heard of here was never anything here.
        let mut home = self.at_home();
        let here = self.here();
        home.retain(|settlement, (.., counted)| *counted || here.contains_key(settlement));
        assert_eq!(here, home);
        self.home.assert_clean();
        self.place.assert_clean();
    }
}

#[test]
fn a_line_that_is_down_loses_nothing_and_a_reply_that_is_lost_doubles_nothing() {
    let scene = Scene::new();
    let (visit, bill) = scene.charged("1000.00");
    let msgid = scene.program.msgid();
    scene.home.way().lose(Lost::Message);
    scene.program.say_as("2207", &msgid, &bill).refused("LINE_DOWN");
    assert!(scene.at_home().is_empty() && scene.here().is_empty());

    scene.home.way().lose(Lost::Reply);
    scene.program.say_as("2207", &msgid, &bill).refused("?");
    assert_eq!(
        (scene.at_home().len(), scene.here().len()),
        (1, 0),
        "it is settled, and nobody here has heard so"
    );
    // Home knows what became of it; who is told so would never send it again, and it would never be in the books here.
    scene.program.outcome("2207", &msgid).refused("?");
    let said = scene.program.say_as("2207", &msgid, &bill).done();
    assert_eq!(scene.here().len(), 1);
    let outcome = scene.program.outcome("2207", &msgid).done();
    assert_eq!(outcome.get("result", "outcome"), "done");
    let again = scene.program.say_as("2207", &msgid, &bill).done();
    assert!(again.replayed && again.text == said.text);

    scene.tick();
    scene.home.way().lose(Lost::Reply);
    let void = json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "setl_id": said.get("setlinfo", "setl_id")}});
    let msgid = scene.program.msgid();
    scene.program.say_as("2208", &msgid, &void).refused("?");
    scene.program.say_as("2208", &msgid, &void).done();
    let sum: Money = scene.here().values().map(|(_, owed, _)| *owed).sum();
    assert_eq!((scene.here().len(), sum), (2, Money::ZERO));
    scene.assert_same();
}

#[test]
fn what_the_home_centre_refuses_is_refused_here_for_good() {
    let scene = Scene::new();
    let (_, bill) = scene.charged("50.00");
    let mut wrong = bill.clone();
    wrong["data"]["medfee_sumamt"] = "51.00".into();
    let msgid = scene.program.msgid();
    let said = scene.program.say_as("2207", &msgid, &wrong);
    let code = said.code.clone().expect("it is refused");
    let again = scene.program.say_as("2207", &msgid, &wrong);
    assert!(again.replayed, "{}", again.text);
    again.refused(&code);
    scene.program.say("2207", &bill).done();
    scene.assert_same();
}

#[test]
fn a_message_is_taken_back_at_both_centres_whoever_had_heard_of_it() {
    let scene = Scene::new();
    for heard in [true, false] {
        scene.tick();
        let (_, bill) = scene.charged("300.00");
        let msgid = scene.program.msgid();
        if !heard {
            scene.home.way().lose(Lost::Reply);
        }
        let said = scene.program.say_as("2207", &msgid, &bill);
        assert_eq!(said.code.is_none(), heard);
        scene.program.reverse(&scene.person, "2207", &msgid).done();
        let told = if heard { "MESSAGE_TAKEN_BACK" } else { "REVERSED_BEFORE_ARRIVAL" };
        scene.program.say_as("2207", &msgid, &bill).refused(told);
    }
    assert!(scene.at_home().values().chain(scene.here().values()).all(|(.., counted)| !counted));
    scene.assert_same();
}

#[test]
fn what_was_done_before_something_here_stood_in_its_way_is_answered_as_done() {
    let mut scene = Scene::new();
    let (msgid, bill) = scene.unheard("300.00");
    // From now on this centre wants a sign-in, and lists the item no more.
    scene.place.set_profile(HOSPITAL, "traces=warn sign_in=require");
    scene.program = scene.place.program(HOSPITAL);
    scene.tick();
    scene.home.way().lose(Lost::Message);
    scene.program.say_as("2207", &msgid, &bill).refused("?");
    scene.program.say_as("2207", &msgid, &bill).done();
    scene.tick();
    let other = scene.program.bill(&scene.person, "1", "1", "300.00");
    scene.program.say("2207", &other).refused("SIGN_IN_REQUIRED");
    assert_eq!(scene.here().len(), 1);
    scene.assert_same();
}

#[test]
fn another_message_under_a_known_id_does_not_stand_in_the_way_of_the_first() {
    let scene = Scene::new();
    let (msgid, bill) = scene.unheard("300.00");
    let mut other = bill.clone();
    other["data"]["medfee_sumamt"] = "301.00".into();
    scene.program.say_as("2207", &msgid, &other).refused("MSGID_REUSED");
    scene.program.say_as("2207", &msgid, &bill).done();
    assert_eq!(scene.here().len(), 1);
    scene.assert_same();
}

#[test]
fn what_home_took_back_of_a_day_that_is_agreed_on_by_now_is_undone_today() {
    let scene = Scene::new();
    let (_, bill) = scene.charged("1000.00");
    let msgid = scene.program.msgid();
    let said = scene.program.say_as("2207", &msgid, &bill).done();
    let taken = json!({"data": {"psn_no": scene.person, "omsgid": msgid, "oinfno": "2207"}});
    scene.tick();
    let msgid = scene.program.msgid();
    scene.home.way().lose(Lost::Reply);
    scene.program.say_as("2601", &msgid, &taken).refused("?");
    scene.home.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    scene.agree("2026-11-23", &[&said]);
    scene.tick();
    scene.program.say_as("2601", &msgid, &taken).done();
    let here = scene.here();
    let counted = || here.values().filter(|(.., counted)| *counted);
    assert_eq!((counted().count(), counted().map(|(_, owed, _)| *owed).sum::<Money>()), (2, Money::ZERO));
    assert!(scene.at_home().values().all(|(.., counted)| !counted));
    scene.home.assert_clean();
    scene.place.assert_clean();
}

#[test]
fn every_way_to_settle_is_undone_in_both_books() {
    let scene = Scene::new();
    let item = scene.home.item("椎管内麻醉(2小时内)");
    let purchase = json!({
        "druginfo": {"psn_no": scene.person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "begntime": "2026-11-23 08:00:00",
            "medfee_sumamt": "60.00", "insutype": "310", "acct_used_flag": "1", "med_type": "41", "invono": ""},
        "drugdetail": [{"feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-23 08:00:00",
            "med_list_codg": item, "medins_list_codg": "Y1", "det_item_fee_sumamt": "60.00", "cnt": "1", "pric": "60"}],
    });
    let bought = scene.program.say("2102", &purchase).done();
    scene.tick();
    // The answer to this void does not say the kind of clearing.
    scene.program.say("2103", &json!({"data": {"setl_id": bought.get("setlinfo", "setl_id")}})).done();
    scene.tick();
    let days = (datetime(2026, 11, 20, 9, 0, 0, 0), datetime(2026, 11, 23, 8, 0, 0, 0));
    let (stay, settled) = scene.program.settle_stay(&scene.person, days, &scene.items("3000.00"), "3000.00");
    scene.tick();
    scene.program.void_stay(&scene.person, &stay, &settled.get("setlinfo", "setl_id")).done();
    let here = scene.here();
    assert_eq!((here.len(), here.values().map(|(_, owed, _)| *owed).sum::<Money>()), (4, Money::ZERO));
    scene.assert_same();
}

#[test]
fn a_settlement_heard_of_on_the_next_day_counts_on_its_own() {
    let scene = Scene::new();
    let (msgid, bill) = scene.unheard("100.00");
    scene.home.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    let said = scene.program.say_as("2207", &msgid, &bill).done();
    assert_eq!(details(&scene, &[said]), Vec::<Vec<String>>::new());
    scene.assert_same();
}

#[test]
fn the_home_centre_is_asked_about_its_people_and_the_place_about_its_institutions() {
    let scene = Scene::new();
    let card = &scene.home.sample.person("马国栋").card;
    let asked =
        json!({"data": {"mdtrt_cert_type": "03", "mdtrt_cert_no": card, "begntime": "2026-11-23 08:00:00"}});
    let said = scene.program.say("1101", &asked).done();
    assert_eq!(said.get("baseinfo", "psn_name"), "马国栋");
    let code = &scene.program.hospital().code;
    let said =
        scene.program.say("1201", &json!({"medinsinfo": {"fixmedins_type": "1", "fixmedins_code": code}}));
    assert_eq!(said.done().get("medinsinfo", "fixmedins_code"), *code);
    // Nobody of the neighbour city's own is known at home.
    let message = json!({"data": {"psn_no": "nobody", "insutype": "310", "begntime": "2026-11-23 08:00:00",
        "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "ipt_otp_no": "1", "atddr_no": "D1", "dr_name": "王医生",
        "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03"}});
    scene.program.say("2201", &message).refused("PERSON_UNKNOWN");
    scene.assert_same();
}

/// 3202 of a day, with these rows.
fn details(scene: &Scene, rows: &[Said]) -> Vec<Vec<String>> {
    let sum = |field: &str| -> Money {
        rows.iter().map(|said| said.get("setlinfo", field).parse::<Money>().expect("an amount")).sum()
    };
    let line = |said: &Said| {
        let of = |field: &str| said.get("setlinfo", field);
        let refund = if of("medfee_sumamt").starts_with('-') { "1" } else { "0" };
        let names = ["psn_no", "mdtrt_id", "setl_id", "medins_setl_id"].map(of);
        let amounts = ["medfee_sumamt", "fund_pay_sumamt", "acct_pay"].map(of);
        [&names.join("\t"), refund, &amounts.join("\t")].join("\t") + "\r\n"
    };
    let text: String = rows.iter().map(line).collect();
    let file = scene.program.upload("rows.zip", &wire::zip("rows.txt", text.as_bytes()));
    let said = scene.program.say(
        "3202",
        &json!({"data": {
            "clr_type": "11", "setl_optins": "990100", "file_qury_no": file, "stmt_begndate": "2026-11-23",
            "stmt_enddate": "2026-11-23", "medfee_sumamt": sum("medfee_sumamt").to_string(),
            "fund_pay_sumamt": sum("fund_pay_sumamt").to_string(), "cash_payamt": "0",
            "fixmedins_setl_cnt": rows.len(), "refd_setl_flag": "1",
        }}),
    );
    let result = scene.program.fetch(&said.done().get("fileinfo", "file_qury_no")).expect("the result");
    let text = wire::text_of(&result).expect("text");
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn a_day_with_people_of_another_city_is_compared_row_by_row() {
    let scene = Scene::new();
    let mut heard = Vec::new();
    for price in ["100.00", "200.00", "300.00"] {
        scene.tick();
        heard.push(scene.program.settle(&scene.person, &scene.items(price), price).1);
    }
    scene.home.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    assert_eq!(details(&scene, &heard), Vec::<Vec<String>>::new());
    let rest = details(&scene, &heard[..2]);
    assert_eq!(rest.len(), 1);
    assert!(rest[0][6].starts_with("[NOT_WRITTEN]"), "{rest:?}");
    let twice = [heard.clone(), heard[..1].to_vec()].concat();
    assert!(details(&scene, &twice)[0][6].starts_with("[TWICE]"));
    scene.assert_same();
}

#[test]
fn a_confirmation_is_taken_back_and_given_again() {
    let scene = Scene::new();
    let said = scene.program.settle(&scene.person, &scene.items("1000.00"), "1000.00").1;
    scene.home.clock.set(datetime(2026, 12, 1, 9, 0, 0, 0));
    let month = json!({"trt_year": "2026", "trt_month": "11"});
    let row = json!({"mdtrt_id": said.get("setlinfo", "mdtrt_id"), "setl_sn": said.get("setlinfo", "setl_id"),
        "medfee_sumamt": "1000.00", "cnfm_flag": "1"});
    let confirm = |row: &Value| scene.program.say("3261", &json!({"data": month, "detail": [row]}));
    let mut other = row.clone();
    other["medfee_sumamt"] = "999.00".into();
    confirm(&other).refused("CLEARING_DIFFERS");
    scene.program.say("3262", &json!({ "data": month })).refused("NOT_REGISTERED");
    confirm(&row).done();
    scene.program.say("3262", &json!({ "data": month })).done();
    confirm(&row).done();
    scene.assert_same();
}

#[test]
fn a_settlement_heard_of_when_its_day_is_agreed_on_counts_today() {
    let scene = Scene::new();
    let (msgid, bill) = scene.unheard("100.00");
    scene.home.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    // In the hospital's books, as in those here, there is nothing of yesterday.
    scene.agree("2026-11-23", &[]);
    scene.tick();
    let said = scene.program.say_as("2207", &msgid, &bill).done();
    scene.home.clock.set(datetime(2026, 11, 25, 9, 0, 0, 0));
    scene.agree("2026-11-24", &[&said]);
    scene.assert_same();
}

#[test]
fn what_is_kept_on_the_way_is_told_to_be_unknown() {
    let scene = Scene::new();
    let (_, bill) = scene.charged("100.00");
    let msgid = scene.program.msgid();
    scene.home.way().lose(Lost::Kept);
    scene.program.say_as("2207", &msgid, &bill).refused("?");
    assert!(scene.at_home().is_empty() && scene.here().is_empty());
    scene.program.say_as("2207", &msgid, &bill).done();
    scene.assert_same();
}

/// Settles, voids and takes back on a bad line, each message until something is heard of it.
fn life(seed: u64) {
    let mut scene = Scene::new();
    let mut random = Random::new(seed);
    let mut bills: Vec<(String, String)> = Vec::new();
    for _ in 0..40 {
        scene.tick();
        let roll = random.below(10);
        let (infno, input) = match (roll, bills.is_empty()) {
            (0, _) => {
                scene.home.restart();
                continue;
            }
            (1, _) => {
                scene.place.restart();
                scene.program = scene.place.program(HOSPITAL);
                continue;
            }
            (2..=4, false) => {
                let (visit, settlement) = bills.swap_remove(random.below(bills.len()));
                let data = json!({"psn_no": scene.person, "mdtrt_id": visit, "setl_id": settlement});
                ("2208", json!({ "data": data }))
            }
            _ => ("2207", scene.charged(&format!("{}.00", 100 + random.below(400))).1),
        };
        scene.tick();
        let msgid = scene.program.msgid();
        let said = loop {
            match random.below(4) {
                0 => scene.home.way().lose(Lost::Message),
                1 => scene.home.way().lose(Lost::Reply),
                _ => {}
            }
            let said = scene.program.say_as(infno, &msgid, &input);
            if !matches!(said.code.as_deref(), Some("?" | "LINE_DOWN")) {
                break said.done();
            }
            if said.code.as_deref() == Some("?") && infno == "2207" && random.percent(30) {
                scene.tick();
                scene.program.reverse(&scene.person, infno, &msgid).done();
                scene.program.say_as(infno, &msgid, &input).refused("REVERSED_BEFORE_ARRIVAL");
                break said;
            }
        };
        if infno == "2207" && said.code.is_none() {
            bills.push((said.get("setlinfo", "mdtrt_id"), said.get("setlinfo", "setl_id")));
        }
    }
    scene.assert_same();
}

#[test]
fn on_a_bad_line_between_two_centres_that_restart_both_have_the_same_books() {
    (1..=3).for_each(life);
}
