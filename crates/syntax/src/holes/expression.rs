//! What stands inside a hole: a name with filters, or the words of a condition.

use super::{Kind, Quotes};

/// What a hole says.
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) default: Option<String>,
    pub(super) plain: Option<Quotes>,
}

/// More of a hole's text than anybody reads.
const MOST: usize = 60;

/// A name as `--set` takes it: `.Values.a`, `@a` and `$a` without their sign, `a['b']` as `a.b`.
pub fn plain_name(text: &str) -> Option<String> {
    let text = text.trim();
    let mut rest = text.trim_start_matches(['.', '$', '@']);
    let mut out = String::new();
    loop {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if len == 0 || out.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        out.push_str(&rest[..len]);
        rest = &rest[len..];
        while let Some(inside) = rest.strip_prefix('[') {
            let (key, behind) = inside.split_once(']')?;
            let key = key.trim_start_matches(':').trim_matches(['\'', '"']);
            if key.is_empty() || !key.chars().all(|c| is_word(c) || c == '-') {
                return None;
            }
            out.push('.');
            out.push_str(key);
            rest = behind;
        }
        if rest.is_empty() {
            return Some(out);
        }
        let join = if rest.starts_with("::") { "::" } else { "." };
        rest = rest.strip_prefix(join)?;
        out.push_str(join);
    }
}

/// The text of a hole, cut for people.
pub(super) fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(MOST).collect();
    let text = base::source::printable(words.join(" ").as_bytes());
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A value: `timeout | default('60s')`, `.Values.t | default 60`, `default 60 .Values.t`.
pub(super) fn value(text: &str) -> Said {
    let text = text.trim();
    let mut said = Said {
        kind: Kind::Value,
        name: short(text),
        default: None,
        plain: None,
    };
    let mut parts = pieces(text, '|');
    let mut head = parts.remove(0).trim();
    if let Some((given, name)) = prefixed_default(head) {
        said.default = Some(short(given));
        head = name;
    }
    // `@a || 60`
    if let [empty, given] = parts.as_slice()
        && empty.is_empty()
    {
        said.default = Some(short(unquoted(given)));
        parts.clear();
    }
    let Some(name) = plain_name(head) else {
        return said;
    };
    let mut quotes = Quotes::None;
    for filter in parts {
        let filter = filter.trim();
        let end = filter.find([' ', '(']).unwrap_or(filter.len());
        let (word, rest) = filter.split_at(end);
        match word {
            "default" | "d" => {
                let first = rest.trim().trim_start_matches('(').trim_end_matches(')');
                let first = pieces(first, ',').first().map_or("", |first| first.trim());
                said.default = Some(short(unquoted(first)));
            }
            "int" | "string" | "trim" | "mandatory" | "toString" => {}
            "quote" => quotes = Quotes::Double,
            "squote" => quotes = Quotes::Single,
            // It is made of the name, but is another value.
            _ => return said,
        }
    }
    said.name = name;
    said.plain = Some(quotes);
    said
}

/// `default 60 .Values.t`
fn prefixed_default(text: &str) -> Option<(&str, &str)> {
    let (given, name) = text.strip_prefix("default ")?.trim().rsplit_once(' ')?;
    Some((unquoted(given), name))
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}

/// Parts between marks that stand outside quotes and parentheses.
fn pieces(text: &str, mark: char) -> Vec<&str> {
    let (mut out, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_u32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) if c == mark && depth == 0 => {
                out.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}

/// Whether these words of a hole open, change or close something, and nothing else.
pub(super) fn statement(text: &str) -> Option<Said> {
    let text = text.trim();
    let kind = kind_of(text)?;
    Some(Said {
        kind,
        name: short(text.trim_end_matches('{').trim_start_matches('#')),
        default: None,
        plain: None,
    })
}

fn kind_of(text: &str) -> Option<Kind> {
    const OPEN: [&str; 16] = [
        "if",
        "unless",
        "for",
        "foreach",
        "range",
        "with",
        "each",
        "case",
        "while",
        "macro",
        "block",
        "define",
        "filter",
        "call",
        "raw",
        "autoescape",
    ];
    if let Some(rest) = text.strip_prefix('}') {
        let goes_on = rest.trim_end().ends_with('{');
        return Some(if goes_on { Kind::Else } else { Kind::Close });
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let word = &text[..end.unwrap_or(text.len())];
    if text.starts_with(['#', '^']) && text.len() > 1 {
        return Some(Kind::Open);
    }
    if text.starts_with('/') && !text.starts_with("/*") {
        return Some(Kind::Close);
    }
    match word {
        "else" | "elif" | "elsif" | "elseif" | "when" => Some(Kind::Else),
        "end" => Some(Kind::Close),
        _ if OPEN.contains(&word) => Some(Kind::Open),
        _ if word
            .strip_prefix("end")
            .is_some_and(|of| OPEN.contains(&of)) =>
        {
            Some(Kind::Close)
        }
        _ => {
            let text = text.trim_end();
            let is_loop = text.ends_with('{') || text.ends_with(" do") || text.ends_with('|');
            is_loop.then_some(Kind::Open)
        }
    }
}

/// What a condition is worth when names are given: `if a`, `if not a`, `unless a`; `else` is true.
pub(super) fn is_true(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<bool> {
    let text = text
        .trim()
        .trim_start_matches('}')
        .trim_end_matches('{')
        .trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let is_negated = match word {
        "else" if rest.is_empty() => return Some(true),
        "else" => return is_true(rest, value),
        "if" | "elif" | "elsif" | "elseif" => false,
        "unless" => true,
        _ => return None,
    };
    let rest = rest.trim_start_matches('(').trim_end_matches(')').trim();
    let (rest, is_not) = match rest.strip_prefix("not ").or_else(|| rest.strip_prefix('!')) {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let is_set = match value(&plain_name(rest)?)?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => true,
        "false" | "no" | "off" | "0" | "" => false,
        _ => return None,
    };
    Some(is_set != (is_negated != is_not))
}
