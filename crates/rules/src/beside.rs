//! What another judge has found in files that the model does not read: it is allowed, graded and
//! sorted like all else.

use base::{FileId, Finding, Span};

/// Findings and what is needed to allow them.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What was found.
    pub findings: Vec<Finding>,
    /// The comments of the files it was found in.
    pub comments: Vec<(FileId, Vec<(u32, u32)>)>,
    /// A value and its key, in the order of the values: a comment above the key speaks of all
    /// that is found in the value.
    pub keys: Vec<(Span, Span)>,
    /// The ids of that judge's rules.
    pub rules: Vec<&'static str>,
}

impl Beside {
    /// The key of the value that holds a place.
    pub(crate) fn key(&self, span: Span) -> Option<Span> {
        let behind =
            |(value, _): &(Span, Span)| (value.file, value.start) <= (span.file, span.start);
        let at = self.keys.partition_point(behind).checked_sub(1)?;
        let (value, key) = self.keys[at];
        (value.file == span.file && span.end <= value.end).then_some(key)
    }
}
