//! Layers over each other. What random ones make is compared with `umoci` in the lab.

use base::FilePath;
use model::{Files as _, ReadErrorKind};

use crate::{Tar, layer, one, saved, text};

fn names(image: &image::Image, dir: &str) -> Vec<String> {
    let names = image.files.list(&FilePath::new(dir)).unwrap_or_default();
    let names = names
        .into_iter()
        .map(|name| String::from_utf8_lossy(&name).into_owned());
    names.collect()
}

#[test]
fn whiteouts_hide_layers_below_and_not_their_own() {
    let mut upper = Tar::default();
    upper
        .file("etc/conf.d/new.conf", b"new")
        .file("etc/conf.d/.wh..wh..opq", b"")
        .file("etc/.wh.gone", b"")
        .file("etc/.wh.again", b"")
        .file("etc/again", b"again")
        .file("etc/.wh.never", b"");
    let lower = layer(&[
        ("etc/conf.d/old.conf", "old"),
        ("etc/gone/x", "x"),
        ("etc/again", "old"),
    ]);
    let image = one(saved(&[lower, upper.end()]));
    assert_eq!(names(&image, "/etc/conf.d"), ["new.conf"]);
    assert_eq!(names(&image, "/etc"), ["again", "conf.d"]);
    assert_eq!(text(&image, "/etc/again"), "again");
}

#[test]
fn links_of_folders_stay_within_the_root() {
    let mut lower = Tar::default();
    lower
        .folder("usr/lib")
        .link("lib", "usr/lib")
        .link("var/run", "/run")
        .link("up", "../../../../run")
        .file("run/x", b"x")
        .link("a", "b")
        .link("b", "a")
        .link("to-a", "/a/x");
    let upper = layer(&[("lib/y.conf", "y"), ("var/run/z", "z")]);
    let image = one(saved(&[lower.end(), upper]));
    assert_eq!(text(&image, "/usr/lib/y.conf"), "y");
    assert_eq!(text(&image, "/up/z"), "z");
    assert_eq!(text(&image, "/var/run/../run/./x"), "x");
    let loops = "error: too many levels of symbolic links";
    assert_eq!(text(&image, "/a"), loops);
    assert_eq!(text(&image, "/to-a"), loops);
    let resolved = |path: &str| image.files.resolve(&FilePath::new(path));
    assert_eq!(
        resolved("/var/run/php.sock"),
        Some(FilePath::new("/run/php.sock"))
    );
    assert_eq!(resolved("/run/php.sock"), None);
    assert_eq!(
        resolved("/lib/y.conf"),
        Some(FilePath::new("/usr/lib/y.conf"))
    );
}

#[test]
fn a_hard_link_keeps_what_it_was_made_of() {
    let mut lower = Tar::default();
    lower.file("etc/a", b"first").hard_link("etc/b", "etc/a");
    let image = one(saved(&[lower.end(), layer(&[("etc/a", "second")])]));
    assert_eq!(text(&image, "/etc/a"), "second");
    assert_eq!(text(&image, "/etc/b"), "first");
}

#[test]
fn files_become_folders_and_folders_files() {
    let lower = layer(&[("etc/a", "file"), ("etc/b/c", "in a folder")]);
    let mut upper = Tar::default();
    upper
        .folder("etc/a")
        .file("etc/a/x", b"x")
        .file("etc/b", b"now a file");
    let image = one(saved(&[lower, upper.end()]));
    assert_eq!(text(&image, "/etc/a/x"), "x");
    assert_eq!(text(&image, "/etc/b"), "now a file");
    assert_eq!(text(&image, "/etc/b/c"), "error: no such file or directory");
}

#[test]
fn what_is_no_file_is_not_read() {
    let mut tar = Tar::default();
    tar.raw(b"dev/null", b'3', b"", 0, b"");
    tar.raw(b"pipe", b'6', b"", 0, b"");
    tar.folder("etc");
    let image = one(saved(&[tar.end()]));
    let kind = |path: &str| image.files.read(&FilePath::new(path)).unwrap_err().kind;
    assert_eq!(kind("/dev/null"), ReadErrorKind::NotRegular);
    assert_eq!(kind("/pipe"), ReadErrorKind::NotRegular);
    assert_eq!(kind("/etc"), ReadErrorKind::Directory);
    assert_eq!(kind("/none"), ReadErrorKind::Missing);
}

#[test]
fn names_of_gnu_and_pax_are_read() {
    let long = format!("etc/{}/x.conf", "n".repeat(200));
    let pax = format!("etc/{}.conf", "p".repeat(180));
    let record = format!(" path={pax}\n");
    let len = (record.len() + 3).to_string().len() + record.len();
    let record = format!("{len}{record}");
    let mut tar = Tar::default();
    tar.file(&long, b"gnu");
    tar.raw(b"pax", b'x', b"", record.len() as u64, record.as_bytes());
    tar.file("short", b"pax");
    let image = one(saved(&[tar.end()]));
    assert_eq!(text(&image, &format!("/{long}")), "gnu");
    assert_eq!(text(&image, &format!("/{pax}")), "pax");
}

#[test]
fn files_that_are_not_kept_are_read_when_they_are_asked_for() {
    let big = "x".repeat(3 << 20);
    let image = one(saved(&[layer(&[("srv/site", "site"), ("srv/big", &big)])]));
    assert_eq!(text(&image, "/srv/site"), "site");
    assert_eq!(text(&image, "/srv/big").len(), 3 << 20);
}
