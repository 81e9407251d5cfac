//! The state of one session: who may ask what when, which texts are open, when to look again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::documents::{Documents, path_of, real};
use super::text::Encoding;
use super::wire::{Code, Frame, answer, refuse};
use super::worker::{Asked, Job, Options, State};
use crate::run::Outcome;

/// How long the editor must be quiet before the configuration is judged again.
const QUIET: Duration = Duration::from_millis(150);

/// Somebody who types on and on still sees something after this.
const LATEST: Duration = Duration::from_secs(1);

/// What the reading side tells the working side at any time.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Number of the newest judgement that was asked for: older ones are dropped.
    pub(crate) judgement: AtomicU64,
    /// Counts edits: an answer about an older text is refused.
    pub(crate) edits: AtomicU64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// One session.
pub(crate) struct Server {
    jobs: Sender<Job>,
    clock: Arc<Clock>,
    phase: Phase,
    documents: Documents,
    folders: Vec<PathBuf>,
    options: Options,
    /// Counts everything that changes what is known.
    generation: u64,
    /// Counts what changes which files there are.
    epoch: u64,
    /// Since when, and until when a judgement waits.
    waiting: Option<(Instant, Instant)>,
    pending: HashMap<String, Arc<AtomicBool>>,
    /// How it ended, when it has.
    pub(crate) ended: Option<Outcome>,
}

impl Server {
    /// A session that has not begun.
    pub(crate) fn new(jobs: Sender<Job>, clock: Arc<Clock>, strict: bool) -> Self {
        Self {
            jobs,
            clock,
            phase: Phase::New,
            documents: Documents::default(),
            folders: Vec::new(),
            options: Options {
                strict,
                ..Options::default()
            },
            generation: 0,
            epoch: 0,
            waiting: None,
            pending: HashMap::new(),
            ended: None,
        }
    }

    /// How long to wait for a message before [`Server::judge_if_due`].
    pub(crate) fn patience(&self) -> Option<Duration> {
        let (_, due) = self.waiting?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// Has the configuration judged, if the editor was quiet for long enough.
    pub(crate) fn judge_if_due(&mut self) {
        let now = Instant::now();
        if self.waiting.is_none_or(|(_, due)| due > now) {
            return;
        }
        self.waiting = None;
        let number = self.clock.judgement.fetch_add(1, Ordering::SeqCst) + 1;
        self.send(Job::Judge(number, self.state()));
    }

    /// Takes what came in; gives what goes out at once.
    pub(crate) fn take(&mut self, frame: Frame) -> Option<Value> {
        let message = match frame {
            Frame::Message(message) => message,
            Frame::Malformed(why) => return Some(refuse(&Value::Null, Code::Parse, &why)),
            Frame::End => {
                self.end();
                return None;
            }
        };
        let Some(method) = message["method"].as_str() else {
            // Answers to what we never asked; anything else is no message.
            let is_answer = message.get("result").or(message.get("error")).is_some();
            let why = "a message without a method";
            return (!is_answer).then(|| refuse(&Value::Null, Code::InvalidRequest, why));
        };
        let params = &message["params"];
        match message.get("id") {
            None => {
                self.notice(method, params);
                None
            }
            Some(id) if id.is_string() || id.is_number() => self.request(id, method, params),
            Some(_) => {
                let why = "an id is a number or a text";
                Some(refuse(&Value::Null, Code::InvalidRequest, why))
            }
        }
    }

    /// Notes that an answer goes out.
    pub(crate) fn answered(&mut self, message: &Value) {
        if let Some(id) = message.get("id") {
            self.pending.remove(&id.to_string());
        }
    }

    fn end(&mut self) {
        self.ended = Some(match self.phase {
            Phase::ShutDown => Outcome::Clean,
            Phase::New | Phase::Running => Outcome::Findings,
        });
    }

    fn request(&mut self, id: &Value, method: &str, params: &Value) -> Option<Value> {
        match (self.phase, method) {
            (Phase::New, "initialize") => return Some(answer(id, self.initialize(params))),
            (Phase::New, _) => {
                return Some(refuse(id, Code::NotInitialized, "`initialize` comes first"));
            }
            (Phase::ShutDown, _) => {
                return Some(refuse(id, Code::InvalidRequest, "it was shut down"));
            }
            (Phase::Running, "initialize") => {
                return Some(refuse(id, Code::InvalidRequest, "it is initialized"));
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                return Some(answer(id, Value::Null));
            }
            (Phase::Running, _) => {}
        }
        let Some(asked) = Asked::of(method) else {
            let why = format!("no method `{}`", base::source::printable(method.as_bytes()));
            return Some(refuse(id, Code::NoMethod, &why));
        };
        if !params["textDocument"]["uri"].is_string() {
            return Some(refuse(
                id,
                Code::InvalidParams,
                "`textDocument.uri` is missing",
            ));
        }
        let cancelled = Arc::new(AtomicBool::new(false));
        self.pending.insert(id.to_string(), cancelled.clone());
        self.send(Job::Ask {
            id: id.clone(),
            asked,
            params: params.clone(),
            cancelled,
            state: self.state(),
        });
        None
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.phase = Phase::Running;
        self.options.encoding = Encoding::chosen(&params["capabilities"]);
        let edit = &params["capabilities"]["workspace"]["workspaceEdit"];
        self.options.document_changes = edit["documentChanges"].as_bool().unwrap_or(false);
        let wishes = &params["initializationOptions"];
        self.options.strict |= wishes["strict"].as_bool().unwrap_or(false);
        let maps = wishes["maps"].as_array().into_iter().flatten();
        let maps = maps.filter_map(|map| Some(map.as_str()?.to_owned()));
        // A wrong one is left out: there is nobody to tell before the session begins.
        let good = maps.filter(|map| intake::parse_map(map).is_ok());
        self.options.maps = good.collect();
        self.add_folders(&params["workspaceFolders"]);
        if self.folders.is_empty() {
            let root = params["rootUri"].as_str().and_then(path_of);
            self.folders.extend(root.as_deref().map(real));
        }
        json!({
            "capabilities": {
                "positionEncoding": self.options.encoding.word(),
                "textDocumentSync": {"openClose": true, "change": 2, "save": true},
                "hoverProvider": true,
                "definitionProvider": true,
                "referencesProvider": true,
                "documentSymbolProvider": true,
                "codeActionProvider": {"codeActionKinds": ["quickfix"]},
                "workspace": {
                    "workspaceFolders": {"supported": true, "changeNotifications": true},
                },
            },
            "serverInfo": {"name": "badgateway", "version": env!("CARGO_PKG_VERSION")},
        })
    }

    fn add_folders(&mut self, folders: &Value) {
        let uris = folders.as_array().into_iter().flatten();
        let paths = uris.filter_map(|folder| path_of(folder["uri"].as_str()?));
        self.folders.extend(paths.map(|path| real(&path)));
    }

    fn notice(&mut self, method: &str, params: &Value) {
        if method == "exit" {
            return self.end();
        }
        if self.phase != Phase::Running {
            return;
        }
        match method {
            "$/cancelRequest" => {
                if let Some(cancelled) = self.pending.get(&params["id"].to_string()) {
                    cancelled.store(true, Ordering::SeqCst);
                }
            }
            "textDocument/didOpen" if self.documents.open(params).is_some() => self.reread(),
            "textDocument/didClose" if self.documents.close(params).is_some() => self.reread(),
            "textDocument/didChange" => {
                let encoding = self.options.encoding;
                if self.documents.change(params, encoding).is_some() {
                    self.clock.edits.fetch_add(1, Ordering::SeqCst);
                    self.changed();
                }
            }
            "textDocument/didSave"
            | "workspace/didChangeWatchedFiles"
            | "workspace/didChangeConfiguration" => self.reread(),
            "workspace/didChangeWorkspaceFolders" => self.change_folders(&params["event"]),
            _ => {}
        }
    }

    fn change_folders(&mut self, event: &Value) {
        let gone = event["removed"].as_array().into_iter().flatten();
        for folder in gone {
            if let Some(path) = folder["uri"].as_str().and_then(path_of) {
                let path = real(&path);
                self.folders.retain(|known| *known != path);
            }
        }
        self.add_folders(&event["added"]);
        self.reread();
    }

    /// Which files there are may be another matter now.
    fn reread(&mut self) {
        self.epoch += 1;
        self.changed();
    }

    fn changed(&mut self) {
        self.generation += 1;
        let now = Instant::now();
        let since = self.waiting.map_or(now, |(since, _)| since);
        self.waiting = Some((since, (now + QUIET).min(since + LATEST)));
    }

    fn state(&self) -> State {
        State {
            generation: self.generation,
            epoch: self.epoch,
            edits: self.clock.edits.load(Ordering::SeqCst),
            documents: self.documents.clone(),
            folders: self.folders.clone(),
            options: self.options.clone(),
        }
    }

    fn send(&mut self, job: Job) {
        if self.jobs.send(job).is_err() {
            // The worker is gone; without it nothing can be answered.
            self.ended = Some(Outcome::Undecided);
        }
    }
}
