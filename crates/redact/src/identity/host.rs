//! Names of hosts and e-mail addresses: words with a dot whose end is a domain.

/// Ends of names that are domains and no endings of files.
const DOMAINS: &[&str] = &[
    "ae",
    "app",
    "ar",
    "at",
    "au",
    "be",
    "berlin",
    "bg",
    "biz",
    "blog",
    "br",
    "ca",
    "ch",
    "cl",
    "cloud",
    "cn",
    "co",
    "com",
    "coop",
    "corp",
    "cz",
    "de",
    "dev",
    "dk",
    "edu",
    "es",
    "eu",
    "example",
    "fi",
    "fr",
    "gov",
    "gr",
    "hamburg",
    "hr",
    "hu",
    "ie",
    "il",
    "info",
    "internal",
    "intranet",
    "invalid",
    "io",
    "it",
    "jp",
    "kr",
    "lan",
    "local",
    "localdomain",
    "lt",
    "lu",
    "lv",
    "mil",
    "mx",
    "net",
    "nl",
    "no",
    "nz",
    "online",
    "org",
    "pt",
    "ro",
    "ru",
    "se",
    "shop",
    "si",
    "sk",
    "test",
    "tr",
    "tv",
    "tw",
    "ua",
    "uk",
    "us",
    "wien",
    "xyz",
    "za",
];

/// Bytes of a word that may be the name of a host.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

/// The name of a host in the word that begins here. In a regular expression its dots are escaped.
pub(super) fn at(text: &[u8], at: usize) -> Option<(usize, usize)> {
    // Dots and dashes before a name are none of it.
    let dots = text[..at]
        .iter()
        .rev()
        .take_while(|b| matches!(b, b'.' | b'-' | b'_'))
        .count();
    let before = text[..at - dots].last().copied().unwrap_or(b' ');
    let is_inside = before.is_ascii_alphanumeric() || matches!(before, b'$' | b'@' | b'%');
    if is_inside || !is_token(text[at]) {
        return None;
    }
    let (start, end) = word(text, at)?;
    let plain: Vec<u8> = text[start..end]
        .iter()
        .copied()
        .filter(|b| *b != b'\\')
        .collect();
    let name = plain.to_ascii_lowercase();
    let mut labels = name.split(|b| *b == b'.');
    let is_label = |label: &[u8]| {
        !label.is_empty() && label.len() < 64 && !label.starts_with(b"-") && !label.ends_with(b"-")
    };
    let all = labels.clone().all(is_label);
    let last = std::str::from_utf8(labels.next_back()?).ok()?;
    // `image.io` of a path or `conf.d` of a file: behind a slash only an address has a host.
    let before = &text[..start];
    let is_path = before.ends_with(b"/") && !before.ends_with(b"//");
    let is_call = text.get(end) == Some(&b'(') && !text[start..end].contains(&b'\\');
    let is_domain = DOMAINS.binary_search(&last).is_ok() || is_named(before) && is_word(last);
    let is_host = all && name.contains(&b'.') && is_domain;
    (is_host && !is_path && !is_call).then_some((start, end))
}

/// Behind `//` and among the names of a server there are hosts only.
fn is_named(before: &[u8]) -> bool {
    let line = before
        .rsplit(|b| matches!(b, b'\n' | b';' | b'{'))
        .next()
        .unwrap_or_default();
    before.ends_with(b"//") || line.trim_ascii_start().starts_with(b"server_name ")
}

fn is_word(label: &str) -> bool {
    label.len() > 1 && label.bytes().all(|b| b.is_ascii_lowercase())
}

/// The word that begins here, with `\.` as a dot, without dots at its ends.
fn word(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = at
        + text[at..]
            .iter()
            .take_while(|b| matches!(b, b'.' | b'-' | b'_'))
            .count();
    let mut end = start;
    while end < text.len() && end - start < 256 {
        match text[end] {
            b'\\' if text.get(end + 1) == Some(&b'.') => end += 2,
            b if is_token(b) => end += 1,
            _ => break,
        }
    }
    while end > start && matches!(text[end - 1], b'.' | b'-' | b'_' | b'\\') {
        end -= 1;
    }
    (end > start + 2).then_some((start, end))
}

/// An e-mail address whose first byte is here.
pub(super) fn mail(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"._%+-".contains(b);
    if at > 0 && is_part(&&text[at - 1]) || !text[at].is_ascii_alphanumeric() {
        return None;
    }
    let len = text[at..].iter().take(65).take_while(is_part).count();
    let sign = at + len;
    if text.get(sign) != Some(&b'@') || !text.get(sign + 1).is_some_and(|b| is_token(*b)) {
        return None;
    }
    let (start, end) = word(text, sign + 1)?;
    let host = text[start..end].to_ascii_lowercase();
    let last = std::str::from_utf8(host.rsplit(|b| *b == b'.').next()?).ok()?;
    let is_domain =
        host.contains(&b'.') && !host.contains(&b'\\') && DOMAINS.binary_search(&last).is_ok();
    (start == sign + 1 && is_domain).then_some((at, end))
}
