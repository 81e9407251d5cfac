//! FPM instances and their pools, and what can be asked of them.

use std::sync::OnceLock;

use base::source::printable;
use base::{FileId, FilePath, Limit, Millis, Origin, ProblemKind, Setting, Span};

use super::layers::{Extra, PhpIni, PhpSet};
use super::listen::{self, NoListen};
use super::read::Reader;
use super::settings::Settings;
use super::value::FpmTime;
use super::{Assignment, FpmInput, InputKind, PhpVersion, Unknown, check};
use crate::address::Address;
use crate::load::Loader;

/// One pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: Vec<u8>,
    /// Its `[name]`; a part of a pool has none.
    pub header: Option<Span>,
    /// Its settings.
    pub settings: Settings,
    /// Its php values in the order in which they are written. Of equal names **the first** is in
    /// force: FPM builds the list from its end (`fpm_conf_set_array`).
    pub php: Vec<PhpSet>,
    /// Its `env[…]`, in the order in which they are written.
    pub env: Vec<(Vec<u8>, Assignment)>,
    /// What relative paths are behind: its own `prefix`, or the one PHP was built with.
    pub prefix: Option<Vec<u8>>,
}

impl Pool {
    /// Where it listens.
    ///
    /// # Errors
    /// When that is not set, not known, or no address.
    pub fn listen(&self) -> Result<Setting<Address>, NoListen> {
        let unset = || NoListen::Refused("no listen address have been defined!".to_owned());
        let text = self.settings.text("listen").ok_or_else(unset)?;
        let text = text.map_err(NoListen::Unknown)?;
        if text.value.is_empty() {
            return Err(unset());
        }
        let address = listen::address(&text.value, self.prefix.as_deref())?;
        Ok(text.map(|_| address))
    }

    /// Where it listens; `None` when that is not set or not known.
    pub fn listen_address(&self) -> Option<Address> {
        self.listen().ok().map(|setting| setting.value)
    }

    /// Where its status page listens on its own (`pm.status_listen`, since 8.0).
    pub fn status_address(&self) -> Option<Address> {
        let text = self.settings.text("pm.status_listen")?.ok()?;
        listen::address(&text.value, self.prefix.as_deref()).ok()
    }

    /// The extensions FPM runs (`security.limit_extensions`); empty for all.
    ///
    /// # Errors
    /// When a template or the environment fills it.
    pub fn limit_extensions(&self) -> Result<Setting<Vec<Vec<u8>>>, Unknown> {
        let name = "security.limit_extensions";
        let text = self
            .settings
            .effective(name)
            .unwrap_or_else(|| Err(format!("`{name}` has no default")))?;
        let words = text.value.split(|b| matches!(b, b' ' | b'\t'));
        let words = words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec);
        let words = words.collect();
        Ok(text.map(|_| words))
    }

    /// A place that stands for the pool: its `listen`, else its header, else any setting.
    pub fn place(&self) -> Option<Span> {
        let listen = self.settings.get("listen").map(|a| a.span);
        let any = || self.settings.first_span();
        listen.or(self.header).or_else(any)
    }

    /// The name for messages.
    pub fn shown_name(&self) -> String {
        printable(&self.name)
    }
}

/// When FPM refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// With `php-fpm -t` and at start.
    Test,
    /// Only at start: `-t` opens no socket.
    Start,
    /// With both, when the master runs as root without `-R`, as it mostly does.
    AsRoot,
}

/// Something that keeps FPM from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The place, if there is one.
    pub span: Option<Span>,
    /// Index of the pool, if it is about one.
    pub pool: Option<usize>,
    /// FPM's own words, without the time stamp and `[file:line]`.
    pub message: String,
    /// When it refuses.
    pub stage: Stage,
    /// A rule finds it too, and says more.
    pub has_rule: bool,
}

/// What all pools together make of FPM's watch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    is_off: bool,
    lateness: Millis,
}

/// One PHP-FPM.
#[derive(Debug)]
pub struct Fpm {
    /// Asked for by every chain, and the same for all.
    pub(super) watch: OnceLock<Watch>,
    /// Its main file, or the first of its fragments.
    pub main: FilePath,
    /// What the input was.
    pub kind: InputKind,
    /// Its machine, when there are several: its index in `Model::machines`.
    pub machine: Option<usize>,
    /// Its version, where the place tells it.
    pub version: Option<PhpVersion>,
    /// `[global]`.
    pub global: Settings,
    /// Its pools.
    pub pools: Vec<Pool>,
    /// Its php.ini.
    pub php_ini: PhpIni,
    /// What keeps it from starting, in the order in which it would notice; it names only the
    /// first. Empty for a dump, which comes from a running FPM.
    pub refusals: Vec<Refusal>,
    /// Where PHP was installed, as far as the main file's place tells it.
    pub prefix: Option<Vec<u8>>,
    pub(super) comments: Vec<(FileId, Vec<(u32, u32)>)>,
}

/// FPM looks at least this long apart (`FPM_PCTL_MIN_HEARTBEAT` in `fpm_process_ctl.h`).
const SHORTEST_HEARTBEAT: u64 = 130;

/// The limits FPM watches, in the order in which it reads them.
const WATCHED: [&str; 2] = ["request_terminate_timeout", "request_slowlog_timeout"];

impl Fpm {
    /// A limit of a pool that FPM watches. A negative value in any pool switches the watch off for
    /// all (`fpm_conf_process_all_pools` takes the smallest).
    ///
    /// # Errors
    /// Why the value is not known.
    pub fn limit(&self, pool: &Pool, name: &str) -> Result<Setting<Limit>, Unknown> {
        let time = pool.settings.time(name)?;
        let off = self.watch.get_or_init(|| self.look()).is_off;
        Ok(time.map(|time| match time {
            FpmTime::After(after) if !off => Limit::After(after),
            _ => Limit::Off,
        }))
    }

    /// The pool, the setting and the place whose time switches the watch off, if one does: a
    /// negative one, or one of 25 days and more, whose milliseconds wrap around to a negative
    /// number.
    pub fn watch_off(&self) -> Option<(&Pool, &'static str, Span)> {
        self.pools.iter().find_map(|pool| {
            WATCHED.iter().find_map(|name| {
                let seconds = pool.settings.seconds(name).ok()?;
                let at = seconds.origin.span()?;
                (third(seconds.value) < 0).then_some((pool, *name, at))
            })
        })
    }

    /// How far apart FPM looks: a third of the shortest limit of any pool.
    pub fn lateness(&self) -> Millis {
        self.watch.get_or_init(|| self.look()).lateness
    }

    fn look(&self) -> Watch {
        let limits = self.pools.iter().flat_map(|pool| {
            WATCHED.map(|name| pool.settings.seconds(name).map_or(0, |s| s.value))
        });
        let thirds = limits.filter(|seconds| *seconds != 0).map(third);
        let shortest = thirds.min().and_then(|ms| u64::try_from(ms).ok());
        Watch {
            is_off: self.watch_off().is_some(),
            lateness: Millis(shortest.unwrap_or(0).max(SHORTEST_HEARTBEAT)),
        }
    }

    /// How late FPM may end a request of this pool, in the worst case: one look apart, or two when
    /// the slow log is due at the same look (`fpm_request_check_timed_out` does one or the other).
    pub fn kill_slack(&self, pool: &Pool) -> Millis {
        let apart = self.lateness().0;
        let time = |name| match pool.settings.time(name).map(|s| s.value) {
            Ok(FpmTime::After(after)) => Some(after.0),
            _ => None,
        };
        let (Some(end), Some(slow)) = (time(WATCHED[0]), time(WATCHED[1])) else {
            return Millis(apart);
        };
        match end.checked_sub(slow) {
            Some(gap) if gap < apart => Millis(2 * apart - gap),
            _ => Millis(apart),
        }
    }

    /// The effective value of a PHP setting for requests of a pool.
    ///
    /// # Errors
    /// Why the value is not known.
    pub fn php(
        &self,
        pool: &Pool,
        extras: &[Extra],
        name: &str,
    ) -> Result<Setting<Vec<u8>>, Unknown> {
        let is_set = pool.php.iter().any(|set| set.name == name.as_bytes());
        if let Some(why) = pool.settings.gap().filter(|_| !is_set) {
            return Err(format!(
                "whether the pool sets `{name}` is not known: {why}"
            ));
        }
        self.php_ini.effective(&pool.php, extras, name)
    }

    /// Comments of every file, as byte ranges.
    pub fn comments(&self) -> impl Iterator<Item = (FileId, &[(u32, u32)])> {
        let all = self.comments.iter().chain(&self.php_ini.comments);
        all.map(|(file, comments)| (*file, comments.as_slice()))
    }

    /// Whether nothing but the default is known of the origin of a setting that a fragment leaves
    /// out: what surrounds it may set it.
    pub fn may_be_set_elsewhere(&self, origin: &Origin) -> bool {
        self.kind == InputKind::Fragments && matches!(origin, Origin::Default { .. })
    }
}

/// `(seconds * 1000) / 3` in a C `int`.
fn third(seconds: i32) -> i32 {
    seconds.wrapping_mul(1000) / 3
}

/// Reads one FPM. What cannot be read goes to the loader's problems; what would keep it from
/// starting goes there and to [`Fpm::refusals`].
pub fn load(loader: &mut Loader<'_>, input: &FpmInput) -> Fpm {
    let before = loader.problems.len();
    let php_ini = PhpIni::load(loader, input);
    let mut reader = Reader::new(loader, input, php_ini);
    reader.read(input);
    let mut fpm = reader.fpm;
    if fpm.kind == InputKind::Main {
        let complete = loader.problems.len() == before;
        check::instance(&mut fpm, complete);
    }
    report(loader, &fpm);
    fpm
}

/// Refusals are problems too: nothing can be said of an FPM that does not start.
fn report(loader: &mut Loader<'_>, fpm: &Fpm) {
    for refusal in &fpm.refusals {
        if refusal.stage == Stage::AsRoot || refusal.has_rule {
            continue;
        }
        let message = format!("{}; PHP-FPM would refuse to start", refusal.message);
        loader.problem(ProblemKind::Syntax, refusal.span, message);
    }
}
