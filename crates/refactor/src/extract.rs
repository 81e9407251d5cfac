//! From an answer to proposals: the one list of edits in it, with bounded sizes and strict types.

use serde_json::{Deserializer, Map, Value};

/// Edits of one answer.
const MOST_EDITS: usize = 40;
/// Bytes of an excerpt, and of what takes its place.
const MOST_BYTES: usize = 4 << 10;
/// Characters of a reason that are kept.
const MOST_WHY: usize = 300;
/// Places at which a list may begin that are tried.
const MOST_TRIES: usize = 200;

/// One edit as the model proposes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The label of a file.
    pub file: String,
    /// An excerpt of it.
    pub old: String,
    /// What takes its place.
    pub new: String,
    /// The line on which the excerpt begins, if the model says so.
    pub line: Option<usize>,
    /// Why, in the model's words, harmless to show.
    pub why: String,
}

/// Finds the list of edits in an answer.
///
/// # Errors
/// Why there is none, for the model and for people; it quotes nothing.
pub(crate) fn extract(answer: &str) -> Result<Vec<Proposal>, String> {
    let mut lists: Vec<Vec<Value>> = Vec::new();
    for list in candidates(answer) {
        if !lists.contains(&list) {
            lists.push(list);
        }
    }
    let list = match lists.len() {
        0 => return Err("the answer holds no list of edits in JSON".to_owned()),
        1 => lists.remove(0),
        n => return Err(format!("the answer holds {n} lists of edits")),
    };
    if list.len() > MOST_EDITS {
        return Err(format!(
            "the answer has {} edits; more than {MOST_EDITS} are not looked at",
            list.len()
        ));
    }
    let numbered = (1..).zip(list);
    numbered
        .map(|(number, value)| {
            proposal(&value).map_err(|why| format!("edit {number} of the list {why}"))
        })
        .collect()
}

/// Every list of objects, or object with a list of `edits`, that stands in the text on its own.
fn candidates(answer: &str) -> Vec<Vec<Value>> {
    let mut out = Vec::new();
    let mut at = 0;
    for _ in 0..MOST_TRIES {
        let Some(found) = answer[at..].find(['[', '{']) else {
            break;
        };
        let from = at + found;
        let mut values = Deserializer::from_str(&answer[from..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                at = from + values.byte_offset();
                out.extend(list_of(value));
            }
            // Cut in the midst: a part of a list is no list.
            Some(Err(error)) if error.is_eof() => break,
            _ => at = from + 1,
        }
    }
    out
}

fn list_of(value: Value) -> Option<Vec<Value>> {
    let is_edit = |value: &Value| value.get("file").is_some() || value.get("old").is_some();
    match value {
        Value::Array(list) if list.iter().all(Value::is_object) => Some(list),
        Value::Object(ref members) if is_edit(&value) => Some(vec![Value::Object(members.clone())]),
        Value::Object(mut members) => match members.remove("edits") {
            Some(Value::Array(list)) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

fn proposal(value: &Value) -> Result<Proposal, String> {
    let Value::Object(members) = value else {
        return Err("is no object".to_owned());
    };
    let line = match members.get("line") {
        None | Some(Value::Null) => None,
        Some(line) => match line.as_u64().and_then(|line| usize::try_from(line).ok()) {
            Some(line) if line > 0 => Some(line),
            _ => return Err("has a \"line\" that is no number of a line".to_owned()),
        },
    };
    let why = match members.get("why") {
        None | Some(Value::Null) => String::new(),
        Some(_) => text(members, "why")?,
    };
    let why = base::source::printable(why.as_bytes());
    Ok(Proposal {
        file: text(members, "file")?,
        old: text(members, "old")?,
        new: text(members, "new")?,
        line,
        why: why.trim().chars().take(MOST_WHY).collect(),
    })
}

fn text(members: &Map<String, Value>, name: &str) -> Result<String, String> {
    match members.get(name) {
        Some(Value::String(text)) if text.len() <= MOST_BYTES => Ok(text.clone()),
        Some(Value::String(_)) => Err(format!("has a \"{name}\" of more than {MOST_BYTES} bytes")),
        Some(_) => Err(format!("has a \"{name}\" that is no text")),
        None => Err(format!("has no \"{name}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::extract;

    const EDIT: &str = r#"{"file": "f", "old": "a [1];", "new": "b;", "why": "x"}"#;

    #[test]
    fn wherever_it_stands() {
        let want = extract(&format!("[{EDIT}]")).expect("plain");
        assert_eq!(want[0].old, "a [1];");
        for answer in [
            format!("```json\n[{EDIT}]\n```"),
            format!("Here you are [as asked]:\n\n[{EDIT}]\n\nThat {{will}} do."),
            format!("{{\"edits\": [{EDIT}]}}"),
            EDIT.to_owned(),
            format!("[{EDIT}]\nand again\n[{EDIT}]"),
        ] {
            assert_eq!(extract(&answer), Ok(want.clone()), "{answer}");
        }
        assert_eq!(extract("[]"), Ok(vec![]));
        assert_eq!(extract("Nothing to do: `[]`."), Ok(vec![]));
    }

    #[test]
    fn what_is_no_list_of_edits() {
        let deep = "[".repeat(100_000);
        let many = format!("[{}]", vec![EDIT; 41].join(","));
        let long = EDIT.replace("b;", &"b".repeat(5000));
        let other = EDIT.replace("b;", "c;");
        for answer in [
            "I would raise the time limit to 60 seconds.",
            "",
            "[1, 2]",
            &deep,
            &many,
            &format!("[{long}]"),
            &format!("[{EDIT}] or [{other}]"),
            r#"[{"file": "f", "old": 1, "new": "b"}]"#,
            r#"[{"file": "f", "old": "a"}]"#,
            r#"[{"file": "f", "old": "a", "new": "b", "line": 0}]"#,
            r#"[{"file": "f", "old": "a", "new": "b", "line": "3"}]"#,
            r#"[{"file": "f", "old": "a", "new": "b""#,
        ] {
            assert!(extract(answer).is_err(), "{answer:.80}");
        }
    }
}
