//! The configuration for the agent, read again when a file of it has changed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use agent::watch::{Change, Loaded};
use agent::{ConfigView, Link, RouteView};
use base::{Limit, Problem, ProblemKind, Severity};
use fix::Store;
use intake::{Asked, Configured, judge};
use model::Model;
use model::chain::chains;
use model::nginx::value::time_msec;

use crate::cli::InputArgs;
use crate::diagnosing::{host_defaults, named_logs};
use crate::load::prepare;

/// How often files are looked at.
const LOOKING: Duration = Duration::from_secs(3);
/// How often everything is read again though nothing seems to have changed: another FPM may have
/// been installed.
const AGAIN: Duration = Duration::from_secs(600);
/// The same while nothing was found.
const SOON: Duration = Duration::from_secs(30);
/// How long nginx keeps lines of an access log that has a buffer and no `flush`; it may be longer.
const UNFLUSHED: u64 = 60_000;

/// Reads the configuration as often as it changes.
pub(super) struct Reader<'a> {
    input: &'a InputArgs,
    /// Logs that were named besides those of the configuration.
    more: Vec<agent::follow::Wanted>,
    stamps: Vec<(Stamp, PathBuf)>,
    looked: Instant,
    read: Option<Instant>,
    /// Whether the one that is in use could be read to its end, and has pools.
    was_whole: bool,
    /// Whether the one that was read last could not.
    is_broken: bool,
}

type Stamp = Option<(SystemTime, u64, u64)>;

impl<'a> Reader<'a> {
    /// Of these inputs.
    pub(super) fn new(input: &'a InputArgs, more: Vec<agent::follow::Wanted>) -> Reader<'a> {
        Reader {
            input,
            more,
            stamps: Vec::new(),
            looked: Instant::now(),
            read: None,
            was_whole: false,
            is_broken: false,
        }
    }

    /// The configuration, when it has changed or has to be read anyway.
    pub(super) fn next(&mut self, force: bool) -> Change {
        if !force && !self.is_due() {
            return Change::Same;
        }
        self.read = Some(Instant::now());
        let Some(prepared) = prepare(self.input) else {
            return Change::Broken(vec!["the configuration could not be looked for".to_owned()]);
        };
        let mut model = prepared.model(&Store::default());
        // What was not there may come: it is looked at like what was.
        let stamped = |path: PathBuf| (stamp(&path), path);
        let named = self.input.inputs.iter().chain(&self.input.root).cloned();
        self.stamps = watched(&model).chain(named).map(stamped).collect();
        let mut problems = prepared.given.found.problems.clone();
        problems.append(&mut model.problems);
        let broken = words(&problems);
        let has_pools = model.pools().next().is_some();
        if !broken.is_empty() && self.was_whole && !has_pools {
            // FPM goes on with what it has read; so do we, until the file is whole again.
            self.is_broken = true;
            return Change::Broken(broken);
        }
        self.was_whole = has_pools && broken.is_empty();
        self.is_broken = !broken.is_empty();
        Change::New(Box::new(self.loaded(&prepared, model, problems)))
    }

    fn is_due(&mut self) -> bool {
        let Some(read) = self.read else {
            return true;
        };
        let is_well = self.was_whole && !self.is_broken;
        let again = if is_well { AGAIN } else { SOON };
        if read.elapsed() >= again {
            return true;
        }
        if self.looked.elapsed() < LOOKING {
            return false;
        }
        self.looked = Instant::now();
        self.stamps
            .iter()
            .any(|(known, path)| stamp(path) != *known)
    }

    fn loaded(
        &self,
        prepared: &crate::load::Prepared,
        model: Model,
        problems: Vec<Problem>,
    ) -> Loaded {
        let pools = agent::watched(&model);
        let routes = routes(&model);
        let buffered = Duration::from_millis(buffered(&model));
        let mut logs: Vec<_> = named_logs(&model).into_iter().map(wanted).collect();
        if self.input.inputs.is_empty() && self.input.root.is_none() {
            logs.extend(host_defaults().map(wanted));
        }
        logs.extend(self.more.iter().cloned());
        let asked = Asked {
            options: prepared.project.options(),
            wanted: &|_| true,
            notes: false,
            edits: false,
            beside: rules::Beside::default(),
        };
        let judged = judge(model, problems, asked);
        let findings = [Severity::Error, Severity::Warning, Severity::Info].map(|severity| {
            let all = judged.findings.iter();
            let count = all.filter(|finding| finding.severity == severity).count();
            (severity.word(), count as u64)
        });
        let view = ConfigView {
            loaded: agent::watch::now(),
            problems: words(&judged.problems),
            routes,
            findings: findings.to_vec(),
            failures: 0,
        };
        Loaded {
            configured: Configured::of(judged.model, Vec::new()),
            pools,
            logs,
            view,
            buffered,
        }
    }
}

fn wanted(path: PathBuf) -> agent::follow::Wanted {
    agent::follow::Wanted::file(path)
}

/// What kept us from reading all of it.
fn words(problems: &[Problem]) -> Vec<String> {
    let broken = problems.iter();
    let broken = broken.filter(|problem| problem.kind != ProblemKind::Unknown);
    broken.map(|problem| problem.message.clone()).collect()
}

/// The files of a configuration, and the folders in which more may appear.
fn watched(model: &Model) -> impl Iterator<Item = PathBuf> {
    let files = model.sources.iter();
    let files = files.filter(|(_, source)| source.via.is_none());
    let files = files.map(|(_, source)| PathBuf::from(source.shown().to_string()));
    let mut paths: Vec<PathBuf> = files
        .filter_map(|path| std::path::absolute(path).ok())
        .collect();
    let folders: Vec<PathBuf> = paths
        .iter()
        .filter_map(|path| path.parent())
        .map(Path::to_owned)
        .collect();
    paths.extend(folders);
    paths.sort();
    paths.dedup();
    paths.into_iter()
}

fn stamp(path: &Path) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len(), meta.ino()))
}

/// The chains of the routes that end at a pool.
fn routes(model: &Model) -> Vec<RouteView> {
    let link = |name, limit: &Result<base::Setting<Limit>, String>| Link {
        name,
        limit: match limit {
            Ok(setting) => Ok(setting.value.fires_after()),
            Err(why) => Err(why.clone()),
        },
    };
    let of = |chain: &model::chain::Chain<'_>| RouteView {
        route: chain.route.label.clone(),
        pool: chain.pool.shown_name(),
        links: [
            link("max_execution_time", &chain.execution),
            link("request_terminate_timeout", &chain.terminate),
            link("fastcgi_read_timeout", &chain.read),
        ],
    };
    chains(model).iter().map(of).collect()
}

/// How long nginx may keep lines of any access log to itself (`access_log … buffer= flush=`), in
/// milliseconds.
fn buffered(model: &Model) -> u64 {
    let mut longest = 0;
    for nginx in &model.nginx {
        let config = &nginx.config;
        for item in config
            .scopes()
            .flat_map(|(id, _)| config.all(id, "access_log"))
        {
            let words = config.args(item);
            let value = |name: &[u8]| words.iter().find_map(|word| word.strip_prefix(name));
            let flush = value(b"flush=").and_then(|text| time_msec(text).ok());
            let is_kept = value(b"buffer=").is_some() || value(b"gzip").is_some();
            longest = longest.max(match flush {
                Some(flush) => flush,
                None if is_kept => UNFLUSHED,
                None => 0,
            });
        }
    }
    longest.min(2 * UNFLUSHED)
}
