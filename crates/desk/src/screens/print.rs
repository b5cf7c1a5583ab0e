//! The outpatient receipt: a form in millimetres on its paper. Printing is no part of a settlement: it changes nothing but
//! the count of its own.

use web::{Asked, Said, capitals};

use super::bills::seen;
use super::charge::{category_name, fund_name};
use super::forms::{self, Filled};
use crate::bill::{Bill, BillState};
use crate::desk::{At, Shown, Stop};
use crate::electronic::{Electronic, Issued};
use crate::layout::PrintForm;
use crate::pay::method_name;
use crate::segment::{Receipt, ReceiptKind, receipt_key};
use crate::sheet::{PaperError, Sheet};
use crate::till::Moves as _;

/// The receipt, to print. What is not settled has none.
pub(crate) fn receipt(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = seen(at, key)?;
    let (BillState::Settled | BillState::Voided, Some(split)) = (bill.state, bill.facts.split.clone()) else {
        return Err(Stop::Nothing);
    };
    if bill.state == BillState::Settled && !asked.query.has("look") {
        bill.facts.printed(at.now, at.login());
        at.papers.put(&[bill.happened("printed")], &at.act())?;
    }
    let twin = twin(at, ReceiptKind::Outpatient, &bill.facts.receipt)?;
    let mut payers: Vec<(String, String)> = Vec::new();
    payers.extend(split.funds.iter().map(|(word, amount)| (at.say(&fund_name(word)), amount.clone())));
    let others = [
        ("split-hospital", split.hospital),
        ("split-account", split.account),
        ("split-relatives", split.relatives),
        ("split-rounding", bill.facts.payment.rounding),
        ("split-due", bill.facts.payment.due),
    ];
    payers.extend(
        bill.facts
            .payment
            .others
            .iter()
            .map(|paid| (at.say(&method_name(&paid.method)), paid.amount.to_string())),
    );
    payers.extend(
        others
            .iter()
            .filter(|(key, amount)| !amount.is_zero() || *key == "split-due")
            .map(|(key, amount)| (at.word(key), amount.to_string())),
    );
    let categories = bill.facts.categories().into_iter();
    let texts = PrintForm::Receipt
        .fields()
        .map(|(name, ..)| (name, text(at, &bill, name, &split.balance.to_string())));
    let texts = texts.chain(twin.map(|twin| ("electronic", twin)));
    let filled = Filled {
        texts: texts.filter(|(_, text)| !text.is_empty()).collect(),
        categories: categories.map(|(kind, sum)| (at.say(&category_name(&kind)), sum.to_string())).collect(),
        payers,
    };
    forms::print(at, PrintForm::Receipt, &filled)
}

/// What is printed of a number's electronic receipt, which is asked for now where it has not come yet.
pub(super) fn twin(at: &At<'_>, kind: ReceiptKind, number: &str) -> Result<Option<String>, Stop> {
    let Some(receipt) = at.papers.get::<Receipt>(&receipt_key(kind, number))? else { return Ok(None) };
    let Some(known) = receipt.facts.electronic.clone() else { return Ok(None) };
    let came = match at.desk.issue(&at.papers, receipt, &at.act()) {
        Ok(came) => came,
        // The machine was faster: the next copy has it.
        Err(PaperError::Stale { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Some(twin_words(at, &came.unwrap_or(known))))
}

/// An electronic receipt in words, with the red one that took it back.
pub(super) fn twin_words(at: &At<'_>, twin: &Electronic) -> String {
    let said = |key: &'static str, issued: &Issued| {
        let said = Said::new(key).with("code", &issued.code).with("number", &issued.number);
        at.say(&said.with("check", &issued.check))
    };
    let issued = twin.issued.iter().map(|issued| said("electronic-issued", issued));
    let words: Vec<String> = issued.chain(twin.red.iter().map(|red| said("electronic-red", red))).collect();
    if words.is_empty() { at.word("electronic-coming") } else { words.join(" · ") }
}

fn text(at: &At<'_>, bill: &Sheet<Bill>, field: &str, balance: &str) -> String {
    let facts = &bill.facts;
    let said = |key: &'static str, value: &str| format!("{} {value}", at.word(key));
    match field {
        "title" => at.word("receipt-title"),
        "number" => said("receipt-number", &facts.receipt),
        "copy" if facts.prints > 1 => at.say(&Said::new("receipt-copy").with("n", facts.prints - 1)),
        "hospital" => at.house(&facts.branch),
        "name" => said("receipt-name", &bill.private.name),
        "kind" => at.word(if facts.insured { "receipt-insured" } else { "alone" }),
        "time" => facts.settled.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        "capitals" => said("receipt-total", &capitals(facts.total())),
        "total" => format!("¥{}", web::grouped(&facts.total().to_string())),
        "balance" if facts.insured => said("receipt-balance", &web::grouped(balance)),
        "cashier" => said("receipt-cashier", &format!("{} {}", facts.cashier, facts.window)),
        "voided" if bill.state == BillState::Voided => at.word("receipt-voided"),
        _ => String::new(),
    }
}
