//! From nodes to the steps of a backtracking machine.

use super::{ByteSet, Greed, Node, Regex};

/// A step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Take one byte of a set.
    Set(ByteSet),
    /// Take any rest at all: something that is not understood.
    Anything,
    /// Try the first, then the second.
    Split(usize, usize),
    /// Go on there.
    Jump(usize),
    /// Remember the place: twice the group's number, one more for its end.
    Save(usize),
    /// `^`.
    Start(bool),
    /// `$`.
    End(bool),
    /// `\z`.
    VeryEnd,
    /// `\b`.
    WordBoundary(bool),
    /// Run the steps that follow as a text of their own, then go on behind them.
    Look {
        ahead: bool,
        wanted: bool,
        behind: usize,
    },
    /// The same for `(?>…)`.
    Atomic { behind: usize },
    /// What a group holds, again.
    Backreference(u32),
    /// A round of a loop begins here: remember where.
    Enter(usize),
    /// A round that took nothing is the last.
    Leave(usize),
    /// The end of the whole or of an inner text.
    Match,
}

/// The steps of a regex.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) loops: usize,
}

/// Real patterns have hundreds.
const MOST_STEPS: usize = 20_000;

/// Compiles a regex; `None` when there would be too many steps.
pub(super) fn compile(regex: &Regex) -> Option<Program> {
    let mut program = Program {
        steps: Vec::new(),
        loops: 0,
    };
    program.node(&regex.node)?;
    program.push(Step::Match)?;
    Some(program)
}

impl Program {
    fn push(&mut self, step: Step) -> Option<usize> {
        (self.steps.len() < MOST_STEPS).then_some(())?;
        self.steps.push(step);
        Some(self.steps.len() - 1)
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Empty => {}
            Node::Set(set) => drop(self.push(Step::Set(*set))?),
            Node::Start { multiline } => drop(self.push(Step::Start(*multiline))?),
            Node::End { multiline } => drop(self.push(Step::End(*multiline))?),
            Node::VeryEnd => drop(self.push(Step::VeryEnd)?),
            Node::WordBoundary(wanted) => drop(self.push(Step::WordBoundary(*wanted))?),
            Node::Backreference(n) => drop(self.push(Step::Backreference(*n))?),
            Node::Opaque => drop(self.push(Step::Anything)?),
            Node::Group(number, node) => {
                let slot = 2 * *number as usize;
                self.push(Step::Save(slot))?;
                self.node(node)?;
                self.push(Step::Save(slot + 1))?;
            }
            Node::Concat(nodes) => {
                for node in nodes {
                    self.node(node)?;
                }
            }
            Node::Alternatives(nodes) => self.alternatives(nodes)?,
            Node::Repeat {
                node,
                min,
                max,
                greed: Greed::Possessive,
            } => self.inner(
                |behind| Step::Atomic { behind },
                |program| program.repeat(node, *min, *max, true),
            )?,
            Node::Repeat {
                node,
                min,
                max,
                greed,
            } => self.repeat(node, *min, *max, *greed == Greed::Greedy)?,
            Node::Look {
                ahead,
                wanted,
                node,
            } => {
                let (ahead, wanted) = (*ahead, *wanted);
                let look = |behind| Step::Look {
                    ahead,
                    wanted,
                    behind,
                };
                self.inner(look, |program| program.node(node))?;
            }
            Node::Atomic(node) => {
                self.inner(
                    |behind| Step::Atomic { behind },
                    |program| program.node(node),
                )?;
            }
        }
        Some(())
    }

    fn inner(
        &mut self,
        step: impl Fn(usize) -> Step,
        body: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let at = self.push(step(0))?;
        body(self)?;
        let end = self.push(Step::Match)?;
        self.steps[at] = step(end + 1);
        Some(())
    }

    fn alternatives(&mut self, nodes: &[Node]) -> Option<()> {
        let mut ends = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let is_last = index + 1 == nodes.len();
            let split = match is_last {
                true => None,
                false => Some(self.push(Step::Match)?),
            };
            self.node(node)?;
            if let Some(split) = split {
                ends.push(self.push(Step::Match)?);
                self.steps[split] = Step::Split(split + 1, self.steps.len());
            }
        }
        let end = self.steps.len();
        for at in ends {
            self.steps[at] = Step::Jump(end);
        }
        Some(())
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greedy: bool) -> Option<()> {
        for _ in 0..min {
            self.node(node)?;
        }
        let split = |inside, behind| match greedy {
            true => Step::Split(inside, behind),
            false => Step::Split(behind, inside),
        };
        let Some(max) = max else {
            let at = self.push(Step::Match)?;
            let slot = self.loops;
            self.loops += 1;
            self.push(Step::Enter(slot))?;
            self.node(node)?;
            self.push(Step::Leave(slot))?;
            self.push(Step::Jump(at))?;
            self.steps[at] = split(at + 1, self.steps.len());
            return Some(());
        };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.push(Step::Match)?);
            self.node(node)?;
        }
        let end = self.steps.len();
        for at in splits {
            self.steps[at] = split(at + 1, end);
        }
        Some(())
    }
}
