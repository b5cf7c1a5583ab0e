//! The officers' side of mappings: what institutions say their items are, and what an officer finds of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use model::{Clock, HospitalId, RegisterKind};
use store::{
    AuditRow, Changes, Needs, Reader, RegisterRow, Registers, Sealer, StoreError, Writer, keys_under,
};
use wire::transactions::OWN_NAME;
use wire::{Both, Language};

use crate::audit::facts;
use crate::kept;
use crate::mapping::{self, BY, PASSED, REVIEWED, SENT_BACK, STOPPED_PASSED, STOPPED_UNSEEN, WHY};

/// How far a mapping has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingState {
    /// Uploaded; nobody has looked at it.
    Waiting,
    /// An officer found it right.
    Passed,
    /// An officer found it wrong.
    SentBack,
    /// The institution took it back.
    Withdrawn,
}

const STATES: [(MappingState, &str, &str, &str); 6] = [
    (MappingState::Waiting, kept::STANDS, "waiting", "待审"),
    (MappingState::Passed, PASSED, "passed", "通过"),
    (MappingState::SentBack, SENT_BACK, "sent-back", "退回"),
    (MappingState::SentBack, STOPPED_UNSEEN, "sent-back", "退回"),
    (MappingState::SentBack, STOPPED_PASSED, "sent-back", "退回"),
    (MappingState::Withdrawn, kept::WITHDRAWN, "withdrawn", "已撤销"),
];

impl MappingState {
    /// All.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Passed, Self::SentBack, Self::Withdrawn];

    /// For people and files.
    pub fn words(self) -> Both {
        let found = STATES.iter().find(|(state, ..)| *state == self);
        found.map_or_else(|| Both::same(""), |(.., en, zh)| Both::of(zh, en))
    }

    fn read(kept: &str) -> Option<Self> {
        STATES.iter().find(|(_, known, ..)| *known == kept).map(|(state, ..)| *state)
    }
}

/// What an institution says one of its items is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedItem {
    /// Which institution.
    pub hospital: HospitalId,
    /// Its code of the item.
    pub own: String,
    /// Its name of it.
    pub name: String,
    /// The national code.
    pub item: String,
    /// First and last day.
    pub days: (Date, Option<Date>),
    /// How far it has come.
    pub state: MappingState,
    /// Raised with every change: what is found holds for this one.
    pub version: i64,
    /// When it was looked at, and by whom.
    pub reviewed: String,
    /// Why it was sent back.
    pub why: String,
}

/// What an officer finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Right.
    Pass,
    /// Wrong: it does not count from today.
    SendBack,
}

/// Why something cannot be done.
#[derive(Debug)]
pub enum ReviewError {
    /// The institution has no such mapping.
    Unknown(String, Date),
    /// Not from this state.
    State(String, MappingState),
    /// It has been said otherwise since it was looked at.
    Changed(String),
    /// The item has been mapped to another one since.
    Taken(String, String),
    /// Nobody's name, or no reason for sending back.
    Unsaid,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ReviewError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ReviewError {
    fn words(&self) -> Both {
        match self {
            Self::Unknown(own, from) => Both::new(
                format!("没有自 {from} 起的项目 {own} 的对照"),
                format!("there is no mapping of item {own} from {from} on"),
            ),
            Self::State(own, state) => Both::new(
                format!("项目 {own} 的对照现为「{}」,不能这样处理", state.words().told(Language::Zh)),
                format!(
                    "the mapping of item {own} is {}: that cannot be done now",
                    state.words().told(Language::En)
                ),
            ),
            Self::Changed(own) => Both::new(
                format!("项目 {own} 的对照在您查看之后又有变化,请重新列出再审"),
                format!("the mapping of item {own} was changed since you looked at it: list it again"),
            ),
            Self::Taken(own, code) => Both::new(
                format!("项目 {own} 此后已对照 {code}"),
                format!("item {own} has been mapped to {code} since"),
            ),
            Self::Unsaid => {
                Both::of("须写明经办人,退回还须写明理由", "say who; and why, where it is sent back")
            }
            Self::Store(error) => Both::same(error.to_string()),
        }
    }
}

impl fmt::Display for ReviewError {
    /// In both languages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().in_both())
    }
}

impl std::error::Error for ReviewError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

/// Mappings of one institution.
type ByKey = BTreeMap<String, RegisterRow>;

/// The last day it had before it was sent back.
const UNTIL: &str = "until";

fn needs(hospital: HospitalId) -> Needs {
    Needs { registers: vec![Registers::All(RegisterKind::Mapping)], ..Needs::of(hospital) }
}

/// The mappings of some institutions, by institution, code and day.
pub fn mapped_items(
    reader: &mut dyn Reader,
    hospitals: &[HospitalId],
    sealer: &Sealer,
) -> Result<Vec<MappedItem>, StoreError> {
    let loaded = reader.load(&hospitals.iter().map(|id| needs(*id)).collect::<Vec<_>>())?;
    let mappings = loaded.registers.iter().filter(|row| row.kind == RegisterKind::Mapping);
    let mut items: Vec<MappedItem> = mappings.filter_map(|row| read(row, sealer)).collect();
    items.sort_by(|a, b| (a.hospital, &a.own, a.days.0).cmp(&(b.hospital, &b.own, b.days.0)));
    Ok(items)
}

fn read(row: &RegisterRow, sealer: &Sealer) -> Option<MappedItem> {
    let said = kept::told(row, sealer);
    Some(MappedItem {
        hospital: row.hospital,
        own: mapping::own_code(row).to_owned(),
        name: said.text(OWN_NAME).to_owned(),
        item: mapping::item_code(row),
        days: (row.from, row.to),
        state: MappingState::read(&row.state)?,
        version: row.version,
        reviewed: format!("{} {}", said.text(REVIEWED), said.text(BY)).trim().to_owned(),
        why: said.text(WHY).to_owned(),
    })
}

/// Looks at mappings, on a writer of its own.
pub struct MappingDesk<'a> {
    writer: &'a mut dyn Writer,
    sealer: &'a Sealer,
    clock: &'a dyn Clock,
}

impl<'a> MappingDesk<'a> {
    /// On a writer that nobody else has.
    pub fn new(writer: &'a mut dyn Writer, sealer: &'a Sealer, clock: &'a dyn Clock) -> Self {
        Self { writer, sealer, clock }
    }

    /// Finds the same of some mappings of an institution, as they were looked at: of all of them, or of none. Whatever was
    /// charged before stays as it is.
    pub fn review(
        &mut self,
        hospital: HospitalId,
        which: &[MappedItem],
        found: Review,
        by: &str,
        why: &str,
    ) -> Result<(), ReviewError> {
        let (by, why) = (by.trim(), why.trim());
        if by.is_empty() || (why.is_empty() && found == Review::SendBack) {
            return Err(ReviewError::Unsaid);
        }
        let loaded = self.writer.load(&[needs(hospital)])?;
        let registers = self.all_reviewed(loaded.registers, which, found, (by, why));
        let Ok(registers) = registers else {
            self.writer.abandon();
            return registers.map(|_| ());
        };
        let mut head = self.writer.head();
        let audits = registers.iter().map(|row| {
            let (own, item) = (mapping::own_code(row), mapping::item_code(row));
            let audit = AuditRow {
                hospital: Some(hospital),
                operator: by.into(),
                ..AuditRow::new(
                    self.clock.now(),
                    "mapping review",
                    format!("{} {own} {} {item}", row.state, row.from),
                )
            };
            let audit = audit.behind(&head, self.sealer.day_keys());
            (head.seq, head.hash) = (audit.seq, audit.hash);
            audit
        });
        let audits = audits.collect();
        self.writer.record(&Changes { registers, audits, ..Changes::default() }).map_err(StoreError::from)?;
        Ok(())
    }

    /// Each of them upon those before it: two that were sent back may be one thing on one day.
    fn all_reviewed(
        &self,
        registers: Vec<RegisterRow>,
        which: &[MappedItem],
        found: Review,
        hand: (&str, &str),
    ) -> Result<Vec<RegisterRow>, ReviewError> {
        let mappings = registers.into_iter().filter(|row| row.kind == RegisterKind::Mapping);
        let mut all: ByKey = mappings.map(|row| (row.key.clone(), row)).collect();
        let mut changed = BTreeSet::new();
        for wanted in which {
            let key = mapping::key(&wanted.own, wanted.days.0);
            if changed.insert(key.clone()) {
                let row = self.reviewed(&all, &key, wanted, found, hand)?;
                all.insert(key, row);
            }
        }
        Ok(changed.iter().filter_map(|key| all.remove(key)).collect())
    }

    /// A mapping as it will be, or why it cannot.
    fn reviewed(
        &self,
        all: &ByKey,
        key: &str,
        wanted: &MappedItem,
        found: Review,
        (by, why): (&str, &str),
    ) -> Result<RegisterRow, ReviewError> {
        let own = &wanted.own;
        let row = all.get(key).ok_or_else(|| ReviewError::Unknown(own.into(), wanted.days.0))?;
        if row.version != wanted.version {
            return Err(ReviewError::Changed(own.into()));
        }
        let now = self.clock.now();
        let said = kept::open(&row.facts, kept::REGISTERED, row.hospital.0, self.sealer);
        let began = row.from < now.date();
        let (state, to, why, until) = match (row.state.as_str(), found) {
            (kept::STANDS | SENT_BACK, Review::Pass) => (PASSED, row.to, "", String::new()),
            (STOPPED_UNSEEN | STOPPED_PASSED, Review::Pass) => {
                (PASSED, said.text(UNTIL).parse().ok(), "", String::new())
            }
            (kept::STANDS | PASSED, Review::SendBack) if !began => (SENT_BACK, row.to, why, String::new()),
            (standing @ (kept::STANDS | PASSED), Review::SendBack) => {
                let stopped = if standing == PASSED { STOPPED_PASSED } else { STOPPED_UNSEEN };
                let last = now.date().yesterday().ok();
                let until = row.to.map(|to| to.to_string()).unwrap_or_default();
                (stopped, row.to.map_or(last, |to| last.map(|last| last.min(to))), why, until)
            }
            (state, _) => {
                let state = MappingState::read(state).unwrap_or(MappingState::Withdrawn);
                return Err(ReviewError::State(own.into(), state));
            }
        };
        let changed = RegisterRow { state: state.into(), to, ..row.clone() };
        if let Some(other) = found_again(&changed, all) {
            return Err(ReviewError::Taken(own.clone(), mapping::item_code(other)));
        }
        let at = wire::print_time(now);
        let looked = facts([(REVIEWED, &at), (BY, by), (WHY, why), (UNTIL, &until)]);
        let facts = kept::seal(&said.and(looked), kept::REGISTERED, row.hospital.0, self.sealer);
        Ok(RegisterRow { facts, ..changed })
    }
}

/// Another mapping of the same item on one of its days: an item is one thing on a day.
fn found_again<'r>(row: &RegisterRow, all: &'r ByKey) -> Option<&'r RegisterRow> {
    if !mapping::stands(row) {
        return None;
    }
    let days = (row.from, row.to.unwrap_or(Date::MAX));
    let [from, behind] = keys_under(mapping::own_code(row));
    let others = all.range(from..behind).map(|(_, other)| other);
    let mut others = others.filter(|other| other.key != row.key && mapping::stands(other));
    others.find(|other| mapping::overlaps(other, days))
}
