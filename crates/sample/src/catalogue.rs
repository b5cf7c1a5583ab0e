//! The catalogue of the sample city.

use model::{Catalogue, Item, ItemKind};
use money::{Rate, UnitPrice};

const FILE: &str = include_str!("../../../policies/demo-city/catalogue/items.csv");

/// The catalogue of 3,000 items.
pub fn catalogue() -> Catalogue {
    read_catalogue("2026-01", FILE).expect("the file of items is well formed")
}

/// A catalogue of `count` items: the 3,000 with further makers of each.
pub fn large_catalogue(count: usize) -> Catalogue {
    let base = catalogue();
    let base = base.items();
    let items = (0..count).map(|n| {
        let item = &base[n % base.len()];
        let maker = n / base.len();
        if maker == 0 {
            return item.clone();
        }
        Item {
            code: format!("{}-{maker}", item.code),
            specification: format!("{} 厂家{maker}", item.specification),
            ..item.clone()
        }
    });
    Catalogue::new("2026-01", items.collect())
}

/// Reads a catalogue from CSV with the columns of the sample city's. An error names the line.
pub fn read_catalogue(version: &str, text: &str) -> Result<Catalogue, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut items = Vec::new();
    for (n, row) in (2..).zip(reader.records()) {
        let row = row.map_err(|error| format!("line {n}: {error}"))?;
        items.push(read_item(&row).map_err(|what| format!("line {n}: {what}"))?);
    }
    Ok(Catalogue::new(version, items))
}

fn read_item(row: &csv::StringRecord) -> Result<Item, String> {
    let text = |at: usize| row.get(at).unwrap_or_default();
    let price = |at: usize| -> Result<Option<UnitPrice>, String> {
        match text(at) {
            "" => Ok(None),
            price => price.parse().map(Some).map_err(|e| format!("price `{price}`: {e}")),
        }
    };
    let specification = text(7).to_owned();
    let kind: ItemKind = text(3).parse()?;
    let imported = kind == ItemKind::Material && specification.starts_with("进口");
    let (one, two, three) = (price(9)?, price(10)?, price(11)?);
    let first_self_pay = match text(12) {
        "" => None,
        rate => Some(rate.parse::<Rate>().map_err(|e| format!("first self-pay `{rate}`: {e}"))?),
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_catalogue_names_its_line() {
        let head = FILE.lines().next().unwrap();
        let row = "X1,名,A,drug,101,09,盒,5mg,18.60,,,,,0,none,M";
        let error = |row: &str| read_catalogue("v", &format!("{head}\n{row}\n")).unwrap_err();
        assert!(read_catalogue("v", &format!("{head}\n{row}\n")).is_ok());
        assert!(error(&row.replace(",A,", ",D,")).starts_with("line 2: `D` is not one of A, B, C"));
        assert!(error(&row.replace("18.60", "18,60")).starts_with("line 2"));
        assert!(error(&row.replace("18.60", "dear")).starts_with("line 2: price `dear`"));
    }
}
