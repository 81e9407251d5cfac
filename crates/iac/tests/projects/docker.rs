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

/// A variable that is as long as its value is not the value: a part of it is never replaced.
#[test]
fn variables_are_edited_whole_or_not_at_all() {
    let dockerfile = "FROM php:8.2.30-fpm\nENV T=60\nRUN apt-get update && apt-get install -y nginx\n\
        COPY site.conf /etc/nginx/sites-enabled/default\n\
        RUN echo \"max_execution_time = $T\" > /usr/local/etc/php/conf.d/limits.ini\n\
        RUN printf '[www]\\nrequest_terminate_timeout = 65s\\n' > /usr/local/etc/php-fpm.d/zzz.conf\n";
    let site = "server {\n    listen 80;\n    root /srv;\n    location / {\n        include fastcgi.conf;\n\
        \x20       fastcgi_pass 127.0.0.1:9000;\n        fastcgi_read_timeout 90s;\n    }\n}\n";
    let project = Project::of(&[("Dockerfile", dockerfile), ("site.conf", site)]);
    let (tree, mut said) = (project.tree(), iac::Project::default());
    let build = iac::docker::Build {
        context: FilePath::new("/repo"),
        dockerfile: FilePath::new("/repo/Dockerfile"),
        target: None,
        args: [].into_iter().collect(),
    };
    let image = iac::docker::built(&tree, &build, &mut said).expect("it is there");
    let path = FilePath::new("/usr/local/etc/php/conf.d/limits.ini");
    let text = image.files.read(&path).expect("it is there");
    assert_eq!(text.as_ref(), b"max_execution_time = 60\n");
    let map = image
        .files
        .outer(&path)
        .expect("it stands in the Dockerfile")
        .map;
    let variable = u32::try_from(dockerfile.find("$T").expect("it is there")).expect("small");
    assert_eq!(
        map.edit(&text, 21..23, b"55"),
        Some((variable..variable + 2, b"55".to_vec()))
    );
    assert_eq!(map.edit(&text, 22..23, b"5"), None);
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
    let many = "RUN echo a > /etc/nginx/conf.d/x.conf\n".repeat(20_000);
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

/// What differs between two values may be a part of what a variable stands for: then the variable
/// is replaced whole.
#[test]
fn a_part_of_a_variable_is_replaced_with_the_rest_of_it() {
    let dockerfile = "FROM php:8.2.30-fpm\nENV T=6s\nRUN apt-get update && apt-get install -y nginx\n\
        COPY site.conf /etc/nginx/sites-enabled/default\n\
        RUN echo \"fastcgi_read_timeout $T;\" > /etc/nginx/conf.d/time.conf\n\
        RUN printf '[www]\\nrequest_terminate_timeout = 65s\\n' > /usr/local/etc/php-fpm.d/zzz.conf\n";
    let site = "server {\n    listen 80;\n    root /srv;\n    location / {\n        include fastcgi.conf;\n\
        \x20       fastcgi_pass 127.0.0.1:9000;\n    }\n}\n";
    let mut project = Project::of(&[("Dockerfile", dockerfile), ("site.conf", site)]);
    let before = project.said();
    assert!(before.contains("read-timeout-below-terminate"), "{before}");
    project.fix();
    let text = String::from_utf8(project.0["Dockerfile"].clone()).expect("it is text");
    let line = text.lines().find(|line| line.contains("read_timeout"));
    let line = line.expect("it is there");
    assert!(
        !line.contains("$T") && line.ends_with("s;\" > /etc/nginx/conf.d/time.conf"),
        "{text}"
    );
    let after = project.said();
    assert!(!after.contains("read-timeout-below-terminate"), "{after}");
}

/// What a stage leaves for those that begin with it, and files that the build does not see.
#[test]
fn onbuild_and_dockerignore() {
    let dockerfile = "FROM php:8.2.30-fpm AS base\n\
        ONBUILD COPY limits.conf /usr/local/etc/php-fpm.d/zzz.conf\n\
        ONBUILD RUN echo 'max_execution_time = 20' > /usr/local/etc/php/conf.d/limits.ini\n\
        FROM base\n";
    let limits = "[www]\nrequest_terminate_timeout = 50s\n";
    let files = |ignore: &str| {
        let project = Project::of(&[
            ("Dockerfile", dockerfile),
            ("limits.conf", limits),
            (".dockerignore", ignore),
        ]);
        let (tree, mut said) = (project.tree(), iac::Project::default());
        let build = |target: Option<&str>| iac::docker::Build {
            context: FilePath::new("/repo"),
            dockerfile: FilePath::new("/repo/Dockerfile"),
            target: target.map(str::to_owned),
            args: [].into_iter().collect(),
        };
        let last = iac::docker::built(&tree, &build(None), &mut said).expect("it is there");
        let base = iac::docker::built(&tree, &build(Some("base")), &mut said).expect("it is there");
        (last.files, base.files)
    };
    let pool = FilePath::new("/usr/local/etc/php-fpm.d/zzz.conf");
    let ini = FilePath::new("/usr/local/etc/php/conf.d/limits.ini");
    let (last, base) = files("node_modules\n");
    assert_eq!(
        last.read(&pool).expect("it is copied").as_ref(),
        limits.as_bytes()
    );
    assert!(last.read(&ini).is_ok());
    assert!(base.read(&pool).is_err() && base.read(&ini).is_err());
    let (last, _) = files("*\n!src\n");
    let error = last.read(&pool).expect_err("the build does not see it");
    assert!(
        error.reason.contains("`.dockerignore` keeps"),
        "{}",
        error.reason
    );
    let (last, _) = files("*\n!limits.*\n");
    assert!(last.read(&pool).is_ok());
}
