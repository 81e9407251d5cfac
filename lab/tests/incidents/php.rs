//! What PHP itself says no to.

use crate::stage::{Ask, PLAIN, Scene, Stage, get};

const OFF: &str =
    "display_errors = Off\nlog_errors = On\nmemory_limit = 16M\nmax_execution_time = 1\n";
const FILE: &str = "display_errors = Off\nlog_errors = On\nmemory_limit = 16M\nmax_execution_time = 1\n\
                    error_log = @DIR@/www/php_errors.log\n";

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            name: "php-errors",
            php_ini: OFF,
            act: errors,
            ..PLAIN
        },
        Scene {
            name: "php-errors-in-a-file",
            php_ini: FILE,
            act: errors,
            ..PLAIN
        },
        Scene {
            name: "php-cut-page",
            php_ini: OFF,
            act: |stage| {
                stage.ask(&get("id=f1&flush=1&fatal=1", &["php-fatal"]));
            },
            ..PLAIN
        },
        Scene {
            name: "application",
            act: |stage| {
                for (id, status) in [("a1", 502), ("a2", 503), ("a3", 504)] {
                    let query = format!("id={id}&status={status}");
                    stage.ask(&get(&query, &["application-error"]));
                }
                stage.ask(&get("id=a4&status=500", &["application-error"]));
            },
            ..PLAIN
        },
        Scene {
            name: "headers",
            act: |stage| {
                stage.ask(&get("id=h1&header=9000", &["header-too-big"]));
                stage.ask(&get("id=h2&bad=1", &["invalid-header"]));
                stage.ask(&get("id=h3&length=1", &["early-end-of-body"]));
            },
            ..PLAIN
        },
        Scene {
            name: "no-script",
            act: |stage| {
                let ask = |target: &str, causes| Ask {
                    post: false,
                    target: target.to_owned(),
                    causes,
                };
                stage.ask(&ask("/nope.php?id=x1", &["script-not-found"]));
                stage.ask(&ask("/text.txt?id=x2", &["access-denied"]));
            },
            ..PLAIN
        },
    ]
}

fn errors(stage: &Stage<'_>) {
    stage.ask(&get("id=e1&fatal=1", &["php-fatal"]));
    stage.ask(&get("id=e2&memory=1", &["php-memory-limit"]));
    stage.ask(&get("id=e3&cpu=3", &["php-time-limit"]));
    stage.ask(&Ask {
        post: false,
        target: "/parse.php?id=e4".to_owned(),
        causes: &["php-fatal"],
    });
}
