//! Configuration that no pod of the files mounts: judged like files that were named one by one.

use base::{FilePath, SortedSet};
use intake::Found;
use model::MemoryFiles;
use model::detect::Kind;
use model::php::FpmInput;
use yaml::Id;

use super::data::Data;
use super::hint;

/// What is to be judged of a ConfigMap or Secret, without what somebody mounts.
pub(crate) fn found(data: &Data<'_>, via: &str, used: &mut SortedSet<(usize, Id)>) -> Found {
    let mut found = Found::default();
    let mut files = MemoryFiles::default();
    let (mut nginx, mut mains, mut pools, mut inis) = (vec![], vec![], vec![], vec![]);
    for entry in &data.entries {
        let Some(kind) = hint::kind(&entry.key, &entry.bytes) else {
            continue;
        };
        // What two environments share is judged once.
        if !used.insert(entry.at) {
            continue;
        }
        let path = FilePath::new(format!("{}/{}", data.shown, entry.key));
        files.insert_inner(path.as_bytes(), entry.bytes.clone(), entry.outer.clone());
        match kind {
            Kind::Nginx => nginx.push(path),
            Kind::FpmMain => mains.push(path),
            Kind::FpmPool => pools.push(path),
            _ => inis.push(path),
        }
    }
    for main in nginx {
        found
            .nginx_dumps
            .push((main, files.clone(), via.to_owned()));
    }
    let mut inputs: Vec<FpmInput> = mains.into_iter().map(FpmInput::main).collect();
    if !pools.is_empty() {
        inputs.push(FpmInput::fragments(pools));
    }
    for mut input in inputs {
        input.scan_files = inis.clone();
        found.fpm_dumps.push((input, files.clone(), via.to_owned()));
    }
    if found.fpm_dumps.is_empty() {
        for ini in inis {
            let message = format!("{ini}: no PHP-FPM that uses it was given; it was not judged");
            let help = "give the manifest of the workload that mounts it too";
            found.unreadable(message, Some(help));
        }
    }
    found
}
