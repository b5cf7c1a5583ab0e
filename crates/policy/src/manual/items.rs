//! The page of item rules, the longest one: it stands beside the manual and not with its construct.

use super::{Holds, Key, LAW, Page};

pub(crate) const PAGE: Page = Page {
    key: "items",
    name: ("项目规则", "Item rules"),
    text: (
        "逐条费用先定是否在目录内(丙类、未确认的限制用药、规定的组合自费),再扣超限价部分,再按比例、定额或价格段先行自付;\
         可限每日、每次住院的额度。目录里乙类项目自带的先付比例代替本表,自带的限价与本表取低。",
        "Item rules, line by line: whether it is inside the insurance at all (class C, unconfirmed restricted items and \
         stated combinations are not), then what is above the limit, then a first share by rate, by sum or by price \
         section; limits on a day's or a stay's amount. A first share that the catalogue gives an item of class B comes in \
         place of these; of a limit there and these the lower holds.",
    ),
    at: &["items"],
    needed: true,
    many: false,
    keys: &[
        Key::needed(
            "first_self_pay",
            Holds::Rules(&[
                Key::needed("class", Holds::Words("class"), "哪些类", "which classes"),
                KIND,
                LIST,
                Key::needed(
                    "is",
                    Holds::OneOf(&[
                        Holds::Rate,
                        Holds::Choice(&["all"]),
                        Holds::Table(&[
                            Key::optional("sum", Holds::Money, "每件定额", "so much a piece"),
                            Key::optional(
                                "sections",
                                Holds::Rows(&[
                                    Key::optional(
                                        "to",
                                        Holds::Price,
                                        "到哪个单价为止;末行不写",
                                        "up to which unit price; the last row has none",
                                    ),
                                    Key::needed(
                                        "is",
                                        Holds::Rate,
                                        "这一段的比例",
                                        "the share of this section",
                                    ),
                                ]),
                                "按单价分段,由低到高,代替 sum",
                                "sections of the unit price, rising; in place of `sum`",
                            ),
                            Key::optional(
                                "marginal",
                                Holds::Flag,
                                "分段时必须写:true 各段各按自己的比例,false 全价按所在段的比例",
                                "needed with sections: true, each part of the price at its own share; false, all of it \
                                 at the share of the section it falls in",
                            ),
                        ]),
                    ]),
                    "先行自付多少:比例,all 全部,每件定额,或按价格段",
                    "the first share: a rate, `all`, a sum a piece, or sections of the price",
                ),
                Key::optional(
                    "at_most",
                    Holds::Amount,
                    "每件最多自付多少;省略为不限",
                    "at most this much a piece; left out: no bound",
                ),
            ]),
            "甲、乙类各种项目先行自付多少;不带 list 的行中,每种情形有且只有一行适用;带 list 的行先看",
            "the first share of classes A and B; of rows without `list` exactly one for every class, kind and situation; \
             rows with a list come first",
        ),
        Key::optional(
            "unit_limit",
            Holds::Rows(&[
                KIND,
                LIST,
                Key::needed(
                    "is",
                    Holds::Rules(&[Key::needed("price", Holds::Price, "单价限额", "the highest price")]),
                    "限额;没有适用的行则不限",
                    "the limit; where no row fits there is none",
                ),
            ]),
            "单价限额:超过的部分自付;几个限额取最低",
            "limits of the unit price: what is above is the patient's; of several the lowest holds",
        ),
        Key::optional(
            "outside",
            Holds::Rules(&[
                KIND,
                LIST,
                Key::optional(
                    "alone",
                    Holds::Flag,
                    "true:当天只有这一条时自费(如单味药)",
                    "true: paid by the patient where it is the day's only one",
                ),
                Key::optional(
                    "with",
                    Holds::Names("list"),
                    "当天有这些清单上的项目时自费",
                    "paid by the patient where something on these lists is there on the same day",
                ),
                Key::optional(
                    "all_others",
                    Holds::Flag,
                    "true:除此以外的项目都自费(病种只付自己的项目)",
                    "true: everything else is paid by the patient (a disease pays for its own items only)",
                ),
            ]),
            "目录内但自费的项目;alone、with、all_others 至多写一个,都不写则所列项目自费;有 alone 或 with 的行不看情形",
            "what the patient pays although it is listed; at most one of `alone`, `with`, `all_others`, and without them \
             the items themselves; rows with `alone` or `with` hold in every situation",
        ),
        Key::optional(
            "day_limit",
            Holds::Rows(QUOTA),
            "一天的限额:限价以内的费用,超过的部分自付,其余再计先行自付;先扣自付多的项目",
            "limits of a day: of what is within its price, what is above is the patient's, before the first share; items the patient shares most of are cut first",
        ),
        Key::optional(
            "stay_limit",
            Holds::Rows(QUOTA),
            "一张账单(一次住院)的限额,同上",
            "limits of a bill (of a stay), as above",
        ),
        Key::optional(
            "restricted",
            Holds::Choice(&["needs confirmation", "ignored"]),
            "限制使用的项目未经确认:自费,或不看限制;省略为 needs confirmation",
            "restricted items that are not confirmed: paid by the patient, or as others; left out: needs confirmation",
        ),
        Key::optional(
            "unmapped",
            Holds::Choice(&["out of scope", "by its class"]),
            "没有对码的项目:自费,或按所报的类;省略为 out of scope",
            "items not mapped to the catalogue: paid by the patient, or by the class given; left out: out of scope",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "items"),
};

const KIND: Key = Key::optional(
    "kind",
    Holds::Words("kind"),
    "哪些种项目;省略为各种",
    "which kinds of item; left out: all",
);
const LIST: Key = Key::optional(
    "list",
    Holds::Names("list"),
    "哪些清单上的项目;省略为不看清单",
    "items on which lists; left out: whatever list they are on",
);

/// A limit on a day's or a stay's amount.
const QUOTA: &[Key] = &[
    KIND,
    LIST,
    Key::needed(
        "is",
        Holds::Rules(&[Key::needed("amount", Holds::Amount, "限额", "the limit")]),
        "限额,至多一行适用;没有适用的行则不限",
        "the limit; at most one row fits, and without one there is none",
    ),
];
