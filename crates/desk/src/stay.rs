//! A stay in hospital: from the bed that is expected to the bill that is settled, and back step by step. What may happen in
//! which state is one table; what is not in it is refused.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use money::Money;
use serde::{Deserialize, Serialize};
use store::Change;

use crate::amounts;
use crate::arrears::{Debt, Guarantee};
use crate::bed::{Bed, BedEvent};
use crate::bill::{Patient, Trial};
use crate::daily::Daily;
use crate::house::Named;
use crate::sheet::{Form, PaperError, Papers, Sheet};

/// How long a trial of a stay says what the funds are expected to pay.
const EXPECTED: SignedDuration = SignedDuration::from_hours(24);

/// How a stay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StayState {
    /// 待入院: written down; the centre has not taken it in yet.
    Expected,
    /// 已登记: admitted, without a bed.
    Registered,
    /// 在院.
    InHouse,
    /// 请假.
    OnLeave,
    /// 待结算: discharged, not settled.
    AwaitingSettlement,
    /// 已出院结算.
    Settled,
    /// 出院欠费: left with debt.
    LeftWithDebt,
    /// 已取消.
    Cancelled,
}

impl StayState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Expected,
        Self::Registered,
        Self::InHouse,
        Self::OnLeave,
        Self::AwaitingSettlement,
        Self::Settled,
        Self::LeftWithDebt,
        Self::Cancelled,
    ];

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Expected => "stay-expected",
            Self::Registered => "stay-registered",
            Self::InHouse => "stay-in-house",
            Self::OnLeave => "stay-on-leave",
            Self::AwaitingSettlement => "stay-awaiting-settlement",
            Self::Settled => "stay-settled",
            Self::LeftWithDebt => "stay-left-with-debt",
            Self::Cancelled => "stay-cancelled",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Registered | Self::OnLeave => "calm",
            Self::InHouse | Self::Settled => "",
            Self::Expected | Self::AwaitingSettlement => "warn",
            Self::LeftWithDebt | Self::Cancelled => "bad",
        }
    }

    /// The patient is in the hospital, or about to be.
    pub const fn is_here(self) -> bool {
        matches!(self, Self::Expected | Self::Registered | Self::InHouse | Self::OnLeave)
    }

    /// The patient has left, and money is open.
    pub const fn is_unsettled(self) -> bool {
        matches!(self, Self::AwaitingSettlement | Self::LeftWithDebt)
    }
}

/// What may happen to a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StayEvent {
    /// The centre takes it in, or nobody has to.
    Register,
    /// A bed is given.
    AssignBed,
    /// The bed is given back while nothing was charged.
    ReleaseBed,
    /// Another bed.
    MoveBed,
    /// Diagnoses, doctor or kind of care are others.
    Change,
    /// Another ward is asked to take the patient.
    AskTransfer,
    /// It takes the patient.
    AcceptTransfer,
    /// It does not, or need not any more.
    RefuseTransfer,
    /// The patient goes on leave.
    Leave,
    /// And comes back.
    Return,
    /// A charge is posted.
    Post,
    /// A charge is taken back.
    Reverse,
    /// A deposit is taken.
    TakeDeposit,
    /// A deposit is given back.
    ReturnDeposit,
    /// The ward lets the patient go.
    Discharge,
    /// The discharge is taken back.
    Recall,
    /// What the stay came to so far is settled, and it goes on.
    SettlePeriod,
    /// The last of such settlements is voided.
    VoidPeriod,
    /// The stay is settled.
    Settle,
    /// Its settlement is voided.
    VoidSettlement,
    /// Somebody answers for more debt.
    Guarantee,
    /// The patient leaves without paying.
    LeaveWithDebt,
    /// What he owes is let off.
    WriteOff,
    /// The admission is taken back.
    Cancel,
}

impl StayEvent {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Register,
        Self::AssignBed,
        Self::ReleaseBed,
        Self::MoveBed,
        Self::Change,
        Self::AskTransfer,
        Self::AcceptTransfer,
        Self::RefuseTransfer,
        Self::Leave,
        Self::Return,
        Self::Post,
        Self::Reverse,
        Self::TakeDeposit,
        Self::ReturnDeposit,
        Self::Discharge,
        Self::Recall,
        Self::SettlePeriod,
        Self::VoidPeriod,
        Self::Settle,
        Self::VoidSettlement,
        Self::Guarantee,
        Self::LeaveWithDebt,
        Self::WriteOff,
        Self::Cancel,
    ];

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Register => "stay-event-register",
            Self::AssignBed => "stay-event-assign-bed",
            Self::ReleaseBed => "stay-event-release-bed",
            Self::MoveBed => "stay-event-move-bed",
            Self::Change => "stay-event-change",
            Self::AskTransfer => "stay-event-ask-transfer",
            Self::AcceptTransfer => "stay-event-accept-transfer",
            Self::RefuseTransfer => "stay-event-refuse-transfer",
            Self::Leave => "stay-event-leave",
            Self::Return => "stay-event-return",
            Self::Post => "stay-event-post",
            Self::Reverse => "stay-event-reverse",
            Self::TakeDeposit => "stay-event-take-deposit",
            Self::ReturnDeposit => "stay-event-return-deposit",
            Self::Discharge => "stay-event-discharge",
            Self::Recall => "stay-event-recall",
            Self::SettlePeriod => "stay-event-settle-period",
            Self::VoidPeriod => "stay-event-void-period",
            Self::Settle => "stay-event-settle",
            Self::VoidSettlement => "stay-event-void-settlement",
            Self::Guarantee => "stay-event-guarantee",
            Self::LeaveWithDebt => "stay-event-leave-with-debt",
            Self::WriteOff => "stay-event-write-off",
            Self::Cancel => "stay-event-cancel",
        }
    }

    /// Its word in the events of the paper.
    pub fn word(self) -> &'static str {
        self.key().trim_start_matches("stay-event-")
    }

    /// Of its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }
}

/// A rung of the ladder down which a stay is undone, the first to go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    /// Its settlement.
    Settlement,
    /// Its discharge.
    Discharge,
    /// The last settlement of a part of it.
    Period,
    /// Its charges.
    Lines,
    /// Its deposits.
    Deposits,
    /// Its bed.
    Bed,
    /// Its admission.
    Admission,
}

impl Rung {
    /// From the top.
    pub const ALL: [Self; 7] = [
        Self::Settlement,
        Self::Discharge,
        Self::Period,
        Self::Lines,
        Self::Deposits,
        Self::Bed,
        Self::Admission,
    ];

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Settlement => "rung-settlement",
            Self::Discharge => "rung-discharge",
            Self::Period => "rung-period",
            Self::Lines => "rung-lines",
            Self::Deposits => "rung-deposits",
            Self::Bed => "rung-bed",
            Self::Admission => "rung-admission",
        }
    }
}

/// A stay. The key is the inpatient number, which is never given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// Who admitted.
    pub clerk: String,
    /// Charged to an insurance; else to the patient alone.
    pub insured: bool,
    /// The kind of insurance, by its national number.
    pub insurance: u16,
    /// The national kind of care.
    pub care_kind: String,
    /// The centre's id of the stay; empty: it has none.
    pub visit: String,
    /// Since when.
    pub admitted: DateTime,
    /// Until when, where the ward has let the patient go.
    pub ended: Option<DateTime>,
    /// The national way of leaving.
    pub way_out: String,
    /// Where it is treated.
    pub department: Named,
    /// The ward.
    pub ward: Named,
    /// The bed's number in the ward; empty: none.
    pub bed: String,
    /// The doctor in charge: staff number and name.
    pub doctor: Named,
    /// The doctor's national code.
    pub doctor_code: String,
    /// The ward that is asked to take the patient; none: none is.
    #[serde(default)]
    pub transfer: Option<Transfer>,
    /// Which ward did not take the patient when it was asked last, and why; empty: none.
    #[serde(default)]
    pub not_taken: String,
    /// The paper whose message is on its way, kind and key; empty: none. Nothing else happens meanwhile.
    #[serde(default)]
    pub doubt: String,
    /// The key of the settlement it ended with; empty: none that stands.
    #[serde(default)]
    pub settlement: String,
    /// The keys of the settlements of parts of it that stand, the first period's first.
    #[serde(default)]
    pub periods: Vec<String>,
    /// What those have settled of its charges.
    #[serde(with = "amounts", default)]
    pub settled: Money,
    /// The last number of a line.
    pub last_line: u32,
    /// What its lines come to.
    #[serde(with = "amounts")]
    pub charged: Money,
    /// What its deposits come to that stand and are not used.
    #[serde(with = "amounts")]
    pub deposited: Money,
    /// That the patient went without having paid; none: he did not.
    #[serde(default)]
    pub debt: Option<Debt>,
    /// When a letter that asks for money was printed last.
    #[serde(default)]
    pub dunned: Option<DateTime>,
    /// What is charged every day.
    #[serde(default)]
    pub daily: Vec<Daily>,
    /// How it would be shared.
    #[serde(default)]
    pub trial: Option<Trial>,
    /// What was last refused, as it was told.
    #[serde(default)]
    pub refused: Option<String>,
    /// That the message was taken back: it certainly has no effect.
    #[serde(default)]
    pub taken_back: bool,
}

/// That a ward is asked to take a patient from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The ward that is asked.
    pub ward: Named,
    /// The department there.
    pub department: Named,
    /// The doctor there: staff number and name.
    pub doctor: Named,
    /// The doctor's national code.
    pub doctor_code: String,
    /// Who asks.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// Why, in words.
    pub why: String,
}

/// What of a stay is to be another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayChange {
    /// The doctor in charge: staff number and name.
    pub doctor: Named,
    /// The doctor's national code.
    pub doctor_code: String,
    /// Where it is treated.
    pub department: Named,
    /// The national kind of care.
    pub care_kind: String,
    /// The ward and the bed there, kept for it already, where the patient moves; an empty bed: none yet.
    pub moves: Option<(Named, String)>,
}

/// What of a stay is personal.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayPrivate {
    /// Who it is, with the diagnoses at admission.
    pub patient: Patient,
    /// What the patient complains of.
    pub complaint: String,
    /// Somebody to turn to, and what they are to the patient.
    pub contact: String,
    /// Their telephone.
    pub telephone: String,
    /// The diagnoses at discharge, the main one first.
    #[serde(default)]
    pub at_discharge: Vec<Named>,
    /// Who answers for the debt of a patient who has gone, in the words it was written down in.
    #[serde(default)]
    pub guarantor: String,
    /// Who answers for more debt while the patient is here.
    #[serde(default)]
    pub guarantee: Option<Guarantee>,
}

impl Form for Stay {
    const KIND: &'static str = "stay";
    type State = StayState;
    type Private = StayPrivate;

    fn tags(&self, state: StayState) -> Vec<String> {
        let mut tags = Vec::new();
        if state.is_here() {
            tags.push("here".to_owned());
            tags.push(format!("ward:{}", self.ward.code));
            tags.extend(self.transfer.as_ref().map(|transfer| format!("to:{}", transfer.ward.code)));
        }
        if state.is_unsettled() {
            tags.push("unsettled".to_owned());
        }
        tags
    }
}

impl Stay {
    /// What a stay becomes where something happens to it; none: it may not happen. The one table of stays.
    pub const fn may(state: StayState, event: StayEvent) -> Option<StayState> {
        use StayEvent as E;
        use StayState as S;
        Some(match (state, event) {
            (S::Expected, E::Register) | (S::InHouse, E::ReleaseBed) => S::Registered,
            (S::Registered, E::AssignBed)
            | (S::OnLeave, E::Return)
            | (S::InHouse, E::MoveBed)
            | (S::AwaitingSettlement, E::Recall) => S::InHouse,
            (S::InHouse, E::Leave) => S::OnLeave,
            (S::InHouse, E::Discharge) | (S::Settled, E::VoidSettlement) => S::AwaitingSettlement,
            (S::AwaitingSettlement, E::LeaveWithDebt) => S::LeftWithDebt,
            (S::AwaitingSettlement | S::LeftWithDebt, E::Settle) => S::Settled,
            (S::Expected | S::Registered, E::Cancel) => S::Cancelled,
            // What leaves a stay in its state.
            (S::Registered | S::InHouse | S::OnLeave, E::Post | E::Reverse | E::Change)
            | (
                S::InHouse,
                E::SettlePeriod | E::VoidPeriod | E::AskTransfer | E::AcceptTransfer | E::RefuseTransfer,
            )
            | (
                S::Registered | S::InHouse | S::OnLeave | S::AwaitingSettlement | S::LeftWithDebt,
                E::TakeDeposit | E::ReturnDeposit | E::Guarantee,
            )
            | (S::LeftWithDebt, E::WriteOff) => state,
            _ => return None,
        })
    }

    /// Its bed's key; none where it has no bed.
    pub fn bed_key(&self) -> Option<String> {
        (!self.bed.is_empty()).then(|| Bed::key(&self.ward.code, &self.bed))
    }

    /// Days of it: the day of admission counts, that of discharge does not; at least one.
    pub fn days(&self, now: DateTime) -> i32 {
        let until = self.ended.unwrap_or(now).date();
        (until - self.admitted.date()).get_days().max(1)
    }

    /// What the funds are expected to pay: as the last trial said, where that is not too old.
    pub fn expected(&self, now: DateTime) -> Money {
        let trial = self.trial.as_ref().filter(|trial| now.duration_since(trial.at) < EXPECTED);
        trial.map_or(Money::ZERO, |trial| trial.split.funds_total())
    }

    /// What of its charges no settlement has settled.
    pub fn unsettled(&self) -> Money {
        self.charged - self.settled
    }

    /// What is left of the deposits: they, less what the patient is expected to pay of what is not settled.
    pub fn balance(&self, now: DateTime) -> Money {
        self.deposited - (self.unsettled() - self.expected(now))
    }

    /// What must be undone before anything below it: the rung it stands on.
    pub fn rung(&self, state: StayState) -> Rung {
        match state {
            StayState::Settled => Rung::Settlement,
            StayState::AwaitingSettlement | StayState::LeftWithDebt => Rung::Discharge,
            _ if !self.periods.is_empty() => Rung::Period,
            _ if !self.charged.is_zero() => Rung::Lines,
            _ if !self.deposited.is_zero() => Rung::Deposits,
            StayState::InHouse | StayState::OnLeave => Rung::Bed,
            _ => Rung::Admission,
        }
    }
}

/// Numbers of stays: one run a year. The key is the year's two digits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Numbers {
    /// The last that was given.
    pub last: u32,
}

impl Form for Numbers {
    const KIND: &'static str = "stay-numbers";
    type State = crate::house::Use;
    type Private = ();
}

impl Numbers {
    /// The next number, and the paper that must be written with whatever has it.
    pub(crate) fn next(papers: &Papers, now: DateTime) -> Result<(String, Change), PaperError> {
        let year = now.strftime("%y").to_string();
        let fresh = || Sheet::new(year.clone(), crate::house::Use::Active, None, Self { last: 0 });
        let mut numbers = papers.get::<Self>(&year)?.unwrap_or_else(fresh);
        numbers.facts.last += 1;
        Ok((format!("{year}{:06}", numbers.facts.last), numbers.typed()))
    }
}

/// Writes into a stay what happens to it, and into its bed what follows: all that must be written together. It must be in
/// the table.
pub(crate) fn happen(
    papers: &Papers,
    stay: &mut Sheet<Stay>,
    event: StayEvent,
) -> Result<Vec<Change>, PaperError> {
    let Some(next) = Stay::may(stay.state, event) else {
        unreachable!("{event:?} was looked up before in state {:?}", stay.state)
    };
    stay.state = next;
    stay.facts.refused = None;
    stay.facts.taken_back = false;
    let bed = match event {
        StayEvent::Cancel | StayEvent::ReleaseBed => leave_bed(papers, stay, BedEvent::Release)?,
        StayEvent::Settle | StayEvent::LeaveWithDebt => leave_bed(papers, stay, BedEvent::Vacate)?,
        _ => None,
    };
    match event {
        // A bed may have been kept for it while the centre was asked.
        StayEvent::Register if !stay.facts.bed.is_empty() => stay.state = StayState::InHouse,
        StayEvent::Recall => stay.facts.ended = None,
        StayEvent::VoidSettlement => stay.facts.debt = None,
        StayEvent::Cancel | StayEvent::ReleaseBed | StayEvent::Settle | StayEvent::LeaveWithDebt => {
            stay.facts.bed.clear();
        }
        _ => {}
    }
    Ok(bed.into_iter().chain([stay.happened(event.word())]).collect())
}

/// Writes into a stay that something of it is another, with its diagnoses, and what follows for its bed.
pub(crate) fn changed(
    papers: &Papers,
    stay: &mut Sheet<Stay>,
    (event, change, diagnoses): (StayEvent, &StayChange, Vec<Named>),
) -> Result<Vec<Change>, PaperError> {
    let before = match &change.moves {
        Some(_) => leave_bed(papers, stay, BedEvent::Vacate)?,
        None => None,
    };
    let facts = &mut stay.facts;
    facts.doctor.clone_from(&change.doctor);
    facts.doctor_code.clone_from(&change.doctor_code);
    facts.department.clone_from(&change.department);
    facts.care_kind.clone_from(&change.care_kind);
    // What the funds pay may be another.
    facts.trial = None;
    if let Some((ward, bed)) = &change.moves {
        facts.ward.clone_from(ward);
        facts.bed.clone_from(bed);
        facts.transfer = None;
    }
    stay.private.patient.diagnoses = diagnoses;
    Ok(before.into_iter().chain(happen(papers, stay, event)?).collect())
}

/// What is written for the bed that was kept for a stay that does not move after all.
pub(crate) fn not_moved(
    papers: &Papers,
    stay: &str,
    change: &StayChange,
) -> Result<Option<Change>, PaperError> {
    let Some((ward, bed)) = change.moves.as_ref().filter(|(_, bed)| !bed.is_empty()) else { return Ok(None) };
    let bed = papers.get::<Bed>(&Bed::key(&ward.code, bed))?.filter(|bed| bed.facts.stay == stay);
    Ok(bed.and_then(|bed| bed.changed(BedEvent::Release, "")))
}

fn leave_bed(papers: &Papers, stay: &Sheet<Stay>, event: BedEvent) -> Result<Option<Change>, PaperError> {
    let Some(key) = stay.facts.bed_key() else { return Ok(None) };
    let bed = papers.get::<Bed>(&key)?.filter(|bed| bed.facts.stay == stay.key);
    Ok(bed.and_then(|bed| bed.changed(event, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_goes_up_and_down_the_ladder_and_nowhere_else() {
        let up = [
            StayEvent::Register,
            StayEvent::AssignBed,
            StayEvent::Discharge,
            StayEvent::Settle,
            StayEvent::VoidSettlement,
            StayEvent::Recall,
            StayEvent::ReleaseBed,
            StayEvent::Cancel,
        ];
        let end = up.into_iter().try_fold(StayState::Expected, Stay::may);
        assert_eq!(end, Some(StayState::Cancelled));
        let pairs = StayState::ALL.into_iter().flat_map(|s| StayEvent::ALL.map(|e| (s, e)));
        assert_eq!(pairs.filter(|(s, e)| Stay::may(*s, *e).is_some()).count(), 44);
        assert!(StayEvent::ALL.into_iter().all(|event| StayEvent::of(event.word()) == Some(event)));
    }
}
