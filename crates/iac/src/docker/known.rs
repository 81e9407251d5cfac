//! What is in images that everybody takes. Settings only: comments of the originals are left out.
//!
//! The official PHP image: `docker-library/php` (its Dockerfile-linux.template writes these files).
//! The official nginx image: `nginx/docker-nginx`, with the files of nginx's own packages.
//! Distributions: their packages `nginx` and `php*-fpm`.

use model::MemoryFiles;
use model::php::PhpVersion;

use super::Image;

/// Since these patch levels `listen = 9000` stands in `docker.conf`, which is read before `www.conf`;
/// before it stood in `zz-docker.conf`, which is read last (2026-01-09).
const MOVED: [(u32, u32, u32); 4] = [(8, 2, 31), (8, 3, 30), (8, 4, 17), (8, 5, 2)];

const FPM_CONF: &str = "[global]\ninclude=etc/php-fpm.d/*.conf\n";
const WWW_CONF: &str = "[www]\nuser = www-data\ngroup = www-data\npm = dynamic\n\
                        pm.max_children = 5\npm.start_servers = 2\npm.min_spare_servers = 1\n\
                        pm.max_spare_servers = 3\n";
const DOCKER_CONF: &str = "[global]\nerror_log = /proc/self/fd/2\nlog_limit = 8192\n\n[www]\n\
                           access.log = /proc/self/fd/2\nclear_env = no\n\
                           catch_workers_output = yes\ndecorate_workers_output = no\n";
const ZZ_DOCKER_CONF: &str = "[global]\ndaemonize = no\n\n[www]\nlisten = 9000\n";
const ZZ_DOCKER_CONF_MOVED: &str = "[global]\ndaemonize = no\n";

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
                                 events {\n\tworker_connections 768;\n}\n\nhttp {\n\tsendfile on;\n\
                                 \ttcp_nopush on;\n\ttypes_hash_max_size 2048;\n\
                                 \tinclude /etc/nginx/mime.types;\n\
                                 \tdefault_type application/octet-stream;\n\
                                 \taccess_log /var/log/nginx/access.log;\n\tgzip on;\n\
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
    files.insert("/usr/local/etc/php-fpm.conf", FPM_CONF.as_bytes());
    // The layout that moved has no `listen` in it: it would be read last.
    let (own, docker, last) = match has_moved(tag) {
        true => ("", "listen = 9000\n", ZZ_DOCKER_CONF_MOVED),
        false => ("listen = 127.0.0.1:9000\n", "", ZZ_DOCKER_CONF),
    };
    let docker = format!("{DOCKER_CONF}{docker}");
    let pool = format!("{WWW_CONF}{own}");
    files.insert("/usr/local/etc/php-fpm.d/www.conf", pool.into_bytes());
    files.insert("/usr/local/etc/php-fpm.d/docker.conf", docker.into_bytes());
    files.insert("/usr/local/etc/php-fpm.d/zz-docker.conf", last.as_bytes());
    let ini = b"fastcgi.logging = Off\n".as_slice();
    files.insert("/usr/local/etc/php/conf.d/docker-fpm.ini", ini);
    // Copied as `php.ini` by whoever wants one.
    for (kind, errors) in [("production", "Off"), ("development", "On")] {
        let text = production_ini(errors);
        files.insert(
            format!("/usr/local/etc/php/php.ini-{kind}"),
            text.into_bytes(),
        );
    }
    let dir = "/usr/local/etc/php".to_owned();
    image.env.insert("PHP_INI_DIR".to_owned(), dir);
    if let Some((major, minor, _)) = version(tag) {
        image.php = PhpVersion::parse(&format!("{major}.{minor}"));
    }
    image.is_whole = true;
}

/// `php.ini-production` of PHP's sources; its other form shows errors.
pub(super) fn production_ini(errors: &str) -> String {
    format!(
        "[PHP]\ndisplay_errors = {errors}\nmax_execution_time = 30\nmax_input_time = 60\n\
         memory_limit = 128M\nlog_errors = On\npost_max_size = 8M\nupload_max_filesize = 2M\n\
         default_socket_timeout = 60\n"
    )
}

/// What every package of nginx has beside its main file.
fn parts_of_nginx(files: &mut MemoryFiles) {
    let line = |(name, value): &(&str, &str)| format!("fastcgi_param  {name} {value};\n");
    let mut params: String = PARAMS.iter().map(line).collect();
    params += "fastcgi_param  REDIRECT_STATUS 200;\n";
    let script = line(&("SCRIPT_FILENAME", "$document_root$fastcgi_script_name"));
    files.insert("/etc/nginx/fastcgi_params", params.clone().into_bytes());
    files.insert("/etc/nginx/fastcgi.conf", (script + &params).into_bytes());
    files.insert("/etc/nginx/mime.types", MIME_TYPES.as_bytes());
}

fn nginx(files: &mut MemoryFiles) {
    parts_of_nginx(files);
    files.insert("/etc/nginx/nginx.conf", NGINX_CONF.as_bytes());
    files.insert("/etc/nginx/conf.d/default.conf", DEFAULT_CONF.as_bytes());
}

/// What a package brings: `nginx`, `php8.2-fpm`, `php83-fpm`. False for one that is not known.
pub(super) fn install(image: &mut Image, package: &str) -> bool {
    let package = package.split(['=', '~']).next().unwrap_or(package);
    let files = &mut image.files;
    if package == "nginx" || package.starts_with("nginx-") && !image.alpine {
        parts_of_nginx(files);
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
    let common = "pm = dynamic\npm.max_children = 5\npm.start_servers = 2\npm.min_spare_servers = 1\n\
                  pm.max_spare_servers = 3\n";
    if image.alpine {
        let dir = format!("/etc/php{major}{minor}");
        let main = format!("[global]\ninclude={dir}/php-fpm.d/*.conf\n");
        let pool =
            format!("[www]\nuser = nobody\ngroup = nobody\nlisten = 127.0.0.1:9000\n{common}");
        files.insert(format!("{dir}/php-fpm.conf"), main.into_bytes());
        files.insert(format!("{dir}/php-fpm.d/www.conf"), pool.into_bytes());
    } else {
        let dir = format!("/etc/php/{major}.{minor}/fpm");
        let main = format!(
            "[global]\npid = /run/php/php{major}.{minor}-fpm.pid\n\
             error_log = /var/log/php{major}.{minor}-fpm.log\ninclude={dir}/pool.d/*.conf\n"
        );
        let pool = format!(
            "[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php/php{major}.{minor}-fpm.sock\n\
             listen.owner = www-data\nlisten.group = www-data\n{common}"
        );
        files.insert(format!("{dir}/php-fpm.conf"), main.into_bytes());
        files.insert(format!("{dir}/pool.d/www.conf"), pool.into_bytes());
    }
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
