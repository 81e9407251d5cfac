//! client-gone.

use logs::Signal;

use crate::case::Case;
use crate::cause::{Weight, cause};

cause! {
    /// The client closed the connection (499). No fault of the servers by itself; many of them mean
    /// that answers are slow.
    ///
    /// ## Evidence
    ///
    /// - Access log: 499.
    /// - nginx (level info): `epoll_wait() reported that client prematurely closed connection`.
    ///
    /// ## What to change
    ///
    /// - Look at how long these requests took: the patience of a browser, a load balancer or an app
    ///   is the outermost limit of the chain.
    /// - The script runs on; `request_terminate_timeout` bounds it.
    ///
    /// ## How to make sure
    ///
    /// - `$request_time` of the 499s: the same number each time is a caller's timeout.
    ///
    /// ## Reproduce
    ///
    /// A client with a timeout of 1 second and a script that sleeps.
    CLIENT_GONE {
        id: "client-gone",
        title: "the client left before the answer",
        decides: "nginx's error log at level info: `client prematurely closed connection`",
        rules: [],
        settings: ["read_timeout"],
        since: "0.1.0",
        weigh: weigh,
    }
}

fn weigh(case: &Case<'_, '_>) -> Weight {
    match case.failure.signal {
        Signal::ClientGone | Signal::AccessClientGone => {
            Weight::certain("the client closed the connection")
        }
        _ => Weight::No,
    }
}
