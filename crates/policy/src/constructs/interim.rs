//! Interim settlements of a stay. Nothing an edition says: a stay may always be settled in parts.

use super::{Construct, Law};
use crate::manual::{NO_EXAMPLE, Page};

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 19,
    page: &PAGE,
    sentences: &[
        ("{f}减去本次住院以前已结的 {0}", "{f}: less {0} settled of this stay before"),
        ("{f}以前已结的不追回,调整 {=}", "{f}: what was settled before stands, {=}"),
    ],
    keeps: &[Law::OrderFree, Law::Telescopes],
};

const PAGE: Page = Page {
    key: "interim",
    name: ("中途结算", "Interim settlements"),
    text: (
        "按本次住院至今的全部费用计算,减去以前已结的部分;分几次结与一次结相同。版本里不必写什么。",
        "Interim settlements: the stay so far is reckoned as a whole, less what was settled before; several add up to \
         one. An edition says nothing of it.",
    ),
    at: &[],
    needed: false,
    many: false,
    keys: &[],
    example: NO_EXAMPLE,
};
