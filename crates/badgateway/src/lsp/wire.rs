//! Messages as bytes: the `Content-Length` frames of the protocol, read and written.
//!
//! Whatever comes in, the stream stays in step: a bad body is skipped by its length, a bad header
//! up to the next good one.

use std::io::{self, BufRead, Read, Write};

use serde_json::{Value, json};

/// No editor sends more; what is longer is skipped and refused.
const MOST_BYTES: u64 = 256 << 20;

/// A header line is far shorter.
const MOST_HEADER: u64 = 16 << 10;

/// What went wrong with a request, by the numbers of JSON-RPC and the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// No JSON.
    Parse = -32700,
    /// JSON, but no request that may come now.
    InvalidRequest = -32600,
    /// A method we do not have.
    NoMethod = -32601,
    /// Arguments of another shape.
    InvalidParams = -32602,
    /// Our own fault.
    Internal = -32603,
    /// Asked before `initialize`.
    NotInitialized = -32002,
    /// The client took it back.
    Cancelled = -32800,
    /// The text has changed since it was asked.
    ContentModified = -32801,
}

/// What came in.
pub(crate) enum Frame {
    /// One message.
    Message(Value),
    /// Something that is none, and why.
    Malformed(String),
    /// Nothing more will come.
    End,
}

/// Reads frames and hands them on until the input ends or nobody wants them.
pub(crate) fn read_all(mut input: impl BufRead, mut take: impl FnMut(Frame) -> bool) {
    loop {
        let frame = read(&mut input).unwrap_or(Frame::End);
        let is_last = matches!(frame, Frame::End);
        if !take(frame) || is_last {
            return;
        }
    }
}

fn read(input: &mut impl BufRead) -> io::Result<Frame> {
    let Some(size) = header(input)? else {
        return Ok(Frame::End);
    };
    let size = match size {
        Ok(size) => size,
        Err(reason) => return Ok(Frame::Malformed(reason)),
    };
    if size > MOST_BYTES {
        io::copy(&mut input.take(size), &mut io::sink())?;
        return Ok(Frame::Malformed(format!("a message of {size} bytes")));
    }
    let mut body = Vec::new();
    input.take(size).read_to_end(&mut body)?;
    if (body.len() as u64) < size {
        return Ok(Frame::End);
    }
    Ok(match serde_json::from_slice(&body) {
        Ok(message) => Frame::Message(message),
        Err(error) => Frame::Malformed(format!("no JSON: {error}")),
    })
}

/// The length that a header gives; nothing at the end of the input.
fn header(input: &mut impl BufRead) -> io::Result<Option<Result<u64, String>>> {
    let mut size = None;
    let mut is_empty = true;
    loop {
        let mut line = Vec::new();
        input
            .by_ref()
            .take(MOST_HEADER)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            if is_empty {
                continue;
            }
            return Ok(Some(size.ok_or("a header without Content-Length".into())));
        }
        is_empty = false;
        let text = String::from_utf8_lossy(line);
        if let Some((name, value)) = text.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            size = value.trim().parse().ok();
        }
    }
}

/// Writes one message.
pub(crate) fn write(out: &mut dyn Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())
}

/// A good answer.
pub(crate) fn answer(id: &Value, result: Value) -> Value {
    let mut out = json!({"jsonrpc": "2.0", "id": id});
    out["result"] = result;
    out
}

/// A refusal.
pub(crate) fn refuse(id: &Value, code: Code, why: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code as i32, "message": why}})
}

/// A message that wants no answer.
pub(crate) fn notify(method: &str, params: Value) -> Value {
    let mut out = json!({"jsonrpc": "2.0", "method": method});
    out["params"] = params;
    out
}
