//! What the commands of a `RUN` do to files, against the real shell, `sed` and coreutils.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base::FilePath;
use iac::docker::{Build, built};
use lab::random::Random;
use lab::scratch::Scratch;
use model::{Files, MemoryFiles};

const NAMES: [&str; 5] = ["a.conf", "b.conf", "c.ini", "d/e.conf", "d/f.conf"];
const TEXTS: [&str; 12] = [
    "listen = 127.0.0.1:9000",
    "pm = dynamic",
    "[www]",
    ";listen.mode = 0660",
    "fastcgi_pass php:9000;",
    "a  b   c",
    "it's",
    "50%",
    "tab\\there",
    "a\\nb",
    "$HOME_DIR/x",
    "x=\"1\"",
];

/// A word as people quote it.
fn quoted(random: &mut Random, text: &str) -> String {
    let single = format!("'{}'", text.replace('\'', "'\\''"));
    let double = text.replace('\\', "\\\\").replace('"', "\\\"");
    match random.below(3) {
        0 if !text.contains('$') => format!("\"{double}\""),
        1 if text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"=._:/".contains(&b)) =>
        {
            text.to_owned()
        }
        _ => single,
    }
}

fn file(random: &mut Random) -> String {
    let name = random.pick(&NAMES);
    match random.below(4) {
        0 => format!("$D/{name}"),
        1 => format!("\"$D/{name}\""),
        2 => format!("${{D}}/{name}"),
        _ => format!("${{NONE:-$D}}/{name}").replace("${NONE:-$D}", "$D"),
    }
}

fn words(random: &mut Random, most: usize) -> String {
    let count = 1 + random.below(most);
    let all: Vec<String> = (0..count)
        .map(|_| {
            let text = random.pick(&TEXTS);
            quoted(random, text)
        })
        .collect();
    all.join(" ")
}

const SEDS: [&str; 10] = [
    "'s/9000/9001/'",
    "'s/9000/9001/g'",
    "-e 's|127.0.0.1|0.0.0.0|' -e '/^;/d'",
    "'s/^listen = .*/listen = \\/run\\/x.sock/'",
    "'s/^;\\(listen\\.mode\\)/\\1/'",
    "-E 's/^(pm) = (dynamic|static)/\\1 = ondemand/'",
    "'/pm/d'",
    "'s/ *= */=/; s/b/[&]/g'",
    "\"s/php:9000/app:9000/\"",
    "'/^\\[www\\]/s/www/api/'",
];

/// One command that leaves files behind.
fn command(random: &mut Random) -> String {
    let to = file(random);
    let how = random.pick(&[">", ">>", "> ", ">> "]);
    match random.below(12) {
        0..3 => format!("echo {} {how}{to}", words(random, 3)),
        3 => format!("printf '%s\\n' {} {how}{to}", words(random, 3)),
        4 => format!("printf '[x]\\na = %s\\n' {} {how}{to}", words(random, 1)),
        5 => format!(
            "{{ echo {}; echo {}; }} {how}{to}",
            words(random, 2),
            words(random, 2)
        ),
        6 => format!("echo {} | tee {} > /dev/null", words(random, 2), to),
        7 => format!("echo {} | tee -a {}", words(random, 2), to),
        8 => format!("cp {} {to}", file(random)),
        9 => format!("mv {} {to}", file(random)),
        10 => format!("sed -i {} {to}", random.pick(&SEDS)),
        _ => format!("rm -f {to}"),
    }
}

/// A command that runs perhaps, several times or in a shell of its own, or whose words are made by
/// another one.
fn odd(random: &mut Random) -> String {
    let (one, two, other) = (command(random), command(random), file(random));
    match random.below(12) {
        0 => format!("if [ -f {other} ]; then {one}; else {two}; fi"),
        1 => format!("for f in a b; do {one}; done"),
        2 => format!("[ -f {other} ] && {one}"),
        3 => format!("test -f {other} && {one} || {two}"),
        4 => format!("true || {one}"),
        5 => format!("false || {one}"),
        6 => format!("E=$D/d; {one}"),
        7 => format!("({one}; {two})"),
        8 => format!("case a in b) {one};; (a) {two};; esac"),
        9 => format!("echo x$(echo 'y)') `echo z` >> {other}; {one}"),
        10 => format!("while false; do {one}; done; {two}"),
        _ => format!("true && {{ {one}; }}; {two}"),
    }
}

/// A script; a plain one has commands that run once, one after the other.
fn script(random: &mut Random, is_plain: bool) -> String {
    let count = 1 + random.below(8);
    let one = |random: &mut Random| match is_plain || random.below(4) > 0 {
        true => command(random),
        false => odd(random),
    };
    let all: Vec<String> = (0..count).map(|_| one(random)).collect();
    // The real shell stops at a failure when commands are joined by `&&`; so they are not.
    let join = random.pick(&["; \\\n    ", ";\\\n", "; "]);
    all.join(join)
}

/// The files below a folder.
fn real(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).expect("it is ours").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).expect("it is ours");
                out.insert(path.display().to_string(), bytes);
            }
        }
    }
    out
}

#[test]
fn scripts_do_what_the_shell_does() {
    let mut random = Random::new(20_261_129);
    // All, and those of plain scripts: (files, known).
    let (mut all, mut of_plain) = ((0, 0), (0, 0));
    for round in 0..1200 {
        let scratch = Scratch::new("images");
        let dir = scratch.path().display().to_string();
        fs::create_dir(scratch.path().join("d")).expect("it is ours");
        let is_plain = round % 2 == 0;
        let script = script(&mut random, is_plain);
        let dockerfile = format!("FROM debian:12\nENV D={dir}\nRUN {script}\n");
        let mut tree = MemoryFiles::default();
        tree.insert("/repo/Dockerfile", dockerfile.clone().into_bytes());
        let build = Build {
            context: FilePath::new("/repo"),
            dockerfile: FilePath::new("/repo/Dockerfile"),
            target: None,
            args: [].into_iter().collect(),
        };
        let mut project = iac::Project::default();
        let image = built(&tree, &build, &mut project).expect("it is a Dockerfile");
        let status = Command::new("sh")
            .arg("-c")
            .arg(script.replace("\\\n", ""))
            .env("D", &dir)
            .current_dir("/")
            .output()
            .expect("there is a shell");
        let real = real(scratch.path());
        let context = || {
            let words = String::from_utf8_lossy(&status.stderr).into_owned();
            format!("round {round}\n{dockerfile}{words}")
        };
        for (path, bytes) in &real {
            let mut counted = vec![&mut all];
            counted.extend(is_plain.then_some(&mut of_plain));
            counted.iter_mut().for_each(|count| count.0 += 1);
            match image.files.read(&FilePath::new(path)) {
                Ok(ours) => {
                    counted.iter_mut().for_each(|count| count.1 += 1);
                    let (ours, theirs) = (
                        String::from_utf8_lossy(&ours),
                        String::from_utf8_lossy(bytes),
                    );
                    assert_eq!(ours, theirs, "{path} of {}", context());
                }
                Err(error) => assert_ne!(
                    error.kind,
                    model::ReadErrorKind::Missing,
                    "{path} is missing; {}",
                    context()
                ),
            }
        }
        // Nothing is there that the shell did not leave.
        for path in image.files.paths() {
            let is_known = image.files.read(&path).is_ok();
            let path = path.to_string();
            let is_ours = !path.starts_with(&dir) || real.contains_key(&path) || !is_known;
            assert!(is_ours, "{path} is not there; {}", context());
        }
    }
    println!("known of files: {all:?}, of plain scripts {of_plain:?}");
    let share = |(files, known): (usize, usize), least: usize| known * 10 > files * least;
    assert!(share(of_plain, 9), "{of_plain:?}");
    assert!(share(all, 7), "{all:?}");
}

/// A heredoc in the middle of a command, with and without variables, is what the shell makes of it.
#[test]
fn heredocs_are_what_the_shell_makes_of_them() {
    let scratch = Scratch::new("images");
    let dir = scratch.path().display().to_string();
    let script = "cat <<'A' > $D/a.conf && cat <<B > $D/b.conf && cat <<-C > $D/c.ini\n\
                  location / { try_files $uri \\$x; }\nA\n\
                  port = $PORT and \\$uri\nB\n\tone\n\t\ttwo\n\tC\n";
    let dockerfile = format!("FROM debian:12\nENV D={dir} PORT=9000\nRUN {script}");
    let mut tree = MemoryFiles::default();
    tree.insert("/repo/Dockerfile", dockerfile.into_bytes());
    let build = Build {
        context: FilePath::new("/repo"),
        dockerfile: FilePath::new("/repo/Dockerfile"),
        target: None,
        args: [].into_iter().collect(),
    };
    let image = built(&tree, &build, &mut iac::Project::default()).expect("it is a Dockerfile");
    let done = Command::new("sh")
        .arg("-c")
        .arg(script)
        .env("D", &dir)
        .env("PORT", "9000")
        .status();
    assert!(done.expect("there is a shell").success());
    let real = real(scratch.path());
    assert_eq!(real.len(), 3);
    for (path, bytes) in real {
        let ours = image
            .files
            .read(&FilePath::new(&path))
            .expect("it is known");
        assert_eq!(
            String::from_utf8_lossy(&ours),
            String::from_utf8_lossy(&bytes),
            "{path}"
        );
    }
}

/// What is said to be in Debian's packages is in the ones of this machine, setting by setting; what
/// is commented out counts, because `sed` looks for it.
#[test]
fn shipped_files_are_those_of_the_packages() {
    let version = lab::php::fpm_version();
    let dockerfile = format!("FROM debian:12\nRUN apt-get install -y nginx php{version}-fpm\n");
    let mut tree = MemoryFiles::default();
    tree.insert("/repo/Dockerfile", dockerfile.into_bytes());
    let build = Build {
        context: FilePath::new("/repo"),
        dockerfile: FilePath::new("/repo/Dockerfile"),
        target: None,
        args: [].into_iter().collect(),
    };
    let image = built(&tree, &build, &mut iac::Project::default()).expect("it is a Dockerfile");
    let dir = format!("/etc/php/{version}/fpm");
    // What nobody changes: names of extensions, of other databases, and where mail comes from.
    let left_out = |line: &str| {
        [
            "extension=",
            "com.",
            "oci8.",
            "sendmail_path",
            "prefix =",
            "extension_dir",
            "c:\\",
        ]
        .iter()
        .any(|word| line.contains(word))
    };
    let settings = |text: &str| {
        let lines = text.lines().map(str::trim_end);
        let is_setting = |line: &&str| {
            let bare = line.strip_prefix(';').unwrap_or(line);
            let bare = bare.strip_prefix(' ').unwrap_or(bare);
            let name = bare.split(['=', '[']).next().unwrap_or_default();
            let name = name.strip_suffix(' ').unwrap_or(name);
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_.".contains(&b);
            bare.contains('=') && !name.is_empty() && name.bytes().all(is_name)
        };
        let lines = lines.filter(is_setting).filter(|line| !left_out(line));
        lines
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<String>>()
    };
    let mut count = 0;
    for (name, known) in [
        ("php-fpm.conf", &[][..]),
        ("pool.d/www.conf", &[]),
        // Debian sweeps old sessions with a timer of its own; the rest are examples in comments.
        (
            "php.ini",
            &[
                "session.gc_probability",
                "; foo =",
                "; directive",
                "; mbstring.enc",
            ],
        ),
    ] {
        let path = format!("{dir}/{name}");
        let ours = image
            .files
            .read(&FilePath::new(&path))
            .expect("it is known");
        let ours = settings(&String::from_utf8_lossy(&ours));
        let theirs = fs::read_to_string(&path).expect("the package is installed");
        let theirs = settings(&theirs);
        let is_new = |line: &&String| !known.iter().any(|known| line.starts_with(known));
        let differ: Vec<&String> = ours.symmetric_difference(&theirs).filter(is_new).collect();
        assert!(differ.is_empty(), "{path}: {differ:#?}");
        count += ours.len();
    }
    assert!(count > 250, "only {count} settings");
}
