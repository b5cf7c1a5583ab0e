//! Stays settled while they go on: each settlement takes what was not settled before, and all add up to one.

use jiff::civil::{DateTime, datetime};
use money::Money;
use serde_json::json;
use testkit::{Item, Program, Said, TestCentre};

/// A person in hospital since 2026-11-02.
struct Stay {
    centre: TestCentre,
    program: Program,
    person: String,
    id: String,
}

const ADMITTED: DateTime = datetime(2026, 11, 2, 9, 0, 0, 0);

impl Stay {
    fn admit() -> Self {
        Self::admit_for("")
    }

    /// For a listed disease.
    fn admit_for(disease: &str) -> Self {
        let centre = TestCentre::start(50);
        let program = centre.program("大榭医院");
        let person = centre.sample.person("王建国").number.clone();
        let mut request = program.admit_request(&person, "ZY1", ADMITTED);
        request["mdtrtinfo"]["dise_codg"] = disease.into();
        let id = program.say("2401", &request).done().get("result", "mdtrt_id");
        Self { centre, program, person, id }
    }

    /// Anaesthesia, an item of class A at any price, and an examination of class B.
    fn charge(&self, part: &str, day: i8, plain: &str, shared: &str) {
        let items = [
            Item::one(self.centre.item("椎管内麻醉(2小时内)"), plain),
            Item::one(self.centre.item("心脏电生理检查"), shared),
        ];
        let served = datetime(2026, 11, day, 8, 0, 0, 0);
        self.program.more_stay_fees(&self.person, &self.id, part, served, &items).done();
    }

    fn on(&self, day: i8) {
        self.centre.clock.set(datetime(2026, 11, day, 10, 0, 0, 0));
    }

    fn settle_so_far(&self, total: &str) -> Said {
        self.program.say("2304", &self.program.interim_bill(&self.person, &self.id, total))
    }

    fn discharge(&self, day: i8) {
        self.program.discharge(&self.person, &self.id, datetime(2026, 11, day, 9, 0, 0, 0)).done();
    }

    fn settle(&self, total: &str) -> Said {
        self.program.say("2304", &self.program.stay_bill(&self.person, &self.id, total))
    }

    fn void(&self, said: &Said) -> Said {
        self.program.void_stay(&self.person, &self.id, &settlement(said))
    }

    fn withdraw_all(&self) -> Said {
        let all = json!({"data": [{"feedetl_sn": "0000", "mdtrt_id": self.id, "psn_no": self.person}]});
        self.program.say("2302", &all)
    }
}

fn settlement(said: &Said) -> String {
    said.get("setlinfo", "setl_id")
}

fn refused(said: &Said, code: &str) {
    assert_eq!(said.code.as_deref(), Some(code), "{}", said.text);
}

const FIGURES: [&str; 10] = [
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "hifob_pay",
    "acct_pay",
    "psn_cash_pay",
];

fn sums(said: &[Said]) -> Vec<(&'static str, Money)> {
    let sum = |field| said.iter().map(|s| s.get("setlinfo", field).parse::<Money>().unwrap()).sum();
    FIGURES.map(|field| (field, sum(field))).to_vec()
}

#[test]
fn three_settlements_of_a_stay_add_up_to_one() {
    let parts = [("1", 3, "900", "333.33"), ("2", 9, "4100.01", "700.05"), ("3", 20, "61000.10", "12345.67")];
    let whole = Stay::admit();
    parts.iter().for_each(|(part, day, plain, shared)| whole.charge(part, *day, plain, shared));
    whole.discharge(21);
    let at_once = sums(&[whole.settle("79379.16").done()]);
    whole.centre.assert_clean();

    let stay = Stay::admit();
    let mut said = Vec::new();
    stay.on(4);
    stay.charge("1", 3, "900", "333.33");
    let trial =
        stay.program.say("2303", &stay.program.interim_bill(&stay.person, &stay.id, "1233.33")).done();
    said.push(stay.settle_so_far("1233.33").done());
    assert_eq!(trial.get("setlinfo", "hifp_pay"), said[0].get("setlinfo", "hifp_pay"));
    stay.on(10);
    // Sent again: a line settled in mid-stay is the same line.
    stay.charge("1", 3, "900", "333.33");
    stay.charge("2", 9, "4100.01", "700.05");
    said.push(stay.settle_so_far("4800.06").done());
    stay.on(23);
    stay.charge("3", 20, "61000.10", "12345.67");
    stay.discharge(21);
    said.push(stay.settle("73345.77").done());
    assert_eq!(sums(&said), at_once);
    let report = stay.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (3, 0));
}

#[test]
fn what_was_settled_is_undone_from_the_last_one_back_and_its_lines_are_open_again() {
    let stay = Stay::admit();
    stay.on(4);
    stay.charge("1", 3, "2000", "100");
    let first = stay.settle_so_far("2100.00").done();
    // Said again under another id: the number is to be booked.
    refused(&stay.settle_so_far("2100.00"), "ALREADY_SETTLED");
    refused(&stay.settle_so_far("1.00"), "NO_LINES");
    stay.on(21);
    stay.charge("2", 9, "3000", "100");
    let second = stay.settle_so_far("3100.00").done();
    stay.charge("3", 20, "500", "100");
    refused(&stay.void(&first), "UNDO_FIRST");
    assert!(stay.void(&first).text.contains("须先用 2305 撤销本次住院较晚的结算"));
    // Only what is not settled is withdrawn.
    stay.withdraw_all().done();
    stay.discharge(21);
    refused(&stay.settle("600.00"), "NO_LINES");
    let of_stay = json!({"data": {"mdtrt_id": stay.id, "psn_no": stay.person}});
    refused(&stay.program.say("2404", &of_stay), "UNDO_FIRST");
    stay.program.say("2405", &of_stay).done();
    stay.void(&second).done();
    refused(&stay.void(&second), "ALREADY_VOIDED");
    // Settled again, with another line.
    stay.charge("4", 10, "1", "1");
    let again = stay.settle_so_far("3102.00").done();
    stay.void(&again).done();
    stay.void(&first).done();
    stay.withdraw_all().done();
    stay.program.say("2404", &of_stay).done();
    stay.centre.assert_clean();
}

#[test]
fn an_interim_settlement_and_its_void_are_taken_back_as_if_never_sent() {
    let stay = Stay::admit();
    stay.charge("1", 3, "2000", "100");
    let bill = stay.program.interim_bill(&stay.person, &stay.id, "2100.00");
    let msgid = stay.program.msgid();
    stay.program.say_as("2304", &msgid, &bill).done();
    stay.program.reverse(&stay.person, "2304", &msgid).done();
    let first = stay.settle_so_far("2100.00").done();
    let void = stay.program.msgid();
    let request =
        json!({"data": {"psn_no": stay.person, "mdtrt_id": stay.id, "setl_id": settlement(&first)}});
    stay.program.say_as("2305", &void, &request).done();
    stay.program.reverse(&stay.person, "2305", &void).done();
    refused(&stay.settle_so_far("2100.00"), "ALREADY_SETTLED");
    stay.charge("2", 9, "3000", "100");
    let later = stay.program.msgid();
    stay.program.say_as("2304", &later, &stay.program.interim_bill(&stay.person, &stay.id, "3100.00")).done();
    // What a later settlement stands on is not taken back before it.
    let early = stay.program.msgid();
    refused(&stay.program.say_as("2305", &early, &request), "UNDO_FIRST");
    stay.program.reverse(&stay.person, "2304", &later).done();
    stay.program.say("2305", &request).done();
    stay.centre.assert_clean();
}

#[test]
fn a_void_is_not_taken_back_over_lines_that_came_behind_it() {
    let stay = Stay::admit();
    stay.charge("1", 3, "2000", "100");
    let first = stay.settle_so_far("2100.00").done();
    let void = stay.program.msgid();
    let request =
        json!({"data": {"psn_no": stay.person, "mdtrt_id": stay.id, "setl_id": settlement(&first)}});
    stay.program.say_as("2305", &void, &request).done();
    stay.charge("2", 9, "30", "10");
    refused(&stay.program.reverse(&stay.person, "2305", &void), "BILL_CHANGED");
    stay.settle_so_far("2140.00").done();
    stay.centre.assert_clean();
}

#[test]
fn a_stay_over_the_year_is_settled_in_each_year_for_itself() {
    let stay = Stay::admit();
    stay.charge("1", 3, "8000", "1000");
    stay.centre.clock.set(datetime(2026, 12, 31, 20, 0, 0, 0));
    let old = stay.settle_so_far("9000.00").done();
    assert_ne!(old.get("setlinfo", "act_pay_dedc"), "0.00");
    stay.centre.clock.set(datetime(2027, 1, 12, 9, 0, 0, 0));
    let early = stay.program.discharge(&stay.person, &stay.id, datetime(2026, 12, 30, 9, 0, 0, 0));
    refused(&early, "DATE_OUT_OF_RANGE");
    let code = stay.centre.item("椎管内麻醉(2小时内)");
    let served = datetime(2027, 1, 4, 8, 0, 0, 0);
    let item = [Item::one(code, "7000")];
    stay.program.more_stay_fees(&stay.person, &stay.id, "2", served, &item).done();
    stay.program.discharge(&stay.person, &stay.id, datetime(2027, 1, 12, 8, 0, 0, 0)).done();
    let new = stay.settle("7000.00").done();
    assert_eq!(new.get("setlinfo", "medfee_sumamt"), "7000.00");
    refused(&stay.void(&old), "UNDO_FIRST");
    stay.centre.assert_clean();
    stay.void(&new).done();
    stay.centre.assert_clean();
}

#[test]
fn the_last_part_of_a_package_may_be_the_hospitals_alone() {
    let stay = Stay::admit_for("K35.8");
    stay.on(4);
    stay.charge("1", 3, "9000", "1000");
    let first = stay.settle_so_far("10000.00").done();
    assert_eq!(first.get("setlinfo", "hosp_part_amt"), "200.00");
    stay.on(21);
    stay.charge("2", 9, "400", "100");
    stay.discharge(21);
    let last = stay.settle("500.00").done();
    let shares = ["fund_pay_sumamt", "acct_pay", "psn_cash_pay", "hosp_part_amt"];
    assert_eq!(shares.map(|share| last.get("setlinfo", share)), ["0.00", "0.00", "0.00", "500.00"]);
    stay.centre.assert_clean();
    stay.void(&last).done();
    stay.centre.assert_clean();
}

#[test]
fn a_stay_keeps_its_number_whatever_is_settled_between_its_parts() {
    let stay = Stay::admit();
    // Another stay of the same person, discharged, not yet settled; then this one begins.
    let of_stay = json!({"data": {"mdtrt_id": stay.id, "psn_no": stay.person}});
    stay.program.say("2404", &of_stay).done();
    let other = stay.centre.program("龙赛医院");
    let early = other.admit(&stay.person, ADMITTED).done().get("result", "mdtrt_id");
    let code = stay.centre.item("椎管内麻醉(2小时内)");
    let item = [Item::one(code, "3000")];
    other.stay_fees(&stay.person, &early, datetime(2026, 11, 3, 8, 0, 0, 0), &item).done();
    other.discharge(&stay.person, &early, datetime(2026, 11, 4, 9, 0, 0, 0)).done();
    let begins = datetime(2026, 11, 5, 9, 0, 0, 0);
    let id = stay.program.admit_as(&stay.person, "ZY-LATER", begins).done().get("result", "mdtrt_id");
    let stay = Stay { id, ..stay };
    stay.on(10);
    stay.charge("1", 9, "5000", "1");
    let first = stay.settle_so_far("5001.00").done();
    assert_eq!(first.get("setlinfo", "act_pay_dedc"), "600.00");
    let between = other.say("2304", &other.stay_bill(&stay.person, &early, "3000.00")).done();
    assert_eq!(between.get("setlinfo", "act_pay_dedc"), "300.00");
    stay.on(22);
    stay.charge("2", 20, "1000", "1");
    stay.discharge(21);
    let last = stay.settle("1001.00").done();
    assert_eq!(last.get("setlinfo", "act_pay_dedc"), "0.00");
    stay.centre.assert_clean();
    let pool = |said: &Said| said.get("setlinfo", "hifp_pay").parse::<Money>().unwrap();
    // 6,002.00 less 0.20 of class B and 600.00, at 88 %.
    let both = pool(&first) + pool(&last);
    assert_eq!(both, "4753.58".parse().unwrap());
}

#[test]
fn a_part_voided_after_the_discharge_stands_again_when_that_was_a_mistake() {
    let stay = Stay::admit();
    stay.on(4);
    stay.charge("1", 3, "2000", "100");
    let first = stay.settle_so_far("2100.00").done();
    stay.on(21);
    stay.discharge(20);
    let void = stay.program.msgid();
    let request =
        json!({"data": {"psn_no": stay.person, "mdtrt_id": stay.id, "setl_id": settlement(&first)}});
    stay.program.say_as("2305", &void, &request).done();
    stay.program.reverse(&stay.person, "2305", &void).done();
    refused(&stay.settle("2100.00"), "ALREADY_SETTLED");
    stay.centre.assert_clean();
}

#[test]
fn a_package_that_is_dearer_than_the_care_is_told_as_paid_in_full_by_the_pool() {
    let stay = Stay::admit_for("K35.8");
    stay.charge("1", 3, "200", "100");
    stay.discharge(21);
    let said = stay.settle("300.00").done();
    let told = ["hifp_pay", "hosp_part_amt", "pool_prop_selfpay"];
    assert_eq!(told.map(|field| said.get("setlinfo", field)), ["7840.00", "-7840.00", "1.0000"]);
    stay.void(&said).done();
    stay.centre.assert_clean();
}

#[test]
fn a_stay_that_is_a_package_only_at_its_end_is_paid_no_further() {
    let stay = Stay::admit();
    stay.on(4);
    stay.charge("1", 3, "14000", "1000");
    let first = stay.settle_so_far("15000.00").done();
    assert_eq!(first.get("setlinfo", "hosp_part_amt"), "0.00");
    stay.on(21);
    stay.charge("2", 9, "400", "100");
    let ends = datetime(2026, 11, 21, 9, 0, 0, 0);
    stay.program.discharge_for(&stay.person, &stay.id, ends, "K35.8").done();
    let last = stay.settle("500.00").done();
    let shares = ["fund_pay_sumamt", "acct_pay", "psn_cash_pay", "hosp_part_amt"];
    assert_eq!(shares.map(|share| last.get("setlinfo", share)), ["0.00", "0.00", "0.00", "500.00"]);
    stay.void(&last).done();
    stay.void(&first).done();
    let whole = stay.settle("15500.00").done();
    assert_eq!(shares.map(|share| whole.get("setlinfo", share))[3], "5700.00");
    stay.centre.assert_clean();
}
