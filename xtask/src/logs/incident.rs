//! What goes wrong on the server, one thing after the other: the stream from which every log of
//! one seed is written, so that the logs fit each other.

use super::random::Random;
use super::world::{POOLS, UNIX_POOLS, World};

/// What happened; each has its own shape of line in nginx's error log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 104 before the header: the worker died.
    ResetHeader,
    /// 104 after it: a broken page.
    ResetBody,
    /// `fastcgi_read_timeout` before the header.
    TimeoutHeader,
    /// The same in the middle of a page.
    TimeoutBody,
    /// Only TCP: the listen queue is full or packets are dropped.
    TimeoutConnect,
    TimeoutSend,
    /// Only sockets: errno 11.
    BacklogFull,
    SocketMissing,
    SocketPermission,
    Refused,
    HeaderTooBig,
    InvalidHeader,
    /// A kept connection meets a worker that leaves.
    EarlyEof,
    NoLiveUpstreams,
    PhpFatal,
    PhpMemory,
    PhpTimeLimit,
    PhpWarning,
    ScriptUnknown,
    ScriptDenied,
    /// The client left: 499.
    ClientGone,
    BufferedResponse,
    BufferedBody,
    FileMissing,
    Forbidden,
    TooManyRequests,
    TlsNoise,
    KeepaliveClosed,
    /// A reload of nginx: a block of notices.
    Reload,
}

use Kind::{
    BacklogFull, BufferedBody, BufferedResponse, ClientGone, EarlyEof, FileMissing, Forbidden,
    HeaderTooBig, InvalidHeader, KeepaliveClosed, NoLiveUpstreams, PhpFatal, PhpMemory,
    PhpTimeLimit, PhpWarning, Refused, Reload, ResetBody, ResetHeader, ScriptDenied, ScriptUnknown,
    SocketMissing, SocketPermission, TimeoutBody, TimeoutConnect, TimeoutHeader, TimeoutSend,
    TlsNoise, TooManyRequests,
};

/// How often each comes when nothing much is wrong, out of the sum.
const CALM: &[(Kind, usize)] = &[
    (ResetHeader, 130),
    (ResetBody, 25),
    (TimeoutHeader, 150),
    (TimeoutBody, 15),
    (TimeoutConnect, 25),
    (TimeoutSend, 8),
    (BacklogFull, 35),
    (SocketMissing, 10),
    (SocketPermission, 6),
    (Refused, 40),
    (HeaderTooBig, 25),
    (InvalidHeader, 3),
    (EarlyEof, 45),
    (NoLiveUpstreams, 20),
    (PhpFatal, 75),
    (PhpMemory, 15),
    (PhpTimeLimit, 10),
    (PhpWarning, 110),
    (ScriptUnknown, 60),
    (ScriptDenied, 6),
    (ClientGone, 80),
    (BufferedResponse, 40),
    (BufferedBody, 20),
    (FileMissing, 60),
    (Forbidden, 25),
    (TooManyRequests, 20),
    (TlsNoise, 40),
    (KeepaliveClosed, 20),
    (Reload, 1),
];

/// What an outage may be.
const OUTAGES: &[Kind] = &[
    ResetHeader,
    TimeoutHeader,
    TimeoutHeader,
    BacklogFull,
    SocketMissing,
    Refused,
    EarlyEof,
    NoLiveUpstreams,
    PhpFatal,
    TimeoutConnect,
];

/// One thing that went wrong. What is text in a log is a number here: of a site, a page or a
/// client, or the seed from which each log makes the same text again.
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    pub(crate) kind: Kind,
    /// Since 1970.
    pub(crate) millis: u64,
    /// Makes everything that no other field holds.
    pub(crate) detail: u64,
    pub(crate) site: usize,
    pub(crate) page: usize,
    pub(crate) client: u64,
    pub(crate) connection: u64,
    /// nginx's worker.
    pub(crate) process: u64,
}

impl Incident {
    pub(crate) fn second(&self) -> u64 {
        self.millis / 1000
    }

    /// For the choices of one log; `salt` keeps two questions apart.
    pub(crate) fn chance(&self, salt: u64) -> Random {
        Random::new(self.detail ^ salt.wrapping_mul(0xa076_1d64_78bd_642f))
    }

    pub(crate) fn is_post(&self) -> bool {
        self.kind == BufferedBody || self.kind == TimeoutSend || self.detail.is_multiple_of(4)
    }
}

/// A cause that for a while makes most of what is written.
struct Outage {
    kind: Kind,
    pool: usize,
    left: u64,
}

/// The stream; it has no end.
pub(crate) struct Incidents {
    random: Random,
    calm: Vec<Kind>,
    outage: Option<Outage>,
    millis: u64,
    connection: u64,
    first_worker: u64,
}

/// 2 November 2026, 00:00 UTC.
const BEGIN: u64 = 1_793_577_600_000;
/// Worker processes of nginx.
const WORKERS: u64 = 8;

impl Incidents {
    pub(crate) fn new(seed: u64) -> Self {
        let repeated = |(kind, weight): &(Kind, usize)| vec![*kind; *weight];
        Self {
            random: Random::new(seed),
            calm: CALM.iter().flat_map(repeated).collect(),
            outage: None,
            millis: BEGIN,
            connection: 1,
            first_worker: 812,
        }
    }

    pub(crate) fn next(&mut self, world: &World) -> Incident {
        self.pass_time();
        let (kind, site) = self.draw_kind(world);
        if kind == Reload {
            // New workers have new process ids, which begin anew one day.
            self.first_worker = (self.first_worker + self.random.between(20, 4000)) % 4_000_000;
        }
        Incident {
            kind,
            millis: self.millis,
            detail: self.random.next(),
            site,
            page: world.draw_page(&mut self.random),
            client: world.draw_client(&mut self.random),
            connection: self.connection,
            process: self.first_worker + 1 + self.random.below(WORKERS),
        }
    }

    /// Two seconds between two lines at night, half a second by day, and hardly any in an outage.
    fn pass_time(&mut self) {
        let hour = self.millis / 3_600_000 % 24;
        let mean = match (&self.outage, hour) {
            (Some(_), _) => 12,
            (None, 0..7) => 2000,
            (None, _) => 450,
        };
        self.millis += self.random.gap(mean);
        self.connection += 1 + self.random.gap(30);
    }

    fn draw_kind(&mut self, world: &World) -> (Kind, usize) {
        let random = &mut self.random;
        if self.outage.is_none() && random.one_in(1500) {
            self.outage = Some(Outage {
                kind: *random.pick(OUTAGES),
                pool: random.index(POOLS.len()),
                left: random.between(60, 4000),
            });
        }
        let mut from_outage = None;
        if let Some(outage) = &mut self.outage {
            outage.left -= 1;
            if random.percent(70) {
                from_outage = Some((outage.kind, world.draw_site_of(outage.pool, random)));
            }
            if outage.left == 0 {
                self.outage = None;
            }
        }
        let (kind, site) =
            from_outage.unwrap_or_else(|| (*random.pick(&self.calm), world.draw_site(random)));
        (possible(kind, world.site(site).pool), site)
    }
}

/// The same trouble as it shows on a socket or on a port.
fn possible(kind: Kind, pool: usize) -> Kind {
    let unix = pool < UNIX_POOLS;
    match kind {
        BacklogFull if !unix => TimeoutConnect,
        SocketMissing | SocketPermission if !unix => Refused,
        TimeoutConnect if unix => BacklogFull,
        other => other,
    }
}
