//! A bill of an outpatient: from the first line to the receipt, and back. States as the specification's table of bills has
//! them; what is not in it is refused.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use model::{Amounts, Fund};
use money::{Exact, Money, Quantity, Rounding, UnitPrice};
use serde::{Deserialize, Serialize};
use wire::asking::BillHeard;

use crate::amounts;
use crate::counted::Counted;
use crate::house::{Item, Named};
use crate::pay::Payment;
use crate::refund::{Approval, Kept};
use crate::sheet::{Form, Unread};
use crate::till::{Moves as _, Reprint};

/// How long a trial holds.
pub const TRIAL_HOLDS: SignedDuration = SignedDuration::from_mins(10);

/// How a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BillState {
    /// 录入: lines are being entered.
    Entry,
    /// 已预结: tried, and shown.
    Tried,
    /// 结算中: the intent stands, the message is on its way.
    Settling,
    /// 未知: nobody knows what became of it; the machine asks.
    Unknown,
    /// 已结算.
    Settled,
    /// 撤销中: the intent to void it stands.
    Voiding,
    /// 撤销未知.
    VoidUnknown,
    /// 已撤销.
    Voided,
    /// 已放弃: given up before anything was settled.
    Dropped,
}

impl BillState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Entry => "bill-entry",
            Self::Tried => "bill-tried",
            Self::Settling => "bill-settling",
            Self::Unknown => "bill-unknown",
            Self::Settled => "bill-settled",
            Self::Voiding => "bill-voiding",
            Self::VoidUnknown => "bill-void-unknown",
            Self::Voided => "bill-voided",
            Self::Dropped => "bill-dropped",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Entry | Self::Tried => "calm",
            Self::Settling | Self::Voiding | Self::Unknown | Self::VoidUnknown => "warn",
            Self::Settled => "",
            Self::Voided | Self::Dropped => "bad",
        }
    }

    /// Lines may still change.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Entry | Self::Tried)
    }

    /// What is on it is the patient's, or may be: packs are sold.
    const fn sold(self) -> bool {
        self.is_in_doubt() || matches!(self, Self::Settled)
    }

    /// It is settled, or once was.
    pub const fn stood(self) -> bool {
        matches!(self, Self::Settled | Self::Voiding | Self::VoidUnknown | Self::Voided)
    }

    /// A message is on its way, or was, and nobody knows what became of it.
    pub const fn is_in_doubt(self) -> bool {
        matches!(self, Self::Settling | Self::Unknown | Self::Voiding | Self::VoidUnknown)
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number in the bill, never given again.
    pub number: u32,
    /// The hospital's code of the item.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Its specification.
    pub specification: String,
    /// Its unit.
    pub unit: String,
    /// How many.
    #[serde(with = "amounts")]
    pub quantity: Quantity,
    /// For how much each.
    #[serde(with = "amounts")]
    pub price: UnitPrice,
    /// What it comes to.
    #[serde(with = "amounts")]
    pub amount: Money,
    /// The kind of charge.
    pub category: String,
    /// The item of the catalogue it is mapped to.
    pub mapped: Option<String>,
    /// The class in the catalogue.
    pub class: String,
    /// The first share the patient pays, in per cent.
    pub first_self_pay: String,
    /// Where it is done.
    pub executing: Named,
    /// A drug.
    pub drug: bool,
    /// Its packs carry trace codes.
    #[serde(default)]
    pub traced: bool,
    /// Those of the packs it was sold with.
    #[serde(default)]
    pub traces: Vec<String>,
    /// A part of a pack: others may carry its code, too.
    #[serde(default)]
    pub part_of_pack: bool,
}

impl Line {
    /// So many of an item.
    pub fn of(number: u32, code: &str, item: &Item, quantity: Quantity) -> Self {
        Self {
            number,
            item: code.into(),
            name: item.name.clone(),
            specification: item.specification.clone(),
            unit: item.unit.clone(),
            quantity,
            price: item.price,
            amount: amount(item.price, quantity),
            category: item.category.clone(),
            mapped: item.mapped.clone(),
            class: item.class.clone(),
            first_self_pay: item.first_self_pay.clone(),
            executing: item.executing.clone(),
            drug: item.drug,
            traced: item.traced,
            traces: Vec::new(),
            part_of_pack: false,
        }
    }

    /// The department that does it: whoever orders it where the price list names none.
    pub fn done_by<'a>(&'a self, ordering: &'a Named) -> &'a Named {
        if self.executing.code.is_empty() { ordering } else { &self.executing }
    }

    /// More of the same.
    pub fn add(&mut self, quantity: Quantity) {
        self.quantity = self.quantity + quantity;
        self.amount = amount(self.price, self.quantity);
    }
}

/// What a line comes to: rounded once, half up, to the fen.
pub fn amount(price: UnitPrice, quantity: Quantity) -> Money {
    Exact::line(price, quantity).round(Rounding::HalfUp)
}

/// How a bill is shared, as the centre says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The whole bill.
    #[serde(with = "amounts")]
    pub total: Money,
    /// Class C and excluded.
    #[serde(with = "amounts")]
    pub out_of_scope: Money,
    /// Above price limits.
    #[serde(with = "amounts")]
    pub over_price_limit: Money,
    /// First self-pay.
    #[serde(with = "amounts")]
    pub prior_self_pay: Money,
    /// Inside the policy.
    #[serde(with = "amounts")]
    pub eligible: Money,
    /// Used up by the deductible.
    #[serde(with = "amounts")]
    pub deductible: Money,
    /// What each fund pays that pays something: its word and the amount.
    pub funds: Vec<(String, String)>,
    /// From the account.
    #[serde(with = "amounts")]
    pub account: Money,
    /// From relatives' accounts.
    #[serde(with = "amounts")]
    pub relatives: Money,
    /// In cash.
    #[serde(with = "amounts")]
    pub cash: Money,
    /// Borne by the hospital.
    #[serde(with = "amounts")]
    pub hospital: Money,
    /// What the account holds afterwards.
    #[serde(with = "amounts")]
    pub balance: Money,
}

impl Split {
    /// Of a bill the centre has answered. It must add up to the hospital's own total, to the fen: else by how much it
    /// does not.
    pub fn of(heard: &BillHeard, total: Money) -> Result<Self, Money> {
        let a = &heard.amounts;
        let paid = a.funds_total() + a.personal_account + a.mutual_aid + a.cash + a.hospital_share;
        if a.total != total || paid != total {
            return Err(if a.total == total { paid - total } else { a.total - total });
        }
        Ok(Self {
            total,
            out_of_scope: a.out_of_scope,
            over_price_limit: a.over_price_limit,
            prior_self_pay: a.prior_self_pay,
            eligible: a.eligible,
            deductible: a.deductible_paid,
            funds: funds(a),
            account: a.personal_account,
            relatives: a.mutual_aid,
            cash: a.cash,
            hospital: a.hospital_share,
            balance: heard.balance,
        })
    }

    /// All in cash: nobody is insured.
    pub fn self_paid(total: Money) -> Self {
        Self { total, out_of_scope: total, cash: total, ..Self::default() }
    }

    /// What all funds pay.
    pub fn funds_total(&self) -> Money {
        self.funds.iter().filter_map(|(_, amount)| amount.parse::<Money>().ok()).sum()
    }

    /// What is the patient's by the rules, and was not paid by a fund: the share above what was first self-paid.
    pub fn own_share(&self) -> Money {
        self.total
            - self.funds_total()
            - self.hospital
            - self.out_of_scope
            - self.over_price_limit
            - self.prior_self_pay
            - self.deductible
    }
}

fn funds(amounts: &Amounts) -> Vec<(String, String)> {
    let paid = Fund::ALL.iter().map(|fund| (fund_word(*fund), amounts.fund(*fund)));
    paid.filter(|(_, paid)| !paid.is_zero()).map(|(word, paid)| (word.into(), paid.to_string())).collect()
}

/// The key of a fund's name.
fn fund_word(fund: Fund) -> &'static str {
    match fund {
        Fund::Pooled => "fund-pooled",
        Fund::MajorMedical => "fund-major-medical",
        Fund::CivilServant => "fund-civil-servant",
        Fund::CriticalIllness => "fund-critical-illness",
        Fund::Employer => "fund-employer",
        Fund::Disabled => "fund-disabled",
        Fund::Aid => "fund-aid",
        Fund::Other => "fund-other",
    }
}

/// A trial: how the bill would be shared now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// When.
    pub at: DateTime,
    /// How.
    pub split: Split,
}

/// A message that is on its way: kept before it is sent, and sent again until it is known what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its id.
    pub message: String,
    /// When it was first sent.
    pub since: DateTime,
    /// How often it was sent.
    pub tries: u32,
    /// When it is sent again.
    pub next: DateTime,
    /// The id of the message that takes it back, where it is given up; empty: it is not.
    #[serde(default)]
    pub taking_back: String,
    /// What the centre said where it refused to take it back: nobody but a person can end that.
    #[serde(default)]
    pub told: String,
}

/// That a bill was voided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// When.
    pub at: DateTime,
    /// Why.
    pub why: String,
    /// Who gave the money back.
    pub by: String,
    /// In which branch; without a code: in the main house.
    #[serde(default)]
    pub branch: Named,
    /// The closing that is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
    /// What the patient keeps of it; nothing: all went back.
    #[serde(default)]
    pub kept: Vec<Kept>,
    /// The key of the bill of that; empty: there is none.
    #[serde(default)]
    pub rest: String,
}

/// A diagnosis on a bill.
pub type Diagnosed = Named;

/// A question that stands on the page until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Question {
    /// The item is on the bill already: more of that line, or a line of its own?
    Doubled {
        /// The line.
        line: u32,
        /// The item.
        item: String,
        /// How many more.
        #[serde(with = "amounts")]
        quantity: Quantity,
    },
    /// The item is not mapped: the patient pays it alone. Charge it?
    Unmapped {
        /// The item.
        item: String,
        /// How many.
        #[serde(with = "amounts")]
        quantity: Quantity,
    },
    /// What is due has changed since the trial.
    CashChanged {
        /// Before.
        #[serde(with = "amounts")]
        before: Money,
        /// Now.
        #[serde(with = "amounts")]
        now: Money,
    },
}

/// A bill.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bill {
    /// Who charges it.
    pub cashier: String,
    /// At which window.
    pub window: String,
    /// In which branch that stands; without a code: in the main house.
    #[serde(default)]
    pub branch: Named,
    /// When it was begun.
    pub begun: DateTime,
    /// Charged to an insurance; else to the patient alone.
    pub insured: bool,
    /// Why an insured patient is charged alone; empty where that is not so.
    #[serde(default)]
    pub alone_why: String,
    /// The kind of insurance, by its national number.
    pub insurance: u16,
    /// The national kind of care.
    pub care_kind: String,
    /// What waiting bills of the same person are found by; empty: nobody insured.
    #[serde(default)]
    pub person: String,
    /// The hospital's own number of the visit.
    pub visit_number: String,
    /// The centre's id of the visit; empty: not opened yet.
    pub visit: String,
    /// Which bill of the visit it is.
    pub batch: String,
    /// Who ordered it: staff number, national code, name.
    pub doctor: Named,
    /// The doctor's national code.
    pub doctor_code: String,
    /// Where.
    pub department: Named,
    /// Lines.
    pub lines: Vec<Line>,
    /// The last number of a line.
    pub last_line: u32,
    /// Lines are with the centre, as they stand.
    pub uploaded: bool,
    /// Lines, perhaps others, have been with the centre.
    pub was_uploaded: bool,
    /// The line whose packs are being scanned; none: of no line.
    #[serde(default)]
    pub tracing: Option<u32>,
    /// What the centre warns of, though it took the lines.
    #[serde(default)]
    pub warned: String,
    /// An item that is not mapped was confirmed once.
    #[serde(default)]
    pub unmapped_confirmed: bool,
    /// What is asked.
    #[serde(default)]
    pub question: Option<Question>,
    /// How it would be shared.
    pub trial: Option<Trial>,
    /// Whether the account pays.
    pub uses_account: bool,
    /// What is taken at the till.
    pub payment: Payment,
    /// The message on its way.
    pub intent: Option<Intent>,
    /// The number of the receipt: reserved with the intent, used with the settlement.
    #[serde(default)]
    pub receipt: String,
    /// The centre's id of the settlement.
    #[serde(default)]
    pub settlement: String,
    /// When it was settled.
    #[serde(default)]
    pub settled: Option<DateTime>,
    /// How it was shared.
    #[serde(default)]
    pub split: Option<Split>,
    /// The closing it is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
    /// That it was voided, or is to be.
    #[serde(default)]
    pub voided: Option<Voided>,
    /// What was last refused, as it was told.
    #[serde(default)]
    pub refused: Option<String>,
    /// That the message was taken back: it certainly has no effect.
    #[serde(default)]
    pub taken_back: bool,
    /// The bill it is the rest of; empty: of none. Its lines are fixed.
    #[serde(default)]
    pub rest_of: String,
    /// How that one was paid: the same ways pay what is left.
    #[serde(default)]
    pub paid_before: Option<Payment>,
    /// That its refund was asked for.
    #[serde(default)]
    pub approval: Option<Approval>,
    /// It waits while another is charged.
    #[serde(default)]
    pub parked: bool,
    /// How often the receipt was printed.
    #[serde(default)]
    pub prints: u32,
    /// Each time but the first.
    #[serde(default)]
    pub reprints: Vec<Reprint>,
    /// How the centre counts it.
    #[serde(default)]
    pub counted: Counted,
}

/// A bill as lists that add up see it: who charged it, for what, and how it was shared. It is never written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Glance {
    /// Lines.
    pub(crate) lines: Vec<GlancedLine>,
    /// Who charges it.
    pub(crate) cashier: String,
    /// How it was shared.
    #[serde(default)]
    pub(crate) split: Option<Split>,
}

/// What of a line is glanced at.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GlancedLine {
    /// What it comes to.
    #[serde(with = "amounts")]
    pub(crate) amount: Money,
    /// The item of the catalogue it is mapped to.
    pub(crate) mapped: Option<String>,
}

impl Form for Glance {
    const KIND: &'static str = Bill::KIND;
    type State = BillState;
    type Private = Unread;
}

/// Who the patient is, and what he suffers from.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// The number in the insurance; empty: not insured.
    pub number: String,
    /// Name.
    pub name: String,
    /// A woman.
    pub female: bool,
    /// Years.
    pub age: Option<u16>,
    /// Kind of document shown.
    pub proof: String,
    /// Number of what was shown.
    pub proof_number: String,
    /// It lay on a reader, and must still lie there when the bill is settled.
    #[serde(default)]
    pub by_reader: bool,
    /// Identity document's number.
    pub document: String,
    /// Home division.
    pub home: String,
    /// Employer.
    pub employer: String,
    /// National type of person.
    pub person_type: String,
    /// What the account holds.
    #[serde(with = "amounts")]
    pub balance: Money,
    /// Cover is active.
    pub active: bool,
    /// Paused since.
    pub paused: Option<Date>,
    /// What of the deductible is paid this year; none: not known.
    #[serde(with = "amounts::maybe", default)]
    pub deductible_paid: Option<Money>,
    /// What funds paid this year.
    #[serde(with = "amounts::maybe", default)]
    pub funds_paid: Option<Money>,
    /// Funds that do not pay now, each with the reason.
    #[serde(default)]
    pub closed_funds: Vec<String>,
    /// The insurances there are.
    #[serde(default)]
    pub insurances: Vec<Cover>,
    /// Diagnoses, the main one first.
    #[serde(default)]
    pub diagnoses: Vec<Diagnosed>,
    /// The body of the message on its way.
    #[serde(default)]
    pub message: String,
    /// The body of the message that is being taken back.
    #[serde(default)]
    pub first_message: String,
    /// The body of the message that settled: it can be sent again as it was.
    #[serde(default)]
    pub sent: String,
}

/// One insurance of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// The national number of its kind.
    pub kind: u16,
    /// It pays.
    pub active: bool,
    /// What its account holds.
    #[serde(with = "amounts")]
    pub balance: Money,
    /// Where it is, by its division; empty where the centre does not say.
    #[serde(default)]
    pub home: String,
    /// Through whom.
    #[serde(default)]
    pub employer: String,
    /// As what, by the national type of person.
    #[serde(default)]
    pub person_type: String,
    /// Since when it is paused.
    #[serde(default)]
    pub paused: Option<Date>,
}

impl Patient {
    /// The insurance that pays where nobody chooses another: the first that is active.
    pub(crate) fn usual_cover(&self) -> Option<&Cover> {
        self.insurances.iter().find(|cover| cover.active).or(self.insurances.first())
    }
}

impl Form for Bill {
    const KIND: &'static str = "bill";
    type State = BillState;
    type Private = Patient;

    fn tags(&self, state: BillState) -> Vec<String> {
        let mut tags = vec![format!("cashier:{}", self.cashier)];
        if !self.receipt.is_empty() {
            tags.push(format!("receipt:{}", self.receipt));
        }
        if state.is_open() {
            tags.push(format!("open:{}", self.cashier));
        }
        if state.is_in_doubt() {
            tags.push(format!("doubt:{}", self.cashier));
        }
        if state.is_open() && self.parked && !self.person.is_empty() && !self.lines.is_empty() {
            tags.push(waiting_tag(&self.person));
        }
        if state == BillState::Settled && self.prints == 0 {
            tags.extend([UNPRINTED.to_owned(), unprinted_tag(&self.cashier)]);
        }
        if self.approval.as_ref().is_some_and(Approval::waits) {
            tags.push(ASKED.to_owned());
        }
        if state.sold() {
            let codes = self.lines.iter().flat_map(|line| &line.traces);
            tags.extend(codes.map(|code| trace_tag(code)));
        }
        tags.extend(self.till_tags(state));
        tags.extend(self.counted.tags(state, self.settled, self.voided.as_ref(), &self.visit));
        tags
    }
}

/// What bills are found by that are settled and were never printed.
pub(crate) const UNPRINTED: &str = "unprinted";

/// What a cashier's bills are found by that are settled and were never printed.
pub(crate) fn unprinted_tag(cashier: &str) -> String {
    format!("{UNPRINTED}:{cashier}")
}

/// What bills are found by that wait to be charged to somebody.
pub(crate) fn waiting_tag(person: &str) -> String {
    format!("waiting:{person}")
}

/// What the bill is found by that a pack was sold with.
pub(crate) fn trace_tag(code: &str) -> String {
    format!("trace:{code}")
}

/// What bills are found by whose refund finance is asked for.
pub(crate) const ASKED: &str = "approval";

impl Bill {
    /// The number its line has at the centre.
    pub fn line_number(&self, key: &str, line: u32) -> String {
        format!("{key}-{line}")
    }

    /// What is left of another bill, to be settled.
    pub fn is_rest(&self) -> bool {
        !self.rest_of.is_empty()
    }

    /// What its lines come to.
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// The line with a number.
    pub fn line(&mut self, number: u32) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.number == number)
    }

    /// Another line. What was tried, and what the centre has, is no longer so.
    pub fn add(&mut self, code: &str, item: &Item, quantity: Quantity) {
        self.last_line += 1;
        self.lines.push(Line::of(self.last_line, code, item, quantity));
        self.changed();
    }

    /// Lines are not what they were.
    pub fn changed(&mut self) {
        self.uploaded = false;
        self.trial = None;
        self.question = None;
        self.refused = None;
        self.taken_back = false;
        self.warned.clear();
        self.payment = Payment::default();
    }

    /// The trial, where it still holds.
    pub fn trial_at(&self, now: DateTime) -> Option<&Trial> {
        self.trial.as_ref().filter(|trial| now.duration_since(trial.at) < TRIAL_HOLDS)
    }

    /// What each kind of charge comes to, in the order of their numbers.
    pub fn categories(&self) -> Vec<(String, Money)> {
        let mut sums = std::collections::BTreeMap::<&str, Money>::new();
        for line in &self.lines {
            *sums.entry(&line.category).or_insert(Money::ZERO) += line.amount;
        }
        sums.into_iter().map(|(category, sum)| (category.to_owned(), sum)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_rounded_once_and_half_up() {
        let check = |price: &str, quantity: &str, expected: &str| {
            let (price, quantity): (UnitPrice, Quantity) =
                (price.parse().unwrap(), quantity.parse().unwrap());
            assert_eq!(amount(price, quantity).to_string(), expected, "{price} × {quantity}");
        };
        check("18.6", "2", "37.20");
        check("0.125", "1", "0.13");
        check("0.0333", "3", "0.10");
        check("12.345", "0.5", "6.17");
    }

    #[test]
    fn a_split_must_add_up_to_our_own_total() {
        let total = Money::from_fen(23_170);
        let mut heard = BillHeard { amounts: Amounts::default(), ..blank() };
        heard.amounts.total = total;
        heard.amounts.personal_account = Money::from_fen(20_690);
        heard.amounts.funds[0] = Money::from_fen(2_480);
        let split = Split::of(&heard, total).unwrap();
        assert_eq!(split.funds, [("fund-pooled".to_owned(), "24.80".to_owned())]);
        assert_eq!(Split::of(&heard, Money::from_fen(23_171)), Err(Money::from_fen(-1)));
        heard.amounts.cash = Money::from_fen(1);
        assert_eq!(Split::of(&heard, total), Err(Money::from_fen(1)));
    }

    fn blank() -> BillHeard {
        BillHeard {
            settlement: None,
            visit: String::new(),
            amounts: Amounts::default(),
            funds_told: None,
            balance: Money::ZERO,
            time: None,
            fund_rate: money::Rate::from_ten_thousandths(0),
            clearing_kind: String::new(),
            insurance: None,
            payers: Vec::new(),
        }
    }
}
