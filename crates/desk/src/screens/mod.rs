//! The screens: each a function from who asks what to what is shown.

pub(crate) mod sign_in;
pub(crate) mod person;
pub(crate) mod charge;
pub(crate) mod settle;
pub(crate) mod find;
pub(crate) mod bills;
pub(crate) mod refund;
pub(crate) mod paying;
pub(crate) mod why;
pub(crate) mod forms;
pub(crate) mod print;
pub(crate) mod kit;
pub(crate) mod doubts;
pub(crate) mod patients;
pub(crate) mod reader;
pub(crate) mod closing;
pub(crate) mod summaries;
pub(crate) mod operators;
pub(crate) mod numbers;
pub(crate) mod notices;
pub(crate) mod segments;
pub(crate) mod today;
pub(crate) mod trace;
pub(crate) mod register;
pub(crate) mod inpatients;
pub(crate) mod admission;
pub(crate) mod arrears;
pub(crate) mod changes;
pub(crate) mod deposits;
pub(crate) mod posting;
pub(crate) mod batch;
pub(crate) mod reversal;
pub(crate) mod discharge;
pub(crate) mod settling;
pub(crate) mod periods;
pub(crate) mod beds;
pub(crate) mod wards;
pub(crate) mod windows;
pub(crate) mod print_stay;
pub(crate) mod print_papers;
pub(crate) mod print_bill;
pub(crate) mod office;
pub(crate) mod reports;

use web::{Asked, Language};

use crate::desk::{At, Shown, Stop};
use crate::house::{Diagnosis, Doctor};
use crate::package::Package;
use crate::place::House;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../templates/", $name)))),*]
    };
}

/// Templates of the desk, by name.
pub(crate) const TEMPLATES: &[(&str, &str)] = templates![
    "desk/stopped.html",
    "desk/sign-in.html",
    "desk/locked.html",
    "desk/charge.html",
    "desk/bill.html",
    "desk/candidates.html",
    "desk/bills.html",
    "desk/look.html",
    "desk/void.html",
    "desk/approvals.html",
    "desk/doubts.html",
    "desk/forms.html",
    "desk/form.html",
    "desk/why.html",
    "desk/receipt.html",
    "desk/kit.html",
    "desk/reader.html",
    "desk/patients.html",
    "desk/trace-parts.html",
    "desk/closing.html",
    "desk/closing-parts.html",
    "desk/closed.html",
    "desk/confirm.html",
    "desk/operators.html",
    "desk/operator.html",
    "desk/segments.html",
    "desk/today.html",
    "desk/manual.html",
    "desk/register.html",
    "desk/register-file.html",
    "desk/set-up.html",
    "desk/stay-parts.html",
    "desk/admissions.html",
    "desk/admit.html",
    "desk/stay.html",
    "desk/stays.html",
    "desk/change.html",
    "desk/arrears.html",
    "desk/stay-paper.html",
    "desk/stay-bill.html",
    "desk/deposits.html",
    "desk/ward.html",
    "desk/posting.html",
    "desk/reverse.html",
    "desk/discharge.html",
    "desk/settle-parts.html",
    "desk/settlements.html",
    "desk/beds.html",
    "desk/wards.html",
    "desk/batch.html",
    "desk/day-list.html",
    "desk/reconcile.html",
    "desk/reconcile-day.html",
    "desk/reconcile-row.html",
    "desk/tickets.html",
    "desk/ticket.html",
    "desk/months.html",
    "desk/prices.html",
    "desk/price-parts.html",
    "desk/price-sheets.html",
    "desk/price.html",
    "desk/price-new.html",
    "desk/price-changes.html",
    "desk/price-change.html",
    "desk/price-import.html",
    "desk/mapping.html",
    "desk/map.html",
    "desk/catalogue.html",
    "desk/parameters.html",
    "desk/numbers.html",
    "desk/notices.html",
    "desk/windows.html",
    "desk/reports.html",
    "desk/summaries.html",
    "desk/report.html",
    "desk/report-paper.html",
];

/// What the desk says.
pub(crate) const TEXTS: &[(Language, &str)] = &[
    (Language::Zh, include_str!("../../../../translations/zh-CN/desk.ftl")),
    (Language::En, include_str!("../../../../translations/en/desk.ftl")),
    (Language::Zh, include_str!("../../../../translations/zh-CN/desk-inpatient.ftl")),
    (Language::En, include_str!("../../../../translations/en/desk-inpatient.ftl")),
    (Language::Zh, include_str!("../../../../translations/zh-CN/desk-office.ftl")),
    (Language::En, include_str!("../../../../translations/en/desk-office.ftl")),
    (Language::Zh, include_str!("../../../../translations/zh-CN/desk-reports.ftl")),
    (Language::En, include_str!("../../../../translations/en/desk-reports.ftl")),
];

/// What keeps the desk going.
pub(crate) fn house(at: &At<'_>, asked: &Asked, place: &House) -> Result<Shown, Stop> {
    match (place, asked.post) {
        (House::Today, false) => today::show(at),
        (House::Operators, false) => operators::list(at),
        (House::Operators, true) => operators::hire(at, asked),
        (House::Operator(login), false) => operators::look(at, login),
        (House::Operator(login), true) => operators::change(at, asked, login),
        (House::Windows, false) => windows::list(at, asked),
        (House::Windows, true) => windows::act(at, asked),
        (House::Segments, false) => segments::list(at, asked),
        (House::Segments, true) => segments::act(at, asked),
        (House::Notices, false) => notices::show(at, asked),
        (House::Notices, true) => notices::act(at, asked),
        (House::Numbers, false) => numbers::show(at, asked),
        (House::Numbers, true) => numbers::act(at, asked),
        (House::Closing, false) => closing::now(at, asked),
        (House::Closing, true) => closing::close(at),
        (House::Closed(key), false) => closing::look(at, key),
        (House::Closed(key), true) => closing::act(at, asked, key),
        (House::Confirm, false) => closing::waiting(at, asked),
        (House::Summaries, false) => summaries::list(at, asked),
        (House::Summaries, true) => summaries::act(at, asked),
        (House::Approvals, false) => refund::waiting(at),
        (House::Approvals, true) => refund::approve(at, asked),
        (House::Doubts, false) => doubts::list(at),
        (House::Doubts, true) => doubts::end(at, asked),
        (House::Doctors, false) => register::show::<Doctor>(at, asked),
        (House::Doctors, true) => register::act::<Doctor>(at, asked),
        (House::Diagnoses, false) => register::show::<Diagnosis>(at, asked),
        (House::Diagnoses, true) => register::act::<Diagnosis>(at, asked),
        (House::Packages, false) => register::show::<Package>(at, asked),
        (House::Packages, true) => register::act::<Package>(at, asked),
        (House::Forms, false) => forms::list(at),
        (House::Form(word), false) if asked.query.has("sample") => forms::sample(at, word),
        (House::Form(word), false) => forms::show(at, word),
        (House::Form(word), true) => forms::act(at, asked, word),
        (House::Today | House::Confirm | House::Forms, true) => Err(Stop::Nothing),
    }
}
