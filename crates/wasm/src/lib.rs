//! The browser's skin: requests and answers as JSON, and the three functions by which a page calls
//! them. What an answer says is decided in the pure rooms; here it is only asked for and written
//! down.
//!
//! The module imports nothing, so it can reach nothing: no clock, no network, no storage. Nothing
//! is kept between calls. A panic traps; then the page makes a new instance.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use base::{FilePath, Severity, Sources, base64};
use fix::{Store, Wants};
use intake::{Asked, Given, Log, Logbook, Tray, VERSION};
use redact::{Map, Text};
use report::Style;
use report::diagnosis::Answer as Diagnosed;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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
    let Op { op } = read(request)?;
    match op.as_str() {
        "about" => about(&read(request)?),
        "open" => open(&read(request)?),
        "check" => check(&read(request)?),
        "fix" => fix(read(request)?),
        "apply" => apply(&read(request)?),
        "redact" => redact(read(request)?),
        "restore" => restore(&read(request)?),
        "diagnose" => diagnose(&read(request)?),
        "explain" => explain(&read(request)?),
        #[cfg(feature = "refactor")]
        "refactor" => refactor::answer(request),
        other => Err(format!("there is no op `{}`", printable(other))),
    }
}

fn read<T: DeserializeOwned>(request: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(request).map_err(|error| format!("this is no request: {error}"))
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

/// What every request has; the rest is read when it is known.
#[derive(Deserialize)]
struct Op {
    op: String,
}

/// Declares a request: what it has besides its op, and nothing else.
macro_rules! request {
    ($name:ident { $($(#[$more:meta])* $field:ident: $type:ty),* $(,)? }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            #[serde(rename = "op")]
            _op: IgnoredAny,
            $($(#[$more])* $field: $type,)*
        }
    };
}

#[cfg(feature = "refactor")]
mod refactor;

/// A file of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIn {
    #[serde(alias = "name")]
    path: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    base64: Option<String>,
}

impl FileIn {
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

fn tray(files: &[FileIn]) -> Result<Tray, Refusal> {
    let read = |file: &FileIn| Ok::<Arc<[u8]>, Refusal>(file.bytes()?.into_owned().into());
    let bytes: Vec<_> = files.iter().map(read).collect::<Result<_, _>>()?;
    Tray::new(files.iter().map(|file| file.path.as_str()).zip(bytes))
}

request!(Check {
    files: Vec<FileIn>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    maps: Vec<String>,
    #[serde(default)]
    facts: Option<String>,
});

fn check(request: &Check) -> Answered {
    let tray = tray(&request.files)?;
    let mut given = Given::of(&tray, &request.maps, request.facts.as_deref())?;
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

request!(Fix {
    files: Vec<FileIn>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    maps: Vec<String>,
    #[serde(default)]
    facts: Option<String>,
    #[serde(default, rename = "unsafe")]
    unsafe_too: bool,
    #[serde(default)]
    request_time: Option<String>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    route: Option<String>,
    #[serde(default)]
    pool: Option<String>,
});

#[derive(Serialize)]
struct Rejected<'a> {
    rule: &'a str,
    title: &'a str,
    why: &'a str,
}

fn fix(request: Fix) -> Answered {
    if let Some(id) = request.rules.iter().find(|id| rules::by_id(id).is_none()) {
        return Err(no_such_page(id));
    }
    let time = request.request_time.as_deref().map(|text| {
        let time = intake::request_time(text);
        time.map_err(|why| format!("`{}`: {why}", printable(text)))
    });
    let wants = Wants {
        request_time: time.transpose()?,
        unsafe_too: request.unsafe_too,
        rules: request.rules,
        route: request.route,
        pool: request.pool,
        options: rules::Options::strict(request.strict),
    };
    let tray = tray(&request.files)?;
    let given = Given::of(&tray, &request.maps, request.facts.as_deref())?;
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

request!(Files {
    files: Vec<FileIn>,
});

fn open(request: &Files) -> Answered {
    let opened = intake::open(&tray(&request.files)?);
    let files = opened.iter().map(|file| {
        let mut out = FileOut::new(file.name.as_str(), &file.bytes);
        out.kind = Some(file.kind.word());
        out.via = Some(file.via.as_deref());
        out
    });
    Ok(Answer::new(true).list("files", files))
}

request!(Apply {
    files: Vec<FileIn>,
    edits: Vec<EditIn>,
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditIn {
    path: String,
    start_byte: u32,
    end_byte: u32,
    text: String,
}

fn apply(request: &Apply) -> Answered {
    let edits = request.edits.iter().map(|edit| {
        let span = (edit.start_byte, edit.end_byte);
        (edit.path.as_str(), span, edit.text.as_str())
    });
    let tray = tray(&request.files)?;
    let changed = intake::apply(&tray, edits)?;
    let files = changed.iter().map(|(path, new)| FileOut::new(*path, new));
    Ok(Answer::new(true).list("files", files))
}

request!(Redact {
    files: Vec<FileIn>,
    #[serde(default)]
    identity: bool,
    #[serde(default)]
    reveal: Vec<String>,
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
fn sources(files: &[FileIn]) -> Result<Sources, Refusal> {
    let mut sources = Sources::default();
    for file in files {
        let bytes = file.bytes()?.into_owned();
        sources.add(FilePath::new(file.path.as_bytes()), bytes.into(), None);
    }
    Ok(sources)
}

fn redact(request: Redact) -> Answered {
    let sources = sources(&request.files)?;
    let sources: Vec<_> = sources.iter().map(|(_, source)| source).collect();
    let texts = sources.iter().map(|source| Text {
        path: source.path.as_bytes(),
        bytes: &source.bytes,
    });
    let reveal = request.reveal.into_iter().map(String::into_bytes);
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
    let files = files.map(|(file, text)| FileOut::new(file.path.as_str(), text));
    let map = redacted.map.to_json();
    Ok(Answer::new(true)
        .list("files", files)
        .list("found", found)
        .document("map", |out| out.write_all(map.as_bytes())))
}

request!(Restore {
    files: Vec<FileIn>,
    map: Box<RawValue>,
});

#[derive(Serialize)]
struct Slip<'a> {
    kind: &'static str,
    placeholder: String,
    path: &'a str,
    line: Option<u32>,
}

fn restore(request: &Restore) -> Answered {
    let map = Map::from_json(request.map.get().as_bytes())?;
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
        .map(|(path, bytes)| FileOut::new(path.as_str(), bytes));
    Ok(Answer::new(true)
        .list("files", files)
        .field("slips", &slips))
}

request!(Diagnose {
    files: Vec<FileIn>,
    logs: Vec<FileIn>,
    #[serde(default)]
    zone_offset: Option<i32>,
    now: i64,
    #[serde(default)]
    incidents: bool,
});

/// The widest offset of a zone from UTC, in seconds.
const WIDEST_OFFSET: i32 = 15 * 3600;

fn diagnose(request: &Diagnose) -> Answered {
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
    let mut page = Vec::new();
    let _never = report::diagnosis::html(&answer, &mut page);
    Ok(Answer::new(true)
        .document("diagnosis", |out| {
            report::diagnosis::json(&answer, request.incidents, out)
        })
        .field("html", &String::from_utf8_lossy(&page)))
}

request!(About {});

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

fn about(_request: &About) -> Answered {
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
    Ok(Answer::new(true)
        .field("version", &VERSION)
        .list("rules", rules)
        .list("causes", causes))
}

request!(Explain { id: String });

fn explain(request: &Explain) -> Answered {
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

/// How a page calls: it asks for room, puts a request there, calls, reads the answer, and gives
/// its room back.
#[cfg(target_arch = "wasm32")]
mod abi {
    #![expect(
        unsafe_code,
        reason = "the host passes addresses; each is one that this module has given out"
    )]

    /// Room for a request.
    #[unsafe(no_mangle)]
    pub(crate) extern "C" fn alloc(len: usize) -> *mut u8 {
        let room: Box<[u8]> = vec![0; len].into_boxed_slice();
        Box::into_raw(room).cast()
    }

    /// Answers the request in a room that [`alloc`] gave, and takes the room back: the address of
    /// the answer in the upper half, its length in the lower.
    ///
    /// # Safety
    /// `ptr` and `len` are those of an [`alloc`] whose room was not given back yet.
    #[unsafe(no_mangle)]
    pub(crate) unsafe extern "C" fn call(ptr: *mut u8, len: usize) -> u64 {
        // SAFETY: as the caller promises.
        let request = unsafe { room(ptr, len) };
        let answer = super::answer(&request).into_boxed_slice();
        drop(request);
        let len = answer.len() as u64;
        (Box::into_raw(answer).cast::<u8>() as u64) << 32 | len
    }

    /// Gives an answer's room back.
    ///
    /// # Safety
    /// `ptr` and `len` are those that [`call`] gave.
    #[unsafe(no_mangle)]
    pub(crate) unsafe extern "C" fn free(ptr: *mut u8, len: usize) {
        // SAFETY: as the caller promises.
        drop(unsafe { room(ptr, len) });
    }

    /// # Safety
    /// As for [`call`] and [`free`].
    unsafe fn room(ptr: *mut u8, len: usize) -> Box<[u8]> {
        // SAFETY: the room was a boxed slice of this length when its address was given out.
        unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) }
    }
}
