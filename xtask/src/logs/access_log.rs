//! nginx's access logs: combined, and the two JSON formats that show the upstream.

use super::Tally;
use super::answer::{self, Answer, Try};
use super::incident::Incident;
use super::random::Random;
use super::request::{self, Escape};
use super::text::{Stamp, TimeStyle, number, seconds};
use super::world::World;

/// Which `log_format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// nginx's default, which knows nothing of upstreams.
    Combined,
    /// The well-known how-to's.
    Json,
    /// With the connection, the header's time and the bytes received.
    JsonFull,
}

/// Writes the line of an incident, and before it those of the requests that went well.
pub(crate) struct AccessLog {
    format: Format,
    stamp: Stamp,
    /// For the healthy requests, which no other log shows.
    random: Random,
}

/// Healthy requests for each that is not.
const HEALTHY: u64 = 30;

impl AccessLog {
    pub(crate) fn new(format: Format, seed: u64) -> Self {
        let style = match format {
            Format::Combined => TimeStyle::Combined,
            Format::Json | Format::JsonFull => TimeStyle::Iso,
        };
        Self {
            format,
            stamp: Stamp::new(style),
            random: Random::new(seed ^ 0x4ea1_7400),
        }
    }

    pub(crate) fn write(
        &mut self,
        out: &mut Vec<u8>,
        world: &World,
        incident: &Incident,
        tally: &mut Tally,
    ) {
        for _ in 0..self.random.gap(HEALTHY) {
            let healthy = Incident {
                detail: self.random.next(),
                site: world.draw_site(&mut self.random),
                page: world.draw_page(&mut self.random),
                client: world.draw_client(&mut self.random),
                connection: incident.connection + self.random.below(40),
                ..incident.clone()
            };
            let answer = answer::to_healthy(world, &healthy);
            self.line(out, world, &healthy, &answer, tally);
        }
        if let Some(answer) = answer::to_incident(world, incident) {
            self.line(out, world, incident, &answer, tally);
        }
    }

    fn line(
        &mut self,
        out: &mut Vec<u8>,
        world: &World,
        incident: &Incident,
        answer: &Answer,
        tally: &mut Tally,
    ) {
        tally.entry(name(answer.status));
        if answer.tries.len() > 1 {
            tally.also("with-retries");
        }
        let time = self.stamp.at(incident.second());
        match self.format {
            Format::Combined => combined(out, time, world, incident, answer),
            Format::Json => json(out, time, world, incident, answer),
            Format::JsonFull => json_full(out, time, world, incident, answer),
        }
    }
}

fn combined(out: &mut Vec<u8>, time: &[u8], world: &World, incident: &Incident, answer: &Answer) {
    request::client(out, incident.client);
    put(out, " - - [");
    out.extend_from_slice(time);
    put(out, "] \"");
    request::line(out, world, incident, Escape::Hex);
    put(out, "\" ");
    number(out, answer.status);
    put(out, " ");
    number(out, answer.bytes);
    put(out, " \"");
    if !request::referrer(out, world, incident) {
        put(out, "-");
    }
    put(out, "\" \"");
    request::user_agent(out, incident.client);
    put(out, "\"\n");
}

fn json(out: &mut Vec<u8>, time: &[u8], world: &World, incident: &Incident, answer: &Answer) {
    put(out, "{\"time\":\"");
    out.extend_from_slice(time);
    put(out, "\",\"client\":\"");
    request::client(out, incident.client);
    put(out, "\",\"status\":\"");
    number(out, answer.status);
    put(out, "\",\"upstream_status\":\"");
    list(out, answer, |out, one| or_dash(out, one.status, number));
    put(out, "\",\"upstream_addr\":\"");
    list(out, answer, |out, one| put(out, one.address));
    put(out, "\",\"upstream_response_time\":\"");
    list(out, answer, |out, one| seconds(out, one.response_time));
    put(out, "\",\"upstream_connect_time\":\"");
    list(out, answer, |out, one| {
        or_dash(out, one.connect_time, seconds)
    });
    put(out, "\",\"request\":\"");
    request::line(out, world, incident, Escape::Json);
    put(out, "\",\"bytes\":\"");
    number(out, answer.bytes);
    put(out, "\"}\n");
}

fn json_full(out: &mut Vec<u8>, time: &[u8], world: &World, incident: &Incident, answer: &Answer) {
    let mut random = incident.chance(6);
    put(out, "{\"time\":\"");
    out.extend_from_slice(time);
    put(out, "\",\"conn\":\"");
    number(out, incident.connection);
    put(out, "\",\"status\":\"");
    number(out, answer.status);
    put(out, "\",\"upstream_status\":\"");
    list(out, answer, |out, one| or_dash(out, one.status, number));
    put(out, "\",\"upstream_addr\":\"");
    list(out, answer, |out, one| put(out, one.address));
    put(out, "\",\"urt\":\"");
    list(out, answer, |out, one| seconds(out, one.response_time));
    put(out, "\",\"uct\":\"");
    list(out, answer, |out, one| {
        or_dash(out, one.connect_time, seconds)
    });
    put(out, "\",\"uht\":\"");
    list(out, answer, |out, one| {
        or_dash(out, one.header_time, seconds)
    });
    put(out, "\",\"rt\":\"");
    let total: u64 = answer.tries.iter().map(|one| one.response_time).sum();
    seconds(out, total + random.below(3));
    put(out, "\",\"ubr\":\"");
    list(out, answer, |out, one| number(out, one.received));
    put(out, "\",\"ubs\":\"");
    let sent = 480 + random.below(400) / 8 * 8;
    list(out, answer, |out, one| {
        number(out, one.connect_time.map_or(0, |_| sent));
    });
    put(out, "\",\"completion\":\"");
    put(out, if answer.complete { "OK" } else { "" });
    put(out, "\",\"reqlen\":\"");
    number(out, random.between(60, 2400));
    put(out, "\",\"bytes\":\"");
    number(out, answer.bytes);
    put(out, "\",\"method\":\"");
    out.extend_from_slice(request::method(incident));
    put(out, "\",\"request\":\"");
    request::line(out, world, incident, Escape::Json);
    put(out, "\"}\n");
}

/// nginx's lists of tries: `502, 200`, and nothing when no upstream was asked.
fn list(out: &mut Vec<u8>, answer: &Answer, write: impl Fn(&mut Vec<u8>, &Try)) {
    for (place, one) in answer.tries.iter().enumerate() {
        if place > 0 {
            put(out, ", ");
        }
        write(out, one);
    }
}

fn or_dash(out: &mut Vec<u8>, value: Option<u64>, write: impl Fn(&mut Vec<u8>, u64)) {
    match value {
        Some(value) => write(out, value),
        None => put(out, "-"),
    }
}

/// How the truth file calls it.
fn name(status: u64) -> &'static str {
    match status {
        200 => "200",
        201 => "201",
        301 => "301",
        302 => "302",
        304 => "304",
        403 => "403",
        404 => "404",
        499 => "499",
        500 => "500",
        502 => "502",
        503 => "503",
        504 => "504",
        _ => "other",
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
