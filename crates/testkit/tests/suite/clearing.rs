//! A month's clearing: applied for, closed, paid, and what is right all the same when something comes late.

use std::collections::{BTreeMap, HashMap};

use centre::{ByHand, ClearingError, Hands, Lacks, Reckoned, SheetLine, run_of, sheet};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date, datetime};
use model::{Clock, EncounterId, Fund, InsuranceKind, Payer, SettlementId};
use money::{Money, Rate};
use serde_json::{Value, json};
use store::EntryKind;
use testkit::{Item, Program, Said, TestCentre, filled};

const HERE: &str = "大榭医院";
const NOVEMBER: Date = date(2026, 11, 1);
const ONE: Hands<'_> = Hands { by: "甲", confirmed_by: "", why: "" };
const TWO: Hands<'_> = Hands { by: "甲", confirmed_by: "乙", why: "跨期更正" };
const POOL: Payer = Payer::Fund(Fund::Pooled);

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
    /// The groups of stays, as an officer has them.
    groups: HashMap<EncounterId, String>,
    /// Stays that the last close left waiting.
    waiting: Vec<(EncounterId, Lacks)>,
    runs: usize,
}

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let program = centre.program(HERE);
    let person = centre.sample.person("王建国").number.clone();
    Scene { centre, program, person, groups: HashMap::new(), waiting: Vec::new(), runs: 0 }
}

fn fund(said: &Said, field: &str) -> Money {
    said.get("setlinfo", field).parse().unwrap()
}

impl Scene {
    fn settle(&self, price: &str) -> (String, Said) {
        let items = [Item::one(self.centre.item("血常规(五分类)"), price)];
        self.program.settle(&self.person, &items, price)
    }

    fn stay(&self, from: i8, price: &str) -> (String, Said) {
        let at = |day| datetime(2026, 11, day, 9, 0, 0, 0);
        let items = [Item::one(self.centre.item("椎管内麻醉(2小时内)"), price)];
        self.program.settle_stay(&self.person, (at(from), at(from + 2)), &items, price)
    }

    /// 4101.
    fn report(&self, stay: &str, settled: &Said, total: &str) {
        let mut list = filled("4101", &["setlinfo", "payinfo", "diseinfo", "iteminfo"]);
        let figure = |field: &str| settled.get("setlinfo", field);
        for (field, text) in [
            ("psn_no", self.person.clone()),
            ("mdtrt_id", stay.to_owned()),
            ("setl_id", figure("setl_id")),
            ("acct_pay", figure("acct_pay")),
            ("psn_cashpay", figure("psn_cash_pay")),
        ] {
            list["setlinfo"][field] = text.into();
        }
        list["diseinfo"] =
            json!([{"diag_type": "1", "diag_code": "J18.9", "diag_name": "肺炎", "maindiag_flag": "1"}]);
        list["iteminfo"][0]["amt"] = total.into();
        list["payinfo"] = json!([
            {"fund_pay_type": "310100", "fund_payamt": figure("fund_pay_sumamt")},
            {"fund_pay_type": "310200", "fund_payamt": figure("acct_pay")},
        ]);
        self.program.say("4101", &list).done();
    }

    /// The day after a month has ended.
    fn after(&mut self, month: Date) {
        self.on(month.last_of_month().tomorrow().unwrap().at(8, 0, 0, 0));
    }

    fn on(&mut self, now: DateTime) {
        self.centre.clock.set(now);
        self.program = self.centre.program(HERE);
    }

    /// A minute later, with a program that knows the centre that runs now.
    fn later(&mut self) {
        self.on(self.centre.clock.now().saturating_add(1.minute()));
    }

    fn apply(&self, kind: &str, sums: &[(&str, String)]) -> Said {
        let mut data = json!({"clr_type": kind, "clr_way": "10", "setlym": "202611"});
        sums.iter().for_each(|(field, sum)| data[field] = sum.as_str().into());
        self.program.say("3203", &json!({ "data": data }))
    }

    fn withdraw(&self, application: &str) -> Said {
        self.program.say("3204", &json!({"data": {"clr_appy_evt_id": application}}))
    }

    fn close(&mut self, month: Date, unapplied: bool) -> Result<usize, ClearingError> {
        let groups = self.groups.clone();
        let closed = self
            .centre
            .clearing_desk(HERE, |desk, row, rules| desk.close(row, month, rules, &groups, unapplied, ONE));
        self.later();
        let Reckoned { entries, waiting } = closed?;
        self.waiting = waiting;
        Ok(entries.len())
    }

    /// Pays what is open, by a run of its own.
    fn pay(&mut self, month: Date) -> BTreeMap<Payer, Money> {
        self.runs += 1;
        let run = format!("B{}", self.runs);
        let paid =
            self.centre.clearing_desk(HERE, |desk, row, _| desk.pay(row.id, month, &run, ONE).unwrap());
        assert_eq!(run_of(&self.centre.clearings(HERE), &run), paid, "the list of the run");
        self.later();
        paid
    }

    fn permit(&mut self, month: Date, settlement: &str) {
        let id: SettlementId = settlement.parse().unwrap();
        self.centre.clearing_desk(HERE, |desk, row, _| desk.permit(row.id, month, id, TWO).unwrap());
        self.later();
    }

    /// A void, and the id of its message.
    fn void(&self, visit: &str, settlement: &str) -> String {
        let msgid = self.program.msgid();
        let data = json!({"psn_no": self.person, "mdtrt_id": visit, "setl_id": settlement});
        self.program.say_as("2208", &msgid, &json!({ "data": data })).done();
        msgid
    }

    fn line(&self, period: &str, payer: Payer, kind: &str) -> SheetLine {
        let entries = self.centre.clearings(HERE);
        let lines = sheet(entries.iter().filter(|entry| entry.period == period));
        lines.into_iter().find(|line| line.payer == payer && line.clearing_kind == kind).expect("a line")
    }
}

#[test]
fn a_month_is_applied_for_once_it_is_over_with_what_the_books_say() {
    let mut scene = scene();
    let (_, first) = scene.settle("200.00");
    let (_, second) = scene.settle("900.00");
    scene.apply("11", &[]).refused("PERIOD_NOT_OVER");
    scene.after(NOVEMBER);
    let funds = (fund(&first, "fund_pay_sumamt") + fund(&second, "fund_pay_sumamt")).to_string();
    let wrong = scene.apply("11", &[("medfee_sumamt", "1100.00".into()), ("fund_appy_sum", "1.00".into())]);
    wrong.refused("CLEARING_DIFFERS");
    assert!(wrong.text.contains(&format!("基金 1.00,中心 {funds}")), "{}", wrong.text);
    let sums =
        [("medfee_sumamt", "1100.00".to_owned()), ("fund_appy_sum", funds), ("psntime", "2".to_owned())];
    let application = scene.apply("11", &sums).done().get("result", "clr_appy_evt_id");
    let again = scene.apply("11", &sums).done().get("result", "clr_appy_evt_id");
    assert_eq!(again, application, "said again under another id");
    scene.withdraw("7").refused("CLEARING_UNKNOWN");
    scene.withdraw(&application).done();
    scene.withdraw(&application).refused("CLEARING_UNKNOWN");
    assert!(matches!(scene.close(NOVEMBER, false), Err(ClearingError::NotApplied(kinds)) if kinds == ["11"]));
    let anew = scene.apply("11", &sums).done().get("result", "clr_appy_evt_id");
    assert_ne!(anew, application);
    assert!(scene.close(NOVEMBER, false).unwrap() > 0);
    scene.withdraw(&anew).refused("PERIOD_CLOSED");
    scene.apply("11", &sums).refused("PERIOD_CLOSED");
    for (field, value) in [("setlym", "2026"), ("begndate", "2026-11-02")] {
        let mut data = json!({"clr_type": "11", "clr_way": "10", "setlym": "2026-11"});
        data[field] = value.into();
        scene.program.say("3203", &json!({ "data": data })).refused("FIELD_INVALID");
    }
    scene.program.say("3203", &json!({"data": {"clr_type": "11", "clr_way": "10"}})).refused("FIELD_MISSING");
    scene.centre.assert_clean();
}

#[test]
fn what_funds_pay_is_held_back_in_part_and_account_money_is_paid_in_full() {
    let mut scene = scene();
    let (_, settled) = scene.settle("900.00");
    let (pool, account) = (fund(&settled, "hifp_pay"), fund(&settled, "acct_pay"));
    assert!(pool > Money::ZERO && account > Money::ZERO, "{}", settled.text);
    assert!(matches!(scene.close(NOVEMBER, true), Err(ClearingError::NotOver(_))));
    scene.after(NOVEMBER);
    let count = scene.close(NOVEMBER, true).unwrap();
    assert_eq!(count, 3, "two claims and what is held back of one");
    assert_eq!(scene.close(NOVEMBER, true).unwrap(), 0, "once");
    let line = scene.line("2026-11", POOL, "11");
    let held = Money::from_fen((pool.fen() * 5 + 50) / 100);
    assert_eq!((line.of(EntryKind::Claim), -line.of(EntryKind::Retention)), (pool, held));
    assert_eq!(line.payable(), pool - held);
    assert_eq!(scene.pay(NOVEMBER), BTreeMap::from([(POOL, pool - held), (Payer::Account, account)]));
    assert_eq!(scene.pay(NOVEMBER), BTreeMap::new(), "nothing is open any more");
    let line = scene.line("2026-11", POOL, "11");
    assert_eq!((line.paid(), line.open()), (pool - held, Money::ZERO));
    scene.centre.assert_clean();
    scene.on(datetime(2027, 1, 4, 8, 0, 0, 0));
    let given = scene.centre.clearing_desk(HERE, |desk, row, _| {
        assert!(matches!(desk.end_year(row.id, 2026, Rate::ONE, ONE), Err(ClearingError::Unsaid)));
        let part = Rate::from_ten_thousandths(8_000);
        let given = desk.end_year(row.id, 2026, part, TWO).unwrap();
        assert_eq!(desk.end_year(row.id, 2026, part, TWO).unwrap(), Money::ZERO, "once");
        given
    });
    assert_eq!(given, Money::from_fen((held.fen() * 8 + 5) / 10));
    let year = scene.line("2026", POOL, "11");
    assert_eq!((year.payable(), year.of(EntryKind::Audit)), (given, given - held));
    scene.centre.assert_clean();
}

#[test]
fn a_void_behind_the_close_is_allowed_by_two_and_belongs_to_the_next_month() {
    let mut scene = scene();
    let (visit, settled) = scene.settle("900.00");
    let pool = fund(&settled, "hifp_pay");
    let number = settled.get("setlinfo", "setl_id");
    let (other, kept) = scene.settle("300.00");
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    scene.pay(NOVEMBER);
    scene.later();
    let refused = scene.program.void(&scene.person, &visit, &number);
    refused.refused("PERIOD_CLOSED");
    assert!(refused.text.contains("2026-11 已清算。请先向医保经办申请跨期"), "{}", refused.text);
    let id: SettlementId = number.parse().unwrap();
    scene.centre.clearing_desk(HERE, |desk, row, _| {
        let alone = Hands { confirmed_by: "甲", ..TWO };
        assert!(matches!(desk.permit(row.id, NOVEMBER, id, alone), Err(ClearingError::SamePerson(_))));
        for (month, id) in [(NOVEMBER, SettlementId(7)), (date(2026, 10, 1), id)] {
            assert!(matches!(desk.permit(row.id, month, id, TWO), Err(ClearingError::Unknown(_))));
        }
        desk.permit(row.id, NOVEMBER, id, TWO).unwrap();
        desk.permit(row.id, NOVEMBER, id, TWO).unwrap();
    });
    scene.later();
    scene.program.void(&scene.person, &visit, &number).done();
    scene.program.void(&scene.person, &other, &kept.get("setlinfo", "setl_id")).refused("PERIOD_CLOSED");
    scene.centre.assert_clean();

    let december = date(2026, 12, 1);
    scene.on(datetime(2026, 12, 5, 9, 0, 0, 0));
    scene.settle("50.00");
    scene.after(december);
    scene.close(december, true).unwrap();
    let line = scene.line("2026-12", POOL, "11");
    assert!(line.payable() < Money::ZERO, "{line:?}");
    assert_eq!(scene.line("2026-11", POOL, "11").of(EntryKind::Claim), pool + fund(&kept, "hifp_pay"));
    assert_eq!(scene.pay(december), BTreeMap::new(), "what was paid too much is kept of what comes next");
    scene.centre.assert_clean();
}

#[test]
fn a_stay_is_paid_by_points_once_it_has_its_list_and_its_group() {
    let mut scene = scene();
    let (stay, settled) = scene.stay(2, "6000.00");
    let pool = fund(&settled, "hifp_pay");
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    let line = scene.line("2026-11", POOL, "21");
    assert_eq!((line.of(EntryKind::Claim), line.of(EntryKind::Withheld)), (pool, -pool), "no list yet");
    assert_eq!((line.of(EntryKind::Retention), line.payable()), (Money::ZERO, Money::ZERO));
    assert!(!scene.pay(NOVEMBER).contains_key(&POOL));

    scene.later();
    scene.report(&stay, &settled, "6000.00");
    scene.groups.insert(stay.parse().unwrap(), "J18".into());
    let december = date(2026, 12, 1);
    scene.after(december);
    scene.close(december, true).unwrap();
    let line = scene.line("2026-12", POOL, "21");
    // 480 points of 12.80 at a hospital of level 2.
    let more = Money::from_yuan(6_144) - Money::from_yuan(6_000);
    assert_eq!((line.of(EntryKind::Withheld), line.of(EntryKind::Points)), (pool, more));
    let held = Money::from_fen(((pool + more).fen() * 5 + 50) / 100);
    assert_eq!(line.payable(), pool + more - held);
    scene.centre.assert_clean();
    let again = scene.program.say(
        "5203",
        &json!({"data": {
            "psn_no": scene.person, "mdtrt_id": stay, "setl_id": settled.get("setlinfo", "setl_id"),
        }}),
    );
    assert_eq!(fund(&again.done(), "hifp_pay"), pool, "the patient's slip is as it was");
    scene.centre.assert_clean();
}

#[test]
fn points_of_a_stay_that_is_voided_later_are_taken_back() {
    let mut scene = scene();
    let (stay, settled) = scene.stay(2, "6000.00");
    scene.report(&stay, &settled, "6000.00");
    scene.groups.insert(stay.parse().unwrap(), "J18".into());
    let (far, odd) = scene.stay(10, "800.00");
    scene.report(&far, &odd, "800.00");
    scene.groups.insert(far.parse().unwrap(), "J18".into());
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    let more = Money::from_yuan(144);
    assert_eq!(
        scene.line("2026-11", POOL, "21").of(EntryKind::Points),
        more,
        "the other is paid what it cost"
    );
    let id: SettlementId = odd.get("setlinfo", "setl_id").parse().unwrap();
    let first: SettlementId = settled.get("setlinfo", "setl_id").parse().unwrap();
    scene.centre.clearing_desk(HERE, |desk, row, _| {
        desk.permit(row.id, NOVEMBER, id, TWO).unwrap();
        desk.permit(row.id, NOVEMBER, first, TWO).unwrap();
    });
    scene.later();
    scene.program.void_stay(&scene.person, &far, &id.to_string()).done();
    scene.program.void_stay(&scene.person, &stay, &first.to_string()).done();
    let december = date(2026, 12, 1);
    scene.after(december);
    scene.close(december, true).unwrap();
    let line = scene.line("2026-12", POOL, "21");
    assert_eq!(line.of(EntryKind::Points), -more);
    let both = fund(&settled, "hifp_pay") + fund(&odd, "hifp_pay");
    assert_eq!(line.of(EntryKind::Claim), -both);
    scene.centre.assert_clean();
}

#[test]
fn what_two_officers_set_right_and_what_was_paid_in_advance_stand_in_the_sheet() {
    let mut scene = scene();
    let (_, settled) = scene.settle("900.00");
    let pool = fund(&settled, "hifp_pay");
    scene.after(NOVEMBER);
    let what = |payer, yuan, reference: &str| ByHand {
        month: NOVEMBER,
        payer,
        insurance_kind: InsuranceKind::EMPLOYEE,
        clearing_kind: "11".into(),
        amount: Money::from_yuan(yuan),
        reference: reference.into(),
    };
    scene.centre.clearing_desk(HERE, |desk, row, _| {
        assert!(matches!(desk.correct(row.id, &what(POOL, 5, "K1"), TWO), Err(ClearingError::Open(_))));
        assert!(matches!(desk.advance(row.id, &what(POOL, 100, "Y1"), ONE), Err(ClearingError::Unsaid)));
        let nameless = what(POOL, 100, " ");
        assert!(matches!(desk.advance(row.id, &nameless, TWO), Err(ClearingError::Unsaid)));
        let odd = ByHand { clearing_kind: "1l".into(), ..what(POOL, 100, "Y1") };
        assert!(matches!(desk.advance(row.id, &odd, TWO), Err(ClearingError::NoKind(_))));
        desk.advance(row.id, &what(POOL, 100, "Y1"), TWO).unwrap();
        desk.advance(row.id, &what(POOL, 100, "Y1"), TWO).unwrap();
        let other = desk.advance(row.id, &what(POOL, 101, "Y1"), TWO);
        assert!(matches!(other, Err(ClearingError::ReferenceUsed(_))));
    });
    scene.close(NOVEMBER, true).unwrap();
    scene.centre.clearing_desk(HERE, |desk, row, _| {
        assert!(matches!(desk.advance(row.id, &what(POOL, 1, "Y2"), TWO), Err(ClearingError::Closed(_))));
        let account = what(Payer::Account, 5, "K1");
        assert!(matches!(desk.correct(row.id, &account, TWO), Err(ClearingError::NotAFund)));
        desk.correct(row.id, &what(POOL, -5, "K1"), TWO).unwrap();
        desk.correct(row.id, &what(POOL, -5, "K1"), TWO).unwrap();
    });
    let advanced = run_of(&scene.centre.clearings(HERE), "Y1");
    assert_eq!(advanced, BTreeMap::from([(POOL, Money::from_yuan(100))]), "once, and in a bank's list");
    let line = scene.line("2026-11", POOL, "11");
    let held = Money::from_fen((pool.fen() * 5 + 50) / 100);
    assert_eq!(line.payable(), pool - held - Money::from_yuan(105));
    let entries = scene.centre.clearings(HERE);
    let set_right = entries.iter().find(|entry| entry.kind == EntryKind::Correction).unwrap();
    assert_eq!((set_right.by.as_str(), set_right.why.as_str()), ("甲, 乙", "跨期更正"));
    scene.centre.assert_clean();
}

#[test]
fn what_audit_has_deducted_is_cut_from_what_funds_paid_for_the_visit() {
    let mut scene = scene();
    let (visit, settled) = scene.settle("900.00");
    let mut order = filled("3101", &["fsi_order_dtos"])["fsi_order_dtos"][0].clone();
    order["hilist_code"] = scene.centre.item("子宫附件超声检查").into();
    order["drord_begn_date"] = "2026-11-23".into();
    order["curr_drord_flag"] = "1".into();
    order["sumamt"] = "65.00".into();
    let mut input = filled("3101", &["data"]);
    let patient = &mut input["data"]["patient_dtos"][0];
    patient["patn_id"] = scene.person.as_str().into();
    patient["curr_mdtrt_id"] = visit.as_str().into();
    let care = &mut patient["fsi_encounter_dtos"][0];
    let said = [("mdtrt_id", visit.as_str()), ("med_type", "11"), ("dscg_main_dise_codg", "I10")];
    said.iter().for_each(|(field, text)| care[*field] = (*text).into());
    care["fsi_diagnose_dtos"] = json!([{"dise_codg": "I10"}]);
    care["fsi_order_dtos"] = Value::from(vec![order]);
    scene.program.say("3101", &input).done();
    let case = scene.centre.audit_cases(HERE).remove(0);
    let hospital = scene.centre.hospital_id(HERE);
    scene.centre.audit_desk(|desk| {
        let amount = centre::Judgement::Propose(Money::from_yuan(40));
        desk.judge(hospital, &case.number, &amount, "甲", "性别不符").unwrap();
        desk.judge(hospital, &case.number, &centre::Judgement::Confirm, "乙", "").unwrap();
    });
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    let line = scene.line("2026-11", POOL, "11");
    let pool = fund(&settled, "hifp_pay");
    assert_eq!(line.of(EntryKind::Audit), -Money::from_yuan(40));
    let held = Money::from_fen(((pool.fen() - 4_000) * 5 + 50) / 100);
    assert_eq!(line.payable(), pool - Money::from_yuan(40) - held);
    let december = date(2026, 12, 1);
    scene.after(december);
    assert_eq!(scene.close(december, true).unwrap(), 0, "a case is cut once");
    let number = settled.get("setlinfo", "setl_id");
    scene.permit(NOVEMBER, &number);
    scene.program.void(&scene.person, &visit, &number).done();
    let january = date(2027, 1, 1);
    scene.after(january);
    scene.close(january, true).unwrap();
    let line = scene.line("2027-01", POOL, "11");
    assert_eq!((line.of(EntryKind::Claim), line.of(EntryKind::Audit)), (-pool, Money::from_yuan(40)));
    scene.centre.assert_clean();
}

#[test]
fn months_that_are_paid_together_are_not_paid_again() {
    let mut scene = scene();
    scene.settle("900.00");
    let december = date(2026, 12, 1);
    scene.on(datetime(2026, 12, 5, 9, 0, 0, 0));
    let (_, second) = scene.settle("300.00");
    scene.after(december);
    assert!(matches!(scene.close(december, true), Err(ClearingError::EarlierOpen(_))));
    scene.close(NOVEMBER, true).unwrap();
    scene.close(december, true).unwrap();
    let both = scene.line("2026-11", POOL, "11").payable() + scene.line("2026-12", POOL, "11").payable();
    assert!(fund(&second, "hifp_pay") > Money::ZERO);
    assert_eq!(scene.pay(december)[&POOL], both);
    for period in ["2026-11", "2026-12"] {
        let line = scene.line(period, POOL, "11");
        assert_eq!((line.paid(), line.open()), (line.payable(), Money::ZERO), "{period}");
    }
    assert_eq!(scene.pay(NOVEMBER), BTreeMap::new());
    let again = scene.centre.clearing_desk(HERE, |desk, row, _| {
        let set_right = ByHand {
            month: NOVEMBER,
            payer: POOL,
            insurance_kind: InsuranceKind::EMPLOYEE,
            clearing_kind: "11".into(),
            amount: Money::from_yuan(50),
            reference: "K1".into(),
        };
        desk.correct(row.id, &set_right, TWO).unwrap();
        desk.pay(row.id, NOVEMBER, "B1", ONE)
    });
    assert!(matches!(again, Err(ClearingError::ReferenceUsed(_))), "the run of both months");
    scene.later();
    let late = scene.pay(NOVEMBER);
    assert_eq!(late, BTreeMap::from([(POOL, Money::from_yuan(50))]), "what came later, and nothing else");
    scene.centre.assert_clean();
}

#[test]
fn what_a_stay_was_reckoned_at_stands_whatever_groups_are_told_later() {
    let mut scene = scene();
    let (stay, settled) = scene.stay(2, "6000.00");
    scene.report(&stay, &settled, "6000.00");
    scene.groups.insert(stay.parse().unwrap(), "J19".into());
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    assert_eq!(scene.waiting, [(stay.parse().unwrap(), Lacks::KnownGroup("J19".into()))]);
    scene.groups.insert(stay.parse().unwrap(), "J18".into());
    let december = date(2026, 12, 1);
    scene.after(december);
    assert!(scene.close(december, true).unwrap() > 0);
    assert_eq!(scene.waiting, []);
    scene.groups.clear();
    let january = date(2027, 1, 1);
    scene.after(january);
    assert_eq!(scene.close(january, true).unwrap(), 0);
    scene.centre.assert_clean();
}

#[test]
fn an_interim_bill_that_is_cleared_stays_paid_while_the_rest_of_its_stay_is_withheld() {
    let mut scene = scene();
    let at = |month, day| datetime(2026, month, day, 9, 0, 0, 0);
    let items = [Item::one(scene.centre.item("椎管内麻醉(2小时内)"), "4000.00")];
    let stay = scene.program.admit(&scene.person, at(11, 20)).done().get("result", "mdtrt_id");
    scene.program.more_stay_fees(&scene.person, &stay, "1", at(11, 21), &items).done();
    let bill = scene.program.interim_bill(&scene.person, &stay, "4000.00");
    let interim = scene.program.say("2304", &bill).done();
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    let paid = scene.line("2026-11", POOL, "21");
    assert_eq!(paid.of(EntryKind::Claim), fund(&interim, "hifp_pay"));
    assert!(paid.payable() > Money::ZERO, "{paid:?}");
    scene.on(datetime(2026, 12, 3, 10, 0, 0, 0));
    scene.program.more_stay_fees(&scene.person, &stay, "2", at(12, 1), &items).done();
    scene.program.discharge(&scene.person, &stay, at(12, 3)).done();
    let last = scene.program.say("2304", &scene.program.stay_bill(&scene.person, &stay, "4000.00")).done();
    let december = date(2026, 12, 1);
    scene.after(december);
    scene.close(december, true).unwrap();
    let line = scene.line("2026-12", POOL, "21");
    let pool = fund(&last, "hifp_pay");
    assert_eq!((line.of(EntryKind::Claim), line.of(EntryKind::Withheld)), (pool, -pool));
    assert_eq!(line.payable(), Money::ZERO);
    scene.centre.assert_clean();
}

#[test]
fn a_bill_that_stands_again_is_the_closed_months() {
    let mut scene = scene();
    let (visit, settled) = scene.settle("900.00");
    let number = settled.get("setlinfo", "setl_id");
    scene.on(datetime(2026, 12, 1, 9, 0, 0, 0));
    let voided = scene.void(&visit, &number);
    scene.program.reverse(&scene.person, "2208", &voided).done();
    scene.on(datetime(2026, 12, 5, 9, 0, 0, 0));
    scene.close(NOVEMBER, true).unwrap();
    let pool = fund(&settled, "hifp_pay");
    assert_eq!(scene.line("2026-11", POOL, "11").of(EntryKind::Claim), pool);
    scene.program.void(&scene.person, &visit, &number).refused("PERIOD_CLOSED");
    scene.permit(NOVEMBER, &number);
    let voided = scene.void(&visit, &number);
    scene.program.reverse(&scene.person, "2208", &voided).done();
    scene.program.void(&scene.person, &visit, &number).done();
    scene.centre.assert_clean();
    let december = date(2026, 12, 1);
    scene.after(december);
    scene.close(december, true).unwrap();
    assert_eq!(scene.line("2026-12", POOL, "11").of(EntryKind::Claim), -pool);
    scene.centre.assert_clean();
}

#[test]
fn what_is_taken_back_behind_an_application_must_be_applied_for_anew() {
    let mut scene = scene();
    let items = [Item::one(scene.centre.item("血常规(五分类)"), "200.00")];
    let visit = scene.program.charge(&scene.person, &items);
    let msgid = scene.program.msgid();
    scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", "200.00")).done();
    scene.settle("900.00");
    scene.after(NOVEMBER);
    let sums = |total: &str| [("medfee_sumamt", total.to_owned())];
    let application = scene.apply("11", &sums("1100.00")).done().get("result", "clr_appy_evt_id");
    scene.program.reverse(&scene.person, "2207", &msgid).done();
    assert!(matches!(scene.close(NOVEMBER, false), Err(ClearingError::Changed(kind)) if kind == "11"));
    scene.apply("11", &sums("1100.00")).refused("CLEARING_DIFFERS");
    let again = scene.apply("11", &sums("900.00")).done().get("result", "clr_appy_evt_id");
    assert_eq!(again, application, "the same application, with what the books say now");
    assert!(scene.close(NOVEMBER, false).unwrap() > 0);
    scene.centre.assert_clean();
}

#[test]
fn a_stay_whose_void_was_taken_back_is_reported_and_paid() {
    let mut scene = scene();
    let (stay, settled) = scene.stay(2, "6000.00");
    let msgid = scene.program.msgid();
    let void = json!({"data": {
        "psn_no": scene.person, "mdtrt_id": stay, "setl_id": settled.get("setlinfo", "setl_id"),
    }});
    scene.program.say_as("2305", &msgid, &void).done();
    scene.program.reverse(&scene.person, "2305", &msgid).done();
    scene.report(&stay, &settled, "6000.00");
    scene.groups.insert(stay.parse().unwrap(), "J18".into());
    scene.after(NOVEMBER);
    scene.close(NOVEMBER, true).unwrap();
    assert_eq!(scene.waiting, []);
    let line = scene.line("2026-11", POOL, "21");
    assert_eq!(
        (line.of(EntryKind::Withheld), line.of(EntryKind::Points)),
        (Money::ZERO, Money::from_yuan(144))
    );
    scene.centre.assert_clean();
}
