//! What the pieces of an answer say, whole or streamed.

use serde_json::Value;

use super::Wire;
use super::trouble::{Trouble, TroubleKind};

/// What was said so far.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The text.
    pub(crate) text: String,
    /// Why it ended, in the provider's own word; nothing while it goes on.
    pub(crate) ended: Option<String>,
    /// What the provider complained of in the midst of it.
    pub(crate) trouble: Option<Trouble>,
}

impl Said {
    /// Takes one event of a stream, or a whole answer.
    pub(crate) fn take(&mut self, wire: Wire, value: &Value) {
        if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
            self.trouble = Some(Trouble::midway(wire, error));
            return;
        }
        match wire {
            Wire::Anthropic => self.anthropic(value),
            Wire::Gemini => self.gemini(value),
            Wire::OpenAi | Wire::OpenRouter | Wire::Local => self.chat(value),
        }
    }

    /// What kept the text from being an answer.
    pub(crate) fn end_trouble(&self, wire: Wire) -> Option<Trouble> {
        let name = wire.name();
        let word = self.ended.as_deref()?;
        let is = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
        if is(&["max_tokens", "length", "model_context_window_exceeded"]) {
            let words = format!("{name} cut the answer at its longest");
            return Some(Trouble::new(TroubleKind::Length, words));
        }
        let is_good = is(&["end_turn", "stop", "stop_sequence", "eos", ""]);
        let refuses = is(&[
            "refusal",
            "content_filter",
            "safety",
            "recitation",
            "blocklist",
            "prohibited_content",
            "spii",
        ]);
        match (is_good, refuses) {
            (true, _) => None,
            (_, true) => {
                let words = format!("{name} refuses to answer this");
                Some(Trouble::new(TroubleKind::Refused, words))
            }
            _ => {
                let words = format!("{name} ended the answer for a reason of its own");
                Some(Trouble::new(TroubleKind::Refused, words))
            }
        }
    }

    fn anthropic(&mut self, value: &Value) {
        match value["type"].as_str() {
            Some("content_block_delta") => self.say(&value["delta"]["text"]),
            Some("content_block_start") => self.say(&value["content_block"]["text"]),
            Some("message_delta") => self.end(&value["delta"]["stop_reason"]),
            Some("message_stop") => drop(self.ended.get_or_insert_default()),
            Some("message") => {
                for block in value["content"].as_array().into_iter().flatten() {
                    self.say(&block["text"]);
                }
                self.end(&value["stop_reason"]);
            }
            _ => {}
        }
    }

    fn chat(&mut self, value: &Value) {
        let choice = &value["choices"][0];
        for said in [&choice["delta"]["content"], &choice["message"]["content"]] {
            self.say(said);
            for part in said.as_array().into_iter().flatten() {
                self.say(&part["text"]);
            }
        }
        let refusal = [&choice["delta"]["refusal"], &choice["message"]["refusal"]];
        if refusal.iter().any(|refusal| refusal.is_string()) {
            self.ended = Some("refusal".to_owned());
            return;
        }
        self.end(&choice["finish_reason"]);
    }

    fn gemini(&mut self, value: &Value) {
        let candidate = &value["candidates"][0];
        let parts = candidate["content"]["parts"].as_array();
        // What it thinks aloud is no answer.
        let parts = parts.into_iter().flatten();
        for part in parts.filter(|part| part["thought"] != true) {
            self.say(&part["text"]);
        }
        self.end(&candidate["finishReason"]);
        if value["promptFeedback"]["blockReason"].is_string() {
            self.ended = Some("safety".to_owned());
        }
    }

    fn say(&mut self, text: &Value) {
        self.text.push_str(text.as_str().unwrap_or_default());
    }

    fn end(&mut self, reason: &Value) {
        if let Some(reason) = reason.as_str() {
            self.ended = Some(reason.to_owned());
        }
    }
}
