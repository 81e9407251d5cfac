//! uselagoon: the entry points fill in all files of nginx and of the pool, people's own too.

use super::{EnvImage, Family, File, PLAIN, Php, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "uselagoon (Lagoon)",
    source: "uselagoon/lagoon-images e2a9611 (26.7.0): images/nginx, images/nginx-drupal, images/php-fpm",
    images: &[
        EnvImage {
            names: &["uselagoon/nginx", "docker.io/uselagoon/nginx"],
            shown: "uselagoon/nginx",
            files: &[NGINX, STATIC],
            fills: &["/etc/nginx/"],
            ..PLAIN
        },
        EnvImage {
            names: &["uselagoon/nginx-drupal"],
            shown: "uselagoon/nginx-drupal",
            files: &[NGINX, DRUPAL],
            fills: &["/etc/nginx/"],
            ..PLAIN
        },
        EnvImage {
            names: &["uselagoon/php-*-fpm"],
            shown: "uselagoon/php-8.*-fpm",
            php: Php::Name,
            is_official_php: true,
            without: &["/usr/local/etc/php-fpm.d/www.conf"],
            env: &[&[("PHP_INI_DIR", "/usr/local/etc/php")]],
            files: &[FPM],
            fills: &["/usr/local/etc/php-fpm.d/"],
            ..PLAIN
        },
    ],
};

const FPM: &[File] = &[
    file(
        "/usr/local/etc/php/php.ini",
        "[PHP]\ndisplay_errors = Off\nmax_execution_time = 30\nmax_input_time = 60\n\
         memory_limit = 128M\nlog_errors = On\npost_max_size = 8M\nupload_max_filesize = 2M\n\
         default_socket_timeout = 60\n",
    ),
    file(
        "/usr/local/etc/php/conf.d/00-lagoon-php.ini",
        "[PHP]\nexpose_php = Off\nmax_execution_time = ${PHP_MAX_EXECUTION_TIME:-900}\n\
         max_input_time = ${PHP_MAX_INPUT_TIME:-900}\nmax_input_vars = ${PHP_MAX_INPUT_VARS:-2000}\n\
         post_max_size = ${PHP_POST_MAX_SIZE:-2048M}\n\
         upload_max_filesize = ${PHP_UPLOAD_MAX_FILESIZE:-2048M}\n\
         max_file_uploads = ${PHP_MAX_FILE_UPLOADS:-20}\nmemory_limit = ${PHP_MEMORY_LIMIT:-400M}\n\
         display_errors = ${PHP_DISPLAY_ERRORS:-Off}\n\
         display_startup_errors = ${PHP_DISPLAY_STARTUP_ERRORS:-Off}\n\
         opcache.memory_consumption = 256\n",
    ),
    file(
        "/usr/local/etc/php-fpm.d/global.conf",
        "[global]\nprocess_control_timeout = 30s\n",
    ),
    file(
        "/usr/local/etc/php-fpm.d/www.conf",
        "[www]\nlisten = [::]:9000\npm = dynamic\n\
         pm.max_children = ${PHP_FPM_PM_MAX_CHILDREN:-50}\n\
         pm.start_servers = ${PHP_FPM_PM_START_SERVERS:-2}\n\
         pm.min_spare_servers = ${PHP_FPM_PM_MIN_SPARE_SERVERS:-2}\n\
         pm.max_spare_servers = ${PHP_FPM_PM_MAX_SPARE_SERVERS:-2}\n\
         pm.process_idle_timeout = ${PHP_FPM_PM_PROCESS_IDLE_TIMEOUT:-60s}\n\
         pm.max_requests = ${PHP_FPM_PM_MAX_REQUESTS:-500}\nping.path = /ping\n\
         pm.status_path = /status\naccess.log = ${PHP_FPM_ACCESS_LOG:-/dev/null}\n\
         catch_workers_output = yes\nclear_env = no\n",
    ),
];

const NGINX: &[File] = &[
    file(
        "/etc/nginx/nginx.conf",
        r"error_log /dev/stdout ${NGINX_ERROR_LOG_LEVEL:-warn};
events {
    worker_connections 1024;
    multi_accept on;
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout combined;
    rewrite_log ${NGINX_REWRITE_LOG:-off};
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    server_tokens off;
    map_hash_max_size ${NGINX_HASH_MAP_SIZE:-64};
    map_hash_bucket_size ${NGINX_HASH_BUCKET_SIZE:-64};
    client_max_body_size 2048m;
    client_body_timeout 10s;
    client_header_timeout 10s;
    client_body_buffer_size 128k;
    proxy_connect_timeout 90;
    proxy_send_timeout 90;
    proxy_read_timeout 90;
    proxy_buffers 32 16k;
    proxy_buffer_size 16k;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 172.16.0.0/12;
    set_real_ip_from 192.168.0.0/16;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    port_in_redirect off;
    root /app;
    include /etc/nginx/conf.d/*.conf;
}
",
    ),
    file("/etc/nginx/fastcgi.conf", FASTCGI),
    file("/etc/nginx/fastcgi_params", FASTCGI),
];

const FASTCGI: &str = r#"fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;
fastcgi_param QUERY_STRING $query_string;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param DOCUMENT_URI $document_uri;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param REQUEST_SCHEME $scheme;
fastcgi_param HTTPS $https if_not_empty;
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param REMOTE_PORT $remote_port;
fastcgi_param SERVER_ADDR $server_addr;
fastcgi_param SERVER_PORT $server_port;
fastcgi_param SERVER_NAME $host;
fastcgi_param REDIRECT_STATUS 200;
fastcgi_param HTTP_PROXY "";
fastcgi_keep_conn on;
fastcgi_index index.php;
fastcgi_buffers ${FASTCGI_BUFFERS:-256 32k};
fastcgi_buffer_size ${FASTCGI_BUFFER_SIZE:-32k};
fastcgi_read_timeout ${FASTCGI_READ_TIMEOUT:-3600s};
"#;

const STATIC: &[File] = &[file(
    "/etc/nginx/conf.d/app.conf",
    "server {\n    listen 8080 default_server;\n    location / {\n        index index.html index.htm;\n\
     \x20       try_files $uri $uri/ =404;\n    }\n}\n",
)];

const DRUPAL: &[File] = &[file(
    "/etc/nginx/conf.d/app.conf",
    r"server {
    include /etc/nginx/conf.d/drupal/server_prepend*.conf;
    listen ${NGINX_LISTEN:-8080} default_server;
    root /app/${WEBROOT:-};
    index index.php;
    rewrite ^/index.php / last;
    location / {
        include /etc/nginx/conf.d/drupal/location_prepend*.conf;
        expires ${NGINX_DEFAULT_EXPIRES:-2628001s};
        location ~* ^(/install.php|/core/install.php) {
            try_files /dev/null @php;
        }
        location ~* ^.+\.php$ {
            try_files /dev/null @drupal;
        }
        try_files $uri @drupal;
        include /etc/nginx/conf.d/drupal/location_append*.conf;
    }
    location @drupal {
        include /etc/nginx/conf.d/drupal/location_drupal_prepend*.conf;
        include /etc/nginx/fastcgi.conf;
        fastcgi_param SCRIPT_NAME /index.php;
        fastcgi_param SCRIPT_FILENAME $realpath_root/index.php;
        fastcgi_pass ${NGINX_FASTCGI_PASS:-php}:9000;
        include /etc/nginx/conf.d/drupal/location_drupal_append*.conf;
    }
    location @php {
        include /etc/nginx/conf.d/drupal/location_php_prepend*.conf;
        include /etc/nginx/fastcgi.conf;
        fastcgi_pass ${NGINX_FASTCGI_PASS:-php}:9000;
        include /etc/nginx/conf.d/drupal/location_php_append*.conf;
    }
    include /etc/nginx/conf.d/drupal/server_append*.conf;
}
",
)];
