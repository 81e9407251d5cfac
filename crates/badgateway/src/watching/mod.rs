//! `agent` and `top`: watch the pools and the logs of this host until they are told to stop.

mod config;
mod push;
mod serve;
mod terminal;
mod top;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use agent::Published;
use agent::follow::{Beginning, Wanted};
use agent::watch::{Agent, Options, Stop};
use logs::LogKind;
use model::nginx::value::time_msec;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::cli::{AgentArgs, FollowArgs, PoolArgs};
use crate::run::Outcome;
use crate::talk;

use config::Reader;
pub(crate) use top::top;

/// Runs the command.
pub(crate) fn agent(args: &AgentArgs, _out: &mut dyn Write) -> io::Result<Outcome> {
    match start(args) {
        Ok(()) => Ok(Outcome::Clean),
        Err(why) => {
            talk(&format!("error: {why}"));
            Ok(Outcome::Undecided)
        }
    }
}

fn start(args: &AgentArgs) -> Result<(), String> {
    let options = Options {
        state: state_file(args),
        interval: interval(&args.pools, "2s")?,
        patience: time("--timeout", &args.pools.timeout)?,
        settle: time("--settle", &args.settle)?,
        from: match args.from_start {
            true => Beginning::Start,
            false => Beginning::End,
        },
    };
    if options.state.is_none() {
        talk("note: no state is kept: counters begin at 0 with every start (--state FILE)");
    }
    let logs = wanted(&args.follow)?;
    let mut agent = Agent::new(options.clone())?;
    let published = Arc::new(Published::default());
    serve::start(args, &published)?;
    let pusher = push::start(args, options.state.as_deref(), &published)?;
    if let Some(pusher) = &pusher {
        agent.show(pusher.pushed());
    }
    let stop = Stop::default();
    let reload = signals(&stop).map_err(|error| format!("signals: {error}"))?;
    let mut reader = Reader::new(&args.input, logs);
    let mut again = || reload.swap(false, Ordering::Relaxed);
    let mut note = |text: &str| talk(&format!("badgateway: {text}"));
    let mut load = |force| reader.next(force);
    let ended = agent.run(&mut load, &published, &stop, &mut again, &mut note);
    if let Some(pusher) = pusher {
        pusher.stop();
    }
    ended.map_err(|error| error.to_string())
}

/// Stops on TERM and INT; HUP reads the configuration again.
fn signals(stop: &Stop) -> io::Result<Arc<AtomicBool>> {
    let reload = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGHUP, Arc::clone(&reload))?;
    stop_on(&[SIGTERM, SIGINT], stop)?;
    Ok(reload)
}

/// Stops when one of these signals comes.
fn stop_on(signals: &[i32], stop: &Stop) -> io::Result<()> {
    let stop = stop.clone();
    let mut ends = signal_hook::iterator::Signals::new(signals)?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if ends.forever().next().is_some() {
                stop.set();
            }
        })?;
    Ok(())
}

/// Where the state is kept: as asked, where systemd says, or where this user may write.
fn state_file(args: &AgentArgs) -> Option<PathBuf> {
    const NAME: &str = "agent.json";
    if args.no_state {
        return None;
    }
    let env = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let of_systemd = || {
        let all = env("STATE_DIRECTORY")?.into_string().ok()?;
        Some(PathBuf::from(all.split(':').next()?).join(NAME))
    };
    let of_user = || {
        let home = || env("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        let base = env("XDG_STATE_HOME").map(PathBuf::from).or_else(home)?;
        Some(base.join("badgateway").join(NAME))
    };
    let of_root = || {
        let dir = PathBuf::from("/var/lib/badgateway");
        rustix::process::geteuid().is_root().then(|| dir.join(NAME))
    };
    args.state
        .clone()
        .or_else(of_systemd)
        .or_else(of_root)
        .or_else(of_user)
}

/// The logs that were named besides those of the configuration.
fn wanted(args: &FollowArgs) -> Result<Vec<Wanted>, String> {
    let one = |text: &String| {
        let (kind, path) = match text.split_once('=') {
            Some((word, path)) if LogKind::from_word(word).is_some() => {
                (LogKind::from_word(word), path)
            }
            _ => (None, text.as_str()),
        };
        let path = std::path::absolute(path).map_err(|error| format!("--log {text}: {error}"))?;
        Ok(Wanted::file(path).of_kind(kind))
    };
    let mut all = args
        .logs
        .iter()
        .map(one)
        .collect::<Result<Vec<_>, String>>()?;
    if args.journal {
        all.push(Wanted::journal(args.journal_directory.clone()));
    }
    Ok(all)
}

/// How often the pools are asked.
fn interval(pools: &PoolArgs, usual: &str) -> Result<Duration, String> {
    time("--interval", pools.interval.as_deref().unwrap_or(usual))
}

fn time(name: &str, text: &str) -> Result<Duration, String> {
    match time_msec(text.as_bytes()) {
        Ok(ms) if (1..=3_600_000).contains(&ms) => Ok(Duration::from_millis(ms)),
        _ => Err(format!(
            "{name}: write a time such as 2s or 500ms, at most an hour"
        )),
    }
}
