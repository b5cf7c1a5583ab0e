//! The input of a message as we understood it: canonical names, one form for each value, absent members left out.
//!
//! Everything stands in one text in canonical order; that text is what the digest is taken over.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use ring::digest::{Context, SHA256};

use crate::care_listing;
use crate::codes::{Problem, Refusal};
use crate::envelope::Profile;
use crate::facts::Facts;
use crate::file::to_base64;
use crate::json::{JsonError, Node};
use crate::number;
use crate::stamp::{print_date, print_time, read_date, read_time};
use crate::table::{FieldType, NodeSpec, Transaction};
use crate::words::{Both, Rule};
use crate::{Field, dictionary};

/// Version of the normalisation rule and SHA-256 of the normalised input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 33]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({:02x}{:02x}{:02x}…)", self.0[1], self.0[2], self.0[3])
    }
}

/// First byte of a digest: changed whenever [`Input`] normalises otherwise.
const RULE: u8 = 4;

/// A canonical input.
#[derive(Clone, PartialEq, Eq)]
pub struct Input {
    transaction: &'static Transaction,
    text: String,
    entries: Vec<Entry>,
    rows: Vec<Row>,
    /// Where the text holds what is not the sender's own word.
    not_own: Vec<Range<usize>>,
}

impl fmt::Debug for Input {
    /// What was said stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("infno", &self.transaction.infno)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// One row of one node: a range of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    node: u16,
    from: u32,
    to: u32,
    /// Position of the row it stands within; none of most.
    within: Option<u32>,
}

/// One value: which field, where in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Position in the node's fields; `UNKNOWN` for members we do not know.
    field: u16,
    from: u32,
    to: u32,
}

const UNKNOWN: u16 = u16::MAX;
/// The node of the row of members that belong to no node.
const BESIDE: u16 = u16::MAX;
/// Separates in the canonical text. [`plain`] keeps these out of names and values.
const ROW_MARK: char = '\u{1d}';
const NAME_MARK: char = '\u{1e}';
const VALUE_MARK: char = '\u{1f}';

/// One row of a node, for reading.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    input: &'a Input,
    row: Row,
    /// Position of the row.
    at: usize,
}

/// One member on its way into the canonical text.
pub(crate) struct Member<'n> {
    field: u16,
    name: Cow<'n, str>,
    /// What the table says of it; none of what it does not know.
    pub(crate) spec: Option<&'static Field>,
    value: &'n Node<'n>,
    /// Stands in the node itself, not beside it.
    own: bool,
}

impl Input {
    /// Understands an input: an object, or a text that holds one; nodes by their names or aliases, or the fields of
    /// the main node directly.
    pub(crate) fn read(transaction: &'static Transaction, node: &Node<'_>) -> Result<Self, Problem> {
        let members: &[_] = match node {
            Node::Object(members) => members,
            Node::Null => &[],
            Node::Text(text) if text.trim().is_empty() => &[],
            Node::Text(text) => {
                return match Node::parse(text.as_bytes()).map_err(inside)? {
                    Node::Text(again) => Err(no_object(&again)),
                    inner => Self::read(transaction, &inner),
                };
            }
            _ => return Err(no_object("")),
        };
        let mut nodes: Vec<(usize, &Node<'_>)> = Vec::new();
        let mut beside: Vec<(&str, &Node<'_>)> = Vec::new();
        for (name, value) in members {
            match transaction.input_node(name).filter(|_| matches!(value, Node::Object(_) | Node::List(_))) {
                Some(at) => nodes.push((at, value)),
                None => beside.push((name, value)),
            }
        }
        nodes.sort_by_key(|(at, _)| transaction.input[*at].name);
        let mut input = Self::empty(transaction);
        let main = transaction.main_node();
        let mut main_listed = false;
        for given in nodes.chunk_by(|a, b| a.0 == b.0) {
            let at = given[0].0;
            let rows = rows_of(transaction, given)?;
            let listed = transaction.input[at].many && given.iter().any(|(_, n)| matches!(n, Node::List(_)));
            if main != Some(at) || rows.is_empty() {
                rows.iter().try_for_each(|row| input.push_row(at, row, &[], None))?;
            } else if listed {
                rows.iter().try_for_each(|row| input.push_row(at, row, &[], None))?;
                main_listed = true;
            } else {
                rows.iter().try_for_each(|row| input.push_row(at, row, &beside, None))?;
                beside.clear();
            }
        }
        // What stands beside a list belongs to none of its rows, and is part of what was said all the same.
        let row = main.filter(|_| !main_listed).unwrap_or(BESIDE.into());
        input.push_row(row, &Node::Null, &beside, None)?;
        Ok(input)
    }

    fn empty(transaction: &'static Transaction) -> Self {
        let text = String::with_capacity(512);
        Self { transaction, text, entries: Vec::new(), rows: Vec::new(), not_own: Vec::new() }
    }

    /// Adds one row, its members sorted by name; and behind it the rows that stand within it. `beside` stands outside the node but belongs to it; what the node
    /// itself says comes first. One object may not say two things under one name.
    fn push_row(
        &mut self,
        node: usize,
        value: &Node<'_>,
        beside: &[(&str, &Node<'_>)],
        within: Option<u32>,
    ) -> Result<(), Problem> {
        let spec = self.transaction.input.get(node);
        let members: &[_] = match value {
            Node::Object(members) => members,
            _ => &[],
        };
        let own = members.iter().map(|(name, value)| (name.as_ref(), value, true));
        let beside = beside.iter().map(|(name, value)| (*name, *value, false));
        let given = own.chain(beside).enumerate().filter(|(_, (_, value, _))| !value.is_absent());
        let mut found: Vec<Member<'_>> = given
            .map(|(position, (name, value, own))| Member::find(spec, position, name, value, own))
            .collect();
        // Stable, so that of one name what the node itself says stays in front.
        found.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = found.windows(2).find(|pair| pair[0].contradicts(&pair[1])) {
            return Err(Problem::DuplicateKey { key: pair[1].name.chars().take(40).collect() });
        }
        found.dedup_by(|later, earlier| later.name == earlier.name);
        let (start, from) = (self.text.len(), self.entries.len());
        self.text.push(ROW_MARK);
        self.text.push_str(spec.map_or("", |spec| spec.name));
        found.iter().for_each(|member| self.push_member(member));
        if self.entries.len() == from {
            // A row that says nothing is one left out.
            self.text.truncate(start);
            return Ok(());
        }
        let range = |n: usize| u32::try_from(n).expect("a body is at most 64 MiB");
        let (node, own) = (u16::try_from(node).expect("few nodes"), self.rows.len());
        self.rows.push(Row { node, from: range(from), to: range(self.entries.len()), within });
        found
            .iter()
            .filter(|member| member.holds_rows())
            .try_for_each(|member| self.push_within(member, range(own)))
    }

    /// The rows that stand within a row.
    fn push_within(&mut self, member: &Member<'_>, within: u32) -> Result<(), Problem> {
        if let Some(name) = member.no_rows() {
            let place = Both::new(format!("{name} 应为对象列表"), format!("{name} is no list of objects"));
            return Err(Problem::Malformed { place });
        }
        let node = self.transaction.input.iter().position(|node| node.name == member.name);
        let node = node.expect("a field of rows is called by their node");
        rows_in(member.value).try_for_each(|row| self.push_row(node, row, &[], Some(within)))
    }

    fn push_member(&mut self, member: &Member<'_>) {
        let start = self.text.len();
        self.text.push(NAME_MARK);
        self.text.push_str(&member.name);
        self.text.push(VALUE_MARK);
        let from = self.text.len();
        member.write(&mut self.text);
        if self.text.len() == from {
            // The year 1, which some programs send for "no date".
            self.text.truncate(start);
            return;
        }
        let range = |n: usize| u32::try_from(n).expect("a body is at most 64 MiB");
        self.entries.push(Entry { field: member.field, from: range(from), to: range(self.text.len()) });
        if member.name == care_listing::FIELD {
            self.not_own.push(start..self.text.len());
        }
    }

    /// What the digest is taken over, but for how items are listed elsewhere: U+001D stands before a node, U+001E before a name, U+001F before a value.
    pub fn canonical(&self) -> &str {
        &self.text
    }

    /// The digest of this input of this transaction.
    pub fn digest(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        context.update(self.transaction.infno.as_bytes());
        // How items are listed is the other centre's word: it may be another when the message comes again.
        let mut from = 0;
        for listed in &self.not_own {
            context.update(&self.text.as_bytes()[from..listed.start]);
            from = listed.end;
        }
        context.update(&self.text.as_bytes()[from..]);
        let mut bytes = [RULE; 33];
        bytes[1..].copy_from_slice(context.finish().as_ref());
        Digest(bytes)
    }

    /// The rows of a node by its documented name.
    pub fn rows(&self, node: &str) -> impl Iterator<Item = Fields<'_>> {
        let at = self.transaction.input.iter().position(|n| n.name == node);
        let rows = self.rows.iter().enumerate().filter(move |(_, row)| Some(usize::from(row.node)) == at);
        rows.map(|(at, row)| Fields { input: self, row: *row, at })
    }

    /// The first row of a node.
    pub fn first(&self, node: &str) -> Option<Fields<'_>> {
        self.rows(node).next()
    }

    /// Of which transaction.
    pub fn transaction(&self) -> &'static Transaction {
        self.transaction
    }

    /// How many rows there are, over all nodes.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// What the table demands of an institution's message: required fields, lengths, numbers (of the places their
    /// fields have; `number.rs` says how a double gets there), dates, closed dictionaries. `input` as a whole may lack a node only where none of its fields is required.
    pub fn check(&self, profile: &Profile) -> Result<(), Refusal> {
        for (at, spec) in self.transaction.input.iter().enumerate() {
            let rows = self.rows.iter().filter(|row| usize::from(row.node) == at);
            let mut any = false;
            for row in rows {
                any = true;
                self.check_row(spec, *row, profile)?;
            }
            self.check_whose(spec)?;
            let main = self.transaction.main_node() == Some(at);
            if !any
                && (main || self.transaction.input.len() == 1)
                && let Some(field) = spec.fields.iter().find(|f| f.required)
            {
                return Err(Refusal::FieldMissing { field: field.name.into(), name: field.label.into() });
            }
        }
        Ok(())
    }

    /// Rows that should stand within others and stand beside them are those of the only one; of several nobody knows whose.
    fn check_whose(&self, spec: &NodeSpec) -> Result<(), Refusal> {
        let holds = |node: &NodeSpec| {
            node.fields.iter().any(|field| field.kind == FieldType::Rows && field.name == spec.name)
        };
        let Some(holder) = self.transaction.input.iter().find(|node| holds(node)) else { return Ok(()) };
        let beside = self.rows(spec.name).any(|row| row.row.within.is_none());
        let count = self.rows(holder.name).count();
        if !beside || count <= 1 {
            return Ok(());
        }
        let (field, value) = (spec.name.into(), format!("{count} {}", holder.name));
        Err(Refusal::FieldInvalid { field, value, rule: Rule::ExactlyOne })
    }

    /// Whether what should stand within a row stands beside it.
    fn has_beside(&self, field: &Field) -> bool {
        field.kind == FieldType::Rows && self.rows(field.name).any(|row| row.row.within.is_none())
    }

    fn check_row(&self, spec: &NodeSpec, row: Row, profile: &Profile) -> Result<(), Refusal> {
        let mut present = 0_u128;
        for entry in &self.entries[row.from as usize..row.to as usize] {
            if entry.field == UNKNOWN {
                continue;
            }
            present |= 1 << entry.field;
            let field = &spec.fields[usize::from(entry.field)];
            if !field.echo || profile.compare_splits {
                check_value(field, &self.text[entry.from as usize..entry.to as usize])?;
            }
        }
        let missing = spec
            .fields
            .iter()
            .enumerate()
            .find(|(at, field)| field.required && present & (1 << at) == 0 && !self.has_beside(field));
        missing.map_or(Ok(()), |(_, field)| {
            Err(Refusal::FieldMissing { field: field.name.into(), name: field.label.into() })
        })
    }
}

impl<'n> Member<'n> {
    /// A member of a node, by its name.
    pub(crate) fn find(
        node: Option<&'static NodeSpec>,
        position: usize,
        name: &'n str,
        value: &'n Node<'n>,
        own: bool,
    ) -> Self {
        let name = if name == "expContent" { "exp_content".into() } else { plain(name) };
        match node.and_then(|node| Some((node.find(&name, position)?, node))) {
            Some((at, node)) => {
                let (field, spec) = (u16::try_from(at).expect("few fields"), &node.fields[at]);
                Self { field, name: spec.name.into(), spec: Some(spec), value, own }
            }
            None => Self { field: UNKNOWN, name, spec: None, value, own },
        }
    }

    /// Its name, where it should hold rows and something of it is none.
    fn no_rows(&self) -> Option<&str> {
        let items = match self.value {
            Node::List(items) => items.as_slice(),
            item => std::slice::from_ref(item),
        };
        let odd = |item: &Node<'_>| !item.is_absent() && !matches!(item, Node::Object(_));
        items.iter().any(odd).then_some(&*self.name)
    }

    fn holds_rows(&self) -> bool {
        self.spec.is_some_and(|spec| spec.kind == FieldType::Rows)
    }

    /// The value in its one form.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// The value in its one form; of rows how many, for they themselves stand behind.
    fn write(&self, out: &mut String) {
        if let count @ 1.. = if self.holds_rows() { rows_in(self.value).count() } else { 0 } {
            return out.push_str(&count.to_string());
        }
        if let (Some(FieldType::Bytes), Some(bytes)) = (self.spec.map(|spec| spec.kind), self.value.bytes()) {
            return out.push_str(&to_base64(&bytes));
        }
        let Some(scalar) = self.value.scalar() else { return self.value.write_sorted(out) };
        let scalar = plain(&scalar);
        let scalar = scalar.trim();
        match self.spec.map(|spec| spec.kind) {
            Some(FieldType::Number) => {
                // A text was written by somebody; a number may be a double that a machine printed.
                let double = matches!(self.value, Node::Number(_));
                let places = self.spec.and_then(|spec| spec.places).filter(|_| double);
                out.push_str(&number::canonical(scalar, places));
            }
            Some(FieldType::Date) => match read_date(scalar) {
                Some(date) if date.year() > 1 => out.push_str(&print_date(date)),
                Some(_) => {}
                None => out.push_str(scalar),
            },
            Some(FieldType::DateTime) => match read_time(scalar) {
                Some(time) if time.year() > 1 => out.push_str(&print_time(time)),
                Some(_) => {}
                None => out.push_str(scalar),
            },
            _ => out.push_str(scalar),
        }
    }

    /// Whether `other`, of the same object, says something else under the same name.
    fn contradicts(&self, other: &Self) -> bool {
        let written = |member: &Self| {
            // Of rows all they say: how many there are is not enough.
            if !member.holds_rows() {
                return member.written();
            }
            let mut text = String::new();
            member.value.write_sorted(&mut text);
            text
        };
        self.own == other.own && self.name == other.name && written(self) != written(other)
    }
}

/// A text that should hold the input, and cannot be read: the place is one in that text.
fn inside(error: JsonError) -> Problem {
    let JsonError::Malformed(at) = error else { return error.into() };
    let nth = at + 1;
    Problem::Malformed {
        place: Both::new(format!("input 中第 {nth} 字节"), format!("byte {nth} of input"))
    }
}

/// An input that is no object; `again` is the text within a text, which may hold one all the same.
fn no_object(again: &str) -> Problem {
    let twice = matches!(Node::parse(again.as_bytes()), Ok(Node::Object(_)));
    let place = if twice {
        Both::of("input 被编码了两次", "input was encoded twice")
    } else {
        Both::of("input 不是对象", "input is not an object")
    };
    Problem::Malformed { place }
}

/// The rows of a list that say something, or the one that stands instead of a list.
fn rows_in<'n>(node: &'n Node<'n>) -> impl Iterator<Item = &'n Node<'n>> {
    let rows = match node {
        Node::List(rows) => rows.as_slice(),
        row => std::slice::from_ref(row),
    };
    rows.iter().filter(|row| matches!(row, Node::Object(_)) && !row.is_absent())
}

/// The rows of one node, under whatever names and in whatever forms it came. Given again they must say the same, and
/// so must the rows of a node that has only one.
fn rows_of<'n>(
    transaction: &'static Transaction,
    given: &[(usize, &'n Node<'n>)],
) -> Result<Vec<&'n Node<'n>>, Problem> {
    let at = given[0].0;
    let spec = &transaction.input[at];
    let mut sayings: Vec<Vec<&Node<'_>>> = Vec::with_capacity(given.len());
    for (_, node) in given {
        let rows = match node {
            Node::List(rows) => rows.as_slice(),
            row => std::slice::from_ref(*row),
        };
        let mut rows = rows.iter().filter(|row| !row.is_absent()).peekable();
        if spec.many {
            sayings.extend(rows.peek().is_some().then(|| rows.collect()));
        } else {
            sayings.extend(rows.map(|row| vec![row]));
        }
    }
    let text = |rows: &[&Node<'_>]| {
        let mut alone = Input::empty(transaction);
        rows.iter().try_for_each(|row| alone.push_row(at, row, &[], None))?;
        Ok::<_, Problem>(alone.text)
    };
    if let [first, others @ ..] = sayings.as_slice()
        && !others.is_empty()
    {
        let said = text(first)?;
        for other in others {
            if text(other)? != said {
                return Err(Problem::NodeRepeated { node: spec.name.into() });
            }
        }
    }
    Ok(sayings.into_iter().next().unwrap_or_default())
}

/// Dictionaries whose codes decide what is done; the others are kept as they come, because provinces differ.
const CLOSED: [&str; 4] = ["insutype", "acct_used_flag", "mdtrt_cert_type", "vali_flag"];

/// Most digits of any number before its point, and behind it where the table sets no scale.
const WHOLE_MAX: usize = 14;
const PLACES_MAX: u32 = 12;

/// What the table demands of one value.
pub(crate) fn check_value(field: &Field, value: &str) -> Result<(), Refusal> {
    let invalid = |rule: Rule| {
        let value = value.chars().take(40).collect();
        Err(Refusal::FieldInvalid { field: field.name.into(), value, rule })
    };
    match field.kind {
        FieldType::String => {
            // Most text is short and plain: bytes bound characters.
            let max = field.length.unwrap_or(u32::MAX) as usize;
            if value.len() > max && value.chars().count() > max {
                return Err(Refusal::FieldTooLong {
                    field: field.name.into(),
                    length: value.chars().count().to_string(),
                    max: max.to_string(),
                });
            }
        }
        FieldType::Number => {
            let number = value.strip_prefix('-').unwrap_or(value);
            let mut parts = number.split('.');
            let digits = |part: Option<&str>| part.is_none_or(|p| p.bytes().all(|b| b.is_ascii_digit()));
            let (whole, fraction) = (parts.next(), parts.next());
            if whole == Some("") || !digits(whole) || !digits(fraction) || parts.next().is_some() {
                return invalid(Rule::Number);
            }
            let places = field.places.unwrap_or(PLACES_MAX);
            if fraction.is_some_and(|f| f.len() > places as usize) {
                return invalid(Rule::Places(places));
            }
            if whole.is_some_and(|w| w.len() > WHOLE_MAX) {
                return invalid(Rule::Digits(WHOLE_MAX));
            }
        }
        FieldType::Date if read_date(value).is_none() => return invalid(Rule::Date),
        FieldType::DateTime if read_time(value).is_none() => return invalid(Rule::Time),
        FieldType::Date | FieldType::DateTime | FieldType::Bytes | FieldType::Rows => {}
    }
    match field.dictionary {
        Some(name) if CLOSED.contains(&name) && dictionary(name).is_some_and(|d| !d.has(value)) => {
            let value = value.chars().take(40).collect();
            Err(Refusal::CodeUnknown { field: field.name.into(), value, dictionary: name.into() })
        }
        _ => Ok(()),
    }
}

/// A text without control characters, which mean nothing here; what parts words or lines becomes a blank.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte < b' ') {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' => Some(' '),
        '\0'..' ' => None,
        _ => Some(c),
    });
    Cow::Owned(seen.collect())
}

impl<'a> Fields<'a> {
    /// Whether it stands within another row.
    pub(crate) fn is_within(&self) -> bool {
        self.row.within.is_some()
    }

    /// The fields it may have.
    pub(crate) fn spec_fields(&self) -> &'static [Field] {
        &self.input.transaction.input[usize::from(self.row.node)].fields
    }

    /// Of which transaction.
    pub(crate) fn transaction(&self) -> &'static Transaction {
        self.input.transaction
    }

    /// The rows of a node that stand within this one; those that stand in none belong to all.
    pub fn rows(&self, node: &str) -> impl Iterator<Item = Fields<'a>> {
        let own = u32::try_from(self.at).ok();
        self.input.rows(node).filter(move |fields| fields.row.within.is_none() || fields.row.within == own)
    }

    /// A field's value, by its documented name; none where absent.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let input = self.input;
        let spec = &input.transaction.input[usize::from(self.row.node)];
        let at = u16::try_from(spec.find(name, usize::MAX)?).ok()?;
        let entries = &input.entries[self.row.from as usize..self.row.to as usize];
        let entry = entries.iter().find(|e| e.field == at)?;
        Some(&input.text[entry.from as usize..entry.to as usize])
    }

    /// A field's value, or nothing.
    pub fn text(&self, name: &str) -> &'a str {
        self.get(name).unwrap_or_default()
    }

    /// A field that must be there.
    pub fn need(&self, name: &str) -> Result<&'a str, Refusal> {
        self.get(name).ok_or_else(|| {
            let spec = &self.input.transaction.input[usize::from(self.row.node)];
            let label = spec.field(name).map_or(name, |f| f.label);
            Refusal::FieldMissing { field: name.into(), name: label.into() }
        })
    }

    /// A field read as a value of `T`; none where absent.
    pub fn parse<T: std::str::FromStr>(&self, name: &str, rule: Rule) -> Result<Option<T>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::FieldInvalid {
            field: name.into(),
            value: text.chars().take(40).collect(),
            rule,
        })
    }

    /// A number that must be there.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, Refusal> {
        self.need(name)?;
        Ok(self.parse(name, Rule::Number)?.expect("just seen"))
    }

    /// All that is said in fields we know.
    pub fn facts(&self) -> Facts {
        let spec = &self.input.transaction.input[usize::from(self.row.node)];
        let names: Vec<&str> = spec.fields.iter().map(|field| field.name).collect();
        Facts::of(*self, &names)
    }

    /// A day; none where absent.
    pub fn date(&self, name: &str) -> Result<Option<jiff::civil::Date>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        read_date(text).map(Some).ok_or_else(|| Refusal::FieldInvalid {
            field: name.into(),
            value: text.chars().take(40).collect(),
            rule: Rule::Date,
        })
    }

    /// A moment that must be there.
    pub fn time(&self, name: &str) -> Result<jiff::civil::DateTime, Refusal> {
        let text = self.need(name)?;
        read_time(text).ok_or_else(|| Refusal::FieldInvalid {
            field: name.into(),
            value: text.chars().take(40).collect(),
            rule: Rule::Time,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::MSGID_MAX;
    use crate::transaction;
    use crate::transactions::SettleBill;

    fn input(infno: &str, json: &str) -> Input {
        Input::read(transaction(infno).unwrap(), &Node::parse(json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn every_spelling_of_one_input_has_one_digest() {
        let plain = input("2601", r#"{"data":{"psn_no":"1","omsgid":"M","oinfno":"2207"}}"#);
        for other in [
            r#"{"data":{"oinfno":"2207","omsgid":"M","psn_no":"1"}}"#,
            r#"{"psn_no":"1","omsgid":"M","oinfno":"2207"}"#,
            r#"{"mdtrtinfo":{"PSN_NO":1,"omsgid":" M ","oinfno":"2207","x":null,"y":""}}"#,
            r#"[{"a":1}]"#,
        ] {
            let Ok(other) =
                Input::read(transaction("2601").unwrap(), &Node::parse(other.as_bytes()).unwrap())
            else {
                assert!(other.starts_with('['));
                continue;
            };
            assert_eq!(other.digest(), plain.digest());
        }
        let quoted = r#""{\"data\":{\"psn_no\":\"1\",\"omsgid\":\"M\",\"oinfno\":\"2207\"}}""#;
        assert_eq!(input("2601", quoted).digest(), plain.digest());
        let extra = input("2601", r#"{"data":{"psn_no":"1","omsgid":"M","oinfno":"2207","zz":"1"}}"#);
        assert_ne!(extra.digest(), plain.digest(), "an unknown member is part of what was said");
    }

    #[test]
    fn rows_within_a_row_are_part_of_what_is_said() {
        let line = |packs: &str| {
            let json = format!(r#"{{"feedetail":[{{"feedetl_sn":"1",{packs}}}]}}"#);
            Input::read(transaction("2204").unwrap(), &Node::parse(json.as_bytes()).unwrap())
        };
        let digest = |packs: &str| line(packs).unwrap().digest();
        let one = digest(r#""drugtracinfo":[{"drug_trac_codg":"A"}]"#);
        assert_eq!(one, digest(r#""drugtracinfo":{"drug_trac_codg":"A"}"#));
        assert_eq!(one, digest(r#""drugtracinfo":[{"drug_trac_codg":" A "},{},null]"#));
        assert_ne!(one, digest(r#""drugtracinfo":[{"drug_trac_codg":"B"}]"#));
        let refused = |packs: &str| line(packs).unwrap_err().code();
        let twice = r#""drugtracinfo":[{"drug_trac_codg":"A"}],"DRUGTRACINFO":[{"drug_trac_codg":"B"}]"#;
        assert_eq!(refused(twice), "DUPLICATE_KEY");
        for odd in [r#""drugtracinfo":[{"drug_trac_codg":"A"},"B"]"#, r#""drugtracinfo":"1""#] {
            assert_eq!(refused(odd), "MALFORMED", "{odd}");
        }
    }

    #[test]
    fn rows_beside_several_rows_are_nobody_s() {
        let check = |lines: &str| {
            let json = format!(r#"{{"feedetail":[{lines}],"drugtracinfo":[{{"drug_trac_codg":"A"}}]}}"#);
            let told = input("2204", &json).check(&Profile::default());
            told.expect_err("other fields are missing").code()
        };
        assert_eq!(check(r#"{"feedetl_sn":"1"}"#), "FIELD_MISSING");
        let spec =
            transaction("2204").unwrap().input.iter().find(|node| node.name == "drugtracinfo").unwrap();
        let whose = |lines: &str| {
            let json = format!(r#"{{"feedetail":[{lines}],"drugtracinfo":[{{"drug_trac_codg":"A"}}]}}"#);
            input("2204", &json).check_whose(spec).map_err(|refusal| refusal.code())
        };
        assert_eq!(whose(r#"{"feedetl_sn":"1"}"#), Ok(()));
        assert_eq!(whose(r#"{"feedetl_sn":"1"},{"feedetl_sn":"2"}"#), Err("FIELD_INVALID"));
    }

    #[test]
    fn dates_have_one_form() {
        let row = input("2201", r#"{"data":{"begntime":"2026-01-31T09:41:05"}}"#);
        assert_eq!(row.first("data").unwrap().text("begntime"), "2026-01-31 09:41:05");
        let none = input("1101", r#"{"data":{"begntime":"0001-01-01T00:00:00","certno":"1"}}"#);
        assert_eq!(none.first("data").unwrap().get("begntime"), None);
    }

    #[test]
    fn control_characters_cannot_pretend_to_be_other_members() {
        let honest = input("2601", r#"{"data":{"psn_no":"1","omsgid":"M","oinfno":"2207","zz":"1"}}"#);
        for forged in [
            r#"{"data":{"psn_no":"1\u001ezz\u001f1","omsgid":"M","oinfno":"2207"}}"#,
            r#"{"data":{"psn_no":"1","omsgid":"M\u001epsn_no\u001f1\u001ezz\u001f1","oinfno":"2207"}}"#,
            r#"{"data":{"oinfno":"2207","omsgid\u001fM\u001epsn_no":"1","zz":"1"}}"#,
        ] {
            let forged = input("2601", forged);
            assert_ne!(forged.digest(), honest.digest());
            let marks = |mark| forged.text.matches(mark).count();
            assert_eq!(
                (marks(ROW_MARK), marks(NAME_MARK), marks(VALUE_MARK)),
                (1, 3, 3),
                "{:?}",
                forged.text
            );
        }
        let padded = r#"{"data":{"psn_no\u0000":"1\u0000\u0000","omsgid":"\tM\r\n","oinfno":"2207","zz":"1","a":"\u0001"}}"#;
        assert_eq!(input("2601", padded).digest(), honest.digest(), "they are no part of what was said");
        let lines = input("2601", r#"{"data":{"psn_no":"1","omsgid":"M","oinfno":"2207","zz":"1\n2"}}"#);
        assert!(lines.text.ends_with("\u{1e}zz\u{1f}1 2"), "{:?}", lines.text);
    }

    #[test]
    fn what_is_empty_is_absent() {
        let plain = input("2201", r#"{"data":{"psn_no":"1"}}"#);
        for same in [
            r#"{"data":{"psn_no":"1"},"agnterinfo":{}}"#,
            r#"{"data":{"psn_no":"1"},"agnterinfo":{"agnter_name":"","x":null}}"#,
            r#"{"data":{"psn_no":"1","y":{},"z":[],"exp_content":{"a":"","b":[{}]}},"agnterinfo":[{}]}"#,
            r#"{"data":[{},{"psn_no":"1"}],"url":{"a":null}}"#,
        ] {
            assert_eq!(input("2201", same).digest(), plain.digest(), "{same}");
        }
    }

    fn checked(infno: &str, json: &str, profile: &Profile) -> Option<&'static str> {
        input(infno, json).check(profile).err().map(|r| r.code())
    }

    fn refused(infno: &str, json: &str) -> &'static str {
        let node = Node::parse(json.as_bytes()).unwrap();
        Input::read(transaction(infno).unwrap(), &node).unwrap_err().code()
    }

    #[test]
    fn what_stands_beside_a_list_is_part_of_what_was_said() {
        let plain = input("2204", r#"{"feedetail":[{"feedetl_sn":"1"}]}"#);
        let more = input("2204", r#"{"feedetail":[{"feedetl_sn":"1"}],"exp_content":{"a":"1"},"y":null}"#);
        assert_ne!(plain.digest(), more.digest());
        assert_eq!(more.rows("feedetail").count(), 1, "it is no line");
        assert_eq!(more.first("feedetail").unwrap().text("exp_content"), "");
        assert!(more.text.ends_with("\u{1d}\u{1e}exp_content\u{1f}{\"a\":\"1\"}"), "{:?}", more.text);
        let other = input("2204", r#"{"expContent":{"a":"1"},"feedetail":[{},{"FEEDETL_SN":1}]}"#);
        assert_eq!(more.digest(), other.digest());
        let undescribed = |json: &str| input("4402", json).digest();
        assert_ne!(undescribed(r#"{"a":"1"}"#), undescribed(r#"{"a":"2"}"#));
    }

    #[test]
    fn one_thing_said_twice_must_be_the_same() {
        let plain = input("2207", r#"{"data":{"psn_no":"1","medfee_sumamt":1}}"#);
        for same in [
            r#"{"data":[{"psn_no":"1","medfee_sumamt":1}]}"#,
            r#"{"data":[{"psn_no":"1","medfee_sumamt":1},{"medfee_sumamt":"1.00","psn_no":1}]}"#,
            r#"{"data":{"psn_no":"1","medfee_sumamt":1},"mdtrtinfo":{"psn_no":"1","medfee_sumamt":1}}"#,
            r#"{"data":{"psn_no":"1","PSN_NO":1,"medfee_sumamt":1,"MEDFEE_SUMAMT":"1.0"},"DATA":{}}"#,
            r#"{"data":{"psn_no":"1","PSN_NO":"","medfee_sumamt":1},"psn_no":"2"}"#,
        ] {
            assert_eq!(input("2207", same).digest(), plain.digest(), "{same}");
        }
        for (code, other) in [
            ("NODE_REPEATED", r#"{"data":[{"psn_no":"1"},{"psn_no":"2"}]}"#),
            ("NODE_REPEATED", r#"{"data":{"psn_no":"1"},"mdtrtinfo":{"psn_no":"2"}}"#),
            ("NODE_REPEATED", r#"{"data":{"psn_no":"1"},"DATA":{"psn_no":"1","x":"1"}}"#),
            ("DUPLICATE_KEY", r#"{"data":{"psn_no":"1","PSN_NO":"2"}}"#),
            ("DUPLICATE_KEY", r#"{"psn_no":"1","PSN_NO":"2"}"#),
            ("DUPLICATE_KEY", r#"{"data":{"exp_content":"1","expContent":"2"}}"#),
        ] {
            assert_eq!(refused("2207", other), code, "{other}");
        }
        assert_eq!(refused("2302", r#"{"data":[{"x":"1"}],"feeinfo":[{"x":"2"}]}"#), "NODE_REPEATED");
        let rows = input("2302", r#"{"data":[{"x":"1"},{"x":"2"}],"feeinfo":[]}"#);
        assert_eq!(rows.rows("data").count(), 2);
    }

    #[test]
    fn a_hundred_thousand_members_are_read() {
        let many: Vec<String> = (0..100_000).map(|n| format!("\"x{n}\":\"{n}\"")).collect();
        let json = format!(r#"{{"data":{{"psn_no":"1",{}}},"psn_no":"2","omsgid":"M"}}"#, many.join(","));
        let input = input("2601", &json);
        let row = input.first("data").unwrap();
        assert_eq!((row.text("psn_no"), row.text("omsgid")), ("1", "M"), "the node's own member comes first");
        assert_eq!(input.entries.len(), 100_002);
    }

    #[test]
    fn what_the_table_demands_is_checked() {
        let check = |infno: &str, json: &str| checked(infno, json, &Profile::default());
        assert_eq!(check("2601", r#"{"data":{"psn_no":"1","omsgid":"M","oinfno":"2207"}}"#), None);
        assert_eq!(check("2601", r#"{"data":{"psn_no":"1","omsgid":"M"}}"#), Some("FIELD_MISSING"));
        assert_eq!(check("2601", "{}"), Some("FIELD_MISSING"));
        let long = format!(r#"{{"data":{{"psn_no":"{}","omsgid":"M","oinfno":"2207"}}}}"#, "1".repeat(31));
        assert_eq!(check("2601", &long), Some("FIELD_TOO_LONG"));
        let longest =
            format!(r#"{{"psn_no":"1","omsgid":"{}","oinfno":"2203A"}}"#, "M".repeat(MSGID_MAX as usize));
        for infno in ["2601", "outcome"] {
            assert_eq!(check(infno, &longest), None, "{infno} names every message that was taken in");
            assert_eq!(check(infno, &longest.replace("MM", "MMM")), Some("FIELD_TOO_LONG"));
        }
        let settle = |extra: &str| {
            format!(
                r#"{{"data":{{"psn_no":"1","mdtrt_cert_type":"02","med_type":"11","medfee_sumamt":1,"psn_setlway":"01","mdtrt_id":"1","chrg_bchno":"1","insutype":"310","acct_used_flag":"1"{extra}}}}}"#
            )
        };
        assert_eq!(check("2207", &settle("")), None);
        let comparing = Profile { compare_splits: true, ..Profile::default() };
        for (splits, code) in [
            (r#","inscp_scp_amt":205.45"#, None),
            (r#","inscp_scp_amt":"""#, None),
            (r#","inscp_scp_amt":205.45000000000002"#, None),
            (r#","inscp_scp_amt":205.455"#, Some("FIELD_INVALID")),
            (r#","overlmt_selfpay":"none""#, Some("FIELD_INVALID")),
        ] {
            let json = settle(splits);
            assert_eq!(check("2207", &json), None, "{splits}: what nobody compares is not looked at");
            assert_eq!(checked("2207", &json, &comparing), code, "{splits}");
            SettleBill::read(&input("2207", &json)).unwrap();
        }
        let preview = settle(r#","mdtrt_cert_no":"1","mid_setl_flag":"0""#);
        assert_eq!(check("2303", &preview), None, "nor need it be there");
        assert_eq!(check("2207", &settle("").replace(":1,", ":1.005,")), Some("FIELD_INVALID"));
        assert_eq!(check("2207", &settle("").replace(":1,", ":12.299999999999999,")), None);
        assert_eq!(
            check("2207", &settle("").replace(":1,", r#":"12.299999999999999","#)),
            Some("FIELD_INVALID")
        );
        assert_eq!(check("2207", &settle("").replace("310", "999")), Some("CODE_UNKNOWN"));
    }
}
