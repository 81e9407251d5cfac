//! The messages of nginx's error log: what stands between the connection's number and `, client: `.

use super::incident::{Incident, Kind};
use super::php_message;
use super::text::{number, padded, seconds};
use super::world::{POOLS, Pool, World};

pub(crate) const BEFORE_HEADER: &str = " while reading response header from upstream";
pub(crate) const CONNECTING: &str = " while connecting to upstream";

/// Which fields follow the message.
pub(crate) enum Fields {
    /// All that nginx has: the request was with an upstream.
    Upstream,
    /// Without `upstream`.
    Request,
    /// Only client and server: there was no request yet.
    Connection,
}

/// How the truth file calls it.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::ResetHeader => "reset-before-header",
        Kind::ResetBody => "reset-after-header",
        Kind::TimeoutHeader => "timeout-before-header",
        Kind::TimeoutBody => "timeout-after-header",
        Kind::TimeoutConnect => "timeout-connecting",
        Kind::TimeoutSend => "timeout-sending",
        Kind::BacklogFull => "connect-11",
        Kind::SocketMissing => "connect-2",
        Kind::SocketPermission => "connect-13",
        Kind::Refused => "connect-111",
        Kind::HeaderTooBig => "header-too-big",
        Kind::InvalidHeader => "invalid-header",
        Kind::EarlyEof => "early-eof",
        Kind::NoLiveUpstreams => "no-live-upstreams",
        Kind::PhpFatal => "php-fatal",
        Kind::PhpMemory => "php-memory-limit",
        Kind::PhpTimeLimit => "php-time-limit",
        Kind::PhpWarning => "php-warning",
        Kind::ScriptUnknown => "script-unknown",
        Kind::ScriptDenied => "script-denied",
        Kind::ClientGone => "client-gone",
        Kind::BufferedResponse => "buffered-response",
        Kind::BufferedBody => "buffered-body",
        Kind::FileMissing => "file-missing",
        Kind::Forbidden => "forbidden",
        Kind::TooManyRequests => "too-many-requests",
        Kind::TlsNoise => "tls-noise",
        Kind::KeepaliveClosed => "keepalive-closed",
        Kind::Reload => "notice",
    }
}

pub(crate) fn level(incident: &Incident) -> &'static str {
    match incident.kind {
        Kind::SocketMissing | Kind::SocketPermission => "crit",
        Kind::BufferedResponse | Kind::BufferedBody => "warn",
        Kind::ClientGone => "info",
        Kind::TlsNoise if !incident.detail.is_multiple_of(3) => "info",
        Kind::TlsNoise => "crit",
        _ => "error",
    }
}

pub(crate) fn message(out: &mut Vec<u8>, world: &World, incident: &Incident) -> Fields {
    let detail = incident.detail >> 20;
    match incident.kind {
        Kind::BacklogFull => connect(out, world, incident, "11: Resource temporarily unavailable"),
        Kind::SocketMissing => connect(out, world, incident, "2: No such file or directory"),
        Kind::SocketPermission => connect(out, world, incident, "13: Permission denied"),
        Kind::Refused => connect(out, world, incident, "111: Connection refused"),
        Kind::PhpFatal | Kind::PhpMemory | Kind::PhpTimeLimit | Kind::PhpWarning => {
            put(out, "FastCGI sent in stderr: \"");
            php_message::write(out, world, incident);
            put(out, "\"");
            put(out, BEFORE_HEADER);
        }
        Kind::BufferedResponse => {
            put(
                out,
                "an upstream response is buffered to a temporary file /var/lib/nginx/fastcgi/",
            );
            temporary(out, detail % 100_000);
            put(out, " while reading upstream");
        }
        Kind::BufferedBody => {
            put(
                out,
                "a client request body is buffered to a temporary file /var/lib/nginx/body/",
            );
            padded(out, detail % 1_000_000, 10);
            return Fields::Request;
        }
        Kind::FileMissing => {
            put(out, "open() \"");
            put(out, &world.site(incident.site).root);
            put(out, &world.page(incident.page).uri);
            put(out, "\" failed (2: No such file or directory)");
            return Fields::Request;
        }
        Kind::Forbidden => {
            put(out, "access forbidden by rule");
            return Fields::Request;
        }
        Kind::TooManyRequests => {
            put(out, "limiting requests, excess: ");
            seconds(out, detail % 60_000);
            put(out, " by zone \"login\"");
            return Fields::Request;
        }
        Kind::TlsNoise => {
            put(out, tls_noise(incident));
            return Fields::Connection;
        }
        _ => put(out, fixed_message(incident)),
    }
    Fields::Upstream
}

/// Messages that are the same every time.
fn fixed_message(incident: &Incident) -> &'static str {
    let often = incident.detail >> 20 & 7 != 0;
    match incident.kind {
        Kind::ResetHeader => {
            "recv() failed (104: Connection reset by peer) while reading response header from upstream"
        }
        Kind::ResetBody if often => {
            "readv() failed (104: Connection reset by peer) while reading upstream"
        }
        Kind::ResetBody => "recv() failed (104: Connection reset by peer) while reading upstream",
        Kind::TimeoutHeader => {
            "upstream timed out (110: Connection timed out) while reading response header from upstream"
        }
        Kind::TimeoutBody => {
            "upstream timed out (110: Connection timed out) while reading upstream"
        }
        Kind::TimeoutConnect => {
            "upstream timed out (110: Connection timed out) while connecting to upstream"
        }
        Kind::TimeoutSend => {
            "upstream timed out (110: Connection timed out) while sending request to upstream"
        }
        Kind::HeaderTooBig => {
            "upstream sent too big header while reading response header from upstream"
        }
        Kind::InvalidHeader => {
            "upstream sent invalid header: \"Bad\\x20...\" while reading response header from upstream"
        }
        Kind::EarlyEof => {
            "upstream prematurely closed connection while reading response header from upstream"
        }
        Kind::NoLiveUpstreams => "no live upstreams while connecting to upstream",
        Kind::ScriptUnknown => {
            "FastCGI sent in stderr: \"Primary script unknown\" while reading response header from upstream"
        }
        Kind::ScriptDenied => {
            "FastCGI sent in stderr: \"Access to the script '/var/www/upload/a.phar' has been denied \
             (see security.limit_extensions)\" while reading response header from upstream"
        }
        _ => {
            "epoll_wait() reported that client prematurely closed connection, so upstream connection \
             is closed too while sending request to upstream"
        }
    }
}

/// The path is in the message for a socket; TCP has no address there.
fn connect(out: &mut Vec<u8>, world: &World, incident: &Incident, why: &str) {
    let pool = pool(world, incident);
    put(out, "connect() ");
    if pool.is_unix() {
        put(out, "to ");
        put(out, pool.address);
        put(out, " ");
    }
    put(out, "failed (");
    put(out, why);
    put(out, ")");
    put(out, CONNECTING);
}

/// `3/03/0000000033`: the last digits are the folders.
fn temporary(out: &mut Vec<u8>, number_of_file: u64) {
    number(out, number_of_file % 10);
    put(out, "/");
    padded(out, number_of_file / 10 % 100, 2);
    put(out, "/");
    padded(out, number_of_file, 10);
}

fn tls_noise(incident: &Incident) -> &'static str {
    const INFO: [&str; 3] = [
        "peer closed connection in SSL handshake (104: Connection reset by peer) while SSL handshaking",
        "SSL_do_handshake() failed (SSL: error:0A000412:SSL routines::sslv3 alert bad certificate:SSL \
         alert number 42) while SSL handshaking",
        "peer closed connection in SSL handshake while SSL handshaking",
    ];
    if incident.detail.is_multiple_of(3) {
        return "SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while \
                SSL handshaking";
    }
    INFO[(incident.detail >> 24) as usize % INFO.len()]
}

pub(crate) fn pool(world: &World, incident: &Incident) -> &'static Pool {
    &POOLS[world.site(incident.site).pool]
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
