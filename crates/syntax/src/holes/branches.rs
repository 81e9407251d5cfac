//! Conditions and loops: what stands between their holes.

use super::{Hole, Kind};

/// What stands between a condition and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where the hole that opens it begins.
    pub start: u32,
    /// Behind that hole.
    pub opened: u32,
    /// Behind the hole that closes it; the end of the file when none does.
    pub end: u32,
    /// Its hole, in words: `if use_php`.
    pub name: String,
    /// The one around it.
    parent: Option<usize>,
    /// The holes of it: the first opens, the others begin another branch, the last closes.
    pub(super) holes: Vec<usize>,
    /// Whether it is closed.
    pub(super) is_closed: bool,
}

/// One branch of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Which condition of the file.
    pub region: usize,
    /// Which branch of it.
    pub branch: u32,
}

/// The conditions of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    regions: Vec<Region>,
    /// From this byte on the innermost branch is this one.
    steps: Vec<(u32, Option<Branch>)>,
}

impl Branches {
    pub(super) fn of(holes: &[Hole], len: usize) -> Branches {
        let mut out = Branches::default();
        let mut open: Vec<Branch> = Vec::new();
        for (index, hole) in holes.iter().enumerate() {
            match (hole.kind, open.last_mut()) {
                (Kind::Open, last) => {
                    let parent = last.map(|branch| branch.region);
                    let region = out.regions.len();
                    out.regions.push(Region {
                        start: hole.start,
                        opened: hole.end,
                        end: u32::try_from(len).unwrap_or(u32::MAX),
                        name: hole.name.clone(),
                        parent,
                        holes: vec![index],
                        is_closed: false,
                    });
                    let branch = Branch { region, branch: 0 };
                    open.push(branch);
                    out.steps.push((hole.start, Some(branch)));
                }
                (Kind::Else, Some(last)) => {
                    last.branch += 1;
                    out.regions[last.region].holes.push(index);
                    out.steps.push((hole.start, Some(*last)));
                }
                (Kind::Close, Some(last)) => {
                    let region = &mut out.regions[last.region];
                    region.holes.push(index);
                    region.end = hole.end;
                    region.is_closed = true;
                    open.pop();
                    out.steps.push((hole.end, open.last().copied()));
                }
                _ => {}
            }
        }
        out
    }

    pub(super) fn regions(&self) -> &[Region] {
        &self.regions
    }

    fn innermost(&self, at: u32) -> Option<Branch> {
        let behind = self.steps.partition_point(|(from, _)| *from <= at);
        self.steps[..behind].last()?.1
    }

    pub(super) fn region(&self, at: u32) -> Option<&Region> {
        Some(&self.regions[self.innermost(at)?.region])
    }

    pub(super) fn around(&self, at: u32) -> impl Iterator<Item = Branch> + '_ {
        let parent = |branch: &Branch| {
            let region = &self.regions[branch.region];
            region.parent?;
            self.innermost(region.start.checked_sub(1)?)
        };
        std::iter::successors(self.innermost(at), parent)
    }
}
