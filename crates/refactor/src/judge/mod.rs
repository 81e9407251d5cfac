//! Whether what a model proposes is right. Each edit is held against the rules on its own; those
//! that pass are applied together, and the rules judge the result.

pub(crate) mod forbidden;
mod outcome;
mod place;
pub(crate) mod recheck;
mod sound;
pub(crate) mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Edit, FileId, Span};
use fix::{Key, Store};

use crate::ask::{Ask, World};
use crate::extract::{Proposal, extract};
use crate::look::leak;
use crate::papers::Papers;
use crate::target::Target;
pub(crate) use outcome::Judged;
pub use outcome::{Accepted, Refused, Why};
use recheck::{Seen, Sought, Worse};
use sound::{Bar, Slip, Sound};

/// Everything that an answer is held against.
pub(crate) struct Judge<'j> {
    pub(crate) world: World<'j>,
    pub(crate) ask: &'j Ask<'j>,
    pub(crate) papers: &'j Papers,
    pub(crate) sent: &'j [usize],
    pub(crate) targets: &'j [Target],
    /// The index of each target among the findings before.
    pub(crate) indices: &'j [usize],
    pub(crate) before: &'j Seen,
}

impl Judge<'_> {
    /// Judges an answer.
    pub(crate) fn judge(&self, answer: &str) -> Judged {
        let mut out = Judged::default();
        let proposals = match extract(answer) {
            Ok(proposals) => proposals,
            Err(why) => {
                out.unread = Some(why);
                return out;
            }
        };
        let bar = Bar::new(self.papers, self.sent, self.targets);
        let mut sound: Vec<Sound> = Vec::new();
        for proposal in &proposals {
            match self.hold(&bar, proposal, &sound) {
                Ok(one) => sound.push(one),
                Err((why, words)) => {
                    let mut refused = Refused::new(proposal, why, words);
                    // Not even for showing.
                    if why == Why::Secret {
                        refused.proposal = covered();
                    }
                    out.refused.push(refused);
                }
            }
        }
        self.choose(sound, &mut out);
        out
    }

    fn hold(&self, bar: &Bar<'_>, proposal: &Proposal, known: &[Sound]) -> Result<Sound, Slip> {
        // Known values have no business in an answer, whatever it does with them.
        let texts = [&proposal.old, &proposal.new, &proposal.file, &proposal.why];
        let leaks = |text: &&String| leak(text.as_bytes(), &self.papers.map).is_some();
        if texts.iter().any(leaks) {
            let words = "it writes a value that was hidden from the model";
            return Err((Why::Secret, words.to_owned()));
        }
        let one = bar.hold(proposal)?;
        let overlaps = |other: &Sound| {
            other.paper == one.paper
                && one.range.start < other.range.end
                && other.range.start < one.range.end
        };
        match known.iter().any(overlaps) {
            true => {
                let words = "it touches the same bytes as another edit";
                Err((Why::Overlap, words.to_owned()))
            }
            false => Ok(one),
        }
    }

    /// All together if that is right, else one after the other as far as each is right; then
    /// without those that nothing needs.
    fn choose(&self, sound: Vec<Sound>, out: &mut Judged) {
        let mut taken = match self.attempt(&sound) {
            Ok(_) => sound,
            Err(together) => self.one_by_one(sound, &together, out),
        };
        let Ok(all) = self.attempt(&taken) else {
            return;
        };
        let mut at = 0;
        while at < taken.len() {
            let mut without = taken.clone();
            let one = without.remove(at);
            match self.attempt(&without) {
                Ok(tried) if tried.gone == all.gone => {
                    let words = "nothing that was found goes away by it".to_owned();
                    let refused = Refused::new(&one.proposal, Why::Useless, words);
                    out.refused.push(refused);
                    taken = without;
                }
                _ => at += 1,
            }
        }
        if let Ok(tried) = self.attempt(&taken) {
            out.store = tried.store;
            out.accepted = taken.iter().map(|one| self.accepted(one)).collect();
            let targets = self.indices.iter().enumerate();
            let gone = targets.filter(|(_, index)| tried.gone.contains(index));
            out.gone = gone.map(|(target, _)| target).collect();
        }
    }

    /// Those edits that are right one after the other.
    fn one_by_one(&self, sound: Vec<Sound>, together: &Worse, out: &mut Judged) -> Vec<Sound> {
        let mut taken: Vec<Sound> = Vec::new();
        for one in sound {
            taken.push(one.clone());
            let Err(worse) = self.attempt(&taken) else {
                continue;
            };
            taken.pop();
            // Right alone, and wrong together with others.
            let worse = match self.attempt(std::slice::from_ref(&one)) {
                Ok(_) => together,
                Err(_) => &worse,
            };
            out.refused.push(Refused {
                proposal: one.proposal,
                why: Why::Worse,
                words: worse.words.clone(),
                told: worse.told.clone(),
            });
        }
        taken
    }

    fn accepted(&self, one: &Sound) -> Accepted {
        let paper = &self.papers.list[one.paper];
        let start = paper.to_old(one.range.start).unwrap_or(0);
        let end = paper.to_old(one.range.end).unwrap_or(start);
        Accepted {
            proposal: one.proposal.clone(),
            shown: paper.shown.to_string(),
            line: crate::papers::line_of(&paper.old, start),
            range: start..end,
            text: redact::restore(&one.new, &self.papers.map).bytes,
        }
    }

    /// Applies edits to the files as they are, and has the rules judge the result.
    fn attempt(&self, edits: &[Sound]) -> Result<Tried, Worse> {
        let lost = || Worse {
            words: "its values cannot be put back".to_owned(),
            told: "it touches a placeholder".to_owned(),
        };
        let mut by_paper: BTreeMap<usize, Vec<Edit>> = BTreeMap::new();
        for one in edits {
            let edit = self.restored(one).ok_or_else(lost)?;
            by_paper.entry(one.paper).or_default().push(edit);
        }
        let mut store = Store::default();
        let mut moves: BTreeMap<Key, Vec<Edit>> = BTreeMap::new();
        for (index, list) in by_paper {
            let paper = &self.papers.list[index];
            let new = fix::apply(&paper.old, &list).map_err(|_| lost())?;
            // Two ways to the same bytes: edits in the file, and values put back into the text.
            if new != self.rewritten(index, edits).ok_or_else(lost)? {
                return Err(lost());
            }
            store.0.insert(paper.key.clone(), Arc::from(new));
            moves.insert(paper.key.clone(), list);
        }
        let model = (self.world.load)(&store);
        let after = Seen::of(&self.world, &model, &self.ask.wants.options);
        let moved = |key: &Key, at: usize| match moves.get(key) {
            Some(list) => moved(list, at),
            None => at,
        };
        let sought: Vec<Sought<'_>> = self
            .indices
            .iter()
            .zip(self.targets)
            .map(|(index, target)| Sought {
                index: *index,
                routes: &target.finding.routes,
            })
            .collect();
        let gone = recheck::compare(self.before, &after, &moved, &sought)?;
        Ok(Tried { store, gone })
    }

    /// An edit of the file itself.
    fn restored(&self, one: &Sound) -> Option<Edit> {
        let paper = &self.papers.list[one.paper];
        let start = u32::try_from(paper.to_old(one.range.start)?).ok()?;
        let end = u32::try_from(paper.to_old(one.range.end)?).ok()?;
        Some(Edit {
            span: Span::new(FileId(0), start, end),
            text: redact::restore(&one.new, &self.papers.map).bytes,
        })
    }

    /// The text as it was sent, with all edits, and then with its values.
    fn rewritten(&self, index: usize, edits: &[Sound]) -> Option<Vec<u8>> {
        let paper = &self.papers.list[index];
        let number = |n: usize| u32::try_from(n).ok();
        let edits = edits.iter().filter(|one| one.paper == index);
        let edits: Option<Vec<Edit>> = edits
            .map(|one| {
                let (start, end) = (number(one.range.start)?, number(one.range.end)?);
                Some(Edit {
                    span: Span::new(FileId(0), start, end),
                    text: one.new.clone(),
                })
            })
            .collect();
        let hidden = fix::apply(&paper.hidden, &edits?).ok()?;
        let restored = redact::restore(&hidden, &self.papers.map);
        let slips = redact::compare(paper.label.as_bytes(), &restored, &self.papers.map);
        slips.is_empty().then_some(restored.bytes)
    }
}

/// What stands for an edit that must not be shown.
fn covered() -> Proposal {
    let cover = || "(a hidden value)".to_owned();
    Proposal {
        file: cover(),
        old: cover(),
        new: cover(),
        line: None,
        why: cover(),
    }
}

struct Tried {
    store: Store,
    gone: Vec<usize>,
}

/// Where a byte is after edits that do not overlap; inside one it is where that begins.
fn moved(edits: &[Edit], at: usize) -> usize {
    let mut out = at as i64;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if end <= at && start < at {
            out += edit.text.len() as i64 - (end - start) as i64;
        } else if start < at {
            // The same distance from its beginning, for most edits change the end of a line.
            let inside = (at - start).min(edit.text.len());
            out += inside as i64 - (at - start) as i64;
        }
    }
    usize::try_from(out).unwrap_or(0)
}
