//! The files that images make of their environment, before the real nginx and php-fpm.

use std::process::Command;

use base::FilePath;
use intake::{Found, Gather};
use lab::nginx::test;
use lab::php::{cli_binary, test_fpm};
use lab::scratch::Scratch;
use model::{Files as _, MemoryFiles};

/// An image and what is set: all that its lines are about.
const IMAGES: [(&str, &[&str]); 19] = [
    ("wordpress:6.8-php8.3-fpm", &[]),
    ("jkaninda/laravel-php-fpm:8.3", &[]),
    ("serversideup/php:8.3-fpm-nginx", &[]),
    (
        "serversideup/php:8.3-fpm-nginx",
        &[
            "PHP_MAX_EXECUTION_TIME=77",
            "PHP_FPM_POOL_NAME=shop",
            "NGINX_LISTEN_IP_PROTOCOL=ipv4",
        ],
    ),
    ("serversideup/php:8.3-fpm-nginx-v3.6.0", &[]),
    ("serversideup/php:8.3-fpm", &[]),
    ("webdevops/php-nginx:8.3-alpine", &[]),
    (
        "webdevops/php-nginx:8.3",
        &[
            "FPM_REQUEST_TERMINATE_TIMEOUT=77",
            "FPM_PROCESS_MAX=70",
            "fpm.pool.request_slowlog_timeout=7s",
            "php.session.gc_maxlifetime=77",
        ],
    ),
    ("wodby/nginx:1.29", &[]),
    (
        "wodby/nginx:1.29",
        &[
            "NGINX_VHOST_PRESET=drupal10",
            "NGINX_BACKEND_HOST=127.0.0.1",
        ],
    ),
    (
        "wodby/nginx:1.29",
        &[
            "NGINX_VHOST_PRESET=wordpress",
            "NGINX_BACKEND_HOST=127.0.0.1",
        ],
    ),
    (
        "wodby/php:8.3",
        &[
            "PHP_FPM_REQUEST_SLOWLOG_TIMEOUT=7s",
            "PHP_FPM_PM_STATUS_PATH=/fpm",
        ],
    ),
    (
        "uselagoon/nginx-drupal",
        &["NGINX_FASTCGI_PASS=127.0.0.1", "WEBROOT=web"],
    ),
    ("uselagoon/php-8.3-fpm", &[]),
    ("islandora/drupal:6", &[]),
    ("nextcloud:32-fpm", &[]),
    (
        "thecodingmachine/php:8.3-v4-fpm",
        &["PHP_INI_MEMORY_LIMIT=1g", "PHP_INI_ERROR_REPORTING=E_ALL"],
    ),
    ("bitnami/nginx:1.25", &["NGINX_ENABLE_PORT_IN_REDIRECT=yes"]),
    (
        "erseco/alpine-php-webserver:3.24.1",
        &["max_execution_time=77"],
    ),
];

fn machine(image: &str, set: &[&str]) -> Found {
    let env: String = set.iter().map(|one| format!("      - {one}\n")).collect();
    let env = match set {
        [] => String::new(),
        _ => format!("    environment:\n{env}"),
    };
    let text = format!("services:\n  app:\n    image: {image}\n{env}");
    let mut files = MemoryFiles::default();
    files.insert("/repo/compose.yaml", text.into_bytes());
    let mut gather = Gather::new(&files).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new("/repo"));
    gather.finish()
}

/// The files below a folder, each path in them too; without users that this machine may not have.
fn write(files: &MemoryFiles, scratch: &Scratch) {
    let root = scratch.path().display().to_string();
    let below = [
        "/etc/nginx",
        "/etc/php",
        "/usr/local/etc",
        "/opt/",
        "/docker.std",
        "/var/run",
        "/run/nginx",
    ];
    for path in files.paths() {
        let Ok(bytes) = files.read(&path) else {
            continue;
        };
        let mut text = String::from_utf8(bytes.to_vec()).expect("it is text");
        for place in below {
            for before in [" ", "=", "unix:"] {
                text = text.replace(
                    &format!("{before}{place}"),
                    &format!("{before}{root}{place}"),
                );
            }
        }
        // Of the official image: as seen from its prefix.
        text = text.replace("include=etc/", &format!("include={root}/usr/local/etc/"));
        let is_kept = |line: &&str| {
            let line = line.trim_start();
            let is_user = ["user ", "group ", "user=", "listen.owner", "listen.group"];
            !is_user.iter().any(|word| line.starts_with(word))
        };
        let text: String = text.split_inclusive('\n').filter(is_kept).collect();
        scratch.write(path.to_string().trim_start_matches('/'), text);
    }
    scratch.write("opt/bitnami/nginx/logs/here", "");
    scratch.write("opt/bitnami/nginx/tmp/here", "");
    scratch.write("var/run/here", "");
    scratch.write("run/here", "");
}

#[test]
fn the_servers_take_what_the_images_make() {
    let mut wrong = String::new();
    let (mut nginx_count, mut fpm_count, mut ini_count) = (0, 0, 0);
    for (image, set) in IMAGES {
        let found = machine(image, set);
        let problems: Vec<&String> = found
            .problems
            .iter()
            .map(|problem| &problem.message)
            .collect();
        assert!(problems.is_empty(), "{image}: {problems:?}");
        for (main, files, _) in &found.nginx_dumps {
            nginx_count += 1;
            let scratch = Scratch::new("image");
            write(files, &scratch);
            let verdict = test(&scratch, main.to_string().trim_start_matches('/'));
            if !verdict.ok {
                wrong += &format!("{image} {set:?}: {}\n", verdict.output);
            }
        }
        for (input, files, _) in &found.fpm_dumps {
            fpm_count += 1;
            let scratch = Scratch::new("image");
            write(files, &scratch);
            let main = input.files[0].to_string();
            let main = scratch.path().join(main.trim_start_matches('/'));
            let verdict = test_fpm(&main, "-t");
            if !verdict.ok {
                wrong += &format!(
                    "{image} {set:?}: {}\n",
                    String::from_utf8_lossy(&verdict.output)
                );
            }
            for path in files
                .paths()
                .iter()
                .filter(|path| path.name().ends_with(b".ini"))
            {
                ini_count += 1;
                let ini = scratch
                    .path()
                    .join(path.to_string().trim_start_matches('/'));
                let output = Command::new(cli_binary())
                    .arg("-c")
                    .arg(&ini)
                    .args(["-r", ""])
                    .env("PHP_INI_SCAN_DIR", "")
                    .output()
                    .expect("php runs");
                let said = String::from_utf8_lossy(&output.stderr);
                if said.contains("syntax error") {
                    wrong += &format!("{image} {path}: {said}\n");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let counts = (nginx_count, fpm_count, ini_count);
    assert!(
        nginx_count >= 11 && fpm_count >= 10 && ini_count >= 12,
        "{counts:?}"
    );
}
