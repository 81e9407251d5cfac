//! The head of a request: what is asked for, and by which name.

use std::net::{IpAddr, SocketAddr};

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// With a slash before, without `?…`.
    pub path: String,
    /// What stands behind `?`.
    pub query: String,
    /// `Accept`.
    pub accept: String,
    /// `Authorization`.
    pub authorization: String,
    /// `Host`.
    pub host: String,
    /// Whether the answer may be gzip.
    pub packed: bool,
    /// Whether the head alone is wanted.
    pub is_head: bool,
}

/// A whole head, or the status that says what is wrong with it; none while it goes on.
pub(super) fn read_head(head: &[u8]) -> Option<Result<Request, u16>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return None,
        Err(_) => return Some(Err(400)),
    }
    let header = |name: &str| {
        let mut all = request.headers.iter();
        let found = all.find(|header| header.name.eq_ignore_ascii_case(name));
        let value = found.and_then(|header| std::str::from_utf8(header.value).ok());
        value.unwrap_or_default().to_owned()
    };
    let is_head = request.method == Some("HEAD");
    if request.method != Some("GET") && !is_head {
        return Some(Err(405));
    }
    let target = request.path.unwrap_or("/");
    let target = target.split('#').next().unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Ok(Request {
        path: path.to_owned(),
        query: query.to_owned(),
        accept: header("accept"),
        authorization: header("authorization"),
        host: header("host"),
        packed: quality(&header("accept-encoding"), "gzip").is_some_and(|wanted| wanted > 0.0),
        is_head,
    }))
}

/// How much a name of a header's list is wanted (RFC 9110, "Quality Values"): the most where it
/// stands more than once.
pub(crate) fn quality(list: &str, name: &str) -> Option<f32> {
    let weights = list.split(',').filter_map(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next()?.eq_ignore_ascii_case(name).then_some(())?;
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        Some(weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
    });
    weights.fold(None, |most: Option<f32>, one| {
        Some(most.map_or(one, |most| most.max(one)))
    })
}

/// Whether a `Host` header names this machine and nothing else: a name that was bent to this
/// machine (DNS rebinding) does not.
pub fn is_this_machine(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Request, is_this_machine, read_head};

    fn asked(head: &str) -> Option<Result<Request, u16>> {
        read_head(head.as_bytes())
    }

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        assert_eq!(asked("GET / HTTP/1.1\r\nHost: local"), None);
        let head = "GET /a.html?x=1#y HTTP/1.1\r\nhost: [::1]:8502\r\nAccept-Encoding: br, gzip\r\n\
                    Authorization: Bearer t\r\n\r\n";
        let expected = Request {
            path: "/a.html".to_owned(),
            query: "x=1".to_owned(),
            host: "[::1]:8502".to_owned(),
            authorization: "Bearer t".to_owned(),
            packed: true,
            ..Request::default()
        };
        assert_eq!(asked(head), Some(Ok(expected)));
        let head = asked("HEAD / HTTP/1.1\r\n\r\n");
        assert!(head.unwrap().unwrap().is_head);
    }

    #[test]
    fn wrong_heads_have_numbers() {
        assert_eq!(asked("\x16\x03\x01"), Some(Err(400)));
        let post = asked("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(post, Some(Err(405)));
    }

    #[test]
    fn only_names_of_this_machine_are_of_this_machine() {
        for host in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.0.0.1:8502",
            "127.9.9.9",
            "[::1]",
            "[::1]:2",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "localhost.evil",
            "0.0.0.0",
            "localhost:x",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
