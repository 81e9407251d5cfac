//! Dockerfiles.

use base::FilePath;
use model::Files;

use crate::check;
use crate::project::Project;

#[test]
fn what_is_said_of_each_project() {
    check("docker");
}

/// Edits go into the Dockerfile: into a heredoc, into the words of `echo` and of `printf`. What is
/// read from the result is what was planned.
#[test]
fn edits_in_place() {
    let mut project = Project::fixture("docker", "fix-in-place");
    let before = project.0.clone();
    project.fix();
    let text = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        String::from_utf8(files["Dockerfile"].clone()).expect("it is text")
    };
    let (old, new) = (text(&before), text(&project.0));
    let changed: Vec<(&str, &str)> = (old.lines().zip(new.lines()))
        .filter(|(old, new)| old != new)
        .collect();
    assert_eq!(old.lines().count(), new.lines().count());
    let read = changed
        .iter()
        .find(|(old, _)| old.contains("fastcgi_read_timeout"));
    assert!(
        read.is_some_and(|(_, new)| new.starts_with("        fastcgi_read_timeout ")),
        "{new}"
    );
    let said = project.said();
    assert!(!said.contains("read-timeout-below-terminate"), "{said}");
    assert!(!said.contains("max-execution-above-read"), "{said}");
    assert!(
        Project(before)
            .said()
            .contains("read-timeout-below-terminate")
    );
}

#[test]
fn what_is_no_dockerfile_is_said() {
    for text in [
        "FROM\n",
        "COPY a b\n",
        "\u{0}\u{1}",
        "RUN <<EOF\nnever ends\n",
        "",
    ] {
        let said =
            Project::of(&[("Dockerfile", text), ("nginx.conf", "events {}\nhttp {}\n")]).said();
        assert!(
            said.contains("Dockerfile") || text.is_empty() || text.starts_with("COPY"),
            "{said}"
        );
    }
    // However large, it ends.
    let many = "RUN echo a > /etc/nginx/conf.d/x.conf\n".repeat(5_000);
    let text = format!("FROM nginx\n{many}");
    let said = Project::of(&[("Dockerfile", &text)]).said();
    assert!(said.contains("machine"), "{said}");
}

#[test]
fn a_stage_can_be_wanted() {
    let project = Project::fixture("docker", "stages");
    let tree = project.tree();
    let mut said = iac::Project::default();
    let build = iac::docker::Build {
        context: FilePath::new("/repo"),
        dockerfile: FilePath::new("/repo/Dockerfile"),
        target: Some("php".to_owned()),
        args: [("PHP".to_owned(), "8.2.29".to_owned())]
            .into_iter()
            .collect(),
    };
    let image = iac::docker::built(&tree, &build, &mut said).expect("it is there");
    let is_there = |path: &str| image.files.read(&FilePath::new(path)).is_ok();
    assert!(is_there("/usr/local/etc/php-fpm.d/zz-pool.conf"));
    assert!(!is_there("/etc/nginx/nginx.conf"));
    // The argument chose the older layout.
    let last = image
        .files
        .read(&FilePath::new("/usr/local/etc/php-fpm.d/zz-docker.conf"));
    assert!(last.expect("it is there").ends_with(b"listen = 9000\n"));
}
