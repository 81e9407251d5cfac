//! Machines that files are for: the services of a Compose file, the containers of a pod. Each has
//! a loopback and files of its own; others reach it by name.

use crate::address::{Address, Host, Reach};
use crate::model::{Backend, Model, Nginx, PoolId};
use crate::nginx::{Route, ScopeId};

/// One machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// What its files come from, as [`crate::Source::via`] says.
    pub via: String,
    /// Its name for people: `service php`.
    pub shown: String,
    /// The names by which machines of the same network reach it.
    pub names: Vec<Vec<u8>>,
    /// Names that stand in front of it with ports of their own: Services of Kubernetes.
    pub doors: Vec<Door>,
    /// What is tried behind a name that it asks for: `shop.svc.cluster.local`.
    pub search: Vec<Vec<u8>>,
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

/// A name that leads to a machine, and where it arrives there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// The whole name.
    pub name: Vec<u8>,
    /// The ports that are open, and the port of the machine behind each: `None` when that is not
    /// in the files.
    pub ports: Vec<(u16, Option<u16>)>,
}

impl Machine {
    /// Whether the names of another machine mean something here.
    fn reaches(&self, there: &Machine) -> bool {
        let is_shared = |segment| there.segments.contains(segment);
        self.segments.is_empty() || there.segments.is_empty() || self.segments.iter().any(is_shared)
    }

    /// Whether a name that is asked for here is this one.
    fn means(&self, asked: &[u8], name: &[u8]) -> bool {
        let asked = asked.strip_suffix(b".").unwrap_or(asked);
        let is_behind = |suffix: &Vec<u8>| {
            let rest = name.strip_prefix(asked);
            rest.and_then(|rest| rest.strip_prefix(b".")) == Some(suffix.as_slice())
        };
        asked == name || self.search.iter().any(is_behind)
    }

    /// Whether a name that is asked for here is one of another machine's.
    fn calls(&self, there: &Machine, asked: &[u8]) -> bool {
        there.names.iter().any(|name| self.means(asked, name))
    }

    /// The door of another machine that is meant by a name.
    fn door<'t>(&self, there: &'t Machine, asked: &[u8]) -> Option<&'t Door> {
        let mut doors = there.doors.iter();
        let is_near = there.network == self.network;
        doors.find(|door| is_near && self.means(asked, &door.name))
    }

    /// Whether what is sent to an address arrives at one where another machine listens.
    fn arrives(&self, address: &Address, there: &Machine, listen: &Address) -> bool {
        if self.network != there.network {
            return false;
        }
        match (address, listen) {
            (Address::Tcp(host, _), _) if host.is_local() => {
                self.loopback == there.loopback && address.reaches(listen) == Reach::Yes
            }
            (Address::Tcp(Host::Name(name), port), Address::Tcp(at, open))
                if (!at.is_local() || at.is_any()) && self.reaches(there) =>
            {
                let door = self.door(there, name);
                let behind = door.and_then(|door| {
                    let mut ports = door.ports.iter();
                    ports.find(|(asked, _)| asked == port)?.1
                });
                behind == Some(*open) || self.calls(there, name) && port == open
            }
            (Address::Unix(path), Address::Unix(listen)) => {
                self.place(path) == there.place(&crate::address::clean_path(listen))
            }
            _ => false,
        }
    }

    /// What tells a socket from one of the same path on another machine, and whether it lies in a
    /// folder that others have too.
    fn place(&self, path: &[u8]) -> (Vec<u8>, bool) {
        let below = self.shared.iter().filter_map(|(dir, what)| {
            let rest = path.strip_prefix(dir.as_slice())?;
            rest.starts_with(b"/").then_some((what, rest))
        });
        // The innermost folder is the one that is mounted last.
        let longest = below.min_by_key(|(_, rest)| rest.len());
        match longest {
            // One of them may have a part of what another has.
            Some((what, rest)) => ([what.as_slice(), rest].concat(), true),
            None => ([self.via.as_bytes(), b":", path].concat(), false),
        }
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
            Address::Tcp(Host::Name(name), port) if self.has_door(here, name) => {
                self.behind_door(here, name, *port)
            }
            Address::Tcp(Host::Name(name), _) => {
                let is_named =
                    |there: &Machine| there.network == here.network && here.calls(there, name);
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

    fn has_door(&self, here: &Machine, name: &[u8]) -> bool {
        let mut machines = self.machines.iter();
        machines.any(|there| here.door(there, name).is_some())
    }

    /// Who answers behind a door: each machine may have another port there.
    fn behind_door(&self, here: &Machine, name: &[u8], port: u16) -> Backend {
        let target = |there: &Machine| {
            let door = here.door(there, name)?;
            let open = door.ports.iter().find(|(open, _)| *open == port);
            open.map(|(_, target)| *target)
        };
        let asked = Address::Tcp(Host::Name(name.to_vec()), port);
        let mut targets: Vec<u16> = Vec::new();
        for there in &self.machines {
            match target(there) {
                Some(Some(known)) if !targets.contains(&known) => targets.push(known),
                Some(None) => {
                    let there = &there.shown;
                    return Backend::Unknown(format!(
                        "the port behind {asked} has a name that {there} does not tell"
                    ));
                }
                _ => {}
            }
        }
        let mut answer = Backend::Nobody;
        for known in targets {
            let is_it = |there: &Machine| target(there) == Some(Some(known));
            let address = Address::Tcp(Host::Name(name.to_vec()), known);
            let found = self.at_port(&address, &is_it, false);
            answer = found.unwrap_or_else(|| self.nobody(&is_it, &address, here));
            if matches!(answer, Backend::Pool(_)) {
                return answer;
            }
        }
        answer
    }

    /// The servers that a route's requests arrive at: of its own nginx, or of another machine's.
    pub fn servers_behind<'m>(
        &'m self,
        nginx: &'m Nginx,
        route: &Route,
    ) -> Vec<(&'m Nginx, ScopeId)> {
        let own = nginx.servers_behind(route).into_iter();
        let Some(here) = nginx.machine.and_then(|at| self.machines.get(at)) else {
            return own.map(|server| (nginx, server)).collect();
        };
        let mut out = Vec::new();
        for address in route
            .peers
            .iter()
            .filter_map(|peer| peer.address.as_ref().ok())
        {
            for other in &self.nginx {
                let Some(there) = other.machine.and_then(|at| self.machines.get(at)) else {
                    continue;
                };
                let arrives = |listen: &Address| here.arrives(address, there, listen);
                let found = other.listens.iter().filter(|(listen, _)| arrives(listen));
                out.extend(found.map(|(_, server)| (other, *server)));
            }
        }
        out
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
        let is_shared = place.1;
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

#[cfg(test)]
mod tests {
    use super::{Door, Machine};
    use crate::php::FpmInput;
    use crate::{Backend, Inputs, MemoryFiles, Model, Source};
    use base::FilePath;

    /// Who answers when a pod of one namespace asks for this address, and a pool of another
    /// listens at `listen` behind the Service `php.shop`: port 80 leads to 9000.
    fn asked(from: &str, address: &str, listen: &str) -> Backend {
        let mut files = MemoryFiles::default();
        let nginx = format!(
            "events {{}}\nhttp {{ server {{ location / {{ fastcgi_pass {address}; }} }} }}\n"
        );
        files.insert("/nginx.conf", nginx.as_bytes());
        files.insert(
            "/fpm.conf",
            format!("[www]\nlisten = {listen}\n").as_bytes(),
        );
        let machine = |via: &str| Machine {
            via: via.to_owned(),
            shown: via.to_owned(),
            is_whole: true,
            ..Machine::default()
        };
        let web = Machine {
            search: vec![
                format!("{from}.svc.cluster.local").into_bytes(),
                b"svc.cluster.local".to_vec(),
                b"cluster.local".to_vec(),
            ],
            ..machine("web")
        };
        let php = Machine {
            loopback: 1,
            doors: vec![Door {
                name: b"php.shop.svc.cluster.local".to_vec(),
                ports: vec![(80, Some(9000)), (81, None)],
            }],
            ..machine("php")
        };
        let mut inputs = Inputs {
            machines: vec![web, php],
            ..Inputs::default()
        };
        inputs.nginx.push(Source {
            input: FilePath::new("/nginx.conf"),
            files: &files,
            via: Some("web".to_owned()),
        });
        inputs.fpm.push(Source {
            input: FpmInput::main(FilePath::new("/fpm.conf")),
            files: &files,
            via: Some("php".to_owned()),
        });
        let model = Model::load(inputs, &files);
        model.backend(&model.nginx[0].routes[0].peers[0])
    }

    #[test]
    fn a_door_is_found_by_the_names_that_are_searched() {
        for (from, address) in [
            ("shop", "php:80"),
            ("shop", "php.shop:80"),
            ("blog", "php.shop:80"),
            ("blog", "php.shop.svc:80"),
            ("blog", "php.shop.svc.cluster.local:80"),
            ("blog", "php.shop.svc.cluster.local.:80"),
        ] {
            let answer = asked(from, address, "9000");
            assert!(
                matches!(answer, Backend::Pool(_)),
                "{from} {address}: {answer:?}"
            );
        }
        let answer = asked("blog", "php:80", "9000");
        assert!(matches!(answer, Backend::Unknown(_)), "{answer:?}");
    }

    #[test]
    fn a_door_leads_to_its_own_ports() {
        assert_eq!(asked("shop", "php:9000", "9000"), Backend::Nobody);
        assert_eq!(asked("shop", "php:80", "80"), Backend::Nobody);
        let answer = asked("shop", "php:80", "127.0.0.1:9000");
        assert!(matches!(answer, Backend::Loopback(_)), "{answer:?}");
        let answer = asked("shop", "php:81", "9000");
        assert!(matches!(answer, Backend::Unknown(_)), "{answer:?}");
    }
}
