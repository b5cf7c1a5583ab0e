//! Interim settlements of a stay. Nothing an edition says: a stay may always be settled in parts.

use super::{Construct, Law};
use crate::manual::Page;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 19,
    page: &PAGE,
    sentences: &[
        ("减去本次住院以前已结的 {0}", "less {0} settled of this stay before"),
        ("以前已结的不追回,调整 {=}", "what was settled before stands: {=}"),
    ],
    keeps: &[Law::OrderFree, Law::Telescopes],
};

const PAGE: Page = Page {
    key: "interim",
    name: ("", ""),
    text: (
        "中途结算:按本次住院至今的全部费用计算,减去以前已结的部分;分几次结与一次结相同。",
        "Interim settlements: the stay so far is reckoned as a whole, less what was settled before; several add up to \
         one.",
    ),
    at: &[],
    many: false,
    keys: &[],
    example: ("", "", ""),
};
