//! `badgateway.toml`: what is read and what is refused; the schema says the same as the reader.

use base::{Millis, Severity};
use settings::project::{SCHEMA, TEMPLATE, project};

const WHOLE: &str = r#"
nginx = "1.26.3"
php = "8.3.30"
facts = "host.toml"
baseline = "known.json"
strict = true
fail_on = "error"
margin = "10s"
map = ["php:9000=www"]

[levels]
version-disclosed = "warning"
dotfiles-served = "off"

[policy]
upload-max-filesize = "<= 64m"
read = "required and >= terminate + 10s"

[[route]]
name = "/upload"
may_take = "10m"

[[path]]
from = "/etc/nginx/sites-enabled"
to = "sites-available"

[set]
fastcgi_timeout = "60s"
"#;

#[test]
fn a_whole_file_is_read() {
    let project = project(WHOLE).expect("a sound file");
    assert_eq!(
        project.nginx.as_ref().map(|v| v.value.to_string()),
        Some("1.26.3".to_owned())
    );
    assert_eq!(
        project.php.as_ref().map(|v| (v.value.to_string(), v.line)),
        Some(("8.3".to_owned(), 3))
    );
    assert_eq!(project.margin, Some(Millis(10_000)));
    assert_eq!(project.fail_on, Some(Some(Severity::Error)));
    let levels: Vec<_> = project
        .levels
        .iter()
        .map(|(rule, level)| (rule.value.as_str(), *level))
        .collect();
    assert_eq!(
        levels,
        [
            ("dotfiles-served", None),
            ("version-disclosed", Some(Severity::Warning))
        ]
    );
    assert_eq!(
        (project.routes[0].may_take, project.routes[0].line),
        (Millis(600_000), 20)
    );
    assert_eq!(project.paths[0].1, "sites-available");
    let set = ("fastcgi_timeout".to_owned(), "60s".to_owned());
    assert_eq!(project.set, [set]);
    let options = project.options("badgateway.toml");
    let statements = options.statements.iter();
    let statements: Vec<_> = statements
        .map(|one| (one.to_string(), one.from.as_str()))
        .collect();
    let from = "badgateway.toml:17";
    assert_eq!(
        statements,
        [
            (
                "upload-max-filesize <= 64M".to_owned(),
                "badgateway.toml:16"
            ),
            ("read-timeout required".to_owned(), from),
            ("read-timeout >= terminate-timeout + 10s".to_owned(), from),
        ]
    );
}

/// Every name of every quantity is in the schema, and no other.
#[test]
fn the_schema_names_the_quantities() {
    let names = rules::policy::QUANTITIES
        .iter()
        .flat_map(|one| std::iter::once(&one.name).chain(one.also));
    let names: std::collections::BTreeSet<_> = names.copied().collect();
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("JSON");
    let listed = schema["properties"]["policy"]["properties"]
        .as_object()
        .expect("names");
    assert_eq!(names, listed.keys().map(String::as_str).collect());
    for name in names {
        let text = format!("[policy]\n\"{name}\" = \"required\"");
        assert!(project(&text).is_ok() && is_valid(&text), "{name}");
    }
}

/// The template says nothing, and everything once its comments are taken away.
#[test]
fn the_template_is_a_sound_file() {
    assert_eq!(project(TEMPLATE), Ok(settings::project::Project::default()));
    let is_setting =
        |line: &&str| line.starts_with("# ") && (line.contains(" = ") || line.starts_with("# ["));
    let lines = TEMPLATE.lines().filter(is_setting).map(|line| &line[2..]);
    let text: Vec<&str> = lines.collect();
    let whole = project(&text.join("\n")).expect("its examples are sound");
    assert!(whole.nginx.is_some() && whole.routes.len() == 1 && whole.levels.len() == 2);
    assert_eq!(whole.policy.len(), 5);
}

#[test]
fn what_is_wrong_is_refused_with_its_line() {
    let cases = [
        ("nginx = \"new\"", 1, "`nginx` cannot be `new`"),
        ("\n[levels]\nx = \"loud\"", 3, "`x` cannot be `loud`"),
        ("margn = \"10s\"", 1, "unknown field `margn`"),
        ("[[route]]\nname = \"/x\"", 1, "missing field `may_take`"),
        ("margin = \"soon\"", 1, "`margin` cannot be `soon`"),
        ("strict = 1", 1, "invalid type"),
        ("[policy]\nred = \"<= 1s\"", 2, "there is no `red`"),
        ("[policy]\n\nread = \"1s\"", 3, "is neither `required`"),
    ];
    for (text, line, words) in cases {
        let refusal = project(text).expect_err(text);
        assert_eq!(refusal.line, Some(line), "{text}: {refusal}");
        assert!(refusal.message.contains(words), "{text}: {refusal}");
        // The schema refuses it too.
        assert!(!is_valid(text), "{text}");
    }
    assert!(is_valid(WHOLE));
}

fn is_valid(text: &str) -> bool {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let value: toml::Value = toml::from_str(text).expect("TOML");
    let value = serde_json::to_value(value).expect("as JSON");
    jsonschema::validator_for(&schema)
        .expect("a schema")
        .is_valid(&value)
}
