//! A stay from admission to its last settlement: in one, two or three parts, and what is undone of it.

use anyhow::ensure;
use jiff::civil::DateTime;
use money::Money;
use serde_json::Value;

use super::client::{Bill, Client};
use super::errand::{Charge, Errand};
use super::program::{self, Program};

/// A stay that goes on.
pub struct Stay {
    errand: Errand,
    id: String,
    /// Lines sent.
    sent: usize,
    /// What was sent and is not settled.
    open: Money,
    /// Settled parts that stand, each with what it came to.
    parts: Vec<(Bill, Money)>,
    /// How many parts it shall have at most.
    wanted: usize,
}

impl Stay {
    /// 2401.
    pub fn admit(program: &Program<'_>, mut errand: Errand) -> anyhow::Result<Self> {
        let id = program.open(&errand)?;
        let wanted = *errand.random.weighted(&[(1, 75), (2, 15), (3, 10)]);
        Ok(Self { errand, id, sent: 0, open: Money::ZERO, parts: Vec::new(), wanted })
    }

    /// What happens until a moment; none where it is over.
    pub fn go_on(mut self, client: &mut Client<'_>, now: DateTime) -> anyhow::Result<Option<Self>> {
        if self.errand.ends.is_some_and(|ends| ends <= now) {
            self.finish(client, now)?;
            return Ok(None);
        }
        let year_ends = (now.month(), now.day()) == (12, 31);
        let wanted = self.wanted > self.parts.len() + 1 || year_ends && self.errand.random.percent(60);
        let comes = self.errand.charges.last().is_some_and(|charge| charge.served > now);
        if wanted && comes {
            self.upload(client, |charge| charge.served <= now)?;
            if !self.open.is_zero() {
                self.settle_part(client)?;
            }
        }
        Ok(Some(self))
    }

    /// Sends the next lines that fit.
    fn upload(&mut self, client: &Client<'_>, fits: impl Fn(&Charge) -> bool) -> anyhow::Result<()> {
        let rest = &self.errand.charges[self.sent..];
        let some = &rest[..rest.iter().take_while(|charge| fits(charge)).count()];
        client.program(&self.errand).charge(&self.errand, &self.id, "", self.sent, some)?;
        self.open += some.iter().map(|charge| charge.amount).sum();
        self.sent += some.len();
        Ok(())
    }

    fn request(&self, interim: bool) -> Value {
        program::bill(&self.errand, &self.id, "", self.open, interim)
    }

    /// 2304; what was open is settled.
    fn settle(&mut self, client: &mut Client<'_>, interim: bool) -> anyhow::Result<(Bill, Money)> {
        let program = client.program(&self.errand);
        let sent = program.write("2304", self.request(interim));
        let settlement = client.settle(&program, &mut self.errand, &sent)?;
        let bill = Bill { errand: self.errand.copy(), visit: self.id.clone(), sent, settlement };
        Ok((bill, std::mem::take(&mut self.open)))
    }

    /// A part; sometimes it is undone at once, and its lines are open again.
    fn settle_part(&mut self, client: &mut Client<'_>) -> anyhow::Result<()> {
        let (bill, total) = self.settle(client, true)?;
        match self.errand.random.below(100) {
            0..=7 => {
                let void = client.void(&bill)?;
                if self.errand.random.percent(50) {
                    client.undo(&self.errand, &void)?;
                    self.parts.push((bill, total));
                } else {
                    self.open = total;
                }
            }
            8..=12 => {
                client.undo(&self.errand, &bill.sent)?;
                self.open = total;
            }
            _ => self.parts.push((bill, total)),
        }
        self.try_out_of_order(client)
    }

    /// The first part is not undone while a later one stands.
    fn try_out_of_order(&mut self, client: &mut Client<'_>) -> anyhow::Result<()> {
        let [(first, _), _, ..] = self.parts.as_slice() else { return Ok(()) };
        let program = client.program(&self.errand);
        let said = program.send(&program.void(&self.errand, &self.id, &first.settlement))?;
        ensure!(!client.allowed(&said, "UNDO_FIRST")?, "a part was undone before a later one");
        Ok(())
    }

    /// The rest of the lines, the discharge, the last settlement.
    fn finish(mut self, client: &mut Client<'_>, now: DateTime) -> anyhow::Result<()> {
        self.upload(client, |_| true)?;
        client.program(&self.errand).discharge(&self.errand, &self.id)?;
        if self.open.is_zero() {
            return Ok(());
        }
        let (bill, total) = self.settle(client, false)?;
        if !self.parts.is_empty() {
            self.try_first(client)?;
        }
        match self.errand.random.below(100) {
            0..=3 => {
                client.void(&bill)?;
                self.open = total;
                self.settle_anew(client)
            }
            4 | 5 => {
                client.undo(&self.errand, &bill.sent)?;
                self.open = total;
                self.settle_anew(client)
            }
            _ => client.aftermath(bill, now),
        }
    }

    fn try_first(&mut self, client: &mut Client<'_>) -> anyhow::Result<()> {
        let program = client.program(&self.errand);
        let said = program.send(&program.void(&self.errand, &self.id, &self.parts[0].0.settlement))?;
        ensure!(!client.allowed(&said, "UNDO_FIRST")?, "a part was undone before the last settlement");
        Ok(())
    }

    /// The last settlement no longer stands: parts are undone too, the last one first, or the stay goes on, or neither.
    fn settle_anew(mut self, client: &mut Client<'_>) -> anyhow::Result<()> {
        if self.errand.random.percent(50) {
            let keep = self.errand.random.below(self.parts.len() + 1);
            while self.parts.len() > keep {
                let Some((bill, total)) = self.parts.pop() else { break };
                if self.errand.random.percent(50) {
                    client.void(&bill)?;
                } else {
                    client.undo(&self.errand, &bill.sent)?;
                }
                self.open += total;
            }
        }
        if self.errand.random.percent(50) {
            let program = client.program(&self.errand);
            program.go_on(&self.errand, &self.id)?;
            if let Some(last) = self.errand.charges.last().cloned() {
                self.errand.charges.push(last);
                self.upload(client, |_| true)?;
            }
            program.discharge(&self.errand, &self.id)?;
        }
        if self.errand.random.percent(80) {
            self.settle(client, false)?;
        }
        Ok(())
    }
}
