//! `host.toml`: what is read, what is refused, and that what is printed is read again.

use base::{Bytes, Limit, Millis};
use model::facts::NginxVersion;
use model::php::PhpVersion;
use settings::host::{facts, text};

const WHOLE: &str = r#"
memory = "15.6G"
cores = 2
somaxconn = 4096

[nginx]
version = "1.22.1"
modules = ["http_v2_module"]
limit_nofile = 1024

[[fpm]]
version = "8.2.31"
worker_memory = "48M"
timeout_stop = "90s"
kill_signal = "SIGQUIT"
memory_max = "512M"

[[fpm]]
timeout_stop = "infinity"
memory_max = "infinity"

[users]
www-data = ["www-data", "ssl-cert"]
"#;

#[test]
fn facts_are_read_with_their_places() {
    let facts = facts("host.toml", WHOLE).expect("a sound file");
    assert_eq!(
        facts.cores.as_ref().map(|f| f.from.as_str()),
        Some("host.toml:3")
    );
    let nginx = facts.nginx.version.as_ref().map(|f| f.value);
    assert_eq!(nginx, Some(NginxVersion::new(1, 22, 1)));
    let old = facts.fpm(PhpVersion::parse("8.2")).expect("8.2 is named");
    assert_eq!(
        old.worker_memory.as_ref().map(|f| f.value),
        Some(Bytes::from_mib(48))
    );
    let stop = old.service.timeout_stop.as_ref().map(|f| f.value);
    assert_eq!(stop, Some(Limit::After(Millis::from_secs(90))));
    assert_eq!(
        facts.memory_for(Some(old)).map(|f| f.value),
        Some(Bytes::from_mib(512))
    );
    let accounts = facts.accounts.as_ref().expect("users");
    assert_eq!(accounts.is_member(b"www-data", b"ssl-cert"), Some(true));
    assert_eq!(accounts.is_member(b"www-data", b"root"), None);
    let other = facts.fpm(PhpVersion::parse("8.3")).expect("said of all");
    assert_eq!(
        other.service.timeout_stop.as_ref().map(|f| f.value),
        Some(Limit::Off)
    );
    assert_eq!(facts.memory_for(Some(other)), facts.memory);
}

#[test]
fn what_is_printed_is_read_again() {
    let first = facts("host.toml", WHOLE).expect("a sound file");
    let printed = text(&first);
    let second = facts("host.toml", &printed).expect("our own words");
    // Their places differ, their values do not.
    let values = |printed: &str| -> Vec<String> {
        let lines = printed
            .lines()
            .map(|line| line.split("  # ").next().unwrap_or(""));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(values(&printed), values(&text(&second)));
}

#[test]
fn what_is_wrong_is_refused_with_its_line() {
    let cases = [
        ("memory = \"lots\"", 1, "`memory` has no such value"),
        ("cores = 2\nmemroy = 5", 2, "unknown field `memroy`"),
        (
            "[nginx]\nversion = \"new\"",
            2,
            "`version` has no such value",
        ),
        ("cores = ", 1, ""),
    ];
    for (text, line, words) in cases {
        let refusal = facts("host.toml", text).expect_err(text);
        assert_eq!(refusal.line, Some(line), "{text}: {refusal}");
        assert!(refusal.message.contains(words), "{text}: {refusal}");
    }
}
