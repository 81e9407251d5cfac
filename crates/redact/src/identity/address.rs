//! Addresses of hosts: what is one, and of which class.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Where an IPv4 address that begins here ends. `Chrome/120.0.0.0` is a version.
pub(super) fn ipv4(text: &[u8], at: usize) -> Option<usize> {
    if !text[at].is_ascii_digit() {
        return None;
    }
    let before = at.checked_sub(1).map(|at| text[at]);
    let is_glued = before.is_some_and(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let is_version = before == Some(b'/') && at >= 2 && text[at - 2].is_ascii_alphanumeric();
    if is_glued || is_version {
        return None;
    }
    let is_part = |b: &&u8| b.is_ascii_digit() || **b == b'.';
    let mut len = text[at..].iter().take(16).take_while(is_part).count();
    // A sentence may end behind it.
    len -= usize::from(text[at + len - 1] == b'.');
    let next = text.get(at + len).copied().unwrap_or(b' ');
    if next.is_ascii_alphanumeric()
        || next == b'_'
        || next == b'-'
            && text
                .get(at + len + 1)
                .is_some_and(u8::is_ascii_alphanumeric)
    {
        return None;
    }
    let address: Ipv4Addr = std::str::from_utf8(&text[at..at + len])
        .ok()?
        .parse()
        .ok()?;
    is_telling_v4(address).then_some(at + len)
}

/// Every machine has a loopback, and masks are numbers.
fn is_telling_v4(address: Ipv4Addr) -> bool {
    // Everybody's name servers.
    const PUBLIC: [[u8; 4]; 7] = [
        [1, 1, 1, 1],
        [1, 0, 0, 1],
        [8, 8, 8, 8],
        [8, 8, 4, 4],
        [9, 9, 9, 9],
        [208, 67, 222, 222],
        [208, 67, 220, 220],
    ];
    !(PUBLIC.contains(&address.octets())
        || address.is_loopback()
        || address.is_unspecified()
        || address.octets()[0] >= 224
        || address.is_link_local())
}

/// Where an IPv6 address that begins here ends.
pub(super) fn ipv6(text: &[u8], at: usize) -> Option<usize> {
    let is_part = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    if !is_part(&&text[at])
        || at > 0 && (text[at - 1].is_ascii_alphanumeric() || b"_.:-".contains(&text[at - 1]))
    {
        return None;
    }
    let mut len = text[at..].iter().take(46).take_while(is_part).count();
    if text[at..at + len].iter().filter(|b| **b == b':').count() < 2 {
        return None;
    }
    while len > 2
        && (text[at + len - 1] == b'.' || text[at + len - 1] == b':' && text[at + len - 2] != b':')
    {
        len -= 1;
    }
    let next = text.get(at + len).copied().unwrap_or(b' ');
    if next.is_ascii_alphanumeric() || next == b'_' || next == b':' {
        return None;
    }
    // `::1:9000` is a port of the loopback.
    if text[at..].starts_with(b"::1") {
        return None;
    }
    let address: Ipv6Addr = std::str::from_utf8(&text[at..at + len])
        .ok()?
        .parse()
        .ok()?;
    let is_local = address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unicast_link_local();
    (!is_local).then_some(at + len)
}

/// The network of a class that stand-ins are taken from, and where in it they begin.
pub(super) fn network_v4(address: Ipv4Addr) -> NetworkV4 {
    let [a, b, ..] = address.octets();
    match (a, b) {
        (10, _) => NetworkV4::Ten,
        (172, 16..=31) => NetworkV4::Twelve,
        (192, 168) => NetworkV4::Sixteen,
        (100, 64..=127) => NetworkV4::Carrier,
        _ => NetworkV4::Public,
    }
}

/// Classes of IPv4 networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum NetworkV4 {
    Ten,
    Twelve,
    Sixteen,
    Carrier,
    Public,
}

impl NetworkV4 {
    /// The first three bytes of the n-th network of 256 addresses.
    pub(super) fn nth(self, n: usize) -> [u8; 3] {
        let low = |n: usize| u8::try_from(n % 256).unwrap_or(0);
        match (self, n) {
            (NetworkV4::Ten, n) => [10, low(n / 256), low(n)],
            (NetworkV4::Twelve, n) => [172, 16 + low(n / 256) % 16, low(n)],
            (NetworkV4::Sixteen, n) => [192, 168, low(n)],
            (NetworkV4::Carrier, n) => [100, 64 + low(n / 256) % 64, low(n)],
            // Set aside for documentation, then for benchmarks.
            (NetworkV4::Public, 0) => [192, 0, 2],
            (NetworkV4::Public, 1) => [198, 51, 100],
            (NetworkV4::Public, 2) => [203, 0, 113],
            (NetworkV4::Public, n) => [198, 18 + low((n - 3) / 256) % 2, low(n - 3)],
        }
    }
}
