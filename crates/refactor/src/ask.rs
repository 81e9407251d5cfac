//! What a session is asked to do.

use fix::{Load, Resolve, Wants};

use crate::wire::Wire;

/// Where the files come from.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Loads the model with some contents replaced.
    pub load: &'a Load<'a>,
    /// The real path of a source.
    pub resolve: &'a Resolve<'a>,
}

/// What is wanted.
#[derive(Clone)]
pub struct Ask<'a> {
    /// Whom to ask.
    pub wire: Wire,
    /// The address; nothing for the usual one.
    pub base: Option<String>,
    /// The model.
    pub model: String,
    /// Whether the answer shall come piece by piece.
    pub is_streamed: bool,
    /// Whether a browser will send it: some providers want to be told.
    pub from_browser: bool,
    /// Longest answer.
    pub most_tokens: u32,
    /// How to redact.
    pub redact: redact::Options<'a>,
    /// Which findings, and what the team says of its stack.
    pub wants: Wants,
}

impl Ask<'_> {
    /// What is usual for a wire and a model: streamed, everything hidden.
    pub fn new(wire: Wire, model: impl Into<String>) -> Self {
        Self {
            wire,
            base: None,
            model: model.into(),
            is_streamed: true,
            from_browser: false,
            most_tokens: 8192,
            redact: redact::Options {
                identity: true,
                sending: true,
                ..redact::Options::default()
            },
            wants: Wants::default(),
        }
    }

    pub(crate) fn base(&self) -> &str {
        self.base.as_deref().unwrap_or(self.wire.usual_base())
    }
}
