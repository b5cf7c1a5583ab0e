//! One client: has people of its own, makes their visits one behind the other, and undoes some.

use std::collections::BTreeMap;

use anyhow::ensure;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use money::Money;

use super::errand::Errand;
use super::program::{self, Program, Said, Sent};
use super::stay::Stay;
use super::town::Town;

/// What a client did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Settlements made.
    pub settled: u64,
    /// Rows made that undo another.
    pub undone: u64,
    /// Trials held against their settlement.
    pub trials: u64,
    /// Answers given again.
    pub again: u64,
    /// What was refused as it must be, or may be, by code.
    pub refused: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.settled += other.settled;
        self.undone += other.undone;
        self.trials += other.trials;
        self.again += other.again;
        for (code, times) in &other.refused {
            *self.refused.entry(code.clone()).or_default() += times;
        }
    }
}

/// A bill that was settled and may be undone.
pub struct Bill {
    /// For what.
    pub errand: Errand,
    /// The visit or stay.
    pub visit: String,
    /// The message it was settled with.
    pub sent: Sent,
    /// Its settlement.
    pub settlement: String,
}

/// What is done some days later.
enum Later {
    Void(Bill),
    TakeBack(Bill),
    /// A void is taken back, long after.
    Reinstate(Bill, Sent),
}

/// One client.
pub struct Client<'t> {
    pub(super) town: &'t Town,
    /// Stays that go on.
    stays: Vec<Stay>,
    later: Vec<(Date, Later)>,
    pub(super) tally: Tally,
}

impl<'t> Client<'t> {
    /// One with nothing done yet.
    pub fn new(town: &'t Town) -> Self {
        Self { town, stays: Vec::new(), later: Vec::new(), tally: Tally::default() }
    }

    /// The program of an errand's hospital.
    pub(super) fn program(&self, errand: &Errand) -> Program<'t> {
        Program::new(self.town, errand.hospital)
    }

    /// Goes on to a moment: makes the visits that began since, goes on with stays, undoes what is due. Answers what was
    /// done since the last time.
    pub fn go_on(&mut self, now: DateTime, errands: Vec<Errand>) -> anyhow::Result<Tally> {
        self.continue_stays(now)?;
        for errand in errands {
            if errand.ends.is_none() {
                self.visit(errand, now)?;
            } else {
                let stay = Stay::admit(&self.program(&errand), errand)?;
                self.stays.push(stay);
            }
        }
        self.continue_stays(now)?;
        self.do_what_is_due(now)?;
        Ok(std::mem::take(&mut self.tally))
    }

    /// Whether stays go on or something is to be undone yet.
    pub fn waits(&self) -> bool {
        !self.stays.is_empty() || !self.later.is_empty()
    }

    fn continue_stays(&mut self, now: DateTime) -> anyhow::Result<()> {
        for stay in std::mem::take(&mut self.stays) {
            if let Some(stay) = stay.go_on(self, now)? {
                self.stays.push(stay);
            }
        }
        Ok(())
    }

    /// An outpatient visit, in one bill or two.
    fn visit(&mut self, mut errand: Errand, now: DateTime) -> anyhow::Result<()> {
        let program = self.program(&errand);
        let visit = program.open(&errand)?;
        let charges = std::mem::take(&mut errand.charges);
        let two = charges.len() > 3 && errand.random.percent(8);
        let cut = if two { charges.len() / 2 } else { charges.len() };
        let (first, second) = charges.split_at(cut);
        for (batch, from, charges) in [("A", 0, first), ("B", cut, second)] {
            let total: Money = charges.iter().map(|charge| charge.amount).sum();
            if total.is_zero() {
                continue;
            }
            program.charge(&errand, &visit, batch, from, charges)?;
            let sent = program.write("2207", program::bill(&errand, &visit, batch, total, false));
            let settlement = self.settle(&program, &mut errand, &sent)?;
            let bill = Bill { errand: errand.copy(), visit: visit.clone(), sent, settlement };
            self.aftermath(bill, now)?;
        }
        Ok(())
    }

    /// Settles, sometimes behind a trial, which must have said the same; answers the settlement.
    pub(super) fn settle(
        &mut self,
        program: &Program<'_>,
        errand: &mut Errand,
        sent: &Sent,
    ) -> anyhow::Result<String> {
        let trial = if errand.random.percent(10) {
            let infno = if sent.infno == "2207" { "2206" } else { "2303" };
            Some(program.say(infno, sent.input.clone())?.done()?)
        } else {
            None
        };
        let said = program.send(sent)?.done()?;
        if let Some(trial) = trial {
            program::same_figures(&trial, &said)?;
            self.tally.trials += 1;
        }
        self.tally.settled += 1;
        said.get("setlinfo", "setl_id")
    }

    /// Settles under a new id what was settled before and no longer stands.
    pub(super) fn settle_again(&mut self, mut bill: Bill) -> anyhow::Result<Bill> {
        let program = self.program(&bill.errand);
        let sent = program.write(bill.sent.infno, bill.sent.input.clone());
        let settlement = self.settle(&program, &mut bill.errand, &sent)?;
        Ok(Bill { sent, settlement, ..bill })
    }

    /// What becomes of a settled bill.
    pub(super) fn aftermath(&mut self, mut bill: Bill, now: DateTime) -> anyhow::Result<()> {
        let day = now.date();
        let later = |bill: &mut Bill, most| day.saturating_add(bill.errand.random.between(1, most).days());
        match bill.errand.random.below(100) {
            0..=2 => self.void_and_go_on(bill),
            3 | 4 => {
                let sent = bill.sent.clone();
                self.undo(&bill.errand, &sent)?;
                if bill.errand.random.percent(70) { self.settle_again(bill).map(|_| ()) } else { Ok(()) }
            }
            5 | 6 => {
                let due = later(&mut bill, 60);
                self.later.push((due, Later::Void(bill)));
                Ok(())
            }
            7 => {
                let due = later(&mut bill, 10);
                self.later.push((due, Later::TakeBack(bill)));
                Ok(())
            }
            8 => self.send_again(&bill),
            9 => self.take_back_early(&bill),
            10 => {
                let void = self.void(&bill)?;
                let due = later(&mut bill, 20);
                self.later.push((due, Later::Reinstate(bill, void)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Voids; the void is taken back, or the bill settled again, or neither.
    fn void_and_go_on(&mut self, mut bill: Bill) -> anyhow::Result<()> {
        let void = self.void(&bill)?;
        match bill.errand.random.below(10) {
            0..=3 => {
                self.undo(&bill.errand, &void)?;
                // It stands again, and can be voided again or taken back.
                match bill.errand.random.below(4) {
                    0 => self.void(&bill).map(|_| ()),
                    1 => self.undo(&bill.errand, &bill.sent.clone()),
                    _ => Ok(()),
                }
            }
            4..=6 => self.settle_again(bill).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// 2208 or 2305; answers the message.
    pub(super) fn void(&mut self, bill: &Bill) -> anyhow::Result<Sent> {
        let program = self.program(&bill.errand);
        let void = program.void(&bill.errand, &bill.visit, &bill.settlement);
        program.send(&void)?.done()?;
        self.tally.undone += 1;
        Ok(void)
    }

    /// 2601 of something that moved money.
    pub(super) fn undo(&mut self, errand: &Errand, sent: &Sent) -> anyhow::Result<()> {
        self.program(errand).take_back(errand, sent)?.done()?;
        self.tally.undone += 1;
        Ok(())
    }

    /// The same message again: the same answer.
    fn send_again(&mut self, bill: &Bill) -> anyhow::Result<()> {
        let program = self.program(&bill.errand);
        let (one, other) = (program.send(&bill.sent)?.done()?, program.send(&bill.sent)?.done()?);
        ensure!(one.replayed && other.replayed && one.text() == other.text(), "{} again", bill.sent.infno);
        ensure!(one.get("setlinfo", "setl_id")? == bill.settlement, "{}: settled again", bill.sent.infno);
        self.tally.again += 2;
        Ok(())
    }

    /// Takes back a message that never came; when it comes, it is refused.
    fn take_back_early(&mut self, bill: &Bill) -> anyhow::Result<()> {
        let program = self.program(&bill.errand);
        let sent = program.write(bill.sent.infno, bill.sent.input.clone());
        let said = program.take_back(&bill.errand, &sent)?;
        if self.allowed(&said, "CANDIDATE_EXISTS")? {
            let late = program.send(&sent)?;
            ensure!(late.code.is_some(), "{} was taken back before it came, and was done", sent.infno);
            self.allowed(&late, "REVERSED_BEFORE_ARRIVAL")?;
        }
        Ok(())
    }

    /// True where it was done; refused with one of these codes it may be, too.
    pub(super) fn allowed(&mut self, said: &Said, codes: &str) -> anyhow::Result<bool> {
        let Some(code) = &said.code else { return Ok(true) };
        let text = String::from_utf8_lossy(said.text());
        ensure!(codes.split(' ').any(|known| known == code), "refused: {text}");
        *self.tally.refused.entry(code.clone()).or_default() += 1;
        Ok(false)
    }

    fn do_what_is_due(&mut self, now: DateTime) -> anyhow::Result<()> {
        let (due, later) =
            std::mem::take(&mut self.later).into_iter().partition(|(day, _)| *day <= now.date());
        self.later = later;
        for (_, act) in due {
            match act {
                Later::Void(bill) => {
                    self.void(&bill)?;
                    if bill.errand.random.clone().percent(40) {
                        self.settle_again(bill)?;
                    }
                }
                Later::TakeBack(bill) => self.undo(&bill.errand, &bill.sent)?,
                Later::Reinstate(bill, void) => {
                    let said = self.program(&bill.errand).take_back(&bill.errand, &void)?;
                    if self.allowed(&said, "BILL_CHANGED REVERSAL_DEPENDED_ON ACCOUNT_SHORT")? {
                        self.tally.undone += 1;
                    }
                }
            }
        }
        Ok(())
    }
}
