//! How everything stands, for the administrator: what is wrong first, each with the page that mends it.

use jiff::SignedDuration;
use minijinja::{Value, context};
use store::By;
use web::Said;

use crate::bill::{ASKED, Bill, BillState, UNPRINTED};
use crate::carry::Doubtful as _;
use crate::closing::{Closing, ClosingState};
use crate::desk::{At, Shown, Stop, locked};
use crate::electronic::WANTED;
use crate::house::Lists;
use crate::machine::Backup;
use crate::national::CatalogueKept;
use crate::people::{Operator, OperatorState, Session, SessionState};
use crate::place::{House, Office, Place};
use crate::segment::{Receipt, Segment, SegmentState};
use crate::settlement::Settlement;
use crate::sheet::{ALL, Sheet};

/// Clocks that differ by more write other days on the two books' papers at midnight.
const APART: SignedDuration = SignedDuration::from_secs(60);
/// Bytes of a gibibyte.
const GIB: u64 = 1 << 30;

/// Something that is looked at: how it stands, and the page that mends it.
struct Tile {
    key: &'static str,
    value: String,
    good: bool,
    /// What is to be done where it is not well; empty: the page says.
    advice: &'static str,
    place: Option<Place>,
}

impl Tile {
    fn new(key: &'static str, value: String, good: bool) -> Self {
        Self { key, value, good, advice: "", place: None }
    }

    fn count(key: &'static str, count: usize, good: bool) -> Self {
        Self::new(key, count.to_string(), good)
    }

    fn advised(self, advice: &'static str) -> Self {
        Self { advice, ..self }
    }

    fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }
}

/// The page.
pub(crate) fn show(at: &At<'_>) -> Result<Shown, Stop> {
    let mut tiles = machine(at);
    tiles.extend(hospital(at)?);
    // What is wrong stands first.
    tiles.sort_by_key(|tile| tile.good);
    let tile = |tile: &Tile| {
        let place = tile.place.as_ref().filter(|place| at.lacks(place.right()).is_none());
        context! {
            name => at.word(tile.key), value => tile.value, good => tile.good,
            advice => if tile.good || tile.advice.is_empty() { String::new() } else { at.word(tile.advice) },
            href => place.map(ToString::to_string),
        }
    };
    let wrong = tiles.iter().filter(|tile| !tile.good).count();
    let facts =
        context! { tiles => tiles.iter().map(tile).collect::<Vec<_>>(), wrong, signed_in => signed_in(at)? };
    Ok(Shown::Page("desk/today.html", facts))
}

/// Line, clock, disk, backup.
fn machine(at: &At<'_>) -> Vec<Tile> {
    let line = *locked(&at.desk.line);
    let words = at.word(if line { "line-up" } else { "line-down" });
    let mut tiles = vec![Tile::new("today-line", words, line).advised("today-line-advice"), clock(at)];
    tiles.push(backup(at).advised("today-backup-advice"));
    tiles.extend(at.desk.machine.room().map(|room| {
        let free = Said::new("today-free").with("gib", room.free / GIB);
        Tile::new("today-disk", at.say(&free), !room.low).advised("today-disk-advice")
    }));
    tiles
}

fn clock(at: &At<'_>) -> Tile {
    let Some((ahead, _)) = *locked(&at.desk.ahead) else {
        return Tile::new("today-clock", at.word("today-clock-unknown"), true);
    };
    let seconds = Said::new("today-clock-apart").with("seconds", ahead.as_secs().abs());
    Tile::new("today-clock", at.say(&seconds), ahead.abs() <= APART).advised("today-clock-advice")
}

fn backup(at: &At<'_>) -> Tile {
    let tile = |said: &Said, good: bool| Tile::new("today-backup", at.say(said), good);
    let (made, old, tried) = match at.desk.machine.backup() {
        Backup::NotHere => return tile(&Said::new("today-backup-not-here"), true),
        Backup::None => return tile(&Said::new("today-backup-none"), false),
        Backup::Newest { made, old, tried } => (made, old, tried),
    };
    let key = match tried {
        Some(true) => "today-backup-tried",
        Some(false) => "today-backup-failed",
        None => "today-backup-untried",
    };
    let hours = at.now.duration_since(made).as_hours().max(0);
    tile(&Said::new(key).with("hours", hours), !old && tried == Some(true))
}

/// What waits at the hospital.
fn hospital(at: &At<'_>) -> Result<Vec<Tile>, Stop> {
    let house = |house: House| Place::House(house);
    let doubt = in_doubt(at)?;
    let closings = at.papers.in_state::<Closing>(ClosingState::Closed)?.len();
    let refunds: Vec<Sheet<Bill>> = at.papers.list(By::Tag(ASKED), ALL, 0)?;
    let unread = at.unread();
    let (expired, short, unprinted) = (expired(at)?, short(at)?, unprinted(at)?);
    let electronic = late_electronic(at)?;
    let lists = at.papers.get::<Lists>(Lists::KEY)?.map(|lists| lists.facts).unwrap_or_default();
    let kept: Vec<Sheet<CatalogueKept>> = at.papers.list(By::All, ALL, 0)?;
    let fetched = kept.iter().map(|list| list.facts.at.date()).max();
    let fetched = fetched.map_or_else(|| at.word("today-catalogue-none"), |day| day.to_string());
    Ok(vec![
        Tile::count("today-doubt", doubt, doubt == 0).advised("today-doubt-advice").at(house(House::Doubts)),
        Tile::count("today-unprinted", unprinted, unprinted == 0)
            .advised("today-unprinted-advice")
            .at(Place::Bills),
        Tile::count("today-electronic", electronic, electronic == 0).advised("today-electronic-advice"),
        Tile::count("today-notices", unread, unread == 0)
            .advised("today-notices-advice")
            .at(house(House::Notices)),
        Tile::count("today-closings", closings, true).at(house(House::Confirm)),
        Tile::count("today-refunds", refunds.len(), true).at(house(House::Approvals)),
        Tile::count("today-expired", expired, expired == 0)
            .advised("today-expired-advice")
            .at(house(House::Operators)),
        Tile::count("today-segments", short, short == 0)
            .advised("today-segments-advice")
            .at(house(House::Segments)),
        Tile::count("today-items", lists.items, lists.items > 0).at(Place::Office(Office::Prices)),
        Tile::count("today-doctors", lists.doctors, lists.doctors > 0).at(house(House::Doctors)),
        Tile::count("today-diagnoses", lists.diagnoses, lists.diagnoses > 0).at(house(House::Diagnoses)),
        Tile::new("today-catalogue", fetched, true).at(Place::Office(Office::Catalogue)),
    ])
}

/// Bills that were settled and whose receipt nobody has printed.
fn unprinted(at: &At<'_>) -> Result<usize, Stop> {
    let bills: Vec<Sheet<Bill>> = at.papers.list(By::Tag(UNPRINTED), ALL, 0)?;
    // Whoever is at it just now prints it at once.
    let recent = SignedDuration::from_mins(5);
    let left = |bill: &&Sheet<Bill>| {
        bill.facts.settled.is_some_and(|settled| at.now.duration_since(settled) > recent)
    };
    Ok(bills.iter().filter(left).count())
}

/// Electronic receipts that were asked for in vain.
fn late_electronic(at: &At<'_>) -> Result<usize, Stop> {
    let wanted: Vec<Sheet<Receipt>> = at.papers.list(By::Tag(WANTED), ALL, 0)?;
    let late = wanted.iter().filter_map(|receipt| receipt.facts.electronic.as_ref());
    Ok(late.filter(|twin| twin.tries > 0).count())
}

/// Bills and stays nobody knows the outcome of.
fn in_doubt(at: &At<'_>) -> Result<usize, Stop> {
    let mut count = 0;
    for &state in BillState::IN_DOUBT {
        count += at.papers.in_state::<Bill>(state)?.len() + at.papers.in_state::<Settlement>(state)?.len();
    }
    Ok(count)
}

/// Operators who cannot work: without a certificate for what they are there for, or with one that holds no more.
fn expired(at: &At<'_>) -> Result<usize, Stop> {
    let operators = at.papers.in_state::<Operator>(OperatorState::Active)?;
    Ok(operators.iter().filter(|operator| operator.facts.lacks_post(at.now.date())).count())
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
