//! The screens: each a function from who asks what to what is shown.

pub(crate) mod sign_in;
pub(crate) mod charge;
pub(crate) mod settle;
pub(crate) mod find;
pub(crate) mod bills;
pub(crate) mod why;
pub(crate) mod print;
pub(crate) mod kit;

use web::Language;

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
    "desk/why.html",
    "desk/receipt.html",
    "desk/kit.html",
];

/// What the desk says.
pub(crate) const TEXTS: &[(Language, &str)] = &[
    (Language::Zh, include_str!("../../../../translations/zh-CN/desk.ftl")),
    (Language::En, include_str!("../../../../translations/en/desk.ftl")),
];
