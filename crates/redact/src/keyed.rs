//! Names and values of other languages: what a line alone does not tell. Blocks of YAML, Secrets of
//! Kubernetes, defaults of Terraform variables, and files with a login on every line.

use std::ops::Range;

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::nginx;
use crate::text::prose::Lines as Notes;
use crate::text::{self, Manner};
use crate::value;
use crate::why;

/// Adds what is found.
pub(crate) fn find(path: &[u8], bytes: &[u8], out: &mut Vec<Hit>) {
    text::find(bytes, 0..bytes.len(), Manner::Plain, out);
    text::notes(bytes, Notes::Comments, out);
    nginx::embedded(bytes, out);
    login_lines(bytes, out);
    let mut lines = Lines::default();
    for range in line_ranges(bytes) {
        lines.next(bytes, range, out);
    }
    if path.ends_with(b"netrc") {
        netrc(bytes, out);
    }
}

/// What the lines above say of the next one.
#[derive(Default)]
struct Lines {
    /// Inside a document of kind `Secret`.
    is_secret: bool,
    /// Inside its `data`, at this indentation.
    data: Option<usize>,
    /// Inside a block of text whose name says that it is a secret, at this indentation.
    block: Option<usize>,
    /// Inside `variable "db_password" {`.
    variable: Meaning_,
    /// Inside of a certificate.
    is_certificate: bool,
    /// In the state of a password that was made up.
    is_made_up: bool,
    /// Inside `chpasswd:`, at this indentation.
    logins: Option<usize>,
    /// What is inside are passwords, however they look.
    is_passwords: bool,
    /// Inside `"bearer": {` or `API_KEYS = [`, at this indentation.
    nested: Option<usize>,
}

/// [`Meaning`] with nothing as the default.
#[derive(Clone, Copy, Default)]
struct Meaning_(Option<Meaning>);

impl Lines {
    fn next(&mut self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Hit>) {
        let line = &bytes[range.clone()];
        let indent = line.iter().take_while(|b| **b == b' ').count();
        let body = line[indent..].trim_ascii_end();
        if body.is_empty() || body.starts_with(b"#") {
            return;
        }
        if body == b"---" {
            *self = Lines::default();
            return;
        }
        if self.is_certificate {
            self.is_certificate = !body.starts_with(b"-----END");
            return;
        }
        if body.starts_with(b"\"type\":") {
            self.is_made_up = crate::place::contains(body, b"random_password");
        }
        if self.is_made_up && body.starts_with(b"\"result\": \"") {
            let from = range.start + indent + b"\"result\": \"".len();
            let len = bytes[from..range.end]
                .iter()
                .take_while(|b| **b != b'"')
                .count();
            out.push(Hit::secret(from..from + len, &why::NAMED));
        }
        if body == b"chpasswd:" {
            self.logins = Some(indent);
        } else if self.logins.is_some_and(|outer| indent <= outer) {
            self.logins = None;
        }
        if let Some(colon) = self
            .logins
            .and_then(|_| body.iter().position(|b| *b == b':'))
        {
            let from = range.start + indent + colon + 1;
            let value = &body[colon + 1..];
            if value.first().is_some_and(|b| *b != b' ') && value::is_plausible(value) {
                out.push(Hit::secret(from..from + value.len(), &why::LOGIN_FILE));
            }
        }
        if let Some(block) = self.block {
            let is_public =
                body.starts_with(b"-----BEGIN CERT") || body.starts_with(b"-----BEGIN PUBLIC");
            if is_public {
                self.block = None;
                self.is_certificate = true;
            } else if indent > block {
                let from = range.start + indent;
                let is_hidden = value::is_plausible(body)
                    && !body.starts_with(b"-----")
                    && !body.starts_with(b"$ANSIBLE_VAULT");
                if is_hidden {
                    out.push(Hit::secret(from..from + body.len(), &why::NAMED));
                }
                return;
            }
            self.block = None;
        }
        self.nested(bytes, &range, indent, body, out);
        self.kubernetes(bytes, &range, indent, body, out);
        self.terraform(bytes, &range, indent, body, out);
        if let Some(key) = block_key(body)
            && name::meaning(key) == Meaning::Secret
            && !crate::place::contains(body, b"!vault")
        {
            self.block = Some(indent);
        }
    }

    /// Entries of a block or list whose name says that it holds secrets: the strings that look
    /// random.
    fn nested(
        &mut self,
        bytes: &[u8],
        range: &Range<usize>,
        indent: usize,
        body: &[u8],
        out: &mut Vec<Hit>,
    ) {
        if let Some(outer) = self.nested {
            if indent <= outer {
                self.nested = None;
            } else {
                for inner in strings(
                    bytes,
                    range.start + indent..range.start + indent + body.len(),
                ) {
                    let value = &bytes[inner.clone()];
                    let is_key = bytes[inner.end..range.end]
                        .iter()
                        .skip(1)
                        .find(|b| **b != b' ')
                        == Some(&b':');
                    let is_random = value.len() >= 8 && value::looks_random(value);
                    if !is_key && (is_random || self.is_passwords) && value::is_plausible(value) {
                        out.push(Hit::secret(inner, &why::NESTED));
                    }
                }
            }
        }
        // `"k": "…"`: the key of a JWK.
        if crate::place::contains(body, b"\"kty\"") {
            for name in [b"\"k\":".as_slice(), b"\"d\":", b"\"p\":", b"\"q\":"] {
                let Some(at) = crate::place::find(body, name) else {
                    continue;
                };
                let start = range.start + indent + at + name.len();
                let key = strings(bytes, start..range.start + indent + body.len())
                    .into_iter()
                    .next();
                if let Some(key) = key.filter(|key| key.len() >= 16) {
                    out.push(Hit::secret(key, &why::NESTED));
                }
            }
        }
        // `["Gyt0YnWv…"] = "mobile"`: what a client must know, as the key of a table.
        if let Some(key) = body
            .strip_prefix(b"[\"")
            .or_else(|| body.strip_prefix(b"['"))
        {
            let len = key.iter().take_while(|b| !b"\"'".contains(b)).count();
            let key = &key[..len];
            let has = |f: fn(&u8) -> bool| key.iter().any(f);
            let is_mixed = has(u8::is_ascii_uppercase)
                && has(u8::is_ascii_lowercase)
                && has(u8::is_ascii_digit);
            if len >= 20 && is_mixed && value::looks_random(key) {
                let from = range.start + indent + 2;
                out.push(Hit::secret(from..from + len, &why::RANDOM));
            }
        }
        let opens = matches!(body.last(), Some(b'{' | b'[' | b'(' | b':'));
        if !opens || self.nested.is_some() {
            return;
        }
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let mut names = body.split(|b| !is_name(*b)).filter(|name| !name.is_empty());
        let says = |name: &[u8]| {
            let said = name::meaning(name);
            let plural = name.to_ascii_lowercase();
            said == Meaning::Secret
                || plural == b"keys"
                || plural == b"tokens"
                || plural == b"github-oauth"
                || plural == b"bearer"
        };
        let is_code = body.starts_with(b"function")
            || body.starts_with(b"if")
            || body.starts_with(b"class")
            || body.starts_with(b"kind:")
            || body.starts_with(b"resource");
        if !is_code && names.any(says) {
            self.nested = Some(indent);
            let lower = body.to_ascii_lowercase();
            const PLURALS: [&[u8]; 4] = [b"passwords", b"passwd", b"kennw", b"passw\xc3\xb6rter"];
            self.is_passwords = PLURALS
                .iter()
                .any(|word| crate::place::contains(&lower, word));
        }
    }

    fn kubernetes(
        &mut self,
        bytes: &[u8],
        range: &Range<usize>,
        indent: usize,
        body: &[u8],
        out: &mut Vec<Hit>,
    ) {
        if body == b"kind: Secret" {
            self.is_secret = true;
        }
        if self.data.is_some_and(|data| indent <= data) {
            self.data = None;
        }
        if let Some(colon) = self.data.and_then(|_| body.iter().position(|b| *b == b':')) {
            let behind = &body[colon + 1..];
            let blanks = behind.iter().take_while(|b| **b == b' ').count();
            let value = behind[blanks..].trim_ascii();
            let quoted = usize::from(
                value.len() > 1 && matches!(value[0], b'"' | b'\'') && value.ends_with(&value[..1]),
            );
            let from = range.start + indent + colon + 1 + blanks;
            let inner = from + quoted..from + value.len() - quoted;
            let is_block = value.starts_with(b"|") || value.starts_with(b">");
            if is_block {
                self.block = Some(indent);
            } else if value::is_plausible(&bytes[inner.clone()]) {
                out.push(Hit::secret(inner, &why::KUBERNETES));
            }
        }
        if self.is_secret && matches!(body, b"data:" | b"stringData:") {
            self.data = Some(indent);
        }
    }

    fn terraform(
        &mut self,
        bytes: &[u8],
        range: &Range<usize>,
        indent: usize,
        body: &[u8],
        out: &mut Vec<Hit>,
    ) {
        if body.starts_with(b"variable \"") || body.starts_with(b"resource \"") {
            let labels = body.split(|b| *b == b'"').skip(1).step_by(2);
            self.variable = Meaning_(labels.map(name::meaning).max());
            // `variable "key" { default = "…" }`
            let Some(open) = body.iter().position(|b| *b == b'{') else {
                return;
            };
            let inside = open + 1 + body[open + 1..].iter().take_while(|b| **b == b' ').count();
            if inside < body.len() {
                self.assigned(bytes, range, indent + inside, &body[inside..], out);
                self.variable = Meaning_::default();
            }
            return;
        }
        if body == b"}" && indent == 0 {
            self.variable = Meaning_::default();
        }
        self.assigned(bytes, range, indent, body, out);
    }

    /// What a variable or resource is given, on a line that begins with `body`.
    fn assigned(
        &self,
        bytes: &[u8],
        range: &Range<usize>,
        indent: usize,
        body: &[u8],
        out: &mut Vec<Hit>,
    ) {
        let Some(said) = self.variable.0.filter(|said| *said != Meaning::Nothing) else {
            return;
        };
        const KEYS: [&[u8]; 5] = [
            b"default",
            b"value",
            b"secret_string",
            b"plaintext_value",
            b"secret_data",
        ];
        let Some(key) = KEYS.iter().find(|key| body.starts_with(key)) else {
            return;
        };
        let Some(open) = body[key.len()..].iter().position(|b| *b == b'"') else {
            return;
        };
        let from = range.start + indent + key.len() + open + 1;
        let len = bytes[from..range.end]
            .iter()
            .take_while(|b| **b != b'"')
            .count();
        if value::is_secret(&bytes[from..from + len], said) {
            out.push(Hit::secret(from..from + len, &why::NAMED));
        }
    }
}

/// The insides of the quoted strings on a line; of a list without quotes, what follows the dash.
fn strings(bytes: &[u8], line: Range<usize>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = line.start;
    while at < line.end {
        let quote = bytes[at];
        if quote != b'"' && quote != b'\'' {
            at += 1;
            continue;
        }
        let len = bytes[at + 1..line.end]
            .iter()
            .take_while(|b| **b != quote)
            .count();
        out.push(at + 1..at + 1 + len);
        at += len + 2;
    }
    if out.is_empty() {
        let body = &bytes[line.clone()];
        let skipped = match body.strip_prefix(b"- ") {
            Some(_) => 2,
            None => body
                .windows(2)
                .position(|w| w == b": ")
                .map_or(body.len(), |at| at + 2),
        };
        out.push(line.start + skipped..line.end);
    }
    out
}

/// The key of `key: |` and `key: >-`.
fn block_key(body: &[u8]) -> Option<&[u8]> {
    let colon = body.iter().position(|b| *b == b':')?;
    let behind = body[colon + 1..].trim_ascii();
    let is_block = matches!(behind.first(), Some(b'|' | b'>')) && behind.len() <= 3;
    let key = body[..colon].trim_ascii();
    is_block.then(|| key.strip_prefix(b"- ").unwrap_or(key))
}

/// A user and a password on every line: htpasswd (the last column) and `.pgpass` (the fifth).
pub(crate) fn logins(bytes: &[u8], out: &mut Vec<Hit>) {
    text::find(bytes, 0..bytes.len(), Manner::Plain, out);
    for range in line_ranges(bytes) {
        let line = bytes[range.clone()].trim_ascii_end();
        // Who was put out of use may still have the same password elsewhere.
        let marks = line.iter().take_while(|b| b"# ".contains(b)).count();
        let line = &line[marks..];
        if marks > 0 && !is_login(line) {
            continue;
        }
        let range = range.start + marks..range.end;
        // A colon in a value is written with a backslash.
        let colons = line
            .windows(2)
            .filter(|w| w[1] == b':' && w[0] != b'\\')
            .count();
        let columns = colons + 1 + usize::from(line.starts_with(b":"));
        let (skipped, why) = match columns {
            5 => (4, &why::LOGIN_FILE),
            // user:realm:hash
            3 if line.rsplit(|b| *b == b':').next().is_some_and(is_md5) => (2, &why::HTPASSWD),
            2..=4 => (1, &why::HTPASSWD),
            // `/etc/passwd` has none.
            _ => continue,
        };
        let mut from = 0;
        for _ in 0..skipped {
            from += line[from..]
                .iter()
                .position(|b| *b == b':')
                .map_or(line.len() - from, |at| at + 1);
        }
        let mut end = line.len();
        if columns < 5 {
            // A third column is a comment.
            end = from + line[from..].iter().take_while(|b| **b != b':').count();
        }
        let value = &line[from..end];
        let scheme = match value.iter().position(|b| *b == b'}') {
            Some(close) if value.starts_with(b"{") => close + 1,
            _ => 0,
        };
        if value::is_plausible(&value[scheme..]) || value[scheme..].starts_with(b"$") {
            let start = range.start + from;
            out.push(Hit::secret(start + scheme..start + value.len(), why));
        }
    }
}

fn is_md5(column: &[u8]) -> bool {
    column.len() == 32 && column.iter().all(u8::is_ascii_hexdigit)
}

/// Lines of login files in any text: `host:5432:db:user:password`, `password …` on a line of its own,
/// `[host]:587 user:password`, `https://host/path user password`.
pub(crate) fn login_lines(bytes: &[u8], out: &mut Vec<Hit>) {
    for range in line_ranges(bytes) {
        let line = bytes[range.clone()].trim_ascii_end();
        if let Some(from) = login_line(line) {
            let value = &line[from..];
            if value::is_plausible(value) {
                out.push(Hit::secret(
                    range.start + from..range.start + line.len(),
                    &why::LOGIN_FILE,
                ));
            }
        }
    }
}

fn login_line(line: &[u8]) -> Option<usize> {
    if let Some(value) = line.trim_ascii_start().strip_prefix(b"password ") {
        let is_word = !value.contains(&b' ') && !value::is_prose(value);
        return is_word.then(|| line.len() - value.len());
    }
    let mut words = line.split(|b| *b == b' ');
    match [(); 4].map(|()| words.next()) {
        [Some(only), None, ..] => {
            let mut columns = only.split(|b| *b == b':');
            let columns = [(); 6].map(|()| columns.next());
            let [_, Some(port), _, _, Some(last), None] = columns else {
                return None;
            };
            let is_port = port == b"*" || port.len() > 1 && port.iter().all(u8::is_ascii_digit);
            (is_port && !last.is_empty()).then(|| line.len() - last.len())
        }
        [Some(host), Some(login), None, _]
            if host.starts_with(b"[") && crate::place::contains(host, b"]:") =>
        {
            let colon = login.iter().position(|b| *b == b':')?;
            Some(line.len() - login.len() + colon + 1)
        }
        [Some(url), Some(user), Some(password), None] => {
            let is_url = url.starts_with(b"https://") || url.starts_with(b"http://");
            let is_user = user
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b));
            (is_url && is_user && value::looks_random(password))
                .then(|| line.len() - password.len())
        }
        _ => None,
    }
}

/// `name:hash`, and nothing else.
fn is_login(line: &[u8]) -> bool {
    let mut parts = line.splitn(2, |b| *b == b':');
    let (user, hash) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let is_user = !user.is_empty()
        && user
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b));
    let is_crypt = hash.len() == 13
        && hash
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"./".contains(b));
    // host:port:database:user:password
    let columns: Vec<&[u8]> = line.split(|b| *b == b':').collect();
    let is_pgpass = columns.len() == 5
        && columns[1].iter().all(|b| b.is_ascii_digit() || *b == b'*')
        && !columns[1].is_empty();
    is_pgpass || is_user && (is_crypt || hash.starts_with(b"$") || hash.starts_with(b"{"))
}

/// `password x` in .netrc, also on lines of their own.
fn netrc(bytes: &[u8], out: &mut Vec<Hit>) {
    let mut at = 0;
    while let Some(found) = crate::place::find(&bytes[at..], b"password ") {
        let from = at + found + b"password ".len();
        let line = bytes[..from]
            .rsplit(|b| *b == b'\n')
            .next()
            .unwrap_or_default();
        if line.trim_ascii_start().starts_with(b"#") {
            at = from;
            continue;
        }
        let len = bytes[from..]
            .iter()
            .take_while(|b| !b.is_ascii_whitespace())
            .count();
        if value::is_plausible(&bytes[from..from + len]) {
            out.push(Hit::secret(from..from + len, &why::LOGIN_FILE));
        }
        at = from + len;
    }
}

fn line_ranges(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    bytes.split_inclusive(|b| *b == b'\n').map(move |line| {
        let start = at;
        at += line.len();
        let len = line.strip_suffix(b"\n").map_or(line.len(), <[u8]>::len);
        start..start + len
    })
}
