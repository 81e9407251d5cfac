//! Every project, and all that is said of it: chains with the places of their limits, findings,
//! and what could not be known. `expected.told` of each was read against its manifests by hand.

use crate::{fixtures, judged, project, told};

#[test]
fn every_project_is_told_as_it_is_written_down() {
    let mut wrong = String::new();
    for dir in fixtures() {
        let wanted = std::fs::read_to_string(dir.join("expected.told")).unwrap_or_default();
        let got = told(&judged(&project(&dir)));
        if got != wanted {
            // To see it written anew: `BLESS=1`, and then read the difference.
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(dir.join("expected.told"), &got).expect("a fixture can be written");
                continue;
            }
            wrong += &format!("==== {}/expected.told\n{got}", dir.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
