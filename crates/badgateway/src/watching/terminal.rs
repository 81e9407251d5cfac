//! The terminal while something draws on it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use agent::screen::Key;
use ratatui_core::terminal::Frame;
use ratatui_termion::TermionBackend;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use termion::cursor::{Hide, Show};
use termion::event::{Event, Key as Pressed};
use termion::input::TermRead;
use termion::raw::{IntoRawMode, RawTerminal};
use termion::screen::{ToAlternateScreen, ToMainScreen};

/// A terminal that draws by itself, with a screen of its own; as it was before when this is
/// dropped.
pub(super) struct Terminal<'o> {
    terminal: ratatui_core::terminal::Terminal<TermionBackend<&'o mut dyn Write>>,
    /// Where keys come from, without waiting.
    keys: File,
    /// Dropped last: then lines are edited and signals are sent as before.
    _raw: RawTerminal<File>,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Keys that mean something; there may be none.
    Keys(Vec<Key>),
    /// The terminal has gone.
    Gone,
}

impl<'o> Terminal<'o> {
    /// Takes the terminal.
    pub(super) fn take(out: &'o mut dyn Write) -> io::Result<Terminal<'o>> {
        // Opened anew: not to wait is a property of what is opened, which others share.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let keys = rustix::fs::open("/dev/tty", flags, Mode::empty())?;
        let raw = termion::get_tty()?.into_raw_mode()?;
        write!(out, "{ToAlternateScreen}{Hide}")?;
        let backend = TermionBackend::new(out);
        let mut taken = Terminal {
            terminal: ratatui_core::terminal::Terminal::new(backend)?,
            keys: keys.into(),
            _raw: raw,
        };
        taken.terminal.clear()?;
        Ok(taken)
    }

    /// Draws.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }

    /// Waits for keys, at most so long.
    pub(super) fn hear(&mut self, patience: Duration) -> io::Result<Heard> {
        let mut fds = [PollFd::from_borrowed_fd(self.keys.as_fd(), PollFlags::IN)];
        let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
        match poll(&mut fds, Some(&patience)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Heard::Keys(Vec::new())),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let ends = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        if fds[0].revents().intersects(ends) {
            return Ok(Heard::Gone);
        }
        // Ends where a read would wait, or fails.
        let pressed = (&mut self.keys).events().map_while(Result::ok);
        Ok(Heard::Keys(
            pressed.filter_map(|event| known(&event)).collect(),
        ))
    }
}

fn known(event: &Event) -> Option<Key> {
    let Event::Key(key) = event else {
        return None;
    };
    Some(match key {
        Pressed::Ctrl('c') | Pressed::Char('q') => Key::Quit,
        Pressed::Char('k') | Pressed::Up => Key::Up,
        Pressed::Char('j') | Pressed::Down => Key::Down,
        Pressed::PageUp => Key::PageUp,
        Pressed::PageDown => Key::PageDown,
        Pressed::Char('\t') => Key::Next,
        Pressed::BackTab => Key::Previous,
        Pressed::Char('\n') => Key::Open,
        Pressed::Esc | Pressed::Backspace => Key::Back,
        Pressed::Char('p' | ' ') => Key::Pause,
        Pressed::Char('?' | 'h') => Key::Help,
        _ => return None,
    })
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let out = self.terminal.backend_mut();
        // What cannot be given back has gone.
        let _gone = write!(out, "{ToMainScreen}{Show}").and_then(|()| out.flush());
    }
}
