//! What a vendor's test program needs to talk to the demo.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use model::PersonStatus;
use money::Money;
use serde_json::{Value, json};
use store::Reader;

use super::Demo;

/// Writes the manifest: address, hospitals with keys, persons with situations and what their accounts hold, items.
pub(crate) fn write(demo: &Demo, path: &Path) -> anyhow::Result<()> {
    let held = held(demo.town.borrow().reader()?.as_mut())?;
    let hospitals: Vec<Value> = demo
        .city
        .hospitals
        .iter()
        .map(|h| {
            json!({
                "code": h.code, "name": h.name, "level": h.level, "division": h.division, "scheme": h.scheme,
                "profile": h.profile, "paasid": h.key, "secret": h.secret,
            })
        })
        .collect();
    let persons: Vec<Value> = demo
        .city
        .persons
        .iter()
        .map(|p| {
            let e = &p.enrolment;
            let cover = e.covers.last();
            json!({
                "psn_no": e.number, "name": e.name, "id_number": e.document,
                "division": cover.map(|c| c.division.clone()), "insutype": cover.map(|c| c.kind.0.to_string()),
                "status": cover.map_or(PersonStatus::Other, |c| c.status).word(),
                "balance": held.get(&e.number).map(Money::to_string),
                "situation": p.situation.map(|s| json!({"zh": s.zh, "en": s.en})),
            })
        })
        .collect();
    let items: Vec<Value> = demo
        .city
        .catalogue
        .items()
        .iter()
        .map(|i| {
            json!({
                "code": i.code, "name": i.name, "class": i.class.word(), "list_type": i.list_kind, "unit": i.unit,
                "price": i.price.to_string(),
            })
        })
        .collect();
    let manifest =
        json!({"address": demo.address, "hospitals": hospitals, "persons": persons, "items": items});
    std::fs::write(path, serde_json::to_string_pretty(&manifest)?)
        .with_context(|| format!("writing {}", path.display()))
}

/// What each person's account holds now, by the person's number.
fn held(reader: &mut dyn Reader) -> anyhow::Result<HashMap<String, Money>> {
    let mut held = HashMap::new();
    reader.scan(&mut |scan| {
        scan.persons(&mut |person| {
            held.insert(person.row.number, person.state.held.total());
        })
    })?;
    Ok(held)
}
