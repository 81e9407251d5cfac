//! Incidents made to happen on the real nginx and php-fpm, and what `badgateway diagnose` says of
//! them: with all logs and the configuration, and with less. A cause may be missing where the
//! evidence is; a wrong one never.

mod backends;
mod judge;
mod limits;
mod mixed;
mod php;
mod queue;
mod retries;
mod stage;
mod workers;

use judge::Table;
use stage::Scene;

fn scenes() -> Vec<Scene> {
    [
        workers::scenes(),
        queue::scenes(),
        backends::scenes(),
        php::scenes(),
        retries::scenes(),
        limits::scenes(),
    ]
    .concat()
}

/// Every scene by itself, several at a time: most of their time is waiting.
#[test]
fn every_incident_gets_its_cause_or_an_honest_undetermined() {
    let mut table = Table::default();
    let scenes = scenes();
    for few in scenes.chunks(6) {
        let runs: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> = few
                .iter()
                .map(|scene| scope.spawn(move || scene.play()))
                .collect();
            let ended = started.into_iter().map(|run| run.join());
            ended
                .map(|run| run.expect("the scene was played"))
                .collect()
        });
        for run in &runs {
            table.judge(run);
        }
    }
    table.close("scenes");
}

/// More than fifty requests at once, of all kinds, in three pools.
#[test]
fn a_busy_server_is_told_apart_too() {
    let mut table = Table::default();
    table.judge(&mixed::play());
    table.close("mixed");
}
