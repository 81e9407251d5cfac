//! The one place of the program that opens a connection: it sends one request to one address and
//! reads the answer.
//!
//! No redirect is followed, no cookie kept, nothing compressed. TLS is required except towards
//! this machine (`refactor::check_base`), and a proxy of the environment only ever sees the name
//! of the host, for TLS goes through it. Time and size are bounded.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use refactor::{Header, Reader, Request, Trouble, TroubleKind, Wire};
use ureq::http::{HeaderValue, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use super::key::Key;
use super::trust;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);
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
    let agent = agent(&request.url, timeout).map_err(&network)?;
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
        Err(error) => Err(network(words(wire, &error))),
    }
}

fn agent(url: &str, timeout: Duration) -> Result<Agent, String> {
    let is_local = url.starts_with("http://");
    let mut tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if !is_local {
        tls = tls.root_certs(RootCerts::new_with_certs(&trust::authorities()?));
    }
    // Towards this machine nobody is in between.
    let proxy = match is_local {
        true => None,
        false => Proxy::try_from_env(),
    };
    let config = Agent::config_builder()
        .https_only(!is_local)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .tls_config(tls.build())
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(timeout))
        .user_agent("badgateway")
        .accept("application/json, text/event-stream")
        .accept_encoding("identity")
        .build();
    Ok(Agent::new_with_config(config))
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

/// What TLS complains of, where the library hands it on as an error of the connection.
fn tls_words(error: &std::io::Error) -> Option<String> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(inner.to_string())
}

/// What kept us from an answer. The library's own words may hold an address, but never a header.
fn words(wire: Wire, error: &ureq::Error) -> String {
    let name = wire.name();
    match error {
        ureq::Error::Timeout(_) => format!("{name} did not answer in time"),
        ureq::Error::HostNotFound => format!("the address of {name} has no such host"),
        ureq::Error::Io(error) => match tls_words(error) {
            Some(words) => format!("no safe connection to {name}: {words}"),
            None => format!("{name} cannot be reached: {}", error.kind()),
        },
        ureq::Error::Rustls(error) => format!("no safe connection to {name}: {error}"),
        ureq::Error::Tls(error) => format!("no safe connection to {name}: {error}"),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            format!("the proxy of the environment does not lead to {name}")
        }
        ureq::Error::Protocol(_) => format!("what {name} answers is no HTTP"),
        _ => format!("{name} cannot be asked"),
    }
}
