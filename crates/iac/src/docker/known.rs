//! What is in images that everybody takes. Settings only: comments of the originals are left out.
//!
//! The official PHP image: `docker-library/php` (its Dockerfile-linux.template writes these files).
//! The official nginx image: `nginx/docker-nginx`, with the files of nginx's own packages.
//! Distributions: their packages `nginx` and `php*-fpm`.

use model::MemoryFiles;
use model::php::PhpVersion;

use super::{Image, shipped};
use crate::images::{self, EnvImage};

/// Since these patch levels `listen = 9000` stands in `docker.conf`, which is read before `www.conf`;
/// before it stood in `zz-docker.conf`, which is read last (2026-01-09).
const MOVED: [(u32, u32, u32); 4] = [(8, 2, 31), (8, 3, 30), (8, 4, 17), (8, 5, 2)];

/// Since PHP 7.3 both lines in parentheses are there; FPM did not know them before.
const DOCKER_CONF: &str = "[global]\nerror_log = /proc/self/fd/2\n(log_limit = 8192\n)\n[www]\n\
                           access.log = /proc/self/fd/2\nclear_env = no\n\
                           catch_workers_output = yes\n(decorate_workers_output = no\n)";
const ZZ_DOCKER_CONF: &str = "[global]\ndaemonize = no\n\n[www]\nlisten = 9000\n";
/// `[www]` stays there for what others append, until 8.6.
const ZZ_DOCKER_CONF_MOVED: &str = "[global]\ndaemonize = no\n\n[www]\n";
const ZZ_DOCKER_CONF_NEXT: &str = "[global]\ndaemonize = no\n";

const NGINX_CONF: &str = "user  nginx;\nworker_processes  auto;\n\
                          error_log  /var/log/nginx/error.log notice;\npid        /run/nginx.pid;\n\n\
                          events {\n    worker_connections  1024;\n}\n\nhttp {\n\
                          \x20   include       /etc/nginx/mime.types;\n\
                          \x20   default_type  application/octet-stream;\n\
                          \x20   access_log  /var/log/nginx/access.log;\n\
                          \x20   sendfile        on;\n    keepalive_timeout  65;\n\
                          \x20   include /etc/nginx/conf.d/*.conf;\n}\n";
const DEFAULT_CONF: &str = "server {\n    listen       80;\n    server_name  localhost;\n\
                            \x20   location / {\n        root   /usr/share/nginx/html;\n\
                            \x20       index  index.html index.htm;\n    }\n\
                            \x20   error_page   500 502 503 504  /50x.html;\n\
                            \x20   location = /50x.html {\n        root   /usr/share/nginx/html;\n    }\n}\n";
const DEBIAN_NGINX_CONF: &str = "user www-data;\nworker_processes auto;\npid /run/nginx.pid;\n\
                                 error_log /var/log/nginx/error.log;\n\
                                 include /etc/nginx/modules-enabled/*.conf;\n\n\
                                 events {\n\tworker_connections 768;\n\t# multi_accept on;\n}\n\nhttp {\n\
                                 \tsendfile on;\n\ttcp_nopush on;\n\ttypes_hash_max_size 2048;\n\
                                 \t# server_tokens off;\n\t# server_names_hash_bucket_size 64;\n\
                                 \tinclude /etc/nginx/mime.types;\n\
                                 \tdefault_type application/octet-stream;\n\
                                 \taccess_log /var/log/nginx/access.log;\n\tgzip on;\n\
                                 \t# gzip_vary on;\n\
                                 \tinclude /etc/nginx/conf.d/*.conf;\n\
                                 \tinclude /etc/nginx/sites-enabled/*;\n}\n";
const DEBIAN_DEFAULT_SITE: &str = "server {\n\tlisten 80 default_server;\n\
                                   \tlisten [::]:80 default_server;\n\troot /var/www/html;\n\
                                   \tindex index.html index.htm index.nginx-debian.html;\n\
                                   \tserver_name _;\n\tlocation / {\n\t\ttry_files $uri $uri/ =404;\n\t}\n}\n";
const ALPINE_NGINX_CONF: &str = "user nginx;\nworker_processes auto;\npcre_jit on;\n\
                                 error_log /var/log/nginx/error.log warn;\n\
                                 include /etc/nginx/modules/*.conf;\n\
                                 include /etc/nginx/conf.d/*.conf;\n\n\
                                 events {\n\tworker_connections 1024;\n}\n\nhttp {\n\
                                 \tinclude /etc/nginx/mime.types;\n\
                                 \tdefault_type application/octet-stream;\n\tserver_tokens off;\n\
                                 \tclient_max_body_size 1m;\n\tsendfile on;\n\ttcp_nopush on;\n\
                                 \tgzip_vary on;\n\
                                 \taccess_log /var/log/nginx/access.log;\n\
                                 \tinclude /etc/nginx/http.d/*.conf;\n}\n";
const ALPINE_DEFAULT_SITE: &str = "server {\n\tlisten 80 default_server;\n\
                                   \tlisten [::]:80 default_server;\n\tlocation / {\n\
                                   \t\treturn 404;\n\t}\n\tlocation = /404.html {\n\t\tinternal;\n\t}\n}\n";
const MIME_TYPES: &str =
    "types {\n    text/html html htm;\n    text/css css;\n    image/png png;\n}\n";

/// `fastcgi_params` and `fastcgi.conf` of nginx's sources; both but the first line.
const PARAMS: [(&str, &str); 18] = [
    ("QUERY_STRING", "$query_string"),
    ("REQUEST_METHOD", "$request_method"),
    ("CONTENT_TYPE", "$content_type"),
    ("CONTENT_LENGTH", "$content_length"),
    ("SCRIPT_NAME", "$fastcgi_script_name"),
    ("REQUEST_URI", "$request_uri"),
    ("DOCUMENT_URI", "$document_uri"),
    ("DOCUMENT_ROOT", "$document_root"),
    ("SERVER_PROTOCOL", "$server_protocol"),
    ("REQUEST_SCHEME", "$scheme"),
    ("HTTPS", "$https if_not_empty"),
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_SOFTWARE", "nginx/$nginx_version"),
    ("REMOTE_ADDR", "$remote_addr"),
    ("REMOTE_PORT", "$remote_port"),
    ("SERVER_ADDR", "$server_addr"),
    ("SERVER_PORT", "$server_port"),
    ("SERVER_NAME", "$server_name"),
];

/// A name of an image: what it is of, and its tag.
fn parts(name: &str) -> (&str, &str) {
    let name = name.split('@').next().unwrap_or(name);
    let after_slash = name.rfind('/').map_or(0, |at| at + 1);
    let colon = name[after_slash..].find(':').map(|at| after_slash + at);
    let (path, tag) = match colon {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (name, "latest"),
    };
    let official = ["docker.io/library/", "library/", "docker.io/"];
    let path = official
        .iter()
        .find_map(|host| path.strip_prefix(host))
        .unwrap_or(path);
    (path, tag)
}

/// An image by its name; one that is not known has no files, and is not whole.
pub(super) fn image(name: &str) -> Image {
    let mut image = Image {
        shown: name.to_owned(),
        ..Image::default()
    };
    let (path, tag) = parts(name);
    image.alpine = tag.contains("alpine") || path == "alpine";
    if let Some(known) = images::find(path, tag) {
        of_environment(&mut image, known, path, tag);
        return image;
    }
    match path {
        "php" if tag.split('-').any(|word| word == "fpm") => php(&mut image, tag),
        "nginx" | "nginxinc/nginx-unprivileged" | "public.ecr.aws/nginx/nginx" => {
            nginx(&mut image.files);
            image.is_whole = true;
        }
        // Nothing listens in them but what is installed, or what has another name.
        "php" | "debian" | "ubuntu" | "alpine" | "busybox" | "composer" | "node" | "mysql"
        | "mariadb" | "postgres" | "redis" | "memcached" | "scratch" => image.is_whole = true,
        _ => {}
    }
    image
}

/// An image whose configuration is made of its environment.
fn of_environment(image: &mut Image, known: &'static EnvImage, path: &str, tag: &str) {
    let version = known.version(path, tag);
    if known.is_official_php {
        let tag = match known.php {
            images::Php::Tag => tag,
            _ => version.unwrap_or("latest"),
        };
        php(image, tag);
    }
    // All of the table that have packages of a distribution have Alpine's.
    image.alpine |= !known.packages.is_empty();
    let mains = known
        .all()
        .filter_map(|file| file.path.strip_suffix("/nginx.conf"));
    for dir in mains {
        parts_of_nginx(&mut image.files, dir);
    }
    for package in known.packages {
        install(image, package);
    }
    known.put(&mut image.files);
    let env = known.env.iter().flat_map(|env| env.iter());
    let env = env.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    image.env.extend(env);
    image.php = version.and_then(PhpVersion::parse).or(image.php);
    image.known = Some(known);
    image.is_whole = true;
}

/// `8.3.24-fpm-alpine3.20` as (8, 3, Some(24)).
fn version(tag: &str) -> Option<(u32, u32, Option<u32>)> {
    let mut numbers = tag.split('-').next()?.split('.').map(str::parse);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some((major, minor, numbers.next().and_then(Result::ok)))
}

/// Whether `listen = 9000` is read before the project's own `www.conf`. A tag without a patch level
/// is the newest image at the next pull.
fn has_moved(tag: &str) -> bool {
    match version(tag) {
        Some((major, minor, Some(patch))) => {
            let since = MOVED.iter().find(|(a, b, _)| (*a, *b) == (major, minor));
            match since {
                Some((_, _, since)) => patch >= *since,
                None => (major, minor) > (8, 5),
            }
        }
        Some((major, minor, None)) => (major, minor) >= (8, 2),
        None => true,
    }
}

fn php(image: &mut Image, tag: &str) {
    let files = &mut image.files;
    let main = shipped::fpm_conf(
        ";pid = run/php-fpm.pid",
        ";error_log = log/php-fpm.log",
        "include=etc/php-fpm.d/*.conf",
    );
    files.insert("/usr/local/etc/php-fpm.conf", main.into_bytes());
    let is_next = version(tag).is_some_and(|(major, minor, _)| (major, minor) > (8, 5));
    // The layout that moved has no `listen` in `www.conf`: it would be read last.
    let (own, docker, last) = match has_moved(tag) {
        true => (
            ";listen = 127.0.0.1:9000\n",
            "listen = 9000\n",
            if is_next {
                ZZ_DOCKER_CONF_NEXT
            } else {
                ZZ_DOCKER_CONF_MOVED
            },
        ),
        false => ("listen = 127.0.0.1:9000\n", "", ZZ_DOCKER_CONF),
    };
    let is_old = version(tag).is_some_and(|(major, minor, _)| (major, minor) < (7, 3));
    let mut docker = format!("{DOCKER_CONF}{docker}");
    if is_old {
        docker = docker.replace("log_limit = 8192\n", "");
        docker = docker.replace("decorate_workers_output = no\n", "");
    }
    let docker = docker.replace(['(', ')'], "");
    let pool = shipped::www_conf("www-data", own);
    files.insert("/usr/local/etc/php-fpm.d/www.conf", pool.into_bytes());
    files.insert("/usr/local/etc/php-fpm.d/docker.conf", docker.into_bytes());
    files.insert("/usr/local/etc/php-fpm.d/zz-docker.conf", last.as_bytes());
    let ini = b"fastcgi.logging = Off\n".as_slice();
    files.insert("/usr/local/etc/php/conf.d/docker-fpm.ini", ini);
    // Copied as `php.ini` by whoever wants one.
    for (kind, shows_errors) in [("production", false), ("development", true)] {
        files.insert(
            format!("/usr/local/etc/php/php.ini-{kind}"),
            shipped::php_ini(shows_errors, true).into_bytes(),
        );
    }
    let dir = "/usr/local/etc/php".to_owned();
    image.env.insert("PHP_INI_DIR".to_owned(), dir);
    if let Some((major, minor, _)) = version(tag) {
        image.php = PhpVersion::parse(&format!("{major}.{minor}"));
    }
    image.is_whole = true;
}

/// What every package of nginx has beside its main file.
fn parts_of_nginx(files: &mut MemoryFiles, dir: &str) {
    let line = |(name, value): &(&str, &str)| format!("fastcgi_param  {name} {value};\n");
    let mut params: String = PARAMS.iter().map(line).collect();
    params += "fastcgi_param  REDIRECT_STATUS 200;\n";
    let script = line(&("SCRIPT_FILENAME", "$document_root$fastcgi_script_name"));
    let at = |name: &str| format!("{dir}/{name}");
    files.insert(at("fastcgi_params"), params.clone().into_bytes());
    files.insert(at("fastcgi.conf"), (script + &params).into_bytes());
    files.insert(at("mime.types"), MIME_TYPES.as_bytes());
}

fn nginx(files: &mut MemoryFiles) {
    parts_of_nginx(files, "/etc/nginx");
    files.insert("/etc/nginx/nginx.conf", NGINX_CONF.as_bytes());
    files.insert("/etc/nginx/conf.d/default.conf", DEFAULT_CONF.as_bytes());
}

/// What a package brings: `nginx`, `php8.2-fpm`, `php83-fpm`. False for one that is not known.
pub(super) fn install(image: &mut Image, package: &str) -> bool {
    // `nginx=1.25.2-1~bookworm` is how nginx's own packages number theirs.
    let is_upstream = image.upstream
        || package
            .split_once('=')
            .is_some_and(|(_, v)| v.contains('~'));
    let package = package.split(['=', '~']).next().unwrap_or(package);
    let files = &mut image.files;
    if package == "nginx" && is_upstream {
        nginx(files);
        return true;
    }
    if package == "nginx" || package.starts_with("nginx-") && !image.alpine {
        parts_of_nginx(files, "/etc/nginx");
        let (main, site, at) = match image.alpine {
            true => (
                ALPINE_NGINX_CONF,
                ALPINE_DEFAULT_SITE,
                "/etc/nginx/http.d/default.conf",
            ),
            false => (
                DEBIAN_NGINX_CONF,
                DEBIAN_DEFAULT_SITE,
                "/etc/nginx/sites-available/default",
            ),
        };
        files.insert("/etc/nginx/nginx.conf", main.as_bytes());
        files.insert(at, site.as_bytes());
        if !image.alpine {
            files.link("/etc/nginx/sites-enabled/default", at);
            let php = line_of_snippet();
            files.insert("/etc/nginx/snippets/fastcgi-php.conf", php.into_bytes());
        }
        return true;
    }
    let Some(digits) = package
        .strip_prefix("php")
        .and_then(|rest| rest.strip_suffix("-fpm"))
    else {
        return false;
    };
    let Some((major, minor)) = split_version(digits) else {
        return false;
    };
    image.php = PhpVersion::parse(&format!("{major}.{minor}"));
    let (dir, www, pool) = if image.alpine {
        let dir = format!("/etc/php{major}{minor}");
        let main = shipped::fpm_conf(
            ";pid = run/php-fpm.pid",
            &format!(";error_log = log/php{major}{minor}/error.log"),
            &format!("include={dir}/php-fpm.d/*.conf"),
        );
        let pool = shipped::www_conf("nobody", "listen = 127.0.0.1:9000\n");
        files.insert(format!("{dir}/php-fpm.conf"), main.into_bytes());
        (dir.clone(), format!("{dir}/php-fpm.d/www.conf"), pool)
    } else {
        let dir = format!("/etc/php/{major}.{minor}/fpm");
        let main = shipped::fpm_conf(
            &format!("pid = /run/php/php{major}.{minor}-fpm.pid"),
            &format!("error_log = /var/log/php{major}.{minor}-fpm.log"),
            &format!("include={dir}/pool.d/*.conf"),
        );
        let listen = format!(
            "listen = /run/php/php{major}.{minor}-fpm.sock\nlisten.owner = www-data\n\
             listen.group = www-data\n"
        );
        let pool = shipped::www_conf("www-data", &listen);
        files.insert(format!("{dir}/php-fpm.conf"), main.into_bytes());
        (dir.clone(), format!("{dir}/pool.d/www.conf"), pool)
    };
    files.insert(www, pool.into_bytes());
    let ini = shipped::php_ini(false, image.alpine);
    files.insert(format!("{dir}/php.ini"), ini.into_bytes());
    true
}

fn line_of_snippet() -> String {
    "fastcgi_split_path_info ^(.+?\\.php)(/.*)$;\ntry_files $fastcgi_script_name =404;\n\
     set $path_info $fastcgi_path_info;\nfastcgi_param PATH_INFO $path_info;\n\
     fastcgi_index index.php;\ninclude fastcgi.conf;\n"
        .to_owned()
}

/// `8.2` of Debian, `83` of Alpine.
fn split_version(digits: &str) -> Option<(&str, &str)> {
    let (major, minor) = match digits.split_once('.') {
        Some(two) => two,
        None if digits.len() >= 2 => digits.split_at(1),
        None => return None,
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(major) && is_number(minor)).then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::{has_moved, image, parts};

    #[test]
    fn names_of_images() {
        assert_eq!(parts("php:8.3-fpm"), ("php", "8.3-fpm"));
        assert_eq!(parts("docker.io/library/nginx"), ("nginx", "latest"));
        let own = "registry.example:5000/team/app:1@sha256:00";
        assert_eq!(parts(own), ("registry.example:5000/team/app", "1"));
        assert!(!image(own).is_whole);
    }

    #[test]
    fn both_layouts_of_the_official_image() {
        let moved = |tag| has_moved(tag);
        assert!(!moved("8.3.29-fpm") && moved("8.3.30-fpm-alpine"));
        assert!(!moved("8.2.30-fpm") && moved("8.2.31-fpm"));
        assert!(!moved("8.1.33-fpm") && !moved("7.4-fpm"));
        assert!(moved("8.4-fpm") && moved("fpm") && moved("8.6.0-fpm"));
    }
}
