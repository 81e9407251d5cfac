//! What the agent answers: `/metrics`, `/healthz`, `/readyz`, `/incidents` and a page for people.

mod basic;
mod causes;
mod health;
mod incidents;
mod live;
mod markup;
mod style;
mod tables;

use std::sync::Arc;

use crate::http::{Answer, Request, Response, is_this_machine};
use crate::metrics::{self, Shape};
use crate::snapshot::{Published, Snapshot};
use crate::watch::now;

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Without it nothing but `/healthz` is answered.
    pub token: Option<String>,
    /// Only by names of this machine: it listens at a loopback address, and asks for no token.
    pub is_local: bool,
}

/// What answers, from what is published.
pub fn answer(published: Arc<Published>, guard: Guard) -> Arc<Answer> {
    Arc::new(move |request: &Request| {
        let response = match guard.refuses(request) {
            Some(refused) => refused,
            None => of(request, &published.get()),
        };
        response
            .with("X-Frame-Options", "DENY")
            .with("Content-Security-Policy", live::POLICY)
    })
}

impl Guard {
    fn refuses(&self, request: &Request) -> Option<Response> {
        if self.is_local && self.token.is_none() && !is_this_machine(&request.host) {
            return Some(Response::plain(403));
        }
        let token = self.token.as_ref().filter(|_| request.path != "/healthz")?;
        let given = request.authorization.split_once(' ');
        let given = match given.map(|(kind, given)| (kind.to_ascii_lowercase(), given)) {
            Some((kind, given)) if kind == "bearer" => Some(given.trim().as_bytes().to_vec()),
            Some((kind, given)) if kind == "basic" => basic::password(given),
            _ => None,
        };
        let is_right = given.is_some_and(|given| same(&given, token.as_bytes()));
        // A browser asks for a name and a password, of which the password counts.
        let ask = || {
            let basic = "Basic realm=\"badgateway: the token is the password\", charset=\"UTF-8\"";
            let plain = Response::plain(401).with("WWW-Authenticate", "Bearer");
            plain.with("WWW-Authenticate", basic)
        };
        (!is_right).then(ask)
    }
}

/// Compares without telling by its time how much fits.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differ = given
        .iter()
        .zip(token)
        .fold(0, |differ, (a, b)| differ | (a ^ b));
    std::hint::black_box(differ) == 0 && given.len() == token.len()
}

fn of(request: &Request, snapshot: &Snapshot) -> Response {
    match request.path.as_str() {
        "/" => Response::new(200, "text/html; charset=utf-8", live::page(snapshot, now())),
        "/live.js" => Response::new(200, "text/javascript; charset=utf-8", live::SCRIPT),
        "/metrics" => {
            let shape = Shape::of(&request.accept);
            let samples = metrics::samples(snapshot, metrics::own());
            Response::new(200, shape.content_type(), metrics::write(&samples, shape))
        }
        "/healthz" => health::alive(snapshot, now()),
        "/readyz" => health::ready(snapshot),
        "/incidents" => incidents::list(snapshot, &request.query),
        _ => Response::plain(404),
    }
}

/// A JSON document.
fn json(status: u16, document: &serde_json::Value) -> Response {
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    Response::new(status, "application/json", text)
}

/// `2026-11-22T10:00:00.123Z`
fn moment(millis: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{at:.3}")
}
