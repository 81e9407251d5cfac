//! A server that answers like a provider of language models, with its rules: which headers it
//! wants, what a browser gets to see, how it fails. It keeps every byte that arrives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The key that it knows.
pub const KEY: &str = "sk-test-4f9a1c77e2";

/// Whose rules it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// `/v1/messages`.
    Anthropic,
    /// `/v1/chat/completions` with a key.
    OpenAi,
    /// The same below `/api`.
    OpenRouter,
    /// `/v1beta/models/…`.
    Gemini,
    /// `/v1/chat/completions` without a key.
    Local,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `POST`
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// The body in pieces.
    pub pieces: Vec<Vec<u8>>,
    /// The time before each piece.
    pub pause: Duration,
    /// Whether the connection breaks before the end.
    pub is_cut: bool,
}

/// The text of the answer to the nth request, from 0.
pub type Script = dyn Fn(&Heard, usize) -> Answer + Send + Sync;

/// What the script wants to be answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A text of the model, in the provider's format, streamed if that was asked for.
    Says(String),
    /// Exactly this.
    Exactly(Reply),
}

/// The server; it ends with its owner.
pub struct Provider {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    bytes: Arc<Mutex<Vec<u8>>>,
    ends: Arc<AtomicBool>,
}

impl Provider {
    /// Starts it on a free port of this machine.
    ///
    /// # Panics
    /// When there is no port.
    pub fn start(
        rules: Rules,
        script: impl Fn(&Heard, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let provider = Self {
            address: listener.local_addr().expect("it is bound"),
            heard: Arc::default(),
            bytes: Arc::default(),
            ends: Arc::default(),
        };
        let (heard, bytes) = (provider.heard.clone(), provider.bytes.clone());
        let (ends, script) = (provider.ends.clone(), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let (heard, bytes, script) = (heard.clone(), bytes.clone(), script.clone());
                thread::spawn(move || serve(&stream, rules, &heard, &bytes, &*script));
            }
        });
        provider
    }

    /// One that always says the same.
    ///
    /// # Panics
    /// As [`Provider::start`].
    pub fn saying(rules: Rules, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::start(rules, move |_, _| Answer::Says(text.clone()))
    }

    /// Its address without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All requests so far.
    ///
    /// # Panics
    /// Never: no thread panics with the lock.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("no thread panics with it").clone()
    }

    /// Every byte that arrived, heads and bodies.
    ///
    /// # Panics
    /// Never: no thread panics with the lock.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().expect("no thread panics with it").clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // So that it stops waiting.
        let _woken = TcpStream::connect(self.address);
    }
}

impl Heard {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; nothing when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// All texts of the body, one after the other.
    pub fn text(&self) -> String {
        let mut out = String::new();
        collect(&self.json(), &mut out);
        out
    }
}

fn collect(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, out)),
        Value::Object(members) => members.values().for_each(|value| collect(value, out)),
        _ => {}
    }
}

impl Reply {
    /// A document.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::raw(
            status,
            "application/json",
            vec![value.to_string().into_bytes()],
        )
    }

    /// Pieces of some type.
    pub fn raw(status: u16, kind: &str, pieces: Vec<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            pieces,
            pause: Duration::ZERO,
            is_cut: false,
        }
    }
}

fn serve(
    stream: &TcpStream,
    rules: Rules,
    heard: &Mutex<Vec<Heard>>,
    bytes: &Mutex<Vec<u8>>,
    script: &Script,
) {
    let Some((request, raw)) = read(stream) else {
        return;
    };
    if let Ok(mut bytes) = bytes.lock() {
        bytes.extend_from_slice(&raw);
    }
    let number = {
        let Ok(mut heard) = heard.lock() else {
            return;
        };
        let before = heard.iter().filter(|one| one.method == "POST").count();
        heard.push(request.clone());
        before
    };
    let mut reply = refused(rules, &request).unwrap_or_else(|| match script(&request, number) {
        Answer::Exactly(reply) => reply,
        Answer::Says(text) => says(rules, &request, &text),
    });
    reply.headers.extend(cors(rules, &request, reply.status));
    let _gone = write(stream, &reply);
}

fn read(stream: &TcpStream) -> Option<(Heard, Vec<u8>)> {
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let mut reader = BufReader::new(stream);
    let mut raw = Vec::new();
    let line = |raw: &mut Vec<u8>, reader: &mut BufReader<&TcpStream>| {
        let from = raw.len();
        reader.read_until(b'\n', raw).ok()?;
        Some(String::from_utf8_lossy(&raw[from..]).trim_end().to_owned())
    };
    let first = line(&mut raw, &mut reader)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let text = line(&mut raw, &mut reader)?;
        let Some((name, value)) = text.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut heard = Heard {
        method,
        path,
        headers,
        body: Vec::new(),
    };
    let length = heard.header("content-length").and_then(|n| n.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    raw.extend_from_slice(&body);
    heard.body = body;
    Some((heard, raw))
}

fn write(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes())?;
    for piece in reply.pieces.iter().filter(|piece| !piece.is_empty()) {
        thread::sleep(reply.pause);
        write!(stream, "{:x}\r\n", piece.len())?;
        stream.write_all(piece)?;
        stream.write_all(b"\r\n")?;
    }
    if !reply.is_cut {
        stream.write_all(b"0\r\n\r\n")?;
    }
    stream.flush()
}

/// What the provider's rules say before any model is asked.
fn refused(rules: Rules, request: &Heard) -> Option<Reply> {
    let error = |status, kind: &str, message: &str| {
        let body = match rules {
            Rules::Anthropic => {
                json!({ "type": "error", "error": { "type": kind, "message": message } })
            }
            Rules::Gemini => {
                json!({ "error": { "code": status, "message": message, "status": kind } })
            }
            _ => json!({ "error": { "message": message, "type": kind, "code": null } }),
        };
        Some(Reply::json(status, &body))
    };
    if request.method == "OPTIONS" {
        return Some(Reply::raw(204, "text/plain", vec![]));
    }
    let path = match rules {
        Rules::Anthropic => "/v1/messages",
        Rules::OpenAi | Rules::Local => "/v1/chat/completions",
        Rules::OpenRouter => "/api/v1/chat/completions",
        Rules::Gemini => "/v1beta/models/",
    };
    let fits = match rules {
        Rules::Gemini => request.path.starts_with(path),
        _ => request.path == path,
    };
    if request.method != "POST" || !fits {
        return error(404, "not_found_error", "no such path");
    }
    if request.path.contains("key=") || request.header("cookie").is_some() {
        return error(400, "invalid_request_error", "a key in the address");
    }
    let key = match rules {
        Rules::Anthropic => request.header("x-api-key") == Some(KEY),
        Rules::Gemini => request.header("x-goog-api-key") == Some(KEY),
        Rules::Local => true,
        _ => request.header("authorization") == Some(format!("Bearer {KEY}").as_str()),
    };
    if !key {
        let message = format!(
            "invalid key: {}",
            request.header("x-api-key").unwrap_or("?")
        );
        return error(401, "authentication_error", &message);
    }
    let is_json = request.header("content-type") == Some("application/json");
    if rules == Rules::Anthropic && request.header("anthropic-version") != Some("2023-06-01") {
        return error(400, "invalid_request_error", "anthropic-version: missing");
    }
    let body = request.json();
    let has_body = match rules {
        Rules::Anthropic => body["max_tokens"].is_u64() && body["messages"][0]["role"] == "user",
        Rules::Gemini => body["contents"][0]["parts"][0]["text"].is_string(),
        Rules::OpenAi => body["max_tokens"].is_null() && body["messages"][0]["role"] == "system",
        _ => body["messages"][0]["role"] == "system",
    };
    if !is_json || !has_body {
        return error(
            400,
            "invalid_request_error",
            "the body is not as documented",
        );
    }
    let model = body["model"].as_str().unwrap_or_default();
    if model.contains("unknown") || request.path.contains("unknown") {
        return error(404, "not_found_error", "model: unknown");
    }
    None
}

/// What a browser is told. A program does not care.
fn cors(rules: Rules, request: &Heard, status: u16) -> Vec<(String, String)> {
    if request.header("origin").is_none() {
        return Vec::new();
    }
    let asks = |name: &str| {
        let asked = request.header("access-control-request-headers");
        asked.is_some_and(|list| list.split(',').any(|one| one.trim() == name))
            || request.header(name).is_some()
    };
    let is_allowed = match rules {
        Rules::Anthropic => asks("anthropic-dangerous-direct-browser-access"),
        // Others answer a wrong path without the header: it looks like a broken network.
        Rules::OpenAi | Rules::Gemini => status != 404,
        Rules::OpenRouter => !asks("openai-beta"),
        // Ollama: pages of this machine.
        Rules::Local => request.header("origin").is_some_and(|origin| {
            origin.starts_with("http://localhost") || origin.starts_with("http://127.0.0.1")
        }),
    };
    match is_allowed {
        false => Vec::new(),
        true => vec![
            ("access-control-allow-origin".to_owned(), "*".to_owned()),
            (
                "access-control-allow-headers".to_owned(),
                "*, authorization".to_owned(),
            ),
        ],
    }
}

/// A text in the provider's format.
pub fn says(rules: Rules, request: &Heard, text: &str) -> Reply {
    let is_streamed = request.json()["stream"] == true || request.path.contains("alt=sse");
    match is_streamed {
        true => {
            let pieces = events(rules, text).into_iter().map(String::into_bytes);
            Reply::raw(200, "text/event-stream", pieces.collect())
        }
        false => Reply::json(200, &whole(rules, text)),
    }
}

fn whole(rules: Rules, text: &str) -> Value {
    match rules {
        Rules::Anthropic => json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m-1",
            "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn",
        }),
        Rules::Gemini => json!({
            "candidates": [{
                "content": { "parts": [{ "text": text }], "role": "model" }, "finishReason": "STOP",
            }],
        }),
        _ => json!({
            "object": "chat.completion",
            "choices": [{
                "index": 0, "finish_reason": "stop",
                "message": { "role": "assistant", "content": text },
            }],
        }),
    }
}

/// The events of a stream, some letters each.
fn events(rules: Rules, text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let parts = letters
        .chunks(9)
        .map(|part| part.iter().collect::<String>());
    let named = |name: &str, value: Value| format!("event: {name}\ndata: {value}\n\n");
    let plain = |value: Value| format!("data: {value}\n\n");
    let mut out = Vec::new();
    match rules {
        Rules::Anthropic => {
            out.push(named(
                "message_start",
                json!({ "type": "message_start", "message": {} }),
            ));
            out.extend(parts.map(|part| {
                let delta = json!({ "type": "text_delta", "text": part });
                let value = json!({ "type": "content_block_delta", "index": 0, "delta": delta });
                named("content_block_delta", value)
            }));
            let delta = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } });
            out.push(named("message_delta", delta));
            out.push(named("message_stop", json!({ "type": "message_stop" })));
        }
        Rules::Gemini => {
            out.extend(parts.map(|part| {
                plain(json!({ "candidates": [{ "content": { "parts": [{ "text": part }] } }] }))
            }));
            out.push(plain(json!({ "candidates": [{ "finishReason": "STOP" }] })));
        }
        _ => {
            out.push(": PROCESSING\n\n".to_owned());
            out.extend(parts.map(|part| {
                plain(json!({ "choices": [{ "index": 0, "delta": { "content": part } }] }))
            }));
            out.push(plain(
                json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] }),
            ));
            out.push("data: [DONE]\n\n".to_owned());
        }
    }
    out
}
