//! Every format on the example, as machines read it.

use serde_json::Value;

use crate::run::{Answer, FORMATS, POOL, answer, example, nginx, program, run, system};

fn check(format: &str) -> Answer {
    let root = example().display().to_string();
    run(&["check", "--root", &root, "--strict", "--format", format]).exits(1)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

#[test]
fn json_has_a_version_and_places() {
    let report = json(&check("json").out);
    let schema = json(include_str!("../../../report/schema/report.schema.json"));
    let errors: Vec<_> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(report["schema_version"].is_u64(), "{report:#}");
    let findings = report["findings"].as_array().expect("findings");
    assert!(findings.len() >= 5);
}

#[test]
fn sarif_names_files_that_are_there() {
    let sarif = json(&check("sarif").out);
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert!(results.len() >= 5);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
        let path = uri.strip_prefix("file://").unwrap_or(uri);
        assert!(std::path::Path::new(path).is_file(), "{uri}");
        let line = place["region"]["startLine"].as_u64().expect("a line");
        let text = std::fs::read_to_string(path).expect("it can be read");
        assert!(text.lines().count() as u64 >= line, "{uri}:{line}");
    }
}

#[test]
fn concise_is_one_line_each() {
    let concise = check("concise").out;
    let findings = concise.lines().filter(|line| line.contains('[')).count();
    let report = json(&check("json").out);
    let wanted = report["findings"].as_array().expect("findings").len();
    assert_eq!(findings, wanted, "{concise}");
    for line in concise.lines().take(wanted) {
        let path = line.split(':').next().expect("a path");
        assert!(std::path::Path::new(path).is_file(), "{line}");
    }
}

#[test]
fn gitlab_is_a_list_and_junit_is_xml() {
    let list = json(&check("gitlab").out);
    for issue in list.as_array().expect("a list") {
        assert!(issue["fingerprint"].is_string() && issue["location"]["path"].is_string());
    }
    let xml = check("junit").out;
    assert!(
        xml.starts_with("<?xml") && xml.trim_end().ends_with("</testsuites>"),
        "{xml}"
    );
    assert_well_formed(&xml);
}

/// Tags close in order, and text and attributes hold no `<` and no lone `&`.
fn assert_well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let (_declaration, body) = xml.split_once("?>").expect("a declaration");
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{part}");
        for entity in part.split('&').skip(1) {
            let name = entity.split(';').next().expect("its name");
            let known = ["lt", "gt", "amp", "quot", "apos"].contains(&name);
            assert!(known || name.starts_with('#'), "&{entity}");
        }
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{xml}");
        } else if !tag.ends_with('/') {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            open.push(tag.split_ascii_whitespace().next().expect("a name"));
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
}

/// A gap is in every format: none reads as if all was well.
#[test]
fn a_gap_is_in_every_format() {
    let folder = system("", POOL, "max_execution_time = 30\n");
    let text = nginx("").replace("http {", "http {\n    include missing.conf;");
    folder.write("etc/nginx/nginx.conf", text);
    for format in FORMATS {
        let args = ["check", "--root", &folder.at(""), "--format", format];
        let out = run(&args).exits(2).out;
        assert!(out.contains("missing.conf"), "{format}: {out}");
        match format {
            "json" | "sarif" | "gitlab" => drop(json(&out)),
            "junit" | "checkstyle" => assert_well_formed(&out),
            _ => {}
        }
    }
}

/// The example given as a folder says the same, and its paths can be opened too.
#[test]
fn paths_can_be_opened() {
    let root = example().display().to_string();
    for args in [["--root", root.as_str()].as_slice(), &[&root]] {
        let args = [&["check", "--strict", "--format", "json"], args].concat();
        let report = json(&run(&args).exits(1).out);
        let mut places = Vec::new();
        collect(&report, &mut places);
        assert!(places.len() > 10);
        for path in places {
            assert!(std::path::Path::new(&path).is_file(), "{path}");
        }
    }
}

/// Every `path` in a document.
fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            let path = map.get("path").and_then(Value::as_str);
            out.extend(path.map(str::to_owned));
            map.values().for_each(|value| collect(value, out));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, out)),
        _ => {}
    }
}

#[test]
fn github_writes_commands() {
    let out = check("github").out;
    let commands = ["::error ", "::warning ", "::notice "];
    assert!(
        out.lines()
            .all(|l| commands.iter().any(|c| l.starts_with(c))),
        "{out}"
    );
}

#[test]
fn a_chain_for_each_route() {
    let root = example().display().to_string();
    let drawn = run(&["chain", "--root", &root]);
    for part in ["client", "nginx", "PHP-FPM", "PHP", "504", "/export.php"] {
        assert!(drawn.out.contains(part), "no `{part}` in\n{}", drawn.out);
    }
    let one = run(&["chain", "--root", &root, "--route", "export"]);
    assert!(!one.out.contains("fpm-status"), "{}", one.out);
    let data = json(&run(&["chain", "--root", &root, "--format", "json"]).out);
    assert_eq!(
        data["ladders"].as_array().expect("ladders").len(),
        2,
        "{data:#}"
    );
}

/// What the README shows is what its first command prints.
#[test]
fn the_readme_begins_with_a_diagnosis() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let readme = std::fs::read_to_string(format!("{sources}/README.md")).expect("a README");
    let command = readme.split("```sh\n").nth(1).expect("a command");
    let command = command.lines().next().expect("a line");
    let args = command
        .strip_prefix("cargo run --release -- ")
        .expect("ours");
    let block = readme.split("```text\n").nth(1).expect("an output");
    let block = block.split("\n```").next().expect("its end");
    let shown = answer(program().current_dir(sources).args(args.split(' '))).out;
    assert!(
        shown.starts_with(block),
        "the README has:\n{block}\nand it prints:\n{shown}"
    );
}

/// The whole output on the example, as a person sees it who types the README's first command.
#[test]
fn the_example() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let see = |command: &str| {
        let args = [command, "examples/broken-stack"];
        answer(program().current_dir(sources).args(args)).out
    };
    insta::assert_snapshot!("check", see("check"));
    insta::assert_snapshot!("chain", see("chain"));
}
