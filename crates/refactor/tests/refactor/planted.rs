//! The planted secrets of `redact`, in configurations that a model is asked about: none of them is
//! in the bytes that would be sent.

use std::collections::BTreeMap;

use base::FilePath;
use fix::Store;
use model::php::FpmInput;
use model::{Files, MemoryFiles, Model};
use refactor::{Ask, Session, Step, Wire, World};

use crate::corpus;
use crate::world::load_these;

fn load(files: &MemoryFiles, store: &Store, nginx: &str, pool: &str, ini: &str) -> Model {
    let at = |name: &str| FilePath::new(format!("/{name}"));
    let mut fpm = FpmInput::fragments(vec![at(pool)]);
    fpm.php_ini = Some(at(ini));
    load_these(files, store, at(nginx), fpm, true)
}

#[test]
fn no_planted_secret_is_sent() {
    let mut files = MemoryFiles::default();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, bytes) in corpus::files() {
        files.insert(format!("/{name}"), bytes);
        let class = name.split('/').next().unwrap_or_default().to_owned();
        names.entry(class).or_default().push(name);
    }
    let [nginx, fpm, inis] = ["nginx", "fpm", "phpini"].map(|class| &names[class]);
    // What packages bring along.
    for name in [
        "fastcgi_params",
        "uwsgi_params",
        "scgi_params",
        "fastcgi.conf",
    ] {
        for dir in [
            "/nginx",
            "/nginx/sites-enabled",
            "/nginx/snippets",
            "/etc/nginx",
        ] {
            files.insert(format!("{dir}/{name}"), Vec::new());
        }
    }
    files.insert("/etc/nginx/mime.types", Vec::new());
    let truth = corpus::truth();
    let musts = || {
        truth
            .iter()
            .filter_map(|one| Some((one, one.value.as_ref()?)))
    };
    let (mut asked, mut looked, mut missed) = (0, 0, Vec::new());
    for main in nginx {
        for (pool, ini) in fpm.iter().zip(inis.iter().cycle()) {
            let load = |store: &Store| load(&files, store, main, pool, ini);
            let resolve = |_: Option<&str>, path: &FilePath| {
                files.resolve(path).unwrap_or_else(|| path.clone())
            };
            let world = World {
                load: &load,
                resolve: &resolve,
            };
            let mut ask = Ask::new(Wire::Local, "m");
            ask.wants.rules = rules::all().iter().map(|rule| rule.id.to_owned()).collect();
            let session = Session::begin(world, ask);
            let request = match session.next() {
                Step::Send(request) => request,
                Step::Done(verdict) => {
                    // What is hidden is not taken for a secret.
                    let refusal = verdict.refusal.as_ref();
                    let words = refusal.map_or("", |refusal| refusal.words.as_str());
                    assert!(
                        words.contains("a server would refuse"),
                        "{main} {pool}: {words}"
                    );
                    continue;
                }
            };
            asked += 1;
            let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
            let text = body["messages"][1]["content"].as_str().unwrap_or_default();
            for (one, value) in musts() {
                if [main, pool, ini].contains(&&one.file) && value.len() > 5 {
                    looked += 1;
                    let value = String::from_utf8_lossy(value);
                    if text.contains(&*value) {
                        missed.push(format!("{one}: {value}"));
                    }
                }
            }
        }
    }
    missed.sort();
    missed.dedup();
    assert!(asked > 20 && looked > 500, "{asked} {looked}");
    // How many the redactor misses is measured in its own room.
    assert!(missed.len() <= 2, "{missed:#?}");
}
