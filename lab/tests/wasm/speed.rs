//! How fast secrets are hidden in the browser.

use serde_json::json;

use crate::node::{node, root};

/// Plain configuration, as it stands on servers.
const BYTES: usize = 8_000_000;
const TRIES: usize = 8;
/// Megabytes a second at least.
const FLOOR: f64 = 20.0;

/// The best of some tries: what other programs of this machine take is not the module's.
#[test]
fn plain_configuration_is_redacted_at_20_megabytes_a_second() {
    let path = root().join("examples/broken-stack/etc/nginx/sites-enabled/shop.conf");
    let site = std::fs::read_to_string(path).expect("the example is there");
    let text = site.repeat(BYTES / site.len() + 1);
    let file = json!({"path": "/etc/nginx/sites-enabled/all.conf", "text": text});
    let request = json!({"op": "redact", "files": [file]}).to_string();
    let times = node("time", &vec![request; TRIES]);
    let times = times.iter().map(|time| String::from_utf8_lossy(time));
    let best = times
        .map(|time| time.parse::<f64>().expect("milliseconds"))
        .fold(f64::INFINITY, f64::min);
    let rate = text.len() as f64 / 1000.0 / best;
    println!("{rate:.0} MB/s");
    assert!(rate >= FLOOR, "{rate:.1} MB/s");
}
