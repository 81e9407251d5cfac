//! The files of `ci/`: they are read as their CI reads them, and what their steps say is run, with
//! this program, in real repositories.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use yaml::{Id, Tree};

use crate::ci::Repository;
use crate::run::{Answer, POOL, of, system};

/// The top of this repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(name: &str) -> String {
    fs::read_to_string(top().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn tree(text: &str) -> Tree {
    yaml::parse(text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// The node behind some keys and numbers of a document.
fn at(tree: &Tree, document: usize, path: &[&str]) -> Id {
    path.iter().fold(tree.documents[document], |id, part| {
        let found = match part.parse::<usize>() {
            Ok(number) => tree.list(id).map(|list| list[number]),
            Err(_) => tree.field(id, part),
        };
        found.unwrap_or_else(|| panic!("no `{part}` of {path:?}"))
    })
}

fn word<'t>(tree: &'t Tree, document: usize, path: &[&str]) -> &'t str {
    tree.text(at(tree, document, path)).expect("a scalar")
}

/// The texts of a map, or of the `default`s below it.
fn map(tree: &Tree, id: Id) -> BTreeMap<String, String> {
    let fields = tree.fields(id).expect("a map");
    let texts = fields.into_iter().map(|(key, value)| {
        let default = tree.field(value, "default").unwrap_or(value);
        let key = tree.text(key).expect("a key").to_owned();
        (key, tree.text(default).unwrap_or_default().to_owned())
    });
    texts.collect()
}

/// A repository whose last commit brings a fault, or only a text.
fn repository(is_faulty: bool) -> Repository {
    let repository = Repository::of(system("fastcgi_read_timeout 60s;", POOL, ""));
    repository.git(&["switch", "--quiet", "-c", "change"]);
    repository.0.write("README", "text\n");
    if is_faulty {
        let file = repository.0.at("etc/nginx/nginx.conf");
        let faulty = fs::read_to_string(&file)
            .expect("ours")
            .replace("60s", "30s");
        fs::write(file, faulty).expect("ours");
    }
    repository.commit("change");
    repository
}

/// Runs a script in a repository, with this program as `badgateway`.
fn shell(repository: &Repository, shell: &[&str], script: &str, env: &[(&str, &str)]) -> Answer {
    let program = Path::new(env!("CARGO_BIN_EXE_badgateway"));
    let folder = program.parent().expect("it lies somewhere").display();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(script)
        .current_dir(repository.0.path())
        .env_clear()
        .env("PATH", format!("{folder}:/usr/sbin:/usr/bin:/sbin:/bin"))
        .envs(env.iter().copied())
        .output();
    of(&output.expect("the shell runs"))
}

/// How GitHub runs `shell: bash`.
const BASH: [&str; 6] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];

#[test]
fn the_action_runs_what_it_says() {
    let text = text("ci/action.yml");
    let action = tree(&text);
    assert_eq!(word(&action, 0, &["runs", "using"]), "composite");
    assert_eq!(word(&action, 0, &["runs", "steps", "0", "shell"]), "bash");
    let script = word(&action, 0, &["runs", "steps", "0", "run"]);
    assert!(
        !script.contains("${{"),
        "an input in a script is code: {script}"
    );
    let inputs = map(&action, at(&action, 0, &["inputs"]));
    let env = map(&action, at(&action, 0, &["runs", "steps", "0", "env"]));
    let run = |repository: &Repository, given: &[(&str, &str)]| {
        let mut values = inputs.clone();
        for (name, value) in given {
            assert!(
                values
                    .insert((*name).to_owned(), (*value).to_owned())
                    .is_some(),
                "{name}"
            );
        }
        let env: Vec<(&str, &str)> = env
            .iter()
            .map(|(name, value)| {
                let input = value
                    .strip_prefix("${{ inputs.")
                    .and_then(|v| v.strip_suffix(" }}"));
                let input = input.unwrap_or_else(|| panic!("{value} is no input"));
                (name.as_str(), values[input].as_str())
            })
            .chain([("GITHUB_ACTIONS", "true")])
            .collect();
        shell(repository, &BASH, script, &env)
    };
    let faulty = repository(true);
    run(&faulty, &[("base", "main")])
        .exits(1)
        .says("::error file=./etc/nginx/nginx.conf");
    run(&faulty, &[("base", "main"), ("fail-on", "never")]).exits(0);
    run(&faulty, &[("base", "main"), ("path", "etc")]).exits(1);
    run(&repository(false), &[("base", "main")]).exits(0);
    // What is not there is no pass.
    run(&faulty, &[("base", "nowhere")]).exits(2);
    run(&faulty, &[("base", "main"), ("program", "no-such-program")]).exits(127);
    // A path is a path and no option, no pattern and no code.
    run(&faulty, &[("base", "main"), ("path", "$(touch made)")]).exits(2);
    assert!(!faulty.0.path().join("made").exists());
}

#[test]
fn the_component_runs_what_it_says() {
    let text = text("ci/gitlab-ci.yml");
    let component = tree(&text);
    assert_eq!(component.documents.len(), 2, "a header and a job");
    let inputs = map(&component, at(&component, 0, &["spec", "inputs"]));
    let fill = |text: &str| {
        let mut out = text.to_owned();
        for (name, value) in &inputs {
            out = out.replace(&format!("$[[ inputs.{name} ]]"), value);
        }
        assert!(!out.contains("$[["), "{text}: no such input");
        out
    };
    let job = ["badgateway"];
    fill(word(&component, 1, &[job[0], "stage"]));
    fill(word(&component, 1, &[job[0], "image"]));
    let variables = map(&component, at(&component, 1, &[job[0], "variables"]));
    assert_eq!(variables["GIT_DEPTH"], "0");
    let variables: BTreeMap<_, _> = variables.iter().map(|(k, v)| (k, fill(v))).collect();
    let mut env: Vec<(&str, &str)> = variables
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    env.push(("GITLAB_CI", "true"));
    let report = word(
        &component,
        1,
        &[job[0], "artifacts", "reports", "codequality"],
    );
    let script = fill(word(&component, 1, &[job[0], "script", "0"]));
    for (is_faulty, code) in [(true, 1), (false, 0)] {
        let repository = repository(is_faulty);
        let base = repository.git(&["rev-parse", "main"]);
        let mut env = env.clone();
        env.push(("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base));
        shell(&repository, &["bash", "-c"], &script, &env).exits(code);
        let written = fs::read_to_string(repository.0.at(report)).expect("the artifact");
        assert_eq!(
            written.contains("read-timeout-below-terminate"),
            is_faulty,
            "{written}"
        );
        // A base that was not fetched.
        env.pop();
        env.push((
            "CI_MERGE_REQUEST_DIFF_BASE_SHA",
            "0123456789012345678901234567890123456789",
        ));
        shell(&repository, &["bash", "-c"], &script, &env)
            .exits(2)
            .says("GIT_DEPTH");
    }
}

#[test]
fn the_hooks_run_what_they_say() {
    let text = text(".pre-commit-hooks.yaml");
    let hooks = tree(&text);
    let count = hooks.list(hooks.documents[0]).expect("a list").len();
    for number in 0..count {
        let number = number.to_string();
        let of = |key: &str| word(&hooks, 0, &[&number, key]);
        assert_eq!((of("language"), of("pass_filenames")), ("system", "false"));
        let repository = repository(false);
        let policy = "[policy]\nread-timeout = \">= terminate-timeout + 10s\"\n";
        repository.0.write("badgateway.toml", policy);
        repository.commit("a policy");
        repository.0.write("README", "staged\n");
        let entry = of("entry");
        shell(&repository, &["sh", "-c"], entry, &[]).exits(0);
        let file = repository.0.at("etc/nginx/nginx.conf");
        let faulty = fs::read_to_string(&file)
            .expect("ours")
            .replace("60s", "30s");
        fs::write(&file, faulty).expect("ours");
        shell(&repository, &["sh", "-c"], entry, &[]).exits(1);
        fs::write(&file, "http { include missing.conf; }\n").expect("ours");
        shell(&repository, &["sh", "-c"], entry, &[]).exits(2);
    }
}

/// The task that judges: the command is the one that is run here, on a copy of a stack.
#[test]
fn the_ansible_task_judges_a_root() {
    let text = text("ci/ansible/tasks.yml");
    let tasks = tree(&text);
    let argv = at(&tasks, 0, &["2", "ansible.builtin.command", "argv"]);
    let argv: Vec<_> = tasks
        .list(argv)
        .expect("a list")
        .iter()
        .map(|id| tasks.text(*id).expect("a word"))
        .collect();
    for (is_faulty, code) in [(true, 1), (false, 0)] {
        let repository = repository(is_faulty);
        let root = repository.0.path().display().to_string();
        let line: Vec<_> = argv
            .iter()
            .map(|word| word.replace("{{ badgateway_root }}", &root))
            .collect();
        shell(&repository, &["sh", "-c"], &line.join(" "), &[]).exits(code);
    }
}
