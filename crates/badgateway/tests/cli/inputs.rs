//! All the ways to say what is to be checked.

use std::process::{Command, Stdio};

use crate::run::{Folder, POOL, answer, example, nginx, program, run, system};

const BAD: &str = "fastcgi_read_timeout 20s;";
const FOUND: &str = "error[read-timeout-below-terminate]";

fn bad() -> Folder {
    system(BAD, POOL, "max_execution_time = 10\n")
}

#[test]
fn files_folders_and_roots() {
    let system = bad();
    let (conf, pool) = (
        system.at("etc/nginx/nginx.conf"),
        system.at("etc/php/8.2/fpm/php-fpm.conf"),
    );
    run(&["check", &conf, &pool]).says(FOUND);
    run(&["check", &pool, &conf]).says(FOUND);
    run(&["check", &system.at("etc")]).says(FOUND);
    run(&["check", "--root", &system.at("")]).says(FOUND);
    let answer = run(&["check", "--root", &system.at(""), "/etc/nginx/nginx.conf"]);
    assert!(!answer.err.contains("panicked"));
}

/// nginx alone: its routes are there, the pool is not, so nothing is said to be clean.
#[test]
fn half_a_stack_is_not_clean() {
    let system = bad();
    let answer = run(&["check", &system.at("etc/nginx/nginx.conf")]);
    assert_ne!(answer.code, 0, "{answer:#?}");
}

#[test]
fn a_dump_points_to_the_file_behind_it() {
    let dump = format!(
        "# configuration file /etc/nginx/nginx.conf:\n{}\n",
        nginx(BAD)
    );
    let folder = Folder::new();
    let dump = folder.write("dump.txt", dump);
    let pool = folder.write("www.conf", POOL);
    let answer = run(&["check", &dump, &pool]).says(FOUND);
    assert!(
        answer.out.contains("/etc/nginx/nginx.conf:10"),
        "{}",
        answer.out
    );
}

#[test]
fn standard_input() {
    let folder = Folder::new();
    let text = format!(
        "# configuration file /etc/nginx/nginx.conf:\n{}\n",
        nginx(BAD)
    );
    let dump = folder.write("dump.txt", text);
    let pool = folder.write("www.conf", POOL);
    let file = std::fs::File::open(dump).expect("just written");
    let answer = answer(
        program()
            .args(["check", "-", &pool])
            .stdin(Stdio::from(file)),
    );
    answer.says(FOUND);
}

/// Findings of both ways are the same.
#[test]
fn a_folder_is_read_as_its_files() {
    let root = example().display().to_string();
    let by_root = run(&["check", "--root", &root, "--format", "concise"]);
    let by_folder = run(&["check", &format!("{root}/etc"), "--format", "concise"]);
    assert_eq!(by_root.code, by_folder.code);
    let ids = |text: &str| -> Vec<String> {
        let words = text
            .lines()
            .filter_map(|l| l.split_once('[')?.1.split(']').next());
        words.map(str::to_owned).collect()
    };
    assert_eq!(
        ids(&by_root.out),
        ids(&by_folder.out),
        "{}\n{}",
        by_root.out,
        by_folder.out
    );
}

#[test]
fn a_service_name_needs_a_map() {
    let text = nginx(BAD).replace("unix:/run/php/php-fpm.sock", "php:9000");
    let folder = Folder::new();
    let conf = folder.write("nginx.conf", text);
    let pool = folder.write("www.conf", POOL.replace("/run/php/php-fpm.sock", "9000"));
    run(&["check", &conf, &pool])
        .exits(2)
        .says("php:9000")
        .says("--map");
    run(&["check", &conf, &pool, "--map", "php:9000=www"]).says(FOUND);
    run(&["check", &conf, &pool, "--map", "php:9000=none"])
        .exits(2)
        .says("none");
    run(&["check", &conf, &pool, "--map", "nonsense"]).exits(2);
}

#[test]
fn a_map_needs_both_sides() {
    let folder = bad();
    for map in ["php:9000", "php:9000=", "=www", "nonsense"] {
        run(&["check", "--root", &folder.at(""), "--map", map])
            .exits(2)
            .says("write ADDRESS=POOL");
    }
}

/// One pool is not two that fight for a socket.
#[test]
fn what_is_named_twice_is_read_once() {
    let folder = bad();
    let etc = folder.at("etc");
    let answer = run(&["check", &etc, &etc]).exits(1);
    assert!(!answer.out.contains("duplicate-listen"), "{}", answer.out);
    assert!(answer.out.contains("1 route and 1 pool"), "{}", answer.out);
}

/// Two images in one repository: neither is left out.
#[test]
fn every_main_file_of_a_folder() {
    for (sound, faulty) in [("a", "b"), ("b", "a")] {
        let folder = Folder::new();
        folder.write(&format!("{sound}/nginx.conf"), nginx(""));
        folder.write(&format!("{faulty}/nginx.conf"), nginx(BAD));
        folder.write("www.conf", POOL);
        run(&["check", &folder.at("")])
            .says(FOUND)
            .says("2 routes and 1 pool");
    }
}

/// nginx.conf of an image includes by the paths inside the image; its sites lie beside it here.
#[test]
fn includes_of_an_image_are_looked_for_beside() {
    for (place, here) in [("/no/such", ""), ("/etc/nginx/no-such", "no-such/")] {
        let folder = Folder::new();
        let main = format!("events {{}}\nhttp {{\n    include {place}/conf.d/*.conf;\n}}\n");
        folder.write("nginx.conf", main);
        folder.write(
            &format!("{here}conf.d/app.conf"),
            "server {\n    listen 80;\n    location / {\n        fastcgi_pass php:9000;\n    }\n}\n",
        );
        folder.write("www.conf", POOL);
        run(&["check", &folder.at("")])
            .exits(2)
            .says("app.conf")
            .says("php:9000");
    }
}

/// The words in a refused dump say what to do.
#[test]
fn a_dump_without_its_errors_names_the_missing_half() {
    let folder = Folder::new();
    let empty = folder.write("dump.txt", "");
    run(&["check", &empty]).exits(2);
    let odd = folder.write("odd.txt", "nothing that anybody knows\n");
    run(&["check", &odd]).exits(2).says("odd.txt");
}

/// Which program wrote a file does not depend on its name.
#[test]
fn names_do_not_matter() {
    let folder = Folder::new();
    let conf = folder.write("a", nginx(BAD));
    let pool = folder.write("b", POOL);
    run(&["check", &conf, &pool]).says(FOUND);
}

#[test]
fn the_shell_can_use_it() {
    let output = Command::new("sh")
        .arg("-c")
        .arg("(\"$0\" rules --format json; echo \"code $?\" >&2) | head -1")
        .arg(env!("CARGO_BIN_EXE_badgateway"))
        .output()
        .expect("a shell runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "code 0\n");
}
