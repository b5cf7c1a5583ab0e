//! How a stay is settled, at its end or for a part of it, and voided again: a trial, the deposits against what the patient
//! pays, the intent with its receipt's number on paper, the message, and what came of it.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use minijinja::{Value, context};
use model::InsuranceKind;
use money::Money;
use web::{Asked, Said, field};
use wire::asking::{
    AskLines, BillHeard, LinesKept, SettleStay, StayBillAsked, TryStay, VoidStay, WithdrawStayLines,
};

use super::charge::{Wrong, trial_facts};
use super::inpatients::{may, shown, stay};
use super::paying;
use super::person::{ask, centre_says, insured, proof};
use super::posting::sent;
use crate::bill::{BillState, Split, Trial, Voided};
use crate::carry::{self, Carried};
use crate::counted::Counted;
use crate::deposit::{DepositState, deposits, sum};
use crate::desk::{At, Shown, Stop};
use crate::pay::{CASH, METHODS, Paid, WRITTEN_OFF, method_name};
use crate::place::inpatient::Inpatient;
use crate::posting::{PostingState, categories, income, open_postings, postings, unsettled};
use crate::segment::{self, ReceiptKind, ReceiptState, Wanted, issued};
use crate::settlement::{Account, Settlement, falls, stands};
use crate::sheet::{Form as _, PaperError, Sheet};
use crate::stay::{Stay, StayEvent};

/// Why a settlement is voided, as pages offer it.
pub(crate) const REASONS: [&str; 3] = ["void-wrong-patient", "void-lines-wrong", "void-patient-asks"];
/// What is left of the deposits behind a settlement of a part of a stay is given back where a form says so; else it stays.
const GIVE_BACK: &str = "back";

/// Why something was not done to a stay, for the page it was asked on.
pub(crate) struct Refused {
    stay: Sheet<Stay>,
    wrong: Wrong,
}

impl Refused {
    /// As that page shows it; none refused: its place again.
    pub(crate) fn or_again(
        at: &At<'_>,
        refused: Option<Self>,
        place: &Inpatient,
        page: impl FnOnce(&At<'_>, &Sheet<Stay>, &Wrong) -> Result<Shown, Stop>,
    ) -> Result<Shown, Stop> {
        match refused {
            None => Ok(Shown::Go(place.to_string())),
            Some(refused) => page(at, &refused.stay, &refused.wrong),
        }
    }
}

type Asks = Result<Option<Refused>, Stop>;

fn refuse(at: &At<'_>, stay: Sheet<Stay>, wrong: (&'static str, &str), said: &Said) -> Asks {
    Ok(Some(Refused { wrong: Wrong::new(at, wrong.0, wrong.1, said), stay }))
}

/// The settlement a stay names: the one on its way, or the one it ended with.
pub(crate) fn settlement(at: &At<'_>, stay: &Stay) -> Result<Option<Sheet<Settlement>>, Stop> {
    let on_its_way = stay.doubt.strip_prefix(Settlement::doubt("").as_str());
    let key = on_its_way.unwrap_or(&stay.settlement);
    Ok(if key.is_empty() { None } else { at.papers.get::<Settlement>(key)? })
}

/// What pages show of it: the trial against the deposits, or the settlement.
pub(crate) fn facts(at: &At<'_>, stay: &Sheet<Stay>, event: StayEvent) -> Result<Value, Stop> {
    let interim = event == StayEvent::SettlePeriod;
    let void = if interim { StayEvent::VoidPeriod } else { StayEvent::VoidSettlement };
    let settles = may(at, stay, event).is_ok();
    let settlement = settlement(at, &stay.facts)?;
    let trial = stay.facts.trial.as_ref().filter(|_| Stay::may(stay.state, event).is_some());
    let shown = |trial: &Trial| {
        let open = (trial.split.cash - stay.facts.deposited).at_least_zero();
        let others = written_off(at, stay, open).and_then(Result::ok).unwrap_or_default();
        account(at, stay, interim, &trial.split, others, CASH)
    };
    let account = trial.map(shown).transpose()?;
    let segments = issued(&at.papers, ReceiptKind::Inpatient, at.login())?;
    let named = |(code, key): (&'static str, &'static str)| context! { code, name => at.word(key) };
    Ok(context! {
        settles, voids => may(at, stay, void).is_ok(), unsettled => stay.facts.unsettled().to_string(),
        pay_ways => paying::ways(at), back_ways => METHODS.map(named),
        reasons => REASONS.map(|key| context! { code => key, name => at.word(key) }),
        surplus => [("keep", "surplus-keep"), (GIVE_BACK, "surplus-back")].map(named),
        trial => trial.map(|trial| trial_facts(at, &trial.split, trial.at)),
        account => account.as_ref().map(|account| account_facts(at, account)),
        rest => account.as_ref().map(|account| (stay.facts.deposited - account.deposits).to_string()),
        stays => account.as_ref().is_some_and(|account| account.deposits < stay.facts.deposited),
        settlement => settlement.as_ref().map(|settlement| settled(at, settlement)),
        segment => context! {
            next => segments.iter().find_map(|segment| segment.facts.peek()),
            left => segments.iter().map(|segment| segment.facts.left()).sum::<u64>(),
        },
    })
}

fn account_facts(at: &At<'_>, account: &Account) -> Value {
    context! {
        deposits => account.deposits.to_string(), due => account.payment.due.to_string(),
        collects => !account.payment.due.is_zero(), refund => account.refund.to_string(),
        refunds => !account.refund.is_zero(),
        rounding => (!account.rounding.is_zero()).then(|| account.rounding.to_string()),
        tendered => account.payment.tendered.map(|given| given.to_string()),
        change => account.payment.change().map(|change| change.to_string()),
        others => paying::others(at, &account.payment), back_by => at.say(&method_name(&account.refund_by)),
        kept => account.kept().to_string(),
    }
}

/// A settlement as pages show it.
pub(crate) fn settled(at: &At<'_>, settlement: &Sheet<Settlement>) -> Value {
    let facts = &settlement.facts;
    // What goes over the counter where it is voided: back to the patient, or from him.
    let net = facts.account.payment.due - facts.account.refund;
    let kind = if facts.interim { "settlement-interim" } else { "settlement-final" };
    context! {
        kind => at.word(kind), period => facts.period.max(1), interim => facts.interim,
        split => trial_facts(at, &facts.split, facts.settled.unwrap_or(at.now)),
        funds => facts.split.funds_total().to_string(), cash => facts.split.cash.to_string(),
        account => account_facts(at, &facts.account), total => facts.total.to_string(),
        receipt => facts.receipt, number => facts.number, doubt => settlement.state.is_in_doubt(),
        unknown => settlement.state == BillState::Unknown, stood => settlement.state.stood(),
        state => at.word(settlement.state.key()), tone => settlement.state.tone(),
        settled => facts.settled.map(shown), prints => facts.prints, cashier => facts.cashier,
        since => facts.intent.as_ref().map(|intent| intent.since.strftime("%H:%M:%S").to_string()),
        told => facts.intent.as_ref().map(|intent| intent.told.clone()),
        tries => facts.intent.as_ref().map_or(0, |intent| intent.tries),
        back => net.at_least_zero().to_string(), fetch => (-net).at_least_zero().to_string(),
        print => Inpatient::StayReceipt(settlement.key.clone()).to_string(),
        bill => Inpatient::StayBill(settlement.key.clone()).to_string(),
        why => Inpatient::Why(settlement.key.clone()).to_string(),
        fresh => settlement.state == BillState::Settled && facts.prints == 0,
    }
}

/// What the deposits of a stay come to that stand and are not used.
pub(crate) fn sum_valid(at: &At<'_>, stay: &str) -> Result<Money, Stop> {
    Ok(sum(&deposits(&at.papers, stay)?, DepositState::Valid))
}

fn bill(stay: &Sheet<Stay>, receipt: &str) -> StayBillAsked {
    let facts = &stay.facts;
    StayBillAsked {
        person: insured(&stay.private.patient),
        visit: facts.visit.clone(),
        insurance: InsuranceKind(facts.insurance),
        proof: proof(&stay.private.patient),
        way: "01".into(),
        total: facts.unsettled(),
        uses_account: true,
        interim: stay.state.is_here(),
        invoice: receipt.into(),
        splits: wire::transactions::Splits::default(),
        discharged: facts.ended.map(DateTime::date),
    }
}

/// How what is not settled of a stay would be shared now. Written by whoever asks.
pub(crate) fn try_now(at: &At<'_>, stay: &mut Sheet<Stay>) -> Result<Result<(), Said>, Stop> {
    if !stay.facts.doubt.is_empty() {
        return Ok(Err(Said::new("h304-stay")));
    }
    let total = stay.facts.unsettled();
    if total.is_zero() {
        return Ok(Err(Said::new("no-lines")));
    }
    let open = open_postings(&at.papers, &stay.key)?.len();
    if open > 0 {
        return Ok(Err(Said::new("h502").with("open", open)));
    }
    if let Err(said) = no_strays(at, stay)? {
        return Ok(Err(said));
    }
    let split = match split_now(at, stay, total) {
        Ok(split) => split,
        Err(said) => return Ok(Err(said)),
    };
    stay.facts.trial = Some(Trial { at: at.now, split });
    stay.facts.refused = None;
    stay.facts.taken_back = false;
    Ok(Ok(()))
}

/// How so much of a stay would be shared.
fn split_now(at: &At<'_>, stay: &Sheet<Stay>, total: Money) -> Result<Split, Said> {
    if !stay.facts.insured {
        return Ok(Split::self_paid(total));
    }
    let heard = ask(at, &TryStay(bill(stay, "")), BillHeard::hear).map_err(|no| centre_says(&no))?;
    Split::of(&heard, total).map_err(|by| Said::new("h301").with("by", by))
}

/// A trial, where what is tried may happen to the stay.
fn may_try(at: &At<'_>, stay: &mut Sheet<Stay>, event: StayEvent) -> Result<Result<(), Said>, Stop> {
    match may(at, stay, event) {
        Ok(()) => try_now(at, stay),
        Err(said) => Ok(Err(said)),
    }
}

/// Withdraws at the centre what was taken back here, and came there late, behind that. What is still on its way is not touched.
pub(crate) fn no_strays(at: &At<'_>, stay: &Sheet<Stay>) -> Result<Result<(), Said>, Stop> {
    let visit = stay.facts.visit.clone();
    if !stay.facts.insured || visit.is_empty() {
        return Ok(Ok(()));
    }
    let person = insured(&stay.private.patient);
    let request = AskLines { person: person.clone(), visit: visit.clone(), settlement: None };
    let kept = match ask(at, &request, LinesKept::hear) {
        Ok(kept) => kept,
        Err(no) => return Ok(Err(centre_says(&no))),
    };
    let there: BTreeSet<String> = kept.lines.into_iter().map(|line| line.split.number).collect();
    let back = postings(&at.papers, &stay.key)?.into_iter();
    let back = back.filter(|line| line.state == PostingState::Withdrawn && there.contains(&line.key));
    let strays: Vec<String> = back.map(|line| line.key).collect();
    if strays.is_empty() {
        return Ok(Ok(()));
    }
    tracing::warn!(stay = stay.key, count = strays.len(), "lines that came to the centre late are withdrawn");
    let request = WithdrawStayLines { person, visit, lines: Some(strays) };
    Ok(ask(at, &request, |_| Some(())).map_err(|no| centre_says(&no)))
}

/// Deposits against what the patient pays. Of a stay that goes on, no more of them than that is used, where `keeps` says so.
fn account(
    at: &At<'_>,
    stay: &Sheet<Stay>,
    keeps: bool,
    split: &Split,
    others: Vec<Paid>,
    back: &str,
) -> Result<Account, Stop> {
    let valid = sum_valid(at, &stay.key)?;
    let used = if keeps { valid.min(split.cash) } else { valid };
    Ok(Account::of(used, split.cash, others, back, at.hospital.parameters.rounding()))
}

/// A trial before it is settled.
pub(crate) fn try_it(at: &At<'_>, key: &str, event: StayEvent) -> Asks {
    sent(at, key)?;
    let mut stay = stay(at, key)?;
    if let Err(said) = may_try(at, &mut stay, event)? {
        return refuse(at, stay, ("state", ""), &said);
    }
    at.papers.put(&[stay.typed()], &at.act())?;
    Ok(None)
}

/// Settles: the trial once more, the intent with its receipt's number on paper, the message, and what came of it.
pub(crate) fn settle(at: &At<'_>, asked: &Asked, key: &str, event: StayEvent) -> Asks {
    let mut stay = stay(at, key)?;
    let before = stay.facts.trial.as_ref().map(|trial| trial.split.cash);
    if let Err(said) = may_try(at, &mut stay, event)? {
        return refuse(at, stay, ("state", ""), &said);
    }
    let split = stay.facts.trial.as_ref().map(|trial| trial.split.clone()).unwrap_or_default();
    // Never settled at another amount than was shown: what has changed since is shown first.
    if before != Some(split.cash) {
        at.papers.put(&[stay.typed()], &at.act())?;
        stay.version += 1;
        let before = before.map_or_else(|| "—".to_owned(), |before| before.to_string());
        let said = Said::new("h302").with("before", before).with("now", split.cash);
        return refuse(at, stay, ("state", ""), &said);
    }
    let open = (split.cash - sum_valid(at, key)?).at_least_zero();
    let others = match written_off(at, &stay, open) {
        Some(Ok(others)) => others,
        Some(Err(said)) => return refuse(at, stay, ("state", ""), &said),
        None => match paying::read(at, asked, open)? {
            Ok(others) => others.unwrap_or_default(),
            Err(wrong) => return Ok(Some(Refused { stay, wrong })),
        },
    };
    let back =
        METHODS.iter().find(|(word, _)| *word == asked.form.get("back_by")).map_or(CASH, |(word, _)| word);
    let keeps = event == StayEvent::SettlePeriod && asked.form.get("surplus") != GIVE_BACK;
    let mut account = account(at, &stay, keeps, &split, others, back)?;
    let typed = asked.form.get("tendered");
    if !account.payment.due.is_zero() {
        match field::money(typed) {
            Ok(given) if given < account.payment.due => {
                let said = Said::new("h303").with("missing", account.payment.due - given);
                return refuse(at, stay, ("tendered", typed), &said);
            }
            Ok(given) => account.payment.tendered = Some(given),
            Err(said) => return refuse(at, stay, ("tendered", typed), &said),
        }
    }
    match intend(at, &stay, event, split, account)? {
        Ok(Some(settlement)) => {
            at.desk.carry(&at.papers, settlement, &at.act())?;
            Ok(None)
        }
        Ok(None) => Ok(None),
        Err(said) => refuse(at, stay, ("state", ""), &said),
    }
}

/// What finance has written off of what is open, by somebody else than who settles; none: nothing.
fn written_off(at: &At<'_>, stay: &Sheet<Stay>, open: Money) -> Option<Result<Vec<Paid>, Said>> {
    let off = stay.facts.debt.as_ref().and_then(|debt| debt.written_off.as_ref())?;
    if off.by == at.login() {
        return Some(Err(Said::new("approval-own")));
    }
    // A deposit given back since, or another trial: finance has not seen that.
    if open > off.amount {
        return Some(Err(Said::new("write-off-more").with("open", open).with("most", off.amount)));
    }
    let (method, document) = (WRITTEN_OFF.to_owned(), format!("{} {}", off.by, off.why));
    let paid = (!open.is_zero()).then_some(Paid { method, amount: open, document });
    Some(Ok(paid.into_iter().collect()))
}

/// The intent, on paper before anything is sent; none where there is nobody to send to: then it stands.
fn intend(
    at: &At<'_>,
    stay: &Sheet<Stay>,
    event: StayEvent,
    split: Split,
    account: Account,
) -> Result<Result<Option<Sheet<Settlement>>, Said>, Stop> {
    let lines = unsettled(&at.papers, &stay.key)?;
    let facts = Settlement {
        stay: stay.key.clone(),
        cashier: at.login().to_owned(),
        window: at.session.facts.workstation.clone(),
        branch: at.branch().clone(),
        insured: stay.facts.insured,
        visit: stay.facts.visit.clone(),
        interim: event == StayEvent::SettlePeriod,
        period: u32::try_from(stay.facts.periods.len()).unwrap_or(u32::MAX).saturating_add(1),
        total: stay.facts.unsettled(),
        categories: categories(&lines),
        income: income(&lines),
        split,
        account,
        intent: None,
        receipt: String::new(),
        number: String::new(),
        settled: None,
        voided: None,
        closing: String::new(),
        prints: 0,
        reprints: Vec::new(),
        counted: Counted::default(),
    };
    let mut settlement = Sheet::new(at.desk.key(), BillState::Settling, Some(at.now.date()), facts);
    settlement.private = stay.private.patient.clone();
    let state = if stay.facts.insured { ReceiptState::Reserved } else { ReceiptState::Used };
    let (papers, amount) = (&at.papers, settlement.facts.account.kept());
    let paper = settlement.key.clone();
    let wanted = Wanted {
        kind: ReceiptKind::Inpatient,
        cashier: at.login(),
        paper: &paper,
        amount,
        state,
        electronic: at.hospital.parameters.is_electronic(),
    };
    let why = segment::with_number(papers, &at.act(), &wanted, |number| {
        number.clone_into(&mut settlement.facts.receipt);
        written(at, stay, &mut settlement)
    })?;
    if let Some(said) = why {
        return Ok(Err(said));
    }
    settlement.version += 1;
    Ok(Ok(stay.facts.insured.then_some(settlement)))
}

fn written(
    at: &At<'_>,
    stay: &Sheet<Stay>,
    settlement: &mut Sheet<Settlement>,
) -> Result<Vec<store::Change>, PaperError> {
    if !stay.facts.insured {
        // What it comes to was read with the stay: where another window wrote that meanwhile, nothing stands.
        let now = at.papers.get::<Stay>(&stay.key)?;
        if now.is_none_or(|now| now.version != stay.version) {
            return Err(PaperError::Stale { kind: Stay::KIND.into(), key: stay.key.clone() });
        }
        let mut all = stands(&at.papers, settlement, at.now)?;
        all.push(settlement.happened("settled"));
        return Ok(all);
    }
    let message = at.message(&SettleStay(bill(stay, &settlement.facts.receipt)));
    carry::intend(settlement, &message, at.now);
    let mut stay = stay.clone();
    stay.facts.doubt = Settlement::doubt(&settlement.key);
    Ok(vec![stay.typed(), settlement.happened("settle")])
}

/// Voids the last settlement, of the stay or of a part of it: the intent on paper, the message, and what came of it.
pub(crate) fn void(at: &At<'_>, asked: &Asked, key: &str, event: StayEvent) -> Asks {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, event) {
        return refuse(at, stay, ("state", ""), &said);
    }
    let last =
        if event == StayEvent::VoidPeriod { stay.facts.periods.last() } else { Some(&stay.facts.settlement) };
    let settlement = match last {
        Some(last) => at.papers.get::<Settlement>(last)?,
        None => return refuse(at, stay, ("state", ""), &Said::new("no-period")),
    };
    let Some(mut settlement) = settlement else { return Err(Stop::Nothing) };
    let Some(reason) = REASONS.into_iter().find(|reason| *reason == asked.form.get("reason")) else {
        return refuse(at, stay, ("reason", ""), &Said::new("void-reason"));
    };
    settlement.facts.voided = Some(Voided {
        at: at.now,
        why: reason.into(),
        by: at.login().to_owned(),
        branch: at.branch().clone(),
        ..Voided::default()
    });
    if !settlement.facts.insured {
        let changes = falls(&at.papers, &mut settlement)?;
        at.papers.put(&changes, &at.act())?;
        return Ok(None);
    }
    let request = VoidStay {
        person: insured(&stay.private.patient),
        visit: stay.facts.visit.clone(),
        settlement: settlement.facts.number.clone(),
    };
    let message = at.message(&request);
    carry::intend(&mut settlement, &message, at.now);
    settlement.state = BillState::Voiding;
    stay.facts.doubt = Settlement::doubt(&settlement.key);
    at.papers.put(&[settlement.happened("void"), stay.typed()], &at.act())?;
    settlement.version += 1;
    let _: Carried = at.desk.carry(&at.papers, settlement, &at.act())?;
    Ok(None)
}

/// A settlement nobody knows of is taken back, so that it certainly has no effect.
pub(crate) fn give_up(at: &At<'_>, key: &str) -> Result<(), Stop> {
    let stay = stay(at, key)?;
    let unknown = settlement(at, &stay.facts)?.filter(|settlement| settlement.state == BillState::Unknown);
    let Some(mut settlement) = unknown else { return Ok(()) };
    at.desk.begin_taking_back(&mut settlement, at.papers.hospital());
    at.papers.put(&[settlement.happened("give-up")], &at.act())?;
    settlement.version += 1;
    let _: Carried = at.desk.carry(&at.papers, settlement, &at.act())?;
    Ok(())
}
