//! Pools against `php-fpm -tt`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::{FilePath, Sources};
use lab::differential::{assert_agreement, shown};
use lab::live::Disk;
use lab::php::{FpmVerdict, Pairs, dump_pairs, fpm_version, test_fpm};
use lab::scratch::Scratch;
use model::Loader;
use model::php::defaults::{FPM_OPTIONS, FpmType, Scope, fpm_option};
use model::php::{self, Fpm, FpmInput, PhpVersion, Refusal, Settings, Stage};
use syntax::ini::{Dialect, parse};

use crate::cases;

/// A pool that FPM accepts; the text of a case follows.
const POOL: &str = "[global]\nerror_log = @DIR@/fpm.log\n[www]\nuser = www-data\n\
                    listen = @DIR@/www.sock\npm = static\npm.max_children = 2\n";

/// What depends on the machine and not on the text.
fn is_machine(message: &[u8]) -> bool {
    let parts: [&[u8]; 7] = [
        b"cannot get uid for user",
        b"cannot get gid for group",
        b"does not exist or is not a directory",
        b"Unable to create or open slowlog",
        b"failed to open error_log",
        b"failed to open access log",
        b"Unable to globalize",
    ];
    parts
        .iter()
        .any(|part| message.windows(part.len()).any(|w| w == *part))
}

fn read(mut file: FpmInput) -> (Fpm, Sources) {
    static VERSION: OnceLock<Option<PhpVersion>> = OnceLock::new();
    file.version = *VERSION.get_or_init(|| PhpVersion::parse(&fpm_version()));
    let disk = Disk;
    let mut loader = Loader::new(&disk);
    let fpm = php::load(&mut loader, &file);
    (fpm, loader.sources)
}

fn main_file(scratch: &Scratch) -> FilePath {
    FilePath::new(scratch.path().join("fpm.conf").display().to_string())
}

#[derive(Default)]
struct Tally {
    accepted: AtomicUsize,
    refused: AtomicUsize,
}

fn compare(scratch: &Scratch, text: &[u8], tally: &Tally) -> Option<String> {
    let dir = scratch.path().display().to_string();
    let text = replace(text, b"@DIR@", dir.as_bytes());
    let path = scratch.write("fpm.conf", &text);
    let tree = parse(&text, Dialect::Fpm);
    if tree.print(&text) != text {
        return Some(format!("{}: printing gives other bytes", shown(&text)));
    }
    let verdict = test_fpm(&path, "-tt");
    let which = match verdict.ok {
        true => &tally.accepted,
        false => &tally.refused,
    };
    which.fetch_add(1, Ordering::Relaxed);
    let (fpm, sources) = read(FpmInput::main(main_file(scratch)));
    let why = match verdict.ok {
        true => accepted(scratch, &fpm, &verdict),
        false => refused(&fpm, &sources, &verdict),
    };
    let shown = shown(text.strip_prefix(start(&dir).as_bytes()).unwrap_or(&text));
    why.map(|why| format!("{shown}: {why}"))
}

fn start(dir: &str) -> String {
    POOL.replace("@DIR@", dir)
}

fn replace(text: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    while let Some(at) = out.windows(what.len()).position(|w| w == what) {
        out.splice(at..at + what.len(), with.iter().copied());
    }
    out
}

/// The first thing that `-t` refuses; `-R` was given, so root does not matter.
fn first_refusal(fpm: &Fpm) -> Option<&Refusal> {
    fpm.refusals.iter().find(|r| r.stage == Stage::Test)
}

fn refused(fpm: &Fpm, sources: &Sources, verdict: &FpmVerdict) -> Option<String> {
    let said = base::source::printable(&verdict.message);
    if is_machine(&verdict.message) {
        return None;
    }
    let Some(ours) = first_refusal(fpm) else {
        return Some(format!("FPM: {said} on line {}; we accept", verdict.line));
    };
    if ours.message != said {
        return Some(format!("FPM: {said}; we: {}", ours.message));
    }
    let line = ours.span.map(|span| {
        let bytes = &sources.get(span.file).bytes[..span.start as usize];
        bytes.iter().filter(|b| **b == b'\n').count() + 1
    });
    let wanted = usize::try_from(verdict.line).unwrap_or(0);
    let differs = wanted != 0 && line != Some(wanted);
    differs.then(|| format!("FPM: {said} on line {wanted}; we on {line:?}"))
}

fn accepted(scratch: &Scratch, fpm: &Fpm, verdict: &FpmVerdict) -> Option<String> {
    if let Some(ours) = first_refusal(fpm) {
        return Some(format!("FPM accepts; we: {}", ours.message));
    }
    let dump = dump_pairs(&verdict.output);
    let names: Vec<_> = dump.iter().skip(1).map(|(name, _)| name.clone()).collect();
    let ours: Vec<_> = fpm.pools.iter().map(|pool| pool.name.clone()).collect();
    if names != ours {
        return Some(format!("pools: FPM {names:?}, we {ours:?}"));
    }
    let differing = differing(fpm, &dump);
    // The dump is an input of its own, and must say the same.
    scratch.write("dump.txt", &verdict.output);
    let path = scratch.path().join("dump.txt").display().to_string();
    let (again, _) = read(FpmInput::dump(FilePath::new(path)));
    differing.or_else(|| {
        let why = self::differing(&again, &dump)?;
        Some(format!("read from the dump: {why}"))
    })
}

fn differing(fpm: &Fpm, dump: &[(Vec<u8>, Pairs)]) -> Option<String> {
    let (_, global) = dump.first()?;
    if let Some(why) = settings(&fpm.global, Scope::Global, global) {
        return Some(format!("[global] {why}"));
    }
    for (pool, (_, pairs)) in fpm.pools.iter().zip(&dump[1..]) {
        let name = pool.shown_name();
        if let Some(why) = settings(&pool.settings, Scope::Pool, pairs) {
            return Some(format!("[{name}] {why}"));
        }
        for admin in [false, true] {
            let prefix: &[u8] = if admin {
                b"php_admin_value["
            } else {
                b"php_value["
            };
            let mut theirs: Pairs = pairs.clone();
            theirs.retain(|(key, _)| key.starts_with(prefix));
            theirs.reverse();
            let ours = pool.php.iter().filter(|set| set.admin == admin);
            let ours: Pairs = ours
                .map(|set| {
                    let key = [prefix, set.name.as_slice(), b"]"].concat();
                    let known = set.assignment.holes.is_empty();
                    let text = first_line(&set.assignment.text);
                    (key, if known { text } else { b"?".to_vec() })
                })
                .collect();
            // What the files do not tell has no value to compare.
            for (at, (_, value)) in theirs.iter_mut().enumerate() {
                if ours.get(at).is_some_and(|(_, ours)| ours == b"?") {
                    *value = b"?".to_vec();
                }
            }
            if ours != theirs {
                let (ours, theirs) = (lossy(&ours), lossy(&theirs));
                return Some(format!("[{name}] php values: FPM {theirs:?}, we {ours:?}"));
            }
        }
    }
    None
}

fn lossy(pairs: &Pairs) -> Vec<String> {
    let text = |(k, v): &(Vec<u8>, Vec<u8>)| {
        format!(
            "{} = {}",
            String::from_utf8_lossy(k),
            String::from_utf8_lossy(v)
        )
    };
    pairs.iter().map(text).collect()
}

/// The dump prints what lies behind a line feed as a line without a time stamp.
fn first_line(text: &[u8]) -> Vec<u8> {
    text.split(|&b| b == b'\n')
        .next()
        .unwrap_or_default()
        .to_vec()
}

fn settings(ours: &Settings, scope: Scope, theirs: &Pairs) -> Option<String> {
    theirs.iter().find_map(|(key, value)| {
        let name = std::str::from_utf8(key).ok()?;
        let row = fpm_option(scope, key)?;
        let said = effective(ours, name, row.kind)?;
        let value = String::from_utf8_lossy(value);
        (said != value).then(|| format!("{name}: FPM `{value}`, we `{said}`"))
    })
}

/// Our value as the dump would print it; `None` for what the dump shows in another form.
fn effective(settings: &Settings, name: &str, kind: FpmType) -> Option<String> {
    // FPM fills these in or completes them after reading: `log_level` and the syslog facility are
    // printed as numbers of other tables, paths with their prefix, a mode of 0660 as nothing.
    const COMPLETED: [&str; 17] = [
        "systemd_interval",
        "log_level",
        "syslog.facility",
        "events.mechanism",
        "error_log",
        "pid",
        "daemonize",
        "listen",
        "listen.mode",
        "slowlog",
        "access.log",
        "access.format",
        "ping.response",
        "chroot",
        "chdir",
        "prefix",
        "pm.start_servers",
    ];
    let status_of_its_own = name == "pm.status_path" && settings.get("pm.status_listen").is_some();
    if COMPLETED.contains(&name) || status_of_its_own {
        return None;
    }
    let undefined = || Some("undefined".to_owned());
    match kind {
        FpmType::Time => {
            let seconds = settings.seconds(name).ok()?.value;
            let unit = if name == "pm.process_idle_timeout" {
                ""
            } else {
                "s"
            };
            Some(format!("{seconds}{unit}"))
        }
        FpmType::Integer if name == "process.priority" => match settings.get(name) {
            None => undefined(),
            Some(_) => match settings.number(name, 0).ok()?.value {
                // FPM's own sign for "not set".
                64 => undefined(),
                value => Some(value.to_string()),
            },
        },
        // Zero is taken for "not set".
        FpmType::Integer if name == "request_slowlog_trace_depth" => {
            let depth = settings.number(name, 0).ok()?.value;
            Some(if depth == 0 { 20 } else { depth }.to_string())
        }
        FpmType::Integer => Some(settings.number(name, 0).ok()?.value.to_string()),
        FpmType::Boolean => {
            let on = settings.switch(name).ok()?.value;
            Some(if on { "yes" } else { "no" }.to_owned())
        }
        FpmType::Text | FpmType::Manager => match settings.effective(name) {
            None => undefined(),
            Some(text) => {
                let text = text.ok()?.value;
                Some(String::from_utf8_lossy(&first_line(&text)).into_owned())
            }
        },
        FpmType::RlimitCore | FpmType::LogLevel | FpmType::Facility => None,
    }
}

fn run(label: &str, texts: &[Vec<u8>]) {
    let tally = Tally::default();
    assert_agreement(label, texts, |scratch, text| compare(scratch, text, &tally));
    let (yes, no) = (
        tally.accepted.load(Ordering::Relaxed),
        tally.refused.load(Ordering::Relaxed),
    );
    assert!(
        yes * 20 > texts.len() && no * 20 > texts.len(),
        "{label}: {yes} accepted, {no} refused: one side is hardly tested"
    );
}

fn in_pool(line: &[u8]) -> Vec<u8> {
    [POOL.as_bytes(), line].concat()
}

/// Hand-picked lines behind a pool, and whole files.
#[test]
fn picked() {
    let lines = cases::LINES.iter().map(|line| in_pool(line.as_bytes()));
    let files = cases::FILES.iter().map(|file| file.as_bytes().to_vec());
    let texts: Vec<_> = lines.chain(files).collect();
    assert!(texts.len() >= 150, "only {} cases", texts.len());
    run("fpm-picked", &texts);
}

/// Every setting with every kind of value.
#[test]
fn every_setting() {
    // Opening logs anywhere, and directories, depend on the machine.
    const LEFT_OUT: [&str; 7] = [
        "error_log",
        "access.log",
        "slowlog",
        "prefix",
        "chroot",
        "chdir",
        "events.mechanism",
    ];
    let rows = FPM_OPTIONS
        .iter()
        .filter(|row| !LEFT_OUT.contains(&row.name));
    let texts: Vec<_> = rows
        .flat_map(|row| {
            let header = if row.scope == Scope::Global {
                "[global]\n"
            } else {
                ""
            };
            let values = cases::VALUES.iter();
            values.map(move |value| in_pool(format!("{header}{} = {value}\n", row.name).as_bytes()))
        })
        .collect();
    run("fpm-settings", &texts);
}

#[test]
fn token_soup() {
    let soup = cases::soup(0x5eed_0003, 1200, cases::FPM_TOKENS);
    let texts: Vec<_> = (0..)
        .zip(&soup)
        .map(|(n, text)| match n % 2 {
            // Most sequences are no statement; as a value most are fine.
            0 => in_pool(&[b"ping.response = ", text.as_slice()].concat()),
            _ => in_pool(text),
        })
        .collect();
    run("fpm-soup", &texts);
}
