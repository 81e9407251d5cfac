//! Socket addresses in the forms nginx and PHP-FPM write them, and whether the one reaches the
//! other.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use base::FilePath;
use base::source::printable;

use crate::files::Files;

/// The host part of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// Every address of the machine.
    Any,
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address.
    V6(Ipv6Addr),
    /// A name that somebody must resolve.
    Name(Vec<u8>),
}

/// Where something listens or is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A unix socket.
    Unix(Vec<u8>),
    /// A TCP port.
    Tcp(Host, u16),
}

/// Whether a connection to one address arrives at a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It does.
    Yes,
    /// It cannot.
    No,
    /// That depends on something outside the configuration.
    Unknown(String),
}

impl Address {
    /// Parses what nginx takes in `fastcgi_pass` and upstream `server` (`ngx_parse_url`):
    /// `unix:PATH`, `HOST:PORT`, `[V6]:PORT`, and without a port when there is a default one.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &[u8], default_port: Option<u16>) -> Result<Address, String> {
        if text
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case(b"unix:"))
        {
            return match &text[5..] {
                b"" => Err("no path in the unix domain socket".to_owned()),
                path => Ok(Address::Unix(path.to_vec())),
            };
        }
        let (host, port) = split_port(text)?;
        let port = match port {
            Some(port) => parse_port(port)?,
            None => default_port.ok_or_else(|| format!("no port in `{}`", printable(text)))?,
        };
        Ok(Address::Tcp(Host::parse(host)?, port))
    }

    /// The address with what is the same thing made the same: symbolic links followed, `/var/run`
    /// written as `/run`, doubled slashes removed.
    #[must_use]
    pub fn normalised(&self, files: &dyn Files) -> Address {
        match self {
            Address::Unix(path) => Address::Unix(normal_path(path, files)),
            tcp @ Address::Tcp(..) => tcp.clone(),
        }
    }

    /// Whether a connection to this address arrives at `listener`; both normalised.
    pub fn reaches(&self, listener: &Address) -> Reach {
        match (self, listener) {
            (Address::Unix(a), Address::Unix(b)) if a == b => Reach::Yes,
            (Address::Tcp(host, port), Address::Tcp(at, at_port)) if port == at_port => {
                host.reaches(at)
            }
            _ => Reach::No,
        }
    }

    /// A service name or another machine's address: whether it is this machine is not in the files.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Address::Tcp(host, _) if !host.is_local())
    }
}

impl Host {
    fn parse(text: &[u8]) -> Result<Host, String> {
        let string = std::str::from_utf8(text).unwrap_or("");
        let inner = string.strip_prefix('[').and_then(|s| s.strip_suffix(']'));
        if let Some(v6) = inner {
            let parsed = v6.parse().map(Host::V6);
            return parsed.map_err(|_| format!("`{v6}` is no IPv6 address"));
        }
        match (text, string.parse()) {
            (b"", _) => Err("no host".to_owned()),
            (b"*", _) => Ok(Host::Any),
            (_, Ok(v4)) => Ok(Host::V4(v4)),
            _ => Ok(Host::Name(text.to_ascii_lowercase())),
        }
    }

    /// The loopback addresses and the name that always means them.
    pub fn is_local(&self) -> bool {
        match self {
            Host::Any => true,
            Host::V4(v4) => v4.is_loopback() || v4.is_unspecified(),
            Host::V6(v6) => v6.is_loopback() || v6.is_unspecified(),
            Host::Name(name) => name == b"localhost",
        }
    }

    pub(crate) fn is_any(&self) -> bool {
        match self {
            Host::Any => true,
            Host::V4(v4) => v4.is_unspecified(),
            Host::V6(v6) => v6.is_unspecified(),
            Host::Name(_) => false,
        }
    }

    fn reaches(&self, listener: &Host) -> Reach {
        if self == listener {
            return Reach::Yes;
        }
        let v6_only = matches!(listener, Host::V6(_));
        match (self.is_local(), listener.is_local()) {
            // `localhost` may be either loopback; an IPv4 address never reaches `[::1]`.
            (true, true) => match (self, listener) {
                (Host::V4(_), Host::V6(_)) if v6_only && !listener.is_any() => Reach::No,
                (Host::V6(_), Host::V4(_)) => Reach::No,
                (Host::V4(a), Host::V4(b)) if !listener.is_any() && !self.is_any() && a != b => {
                    Reach::No
                }
                _ => Reach::Yes,
            },
            (true, false) => match listener {
                Host::Name(_) => Reach::Unknown(format!("what `{listener}` resolves to")),
                _ => Reach::No,
            },
            (false, _) if matches!(self, Host::Name(_)) || listener.is_any() => {
                Reach::Unknown(format!("whether `{self}` is the machine of the pool"))
            }
            (false, _) => Reach::No,
        }
    }
}

fn split_port(text: &[u8]) -> Result<(&[u8], Option<&[u8]>), String> {
    if text.first() == Some(&b'[') {
        let end = text
            .iter()
            .position(|&b| b == b']')
            .ok_or_else(|| format!("invalid host in `{}`", printable(text)))?;
        let rest = &text[end + 1..];
        return Ok((&text[..=end], rest.strip_prefix(b":")));
    }
    match text.iter().rposition(|&b| b == b':') {
        Some(at) => Ok((&text[..at], Some(&text[at + 1..]))),
        None => Ok((text, None)),
    }
}

fn parse_port(text: &[u8]) -> Result<u16, String> {
    let number = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
    match number {
        Some(port) if port > 0 => Ok(port),
        _ => Err(format!("invalid port `{}`", printable(text))),
    }
}

fn normal_path(path: &[u8], files: &dyn Files) -> Vec<u8> {
    let clean = clean_path(path);
    let whole = FilePath::new(&clean);
    if let Some(resolved) = files.resolve(&whole) {
        return clean_path(resolved.as_bytes());
    }
    // The socket of a stopped server is gone, but the directory's links are still there.
    match files.resolve(&FilePath::new(whole.parent())) {
        Some(dir) => clean_path(&[dir.as_bytes(), b"/", whole.name()].concat()),
        None => clean,
    }
}

/// Without doubled slashes and single dots; `/var/run` has been a link to `/run` on every
/// distribution for ten years.
pub(crate) fn clean_path(path: &[u8]) -> Vec<u8> {
    let parts = path
        .split(|&b| b == b'/')
        .filter(|part| !part.is_empty() && *part != b".");
    let mut out = Vec::with_capacity(path.len());
    for part in parts {
        if path.starts_with(b"/") || !out.is_empty() {
            out.push(b'/');
        }
        out.extend_from_slice(part);
    }
    match out.strip_prefix(b"/var/run/") {
        Some(rest) => [b"/run/", rest].concat(),
        None => out,
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Any => f.write_str("*"),
            Host::V4(v4) => v4.fmt(f),
            Host::V6(v6) => write!(f, "[{v6}]"),
            Host::Name(name) => f.write_str(&printable(name)),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix:{}", printable(path)),
            Address::Tcp(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Reach};
    use crate::files::MemoryFiles;

    fn reach(from: &str, to: &str) -> Reach {
        let files = MemoryFiles::default();
        let at = |text: &str| {
            let parsed = Address::parse(text.as_bytes(), None);
            parsed.expect("a valid address").normalised(&files)
        };
        at(from).reaches(&at(to))
    }

    #[test]
    fn the_same_place_is_found_under_its_names() {
        for (from, to) in [
            ("unix:/var/run/php/a.sock", "unix:/run/php/a.sock"),
            ("unix:/run//php/./a.sock", "unix:/run/php/a.sock"),
            ("127.0.0.1:9000", "*:9000"),
            ("localhost:9000", "127.0.0.1:9000"),
            ("localhost:9000", "[::1]:9000"),
            ("[::1]:9000", "[::]:9000"),
            ("127.0.0.1:9000", "[::]:9000"),
            ("PHP:9000", "php:9000"),
        ] {
            assert_eq!(reach(from, to), Reach::Yes, "{from} to {to}");
        }
    }

    #[test]
    fn other_places_are_told_apart() {
        for (from, to) in [
            ("unix:/run/php/a.sock", "unix:/run/php/b.sock"),
            ("127.0.0.1:9000", "127.0.0.1:9001"),
            ("127.0.0.1:9000", "[::1]:9000"),
            ("127.0.0.2:9000", "127.0.0.1:9000"),
            ("127.0.0.1:9000", "10.0.0.1:9000"),
        ] {
            assert_eq!(reach(from, to), Reach::No, "{from} to {to}");
        }
    }

    #[test]
    fn another_machine_is_unknown() {
        for (from, to) in [
            ("php:9000", "*:9000"),
            ("10.0.0.5:9000", "*:9000"),
            ("php:9000", "127.0.0.1:9000"),
        ] {
            assert!(matches!(reach(from, to), Reach::Unknown(_)), "{from}, {to}");
        }
    }
}
