//! The journal of intents: what was about to be sent stands on disk before it is sent, and until it is known what
//! became of it. So a program that dies between sending and hearing knows, when it starts again, what to ask after.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

use wire::Message;

/// A journal of intents in one file.
pub struct Intents {
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Intents whose outcome is not known, oldest first.
    open: Vec<(Key, Vec<u8>)>,
    /// Lines in the file.
    lines: usize,
}

/// Transaction and message id.
pub(crate) type Key = (String, String);

/// Lines after which a journal without open intents is begun anew.
const COMPACT_AT: usize = 10_000;

impl Intents {
    /// Opens the journal, made where it is missing. A line cut short by a power cut is passed over: what it said was
    /// never sent.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut state = State { file, open: Vec::new(), lines: 0 };
        for line in text[..whole].split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            state.replay(line);
        }
        Ok(Self { state: Mutex::new(state) })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Writes an intent and syncs it. Only then may it be sent. Answers whether it stood there already: then an earlier
    /// sending may have arrived.
    pub fn begin(&self, message: &Message) -> std::io::Result<bool> {
        let mut state = self.lock();
        let key = key(message);
        if state.holds(&key) {
            return Ok(true);
        }
        let body = one_line(&message.body);
        let line = [b"+ ", key.0.as_bytes(), b" ", key.1.as_bytes(), b" ", &body, b"\n"].concat();
        state.write(&line, true)?;
        state.open.push((key, body));
        Ok(false)
    }

    /// Whether the outcome of a message is awaited.
    pub fn holds(&self, message: &Message) -> bool {
        self.lock().holds(&key(message))
    }

    /// The outcome of an intent is known.
    pub fn end(&self, message: &Message) -> std::io::Result<()> {
        let mut state = self.lock();
        let key = key(message);
        state.open.retain(|(k, _)| *k != key);
        // Not synced: an intent ended twice is only asked after once more.
        state.write(format!("- {} {}\n", key.0, key.1).as_bytes(), false)?;
        if state.open.is_empty() && state.lines > COMPACT_AT {
            state.file.set_len(0)?;
            state.file.rewind()?;
            state.lines = 0;
        }
        Ok(())
    }

    /// The messages whose outcome is not known, oldest first.
    pub fn pending(&self) -> Vec<Message> {
        let read = |(_, body): &(Key, Vec<u8>)| Message::read(body.as_slice().into(), None).ok();
        self.lock().open.iter().filter_map(read).collect()
    }
}

impl State {
    fn holds(&self, key: &Key) -> bool {
        self.open.iter().any(|(open, _)| open == key)
    }

    fn write(&mut self, line: &[u8], sync: bool) -> std::io::Result<()> {
        self.file.write_all(line)?;
        self.lines += 1;
        if sync { self.file.sync_data() } else { Ok(()) }
    }

    fn replay(&mut self, line: &[u8]) {
        self.lines += 1;
        let mut parts = line.splitn(4, |b| *b == b' ');
        let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let (sign, key) = (text(), (text(), text()));
        match sign.as_str() {
            "+" => self.open.push((key, parts.next().unwrap_or_default().to_vec())),
            _ => self.open.retain(|(k, _)| *k != key),
        }
    }
}

pub(crate) fn key(message: &Message) -> Key {
    // Blanks would end the word.
    (message.transaction.infno.into(), message.envelope.msgid.replace([' ', '\n'], "_"))
}

/// JSON means the same without its line breaks; inside strings they are escaped.
fn one_line(body: &[u8]) -> Vec<u8> {
    body.iter().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { *b }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(msgid: &str) -> Message {
        let body = format!(
            "{{\n\"infno\":\"2207\",\"msgid\":\"{msgid}\",\"fixmedins_code\":\"H1\",\"input\":{{}}\r\n}}"
        );
        Message::read(body.into_bytes().into(), None).unwrap()
    }

    #[test]
    fn intents_without_an_outcome_are_found_again_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intents");
        let intents = Intents::open(&path).unwrap();
        for id in ["M1", "M2", "M3"] {
            assert!(!intents.begin(&message(id)).unwrap());
        }
        assert!(intents.begin(&message("M3")).unwrap(), "it stood there already");
        intents.end(&message("M2")).unwrap();
        assert!(intents.holds(&message("M1")) && !intents.holds(&message("M2")));
        drop(intents);
        // A power cut in the middle of a line.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"+ 2207 M4 {\"infno\":\"22").unwrap();
        let intents = Intents::open(&path).unwrap();
        let ids =
            |intents: &Intents| intents.pending().into_iter().map(|m| m.envelope.msgid).collect::<Vec<_>>();
        assert_eq!(ids(&intents), ["M1", "M3"]);
        intents.end(&message("M1")).unwrap();
        intents.begin(&message("M5")).unwrap();
        drop(intents);
        assert_eq!(ids(&Intents::open(&path).unwrap()), ["M3", "M5"]);
    }
}
