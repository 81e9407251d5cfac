//! Archives of images: whatever comes in, there is an answer.
#![no_main]

use std::io::{self, Read};
use std::sync::Arc;

use image::{Bytes, Platform};
use libfuzzer_sys::fuzz_target;
use model::Files;

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

fn as_it_is<'r>(source: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
    Ok(source)
}

fuzz_target!(|archive: &[u8]| {
    let bytes: Arc<dyn Bytes> = Arc::new(Whole(archive.to_vec()));
    let Some(platform) = Platform::parse("linux/amd64") else {
        return;
    };
    let Ok(entries) = image::entries(&bytes) else {
        return;
    };
    let (images, _) = image::images(&entries, as_it_is, &platform);
    for image in images {
        for (path, _) in image.files.listing() {
            let _never_panics = image.files.read(&path);
        }
    }
});
