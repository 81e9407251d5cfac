//! islandora/nginx and islandora/drupal: confd makes the files of templates, each time.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "islandora (ISLE)",
    source: "Islandora-Devops/isle-buildkit 02edda0 (6.4.3): images/nginx and images/drupal (Dockerfile, \
             rootfs/etc/confd, rootfs/etc/nginx)",
    images: &[
        EnvImage {
            names: &["islandora/nginx"],
            shown: "islandora/nginx:6",
            files: &[ALL, DEFAULT],
            ..IMAGE
        },
        EnvImage {
            names: &["islandora/drupal"],
            shown: "islandora/drupal:6",
            env: &[ENV, &[("DRUPAL_ENABLE_HTTPS", "true")]],
            files: &[ALL, DRUPAL],
            ..IMAGE
        },
    ],
};

const IMAGE: EnvImage = EnvImage {
    // Older ones had another PHP at other paths.
    tags: &["6", "6.*", "latest", "main"],
    php: Php::Is("8.3"),
    env: &[ENV],
    overwrites: true,
    ..PLAIN
};

const ENV: &[(&str, &str)] = &[
    ("NGINX_CLIENT_BODY_TIMEOUT", "60s"),
    ("NGINX_CLIENT_MAX_BODY_SIZE", "0"),
    ("NGINX_ERROR_LOG_LEVEL", "warn"),
    ("NGINX_FASTCGI_CONNECT_TIMEOUT", "60s"),
    ("NGINX_FASTCGI_READ_TIMEOUT", "60s"),
    ("NGINX_FASTCGI_SEND_TIMEOUT", "60s"),
    ("NGINX_KEEPALIVE_TIMEOUT", "75s"),
    ("NGINX_LINGERING_TIMEOUT", "5s"),
    ("NGINX_PROXY_CONNECT_TIMEOUT", "60s"),
    ("NGINX_PROXY_READ_TIMEOUT", "60s"),
    ("NGINX_PROXY_SEND_TIMEOUT", "60s"),
    ("NGINX_REAL_IP_HEADER", "X-Forwarded-For"),
    ("NGINX_REAL_IP_RECURSIVE", "off"),
    ("NGINX_SEND_TIMEOUT", "60s"),
    ("NGINX_SET_REAL_IP_FROM", "172.0.0.0/8"),
    ("NGINX_WORKER_CONNECTIONS", "1024"),
    ("NGINX_WORKER_PROCESSES", "auto"),
    ("PHP_DEFAULT_SOCKET_TIMEOUT", "60"),
    ("PHP_LOG_LEVEL", "notice"),
    ("PHP_LOG_LIMIT", "16384"),
    ("PHP_MAX_EXECUTION_TIME", "30"),
    ("PHP_MAX_FILE_UPLOADS", "20"),
    ("PHP_MAX_INPUT_TIME", "60"),
    ("PHP_MAX_INPUT_VARS", "3000"),
    ("PHP_MEMORY_LIMIT", "256M"),
    ("PHP_PM", "dynamic"),
    ("PHP_PM_IDLE_TIMEOUT", "10s"),
    ("PHP_PM_MAX_CHILDREN", "5"),
    ("PHP_PM_MAX_REQUESTS", "0"),
    ("PHP_PM_MAX_SPARE_SERVERS", "3"),
    ("PHP_PM_MIN_SPARE_SERVERS", "1"),
    ("PHP_PM_START_SERVERS", "2"),
    ("PHP_POST_MAX_SIZE", "128M"),
    ("PHP_PROCESS_CONTROL_TIMEOUT", "60"),
    ("PHP_REQUEST_TERMINATE_TIMEOUT", "60"),
    ("PHP_UPLOAD_MAX_FILESIZE", "128M"),
];

const ALL: &[File] = &[
    file(
        "/etc/nginx/nginx.conf",
        r"user nginx;
worker_processes ${NGINX_WORKER_PROCESSES};
pcre_jit on;
error_log /dev/stderr ${NGINX_ERROR_LOG_LEVEL};
daemon off;
events {
    worker_connections ${NGINX_WORKER_CONNECTIONS};
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    server_tokens off;
    client_max_body_size ${NGINX_CLIENT_MAX_BODY_SIZE};
    client_body_timeout ${NGINX_CLIENT_BODY_TIMEOUT};
    send_timeout ${NGINX_SEND_TIMEOUT};
    keepalive_timeout ${NGINX_KEEPALIVE_TIMEOUT};
    lingering_timeout ${NGINX_LINGERING_TIMEOUT};
    sendfile on;
    tcp_nopush on;
    gzip_vary on;
    fastcgi_connect_timeout ${NGINX_FASTCGI_CONNECT_TIMEOUT};
    fastcgi_read_timeout ${NGINX_FASTCGI_READ_TIMEOUT};
    fastcgi_send_timeout ${NGINX_FASTCGI_SEND_TIMEOUT};
    proxy_connect_timeout ${NGINX_PROXY_CONNECT_TIMEOUT};
    proxy_read_timeout ${NGINX_PROXY_READ_TIMEOUT};
    proxy_send_timeout ${NGINX_PROXY_SEND_TIMEOUT};
    access_log /dev/stdout combined;
    real_ip_header ${NGINX_REAL_IP_HEADER};
    real_ip_recursive ${NGINX_REAL_IP_RECURSIVE};
    set_real_ip_from ${NGINX_SET_REAL_IP_FROM};
    include /etc/nginx/http.d/*.conf;
}
",
    ),
    file(
        "/etc/php83/php-fpm.conf",
        "[global]\nerror_log = /dev/stderr\nlog_level = ${PHP_LOG_LEVEL}\n\
         log_limit = ${PHP_LOG_LIMIT}\nprocess_control_timeout = ${PHP_PROCESS_CONTROL_TIMEOUT}\n\
         daemonize = no\ninclude=/etc/php83/php-fpm.d/*.conf\n",
    ),
    file(
        "/etc/php83/php-fpm.d/www.conf",
        "[www]\nuser = nginx\ngroup = nginx\nlisten = /run/php-fpm83/php-fpm83.sock\n\
         listen.owner = nginx\nlisten.group = nginx\nlisten.mode = 0660\npm = ${PHP_PM}\n\
         pm.max_children = ${PHP_PM_MAX_CHILDREN}\npm.start_servers = ${PHP_PM_START_SERVERS}\n\
         pm.min_spare_servers = ${PHP_PM_MIN_SPARE_SERVERS}\n\
         pm.max_spare_servers = ${PHP_PM_MAX_SPARE_SERVERS}\n\
         pm.process_idle_timeout = ${PHP_PM_IDLE_TIMEOUT}\n\
         pm.max_requests = ${PHP_PM_MAX_REQUESTS}\npm.status_path = /status\n\
         request_terminate_timeout = ${PHP_REQUEST_TERMINATE_TIMEOUT}\n\
         catch_workers_output = yes\ndecorate_workers_output = no\nclear_env = yes\n",
    ),
    file(
        "/etc/php83/php.ini",
        "[PHP]\noutput_buffering = 4096\nexpose_php = On\n\
         max_execution_time = ${PHP_MAX_EXECUTION_TIME}\nmax_input_time = ${PHP_MAX_INPUT_TIME}\n\
         max_input_vars = ${PHP_MAX_INPUT_VARS}\nmemory_limit = ${PHP_MEMORY_LIMIT}\n\
         display_errors = Off\nlog_errors = On\nerror_log = /dev/stderr\n\
         post_max_size = ${PHP_POST_MAX_SIZE}\nupload_max_filesize = ${PHP_UPLOAD_MAX_FILESIZE}\n\
         max_file_uploads = ${PHP_MAX_FILE_UPLOADS}\n\
         default_socket_timeout = ${PHP_DEFAULT_SOCKET_TIMEOUT}\n",
    ),
    file(
        "/etc/nginx/shared/fpm.conf",
        r"location ~ ^/(status|ping)$ {
    allow 127.0.0.1;
    allow ::1;
    deny all;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_index index.php;
    include fastcgi_params;
    fastcgi_pass unix:/run/php-fpm83/php-fpm83.sock;
}
",
    ),
];

const DEFAULT: &[File] = &[file(
    "/etc/nginx/http.d/default.conf",
    "server {\n    listen 80 default_server;\n    listen [::]:80 default_server;\n\
     \x20   location / {\n        return 404;\n    }\n    include /etc/nginx/shared/fpm.conf;\n}\n",
)];

const DRUPAL: &[File] = &[
    file(
        "/etc/nginx/http.d/default.conf",
        r"server {
    server_name drupal;
    root /var/www/drupal/web;
    location / {
        proxy_buffer_size 512k;
        proxy_buffers 8 256k;
        proxy_busy_buffers_size 512k;
        try_files $uri /index.php?$query_string;
    }
    include /etc/nginx/shared/drupal.fpm.conf;
    include /etc/nginx/shared/fpm.conf;
}
",
    ),
    file(
        "/etc/nginx/shared/drupal.fpm.conf",
        r#"location ~ '\.php$|^/update.php' {
    fastcgi_split_path_info ^(.+?\.php)(|/.*)$;
    try_files $fastcgi_script_name =404;
    include fastcgi_params;
    fastcgi_param HTTP_PROXY "";
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_param PATH_INFO $fastcgi_path_info;
    fastcgi_param QUERY_STRING $query_string;
@DRUPAL_ENABLE_HTTPS=true@    fastcgi_param HTTPS on;
    fastcgi_intercept_errors on;
    fastcgi_buffers 16 800k;
    fastcgi_buffer_size 1600k;
    fastcgi_pass unix:/run/php-fpm83/php-fpm83.sock;
}
"#,
    ),
];
