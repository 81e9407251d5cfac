//! Lossless trees of nginx, PHP-FPM and php.ini files.
//!
//! Parsing never fails: the result is always a tree plus errors. Printing a tree gives back the
//! same bytes, for every input. This room opens no file and knows no directive's meaning.

pub mod holes;
pub mod ini;
pub mod nginx;
pub mod regex;

/// A syntax error, in the server's own words where it has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// First byte concerned.
    pub start: u32,
    /// Behind the last byte concerned.
    pub end: u32,
    /// The line the server itself would name, from 1; it often differs from the line of `start`.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}
