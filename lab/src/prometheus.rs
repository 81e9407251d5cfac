//! Prometheus, which asks the agent.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::agent::get;
use crate::nginx::{free_port, signal};
use crate::scratch::Scratch;

/// A running Prometheus with a folder of its own.
pub struct Prometheus {
    child: Child,
    port: u16,
    folder: Scratch,
}

impl Prometheus {
    /// Starts it with this configuration (and rule files that it names, in its folder).
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(config: &str, files: &[(&str, String)]) -> Prometheus {
        let folder = Scratch::new("prometheus");
        folder.write("prometheus.yml", config);
        for (name, text) in files {
            folder.write(name, text);
        }
        let port = free_port();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", at("prometheus.yml")))
            .arg(format!("--storage.tsdb.path={}", at("data")))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--log.level=error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("Debian's package `prometheus` is there");
        let prometheus = Prometheus {
            child,
            port,
            folder,
        };
        let begin = Instant::now();
        while get(port, "/-/ready").0 != 200 {
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "Prometheus is not ready"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        prometheus
    }

    /// What it answers to a query: its series.
    ///
    /// # Panics
    /// When the query is none.
    pub fn query(&self, query: &str) -> Vec<serde_json::Value> {
        let query: String = query.bytes().map(|b| format!("%{b:02x}")).collect();
        let (status, body) = get(self.port, &format!("/api/v1/query?query={query}"));
        assert_eq!(status, 200, "{body}");
        // The answer may come in chunks.
        let begin = body.find('{').expect("JSON");
        let end = body.rfind('}').expect("JSON");
        let text: String = body[begin..=end].to_owned();
        let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        answer["data"]["result"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Waits until a query has an answer.
    ///
    /// # Panics
    /// When it has none in time.
    pub fn until_data(&self, query: &str, patience: Duration) {
        let begin = Instant::now();
        while self.query(query).is_empty() {
            let is_late = begin.elapsed() > patience;
            assert!(!is_late, "no data within {patience:?}: {query}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        let _reaped = self.child.wait();
    }
}
