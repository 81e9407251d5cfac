//! A collector of OpenTelemetry: it reads every payload with the official definitions (Python's
//! `opentelemetry-proto`), refuses fields that they do not know, and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Stdio};

use serde_json::{Value, json};

use crate::pip::Packages;

const PACKAGES: [&str; 2] = ["opentelemetry-proto", "protobuf"];
const TEST: &str = "import opentelemetry.proto.collector.logs.v1.logs_service_pb2";

/// It ends when its standard input does, and so with its owner, however that ends.
const SCRIPT: &str = include_str!("collector.py");

/// A running collector.
#[derive(Debug)]
pub struct Collector {
    child: Child,
    input: Option<ChildStdin>,
    port: u16,
}

/// A payload that it was sent.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `/v1/logs`
    pub path: String,
    /// Names in lower case.
    pub headers: Value,
    /// What it answered.
    pub status: u64,
    /// The payload as the definitions have it, in the names of its fields.
    pub message: Value,
}

impl Collector {
    /// Starts it at a port, 0 for any; what is missing is installed first, into a cache folder of
    /// the user's.
    ///
    /// # Panics
    /// When it cannot be installed or started, with what to do about it.
    pub fn start(port: u16) -> Collector {
        let packages = Packages::of("otlp", &PACKAGES, TEST);
        let mut child = packages
            .python()
            .args(["-c", SCRIPT, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let out = child.stdout.take().expect("it was asked for");
        let input = child.stdin.take();
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let port = lines.find_map(|line| line.strip_prefix("listening ")?.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no collector: {}", packages.by_hand()));
        Collector { child, input, port }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets it answer payloads for this path with a status, headers and a document from now on.
    ///
    /// # Panics
    /// When it is gone.
    pub fn answer(&self, path: &str, status: u16, headers: &Value, body: &Value) {
        let told = json!({"path": path, "status": status, "headers": headers, "body": body});
        self.talk("POST", "/told", &told.to_string());
    }

    /// Everything it was sent, in order.
    ///
    /// # Panics
    /// When it is gone, or when it was sent something that the definitions do not allow.
    pub fn heard(&self) -> Vec<Heard> {
        let text = self.talk("GET", "/heard", "");
        let all: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let each = all.into_iter().map(|one| {
            assert!(one["error"].is_null(), "{one:#}");
            Heard {
                path: one["path"].as_str().unwrap_or_default().to_owned(),
                headers: one["headers"].clone(),
                status: one["status"].as_u64().unwrap_or(0),
                message: one["message"].clone(),
            }
        });
        each.collect()
    }

    /// The log records that it took, in order, each with its attributes as an object.
    pub fn records(&self) -> Vec<Value> {
        let taken = self.heard().into_iter();
        let taken = taken.filter(|heard| heard.path == "/v1/logs" && heard.status == 200);
        taken.flat_map(|heard| records(&heard.message)).collect()
    }

    fn talk(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        let (_, body) = text.split_once("\r\n\r\n").expect("HTTP");
        body.to_owned()
    }
}

/// The records of a payload.
pub fn records(message: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    for resource in list(&message["resourceLogs"]) {
        for scope in list(&resource["scopeLogs"]) {
            for record in list(&scope["logRecords"]) {
                let mut record = record.clone();
                record["attributes"] = attributes(&record["attributes"]);
                out.push(record);
            }
        }
    }
    out
}

/// The points of the metrics of a payload: name, kind, attributes, point.
pub fn points(message: &Value) -> Vec<(String, &'static str, Value, Value)> {
    let mut out = Vec::new();
    for resource in list(&message["resourceMetrics"]) {
        for scope in list(&resource["scopeMetrics"]) {
            for metric in list(&scope["metrics"]) {
                let name = metric["name"].as_str().unwrap_or_default();
                for kind in ["gauge", "sum"] {
                    for point in list(&metric[kind]["dataPoints"]) {
                        let labels = attributes(&point["attributes"]);
                        out.push((name.to_owned(), kind, labels, point.clone()));
                    }
                }
            }
        }
    }
    out
}

/// `[{key, value: {stringValue}}]` as an object.
pub fn attributes(list: &Value) -> Value {
    let mut out = json!({});
    for one in self::list(list) {
        let value = one["value"]
            .as_object()
            .and_then(|kinds| kinds.values().next());
        out[one["key"].as_str().unwrap_or_default()] = value.cloned().unwrap_or_default();
    }
    out
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.input.take());
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
