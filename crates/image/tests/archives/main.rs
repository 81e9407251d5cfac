//! Archives, right and wrong: what is read of them, and what is said of those that lie.

mod formats;
mod hostile;
mod layers;
mod mutated;
mod write;

use std::io::{self, Read};
use std::sync::Arc;

use base::FilePath;
use image::{Bytes, Image, Platform, Refused};
use model::Files;
use sha2::{Digest as _, Sha256};
use write::Tar;

/// An archive in memory.
struct Whole(Vec<u8>);

impl Bytes for Whole {
    fn open(&self, at: u64) -> io::Result<Box<dyn Read + '_>> {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        Ok(Box::new(self.0.get(at..).unwrap_or_default()))
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn is_seekable(&self) -> bool {
        true
    }
}

/// Nothing is packed here; what starts with `Z` stands for something that unpacks to a lot.
fn unpack<'r>(mut source: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
    let mut first = [0];
    let count = source.read(&mut first)?;
    let first = first[..count].to_vec();
    if first == b"Z" {
        return Ok(Box::new(io::Cursor::new(Tar::huge()).chain(io::repeat(0))));
    }
    Ok(Box::new(io::Cursor::new(first).chain(source)))
}

impl Tar {
    /// The beginning of an archive with a file of a thousand gigabytes.
    fn huge() -> Vec<u8> {
        let mut tar = Tar::default();
        tar.raw(b"huge", b'0', b"", 1 << 40, b"");
        tar.0
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex = Sha256::digest(bytes);
    hex.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn amd64() -> Platform {
    Platform {
        is_asked: false,
        ..Platform::parse("linux/amd64").expect("they are words")
    }
}

type Read1 = (Vec<Image>, Vec<(Option<String>, Refused)>);

fn read_for(archive: Vec<u8>, platform: &Platform) -> Read1 {
    let bytes: Arc<dyn Bytes> = Arc::new(Whole(archive));
    match image::entries(&bytes) {
        Ok(entries) => image::images(&entries, unpack, platform),
        Err(why) => (Vec::new(), vec![(None, why)]),
    }
}

fn read(archive: Vec<u8>) -> Read1 {
    read_for(archive, &amd64())
}

/// The only image.
fn one(archive: Vec<u8>) -> Image {
    let (mut images, refused) = read(archive);
    assert_eq!(refused, []);
    assert_eq!(images.len(), 1);
    images.pop().expect("there is one")
}

/// What is said of an archive without an image.
fn refused(archive: Vec<u8>) -> String {
    let (images, refused) = read(archive);
    assert!(images.is_empty(), "{images:?}");
    let all = refused.into_iter().map(|(_, why)| why.message);
    all.collect::<Vec<_>>().join("; ")
}

fn text(image: &Image, path: &str) -> String {
    match image.files.read(&FilePath::new(path)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => format!("error: {error}"),
    }
}

/// An archive as `docker save` writes it.
fn saved(layers: &[Vec<u8>]) -> Vec<u8> {
    saved_with(
        layers,
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{}}",
    )
}

fn saved_with(layers: &[Vec<u8>], config: &str) -> Vec<u8> {
    let mut tar = Tar::default();
    let mut names = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        tar.file(&format!("{number}/layer.tar"), layer);
        names.push(format!("\"{number}/layer.tar\""));
    }
    tar.file("config.json", config.as_bytes());
    let names = names.join(",");
    let manifest =
        format!("[{{\"Config\":\"config.json\",\"RepoTags\":[\"shop:1\"],\"Layers\":[{names}]}}]");
    tar.file("manifest.json", manifest.as_bytes());
    tar.end()
}

/// An OCI layout as an archive, blob by blob.
#[derive(Default)]
struct Oci(Tar);

impl Oci {
    /// Adds a blob; how it is described.
    fn blob(&mut self, kind: &str, bytes: &[u8]) -> String {
        let hex = digest(bytes);
        self.0.file(&format!("blobs/sha256/{hex}"), bytes);
        let size = bytes.len();
        format!("\"mediaType\":\"{kind}\",\"digest\":\"sha256:{hex}\",\"size\":{size}")
    }

    /// Adds an image of these layers: (kind, content).
    fn image(&mut self, layers: &[(&str, &[u8])]) -> String {
        let layers: Vec<String> = layers
            .iter()
            .map(|(kind, bytes)| {
                let blob = self.blob(&format!("application/vnd.oci.image.layer.v1.{kind}"), bytes);
                format!("{{{blob}}}")
            })
            .collect();
        let config = self.blob(
            "application/vnd.oci.image.config.v1+json",
            b"{\"config\":{}}",
        );
        let manifest = format!(
            "{{\"schemaVersion\":2,\"config\":{{{config}}},\"layers\":[{}]}}",
            layers.join(",")
        );
        self.blob(
            "application/vnd.oci.image.manifest.v1+json",
            manifest.as_bytes(),
        )
    }

    fn end(mut self, manifests: &[String]) -> Vec<u8> {
        let index = index(manifests);
        self.0.file("index.json", index.as_bytes());
        self.0.end()
    }
}

fn index(manifests: &[String]) -> String {
    let all: Vec<String> = manifests.iter().map(|one| format!("{{{one}}}")).collect();
    format!("{{\"schemaVersion\":2,\"manifests\":[{}]}}", all.join(","))
}

fn layer(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Tar::default();
    for (path, content) in files {
        tar.file(path, content.as_bytes());
    }
    tar.end()
}
