//! Packs of drugs are scanned, line by line, where the hospital wants that.

use minijinja::{Value, context};
use model::Tracing;
use store::By;
use web::{Asked, Said, field};

use super::charge::{Wrong, keep, own_bill, page};
use crate::bill::{Bill, Line, trace_tag};
use crate::desk::{At, Shown, Stop};
use crate::sheet::Sheet;
use crate::trace;

/// What a page says of a line's packs; nothing of a line that has none, or where they are not scanned.
pub(crate) fn line_facts(at: &At<'_>, line: &Line) -> Option<Value> {
    let scanned = at.hospital.parameters.tracing() != Tracing::Off || !line.traces.is_empty();
    let facts = || {
        let (count, packs) = (line.traces.len(), line.packs());
        context! { count, packs, codes => line.traces, missing => line.traces_missing() > 0 }
    };
    (line.traced && line.drug && scanned).then(facts)
}

/// That codes of a line are missing.
pub(crate) fn missing(line: &Line) -> Said {
    Said::new("trace-missing").with("name", &line.name).with("missing", line.traces_missing())
}

/// The line whose packs are scanned now.
pub(crate) fn asked_facts(lines: &[Line], tracing: Option<u32>) -> Option<Value> {
    let number = tracing?;
    let place = lines.iter().position(|line| line.number == number)?;
    let line = &lines[place];
    Some(context! {
        number, place => place + 1, name => line.name, count => line.traces.len(), packs => line.packs(),
        part => line.part_of_pack, codes => line.traces,
    })
}

/// The first of these lines that asks for its packs.
pub(crate) fn asks<'l>(at: &At<'_>, lines: impl IntoIterator<Item = &'l Line>) -> Option<u32> {
    let off = at.hospital.parameters.tracing() == Tracing::Off;
    lines.into_iter().find(|line| line.traces_missing() > 0 && !off).map(|line| line.number)
}

/// What of a scan came about.
pub(crate) enum Scanned {
    /// The packs of a line are asked for, or no more.
    Asks(Option<u32>),
    /// A pack was taken in, and the line asks on where more are missing.
    Taken(String, Option<u32>),
}

/// A code that was scanned for a line of these; nothing: the next. With `again`, what the line has is forgotten.
pub(crate) fn scanned(asked: &Asked, lines: &mut [Line]) -> Result<Scanned, (String, Said)> {
    let number: u32 = asked.form.get("line").parse().unwrap_or_default();
    let code = field::plain(asked.form.get("code"));
    if asked.form.has("again") {
        if let Some(line) = lines.iter_mut().find(|line| line.number == number) {
            line.traces.clear();
            line.part_of_pack = false;
        }
        return Ok(Scanned::Asks(Some(number)));
    }
    if code.is_empty() {
        return Ok(Scanned::Asks(None));
    }
    match trace::take(lines, number, &code, asked.form.has("part")) {
        Ok(()) => Ok(Scanned::Taken(code, (!trace::is_done(lines, number)).then_some(number))),
        Err(said) => Err((code, said)),
    }
}

/// A pack of a line of a bill.
pub(crate) fn scan(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    let (tracing, code) = match scanned(asked, &mut bill.facts.lines) {
        Ok(Scanned::Asks(tracing)) => (tracing, None),
        Ok(Scanned::Taken(code, tracing)) => (tracing, Some(code)),
        Err((code, said)) => return page(at, &bill, &Wrong::new(at, "trace", &code, &said)),
    };
    // Going on without a code leaves the lines as they are.
    if tracing.is_some() || code.is_some() {
        bill.facts.changed();
    }
    bill.facts.tracing = tracing;
    let sold = code.map(|code| sold_here(at, &bill.key, &code)).transpose()?.flatten();
    keep(at, &mut bill)?;
    page(at, &bill, &sold.map_or_else(Wrong::default, |said| Wrong::new(at, "sold", "", &said)))
}

/// The packs of a line, each with the field that says that it goes back.
pub(crate) fn packs<'c>(asked: &Asked, line: u32, codes: impl Iterator<Item = &'c String>) -> Vec<Value> {
    let pack = |code: &String| {
        let field = pack_field(line, code);
        context! { code, back => asked.form.has(&field), field }
    };
    codes.map(pack).collect()
}

/// The field that says that a pack goes back.
pub(crate) fn pack_field(line: u32, code: &str) -> String {
    format!("pack-{line}-{code}")
}

/// That this hospital has sold a pack already: told, and not forbidden.
pub(crate) fn sold_here(at: &At<'_>, key: &str, code: &str) -> Result<Option<Said>, Stop> {
    let with: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&trace_tag(code)), 5, 0)?;
    let other = with.iter().find(|other| other.key != key);
    Ok(other.map(|other| Said::new("trace-sold").with("code", code).with("receipt", &other.facts.receipt)))
}
