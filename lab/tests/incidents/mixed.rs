//! A busy server: many requests at once, many causes in the same seconds.

use crate::stage::{Ask, PLAIN, Played, Scene, Stage, get, pause, post};

pub(crate) fn play() -> Played {
    Scene {
        name: "mixed",
        http: "upstream gone { server unix:@DIR@/nowhere.sock; }",
        location: "fastcgi_read_timeout 4s;
            if ($arg_gone) { fastcgi_pass gone; }",
        pool: "pm = static\npm.max_children = 70\nrequest_terminate_timeout = 2s\n\
               request_slowlog_timeout = 1s\nslowlog = @DIR@/slow.log\n",
        php_ini: "display_errors = Off\nlog_errors = On\nmemory_limit = 16M\n",
        act,
        ..PLAIN
    }
    .play()
}

fn act(stage: &Stage<'_>) {
    let mut asks: Vec<Ask> = Vec::new();
    for n in 0..12 {
        asks.push(get(
            &format!("id=t{n}&s=6"),
            &["worker-terminated-by-timeout"],
        ));
        asks.push(get(&format!("id=e{n}&fatal=1"), &["php-fatal"]));
        asks.push(get(&format!("id=m{n}&memory=1"), &["php-memory-limit"]));
        asks.push(post(&format!("id=h{n}&header=9000"), &["header-too-big"]));
        asks.push(get(&format!("id=g{n}&gone=1"), &["fpm-socket-missing"]));
        asks.push(get(&format!("id=a{n}&status=503"), &["application-error"]));
        asks.push(get(&format!("id=ok{n}"), &[]));
    }
    for n in 0..6 {
        asks.push(get(&format!("id=c{n}&s=3"), &["worker-crashed"]));
        asks.push(get(&format!("id=k{n}&s=3"), &["worker-killed-by-signal"]));
        asks.push(get(&format!("id=f{n}&s=3&flush=1"), &["worker-crashed"]));
    }
    stage.meanwhile(&asks, || {
        for n in 0..6 {
            stage.kill(&format!("c{n}"), "-SEGV");
            stage.kill(&format!("k{n}"), "-TERM");
            stage.kill(&format!("f{n}"), "-SEGV");
            pause(40);
        }
    });
    for n in 0..200 {
        stage.ask(&get(&format!("id=z{n}"), &[]));
    }
}
