//! The commands of a `RUN`, as far as they are plain: words, quotes, variables, redirections, pipes
//! and groups. Each byte of a word knows its place in the Dockerfile.
//!
//! What is more than that (loops, conditions, subshells, what runs only when another command fails)
//! is [`Part::Opaque`]: whatever it names may have been changed by it. Text that a command makes
//! (`$(date)`), or a variable that the script sets, is a hole in its word.

use base::{SortedMap, SortedSet};

/// A byte of a word and where it stands in the file: `from..to`.
pub(super) type Placed = (u8, u32, u32);

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes.
    pub(super) bytes: Vec<Placed>,
    /// Whether something in it is not known.
    pub(super) has_hole: bool,
}

impl Word {
    pub(super) fn text(&self) -> String {
        let bytes: Vec<u8> = self.bytes.iter().map(|(byte, ..)| *byte).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn push(&mut self, byte: u8, from: usize, to: usize) {
        self.bytes
            .push((byte, base::offset(from), base::offset(to)));
    }
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) words: Vec<Word>,
    /// Where its output goes: (appended, file).
    pub(super) to: Option<(bool, Word)>,
    /// Whether a heredoc is its input.
    pub(super) heredoc: bool,
    /// Whether the next command reads its output.
    pub(super) pipes: bool,
}

/// A part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Simple(Simple),
    /// `{ …; } > file`
    Group(Vec<Part>, Option<(bool, Word)>, bool),
    /// Something that is not read; its words.
    Opaque(Vec<Word>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(Word, bool),
    /// `;`, `&`, end of line.
    End,
    /// `&&`
    And,
    /// `||`
    Or,
    Pipe,
    /// (appended, of standard output)
    Redirect(bool, bool),
    Heredoc,
    /// `< file`
    Input,
    /// `(`
    Open,
    /// `)`
    Close,
    /// Something this does not read.
    Odd,
}

/// Words that begin what this does not read, and those that end it.
const COMPOUND: [(&str, &str); 5] = [
    ("if", "fi"),
    ("for", "done"),
    ("while", "done"),
    ("until", "done"),
    ("case", "esac"),
];

/// Commands that are there for their exit code: what follows `&&` may not run.
const TESTS: [&str; 8] = ["[", "[[", "test", "grep", "!", "command", "which", "false"];

/// Reads a script that stands at `base` of a file.
pub(super) fn read(script: &str, base: usize, env: &SortedMap<String, String>) -> Vec<Part> {
    let mut tokens = self::tokens(script.as_bytes(), base, env);
    let set = assigned(&tokens);
    if set.iter().any(|name| env.contains_key(name)) {
        let env = env.iter().filter(|(name, _)| !set.contains(*name));
        let env = env.map(|(name, value)| (name.clone(), value.clone()));
        tokens = self::tokens(script.as_bytes(), base, &env.collect());
    }
    let mut at = 0;
    match parts(&tokens, &mut at, 0) {
        Some(parts) if at == tokens.len() => parts,
        _ => vec![opaque(&tokens)],
    }
}

/// The variables that a script sets: their values are not those of the image.
fn assigned(tokens: &[Token]) -> SortedSet<String> {
    let mut names = SortedSet::new();
    let (mut begins, mut is_name) = (true, false);
    for token in tokens {
        let Token::Word(word, _) = token else {
            begins |= !matches!(token, Token::Redirect(..) | Token::Heredoc | Token::Input);
            continue;
        };
        let text = word.text();
        let (name, is_set) = match text.split_once('=') {
            Some((name, _)) => (name.strip_suffix('+').unwrap_or(name), begins),
            None => (text.as_str(), is_name),
        };
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if is_set && !name.is_empty() && name.bytes().all(is_plain) {
            names.insert(name.to_owned());
        }
        is_name = begins && matches!(text.as_str(), "for" | "read" | "unset");
        begins &= is_set && text.contains('=')
            || matches!(
                text.as_str(),
                "export"
                    | "local"
                    | "readonly"
                    | "then"
                    | "do"
                    | "else"
                    | "if"
                    | "while"
                    | "{"
                    | "!"
            );
    }
    names
}

/// What is not read, as its words.
fn opaque(tokens: &[Token]) -> Part {
    let words = tokens.iter().filter_map(|token| match token {
        Token::Word(word, _) => Some(word.clone()),
        _ => None,
    });
    Part::Opaque(words.collect())
}

fn parts(tokens: &[Token], at: &mut usize, depth: usize) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    if depth > 20 {
        return None;
    }
    // Whether what comes next in this list may not run.
    let (mut is_perhaps, mut is_test) = (false, false);
    loop {
        let begin = *at;
        let part = match tokens.get(begin) {
            None => return (depth == 0).then_some(out),
            Some(Token::End) => {
                (is_perhaps, is_test) = (false, false);
                *at += 1;
                continue;
            }
            Some(Token::And) => {
                is_perhaps |= is_test;
                *at += 1;
                continue;
            }
            Some(Token::Or) => {
                is_perhaps = true;
                *at += 1;
                continue;
            }
            Some(Token::Open) => {
                *at = skipped(tokens, begin)?;
                opaque(&tokens[begin..*at])
            }
            Some(Token::Word(word, false)) => match word.text().as_str() {
                "}" => return Some(out),
                "{" => {
                    *at += 1;
                    let inner = parts(tokens, at, depth + 1)?;
                    *at += 1;
                    let (to, pipes) = tail(tokens, at)?;
                    Part::Group(inner, to, pipes)
                }
                "function" => return None,
                text if COMPOUND.iter().any(|(open, _)| *open == text) => {
                    *at = skipped(tokens, begin)?;
                    opaque(&tokens[begin..*at])
                }
                text => {
                    is_test = TESTS.contains(&text);
                    Part::Simple(simple(tokens, at)?)
                }
            },
            Some(_) => Part::Simple(simple(tokens, at)?),
        };
        // What a command does in the middle of a pipe is told by what it is given.
        let is_pipe = matches!(&part, Part::Simple(one) if one.pipes);
        out.push(match is_perhaps {
            true => opaque(&tokens[begin..*at]),
            false => part,
        });
        is_test &= !is_pipe;
    }
}

/// Where what begins at a place and is not read ends: behind `fi`, `done`, `esac` or `)`, and what
/// is redirected there or read by the next command.
fn skipped(tokens: &[Token], begin: usize) -> Option<usize> {
    let mut open: Vec<&str> = Vec::new();
    let mut begins = true;
    for (offset, token) in tokens[begin..].iter().enumerate() {
        let is_case = open.last() == Some(&"esac");
        match token {
            Token::Odd => return None,
            Token::Open if !is_case => open.push(")"),
            // A pattern of `case` ends with one, too.
            Token::Close if !is_case && open.pop() != Some(")") => return None,
            Token::Word(word, false) if begins => {
                let text = word.text();
                if let Some((_, end)) = COMPOUND.iter().find(|(word, _)| *word == text) {
                    open.push(end);
                } else if open.last() == Some(&text.as_str()) {
                    open.pop();
                }
            }
            _ => {}
        }
        begins = match token {
            Token::Word(word, false) => {
                matches!(
                    word.text().as_str(),
                    "then" | "else" | "elif" | "do" | "if" | "while" | "until" | "{" | "!"
                )
            }
            Token::Redirect(..) | Token::Heredoc | Token::Input | Token::Word(..) => false,
            _ => true,
        };
        if open.is_empty() {
            // To the end of its pipe.
            let rest = &tokens[begin + offset + 1..];
            let is_end = |token: &Token| matches!(token, Token::End | Token::And | Token::Or);
            let more = rest.iter().position(is_end).unwrap_or(rest.len());
            return Some(begin + offset + 1 + more);
        }
    }
    None
}

/// What follows a group.
fn tail(tokens: &[Token], at: &mut usize) -> Option<(Option<(bool, Word)>, bool)> {
    let mut to = None;
    loop {
        match tokens.get(*at) {
            Some(Token::Redirect(append, is_out)) => {
                let Some(Token::Word(word, _)) = tokens.get(*at + 1) else {
                    return None;
                };
                if *is_out {
                    to = Some((*append, word.clone()));
                }
                *at += 2;
            }
            Some(Token::Pipe) => {
                *at += 1;
                return Some((to, true));
            }
            _ => return Some((to, false)),
        }
    }
}

fn simple(tokens: &[Token], at: &mut usize) -> Option<Simple> {
    let mut out = Simple::default();
    loop {
        match tokens.get(*at) {
            Some(Token::Word(word, _)) => {
                if word.text() == "}" && out.words.is_empty() {
                    return None;
                }
                out.words.push(word.clone());
                *at += 1;
            }
            Some(Token::Heredoc) => {
                out.heredoc = true;
                *at += 1;
            }
            Some(Token::Redirect(..) | Token::Pipe) => {
                let (to, pipes) = tail(tokens, at)?;
                out.to = to.or(out.to);
                if pipes {
                    out.pipes = true;
                    return Some(out);
                }
            }
            Some(Token::Input) => *at += 2,
            Some(Token::End | Token::And | Token::Or) | None => return Some(out),
            // `name() { … }`
            Some(Token::Odd | Token::Open | Token::Close) => return None,
        }
    }
}

fn tokens(text: &[u8], base: usize, env: &SortedMap<String, String>) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut begins_line = true;
    while let Some(&byte) = text.get(at) {
        let rest = &text[at..];
        let length = match byte {
            b' ' | b'\t' | b'\r' => 1,
            b'\\' if rest.get(1) == Some(&b'\n') => 2,
            b'\\' if rest.starts_with(b"\\\r\n") => 3,
            b'#' => {
                // A comment ends with its line, also where the command goes on: the builder takes
                // whole lines of comments out before the shell sees them.
                let end = rest.iter().position(|b| *b == b'\n');
                end.map_or(rest.len(), |end| end + usize::from(begins_line))
            }
            b'\n' | b';' => {
                out.push(Token::End);
                1
            }
            b'&' if rest.starts_with(b"&&") => {
                out.push(Token::And);
                2
            }
            b'|' if rest.starts_with(b"||") => {
                out.push(Token::Or);
                2
            }
            b'|' => {
                out.push(Token::Pipe);
                1
            }
            b'(' => {
                out.push(Token::Open);
                1
            }
            b')' => {
                out.push(Token::Close);
                1
            }
            b'&' => {
                out.push(Token::End);
                1
            }
            b'<' if rest.starts_with(b"<<") => {
                let length = heredoc_mark(rest);
                out.push(Token::Heredoc);
                length
            }
            b'<' => {
                out.push(Token::Input);
                1
            }
            b'>' => redirect(rest, true, &mut out),
            b'0'..=b'9' if rest.get(1) == Some(&b'>') => {
                1 + redirect(&rest[1..], byte == b'1', &mut out)
            }
            _ => {
                let (token, length) = word(rest, base + at, env);
                out.push(token);
                length.max(1)
            }
        };
        begins_line = matches!(byte, b'\n' | b'\\') || begins_line && matches!(byte, b' ' | b'\t');
        if byte == b'#' {
            begins_line = true;
        }
        at += length;
    }
    out
}

/// `>`, `>>`, `>&2`, `>|`.
fn redirect(rest: &[u8], is_out: bool, out: &mut Vec<Token>) -> usize {
    if rest.starts_with(b">&") {
        // Another stream: no file.
        let digits = rest[2..].iter().take_while(|b| b.is_ascii_digit()).count();
        return 2 + digits;
    }
    let append = rest.starts_with(b">>");
    out.push(Token::Redirect(append, is_out));
    1 + usize::from(append || rest.get(1) == Some(&b'|'))
}

/// The length of `<<-'EOF'`.
fn heredoc_mark(rest: &[u8]) -> usize {
    let mut length = 2;
    length += usize::from(rest.get(2) == Some(&b'-'));
    length += rest[length..].iter().take_while(|b| **b == b' ').count();
    let is_mark = |b: &&u8| b.is_ascii_alphanumeric() || b"_'\"".contains(b);
    length + rest[length..].iter().take_while(is_mark).count()
}

/// A word; whether any of it was quoted, so that it is no keyword.
fn word(rest: &[u8], base: usize, env: &SortedMap<String, String>) -> (Token, usize) {
    let mut out = Word::default();
    let (mut at, mut is_quoted) = (0, false);
    while let Some(&byte) = rest.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
            b'`' => match substitution(&rest[at..]) {
                Some(length) => {
                    out.has_hole = true;
                    at += length;
                }
                None => return (Token::Odd, rest.len()),
            },
            b'\\' => match rest.get(at + 1) {
                Some(b'\n') => at += 2,
                Some(next) => {
                    out.push(*next, base + at, base + at + 2);
                    is_quoted = true;
                    at += 2;
                }
                None => at += 1,
            },
            b'\'' => {
                is_quoted = true;
                let Some(len) = rest[at + 1..].iter().position(|b| *b == b'\'') else {
                    return (Token::Odd, rest.len());
                };
                for (offset, byte) in rest[at + 1..at + 1 + len].iter().enumerate() {
                    let place = base + at + 1 + offset;
                    out.push(*byte, place, place + 1);
                }
                join_lines(&mut out);
                at += len + 2;
            }
            b'"' => {
                is_quoted = true;
                match double(rest, at + 1, base, env, &mut out) {
                    Some(end) => at = end,
                    None => return (Token::Odd, rest.len()),
                }
            }
            b'$' => match variable(rest, at, base, env, &mut out) {
                Some(length) => at += length,
                None => return (Token::Odd, at + 1),
            },
            _ => {
                out.push(byte, base + at, base + at + 1);
                at += 1;
            }
        }
    }
    (Token::Word(out, is_quoted), at)
}

/// The builder joins lines before the shell sees quotes: a backslash at the end of a line is gone.
fn join_lines(word: &mut Word) {
    let mut at = 0;
    while at + 1 < word.bytes.len() {
        if word.bytes[at].0 == b'\\' && word.bytes[at + 1].0 == b'\n' {
            word.bytes.drain(at..at + 2);
        } else {
            at += 1;
        }
    }
}

/// The inside of double quotes; where it ends.
fn double(
    rest: &[u8],
    mut at: usize,
    base: usize,
    env: &SortedMap<String, String>,
    out: &mut Word,
) -> Option<usize> {
    loop {
        match *rest.get(at)? {
            b'"' => return Some(at + 1),
            b'`' => {
                out.has_hole = true;
                at += substitution(&rest[at..])?;
            }
            b'\\' => match *rest.get(at + 1)? {
                b'\n' => at += 2,
                next @ (b'"' | b'\\' | b'$' | b'`') => {
                    out.push(next, base + at, base + at + 2);
                    at += 2;
                }
                _ => {
                    out.push(b'\\', base + at, base + at + 1);
                    at += 1;
                }
            },
            b'$' => at += variable(rest, at, base, env, out)?,
            byte => {
                out.push(byte, base + at, base + at + 1);
                at += 1;
            }
        }
    }
}

/// `$NAME`, `${NAME}`, `${NAME:-default}`; its length. `None` for what this does not read.
fn variable(
    rest: &[u8],
    at: usize,
    base: usize,
    env: &SortedMap<String, String>,
    out: &mut Word,
) -> Option<usize> {
    let after = &rest[at + 1..];
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let (name, default, length) = match after.first() {
        Some(b'(') => {
            out.has_hole = true;
            return Some(1 + substitution(after)?);
        }
        Some(b'{') => {
            let end = after.iter().position(|b| *b == b'}')?;
            let inner = std::str::from_utf8(&after[1..end]).ok()?;
            let (name, default) = match inner.split_once(":-").or_else(|| inner.split_once('-')) {
                Some((name, default)) => (name, Some(default)),
                None => (inner, None),
            };
            (name, default, end + 2)
        }
        _ => {
            let length = after.iter().take_while(is_name).count();
            if length == 0 {
                out.push(b'$', base + at, base + at + 1);
                return Some(1);
            }
            let name = std::str::from_utf8(&after[..length]).ok()?;
            (name, None, length + 1)
        }
    };
    let value = env.get(name).map(String::as_str).or(default);
    match value {
        Some(value) => {
            for byte in value.bytes() {
                out.push(byte, base + at, base + at + length);
            }
        }
        None => out.has_hole = true,
    }
    Some(length)
}

/// The length of a command in the middle of a word: `(…)` behind a dollar, or between backquotes.
fn substitution(text: &[u8]) -> Option<usize> {
    nested(text, 0)
}

fn nested(text: &[u8], depth: usize) -> Option<usize> {
    const DEEPEST: usize = 20;
    let is_braced = text.first() == Some(&b'(');
    let (mut open, mut at) = (1_usize, 1);
    let mut quote = None;
    loop {
        let byte = *text.get(at)?;
        at += 1;
        match (byte, quote) {
            (byte, Some(end)) if byte == end => quote = None,
            (b'\\', None | Some(b'"')) => at += 1,
            (b'$', None | Some(b'"')) if is_braced && text.get(at) == Some(&b'(') => {
                at += (depth < DEEPEST).then(|| nested(&text[at..], depth + 1))??;
            }
            (_, Some(_)) => {}
            (b'(', None) if is_braced => open += 1,
            (b')', None) if is_braced => open -= 1,
            (b'`', None) if !is_braced => open -= 1,
            (b'\'' | b'"', None) if is_braced => quote = Some(byte),
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use base::SortedMap;

    use super::{Part, Simple, read};

    fn simples(script: &str) -> Vec<(Vec<String>, Option<String>)> {
        let mut env = SortedMap::new();
        env.insert("DIR".to_owned(), "/etc/php".to_owned());
        let of = |one: &Simple| {
            let words = one.words.iter().map(|word| word.text()).collect();
            (words, one.to.as_ref().map(|(_, to)| to.text()))
        };
        let parts = read(script, 0, &env);
        let each = parts.iter().map(|part| match part {
            Part::Simple(one) => of(one),
            Part::Group(inner, to, _) => {
                let words = vec![format!("group of {}", inner.len())];
                (words, to.as_ref().map(|(_, to)| to.text()))
            }
            Part::Opaque(_) => (vec!["opaque".to_owned()], None),
        });
        each.collect()
    }

    #[test]
    fn plain_commands() {
        let all = simples(
            "set -eux; \\\n  # a comment; with > signs\n  echo 'a b' \"$DIR\\n\" > /x/$DIR.ini && mv a b",
        );
        let words = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(all[0], (words("set|-eux"), None));
        assert_eq!(
            all[1],
            (
                words("echo|a b|/etc/php\\n"),
                Some("/x//etc/php.ini".to_owned())
            )
        );
        assert_eq!(all[2], (words("mv|a|b"), None));
    }

    #[test]
    fn groups_and_what_is_not_read() {
        let all = simples("{ echo a; echo b; } | tee x.conf 2>&1; { echo c; } > y");
        assert_eq!(all[0].0, ["group of 2"]);
        assert_eq!(all[1].0, ["tee", "x.conf"]);
        assert_eq!(
            all[2],
            (vec!["group of 1".to_owned()], Some("y".to_owned()))
        );
        for odd in [
            "if true; then x; fi",
            "(cd x)",
            "echo 'a",
            "echo $(a",
            "{ echo a",
            "if true; then x",
            "f() { x; }",
        ] {
            assert_eq!(simples(odd)[0].0, ["opaque"], "{odd}");
        }
    }

    #[test]
    fn what_is_not_read_ends_where_it_ends() {
        let script = "set -e && for a in b c; do if x; then y; fi; done && rm z; \
                      case $A in a) b;; (c) d ;; esac | e; [ -f a ] && rm b || rm c; f || g; h `i j` k;\
                      l $(m \"n)\" ') o') p < q; (r; s) > t; u \"$(v)\"";
        let names: Vec<String> = simples(script)
            .into_iter()
            .map(|(words, _)| words.join(" "))
            .collect();
        assert_eq!(
            names,
            [
                "set -e", "opaque", "rm z", "opaque", "[ -f a ]", "opaque", "opaque", "f",
                "opaque", "h  k", "l  p", "opaque", "u "
            ]
        );
        // Their own variables are not those of the image.
        assert_eq!(simples("DIR=/x; echo $DIR")[1].0, ["echo", ""]);
        assert_eq!(simples("export A=b DIR=/x && echo $DIR")[1].0, ["echo", ""]);
        assert_eq!(simples("read DIR; echo $DIR")[1].0, ["echo", ""]);
        assert_eq!(simples("echo \"DIR=$DIR\"")[0].0, ["echo", "DIR=/etc/php"]);
        assert_eq!(simples("a DIR=$DIR; b 'DIR=1'")[0].0, ["a", "DIR=/etc/php"]);
    }
}
