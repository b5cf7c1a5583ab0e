//! Every word an edition may hold, with what it means: of dimensions, of lists of parts, funds and layers, and of
//! choices. A word may mean something else in another list.

/// One list: its name, what it is called in Chinese and English, and each word with what it means in both.
pub type List = (&'static str, (&'static str, &'static str), &'static [Word]);

/// One word with its Chinese and its English meaning.
pub type Word = (&'static str, &'static str, &'static str);

/// The name of the list of all words of [`super::Holds::Choice`].
pub const CHOICE: &str = "choice";

/// The meaning of a word of a list in Chinese and English.
pub fn meaning(list: &str, word: &str) -> Option<(&'static str, &'static str)> {
    let (.., words) = WORDS.iter().find(|(name, ..)| *name == list)?;
    words.iter().find(|(known, ..)| *known == word).map(|(_, zh, en)| (*zh, *en))
}

/// All lists.
pub const WORDS: &[List] = &[
    (
        "status",
        ("人员状态", "Statuses"),
        &[
            ("employed", "在职", "in work"),
            ("retired", "退休", "retired"),
            ("cadre", "离休", "retired cadre of before October 1949"),
            ("other", "其他人员,如居民", "other, such as residents"),
            ("spouse", "离休人员遗属", "surviving spouse of such a cadre"),
            ("soldier", "残疾军人", "disabled soldier"),
            ("family", "供养直系亲属", "supported member of an employee's family"),
            ("freelance", "灵活就业", "without an employer, paying for himself"),
        ],
    ),
    (
        "level",
        ("机构等级", "Levels"),
        &[
            ("0", "未定级", "without a level"),
            ("1", "一级", "level 1"),
            ("2", "二级", "level 2"),
            ("3", "三级", "level 3"),
        ],
    ),
    (
        "visit",
        ("就诊类别", "Kinds of visit"),
        &[
            ("outpatient", "普通门诊", "ordinary outpatient visit"),
            ("emergency", "急诊", "emergency visit"),
            ("chronic", "门诊慢病", "listed chronic disease, outpatient"),
            ("special", "门诊特殊病", "listed special disease, outpatient"),
            ("dual channel", "双通道药品", "dual-channel drug"),
            ("pharmacy", "药店购药", "purchase at a pharmacy"),
            ("inpatient", "住院", "stay in hospital"),
            ("day surgery", "日间手术", "day surgery"),
            ("maternity", "生育", "maternity"),
            ("other", "其他就诊", "other visit"),
            ("observation", "急诊留观", "kept under observation in the emergency room"),
            ("home bed", "家庭病床", "bed at home"),
            ("family planning", "计划生育", "family planning"),
        ],
    ),
    (
        "region",
        ("就医地", "Regions"),
        &[
            ("home", "本地", "in the city"),
            ("filed", "异地长期备案", "elsewhere, filed for the long term"),
            ("referred", "异地转诊", "elsewhere, referred"),
            ("unfiled", "异地未备案", "elsewhere, not filed"),
            ("emergency", "异地急诊", "elsewhere, an emergency"),
            ("province", "省内异地免备案", "elsewhere in the province, where no filing is asked for"),
        ],
    ),
    (
        "premium",
        ("缴费状态", "States of the premium"),
        &[
            ("paid", "正常缴费", "paid"),
            ("arrears", "单位欠费", "the employer is in arrears"),
            ("waiting", "等待期", "waiting after a break"),
            ("ended", "未参保或已停保", "not enrolled, or ended"),
        ],
    ),
    ("sex", ("性别", "Sexes"), &[("male", "男", "male"), ("female", "女", "female")]),
    (
        "servant",
        ("公务员级别", "Ranks of civil servants"),
        &[
            ("none", "非公务员", "no civil servant"),
            ("section", "科级及以下,或不分级", "up to section rank, or not divided by rank"),
            ("county", "县处级", "county rank"),
            ("bureau", "厅局级", "bureau rank"),
        ],
    ),
    (
        "identity",
        ("困难身份", "Hardships"),
        &[
            ("none", "无", "none"),
            ("destitute", "特困", "in extreme poverty"),
            ("low income", "低保", "on the minimum living allowance"),
            ("marginal", "低保边缘", "little above the minimum living allowance"),
            ("impoverished", "因病致贫", "made poor by illness"),
            ("disabled", "重度残疾", "severely disabled"),
        ],
    ),
    ("scheme", ("险种", "Schemes"), &[("employee", "职工", "employees"), ("resident", "居民", "residents")]),
    (
        "cause",
        ("就医原因", "Causes"),
        &[
            ("illness", "疾病", "illness, or anything not said"),
            ("third party", "第三人责任", "an injury a third party answers for"),
            ("work injury", "工伤", "an injury at work"),
            ("abroad", "境外就医", "care abroad"),
            ("public health", "公共卫生负担", "borne by public health"),
        ],
    ),
    (
        "referral",
        ("转院", "Referrals"),
        &[
            ("none", "非转院", "no referral"),
            ("up", "转往上级医院", "sent on to a higher level"),
            ("down", "转往下级医院", "sent back to a lower level"),
        ],
    ),
    (
        "prescription",
        ("处方来源", "Prescriptions"),
        &[
            ("none", "无流转处方", "no transferred prescription"),
            ("transferred", "流转处方", "a hospital's prescription, transferred"),
        ],
    ),
    (
        "blacklist",
        ("限制名单等级", "Grades of restriction"),
        &[
            ("0", "不在名单", "not restricted"),
            ("1", "一级:只传明细", "grade 1: details only"),
            ("2", "二级:停基金", "grade 2: funds stopped"),
            ("3", "三级:全停", "grade 3: all stopped"),
        ],
    ),
    (
        "class",
        ("项目类别", "Classes of items"),
        &[
            ("A", "甲类", "class A"),
            ("B", "乙类", "class B"),
            ("C", "丙类", "class C, outside the insurance"),
        ],
    ),
    (
        "kind",
        ("项目种类", "Kinds of items"),
        &[
            ("drug", "西药", "western drug"),
            ("patent", "中成药", "Chinese patent drug"),
            ("herb", "中草药", "herb"),
            ("examination", "检查", "examination"),
            ("test", "化验", "laboratory test"),
            ("treatment", "治疗", "treatment"),
            ("operation", "手术", "operation"),
            ("nursing", "护理", "nursing"),
            ("bed", "床位", "bed day"),
            ("consultation", "诊查", "consultation"),
            ("registration", "挂号", "registration"),
            ("material", "国产材料", "material made in the country"),
            ("imported material", "进口材料", "imported material"),
            ("other", "其他项目", "anything else"),
        ],
    ),
    (
        "standing",
        ("项目状态(案例中用)", "How an item stands (in cases)"),
        &[
            ("listed", "目录内", "listed"),
            ("confirmed", "限制使用,已确认", "restricted, and confirmed"),
            ("unconfirmed", "限制使用,未确认", "restricted, and not confirmed"),
            ("unmapped", "未对码", "not mapped to the catalogue"),
        ],
    ),
    (
        "rules",
        ("待遇规则表", "Tables of rules"),
        &[
            ("outpatient", "普通门诊", "ordinary outpatient care"),
            ("inpatient", "住院", "stays"),
            ("chronic", "门诊慢病", "listed chronic diseases"),
            ("special", "门诊特殊病", "listed special diseases"),
            ("dual_channel", "双通道药品", "dual-channel drugs"),
            ("pharmacy", "药店", "pharmacies"),
            ("maternity", "生育", "maternity"),
        ],
    ),
    (
        "fund",
        ("基金", "Funds"),
        &[
            ("pooled", "统筹基金", "the pooled fund"),
            ("major_medical", "大额补助基金", "the large-amount fund"),
            ("civil_servant", "公务员补助基金", "the civil servants' fund"),
            ("critical_illness", "大病保险基金", "the serious-illness fund"),
            ("employer", "单位补充基金", "an employer's fund"),
            ("disabled", "伤残、离休资金", "the fund of disabled soldiers and cadres"),
            ("aid", "医疗救助基金", "medical aid"),
            ("other", "其他基金", "another fund"),
        ],
    ),
    (
        "layer",
        ("补充层", "Layers"),
        &[
            ("large amount", "大额补助", "large amount"),
            ("serious illness", "大病保险", "serious illness"),
            ("civil servant", "公务员补助", "civil servants"),
            ("civil servant outpatient", "公务员门诊补助", "civil servants, outpatient"),
            ("employer", "单位补充", "an employer's supplement"),
            ("supplement", "自愿补充", "voluntary supplement"),
            ("retired supplement", "退休人员统一补充", "unified supplement of the retired"),
            ("disabled", "伤残人员补助", "aid of disabled soldiers"),
            ("aid", "医疗救助", "medical aid"),
            ("yearly aid", "年终救助", "medical aid paid once a year"),
            ("local fund", "地方附加基金", "local additional fund"),
            ("other", "其他补充", "any other"),
        ],
    ),
    (
        "part",
        ("个人负担的各部分", "Parts left to the patient"),
        &[
            ("out of scope", "全自费", "outside the insurance"),
            ("over limit", "超限价自付", "above price limits"),
            ("first self-pay", "项目先行自付", "the first share of items"),
            ("off-site share", "异地或按就诊先行自付", "the first share of care elsewhere, or of the visit"),
            ("deductible", "起付线", "the deductible"),
            ("share", "范围内按比例自付", "in-scope cost that the pool did not pay"),
            ("over the ceiling", "超封顶", "what is above the ceiling"),
        ],
    ),
    (
        "period",
        ("期间", "Periods"),
        &[
            ("day", "每日", "a day"),
            ("week", "每周", "a week"),
            ("month", "每月", "a month"),
            ("quarter", "每季", "a quarter"),
        ],
    ),
    (
        CHOICE,
        ("选择", "Choices"),
        &[
            ("account", "停个人账户", "the account is stopped"),
            ("actual cost", "实际费用", "the actual cost"),
            ("admission date", "入院日或就诊日", "the day of admission, or of the visit"),
            ("all", "全部", "all of it"),
            ("bill", "按次", "by bill"),
            ("by its class", "按所报的类", "by the class given"),
            ("carried on", "结转当年以后各期", "carried on within the year"),
            ("cost", "进入的范围内费用", "in-scope cost that enters"),
            ("cost above the ceiling", "超封顶的费用", "cost above the ceiling"),
            ("cost above the deductible", "起付线以上的费用", "cost above the deductible"),
            ("cost including the deductible", "含起付线的费用", "cost, the deductible included"),
            (
                "cost with first self-pay",
                "含乙类先行自付的费用,先甲类后乙类",
                "cost with the first share of class B; class A comes first",
            ),
            ("counted from nothing", "从零算起", "counted from nothing"),
            ("counted from the line", "从起付线算起", "counted from the line"),
            ("day", "每日", "a day"),
            ("difference", "补差", "the difference"),
            ("discharge date", "出院日或就诊日", "the day of discharge, or of the visit"),
            ("disease", "按病种", "for each disease"),
            ("down", "舍去", "down"),
            ("end", "最后一次", "once, at the end"),
            ("fund", "基金", "the fund"),
            ("funds", "停基金", "the funds are stopped"),
            ("half-even", "四舍六入五成双", "half to even"),
            ("half-up", "四舍五入", "half up"),
            ("held", "待定,基金暂不付", "held: no fund pays yet"),
            ("highest", "取最高", "the highest"),
            ("hospital", "医院", "the hospital"),
            ("ignored", "不看限制", "the restriction is ignored"),
            ("in-scope self-pay of the bill", "本次范围内自付", "in-scope self-pay of the bill"),
            ("in-scope self-pay of the year", "全年范围内自付", "in-scope self-pay of the year"),
            ("lapses", "作废", "lapses"),
            ("layers", "进入补充层", "goes to the layers"),
            ("month", "每月", "a month"),
            ("needs confirmation", "须经确认", "needs confirmation"),
            ("new", "另收", "a new one"),
            ("none", "不再收", "no further one"),
            ("off", "不管", "nothing"),
            ("old", "按入院年", "that of the year of admission"),
            ("once a year", "年终一次", "once a year"),
            ("out of scope", "自费", "paid by the patient"),
            ("package", "包干价", "the package's price"),
            ("paid", "按费用支付", "the cost is paid"),
            ("paid and recovered", "先付后追偿", "paid, and recovered"),
            ("paid, the rest remitted", "按费用支付,差额付给本人", "the cost is paid, the rest is remitted"),
            ("patient", "个人", "the patient"),
            ("payment", "支付额", "what was paid"),
            ("pays", "统筹支付", "the pool pays"),
            ("pays nothing", "统筹不付", "the pool pays nothing"),
            ("quarter", "每季", "a quarter"),
            ("refused", "拒付", "refused"),
            ("required", "不予收取", "it is refused"),
            ("segment", "每段各一次", "in each segment"),
            ("service date", "服务日", "the day of the service"),
            ("settlement date", "结算日", "the day of settlement"),
            ("share", "个人自付部分", "the patient's share"),
            ("stay", "按次(每次住院或就诊)", "each stay or visit"),
            ("sum", "相加", "the sum"),
            ("visit", "每次就诊", "a visit"),
            ("warn", "提示", "a warning"),
            ("week", "每周", "a week"),
            ("window", "结算时", "with the bill"),
            ("year", "按年", "by year"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::constructs::part_words;
    use crate::counters::{LayerName, Period, Track};
    use crate::manual::{Key, pages};

    fn choices(keys: &[Key], all: &mut BTreeSet<String>) {
        for key in keys {
            all.extend(key.holds.choices().into_iter().map(str::to_owned));
            choices(key.below(), all);
        }
    }

    #[test]
    fn every_word_of_the_model_and_of_every_choice_has_its_meaning_and_no_other() {
        fn all<T: ToString>(all: &[T]) -> BTreeSet<String> {
            all.iter().map(ToString::to_string).collect()
        }
        let mut choice = BTreeSet::new();
        pages().for_each(|page| choices(page.keys, &mut choice));
        let expected = [
            ("status", all(model::PersonStatus::ALL)),
            ("level", all(&[0, 1, 2, 3])),
            ("visit", all(model::VisitKind::ALL)),
            ("region", all(model::Region::ALL)),
            ("premium", all(model::Premium::ALL)),
            ("sex", all(model::Sex::ALL)),
            ("servant", all(model::Servant::ALL)),
            ("identity", all(model::Hardship::ALL)),
            ("scheme", all(model::Scheme::ALL)),
            ("cause", all(model::Cause::ALL)),
            ("referral", all(model::Referral::ALL)),
            ("prescription", all(model::Prescription::ALL)),
            ("blacklist", all(&[0, 1, 2, 3])),
            ("class", all(model::ItemClass::ALL)),
            ("kind", all(model::ItemKind::ALL)),
            ("standing", all(model::Standing::ALL)),
            ("rules", all(&Track::ALL.map(Track::key))),
            ("fund", all(model::Fund::ALL)),
            ("layer", all(&LayerName::ALL.map(LayerName::word))),
            ("part", all(&part_words())),
            ("period", all(&Period::ALL.map(Period::word))),
            (CHOICE, choice),
        ];
        let told: Vec<_> = WORDS
            .iter()
            .map(|(list, _, words)| (*list, words.iter().map(|(word, ..)| (*word).to_owned()).collect()))
            .collect();
        assert_eq!(told, expected);
        for (list, _, words) in WORDS {
            assert_eq!(
                words.len(),
                told.iter().find(|(name, _)| name == list).unwrap().1.len(),
                "{list}: a word twice"
            );
            assert!(words.iter().all(|(_, zh, en)| !zh.is_empty() && !en.is_empty()), "{list}");
        }
        assert_eq!(meaning("status", "retired"), Some(("退休", "retired")));
    }
}
