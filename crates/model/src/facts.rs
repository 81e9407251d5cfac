//! What is known of the machine beside its configuration files. The caller collects it from this
//! host, from a file tree, or reads it from a file that somebody wrote; nothing here is guessed.

use base::{Bytes, Limit};

use crate::accounts::Accounts;
use crate::php::PhpVersion;

/// A fact and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// Where it comes from: `host.toml:3`, `/proc/meminfo`, `nginx -V`.
    pub from: String,
}

/// A version of nginx such as 1.22.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NginxVersion {
    /// 1 of 1.22.1.
    pub major: u16,
    /// 22 of 1.22.1.
    pub minor: u16,
    /// 1 of 1.22.1.
    pub patch: u16,
}

impl NginxVersion {
    /// A version from its three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Parses `1.22.1`, also behind `nginx/` and before anything that is no number.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("nginx/").unwrap_or(text);
        let end = text.find(|c: char| c != '.' && !c.is_ascii_digit());
        let mut parts = text[..end.unwrap_or(text.len())].split('.');
        let mut number = || parts.next()?.parse().ok();
        let (major, minor) = (number()?, number()?);
        Some(Self::new(major, minor, number().unwrap_or(0)))
    }
}

impl std::fmt::Display for NginxVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What is known of a service: its systemd unit, its container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// `TimeoutStopSec`: after it systemd sends SIGKILL. Off for `infinity`.
    pub timeout_stop: Option<Fact<Limit>>,
    /// `KillSignal`: with what systemd stops it, such as `SIGTERM`.
    pub kill_signal: Option<Fact<String>>,
    /// `MemoryMax` of the unit or the limit of its cgroup; `None` inside for no limit.
    pub memory_max: Option<Fact<Option<Bytes>>>,
    /// `LimitNOFILE`: open files of a process, the soft limit.
    pub limit_nofile: Option<Fact<u64>>,
}

/// What is known of one PHP-FPM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FpmFacts {
    /// Its version; `None` when it is said of every FPM of the machine.
    pub version: Option<PhpVersion>,
    /// The whole version such as `8.2.31`.
    pub full_version: Option<Fact<String>>,
    /// Its service.
    pub service: Service,
    /// Measured memory of one worker: its proportional share (PSS), the mean.
    pub worker_memory: Option<Fact<Bytes>>,
}

/// What is known of nginx.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NginxFacts {
    /// Its version.
    pub version: Option<Fact<NginxVersion>>,
    /// What it was built with, in the words of `nginx -V`: `http_v2_module`, `stream`.
    pub modules: Option<Fact<Vec<String>>>,
    /// Its service.
    pub service: Service,
}

/// Everything that is known of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Memory of the machine, swap not counted.
    pub memory: Option<Fact<Bytes>>,
    /// Processor cores.
    pub cores: Option<Fact<u32>>,
    /// `net.core.somaxconn`: the kernel cuts every backlog to it.
    pub somaxconn: Option<Fact<u32>>,
    /// Users and groups, where the caller knows them better than the files do.
    pub accounts: Option<Accounts>,
    /// nginx.
    pub nginx: NginxFacts,
    /// One for each PHP-FPM, or one for all.
    pub fpm: Vec<FpmFacts>,
}

impl Facts {
    /// What is known of the FPM of a version; of the only one, or the one said of all, when the
    /// version is not known or not named.
    pub fn fpm(&self, version: Option<PhpVersion>) -> Option<&FpmFacts> {
        let named = self
            .fpm
            .iter()
            .find(|f| f.version.is_some() && f.version == version);
        let of_all = || self.fpm.iter().find(|f| f.version.is_none());
        let only = || {
            self.fpm
                .first()
                .filter(|_| version.is_none() && self.fpm.len() == 1)
        };
        named.or_else(of_all).or_else(only)
    }

    /// The memory that all processes of an FPM may take together: the machine's, or less when its
    /// service may not have as much.
    pub fn memory_for(&self, fpm: Option<&FpmFacts>) -> Option<Fact<Bytes>> {
        let limit = fpm.and_then(|fpm| fpm.service.memory_max.as_ref());
        let limit = limit.and_then(|fact| {
            Some(Fact {
                value: fact.value?,
                from: fact.from.clone(),
            })
        });
        match (limit, &self.memory) {
            (Some(limit), Some(memory)) if memory.value < limit.value => Some(memory.clone()),
            (Some(limit), _) => Some(limit),
            (None, memory) => memory.clone(),
        }
    }
}
