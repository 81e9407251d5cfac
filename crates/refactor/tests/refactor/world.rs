//! A stack in memory with secrets in it, and sessions about it.

use std::collections::BTreeMap;

use base::FilePath;
use fix::{Overlay, Store};
use model::php::FpmInput;
use model::{Files, Inputs, MemoryFiles, Model, Source};
use refactor::{Ask, Session, Step, Verdict, Wire, World};

pub(crate) const NGINX: &str = "/etc/nginx/nginx.conf";
pub(crate) const FPM: &str = "/etc/php/8.2/fpm/php-fpm.conf";
pub(crate) const INI: &str = "/etc/php/8.2/fpm/php.ini";

/// Values that must never be sent.
pub(crate) const SECRETS: [&str; 4] = [
    "hunter2-Zq81",
    "t0ken-9f8e7d6c5b4a",
    "pg-pass-77Xy",
    "Sm4rt-r3dis-pw",
];

const NGINX_CONF: &str = "\
user www-data;
events {}
http {
    server {
        listen 80;
        server_name shop.example;
        root /srv/shop;
        location ~ \\.php$ {
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param DB_PASSWORD hunter2-Zq81;
            fastcgi_read_timeout 20s; # as it was
            fastcgi_pass unix:/run/php/php-fpm.sock;
        }
        location = /export.php {
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param API_TOKEN t0ken-9f8e7d6c5b4a;
            fastcgi_read_timeout 60s;
            fastcgi_pass unix:/run/php/php-fpm.sock;
        }
    }
}
";
const POOL: &str = "\
[global]
process_control_timeout = 60s
[www]
user = www-data
listen = /run/php/php-fpm.sock
listen.owner = www-data
listen.group = www-data
pm = static
pm.max_children = 5
request_slowlog_timeout = 5s
slowlog = /var/log/slow.log
request_terminate_timeout = 40s
env[PGPASSWORD] = pg-pass-77Xy
";
const PHP_INI: &str = "\
max_execution_time = 10
display_errors = 0
log_errors = 1
session.save_handler = redis
session.save_path = \"tcp://10.0.0.5:6379?auth=Sm4rt-r3dis-pw\"
";

/// Files by path.
#[derive(Clone, Debug)]
pub(crate) struct Stack(pub(crate) BTreeMap<&'static str, String>);

impl Stack {
    /// One route whose nginx gives up before PHP-FPM does.
    pub(crate) fn new() -> Stack {
        let passwd = "root:x:0:0:::\nwww-data:x:33:33:::\n";
        let group = "root:x:0:\nwww-data:x:33:\n";
        Stack(BTreeMap::from([
            (NGINX, NGINX_CONF.to_owned()),
            (FPM, POOL.to_owned()),
            (INI, PHP_INI.to_owned()),
            ("/etc/passwd", passwd.to_owned()),
            ("/etc/group", group.to_owned()),
        ]))
    }

    /// With a part of a file replaced.
    pub(crate) fn with(mut self, path: &'static str, old: &str, new: &str) -> Stack {
        let text = self.0.get_mut(path).expect("it is there");
        assert!(text.contains(old), "no {old} in {path}");
        *text = text.replacen(old, new, 1);
        self
    }

    /// Without the second route, which shares the pool.
    pub(crate) fn alone(mut self) -> Stack {
        let text = self.0.get_mut(NGINX).expect("it is there");
        let from = text.find("        location =").expect("it has one");
        let to = text.rfind("    }\n}").expect("it ends");
        text.replace_range(from..to, "");
        self
    }

    fn files(&self) -> MemoryFiles {
        let mut files = MemoryFiles::default();
        for (path, text) in &self.0 {
            files.insert(path, text.as_bytes());
        }
        files
    }

    /// Runs a session with scripted answers; the bodies that were sent, and the verdict.
    pub(crate) fn run(&self, ask: Ask<'_>, answers: &[&str]) -> (Vec<String>, Verdict) {
        let files = self.files();
        let load = |store: &Store| load(&files, store);
        let resolve =
            |_: Option<&str>, path: &FilePath| files.resolve(path).unwrap_or_else(|| path.clone());
        let world = World {
            load: &load,
            resolve: &resolve,
        };
        let mut session = Session::begin(world, ask);
        let (mut sent, mut answers) = (Vec::new(), answers.iter());
        while let Step::Send(request) = session.next() {
            sent.push(String::from_utf8(request.body.clone()).expect("a body is ASCII"));
            let Some(answer) = answers.next() else {
                panic!("another question than expected:\n{}", sent[sent.len() - 1]);
            };
            session.answer(Ok((*answer).to_owned()));
        }
        (sent, session.into_verdict().expect("it is done"))
    }

    /// The same for the usual question.
    pub(crate) fn asked(&self, answers: &[&str]) -> (Vec<String>, Verdict) {
        self.run(ask(), answers)
    }
}

/// The usual question.
pub(crate) fn ask() -> Ask<'static> {
    Ask::new(Wire::Anthropic, "m-1")
}

/// The model of the usual files.
pub(crate) fn load(files: &MemoryFiles, store: &Store) -> Model {
    let mut fpm = FpmInput::main(FilePath::new(FPM));
    fpm.php_ini = Some(FilePath::new(INI));
    load_these(files, store, FilePath::new(NGINX), fpm, false)
}

/// The model of these files.
pub(crate) fn load_these(
    files: &MemoryFiles,
    store: &Store,
    nginx: FilePath,
    fpm: FpmInput,
    assume_defaults: bool,
) -> Model {
    let over = Overlay {
        files,
        via: None,
        store,
    };
    let mut inputs = Inputs {
        assume_defaults,
        ..Inputs::default()
    };
    inputs.nginx.push(Source {
        input: nginx,
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

/// An answer with edits of one file.
pub(crate) fn edits(list: &[(&str, &str, &str)]) -> String {
    let edits: Vec<_> = list
        .iter()
        .map(|(file, old, new)| {
            serde_json::json!({ "file": file, "old": old, "new": new, "why": "so it fits" })
        })
        .collect();
    serde_json::Value::from(edits).to_string()
}

/// Replaces a value in nginx's file.
pub(crate) fn nginx(old: &str, new: &str) -> String {
    edits(&[("nginx-1.conf", old, new)])
}
