//! Machines that files are for: the services of a Compose file, the containers of a pod. Each has
//! a loopback and files of its own; others reach it by name.

use crate::address::{Address, Host, Reach};
use crate::model::{Backend, Model, PoolId};

/// One machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// What its files come from, as [`crate::Source::via`] says.
    pub via: String,
    /// Its name for people: `service php`.
    pub shown: String,
    /// The names by which machines of the same network reach it.
    pub names: Vec<Vec<u8>>,
    /// Which network: names mean nothing in another one.
    pub network: usize,
    /// Parts of the network that it is in: names lead only to machines with which it shares one.
    /// Empty when there are no parts.
    pub segments: Vec<Vec<u8>>,
    /// Machines with the same number share a loopback, as containers of a pod do.
    pub loopback: usize,
    /// Folders that others have too: (path, what lies there).
    pub shared: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether everything that may listen on it is known.
    pub is_whole: bool,
}

impl Machine {
    /// Whether the names of another machine mean something here.
    fn reaches(&self, there: &Machine) -> bool {
        let is_shared = |segment| there.segments.contains(segment);
        self.segments.is_empty() || there.segments.is_empty() || self.segments.iter().any(is_shared)
    }

    /// What tells a socket from one of the same path on another machine.
    fn place(&self, path: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let below = |(dir, what): &(Vec<u8>, Vec<u8>)| {
            let rest = path.strip_prefix(dir.as_slice())?;
            rest.starts_with(b"/")
                .then(|| (what.clone(), rest.to_vec()))
        };
        // The innermost folder is the one that is mounted last.
        let longest = self
            .shared
            .iter()
            .filter_map(below)
            .min_by_key(|(_, rest)| rest.len());
        longest.unwrap_or_else(|| (self.via.clone().into_bytes(), path.to_vec()))
    }
}

impl Model {
    /// The machine of a pool.
    pub fn machine_of(&self, pool: PoolId) -> Option<&Machine> {
        let at = self.fpm[pool.fpm].machine?;
        self.machines.get(at)
    }

    /// Who answers at an address that a machine asks.
    pub(crate) fn backend_from(&self, here: &Machine, address: &Address) -> Backend {
        match address {
            Address::Unix(path) => self.at_socket(here, path),
            Address::Tcp(host, _) if host.is_local() => {
                let is_near = |there: &Machine| {
                    there.loopback == here.loopback && there.network == here.network
                };
                self.at_port(address, &is_near, true)
                    .unwrap_or_else(|| self.nobody(&is_near, address, here))
            }
            Address::Tcp(Host::Name(name), _) => {
                let is_named =
                    |there: &Machine| there.network == here.network && there.names.contains(name);
                let is_it = |there: &Machine| is_named(there) && here.reaches(there);
                if let Some(there) = self.machines.iter().find(|there| is_named(there))
                    && !self.machines.iter().any(is_it)
                {
                    let name = base::source::printable(name);
                    let (here, there) = (&here.shown, &there.shown);
                    return Backend::Unknown(format!(
                        "`{name}` means nothing in {here}: it shares no network with {there}"
                    ));
                }
                if !self.machines.iter().any(is_it) {
                    return Backend::Unknown(format!(
                        "`{}` is no machine of these files",
                        base::source::printable(name)
                    ));
                }
                self.at_port(address, &is_it, false)
                    .unwrap_or_else(|| self.nobody(&is_it, address, here))
            }
            Address::Tcp(..) => Backend::Unknown(format!("`{address}` is an address outside")),
        }
    }

    fn at_socket(&self, here: &Machine, path: &[u8]) -> Backend {
        let place = here.place(path);
        for (id, pool) in self.pools() {
            let Some(there) = self.machine_of(id) else {
                continue;
            };
            if there.network == here.network
                && let Some(Address::Unix(listen)) = pool.listen_address()
                && there.place(&crate::address::clean_path(&listen)) == place
            {
                return Backend::Pool(id);
            }
        }
        // A folder that others share may be filled by one that is not known.
        let is_shared = place.0 != here.via.as_bytes();
        let may_be =
            |there: &Machine| there.network == here.network && (is_shared || there.via == here.via);
        let address = Address::Unix(path.to_vec());
        self.nobody(&may_be, &address, here)
    }

    /// A pool that listens at this port of one of these machines.
    fn at_port(
        &self,
        address: &Address,
        is_it: &dyn Fn(&Machine) -> bool,
        is_near: bool,
    ) -> Option<Backend> {
        let mut loopback = None;
        for (id, pool) in self.pools() {
            let (true, Some(listen)) = (
                self.machine_of(id).is_some_and(is_it),
                pool.listen_address(),
            ) else {
                continue;
            };
            let (Address::Tcp(_, wanted), Address::Tcp(at, port)) = (address, &listen) else {
                continue;
            };
            if is_near {
                if address.reaches(&listen) == Reach::Yes {
                    return Some(Backend::Pool(id));
                }
            } else if wanted == port {
                if at.is_any() {
                    return Some(Backend::Pool(id));
                }
                if at.is_local() {
                    loopback = Some(Backend::Loopback(id));
                }
            }
        }
        loopback
    }

    fn nobody(
        &self,
        is_it: &dyn Fn(&Machine) -> bool,
        address: &Address,
        here: &Machine,
    ) -> Backend {
        let those = || self.machines.iter().filter(|there| is_it(there));
        let unknown = those().find(|there| !there.is_whole);
        let of = |there: &Machine| match there.via == here.via {
            true => "there".to_owned(),
            false => format!("in {}", there.shown),
        };
        let pool = self.pools().find(|(id, pool)| {
            self.machine_of(*id).is_some_and(is_it) && pool.listen_address().is_none()
        });
        match (unknown, pool) {
            (Some(there), _) => Backend::Unknown(format!(
                "what listens at {address} {} is not in the files",
                of(there)
            )),
            (None, Some(_)) => Backend::Unknown("the address of a pool is not known".to_owned()),
            (None, None) => Backend::Nobody,
        }
    }
}
