//! Branches of a hospital, and its windows: in which branch each stands, and whom it serves.
//!
//! All branches here speak to the centre under one code. One that has a code of its own is a hospital of its own (ADR 0036).

use serde::{Deserialize, Serialize};
use web::field;

use crate::house::{Named, Use};
use crate::sheet::{Form, PaperError, Papers};

/// A branch. The key is its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Its name.
    pub name: String,
}

impl Form for Branch {
    const KIND: &'static str = "branch";
    type State = Use;
    type Private = ();
}

/// A window. The key is the name of its workstation, as it is signed in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The code of the branch it stands in; empty: the main house.
    pub branch: String,
    /// It serves patients of the insurance and nobody else.
    pub insured_only: bool,
}

impl Form for Window {
    const KIND: &'static str = "window";
    type State = Use;
    type Private = ();
}

/// Signs of a workstation's name at the most.
const NAME: usize = 40;

/// The name of a workstation, as it is known by whatever way it was typed.
pub(crate) fn name(typed: &str) -> String {
    field::plain(typed).chars().take(NAME).collect()
}

/// Where a workstation stands: its branch, and whether it serves the insured only. One nobody has set up stands in the main
/// house and serves everybody.
pub(crate) fn stands(papers: &Papers, workstation: &str) -> Result<(Named, bool), PaperError> {
    let window = match workstation {
        "" => None,
        name => papers.get::<Window>(name)?.filter(|window| window.state == Use::Active),
    };
    let Some(window) = window else { return Ok((Named::default(), false)) };
    let branch = match window.facts.branch.as_str() {
        "" => Named::default(),
        code => papers
            .get::<Branch>(code)?
            .map_or_else(Named::default, |branch| Named::of(code, branch.facts.name)),
    };
    Ok((branch, window.facts.insured_only))
}
