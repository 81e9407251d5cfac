//! What a log says happened: one flat shape for every kind of log.

/// Declares the signals, with a list of all and their names.
macro_rules! signals {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// What an event means. The names say what was *seen*; which cause it has is not decided
        /// here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Signal {
            $($(#[doc = $doc])* $name,)*
        }

        impl Signal {
            /// All of them.
            pub const ALL: &[Signal] = &[$(Signal::$name,)*];

            /// Its name, as saved states have it.
            pub fn word(self) -> &'static str {
                match self {
                    $(Signal::$name => stringify!($name),)*
                }
            }
        }
    };
}

signals! {
    // nginx's error log (`src/http/ngx_http_upstream.c`, `modules/ngx_http_fastcgi_module.c`).
    /// `recv() failed (104…) while reading response header from upstream`.
    ResetBeforeHeader,
    /// `recv()` or `readv() failed (104…)` while reading the body or sending it on.
    ResetAfterHeader,
    /// `writev()`, `send()`, … failed (104 or 32) while sending the request.
    ResetWhileSending,
    /// `upstream prematurely closed connection while reading response header`.
    EofBeforeHeader,
    /// `upstream prematurely closed …` after the header.
    EofAfterHeader,
    /// `prematurely closed FastCGI stdout`, `unexpected FastCGI record` before a header: a server
    /// that is not php-fpm.
    StrangeRecord,
    /// `upstream timed out` while reading the header.
    TimeoutBeforeHeader,
    /// `upstream timed out` while reading the body.
    TimeoutAfterHeader,
    /// `upstream timed out` while sending the request.
    TimeoutSending,
    /// `upstream timed out` while connecting.
    TimeoutConnecting,
    /// `connect()` failed with errno 2.
    ConnectMissing,
    /// `connect()` failed with errno 13.
    ConnectDenied,
    /// `connect()` failed with errno 111.
    ConnectRefused,
    /// `connect()` failed with errno 11.
    ConnectFull,
    /// `connect()` failed with another errno, in `code`.
    ConnectFailed,
    /// `no live upstreams`.
    NoLiveUpstreams,
    /// `upstream server temporarily disabled`.
    ServerDisabled,
    /// `upstream sent too big header`.
    HeaderTooBig,
    /// `upstream sent invalid header`, `invalid status`, `no valid HTTP/1.0 header`.
    HeaderInvalid,
    /// `unsupported FastCGI protocol version`; the version is in `code`.
    WrongProtocol,
    /// A PHP fatal error (`detail` has the message).
    PhpFatal,
    /// `Allowed memory size … exhausted`.
    PhpMemory,
    /// `Maximum execution time … exceeded`.
    PhpTime,
    /// A PHP warning, notice, deprecation or line of `error_log()`; no failure by itself.
    PhpNotice,
    /// `Primary script unknown`, or the script could not be opened because it is not there.
    ScriptUnknown,
    /// `Access to the script … has been denied (see security.limit_extensions)`.
    ScriptDenied,
    /// `Unable to open primary script: … (Permission denied)`.
    ScriptUnreadable,
    /// `fastcgi request record is too big`.
    ParamsTooBig,
    /// `no resolver defined`, `could not be resolved`.
    Unresolved,
    /// A temporary file of nginx could not be written; errno in `code`.
    TempFileFailed,
    /// nginx ran out of file descriptors (errno 24).
    NginxFiles,
    /// `worker_connections are not enough`.
    NginxConnections,
    /// A worker of nginx itself died; the signal is in `code`.
    NginxWorkerDied,
    /// The client left before the answer (499).
    ClientGone,
    /// Another failure while talking to the upstream; `detail` has the message.
    UpstreamOther,

    // nginx's access log: requests that ended in 5xx or 499, or needed more than one try.
    /// 5xx, and no connection to any upstream was made.
    AccessNeverConnected,
    /// 5xx, connected, and no usable header came back.
    AccessNoHeader,
    /// 5xx that the application itself sent: a header came back.
    AccessAnswered,
    /// 5xx without asking an upstream.
    AccessNotAsked,
    /// 5xx of a format that does not tell which of these.
    AccessFailed,
    /// A good answer after at least one failed try.
    AccessRetried,
    /// 499.
    AccessClientGone,

    // PHP-FPM's log (`sapi/fpm/fpm/`).
    /// `execution timed out (… sec), terminating`; `millis` has the time.
    Terminating,
    /// `executing too slow (… sec), logging`.
    ExecutingSlow,
    /// `exited on signal N`; N in `code`, the child's age in `millis`.
    ExitSignal,
    /// `exited with code N`, N not 0.
    ExitCode,
    /// `exited with code 0`.
    ExitClean,
    /// `reached pm.max_children setting` or `reached max_children setting`; the limit in `code`.
    MaxChildren,
    /// `seems busy`.
    SeemsBusy,
    /// `Reloading in progress`.
    Reloading,
    /// `Terminating ...`, `Finishing ...` of the master.
    Stopping,
    /// `ready to handle connections`.
    Ready,
    /// `failed processes threshold … is reached, initiating reload`.
    EmergencyRestart,
    /// `Connection disallowed: IP address '…' has been dropped`.
    Disallowed,
    /// `failed to ptrace`: a slow log that cannot be written.
    TraceFailed,
    /// FPM could not start or open something: an ERROR or ALERT line; `detail` has the message.
    FpmError,
    /// A request in FPM's own access log: start in `time`, duration in `millis`.
    Served,
    /// An entry of the slow log; `detail` has the innermost function.
    SlowTrace,

    // The kernel and systemd.
    /// The kernel killed a process for memory; `pid`, its name in `detail`, the cgroup in `script`.
    OomKill,
    /// systemd says that the OOM killer was at work in a unit (`detail`).
    UnitOom,
    /// `segfault at`, `trap …`, `general protection` of a process; `pid`, its name in `detail`.
    Segfault,
    /// systemd reloads, stops or restarts a unit (`detail`).
    UnitChange,
}

/// One thing that a log says happened. Text that the log does not have is empty, numbers 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'l> {
    /// What was seen.
    pub signal: Signal,
    /// When: milliseconds since 1970, UTC; `None` when the line has no usable time.
    pub time: Option<i64>,
    /// The virtual host.
    pub server: &'l [u8],
    /// The upstream's address as nginx writes it, without scheme and trailing colon:
    /// `unix:/run/php.sock`, `127.0.0.1:9000`. Several tries: as the access log lists them.
    pub upstream: &'l [u8],
    /// `fastcgi`, `http`, `uwsgi`, …; empty when the log does not say.
    pub scheme: &'l [u8],
    /// The FPM pool.
    pub pool: &'l [u8],
    /// The client's address.
    pub client: &'l [u8],
    /// `GET`, `POST`, …
    pub method: &'l [u8],
    /// The request's path without its query string.
    pub path: &'l [u8],
    /// The query string without `?`.
    pub query: &'l [u8],
    /// The script's file.
    pub script: &'l [u8],
    /// What the signal's description says.
    pub detail: &'l [u8],
    /// nginx's connection number: `*N` of the error log, `$connection`.
    pub connection: u64,
    /// Process id of the FPM child (not of nginx).
    pub pid: u32,
    /// HTTP status that the client got.
    pub status: u16,
    /// What the signal's description says: errno, signal, exit code.
    pub code: i32,
    /// Duration in milliseconds, as the signal's description says; for an access log line the
    /// time since the request went to the upstream (the sum over tries), or `$request_time`.
    pub millis: Option<u32>,
}

impl Event<'_> {
    /// An event with nothing known but its signal.
    pub const fn new(signal: Signal) -> Self {
        Event {
            signal,
            time: None,
            server: b"",
            upstream: b"",
            scheme: b"",
            pool: b"",
            client: b"",
            method: b"",
            path: b"",
            query: b"",
            script: b"",
            detail: b"",
            connection: 0,
            pid: 0,
            status: 0,
            code: 0,
            millis: None,
        }
    }
}

/// What one entry of a log turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one is made for each entry and handed on by reference; a box would cost an allocation"
)]
pub enum Read<'l> {
    /// It says something about a failure or its causes.
    Event(Event<'l>),
    /// Understood, and of no interest here: a start, a healthy request.
    Irrelevant,
    /// Not understood.
    Unknown,
}
