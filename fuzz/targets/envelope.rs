//! Any bytes as the body of a request: understood or refused, never a panic; what is understood checks itself, and
//! reads back the same from its own canonical meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{Answer, Message, Profile, Stamp};

fuzz_target!(|body: &[u8]| {
    let stamp = Stamp {
        received: wire::read_time("2026-11-23 08:00:00").expect("a moment"),
        decided: wire::read_time("2026-11-23 08:00:00").expect("a moment"),
        serial: 1,
        division: 990_100,
    };
    match Message::read(body.into(), None) {
        Ok(message) => {
            let again = Message::read(body.into(), None).expect("what was read once is read again");
            assert_eq!(message.digest, again.digest);
            if let Err(refusal) = message.input.check(&Profile::default()) {
                let answer = Answer::refused(&refusal, &message.envelope, &Profile::default(), &stamp);
                assert_eq!(answer.error_code().as_deref(), Some(refusal.code()), "an answer is JSON and carries its code");
            }
        }
        Err(unreadable) => {
            let envelope = unreadable.envelope.as_deref().cloned().unwrap_or_default();
            let answer = Answer::not_processed(&unreadable.problem, &envelope, &Profile::default(), &stamp);
            assert_eq!(answer.error_code().as_deref(), Some(unreadable.problem.code()));
        }
    }
});
