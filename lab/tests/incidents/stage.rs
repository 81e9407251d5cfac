//! A stack on which something goes wrong, and what really happened there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use lab::live::{Stack, Texts};
use lab::nginx::{Response, free_port, send};

/// What happened to one request.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) id: String,
    /// The cause; several when the logs cannot tell them apart even in principle.
    pub(crate) causes: Vec<&'static str>,
}

/// One scene.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// Behind the defaults in the PHP location.
    pub(crate) location: &'static str,
    /// More inside `http`.
    pub(crate) http: &'static str,
    /// What stands in `fastcgi_pass`; the pool's socket when empty.
    pub(crate) pass: &'static str,
    /// `[global]` of FPM.
    pub(crate) global: &'static str,
    /// The pool; a static one of four workers when empty.
    pub(crate) pool: &'static str,
    pub(crate) php_ini: &'static str,
    pub(crate) act: fn(&Stage<'_>),
}

/// A scene with nothing special.
pub(crate) const PLAIN: Scene = Scene {
    name: "",
    location: "",
    http: "",
    pass: "",
    global: "",
    pool: "",
    php_ini: "",
    act: |_| {},
};

/// The folder of a scene that was played, and the truth.
pub(crate) struct Played {
    pub(crate) name: &'static str,
    pub(crate) truths: Vec<Truth>,
    pub(crate) stack: Stack,
}

impl Played {
    pub(crate) fn dir(&self) -> &Path {
        self.stack.dir()
    }
}

/// `work.php?id=ID&s=SECONDS`, with `cpu`, `flush`, `status` and others that scenes need.
const WORK: &str = r"<?php
$q = $_GET;
file_put_contents(__DIR__ . '/pid-' . $q['id'], (string)getmypid());
if (isset($q['flush'])) { echo str_repeat('x', 20000); flush(); }
if (isset($q['cpu'])) { $e = microtime(true) + $q['cpu']; while (microtime(true) < $e) { sqrt(2); } }
sleep((int)($q['s'] ?? 0));
if (isset($q['status'])) { http_response_code((int)$q['status']); }
if (isset($q['header'])) { header('X-Big: ' . str_repeat('h', (int)$q['header'])); }
if (isset($q['bad'])) { header('Status: abc'); }
if (isset($q['fatal'])) { no_such_function(); }
if (isset($q['memory'])) { $x = []; while (true) { $x[] = str_repeat('m', 100000); } }
if (isset($q['length'])) { header('Content-Length: 100000'); }
echo 'done';
";

const FORMATS: &str = r#"
    log_format article escape=json '{"time":"$time_iso8601","client":"$remote_addr","status":"$status",'
        '"upstream_status":"$upstream_status","upstream_addr":"$upstream_addr",'
        '"upstream_response_time":"$upstream_response_time","upstream_connect_time":"$upstream_connect_time",'
        '"request":"$request","bytes":"$body_bytes_sent"}';
    log_format full escape=json '{"time":"$time_iso8601","conn":"$connection","status":"$status",'
        '"upstream_status":"$upstream_status","upstream_addr":"$upstream_addr","urt":"$upstream_response_time",'
        '"uct":"$upstream_connect_time","uht":"$upstream_header_time","rt":"$request_time",'
        '"bytes":"$body_bytes_sent","request":"$request"}';
"#;

const PARAMS: &str = "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param REQUEST_URI $request_uri;";

impl Scene {
    /// Starts the servers, lets it happen and waits until the logs are quiet.
    pub(crate) fn play(&self) -> Played {
        let fpm_port = free_port().to_string();
        let dead_port = free_port().to_string();
        let fill = |text: &str| {
            text.replace("@FPM@", &fpm_port)
                .replace("@DEAD@", &dead_port)
        };
        let pass = match self.pass {
            "" => "fastcgi_pass unix:@DIR@/fpm.sock;",
            pass => pass,
        };
        let pool = match self.pool {
            "" => "pm = static\npm.max_children = 4\n",
            pool => pool,
        };
        let listen = match self.pool.contains("listen =") {
            true => "",
            false => "listen = @DIR@/fpm.sock\nlisten.owner = www-data\n",
        };
        let texts = Texts {
            http: fill(&format!(
                "{FORMATS}{}
    server {{
        listen 127.0.0.1:@PORT@;
        server_name shop.example;
        root @DIR@/www;
        access_log @DIR@/access.log combined;
        access_log @DIR@/access.json.log article;
        access_log @DIR@/access.full.log full;
        location ~ \\.(php|txt)$ {{
            {PARAMS}
            {pass}
            {}
        }}
    }}",
                self.http, self.location
            )),
            fpm: fill(&format!(
                "[global]\n{}\n[www]\nuser = www-data\ngroup = www-data\n{listen}{pool}",
                self.global
            )),
            php_ini: fill(self.php_ini),
            scripts: vec![
                ("work.php", WORK.to_owned()),
                ("parse.php", "<?php this is no php".to_owned()),
                ("text.txt", "text".to_owned()),
            ],
            ..Texts::default()
        };
        let stack = Stack::start(&texts);
        let truths = Mutex::new(Vec::new());
        (self.act)(&Stage {
            stack: &stack,
            truths: &truths,
        });
        std::thread::sleep(Duration::from_millis(300));
        let keep = std::env::var_os("BADGATEWAY_KEEP");
        let played = Played {
            name: self.name,
            truths: truths.into_inner().expect("no thread failed"),
            stack,
        };
        assert!(
            !played.truths.is_empty(),
            "{}: nothing went wrong",
            self.name
        );
        if let Some(keep) = keep {
            copy_logs(played.dir(), &PathBuf::from(keep).join(self.name));
        }
        played
    }
}

/// Copies what a scene leaves behind, for people to look at.
fn copy_logs(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the scene's folder").flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a log can be copied");
        }
    }
}

/// What an act can do.
pub(crate) struct Stage<'s> {
    pub(crate) stack: &'s Stack,
    truths: &'s Mutex<Vec<Truth>>,
}

/// A request: method, target and the causes that are right; none for one that must not fail.
pub(crate) struct Ask {
    pub(crate) post: bool,
    pub(crate) target: String,
    pub(crate) causes: &'static [&'static str],
}

/// A GET of `work.php`.
pub(crate) fn get(query: &str, causes: &'static [&'static str]) -> Ask {
    Ask {
        post: false,
        target: format!("/work.php?{query}"),
        causes,
    }
}

/// A POST to `work.php`.
pub(crate) fn post(query: &str, causes: &'static [&'static str]) -> Ask {
    Ask {
        post: true,
        ..get(query, causes)
    }
}

/// The id in a target.
pub(crate) fn id_of(target: &str) -> Option<&str> {
    let behind = &target[target.find("id=")? + 3..];
    let end = behind.find(|c: char| !c.is_ascii_alphanumeric());
    Some(&behind[..end.unwrap_or(behind.len())])
}

impl Stage<'_> {
    /// Notes what is true of a request.
    pub(crate) fn note(&self, id: &str, causes: &[&'static str]) {
        self.truths.lock().expect("no thread failed").push(Truth {
            id: id.to_owned(),
            causes: causes.to_vec(),
        });
    }

    /// Asks, waits for the answer, and notes the truth if it went wrong: a worker that is told to
    /// go may still finish, because a signal ends its sleep.
    pub(crate) fn ask(&self, ask: &Ask) -> Response {
        let (method, body) = match ask.post {
            true => ("POST", "a=1&b=2"),
            false => ("GET", ""),
        };
        let text = format!(
            "{method} {} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            ask.target,
            body.len()
        );
        let answer = send(self.stack.nginx.port(), text.as_bytes());
        let is_good = answer.status == 200 && answer.complete && answer.text().contains("done");
        if !ask.causes.is_empty() && !is_good {
            let id = id_of(&ask.target).expect("every request has an id");
            self.note(id, ask.causes);
        }
        answer
    }

    /// Asks all at once, does something meanwhile, and waits for all.
    pub(crate) fn meanwhile(&self, asks: &[Ask], act: impl FnOnce()) -> Vec<Response> {
        std::thread::scope(|scope| {
            let asked: Vec<_> = asks
                .iter()
                .map(|ask| scope.spawn(move || self.ask(ask)))
                .collect();
            act();
            let answers = asked.into_iter().map(|one| one.join());
            answers.map(|one| one.expect("an answer")).collect()
        })
    }

    /// The worker that has a request, as soon as its script has begun.
    pub(crate) fn worker_of(&self, id: &str) -> String {
        let file = self.stack.dir().join(format!("www/pid-{id}"));
        let begin = Instant::now();
        loop {
            match fs::read_to_string(&file) {
                Ok(pid) if !pid.is_empty() => return pid,
                _ => assert!(
                    begin.elapsed() < Duration::from_secs(10),
                    "{id} never began"
                ),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a signal to the worker that has a request.
    pub(crate) fn kill(&self, id: &str, signal: &str) {
        let pid = self.worker_of(id);
        // The script has begun; let it come to its sleep.
        std::thread::sleep(Duration::from_millis(30));
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(
            sent.expect("kill runs").success(),
            "the worker of {id} is there"
        );
    }
}

/// Sleeps so long.
pub(crate) fn pause(millis: u64) {
    std::thread::sleep(Duration::from_millis(millis));
}
