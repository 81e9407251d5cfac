//! Random damage: whatever comes in, there is an answer.

use base::FilePath;
use model::Files as _;
use proptest::prelude::*;

use crate::{Oci, Tar, layer, read, saved_with};

fn whole(is_oci: bool) -> Vec<u8> {
    let mut tar = Tar::default();
    tar.folder("etc/nginx")
        .file("etc/nginx/nginx.conf", b"events {}\n")
        .link("var/run", "/run")
        .hard_link("etc/b", "etc/nginx/nginx.conf")
        .file("etc/nginx/.wh.x", b"");
    let lower = layer(&[("etc/nginx/x", "x"), ("srv/y", "y")]);
    if is_oci {
        let mut oci = Oci::default();
        let layers = [("tar", lower.as_slice()), ("tar", &tar.end())];
        let manifest = oci.image(&layers);
        return oci.end(&[manifest]);
    }
    saved_with(
        &[lower, tar.end()],
        r#"{"config": {"Cmd": ["nginx"], "Env": ["A=1"]}, "history": [{"created_by": "x"}]}"#,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_said_or_does_no_harm(
        is_oci in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 0..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = whole(is_oci);
        for (at, byte, is_mended) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if is_mended {
                mend(&mut bytes, at / 512 * 512);
            }
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let (images, refused) = read(bytes);
        prop_assert!(!images.is_empty() || !refused.is_empty());
        for image in images {
            for (path, _) in image.files.listing() {
                let _said = image.files.read(&path);
                let _said = image.files.resolve(&path);
            }
            let _said = image.files.list(&FilePath::new("/etc/nginx"));
        }
    }
}

/// Makes the sum of a header right again, so that what was changed in it is read.
fn mend(bytes: &mut [u8], at: usize) {
    let Some(header) = bytes.get_mut(at..at + 512) else {
        return;
    };
    if &header[257..262] != b"ustar" {
        return;
    }
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
