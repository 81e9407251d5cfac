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
