//! Tokens of PHP's ini files: the start conditions and the longest-match rules of
//! `Zend/zend_ini_scanner.l` in normal mode.

use super::Grammar;

/// Kinds of token, named as the parser's error messages name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    End,
    Section,
    Label,
    Offset,
    EndOfLine,
    True,
    False,
    Null,
    Constant,
    Number,
    String,
    Raw,
    Whitespace,
    DollarCurly,
    VarName,
    Fallback,
    /// Text between double quotes, its escapes not yet resolved.
    Quoted,
    /// `"`, `]`, `=` and every other character that stands for itself.
    Char(u8),
}

impl Kind {
    /// The token as `yysyntax_error` of the generated parser prints it.
    pub(crate) fn name(self) -> String {
        match self {
            Kind::End => "end of file",
            Kind::Section => "TC_SECTION",
            Kind::Label => "TC_LABEL",
            Kind::Offset => "TC_OFFSET",
            Kind::EndOfLine => "END_OF_LINE",
            Kind::True => "BOOL_TRUE",
            Kind::False => "BOOL_FALSE",
            Kind::Null => "NULL_NULL",
            Kind::Constant => "TC_CONSTANT",
            Kind::Number => "TC_NUMBER",
            Kind::String => "TC_STRING",
            Kind::Raw => "TC_RAW",
            Kind::Whitespace => "TC_WHITESPACE",
            Kind::DollarCurly => "TC_DOLLAR_CURLY",
            Kind::VarName => "TC_VARNAME",
            Kind::Fallback => "TC_FALLBACK",
            Kind::Quoted => "TC_QUOTED_STRING",
            Kind::Char(byte) => return format!("'{}'", base::source::printable(&[byte])),
        }
        .to_owned()
    }
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Where it begins, blanks that belong to it included.
    pub(crate) start: usize,
    /// Where the next one begins.
    pub(crate) end: usize,
    /// Its text, without quotes and without blanks where the scanner drops them.
    pub(crate) text: (usize, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Initial,
    Section,
    Value,
    Offset,
    DoubleQuotes,
    VarName,
    Fallback,
}

/// The scanner over one text: a whole php.ini, or one line of an FPM file.
pub(crate) struct Lexer<'b> {
    pub(crate) bytes: &'b [u8],
    begin: usize,
    /// Behind the last byte that PHP reads.
    end: usize,
    /// FPM puts a line feed behind a last line that has none.
    adds_newline: bool,
    grammar: Grammar,
    mode: Mode,
    /// Modes to go back to; the innermost last.
    outer: Vec<Mode>,
    /// Where the next token begins.
    pub(crate) at: usize,
    /// The line PHP would name now, from 1.
    pub(crate) line: u32,
    /// Comments seen, `;` to before the line end.
    pub(crate) comments: Vec<(usize, usize)>,
}

const OPERATORS: &[u8] = b"&|^~()!";

impl<'b> Lexer<'b> {
    pub(crate) fn new(
        bytes: &'b [u8],
        (begin, end): (usize, usize),
        adds_newline: bool,
        line: u32,
        grammar: Grammar,
    ) -> Self {
        // A byte order mark is skipped when at least one byte follows it.
        let has_mark = bytes[begin..end].starts_with(b"\xef\xbb\xbf")
            && end + usize::from(adds_newline) > begin + 3;
        Self {
            bytes,
            begin,
            end,
            adds_newline,
            grammar,
            mode: Mode::Initial,
            outer: Vec::new(),
            at: begin + if has_mark { 3 } else { 0 },
            line,
            comments: Vec::new(),
        }
    }

    /// Where the text ends in the file: an added line feed is not there.
    pub(crate) fn clip(&self, at: usize) -> usize {
        at.clamp(self.begin, self.end)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        match at < self.end {
            true => Some(self.bytes[at]),
            false => (at == self.end && self.adds_newline).then_some(b'\n'),
        }
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    }

    /// Behind the line end that begins here: CR, LF or both.
    fn newline(&self, at: usize) -> Option<usize> {
        match (self.byte(at)?, self.byte(at + 1)) {
            (b'\r', Some(b'\n')) => Some(at + 2),
            (b'\r' | b'\n', _) => Some(at + 1),
            _ => None,
        }
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Token {
        loop {
            if self.byte(self.at).is_none() {
                return self.at_end();
            }
            let found = match self.mode {
                Mode::Initial => self.initial(),
                Mode::Value => Some(self.value()),
                Mode::Section => Some(self.section()),
                Mode::Offset => Some(self.offset()),
                Mode::DoubleQuotes => Some(self.double_quotes()),
                Mode::VarName => Some(self.var_name()),
                Mode::Fallback => Some(self.fallback()),
            };
            if let Some(token) = found {
                return token;
            }
        }
    }

    fn at_end(&mut self) -> Token {
        let kind = match self.mode {
            Mode::Value => {
                self.mode = Mode::Initial;
                Kind::EndOfLine
            }
            _ => Kind::End,
        };
        self.token(kind, self.at)
    }

    fn token(&mut self, kind: Kind, end: usize) -> Token {
        let start = self.at;
        self.at = end;
        Token {
            kind,
            start,
            end,
            text: (start, end),
        }
    }

    fn trimmed(&mut self, kind: Kind, from: usize, to: usize, end: usize) -> Token {
        let is_blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let (mut from, mut to) = (from, to);
        while to > from && matches!(self.byte(from), Some(b' ' | b'\t')) {
            from += 1;
        }
        while to > from && self.byte(to - 1).is_some_and(is_blank) {
            to -= 1;
        }
        Token {
            text: (from, to),
            ..self.token(kind, end)
        }
    }

    /// What no rule matches ends the text as if the file ended here.
    fn stop(&mut self) -> Token {
        self.token(Kind::End, self.at)
    }

    /// A comment or a line end behind blanks: both end the statement.
    fn line_end(&mut self, after_blanks: usize) -> Option<Token> {
        let end = match self.byte(after_blanks) {
            Some(b';') => {
                let mut at = after_blanks;
                while !matches!(self.byte(at), None | Some(b'\r' | b'\n')) {
                    at += 1;
                }
                self.comments.push((after_blanks, self.clip(at)));
                match self.newline(at) {
                    Some(behind) => behind,
                    None => return Some(self.stop()),
                }
            }
            _ => self.newline(after_blanks)?,
        };
        self.mode = Mode::Initial;
        self.line += 1;
        Some(self.token(Kind::EndOfLine, end))
    }

    fn is_label(&self, byte: u8) -> bool {
        match byte {
            b']' | 0 => self.grammar < Grammar::Php83,
            _ => !b"=\n\r\t;&|^$~(){}!\"[".contains(&byte),
        }
    }

    fn label_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| self.is_label(byte)) {
            at += 1;
        }
        at
    }

    /// Between statements. `None` when only blanks were skipped.
    fn initial(&mut self) -> Option<Token> {
        let start = self.at;
        let end = self.label_end(start);
        let blanks = self.skip_blanks(start);
        if end > start && self.byte(end) == Some(b'[') {
            self.mode = Mode::Offset;
            let behind = self.skip_blanks(end + 1);
            return Some(self.trimmed(Kind::Offset, start, end, behind));
        }
        if let Some(token) = self.line_end(blanks) {
            return Some(token);
        }
        if self.byte(blanks) == Some(b'=') {
            self.mode = Mode::Value;
            let behind = self.skip_blanks(blanks + 1);
            return Some(self.token(Kind::Char(b'='), behind));
        }
        if blanks > end {
            // The run of blanks is longer than any name.
            self.at = blanks;
            return None;
        }
        if end > start {
            let name = self.bytes[start..self.clip(end)].trim_ascii_end();
            // The scanner gives up in the middle of a word when the text ends there.
            if self.byte(end).is_none() {
                return Some(self.stop());
            }
            return Some(match keyword(name) {
                Some(kind) => {
                    let behind = self.skip_blanks(end);
                    self.token(kind, behind)
                }
                None => self.trimmed(Kind::Label, start, end, end),
            });
        }
        Some(match self.byte(start) {
            Some(b'[') => {
                self.mode = Mode::Section;
                self.token(Kind::Section, start + 1)
            }
            Some(0) | None => self.stop(),
            Some(byte) => self.token(Kind::Char(byte), start + 1),
        })
    }

    fn value(&mut self) -> Token {
        let start = self.at;
        let blanks = self.skip_blanks(start);
        if let Some(token) = self.line_end(blanks) {
            return token;
        }
        match self.byte(blanks) {
            Some(b'"') => return self.open_quote(blanks),
            _ if blanks > start => return self.token(Kind::Whitespace, blanks),
            Some(b'\'') => return self.raw(),
            Some(b'=') => {
                // Makes the parser stumble over the second `=`.
                self.mode = Mode::Initial;
                return self.token(Kind::EndOfLine, start);
            }
            Some(byte) if OPERATORS.contains(&byte) => {
                let behind = self.skip_blanks(start + 1);
                return self.token(Kind::Char(byte), behind);
            }
            Some(b'$') if self.byte(start + 1) == Some(b'{') => return self.open_variable(),
            _ => {}
        }
        let end = self.run(is_value_byte, false);
        if end == start {
            // A NUL, or a dollar with nothing behind it.
            self.mode = Mode::Initial;
            return self.token(Kind::EndOfLine, start + 1);
        }
        let word = &self.bytes[start..self.clip(end)];
        match keyword(word) {
            Some(kind) => {
                let behind = self.skip_blanks(end);
                self.token(kind, behind)
            }
            None => {
                let kind = word_kind(word);
                self.token(kind, end)
            }
        }
    }

    /// `'…'` with at least one byte in it; it may span lines.
    fn raw(&mut self) -> Token {
        let start = self.at;
        let rest = &self.bytes[start + 1..self.end];
        match rest.iter().position(|&b| b == b'\'') {
            Some(0) if self.mode == Mode::Value => {
                self.mode = Mode::Initial;
                self.token(Kind::EndOfLine, start + 1)
            }
            Some(0) | None => self.stop(),
            Some(len) => Token {
                text: (start + 1, start + 1 + len),
                ..self.token(Kind::Raw, start + len + 2)
            },
        }
    }

    fn open_quote(&mut self, quote: usize) -> Token {
        self.outer.push(self.mode);
        self.mode = Mode::DoubleQuotes;
        self.token(Kind::Char(b'"'), quote + 1)
    }

    fn open_variable(&mut self) -> Token {
        self.outer.push(self.mode);
        self.mode = Mode::VarName;
        self.token(Kind::DollarCurly, self.at + 2)
    }

    fn leave(&mut self) {
        self.mode = self.outer.pop().unwrap_or(Mode::Initial);
    }

    /// What sections, offsets and fallbacks have in common.
    fn inner(&mut self, closing: u8) -> Token {
        let start = self.at;
        let blanks = self.skip_blanks(start);
        match self.byte(start) {
            _ if self.byte(blanks) == Some(b'"') => return self.open_quote(blanks),
            Some(b'$') if self.byte(start + 1) == Some(b'{') => return self.open_variable(),
            Some(b'\'') if self.mode != Mode::Fallback => return self.raw(),
            _ => {}
        }
        let plain = |byte: u8| byte != closing && !b"$\n\r;\"'\\".contains(&byte);
        let end = self.run(plain, true);
        if end == start {
            return self.stop();
        }
        let kind = word_kind(&self.bytes[start..self.clip(end)]);
        self.token(kind, end)
    }

    fn section(&mut self) -> Token {
        if self.byte(self.at) != Some(b']') {
            return self.inner(b']');
        }
        let blanks = self.skip_blanks(self.at + 1);
        let end = self.newline(blanks).unwrap_or(blanks);
        self.mode = Mode::Initial;
        self.line += 1;
        self.token(Kind::Char(b']'), end)
    }

    fn offset(&mut self) -> Token {
        let blanks = self.skip_blanks(self.at);
        if self.byte(blanks) != Some(b']') {
            return self.inner(b']');
        }
        self.mode = Mode::Initial;
        self.token(Kind::Char(b']'), blanks + 1)
    }

    fn fallback(&mut self) -> Token {
        if self.byte(self.at) != Some(b'}') {
            return self.inner(b'}');
        }
        self.leave();
        self.token(Kind::Char(b'}'), self.at + 1)
    }

    fn var_name(&mut self) -> Token {
        let start = self.at;
        if self.byte(start) == Some(b'}') {
            self.leave();
            return self.token(Kind::Char(b'}'), start + 1);
        }
        let has_fallback = self.grammar >= Grammar::Php83;
        let is_fallback = |at: usize| {
            has_fallback && self.byte(at) == Some(b':') && self.byte(at + 1) == Some(b'-')
        };
        if is_fallback(start) {
            self.mode = Mode::Fallback;
            return self.token(Kind::Fallback, start + 2);
        }
        let mut end = start;
        while self.byte(end).is_some_and(|b| self.is_label(b)) && !is_fallback(end) {
            end += 1;
        }
        // As with names, a word that the text's end cuts is none.
        match end > start && self.byte(end).is_some() {
            true => self.trimmed(Kind::VarName, start, end, end),
            false => self.stop(),
        }
    }

    fn double_quotes(&mut self) -> Token {
        let start = self.at;
        match (self.byte(start), self.byte(start + 1)) {
            (Some(b'"'), _) => {
                self.leave();
                let behind = self.skip_blanks(start + 1);
                return self.token(Kind::Char(b'"'), behind);
            }
            (Some(b'$'), Some(b'{')) => return self.open_variable(),
            _ => {}
        }
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'"' => break,
                b'$' if self.byte(at + 1) == Some(b'{') && at > start => break,
                // `"C:\dir\"` at the end of a line: the quote closes all the same.
                b'\\'
                    if self.byte(at + 1) == Some(b'"')
                        && matches!(self.byte(at + 2), None | Some(b'\r' | b'\n')) =>
                {
                    at += 1;
                    break;
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        let end = at.min(self.end + usize::from(self.adds_newline));
        self.count_lines(start, end);
        self.token(Kind::Quoted, end)
    }

    fn count_lines(&mut self, start: usize, end: usize) {
        let is_end = |at: usize| match self.byte(at) {
            Some(b'\n') => true,
            Some(b'\r') => self.byte(at + 1) != Some(b'\n'),
            _ => false,
        };
        let lines = (start..end).filter(|&at| is_end(at)).count();
        self.line += super::to_u32(lines);
    }

    /// The longest run of plain bytes and literal dollars: `$x` for any `x` but `{`, and `$\x`.
    /// With `escapes`, a backslash takes the next byte along.
    ///
    /// A dollar may be read in more than one way (`$\$ `), so all readings are followed at once.
    fn run(&self, plain: impl Fn(u8) -> bool, escapes: bool) -> usize {
        let (mut ready, mut dollar, mut escaped) = (true, false, false);
        let mut longest = self.at;
        let mut at = self.at;
        while let Some(byte) = self.byte(at) {
            let after_dollar = dollar && byte != b'{' && byte != 0;
            let next_ready = (ready && plain(byte)) || after_dollar || escaped;
            let next_dollar = ready && byte == b'$';
            let next_escaped = byte == b'\\' && (after_dollar || (escapes && ready));
            (ready, dollar, escaped) = (next_ready, next_dollar, next_escaped);
            at += 1;
            if ready {
                longest = at;
            } else if !dollar && !escaped {
                break;
            }
        }
        longest
    }
}

/// Bytes of an unquoted value (`VALUE_CHARS`), without the dollar.
fn is_value_byte(byte: u8) -> bool {
    !b"$= \t\n\r;&|^~()!\"'\0".contains(&byte)
}

fn keyword(word: &[u8]) -> Option<Kind> {
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|w| word.eq_ignore_ascii_case(w.as_bytes()))
    };
    if is(&["true", "on", "yes"]) {
        Some(Kind::True)
    } else if is(&["false", "off", "no", "none"]) {
        Some(Kind::False)
    } else {
        is(&["null"]).then_some(Kind::Null)
    }
}

fn word_kind(word: &[u8]) -> Kind {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if !word[0].is_ascii_digit() && word.iter().all(is_name) {
        return Kind::Constant;
    }
    let whole = word.strip_prefix(b"-").unwrap_or(word);
    let is_whole = !whole.is_empty() && whole.iter().all(u8::is_ascii_digit);
    let points = word.iter().filter(|&&b| b == b'.').count();
    let is_decimal = points == 1 && word.len() > 1;
    match is_whole || (is_decimal && word.iter().all(|b| b.is_ascii_digit() || *b == b'.')) {
        true => Kind::Number,
        false => Kind::String,
    }
}
