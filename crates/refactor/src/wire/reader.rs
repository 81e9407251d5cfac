//! Reading an answer as it comes: bytes, in any pieces, into a text or into what went wrong.

use serde_json::Value;

use super::Wire;
use super::event::Said;
use super::sse::Sse;
use super::trouble::{Head, Trouble, TroubleKind};

/// Bytes of an answer that are read; a piece of a stream has a frame of some 300 bytes.
const MOST_BYTES: usize = 16 << 20;
/// Bytes of text: edits are short.
pub(crate) const MOST_TEXT: usize = 256 << 10;
/// Bytes of what a provider says of an error.
const MOST_ERROR: usize = 64 << 10;

/// Reads one answer.
#[derive(Debug)]
pub struct Reader {
    wire: Wire,
    head: Head,
    is_stream: bool,
    received: usize,
    /// What came, of an answer that is not streamed.
    whole: Vec<u8>,
    sse: Sse,
    said: Said,
    is_garbled: bool,
    is_too_large: bool,
}

impl Reader {
    /// Begins with the status and the headers.
    pub fn new<'h>(
        wire: Wire,
        status: u16,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    ) -> Self {
        let (mut is_stream, mut retry_after) = (false, None);
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("content-type") {
                is_stream = value.trim_start().starts_with("text/event-stream");
            }
            if name.eq_ignore_ascii_case("retry-after") {
                retry_after = Some(value.to_owned());
            }
        }
        Self {
            wire,
            head: Head {
                status,
                retry_after,
            },
            is_stream: is_stream && (200..300).contains(&status),
            received: 0,
            whole: Vec::new(),
            sse: Sse::default(),
            said: Said::default(),
            is_garbled: false,
            is_too_large: false,
        }
    }

    /// Takes bytes. False when no more are wanted.
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        self.received += bytes.len();
        if self.is_stream {
            let (said, wire, garbled) = (&mut self.said, self.wire, &mut self.is_garbled);
            self.sse
                .push(bytes, &mut |data| take(said, wire, data, garbled));
        } else {
            self.whole.extend_from_slice(bytes);
        }
        let most = match self.is_good() {
            true => MOST_BYTES,
            false => MOST_ERROR,
        };
        let is_long = self.received > most || self.said.text.len() > MOST_TEXT;
        self.is_too_large |= is_long || self.sse.is_too_long;
        !self.is_too_large && self.said.trouble.is_none()
    }

    /// Bytes that came so far.
    pub fn received(&self) -> usize {
        self.received
    }

    /// The end. `is_cut` says that the connection broke or that time was up.
    ///
    /// # Errors
    /// What kept it from being an answer.
    pub fn end(mut self, is_cut: bool) -> Result<String, Trouble> {
        if !self.is_good() {
            return Err(Trouble::of_status(self.wire, &self.head, &self.whole));
        }
        if self.is_too_large {
            return Err(self.too_large());
        }
        if self.is_stream {
            let (said, wire, garbled) = (&mut self.said, self.wire, &mut self.is_garbled);
            self.sse.end(&mut |data| take(said, wire, data, garbled));
        } else if let Ok(value) = serde_json::from_slice::<Value>(&self.whole) {
            self.said.take(self.wire, &value);
        } else if !is_cut {
            self.is_garbled = true;
        }
        if let Some(trouble) = self.said.trouble {
            return Err(trouble);
        }
        let name = self.wire.name();
        if self.said.ended.is_none() {
            let (kind, words) = match self.is_garbled {
                true => (
                    TroubleKind::Unreadable,
                    format!("what {name} answers is not what it documents"),
                ),
                false => (
                    TroubleKind::Cut,
                    format!("the answer of {name} broke off before its end"),
                ),
            };
            return Err(Trouble::new(kind, words));
        }
        if let Some(trouble) = self.said.end_trouble(self.wire) {
            return Err(trouble);
        }
        match self.said.text.len() > MOST_TEXT {
            true => Err(self.too_large()),
            false => Ok(self.said.text),
        }
    }

    fn is_good(&self) -> bool {
        (200..300).contains(&self.head.status)
    }

    fn too_large(&self) -> Trouble {
        let name = self.wire.name();
        let words = format!("the answer of {name} is larger than any list of edits");
        Trouble::new(TroubleKind::TooLarge, words)
    }
}

/// An event that is no JSON, such as the last one of OpenAI.
fn take(said: &mut Said, wire: Wire, data: &[u8], is_garbled: &mut bool) {
    match serde_json::from_slice::<Value>(data) {
        Ok(value) => said.take(wire, &value),
        Err(_) if data.trim_ascii() == b"[DONE]" => drop(said.ended.get_or_insert_default()),
        Err(_) => *is_garbled = true,
    }
}
