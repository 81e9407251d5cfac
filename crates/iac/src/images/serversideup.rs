//! serversideup/php: PHP and PHP-FPM fill in the environment themselves, and the entry point makes
//! nginx's files with `envsubst`.
//!
//! Its own health check (a location of nginx, `ping.path` of the pool, five seconds) is left out:
//! nobody can set it.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "serversideup/php",
    source: "serversideup/docker-php 6d9a54f (v4.3.5) and v3.5.0 to v3.6.1: src/variations/*/Dockerfile, \
             src/variations/fpm-nginx/etc/nginx, src/php-fpm.d, src/common/usr/local/etc/php/conf.d, \
             src/s6/etc/entrypoint.d/10-init-webserver-config.sh",
    images: &[
        EnvImage {
            tags: &["*fpm-nginx*"],
            except: &["*-v1*", "*-v2*", "*-v3*", "beta-*"],
            shown: "serversideup/php:*-fpm-nginx",
            env: &[ENV, ENV_4, ENV_NGINX, ENV_NGINX_4],
            files: &[NGINX, NGINX_4, FPM_4, PHP_4],
            ..IMAGE
        },
        EnvImage {
            tags: &["*fpm-nginx*-v3.5*", "*fpm-nginx*-v3.6*"],
            shown: "serversideup/php:*-fpm-nginx-v3.5, v3.6",
            env: &[ENV, ENV_3, ENV_NGINX],
            files: &[NGINX, NGINX_3, FPM_3, PHP_3],
            ..IMAGE
        },
        EnvImage {
            tags: &[
                "*fpm",
                "*fpm-alpine*",
                "*fpm-bookworm*",
                "*fpm-trixie*",
                "*fpm-v4*",
            ],
            except: &["*-v1*", "*-v2*", "*-v3*", "beta-*"],
            shown: "serversideup/php:*-fpm",
            env: &[ENV, ENV_4, &[("PHP_FPM_PM_CONTROL", "dynamic")]],
            files: &[FPM_4, PHP_4],
            ..IMAGE
        },
    ],
};

const IMAGE: EnvImage = EnvImage {
    names: &["serversideup/php", "ghcr.io/serversideup/php"],
    php: Php::Tag,
    is_official_php: true,
    without: &[
        "/usr/local/etc/php-fpm.d/docker.conf",
        "/usr/local/etc/php-fpm.d/www.conf",
        "/usr/local/etc/php-fpm.d/zz-docker.conf",
    ],
    ..PLAIN
};

const ENV: &[(&str, &str)] = &[
    ("LOG_OUTPUT_LEVEL", "warn"),
    ("PHP_DISPLAY_ERRORS", "Off"),
    ("PHP_DISPLAY_STARTUP_ERRORS", "Off"),
    ("PHP_ERROR_LOG", "/dev/stderr"),
    ("PHP_ERROR_REPORTING", "22527"),
    ("PHP_FPM_PM_CONTROL", "dynamic"),
    ("PHP_FPM_PM_MAX_CHILDREN", "20"),
    ("PHP_FPM_PM_MAX_SPARE_SERVERS", "3"),
    ("PHP_FPM_PM_MIN_SPARE_SERVERS", "1"),
    ("PHP_FPM_PM_START_SERVERS", "2"),
    ("PHP_FPM_POOL_NAME", "www"),
    ("PHP_FPM_PROCESS_CONTROL_TIMEOUT", "10s"),
    ("PHP_MAX_EXECUTION_TIME", "99"),
    ("PHP_MAX_INPUT_TIME", "-1"),
    ("PHP_MEMORY_LIMIT", "256M"),
    ("PHP_OPCACHE_ENABLE", "0"),
    ("PHP_OPCACHE_INTERNED_STRINGS_BUFFER", "8"),
    ("PHP_OPCACHE_MAX_ACCELERATED_FILES", "10000"),
    ("PHP_OPCACHE_MEMORY_CONSUMPTION", "128"),
    ("PHP_OPCACHE_REVALIDATE_FREQ", "2"),
    ("PHP_POST_MAX_SIZE", "100M"),
    ("PHP_UPLOAD_MAX_FILE_SIZE", "100M"),
    ("PHP_INI_DIR", "/usr/local/etc/php"),
    ("DISABLE_DEFAULT_CONFIG", "false"),
];

const ENV_3: &[(&str, &str)] = &[];

const ENV_4: &[(&str, &str)] = &[
    ("PHP_FPM_PM_CONTROL", "ondemand"),
    ("PHP_FPM_PM_MAX_REQUESTS", "0"),
    ("PHP_FPM_PM_STATUS_PATH", "/status"),
    ("PHP_MAX_INPUT_VARS", "1000"),
    ("PHP_OPCACHE_VALIDATE_TIMESTAMPS", "1"),
];

const ENV_NGINX: &[(&str, &str)] = &[
    ("NGINX_FASTCGI_BUFFERS", "8 8k"),
    ("NGINX_FASTCGI_BUFFER_SIZE", "8k"),
    ("NGINX_SERVER_TOKENS", "off"),
    ("NGINX_WEBROOT", "/var/www/html/public"),
    (
        "SSL_CERTIFICATE_FILE",
        "/etc/ssl/private/self-signed-web.crt",
    ),
    ("SSL_MODE", "off"),
    (
        "SSL_PRIVATE_KEY_FILE",
        "/etc/ssl/private/self-signed-web.key",
    ),
];

const ENV_NGINX_4: &[(&str, &str)] = &[
    ("NGINX_ACCESS_LOG", "/dev/stdout"),
    ("NGINX_CLIENT_MAX_BODY_SIZE", "100M"),
    ("NGINX_ERROR_LOG", "/dev/stderr"),
    ("NGINX_HTTPS_PORT", "8443"),
    ("NGINX_HTTP_PORT", "8080"),
    ("NGINX_LISTEN_IP_PROTOCOL", "all"),
];

const NGINX: &[File] = &[
    File {
        path: "/etc/nginx/conf.d/default.conf",
        when: "SSL_MODE=off",
        from: "",
        text: "server {\n    include /etc/nginx/site-opts.d/http.conf;\n}\n",
    },
    File {
        path: "/etc/nginx/conf.d/default.conf",
        when: "SSL_MODE=mixed",
        from: "",
        text: "server {\n    include /etc/nginx/site-opts.d/http.conf;\n}\n\
               server {\n    include /etc/nginx/site-opts.d/https.conf;\n}\n",
    },
    file(
        "/etc/nginx/server-opts.d/security.conf",
        "location ~ /\\.(?!well-known) {\n    deny all;\n}\n",
    ),
];

const NGINX_4: &[File] = &[
    File {
        path: "/etc/nginx/conf.d/default.conf",
        when: "SSL_MODE=full",
        from: "/etc/nginx/sites-available/ssl-full.template",
        text: "server {\n    listen ${NGINX_HTTP_PORT} default_server;\n    server_name _;\n\
               \x20   location / {\n        return 301 https://$host$request_uri;\n    }\n}\n\
               server {\n    include /etc/nginx/site-opts.d/https.conf;\n}\n",
    },
    File {
        path: "/etc/nginx/nginx.conf",
        when: "DISABLE_DEFAULT_CONFIG=false",
        from: "/etc/nginx/nginx.conf.template",
        text: r"worker_processes auto;
error_log ${NGINX_ERROR_LOG} ${LOG_OUTPUT_LEVEL};
pid /var/run/nginx.pid;
daemon off;
events {
    worker_connections 1024;
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    server_tokens ${NGINX_SERVER_TOKENS};
    access_log ${NGINX_ACCESS_LOG} combined;
    client_max_body_size ${NGINX_CLIENT_MAX_BODY_SIZE};
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
",
    },
    File {
        path: "/etc/nginx/site-opts.d/http.conf",
        when: "",
        from: "/etc/nginx/site-opts.d/http.conf.template",
        text: r"@NGINX_LISTEN_IP_PROTOCOL=all,ipv4@listen ${NGINX_HTTP_PORT} default_server;
@NGINX_LISTEN_IP_PROTOCOL=all,ipv6@listen [::]:${NGINX_HTTP_PORT} default_server;
root ${NGINX_WEBROOT};
index index.html index.htm index.php;
server_name _;
absolute_redirect off;
location / {
    try_files $uri $uri/ /index.php?$query_string;
}
location ~* ^/storage/.*\.php$ {
    deny all;
}
location ~ \.php$ {
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_index index.php;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    include fastcgi_params;
    fastcgi_buffers ${NGINX_FASTCGI_BUFFERS};
    fastcgi_buffer_size ${NGINX_FASTCGI_BUFFER_SIZE};
    fastcgi_read_timeout ${PHP_MAX_EXECUTION_TIME};
}
include /etc/nginx/server-opts.d/*.conf;
",
    },
    File {
        path: "/etc/nginx/site-opts.d/https.conf",
        when: "SSL_MODE=mixed,full",
        from: "/etc/nginx/site-opts.d/https.conf.template",
        text: r"@NGINX_LISTEN_IP_PROTOCOL=all,ipv4@listen ${NGINX_HTTPS_PORT} ssl default_server;
@NGINX_LISTEN_IP_PROTOCOL=all,ipv6@listen [::]:${NGINX_HTTPS_PORT} ssl default_server;
root ${NGINX_WEBROOT};
index index.html index.htm index.php;
server_name _;
absolute_redirect off;
ssl_certificate ${SSL_CERTIFICATE_FILE};
ssl_certificate_key ${SSL_PRIVATE_KEY_FILE};
ssl_protocols TLSv1.2 TLSv1.3;
location / {
    try_files $uri $uri/ /index.php?$query_string;
}
location ~* ^/storage/.*\.php$ {
    deny all;
}
location ~ \.php$ {
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_index index.php;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    include fastcgi_params;
    fastcgi_buffers ${NGINX_FASTCGI_BUFFERS};
    fastcgi_buffer_size ${NGINX_FASTCGI_BUFFER_SIZE};
    fastcgi_read_timeout ${PHP_MAX_EXECUTION_TIME};
}
include /etc/nginx/server-opts.d/*.conf;
",
    },
];

/// Without `SSL_MODE` other than `off`: what its files were then was not looked at.
const NGINX_3: &[File] = &[
    File {
        path: "/etc/nginx/nginx.conf",
        when: "SSL_MODE=off",
        from: "/etc/nginx/nginx.conf.template",
        text: r"worker_processes auto;
error_log /dev/stderr ${LOG_OUTPUT_LEVEL};
pid /var/run/nginx.pid;
daemon off;
events {
    worker_connections 1024;
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    server_tokens ${NGINX_SERVER_TOKENS};
    access_log /dev/stdout combined;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
",
    },
    File {
        path: "/etc/nginx/site-opts.d/http.conf",
        when: "",
        from: "/etc/nginx/site-opts.d/http.conf.template",
        text: r"listen 8080 default_server;
listen [::]:8080 default_server;
root ${NGINX_WEBROOT};
index index.html index.htm index.php;
server_name _;
absolute_redirect off;
client_max_body_size 2048M;
location / {
    try_files $uri $uri/ /index.php?$query_string;
}
location ~ \.php$ {
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_index index.php;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    include fastcgi_params;
    fastcgi_buffers ${NGINX_FASTCGI_BUFFERS};
    fastcgi_buffer_size ${NGINX_FASTCGI_BUFFER_SIZE};
    fastcgi_read_timeout ${PHP_MAX_EXECUTION_TIME};
}
include /etc/nginx/server-opts.d/*.conf;
",
    },
];

const FPM_4: &[File] = &[file(
    "/usr/local/etc/php-fpm.d/docker-php-serversideup-pool.conf",
    "[global]\ndaemonize = no\nerror_log = /proc/self/fd/2\nlog_limit = 8192\n\
     process_control_timeout = ${PHP_FPM_PROCESS_CONTROL_TIMEOUT}\n\n\
     [${PHP_FPM_POOL_NAME}]\nlisten = 9000\ncatch_workers_output = yes\n\
     decorate_workers_output = no\nclear_env = no\npm = ${PHP_FPM_PM_CONTROL}\n\
     pm.max_children = ${PHP_FPM_PM_MAX_CHILDREN}\npm.start_servers = ${PHP_FPM_PM_START_SERVERS}\n\
     pm.min_spare_servers = ${PHP_FPM_PM_MIN_SPARE_SERVERS}\n\
     pm.max_spare_servers = ${PHP_FPM_PM_MAX_SPARE_SERVERS}\n\
     pm.max_requests = ${PHP_FPM_PM_MAX_REQUESTS}\npm.status_path = ${PHP_FPM_PM_STATUS_PATH}\n",
)];

const FPM_3: &[File] = &[file(
    "/usr/local/etc/php-fpm.d/docker-php-serversideup-pool.conf",
    "[global]\ndaemonize = no\nerror_log = /proc/self/fd/2\nlog_limit = 8192\n\
     process_control_timeout = ${PHP_FPM_PROCESS_CONTROL_TIMEOUT}\n\n\
     [${PHP_FPM_POOL_NAME}]\nlisten = 9000\ncatch_workers_output = yes\n\
     decorate_workers_output = no\nclear_env = no\npm = ${PHP_FPM_PM_CONTROL}\n\
     pm.max_children = ${PHP_FPM_PM_MAX_CHILDREN}\npm.start_servers = ${PHP_FPM_PM_START_SERVERS}\n\
     pm.min_spare_servers = ${PHP_FPM_PM_MIN_SPARE_SERVERS}\n\
     pm.max_spare_servers = ${PHP_FPM_PM_MAX_SPARE_SERVERS}\n\
     pm.status_path = /status\n",
)];

const PHP_4: &[File] = &[file(
    "/usr/local/etc/php/conf.d/serversideup-docker-php.ini",
    "[PHP]\noutput_buffering = 4096\nzlib.output_compression = Off\nexpose_php = Off\n\
     max_execution_time = ${PHP_MAX_EXECUTION_TIME}\nmax_input_time = ${PHP_MAX_INPUT_TIME}\n\
     max_input_vars = ${PHP_MAX_INPUT_VARS}\nmemory_limit = ${PHP_MEMORY_LIMIT}\n\
     error_reporting = ${PHP_ERROR_REPORTING}\ndisplay_errors = ${PHP_DISPLAY_ERRORS}\n\
     display_startup_errors = ${PHP_DISPLAY_STARTUP_ERRORS}\nlog_errors = On\n\
     error_log = ${PHP_ERROR_LOG}\npost_max_size = ${PHP_POST_MAX_SIZE}\n\
     upload_max_filesize = ${PHP_UPLOAD_MAX_FILE_SIZE}\nmax_file_uploads = 20\n\
     default_socket_timeout = 60\n\n[opcache]\nopcache.enable = ${PHP_OPCACHE_ENABLE}\n\
     opcache.memory_consumption = ${PHP_OPCACHE_MEMORY_CONSUMPTION}\n\
     opcache.interned_strings_buffer = ${PHP_OPCACHE_INTERNED_STRINGS_BUFFER}\n\
     opcache.max_accelerated_files = ${PHP_OPCACHE_MAX_ACCELERATED_FILES}\n\
     opcache.validate_timestamps = ${PHP_OPCACHE_VALIDATE_TIMESTAMPS}\n\
     opcache.revalidate_freq = ${PHP_OPCACHE_REVALIDATE_FREQ}\n",
)];

const PHP_3: &[File] = &[file(
    "/usr/local/etc/php/conf.d/serversideup-docker-php.ini",
    "[PHP]\noutput_buffering = 4096\nzlib.output_compression = Off\nexpose_php = Off\n\
     max_execution_time = ${PHP_MAX_EXECUTION_TIME}\nmax_input_time = ${PHP_MAX_INPUT_TIME}\n\
     memory_limit = ${PHP_MEMORY_LIMIT}\nerror_reporting = ${PHP_ERROR_REPORTING}\n\
     display_errors = ${PHP_DISPLAY_ERRORS}\n\
     display_startup_errors = ${PHP_DISPLAY_STARTUP_ERRORS}\nlog_errors = On\n\
     error_log = ${PHP_ERROR_LOG}\npost_max_size = ${PHP_POST_MAX_SIZE}\n\
     upload_max_filesize = ${PHP_UPLOAD_MAX_FILE_SIZE}\nmax_file_uploads = 20\n\
     default_socket_timeout = 60\n\n[opcache]\nopcache.enable = ${PHP_OPCACHE_ENABLE}\n\
     opcache.memory_consumption = ${PHP_OPCACHE_MEMORY_CONSUMPTION}\n\
     opcache.interned_strings_buffer = ${PHP_OPCACHE_INTERNED_STRINGS_BUFFER}\n\
     opcache.max_accelerated_files = ${PHP_OPCACHE_MAX_ACCELERATED_FILES}\n\
     opcache.revalidate_freq = ${PHP_OPCACHE_REVALIDATE_FREQ}\n",
)];
