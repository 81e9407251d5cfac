//! Ansible itself, on the projects of the fixtures and on random templates: what it writes is what
//! the reader says, byte for byte.
//!
//! `ansible-playbook` runs on this machine in a mount namespace of its own, in which two folders of
//! ours lie at `/etc/nginx` and `/etc/php`: real paths, and nothing of the machine is touched. What
//! packages bring is put there first, as the reader knows it. Nothing is installed: `apt` and
//! `package` are replaced by a module that does nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base::FilePath;
use intake::{Found, Gather};
use lab::program;
use lab::random::Random;
use lab::scratch::Scratch;
use model::{Files as _, MemoryFiles};

const NOTHING: &str = "#!/usr/bin/python3\nprint('{\"changed\": false}')\n# WANT_JSON\n";

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../crates/iac/fixtures/ansible").join(name)
}

/// All files below a folder, by their names from there.
fn below(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).expect("it can be listed").flatten() {
            let path = entry.path();
            let kind = entry.file_type().expect("it has a kind");
            if kind.is_dir() {
                open.push(path);
                continue;
            }
            let name = path
                .strip_prefix(dir)
                .expect("it lies there")
                .display()
                .to_string();
            let bytes = match kind.is_symlink() {
                true => continue,
                false => fs::read(&path).expect("it can be read"),
            };
            out.insert(name, bytes);
        }
    }
    out
}

/// A copy of a project, to be changed.
fn copied(name: &str) -> Scratch {
    let scratch = Scratch::new("ansible");
    for (name, bytes) in below(&fixture(name)) {
        scratch.write(&name, bytes);
    }
    scratch
}

/// The machines of a project.
fn machines(dir: &Path) -> Found {
    let mut files = MemoryFiles::default();
    for (name, bytes) in below(dir) {
        files.insert(format!("/repo/{name}"), bytes);
    }
    let mut gather = Gather::new(&files).with_machines(Some(iac::machines));
    gather.folder(&FilePath::new("/repo"));
    gather.finish()
}

/// The files of the machine of a host.
fn files_of(found: &Found, host: &str) -> MemoryFiles {
    let is_it = |via: &String| {
        let words = via.split([' ', ',']);
        words.into_iter().any(|word| word == host)
    };
    let nginx = found.nginx_dumps.iter().map(|(_, files, via)| (files, via));
    let fpm = found.fpm_dumps.iter().map(|(_, files, via)| (files, via));
    let mut all = nginx.chain(fpm).filter(|(_, via)| is_it(via));
    let (files, _) = all.next().unwrap_or_else(|| panic!("no machine `{host}`"));
    files.clone()
}

/// The paths of known files, and their bytes; links and what is unknown are left out.
fn known(files: &MemoryFiles) -> BTreeMap<String, Vec<u8>> {
    let all = files.iter();
    all.map(|(path, bytes, _)| (path.to_string(), bytes.to_vec()))
        .filter(|(path, _)| path.starts_with("/etc/nginx/") || path.starts_with("/etc/php/"))
        .collect()
}

/// What packages bring, as the reader knows it.
fn packages() -> BTreeMap<String, Vec<u8>> {
    let scratch = Scratch::new("ansible-packages");
    let play = "- hosts: all\n  tasks:\n    - apt: {name: [nginx, php8.2-fpm]}\n";
    scratch.write("site.yml", play);
    scratch.write("hosts", "one\n");
    known(&files_of(&machines(scratch.path()), "one"))
}

/// What Ansible did.
struct Done {
    is_ok: bool,
    said: String,
    files: BTreeMap<String, Vec<u8>>,
    root: Scratch,
}

/// The folders that lie at `/etc/nginx` and `/etc/php`.
fn seeded(seed: &BTreeMap<String, Vec<u8>>) -> Scratch {
    let root = Scratch::new("ansible-root");
    for dir in [
        "etc/nginx/conf.d",
        "etc/nginx/sites-enabled",
        "etc/nginx/sites-available",
        "etc/nginx/snippets",
        "etc/nginx/modules-enabled",
        "etc/php/8.2/fpm/pool.d",
    ] {
        fs::create_dir_all(root.path().join(dir)).expect("a folder can be made");
    }
    for (path, bytes) in seed {
        root.write(path.trim_start_matches('/'), bytes);
    }
    let site = root.path().join("etc/nginx/sites-enabled/default");
    if seed.contains_key("/etc/nginx/sites-available/default") {
        let target = "/etc/nginx/sites-available/default";
        std::os::unix::fs::symlink(target, site).expect("a link can be made");
    }
    root
}

/// A shell in which the folders of a root lie at their places.
fn inside(root: &Path, dir: &Path, script: &str) -> Command {
    let mount = "mount --bind \"$0/etc/nginx\" /etc/nginx && mount --bind \"$0/etc/php\" /etc/php";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c"]);
    command.arg(format!("{mount} && {script}"));
    command.arg(root).current_dir(dir);
    command.env("ANSIBLE_LIBRARY", root.join("library"));
    command.env("ANSIBLE_GATHERING", "explicit");
    command.env("ANSIBLE_NOCOLOR", "1");
    command.env("ANSIBLE_LOCALHOST_WARNING", "False");
    command.env("ANSIBLE_LOCAL_TEMP", root.join("tmp"));
    command.env("ANSIBLE_REMOTE_TEMP", root.join("tmp"));
    command.env("LC_ALL", "C.UTF-8");
    command
}

fn ansible(project: &Path, root: Scratch, args: &str) -> Done {
    for name in ["apt", "package"] {
        root.write(&format!("library/{name}.py"), NOTHING);
    }
    let set = "-e ansible_connection=local -e ansible_become=false -e ansible_pkg_mgr=apt \
               -e ansible_python_interpreter=/usr/bin/python3";
    let script = format!("exec ansible-playbook {set} {args}");
    let out = inside(root.path(), project, &script).output();
    let out = out.expect("`unshare` runs: it is a part of util-linux");
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        !said.contains("not found") && !said.contains("Operation not permitted"),
        "ansible-playbook did NOT run, so nothing was compared: {said}"
    );
    let files = below(&root.path().join("etc"));
    let files = files
        .into_iter()
        .map(|(name, bytes)| (format!("/etc/{name}"), bytes));
    Done {
        is_ok: out.status.success(),
        said,
        files: files.collect(),
        root,
    }
}

/// Short names of modules that install something, so that ours takes their place.
fn without_packages(project: &Scratch) {
    for (name, bytes) in below(project.path()) {
        if let Ok(text) = String::from_utf8(bytes) {
            let text = text
                .replace("ansible.builtin.apt:", "apt:")
                .replace("ansible.builtin.package:", "apt:")
                .replace("package:", "apt:")
                // No server of this machine is told anything.
                .replace("  notify: reload nginx\n", "");
            project.write(&name, text);
        }
    }
}

/// Runs a fixture on a host and compares all files.
fn same(name: &str, args: &str, host: &str) -> Done {
    let project = copied(name);
    let files = files_of(&machines(project.path()), host);
    without_packages(&project);
    let args = format!("{args} --limit {host}");
    let done = ansible(project.path(), seeded(&packages()), &args);
    assert!(done.is_ok, "{name}: {}", done.said);
    let ours = known(&files);
    assert_eq!(texts(&ours), texts(&done.files), "{name} on {host}");
    // The real servers take what was written.
    tested(&done, &project);
    done
}

fn texts(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&String, String> {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    files
        .iter()
        .map(|(path, bytes)| (path, text(bytes)))
        .collect()
}

/// `nginx -t` and `php-fpm -t` on what was written, at its real places.
fn tested(done: &Done, project: &Scratch) {
    let nginx = "nginx -t";
    let nginx = match done.files.contains_key("/etc/nginx/nginx.conf") {
        true => nginx,
        false => "true",
    };
    let fpm = match done.files.contains_key("/etc/php/8.2/fpm/php-fpm.conf") {
        true => "php-fpm8.2 -t -y /etc/php/8.2/fpm/php-fpm.conf",
        false => "true",
    };
    let mut command = inside(done.root.path(), project.path(), &format!("{fpm}; {nginx}"));
    let out = command.output().expect("unshare runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    // What follows the syntax is a matter of this machine: its users, its ports.
    assert!(
        fpm == "true" || said.contains("test is successful"),
        "{said}"
    );
    assert!(
        nginx == "true" || said.contains("nginx.conf syntax is ok"),
        "{said}"
    );
}

#[test]
fn the_fixtures_are_what_ansible_writes() {
    let runs = [
        ("role-pair", "-i inventory.ini site.yml", "web01"),
        ("multi-pool", "-i hosts playbook.yml", "app1"),
        (
            "environments",
            "-i inventories/production/hosts site.yml",
            "www1.site.example",
        ),
        (
            "environments",
            "-i inventories/staging/hosts.yml site.yml",
            "staging.site.example",
        ),
        ("host-vars", "-i inventory site.yml", "one"),
        ("host-vars", "-i inventory site.yml", "three"),
        ("lineinfile", "-i hosts.ini web.yml", "web"),
        ("ini-file", "-i hosts.ini web.yml", "web"),
        ("blockinfile", "-i hosts.ini web.yml", "web"),
        ("vhosts", "-i inventory.ini site.yml", "one"),
    ];
    for (name, args, host) in runs {
        same(name, args, host);
    }
}

const VALUES: &[&str] = &[
    "t",
    "n",
    "yes_",
    "no_",
    "zero",
    "empty",
    "nothing",
    "f",
    "oct",
    "word",
    "quoted",
    "list",
    "nested",
    "nested.k.m",
    "nested['k'].n[1]",
    "lazy",
    "lazier",
    "sum",
    "exact",
    "hosts_[0].name",
    "block",
    "raw",
    "date",
    "time",
    "under",
    "map2",
    "bools",
    "list | length",
    "t | upper",
    "missing | default('d')",
    "missing | d(n)",
    "empty | default('e', true)",
    "n * 2",
    "n // 2",
    "n / 2",
    "n % 2",
    "n > 3",
    "'x' if no_ else 'y'",
    "list | join(',')",
    "bools | join(' ')",
    "t | regex_replace('s$', 'ms')",
    "t | regex_replace('^(\\\\d+)s', '\\\\1m')",
    "path | basename",
    "path | dirname",
    "hosts_ | map(attribute='name') | join(' ')",
    "hosts_ | selectattr('ssl', 'defined') | list | length",
    "word ~ '-' ~ n",
    "n | string",
    "'7' | int + 1",
    "yes_ | ternary('on', 'off')",
    "map2 | to_json",
    "list | first",
    "hosts_ | last",
    "'yes' | bool",
    "map2.keys() | list",
    "t.replace('s', '')",
    "[1, 2] + [3]",
    "n | int",
    "f | round",
    "f | int",
    "'a,b'.split(',')",
    "nested.k | combine({'q': 1})",
    "list[1:]",
    "t[:2]",
    "map2 | dict2items",
    "'%s' | lower",
    "t is defined",
    "n in [5, 6]",
    "not yes_",
    "zero or 'z'",
    "n and t",
    "hosts_ | length > 1",
    "[n, t] | max",
    "'{{' ~ n",
    "list | unique",
    "[3, 1, 2] | sort",
    "ansible_managed | comment",
    "-n",
    "(n + 1) * 2",
    "n == 5 and t == '60s'",
    "2 ** 3",
    "'a' < 'b'",
    "list | last",
    "block | indent(2)",
    "t | trim",
];

const CONDITIONS: &[&str] = &[
    "yes_",
    "no_",
    "zero",
    "empty",
    "nothing",
    "n == 5",
    "missing is defined",
    "t is defined and n > 3",
    "list",
    "nested.k",
    "not no_",
    "'a' in list",
    "n is number",
    "word is string",
    "hosts_ | length == 2",
];

/// Variables and templates as people write them, put together at random.
fn random_project(random: &mut Random, count: usize) -> Scratch {
    let project = Scratch::new("ansible-random");
    project.write(
        "vars.yml",
        "t: 60s\nn: 5\nyes_: yes\nno_: off\nzero: 0\nempty: ''\nnothing:\nf: 1.5\noct: 0644\n\
         word: it's\nquoted: \"a \\\"b\\\"\\tc\"\nlist: [a, 2, true, null]\nnested: {k: {m: deep, n: [1, 2]}}\n\
         lazy: '{{ t }}'\nlazier: 'x {{ lazy }} {{ n }}'\nsum: '{{ n + 2 }}'\nexact: '{{ n }}'\n\
         hosts_: [{name: one, port: 80}, {name: two, port: 81, ssl: yes}]\n\
         block: |\n  first line\n    second {{ n }}\n\nraw: !unsafe '{{ n }}'\ndate: 2020-01-02\n\
         time: 1:30\nunder: 1_000\nmap2: {z: 1, a: 2}\nbools: [yes, no]\npath: /etc/nginx/x.conf\n",
    );
    for at in 0..count {
        let mut text = String::new();
        for _ in 0..1 + random.below(8) {
            text += &piece(random, VALUES, CONDITIONS, 0);
        }
        if random.one_in(3) {
            text.push('\n');
        }
        project.write(&format!("templates/t{at}.j2"), text);
    }
    let names: Vec<String> = (0..count).map(|at| format!("t{at}")).collect();
    project.write(
        "site.yml",
        format!(
            "- hosts: all\n  vars_files: [vars.yml]\n  tasks:\n    - apt: name=nginx\n    - template: src={{{{ item }}}}.j2 \
             dest=/etc/nginx/conf.d/{{{{ item }}}}.conf\n      loop: [{}]\n",
            names.join(", ")
        ),
    );
    project.write("hosts", "one\n");
    project
}

fn piece(random: &mut Random, values: &[&str], conditions: &[&str], depth: usize) -> String {
    let space = |random: &mut Random| {
        random
            .pick(&["", " ", "\n", "  ", "\n\n", " \t", "\n  "])
            .to_owned()
    };
    let sign = |random: &mut Random| random.pick(&["", "", "", "-"]).to_owned();
    let inner = |random: &mut Random| {
        let mut out = space(random);
        for _ in 0..random.below(3) {
            if depth < 3 {
                out += &piece(random, values, conditions, depth + 1);
            }
        }
        out + &space(random)
    };
    let (a, b, c, d) = (sign(random), sign(random), sign(random), sign(random));
    let (before, after) = (space(random), space(random));
    let body = match random.below(9) {
        0..=3 => format!("{{{{{a} {} {b}}}}}", random.pick(values)),
        4 => format!("{{#{a} a comment {b}#}}"),
        5 => {
            let (yes, no) = (inner(random), inner(random));
            let condition = random.pick(conditions);
            format!("{{%{a} if {condition} {b}%}}{yes}{{%{c} else {d}%}}{no}{{%{b} endif {a}%}}")
        }
        6 => {
            let body = inner(random);
            let list = random.pick(&[
                "list",
                "hosts_",
                "range(3)",
                "map2",
                "map2.items()",
                "[]",
                "nested.k.n",
                "hosts_ if x.ssl is defined",
            ]);
            let item = random.pick(&[
                "{{ x }}",
                "{{ loop.index }}",
                "{{ x.name }}",
                "{% if not loop.last %},{% endif %}",
            ]);
            format!("{{%{a} for x in {list} {b}%}}{item}{body}{{%{c} endfor {d}%}}")
        }
        7 => format!("{{%{a} set v = {} {b}%}}{{{{ v }}}}", random.pick(values)),
        _ => random
            .pick(&[
                "text",
                "listen 80;",
                "# {",
                "{% raw %}{{ x }}{% endraw %}",
                "a\r\nb",
                "é",
                "{% raw -%} y {%- endraw %}\n",
            ])
            .to_owned(),
    };
    format!("{before}{body}{after}")
}

#[test]
fn random_templates_are_what_ansible_writes() {
    // Another number tries others: a minute for each hundred.
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut random = Random::new(seed.unwrap_or(11));
    let (mut all, mut equal, mut unknown) = (0, 0, 0);
    let mut wrong = String::new();
    let mut why: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..1 {
        let project = random_project(&mut random, 80);
        let found = machines(project.path());
        let files = files_of(&found, "one");
        let done = ansible(project.path(), seeded(&packages()), "-i hosts site.yml");
        for at in 0..80 {
            all += 1;
            let path = format!("/etc/nginx/conf.d/t{at}.conf");
            let theirs = done.files.get(&path);
            let ours = files.read(&FilePath::new(&path));
            let template = project.path().join(format!("templates/t{at}.j2"));
            let template = fs::read_to_string(template).expect("it was written");
            match (ours, theirs) {
                (Err(error), _) => {
                    unknown += 1;
                    *why.entry(error.reason).or_default() += 1;
                }
                (Ok(ours), Some(theirs)) if ours[..] == theirs[..] => equal += 1,
                (Ok(ours), Some(theirs)) => {
                    // A hole is said to be one: what is around it is the same.
                    let ours = String::from_utf8_lossy(&ours).into_owned();
                    let theirs = String::from_utf8_lossy(theirs).into_owned();
                    match fits(&ours, &theirs) {
                        true => unknown += 1,
                        false => {
                            wrong += &format!(
                                "== {round}:{at}\n{template:?}\nours   {ours:?}\ntheirs {theirs:?}\n"
                            );
                        }
                    }
                }
                // Ansible refuses the template: the reader has a hole there, or says so.
                (Ok(ours), None) => {
                    let ours = String::from_utf8_lossy(&ours).into_owned();
                    match ours.contains("{{ ") {
                        true => unknown += 1,
                        false => {
                            wrong += &format!(
                                "== {round}:{at} Ansible refuses {template:?}\nours {ours:?}\n{}\n",
                                done.said
                                    .lines()
                                    .filter(|line| line.contains(&format!("item=t{at})")))
                                    .collect::<String>()
                            )
                        }
                    }
                }
            }
        }
    }
    println!("{equal} of {all} templates are the same, {unknown} are not known; {why:#?}");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        equal * 10 > all * 6,
        "{equal} of {all}, {unknown} unknown: {why:#?}"
    );
}

/// Whether a text with holes can be this one.
fn fits(ours: &str, theirs: &str) -> bool {
    let mut pattern = String::from("(?s)^");
    let mut rest = ours;
    let mut holes = 0;
    while let Some((before, after)) = rest.split_once("{{ ") {
        let Some((_, after)) = after.split_once(" }}") else {
            break;
        };
        pattern += &escaped(before);
        pattern += ".*";
        holes += 1;
        rest = after;
    }
    pattern += &escaped(rest);
    pattern += "$";
    holes > 0 && matches(&pattern, theirs)
}

fn escaped(text: &str) -> String {
    let sign = |c: char| match c.is_ascii_punctuation() {
        true => format!("\\{c}"),
        false => c.to_string(),
    };
    text.chars().map(sign).collect()
}

/// Python is here anyway.
fn matches(pattern: &str, text: &str) -> bool {
    let code = "import re, sys; sys.exit(0 if re.match(sys.argv[1], sys.argv[2]) else 1)";
    let out = Command::new("python3")
        .args(["-c", code, pattern, text])
        .status();
    out.expect("python3 runs").success()
}

/// The program edits the place that gives a value, and Ansible then says that it would write it.
#[test]
fn an_edit_is_what_ansible_would_write() {
    let project = copied("role-pair");
    without_packages(&project);
    let root = seeded(&packages());
    let first = ansible(
        project.path(),
        root,
        "-i inventory.ini site.yml --limit web01",
    );
    assert!(first.is_ok, "{}", first.said);
    let dir = project.path().display().to_string();
    let out = program::run(&["fix", &dir, "--write"]);
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let defaults = fs::read_to_string(project.path().join("roles/nginx/defaults/main.yml"));
    let defaults = defaults.expect("it is there");
    let line = defaults
        .lines()
        .find(|line| line.starts_with("nginx_fastcgi_read_timeout:"));
    let value = line
        .and_then(|line| line.split(": ").nth(1))
        .expect("it is given");
    assert_ne!(value, "60s", "{said}");
    assert!(
        defaults.contains("# Longer than PHP takes.\n"),
        "{defaults}"
    );
    let args = "-i inventory.ini site.yml --limit web01 --check --diff";
    let then = ansible(project.path(), first.root, args);
    assert!(then.is_ok, "{}", then.said);
    let wanted = format!("+        fastcgi_read_timeout {value};");
    assert!(then.said.contains(&wanted), "{wanted}\n{}", then.said);
    assert!(
        then.said.contains("-        fastcgi_read_timeout 60s;"),
        "{}",
        then.said
    );
    // The rest stays as it was.
    assert_eq!(then.said.matches("\n+ ").count(), 1, "{}", then.said);
}
