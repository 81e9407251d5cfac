//! Projects that nobody should write: bounded time, clear words, no panic.

use std::time::{Duration, Instant};

use crate::project::Project;

/// More than any of these takes, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn said(files: &[(&str, &str)]) -> String {
    let begin = Instant::now();
    let said = Project::of(files).said();
    assert!(begin.elapsed() < LONGEST, "it took {:?}", begin.elapsed());
    said
}

#[test]
fn broken_yaml() {
    let out = said(&[("compose.yaml", "services:\n  web: [1, 2\n")]);
    assert!(out.contains("problem compose.yaml:"), "{out}");
    assert!(out.contains("this is no YAML"), "{out}");
    let twice = said(&[(
        "docker-compose.yml",
        "services:\n  a: {image: x}\n  a: {image: y}\n",
    )]);
    assert!(
        twice.contains("docker-compose.yml:3: `a` stands here twice"),
        "{twice}"
    );
}

#[test]
fn values_of_every_wrong_kind() {
    let fields = [
        "image",
        "build",
        "volumes",
        "configs",
        "secrets",
        "environment",
        "env_file",
        "networks",
        "network_mode",
        "command",
        "entrypoint",
        "extends",
        "links",
        "profiles",
        "tmpfs",
        "volumes_from",
        "container_name",
        "hostname",
    ];
    let values = [
        "~",
        "7",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "[~]",
        "{a: ~}",
        "{a: {b: [c]}}",
        "'::::'",
        "['a:b:c:d']",
        "${",
        "'${A'",
        "'$'",
        "'${A:-${B:-${C}}}'",
        "{source: [], target: {}}",
    ];
    for field in fields {
        let services: String = values
            .iter()
            .enumerate()
            .map(|(at, value)| format!("  s{at}:\n    image: nginx\n    {field}: {value}\n"))
            .collect();
        let services = match field {
            "image" => services.replace("    image: nginx\n", ""),
            _ => services,
        };
        let tops = "volumes: [1]\nconfigs: {a: 1}\nnetworks: ~\nsecrets: {'': {file: {}}}\n";
        said(&[("compose.yaml", &format!("services:\n{services}{tops}"))]);
    }
    for whole in [
        "",
        "~",
        "[]",
        "services: 1",
        "services: [a]",
        "include: {a: b}",
        "include: [[x]]",
    ] {
        said(&[("compose.yaml", whole)]);
    }
}

#[test]
fn circles() {
    let out = said(&[
        (
            "compose.yaml",
            "include: [a/compose.yaml]\nservices:\n  web: {image: nginx}\n",
        ),
        ("a/compose.yaml", "include: [../compose.yaml]\n"),
    ]);
    assert!(out.contains("compose.yaml includes itself"), "{out}");
    let out = said(&[(
        "compose.yaml",
        "services:\n  a: {extends: b}\n  b: {extends: {service: a}}\n  c: {extends: c}\n",
    )]);
    assert!(out.contains("extends itself"), "{out}");
    let out = said(&[
        (
            "compose.yaml",
            "services:\n  a: {extends: {file: b.yml, service: b}}\n",
        ),
        (
            "b.yml",
            "services:\n  b: {extends: {file: compose.yaml, service: a}}\n",
        ),
    ]);
    assert!(out.contains("extends itself"), "{out}");
    let out = said(&[(
        "compose.yaml",
        "services:\n  a: {network_mode: 'service:b'}\n  b: {network_mode: 'service:a'}\n  \
         c: {network_mode: 'service:c', volumes_from: [c, d]}\n",
    )]);
    assert!(out.contains("machine service c"), "{out}");
}

#[test]
fn what_is_not_there() {
    let out = said(&[(
        "compose.yaml",
        "include: [gone.yaml]\nservices:\n  a: {extends: {file: gone.yml, service: x}}\n  \
         b: {build: ./gone}\n  c: {image: nginx, configs: [gone], volumes: ['../../etc:/etc/nginx']}\n",
    )]);
    for words in [
        "cannot include `gone.yaml`: it is not among the files",
        "service `a` extends `x`, which cannot be read",
        "from which service b is built, is not among the files",
        "`../../etc` is not among the files",
    ] {
        assert!(out.contains(words), "no `{words}` in:\n{out}");
    }
}

#[test]
fn a_template_whose_variables_lie_in_a_missing_file() {
    let out = said(&[
        (
            "compose.yaml",
            "services:\n  web:\n    image: nginx:1.27\n    env_file: secret.env\n    \
             volumes: ['./t:/etc/nginx/templates']\n",
        ),
        (
            "t/default.conf.template",
            "server { location / { proxy_read_timeout ${WAIT}; proxy_set_header Host $host; } }\n",
        ),
    ]);
    assert!(
        out.contains("has `WAIT`, whose value is not known"),
        "{out}"
    );
}

#[test]
fn ten_thousand_services() {
    let services: String = (0..10_000)
        .map(|n| {
            format!("  s{n}:\n    image: nginx\n    volumes: ['./a.conf:/etc/nginx/nginx.conf']\n")
        })
        .collect();
    let out = said(&[
        ("compose.yaml", &format!("services:\n{services}")),
        ("a.conf", "events {}\n"),
    ]);
    assert!(out.contains("more than 1000 services"), "{out}");
}

#[test]
fn references_that_multiply() {
    let mut text = "x-0: &a0 {k: v}\n".to_owned();
    for n in 1..40 {
        let before = n - 1;
        text += &format!("x-{n}: &a{n} {{l: *a{before}, r: *a{before}}}\n");
    }
    text += "services:\n  a: {image: nginx, labels: *a39}\n";
    let out = said(&[("compose.yaml", &text)]);
    assert!(out.contains("more values than any file"), "{out}");
    let nested = format!("services:\n  a: {{image: '{}'}}\n", "${A:-".repeat(5000));
    said(&[("compose.yaml", &nested)]);
}

#[test]
fn a_name_cannot_reach_the_terminal() {
    let out = said(&[(
        "compose.yaml",
        "services:\n  \"a\\e[31m\": {image: nginx, volumes: [\"./x\\e[2J:/etc/nginx/nginx.conf\"]}\n",
    )]);
    assert!(!out.contains('\u{1b}'), "{out}");
}

#[test]
fn what_is_not_ours() {
    let out = said(&[
        ("nginx.conf", "events {}\nhttp {}\n"),
        (
            "config/services.yaml",
            "services:\n  _defaults: {autowire: true}\n  App\\: {resource: '../src/'}\n",
        ),
        (
            "templates/stack.yml",
            "services:\n  {{ name }}:\n    image: x\n",
        ),
        ("vendor/pack/compose.yaml", "services: [\n"),
        ("ci.yml", "services:\n  - docker:dind\n"),
    ]);
    assert_eq!(out, "");
}

#[test]
fn a_file_of_any_name_is_told_by_what_it_holds() {
    let out = said(&[
        (
            "deploy/stack.yml",
            "services:\n  web:\n    image: nginx\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf']\n",
        ),
        ("deploy/nginx.conf", "events {}\nhttp {}\n"),
    ]);
    assert_eq!(out, "machine service web of deploy/stack.yml: web\n");
}

/// Variables without end, of an image that makes a line of each, and a template full of them.
#[test]
fn thirty_thousand_variables() {
    let env: String = (0..30_000)
        .map(|n| format!("      php.x{n}: \"{n}\"\n"))
        .collect();
    let compose = format!(
        "services:\n  web:\n    image: webdevops/php-nginx:8.3-alpine\n    environment:\n{env}"
    );
    let out = said(&[("compose.yaml", &compose)]);
    assert!(out.contains("pool www of service web"), "{out}");
    let list: String = (0..30_000)
        .map(|n| format!("      - php.x{n}={n}\n"))
        .collect();
    let compose = format!(
        "services:\n  web:\n    image: webdevops/php-nginx:8.3-alpine\n    environment:\n{list}"
    );
    let out = said(&[("compose.yaml", &compose)]);
    assert!(out.contains("pool www of service web"), "{out}");
    let many = "# ${A}${B}\n".repeat(30_000);
    let template = format!("{many}server {{ listen 80; proxy_read_timeout ${{A}}; }}\n");
    let compose = "services:\n  web:\n    image: nginx:1.27\n    environment: {A: 30s, B: x}\n    \
                   volumes: ['./t:/etc/nginx/templates']\n";
    let out = said(&[("compose.yaml", compose), ("t/a.conf.template", &template)]);
    assert!(out.contains("machine service web"), "{out}");
}

/// A value is text, whatever it holds: no line of it reaches the terminal as it is.
#[test]
fn a_value_cannot_reach_the_terminal() {
    let out = said(&[(
        "compose.yaml",
        "services:\n  web:\n    image: serversideup/php:8.3-fpm-nginx\n    environment:\n      \
         PHP_FPM_POOL_NAME: \"a\\e[31m\\nb\"\n      NGINX_WEBROOT: \"\\e[2J; }\"\n",
    )]);
    assert!(!out.contains('\u{1b}'), "{out}");
}
