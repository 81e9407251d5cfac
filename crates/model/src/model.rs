//! The whole picture: nginx configurations, PHP-FPM instances, and which route ends at which pool.

use base::source::some_of;
use base::{FileId, FilePath, Problem, ProblemKind, SortedMap, SortedSet, Sources};

use crate::address::{Address, Host, Reach};
use crate::chain;
use crate::facts::Facts;
use crate::files::Files;
use crate::load::Loader;
use crate::machine::Machine;
use crate::nginx::{Config, Peer, Protocol, Route, ScopeId, ScopeKind, route};
use crate::php::{self, Extra, Fpm, FpmInput, Pool};
use crate::template::Holes;

/// What to load.
#[derive(Default)]
pub struct Inputs<'f> {
    /// nginx main files, or fragments, each with the files it can see.
    pub nginx: Vec<Source<'f, FilePath>>,
    /// PHP-FPM instances.
    pub fpm: Vec<Source<'f, FpmInput>>,
    /// `ADDRESS=POOL` as the user says: which pool answers at an address that the files alone
    /// cannot join.
    pub maps: Vec<(Address, Vec<u8>)>,
    /// Take what a fragment does not set as the default.
    pub assume_defaults: bool,
    /// What is known of the machine.
    pub facts: Facts,
    /// The machines that the inputs are for, when there are several.
    pub machines: Vec<Machine>,
}

/// An input and the files around it.
pub struct Source<'f, T> {
    /// The input.
    pub input: T,
    /// Where its includes are looked up.
    pub files: &'f dyn Files,
    /// What the files come from when that is not the disk, such as `dump.txt (nginx -T)`.
    pub via: Option<String>,
}

/// One nginx configuration with its routes.
pub struct Nginx {
    /// Blocks and values.
    pub config: Config,
    /// Every location that ends at a backend.
    pub routes: Vec<Route>,
    /// Where its HTTP servers listen.
    pub listens: Vec<(Address, ScopeId)>,
    /// Its machine, when there are several: its index in [`Model::machines`].
    pub machine: Option<usize>,
    /// Settings of the `.user.ini` in each document root.
    pub user_inis: SortedMap<Vec<u8>, Vec<Extra>>,
}

impl Nginx {
    /// Servers of this nginx that a route's requests arrive at.
    pub fn servers_behind(&self, route: &Route) -> Vec<ScopeId> {
        let peers = route.peers.iter();
        peers.flat_map(|peer| self.servers_at(peer)).collect()
    }

    /// Servers of this nginx that listen at a peer's address. Several may share it; which one
    /// answers depends on the request's host.
    pub fn servers_at(&self, peer: &Peer) -> Vec<ScopeId> {
        let Ok(address) = &peer.address else {
            return Vec::new();
        };
        let found = self
            .listens
            .iter()
            .filter(|(listen, _)| address.reaches(listen) == Reach::Yes);
        found.map(|(_, server)| *server).collect()
    }
}

/// Where the HTTP servers listen (`ngx_http_core_listen`): an address, a port, or port 80.
fn listens(config: &Config, files: &dyn Files) -> Vec<(Address, ScopeId)> {
    let mut out = Vec::new();
    let servers = config.scopes().filter(|(_, s)| s.kind == ScopeKind::Server);
    for (server, _) in servers {
        let mut any = false;
        for item in config.all(server, "listen") {
            any = true;
            if config.unsure(item).is_some() {
                continue;
            }
            let text = config.word(item, 1).unwrap_or_default();
            if let Some(address) = listen_address(&text) {
                out.push((address.normalised(files), server));
            }
        }
        if !any {
            out.push((Address::Tcp(Host::Any, 80), server));
        }
    }
    out
}

fn listen_address(text: &[u8]) -> Option<Address> {
    match std::str::from_utf8(text).ok()?.parse() {
        Ok(port) => Some(Address::Tcp(Host::Any, port)),
        Err(_) => Address::parse(text, Some(80)).ok(),
    }
}

/// Index of a pool: which FPM, and which of its pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId {
    /// Index in [`Model::fpm`].
    pub fpm: usize,
    /// Index in its pools.
    pub pool: usize,
}

/// Who answers at a peer's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// This pool.
    Pool(PoolId),
    /// Nobody among all pools that were given.
    Nobody,
    /// This pool has the port, at the loopback of another machine: nobody else reaches it there.
    Loopback(PoolId),
    /// The files do not say.
    Unknown(String),
}

/// Everything that was given, joined.
pub struct Model {
    /// All files.
    pub sources: Sources,
    /// Everything that kept us from knowing.
    pub problems: Vec<Problem>,
    /// nginx configurations.
    pub nginx: Vec<Nginx>,
    /// PHP-FPM instances.
    pub fpm: Vec<Fpm>,
    /// Users and groups of the system, when its files were at hand.
    pub accounts: Option<crate::accounts::Accounts>,
    /// What is known of the machine.
    pub facts: Facts,
    /// The machines that the files are for; none when there is one.
    pub machines: Vec<Machine>,
    /// What is filled in elsewhere.
    pub holes: Holes,
    listeners: SortedMap<Address, Vec<PoolId>>,
    others: Vec<(Address, PoolId)>,
    maps: Vec<(Address, Vec<u8>)>,
}

impl Model {
    /// Reads and joins everything.
    pub fn load(inputs: Inputs<'_>, host: &dyn Files) -> Model {
        let mut loader = Loader::new(host);
        let machines = inputs.machines;
        let machine = |via: &Option<String>| {
            let via = via.as_ref()?;
            machines.iter().position(|machine| machine.via == *via)
        };
        let mut nginx = Vec::new();
        let (mut fragments, mut first_fragment) = (Vec::new(), None);
        for source in inputs.nginx {
            loader.switch(source.files, source.via);
            let mut config = Config::load(&mut loader, &source.input);
            config.complete = inputs.assume_defaults || !config.is_fragment();
            if !config.complete {
                first_fragment.get_or_insert(loader.problems.len());
                fragments.push(loader.shown(&config.main).to_string());
            }
            crate::nginx::check(&mut loader, &config);
            let mut routes = route::routes(&config, source.files);
            let machine = machine(&loader.via);
            for peer in routes.iter_mut().flat_map(|route| &mut route.peers) {
                peer.machine = machine;
            }
            let user_inis = chain::read_user_inis(&mut loader, &config, &routes);
            nginx.push(Nginx {
                listens: listens(&config, source.files),
                config,
                routes,
                machine,
                user_inis,
            });
        }
        if let Some(at) = first_fragment {
            loader.problems.insert(at, of_fragments(&fragments));
        }
        tell_apart(&mut nginx, &machines);
        let mut fpm = Vec::new();
        for source in inputs.fpm {
            loader.switch(source.files, source.via);
            let mut instance = php::load(&mut loader, &source.input);
            instance.machine = machine(&loader.via);
            fpm.push(instance);
        }
        let given = inputs.facts.accounts.clone();
        let accounts = given.or_else(|| crate::accounts::Accounts::read(host));
        let unknown = loader.holes.problems(&loader.sources);
        loader.problems.extend(unknown);
        let mut model = Model {
            sources: loader.sources,
            problems: loader.problems,
            nginx,
            fpm,
            accounts,
            facts: inputs.facts,
            machines,
            holes: loader.holes,
            listeners: SortedMap::new(),
            others: Vec::new(),
            maps: inputs.maps,
        };
        model.index_listeners(host);
        model
    }

    fn index_listeners(&mut self, files: &dyn Files) {
        for (fpm, instance) in self.fpm.iter().enumerate() {
            for (pool, settings) in instance.pools.iter().enumerate() {
                let id = PoolId { fpm, pool };
                // A machine of its own has addresses of its own.
                let (None, Some(address)) = (instance.machine, settings.listen_address()) else {
                    continue;
                };
                let address = address.normalised(files);
                if let Address::Tcp(..) = address {
                    self.others.push((address, id));
                } else {
                    self.listeners.entry(address).or_default().push(id);
                }
            }
        }
    }

    /// How many of the problems are about what templates fill in, and no more.
    pub fn unknown_holes(&self) -> usize {
        self.holes.count()
    }

    /// A pool by its id.
    pub fn pool(&self, id: PoolId) -> &Pool {
        &self.fpm[id.fpm].pools[id.pool]
    }

    /// All pools.
    pub fn pools(&self) -> impl Iterator<Item = (PoolId, &Pool)> {
        self.fpm.iter().enumerate().flat_map(|(fpm, instance)| {
            let pools = instance.pools.iter().enumerate();
            pools.map(move |(pool, settings)| (PoolId { fpm, pool }, settings))
        })
    }

    /// All routes with the configuration they belong to.
    pub fn routes(&self) -> impl Iterator<Item = (&Nginx, &Route)> {
        self.nginx
            .iter()
            .flat_map(|nginx| nginx.routes.iter().map(move |route| (nginx, route)))
    }

    /// Who answers at a peer of a FastCGI route.
    pub fn backend(&self, peer: &Peer) -> Backend {
        let address = match &peer.address {
            Ok(address) => address,
            Err(reason) => return Backend::Unknown(reason.clone()),
        };
        if let Some((_, pool)) = self.maps.iter().find(|(from, _)| from == address) {
            let named = self.pools().find(|(_, settings)| settings.name == *pool);
            return match named {
                Some((id, _)) => Backend::Pool(id),
                None => {
                    let pool = base::source::printable(pool);
                    Backend::Unknown(format!("`--map {address}={pool}`: no such pool was given"))
                }
            };
        }
        if let Some(here) = peer.machine.and_then(|at| self.machines.get(at)) {
            return self.backend_from(here, address);
        }
        if self.pools().next().is_none() {
            return Backend::Unknown("no PHP-FPM pool was given".to_owned());
        }
        if let Some(ids) = self.listeners.get(address) {
            return Backend::Pool(ids[0]);
        }
        let mut unknown = None;
        for (listener, id) in &self.others {
            match address.reaches(listener) {
                Reach::Yes => return Backend::Pool(*id),
                Reach::No => {}
                Reach::Unknown(what) => unknown = unknown.or(Some(what)),
            }
        }
        match unknown {
            Some(what) => Backend::Unknown(format!("{what} is not in the files")),
            None if address.is_elsewhere() => {
                Backend::Unknown(format!("`{address}` is not this machine"))
            }
            None if self.some_listener_unknown() => {
                Backend::Unknown("the address of a pool is not known".to_owned())
            }
            // A machine may have this file though nothing says so.
            None if !self.machines.is_empty() => {
                Backend::Unknown("nothing says which machine has this file".to_owned())
            }
            None => Backend::Nobody,
        }
    }

    /// Addresses at which more than one pool listens.
    pub fn shared_listeners(&self) -> Vec<(Address, Vec<PoolId>)> {
        let mut all: Vec<(Address, Vec<PoolId>)> = self
            .listeners
            .iter()
            .map(|(address, ids)| (address.clone(), ids.clone()))
            .collect();
        for (address, id) in &self.others {
            match all.iter_mut().find(|(known, _)| known == address) {
                Some((_, ids)) => ids.push(*id),
                None => all.push((address.clone(), vec![*id])),
            }
        }
        let mut of_machines: SortedMap<(usize, Address), Vec<PoolId>> = SortedMap::new();
        for (id, pool) in self.pools() {
            if let (Some(machine), Some(address)) =
                (self.fpm[id.fpm].machine, pool.listen_address())
            {
                of_machines.entry((machine, address)).or_default().push(id);
            }
        }
        all.extend(
            of_machines
                .into_iter()
                .map(|((_, address), ids)| (address, ids)),
        );
        all.retain(|(_, ids)| ids.len() > 1);
        all.sort();
        all
    }

    /// Whether the user said who answers at an address.
    pub fn is_mapped(&self, address: &Address) -> bool {
        self.maps.iter().any(|(from, _)| from == address)
    }

    /// Whether any pool listens at a place that cannot be told.
    fn some_listener_unknown(&self) -> bool {
        self.pools()
            .any(|(_, pool)| pool.listen_address().is_none())
    }

    /// The pool that answers a route's first server, or why that is not known. Routes other than
    /// FastCGI have none.
    pub fn backends<'m>(&'m self, route: &'m Route) -> impl Iterator<Item = (&'m Peer, Backend)> {
        let is_fastcgi = route.protocol == Protocol::Fastcgi;
        let peers = route
            .peers
            .iter()
            .filter(move |peer| is_fastcgi && !peer.down);
        peers.map(|peer| (peer, self.backend(peer)))
    }

    /// Comments of every file, as byte ranges.
    pub fn comments(&self) -> impl Iterator<Item = (FileId, &[(u32, u32)])> {
        let nginx = self.nginx.iter().flat_map(|nginx| nginx.config.comments());
        let fpm = self.fpm.iter().flat_map(|fpm| fpm.comments());
        nginx.chain(fpm)
    }
}

/// Routes of the same name on several machines get the machine into their names.
fn tell_apart(nginx: &mut [Nginx], machines: &[Machine]) {
    let mut owners: SortedMap<String, usize> = SortedMap::new();
    let mut shared: SortedSet<String> = SortedSet::new();
    for (at, one) in nginx.iter().enumerate() {
        for route in &one.routes {
            let owner = *owners.entry(route.label.clone()).or_insert(at);
            if owner != at {
                shared.insert(route.label.clone());
            }
        }
    }
    for one in nginx {
        let Some(machine) = one.machine.and_then(|at| machines.get(at)) else {
            continue;
        };
        for route in &mut one.routes {
            if shared.contains(&route.label) {
                route.label = format!("{} of {}", route.label, machine.shown);
            }
        }
    }
}

/// What parts of a configuration do not say; they are named once, in one line.
fn of_fragments(names: &[String]) -> Problem {
    let names: SortedSet<&str> = names.iter().map(String::as_str).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let message = match names.as_slice() {
        [name] => format!(
            "{name} is a part of a configuration (it has no `http` block): what it does not set is \
             unknown"
        ),
        names => format!(
            "{} are parts of a configuration (they have no `http` block): what they do not set is \
             unknown",
            some_of(names)
        ),
    };
    Problem {
        kind: ProblemKind::Unknown,
        message,
        span: None,
        help: Some(
            "give nginx.conf, which includes it, or `--assume-defaults` to take what is not set \
             as nginx's default"
                .to_owned(),
        ),
    }
}
