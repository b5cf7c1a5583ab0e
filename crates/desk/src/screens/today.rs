//! How everything stands, for the administrator: what is wrong first, each with the page that mends it.

use minijinja::{Value, context};
use store::By;

use crate::bill::{Bill, BillState};
use crate::carry::Doubtful as _;
use crate::closing::{Closing, ClosingState};
use crate::desk::{At, Shown, Stop, locked};
use crate::house::Lists;
use crate::people::{Operator, OperatorState, Session, SessionState};
use crate::place::{House, Place};
use crate::segment::{Segment, SegmentState};
use crate::settlement::Settlement;
use crate::sheet::{ALL, Sheet};

/// The page.
pub(crate) fn show(at: &At<'_>) -> Result<Shown, Stop> {
    let doubt = in_doubt(at)?;
    let line = *locked(&at.desk.line);
    let closings = at.papers.in_state::<Closing>(ClosingState::Closed)?.len();
    let expired = expired(at)?;
    let short = short(at)?;
    let lists = at.papers.get::<Lists>(Lists::KEY)?.map(|lists| lists.facts).unwrap_or_default();
    let tile = |key: &'static str, value: String, good: bool, href: String| {
        context! { name => at.word(key), value, good, href }
    };
    let operators = || Place::House(House::Operators).to_string();
    let segments = || Place::House(House::Segments).to_string();
    let tiles = vec![
        tile("today-line", at.word(if line { "line-up" } else { "line-down" }), line, String::new()),
        tile("today-doubt", doubt.to_string(), doubt == 0, Place::Bills.to_string()),
        tile("today-closings", closings.to_string(), true, String::new()),
        tile("today-expired", expired.to_string(), expired == 0, operators()),
        tile("today-segments", short.to_string(), short == 0, segments()),
        tile("today-items", lists.items.to_string(), lists.items > 0, String::new()),
    ];
    let facts = context! { tiles, signed_in => signed_in(at)? };
    Ok(Shown::Page("desk/today.html", facts))
}

/// Bills and stays nobody knows the outcome of.
fn in_doubt(at: &At<'_>) -> Result<usize, Stop> {
    let mut count = 0;
    for &state in BillState::IN_DOUBT {
        count += at.papers.in_state::<Bill>(state)?.len() + at.papers.in_state::<Settlement>(state)?.len();
    }
    Ok(count)
}

/// Operators with a post whose certificate does not hold any more.
fn expired(at: &At<'_>) -> Result<usize, Stop> {
    let operators = at.papers.in_state::<Operator>(OperatorState::Active)?;
    let gone =
        |operator: &&Sheet<Operator>| operator.facts.posts.iter().any(|post| post.until < at.now.date());
    Ok(operators.iter().filter(gone).count())
}

/// Segments that are nearly used up.
fn short(at: &At<'_>) -> Result<usize, Stop> {
    let segments = at.papers.in_state::<Segment>(SegmentState::Issued)?;
    Ok(segments.iter().filter(|segment| segment.facts.left() <= 20).count())
}

fn signed_in(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let state = crate::sheet::state_word(SessionState::Open);
    let sessions: Vec<Sheet<Session>> = at.papers.list(By::State(&state), ALL, 0)?;
    let mut rows = Vec::new();
    for session in sessions {
        let heard = locked(&at.desk.heard).get(&session.key).copied().unwrap_or(session.facts.heard);
        if at.now.duration_since(heard) >= web::IDLE {
            continue;
        }
        let name =
            at.papers.get::<Operator>(&session.facts.operator)?.map(|o| o.facts.name).unwrap_or_default();
        rows.push(context! {
            login => session.facts.operator, name, workstation => session.facts.workstation,
            since => session.facts.began.strftime("%H:%M").to_string(), heard => heard.strftime("%H:%M").to_string(),
        });
    }
    Ok(rows)
}
