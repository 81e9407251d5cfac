//! Pushing to a collector: what the arguments say, and the way there.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent::Published;
use agent::http::{WORTH_PACKING, pack};
use agent::otlp::{Carrier, Options, Pusher, Reply, Signal};
use model::nginx::value::size;
use ureq::http::{HeaderName, HeaderValue};

use crate::cli::{AgentArgs, OtlpArgs};
use crate::{disk, outgoing, talk};

/// For one request, with its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read of an answer.
const MOST_ANSWER: u64 = 64 << 10;
/// Headers that are ours to say.
const OURS: [&str; 6] = [
    "content-type",
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "host",
    "connection",
];

/// Starts pushing, when that is wanted.
///
/// # Errors
/// Why it cannot, for people.
pub(super) fn start(
    args: &AgentArgs,
    state: Option<&Path>,
    published: &Arc<Published>,
) -> Result<Option<Pusher>, String> {
    let otlp = &args.otlp;
    let Some(endpoint) = &otlp.otlp_endpoint else {
        return Ok(None);
    };
    let endpoint = endpoint.trim_end_matches('/');
    let judged = match otlp.otlp_without_tls {
        true => endpoint.replacen("http://", "https://", 1),
        false => endpoint.to_owned(),
    };
    refactor::check_base(&judged)
        .map_err(|why| format!("--otlp-endpoint: {why} (--otlp-without-tls)"))?;
    let folder = state.and_then(Path::parent).map(|dir| dir.join("otlp"));
    let options = Options {
        folder: otlp.otlp_buffer.clone().or(folder),
        most: bytes(&otlp.otlp_buffer_size)?,
        interval: super::time("--otlp-interval", &otlp.otlp_interval)?,
        resource: resource(otlp)?,
    };
    if options.folder.is_none() {
        talk("note: incidents for the collector wait in memory (--otlp-buffer DIR)");
    }
    let carrier = carrier(endpoint, otlp)?;
    let note = |text: &str| talk(&format!("badgateway: {text}"));
    let pusher = Pusher::start(options, Arc::clone(published), carrier, Box::new(note));
    pusher
        .map(Some)
        .map_err(|why| format!("--otlp-buffer: {why}"))
}

fn bytes(text: &str) -> Result<u64, String> {
    match size(text.as_bytes()) {
        Ok(bytes) if bytes >= 64 << 10 => Ok(bytes),
        _ => Err("--otlp-buffer-size: write a size such as 16m, at least 64k".to_owned()),
    }
}

fn resource(args: &OtlpArgs) -> Result<Vec<(String, String)>, String> {
    let one = |text: &String| match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("--otlp-resource {text}: write KEY=VALUE")),
    };
    args.otlp_resource.iter().map(one).collect()
}

/// The way to the collector.
fn carrier(endpoint: &str, args: &OtlpArgs) -> Result<Box<Carrier>, String> {
    let client = outgoing::client(endpoint, "application/json", PATIENCE)?;
    let file = args.otlp_headers_file.clone();
    // What is wrong with it is said before anything is begun.
    file.as_deref().map(headers).transpose()?;
    let endpoint = endpoint.to_owned();
    Ok(Box::new(move |signal: Signal, payload: &[u8]| {
        let mut call = client
            .post(format!("{endpoint}{}", signal.path()))
            .header("content-type", "application/json");
        for (name, value) in file
            .as_deref()
            .map(headers)
            .transpose()?
            .unwrap_or_default()
        {
            call = call.header(name, value);
        }
        let sent = match payload.len() < WORTH_PACKING {
            true => call.send(payload),
            false => {
                let packed = pack(payload).map_err(|error| error.to_string())?;
                call.header("content-encoding", "gzip").send(&packed[..])
            }
        };
        let response = sent.map_err(|error| outgoing::words("it", &error))?;
        let (parts, body) = response.into_parts();
        let after = parts.headers.get("retry-after");
        let mut said = Vec::new();
        // The status says enough when the body breaks off.
        let _cut = body.into_reader().take(MOST_ANSWER).read_to_end(&mut said);
        Ok(Reply {
            status: parts.status.as_u16(),
            retry_after: after.and_then(|value| value.to_str().ok().map(str::to_owned)),
            body: said,
        })
    }))
}

/// `Name: value` lines; their values are secret, and no error repeats them.
fn headers(path: &Path) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let shown = base::source::printable(path.as_os_str().as_encoded_bytes());
    let text = disk::read_settings(path).map_err(|error| format!("{shown}: {error}"))?;
    let mut all = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let parts = line.split_once(':');
        let name = parts.and_then(|(name, _)| HeaderName::from_bytes(name.trim().as_bytes()).ok());
        let value = parts.and_then(|(_, value)| HeaderValue::from_str(value.trim()).ok());
        let (Some(name), Some(mut value)) = (name, value) else {
            return Err(format!("{shown}:{}: no `Name: value`", at + 1));
        };
        if OURS.contains(&name.as_str()) {
            return Err(format!("{shown}:{}: `{name}` is not to be set", at + 1));
        }
        value.set_sensitive(true);
        all.push((name, value));
    }
    Ok(all)
}
