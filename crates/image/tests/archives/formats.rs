//! The formats: several images, names, platforms, indexes, configuration.

use base::FilePath;
use image::Platform;

use crate::{Oci, Tar, index, layer, one, read, read_for, saved, saved_with, text};

#[test]
fn docker_save_and_its_configuration() {
    let config = r#"{
        "architecture": "amd64", "os": "linux",
        "config": {"Env": ["A=1", "B=x=y", "broken"], "Entrypoint": ["/e"], "Cmd": ["c", "d"],
                   "WorkingDir": "/srv", "User": "www-data"},
        "rootfs": {"type": "layers", "diff_ids": []},
        "history": [{"created_by": "FROM"}]
    }"#;
    let image = one(saved_with(&[layer(&[("etc/a", "1")])], config));
    assert_eq!(image.name.as_deref(), Some("shop:1"));
    assert_eq!(image.config.command, ["/e", "c", "d"]);
    assert_eq!(image.config.env.get("B").map(String::as_str), Some("x=y"));
    assert_eq!(image.config.env.len(), 2);
    assert_eq!(
        (image.config.folder.as_str(), image.config.user.as_str()),
        ("/srv", "www-data")
    );
    assert_eq!(text(&image, "/etc/a"), "1");
}

#[test]
fn several_images_share_layers_through_links() {
    let mut tar = Tar::default();
    tar.file("base/layer.tar", &layer(&[("etc/base", "b")]));
    tar.link("one/layer.tar", "../base/layer.tar");
    tar.file("c.json", b"{}");
    tar.file(
        "manifest.json",
        br#"[{"Config":"c.json","RepoTags":null,"Layers":["one/layer.tar"]},
            {"Config":"c.json","RepoTags":["two:2"],"Layers":["./base/layer.tar"]}]"#,
    );
    let (images, refused) = read(tar.end());
    assert_eq!(refused, []);
    let names: Vec<_> = images.iter().map(|image| image.name.as_deref()).collect();
    assert_eq!(names, [None, Some("two:2")]);
    assert!(images.iter().all(|image| text(image, "/etc/base") == "b"));
}

fn platform(descriptor: &str, processor: &str) -> String {
    format!("{descriptor},\"platform\":{{\"os\":\"linux\",\"architecture\":\"{processor}\"}}")
}

fn for_two() -> Vec<u8> {
    let mut oci = Oci::default();
    let arm = layer(&[("etc/is", "arm64")]);
    let arm = oci.image(&[("tar", arm.as_slice())]);
    let amd = layer(&[("etc/is", "amd64")]);
    let amd = oci.image(&[("tar", amd.as_slice())]);
    let note = "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}";
    let note = format!("{},{note}", platform(&arm, "unknown"));
    let inner = index(&[platform(&arm, "arm64"), platform(&amd, "amd64"), note]);
    let kind = "application/vnd.oci.image.index.v1+json";
    let inner = oci.blob(kind, inner.as_bytes());
    let name = "\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}";
    oci.end(&[format!("{inner},{name}")])
}

#[test]
fn an_index_within_an_index_has_one_image_for_each_machine() {
    let image = one(for_two());
    assert_eq!(image.name.as_deref(), Some("latest"));
    assert_eq!(text(&image, "/etc/is"), "amd64");
    let asked = Platform::parse("arm64").unwrap();
    let (images, _) = read_for(for_two(), &asked);
    assert_eq!(text(&images[0], "/etc/is"), "arm64");
    let asked = Platform::parse("linux/arm/v7").unwrap();
    let (images, refused) = read_for(for_two(), &asked);
    assert!(images.is_empty());
    let why = &refused[0].1;
    let message =
        "it has no image for linux/arm/v7; those that it has are for linux/arm64, linux/amd64";
    assert_eq!(why.message, message);
    assert_eq!(why.help.as_deref(), Some("choose one with --platform"));
}

#[test]
fn an_only_image_is_taken_whatever_it_is_for() {
    let config = r#"{"architecture": "s390x", "os": "linux"}"#;
    let archive = saved_with(&[layer(&[("etc/a", "1")])], config);
    assert_eq!(text(&one(archive.clone()), "/etc/a"), "1");
    let (_, refused) = read_for(archive, &Platform::parse("linux/arm64").unwrap());
    let message = "it is for linux/s390x, not for linux/arm64";
    assert_eq!(refused[0].1.message, message);
}

#[test]
fn words_for_platforms() {
    assert!(Platform::parse("").is_none());
    assert!(Platform::parse("linux/").is_none());
    assert!(Platform::parse("linux/arm/v7/x").is_none());
    assert_eq!(Platform::parse("arm64").unwrap().system, "linux");
}

#[test]
fn a_file_is_from_the_layer_that_made_it() {
    let config = r#"{"rootfs": {"diff_ids": ["x:1", "x:2"]}, "history": [
        {"created_by": "ADD rootfs"}, {"created_by": "ENV A=1", "empty_layer": true},
        {"created_by": "COPY a.conf /etc/"}]}"#;
    let layers = [
        layer(&[("etc/a.conf", "old"), ("etc/b.conf", "old")]),
        layer(&[("etc/a.conf", "new")]),
    ];
    let image = one(saved_with(&layers, config));
    let origin = |path: &str| image.files.origin(&FilePath::new(path)).unwrap();
    assert_eq!(origin("/etc/a.conf").layer, 2);
    assert_eq!(
        origin("/etc/a.conf").made_by.as_deref(),
        Some("COPY a.conf /etc/")
    );
    assert_eq!(origin("/etc/b.conf").made_by.as_deref(), Some("ADD rootfs"));
    let (names, _) = read(saved(&layers));
    let origin = names[0]
        .files
        .origin(&FilePath::new("/etc/a.conf"))
        .unwrap();
    assert_eq!(origin.made_by, None);
}
