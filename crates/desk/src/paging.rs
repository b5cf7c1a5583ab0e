//! A long list, page by page.

use std::ops::Range;

use web::Fields;

/// Rows a page has.
pub(crate) const ROWS: usize = 20;

/// Which page of a list is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paging {
    /// Its number, from 1.
    pub(crate) page: usize,
    /// How many there are: at least one.
    pub(crate) pages: usize,
    /// The places of its rows in the list.
    pub(crate) rows: Range<usize>,
}

impl Paging {
    /// The page that is asked for of so many rows; the last where there is no such page.
    pub(crate) fn of(query: &Fields, count: usize) -> Self {
        let pages = count.div_ceil(ROWS).max(1);
        let page = query.get("page").parse().unwrap_or(1).clamp(1, pages);
        let from = (page - 1) * ROWS;
        Self { page, pages, rows: from..count.min(from + ROWS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_is_the_nearest_one() {
        let check = |asked: &str, count: usize, page: usize, pages: usize, rows: Range<usize>| {
            let paging = Paging::of(&Fields::of(&[("page", asked)]), count);
            assert_eq!(paging, Paging { page, pages, rows }, "{asked} of {count}");
        };
        check("", 45, 1, 3, 0..20);
        check("3", 45, 3, 3, 40..45);
        check("4", 45, 3, 3, 40..45);
        check("0", 45, 1, 3, 0..20);
        check("18446744073709551615", 45, 3, 3, 40..45);
        check("x", 0, 1, 1, 0..0);
    }
}
