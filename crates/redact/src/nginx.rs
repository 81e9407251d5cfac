//! Secrets of an nginx configuration by their place in the tree. Code, comments, and what nginx
//! refuses are read as text.

use std::ops::Range;

use syntax::nginx::{NodeId, NodeKind, Tree, Word, parse};

use crate::find::Hit;
use crate::name::{self, Meaning};
use crate::text::prose::Lines;
use crate::text::{self, Manner};
use crate::value;
use crate::why::{self, Why};

/// Directives whose arguments are names, paths, sizes or expressions, whatever words are in them.
const HARMLESS: &[&[u8]] = &[
    b"access_log",
    b"alias",
    b"auth_basic",
    b"auth_basic_user_file",
    b"auth_http_header_",
    b"auth_jwt",
    b"auth_jwt_claim_set",
    b"auth_jwt_header_set",
    b"auth_jwt_key_file",
    b"auth_jwt_require",
    b"auth_jwt_type",
    b"auth_request",
    b"auth_request_set",
    b"error_log",
    b"fastcgi_cache_key",
    b"fastcgi_hide_header",
    b"fastcgi_ignore_headers",
    b"fastcgi_pass",
    b"fastcgi_pass_header",
    b"grpc_hide_header",
    b"grpc_pass",
    b"grpc_pass_header",
    b"grpc_ssl_certificate_key",
    b"hash",
    b"include",
    b"js_import",
    b"js_path",
    b"js_set",
    b"keyval",
    b"keyval_zone",
    b"limit_conn",
    b"limit_conn_zone",
    b"limit_except",
    b"limit_req",
    b"limit_req_zone",
    b"load_module",
    b"location",
    b"log_format",
    b"more_clear_headers",
    b"more_clear_input_headers",
    b"perl_modules",
    b"proxy_cache_key",
    b"proxy_cache_path",
    b"proxy_cookie_domain",
    b"proxy_cookie_flags",
    b"proxy_cookie_path",
    b"proxy_hide_header",
    b"proxy_ignore_headers",
    b"proxy_pass",
    b"proxy_pass_header",
    b"proxy_ssl_certificate",
    b"proxy_ssl_certificate_key",
    b"proxy_ssl_password_file",
    b"resolver",
    b"root",
    b"scgi_cache_key",
    b"scgi_pass_header",
    b"secure_link",
    b"server_name",
    b"server_tokens",
    b"slice",
    b"split_clients",
    b"ssl_certificate",
    b"ssl_certificate_key",
    b"ssl_ciphers",
    b"ssl_client_certificate",
    b"ssl_password_file",
    b"ssl_session_ticket_key",
    b"ssl_session_tickets",
    b"ssl_trusted_certificate",
    b"sticky",
    b"sticky_cookie_insert",
    b"subrequest_output_buffer_size",
    b"try_files",
    b"types",
    b"underscores_in_headers",
    b"upstream",
    b"uwsgi_cache_key",
    b"uwsgi_hide_header",
    b"uwsgi_pass",
    b"uwsgi_pass_header",
    b"uwsgi_ssl_certificate_key",
    b"uwsgi_ssl_password_file",
    b"valid_referers",
    b"zone",
];

/// Directives that set a header: its name, then its value.
const HEADERS: &[&[u8]] = &[
    b"add_header",
    b"add_trailer",
    b"auth_http_header",
    b"grpc_set_header",
    b"header",
    b"more_set_headers",
    b"more_set_input_headers",
    b"proxy_set_header",
];

/// Directives with a name and a value.
const PARAMETERS: &[&[u8]] = &[
    b"auth_http_header",
    b"env",
    b"fastcgi_param",
    b"js_var",
    b"passenger_env_var",
    b"perl_set",
    b"proxy_set_body",
    b"scgi_param",
    b"set",
    b"set_secure_random_alphanum",
    b"uwsgi_param",
];

fn is_in(list: &[&[u8]], name: &[u8]) -> bool {
    list.binary_search(&name).is_ok()
}

/// Adds what is found.
pub(crate) fn find(bytes: &[u8], out: &mut Vec<Hit>) {
    let tree = parse(bytes);
    in_tree(bytes, 0, &tree, out);
    let finder = Finder {
        bytes,
        at: 0,
        tree: &tree,
    };
    let maps = finder.maps();
    for (start, end) in tree.comments() {
        comment(&finder, &maps, *start as usize..*end as usize, out);
    }
    let manner = match tree.errors().is_empty() {
        true => Manner::Plain,
        false => Manner::Statements,
    };
    text::find(bytes, 0..bytes.len(), Manner::Plain, out);
    text::notes(bytes, Lines::Comments, out);
    // A tree of a broken file may lack statements; those are read line by line.
    if manner == Manner::Statements {
        broken(bytes, out);
    }
}

/// Looks at every statement; `at` is where the tree's bytes begin in the text.
fn in_tree(bytes: &[u8], at: usize, tree: &Tree, out: &mut Vec<Hit>) {
    let finder = Finder { bytes, at, tree };
    for node in 0..tree.len() {
        finder.node(NodeId(u32::try_from(node).unwrap_or(u32::MAX)), out);
    }
}

/// A comment may be a statement that was switched off.
fn comment(
    finder: &Finder<'_>,
    maps: &[(Range<usize>, NodeId)],
    range: Range<usize>,
    out: &mut Vec<Hit>,
) {
    let bytes = finder.bytes;
    let text = &bytes[range.clone()];
    let marks = text
        .iter()
        .take_while(|b| matches!(b, b'#' | b' ' | b'\t'))
        .count();
    let body = text[marks..].trim_ascii_end();
    if !matches!(body.last(), Some(b';' | b'{' | b'}')) {
        return;
    }
    let from = range.start + marks;
    let tree = parse(body);
    in_tree(body, from, &tree, out);
    // In a `map` it may be an entry.
    if let (Some(block), 1) = (Finder::map_around(maps, range.start), tree.len()) {
        let words = tree.words(NodeId(0)).iter();
        let at = u32::try_from(from).unwrap_or(u32::MAX);
        let words: Vec<Word> = words
            .map(|word| Word {
                start: word.start + at,
                end: word.end + at,
            })
            .collect();
        finder.entry_of(block, &words, out);
    }
}

/// Reads the lines that look like statements: nginx configuration inside of another language.
pub(crate) fn embedded(bytes: &[u8], out: &mut Vec<Hit>) {
    lines(bytes, out, |line| {
        let word = line
            .iter()
            .take_while(|b| b.is_ascii_lowercase() || **b == b'_')
            .count();
        let name = &line[..word];
        let is_known = is_in(HEADERS, name)
            || is_in(PARAMETERS, name)
            || name.starts_with(b"secure_link")
            || name == b"if";
        is_known
            && name != b"header"
            && line.get(word) == Some(&b' ')
            && matches!(line.last(), Some(b';' | b'{' | b'}'))
    });
}

/// Reads every line as statements of its own.
fn broken(bytes: &[u8], out: &mut Vec<Hit>) {
    lines(bytes, out, |_| true);
}

fn lines(bytes: &[u8], out: &mut Vec<Hit>, is_read: impl Fn(&[u8]) -> bool) {
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if !is_read(line.trim_ascii()) {
            at += line.len();
            continue;
        }
        let len = line.trim_ascii_end().len();
        let closed = [&line[..len], b"\n;".as_slice()].concat();
        let body = match line[..len].ends_with(b";") {
            true => &line[..len],
            false => closed.as_slice(),
        };
        let mut found = Vec::new();
        in_tree(body, 0, &parse(body), &mut found);
        found.retain(|hit| hit.end <= len);
        out.extend(found.into_iter().map(|hit| Hit {
            start: hit.start + at,
            end: hit.end + at,
            ..hit
        }));
        // A quote that nothing closes swallows the line.
        if line[..len].contains(&b'"') || line[..len].contains(&b'\'') {
            text::find(bytes, at..at + len, Manner::Statements, out);
        }
        at += line.len();
    }
}

struct Finder<'a> {
    bytes: &'a [u8],
    /// Where the bytes begin in the whole text.
    at: usize,
    tree: &'a Tree,
}

impl Finder<'_> {
    fn node(&self, node: NodeId, out: &mut Vec<Hit>) {
        let words = self.tree.words(node);
        if self.tree.kind(node) == NodeKind::Data {
            return self.entry(node, words, out);
        }
        let Some((head, args)) = words.split_first() else {
            return;
        };
        let name = self.text(*head).to_ascii_lowercase();
        match name.as_slice() {
            b"if" => self.condition(args, out),
            b"secure_link_md5" | b"secure_link_hmac_message" => self.literals(args, out),
            b"secure_link_secret" | b"secure_link_hmac_secret" => {
                self.values(args, Meaning::Secret, &why::LINK_SALT, out)
            }
            b"set_hmac_sha1" | b"set_hmac_sha256" | b"radius_server" => {
                let values = args.get(1..2).unwrap_or_default();
                self.values(values, Meaning::Secret, &why::ARGUMENT, out);
            }
            b"map" | b"geo" => {}
            // Code, which is looked through as text.
            b"perl" | b"perl_set" => {}
            name if is_in(HEADERS, name) => self.header(args, out),
            name if is_in(PARAMETERS, name) => self.parameter(name, args, out),
            name if is_in(HARMLESS, name) || name.ends_with(b"_file") => {}
            name => self.other(name, args, out),
        }
    }

    /// A statement whose `;` was forgotten goes on with the next one, whose words are no values.
    fn on_one_line<'w>(&self, words: &'w [Word]) -> &'w [Word] {
        let ends = |pair: &[Word]| {
            self.bytes[pair[0].end as usize..pair[1].start as usize].contains(&b'\n')
        };
        let len = words
            .windows(2)
            .position(ends)
            .map_or(words.len(), |at| at + 1);
        &words[..len]
    }

    /// The bytes inside of a word's quotes.
    fn inner(&self, word: Word) -> Range<usize> {
        let (start, end) = (word.start as usize, word.end as usize);
        match self.bytes[start] {
            quote @ (b'"' | b'\'') => {
                let closed = end > start + 1 && self.bytes[end - 1] == quote;
                start + 1..end - usize::from(closed)
            }
            _ => start..end,
        }
    }

    fn text(&self, word: Word) -> &[u8] {
        &self.bytes[self.inner(word)]
    }

    /// Where nginx finds an error, a quote may never have been closed; then only the first line of
    /// what it swallowed is a value.
    fn first_line(&self, range: Range<usize>) -> Range<usize> {
        if self.tree.errors().is_empty() {
            return range;
        }
        let line = self.bytes[range.clone()].iter().position(|b| *b == b'\n');
        range.start..line.map_or(range.end, |len| range.start + len)
    }

    fn push(&self, range: Range<usize>, why: &'static Why, out: &mut Vec<Hit>) {
        let range = self.first_line(range);
        out.push(Hit::secret(range.start + self.at..range.end + self.at, why));
    }

    /// `fastcgi_param NAME value`, `set $name value`, `env NAME=value`.
    fn parameter(&self, directive: &[u8], args: &[Word], out: &mut Vec<Hit>) {
        let args = match args {
            [args @ .., last] if self.text(*last) == b"if_not_empty" => args,
            args => args,
        };
        let Some((first, rest)) = args.split_first() else {
            return;
        };
        let name = self.text(*first);
        if directive == b"env" {
            return self.assignment(*first, out);
        }
        let why = match directive {
            b"set" | b"js_var" => &why::VARIABLE,
            _ => &why::NAMED,
        };
        let name = name.strip_prefix(b"$").unwrap_or(name);
        if text::is_cookie(name) || text::is_authorization(name) {
            return self.header(args, out);
        }
        self.values(rest, name::meaning(name), why, out);
    }

    /// `NAME value`, or `"Name: value"` in one word.
    fn header(&self, args: &[Word], out: &mut Vec<Hit>) {
        let Some((first, rest)) = args.split_first() else {
            return;
        };
        let name = self.text(*first);
        let name = name.strip_suffix(b"-Header").unwrap_or(name);
        // `more_set_headers 'X-Api-Key: …'` is read as text.
        if name.contains(&b':') {
            return;
        }
        let mut found = Vec::new();
        for word in self.on_one_line(rest) {
            let range = self.inner(*word);
            let lower = name.to_ascii_lowercase();
            if text::is_authorization(name) {
                let quote =
                    Some(self.bytes[word.start as usize]).filter(|b| matches!(b, b'"' | b'\''));
                let inside = &self.bytes[..range.end];
                text::authorization(inside, range, quote.or(Some(b';')), &mut found);
            } else if text::is_cookie(name) {
                match lower.starts_with(b"set") {
                    true => text::set_cookie(self.bytes, range, &mut found),
                    false => text::cookies(self.bytes, range, &mut found),
                };
            } else {
                // What is set to a fixed text to be let in.
                let said = match name::meaning(name) {
                    Meaning::Suspicious if !lower.starts_with(b"access-control") => Meaning::Secret,
                    said => said,
                };
                self.values(&[*word], said, &why::HEADER, out);
            }
        }
        for hit in found {
            self.push(hit.start..hit.end, &why::HEADER, out);
        }
    }

    /// Words that are the value of a name.
    fn values(&self, words: &[Word], said: Meaning, why: &'static Why, out: &mut Vec<Hit>) {
        for word in self.on_one_line(words) {
            let range = self.inner(*word);
            self.value(range, said, why, out);
        }
    }

    /// A value, of which variables stay.
    fn value(&self, range: Range<usize>, said: Meaning, why: &'static Why, out: &mut Vec<Hit>) {
        let range = self.first_line(range);
        let value = &self.bytes[range.clone()];
        if said == Meaning::Nothing
            || crate::place::contains(value, b"://")
            || crate::place::contains(value, b"password=")
        {
            return;
        }
        let why = match said {
            Meaning::Suspicious => &why::RANDOM,
            _ => why,
        };
        if !value.contains(&b'$') || value.starts_with(b"$2y$") || value.starts_with(b"$apr1$") {
            if value::is_secret(value, said) {
                self.push(range, why, out);
            }
            return;
        }
        for part in literals(value) {
            let text = &value[part.clone()];
            let trimmed = text.trim_ascii();
            let is_word = trimmed.len() < 6 || value::is_hole(value);
            if !is_word && value::is_secret(trimmed, said) {
                let from = range.start + part.start + (text.len() - text.trim_ascii_start().len());
                self.push(from..from + trimmed.len(), why, out);
            }
        }
    }

    /// The parts of `secure_link_md5 "$secure_link_expires$uri secret"` that are no variable.
    fn literals(&self, args: &[Word], out: &mut Vec<Hit>) {
        for word in args {
            let range = self.inner(*word);
            let value = &self.bytes[range.clone()];
            for part in literals(value) {
                for piece in pieces(&value[part.clone()]) {
                    if piece.len() >= 2 {
                        let from = range.start + part.start;
                        self.push(from + piece.start..from + piece.end, &why::LINK_SALT, out);
                    }
                }
            }
        }
    }

    /// `if ($http_x_token != "…")`.
    fn condition(&self, args: &[Word], out: &mut Vec<Hit>) {
        let Some((first, rest)) = args.split_first() else {
            return;
        };
        let variable = self.text(*first);
        let variable = variable.strip_prefix(b"(").unwrap_or(variable);
        let said = carries(variable);
        let is_paren = |word: &&Word| self.text(**word) != b")";
        let Some(value) = rest
            .iter()
            .rfind(is_paren)
            .filter(|_| said != Meaning::Nothing)
        else {
            return;
        };
        let mut range = value.start as usize..value.end as usize;
        if self.bytes[range.clone()].ends_with(b")") {
            range.end -= 1;
        }
        let is_quoted = range.len() > 1 && matches!(self.bytes[range.start], b'"' | b'\'');
        if is_quoted {
            let closed = self.bytes[range.end - 1] == self.bytes[range.start];
            range = range.start + 1..range.end - usize::from(closed);
        }
        let is_regex = rest.len() > 1 && self.text(rest[0]).contains(&b'~');
        self.compared(range, is_regex, &why::COMPARED, out);
    }

    /// What a credential is compared with: a text, or a regular expression.
    fn compared(&self, range: Range<usize>, is_regex: bool, why: &'static Why, out: &mut Vec<Hit>) {
        let value = &self.bytes[range.clone()];
        if !is_regex {
            let scheme = schemes(value);
            let rest = &value[scheme..];
            if value::is_plausible(rest) && !value.starts_with(b"$") {
                self.push(range.start + scheme..range.end, why, out);
            }
            return;
        }
        for run in runs(value) {
            if value::looks_random(&value[run.clone()]) {
                self.push(range.start + run.start..range.start + run.end, why, out);
            }
        }
    }

    fn entry(&self, node: NodeId, words: &[Word], out: &mut Vec<Hit>) {
        if let Some(block) = self.tree.parent(node) {
            self.entry_of(block, words, out);
        }
    }

    /// The `map` or `geo` whose body a place is in.
    fn map_around(maps: &[(Range<usize>, NodeId)], at: usize) -> Option<NodeId> {
        let next = maps.partition_point(|(body, _)| body.start <= at);
        let (body, node) = maps.get(next.checked_sub(1)?)?;
        body.contains(&at).then_some(*node)
    }

    /// The bodies of all `map` and `geo`, in order; none is inside another.
    fn maps(&self) -> Vec<(Range<usize>, NodeId)> {
        let nodes =
            (0..self.tree.len()).map(|node| NodeId(u32::try_from(node).unwrap_or(u32::MAX)));
        let maps =
            nodes.filter(|node| matches!(self.text(self.tree.words(*node)[0]), b"map" | b"geo"));
        let body = |node: NodeId| {
            let (from, to) = self.tree.body_span(node)?;
            Some((from as usize..to as usize, node))
        };
        maps.filter_map(body).collect()
    }

    /// An entry of `map $http_x_key $name { … }` or `geo`.
    fn entry_of(&self, block: NodeId, words: &[Word], out: &mut Vec<Hit>) {
        let head = self.tree.words(block);
        let [name, args @ ..] = head else { return };
        let is_map = matches!(self.text(*name), b"map" | b"geo" | b"keyval");
        let [key, value @ ..] = words else { return };
        let is_setting = matches!(
            self.text(*key),
            b"default" | b"hostnames" | b"volatile" | b"include" | b"ranges" | b"proxy" | b"delete"
        );
        if !is_map {
            return;
        }
        if let Some(source) = args.first().filter(|_| args.len() > 1 && !is_setting)
            && let Some(which) =
                joined(self.text(*source)).position(|one| carries(one) != Meaning::Nothing)
        {
            let range = self.inner(*key);
            let is_regex = self.bytes[range.clone()].starts_with(b"~");
            // `"$http_x_key:$request_method"`: of an entry, the part that is the credential's.
            let range = part_of(self.text(*source), which, self.bytes, range);
            self.compared(range, is_regex, &why::MAP_ENTRY, out);
        }
        let Some(target) = args.last() else { return };
        let target = self.text(*target);
        let target = target.strip_prefix(b"$").unwrap_or(target);
        let said = name::meaning(target);
        self.values(value, said, &why::MAP_ENTRY, out);
        // `Authorization` that is mapped to: `Bearer …`.
        for word in value {
            let range = self.inner(*word);
            let scheme = schemes(&self.bytes[range.clone()]);
            let rest = &self.bytes[range.start + scheme..range.end];
            if scheme > 0 && value::is_plausible(rest) && !rest.contains(&b'$') {
                self.push(range.start + scheme..range.end, &why::MAP_ENTRY, out);
            }
        }
    }

    /// `NAME=value` in one word.
    fn assignment(&self, word: Word, out: &mut Vec<Hit>) {
        let range = self.inner(word);
        let value = &self.bytes[range.clone()];
        let is_name = |name: &[u8]| {
            name.iter()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-[]".contains(b))
        };
        if let Some(sign) = value
            .iter()
            .position(|b| *b == b'=')
            .filter(|sign| is_name(&value[..*sign]))
        {
            let said = name::meaning(&value[..sign]);
            let inner = &value[sign + 1..];
            let quoted = usize::from(
                inner.len() > 1 && matches!(inner[0], b'"' | b'\'') && inner.ends_with(&inner[..1]),
            );
            self.value(
                range.start + sign + 1 + quoted..range.end - quoted,
                said,
                &why::NAMED,
                out,
            );
        }
    }

    /// Directives that we know nothing of but their names.
    fn other(&self, name: &[u8], args: &[Word], out: &mut Vec<Hit>) {
        let said = name::meaning(name);
        if said != Meaning::Nothing && !name.starts_with(b"ssl_") {
            self.values(args, said, &why::NAMED, out);
        }
        let mut behind = Meaning::Nothing;
        for word in args {
            let text = self.text(*word);
            if behind != Meaning::Nothing {
                self.values(&[*word], behind, &why::NAMED, out);
                behind = Meaning::Nothing;
                continue;
            }
            let is_name = text
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b));
            match text.contains(&b'=') {
                true => self.assignment(*word, out),
                false if is_name => behind = name::meaning(text),
                false => {}
            }
        }
    }
}

/// Whether a variable carries credentials: `$http_x_api_key`, `$cookie_session`, `$arg_token`.
fn carries(variable: &[u8]) -> Meaning {
    let Some(name) = variable.strip_prefix(b"$") else {
        return Meaning::Nothing;
    };
    let name = name.strip_prefix(b"{").unwrap_or(name);
    let name = name.strip_suffix(b"}").unwrap_or(name);
    let is_one = |known: &[u8]| name.eq_ignore_ascii_case(known);
    if is_one(b"http_authorization") || is_one(b"http_cookie") || is_one(b"remote_passwd") {
        return Meaning::Secret;
    }
    if let Some(parameter) = name.strip_prefix(b"arg_") {
        return name::parameter(parameter);
    }
    name::meaning(name)
}

/// `$http_x_key:$request_method`: what is joined to one text.
fn joined(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| b":|, /-".contains(b))
}

/// Of an entry, the part that stands for the credential.
fn part_of(source: &[u8], which: usize, bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let entry = &bytes[range.clone()];
    let count = joined(source).count();
    if count < 2 || joined(entry).count() != count {
        return range;
    }
    let before = joined(entry).take(which).map(|part| part.len() + 1);
    let from = range.start + before.sum::<usize>();
    from..from + joined(entry).nth(which).map_or(0, <[u8]>::len)
}

/// The length of `Bearer `, `Basic ` and the like at the beginning.
fn schemes(value: &[u8]) -> usize {
    const SCHEMES: [&[u8]; 5] = [b"bearer ", b"basic ", b"token ", b"apikey ", b"key "];
    let is = |scheme: &&&[u8]| {
        value.len() > scheme.len() && value[..scheme.len()].eq_ignore_ascii_case(scheme)
    };
    SCHEMES.iter().find(is).map_or(0, |scheme| scheme.len())
}

/// Ranges between variables.
fn literals(value: &[u8]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < value.len() {
        if value[at] != b'$' {
            at += 1;
            continue;
        }
        out.push(from..at);
        at += 1;
        if value.get(at) == Some(&b'{') {
            at += value[at..]
                .iter()
                .position(|b| *b == b'}')
                .map_or(1, |len| len + 1);
        } else {
            at += value[at..]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                .count();
        }
        from = at;
    }
    out.push(from..value.len());
    out.retain(|range| !range.is_empty());
    out
}

/// Words between blanks and signs that only separate.
fn pieces(text: &[u8]) -> Vec<Range<usize>> {
    let is_part = |b: u8| !b.is_ascii_whitespace() && !b":|,".contains(&b);
    split(text, is_part)
}

/// Runs of letters and digits in a regular expression, outside of its classes.
fn runs(text: &[u8]) -> Vec<Range<usize>> {
    let mut plain = text.to_vec();
    let mut is_class = false;
    for byte in &mut plain {
        is_class = match *byte {
            b'[' => true,
            b']' => false,
            _ => is_class,
        };
        if is_class {
            *byte = b' ';
        }
    }
    split(&plain, |b| {
        b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
    })
}

fn split(text: &[u8], is_part: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let len = text[at..].iter().take_while(|b| is_part(**b)).count();
        if len > 0 {
            out.push(at..at + len);
        }
        at += len.max(1);
    }
    out
}
