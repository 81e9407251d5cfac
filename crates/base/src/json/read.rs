//! From text to values.

use std::borrow::Cow;

use super::{Fields, Value};

/// How deep values may lie in each other.
const DEEPEST: usize = 100;

/// A text that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line, counted from one.
    pub line: usize,
    /// What was expected.
    pub expected: &'static str,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {} is expected", self.line, self.expected)
    }
}

/// Reads a text that is one value.
///
/// # Errors
/// Where it is no JSON.
pub fn read(text: &[u8]) -> Result<Value<'_>, Broken> {
    let (known, is_text) = match std::str::from_utf8(text) {
        Ok(known) => (known, true),
        Err(error) => {
            let known = text.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(known).unwrap_or_default(), false)
        }
    };
    let mut reader = Reader { text: known, at: 0 };
    let read = match is_text {
        true => reader.whole(),
        false => {
            reader.at = known.len();
            Err("UTF-8")
        }
    };
    read.map_err(|expected| Broken {
        line: 1
            + (known.as_bytes().iter().take(reader.at))
                .filter(|byte| **byte == b'\n')
                .count(),
        expected,
    })
}

/// What is read, or what was expected.
type Read<T> = Result<T, &'static str>;

struct Reader<'j> {
    text: &'j str,
    at: usize,
}

impl<'j> Reader<'j> {
    fn whole(&mut self) -> Read<Value<'j>> {
        let value = self.value(0)?;
        match self.peek() {
            None => Ok(value),
            Some(_) => Err("the end"),
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_it = self.peek() == Some(byte);
        self.at += usize::from(is_it);
        is_it
    }

    fn value(&mut self, depth: usize) -> Read<Value<'j>> {
        if depth > DEEPEST {
            return Err("less depth");
        }
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.fields(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Read<Value<'j>> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ];
        for (word, value) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err("a value")
    }

    fn number(&mut self) -> Read<Value<'j>> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        let is_zero = self.byte() == Some(b'0');
        if self.digits()? > 1 && is_zero {
            return Err("a number without a zero before it");
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Value::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Read<usize> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        match self.at - start {
            0 => Err("a digit"),
            count => Ok(count),
        }
    }

    fn list(&mut self, depth: usize) -> Read<Value<'j>> {
        self.at += 1;
        let mut list = Vec::new();
        while !self.skip(b']') {
            if !list.is_empty() && !self.skip(b',') {
                return Err("`,` or `]`");
            }
            list.push(self.value(depth + 1)?);
        }
        Ok(Value::List(list))
    }

    fn fields(&mut self, depth: usize) -> Read<Value<'j>> {
        self.at += 1;
        let mut fields = Vec::new();
        while !self.skip(b'}') {
            if !fields.is_empty() && !self.skip(b',') {
                return Err("`,` or `}`");
            }
            if self.peek() != Some(b'"') {
                return Err("the name of a field");
            }
            let name = self.string()?;
            if !self.skip(b':') {
                return Err("`:`");
            }
            fields.push((name, self.value(depth + 1)?));
        }
        Ok(Value::Fields(Fields(fields)))
    }

    fn string(&mut self) -> Read<Cow<'j, str>> {
        self.at += 1;
        let mut out = Cow::Borrowed("");
        loop {
            let start = self.at;
            let rest = &self.text.as_bytes()[start..];
            let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
            self.at += rest.iter().position(ends).unwrap_or(rest.len());
            out += &self.text[start..self.at];
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.to_mut().push(self.escape()?);
                }
                _ => return Err("`\"`"),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => {
                self.at -= 1;
                return Err("an escape that JSON has");
            }
        })
    }

    /// A character by its number, or by the two halves of it.
    fn unicode(&mut self) -> Read<char> {
        let mut number = self.hex()?;
        if (0xd800..0xdc00).contains(&number) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let low = self.hex()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err("the second half of a character");
            }
            number = 0x1_0000 + ((number - 0xd800) << 10) + (low - 0xdc00);
        }
        char::from_u32(number).ok_or("a character")
    }

    fn hex(&mut self) -> Read<u32> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        number.ok_or("four hexadecimal digits")
    }
}
