//! Lines of stays on their way to the centre: right after they are posted, and again by the machine or by a key where they
//! did not arrive. Before a line is sent again the centre is asked which it has: no line is ever there twice.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use money::{Money, Quantity};
use store::{Act, Change};
use wire::asking::{
    Approval, AskLines, Asking, Insured, Line as LineSaid, LinesHeard, LinesKept, Speaker, StayLines,
    WithdrawStayLines,
};

use crate::carry::machine;
use crate::desk::Desk;
use crate::house::Hospital;
use crate::posting::{Poster, Posting, PostingState, Way, open_postings};
use crate::sheet::{Form, PaperError, Papers, Sheet, state_word};
use crate::speak::No;
use crate::stay::Stay;

/// Lines go to the centre in so many at once.
const LINES_AT_ONCE: usize = wire::transactions::LINES_MAX;

/// Of one stay: who it is about, and who speaks.
struct Errands<'d> {
    desk: &'d Desk,
    papers: &'d Papers,
    stay: Sheet<Stay>,
    hospital: Hospital,
    speaker: Speaker,
    now: DateTime,
}

impl Desk {
    /// Sends the lines of a stay the centre is still to hear of; answers how many it has taken in.
    pub(crate) fn send_lines(&self, papers: &Papers, stay: &str, act: &Act) -> Result<usize, PaperError> {
        // Another window, or the machine, may be sending them just now: what they are then is read behind it.
        let Some(_held) = self.hold(papers, &format!("lines/{stay}")) else { return Ok(0) };
        let mut lines = open_postings(papers, stay)?;
        let (Some(stay), Some(hospital)) =
            (papers.get::<Stay>(stay)?, papers.get::<Hospital>(Hospital::KEY)?)
        else {
            return Ok(0);
        };
        let Some(poster) = lines.first().map(|line| line.facts.poster.clone()) else { return Ok(0) };
        let speaker = speaker(papers.hospital(), &hospital.facts, poster);
        let errands = Errands { desk: self, papers, stay, hospital: hospital.facts, speaker, now: act.at };
        errands.send(&mut lines, act)
    }

    /// Sends, of all hospitals, the lines whose time has come.
    pub(crate) fn send_due_lines(&self) -> Result<usize, PaperError> {
        let now = self.clock.now();
        let mut sent = 0;
        for state in [PostingState::Unsent, PostingState::Failed] {
            for tenant in self.store.tenants(Posting::KIND, &state_word(state))? {
                let papers = self.papers(&tenant.0);
                let lines = papers.in_state::<Posting>(state)?;
                let due = lines.into_iter().filter(|line| line.facts.next <= now);
                let stays: BTreeSet<String> = due.map(|line| line.facts.stay).collect();
                for stay in stays {
                    sent += match self.send_lines(&papers, &stay, &machine(now)) {
                        Err(PaperError::Stale { .. }) => 0,
                        sent => sent?,
                    };
                }
            }
        }
        Ok(sent)
    }
}

fn speaker(code: &str, hospital: &Hospital, poster: Poster) -> Speaker {
    Speaker {
        hospital: code.to_owned(),
        hospital_name: hospital.name.clone(),
        division: hospital.division.clone(),
        operator: poster.number,
        operator_name: poster.name,
        sign_in: poster.sign_in,
    }
}

impl Errands<'_> {
    fn send(&self, lines: &mut [Sheet<Posting>], act: &Act) -> Result<usize, PaperError> {
        // What was sent before may be there, and what is to be withdrawn may not.
        let again = lines.iter().any(|line| line.facts.tries > 0 || line.facts.way == Way::Withdrawal);
        let known = if again { self.look(lines) } else { Ok(BTreeSet::new()) };
        self.withdraw(lines, &known);
        self.mark(lines, act)?;
        let mut rows: Vec<&mut Sheet<Posting>> =
            lines.iter_mut().filter(|line| line.state.is_open() && line.facts.way == Way::Row).collect();
        for some in rows.chunks_mut(LINES_AT_ONCE) {
            match &known {
                Ok(_) => self.charge(some),
                // Which of them are there is not known: they wait.
                Err(_) => some.iter_mut().for_each(|line| self.heard(line, &known)),
            }
        }
        let sent = lines.iter().filter(|line| !line.state.is_open()).count();
        let changes: Vec<Change> = lines.iter().map(changed).collect();
        self.papers.put(&changes, act)?;
        Ok(sent)
    }

    fn ask<T>(&self, request: &dyn Asking, hear: impl FnOnce(&wire::Answer) -> Option<T>) -> Result<T, No> {
        let id = self.desk.message_id(self.papers.hospital());
        let message = self.speaker.say(&id, self.now, request);
        self.desk.ask(&message, hear)
    }

    fn person(&self) -> Insured {
        let patient = &self.stay.private.patient;
        Insured::of(&patient.number, &patient.home)
    }

    /// That lines are on their way stands on paper before they are: whoever takes one back meanwhile takes it back there, too.
    fn mark(&self, lines: &mut [Sheet<Posting>], act: &Act) -> Result<(), PaperError> {
        let new = |line: &&mut Sheet<Posting>| {
            line.state.is_open() && line.facts.way == Way::Row && line.facts.tries == 0
        };
        let mut first: Vec<&mut Sheet<Posting>> = lines.iter_mut().filter(new).collect();
        first.iter_mut().for_each(|line| line.facts.tries = 1);
        let changes: Vec<Change> = first.iter().map(|line| line.typed()).collect();
        self.papers.put(&changes, act)?;
        first.iter_mut().for_each(|line| line.version += 1);
        Ok(())
    }

    /// Which lines the centre has. What was sent before and is there is not sent again.
    fn look(&self, lines: &mut [Sheet<Posting>]) -> Result<BTreeSet<String>, No> {
        let visit = self.stay.facts.visit.clone();
        let request = AskLines { person: self.person(), visit, settlement: None };
        let kept = self.ask(&request, LinesKept::hear)?;
        let there: BTreeSet<String> = kept.lines.into_iter().map(|line| line.split.number).collect();
        for line in lines.iter_mut().filter(|line| line.facts.way == Way::Row && there.contains(&line.key)) {
            line.state = PostingState::Sent;
            line.facts.why.clear();
        }
        Ok(there)
    }

    /// Rows that are taken back as a whole are withdrawn, all in one message; those that never came there need not be.
    fn withdraw(&self, lines: &mut [Sheet<Posting>], known: &Result<BTreeSet<String>, No>) {
        let whole = |line: &&mut Sheet<Posting>| line.state.is_open() && line.facts.way == Way::Withdrawal;
        let mut back: Vec<&mut Sheet<Posting>> = lines.iter_mut().filter(whole).collect();
        if back.is_empty() {
            return;
        }
        let there = match known {
            Ok(there) => there,
            Err(no) => return back.iter_mut().for_each(|line| self.missed(line, no, no.text())),
        };
        let originals = back.iter().filter_map(|line| line.facts.original.clone());
        let originals: Vec<String> = originals.filter(|original| there.contains(original)).collect();
        let visit = self.stay.facts.visit.clone();
        let answer = if originals.is_empty() {
            Ok(())
        } else {
            let request = WithdrawStayLines { person: self.person(), visit, lines: Some(originals) };
            self.ask(&request, |_| Some(()))
        };
        for line in &mut back {
            match &answer {
                Ok(()) => taken(line, PostingState::Withdrawn),
                Err(no) => self.missed(line, no, no.text()),
            }
        }
    }

    /// Charges lines. All are taken in, or none: those that stand in the way of the others are told, and left out.
    fn charge(&self, lines: &mut [&mut Sheet<Posting>]) {
        let answer = self.charge_once(lines);
        let Err(No::Refused { lines: refused, .. }) = &answer else {
            return lines.iter_mut().for_each(|line| self.heard(line, &answer));
        };
        if lines.len() == 1 {
            return self.heard(lines[0], &answer);
        }
        let (mut rest, mut wrong): (Vec<_>, Vec<_>) =
            lines.iter_mut().partition(|line| !refused.iter().any(|(number, _)| *number == line.key));
        for line in &mut wrong {
            let why = refused.iter().find(|(number, _)| *number == line.key).map_or("", |(_, why)| why);
            self.refused(line, why);
        }
        if wrong.is_empty() {
            // Which line it was is not told: one by one they say.
            rest.iter_mut().for_each(|line| self.charge(&mut [line]));
        } else if !rest.is_empty() {
            let mut rest: Vec<&mut Sheet<Posting>> = rest.into_iter().map(|line| &mut **line).collect();
            self.charge(&mut rest);
        }
    }

    fn charge_once(&self, lines: &[&mut Sheet<Posting>]) -> Result<LinesHeard, No> {
        let request = StayLines {
            person: self.person(),
            visit: self.stay.facts.visit.clone(),
            care_kind: self.stay.facts.care_kind.clone(),
            lines: lines.iter().map(|line| self.said(line)).collect(),
        };
        self.ask(&request, LinesHeard::hear)
    }

    fn heard<T>(&self, line: &mut Sheet<Posting>, answer: &Result<T, No>) {
        match answer {
            Ok(_) => taken(line, PostingState::Sent),
            Err(no) => self.missed(line, no, no.text()),
        }
    }

    fn refused(&self, line: &mut Sheet<Posting>, why: &str) {
        line.state = PostingState::Failed;
        why.clone_into(&mut line.facts.why);
        line.facts.missed(self.now);
    }

    fn missed(&self, line: &mut Sheet<Posting>, no: &No, why: &str) {
        if matches!(no, No::Refused { .. }) {
            return self.refused(line, why);
        }
        why.clone_into(&mut line.facts.why);
        line.facts.missed(self.now);
    }

    fn said(&self, posting: &Sheet<Posting>) -> LineSaid {
        let Posting { line, served, doctor, doctor_code, department, original, reason, .. } = &posting.facts;
        LineSaid {
            number: posting.key.clone(),
            refunds: original.clone(),
            served: *served,
            item: line.mapped.clone().unwrap_or_else(|| self.hospital.parameters.unmapped_code.clone()),
            own: wire::asking::Named::new(&*line.item, &*line.name),
            amount: line.amount,
            quantity: line.quantity,
            price: line.price,
            department: department.said(),
            doctor: wire::asking::Named::new(&**doctor_code, &*doctor.name),
            executing: line.executing.said(),
            approval: Approval::NotNeeded,
            note: reason.clone(),
            part_of_pack: line.part_of_pack && !line.traces.is_empty(),
            traces: line.traces.clone(),
            ..LineSaid::default()
        }
    }
}

fn taken(line: &mut Sheet<Posting>, state: PostingState) {
    line.state = state;
    line.facts.why.clear();
    line.facts.tries += 1;
}

/// As it is written: what it came to is a step, that it was tried is none.
fn changed(line: &Sheet<Posting>) -> Change {
    match line.state {
        PostingState::Sent => line.happened("sent"),
        PostingState::Withdrawn => line.happened("withdrawn"),
        PostingState::Failed => line.happened("failed"),
        PostingState::Unsent | PostingState::Own => line.typed(),
    }
}

/// A line below nothing, of as much of a line as is taken back, with the packs that are.
pub(crate) fn below(
    line: &crate::bill::Line,
    number: u32,
    (quantity, amount): (Quantity, Money),
    traces: Vec<String>,
) -> crate::bill::Line {
    crate::bill::Line { number, quantity: -quantity, amount: -amount, traces, ..line.clone() }
}
