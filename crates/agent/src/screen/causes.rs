//! The causes of the last minutes.

use ratatui_core::layout::Constraint;
use ratatui_core::text::Text;

use super::rows::Rows;
use super::{Screen, bars};
use crate::snapshot::{Counted, Snapshot};

/// Causes by how many requests they failed.
pub(super) fn rows(snapshot: &Snapshot, screen: &Screen) -> Rows {
    let minutes = screen.minutes;
    let width = u16::try_from(minutes).unwrap_or(60);
    let columns = [
        ("requests", Constraint::Length(8), 0),
        ("cause", Constraint::Fill(2), 0),
        ("where", Constraint::Fill(1), 70),
        ("by minute", Constraint::Length(width.max(9)), 70 + width),
    ];
    let title = format!("causes of the last {minutes} minutes");
    let empty = match snapshot.logs.is_empty() {
        true => "no log is read: causes cannot be told (--log PATH)",
        false => "no request has failed",
    };
    let mut rows = Rows::new(title, &columns, empty);
    let causes = snapshot.minutes.by_cause(snapshot.taken, minutes);
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, minutes)| std::cmp::Reverse(minutes.iter().sum::<u64>()));
    for (cause, counts) in causes {
        let most = counts.iter().copied().max().unwrap_or(0);
        let cells = [
            counts.iter().sum::<u64>().to_string(),
            title_of(cause).to_owned(),
            of(snapshot, cause).next().map(place).unwrap_or_default(),
            bars(counts.iter().copied(), most),
        ];
        rows.push(cause.to_owned(), cells.map(Text::raw).to_vec());
    }
    rows
}

/// A cause in words.
pub(super) fn title_of(cause: &str) -> &str {
    diagnose::causes::by_id(cause).map_or("several causes fit", |known| known.title)
}

/// The incidents of a cause that are kept, the latest first.
pub(super) fn of<'s>(snapshot: &'s Snapshot, cause: &'s str) -> impl Iterator<Item = &'s Counted> {
    let all = snapshot.recent.iter().rev();
    all.filter(move |one| one.incident.cause == cause)
}

/// The route of an incident, or its pool.
pub(super) fn place(one: &Counted) -> String {
    let one = &one.incident;
    match one.route.is_empty() {
        true => one.pool.clone(),
        false => one.route.clone(),
    }
}
