//! Times and sizes: we take what the real nginx takes, and nothing else.

use lab::differential::assert_agreement;
use lab::nginx::test;
use lab::random::Random;
use lab::scratch::Scratch;
use model::nginx::value::{offset, size, time_msec, time_sec};

/// A directive of each kind of slot, and what we make of its value.
type Slot = (&'static str, fn(&[u8]) -> bool);

const TIMES: [Slot; 2] = [
    ("fastcgi_read_timeout", |text| time_msec(text).is_ok()),
    ("ssl_session_timeout", |text| time_sec(text).is_ok()),
];

const SIZES: [Slot; 2] = [
    ("client_header_buffer_size", |text| size(text).is_ok()),
    ("client_max_body_size", |text| offset(text).is_ok()),
];

const PICKED_TIMES: &[&str] = &[
    "0",
    "1",
    "60",
    "60s",
    "1m",
    "1h",
    "1d",
    "1w",
    "1M",
    "1y",
    "1ms",
    "500ms",
    "1m30s",
    "1h 30m",
    "1h30m10s",
    "30s1m",
    "1s1s",
    "1m1m",
    "1 m",
    "1m ",
    " 1m",
    "1.5s",
    "-1",
    "+1",
    "s",
    "ms",
    "1x",
    "1S",
    "1MS",
    "1mS",
    "1d12h",
    "1w2d",
    "1y2M",
    "1M1w",
    "2M1y",
    "1s500ms",
    "500ms1s",
    "1m500ms",
    "1 1",
    "1s 1",
    "1 1s",
    "1m s",
    "99999999999999999999",
    "9223372036854775807",
    "9223372036854775s",
    "292471208y",
    "off",
    "1,5",
    "1\t",
    "0x10",
    "1h1",
    "1h1ms",
    "60 s",
    "",
];

const PICKED_SIZES: &[&str] = &[
    "0",
    "1",
    "1k",
    "1K",
    "1m",
    "1M",
    "1g",
    "1G",
    "8k",
    "8kb",
    "8 k",
    "k",
    "",
    "-1",
    "1.5m",
    "1t",
    "9223372036854775807",
    "9223372036854775808",
    "9007199254740991k",
    "9007199254740992k",
    "8796093022207m",
    "8796093022208m",
    "8589934591g",
    "8589934592g",
    "0x10",
    "1k ",
    " 1k",
    "01k",
];

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn compare(scratch: &Scratch, (slot, text): &(Slot, String)) -> Option<String> {
    let (directive, takes) = slot;
    let value = quoted(text);
    scratch.write(
        "nginx.conf",
        format!("events {{}}\nhttp {{\n{directive} {value};\n}}\n"),
    );
    let verdict = test(scratch, "nginx.conf");
    let refused = verdict.said().contains("invalid value");
    let other = verdict.line != 0 && !refused;
    if other {
        return Some(format!("{directive} {value}: {}", verdict.said()));
    }
    let ours = takes(text.as_bytes());
    (ours == refused)
        .then(|| format!("{directive} {value}: nginx refuses {refused}, we take {ours}"))
}

fn run(label: &str, slots: &[Slot], picked: &[&str], soup: &[&str]) {
    let mut random = Random::new(0x5eed_0006);
    let soup = (0..300).map(|_| {
        let len = 1 + random.below(5);
        (0..len).map(|_| random.pick(soup)).collect::<String>()
    });
    let texts = picked.iter().map(|text| (*text).to_owned()).chain(soup);
    let cases: Vec<(Slot, String)> = texts
        .flat_map(|text| slots.iter().map(move |slot| (*slot, text.clone())))
        .collect();
    let taken = cases
        .iter()
        .filter(|(slot, text)| slot.1(text.as_bytes()))
        .count();
    assert!(
        taken * 10 > cases.len() && taken * 10 < cases.len() * 9,
        "{taken} of {}",
        cases.len()
    );
    assert_agreement(label, &cases, compare);
}

#[test]
fn times() {
    let soup = [
        "1", "23", "0", "ms", "s", "m", "h", "d", "w", "M", "y", " ", "1s", "2m", "3h", "x",
    ];
    run("times", &TIMES, PICKED_TIMES, &soup);
}

#[test]
fn sizes() {
    let soup = [
        "1", "23", "0", "k", "m", "g", "K", "M", "G", "1k", "2m", "3g", " ", "b", "512",
    ];
    run("sizes", &SIZES, PICKED_SIZES, &soup);
}
