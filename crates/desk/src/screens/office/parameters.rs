//! What is otherwise from hospital to hospital: each parameter with its unit, default and range, who changed it when and why.

use jiff::civil::DateTime;
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};
use store::By;
use web::{Asked, Said, field};

use crate::desk::{At, Shown, Stop};
use crate::house::{ELECTRONIC, Hospital, Parameters, Use};
use crate::place::{Office, Place};
use crate::sheet::{ALL, Form, Sheet};

/// The changes of a parameter. The key is its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ParameterChanges {
    /// The last first.
    changes: Vec<ParameterChange>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ParameterChange {
    before: String,
    after: String,
    by: String,
    at: DateTime,
    why: String,
}

impl Form for ParameterChanges {
    const KIND: &'static str = "parameter";
    type State = Use;
    type Private = ();
}

/// What a parameter takes.
enum Takes {
    /// Whole numbers of a range.
    Number(i64, i64),
    /// One of these words, each with the key of its name.
    Words(&'static [(&'static str, &'static str)]),
    /// A code, or nothing.
    Code,
}

/// A parameter: how it is called, in what it is measured, what it takes, and where it stands.
struct Parameter {
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    takes: Takes,
    get: fn(&Parameters) -> String,
    set: fn(&mut Parameters, &str),
}

/// Ways a till rounds.
const ROUNDINGS: &[(&str, &str)] = &[
    ("none", "rounding-none"),
    ("jiao half-up", "rounding-jiao-half-up"),
    ("jiao half-even", "rounding-jiao-half-even"),
    ("jiao up", "rounding-jiao-up"),
    ("jiao down", "rounding-jiao-down"),
    ("half yuan", "rounding-half-yuan"),
    ("five down six up", "rounding-five-down"),
];

/// What is done about trace codes.
const TRACES: &[(&str, &str)] =
    &[("off", "traces-off"), ("warn", "traces-warn"), ("required", "traces-required")];

/// What a receipt is.
const RECEIPTS: &[(&str, &str)] = &[("paper", "receipts-paper"), (ELECTRONIC, "receipts-electronic")];

/// All of them.
const PARAMETERS: [Parameter; 9] = [
    Parameter {
        name: "till-rounding",
        title: "parameter-till-rounding",
        unit: "unit-none",
        takes: Takes::Words(ROUNDINGS),
        get: |of| of.till_rounding.clone(),
        set: |of, to| to.clone_into(&mut of.till_rounding),
    },
    Parameter {
        name: "lock-minutes",
        title: "parameter-lock-minutes",
        unit: "unit-minutes",
        takes: Takes::Number(5, 30),
        get: |of| of.lock_minutes.to_string(),
        set: |of, to| of.lock_minutes = to.parse().unwrap_or(of.lock_minutes),
    },
    Parameter {
        name: "refund-approval-yuan",
        title: "parameter-refund-approval",
        unit: "unit-yuan",
        takes: Takes::Number(0, 100_000),
        get: |of| of.refund_approval_yuan.to_string(),
        set: |of, to| of.refund_approval_yuan = to.parse().unwrap_or(of.refund_approval_yuan),
    },
    Parameter {
        name: "deposit-warning-yuan",
        title: "parameter-deposit-warning",
        unit: "unit-yuan",
        takes: Takes::Number(0, 100_000),
        get: |of| of.deposit_warning_yuan.to_string(),
        set: |of, to| of.deposit_warning_yuan = to.parse().unwrap_or(of.deposit_warning_yuan),
    },
    Parameter {
        name: "arrears-insured-yuan",
        title: "parameter-arrears-insured",
        unit: "unit-yuan",
        takes: Takes::Number(-100_000, 100_000),
        get: |of| of.arrears_insured_yuan.to_string(),
        set: |of, to| of.arrears_insured_yuan = to.parse().unwrap_or(of.arrears_insured_yuan),
    },
    Parameter {
        name: "arrears-alone-yuan",
        title: "parameter-arrears-alone",
        unit: "unit-yuan",
        takes: Takes::Number(-100_000, 100_000),
        get: |of| of.arrears_alone_yuan.to_string(),
        set: |of, to| of.arrears_alone_yuan = to.parse().unwrap_or(of.arrears_alone_yuan),
    },
    Parameter {
        name: "unmapped-code",
        title: "parameter-unmapped-code",
        unit: "unit-none",
        takes: Takes::Code,
        get: |of| of.unmapped_code.clone(),
        set: |of, to| to.clone_into(&mut of.unmapped_code),
    },
    Parameter {
        name: "traces",
        title: "parameter-traces",
        unit: "unit-none",
        takes: Takes::Words(TRACES),
        get: |of| of.traces.clone(),
        set: |of, to| to.clone_into(&mut of.traces),
    },
    Parameter {
        name: "receipts",
        title: "parameter-receipts",
        unit: "unit-none",
        takes: Takes::Words(RECEIPTS),
        get: |of| of.receipts.clone(),
        set: |of, to| to.clone_into(&mut of.receipts),
    },
];

/// The parameters.
pub(crate) fn show(at: &At<'_>, why: &str) -> Result<Shown, Stop> {
    let changes: Vec<Sheet<ParameterChanges>> = at.papers.list(By::All, ALL, 0)?;
    let rows: Vec<Value> = PARAMETERS.iter().map(|parameter| line(at, parameter, &changes)).collect();
    let facts = context! {
        rows, why, csrf => at.session.facts.csrf, here => Office::Parameters.to_string(),
    };
    Ok(Shown::Page("desk/parameters.html", facts))
}

fn line(at: &At<'_>, parameter: &Parameter, changes: &[Sheet<ParameterChanges>]) -> Value {
    let own = changes.iter().find(|known| known.key == parameter.name);
    let told: Vec<Value> = own
        .map(|known| known.facts.changes.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|change| {
            context! {
                before => said(at, parameter, &change.before), after => said(at, parameter, &change.after),
                by => change.by, at => change.at.strftime("%Y-%m-%d %H:%M").to_string(), why => change.why,
            }
        })
        .collect();
    let (now, usual) = ((parameter.get)(&at.hospital.parameters), (parameter.get)(&Parameters::default()));
    let range = match parameter.takes {
        Takes::Number(least, most) => format!("{least} – {most}"),
        Takes::Words(words) => words.iter().map(|(_, key)| at.word(key)).collect::<Vec<_>>().join(" / "),
        Takes::Code => at.word("range-code"),
    };
    let options: Vec<Value> = match parameter.takes {
        Takes::Words(words) => {
            words.iter().map(|(code, key)| context! { code, name => at.word(key) }).collect()
        }
        Takes::Number(..) | Takes::Code => Vec::new(),
    };
    context! {
        name => parameter.name, title => at.word(parameter.title), unit => at.word(parameter.unit), range, options,
        value => now, said => said(at, parameter, &now), usual => said(at, parameter, &usual), changes => told,
    }
}

/// A value as it is told.
fn said(at: &At<'_>, parameter: &Parameter, value: &str) -> String {
    match parameter.takes {
        Takes::Words(words) => {
            let word = words.iter().find(|(word, _)| *word == value);
            word.map_or_else(|| value.to_owned(), |(_, key)| at.word(key))
        }
        Takes::Number(..) | Takes::Code if value.is_empty() => at.word("nothing-set"),
        Takes::Number(..) | Takes::Code => value.to_owned(),
    }
}

/// Changes one, with a reason.
pub(crate) fn change(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let name = asked.form.get("name");
    let parameter = PARAMETERS.iter().find(|known| known.name == name).ok_or(Stop::Nothing)?;
    let refuse = |said: &Said| show(at, &at.say(said));
    let value = match taken(&parameter.takes, asked.form.get("value")) {
        Ok(value) => value,
        Err(said) => return refuse(&said),
    };
    if parameter.name == "receipts" && value == ELECTRONIC && at.desk.receipts.is_none() {
        return refuse(&Said::new("receipts-no-platform"));
    }
    let why: String = asked.form.get("why").chars().take(100).collect();
    if why.is_empty() {
        return refuse(&Said::new("parameter-why"));
    }
    let mut hospital = at.papers.get::<Hospital>(Hospital::KEY)?.ok_or(Stop::Nothing)?;
    let before = (parameter.get)(&hospital.facts.parameters);
    if before == value {
        return refuse(&Said::new("parameter-same"));
    }
    (parameter.set)(&mut hospital.facts.parameters, &value);
    let fresh = || Sheet::new(name, Use::Active, None, ParameterChanges::default());
    let mut changes = at.papers.get::<ParameterChanges>(name)?.unwrap_or_else(fresh);
    let change = ParameterChange { before, after: value, by: at.login().to_owned(), at: at.now, why };
    changes.facts.changes.insert(0, change);
    at.papers.put(&[hospital.happened("parameter"), changes.happened("change")], &at.act())?;
    Ok(Shown::Go(Place::Office(Office::Parameters).to_string()))
}

/// What is typed, as the parameter keeps it; or what is wrong with it.
fn taken(takes: &Takes, typed: &str) -> Result<String, Said> {
    let text = field::plain(typed);
    match takes {
        Takes::Number(least, most) => match text.parse::<i64>() {
            Ok(number) if (*least..=*most).contains(&number) => Ok(number.to_string()),
            _ => {
                Err(Said::new("parameter-range").with("seen", typed).with("least", least).with("most", most))
            }
        },
        Takes::Words(words) => {
            let known = words.iter().any(|(word, _)| *word == text);
            if known { Ok(text) } else { Err(Said::new("parameter-word").with("seen", typed)) }
        }
        Takes::Code => {
            let plain = text.len() <= 50 && text.bytes().all(|b| b.is_ascii_alphanumeric());
            if plain { Ok(text) } else { Err(Said::new("item-code-wrong").with("seen", typed)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::TillRounding;

    #[test]
    fn a_parameter_takes_what_is_in_its_range() {
        let key = |takes: &Takes, typed: &str| taken(takes, typed).map_err(|said| said.key);
        let number = Takes::Number(5, 30);
        assert_eq!(key(&number, "１０"), Ok("10".into()));
        for wrong in ["4", "31", "ten", ""] {
            assert_eq!(key(&number, wrong), Err("parameter-range"), "{wrong}");
        }
        let words = Takes::Words(ROUNDINGS);
        assert_eq!(key(&words, "up"), Err("parameter-word"));
        assert_eq!(key(&Takes::Code, ""), Ok(String::new()));
        assert_eq!(key(&Takes::Code, "X 1"), Err("item-code-wrong"));
    }

    #[test]
    fn every_way_of_rounding_is_one_a_till_knows_and_every_parameter_is_set_as_it_is_got() {
        for (word, _) in ROUNDINGS {
            assert!(word.parse::<TillRounding>().is_ok(), "{word}");
        }
        let mut parameters = Parameters::default();
        for (parameter, value) in
            PARAMETERS.iter().zip(["none", "7", "8", "9", "-10", "11", "X1", "warn", "paper"])
        {
            (parameter.set)(&mut parameters, value);
            assert_eq!((parameter.get)(&parameters), value, "{}", parameter.name);
        }
    }
}
