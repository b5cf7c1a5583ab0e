//! The interface as an `OpenAPI` 3.1 document, made from the table of transactions, the dictionaries and the codes.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::codes::{Kind, registry};
use crate::dictionary::dictionary;
use crate::envelope::{INFNO_MAX, MEMBERS, MSGID_MAX};
use crate::table::{Class, Field, FieldType, NodeSpec, Transaction, transactions_known};

/// The document, as it is served.
pub fn openapi() -> &'static str {
    static DOCUMENT: LazyLock<String> =
        LazyLock::new(|| serde_json::to_string(&document()).expect("a value has a text"));
    &DOCUMENT
}

fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::from_iter([
        ("Envelope".to_owned(), request_envelope()),
        ("Answer".to_owned(), answer_envelope()),
        ("Code".to_owned(), codes()),
    ]);
    for transaction in transactions_known() {
        let infno = transaction.infno;
        paths.insert(format!("/api/{infno}"), path(transaction));
        schemas.insert(format!("in.{infno}"), nodes(&transaction.input, Side::Input));
        schemas.insert(format!("out.{infno}"), nodes(&transaction.output, Side::Output));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "通衢 Tongqu",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "医保中心交易接口。POST /api 时交易编号写在报文中。每个答复的 x-tongqu-outcome 头为 done、refused、\
                not-processed 或 unknown;结果未知时用同一报文号原样重发。The centre's transactions. To POST /api the number stands in the \
                message. The header x-tongqu-outcome of every answer is done, refused, not-processed or unknown; where nothing is \
                known, send the same message again under the same id.",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [], "time": [], "nonce": [], "signature": [] }],
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": security() },
    })
}

/// Four headers, each a scheme of its own: `OpenAPI` has no other word for a signature.
fn security() -> Value {
    let header = |name: &str, what: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": what });
    json!({
        "key": header("x-tif-paasid", "接入密钥编号 the key's name"),
        "time": header("x-tif-timestamp", "秒 seconds since 1970, within 600 of the centre's"),
        "nonce": header("x-tif-nonce", "每次不同 another each time"),
        "signature": header(
            "x-tif-signature",
            "SHA-256(timestamp + secret + nonce + timestamp),见厂商手册 see the manual for vendors",
        ),
    })
}

fn path(transaction: &Transaction) -> Value {
    let Transaction { infno, name, zh, en, .. } = transaction;
    let body = json!({
        "allOf": [
            { "$ref": "#/components/schemas/Envelope" },
            { "properties": {
                "infno": { "const": infno },
                "input": { "$ref": format!("#/components/schemas/in.{infno}") },
            } },
        ],
    });
    let answer = json!({
        "allOf": [
            { "$ref": "#/components/schemas/Answer" },
            { "properties": { "output": { "anyOf": [
                { "$ref": format!("#/components/schemas/out.{infno}") },
                { "type": "object", "description": "没有办成 not done" },
            ] } } },
        ],
    });
    json!({ "post": {
        "operationId": name,
        "summary": format!("{infno} {zh} {en}"),
        "description": told(transaction),
        "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
        "responses": { "200": {
            "description": "办成、拒绝、未处理或未知,看 x-tongqu-outcome done, refused, not processed or unknown: see x-tongqu-outcome",
            "headers": {
                "x-tongqu-outcome": { "schema": { "enum": ["done", "refused", "not-processed", "unknown"] } },
                "x-tongqu-replayed": {
                    "description": "同一报文以前答过 the same message was answered before",
                    "schema": { "const": "1" },
                },
            },
            "content": {
                "application/json": { "schema": answer },
                "application/octet-stream": { "schema": { "description": "文件 a file (9102)" } },
            },
        } },
    } })
}

/// What kind of transaction it is, and what undoes it.
fn told(transaction: &Transaction) -> String {
    let class = match transaction.class {
        Class::Query => "查询 a query",
        Class::Upload => "上传:同样内容可重发 an upload: the same content may come again",
        Class::Act => "业务:同一报文号只办一次 an act: done once under one id",
        Class::Money => "涉及资金:同一报文号只办一次 moves money: done once under one id",
    };
    let undo =
        transaction.undo.map(|infno| format!(";由 {infno} 撤销 undone by {infno}")).unwrap_or_default();
    let reversed =
        if transaction.reversible { ";结果未知时可由 2601 冲正 2601 may take it back" } else { "" };
    format!("{class}{undo}{reversed}")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Input,
    Output,
}

/// All nodes of one side; those that stand within rows of another are written there.
fn nodes(all: &[NodeSpec], side: Side) -> Value {
    if let [node] = all
        && node.name == "output"
        && node.many
    {
        return rows(node, all, side);
    }
    let inner = |name: &str| {
        all.iter()
            .flat_map(|node| &node.fields)
            .any(|field| field.kind == FieldType::Rows && field.name == name)
    };
    let mut properties = Map::new();
    for node in all.iter().filter(|node| !inner(node.name)) {
        // What stands directly under `output` are members of it.
        if node.name == "output" && !node.many {
            properties.extend(fields(node, all, side));
        } else if node.many {
            properties.insert(node.name.into(), rows(node, all, side));
        } else {
            properties.insert(node.name.into(), row(node, all, side));
        }
    }
    json!({ "type": "object", "properties": properties })
}

fn rows(node: &NodeSpec, all: &[NodeSpec], side: Side) -> Value {
    json!({ "type": "array", "items": row(node, all, side) })
}

fn row(node: &NodeSpec, all: &[NodeSpec], side: Side) -> Value {
    let required: Vec<&str> =
        node.fields.iter().filter(|field| field.required && !field.local).map(|field| field.name).collect();
    json!({ "type": "object", "required": required, "properties": fields(node, all, side) })
}

fn fields(node: &NodeSpec, all: &[NodeSpec], side: Side) -> Map<String, Value> {
    node.fields.iter().map(|field| (field.name.to_owned(), schema(field, all, side))).collect()
}

fn schema(field: &Field, all: &[NodeSpec], side: Side) -> Value {
    let mut schema = match field.kind {
        FieldType::Rows => match all.iter().find(|node| node.name == field.name) {
            Some(node) => rows(node, all, side),
            None => json!({ "type": "array" }),
        },
        FieldType::Bytes => json!({
            "type": ["array", "string"],
            "items": { "type": "integer", "minimum": -128, "maximum": 255 },
            "contentEncoding": "base64",
        }),
        // Amounts may be texts on either side: programs differ, and a profile may ask for it.
        FieldType::Number => json!({ "type": ["number", "string", "null"] }),
        FieldType::Date => json!({ "type": ["string", "null"], "examples": ["2026-11-30"] }),
        FieldType::DateTime => json!({ "type": ["string", "null"], "examples": ["2026-11-30 09:00:00"] }),
        FieldType::String => match side {
            // A number is taken for the text it is written as.
            Side::Input => json!({ "type": ["string", "number", "null"] }),
            Side::Output => json!({ "type": ["string", "null"] }),
        },
    };
    if let (FieldType::String, Some(length)) = (field.kind, field.length) {
        schema["maxLength"] = length.into();
    }
    if let (FieldType::Number, Some(length)) = (field.kind, field.length) {
        let places = field.places.unwrap_or(0);
        schema["x-digits"] = json!([length, places]);
    }
    schema["title"] = format!("{} {}", field.label, field.label_en).into();
    if let Some(known) = field.dictionary.and_then(dictionary) {
        let code = |(code, zh, en): &(&str, &str, &str)| match *en {
            "-" => format!("{code} {zh}"),
            en => format!("{code} {zh} {en}"),
        };
        schema["description"] = known.codes.iter().map(code).collect::<Vec<_>>().join("; ").into();
    }
    schema
}

fn request_envelope() -> Value {
    let member = |(name, label, _): &(&str, &str, bool)| {
        let mut schema = match *name {
            "input" => json!({ "type": "object" }),
            _ => json!({ "type": ["string", "null"], "title": label }),
        };
        match *name {
            "infno" => schema["maxLength"] = INFNO_MAX.into(),
            "msgid" => schema["maxLength"] = MSGID_MAX.into(),
            _ => {}
        }
        ((*name).to_owned(), schema)
    };
    let members: Map<String, Value> = MEMBERS.iter().map(member).collect();
    json!({
        "type": "object",
        "required": ["msgid", "fixmedins_code", "input"],
        "properties": members,
    })
}

fn answer_envelope() -> Value {
    json!({
        "type": "object",
        "required": ["infcode", "err_msg", "output"],
        "properties": {
            "infcode": { "enum": [0, -1, "0", "-1"], "title": "0 成功 done" },
            "inf_refmsgid": { "type": "string", "title": "接收方报文ID" },
            "refmsg_time": { "type": "string", "title": "接收报文时间" },
            "respond_time": { "type": "string", "title": "响应报文时间" },
            "warn_msg": { "type": ["string", "null"], "title": "提示 a warning" },
            "err_msg": { "type": "string", "title": "[代码] 原因。该做什么 [CODE] reason, and what to do" },
            "output": {},
        },
    })
}

/// What stands in brackets at the beginning of `err_msg`.
fn codes() -> Value {
    let one = |row: &crate::codes::RegistryRow| {
        let kind = match row.kind {
            Kind::Refused => "refused",
            Kind::NotProcessed => "not-processed",
            Kind::Unknown => "unknown",
        };
        json!({ "const": row.code, "title": row.en, "description": row.zh, "x-outcome": kind })
    };
    json!({ "type": "string", "oneOf": registry().map(one).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_transaction_stands_in_it_and_every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), transactions_known().count());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > paths.len() * 3);
        for reference in found {
            let place = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{reference}");
        }
    }

    #[test]
    fn fields_stand_where_a_program_writes_and_finds_them() {
        let document = document();
        let of = |name: &str, path: &str| {
            let schema = &document["components"]["schemas"][name];
            schema.pointer(path).unwrap_or_else(|| panic!("{name}{path}: {schema}")).clone()
        };
        let bill = "/properties/data";
        assert!(of("in.2207", &format!("{bill}/required")).as_array().unwrap().contains(&"psn_no".into()));
        assert_eq!(of("in.2204", "/properties/feedetail/type"), "array");
        assert_eq!(of("out.2207", "/properties/setlinfo/properties/setl_id/title"), "结算ID settlement id");
        // Directly under output, as one and as rows.
        assert_eq!(of("out.9101", "/properties/file_qury_no/type/0"), "string");
        assert!(transactions_known().all(|t| of(&format!("out.{}", t.infno), "/type").is_string()));
    }
}
