//! `--image`: archives as `docker save` writes them. What layers make is tested in `image`, and
//! what the real tools write in the lab.

use std::io::Write as _;

use crate::run::{Folder, POOL, nginx, program, run};
use crate::write::Tar;

const FOUND: &str = "error[read-timeout-below-terminate]";
const MAIN: &str = "/etc/nginx/nginx.conf";

/// Layers, what made each, and the image's configuration: `"Env": […]`.
struct Image {
    layers: Vec<(Tar, &'static str)>,
    config: String,
}

impl Image {
    fn of(layer: Tar, made_by: &'static str) -> Image {
        Image {
            layers: vec![(layer, made_by)],
            config: String::new(),
        }
    }

    fn saved(&self, tar: &mut Tar, tag: &str) -> String {
        let mut names = Vec::new();
        for (number, (layer, _)) in self.layers.iter().enumerate() {
            let name = format!("{tag}/{number}/layer.tar");
            tar.file(&name, &layer.end());
            names.push(format!("\"{name}\""));
        }
        let history = self.layers.iter().map(|(_, made_by)| {
            let made_by = made_by.replace('"', "\\\"");
            format!(
                "{{\"created_by\":\"{made_by}\"}},{{\"created_by\":\"ENV\",\"empty_layer\":true}}"
            )
        });
        let digests: Vec<&str> = self.layers.iter().map(|_| "\"other:0\"").collect();
        let config = format!(
            "{{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{{{}}},\"history\":[{}],\
             \"rootfs\":{{\"diff_ids\":[{}]}}}}",
            self.config,
            history.collect::<Vec<_>>().join(","),
            digests.join(",")
        );
        tar.file(&format!("{tag}.json"), config.as_bytes());
        format!(
            "{{\"Config\":\"{tag}.json\",\"RepoTags\":[\"{tag}:1\"],\"Layers\":[{}]}}",
            names.join(",")
        )
    }

    fn archive(&self) -> Vec<u8> {
        archive(&[(self, "shop")])
    }
}

fn archive(images: &[(&Image, &str)]) -> Vec<u8> {
    let mut tar = Tar::default();
    let mut all = Vec::new();
    for (image, tag) in images {
        all.push(image.saved(&mut tar, tag));
    }
    tar.file("manifest.json", format!("[{}]", all.join(",")).as_bytes());
    tar.end()
}

fn users(tar: &mut Tar) {
    tar.file("etc/passwd", b"root:x:0:0:::\nwww-data:x:33:33:::\n")
        .file("etc/group", b"root:x:0:\nwww-data:x:33:\n");
}

fn web(inside: &str) -> Tar {
    let mut tar = Tar::default();
    users(&mut tar);
    tar.folder("etc/nginx")
        .file(&MAIN[1..], nginx(inside).as_bytes());
    tar
}

fn php(pool: &str) -> Tar {
    let mut tar = Tar::default();
    users(&mut tar);
    let main = format!("[global]\nprocess_control_timeout = 60s\n{pool}");
    let ini = b"max_execution_time = 10\ndisplay_errors = 0\nlog_errors = 1\n";
    tar.file("etc/php/8.2/fpm/php-fpm.conf", main.as_bytes())
        .file("etc/php/8.2/fpm/php.ini", ini);
    tar
}

fn shop() -> Image {
    Image {
        layers: vec![
            (php(POOL), "RUN apt-get install php-fpm"),
            (
                web("fastcgi_read_timeout 20s;"),
                "COPY --chmod=600 nginx.conf /etc/nginx/ # password=hunter2hunter2",
            ),
        ],
        config: String::new(),
    }
}

#[test]
fn findings_name_the_file_and_the_layer() {
    let folder = Folder::new();
    let image = folder.write("shop.tar", shop().archive());
    let answer = run(&["check", "--image", &image]).exits(1).says(FOUND);
    let answer = answer.says(&format!("{image}:{MAIN}:10"));
    let out = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let out = out.replace(" = ", " ").replace(" | ", " ");
    assert!(
        out.contains("is from layer 2 of 2: COPY --chmod=600 nginx.conf"),
        "{out}"
    );
    assert!(
        out.contains("is from layer 1 of 2: RUN apt-get install"),
        "{out}"
    );
    assert!(!out.contains("hunter2"), "{out}");
    for format in crate::run::FORMATS {
        run(&["check", "--image", &image, "--format", format]).exits(1);
    }
}

#[test]
fn packed_archives_are_the_same() {
    let folder = Folder::new();
    let bytes = shop().archive();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    let gzip = folder.write("gzip", gzip.finish().unwrap());
    let zstd = folder.write("zstd", zstd::encode_all(bytes.as_slice(), 1).unwrap());
    let plain = folder.write("plain", &bytes);
    let said = |path: &str| {
        let answer = run(&["check", "--image", path, "--format", "concise"]).exits(1);
        answer.out.replace(path, "")
    };
    assert_eq!(said(&gzip), said(&plain));
    assert_eq!(said(&zstd), said(&plain));
}

#[test]
fn edits_are_shown_and_not_written() {
    let folder = Folder::new();
    let bytes = shop().archive();
    let image = folder.write("shop.tar", &bytes);
    let answer = run(&["fix", "--image", &image]).exits(1);
    let answer = answer.says("-            fastcgi_read_timeout 20s;");
    let answer = answer.says("lies in an image: change it where the image is built");
    answer.says("is from layer 2 of 2: COPY");
    run(&["fix", "--image", &image, "--write"]).exits(2);
    assert_eq!(std::fs::read(&image).unwrap(), bytes);
}

#[test]
fn ladders_facts_and_policies() {
    let folder = Folder::new();
    let mut image = shop();
    let status =
        "Package: nginx\nVersion: 1.22.1-9+deb12u3\n\nPackage: php8.2-fpm\nVersion: 8.2.29-1\n";
    image.layers[0]
        .0
        .file("var/lib/dpkg/status", status.as_bytes());
    let path = folder.write("shop.tar", image.archive());
    let chain = run(&["chain", "--image", &path]).says("fastcgi_read_timeout       20s");
    chain.says(&format!("{path}:{MAIN}:10"));
    let facts = run(&["facts", "--image", &path]).exits(0);
    let facts = facts
        .says("version = \"1.22.1\"")
        .says("version = \"8.2.29\"");
    facts.says("www-data");
    let mut official = Image::of(php(POOL), "RUN");
    official.config = "\"Env\":[\"PHP_VERSION=8.3.7\"]".to_owned();
    let path = folder.write("php.tar", official.archive());
    let facts = run(&["facts", "--image", &path]).exits(0);
    facts.says("version = \"8.3.7\"  # PHP_VERSION of ");
}

/// Images in which the command chooses the files.
fn commanded(files: &[(&str, &str)], config: &str) -> Vec<u8> {
    let mut tar = Tar::default();
    users(&mut tar);
    for (path, content) in files {
        tar.file(path, content.as_bytes());
    }
    let mut image = Image::of(tar, "COPY . .");
    image.config = config.to_owned();
    image.archive()
}

#[test]
fn the_command_chooses_the_files() {
    let folder = Folder::new();
    let site = nginx("fastcgi_read_timeout 20s;");
    let main = format!("[global]\nprocess_control_timeout = 60s\n{POOL}");
    let files = [
        ("srv/own/web.conf", site.as_str()),
        ("srv/own/fpm.conf", main.as_str()),
        ("srv/own/php.ini", "display_errors = 0\nlog_errors = 1\n"),
    ];
    for config in [
        r#""Cmd":["/bin/sh","-c","php-fpm -D -y /srv/own/fpm.conf -c /srv/own -d max_execution_time=10 && exec nginx -c /srv/own/web.conf -g 'daemon off;'"]"#,
        r#""Entrypoint":["sh","-c"],"Cmd":["php-fpm8.2 --fpm-config=fpm.conf --php-ini php.ini --define max_execution_time=10; nginx -c /srv/own/web.conf"],"WorkingDir":"/srv/own""#,
    ] {
        let path = folder.write("own.tar", commanded(&files, config));
        let answer = run(&["check", "--image", &path]).exits(1).says(FOUND);
        answer.says("own.tar:/srv/own/web.conf:10");
        let chain = run(&["chain", "--image", &path]);
        let chain = chain.says("max_execution_time         10s");
        chain.says("(the command of php-fpm).ini:1");
    }
    let path = folder.write("own.tar", commanded(&files, ""));
    run(&["check", "--image", &path])
        .exits(2)
        .says("no nginx and no PHP-FPM");
}

#[test]
fn the_environment_reaches_php() {
    let folder = Folder::new();
    let pool = POOL.replace("= 40s", "= ${LIMIT}");
    let main = format!("[global]\nprocess_control_timeout = 60s\n{pool}");
    let site = nginx("fastcgi_read_timeout 20s;");
    let files = [
        (&MAIN[1..], site.as_str()),
        ("usr/local/etc/php-fpm.conf", main.as_str()),
        (
            "usr/local/etc/php/php.ini",
            "max_execution_time = 10\nlog_errors = 1\n",
        ),
        ("usr/local/etc/php/conf.d/a.ini", "display_errors = 0\n"),
        ("opt/more/z.ini", "max_execution_time = 9\n"),
    ];
    let config = r#""Env":["LIMIT=40s","PHP_INI_SCAN_DIR=:/opt/more"]"#;
    let path = folder.write("env.tar", commanded(&files, config));
    let answer = run(&["check", "--image", &path]).exits(1).says(FOUND);
    answer.says("request_terminate_timeout = ${LIMIT}");
    run(&["chain", "--image", &path]).says("env.tar:/opt/more/z.ini:1");
    let path = folder.write("env.tar", commanded(&files, ""));
    let unknown = run(&["check", "--image", &path]).exits(2);
    unknown.says("`${LIMIT}` is filled in when PHP starts");
}

#[test]
fn templates_of_the_nginx_image_are_filled_in() {
    let folder = Folder::new();
    let main = "user www-data;\nevents {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n";
    let site = nginx("fastcgi_read_timeout ${GIVE_UP};");
    let server = site
        .split_once("http {\n")
        .unwrap()
        .1
        .trim_end()
        .trim_end_matches('}');
    let fpm = format!("[global]\nprocess_control_timeout = 60s\n{POOL}");
    let files = [
        (&MAIN[1..], main),
        ("etc/nginx/templates/default.conf.template", server),
        ("etc/php/8.2/fpm/php-fpm.conf", fpm.as_str()),
        (
            "etc/php/8.2/fpm/php.ini",
            "max_execution_time = 10\ndisplay_errors = 0\nlog_errors = 1\n",
        ),
    ];
    let config = r#""Entrypoint":["/docker-entrypoint.sh"],"Cmd":["nginx","-g","daemon off;"],"Env":["GIVE_UP=20s"]"#;
    let path = folder.write("t.tar", commanded(&files, config));
    let answer = run(&["check", "--image", &path]).exits(1).says(FOUND);
    answer.says("t.tar:/etc/nginx/templates/default.conf.template:7");
}

#[test]
fn two_images_are_two_machines() {
    let folder = Folder::new();
    let site = nginx("fastcgi_read_timeout 20s;");
    let site = site.replace("unix:/run/php/php-fpm.sock", "php:9000");
    let mut web = Tar::default();
    users(&mut web);
    web.file(&MAIN[1..], site.as_bytes());
    let web = Image::of(web, "COPY");
    let pool = POOL.replace("/run/php/php-fpm.sock", "0.0.0.0:9000");
    let fpm = Image::of(php(&pool), "COPY");
    let both = folder.write("both.tar", archive(&[(&web, "web"), (&fpm, "fpm")]));
    let one = folder.write("web.tar", archive(&[(&web, "web")]));
    let other = folder.write("fpm.tar", archive(&[(&fpm, "fpm")]));
    for images in [
        vec!["--image", both.as_str()],
        vec!["--image", &one, "--image", &other],
    ] {
        let check = [&["check"], images.as_slice()].concat();
        run(&check)
            .exits(2)
            .says("`php` is no machine of these files");
        let mapped = [check.as_slice(), &["--map", "php:9000=www"]].concat();
        run(&mapped).exits(1).says(FOUND);
    }
    run(&["check", "--image", &both]).says("both.tar[web:1]:/etc/nginx/nginx.conf");
    let conf = folder.write("nginx.conf", &site);
    let beside = ["check", &conf, "--image", &other, "--map", "php:9000=www"];
    run(&beside).exits(1).says(FOUND);
    let twice = run(&["check", "--image", &other, "--image", &other]);
    assert!(!twice.all().contains("panicked"), "{twice:#?}");
}

#[test]
fn an_image_beside_logs() {
    let folder = Folder::new();
    let image = folder.write("shop.tar", shop().archive());
    let log = "2026/11/22 11:30:40 [error] 7#7: *1 upstream timed out (110: Connection timed out) \
               while reading response header from upstream, client: 10.0.0.1, server: shop.example, \
               request: \"GET /a.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/php/php-fpm.sock:\", \
               host: \"shop.example\"\n";
    let log = folder.write("error.log", log);
    let answer = run(&["diagnose", &log, "--config", &image]);
    answer.says("pools     www (1)");
}

#[test]
fn what_is_no_image_is_said() {
    let folder = Folder::new();
    let refuse = |image: &str, words: &str| {
        let answer = run(&["check", "--image", image]).exits(2);
        let all = answer
            .all()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(all.contains(words), "{all}");
    };
    refuse(
        "php:8.2-fpm",
        "nothing is fetched: `docker save php:8.2-fpm -o image.tar`",
    );
    refuse(
        &folder.at("none.tar"),
        "none.tar: no such file or directory",
    );
    refuse(
        &folder.at(""),
        "this folder is no OCI layout: it has no index.json",
    );
    refuse(
        &folder.write("x.tar", "no tar"),
        "x.tar: it is no tar archive",
    );
    refuse(&folder.write("e.tar", ""), "e.tar: it is no tar archive");
    folder.pipe("pipe");
    refuse(&folder.at("pipe"), "pipe: is not a regular file");
    let mut tar = Tar::default();
    tar.file("etc/nginx/nginx.conf", b"events {}")
        .link("a", "b")
        .hard_link("c", "a");
    refuse(&folder.write("root.tar", tar.end()), "it is no image");
    let cut = shop().archive();
    refuse(
        &folder.write("cut.tar", &cut[..cut.len() / 2]),
        "it is cut off",
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&cut).unwrap();
    let gzip = gzip.finish().unwrap();
    refuse(&folder.write("cut.gz", &gzip[..gzip.len() / 2]), "cut.gz: ");
    let shop = folder.write("shop.tar", &cut);
    run(&["check", "--image", &shop, "--platform", "linux/arm64"])
        .exits(2)
        .says("it is for linux/amd64, not for linux/arm64");
    run(&["check", "--image", &shop, "--platform", "a/b/c/d"]).exits(2);
    run(&["check", "--platform", "arm64"]).exits(2);
    run(&["check", "--image", &shop, "--root", "/"]).exits(2);
    run(&["check", &shop])
        .exits(2)
        .says("an image is read with --image");
}

/// A layer of zeros: a thousandth of its size when it is packed.
#[test]
fn a_bomb_is_bounded() {
    let folder = Folder::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let mut head = Tar::default();
    head.raw(b"etc/zeros", b'0', b"", 3 << 30, b"");
    gzip.write_all(&head.0).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..600 {
        gzip.write_all(&zeros).unwrap();
    }
    let layer = gzip.finish().unwrap();
    assert!(layer.len() < 2 << 20);
    let mut tar = Tar::default();
    tar.file("l", &layer).file("c", b"{}");
    tar.file("manifest.json", br#"[{"Config":"c","Layers":["l"]}]"#);
    let path = folder.write("bomb.tar", tar.end());
    let answer = run(&["check", "--image", &path]).exits(2);
    assert!(
        answer
            .all()
            .contains("it unpacks to more than 200 times its size"),
        "{answer:#?}"
    );
}

#[test]
fn the_help_has_it() {
    for command in ["check", "chain", "fix", "policy", "facts"] {
        let output = program().args([command, "--help"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("--image <FILE>"), "{command}");
    }
}
