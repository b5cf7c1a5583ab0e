//! From request to response.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};
use road::{Claim, NoReply, Reply, Told};
use wire::{Answer, Envelope, Language, Message, OutcomeWord, Problem, Profile, Refusal, Stamp, Unreadable};

use crate::access::KeyHolder;
use crate::exchanges::{self, Exchange};

pub(crate) type Full200 = Response<Full<Bytes>>;

/// How far the clock in the headers may be from ours.
const WINDOW_SECONDS: u64 = 600;

/// What the headers of a request say, checked: the key's holder.
pub(crate) fn authenticate(
    headers: &HeaderMap,
    find: impl Fn(&str) -> Option<KeyHolder>,
    now_seconds: i64,
) -> Result<(String, KeyHolder), (Problem, Profile)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let default = |problem| (problem, Profile::default());
    let claim = Claim::read(text).ok_or_else(|| default(Problem::KeyMissing))?;
    let holder = find(&claim.key)
        .ok_or_else(|| default(Problem::KeyUnknown { key: claim.key.chars().take(40).collect() }))?;
    if !claim.holds(&holder.secret) {
        return Err((Problem::Signature, holder.profile));
    }
    let apart = claim.seconds.abs_diff(now_seconds);
    if apart > WINDOW_SECONDS {
        return Err((Problem::StaleHeader { seconds: apart.to_string() }, holder.profile));
    }
    Ok((claim.key, holder))
}

/// A message whose institution is not its key's.
pub(crate) fn mismatch(message: &Message, holder: &KeyHolder) -> Option<Refusal> {
    (message.envelope.hospital != holder.hospital).then(|| Refusal::HospitalMismatch {
        hospital: message.envelope.hospital.clone(),
        key_hospital: holder.hospital.clone(),
    })
}

/// The infno in an address: `/api` or `/api/2207`, with or without a stroke behind.
pub(crate) fn infno_of(path: &str) -> Option<Option<&str>> {
    let rest = path.strip_prefix("/api")?;
    match rest.strip_prefix('/') {
        None if rest.is_empty() => Some(None),
        Some("") => Some(None),
        Some(infno) => {
            Some(infno.strip_suffix('/').unwrap_or(infno)).filter(|infno| names_one(infno)).map(Some)
        }
        _ => None,
    }
}

fn names_one(infno: &str) -> bool {
    !infno.is_empty() && !infno.contains('/') && infno.len() <= 10
}

/// Where the interface describes itself; to anybody, for it says nothing of anybody.
pub(crate) const OPENAPI: &str = "/api/openapi.json";

/// Where a key's holder finds the last messages of the key.
pub(crate) const MESSAGES: &str = "/dev/messages";

/// The last messages of a key: a page for whoever asks for one, else for programs.
pub(crate) fn exchanges(
    all: &[Exchange],
    profile: &Profile,
    headers: &HeaderMap,
    query: Option<&str>,
) -> Full200 {
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let language = match query.map(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang="))) {
        Some(Some("en")) => Language::En,
        Some(Some("zh")) => Language::Zh,
        _ => profile.language,
    };
    let (kind, text) = if accepts.contains("text/html") {
        ("text/html; charset=utf-8", exchanges::as_page(all, profile, language))
    } else {
        ("application/json; charset=utf-8", exchanges::as_json(all, profile))
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
    );
    response
}

/// The description.
pub(crate) fn openapi() -> Full200 {
    let mut response = Response::new(Full::new(Bytes::from_static(wire::openapi().as_bytes())));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// What a road said.
pub(crate) fn answered(
    result: Result<Reply, NoReply>,
    envelope: &Envelope,
    profile: &Profile,
    stamp: &Stamp,
) -> Full200 {
    let told = Told::of(result, envelope, profile, stamp);
    respond(StatusCode::OK, told.outcome, told.answer, told.replayed)
}

pub(crate) fn refused(refusal: &Refusal, envelope: &Envelope, profile: &Profile, stamp: &Stamp) -> Full200 {
    respond(StatusCode::OK, OutcomeWord::Refused, Answer::refused(refusal, envelope, profile, stamp), false)
}

pub(crate) fn not_processed(
    status: StatusCode,
    problem: &Problem,
    envelope: &Envelope,
    profile: &Profile,
    stamp: &Stamp,
) -> Full200 {
    respond(
        status,
        OutcomeWord::NotProcessed,
        Answer::not_processed(problem, envelope, profile, stamp),
        false,
    )
}

/// A body that is no message. Where at least the envelope could be read, the status is 200 all the same: programs
/// take any other for a broken line.
pub(crate) fn unreadable(unreadable: &Unreadable, profile: &Profile, stamp: &Stamp) -> Full200 {
    let status = if unreadable.envelope.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let envelope = unreadable.envelope.as_deref().cloned().unwrap_or_default();
    not_processed(status, &unreadable.problem, &envelope, profile, stamp)
}

fn respond(status: StatusCode, outcome: OutcomeWord, answer: Answer, replayed: bool) -> Full200 {
    let kind = if answer.is_file() { "application/octet-stream" } else { "application/json; charset=utf-8" };
    let mut response = Response::new(Full::new(Bytes::from_owner(answer.text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(HeaderName::from_static("x-tongqu-outcome"), HeaderValue::from_static(outcome.word()));
    if replayed {
        headers.insert(HeaderName::from_static("x-tongqu-replayed"), HeaderValue::from_static("1"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_transaction_or_none() {
        assert_eq!(infno_of("/api"), Some(None));
        assert_eq!(infno_of("/api/"), Some(None));
        assert_eq!(infno_of("/api/2207"), Some(Some("2207")));
        assert_eq!(infno_of("/api/2207/"), Some(Some("2207")));
        for path in ["/", "/apis", "/api//", "/api/2207//", "/api/a/b", "/api/12345678901"] {
            assert_eq!(infno_of(path), None, "{path}");
        }
    }
}
