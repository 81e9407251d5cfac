//! The rules: their pages, and real files with marks.

#![expect(
    clippy::disallowed_methods,
    reason = "rules read no files, their fixtures are files"
)]

mod docs;
mod fixtures;
mod redacted;
mod stack;
mod templates;
