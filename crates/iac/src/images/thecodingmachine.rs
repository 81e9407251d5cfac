//! thecodingmachine/php: a script makes a line of php.ini of each variable `PHP_INI_…`.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// Its files for a version.
macro_rules! fpm_files {
    ($version:literal) => {
        [
            file(
                concat!("/etc/php/", $version, "/fpm/php-fpm.conf"),
                concat!(
                    "[global]\nerror_log = /proc/self/fd/2\nlog_limit = 8192\ndaemonize = no\n\
                     include=/etc/php/",
                    $version,
                    "/fpm/pool.d/*.conf\n"
                ),
            ),
            file(
                concat!("/etc/php/", $version, "/fpm/pool.d/www.conf"),
                "[www]\npm = dynamic\npm.max_children = 5\npm.start_servers = 2\n\
                 pm.min_spare_servers = 1\npm.max_spare_servers = 3\n\
                 access.log = /proc/self/fd/2\nclear_env = no\ncatch_workers_output = yes\n\
                 decorate_workers_output = no\nlisten = 9000\n",
            ),
            file(
                concat!("/etc/php/", $version, "/fpm/php.ini"),
                "[PHP]\n@TEMPLATE_PHP_INI=production@display_errors = Off\n\
                 @TEMPLATE_PHP_INI=development@display_errors = On\nmax_execution_time = 30\n\
                 max_input_time = 60\nmemory_limit = 128M\nlog_errors = On\npost_max_size = 8M\n\
                 upload_max_filesize = 2M\ndefault_socket_timeout = 60\n",
            ),
            file(
                concat!("/etc/php/", $version, "/fpm/conf.d/generated_conf.ini"),
                "@PHP_INI_*@\n",
            ),
        ]
    };
}

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "thecodingmachine/php",
    source: "thecodingmachine/docker-images-php 96ea274 (v4): Dockerfile.slim.fpm, utils/generate_conf.php, \
             utils/fpm-docker.conf, utils/fpm-zz-docker.conf, and Debian's php-fpm",
    images: &[
        EnvImage {
            tags: &["8.1-v4*fpm*"],
            shown: "thecodingmachine/php:8.1-v4-fpm",
            files: &[FPM_81],
            ..IMAGE
        },
        EnvImage {
            tags: &["8.2-v4*fpm*"],
            shown: "thecodingmachine/php:8.2-v4-fpm",
            files: &[FPM_82],
            ..IMAGE
        },
        EnvImage {
            tags: &["8.3-v4*fpm*"],
            shown: "thecodingmachine/php:8.3-v4-fpm",
            files: &[FPM_83],
            ..IMAGE
        },
    ],
};

const IMAGE: EnvImage = EnvImage {
    names: &["thecodingmachine/php"],
    php: Php::Tag,
    env: &[&[("TEMPLATE_PHP_INI", "development")]],
    ..PLAIN
};

const FPM_81: &[File] = &fpm_files!("8.1");
const FPM_82: &[File] = &fpm_files!("8.2");
const FPM_83: &[File] = &fpm_files!("8.3");
