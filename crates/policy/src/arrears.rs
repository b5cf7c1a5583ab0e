//! J. From when to when a person is in arrears, by which months' premiums were received when.

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Cover, InsuranceKind, Premium, changed};

/// From which unpaid month on the pool stops, and how late a payment may be that restores what was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrearsRule {
    /// The pool stops from this unpaid month on, counted from 1.
    pub stops_from_month: u16,
    /// A payment at most so many months behind its month counts as if it had been in time; none: no late one does.
    pub restored_within: Option<u16>,
}

/// A month whose premium is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueMonth {
    /// Its first day.
    pub month: Date,
    /// When it was received.
    pub received: Option<Date>,
    /// The rule of the edition in force then.
    pub rule: ArrearsRule,
}

impl DueMonth {
    /// The stretch it brings into arrears: from its stop until the day before it is paid, or without an end.
    fn stretch(self) -> Option<(Date, Option<Date>)> {
        let ArrearsRule { stops_from_month, restored_within } = self.rule;
        let stops = self.month.saturating_add(i32::from(stops_from_month.saturating_sub(1)).months());
        let Some(received) = self.received else { return Some((stops, None)) };
        let behind = months(received) - months(self.month);
        // What comes within its month is in time.
        let in_time = behind <= restored_within.map_or(0, i32::from);
        (!in_time && received > stops).then(|| (stops, received.yesterday().ok()))
    }
}

/// The insurances of a kind with their arrears as these months say, from the first of them on. What stood before, and what is no
/// matter of payment, such as waiting, stays.
pub fn standing(covers: &[Cover], kind: InsuranceKind, due: &[DueMonth]) -> Vec<Cover> {
    let Some(first) = due.iter().map(|due| due.month).min() else { return covers.to_vec() };
    let turn = |covers: &[Cover], from, to, was: Premium, is: Premium| {
        changed(covers, kind, from, to, |cover| {
            if cover.premium == was {
                cover.premium = is;
            }
        })
    };
    let paid = turn(covers, first, None, Premium::Arrears, Premium::Paid);
    let stretches = due.iter().filter_map(|due| due.stretch());
    stretches.fold(paid, |covers, (from, to)| turn(&covers, from, to, Premium::Paid, Premium::Arrears))
}

/// Months since the year 0.
fn months(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use model::PersonStatus;
    use proptest::prelude::*;

    const KIND: InsuranceKind = InsuranceKind::EMPLOYEE;

    fn covers(premium: Premium) -> Vec<Cover> {
        vec![Cover {
            kind: KIND,
            from: date(2012, 1, 1),
            to: None,
            person_type: "11".into(),
            status: PersonStatus::Employed,
            premium,
            civil_servant: false,
            employer: "U".into(),
            division: "990101".into(),
        }]
    }

    fn due(month: i8, received: Option<Date>) -> DueMonth {
        DueMonth { month: date(2026, month, 1), received, rule: RULE }
    }

    fn stands(due: &[DueMonth], day: Date) -> Premium {
        let covers = standing(&covers(Premium::Paid), KIND, due);
        covers.iter().find(|cover| cover.holds_on(day)).expect("insured all the time").premium
    }

    const RULE: ArrearsRule = ArrearsRule { stops_from_month: 2, restored_within: Some(3) };

    #[test]
    fn the_pool_stops_from_the_second_unpaid_month_and_what_is_paid_in_time_restores_it() {
        let unpaid = [due(7, Some(date(2026, 7, 20))), due(8, None), due(9, None), due(10, None)];
        let is = |due: &[DueMonth], month, day| stands(due, date(2026, month, day));
        assert_eq!(is(&unpaid, 8, 31), Premium::Paid, "of one unpaid month nothing follows yet");
        assert_eq!(is(&unpaid, 9, 1), Premium::Arrears);
        assert_eq!(is(&unpaid, 12, 31), Premium::Arrears, "until it is paid");
        let all = Some(date(2026, 11, 20));
        let paid = [due(8, all), due(9, all), due(10, all)];
        assert_eq!(is(&paid, 9, 15), Premium::Paid, "three months late restores backwards");
        let late = Some(date(2026, 12, 5));
        let paid = [due(8, late), due(9, late), due(10, late)];
        assert_eq!(is(&paid, 9, 15), Premium::Arrears, "August was paid four months late");
        assert_eq!((is(&paid, 12, 4), is(&paid, 12, 5)), (Premium::Arrears, Premium::Paid));
        let part = [due(8, Some(date(2026, 10, 1))), due(9, None)];
        assert_eq!((is(&part, 9, 30), is(&part, 10, 1)), (Premium::Paid, Premium::Arrears));
    }

    #[test]
    fn each_month_goes_by_the_rule_of_its_own_edition() {
        let strict = ArrearsRule { stops_from_month: 1, restored_within: None };
        let late = DueMonth { rule: strict, ..due(8, Some(date(2026, 9, 10))) };
        assert_eq!(stands(&[late], date(2026, 8, 1)), Premium::Arrears);
        assert_eq!(stands(&[late], date(2026, 9, 10)), Premium::Paid);
        let in_time = DueMonth { rule: strict, ..due(8, Some(date(2026, 8, 20))) };
        assert_eq!(stands(&[in_time], date(2026, 8, 1)), Premium::Paid, "within its month it is in time");
        let other = due(7, Some(date(2026, 9, 10)));
        assert_eq!(stands(&[late, other], date(2026, 7, 31)), Premium::Paid);
    }

    #[test]
    fn what_stood_before_the_first_month_and_what_waits_stays() {
        let before = covers(Premium::Arrears);
        let stood = standing(&before, KIND, &[due(8, Some(date(2026, 8, 3)))]);
        let of = |day| stood.iter().find(|cover| cover.holds_on(day)).map(|cover| cover.premium);
        assert_eq!(
            (of(date(2026, 7, 31)), of(date(2026, 8, 1))),
            (Some(Premium::Arrears), Some(Premium::Paid))
        );
        assert_eq!(standing(&before, KIND, &[]), before);
        let waiting = covers(Premium::Waiting);
        assert_eq!(standing(&waiting, KIND, &[due(8, None)]), waiting);
    }

    proptest! {
        /// Covers have no gap and no overlap, whatever was paid when; standing again changes nothing; and on no day does more
        /// money or an earlier payment make it worse.
        #[test]
        fn standing_is_a_function_of_the_months(
            paid in prop::collection::vec(prop::option::of(0_i32..400), 1..12), from in 1_u16..4,
            within in prop::option::of(0_u16..5), earlier in 0_i32..60,
        ) {
            let rule = ArrearsRule { stops_from_month: from, restored_within: within };
            let months = |sooner: i32| -> Vec<DueMonth> {
                (0_i32..).zip(&paid).map(|(n, days)| {
                    let month = date(2026, 1, 1).saturating_add(n.months());
                    let received = days.map(|days| month.saturating_add((days - sooner).max(0).days()));
                    DueMonth { month, received, rule }
                }).collect()
            };
            let stood = standing(&covers(Premium::Paid), KIND, &months(0));
            prop_assert_eq!(&standing(&stood, KIND, &months(0)), &stood);
            prop_assert_eq!((stood[0].from, stood.last().and_then(|c| c.to)), (date(2012, 1, 1), None));
            for pair in stood.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from.yesterday().ok());
                prop_assert_ne!(pair[0].premium, pair[1].premium);
            }
            let sooner = standing(&covers(Premium::Paid), KIND, &months(earlier));
            let bad = |covers: &[Cover], day: Date| {
                covers.iter().any(|cover| cover.holds_on(day) && cover.premium == Premium::Arrears)
            };
            for day in (0..800).map(|n| date(2026, 1, 1).saturating_add(n.days())) {
                prop_assert!(bad(&stood, day) || !bad(&sooner, day), "{}", day);
            }
        }
    }
}
