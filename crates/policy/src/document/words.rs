//! The sentences of problems in Chinese. Readers of files say what they found and expected in English, the words of the
//! language and the values shown among it; here stands the Chinese of every such sentence, with `{}` for what stays.

const PHRASES: &[(&str, &str)] = &[
    // What was found.
    ("nothing", "空缺"),
    ("the unknown word `{}`", "不认识的词 `{}`"),
    ("no row of `{}` for {}", "`{}` 没有适用于 {} 的行"),
    ("no row of `{}`", "没有 `{}` 行"),
    ("two rows of `{}` that both fit {}", "`{}` 有两行都适用于 {}"),
    ("a second row of `{}` for {}", "`{}` 有第二行适用于 {}"),
    ("a row of `{}` behind the last one for {}", "`{}` 在末行之后还有适用于 {} 的行"),
    ("one row too many of `{}`", "`{}` 多了一行"),
    ("no row of `{}` above the last threshold for {}", "`{}` 在最后一个界限以上没有适用于 {} 的行"),
    ("thresholds out of order for {}", "适用于 {} 的各段界限次序不对"),
    ("sections that do not rise to an open one", "各段没有递增到不封顶的一段"),
    ("the visit `{}` a second time", "就诊类别 `{}` 第二次出现"),
    ("the layer `{}` a second time", "层 `{}` 第二次出现"),
    ("the name `{}` a second time", "名称 `{}` 第二次出现"),
    ("`{}` of a ceiling per disease", "按病种的封顶线又有 `{}`"),
    ("`{}` above `{}`", "`{}` 大于 `{}`"),
    ("a row of a layer paid once a year that depends on `{}`", "年终一次支付的层有一行取决于 `{}`"),
    ("a layer paid once a year that goes by bill", "年终一次支付的层却按次计算"),
    ("`{}`, or by = {}", "`{}`,或 by = {}"),
    ("`{}` in a layer paid once a year", "年终一次支付的层写了 `{}`"),
    ("{} accounts of `{}`", "{} 个账户支付 `{}`"),
    ("one group too many", "多了一组"),
    ("one class too many", "多了一类"),
    ("a class's ceiling of cost, or per disease", "单独支付类别的额度按费用或按病种计"),
    ("several of `{}`, `{}`, `{}`", "`{}`、`{}`、`{}` 中的几个"),
    ("neither `{}` nor `{}`", "`{}` 和 `{}` 都没有"),
    ("{}, the day of `{}` too", "{},与 `{}` 同一天"),
    ("`{}` is not one of {}", "`{}` 不在 {} 之中"),
    ("`{}` is not a counter", "`{}` 不是累计项"),
    ("not a decimal number", "不是十进制数"),
    ("more decimal places than allowed", "小数位过多"),
    ("number out of range", "数值超出范围"),
    ("not a word", "不是词"),
    // What was expected.
    ("TOML", "TOML 格式"),
    ("rows that depend on the person alone", "只取决于人员的行"),
    ("no `{}`", "不写 `{}`"),
    ("a table", "一个表"),
    ("a row `{}`", "一行 `{}`"),
    ("a list of rows `{}`", "行的列表 `{}`"),
    ("a text in quotes", "引号中的文本"),
    ("true or false", "true 或 false"),
    ("a whole number", "整数"),
    ("a whole number from {} to {}", "{} 至 {} 的整数"),
    ("a date such as {}", "日期,如 {}"),
    ("an amount in yuan in quotes, such as {}", "引号中的金额(元),如 {}"),
    ("a rate in quotes, such as {}", "引号中的比例,如 {}"),
    ("a rate from {} to {}", "{} 至 {} 的比例"),
    ("percentage points, such as {}, {} or {}", "百分点,如 {}、{} 或 {}"),
    ("a factor in quotes, such as {}", "引号中的系数,如 {}"),
    ("nothing below zero", "不小于零的数"),
    ("a word or a list of words", "一个词或词的列表"),
    ("a till's way to round", "收银台的舍入方式"),
    ("an amount in yuan", "金额(元)"),
    ("text", "文本"),
    ("a number of that kind", "此类数值"),
    ("a level from {} to {}", "{} 至 {} 的等级"),
    ("a number or day, {} or {}", "数或日期,{} 或 {}"),
    ("a counter such as {}", "累计项,如 {}"),
    ("a base of this edition: {}", "本版本的基数:{}"),
    ("a list of this edition: {}", "本版本的清单:{}"),
    ("a table of this edition", "本版本的表"),
    ("at least one row", "至少一行"),
    ("at most {} rows", "最多 {} 行"),
    ("at most {}", "最多 {}"),
    ("one row", "一行"),
    ("one of them", "其中一个"),
    ("one of payment, of the year", "按支付额计的全年额度"),
    ("rising thresholds", "递增的界限"),
    ("a last row without `{}`", "没有 `{}` 的末行"),
    ("rising prices, the last row without `{}`", "递增的价格,末行没有 `{}`"),
    ("each layer once", "每层一次"),
    ("each kind of visit in one table", "每个就诊类别在一个表中"),
    ("a name of its own for each group", "每组有自己的名称"),
    ("one account for each payer", "每个支付方一个账户"),
    ("a name of its own", "自己的名称"),
    ("a quantity in quotes", "引号中的数量"),
    ("a fund, or personal_account", "基金,或 personal_account"),
    ("one edition a day", "每天一个版本"),
    ("half-up, half-even or down", "half-up、half-even 或 down"),
    ("end or segment", "end 或 segment"),
    ("male or female", "male 或 female"),
    ("up or down", "up 或 down"),
    ("A, B or C", "A、B 或 C"),
    ("{} date, {} date, {} date or {} date", "{} date、{} date、{} date 或 {} date"),
    ("a fund", "基金"),
    ("a cause", "就医原因"),
    ("a hardship", "困难身份"),
    ("a kind of item", "项目类别"),
    ("a kind of visit", "就诊类别"),
    ("a price in yuan", "价格(元)"),
    ("a quantity", "数量"),
    ("a rank", "级别"),
    ("a region", "就医地"),
    ("a scheme", "险种"),
    ("a state of the premium", "缴费状态"),
    ("a status", "人员状态"),
    ("how the item stands", "项目状态"),
    ("where it came from", "处方来源"),
];

/// A sentence of a problem in Chinese; what is none, such as a value or a list of words, stays as it is.
pub(super) fn chinese(text: &str) -> String {
    if let Some((shown, why)) = reason(text) {
        return format!("{shown} ({})", chinese(why));
    }
    let found = PHRASES.iter().find_map(|(en, zh)| Some((holes(en, text)?, zh)));
    let Some((holes, zh)) = found else { return text.to_owned() };
    let mut holes = holes.into_iter();
    let mut parts = zh.split("{}");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + holes.next().unwrap_or_default() + part)
}

/// A shown value with the reason behind it: `"x"` (not a decimal number).
fn reason(text: &str) -> Option<(&str, &str)> {
    let (shown, why) = text.strip_suffix(')')?.rsplit_once("` (")?;
    text.starts_with('`').then(|| (&text[..=shown.len()], why))
}

/// What stands in the holes of a pattern, where a text is of it.
fn holes<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let Some((first, mut pattern)) = pattern.split_once("{}") else {
        return (text == pattern).then(Vec::new);
    };
    let mut rest = text.strip_prefix(first)?;
    let mut holes = Vec::new();
    while let Some((between, after)) = pattern.split_once("{}") {
        let at = rest.find(between)?;
        holes.push(&rest[..at]);
        rest = &rest[at + between.len()..];
        pattern = after;
    }
    let last = rest.strip_suffix(pattern)?;
    if last.is_empty() {
        return None;
    }
    holes.push(last);
    // A rule that asks for nothing.
    holes.iter_mut().filter(|hole| **hole == "any bill").for_each(|hole| *hole = "任何账单");
    Some(holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_has_its_chinese_with_the_same_values_in_it() {
        for (en, zh) in PHRASES {
            assert_eq!(en.matches("{}").count(), zh.matches("{}").count(), "{en}");
            let filled = en.replace("{}", "x9");
            assert_eq!(chinese(&filled), zh.replace("{}", "x9"), "an earlier phrase takes `{en}`");
        }
        for (text, told) in [
            ("`400.0`", "`400.0`"),
            ("employed, retired, cadre, other", "employed, retired, cadre, other"),
            ("nothing else", "nothing else"),
            ("`\"x\"` (not a decimal number)", "`\"x\"` (不是十进制数)"),
            ("no row of `rate` for level 3, age 44", "`rate` 没有适用于 level 3, age 44 的行"),
            ("no row of `rate` for any bill", "`rate` 没有适用于 任何账单 的行"),
            ("`a` (`a` is not one of b, c)", "`a` (`a` 不在 b, c 之中)"),
        ] {
            assert_eq!(chinese(text), told);
        }
    }
}
