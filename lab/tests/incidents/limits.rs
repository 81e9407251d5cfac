//! nginx itself runs out of something, or answers by itself.

use crate::stage::{PLAIN, Scene, get};

pub(crate) fn scenes() -> Vec<Scene> {
    vec![Scene {
        name: "own-answer",
        location: "if ($arg_id = o1) { return 503; }",
        act: |stage| {
            stage.ask(&get("id=o1", &["nginx-own-answer"]));
            stage.ask(&get("id=ok1", &[]));
        },
        ..PLAIN
    }]
}
