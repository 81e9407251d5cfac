//! Waiting: for a slow script, for a free worker, for a place in the queue.

use crate::stage::{PLAIN, Scene, Stage, get, pause, post};

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            name: "slow",
            location: "fastcgi_read_timeout 1s;",
            pool: "pm = static\npm.max_children = 6\naccess.log = @DIR@/fpm-access.log\naccess.format = \"%R - %u %t \\\"%m %r%Q%q\\\" %s %f %{milliseconds}d pid=%p\"\n",
            act: slow,
            ..PLAIN
        },
        Scene {
            name: "slow-without-fpm-access-log",
            location: "fastcgi_read_timeout 1s;",
            act: slow,
            ..PLAIN
        },
        Scene {
            name: "slow-then-terminated",
            location: "fastcgi_read_timeout 1s;",
            pool: "pm = static\npm.max_children = 6\nrequest_terminate_timeout = 3s\nrequest_slowlog_timeout = 1s\nslowlog = @DIR@/slow.log\n",
            act: slow,
            ..PLAIN
        },
        Scene {
            name: "queue-static",
            location: "fastcgi_read_timeout 2s;",
            pool: "pm = static\npm.max_children = 1\naccess.log = @DIR@/fpm-access.log\naccess.format = \"%R - %u %t \\\"%m %r%Q%q\\\" %s %f %{milliseconds}d pid=%p\"\n",
            act: queue,
            ..PLAIN
        },
        Scene {
            name: "queue-ondemand-tcp",
            location: "fastcgi_read_timeout 2s;",
            pool: "listen = 127.0.0.1:@FPM@\npm = ondemand\npm.max_children = 1\naccess.log = @DIR@/fpm-access.log\naccess.format = \"%R - %u %t \\\"%m %r%Q%q\\\" %s %f %{milliseconds}d pid=%p\"\n",
            pass: "fastcgi_pass 127.0.0.1:@FPM@;",
            act: queue,
            ..PLAIN
        },
        Scene {
            name: "queue-dynamic",
            location: "fastcgi_read_timeout 2s;",
            pool: "pm = dynamic\npm.max_children = 1\npm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = 1\n",
            act: queue,
            ..PLAIN
        },
        Scene {
            name: "backlog",
            location: "fastcgi_read_timeout 3s;",
            pool: "pm = static\npm.max_children = 1\nlisten.backlog = 1\n",
            act: backlog,
            ..PLAIN
        },
        Scene {
            name: "client-gone",
            act: client_gone,
            ..PLAIN
        },
    ]
}

fn slow(stage: &Stage<'_>) {
    stage.meanwhile(
        &[
            get("id=w1&s=3", &["nginx-gave-up"]),
            post("id=w2&s=3", &["nginx-gave-up"]),
            get("id=w3&s=3&flush=1", &["slow-upstream-body"]),
        ],
        || {},
    );
    // Let the abandoned scripts end, so that FPM logs them.
    pause(3500);
}

fn queue(stage: &Stage<'_>) {
    stage.meanwhile(&[get("id=q1&s=5", &["nginx-gave-up"])], || {
        stage.worker_of("q1");
        stage.ask(&get("id=q2", &["pool-exhausted"]));
    });
    pause(4500);
}

fn backlog(stage: &Stage<'_>) {
    let begin = std::time::Instant::now();
    stage.meanwhile(&[get("id=b0&s=2", &[])], || {
        stage.worker_of("b0");
        std::thread::scope(|scope| {
            for n in 1..8 {
                scope.spawn(move || {
                    let id = format!("b{n}");
                    let answer = stage.ask(&get(&format!("id={id}"), &[]));
                    if answer.status == 502 {
                        stage.note(&id, &["backlog-full"]);
                    }
                });
                pause(30);
            }
        });
    });
    assert!(begin.elapsed().as_secs() < 10, "the queue was never full");
}

fn client_gone(stage: &Stage<'_>) {
    use std::io::Write;
    let port = stage.stack.nginx.port();
    let mut client = std::net::TcpStream::connect(("127.0.0.1", port)).expect("nginx accepts");
    let text = "GET /work.php?id=c1&s=2 HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    client.write_all(text.as_bytes()).expect("nginx reads");
    stage.worker_of("c1");
    stage.note("c1", &["client-gone"]);
    drop(client);
    pause(2500);
}
