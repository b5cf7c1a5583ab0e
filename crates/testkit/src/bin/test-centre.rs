//! A centre of the sample city on today's date, for programs that are tried against one from outside: it prints a line of
//! JSON that says where it listens, plainly and with our extras, and whom it knows; it ends when its input does.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use model::{Clock as _, SystemClock};
use serde_json::{Value, json};
use serve::Limits;
use testkit::{Books, PlainCentre, TestCentre, TestServer};

const PERSONS: usize = 400;

fn main() {
    let centre = TestCentre::start_today(Books::file(), PERSONS, SystemClock.now());
    let (plain, server) = (PlainCentre::start(&centre), TestServer::start(&centre, Limits::default()));
    println!("{}", told(&centre, &plain.address().to_string(), &server.address.to_string()));
    let clock = centre.clock.clone();
    std::thread::spawn(move || {
        loop {
            clock.set(SystemClock.now());
            std::thread::park_timeout(Duration::from_millis(20));
        }
    });
    // Whoever started it has gone, or wants it to end.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    drop((plain, server, Arc::clone(&centre.centre)));
}

fn told(centre: &TestCentre, plain: &str, address: &str) -> Value {
    let hospitals = centre.sample.hospitals.iter().map(|hospital| {
        json!({
            "code": hospital.code, "name": hospital.name, "division": hospital.division, "key": hospital.key,
            "secret": hospital.secret,
        })
    });
    let people = centre.sample.persons.iter().map(|person| {
        let enrolment = &person.enrolment;
        json!({
            "name": enrolment.name, "card": enrolment.document, "number": enrolment.number,
            "situation": person.situation.map_or("", |situation| situation.zh),
        })
    });
    let items = centre.sample.catalogue.items().iter().take(40).map(|item| {
        json!({ "code": item.code, "name": item.name, "unit": item.unit, "price": item.price.to_string() })
    });
    json!({
        "address": format!("http://{address}"), "plain": format!("http://{plain}"),
        "hospitals": hospitals.collect::<Vec<_>>(), "persons": people.collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(),
    })
}
