//! Places in files as people and programs name them.

use base::{Source, Sources, Span};

/// Bytes of a line that are decoded to count its characters. Behind that a column is a number
/// nobody counts to, and a line of 100 MB would be decoded once for each finding in it.
const COUNTED_BYTES: u32 = 1 << 20;

/// A place with 1-based lines and 1-based columns counted in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Located {
    /// The file, printable.
    pub path: String,
    /// First line.
    pub line: u32,
    /// Column in it.
    pub column: u32,
    /// Line of the first character behind the span.
    pub end_line: u32,
    /// Its column.
    pub end_column: u32,
}

/// Where a span is.
pub(crate) fn locate(sources: &Sources, span: Span) -> Located {
    let source = sources.get(span.file);
    let (line, column) = line_column(source, span.start);
    let (end_line, end_column) = line_column(source, span.end);
    Located {
        path: source.shown().to_string(),
        line,
        column,
        end_line,
        end_column,
    }
}

impl Located {
    /// `path:line`.
    pub(crate) fn short(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }

    /// `path:line:column`.
    pub(crate) fn long(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }
}

fn line_column(source: &Source, offset: u32) -> (u32, u32) {
    let size = u32::try_from(source.bytes.len()).unwrap_or(u32::MAX);
    let offset = offset.min(size);
    let place = source.line_column(offset);
    let start = offset - (place.column - 1);
    let counted = offset.min(start.saturating_add(COUNTED_BYTES));
    let mut column = 1 + (offset - counted);
    for chunk in source.bytes[start as usize..counted as usize].utf8_chunks() {
        // A byte that is no UTF-8 is shown as one `?`.
        let characters = chunk.valid().chars().count() + chunk.invalid().len();
        column += u32::try_from(characters).unwrap_or(u32::MAX);
    }
    (place.line, column)
}
