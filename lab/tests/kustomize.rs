//! What is read of a kustomization is what kustomize itself makes of it: chains and findings of our
//! own reading, and those of its output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base::{FilePath, Limit};
use intake::{Asked, Gather, Given, Judged, judge};
use lab::random::Random;
use lab::scratch::Scratch;
use model::MemoryFiles;
use model::chain::{Known, chains};

/// The folders of a fixture that nothing else names.
const LEAVES: [(&str, &[&str]); 8] = [
    ("kustomize-generator", &["."]),
    ("kustomize-overlays", &["overlays/prod", "overlays/staging"]),
    ("kustomize-prefix", &["dev", "prod"]),
    (
        "kustomize-patches",
        &["overlays/a", "overlays/b", "overlays/c"],
    ),
    ("kustomize-literals", &["."]),
    ("kustomize-images", &["prod"]),
    ("kustomize-component", &["prod"]),
    ("kustomize-scopes", &["all"]),
];

fn fixture(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/iac/fixtures/kubernetes");
    dir.join(name)
}

/// `kubectl kustomize`; nothing on a machine without it, of which no distribution has one.
fn kustomize(dir: &Path) -> Option<Result<Vec<u8>, String>> {
    let out = Command::new("kubectl").arg("kustomize").arg(dir).output();
    let out = out.ok()?;
    Some(match out.status.success() {
        true => Ok(out.stdout),
        false => Err(String::from_utf8_lossy(&out.stderr).into_owned()),
    })
}

fn tree(dir: &Path) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    let mut open = vec![dir.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).expect("a fixture") {
            let path = entry.expect("a fixture").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(dir).expect("it lies in it").display();
            let bytes = fs::read(&path).expect("a fixture");
            files.insert(format!("/p/{name}"), bytes);
        }
    }
    files
}

fn judged(files: &MemoryFiles, path: &str) -> Judged {
    let mut gather = Gather::new(files).with_machines(Some(iac::machines));
    gather
        .file(FilePath::new(path), path)
        .expect("it can be read");
    let given = Given {
        found: gather.finish(),
        ..Given::default()
    };
    let model = given.model(files, &nothing_stored());
    judge(model, given.found.problems, Asked::everything(false))
}

/// The store of edits, whose type this package need not know.
fn nothing_stored<T: Default>() -> T {
    T::default()
}

/// What is said, without places.
fn told(judged: &Judged) -> Vec<String> {
    let limit = |known: &Known<Limit>| match known {
        Ok(setting) => setting.value.to_string(),
        Err(why) => format!("unknown ({why})"),
    };
    let mut lines = Vec::new();
    for chain in chains(&judged.model) {
        let machine = judged.model.machine_of(chain.pool_id);
        lines.push(format!(
            "{} → {} of {:?}: {} {} {}",
            chain.route.label,
            chain.pool.shown_name(),
            machine.map(|machine| &machine.via),
            limit(&chain.execution),
            limit(&chain.terminate),
            limit(&chain.read),
        ));
    }
    for ladder in &judged.ladders {
        if let Err(why) = &ladder.pool {
            lines.push(format!("{} {}: {why}", ladder.route, ladder.target));
        }
    }
    let findings = judged.findings.iter();
    lines.extend(findings.map(|one| format!("{} {}", one.rule, one.message)));
    lines.sort();
    lines
}

#[test]
fn fixtures_as_kustomize_builds_them() {
    for (name, leaves) in LEAVES {
        let dir = fixture(name);
        let files = tree(&dir);
        for leaf in leaves {
            let Some(built) = kustomize(&dir.join(leaf)) else {
                return;
            };
            let built = built.unwrap_or_else(|why| panic!("{name}/{leaf}: {why}"));
            let mut output = MemoryFiles::default();
            output.insert("/p/all.yaml", built);
            let theirs = told(&judged(&output, "/p/all.yaml"));
            let ours = ["kustomization.yaml", "Kustomization"]
                .iter()
                .find_map(|file| {
                    let path = match *leaf {
                        "." => format!("/p/{file}"),
                        leaf => format!("/p/{leaf}/{file}"),
                    };
                    let is_there = files.paths().contains(&FilePath::new(&path));
                    is_there.then(|| told(&judged(&files, &path)))
                });
            assert_eq!(ours, Some(theirs.clone()), "{name}/{leaf}");
            assert!(!theirs.is_empty(), "{name}/{leaf}");
        }
    }
}

#[test]
fn what_kustomize_refuses_is_unknown() {
    let scratch = Scratch::new("kustomize");
    let put = |name: &str, text: &str| scratch.write(name, text);
    put("pool.conf", "[www]\nlisten = 9000\npm = static\n");
    fs::create_dir_all(scratch.path().join("app")).expect("a folder");
    put(
        "app/site.conf",
        "server {\n    fastcgi_pass 127.0.0.1:9000;\n}\n",
    );
    for (text, why) in [
        ("files: [site.conf, ../pool.conf]", "lies outside"),
        ("files: [site.conf, gone.conf]", "is not there"),
        (
            "files: [site.conf]\n  behavior: merge",
            "there is no ConfigMap",
        ),
        (
            "files: [site.conf]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    \
             metadata: {name: other}\n    data: {a: b}",
            "which is not there",
        ),
        (
            "files: [site.conf]\npatches:\n- target: {kind: ConfigMap}\n  patch: |-\n    \
             - {op: remove, path: /data/gone}",
            "cannot be done",
        ),
    ] {
        let text = format!("configMapGenerator:\n- name: app\n  {text}\n");
        put("app/kustomization.yaml", &text);
        match kustomize(&scratch.path().join("app")) {
            Some(built) => assert!(built.is_err(), "{text}: {built:?}"),
            None => return,
        }
        let said = judged(&tree(scratch.path()), "/p/app/kustomization.yaml");
        let is_said = said.problems.iter().any(|one| one.message.contains(why));
        assert!(is_said, "{text}: {:?}", said.problems);
    }
}

const SITE: &str = "server {\n    listen 8080;\n    root /app;\n    location ~ \\.php$ {\n        \
    fastcgi_pass 127.0.0.1:9000;\n        fastcgi_read_timeout @s;\n    }\n}\n";
const POOL: &str = "[www]\nuser = app\nlisten = 9000\npm = static\npm.max_children = 2\n\
    request_terminate_timeout = @s\n";

fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().map(|line| format!("{:by$}{line}\n", ""));
    lines.collect()
}

/// One layer: what it takes from the one below, and what it changes of it.
fn layer(random: &mut Random, put: &dyn Fn(&str, &str), at: usize) {
    let mut text = match at {
        0 => "resources: [app.yaml]\n".to_owned(),
        _ => format!("resources: [../l{}]\n", at - 1),
    };
    let seconds = |random: &mut Random| (10 + random.below(90)).to_string();
    let file = |random: &mut Random, name: &str| {
        let seconds = seconds(random);
        let whole = if name == "default.conf" { SITE } else { POOL };
        whole.replace('@', &seconds)
    };
    let key = |random: &mut Random| random.pick(&["default.conf", "pool.conf"]).to_owned();
    let both = ["default.conf", "pool.conf"];
    let behavior = match at {
        0 => Some("create"),
        _ if random.one_in(2) => Some(random.pick(&["merge", "merge", "replace"])),
        _ => None,
    };
    if let Some(behavior) = behavior {
        text += &format!("configMapGenerator:\n- name: conf\n  behavior: {behavior}\n  files:\n");
        for name in both {
            if behavior != "merge" || random.one_in(2) {
                put(&format!("l{at}/own/{name}"), &file(random, name));
                text += &format!("  - own/{name}\n");
            }
        }
        if random.one_in(3) {
            text += "  literals:\n  - zz.ini=max_execution_time = 7\n";
        }
    }
    text += "patches:\n- target: {kind: Nothing}\n  patch: '[{\"op\": \"remove\", \"path\": \"/a\"}]'\n";
    if random.one_in(3) {
        let key = key(random);
        let patch = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: conf}}\ndata:\n  {key}: |\n{}",
            indented(&file(random, &key), 4)
        );
        match random.one_in(2) {
            true => text += &format!("- patch: |-\n{}", indented(&patch, 4)),
            false => {
                put(&format!("l{at}/patch.yaml"), &patch);
                text += "- path: patch.yaml\n";
            }
        }
    }
    if random.one_in(3) {
        let key = key(random);
        let op = random.pick(&["add", "replace"]);
        text += &format!(
            "- target: {{kind: ConfigMap, name: '.*conf.*'}}\n  patch: |-\n    - op: {op}\n      \
             path: /data/{key}\n      value: |\n{}",
            indented(&file(random, &key), 8)
        );
    }
    if random.one_in(4) {
        text += "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: app}\n    \
                 spec:\n      template:\n        spec:\n          containers:\n          - name: php\n            \
                 volumeMounts:\n            - {name: conf, mountPath: /usr/local/etc/php/conf.d/zz.ini, \
                 subPath: zz.ini}\n          - {name: side, image: 'nginx:1.27'}\n";
    }
    for (field, values) in [
        ("namePrefix", ["a-", "b-"]),
        ("nameSuffix", ["-a", "-b"]),
        ("namespace", ["one", "two"]),
    ] {
        if random.one_in(3) {
            text += &format!("{field}: {}\n", random.pick(&values));
        }
    }
    if random.one_in(3) {
        let tag = random.pick(&["8.1-fpm", "8.3-fpm", "8.2.30-fpm-alpine"]);
        text += &format!("images:\n- {{name: php, newTag: {tag}}}\n");
    }
    put(&format!("l{at}/kustomization.yaml"), &text);
}

#[test]
fn random_layers() {
    let app = fs::read_to_string(fixture("kustomize-generator").join("app.yaml"));
    let app = app.expect("a fixture").replace("app-config", "conf");
    let mut random = Random::new(8_261_129);
    let (mut same, mut refused) = (0, 0);
    for round in 0..40 {
        let scratch = Scratch::new("kustomize");
        let put = |name: &str, text: &str| {
            let path = scratch.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        put("l0/app.yaml", &app);
        let layers = 1 + random.below(4);
        for at in 0..layers {
            layer(&mut random, &put, at);
        }
        let last = format!("l{}", layers - 1);
        let Some(built) = kustomize(&scratch.path().join(&last)) else {
            return;
        };
        let ours = judged(
            &tree(scratch.path()),
            &format!("/p/{last}/kustomization.yaml"),
        );
        let context = || {
            let files = tree(scratch.path());
            let texts = files
                .iter()
                .filter(|(path, ..)| path.name() == b"kustomization.yaml");
            let texts =
                texts.map(|(path, text, _)| format!("{path}:\n{}", String::from_utf8_lossy(text)));
            texts.collect::<Vec<_>>().join("\n")
        };
        match built {
            Ok(built) => {
                let mut output = MemoryFiles::default();
                output.insert("/p/all.yaml", built);
                let theirs = told(&judged(&output, "/p/all.yaml"));
                assert_eq!(told(&ours), theirs, "round {round}\n{}", context());
                same += 1;
            }
            Err(why) => {
                assert!(
                    !ours.problems.is_empty(),
                    "round {round}: {why}\n{}",
                    context()
                );
                refused += 1;
            }
        }
    }
    assert!(same > 25, "{same} built, {refused} refused");
}
