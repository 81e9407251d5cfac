//! On a terminal: the request is shown, a yes is waited for, and a key is typed unseen.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lab::program::badgateway;
use lab::provider::{KEY, Provider, Rules};

use crate::stack::{OLD, RIGHT, Stack, edits, holds_no_canary};

const PATIENCE: Duration = Duration::from_secs(20);

/// The program on a terminal of its own.
struct Terminal {
    child: Child,
    shown: String,
}

impl Terminal {
    fn start(stack: &Stack, url: &str, key: Option<&str>) -> Terminal {
        let root = stack.0.path().display();
        let program = badgateway().display();
        let line = format!(
            "{program} refactor --root {root} --provider anthropic --model m --base-url {url} --color never"
        );
        let mut command = Command::new("script");
        command
            .args(["-q", "-e", "-f", "-c", &line, "/dev/null"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("TERM", "dumb")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(key) = key {
            command.env("ANTHROPIC_API_KEY", key);
        }
        let child = command
            .spawn()
            .expect("script IS MISSING. Install it: apt-get install -y bsdutils");
        Terminal {
            child,
            shown: String::new(),
        }
    }

    /// Reads until a text is there.
    fn until(&mut self, text: &str) {
        let begin = Instant::now();
        let mut part = [0; 4096];
        let out = self.child.stdout.as_mut().expect("it was asked for");
        while !self.shown.contains(text) {
            assert!(begin.elapsed() < PATIENCE, "no `{text}`:\n{}", self.shown);
            let n = out.read(&mut part).expect("it can be read");
            assert!(n > 0, "no `{text}`:\n{}", self.shown);
            self.shown += &String::from_utf8_lossy(&part[..n]);
        }
    }

    fn say(&mut self, text: &str) {
        let input = self.child.stdin.as_mut().expect("it was asked for");
        input.write_all(text.as_bytes()).expect("it listens");
        input.flush().expect("it listens");
    }

    fn end(mut self) -> (i32, String) {
        let out = self.child.stdout.as_mut().expect("it was asked for");
        let mut rest = Vec::new();
        let _closed = out.read_to_end(&mut rest);
        self.shown += &String::from_utf8_lossy(&rest);
        let status = self.child.wait().expect("it ends");
        (status.code().unwrap_or(-1), self.shown)
    }
}

fn provider() -> Provider {
    Provider::saying(Rules::Anthropic, edits(&[("nginx-1.conf", OLD, RIGHT)]))
}

#[test]
fn a_yes_is_waited_for() {
    let (stack, provider) = (Stack::new(), provider());
    let mut terminal = Terminal::start(&stack, &provider.url(), Some(KEY));
    terminal.until("[y/N]");
    assert!(provider.bytes().is_empty(), "nothing before the yes");
    assert!(
        terminal.shown.contains("x-api-key: (your key)"),
        "{}",
        terminal.shown
    );
    assert!(
        terminal.shown.contains("nginx-1.conf is "),
        "{}",
        terminal.shown
    );
    terminal.say("y\n");
    let (code, shown) = terminal.end();
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("1 edit of the model"), "{shown}");
    assert!(!shown.contains(KEY));
    // What was shown is what was sent.
    let body = String::from_utf8(provider.heard()[0].body.clone()).expect("it is ASCII");
    assert!(shown.replace("\r\n", "\n").contains(&body), "{shown}");
    holds_no_canary(shown.as_bytes(), "the terminal");
}

#[test]
fn anything_else_is_a_no() {
    for answer in ["n\n", "\n", "yeah\n", "\u{4}"] {
        let (stack, provider) = (Stack::new(), provider());
        let mut terminal = Terminal::start(&stack, &provider.url(), Some(KEY));
        terminal.until("[y/N]");
        terminal.say(answer);
        let (code, shown) = terminal.end();
        assert_eq!(code, 1, "{answer:?}: {shown}");
        assert!(provider.bytes().is_empty(), "{answer:?}");
        assert!(shown.contains("badgateway, safe"), "{shown}");
    }
}

#[test]
fn a_key_is_typed_unseen() {
    let (stack, provider) = (Stack::new(), provider());
    let mut terminal = Terminal::start(&stack, &provider.url(), None);
    terminal.until("Key for Anthropic");
    // The terminal is told not to echo right behind the question.
    std::thread::sleep(Duration::from_millis(300));
    terminal.say(&format!("{KEY}\n"));
    terminal.until("[y/N]");
    terminal.say("y\n");
    let (code, shown) = terminal.end();
    assert_eq!(code, 1, "{shown}");
    assert!(!shown.contains(KEY), "{shown}");
    assert_eq!(provider.heard()[0].header("x-api-key"), Some(KEY));
}
