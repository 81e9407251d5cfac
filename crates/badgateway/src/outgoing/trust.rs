//! Whom TLS trusts: the authorities of the system's own list, as its administrator keeps it.

use std::path::PathBuf;

use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::disk;

/// Where systems keep their list: Debian, Alpine and Arch; Red Hat; SUSE; BSD; FreeBSD's ports.
const LISTS: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The authorities.
///
/// # Errors
/// Why there are none, for people.
pub(crate) fn authorities() -> Result<Vec<Certificate<'static>>, String> {
    let named = std::env::var_os("SSL_CERT_FILE").filter(|name| !name.is_empty());
    let paths: Vec<PathBuf> = match named {
        Some(path) => vec![PathBuf::from(path)],
        None => LISTS.iter().map(PathBuf::from).collect(),
    };
    for path in &paths {
        let Ok(text) = disk::read_settings(path) else {
            continue;
        };
        let items = parse_pem(text.as_bytes()).filter_map(Result::ok);
        let found: Vec<_> = items
            .filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            })
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Err(
        "this system has no list of certificate authorities: install its package (often \
         `ca-certificates`), or name a file with SSL_CERT_FILE"
            .to_owned(),
    )
}
