//! Pushing: what `badgateway agent` sends is read with OpenTelemetry's own definitions, and reaches
//! a collector that is away, restarted, or full.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use lab::agent::{Agent, shown};
use lab::collector::{Collector, attributes, points, records};
use lab::live::{Stack, Texts};
use lab::nginx::free_port;
use lab::scratch::Scratch;
use serde_json::{Value, json};

/// Between two tries half a minute may pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// nginx in front of a socket that is not there, and of a pool that is.
fn stack() -> Stack {
    let pass = |socket: &str| {
        format!(
            "fastcgi_pass unix:@DIR@/{socket}.sock; \
             fastcgi_param SCRIPT_FILENAME @DIR@/www$uri; fastcgi_param REQUEST_METHOD GET; \
             fastcgi_param SCRIPT_NAME $uri; fastcgi_param REQUEST_URI $request_uri; \
             fastcgi_param QUERY_STRING $query_string;"
        )
    };
    Stack::start(&Texts {
        http: format!(
            "server {{ listen 127.0.0.1:@PORT@; server_name shop.example; location / {{ {} }} \
             location /gone {{ {} }} }}",
            pass("fpm"),
            pass("gone")
        ),
        fpm: "[global]\n[www]\nuser = www-data\ngroup = www-data\nlisten = @DIR@/fpm.sock\n\
              listen.owner = www-data\nlisten.group = www-data\npm = static\npm.max_children = 2\n\
              pm.status_path = /status\npm.status_listen = @DIR@/status.sock\n"
            .to_owned(),
        ..Texts::default()
    })
}

struct Scene {
    stack: Stack,
    state: Scratch,
}

impl Scene {
    fn new() -> Scene {
        Scene {
            stack: stack(),
            state: Scratch::new("otlp"),
        }
    }

    fn agent(&self, url: &str, more: &[&str]) -> Agent {
        let dir = shown(self.stack.dir());
        let (nginx, fpm) = (format!("{dir}/nginx.conf"), format!("{dir}/php-fpm.conf"));
        let state = shown(&self.state.path().join("agent.json"));
        let mut args = vec![nginx.as_str(), &fpm, "--state", &state, "--settle", "500ms"];
        args.extend(["--otlp-endpoint", url, "--otlp-interval", "1s"]);
        args.extend(more);
        Agent::start(&args)
    }

    /// Requests that fail, named by these numbers.
    fn fail(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            assert_eq!(self.stack.get(&format!("/gone?{number}")).status, 502);
        }
    }
}

fn until(what: &str, is: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is() {
        assert!(begin.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The requests that records speak of, as numbers, in their order.
fn told(records: &[Value]) -> Vec<u32> {
    let number = |record: &Value| {
        let request = record["attributes"]["badgateway.request"].as_str()?;
        request.rsplit_once('?')?.1.parse().ok()
    };
    records.iter().filter_map(number).collect()
}

fn ids(records: &[Value]) -> BTreeSet<String> {
    let id = |record: &Value| record["attributes"]["log.record.uid"].to_string();
    records.iter().map(id).collect()
}

fn pushed(agent: &Agent, what: &str) -> f64 {
    agent
        .value(&[&format!("badgateway_otlp_{what}")])
        .expect("it is pushed")
}

#[test]
fn incidents_and_metrics_are_what_opentelemetry_defines() {
    let scene = Scene::new();
    let collector = Collector::start(0);
    let headers = scene.state.write(
        "headers",
        "# for the collector\nAuthorization: Bearer 4f9a1c77e2b0\nX-Scope-OrgID: shop\n",
    );
    let agent = scene.agent(
        &collector.url(),
        &[
            "--otlp-headers-file",
            &shown(&headers),
            "--otlp-resource",
            "deployment.environment.name=test",
        ],
    );
    scene.fail(0..3);
    until("three records", || collector.records().len() == 3);
    let all = collector.records();
    assert_eq!(told(&all), [0, 1, 2]);
    assert_eq!(ids(&all).len(), 3);
    for (at, record) in all.iter().enumerate() {
        let known = &record["attributes"];
        for (key, value) in [
            ("badgateway.cause", "fpm-socket-missing"),
            ("badgateway.confidence", "certain"),
            ("badgateway.harm", "client-error"),
            ("http.response.status_code", "502"),
            ("badgateway.incident.count", "1"),
        ] {
            assert_eq!(known[key], *value, "{record:#}");
        }
        assert_eq!(known["badgateway.incident.number"], (at + 1).to_string());
        let route = known["badgateway.route"].as_str().unwrap_or_default();
        assert!(route.contains("shop.example"), "{record:#}");
        let evidence = known["badgateway.evidence"]["values"][0]["stringValue"].to_string();
        assert!(
            evidence.contains("error.log:") && evidence.contains("gone.sock"),
            "{record:#}"
        );
        assert_eq!(record["severityNumber"], "SEVERITY_NUMBER_ERROR");
        assert_eq!(record["severityText"], "ERROR");
        let title = record["body"]["stringValue"].as_str().unwrap_or_default();
        assert!(title.contains("socket"), "{record:#}");
        let time: u64 = record["timeUnixNano"]
            .as_str()
            .unwrap_or("0")
            .parse()
            .unwrap();
        let now = u64::try_from(agent::watch::now()).unwrap() * 1_000_000;
        assert!(now - time < 60_000_000_000, "{record:#}");
    }
    metrics_are_the_same(&agent, &collector);
    for heard in collector.heard() {
        assert_eq!(heard.headers["authorization"], "Bearer 4f9a1c77e2b0");
        assert_eq!(heard.headers["x-scope-orgid"], "shop");
        let resource = &heard.message["resourceLogs"][0]["resource"];
        let resource = match resource {
            Value::Null => &heard.message["resourceMetrics"][0]["resource"],
            found => found,
        };
        let known = attributes(&resource["attributes"]);
        assert_eq!(known["service.name"], "badgateway", "{known}");
        assert_eq!(known["deployment.environment.name"], "test");
        assert!(known["host.name"].is_string(), "{known}");
    }
    assert_eq!(agent.stop(), Some(0));
}

/// What is pushed is what is scraped.
fn metrics_are_the_same(agent: &Agent, collector: &Collector) {
    let is_counted = |point: &(String, &str, Value, Value)| {
        point.0 == "badgateway_incidents" && point.3["asDouble"] == 3.0
    };
    let newest = || {
        let heard = collector.heard().into_iter().rev();
        let mut metrics = heard.filter(|heard| heard.path == "/v1/metrics");
        metrics.next().map(|heard| points(&heard.message))
    };
    until("metrics with three incidents", || {
        newest().is_some_and(|points| points.iter().any(is_counted))
    });
    let points = newest().expect("they have come");
    let counted = points.iter().find(|point| is_counted(point)).expect("seen");
    assert_eq!(counted.1, "sum");
    let begin = counted.3["startTimeUnixNano"].as_str().unwrap_or_default();
    assert!(begin.len() == 19 && begin < counted.3["timeUnixNano"].as_str().unwrap_or("0"));
    let never = points
        .iter()
        .filter(|point| point.3["asDouble"] == "Infinity");
    assert!(never.count() > 0, "request_terminate_timeout never fires");
    let text = agent.get("/metrics").1;
    let mut scraped = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        scraped.insert(name.trim_end_matches("_total").to_owned());
    }
    let names: BTreeSet<String> = points.iter().map(|point| point.0.clone()).collect();
    assert_eq!(names, scraped);
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(points.len(), series);
}

/// Whatever ends while the collector is away, every incident reaches it, in order.
#[test]
fn a_collector_that_is_away_gets_everything_when_it_is_back() {
    let scene = Scene::new();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let agent = scene.agent(&url, &[]);
    scene.fail(0..30);
    agent.until("they wait", PATIENCE, |agent| {
        agent.value(&["badgateway_incidents_total"]) == Some(30.0)
            && pushed(agent, "buffered_bytes") > 10_000.0
    });
    thread::sleep(Duration::from_millis(1500));
    assert!(agent.get("/readyz").1.contains("cannot be reached"));
    assert!(pushed(&agent, "failures_total") >= 1.0);
    agent.kill();
    let folder = scene.state.path().join("otlp");
    let waiting = fs::read_dir(&folder).expect("it is there");
    assert!(waiting.count() >= 3, "payloads, cursor and lock");
    // What a killed agent was writing.
    fs::write(
        folder.join("0000000000000099-99-1.json.new"),
        "{\"resourceL",
    )
    .expect("ours");
    let agent = scene.agent(&url, &[]);
    scene.fail(30..40);
    agent.until("all are counted", PATIENCE, |agent| {
        agent.value(&["badgateway_incidents_total"]) == Some(40.0)
    });
    let collector = Collector::start(port);
    until("all have come", || collector.records().len() >= 40);
    agent.until("nothing waits", PATIENCE, |agent| {
        pushed(agent, "buffered_bytes") == 0.0 && !agent.get("/readyz").1.contains("collector")
    });
    let all = collector.records();
    let numbers: Vec<u32> = told(&all);
    assert_eq!(numbers, (0..40).collect::<Vec<_>>());
    assert_eq!(ids(&all).len(), 40);
    // The collector goes, incidents come, the agent is told to stop: nothing is sent twice, and
    // nothing is lost.
    drop(collector);
    scene.fail(40..45);
    agent.until("they are counted", PATIENCE, |agent| {
        agent.value(&["badgateway_incidents_total"]) == Some(45.0)
    });
    assert_eq!(agent.stop(), Some(0));
    let collector = Collector::start(port);
    let agent = scene.agent(&url, &[]);
    until("the rest has come", || collector.records().len() >= 5);
    thread::sleep(Duration::from_millis(2500));
    assert_eq!(told(&collector.records()), (40..45).collect::<Vec<_>>());
    assert_eq!(pushed(&agent, "dropped_total"), 0.0);
    assert_eq!(pushed(&agent, "sent_total"), 5.0);
}

/// What is sent again, when, and what is given up.
#[test]
fn the_collector_has_its_say() {
    let scene = Scene::new();
    let collector = Collector::start(0);
    let agent = scene.agent(&collector.url(), &[]);
    let logs = |status: u64| {
        let heard = collector.heard().into_iter();
        let of = heard.filter(|one| one.path == "/v1/logs" && one.status == status);
        of.collect::<Vec<_>>()
    };
    // It is busy, and says for how long.
    let quiet = Duration::from_secs(4);
    collector.answer("/v1/logs", 503, &json!({"Retry-After": "4"}), &json!({}));
    scene.fail(0..1);
    until("it is refused once", || logs(503).len() == 1);
    let begin = Instant::now();
    collector.answer("/v1/logs", 200, &json!({}), &json!({}));
    until("it is sent again", || logs(200).len() == 1);
    let took = begin.elapsed();
    assert!(took > quiet - Duration::from_secs(1), "{took:?}");
    assert_eq!((logs(503).len(), told(&collector.records())), (1, vec![0]));
    // It wants none of it: that is said, counted, and not tried again.
    let refusal = json!({"code": 3, "message": "no such tenant \u{1b}[31m token=ghp_0123456789abcdefghijABCDEFGHIJ012345"});
    collector.answer("/v1/logs", 400, &json!({}), &refusal);
    scene.fail(1..2);
    until("it is refused", || logs(400).len() == 1);
    agent.until("that is said", PATIENCE, |agent| {
        agent.get("/readyz").1.contains("400: no such tenant")
    });
    assert!(!agent.get("/readyz").1.contains("ghp_"));
    thread::sleep(Duration::from_secs(3));
    assert_eq!(logs(400).len(), 1);
    assert_eq!(pushed(&agent, "dropped_total"), 1.0);
    // It takes a part.
    let part = json!({"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "too old"}});
    collector.answer("/v1/logs", 200, &json!({}), &part);
    scene.fail(2..3);
    agent.until("it takes a part", PATIENCE, |agent| {
        agent.get("/readyz").1.contains("too old")
    });
    assert_eq!(pushed(&agent, "dropped_total"), 2.0);
    collector.answer("/v1/logs", 200, &json!({}), &json!({}));
    scene.fail(3..4);
    until("the next is taken", || {
        told(&collector.records()).contains(&3)
    });
    agent.until("all is well", PATIENCE, |agent| {
        pushed(agent, "sent_total") == 2.0 && !agent.get("/readyz").1.contains("collector")
    });
    // Others are not held up by what it thinks of metrics.
    collector.answer("/v1/metrics", 404, &json!({}), &json!({}));
    scene.fail(4..5);
    until("incidents come through", || {
        told(&collector.records()).contains(&4)
    });
    let words = agent.words().join("\n");
    assert!(
        words.contains("well again") && !words.contains('\u{1b}'),
        "{words}"
    );
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("it is there").flatten();
    let names = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "json"));
    names
        .filter_map(|entry| Some(entry.metadata().ok()?.len()))
        .sum()
}

/// The room is bounded; the newest is kept. A disk that takes nothing stops nothing.
#[test]
fn what_waits_is_bounded() {
    let scene = Scene::new();
    let port = free_port();
    let folder = scene.state.path().join("buffer");
    let more = [
        "--otlp-buffer",
        &shown(&folder),
        "--otlp-buffer-size",
        "64k",
    ];
    let agent = scene.agent(&format!("http://127.0.0.1:{port}"), &more);
    for part in 0..4 {
        scene.fail(part * 50..(part + 1) * 50);
        agent.until("they are counted", PATIENCE, |agent| {
            agent.value(&["badgateway_incidents_total"]) == Some(f64::from((part + 1) * 50))
        });
        assert!(size(&folder) <= 64 << 10, "{}", size(&folder));
    }
    agent.until("old ones are given up", PATIENCE, |agent| {
        pushed(agent, "dropped_total") > 50.0
    });
    // The disk takes nothing any more.
    fs::remove_dir_all(&folder).expect("ours");
    fs::write(&folder, "a file where the folder was").expect("ours");
    scene.fail(200..210);
    agent.until("that is said", PATIENCE, |agent| {
        agent.value(&["badgateway_incidents_total"]) == Some(210.0)
            && agent.get("/readyz").1.contains("not on the disk")
    });
    let collector = Collector::start(port);
    until("the newest have come", || {
        told(&collector.records()).contains(&209)
    });
    let came = told(&collector.records());
    assert_eq!(came, (200..210).collect::<Vec<_>>());
    agent.until("all is counted", PATIENCE, |agent| {
        pushed(agent, "sent_total") + pushed(agent, "dropped_total") == 210.0
            && pushed(agent, "buffered_bytes") == 0.0
    });
    let heard = collector.heard();
    let first = heard.iter().find(|heard| heard.path == "/v1/logs");
    assert!(first.is_some_and(|heard| records(&heard.message).len() <= 25));
}

#[test]
fn what_would_be_read_on_the_way_is_not_sent() {
    let scene = Scene::new();
    let headers = scene.state.write("headers", "Authorization Bearer\n");
    let ours = scene.state.write("ours", "Host: other.example\n");
    let conf = shown(&scene.stack.dir().join("nginx.conf"));
    for (args, words) in [
        (
            vec!["--otlp-endpoint", "http://10.0.0.1:4318"],
            "https is required",
        ),
        (
            vec![
                "--otlp-endpoint",
                "http://10.0.0.1:4318",
                "--otlp-without-tls",
                "--otlp-headers-file",
                "/etc/hostname",
            ],
            "cannot be used with",
        ),
        (
            vec!["--otlp-endpoint", "https://u:p@h/"],
            "https://HOST[:PORT][/PATH]",
        ),
        (
            vec![
                "--otlp-endpoint",
                "http://127.0.0.1:1",
                "--otlp-headers-file",
                &shown(&headers),
            ],
            "headers:1: no `Name: value`",
        ),
        (
            vec![
                "--otlp-endpoint",
                "http://127.0.0.1:1",
                "--otlp-headers-file",
                &shown(&ours),
            ],
            "`host` is not to be set",
        ),
    ] {
        let mut all = vec!["agent", &conf, "--no-state", "--no-listen"];
        all.extend(args);
        let output = lab::program::run(&all);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && !said.contains("Bearer"), "{said}");
    }
}
