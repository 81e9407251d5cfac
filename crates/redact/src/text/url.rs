//! Passwords in addresses: `scheme://user:password@host`, `scheme://token@host`, and the secret
//! part of webhook addresses.

use crate::find::Hit;
use crate::value;
use crate::why;

/// Users without a password that everybody knows.
const PLAIN_USERS: [&[u8]; 9] = [
    b"git",
    b"anonymous",
    b"hg",
    b"svn",
    b"user",
    b"root",
    b"www-data",
    b"deploy",
    b"ubuntu",
];

/// Looks at the address whose `://` is here; gives back where to go on.
pub(super) fn at(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let from = at + 3;
    let is_end = |b: &u8| {
        b.is_ascii_whitespace()
            || matches!(b, b'"' | b'\'' | b';' | b'`' | b'<' | b'>' | b'\\' | b'|')
    };
    let len = text[from..]
        .iter()
        .position(is_end)
        .unwrap_or(text.len() - from);
    // Addresses are short; what is longer is looked at as far as an authority can reach.
    let word = &text[from..from + len.min(2048)];
    webhook(word, from, out);
    stream_key(text, at, word, out);
    // In a template's hole there may be anything.
    let hole_end = hole(word);
    let path = word[hole_end..]
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#'));
    let path = path.map_or(word.len(), |path| path + hole_end);
    let authority = &word[..path];
    let colon = authority[hole_end..]
        .iter()
        .position(|b| *b == b':')
        .map(|colon| colon + hole_end);
    let sign = authority.iter().rposition(|b| *b == b'@').or_else(|| {
        // A password with a slash in it; what follows a colon is no port then.
        let behind = &authority[colon? + 1..];
        let is_port = !behind.is_empty() && behind.iter().all(u8::is_ascii_digit);
        let at = word.iter().rposition(|b| *b == b'@');
        at.filter(|at| !is_port && !behind.starts_with(b"$") && !word[..*at].contains(&b'?'))
    })?;
    let range = match colon.filter(|colon| *colon < sign) {
        Some(colon) => colon + 1..sign,
        None => 0..sign,
    };
    let secret = &word[range.clone()];
    let is_user = range.start == 0;
    let is_hidden = match is_user {
        true => {
            !PLAIN_USERS.contains(&secret)
                && !value::is_hole(secret)
                && value::looks_random(secret)
                && !secret.contains(&b'(')
        }
        false => {
            !secret.is_empty()
                && !value::is_hole(secret)
                && !secret.starts_with(b"${")
                && !is_masked(secret)
                && !secret.contains(&b')')
        }
    };
    if !is_hidden {
        // `tcp://redis:6379?auth=…` goes on behind the address.
        return None;
    }
    // `${NAME:-fallback}` as the password.
    let secret = from + range.start..from + range.end;
    out.push(Hit::secret(secret, &why::URL_PASSWORD));
    // The first key of an old Sentry DSN.
    let user = &word[..range.start.saturating_sub(1)];
    if user.len() == 32 && user.iter().all(u8::is_ascii_hexdigit) {
        out.push(Hit::secret(from..from + user.len(), &why::URL_PASSWORD));
    }
    Some(from + sign)
}

/// `user:password@host` without a scheme; gives back where to go on.
pub(super) fn userinfo(text: &[u8], at: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let is_part = |b: &&u8| !b.is_ascii_whitespace() && !b"\"'=/<>(){}[]|`?&@$\\".contains(b);
    let len = text[..at]
        .iter()
        .rev()
        .take(128)
        .take_while(is_part)
        .count();
    let before = &text[at - len..at];
    mailbox(text, at, out);
    let colon = before.iter().position(|b| *b == b':')?;
    let (user, secret) = (&before[..colon], &before[colon + 1..]);
    let is_name = user
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b));
    const SCHEMES: [&[u8]; 9] = [
        b"mailto", b"npm", b"sip", b"sips", b"xmpp", b"acct", b"ssh", b"git", b"file",
    ];
    let is_reversed = text[..at - len].ends_with(b"/") || text[..at - len].ends_with(b"@");
    let host = text[at + 1..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b".-_".contains(b))
        .count();
    let host = &text[at + 1..at + 1 + host];
    let is_host = host.len() > 1
        && host[0].is_ascii_alphanumeric()
        && !matches!(host, b"sha256" | b"sha512")
        && (host.contains(&b'.')
            // `user:password@tcp(db:3306)/name`, as Go has it.
            || text.get(at + 1 + host.len()) == Some(&b'(')
            || text.get(at + 1 + host.len()) == Some(&b':')
            || host == b"localhost");
    let is_secret =
        secret.len() >= 3 && !secret.iter().all(u8::is_ascii_digit) && !is_masked(secret);
    if !is_name || SCHEMES.contains(&user) || is_reversed || !is_host || !is_secret {
        return None;
    }
    out.push(Hit::secret(at - secret.len()..at, &why::URL_PASSWORD));
    None
}

/// `user@host:password`, as Postfix and chpasswd have it; not `git@host:path`.
fn mailbox(text: &[u8], at: usize, out: &mut Vec<Hit>) {
    let is_host = |b: &&u8| b.is_ascii_alphanumeric() || b".-".contains(b);
    let host = text[at + 1..].iter().take_while(is_host).count();
    let from = at + 1 + host + 1;
    let is_digest = matches!(&text[at + 1..at + 1 + host], b"sha256" | b"sha512");
    if is_digest || host < 4 || text.get(from - 1) != Some(&b':') {
        return;
    }
    let len = text[from..]
        .iter()
        .take_while(|b| !b.is_ascii_whitespace() && !b"\"',;".contains(b))
        .count();
    let value = &text[from..from + len];
    if len >= 8 && !value.contains(&b'/') && value::looks_random(value) {
        out.push(Hit::secret(from..from + len, &why::LOGIN_FILE));
    }
}

fn is_masked(secret: &[u8]) -> bool {
    secret.iter().all(|b| *b == b'*') || secret.starts_with(b"BGSECRET") || secret == b"..."
}

/// The end of a hole such as `${USER}` or `{{ user }}` at the beginning.
fn hole(word: &[u8]) -> usize {
    match word.starts_with(b"${") || word.starts_with(b"{{") {
        true => word.iter().position(|b| *b == b'}').map_or(0, |at| at + 1),
        false => 0,
    }
}

/// `rtmp://host/app/KEY`: who knows the key may send.
fn stream_key(text: &[u8], at: usize, word: &[u8], out: &mut Vec<Hit>) {
    let is_stream = [b"rtmp".as_slice(), b"rtmps", b"rtmpt"]
        .iter()
        .any(|scheme| text[..at].ends_with(scheme));
    if !is_stream {
        return;
    }
    let path = word
        .iter()
        .position(|b| *b == b'?')
        .map_or(word, |query| &word[..query]);
    let parts = path.split(|b| *b == b'/').count();
    let key = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let has_digit = key.iter().any(u8::is_ascii_digit);
    if parts > 2 && key.len() >= 12 && has_digit && value::is_plausible(key) {
        let end = at + 3 + path.len();
        out.push(Hit::secret(end - key.len()..end, &why::STREAM_KEY));
    }
}

/// Addresses whose path is the secret.
pub(super) fn webhook(word: &[u8], from: usize, out: &mut Vec<Hit>) {
    const HOOKS: [&[u8]; 9] = [
        b"hooks.slack.com/services/",
        b"discord.com/api/webhooks/",
        b"discordapp.com/api/webhooks/",
        b"api.telegram.org/bot",
        b"outlook.office.com/webhook/",
        b"hooks.zapier.com/hooks/catch/",
        b"maker.ifttt.com/trigger/",
        b"hc-ping.com/",
        b"chat.googleapis.com/v1/spaces/",
    ];
    // `TENANT.webhook.office.com/webhookb2/…`
    if let Some(at) = crate::place::find(&word[..word.len().min(128)], b".webhook.office.com/") {
        let begin = at + b".webhook.office.com/".len();
        let begin = begin + usize::from(word[begin..].starts_with(b"webhookb2/")) * 10;
        out.push(Hit::secret(from + begin..from + word.len(), &why::WEBHOOK));
    }
    for hook in HOOKS {
        let Some(behind) = word.strip_prefix(hook) else {
            continue;
        };
        let len = behind
            .iter()
            .take_while(|b| !matches!(b, b'?' | b'#' | b')' | b','))
            .count();
        if value::is_plausible(&behind[..len]) && !behind.starts_with(b"$") {
            let start = from + hook.len();
            out.push(Hit::secret(start..start + len, &why::WEBHOOK));
        }
    }
}
