//! webdevops/php and webdevops/php-nginx: the entry point replaces marks in nginx's files, and adds
//! lines to those of PHP and its pool.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// A pool that listens somewhere.
macro_rules! pool {
    ($listen:literal) => {
        concat!(
            "[www]\nuser = application\ngroup = application\nlisten = ",
            $listen,
            "\npm = dynamic\npm.max_children = 5\npm.start_servers = 2\n\
             pm.min_spare_servers = 1\npm.max_spare_servers = 3\n\
             access.log = /docker.stdout\nslowlog = /docker.stderr\nclear_env = no\n\
             catch_workers_output = yes\nphp_admin_value[error_log] = /docker.stderr\n\
             php_admin_value[log_errors] = on\n@fpm.pool.*@\n\
             @FPM_PM_MAX_CHILDREN+@pm.max_children = ${FPM_PM_MAX_CHILDREN}\n\
             @FPM_PM_START_SERVERS+@pm.start_servers = ${FPM_PM_START_SERVERS}\n\
             @FPM_PM_MIN_SPARE_SERVERS+@pm.min_spare_servers = ${FPM_PM_MIN_SPARE_SERVERS}\n\
             @FPM_PM_MAX_SPARE_SERVERS+@pm.max_spare_servers = ${FPM_PM_MAX_SPARE_SERVERS}\n\
             @FPM_PROCESS_IDLE_TIMEOUT+@pm.process_idle_timeout = ${FPM_PROCESS_IDLE_TIMEOUT}\n\
             @FPM_MAX_REQUESTS+@pm.max_requests = ${FPM_MAX_REQUESTS}\n\
             @FPM_REQUEST_TERMINATE_TIMEOUT+@request_terminate_timeout = \
             ${FPM_REQUEST_TERMINATE_TIMEOUT}\n\
             @FPM_RLIMIT_FILES+@rlimit_files = ${FPM_RLIMIT_FILES}\n",
        )
    };
}

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "webdevops/php",
    source: "webdevops/Dockerfile 3ba1c2c: docker/php-nginx/8.*/Dockerfile, docker/php-official/8.*/Dockerfile, \
             provisioning/php/general (etc/php/php.webdevops.ini, provision), provisioning/nginx, \
             provisioning/php-nginx",
    images: &[
        EnvImage {
            names: &["webdevops/php-nginx", "webdevops/php-nginx-dev"],
            tags: &["8.*alpine"],
            shown: "webdevops/php-nginx:8.*-alpine",
            env: &[ENV_NGINX],
            files: &[NGINX, NGINX_ALPINE, FPM_LOCAL, PHP],
            ..IMAGE
        },
        EnvImage {
            names: &["webdevops/php-nginx", "webdevops/php-nginx-dev"],
            tags: &["8.*"],
            except: &["*alpine"],
            shown: "webdevops/php-nginx:8.*",
            env: &[ENV_NGINX],
            files: &[NGINX, NGINX_DEBIAN, FPM_LOCAL, PHP],
            ..IMAGE
        },
        EnvImage {
            names: &["webdevops/php", "webdevops/php-dev"],
            tags: &["8.*"],
            shown: "webdevops/php:8.*",
            files: &[FPM_ALL, PHP],
            ..IMAGE
        },
    ],
};

const IMAGE: EnvImage = EnvImage {
    php: Php::Tag,
    is_official_php: true,
    without: &[
        "/usr/local/etc/php-fpm.d/docker.conf",
        "/usr/local/etc/php-fpm.d/www.conf",
        "/usr/local/etc/php-fpm.d/zz-docker.conf",
        "/usr/local/etc/php-fpm.conf",
    ],
    links: &[(
        "/usr/local/etc/php/conf.d/99-docker.ini",
        "/opt/docker/etc/php/php.ini",
    )],
    ..PLAIN
};

const ENV_NGINX: &[(&str, &str)] = &[
    ("SERVICE_NGINX_CLIENT_MAX_BODY_SIZE", "50m"),
    ("WEB_ALIAS_DOMAIN", "*.vm"),
    ("WEB_DOCUMENT_INDEX", "index.php"),
    ("WEB_DOCUMENT_ROOT", "/app"),
    ("WEB_PHP_SOCKET", "127.0.0.1:9000"),
    ("WEB_PHP_TIMEOUT", "600"),
];

const NGINX_ALPINE: &[File] = &[file(
    "/etc/nginx/nginx.conf",
    r"user nginx;
worker_processes auto;
error_log /docker.stdout;
pid /run/nginx.pid;
events {
    worker_connections 1024;
}
http {
    access_log /docker.stdout combined;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_timeout 65;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    include /etc/nginx/conf.d/*.conf;
}
",
)];

const NGINX_DEBIAN: &[File] = &[file(
    "/etc/nginx/nginx.conf",
    r"user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log /docker.stderr;
include /etc/nginx/modules-enabled/*.conf;
events {
    worker_connections 768;
}
http {
    sendfile on;
    tcp_nopush on;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /docker.stdout;
    gzip on;
    include /etc/nginx/conf.d/*.conf;
    include /etc/nginx/sites-enabled/*;
}
",
)];

const NGINX: &[File] = &[
    file(
        "/etc/nginx/conf.d/10-docker.conf",
        "include /opt/docker/etc/nginx/conf.d/*.conf;\ninclude /opt/docker/etc/nginx/vhost.conf;\n",
    ),
    File {
        path: "/opt/docker/etc/nginx/conf.d/10-php.conf",
        when: "WEB_PHP_SOCKET",
        from: "",
        text: "upstream php {\n    server ${WEB_PHP_SOCKET};\n}\n",
    },
    // The other server is the same with TLS.
    file(
        "/opt/docker/etc/nginx/vhost.conf",
        r#"server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _ ${WEB_ALIAS_DOMAIN} docker;
    root "${WEB_DOCUMENT_ROOT}";
    index ${WEB_DOCUMENT_INDEX};
    include /opt/docker/etc/nginx/vhost.common.d/*.conf;
}
"#,
    ),
    file(
        "/opt/docker/etc/nginx/vhost.common.d/10-general.conf",
        "client_max_body_size ${SERVICE_NGINX_CLIENT_MAX_BODY_SIZE};\n",
    ),
    file(
        "/opt/docker/etc/nginx/vhost.common.d/10-location-root.conf",
        "location / {\n    try_files $uri $uri/ /${WEB_DOCUMENT_INDEX}?$query_string;\n}\n",
    ),
    file(
        "/opt/docker/etc/nginx/vhost.common.d/10-log.conf",
        "access_log /docker.stdout;\nerror_log /docker.stderr warn;\n",
    ),
    File {
        path: "/opt/docker/etc/nginx/vhost.common.d/10-php.conf",
        when: "WEB_PHP_SOCKET",
        from: "",
        text: r"location ~ \.php$ {
    fastcgi_split_path_info ^(.+\.php)(/.+)$;
    fastcgi_pass php;
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME $request_filename;
    fastcgi_read_timeout ${WEB_PHP_TIMEOUT};
}
",
    },
];

const FPM_LOCAL: &[File] = &[
    MAIN,
    file(
        "/opt/docker/etc/php/fpm/pool.d/application.conf",
        pool!("127.0.0.1:9000"),
    ),
];

const FPM_ALL: &[File] = &[
    MAIN,
    file(
        "/opt/docker/etc/php/fpm/pool.d/application.conf",
        pool!("[::]:9000"),
    ),
];

const MAIN: File = file(
    "/usr/local/etc/php-fpm.conf",
    "[global]\nerror_log = /docker.stderr\npid = /var/run/php-fpm.pid\n\
     include=/opt/docker/etc/php/fpm/pool.d/*.conf\n[global]\n\
     @FPM_PROCESS_MAX+@process.max = ${FPM_PROCESS_MAX}\n@fpm.global.*@\n",
);

const PHP: &[File] = &[
    file("/opt/docker/etc/php/php.ini", "\n"),
    file(
        "/usr/local/etc/php/conf.d/98-webdevops.ini",
        "display_errors = 0\nlog_errors = 1\nmemory_limit = 512M\nmax_execution_time = 300\n\
         max_input_time = 300\npost_max_size = 50M\nupload_max_filesize = 50M\n\
         max_input_vars = 5000\nexpose_php = Off\nopcache.memory_consumption = 256\n\
         opcache.interned_strings_buffer = 16\nopcache.max_accelerated_files = 7963\n@php.*@\n\
         @PHP_DISPLAY_ERRORS+@display_errors = ${PHP_DISPLAY_ERRORS}\n\
         @PHP_MEMORY_LIMIT+@memory_limit = ${PHP_MEMORY_LIMIT}\n\
         @PHP_MAX_EXECUTION_TIME+@max_execution_time = ${PHP_MAX_EXECUTION_TIME}\n\
         @PHP_POST_MAX_SIZE+@post_max_size = ${PHP_POST_MAX_SIZE}\n\
         @PHP_UPLOAD_MAX_FILESIZE+@upload_max_filesize = ${PHP_UPLOAD_MAX_FILESIZE}\n\
         @PHP_OPCACHE_MEMORY_CONSUMPTION+@opcache.memory_consumption = \
         ${PHP_OPCACHE_MEMORY_CONSUMPTION}\n\
         @PHP_OPCACHE_MAX_ACCELERATED_FILES+@opcache.max_accelerated_files = \
         ${PHP_OPCACHE_MAX_ACCELERATED_FILES}\n\
         @PHP_OPCACHE_VALIDATE_TIMESTAMPS+@opcache.validate_timestamps = \
         ${PHP_OPCACHE_VALIDATE_TIMESTAMPS}\n\
         @PHP_OPCACHE_REVALIDATE_FREQ+@opcache.revalidate_freq = ${PHP_OPCACHE_REVALIDATE_FREQ}\n\
         @PHP_OPCACHE_INTERNED_STRINGS_BUFFER+@opcache.interned_strings_buffer = \
         ${PHP_OPCACHE_INTERNED_STRINGS_BUFFER}\n",
    ),
];
