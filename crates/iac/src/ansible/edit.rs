//! What `lineinfile`, `replace`, `blockinfile` and `ini_file` do to a text, as those modules do it.

use super::engine::{compiled, replacement};
use super::text::{Run, Text};

/// A line with its runs, and with its line feed.
type Line = Vec<Run>;

/// What `lineinfile` is told.
#[derive(Default)]
pub(crate) struct LineInFile {
    pub(crate) regexp: Option<String>,
    pub(crate) search: Option<String>,
    pub(crate) line: Vec<Run>,
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) is_absent: bool,
    pub(crate) has_backrefs: bool,
    pub(crate) is_first: bool,
}

/// What `blockinfile` is told.
pub(crate) struct Block {
    /// The lines between the markers; none when they go.
    pub(crate) block: Option<Vec<Run>>,
    pub(crate) begin: String,
    pub(crate) end: String,
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
}

/// What `ini_file` is told.
pub(crate) struct IniFile {
    pub(crate) section: Option<String>,
    pub(crate) option: Option<String>,
    /// Values, with their texts.
    pub(crate) values: Vec<Vec<Run>>,
    pub(crate) is_absent: bool,
    pub(crate) is_exclusive: bool,
    pub(crate) is_tight: bool,
    pub(crate) has_no_value: bool,
}

fn text_of(line: &[Run]) -> String {
    line.iter().map(|run| run.text.as_str()).collect()
}

fn bare(text: &str) -> Run {
    Run {
        text: text.to_owned(),
        from: None,
        given: None,
    }
}

fn without_feed(text: &str) -> &str {
    text.trim_end_matches(['\r', '\n'])
}

fn fed(mut line: Line) -> Line {
    if !text_of(&line).ends_with('\n') {
        line.push(bare("\n"));
    }
    line
}

/// Python's `search` in a line: `$` is before its line feed.
fn searcher(pattern: &str) -> Result<impl Fn(&str) -> bool + use<>, String> {
    let found = pattern_of(pattern)?;
    Ok(move |line: &str| found.is_match(without_feed(line)))
}

fn pattern_of(pattern: &str) -> Result<regex::Regex, String> {
    let shown = base::source::printable(pattern.as_bytes());
    compiled(pattern, false, false).map_err(|_| format!("the pattern `{shown}` is not understood"))
}

/// `lineinfile`.
pub(crate) fn line_in_file(text: &mut Text, told: &LineInFile) -> Result<(), String> {
    let mut lines = text.lines();
    let line = text_of(&told.line);
    let pattern = told.regexp.as_deref().map(pattern_of).transpose()?;
    let is_match = |current: &str| match (&pattern, &told.search) {
        (_, Some(search)) => Some(current.contains(search.as_str())),
        (Some(pattern), None) => Some(pattern.is_match(without_feed(current))),
        (None, None) => None,
    };
    if told.is_absent {
        if text.is_abridged && told.regexp.is_none() && told.search.is_none() {
            // Lines that are left out are comments; one that goes may be one of them.
        }
        lines.retain(|current| {
            let current = text_of(current);
            !is_match(&current).unwrap_or_else(|| without_feed(&current) == line)
        });
        text.set_lines(lines);
        return Ok(());
    }
    let shown: Vec<String> = lines.iter().map(|line| text_of(line)).collect();
    let mut matches = (0..lines.len()).filter(|at| is_match(&shown[*at]) == Some(true));
    let matched = match told.is_first {
        true => matches.next(),
        false => matches.next_back(),
    };
    if let Some(at) = matched {
        let new = match (&pattern, told.has_backrefs) {
            (Some(pattern), true) => expanded(pattern, &lines[at], &told.line)?,
            _ => told.line.clone(),
        };
        lines[at] = fed(new);
        text.set_lines(lines);
        return Ok(());
    }
    let (mut exact, mut beside) = (None, None);
    let is_place = |place: &Option<String>| {
        let place = place
            .as_deref()
            .filter(|place| !matches!(*place, "BOF" | "EOF"));
        place.map(searcher).transpose()
    };
    let (after, before) = (is_place(&told.after)?, is_place(&told.before)?);
    for (at, current) in shown.iter().enumerate() {
        if without_feed(current) == line {
            exact = Some(at);
            continue;
        }
        let is_found = match (&after, &before) {
            (Some(after), _) => after(current).then_some(at + 1),
            (None, Some(before)) => before(current).then_some(at),
            (None, None) => None,
        };
        if is_found.is_some() {
            beside = is_found;
            if told.is_first {
                break;
            }
        }
    }
    if let Some(at) = exact {
        lines[at] = fed(told.line.clone());
    } else if told.has_backrefs {
        if text.is_abridged {
            return Err(
                "whether its pattern matches in the package's own file is not known".into(),
            );
        }
        return Ok(());
    } else if told.before.as_deref() == Some("BOF") || told.after.as_deref() == Some("BOF") {
        lines.insert(0, fed(told.line.clone()));
    } else if let Some(at) = beside.filter(|_| told.after.as_deref() != Some("EOF")) {
        let is_there = after.is_some()
            && shown
                .get(at)
                .is_some_and(|current| without_feed(current) == line);
        if !is_there {
            if at == lines.len()
                && let Some(last) = lines.last_mut()
                && !text_of(last).ends_with('\n')
            {
                // Ansible writes both into one line then.
                last.extend(fed(told.line.clone()));
            } else {
                lines.insert(at, fed(told.line.clone()));
            }
        }
    } else {
        if let Some(last) = lines.last_mut() {
            *last = fed(std::mem::take(last));
        }
        lines.push(fed(told.line.clone()));
    }
    text.set_lines(lines);
    Ok(())
}

/// A line whose `\1` are groups of the one that it replaces.
fn expanded(pattern: &regex::Regex, old: &[Run], line: &[Run]) -> Result<Line, String> {
    let old = text_of(old);
    let found = pattern.captures(without_feed(&old));
    let found = found.ok_or("a pattern matches no more")?;
    let mut out = Vec::new();
    for run in line {
        if !run.text.contains('\\') {
            out.push(run.clone());
            continue;
        }
        let to = replacement(&run.text).map_err(|_| "an escape of `line` is not understood")?;
        let mut text = String::new();
        found.expand(&to, &mut text);
        out.push(Run {
            text,
            from: run.from.clone().map(|(doc, range, _)| (doc, range, false)),
            given: None,
        });
    }
    Ok(out)
}

/// `replace`, without `after` and `before`.
pub(crate) fn replace(text: &mut Text, pattern: &str, with: &[Run]) -> Result<(), String> {
    let shown = base::source::printable(pattern.as_bytes());
    let found = compiled(pattern, false, true);
    let found = found.map_err(|_| format!("the pattern `{shown}` is not understood"))?;
    let joined = text.joined();
    let (mut out, mut at, mut count) = (Vec::new(), 0, 0);
    for captures in found.captures_iter(&joined) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        cut(text, at..whole.start(), &mut out);
        for run in with {
            let to =
                replacement(&run.text).map_err(|_| "an escape of `replace` is not understood")?;
            let mut new = String::new();
            captures.expand(&to, &mut new);
            let is_same = new == run.text;
            out.push(Run {
                text: new,
                from: run
                    .from
                    .clone()
                    .map(|(doc, range, same)| (doc, range, same && is_same)),
                given: run.given.clone().filter(|_| is_same),
            });
        }
        at = whole.end();
        count += 1;
    }
    if count == 0 && text.is_abridged {
        return Err("whether its pattern matches in the package's own file is not known".into());
    }
    cut(text, at..joined.len(), &mut out);
    text.runs = out;
    Ok(())
}

/// The runs of a part of a text.
fn cut(text: &Text, range: std::ops::Range<usize>, out: &mut Vec<Run>) {
    let mut at = 0;
    for run in &text.runs {
        let (start, end) = (at, at + run.text.len());
        at = end;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            out.push(run.part(from - start..to - start));
        }
    }
}

/// `blockinfile`.
pub(crate) fn block(text: &mut Text, told: &Block) -> Result<(), String> {
    let mut lines = text.lines();
    let (mut begin, mut end) = (None, None);
    for (at, line) in lines.iter().enumerate() {
        let line = text_of(line);
        if line.strip_suffix('\n') == Some(&told.begin) {
            begin = Some(at);
        }
        if line.strip_suffix('\n') == Some(&told.end) {
            end = Some(at);
        }
    }
    let is_place = |place: &Option<String>| {
        let place = place
            .as_deref()
            .filter(|place| !matches!(*place, "BOF" | "EOF"));
        place.map(searcher).transpose()
    };
    let at = match (begin, end) {
        (Some(begin), Some(end)) => {
            let (first, last) = (begin.min(end), begin.max(end));
            lines.drain(first..=last);
            first
        }
        _ => {
            let after = is_place(&told.after)?;
            let before = is_place(&told.before)?;
            let find =
                |is_it: &dyn Fn(&str) -> bool| lines.iter().rposition(|line| is_it(&text_of(line)));
            match (after, before) {
                (Some(after), _) => find(&after).map_or(lines.len(), |at| at + 1),
                (None, Some(before)) => find(&before).unwrap_or(lines.len()),
                (None, None) if told.before.as_deref() == Some("BOF") => 0,
                (None, None) => lines.len(),
            }
        }
    };
    if let Some(before) = at.checked_sub(1) {
        let line = std::mem::take(&mut lines[before]);
        lines[before] = fed(line);
    }
    let inner = told
        .block
        .as_ref()
        .filter(|block| !text_of(block).is_empty());
    if let Some(block) = inner {
        let mut all = vec![vec![bare(&told.begin), bare("\n")]];
        all.push(fed(block.clone()));
        all.push(vec![bare(&told.end), bare("\n")]);
        lines.splice(at..at, all);
    }
    text.set_lines(lines);
    Ok(())
}

/// What stands behind an option in a line, when the line is one of that option. With `loose` one in
/// a comment counts.
fn value_of<'l>(line: &'l str, option: &str, loose: bool) -> Option<&'l str> {
    let line = without_feed(line);
    let rest = match loose {
        true => line.strip_prefix(['#', ';']).unwrap_or(line),
        false => line,
    };
    let rest = rest.trim_start_matches([' ', '\t']).strip_prefix(option)?;
    let rest = rest.trim_start_matches([' ', '\t']);
    match rest.strip_prefix('=') {
        Some(value) => Some(value.trim_start_matches([' ', '\t'])),
        None if rest.is_empty() => Some(""),
        None => None,
    }
}

/// `ini_file` of community.general.
pub(crate) fn ini(text: &mut Text, told: &IniFile) -> Result<(), String> {
    let mut lines = text.lines();
    if lines.is_empty() {
        lines.push(vec![bare("\n")]);
    }
    if let Some(last) = lines.last_mut() {
        *last = fed(std::mem::take(last));
    }
    let section = told.section.as_deref().filter(|name| !name.is_empty());
    let shown: Vec<String> = lines.iter().map(|line| text_of(line)).collect();
    let is_head = |line: &String| line.starts_with('[');
    let range = match section {
        None => Some((0, shown.iter().position(is_head).unwrap_or(shown.len()))),
        Some(name) => {
            let head = format!("[{name}]");
            // The last head of this name before another section ends the first one.
            let start = shown.iter().position(|line| line.starts_with(&head));
            start.map(|first| {
                let (mut start, mut end) = (first, shown.len());
                for (at, line) in shown.iter().enumerate().skip(first) {
                    if line.starts_with(&head) {
                        start = at;
                    } else if line.starts_with('[') {
                        end = at;
                        break;
                    }
                }
                (start, end)
            })
        }
    };
    let Some((start, end)) = range else {
        if !told.is_absent {
            if let Some(name) = section {
                lines.push(vec![bare(&format!("[{name}]\n"))]);
            }
            for value in &told.values {
                lines.extend(
                    told.option
                        .as_deref()
                        .map(|option| told.line(option, value)),
                );
            }
            if let (Some(option), true) =
                (&told.option, told.values.is_empty() && told.has_no_value)
            {
                lines.push(vec![bare(&format!("{option}\n"))]);
            }
        }
        text.set_lines(lines);
        return Ok(());
    };
    let mut part: Vec<Line> = lines.drain(start..end).collect();
    match (&told.option, told.is_absent) {
        (Some(option), true) => {
            let is_meant = |value: &str| {
                told.is_exclusive || told.values.iter().any(|known| text_of(known) == value)
            };
            part.retain(|line| {
                let line = text_of(line);
                !value_of(&line, option, false).is_some_and(is_meant)
            });
        }
        (None, true) => part.clear(),
        (Some(option), false) => told.present(option, &mut part, section.is_some()),
        (None, false) => {}
    }
    lines.splice(start..start, part);
    text.set_lines(lines);
    Ok(())
}

impl IniFile {
    fn line(&self, option: &str, value: &[Run]) -> Line {
        let sign = if self.is_tight { "=" } else { " = " };
        // All of the line is shown where its value stands.
        let place = value.first().and_then(|run| run.from.clone());
        let place = place.map(|(doc, range, _)| (doc, range, false));
        let own = |text: &str| Run {
            from: place.clone(),
            ..bare(text)
        };
        let mut line = vec![own(&format!("{option}{sign}"))];
        line.extend(value.iter().cloned());
        line.push(bare("\n"));
        line
    }

    /// `state: present` within the lines of a section.
    fn present(&self, option: &str, part: &mut Vec<Line>, has_head: bool) {
        let mut values = self.values.clone();
        let mut changed = vec![false; part.len()];
        let mut is_bare = false;
        for at in 0..part.len() {
            let line = text_of(&part[at]);
            let Some(value) = value_of(&line, option, true) else {
                continue;
            };
            if let Some(known) = values.iter().position(|known| text_of(known) == value) {
                let known = values.remove(known);
                part[at] = match value.is_empty() && self.has_no_value {
                    true => vec![bare(&format!("{option}\n"))],
                    false => self.line(option, &known),
                };
                changed[at] = true;
            } else if values.is_empty() && self.has_no_value {
                part[at] = vec![bare(&format!("{option}\n"))];
                changed[at] = true;
                is_bare = true;
                break;
            }
        }
        if self.is_exclusive && !self.has_no_value {
            for at in 0..part.len() {
                let is_it = !changed[at] && value_of(&text_of(&part[at]), option, true).is_some();
                if is_it && !values.is_empty() {
                    part[at] = self.line(option, &values.remove(0));
                    changed[at] = true;
                }
            }
            // The head of a section is never one; without a section a line stands in its place.
            let first = usize::from(has_head);
            for at in (first..part.len()).rev() {
                if !changed[at] && value_of(&text_of(&part[at]), option, true).is_some() {
                    part.remove(at);
                    changed.remove(at);
                }
            }
        }
        let is_blank = |line: &Line| {
            let line = text_of(line);
            let line = without_feed(&line).trim_start_matches([' ', '\t']);
            line.is_empty() || line.starts_with(['#', ';'])
        };
        let last = part.iter().rposition(|line| !is_blank(line));
        // Without a section the head is one that Ansible only thinks of.
        let at = match (last, has_head) {
            (Some(last), _) => last + 1,
            (None, false) => 0,
            (None, true) => return,
        };
        if values.is_empty() {
            if self.has_no_value && !is_bare && self.values.is_empty() {
                part.insert(at, vec![bare(&format!("{option}\n"))]);
            }
            return;
        }
        for value in values.iter().rev() {
            part.insert(at, self.line(option, value));
        }
    }
}
