//! The inputs of `article`, through `check` and through `ci`.

use serde_json::Value;

use crate::article::{ARTICLE, Input, MORE, files};
use crate::ci::Repository;
use crate::run::{Answer, Folder};

fn written(input: &Input) -> Repository {
    let folder = Folder::new();
    folder.write("etc/passwd", "root:x:0:0:::\nwww-data:x:33:33:::\n");
    folder.write("etc/group", "root:x:0:\nwww-data:x:33:\n");
    let repository = Repository::of(folder);
    for (name, text) in files(input) {
        repository.0.write(name, text);
    }
    repository
}

/// Whether a rule found something, or a problem has these words.
fn has(answer: &Answer, says: &str) -> bool {
    let report: Value = serde_json::from_str(&answer.out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let problems = report["problems"].as_array().expect("problems");
    let named = |problem: &Value| problem.to_string().contains(says);
    findings.iter().any(|one| one["rule"] == says) || problems.iter().any(named)
}

#[test]
fn every_input_gets_the_right_verdict() {
    let mut wrong = Vec::new();
    for input in ARTICLE.iter().chain(&MORE) {
        let repository = written(input);
        // What a server refuses is never judged as if it ran.
        assert_eq!(
            input.refused_by.is_empty(),
            input.code != 2,
            "{}",
            input.name
        );
        // All of it is new since the first commit.
        for args in [["--base", "HEAD"].as_slice(), &["--all"]] {
            let answer = repository.ci(args, &[]);
            let first = answer.out.lines().next().unwrap_or_default();
            let mut strict = args.to_vec();
            strict.extend(["--strict", "--format", "json"]);
            let detail = repository.ci(&strict, &[]);
            let is_said = input.says.is_empty() || has(&detail, input.says);
            if answer.code != input.code || !is_said {
                wrong.push(format!(
                    "{}: exit {} instead of {}, said {is_said} ({}): {first}",
                    input.name, answer.code, input.code, input.says
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
