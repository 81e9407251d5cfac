//! Holes: places of a file that something else fills before a server reads it.
//!
//! ```text
//! fastcgi_read_timeout {{ timeout | default(60) }}s;   Jinja, Go, Mustache
//! {% if ssl %} listen 443 ssl; {% endif %}              Jinja
//! listen = <%= @socket %>                               ERB, EPP
//! root __PATH__; root @datadir@; root %dir%; root <DIR>;
//! server_name ${DOMAIN};                                envsubst (nginx only)
//! ```
//!
//! A file with holes is read all the same: [`Template::masked`] has the same length, so that every
//! place in it is a place in the file. What stands for a word is a word there, and what stands for
//! nothing, or for lines of its own, is blank. The bytes of a file without holes stay as they are.
//!
//! Time and memory are linear, and nesting does not use the call stack.

mod branches;
mod expression;
mod fill;
mod form;
mod mask;

pub use branches::{Branch, Region};
pub use expression::plain_name;
pub use fill::{Fill, Filled, fill};
pub use mask::Gap;

use branches::Branches;

/// How a file is read: what a comment is, and where a line of its own may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// nginx: `$NAME` is a variable too.
    Nginx,
    /// php.ini and FPM: `${NAME}` is read by PHP itself.
    Ini,
}

/// What a hole is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes that are not in this file.
    Value,
    /// Nothing.
    Comment,
    /// Nothing, but what follows stands there under a condition, or several times.
    Open,
    /// Another branch begins.
    Else,
    /// The last branch ends.
    Close,
    /// Nothing: `{% set x = 1 %}`.
    Silent,
}

/// One hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Its first byte.
    pub start: u32,
    /// Behind its last byte.
    pub end: u32,
    /// What it is filled with.
    pub kind: Kind,
    /// What people call it: `timeout`, `Values.fpm.timeout`, `if use_php`.
    pub name: String,
    /// What stands there when nobody says anything else.
    pub default: Option<String>,
    /// Whether the value of the name is what stands there, and in which quotes.
    pub(crate) plain: Option<Quotes>,
    /// `$NAME` or `${NAME}`, which the server itself may read.
    pub(crate) is_dollar: bool,
}

/// What is written around a value that is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    None,
    Double,
    Single,
}

impl Hole {
    /// Whether this is `$NAME` or `${NAME}`: only who knows all files can tell whether it is a
    /// variable.
    pub fn is_dollar(&self) -> bool {
        self.is_dollar
    }
}

/// A file with holes.
#[derive(Clone, Debug, Default)]
pub struct Template {
    holes: Vec<Hole>,
    branches: Branches,
    masked: Option<Vec<u8>>,
    gaps: Vec<Gap>,
}

impl Template {
    /// Finds the holes of a file.
    pub fn read(bytes: &[u8], language: Language) -> Template {
        Template::of(bytes, language, false)
    }

    /// The same with the first branch of every condition alone, for files whose branches are not
    /// whole directives. What stands in the others may be anywhere around.
    pub fn of_first_branches(bytes: &[u8], language: Language) -> Template {
        Template::of(bytes, language, true)
    }

    fn of(bytes: &[u8], language: Language, is_first_only: bool) -> Template {
        let holes = form::find(bytes, language);
        if holes.is_empty() {
            return Template::default();
        }
        let branches = Branches::of(&holes, bytes.len());
        let (masked, gaps) = mask::mask(bytes, language, &holes, &branches, is_first_only);
        Template {
            holes,
            branches,
            masked: Some(masked),
            gaps,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.holes.is_empty()
    }

    /// All of them, in order.
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// The bytes to parse: as many, and those of the file where there is no hole.
    pub fn masked<'b>(&'b self, bytes: &'b [u8]) -> &'b [u8] {
        self.masked.as_deref().unwrap_or(bytes)
    }

    /// Holes that stand for lines of their own.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Whether there are conditions or loops.
    pub fn has_branches(&self) -> bool {
        !self.branches.regions().is_empty()
    }

    /// The first hole in a range that stands for bytes, or makes them conditional.
    pub fn within(&self, range: (u32, u32)) -> Option<&Hole> {
        let from = self.holes.partition_point(|hole| hole.end <= range.0);
        let holes = self.holes[from..].iter();
        holes
            .take_while(|hole| hole.start < range.1)
            .find(|hole| !matches!(hole.kind, Kind::Comment | Kind::Silent))
    }

    /// The innermost condition or loop around a place.
    pub fn region(&self, at: u32) -> Option<&Region> {
        self.branches.region(at)
    }

    /// The condition under which a place stands in what begins at another place of the file; none
    /// if both stand under the same.
    pub fn condition(&self, at: u32, since: Option<u32>) -> Option<&Region> {
        let region = self.branches.region(at)?;
        since
            .is_none_or(|since| since < region.start)
            .then_some(region)
    }

    /// The branches that a place stands in, innermost first.
    pub fn branches(&self, at: u32) -> impl Iterator<Item = Branch> + '_ {
        self.branches.around(at)
    }
}
