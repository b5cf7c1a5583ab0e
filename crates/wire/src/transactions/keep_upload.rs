//! 3501 to 3507, 4102, 4201 to 4205, 4401, 4402: what is kept as it was said, and listed to the officer.

use crate::codes::Refusal;
use crate::input::Input;

/// An upload that is kept as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepUpload {
    /// Rows of it, over all nodes.
    pub rows: usize,
}

/// Whether what a transaction says is kept as it was said, and nothing follows from it.
pub fn is_only_kept(infno: &str) -> bool {
    ["35", "42", "44"].iter().any(|family| infno.starts_with(family)) || infno == "4102"
}

/// Names of which a row must say one: programs of two families say the same under two.
const EITHER: [(&str, &str, [&str; 2]); 3] = [
    ("4201", "fsiOwnpayPatnFeeListDDTO", ["fixmedins_mdtrt_id", "mdtrt_sn"]),
    ("4201", "fsiOwnpayPatnFeeListDDTO", ["bkkp_sn", "feedetl_sn"]),
    // Without a row's number nothing is withdrawn: all of them is said in words of its own.
    ("4204", "feedetail", ["bkkp_sn", "bkkp_sn"]),
];

impl KeepUpload {
    /// Reads any of them; what the table demands of its fields is checked there.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let infno = input.transaction().infno;
        for (_, node, [one, other]) in EITHER.iter().filter(|(of, ..)| *of == infno) {
            for row in input.rows(node) {
                row.get(one).map_or_else(|| row.need(other), Ok)?;
            }
        }
        Ok(Self { rows: input.row_count() })
    }
}
