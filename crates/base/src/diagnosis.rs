//! What `diagnose` says: causes with their evidence, ready to be shown.
//!
//! Times are milliseconds since 1970 in UTC. All text is masked already; it may still hold bytes
//! that a terminal or a browser would obey, so whoever shows it escapes it.

/// The whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnosis {
    /// First and last moment that any log line spoke of.
    pub window: Option<(i64, i64)>,
    /// What was read.
    pub sources: Vec<LogSource>,
    /// Incidents of the same cause, worst first.
    pub groups: Vec<Group>,
    /// Single incidents in order of time; only when they were asked for.
    pub incidents: Vec<Incident>,
    /// When the columns of every group's `timeline` begin and how long each is.
    pub timeline: Option<Timeline>,
    /// The offset (seconds east of UTC) in which times are to be shown.
    pub shown_offset: i32,
}

/// The columns of the timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Begin of the first column.
    pub start: i64,
    /// Length of a column in milliseconds.
    pub step: i64,
    /// How many columns.
    pub columns: usize,
}

/// One log that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSource {
    /// Its name as the user gave it.
    pub file: String,
    /// What it is, such as `nginx-error`.
    pub kind: String,
    /// In which zone its times were read.
    pub zone: ZoneSaid,
    /// Bytes read (after decompression).
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines that say something about failures.
    pub matched: u64,
    /// Lines that were understood and are of no interest.
    pub irrelevant: u64,
    /// Lines that were not understood.
    pub not_understood: u64,
    /// Lines outside the asked time window.
    pub outside: u64,
    /// The first lines that were not understood, as (line number, text).
    pub examples: Vec<(u64, String)>,
    /// First and last time in it.
    pub span: Option<(i64, i64)>,
    /// How often its time went backwards by more than a minute.
    pub jumps: u64,
    /// Requests by status, for access logs.
    pub statuses: Vec<(u16, u64)>,
}

/// The zone of a source and how it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneSaid {
    /// `+02:00`, `Europe/Berlin`, or empty when each line names its own.
    pub name: String,
    /// How we know.
    pub how: ZoneKnown,
}

/// How a zone is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZoneKnown {
    /// Each line says so.
    #[default]
    Written,
    /// The user said so.
    Given,
    /// Another log of the same run says so.
    Inferred,
    /// Nobody said so.
    Assumed,
}

impl ZoneKnown {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            ZoneKnown::Written => "written",
            ZoneKnown::Given => "given",
            ZoneKnown::Inferred => "inferred",
            ZoneKnown::Assumed => "assumed",
        }
    }
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Several causes fit; the candidates are listed.
    Undetermined,
    /// The evidence fits and nothing speaks against it, but a link is missing.
    Likely,
    /// Every link of the proof is in the logs.
    Certain,
}

impl Confidence {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Undetermined => "undetermined",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

/// What an incident did to the person who waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// Nobody: a retry gave a good answer.
    Hidden,
    /// The client had left.
    ClientLeft,
    /// A log line without a known request.
    Unknown,
    /// The page is broken, and the status says 200.
    BrokenPage,
    /// An error page.
    ErrorPage,
}

impl Harm {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Harm::Hidden => "hidden",
            Harm::ClientLeft => "client-left",
            Harm::Unknown => "unknown",
            Harm::BrokenPage => "broken-page",
            Harm::ErrorPage => "client-error",
        }
    }
}

/// A cause that fits, and what would tell it from the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Id of the cause.
    pub cause: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What would decide it; a clause.
    pub decides: String,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceLine {
    /// The file's name as the user gave it.
    pub file: String,
    /// Line number from 1.
    pub line: u64,
    /// The line, masked and cut; `None` when only its place was kept.
    pub text: Option<String>,
}

/// A place in the configuration that is responsible, or holds what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigPlace {
    /// The file.
    pub file: String,
    /// Line number from 1.
    pub line: u64,
    /// The line's text, masked.
    pub text: String,
    /// What it does here; a clause.
    pub label: String,
}

/// A name with how often it occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// A route, pool, script, …
    pub name: String,
    /// How often.
    pub count: u64,
}

/// Incidents of one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Id of the cause; `undetermined` when several fit.
    pub cause: &'static str,
    /// What happened, in words; lower case, no full stop.
    pub title: String,
    /// How sure.
    pub confidence: Confidence,
    /// The worst that it did.
    pub harm: Harm,
    /// For an undetermined group the causes that fit.
    pub candidates: Vec<Candidate>,
    /// How many incidents.
    pub count: u64,
    /// How many of them by harm; only those that occurred, worst first.
    pub harms: Vec<(Harm, u64)>,
    /// First and last, when the lines have a time.
    pub seen: Option<(i64, i64)>,
    /// Incidents per hour between first and last (of at least a minute).
    pub per_hour: f64,
    /// Counts by column of [`Diagnosis::timeline`].
    pub timeline: Vec<u64>,
    /// Worst first, at most ten each; `""` stands for the rest.
    pub routes: Vec<Counted>,
    /// Pools or, where no pool is known, upstream addresses.
    pub pools: Vec<Counted>,
    /// Scripts or request paths.
    pub scripts: Vec<Counted>,
    /// HTTP statuses that clients got.
    pub statuses: Vec<Counted>,
    /// Why we say so; sentences.
    pub because: Vec<String>,
    /// The lines of one or a few incidents, in order of time.
    pub evidence: Vec<EvidenceLine>,
    /// Where in the configuration it comes from.
    pub places: Vec<ConfigPlace>,
    /// What to change; sentences or lines of configuration.
    pub advice: Vec<String>,
    /// Configuration to add that makes the next occurrence decidable, as it is to be written.
    pub make_decidable: Vec<Snippet>,
    /// How to make sure that it is this, and that it is gone; sentences or commands.
    pub make_sure: Vec<String>,
    /// The edits that end it, as a unified diff; empty when there is none.
    pub diff: String,
    /// What led to it: ids of other groups' causes with how many incidents they explain.
    pub led_by: Vec<(&'static str, u64)>,
}

/// Text for a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Snippet {
    /// Where it belongs, such as `in http { } of nginx.conf`.
    pub into: String,
    /// The text.
    pub text: String,
}

/// One incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Id of the cause; `undetermined` when several fit.
    pub cause: &'static str,
    /// How sure.
    pub confidence: Confidence,
    /// Ids of the causes that fit.
    pub candidates: Vec<&'static str>,
    /// What it did.
    pub harm: Harm,
    /// When.
    pub time: Option<i64>,
    /// How many equal incidents this stands for (more than 1 only in very large inputs).
    pub count: u64,
    /// HTTP status that the client got, 0 when unknown.
    pub status: u16,
    /// The request line without the protocol, masked.
    pub request: String,
    /// The route: `server` and location, or what is known of it.
    pub route: String,
    /// The pool, if known.
    pub pool: String,
    /// The script, if known.
    pub script: String,
    /// The upstream's address.
    pub upstream: String,
    /// The lines it rests on.
    pub evidence: Vec<EvidenceLine>,
}
