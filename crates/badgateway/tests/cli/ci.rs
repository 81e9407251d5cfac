//! `ci` in real repositories: what is new is said, what is old is not, and what cannot be known
//! is never a pass.

use std::process::Command;

use serde_json::Value;

use crate::run::{Answer, Folder, POOL, answer, nginx, of, program, system};

/// A repository around a folder.
pub(crate) struct Repository(pub(crate) Folder);

impl Repository {
    pub(crate) fn of(folder: Folder) -> Self {
        let repository = Repository(folder);
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit("first");
        repository
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(["-c", "protocol.file.allow=always"])
            .args(args)
            .current_dir(self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    pub(crate) fn ci(&self, args: &[&str], variables: &[(&str, &str)]) -> Answer {
        let mut command = program();
        command
            .current_dir(self.0.path())
            .arg("ci")
            .args(args)
            .envs(variables.iter().copied());
        answer(&mut command)
    }
}

fn ids(answer: &Answer) -> Vec<String> {
    let report: Value = serde_json::from_str(&answer.out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let ids = findings.iter().map(|one| one["rule"].as_str());
    ids.map(|id| id.expect("an id").to_owned()).collect()
}

/// A stack with an old fault: nginx gives up at 30s, and FPM ends at 40s.
fn faulty() -> Repository {
    Repository::of(system("fastcgi_read_timeout 30s;", POOL, ""))
}

const NGINX: &str = "etc/nginx/nginx.conf";
const FPM: &str = "etc/php/8.2/fpm/php-fpm.conf";

fn fpm(pool: &str) -> String {
    format!("[global]\nprocess_control_timeout = 60s\n{pool}")
}

#[test]
fn old_findings_are_not_said_and_new_ones_are() {
    let repository = faulty();
    repository.git(&["switch", "--quiet", "-c", "change"]);
    // A line above moves what is old, and is nothing new.
    let moved = format!("# moved\n{}", nginx("fastcgi_read_timeout 30s;"));
    repository.0.write(NGINX, moved);
    repository.commit("moved");
    let answer = repository.ci(&["--base", "main"], &[]).exits(0);
    assert!(!answer.out.contains("read-timeout-below-terminate"));
    answer.says("ci: 0 new, ").says("files changed: 1");
    // The same fault, asked for.
    let answer = repository.ci(&["--base", "main", "--touched", "--format", "json"], &[]);
    assert_eq!(ids(&answer.exits(1)), ["read-timeout-below-terminate"]);
    let answer = repository.ci(&["--all", "--format", "json"], &[]).exits(1);
    assert_eq!(ids(&answer), ["read-timeout-below-terminate"]);
    // A new one beside it.
    repository
        .0
        .write(FPM, fpm(&format!("{POOL}listen.backlog = 16\n")));
    let answer = repository.ci(&["--base", "main", "--format", "json"], &[]);
    assert_eq!(ids(&answer.exits(1)), ["backlog-too-small"]);
}

/// The place of a finding is in a file that nobody touched.
#[test]
fn what_a_change_does_elsewhere_is_said() {
    let sound = Repository::of(system("fastcgi_read_timeout 60s;", POOL, ""));
    let rule = "read-timeout-below-terminate";
    // The second time what was bad becomes worse: it is not old, although its line is the same.
    for longer in ["= 90s", "= 900s"] {
        sound.0.write(FPM, fpm(&POOL.replace("= 40s", longer)));
        sound.commit("longer");
        let args = ["--base", "HEAD~1", "--rule", rule, "--format", "json"];
        let answer = sound.ci(&args, &[]).exits(1);
        assert_eq!(ids(&answer), [rule]);
        let report: Value = serde_json::from_str(&answer.out).expect("JSON");
        let primary = report["findings"][0]["primary"].to_string();
        assert!(primary.contains("nginx.conf"), "{primary}");
    }
    // And what ends is counted.
    sound.0.write(FPM, fpm(POOL));
    sound.commit("as it was");
    sound
        .ci(&["--base", "HEAD~1"], &[])
        .exits(0)
        .says("2 ended");
}

#[test]
fn the_base_is_what_the_ci_says() {
    let repository = faulty();
    let base = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", &base]);
    repository.git(&["switch", "--quiet", "-c", "change"]);
    repository.0.write("README", "text\n");
    repository.commit("text");
    for (name, value) in [
        ("GITHUB_BASE_REF", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("CHANGE_TARGET", "main"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
    ] {
        let answer = repository.ci(&[], &[(name, value)]).exits(0);
        answer.says(&format!("from {name}")).says(&base[..12]);
    }
    // Nobody says, and the origin has no main branch that is known: everything.
    repository
        .ci(&[], &[])
        .exits(1)
        .says("everything was judged");
    repository.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    ]);
    repository.ci(&[], &[]).exits(0).says("(origin/HEAD)");
    // On the main branch itself nothing could be new, and that must not read as sound.
    repository.git(&["switch", "--quiet", "main"]);
    let all = "everything was judged: nothing was changed since the base";
    repository.ci(&[], &[]).exits(1).says(all);
    repository.ci(&["--base", "HEAD"], &[]).exits(1).says(all);
    // What is not committed counts, as for a hook before the commit.
    repository.0.write("new.txt", "text\n");
    repository
        .ci(&["--base", "HEAD"], &[])
        .exits(0)
        .says("files changed: 1");
}

#[test]
fn without_the_base_there_is_no_pass() {
    let sound = system("", POOL, "");
    let mut command = program();
    command.current_dir(sound.path()).arg("ci");
    answer(&mut command)
        .exits(2)
        .says("git does not know this repository")
        .says("--all");
    let mut command = program();
    command.current_dir(sound.path()).args(["ci", "--all"]);
    answer(&mut command)
        .exits(0)
        .says("everything was judged: --all");
    let repository = Repository::of(sound);
    repository
        .ci(&["--base", "nowhere"], &[])
        .exits(2)
        .says("fetch-depth: 0");
    repository.ci(&["--base", "--help"], &[]).exits(2);
    repository
        .ci(&[], &[("GITHUB_BASE_REF", "main2")])
        .exits(2)
        .says("fetch-depth: 0");
    let without_git = Command::new(env!("CARGO_BIN_EXE_badgateway"))
        .env_clear()
        .env("PATH", "/nowhere")
        .current_dir(repository.0.path())
        .args(["ci", "--base", "HEAD"])
        .output();
    of(&without_git.expect("it runs"))
        .exits(2)
        .says("cannot run git");

    // A shallow clone has the branch, and not where the two parted.
    repository.0.write("README", "1\n");
    repository.commit("second");
    repository.git(&["switch", "--quiet", "-c", "change", "HEAD~1"]);
    repository.0.write("README", "2\n");
    repository.commit("change");
    let clone = Folder::new();
    let from = format!("file://{}", repository.0.path().display());
    let to = clone.at("it");
    repository.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--no-single-branch",
        &from,
        &to,
    ]);
    let mut command = program();
    command
        .current_dir(&to)
        .args(["ci", "--base", "origin/main"]);
    answer(&mut command)
        .exits(2)
        .says("parted is not in this clone")
        .says("fetch-depth: 0");
}

#[test]
fn what_lies_elsewhere_has_no_base() {
    let repository = faulty();
    repository.0.write("README", "text\n");
    repository.commit("text");
    let elsewhere = system("fastcgi_read_timeout 30s;", POOL, "");
    let path = elsewhere.path().display().to_string();
    repository
        .ci(&[&path, "--base", "HEAD~1"], &[])
        .exits(2)
        .says("lies outside of the repository");
    repository.ci(&["-", "--base", "HEAD~1"], &[]).exits(2);
    // The whole path of the repository is the repository.
    let path = repository.0.path().display().to_string();
    repository.ci(&[&path, "--base", "HEAD~1"], &[]).exits(0);
    // Also from a folder within.
    let mut command = program();
    command
        .current_dir(repository.0.path().join("etc/nginx"))
        .args(["ci", &path, "--base", "HEAD~1"]);
    answer(&mut command).exits(0).says("1 old and hidden");
}

/// A problem is there whether it is new or not.
#[test]
fn what_cannot_be_read_is_never_old() {
    let folder = system("include missing.conf;", POOL, "");
    let repository = Repository::of(folder);
    repository.0.write("README", "text\n");
    repository.commit("text");
    repository
        .ci(&["--base", "HEAD~1"], &[])
        .exits(2)
        .says("missing.conf")
        .says("ci: 0 new, 0 old and hidden, 0 ended, 2 unknown");
    let empty = Folder::new();
    empty.write("README", "text\n");
    let empty = Repository::of(empty);
    empty.0.write("README", "more\n");
    empty.ci(&["--base", "HEAD"], &[]).exits(2).says("no nginx");
}

#[test]
fn settings_of_the_base_judge_the_base() {
    let repository = Repository::of(system("", POOL, ""));
    repository
        .0
        .write("badgateway.toml", "[policy]\nread-timeout = \"<= 30s\"\n");
    repository.commit("a policy");
    let answer = repository.ci(&["--base", "HEAD~1", "--format", "json"], &[]);
    assert_eq!(ids(&answer.exits(1)), ["policy"]);
    repository.0.write("README", "text\n");
    repository.commit("text");
    repository
        .ci(&["--base", "HEAD~1"], &[])
        .exits(0)
        .says("1 old");
    // One that is wrong now ends the run; one that was wrong makes everything new.
    repository
        .0
        .write("badgateway.toml", "[policy]\nred-timeout = \"<= 30s\"\n");
    repository.commit("a slip");
    repository
        .ci(&["--base", "HEAD~1"], &[])
        .exits(2)
        .says("line 2: [policy]: there is no `red-timeout`");
    repository
        .0
        .write("badgateway.toml", "[policy]\nread-timeout = \"<= 30s\"\n");
    repository.commit("right again");
    repository
        .ci(&["--base", "HEAD~1"], &[])
        .exits(1)
        .says("the base cannot be judged, so everything counts as new")
        .says("[policy]");
}

#[test]
fn a_baseline_still_counts() {
    let repository = faulty();
    let mut write = program();
    write
        .current_dir(repository.0.path())
        .args(["check", ".", "--write-baseline", "known.json"]);
    answer(&mut write).exits(0);
    repository
        .0
        .write("badgateway.toml", "baseline = \"known.json\"\n");
    repository.ci(&["--all"], &[]).exits(0).says("1 old");
    repository.0.write("known.json", "{}");
    repository
        .ci(&["--all"], &[])
        .exits(2)
        .says("cannot read the baseline");
}

#[test]
fn every_ci_gets_what_it_reads() {
    let repository = faulty();
    let page = repository.0.write("summary.md", "before\n");
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", page.as_str()),
    ];
    let answer = repository.ci(&["--all"], &github).exits(1);
    assert!(
        answer
            .out
            .contains("::error file=./etc/nginx/nginx.conf,line="),
        "{}",
        answer.out
    );
    let written = std::fs::read_to_string(&page).expect("a page");
    assert!(written.starts_with("before\n"), "{written}");
    assert!(
        written.contains("read-timeout-below-terminate"),
        "{written}"
    );
    assert!(written.contains("ci: 1 new, "), "{written}");
    let closed = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", "/nowhere/page"),
    ];
    repository
        .ci(&["--all"], &closed)
        .exits(2)
        .says("cannot be written");

    let answer = repository.ci(&["--all"], &[("GITLAB_CI", "true")]).exits(1);
    answer.says("error[read-timeout-below-terminate]");
    let report = std::fs::read_to_string(repository.0.at("gl-code-quality-report.json"));
    let report: Value = serde_json::from_str(&report.expect("a report")).expect("JSON");
    assert_eq!(report[0]["check_name"], "read-timeout-below-terminate");

    // What is asked for wins.
    let answer = repository
        .ci(&["--all", "--format", "concise"], &github)
        .exits(1);
    assert!(!answer.out.contains("::error"), "{}", answer.out);
}
