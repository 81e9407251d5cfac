//! Markup that cannot be broken from inside: tags and attribute names are ours by their type, and
//! a stranger's text has one way in, which escapes it.

use redact::masked_text;

use crate::text::is_unseen;

/// Characters of a text that are shown at once; of a longer one the rest can be opened.
const SHOWN: usize = 480;

/// Attributes of a tag.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// A page in the making.
#[derive(Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// What was written.
    pub(super) fn into_string(self) -> String {
        self.out
    }

    /// Our own text, as it is.
    pub(super) fn raw(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    /// An element and what is in it.
    pub(super) fn tag(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Html),
    ) {
        self.open(name, attributes);
        inside(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element with nothing but text.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.tag(name, attributes, |h| h.text(text));
    }

    /// An element that has no end, such as `meta`.
    pub(super) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        // Blocks begin a line, so that the source can be read and compared.
        if matches!(
            name,
            "section" | "article" | "tr" | "p" | "li" | "svg" | "table" | "h2" | "td" | "th"
        ) {
            self.out.push('\n');
        }
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            for c in masked_text(value).chars() {
                match hidden(c) {
                    true => self.out.push_str(&code_point(c)),
                    false => self.escaped(c),
                }
            }
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// A stranger's text. Characters that show nothing are named instead.
    pub(super) fn text(&mut self, text: &str) {
        self.unmasked(&masked_text(text));
    }

    fn unmasked(&mut self, text: &str) {
        for c in text.chars() {
            match hidden(c) {
                true => {
                    self.out.push_str("<span class=\"unseen\">");
                    self.out.push_str(&code_point(c));
                    self.out.push_str("</span>");
                }
                false => self.escaped(c),
            }
        }
    }

    fn escaped(&mut self, c: char) {
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '"' => self.out.push_str("&quot;"),
            '\'' => self.out.push_str("&#39;"),
            c => self.out.push(c),
        }
    }

    /// A sentence, in which backticks make code.
    pub(super) fn prose(&mut self, text: &str) {
        let text = masked_text(text);
        let parts: Vec<&str> = text.split('`').collect();
        // An odd backtick is no pair but a stranger's letter.
        if parts.len().is_multiple_of(2) {
            return self.unmasked(&text);
        }
        for (index, part) in parts.into_iter().enumerate() {
            match index.is_multiple_of(2) {
                true => self.unmasked(part),
                false => self.tag("code", &[], |h| h.unmasked(part)),
            }
        }
    }

    /// A log line: the beginning, and the rest to be opened when it is long.
    pub(super) fn excerpt(&mut self, text: &str) {
        // Masked as a whole: the cut must not hide from the mask what it is looking for.
        let text = masked_text(text);
        let Some((cut, _)) = text.char_indices().nth(SHOWN) else {
            return self.tag("code", &[("class", "log")], |h| h.unmasked(&text));
        };
        let (head, rest) = text.split_at(cut);
        let more = crate::text::count(rest.chars().count(), "more character");
        self.tag("code", &[("class", "log")], |h| {
            h.unmasked(head);
            h.raw("…");
        });
        self.tag("details", &[("class", "rest")], |h| {
            h.leaf("summary", &[], &more);
            h.tag("code", &[("class", "log")], |h| h.unmasked(rest));
        });
    }
}

/// Whether a character must be named instead of shown. Line feeds and tabs keep a block's shape.
fn hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || is_unseen(c)
}

fn code_point(c: char) -> String {
    format!("⟨U+{:04X}⟩", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        let mut html = Html::default();
        html.leaf(
            "b",
            &[("title", "\"'><\u{202e}&")],
            "</b><i a='\u{1b}[1m\">&amp;",
        );
        assert_eq!(
            html.into_string(),
            "<b title=\"&quot;&#39;&gt;&lt;⟨U+202E⟩&amp;\">&lt;/b&gt;&lt;i a=&#39;\
             <span class=\"unseen\">⟨U+001B⟩</span>[1m&quot;&gt;&amp;amp;</b>"
        );
    }

    #[test]
    fn backticks_come_in_pairs() {
        let mut html = Html::default();
        html.prose("set `<a>` to 1");
        html.prose(" ` <");
        assert_eq!(html.into_string(), "set <code>&lt;a&gt;</code> to 1 ` &lt;");
    }
}
