//! A real browser, driven through its debugging pipe: no port is opened, nothing is installed
//! besides the browser.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::scratch::Scratch;

/// The browser ends after this many seconds, whatever a test waits for.
const LIMIT: &str = "600";
/// Looks at a page until something is so, and the time between two of them.
const LOOKS: u32 = 250;
const PAUSE: Duration = Duration::from_millis(20);
/// It takes commands from descriptor 3 and answers on 4.
const START: &str = "exec 3<&0 4>&1 </dev/null >/dev/null 2>&1; exec timeout -k 5 \"$0\" \"$@\"";

/// Chromium without a window and with a profile of its own, at one page.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    events: Vec<Value>,
    _profile: Scratch,
}

impl Browser {
    /// Starts it.
    ///
    /// # Panics
    /// When Chromium is missing or does not answer.
    pub fn start() -> Self {
        let profile = Scratch::new("browser");
        let mut child = Command::new("sh")
            .args(["-c", START, LIMIT, "chromium"])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--disable-sync", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell runs");
        let mut browser = Self {
            commands: child.stdin.take().expect("it was asked for"),
            answers: BufReader::new(child.stdout.take().expect("it was asked for")),
            child,
            session: None,
            last: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let wanted = json!({ "targetId": page["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &wanted);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for part in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{part}.enable"), &json!({}));
        }
        browser
    }

    /// Sends a command of the DevTools protocol and gives back its result.
    ///
    /// # Panics
    /// When the browser refuses it or is gone.
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Opens an address and waits until the page is loaded.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn open(&mut self, address: &str) {
        // Otherwise the page that is still there would be taken for the new one.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        self.until("location.href === 'about:blank'");
        let opened = self.call("Page.navigate", &json!({ "url": address }));
        assert!(opened["errorText"].is_null(), "{address}: {opened}");
        self.until("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /// The value of an expression in the page.
    ///
    /// # Panics
    /// When it throws.
    pub fn see(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &params);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true in the page, which may change meanwhile.
    ///
    /// # Panics
    /// When it does not become true.
    pub fn until(&mut self, expression: &str) {
        let params = json!({ "expression": expression, "returnByValue": true });
        for _ in 0..LOOKS {
            let answer = self.ask("Runtime.evaluate", &params);
            if answer["result"]["result"]["value"] == true {
                return;
            }
            thread::sleep(PAUSE);
        }
        panic!("never true: {expression}");
    }

    /// Presses a key and lets it go; `code` is that of Windows, 0 for a letter.
    pub fn press(&mut self, key: &str, code: u32) {
        let text = match key {
            "Enter" => "\r",
            one if one.chars().count() == 1 => one,
            _ => "",
        };
        let down =
            json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "text": text });
        self.call("Input.dispatchKeyEvent", &down);
        let up = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", &up);
    }

    /// Types a text, letter by letter.
    pub fn type_in(&mut self, text: &str) {
        for letter in text.chars() {
            self.press(&letter.to_string(), 0);
        }
    }

    /// Addresses that were asked for since the start.
    pub fn requests(&self) -> Vec<String> {
        let sent = self.events.iter();
        let sent = sent.filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.map(|event| event["params"]["request"]["url"].to_string())
            .collect()
    }

    /// What the browser complained of since the start: exceptions, refusals, messages.
    pub fn complaints(&self) -> Vec<String> {
        let kinds = [
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        ];
        let said = self.events.iter();
        let said = said.filter(|event| kinds.iter().any(|kind| event["method"] == *kind));
        said.map(Value::to_string).collect()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let sent = write!(self.commands, "{command}\0").and_then(|()| self.commands.flush());
        assert!(sent.is_ok(), "{MISSING}");
        loop {
            let mut answer = Vec::new();
            let read = self.answers.read_until(0, &mut answer);
            assert!(read.is_ok_and(|n| n > 0), "{MISSING}");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
            if answer["id"] == self.last {
                return answer;
            }
            self.events.push(answer);
        }
    }
}

const MISSING: &str = "chromium IS MISSING or gone. Install: apt-get install -y chromium";

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let _gone = write!(
            self.commands,
            "{}\0",
            json!({ "id": 0, "method": "Browser.close" })
        );
        let _gone = self.commands.flush();
        let _gone = self.child.wait();
    }
}
