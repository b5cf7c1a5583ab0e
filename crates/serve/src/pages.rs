//! Pages for browsers: a request becomes what a site is asked, and its answer a response, packed where the browser can
//! unpack it.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, VARY,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Response, StatusCode};
use web::{Answer, Asked, Fields, Site, segments};

use crate::body;
use crate::limits::Limits;
use crate::respond::Full200;

/// A form has no more bytes.
const FORM_MAX: usize = 1 << 20;
/// What is smaller is not worth packing.
const PACK_FROM: usize = 600;

/// Answers a browser. The site has a thread of its own meanwhile.
pub(crate) async fn answer(
    site: Arc<dyn Site>,
    head: Parts,
    incoming: Incoming,
    peer: IpAddr,
    limits: &Limits,
) -> Full200 {
    let post = head.method == Method::POST;
    if !post && head.method != Method::GET && head.method != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED);
    }
    let form = if post {
        match body::read(incoming, FORM_MAX, limits).await {
            Ok(body) => body,
            Err(_) => return plain(StatusCode::BAD_REQUEST),
        }
    } else {
        Vec::new()
    };
    let packs = text(&head.headers, &ACCEPT_ENCODING).is_some_and(|accepted| accepted.contains("gzip"));
    let asked = asked(&head, &form, peer);
    let answered = tokio::task::spawn_blocking(move || response(&site.answer(&asked), packs)).await;
    answered.unwrap_or_else(|error| {
        tracing::error!(%error, "a page panicked");
        plain(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

fn asked(head: &Parts, form: &[u8], address: IpAddr) -> Asked {
    let text = |name: &HeaderName| text(&head.headers, name);
    Asked {
        post: head.method == Method::POST,
        path: segments(head.uri.path()),
        query: Fields::read(head.uri.query().unwrap_or_default().as_bytes()),
        form: Fields::read(form),
        cookies: Fields::of_cookies(text(&COOKIE).unwrap_or_default()),
        part: head.headers.contains_key("x-part"),
        origin: text(&ORIGIN).map(Into::into),
        host: text(&HOST).unwrap_or_default().to_owned(),
        address,
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn response(answer: &Answer, packs: bool) -> Full200 {
    let packed = if packs && answer.body.len() >= PACK_FROM { pack(&answer.body) } else { None };
    let is_packed = packed.is_some();
    let mut response = Response::new(Full::from(packed.unwrap_or_else(|| answer.body.clone())));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.kind));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding, x-part"));
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}

fn pack(body: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::fast());
    packer.write_all(body).ok()?;
    packer.finish().ok()
}

fn plain(status: StatusCode) -> Full200 {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
