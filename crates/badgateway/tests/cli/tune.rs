//! `tune` where nothing runs: no number is made up. What it does beside the real PHP-FPM is in the
//! lab.

use crate::run::{POOL, run, system};

#[test]
fn what_does_not_run_is_unknown() {
    let system = system("", POOL, "");
    let file = system.at("etc/php/8.2/fpm/php-fpm.conf");
    run(&["tune", &file])
        .exits(2)
        .says("no PHP-FPM with this configuration runs here")
        .says("unknown:");
    run(&["tune", &file, "--write"]).exits(2).says("unknown:");
    let answer = run(&["tune", &file, "--format", "json"]).exits(2);
    answer
        .says("\"verdict\": \"unknown\"")
        .says("\"diff\": \"\"");
}

#[test]
fn wrong_arguments_are_said() {
    let system = system("", POOL, "");
    let file = system.at("etc/php/8.2/fpm/php-fpm.conf");
    let cases: [(&[&str], &str); 7] = [
        (&["--pool", "gone"], "there is no pool `gone`"),
        (&["--memory", "much"], "--memory: write a size"),
        (&["--reserve", "1x"], "--reserve: write a size"),
        (&["--for", "0"], "--for: write a time"),
        (
            &["--wait", "2h"],
            "--wait: write a time such as 2s or 500ms, at most 60 seconds",
        ),
        (&["--timeout", "x"], "--timeout: write a time"),
        (&["--backup"], "--write"),
    ];
    for (args, words) in cases {
        let all = [&["tune", file.as_str()], args].concat();
        run(&all).exits(2).says(words);
    }
    run(&["tune", "--root", &system.at("")])
        .exits(2)
        .says("only what runs on this host can be measured");
}
