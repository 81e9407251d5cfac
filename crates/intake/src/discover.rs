//! Where distributions and images keep their configuration.

use base::FilePath;
use model::ReadError;
use model::php::{FpmInput, PhpVersion};

use crate::tree::{Tree, names};

/// Main files of nginx, the most usual first.
pub(crate) const NGINX_MAINS: &[&str] = &[
    "/etc/nginx/nginx.conf",
    "/usr/local/nginx/conf/nginx.conf",
    "/usr/local/etc/nginx/nginx.conf",
    "/usr/local/openresty/nginx/conf/nginx.conf",
    "/etc/openresty/nginx.conf",
    "/opt/bitnami/nginx/conf/nginx.conf",
    "/opt/nginx/conf/nginx.conf",
];

/// A layout of PHP-FPM: `%` stands for the version in a directory's name.
struct Layout {
    main: &'static str,
    ini: &'static str,
    scan: &'static str,
}

const LAYOUTS: &[Layout] = &[
    // Debian and Ubuntu.
    Layout {
        main: "/etc/php/%/fpm/php-fpm.conf",
        ini: "/etc/php/%/fpm/php.ini",
        scan: "/etc/php/%/fpm/conf.d",
    },
    // Alpine.
    Layout {
        main: "/etc/php%/php-fpm.conf",
        ini: "/etc/php%/php.ini",
        scan: "/etc/php%/conf.d",
    },
    // Fedora and RHEL.
    Layout {
        main: "/etc/php-fpm.conf",
        ini: "/etc/php.ini",
        scan: "/etc/php.d",
    },
    // RHEL with parallel versions.
    Layout {
        main: "/etc/opt/remi/php%/php-fpm.conf",
        ini: "/etc/opt/remi/php%/php.ini",
        scan: "/etc/opt/remi/php%/php.d",
    },
    // Arch.
    Layout {
        main: "/etc/php/php-fpm.conf",
        ini: "/etc/php/php.ini",
        scan: "/etc/php/conf.d",
    },
    // The official images.
    Layout {
        main: "/usr/local/etc/php-fpm.conf",
        ini: "/usr/local/etc/php/php.ini",
        scan: "/usr/local/etc/php/conf.d",
    },
    // FreeBSD: the same main file, but php.ini beside it.
    Layout {
        main: "/usr/local/etc/php-fpm.conf",
        ini: "/usr/local/etc/php.ini",
        scan: "/usr/local/etc/php",
    },
    Layout {
        main: "/opt/bitnami/php/etc/php-fpm.conf",
        ini: "/opt/bitnami/php/etc/php.ini",
        scan: "/opt/bitnami/php/etc/conf.d",
    },
];

/// The main file of nginx on a system, if it has one in a usual place.
pub(crate) fn nginx_main(tree: &dyn Tree) -> Option<FilePath> {
    let mut paths = NGINX_MAINS.iter().map(FilePath::new);
    paths.find(|path| tree.may_exist(path))
}

/// Every PHP-FPM of a system: Debian has one for each installed version. Directories that could
/// not be searched come second.
pub(crate) fn fpm_mains(tree: &dyn Tree) -> (Vec<FpmInput>, Vec<(FilePath, ReadError)>) {
    let mut out: Vec<FpmInput> = Vec::new();
    let mut closed = Vec::new();
    for layout in LAYOUTS {
        let versions = versions(tree, layout).unwrap_or_else(|error| {
            closed.push(error);
            Vec::new()
        });
        for version in versions {
            let fill = |pattern: &str| FilePath::new(pattern.replace('%', &version));
            let main = fill(layout.main);
            let ini = Some(fill(layout.ini)).filter(|ini| tree.may_exist(ini));
            let known = out.iter().position(|input| input.files[0] == main);
            // Two layouts share a main file; the one whose php.ini is there is meant.
            if let Some(at) = known {
                if out[at].php_ini.is_some() || ini.is_none() {
                    continue;
                }
                out.remove(at);
            } else if !tree.may_exist(&main) {
                continue;
            }
            let mut input = FpmInput::main(main);
            input.php_ini = ini;
            input.scan_dirs = vec![fill(layout.scan)];
            input.version = PhpVersion::parse(&version);
            out.push(input);
        }
    }
    (out, closed)
}

/// The versions that a layout's directory names hold; one empty one when it has none.
///
/// # Errors
/// When a directory of PHP alone cannot be listed: what is in it is unknown.
fn versions(tree: &dyn Tree, layout: &Layout) -> Result<Vec<String>, (FilePath, ReadError)> {
    let Some((before, after)) = layout.main.split_once('%') else {
        return Ok(vec![String::new()]);
    };
    let (dir, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let dir = FilePath::new(dir);
    let names = match names(tree, &dir) {
        // `/etc` is closed on some hosts, though everything in it can be read by its name.
        Err(_) if !prefix.is_empty() => Vec::new(),
        names => names.map_err(|error| (dir, error))?,
    };
    let versions = names
        .iter()
        .filter_map(|name| name.strip_prefix(prefix))
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        .filter(|version| tree.may_exist(&FilePath::new(format!("{before}{version}{after}"))));
    Ok(versions.map(str::to_owned).collect())
}
