//! A line of a stay whose message comes to the centre late, behind its being taken back: before anything is settled, and
//! before an admission is cancelled, the centre's lines are those of the papers.

use std::sync::{Arc, Mutex};

use desk::{PostingState, StayState};
use road::{Capabilities, NoReply, Reply, Road};
use testkit::{TestCentre, TestDesk};
use wire::{Both, Doubt, Message};

use crate::ward::{HOSPITAL, Ward};

/// Holds the first message of a transaction back, and does something while it is on its way.
struct Held {
    road: Arc<dyn Road>,
    infno: &'static str,
    message: Mutex<Option<Message>>,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// It comes to the centre all the same, before it is answered.
    comes: bool,
}

impl Held {
    fn of(road: Arc<dyn Road>, comes: bool) -> Arc<Self> {
        Arc::new(Self { road, infno: "2301", message: Mutex::default(), meanwhile: Mutex::default(), comes })
    }

    /// What was held back comes to the centre now.
    fn let_go(&self) {
        let message = self.message.lock().unwrap().clone().expect("it was held back");
        self.road.send(&message).expect("the centre answers whoever listens no more");
    }
}

impl Road for Held {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        let mut held = self.message.lock().unwrap();
        if message.transaction.infno != self.infno || held.is_some() {
            drop(held);
            return self.road.send(message);
        }
        *held = Some(message.clone());
        drop(held);
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        if self.comes {
            self.road.send(message)
        } else {
            Err(NoReply::Unknown(Doubt::NoAnswer { cause: Both::of("未到", "held back") }))
        }
    }

    fn capabilities(&self) -> Capabilities {
        self.road.capabilities()
    }
}

/// A ward on such a road, where somebody lies in bed 03.
fn ward(comes: bool) -> (Ward, Arc<Held>) {
    let centre = TestCentre::start(60);
    let held = Held::of(centre.centre.clone(), comes);
    let desk = TestDesk::on(centre, held.clone(), &[HOSPITAL]);
    let (clerk, biller) = (desk.signed_in(HOSPITAL, "0301"), desk.signed_in(HOSPITAL, "0207"));
    let mut ward = Ward { desk, clerk, biller, stay: String::new() };
    ward.admit("王建国");
    (ward, held)
}

/// A line the centre has, and the papers have taken back.
fn late() -> Ward {
    let (mut ward, held) = ward(false);
    ward.post(&["xcg"]);
    let line = ward.lines().remove(0);
    assert_eq!(line.state, PostingState::Unsent, "{}", ward.biller.text());
    ward.reverse(&line.key, "1");
    assert!(ward.lines().iter().all(|line| line.state == PostingState::Withdrawn), "{}", ward.biller.text());
    held.let_go();
    ward
}

#[test]
fn a_line_that_comes_late_is_withdrawn_before_the_stay_is_settled() {
    let mut ward = late();
    ward.post(&["三人间床位费"]);
    ward.leave();
    ward.settle();
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    let settlement = ward.settlements().remove(0);
    assert_eq!(settlement.facts.total, ward.paper().facts.charged);
    assert_eq!(ward.standing(), 1);
}

#[test]
fn a_line_that_comes_late_is_withdrawn_before_the_admission_is_cancelled() {
    let mut ward = late();
    ward.clerk.get(&format!("/admission/{}", ward.stay));
    ward.clerk("admission", "release", &[]);
    ward.clerk("admission", "cancel", &[]);
    assert_eq!(ward.state(), StayState::Cancelled, "{}", ward.clerk.text());
    ward.desk.centre.assert_clean();
}

#[test]
fn a_line_that_is_taken_back_while_it_is_on_its_way_is_taken_back_at_the_centre_too() {
    let (mut ward, held) = ward(true);
    let (papers, stay) = (ward.papers(), ward.stay.clone());
    let mut other = ward.desk.signed_in(HOSPITAL, "0207");
    *held.meanwhile.lock().unwrap() = Some(Box::new(move || {
        let lines: Vec<desk::Sheet<desk::Posting>> =
            papers.list(store::By::Tag(&format!("stay:{stay}")), 10, 0).unwrap();
        let line = lines.first().expect("it is on paper before it is sent");
        assert_eq!(line.facts.tries, 1, "that it is on its way is on paper, too");
        let place = format!("/posting/{stay}/reverse/{}", line.key);
        other.get(&place);
        other.post(&place, &[("quantity", "1"), ("reason", "录错")]);
    }));
    ward.post(&["xcg"]);
    // The machine withdraws what came meanwhile.
    ward.resolve(61);
    assert!(
        ward.lines().iter().all(|line| line.state == PostingState::Withdrawn),
        "{:?}",
        ward.lines().iter().map(|line| line.state).collect::<Vec<_>>()
    );
    ward.post(&["三人间床位费"]);
    ward.leave();
    ward.settle();
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    assert_eq!(ward.standing(), 1);
}
