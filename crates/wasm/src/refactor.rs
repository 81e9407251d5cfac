//! A language model is asked: what to send, and what becomes of what came.
//!
//! Nothing is kept between two calls. A session ends the same with the same files and replies, so
//! the page says all of it once more each time.

use ::refactor::{Accepted, Ask, Header, Reader, Refused, Session, Step, Trouble, Wire, World};
use base::FilePath;
use redact::masked_text;
use serde::{Deserialize, Serialize};

use super::*;

request!(Refactor {
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
});

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

#[derive(Serialize)]
struct Taken<'a> {
    path: &'a str,
    line: usize,
    why: &'a str,
    old: &'a str,
    new: &'a str,
    start_byte: usize,
    end_byte: usize,
    text: String,
}

#[derive(Serialize)]
struct Left<'a> {
    path: &'a str,
    line: Option<usize>,
    why: &'a str,
    old: &'a str,
    new: &'a str,
    kind: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Ended {
    rule: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Why<'a> {
    kind: &'static str,
    words: &'a str,
    help: Option<&'a str>,
    quoted: Option<&'a str>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    rounds: usize,
    asked: usize,
    accepted: Vec<Taken<'a>>,
    refused: Vec<Left<'a>>,
    ended: Vec<Ended>,
    reasons: &'a [String],
    trouble: Option<Why<'a>>,
    refusal: Option<Why<'a>>,
    changes: Vec<report::ChangeMeta>,
}

pub(super) fn answer(request: &[u8]) -> Answered {
    let request: Refactor = read(request)?;
    let ask = ask(&request)?;
    let wire = ask.wire;
    let tray = tray(&request.files)?;
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
        Step::Done(verdict) => done(verdict, &given, &tray),
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

fn done(verdict: &::refactor::Verdict, given: &Given, tray: &Tray) -> Answer {
    let trouble = verdict.trouble.as_ref().map(|trouble| Why {
        kind: trouble.kind.word(),
        words: &trouble.words,
        help: trouble.help.as_deref(),
        quoted: trouble.quoted.as_deref(),
    });
    let refusal = verdict.refusal.as_ref().map(|refusal| Why {
        kind: "refusal",
        words: &refusal.words,
        help: refusal.help.as_deref(),
        quoted: None,
    });
    let ended = verdict.ended.iter().map(|ended| Ended {
        rule: ended.rule,
        message: masked_text(&ended.message),
    });
    let shown = Verdict {
        rounds: verdict.rounds,
        asked: verdict.asked,
        accepted: verdict.accepted.iter().map(taken).collect(),
        refused: verdict.refused.iter().map(left).collect(),
        ended: ended.collect(),
        reasons: &verdict.reasons,
        trouble,
        refusal,
        changes: verdict.own().iter().map(intake::change).collect(),
    };
    let mut store = Store::default();
    for file in &verdict.files {
        let key = (file.via.clone(), file.path.clone());
        store.0.insert(key, file.new.clone());
    }
    let before = given.model(tray, &Store::default());
    let after = (!verdict.files.is_empty()).then(|| given.model(tray, &store));
    // What the user has given may be shown to the user.
    let diffs = given.diffs(tray, &verdict.files, (before, after), true);
    let files = verdict.files.iter().zip(&diffs).map(|(changed, diff)| {
        let mut file = FileOut::new(changed.shown.to_string(), &changed.new);
        file.diff = Some(report::diff_text(diff));
        file
    });
    Answer::new(true)
        .field("step", &"done")
        .field("verdict", &shown)
        .list("files", files)
}

fn taken(edit: &Accepted) -> Taken<'_> {
    Taken {
        path: &edit.shown,
        line: edit.line,
        why: &edit.proposal.why,
        old: &edit.proposal.old,
        new: &edit.proposal.new,
        start_byte: edit.range.start,
        end_byte: edit.range.end,
        text: String::from_utf8_lossy(&edit.text).into_owned(),
    }
}

fn left(edit: &Refused) -> Left<'_> {
    Left {
        path: &edit.proposal.file,
        line: edit.proposal.line,
        why: &edit.proposal.why,
        old: &edit.proposal.old,
        new: &edit.proposal.new,
        kind: edit.why.word(),
        reason: masked_text(&edit.words),
    }
}
