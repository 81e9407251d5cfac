//! `badgateway agent` on the real nginx, php-fpm and Prometheus.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use agent::follow::{Beginning, Follower, Positions, Wanted};
use diagnose::State;
use intake::Configured;
use lab::agent::{Agent, shown, stack};
use lab::live::{Stack, Texts};
use lab::prometheus::Prometheus;
use lab::scratch::Scratch;

const PATIENCE: Duration = Duration::from_secs(20);

/// The arguments for a stack.
fn args(stack: &Stack, state: &Scratch, more: &[&str]) -> Vec<String> {
    let dir = shown(stack.dir());
    let mut args = vec![
        format!("{dir}/nginx.conf"),
        format!("{dir}/php-fpm.conf"),
        "--state".to_owned(),
        shown(&state.path().join("agent.json")),
        "--settle".to_owned(),
        "2s".to_owned(),
    ];
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    args
}

fn start(stack: &Stack, state: &Scratch, more: &[&str]) -> Agent {
    let args = args(stack, state, more);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    Agent::start(&args)
}

fn incidents(agent: &Agent, cause: &str) -> f64 {
    let label = format!("cause=\"{cause}\"");
    let value = agent.value(&["badgateway_incidents_total{", &label]);
    value.unwrap_or(0.0)
}

/// Requests that fail are counted by cause, once each, whenever the agent is killed.
#[test]
fn causes_are_counted_once_whenever_it_is_killed() {
    let stack = stack();
    let state = Scratch::new("agent-state");
    let mut agent = Some(start(&stack, &state, &[]));
    let mut expected = 0;
    for round in 0..6_u64 {
        thread::scope(|scope| {
            for number in 0..3 {
                let stack = &stack;
                scope.spawn(move || stack.get(&format!("/sleep.php?9&{round}-{number}")));
            }
            for number in 0..5 {
                let response = stack.get(&format!("/gone?{round}-{number}"));
                assert_eq!(response.status, 502);
            }
            // Somewhere between the lines and their being counted and saved.
            thread::sleep(Duration::from_millis(700 * round));
            agent.take().expect("it runs").kill();
            agent = Some(start(&stack, &state, &[]));
        });
        expected += 1;
    }
    let agent = agent.expect("it runs");
    let (missing, ended) = (f64::from(expected * 5), f64::from(expected * 3));
    agent.until("all causes are counted", PATIENCE, |agent| {
        incidents(agent, "fpm-socket-missing") >= missing
            && incidents(agent, "worker-terminated-by-timeout") >= ended
    });
    thread::sleep(Duration::from_secs(4));
    assert_eq!(incidents(&agent, "fpm-socket-missing"), missing);
    assert_eq!(incidents(&agent, "worker-terminated-by-timeout"), ended);
    let total = agent.value(&["badgateway_incidents_total{"]);
    assert_eq!(total, Some(missing + ended), "{}", agent.get("/metrics").1);
    assert_eq!(
        agent.value(&["badgateway_terminate_timeouts_total{pool=\"www\""]),
        Some(ended)
    );
    let bad = agent.value(&["badgateway_http_responses_total{", "code=\"502\""]);
    assert_eq!(bad, Some(missing + ended));
    // What is shown of them has evidence, and the route of the configuration.
    let (_, list) = agent.get("/incidents?cause=worker-terminated-by-timeout&limit=1");
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let one = &list["incidents"][0];
    assert!(
        one["route"]
            .as_str()
            .is_some_and(|route| route.starts_with("shop.example")),
        "{one}"
    );
    assert_eq!(one["pool"], "www");
    assert!(
        one["evidence"]
            .as_array()
            .is_some_and(|lines| lines.len() >= 2),
        "{one}"
    );
    assert_eq!(agent.stop(), Some(0));
}

/// Prometheus asks the agent: every query of the dashboard has an answer, and alerts come.
#[test]
fn prometheus_sees_it() {
    let stack = stack();
    let state = Scratch::new("agent-state");
    // A busy machine has other things to do as well.
    let agent = start(&stack, &state, &["--interval", "500ms"]);
    let scrape = agent::generate::Scrape {
        address: ([127, 0, 0, 1], agent.port()).into(),
        token_file: None,
        tls: false,
    };
    let config = format!(
        "global:\n  evaluation_interval: 1s\nrule_files: [badgateway.rules.yml]\n{}",
        agent::generate::scrape_config(&scrape).replace("15s", "1s")
    );
    let rules = ("badgateway.rules.yml", agent::generate::rules(0.999));
    let prometheus = Prometheus::start(&config, &[rules]);
    // It looks for targets every five seconds only; the requests below do not wait for that.
    prometheus.until_data("up == 1", PATIENCE);
    thread::scope(|scope| {
        // Four workers are busy, and more requests wait; all of them are ended.
        for number in 0..24 {
            let stack = &stack;
            scope.spawn(move || stack.get(&format!("/sleep.php?3&{number}")));
        }
        prometheus.until_data(
            "ALERTS{alertname=\"BadgatewayPoolSaturated\"}",
            Duration::from_secs(12),
        );
    });
    for _ in 0..5 {
        assert_eq!(stack.get("/gone").status, 502);
        assert_eq!(stack.get("/ok.php").status, 200);
    }
    agent.until("they are counted", PATIENCE, |agent| {
        incidents(agent, "fpm-socket-missing") == 5.0
            && incidents(agent, "worker-terminated-by-timeout") > 0.0
    });
    thread::sleep(Duration::from_secs(4));
    let missing: Vec<String> = (agent::generate::queries().into_iter())
        .filter(|query| prometheus.query(query).is_empty())
        .collect();
    assert!(missing.is_empty(), "no data for {missing:#?}");
    let alerts = prometheus.query("ALERTS{alertstate=\"firing\"}");
    let names: Vec<_> = alerts
        .iter()
        .filter_map(|alert| alert["metric"]["alertname"].as_str())
        .collect();
    assert!(names.contains(&"BadgatewaySocketUnreachable"), "{names:?}");
    assert!(!names.contains(&"BadgatewayAgentDown"), "{names:?}");
    assert!(prometheus.folder().exists() && prometheus.port() > 0);
}

/// The disk is full when the state is to be saved: the kernel says so three times. The agent says it,
/// goes on, and has lost nothing when there is room again.
#[test]
fn a_full_disk_is_said_and_outlived() {
    let stack = stack();
    let state = Scratch::new("agent-state");
    // The program is strace's child only until it runs: `-D` keeps its process number.
    let program = state.path().join("program");
    let inject = "-e trace=fdatasync -e inject=fdatasync:error=ENOSPC:when=2..4";
    let text = format!(
        "#!/bin/sh\nexec strace -D -qq -f -o /dev/null {inject} {} \"$@\"\n",
        lab::program::badgateway().display()
    );
    fs::write(&program, text).expect("ours");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, executable).expect("ours");
    let all = args(&stack, &state, &[]);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let agent = Agent::start_program(&program, &all);
    assert_eq!(stack.get("/gone").status, 502);
    let failures = |agent: &Agent| agent.value(&["badgateway_state_write_failures_total"]);
    agent.until("the disk is full", PATIENCE, |agent| {
        failures(agent).is_some_and(|count| count > 0.0)
            && agent.get("/readyz").1.contains("No space left on device")
    });
    // What cannot be saved is shown all the same.
    agent.until("it is counted", PATIENCE, |agent| {
        incidents(agent, "fpm-socket-missing") == 1.0
    });
    agent.until("there is room again", PATIENCE, |agent| {
        failures(agent) == Some(3.0) && !agent.get("/readyz").1.contains("No space left")
    });
    agent.kill();
    let agent = start(&stack, &state, &[]);
    assert_eq!(incidents(&agent, "fpm-socket-missing"), 1.0);
    assert_eq!(agent.stop(), Some(0));
}

/// A pool whose workers are all busy is seen within five seconds, with the real queue.
#[test]
fn saturation_is_seen_within_five_seconds() {
    for mode in ["static", "dynamic", "ondemand"] {
        for tcp in [false, true] {
            let port = lab::nginx::free_port();
            let listen = match tcp {
                true => format!("127.0.0.1:{port}"),
                false => "@DIR@/fpm.sock".to_owned(),
            };
            let pass = if tcp {
                listen.clone()
            } else {
                format!("unix:{listen}")
            };
            let stack = Stack::start(&Texts {
                http: format!(
                    "server {{ listen 127.0.0.1:@PORT@; location / {{ fastcgi_pass {pass}; \
                     fastcgi_param SCRIPT_FILENAME @DIR@/www/sleep.php; fastcgi_param \
                     REQUEST_METHOD GET; fastcgi_param QUERY_STRING $query_string; }} }}"
                ),
                fpm: format!(
                    "[global]\n[www]\nuser = www-data\ngroup = www-data\nlisten = {listen}\n\
                     listen.owner = www-data\npm = {mode}\npm.max_children = 2\n\
                     pm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = 1\n\
                     pm.status_path = /status\n"
                ),
                ..Texts::default()
            });
            let state = Scratch::new("agent-state");
            let agent = start(&stack, &state, &[]);
            let waiting: Vec<_> = (0..6).map(|_| ask(&stack, "/x?7")).collect();
            let took = agent.until("it is saturated", Duration::from_secs(5), |agent| {
                let waiting = agent.value(&["badgateway_pool_backlog_waiting{"]);
                agent.value(&["badgateway_pool_saturated{"]) == Some(1.0)
                    && waiting.is_some_and(|waiting| waiting >= 4.0)
            });
            println!("{mode} tcp={tcp}: {} ms", took.as_millis());
            drop(waiting);
            if mode == "static" {
                agent.until("it is well again", Duration::from_secs(30), |agent| {
                    agent.value(&["badgateway_pool_saturated{"]) == Some(0.0)
                });
            }
        }
    }
}

/// Asks, and waits for no answer.
fn ask(stack: &Stack, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", stack.nginx.port())).expect("nginx listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: shop.example\r\n\r\n").expect("it takes it");
    stream
}

/// What goes wrong around the agent is said, and it goes on when that is over.
#[test]
fn it_outlives_what_goes_wrong() {
    let stack = stack();
    let state = Scratch::new("agent-state");
    let folder = state.path().join("state");
    let file = shown(&folder.join("agent.json"));
    let agent = start(&stack, &state, &["--interval", "500ms"]);
    drop(agent);
    let conf = stack.dir().join("php-fpm.conf");
    let dir = shown(stack.dir());
    let agent = Agent::start(&[
        &format!("{dir}/nginx.conf"),
        &shown(&conf),
        "--state",
        &file,
        "--settle",
        "1s",
        "--interval",
        "500ms",
    ]);
    let up = |agent: &Agent| agent.value(&["badgateway_pool_up{pool=\"www\""]);
    // FPM is reloaded.
    stack.signal_fpm("-USR2");
    thread::sleep(Duration::from_millis(1500));
    agent.until("the pool is up", PATIENCE, |agent| up(agent) == Some(1.0));
    // A socket goes away and comes back.
    let socket = stack.dir().join("status.sock");
    let away = stack.dir().join("away.sock");
    fs::rename(&socket, &away).expect("it is there");
    agent.until("the pool is down", PATIENCE, |agent| up(agent) == Some(0.0));
    fs::rename(&away, &socket).expect("it is there");
    agent.until("the pool is up again", PATIENCE, |agent| {
        up(agent) == Some(1.0)
    });
    // A pool comes with the configuration, and goes.
    let text = fs::read_to_string(&conf).expect("it is there");
    let second = "\n[second]\nuser = www-data\nlisten = /nonexistent/b.sock\npm = static\n\
                  pm.max_children = 1\npm.status_path = /status\n";
    fs::write(&conf, format!("{text}{second}")).expect("ours");
    agent.until("the second pool is known", PATIENCE, |agent| {
        agent.value(&["badgateway_pool_up{pool=\"second\""]) == Some(0.0)
    });
    // A file that FPM would refuse: what is watched stays, and that is said.
    fs::write(&conf, "[www\nlisten\n\u{0}").expect("ours");
    agent.until("the broken file is said", PATIENCE, |agent| {
        agent
            .value(&["badgateway_config_problems "])
            .is_some_and(|count| count > 0.0)
    });
    assert_eq!(up(&agent), Some(1.0));
    fs::write(&conf, &text).expect("ours");
    agent.until("the second pool is gone", PATIENCE, |agent| {
        agent
            .value(&["badgateway_pool_up{pool=\"second\""])
            .is_none()
            && agent.value(&["badgateway_config_problems "]) == Some(0.0)
            && up(agent) == Some(1.0)
    });
    // Its state cannot be saved.
    agent.until("it is saved", PATIENCE, |agent| {
        agent
            .value(&["badgateway_state_saved_timestamp_seconds"])
            .is_some()
    });
    fs::remove_dir_all(&folder).expect("ours");
    fs::write(&folder, "a file where the folder was").expect("ours");
    assert_eq!(stack.get("/gone").status, 502);
    agent.until("that it is not saved is said", PATIENCE, |agent| {
        agent
            .value(&["badgateway_state_write_failures_total"])
            .is_some_and(|count| count > 0.0)
            && agent.get("/readyz").1.contains("agent.json")
            && incidents(agent, "fpm-socket-missing") == 1.0
    });
    fs::remove_file(&folder).expect("ours");
    fs::create_dir(&folder).expect("ours");
    agent.until("it is saved again", PATIENCE, |agent| {
        fs::metadata(&file).is_ok() && !agent.get("/readyz").1.contains("agent.json")
    });
    assert_eq!(agent.get("/healthz").0, 200);
    assert_eq!(agent.stop(), Some(0));
}

/// Entries of a real journal, as systemd's own program writes it.
fn write_journal(folder: &Path, name: &str, messages: &[(&str, &str)]) {
    let mut text = String::new();
    let now = agent::watch::now();
    for (at, (identifier, message)) in messages.iter().enumerate() {
        let micros = (now + at as i64) * 1000;
        text += &format!(
            "__REALTIME_TIMESTAMP={micros}\n__MONOTONIC_TIMESTAMP={micros}\n\
             _BOOT_ID=0123456789abcdef0123456789abcdef\n_TRANSPORT=syslog\n\
             SYSLOG_IDENTIFIER={identifier}\nMESSAGE={message}\n\n"
        );
    }
    let mut remote = Command::new("/lib/systemd/systemd-journal-remote")
        .args(["--output", &shown(&folder.join(name)), "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Debian's package `systemd-journal-remote` is there");
    let mut input = remote.stdin.take().expect("it is piped");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    assert!(remote.wait().expect("it ends").success());
}

/// What is new in a journal: the pids of workers that the kernel killed, and lines of FPM.
fn journal_news(follower: &mut Follower, wanted: usize) -> usize {
    let begin = Instant::now();
    let mut seen = 0;
    while seen < wanted && begin.elapsed() < Duration::from_secs(10) {
        follower.look();
        let mut part = State::default();
        while follower.read(32 << 10, &mut part).is_some() {}
        seen += part
            .tables
            .values()
            .map(|table| table.records.len())
            .sum::<usize>();
        thread::sleep(Duration::from_millis(50));
    }
    seen
}

#[test]
fn the_journal_is_followed_and_gone_on_with() {
    let folder = Scratch::new("journal");
    let killed = "Out of memory: Killed process 4242 (php-fpm8.2) total-vm:1kB, anon-rss:1kB, \
                  file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:1kB oom_score_adj:0";
    let fpm =
        "[WARNING] [pool www] server reached pm.max_children setting (5), consider raising it";
    write_journal(folder.path(), "a.journal", &[("kernel", killed)]);
    let follow = |positions| {
        let mut follower = Follower::new(positions, Beginning::Start);
        let wanted = vec![Wanted::journal(Some(folder.path().to_owned()))];
        follower.set_wanted(wanted, Configured::default());
        follower
    };
    let mut follower = follow(Positions::default());
    assert_eq!(journal_news(&mut follower, 1), 1, "{:?}", follower.views());
    write_journal(
        folder.path(),
        "a.journal",
        &[("kernel", killed), ("php-fpm8.2", fpm)],
    );
    assert_eq!(journal_news(&mut follower, 2), 2, "{:?}", follower.views());
    let positions = follower.positions();
    drop(follower);
    write_journal(
        folder.path(),
        "a.journal",
        &[("kernel", killed), ("cron", "nothing")],
    );
    let mut follower = follow(positions);
    assert_eq!(journal_news(&mut follower, 1), 1, "{:?}", follower.views());
    thread::sleep(Duration::from_secs(1));
    follower.look();
    assert!(
        follower.read(32 << 10, &mut State::default()).is_none(),
        "nothing comes twice"
    );
}

/// A log that ends in half a line, or is no log, takes no processor time and holds up no other.
#[test]
fn half_a_line_holds_up_nobody() {
    let stack = stack();
    let state = Scratch::new("agent-state");
    let (half, junk) = (state.path().join("half.log"), state.path().join("junk.log"));
    fs::write(&half, "2026/11/22 10:00:00 [err").expect("ours");
    fs::write(&junk, "no end of a line").expect("ours");
    let logs = [shown(&half), shown(&junk)];
    let args = ["--from-start", "--log", &logs[0], "--log", &logs[1]];
    let agent = start(&stack, &state, &args);
    assert_eq!(stack.get("/gone").status, 502);
    agent.until("it is counted", PATIENCE, |agent| {
        incidents(agent, "fpm-socket-missing") == 1.0
    });
    let cpu = |agent: &Agent| {
        agent
            .value(&["process_cpu_seconds_total "])
            .expect("it tells")
    };
    let before = cpu(&agent);
    thread::sleep(Duration::from_secs(5));
    assert!(cpu(&agent) - before < 1.0, "{before} {}", cpu(&agent));
}
