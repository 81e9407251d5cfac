//! From text to tables.

use super::take::Said;
use super::{Table, Value};
use crate::read::Refusal;

/// How deep lists and tables may lie in each other.
const DEEPEST: usize = 40;

/// Reads a whole file.
///
/// # Errors
/// What is wrong, with the line.
pub(crate) fn read(text: &str) -> Result<Table, Refusal> {
    let mut reader = Reader { text, at: 0 };
    let read = reader.file();
    read.map_err(|message| Refusal::at(text, reader.at, message))
}

/// What is read, or what is wrong.
type Read<T> = Result<T, &'static str>;

const TWICE: &str = "this name is there already";

/// A name of several parts.
type Path = Vec<String>;

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn file(&mut self) -> Read<Table> {
        let mut root = Table::default();
        let mut here = (Path::new(), false);
        loop {
            self.lines();
            let start = self.at;
            if self.byte().is_none() {
                return Ok(root);
            }
            if self.skip("[") {
                let is_list = self.skip("[");
                let path = self.path()?;
                self.need(if is_list { "]]" } else { "]" }, "`]` is expected")?;
                open(&mut root, &path, is_list, start).map_err(|why| self.back(start, why))?;
                here = (path, is_list);
            } else {
                let mut table = &mut root;
                for name in &here.0 {
                    table = inside(table, name, start)?;
                }
                self.pair(table, 0)?;
            }
            self.blanks();
            if self.byte().is_some() && !self.is_line_end() {
                return Err("nothing more is expected in this line");
            }
        }
    }

    fn back(&mut self, to: usize, why: &'static str) -> &'static str {
        self.at = to;
        why
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn is_line_end(&self) -> bool {
        let rest = &self.text[self.at..];
        rest.starts_with('\n') || rest.starts_with("\r\n")
    }

    fn skip(&mut self, word: &str) -> bool {
        let is_it = self.text[self.at..].starts_with(word);
        self.at += if is_it { word.len() } else { 0 };
        is_it
    }

    fn need(&mut self, word: &str, why: &'static str) -> Read<()> {
        self.blanks();
        self.skip(word).then_some(()).ok_or(why)
    }

    /// Takes bytes as long as they pass.
    fn span(&mut self, passes: impl Fn(u8) -> bool) -> &str {
        let start = self.at;
        while self.byte().is_some_and(&passes) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Blanks and a comment, to the line's end.
    fn blanks(&mut self) {
        self.span(|byte| matches!(byte, b' ' | b'\t'));
        if self.byte() == Some(b'#') {
            self.span(|byte| byte != b'\n');
        }
    }

    /// Blanks, comments and line ends.
    fn lines(&mut self) {
        self.blanks();
        while self.is_line_end() {
            self.span(|byte| matches!(byte, b'\r' | b'\n'));
            self.blanks();
        }
    }

    fn path(&mut self) -> Read<Path> {
        let mut path = Path::new();
        loop {
            self.blanks();
            path.push(match self.byte() {
                Some(b'"' | b'\'') => self.string()?,
                _ => {
                    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
                    self.span(is_name).to_owned()
                }
            });
            if path.last().is_some_and(String::is_empty) {
                return Err("a name is expected");
            }
            self.blanks();
            if !self.skip(".") {
                return Ok(path);
            }
        }
    }

    /// `name = value`.
    fn pair(&mut self, mut table: &mut Table, depth: usize) -> Read<()> {
        let start = self.at;
        let mut path = self.path()?;
        let last = path.pop().unwrap_or_default();
        self.need("=", "`=` is expected")?;
        self.blanks();
        let value = self.value(depth)?;
        for name in &path {
            table = inside(table, name, start).map_err(|why| self.back(start, why))?;
        }
        if table.entries.iter().any(|(name, _)| *name == last) {
            return Err(self.back(start, TWICE));
        }
        table.entries.push((last, value));
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Read<Said<Value>> {
        if depth > DEEPEST {
            return Err("this lies too deep");
        }
        let at = self.at;
        let value = match self.byte() {
            Some(b'"' | b'\'') => Value::Text(self.string()?),
            Some(b'[') => self.list(depth)?,
            Some(b'{') => self.braces(depth)?,
            _ => self.word()?,
        };
        Ok(Said { value, at })
    }

    fn word(&mut self) -> Read<Value> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+.:".contains(&byte);
        let word = self.span(is_part);
        if word.is_empty() {
            return Err("a value is expected");
        }
        let is_number = !word.contains("+_") && !word.starts_with('_') && !word.ends_with('_');
        let digits = word.strip_prefix('+').unwrap_or(word).replace('_', "");
        let is_number = is_number && (digits == "0" || !digits.starts_with('0'));
        let is_number = is_number && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| digits.parse().ok()).flatten();
        Ok(number.map_or(Value::Other, Value::Number))
    }

    fn list(&mut self, depth: usize) -> Read<Value> {
        self.at += 1;
        let mut list = Vec::new();
        loop {
            self.lines();
            if self.skip("]") {
                return Ok(Value::List(list));
            }
            list.push(self.value(depth + 1)?);
            self.lines();
            if !self.skip(",") && self.byte() != Some(b']') {
                return Err("`,` or `]` is expected");
            }
        }
    }

    fn braces(&mut self, depth: usize) -> Read<Value> {
        self.at += 1;
        let mut table = Table {
            is_said: true,
            ..Table::default()
        };
        loop {
            self.blanks();
            if self.skip("}") {
                return Ok(Value::Table(table));
            }
            self.pair(&mut table, depth + 1)?;
            self.blanks();
            if !self.skip(",") && self.byte() != Some(b'}') {
                return Err("`,` or `}` is expected");
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        if self.skip("\"\"\"") || self.skip("'''") {
            return Err("a string in one line is expected");
        }
        let is_literal = self.byte() == Some(b'\'');
        self.at += 1;
        let mut out = String::new();
        loop {
            let is_end = |byte: u8| match is_literal {
                true => byte == b'\'',
                false => byte == b'"' || byte == b'\\',
            };
            out.push_str(self.span(|byte| !is_end(byte) && byte != b'\n'));
            match self.byte() {
                Some(b'\\') => out.push(self.escape()?),
                Some(b'\n') | None => return Err("the string has no end in its line"),
                Some(_) => {
                    self.at += 1;
                    return Ok(out);
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        const WRONG: &str = "this is no escape";
        self.at += 2;
        let digits = match self.text.as_bytes().get(self.at - 1) {
            Some(b'b') => return Ok('\u{8}'),
            Some(b't') => return Ok('\t'),
            Some(b'n') => return Ok('\n'),
            Some(b'f') => return Ok('\u{c}'),
            Some(b'r') => return Ok('\r'),
            Some(b'"') => return Ok('"'),
            Some(b'\\') => return Ok('\\'),
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => return Err(self.back(self.at - 2, WRONG)),
        };
        let number = self.text.get(self.at..self.at + digits);
        let number = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = number.and_then(|text| u32::from_str_radix(text, 16).ok());
        let Some(char) = number.and_then(char::from_u32) else {
            return Err(self.back(self.at - 2, WRONG));
        };
        self.at += digits;
        Ok(char)
    }
}

/// The table of this name, the last one where there are several; made when there is none.
fn inside<'t>(table: &'t mut Table, name: &str, at: usize) -> Read<&'t mut Table> {
    let known = table.entries.iter().position(|(known, _)| known == name);
    let place = known.unwrap_or(table.entries.len());
    if known.is_none() {
        let value = Value::Table(Table::default());
        table.entries.push((name.to_owned(), Said { value, at }));
    }
    let mut value = &mut table.entries[place].1.value;
    if let Value::List(list) = value {
        value = &mut list.last_mut().ok_or(TWICE)?.value;
    }
    match value {
        Value::Table(table) => Ok(table),
        _ => Err(TWICE),
    }
}

/// Makes the table of a header.
fn open(root: &mut Table, path: &[String], is_list: bool, at: usize) -> Read<()> {
    let Some((last, path)) = path.split_last() else {
        return Ok(());
    };
    let mut table = root;
    for name in path {
        table = inside(table, name, at)?;
    }
    if !is_list {
        let known = table.entries.iter().find(|(name, _)| name == last);
        if known.is_some_and(|(_, said)| matches!(said.value, Value::List(_))) {
            return Err(TWICE);
        }
        let table = inside(table, last, at)?;
        let was_said = std::mem::replace(&mut table.is_said, true);
        return if was_said { Err(TWICE) } else { Ok(()) };
    }
    let new = Said {
        value: Value::Table(Table::default()),
        at,
    };
    let known = table.entries.iter_mut().find(|(name, _)| name == last);
    match known.map(|(_, said)| &mut said.value) {
        None => {
            let value = Value::List(vec![new]);
            table.entries.push((last.clone(), Said { value, at }));
        }
        Some(Value::List(list)) => list.push(new),
        Some(_) => return Err(TWICE),
    }
    Ok(())
}
