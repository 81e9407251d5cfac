//! The body of a `*_by_lua_block`: only braces, strings, long brackets and comments matter
//! (`ngx_http_lua_conf_read_lua_token` of lua-nginx-module).

/// The offset of the `}` that closes a body which begins at `from`; `None` when the file ends
/// first.
pub(super) fn body_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'{' => {
                depth += 1;
                at += 1;
            }
            b'}' if depth == 0 => return Some(at),
            b'}' => {
                depth -= 1;
                at += 1;
            }
            quote @ (b'"' | b'\'') => at = string_end(bytes, at + 1, quote)?,
            b'[' => at = long_bracket_end(bytes, at)?.unwrap_or(at + 1),
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = comment_end(bytes, at + 2)?,
            _ => at += 1,
        }
    }
}

fn string_end(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// A long bracket `[==[ … ]==]` that begins at `from`: where it ends, `Some(None)` when there is
/// none, `None` when it is not closed.
fn long_bracket_end(bytes: &[u8], from: usize) -> Option<Option<usize>> {
    let level = bytes[from + 1..].iter().take_while(|&&b| b == b'=').count();
    if bytes.get(from + 1 + level) != Some(&b'[') {
        return Some(None);
    }
    let mut at = from + 2 + level;
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == b']')? + 1;
        let equals = bytes[at..].iter().take_while(|&&b| b == b'=').count();
        if equals == level && bytes.get(at + level) == Some(&b']') {
            return Some(Some(at + level + 1));
        }
    }
}

/// Behind a `--`: a long bracket or the rest of the line.
fn comment_end(bytes: &[u8], from: usize) -> Option<usize> {
    if bytes.get(from) == Some(&b'[')
        && let Some(end) = long_bracket_end(bytes, from)?
    {
        return Some(end);
    }
    let rest = bytes.get(from..)?;
    Some(from + rest.iter().position(|&b| b == b'\n')?)
}
