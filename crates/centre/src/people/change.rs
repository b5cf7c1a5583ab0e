//! What a change does to a person's enrolment. Pure: a record and a change in, the record after it or what is wrong.

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Cover, EventKind, FilingKind, InsuranceKind, PersonStatus, Premium, changed};
use policy::{Edition, Enrolling};
use store::{FilingRow, PersonRecord, UnitRow};
use wire::Both;

use super::Trouble;

/// What is done to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Insured again, or for the first time in this kind.
    Insured(Box<Cover>),
    /// Insured no more, from this day on.
    Stopped,
    /// Retired, from this day on.
    Retired,
    /// With another employer or in another division, from this day on; empty: as before.
    Transferred {
        /// The employer's name.
        employer: String,
        /// Division, six digits.
        division: String,
    },
    /// Died on this day.
    Died,
    /// The death that was told was a mistake: insurances that ended with it go on.
    Revived,
    /// Who it is is set right; empty: as it is.
    Corrected(Box<Identity>),
}

/// Who a person is; what is empty stays.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Name.
    pub name: String,
    /// National kind of identity document.
    pub document_kind: String,
    /// Its number.
    pub document: String,
    /// Social security card number.
    pub card: String,
    /// National code.
    pub gender: String,
    /// Day of birth.
    pub born: Option<Date>,
}

impl std::fmt::Debug for Identity {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl What {
    /// Its kind in the books.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Insured(_) => EventKind::Insured,
            Self::Stopped => EventKind::Stopped,
            Self::Retired => EventKind::Retired,
            Self::Transferred { .. } => EventKind::Transferred,
            Self::Died => EventKind::Died,
            Self::Revived => EventKind::Revived,
            Self::Corrected(_) => EventKind::Corrected,
        }
    }
}

/// National type of a retired person.
const RETIRED: &str = "12";
/// How long ahead a change may be told: a retirement of next month, not of next decade.
const AHEAD_DAYS: i32 = 400;

/// What bears on a change besides the record.
pub(crate) struct Facts<'a> {
    pub(crate) today: Date,
    /// Of which insurance a change is, where told.
    pub(crate) insurance: Option<InsuranceKind>,
    /// Employers; where there are none nobody is asked for one.
    pub(crate) units: &'a [UnitRow],
    /// The edition in force on the day.
    pub(crate) edition: Option<&'a Edition>,
}

impl Facts<'_> {
    /// The employer of a name on a day.
    fn unit(&self, name: &str, day: Date) -> Option<&UnitRow> {
        let there =
            |unit: &&UnitRow| unit.name == name && unit.from <= day && unit.to.is_none_or(|to| day <= to);
        self.units.iter().find(there)
    }

    /// Whether an employer of this name is there on a day.
    pub(crate) fn check_unit(&self, name: &str, day: Date) -> Result<(), Trouble> {
        if name.is_empty() || self.units.is_empty() || self.unit(name, day).is_some() {
            return Ok(());
        }
        let told =
            Both::new(format!("{day} 没有单位「{name}」"), format!("there is no employer '{name}' on {day}"));
        Err(Trouble::new("employer", "UNIT_UNKNOWN", told))
    }
}

/// The day a person died, if so.
pub(crate) fn died(record: &PersonRecord) -> Option<Date> {
    record.filings.iter().find(|f| f.kind == FilingKind::Died && f.stands).map(|f| f.from)
}

/// The number of the record that stands for this one, if another does.
pub(crate) fn merged_into(record: &PersonRecord) -> Option<&str> {
    record.filings.iter().find(|f| f.kind == FilingKind::Merged && f.stands).map(|f| f.code.as_str())
}

/// A person nothing is done to any more.
pub(crate) fn must_live(record: &PersonRecord, day: Date) -> Result<(), Trouble> {
    if let Some(other) = merged_into(record) {
        let told = Both::new(format!("已合并到 {other}"), format!("is merged into {other}"));
        return Err(Trouble::new("number", "PERSON_MERGED", told));
    }
    match died(record) {
        Some(death) if day > death => {
            let told = Both::new(format!("已于 {death} 死亡"), format!("died on {death}"));
            Err(Trouble::new("day", "PERSON_DIED", told))
        }
        _ => Ok(()),
    }
}

/// The record after a change from `day` on.
pub(crate) fn apply(
    record: &PersonRecord,
    what: &What,
    day: Date,
    facts: &Facts<'_>,
) -> Result<PersonRecord, Trouble> {
    // A record that is closed is another's, whatever is done to it.
    let lives = if matches!(what, What::Revived | What::Corrected(_)) { Date::MIN } else { day };
    must_live(record, lives)?;
    let now = matches!(what, What::Died | What::Revived | What::Corrected(_));
    let ahead = if now { 0 } else { AHEAD_DAYS };
    if (day - facts.today).get_days() > ahead {
        let told = Both::new(format!("{day} 过于靠后"), format!("{day} is too far ahead"));
        return Err(Trouble::new("day", "DAY_AHEAD", told));
    }
    let mut after = record.clone();
    match what {
        What::Insured(cover) => after.covers = insured(record, cover, day, facts)?,
        What::Stopped => {
            let cover = held(record, day, facts)?;
            after.covers = ended(&record.covers, Some(cover.kind), day.yesterday().unwrap_or(day));
        }
        What::Retired => {
            let cover = held(record, day, facts)?;
            if !matches!(cover.status, PersonStatus::Employed | PersonStatus::Freelance) {
                let told = Both::new(
                    format!("{day} 不是在职或灵活就业"),
                    format!("is neither employed nor freelance on {day}"),
                );
                return Err(Trouble::new("day", "NOT_AT_WORK", told));
            }
            after.covers = changed(&record.covers, cover.kind, day, None, |cover| {
                cover.status = PersonStatus::Retired;
                RETIRED.clone_into(&mut cover.person_type);
            });
        }
        What::Transferred { employer, division } => {
            facts.check_unit(employer, day)?;
            let cover = held(record, day, facts)?;
            // Only an employer that is known says what its people are.
            let civil = facts.unit(employer, day).map(|unit| unit.kind == GOVERNMENT);
            after.covers = changed(&record.covers, cover.kind, day, None, |cover| {
                if !employer.is_empty() {
                    cover.civil_servant = civil.unwrap_or(cover.civil_servant);
                    employer.clone_into(&mut cover.employer);
                }
                if !division.is_empty() {
                    division.clone_into(&mut cover.division);
                }
            });
        }
        What::Revived => {
            let death = died(record).ok_or_else(|| {
                let told = Both::of("没有死亡登记", "no death was told");
                Trouble::new("change", "NOT_DIED", told)
            })?;
            // What would have come behind the wait is not kept.
            if record.covers.iter().any(|c| c.to == Some(death) && c.premium == Premium::Waiting) {
                let told = Both::of(
                    "死亡登记时在等待期,撤销后无法恢复,请停保后重新参保",
                    "the wait that the death ended cannot be brought back: stop the insurance, then insure again",
                );
                return Err(Trouble::new("change", "WAITING_ENDED", told));
            }
            let ended = after.covers.iter_mut().filter(|cover| cover.to == Some(death));
            ended.for_each(|cover| cover.to = None);
            let ended = after.identities.iter_mut().filter(|identity| identity.to == Some(death));
            ended.for_each(|identity| identity.to = None);
            after.filings.iter_mut().filter(|f| f.kind == FilingKind::Died).for_each(|f| f.stands = false);
        }
        What::Died => {
            if let Some(death) = died(record) {
                let told = Both::new(
                    format!("已登记于 {death} 死亡;登记有误请先撤销"),
                    format!("the death of {death} was told already; take that back first"),
                );
                return Err(Trouble::new("day", "PERSON_DIED", told));
            }
            after.covers = ended(&record.covers, None, day);
            after.identities.retain(|identity| identity.from <= day);
            after.identities.iter_mut().for_each(|i| i.to = i.to.filter(|to| *to <= day).or(Some(day)));
        }
        What::Corrected(_) => {}
    }
    Ok(after)
}

/// The kind of employers whose people are civil servants.
const GOVERNMENT: &str = "government";

/// The insurance that holds on a day: of the kind that was told, or the first.
fn held<'r>(record: &'r PersonRecord, day: Date, facts: &Facts<'_>) -> Result<&'r Cover, Trouble> {
    let asked = |cover: &&Cover| facts.insurance.is_none_or(|kind| cover.kind == kind);
    record.covers.iter().filter(asked).find(|cover| cover.holds_on(day)).ok_or_else(|| {
        let told = Both::new(format!("{day} 没有参保"), format!("is not insured on {day}"));
        Trouble::new("day", "NOT_INSURED", told)
    })
}

/// The insurances, of one kind or all, that end with a day at the latest.
pub(super) fn ended(covers: &[Cover], kind: Option<InsuranceKind>, last: Date) -> Vec<Cover> {
    let ends = |cover: &Cover| kind.is_none_or(|kind| cover.kind == kind);
    let stays = covers.iter().filter(|cover| !ends(cover) || cover.from <= last);
    stays
        .map(|cover| {
            let to = if ends(cover) { cover.to.filter(|to| *to <= last).or(Some(last)) } else { cover.to };
            Cover { to, ..cover.clone() }
        })
        .collect()
}

/// With a new insurance, which waits first where the edition says so.
fn insured(
    record: &PersonRecord,
    cover: &Cover,
    day: Date,
    facts: &Facts<'_>,
) -> Result<Vec<Cover>, Trouble> {
    facts.check_unit(&cover.employer, day)?;
    let own = || record.covers.iter().filter(|known| known.kind == cover.kind);
    if let Some(known) = own().find(|known| known.to.is_none_or(|to| day <= to)) {
        let since = known.from;
        let told = Both::new(format!("已自 {since} 参保"), format!("is insured already, since {since}"));
        return Err(Trouble::new("day", "INSURED_ALREADY", told));
    }
    let enrolling = Enrolling {
        status: cover.status,
        unemployed: false,
        paid_months: 0,
        last_covered: own().filter_map(|known| known.to).max(),
        from: day,
    };
    let waits = facts.edition.map_or(0, |edition| edition.enrolled(&enrolling).waiting_months);
    let cover = Cover { from: day, to: None, premium: Premium::Paid, ..cover.clone() };
    let mut covers = record.covers.clone();
    covers.push(cover.clone());
    covers.sort_by_key(|cover| (cover.kind, cover.from));
    let until = day.saturating_add(i32::from(waits).months()).yesterday().ok().filter(|_| waits > 0);
    Ok(match until {
        None => covers,
        Some(until) => {
            changed(&covers, cover.kind, day, Some(until), |cover| cover.premium = Premium::Waiting)
        }
    })
}

/// What is on file of a death or a merging.
pub(crate) fn filing(record: &PersonRecord, id: i64, kind: FilingKind, code: &str, day: Date) -> FilingRow {
    FilingRow {
        id: model::FilingId(id),
        person: record.row.id,
        kind,
        code: code.into(),
        insurance_kind: None,
        from: day,
        to: None,
        stands: true,
        hospital: None,
        message: None,
        facts: Vec::new(),
    }
}
