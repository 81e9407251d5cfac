//! From text to nodes. Follows pcre2pattern(3).

use base::SortedMap;
use std::sync::OnceLock;

use super::{ByteSet, Greed, Node, Regex};

/// Deeper nesting than any real pattern has.
const DEEPEST: usize = 100;

/// The flags in force.
#[derive(Clone, Copy, Default)]
struct Flags {
    caseless: bool,
    multiline: bool,
    dotall: bool,
    extended: bool,
    ungreedy: bool,
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    groups: u32,
    names: SortedMap<Vec<u8>, u32>,
    understood: bool,
    depth: usize,
    /// Between `\Q` and `\E`.
    quoting: bool,
}

/// Parses a whole pattern.
pub(super) fn parse(text: &[u8], caseless: bool) -> Regex {
    let mut parser = Parser {
        text,
        at: 0,
        groups: 0,
        names: SortedMap::new(),
        understood: true,
        depth: 0,
        quoting: false,
    };
    let flags = Flags {
        caseless,
        ..Flags::default()
    };
    parser.verbs();
    let node = parser.alternatives(flags);
    if parser.at < text.len() {
        // A `)` too many: PCRE refuses.
        parser.understood = false;
    }
    Regex {
        node,
        groups: parser.groups,
        names: parser.names,
        understood: parser.understood,
        program: OnceLock::new(),
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, word: &[u8]) -> bool {
        let found = self.text[self.at..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn until(&mut self, end: u8) -> Option<&[u8]> {
        let rest = &self.text[self.at..];
        let len = rest.iter().position(|b| *b == end)?;
        self.at += len + 1;
        Some(&rest[..len])
    }

    fn opaque(&mut self) -> Node {
        self.understood = false;
        Node::Opaque
    }

    /// `(*UTF8)` and the like at the beginning.
    fn verbs(&mut self) {
        while self.text[self.at..].starts_with(b"(*") {
            self.understood = false;
            if self.until(b')').is_none() {
                self.at = self.text.len();
            }
        }
    }

    fn alternatives(&mut self, mut flags: Flags) -> Node {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.at = self.text.len();
            self.depth -= 1;
            return self.opaque();
        }
        let mut all = vec![self.sequence(&mut flags)];
        while self.take(b"|") {
            all.push(self.sequence(&mut flags));
        }
        self.depth -= 1;
        match all.len() {
            1 => all.remove(0),
            _ => Node::Alternatives(all),
        }
    }

    fn sequence(&mut self, flags: &mut Flags) -> Node {
        let mut nodes = Vec::new();
        while let Some(byte) = self.peek() {
            if self.quoting && self.take(b"\\E") {
                self.quoting = false;
                continue;
            }
            if !self.quoting && matches!(byte, b'|' | b')') {
                break;
            }
            if !self.quoting && (flags.extended && self.skip_space(byte) || self.comment()) {
                continue;
            }
            let Some(node) = self.atom(flags) else {
                continue;
            };
            nodes.push(self.quantified(node, *flags));
        }
        match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Concat(nodes),
        }
    }

    /// White space and comments of `(?x)`.
    fn skip_space(&mut self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
            b'#' => {
                if self.until(b'\n').is_none() {
                    self.at = self.text.len();
                }
            }
            _ => return false,
        }
        true
    }

    /// One atom; `None` for what stands for nothing, such as `(?i)`.
    fn atom(&mut self, flags: &mut Flags) -> Option<Node> {
        let byte = self.peek()?;
        self.at += 1;
        if self.quoting {
            return Some(literal(byte, *flags));
        }
        Some(match byte {
            b'(' => return self.group(flags),
            b'[' => self.class(*flags),
            b'\\' => return self.escape(*flags),
            b'.' => Node::Set(match flags.dotall {
                true => ByteSet::ALL,
                false => ByteSet::of(b"\n").complement(),
            }),
            b'^' => Node::Start {
                multiline: flags.multiline,
            },
            b'$' => Node::End {
                multiline: flags.multiline,
            },
            byte => literal(byte, *flags),
        })
    }

    fn quantified(&mut self, mut node: Node, flags: Flags) -> Node {
        while let Some((min, max)) = self.quantifier() {
            while self.comment() {}
            let greed = match (self.peek(), flags.ungreedy) {
                (Some(b'?'), false) | (_, true) if self.peek() != Some(b'+') => {
                    let lazy = self.take(b"?") != flags.ungreedy;
                    if lazy { Greed::Lazy } else { Greed::Greedy }
                }
                (Some(b'+'), _) => {
                    self.at += 1;
                    Greed::Possessive
                }
                _ => Greed::Greedy,
            };
            node = Node::Repeat {
                node: Box::new(node),
                min,
                max,
                greed,
            };
        }
        node
    }

    fn quantifier(&mut self) -> Option<(u32, Option<u32>)> {
        // A comment, or the end of a quotation, stands between an atom and its quantifier.
        while !self.quoting && self.comment() {}
        if self.quoting && self.take(b"\\E") {
            self.quoting = false;
        }
        if self.quoting {
            return None;
        }
        let (bounds, len) = match self.peek()? {
            b'*' => ((0, None), 1),
            b'+' => ((1, None), 1),
            b'?' => ((0, Some(1)), 1),
            b'{' => self.braces()?,
            _ => return None,
        };
        self.at += len;
        Some(bounds)
    }

    /// `{n}`, `{n,}`, `{n,m}`; anything else is text.
    fn braces(&self) -> Option<((u32, Option<u32>), usize)> {
        let rest = &self.text[self.at + 1..];
        let len = rest.iter().position(|b| *b == b'}')?;
        let inside = std::str::from_utf8(&rest[..len]).ok()?;
        let bounds = match inside.split_once(',') {
            None => {
                let n = inside.parse().ok()?;
                (n, Some(n))
            }
            Some((min, "")) => (min.parse().ok()?, None),
            Some((min, max)) => (min.parse().ok()?, Some(max.parse().ok()?)),
        };
        Some((bounds, len + 2))
    }

    /// `(?#…)`.
    fn comment(&mut self) -> bool {
        let found = self.take(b"(?#");
        if found && self.until(b')').is_none() {
            self.at = self.text.len();
        }
        found
    }

    /// Behind the opening parenthesis.
    fn group(&mut self, flags: &mut Flags) -> Option<Node> {
        if self.peek() == Some(b'*') {
            return Some(self.skip_group());
        }
        if !self.take(b"?") {
            return Some(self.capture(*flags, None));
        }
        for (sign, ahead, wanted) in [
            (&b"="[..], true, true),
            (b"!", true, false),
            (b"<=", false, true),
            (b"<!", false, false),
        ] {
            if self.take(sign) {
                let node = Box::new(self.body(*flags));
                return Some(Node::Look {
                    ahead,
                    wanted,
                    node,
                });
            }
        }
        if self.take(b">") {
            return Some(Node::Atomic(Box::new(self.body(*flags))));
        }
        if self.take(b"|") {
            // Branches that number their groups alike.
            self.understood = false;
            return Some(self.body(*flags));
        }
        for (open, close) in [(&b"P<"[..], b'>'), (b"<", b'>'), (b"'", b'\'')] {
            if self.take(open) {
                let name = self.until(close).map(<[u8]>::to_vec);
                return Some(self.capture(*flags, name));
            }
        }
        self.flags_group(flags)
    }

    /// `(?i)` for the rest of the group, `(?i:…)`, or something that is not understood.
    fn flags_group(&mut self, flags: &mut Flags) -> Option<Node> {
        let mut new = *flags;
        let mut on = true;
        loop {
            let Some(byte) = self.peek() else {
                return Some(self.opaque());
            };
            self.at += 1;
            match byte {
                b'i' => new.caseless = on,
                b'm' => new.multiline = on,
                b's' => new.dotall = on,
                b'x' => new.extended = on,
                b'U' => new.ungreedy = on,
                b'J' | b'n' => self.understood = false,
                b'-' => on = false,
                b'^' => new = Flags::default(),
                b':' => return Some(self.body(new)),
                b')' => {
                    *flags = new;
                    return None;
                }
                _ => {
                    self.at -= 1;
                    return Some(self.skip_group());
                }
            }
        }
    }

    fn capture(&mut self, flags: Flags, name: Option<Vec<u8>>) -> Node {
        self.groups += 1;
        let number = self.groups;
        if let Some(name) = name {
            self.names.insert(name, number);
        }
        Node::Group(number, Box::new(self.body(flags)))
    }

    fn body(&mut self, flags: Flags) -> Node {
        let node = self.alternatives(flags);
        if !self.take(b")") {
            self.understood = false;
        }
        node
    }

    /// Recursion, conditions, verbs: up to the closing parenthesis.
    fn skip_group(&mut self) -> Node {
        let mut open = 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
        self.opaque()
    }

    /// Behind a backslash, outside a class.
    fn escape(&mut self, flags: Flags) -> Option<Node> {
        let Some(byte) = self.peek() else {
            return Some(self.opaque());
        };
        if let Some(set) = shorthand(byte) {
            self.at += 1;
            return Some(Node::Set(set));
        }
        self.at += 1;
        Some(match byte {
            b'A' | b'G' => Node::Start { multiline: false },
            b'Z' => Node::End { multiline: false },
            b'z' => Node::VeryEnd,
            b'b' => Node::WordBoundary(true),
            b'B' => Node::WordBoundary(false),
            b'K' | b'E' => return None,
            b'Q' => {
                self.quoting = true;
                return None;
            }
            b'R' => Node::Atomic(Box::new(Node::Alternatives(vec![
                Node::Concat(vec![literal(b'\r', flags), literal(b'\n', flags)]),
                Node::Set(ByteSet::range(b'\n', b'\r').union(ByteSet::of(b"\x85"))),
            ]))),
            b'1'..=b'9' => self.back_or_octal(byte, flags),
            b'g' | b'k' => self.named_reference(),
            b'p' | b'P' | b'X' | b'C' => {
                if self.take(b"{") {
                    let _name = self.until(b'}');
                } else {
                    self.at += usize::from(byte != b'X' && byte != b'C');
                }
                self.at = self.at.min(self.text.len());
                self.opaque()
            }
            byte => {
                self.at -= 1;
                let byte = self.escaped_byte(byte);
                literal(byte, flags)
            }
        })
    }

    /// `\1` to `\9` are references; with more digits a reference if there are so many groups.
    fn back_or_octal(&mut self, first: u8, flags: Flags) -> Node {
        let rest = &self.text[self.at - 1..];
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..digits]).ok();
        let number: u32 = number.and_then(|n| n.parse().ok()).unwrap_or(u32::MAX);
        if number < 10 || number <= self.groups {
            self.at += digits - 1;
            return Node::Backreference(number);
        }
        self.at -= 1;
        let byte = self.octal().unwrap_or(first);
        literal(byte, flags)
    }

    /// Up to three octal digits.
    fn octal(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        let is_octal = |b: &&u8| matches!(b, b'0'..=b'7');
        let digits: Vec<u8> = rest.iter().take(3).take_while(is_octal).copied().collect();
        if digits.is_empty() {
            self.at += 1;
            return None;
        }
        self.at += digits.len();
        let value = digits
            .iter()
            .fold(0_u32, |v, d| v * 8 + u32::from(d - b'0'));
        u8::try_from(value).ok()
    }

    fn named_reference(&mut self) -> Node {
        let close = match self.peek() {
            Some(b'{') => b'}',
            Some(b'<') => b'>',
            Some(b'\'') => b'\'',
            Some(digit @ b'1'..=b'9') => {
                self.at += 1;
                return Node::Backreference(u32::from(digit - b'0'));
            }
            _ => return self.opaque(),
        };
        self.at += 1;
        let name = self.until(close).map(<[u8]>::to_vec).unwrap_or_default();
        let by_name = self.names.get(&name).copied();
        let number = by_name.or_else(|| std::str::from_utf8(&name).ok()?.parse().ok());
        match number {
            Some(number) => Node::Backreference(number),
            None => self.opaque(),
        }
    }

    /// A byte behind a backslash: `\n`, `\x41`, `\cA`, or itself.
    fn escaped_byte(&mut self, byte: u8) -> u8 {
        self.at += 1;
        match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'f' => 0x0c,
            b'e' => 0x1b,
            b'a' => 0x07,
            b'0' => {
                self.at -= 1;
                self.octal().unwrap_or(0)
            }
            b'x' => self.hexadecimal(),
            b'c' => {
                let next = self.peek().unwrap_or(b'@');
                self.at += 1;
                self.at = self.at.min(self.text.len());
                next.to_ascii_uppercase() ^ 0x40
            }
            byte => byte,
        }
    }

    fn hexadecimal(&mut self) -> u8 {
        let digits = match self.take(b"{") {
            true => self.until(b'}').map(<[u8]>::to_vec).unwrap_or_default(),
            false => {
                let rest = &self.text[self.at..];
                let is_hex = |b: &&u8| b.is_ascii_hexdigit();
                let digits: Vec<u8> = rest.iter().take(2).take_while(is_hex).copied().collect();
                self.at += digits.len();
                digits
            }
        };
        let text = std::str::from_utf8(&digits).unwrap_or("");
        u8::from_str_radix(text, 16).unwrap_or(0)
    }

    /// Behind the opening bracket.
    fn class(&mut self, flags: Flags) -> Node {
        let negated = self.take(b"^");
        let mut set = ByteSet::EMPTY;
        let mut first = true;
        loop {
            let Some(byte) = self.peek() else {
                return self.opaque();
            };
            if byte == b']' && !first {
                self.at += 1;
                break;
            }
            first = false;
            match self.class_item() {
                Item::Set(more) => set = set.union(more),
                Item::Byte(from) => set = set.union(self.class_range(from)),
            }
        }
        if flags.caseless {
            set = set.caseless();
        }
        Node::Set(if negated { set.complement() } else { set })
    }

    /// The range that a byte begins, or the byte alone.
    fn class_range(&mut self, from: u8) -> ByteSet {
        let is_range = self.peek() == Some(b'-')
            && self.text.get(self.at + 1).is_some_and(|next| *next != b']');
        if !is_range {
            return ByteSet::of(&[from]);
        }
        self.at += 1;
        match self.class_item() {
            Item::Byte(to) => ByteSet::range(from, to),
            Item::Set(more) => more.union(ByteSet::of(&[from, b'-'])),
        }
    }

    fn class_item(&mut self) -> Item {
        let byte = self.peek().unwrap_or(b']');
        if byte == b'[' && self.text.get(self.at + 1) == Some(&b':') {
            let rest = &self.text[self.at + 2..];
            if let Some(len) = rest.windows(2).position(|pair| pair == b":]") {
                let set = posix(&rest[..len]);
                self.at += len + 4;
                return Item::Set(set.unwrap_or_else(|| {
                    self.understood = false;
                    ByteSet::ALL
                }));
            }
        }
        self.at += 1;
        if byte != b'\\' {
            return Item::Byte(byte);
        }
        let Some(next) = self.peek() else {
            return Item::Byte(b'\\');
        };
        if let Some(set) = shorthand(next) {
            self.at += 1;
            return Item::Set(set);
        }
        match next {
            b'b' => {
                self.at += 1;
                Item::Byte(0x08)
            }
            b'p' | b'P' => {
                self.at += 1;
                if self.take(b"{") {
                    let _name = self.until(b'}');
                }
                self.understood = false;
                Item::Set(ByteSet::ALL)
            }
            b'1'..=b'7' => Item::Byte(self.octal().unwrap_or(next)),
            next => Item::Byte(self.escaped_byte(next)),
        }
    }
}

enum Item {
    Byte(u8),
    Set(ByteSet),
}

fn literal(byte: u8, flags: Flags) -> Node {
    let set = ByteSet::of(&[byte]);
    Node::Set(if flags.caseless { set.caseless() } else { set })
}

fn digits() -> ByteSet {
    ByteSet::range(b'0', b'9')
}

fn word() -> ByteSet {
    letters().union(digits()).union(ByteSet::of(b"_"))
}

fn letters() -> ByteSet {
    ByteSet::range(b'a', b'z').union(ByteSet::range(b'A', b'Z'))
}

/// `\d` and its kin.
fn shorthand(byte: u8) -> Option<ByteSet> {
    let set = match byte.to_ascii_lowercase() {
        b'd' => digits(),
        b'w' => word(),
        b's' => ByteSet::of(b" \t\n\x0b\x0c\r"),
        b'h' => ByteSet::of(b" \t\xa0"),
        b'v' => ByteSet::of(b"\n\x0b\x0c\r\x85"),
        // `\n` is a line feed; `\N` is anything but.
        b'n' if byte == b'N' => return Some(ByteSet::of(b"\n").complement()),
        _ => return None,
    };
    Some(if byte.is_ascii_uppercase() {
        set.complement()
    } else {
        set
    })
}

fn posix(name: &[u8]) -> Option<ByteSet> {
    let (name, negated) = match name.strip_prefix(b"^") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let graph = ByteSet::range(0x21, 0x7e);
    let set = match name {
        b"alpha" => letters(),
        b"digit" => digits(),
        b"alnum" => letters().union(digits()),
        b"upper" => ByteSet::range(b'A', b'Z'),
        b"lower" => ByteSet::range(b'a', b'z'),
        b"space" => ByteSet::of(b" \t\n\x0b\x0c\r"),
        b"blank" => ByteSet::of(b" \t"),
        b"punct" => graph.intersection(letters().union(digits()).complement()),
        b"xdigit" => digits()
            .union(ByteSet::range(b'a', b'f'))
            .union(ByteSet::range(b'A', b'F')),
        b"word" => word(),
        b"graph" => graph,
        b"print" => ByteSet::range(0x20, 0x7e),
        b"cntrl" => ByteSet::range(0, 0x1f).union(ByteSet::of(&[0x7f])),
        b"ascii" => ByteSet::range(0, 0x7f),
        _ => return None,
    };
    Some(if negated { set.complement() } else { set })
}
