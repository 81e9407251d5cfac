//! An editor of the tests: a real process, its frames, and a folder to edit in.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// No answer may take longer.
const LIMIT: Duration = Duration::from_secs(20);

/// A folder of its own that goes away.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// A folder with files.
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("badgateway-lsp-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _stale = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder can be made");
        let folder = Self(path.canonicalize().expect("it is there"));
        for (name, bytes) in files {
            folder.write(name, bytes);
        }
        folder
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("it is below")).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }

    /// A file's text.
    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.0.join(name)).expect("it is there")).into_owned()
    }

    /// The name of a file in the protocol.
    pub(crate) fn uri(&self, name: &str) -> String {
        uri(&self.0.join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}

/// The name of a path in the protocol; test paths need no escapes.
pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A session.
pub(crate) struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    inbox: Receiver<Value>,
    seen: Vec<Value>,
    next: i64,
}

impl Client {
    /// Starts the program; says nothing yet.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_badgateway"))
            .args(["lsp", "--stdio"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let out = child.stdout.take().expect("it is a pipe");
        let (send, inbox) = mpsc::channel();
        thread::spawn(move || {
            let mut out = BufReader::new(out);
            while let Some(message) = frame(&mut out) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            inbox,
            seen: Vec::new(),
            next: 0,
        }
    }

    /// Starts and initializes with a folder.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self::with(folder, &json!({}), &json!({}))
    }

    /// Starts and initializes with capabilities and options.
    pub(crate) fn with(folder: &Path, capabilities: &Value, options: &Value) -> Self {
        let mut client = Self::start();
        let folders = json!([{"uri": uri(folder), "name": "it"}]);
        let answer = client.ask(
            "initialize",
            &json!({
                "processId": null,
                "capabilities": capabilities,
                "workspaceFolders": folders,
                "initializationOptions": options,
            }),
        );
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        client.tell("initialized", &json!({}));
        client
    }

    /// Sends bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("it is open");
        stdin.write_all(bytes).expect("it reads");
        stdin.flush().expect("it reads");
    }

    /// Sends a body in its frame.
    pub(crate) fn body(&mut self, body: &[u8]) {
        self.raw(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        self.raw(body);
    }

    /// Sends a notification.
    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.body(message.to_string().as_bytes());
    }

    /// Sends a request; gives its number.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> i64 {
        self.next += 1;
        let id = self.next;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.body(message.to_string().as_bytes());
        id
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.request(method, params);
        self.answer(&json!(id))
    }

    /// Waits for the answer of a number.
    pub(crate) fn answer(&mut self, id: &Value) -> Value {
        let is_it = |message: &Value| message.get("id") == Some(id);
        if let Some(at) = self.seen.iter().position(is_it) {
            return self.seen.remove(at);
        }
        self.wait(is_it)
    }

    /// Waits for a message; the others are kept.
    pub(crate) fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LIMIT;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let message = self.inbox.recv_timeout(left);
            let message = message.unwrap_or_else(|_| panic!("no answer; seen: {:#?}", self.seen));
            if is_it(&message) {
                return message;
            }
            self.seen.push(message);
        }
    }

    /// Waits until the diagnostics of a file are as wanted.
    pub(crate) fn diagnostics(&mut self, uri: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let is_it = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && wanted(&message["params"]["diagnostics"])
        };
        if let Some(at) = self.seen.iter().position(is_it) {
            return self.seen.remove(at)["params"].clone();
        }
        self.wait(is_it)["params"].clone()
    }

    /// How many sets of diagnostics of a file come before it is quiet.
    pub(crate) fn count_until_quiet(&mut self, uri: &str) -> usize {
        let mut count = 0;
        while let Ok(message) = self.inbox.recv_timeout(Duration::from_millis(1500)) {
            count += usize::from(message["params"]["uri"] == uri);
        }
        count
    }

    /// Opens a text.
    pub(crate) fn open(&mut self, uri: &str, text: &str) {
        let item = json!({"uri": uri, "languageId": "nginx", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": item}));
    }

    /// Replaces a text.
    pub(crate) fn change(&mut self, uri: &str, version: i64, text: &str) {
        let item = json!({"uri": uri, "version": version});
        let changes = json!([{"text": text}]);
        let params = json!({"textDocument": item, "contentChanges": changes});
        self.tell("textDocument/didChange", &params);
    }

    /// Asks about a place.
    pub(crate) fn at(&mut self, method: &str, uri: &str, position: &Value) -> Value {
        let item = json!({"uri": uri});
        self.ask(method, &json!({"textDocument": item, "position": position}))
    }

    /// Ends the session; gives the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        let answer = self.ask("shutdown", &Value::Null);
        assert_eq!(answer["result"], Value::Null, "{answer}");
        self.tell("exit", &Value::Null);
        self.code()
    }

    /// Waits for the end without saying so.
    pub(crate) fn code(&mut self) -> Option<i32> {
        self.stdin = None;
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn frame(out: &mut impl BufRead) -> Option<Value> {
    let mut size = 0;
    loop {
        let mut line = String::new();
        if out.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            size = value.parse().ok()?;
        }
    }
    let mut body = vec![0; size];
    out.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// Where a text has a mark's first letter, in UTF-16 units.
pub(crate) fn position(text: &str, mark: &str) -> Value {
    let at = text.find(mark).unwrap_or_else(|| panic!("no `{mark}`"));
    let line = text[..at].matches('\n').count();
    let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
    let column = text[start..at].encode_utf16().count();
    json!({"line": line, "character": column})
}
