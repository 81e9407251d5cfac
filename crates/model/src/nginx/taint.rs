//! What a client may put into a text with variables: which bytes, and which come first.
//!
//! Follows the variables of `src/http/ngx_http_variables.c`, the captures of
//! `ngx_http_regex_exec` and `map`. A value that only the configuration decides holds no byte of
//! a client, even where the client chooses between several.

use std::borrow::Cow;
use std::sync::Arc;

use base::Span;
use base::source::printable;
use syntax::regex::{ByteSet, Regex};

use super::config::{Config, Item, ScopeId, ScopeKind};
use super::variables::{Part, parts};

/// What is known of one part of a text.
#[derive(Clone, Debug)]
pub struct Taint {
    /// Every byte that a client may put into it; empty when none.
    pub client: ByteSet,
    /// Every byte that it may begin with, when a client chooses it.
    pub first: ByteSet,
    /// Whether it may be empty.
    pub may_be_empty: bool,
    /// Whether all of it is known: no variable of an unknown module.
    pub known: bool,
    /// How a client gets there, outermost first.
    pub steps: Vec<(String, Option<Span>)>,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Bytes as they stand.
    Text(Vec<u8>),
    /// A variable.
    Variable(Vec<u8>, Taint),
}

/// Variables may be made of variables, but not endlessly.
const DEEPEST: usize = 8;

/// A regular expression whose captures hold at a place.
struct Captures {
    regex: Arc<Regex>,
    /// The text it is run on, such as `$uri`.
    subject: Vec<u8>,
    span: Span,
}

impl Taint {
    fn of_server() -> Self {
        Self {
            client: ByteSet::EMPTY,
            first: ByteSet::EMPTY,
            may_be_empty: true,
            known: true,
            steps: Vec::new(),
        }
    }

    fn unknown() -> Self {
        Self {
            known: false,
            ..Self::of_server()
        }
    }

    fn of_client(client: ByteSet, first: ByteSet, may_be_empty: bool, why: String) -> Self {
        Self {
            client,
            first,
            may_be_empty,
            known: true,
            steps: vec![(why, None)],
        }
    }

    /// Whether a client decides any of it.
    pub fn is_client(&self) -> bool {
        !self.client.is_empty()
    }

    /// Whether a client may put a line feed into it.
    pub fn may_break_lines(&self) -> bool {
        self.client.contains(b'\n')
    }

    fn or(mut self, other: Taint) -> Taint {
        self.client = self.client.union(other.client);
        self.first = self.first.union(other.first);
        self.may_be_empty |= other.may_be_empty;
        self.known &= other.known;
        if self.steps.is_empty() {
            self.steps = other.steps;
        }
        self
    }
}

impl Config {
    /// The parts of a text in a scope.
    pub fn pieces(&self, scope: ScopeId, text: &[u8]) -> Vec<Piece> {
        let place = Place { scope, map: None };
        self.pieces_at(place, text, 0)
    }

    fn pieces_at(&self, place: Place, text: &[u8], depth: usize) -> Vec<Piece> {
        let Ok(parts) = parts(text) else {
            return vec![Piece::Variable(text.to_vec(), Taint::unknown())];
        };
        let piece = |part: Part<'_>| match part {
            Part::Text(bytes) => Piece::Text(bytes.to_vec()),
            Part::Variable(name) => {
                let name = name.to_ascii_lowercase();
                let taint = self.variable(place, &name, depth);
                Piece::Variable(name, taint)
            }
        };
        parts.into_iter().map(piece).collect()
    }

    /// The parts of every text that a target may be: of a variable alone, those of its values.
    pub fn targets(&self, scope: ScopeId, text: &[u8]) -> Vec<Vec<Piece>> {
        let name = text
            .strip_prefix(b"$")
            .filter(|name| name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_'));
        let values = name
            .map(|name| self.set_values(scope, name))
            .unwrap_or_default();
        if values.is_empty() {
            return vec![self.pieces(scope, text)];
        }
        let texts = values
            .into_iter()
            .map(|(item, index)| self.word(item, index).unwrap_or_default());
        texts.map(|text| self.pieces(scope, &text)).collect()
    }

    /// What a client may put into one variable.
    pub fn taint_of(&self, scope: ScopeId, name: &[u8]) -> Taint {
        self.variable(Place { scope, map: None }, name, 0)
    }

    fn variable(&self, place: Place, name: &[u8], depth: usize) -> Taint {
        if depth > DEEPEST {
            return Taint::unknown();
        }
        if let Some(number) = digits(name) {
            let captures = match place.map {
                Some(map) => self.map_captures(map),
                None => self.captures(place.scope),
            };
            return captures.map_or_else(Taint::of_server, |captures| {
                self.captured(place, &captures, number, name, depth)
            });
        }
        let set = self.set_values(place.scope, name);
        if !set.is_empty() {
            return self.any_of(
                set.iter()
                    .map(|(item, at)| (place.scope, *item, *at, false)),
                depth,
            );
        }
        let map = self.map_values(name);
        if !map.is_empty() {
            return self.any_of(
                map.iter().map(|(item, at)| (place.scope, *item, *at, true)),
                depth,
            );
        }
        if let Some(named) = self.named_capture(place.scope, name) {
            let number = named.regex.names.get(name).copied().unwrap_or(0);
            return self.captured(place, &named, number, name, depth);
        }
        if matches!(name, b"document_root" | b"realpath_root") {
            let root = self
                .find(place.scope, "root")
                .or_else(|| self.find(place.scope, "alias"));
            return root.map_or_else(Taint::of_server, |(item, _)| {
                self.any_of(std::iter::once((place.scope, item, 1, false)), depth)
            });
        }
        let is_path = matches!(name, b"uri" | b"document_uri");
        if is_path && self.is_one_path(place.scope) {
            return Taint::of_server();
        }
        if name == b"host" && self.is_host_known(place.scope) {
            return Taint::of_server();
        }
        built_in(name)
    }

    /// Whether the host is one of the names that the configuration gives: nginx has chosen the
    /// server by it.
    fn is_host_known(&self, scope: ScopeId) -> bool {
        let server = self.enclosing(scope, ScopeKind::Server);
        server.is_some_and(|server| {
            self.complete && self.has_plain_names(server) && !self.is_default_server(server)
        })
    }

    /// Whether only one path reaches a block.
    fn is_one_path(&self, scope: ScopeId) -> bool {
        let around = self.enclosing(scope, ScopeKind::Location);
        let location = around.and_then(|location| self.location(location));
        location.is_some_and(|(modifier, _)| modifier == super::Modifier::Exact)
    }

    /// The union over several values: the words of `set` and `map` lines.
    fn any_of(
        &self,
        values: impl Iterator<Item = (ScopeId, Item, usize, bool)>,
        depth: usize,
    ) -> Taint {
        let mut all: Option<Taint> = None;
        for (scope, item, index, in_map) in values {
            let text = self.word(item, index).unwrap_or_default();
            let place = Place {
                scope,
                map: in_map.then_some(item),
            };
            let mut taint = whole(&self.pieces_at(place, &text, depth + 1));
            if taint.is_client() {
                let name = printable(&self.word(item, 0).unwrap_or_default());
                let said = format!("`{name} …` puts `{}` into it", printable(&text));
                taint.steps.insert(0, (said, Some(self.span(item))));
            }
            all = Some(match all {
                Some(all) => all.or(taint),
                None => taint,
            });
        }
        all.unwrap_or_else(Taint::of_server)
    }

    fn captured(
        &self,
        place: Place,
        captures: &Captures,
        number: u32,
        name: &[u8],
        depth: usize,
    ) -> Taint {
        let subject = whole(&self.pieces_at(place, &captures.subject, depth + 1));
        let Some(group) = captures.regex.group(number) else {
            // `$0`, and groups that are not there: empty but for the whole match.
            return if number == 0 {
                subject
            } else {
                Taint::of_server()
            };
        };
        if group.is_choice_of_words() {
            return Taint::of_server();
        }
        let (first, may_be_empty) = group.first();
        let mut steps = subject.steps;
        let said = format!(
            "`${}` is what a group of this regular expression holds of `{}`",
            printable(name),
            printable(&captures.subject)
        );
        steps.insert(0, (said, Some(captures.span)));
        let client = subject.client.intersection(group.bytes());
        Taint {
            first: first.intersection(client),
            client,
            may_be_empty,
            known: subject.known,
            steps,
        }
    }

    /// The regular expression whose numbered captures hold in a block: of its own `if`, of its
    /// location, of its server's name. A `rewrite` before it changes them; rules that judge a
    /// `rewrite` ask for its own.
    fn captures(&self, scope: ScopeId) -> Option<Captures> {
        self.outward(scope).find_map(|id| self.captures_of(id))
    }

    fn captures_of(&self, scope: ScopeId) -> Option<Captures> {
        let block = self.scope(scope);
        match block.kind {
            ScopeKind::Location => {
                let (modifier, text) = self.location(scope)?;
                let caseless = modifier == super::Modifier::RegexNoCase;
                let span = self.span(block.opener?);
                modifier
                    .is_regex()
                    .then(|| self.captures_on(&text, caseless, b"$uri", span))
            }
            ScopeKind::If => {
                let (subject, regex, caseless) = self.condition(scope)?;
                Some(self.captures_on(&regex, caseless, &subject, self.span(block.opener?)))
            }
            ScopeKind::Server => {
                let mut names = self.server_names(scope).into_iter();
                let (text, item) = names.find(|(name, _)| name.starts_with(b"~"))?;
                Some(self.captures_on(&text[1..], true, b"$host", self.span(item?)))
            }
            _ => None,
        }
    }

    fn captures_on(&self, text: &[u8], caseless: bool, subject: &[u8], span: Span) -> Captures {
        Captures {
            regex: self.regex(text, caseless),
            subject: subject.to_vec(),
            span,
        }
    }

    /// The subject, the regular expression and whether it ignores case, of `if ($x ~ re)`.
    pub fn condition(&self, scope: ScopeId) -> Option<(Vec<u8>, Vec<u8>, bool)> {
        let block = self.scope(scope);
        let opener = block.opener.filter(|_| block.kind == ScopeKind::If)?;
        let mut words: Vec<Cow<'_, [u8]>> = self.args(opener);
        // `( $x ~ re )`, `($x ~ re)`: the parentheses belong to the words or stand alone.
        let first = words.first_mut()?;
        *first = Cow::Owned(first.strip_prefix(b"(")?.to_vec());
        let last = words.last_mut()?;
        *last = Cow::Owned(last.strip_suffix(b")")?.to_vec());
        words.retain(|word| !word.is_empty());
        let [subject, operator, regex] = words.as_slice() else {
            return None;
        };
        let caseless = match &**operator {
            b"~" | b"!~" => false,
            b"~*" | b"!~*" => true,
            _ => return None,
        };
        Some((subject.to_vec(), regex.to_vec(), caseless))
    }

    /// The key of a `map` line, when it is a regular expression, with the map's source.
    fn map_captures(&self, item: Item) -> Option<Captures> {
        let key = self.word(item, 0)?;
        let (text, caseless) = match key.strip_prefix(b"~*") {
            Some(text) => (text, true),
            None => (key.strip_prefix(b"~")?, false),
        };
        let source = self
            .map_around(item)
            .and_then(|opener| self.word(opener, 1));
        let source = source.unwrap_or_default();
        Some(self.captures_on(text, caseless, &source, self.span(item)))
    }

    fn map_around(&self, line: Item) -> Option<Item> {
        let mut around = self.maps().filter(|scope| scope.items.contains(&line));
        around.next()?.opener
    }

    /// The regular expression with a group of this name: of the blocks around, else of any map.
    fn named_capture(&self, scope: ScopeId, name: &[u8]) -> Option<Captures> {
        let has = |captures: &Captures| {
            captures
                .regex
                .names
                .keys()
                .any(|n| n.eq_ignore_ascii_case(name))
        };
        let around = self
            .outward(scope)
            .filter_map(|id| self.captures_of(id))
            .find(has);
        around.or_else(|| {
            let lines = self.maps().flat_map(|scope| scope.items.iter().copied());
            let needle: Vec<u8> = [b"<", name, b">"].concat();
            let named = lines.filter(|line| {
                let key = self.word(*line, 0).unwrap_or_default();
                key.windows(needle.len())
                    .any(|w| w.eq_ignore_ascii_case(&needle))
            });
            named.filter_map(|line| self.map_captures(line)).find(has)
        })
    }
}

/// Where a text stands; the captures of a `map` line are its own.
#[derive(Clone, Copy)]
struct Place {
    scope: ScopeId,
    map: Option<Item>,
}

/// All parts of a text together.
pub fn whole(pieces: &[Piece]) -> Taint {
    let mut all = Taint::of_server();
    let mut open = true;
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                if open && !text.is_empty() {
                    all.may_be_empty = false;
                    open = false;
                }
            }
            Piece::Variable(_, taint) => {
                all.client = all.client.union(taint.client);
                all.known &= taint.known;
                if open {
                    all.first = all.first.union(taint.first);
                    all.may_be_empty = taint.may_be_empty;
                    open = taint.may_be_empty;
                }
                if all.steps.is_empty() {
                    all.steps.clone_from(&taint.steps);
                }
            }
        }
    }
    all
}

/// The host of a `…_pass` target: the parts behind the scheme and before the path. What begins with
/// a slash, a question mark or a hash ends the host.
pub fn host_of(pieces: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut scheme_open = true;
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let text = match text.windows(3).position(|w| w == b"://") {
                    Some(at) if scheme_open => {
                        // `http://evil/?` for a scheme is a host.
                        let is_chosen = |piece: &Piece| matches!(piece, Piece::Variable(_, taint) if taint.client.contains(b'/'));
                        if out.iter().any(is_chosen) {
                            return out;
                        }
                        out.clear();
                        &text[at + 3..]
                    }
                    _ => text.as_slice(),
                };
                scheme_open = scheme_open && text.is_empty();
                let is_unix = text.starts_with(b"unix:");
                let end = text
                    .iter()
                    .position(|b| b"/?#".contains(b))
                    .filter(|_| !is_unix);
                out.push(Piece::Text(text[..end.unwrap_or(text.len())].to_vec()));
                if end.is_some() {
                    return out;
                }
            }
            // The path of the request begins with a slash; `$is_args` is `?` or nothing at all.
            Piece::Variable(name, taint) => {
                let is_path =
                    !taint.may_be_empty && taint.first.contains(b'/') && taint.first.len() == 1;
                if is_path || name == b"is_args" {
                    return out;
                }
                out.push(piece.clone());
            }
        }
    }
    out
}

fn digits(name: &[u8]) -> Option<u32> {
    let is_number = !name.is_empty() && name.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(name).ok()?.parse().ok())?
}

/// Variables that nginx fills from its own knowledge or the connection.
const OF_SERVER: &[&str] = &[
    "binary_remote_addr",
    "body_bytes_sent",
    "bytes_sent",
    "connection",
    "connection_requests",
    "connection_time",
    "content_length",
    "date_gmt",
    "date_local",
    "geoip_country_code",
    "hostname",
    "http2",
    "http3",
    "https",
    "invalid_referer",
    "limit_conn_status",
    "limit_rate",
    "limit_req_status",
    "msec",
    "nginx_version",
    "pid",
    "pipe",
    "proxy_host",
    "proxy_port",
    "proxy_protocol_addr",
    "proxy_protocol_port",
    "realip_remote_addr",
    "realip_remote_port",
    "remote_addr",
    "remote_port",
    "request_completion",
    "request_id",
    "request_length",
    "request_time",
    "scheme",
    "secure_link",
    "secure_link_expires",
    "server_addr",
    "server_name",
    "server_port",
    "server_protocol",
    "ssl_cipher",
    "ssl_ciphers",
    "ssl_curve",
    "ssl_curves",
    "ssl_protocol",
    "ssl_session_id",
    "ssl_session_reused",
    "status",
    "time_iso8601",
    "time_local",
    "gzip_ratio",
    "uid_got",
    "uid_set",
    "proxy_internal_body_length",
];

/// Prefixes of the same; what a backend says is not the client's.
const PREFIXES_OF_SERVER: &[&str] = &[
    "upstream_",
    "sent_http_",
    "sent_trailer_",
    "tcpinfo_",
    "geoip_",
    "geoip2_",
];

fn built_in(name: &[u8]) -> Taint {
    let text = String::from_utf8_lossy(name).into_owned();
    let is_prefixed = |prefixes: &[&str]| prefixes.iter().any(|p| text.starts_with(p));
    if OF_SERVER.contains(&text.as_str()) || is_prefixed(PREFIXES_OF_SERVER) {
        return Taint::of_server();
    }
    let visible = ByteSet::range(0x21, 0xff).intersection(ByteSet::of(&[0x7f]).complement());
    let header = ByteSet::of(b"\0\r\n").complement();
    let slash = ByteSet::of(b"/");
    let decoded = ByteSet::of(b"\0").complement();
    let client = |set, first, empty, why: &str| {
        Taint::of_client(set, first, empty, format!("`${text}` is {why}"))
    };
    match name {
        b"uri" | b"document_uri" | b"fastcgi_script_name" => client(
            decoded,
            slash,
            false,
            "the path of the request, decoded: `%2f` is a slash in it and `%0a` a line feed",
        ),
        b"fastcgi_path_info" => client(decoded, slash, true, "a part of the decoded path"),
        b"request_filename" => client(decoded, ByteSet::EMPTY, false, "made of the decoded path"),
        b"request_uri" => client(visible, slash, false, "the path as the client wrote it"),
        b"is_args" => Taint::of_server(),
        b"args" | b"query_string" => {
            client(visible, visible, true, "the query as the client wrote it")
        }
        b"host" | b"ssl_server_name" => {
            let host =
                visible.intersection(ByteSet::of(b"/ABCDEFGHIJKLMNOPQRSTUVWXYZ").complement());
            client(host, host, false, "the host that the client asked for")
        }
        b"request_method" => {
            let method = ByteSet::range(b'A', b'Z').union(ByteSet::of(b"_-"));
            client(method, method, false, "the client's method")
        }
        b"request"
        | b"remote_user"
        | b"content_type"
        | b"proxy_add_x_forwarded_for"
        | b"http_host" => client(header, header, true, "what the client wrote"),
        b"request_body" => client(
            ByteSet::ALL,
            ByteSet::ALL,
            true,
            "the body that the client sent",
        ),
        _ if is_prefixed(&["arg_"]) => {
            let arg = visible.intersection(ByteSet::of(b"&").complement());
            client(arg, arg, true, "an argument of the client's query")
        }
        _ if is_prefixed(&["http_", "cookie_"]) => {
            client(header, header, true, "a header that the client sent")
        }
        _ => Taint::unknown(),
    }
}
