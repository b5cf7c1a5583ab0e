//! All arms answer alike, on every visit: amounts, the change of the year's counters, the record byte for byte.

use policy::{Language, Trail, adjudicate};

use super::hand;
use super::record::Record;
use super::teller::Silent;
use super::visits::{Bill, Visits};

/// The first difference, with both explanations.
pub fn compare(visits: &Visits) -> Result<(), String> {
    let mut record = Record::default();
    visits.bills.iter().enumerate().try_for_each(|(at, bill)| compare_one(visits, at, bill, &mut record))
}

fn compare_one(visits: &Visits, at: usize, bill: &Bill, record: &mut Record) -> Result<(), String> {
    let ours = adjudicate(&visits.edition, &visits.case(bill));
    let lines = visits.lines(bill);
    let silent = hand::settle(&bill.person, &bill.visit, lines, &bill.hand_year, &mut Silent);
    record.begin();
    let told = hand::settle(&bill.person, &bill.visit, lines, &bill.hand_year, record);
    let what = if silent != told {
        "A1 and A2"
    } else if told.0 != ours.amounts {
        "the amounts"
    } else if told.1.counters() != ours.change {
        "the change of the counters"
    } else if record.bytes != ours.trail.encode() {
        "the records"
    } else {
        return Ok(());
    };
    let theirs = Trail::decode(&record.bytes).map_or_else(
        |_| vec!["cannot be read".to_owned()],
        |trail| trail.render(&visits.edition, Language::En),
    );
    Err(format!(
        "visit {at}: {what} differ\n{:?}\n{:?}\n\nours\n{:?}\n{}\n\nby hand\n{:?}\n{:?}\n{}",
        bill.person,
        bill.visit,
        ours.amounts,
        ours.trail.render(&visits.edition, Language::En).join("\n"),
        told.0,
        told.1,
        theirs.join("\n"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_by_hand_answers_as_the_engine_does() {
        assert_eq!(compare(&Visits::new(3, 2_000)), Ok(()));
    }
}
