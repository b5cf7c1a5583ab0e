//! Number segments: issued to a cashier, never overlapping, returned when they are not used up.

use minijinja::{Value, context};
use store::By;
use web::{Asked, Said, field};

use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::people::{Operator, OperatorState};
use crate::place::{House, Place};
use crate::segment::{Receipt, ReceiptKind, ReceiptState, Segment, SegmentState};
use crate::sheet::{ALL, Sheet};

/// All segments, the latest first, each with what became of its numbers.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.query.has("as") {
        let segments: Vec<Sheet<Segment>> = at.papers.list(By::All, ALL, 0)?;
        let rows = segments.iter().map(|segment| row(at, segment)).collect::<Result<Vec<_>, _>>()?;
        if let Some(file) = export::wanted(at, asked, "segments", &COLUMNS, &rows) {
            return file;
        }
    }
    list_with(at, None, "")
}

/// The columns of the list as a file.
const COLUMNS: [Column; 10] = [
    ("segment-kind", "kind", Kind::Text),
    ("segment-from", "from", Kind::Text),
    ("segment-to", "to", Kind::Text),
    ("segment-for", "owner", Kind::Text),
    ("segment-count-used", "used", Kind::Count),
    ("segment-count-void", "void", Kind::Count),
    ("segment-count-reserved", "reserved", Kind::Count),
    ("segment-left", "left", Kind::Count),
    ("segment-next", "next", Kind::Text),
    ("state", "state", Kind::Text),
];

fn list_with(at: &At<'_>, typed: Option<&Asked>, why: &str) -> Result<Shown, Stop> {
    let segments: Vec<Sheet<Segment>> = at.papers.list(By::All, ALL, 0)?;
    let rows = segments.iter().map(|segment| row(at, segment)).collect::<Result<Vec<_>, _>>()?;
    let again = |name: &str| typed.map(|asked| asked.form.get(name).to_owned()).unwrap_or_default();
    let facts = context! {
        rows, why,
        kinds => ReceiptKind::ALL.map(|kind| context! { code => kind.word(), name => at.word(kind.key()) }),
        kind => again("kind"), prefix => again("prefix"), from => again("from"), to => again("to"), owner => again("owner"),
        here => Place::House(House::Segments).to_string(), csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/segments.html", facts))
}

/// Used and void and left come to what was issued.
fn row(at: &At<'_>, segment: &Sheet<Segment>) -> Result<Value, Stop> {
    let facts = &segment.facts;
    let taken: Vec<Sheet<Receipt>> = at.papers.list(By::Tag(&format!("segment:{}", segment.key)), ALL, 0)?;
    let count = |state: ReceiptState| taken.iter().filter(|receipt| receipt.state == state).count();
    let state = match segment.state {
        SegmentState::Issued => "segment-issued",
        SegmentState::Used => "segment-used",
        SegmentState::Returned => "segment-returned",
    };
    Ok(context! {
        key => segment.key, kind => at.word(facts.kind.key()), owner => facts.owner,
        from => facts.written(facts.from), to => facts.written(facts.to),
        used => count(ReceiptState::Used), void => count(ReceiptState::Void), reserved => count(ReceiptState::Reserved),
        left => facts.left(), next => facts.peek(), state => at.word(state),
        issued => segment.state == SegmentState::Issued,
    })
}

/// Issues one, or takes back what is left of one.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.form.get("do") == "return" {
        let mut segment = at.papers.get::<Segment>(asked.form.get("key"))?.ok_or(Stop::Nothing)?;
        if segment.state == SegmentState::Issued {
            segment.state = SegmentState::Returned;
            at.papers.put(&[segment.happened("return")], &at.act())?;
        }
        return list_with(at, None, "");
    }
    match new(at, asked)? {
        Ok(segment) => {
            let segment = Sheet::new(segment.key(), SegmentState::Issued, Some(at.now.date()), segment);
            at.papers.put(&[segment.happened("issue")], &at.act())?;
            list_with(at, None, "")
        }
        Err(said) => list_with(at, Some(asked), &at.say(&said)),
    }
}

/// What is typed, as a segment; or what is wrong with it.
fn new(at: &At<'_>, asked: &Asked) -> Result<Result<Segment, Said>, Stop> {
    let text = |name: &str| field::plain(asked.form.get(name)).to_uppercase();
    let (prefix, from, to, owner) =
        (text("prefix"), text("from"), text("to"), field::plain(asked.form.get("owner")));
    let kind = ReceiptKind::ALL
        .into_iter()
        .find(|kind| kind.word() == asked.form.get("kind"))
        .unwrap_or(ReceiptKind::Outpatient);
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| (4..=12).contains(&text.len()));
    let (Some(first), Some(last)) = (number(&from), number(&to)) else {
        return Ok(Err(Said::new("segment-numbers")));
    };
    if from.len() != to.len() || first > last || last - first >= 100_000 {
        return Ok(Err(Said::new("segment-numbers")));
    }
    let cashier = at.papers.get::<Operator>(&owner)?;
    if cashier.is_none_or(|cashier| cashier.state != OperatorState::Active) {
        return Ok(Err(Said::new("segment-owner").with("owner", owner)));
    }
    let segment = Segment::new(kind, &prefix, from.len(), (first, last), &owner);
    let all: Vec<Sheet<Segment>> = at.papers.list(By::All, ALL, 0)?;
    let other = all.iter().find(|other| other.facts.overlaps(&segment));
    Ok(other.map_or(Ok(segment), |other| {
        let said = Said::new("segment-overlaps").with("owner", &other.facts.owner);
        let (from, to) = (other.facts.written(other.facts.from), other.facts.written(other.facts.to));
        Err(said.with("from", from).with("to", to))
    }))
}
