//! One request to one address, and its answer.
//!
//! TLS is required except towards this machine (`refactor::check_base`). Time and size are bounded.

use std::io::Read;
use std::time::Duration;

use refactor::{Header, Reader, Request, Trouble, TroubleKind, Wire};
use ureq::Body;
use ureq::http::{HeaderValue, Response};

use super::key::Key;
use crate::outgoing;

/// Bytes read at once: small, so that progress is seen.
const PIECE: usize = 8 << 10;

/// Sends a request; `received` is told of the bytes as they come.
///
/// # Errors
/// What kept it from being answered.
pub(crate) fn send(
    wire: Wire,
    request: &Request,
    key: Option<&Key>,
    timeout: Duration,
    received: &mut dyn FnMut(usize),
) -> Result<String, Trouble> {
    let network = |words: String| Trouble::new(TroubleKind::Network, words);
    let accept = "application/json, text/event-stream";
    let agent = outgoing::client(&request.url, accept, timeout).map_err(&network)?;
    let mut call = agent.post(&request.url);
    for (name, value) in &request.headers {
        let value = match (value, key) {
            (Header::Text(text), _) => HeaderValue::from_static(text),
            (Header::Key(_), None) => continue,
            (Header::Key(before), Some(key)) => {
                let text = format!("{before}{}", key.secret());
                let mut value = HeaderValue::from_str(&text)
                    .map_err(|_| network("the key fits into no header".to_owned()))?;
                value.set_sensitive(true);
                value
            }
        };
        call = call.header(*name, value);
    }
    match call.send(&request.body[..]) {
        Ok(response) => read(wire, response, received),
        Err(error) => Err(network(outgoing::words(wire.name(), &error))),
    }
}

fn read(
    wire: Wire,
    response: Response<Body>,
    received: &mut dyn FnMut(usize),
) -> Result<String, Trouble> {
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let mut reader = Reader::new(wire, parts.status.as_u16(), headers);
    let mut body = body.into_reader();
    let mut piece = [0; PIECE];
    loop {
        match body.read(&mut piece) {
            Ok(0) => return reader.end(false),
            Ok(n) => {
                let more = reader.feed(&piece[..n]);
                received(reader.received());
                if !more {
                    return reader.end(false);
                }
            }
            Err(_) => return reader.end(true),
        }
    }
}
