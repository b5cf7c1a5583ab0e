//! 3301 and 3302: which item of the catalogue each of the hospital's own is.

use jiff::civil::Date;
use money::UnitPrice;

use super::speaker::{Asking, Named, Speaker};
use super::writing::Row;

/// 3301: maps items, at most [`MAPPINGS_MAX`](crate::transactions::MAPPINGS_MAX) at once. What stands is accepted again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMapping {
    /// One row an item.
    pub rows: Vec<MappingSaid>,
}

/// One of the hospital's items, mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingSaid {
    /// The hospital's own code and name of it.
    pub own: Named,
    /// National kind of list.
    pub list_kind: String,
    /// National code of the item it is.
    pub item: String,
    /// First and last day.
    pub days: (Date, Date),
    /// Number of its approval. The table demands one of services too: programs send a stroke for none.
    pub approval: String,
    /// Form of a drug.
    pub form: String,
    /// Unit of pricing.
    pub unit: String,
    /// Specification.
    pub specification: String,
    /// Price, where the centre has a place for it.
    pub price: Option<UnitPrice>,
    /// Remarks.
    pub memo: String,
}

impl MappingSaid {
    fn row(&self) -> Row {
        let row = Row::new().named("fixmedins_hilist_id", "fixmedins_hilist_name", &self.own);
        let row = row.text("list_type", &self.list_kind).text("med_list_codg", &self.item);
        let row = row.date("begndate", self.days.0).date("enddate", self.days.1);
        let row = row.text("aprvno", &self.approval).text("dosform", &self.form).text("prcunt", &self.unit);
        let row = row.text("spec", &self.specification).text("memo", &self.memo);
        row.number_if("pric", self.price)
    }
}

impl Asking for UploadMapping {
    fn infno(&self) -> &'static str {
        "3301"
    }

    fn input(&self, _: &Speaker) -> String {
        Row::new().rows("data", self.rows.iter().map(MappingSaid::row)).end()
    }
}

/// 3302: withdraws a mapping. The table takes one at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeMapping {
    /// The hospital's own code; empty: all of its items that are mapped to the national one.
    pub own: String,
    /// National kind of list.
    pub list_kind: String,
    /// National code of the item.
    pub item: String,
}

impl Asking for RevokeMapping {
    fn infno(&self) -> &'static str {
        "3302"
    }

    fn input(&self, speaker: &Speaker) -> String {
        let row = Row::new().text("fixmedins_hilist_id", &self.own).text("fixmedins_code", &speaker.hospital);
        row.text("list_type", &self.list_kind).text("med_list_codg", &self.item).within("data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{ODD, said};
    use crate::transactions::{self, CancelMapping};
    use jiff::civil::date;

    #[test]
    fn items_are_mapped() {
        let days = (date(2026, 1, 1), date(2099, 12, 31));
        let mapping = |own: &str, price| MappingSaid {
            own: Named::new(own, ODD),
            list_kind: "101".into(),
            item: "XL01".into(),
            days,
            approval: "国药准字\"H1\"".into(),
            form: "片剂".into(),
            unit: "盒".into(),
            specification: "10mg".into(),
            price,
            memo: "甲\\乙".into(),
        };
        let price = Some(UnitPrice::from_millionths(12_345_678));
        let request = UploadMapping { rows: vec![mapping("YP1", price), mapping("YP2", None)] };
        let read = transactions::UploadMapping::read(&said(&request).input).unwrap();
        let [first, second] = read.rows.as_slice() else { panic!("two were said") };
        assert_eq!(
            (first.own.as_str(), first.list.as_str(), first.item.as_str(), first.days),
            ("YP1", "101", "XL01", days)
        );
        for (name, text) in [
            (transactions::OWN_NAME, ODD),
            ("aprvno", "国药准字\"H1\""),
            ("dosform", "片剂"),
            ("prcunt", "盒"),
            ("spec", "10mg"),
            ("memo", "甲\\乙"),
            ("pric", "12.345678"),
        ] {
            assert_eq!(first.facts.text(name), text, "{name}");
        }
        assert_eq!((second.own.as_str(), second.facts.text("pric")), ("YP2", ""));
    }

    #[test]
    fn a_mapping_is_withdrawn() {
        for own in ["YP1", ""] {
            let request = RevokeMapping { own: own.into(), list_kind: "101".into(), item: "XL01".into() };
            let message = said(&request);
            let read = CancelMapping::read(&message.input).unwrap();
            assert_eq!(read.rows, [(own.to_owned(), "XL01".to_owned())]);
            assert_eq!(message.input.first("data").unwrap().text("fixmedins_code"), "H99010300002");
        }
    }
}
