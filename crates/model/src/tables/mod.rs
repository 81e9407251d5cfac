//! Directive tables: data.
//!
//! `nginx.csv` was read from the `ngx_command_t` tables and merge functions of every nginx
//! release from 1.18.0 to 1.31.5; `nginx-sources.csv` names for each row the file and line in the
//! newest source that has it. The text is what is built in, and is read once: it compresses to a
//! third of what a table of structures does.

use std::sync::LazyLock;

pub mod flaws;

/// One directive of one module; a name may have several rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name; case counts.
    pub name: &'static str,
    /// The module, after its source file.
    pub module: &'static str,
    /// Where it may stand, separated by blanks: `main events http server location server-if
    /// location-if limit_except upstream stream … mail … any`.
    pub contexts: &'static str,
    /// How many arguments: `1`, `1-2`, `1+`, `flag`, `any`; several forms separated by blanks.
    pub args: &'static str,
    /// Whether it opens a block.
    pub block: bool,
    /// The type of a simple value: `msec sec size offset number flag text …`, `custom` for a
    /// handler of its own.
    pub slot: &'static str,
    /// The default, where the source has a plain one, as one would write it.
    pub default: Option<&'static str>,
    /// How inner blocks get it: `merge` (their own or the outer value), `array` (replaced as a
    /// whole), `none`.
    pub inherit: &'static str,
    /// The first version that has it; `1.18` for that or any before.
    pub since: &'static str,
    /// The last version that has it; `None` when the newest does.
    pub until: Option<&'static str>,
    /// Page and anchor of the manual.
    pub manual: &'static str,
}

impl Directive {
    /// Whether it may stand in a context.
    pub fn allowed_in(&self, context: &str) -> bool {
        let mut contexts = self.contexts.split(' ');
        contexts.any(|known| known == context || known == "any")
    }
}

static ROWS: LazyLock<Vec<Directive>> = LazyLock::new(|| {
    let lines = include_str!("nginx.csv").lines();
    lines.skip(1).filter_map(row).collect()
});

fn row(line: &'static str) -> Option<Directive> {
    let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let mut fields = line.split(',');
    Some(Directive {
        name: fields.next()?,
        module: fields.next()?,
        contexts: fields.next()?,
        args: fields.next()?,
        block: fields.next()? == "block",
        slot: fields.next()?,
        default: some(fields.next()?),
        inherit: fields.next()?,
        since: fields.next()?,
        until: some(fields.next()?),
        manual: fields.next()?,
    })
}

/// All rows, sorted by name.
pub fn all() -> &'static [Directive] {
    &ROWS
}

/// All rows of a name; empty for an unknown one.
pub fn lookup(name: &[u8]) -> &'static [Directive] {
    let rows = all();
    let from = rows.partition_point(|row| row.name.as_bytes() < name);
    let len = rows[from..].partition_point(|row| row.name.as_bytes() == name);
    &rows[from..from + len]
}

/// The known name that a misspelt one most likely means: at most two letters differ.
pub fn nearest(name: &[u8]) -> Option<&'static str> {
    let mut best: Option<(usize, &'static str)> = None;
    for row in all() {
        if row.name.len().abs_diff(name.len()) > 2 {
            continue;
        }
        let distance = edit_distance(row.name.as_bytes(), name);
        if distance <= 2 && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, row.name));
        }
    }
    best.map(|(_, name)| name)
}

/// Letters to insert, delete or replace.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
