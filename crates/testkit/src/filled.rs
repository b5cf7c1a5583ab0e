//! Requests with every required field filled in, from the table of transactions.

use serde_json::{Map, Value, json};
use wire::{Field, FieldType, NodeSpec, Transaction};

/// An input of a transaction: of each node named every required field, each with something it takes.
pub fn filled(infno: &str, nodes: &[&str]) -> Value {
    let transaction: &Transaction = wire::transaction(infno).expect("a transaction");
    let node = |spec: &&NodeSpec| nodes.contains(&spec.name);
    let rows = transaction.input.iter().filter(node).map(|spec| {
        let row = Value::Object(fields(transaction, spec));
        (spec.name.to_owned(), if spec.many { json!([row]) } else { row })
    });
    Value::Object(rows.collect())
}

fn fields(transaction: &Transaction, spec: &NodeSpec) -> Map<String, Value> {
    let required = spec.fields.iter().filter(|field| field.required);
    required.map(|field| (field.name.to_owned(), value(transaction, field))).collect()
}

fn value(transaction: &Transaction, field: &Field) -> Value {
    if let Some(codes) = field.dictionary.and_then(wire::dictionary) {
        return codes.codes[0].0.into();
    }
    match field.kind {
        FieldType::Date => "2026-11-23".into(),
        FieldType::DateTime => "2026-11-23 08:00:00".into(),
        FieldType::Bytes => "MQ==".into(),
        FieldType::Number | FieldType::String => "1".into(),
        FieldType::Rows => {
            let within = transaction.input.iter().find(|node| node.name == field.name).expect("its node");
            json!([fields(transaction, within)])
        }
    }
}
