//! Running a regex on a text, with a bound on the steps.

use super::Regex;
use super::program::{Program, Step, compile};

/// What a run says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Yes,
    /// It does not.
    No,
    /// Too many steps, or a part that is not understood decides.
    Unknown,
}

/// Enough for every honest match of a short text.
pub(super) const MOST_STEPS: u64 = 400_000;

/// Where the machine may go back to.
struct Choice {
    step: usize,
    at: usize,
    slots: Vec<usize>,
    loops: Vec<usize>,
}

struct Machine<'r> {
    program: &'r Program,
    text: &'r [u8],
    steps: u64,
    /// A part that is not understood was taken for a match.
    guessed: bool,
}

/// No place.
const NOWHERE: usize = usize::MAX;

/// Whether the text is matched anywhere, and the steps that took.
pub(super) fn run(regex: &Regex, text: &[u8]) -> (Verdict, u64) {
    let Some(program) = regex.program.get_or_init(|| compile(regex)) else {
        return (Verdict::Unknown, MOST_STEPS);
    };
    let mut machine = Machine {
        program,
        text,
        steps: 0,
        guessed: false,
    };
    let slots = 2 * (regex.groups as usize + 1);
    for from in 0..=text.len() {
        let found = machine.inner(0, from, &mut vec![NOWHERE; slots], None);
        match found {
            Some(Some(_)) if machine.guessed => return (Verdict::Unknown, machine.steps),
            Some(Some(_)) => return (Verdict::Yes, machine.steps),
            Some(None) if !regex.understood => return (Verdict::Unknown, machine.steps),
            Some(None) => {}
            None => return (Verdict::Unknown, machine.steps),
        }
        if regex.node.is_anchored_at_start() {
            break;
        }
    }
    (Verdict::No, machine.steps)
}

impl Machine<'_> {
    /// Runs from a step to its `Match`: the end of the match, or that there is none. `None` when
    /// there were too many steps. With `end`, a match must end there.
    fn inner(
        &mut self,
        step: usize,
        at: usize,
        slots: &mut Vec<usize>,
        end: Option<usize>,
    ) -> Option<Option<usize>> {
        let mut now = Choice {
            step,
            at,
            slots: slots.clone(),
            loops: vec![NOWHERE; self.program.loops],
        };
        let mut choices: Vec<Choice> = Vec::new();
        loop {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return None;
            }
            if let Step::Match = self.program.steps[now.step]
                && end.is_none_or(|end| end == now.at)
            {
                *slots = now.slots;
                return Some(Some(now.at));
            }
            if self.one(&mut now, &mut choices)? {
                continue;
            }
            match choices.pop() {
                Some(choice) => now = choice,
                None => return Some(None),
            }
        }
    }

    /// One step; false when the machine must go back.
    fn one(&mut self, now: &mut Choice, choices: &mut Vec<Choice>) -> Option<bool> {
        let text = self.text;
        let next = now.step + 1;
        let holds = match &self.program.steps[now.step] {
            Step::Set(set) => {
                let fits = text.get(now.at).is_some_and(|byte| set.contains(*byte));
                now.at += usize::from(fits);
                fits
            }
            Step::Anything => {
                self.guessed = true;
                now.at = text.len();
                true
            }
            Step::Split(first, second) => {
                choices.push(Choice {
                    step: *second,
                    at: now.at,
                    slots: now.slots.clone(),
                    loops: now.loops.clone(),
                });
                now.step = *first;
                return Some(true);
            }
            Step::Jump(to) => {
                now.step = *to;
                return Some(true);
            }
            Step::Save(slot) => {
                now.slots[*slot] = now.at;
                true
            }
            // Behind the last line feed of all there is no line.
            Step::Start(multiline) => {
                let is_line = || now.at < text.len() && text[now.at - 1] == b'\n';
                now.at == 0 || *multiline && is_line()
            }
            Step::End(multiline) => {
                let rest = &text[now.at..];
                rest.is_empty() || rest == b"\n" || *multiline && rest[0] == b'\n'
            }
            Step::VeryEnd => now.at == text.len(),
            Step::WordBoundary(wanted) => self.is_boundary(now.at) == *wanted,
            Step::Look {
                ahead,
                wanted,
                behind,
            } => {
                let found = self.look(*ahead, next, now)?;
                now.step = *behind;
                return Some(found == *wanted);
            }
            Step::Atomic { behind } => {
                let Some(end) = self.inner(next, now.at, &mut now.slots, None)? else {
                    return Some(false);
                };
                now.at = end;
                now.step = *behind;
                return Some(true);
            }
            Step::Backreference(group) => self.repeated(*group, now),
            Step::Enter(slot) => {
                now.loops[*slot] = now.at;
                true
            }
            Step::Leave(slot) => now.loops[*slot] != now.at,
            Step::Match => false,
        };
        now.step = next;
        Some(holds)
    }

    fn look(&mut self, ahead: bool, step: usize, now: &mut Choice) -> Option<bool> {
        if ahead {
            return Some(self.inner(step, now.at, &mut now.slots, None)?.is_some());
        }
        for from in (0..=now.at).rev() {
            let end = Some(now.at);
            if self.inner(step, from, &mut now.slots, end)?.is_some() {
                return Some(true);
            }
        }
        Some(false)
    }

    fn is_boundary(&self, at: usize) -> bool {
        let is_word =
            |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let before = at.checked_sub(1).and_then(|at| self.text.get(at));
        is_word(before) != is_word(self.text.get(at))
    }

    fn repeated(&self, group: u32, now: &mut Choice) -> bool {
        let slot = 2 * group as usize;
        let (Some(&from), Some(&to)) = (now.slots.get(slot), now.slots.get(slot + 1)) else {
            return false;
        };
        if from == NOWHERE || to == NOWHERE || from > to {
            return false;
        }
        let held = &self.text[from..to];
        let fits = self.text[now.at..].starts_with(held);
        now.at += if fits { held.len() } else { 0 };
        fits
    }
}
