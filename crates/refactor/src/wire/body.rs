//! Bodies of requests.

use serde_json::ser::Formatter;
use serde_json::{Value, json};

use super::Wire;

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// We.
    User,
    /// The model.
    Model,
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) text: String,
}

/// Everything that a request is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk<'t> {
    pub(crate) base: &'t str,
    pub(crate) model: &'t str,
    pub(crate) system: &'t str,
    pub(crate) turns: &'t [Turn],
    pub(crate) most_tokens: u32,
    pub(crate) is_streamed: bool,
}

/// The bytes of a body.
pub(crate) fn of(wire: Wire, talk: &Talk<'_>) -> Vec<u8> {
    let value = match wire {
        Wire::Anthropic => anthropic(talk),
        Wire::Gemini => gemini(talk),
        // The newer name is refused by servers that imitate OpenAI, the older one by OpenAI.
        Wire::OpenAi => chat(talk, "max_completion_tokens"),
        Wire::OpenRouter | Wire::Local => chat(talk, "max_tokens"),
    };
    ascii(&value)
}

fn anthropic(talk: &Talk<'_>) -> Value {
    let message = |turn: &Turn| {
        let role = match turn.role {
            Role::User => "user",
            Role::Model => "assistant",
        };
        json!({ "role": role, "content": turn.text })
    };
    json!({
        "model": talk.model,
        "max_tokens": talk.most_tokens,
        "system": talk.system,
        "messages": talk.turns.iter().map(message).collect::<Vec<_>>(),
        "stream": talk.is_streamed,
    })
}

fn chat(talk: &Talk<'_>, most_tokens: &str) -> Value {
    let message = |turn: &Turn| {
        let role = match turn.role {
            Role::User => "user",
            Role::Model => "assistant",
        };
        json!({ "role": role, "content": turn.text })
    };
    let system = json!({ "role": "system", "content": talk.system });
    let messages = std::iter::once(system).chain(talk.turns.iter().map(message));
    json!({
        "model": talk.model,
        "messages": messages.collect::<Vec<_>>(),
        most_tokens: talk.most_tokens,
        "stream": talk.is_streamed,
    })
}

/// The model and the streaming are in the address.
fn gemini(talk: &Talk<'_>) -> Value {
    let content = |turn: &Turn| {
        let role = match turn.role {
            Role::User => "user",
            Role::Model => "model",
        };
        json!({ "role": role, "parts": [{ "text": turn.text }] })
    };
    json!({
        "systemInstruction": { "parts": [{ "text": talk.system }] },
        "contents": talk.turns.iter().map(content).collect::<Vec<_>>(),
        "generationConfig": { "maxOutputTokens": talk.most_tokens },
    })
}

/// JSON with everything beyond ASCII escaped: it can be shown on any terminal, and what is shown
/// is what is sent, byte for byte.
fn ascii(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Ascii);
    let written = serde::Serialize::serialize(value, &mut serializer);
    written.expect("a JSON value is always JSON, and memory takes it");
    out
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        for c in fragment.chars() {
            match c {
                ' '..='~' => writer.write_all(&[c as u8])?,
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk<'t>(turns: &'t [Turn]) -> Talk<'t> {
        Talk {
            base: "https://llm.example",
            model: "m-1",
            system: "be brief",
            turns,
            most_tokens: 100,
            is_streamed: true,
        }
    }

    fn turns() -> Vec<Turn> {
        let turn = |role, text: &str| Turn {
            role,
            text: text.to_owned(),
        };
        vec![
            turn(Role::User, "ü\u{202e}😀\n\"x\"\u{7f}"),
            turn(Role::Model, "no"),
            turn(Role::User, "again"),
        ]
    }

    #[test]
    fn every_body_is_ascii_and_means_the_text() {
        let turns = turns();
        for wire in Wire::ALL {
            let bytes = of(wire, &talk(&turns));
            assert!(bytes.iter().all(|b| (b' '..=b'~').contains(b)), "{wire:?}");
            let value: Value = serde_json::from_slice(&bytes).expect("it is JSON");
            let text = value.to_string();
            assert!(text.contains('😀') && text.contains("be brief"), "{text}");
        }
    }

    /// The shapes of the public documentation.
    #[test]
    fn shapes() {
        let turns = turns();
        let of = |wire| -> Value { serde_json::from_slice(&of(wire, &talk(&turns))).unwrap() };
        let anthropic = of(Wire::Anthropic);
        assert_eq!(anthropic["max_tokens"], 100);
        assert_eq!(anthropic["messages"][1]["role"], "assistant");
        assert_eq!(anthropic["system"], "be brief");
        let openai = of(Wire::OpenAi);
        assert_eq!(openai["messages"][0]["role"], "system");
        assert_eq!(openai["max_completion_tokens"], 100);
        assert!(openai.get("max_tokens").is_none());
        assert_eq!(of(Wire::Local)["max_tokens"], 100);
        let gemini = of(Wire::Gemini);
        assert_eq!(gemini["contents"][1]["role"], "model");
        assert_eq!(gemini["systemInstruction"]["parts"][0]["text"], "be brief");
        assert!(gemini.get("stream").is_none());
    }
}
