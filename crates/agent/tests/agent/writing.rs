//! A folder with a log that is written and rotated.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own, gone when dropped.
pub(crate) struct Folder(PathBuf);

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Folder {
    pub(crate) fn new() -> Folder {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("badgateway-agent-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("ours to write");
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Appends bytes, as a server that opens its log anew each time.
pub(crate) fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.expect("ours to write")
        .write_all(text.as_bytes())
        .expect("ours to write");
}

/// A line of nginx's error log that names its number.
pub(crate) fn line(number: u64) -> String {
    format!(
        "2026/11/22 {:02}:{:02}:{:02} [error] 7#7: *{number} connect() to unix:/run/a.sock failed (2: \
         No such file or directory) while connecting to upstream, client: ::1, server: h, request: \
         \"GET /{number} HTTP/1.1\", upstream: \"fastcgi://unix:/run/a.sock:\", host: \"h\"\n",
        number / 3600 % 24,
        number / 60 % 60,
        number % 60,
    )
}

/// Rotates as logrotate does: `.1` is the newest; with `packed` all but that one are compressed.
pub(crate) fn rotate(path: &Path, packed: bool) {
    let numbered = |n: u32| PathBuf::from(format!("{}.{n}", path.display()));
    let gz = |n: u32| PathBuf::from(format!("{}.{n}.gz", path.display()));
    for n in (1..40).rev() {
        if gz(n).exists() {
            fs::rename(gz(n), gz(n + 1)).expect("ours to write");
        }
        if numbered(n).exists() {
            fs::rename(numbered(n), numbered(n + 1)).expect("ours to write");
        }
    }
    if packed && numbered(2).exists() {
        pack(&numbered(2), &gz(2));
    }
    fs::rename(path, numbered(1)).expect("ours to write");
    File::create(path).expect("ours to write");
}

/// Compresses a file as gzip does: its time stays.
fn pack(from: &Path, to: &Path) {
    let time = fs::metadata(from)
        .expect("ours to write")
        .modified()
        .expect("ours to write");
    let out = File::create(to).expect("ours to write");
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    encoder
        .write_all(&fs::read(from).expect("ours to write"))
        .expect("ours to write");
    encoder
        .finish()
        .expect("ours to write")
        .set_modified(time)
        .expect("ours to write");
    fs::remove_file(from).expect("ours to write");
}
