//! More than one server.

use crate::stage::{PLAIN, Scene, Stage, get, pause};

const TWO: &str = "upstream php { server unix:@DIR@/fpm.sock; server unix:@DIR@/nowhere.sock; }";
const BACKUP: &str =
    "upstream php { server unix:@DIR@/nowhere.sock; server unix:@DIR@/fpm.sock backup; }";

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            name: "hidden",
            http: BACKUP,
            pass: "fastcgi_pass php;",
            act: |stage| {
                stage.note("h1", &["fpm-socket-missing"]);
                stage.ask(&get("id=h1", &[]));
            },
            ..PLAIN
        },
        Scene {
            name: "killer-takes-all",
            http: TWO,
            pass: "fastcgi_pass php;",
            act: killer,
            ..PLAIN
        },
    ]
}

/// A GET that kills its worker is tried on the next server, which is not there; then none is left
/// for the next request.
fn killer(stage: &Stage<'_>) {
    let asks = [get("id=k1&s=4", &["worker-crashed", "fpm-socket-missing"])];
    stage.meanwhile(&asks, || stage.kill("k1", "-SEGV"));
    pause(50);
    stage.note("k2", &["no-live-upstreams", "fpm-socket-missing"]);
    stage.ask(&get("id=k2", &[]));
}
