//! Sets of files and what is made of them.

use fix::Store;
use intake::{Given, Tray};

const NGINX: &str = "events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n";
const SITE: &str = "server {\n    location ~ \\.php$ {\n        include fastcgi_params;\n        \
    fastcgi_pass unix:/run/php/a.sock;\n    }\n}\n";
const PARAMS: &str = "fastcgi_param QUERY_STRING $query_string;\n";
const FPM: &str = "[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n";
const POOL: &str = "[www]\nlisten = /run/php/a.sock\npm = static\npm.max_children = 5\n";
const INI: &str = "[PHP]\nmax_execution_time = 30\n";

fn tray(files: &[(&str, &str)]) -> Tray {
    let files = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes().into()));
    Tray::new(files).expect("the names are right")
}

/// Servers of nginx, routes, pools, and the names of all files that were read.
fn loaded(files: &[(&str, &str)]) -> String {
    let tray = tray(files);
    let given = Given::of(&tray, &[], None).expect("nothing is asked for");
    let model = given.model(&tray, &Store::default());
    let mut lines = vec![format!(
        "nginx {} routes {} fpm {} pools {}",
        model.nginx.len(),
        model.routes().count(),
        model.fpm.len(),
        model.pools().count()
    )];
    let read = model.sources.iter();
    let mut read: Vec<String> = read.map(|(_, source)| source.shown().to_string()).collect();
    read.sort();
    lines.extend(read);
    let problems = given.found.problems.iter().chain(&model.problems);
    lines.extend(problems.map(|problem| format!("! {}", problem.message)));
    lines.join("\n")
}

#[track_caller]
fn assert_loads(files: &[(&str, &str)], wanted: &[&str]) {
    assert_eq!(loaded(files), wanted.join("\n"));
}

#[test]
fn a_whole_system() {
    let files = [
        ("etc/nginx/nginx.conf", NGINX),
        ("etc/nginx/fastcgi_params", PARAMS),
        ("etc/nginx/conf.d/a.conf", SITE),
        ("etc/php/8.2/fpm/php-fpm.conf", FPM),
        ("etc/php/8.2/fpm/pool.d/www.conf", POOL),
        ("etc/php/8.2/fpm/php.ini", INI),
        (
            "var/log/nginx/error.log",
            "2026/11/22 11:31:20 [error] 7#7: *1 x\n",
        ),
    ];
    let wanted = [
        "nginx 1 routes 1 fpm 1 pools 1",
        "etc/nginx/conf.d/a.conf",
        "etc/nginx/fastcgi_params",
        "etc/nginx/nginx.conf",
        "etc/php/8.2/fpm/php-fpm.conf",
        "etc/php/8.2/fpm/php.ini",
        "etc/php/8.2/fpm/pool.d/www.conf",
    ];
    assert_loads(&files, &wanted);
    // The same tree with `/` in front, and as a folder in a folder.
    for root in ["/", "backup/host7/"] {
        let names: Vec<String> = files
            .iter()
            .map(|(name, _)| format!("{root}{name}"))
            .collect();
        let moved = names
            .iter()
            .zip(files)
            .map(|(name, (_, text))| (name.as_str(), text));
        let wanted: Vec<String> = wanted
            .iter()
            .map(|line| match line.starts_with("etc") {
                true => format!("{root}{line}"),
                false => (*line).to_owned(),
            })
            .collect();
        assert_eq!(loaded(&moved.collect::<Vec<_>>()), wanted.join("\n"));
    }
}

/// What a browser hands over of a folder begins with the folder's own name.
#[test]
fn copied_folders() {
    assert_loads(
        &[
            ("nginx/nginx.conf", NGINX),
            ("nginx/fastcgi_params", PARAMS),
            ("nginx/conf.d/a.conf", SITE),
            ("nginx/sites-available/off.conf", SITE),
            ("fpm/php-fpm.conf", FPM),
            ("fpm/pool.d/www.conf", POOL),
            ("fpm/php.ini", INI),
        ],
        &[
            "nginx 1 routes 1 fpm 1 pools 1",
            "fpm/php-fpm.conf",
            "fpm/php.ini",
            "fpm/pool.d/www.conf",
            "nginx/conf.d/a.conf",
            "nginx/fastcgi_params",
            "nginx/nginx.conf",
        ],
    );
}

/// Given one by one, each file is meant, unless another reads it anyway.
#[test]
fn loose_files() {
    assert_loads(
        &[
            (
                "nginx.conf",
                "events {}\nhttp {\n    include site.conf;\n}\n",
            ),
            ("site.conf", SITE),
            ("other.conf", SITE),
            ("fastcgi_params", PARAMS),
            ("www.conf", POOL),
            ("php.ini", INI),
            ("notes.txt", "call Anna\n"),
        ],
        &[
            "nginx 2 routes 2 fpm 1 pools 1",
            "fastcgi_params",
            "fastcgi_params",
            "nginx.conf",
            "other.conf",
            "php.ini",
            "site.conf",
            "www.conf",
            "! other.conf is a part of a configuration (it has no `http` block): what it does not \
             set is unknown",
        ],
    );
}

/// The main files name folders that nobody has picked.
#[test]
fn loose_files_of_folders() {
    assert_loads(
        &[
            ("nginx.conf", NGINX),
            ("site.conf", SITE),
            ("fastcgi_params", PARAMS),
            ("php-fpm.conf", FPM),
            ("www.conf", POOL),
        ],
        &[
            "nginx 1 routes 1 fpm 1 pools 1",
            "fastcgi_params",
            "nginx.conf",
            "php-fpm.conf",
            "site.conf",
            "www.conf",
        ],
    );
}

#[test]
fn parts_without_a_main_file() {
    assert_loads(
        &[
            ("conf.d/a.conf", SITE),
            ("conf.d/app.js", "let a = 1;\n"),
            ("pool.d/www.conf", POOL),
        ],
        &[
            "nginx 1 routes 1 fpm 1 pools 1",
            "conf.d/a.conf",
            "pool.d/www.conf",
            "! cannot read /conf.d/fastcgi_params: no such file or directory; nginx would refuse to \
             start",
            "! conf.d/a.conf is a part of a configuration (it has no `http` block): what it does \
             not set is unknown",
        ],
    );
}

#[test]
fn dumps() {
    let dump = format!(
        "# configuration file /etc/nginx/nginx.conf:\n{NGINX}\n\
         # configuration file /etc/nginx/conf.d/a.conf:\n{SITE}\n\
         # configuration file /etc/nginx/fastcgi_params:\n{PARAMS}\n"
    );
    assert_loads(
        &[("dump.txt", &dump), ("www.conf", POOL)],
        &[
            "nginx 1 routes 1 fpm 1 pools 1",
            "/etc/nginx/conf.d/a.conf",
            "/etc/nginx/fastcgi_params",
            "/etc/nginx/nginx.conf",
            "www.conf",
        ],
    );
}

#[test]
fn nothing_to_judge() {
    let nothing = "! no nginx and no PHP-FPM configuration in these files";
    assert_loads(&[], &["nginx 0 routes 0 fpm 0 pools 0", nothing]);
    let notes = [("notes.txt", "call Anna\n")];
    assert_loads(&notes, &["nginx 0 routes 0 fpm 0 pools 0", nothing]);
}

#[test]
fn names_that_are_wrong() {
    let refused = |names: &[&str]| {
        let files = names.iter().map(|name| (*name, b"".as_slice().into()));
        Tray::new(files).err().expect("it is refused")
    };
    assert_eq!(refused(&[""]), "`` names no file");
    assert_eq!(refused(&["a/.."]), "`a/..` names no file");
    assert_eq!(refused(&["a", "./b/../a"]), "`./b/../a` was given twice");
    assert_eq!(refused(&["a", "a/b"]), "`a` is a file and a folder");
}
