//! nginx's error log, in the shapes that nginx 1.22 to 1.31 were seen to write.

use super::Tally;
use super::error_message::{BEFORE_HEADER, CONNECTING, Fields, level, message, name, pool};
use super::incident::{Incident, Kind};
use super::request::{self, Escape};
use super::text::{Stamp, TimeStyle, number};
use super::world::World;

/// nginx cuts an entry here, line feed included, wherever that is (`NGX_MAX_ERROR_STR`).
const CUT: usize = 2048;

/// Writes entries; remembers only the text of the present second.
pub(crate) struct ErrorLog {
    stamp: Stamp,
}

impl ErrorLog {
    pub(crate) fn new() -> Self {
        Self {
            stamp: Stamp::new(TimeStyle::NginxError),
        }
    }

    pub(crate) fn write(
        &mut self,
        out: &mut Vec<u8>,
        world: &World,
        incident: &Incident,
        tally: &mut Tally,
    ) {
        if incident.kind == Kind::Reload {
            return self.reload(out, incident, tally);
        }
        if incident.kind == Kind::KeepaliveClosed {
            self.keepalive_closed(out, incident);
            return tally.entry(name(incident.kind));
        }
        let disabled = disables_server(world, incident);
        // For a timeout nginx writes the warning before the error, else behind it.
        let timed_out = incident.kind == Kind::TimeoutHeader;
        if disabled && timed_out {
            self.disabled(out, world, incident, tally);
        }
        let begin = out.len();
        self.head(out, level(incident), incident);
        let fields = message(out, world, incident);
        tail(out, world, incident, &fields);
        finish(out, begin);
        tally.entry(name(incident.kind));
        if disabled && !timed_out {
            self.disabled(out, world, incident, tally);
        }
    }

    /// `2026/11/22 11:31:20 [error] 14091#14091: *1 `
    fn head(&mut self, out: &mut Vec<u8>, level: &str, incident: &Incident) {
        self.process(out, level, incident, incident.process);
        out.push(b'*');
        number(out, incident.connection);
        out.push(b' ');
    }

    fn process(&mut self, out: &mut Vec<u8>, level: &str, incident: &Incident, process: u64) {
        out.extend_from_slice(self.stamp.at(incident.second()));
        put(out, " [");
        put(out, level);
        put(out, "] ");
        number(out, process);
        put(out, "#");
        number(out, process);
        put(out, ": ");
    }

    fn disabled(
        &mut self,
        out: &mut Vec<u8>,
        world: &World,
        incident: &Incident,
        tally: &mut Tally,
    ) {
        let begin = out.len();
        self.head(out, "warn", incident);
        put(out, "upstream server temporarily disabled");
        let reading = matches!(incident.kind, Kind::TimeoutHeader | Kind::ResetHeader);
        put(out, if reading { BEFORE_HEADER } else { CONNECTING });
        tail(out, world, incident, &Fields::Upstream);
        finish(out, begin);
        tally.entry("server-disabled");
    }

    /// The one line that names its client in front.
    fn keepalive_closed(&mut self, out: &mut Vec<u8>, incident: &Incident) {
        let begin = out.len();
        self.head(out, "info", incident);
        put(out, "client ");
        request::client(out, incident.client);
        put(out, " closed keepalive connection");
        finish(out, begin);
    }

    fn reload(&mut self, out: &mut Vec<u8>, incident: &Incident, tally: &mut Tally) {
        const MASTER: u64 = 790;
        let texts = [
            "signal 1 (SIGHUP) received from 1, reconfiguring",
            "reconfiguring",
            "using the \"epoll\" event method",
            "start worker processes",
            "start worker process ",
            "gracefully shutting down",
            "exiting",
            "exit",
            "signal 17 (SIGCHLD) received from ",
            "worker process ",
            "signal 29 (SIGIO) received",
        ];
        for text in texts {
            let begin = out.len();
            let of_worker = matches!(text, "gracefully shutting down" | "exiting" | "exit");
            let process = if of_worker { incident.process } else { MASTER };
            self.process(out, "notice", incident, process);
            put(out, text);
            if text.ends_with(' ') {
                number(out, incident.process);
            }
            if text == "worker process " {
                put(out, " exited with code 0");
            }
            finish(out, begin);
            tally.entry("notice");
        }
    }
}

/// A group leaves a server alone for a while after a failure; seen here for groups on TCP.
fn disables_server(world: &World, incident: &Incident) -> bool {
    let failed = matches!(
        incident.kind,
        Kind::Refused | Kind::TimeoutHeader | Kind::TimeoutConnect | Kind::ResetHeader
    );
    failed && !pool(world, incident).is_unix() && incident.detail >> 16 & 3 == 0
}

fn tail(out: &mut Vec<u8>, world: &World, incident: &Incident, fields: &Fields) {
    put(out, ", client: ");
    request::client(out, incident.client);
    put(out, ", server: ");
    if matches!(fields, Fields::Connection) {
        return put(out, "0.0.0.0:443");
    }
    let site = world.site(incident.site);
    put(out, &site.name);
    put(out, ", request: \"");
    request::line(out, world, incident, Escape::Raw);
    put(out, "\"");
    if matches!(fields, Fields::Upstream) {
        put(out, ", upstream: \"fastcgi://");
        upstream(out, world, incident);
        put(out, "\"");
    }
    put(out, ", host: \"");
    put(out, &site.name);
    put(out, "\"");
    let before = out.len();
    put(out, ", referrer: \"");
    if request::referrer(out, world, incident) {
        return put(out, "\"");
    }
    out.truncate(before);
}

/// A socket's path is followed by a colon, except in timeouts before the header, where nginx has
/// cleared the peer's address already.
fn upstream(out: &mut Vec<u8>, world: &World, incident: &Incident) {
    let pool = pool(world, incident);
    if incident.kind == Kind::NoLiveUpstreams {
        return put(out, pool.group);
    }
    put(out, pool.address);
    let cleared = matches!(
        incident.kind,
        Kind::TimeoutHeader | Kind::TimeoutConnect | Kind::TimeoutSend
    );
    if pool.is_unix() && !cleared {
        put(out, ":");
    }
}

/// Cuts what is too long, in the middle of a character if need be, and ends the entry.
fn finish(out: &mut Vec<u8>, begin: usize) {
    out.truncate(begin + CUT - 1);
    out.push(b'\n');
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
