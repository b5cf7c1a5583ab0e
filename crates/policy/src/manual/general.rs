//! Pages of the manual for what is no construct: the head of an edition, its groups, its tables of rules, and the
//! dimensions that rows depend on.

use super::expected::EXPECT;
use super::{Holds, Key, LAW, NO_EXAMPLE, Page, RULES};
use crate::constructs::{ceiling, deductible, limits, rounding, segments};

/// Tables that are no construct, in the order of an edition, and what cases expect.
pub const GENERAL: &[&Page] =
    &[&EDITION, &DIMENSIONS, &DISEASE, &IDENTITY, &UNIT, &LIST, &TABLES_OF_RULES, &VISIT_SHARE, &EXPECT];

const EDITION: Page = Page {
    key: "edition",
    name: ("版本", "Edition"),
    text: (
        "一个统筹区自某日起的规定。项目规则、待遇规则各按哪一天,由本表写明;已出的结算永不改变。",
        "A pooling area's rules from a day on. It states by which day item rules and benefit rules go; an issued settlement \
         never changes.",
    ),
    at: &["edition"],
    needed: true,
    many: false,
    keys: &[
        Key::needed("city", Holds::Text, "统筹区名称", "the pooling area's name"),
        Key::needed("scheme", Holds::Text, "险种", "the scheme"),
        Key::needed("from", Holds::Date, "自哪天起施行", "the first day it is in force"),
        Key::needed("order", Holds::Text, "所依据的文件", "the order it comes from"),
        Key::needed("items_by", Holds::Choice(DATES), "项目规则按哪一天", "by which day item rules go"),
        Key::needed("benefits_by", Holds::Choice(DATES), "待遇规则按哪一天", "by which day benefit rules go"),
        Key::needed("persons", Holds::Words("status"), "统筹为哪些人支付", "for whom the pool pays"),
        Key::needed(
            "unrated_as",
            Holds::Count,
            "未定级的机构按几级(0 至 3)",
            "the level, from 0 to 3, of institutions that have none",
        ),
        Key::needed(
            "rounding",
            Holds::Table(rounding::PAGE.keys),
            "何时、怎样化为分;见“舍入”",
            "when and how figures become whole fen; see Rounding",
        ),
        Key::optional(
            "traces",
            Holds::Choice(&["off", "warn", "required"]),
            "有追溯码的药品收费时没带码:不管、提示、不予收取;机构的接入配置可另定。省略为 off",
            "what becomes of a drug charged without the trace code it has: nothing, a warning, a refusal; an institution's \
             profile may say otherwise. Left out: off",
        ),
    ],
    example: ("demo-city", "2026-01-01", "edition"),
};

const DATES: &[&str] = &["service date", "admission date", "discharge date", "settlement date"];

pub(super) const DIMENSIONS: Page = Page {
    key: "dimensions",
    name: ("情形", "Dimensions"),
    text: (
        "一行规则在什么情形下适用:写出的条件都要满足,没写的不限;一个条件写几个词,满足其一即可。凡说明为“按情形的行”的,都可以写这些条件。",
        "When a row of rules applies: every dimension it names must fit, one it does not name may be anything; of several \
         words one is enough. Every row that is told of as rules by situation may name them.",
    ),
    at: &[],
    needed: false,
    many: false,
    keys: &[
        Key::optional("status", Holds::Words("status"), "人员状态", "what the person is to the insurance"),
        Key::optional(
            "level",
            Holds::Words("level"),
            "机构等级,写数字;0 只在 unrated_as = 0 时出现",
            "the institution's level, as a number; 0 only where `unrated_as = 0`",
        ),
        Key::optional("visit", Holds::Words("visit"), "就诊类别", "the kind of visit"),
        Key::optional("region", Holds::Words("region"), "就医地", "where care is given"),
        Key::optional(
            "age",
            Holds::Range,
            "周岁,如 \"..44\"、\"45+\"、\"60..69\"",
            "full years, such as \"..44\", \"45+\", \"60..69\"",
        ),
        Key::optional(
            "admission",
            Holds::Range,
            "当年第几次住院,如 2、\"3+\";不住院的为 0",
            "which admission of the year, such as 2, \"3+\"; 0 outside stays",
        ),
        Key::optional("disease", Holds::Names("disease"), "本次就诊的病种", "the disease the visit is for"),
        Key::optional(
            "diseases",
            Holds::Range,
            "核定了几个病种",
            "for how many groups of diseases the person is entitled",
        ),
        Key::optional("scheme", Holds::Words("scheme"), "险种", "the scheme"),
        Key::optional("premium", Holds::Words("premium"), "缴费状态", "how the premium stands"),
        Key::optional("identity", Holds::Words("identity"), "困难身份", "a hardship"),
        Key::optional(
            "servant",
            Holds::Words("servant"),
            "公务员补助的级别",
            "the rank of the civil servants' supplement",
        ),
        Key::optional(
            "unit",
            Holds::Names("unit"),
            "单位组;不在任何组的为 none",
            "the group of the employer; none where it is in none",
        ),
        Key::optional(
            "supplement",
            Holds::Flag,
            "是否参加自愿补充",
            "whether the person is in a voluntary supplement",
        ),
        Key::optional(
            "service_years",
            Holds::Range,
            "工龄(年),如 \"30+\"",
            "full years of service, such as \"30+\"",
        ),
        Key::optional("sex", Holds::Words("sex"), "性别", "male or female"),
        Key::optional(
            "born",
            Holds::Range,
            "出生日期,如 \"..1955-12-31\";不详为 \"unknown\"",
            "the day of birth, such as \"..1955-12-31\"; \"unknown\" where nobody knows",
        ),
        Key::optional("worked_from", Holds::Range, "参加工作日期,同上", "the first day at work, as above"),
        Key::optional(
            "blacklist",
            Holds::Words("blacklist"),
            "限制名单的等级,写数字",
            "the grade of a restriction, as a number",
        ),
        Key::optional("cause", Holds::Words("cause"), "就医原因", "why care is needed"),
        Key::optional("referral", Holds::Words("referral"), "转院", "how a stay follows another"),
        Key::optional(
            "prescription",
            Holds::Words("prescription"),
            "购药的处方来源",
            "where the prescription of a purchase came from",
        ),
        Key::optional("chosen", Holds::Flag, "是否本人选定的机构", "at an institution the person chose"),
        Key::optional(
            "contract",
            Holds::Flag,
            "是否签约家庭医生的机构",
            "at the institution of the person's family doctor",
        ),
        Key::optional("own", Holds::Flag, "是否本单位的医院", "at the hospital of the person's own employer"),
        Key::optional("clinic", Holds::Flag, "是否社区卫生服务机构", "at a community clinic"),
        Key::optional("private", Holds::Flag, "是否民营机构", "at a private institution"),
    ],
    example: NO_EXAMPLE,
};

const DISEASE: Page = Page {
    key: "disease",
    name: ("病种", "Diseases"),
    text: (
        "给一组疾病编码起一个名称,规则里用名称。编码写前几位即可;几组都合时取最长的。不在任何组的为 none。最多 15 组。",
        "A name for some codes, which rules use. A code stands for all that begin with it; of several \
         the longest holds. What is in no group is `none`. At most 15 groups.",
    ),
    at: &["disease"],
    needed: false,
    many: true,
    keys: &[
        Key::needed("name", Holds::Text, "名称,自定", "a name of your own"),
        Key::needed(
            "codes",
            Holds::Codes,
            "国家疾病编码,或其前几位",
            "national codes of diseases, or how they begin",
        ),
    ],
    example: ("demo-city", "2026-01-01", "disease"),
};

const IDENTITY: Page = Page {
    key: "identity",
    name: ("困难身份", "Hardships"),
    text: ("哪些国家人员身份类别算哪种困难。", "Which national kinds of identity are which hardship."),
    at: &["identity"],
    needed: false,
    many: true,
    keys: &[
        Key::needed("is", Holds::Word("identity"), "算哪种困难", "which hardship"),
        Key::needed("codes", Holds::Codes, "国家人员身份类别编码", "national kinds of identity"),
    ],
    example: ("demo-city", "2026-01-01", "identity"),
};

const UNIT: Page = Page {
    key: "unit",
    name: ("单位组", "Employers"),
    text: (
        "给一组参保单位起一个名称,规则里用名称。不在任何组的为 none。最多 7 组。",
        "A name that rules use. What is in no group is `none`. At most 7 groups.",
    ),
    at: &["unit"],
    needed: false,
    many: true,
    keys: &[
        Key::needed("name", Holds::Text, "名称,自定", "a name of your own"),
        Key::needed("employers", Holds::Codes, "单位名称,照登记的写", "the employers' names, as registered"),
    ],
    example: ("demo-city", "2026-01-01", "unit"),
};

const LIST: Page = Page {
    key: "list",
    name: ("项目清单", "Lists of items"),
    text: (
        "给一组目录项目起一个名称,项目规则和单独支付用它。一个项目可在几张清单上。最多 32 张。",
        "A name for items of the catalogue, which item rules and rates of their own use. An item may be on \
         several. At most 32 lists.",
    ),
    at: &["list"],
    needed: false,
    many: true,
    keys: &[
        Key::needed("name", Holds::Text, "名称,自定", "a name of your own"),
        Key::needed("items", Holds::Codes, "国家项目编码", "national codes of items"),
    ],
    example: ("demo-city", "2026-01-01", "list"),
};

const TABLES_OF_RULES: Page = Page {
    key: "rules",
    name: ("待遇规则", "Tables of rules"),
    text: (
        "一类就诊一张表,表名是下列七个词之一,各有自己的全年累计。写明管哪些就诊类别,再写起付线、分段、限额、封顶线。\
         没有表管到的就诊类别,统筹没有待遇。",
        "Tables of benefit rules, one for each kind of care; its name is one of the seven words below, and each has counters \
         of its own. It states which kinds of visit it is for, then deductible, segments, limits and ceiling. A kind of \
         visit in no table has no benefit from the pool.",
    ),
    at: &[RULES],
    needed: false,
    many: false,
    keys: &[
        Key::needed(
            "visits",
            Holds::Words("visit"),
            "管哪些就诊类别;一个类别只在一张表里",
            "for which kinds of visit; each kind stands in one table",
        ),
        Key::optional(
            "deductible",
            Holds::Table(deductible::PAGE.keys),
            "起付线;没有 like、统筹又支付时必须写",
            "the deductible; needed where there is no `like` and the pool pays",
        ),
        Key::optional(
            "segments",
            Holds::Table(segments::PAGE.keys),
            "分段支付;没有 like、统筹又支付时必须写",
            "the segments; needed where there is no `like` and the pool pays",
        ),
        Key::optional(
            "limit",
            Holds::Rows(limits::PAGE.keys),
            "限额限次;省略为没有,不随 like",
            "limits; left out: none, whatever `like` says",
        ),
        Key::optional(
            "ceiling",
            Holds::Table(ceiling::PAGE.keys),
            "封顶线;省略为不封顶",
            "the ceiling; left out: none",
        ),
        Key::optional(
            "like",
            Holds::Word("rules"),
            "自己没写的起付线、分段、封顶线照哪张表;省略为不照",
            "the table that deductible, segments and ceiling are as in, where it has none of its own; left out: none",
        ),
        Key::optional(
            "pool",
            Holds::Choice(&["pays", "pays nothing"]),
            "统筹不付时写 pays nothing,其余各项就不写,只有补充层和个人账户支付;省略为 pays",
            "pays nothing: only layers and the account pay, and nothing else stands in the table; left out: pays",
        ),
    ],
    example: ("demo-city", "2026-01-01", "pharmacy"),
};

const VISIT_SHARE: Page = Page {
    key: "visit_share",
    name: ("按就诊先行自付", "First share of a visit"),
    text: (
        "不论就医地,某些情形(如某病种)先自付范围内费用的一部分,再计起付线。与异地的先行自付依次计算。",
        "A first share of in-scope cost for reasons other than the place, such as a disease, before the deductible. It is \
         taken behind that of care elsewhere.",
    ),
    at: &["visit_share"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "rule",
            Holds::Rules(&[Key::needed("is", Holds::Rate, "先行自付多少", "the share")]),
            "哪些情形先付多少,至多一行适用;没有适用的行则不先付",
            "the share in which situations; at most one row fits, and without one there is none",
        ),
        LAW,
    ],
    example: ("catalogue-demo", "2027-01-01", "visit_share"),
};
