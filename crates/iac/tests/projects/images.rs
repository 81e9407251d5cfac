//! Images that are configured by their environment.

use crate::check;
use crate::project::Project;

#[test]
fn what_is_said_of_each_project() {
    check("images");
}

/// What was written down of each project before it was seen: the limits, and where the finding is.
#[test]
fn limits_and_places() {
    for (name, words) in [
        ("serversideup-compose", &["M 90s T off R 90s"][..]),
        (
            "serversideup-dockerfile",
            &[
                "M 30s T 120s R 30s",
                "finding read-timeout-below-terminate @ Dockerfile:2",
            ],
        ),
        (
            "wodby-pair",
            &[
                "M 300s T off R 60s",
                "max-execution-above-read @ compose.yml:12",
            ],
        ),
        ("lagoon-drupal", &["M 300s T off R 120s"]),
        (
            "webdevops-own-conf",
            &[
                "M 60s T 120s R 30s",
                "finding read-timeout-below-terminate @ docker-compose.yml:6",
            ],
        ),
        (
            "islandora-env-file",
            &[
                "M 120s T 300s R 30s",
                "finding read-timeout-below-terminate @ docker-compose.yml:6",
            ],
        ),
        ("nextcloud", &["M 30s T off R 60s"]),
        ("thecodingmachine", &["M 120s T off R 60s"]),
        ("webserver", &["M 300s T off R 60s"]),
        (
            "serversideup-kubernetes",
            &[
                "M 45s T 90s R 45s",
                "finding read-timeout-below-terminate @ app.yaml:5",
            ],
        ),
        ("missing-env-file", &["problem "]),
        ("bitnami", &["M 300s T off R 60s"]),
        ("template-of-people", &["M 60s T off R 20s"]),
    ] {
        let said = Project::fixture("images", name).said();
        for words in words {
            assert!(said.contains(words), "no `{words}` for {name} in:\n{said}");
        }
    }
}

/// What the first finding of a rule says, and what is left when it has been fixed.
fn fixed(files: &[(&str, &str)]) -> (Project, Project) {
    let before = Project::of(files);
    let mut after = before.clone();
    after.fix();
    (before, after)
}

fn text(project: &Project, name: &str) -> String {
    String::from_utf8(project.0[name].clone()).expect("it is text")
}

fn help(project: &Project, rule: &str) -> String {
    let (judged, _) = project.judged();
    let mut of_rule = judged
        .findings
        .iter()
        .filter(|finding| finding.rule == rule);
    let finding = of_rule.next().expect("it is found");
    finding.help.clone().unwrap_or_default()
}

#[test]
fn a_variable_is_edited_where_it_is_written() {
    let compose = "services:\n  web:\n    image: islandora/drupal:6\n    env_file: [a.env]\n    \
        environment:\n      - NGINX_FASTCGI_READ_TIMEOUT=30s # seconds\n";
    let env = "PHP_REQUEST_TERMINATE_TIMEOUT='90'\nPHP_MAX_EXECUTION_TIME=80\n";
    let (before, after) = fixed(&[("compose.yaml", compose), ("a.env", env)]);
    assert!(
        before
            .said()
            .contains("read-timeout-below-terminate @ compose.yaml:6")
    );
    assert!(!after.said().contains("read-timeout-below-terminate"));
    let new = text(&after, "compose.yaml");
    let line = new.lines().nth(5).expect("it is there");
    assert!(
        line.starts_with("      - NGINX_FASTCGI_READ_TIMEOUT=1"),
        "{line}"
    );
    assert!(line.ends_with("s # seconds"), "{line}");
    assert_eq!(text(&after, "a.env"), env);
}

#[test]
fn a_variable_of_a_dockerfile_and_of_a_manifest() {
    let dockerfile = "FROM erseco/alpine-php-webserver:3.24.1 AS web\nENV A=b \\\n  \
        fastcgi_read_timeout=\"20s\" \\\n  max_execution_time=40\n";
    let (before, after) = fixed(&[("Dockerfile", dockerfile)]);
    let said = before.said();
    assert!(
        said.contains("max-execution-above-read @ Dockerfile:3"),
        "{said}"
    );
    let new = text(&after, "Dockerfile");
    assert!(new.contains("  fastcgi_read_timeout=\"45s\" \\\n"), "{new}");
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    \
        - name: web\n      image: erseco/alpine-php-webserver:3.24.1\n      env:\n        \
        - {name: fastcgi_read_timeout, value: '20s'}\n        \
        - {name: max_execution_time, value: \"40\"}\n";
    let (_, after) = fixed(&[("app.yaml", manifest)]);
    let new = text(&after, "app.yaml");
    assert!(
        new.contains("{name: fastcgi_read_timeout, value: '45s'}"),
        "{new}"
    );
}

#[test]
fn a_default_says_which_variable_would_change_it() {
    let compose = "services:\n  web:\n    image: erseco/alpine-php-webserver:3.24.1\n    \
        environment: {max_execution_time: 90}\n";
    let (before, after) = fixed(&[("compose.yaml", compose)]);
    let said = before.said();
    assert!(
        said.contains("max-execution-above-read @ compose.yaml:3"),
        "{said}"
    );
    let help = help(&before, "max-execution-above-read");
    assert!(
        help.ends_with("set `fastcgi_read_timeout` in `environment`"),
        "{help}"
    );
    assert_eq!(text(&after, "compose.yaml"), compose);
}

#[test]
fn a_variable_of_several_settings_is_not_edited_for_one() {
    let before = Project::fixture("images", "serversideup-dockerfile");
    let mut after = before.clone();
    after.fix();
    assert_eq!(text(&after, "Dockerfile"), text(&before, "Dockerfile"));
    let help = help(&before, "read-timeout-below-terminate");
    assert!(
        help.ends_with(
            "change `PHP_MAX_EXECUTION_TIME`, of which 2 settings of the image are made"
        ),
        "{help}"
    );
}

/// A file of one's own takes the place of the image's, where the image does not write it anew.
#[test]
fn own_files_in_the_place_of_the_images() {
    let conf = "events {}\nhttp { server { listen 80; } }\n";
    let compose = |image: &str| {
        format!(
            "services:\n  web:\n    image: {image}\n    volumes: ['./n.conf:/etc/nginx/nginx.conf']\n"
        )
    };
    let own = compose("serversideup/php:8.3-fpm-nginx");
    let said = Project::of(&[("compose.yaml", &own), ("n.conf", conf)]).said();
    assert!(
        !said.contains("problem") && !said.contains("route"),
        "{said}"
    );
    let anew = compose("wodby/nginx:1.29");
    let said = Project::of(&[("compose.yaml", &anew), ("n.conf", conf)]).said();
    assert!(
        said.contains("the image writes it anew when it starts"),
        "{said}"
    );
    let dockerfile = "FROM serversideup/php:8.3-fpm-nginx\n\
        RUN sed -i 's/auto/4/' /etc/nginx/nginx.conf\n";
    let said = Project::of(&[("Dockerfile", dockerfile)]).said();
    assert!(said.contains("a command has changed it"), "{said}");
}

/// What PHP fills in itself, in people's own files: values that mean something to its language stay
/// unknown.
#[test]
fn variables_of_php_itself() {
    let compose = |limit: &str| {
        format!(
            "services:\n  web:\n    image: nginx:1.29\n    \
             volumes: ['./n.conf:/etc/nginx/nginx.conf']\n  php:\n    image: php:8.3-fpm\n    \
             environment: {{LIMIT: '{limit}'}}\n    \
             volumes: ['./limits.conf:/usr/local/etc/php-fpm.d/zzz.conf']\n"
        )
    };
    let nginx = "events {}\nhttp { server { listen 80; root /srv;\nlocation ~ \\.php$ {\n\
        include fastcgi_params;\nfastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
        fastcgi_pass php:9000;\n} } }\n";
    let limits = "[www]\n; ${LIMIT}\nrequest_terminate_timeout = ${LIMIT}\n";
    let said = |limit: &str| {
        let compose = compose(limit);
        let files = [
            ("compose.yaml", compose.as_str()),
            ("n.conf", nginx),
            ("limits.conf", limits),
        ];
        Project::of(&files).said()
    };
    let known = said("90s");
    assert!(known.contains("T 90s"), "{known}");
    let odd = said("90s;");
    assert!(odd.contains("T unknown"), "{odd}");
}

/// An image without variables, and a container of Kubernetes whose command is not the image's own.
#[test]
fn other_images_and_other_commands() {
    let compose = "services:\n  web:\n    image: nginx:1.29\n    \
        volumes: ['./n.conf:/etc/nginx/nginx.conf']\n  wordpress:\n    \
        image: wordpress:6.8-php8.3-fpm-alpine\n";
    let nginx = "events {}\nhttp { server { listen 80; root /srv;\nlocation ~ \\.php$ {\n\
        include fastcgi_params;\nfastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
        fastcgi_pass wordpress:9000;\n} } }\n";
    let said = Project::of(&[("compose.yaml", compose), ("n.conf", nginx)]).said();
    assert!(
        said.contains("pool www of service wordpress: *:9000"),
        "{said}"
    );
    assert!(said.contains("M 30s T off R 60s"), "{said}");
    assert!(!said.contains("display-errors-on"), "{said}");
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    \
        - name: web\n      image: serversideup/php:8.3-fpm-nginx\n      \
        command: [sh, -c, 'render /etc/x && nginx']\n";
    let said = Project::of(&[("app.yaml", manifest)]).said();
    assert!(
        said.contains("the command of container web may make it"),
        "{said}"
    );
}
