//! A window of a hospital: its vendor's program on its road, and what it writes in the hospital's books.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use jiff::civil::{Date, DateTime};
use model::{Clock, Enrolment, SystemClock};
use money::Money;
use road::{Capabilities, Family, HttpRoad, HttpSettings, NoReply, Reply};
use serde_json::Value;
use wire::Answer;

use super::Demo;
use super::bodies::{self, Charge, Vendor};
use super::town::NEIGHBOUR;

/// How a vendor writes its envelope.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    Indented,
    Hub,
    Compact,
}

/// A window of a hospital: its vendor's program on its road.
pub(crate) struct Window<'d> {
    pub(crate) demo: &'d Demo,
    pub(crate) vendor: Vendor<'d>,
    settings: HttpSettings,
    road: RefCell<HttpRoad>,
    style: Style,
    serial: Cell<u32>,
    /// What it has written in its hospital's books.
    pub(crate) till: RefCell<Vec<Booked>>,
}

/// What came over the line.
pub(crate) struct Heard {
    pub(crate) answer: Answer,
    pub(crate) replayed: bool,
}

impl Heard {
    pub(crate) fn get(&self, node: &str, field: &str) -> anyhow::Result<String> {
        let text = String::from_utf8_lossy(&self.answer.text);
        self.answer.output(node, field).with_context(|| format!("no {node}.{field} in {text}"))
    }
}

impl<'d> Window<'d> {
    pub(crate) fn open(demo: &'d Demo, hospital: &str, style: Style) -> anyhow::Result<Self> {
        let hospital = demo.city.hospital(hospital);
        let abroad = hospital.division.starts_with(NEIGHBOUR);
        let address = if abroad { demo.neighbour.borrow().address()? } else { demo.address.clone() };
        let settings = HttpSettings {
            address,
            key: hospital.key.clone(),
            secret: hospital.secret.clone(),
            family: if matches!(style, Style::Compact) { Family::Api } else { Family::Tif },
            timeout: Duration::from_mins(1),
            capabilities: Capabilities::default(),
        };
        let road = RefCell::new(connect(&settings));
        let vendor =
            Vendor { hospital, sign_no: String::new(), insured_in: abroad.then_some(sample::CITY_DIVISION) };
        let till = RefCell::default();
        let mut window = Self { demo, vendor, settings, road, style, serial: Cell::new(1), till };
        let signed = window.say("9001", &bodies::sign_in())?;
        window.vendor.sign_no = signed.get("signinoutb", "sign_no")?;
        Ok(window)
    }

    pub(crate) fn now(&self) -> DateTime {
        self.demo.clock.now()
    }

    pub(crate) fn msgid(&self) -> String {
        self.serial.set(self.serial.get() + 1);
        self.vendor.msgid(self.now(), self.serial.get())
    }

    pub(crate) fn body(&self, infno: &str, msgid: &str, input: &Value) -> String {
        match self.style {
            Style::Indented => self.vendor.indented(infno, msgid, self.now(), input),
            Style::Hub => self.vendor.hub(infno, msgid, input),
            Style::Compact => self.vendor.compact(infno, msgid, self.now(), input),
        }
    }

    /// Sends and takes what comes, refusals too. Where nothing is heard the same message is sent again: the centre may have
    /// stood still while an officer worked.
    pub(crate) fn send(&self, infno: &str, body: &str) -> anyhow::Result<Heard> {
        let mut heard = self.road.borrow().send_body(infno, body.as_bytes());
        for _ in 0..TRIES {
            if !matches!(heard, Err(NoReply::Unknown(_) | NoReply::NotProcessed(_))) {
                break;
            }
            self.road.replace(connect(&self.settings));
            heard = self.road.borrow().send_body(infno, body.as_bytes());
        }
        match heard {
            Ok(Reply::Done(given) | Reply::Refused(given)) => {
                Ok(Heard { answer: given.answer, replayed: given.replayed })
            }
            Ok(Reply::Held(ticket)) => bail!("{infno} is held as {}", ticket.0),
            Err(NoReply::NotProcessed(problem)) => bail!("{infno}: {problem}"),
            Err(NoReply::Unknown(doubt)) => bail!("{infno}: {doubt}"),
        }
    }

    /// Sends what must be done.
    pub(crate) fn say(&self, infno: &str, input: &Value) -> anyhow::Result<Heard> {
        let heard = self.send(infno, &self.body(infno, &self.msgid(), input))?;
        match heard.answer.error() {
            None => Ok(heard),
            Some(error) => bail!("{infno}: {error}"),
        }
    }

    /// 1101, 2201, 2203, 2204: a visit with its lines, in a batch named `1`.
    pub(crate) fn charge(
        &self,
        person: &Enrolment,
        begins: DateTime,
        charges: &[Charge],
    ) -> anyhow::Result<String> {
        let found = self.say("1101", &bodies::get_person(&person.document, &person.name))?;
        let number = found.get("baseinfo", "psn_no")?;
        let visit_number = self.msgid()[12..].to_owned();
        let register = insured(person, begins, bodies::register(&number, &visit_number, begins));
        let visit = self.say("2201", &register)?.get("data", "mdtrt_id")?;
        self.say("2203", &bodies::visit(&number, &visit, begins))?;
        self.say("2204", &bodies::fees(&number, &visit, "1", begins, charges))?;
        Ok(visit)
    }

    /// A whole bill from card to receipt; answers visit, message id, body and what 2207 said.
    pub(crate) fn settle(
        &self,
        person: &Enrolment,
        begins: DateTime,
        charges: &[Charge],
        total: &str,
    ) -> anyhow::Result<(String, String, Heard)> {
        let visit = self.charge(person, begins, charges)?;
        let input = insured(person, begins, bodies::bill(&person.number, &visit, "1", total));
        let trial = self.say("2206", &input)?;
        let body = self.body("2207", &self.msgid(), &input);
        let heard = self.send("2207", &body)?;
        ensure!(heard.answer.error().is_none(), "{:?}", heard.answer.error());
        ensure!(
            trial.get("setlinfo", "acct_pay")? == heard.get("setlinfo", "acct_pay")?,
            "trial and settlement differ"
        );
        self.book(&heard, &person.number, &visit)?;
        Ok((visit, body, heard))
    }

    /// 1101, 2401: a stay begins.
    pub(crate) fn admit(&self, person: &Enrolment, begins: DateTime) -> anyhow::Result<String> {
        let found = self.say("1101", &bodies::get_person(&person.document, &person.name))?;
        let number = found.get("baseinfo", "psn_no")?;
        let visit_number = self.msgid()[12..].to_owned();
        let admission = insured(person, begins, bodies::admit(&number, &visit_number, begins));
        self.say("2401", &admission)?.get("result", "mdtrt_id")
    }

    /// 2303, 2304: the stay is settled, as far as it has gone.
    pub(crate) fn settle_stay(
        &self,
        person: &Enrolment,
        stay: &str,
        begins: DateTime,
        total: &str,
        interim: bool,
    ) -> anyhow::Result<Heard> {
        let mut bill = insured(person, begins, bodies::stay_bill(&person.number, stay, total));
        if interim {
            bill["mid_setl_flag"] = "1".into();
        }
        let trial = self.say("2303", &bill)?;
        let heard = self.say("2304", &bill)?;
        ensure!(
            trial.get("setlinfo", "hifp_pay")? == heard.get("setlinfo", "hifp_pay")?,
            "trial and settlement differ"
        );
        self.book(&heard, &person.number, stay)?;
        Ok(heard)
    }

    /// 1101, 2401, 2301, 2402, 2303, 2304: a whole stay.
    pub(crate) fn stay(
        &self,
        person: &Enrolment,
        (begins, ends): (DateTime, DateTime),
        charges: &[Charge],
        total: &str,
    ) -> anyhow::Result<Heard> {
        let stay = self.admit(person, begins)?;
        self.say("2301", &bodies::stay_fees(&person.number, &stay, "ZY", begins, charges))?;
        let discharge = bodies::discharge(&person.number, &stay, ends);
        self.say("2402", &insured(person, begins, discharge))?;
        self.settle_stay(person, &stay, begins, total, false)
    }

    /// Writes a settlement or a void into the hospital's books.
    pub(crate) fn book(&self, heard: &Heard, person: &str, visit: &str) -> anyhow::Result<()> {
        let of = |field: &str| heard.get("setlinfo", field);
        let amount = |field: &str| -> anyhow::Result<Money> {
            of(field)?.parse().map_err(|_| anyhow::anyhow!("{field} is no amount"))
        };
        let amounts = [amount("medfee_sumamt")?, amount("fund_pay_sumamt")?, amount("acct_pay")?];
        self.till.borrow_mut().push(Booked {
            person: person.into(),
            visit: visit.into(),
            settlement: of("setl_id")?,
            msgid: of("medins_setl_id")?,
            refund: amounts[0].is_negative(),
            amounts,
            insurance: of("insutype")?,
            kind: of("clr_type")?,
            day: self.now().date(),
        });
        Ok(())
    }
}

/// One settlement or void as a hospital has written it.
#[derive(Debug, Clone)]
pub(crate) struct Booked {
    pub(crate) person: String,
    pub(crate) visit: String,
    pub(crate) settlement: String,
    pub(crate) msgid: String,
    pub(crate) refund: bool,
    /// Total, funds, account.
    pub(crate) amounts: [Money; 3],
    pub(crate) insurance: String,
    pub(crate) kind: String,
    pub(crate) day: Date,
}

/// How often a message is sent once more.
const TRIES: usize = 3;

fn connect(settings: &HttpSettings) -> HttpRoad {
    HttpRoad::new(settings.clone(), std::sync::Arc::new(SystemClock))
}

/// A request under the insurance its person has on a day.
fn insured(person: &Enrolment, on: DateTime, mut input: Value) -> Value {
    let covers = person.covers.iter();
    let kind = covers.filter(|cover| cover.holds_on(on.date())).map(|cover| cover.kind).next();
    let place = match input.as_object_mut() {
        Some(members) if members.contains_key("insutype") => Some(members),
        Some(members) => members
            .values_mut()
            .find_map(|node| node.as_object_mut().filter(|members| members.contains_key("insutype"))),
        None => None,
    };
    if let (Some(members), Some(kind)) = (place, kind) {
        members.insert("insutype".into(), kind.0.to_string().into());
    }
    input
}
