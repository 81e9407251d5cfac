//! Which pools there are to watch, from the configuration.

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use base::source::printable;
use model::php::Pool;
use model::{Address, Host, Model};

use crate::ask::Place;

/// Where a pool is asked for its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// At a socket of its own (`pm.status_listen`): it answers when all workers are busy.
    Own(Place),
    /// Where its requests come in: the question waits with them.
    Shared(Place),
    /// Nowhere, and why.
    None(String),
}

/// A pool to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its name.
    pub name: String,
    /// Where its requests come in, when that can be reached from here.
    pub listen: Option<Place>,
    /// Where it is asked.
    pub door: Door,
    /// `pm.status_path`; without one there is no status.
    pub status_path: Option<Vec<u8>>,
    /// `pm.max_children`, which no status page has.
    pub max_children: Option<u32>,
}

impl Watched {
    /// Where its requests come in, for people; empty when that is not known.
    pub fn shown_listen(&self) -> String {
        self.listen.as_ref().map(Place::shown).unwrap_or_default()
    }
}

/// The pools of a configuration, in its order.
pub fn watched(model: &Model) -> Vec<Watched> {
    model.pools().map(|(_, pool)| of(pool)).collect()
}

fn of(pool: &Pool) -> Watched {
    let text = |name: &str| pool.settings.text(name)?.ok().map(|text| text.value);
    let listen = pool
        .listen_address()
        .ok_or_else(|| "its `listen` is not known".to_owned())
        .and_then(|address| place(&address));
    let status_path = text("pm.status_path").filter(|path| !path.is_empty());
    let own = pool.status_address().map(|address| place(&address));
    let door = match (&status_path, own, &listen) {
        (None, ..) => Door::None("`pm.status_path` is not set; with `pm.status_path = /status` it can, and with `pm.status_listen` \
             (PHP 8.0) also while all its workers are busy"
                .to_owned()),
        (Some(_), Some(Ok(own)), _) => Door::Own(own),
        (Some(_), Some(Err(why)), _) => Door::None(why),
        (Some(_), None, Ok(listen)) => Door::Shared(listen.clone()),
        (Some(_), None, Err(why)) => Door::None(why.clone()),
    };
    let children = text("pm.max_children");
    Watched {
        name: pool.shown_name(),
        listen: listen.ok(),
        door,
        status_path,
        max_children: children.and_then(|text| std::str::from_utf8(&text).ok()?.parse().ok()),
    }
}

/// A place that can be asked from here.
fn place(address: &Address) -> Result<Place, String> {
    match address {
        Address::Unix(path) => Ok(Place::Unix(PathBuf::from(OsStr::from_bytes(path)))),
        Address::Tcp(host, port) => {
            let ip = match host {
                Host::Any => IpAddr::V4(Ipv4Addr::LOCALHOST),
                Host::V4(ip) => IpAddr::V4(*ip),
                Host::V6(ip) => IpAddr::V6(*ip),
                Host::Name(name) if name.eq_ignore_ascii_case(b"localhost") => {
                    IpAddr::V4(Ipv4Addr::LOCALHOST)
                }
                Host::Name(name) => {
                    let name = printable(name);
                    return Err(format!("`{name}` is a name, and no name server is asked"));
                }
            };
            Ok(Place::Tcp(SocketAddr::new(ip, *port)))
        }
    }
}
