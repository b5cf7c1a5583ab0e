//! OC-1, charging: whose bill it is, what is on it, and what is asked about it. Settling is `settle.rs`.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use minijinja::{Value, context};
use model::InsuranceKind;
use money::{Money, Quantity};
use store::By;
use web::{Asked, Said, field, grouped};
use wire::asking::{CancelVisit, OpenVisit, Opened, WithdrawLines};

use super::inpatients::insurances;
use super::office::prices::stopped_said;
use super::paying::{others, ways};
use super::person::{self, ask, centre_says, insured, proof};
use super::trace;
use crate::bill::{Bill, BillState, Cover, Patient, Question, Split, unprinted_tag, waiting_tag};
use crate::counted::Counted;
use crate::desk::{At, Shown, Stop};
use crate::house::{Named, Use};
use crate::known::Known;
use crate::lists::House;
use crate::package::Unpacked;
use crate::pay::Payment;
use crate::people::Role;
use crate::place::{Place, Step};
use crate::segment::{ReceiptKind, issued};
use crate::settled::is_of_city;
use crate::sheet::Sheet;

/// Kinds of care a window charges, the usual one first.
pub(crate) const CARE_KINDS: [(&str, &str); 3] = [("11", "care-11"), ("13", "care-13"), ("14", "care-14")];

/// So few receipts left are warned of.
const FEW_RECEIPTS: u64 = 20;

/// What a page says of a field that was refused.
#[derive(Default)]
pub(crate) struct Wrong {
    /// Its name.
    pub(crate) field: &'static str,
    /// What was typed in it.
    pub(crate) typed: String,
    /// Why.
    pub(crate) why: String,
}

impl Wrong {
    pub(crate) fn new(at: &At<'_>, field: &'static str, typed: &str, said: &Said) -> Self {
        Self { field, typed: typed.to_owned(), why: at.say(said) }
    }
}

/// A page for the next patient; where one was just settled, his change.
pub(crate) fn new(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let done = match asked.query.get("done") {
        "" => None,
        key => at.papers.get::<Bill>(key)?.filter(|bill| bill.state == BillState::Settled),
    };
    start(at, asked, done.as_ref(), &Wrong::default(), false)
}

fn start(
    at: &At<'_>,
    asked: &Asked,
    done: Option<&Sheet<Bill>>,
    wrong: &Wrong,
    alone: bool,
) -> Result<Shown, Stop> {
    let open: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&format!("open:{}", at.login())), 20, 0)?;
    let doubt: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&format!("doubt:{}", at.login())), 20, 0)?;
    // What is left of a bill whose money went back comes first.
    let (rests, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|bill| bill.facts.is_rest());
    let waiting: Vec<Value> =
        rests.iter().chain(&doubt).chain(&others).map(|bill| waiting(at, bill)).collect();
    let done = done.map(|bill| {
        let payment = &bill.facts.payment;
        context! {
            name => bill.private.name,
            receipt => bill.facts.receipt,
            due => payment.asked().to_string(),
            back => (!payment.back().is_zero()).then(|| payment.back().to_string()),
            change => payment.change().map(|change| change.to_string()),
            print => (bill.facts.prints == 0).then(|| Place::Receipt(bill.key.clone()).to_string()),
            receipt_page => Place::Receipt(bill.key.clone()).to_string(),
            why => Place::Why(bill.key.clone()).to_string(),
        }
    });
    let facts = context! {
        waiting, done, alone, unprinted => unprinted(at)?,
        overdue => overdue(at).map(|(said, _)| at.say(&said)), insured_only => at.session.facts.insured_only,
        patient => match asked.query.get("patient") {
            "" => None,
            key => at.papers.get::<Known>(key)?.map(|known| super::patients::facts(at, &known)),
        },
        error => wrong.why, card => person::card_facts(at, asked, wrong), segment => segment(at)?,
    };
    Ok(Shown::Page("desk/charge.html", facts))
}

/// What was settled while nobody looked, after a doubt or at a browser that was closed: whoever looks at it just now
/// prints it anyhow.
const LOOKED_AT: SignedDuration = SignedDuration::from_mins(1);

/// His bills whose receipts nobody has printed.
fn unprinted(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let bills: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&unprinted_tag(at.login())), 5, 0)?;
    let left = |bill: &&Sheet<Bill>| {
        bill.facts.settled.is_some_and(|settled| at.now.duration_since(settled) > LOOKED_AT)
    };
    let row = |bill: &Sheet<Bill>| {
        let href = Place::Receipt(bill.key.clone()).to_string();
        context! { name => bill.private.name, receipt => bill.facts.receipt, href }
    };
    Ok(bills.iter().filter(left).map(row).collect())
}

fn waiting(at: &At<'_>, bill: &Sheet<Bill>) -> Value {
    context! {
        href => Place::Bill(bill.key.clone()).to_string(),
        name => bill.private.name,
        begun => bill.facts.begun.strftime("%H:%M").to_string(),
        total => bill.facts.total().to_string(),
        lines => bill.facts.lines.len(),
        state => at.word(if bill.facts.is_rest() { "bill-rest" } else { bill.state.key() }),
        tone => if bill.facts.is_rest() { "warn" } else { bill.state.tone() },
    }
}

/// The number that is taken next, and how many are left.
pub(crate) fn segment(at: &At<'_>) -> Result<Value, Stop> {
    let segments = issued(&at.papers, ReceiptKind::Outpatient, at.login())?;
    let left: u64 = segments.iter().map(|segment| segment.facts.left()).sum();
    let next = segments.iter().find_map(|segment| segment.facts.peek());
    Ok(context! { next, left, few => left <= FEW_RECEIPTS })
}

/// Days without a closing that are warned of, and those behind which nothing new is charged.
const UNCLOSED_WARNED: i32 = 1;
const UNCLOSED_MOST: i32 = 3;

/// Since when a cashier has not closed, where that is too long ago.
fn overdue(at: &At<'_>) -> Option<(Said, bool)> {
    let since = at.session.facts.unclosed?;
    let days = (at.now.date() - since).get_days();
    let said = Said::new(if days > UNCLOSED_MOST { "closing-overdue" } else { "closing-due" });
    (days > UNCLOSED_WARNED).then(|| (said.with("since", since).with("days", days), days > UNCLOSED_MOST))
}

/// Begins a bill: of whom a card or document names, or of somebody who pays alone.
pub(crate) fn begin(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let refuse =
        |said: &Said| start(at, asked, None, &Wrong::new(at, person::card_field(said), "", said), false);
    if let Some((said, true)) = overdue(at) {
        return refuse(&said);
    }
    if asked.form.has("name") {
        return at.serves_insured_only().map_or_else(|| begin_alone(at, asked), |said| refuse(&said));
    }
    match person::presented(at, asked)? {
        Ok(Some(presented)) => match person::find(at, &presented, CARE_KINDS[0].0) {
            Ok(patient) => open(at, patient, true),
            Err(said) => refuse(&said),
        },
        Ok(None) => match at.serves_insured_only() {
            Some(said) => refuse(&said),
            None => start(at, asked, None, &Wrong::default(), true),
        },
        Err(said) => refuse(&said),
    }
}

/// A patient without insurance: a name is all that is needed.
fn begin_alone(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let name = match field::name(asked.form.get("name")) {
        Ok(name) => name,
        Err(said) => {
            return start(at, asked, None, &Wrong::new(at, "name", asked.form.get("name"), &said), true);
        }
    };
    let female = asked.form.get("sex") == "2";
    let age = asked.form.get("age").parse().ok();
    open(at, Patient { name, female, age, ..Patient::default() }, false)
}

fn open(at: &At<'_>, patient: Patient, insured: bool) -> Result<Shown, Stop> {
    let key = at.desk.key();
    let insurance = patient.usual_cover();
    let facts = Bill {
        cashier: at.login().to_owned(),
        window: at.session.facts.workstation.clone(),
        branch: at.branch().clone(),
        begun: at.now,
        insured,
        alone_why: String::new(),
        insurance: insurance.map_or(InsuranceKind::EMPLOYEE.0, |cover| cover.kind),
        person: if patient.number.is_empty() {
            String::new()
        } else {
            at.desk.person_tag(at.papers.hospital(), &patient.number)
        },
        care_kind: CARE_KINDS[0].0.into(),
        visit_number: key.clone(),
        visit: String::new(),
        batch: "1".into(),
        doctor: Named::default(),
        doctor_code: String::new(),
        department: Named::default(),
        lines: Vec::new(),
        last_line: 0,
        uploaded: false,
        was_uploaded: false,
        tracing: None,
        warned: String::new(),
        unmapped_confirmed: false,
        question: None,
        trial: None,
        uses_account: true,
        payment: Payment::default(),
        intent: None,
        receipt: String::new(),
        settlement: String::new(),
        settled: None,
        split: None,
        closing: String::new(),
        voided: None,
        refused: None,
        taken_back: false,
        rest_of: String::new(),
        paid_before: None,
        approval: None,
        parked: false,
        prints: 0,
        reprints: Vec::new(),
        counted: Counted::default(),
    };
    let mut bill = Sheet::new(key.clone(), BillState::Entry, Some(at.now.date()), facts);
    bill.private = patient;
    at.papers.put(&[bill.happened("begin")], &at.act())?;
    at.desk.remember(&at.papers, &bill.private, "", &at.act());
    Ok(Shown::Go(Place::Bill(key).to_string()))
}

/// A bill of this hospital that may be worked on here: whose it is, or with the rights of an administrator.
pub(crate) fn bill(at: &At<'_>, key: &str) -> Result<Sheet<Bill>, Stop> {
    let bill = at.papers.get::<Bill>(key)?.ok_or(Stop::Nothing)?;
    let ours = bill.facts.cashier == at.login() || at.operator.roles.contains(&Role::Administrator);
    if ours { Ok(bill) } else { Err(Stop::Nothing) }
}

/// The page of a bill, in whatever state it is.
pub(crate) fn show(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = bill(at, key)?;
    if bill.facts.parked && bill.state.is_open() && bill.facts.cashier == at.login() {
        bill.facts.parked = false;
        keep(at, &mut bill)?;
    }
    match bill.state {
        BillState::Settled | BillState::Voided | BillState::Dropped => {
            Ok(Shown::Go(Place::Look(key.to_owned()).to_string()))
        }
        // A package is to be entered.
        _ if asked.query.has("package") => page(at, &bill, &Wrong::new(at, "package", "", &Said::default())),
        _ => page(at, &bill, &Wrong::default()),
    }
}

/// The page, with what was refused.
pub(crate) fn page(at: &At<'_>, bill: &Sheet<Bill>, wrong: &Wrong) -> Result<Shown, Stop> {
    let (facts, patient) = (&bill.facts, &bill.private);
    let trial = facts.trial_at(at.now);
    let total = facts.total();
    let asked = facts.payment.asked();
    let short = trial.is_some() && facts.payment.tendered.is_none_or(|given| given < asked);
    let short = short && !asked.is_zero();
    let step = |step: Step| Place::Step(bill.key.clone(), step).to_string();
    let focus = focus(bill, trial.is_some(), short, wrong);
    let page = context! {
        key => bill.key,
        here => Place::Bill(bill.key.clone()).to_string(),
        steps => context! {
            visit => step(Step::Visit), line => step(Step::Line), remove => step(Step::Remove),
            package => step(Step::Package), trace => step(Step::Trace), answer => step(Step::Answer), trial => step(Step::Try), tender => step(Step::Tender),
            account => step(Step::Account), settle => step(Step::Settle), park => step(Step::Park), fetch => step(Step::Fetch),
            drop => step(Step::Drop), alone => step(Step::Alone), give_up => step(Step::GiveUp),
        },
        find => context! {
            item => Place::Find(crate::place::What::Item).to_string(),
            diagnosis => Place::Find(crate::place::What::Diagnosis).to_string(),
            doctor => Place::Find(crate::place::What::Doctor).to_string(),
            package => Place::Find(crate::place::What::Package).to_string(),
        },
        csrf => at.session.facts.csrf,
        state => at.word(bill.state.key()), tone => bill.state.tone(),
        open => bill.state.is_open(), doubt => bill.state.is_in_doubt(),
        insured => facts.insured, may_insure => !patient.number.is_empty(), alone_why => facts.alone_why,
        patient => patient_facts(at, patient, facts.insured),
        care_kinds => CARE_KINDS.map(|(code, key)| context! { code, name => format!("{code} {}", at.word(key)) }),
        care_kind => facts.care_kind,
        insurances => Some(insurances(at, patient)).filter(|covers| covers.len() > 1),
        insurance => facts.insurance.to_string(),
        reader => at.desk.readers.is_at(at.workstation()),
        doctor => if facts.doctor.code.is_empty() { String::new() } else { format!("{} {}", facts.doctor.code, facts.doctor.name) },
        department => facts.department.name,
        diagnoses => patient.diagnoses.iter().map(|d| format!("{} {}", d.code, d.name)).collect::<Vec<_>>(),
        lines => lines(at, bill), tracing => trace::asked_facts(&facts.lines, facts.tracing), warned => facts.warned,
        categories => facts.categories().into_iter().map(|(category, sum)| {
            context! { name => at.say(&category_name(&category)), amount => sum.to_string() }
        }).collect::<Vec<_>>(),
        count => facts.lines.len(), total => total.to_string(),
        question => question(at, bill)?,
        refused => facts.refused, taken_back => facts.taken_back,
        trial => trial.map(|trial| trial_facts(at, &trial.split, trial.at)),
        uses_account => facts.uses_account,
        due => facts.payment.due.to_string(), asked => asked.to_string(),
        rest => facts.is_rest(), credit => facts.payment.credit.to_string(), net => facts.payment.back().to_string(),
        edits => bill.state.is_open() && !facts.is_rest(),
        fetches => if facts.lines.is_empty() { waiting_for(at, bill)?.len() } else { 0 },
        ways => ways(at), others => others(at, &facts.payment),
        rounding => (!facts.payment.rounding.is_zero()).then(|| facts.payment.rounding.to_string()),
        tendered => facts.payment.tendered.map(|given| given.to_string()).unwrap_or_default(),
        change => facts.payment.change().map(|change| change.to_string()),
        short, focus,
        segment => segment(at)?,
        since => facts.intent.as_ref().map(|intent| intent.since.strftime("%H:%M:%S").to_string()),
        told => facts.intent.as_ref().map(|intent| intent.told.clone()),
        tries => facts.intent.as_ref().map_or(0, |intent| intent.tries),
        wrong => context! { field => wrong.field, typed => wrong.typed, why => wrong.why },
    };
    Ok(Shown::Page("desk/bill.html", page))
}

/// What is told above the page, and stands at no field.
const NO_FIELDS: [&str; 8] = ["", "sold", "left-out", "visit", "trial", "state", "drop", "receipt"];

/// Where the hand goes next.
fn focus(bill: &Sheet<Bill>, tried: bool, short: bool, wrong: &Wrong) -> &'static str {
    match () {
        () if !NO_FIELDS.contains(&wrong.field) => wrong.field,
        () if bill.facts.question.is_some() => "question",
        () if bill.facts.tracing.is_some() => "trace",
        () if tried && short => "tendered",
        () if tried => "settle",
        () if bill.facts.doctor.code.is_empty() && bill.facts.lines.is_empty() => "doctor",
        () if bill.private.diagnoses.is_empty() && bill.facts.lines.is_empty() => "diagnosis",
        () => "item",
    }
}

/// The name of a kind of charge.
pub(crate) fn category_name(category: &str) -> Said {
    Said::new(match category {
        "01" => "category-01",
        "02" => "category-02",
        "03" => "category-03",
        "04" => "category-04",
        "05" => "category-05",
        "06" => "category-06",
        "07" => "category-07",
        "08" => "category-08",
        "09" => "category-09",
        "10" => "category-10",
        "11" => "category-11",
        "12" => "category-12",
        "13" => "category-13",
        _ => "category-14",
    })
}

fn lines(at: &At<'_>, bill: &Sheet<Bill>) -> Vec<Value> {
    let doubled = |item: &str| bill.facts.lines.iter().filter(|line| line.item == item).count() > 1;
    let lines = (1..).zip(&bill.facts.lines);
    lines
        .map(|(place, line)| {
            context! {
                at => place, number => line.number, code => line.item, name => line.name,
                specification => line.specification, unit => line.unit,
                quantity => line.quantity.to_string().trim_end_matches('0').trim_end_matches('.'),
                price => grouped(&four_places(&line.price.to_string())),
                amount => line.amount.to_string(), class => line.class, rate => line.first_self_pay,
                mapped => line.mapped.is_some(), executing => line.executing.name,
                doubled => doubled(&line.item), traces => trace::line_facts(at, line),
            }
        })
        .collect()
}

/// A price as lists show it: four places, more only where they say something.
pub(crate) fn four_places(price: &str) -> String {
    let (whole, places) = price.split_once('.').unwrap_or((price, ""));
    let places = format!("{places:0<4}");
    let more = places[4..].trim_end_matches('0');
    format!("{whole}.{}{more}", &places[..4])
}

/// What is read at a glance of who stands at the window.
pub(crate) fn patient_facts(at: &At<'_>, patient: &Patient, insured: bool) -> Value {
    let mut notes: Vec<(String, &str)> = Vec::new();
    if !insured {
        notes.push((at.word("alone"), "calm"));
    } else if !patient.active {
        let since = patient.paused.map(|day| day.to_string()).unwrap_or_default();
        notes.push((at.say(&Said::new("h102").with("since", since)), "bad"));
    }
    if insured && !is_of_city(&patient.home, &at.hospital.division) {
        notes.push((at.say(&Said::new("from-elsewhere").with("home", &patient.home)), "warn"));
    }
    if insured {
        notes.extend(patient.closed_funds.iter().map(|fund| (fund.clone(), "warn")));
    }
    let kind = patient.person_type.as_str();
    let kind = match kind.get(..2) {
        Some("11") => at.word("person-working"),
        Some("12") => at.word("person-retired"),
        _ => kind.to_owned(),
    };
    context! {
        name => patient.name,
        sex => at.word(if patient.female { "sex-female" } else { "sex-male" }),
        age => patient.age,
        document => field::masked(&patient.document),
        insured => insured && !patient.number.is_empty(),
        kind,
        employer => patient.employer,
        balance => patient.balance.to_string(),
        deductible => patient.deductible_paid.map(|paid| paid.to_string()),
        funds => patient.funds_paid.map(|paid| paid.to_string()),
        notes => notes.into_iter().map(|(words, tone)| context! { words, tone }).collect::<Vec<_>>(),
    }
}

/// How a total becomes cash; what is nothing is left out.
pub(crate) fn trial_facts(at: &At<'_>, split: &Split, when: DateTime) -> Value {
    let mut rows = vec![row(at, "split-total", split.total, "")];
    let shares = [
        ("split-out-of-scope", split.out_of_scope),
        ("split-over-limit", split.over_price_limit),
        ("split-first-self-pay", split.prior_self_pay),
        ("split-deductible", split.deductible),
        ("split-own-share", split.own_share()),
    ];
    rows.extend(
        shares
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(key, amount)| row(at, key, amount, "")),
    );
    for (word, amount) in &split.funds {
        rows.push(context! { name => at.say(&fund_name(word)), amount, tone => "sum" });
    }
    let others = [
        ("split-hospital", split.hospital),
        ("split-account", split.account),
        ("split-relatives", split.relatives),
    ];
    rows.extend(
        others
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(key, amount)| row(at, key, amount, "sum")),
    );
    context! {
        at => when.strftime("%H:%M").to_string(),
        rows, bar => bar(split),
        cash => split.cash.to_string(),
        words => at.say(&Said::new("split-words").with("fund", split.funds_total()).with("account", split.account).with("cash", split.cash)),
    }
}

fn row(at: &At<'_>, key: &'static str, amount: Money, tone: &str) -> Value {
    context! { name => at.word(key), amount => amount.to_string(), tone }
}

/// The name of a fund.
pub(crate) fn fund_name(word: &str) -> Said {
    Said::new(match word {
        "fund-pooled" => "fund-pooled",
        "fund-major-medical" => "fund-major-medical",
        "fund-civil-servant" => "fund-civil-servant",
        "fund-critical-illness" => "fund-critical-illness",
        "fund-employer" => "fund-employer",
        "fund-disabled" => "fund-disabled",
        "fund-aid" => "fund-aid",
        _ => "fund-other",
    })
}

/// Who pays which part, in thousandths of the whole.
fn bar(split: &Split) -> Vec<Value> {
    let whole = split.total.fen().max(1);
    let mut from = 0;
    let parts = [
        ("fund", split.funds_total() + split.hospital),
        ("acct", split.account + split.relatives),
        ("due", split.cash),
    ];
    let mut bar = Vec::new();
    for (class, amount) in parts {
        let width = amount.fen().max(0) * 1000 / whole;
        bar.push(context! { class, from, width });
        from += width;
    }
    bar
}

fn question(at: &At<'_>, bill: &Sheet<Bill>) -> Result<Option<Value>, Stop> {
    let Some(question) = &bill.facts.question else { return Ok(None) };
    let house = at.desk.shelves.of(&at.papers)?;
    let name = |item: &str| house.items.get(item).map(|item| item.facts.name.clone()).unwrap_or_default();
    Ok(Some(match question {
        Question::Doubled { line, item, .. } => {
            let place = bill.facts.lines.iter().position(|l| l.number == *line).map_or(0, |at| at + 1);
            let words = Said::new("ask-doubled").with("line", place).with("name", name(item));
            context! { words => at.say(&words), yes => at.word("ask-merge"), no => at.word("ask-keep") }
        }
        Question::Unmapped { item, .. } => {
            let words = Said::new("h202").with("name", name(item));
            context! { words => at.say(&words), yes => at.word("ask-charge"), no => at.word("ask-leave") }
        }
        Question::CashChanged { before, now } => {
            let words = Said::new("h302").with("before", before).with("now", now);
            context! { words => at.say(&words), yes => at.word("ask-accept"), no => at.word("ask-back") }
        }
    }))
}

/// A bill whose lines may change; of one that may not its page is shown, which says in which state it is.
pub(crate) fn open_bill(at: &At<'_>, key: &str) -> Result<Sheet<Bill>, Stop> {
    let bill = bill(at, key)?;
    if bill.state.is_open() {
        return Ok(bill);
    }
    let said = Said::new("state-refused").with("state", at.word(bill.state.key()));
    Err(Stop::Instead(page(at, &bill, &Wrong::new(at, "state", "", &said))?))
}

/// The same of one whose lines are its own: what is left of another is fixed.
pub(crate) fn own_bill(at: &At<'_>, key: &str) -> Result<Sheet<Bill>, Stop> {
    let bill = open_bill(at, key)?;
    if !bill.facts.is_rest() {
        return Ok(bill);
    }
    Err(Stop::Instead(page(at, &bill, &Wrong::new(at, "state", "", &Said::new("rest-fixed")))?))
}

/// Keeps it.
pub(crate) fn keep(at: &At<'_>, bill: &mut Sheet<Bill>) -> Result<(), Stop> {
    at.papers.put(&[bill.typed()], &at.act())?;
    bill.version += 1;
    Ok(())
}

/// Doctor, diagnosis, kind of care.
pub(crate) fn visit(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    let house = at.desk.shelves.of(&at.papers)?;
    let care = asked.form.get("care_kind");
    if CARE_KINDS.iter().any(|(code, _)| *code == care) && care != bill.facts.care_kind {
        care.clone_into(&mut bill.facts.care_kind);
        bill.facts.changed();
    }
    if let Err(said) = choose_cover(at, asked.form.get("insurance"), &mut bill) {
        return page(at, &bill, &Wrong::new(at, "visit", "", &said));
    }
    let (typed, pick) = (asked.form.get("doctor"), asked.form.get("doctor_pick"));
    let known = format!("{} {}", bill.facts.doctor.code, bill.facts.doctor.name);
    if !typed.is_empty() && typed != known.trim() {
        let picked = house.doctors.get(pick).or_else(|| house.doctors.find(typed, 1).into_iter().next());
        let Some(doctor) = picked.filter(|doctor| doctor.state == Use::Active) else {
            let said = Said::new("doctor-unknown").with("seen", typed);
            return page(at, &bill, &Wrong::new(at, "doctor", typed, &said));
        };
        bill.facts.doctor = Named::of(&doctor.key, &doctor.facts.name);
        bill.facts.doctor_code.clone_from(&doctor.facts.code);
        bill.facts.department = doctor.facts.department.clone();
        bill.facts.changed();
    }
    let (typed, pick) = (asked.form.get("diagnosis"), asked.form.get("diagnosis_pick"));
    if !typed.is_empty() {
        let picked = house.diagnoses.get(pick).or_else(|| house.diagnoses.find(typed, 1).into_iter().next());
        let Some(diagnosis) = picked else {
            let said = Said::new("diagnosis-unknown").with("seen", typed);
            return page(at, &bill, &Wrong::new(at, "diagnosis", typed, &said));
        };
        let named = Named::of(&diagnosis.key, &diagnosis.facts.name);
        if !bill.private.diagnoses.contains(&named) && bill.private.diagnoses.len() < 5 {
            bill.private.diagnoses.push(named);
            bill.facts.changed();
        }
    }
    keep(at, &mut bill)?;
    page(at, &bill, &Wrong::default())
}

/// Another of his insurances is to pay, where another was chosen: a visit that is open at the centre is closed first.
fn choose_cover(at: &At<'_>, chosen: &str, bill: &mut Sheet<Bill>) -> Result<(), Said> {
    let other = |cover: &&Cover| cover.kind.to_string() == chosen && cover.kind != bill.facts.insurance;
    let Some(cover) = bill.private.insurances.iter().find(other).cloned() else { return Ok(()) };
    close_visit(at, bill)?;
    bill.facts.insurance = cover.kind;
    person::cover_by(at, &mut bill.private, &cover, &bill.facts.care_kind);
    bill.facts.changed();
    Ok(())
}

/// Closes the centre's visit of a bill, its lines withdrawn; the next has a number of its own.
fn close_visit(at: &At<'_>, bill: &mut Sheet<Bill>) -> Result<(), Said> {
    if bill.facts.visit.is_empty() {
        return Ok(());
    }
    let (person, visit) = (insured(&bill.private), bill.facts.visit.clone());
    if bill.facts.was_uploaded {
        let withdrawn = WithdrawLines { person: person.clone(), visit: visit.clone(), batch: None };
        ask(at, &withdrawn, |_| Some(())).map_err(|no| centre_says(&no))?;
        bill.facts.was_uploaded = false;
    }
    let cancel = CancelVisit { person, visit, number: bill.facts.visit_number.clone() };
    ask(at, &cancel, |_| Some(())).map_err(|no| centre_says(&no))?;
    bill.facts.visit.clear();
    bill.facts.visit_number = at.desk.key();
    Ok(())
}

/// Why nothing is charged for what was typed: the code of something stopped, or of nothing.
pub(crate) fn not_found(house: &House, text: &str) -> Said {
    match house.items.get(text.trim()) {
        Some(item) => stopped_said(&item.key, &item.facts),
        None => Said::new("item-unknown").with("seen", text),
    }
}

/// A line more: what is typed, `*` and how many. Nothing typed: a trial.
pub(crate) fn line(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let typed = field::plain(asked.form.get("item"));
    if typed.is_empty() {
        return super::settle::try_it(at, key);
    }
    let mut bill = own_bill(at, key)?;
    let refuse = |said: &Said| page(at, &bill, &Wrong::new(at, "item", &typed, said));
    let (text, count) = typed.split_once('*').unwrap_or((&typed, "1"));
    let house = at.desk.shelves.of(&at.papers)?;
    let picked = house.items.get(asked.form.get("item_pick")).filter(|item| item.state == Use::Active);
    let Some(item) = picked.or_else(|| house.items.find(text, 1).into_iter().next()) else {
        return refuse(&not_found(&house, text));
    };
    let priced = item.facts.on(bill.facts.begun.date());
    let quantity = match field::quantity(if count.is_empty() { "1" } else { count }, item.facts.whole) {
        Ok(quantity) => quantity,
        Err(said) => return refuse(&said),
    };
    let comes_to = crate::bill::amount(priced.price, quantity);
    if comes_to.is_zero() {
        return refuse(&Said::new("line-nothing"));
    }
    if bill.facts.total() + comes_to > field::MONEY_MAX {
        return refuse(&Said::new("field-money-most").with("seen", comes_to).with("most", field::MONEY_MAX));
    }
    let doubled = bill.facts.lines.iter().find(|line| line.item == item.key).map(|line| line.number);
    let unmapped = bill.facts.insured && item.facts.mapped.is_none();
    if unmapped && at.hospital.parameters.unmapped_code.is_empty() {
        return refuse(&Said::new("h202-refused").with("name", &item.facts.name));
    }
    if let Some(line) = doubled {
        bill.facts.question = Some(Question::Doubled { line, item: item.key.clone(), quantity });
    } else if unmapped && !bill.facts.unmapped_confirmed {
        bill.facts.question = Some(Question::Unmapped { item: item.key.clone(), quantity });
    } else {
        bill.facts.add(&item.key, &priced, quantity);
        bill.facts.tracing = trace::asks(at, bill.facts.lines.last());
    }
    let why = open_visit(at, &mut bill);
    keep(at, &mut bill)?;
    page(at, &bill, &why.map_or_else(Wrong::default, |said| Wrong::new(at, "visit", "", &said)))
}

/// The centre's visit, opened silently with the first line; what it refuses is told, and the line stays.
pub(crate) fn open_visit(at: &At<'_>, bill: &mut Sheet<Bill>) -> Option<Said> {
    if !bill.facts.insured || !bill.facts.visit.is_empty() || bill.facts.doctor.code.is_empty() {
        return None;
    }
    let request = OpenVisit {
        person: insured(&bill.private),
        insurance: InsuranceKind(bill.facts.insurance),
        begins: bill.facts.begun,
        proof: proof(&bill.private),
        number: bill.facts.visit_number.clone(),
        doctor: doctor(&bill.facts),
        department: bill.facts.department.said(),
        speciality: bill.facts.department.code.clone(),
    };
    match ask(at, &request, Opened::hear) {
        Ok(opened) => {
            bill.facts.visit = opened.visit;
            None
        }
        Err(no) => Some(centre_says(&no)),
    }
}

/// As messages name the doctor: by the national code.
pub(crate) fn doctor(bill: &Bill) -> wire::asking::Named {
    wire::asking::Named { code: bill.doctor_code.clone(), name: bill.doctor.name.clone() }
}

/// All of a package; what of it cannot be charged is told.
pub(crate) fn package(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    let house = at.desk.shelves.of(&at.papers)?;
    let (insured, day) = (bill.facts.insured, bill.facts.begun.date());
    let unpacked = match unpack(at, asked, &house, insured) {
        Ok(unpacked) => unpacked,
        Err(said) => return page(at, &bill, &Wrong::new(at, "package", asked.form.get("package"), &said)),
    };
    let comes_to = unpacked
        .items
        .iter()
        .map(|(item, quantity)| crate::bill::amount(item.facts.price_on(day), *quantity));
    let comes_to: Money = comes_to.sum();
    if bill.facts.total() + comes_to > field::MONEY_MAX {
        let said = Said::new("field-money-most").with("seen", comes_to).with("most", field::MONEY_MAX);
        return page(at, &bill, &Wrong::new(at, "package", "", &said));
    }
    for (item, quantity) in &unpacked.items {
        bill.facts.add(&item.key, &item.facts.on(day), *quantity);
    }
    bill.facts.tracing = trace::asks(at, &bill.facts.lines);
    let why = open_visit(at, &mut bill).map(|said| Wrong::new(at, "visit", "", &said));
    keep(at, &mut bill)?;
    page(at, &bill, &why.or_else(|| left_out(at, &unpacked.left_out)).unwrap_or_default())
}

/// What of the package that is named may be charged; else that there is none.
pub(super) fn unpack<'h>(
    at: &At<'_>,
    asked: &Asked,
    house: &'h House,
    insured: bool,
) -> Result<Unpacked<'h>, Said> {
    let typed = field::plain(asked.form.get("package"));
    let picked =
        house.packages.get(asked.form.get("package_pick")).filter(|known| known.state == Use::Active);
    let found = || house.packages.find(&typed, 1).into_iter().next();
    let package = picked.or_else(found).ok_or_else(|| Said::new("package-unknown").with("seen", &typed))?;
    // What is not mapped is asked about line by line; a package does not.
    let refuses = insured && at.hospital.parameters.unmapped_code.is_empty();
    Ok(package.facts.unpack(house, |item| item.mapped.is_some() || !refuses))
}

/// What of a package was left out.
pub(super) fn left_out(at: &At<'_>, names: &[String]) -> Option<Wrong> {
    let said = Said::new("package-left-out").with("names", names.join("、"));
    (!names.is_empty()).then(|| Wrong::new(at, "left-out", "", &said))
}

/// A line less.
pub(crate) fn remove(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    let number: u32 = asked.form.get("number").parse().unwrap_or_default();
    let number = if number == 0 { bill.facts.lines.last().map_or(0, |line| line.number) } else { number };
    let before = bill.facts.lines.len();
    bill.facts.lines.retain(|line| line.number != number);
    bill.facts.tracing = bill.facts.tracing.filter(|tracing| *tracing != number);
    if bill.facts.lines.len() < before {
        bill.facts.changed();
        keep(at, &mut bill)?;
    }
    page(at, &bill, &Wrong::default())
}

/// An answer to what is asked: yes, or no.
pub(crate) fn answer(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    let yes = asked.form.get("answer") != "no";
    let Some(question) = bill.facts.question.take() else { return page(at, &bill, &Wrong::default()) };
    let house = at.desk.shelves.of(&at.papers)?;
    let add = |bill: &mut Bill, item: &str, quantity: Quantity| {
        if let Some(found) = house.items.get(item) {
            bill.add(item, &found.facts.on(bill.begun.date()), quantity);
            bill.tracing = trace::asks(at, bill.lines.last());
        }
    };
    match question {
        Question::Doubled { line, item, quantity } => match bill.facts.line(line).filter(|_| yes) {
            Some(line) => {
                line.add(quantity);
                bill.facts.changed();
            }
            None => add(&mut bill.facts, &item, quantity),
        },
        Question::Unmapped { item, quantity } if yes => {
            bill.facts.unmapped_confirmed = true;
            add(&mut bill.facts, &item, quantity);
        }
        Question::Unmapped { .. } | Question::CashChanged { .. } => {}
    }
    let why = open_visit(at, &mut bill);
    keep(at, &mut bill)?;
    page(at, &bill, &why.map_or_else(Wrong::default, |said| Wrong::new(at, "visit", "", &said)))
}

/// Whether the account pays. What was tried is tried again.
pub(crate) fn account(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    bill.facts.uses_account = asked.form.get("uses_account") == "1";
    let tried = bill.facts.trial.take().is_some();
    keep(at, &mut bill)?;
    if tried { super::settle::try_it(at, key) } else { page(at, &bill, &Wrong::default()) }
}

/// Charged to the patient alone, with a reason; or to the insurance after all.
pub(crate) fn alone(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    if bill.private.number.is_empty() {
        return page(at, &bill, &Wrong::new(at, "alone", "", &Said::new("alone-only")));
    }
    if let Some(said) = at.serves_insured_only().filter(|_| bill.facts.insured) {
        return page(at, &bill, &Wrong::new(at, "alone", "", &said));
    }
    let why = asked.form.get("why");
    if bill.facts.insured && why.is_empty() {
        return page(at, &bill, &Wrong::new(at, "alone", "", &Said::new("alone-why")));
    }
    bill.facts.insured = !bill.facts.insured;
    bill.facts.alone_why = if bill.facts.insured { String::new() } else { why.chars().take(100).collect() };
    bill.facts.changed();
    at.papers
        .put(&[bill.happened(if bill.facts.insured { "to-insurance" } else { "to-patient" })], &at.act())?;
    bill.version += 1;
    page(at, &bill, &Wrong::default())
}

/// Bills that wait for the same patient, entered here or at another window, the first first.
fn waiting_for(at: &At<'_>, bill: &Sheet<Bill>) -> Result<Vec<Sheet<Bill>>, Stop> {
    if bill.facts.person.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&waiting_tag(&bill.facts.person)), 20, 0)?;
    found.retain(|other| other.key != bill.key && !other.facts.is_rest());
    found.reverse();
    Ok(found)
}

/// Fetches what waits for the patient, and tries it; the empty bill it was asked from is no more.
pub(crate) fn fetch(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    if !bill.facts.lines.is_empty() {
        return page(at, &bill, &Wrong::new(at, "state", "", &Said::new("fetch-lines")));
    }
    let Some(mut found) = waiting_for(at, &bill)?.into_iter().next() else {
        return page(at, &bill, &Wrong::new(at, "state", "", &Said::new("fetch-none")));
    };
    at.login().clone_into(&mut found.facts.cashier);
    found.facts.window.clone_from(&at.session.facts.workstation);
    found.facts.parked = false;
    bill.state = BillState::Dropped;
    at.papers.put(&[found.happened("fetch"), bill.happened("drop")], &at.act())?;
    super::settle::try_it(at, &found.key)?;
    Ok(Shown::Go(Place::Bill(found.key).to_string()))
}

/// It waits, and the next is charged.
pub(crate) fn park(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    bill.facts.parked = true;
    keep(at, &mut bill)?;
    Ok(Shown::Go(Place::Charge.to_string()))
}

/// Not charged at all. Lines that are with the centre are withdrawn, and its visit is closed.
pub(crate) fn drop_bill(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    if let Err(said) = close_visit(at, &mut bill) {
        return page(at, &bill, &Wrong::new(at, "drop", "", &said));
    }
    bill.state = BillState::Dropped;
    at.papers.put(&[bill.happened("drop")], &at.act())?;
    Ok(Shown::Go(Place::Charge.to_string()))
}

#[cfg(test)]
mod tests {
    use super::four_places;

    #[test]
    fn prices_have_four_places_and_more_only_where_they_say_something() {
        for (price, shown) in
            [("18.6", "18.6000"), ("18.600000", "18.6000"), ("0.123456", "0.123456"), ("120", "120.0000")]
        {
            assert_eq!(four_places(price), shown);
        }
    }
}
