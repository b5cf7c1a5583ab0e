//! One item for many patients: charged now for some days, or every day from now on. What a day has of an item already is
//! not charged again.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use money::Quantity;
use serde::{Deserialize, Serialize};
use store::Change;

use crate::amounts;
use crate::bill::Line;
use crate::desk::{Desk, locked};
use crate::house::{Hospital, Item, Use};
use crate::lists::House;
use crate::posting::{Poster, Posting, posted, postings};
use crate::sheet::{Form, PaperError, Papers, Sheet, state_word};
use crate::stay::{Stay, StayEvent, StayState};

/// Minutes behind midnight at which the day before is charged.
const AT_MINUTE: i8 = 5;
/// So many days back a charge is posted, by hand or for days on which nobody was there to.
pub(crate) const DAYS_BACK: i32 = 7;

/// What a patient is charged every day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    /// The hospital's code of the item.
    pub item: String,
    /// How many a day.
    #[serde(with = "amounts")]
    pub quantity: Quantity,
    /// The first day.
    pub from: Date,
}

/// Why an item is not charged to a patient on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// It is charged on that day already.
    Charged,
    /// The stay began later.
    NotYet,
    /// The patient is on leave, or is not here any more.
    NotHere,
    /// A message of the stay is on its way.
    Doubt,
    /// The hospital does not charge the item any more.
    Stopped,
    /// The item is not mapped, and the insured are not charged what is not.
    Unmapped,
    /// The balance is below the limit: it is charged on the patient's page, where somebody allows it.
    Arrears,
}

impl Skip {
    /// The key of its words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Charged => "skip-charged",
            Self::NotYet => "skip-not-yet",
            Self::NotHere => "skip-not-here",
            Self::Doubt => "skip-doubt",
            Self::Stopped => "skip-stopped",
            Self::Unmapped => "skip-unmapped",
            Self::Arrears => "skip-arrears",
        }
    }
}

/// That a day was charged by the machine. The key is the day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyRun {
    /// Lines that were posted.
    pub posted: usize,
    /// What was not: the stay, the item, why.
    pub skipped: Vec<(String, String, Skip)>,
}

impl Form for DailyRun {
    const KIND: &'static str = "daily-run";
    type State = Use;
    type Private = ();
}

/// Whether an item may be charged to a stay on a day, whose lines are these.
pub(crate) fn check<'i>(
    stay: &Sheet<Stay>,
    item: Option<(&'i str, &'i Item)>,
    unmapped: bool,
    day: Date,
    lines: &[Sheet<Posting>],
) -> Result<(&'i str, &'i Item), Skip> {
    let (code, item) = item.ok_or(Skip::Stopped)?;
    if !stay.facts.doubt.is_empty() {
        return Err(Skip::Doubt);
    }
    if stay.state != StayState::InHouse {
        return Err(Skip::NotHere);
    }
    if day < stay.facts.admitted.date() {
        return Err(Skip::NotYet);
    }
    if stay.facts.insured && item.mapped.is_none() && !unmapped {
        return Err(Skip::Unmapped);
    }
    // What was taken back whole is not there.
    let of_day = lines.iter().filter(|line| line.facts.served.date() == day && line.facts.line.item == code);
    let left: i64 = of_day.map(|line| line.facts.line.quantity.ten_thousandths()).sum();
    if left > 0 { Err(Skip::Charged) } else { Ok((code, item)) }
}

/// Charges a stay so many of an item on each of some days; what stands in the way of a day is told. Writes into the stay
/// what it comes to.
pub(crate) fn charge(
    stay: &mut Sheet<Stay>,
    (code, item): (&str, &Item),
    quantity: Quantity,
    days: &[Date],
    (poster, now): (&Poster, DateTime),
) -> Vec<Change> {
    let mut changes = Vec::new();
    for day in days {
        let line = Line::of(0, code, &item.on(*day), quantity);
        let served = served(stay, *day, now);
        let ordered =
            (stay.facts.doctor.clone(), stay.facts.doctor_code.clone(), stay.facts.department.clone());
        changes.push(posted(stay, line, served, ordered, poster, now).happened("post"));
    }
    if !changes.is_empty() {
        changes.push(stay.happened(StayEvent::Post.word()));
    }
    changes
}

/// When something of a day was given: never before the stay began nor later than now.
fn served(stay: &Sheet<Stay>, day: Date, now: DateTime) -> DateTime {
    let noon = day.at(12, 0, 0, 0);
    noon.max(stay.facts.admitted).min(now)
}

/// The items of a list by code, those that are charged.
pub(crate) fn item<'h>(house: &'h House, code: &str) -> Option<(&'h str, &'h Item)> {
    let found = house.items.get(code).filter(|item| item.state == Use::Active)?;
    Some((&found.key, &found.facts))
}

impl Desk {
    /// Charges, of all hospitals, what patients are charged every day: once a day, for the day before and for days before it
    /// on which nobody did.
    pub(crate) fn charge_daily(&self) -> Result<(), PaperError> {
        let now = self.clock.now();
        let day = now.date().yesterday().unwrap_or(now.date());
        let too_early = now.hour() == 0 && now.minute() < AT_MINUTE;
        if too_early || *locked(&self.charged_until) == Some(day) {
            return Ok(());
        }
        for tenant in self.store.tenants(Stay::KIND, &state_word(StayState::InHouse))? {
            let papers = self.papers(&tenant.0);
            for back in (0..DAYS_BACK).rev() {
                self.charge_day(&papers, day.saturating_sub(back.days()), now)?;
            }
        }
        *locked(&self.charged_until) = Some(day);
        Ok(())
    }

    fn charge_day(&self, papers: &Papers, day: Date, now: DateTime) -> Result<(), PaperError> {
        let key = day.to_string();
        let Some(hospital) = papers.get::<Hospital>(Hospital::KEY)? else { return Ok(()) };
        if papers.get::<DailyRun>(&key)?.is_some() {
            return Ok(());
        }
        let act = crate::carry::machine(now);
        let mut run = DailyRun::default();
        for state in [StayState::InHouse, StayState::OnLeave] {
            for stay in papers.in_state::<Stay>(state)? {
                if !stay.facts.daily.is_empty() {
                    self.charge_stay(papers, &stay, (day, now), &hospital.facts, &mut run)?;
                }
            }
        }
        match papers.put(&[Sheet::new(key, Use::Active, Some(day), run).happened("run")], &act) {
            // Another process was at it, too; no line is there twice.
            Ok(()) | Err(PaperError::Stale { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn charge_stay(
        &self,
        papers: &Papers,
        stay: &Sheet<Stay>,
        (day, now): (Date, DateTime),
        hospital: &Hospital,
        run: &mut DailyRun,
    ) -> Result<(), PaperError> {
        let (house, act) = (self.shelves.of(papers)?, crate::carry::machine(now));
        let unmapped = !hospital.parameters.unmapped_code.is_empty();
        let poster = Poster { number: act.operator.clone(), ..Poster::default() };
        for daily in stay.facts.daily.iter().filter(|daily| daily.from <= day) {
            // Somebody may write the stay meanwhile: then it is read again, and nothing is charged twice.
            loop {
                let Some(mut fresh) = papers.get::<Stay>(&stay.key)? else { return Ok(()) };
                let lines = postings(papers, &stay.key)?;
                let found = match check(&fresh, item(&house, &daily.item), unmapped, day, &lines) {
                    Ok(found) => found,
                    Err(skip) => {
                        run.skipped.push((stay.key.clone(), daily.item.clone(), skip));
                        break;
                    }
                };
                let changes = charge(&mut fresh, found, daily.quantity, &[day], (&poster, now));
                match papers.put(&changes, &act) {
                    Ok(()) => {
                        run.posted += 1;
                        break;
                    }
                    Err(PaperError::Stale { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
