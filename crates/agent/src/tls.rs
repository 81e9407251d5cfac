//! The server's certificate, read again when its file changes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// A certificate and its key, in PEM files.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    known: Mutex<(Option<SystemTime>, Arc<ServerConfig>)>,
}

impl Tls {
    /// Reads both.
    ///
    /// # Errors
    /// What is wrong with them; for people.
    pub fn read(certificate: &Path, key: &Path) -> Result<Tls, String> {
        let config = config(certificate, key)?;
        Ok(Tls {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            known: Mutex::new((changed(certificate), config)),
        })
    }

    /// A session with a client. A new certificate that cannot be used leaves the old one.
    pub(crate) fn session(&self) -> io::Result<ServerConnection> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = changed(&self.certificate);
        if now != known.0
            && let Ok(config) = config(&self.certificate, &self.key)
        {
            *known = (now, config);
        }
        ServerConnection::new(Arc::clone(&known.1)).map_err(io::Error::other)
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let shown = |path: &Path| base::source::printable(path.as_os_str().as_encoded_bytes());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("{}: {error}", shown(certificate)))?;
    let private = PrivateKeyDer::from_pem_file(key);
    let private = private.map_err(|error| format!("{}: {error}", shown(key)))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| format!("{}: {error}", shown(certificate)))?;
    Ok(Arc::new(config))
}
