//! The catalogue of the sample city.

use jiff::civil::Date;
use model::{Catalogue, Code, CodeList, CodeLists, Item, ItemKind, Listing, StayGroup, Validity};
use money::{Rate, UnitPrice};

const FILE: &str = include_str!("../../../policies/demo-city/catalogue/2026-01-01.csv");

/// The first version, as its file is called.
const FIRST: &str = "2026-01-01";

/// The catalogue of 3,000 items.
pub fn catalogue() -> Catalogue {
    Catalogue::new(FIRST, read_items(FILE).expect("the file of items is well formed"))
}

macro_rules! lists {
    ($($kind:ident in $folder:literal),* $(,)?) => {
        &[$((CodeList::$kind, include_str!(concat!("../../../policies/demo-city/lists/", $folder, "/2026-01-01.csv")))),*]
    };
}

const LISTS: &[(CodeList, &str)] = lists!(
    Diagnoses in "diagnoses",
    Procedures in "procedures",
    TumourMorphology in "tumour_morphology",
    TcmDiseases in "tcm_diseases",
    TcmSyndromes in "tcm_syndromes",
    ListedDiseases in "listed_diseases",
    DiseasePayments in "disease_payments",
    DaySurgeries in "day_surgeries",
);

/// Its lists of codes.
pub fn code_lists() -> CodeLists {
    let read = |(kind, text): &(CodeList, &str)| {
        (*kind, Listing::new(FIRST, read_codes(text).expect("the file of codes is well formed")))
    };
    CodeLists::new(LISTS.iter().map(read).collect())
}

/// A catalogue of `count` items: the 3,000, then drugs and materials of further makers. Services have no makers: there
/// are as many as in the small one.
pub fn large_catalogue(count: usize) -> Catalogue {
    let base = catalogue();
    let goods: Vec<&Item> = base.items().iter().filter(|item| has_maker(item)).collect();
    let further = (1..).flat_map(|maker| goods.iter().map(move |item| of_maker(item, maker)));
    let items = base.items().iter().cloned().chain(further).take(count);
    Catalogue::new(FIRST, items.collect())
}

/// Western and patent drugs and materials: the last five digits of their codes are the maker's.
fn has_maker(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Drug | ItemKind::Patent | ItemKind::Material | ItemKind::ImportedMaterial)
}

/// Numbers of makers: 99000 and after, which no maker has.
const MAKERS: usize = 1_000;

/// The same goods of another maker, under a code and at a price of its own.
fn of_maker(item: &Item, nth: usize) -> Item {
    assert!(nth < MAKERS, "goods have at most {MAKERS} makers");
    let (goods, first) = item.code.split_at(item.code.len() - 3);
    let first: usize = first.parse().expect("a maker's number ends in three digits");
    let maker = (first + nth) % MAKERS;
    Item {
        code: format!("{goods}{maker:03}"),
        specification: format!("{} {}", item.specification, maker_name(maker, item)),
        price: priced(item.price, maker),
        ..item.clone()
    }
}

const PLACES: [&str; 20] = [
    "澜江", "海棠", "石矶", "庄溪", "榭岛", "康岭", "邻州", "东海", "钟楼", "北塘", "南门", "河西", "东湖",
    "新港", "云台", "白沙", "岭口", "云溪", "上庄", "石门",
];
const BRANDS: [&str; 10] = ["康", "安", "民", "和", "瑞", "源", "泰", "华", "益", "宁"];
const TRADES: [&str; 5] = ["制药", "药业", "生物制药", "制药二厂", "药业集团"];
const MATERIAL_TRADES: [&str; 5] = ["医疗器械", "医用材料", "医疗科技", "器械厂", "医疗用品"];

/// An invented name; each number has its own.
fn maker_name(maker: usize, item: &Item) -> String {
    let trades =
        if item.kind == ItemKind::Drug || item.kind == ItemKind::Patent { TRADES } else { MATERIAL_TRADES };
    let (place, rest) = (PLACES[maker % 20], maker / 20);
    format!("{place}{}{}", BRANDS[rest % 10], trades[rest / 10])
}

/// A price up to a fifth lower or higher, in whole fen.
fn priced(price: UnitPrice, maker: usize) -> UnitPrice {
    let percent = 80 + i64::try_from(maker % 41).unwrap_or(20);
    let fen = (price.millionths() * percent / 100 / 10_000).max(1);
    UnitPrice::from_millionths(fen * 10_000)
}

/// Reads items from CSV with the columns of the sample city's; two more may say from when to when a row holds. An error
/// names the line.
pub fn read_items(text: &str) -> Result<Vec<Item>, String> {
    read_rows(text, read_item)
}

/// Reads codes from CSV: code, name, first and last day. An error names the line.
pub fn read_codes(text: &str) -> Result<Vec<Code>, String> {
    read_rows(text, |row| {
        let text = |at: usize| row.get(at).unwrap_or_default();
        if text(0).is_empty() || text(1).is_empty() {
            return Err("a code and its name are needed".into());
        }
        Ok(Code { code: text(0).into(), name: text(1).into(), valid: validity(text(2), text(3))? })
    })
}

/// Reads groups of stays: `code,name,points`.
pub fn read_groups(text: &str) -> Result<Vec<StayGroup>, String> {
    read_rows(text, |row| {
        let text = |at: usize| row.get(at).unwrap_or_default();
        let points = text(2).parse().map_err(|_| format!("points `{}` are no number", text(2)))?;
        if text(0).is_empty() {
            return Err("a group needs a code".into());
        }
        Ok(StayGroup { code: text(0).into(), name: text(1).into(), points })
    })
}

fn read_rows<T>(
    text: &str,
    read: impl Fn(&csv::StringRecord) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for (n, row) in (2..).zip(reader.records()) {
        let row = row.map_err(|error| format!("line {n}: {error}"))?;
        rows.push(read(&row).map_err(|what| format!("line {n}: {what}"))?);
    }
    Ok(rows)
}

fn validity(from: &str, to: &str) -> Result<Validity, String> {
    let day = |text: &str| -> Result<Option<Date>, String> {
        let read = |text: &str| text.parse().map_err(|e| format!("day `{text}`: {e}"));
        Some(text).filter(|text| !text.is_empty()).map(read).transpose()
    };
    let valid = Validity { from: day(from)?, to: day(to)?, version: 0 };
    if valid.from.zip(valid.to).is_some_and(|(from, to)| to < from) {
        return Err(format!("it ends on {to}, before it begins on {from}"));
    }
    Ok(valid)
}

fn read_item(row: &csv::StringRecord) -> Result<Item, String> {
    let text = |at: usize| row.get(at).unwrap_or_default();
    let price = |at: usize| -> Result<Option<UnitPrice>, String> {
        match text(at) {
            "" => Ok(None),
            price if price.starts_with('-') => Err(format!("price `{price}`: below zero")),
            price => price.parse().map(Some).map_err(|e| format!("price `{price}`: {e}")),
        }
    };
    let specification = text(7).to_owned();
    let kind: ItemKind = text(3).parse()?;
    let imported = kind == ItemKind::Material && specification.starts_with("进口");
    let (one, two, three) = (price(9)?, price(10)?, price(11)?);
    let first_self_pay = match text(12) {
        "" => None,
        rate => {
            let read = rate.parse::<Rate>().map_err(|e| format!("first self-pay `{rate}`: {e}"))?;
            if !(Rate::ZERO..=Rate::ONE).contains(&read) {
                return Err(format!("first self-pay `{rate}`: not from 0 to 1"));
            }
            Some(read)
        }
    };
    Ok(Item {
        code: text(0).into(),
        name: text(1).into(),
        class: text(2).parse()?,
        kind: if imported { ItemKind::ImportedMaterial } else { kind },
        list_kind: text(4).into(),
        charge_kind: text(5).into(),
        unit: text(6).into(),
        specification,
        price: price(8)?.ok_or("no price")?,
        // Unrated hospitals have the limits of the first level.
        limits: [one, one, two, three],
        first_self_pay,
        restricted: text(13) == "1",
        traced: text(14) == "required",
        initials: text(15).into(),
        valid: validity(text(16), text(17))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_national_form_and_stand_for_nothing_real() {
        let small = catalogue();
        let large = large_catalogue(20_000);
        for item in small.items().iter().chain(large.items()) {
            let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            let (code, fits) = (item.code.as_str(), |head: &str, length: usize| {
                item.code.starts_with(head) && item.code.len() == length
            });
            let known = match item.kind {
                ItemKind::Drug => fits("X", 23) && code[18..].starts_with("99"),
                ItemKind::Patent => fits("Z", 23) && code[18..].starts_with("99"),
                ItemKind::Herb => fits("T99", 10) && digits(&code[1..]),
                ItemKind::Material | ItemKind::ImportedMaterial => fits("C99", 20) && digits(&code[1..]),
                _ => fits("0099", 15) && digits(code),
            };
            assert!(known, "{code} {}", item.name);
            assert!(!item.specification.is_empty() || code.starts_with("00"), "{code} has no specification");
            assert!(item.price > UnitPrice::default(), "{code} has no price");
        }
    }

    #[test]
    fn a_wrong_catalogue_names_its_line() {
        let head = FILE.lines().next().unwrap();
        let row = "X1,名,A,drug,101,09,盒,5mg,18.60,,,,,0,none,M";
        let error = |row: &str| read_items(&format!("{head}\n{row}\n")).unwrap_err();
        assert!(read_items(&format!("{head}\n{row}\n")).is_ok());
        assert!(error(&row.replace(",A,", ",D,")).starts_with("line 2: `D` is not one of A, B, C"));
        assert!(error(&row.replace("18.60", "18,60")).starts_with("line 2"));
        assert!(error(&row.replace("18.60", "dear")).starts_with("line 2: price `dear`"));
    }
}
