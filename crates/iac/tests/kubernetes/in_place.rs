//! Edits go back into the manifests: the inner file becomes what the edit meant, and nothing else
//! of the manifest changes.

use base::{Edit, FilePath};
use intake::Judged;
use model::{Files, MemoryFiles};

use crate::{fixtures, found, judged, project};

/// The inner files that a project's servers see, by (where, path).
fn inner(files: &MemoryFiles) -> Vec<(String, String, String)> {
    let found = found(files);
    let nginx = found.nginx_dumps.iter().map(|(_, files, via)| (files, via));
    let fpm = found.fpm_dumps.iter().map(|(_, files, via)| (files, via));
    let mut out = Vec::new();
    for (files, via) in nginx.chain(fpm) {
        for (path, bytes, _) in files.iter() {
            let text = String::from_utf8_lossy(bytes).into_owned();
            out.push((via.clone(), path.to_string(), text));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The edits of one finding, done in place.
fn edited(files: &MemoryFiles, judged: &Judged, edits: &[Edit]) -> MemoryFiles {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.file, edit.span.start)));
    let mut out = files.clone();
    for edit in edits {
        let source = judged.model.sources.get(edit.span.file);
        assert!(source.outer.is_none(), "an edit of an inner file: {edit:?}");
        let mut bytes = out
            .read(&source.path)
            .expect("a file of the project")
            .to_vec();
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        bytes.splice(start..end, edit.text.iter().copied());
        out.insert(source.path.as_bytes(), bytes);
    }
    out
}

/// Lines that two texts do not share at their beginnings and ends.
fn changed<'t>(old: &'t str, new: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let (mut old, mut new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    while !old.is_empty() && !new.is_empty() && old[0] == new[0] {
        old.remove(0);
        new.remove(0);
    }
    while !old.is_empty() && !new.is_empty() && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    (old, new)
}

#[test]
fn edits_of_all_projects_are_made_in_place() {
    let (mut done, mut projects) = (0, 0);
    for dir in fixtures() {
        let files = project(&dir);
        let before = judged(&files);
        let mut any = false;
        for finding in &before.findings {
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            let edits: Vec<Edit> = edits.cloned().collect();
            if edits.is_empty() {
                continue;
            }
            let what = format!("{} of {}", finding.rule, dir.display());
            let after = edited(&files, &before, &edits);
            // The manifest is the same but for the lines of the edit.
            for (path, old, _) in files.iter() {
                let new = after.read(path).expect("a file of the project");
                let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(&new));
                let (old, new) = changed(&old, &new);
                assert!(old.len() <= 2 && new.len() <= 3, "{what}: {old:?} {new:?}");
            }
            // The inner file has those lines too, without their indent.
            let (old, new) = (inner(&files), inner(&after));
            assert_eq!(old.len(), new.len(), "{what}");
            let both = old.iter().zip(&new).filter(|(old, new)| old.2 != new.2);
            let mut words = Vec::new();
            for (old, new) in both {
                assert_eq!((&old.0, &old.1), (&new.0, &new.1), "{what}");
                words.extend(changed(&old.2, &new.2).1.into_iter().map(str::to_owned));
            }
            let is_in = |edit: &Edit| {
                let text = String::from_utf8_lossy(&edit.text).into_owned();
                let text = text.replace("\\n", "\n").trim().to_owned();
                let mut lines = text.lines().map(str::trim);
                lines.all(|line| words.iter().any(|word| word.contains(line)))
            };
            assert!(edits.iter().all(is_in), "{what}: {edits:?} {words:?}");
            // What was found there is gone.
            let now = judged(&after);
            let same =
                |one: &&base::Finding| (one.rule, &one.message) == (finding.rule, &finding.message);
            assert!(
                now.findings.iter().find(same).is_none(),
                "{what} is still there"
            );
            done += 1;
            any = true;
        }
        projects += usize::from(any);
    }
    assert!(
        done >= 12 && projects >= 8,
        "{done} edits in {projects} projects"
    );
}

#[test]
fn what_is_packed_is_shown_and_not_edited() {
    let mut files = MemoryFiles::default();
    // `[a]`, `listen = 9000` … in base64, and a route to it.
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  pool.conf: \
        W2FdCmxpc3RlbiA9IDkwMDAKcG0gPSBzdGF0aWMKcG0ubWF4X2NoaWxkcmVuID0gMgpyZXF1ZXN0X3Rlcm1pbmF0ZV90aW1lb3V0ID0gNjAwCg==\n\
        stringData:\n  site.conf: |\n    location ~ \\.php$ {\n      fastcgi_pass 127.0.0.1:9000;\n      \
        fastcgi_read_timeout 60s;\n    }\n";
    files.insert("/p/secret.yaml", text.as_bytes());
    let judged = judged(&files);
    let mut rules = judged
        .findings
        .iter()
        .map(|one| (one.rule, one.fix.is_some()));
    let told = crate::told(&judged);
    assert!(
        rules.any(|one| one.0 == "read-timeout-below-terminate"),
        "{told}"
    );
    for finding in &judged.findings {
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            let at = crate::place(&judged.model.sources, edit.span);
            assert_ne!(at, "secret.yaml:5", "{told}");
        }
    }
    assert!(files.read(&FilePath::new("/p/secret.yaml")).is_ok());
}
