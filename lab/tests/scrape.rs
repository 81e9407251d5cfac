//! What `/metrics` says, read by those who did not write it: Prometheus' own `promtool`, and the
//! strict parsers of Python's `prometheus_client`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use agent::metrics::families::{ALL, Kind};
use agent::metrics::{Own, Sample, Shape, samples, write};
use agent::{
    ConfigView, Counts, Door, Failure, Link, LogView, OwnView, Place, PoolView, PushView, Queue,
    RouteView, Snapshot, Status, Watched,
};
use base::Millis;
use lab::agent::{Agent, shown};
use lab::pip::Packages;
use lab::scratch::Scratch;
use serde_json::Value;

/// Names that strangers would like to see in a label.
const HOSTILE: [&str; 9] = [
    "quote\" } 1\nbadgateway_pool_up{pool=\"forged\"} 1",
    "back\\slash\\",
    "two\nlines\\n",
    "</script><script>alert(1)</script>",
    "# EOF",
    "# HELP x y",
    "{}, ={\"}",
    "ünïcödé ✓ \u{202e}",
    " white space\u{a0}",
];

fn hostile() -> Snapshot {
    let mut counts = Counts::default();
    for (at, name) in HOSTILE.iter().enumerate() {
        let more = at as u64 + 1;
        for harm in ["client-error", "broken-page", "hidden"] {
            let labels = ["worker-oom-killed", "certain", harm, name, name];
            counts.incidents.add(&labels, 3, more);
        }
        counts.exits.add(&[name, "SIGKILL"], 0, more);
        for counter in [
            &mut counts.oom_kills,
            &mut counts.terminations,
            &mut counts.max_children,
            &mut counts.slow,
            &mut counts.bytes,
            &mut counts.rotations,
        ] {
            counter.add(&[name], 0, more);
        }
        counts.responses.add(&[name, "502"], 0, more);
        counts.lines.add(&[name, "event"], 0, more);
        counts
            .scrape_failures
            .add(&[name, "unix:/run/a\"b.sock"], 0, more);
    }
    let link = |name, limit| Link { name, limit };
    let route = |name: &&str| RouteView {
        route: (*name).to_owned(),
        pool: (*name).to_owned(),
        links: [
            link("max_execution_time", Ok(Some(Millis(30_500)))),
            link("request_terminate_timeout", Ok(None)),
            link("fastcgi_read_timeout", Err("not known".to_owned())),
        ],
    };
    let log = |name: &&str| LogView {
        name: (*name).to_owned(),
        lag: 7,
        read: Some(1_795_341_600_123),
        ..LogView::default()
    };
    Snapshot {
        taken: 1_795_341_600_456,
        began: 1_795_341_000_000,
        pools: HOSTILE.iter().map(|name| pool(name)).collect(),
        is_sampled: true,
        counts,
        config: ConfigView {
            loaded: 1_795_341_600_000,
            routes: HOSTILE.iter().map(route).collect(),
            findings: vec![("error", 1), ("warning", 0)],
            ..ConfigView::default()
        },
        logs: HOSTILE.iter().map(log).collect(),
        own: OwnView {
            saved: Some(1_795_341_600_000),
            round: 0.001_25,
            push: Some(PushView::default()),
            ..OwnView::default()
        },
        ..Snapshot::default()
    }
}

fn pool(name: &str) -> PoolView {
    let status = Status {
        pool: name.to_owned(),
        manager: "static".to_owned(),
        accepted: u64::from(u32::MAX) * 1000,
        active: 2,
        total: 4,
        ..Status::default()
    };
    PoolView {
        watched: Watched {
            name: name.to_owned(),
            listen: Some(Place::Unix("/run/a\"b.sock".into())),
            door: Door::Own(Place::Unix("/run/a\"b\\c.sock".into())),
            status_path: Some(b"/status\n\xff".to_vec()),
            max_children: Some(4),
        },
        sample: agent::Sample {
            status: Some(if name == "# EOF" {
                Err(Failure::Full)
            } else {
                Ok(status.clone())
            }),
            took: Duration::from_micros(1234),
            queue: Some(Queue {
                waiting: 17,
                limit: 511,
            }),
        },
        good: Some((status, 1_795_341_599_000)),
        past: [].into(),
    }
}

/// Reads a text strictly, and prints every sample: name, labels, value.
const READ: &str = "
import json, math, sys
if sys.argv[1] == 'openmetrics':
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
else:
    from prometheus_client.parser import text_string_to_metric_families as read
out = []
for family in read(sys.stdin.buffer.read().decode()):
    for sample in family.samples:
        out.append([family.type, sample.name, sample.labels, repr(float(sample.value)), family.unit])
print(json.dumps(out))
";

fn read(text: &str, shape: &str) -> Vec<Value> {
    let test = "import prometheus_client.openmetrics.parser";
    let packages = Packages::of("prometheus", &["prometheus_client"], test);
    let output = fed(packages.python().args(["-c", READ, shape]), text);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shape}: {said}\n{text}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn fed(command: &mut Command, text: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it is installed: `cargo xtask setup`");
    let mut input = child.stdin.take().expect("it is piped");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let _early = writer.join();
    output
}

/// Name and labels of a sample, as it must be read.
fn key(sample: &Sample, suffix: &str) -> (String, BTreeMap<String, String>) {
    let names = sample.family.labels.iter().map(|name| (*name).to_owned());
    let labels = names.zip(sample.labels.iter().cloned());
    (format!("{}{suffix}", sample.family.name), labels.collect())
}

#[test]
fn every_label_comes_through_and_forges_nothing() {
    let snapshot = hostile();
    let own = Own {
        memory: Some(12_345_678),
        files: Some(9),
        cpu: Some(1.25),
    };
    let all = samples(&snapshot, own);
    for family in ALL {
        let is_there = all.iter().any(|sample| sample.family == family);
        assert!(is_there, "{}: this test knows no value of it", family.name);
    }
    for (shape, word) in [
        (Shape::Prometheus, "text"),
        (Shape::OpenMetrics, "openmetrics"),
    ] {
        let found = read(&write(&all, shape), word);
        assert_eq!(found.len(), all.len());
        let mut expected = BTreeMap::new();
        for sample in &all {
            // The reader of the older format calls every counter so.
            let is_renamed = shape == Shape::Prometheus || !sample.family.is_foreign;
            let is_total = sample.family.kind == Kind::Counter && is_renamed;
            let suffix = if is_total { "_total" } else { "" };
            let known = expected.insert(key(sample, suffix), sample.value);
            assert_eq!(known, None, "twice: {sample:?}");
        }
        for one in &found {
            let labels = one[2].as_object().expect("an object").iter();
            let labels = labels
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
            let key = (
                one[1].as_str().unwrap_or_default().to_owned(),
                labels.collect(),
            );
            let value = expected.remove(&key).unwrap_or_else(|| panic!("{one}"));
            let read = one[3].as_str().unwrap_or_default();
            assert_eq!(read.parse::<f64>().ok(), Some(value), "{one}");
            if shape == Shape::OpenMetrics {
                let unit = ["seconds", "bytes"]
                    .into_iter()
                    .find(|unit| key.0.trim_end_matches("_total").ends_with(unit));
                assert_eq!(one[4].as_str(), Some(unit.unwrap_or("")), "{one}");
            }
        }
        assert!(expected.is_empty(), "{expected:?}");
    }
}

/// What `promtool check metrics` has to say.
fn lints(text: &str) -> Vec<String> {
    let output = fed(Command::new("promtool").args(["check", "metrics"]), text);
    let said = [&*output.stdout, &*output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!([0, 3].map(Some).contains(&output.status.code()), "{said}");
    said.lines().map(str::to_owned).collect()
}

/// Nothing, except that counters which are named as others name them have no `_total`.
#[test]
fn promtool_finds_nothing_but_old_names() {
    let text = write(&samples(&hostile(), Own::default()), Shape::Prometheus);
    let mut found = lints(&text);
    found.sort();
    let bare = ALL
        .iter()
        .filter(|family| family.kind == Kind::Counter && family.is_foreign);
    let mut known: Vec<String> = bare
        .map(|family| {
            format!(
                "{} counter metrics should have \"_total\" suffix",
                family.name
            )
        })
        .collect();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn the_order_is_always_the_same() {
    let mut turned = hostile();
    turned.pools.reverse();
    turned.logs.reverse();
    turned.config.routes.reverse();
    let text = |snapshot| write(&samples(snapshot, Own::default()), Shape::OpenMetrics);
    assert_eq!(text(&hostile()), text(&turned));
    let empty = samples(&Snapshot::default(), Own::default());
    read(&write(&empty, Shape::OpenMetrics), "openmetrics");
    assert_eq!(lints(&write(&empty, Shape::Prometheus)), [""; 0]);
}

/// A certificate for this machine, signed by itself.
fn certificate(dir: &Path, name: &str) {
    let words = format!(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -addext subjectAltName=IP:127.0.0.1 \
         -keyout {name}.key -out {name}.pem"
    );
    let made = Command::new("openssl")
        .args(words.split(' '))
        .current_dir(dir)
        .output()
        .expect("openssl is installed");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

const ASK: &str = "
import ssl, sys, urllib.request
trust = ssl.create_default_context(cafile=sys.argv[2])
ask = urllib.request.Request(sys.argv[1], headers={'Authorization': 'Bearer ' + sys.argv[3]})
try:
    print(urllib.request.urlopen(ask, context=trust, timeout=20).status)
except urllib.error.HTTPError as error:
    print(error.code)
except urllib.error.URLError as error:
    print(error.reason)
";

/// Asks over TLS, trusting this certificate only: a status, or words.
fn asked(url: &str, trusted: &Path, token: &str) -> String {
    let output = Command::new("python3")
        .args(["-c", ASK, url])
        .arg(trusted)
        .arg(token)
        .output()
        .expect("python3 runs");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}

/// TLS and a token; a renewed certificate is used without a restart, a broken one is not.
#[test]
fn a_certificate_is_renewed_while_it_runs() {
    const TOKEN: &str = "9d1f0c3a5b7e9d1f0c3a5b7e";
    let keys = Scratch::new("scrape-tls");
    certificate(keys.path(), "old");
    certificate(keys.path(), "new");
    let at = |name: &str| keys.path().join(name);
    let put = |from: &str| {
        for end in ["pem", "key"] {
            fs::copy(at(&format!("{from}.{end}")), at(&format!("now.{end}"))).expect("ours");
        }
    };
    put("old");
    let token = keys.write("token", format!("{TOKEN}\n"));
    let conf = keys.write(
        "nginx.conf",
        "events {}\nhttp { server { listen 127.0.0.1:1; } }\n",
    );
    let (child, url) = Agent::serving_tls(&[
        &shown(&conf),
        "--no-state",
        "--tls-cert",
        &shown(&at("now.pem")),
        "--tls-key",
        &shown(&at("now.key")),
        "--token-file",
        &shown(&token),
    ]);
    let metrics = format!("{url}metrics");
    assert_eq!(asked(&metrics, &at("old.pem"), TOKEN), "200");
    assert_eq!(asked(&metrics, &at("old.pem"), "wrong"), "401");
    assert_eq!(
        asked(&format!("{url}healthz"), &at("old.pem"), "wrong"),
        "200"
    );
    assert!(asked(&metrics, &at("new.pem"), TOKEN).contains("CERTIFICATE_VERIFY_FAILED"));
    put("new");
    assert_eq!(asked(&metrics, &at("new.pem"), TOKEN), "200");
    assert!(asked(&metrics, &at("old.pem"), TOKEN).contains("CERTIFICATE_VERIFY_FAILED"));
    // Half of a renewal: what was there stays.
    fs::write(at("now.pem"), "no certificate").expect("ours");
    assert_eq!(asked(&metrics, &at("new.pem"), TOKEN), "200");
    fs::copy(at("old.pem"), at("now.pem")).expect("ours");
    assert_eq!(asked(&metrics, &at("new.pem"), TOKEN), "200");
    fs::copy(at("old.key"), at("now.key")).expect("ours");
    assert_eq!(asked(&metrics, &at("old.pem"), TOKEN), "200");
    drop(child);
}
