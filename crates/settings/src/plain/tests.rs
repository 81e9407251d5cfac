//! What this reader reads, the whole reader of TOML reads as well, and to the same values.

use super::{Table, Value, quoted, read};

fn theirs(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Text(text.clone()),
        toml::Value::Integer(number) => u64::try_from(*number).map_or(Value::Other, Value::Number),
        toml::Value::Array(list) => Value::List(list.iter().map(theirs).map(bare).collect()),
        toml::Value::Table(table) => Value::Table(Table {
            entries: (table
                .iter()
                .map(|(name, value)| (name.clone(), bare(theirs(value)))))
            .collect(),
            is_said: false,
        }),
        _ => Value::Other,
    }
}

fn bare(value: Value) -> super::Said<Value> {
    super::Said { value, at: 0 }
}

/// Without places, and in the order of names.
fn plain(value: Value) -> Value {
    match value {
        Value::List(list) => {
            Value::List(list.into_iter().map(|one| bare(plain(one.value))).collect())
        }
        Value::Table(table) => {
            let mut entries: Vec<_> = (table.entries.into_iter())
                .map(|(name, said)| (name, bare(plain(said.value))))
                .collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Table(Table {
                entries,
                is_said: false,
            })
        }
        value => value,
    }
}

fn both(text: &str) {
    let ours = read(text).unwrap_or_else(|refusal| panic!("{text}\n{refusal}"));
    let whole: toml::Value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(plain(Value::Table(ours)), plain(theirs(&whole)), "{text}");
}

#[test]
fn reads_what_toml_is() {
    for text in [
        "",
        "# only a comment",
        "a = 1\r\nb = \"x\" # y\n\n  c='z\\'\n",
        "a = 4_096\nb = 0\nc = -1\nd = +1\ne = 1.5\nf = true\ng = 1979-05-27T07:32:00Z",
        "a = []\nb = [ 1, # one\n 2,\n]\nc = [[\"x\"], ['y',],]",
        "\"a b\" = 1\n'c.d' = 2\ne.f.g = 3\ne.f.h = 4",
        "[t]\na = 1\n[t.u]\nb = 2\n[[l]]\nc = 3\n[[l]]\nd = 4\n[l.m]\ne = 5\n",
        "[a.b]\nx = 1\n[a]\ny = 2\n",
        "a = { b = 1, c.d = \"x\", e = {} }\n[[ f . g ]]\n",
        "a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600é\"",
    ] {
        both(text);
    }
    for text in ["plain", "a\"b\\c'd", "\u{1b}[2J\n\t\u{7f}\u{9b}", "é😀"] {
        both(&format!("{} = {}", quoted(text), quoted(text)));
    }
}

#[test]
fn refuses_what_it_is_not() {
    for (text, line) in [
        ("a", 1),
        ("a = ", 1),
        ("\na = 1 2", 2),
        ("a = 1\na = 2", 2),
        ("a = \"x\nb = 1", 1),
        ("a = 'x", 1),
        ("a = \"\\x\"", 1),
        ("a = \"\\ud800\"", 1),
        ("a = [1 2]", 1),
        ("a = [", 1),
        ("a = {b = 1", 1),
        ("[a]\n[a]", 2),
        ("a = 1\n[a]", 2),
        ("[[a]]\n[a]", 2),
        ("[a]\n[[a]]", 2),
        ("[a", 1),
        ("[]", 1),
        ("[a] b = 1", 1),
        ("= 1", 1),
        ("a = 1\n\n]", 3),
    ] {
        assert!(toml::from_str::<toml::Value>(text).is_err(), "{text}");
        let line_of = read(text).map_err(|refusal| refusal.line);
        assert_eq!(line_of, Err(Some(line)), "{text}");
    }
    // TOML, but not for files of facts.
    assert!(read("a = \"\"\"\nx\"\"\"").is_err());
    assert!(read(&format!("a = {}", "[".repeat(100_000))).is_err());
}
