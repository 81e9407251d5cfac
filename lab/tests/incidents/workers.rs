//! Workers that die while they have a request.

use crate::stage::{PLAIN, Scene, Stage, get, pause, post};

const TERMINATED: &[&str] = &["worker-terminated-by-timeout"];
const CRASHED: &[&str] = &["worker-crashed"];
const KILLED: &[&str] = &["worker-killed-by-signal"];

const TERMINATE: &str = "pm = static\npm.max_children = 4\nrequest_terminate_timeout = 1s\n\
                         request_slowlog_timeout = 1s\nslowlog = @DIR@/slow.log\n";
const TERMINATE_TCP: &str = "listen = 127.0.0.1:@FPM@\npm = static\npm.max_children = 4\n\
                             request_terminate_timeout = 1s\n";
const TCP: &str = "listen = 127.0.0.1:@FPM@\npm = static\npm.max_children = 4\n";
const PASS_TCP: &str = "fastcgi_pass 127.0.0.1:@FPM@;";

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            name: "terminate",
            pool: TERMINATE,
            act: terminate,
            ..PLAIN
        },
        Scene {
            name: "terminate-tcp",
            pool: TERMINATE_TCP,
            pass: PASS_TCP,
            act: terminate,
            ..PLAIN
        },
        Scene {
            name: "signals",
            act: signals,
            ..PLAIN
        },
        Scene {
            name: "signals-tcp",
            pool: TCP,
            pass: PASS_TCP,
            act: signals,
            ..PLAIN
        },
        Scene {
            name: "reload",
            act: reload,
            ..PLAIN
        },
        Scene {
            name: "stop",
            act: |stage| stop(stage, "-TERM"),
            ..PLAIN
        },
        Scene {
            name: "stop-tcp",
            pool: TCP,
            pass: PASS_TCP,
            act: |stage| stop(stage, "-TERM"),
            ..PLAIN
        },
        Scene {
            name: "quit",
            act: |stage| stop(stage, "-QUIT"),
            ..PLAIN
        },
        Scene {
            name: "emergency",
            global: "emergency_restart_threshold = 2\nemergency_restart_interval = 60s\n",
            act: emergency,
            ..PLAIN
        },
        Scene {
            name: "quiet-error-log",
            location: "error_log @DIR@/crit.log crit;",
            act: |stage| signals_of(stage, &SIGNALS[..5]),
            ..PLAIN
        },
        Scene {
            name: "keepalive",
            http: "upstream php { server unix:@DIR@/fpm.sock; keepalive 4; }",
            pass: "fastcgi_pass php; fastcgi_keep_conn on;",
            pool: "pm = static\npm.max_children = 4\npm.max_requests = 3\n",
            act: keepalive,
            ..PLAIN
        },
    ]
}

fn terminate(stage: &Stage<'_>) {
    stage.meanwhile(
        &[
            get("id=t1&s=5", TERMINATED),
            post("id=t2&s=5", TERMINATED),
            get("id=t3&s=5&flush=1", TERMINATED),
        ],
        || {},
    );
    stage.ask(&get("id=ok1", &[]));
}

type Signalled = (&'static str, &'static str, &'static [&'static str]);

const SIGNALS: [Signalled; 6] = [
    ("k1", "-KILL", KILLED),
    ("k2", "-TERM", KILLED),
    ("k3", "-SEGV", CRASHED),
    ("k4", "-BUS", KILLED),
    ("k5", "-ABRT", KILLED),
    // After the header: no access log shows it, and no error log at `crit`.
    ("k6", "-SEGV", CRASHED),
];

fn signals(stage: &Stage<'_>) {
    signals_of(stage, &SIGNALS);
}

fn signals_of(stage: &Stage<'_>, signals: &[Signalled]) {
    for (at, (id, signal, causes)) in signals.iter().enumerate() {
        let query = match at {
            // One after the header, one with a body.
            5 => format!("id={id}&s=5&flush=1"),
            _ => format!("id={id}&s=5"),
        };
        let ask = if at == 2 {
            post(&query, causes)
        } else {
            get(&query, causes)
        };
        stage.meanwhile(&[ask], || stage.kill(id, signal));
        // Ends of different kinds must not fall into neighbouring seconds here.
        pause(2100);
    }
}

fn reload(stage: &Stage<'_>) {
    // Busy, not asleep: FPM asks first, and the signal would end a sleep before the kill.
    let asks = [
        get("id=r1&cpu=4", &["fpm-reloaded"]),
        post("id=r2&cpu=4", &["fpm-reloaded"]),
        get("id=r3&cpu=4&flush=1", &["fpm-reloaded"]),
    ];
    stage.meanwhile(&asks, || {
        for id in ["r1", "r2", "r3"] {
            stage.worker_of(id);
        }
        pause(100);
        stage.stack.signal_fpm("-USR2");
    });
    pause(500);
    stage.ask(&get("id=ok1", &[]));
}

fn stop(stage: &Stage<'_>, signal: &str) {
    let stopped = &["fpm-stopped"];
    let asks = [get("id=s1&cpu=3", stopped), post("id=s2&cpu=3", stopped)];
    stage.meanwhile(&asks, || {
        for id in ["s1", "s2"] {
            stage.worker_of(id);
        }
        pause(100);
        stage.stack.signal_fpm(signal);
    });
    pause(500);
    stage.note("s3", &["fpm-socket-missing", "fpm-refused"]);
    stage.ask(&get("id=s3", &[]));
}

fn emergency(stage: &Stage<'_>) {
    let asks = [get("id=e9&s=6", &["fpm-emergency-restart"])];
    stage.meanwhile(&asks, || {
        stage.worker_of("e9");
        for id in ["e1", "e2"] {
            let query = format!("id={id}&s=5");
            stage.meanwhile(&[get(&query, CRASHED)], || stage.kill(id, "-SEGV"));
            pause(300);
        }
    });
}

fn keepalive(stage: &Stage<'_>) {
    // Which of them are lost is luck; those that are must be said to be this.
    let ids: Vec<String> = (0..160).map(|n| format!("p{n}")).collect();
    std::thread::scope(|scope| {
        for few in ids.chunks(40) {
            scope.spawn(move || {
                for id in few {
                    let answer = stage.ask(&post(&format!("id={id}"), &[]));
                    if answer.status == 502 {
                        stage.note(id, &["keepalive-race"]);
                    }
                }
            });
        }
    });
}
