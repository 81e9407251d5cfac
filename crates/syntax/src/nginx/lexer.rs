//! nginx's tokenizer, state by state (`ngx_conf_read_token` in `src/core/ngx_conf_file.c`).
//!
//! nginx reads through a buffer of 4,096 bytes and gives up on a token or comment that fills it.
//! The rule that follows from its code: the byte at `start + 4096` is never read while the token
//! that began at `start` goes on, unless the file ends there.

use super::{Word, to_u32};
use crate::SyntaxError;

const BUFFER: usize = 4096;

/// How a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// `;`
    Semicolon,
    /// `{`
    Open,
    /// `}` with no word before it.
    Close,
    /// The end of the file.
    File,
    /// A byte that nginx does not accept there; it was skipped.
    Error,
}

pub(super) struct Lexer<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) comments: Vec<(u32, u32)>,
    pub(super) errors: Vec<SyntaxError>,
    /// Where nginx's `start` points, and its line.
    start: usize,
    start_line: u32,
}

/// Errors behind these are consequences.
const MOST_ERRORS: usize = 20;

/// Bytes that may end or change an unquoted token.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b" \t\r\n;{\\$";
    while let [byte, tail @ ..] = rest {
        table[*byte as usize] = true;
        rest = tail;
    }
    table
};

impl<'b> Lexer<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
            comments: Vec::new(),
            errors: Vec::new(),
            start: 0,
            start_line: 1,
        }
    }

    pub(super) fn error(&mut self, start: usize, line: u32, message: String) {
        if self.errors.len() < MOST_ERRORS {
            let end = (start + 1).min(self.bytes.len());
            self.errors.push(SyntaxError {
                start: to_u32(start.min(end)),
                end: to_u32(end),
                line,
                message,
            });
        }
    }

    /// Reads one statement's words and says how it ends.
    pub(super) fn statement(&mut self, words: &mut Vec<Word>) -> End {
        let first = words.len();
        (self.start, self.start_line) = (self.at, self.line);
        // Behind a closing quote only some bytes may follow.
        let mut need_space = false;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                return self.end_of_file(words.len() > first);
            };
            self.check_length(self.at, None);
            if std::mem::take(&mut need_space) && byte != b')' {
                match self.behind_quote(byte) {
                    Some(end) => return end,
                    None => continue,
                }
            }
            (self.start, self.start_line) = (self.at, self.line);
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' | b'{' if words.len() == first => {
                    return self.unexpected(byte);
                }
                b';' => {
                    self.at += 1;
                    return End::Semicolon;
                }
                b'{' => {
                    self.at += 1;
                    return End::Open;
                }
                b'}' if words.len() > first => return self.unexpected(byte),
                b'}' => {
                    self.at += 1;
                    return End::Close;
                }
                b'#' => self.comment(),
                b'"' | b'\'' => match self.quoted(byte, words) {
                    true => need_space = true,
                    false => return End::File,
                },
                _ => {
                    if let Some(end) = self.unquoted(words) {
                        return end;
                    }
                }
            }
        }
    }

    fn end_of_file(&mut self, pending: bool) -> End {
        if pending {
            self.error_at_end();
        }
        End::File
    }

    fn error_at_end(&mut self) {
        let message = r#"unexpected end of file, expecting ";" or "}""#.to_owned();
        self.error(self.bytes.len(), self.line, message);
    }

    fn unexpected(&mut self, byte: u8) -> End {
        let shown = base::source::printable(&[byte]);
        self.error(self.at, self.line, format!(r#"unexpected "{shown}""#));
        self.at += 1;
        End::Error
    }

    /// `need_space`: `None` goes on with the statement.
    fn behind_quote(&mut self, byte: u8) -> Option<End> {
        if byte == b'\n' {
            self.line += 1;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.at += 1;
                None
            }
            b';' => {
                self.at += 1;
                Some(End::Semicolon)
            }
            b'{' => {
                self.at += 1;
                Some(End::Open)
            }
            other => Some(self.unexpected(other)),
        }
    }

    /// Reports a token that fills the buffer, once: `at` is the next byte to read.
    fn check_length(&mut self, at: usize, quote: Option<u8>) {
        if at - self.start != BUFFER {
            return;
        }
        let message = match quote {
            Some(quote) => format!(
                r#"too long parameter, probably missing terminating "{}" character"#,
                char::from(quote)
            ),
            None => {
                let head = &self.bytes[self.start..self.start + 10];
                let shown = base::source::printable(head);
                format!(r#"too long parameter "{shown}..." started"#)
            }
        };
        self.error(self.start, self.start_line, message);
    }

    /// A comment ends at LF only. The LF itself is left for the caller.
    fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let end = self.at + len;
        self.comments.push((to_u32(self.at), to_u32(end)));
        let (first_unread, size) = (self.start + BUFFER, self.bytes.len());
        if end >= first_unread && first_unread < size {
            self.check_length(first_unread, None);
        }
        self.at = end;
        // Reading the LF moves nginx's start.
        self.start = end;
    }

    /// A quoted token; false when the file ends inside it.
    fn quoted(&mut self, quote: u8, words: &mut Vec<Word>) -> bool {
        let from = self.at;
        self.at += 1;
        self.start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.check_length(self.at, Some(quote));
            self.at += 1;
            match byte {
                b'\n' => self.line += 1,
                b'\\' => self.skip_escaped(Some(quote)),
                _ if byte == quote => {
                    self.push(words, from, self.at);
                    return true;
                }
                _ => {}
            }
        }
        self.push(words, from, self.at);
        self.error_at_end();
        false
    }

    /// The byte behind a backslash is skipped, whatever it is.
    fn skip_escaped(&mut self, quote: Option<u8>) {
        if let Some(&byte) = self.bytes.get(self.at) {
            self.check_length(self.at, quote);
            self.line += u32::from(byte == b'\n');
            self.at += 1;
        }
    }

    /// An unquoted token; `None` when white space ends it and the statement goes on.
    fn unquoted(&mut self, words: &mut Vec<Word>) -> Option<End> {
        let from = self.at;
        let mut variable = false;
        loop {
            let ordinary = self.bytes[self.at..]
                .iter()
                .position(|&b| SPECIAL[b as usize]);
            let stop = ordinary.map_or(self.bytes.len(), |n| self.at + n);
            if stop > self.at {
                variable = false;
                let first_unread = self.start + BUFFER;
                if (self.at..stop).contains(&first_unread) {
                    self.check_length(first_unread, None);
                }
                self.at = stop;
            }
            let Some(&byte) = self.bytes.get(self.at) else {
                self.push(words, from, self.at);
                self.error_at_end();
                return Some(End::File);
            };
            self.check_length(self.at, None);
            self.at += 1;
            match byte {
                b'{' if variable => continue,
                b'\\' => self.skip_escaped(None),
                b'$' => {
                    variable = true;
                    continue;
                }
                _ => {
                    self.push(words, from, self.at - 1);
                    self.line += u32::from(byte == b'\n');
                    return match byte {
                        b';' => Some(End::Semicolon),
                        b'{' => Some(End::Open),
                        _ => None,
                    };
                }
            }
            variable = false;
        }
    }

    fn push(&self, words: &mut Vec<Word>, start: usize, end: usize) {
        words.push(Word {
            start: to_u32(start),
            end: to_u32(end),
        });
    }
}
