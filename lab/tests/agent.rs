//! `badgateway agent` on the real nginx, php-fpm and Prometheus.

use std::fs;
use std::thread;
use std::time::Duration;

use lab::agent::{Agent, shown};
use lab::live::{Stack, Texts};
use lab::scratch::Scratch;

const PATIENCE: Duration = Duration::from_secs(20);

/// nginx in front of one pool that ends requests after two seconds.
fn stack() -> Stack {
    let location = "location / { fastcgi_pass unix:@DIR@/fpm.sock; \
                    fastcgi_read_timeout 20s; fastcgi_param SCRIPT_FILENAME @DIR@/www$uri; \
                    fastcgi_param REQUEST_METHOD GET; fastcgi_param SCRIPT_NAME $uri; \
                    fastcgi_param REQUEST_URI $request_uri; \
                    fastcgi_param QUERY_STRING $query_string; }";
    let gone = "location /gone { fastcgi_pass unix:@DIR@/gone.sock; }";
    Stack::start(&Texts {
        http: format!(
            "log_format all '$remote_addr - - [$time_local] \"$request\" $status $body_bytes_sent \"-\" \
             \"-\" $connection $request_time $upstream_status $upstream_response_time';\n\
             server {{ listen 127.0.0.1:@PORT@; server_name shop.example; \
             access_log @DIR@/access.log all; {location} {gone} }}"
        ),
        fpm: "[global]\n[www]\nuser = www-data\ngroup = www-data\nlisten = @DIR@/fpm.sock\n\
              listen.owner = www-data\nlisten.group = www-data\npm = static\npm.max_children = 4\n\
              pm.status_path = /status\npm.status_listen = @DIR@/status.sock\n\
              request_terminate_timeout = 2s\n"
            .to_owned(),
        ..Texts::default()
    })
}

/// The arguments for a stack.
fn args(stack: &Stack, state: &Scratch, more: &[&str]) -> Vec<String> {
    let dir = shown(stack.dir());
    let mut args = vec![
        format!("{dir}/nginx.conf"),
        format!("{dir}/php-fpm.conf"),
        "--state".to_owned(),
        shown(&state.path().join("agent.json")),
        "--settle".to_owned(),
        "2s".to_owned(),
    ];
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    args
}

fn start(stack: &Stack, state: &Scratch, more: &[&str]) -> Agent {
    let args = args(stack, state, more);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    Agent::start(&args)
}

fn incidents(agent: &Agent, cause: &str) -> f64 {
    let label = format!("cause=\"{cause}\"");
    let value = agent.value(&["badgateway_incidents_total{", &label]);
    value.unwrap_or(0.0)
}

/// Requests that fail are counted by cause, once each, whenever the agent is killed.
#[test]
fn causes_are_counted_once_whenever_it_is_killed() {
    let stack = stack();
    let state = Scratch::new("agent-state");
    let mut agent = Some(start(&stack, &state, &[]));
    let mut expected = 0;
    for round in 0..6_u64 {
        thread::scope(|scope| {
            for number in 0..3 {
                let stack = &stack;
                scope.spawn(move || stack.get(&format!("/sleep.php?9&{round}-{number}")));
            }
            for number in 0..5 {
                let response = stack.get(&format!("/gone?{round}-{number}"));
                assert_eq!(response.status, 502);
            }
            // Somewhere between the lines and their being counted and saved.
            thread::sleep(Duration::from_millis(700 * round));
            agent.take().expect("it runs").kill();
            agent = Some(start(&stack, &state, &[]));
        });
        expected += 1;
    }
    let agent = agent.expect("it runs");
    let (missing, ended) = (f64::from(expected * 5), f64::from(expected * 3));
    agent.until("all causes are counted", PATIENCE, |agent| {
        incidents(agent, "fpm-socket-missing") >= missing
            && incidents(agent, "worker-terminated-by-timeout") >= ended
    });
    thread::sleep(Duration::from_secs(4));
    assert_eq!(incidents(&agent, "fpm-socket-missing"), missing);
    assert_eq!(incidents(&agent, "worker-terminated-by-timeout"), ended);
    let total = agent.value(&["badgateway_incidents_total{"]);
    assert_eq!(total, Some(missing + ended), "{}", agent.get("/metrics").1);
    assert_eq!(
        agent.value(&["badgateway_terminate_timeouts_total{pool=\"www\""]),
        Some(ended)
    );
    let bad = agent.value(&["badgateway_http_responses_total{", "code=\"502\""]);
    assert_eq!(bad, Some(missing + ended));
    // What is shown of them has evidence, and the route of the configuration.
    let (_, list) = agent.get("/incidents?cause=worker-terminated-by-timeout&limit=1");
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let one = &list["incidents"][0];
    assert!(
        one["route"]
            .as_str()
            .is_some_and(|route| route.starts_with("shop.example")),
        "{one}"
    );
    assert_eq!(one["pool"], "www");
    assert!(
        one["evidence"]
            .as_array()
            .is_some_and(|lines| lines.len() >= 2),
        "{one}"
    );
    assert_eq!(agent.stop(), Some(0));
}
