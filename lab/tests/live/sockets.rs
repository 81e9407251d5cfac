//! What the rules about sockets claim, made to happen.

use crate::stack::{found, fpm, location, server, texts};
use lab::live::{Stack, test_fpm};
use lab::nginx::free_port;

/// Starts a stack, expects the finding, and expects status and log line of one request.
fn shows(rule: &str, http: &str, pools: &str, path: &str, status: u16, log: &str) {
    let stack = Stack::start(&texts(http, pools, ""));
    let rules = found(stack.dir());
    assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
    let answer = stack.get(path);
    let said = stack.nginx.error_log();
    assert_eq!(answer.status, status, "{rule}: {said}");
    assert!(said.contains(log), "{rule}: no `{log}` in\n{said}");
}

const CHILD: &str = "pm.max_children = 1\n";

/// A location that passes elsewhere.
fn passes_to(target: &str) -> String {
    server(&location("").replace("unix:@DIR@/www.sock", target))
}

#[test]
fn a_sound_stack_answers_and_has_no_warning() {
    let settings = "pm.max_children = 5\nrequest_terminate_timeout = 40s\n\
                    request_slowlog_timeout = 5s\nslowlog = @DIR@/slow.log\n";
    let pools = format!("[global]\nprocess_control_timeout = 60s\n{}", fpm(settings));
    let ini = "display_errors = 0\nlog_errors = 1\n";
    let stack = Stack::start(&texts(&server(&location("")), &pools, ini));
    let model = stack.model();
    let all = rules::check(&rules::Context::new(&model, true));
    let loud: Vec<_> = all
        .iter()
        .filter(|finding| finding.severity > base::Severity::Info)
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(loud, Vec::<&str>::new());
    let answer = stack.get("/ok.php");
    assert_eq!((answer.status, answer.body.ends_with(b"ok")), (200, true));
}

#[test]
fn no_pool_at_a_unix_socket() {
    let http = passes_to("unix:@DIR@/php7.4-fpm.sock");
    let log = "failed (2: No such file or directory) while connecting";
    shows(
        "socket-without-pool",
        &http,
        &fpm(CHILD),
        "/ok.php",
        502,
        log,
    );
}

#[test]
fn no_pool_at_a_port() {
    // Port 1 needs no free_port: nobody but root may listen there, and nobody does.
    let http = passes_to("127.0.0.1:1");
    let log = "failed (111: Connection refused) while connecting";
    shows(
        "socket-without-pool",
        &http,
        &fpm(CHILD),
        "/ok.php",
        502,
        log,
    );
}

#[test]
fn nginx_may_not_use_the_socket() {
    let pools = fpm(CHILD)
        .replace("listen.owner = www-data\n", "")
        .replace("listen.group = www-data\n", "");
    let log = "failed (13: Permission denied) while connecting";
    shows(
        "socket-permission",
        &server(&location("")),
        &pools,
        "/ok.php",
        502,
        log,
    );
}

/// The kernel asks one class only: the owner may not write although its group may, and a member
/// of the group may not although all others may.
#[test]
fn modes_that_keep_nginx_out() {
    let log = "failed (13: Permission denied) while connecting";
    let ours = fpm(CHILD);
    let of_group = ours.replace("listen.owner = www-data\n", "listen.owner = root\n");
    for (pool, mode) in [(&ours, "0400"), (&ours, "0460"), (&of_group, "0602")] {
        let pools = format!("{pool}listen.mode = {mode}\n");
        let http = server(&location(""));
        shows("socket-permission", &http, &pools, "/ok.php", 502, log);
    }
}

#[test]
fn the_pool_does_not_accept_nginx() {
    let port = lab::nginx::free_port();
    let pools = fpm(CHILD).replace("@DIR@/www.sock", &format!("127.0.0.1:{port}"));
    let pools = format!("{pools}listen.allowed_clients = 10.0.0.7\n");
    let http = passes_to(&format!("127.0.0.1:{port}"));
    // Reset or end of file, by chance.
    shows(
        "allowed-clients-mismatch",
        &http,
        &pools,
        "/ok.php",
        502,
        "while reading response",
    );
}

#[test]
fn a_bare_port_is_open_to_every_address() {
    let port = lab::nginx::free_port();
    let pools = fpm(CHILD).replace("@DIR@/www.sock", &port.to_string());
    let http = passes_to(&format!("127.0.0.1:{port}"));
    let stack = Stack::start(&texts(&http, &pools, ""));
    assert!(found(stack.dir()).contains(&"tcp-exposed"));
    assert_eq!(stack.get("/ok.php").status, 200);
    // Another loopback address than the one nginx uses stands for any other.
    let elsewhere = std::net::TcpStream::connect(("127.0.0.2", port));
    assert!(elsewhere.is_ok(), "{elsewhere:?}");
}

#[test]
fn http_is_spoken_to_fpm() {
    let http = server("location / { proxy_pass http://unix:@DIR@/www.sock:/; }");
    shows(
        "protocol-mixup",
        &http,
        &fpm(CHILD),
        "/ok.php",
        502,
        "(104: Connection reset by peer)",
    );
}

#[test]
fn fastcgi_is_spoken_to_http() {
    let http = format!(
        "{}server {{ listen unix:@DIR@/web.sock; return 200 ok; }}\n",
        passes_to("unix:@DIR@/web.sock")
    );
    let log = "upstream sent unsupported FastCGI protocol version: 72";
    shows("protocol-mixup", &http, &fpm(CHILD), "/ok.php", 502, log);
}

#[test]
fn no_script_filename() {
    let http = server(
        "location ~ \\.php$ { fastcgi_param QUERY_STRING $query_string; \
         fastcgi_param REQUEST_METHOD $request_method; fastcgi_pass unix:@DIR@/www.sock; }",
    );
    shows(
        "script-filename-missing",
        &http,
        &fpm(CHILD),
        "/ok.php",
        404,
        "Primary script unknown",
    );
}

/// The status page needs it as well.
#[test]
fn no_script_filename_for_the_status_page() {
    let pools = format!("{}pm.status_path = /status\n", fpm(CHILD));
    let location = |more: &str| {
        server(&format!(
            "location = /status {{ fastcgi_param SCRIPT_NAME $fastcgi_script_name; \
             fastcgi_param REQUEST_METHOD $request_method; {more} \
             fastcgi_pass unix:@DIR@/www.sock; }}"
        ))
    };
    shows(
        "script-filename-missing",
        &location(""),
        &pools,
        "/status",
        404,
        "Primary script unknown",
    );
    let with = location("fastcgi_param SCRIPT_FILENAME /status;");
    let stack = Stack::start(&texts(&with, &pools, ""));
    assert_eq!(stack.get("/status").status, 200);
}

fn two_pools(first: &str, second: &str) -> String {
    let one = fpm("pm.max_children = 3\n").replace("@DIR@/www.sock", first);
    format!(
        "{one}php_admin_value[memory_limit] = 64M\n\n[other]\nuser = www-data\n\
         listen = {second}\nlisten.owner = www-data\npm = static\npm.max_children = 3\n\
         php_admin_value[memory_limit] = 96M\n"
    )
}

/// Two pools of one FPM with one `listen`: it refuses.
#[test]
fn equal_listen_texts_are_refused() {
    let pools = two_pools("@DIR@/www.sock", "@DIR@/www.sock");
    let scratch = texts(&server(&location("")), &pools, "").write("same-listen");
    assert!(found(scratch.path()).contains(&"duplicate-listen"));
    let (ok, said) = test_fpm(scratch.path(), "-t");
    assert!(
        !ok && said.contains("already used in another pool"),
        "{said}"
    );
}

/// Two spellings of one TCP address: it starts, and either answers.
#[test]
fn two_pools_share_a_socket() {
    let port = free_port();
    let (one, two) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:0{port}"));
    let http = server(&location("").replace("unix:@DIR@/www.sock", &one));
    let stack = Stack::start(&texts(&http, &two_pools(&one, &two), ""));
    assert!(found(stack.dir()).contains(&"duplicate-listen"));
    let answers: Vec<String> = (0..60)
        .map(|_| stack.get("/value.php?memory_limit").text())
        .collect();
    let by = |value: &str| answers.iter().filter(|a| a.ends_with(value)).count();
    assert!(by("64M") > 0 && by("96M") > 0, "{answers:?}");
}
