//! Regular expressions as nginx compiles them: PCRE without UTF mode, on bytes.
//!
//! For judging, not for serving: what is parsed can be asked what its groups may hold, run on a
//! text with a bound on its steps, and made to give texts that it matches. What is beyond it
//! (recursion, conditions, Unicode properties) is a part that may match anything; nothing is
//! refused, and such a regex says of itself that it is not understood.

mod parse;
mod program;
mod run;
mod sample;
mod set;

use base::SortedMap;
use std::sync::OnceLock;

use program::Program;

pub use run::Verdict;
pub use set::ByteSet;

/// One part of a regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Matches the empty text.
    Empty,
    /// One byte of a set.
    Set(ByteSet),
    /// `^`; with `(?m)` also behind a line feed.
    Start {
        /// `(?m)`.
        multiline: bool,
    },
    /// `$`: the end, or before a line feed at the end; with `(?m)` before any line feed.
    End {
        /// `(?m)`.
        multiline: bool,
    },
    /// `\z`: the very end.
    VeryEnd,
    /// `\b`, or `\B` when false.
    WordBoundary(bool),
    /// A group that remembers; numbered from 1.
    Group(u32, Box<Node>),
    /// One after the other.
    Concat(Vec<Node>),
    /// The first that fits.
    Alternatives(Vec<Node>),
    /// Again and again.
    Repeat {
        /// What is repeated.
        node: Box<Node>,
        /// At least so often.
        min: u32,
        /// At most so often; `None` for no bound.
        max: Option<u32>,
        /// Whether it takes as much as it can, as little, or gives nothing back.
        greed: Greed,
    },
    /// `(?=…)` and its three kin.
    Look {
        /// Ahead or behind.
        ahead: bool,
        /// Must it match, or must it not.
        wanted: bool,
        /// What is looked for.
        node: Box<Node>,
    },
    /// `(?>…)`.
    Atomic(Box<Node>),
    /// `\1`.
    Backreference(u32),
    /// Something that is not understood: it may match anything.
    Opaque,
}

/// How a repetition takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greed {
    /// `*`.
    Greedy,
    /// `*?`.
    Lazy,
    /// `*+`.
    Possessive,
}

/// A parsed regular expression.
#[derive(Clone, Debug)]
pub struct Regex {
    /// Its root.
    pub node: Node,
    /// How many groups remember.
    pub groups: u32,
    /// The named ones.
    pub names: SortedMap<Vec<u8>, u32>,
    /// Whether every part of it is understood.
    pub understood: bool,
    /// Its steps, made when it is first run; nothing when there would be too many.
    program: OnceLock<Option<Program>>,
}

/// An expression that is a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Whether it must stand at the beginning.
    pub at_start: bool,
    /// Whether it must stand at the end.
    pub at_end: bool,
    /// The text.
    pub text: Vec<u8>,
}

impl Regex {
    /// Parses a text. Never fails: what PCRE would refuse, too, becomes [`Node::Opaque`].
    pub fn parse(text: &[u8], caseless: bool) -> Regex {
        parse::parse(text, caseless)
    }

    /// A group by its number.
    pub fn group(&self, number: u32) -> Option<&Node> {
        find_group(&self.node, number)
    }

    /// Whether a text is matched, anywhere in it, within a bound of steps.
    pub fn matches(&self, text: &[u8]) -> Verdict {
        run::run(self, text).0
    }

    /// The number of steps that a backtracking machine needs for a text, up to a bound.
    pub fn steps(&self, text: &[u8]) -> u64 {
        run::run(self, text).1
    }

    /// A text that is matched, when one is found.
    pub fn sample(&self) -> Option<Vec<u8>> {
        sample::plain(self)
    }

    /// The text itself, when the expression is no more than a text with or without `^` and `$`.
    pub fn literal(&self) -> Option<Literal> {
        let words = self.node.words()?;
        let [text] = words.as_slice() else {
            return None;
        };
        Some(Literal {
            at_start: self.node.is_anchored_at_start(),
            at_end: self.node.is_anchored_at_end(),
            text: text.clone(),
        })
    }

    /// All texts that are matched from beginning to end, if they are a few words.
    pub fn words(&self) -> Option<Vec<Vec<u8>>> {
        let node = &self.node;
        let is_whole = node.is_anchored_at_start() && node.is_anchored_at_end();
        is_whole.then(|| node.words())?
    }

    /// Texts that are matched: the first choice everywhere, and the last.
    pub fn samples(&self) -> Vec<Vec<u8>> {
        sample::both(self)
    }

    /// A text that is matched, with `fill` for every part that takes anything, such as `.*`.
    pub fn sample_filled(&self, fill: &[u8]) -> Option<Vec<u8>> {
        sample::filled(self, fill)
    }

    /// A text that is matched and whose group holds a byte, when one is found.
    pub fn sample_with(&self, group: u32, byte: u8) -> Option<Vec<u8>> {
        sample::with_byte(self, group, byte)
    }

    /// Whether a slash always stands right before a group.
    pub fn slash_before(&self, group: u32) -> bool {
        slash_before(&self.node, group, false).unwrap_or(false)
    }

    /// Texts that are matched and show what a careless pattern lets through: each lone wildcard,
    /// which was perhaps meant as a dot, replaced by `byte`, one at a time.
    pub fn samples_with_wildcards_as(&self, byte: u8) -> Vec<Vec<u8>> {
        sample::wildcards(self, byte)
    }

    /// Two texts of which the second is some bytes longer and takes far more steps, if there are:
    /// a part that can be repeated to make the machine try an exponential number of ways.
    pub fn explosion(&self) -> Option<Vec<u8>> {
        sample::explosion(self)
    }
}

impl Node {
    /// Whether a group lies in this part.
    pub fn has_group(&self, number: u32) -> bool {
        find_group(self, number).is_some()
    }

    /// Every byte that a match of this part may hold.
    pub fn bytes(&self) -> ByteSet {
        match self {
            Node::Set(set) => *set,
            Node::Group(_, node) | Node::Atomic(node) => node.bytes(),
            Node::Concat(nodes) | Node::Alternatives(nodes) => nodes
                .iter()
                .fold(ByteSet::EMPTY, |all, n| all.union(n.bytes())),
            Node::Repeat { max: Some(0), .. } => ByteSet::EMPTY,
            Node::Repeat { node, .. } => node.bytes(),
            Node::Backreference(_) | Node::Opaque => ByteSet::ALL,
            Node::Empty
            | Node::Start { .. }
            | Node::End { .. }
            | Node::VeryEnd
            | Node::WordBoundary(_)
            | Node::Look { .. } => ByteSet::EMPTY,
        }
    }

    /// Every byte that a match may begin with, and whether it may be empty.
    pub fn first(&self) -> (ByteSet, bool) {
        match self {
            Node::Set(set) => (*set, false),
            Node::Group(_, node) | Node::Atomic(node) => node.first(),
            Node::Concat(nodes) => {
                let mut all = ByteSet::EMPTY;
                for node in nodes {
                    let (first, empty) = node.first();
                    all = all.union(first);
                    if !empty {
                        return (all, false);
                    }
                }
                (all, true)
            }
            Node::Alternatives(nodes) => nodes.iter().fold((ByteSet::EMPTY, false), |all, node| {
                let (first, empty) = node.first();
                (all.0.union(first), all.1 || empty)
            }),
            Node::Repeat { max: Some(0), .. } => (ByteSet::EMPTY, true),
            Node::Repeat { node, min, .. } => {
                let (first, empty) = node.first();
                (first, empty || *min == 0)
            }
            Node::Backreference(_) | Node::Opaque => (ByteSet::ALL, true),
            Node::Empty
            | Node::Start { .. }
            | Node::End { .. }
            | Node::VeryEnd
            | Node::WordBoundary(_)
            | Node::Look { .. } => (ByteSet::EMPTY, true),
        }
    }

    /// Whether only a few texts match: words and choices between them, nothing that repeats.
    pub fn is_choice_of_words(&self) -> bool {
        match self {
            Node::Empty => true,
            // A letter, or a letter in both cases.
            Node::Set(set) => set.len() <= 2,
            Node::Group(_, node) | Node::Atomic(node) => node.is_choice_of_words(),
            Node::Concat(nodes) | Node::Alternatives(nodes) => {
                nodes.iter().all(Node::is_choice_of_words)
            }
            Node::Repeat { node, max, .. } => {
                max.is_some_and(|max| max <= 1) && node.is_choice_of_words()
            }
            Node::Backreference(_) | Node::Opaque => false,
            Node::Start { .. }
            | Node::End { .. }
            | Node::VeryEnd
            | Node::WordBoundary(_)
            | Node::Look { .. } => true,
        }
    }

    /// All texts that this part matches, if they are a few.
    fn words(&self) -> Option<Vec<Vec<u8>>> {
        const MOST: usize = 16;
        let words = match self {
            Node::Set(set) if set.len() == 1 => set.iter().map(|byte| vec![byte]).collect(),
            Node::Group(_, node) | Node::Atomic(node) => node.words()?,
            Node::Concat(nodes) => nodes.iter().try_fold(vec![Vec::new()], |heads, node| {
                let tails = node.words()?;
                let joined = heads.iter().flat_map(|head: &Vec<u8>| {
                    tails
                        .iter()
                        .map(move |tail| [head.as_slice(), tail].concat())
                });
                Some(joined.take(MOST + 1).collect())
            })?,
            Node::Alternatives(nodes) => {
                let all: Option<Vec<_>> = nodes.iter().map(Node::words).collect();
                all?.concat()
            }
            Node::Repeat {
                node,
                min: 0,
                max: Some(1),
                ..
            } => {
                let mut words = node.words()?;
                words.push(Vec::new());
                words
            }
            Node::Empty | Node::Start { .. } | Node::End { .. } | Node::VeryEnd => vec![Vec::new()],
            _ => return None,
        };
        (words.len() <= MOST).then_some(words)
    }

    /// Whether every match begins at the beginning of the text.
    pub fn is_anchored_at_start(&self) -> bool {
        match self {
            Node::Start { multiline } => !multiline,
            Node::Group(_, node) | Node::Atomic(node) => node.is_anchored_at_start(),
            Node::Concat(nodes) => {
                let mut solid = nodes
                    .iter()
                    .skip_while(|n| matches!(n, Node::Look { .. } | Node::Empty));
                solid.next().is_some_and(Node::is_anchored_at_start)
            }
            Node::Alternatives(nodes) => nodes.iter().all(Node::is_anchored_at_start),
            Node::Repeat { node, min, .. } => *min > 0 && node.is_anchored_at_start(),
            _ => false,
        }
    }

    /// Whether every match ends at the end of the text.
    pub fn is_anchored_at_end(&self) -> bool {
        match self {
            Node::End { multiline } => !multiline,
            Node::VeryEnd => true,
            Node::Group(_, node) | Node::Atomic(node) => node.is_anchored_at_end(),
            Node::Concat(nodes) => nodes.last().is_some_and(Node::is_anchored_at_end),
            Node::Alternatives(nodes) => nodes.iter().all(Node::is_anchored_at_end),
            _ => false,
        }
    }
}

fn find_group(node: &Node, number: u32) -> Option<&Node> {
    match node {
        Node::Group(n, inner) if *n == number => Some(inner),
        Node::Group(_, inner) | Node::Atomic(inner) => find_group(inner, number),
        Node::Repeat { node, .. } | Node::Look { node, .. } => find_group(node, number),
        Node::Concat(nodes) | Node::Alternatives(nodes) => {
            nodes.iter().find_map(|node| find_group(node, number))
        }
        _ => None,
    }
}

/// Walks to a group; `slash` says whether what was passed last is a slash.
fn slash_before(node: &Node, group: u32, slash: bool) -> Option<bool> {
    match node {
        Node::Group(n, _) if *n == group => Some(slash),
        Node::Group(_, inner) | Node::Atomic(inner) => slash_before(inner, group, slash),
        Node::Repeat { node, .. } => slash_before(node, group, slash),
        Node::Alternatives(nodes) => nodes.iter().find_map(|n| slash_before(n, group, slash)),
        Node::Concat(nodes) => {
            let mut slash = slash;
            for node in nodes {
                if let Some(found) = slash_before(node, group, slash) {
                    return Some(found);
                }
                slash = match node {
                    Node::Set(set) => set.len() == 1 && set.contains(b'/'),
                    Node::Start { .. } | Node::Look { .. } | Node::Empty => slash,
                    _ => false,
                };
            }
            None
        }
        _ => None,
    }
}
