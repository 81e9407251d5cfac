//! One question to one socket, with one deadline for connecting, sending and reading.
//!
//! A unix socket whose backlog is full would hold an ordinary `connect` for ever; without blocking
//! it says so at once (`EAGAIN`), which is worth knowing.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base::source::printable;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use crate::fastcgi::{self, Answer, Wrong};

/// Where a pool is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A unix socket.
    Unix(PathBuf),
    /// A TCP port.
    Tcp(SocketAddr),
}

impl Place {
    /// `unix:/run/php.sock`, `127.0.0.1:9000`; printable.
    pub fn shown(&self) -> String {
        match self {
            Place::Unix(path) => {
                format!("unix:{}", printable(path.as_os_str().as_encoded_bytes()))
            }
            Place::Tcp(address) => address.to_string(),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The socket's file is not there.
    Missing,
    /// Nobody listens.
    Refused,
    /// This user may not connect.
    Denied,
    /// The queue of connections is full.
    Full,
    /// The connection waits in the queue, or whoever took it says nothing.
    Silent(Duration),
    /// Requests still wait at its socket where the last question was not answered, so it was not
    /// asked again.
    NotAsked,
    /// It was closed before the answer was whole.
    Closed,
    /// What listens there speaks another protocol.
    Foreign,
    /// The answer does not end.
    TooLong,
    /// The server refuses questions of this kind.
    Overloaded,
    /// An answer, but no status page: its status and its first words.
    NoStatus(u16, String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// For people.
    pub fn words(&self) -> String {
        match self {
            Failure::Missing => {
                "the socket is not there: FPM is down, or listens elsewhere".to_owned()
            }
            Failure::Refused => {
                "nobody listens there: FPM is down, or listens elsewhere".to_owned()
            }
            Failure::Denied => {
                "this user may not connect (listen.owner, listen.group, listen.mode)".to_owned()
            }
            Failure::Full => "its queue is full: new requests get a 502 now".to_owned(),
            Failure::Silent(time) => format!(
                "no answer within {} ms: all workers are busy, or stopped",
                time.as_millis()
            ),
            Failure::NotAsked => {
                "requests wait at its socket, and a question would only wait with them".to_owned()
            }
            Failure::Closed => "it closed the connection without an answer".to_owned(),
            Failure::Foreign => "what listens there does not speak FastCGI".to_owned(),
            Failure::TooLong => "its answer does not end".to_owned(),
            Failure::Overloaded => "it refuses the request".to_owned(),
            Failure::NoStatus(404, _) => {
                "it answers 404: pm.status_path is another one, or not set".to_owned()
            }
            Failure::NoStatus(status, words) => {
                format!("it answers {status} and no status: {words}")
            }
            Failure::Other(words) => words.clone(),
        }
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Failure {
        match errno {
            Errno::NOENT | Errno::NOTDIR => Failure::Missing,
            Errno::CONNREFUSED => Failure::Refused,
            Errno::ACCESS | Errno::PERM => Failure::Denied,
            Errno::CONNRESET | Errno::PIPE => Failure::Closed,
            other => Failure::Other(io::Error::from(other).to_string()),
        }
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Failure {
        match wrong {
            Wrong::Foreign => Failure::Foreign,
            Wrong::TooLong => Failure::TooLong,
            Wrong::Refused => Failure::Overloaded,
        }
    }
}

/// How long is left.
struct Deadline {
    begin: Instant,
    patience: Duration,
}

impl Deadline {
    /// Waits until the socket can be read or written.
    fn wait(&self, socket: &OwnedFd, what: PollFlags) -> Result<(), Failure> {
        loop {
            let left = self.patience.saturating_sub(self.begin.elapsed());
            if left.is_zero() {
                return Err(Failure::Silent(self.patience));
            }
            let left = Timespec::try_from(left).unwrap_or_default();
            let mut sockets = [PollFd::new(socket, what)];
            match poll(&mut sockets, Some(&left)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Asks with these parameters: the status and the body of the answer.
pub(crate) fn ask(
    place: &Place,
    params: &[(&str, &[u8])],
    patience: Duration,
) -> Result<(u16, Vec<u8>), Failure> {
    let deadline = Deadline {
        begin: Instant::now(),
        patience,
    };
    let socket = connect(place, &deadline)?;
    send(&socket, &fastcgi::request(params), &deadline)?;
    let mut answer = Answer::default();
    let mut block = vec![0; 32 << 10];
    loop {
        deadline.wait(&socket, PollFlags::IN)?;
        let len = match net::recv(&socket, block.as_mut_slice(), net::RecvFlags::empty()) {
            Ok((_, 0)) => return Err(Failure::Closed),
            Ok((_, len)) => len,
            Err(Errno::AGAIN | Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        if answer.take(&block[..len])? {
            let (status, body) = answer.body();
            return Ok((status, body.to_vec()));
        }
    }
}

fn connect(place: &Place, deadline: &Deadline) -> Result<OwnedFd, Failure> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let open = |family| net::socket_with(family, SocketType::STREAM, flags, None);
    let (socket, started) = match place {
        Place::Unix(path) => {
            let socket = open(AddressFamily::UNIX)?;
            let address = SocketAddrUnix::new(path.as_path())?;
            match net::connect(&socket, &address) {
                Err(Errno::AGAIN) => return Err(Failure::Full),
                started => (socket, started),
            }
        }
        Place::Tcp(address) => {
            let family = match address {
                SocketAddr::V4(_) => AddressFamily::INET,
                SocketAddr::V6(_) => AddressFamily::INET6,
            };
            let socket = open(family)?;
            let started = net::connect(&socket, address);
            (socket, started)
        }
    };
    match started {
        Ok(()) => return Ok(socket),
        Err(Errno::INPROGRESS | Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    // A full queue drops what would begin a TCP connection: it is as silent as a busy pool.
    deadline.wait(&socket, PollFlags::OUT)?;
    match net::sockopt::socket_error(&socket)? {
        Ok(()) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

fn send(socket: &OwnedFd, mut bytes: &[u8], deadline: &Deadline) -> Result<(), Failure> {
    while !bytes.is_empty() {
        match net::send(socket.as_fd(), bytes, net::SendFlags::NOSIGNAL) {
            Ok(len) => bytes = &bytes[len..],
            Err(Errno::AGAIN) => deadline.wait(socket, PollFlags::OUT)?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
