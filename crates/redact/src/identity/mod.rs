//! Who and where: hosts, addresses, e-mail, accounts, users. Hidden on request only.
//!
//! What stands for them keeps what a linter needs: an address stays one of its family and class,
//! two in one network stay in one, a host keeps its domain. Everything of a form is replaced, also
//! what looks like a stand-in already, so that what stands in the redacted text is always ours.

mod address;
mod host;
mod namer;

use crate::find::{Class, Hit};
use crate::map::Map;
use crate::why::{self, Why};

pub(crate) use namer::Namer;

/// Users that every system has; who they are says nothing.
const SERVICE_USERS: [&[u8]; 22] = [
    b"apache",
    b"admin",
    b"caddy",
    b"daemon",
    b"docker",
    b"git",
    b"http",
    b"mysql",
    b"nginx",
    b"nobody",
    b"nogroup",
    b"php",
    b"php-fpm",
    b"postgres",
    b"redis",
    b"root",
    b"ubuntu",
    b"user",
    b"vagrant",
    b"web",
    b"www",
    b"www-data",
];

/// Finds who and where in a part of a text; what stands before it is known, what behind it is
/// hidden already.
pub(crate) fn find(text: &[u8], part: std::ops::Range<usize>, out: &mut Vec<Hit>) {
    let text = &text[..part.end];
    let mut at = part.start;
    while at < text.len() {
        at = look(text, at, out).max(at + 1);
    }
}

/// Looks at what begins here; gives back where to go on.
fn look(text: &[u8], at: usize, out: &mut Vec<Hit>) -> usize {
    let byte = text[at];
    let mut push = |start: usize, end: usize, why: &'static Why, class: Class| {
        out.push(Hit::new(start..end, why, class));
        end
    };
    if !host::is_token(byte) && byte != b':' {
        return at + 1;
    }
    if at > 0 && (host::is_token(text[at - 1]) || text[at - 1] == b':' && byte == b':') {
        return at + 1;
    }
    if let Some(end) = address::ipv6(text, at) {
        return push(at, end, &why::ADDRESS, Class::Ipv6);
    }
    if let Some(end) = address::ipv4(text, at) {
        return push(at, end, &why::ADDRESS, Class::Ipv4);
    }
    if begins_arn(text, at) {
        return arn(text, at, out);
    }
    if text[at..].starts_with(b"/home/") || text[at..].starts_with(b"/Users/") {
        return at + 1;
    }
    if let Some((start, end)) = host::mail(text, at) {
        return push(start, end, &why::MAIL, Class::Mail);
    }
    if let Some((start, end)) = host::at(text, at) {
        return push(start, end, &why::HOST, Class::Host);
    }
    at + text[at..]
        .iter()
        .take_while(|b| host::is_token(**b))
        .count()
}

/// `arn:aws:iam::123456789012:role/deploy`: the account and the name.
fn arn(text: &[u8], at: usize, out: &mut Vec<Hit>) -> usize {
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b":/-_.*+=,@".contains(b);
    let end = at + text[at..].iter().take_while(is_part).count();
    let mut from = at;
    let parts = text[at..end].split(|b| *b == b':').map(|part| {
        let range = from..from + part.len();
        from += part.len() + 1;
        range
    });
    let parts: Vec<_> = parts.take(6).collect();
    let [.., account, resource] = parts.as_slice() else {
        return end;
    };
    if parts.len() < 6 {
        return end;
    }
    if account.len() == 12 && text[account.clone()].iter().all(u8::is_ascii_digit) {
        out.push(Hit::new(account.clone(), &why::ARN, Class::Account));
    }
    let rest = resource.start..end;
    let kind = text[rest.clone()]
        .iter()
        .rposition(|b| matches!(b, b'/' | b':'))
        .map_or(0, |at| at + 1);
    let name = rest.start + kind..end;
    if name.len() > 1 && text[name.clone()] != *b"*" {
        out.push(Hit::new(name, &why::ARN, Class::Name));
    }
    end
}

/// Names of people: home directories, `$remote_user` of access logs, users of pools and addresses.
pub(crate) fn users(text: &[u8], out: &mut Vec<Hit>) {
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let mut push = |start: usize, why: &'static Why| {
        let len = text[start..].iter().take_while(is_name).count();
        let name = &text[start..start + len];
        let is_person = len >= 2
            && !SERVICE_USERS.contains(&name)
            && name.iter().any(u8::is_ascii_alphabetic)
            && !name.starts_with(b".");
        if is_person {
            out.push(Hit::new(start..start + len, why, Class::Name));
        }
    };
    let mut line = 0;
    for part in text.split_inclusive(|b| *b == b'\n') {
        for dir in [b"/home/".as_slice(), b"/Users/"] {
            let mut at = 0;
            while let Some(found) = crate::place::find(&part[at..], dir) {
                at += found + dir.len();
                push(line + at, &why::HOME);
            }
        }
        if let Some(at) = remote_user(part).or_else(|| setting(part)) {
            push(line + at, &why::USER);
        }
        line += part.len();
    }
}

/// `203.0.113.9 - alice [22/Nov/2026:…`
fn remote_user(line: &[u8]) -> Option<usize> {
    let dash = line.iter().take(64).position(|b| *b == b' ')?;
    let rest = line[dash..].strip_prefix(b" - ")?;
    let len = rest.iter().position(|b| *b == b' ')?;
    let is_user = rest[len..].starts_with(b" [") && !rest.starts_with(b"-");
    is_user.then_some(dash + 3)
}

/// `user = deploy`, `listen.owner = deploy`, `user deploy;`
fn setting(line: &[u8]) -> Option<usize> {
    const KEYS: [&[u8]; 5] = [
        b"user",
        b"group",
        b"listen.owner",
        b"listen.group",
        b"listen.acl_users",
    ];
    let blanks = line.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = &line[blanks..];
    let key = KEYS.iter().find(|key| rest.starts_with(key))?;
    let behind = &rest[key.len()..];
    let signs = behind.iter().take_while(|b| b" \t=\"".contains(b)).count();
    (signs > 0 && behind.len() > signs).then_some(blanks + key.len() + signs)
}

/// Finds stand-ins in a redacted text.
pub(crate) struct Tokens<'m> {
    known: std::collections::HashSet<&'m [u8]>,
    name_prefix: &'m [u8],
    account_prefix: &'m [u8],
}

impl<'m> Tokens<'m> {
    pub(crate) fn new(map: &'m Map) -> Self {
        let entries = map
            .entries
            .iter()
            .filter(|entry| entry.class != Class::Secret);
        Self {
            known: entries.map(|entry| entry.placeholder.as_bytes()).collect(),
            name_prefix: map.name_prefix.as_bytes(),
            account_prefix: map.account_prefix.as_bytes(),
        }
    }

    /// The length of a stand-in that begins here.
    pub(crate) fn at(&self, text: &[u8], at: usize) -> Option<usize> {
        if self.known.is_empty() {
            return None;
        }
        let is_ours = |end: usize| self.known.contains(&text[at..end]).then_some(end - at);
        let has = |stem: &[u8]| !stem.is_empty() && text[at..].starts_with(stem);
        if has(self.name_prefix) {
            let digits = crate::place::digits(&text[at + self.name_prefix.len()..])?;
            return is_ours(at + self.name_prefix.len() + digits);
        }
        if has(self.account_prefix) && text.len() >= at + 12 {
            return is_ours(at + 12);
        }
        let begins = |found: (usize, usize)| (found.0 == at).then_some(found.1);
        let is_inside = at > 0 && host::is_token(text[at - 1]);
        let found = address::ipv6(text, at).or_else(|| address::ipv4(text, at));
        let found = found.filter(|_| !is_inside);
        let found = found.or_else(|| host::mail(text, at).and_then(begins));
        let found = found.or_else(|| host::at(text, at).and_then(begins));
        found.and_then(is_ours)
    }
}

fn begins_arn(text: &[u8], at: usize) -> bool {
    text[at..].starts_with(b"arn:") && !(at > 0 && host::is_token(text[at - 1]))
}
