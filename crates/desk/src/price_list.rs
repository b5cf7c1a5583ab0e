//! A price list as a table with commas.

use money::UnitPrice;
use web::{Said, field};

use crate::house::{Item, Named};
use crate::pasted::{self, Cells, Columns, Problem};

/// The columns of a price list, as its first line names them: in either language.
pub(crate) const COLUMNS: [(&str, &str, &str); 13] = [
    ("code", "编码", "Code"),
    ("name", "名称", "Name"),
    ("specification", "规格", "Specification"),
    ("unit", "单位", "Unit"),
    ("price", "单价", "Price"),
    ("category", "费用类别", "Charge"),
    ("executing-code", "执行科室代码", "Executing code"),
    ("executing", "执行", "Given at"),
    ("aliases", "别名", "Other names"),
    ("mapped", "国家编码", "National code"),
    ("drug", "药品", "Drug"),
    ("whole", "整数", "Whole"),
    ("traced", "追溯码", "Trace code"),
];

/// The highest price a list may have.
const PRICE_MAX: i64 = 999_999_999_900;
/// A row as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedItem {
    pub(crate) code: String,
    pub(crate) item: Item,
    /// Which of [`COLUMNS`] the list has.
    pub(crate) has: [bool; COLUMNS.len()],
}

impl ListedItem {
    /// What an item becomes by it: what the list has no column for stays as it was.
    pub(crate) fn over(self, known: &Item) -> Item {
        let Self { item, has, .. } = self;
        let known = known.clone();
        Item {
            category: if has[5] { item.category } else { known.category },
            executing: Named {
                code: if has[6] { item.executing.code } else { known.executing.code },
                name: if has[7] { item.executing.name } else { known.executing.name },
            },
            aliases: if has[8] { item.aliases } else { known.aliases },
            proposed: if has[9] { item.proposed } else { known.proposed },
            drug: if has[10] { item.drug } else { known.drug },
            whole: if has[11] { item.whole } else { known.whole },
            traced: if has[12] { item.traced } else { known.traced },
            ..item
        }
    }
}

/// Reads a list: its rows, or all that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Vec<ListedItem>, Vec<Problem>> {
    // What is missing is told in the language most lists have.
    let names = COLUMNS.iter().map(|(word, zh, en)| vec![*zh, *word, *en]).collect();
    let listed = pasted::read(text, &Columns { names, needed: 5 }, row)?;
    let has: [bool; COLUMNS.len()] = std::array::from_fn(|n| listed.has[n]);
    Ok(listed.rows.into_iter().map(|(code, item)| ListedItem { code, item, has }).collect())
}

/// A row; or the column that is wrong, and what.
fn row(cell: &Cells<'_>) -> Result<(String, Item), (usize, Said)> {
    let code = code(&cell(0)).map_err(|said| (0, said))?;
    let short = |n: usize, most: usize| short(&cell(n), most).map_err(|said| (n, said));
    let name = field::name(&cell(1)).map_err(|said| (1, said))?;
    let price = price(&cell(4)).map_err(|said| (4, said))?;
    let category = match cell(5).as_str() {
        "" => "14".to_owned(),
        text => category(text).map_err(|said| (5, said))?,
    };
    let proposed = short(9, 50)?;
    let item = Item {
        name,
        aliases: aliases(&cell(8)).map_err(|said| (8, said))?,
        specification: short(2, 100)?,
        unit: short(3, 20)?,
        price,
        category,
        executing: Named::of(short(6, 20)?, short(7, 30)?),
        mapped: None,
        proposed,
        class: "C".into(),
        first_self_pay: String::new(),
        drug: yes(&cell(10)).map_err(|said| (10, said))?,
        whole: yes(&cell(11)).map_err(|said| (11, said))?,
        traced: yes(&cell(12)).map_err(|said| (12, said))?,
        prices: Vec::new(),
        stopped: None,
    };
    Ok((code, item))
}

/// A text of an item: not too long, and nothing but signs.
pub(crate) fn short(typed: &str, most: usize) -> Result<String, Said> {
    let fits = typed.chars().count() <= most && !typed.chars().any(char::is_control);
    if fits { Ok(typed.to_owned()) } else { Err(Said::new("item-text").with("most", most)) }
}

/// Other names of an item, written side by side.
pub(crate) fn aliases(typed: &str) -> Result<Vec<String>, Said> {
    let names = short(typed, 200)?;
    Ok(names.split([';', '；']).map(str::trim).filter(|name| !name.is_empty()).map(Into::into).collect())
}

/// A code of the hospital's own.
pub(crate) fn code(typed: &str) -> Result<String, Said> {
    let code = field::plain(typed);
    let plain = code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if plain && (1..=30).contains(&code.len()) {
        Ok(code)
    } else {
        Err(Said::new("item-code-wrong").with("seen", typed))
    }
}

/// A unit price: at least nothing, four places.
pub(crate) fn price(typed: &str) -> Result<UnitPrice, Said> {
    let text = field::plain(typed).replace(',', "");
    let refused = || Said::new("item-price-wrong").with("seen", typed);
    let places = text.split_once('.').map_or(0, |(_, places)| places.trim_end_matches('0').len());
    let price: UnitPrice = text.parse().map_err(|_| refused())?;
    let fits = (0..=PRICE_MAX).contains(&price.millionths()) && places <= 4;
    if fits { Ok(price) } else { Err(refused()) }
}

/// A kind of charge, as its number, with or without the name behind it.
pub(crate) fn category(typed: &str) -> Result<String, Said> {
    let number: String = typed.chars().take_while(char::is_ascii_digit).collect();
    let number = format!("{number:0>2}");
    let known = number.parse::<u8>().is_ok_and(|n| (1..=14).contains(&n));
    if known { Ok(number) } else { Err(Said::new("item-category-wrong").with("seen", typed)) }
}

/// Yes or no, as lists write it.
fn yes(text: &str) -> Result<bool, Said> {
    match text.to_ascii_lowercase().as_str() {
        "" | "0" | "否" | "no" | "n" => Ok(false),
        "1" | "是" | "yes" | "y" | "✓" => Ok(true),
        _ => Err(Said::new("import-yes").with("seen", text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_by_the_names_of_its_columns() {
        let text = "\u{feff}名称,编码,规格,单位,单价,别名,药品\r\n氨氯地平片,A1,5mg×28,盒,\"1,018.6\",络活喜；amlodipine,是\r\n";
        let rows = read(text).unwrap();
        assert_eq!(rows.len(), 1);
        let ListedItem { code, item, .. } = &rows[0];
        assert_eq!(
            (code.as_str(), item.name.as_str(), item.price.to_string()),
            ("A1", "氨氯地平片", "1018.600000".into())
        );
        assert_eq!(
            (item.aliases.len(), item.drug, item.whole, item.category.as_str()),
            (2, true, false, "14")
        );
        let english = "Code,Name,Specification,Unit,Price,Charge\nB-2,Blood count,,次,12,04 化验费\n";
        assert_eq!(read(english).unwrap()[0].item.category, "04");
    }

    #[test]
    fn every_problem_is_told_by_row_and_column() {
        let told = |text: &str| -> Vec<(usize, String, &'static str)> {
            read(text).unwrap_err().into_iter().map(|p| (p.line, p.column, p.said.key)).collect()
        };
        assert_eq!(told("编码,名称\nA1,x\n").len(), 3);
        assert_eq!(told("编码,名称,规格,单位,单价\n"), [(1, String::new(), "import-empty")]);
        let text = "编码,名称,规格,单位,单价,费用类别,药品\n\
                    A 1,甲,,次,1,,\nA2,,,次,1,,\nA3,丙,,次,1.23456,,\nA4,丁,,次,-1,,\nA5,戊,,次,1,99,\nA6,己,,次,1,,x\nA7,庚,,次,1,,\nA7,辛,,次,1,,\n";
        let expected = [
            (2, "编码", "item-code-wrong"),
            (3, "名称", "field-name"),
            (4, "单价", "item-price-wrong"),
            (5, "单价", "item-price-wrong"),
            (6, "费用类别", "item-category-wrong"),
            (7, "药品", "import-yes"),
            (9, "编码", "import-twice"),
        ];
        assert_eq!(told(text), expected.map(|(line, column, key)| (line, column.to_owned(), key)));
    }

    #[test]
    fn what_a_list_has_no_column_for_stays_as_it_was() {
        let full = "code,name,specification,unit,price,category,executing,aliases,drug,whole,traced\nA1,甲,1g,盒,2.5,09,药房,乙,1,1,1\n";
        let known = read(full).unwrap().remove(0).item;
        let short = read("code,name,specification,unit,price\nA1,甲新,1g,盒,2.5\n").unwrap().remove(0);
        let renewed = short.over(&known);
        assert_eq!(renewed.name, "甲新");
        assert_eq!(renewed, Item { name: "甲新".into(), ..known });
    }
}
