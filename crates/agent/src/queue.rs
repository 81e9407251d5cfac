//! How many connections wait at a socket: from the kernel, because FPM cannot tell for unix sockets
//! and a busy pool cannot tell at all.
//!
//! Linux answers by netlink (`NETLINK_SOCK_DIAG`, `inet_diag.h`, `unix_diag.h`) to anybody, about
//! the sockets of the same network namespace. Of a socket that listens, the length of its receive
//! queue is the number of connections that wait, and that of its send queue is how many may.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ask::Place;

/// A queue of connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many wait to be taken.
    pub waiting: u32,
    /// How many may: the backlog after the kernel's own limit.
    pub limit: u32,
}

/// All queues of this network namespace.
#[derive(Clone, Debug, Default)]
pub struct Queues {
    unix: BTreeMap<PathBuf, Queue>,
    tcp: BTreeMap<(IpAddr, u16), Queue>,
}

impl Queues {
    /// The queue at a place; that of the wildcard when nothing listens at the very address.
    pub fn at(&self, place: &Place) -> Option<Queue> {
        match place {
            Place::Unix(path) => self.unix_at(path),
            Place::Tcp(address) => {
                let any = [
                    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
                ];
                let mut ips = std::iter::once(address.ip()).chain(any);
                ips.find_map(|ip| self.tcp.get(&(ip, address.port())).copied())
            }
        }
    }

    /// The kernel knows a socket by the path that FPM gave it; a path here may lead through links
    /// (`/var/run`).
    fn unix_at(&self, path: &Path) -> Option<Queue> {
        let found = self.unix.get(path).copied();
        found.or_else(|| {
            let real = std::fs::canonicalize(path).ok()?;
            let same =
                |known: &&PathBuf| std::fs::canonicalize(known).is_ok_and(|known| known == real);
            let known = self.unix.keys().find(same)?;
            self.unix.get(known).copied()
        })
    }
}

/// How long the kernel may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the kernel.
///
/// # Errors
/// Why it does not tell, for people.
#[cfg(target_os = "linux")]
pub fn queues() -> Result<Queues, String> {
    linux::queues().map_err(|error| format!("the kernel does not tell the queues: {error}"))
}

/// Asks the kernel.
///
/// # Errors
/// Always: only Linux tells.
#[cfg(not(target_os = "linux"))]
pub fn queues() -> Result<Queues, String> {
    Err("only Linux tells how many connections wait at a socket".to_owned())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::io;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    use rustix::net::{
        self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink,
    };

    use super::{PATIENCE, Queue, Queues};

    const BY_FAMILY: u16 = 20;
    const DONE: u16 = 3;
    const ERROR: u16 = 2;
    /// A request for all that fit.
    const DUMP: u16 = 0x301;
    const LISTENS: u32 = 1 << 10;
    const UNIX: u8 = 1;
    const INET: u8 = 2;
    const INET6: u8 = 10;
    const TCP: u8 = 6;
    /// Names and lengths of queues.
    const SHOW: u32 = 0x11;
    const NAME: u16 = 0;
    const LENGTHS: u16 = 4;
    const HEAD: usize = 16;

    pub(super) fn queues() -> io::Result<Queues> {
        let flags = SocketFlags::CLOEXEC;
        let socket = net::socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            flags,
            Some(netlink::SOCK_DIAG),
        )?;
        net::sockopt::set_socket_timeout(&socket, net::sockopt::Timeout::Recv, Some(PATIENCE))?;
        let mut queues = Queues::default();
        dump(&socket, &unix_request(), &mut |message| {
            unix(message, &mut queues)
        })?;
        for family in [INET, INET6] {
            dump(&socket, &inet_request(family), &mut |message| {
                inet(message, &mut queues)
            })?;
        }
        Ok(queues)
    }

    /// `struct unix_diag_req`
    fn unix_request() -> Vec<u8> {
        let mut out = vec![UNIX, 0, 0, 0];
        for word in [LISTENS, 0, SHOW, u32::MAX, u32::MAX] {
            out.extend(word.to_ne_bytes());
        }
        out
    }

    /// `struct inet_diag_req_v2`: its `sockid` of 48 bytes is empty.
    fn inet_request(family: u8) -> Vec<u8> {
        let mut out = vec![family, TCP, 0, 0];
        out.extend(LISTENS.to_ne_bytes());
        out.resize(56, 0);
        out
    }

    /// Sends a request and hands on each message of the answer.
    fn dump(socket: &OwnedFd, body: &[u8], each: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let mut request = Vec::with_capacity(HEAD + body.len());
        let len = u32::try_from(HEAD + body.len()).unwrap_or_default();
        request.extend(len.to_ne_bytes());
        request.extend(BY_FAMILY.to_ne_bytes());
        request.extend(DUMP.to_ne_bytes());
        request.extend([0; 8]);
        request.extend_from_slice(body);
        let kernel = netlink::SocketAddrNetlink::new(0, 0);
        net::sendto(socket, &request, SendFlags::empty(), &kernel)?;
        let mut block = vec![0; 64 << 10];
        loop {
            let (_, len) = net::recv(socket, block.as_mut_slice(), RecvFlags::empty())?;
            let mut rest = &block[..len];
            while let Some(message) = next(&mut rest) {
                match message.kind {
                    DONE => return Ok(()),
                    ERROR => {
                        let code = number(message.body, 0).unwrap_or_default().cast_signed();
                        return Err(io::Error::from_raw_os_error(-code));
                    }
                    _ => each(message.body),
                }
            }
            if len == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    struct Message<'b> {
        kind: u16,
        body: &'b [u8],
    }

    fn next<'b>(rest: &mut &'b [u8]) -> Option<Message<'b>> {
        let len = usize::try_from(number(rest, 0)?).ok()?;
        let kind = short(rest, 4)?;
        let body = rest.get(HEAD..len)?;
        *rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some(Message { kind, body })
    }

    /// `struct unix_diag_msg` and its attributes.
    fn unix(message: &[u8], queues: &mut Queues) {
        let mut rest = message.get(16..).unwrap_or_default();
        let (mut name, mut queue) = (None, None);
        while let (Some(len), Some(kind)) = (short(rest, 0), short(rest, 2)) {
            let len = usize::from(len);
            let Some(value) = rest.get(4..len) else { break };
            match kind {
                NAME => name = Some(value),
                LENGTHS => queue = pair(value, 0),
                _ => {}
            }
            rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        }
        let (Some(name), Some(queue)) = (name, queue) else {
            return;
        };
        // A name that begins with a zero byte is no path.
        let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
        if end > 0 {
            queues
                .unix
                .insert(PathBuf::from(OsStr::from_bytes(&name[..end])), queue);
        }
    }

    /// `struct inet_diag_msg`: family, state, timer, retransmissions; ports and addresses in
    /// network order; queues behind 56 bytes.
    fn inet(message: &[u8], queues: &mut Queues) {
        let family = message.first().copied();
        let port = message
            .get(4..6)
            .map(|port| u16::from_be_bytes([port[0], port[1]]));
        let ip = message.get(8..24).and_then(|ip| {
            let four: [u8; 4] = ip[..4].try_into().ok()?;
            let sixteen: [u8; 16] = ip.try_into().ok()?;
            match family? {
                INET => Some(IpAddr::V4(Ipv4Addr::from(four))),
                INET6 => Some(IpAddr::V6(Ipv6Addr::from(sixteen))),
                _ => None,
            }
        });
        if let (Some(ip), Some(port), Some(queue)) = (ip, port, pair(message, 56)) {
            queues.tcp.insert((ip, port), queue);
        }
    }

    fn pair(bytes: &[u8], at: usize) -> Option<Queue> {
        Some(Queue {
            waiting: number(bytes, at)?,
            limit: number(bytes, at + 4)?,
        })
    }

    fn number(bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    }

    fn short(bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..at + 2)?;
        Some(u16::from_ne_bytes(bytes.try_into().ok()?))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::queues;
    use crate::ask::Place;

    #[test]
    fn the_kernel_counts_who_waits() {
        let dir = std::env::temp_dir().join(format!("badgateway-queue-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("a.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let clients: Vec<_> = (0..3)
            .map(|_| UnixStream::connect(&path).unwrap())
            .collect();
        let seen = queues().unwrap().at(&Place::Unix(path.clone())).unwrap();
        assert_eq!(seen.waiting, 3);
        assert!(seen.limit >= 128);
        drop(listener.accept().unwrap());
        let seen = queues().unwrap().at(&Place::Unix(path)).unwrap();
        assert_eq!(seen.waiting, 2);
        drop(clients);
        std::fs::remove_dir_all(&dir).unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let client = std::net::TcpStream::connect(address).unwrap();
        let seen = queues().unwrap().at(&Place::Tcp(address)).unwrap();
        assert_eq!(seen.waiting, 1);
        drop(client);
    }
}
