//! The tree that both programs read: a shared-hosting server as one would find it, the same
//! bytes every time, with every path inside one temporary folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Virtual hosts, each in its own include file.
pub(crate) const HOSTS: usize = 2000;
/// The last file sends requests to a socket where no pool listens: who reads everything sees it.
pub(crate) const PLANTED: &str = "site1999.conf";
/// Hosts share pools, as customers of one plan do.
const POOLS: usize = 40;

/// The folder; removed on drop.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Writes everything.
    pub(crate) fn write() -> Result<Self> {
        let root = std::env::temp_dir().join(format!("badgateway-bench-{}", std::process::id()));
        let tree = Self { root };
        for folder in ["sites", "snippets", "pools", "log", "www", "run", "tmp"] {
            let path = tree.root.join(folder);
            fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        let here = tree.root.display().to_string();
        tree.put("nginx.conf", &NGINX.replace("@", &here))?;
        tree.put("snippets/php.conf", &PHP_SNIPPET.replace("@", &here))?;
        tree.put("snippets/params.conf", PARAMS)?;
        for number in 0..HOSTS {
            tree.put(&format!("sites/site{number:04}.conf"), &host(number, &here))?;
        }
        tree.put("php-fpm.conf", &FPM.replace("@", &here))?;
        for number in 0..POOLS {
            tree.put(&format!("pools/plan{number:02}.conf"), &pool(number, &here))?;
        }
        Ok(tree)
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// nginx's main file.
    pub(crate) fn nginx_conf(&self) -> PathBuf {
        self.root.join("nginx.conf")
    }

    /// PHP-FPM's main file.
    pub(crate) fn fpm_conf(&self) -> PathBuf {
        self.root.join("php-fpm.conf")
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.root.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.root);
    }
}

/// One customer: a site with static files, a front controller and PHP; every fourth has an
/// admin area with its own time limits, every tenth redirects from an old name.
fn host(number: usize, here: &str) -> String {
    let name = format!("site{number:04}.example");
    let pool = if number + 1 == HOSTS {
        "-gone".to_owned()
    } else {
        format!("{:02}", number % POOLS)
    };
    let mut text = String::new();
    if number.is_multiple_of(10) {
        let _infallible = write!(
            text,
            "server {{\n    listen 127.0.0.1:8080;\n    server_name old-{name};\n    \
             return 301 http://{name}$request_uri;\n}}\n\n"
        );
    }
    let filled = HOST
        .replace("{name}", &name)
        .replace("{read}", &format!("{}s", 30 + number % 7 * 15))
        .replace("{admin}", if number.is_multiple_of(4) { ADMIN } else { "" })
        .replace("{pool}", &pool)
        .replace('@', here);
    text + &filled
}

fn pool(number: usize, here: &str) -> String {
    POOL.replace("{pool}", &format!("{number:02}"))
        .replace("{children}", &(5 + number % 4 * 5).to_string())
        .replace("{terminate}", &format!("{}s", number % 5 * 30))
        .replace('@', here)
}

const NGINX: &str = "\
worker_processes auto;
pid @/run/nginx.pid;
error_log @/log/error.log warn;
worker_rlimit_nofile 65536;

events {
    worker_connections 4096;
}

http {
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65;
    types_hash_max_size 2048;
    server_tokens off;
    server_names_hash_max_size 8192;
    server_names_hash_bucket_size 128;

    types {
        text/html html htm;
        text/css css;
        text/javascript js;
        image/png png;
        image/jpeg jpg jpeg;
        font/woff2 woff2;
    }
    default_type application/octet-stream;

    log_format timed '$remote_addr [$time_local] \"$request\" $status $request_time '
                     '$upstream_response_time $upstream_status';

    client_body_temp_path @/tmp/body;
    proxy_temp_path @/tmp/proxy;
    fastcgi_temp_path @/tmp/fastcgi;
    uwsgi_temp_path @/tmp/uwsgi;
    scgi_temp_path @/tmp/scgi;

    fastcgi_buffers 16 16k;
    fastcgi_buffer_size 32k;
    fastcgi_connect_timeout 5s;

    include @/sites/*.conf;
}
";

const PHP_SNIPPET: &str = "\
# regex to split $uri to $fastcgi_script_name and $fastcgi_path
fastcgi_split_path_info ^(.+?\\.php)(/.*)$;

# Check that the PHP script exists before passing it
try_files $fastcgi_script_name =404;

# Bypass the fact that try_files resets $fastcgi_path_info
set $path_info $fastcgi_path_info;
fastcgi_param PATH_INFO $path_info;

fastcgi_index index.php;
include @/snippets/params.conf;
";

const PARAMS: &str = "
fastcgi_param  SCRIPT_FILENAME    $document_root$fastcgi_script_name;
fastcgi_param  QUERY_STRING       $query_string;
fastcgi_param  REQUEST_METHOD     $request_method;
fastcgi_param  CONTENT_TYPE       $content_type;
fastcgi_param  CONTENT_LENGTH     $content_length;

fastcgi_param  SCRIPT_NAME        $fastcgi_script_name;
fastcgi_param  REQUEST_URI        $request_uri;
fastcgi_param  DOCUMENT_URI       $document_uri;
fastcgi_param  DOCUMENT_ROOT      $document_root;
fastcgi_param  SERVER_PROTOCOL    $server_protocol;
fastcgi_param  REQUEST_SCHEME     $scheme;
fastcgi_param  HTTPS              $https if_not_empty;

fastcgi_param  GATEWAY_INTERFACE  CGI/1.1;
fastcgi_param  SERVER_SOFTWARE    nginx/$nginx_version;

fastcgi_param  REMOTE_ADDR        $remote_addr;
fastcgi_param  REMOTE_PORT        $remote_port;
fastcgi_param  SERVER_ADDR        $server_addr;
fastcgi_param  SERVER_PORT        $server_port;
fastcgi_param  SERVER_NAME        $server_name;

# PHP only, required if PHP was built with --enable-force-cgi-redirect
fastcgi_param  REDIRECT_STATUS    200;
";

const HOST: &str = "\
server {
    listen 127.0.0.1:8080;
    server_name {name} www.{name};
    root @/www/{name};
    index index.php index.html;

    access_log @/log/{name}.access.log timed;
    error_log @/log/{name}.error.log;

    client_max_body_size 64m;

    location / {
        try_files $uri $uri/ /index.php?$args;
    }

    # Uploads may be large; scripts have no business there.
    location ~* ^/(?:uploads|files)/.*\\.php$ {
        deny all;
    }

    location ~ \\.php$ {
        include @/snippets/php.conf;
        fastcgi_pass unix:@/run/plan{pool}.sock;
        fastcgi_read_timeout {read};
        fastcgi_send_timeout 60s;
    }
{admin}
    location ~* \\.(?:css|js|png|jpe?g|woff2)$ {
        expires 30d;
        add_header Cache-Control \"public\";
        access_log off;
    }

    location ~ /\\.(?!well-known) {
        deny all;
    }
}
";

const ADMIN: &str = "
    location ^~ /admin/ {
        client_max_body_size 256m;
        location ~ \\.php$ {
            include @/snippets/php.conf;
            fastcgi_pass unix:@/run/plan{pool}.sock;
            fastcgi_read_timeout 300s;
            fastcgi_param PHP_VALUE \"max_execution_time=240\";
        }
    }
";

const FPM: &str = "\
[global]
pid = @/run/php-fpm.pid
error_log = @/log/php-fpm.log
process_control_timeout = 10s

include=@/pools/*.conf
";

const POOL: &str = "\
[plan{pool}]
user = www-data
group = www-data
listen = @/run/plan{pool}.sock
listen.owner = www-data
listen.group = www-data
listen.backlog = 511

pm = dynamic
pm.max_children = {children}
pm.start_servers = 2
pm.min_spare_servers = 1
pm.max_spare_servers = 3
pm.max_requests = 500

request_terminate_timeout = {terminate}
request_slowlog_timeout = 5s
slowlog = @/log/plan{pool}.slow.log

php_admin_value[memory_limit] = 256M
php_admin_value[max_execution_time] = 60
php_admin_flag[log_errors] = on
";
