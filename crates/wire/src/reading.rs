//! For a vendor's programmer: what we understood of a body, and where that is not as the interface has it.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::codes::Refusal;
use crate::dictionary;
use crate::envelope::{MEMBERS, Profile};
use crate::input::{Input, Member, check_value};
use crate::json::{Node, write_text};
use crate::message::Message;
use crate::table::{Field, FieldType, NodeSpec, Transaction};
use crate::words::{Both, Language};

/// A body as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its input by documented names, each value in its one form, as JSON; empty where it is no message.
    pub understood: String,
    /// What is not as the interface has it, each once, the envelope first.
    pub differences: Vec<Both>,
}

/// Length of a msgid as the interface has it.
const MSGID: usize = 30;

/// Reads a body as a centre does that an institution of this profile sent it to.
pub fn reading(body: &[u8], infno_in_path: Option<&str>, profile: &Profile) -> Reading {
    let mut found = Found::default();
    let read = Message::read(body.into(), infno_in_path)
        .map_err(|unreadable| unreadable.problem)
        .and_then(|message| Ok((message.transaction, message.under(profile)?.input)));
    if let Ok(node) = Node::parse(body) {
        found.envelope(&node, infno_in_path.is_some());
        if let Ok((transaction, _)) = &read {
            found.input_of(transaction, &node, profile);
        }
    }
    let understood = match &read {
        Ok((_, input)) => written(input),
        Err(problem) => {
            found.add("", problem.words());
            String::new()
        }
    };
    Reading { understood, differences: found.told() }
}

/// The rows by their nodes; those that stand within another behind its node.
fn written(input: &Input) -> String {
    let mut text = String::from("{");
    for node in &input.transaction().input {
        let rows: Vec<String> = input.rows(node.name).map(|row| row.facts().to_text()).collect();
        if rows.is_empty() {
            continue;
        }
        if text.len() > 1 {
            text.push(',');
        }
        write_text(&mut text, node.name);
        text.push(':');
        match rows.as_slice() {
            [row] if !node.many => text.push_str(row),
            rows => {
                let _ = write!(text, "[{}]", rows.join(","));
            }
        }
    }
    text.push('}');
    text
}

/// What was found, in order; the same of several rows once, with how often.
#[derive(Default)]
struct Found {
    all: Vec<(Both, usize)>,
    at: HashMap<String, usize>,
}

impl Found {
    /// `kind` is what makes two of them one; of those without, none are.
    fn add(&mut self, kind: &str, words: Both) {
        match self.at.get(kind) {
            Some(at) => self.all[*at].1 += 1,
            None => {
                if !kind.is_empty() {
                    self.at.insert(kind.to_owned(), self.all.len());
                }
                self.all.push((words, 1));
            }
        }
    }

    fn told(self) -> Vec<Both> {
        let times = |(words, count): (Both, usize)| match count {
            1 => words,
            n => Both::new(
                format!("{}(共 {n} 处)", words.told(Language::Zh)),
                format!("{} ({n} times)", words.told(Language::En)),
            ),
        };
        self.all.into_iter().map(times).collect()
    }

    fn renamed(&mut self, what: (&str, &str), given: &str, ours: &str) {
        let (zh, en) = what;
        self.add(
            &format!("{en} {given}"),
            Both::new(
                format!("{zh} `{given}` 按 `{ours}` 读"),
                format!("{en} `{given}` is read as `{ours}`"),
            ),
        );
    }

    fn unknown(&mut self, what: (&str, &str), name: &str) {
        let (zh, en) = what;
        self.add(
            &format!("unknown {en} {name}"),
            Both::new(
                format!("{zh} `{name}` 不在接口中,不影响处理"),
                format!("{en} `{name}` is not in the interface: it has no effect"),
            ),
        );
    }

    fn envelope(&mut self, body: &Node<'_>, addressed: bool) {
        let Node::Object(members) = body else { return };
        for (name, value) in members {
            match MEMBERS.iter().find(|(ours, ..)| name.eq_ignore_ascii_case(ours)) {
                Some((ours, ..)) if name == ours => {}
                Some((ours, ..)) => self.renamed(MEMBER, name, ours),
                None if name == "medins_code" => self.renamed(MEMBER, name, "fixmedins_code"),
                None if !value.is_absent() => self.unknown(MEMBER, name),
                None => {}
            }
        }
        let hospital = |name: &str| name == "fixmedins_code" && body.given("medins_code").is_some();
        let lacks =
            |name: &str| body.given(name).is_none() && !(name == "infno" && addressed) && !hospital(name);
        let missing: Vec<&str> = MEMBERS
            .iter()
            .filter(|(name, _, needed)| *needed && lacks(name))
            .map(|(name, ..)| *name)
            .collect();
        if !missing.is_empty() {
            let names = missing.join(", ");
            self.add(
                "",
                Both::new(format!("信封缺接口要求的成员:{names}"), format!("the envelope lacks: {names}")),
            );
        }
        let length = body.given("msgid").and_then(Node::scalar).map_or(MSGID, |id| id.chars().count());
        if length != MSGID {
            self.add(
                "",
                Both::new(
                    format!("msgid 有 {length} 位,接口为 30 位(机构编码 12 + 时间 14 + 序号 4)"),
                    format!("msgid has {length} characters; the interface has 30 (institution 12, time 14, serial 4)"),
                ),
            );
        }
    }

    /// The input, under the words of the institution's dialect where it has one.
    fn input_of(&mut self, transaction: &'static Transaction, body: &Node<'_>, profile: &Profile) {
        let Some(given) = body.given("input") else { return };
        let inner = given.as_str().and_then(|text| Node::parse(text.as_bytes()).ok());
        if inner.is_some() {
            self.add("", Both::of("input 是文本,读其中的对象", "input is a text: the object in it is read"));
        }
        let mut node = inner.as_ref().unwrap_or(given).clone();
        if let Some(dialect) = &profile.dialect {
            self.add(
                "",
                Both::of(
                    "先按本机构的方言换成国家接口的名称和代码",
                    "names and codes of its dialect are put into the interface's first",
                ),
            );
            dialect.hear(transaction, &mut node);
        }
        let Node::Object(members) = &node else { return };
        let mut beside = Vec::new();
        let mut nodes = Vec::new();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_absent()) {
            match transaction.input_node(name).filter(|_| matches!(value, Node::Object(_) | Node::List(_))) {
                Some(at) => {
                    nodes.push(at);
                    self.node(transaction, &transaction.input[at], name, value);
                }
                None => beside.push((name.as_ref(), value)),
            }
        }
        if let (Some(at), false) = (transaction.main_node(), beside.is_empty()) {
            let main = &transaction.input[at];
            self.add(
                "",
                Both::new(
                    format!("有字段直接写在 input 下,按节点 `{}` 的读", main.name),
                    format!("fields stand directly under input: they are read as of node `{}`", main.name),
                ),
            );
            self.row(transaction, main, beside, nodes.contains(&at));
        }
    }

    fn node(
        &mut self,
        transaction: &'static Transaction,
        spec: &'static NodeSpec,
        name: &str,
        value: &Node<'_>,
    ) {
        if name != spec.name {
            self.renamed(("节点", "node"), name, spec.name);
        }
        let rows = match value {
            Node::List(rows) => rows.as_slice(),
            row => std::slice::from_ref(row),
        };
        match (spec.many, matches!(value, Node::List(_))) {
            (true, false) => self.add(
                &format!("list {name}"),
                Both::new(
                    format!("节点 `{name}` 应为列表,给的是一个对象"),
                    format!("node `{name}` is a list; one object was given"),
                ),
            ),
            (false, true) => self.add(
                &format!("object {name}"),
                Both::new(
                    format!("节点 `{name}` 应为一个对象,给的是列表"),
                    format!("node `{name}` is one object; a list was given"),
                ),
            ),
            _ => {}
        }
        for row in rows {
            let Node::Object(members) = row else { continue };
            let members = members.iter().map(|(name, value)| (name.as_ref(), value)).collect();
            self.row(transaction, spec, members, false);
        }
    }

    /// The members of one row; of what stands beside a node that is there nothing is missed.
    fn row(
        &mut self,
        transaction: &'static Transaction,
        spec: &'static NodeSpec,
        members: Vec<(&str, &Node<'_>)>,
        beside: bool,
    ) {
        let mut given = Vec::new();
        for (position, (name, value)) in
            members.into_iter().enumerate().filter(|(_, (_, value))| !value.is_absent())
        {
            let member = Member::find(Some(spec), position, name, value, true);
            let Some(field) = member.spec else {
                self.unknown(("字段", "field"), &format!("{}.{name}", spec.name));
                continue;
            };
            given.push(field.name);
            if field.name != name {
                self.renamed(("字段", "field"), name, field.name);
            }
            if field.kind == FieldType::Rows {
                if let Some(inner) = transaction.input.iter().find(|node| node.name == field.name) {
                    self.node(transaction, inner, name, value);
                }
            } else {
                self.value(field, value, &member.written());
            }
        }
        for field in
            spec.fields.iter().filter(|field| field.required && !beside && !given.contains(&field.name))
        {
            let stands_beside = field.kind == FieldType::Rows;
            if !stands_beside {
                self.add(
                    &format!("missing {} {}", spec.name, field.name),
                    Refusal::FieldMissing { field: field.name.into(), name: field.label.into() }.words(),
                );
            }
        }
    }

    /// One value: its form, and what the table asks of it.
    fn value(&mut self, field: &'static Field, value: &Node<'_>, read: &str) {
        let kind = |what: &str| format!("{what} {}", field.name);
        let name = field.name;
        if read.is_empty() {
            return self.add(
                &kind("empty"),
                Both::new(
                    format!("`{name}` 的值当作没有给"),
                    format!("the value of `{name}` is as if left out"),
                ),
            );
        }
        if let Err(refusal) = check_value(field, read) {
            return self.add(&kind("wrong"), refusal.words());
        }
        let form = match (field.kind, value) {
            (FieldType::String | FieldType::Date | FieldType::DateTime, Node::Number(_) | Node::Bool(_)) => {
                Some((
                    "number",
                    "接口为文本,给的是数字".to_owned(),
                    "is a text in the interface; a number was given".to_owned(),
                ))
            }
            (FieldType::Number, Node::Text(_)) => Some((
                "text",
                "接口为数字,给的是文本".to_owned(),
                "is a number in the interface; a text was given".to_owned(),
            )),
            (FieldType::Date | FieldType::DateTime, Node::Text(given)) if given.trim() != read => Some((
                "time",
                format!("写作 `{given}`,读作 `{read}`"),
                format!("is written `{given}` and read as `{read}`"),
            )),
            (FieldType::String, Node::Text(given)) if given.as_ref() != read => Some((
                "trimmed",
                "去掉首尾空白和控制字符".to_owned(),
                "is read without blanks around it and control characters".to_owned(),
            )),
            _ => None,
        };
        if let Some((what, zh, en)) = form {
            self.add(&kind(what), Both::new(format!("`{name}` {zh}"), format!("`{name}` {en}")));
        }
        let listed = field.dictionary.and_then(dictionary);
        if let Some(dictionary) = listed.filter(|dictionary| !dictionary.has(read)) {
            self.add(
                &kind("code"),
                Both::new(
                    format!(
                        "`{name}` 的代码 `{read}` 不在字典 {}({})中,照收",
                        dictionary.name, dictionary.label
                    ),
                    format!(
                        "`{name}`: code `{read}` is not in dictionary {}; it is taken as it is",
                        dictionary.name
                    ),
                ),
            );
        }
    }
}

const MEMBER: (&str, &str) = ("信封成员", "envelope member");

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Reading {
        reading(body.as_bytes(), None, &Profile::default())
    }

    fn english(body: &str) -> Vec<String> {
        read(body).differences.iter().map(|both| both.told(Language::En).to_owned()).collect()
    }

    const HEAD: &str = r#""infno":"2208","msgid":"H99010500001202611230800000001","mdtrtarea_admvs":"990105","recer_sys_code":"YBXT",
        "infver":"V1.0","opter_type":"1","opter":"1","opter_name":"n","inf_time":"2026-11-23 08:00:00",
        "fixmedins_code":"H99010500001","fixmedins_name":"h""#;

    #[test]
    fn what_is_as_the_interface_has_it_differs_in_nothing() {
        let body = format!(r#"{{{HEAD},"input":{{"data":{{"setl_id":"7","mdtrt_id":"5","psn_no":"9"}}}}}}"#);
        let read = read(&body);
        assert_eq!(read.differences, []);
        assert_eq!(read.understood, r#"{"data":{"mdtrt_id":"5","psn_no":"9","setl_id":"7"}}"#);
    }

    #[test]
    fn other_names_forms_and_members_are_told_once_each() {
        let body = format!(
            r#"{{{},"OPTER":"1","url":"x","input":"{{\"mdtrtinfo\":[{{\"setl_id\":7,\"MDTRT_ID\":\"5 \",\"psn_no\":\"9\",\"colour\":\"red\"}}]}}"}}"#,
            HEAD.replace(r#""opter":"1","#, "").replace("0800000001", "08")
        );
        let told = english(&body);
        let expected = [
            "envelope member `OPTER` is read as `opter`",
            "envelope member `url` is not in the interface: it has no effect",
            "msgid has 22 characters; the interface has 30 (institution 12, time 14, serial 4)",
            "input is a text: the object in it is read",
            "node `mdtrtinfo` is read as `data`",
            "node `mdtrtinfo` is one object; a list was given",
            "`setl_id` is a text in the interface; a number was given",
            "field `MDTRT_ID` is read as `mdtrt_id`",
            "`mdtrt_id` is read without blanks around it and control characters",
            "field `data.colour` is not in the interface: it has no effect",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn all_that_is_missing_or_wrong_is_told_at_once() {
        let body = r#"{"infno":"2204","msgid":"M","medins_code":"H1","input":{"feedetail":[{"cnt":"x"},{"cnt":"y"}]}}"#;
        let told = english(body);
        assert!(told[0].contains("`medins_code` is read as `fixmedins_code`"), "{told:?}");
        assert!(
            told[1].starts_with("the envelope lacks: mdtrtarea_admvs, recer_sys_code, infver"),
            "{told:?}"
        );
        assert!(!told[1].contains("fixmedins_code"), "{told:?}");
        let wrong: Vec<&String> = told.iter().filter(|text| text.ends_with("(2 times)")).collect();
        assert!(wrong.len() > 5 && wrong[0].contains("cnt"), "{told:?}");
        let broken = read("{");
        assert_eq!((broken.understood.as_str(), broken.differences.len()), ("", 1));
    }
}
