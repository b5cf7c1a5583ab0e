//! The page of the manual on what a case expects of its bill.

use super::{Holds, Key, NO_EXAMPLE, Page};

/// `[expect]` of a case file; no table of an edition.
pub(super) const EXPECT: Page = Page {
    key: "expect",
    name: ("案例的应有结果", "What a case expects"),
    text: (
        "案例文件的 `[expect]`:账单应当算成多少。只比较写出的各项;金额写在引号中,如 `\"1000.00\"`,不小于零,只有 `hospital` 和\
         累计的变化可以写负数。累计项的名称与 `person` 的 `year` 中相同,写的是本次账单使它增加多少。例如 \
         `expect = { pooled_fund = \"1760.00\", remitted = \"0.00\", counters = { \"inpatient.paid\" = \"1760.00\", \
         admissions = \"1\" } }`。",
        "`[expect]` of a case file: what the bill must come to. Only what is named is compared. Amounts stand in quotes, such \
         as `\"1000.00\"`, and are not below zero but for `hospital` and changes of counters. A counter has the same name as \
         in `year` of `person`, and stands with what this bill adds to it. An example: `expect = { pooled_fund = \
         \"1760.00\", remitted = \"0.00\", counters = { \"inpatient.paid\" = \"1760.00\", admissions = \"1\" } }`.",
    ),
    at: &[],
    needed: false,
    many: false,
    keys: &[
        amount("total", "费用总额", "the total"),
        amount("out_of_scope", "目录外自费", "what is out of scope"),
        amount("over_limit", "超限价、限额自付", "what is above limits of price and amount"),
        amount("first_self_pay", "先行自付", "first self-pay"),
        amount("in_scope", "符合范围", "in-scope cost"),
        amount("deductible", "其中计入起付线", "what of it is deductible"),
        amount("pooled_fund", "统筹基金支付", "paid by the pooled fund"),
        amount("major_medical", "大额补助基金支付", "paid by the large-amount fund"),
        amount("civil_servant", "公务员补助基金支付", "paid by the civil servants' fund"),
        amount("critical_illness", "大病保险基金支付", "paid by the serious-illness fund"),
        amount("employer", "单位补充基金支付", "paid by an employer's fund"),
        amount("disabled", "伤残、离休资金支付", "paid by the fund of disabled soldiers and cadres"),
        amount("aid", "医疗救助基金支付", "paid by medical aid"),
        amount("other", "其他基金支付", "paid by another fund"),
        amount("account", "个人账户支付", "paid by the personal account"),
        amount("relatives", "家庭共济支付", "paid by relatives' accounts"),
        amount("cash", "现金", "paid in cash"),
        amount(
            "hospital",
            "医院承担的差额;包干有结余、由医院留用的为负数,如 `\"-1200.00\"`",
            "the difference a hospital bears; below zero where it keeps some of a package, such as `\"-1200.00\"`",
        ),
        amount(
            "remitted",
            "定额待遇高于费用时,另行支付给本人的差额",
            "what is remitted to the person besides, where a fixed benefit is more than the cost",
        ),
        Key::optional(
            "counters",
            Holds::Table(COUNTERS),
            "账单使全年累计增加多少",
            "what the bill adds to the year's counters",
        ),
    ],
    example: NO_EXAMPLE,
};

const COUNTERS: &[Key] = &[
    amount(
        "<rules>.deductible",
        "某类待遇规则已计的起付线;`<rules>` 是待遇规则表的七个词之一",
        "deductible used up; `<rules>` is one of the seven words of tables of rules",
    ),
    amount(
        "<rules>.entered",
        "进入分段的费用;界限含起付线的,连同起付线",
        "cost that entered the segments, with the deductible where thresholds include it",
    ),
    amount("<rules>.paid", "统筹基金支付", "paid by the pooled fund"),
    amount(
        "<layer>.entered",
        "到某个补充层的费用;`<layer>` 是补充层的词,如 `\"large amount.entered\"`",
        "what came to a layer; `<layer>` is its word, such as `\"large amount.entered\"`",
    ),
    amount("<layer>.paid", "该层支付", "what the layer paid"),
    amount("self_pay", "范围内的个人自付", "in-scope cost the patient bore"),
    amount("admissions", "住院次数,如 `\"1\"`", "admissions, such as `\"1\"`"),
    amount("account", "个人账户支付", "paid by the personal account"),
    amount(
        "<rules>.<period>.<n>.paid",
        "一年中第几个期间内统筹支付,如 `\"chronic.quarter.2.paid\"`;只有设了期间限额的才计",
        "paid within a part of the year, such as `\"chronic.quarter.2.paid\"`; counted only where there is a limit for it",
    ),
    amount("<rules>.<period>.<n>.times", "一年中第几个期间内的次数", "bills within a part of the year"),
    amount(
        "<rules>.disease.<n>.paid",
        "本版本第几个病种的统筹支付;只有封顶线按病种的才计",
        "paid for the edition's disease of this number; counted only where there is a ceiling per disease",
    ),
    amount(
        "own_rate.<n>.paid",
        "本版本第 n 类单独支付项目的支付额",
        "paid for the class with a rate of its own of this number",
    ),
    amount("own_rate.<n>.entered", "该类进入计算的费用", "cost of the class that entered"),
];

const fn amount(key: &'static str, zh: &'static str, en: &'static str) -> Key {
    Key::optional(key, Holds::Money, zh, en)
}
