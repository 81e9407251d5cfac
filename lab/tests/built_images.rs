//! Images that are built already, against `umoci` and `skopeo`.

#[path = "../../crates/image/tests/archives/write.rs"]
mod write;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use base::FilePath;
use image::{Bytes, Entries, ImageFiles, Platform, Refused};
use lab::random::Random;
use lab::scratch::Scratch;
use model::Files;
use write::Tar;

/// Runs a program in a folder; what it wrote to standard error when it failed.
fn tool(dir: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask setup` installs it"));
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn must(dir: &Path, program: &str, args: &[&str]) {
    if let Err(error) = tool(dir, program, args) {
        panic!("{program} {args:?}: {error}");
    }
}

/// A file that is read whole.
struct Whole(Vec<u8>);

impl Bytes for Whole {
    fn open(&self, at: u64) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        let at = usize::try_from(at).expect("it is in memory");
        Ok(Box::new(self.0.get(at..).unwrap_or_default()))
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn is_seekable(&self) -> bool {
        true
    }
}

fn whole(path: &Path) -> Arc<dyn Bytes> {
    let file = fs::File::open(path).expect("it was made");
    let mut bytes = Vec::new();
    let mut unpacked = agent::open::unpacked(Box::new(file)).expect("it can be read");
    std::io::Read::read_to_end(&mut unpacked, &mut bytes).expect("it can be read");
    Arc::new(Whole(bytes))
}

fn layout(dir: &Path) -> Entries {
    let mut entries = Entries::default();
    let mut add = |name: String| {
        let bytes = fs::read(dir.join(&name)).expect("it is there");
        entries.insert(name, bytes.len() as u64, Arc::new(Whole(bytes)));
    };
    add("index.json".to_owned());
    for entry in fs::read_dir(dir.join("blobs/sha256")).expect("a layout") {
        let name = entry.expect("a blob").file_name();
        add(format!("blobs/sha256/{}", name.to_string_lossy()));
    }
    entries
}

/// The only image, as we read it.
fn ours(entries: &Entries) -> Result<ImageFiles, Refused> {
    let platform = Platform::parse("linux/amd64").expect("it is one");
    let platform = Platform {
        is_asked: false,
        ..platform
    };
    let (mut images, mut refused) = image::images(entries, agent::open::unpacked, &platform);
    match (images.pop(), refused.pop()) {
        (Some(image), None) => Ok(image.files),
        (None, Some((_, why))) => Err(why),
        (image, refused) => panic!("{image:?} {refused:?}"),
    }
}

/// Every path with what is there, and the bytes of files.
type Listing = BTreeMap<Vec<u8>, (String, Vec<u8>)>;

fn listing(files: &ImageFiles) -> Listing {
    let one = |(path, what): (FilePath, String)| {
        let bytes = match what == "file" {
            true => files.read(&path).expect("a file of the image").to_vec(),
            false => Vec::new(),
        };
        (path.as_bytes().to_vec(), (what, bytes))
    };
    files.listing().into_iter().map(one).collect()
}

fn real(root: &Path) -> Listing {
    let mut out = Listing::new();
    let mut todo = vec![PathBuf::from("/")];
    while let Some(path) = todo.pop() {
        let at = root.join(path.strip_prefix("/").expect("it is absolute"));
        let kind = fs::symlink_metadata(&at).expect("it is ours").file_type();
        let (what, bytes) = if kind.is_dir() {
            let names = fs::read_dir(&at).expect("it is ours");
            todo.extend(names.map(|entry| path.join(entry.expect("an entry").file_name())));
            ("folder".to_owned(), Vec::new())
        } else if kind.is_symlink() {
            let target = fs::read_link(&at).expect("a link");
            (format!("link -> {}", target.to_string_lossy()), Vec::new())
        } else if kind.is_fifo() {
            ("special".to_owned(), Vec::new())
        } else {
            ("file".to_owned(), fs::read(&at).expect("it is ours"))
        };
        out.insert(path.into_os_string().into_vec(), (what, bytes));
    }
    out
}

const FOLDERS: [&str; 4] = ["a", "b", "etc", "deep"];
const NAMES: [&str; 7] = ["x.conf", "y.conf", "z", "q", "a", "etc", "."];

fn path(random: &mut Random) -> String {
    let count = random.below(3);
    let part = |random: &mut Random| match random.below(40) {
        0 => "n".repeat(120),
        1 => "..".to_owned(),
        _ => random.pick(&FOLDERS).to_owned(),
    };
    let mut parts: Vec<String> = (0..count).map(|_| part(random)).collect();
    parts.push(match random.below(5) {
        0 => random.pick(&NAMES).to_owned(),
        _ => random.pick(&NAMES[..4]).to_owned(),
    });
    let before = random.pick(&["", "./", "/"]);
    format!("{before}{}", parts.join("/"))
}

fn target(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("/{}", path(random).trim_start_matches('/')),
        1 => format!("../{}", path(random).trim_start_matches('/')),
        2 => "../../../..".to_owned(),
        _ => path(random).trim_start_matches('/').to_owned(),
    }
}

/// A layer of random entries, as no tool would write one.
fn layer(random: &mut Random) -> Vec<u8> {
    let mut tar = Tar::default();
    let mut files: Vec<String> = Vec::new();
    for number in 0..1 + random.below(12) {
        let at = path(random);
        match random.below(12) {
            0..5 => {
                let text = format!("{at} {number}\n").repeat(1 + random.below(200));
                tar.file(&at, text.as_bytes());
                files.push(at);
            }
            5..7 => {
                let folder = random.pick(&FOLDERS);
                let below = random.pick(&FOLDERS);
                tar.folder(&format!("{folder}/{below}"));
            }
            7..9 => drop(tar.link(&at, &target(random))),
            9 => match files.last() {
                Some(target) => drop(tar.hard_link(&at, target)),
                None => drop(tar.folder(&at)),
            },
            10 => {
                let name = random.pick(&NAMES[..6]);
                let folder = at.rsplit_once('/').map_or("", |(folder, _)| folder);
                let other = random.pick(&FOLDERS);
                let name = random.pick(&[name, other]);
                tar.file(&format!("{folder}/.wh.{name}"), b"");
            }
            _ => {
                let folder = random.pick(&FOLDERS);
                tar.file(&format!("{folder}/.wh..wh..opq"), b"");
            }
        }
    }
    tar.end()
}

#[test]
fn random_layers_make_the_tree_that_umoci_makes() {
    let (mut same, mut refused) = (0, 0);
    for seed in 1..=120 {
        let mut random = Random::new(seed * 7919);
        let scratch = Scratch::new("layers");
        let dir = scratch.path();
        must(dir, "umoci", &["init", "--layout", "oci"]);
        must(dir, "umoci", &["new", "--image", "oci:it"]);
        let mut layers = Vec::new();
        for number in 0..1 + random.below(4) {
            layers.push(layer(&mut random));
            let tar = scratch.write(&format!("{number}.tar"), &layers[number]);
            let tar = tar.to_string_lossy();
            must(
                dir,
                "umoci",
                &["raw", "add-layer", "--image", "oci:it", &tar],
            );
        }
        let unpack = ["unpack", "--rootless", "--image", "oci:it", "bundle"];
        let theirs = tool(dir, "umoci", &unpack);
        let ours = ours(&layout(&dir.join("oci")));
        match (theirs, ours) {
            (Ok(()), Ok(files)) => {
                same += 1;
                let (ours, theirs) = (listing(&files), real(&dir.join("bundle/rootfs")));
                compare(seed, &ours, &theirs);
            }
            (Err(_), Err(_)) => refused += 1,
            (theirs, ours) => panic!("seed {seed}: umoci {theirs:?}, ours {ours:?}"),
        }
    }
    eprintln!("{same} the same, {refused} refused by both");
    assert!(same > 50, "most must be trees: {same}");
}

fn compare(seed: u64, ours: &Listing, theirs: &Listing) {
    let text = |path: &Vec<u8>, what: Option<&(String, Vec<u8>)>| {
        let what = what.map(|(what, bytes)| format!("{what}, {} bytes", bytes.len()));
        format!("{}: {what:?}", String::from_utf8_lossy(path))
    };
    let all: std::collections::BTreeSet<&Vec<u8>> = ours.keys().chain(theirs.keys()).collect();
    for path in all {
        let (our, their) = (ours.get(path), theirs.get(path));
        assert!(
            our == their,
            "seed {seed}: ours {}, umoci's {}",
            text(path, our),
            text(path, their)
        );
    }
}

/// Changes a tree as people's `RUN` and `COPY` do.
fn change(random: &mut Random, root: &Path) {
    for number in 0..2 + random.below(10) {
        let folder = root.join(random.pick(&["etc", "etc/a", "srv", "srv/b", "opt/deep/er"]));
        let path = folder.join(random.pick(&["x.conf", "y.conf", "z", "a", "b"]));
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir());
        match random.below(8) {
            0 if is_folder => drop(fs::remove_dir_all(&path)),
            0 => drop(fs::remove_file(&path)),
            1 => drop(fs::remove_dir_all(&folder)),
            kind => {
                let made = fs::create_dir_all(&folder).is_ok();
                let _gone = match is_folder {
                    true => fs::remove_dir_all(&path),
                    false => fs::remove_file(&path),
                };
                match kind {
                    _ if !made => {}
                    2 => drop(fs::create_dir(&path)),
                    3 => {
                        let target = random.pick(&["/etc", "../srv", "nowhere", "x.conf"]);
                        drop(std::os::unix::fs::symlink(target, &path));
                    }
                    4 => drop(fs::hard_link(root.join("etc/first"), &path)),
                    _ => {
                        let text = format!("{number} {kind}\n").repeat(random.below(30_000));
                        fs::write(&path, text).expect("it is ours");
                    }
                }
            }
        }
    }
}

#[test]
fn images_of_real_tools_in_every_format() {
    for seed in 1..=12 {
        let mut random = Random::new(seed * 104_729);
        let scratch = Scratch::new("formats");
        let dir = scratch.path();
        must(dir, "umoci", &["init", "--layout", "oci"]);
        must(dir, "umoci", &["new", "--image", "oci:it"]);
        for number in 0..2 + random.below(3) {
            let bundle = format!("b{number}");
            let unpack = ["unpack", "--rootless", "--image", "oci:it", &bundle];
            must(dir, "umoci", &unpack);
            let root = dir.join(&bundle).join("rootfs");
            fs::create_dir_all(root.join("etc")).expect("it is ours");
            if number == 0 {
                fs::write(root.join("etc/first"), "first\n").expect("it is ours");
            }
            change(&mut random, &root);
            must(dir, "umoci", &["repack", "--image", "oci:it", &bundle]);
        }
        let new = scratch.write("new/etc/a/only", "only\n");
        let new = new
            .parent()
            .expect("a folder")
            .to_string_lossy()
            .into_owned();
        if random.one_in(2) {
            let insert = [
                "insert",
                "--rootless",
                "--opaque",
                "--image",
                "oci:it",
                &new,
                "/etc/a",
            ];
            must(dir, "umoci", &insert);
        }
        must(
            dir,
            "umoci",
            &["unpack", "--rootless", "--image", "oci:it", "end"],
        );
        let theirs = real(&dir.join("end/rootfs"));
        let copy = |to: &[&str]| must(dir, "skopeo", &[&["copy", "-q", "oci:oci:it"], to].concat());
        copy(&["docker-archive:docker.tar:shop:1"]);
        copy(&["oci-archive:oci.tar:shop"]);
        copy(&[
            "--dest-compress-format",
            "zstd",
            "--dest-compress",
            "oci:zstd:it",
        ]);
        for (program, file) in [
            ("gzip", "docker.tar"),
            ("zstd", "oci.tar"),
            ("xz", "docker.tar"),
        ] {
            must(dir, program, &["-q", "-k", file]);
        }
        for archive in [
            "docker.tar",
            "oci.tar",
            "docker.tar.gz",
            "oci.tar.zst",
            "docker.tar.xz",
        ] {
            let entries = image::entries(&whole(&dir.join(archive))).expect(archive);
            let files = ours(&entries).unwrap_or_else(|why| panic!("{archive}: {why:?}"));
            compare(seed, &listing(&files), &theirs);
        }
        for folder in ["oci", "zstd"] {
            let files = ours(&layout(&dir.join(folder))).expect(folder);
            compare(seed, &listing(&files), &theirs);
        }
    }
}

/// A layout of one image that is this tree.
fn packed(dir: &Path, fill: &dyn Fn(&Path)) -> PathBuf {
    must(dir, "umoci", &["init", "--layout", "oci"]);
    must(dir, "umoci", &["new", "--image", "oci:it"]);
    must(
        dir,
        "umoci",
        &["unpack", "--rootless", "--image", "oci:it", "b"],
    );
    let root = dir.join("b/rootfs");
    fill(&root);
    let made_by = "COPY site.conf /etc/nginx/conf.d/ # buildkit";
    let repack = [
        "repack",
        "--image",
        "oci:it",
        "--history.created_by",
        made_by,
        "b",
    ];
    must(dir, "umoci", &repack);
    root
}

/// This machine's nginx and PHP, with a site that gives up too early.
fn shop(root: &Path) {
    let script = format!(
        "mkdir -p {0}/etc {0}/var/lib/dpkg {0}/run && ln -s /run {0}/var/run && \
         cp -a /etc/nginx /etc/php /etc/passwd /etc/group {0}/etc/ && \
         cp /var/lib/dpkg/status {0}/var/lib/dpkg/ && \
         rm -f {0}/etc/nginx/modules-enabled/* {0}/etc/nginx/sites-enabled/*",
        root.display()
    );
    must(root, "sh", &["-c", &script]);
    let pools = fs::read_dir(root.join("etc/php")).expect("PHP is installed");
    let version = pools
        .flatten()
        .map(|entry| entry.file_name())
        .max()
        .expect("a version");
    let version = version.to_string_lossy();
    let site = format!(
        "server {{\n  listen 80;\n  root /srv;\n  location ~ \\.php$ {{\n    \
         include fastcgi.conf;\n    fastcgi_read_timeout 30s;\n    \
         fastcgi_pass unix:/var/run/php/php{version}-fpm.sock;\n  }}\n}}\n"
    );
    fs::write(root.join("etc/nginx/conf.d/site.conf"), site).expect("it is ours");
    let pool = root.join(format!("etc/php/{version}/fpm/pool.d/www.conf"));
    let text = fs::read_to_string(&pool).expect("Debian's pool");
    let text = format!("{text}\nrequest_terminate_timeout = 60s\n");
    fs::write(pool, text).expect("it is ours");
}

/// What `check` prints, without what says where the files are.
fn said(args: &[&str], dir: &Path, prefix: &str) -> (Option<i32>, Vec<String>) {
    let output = Command::new(lab::program::badgateway())
        .args(["check", "--strict", "--format", "concise"])
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .expect("badgateway runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().map(|line| line.replace(prefix, ""));
    (output.status.code(), lines.collect())
}

#[test]
fn an_image_is_judged_as_its_root_is() {
    let scratch = Scratch::new("shop");
    let dir = scratch.path();
    let root = packed(dir, &shop);
    let copy = |to: &str| must(dir, "skopeo", &["copy", "-q", "oci:oci:it", to]);
    copy("docker-archive:docker.tar:shop:1");
    copy("oci-archive:oci.tar:shop");
    must(dir, "gzip", &["-k", "docker.tar"]);
    let root = root
        .strip_prefix(dir)
        .expect("it is there")
        .to_string_lossy();
    let of_root = said(&["--root", &root], dir, &root);
    assert_eq!(of_root.0, Some(1), "{of_root:?}");
    let has = |rule: &str| of_root.1.iter().any(|line| line.contains(rule));
    assert!(has("read-timeout-below-terminate"), "{of_root:?}");
    for image in ["docker.tar", "oci.tar", "docker.tar.gz", "oci"] {
        let of_image = said(&["--image", image], dir, &format!("{image}:"));
        assert_eq!(of_image, of_root, "{image}");
    }
    let full = Command::new(lab::program::badgateway())
        .args(["check", "--image", "docker.tar"])
        .current_dir(dir)
        .output()
        .expect("badgateway runs");
    let full = String::from_utf8_lossy(&full.stdout).into_owned();
    assert!(
        full.contains("docker.tar:/etc/nginx/conf.d/site.conf:6"),
        "{full}"
    );
    assert!(
        full.contains("is from layer 1 of 1: COPY site.conf"),
        "{full}"
    );
}
