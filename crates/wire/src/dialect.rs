//! How programs of a place speak otherwise than the table: other names of nodes and fields, other codes. Data of a city, named
//! by an institution's profile; what it understands is the table's, so nothing behind the reader knows of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::dictionary;
use crate::json::Node;
use crate::table::{FieldType, NodeSpec, Transaction, transactions_known};

/// The dialects of a city by name.
pub type Dialects = BTreeMap<String, Arc<Dialect>>;

/// For which transaction a name is another: one of them, or every.
const EVERY: &str = "*";

/// What the first line of a file says.
const COLUMNS: [&str; 4] = ["what", "where", "theirs", "ours"];

/// One dialect.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Dialect {
    heard: Words,
    told: Words,
}

/// What stands for what, in one direction.
#[derive(Debug, PartialEq, Eq, Default)]
struct Words {
    /// By transaction and name, in small letters.
    nodes: Names,
    fields: Names,
    /// By dictionary and code.
    codes: Names,
}

type Names = HashMap<(String, String), String>;

impl Dialect {
    /// Reads a dialect: lines of `what,where,theirs,ours` behind a line of names. `what` is `node` or `field` of a request,
    /// `answer node` or `answer field`, with a transaction or `*` as `where`; or `code`, with a dictionary. What is ours must
    /// be the table's; an error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut dialect = Self::default();
        let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let (n, head) = lines.next().unwrap_or((1, ""));
        if !head.split(',').map(str::trim).eq(COLUMNS) {
            return Err(format!("line {n}: the columns are 列名应为 {}", COLUMNS.join(",")));
        }
        for (n, line) in lines {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let [what, place, theirs, ours] = cells.as_slice() else {
                return Err(format!("line {n}: four cells are needed 应有四列"));
            };
            dialect.add(what, place, theirs, ours).map_err(|why| format!("line {n}: {why}"))?;
        }
        Ok(dialect)
    }

    fn add(&mut self, what: &str, place: &str, theirs: &str, ours: &str) -> Result<(), String> {
        if theirs.is_empty() || ours.is_empty() {
            return Err("a name is missing 缺少名称".into());
        }
        let (names, name, value) = match what {
            "node" => (&mut self.heard.nodes, theirs, ours),
            "field" => (&mut self.heard.fields, theirs, ours),
            "answer node" => (&mut self.told.nodes, ours, theirs),
            "answer field" => (&mut self.told.fields, ours, theirs),
            "code" => return self.add_code(place, theirs, ours),
            other => {
                return Err(format!("`{other}` is none of node, field, answer node, answer field, code"));
            }
        };
        check_name(what, place, ours)?;
        match names.insert((place.to_owned(), name.to_lowercase()), value.to_owned()) {
            Some(before) if before != value => Err(format!("`{name}` is `{before}` already 名称重复")),
            _ => Ok(()),
        }
    }

    /// One code of theirs means one of ours; of several that mean the same the first is answered.
    fn add_code(&mut self, named: &str, theirs: &str, ours: &str) -> Result<(), String> {
        let known =
            dictionary(named).ok_or_else(|| format!("there is no dictionary `{named}` 没有该字典"))?;
        if !known.has(ours) {
            return Err(format!("dictionary `{named}` has no code `{ours}` 字典没有该代码"));
        }
        let key = |code: &str| (named.to_owned(), code.to_owned());
        if self.heard.codes.insert(key(theirs), ours.to_owned()).is_some_and(|before| before != ours) {
            return Err(format!("`{theirs}` is another code already 代码重复"));
        }
        self.told.codes.entry(key(ours)).or_insert_with(|| theirs.to_owned());
        Ok(())
    }

    /// Brings the input of a request, an object, to the table's names and codes.
    pub(crate) fn hear(&self, transaction: &Transaction, input: &mut Node<'_>) {
        let Node::Object(members) = input else { return };
        for (name, value) in members {
            let holds_rows = matches!(value, Node::Object(_) | Node::List(_));
            let node = Words::find(&self.heard.nodes, transaction.infno, name).filter(|_| holds_rows);
            if let Some(ours) = node {
                *name = Cow::Owned(ours.to_owned());
            }
            match transaction.input_node(name).filter(|_| holds_rows) {
                Some(at) => self.heard.rewrite_rows(transaction, &transaction.input, at, value),
                // The fields of the main node may stand directly under the input.
                None => {
                    let main = transaction.main_node().map(|at| &transaction.input[at]);
                    self.heard.rewrite_member(transaction, &transaction.input, main, name, value);
                }
            }
        }
    }

    /// Brings an output as the table has it to their names and codes.
    pub(crate) fn tell(&self, transaction: &Transaction, output: &mut Node<'_>) {
        let specs = &transaction.output;
        let direct = specs.iter().position(|spec| spec.name == "output");
        let Node::Object(members) = output else {
            direct.into_iter().for_each(|at| self.told.rewrite_rows(transaction, specs, at, output));
            return;
        };
        for (name, value) in members {
            match specs.iter().position(|spec| spec.name == *name) {
                Some(at) => {
                    self.told.rewrite_rows(transaction, specs, at, value);
                    if let Some(theirs) = Words::find(&self.told.nodes, transaction.infno, name) {
                        *name = Cow::Owned(theirs.to_owned());
                    }
                }
                None => {
                    self.told.rewrite_member(transaction, specs, direct.map(|at| &specs[at]), name, value);
                }
            }
        }
    }

    /// Whether answers differ from the table's.
    pub(crate) fn tells(&self) -> bool {
        let Words { nodes, fields, codes } = &self.told;
        !(nodes.is_empty() && fields.is_empty() && codes.is_empty())
    }
}

impl Words {
    fn find<'w>(names: &'w Names, place: &str, name: &str) -> Option<&'w str> {
        if names.is_empty() {
            return None;
        }
        let name = name.to_lowercase();
        let at = |place: &str| names.get(&(place.to_owned(), name.clone()));
        at(place).or_else(|| at(EVERY)).map(String::as_str)
    }

    fn rewrite_rows(&self, transaction: &Transaction, specs: &[NodeSpec], at: usize, value: &mut Node<'_>) {
        match value {
            Node::Object(members) => members.iter_mut().for_each(|(name, value)| {
                self.rewrite_member(transaction, specs, specs.get(at), name, value);
            }),
            Node::List(rows) => {
                rows.iter_mut().for_each(|row| self.rewrite_rows(transaction, specs, at, row));
            }
            _ => {}
        }
    }

    /// A name stands for the table's, or the table's for one of theirs: of either the table's says which codes it has.
    fn rewrite_member(
        &self,
        transaction: &Transaction,
        specs: &[NodeSpec],
        node: Option<&NodeSpec>,
        name: &mut Cow<'_, str>,
        value: &mut Node<'_>,
    ) {
        let other = Self::find(&self.fields, transaction.infno, name).map(str::to_owned);
        let known = |name: &str| node.and_then(|node| node.field(name));
        let field = other.as_deref().and_then(known).or_else(|| known(name));
        if let Some(other) = other {
            *name = Cow::Owned(other);
        }
        let Some(field) = field else { return };
        if field.kind == FieldType::Rows {
            let within = specs.iter().position(|spec| spec.name == field.name);
            within.into_iter().for_each(|at| self.rewrite_rows(transaction, specs, at, value));
        }
        let code = field.dictionary.zip(value.scalar());
        let code = code.and_then(|(of, code)| self.codes.get(&(of.to_owned(), code.trim().to_owned())));
        if let Some(code) = code {
            *value = Node::Text(Cow::Owned(code.clone()));
        }
    }
}

/// What is ours must stand in the table, of that transaction or of any.
fn check_name(what: &str, place: &str, ours: &str) -> Result<(), String> {
    let (answer, node) = (what.starts_with("answer"), what.ends_with("node"));
    let mut of_place = transactions_known().filter(|t| place == EVERY || t.infno == place).peekable();
    if of_place.peek().is_none() {
        return Err(format!("there is no transaction `{place}` 没有该交易"));
    }
    let mut nodes = of_place.flat_map(|t| if answer { &t.output } else { &t.input });
    let known = if node {
        nodes.any(|spec| spec.name == ours)
    } else {
        nodes.any(|spec| spec.fields.iter().any(|field| field.name == ours))
    };
    if known {
        Ok(())
    } else {
        Err(format!("transaction `{place}` has no {what} `{ours}` 接口没有该名称"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction;

    fn parse(lines: &str) -> Result<Dialect, String> {
        Dialect::parse(&format!("what,where,theirs,ours\n{lines}\n"))
    }

    fn rewritten(json: &str, rewrite: impl FnOnce(&mut Node<'_>)) -> String {
        let mut node = Node::parse(json.as_bytes()).unwrap();
        rewrite(&mut node);
        let mut text = String::new();
        node.write(&mut text);
        text
    }

    const PROVINCE: &str = "node,2204,feeList,feedetail\nfield,*,aac001,psn_no\nfield,2204,akc515,med_list_codg\n\
         field,2204,packs,drugtracinfo\nfield,2204,pack,drug_trac_codg\n\
         answer node,2207,setl,setlinfo\nanswer field,*,AKE039,hifp_pay\nanswer field,2207,AKA130,med_type\n\
         # 省内医疗类别\ncode,med_type,110,11\ncode,med_type,111,11\n";

    #[test]
    fn a_request_is_brought_to_the_table() {
        let dialect = parse(PROVINCE).unwrap();
        let hear =
            |infno: &str, json: &str| rewritten(json, |node| dialect.hear(transaction(infno).unwrap(), node));
        assert_eq!(
            hear("2204", r#"{"FeeList":[{"AAC001":1,"akc515":"A","packs":[{"pack":"T"}]}],"aac001":2}"#),
            r#"{"feedetail":[{"psn_no":1,"med_list_codg":"A","drugtracinfo":[{"drug_trac_codg":"T"}]}],"psn_no":2}"#
        );
        let national = r#"{"data":{"psn_no":"1","med_type":"11","akc515":"other","x":null}}"#;
        assert_eq!(hear("2207", national), national, "what the table says is understood as before");
        let row = r#"{"feedetail":[{"med_type":"110","x":"110"}]}"#;
        assert_eq!(hear("2301", row), r#"{"feedetail":[{"med_type":"11","x":"110"}]}"#);
        assert_eq!(hear("2207", r#"{"med_type":111}"#), r#"{"med_type":"11"}"#, "beside the node");
        assert_eq!(hear("2301", r#"{"feeList":[]}"#), r#"{"feeList":[]}"#, "a name of another transaction");
    }

    #[test]
    fn an_answer_is_told_in_their_words() {
        let dialect = parse(PROVINCE).unwrap();
        let tell =
            |infno: &str, json: &str| rewritten(json, |node| dialect.tell(transaction(infno).unwrap(), node));
        assert_eq!(
            tell("2207", r#"{"setlinfo":{"psn_no":"1","med_type":"11","hifp_pay":1.50},"setldetail":[]}"#),
            r#"{"setl":{"psn_no":"1","AKA130":"110","AKE039":1.50},"setldetail":[]}"#
        );
        assert_eq!(tell("2304", r#"{"setlinfo":{"hifp_pay":2.00}}"#), r#"{"setlinfo":{"AKE039":2.00}}"#);
        assert!(dialect.tells() && !parse("field,*,aac001,psn_no").unwrap().tells());
    }

    #[test]
    fn a_line_that_cannot_be_is_named() {
        for (line, told) in [
            ("node,2204,x", "line 2: four cells are needed 应有四列"),
            ("knot,2204,x,feedetail", "line 2: `knot` is none of"),
            ("node,2204,x,setlinfo", "line 2: transaction `2204` has no node `setlinfo`"),
            ("field,9999,x,psn_no", "line 2: there is no transaction `9999`"),
            ("code,colour,1,2", "line 2: there is no dictionary `colour`"),
            ("code,med_type,1,99999", "has no code `99999`"),
            ("field,*,x,psn_no\nfield,*,X,mdtrt_id", "line 3: `X` is `psn_no` already"),
            ("field,*,,psn_no", "a name is missing"),
        ] {
            let wrong = parse(line).unwrap_err();
            assert!(wrong.contains(told), "{line}: {wrong}");
        }
        // A file without its heading would lose its first line.
        assert!(Dialect::parse("field,*,aac001,psn_no\n").unwrap_err().contains("what,where,theirs,ours"));
    }
}
