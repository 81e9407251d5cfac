//! Values: words, quotes, constants, `${NAME}` and the bit operators of `zend_ini_parser.y`.

use super::lexer::{Kind, Token};
use super::parser::{Parser, Refused};
use super::{Grammar, Range};

/// A value as PHP reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// As written, quotes included, blanks around it not.
    pub span: Range,
    /// The bytes that PHP makes of it.
    pub text: Vec<u8>,
    /// Parts that this file does not tell: `${NAME}` of the environment or of another setting,
    /// or a constant that depends on the machine. When there are any, `text` is not the value.
    pub holes: Vec<String>,
}

/// What waits for an operand on its right.
enum Pending {
    Paren,
    Unary(u8),
    Binary(u8, Value),
}

impl Parser<'_> {
    /// A value behind `=`; `begin` is where it begins if it is empty.
    pub(super) fn value(&mut self, begin: usize) -> Result<Value, Refused> {
        let text: &[u8] = match self.next.kind {
            Kind::True => b"1",
            Kind::False | Kind::Null => b"",
            Kind::EndOfLine => {
                self.advance();
                return Ok(self.empty(begin));
            }
            _ => return self.expression(begin),
        };
        let word = self.advance();
        Ok(Value {
            span: self.span(word.start, word.end),
            text: text.to_vec(),
            holes: Vec::new(),
        })
    }

    /// Operands and operators; `|`, `&` and `^` bind equally and to the left, `~` and `!` tighter.
    ///
    /// Written with a stack of its own: a file may open a million brackets.
    fn expression(&mut self, begin: usize) -> Result<Value, Refused> {
        let start = self.next.start;
        let mut stack: Vec<Pending> = Vec::new();
        let mut depth = 0_usize;
        loop {
            match self.next.kind {
                Kind::Char(b'(') => {
                    self.advance();
                    stack.push(Pending::Paren);
                    depth += 1;
                    continue;
                }
                Kind::Char(sign @ (b'~' | b'!')) => {
                    self.advance();
                    stack.push(Pending::Unary(sign));
                    continue;
                }
                _ => {}
            }
            let Some(mut value) = self.words(true, begin)? else {
                return Err(self.unexpected(&[]));
            };
            loop {
                value = reduce(&mut stack, value);
                match self.next.kind {
                    Kind::Char(b')') if depth > 0 => {
                        let close = self.advance();
                        stack.pop();
                        depth -= 1;
                        value.span = self.span(start, close.end);
                    }
                    _ => break,
                }
            }
            match self.next.kind {
                Kind::Char(sign @ (b'|' | b'&' | b'^')) => {
                    self.advance();
                    stack.push(Pending::Binary(sign, value));
                }
                _ if depth > 0 => return Err(self.unexpected(&["'^'", "'|'", "'&'", "')'"])),
                _ => {
                    value.span = self.span(start, value.span.1 as usize);
                    return Ok(value);
                }
            }
        }
    }

    /// Words, quoted strings and `${NAME}` side by side are one text. `None` when there is none.
    /// Names of sections take constants as plain words.
    pub(super) fn words(
        &mut self,
        constants: bool,
        begin: usize,
    ) -> Result<Option<Value>, Refused> {
        let start = self.next.start;
        let mut value = self.empty(begin);
        let mut end = None;
        loop {
            match self.next.kind {
                Kind::Constant if constants => {
                    let token = self.advance();
                    self.constant(token, &mut value);
                    end = Some(token.end);
                }
                Kind::Constant | Kind::Number | Kind::String | Kind::Raw | Kind::Whitespace => {
                    let token = self.advance();
                    self.push_text(token.text, &mut value.text);
                    end = Some(token.end);
                }
                Kind::Char(b'"') => end = Some(self.quoted(&mut value)?),
                Kind::DollarCurly => end = Some(self.variable(&mut value)?),
                _ => break,
            }
        }
        Ok(end.map(|end| {
            value.span = self.span(start, end);
            value
        }))
    }

    fn constant(&self, token: Token, value: &mut Value) {
        let word = &self.lexer.bytes[token.start..token.end];
        match constant(word, self.grammar) {
            Constant::Is(text) => value.text.extend_from_slice(text.as_bytes()),
            Constant::OfTheMachine => value.holes.push(base::source::printable(word)),
            Constant::No => value.text.extend_from_slice(word),
        }
    }

    /// From `"` to `"`; gives where it ends.
    fn quoted(&mut self, value: &mut Value) -> Result<usize, Refused> {
        self.advance();
        loop {
            match self.next.kind {
                Kind::Quoted => {
                    let token = self.advance();
                    let mut raw = Vec::new();
                    self.push_text(token.text, &mut raw);
                    unescape(&raw, &mut value.text);
                }
                Kind::DollarCurly => {
                    self.variable(value)?;
                }
                Kind::Char(b'"') => return Ok(self.advance().end),
                _ => {
                    let expecting = ["TC_DOLLAR_CURLY", "TC_QUOTED_STRING", "'\"'"];
                    return Err(self.unexpected(&expecting));
                }
            }
        }
    }

    /// `${NAME}` or, since 8.3, `${NAME:-fallback}`; gives where it ends. Fallbacks nest, again
    /// without recursion.
    fn variable(&mut self, value: &mut Value) -> Result<usize, Refused> {
        let start = self.next.start;
        let mut open = 0_usize;
        let mut quotes: Vec<usize> = Vec::new();
        loop {
            let in_quotes = quotes.last() == Some(&open);
            match self.next.kind {
                Kind::DollarCurly => {
                    self.advance();
                    self.expect(Kind::VarName, &["TC_VARNAME"])?;
                    open += 1;
                    if self.next.kind == Kind::Fallback {
                        self.advance();
                        continue;
                    }
                    self.close_variable(&["TC_FALLBACK", "'}'"])?;
                }
                Kind::Char(b'"') if in_quotes => {
                    self.advance();
                    quotes.pop();
                    continue;
                }
                Kind::Quoted if in_quotes => {
                    self.advance();
                    continue;
                }
                _ if in_quotes => {
                    let expecting = ["TC_DOLLAR_CURLY", "TC_QUOTED_STRING", "'\"'"];
                    return Err(self.unexpected(&expecting));
                }
                Kind::Char(b'"') => {
                    self.advance();
                    quotes.push(open);
                    continue;
                }
                Kind::Constant | Kind::Number | Kind::String | Kind::Raw | Kind::Whitespace => {
                    self.advance();
                    continue;
                }
                _ => self.close_variable(&["'}'"])?,
            }
            open -= 1;
            if open == 0 {
                break;
            }
        }
        let end = self.closed_at;
        let written = &self.lexer.bytes[start..end];
        value.holes.push(base::source::printable(written));
        Ok(end)
    }

    fn close_variable(&mut self, expecting: &[&str]) -> Result<(), Refused> {
        let expecting = match self.grammar < Grammar::Php83 {
            true => &["'}'"],
            false => expecting,
        };
        self.closed_at = self.expect(Kind::Char(b'}'), expecting)?.end;
        Ok(())
    }

    fn push_text(&self, (from, to): (usize, usize), out: &mut Vec<u8>) {
        let (start, end) = (self.lexer.clip(from), self.lexer.clip(to));
        out.extend_from_slice(&self.lexer.bytes[start..end]);
        if to > end {
            // The line feed that FPM put there.
            out.push(b'\n');
        }
    }

    /// A span without the blanks and line ends at its end.
    fn span(&self, start: usize, end: usize) -> Range {
        let (start, mut end) = (self.lexer.clip(start), self.lexer.clip(end));
        let bytes = self.lexer.bytes;
        while end > start && matches!(bytes[end - 1], b' ' | b'\t' | b'\r' | b'\n') {
            end -= 1;
        }
        self.range((start, end))
    }
}

/// Applies everything that waits for this operand.
fn reduce(stack: &mut Vec<Pending>, mut right: Value) -> Value {
    loop {
        match stack.pop() {
            Some(Pending::Unary(sign)) => {
                let n = number(&right.text);
                let result = if sign == b'~' { !n } else { i32::from(n == 0) };
                right.text = result.to_string().into_bytes();
            }
            Some(Pending::Binary(sign, mut left)) => {
                let (a, b) = (number(&left.text), number(&right.text));
                let result = match sign {
                    b'|' => a | b,
                    b'&' => a & b,
                    _ => a ^ b,
                };
                right.text = result.to_string().into_bytes();
                left.holes.append(&mut right.holes);
                right.holes = left.holes;
            }
            Some(Pending::Paren) => {
                stack.push(Pending::Paren);
                return right;
            }
            None => return right,
        }
    }
}

/// `zend_ini_escape_string`: `\"`, `\\` and `\$` lose their backslash, all others keep it.
fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < raw.len() {
        if raw[at] == b'\\' && matches!(raw.get(at + 1), Some(b'"' | b'\\' | b'$')) {
            at += 1;
        } else if raw[at] == b'\\' && at + 1 < raw.len() {
            out.push(b'\\');
            at += 1;
        }
        out.push(raw[at]);
        at += 1;
    }
}

/// C's `atoi`: the leading number, 0 for none, cut to 32 bits as glibc does.
fn number(text: &[u8]) -> i32 {
    let blanks = text
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'..=b'\r'))
        .count();
    let (sign, digits) = match &text[blanks..] {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let digits = digits.iter().take_while(|b| b.is_ascii_digit());
    let value = digits.fold(0_i64, |n, b| {
        n.saturating_mul(10)
            .saturating_add(sign * i64::from(b - b'0'))
    });
    let low = u32::try_from(value & 0xffff_ffff).unwrap_or(0);
    i32::from_ne_bytes(low.to_ne_bytes())
}

enum Constant {
    /// Its text, the same everywhere.
    Is(&'static str),
    /// A constant of PHP that this machine or version decides.
    OfTheMachine,
    /// A word like any other.
    No,
}

/// `zend_ini_get_constant` for the constants that exist before any extension is loaded, and that
/// people could mean in an ini file.
fn constant(word: &[u8], grammar: Grammar) -> Constant {
    const ERROR_LEVELS: [(&[u8], &str); 16] = [
        (b"E_ERROR", "1"),
        (b"E_WARNING", "2"),
        (b"E_PARSE", "4"),
        (b"E_NOTICE", "8"),
        (b"E_CORE_ERROR", "16"),
        (b"E_CORE_WARNING", "32"),
        (b"E_COMPILE_ERROR", "64"),
        (b"E_COMPILE_WARNING", "128"),
        (b"E_USER_ERROR", "256"),
        (b"E_USER_WARNING", "512"),
        (b"E_USER_NOTICE", "1024"),
        (b"E_STRICT", "2048"),
        (b"E_RECOVERABLE_ERROR", "4096"),
        (b"E_DEPRECATED", "8192"),
        (b"E_USER_DEPRECATED", "16384"),
        (b"PHP_EOL", "\n"),
    ];
    if let Some((_, text)) = ERROR_LEVELS.iter().find(|(name, _)| *name == word) {
        return Constant::Is(text);
    }
    match word {
        b"E_ALL" if grammar >= Grammar::Php84 => Constant::Is("30719"),
        b"E_ALL" => Constant::Is("32767"),
        b"PHP_FLOAT_DIG" => Constant::Is("15"),
        b"PHP_INT_SIZE" => Constant::Is("8"),
        b"PHP_INT_MAX" => Constant::Is("9223372036854775807"),
        b"ZEND_THREAD_SAFE"
        | b"ZEND_DEBUG_BUILD"
        | b"DEFAULT_INCLUDE_PATH"
        | b"PEAR_INSTALL_DIR"
        | b"PEAR_EXTENSION_DIR" => Constant::OfTheMachine,
        _ if word.eq_ignore_ascii_case(b"true") => Constant::Is("1"),
        _ if word.eq_ignore_ascii_case(b"false") || word.eq_ignore_ascii_case(b"null") => {
            Constant::Is("")
        }
        _ if is_machine_name(word) => Constant::OfTheMachine,
        _ => Constant::No,
    }
}

/// The `PHP_` constants of `main/main.c`.
fn is_machine_name(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 25] = [
        b"VERSION",
        b"MAJOR_VERSION",
        b"MINOR_VERSION",
        b"RELEASE_VERSION",
        b"EXTRA_VERSION",
        b"VERSION_ID",
        b"ZTS",
        b"DEBUG",
        b"OS",
        b"OS_FAMILY",
        b"EXTENSION_DIR",
        b"PREFIX",
        b"BINDIR",
        b"MANDIR",
        b"LIBDIR",
        b"DATADIR",
        b"LOCALSTATEDIR",
        b"SYSCONFDIR",
        b"CONFIG_FILE_PATH",
        b"CONFIG_FILE_SCAN_DIR",
        b"SHLIB_SUFFIX",
        b"MAXPATHLEN",
        b"SAPI",
        b"BINARY",
        b"SBINDIR",
    ];
    word.strip_prefix(b"PHP_")
        .is_some_and(|rest| NAMES.contains(&rest))
}
