//! What the client got and what the upstream did, as the access logs show it.

use super::incident::{Incident, Kind};
use super::random::Random;
use super::world::{POOLS, World};

/// One try at an upstream; times in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    pub(crate) address: &'static str,
    /// `None` is `-`: the client left first.
    pub(crate) status: Option<u64>,
    pub(crate) response_time: u64,
    /// `None` is `-`: it never connected.
    pub(crate) connect_time: Option<u64>,
    /// `None` is `-`: no usable header came.
    pub(crate) header_time: Option<u64>,
    pub(crate) received: u64,
}

/// One line of an access log.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    /// Of the body.
    pub(crate) bytes: u64,
    /// Empty when no upstream was asked.
    pub(crate) tries: Vec<Try>,
    pub(crate) complete: bool,
}

/// The answer to what went wrong; nothing for what is no request.
pub(crate) fn to_incident(world: &World, incident: &Incident) -> Option<Answer> {
    let mut random = incident.chance(4);
    let limit = [30_000, 60_000, 60_000, 120_000, 300_000][incident.site % 5] + random.below(4);
    let short = random.gap(400);
    let body = random.gap(9000);
    let (status, connect, header, time) = match incident.kind {
        Kind::TlsNoise | Kind::KeepaliveClosed | Kind::Reload => return None,
        Kind::FileMissing => return Some(without_upstream(404, 146)),
        Kind::Forbidden => return Some(without_upstream(403, 146)),
        Kind::TooManyRequests => return Some(without_upstream(503, 190)),
        Kind::ClientGone => (499, Some(0), None, short * 8),
        Kind::ResetHeader => (502, Some(0), None, short * 20),
        Kind::EarlyEof => (502, Some(0), None, random.below(3)),
        Kind::HeaderTooBig | Kind::InvalidHeader => (502, Some(0), None, short),
        Kind::TimeoutHeader | Kind::TimeoutSend => (504, Some(0), None, limit),
        Kind::TimeoutConnect => (504, None, None, limit),
        Kind::BacklogFull
        | Kind::SocketMissing
        | Kind::SocketPermission
        | Kind::Refused
        | Kind::NoLiveUpstreams => (502, None, None, 0),
        Kind::PhpFatal | Kind::PhpMemory => (500, Some(0), Some(short), short),
        Kind::PhpTimeLimit => (500, Some(0), Some(limit), limit),
        Kind::ScriptUnknown => (404, Some(0), Some(short / 40), short / 40),
        Kind::ScriptDenied => (403, Some(0), Some(1), 1),
        Kind::TimeoutBody => (200, Some(0), Some(short), short + limit),
        Kind::ResetBody | Kind::PhpWarning | Kind::BufferedResponse | Kind::BufferedBody => {
            (200, Some(0), Some(short), short + random.gap(90))
        }
    };
    let pool = &POOLS[world.site(incident.site).pool];
    let no_peer = incident.kind == Kind::NoLiveUpstreams;
    let from_script = header.is_some();
    let first = Try {
        address: if no_peer { pool.group } else { pool.address },
        status: (status != 499).then_some(status),
        response_time: time,
        connect_time: connect,
        header_time: header,
        received: received(incident.kind, from_script, body),
    };
    let answer = Answer {
        status,
        bytes: body_sent(status, from_script, body),
        tries: vec![first],
        complete: status != 499,
    };
    Some(maybe_retried(answer, incident, &mut random))
}

/// What most requests get: a page, a file, or a polite refusal.
pub(crate) fn to_healthy(world: &World, incident: &Incident) -> Answer {
    let mut random = incident.chance(5);
    let body = random.gap(14_000);
    let draw = random.below(1000);
    let status = match draw {
        ..150 => return without_upstream(200, body),
        150..200 => return without_upstream(304, 0),
        200..210 => return without_upstream(301, 162),
        210..930 => 200,
        930..955 => 302,
        955..975 => 404,
        975..990 => 201,
        990..997 => 500,
        // The script's own, and not nginx's: the header's time says so.
        997 => 502,
        _ => 503,
    };
    let pool = &POOLS[world.site(incident.site).pool];
    let header = random.gap(120) + 1;
    let tries = vec![Try {
        address: pool.address,
        status: Some(status),
        response_time: header + random.gap(6),
        connect_time: Some(u64::from(random.one_in(30))),
        header_time: Some(header),
        received: body + random.between(180, 700),
    }];
    Answer {
        status,
        bytes: body,
        tries,
        complete: true,
    }
}

fn without_upstream(status: u64, bytes: u64) -> Answer {
    Answer {
        status,
        bytes,
        tries: Vec::new(),
        complete: true,
    }
}

/// A group has another server: a failure before the header is often nobody's harm.
fn maybe_retried(mut answer: Answer, incident: &Incident, random: &mut Random) -> Answer {
    let repeatable = matches!(answer.status, 502 | 504) && !incident.is_post();
    let grouped = incident.kind != Kind::NoLiveUpstreams && incident.site.is_multiple_of(2);
    if !repeatable || !grouped || random.percent(60) {
        return answer;
    }
    let time = random.gap(150) + 1;
    let body = random.gap(9000);
    answer.tries.push(Try {
        address: POOLS[random.index(POOLS.len())].address,
        status: Some(200),
        response_time: time,
        connect_time: Some(0),
        header_time: Some(time),
        received: body + 300,
    });
    answer.status = 200;
    answer.bytes = body;
    answer
}

fn received(kind: Kind, from_script: bool, body: u64) -> u64 {
    match kind {
        Kind::HeaderTooBig => 4096,
        Kind::InvalidHeader => 72,
        _ if from_script => body + 240,
        _ => 0,
    }
}

/// nginx's own error pages always have the same length.
fn body_sent(status: u64, from_script: bool, body: u64) -> u64 {
    match status {
        499 => 0,
        502 if !from_script => 150,
        504 if !from_script => 160,
        _ => body,
    }
}
