//! Whether a visit meets a rule.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use money::{Money, Quantity};

use super::words::Found;
use super::{AuditRule, AuditedLine, AuditedVisit, Check, Hit, Per};

/// Lines with their places.
type Lines<'v> = Vec<(usize, &'v AuditedLine)>;

impl AuditRule {
    /// What of a visit meets the rule.
    pub(super) fn hits(&self, visit: &AuditedVisit) -> Vec<Hit<'_>> {
        let covered = || visit.lines.iter().enumerate().filter(|(_, line)| self.covers(line));
        let asked = || covered().filter(|(_, line)| line.asked);
        match &self.check {
            Check::Duplicate => self.duplicates(covered().filter(|(_, line)| line.here).collect()),
            Check::Frequency { most, days } => self.too_often(covered().collect(), *most, *days),
            Check::Patient { sex, from, to } => {
                let fits = |day: Date| {
                    sex.is_none_or(|sex| sex == visit.sex) && (*from..=*to).contains(&age(visit.born, day))
                };
                let wrong: Lines<'_> = asked().filter(|(_, line)| !fits(line.day)).collect();
                let age = wrong.first().map_or(0, |(_, line)| age(visit.born, line.day));
                self.hit(&wrong, &Found::Patient { sex: visit.sex, age })
            }
            Check::Diagnosis(any) => {
                if visit.diagnoses.iter().any(|code| any.iter().any(|pattern| pattern.fits(code))) {
                    return Vec::new();
                }
                let asked: Lines<'_> = asked().collect();
                self.hit(&asked, &Found::Diagnosis(visit.diagnoses.clone()))
            }
            Check::Supply { days } => {
                let long: Lines<'_> = asked().filter(|(_, l)| l.days.is_some_and(|n| n > *days)).collect();
                let said = long.iter().filter_map(|(_, line)| line.days).max().unwrap_or(0);
                self.hit(&long, &Found::Supply { said, most: *days })
            }
            Check::Excess { per, most, amount } => {
                self.excess(covered().filter(|(_, line)| line.here).collect(), *per, *most, *amount)
            }
            Check::Overlap => self.overlap(visit, &asked().collect::<Lines<'_>>()),
            Check::Readmission { days } => self.readmission(visit, *days),
            Check::SoldBefore => {
                let sold: Lines<'_> = asked().filter(|(_, line)| !line.sold_before.is_empty()).collect();
                let codes = sold.iter().flat_map(|(_, line)| line.sold_before.clone()).collect();
                self.hit(&sold, &Found::SoldBefore(codes))
            }
        }
    }

    /// One hit of some lines, where there are any.
    fn hit(&self, lines: &[(usize, &AuditedLine)], found: &Found) -> Vec<Hit<'_>> {
        if lines.is_empty() { Vec::new() } else { vec![self.hit_of(lines, found)] }
    }

    fn hit_of(&self, lines: &[(usize, &AuditedLine)], found: &Found) -> Hit<'_> {
        let names = lines.first().map(|(_, line)| line.name.as_str()).unwrap_or_default();
        Hit {
            rule: self,
            lines: lines.iter().map(|(at, _)| *at).collect(),
            amount: lines.iter().map(|(_, line)| line.amount).sum(),
            words: found.words(names, lines.len()),
            told: found.told().words(names, lines.len()),
        }
    }

    /// Lines that count as the same thing, by item or all together.
    fn alike<'v>(&self, lines: Lines<'v>) -> BTreeMap<&'v str, Lines<'v>> {
        let mut groups: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
        for (at, line) in lines {
            let key = if self.alike { "" } else { line.item.as_str() };
            groups.entry(key).or_default().push((at, line));
        }
        for group in groups.values_mut() {
            // What was there before is not what is one too many.
            group.sort_by_key(|(at, line)| (line.day, line.asked, *at));
        }
        groups
    }

    fn duplicates(&self, lines: Lines<'_>) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        for group in self.alike(lines).into_values() {
            for day in group.chunk_by(|a, b| a.1.day == b.1.day).filter(|day| day.len() > 1) {
                let more: Lines<'_> = day[1..].iter().filter(|(_, line)| line.asked).copied().collect();
                hits.extend(self.hit(&more, &Found::Duplicate { day: day[0].1.day, times: day.len() }));
            }
        }
        hits
    }

    fn too_often(&self, lines: Lines<'_>, most: Quantity, days: u16) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        for group in self.alike(lines).into_values() {
            let (mut over, mut worst): (Lines<'_>, _) = (Vec::new(), Quantity::default());
            for (place, (at, line)) in group.iter().enumerate() {
                let first = line.day.saturating_sub((i32::from(days) - 1).days());
                let within = group[..=place].iter().filter(|(_, before)| before.day >= first);
                let count = within.fold(Quantity::default(), |sum, (_, before)| sum + before.quantity);
                if count > most && line.asked {
                    over.push((*at, line));
                    worst = worst.max(count);
                }
            }
            hits.extend(self.hit(&over, &Found::Frequency { count: worst, most, days }));
        }
        hits
    }

    fn excess(
        &self,
        lines: Lines<'_>,
        per: Per,
        most: Option<Quantity>,
        amount: Option<Money>,
    ) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        for group in self.alike(lines).into_values() {
            let together = |a: &(usize, &AuditedLine), b: &(usize, &AuditedLine)| match per {
                Per::Line => false,
                Per::Day => a.1.day == b.1.day,
                Per::Visit => true,
            };
            for part in group.chunk_by(together) {
                let of = |line: &AuditedLine| if per == Per::Day { a_day(line) } else { line.quantity };
                let count = part.iter().fold(Quantity::default(), |sum, (_, line)| sum + of(line));
                let sum: Money = part.iter().map(|(_, line)| line.amount).sum();
                let asked: Lines<'_> = part.iter().filter(|(_, line)| line.asked).copied().collect();
                let found = match (most, amount) {
                    (Some(most), _) if count > most => Found::Quantity { count, most },
                    (_, Some(most)) if sum > most => Found::Amount { sum, most },
                    _ => continue,
                };
                hits.extend(self.hit(&asked, &found));
            }
        }
        hits
    }

    /// A visit while the person lay elsewhere: on the days between, for on the first and the last one comes and goes.
    fn overlap(&self, visit: &AuditedVisit, lines: &[(usize, &AuditedLine)]) -> Vec<Hit<'_>> {
        let met = visit.stays.iter().find(|other| {
            if visit.stay {
                // Of an order nobody knows the hour.
                let (from, to) = (visit.from.date(), visit.to.map(DateTime::date));
                other.to.is_none_or(|end| from < end.date()) && to.is_none_or(|to| other.from.date() < to)
            } else {
                let day = visit.from.date();
                other.from.date() < day && other.to.is_none_or(|to| day < to.date())
            }
        });
        let found = |other: &super::OtherStay| Found::Overlap {
            here: other.here,
            hospital: other.hospital.clone(),
            from: other.from.date(),
            to: other.to.map(DateTime::date),
        };
        met.map(|other| self.hit_of(lines, &found(other))).into_iter().collect()
    }

    fn readmission(&self, visit: &AuditedVisit, days: u16) -> Vec<Hit<'_>> {
        if !visit.stay {
            return Vec::new();
        }
        let ends = visit.stays.iter().filter(|other| other.here).filter_map(|other| other.to);
        let first = visit.from.date();
        let Some(last) = ends.filter(|to| to.date() <= first).max() else { return Vec::new() };
        let since = visit.from.date().since(last.date()).map_or(i32::MAX, |span| span.get_days());
        if since > i32::from(days) {
            return Vec::new();
        }
        vec![self.hit_of(&[], &Found::Readmission { left: last.date(), since, days })]
    }
}

/// What a standing order comes to a day.
fn a_day(line: &AuditedLine) -> Quantity {
    let days = i64::from(line.days.unwrap_or(1).max(1));
    Quantity::from_ten_thousandths(line.quantity.ten_thousandths() / days)
}

/// Full years on a day.
fn age(born: Date, day: Date) -> u16 {
    let years = day.year() - born.year() - i16::from((day.month(), day.day()) < (born.month(), born.day()));
    u16::try_from(years).unwrap_or(0)
}
