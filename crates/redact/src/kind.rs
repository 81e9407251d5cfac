//! What kind of text it is, as far as finding secrets depends on it.
//!
//! A mistake costs little: names and shapes are looked for in every kind.

/// Kinds of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// nginx configuration, also a dump or one that nginx refuses.
    Nginx,
    /// php.ini and PHP-FPM pools.
    Ini,
    /// Names and values of any other language: `.env`, YAML, JSON, HCL, PHP.
    Keyed,
    /// A line a user: htpasswd, `.pgpass`.
    Logins,
    /// Lines with a time.
    Log,
    /// Everything else: notes, mails.
    Plain,
}

/// As much as tells what a file is.
const LOOK_AT: usize = 64 << 10;

impl Kind {
    /// Tells it from a path and the bytes.
    pub fn of(path: &[u8], bytes: &[u8]) -> Kind {
        let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
        let head = &bytes[..bytes.len().min(LOOK_AT)];
        let lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).take(400).collect();
        let contains = |part: &[u8]| crate::place::contains(name, part);
        if contains(b"htpasswd")
            || contains(b"htdigest")
            || contains(b"pgpass")
            || name.ends_with(b".passwd")
            || are_logins(&lines)
        {
            return Kind::Logins;
        }
        if lines
            .iter()
            .take(50)
            .any(|line| line.starts_with(b"# configuration file /"))
        {
            return Kind::Nginx;
        }
        if let Some(kind) = by_name(name) {
            return kind;
        }
        if lines.iter().take(20).filter(|line| is_logged(line)).count() > lines.len().min(20) / 2 {
            return Kind::Log;
        }
        by_lines(&lines)
    }
}

fn by_name(name: &[u8]) -> Option<Kind> {
    const KEYED: [&[u8]; 23] = [
        b".lua",
        b".pl",
        b".rb",
        b".go",
        b".yml",
        b".yaml",
        b".json",
        b".tf",
        b".tfvars",
        b".hcl",
        b".env",
        b".php",
        b".toml",
        b".sh",
        b".py",
        b".js",
        b".ts",
        b".xml",
        b".properties",
        b".cnf",
        b".j2",
        b"Dockerfile",
        b".service",
    ];
    let ends = |end: &[u8]| name.ends_with(end);
    if ends(b".ini") {
        return Some(Kind::Ini);
    }
    if ends(b".txt") || ends(b".md") || ends(b".eml") {
        return Some(Kind::Plain);
    }
    if ends(b".log") {
        return Some(Kind::Log);
    }
    let is_keyed = KEYED.iter().any(|end| ends(end)) || name.starts_with(b".env") || ends(b"netrc");
    is_keyed.then_some(Kind::Keyed)
}

/// `name:hash` on every line.
fn are_logins(lines: &[&[u8]]) -> bool {
    let plain = lines.iter().filter(|line| !line.starts_with(b"#"));
    let is_login = |line: &&&[u8]| {
        let mut parts = line.splitn(2, |b| *b == b':');
        let (user, rest) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let is_user = !user.is_empty()
            && user
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b));
        let is_crypt = rest.len() == 13
            && rest
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"./".contains(b));
        is_user && (rest.starts_with(b"$") || rest.starts_with(b"{") || is_crypt)
    };
    let all = plain.clone().count();
    // In the clear, as lighttpd and others have it.
    let is_plain = |line: &&&[u8]| {
        let colon = line.iter().position(|b| *b == b':').unwrap_or(0);
        let (user, word) = (&line[..colon], &line[(colon + 1).min(line.len())..]);
        let has = |f: fn(&u8) -> bool| word.iter().any(f);
        colon > 0
            && user
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b))
            && word.len() >= 8
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_alphabetic)
            && !word.iter().any(|b| b"/: \t\"'=".contains(b))
            && !crate::value::is_path(word)
    };
    let has_only = |passes: &dyn Fn(&&&[u8]) -> bool| plain.clone().all(|line| passes(&line));
    all > 0 && has_only(&is_login) || all > 1 && has_only(&|line| is_plain(line) || is_login(line))
}

/// A line that begins with a time or an address, as logs have them.
fn is_logged(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    let next = line.get(digits).copied().unwrap_or_default();
    let is_dated = digits >= 1 && matches!(next, b'.' | b'/' | b'-' | b':') && line.len() > 20
        || line.starts_with(b"[") && line.get(1).is_some_and(u8::is_ascii_digit);
    let is_json = line.starts_with(b"{\"") && line.ends_with(b"}");
    let is_syslog = line.len() > 15
        && line[..3]
            .iter()
            .all(|b| b.is_ascii_alphabetic() || *b >= 0x80)
        && line.get(9) == Some(&b':')
        && line.get(12) == Some(&b':');
    is_dated || is_json || is_syslog
}

fn by_lines(lines: &[&[u8]]) -> Kind {
    let (mut nginx, mut ini, mut keyed) = (0, 0, 0);
    for line in lines {
        if line.starts_with(b"<?php")
            || *line == b"---"
            || line.starts_with(b"#!/")
            || line.starts_with(b"apiVersion:")
            || line.starts_with(b"version:")
            || line.starts_with(b"services:")
        {
            return Kind::Keyed;
        }
        let is_comment = matches!(line[0], b'#' | b';' | b'/');
        let body = match line[0] {
            b'#' => line[1..].trim_ascii(),
            _ => line,
        };
        let word = body
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
            .count();
        let behind = body.get(word).copied().unwrap_or_default();
        let is_statement = word > 0
            && (behind == b' ' || behind == b'\t')
            && matches!(body.last(), Some(b';' | b'{' | b'}'));
        let assigns = body[word..].trim_ascii_start().starts_with(b"=");
        match () {
            () if is_statement && !assigns => nginx += if is_comment { 1 } else { 3 },
            () if is_comment => {}
            () if line.starts_with(b"[") && line.ends_with(b"]") => ini += 5,
            () if line.starts_with(b"env[")
                || line.starts_with(b"php_admin_")
                || line.starts_with(b"php_value") =>
            {
                ini += 3
            }
            () if assigns
                && line.contains(&b'.')
                && line[..word.max(1)].iter().all(|b| !b.is_ascii_uppercase()) =>
            {
                ini += 1
            }
            () if assigns => keyed += 1,
            () if crate::place::contains(line, b": ") || line.ends_with(b":") => keyed += 1,
            () if line.ends_with(b";") || *line == b"}" => nginx += 1,
            () => {}
        }
    }
    match (nginx, ini, keyed) {
        (0, 0, 0) => Kind::Plain,
        (n, i, k) if n >= i && n >= k => Kind::Nginx,
        (_, i, k) if i >= k => Kind::Ini,
        _ => Kind::Keyed,
    }
}
