//! The journal of intents: what was about to be sent stands on disk before it is sent, and until it is known what
//! became of it. So a program that dies between sending and hearing knows, when it starts again, what to ask after.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use wire::Message;

use crate::gateway::hex;

/// A journal of intents in one file.
pub struct Intents {
    state: Mutex<State>,
}

struct State {
    path: PathBuf,
    file: File,
    /// What stands at the end of the file is not known: nothing more is written.
    broken: bool,
    /// Intents whose outcome is not known, oldest first.
    open: Vec<(Key, Vec<u8>)>,
    /// Whole lines in the file, and the bytes they take.
    lines: usize,
    length: u64,
}

/// Transaction, institution, message id and content: programs use one id for two uploads.
pub(crate) type Key = String;

/// Lines after which a journal is written anew with its open intents only.
const COMPACT_AT: usize = 10_000;

impl Intents {
    /// Opens the journal, made where it is missing, and keeps it to itself. A line cut short by a power cut is passed
    /// over: what it said was never sent.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let fresh = !path.exists();
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        lock(&file)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        if fresh {
            sync_folder(path)?;
        }
        let (path, length) = (path.to_owned(), whole as u64);
        let mut state = State { path, file, broken: false, open: Vec::new(), lines: 0, length };
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
        let line = [b"+ ", key.as_bytes(), b" ", &body, b"\n"].concat();
        state.write(&line, true)?;
        state.open.push((key, body));
        Ok(false)
    }

    /// Whether the outcome of a message is awaited.
    pub fn holds(&self, message: &Message) -> bool {
        self.lock().holds(&key(message))
    }

    /// The outcome of an intent is known. Where it would be wrong to ask after it once more, that is on the disk when
    /// this returns.
    pub fn end(&self, message: &Message, sync: bool) -> std::io::Result<()> {
        let mut state = self.lock();
        let key = key(message);
        state.open.retain(|(k, _)| *k != key);
        state.write(format!("- {key}\n").as_bytes(), sync)?;
        if state.lines > COMPACT_AT.max(state.open.len() * 2) { state.compact() } else { Ok(()) }
    }

    /// Open intents that can no longer be read as messages: somebody must look at them.
    pub fn unreadable(&self) -> Vec<String> {
        let broken = |(_, body): &&(Key, Vec<u8>)| Message::read(body.as_slice().into(), None).is_err();
        self.lock().open.iter().filter(broken).map(|(key, _)| key.clone()).collect()
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

    /// Appends a line; one that cannot be written whole leaves nothing behind that the next could run into.
    fn write(&mut self, line: &[u8], sync: bool) -> std::io::Result<()> {
        if self.broken {
            return Err(std::io::Error::other(
                "the end of the journal of intents is not known since an earlier error",
            ));
        }
        let written =
            self.file.write_all(line).and_then(|()| if sync { self.file.sync_data() } else { Ok(()) });
        if written.is_err() {
            self.broken = self.cut().is_err();
            return written;
        }
        self.lines += 1;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Back to the end of the whole lines, on the disk, too: a line whose syncing failed must not come up again.
    fn cut(&mut self) -> std::io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.sync_data()
    }

    /// Writes the open intents to a new file, which takes the journal's place.
    fn compact(&mut self) -> std::io::Result<()> {
        let line = |(key, body): &(Key, Vec<u8>)| [b"+ ", key.as_bytes(), b" ", body, b"\n"].concat();
        let text: Vec<u8> = self.open.iter().flat_map(line).collect();
        let path = self.path.with_extension("new");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        lock(&file)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&path, &self.path)?;
        sync_folder(&self.path)?;
        (self.file, self.lines, self.length) = (file, self.open.len(), text.len() as u64);
        Ok(())
    }

    fn replay(&mut self, line: &[u8]) {
        self.lines += 1;
        let mut parts = line.splitn(3, |b| *b == b' ');
        let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let (sign, key) = (text(), text());
        match sign.as_str() {
            "+" => self.open.push((key, parts.next().unwrap_or_default().to_vec())),
            _ => self.open.retain(|(k, _)| *k != key),
        }
    }
}

/// Two processes on one journal would write over each other.
fn lock(file: &File) -> std::io::Result<()> {
    file.try_lock().map_err(|error| {
        let why = format!("another process keeps this journal of intents ({error})");
        std::io::Error::new(std::io::ErrorKind::WouldBlock, why)
    })
}

/// The name of a new file must outlive a power cut, too.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

pub(crate) fn key(message: &Message) -> Key {
    let envelope = &message.envelope;
    let content = hex(&message.digest.0[1..9]);
    let key = format!("{}/{}/{}/{content}", message.transaction.infno, envelope.hospital, envelope.msgid);
    // Blanks would end the word.
    key.replace(char::is_whitespace, "_")
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
        intents.end(&message("M2"), false).unwrap();
        assert!(intents.holds(&message("M1")) && !intents.holds(&message("M2")));
        drop(intents);
        // A power cut in the middle of a line.
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"+ 2207/H1/M4/0 {\"infno\":\"22")
            .unwrap();
        let intents = Intents::open(&path).unwrap();
        let ids =
            |intents: &Intents| intents.pending().into_iter().map(|m| m.envelope.msgid).collect::<Vec<_>>();
        assert_eq!(ids(&intents), ["M1", "M3"]);
        intents.end(&message("M1"), true).unwrap();
        intents.begin(&message("M5")).unwrap();
        drop(intents);
        assert_eq!(ids(&Intents::open(&path).unwrap()), ["M3", "M5"]);
    }

    #[test]
    fn a_journal_belongs_to_one_process_and_shrinks_to_what_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intents");
        let intents = Intents::open(&path).unwrap();
        assert!(Intents::open(&path).is_err(), "somebody else has it");
        intents.begin(&message("M0")).unwrap();
        for n in 0..=COMPACT_AT / 2 {
            let other = message(&format!("M{}", n + 1));
            intents.lock().write(format!("+ {} {{}}\n", key(&other)).as_bytes(), false).unwrap();
            intents.end(&other, false).unwrap();
        }
        assert!(std::fs::metadata(&path).unwrap().len() < 1_000);
        assert!(Intents::open(&path).is_err(), "the new file is kept, too");
        drop(intents);
        assert_eq!(Intents::open(&path).unwrap().pending().len(), 1);
    }

    #[test]
    fn an_intent_that_could_not_be_synced_is_not_there_and_a_journal_of_unknown_end_takes_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intents");
        let intents = Intents::open(&path).unwrap();
        intents.begin(&message("M1")).unwrap();
        // A handle that may not write: neither the line nor the cut behind it.
        let writable = std::mem::replace(&mut intents.lock().file, File::open(&path).unwrap());
        assert!(intents.begin(&message("M2")).is_err());
        intents.lock().file = writable;
        assert!(intents.begin(&message("M3")).is_err(), "the end of the file is not known");
        drop(intents);
        let intents = Intents::open(&path).unwrap();
        assert_eq!(intents.pending().len(), 1);
        assert!(!intents.begin(&message("M3")).unwrap());
    }

    #[test]
    fn two_uploads_under_one_id_are_two_intents_and_what_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intents");
        let intents = Intents::open(&path).unwrap();
        let upload = |line: &str| {
            let body = format!(
                "{{\"infno\":\"2204\",\"msgid\":\"M1\",\"fixmedins_code\":\"H1\",\"input\":{{\"feedetail\":[{{\"feedetl_sn\":\"{line}\"}}]}}}}"
            );
            Message::read(body.into_bytes().into(), None).unwrap()
        };
        assert!(!intents.begin(&upload("1")).unwrap());
        assert!(!intents.begin(&upload("2")).unwrap());
        intents.end(&upload("1"), false).unwrap();
        assert_eq!(intents.pending().len(), 1);
        drop(intents);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"+ 2207/H1/M9/0 {broken\n").unwrap();
        let intents = Intents::open(&path).unwrap();
        assert_eq!(intents.pending().len(), 1);
        assert_eq!(intents.unreadable(), ["2207/H1/M9/0"]);
    }
}
