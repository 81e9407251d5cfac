//! `redact` and `restore` as a person uses them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::run::{Answer, Folder, answer, program, run};

const CONF: &str = "fastcgi_param DB_PASSWORD hunter2xy;\n# Authorization: Bearer 0a1b2c3d4e5f6a7b8c9d\nfastcgi_pass php:9000;\n";

fn with_input(args: &[&str], input: &[u8]) -> Answer {
    let folder = Folder::new();
    let path = folder.write("input", input);
    let file = fs::File::open(path).expect("it was written");
    answer(program().args(args).stdin(file))
}

#[test]
fn a_file_to_standard_output() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    let answer = run(&["redact", &conf]).exits(0);
    let want = "fastcgi_param DB_PASSWORD BGSECRET_001;\n# Authorization: Bearer BGSECRET_002\nfastcgi_pass php:9000;\n";
    assert_eq!(answer.out, want);
    assert!(answer.err.contains("2 places hidden"), "{}", answer.err);
    // The same through a pipe.
    assert_eq!(with_input(&["redact"], CONF.as_bytes()).exits(0).out, want);
    assert_eq!(
        with_input(&["redact", "-"], CONF.as_bytes()).exits(0).out,
        want
    );
}

#[test]
fn what_is_not_read_is_said() {
    let folder = Folder::new();
    folder.write("etc/a.conf", CONF);
    folder.write("elsewhere/b.conf", CONF);
    let link = folder.at("etc/more");
    std::os::unix::fs::symlink(folder.at("elsewhere"), &link).expect("ours to make");
    run(&["redact", &folder.at("etc")]).exits(0).says(&format!(
        "{link} is a link to a directory and is not followed"
    ));
    fs::create_dir(folder.at("empty")).expect("ours to make");
    run(&["redact", &folder.at("empty")])
        .exits(2)
        .says("there is no file in");
}

#[test]
fn there_and_back() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    let pool = folder.write(
        "b.conf",
        b"[www]\nenv[DB_PASSWORD] = hunter2xy\nenv[X_TOKEN] = \"\xff\xfe1a2b3c\"\r\n",
    );
    let (map, out, back) = (folder.at("map.json"), folder.at("out"), folder.at("back"));
    let args = ["redact", &conf, &pool, "--write", &out, "--map", &map];
    let said = run(&args).exits(0);
    assert_eq!(said.out, "");
    // One value, one placeholder, in all files.
    let hidden = fs::read_to_string(format!("{out}{pool}")).expect("it was written");
    assert!(
        hidden.starts_with("[www]\nenv[DB_PASSWORD] = BGSECRET_001\n"),
        "{hidden}"
    );
    let mode = fs::metadata(&map)
        .expect("it was written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let (first, second) = (format!("{out}{conf}"), format!("{out}{pool}"));
    run(&["restore", "--map", &map, "--write", &back, &first, &second]);
    for file in [&conf, &pool] {
        let original = fs::read(file).expect("it is there");
        assert_eq!(
            fs::read(format!("{back}{out}{file}")).expect("it was written"),
            original
        );
    }
    // A map is never written over: it is the way back of something.
    let again = run(&args).exits(2).says("is there already");
    assert!(!again.err.contains("hunter2xy"));
}

#[test]
fn edited_texts() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    let map = folder.at("map.json");
    run(&["redact", &conf, "--map", &map]).exits(0);
    let good = with_input(
        &["restore", "--map", &map],
        b"x BGSECRET_002 y BGSECRET_001\n",
    )
    .exits(0);
    assert_eq!(good.out, "x 0a1b2c3d4e5f6a7b8c9d y hunter2xy\n");
    let odd = with_input(
        &["restore", "--map", &map],
        b"BGSECRET_001 BGSECRET_001\nBGSECRET_007 bgsecret_2\n",
    )
    .exits(1);
    assert_eq!(odd.out, "hunter2xy hunter2xy\nBGSECRET_007 bgsecret_2\n");
    for said in [
        "invented: standard input:2: `BGSECRET_007` was never handed out",
        "altered: standard input:2: `bgsecret_2` resembles a placeholder",
        "lost: standard input: `BGSECRET_002` is gone",
        "duplicated: standard input: `BGSECRET_001` stands more often",
    ] {
        assert!(odd.err.contains(said), "no `{said}` in {}", odd.err);
    }
    let none = folder.write("none.json", "{}");
    run(&["restore", "--map", &none, &conf])
        .exits(2)
        .says("this is no map of placeholders: `badgateway_map` is missing");
}

/// What is said of the places never shows a value.
#[test]
fn explained() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    let answer = run(&["redact", &conf, "--explain"]).exits(0);
    let line = format!(
        "{conf}:1:27: BGSECRET_001 [named-value, structure]: the name before it says that it is a secret"
    );
    assert!(answer.err.contains(&line), "{}", answer.err);
    assert!(!answer.all().contains("hunter2xy"));
    let json = run(&["redact", &conf, "--format", "json"]).exits(0);
    assert!(
        json.out.contains("\"rule\": \"named-value\""),
        "{}",
        json.out
    );
    assert!(!json.out.contains("hunter2xy"));
}

#[test]
fn for_ci() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    let clean = folder.write("b.conf", "fastcgi_read_timeout 60s;\n");
    run(&["redact", "--fail-on-secret", &clean]).exits(0);
    run(&["redact", "--fail-on-secret", &conf, &clean])
        .exits(1)
        .says("a.conf:1:27: BGSECRET_001 [named-value");
}

#[test]
fn revealed() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    let by_place = run(&["redact", &conf, "--reveal", &format!("{conf}:1")]).exits(0);
    assert!(
        by_place.out.starts_with(
            "fastcgi_param DB_PASSWORD hunter2xy;\n# Authorization: Bearer BGSECRET_001\n"
        ),
        "{}",
        by_place.out
    );
    let by_rule = run(&["redact", &conf, "--reveal", "named-value"]).exits(0);
    assert_eq!(by_rule.out, by_place.out);
    run(&["redact", &conf, "--reveal", "no-such"])
        .exits(2)
        .says("nothing is hidden there");
}

#[test]
fn who_and_where() {
    let text = b"server_name shop.firma.de;\nallow 81.2.69.142;\n# anna@firma.de\n";
    let plain = with_input(&["redact"], text).exits(0);
    assert_eq!(plain.out.as_bytes(), text);
    let hidden = with_input(&["redact", "--identity"], text).exits(0);
    assert_eq!(
        hidden.out,
        "server_name shop.host-001.example.invalid;\nallow 192.0.2.1;\n# user001@example.invalid\n"
    );
}

/// A user's own rules, in the form of gitleaks.
#[test]
fn own_rules() {
    let folder = Folder::new();
    let rules = folder.write("rules.toml", "[[rules]]\nid = \"house-number\"\ndescription = \"Our own tickets\"\nregex = '''HAUS-([0-9]{4})'''\n");
    let text = folder.write("a.txt", "see HAUS-1234\n");
    let answer = run(&["redact", &text, "--rules", &rules, "--explain"]).exits(0);
    assert_eq!(answer.out, "see HAUS-BGSECRET_001\n");
    assert!(
        answer.err.contains("[house-number, user]: Our own tickets"),
        "{}",
        answer.err
    );
    let broken = folder.write("broken.toml", "[[rules]]\nid = \"x\"\nregex = \"(\"\n");
    run(&["redact", &text, "--rules", &broken])
        .exits(2)
        .says("rule `x`: unclosed group");
}

/// Several files to standard output are a dump that `check` reads.
#[test]
fn a_dump() {
    let folder = Folder::new();
    let a = folder.write("nginx.conf", "events {}\nhttp { include b.conf; }\n");
    let b = folder.write(
        "b.conf",
        "server { listen 80; set $api_token hunter2xy; }\n",
    );
    let answer = run(&["redact", &a, &b]).exits(0);
    let want = format!(
        "# configuration file {a}:\nevents {{}}\nhttp {{ include b.conf; }}\n\n# configuration file {b}:\nserver {{ listen 80; set $api_token BGSECRET_001; }}\n\n"
    );
    assert_eq!(answer.out, want);
}

#[test]
fn bad_input() {
    let folder = Folder::new();
    let conf = folder.write("a.conf", CONF);
    folder.pipe("pipe");
    let gone = run(&["redact", &folder.at("gone"), &conf])
        .exits(2)
        .says("cannot read");
    assert!(
        gone.out.contains("BGSECRET_001"),
        "the rest is done: {}",
        gone.out
    );
    run(&["redact", &folder.at("pipe")])
        .exits(2)
        .says("is neither a file nor a directory");
    // Over the original? Never.
    let beside = answer(
        program()
            .args(["redact", "a.conf", "--write", "."])
            .current_dir(folder.path()),
    );
    assert_eq!(beside.code, 2, "{}", beside.err);
    assert!(
        beside.err.contains("this is the original"),
        "{}",
        beside.err
    );
    assert_eq!(fs::read_to_string(&conf).expect("it is there"), CONF);
    // Bytes that are no text come through.
    let junk: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    let path = folder.write("junk", &junk);
    let out = folder.at("out");
    let _any = run(&["redact", &path, "--write", &out]);
    assert!(
        fs::read(format!("{out}{path}"))
            .expect("it was written")
            .len()
            >= junk.len() / 2
    );
}

/// A log that does not fit is read twice: what is found late is hidden early, too.
#[test]
fn a_large_log() {
    let folder = Folder::new();
    let line =
        "203.0.113.7 - - [22/Nov/2026:03:02:11 +0000] \"GET /x?note=k4Rz8Tq2Wm HTTP/1.1\" 200 5\n";
    let mut log = line.repeat(400_000).into_bytes();
    log.extend_from_slice(b"PHP message: token=k4Rz8Tq2Wm\n");
    let path = folder.write("access.log", &log);
    let (out, map) = (folder.at("out"), folder.at("map.json"));
    let said = run(&["redact", &path, "--write", &out, "--map", &map]).exits(0);
    assert!(said.err.contains("400001 places hidden"), "{}", said.err);
    let hidden = fs::read(format!("{out}{path}")).expect("it was written");
    assert!(!hidden.windows(10).any(|w| w == b"k4Rz8Tq2Wm"));
    // And back, through a pipe.
    let file = fs::File::open(format!("{out}{path}")).expect("it was written");
    let back = Command::new(env!("CARGO_BIN_EXE_badgateway"))
        .args(["restore", "--map", &map])
        .stdin(file)
        .stderr(Stdio::null())
        .output()
        .expect("the program runs");
    assert!(back.stdout == log, "not the same bytes");
    // Packed logs are unpacked.
    let packed = folder.write("small.log", "password=hunter2xy\n");
    let packing = Command::new("gzip")
        .arg(&packed)
        .status()
        .expect("gzip is there");
    assert!(packing.success());
    let answer = run(&["redact", &format!("{packed}.gz")]).exits(0);
    assert_eq!(answer.out, "password=BGSECRET_001\n");
}
