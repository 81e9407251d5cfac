//! nginx and PHP-FPM in one small image: erseco/alpine-php-webserver fills in its environment with
//! `envsubst`; trafex/php-nginx and richarvey/nginx-php-fpm have hardly a variable.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "nginx and PHP-FPM on Alpine",
    source: "erseco/alpine-php-webserver (3.24.1): Dockerfile, rootfs; TrafeX/docker-php-nginx 47835d7 (3.9.0): \
             Dockerfile, config; richarvey/nginx-php-fpm 15f577b: Dockerfile, conf, scripts/start.sh",
    images: &[
        EnvImage {
            names: &["erseco/alpine-php-webserver"],
            tags: &["latest", "3.24*"],
            shown: "erseco/alpine-php-webserver:3.24",
            php: Php::Is("8.5"),
            packages: &["nginx", "php85-fpm"],
            without: &["/etc/nginx/http.d/default.conf"],
            env: &[ENV],
            files: &[WEBSERVER],
            fills: &[],
            ..PLAIN
        },
        EnvImage {
            names: &["trafex/php-nginx"],
            tags: &["latest", "3.9*"],
            shown: "trafex/php-nginx:3.9",
            php: Php::Is("8.5"),
            packages: &["nginx", "php85-fpm"],
            env: &[&[("PHP_INI_DIR", "/etc/php85")]],
            files: &[TRAFEX],
            ..PLAIN
        },
        EnvImage {
            names: &["richarvey/nginx-php-fpm"],
            tags: &["latest", "3.1*"],
            shown: "richarvey/nginx-php-fpm:3.1",
            php: Php::Is("8.2"),
            is_official_php: true,
            packages: &["nginx"],
            // PHP-FPM is started with `www.conf` as its main file.
            without: &[
                "/etc/nginx/http.d/default.conf",
                "/usr/local/etc/php-fpm.d/docker.conf",
                "/usr/local/etc/php-fpm.d/zz-docker.conf",
            ],
            env: &[&[("PHP_INI_DIR", "/usr/local/etc/php")]],
            files: &[RICHARVEY],
            links: &[(
                "/etc/nginx/sites-enabled/default.conf",
                "/etc/nginx/sites-available/default.conf",
            )],
            ..PLAIN
        },
    ],
};

const ENV: &[(&str, &str)] = &[
    ("clear_env", "no"),
    ("client_max_body_size", "2M"),
    ("display_errors", "Off"),
    ("fastcgi_read_timeout", "60s"),
    ("fastcgi_send_timeout", "60s"),
    ("max_execution_time", "0"),
    ("max_input_time", "-1"),
    ("max_input_vars", "1000"),
    ("memory_limit", "128M"),
    ("nginx_root_directory", "/var/www/html"),
    ("opcache_enable", "0"),
    ("opcache_max_accelerated_files", "20000"),
    ("opcache_memory_consumption", "256"),
    ("opcache_validate_timestamps", "0"),
    ("post_max_size", "8M"),
    ("upload_max_filesize", "2M"),
    ("zlib_output_compression", "On"),
];

const WEBSERVER: &[File] = &[
    file(
        "/etc/nginx/nginx.conf",
        r"worker_processes 1;
error_log stderr warn;
pid /run/nginx.pid;
events {
    worker_connections 1024;
}
http {
    include mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout combined;
    error_log /dev/stderr notice;
    keepalive_timeout 65;
    fastcgi_read_timeout ${fastcgi_read_timeout};
    fastcgi_send_timeout ${fastcgi_send_timeout};
    fastcgi_buffering on;
    fastcgi_buffer_size 16k;
    fastcgi_buffers 16 16k;
    fastcgi_busy_buffers_size 32k;
    server {
        listen 8080 default_server;
        server_name _;
        sendfile off;
        client_max_body_size ${client_max_body_size};
        client_body_buffer_size 128k;
        root ${nginx_root_directory};
        index index.php index.html;
@DISABLE_DEFAULT_LOCATION=,false@        location / {
@DISABLE_DEFAULT_LOCATION=,false@            try_files $uri $uri/ /index.php$is_args$args;
@DISABLE_DEFAULT_LOCATION=,false@        }
        location ~ [^/]\.php(/|$) {
            fastcgi_split_path_info ^(.+\.php)(/.+)$;
            fastcgi_pass unix:/run/php-fpm.sock;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param PATH_INFO $fastcgi_path_info;
            fastcgi_index index.php;
            include fastcgi_params;
        }
        location ~ /\. {
            log_not_found off;
            deny all;
        }
        include /etc/nginx/server-conf.d/*.conf;
    }
    include /etc/nginx/conf.d/*.conf;
    gzip on;
}
",
    ),
    // Of the package: `php.ini-production`.
    file(
        "/etc/php85/php.ini",
        "[PHP]\ndisplay_errors = Off\nmax_execution_time = 30\nmax_input_time = 60\n\
         memory_limit = 128M\nlog_errors = On\npost_max_size = 8M\nupload_max_filesize = 2M\n\
         default_socket_timeout = 60\n",
    ),
    file(
        "/etc/php85/conf.d/custom.ini",
        "display_errors = ${display_errors}\nmax_execution_time = ${max_execution_time}\n\
         max_input_time = ${max_input_time}\nmax_input_vars = ${max_input_vars}\n\
         memory_limit = ${memory_limit}\npost_max_size = ${post_max_size}\n\
         upload_max_filesize = ${upload_max_filesize}\n\
         zlib.output_compression = ${zlib_output_compression}\nopcache.enable = ${opcache_enable}\n\
         opcache.memory_consumption = ${opcache_memory_consumption}\n\
         opcache.max_accelerated_files = ${opcache_max_accelerated_files}\n\
         opcache.validate_timestamps = ${opcache_validate_timestamps}\n",
    ),
    file(
        "/etc/php85/php-fpm.d/www.conf",
        "[global]\nerror_log = /dev/stderr\n\n[www]\nlisten = /run/php-fpm.sock\n\
         listen.owner = nobody\nlisten.group = nobody\npm.status_path = /fpm-status\npm = ondemand\n\
         pm.max_children = 100\npm.process_idle_timeout = 10s\npm.max_requests = 1000\n\
         clear_env = ${clear_env}\ncatch_workers_output = yes\ndecorate_workers_output = no\n\
         ping.path = /fpm-ping\n",
    ),
];

const TRAFEX: &[File] = &[
    file(
        "/etc/nginx/nginx.conf",
        r"worker_processes auto;
error_log stderr warn;
pid /run/nginx.pid;
events {
    worker_connections 1024;
}
http {
    include mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout combined;
    error_log /dev/stderr notice;
    keepalive_timeout 65;
    proxy_hide_header X-Powered-By;
    fastcgi_hide_header X-Powered-By;
    server_tokens off;
    gzip on;
    include /etc/nginx/conf.d/*.conf;
}
",
    ),
    file(
        "/etc/nginx/conf.d/default.conf",
        r"server {
    listen [::]:8080 default_server;
    listen 8080 default_server;
    server_name _;
    sendfile off;
    tcp_nodelay on;
    absolute_redirect off;
    root /var/www/html;
    index index.php index.html;
    location / {
        try_files $uri $uri/ /index.php$is_args$args;
    }
    location ~ \.php$ {
        try_files $uri =404;
        fastcgi_split_path_info ^(.+\.php)(/.+)$;
        fastcgi_pass unix:/run/php-fpm.sock;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_index index.php;
        include fastcgi_params;
    }
    location ~ /\. {
        log_not_found off;
        deny all;
    }
    location ~ ^/(fpm-status|fpm-ping)$ {
        access_log off;
        allow 127.0.0.1;
        deny all;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        include fastcgi_params;
        fastcgi_pass unix:/run/php-fpm.sock;
    }
}
",
    ),
    // Of the package: `php.ini-production`.
    file(
        "/etc/php85/php.ini",
        "[PHP]\ndisplay_errors = Off\nmax_execution_time = 30\nmax_input_time = 60\n\
         memory_limit = 128M\nlog_errors = On\npost_max_size = 8M\nupload_max_filesize = 2M\n\
         default_socket_timeout = 60\n",
    ),
    file(
        "/etc/php85/conf.d/custom.ini",
        "[Date]\ndate.timezone=\"UTC\"\nexpose_php= Off\n",
    ),
    file(
        "/etc/php85/php-fpm.d/www.conf",
        "[global]\nerror_log = /dev/stderr\n\n[www]\nlisten = /run/php-fpm.sock\n\
         pm.status_path = /fpm-status\npm = ondemand\npm.max_children = 100\n\
         pm.process_idle_timeout = 10s\npm.max_requests = 1000\nclear_env = no\n\
         catch_workers_output = yes\ndecorate_workers_output = no\nping.path = /fpm-ping\n",
    ),
];

const RICHARVEY: &[File] = &[
    file(
        "/etc/nginx/nginx.conf",
        r"worker_processes auto;
events {
    worker_connections 1024;
}
http {
    include mime.types;
    default_type application/octet-stream;
    sendfile on;
    keepalive_timeout 2;
    client_max_body_size 100m;
@HIDE_NGINX_HEADERS=0@    server_tokens on;
@HIDE_NGINX_HEADERS=,1@    server_tokens off;
    include /etc/nginx/sites-enabled/*;
}
",
    ),
    file(
        "/etc/nginx/sites-available/default.conf",
        r"server {
    listen 80;
    listen [::]:80 default ipv6only=on;
    root ${WEBROOT:-/var/www/html};
    index index.php index.html index.htm;
    server_name _;
    sendfile off;
    error_log /dev/stdout info;
    access_log /dev/stdout;
    location / {
@!PHP_CATCHALL@        try_files $uri $uri/ =404;
@PHP_CATCHALL@        try_files $uri $uri/ /index.php?$args;
    }
    location ~ \.php$ {
        try_files $uri =404;
        fastcgi_split_path_info ^(.+\.php)(/.+)$;
        fastcgi_pass unix:/var/run/php-fpm.sock;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_param SCRIPT_NAME $fastcgi_script_name;
        fastcgi_index index.php;
        include fastcgi_params;
    }
    location ~ /\. {
        log_not_found off;
        deny all;
    }
}
",
    ),
    // A copy of `php.ini-development`.
    file(
        "/usr/local/etc/php/php.ini",
        "[PHP]\ndisplay_errors = On\nmax_execution_time = 30\nmax_input_time = 60\n\
         memory_limit = 128M\nlog_errors = On\npost_max_size = 8M\nupload_max_filesize = 2M\n\
         default_socket_timeout = 60\n",
    ),
    file(
        "/usr/local/etc/php/conf.d/docker-vars.ini",
        "upload_max_filesize = ${PHP_UPLOAD_MAX_FILESIZE:-100}M\n\
         post_max_size = ${PHP_POST_MAX_SIZE:-100}M\nmemory_limit = ${PHP_MEM_LIMIT:-128}M\n\
         @PHP_ERRORS_STDERR@log_errors = On\n@PHP_ERRORS_STDERR@error_log = /dev/stderr\n",
    ),
    file(
        "/usr/local/etc/php-fpm.d/www.conf",
        "[www]\nuser = nginx\ngroup = nginx\nlisten = /var/run/php-fpm.sock\nlisten.owner = nginx\n\
         listen.group = nginx\nlisten.mode = 0666\npm = dynamic\npm.max_children = 4\n\
         pm.start_servers = 3\npm.min_spare_servers = 2\npm.max_spare_servers = 4\n\
         pm.max_requests = 200\ncatch_workers_output = yes\nclear_env = no\n\
         @ERRORS=1@php_flag[display_errors] = on\n@ERRORS=,0@php_flag[display_errors] = off\n",
    ),
];
