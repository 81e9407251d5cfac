//! The wire formats: what a request looks like to each provider, and what an answer says.
//!
//! Only what a provider asks for is sent: no name of a client library, no telemetry, no user id.

mod address;
mod body;
mod event;
mod reader;
mod sse;
mod trouble;

pub use address::{check_base, check_model};
pub(crate) use body::{Role, Talk, Turn};
pub use reader::Reader;
pub use trouble::{Trouble, TroubleKind};

/// Whose wire format it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// `/v1/messages`.
    Anthropic,
    /// `/v1/chat/completions` of OpenAI itself.
    OpenAi,
    /// The same, of OpenRouter.
    OpenRouter,
    /// `:generateContent`, `:streamGenerateContent`.
    Gemini,
    /// The same as OpenAI's, of a server of one's own: Ollama, llama.cpp.
    Local,
}

/// A request as it is to be sent: always a POST, with these bytes and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where to. No key is ever a part of it.
    pub url: String,
    /// The headers in order; the key has a marked place.
    pub headers: Vec<(&'static str, Header)>,
    /// The body: JSON, all ASCII, so that what is shown is what is sent.
    pub body: Vec<u8>,
    /// Whether the answer is asked for piece by piece.
    pub is_streamed: bool,
}

/// The value of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// As it is.
    Text(&'static str),
    /// The key goes here, behind this text. Without a key the header is left out.
    Key(&'static str),
}

impl Wire {
    /// All of them.
    pub const ALL: [Wire; 5] = [
        Wire::Anthropic,
        Wire::OpenAi,
        Wire::OpenRouter,
        Wire::Gemini,
        Wire::Local,
    ];

    /// The word for outputs and arguments.
    pub fn word(self) -> &'static str {
        match self {
            Wire::Anthropic => "anthropic",
            Wire::OpenAi => "openai",
            Wire::OpenRouter => "openrouter",
            Wire::Gemini => "gemini",
            Wire::Local => "local",
        }
    }

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Wire::Anthropic => "Anthropic",
            Wire::OpenAi => "OpenAI",
            Wire::OpenRouter => "OpenRouter",
            Wire::Gemini => "Gemini",
            Wire::Local => "the local server",
        }
    }

    /// The variable of the environment in which people keep the key.
    pub fn key_variable(self) -> Option<&'static str> {
        match self {
            Wire::Anthropic => Some("ANTHROPIC_API_KEY"),
            Wire::OpenAi => Some("OPENAI_API_KEY"),
            Wire::OpenRouter => Some("OPENROUTER_API_KEY"),
            Wire::Gemini => Some("GEMINI_API_KEY"),
            Wire::Local => None,
        }
    }

    /// Whether it answers without a key.
    pub fn needs_key(self) -> bool {
        self != Wire::Local
    }

    /// Where it is when nobody says otherwise.
    pub fn usual_base(self) -> &'static str {
        match self {
            Wire::Anthropic => "https://api.anthropic.com",
            Wire::OpenAi => "https://api.openai.com",
            Wire::OpenRouter => "https://openrouter.ai/api",
            Wire::Gemini => "https://generativelanguage.googleapis.com",
            Wire::Local => "http://127.0.0.1:11434",
        }
    }

    /// The address of a request.
    fn url(self, base: &str, model: &str, is_streamed: bool) -> String {
        let base = base.trim_end_matches('/');
        let (version, path) = match self {
            Wire::Anthropic => ("/v1", "/messages".to_owned()),
            Wire::OpenAi | Wire::OpenRouter | Wire::Local => {
                ("/v1", "/chat/completions".to_owned())
            }
            Wire::Gemini => {
                let verb = match is_streamed {
                    true => "streamGenerateContent?alt=sse",
                    false => "generateContent",
                };
                let model = model.trim_start_matches("models/");
                ("/v1beta", format!("/models/{model}:{verb}"))
            }
        };
        // Some write the address with the version, some without.
        let version = match base.ends_with(version) {
            true => "",
            false => version,
        };
        format!("{base}{version}{path}")
    }

    fn headers(self, from_browser: bool) -> Vec<(&'static str, Header)> {
        let json = ("content-type", Header::Text("application/json"));
        match self {
            Wire::Anthropic => {
                let mut headers = vec![
                    json,
                    ("anthropic-version", Header::Text("2023-06-01")),
                    ("x-api-key", Header::Key("")),
                ];
                // Without it a browser gets no answer, and elsewhere it has no meaning.
                if from_browser {
                    let name = "anthropic-dangerous-direct-browser-access";
                    headers.push((name, Header::Text("true")));
                }
                headers
            }
            Wire::Gemini => vec![json, ("x-goog-api-key", Header::Key(""))],
            Wire::OpenAi | Wire::OpenRouter | Wire::Local => {
                vec![json, ("authorization", Header::Key("Bearer "))]
            }
        }
    }

    /// The request for a talk.
    pub(crate) fn request(self, talk: &Talk<'_>, from_browser: bool) -> Request {
        Request {
            url: self.url(talk.base, talk.model, talk.is_streamed),
            headers: self.headers(from_browser),
            body: body::of(self, talk),
            is_streamed: talk.is_streamed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_requests() {
        let url = |wire: Wire, base: &str, stream| wire.url(base, "m-1", stream);
        let local = Wire::Local;
        assert_eq!(
            url(local, "http://127.0.0.1:8080/v1/", true),
            "http://127.0.0.1:8080/v1/chat/completions"
        );
        assert_eq!(
            url(local, "http://127.0.0.1:8080", true),
            "http://127.0.0.1:8080/v1/chat/completions"
        );
        let gemini = Wire::Gemini;
        assert_eq!(
            url(gemini, gemini.usual_base(), true),
            "https://generativelanguage.googleapis.com/v1beta/models/m-1:streamGenerateContent?alt=sse"
        );
        assert!(url(gemini, gemini.usual_base(), false).ends_with("/m-1:generateContent"));
        let router = Wire::OpenRouter;
        assert_eq!(
            url(router, router.usual_base(), false),
            "https://openrouter.ai/api/v1/chat/completions"
        );
    }

    #[test]
    fn a_browser_says_so_to_anthropic_only() {
        for wire in Wire::ALL {
            let has = |headers: Vec<(&str, Header)>| {
                headers.iter().any(|(name, _)| name.contains("browser"))
            };
            assert_eq!(has(wire.headers(true)), wire == Wire::Anthropic);
            assert!(!has(wire.headers(false)));
        }
    }
}
