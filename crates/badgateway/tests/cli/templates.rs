//! Files with holes: what is said of them, and values given with `--set`.

use std::path::{Path, PathBuf};

use crate::run::{Answer, Folder, answer, program, run};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/templates")
}

fn check(args: &[&str]) -> Answer {
    let mut command = program();
    command.current_dir(fixtures());
    command.args([
        "check",
        "--settings",
        "none",
        "--format",
        "concise",
        "--strict",
    ]);
    answer(command.args(args))
}

/// Each folder is a project as people write it; the `.told` beside it was read by hand.
#[test]
fn every_template_is_told_as_it_is_written_down() {
    let mut wrong = String::new();
    let mut count = 0;
    let entries = std::fs::read_dir(fixtures()).expect("the fixtures are there");
    let paths = entries.flatten().map(|entry| entry.path());
    for dir in paths.filter(|path| path.is_dir()) {
        count += 1;
        let name = dir
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let got = check(&[&name]).exits(2).out;
        let told = dir.with_extension("told");
        if got != std::fs::read_to_string(&told).unwrap_or_default() {
            // The way to a new file: copy what is printed, and read it.
            wrong += &format!("==== {}\n{got}", told.display());
        }
    }
    assert!(count >= 12, "only {count} fixtures");
    assert!(wrong.is_empty(), "{wrong}");
}

const SITE: &str = "events {}
http {
    server_tokens off;
    server {
        listen {{ .Values.port }};
        {{- if .Values.status }}
        location = /status { stub_status; allow 127.0.0.1; deny all; }
        {{- end }}
        location ~ \\.php$ {
            fastcgi_pass unix:/run/a.sock;
            fastcgi_read_timeout {{ .Values.timeout | default 60 }}s;
            fastcgi_param SCRIPT_FILENAME /srv$fastcgi_script_name;
        }
        location ~ \\.other$ {
            fastcgi_pass unix:/run/a.sock;
            fastcgi_read_timeout 30s;
            fastcgi_param SCRIPT_FILENAME /srv$fastcgi_script_name;
        }
    }
}
";

const POOL: &str = "[www]
user = www-data
listen = /run/a.sock
pm = static
pm.max_children = 5
request_terminate_timeout = 120s
";

fn project() -> (Folder, String, String) {
    let folder = Folder::new();
    let site = folder.write("nginx.conf.tmpl", SITE);
    let pool = folder.write("www.conf", POOL);
    (folder, site, pool)
}

#[test]
fn what_does_not_depend_on_a_hole_is_found_all_the_same() {
    let (_folder, site, pool) = project();
    let answer = run(&["check", "--settings", "none", &site, &pool]).exits(2);
    let answer = answer.says("read-timeout-below-terminate").says("30s");
    // Of the route with the hole nothing is claimed.
    assert!(
        !answer.out.contains("nginx gives up after 60s"),
        "{answer:#?}"
    );
    let answer = answer.says("`Values.timeout` is filled in elsewhere");
    let answer = answer.says("if nobody sets it, it is `60`");
    answer.says("`--set Values.timeout=VALUE` says what it is");
    let chain = run(&["chain", "--settings", "none", &site, &pool]).exits(2);
    chain.says("`Values.timeout` is filled in elsewhere");
}

#[test]
fn given_values_are_judged_and_places_stay() {
    let (folder, site, pool) = project();
    let given = [
        "--set",
        ".Values.timeout=40",
        "--set",
        "Values.port=80",
        "--set",
        "Values.status=false",
    ];
    let files = ["check", "--settings", "none", &site, &pool];
    let answer = run(&[&files[..], &given].concat()).exits(1);
    let answer = answer
        .says("nginx gives up after 40s")
        .says("nginx.conf.tmpl:11");
    answer.says("fastcgi_read_timeout {{ .Values.timeout | default 60 }}s;");
    // The same in badgateway.toml; names of it that are not used are no error.
    let text = "[set]\n\"Values.timeout\" = \"40\"\n\"Values.port\" = \"80\"\n\
                \"Values.status\" = \"no\"\nother = \"1\"\n";
    let settings = folder.write("badgateway.toml", text);
    let files = ["check", "--settings", &settings, &site, &pool];
    run(&files).exits(1).says("nginx gives up after 40s");
    // The command line is stronger.
    let stronger = [&files[..], &["--set", "Values.timeout=50"]].concat();
    run(&stronger).exits(1).says("nginx gives up after 50s");
}

#[test]
fn a_name_that_fills_nothing_is_an_error() {
    let (_folder, site, pool) = project();
    let files = ["check", "--settings", "none", &site, &pool, "--set"];
    let answer = run(&[&files[..], &["Values.timeuot=hunter2hunter2"]].concat()).exits(2);
    let answer = answer.says("`--set Values.timeuot=…`: no file that was read has a place");
    assert!(!answer.all().contains("hunter2"), "{answer:#?}");
    let answer = run(&[&files[..], &["hunter2hunter2"]].concat()).exits(2);
    let answer = answer.says("`--set` wants NAME=VALUE");
    assert!(!answer.all().contains("hunter2"), "{answer:#?}");
}

#[test]
fn edits_keep_off_the_holes() {
    let (folder, site, pool) = project();
    let fix = [
        "fix",
        "--settings",
        "none",
        "--write",
        "--no-verify",
        &site,
        &pool,
    ];
    let given = ["--set", "Values.timeout=40", "--set", "Values.port=80"];
    let answer = run(&[&fix[..], &given].concat()).exits(0);
    let answer = answer.says("`{{ .Values.timeout | default 60 }}` (");
    answer
        .says("is filled in elsewhere: change its value there")
        .says("written: 1 file");
    let written = std::fs::read_to_string(folder.at("nginx.conf.tmpl")).expect("still there");
    assert!(written.contains("fastcgi_read_timeout {{ .Values.timeout | default 60 }}s;"));
    assert!(!written.contains("fastcgi_read_timeout 30s;"), "{written}");
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(&written), lines(SITE));
    // Without any value the other route is mended as well.
    let (folder, site, pool) = project();
    let fix = [
        "fix",
        "--settings",
        "none",
        "--write",
        "--no-verify",
        &site,
        &pool,
    ];
    run(&fix).exits(2).says("written: 1 file");
    let written = std::fs::read_to_string(folder.at("nginx.conf.tmpl")).expect("still there");
    assert!(!written.contains("fastcgi_read_timeout 30s;"), "{written}");
}

#[test]
fn a_secret_that_is_given_is_not_shown() {
    let folder = Folder::new();
    let pool = folder.write(
        "www.conf.j2",
        "[www]\nuser = www-data\nlisten = /run/a.sock\npm = static\npm.max_children = 5\n\
         request_slowlog_timeout = {{ db_password }}\nenv[DB_PASSWORD] = {{ db_password }}\n",
    );
    let files = ["check", "--settings", "none", &pool, "--set"];
    let answer = run(&[&files[..], &["db_password=kX9vQ2mZr7LpW4tB"]].concat());
    assert!(!answer.all().contains("kX9vQ2mZr7LpW4tB"), "{answer:#?}");
}

#[test]
fn hostile_templates_end_with_words() {
    let many = 100_000;
    let all = [
        format!("events {{}}\n{}", "{% if a %}\n".repeat(many)),
        format!("events {{}}\nhttp {{ root {{{{ {};", "a".repeat(1 << 20)),
        format!("{}server {{ listen 80; }}", "{{ a }}\n".repeat(many)),
        "server { listen {{ \0 }}; root {% \0 %}; }\n".repeat(1000),
        format!("server {{ root {}; }}", "{{ a }}".repeat(many)),
        "{% if a %}\nserver {\n{% else %}\nserver {\n{% endif %}\n}\n".to_owned(),
    ];
    for (number, text) in all.iter().enumerate() {
        let folder = Folder::new();
        let file = folder.write("nginx.conf", text);
        let answer = run(&["check", "--settings", "none", &file]);
        assert_eq!(
            answer.code,
            2,
            "{number}: {}",
            answer.all().chars().take(2000).collect::<String>()
        );
        run(&["check", "--settings", "none", &file, "--set", "a=true"]);
    }
}

#[test]
fn what_only_a_template_engine_understands_is_not_claimed() {
    let folder = Folder::new();
    folder.write("macros.j2", "{% macro a(b) %}\n{{ b }}\n{% endmacro %}\n");
    let answer = run(&["check", "--settings", "none", &folder.at("")]).exits(2);
    answer.says("no nginx, PHP-FPM or php.ini file in this directory");
}
