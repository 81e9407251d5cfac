//! Applications on the official PHP image that have no variable for a setting: what they bring is
//! known all the same.

use super::{EnvImage, Family, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "applications without variables",
    source: "docker-library/wordpress bf223d1: latest/php8.3/fpm/Dockerfile; jkaninda/laravel-php-fpm 033c6b2: \
             src/docker/Dockerfile, src/php.ini",
    images: &[
        EnvImage {
            names: &["wordpress"],
            tags: &["*fpm*"],
            shown: "wordpress:*-fpm",
            php: Php::Word,
            is_official_php: true,
            env: &[&[("PHP_INI_DIR", "/usr/local/etc/php")]],
            files: &[&[
                file(
                    "/usr/local/etc/php/conf.d/error-logging.ini",
                    "display_errors = Off\ndisplay_startup_errors = Off\nlog_errors = On\n\
                     error_log = /dev/stderr\nlog_errors_max_len = 1024\nhtml_errors = Off\n",
                ),
                file(
                    "/usr/local/etc/php/conf.d/opcache-recommended.ini",
                    "opcache.memory_consumption=128\nopcache.interned_strings_buffer=8\n\
                     opcache.max_accelerated_files=4000\nopcache.revalidate_freq=2\n",
                ),
            ]],
            ..PLAIN
        },
        EnvImage {
            names: &["jkaninda/laravel-php-fpm"],
            tags: &["8.*", "latest"],
            shown: "jkaninda/laravel-php-fpm:8.*",
            php: Php::Tag,
            is_official_php: true,
            env: &[&[("PHP_INI_DIR", "/usr/local/etc/php")]],
            files: &[&[file(
                "/usr/local/etc/php/conf.d/php.ini",
                "display_errors=Off\nlog_errors=On\nupload_max_filesize= 30M\npost_max_size= 30M\n\
                 memory_limit = 256M\n",
            )]],
            ..PLAIN
        },
    ],
};
