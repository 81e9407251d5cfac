//! Answering over HTTP, to those who may ask.

use std::net::TcpListener;
use std::sync::Arc;

use agent::Published;
use agent::pages::{Guard, answer};
use agent::tls::Tls;

use crate::cli::AgentArgs;
use crate::talk;

/// A token that is shorter is guessed.
const SHORTEST_TOKEN: usize = 16;

/// Listens, and answers in a thread of its own.
///
/// # Errors
/// Why it cannot, for people.
pub(super) fn start(args: &AgentArgs, published: &Arc<Published>) -> Result<(), String> {
    if args.no_listen {
        return Ok(());
    }
    let token = args.token_file.as_deref().map(token).transpose()?;
    let is_local = args.listen.ip().is_loopback();
    if !is_local && token.is_none() && !args.without_token {
        return Err(format!(
            "--listen {}: other machines could read addresses of requests there; give a token \
             (--token-file FILE), or say --without-token",
            args.listen
        ));
    }
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(Arc::new(Tls::read(certificate, key)?)),
        _ => None,
    };
    let listener = TcpListener::bind(args.listen)
        .map_err(|error| format!("--listen {}: {error}", args.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    talk(&format!("badgateway: listening on {scheme}://{address}/"));
    let answer = answer(Arc::clone(published), Guard { token, is_local });
    let thread = std::thread::Builder::new().name("http".to_owned());
    let serve = move || {
        if let Err(error) = agent::http::serve(&listener, tls.as_ref(), &answer) {
            talk(&format!("badgateway: it does not listen any more: {error}"));
        }
    };
    thread
        .spawn(serve)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// The token in a file: its first line.
fn token(path: &std::path::Path) -> Result<String, String> {
    let shown = base::source::printable(path.as_os_str().as_encoded_bytes());
    let text = crate::disk::read_settings(path).map_err(|error| format!("{shown}: {error}"))?;
    let token = text.lines().next().unwrap_or_default().trim();
    if token.len() < SHORTEST_TOKEN {
        return Err(format!(
            "{shown}: a token has at least {SHORTEST_TOKEN} characters; `openssl rand -hex 32` \
             makes one"
        ));
    }
    Ok(token.to_owned())
}
