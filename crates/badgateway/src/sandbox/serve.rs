//! The page over HTTP, to this machine only.
//!
//! Reads the first line and the `Host` of a request, answers with a page, and closes. What a
//! browser on another site could do here is nothing: the answers are the same for everybody, and
//! a name that was bent to this machine (DNS rebinding) is refused.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use agent::http::{self, Answer, Request, Response, is_this_machine};

use super::OLLAMA;
use super::pages::Carried;

/// A page that is served.
pub(super) struct Page {
    /// With a slash before.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    /// After gzip, for those who take that.
    pub(super) packed: Option<&'static [u8]>,
    /// Whether it may stand in a frame of another page here.
    pub(super) is_framed: bool,
}

impl Page {
    /// A page that this program carries; a courier stands in a frame of another page.
    pub(super) fn carried(path: &str, page: &Carried) -> io::Result<Page> {
        Ok(Page {
            path: path.to_owned(),
            bytes: page.unpack()?,
            packed: Some(page.packed),
            is_framed: page.name.starts_with("courier-"),
        })
    }

    /// Lets the page speak to another server than Ollama's usual one, and to no other.
    pub(super) fn point_to(&mut self, origin: &str) {
        let text = String::from_utf8_lossy(&self.bytes);
        self.bytes = text.replacen(OLLAMA, origin, 1).into_bytes();
        self.packed = None;
    }
}

/// Answers until the program is ended.
///
/// # Errors
/// When no more connections can be taken.
pub(super) fn serve(listener: &TcpListener, pages: Vec<Page>) -> io::Result<()> {
    let answer: Arc<Answer> = Arc::new(move |request: &Request| answer(request, &pages));
    http::serve(listener, None, &answer)
}

fn answer(request: &Request, pages: &[Page]) -> Response {
    if !is_this_machine(&request.host) {
        return Response::plain(403).with("X-Frame-Options", "DENY");
    }
    let Some(page) = pages.iter().find(|page| page.path == request.path) else {
        return Response::plain(404).with("X-Frame-Options", "DENY");
    };
    let response = Response {
        packed: page.packed,
        ..Response::new(200, "text/html; charset=utf-8", page.bytes.clone())
    };
    match page.is_framed {
        true => response.with("Content-Security-Policy", "frame-ancestors 'self'"),
        false => response.with("X-Frame-Options", "DENY"),
    }
}
