//! The body of a `*_by_lua_block`: only braces, strings, long brackets and comments matter
//! (`util/gen-lexer-c` and `ngx_http_lua_conf_lua_block_parse` of lua-nginx-module).
//!
//! One limit of the module is left out: it looks through a buffer of 4,096 bytes, so it refuses
//! strings, comments and long brackets of more than about half of that, depending on where the
//! buffer happens to begin.

/// Why a body has no end, in the module's own words.
#[derive(Debug)]
pub(super) struct NoEnd {
    /// The byte on whose line the module reports it.
    pub(super) at: usize,
    pub(super) message: String,
}

/// The offset of the `}` that closes a body which begins at `from`, behind the `{`.
pub(super) fn body_end(bytes: &[u8], from: usize) -> Result<usize, NoEnd> {
    let mut depth = 0_usize;
    let mut at = from;
    let mut last_open = from.saturating_sub(1);
    let mut strings = Strings::default();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => {
                depth += 1;
                last_open = at;
                at += 1;
            }
            b'}' if depth == 0 => return Ok(at),
            b'}' => {
                depth -= 1;
                at += 1;
            }
            b'"' | b'\'' => at = strings.end(bytes, at),
            b'[' => at = long_bracket_end(bytes, at)?.unwrap_or(at + 1),
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = comment_end(bytes, at + 2)?,
            _ => at += 1,
        }
    }
    Err(NoEnd {
        at: last_open,
        message: "unexpected end of file, expecting terminating characters for lua code block"
            .to_owned(),
    })
}

/// Strings end on their line, and no backslash may stand before the line feed. A quote that does
/// not begin such a string is a byte like any other.
#[derive(Default)]
struct Strings {
    /// How far the last search for `"` and for `'` came without an end. Quotes of the same kind
    /// before that place were skipped as escaped, so a search from them ends there too.
    failed: [usize; 2],
}

impl Strings {
    /// Behind the string that begins at `from`; behind the quote alone when there is none.
    fn end(&mut self, bytes: &[u8], from: usize) -> usize {
        let quote = bytes[from];
        let failed = &mut self.failed[usize::from(quote == b'"')];
        if from < *failed {
            return from + 1;
        }
        let mut at = from + 1;
        loop {
            match bytes.get(at) {
                None | Some(b'\n') => break,
                Some(b'\\') if matches!(bytes.get(at + 1), None | Some(b'\n')) => break,
                Some(b'\\') => at += 2,
                Some(byte) if *byte == quote => return at + 1,
                Some(_) => at += 1,
            }
        }
        *failed = at;
        from + 1
    }
}

/// A long bracket `[==[ … ]==]` that begins at `from`: where it ends; `None` when there is none.
fn long_bracket_end(bytes: &[u8], from: usize) -> Result<Option<usize>, NoEnd> {
    let level = bytes[from + 1..].iter().take_while(|&&b| b == b'=').count();
    let mut at = from + 2 + level;
    if bytes.get(at - 1) != Some(&b'[') {
        return Ok(None);
    }
    while let Some(next) = bytes[at..].iter().position(|&b| b == b']') {
        at += next + 1;
        let equals = bytes[at..].iter().take_while(|&&b| b == b'=').count();
        if equals == level && bytes.get(at + level) == Some(&b']') {
            return Ok(Some(at + level + 1));
        }
    }
    Err(NoEnd {
        at: from,
        message: format!(
            r#"Lua code block missing the closing long bracket "]{}]", the inlined Lua code may be too long"#,
            "=".repeat(level)
        ),
    })
}

/// Behind a `--`: a long bracket or the rest of the line.
fn comment_end(bytes: &[u8], from: usize) -> Result<usize, NoEnd> {
    if bytes.get(from) == Some(&b'[')
        && let Some(end) = long_bracket_end(bytes, from)?
    {
        return Ok(end);
    }
    let rest = &bytes[from..];
    let feed = rest.iter().position(|&b| b == b'\n');
    Ok(from + feed.unwrap_or(rest.len()))
}
