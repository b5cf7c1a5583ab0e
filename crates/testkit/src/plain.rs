//! A double of somebody else's centre: it answers the national transactions and has nothing of ours.
//!
//! No header says what became of a message, refusals are free Chinese text, nobody can ask for an outcome, and a copy
//! of a message that moved money is refused instead of answered again.

use std::net::SocketAddr;
use std::sync::Arc;

use road::{Given, NoReply, Reply, Road};
use sample::{Listener, Packet};
use serde_json::json;
use wire::{Class, Language, Message};

use crate::TestCentre;

/// Such a centre, with our centre's books behind it, on a loopback port of its own.
pub struct PlainCentre {
    listener: Listener,
}

impl PlainCentre {
    /// Begins to listen.
    pub fn start(centre: &TestCentre) -> Self {
        let road: Arc<dyn Road> = centre.centre.clone();
        let listener = Listener::start(move |request, _| Ok(answer(road.as_ref(), request).map(packet)));
        Self { listener: listener.expect("a port") }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }
}

/// What a request is answered; none: the connection breaks, because even this centre does not know.
fn answer(road: &dyn Road, request: &Packet) -> Option<Vec<u8>> {
    let Ok(message) = Message::read(request.body.as_slice().into(), None) else {
        return Some(failed("报文格式错误"));
    };
    // Ours have names, national ones numbers.
    if !message.transaction.infno.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(failed("交易编号不存在"));
    }
    match road.send(&message) {
        Ok(Reply::Done(given)) if given.replayed && moves_money(&message) => {
            Some(failed("该报文已处理,请勿重复提交"))
        }
        Ok(Reply::Done(given)) => Some(given.answer.text.to_vec()),
        Ok(Reply::Refused(given)) => Some(failed(&free_text(&given))),
        Err(NoReply::NotProcessed(problem)) => Some(failed(&problem.text(Language::Zh))),
        Ok(Reply::Held(_)) | Err(NoReply::Unknown(_)) => None,
    }
}

/// What is not to be done twice. To take a message back again is no harm anywhere.
fn moves_money(message: &Message) -> bool {
    message.transaction.class == Class::Money && message.transaction.name != "reverse_message"
}

/// Our text without its code and advice.
fn free_text(given: &Given) -> String {
    let text = given.answer.error().unwrap_or_default();
    let text = text.split_once("] ").map_or(text.as_str(), |(_, text)| text);
    text.rsplit_once('。').map_or(text, |(text, _)| text).to_owned()
}

fn failed(text: &str) -> Vec<u8> {
    json!({"infcode": -1, "inf_refmsgid": "", "refmsg_time": "", "respond_time": "", "err_msg": text, "output": {}})
        .to_string()
        .into_bytes()
}

fn packet(body: Vec<u8>) -> Packet {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Packet { head: head.into_bytes(), body }
}
