//! What the tests of this module share: a desk, the checks every request of it must pass, and answers to it.

use std::borrow::Cow;

use jiff::civil::{DateTime, datetime};

use super::{Asking, DiagnosisSaid, Named, Speaker};
use crate::codes::Refusal;
use crate::envelope::{Amounts, Envelope, InfcodeForm, Profile};
use crate::json::Node;
use crate::message::Message;
use crate::output::{Answer, Outgoing, Stamp};
use crate::table::{FieldType, NodeSpec, transaction};
use crate::transactions::Diagnosis;

/// When everything happens.
pub(super) const AT: DateTime = datetime(2026, 11, 23, 8, 0, 0, 0);

/// A name no reader expects.
pub(super) const ODD: &str = "王\"小\\明𠮷😀";

/// A desk.
pub(super) fn speaker() -> Speaker {
    Speaker {
        hospital: "H99010300002".into(),
        hospital_name: "示范\"医院\"".into(),
        division: "990103".into(),
        operator: "0103".into(),
        operator_name: ODD.into(),
        sign_in: "S1".into(),
    }
}

/// A request as the centre reads it. All it says is in the table and in the table's order, and passes the table's checks.
pub(super) fn said(request: &dyn Asking) -> Message {
    let message = speaker().say("H99010300002202611230800000001", AT, request);
    assert_eq!(message.transaction.infno, request.infno());
    let body = Node::parse(&message.body).unwrap();
    let Some(Node::Object(nodes)) = body.get("input") else { panic!("an input is an object") };
    for (name, node) in nodes {
        let spec = spec(&message.transaction.input, name);
        let rows = rows(node);
        assert!(spec.many || rows.len() == 1, "{name} is no list");
        rows.iter().for_each(|row| in_order(&message.transaction.input, spec, row));
    }
    for compare_splits in [false, true] {
        let profile = Profile { compare_splits, ..Profile::default() };
        message.input.check(&profile).unwrap_or_else(|why| panic!("{}: {why}", request.infno()));
    }
    message
}

fn spec<'t>(nodes: &'t [NodeSpec], name: &str) -> &'t NodeSpec {
    nodes.iter().find(|spec| spec.name == name).unwrap_or_else(|| panic!("the table has no node {name}"))
}

fn rows<'n>(node: &'n Node<'n>) -> &'n [Node<'n>] {
    if let Node::List(rows) = node { rows } else { std::slice::from_ref(node) }
}

fn in_order(nodes: &[NodeSpec], spec: &NodeSpec, row: &Node<'_>) {
    let Node::Object(members) = row else { panic!("{} holds objects", spec.name) };
    let place = |name: &Cow<'_, str>| {
        let found = spec.fields.iter().position(|field| field.name == *name);
        found.unwrap_or_else(|| panic!("{} has no {name}", spec.name))
    };
    let places: Vec<usize> = members.iter().map(|(name, _)| place(name)).collect();
    assert!(
        places.is_sorted_by(|a, b| a < b),
        "{}: {:?}",
        spec.name,
        members.iter().map(|m| &m.0).collect::<Vec<_>>()
    );
    for (at, (name, value)) in places.iter().zip(members) {
        if spec.fields[*at].kind == FieldType::Rows {
            rows(value).iter().for_each(|row| in_order(nodes, self::spec(nodes, name), row));
        }
    }
}

fn stamp() -> Stamp {
    Stamp { received: AT, decided: AT, serial: 0, division: 990_100 }
}

fn envelope(infno: &str) -> Envelope {
    Envelope {
        infno: infno.into(),
        msgid: "M1".into(),
        hospital: "H99010300002".into(),
        ..Envelope::default()
    }
}

/// What the centre answers to a message that was done.
pub(super) fn answered(infno: &str, output: &dyn Outgoing) -> Answer {
    let transaction = transaction(infno).unwrap();
    Answer::done(transaction, output, None, &envelope(infno), &Profile::default(), &stamp())
}

/// The same, to an institution that wants texts.
pub(super) fn answered_in_texts(infno: &str, output: &dyn Outgoing) -> Answer {
    let profile = Profile { infcode: InfcodeForm::Text, amounts: Amounts::Text, ..Profile::default() };
    Answer::done(transaction(infno).unwrap(), output, None, &envelope(infno), &profile, &stamp())
}

/// What the centre answers to a message that the rules refuse.
pub(super) fn refused(infno: &str, refusal: &Refusal) -> Answer {
    Answer::refused(refusal, &envelope(infno), &Profile::default(), &stamp())
}

/// A diagnosis of a stay.
pub(super) fn diagnosis(valid: bool) -> DiagnosisSaid {
    DiagnosisSaid {
        kind: "1".into(),
        order: 1,
        disease: Named::new("J18.900", ODD),
        main: true,
        condition: "1".into(),
        department: "A05".into(),
        doctor: Named::new("D990100000009", ODD),
        time: AT,
        valid,
    }
}

/// That it was understood.
pub(super) fn heard_diagnosis(read: &[Diagnosis], valid: bool) {
    let [one] = read else { panic!("one was said") };
    assert_eq!(
        (one.number, one.kind.as_str(), one.code.as_str(), one.name.as_str()),
        (1, "1", "J18.900", ODD)
    );
    assert_eq!((one.valid, one.facts.text("maindiag_flag"), one.facts.text("adm_cond")), (valid, "1", "1"));
    assert_eq!((one.facts.text("dise_dor_name"), one.facts.text("diag_time")), (ODD, "2026-11-23 08:00:00"));
}
