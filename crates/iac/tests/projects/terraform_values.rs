//! Where the values of variables come from, and which is the strongest.

use base::{FilePath, SortedMap};
use model::Files as _;

use crate::project::Project;

const MAIN: &str = "variable \"wait\" {\n  default = \"1s\"\n}\n\nresource \"local_file\" \"nginx\" {\n  \
                    filename = \"/etc/nginx/nginx.conf\"\n  content = \"events {}\\nhttp { send_timeout ${var.wait}; }\\n\"\n}\n";

/// The time in each machine's file, with the name of the machine.
fn times(files: &[(&str, &str)], set: &[(&str, &str)]) -> Vec<(String, String)> {
    let tree = Project::of(files).tree();
    let paths: Vec<FilePath> = tree.paths();
    let set: SortedMap<String, String> = set
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let installed = iac::machines(&tree, &paths, &set);
    let dumps = installed.found.nginx_dumps.iter();
    let each = dumps.map(|(main, files, via)| {
        let bytes = files.read(main).expect("it is there");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let time = text
            .split("send_timeout ")
            .nth(1)
            .and_then(|rest| rest.split(';').next());
        (via.clone(), time.expect("it has one").to_owned())
    });
    each.collect()
}

#[test]
fn the_strongest_source_wins() {
    let main = ("main.tf", MAIN);
    let given = ("terraform.tfvars", "wait = \"2s\"\n");
    let auto = ("a.auto.tfvars", "wait = \"3s\"\n");
    let later = ("b.auto.tfvars", "wait = \"4s\"\n");
    let only = |files: &[(&str, &str)], set: &[(&str, &str)]| times(files, set)[0].1.clone();
    assert_eq!(only(&[main], &[]), "1s");
    assert_eq!(only(&[main, given], &[]), "2s");
    assert_eq!(only(&[main, given, auto], &[]), "3s");
    assert_eq!(only(&[main, given, auto, later], &[]), "4s");
    assert_eq!(only(&[main, given, later], &[("var.wait", "5s")]), "5s");
    assert_eq!(only(&[main, given, later], &[("wait", "6s")]), "6s");
}

#[test]
fn each_file_that_somebody_chooses_is_an_environment() {
    let files = [
        ("main.tf", MAIN),
        ("terraform.tfvars", "wait = \"2s\"\n"),
        ("prod.tfvars", "wait = \"7s\"\n"),
        ("env/eu.tfvars", "other = 1\n"),
    ];
    let names = |name: &str, time: &str| (format!("{name}: local files"), time.to_owned());
    assert_eq!(
        times(&files, &[]),
        [names("prod.tfvars", "7s"), names("env/eu.tfvars", "2s")]
    );
}

#[test]
fn what_is_not_read_is_said() {
    let said = |name: &str| Project::of(&[("main.tf", MAIN), (name, "{}")]).said();
    for (name, words) in [
        ("x.tf.json", "x.tf.json is not read"),
        ("prod.tfvars.json", "prod.tfvars.json is not read"),
        (
            "x_override.tf",
            "x_override.tf changes what other files say",
        ),
    ] {
        let text = Project::of(&[
            ("main.tf", &format!("# fastcgi_pass\n{MAIN}")),
            (name, "{}"),
        ])
        .said();
        assert!(text.contains(words), "{text}{}", said(name));
    }
}
