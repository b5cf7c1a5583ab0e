//! What lies on the counter: a packed body; an answer with what became of the message.

use road::Told;
use wire::{Answer, OutcomeWord};

/// Longest body, unpacked, in bytes: as over HTTP.
pub(crate) const BODY_MAX: usize = 1 << 20;
/// Longest answer, unpacked, in bytes.
const ANSWER_MAX: usize = 64 << 20;
/// Fast; the lines that need more have a front server.
const LEVEL: i32 = 3;

const OUTCOMES: [(OutcomeWord, u8); 4] = [
    (OutcomeWord::Done, b'd'),
    (OutcomeWord::Refused, b'r'),
    (OutcomeWord::NotProcessed, b'n'),
    (OutcomeWord::Unknown, b'u'),
];

/// What lies there is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was put on the counter cannot be read")]
pub(crate) struct Unreadable;

pub(crate) fn pack(body: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(body, LEVEL).expect("memory can be compressed into memory")
}

/// A body of at most [`BODY_MAX`] bytes.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    unpack_to(packed, BODY_MAX)
}

/// What unfolds to more than it says, or says more than it may, is not unfolded.
fn unpack_to(packed: &[u8], most: usize) -> Result<Vec<u8>, Unreadable> {
    let told = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or(Unreadable)?;
    let length = usize::try_from(told).ok().filter(|length| *length <= most).ok_or(Unreadable)?;
    zstd::bulk::decompress(packed, length).map_err(|_| Unreadable)
}

/// An answer as it is put.
pub(crate) fn told_to_bytes(told: &Told) -> Vec<u8> {
    let letter = OUTCOMES.iter().find(|(word, _)| *word == told.outcome).map_or(b'u', |(_, letter)| *letter);
    let mut bytes = vec![letter, u8::from(told.replayed)];
    bytes.extend(pack(&told.answer.text));
    bytes
}

/// An answer as it is taken.
pub(crate) fn told_from_bytes(bytes: &[u8]) -> Result<Told, Unreadable> {
    let [letter, replayed @ 0..=1, packed @ ..] = bytes else { return Err(Unreadable) };
    let outcome = OUTCOMES.iter().find(|(_, known)| known == letter).ok_or(Unreadable)?.0;
    let answer = Answer { text: unpack_to(packed, ANSWER_MAX)?.into() };
    Ok(Told { outcome, replayed: *replayed == 1, answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_back() {
        for (outcome, _) in OUTCOMES {
            for replayed in [false, true] {
                let told =
                    Told { outcome, replayed, answer: Answer { text: br#"{"infcode":0}"#[..].into() } };
                assert_eq!(told_from_bytes(&told_to_bytes(&told)), Ok(told));
            }
        }
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        let answer = Answer { text: br#"{"infcode":0}"#[..].into() };
        let bytes = told_to_bytes(&Told { outcome: OutcomeWord::Done, replayed: false, answer });
        for bad in [&[][..], b"d", b"x\0", b"d\x02", &bytes[..bytes.len() - 1], b"d\0abc"] {
            assert_eq!(told_from_bytes(bad), Err(Unreadable), "{bad:?}");
        }
        // What unfolds to more than any answer is refused before it has.
        let bomb = pack(&vec![0; BODY_MAX + 1]);
        assert_eq!(unpack(&bomb), Err(Unreadable));
    }
}
