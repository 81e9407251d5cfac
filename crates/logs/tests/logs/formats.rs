//! Access logs in formats of their own.

use logs::access_format::{Escape, Format};
use logs::nginx_access::{NginxAccess, Request};
use logs::time::Zone;
use logs::{Read, Signal};

fn signal(format: Option<&str>, escape: Escape, line: &str) -> Option<(Signal, u16, Option<u32>)> {
    let formats = format.map(|text| Format::new(text.as_bytes(), escape).expect("a format"));
    let mut reader = NginxAccess::new(formats.into_iter().collect(), Zone::fixed(0));
    let mut asked = Request::default();
    match reader.read(line.as_bytes(), &mut asked) {
        Read::Event(event) => Some((event.signal, event.status, event.millis)),
        _ => None,
    }
}

const TIMED: &str = "$remote_addr [$time_local] \"$request\" $status rt=$request_time \
                     uct=\"$upstream_connect_time\" uht=\"$upstream_header_time\" \
                     urt=\"$upstream_response_time\" us=\"$upstream_status\" ua=\"$upstream_addr\"";

#[test]
fn upstream_times_tell_what_the_error_log_would_say() {
    let line = |status: u16, uct: &str, uht: &str, us: &str| {
        format!(
            "::1 [22/Nov/2026:11:31:20 +0000] \"GET /a?b HTTP/1.1\" {status} rt=2.221 uct=\"{uct}\" \
             uht=\"{uht}\" urt=\"2.000, 0.221\" us=\"{us}\" ua=\"unix:/a, unix:/b\""
        )
    };
    let cases = [
        (
            502,
            "-, -",
            "-, -",
            "502, 502",
            Signal::AccessNeverConnected,
        ),
        (
            502,
            "0.000, 0.000",
            "-, -",
            "502, 502",
            Signal::AccessNoHeader,
        ),
        (503, "0.000", "0.123", "503", Signal::AccessAnswered),
        (
            200,
            "-, 0.000",
            "-, 0.001",
            "502, 200",
            Signal::AccessRetried,
        ),
        (200, "0.000", "0.001", "502 : 200", Signal::AccessRetried),
        (499, "0.000", "-", "-", Signal::AccessClientGone),
    ];
    for (status, uct, uht, us, expected) in cases {
        let line = line(status, uct, uht, us);
        let said = signal(Some(TIMED), Escape::Default, &line);
        assert_eq!(said, Some((expected, status, Some(2221))), "{line}");
    }
    assert_eq!(
        signal(
            Some(TIMED),
            Escape::Default,
            &line(200, "0.000", "0.001", "200")
        ),
        None
    );
}

#[test]
fn json_is_learned_and_unescaped() {
    let line = r#"{"msec":"1795347080.500","status":"503","upstream_status":"","upstream_addr":"","request":"GET /a\"b?c=\\d HTTP/1.1"}"#;
    let mut reader = NginxAccess::new(Vec::new(), Zone::fixed(0));
    let mut asked = Request::default();
    let Read::Event(event) = reader.read(line.as_bytes(), &mut asked) else {
        panic!("not understood");
    };
    assert_eq!(
        (event.signal, event.path, event.query),
        (Signal::AccessNotAsked, &b"/a\"b"[..], &b"c=\\d"[..])
    );
    assert_eq!(asked.time, Some(1_795_347_080_500));
}

#[test]
fn variables_that_touch_are_no_format() {
    assert!(Format::new(b"$status$request", Escape::Default).is_none());
    assert!(Format::new(b"${status} $request", Escape::Default).is_some());
}
