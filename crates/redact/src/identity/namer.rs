//! What stands for a host, an address, a user.

use base::SortedMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::{NetworkV4, network_v4};
use crate::find::Class;
use crate::map::Map;

/// Labels of hosts that say nothing.
const PLAIN_LABELS: [&str; 20] = [
    "www", "api", "admin", "app", "assets", "auth", "backend", "cdn", "db", "dev", "git", "img",
    "mail", "m", "media", "mx", "shop", "smtp", "staging", "static",
];

/// Hands out stand-ins that keep what a linter needs.
#[derive(Debug, Default)]
pub(crate) struct Namer {
    domains: SortedMap<String, usize>,
    labels: SortedMap<(usize, String), usize>,
    networks_v4: SortedMap<(NetworkV4, [u8; 3]), usize>,
    counts_v4: SortedMap<NetworkV4, usize>,
    hosts_v4: SortedMap<[u8; 3], Vec<u8>>,
    networks_v6: SortedMap<u64, usize>,
    hosts_v6: SortedMap<(usize, u64), usize>,
    mails: usize,
    accounts: usize,
    names: usize,
}

impl Namer {
    /// Goes on where a map ends.
    pub(crate) fn continuing(map: &Map) -> Self {
        let mut namer = Self::default();
        for entry in map
            .entries
            .iter()
            .filter(|entry| entry.class != Class::Secret)
        {
            namer.name(entry.class, &entry.value, map);
        }
        namer
    }

    /// What stands for a new value.
    pub(crate) fn name(&mut self, class: Class, value: &[u8], map: &Map) -> String {
        let text = String::from_utf8_lossy(value);
        match class {
            Class::Host => self.host(&text, &map.domain),
            Class::Ipv4 => self.ipv4(&text),
            Class::Ipv6 => self.ipv6(&text),
            Class::Mail => {
                self.mails += 1;
                format!("user{:03}@{}", self.mails, map.domain)
            }
            Class::Account => {
                self.accounts += 1;
                format!("{}{:04}", map.account_prefix, self.accounts)
            }
            Class::Name | Class::Secret => {
                self.names += 1;
                crate::place::word(&map.name_prefix, self.names)
            }
        }
    }

    /// The domain is numbered; what stands before it stays, when it says nothing. In a regular
    /// expression each dot stays as it was written, escaped or not.
    fn host(&mut self, host: &str, stem: &str) -> String {
        let labels: Vec<&str> = host.split('.').collect();
        let is_double = labels.len() > 2
            && labels[labels.len() - 1].len() == 2
            && labels[labels.len() - 2].len() <= 4;
        let own = labels.len().saturating_sub(if is_double { 3 } else { 2 });
        let plain = |label: &str| label.trim_end_matches('\\').to_owned();
        let next = self.domains.len() + 1;
        let domain: Vec<String> = labels[own..].iter().map(|label| plain(label)).collect();
        let domain = *self.domains.entry(domain.join(".")).or_insert(next);
        let mut out = String::new();
        for label in &labels[..own] {
            let name = plain(label);
            if PLAIN_LABELS.contains(&name.as_str()) {
                out += &name;
            } else {
                let next = self.labels.len() + 1;
                let number = self.labels.entry((domain, name)).or_insert(next);
                out += &format!("h{number}");
            }
            out += if label.ends_with('\\') { "\\." } else { "." };
        }
        let is_escaped = labels.len() > 1 && labels[labels.len() - 2].ends_with('\\');
        let stand_in = format!("host-{domain:03}.{stem}");
        out + &if is_escaped {
            stand_in.replace('.', "\\.")
        } else {
            stand_in
        }
    }

    /// One of the same class; of one network of 256, one of one network.
    fn ipv4(&mut self, text: &str) -> String {
        let address: Ipv4Addr = text.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let [a, b, c, d] = address.octets();
        let class = network_v4(address);
        let next = *self.counts_v4.get(&class).unwrap_or(&0);
        let number = *self.networks_v4.entry((class, [a, b, c])).or_insert(next);
        if number == next {
            self.counts_v4.insert(class, next + 1);
        }
        let [x, y, z] = class.nth(number);
        let hosts = self.hosts_v4.entry([a, b, c]).or_default();
        // The first and the last address of a network are not of a host.
        let host = match d {
            0 | 255 => d,
            _ => {
                let known = hosts.iter().position(|host| *host == d).unwrap_or_else(|| {
                    hosts.push(d);
                    hosts.len() - 1
                });
                u8::try_from(known + 1).unwrap_or(254)
            }
        };
        format!("{x}.{y}.{z}.{host}")
    }

    /// One of the documentation's network, or of the unique local ones; of one network of 64 bits,
    /// one of one network.
    fn ipv6(&mut self, text: &str) -> String {
        let address: Ipv6Addr = text.parse().unwrap_or(Ipv6Addr::UNSPECIFIED);
        let bits = u128::from(address);
        let high = u64::try_from(bits >> 64).unwrap_or(0);
        let low = u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        let next = self.networks_v6.len() + 1;
        let network = *self.networks_v6.entry(high).or_insert(next);
        let next = self.hosts_v6.len() + 1;
        let host = match low {
            0 => 0,
            _ => *self.hosts_v6.entry((network, low)).or_insert(next),
        };
        let is_local = bits >> 121 == 0xFC >> 1;
        let prefix: u128 = if is_local {
            0xFD00 << 112
        } else {
            0x2001_0DB8 << 96
        };
        let number = |n: usize| u128::try_from(n).unwrap_or(0);
        Ipv6Addr::from(prefix | number(network) << 64 | number(host)).to_string()
    }
}
