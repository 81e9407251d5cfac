//! `jsonencode` and `yamlencode`: JSON, which is YAML too. Texts keep their places.

use super::text::Text;
use super::value::{Value, shown_number};

/// A value as JSON. `None` when a whole part of it is not known.
pub(super) fn json(value: &Value) -> Option<Text> {
    let mut out = Text::default();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Text) -> Option<()> {
    match value {
        Value::Null => out.add_made("null"),
        Value::Bool(value) => out.add_made(if *value { "true" } else { "false" }),
        Value::Number(number) => out.add_made(&shown_number(*number)),
        Value::Text(text) => quoted(text, out),
        Value::Hole(hole) => quoted(&hole.to_text(), out),
        Value::List(items) => {
            out.add_made("[");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.add_made(",");
                }
                write(item, out)?;
            }
            out.add_made("]");
        }
        Value::Map(fields) => {
            out.add_made("{");
            for (at, (key, value)) in fields.iter().enumerate() {
                if at > 0 {
                    out.add_made(",");
                }
                quoted(&Text::made(key), out);
                out.add_made(":");
                write(value, out)?;
            }
            out.add_made("}");
        }
    }
    Some(())
}

fn quoted(text: &Text, out: &mut Text) {
    out.add_made("\"");
    out.add(&text.encoded(escape));
    out.add_made("\"");
}

/// How Terraform writes a character of a string.
fn escape(c: char) -> Option<String> {
    Some(match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", u32::from(c)),
        c if u32::from(c) < 0x20 || c == '\u{7f}' => format!("\\u{:04x}", u32::from(c)),
        _ => return None,
    })
}
