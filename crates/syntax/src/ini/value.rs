//! Values: words, quotes, constants, `${NAME}` and the bit operators of `zend_ini_parser.y`.

use super::{Range, Refused, Scanner, to_u32};

/// A value as PHP reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// As written, quotes included.
    pub span: Range,
    /// The bytes that PHP makes of it.
    pub text: Vec<u8>,
    /// Parts that this file does not tell: `${NAME}` of the environment or of another setting.
    /// When there are any, `text` is not the value.
    pub holes: Vec<String>,
}

/// What the parser has collected of one value.
#[derive(Default)]
struct Piece {
    text: Vec<u8>,
    holes: Vec<String>,
}

impl Scanner<'_> {
    /// A value up to the end of the line or a comment.
    pub(crate) fn value(&mut self) -> Result<Value, Refused> {
        let start = self.at;
        if let Some(word) = self.keyword() {
            let end = self.at;
            self.expect_end()?;
            return Ok(Value {
                span: (to_u32(start), to_u32(end)),
                text: word.to_vec(),
                holes: Vec::new(),
            });
        }
        if self.at_end() {
            return Ok(Value {
                span: (to_u32(start), to_u32(start)),
                ..Value::default()
            });
        }
        let piece = self.expression(false)?;
        let end = super::trim_end(self.bytes, start, self.at);
        self.expect_end()?;
        Ok(Value {
            span: (to_u32(start), to_u32(end)),
            text: piece.text,
            holes: piece.holes,
        })
    }

    fn at_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r' | b';' | 0))
    }

    fn expect_end(&mut self) -> Result<(), Refused> {
        self.skip_blanks();
        match self.at_end() {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    /// `on`, `off`, `null` and their like, when they are the whole word.
    fn keyword(&mut self) -> Option<&'static [u8]> {
        const WORDS: [(&[u8], &[u8]); 8] = [
            (b"true", b"1"),
            (b"on", b"1"),
            (b"yes", b"1"),
            (b"false", b""),
            (b"off", b""),
            (b"no", b""),
            (b"none", b""),
            (b"null", b""),
        ];
        let rest = &self.bytes[self.at..self.end];
        let len = rest
            .iter()
            .position(|&b| !is_value_byte(b) || b == b'\'')
            .unwrap_or(rest.len());
        let found = WORDS
            .iter()
            .find(|(word, _)| rest[..len].eq_ignore_ascii_case(word))?;
        self.at += len;
        Some(found.1)
    }

    /// Operands and operators; `|`, `&` and `^` bind equally and to the left.
    fn expression(&mut self, nested: bool) -> Result<Piece, Refused> {
        let mut left = self.operand()?;
        loop {
            self.skip_blanks();
            let Some(operator @ (b'|' | b'&' | b'^')) = self.peek() else {
                return Ok(left);
            };
            if nested && operator == b')' {
                return Ok(left);
            }
            self.at += 1;
            self.skip_blanks();
            let right = self.operand()?;
            let (a, b) = (number(&left.text), number(&right.text));
            left.text = match operator {
                b'|' => a | b,
                b'&' => a & b,
                _ => a ^ b,
            }
            .to_string()
            .into_bytes();
            left.holes.extend(right.holes);
        }
    }

    fn operand(&mut self) -> Result<Piece, Refused> {
        match self.peek() {
            Some(operator @ (b'~' | b'!')) => {
                self.at += 1;
                self.skip_blanks();
                let mut piece = self.operand()?;
                let n = number(&piece.text);
                let result = if operator == b'~' {
                    !n
                } else {
                    i64::from(n == 0)
                };
                piece.text = result.to_string().into_bytes();
                Ok(piece)
            }
            Some(b'(') => {
                self.at += 1;
                self.skip_blanks();
                let piece = self.expression(true)?;
                self.skip_blanks();
                if self.peek() != Some(b')') {
                    return Err(self.unexpected());
                }
                self.at += 1;
                Ok(piece)
            }
            _ => self.words(),
        }
    }

    /// Words, quoted strings and `${NAME}` side by side are one text.
    fn words(&mut self) -> Result<Piece, Refused> {
        let mut piece = Piece::default();
        let begin = self.at;
        loop {
            let blanks_start = self.at;
            self.skip_blanks();
            let blanks = blanks_start..self.at;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.double_quoted(&mut piece)?;
                    self.skip_blanks();
                }
                Some(b'$') if self.peek_at(1) == Some(b'{') => {
                    piece.text.extend_from_slice(&self.bytes[blanks]);
                    self.hole(&mut piece)?;
                }
                Some(b'\'') if self.single_quoted(&mut piece) => {}
                Some(byte) if is_value_byte(byte) || byte == b'$' => {
                    piece.text.extend_from_slice(&self.bytes[blanks]);
                    self.word(&mut piece);
                }
                _ if self.at == begin => return Err(self.unexpected()),
                _ => return Ok(piece),
            }
        }
    }

    fn word(&mut self, piece: &mut Piece) {
        let start = self.at;
        while let Some(byte) = self.peek() {
            let dollar = byte == b'$' && !matches!(self.peek_at(1), Some(b'{') | None);
            match byte {
                // A literal dollar takes the byte behind it along.
                b'$' if dollar => self.at += 2,
                byte if is_value_byte(byte) => self.at += 1,
                _ => break,
            }
            self.at = self.at.min(self.end);
        }
        if self.at == start {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        match constant(word) {
            Some(value) => piece.text.extend_from_slice(value.to_string().as_bytes()),
            None => piece.text.extend_from_slice(word),
        }
    }

    /// `'…'` is taken as it is; false when it is not closed, then `'` is an ordinary byte.
    fn single_quoted(&mut self, piece: &mut Piece) -> bool {
        let rest = &self.bytes[self.at + 1..self.end];
        let Some(len) = rest.iter().position(|&b| b == b'\'') else {
            let start = self.at;
            self.at += 1;
            piece.text.push(self.bytes[start]);
            return true;
        };
        piece.text.extend_from_slice(&rest[..len]);
        self.at += len + 2;
        true
    }

    /// Behind `"`: `\"`, `\\` and `\'` lose their backslash (`zend_ini_escape_string`).
    fn double_quoted(&mut self, piece: &mut Piece) -> Result<(), Refused> {
        loop {
            match self.peek() {
                None => {
                    return Err(Refused {
                        at: self.at,
                        message: "syntax error, unexpected end of file, expecting '\"'".to_owned(),
                    });
                }
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'$') if self.peek_at(1) == Some(b'{') => self.hole(piece)?,
                Some(b'\\') => match self.peek_at(1) {
                    Some(escaped @ (b'"' | b'\\' | b'\'')) => {
                        piece.text.push(escaped);
                        self.at += 2;
                    }
                    Some(other) => {
                        piece.text.extend_from_slice(&[b'\\', other]);
                        self.at += 2;
                    }
                    None => self.at += 1,
                },
                Some(byte) => {
                    piece.text.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// `${NAME}`, since PHP 8.3 also `${NAME:-fallback}`.
    fn hole(&mut self, piece: &mut Piece) -> Result<(), Refused> {
        let rest = &self.bytes[self.at..self.end];
        let len = rest
            .iter()
            .position(|&b| matches!(b, b'}' | b'\n' | b'\r'))
            .unwrap_or(rest.len());
        if rest.get(len) != Some(&b'}') {
            self.at += len;
            return Err(self.unexpected());
        }
        piece.holes.push(base::source::printable(&rest[..=len]));
        self.at += len + 1;
        Ok(())
    }

    /// The name of a section, up to its `]`.
    pub(crate) fn section_value(&mut self) -> Result<Value, Refused> {
        let start = self.at;
        let mut piece = Piece::default();
        loop {
            match self.peek() {
                None | Some(b'\n' | b'\r' | b';') => return Err(self.unexpected()),
                Some(b']') => break,
                Some(b'"') => {
                    self.at += 1;
                    self.double_quoted(&mut piece)?;
                }
                Some(b'$') if self.peek_at(1) == Some(b'{') => self.hole(&mut piece)?,
                Some(b'\'') if self.bytes[self.at + 1..self.end].contains(&b'\'') => {
                    self.single_quoted(&mut piece);
                }
                Some(byte) => {
                    piece.text.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(Value {
            span: (to_u32(start), to_u32(self.at)),
            text: piece.text,
            holes: piece.holes,
        })
    }
}

/// Bytes of an unquoted value (`VALUE_CHARS`), without the dollar.
fn is_value_byte(byte: u8) -> bool {
    !b"$= \t\n\r;&|^~()!\"\0".contains(&byte)
}

/// `atoi`: the leading number, 0 for none.
fn number(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let value = digits
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .fold(0_i64, |n, b| {
            n.saturating_mul(10).saturating_add(i64::from(b - b'0'))
        });
    if negative { -value } else { value }
}

/// Constants that people write in ini files; any other word stays a word
/// (`zend_ini_get_constant`).
fn constant(word: &[u8]) -> Option<i64> {
    Some(match word {
        b"E_ERROR" => 1,
        b"E_WARNING" => 2,
        b"E_PARSE" => 4,
        b"E_NOTICE" => 8,
        b"E_CORE_ERROR" => 16,
        b"E_CORE_WARNING" => 32,
        b"E_COMPILE_ERROR" => 64,
        b"E_COMPILE_WARNING" => 128,
        b"E_USER_ERROR" => 256,
        b"E_USER_WARNING" => 512,
        b"E_USER_NOTICE" => 1024,
        b"E_STRICT" => 2048,
        b"E_RECOVERABLE_ERROR" => 4096,
        b"E_DEPRECATED" => 8192,
        b"E_USER_DEPRECATED" => 16384,
        b"E_ALL" => 32767,
        _ => return None,
    })
}
