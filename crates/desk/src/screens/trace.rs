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

/// The line whose packs are scanned now.
pub(crate) fn asked_facts(bill: &Sheet<Bill>) -> Option<Value> {
    let number = bill.facts.tracing?;
    let place = bill.facts.lines.iter().position(|line| line.number == number)?;
    let line = &bill.facts.lines[place];
    Some(context! {
        number, place => place + 1, name => line.name, count => line.traces.len(), packs => line.packs(),
        part => line.part_of_pack, codes => line.traces,
    })
}

/// A line that was just entered asks for its packs.
pub(crate) fn ask_for(at: &At<'_>, bill: &mut Bill) {
    let off = at.hospital.parameters.tracing() == Tracing::Off;
    let last = bill.lines.last().filter(|line| line.traces_missing() > 0 && !off);
    bill.tracing = last.map(|line| line.number);
}

/// A code that was scanned; nothing: the next. With `line` alone, its packs are asked for.
pub(crate) fn scan(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = own_bill(at, key)?;
    let line: u32 = asked.form.get("line").parse().unwrap_or_default();
    let code = field::plain(asked.form.get("code"));
    if asked.form.has("again") {
        if let Some(line) = bill.facts.line(line) {
            line.traces.clear();
            line.part_of_pack = false;
            bill.facts.changed();
        }
        bill.facts.tracing = Some(line);
        keep(at, &mut bill)?;
        return page(at, &bill, &Wrong::default());
    }
    if code.is_empty() {
        bill.facts.tracing = None;
        keep(at, &mut bill)?;
        return page(at, &bill, &Wrong::default());
    }
    if let Err(said) = trace::take(&mut bill.facts, line, &code, asked.form.has("part")) {
        return page(at, &bill, &Wrong::new(at, "trace", &code, &said));
    }
    let sold = sold_here(at, &bill, &code)?;
    keep(at, &mut bill)?;
    page(at, &bill, &sold.map_or_else(Wrong::default, |said| Wrong::new(at, "sold", "", &said)))
}

/// That this hospital has sold a pack already: told, and not forbidden.
fn sold_here(at: &At<'_>, bill: &Sheet<Bill>, code: &str) -> Result<Option<Said>, Stop> {
    let with: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&trace_tag(code)), 5, 0)?;
    let other = with.iter().find(|other| other.key != bill.key);
    Ok(other.map(|other| Said::new("trace-sold").with("code", code).with("receipt", &other.facts.receipt)))
}
