//! Files that a template engine fills before a server reads them: which holes were met, and what
//! cannot be known because of them.

use std::sync::Arc;

use base::source::printable;
use base::{FileId, Finding, Problem, ProblemKind, SortedMap, Sources, Span};
use syntax::holes::{Hole, Kind, Language, Region, Template, plain_name};

/// A place that a template engine would fill: the value is not in this text.
pub fn template_hole(text: &[u8]) -> Option<String> {
    let template = Template::read(text, Language::Nginx);
    let mut holes = template.holes().iter();
    let is_value = |hole: &&Hole| !hole.is_dollar() && hole.kind != Kind::Comment;
    holes.find(is_value).map(why_hole)
}

/// Why a value is not known.
pub(crate) fn why_hole(hole: &Hole) -> String {
    match hole.kind {
        Kind::Value => format!("`{}` is filled in elsewhere", hole.name),
        _ => why_condition(&hole.name),
    }
}

/// Why it is not known whether something stands there.
pub(crate) fn why_condition(name: &str) -> String {
    format!("it stands under `{name}` of a template")
}

/// Whether brackets that look like a template stand in the line around a place, such as that of a
/// syntax error: also those that are not understood.
pub(crate) fn hole_around(bytes: &[u8], at: usize) -> Option<String> {
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(|&b| b == b'\n');
    let start = start.map_or(0, |feed| feed + 1);
    let end = bytes[at..].iter().position(|&b| b == b'\n');
    let line = &bytes[start..end.map_or(bytes.len(), |feed| at + feed)];
    const BRACKETS: [(&[u8], &[u8]); 4] =
        [(b"{{", b"}}"), (b"{%", b"%}"), (b"<%", b"%>"), (b"@", b"@")];
    let find = |text: &[u8], mark: &[u8]| text.windows(mark.len()).position(|w| w == mark);
    BRACKETS.iter().find_map(|(open, close)| {
        let from = find(line, open)?;
        let rest = &line[from + open.len()..];
        let len = find(rest, close)?;
        let hole = &line[from..from + open.len() + len + close.len()];
        // Two such bytes in a program or a picture are no template.
        let is_text = |b: &u8| b.is_ascii_graphic() || *b == b' ' || *b == b'\t';
        let is_hole = len > 0 && len < 200 && hole.iter().all(is_text);
        is_hole.then(|| printable(hole))
    })
}

/// What one name stands for.
#[derive(Debug, Default)]
struct Noted {
    default: Option<String>,
    places: Vec<Span>,
    /// Whether it decides what stands there, or is lines of its own, and is no value.
    shape: Shape,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    #[default]
    Value,
    Lines,
    Condition,
}

/// The holes that were met in a load.
#[derive(Debug, Default)]
pub struct Holes {
    files: SortedMap<FileId, Arc<Template>>,
    noted: SortedMap<String, Noted>,
    /// Directives and settings whose value, or presence, is not known.
    unsure: SortedMap<FileId, Vec<(u32, u32)>>,
}

/// More names than this are one list.
const MOST_ALONE: usize = 4;

/// More names than anybody wants to read.
const MOST_LISTED: usize = 20;

/// More places of one hole than anybody wants to read.
const MOST_PLACES: usize = 3;

impl Holes {
    /// The holes of a file, found at its first use.
    pub(crate) fn of(&mut self, file: FileId, bytes: &[u8], language: Language) -> Arc<Template> {
        let read = || Arc::new(Template::read(bytes, language));
        self.files.entry(file).or_insert_with(read).clone()
    }

    /// Of these branches only the first can be read.
    pub(crate) fn first_branches(
        &mut self,
        file: FileId,
        bytes: &[u8],
        language: Language,
    ) -> Arc<Template> {
        let template = Arc::new(Template::of_first_branches(bytes, language));
        self.files.insert(file, template.clone());
        template
    }

    /// A directive or setting has a hole.
    pub(crate) fn value(&mut self, hole: &Hole, file: FileId, of: Span) {
        self.unsure(of);
        let shape = match hole.kind {
            Kind::Value => Shape::Value,
            _ => Shape::Condition,
        };
        let place = Span::new(file, hole.start, hole.end);
        let noted = self.note(&hole.name, shape, place);
        noted.default = noted.default.take().or_else(|| hole.default.clone());
    }

    /// A directive or setting stands under a condition.
    pub(crate) fn condition(&mut self, region: &Region, of: Span) {
        self.unsure(of);
        let place = Span::new(of.file, region.start, region.opened);
        self.note(&region.name, Shape::Condition, place);
    }

    /// Lines of their own are filled in.
    pub(crate) fn lines(&mut self, name: &str, place: Span) {
        self.note(name, Shape::Lines, place);
    }

    pub(crate) fn unsure(&mut self, of: Span) {
        let all = self.unsure.entry(of.file).or_default();
        all.push((of.start, of.end));
    }

    fn note(&mut self, name: &str, shape: Shape, place: Span) -> &mut Noted {
        let noted = self.noted.entry(name.to_owned()).or_default();
        if noted.places.is_empty() {
            noted.shape = shape;
        }
        if !noted.places.contains(&place) && noted.places.len() < 1000 {
            noted.places.push(place);
        }
        noted
    }

    /// Whether a finding speaks of something whose value or presence is not known, or of two
    /// things that are never there together.
    pub fn touches(&self, finding: &Finding) -> bool {
        if self.files.is_empty() {
            return false;
        }
        let places = std::iter::once(&finding.primary).chain(&finding.related);
        let places: Vec<Span> = places.map(|place| place.span).collect();
        let because = finding.because.iter().filter_map(|because| because.span);
        let mut all = places.iter().copied().chain(because);
        all.any(|span| self.is_unsure(span)) || self.is_either_or(&places)
    }

    fn is_unsure(&self, span: Span) -> bool {
        let unsure = self.unsure.get(&span.file);
        unsure.is_some_and(|all| {
            let overlaps = |(start, end): &(u32, u32)| *start < span.end && span.start < *end;
            all.iter().any(overlaps)
        })
    }

    /// Whether two places stand in different branches of one condition.
    fn is_either_or(&self, places: &[Span]) -> bool {
        let branches = |span: &Span| {
            let template = self.files.get(&span.file)?;
            Some(template.branches(span.start).take(50).collect::<Vec<_>>())
        };
        let first = places.first().and_then(branches).unwrap_or_default();
        places.iter().skip(1).any(|place| {
            place.file == places[0].file
                && branches(place).unwrap_or_default().iter().any(|other| {
                    let is_other = |branch: &&_| {
                        let branch: &syntax::holes::Branch = branch;
                        branch.region == other.region && branch.branch != other.branch
                    };
                    first.iter().find(is_other).is_some()
                })
        })
    }

    /// How many problems these are.
    pub(crate) fn count(&self) -> usize {
        match self.noted.len() {
            names if names > MOST_ALONE => 1,
            names => names,
        }
    }

    /// What is not known: one for each name, or one list of many.
    pub(crate) fn problems(&self, sources: &Sources) -> Vec<Problem> {
        if self.noted.len() > MOST_ALONE {
            return vec![self.list(sources)];
        }
        let problem = |(name, noted): (&String, &Noted)| Problem {
            kind: ProblemKind::Unknown,
            message: noted.message(name, sources),
            span: noted.places.first().copied(),
            help: noted.help(name),
        };
        self.noted.iter().map(problem).collect()
    }

    fn list(&self, sources: &Sources) -> Problem {
        let one = |(name, noted): (&String, &Noted)| {
            let first = noted.places.first().map(|place| sources.place(*place));
            let more = match noted.places.len() {
                0 | 1 => String::new(),
                places => format!(" and {} more", places - 1),
            };
            let given = noted.default.as_ref();
            let given = given.map_or(String::new(), |given| format!(", by default `{given}`"));
            format!("`{name}` ({}{more}{given})", first.unwrap_or_default())
        };
        let names: Vec<String> = self.noted.iter().take(MOST_LISTED).map(one).collect();
        let more = match self.noted.len().saturating_sub(MOST_LISTED) {
            0 => String::new(),
            more => format!(" and {more} more names"),
        };
        let firsts = self.noted.values().filter_map(|noted| noted.places.first());
        Problem {
            kind: ProblemKind::Unknown,
            message: format!(
                "templates decide what stands at {} names; what depends on them is unknown: {}{more}",
                self.noted.len(),
                names.join(", ")
            ),
            span: firsts.min().copied(),
            help: Some(
                "`--set NAME=VALUE` says what one is, and `--set NAME=true` that what stands under \
                 `if NAME` is there"
                    .to_owned(),
            ),
        }
    }
}

impl Noted {
    fn message(&self, name: &str, sources: &Sources) -> String {
        let mut also: Vec<String> = Vec::new();
        for place in self.places.iter().skip(1) {
            let place = sources.place(*place);
            if also.len() < MOST_PLACES && !also.contains(&place) {
                also.push(place);
            }
        }
        let more = match self.places.len().saturating_sub(1 + also.len()) {
            more if more > 0 && also.len() == MOST_PLACES => format!(" and {more} more"),
            _ => String::new(),
        };
        let also = match also.is_empty() {
            true => String::new(),
            false => format!(" (also at {}{more})", also.join(", ")),
        };
        match self.shape {
            Shape::Value => {
                let given = self.default.as_ref();
                let given = given.map_or(String::new(), |given| {
                    format!("; if nobody sets it, it is `{given}`")
                });
                format!(
                    "`{name}` is filled in elsewhere{also}: what depends on it is unknown{given}"
                )
            }
            Shape::Lines => format!(
                "`{name}` stands for lines that are filled in elsewhere{also}: what they may set \
                 is unknown"
            ),
            Shape::Condition => format!(
                "what stands under `{name}`{also} is there or not: what depends on it is unknown"
            ),
        }
    }

    fn help(&self, name: &str) -> Option<String> {
        let condition = name.strip_prefix("if ");
        match self.shape {
            Shape::Value => {
                let name = plain_name(name)?;
                Some(format!("`--set {name}=VALUE` says what it is"))
            }
            Shape::Lines => {
                let name = plain_name(name)?;
                Some(format!("`--set {name}=LINES` says what they are"))
            }
            Shape::Condition => {
                let name = condition.and_then(plain_name)?;
                Some(format!(
                    "`--set {name}=true` or `--set {name}=false` decides it"
                ))
            }
        }
    }
}
