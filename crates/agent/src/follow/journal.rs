//! Lines of systemd's journal, from `journalctl` in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use logs::blocks::{Block, LONGEST_LINE};

use super::Beginning;
use super::lines::{Buffer, Lines};
use super::position::Position;

/// Entries that wait to be read; `journalctl` waits when there are more.
const MOST_WAITING: usize = 256;
/// Bytes of an entry, about.
const ENTRY: u64 = 200;
/// After an end it is started again that much later.
const PAUSE: Duration = Duration::from_secs(5);
/// What is kept of its complaints.
const LONGEST_WORDS: u64 = 2 << 10;

/// Follows the journal.
pub(super) struct JournalLines {
    folder: Option<PathBuf>,
    /// Where it begins when nothing of it was read.
    from: Beginning,
    /// The last entry that was given out.
    cursor: Option<String>,
    /// The last one in the buffer.
    next_cursor: Option<String>,
    running: Option<Running>,
    ended: Option<Instant>,
    buffer: Buffer,
    head: Vec<u8>,
    problem: Option<String>,
}

struct Running {
    child: Child,
    lines: Receiver<Vec<u8>>,
    words: Option<thread::JoinHandle<String>>,
}

impl JournalLines {
    /// Of this machine, or of a folder.
    pub(super) fn new(
        folder: Option<PathBuf>,
        position: Option<Position>,
        from: Beginning,
    ) -> JournalLines {
        let cursor = match position {
            Some(Position::Journal { cursor }) => cursor,
            _ => None,
        };
        JournalLines {
            folder,
            from,
            next_cursor: cursor.clone(),
            cursor,
            running: None,
            ended: None,
            buffer: Buffer::new(1),
            head: Vec::new(),
            problem: None,
        }
    }

    fn start(&self) -> std::io::Result<Running> {
        let mut command = Command::new("journalctl");
        command
            .args(["--follow", "--output=json", "--quiet", "--no-pager"])
            .arg("--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_TRANSPORT")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(folder) = &self.folder {
            command.arg("--directory").arg(folder);
        }
        match &self.next_cursor {
            Some(cursor) => command.args(["--no-tail", "--after-cursor"]).arg(cursor),
            None => match self.from {
                Beginning::Start => command.arg("--no-tail"),
                Beginning::End => command.arg("--lines=0"),
                Beginning::Back(most) => command.arg(format!("--lines={}", most / ENTRY)),
            },
        };
        let mut child = command.spawn()?;
        let (sender, lines) = sync_channel(MOST_WAITING);
        if let Some(out) = child.stdout.take() {
            let mut out = BufReader::new(out);
            thread::Builder::new().spawn(move || {
                loop {
                    let mut line = Vec::new();
                    let read = out.by_ref().take(4 << 20).read_until(b'\n', &mut line);
                    if !matches!(read, Ok(1..)) || sender.send(line).is_err() {
                        break;
                    }
                }
            })?;
        }
        let words = child.stderr.take().map(|err| {
            thread::Builder::new().spawn(move || {
                let mut words = Vec::new();
                let mut err = err;
                let _read = err.by_ref().take(LONGEST_WORDS).read_to_end(&mut words);
                let _rest = std::io::copy(&mut err, &mut std::io::sink());
                String::from_utf8_lossy(&words).trim().to_owned()
            })
        });
        Ok(Running {
            child,
            lines,
            words: words.transpose()?,
        })
    }

    /// Takes what has come; whether it has ended.
    fn take(&mut self, most: usize) -> bool {
        let Some(running) = &self.running else {
            return false;
        };
        while self.buffer.held() < most as u64 {
            match running.lines.try_recv() {
                Ok(line) => {
                    if let Some(cursor) = cursor_of(&line) {
                        self.next_cursor = Some(cursor);
                    }
                    if self.head.is_empty() {
                        self.head
                            .extend_from_slice(&line[..line.len().min(LONGEST_LINE)]);
                    }
                    // One that is too long is cut, and then not understood, and counted so.
                    self.buffer.push(&line[..line.len().min(LONGEST_LINE)]);
                    if line.len() > LONGEST_LINE {
                        self.buffer.push(b"\n");
                    }
                }
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
        false
    }
}

/// The cursor of an entry.
fn cursor_of(line: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"\"__CURSOR\":\"";
    let from = memchr::memmem::find(line, KEY)? + KEY.len();
    let len = memchr::memchr(b'"', &line[from..])?;
    String::from_utf8(line[from..from + len].to_vec()).ok()
}

impl Lines for JournalLines {
    fn look(&mut self) -> Option<String> {
        if self.running.is_none() && self.ended.is_none_or(|at| at.elapsed() >= PAUSE) {
            match self.start() {
                Ok(running) => self.running = Some(running),
                Err(error) => {
                    self.problem = Some(format!("journalctl cannot be started: {error}"));
                    self.ended = Some(Instant::now());
                }
            }
        }
        if self.take(64 << 10)
            && let Some(mut running) = self.running.take()
        {
            let words = running.end();
            self.problem = Some(format!("journalctl has ended: {words}"));
            self.ended = Some(Instant::now());
        } else if self.running.is_some() {
            // It complains and goes on when there is nothing that it may read.
            self.problem = None;
        }
        self.problem.clone()
    }

    fn is_ready(&self) -> bool {
        self.buffer.has_line()
    }

    fn head(&mut self) -> &[u8] {
        &self.head
    }

    fn next(&mut self, most: usize, _begins: &dyn Fn(&[u8]) -> bool) -> Option<(&[u8], Block)> {
        self.buffer.settle();
        self.take(most);
        self.buffer.find(&|_| true, true, false);
        self.cursor.clone_from(&self.next_cursor);
        self.buffer.give()
    }

    fn skip(&mut self, _most: usize) {
        self.cursor.clone_from(&self.next_cursor);
        self.buffer = Buffer::new(1);
    }

    fn unread(&self) -> u64 {
        self.buffer.held()
    }

    fn position(&self) -> Position {
        Position::Journal {
            cursor: self.cursor.clone(),
        }
    }
}

impl Running {
    /// Ends it; what it has complained of.
    fn end(&mut self) -> String {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
        let words = self.words.take().and_then(|words| words.join().ok());
        let words = words.unwrap_or_default();
        base::source::printable(words.as_bytes())
    }
}

impl Drop for JournalLines {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.end();
        }
    }
}
