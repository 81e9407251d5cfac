//! The browser's skin: requests and answers as JSON, and the three functions by which a page calls
//! them. What an answer says is decided in the pure rooms; here it is only asked for and written
//! down.
//!
//! The module imports nothing, so it can reach nothing: no clock, no network, no storage. Nothing
//! is kept between calls. A panic traps; then the page makes a new instance.

#[cfg(target_arch = "wasm32")]
mod abi;

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use base::json::{Fields, FromJson, Unfit, Value};
use base::{FilePath, Severity, Sources, base64};
use fix::{Store, Wants};
use intake::{Asked, Given, Log, Logbook, Tray, VERSION};
use redact::{Map, Text};
use report::Style;
use report::diagnosis::Answer as Diagnosed;
use serde::Serialize;

/// Answers a request. Never fails: what is wrong with the request is the answer.
pub fn answer(request: &[u8]) -> Vec<u8> {
    match dispatch(request) {
        Ok(answer) => answer.finish(),
        Err(error) => Answer::new(false).field("error", &error).finish(),
    }
}

/// Words for people.
type Refusal = String;
type Answered = Result<Answer, Refusal>;

fn dispatch(request: &[u8]) -> Answered {
    let value = base::json::read(request).map_err(|broken| is_none(&broken))?;
    let mut fields = read(Fields::from_json(value))?;
    let op: Cow<'_, str> = read(fields.take("op"))?;
    match &*op {
        "about" => read(fields.end()).map(|()| about()),
        "open" => open(&read(Files::of(fields))?),
        "check" => check(&read(Check::of(fields))?),
        "fix" => fix(read(Fix::of(fields))?),
        "apply" => apply(&read(Apply::of(fields))?),
        "redact" => redact(read(Redact::of(fields))?),
        "restore" => restore(read(Restore::of(fields))?),
        "diagnose" => diagnose(&read(Diagnose::of(fields))?),
        "explain" => explain(&read(Explain::of(fields))?),
        #[cfg(feature = "refactor")]
        "refactor" => refactor::answer(&read(refactor::Asked::of(fields))?),
        other => Err(format!("there is no op `{}`", printable(other))),
    }
}

fn read<T>(read: Result<T, Unfit>) -> Result<T, Refusal> {
    read.map_err(|unfit| is_none(&unfit))
}

fn is_none(why: &dyn std::fmt::Display) -> Refusal {
    format!("this is no request: {why}")
}

fn printable(text: &str) -> String {
    base::source::printable(text.as_bytes())
}

/// An answer, written as it grows: documents of the pure rooms go in as they are.
struct Answer(Vec<u8>);

impl Answer {
    fn new(is_ok: bool) -> Answer {
        Answer(format!("{{\"ok\":{is_ok}").into_bytes())
    }

    fn field(mut self, name: &str, value: &impl Serialize) -> Answer {
        self.begin(name);
        // Strings, numbers and lists of them are always JSON, and memory takes all that is written.
        let _never = serde_json::to_writer(&mut self.0, value);
        self
    }

    fn list<T: Serialize>(self, name: &str, items: impl Iterator<Item = T>) -> Answer {
        self.field(name, &items.collect::<Vec<_>>())
    }

    /// A document with a line feed at its end.
    fn document(
        mut self,
        name: &str,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Answer {
        self.begin(name);
        let _never = write(&mut self.0);
        while self.0.last() == Some(&b'\n') {
            self.0.pop();
        }
        self
    }

    fn begin(&mut self, name: &str) {
        self.0.extend_from_slice(format!(",\"{name}\":").as_bytes());
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

/// Declares what an object has, and nothing else; a field may have another name there.
macro_rules! object {
    ($name:ident { $($field:ident $(= $known_as:literal)?: $type:ty),* $(,)? }) => {
        pub(crate) struct $name<'j> {
            $($field: $type,)*
        }

        impl<'j> $name<'j> {
            pub(crate) fn of(mut fields: Fields<'j>) -> Result<Self, Unfit> {
                let read = $name {
                    $($field: fields.take(object!(@ $field $($known_as)?))?,)*
                };
                fields.end()?;
                Ok(read)
            }
        }
    };
    (@ $field:ident) => { stringify!($field) };
    (@ $field:ident $known_as:literal) => { $known_as };
}

#[cfg(feature = "refactor")]
mod refactor;

/// A file of a request.
struct FileIn<'j> {
    path: Cow<'j, str>,
    text: Option<Cow<'j, str>>,
    base64: Option<Cow<'j, str>>,
}

impl<'j> FromJson<'j> for FileIn<'j> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let mut fields = Fields::from_json(value)?;
        let file = FileIn {
            path: match fields.take("name")? {
                Some(name) => name,
                None => fields.take("path")?,
            },
            text: fields.take("text")?,
            base64: fields.take("base64")?,
        };
        fields.end()?;
        Ok(file)
    }
}

impl FileIn<'_> {
    fn bytes(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        let refuse = |why: &str| Err(format!("`{}`: {why}", printable(&self.path)));
        match (&self.text, &self.base64) {
            (Some(text), None) => Ok(Cow::Borrowed(text.as_bytes())),
            (None, Some(coded)) => match base64::decode(coded.as_bytes()) {
                Some(bytes) => Ok(Cow::Owned(bytes)),
                None => refuse("this is no base64"),
            },
            _ => refuse("a file has either `text` or `base64`"),
        }
    }
}

/// A file of an answer.
#[derive(Default, Serialize)]
struct FileOut<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<Option<&'a str>>,
}

impl<'a> FileOut<'a> {
    fn new(path: impl Into<Cow<'a, str>>, bytes: &'a [u8]) -> FileOut<'a> {
        let text = std::str::from_utf8(bytes).ok();
        FileOut {
            path: path.into(),
            base64: text.is_none().then(|| base64::encode(bytes)),
            text,
            ..FileOut::default()
        }
    }
}

fn tray(files: &[FileIn<'_>]) -> Result<Tray, Refusal> {
    let read = |file: &FileIn<'_>| Ok::<Arc<[u8]>, Refusal>(file.bytes()?.into_owned().into());
    let bytes: Vec<_> = files.iter().map(read).collect::<Result<_, _>>()?;
    Tray::new(files.iter().map(|file| &*file.path).zip(bytes))
}

object!(Check {
    files: Vec<FileIn<'j>>,
    strict: bool,
    maps: Option<Vec<String>>,
    facts: Option<String>,
});

fn check(request: &Check<'_>) -> Answered {
    let tray = tray(&request.files)?;
    let mut given = Given::of(
        &tray,
        request.maps.as_deref().unwrap_or_default(),
        request.facts.as_deref(),
    )?;
    let model = given.model(&tray, &Store::default());
    let problems = std::mem::take(&mut given.found.problems);
    let judged = intake::judge(model, problems, Asked::everything(request.strict));
    let report = judged.report();
    let style = Style {
        colour: false,
        width: 100,
        show_secrets: false,
        strict: request.strict,
    };
    Ok(Answer::new(true)
        .document("report", |out| report::json(&report, &style, out))
        .document("chain", |out| report::chain_json(&report, out)))
}

object!(Fix {
    files: Vec<FileIn<'j>>,
    strict: bool,
    maps: Option<Vec<String>>,
    facts: Option<String>,
    unsafe_too = "unsafe": bool,
    request_time: Option<String>,
    rules: Option<Vec<String>>,
    route: Option<String>,
    pool: Option<String>,
});

#[derive(Serialize)]
struct Rejected<'a> {
    rule: &'a str,
    title: &'a str,
    why: &'a str,
}

fn fix(request: Fix<'_>) -> Answered {
    let wanted = request.rules.unwrap_or_default();
    if let Some(id) = wanted.iter().find(|id| rules::by_id(id).is_none()) {
        return Err(no_such_page(id));
    }
    let time = request.request_time.as_deref().map(|text| {
        let time = intake::request_time(text);
        time.map_err(|why| format!("`{}`: {why}", printable(text)))
    });
    let wants = Wants {
        request_time: time.transpose()?,
        unsafe_too: request.unsafe_too,
        rules: wanted,
        route: request.route,
        pool: request.pool,
        options: rules::Options::strict(request.strict),
    };
    let tray = tray(&request.files)?;
    let given = Given::of(
        &tray,
        request.maps.as_deref().unwrap_or_default(),
        request.facts.as_deref(),
    )?;
    let (fixed, models) = given.fix(&tray, &wants);
    let rejected = fixed.rejected.iter().map(|(change, why)| Rejected {
        rule: change.rule,
        title: &change.title,
        why,
    });
    // What the user has given may be shown to the user.
    let diffs = given.diffs(&tray, &fixed.files, models, true);
    let files = fixed.files.iter().zip(&diffs).map(|(changed, diff)| {
        let mut file = FileOut::new(changed.shown.to_string(), &changed.new);
        file.diff = Some(report::diff_text(diff));
        file
    });
    let left = fixed
        .left
        .iter()
        .filter(|one| one.severity > Severity::Info);
    let problems = given.found.problems.iter().chain(&fixed.problems);
    Ok(Answer::new(true)
        .list("changes", fixed.changes.iter().map(intake::change))
        .list("rejected", rejected)
        .field("left", &left.count())
        .list("problems", problems.map(|problem| &problem.message))
        .list("files", files))
}

object!(Files {
    files: Vec<FileIn<'j>>,
});

fn open(request: &Files<'_>) -> Answered {
    let opened = intake::open(&tray(&request.files)?);
    let files = opened.iter().map(|file| {
        let mut out = FileOut::new(file.name.as_str(), &file.bytes);
        out.kind = Some(file.kind.word());
        out.via = Some(file.via.as_deref());
        out
    });
    Ok(Answer::new(true).list("files", files))
}

object!(Apply {
    files: Vec<FileIn<'j>>,
    edits: Vec<EditIn<'j>>,
});

object!(EditIn {
    path: Cow<'j, str>,
    start_byte: u32,
    end_byte: u32,
    text: Cow<'j, str>,
});

impl<'j> FromJson<'j> for EditIn<'j> {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        EditIn::of(Fields::from_json(value)?)
    }
}

fn apply(request: &Apply<'_>) -> Answered {
    let edits = request.edits.iter().map(|edit| {
        let span = (edit.start_byte, edit.end_byte);
        (&*edit.path, span, &*edit.text)
    });
    let tray = tray(&request.files)?;
    let changed = intake::apply(&tray, edits)?;
    let files = changed.iter().map(|(path, new)| FileOut::new(*path, new));
    Ok(Answer::new(true).list("files", files))
}

object!(Redact {
    files: Vec<FileIn<'j>>,
    identity: bool,
    reveal: Option<Vec<String>>,
});

#[derive(Serialize)]
struct Found<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    start_byte: usize,
    end_byte: usize,
    rule: &'a str,
    layer: &'static str,
    reason: &'a str,
    placeholder: &'a str,
}

/// Files of a request with their bytes, to find lines in.
fn sources(files: &[FileIn<'_>]) -> Result<Sources, Refusal> {
    let mut sources = Sources::default();
    for file in files {
        let bytes = file.bytes()?.into_owned();
        sources.add(FilePath::new(file.path.as_bytes()), bytes.into(), None);
    }
    Ok(sources)
}

fn redact(request: Redact<'_>) -> Answered {
    let sources = sources(&request.files)?;
    let sources: Vec<_> = sources.iter().map(|(_, source)| source).collect();
    let texts = sources.iter().map(|source| Text {
        path: source.path.as_bytes(),
        bytes: &source.bytes,
    });
    let reveal = request.reveal.into_iter().flatten().map(String::into_bytes);
    let options = redact::Options {
        identity: request.identity,
        reveal: &reveal.collect::<Vec<_>>(),
        ..redact::Options::default()
    };
    let redacted = redact::redact(&texts.collect::<Vec<_>>(), &options);
    let found = redacted.found.iter().map(|found| {
        let at = sources[found.text].line_column(u32::try_from(found.start).unwrap_or(u32::MAX));
        Found {
            path: &request.files[found.text].path,
            line: at.line,
            column: at.column,
            start_byte: found.start,
            end_byte: found.end,
            rule: &found.rule,
            layer: found.layer.word(),
            reason: &found.reason,
            placeholder: &found.placeholder,
        }
    });
    let files = request.files.iter().zip(&redacted.texts);
    let files = files.map(|(file, text)| FileOut::new(&*file.path, text));
    let map = redacted.map.to_json();
    Ok(Answer::new(true)
        .list("files", files)
        .list("found", found)
        .document("map", |out| out.write_all(map.as_bytes())))
}

object!(Restore {
    files: Vec<FileIn<'j>>,
    map: Value<'j>,
});

#[derive(Serialize)]
struct Slip<'a> {
    kind: &'static str,
    placeholder: String,
    path: &'a str,
    line: Option<u32>,
}

fn restore(request: Restore<'_>) -> Answered {
    let map = Map::from_value(request.map)?;
    let sources = sources(&request.files)?;
    let mut restored = Vec::new();
    let mut slips = Vec::new();
    for (file, (_, source)) in request.files.iter().zip(sources.iter()) {
        let one = redact::restore(&source.bytes, &map);
        let compared = redact::compare(file.path.as_bytes(), &one, &map);
        let line = |at: usize| {
            source
                .line_column(u32::try_from(at).unwrap_or(u32::MAX))
                .line
        };
        slips.extend(one.slips.iter().cloned().chain(compared).map(|slip| Slip {
            kind: slip.kind.word(),
            placeholder: slip.placeholder,
            path: &file.path,
            line: slip.at.map(line),
        }));
        restored.push((&file.path, one.bytes));
    }
    let files = restored
        .iter()
        .map(|(path, bytes)| FileOut::new(&***path, bytes));
    Ok(Answer::new(true)
        .list("files", files)
        .field("slips", &slips))
}

object!(Diagnose {
    files: Vec<FileIn<'j>>,
    logs: Vec<FileIn<'j>>,
    zone_offset: Option<i32>,
    now: i64,
    incidents: bool,
});

/// The widest offset of a zone from UTC, in seconds.
const WIDEST_OFFSET: i32 = 15 * 3600;

fn diagnose(request: &Diagnose<'_>) -> Answered {
    let is_zone = |offset: &i32| (-WIDEST_OFFSET..=WIDEST_OFFSET).contains(offset);
    if request.zone_offset.is_some_and(|offset| !is_zone(&offset)) {
        return Err("`zone_offset`: seconds east of UTC, less than a day".to_owned());
    }
    let tray = tray(&request.files)?;
    let given = match request.files.is_empty() {
        true => Given::default(),
        false => Given::of(&tray, &[], None)?,
    };
    let mut configured = given.configured(&tray);
    let bytes = request.logs.iter().map(FileIn::bytes);
    let bytes: Vec<_> = bytes.collect::<Result<_, _>>()?;
    let logs = request.logs.iter().zip(&bytes).map(|(log, bytes)| Log {
        name: &log.path,
        bytes,
    });
    let logs: Vec<Log<'_>> = logs.collect();
    let year = logs::time::year_of(request.now);
    let book = Logbook::read(&logs, &configured, request.zone_offset, year);
    let wanted = ::diagnose::Wanted {
        incidents: request.incidents,
        shown_offset: book.offset,
    };
    let edits = |rules: &[&str]| given.planned(&tray, rules, rules::Options::default());
    let diagnosis = configured.diagnose(&book.state, wanted, &edits);
    let nothing = Sources::default();
    let mut problems = book.problems;
    problems.append(&mut configured.problems);
    let answer = Diagnosed {
        diagnosis: &diagnosis,
        sources: configured
            .model
            .as_ref()
            .map_or(&nothing, |model| &model.sources),
        problems: &problems,
        version: VERSION,
    };
    Ok(Answer::new(true).document("diagnosis", |out| {
        report::diagnosis::json(&answer, request.incidents, out)
    }))
}

#[derive(Serialize)]
struct Rule {
    id: &'static str,
    severity: &'static str,
    group: &'static str,
    summary: &'static str,
    fix: &'static str,
}

#[derive(Serialize)]
struct Cause {
    id: &'static str,
    title: &'static str,
    summary: &'static str,
}

fn about() -> Answer {
    let rules = rules::all().iter().map(|rule| Rule {
        id: rule.id,
        severity: rule.severity.word(),
        group: rule.group,
        summary: rule.summary(),
        fix: rule.fix.word(),
    });
    let causes = ::diagnose::causes::ALL.iter().map(|cause| Cause {
        id: cause.id,
        title: cause.title,
        summary: cause.summary(),
    });
    Answer::new(true)
        .field("version", &VERSION)
        .list("rules", rules)
        .list("causes", causes)
}

object!(Explain { id: Cow<'j, str> });

fn explain(request: &Explain<'_>) -> Answered {
    let pages = intake::pages(&request.id);
    let (first, rest) = pages
        .split_first()
        .ok_or_else(|| no_such_page(&request.id))?;
    let rest = rest.iter().map(|page| format!("\n\n{page}"));
    let text: String = std::iter::once(first.text.clone()).chain(rest).collect();
    Ok(Answer::new(true)
        .field("title", &first.title)
        .field("markdown", &text))
}

fn no_such_page(id: &str) -> Refusal {
    let near = intake::nearest(&id.to_ascii_lowercase());
    let meant = near.filter(|near| *near != id);
    let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("there is no rule and no cause `{}`{meant}", printable(id))
}
