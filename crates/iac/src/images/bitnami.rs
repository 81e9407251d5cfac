//! bitnami/nginx: the entry point changes `nginx.conf` by a few variables. What PHP's images of this
//! maker begin with is no text that could be read: they are not known.

use super::{EnvImage, Family, PLAIN, file};

/// The family.
pub(super) const FAMILY: Family = Family {
    name: "bitnami/nginx",
    source: "bitnami/containers 9044312: bitnami/nginx/1.25/debian-11/rootfs/opt/bitnami (nginx/conf/nginx.conf, \
             scripts/nginx-env.sh), bitnami/nginx/1.24/debian-11/rootfs/opt/bitnami/scripts/libnginx.sh",
    images: &[EnvImage {
        names: &["bitnami/nginx", "bitnamilegacy/nginx"],
        tags: &["1.24*", "1.25*"],
        shown: "bitnami/nginx:1.24, 1.25",
        files: &[&[file(
            "/opt/bitnami/nginx/conf/nginx.conf",
            r"worker_processes auto;
error_log /opt/bitnami/nginx/logs/error.log;
pid /opt/bitnami/nginx/tmp/nginx.pid;
events {
    worker_connections 1024;
}
http {
    include mime.types;
    default_type application/octet-stream;
    access_log /opt/bitnami/nginx/logs/access.log combined;
    add_header X-Frame-Options SAMEORIGIN;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay off;
    gzip on;
    keepalive_timeout 65;
    client_max_body_size 80M;
    server_tokens off;
@NGINX_ENABLE_ABSOLUTE_REDIRECT=yes,true,1@    absolute_redirect on;
@NGINX_ENABLE_ABSOLUTE_REDIRECT=,no,false,0@    absolute_redirect off;
@NGINX_ENABLE_PORT_IN_REDIRECT=yes,true,1@    port_in_redirect on;
@NGINX_ENABLE_PORT_IN_REDIRECT=,no,false,0@    port_in_redirect off;
    include /opt/bitnami/nginx/conf/server_blocks/*.conf;
    server {
        listen ${NGINX_HTTP_PORT_NUMBER:-8080};
        include /opt/bitnami/nginx/conf/bitnami/*.conf;
    }
}
",
        )]],
        ..PLAIN
    }],
};
