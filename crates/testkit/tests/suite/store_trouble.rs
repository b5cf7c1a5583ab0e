//! What a store that goes wrong leaves behind: nobody is told "done" of what is not kept, nobody "not processed" of what
//! is.

use testkit::{Gate, Item, Poison, Program, TestCentre};

/// A centre whose store goes wrong, a person with one unsettled bill, and the input that settles it.
fn scene(poison: Poison) -> (TestCentre, Program, serde_json::Value) {
    let mut centre = TestCentre::start(60);
    let item = centre.sample.catalogue.items()[0].code.clone();
    let person = centre.sample.persons[30].enrolment.number.clone();
    let program = centre.program("澜州市第一医院");
    let visit = program.charge(&person, &[Item::one(&item, "5.00")]);
    let bill = program.bill(&person, &visit, "1", "5.00");
    centre.restart_poisoned(poison);
    let program = centre.program("澜州市第一医院");
    (centre, program, bill)
}

/// Two copies of one message at once, so that both may stand in the batch that goes wrong.
fn twice(program: &Program, bill: &serde_json::Value) -> Vec<Option<String>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..2).map(|_| scope.spawn(|| program.say_as("2207", "M-TROUBLE", bill).code)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

#[test]
fn a_commit_that_took_place_unseen_is_answered_as_done_to_every_copy() {
    let (centre, program, bill) = scene(Poison::Written("TROUBLE"));
    assert_eq!(twice(&program, &bill), [None, None]);
    assert!(program.say_as("2207", "M-TROUBLE", &bill).done().replayed);
    assert_eq!(centre.assert_clean().settlements, 1);
}

#[test]
fn a_commit_that_did_not_take_place_is_told_as_not_processed_and_may_be_sent_again() {
    let (centre, program, bill) = scene(Poison::Lost("TROUBLE"));
    let first = program.say_as("2207", "M-TROUBLE", &bill);
    assert_eq!(first.code.as_deref(), Some("STORE_FAILED"));
    program.say_as("2207", "M-TROUBLE", &bill).done();
    assert_eq!(centre.assert_clean().settlements, 1);
}

#[test]
fn a_backend_that_panics_while_recording_leaves_no_doubt_and_no_dead_writer() {
    let (centre, program, bill) = scene(Poison::Panic("TROUBLE"));
    let first = program.say_as("2207", "M-TROUBLE", &bill);
    assert_eq!(first.code.as_deref(), Some("STORE_FAILED"));
    program.say_as("2207", "M-TROUBLE", &bill).done();
    assert_eq!(centre.assert_clean().settlements, 1);
}

#[test]
fn on_a_disk_nearly_full_only_what_undoes_or_ends_is_taken_in() {
    let mut centre = TestCentre::start(60);
    let item = centre.sample.catalogue.items()[0].code.clone();
    let person = centre.sample.persons[30].enrolment.number.clone();
    let program = centre.program("澜州市第一医院");
    let visit = program.charge(&person, &[Item::one(&item, "5.00")]);
    let paid = program.bill(&person, &visit, "1", "5.00");
    let settled = program.say_as("2207", "M-PAID", &paid).done();
    let open = program.charge(&person, &[Item::one(&item, "5.00")]);
    centre.restart_poisoned(Poison::DiskLow);
    let program = centre.program("澜州市第一医院");
    let again = program.say_as("2207", "M-PAID", &paid).done();
    assert!(again.replayed, "a known message is always answered");
    assert_eq!(again.text, settled.text);
    let bill = program.bill(&person, &open, "1", "5.00");
    program.say("2206", &bill).done();
    let refused = program.say_as("2207", "M-LOW", &bill);
    assert_eq!(refused.code.as_deref(), Some("DISK_LOW"));
    assert_eq!(program.outcome("2207", "M-LOW").get("result", "outcome"), "not received");
    program.void(&person, &visit, &settled.get("setlinfo", "setl_id")).done();
    program.reverse(&person, "2207", "M-LOW").done();
    let report = centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (1, 1));
}

#[test]
fn when_too_much_waits_only_what_certainly_has_no_effect_is_told_so() {
    static DISK: Gate = Gate::new();
    let mut centre = TestCentre::start(60);
    let item = centre.sample.catalogue.items()[0].code.clone();
    let person = centre.sample.persons[30].enrolment.number.clone();
    let program = centre.program_beside("澜州市第一医院");
    let visit = program.charge(&person, &[Item::one(&item, "5.00")]);
    let paid = program.bill(&person, &visit, "1", "5.00");
    let settled = program.say_as("2207", "M-PAID", &paid).done();
    centre.restart_poisoned(Poison::Slow("M-SLOW", &DISK));

    let program = centre.program_beside("澜州市第一医院");
    let again = program.fees(&person, &visit, "2", &[Item::one(&item, "5.00")]);
    let slow = program.post("2204", "M-SLOW", &again);
    DISK.wait_for_somebody();
    // Sixty-four of one hospital may wait.
    let no_such_bill = program.bill(&person, &visit, "9", "5.00");
    let waiting: Vec<_> = (0..64).map(|n| program.post("2207", &format!("M-{n}"), &no_such_bill)).collect();
    let new = program.post("2207", "M-NEW", &no_such_bill);
    let copy_of_waiting = program.post("2207", "M-63", &no_such_bill);
    let copy_of_paid = program.post("2207", "M-PAID", &paid);
    DISK.open();

    slow.recv().unwrap().done();
    assert_eq!(new.recv().unwrap().code.as_deref(), Some("BUSY"));
    let known = copy_of_paid.recv().unwrap().done();
    assert!(known.replayed, "the bill is paid, however much waits");
    assert_eq!(known.text, settled.text);
    let first = waiting.into_iter().map(|said| said.recv().unwrap()).last().unwrap();
    let copy = copy_of_waiting.recv().unwrap();
    assert!(copy.replayed && !first.replayed);
    assert_eq!(copy.text, first.text, "it was answered when its first copy was decided");
    assert_eq!(program.outcome("2207", "M-NEW").get("result", "outcome"), "not received");
    centre.assert_clean();
}
