//! nextcloud:fpm: PHP fills in the environment itself.

use super::{EnvImage, Family, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "nextcloud",
    source: "nextcloud/docker 4de1eed: 32/fpm-alpine/Dockerfile",
    images: &[EnvImage {
        names: &["nextcloud"],
        tags: &["*fpm*"],
        shown: "nextcloud:*-fpm",
        php: Php::None,
        is_official_php: true,
        env: &[&[
            ("PHP_INI_DIR", "/usr/local/etc/php"),
            ("PHP_MEMORY_LIMIT", "512M"),
            ("PHP_UPLOAD_LIMIT", "512M"),
        ]],
        files: &[&[file(
            "/usr/local/etc/php/conf.d/nextcloud.ini",
            "memory_limit=${PHP_MEMORY_LIMIT}\nupload_max_filesize=${PHP_UPLOAD_LIMIT}\n\
             post_max_size=${PHP_UPLOAD_LIMIT}\n",
        )]],
        ..PLAIN
    }],
};
