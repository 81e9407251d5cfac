//! What could not be read is never "clean": pipes, closed files and folders in every place where a
//! configuration is looked for.

use std::os::unix::fs::symlink;

use crate::run::{Folder, POOL, answer, nginx, program, run, run_as_nobody, system};

const INI: &str = "etc/php/8.2/fpm/php.ini";

fn sound() -> Folder {
    system("", POOL, "max_execution_time = 30\n")
}

#[test]
fn pipes_in_the_usual_places() {
    for name in ["etc/nginx/nginx.conf", "etc/php/8.2/fpm/php-fpm.conf", INI] {
        let folder = sound();
        folder.pipe(name);
        for args in [["--root", &folder.at("")].as_slice(), &[&folder.at("etc")]] {
            run(&[&["check"], args].concat())
                .exits(2)
                .says(name)
                .says("FIFO");
        }
    }
    let folder = sound();
    folder.write("etc/php/8.2/fpm/conf.d/keep", "");
    folder.pipe("etc/php/8.2/fpm/conf.d/10-x.ini");
    run(&["check", "--root", &folder.at("")])
        .exits(2)
        .says("10-x.ini");
}

#[test]
fn links_in_the_usual_places() {
    for (target, name) in [("/no/such", "nginx.conf"), ("nginx.conf", "nginx.conf")] {
        let folder = sound();
        let path = folder.path().join("etc/nginx").join(name);
        std::fs::remove_file(&path).expect("it is there");
        symlink(target, path).expect("a link can be made");
        run(&["check", "--root", &folder.at("")])
            .exits(2)
            .says("etc/nginx/nginx.conf");
    }
}

/// A link that leads out of the root leads nowhere; the host's file is not read in its place.
#[test]
fn a_root_is_not_left() {
    let folder = sound();
    let outside = Folder::new();
    let bad = outside.write("nginx.conf", nginx("fastcgi_read_timeout 20s;"));
    let inside = folder.path().join("etc/nginx/nginx.conf");
    std::fs::remove_file(&inside).expect("it is there");
    symlink(&bad, &inside).expect("a link can be made");
    let answer = run(&["check", "--root", &folder.at("")]).exits(2);
    assert!(!answer.all().contains("read-timeout"), "{}", answer.all());
    // A relative input is inside the root too, wherever the program is started.
    let answer = answer_from(&outside, &["check", "--root", &folder.at(""), "nginx.conf"]);
    assert_eq!(answer.code, 2, "{answer:#?}");
    assert!(!answer.all().contains("read-timeout"), "{}", answer.all());
}

fn answer_from(folder: &Folder, args: &[&str]) -> crate::run::Answer {
    answer(program().args(args).current_dir(folder.path()))
}

#[test]
fn closed_files() {
    for name in ["etc/nginx/nginx.conf", "etc/php/8.2/fpm/php-fpm.conf", INI] {
        let folder = sound();
        folder.close(name);
        for args in [
            ["--root", &folder.at("")].as_slice(),
            &[&folder.at("etc")],
            &[&folder.at(name)],
        ] {
            run_as_nobody(&folder, &[&["check"], args].concat())
                .exits(2)
                .says(name)
                .says("permission denied");
        }
    }
}

#[test]
fn closed_folders() {
    for name in ["etc/nginx", "etc/php/8.2/fpm", "etc/php/8.2", "etc/php"] {
        let folder = sound();
        folder.close(name);
        for args in [
            ["--root", &folder.at("")].as_slice(),
            &[&folder.at("etc")],
            &[&folder.at(name)],
        ] {
            run_as_nobody(&folder, &[&["check"], args].concat())
                .exits(2)
                .says(name)
                .says("permission denied");
        }
    }
}

/// Without a main file every file counts that is named like a part of it.
#[test]
fn parts_that_cannot_be_read() {
    let folder = Folder::new();
    folder.write("conf/site.conf", "server {\n    listen 80;\n}\n");
    folder.write("conf/www.conf", POOL);
    folder.write("conf/closed.conf", "fastcgi_read_timeout 20s;\n");
    folder.close("conf/closed.conf");
    folder.pipe("conf/pipe.conf");
    symlink("/no/such", folder.path().join("conf/nowhere.conf")).expect("a link");
    run_as_nobody(&folder, &["check", &folder.at("conf")])
        .exits(2)
        .says("closed.conf: permission denied")
        .says("pipe.conf: is not a regular file")
        .says("nowhere.conf: no such file");
}

#[test]
fn a_root_that_is_none() {
    run(&["check", "--root", "/no/such"])
        .exits(2)
        .says("--root /no/such: no such file or directory");
    let folder = sound();
    run(&["check", "--root", &folder.at("etc/passwd")])
        .exits(2)
        .says("etc/passwd");
}

/// nginx runs as root and reads what we may not list.
#[test]
fn an_include_of_a_closed_folder() {
    let folder = sound();
    let including = nginx("").replace("http {", "http {\n    include conf.d/*.conf;");
    folder.write("etc/nginx/nginx.conf", including);
    folder.write("etc/nginx/conf.d/x.conf", "fastcgi_read_timeout 20s;\n");
    folder.close("etc/nginx/conf.d");
    run_as_nobody(&folder, &["check", "--root", &folder.at("")])
        .exits(2)
        .says("conf.d")
        .says("nginx.conf:4");
}

#[test]
fn a_closed_scan_directory() {
    let folder = sound();
    let name = "etc/php/8.2/fpm/conf.d";
    folder.write(&format!("{name}/x.ini"), "max_execution_time = 300\n");
    folder.close(name);
    run_as_nobody(&folder, &["check", "--root", &folder.at("")])
        .exits(2)
        .says(name);
}

#[test]
fn a_closed_user_ini() {
    let folder = sound();
    folder.write("srv/shop/.user.ini", "max_execution_time = 300\n");
    folder.close("srv/shop/.user.ini");
    run_as_nobody(&folder, &["check", "--root", &folder.at("")])
        .exits(2)
        .says("srv/shop/.user.ini");
}

/// What an unread file may set is not known, even where another file sets it.
#[test]
fn a_closed_file_behind_php_ini() {
    let pool = POOL.replace("40s", "20s");
    let folder = system("", &pool, "max_execution_time = 30\n");
    folder.write("etc/php/8.2/fpm/conf.d/x.ini", "max_execution_time = 10\n");
    folder.close("etc/php/8.2/fpm/conf.d/x.ini");
    let answer = run_as_nobody(&folder, &["check", "--root", &folder.at("")]).exits(2);
    assert!(!answer.out.contains("error["), "{}", answer.out);
}
