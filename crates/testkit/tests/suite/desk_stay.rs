//! A patient of a hospital, from the bed to the receipt and back to nothing, in browsers without script: the admission
//! clerk's and the biller's. Whatever is lost on the way, the two books say the same in the end.

use desk::{
    Account, BedState, Bill, BillState, Closing, DepositState, Errand, ErrandState, PostingState,
    ReceiptState, Sheet, Stay, StayEvent, StayState,
};
use jiff::SignedDuration;
use model::Clock as _;
use money::Money;
use store::By;
use testkit::Lost;

use crate::ward::{HOSPITAL, Ward, yuan};

const SENT: PostingState = PostingState::Sent;
const GONE: PostingState = PostingState::Withdrawn;

#[test]
fn a_stay_goes_from_the_bed_to_the_receipt_and_back_to_nothing() {
    let mut ward = Ward::with("王建国");
    assert_eq!(ward.bed(), BedState::Taken);
    assert!(!ward.paper().facts.visit.is_empty());
    ward.deposit("300");
    assert!(ward.clerk.text().contains("YJ-0000001"), "{}", ward.clerk.text());
    ward.deposit("1,000.50");
    assert_eq!(ward.paper().facts.deposited, yuan("1300.50"));
    ward.post(&["三人间床位费*2", "一级护理*2", "amlz*3"]);
    let lines = ward.lines();
    assert_eq!(lines.len(), 3, "{}", ward.biller.text());
    assert!(lines.iter().all(|line| line.state == PostingState::Sent), "{}", ward.biller.text());
    // A part of one line, and all of another.
    ward.reverse(&lines[2].key, "1");
    ward.reverse(&lines[1].key, "2");
    let lines = ward.lines();
    let states: Vec<PostingState> = lines.iter().map(|line| line.state).collect();
    assert_eq!(states, [SENT, GONE, SENT, SENT, GONE], "{}", ward.biller.text());
    let total: Money = lines.iter().map(|line| line.facts.line.amount).sum();
    assert_eq!(total, ward.paper().facts.charged);
    assert!(ward.reverse(&lines[2].key, "3").contains("最多 2"), "{}", ward.biller.text());
    ward.bill("try", &[]);
    let stay = ward.paper();
    let now = ward.desk.centre.clock.now();
    let funds = stay.facts.trial.as_ref().unwrap().split.funds_total();
    assert_eq!(stay.facts.balance(now), yuan("1300.50") - (total - funds));
    let tomorrow = now.saturating_add(SignedDuration::from_hours(24));
    assert_eq!(stay.facts.balance(tomorrow), yuan("1300.50") - total, "an old trial says nothing");
    ward.wait(300);
    ward.leave();
    ward.settle();
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    let settlement = ward.settlements().remove(0);
    assert_eq!((settlement.state, settlement.facts.total), (BillState::Settled, total));
    let account = &settlement.facts.account;
    assert_eq!(account.kept(), settlement.facts.split.cash + account.rounding);
    assert_eq!(account.rounding, Money::ZERO);
    assert_eq!(account.deposits, yuan("1300.50"));
    assert_eq!(ward.clerk.fact("余额").as_deref(), Some("0.00"), "what is settled is paid");
    assert_eq!(ward.bed(), BedState::Cleaning);
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Used));
    assert!(ward.deposits().iter().all(|deposit| deposit.state == DepositState::Applied));
    assert_eq!(ward.standing(), 1);
    let receipt = ward.clerk.get(&format!("/print/stay/{}", settlement.key));
    assert!(receipt.contains("ZY-0000001") && receipt.contains("王建国"), "{receipt}");
    undo(&mut ward);
}

/// Down the ladder, each step in its turn and no other.
fn undo(ward: &mut Ward) {
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    let refused = ward.clerk("discharge", "recall", &[]);
    assert!(refused.contains("H504") && refused.contains("先撤「出院结算」"), "{}", ward.clerk.text());
    let refused = ward.clerk("admission", "cancel", &[]);
    assert!(refused.contains("先撤「出院结算」"), "{}", ward.clerk.text());
    ward.clerk("discharge", "void", &[("reason", "void-lines-wrong")]);
    assert_eq!(ward.state(), StayState::AwaitingSettlement, "{}", ward.clerk.text());
    assert_eq!(ward.standing(), 0);
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Void));
    assert_eq!(ward.paper().facts.deposited, yuan("1300.50"));
    assert!(ward.deposits().iter().all(|deposit| deposit.state == DepositState::Valid));
    ward.clerk("discharge", "recall", &[]);
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
    let refused = ward.clerk("admission", "cancel", &[]);
    assert!(refused.contains("先撤「住院费用」"), "{}", ward.clerk.text());
    let lines = ward.lines();
    ward.reverse(&lines[0].key, "2");
    ward.reverse(&lines[2].key, "2");
    assert_eq!(ward.paper().facts.charged, Money::ZERO, "{}", ward.biller.text());
    let refused = ward.clerk("admission", "cancel", &[]);
    assert!(refused.contains("先撤「预交金」"), "{}", ward.clerk.text());
    let second = ward.deposits().into_iter().find(|d| d.facts.receipt == "YJ-0000002").unwrap();
    ward.clerk("deposits", "void", &[("deposit", &second.key)]);
    assert!(ward.clerk.text().contains("请选择原因"), "{}", ward.clerk.text());
    ward.clerk("deposits", "void", &[("deposit", &second.key), ("reason", "void-wrong-amount")]);
    ward.clerk("deposits", "refund", &[("receipt", "yj-0000001")]);
    assert_eq!(ward.paper().facts.deposited, Money::ZERO, "{}", ward.clerk.text());
    assert_eq!(ward.receipt("deposit/YJ-0000002"), Some(ReceiptState::Void));
    // The bed went with the settlement; the stay is registered, or in house without one.
    if !ward.paper().facts.bed.is_empty() || ward.state() == StayState::InHouse {
        ward.clerk("admission", "release", &[]);
    }
    assert_eq!(ward.state(), StayState::Registered, "{}", ward.clerk.text());
    ward.clerk("admission", "cancel", &[]);
    assert_eq!(ward.state(), StayState::Cancelled, "{}", ward.clerk.text());
    assert_eq!(ward.standing(), 0);
    // The person may be admitted again, under a number of its own.
    let before = ward.stay.clone();
    let card = ward.desk.centre.sample.person("王建国").document.clone();
    ward.clerk.post("/admission", &[("card", &card)]);
    ward.register(&[("card", &card), ("bed", "")]);
    assert_ne!(ward.stay, before);
    // The shift closes over all of it: what came went again.
    let closing = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(closing.adds_up());
    assert_eq!((closing.stays.came, closing.stays.went), (1, 1));
    assert_eq!((closing.deposits.came, closing.deposits.went), (2, 2));
    assert_eq!(
        (closing.hand_over, closing.total, closing.deposits_in),
        (Money::ZERO, Money::ZERO, yuan("1300.50"))
    );
}

#[test]
fn a_clerks_shift_counts_deposits_as_owed_and_stays_as_earned() {
    let mut ward = Ward::with("王建国");
    ward.deposit("300");
    ward.clerk("deposits", "take", &[("amount", "500"), ("method", "card"), ("document", "T7")]);
    let open = Closing::open(&ward.papers(), "0301").unwrap();
    assert_eq!((open.hand_over, open.total), (yuan("300"), Money::ZERO), "a deposit is no income");
    ward.clerk.get("/closing");
    ward.clerk.post("/closing", &[]);
    assert!(ward.clerk.text().contains("YJ-0000001 – YJ-0000002"), "{}", ward.clerk.text());
    ward.post(&["三人间床位费*2", "amlz*3"]);
    ward.wait(300);
    ward.leave();
    ward.clerk("discharge", "settle", &[("tendered", "99999"), ("back_by", "card")]);
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    let account = ward.settlements().remove(0).facts.account;
    assert!(!account.refund.is_zero(), "{}", ward.clerk.text());
    let next = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(next.adds_up());
    assert_eq!((next.hand_over, next.from_deposits), (Money::ZERO, yuan("800")));
    assert_eq!(next.methods.get("card"), Some(&(-account.refund).to_string()));
    assert_eq!(next.total, ward.paper().facts.charged);
    // An unknown settlement keeps the shift open.
    ward.desk.centre.way().lose_of("2305", Lost::Reply);
    ward.clerk("discharge", "void", &[("reason", "void-lines-wrong")]);
    ward.clerk.get("/closing");
    ward.clerk.post("/closing", &[]);
    assert!(ward.clerk.text().contains("H306"), "{}", ward.clerk.text());
    ward.resolve(4);
    ward.clerk.get("/closing");
    ward.clerk.post("/closing", &[]);
    assert!(ward.clerk.text().contains("按支付方式"), "{}", ward.clerk.text());
    assert!(Closing::open(&ward.papers(), "0301").unwrap().is_empty());
}

#[test]
fn an_admission_whose_reply_is_lost_is_known_in_the_end() {
    let mut ward = Ward::start();
    ward.desk.centre.way().lose_of("2401", Lost::Reply);
    ward.admit("王建国");
    assert_eq!((ward.state(), ward.bed()), (StayState::Expected, BedState::Taken));
    assert!(ward.clerk.text().contains("H304"), "{}", ward.clerk.text());
    ward.deposit("100");
    assert!(ward.deposits().is_empty(), "no money is taken while nobody knows");
    ward.resolve(4);
    assert_eq!(ward.state(), StayState::InHouse);
    assert!(ward.paper().facts.doubt.is_empty());
    // One that never came and is given up leaves nothing behind.
    ward.desk.centre.way().lose_of("2401", Lost::Message);
    ward.clerk.get("/admission");
    let card = ward.desk.centre.sample.person("何雨桐").document.clone();
    ward.register(&[("card", &card), ("bed", "04")]);
    assert_eq!(ward.state(), StayState::Expected, "it certainly was not processed");
    assert!(ward.paper().facts.doubt.is_empty(), "{}", ward.clerk.text());
    ward.clerk("admission", "again", &[]);
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
    ward.desk.centre.assert_clean();
}

#[test]
fn an_admission_that_is_given_up_never_was() {
    let mut ward = Ward::start();
    ward.desk.centre.way().lose_of("2401", Lost::Reply);
    ward.admit("王建国");
    ward.clerk("admission", "give-up", &[]);
    assert_eq!(ward.state(), StayState::Expected, "{}", ward.clerk.text());
    assert!(ward.paper().facts.doubt.is_empty());
    ward.clerk("admission", "cancel", &[]);
    assert_eq!((ward.state(), ward.bed()), (StayState::Cancelled, BedState::Free));
    ward.admit("王建国");
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
    ward.desk.centre.assert_clean();
}

#[test]
fn lines_whose_reply_or_message_is_lost_arrive_once() {
    for lost in [Lost::Reply, Lost::Message] {
        let mut ward = Ward::with("王建国");
        ward.desk.centre.way().lose_of("2301", lost);
        ward.post(&["一级护理*2", "三人间床位费"]);
        let open = |ward: &Ward| ward.lines().iter().filter(|l| l.state.is_open()).count();
        assert_eq!(open(&ward), 2, "{lost:?}");
        assert!(ward.biller.text().contains("未传"), "{}", ward.biller.text());
        ward.clerk.get(&format!("/discharge/{}", ward.stay));
        ward.resolve(30);
        assert_eq!(open(&ward), 2, "not yet");
        ward.resolve(40);
        assert_eq!(
            open(&ward),
            0,
            "{lost:?}: {:?}",
            ward.lines().iter().map(|l| l.facts.why.clone()).collect::<Vec<_>>()
        );
        ward.leave();
        ward.settle();
        assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
        assert_eq!(ward.standing(), 1);
    }
}

#[test]
fn a_line_that_is_refused_says_why_and_the_others_arrive() {
    let mut ward = Ward::with("王建国");
    ward.post(&["一级护理*2", "三人间床位费"]);
    // The centre has withdrawn the first line meanwhile: what takes a part of it back is refused.
    let first = ward.lines()[0].key.clone();
    let person = ward.desk.centre.sample.person("王建国").number.clone();
    let visit = ward.paper().facts.visit;
    let withdraw = serde_json::json!({"data": [{"feedetl_sn": first, "mdtrt_id": visit, "psn_no": person}]});
    ward.desk.centre.program(HOSPITAL).say("2302", &withdraw).done();
    ward.reverse(&first, "1");
    let failed = ward.lines().pop().unwrap();
    assert_eq!(failed.state, PostingState::Failed, "{}", ward.biller.text());
    assert!(!failed.facts.why.is_empty());
    ward.post(&["一级护理"]);
    assert_eq!(ward.lines().pop().unwrap().state, PostingState::Sent, "{}", ward.biller.text());
    let go = |ward: &mut Ward| {
        ward.clerk.get(&format!("/discharge/{}", ward.stay));
        ward.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")])
    };
    assert!(go(&mut ward).contains("H502"), "{}", ward.clerk.text());
    // Nobody is admitted twice.
    let again = ward.desk.centre.sample.person("王建国").document.clone();
    ward.clerk.post(
        "/admission/register",
        &[("card", &again), ("ward", "N1"), ("doctor", "012"), ("diagnosis", "I10")],
    );
    assert!(ward.clerk.text().contains("H103"), "{}", ward.clerk.text());
}

#[test]
fn a_settlement_whose_reply_is_lost_is_known_in_the_end_and_printed_only_then() {
    let mut ward = Ward::with("王建国");
    ward.deposit("50");
    ward.post(&["三人间床位费*3", "一级护理*3"]);
    ward.leave();
    ward.desk.centre.way().lose_of("2304", Lost::Reply);
    ward.settle();
    let settlement = ward.settlements().remove(0);
    assert_eq!(settlement.state, BillState::Unknown, "{}", ward.clerk.text());
    assert_eq!(ward.state(), StayState::AwaitingSettlement);
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Reserved));
    assert!(ward.clerk.text().contains("H304"), "{}", ward.clerk.text());
    ward.clerk.get(&format!("/print/stay/{}", settlement.key));
    assert_eq!(ward.clerk.status, 404, "nothing is printed before it stands");
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("deposits", "refund", &[("receipt", "YJ-0000001")]);
    assert_eq!(ward.deposits()[0].state, DepositState::Valid, "deposits stay while nobody knows");
    ward.resolve(4);
    assert_eq!(ward.state(), StayState::Settled);
    let settled = ward.settlements().remove(0);
    assert_eq!(settled.state, BillState::Settled);
    assert_eq!(settled.facts.account.kept(), settled.facts.split.cash);
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Used));
    assert_eq!(ward.standing(), 1);
    // Its void is lost, too.
    ward.desk.centre.way().lose_of("2305", Lost::Reply);
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("discharge", "void", &[("reason", "void-lines-wrong")]);
    assert_eq!(ward.settlements().remove(0).state, BillState::VoidUnknown, "{}", ward.clerk.text());
    ward.resolve(4);
    assert_eq!(ward.state(), StayState::AwaitingSettlement);
    assert_eq!(ward.standing(), 0);
}

#[test]
fn a_settlement_that_is_given_up_leaves_its_number_for_the_next() {
    let mut ward = Ward::with("王建国");
    ward.post(&["三人间床位费*3"]);
    ward.leave();
    ward.desk.centre.way().lose_of("2304", Lost::Reply);
    ward.settle();
    ward.clerk("discharge", "give-up", &[]);
    assert_eq!(ward.settlements().remove(0).state, BillState::Dropped, "{}", ward.clerk.text());
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Free));
    assert_eq!(ward.standing(), 0);
    ward.clerk("discharge", "try", &[]);
    ward.settle();
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Used));
    assert_eq!(ward.standing(), 1);
}

#[test]
fn who_pays_alone_stays_without_the_centre() {
    let mut ward = Ward::start();
    ward.clerk.get("/admission");
    ward.clerk.post("/admission", &[("card", "")]);
    ward.register(&[("card", ""), ("name", "过路人"), ("sex", "2"), ("age", "30")]);
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
    ward.deposit("1000");
    ward.post(&["三人间床位费*3", "一级护理"]);
    assert!(ward.lines().iter().all(|line| line.state == PostingState::Own));
    ward.leave();
    ward.settle();
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    let settlement = ward.settlements().remove(0);
    let account = &settlement.facts.account;
    assert_eq!(settlement.facts.split.cash, settlement.facts.total);
    assert_eq!(account.refund, yuan("1000") - settlement.facts.total);
    assert_eq!(
        Account::of(account.deposits, settlement.facts.total, Vec::new(), "cash", money::TillRounding::None),
        *account
    );
    ward.clerk("discharge", "void", &[("reason", "void-patient-asks")]);
    ward.clerk("discharge", "recall", &[]);
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
    assert_eq!(ward.receipt("inpatient/ZY-0000001"), Some(ReceiptState::Void));
    assert_eq!(ward.standing(), 0);
}

/// Where a browser asks for an event.
fn asked(event: StayEvent, line: &str) -> (&'static str, String) {
    let (module, step) = match event {
        StayEvent::Register => ("admission", "again"),
        StayEvent::AssignBed | StayEvent::MoveBed => ("admission", "bed"),
        StayEvent::ReleaseBed => ("admission", "release"),
        StayEvent::Change => ("change", "say"),
        StayEvent::AskTransfer => ("change", "ask"),
        StayEvent::AcceptTransfer => ("change", "accept"),
        StayEvent::RefuseTransfer => ("change", "refuse"),
        StayEvent::Leave => ("admission", "leave"),
        StayEvent::Return => ("admission", "return"),
        StayEvent::TakeDeposit => ("deposits", "take"),
        StayEvent::ReturnDeposit => ("deposits", "refund"),
        StayEvent::Guarantee => ("deposits", "guarantee"),
        StayEvent::Discharge => ("discharge", "go"),
        StayEvent::Recall => ("discharge", "recall"),
        StayEvent::SettlePeriod => ("settlements", "settle"),
        StayEvent::VoidPeriod => ("settlements", "void"),
        StayEvent::Settle => ("discharge", "settle"),
        StayEvent::VoidSettlement => ("discharge", "void"),
        StayEvent::LeaveWithDebt => ("discharge", "debt"),
        StayEvent::WriteOff => ("arrears", ""),
        StayEvent::Cancel => ("admission", "cancel"),
        StayEvent::Post => ("posting", "post"),
        StayEvent::Reverse => return ("posting", format!("/reverse/{line}")),
    };
    (module, if step.is_empty() { String::new() } else { format!("/{step}") })
}

#[test]
fn what_is_not_in_the_table_is_refused_and_the_state_is_named() {
    let mut ward = Ward::with("王建国");
    ward.deposit("10");
    ward.post(&["一级护理"]);
    let line = ward.lines()[0].key.clone();
    let mut finance = ward.desk.signed_in(HOSPITAL, "0401");
    finance.get("/arrears");
    ward.biller.get(&format!("/posting/{}", ward.stay));
    let mut refused = 0;
    for state in StayState::ALL {
        // As it would stand, whatever came before.
        let mut stay = ward.paper();
        stay.state = state;
        let act = store::Act {
            at: ward.desk.centre.clock.now(),
            operator: "test".into(),
            workstation: String::new(),
        };
        ward.papers().put(&[stay.typed()], &act).unwrap();
        let version = ward.paper().version;
        for event in StayEvent::ALL.into_iter().filter(|event| Stay::may(state, *event).is_none()) {
            // A bed is moved where the patient has one, else assigned: one page does both.
            let bed = matches!(event, StayEvent::AssignBed | StayEvent::MoveBed);
            if bed
                && [StayEvent::AssignBed, StayEvent::MoveBed].iter().any(|e| Stay::may(state, *e).is_some())
            {
                continue;
            }
            let (module, step) = asked(event, &line);
            let place = format!("/{module}/{}{step}", ward.stay);
            let browser = match module {
                "posting" => &mut ward.biller,
                "arrears" => &mut finance,
                _ => &mut ward.clerk,
            };
            let form = [("amount", "1"), ("bed", "04"), ("reason", "void-lines-wrong"), ("why", "x")];
            browser.post(&place, &[&form[..], &[("quantity", "1"), ("receipt", "YJ-0000001")]].concat());
            let word = word(state);
            let text = browser.text();
            assert!(text.contains(&format!("当前状态「{word}」不能")), "{state:?} {event:?}: {text}");
            assert_eq!(ward.paper().version, version, "{state:?} {event:?}");
            refused += 1;
        }
    }
    let listed: usize = StayState::ALL
        .map(|state| StayEvent::ALL.into_iter().filter(|e| Stay::may(state, *e).is_some()).count())
        .into_iter()
        .sum();
    // Of those who have a bed, or wait for one, one of the two about beds is the other's page.
    assert_eq!(refused + listed, StayState::ALL.len() * StayEvent::ALL.len() - 2);
}

fn word(state: StayState) -> &'static str {
    match state {
        StayState::Expected => "待入院",
        StayState::Registered => "已登记",
        StayState::InHouse => "在院",
        StayState::OnLeave => "请假",
        StayState::AwaitingSettlement => "待结算",
        StayState::Settled => "已出院结算",
        StayState::LeftWithDebt => "出院欠费",
        StayState::Cancelled => "已取消",
    }
}

#[test]
fn a_ward_is_seen_walked_and_printed() {
    let mut ward = Ward::with("王建国");
    ward.post(&["一级护理*2", "三人间床位费"]);
    ward.biller.get("/posting?ward=N1&bed=3");
    assert_eq!(ward.biller.place, format!("/posting/{}", ward.stay), "a bed number jumps");
    assert!(
        ward.biller.page.contains("placeholder=\"现在\""),
        "an attribute is no text: {}",
        ward.biller.page
    );
    assert!(ward.biller.text().contains("H503"), "arrears are warned of: {}", ward.biller.text());
    for view in ["/beds?ward=N1", "/beds?ward=N1&view=list"] {
        let page = ward.clerk.get(view);
        assert!(page.contains("王建国") && page.contains("占用") && page.contains("空床"), "{page}");
    }
    ward.clerk.post("/beds/N1-04", &[("event", "stop"), ("note", "维修")]);
    assert!(ward.clerk.text().contains("维修"), "{}", ward.clerk.text());
    ward.clerk.post("/beds/N1-04", &[("event", "reserve"), ("note", "赵")]);
    assert!(ward.clerk.text().contains("当前状态「停用」不能「预留」"), "{}", ward.clerk.text());
    ward.clerk.get(&format!("/admission/{}", ward.stay));
    ward.clerk("admission", "bed", &[("bed", "05")]);
    assert_eq!((ward.paper().facts.bed.as_str(), ward.bed()), ("05", BedState::Cleaning));
    let day = ward.biller.get(&format!("/print/day/{}", ward.stay));
    assert!(day.contains("一级护理") && day.contains("累计"), "{day}");
    let mut administrator = ward.desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/wards");
    let more = [("code", "n2"), ("name", "内二病区"), ("from", "1"), ("to", "12"), ("kind", "三人间")];
    administrator.post("/wards", &more);
    assert!(administrator.text().contains("N2 内二病区 12"), "{}", administrator.text());
    for (who, page) in [("0103", "/posting"), ("0207", "/deposits"), ("0301", "/posting")] {
        let mut other = ward.desk.signed_in(HOSPITAL, who);
        other.get(page);
        assert_eq!(other.status, 403, "{who} {page}");
    }
}

#[test]
fn pages_are_the_same_in_english() {
    let mut ward = Ward::with("王建国");
    ward.deposit("10");
    ward.post(&["一级护理*2"]);
    let line = ward.lines()[0].key.clone();
    let stay = ward.stay.clone();
    ward.biller.get("/language/en?back=/posting");
    ward.clerk.get("/language/en?back=/admission");
    for place in
        ["/posting".to_owned(), format!("/posting/{stay}"), format!("/posting/{stay}/reverse/{line}")]
    {
        assert!(ward.biller.get(&place).contains("lang=\"en\"") && ward.biller.status == 200, "{place}");
    }
    let places = ["admission", "deposits", "discharge", "settlements", "change"]
        .map(|module| format!("/{module}/{stay}"));
    let lists =
        ["/admission", "/deposits", "/arrears", "/discharge", "/beds", "/beds?view=list"].map(str::to_owned);
    for place in places
        .into_iter()
        .chain(lists)
        .chain([format!("/print/day/{stay}"), format!("/print/dunning/{stay}")])
    {
        ward.clerk.get(&place);
        assert_eq!(ward.clerk.status, 200, "{place}: {}", ward.clerk.text());
        assert!(!ward.clerk.page.contains("[stay-") && ward.clerk.page.contains("lang=\"en\""), "{place}");
    }
}

/// No errand and no bill is left on its way.
#[test]
fn a_discharge_whose_reply_is_lost_is_known_in_the_end() {
    let mut ward = Ward::with("王建国");
    ward.bill("line", &[("item", "一级护理*2")]);
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    let page = ward.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")]);
    assert!(page.contains("未记账"), "{}", ward.clerk.text());
    ward.bill("post", &[]);
    ward.desk.centre.way().lose_of("2402", Lost::Reply);
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")]);
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
    ward.resolve(4);
    assert_eq!(ward.state(), StayState::AwaitingSettlement);
    let errands: Vec<Sheet<Errand>> = ward.papers().list(By::All, 100, 0).unwrap();
    assert!(errands.iter().all(|errand| errand.state == ErrandState::Done));
    assert!(ward.papers().list::<Bill>(By::All, 10, 0).unwrap().is_empty());
    ward.desk.centre.assert_clean();
}

/// What a day has of an item already is not charged again, by whomever it was.
#[test]
fn one_item_is_charged_to_many_once_a_day_and_every_day_by_the_machine() {
    let mut ward = Ward::with("王建国");
    let stay = ward.stay.clone();
    let item = ward.paper_of_item("三人间床位费");
    ward.biller.get("/batch?ward=N1");
    assert!(ward.biller.text().contains("王建国"), "{}", ward.biller.text());
    let form =
        [("ward", "N1"), ("item", &*item), ("quantity", "1"), ("from", "t"), ("to", "t"), ("stay", &*stay)];
    ward.biller.post("/batch", &[&form[..], &[("do", "plan")]].concat());
    assert!(ward.biller.text().contains("将要记账"), "{}", ward.biller.text());
    assert!(ward.lines().is_empty(), "nothing is posted yet");
    for _ in 0..2 {
        ward.biller.post("/batch", &[&form[..], &[("do", "post")]].concat());
        assert_eq!(ward.lines().len(), 1, "once a day: {}", ward.biller.text());
    }
    assert_eq!(ward.lines()[0].state, SENT);
    ward.biller.post("/batch", &[&form[..], &[("do", "plan")]].concat());
    assert!(ward.biller.text().contains("当日已记"), "{}", ward.biller.text());
    // From now on every day: today has it, tomorrow is charged behind the next midnight.
    ward.biller.post("/batch", &[&form[..], &[("do", "daily")]].concat());
    ward.biller.get("/batch?ward=N1");
    assert!(ward.biller.text().contains("三人间床位费 × 1"), "{}", ward.biller.text());
    let day = |n: i64| 86_400 * n;
    ward.resolve(day(1));
    assert_eq!(ward.lines().len(), 1, "the day before has it already");
    ward.resolve(day(1));
    ward.resolve(60);
    let lines = ward.lines();
    assert_eq!(lines.len(), 2, "the machine has charged one day");
    let days: Vec<_> = lines.iter().map(|line| line.facts.served.date()).collect();
    assert_eq!(days[0].tomorrow().unwrap(), days[1]);
    // Another process of the same papers does not do it again.
    ward.desk.again(ward.desk.centre.centre.clone()).resolve().unwrap();
    assert_eq!(ward.lines().len(), 2);
    // Nobody was there for three days: they are charged behind them, each once.
    ward.resolve(day(3));
    let days: Vec<_> = ward.lines().iter().map(|line| line.facts.served.date()).collect();
    assert_eq!(days.len(), 5);
    assert!(days.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]), "{days:?}");
    let mut biller = ward.desk.signed_in(HOSPITAL, "0207");
    biller.get("/batch?ward=N1");
    assert!(biller.text().contains("自动记账记录"), "{}", biller.text());
    let ended = format!("{stay}/{item}");
    biller.post("/batch", &[("ward", "N1"), ("do", "end-daily"), ("daily", &*ended)]);
    ward.resolve(day(1));
    assert_eq!(ward.lines().len(), 5, "it is not charged any more");
    let total: Money = ward.lines().iter().map(|line| line.facts.line.amount).sum();
    assert_eq!(total, ward.paper().facts.charged);
}

#[test]
fn a_stays_figures_are_explained_and_a_ward_is_printed_in_the_order_of_its_beds() {
    let mut ward = Ward::with("王建国");
    ward.post(&["三人间床位费*2", "amlz*3"]);
    let day = ward.biller.get("/print/ward/N1");
    assert!(day.contains("王建国") && day.contains("三人间床位费"), "{day}");
    ward.wait(300);
    ward.leave();
    ward.settle();
    let settlement = ward.settlements().remove(0);
    let why = ward.clerk.get(&format!("/why/stay/{}", settlement.key));
    assert!(why.contains("第十") || why.contains("条"), "an article is named: {}", ward.clerk.text());
    assert!(ward.clerk.text().contains("住院结算"), "{}", ward.clerk.text());
    assert!(ward.clerk.get("/print/ward/N1").contains("现在没有病人"));
}
