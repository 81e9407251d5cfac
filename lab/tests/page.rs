//! The agent's page in a real browser: what a log says is never markup, nothing is asked for from
//! anywhere else, and it can be read on a phone and at night.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use agent::pages::{Guard, answer};
use agent::{
    ConfigView, Counted, Counts, Door, Failure, Link, LogView, Minutes, OwnView, Place, Point,
    PoolView, Process, Published, PushView, Queue, RouteView, Snapshot, Status, Watched,
};
use base::Millis;
use base::diagnosis::{Confidence, EvidenceLine, Harm, Incident};
use lab::browser::Browser;
use serde_json::{Value, json};

const MARKUP: &str = "</code></script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>'\"&lt;";

fn status(active: u64, total: u64) -> Status {
    let process = |pid: u64| Process {
        pid,
        state: "Running".to_owned(),
        duration: 12_345_678 + pid,
        method: "GET".to_owned(),
        uri: format!("/report.php?id=7&{MARKUP}"),
        script: "/srv/shop/public/report.php".to_owned(),
        ..Process::default()
    };
    Status {
        active,
        idle: total - active,
        total,
        processes: (0..active).map(process).collect(),
        ..Status::default()
    }
}

fn pool(name: &str, sample: Result<Status, Failure>, waiting: u32, now: i64) -> PoolView {
    let points = (0..300_u32).map(|at| Point {
        at: now - i64::from(300 - at) * 2000,
        busy: (at % 97 != 0).then_some(u64::from(at * at % 6)),
        waiting: Some(if at > 280 { waiting } else { 0 }),
    });
    PoolView {
        watched: Watched {
            name: name.to_owned(),
            listen: Some(Place::Unix(format!("/run/php/{name}.sock").into())),
            door: Door::Own(Place::Unix("/run/php/status.sock".into())),
            status_path: Some(b"/status".to_vec()),
            max_children: Some(5),
        },
        good: sample.as_ref().ok().map(|status| (status.clone(), now)),
        sample: agent::Sample {
            status: Some(sample),
            took: Duration::from_millis(2),
            queue: Some(Queue {
                waiting,
                limit: 511,
            }),
        },
        past: points.collect(),
    }
}

fn incident(number: u64, cause: &'static str, harm: Harm, now: i64) -> Counted {
    let line = |file: &str, text: String| EvidenceLine {
        file: file.to_owned(),
        line: 40 + number,
        text: Some(text),
    };
    let incident = Incident {
        cause,
        confidence: match cause {
            "undetermined" => Confidence::Undetermined,
            _ => Confidence::Certain,
        },
        candidates: match cause {
            "undetermined" => vec!["worker-crashed", "worker-exited"],
            one => vec![one],
        },
        harm,
        time: Some(now - 1000),
        count: 1,
        status: 502,
        request: format!("GET /report.php?id={number}&{MARKUP}"),
        route: "shop.example:443 ~ \\.php$".to_owned(),
        pool: "www".to_owned(),
        script: "/srv/shop/public/report.php".to_owned(),
        upstream: "unix:/run/php/www.sock".to_owned(),
        evidence: vec![
            line(
                "/var/log/nginx/error.log",
                format!("2026/11/22 10:00:00 [error] 7#7: *9 recv() failed (104: Connection reset by peer) {MARKUP}"),
            ),
            line(
                "/var/log/php8.2-fpm.log",
                "[22-Nov-2026 10:00:00] WARNING: [pool www] child 4711 exited on signal 9 (SIGKILL)"
                    .to_owned(),
            ),
        ],
    };
    Counted {
        number,
        counted: now - 500,
        incident: Arc::new(incident),
    }
}

/// A bad night.
fn night(now: i64) -> Snapshot {
    let mut counts = Counts::default();
    let mut recent = VecDeque::new();
    let mut minutes = Minutes::default();
    for number in 1..=12 {
        let (cause, harm) = match number % 3 {
            0 => ("worker-oom-killed", Harm::ErrorPage),
            1 => ("fpm-socket-missing", Harm::ErrorPage),
            _ => ("undetermined", Harm::Hidden),
        };
        let route = "shop.example:443 ~ \\.php$";
        let labels = [cause, "certain", harm.word(), route, "www"];
        counts.incidents.add(&labels, 3, 1);
        recent.push_back(incident(number, cause, harm, now));
        minutes.add(cause, harm, now, 1, now);
    }
    let limit = |name, ms: Option<u64>| Link {
        name,
        limit: Ok(ms.map(Millis)),
    };
    let route = |name: &str, terminate| RouteView {
        route: name.to_owned(),
        pool: "www".to_owned(),
        links: [
            limit("max_execution_time", Some(30_000)),
            limit("request_terminate_timeout", terminate),
            Link {
                name: "fastcgi_read_timeout",
                limit: Ok(Some(Millis(60_000))),
            },
        ],
    };
    let log = |name: &str, kind: &str, problem: Option<&str>| LogView {
        name: name.to_owned(),
        kind: kind.to_owned(),
        lag: 12_345,
        read: Some(now - 1500),
        problem: problem.map(str::to_owned),
    };
    Snapshot {
        taken: now,
        began: now - 86_400_000,
        pools: vec![
            pool("admin", Ok(status(0, 2)), 0, now),
            pool("www", Ok(status(5, 5)), 17, now),
            pool("batch", Err(Failure::Missing), 0, now),
            pool(&format!("odd {MARKUP}"), Err(Failure::Denied), 0, now),
        ],
        is_sampled: true,
        counts,
        recent,
        minutes,
        config: ConfigView {
            loaded: now - 60_000,
            problems: vec![format!("/etc/nginx/sites-enabled/{MARKUP} is not there")],
            routes: vec![
                route("shop.example:443 ~ \\.php$", None),
                route("shop.example:443 /api", Some(45_000)),
                route(MARKUP, Some(20_000)),
            ],
            findings: vec![("error", 2), ("warning", 3), ("info", 0)],
            ..ConfigView::default()
        },
        logs: vec![
            log("/var/log/nginx/error.log", "nginx-error", None),
            log("/var/log/nginx/access.log", "", Some("permission denied")),
            log(&format!("/var/log/{MARKUP}"), "fpm", None),
        ],
        own: OwnView {
            save_problem: Some(
                "the state file /var/lib/badgateway/agent.json: No space left".to_owned(),
            ),
            push: Some(PushView {
                sent: 9,
                failures: 2,
                dropped: 1,
                buffered: 30_000,
                problem: Some("the collector of incidents: it answers 503".to_owned()),
            }),
            ..OwnView::default()
        },
        ..Snapshot::default()
    }
}

/// Serves snapshots until the test ends; the address.
fn serve(published: &Arc<Published>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    let guard = Guard {
        token: None,
        is_local: true,
    };
    let answer = answer(Arc::clone(published), guard);
    thread::spawn(move || agent::http::serve(&listener, None, &answer));
    format!("http://{address}/")
}

fn show(browser: &mut Browser, width: u32, scheme: &str) {
    let metrics =
        json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
    browser.call("Emulation.setDeviceMetricsOverride", &metrics);
    let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    browser.call("Emulation.setEmulatedMedia", &media);
}

/// Keeps a picture where `BADGATEWAY_PICTURES` names a folder.
fn picture(browser: &mut Browser, name: &str) {
    let Some(folder) = std::env::var_os("BADGATEWAY_PICTURES") else {
        return;
    };
    let shot = json!({ "captureBeyondViewport": true, "format": "png" });
    let data = browser.call("Page.captureScreenshot", &shot)["data"].clone();
    let path = std::path::Path::new(&folder).join(format!("{name}.b64"));
    std::fs::write(path, data.as_str().unwrap_or_default()).expect("it can be kept");
}

/// How often the page looks again, nearly.
const LOOKING: Duration = Duration::from_secs(4);

const IS_DARK: &str = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)\
    .slice(0, 3).reduce((sum, part) => sum + Number(part), 0) < 300";

#[test]
fn what_a_log_says_is_no_markup() {
    let published = Arc::new(Published::default());
    let url = serve(&published);
    let mut browser = Browser::start();
    published.set(night(agent::watch::now()));
    for (name, width, scheme) in [
        ("light", 1200, "light"),
        ("dark", 1200, "dark"),
        ("phone", 390, "light"),
    ] {
        show(&mut browser, width, scheme);
        browser.open(&url);
        browser.see("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        picture(&mut browser, name);
        assert_eq!(browser.see(IS_DARK), scheme == "dark", "{name}");
        let wide = browser.see("document.scrollingElement.scrollWidth");
        assert!(
            wide.as_u64() <= Some(u64::from(width)),
            "{name} is {wide} wide"
        );
        let strange = "[...document.querySelectorAll('img, iframe, object, embed, form, \
                       script:not([src]), [onerror], [onload]')].map((one) => one.outerHTML)";
        assert_eq!(browser.see(strange), json!([]), "{name}");
        assert_ne!(browser.see("document.title"), "owned");
        let text = browser.see("document.body.innerText");
        let text = text.as_str().expect("text");
        for words in [
            "<img src=x onerror=",
            "no worker is free in www",
            "8 requests failed",
            "not read: /var/log/nginx/access.log",
            "nobody answers for batch",
            "5 of 5",
            "17 waiting",
            "badgateway explain worker-oom-killed",
            "exited on signal 9",
            "permission denied",
            "No space left",
            "it answers 503",
        ] {
            assert!(text.contains(words), "{name}: no `{words}` in\n{text}");
        }
        // What is wrong comes first.
        let place = |words: &str| text.find(words);
        assert!(
            place("/run/php/batch.sock") < place("/run/php/admin.sock"),
            "{text}"
        );
        assert!(
            place("/run/php/www.sock") < place("/run/php/admin.sock"),
            "{text}"
        );
    }
    nothing_else(&browser, &url);
}

#[test]
fn there_is_something_to_read_when_there_is_nothing() {
    let published = Arc::new(Published::default());
    let url = serve(&published);
    let mut browser = Browser::start();
    show(&mut browser, 390, "dark");
    browser.open(&url);
    picture(&mut browser, "begin");
    let text = browser.see("document.body.innerText").to_string();
    assert!(
        text.contains("only just begun") && !text.contains("1970"),
        "{text}"
    );
    let now = agent::watch::now();
    let well = Snapshot {
        taken: now,
        began: now,
        is_sampled: true,
        pools: vec![pool("www", Ok(status(1, 5)), 0, now)],
        config: ConfigView {
            loaded: now,
            ..ConfigView::default()
        },
        ..Snapshot::default()
    };
    published.set(well);
    browser.open(&url);
    picture(&mut browser, "well");
    let text = browser.see("document.body.innerText");
    let text = text.as_str().expect("text");
    assert!(text.contains("every pool has a free worker"), "{text}");
    // What was opened stays open when the page looks again, and what is new is there.
    published.set(night(agent::watch::now()));
    thread::sleep(LOOKING);
    browser.until("document.querySelector('#cause-worker-oom-killed') !== null");
    let opened = "document.querySelector('#cause-worker-oom-killed')";
    browser.see(&format!("{opened}.open = true"));
    browser.see(&format!("{opened}.querySelector('summary').focus()"));
    browser.see("window.old = document.querySelector('main'), 0");
    thread::sleep(LOOKING);
    browser.until("document.querySelector('main') !== window.old");
    assert_eq!(browser.see(&format!("{opened}.open")), true);
    let focus = format!("document.activeElement === {opened}.querySelector('summary')");
    assert_eq!(browser.see(&focus), true);
    // A round that ended long ago is no news.
    published.set(night(agent::watch::now() - 60_000));
    thread::sleep(LOOKING);
    browser.until("document.body.innerText.includes('the agent hangs')");
    nothing_else(&browser, &url);
}

/// It spoke to nobody else, and the browser had nothing to refuse.
fn nothing_else(browser: &Browser, url: &str) {
    for asked in browser.requests() {
        let asked = asked.trim_matches('"');
        assert!(asked.starts_with(url) || asked == "about:blank", "{asked}");
    }
    let complaints: Vec<Value> = browser.complaints().into_iter().map(Value::from).collect();
    // A browser asks for an icon whatever a page says.
    let other = complaints
        .iter()
        .filter(|words| !words.to_string().contains("favicon.ico"));
    assert_eq!(other.count(), 0, "{complaints:#?}");
}
