//! A language model is asked: what to send, and what becomes of what came.
//!
//! Nothing is kept between two calls. A session ends the same with the same files and replies, so
//! the page says all of it once more each time.

mod shown;

use std::sync::Arc;

use ::refactor::{Ask, Header, Reader, Session, Step, Trouble, Wire, World};
use base::{FilePath, base64};
use fix::{Store, Wants};
use intake::{Given, Tray};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Answer, Answered, Refusal, no_such_page, printable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refactor {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    files: Vec<FileIn>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    maps: Vec<String>,
    #[serde(default)]
    facts: Option<String>,
    provider: String,
    model: String,
    #[serde(default)]
    base_url: Option<String>,
    identity: bool,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    route: Option<String>,
    #[serde(default, rename = "unsafe")]
    unsafe_too: bool,
    replies: Vec<Reply>,
    #[serde(default)]
    stop: bool,
}

/// A file, as text or in base64.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIn {
    path: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    base64: Option<String>,
}

impl FileIn {
    fn bytes(&self) -> Result<Arc<[u8]>, Refusal> {
        let refuse = |why: &str| Err(format!("`{}`: {why}", printable(&self.path)));
        match (&self.text, &self.base64) {
            (Some(text), None) => Ok(Arc::from(text.as_bytes())),
            (None, Some(coded)) => match base64::decode(coded.as_bytes()) {
                Some(bytes) => Ok(bytes.into()),
                None => refuse("this is no base64"),
            },
            _ => refuse("a file has either `text` or `base64`"),
        }
    }
}

/// What a provider answered to one request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    status: u16,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    retry_after: Option<String>,
    body: String,
    /// Whether it broke off.
    #[serde(default)]
    cut: bool,
}

impl Reply {
    fn read(&self, wire: Wire) -> Result<String, Trouble> {
        let kind = self.content_type.as_deref();
        let kind = kind.map(|kind| ("content-type", kind));
        let after = self.retry_after.as_deref();
        let after = after.map(|after| ("retry-after", after));
        let mut reader = Reader::new(wire, self.status, kind.into_iter().chain(after));
        reader.feed(self.body.as_bytes());
        reader.end(self.cut)
    }
}

/// A request as it is to be sent, but for the key.
#[derive(Serialize)]
struct Sending<'a> {
    url: &'a str,
    headers: Vec<(&'static str, &'static str)>,
    key_header: Option<KeyHeader>,
    needs_key: bool,
    body: &'a str,
}

#[derive(Serialize)]
struct KeyHeader {
    name: &'static str,
    prefix: &'static str,
}

/// A file under the name that the model sees.
#[derive(Serialize)]
struct Sent<'a> {
    label: &'a str,
    path: String,
}

pub(super) fn answer(request: &[u8]) -> Answered {
    let request: Refactor =
        serde_json::from_slice(request).map_err(|why| format!("this is no request: {why}"))?;
    let ask = ask(&request)?;
    let wire = ask.wire;
    let bytes = request.files.iter().map(FileIn::bytes);
    let bytes: Vec<_> = bytes.collect::<Result<_, _>>()?;
    let names = request.files.iter().map(|file| file.path.as_str());
    let tray = Tray::new(names.zip(bytes))?;
    let given = Given::of(&tray, &request.maps, request.facts.as_deref())?;
    let load = |store: &Store| given.model(&tray, store);
    let resolve = |via: Option<&str>, path: &FilePath| given.resolve(&tray, via, path);
    let world = World {
        load: &load,
        resolve: &resolve,
    };
    let mut session = Session::begin(world, ask);
    for reply in &request.replies {
        session.answer(reply.read(wire));
    }
    if request.stop {
        session.stop();
    }
    Ok(match session.next() {
        Step::Send(sending) => send(&session, sending, wire),
        Step::Done(verdict) => shown::done(verdict, &given, &tray),
    })
}

fn ask(request: &Refactor) -> Result<Ask<'static>, Refusal> {
    let wire = Wire::ALL
        .into_iter()
        .find(|wire| wire.word() == request.provider);
    let wire = wire.ok_or_else(|| {
        let shown = printable(&request.provider);
        format!("there is no provider `{shown}`")
    })?;
    ::refactor::check_model(&request.model)?;
    if let Some(base) = &request.base_url {
        ::refactor::check_base(base)?;
    }
    if let Some(id) = request.rules.iter().find(|id| rules::by_id(id).is_none()) {
        return Err(no_such_page(id));
    }
    let mut ask = Ask::new(wire, request.model.clone());
    ask.base.clone_from(&request.base_url);
    ask.from_browser = true;
    ask.redact.identity = request.identity;
    ask.wants = Wants {
        unsafe_too: request.unsafe_too,
        rules: request.rules.clone(),
        route: request.route.clone(),
        options: rules::Options::strict(request.strict),
        ..Wants::default()
    };
    Ok(ask)
}

fn send(session: &Session<'_>, request: &::refactor::Request, wire: Wire) -> Answer {
    let mut sending = Sending {
        url: &request.url,
        headers: Vec::new(),
        key_header: None,
        needs_key: wire.needs_key(),
        // It is all ASCII.
        body: std::str::from_utf8(&request.body).unwrap_or_default(),
    };
    for (name, header) in &request.headers {
        match *header {
            Header::Text(text) => sending.headers.push((name, text)),
            Header::Key(prefix) => sending.key_header = Some(KeyHeader { name, prefix }),
        }
    }
    let entries = session.map().entries.iter();
    let hidden = entries.filter(|entry| sending.body.contains(&entry.placeholder));
    let sent = session.sent().map(|paper| Sent {
        label: &paper.label,
        path: paper.shown.to_string(),
    });
    let (findings, more) = session.asked();
    Answer::new(true)
        .field("step", &"send")
        .field("request", &sending)
        .field("placeholders", &hidden.count())
        .field("findings", &findings)
        .field("more", &more)
        .list("sent", sent)
}
