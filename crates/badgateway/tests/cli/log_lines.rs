//! A few lines of real logs, and running `diagnose` on them.

use std::io::Write;

use serde_json::Value;

use crate::run::{Answer, Folder, run};

/// nginx's error log around an answer whose header was too big: written by nginx 1.22.
pub(crate) const ERROR_LOG: &str = "\
2026/11/22 11:31:35 [notice] 14620#14620: using the \"epoll\" event method
2026/11/22 11:31:35 [notice] 14620#14620: nginx/1.22.1
2026/11/22 11:31:35 [notice] 14620#14620: start worker process 14621
2026/11/22 11:31:37 [error] 14621#14621: *1 upstream sent too big header while reading \
 response header from upstream, client: 127.0.0.1, server: api.example.com, request: \"GET \
/big.php?n=4 HTTP/1.1\", upstream: \"fastcgi://unix:/run/php8.2-fpm.sock:\", host: \
\"api.example.com\"
";

/// The access log of the same request, `combined`.
pub(crate) const ACCESS_LOG: &str = "127.0.0.1 - - [22/Nov/2026:11:31:37 +0000] \"GET \
    /big.php?n=4 HTTP/1.1\" 502 150 \"-\" \"-\"\n";

/// PHP-FPM's access log of it: FPM saw nothing wrong.
pub(crate) const FPM_ACCESS_LOG: &str = "- -  22/Nov/2026:11:31:37 +0000 \"GET /big.php?n=4\" \
    200 /srv/www/big.php 0.583 2048 0.00% pid=14619\n";

/// PHP-FPM's log of a quiet start.
pub(crate) const FPM_LOG: &str = "\
[22-Nov-2026 11:31:35] NOTICE: fpm is running, pid 14615
[22-Nov-2026 11:31:35] NOTICE: ready to handle connections
[22-Nov-2026 11:31:35] NOTICE: systemd monitor interval set to 10000ms
";

/// A socket that is not there.
pub(crate) const SOCKET_MISSING: &str = "\
2026/11/22 11:32:06 [crit] 15799#15799: *1 connect() to unix:/run/php8.2-fpm.sock failed (2: No \
such file or directory) while connecting to upstream, client: 127.0.0.1, server: api.example.com, \
request: \"GET /ok.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/php8.2-fpm.sock:\", host: \
\"api.example.com\"
";

/// A worker that ended before it answered: many causes fit.
pub(crate) const RESET: &str = "\
2026/11/22 11:40:00 [error] 15173#15173: *7 recv() failed (104: Connection reset by peer) while \
reading response header from upstream, client: 127.0.0.1, server: api.example.com, request: \"GET \
/x.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/php8.2-fpm.sock:\", host: \"api.example.com\"
";

/// An nginx.conf around the route, with a format of its own.
pub(crate) const NGINX_CONF: &str = "\
user www-data;
error_log /var/log/nginx/error.log info;
events {}
http {
    log_format traced escape=json
    '{\"time\":\"$time_iso8601\",\"client\":\"$remote_addr\",'
    '\"status\":\"$status\",\"upstream_status\":\"$upstream_status\",'
    '\"upstream_response_time\":\"$upstream_response_time\",'
    '\"request\":\"$request\",\"bytes\":\"$body_bytes_sent\"}';
    access_log /var/log/nginx/access.json.log traced;
    server {
        listen 80;
        server_name api.example.com;
        root /srv/www;
        location ~ \\.php$ {
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_pass unix:/run/php8.2-fpm.sock;
            fastcgi_buffer_size 4k;
        }
    }
}
";

/// A line of its format.
pub(crate) const TRACED: &str = "{\"time\":\"2026-11-22T11:31:37+00:00\",\
    \"client\":\"127.0.0.1\",\"status\":\"502\",\"upstream_status\":\"502\",\
    \"upstream_response_time\":\"0.002\",\"request\":\"GET /big.php?n=4 HTTP/1.1\",\
    \"bytes\":\"150\"}\n";

/// The pool behind the socket.
pub(crate) const FPM_CONF: &str = "[www]\nuser = www-data\nlisten = /run/php8.2-fpm.sock\n\
    listen.owner = www-data\nlisten.group = www-data\npm = static\npm.max_children = 4\n";

/// An error line at a moment, such as `11:31:37`, of a connection.
pub(crate) fn too_big(time: &str, connection: u32) -> String {
    let line = ERROR_LOG.lines().last().expect("it has lines");
    let line = line.replace("11:31:37", time);
    format!("{}\n", line.replace("*1 ", &format!("*{connection} ")))
}

/// Runs `diagnose`, with UTC where lines name no zone.
pub(crate) fn diagnose(args: &[&str]) -> Answer {
    run(&[&["diagnose", "--timezone", "UTC", "--color", "never"], args].concat())
}

/// The same as JSON, which must fit its schema, with its exit code.
pub(crate) fn diagnosed(args: &[&str]) -> (Value, i32) {
    let answer = diagnose(&[args, &["--format", "json"]].concat());
    (valid(&answer), answer.code)
}

/// What was printed as JSON, checked against the schema.
pub(crate) fn valid(answer: &Answer) -> Value {
    let text = &answer.out;
    let value: Value = serde_json::from_str(text)
        .unwrap_or_else(|error| panic!("{error} in\n{text}\n{}", answer.err));
    let schema = include_str!("../../../report/schema/diagnosis.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let errors: Vec<_> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
    value
}

/// Causes and counts of the groups.
pub(crate) fn causes(value: &Value) -> Vec<(String, u64)> {
    let groups = value["groups"].as_array().expect("groups");
    let mut found: Vec<_> = groups
        .iter()
        .map(|group| {
            let cause = group["cause"].as_str().expect("a cause").to_owned();
            (cause, group["count"].as_u64().expect("a count"))
        })
        .collect();
    found.sort();
    found
}

/// Asserts the causes of `diagnose` on some inputs.
pub(crate) fn assert_causes(args: &[&str], wanted: &[(&str, u64)]) -> Value {
    let (value, _) = diagnosed(args);
    let wanted: Vec<_> = wanted.iter().map(|(c, n)| ((*c).to_owned(), *n)).collect();
    assert_eq!(causes(&value), wanted, "{args:?}: {value:#}");
    value
}

/// Messages of the problems.
pub(crate) fn problems(value: &Value) -> Vec<String> {
    let problems = value["problems"].as_array().expect("problems");
    let texts = problems
        .iter()
        .map(|one| one["message"].as_str().expect("text").to_owned());
    texts.collect()
}

/// The source whose name ends so.
pub(crate) fn source<'v>(value: &'v Value, end: &str) -> &'v Value {
    let mut sources = value["sources"].as_array().expect("sources").iter();
    let found = sources.find(|source| source["file"].as_str().is_some_and(|f| f.ends_with(end)));
    found.unwrap_or_else(|| panic!("no source {end}: {value:#}"))
}

/// A folder with the logs of one failed request.
pub(crate) fn evidence() -> Folder {
    let folder = Folder::new();
    folder.write("error.log", ERROR_LOG);
    folder.write("access.log", ACCESS_LOG);
    folder.write("fpm-access.log", FPM_ACCESS_LOG);
    folder.write("fpm.log", FPM_LOG);
    folder
}

/// Compressed as files with this ending are.
pub(crate) fn packed(text: impl AsRef<[u8]>, how: &str) -> Vec<u8> {
    let bytes = text.as_ref();
    match how {
        "gz" => {
            let level = flate2::Compression::default();
            let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
            out.write_all(bytes).expect("it is memory");
            out.finish().expect("it is memory")
        }
        "zst" => zstd::encode_all(bytes, 3).expect("it is memory"),
        "xz" => {
            let mut out = liblzma::write::XzEncoder::new(Vec::new(), 6);
            out.write_all(bytes).expect("it is memory");
            out.finish().expect("it is memory")
        }
        _ => {
            let level = bzip2::Compression::default();
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), level);
            out.write_all(bytes).expect("it is memory");
            out.finish().expect("it is memory")
        }
    }
}
