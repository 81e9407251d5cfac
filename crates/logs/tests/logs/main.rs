//! Lines of real logs and what they mean; blocks; what no line may do.

mod blocks;
mod formats;
mod kinds;
mod lines;

use logs::scan::{Scanner, Seen, Settings};
use logs::time::Zone;
use logs::{LogKind, Read};

/// A reader in UTC.
pub(crate) fn scanner(kind: LogKind) -> Scanner {
    let settings = Settings {
        zone: Zone::fixed(0),
        year: 2026,
        formats: Vec::new(),
    };
    Scanner::new(kind, false, settings)
}

/// What every entry of a text is: a signal's name, `-` for no interest, `?` for not understood.
pub(crate) fn said(kind: LogKind, text: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    scanner(kind).scan(text, 1, &mut |seen: &Seen<'_>| {
        out.push(match &seen.read {
            Read::Event(event) => event.signal.word().to_owned(),
            Read::Irrelevant => "-".to_owned(),
            Read::Unknown => "?".to_owned(),
        });
    });
    out
}

/// The fields of the first event, as `name=value` words.
pub(crate) fn fields(kind: LogKind, text: &[u8]) -> String {
    let mut out = String::new();
    scanner(kind).scan(text, 1, &mut |seen: &Seen<'_>| {
        let Read::Event(event) = &seen.read else {
            return;
        };
        let texts = [
            ("server", event.server),
            ("upstream", event.upstream),
            ("scheme", event.scheme),
            ("pool", event.pool),
            ("client", event.client),
            ("method", event.method),
            ("path", event.path),
            ("query", event.query),
            ("script", event.script),
        ];
        let numbers = [
            ("connection", i64::try_from(event.connection).unwrap_or(-1)),
            ("pid", i64::from(event.pid)),
            ("status", i64::from(event.status)),
            ("code", i64::from(event.code)),
            ("millis", event.millis.map_or(0, i64::from)),
            ("time", event.time.unwrap_or(0)),
        ];
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            out.push_str(&format!("{name}={} ", String::from_utf8_lossy(text)));
        }
        for (name, number) in numbers.into_iter().filter(|(_, number)| *number != 0) {
            out.push_str(&format!("{name}={number} "));
        }
    });
    out.trim_end().to_owned()
}
