//! wodby/nginx and wodby/php: the entry point makes the files of templates, each time.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "wodby/nginx, wodby/php",
    source: "wodby/nginx d43a5a7 (5.9.1) and wodby/php 9b55ad9 (4.9.1): templates, docker-entrypoint.sh",
    images: &[
        EnvImage {
            names: &["wodby/nginx"],
            shown: "wodby/nginx",
            env: &[&[("NGINX_VHOST_PRESET", "html")]],
            files: &[NGINX],
            overwrites: true,
            ..PLAIN
        },
        EnvImage {
            tags: &["*-dev*"],
            shown: "wodby/php:8.*-dev",
            env: &[&[
                ("PHP_FPM_CLEAR_ENV", "no"),
                ("PHP_INI_DIR", "/usr/local/etc/php"),
            ]],
            ..PHP
        },
        EnvImage {
            shown: "wodby/php:8.*",
            ..PHP
        },
    ],
};

const PHP: EnvImage = EnvImage {
    names: &["wodby/php"],
    tags: &["8.*"],
    php: Php::Tag,
    is_official_php: true,
    env: &[&[("PHP_INI_DIR", "/usr/local/etc/php")]],
    files: &[FPM],
    overwrites: true,
    ..PLAIN
};

const FPM: &[File] = &[
    // A copy of `php.ini-production`.
    file(
        "/usr/local/etc/php/php.ini",
        "[PHP]\ndisplay_errors = Off\nmax_execution_time = 30\nmax_input_time = 60\n\
         memory_limit = 128M\nlog_errors = On\npost_max_size = 8M\nupload_max_filesize = 2M\n\
         default_socket_timeout = 60\n",
    ),
    file(
        "/usr/local/etc/php/conf.d/docker-php.ini",
        "[PHP]\ndisplay_errors = ${PHP_DISPLAY_ERRORS:-On}\n\
         expose_php = ${PHP_EXPOSE:-Off}\nmax_execution_time = ${PHP_MAX_EXECUTION_TIME:-120}\n\
         max_input_time = ${PHP_MAX_INPUT_TIME:-60}\nmax_input_vars = ${PHP_MAX_INPUT_VARS:-2000}\n\
         post_max_size = ${PHP_POST_MAX_SIZE:-32M}\n\
         upload_max_filesize = ${PHP_UPLOAD_MAX_FILESIZE:-32M}\n\
         max_file_uploads = ${PHP_MAX_FILE_UPLOADS:-20}\n\
         default_socket_timeout = ${PHP_DEFAULT_SOCKET_TIMEOUT:-60}\n\
         output_buffering = ${PHP_OUTPUT_BUFFERING:-4096}\n\
         memory_limit = ${PHP_CLI_MEMORY_LIMIT:--1}\nlog_errors = ${PHP_LOG_ERRORS:-On}\n\
         error_log = /proc/self/fd/2\n",
    ),
    file(
        "/usr/local/etc/php-fpm.d/zz-www.conf",
        "[global]\nlog_level = ${PHP_FPM_LOG_LEVEL:-notice}\n\n[www]\n\
         clear_env = ${PHP_FPM_CLEAR_ENV:-yes}\npm = ${PHP_FPM_PM:-dynamic}\n\
         pm.max_children = ${PHP_FPM_PM_MAX_CHILDREN:-8}\n\
         pm.start_servers = ${PHP_FPM_PM_START_SERVERS:-2}\n\
         pm.min_spare_servers = ${PHP_FPM_PM_MIN_SPARE_SERVERS:-1}\n\
         pm.max_spare_servers = ${PHP_FPM_PM_MAX_SPARE_SERVERS:-3}\n\
         pm.max_requests = ${PHP_FPM_PM_MAX_REQUESTS:-500}\n\
         @PHP_FPM_PM_STATUS_PATH@pm.status_path = ${PHP_FPM_PM_STATUS_PATH}\n\
         @PHP_FPM_REQUEST_SLOWLOG_TIMEOUT@slowlog = /proc/self/fd/2\n\
         @PHP_FPM_REQUEST_SLOWLOG_TIMEOUT@request_slowlog_timeout = ${PHP_FPM_REQUEST_SLOWLOG_TIMEOUT}\n\
         php_value[memory_limit] = ${PHP_MEMORY_LIMIT:-512M}\n\
         user = ${PHP_FPM_USER:-www-data}\ngroup = ${PHP_FPM_GROUP:-www-data}\n\n\
         [ping]\npm = static\npm.max_children = 1\nlisten = 9001\nping.path = /ping\n\
         user = ${PHP_FPM_USER:-www-data}\ngroup = ${PHP_FPM_GROUP:-www-data}\n",
    ),
];

/// Presets whose locations are alike: everything that is no file goes to `index.php`.
const PHP_PRESETS: &str = "NGINX_VHOST_PRESET=php,laravel";

const NGINX: &[File] = &[
    file(
        "/etc/nginx/nginx.conf",
        r"user ${NGINX_USER:-nginx};
daemon off;
worker_processes ${NGINX_WORKER_PROCESSES:-auto};
error_log /proc/self/fd/2 ${NGINX_ERROR_LOG_LEVEL:-error};
events {
    worker_connections ${NGINX_WORKER_CONNECTIONS:-1024};
    multi_accept ${NGINX_MULTI_ACCEPT:-on};
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
@!NGINX_LOG_FORMAT_OVERRIDE@    access_log /proc/self/fd/1 combined;
@NGINX_LOG_FORMAT_OVERRIDE@    log_format custom '${NGINX_LOG_FORMAT_OVERRIDE}';
@NGINX_LOG_FORMAT_OVERRIDE@    access_log /proc/self/fd/1 custom;
    send_timeout ${NGINX_SEND_TIMEOUT:-60s};
    sendfile ${NGINX_SENDFILE:-on};
    client_body_timeout ${NGINX_CLIENT_BODY_TIMEOUT:-60s};
    client_header_timeout ${NGINX_CLIENT_HEADER_TIMEOUT:-60s};
    client_max_body_size ${NGINX_CLIENT_MAX_BODY_SIZE:-32m};
    client_body_buffer_size ${NGINX_CLIENT_BODY_BUFFER_SIZE:-16k};
    client_header_buffer_size ${NGINX_CLIENT_HEADER_BUFFER_SIZE:-4k};
    large_client_header_buffers ${NGINX_LARGE_CLIENT_HEADER_BUFFERS:-8 16K};
    keepalive_timeout ${NGINX_KEEPALIVE_TIMEOUT:-75s};
    keepalive_requests ${NGINX_KEEPALIVE_REQUESTS:-100};
    reset_timedout_connection ${NGINX_RESET_TIMEDOUT_CONNECTION:-off};
    tcp_nodelay ${NGINX_TCP_NODELAY:-on};
    tcp_nopush ${NGINX_TCP_NOPUSH:-on};
    server_tokens ${NGINX_SERVER_TOKENS:-off};
    underscores_in_headers ${NGINX_UNDERSCORES_IN_HEADERS:-off};
@NGINX_SET_REAL_IP_FROM@    set_real_ip_from ${NGINX_SET_REAL_IP_FROM};
    real_ip_header ${NGINX_REAL_IP_HEADER:-X-Real-IP};
    real_ip_recursive ${NGINX_REAL_IP_RECURSIVE:-off};
    include ${NGINX_CONF_INCLUDE:-conf.d/*.conf};
}
",
    ),
    file(
        "/etc/nginx/conf.d/vhost.conf",
        r"include upstream.conf;
server {
    listen ${NGINX_SERVER_PORT:-80} default_server;
    server_name ${NGINX_SERVER_NAME:-default};
    root ${NGINX_SERVER_ROOT:-/var/www/html};
@NGINX_VHOST_PRESET@    include preset.conf;
@NGINX_SERVER_EXTRA_CONF_FILEPATH@    include ${NGINX_SERVER_EXTRA_CONF_FILEPATH};
}
",
    ),
    file(
        "/etc/nginx/fastcgi.conf",
        r"fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type if_not_empty;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param DOCUMENT_URI $document_uri;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param REMOTE_PORT $remote_port;
fastcgi_param SERVER_ADDR $server_addr;
fastcgi_param SERVER_PORT $server_port;
fastcgi_param SERVER_NAME $server_name;
fastcgi_param REDIRECT_STATUS 200;
fastcgi_param HTTPS $fastcgi_https if_not_empty;
fastcgi_param QUERY_STRING $query_string;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
fastcgi_param HTTP_PROXY '';
fastcgi_buffers ${NGINX_FASTCGI_BUFFERS:-16 32k};
fastcgi_buffer_size ${NGINX_FASTCGI_BUFFER_SIZE:-32k};
fastcgi_intercept_errors ${NGINX_FASTCGI_INTERCEPT_ERRORS:-on};
fastcgi_read_timeout ${NGINX_FASTCGI_READ_TIMEOUT:-900};
fastcgi_keep_conn on;
fastcgi_index ${NGINX_FASTCGI_INDEX:-index.php};
",
    ),
    File {
        path: "/etc/nginx/upstream.conf",
        when: "NGINX_VHOST_PRESET=php,laravel,wordpress,matomo,drupal7,drupal8,drupal9,drupal10,drupal11",
        from: "",
        text: r"upstream php {
    server ${NGINX_BACKEND_HOST:-php}:${NGINX_BACKEND_PORT:-9000} fail_timeout=${NGINX_BACKEND_FAIL_TIMEOUT:-0};
}
map $http_x_forwarded_proto $fastcgi_https {
    default $https;
    http '';
    https on;
}
",
    },
    File {
        path: "/etc/nginx/upstream.conf",
        when: "",
        from: "",
        text: "\n",
    },
    File {
        path: "/etc/nginx/preset.conf",
        when: PHP_PRESETS,
        from: "",
        text: r"include fastcgi.conf;
index ${NGINX_INDEX_FILE:-index.php index.html};
location / {
    try_files $uri /${NGINX_FASTCGI_INDEX:-index.php}?$args;
}
location ~ [^/]\.php(/|$) {
    fastcgi_split_path_info ^(.+?\.php)(/.*)$;
    fastcgi_pass php;
}
",
    },
    File {
        path: "/etc/nginx/preset.conf",
        when: "NGINX_VHOST_PRESET=wordpress",
        from: "",
        text: r"index index.php index.html;
include fastcgi.conf;
location / {
    try_files $uri $uri/ /index.php?$args;
}
location ~ [^/]\.php(/|$) {
    fastcgi_split_path_info ^(.+?\.php)(/.*)$;
    fastcgi_pass php;
}
",
    },
    File {
        path: "/etc/nginx/preset.conf",
        when: "NGINX_VHOST_PRESET=drupal10,drupal11",
        from: "",
        text: r"index index.php index.html;
include fastcgi.conf;
location / {
    try_files $uri @drupal;
}
location @drupal {
    include fastcgi.conf;
    fastcgi_param QUERY_STRING $query_string;
    fastcgi_param SCRIPT_NAME /index.php;
    fastcgi_param SCRIPT_FILENAME $document_root/index.php;
    fastcgi_pass php;
}
location = /index.php {
    fastcgi_pass php;
}
location = /core/install.php {
    fastcgi_pass php;
}
location = /core/rebuild.php {
    fastcgi_pass php;
}
location ~* ^/update.php {
    include fastcgi.conf;
    fastcgi_param QUERY_STRING $args;
    fastcgi_param SCRIPT_NAME /update.php;
    fastcgi_param SCRIPT_FILENAME $document_root/update.php;
    fastcgi_pass php;
}
location ~* ^.+\.php$ {
    return 404;
}
",
    },
    File {
        path: "/etc/nginx/preset.conf",
        when: "NGINX_VHOST_PRESET=html",
        from: "",
        text: r"location / {
    index ${NGINX_INDEX_FILE:-index.html};
    try_files $uri $uri/ /${NGINX_INDEX_FILE:-index.html} =404;
}
",
    },
];
