//! Writes lines with indents, labels and colours, and knows what the terminal can show.

use std::io;

use crate::diagnosis::Look;
use crate::paint::{Ink, paint};
use crate::text::{columns, wrap};

/// Columns of an answer: log lines need room, and nobody reads wider.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=120;

/// The text so far.
pub(super) struct Pen {
    /// How it is to look.
    pub look: Look,
    /// Columns to fill.
    pub width: usize,
    out: String,
}

impl Pen {
    pub(super) fn new(look: Look) -> Pen {
        Pen {
            look,
            width: look.width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            out: String::new(),
        }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// A line as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    pub(super) fn heading(&mut self, text: &str) {
        let text = self.ink(text, Ink::Bold);
        self.raw(&text);
    }

    /// A text in a colour, if there are any.
    pub(super) fn ink(&self, text: &str, ink: Ink) -> String {
        paint(text, ink, self.look.colour)
    }

    /// A text over as many lines as it needs.
    pub(super) fn wrapped(&mut self, indent: usize, text: &str, ink: Ink) {
        self.hanging(indent, "", Ink::Plain, text, ink);
    }

    /// `label  text`, the text's lines below each other.
    pub(super) fn labelled(&mut self, indent: usize, label: &str, ink: Ink, text: &str) {
        self.hanging(indent, &format!("{label}  "), ink, text, Ink::Plain);
    }

    /// `- text`. What has several lines is configuration or commands and stays as it is.
    pub(super) fn item(&mut self, indent: usize, text: &[String]) {
        let Some((first, rest)) = text.split_first() else {
            return;
        };
        self.hanging(indent, "- ", Ink::Plain, first, Ink::Plain);
        for line in rest {
            self.raw(&format!("{}{line}", " ".repeat(indent + 2)));
        }
    }

    fn hanging(&mut self, indent: usize, label: &str, label_ink: Ink, text: &str, ink: Ink) {
        let taken = indent + columns(label);
        let room = self.width.saturating_sub(taken).max(20);
        for (index, line) in wrap(text, room).iter().enumerate() {
            let line = self.ink(line, ink);
            let line = match index {
                0 => format!("{}{}{line}", " ".repeat(indent), self.ink(label, label_ink)),
                _ => format!("{}{line}", " ".repeat(taken)),
            };
            self.raw(&line);
        }
    }

    /// Hands over the text. A terminal without UTF-8 gets nothing that it cannot show.
    pub(super) fn end(self, out: &mut dyn io::Write) -> io::Result<()> {
        if !self.look.ascii {
            return out.write_all(self.out.as_bytes());
        }
        let mut text = self.out.replace('…', "~");
        if !text.is_ascii() {
            text = text
                .chars()
                .map(|c| if c.is_ascii() { c } else { '?' })
                .collect();
        }
        out.write_all(text.as_bytes())
    }
}
