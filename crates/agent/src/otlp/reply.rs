//! What a collector answers, and what follows from it (OTLP 1.x, "OTLP/HTTP Response").

use std::time::Duration;

use serde_json::Value;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// Its body, or the beginning of it.
    pub body: Vec<u8>,
}

/// What became of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was taken, but for so many records; why not those, for people.
    Taken(u64, Option<String>),
    /// It is to be sent again, not before this time if one was named; why, for people.
    Again(Option<Duration>, String),
    /// It will never be taken; why, for people.
    Refused(String),
}

/// Longest words of a collector that are repeated.
const MOST_WORDS: usize = 200;
/// A collector that wants more quiet than this is asked again all the same.
const LONGEST: Duration = Duration::from_secs(600);

/// What an answer means; `now` is in milliseconds since 1970.
pub(super) fn fate(reply: Result<Reply, String>, now: i64) -> Fate {
    let reply = match reply {
        Ok(reply) => reply,
        Err(why) => return Fate::Again(None, why),
    };
    match reply.status {
        200..=299 => partial(&reply.body),
        status @ (429 | 502 | 503 | 504) => {
            let after = reply.retry_after.as_deref();
            let after = after.and_then(|text| wait(text, now));
            Fate::Again(after, format!("it answers {status}"))
        }
        status => {
            let said = words(&reply.body);
            let said = said.map_or_else(String::new, |said| format!(": {said}"));
            Fate::Refused(format!("it answers {status}{said}"))
        }
    }
}

/// `{"partialSuccess": {"rejectedLogRecords": "3", "errorMessage": "…"}}`; a number that does not
/// fit into a double is a text in protobuf's JSON.
fn partial(body: &[u8]) -> Fate {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = &document["partialSuccess"];
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let names = ["rejectedLogRecords", "rejectedDataPoints"];
    let rejected = names.iter().find_map(|name| number(&said[*name]));
    let message = said["errorMessage"]
        .as_str()
        .filter(|text| !text.is_empty());
    Fate::Taken(rejected.unwrap_or(0), message.map(shown))
}

/// Seconds, or a date.
fn wait(text: &str, now: i64) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?;
            let left = at.timestamp().as_millisecond().saturating_sub(now);
            Duration::from_millis(u64::try_from(left).unwrap_or(0))
        }
    };
    Some(wait.min(LONGEST))
}

/// The words of a refusal: `Status.message` where the collector keeps to the specification.
fn words(body: &[u8]) -> Option<String> {
    let document: Option<Value> = serde_json::from_slice(body).ok();
    let message = document
        .as_ref()
        .and_then(|value| value["message"].as_str());
    let text = String::from_utf8_lossy(body);
    let text = message.unwrap_or(&text).trim();
    (!text.is_empty()).then(|| shown(text))
}

/// A stranger's words: printable, masked and short.
fn shown(text: &str) -> String {
    let masked = redact::masked_text(text);
    let head: String = masked.chars().take(MOST_WORDS).collect();
    base::source::printable(head.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fate, Reply, fate};

    fn of(status: u16, retry_after: Option<&str>, body: &str) -> Fate {
        let reply = Reply {
            status,
            retry_after: retry_after.map(str::to_owned),
            body: body.into(),
        };
        // Sun, 22 Nov 2026 10:00:00 GMT
        fate(Ok(reply), 1_795_341_600_000)
    }

    #[test]
    fn what_is_sent_again() {
        for status in [429, 502, 503, 504] {
            assert!(matches!(of(status, None, ""), Fate::Again(None, _)));
        }
        for status in [301, 400, 401, 404, 408, 413, 415, 500, 501] {
            assert!(matches!(of(status, None, ""), Fate::Refused(_)), "{status}");
        }
        let gone = fate(Err("nobody listens".to_owned()), 0);
        assert_eq!(gone, Fate::Again(None, "nobody listens".to_owned()));
    }

    #[test]
    fn how_long_to_wait() {
        let wait = |text| match of(503, Some(text), "") {
            Fate::Again(wait, _) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("99999999999"), Some(Duration::from_secs(600)));
        let date = "Sun, 22 Nov 2026 10:00:20 GMT";
        assert_eq!(wait(date), Some(Duration::from_secs(20)));
        assert_eq!(wait("Sun, 22 Nov 2020 10:00:20 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("-1"), None);
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn what_of_it_was_taken() {
        assert_eq!(of(200, None, "{}"), Fate::Taken(0, None));
        assert_eq!(of(200, None, "ok"), Fate::Taken(0, None));
        for rejected in ["3", "\"3\""] {
            let body = format!(
                "{{\"partialSuccess\":{{\"rejectedLogRecords\":{rejected},\"errorMessage\":\"too \\u001b old\"}}}}"
            );
            let why = Some("too ? old".to_owned());
            assert_eq!(of(200, None, &body), Fate::Taken(3, why));
        }
    }

    #[test]
    fn words_of_a_refusal_are_no_secrets_and_no_escapes() {
        let body = "{\"code\":16,\"message\":\"bad token=ghp_0123456789abcdefghijABCDEFGHIJ012345\\u0007\"}";
        let Fate::Refused(why) = of(401, None, body) else {
            panic!()
        };
        assert!(why.starts_with("it answers 401: bad token="), "{why}");
        assert!(!why.contains("ghp_0123") && !why.contains('\u{7}'), "{why}");
    }
}
