//! A settlement for people's eyes.

use model::{Amounts, Fund};
use money::Money;
use policy::Language;

/// Lines of a receipt: a label and an amount; parts that are nothing are left out.
pub fn lines(amounts: &Amounts, language: Language) -> Vec<String> {
    let fund = |fund: Fund| amounts.fund(fund);
    let rows: [(&str, &str, Money); 14] = [
        ("费用总额", "total", amounts.total),
        ("目录外自费", "out of scope", amounts.out_of_scope),
        ("超限价自付", "above price limits", amounts.over_price_limit),
        ("先行自付", "first self-pay", amounts.prior_self_pay),
        ("符合范围", "in scope", amounts.eligible),
        ("其中起付线", "of it deductible", amounts.deductible_paid),
        ("统筹基金", "pooled fund", fund(Fund::Pooled)),
        ("大额补助", "large amount", fund(Fund::MajorMedical)),
        ("公务员补助", "civil servant", fund(Fund::CivilServant)),
        ("大病保险", "serious illness", fund(Fund::CriticalIllness)),
        ("企业补充", "employer", fund(Fund::Employer)),
        ("医疗救助", "medical aid", fund(Fund::Aid)),
        ("个人账户", "personal account", amounts.personal_account),
        ("现金", "cash", amounts.cash),
    ];
    let shown = |(zh, _, amount): &(&str, &str, Money)| {
        !amount.is_zero() || ["费用总额", "统筹基金", "现金"].contains(zh)
    };
    rows.iter()
        .filter(|row| shown(row))
        .map(|(zh, en, amount)| {
            let label = if language == Language::Zh { zh } else { en };
            format!("{}{amount:>14}", padded(label, 20))
        })
        .collect()
}

/// Pads to a width on a terminal, where a Chinese character takes two places.
pub fn padded(text: &str, width: usize) -> String {
    let taken: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(taken)))
}
