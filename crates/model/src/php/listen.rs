//! Where a pool listens: the forms of `listen` as `sapi/fpm/fpm/fpm_sockets.c` takes them apart.

use std::net::Ipv6Addr;

use base::source::printable;

use super::Unknown;
use super::value::atoi;
use crate::address::{Address, Host};

/// Why an address is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoListen {
    /// FPM fails at start (not with `-t`) with this message.
    Refused(String),
    /// It depends on something the files do not tell.
    Unknown(Unknown),
}

/// `fpm_sockets_domain_from_address`, `fpm_socket_af_inet_listening_socket`: a colon anywhere makes
/// TCP (so `unix:/x.sock` fails), digits alone are a port on all addresses, all else is a path.
///
/// # Errors
/// See [`NoListen`].
pub(super) fn address(text: &[u8], prefix: Option<&[u8]>) -> Result<Address, NoListen> {
    if let Some(at) = text.iter().rposition(|&b| b == b':') {
        let port = port(&text[at + 1..])?;
        return Ok(Address::Tcp(host(&text[..at])?, port));
    }
    if text.iter().all(u8::is_ascii_digit) {
        return Ok(Address::Tcp(Host::Any, port(text)?));
    }
    match full_path(text, prefix) {
        Some(path) => Ok(Address::Unix(path)),
        None => Err(NoListen::Unknown(format!(
            "`{}` is relative to the prefix that PHP was built with",
            printable(text)
        ))),
    }
}

fn port(text: &[u8]) -> Result<u16, NoListen> {
    let shown = printable(text);
    match u16::try_from(atoi(text)) {
        Ok(port) if port > 0 && text.iter().all(u8::is_ascii_digit) => Ok(port),
        Ok(port) if port > 0 => Err(NoListen::Refused(
            "getaddrinfo: Servname not supported for ai_socktype".to_owned(),
        )),
        _ => Err(NoListen::Refused(format!("invalid port value '{shown}'"))),
    }
}

fn host(text: &[u8]) -> Result<Host, NoListen> {
    let inner = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]"));
    let name = inner.unwrap_or(text);
    let string = std::str::from_utf8(name).unwrap_or("");
    if name.is_empty() {
        let message = "getaddrinfo: Name or service not known";
        return Err(NoListen::Refused(message.to_owned()));
    }
    if name == b"*" {
        let why = "glibc takes `*` for the loopback address, musl refuses it";
        return Err(NoListen::Unknown(why.to_owned()));
    }
    if let Ok(v4) = string.parse() {
        return Ok(Host::V4(v4));
    }
    Ok(match string.parse::<Ipv6Addr>() {
        Ok(v6) => Host::V6(v6),
        Err(_) => Host::Name(name.to_ascii_lowercase()),
    })
}

/// `fpm_evaluate_full_path`: a relative path behind the prefix; `None` when that is not known.
pub(super) fn full_path(text: &[u8], prefix: Option<&[u8]>) -> Option<Vec<u8>> {
    match text.starts_with(b"/") {
        true => Some(text.to_vec()),
        false => Some([prefix?, b"/", text].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::{NoListen, address};

    #[test]
    fn forms_are_read_as_fpm_reads_them() {
        let of = |text: &str| match address(text.as_bytes(), Some(b"/usr")) {
            Ok(address) => address.to_string(),
            Err(NoListen::Refused(why)) => format!("refused: {why}"),
            Err(NoListen::Unknown(why)) => format!("unknown: {why}"),
        };
        for (text, want) in [
            ("9000", "*:9000"),
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            ("127.0.0.1:09000", "127.0.0.1:9000"),
            ("[::1]:9000", "[::1]:9000"),
            ("::1:9000", "[::1]:9000"),
            ("[::]:9000", "[::]:9000"),
            ("Localhost:9000", "localhost:9000"),
            ("/run/x.sock", "unix:/run/x.sock"),
            ("run/x.sock", "unix:/usr/run/x.sock"),
            ("unix:/x.sock", "refused: invalid port value '/x.sock'"),
            ("/run/a:b", "refused: invalid port value 'b'"),
            ("0", "refused: invalid port value '0'"),
            ("99999", "refused: invalid port value '99999'"),
            (":9000", "refused: getaddrinfo: Name or service not known"),
        ] {
            assert_eq!(of(text), want, "{text}");
        }
        assert!(of("*:9000").starts_with("unknown: "));
    }
}
