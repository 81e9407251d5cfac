//! One line of a `.gitignore`, as git's manual describes it and as git matches it.

use std::cell::Cell;

/// A pattern.
pub(super) struct Pattern {
    /// `!`: what it names is not left out after all.
    pub is_negative: bool,
    /// `name/`
    is_for_folders: bool,
    /// Without a slash in it: it is held against the name alone.
    is_name: bool,
    /// What stands before the first special character.
    literal: Vec<u8>,
    rest: Vec<Token>,
}

/// What a pattern asks for at a place.
enum Token {
    Byte(u8),
    /// `?`
    Any,
    /// `[a-z]`: for each byte whether it is in.
    Set(Box<[bool; 256]>),
    /// `*`: any bytes of one name.
    Star,
    /// `**` at the end: any bytes.
    All,
    /// `**/`: what follows may come at once (over the next token), or below any folders.
    Enter,
    /// The folders of it.
    Folders,
    /// What git does not understand: nothing matches.
    Never,
}

/// The patterns of a file.
pub(super) fn read(bytes: &[u8]) -> impl Iterator<Item = Pattern> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|&b| b == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter_map(pattern)
}

fn pattern(line: &[u8]) -> Option<Pattern> {
    if line.starts_with(b"#") {
        return None;
    }
    let line = without_spaces(line);
    let (is_negative, line) = match line.strip_prefix(b"!") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let (is_for_folders, line) = match line.strip_suffix(b"/") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    if line.is_empty() {
        return None;
    }
    let is_name = !line.contains(&b'/');
    let line = line.strip_prefix(b"/").unwrap_or(line);
    let special = line.iter().position(|b| b"*?[\\".contains(b));
    let (literal, rest) = line.split_at(special.unwrap_or(line.len()));
    Some(Pattern {
        is_negative,
        is_for_folders,
        is_name,
        literal: literal.to_vec(),
        rest: tokens(rest, !is_name),
    })
}

/// Spaces at the end count only behind a backslash.
fn without_spaces(line: &[u8]) -> &[u8] {
    let (mut end, mut at) = (0, 0);
    while at < line.len() {
        let step = if line[at] == b'\\' { 2 } else { 1 };
        if line[at] != b' ' {
            end = (at + step).min(line.len());
        }
        at += step;
    }
    &line[..end]
}

fn tokens(text: &[u8], is_path: bool) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'?' => out.push(Token::Any),
            b'\\' => {
                out.push(text.get(at).map_or(Token::Never, |next| Token::Byte(*next)));
                at += 1;
            }
            b'[' => match set(text, at) {
                Some((set, end)) => {
                    out.push(Token::Set(set));
                    at = end;
                }
                None => out.push(Token::Never),
            },
            b'*' => {
                let start = at - 1;
                while text.get(at) == Some(&b'*') {
                    at += 1;
                }
                let is_alone = start == 0 || text[start - 1] == b'/';
                let rest = &text[at..];
                let is_all = rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(b"\\/");
                match is_path && at - start > 1 && is_alone && is_all {
                    false => out.push(Token::Star),
                    true if rest.starts_with(b"/") => {
                        out.extend([Token::Enter, Token::Folders]);
                        at += 1;
                    }
                    true => out.push(Token::All),
                }
            }
            byte => out.push(Token::Byte(byte)),
        }
    }
    out
}

/// A set whose `[` stands before this place, and where it ends; `None` when it does not, or names
/// a class that there is not.
fn set(text: &[u8], mut at: usize) -> Option<(Box<[bool; 256]>, usize)> {
    let mut set = Box::new([false; 256]);
    let is_negative = matches!(text.get(at), Some(b'!' | b'^'));
    at += usize::from(is_negative);
    let mut before: Option<u8> = None;
    let mut is_first = true;
    loop {
        let byte = *text.get(at)?;
        at += 1;
        if byte == b']' && !is_first {
            break;
        }
        is_first = false;
        let is_range = text.get(at).is_some_and(|next| *next != b']');
        match (byte, before) {
            (b'\\', _) => {
                let byte = *text.get(at)?;
                at += 1;
                set[usize::from(byte)] = true;
                before = Some(byte);
            }
            (b'-', Some(from)) if is_range => {
                at += usize::from(text[at] == b'\\');
                let to = *text.get(at)?;
                at += 1;
                for byte in from..=to {
                    set[usize::from(byte)] = true;
                }
                before = None;
            }
            (b'[', _) if text.get(at) == Some(&b':') => {
                let end = at + 1 + text[at + 1..].iter().position(|&b| b == b']')?;
                match text[at + 1..end].strip_suffix(b":") {
                    Some(name) => {
                        let is_in = class(name)?;
                        for byte in 0..=u8::MAX {
                            set[usize::from(byte)] |= is_in(&byte);
                        }
                        at = end + 1;
                        before = None;
                    }
                    None => {
                        set[usize::from(b'[')] = true;
                        before = Some(b'[');
                    }
                }
            }
            _ => {
                set[usize::from(byte)] = true;
                before = Some(byte);
            }
        }
    }
    if is_negative {
        for is_in in set.iter_mut() {
            *is_in = !*is_in;
        }
    }
    Some((set, at))
}

/// `[:digit:]`
fn class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| byte.is_ascii_graphic() || *byte == b' ',
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| byte.is_ascii_whitespace() || *byte == 0x0b,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

impl Pattern {
    /// Whether it names this: `path` begins at the folder of the pattern.
    /// What is tried is taken from `steps`; when they are gone, nothing matches.
    pub(super) fn is_match(
        &self,
        path: &[u8],
        name: &[u8],
        is_folder: bool,
        steps: &Cell<usize>,
    ) -> bool {
        if self.is_for_folders && !is_folder {
            return false;
        }
        let text = if self.is_name { name } else { path };
        let rest = text.strip_prefix(self.literal.as_slice());
        rest.is_some_and(|rest| is_match(&self.rest, rest, steps))
    }
}

/// All ways through the pattern at once, so that no pattern takes long.
fn is_match(tokens: &[Token], text: &[u8], steps: &Cell<usize>) -> bool {
    let mut now = vec![false; tokens.len() + 1];
    enter(tokens, &mut now, 0);
    for &byte in text {
        // Most are told apart by their first bytes.
        if !now.contains(&true) {
            return false;
        }
        let Some(left) = steps.get().checked_sub(now.len()) else {
            return false;
        };
        steps.set(left);
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate().filter(|(at, _)| now[*at]) {
            let is_slash = byte == b'/';
            match token {
                Token::Byte(wanted) if *wanted == byte => enter(tokens, &mut next, at + 1),
                Token::Any if !is_slash => enter(tokens, &mut next, at + 1),
                Token::Set(set) if !is_slash && set[usize::from(byte)] => {
                    enter(tokens, &mut next, at + 1);
                }
                Token::Star if !is_slash => enter(tokens, &mut next, at),
                Token::All => enter(tokens, &mut next, at),
                Token::Folders => {
                    next[at] = true;
                    if is_slash {
                        enter(tokens, &mut next, at + 1);
                    }
                }
                _ => {}
            }
        }
        now = next;
    }
    now[tokens.len()]
}

/// Reaches a place, and those that are reached from it without a byte.
fn enter(tokens: &[Token], now: &mut [bool], mut at: usize) {
    loop {
        now[at] = true;
        match tokens.get(at) {
            Some(Token::Star | Token::All) => at += 1,
            Some(Token::Enter) => {
                now[at + 1] = true;
                at += 2;
            }
            _ => return,
        }
    }
}
