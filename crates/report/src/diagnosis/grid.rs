//! The columns of the timelines, merged to as many as there is room for.

use base::diagnosis::{Group, Timeline};

/// Columns as they are drawn.
pub(super) struct Grid {
    timeline: Timeline,
    /// Columns of the answer in one of ours.
    merged: usize,
    /// Our columns.
    pub columns: usize,
}

impl Grid {
    pub(super) fn new(timeline: Timeline, room: usize) -> Grid {
        let given = timeline.columns.max(1);
        let merged = given.div_ceil(room.max(1));
        Grid {
            timeline,
            merged,
            columns: given.div_ceil(merged),
        }
    }

    /// Length of a column in milliseconds.
    pub(super) fn step(&self) -> i64 {
        let merged = i64::try_from(self.merged).unwrap_or(i64::MAX);
        self.timeline.step.max(1).saturating_mul(merged)
    }

    /// When a column begins; one behind the last it is the end.
    pub(super) fn begin(&self, column: usize) -> i64 {
        let column = i64::try_from(column).unwrap_or(i64::MAX);
        let after = self.step().saturating_mul(column);
        self.timeline.start.saturating_add(after)
    }

    /// Length of all columns.
    pub(super) fn length(&self) -> i64 {
        self.begin(self.columns).saturating_sub(self.begin(0))
    }

    /// What a group has in each column.
    pub(super) fn counts(&self, group: &Group) -> Vec<u64> {
        let mut counts: Vec<u64> = group
            .timeline
            .chunks(self.merged)
            .map(|chunk| chunk.iter().sum())
            .collect();
        counts.resize(self.columns, 0);
        counts
    }
}
