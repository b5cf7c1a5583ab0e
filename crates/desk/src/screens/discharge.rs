//! IM-5 and IM-6: the ward lets a patient go, the stay is tried and settled against its deposits; and back, the last step
//! first. Nothing is collected, given back or printed before the settlement stands.

use jiff::civil::DateTime;
use minijinja::{Value, context};
use model::InsuranceKind;
use money::Money;
use web::{Asked, Said, field};
use wire::asking::{BillHeard, CancelDischarge, Discharge, SettleStay, StayBillAsked, TryStay, VoidStay};

use super::admission::places;
use super::charge::{Wrong, trial_facts};
use super::inpatients::{
    diagnosis, exported, first, found, may, moment, row, said_diagnoses, send, shown, stay, strip,
};
use super::paying;
use super::person::{ask, centre_says, insured, proof};
use super::posting::sent;
use crate::bill::{BillState, Split, Trial, Voided};
use crate::carry::{self, Carried};
use crate::counted::Counted;
use crate::deposit::{DepositState, deposits, sum};
use crate::desk::{At, Shown, Stop};
use crate::house::Named;
use crate::pay::{CASH, METHODS, Paid, method_name};
use crate::place::inpatient::{Inpatient, Leaving};
use crate::place::{Place, What};
use crate::posting::{Entry, PostingState, categories, open_postings, postings};
use crate::segment::{self, ReceiptKind, ReceiptState, Wanted, issued};
use crate::settlement::{Account, Settlement, falls, stands};
use crate::sheet::{PaperError, Sheet};
use crate::stay::{Rung, Stay, StayEvent, StayState, happen};

/// National ways of leaving.
const WAYS: [(&str, &str); 6] = [
    ("1", "way-order"),
    ("2", "way-transfer"),
    ("3", "way-community"),
    ("4", "way-own-wish"),
    ("5", "way-death"),
    ("9", "way-other"),
];

/// Why a settlement is voided, as its page offers it.
const REASONS: [&str; 3] = ["void-wrong-patient", "void-lines-wrong", "void-patient-asks"];

/// Who is here and may go, and who has gone unsettled.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("q");
    let mut stays = found(at, "unsettled", typed)?;
    stays.extend(found(at, "here", typed)?);
    let rows: Vec<Value> =
        stays.iter().map(|stay| row(at, stay, &Inpatient::Discharge(stay.key.clone()))).collect();
    if let Some(file) = exported(at, asked, &rows) {
        return file;
    }
    let facts = context! {
        rows, count => stays.len(), q => typed, here => Inpatient::Discharges.to_string(),
        title => at.word("tab-discharge"),
    };
    Ok(Shown::Page("desk/stays.html", facts))
}

/// The discharge of a stay, in whatever state it is.
pub(crate) fn show(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    page(at, &stay(at, key)?, &Wrong::default())
}

/// The settlement a stay names: the one on its way, or the one that stands.
fn settlement(at: &At<'_>, stay: &Stay) -> Result<Option<Sheet<Settlement>>, Stop> {
    let on_its_way = stay.doubt.strip_prefix(Settlement::doubt("").as_str());
    let key = on_its_way.unwrap_or(&stay.settlement);
    Ok(if key.is_empty() { None } else { at.papers.get::<Settlement>(key)? })
}

fn page(at: &At<'_>, stay: &Sheet<Stay>, wrong: &Wrong) -> Result<Shown, Stop> {
    let step = |step: Leaving| Inpatient::Leave(stay.key.clone(), step).to_string();
    let settlement = settlement(at, &stay.facts)?;
    let trial = stay.facts.trial.as_ref().filter(|_| stay.state.is_unsettled());
    let account = trial.map(|trial| account(at, stay, &trial.split, Vec::new(), CASH)).transpose()?;
    let segments = issued(&at.papers, ReceiptKind::Inpatient, at.login())?;
    let rung = stay.facts.rung(stay.state);
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        here => Inpatient::Discharge(stay.key.clone()).to_string(),
        checks => checks(at, stay)?,
        goes => may(at, stay, StayEvent::Discharge).is_ok(),
        settles => may(at, stay, StayEvent::Settle).is_ok(),
        recalls => may(at, stay, StayEvent::Recall).is_ok(),
        leaves => may(at, stay, StayEvent::LeaveWithDebt).is_ok(),
        voids => may(at, stay, StayEvent::VoidSettlement).is_ok(),
        ways => paying::ways(at),
        back_ways => METHODS.map(|(code, key)| context! { code, name => at.word(key) }),
        rungs => Rung::ALL.map(|step| context! { name => at.word(step.key()), here => step == rung }),
        ways => WAYS.map(|(code, key)| context! { code, name => at.word(key) }),
        reasons => REASONS.map(|key| context! { code => key, name => at.word(key) }),
        form => context! {
            time => shown(at.now),
            diagnosis => stay.private.patient.diagnoses.first().map(|d| format!("{} {}", d.code, d.name)).unwrap_or_default(),
        },
        find => Place::Find(What::Diagnosis).to_string(),
        trial => trial.map(|trial| trial_facts(at, &trial.split, trial.at)),
        account => account.as_ref().map(|account| account_facts(at, account)),
        settlement => settlement.as_ref().map(|settlement| settled(at, settlement)),
        segment => context! {
            next => segments.iter().find_map(|segment| segment.facts.peek()),
            left => segments.iter().map(|segment| segment.facts.left()).sum::<u64>(),
        },
        steps => context! {
            go => step(Leaving::Go), trial => step(Leaving::Try), settle => step(Leaving::Settle),
            void => step(Leaving::Void), recall => step(Leaving::Recall), debt => step(Leaving::Debt),
            give_up => step(Leaving::GiveUp),
        },
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/discharge.html", facts))
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

fn settled(at: &At<'_>, settlement: &Sheet<Settlement>) -> Value {
    let facts = &settlement.facts;
    // What goes over the counter where it is voided: back to the patient, or from him.
    let net = facts.account.payment.due - facts.account.refund;
    context! {
        split => trial_facts(at, &facts.split, facts.settled.unwrap_or(at.now)),
        account => account_facts(at, &facts.account), total => facts.total.to_string(),
        receipt => facts.receipt, number => facts.number, doubt => settlement.state.is_in_doubt(),
        unknown => settlement.state == BillState::Unknown,
        state => at.word(settlement.state.key()), tone => settlement.state.tone(),
        settled => facts.settled.map(shown), prints => facts.prints,
        since => facts.intent.as_ref().map(|intent| intent.since.strftime("%H:%M:%S").to_string()),
        tries => facts.intent.as_ref().map_or(0, |intent| intent.tries),
        back => net.at_least_zero().to_string(), fetch => (-net).at_least_zero().to_string(),
        print => Inpatient::StayReceipt(settlement.key.clone()).to_string(),
        why => Inpatient::Why(settlement.key.clone()).to_string(),
        fresh => settlement.state == BillState::Settled && facts.prints == 0,
    }
}

/// What must hold before a patient goes, each with what is found.
fn checks(at: &At<'_>, stay: &Sheet<Stay>) -> Result<Vec<Value>, Stop> {
    let lines = postings(&at.papers, &stay.key)?;
    let open = lines.iter().filter(|line| line.state.is_open()).count();
    let unmapped = lines.iter().filter(|line| line.facts.line.mapped.is_none()).count();
    let sum: Money = lines.iter().map(|line| line.facts.line.amount).sum();
    let given = sum_valid(at, &stay.key)?;
    let unposted = Entry::unposted(&at.papers, &stay.key)?;
    let check = |key: &'static str, good: bool, found: String| context! { name => at.word(key), good, found };
    Ok(vec![
        check("check-posted", unposted == 0, unposted.to_string()),
        check("check-sent", open == 0, open.to_string()),
        check("check-doubt", stay.facts.doubt.is_empty(), String::new()),
        check("check-total", sum == stay.facts.charged && !sum.is_negative(), sum.to_string()),
        // What is not mapped was asked about when it was posted.
        check("check-mapped", true, unmapped.to_string()),
        check("check-deposits", given == stay.facts.deposited, given.to_string()),
    ])
}

fn sum_valid(at: &At<'_>, stay: &str) -> Result<Money, Stop> {
    Ok(sum(&deposits(&at.papers, stay)?, DepositState::Valid))
}

fn refuse(at: &At<'_>, stay: &Sheet<Stay>, wrong: (&'static str, &str), said: &Said) -> Result<Shown, Stop> {
    page(at, stay, &Wrong::new(at, wrong.0, wrong.1, said))
}

fn again(key: &str) -> Result<Shown, Stop> {
    Ok(Shown::Go(Inpatient::Discharge(key.to_owned()).to_string()))
}

/// The patient goes: time, way and diagnoses on paper, then the centre.
pub(crate) fn go(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    sent(at, key)?;
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Discharge) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let open = open_postings(&at.papers, key)?.len();
    if open > 0 {
        return refuse(at, &stay, ("state", ""), &Said::new("h502").with("open", open));
    }
    let unposted = Entry::unposted(&at.papers, key)?;
    if unposted > 0 {
        return refuse(at, &stay, ("state", ""), &Said::new("h502-unposted").with("open", unposted));
    }
    let typed = asked.form.get("time");
    let ended = match ends(at, &stay, typed)? {
        Ok(ended) => ended,
        Err(said) => return refuse(at, &stay, ("time", typed), &said),
    };
    let Some(diagnoses) = at_discharge(at, asked)? else {
        let typed = asked.form.get("diagnosis");
        return refuse(at, &stay, ("diagnosis", typed), &Said::new("diagnosis-unknown").with("seen", typed));
    };
    let way = WAYS.iter().find(|(code, _)| *code == asked.form.get("way")).map_or("1", |(code, _)| code);
    stay.facts.ended = Some(ended);
    way.clone_into(&mut stay.facts.way_out);
    stay.facts.trial = None;
    stay.private.at_discharge = diagnoses;
    if stay.facts.insured {
        let request = said_discharge(&stay, ended);
        send(at, stay, StayEvent::Discharge, &request, Vec::new())?;
    } else {
        let changes = happen(&at.papers, &mut stay, StayEvent::Discharge)?;
        at.papers.put(&changes, &at.act())?;
    }
    again(key)
}

/// When the patient goes: behind all that was given.
fn ends(at: &At<'_>, stay: &Sheet<Stay>, typed: &str) -> Result<Result<DateTime, Said>, Stop> {
    let ended = match moment(typed, at.now) {
        Ok(ended) => ended,
        Err(said) => return Ok(Err(said)),
    };
    let lines = postings(&at.papers, &stay.key)?;
    let charged = lines.iter().filter(|line| line.state != PostingState::Withdrawn);
    let last = charged.map(|line| line.facts.served.date()).max().unwrap_or(stay.facts.admitted.date());
    if ended < stay.facts.admitted || ended.date() < last {
        return Ok(Err(Said::new("before-last-line").with("day", last.max(stay.facts.admitted.date()))));
    }
    Ok(Ok(ended))
}

fn at_discharge(at: &At<'_>, asked: &Asked) -> Result<Option<Vec<Named>>, Stop> {
    let Some(main) = diagnosis(at, asked.form.get("diagnosis"), asked.form.get("diagnosis_pick"))? else {
        return Ok(None);
    };
    let mut all = vec![main];
    for name in ["second", "third"] {
        let typed = asked.form.get(name);
        if typed.is_empty() {
            continue;
        }
        match diagnosis(at, typed, "")? {
            Some(found) if !all.contains(&found) => all.push(found),
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

fn said_discharge(stay: &Sheet<Stay>, ended: DateTime) -> Discharge {
    let facts = &stay.facts;
    Discharge {
        person: insured(&stay.private.patient),
        visit: facts.visit.clone(),
        insurance: InsuranceKind(facts.insurance),
        ends: ended,
        listed_disease: wire::asking::Named::default(),
        complications: None,
        department: facts.department.said(),
        bed: facts.bed.clone(),
        way: facts.way_out.clone(),
        died: (facts.way_out == "5").then(|| ended.date()),
        diagnoses: said_diagnoses(facts, &stay.private.at_discharge, ended),
    }
}

fn bill(stay: &Sheet<Stay>, receipt: &str) -> StayBillAsked {
    let facts = &stay.facts;
    StayBillAsked {
        person: insured(&stay.private.patient),
        visit: facts.visit.clone(),
        insurance: InsuranceKind(facts.insurance),
        proof: proof(&stay.private.patient),
        way: "01".into(),
        total: facts.charged,
        uses_account: true,
        interim: stay.state.is_here(),
        invoice: receipt.into(),
        splits: wire::transactions::Splits::default(),
        discharged: facts.ended.map(DateTime::date),
    }
}

/// How a stay would be shared now; of one that goes on, what it has come to so far. Written by whoever asks.
pub(crate) fn try_now(at: &At<'_>, stay: &mut Sheet<Stay>) -> Result<(), Said> {
    if !stay.facts.doubt.is_empty() {
        return Err(Said::new("h304-stay"));
    }
    if stay.facts.charged.is_zero() {
        return Err(Said::new("no-lines"));
    }
    let open = open_postings(&at.papers, &stay.key).map_or(1, |open| open.len());
    if open > 0 {
        return Err(Said::new("h502").with("open", open));
    }
    let total = stay.facts.charged;
    let split = if stay.facts.insured {
        let heard = ask(at, &TryStay(bill(stay, "")), BillHeard::hear).map_err(|no| centre_says(&no))?;
        Split::of(&heard, total).map_err(|by| Said::new("h301").with("by", by))?
    } else {
        Split::self_paid(total)
    };
    stay.facts.trial = Some(Trial { at: at.now, split });
    stay.facts.refused = None;
    Ok(())
}

fn account(
    at: &At<'_>,
    stay: &Sheet<Stay>,
    split: &Split,
    others: Vec<Paid>,
    back: &str,
) -> Result<Account, Stop> {
    let deposits = sum_valid(at, &stay.key)?;
    Ok(Account::of(deposits, split.cash, others, back, at.hospital.parameters.rounding()))
}

/// A trial of a stay that is over.
pub(crate) fn try_it(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    sent(at, key)?;
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Settle) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    if let Err(said) = try_now(at, &mut stay) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    at.papers.put(&[stay.typed()], &at.act())?;
    again(key)
}

/// Settles: the trial once more, the intent with its receipt's number on paper, the message, and what came of it.
pub(crate) fn settle(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Settle) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let before = stay.facts.trial.as_ref().map(|trial| trial.split.cash);
    if let Err(said) = try_now(at, &mut stay) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let split = stay.facts.trial.as_ref().map(|trial| trial.split.clone()).unwrap_or_default();
    // Never settled at another amount than was shown: what has changed since is shown first.
    if before != Some(split.cash) {
        at.papers.put(&[stay.typed()], &at.act())?;
        stay.version += 1;
        let before = before.map_or_else(|| "—".to_owned(), |before| before.to_string());
        let said = Said::new("h302").with("before", before).with("now", split.cash);
        return refuse(at, &stay, ("state", ""), &said);
    }
    let open = (split.cash - sum_valid(at, key)?).at_least_zero();
    let others = match paying::read(at, asked, open)? {
        Ok(others) => others.unwrap_or_default(),
        Err(wrong) => return page(at, &stay, &wrong),
    };
    let back =
        METHODS.iter().find(|(word, _)| *word == asked.form.get("back_by")).map_or(CASH, |(word, _)| word);
    let mut account = account(at, &stay, &split, others, back)?;
    let typed = asked.form.get("tendered");
    if !account.payment.due.is_zero() {
        match field::money(typed) {
            Ok(given) if given < account.payment.due => {
                let said = Said::new("h303").with("missing", account.payment.due - given);
                return refuse(at, &stay, ("tendered", typed), &said);
            }
            Ok(given) => account.payment.tendered = Some(given),
            Err(said) => return refuse(at, &stay, ("tendered", typed), &said),
        }
    }
    match intend(at, &stay, split, account)? {
        Ok(Some(settlement)) => {
            at.desk.carry(&at.papers, settlement, &at.act())?;
            again(key)
        }
        Ok(None) => again(key),
        Err(said) => refuse(at, &stay, ("state", ""), &said),
    }
}

/// The intent, on paper before anything is sent; none where there is nobody to send to: then it stands.
fn intend(
    at: &At<'_>,
    stay: &Sheet<Stay>,
    split: Split,
    account: Account,
) -> Result<Result<Option<Sheet<Settlement>>, Said>, Stop> {
    let facts = Settlement {
        stay: stay.key.clone(),
        cashier: at.login().to_owned(),
        window: at.session.facts.workstation.clone(),
        insured: stay.facts.insured,
        visit: stay.facts.visit.clone(),
        total: stay.facts.charged,
        categories: categories(&postings(&at.papers, &stay.key)?),
        split,
        account,
        intent: None,
        receipt: String::new(),
        number: String::new(),
        settled: None,
        voided: None,
        closing: String::new(),
        prints: 0,
        counted: Counted::default(),
    };
    let mut settlement = Sheet::new(at.desk.key(), BillState::Settling, Some(at.now.date()), facts);
    settlement.private = stay.private.patient.clone();
    let state = if stay.facts.insured { ReceiptState::Reserved } else { ReceiptState::Used };
    let (papers, amount) = (&at.papers, settlement.facts.account.kept());
    let paper = settlement.key.clone();
    let wanted = Wanted { kind: ReceiptKind::Inpatient, cashier: at.login(), paper: &paper, amount, state };
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

/// Voids the settlement: the intent on paper, the message, and what came of it.
pub(crate) fn void(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::VoidSettlement) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let Some(mut settlement) = settlement(at, &stay.facts)? else { return Err(Stop::Nothing) };
    let Some(reason) = REASONS.into_iter().find(|reason| *reason == asked.form.get("reason")) else {
        return refuse(at, &stay, ("reason", ""), &Said::new("void-reason"));
    };
    settlement.facts.voided =
        Some(Voided { at: at.now, why: at.word(reason), by: at.login().to_owned(), ..Voided::default() });
    if !settlement.facts.insured {
        let changes = falls(&at.papers, &mut settlement)?;
        at.papers.put(&changes, &at.act())?;
        return again(key);
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
    again(key)
}

/// The discharge is taken back; its settlement first.
pub(crate) fn recall(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Recall) {
        let said = if stay.state == StayState::Settled && stay.facts.doubt.is_empty() {
            first(at, &stay, StayEvent::Recall, Rung::Settlement)
        } else {
            said
        };
        return refuse(at, &stay, ("state", ""), &said);
    }
    stay.facts.trial = None;
    if stay.facts.insured {
        let person = insured(&stay.private.patient);
        let visit = stay.facts.visit.clone();
        send(at, stay, StayEvent::Recall, &CancelDischarge { person, visit }, Vec::new())?;
    } else {
        let changes = happen(&at.papers, &mut stay, StayEvent::Recall)?;
        at.papers.put(&changes, &at.act())?;
    }
    again(key)
}

/// The patient goes without paying: somebody answers for it.
pub(crate) fn debt(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::LeaveWithDebt) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let typed = asked.form.get("guarantor");
    match field::name(typed) {
        Ok(guarantor) => stay.private.guarantor = guarantor,
        Err(_) => return refuse(at, &stay, ("guarantor", typed), &Said::new("guarantor-missing")),
    }
    let changes = happen(&at.papers, &mut stay, StayEvent::LeaveWithDebt)?;
    at.papers.put(&changes, &at.act())?;
    again(key)
}

/// A settlement nobody knows of is taken back, so that it certainly has no effect.
pub(crate) fn give_up(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let unknown = settlement(at, &stay.facts)?.filter(|settlement| settlement.state == BillState::Unknown);
    let Some(mut settlement) = unknown else { return page(at, &stay, &Wrong::default()) };
    at.desk.begin_taking_back(&mut settlement, at.papers.hospital());
    at.papers.put(&[settlement.happened("give-up")], &at.act())?;
    settlement.version += 1;
    let _: Carried = at.desk.carry(&at.papers, settlement, &at.act())?;
    again(key)
}
