//! The forms of holes, as data, and what finds them.

use super::expression::{self, Said, short};
use super::{Hole, Kind, Language, Quotes};

/// A hole with brackets of its own.
struct Bracket {
    open: &'static [u8],
    close: &'static [u8],
    says: fn(&str) -> Option<Said>,
}

/// Of two that begin alike, the longer stands first.
const BRACKETS: [Bracket; 5] = [
    Bracket {
        open: b"{{{",
        close: b"}}}",
        says: curly,
    },
    Bracket {
        open: b"{{",
        close: b"}}",
        says: curly,
    },
    Bracket {
        open: b"{%",
        close: b"%}",
        says: jinja,
    },
    Bracket {
        open: b"{#",
        close: b"#}",
        says: comment,
    },
    Bracket {
        open: b"<%",
        close: b"%>",
        says: erb,
    },
];

/// A name between two marks.
struct Marked {
    open: &'static [u8],
    close: &'static [u8],
    /// Whether a name may stand there, and what is around it.
    is_name: fn(name: &[u8], before: Option<u8>, after: Option<u8>) -> bool,
}

const MARKED: [Marked; 5] = [
    Marked {
        open: b"%%",
        close: b"%%",
        is_name: percent,
    },
    Marked {
        open: b"%",
        close: b"%",
        is_name: percent,
    },
    Marked {
        open: b"__",
        close: b"__",
        is_name: underscores,
    },
    Marked {
        open: b"@",
        close: b"@",
        is_name: at_signs,
    },
    Marked {
        open: b"<",
        close: b">",
        is_name: angles,
    },
];

/// Longer names are none.
const LONGEST_NAME: usize = 64;

/// Bytes that a hole may begin with.
const FIRST: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b"{<@_%$";
    while let [byte, tail @ ..] = rest {
        table[*byte as usize] = true;
        rest = tail;
    }
    table
};

/// All holes of a file, in order.
pub(super) fn find(bytes: &[u8], language: Language) -> Vec<Hole> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|b| FIRST[*b as usize]) {
        at += next;
        match hole_at(bytes, at, language) {
            Some(hole) => {
                at = hole.end as usize;
                out.push(hole);
            }
            None => at += 1,
        }
    }
    out
}

fn hole_at(bytes: &[u8], at: usize, language: Language) -> Option<Hole> {
    let rest = &bytes[at..];
    match rest[0] {
        b'$' => return dollar(bytes, at, language),
        b'{' | b'<' => {
            let fits = |form: &&Bracket| rest.starts_with(form.open);
            for form in BRACKETS.iter().filter(fits) {
                if let Some(found) = bracket(bytes, at, form) {
                    return Some(found);
                }
            }
        }
        _ => {}
    }
    let mut marked = MARKED.iter().filter(|form| rest.starts_with(form.open));
    marked.find_map(|form| {
        let inside = &rest[form.open.len()..];
        let head = &inside[..inside.len().min(LONGEST_NAME + form.close.len())];
        let len = position(head, form.close)?;
        let name = std::str::from_utf8(&inside[..len]).ok()?;
        let behind = form.open.len() + len + form.close.len();
        let before = at.checked_sub(1).map(|before| bytes[before]);
        (form.is_name)(name.as_bytes(), before, rest.get(behind).copied())
            .then(|| hole(at, at + behind, plain(name)))
    })
}

fn hole(start: usize, end: usize, said: Said) -> Hole {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Hole {
        start: place(start),
        end: place(end),
        kind: said.kind,
        name: said.name,
        default: said.default,
        plain: said.plain,
        is_dollar: false,
    }
}

fn plain(name: &str) -> Said {
    Said {
        kind: Kind::Value,
        name: name.to_owned(),
        default: None,
        plain: Some(Quotes::None),
    }
}

fn position(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

/// A second one that opens ends the search, so that all searches together are linear.
fn bracket(bytes: &[u8], at: usize, form: &Bracket) -> Option<Hole> {
    let inside = at + form.open.len();
    let opens = &form.open[..2];
    let mut end = inside;
    loop {
        let rest = &bytes[end..];
        if rest.starts_with(form.close) {
            break;
        }
        if rest.is_empty() || rest[0] == 0 || end > inside && rest.starts_with(opens) {
            return None;
        }
        end += 1;
    }
    let text = std::str::from_utf8(&bytes[inside..end]).ok()?;
    if form.open == b"{#" && text.contains('\n') && !begins_line(bytes, at) {
        // `server {# a comment of nginx` and a `#}` somewhere below.
        return None;
    }
    Some(hole(at, end + form.close.len(), (form.says)(text)?))
}

fn begins_line(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev();
    let mut before = before.skip_while(|b| matches!(b, b' ' | b'\t'));
    matches!(before.next(), None | Some(b'\n'))
}

fn nothing(kind: Kind) -> Said {
    Said {
        kind,
        name: String::new(),
        default: None,
        plain: None,
    }
}

fn comment(_: &str) -> Option<Said> {
    Some(nothing(Kind::Comment))
}

/// Jinja's and Mustache's values, Go's values and statements.
fn curly(text: &str) -> Option<Said> {
    let text = text.trim_matches(['-', '~', '+']).trim();
    if text.starts_with("/*") || text.starts_with('!') {
        return comment(text);
    }
    // Numbers and braces are a table of Lua, or JSON.
    let begins = |c: char| c.is_ascii_alphabetic() || "_.$@('\"#^/>&".contains(c);
    if !text.starts_with(begins) || text.contains(['{', '}', ';']) {
        return None;
    }
    let word = text.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let is_word = matches!(
        word,
        Some("if" | "else" | "end" | "range" | "with" | "define" | "block")
    );
    let is_alone = text.starts_with(['#', '^', '/']);
    if (is_word || is_alone) && !text.starts_with(['\'', '"']) {
        return expression::statement(text);
    }
    // `$x := .Values.x`
    if text.starts_with('$') && text.contains('=') && !text.contains("==") {
        return Some(nothing(Kind::Silent));
    }
    // Ansible's own line, most often with a filter that makes comments of it.
    if text.ends_with("| comment") || text.ends_with("|comment") {
        return comment(text);
    }
    Some(expression::value(text))
}

fn jinja(text: &str) -> Option<Said> {
    let text = text.trim_matches(['-', '+', '~']).trim();
    let said = expression::statement(text).unwrap_or_else(|| nothing(Kind::Silent));
    match text.split_whitespace().next() {
        Some("include") => Some(Said {
            kind: Kind::Value,
            name: short(text),
            ..said
        }),
        Some(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => Some(said),
        _ => None,
    }
}

fn erb(text: &str) -> Option<Said> {
    let text = text.trim_end_matches('-');
    if text.starts_with('#') || text.starts_with("-#") {
        return comment(text);
    }
    if let Some(value) = text.strip_prefix('=') {
        return Some(expression::value(value.trim_start_matches('=')));
    }
    let text = text.trim_start_matches('-').trim();
    Some(expression::statement(text).unwrap_or_else(|| nothing(Kind::Silent)))
}

/// `${NAME}`, `${NAME:-60}`, `$NAME`: names in upper case. nginx's variables are written in lower
/// case; PHP reads `${NAME}` itself, and FPM's `env[A] = $A` too.
fn dollar(bytes: &[u8], at: usize, language: Language) -> Option<Hole> {
    let rest = &bytes[at + 1..];
    let is_braced = rest.first() == Some(&b'{');
    if language == Language::Ini && !is_braced {
        return None;
    }
    let rest = &rest[usize::from(is_braced)..];
    let rest = &rest[..rest.len().min(LONGEST_NAME * 2)];
    let is_upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    let len = rest.iter().position(|b| !is_upper(b)).unwrap_or(rest.len());
    let name = std::str::from_utf8(&rest[..len]).ok()?;
    if len < 2 || !rest[0].is_ascii_uppercase() && rest[0] != b'_' {
        return None;
    }
    let mut said = plain(name);
    let mut behind = len;
    match (is_braced, rest.get(len)) {
        // `$Host`
        (false, Some(next)) if next.is_ascii_alphanumeric() => return None,
        (false, _) => {}
        (true, Some(b'}')) => behind += 1,
        (true, Some(b':')) if rest.get(len + 1) == Some(&b'-') => {
            let given = &rest[len + 2..];
            let close = given.iter().position(|b| *b == b'}')?;
            let given = std::str::from_utf8(&given[..close]).ok()?;
            said.default = Some(short(given));
            behind = len + 3 + close;
        }
        _ => return None,
    }
    let end = at + 1 + usize::from(is_braced) + behind;
    let found = hole(at, end, said);
    Some(Hole {
        is_dollar: true,
        ..found
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Letters, digits and `_`, `.`, `-` between a letter and a letter or digit.
fn is_plain(name: &[u8], least: usize) -> bool {
    name.len() >= least
        && name[0].is_ascii_alphabetic()
        && name[name.len() - 1].is_ascii_alphanumeric()
        && name.iter().all(|b| is_word(*b) || b"-.".contains(b))
}

/// `%name%`, but not `%r%Q%q`, `%E4%B8%AD`, `%dT%H`.
fn percent(name: &[u8], before: Option<u8>, after: Option<u8>) -> bool {
    let is_hex = name.len() == 2 && name.iter().all(u8::is_ascii_hexdigit);
    let goes_on = |b: u8| b.is_ascii_alphanumeric() || b == b'%' || b == b'{';
    is_plain(name, 2) && !is_hex && !after.is_some_and(goes_on) && before != Some(b'%')
}

/// `__NAME__`, but not `__FILE__`.
fn underscores(name: &[u8], before: Option<u8>, after: Option<u8>) -> bool {
    const PHP: [&[u8]; 8] = [
        b"FILE",
        b"DIR",
        b"LINE",
        b"CLASS",
        b"FUNCTION",
        b"METHOD",
        b"NAMESPACE",
        b"TRAIT",
    ];
    let is_upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    is_plain(name, 2)
        && name.iter().all(is_upper)
        && !PHP.contains(&name)
        && before != Some(b'_')
        && after != Some(b'_')
}

/// `@name@`, but no address of a person.
fn at_signs(name: &[u8], before: Option<u8>, after: Option<u8>) -> bool {
    let is_upper = name.iter().all(|b| !b.is_ascii_lowercase());
    let stands_alone = !before.is_some_and(is_word) && !name.contains(&b'.');
    is_plain(name, 2) && (is_upper || stands_alone) && after != Some(b'@') && before != Some(b'@')
}

/// `<NAME>` and `<a-name>`, but no tag and no group of a regular expression.
fn angles(name: &[u8], before: Option<u8>, after: Option<u8>) -> bool {
    const TAGS: [&[u8]; 8] = [
        b"HTML", b"HEAD", b"BODY", b"TITLE", b"SCRIPT", b"STYLE", b"META", b"CENTER",
    ];
    let is_upper = name.iter().all(|b| !b.is_ascii_lowercase());
    let is_joined = name.contains(&b'-') || name.contains(&b'_');
    let is_group = before.is_some_and(|b| b"?Pk'<>".contains(&b)) || after == Some(b'<');
    is_plain(name, 3) && (is_upper || is_joined) && !TAGS.contains(&name) && !is_group
}
