//! A language model is asked: what to send, and what becomes of what came.
//!
//! Nothing is kept between two calls. A session ends the same with the same files and replies, so
//! the page says all of it once more each time.

mod shown;

use std::borrow::Cow;

use ::refactor::{Ask, Header, Reader, Session, Step, Trouble, Wire, World};
use base::FilePath;
use base::json::{Fields, FromJson, Unfit, Value};
use fix::{Store, Wants};
use intake::Given;
use serde::Serialize;

use super::{Answer, Answered, FileIn, Refusal, no_such_page, printable, tray};

object!(Asked {
    files: Vec<FileIn<'j>>,
    strict: bool,
    maps: Option<Vec<String>>,
    facts: Option<String>,
    provider: String,
    model: String,
    base_url: Option<String>,
    identity: bool,
    rules: Option<Vec<String>>,
    route: Option<String>,
    unsafe_too = "unsafe": bool,
    replies: Vec<Reply<'j>>,
    stop: bool,
});

object!(Reply {
    status: u32,
    content_type: Option<Cow<'j, str>>,
    retry_after: Option<Cow<'j, str>>,
    body: Cow<'j, str>,
    // Whether it broke off.
    cut: bool,
});

impl<'j> FromJson<'j> for Reply<'j> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        Reply::of(Fields::from_json(value)?)
    }
}

impl Reply<'_> {
    fn read(&self, wire: Wire) -> Result<String, Trouble> {
        let kind = self.content_type.as_deref();
        let kind = kind.map(|kind| ("content-type", kind));
        let after = self.retry_after.as_deref();
        let after = after.map(|after| ("retry-after", after));
        let status = u16::try_from(self.status).unwrap_or_default();
        let mut reader = Reader::new(wire, status, kind.into_iter().chain(after));
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

pub(super) fn answer(request: &Asked<'_>) -> Answered {
    let ask = ask(request)?;
    let wire = ask.wire;
    let tray = tray(&request.files)?;
    let maps = request.maps.as_deref().unwrap_or_default();
    let given = Given::of(&tray, maps, request.facts.as_deref())?;
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

fn ask(request: &Asked<'_>) -> Result<Ask<'static>, Refusal> {
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
    if let Some(id) = request
        .rules
        .iter()
        .flatten()
        .find(|id| rules::by_id(id).is_none())
    {
        return Err(no_such_page(id));
    }
    let mut ask = Ask::new(wire, request.model.clone());
    ask.base.clone_from(&request.base_url);
    ask.from_browser = true;
    ask.redact.identity = request.identity;
    ask.wants = Wants {
        unsafe_too: request.unsafe_too,
        rules: request.rules.clone().unwrap_or_default(),
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
