//! Arguments of what reads images.

use std::path::PathBuf;

use clap::Args;
use image::Platform;

use super::InputArgs;

#[derive(Clone, Debug, Args)]
pub(crate) struct ImageArgs {
    /// Read an image: an archive of `docker save` or `podman save`, packed or not, or an OCI layout
    /// as a folder or an archive; may be repeated
    #[arg(long = "image", value_name = "FILE", conflicts_with = "root")]
    pub(crate) images: Vec<PathBuf>,
    /// Of an image for several systems read this one, such as linux/arm64; this machine's own when
    /// it is left out
    #[arg(long, value_name = "OS/ARCH", requires = "images", value_parser = platform)]
    pub(crate) platform: Option<Platform>,
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).ok_or_else(|| "write OS/ARCH, such as linux/arm64".to_owned())
}

impl ImageArgs {
    /// These images and nothing else.
    pub(crate) fn alone(&self) -> InputArgs {
        InputArgs {
            images: self.images.clone(),
            platform: self.platform.clone(),
            ..InputArgs::default()
        }
    }

    /// The inputs with these images.
    pub(crate) fn added_to(&self, input: &InputArgs) -> InputArgs {
        InputArgs {
            images: self.images.clone(),
            platform: self.platform.clone(),
            ..input.clone()
        }
    }
}
