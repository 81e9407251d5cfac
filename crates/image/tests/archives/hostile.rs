//! Archives that lie.

use crate::{Oci, Tar, digest, layer, one, read, refused, saved, saved_with, text};

#[test]
fn names_do_not_leave_the_root() {
    let mut tar = Tar::default();
    tar.file("../../etc/passwd", b"a")
        .file("/etc/group", b"b")
        .file("etc/../../../../x", b"c");
    let image = one(saved(&[tar.end()]));
    assert_eq!(text(&image, "/etc/passwd"), "a");
    assert_eq!(text(&image, "/etc/group"), "b");
    assert_eq!(text(&image, "/x"), "c");
}

#[test]
fn of_doubled_entries_the_last_one_counts() {
    let mut tar = Tar::default();
    tar.file("etc/a", b"1")
        .file("etc/a", b"2")
        .link("etc/a", "b")
        .file("etc/b", b"3");
    assert_eq!(text(&one(saved(&[tar.end()])), "/etc/a"), "3");
}

#[test]
fn sizes_that_lie() {
    let mut tar = Tar::default();
    tar.raw(b"etc/a", b'0', b"", 1 << 40, b"short");
    assert_eq!(
        refused(saved(&[tar.0.clone()])),
        "layer 1 of 1: it is cut off"
    );
    let mut tar = Tar::default();
    tar.raw(b"etc/a", b'0', b"", u64::MAX - 100, b"short");
    assert_eq!(
        refused(saved(&[tar.0])),
        "layer 1 of 1: a size is impossible"
    );
    let mut outer = Tar::default();
    outer.raw(b"manifest.json", b'0', b"", 1 << 50, b"[]");
    assert_eq!(refused(outer.end()), "it is cut off");
    let mut outer = Tar::default();
    outer.raw(b"manifest.json", b'L', b"", 1 << 30, b"[]");
    assert_eq!(refused(outer.end()), "a name is too long");
    let mut outer = Tar::default();
    outer.raw(b"x", b'x', b"", 1 << 30, b"[]");
    assert_eq!(refused(outer.end()), "a record is too long");
}

#[test]
fn a_bomb_ends() {
    let said = refused(saved(&[b"Z".to_vec()]));
    let message = "layer 1 of 1: it unpacks to more than 200 times its size; the rest was not read";
    assert_eq!(said, message);
}

#[test]
fn archives_that_are_cut_off_anywhere() {
    let whole = saved(&[layer(&[("etc/a", "1")]), layer(&[("etc/b", "2")])]);
    // Behind the last byte of the last part there are only zeros.
    for cut in (0..whole.len() - 2048).step_by(97) {
        let (images, refused) = read(whole[..cut].to_vec());
        assert!(images.is_empty(), "cut at {cut}");
        assert_eq!(refused.len(), 1, "cut at {cut}");
    }
}

#[test]
fn digests_are_held_against_their_content() {
    let config = r#"{"rootfs": {"diff_ids": ["sha256:00"]}}"#;
    let bytes = layer(&[("etc/a", "1")]);
    let said = refused(saved_with(std::slice::from_ref(&bytes), config));
    let found = digest(&bytes);
    let message = format!(
        "layer 1 of 1: it is not what its digest says: sha256:00 is expected, and it is sha256:{found}"
    );
    assert_eq!(said, message);
    let right = format!("{{\"rootfs\": {{\"diff_ids\": [\"sha256:{found}\"]}}}}");
    one(saved_with(&[bytes], &right));
}

#[test]
fn a_blob_that_is_another_one() {
    let mut oci = Oci::default();
    let bytes = layer(&[("etc/a", "1")]);
    let manifest = oci.image(&[("tar", bytes.as_slice())]);
    let mut archive = oci.end(&[manifest]);
    let at = archive
        .windows(6)
        .position(|six| six == b"etc/a\0")
        .unwrap();
    archive[at + 512] = b'2';
    let said = refused(archive);
    assert!(said.contains("it is not what its digest says"), "{said}");
    let mut oci = Oci::default();
    let manifest = oci.image(&[("tar", bytes.as_slice())]);
    let mut archive = oci.end(&[manifest]);
    let at = archive
        .windows(13)
        .position(|word| word == b"schemaVersion")
        .unwrap();
    archive[at] = b'S';
    let said = refused(archive);
    assert!(
        said.ends_with("is something else: the archive is damaged"),
        "{said}"
    );
}

#[test]
fn layers_that_are_not_there() {
    let mut oci = Oci::default();
    let config = oci.blob("application/vnd.oci.image.config.v1+json", b"{}");
    let foreign = "\"mediaType\":\"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\",\
                   \"digest\":\"sha256:ab\",\"urls\":[\"https://elsewhere\"]";
    let manifest = format!("{{\"config\":{{{config}}},\"layers\":[{{{foreign}}}]}}");
    let manifest = oci.blob(
        "application/vnd.oci.image.manifest.v1+json",
        manifest.as_bytes(),
    );
    assert_eq!(
        refused(oci.end(&[manifest])),
        "layer 1 of 1: blobs/sha256/ab is not in the archive; it is fetched from elsewhere"
    );
    let mut tar = Tar::default();
    tar.file("c.json", b"{}");
    tar.file(
        "manifest.json",
        br#"[{"Config":"c.json","Layers":["x/layer.tar"]}]"#,
    );
    let said = "layer 1 of 1: x/layer.tar is not in the archive";
    assert_eq!(refused(tar.end()), said);
}

#[test]
fn layers_that_are_encrypted() {
    let mut oci = Oci::default();
    let manifest = oci.image(&[("tar+gzip+encrypted", b"secret".as_slice())]);
    assert_eq!(
        refused(oci.end(&[manifest])),
        "layer 1 of 1: it is encrypted"
    );
}

#[test]
fn what_is_no_image() {
    let mut tar = Tar::default();
    tar.file("etc/nginx/nginx.conf", b"events {}\n");
    let said = "it is no image: it has neither a manifest.json nor an index.json";
    assert_eq!(refused(tar.end()), said);
    assert_eq!(refused(b"events {}\n".repeat(100)), "it is no tar archive");
    assert_eq!(refused(Vec::new()), "it is no tar archive");
    let mut tar = Tar::default();
    tar.file("manifest.json", b"[1]");
    assert_eq!(refused(tar.end()), "manifest.json: an object is expected");
    let mut tar = Tar::default();
    tar.file("manifest.json", b"[{");
    assert!(refused(tar.end()).starts_with("manifest.json is no JSON: line 1"));
    let mut oci = Oci::default();
    let chart = oci.blob("application/vnd.cncf.helm.config.v1+json", b"{}");
    let manifest = format!("{{\"config\":{{{chart}}},\"layers\":[]}}");
    let manifest = oci.blob(
        "application/vnd.oci.image.manifest.v1+json",
        manifest.as_bytes(),
    );
    let said = "it is no image but `application/vnd.cncf.helm.config.v1+json`";
    assert_eq!(refused(oci.end(&[manifest])), said);
}

#[test]
fn an_index_that_holds_itself() {
    // A digest cannot be its own content's, so the digests are of a kind that is not checked.
    let inner = "\"digest\":\"md5:1\"";
    let mut tar = Tar::default();
    let index = format!("{{\"manifests\":[{{{inner}}},{{{inner}}}]}}");
    tar.file("blobs/md5/1", index.as_bytes());
    tar.file("index.json", index.as_bytes());
    let (images, refused) = read(tar.end());
    assert!(images.is_empty() && !refused.is_empty());
    let said = "its indexes lie too deep in each other";
    assert!(refused.iter().all(|(_, why)| why.message == said));
}

#[test]
fn loops_of_links_and_files_that_are_folders() {
    let mut tar = Tar::default();
    tar.link("a", "b").link("b", "a").file("a/x", b"x");
    assert_eq!(
        refused(saved(&[tar.end()])),
        "layer 1 of 1: a loop of links"
    );
    let mut tar = Tar::default();
    tar.file("a", b"x").file("a/x", b"x");
    let said = "layer 1 of 1: something lies below a, which is a file";
    assert_eq!(refused(saved(&[tar.end()])), said);
    let mut tar = Tar::default();
    tar.hard_link("a", "b");
    let said = "layer 1 of 1: a hard link to b, which is not there";
    assert_eq!(refused(saved(&[tar.end()])), said);
    let mut tar = Tar::default();
    let mut outer = Tar::default();
    tar.folder(&"d/".repeat(2000));
    assert!(refused(saved(&[tar.end()])).contains("more than 1024 folders"));
    outer.link("manifest.json", "manifest.json");
    assert!(refused(outer.end()).starts_with("it is no image"));
}

#[test]
fn names_are_made_printable() {
    let mut tar = Tar::default();
    tar.file("a\x1b[31m", b"x").file("a\x1b[31m/x", b"x");
    let said = refused(saved(&[tar.end()]));
    assert!(!said.contains('\x1b'), "{said}");
}
