//! `top`: the agent without a state, on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use agent::Published;
use agent::follow::Beginning;
use agent::screen::Screen;
use agent::watch::{Agent, Options, Stop};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::config::Reader;
use super::terminal::{Heard, Terminal};
use super::{interval, stop_on, time, wanted};
use crate::cli::TopArgs;
use crate::load::prepare;
use crate::run::Outcome;
use crate::talk;
use crate::talking::Silence;

/// How often it is drawn.
const TICK: Duration = Duration::from_millis(250);
/// How long the lines of an incident have to come in: people wait, too.
const SETTLE: Duration = Duration::from_secs(2);
/// How much of a log is read of what was written before.
const BACK: u64 = 8 << 20;

/// Runs the command.
pub(crate) fn top(args: &TopArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        talk("error: `top` draws on a terminal, and there is none: `badgateway status` looks once");
        return Ok(Outcome::Undecided);
    }
    match show(args, out) {
        Ok(()) => Ok(Outcome::Clean),
        Err(why) => {
            talk(&format!("error: {why}"));
            Ok(Outcome::Undecided)
        }
    }
}

fn show(args: &TopArgs, out: &mut dyn Write) -> Result<(), String> {
    let options = Options {
        state: None,
        interval: interval(&args.pools, "1s")?,
        patience: time("--timeout", &args.pools.timeout)?,
        settle: SETTLE,
        from: Beginning::Back(BACK),
    };
    let logs = wanted(&args.follow)?;
    // What is wrong with the arguments is said while it can be read.
    if prepare(&args.input).is_none() {
        return Err("the configuration could not be looked for".to_owned());
    }
    let mut agent = Agent::new(options)?;
    let published = Arc::new(Published::default());
    let stop = Stop::default();
    stop_on(&[SIGTERM, SIGINT, SIGHUP], &stop).map_err(|error| format!("signals: {error}"))?;
    let silence = Silence::begin();
    let watched = thread::scope(|scope| {
        let watching = thread::Builder::new().name("watch".to_owned());
        let watching = watching.spawn_scoped(scope, || {
            let mut reader = Reader::new(&args.input, logs);
            let mut load = |force| reader.next(force);
            let ended = agent.run(&mut load, &published, &stop, &mut || false, &mut talk);
            // Without it the picture would stand still.
            stop.set();
            ended
        })?;
        let shown = draw(args, out, &published, &stop, &silence);
        stop.set();
        let watched = watching.join();
        let panicked = || io::Error::other("the thread that watches has ended");
        shown.and(watched.unwrap_or_else(|_| Err(panicked())))
    });
    watched.map_err(|error| error.to_string())
}

/// Draws and listens until somebody quits, or the terminal goes.
fn draw(
    args: &TopArgs,
    out: &mut dyn Write,
    published: &Published,
    stop: &Stop,
    silence: &Silence,
) -> io::Result<()> {
    let has_colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut screen = Screen::new(usize::from(args.minutes), has_colour);
    let mut terminal = Terminal::take(out)?;
    let mut shown = published.get();
    while !stop.is_set() {
        if !screen.is_paused() {
            shown = published.get();
        }
        let now = agent::watch::now();
        let notes = silence.words();
        terminal.draw(|frame| screen.draw(&shown, &notes, now, frame))?;
        match terminal.hear(TICK)? {
            Heard::Keys(keys) => {
                if !keys.into_iter().all(|key| screen.press(key, &shown)) {
                    break;
                }
            }
            Heard::Gone => break,
        }
    }
    Ok(())
}
