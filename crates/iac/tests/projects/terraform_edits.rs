//! Edits land in the heredoc, the string, the template or the file that people wrote, and the
//! configuration says the better thing afterwards.

use crate::project::Project;

/// The lines that `fix` writes: (file, line).
fn new_lines(before: &Project, after: &Project) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, bytes) in &before.0 {
        let old = String::from_utf8_lossy(bytes);
        let new = String::from_utf8_lossy(&after.0[name]);
        let old: Vec<&str> = old.lines().collect();
        let lines = new.lines().filter(|line| !old.contains(line));
        out.extend(lines.map(|line| (name.clone(), line.to_owned())));
    }
    out
}

#[test]
fn limits_are_edited_where_they_are_written() {
    // The fixture, the file, and what the line begins with.
    for (name, file, begin) in [
        (
            "cloud-config",
            "main.tf",
            "                  fastcgi_read_timeout ",
        ),
        ("kubernetes", "main.tf", "          fastcgi_read_timeout "),
        ("docker", "main.tf", "  site = \"server {\\n  listen 80;\\n"),
        (
            "multipart",
            "files/app.conf",
            "        fastcgi_read_timeout ",
        ),
        (
            "template",
            "nginx.conf",
            "            fastcgi_read_timeout ",
        ),
        ("provisioners", "shop.conf", "        fastcgi_read_timeout "),
    ] {
        let before = Project::fixture("terraform", name);
        assert!(
            before.said().contains("read-timeout-below-terminate"),
            "{name}"
        );
        let mut after = before.clone();
        after.fix();
        let said = after.said();
        assert!(
            !said.contains("read-timeout-below-terminate"),
            "{name}: {said}"
        );
        let lines = new_lines(&before, &after);
        let is_it = |(at, line): &(String, String)| at == file && line.starts_with(begin);
        assert!(lines.iter().any(is_it), "{name}: {lines:#?}");
    }
}

#[test]
fn escapes_stay() {
    let mut project = Project::fixture("terraform", "docker");
    project.fix();
    let text = String::from_utf8_lossy(&project.0["main.tf"]).into_owned();
    assert!(text.contains("~ \\\\.php$ {\\n"), "{text}");
    assert!(text.contains("REALM \\\"shop\\\";"), "{text}");
}

#[test]
fn a_value_of_a_variable_is_not_edited_and_its_place_is_named() {
    let project = Project::fixture("terraform", "script");
    let (fixed, left) = project.left();
    assert_eq!(fixed.0, project.0);
    let words = "it is `var.timeout`, which is given at main.tf:3: change it there";
    assert!(left.iter().any(|line| line.contains(words)), "{left:#?}");
    let project = Project::fixture("terraform", "modules");
    let (_, left) = project.left();
    let words = "it is `var.timeout`, which is given at modules/web/main.tf:4: change it there";
    assert!(left.iter().any(|line| line.contains(words)), "{left:#?}");
}
