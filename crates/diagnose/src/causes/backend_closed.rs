//! backend-closed.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// A backend that is not FastCGI closed the connection before its answer: a worker of it died
    /// or was stopped.
    ///
    /// ## Evidence
    ///
    /// - nginx: `recv() failed (104…)` or `upstream prematurely closed connection` from `http://`,
    ///   `uwsgi://`, `scgi://` or `grpc://`.
    /// - uWSGI: `HARAKIRI`, gunicorn: `WORKER TIMEOUT` in the backend's log.
    ///
    /// ## What to change
    ///
    /// - Read the backend's log; its own request limit (`harakiri`, `--timeout`) must be below
    ///   nginx's read timeout and above the longest request.
    ///
    /// ## How to make sure
    ///
    /// - The backend's log has a dead worker at the same second.
    ///
    /// ## Reproduce
    ///
    /// Kill a backend's worker while it has a request.
    BACKEND_CLOSED {
        id: "backend-closed",
        title: "the backend closed the connection",
        decides: "the backend's own log at this second",
        rules: [],
        settings: ["pass"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    let closed = case.is_eof()
        || case.is(&[
            Signal::ResetBeforeHeader,
            Signal::ResetAfterHeader,
            Signal::ResetWhileSending,
        ]);
    match case.is_other_protocol() && closed && case.failure.pool.is_none() {
        true => Weight::Possible,
        false => Weight::No,
    }
}
