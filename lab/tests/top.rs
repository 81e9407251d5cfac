//! `badgateway top` on a real terminal, of the real nginx and php-fpm.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lab::agent::{shown, stack};
use lab::live::Stack;
use lab::program::badgateway;
use lab::scratch::Scratch;

/// A terminal of its own (`tmux`), in which one command runs.
struct Terminal {
    folder: Scratch,
}

impl Terminal {
    fn start(command: &str) -> Terminal {
        let terminal = Terminal {
            folder: Scratch::new("tmux"),
        };
        // What it says in the end can be read until the terminal is closed.
        let command = format!("echo before; {command}; echo \"code $?\"; sleep 600");
        let size = ["-x", "120", "-y", "34"];
        let begun = terminal.tmux(&[&["new-session", "-d"], &size[..], &[&command]].concat());
        assert!(begun.is_some(), "tmux starts");
        terminal
    }

    /// Asks tmux; its answer, or none when it says no.
    fn tmux(&self, args: &[&str]) -> Option<String> {
        let socket = self.folder.path().join("socket");
        let output = Command::new("tmux")
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .arg("-S")
            .arg(socket)
            .args(["-f", "/dev/null"])
            .args(args)
            .stdin(Stdio::null())
            .output()
            .expect("Debian's package `tmux` is there");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    fn press(&self, keys: &[&str]) {
        for key in keys {
            self.tmux(&["send-keys", key]).expect("it is open");
            // Who types does not do it all at once.
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn picture(&self) -> String {
        self.tmux(&["capture-pane", "-p"]).unwrap_or_default()
    }

    /// Waits until all these words are there.
    fn until(&self, words: &[&str]) -> String {
        let begin = Instant::now();
        loop {
            let picture = self.picture();
            if words.iter().all(|word| picture.contains(word)) {
                return picture;
            }
            let is_late = begin.elapsed() > Duration::from_secs(20);
            assert!(!is_late, "not all of {words:?} in\n{picture}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn command(stack: &Stack, pid_file: &str) -> String {
    let dir = shown(stack.dir());
    let program = badgateway().display();
    // The shell's own process becomes the program's.
    format!("sh -c 'echo $$ > {pid_file}; exec {program} top {dir}/nginx.conf {dir}/php-fpm.conf'")
}

fn is_running(pid: u32) -> bool {
    PathBuf::from(format!("/proc/{pid}")).exists()
}

#[test]
fn it_shows_what_is_wrong_and_leaves_the_terminal_as_it_was() {
    let stack = stack();
    // What failed before it is started, and while it runs.
    for _ in 0..3 {
        assert_eq!(stack.get("/gone").status, 502);
    }
    let pid_file = format!("{}/top.pid", shown(stack.dir()));
    let terminal = Terminal::start(&command(&stack, &pid_file));
    terminal.until(&["nothing there: the socket does not exist", "/gone"]);
    thread::scope(|scope| {
        for number in 0..8 {
            let stack = &stack;
            scope.spawn(move || stack.get(&format!("/sleep.php?9&password=hunter2&{number}")));
        }
        let picture = terminal.until(&["no worker is free in www", "4/4", "GET /sleep.php?9"]);
        assert!(!picture.contains("hunter2"), "{picture}");
    });
    let cause = "FPM ended the worker: request_terminate_timeout";
    terminal.until(&[cause, "shop.example"]);
    // Causes are the third panel; the one with most requests is first.
    terminal.press(&["Tab", "Tab", "Enter"]);
    let explained = "badgateway explain worker-terminated-by-timeout";
    terminal.until(&[cause, explained, "error.log:", "GET /sleep.php?9"]);
    println!("{}", terminal.picture());
    terminal.tmux(&["resize-window", "-x", "50", "-y", "12"]);
    println!("{}", terminal.until(&["/sleep.php?9", "esc: back"]));
    terminal.press(&["Escape"]);
    terminal.tmux(&["resize-window", "-x", "120", "-y", "34"]);
    let picture = terminal.until(&["11 requests failed", "by minute"]);
    assert!(!picture.contains("several causes fit"), "{picture}");
    terminal.press(&["q"]);
    let picture = terminal.until(&["before", "code 0"]);
    assert!(!picture.contains("badgateway top"), "{picture}");
    // The terminal shows what is typed again.
    let echo = terminal.tmux(&["display", "-p", "#{cursor_flag} #{alternate_on}"]);
    assert_eq!(echo.as_deref().map(str::trim), Some("1 0"));
}

#[test]
fn it_ends_with_its_terminal_and_on_signals() {
    let stack = stack();
    let pid_file = format!("{}/top.pid", shown(stack.dir()));
    for ending in ["close", "TERM", "HUP", "C-c"] {
        let terminal = Terminal::start(&command(&stack, &pid_file));
        terminal.until(&["1 pool"]);
        let pid = fs::read_to_string(&pid_file).expect("it runs");
        let pid: u32 = pid.trim().parse().expect("a number");
        assert!(is_running(pid));
        match ending {
            "close" => drop(terminal),
            "C-c" => {
                terminal.press(&["C-c"]);
                terminal.until(&["before", "code 0"]);
            }
            signal => {
                lab::nginx::signal(pid, signal);
                terminal.until(&["before", "code 0"]);
            }
        }
        let begin = Instant::now();
        while is_running(pid) {
            let is_late = begin.elapsed() > Duration::from_secs(5);
            assert!(!is_late, "{ending}: it does not end");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A terminal that goes without a signal, as one of another session does: the program is not to
/// turn in circles.
#[test]
fn it_ends_when_nobody_signals_that_the_terminal_has_gone() {
    let stack = stack();
    let pid_file = format!("{}/top.pid", shown(stack.dir()));
    let begun = command(&stack, &pid_file).replace("sh -c '", "sh -c 'trap \"\" HUP; ");
    let terminal = Terminal::start(&begun);
    terminal.until(&["1 pool"]);
    let pid = fs::read_to_string(&pid_file).expect("it runs");
    let pid: u32 = pid.trim().parse().expect("a number");
    drop(terminal);
    let begin = Instant::now();
    while is_running(pid) {
        let is_late = begin.elapsed() > Duration::from_secs(5);
        assert!(!is_late, "it does not end");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let output = Command::new(badgateway())
        .arg("top")
        .stdin(Stdio::null())
        .output()
        .expect("badgateway runs");
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("badgateway status"), "{words}");
}
