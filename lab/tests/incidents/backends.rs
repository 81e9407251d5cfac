//! Nobody there, the wrong one, or one that refuses.

use std::fs;
use std::process::Command;

use crate::stage::{PLAIN, Scene, Stage, get, pause, post};

const TCP: &str = "listen = 127.0.0.1:@FPM@\npm = static\npm.max_children = 2\n";

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            name: "missing",
            pass: "fastcgi_pass unix:@DIR@/nowhere.sock;",
            act: |stage| both(stage, &["fpm-socket-missing"]),
            ..PLAIN
        },
        Scene {
            name: "refused",
            pass: "fastcgi_pass 127.0.0.1:@DEAD@;",
            act: |stage| both(stage, &["fpm-refused"]),
            ..PLAIN
        },
        Scene {
            name: "stale",
            act: stale,
            ..PLAIN
        },
        Scene {
            name: "permission",
            pool: "listen = @DIR@/fpm.sock\nlisten.owner = root\nlisten.mode = 0600\npm = static\npm.max_children = 2\n",
            act: |stage| both(stage, &["fpm-socket-permission"]),
            ..PLAIN
        },
        Scene {
            name: "allowed-clients",
            pool: "listen = 127.0.0.1:@FPM@\npm = static\npm.max_children = 2\nlisten.allowed_clients = 10.9.9.9\ncatch_workers_output = yes\n",
            pass: "fastcgi_pass 127.0.0.1:@FPM@;",
            act: refused_clients,
            ..PLAIN
        },
        Scene {
            name: "allowed-clients-silent",
            pool: "listen = 127.0.0.1:@FPM@\npm = static\npm.max_children = 2\nlisten.allowed_clients = 10.9.9.9\n",
            pass: "fastcgi_pass 127.0.0.1:@FPM@;",
            act: refused_clients,
            ..PLAIN
        },
        Scene {
            name: "fastcgi-to-http",
            http: "server { listen 127.0.0.1:@DEAD@; return 200 hello; }",
            pass: "fastcgi_pass 127.0.0.1:@DEAD@;",
            act: |stage| both(stage, &["protocol-mixup"]),
            ..PLAIN
        },
        Scene {
            name: "http-to-fpm",
            pool: TCP,
            pass: "proxy_pass http://127.0.0.1:@FPM@;",
            act: |stage| both(stage, &["protocol-mixup"]),
            ..PLAIN
        },
        Scene {
            name: "unresolved",
            http: "resolver 127.0.0.1:@DEAD@ valid=1s; resolver_timeout 1s;",
            pass: "set $php nowhere.invalid; fastcgi_pass $php:9000;",
            act: |stage| both(stage, &["upstream-name-unresolved"]),
            ..PLAIN
        },
        Scene {
            name: "no-resolver",
            pass: "set $php nowhere.invalid; fastcgi_pass $php:9000;",
            act: |stage| both(stage, &["upstream-name-unresolved"]),
            ..PLAIN
        },
    ]
}

fn both(stage: &Stage<'_>, causes: &'static [&'static str]) {
    stage.ask(&get("id=n1", causes));
    stage.ask(&post("id=n2", causes));
}

fn refused_clients(stage: &Stage<'_>) {
    for n in 0..4 {
        stage.ask(&get(&format!("id=n{n}"), &["allowed-clients-refused"]));
        pause(300);
    }
}

/// FPM killed hard leaves its socket's file.
fn stale(stage: &Stage<'_>) {
    stage.ask(&get("id=ok1", &[]));
    let master = fs::read_to_string(stage.stack.dir().join("fpm.pid")).expect("FPM has a pid");
    let workers = children_of(master.trim());
    assert!(!workers.is_empty(), "FPM has workers");
    stage.stack.signal_fpm("-KILL");
    // Its workers would go on: they hold the socket too.
    for pid in workers {
        let killed = Command::new("kill").args(["-KILL", &pid]).status();
        assert!(
            killed.expect("kill runs").success(),
            "worker {pid} is there"
        );
    }
    pause(300);
    stage.ask(&get("id=n1", &["fpm-refused"]));
}

fn children_of(parent: &str) -> Vec<String> {
    let line = format!("PPid:\t{parent}\n");
    let processes = fs::read_dir("/proc").expect("/proc is there").flatten();
    let ours = processes.filter(|entry| {
        let status = fs::read_to_string(entry.path().join("status"));
        status.is_ok_and(|status| status.contains(&line))
    });
    ours.map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
