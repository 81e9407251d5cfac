//! Ini files with holes: entries whose values, or whose presence, a template decides.

use std::sync::Arc;

use base::{FileId, Span};
use syntax::SyntaxError;
use syntax::holes::{Language, Template};
use syntax::ini::{self, Dialect, Entry, Grammar, Tree};

use crate::load::Loader;
use crate::template::{hole_around, why_condition, why_hole};

/// A parsed file with its holes.
pub(crate) struct Templated {
    pub(crate) tree: Tree,
    pub(crate) template: Arc<Template>,
    file: FileId,
}

/// An entry, and why it is not known.
pub(crate) struct Known {
    pub(crate) entry: Entry,
    pub(crate) why: Option<String>,
    /// Whether its name is filled in too.
    pub(crate) is_nameless: bool,
}

/// Parses a file with holes as one version of PHP does.
pub(crate) fn parse(
    loader: &mut Loader<'_>,
    file: FileId,
    dialect: Dialect,
    grammar: Grammar,
) -> Templated {
    let bytes = loader.sources.get(file).bytes.clone();
    let template = loader.holes.of(file, &bytes, Language::Ini);
    let tree = ini::parse_as(template.masked(&bytes), dialect, grammar);
    Templated {
        tree,
        template,
        file,
    }
}

impl Templated {
    /// An entry as far as it is known. `since` is where the section begins that it stands in.
    pub(crate) fn known(
        &self,
        loader: &mut Loader<'_>,
        entry: &Entry,
        since: Option<u32>,
    ) -> Known {
        let mut known = Known {
            entry: entry.clone(),
            why: None,
            is_nameless: false,
        };
        if self.template.is_empty() {
            return known;
        }
        let span = Span::new(self.file, entry.span.0, entry.span.1);
        if let Some(region) = self.template.condition(entry.span.0, since) {
            loader.holes.condition(region, span);
            known.why = Some(why_condition(&region.name));
        }
        let bytes = &loader.sources.get(self.file).bytes;
        let text = |range: (u32, u32)| bytes[range.0 as usize..range.1 as usize].to_vec();
        if let Some(offset) = &mut known.entry.offset
            && self.template.within(offset.span).is_some()
        {
            offset.text = text(offset.span);
        }
        let value = &mut known.entry.value;
        let in_value = self.template.within(value.span);
        if in_value.is_some() {
            value.text = text(value.span);
        }
        // PHP itself fills `${NAME}` in, and its own words for that are there already.
        let filled = self
            .template
            .within(entry.span)
            .filter(|hole| !hole.is_dollar());
        if let Some(hole) = filled {
            loader.holes.value(hole, self.file, span);
            known.why = Some(why_hole(hole));
            known.is_nameless = self.template.within(entry.key).is_some();
        }
        if let Some(why) = &known.why {
            known.entry.value.holes.push(why.clone());
        }
        known
    }

    /// Whether a syntax error may be a template's, and none of what the server will read.
    pub(crate) fn decides(&self, bytes: &[u8], error: &SyntaxError) -> bool {
        let is_near = hole_around(bytes, error.start as usize).is_some();
        is_near || self.template.region(error.start).is_some()
    }

    /// Lines that are filled in before a place, behind those that were asked for before.
    pub(crate) fn lines_before(
        &self,
        loader: &mut Loader<'_>,
        at: u32,
        from: &mut usize,
    ) -> Option<String> {
        let mut why = None;
        while let Some(gap) = self.template.gaps().get(*from).filter(|gap| gap.start < at) {
            *from += 1;
            let span = Span::new(self.file, gap.start, gap.end);
            loader.holes.lines(&gap.name, span);
            why = Some(format!("`{}` is filled in elsewhere", gap.name));
        }
        why
    }
}
