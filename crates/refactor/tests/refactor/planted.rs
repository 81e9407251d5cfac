//! The planted secrets of `redact`, in configurations that a model is asked about: none of them is
//! in the bytes that would be sent.

use std::fs;
use std::path::{Path, PathBuf};

use base::FilePath;
use fix::{Overlay, Store};
use model::php::FpmInput;
use model::{Files, Inputs, MemoryFiles, Model, Source};
use refactor::{Ask, Session, Step, Wire, World};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../redact/corpus")
}

/// Marks keep the scanners of others quiet.
fn unmarked(text: &str) -> String {
    text.replace(['⟦', '·', '⟧'], "")
}

/// Values that must be hidden, with their files.
fn truth() -> Vec<(String, String)> {
    let text = fs::read_to_string(corpus().join("truth.tsv")).expect("it is there");
    let rows = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let musts = rows.filter(|row| row[0] == "must");
    musts
        .map(|row| (row[2].to_owned(), unmarked(row[4])))
        .collect()
}

fn files_of(class: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = vec![corpus().join(class)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    let inside = path.strip_prefix(corpus()).expect("below");
                    out.push(inside.display().to_string());
                }
            }
        }
    }
    out.sort();
    out
}

fn load(files: &MemoryFiles, store: &Store, nginx: &str, pools: &[String], ini: &str) -> Model {
    let over = Overlay {
        files,
        via: None,
        store,
    };
    let at = |name: &str| FilePath::new(format!("/{name}"));
    let mut fpm = FpmInput::fragments(pools.iter().map(|name| at(name)).collect());
    fpm.php_ini = Some(at(ini));
    let mut inputs = Inputs {
        assume_defaults: true,
        ..Inputs::default()
    };
    inputs.nginx.push(Source {
        input: at(nginx),
        files: &over,
        via: None,
    });
    inputs.fpm.push(Source {
        input: fpm,
        files: &over,
        via: None,
    });
    Model::load(inputs, &over)
}

#[test]
fn no_planted_secret_is_sent() {
    let (nginx, fpm, inis) = (files_of("nginx"), files_of("fpm"), files_of("phpini"));
    let mut files = MemoryFiles::default();
    for name in nginx.iter().chain(&fpm).chain(&inis) {
        let bytes = fs::read(corpus().join(name)).expect("it can be read");
        let text = unmarked(&String::from_utf8_lossy(&bytes));
        files.insert(format!("/{name}"), text.into_bytes());
    }
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
    let truth = truth();
    let (mut asked, mut looked, mut missed) = (0, 0, Vec::new());
    for main in &nginx {
        for (pool, ini) in fpm.iter().zip(inis.iter().cycle()) {
            let pools = [pool.clone()];
            let load = |store: &Store| load(&files, store, main, &pools, ini);
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
            for (file, value) in &truth {
                if [main, pool, ini].contains(&file) && value.len() > 5 {
                    looked += 1;
                    if text.contains(value.as_str()) {
                        missed.push(format!("{file}: {value}"));
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
