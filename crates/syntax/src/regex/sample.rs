//! Texts that a regex matches. Each is run before it is given out, so none is a guess.

use super::{ByteSet, Node, Regex, Verdict};

/// What the text is to show.
#[derive(Clone, Copy)]
enum Wish {
    Nothing,
    /// This byte somewhere inside this group.
    ByteInGroup(u32, u8),
    /// This byte for the wildcard of this number.
    Wildcard(usize, u8),
}

struct Writer {
    wish: Wish,
    out: Vec<u8>,
    /// What each group holds.
    groups: Vec<(usize, usize)>,
    inside: bool,
    granted: bool,
    wildcards: usize,
    /// Inside something that repeats without bound: `.*` is meant, a lone `.` mostly is not.
    repeated: bool,
    /// What stands for a part that takes anything.
    fill: Vec<u8>,
    /// Take the last choice rather than the first, and nothing where a part may be left out.
    contrary: bool,
}

/// A text that is matched.
pub(super) fn plain(regex: &Regex) -> Option<Vec<u8>> {
    written(regex, Wish::Nothing)
}

/// The first choice everywhere, and the last.
pub(super) fn both(regex: &Regex) -> Vec<Vec<u8>> {
    let texts = [false, true].map(|contrary| {
        let mut writer = Writer::new(regex, Wish::Nothing, contrary);
        writer.node(&regex.node);
        writer.out
    });
    let matched = texts
        .into_iter()
        .filter(|text| regex.matches(text) == Verdict::Yes);
    matched.collect()
}

/// A text with something else for what takes anything.
pub(super) fn filled(regex: &Regex, fill: &[u8]) -> Option<Vec<u8>> {
    [false, true].into_iter().find_map(|contrary| {
        let mut writer = Writer::new(regex, Wish::Nothing, contrary);
        writer.fill = fill.to_vec();
        writer.node(&regex.node);
        (regex.matches(&writer.out) == Verdict::Yes).then_some(writer.out)
    })
}

/// A text whose group holds a byte.
pub(super) fn with_byte(regex: &Regex, group: u32, byte: u8) -> Option<Vec<u8>> {
    written(regex, Wish::ByteInGroup(group, byte))
}

/// One text for each wildcard.
pub(super) fn wildcards(regex: &Regex, byte: u8) -> Vec<Vec<u8>> {
    let mut writer = Writer::new(regex, Wish::Nothing, false);
    writer.node(&regex.node);
    let count = writer.wildcards;
    let texts = (0..count).filter_map(|n| written(regex, Wish::Wildcard(n, byte)));
    texts.collect()
}

fn written(regex: &Regex, wish: Wish) -> Option<Vec<u8>> {
    [false, true].into_iter().find_map(|contrary| {
        let mut writer = Writer::new(regex, wish, contrary);
        writer.node(&regex.node);
        let wanted = !matches!(wish, Wish::Nothing);
        let is_granted = writer.granted || !wanted;
        let matches = || regex.matches(&writer.out) == Verdict::Yes;
        (is_granted && matches()).then_some(writer.out.clone())
    })
}

/// Longer texts are of no use to anybody.
const LONGEST: usize = 4096;

impl Writer {
    fn new(regex: &Regex, wish: Wish, contrary: bool) -> Self {
        Self {
            wish,
            out: Vec::new(),
            groups: vec![(0, 0); regex.groups as usize + 1],
            inside: false,
            granted: false,
            wildcards: 0,
            repeated: false,
            contrary,
            fill: Vec::new(),
        }
    }

    fn node(&mut self, node: &Node) {
        if self.out.len() > LONGEST {
            return;
        }
        match node {
            Node::Set(set) => self.set(*set),
            Node::Group(number, inner) => {
                let from = self.out.len();
                let is_wished = matches!(self.wish, Wish::ByteInGroup(n, _) if n == *number);
                let before = self.inside;
                self.inside = before || is_wished;
                self.node(inner);
                self.inside = before;
                self.groups[*number as usize] = (from, self.out.len());
            }
            Node::Atomic(inner) => self.node(inner),
            Node::Concat(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Node::Alternatives(nodes) => {
                let useful = nodes.iter().find(|node| self.helps(node));
                let plain = if self.contrary {
                    nodes.last()
                } else {
                    nodes.first()
                };
                if let Some(node) = useful.or(plain) {
                    self.node(node);
                }
            }
            Node::Repeat {
                node, max: None, ..
            } if !self.fill.is_empty() && node.bytes().contains(b'/') => {
                let fill = self.fill.clone();
                self.out.extend(fill);
            }
            Node::Repeat { node, min, max, .. } => {
                let wanted = u32::from(!self.contrary || self.helps(node));
                let times = (*min).max(wanted).min(max.unwrap_or(u32::MAX)).min(64);
                let before = self.repeated;
                self.repeated = before || max.is_none();
                (0..times).for_each(|_| self.node(node));
                self.repeated = before;
            }
            Node::Backreference(group) => {
                let held = self.groups.get(*group as usize).copied();
                let (from, to) = held.unwrap_or((0, 0));
                let text = self.out[from..to].to_vec();
                self.out.extend(text);
            }
            _ => {}
        }
    }

    /// Whether a part can grant the wish that is still open.
    fn helps(&self, node: &Node) -> bool {
        match self.wish {
            Wish::ByteInGroup(group, byte) if !self.granted => match self.inside {
                true => node.bytes().contains(byte),
                false => super::find_group(node, group).is_some(),
            },
            _ => false,
        }
    }

    fn set(&mut self, set: ByteSet) {
        if set.is_empty() {
            return;
        }
        match self.wish {
            Wish::ByteInGroup(_, byte) if self.inside && !self.granted && set.contains(byte) => {
                self.granted = true;
                return self.out.push(byte);
            }
            _ => {}
        }
        let is_wildcard = set.len() > 200 && !self.repeated;
        if is_wildcard {
            let number = self.wildcards;
            self.wildcards += 1;
            if let Wish::Wildcard(n, byte) = self.wish
                && n == number
                && set.contains(byte)
            {
                self.granted = true;
                return self.out.push(byte);
            }
        }
        self.out.push(usual(set, is_wildcard));
    }
}

/// A byte that people would expect: what a careless `.` was meant for, else a letter.
fn usual(set: ByteSet, is_wildcard: bool) -> u8 {
    if is_wildcard && set.contains(b'.') {
        return b'.';
    }
    let good = |bytes: &[u8]| bytes.iter().copied().find(|byte| set.contains(*byte));
    let letter = good(b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./");
    letter.or_else(|| set.iter().next()).unwrap_or(b'a')
}

/// Lengths at which the steps are counted; each is a few more rounds of the repeated part.
const ROUNDS: [usize; 3] = [8, 11, 14];

/// A text that makes the machine try a number of ways that doubles with every few bytes: a
/// repeated part inside a repeated part, or two that can share the same bytes.
pub(super) fn explosion(regex: &Regex) -> Option<Vec<u8>> {
    if !regex.understood {
        return None;
    }
    let mut loops = Vec::new();
    find_loops(&regex.node, &mut Vec::new(), &mut loops);
    loops.into_iter().find_map(|(before, inner)| {
        let mut writer = Writer::new(regex, Wish::Nothing, false);
        before.iter().for_each(|node| writer.node(node));
        let head = writer.out;
        let mut round = Writer::new(regex, Wish::Nothing, true);
        round.node(inner);
        let pump = if round.out.is_empty() {
            vec![usual(inner.bytes(), false)]
        } else {
            round.out
        };
        let tails: [&[u8]; 3] = [b"!", b"\x01", b"\n\x01"];
        tails.into_iter().find_map(|tail| {
            let text = |n: usize| [head.as_slice(), &pump.repeat(n), tail].concat();
            let counts = ROUNDS.map(|n| regex.steps(&text(n)));
            let fails = regex.matches(&text(ROUNDS[0])) == Verdict::No;
            // Three more rounds of an exponential part are at least four times as many ways, and
            // stay so; of a polynomial part they are fewer each time.
            let [first, second, third] = counts;
            let goes_on = 10 * third * first > 9 * second * second;
            let explodes = 2 * second > 7 * first && (goes_on || third > super::run::MOST_STEPS);
            (fails && explodes).then(|| text(30))
        })
    })
}

/// Every unbounded repetition with what stands before it.
fn find_loops<'n>(
    node: &'n Node,
    before: &mut Vec<&'n Node>,
    out: &mut Vec<(Vec<&'n Node>, &'n Node)>,
) {
    match node {
        Node::Concat(nodes) => {
            let depth = before.len();
            for node in nodes {
                find_loops(node, before, out);
                before.push(node);
            }
            before.truncate(depth);
        }
        Node::Alternatives(nodes) => nodes.iter().for_each(|n| find_loops(n, before, out)),
        Node::Group(_, inner) | Node::Look { node: inner, .. } => find_loops(inner, before, out),
        Node::Repeat {
            node: inner, max, ..
        } => {
            if max.is_none_or(|max| max > 20) {
                out.push((before.clone(), inner));
            }
            find_loops(inner, before, out);
        }
        _ => {}
    }
}
