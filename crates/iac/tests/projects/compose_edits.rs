//! What is fixed is written where people wrote it: in the mounted file, or in the Compose file
//! itself; and what is said of the result is better.

use base::Edit;

use crate::project::Project;

/// Makes the edits of the first finding of a rule; the names of the files that change.
fn fixed(project: &Project, rule: &str) -> (Project, Vec<String>) {
    let (judged, _) = project.judged();
    let finding = judged.findings.iter().find(|finding| finding.rule == rule);
    let finding = finding.unwrap_or_else(|| panic!("no `{rule}` in:\n{}", project.said()));
    let fix = finding.fix.as_ref().expect("it can be fixed");
    let mut after = project.clone();
    let mut names = Vec::new();
    for edit in &fix.edits {
        let source = judged.model.sources.get(edit.span.file);
        let name = source.shown().to_string();
        let name = name.trim_start_matches("/repo/").to_owned();
        assert!(source.outer.is_none(), "{name} is what people can open");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in &names {
        let of_file = |edit: &&Edit| {
            let shown = judged.model.sources.get(edit.span.file).shown().to_string();
            shown == format!("/repo/{name}")
        };
        let edits: Vec<Edit> = fix.edits.iter().filter(of_file).cloned().collect();
        let bytes = after.0.get_mut(name).expect("the file is there");
        *bytes = fix::apply(bytes, &edits).expect("the edits fit");
    }
    (after, names)
}

fn text(project: &Project, name: &str) -> String {
    String::from_utf8(project.0[name].clone()).expect("fixtures are text")
}

/// The lines of a file that are new.
fn new_lines(before: &Project, after: &Project, name: &str) -> Vec<String> {
    let old = text(before, name);
    let old: Vec<&str> = old.lines().collect();
    let new = text(after, name);
    let new = new.lines().filter(|line| !old.contains(line));
    new.map(str::to_owned).collect()
}

#[test]
fn a_mounted_file() {
    let before = Project::fixture("compose", "loopback");
    let (after, names) = fixed(&before, "loopback-listen-other-container");
    assert_eq!(names, ["php-fpm.conf"]);
    assert_eq!(
        new_lines(&before, &after, "php-fpm.conf"),
        ["listen = 9000"]
    );
    let said = after.said();
    assert!(!said.contains("finding"), "{said}");
    assert!(said.contains("pool www of service php"), "{said}");
}

#[test]
fn a_text_in_the_compose_file_and_what_it_shows_next() {
    let before = Project::fixture("compose", "inline");
    let (after, names) = fixed(&before, "loopback-listen-other-container");
    assert_eq!(names, ["compose.yaml"]);
    let new = new_lines(&before, &after, "compose.yaml");
    assert_eq!(new, ["      listen = 9000"]);
    // Now that nginx reaches the pool, its limits can be compared.
    let (last, names) = fixed(&after, "read-timeout-below-terminate");
    assert_eq!(names, ["compose.yaml"]);
    let new = new_lines(&after, &last, "compose.yaml");
    assert_eq!(new.len(), 1, "{new:?}");
    assert!(new[0].starts_with("                  fastcgi_read_timeout "));
    let said = last.said();
    assert!(!said.contains("read-timeout-below-terminate"), "{said}");
    let compose = text(&last, "compose.yaml");
    assert!(compose.contains("$$document_root$$fastcgi_script_name"));
}

#[test]
fn a_file_that_two_stacks_have() {
    let before = Project::fixture("compose", "prod");
    let (after, names) = fixed(&before, "terminate-below-max-execution");
    assert_eq!(names, ["prod.ini"]);
    let said = after.said();
    assert!(!said.contains("terminate-below-max-execution"), "{said}");
}

#[test]
fn a_template_keeps_its_variables() {
    let mut before = Project::fixture("compose", "templates");
    let before_text = text(&before, "templates/default.conf.template");
    let literal = before_text.replace("$READ_TIMEOUT", "25s");
    before.0.insert(
        "templates/default.conf.template".to_owned(),
        literal.into_bytes(),
    );
    let (after, names) = fixed(&before, "read-timeout-below-terminate");
    assert_eq!(names, ["templates/default.conf.template"]);
    let after_text = text(&after, "templates/default.conf.template");
    assert!(after_text.contains("${FPM}") && after_text.contains("${ROOT}"));
    assert!(!after_text.contains("25s"), "{after_text}");
}

/// What a Compose file or a Dockerfile names counts, whatever git makes of it.
#[test]
fn what_is_named_is_read_where_git_leaves_it_out() {
    for (kind, name) in [
        ("compose", "loopback"),
        ("compose", "variables"),
        ("compose", "override"),
        ("compose", "extends"),
        ("compose", "two-apps"),
        ("compose", "templates"),
        ("docker", "stages"),
        ("docker", "old-layout"),
    ] {
        let before = Project::fixture(kind, name);
        let mut after = before.clone();
        let ignore = "*\n!/*compose*.y*ml\n!Dockerfile\n";
        after.0.insert(".git/HEAD".to_owned(), Vec::new());
        after.0.insert(".gitignore".to_owned(), ignore.into());
        assert_eq!(after.said(), before.said(), "{name}");
    }
}

/// A volume that hides a whole folder is one reason, however much may lie there.
#[test]
fn a_volume_cut_off_is_said_once() {
    let mut project = Project::fixture("compose", "apart");
    let text = text(&project, "compose.yaml");
    for target in ["/", "/usr", "/etc", "/opt"] {
        let volume = format!("- gone:{target}");
        let cut = text.replace("- ./php.ini:/usr/local/etc/php/php.ini:ro", &volume);
        assert!(cut.contains(&volume), "{cut}");
        let cut = cut.into_bytes();
        project.0.insert("compose.yaml".to_owned(), cut);
        let said = project.said();
        let lines: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("gone") || line.contains("compose.yaml:14"))
            .collect();
        assert!(lines.len() <= 3, "{target}: {said}");
    }
}

/// An error that could not be seen, because nobody answered the route, is no reason against the
/// edit that shows it.
#[test]
fn what_is_uncovered_is_not_caused() {
    let mut project = Project::fixture("compose", "loopback");
    let pool = text(&project, "php-fpm.conf") + "security.limit_extensions =\n";
    project
        .0
        .insert("php-fpm.conf".to_owned(), pool.into_bytes());
    let before = project.said();
    let hidden = "fix-pathinfo-with-any-file";
    assert!(!before.contains(hidden), "{before}");
    assert!(
        before.contains("loopback-listen-other-container"),
        "{before}"
    );
    let wants = fix::Wants {
        unsafe_too: true,
        rules: vec!["loopback-listen-other-container".to_owned()],
        ..fix::Wants::default()
    };
    project.fix_as(&wants);
    let after = project.said();
    assert!(after.contains(hidden), "{after}");
    assert!(
        !after.contains("loopback-listen-other-container"),
        "{after}"
    );
    assert!(text(&project, "php-fpm.conf").contains("listen = 9000\n"));
}
