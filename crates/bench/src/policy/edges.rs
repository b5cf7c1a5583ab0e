//! What is done once before and once after adjudication: codes become lines by the catalogue, steps become text.

use std::hint::black_box;

use policy::{Language, Line, Trail, adjudicate};

use super::rounds::{print_figure, timed};
use super::visits::{Bill, Visits, line};

/// Visits that are resolved and told in a round: both cost more than adjudication.
const VISITS: usize = 20_000;

/// Measures both and prints the figures.
pub fn measure(visits: &Visits, rounds: usize) {
    let bills = &visits.bills[..visits.bills.len().min(VISITS)];
    let codes = codes(visits, bills);
    let trails: Vec<Trail> =
        bills.iter().map(|bill| adjudicate(&visits.edition, &visits.case(bill)).trail).collect();
    let (mut resolving, mut telling) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        resolving.push(a_visit(bills, || resolve_all(visits, bills, &codes)));
        telling.push(a_visit(bills, || {
            for trail in &trails {
                black_box(trail.render(&visits.edition, Language::Zh));
            }
        }));
    }
    println!("at the edges: CPU of the thread in ns a visit, median [least, most]");
    print_figure("codes to lines", resolving);
    print_figure("steps to text", telling);
}

fn a_visit(bills: &[Bill], work: impl FnOnce()) -> f64 {
    timed(work) / bills.len() as f64
}

/// The codes of all lines, as a hospital sends them: each a text of its own.
pub fn codes(visits: &Visits, bills: &[Bill]) -> Vec<String> {
    let items = bills.iter().flat_map(|bill| &visits.items[bill.lines.clone()]);
    items.map(|item| visits.catalogue.items()[*item].code.clone()).collect()
}

fn resolve_all(visits: &Visits, bills: &[Bill], codes: &[String]) {
    let mut codes = codes.iter();
    for bill in bills {
        for known in visits.lines(bill) {
            black_box(codes.next().map(|code| resolve(visits, bill, code, known)));
        }
    }
}

/// A line from its code, and from what a hospital says of it.
pub fn resolve(visits: &Visits, bill: &Bill, code: &str, said: &Line) -> Option<Line> {
    let item = visits.catalogue.of(code).next()?;
    let lists = visits.edition.lists(code);
    Some(line(item, bill.visit.level, lists, said.price, said.quantity, said.standing, said.day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_the_lines_that_are_settled() {
        let visits = Visits::new(5, 50);
        let codes = codes(&visits, &visits.bills);
        let mut codes = codes.iter();
        for bill in &visits.bills {
            for known in visits.lines(bill) {
                let code = codes.next().unwrap();
                assert_eq!(code.len(), 27);
                assert_eq!(resolve(&visits, bill, code, known).as_ref(), Some(known));
            }
        }
        assert_eq!(codes.next(), None);
    }
}
