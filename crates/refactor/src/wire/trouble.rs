//! What goes wrong between us and a provider, in words for people.

use base::source::printable;
use serde_json::Value;

use super::Wire;

/// Longest part of a provider's own words that is shown.
const MOST_WORDS: usize = 300;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub kind: TroubleKind,
    /// What happened; lower case, no full stop.
    pub words: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The provider's own words, harmless to show.
    pub quoted: Option<String>,
}

/// Kinds of [`Trouble`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// The key is missing or not known.
    Key,
    /// The key may not do this.
    Forbidden,
    /// The provider does not answer browsers of this organisation.
    Browser,
    /// No such model or address.
    NotFound,
    /// Too many requests, or no money left.
    TooMany,
    /// The provider has too much to do.
    Overloaded,
    /// The provider failed.
    Server,
    /// The provider does not take the request.
    BadRequest,
    /// The answer leads elsewhere; nobody follows.
    Redirect,
    /// The connection broke, or time was up.
    Cut,
    /// Nothing came at all.
    Network,
    /// Too many bytes.
    TooLarge,
    /// Not what is documented.
    Unreadable,
    /// The model or a filter refuses.
    Refused,
    /// Cut at the longest text that was asked for.
    Length,
}

impl TroubleKind {
    /// The word for outputs.
    pub fn word(self) -> &'static str {
        match self {
            TroubleKind::Key => "key",
            TroubleKind::Forbidden => "forbidden",
            TroubleKind::Browser => "browser",
            TroubleKind::NotFound => "not-found",
            TroubleKind::TooMany => "too-many",
            TroubleKind::Overloaded => "overloaded",
            TroubleKind::Server => "server",
            TroubleKind::BadRequest => "bad-request",
            TroubleKind::Redirect => "redirect",
            TroubleKind::Cut => "cut",
            TroubleKind::Network => "network",
            TroubleKind::TooLarge => "too-large",
            TroubleKind::Unreadable => "unreadable",
            TroubleKind::Refused => "refused",
            TroubleKind::Length => "length",
        }
    }
}

/// What stands before an answer.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
}

impl Trouble {
    /// One without a quotation.
    pub fn new(kind: TroubleKind, words: impl Into<String>) -> Self {
        Self {
            kind,
            words: words.into(),
            help: None,
            quoted: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The status says that there is none.
    pub(crate) fn of_status(wire: Wire, head: &Head, body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        // Gemini's stream answers with a list of one.
        let error = match value.get(0) {
            Some(first) => &first["error"],
            None => &value["error"],
        };
        let quoted = words_of(error, &value);
        let is_of_browser = quoted.as_ref().is_some_and(|text| text.contains("CORS"));
        let mut trouble = of_status(wire, head, is_of_browser);
        // Some repeat a part of the key where they refuse it.
        if trouble.kind != TroubleKind::Key {
            trouble.quoted = quoted;
        }
        trouble
    }

    /// A complaint in the midst of a stream that began well.
    pub(crate) fn midway(wire: Wire, error: &Value) -> Self {
        let name = wire.name();
        let word = error["type"].as_str().or(error["status"].as_str());
        let kind = match word {
            Some("overloaded_error" | "UNAVAILABLE") => TroubleKind::Overloaded,
            Some("rate_limit_error" | "RESOURCE_EXHAUSTED") => TroubleKind::TooMany,
            _ => TroubleKind::Server,
        };
        let mut trouble = Trouble::new(kind, format!("{name} gave up in the midst of its answer"));
        trouble.quoted = words_of(error, error);
        trouble
    }
}

fn of_status(wire: Wire, head: &Head, is_of_browser: bool) -> Trouble {
    let (name, status) = (wire.name(), head.status);
    let wait = head.retry_after.as_ref().map_or_else(
        || "wait some minutes and try again".to_owned(),
        |after| format!("try again after {}", wait_words(after)),
    );
    match status {
        // Anthropic answers so when a browser asks and its organisation has switched that off.
        401 | 403 if is_of_browser => {
            let words = format!("{name} does not answer browsers of this organization");
            Trouble::new(TroubleKind::Browser, words)
                .help("an administrator can allow it; `badgateway refactor` is no browser")
        }
        401 => {
            let words = format!("{name} does not know this key");
            let help = match wire.key_variable() {
                Some(variable) => format!("look at {variable}, or where the key comes from"),
                None => "the server wants a key: give it with --key-file".to_owned(),
            };
            Trouble::new(TroubleKind::Key, words).help(help)
        }
        402 => Trouble::new(
            TroubleKind::TooMany,
            format!("{name} wants to be paid first"),
        ),
        403 if wire == Wire::Local => Trouble::new(
            TroubleKind::Forbidden,
            "the local server refuses the request",
        )
        .help("Ollama answers pages of other origins only where OLLAMA_ORIGINS names them"),
        403 => Trouble::new(
            TroubleKind::Forbidden,
            format!("{name} does not let this key do that"),
        )
        .help("the key may be limited to other models, projects or places"),
        404 => Trouble::new(
            TroubleKind::NotFound,
            format!("{name} knows no such model or address"),
        )
        .help("look at --model and --base-url"),
        408 | 504 => Trouble::new(TroubleKind::Server, format!("{name} took too long")).help(wait),
        413 => Trouble::new(
            TroubleKind::BadRequest,
            format!("the request is too large for {name}"),
        )
        .help("choose fewer findings with --rule"),
        429 => Trouble::new(
            TroubleKind::TooMany,
            format!("too many requests for {name}, or its quota is used up"),
        )
        .help(wait),
        503 | 529 => {
            Trouble::new(TroubleKind::Overloaded, format!("{name} is overloaded")).help(wait)
        }
        300..=399 => Trouble::new(
            TroubleKind::Redirect,
            format!("{name} sends us elsewhere; redirects are not followed"),
        )
        .help("give the right address with --base-url"),
        400..=499 => Trouble::new(
            TroubleKind::BadRequest,
            format!("{name} does not take the request (status {status})"),
        ),
        _ => Trouble::new(
            TroubleKind::Server,
            format!("{name} failed (status {status})"),
        )
        .help(wait),
    }
}

/// Seconds or a date, as a server writes them.
fn wait_words(after: &str) -> String {
    match after.trim().parse::<u64>() {
        Ok(seconds) => format!("{seconds} second{}", if seconds == 1 { "" } else { "s" }),
        Err(_) => printable(after.as_bytes()).chars().take(40).collect(),
    }
}

/// The provider's own words, for people: cut, without control characters and without secrets.
fn words_of(error: &Value, whole: &Value) -> Option<String> {
    let places = [
        &error["message"],
        error,
        &whole["message"],
        &whole["detail"],
    ];
    let text = places.into_iter().find_map(Value::as_str)?;
    let text: String = printable(text.as_bytes())
        .chars()
        .take(MOST_WORDS)
        .collect();
    Some(redact::masked_text(text.trim())).filter(|text| !text.is_empty())
}
