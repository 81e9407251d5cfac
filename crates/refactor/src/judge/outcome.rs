//! What becomes of the edits of an answer.

use fix::Store;

use crate::extract::Proposal;

/// Why an edit is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Not in the form that was asked for.
    Shape,
    /// Its excerpt is not there, or not once.
    Place,
    /// It touches the same bytes as another.
    Overlap,
    /// A placeholder is lost, doubled, altered, invented or moved.
    Placeholder,
    /// It writes a value that is hidden.
    Secret,
    /// The file cannot be read any more.
    Syntax,
    /// It touches a comment.
    Comment,
    /// It reformats.
    Space,
    /// It touches what a model may not touch.
    Forbidden,
    /// It writes an address, a path or code.
    Value,
    /// No finding speaks of it.
    Unrelated,
    /// Nothing that was found goes away by it.
    Useless,
    /// The rules find something new.
    Worse,
}

impl Why {
    /// The word for outputs.
    pub fn word(self) -> &'static str {
        match self {
            Why::Shape => "shape",
            Why::Place => "place",
            Why::Overlap => "overlap",
            Why::Placeholder => "placeholder",
            Why::Secret => "secret",
            Why::Syntax => "syntax",
            Why::Comment => "comment",
            Why::Space => "space",
            Why::Forbidden => "forbidden",
            Why::Value => "value",
            Why::Unrelated => "unrelated",
            Why::Useless => "useless",
            Why::Worse => "worse",
        }
    }
}

/// An edit that is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The edit.
    pub proposal: Proposal,
    /// The kind of reason.
    pub why: Why,
    /// The reason, for people; it may quote the configuration.
    pub words: String,
    /// The reason, for the model; it quotes nothing but what the model wrote.
    pub(crate) told: String,
}

impl Refused {
    pub(crate) fn new(proposal: &Proposal, why: Why, words: String) -> Self {
        Self {
            proposal: proposal.clone(),
            why,
            told: words.clone(),
            words,
        }
    }
}

/// An edit that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The edit, as the model wrote it.
    pub proposal: Proposal,
    /// The file's path for people.
    pub shown: String,
    /// The line at which it begins.
    pub line: usize,
    /// The bytes of the file that go.
    pub range: std::ops::Range<usize>,
    /// What comes in their place, with its values.
    pub text: Vec<u8>,
}

/// What came of an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    /// Why there are no edits at all.
    pub(crate) unread: Option<String>,
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) refused: Vec<Refused>,
    /// Indices of the targets that are gone.
    pub(crate) gone: Vec<usize>,
    /// The files as they become.
    pub(crate) store: Store,
}

impl Judged {
    /// What the model is told, so that it can do better: with its own words and without.
    pub(crate) fn reasons(&self) -> Vec<(String, String)> {
        let unread = self.unread.iter().map(|why| (why.clone(), why.clone()));
        let refused = self.refused.iter().map(|refused| {
            let old: String = refused.proposal.old.chars().take(120).collect();
            let file: String = refused.proposal.file.chars().take(60).collect();
            let (old, file) = (serde_json::Value::from(old), serde_json::Value::from(file));
            let told = &refused.told;
            (
                format!("file {file}, old {old}: {told}"),
                format!("one of the edits: {told}"),
            )
        });
        unread.chain(refused).collect()
    }

    /// Whether another try may help.
    pub(crate) fn is_lacking(&self) -> bool {
        let is_wrong = |refused: &Refused| refused.why != Why::Unrelated;
        self.unread.is_some() || self.refused.iter().any(is_wrong)
    }
}
