//! The one place of the program that opens connections to the outside: `refactor` asks a language
//! model, `agent` tells a collector.
//!
//! No redirect is followed, no cookie kept, nothing unpacked. A proxy of the environment only ever
//! sees the name of the host, for TLS goes through it. Time is bounded.

mod trust;

use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// A client for one address; `accept` is what it takes as an answer.
///
/// # Errors
/// When there is nobody to trust, for people.
pub(crate) fn client(url: &str, accept: &str, timeout: Duration) -> Result<Agent, String> {
    let is_plain = url.starts_with("http://");
    let mut tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if !is_plain {
        tls = tls.root_certs(RootCerts::new_with_certs(&trust::authorities()?));
    }
    // Without TLS it goes to this machine or a neighbour, with nobody in between.
    let proxy = match is_plain {
        true => None,
        false => Proxy::try_from_env(),
    };
    let config = Agent::config_builder()
        .https_only(!is_plain)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .tls_config(tls.build())
        .timeout_connect(Some(CONNECT.min(timeout)))
        .timeout_global(Some(timeout))
        .user_agent("badgateway")
        .accept(accept)
        .accept_encoding("identity")
        .build();
    Ok(Agent::new_with_config(config))
}

/// What kept us from an answer of whoever has this name. The library's own words may hold an
/// address, but never a header.
pub(crate) fn words(name: &str, error: &ureq::Error) -> String {
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

/// What TLS complains of, where the library hands it on as an error of the connection.
fn tls_words(error: &std::io::Error) -> Option<String> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(inner.to_string())
}
