//! FPM's status page, asked for with `?json&full` (`fpm_status.c`).
//!
//! The page is written with format strings, and older versions put a request's address into it as
//! it came: a quote in an address makes it no JSON. So what cannot be read as JSON is read by its
//! keys, whose names and order FPM fixes.

use std::collections::BTreeMap;

use base::source::printable;
use serde_json::Value;

/// What a pool says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Its name.
    pub pool: String,
    /// `static`, `dynamic` or `ondemand`.
    pub manager: String,
    /// Seconds since it began.
    pub up: u64,
    /// Connections it has taken since.
    pub accepted: u64,
    /// Connections that wait: always 0 on a unix socket, whatever waits there.
    pub listen_queue: u64,
    /// The most that have waited since it began; as above.
    pub max_listen_queue: u64,
    /// How many may wait.
    pub listen_queue_len: u64,
    /// Workers that wait for a request.
    pub idle: u64,
    /// Workers with a request; this one is among them.
    pub active: u64,
    /// All workers.
    pub total: u64,
    /// The most that were active at once.
    pub max_active: u64,
    /// How often `pm.max_children` was in the way; always 0 with `static`.
    pub max_children_reached: u64,
    /// Requests beyond `request_slowlog_timeout`.
    pub slow_requests: u64,
    /// The most that a worker has used, in bytes, where this version says so.
    pub memory_peak: Option<u64>,
    /// Each worker.
    pub processes: Vec<Process>,
}

/// A worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// Its process.
    pub pid: u64,
    /// `Idle`, `Running`, `Reading headers`, `Info`, `Finishing`, `Ending`, …
    pub state: String,
    /// Requests it has served.
    pub requests: u64,
    /// How long its request takes, or the last one took, in microseconds.
    pub duration: u64,
    /// The request's method.
    pub method: String,
    /// The request's address.
    pub uri: String,
    /// The script's file; `-` when there is none.
    pub script: String,
    /// Share of a processor that its last request took, in percent.
    pub last_cpu: f64,
    /// The most memory that its last request took, in bytes.
    pub last_memory: u64,
}

impl Status {
    /// Workers with a request of a visitor: the one that answers this question is none.
    pub fn busy(&self) -> u64 {
        let asked = self.processes.iter().filter(|process| process.is_asked());
        self.active.saturating_sub(asked.count() as u64)
    }

    /// The request that has taken longest so far.
    pub fn longest(&self) -> Option<&Process> {
        let busy = self.processes.iter().filter(|process| process.is_busy());
        busy.max_by_key(|process| process.duration)
    }
}

impl Process {
    /// Whether it answers for the status page.
    fn is_asked(&self) -> bool {
        self.uri.ends_with("?json&full") && self.state != "Idle"
    }

    /// Its request for people: `GET /report.php?id=7`, masked.
    pub fn shown(&self) -> String {
        let uri = redact::masked_text(&self.uri);
        let method = printable(self.method.as_bytes());
        format!("{method} {}", printable(uri.as_bytes()))
    }

    /// Its script for people.
    pub fn shown_script(&self) -> String {
        printable(self.script.as_bytes())
    }

    /// Whether it works on a request of a visitor: a worker that answers for the status page
    /// itself says `Info` or reads headers only to do so.
    pub fn is_busy(&self) -> bool {
        !matches!(self.state.as_str(), "Idle" | "Info" | "") && !self.is_asked()
    }
}

/// Reads the page.
///
/// # Errors
/// When it is none: the words for people.
pub(crate) fn read(page: &[u8]) -> Result<Status, String> {
    let pairs = match serde_json::from_slice::<Value>(page) {
        Ok(Value::Object(object)) => Page::of_json(&object),
        Ok(_) => return Err("its answer is no status page".to_owned()),
        Err(_) => Page::of_keys(page),
    };
    let status = pairs.status();
    // A pool that has never answered has no name yet, but always a manager.
    match status.manager.is_empty() {
        true => Err("its answer is no status page".to_owned()),
        false => Ok(status),
    }
}

/// Keys and values as texts.
type Pairs = BTreeMap<&'static str, String>;

#[derive(Default)]
struct Page {
    pool: Pairs,
    processes: Vec<Pairs>,
}

const POOL_KEYS: [&str; 15] = [
    "pool",
    "process manager",
    "start time",
    "start since",
    "accepted conn",
    "listen queue",
    "max listen queue",
    "listen queue len",
    "idle processes",
    "active processes",
    "total processes",
    "max active processes",
    "max children reached",
    "slow requests",
    "memory peak",
];

const PROCESS_KEYS: [&str; 13] = [
    "pid",
    "state",
    "start time",
    "start since",
    "requests",
    "request duration",
    "request method",
    "request uri",
    "content length",
    "user",
    "script",
    "last request cpu",
    "last request memory",
];

impl Page {
    fn of_json(object: &serde_json::Map<String, Value>) -> Page {
        let pairs = |object: &serde_json::Map<String, Value>, keys: &[&'static str]| {
            let value = |key: &&'static str| {
                let text = match object.get(*key)? {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                Some((*key, text))
            };
            keys.iter().filter_map(value).collect::<Pairs>()
        };
        let processes = object.get("processes").and_then(Value::as_array);
        let processes = processes.into_iter().flatten().filter_map(Value::as_object);
        Page {
            pool: pairs(object, &POOL_KEYS),
            processes: processes
                .map(|process| pairs(process, &PROCESS_KEYS))
                .collect(),
        }
    }

    /// Each value ends where the next key begins, whatever stands in between.
    fn of_keys(page: &[u8]) -> Page {
        let text = String::from_utf8_lossy(page);
        let (head, rest) = text.split_once("\"processes\":").unwrap_or((&text, ""));
        let processes = rest.split("{\"pid\":").skip(1);
        Page {
            pool: by_keys(head, &POOL_KEYS),
            processes: processes
                .map(|process| by_keys(&format!("\"pid\":{process}"), &PROCESS_KEYS))
                .collect(),
        }
    }

    fn status(&self) -> Status {
        let pool = &self.pool;
        Status {
            pool: text(pool, "pool"),
            manager: text(pool, "process manager"),
            up: number(pool, "start since"),
            accepted: number(pool, "accepted conn"),
            listen_queue: number(pool, "listen queue"),
            max_listen_queue: number(pool, "max listen queue"),
            listen_queue_len: number(pool, "listen queue len"),
            idle: number(pool, "idle processes"),
            active: number(pool, "active processes"),
            total: number(pool, "total processes"),
            max_active: number(pool, "max active processes"),
            max_children_reached: number(pool, "max children reached"),
            slow_requests: number(pool, "slow requests"),
            memory_peak: pool
                .contains_key("memory peak")
                .then(|| number(pool, "memory peak")),
            processes: self.processes.iter().map(process).collect(),
        }
    }
}

fn by_keys(text: &str, keys: &[&'static str]) -> Pairs {
    let mut out = Pairs::new();
    let mut rest = text;
    for (at, key) in keys.iter().enumerate() {
        let Some(begin) = rest.find(&format!("\"{key}\":")) else {
            continue;
        };
        let value = &rest[begin + key.len() + 3..];
        let ends = keys[at + 1..].iter();
        let end = ends
            .filter_map(|next| value.find(&format!(",\"{next}\":")))
            .min()
            .unwrap_or(value.len());
        let found = value[..end].trim_matches(|c: char| c.is_whitespace() || "},]".contains(c));
        let found = found.strip_prefix('"').unwrap_or(found);
        let found = found.strip_suffix('"').unwrap_or(found);
        out.insert(key, found.to_owned());
        rest = &value[end..];
    }
    out
}

fn process(pairs: &Pairs) -> Process {
    Process {
        pid: number(pairs, "pid"),
        state: text(pairs, "state"),
        requests: number(pairs, "requests"),
        duration: number(pairs, "request duration"),
        method: text(pairs, "request method"),
        uri: text(pairs, "request uri"),
        script: text(pairs, "script"),
        last_cpu: text(pairs, "last request cpu").parse().unwrap_or_default(),
        last_memory: number(pairs, "last request memory"),
    }
}

fn text(pairs: &Pairs, key: &str) -> String {
    pairs.get(key).cloned().unwrap_or_default()
}

/// A number; one that ran over its end (a duration when the clock was set) counts as none.
fn number(pairs: &Pairs, key: &str) -> u64 {
    let value = pairs.get(key).and_then(|text| text.parse::<u64>().ok());
    value.filter(|value| *value < 1 << 62).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::read;

    const HEAD: &str = r#"{"pool":"www","process manager":"static","start time":1,"start since":9,"accepted conn":10,"listen queue":0,"max listen queue":0,"listen queue len":511,"idle processes":0,"active processes":2,"total processes":2,"max active processes":2,"max children reached":0,"slow requests":0,"processes":["#;

    fn worker(uri: &str, duration: &str) -> String {
        format!(
            r#"{{"pid":7,"state":"Running","start time":1,"start since":9,"requests":3,"request duration":{duration},"request method":"GET","request uri":"{uri}","content length":0,"user":"-","script":"/srv/a.php","last request cpu":12.50,"last request memory":2097152}}"#
        )
    }

    #[test]
    fn a_page_is_read() {
        let page = format!("{HEAD}{}]}}", worker("/a?b=1", "1500000"));
        let status = read(page.as_bytes()).unwrap();
        assert_eq!(
            (status.pool.as_str(), status.manager.as_str()),
            ("www", "static")
        );
        assert_eq!(
            (status.active, status.total, status.listen_queue_len),
            (2, 2, 511)
        );
        let worker = &status.processes[0];
        assert_eq!((worker.pid, worker.duration), (7, 1_500_000));
        assert_eq!(worker.uri, "/a?b=1");
        assert!(worker.is_busy());
    }

    /// As older versions write it.
    #[test]
    fn an_address_may_hold_anything() {
        let page = format!(
            "{HEAD}{},{}]}}",
            worker("/a?b=\"},{\u{1}", "5"),
            worker("/c", "6")
        );
        let status = read(page.as_bytes()).unwrap();
        let uris: Vec<_> = status.processes.iter().map(|p| p.uri.as_str()).collect();
        assert_eq!(uris, ["/a?b=\"},{\u{1}", "/c"]);
        assert_eq!(status.processes[1].duration, 6);
        assert_eq!(status.total, 2);
    }

    #[test]
    fn numbers_that_ran_over_are_none() {
        let page = format!("{HEAD}{}]}}", worker("/", "18446744073709551000"));
        assert_eq!(read(page.as_bytes()).unwrap().processes[0].duration, 0);
        let page = format!("{HEAD}{}]}}", worker("/", "-5"));
        assert_eq!(read(page.as_bytes()).unwrap().processes[0].duration, 0);
    }

    #[test]
    fn other_answers_are_no_page() {
        for page in [
            "",
            "pong",
            "Access denied.\n",
            "File not found.\n",
            "[]",
            "{}",
            "\u{0}",
        ] {
            assert!(read(page.as_bytes()).is_err(), "{page:?}");
        }
    }
}
