//! A configuration with secrets in every corner, and the program run on it.

use std::fs;
use std::process::{Command, Stdio};

use lab::program::badgateway;
use lab::provider::{KEY, Provider};
use lab::scratch::Scratch;
use serde_json::Value;

/// Values that must never leave the machine, in any writing.
pub(crate) const CANARIES: &[&str] = &[
    "hunter2-Zq81-canary",
    "t0ken-9f8e7d6c5b4a-canary",
    "pg-pass-77Xy-canary",
    "Sm4rt-r3dis-canary",
    "b4sic-canary-pw9",
    "c0mment-canary-44x",
];

const NGINX: &str = "\
user www-data;
events {}
http {
    server {
        listen 80;
        server_name shop.example;
        root /srv/shop;
        location ~ \\.php$ {
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param DB_PASSWORD hunter2-Zq81-canary; # password was c0mment-canary-44x
            fastcgi_param API_TOKEN t0ken-9f8e7d6c5b4a-canary;
            fastcgi_read_timeout 20s;
            fastcgi_pass unix:/run/php/php-fpm.sock;
        }
        location /api/ {
            proxy_set_header Authorization \"Basic c2hvcDpiNHNpYy1jYW5hcnktcHc5\";
            proxy_pass http://127.0.0.1:8080;
        }
    }
}
";
const FPM: &str = "\
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
env[PGPASSWORD] = pg-pass-77Xy-canary
";
const PHP_INI: &str = "\
max_execution_time = 10
display_errors = 0
log_errors = 1
session.save_handler = redis
session.save_path = \"tcp://127.0.0.1:6379?auth=Sm4rt-r3dis-canary\"
";

/// What ends the one finding.
pub(crate) const OLD: &str = "fastcgi_read_timeout 20s;";
pub(crate) const RIGHT: &str = "fastcgi_read_timeout 45s;";

/// A folder with the configuration of a host below it.
pub(crate) struct Stack(pub(crate) Scratch);

/// What the program said and did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Stack {
    pub(crate) fn new() -> Stack {
        let stack = Stack(Scratch::new("refactor"));
        stack.0.write("etc/nginx/nginx.conf", NGINX);
        stack.0.write("etc/php/8.2/fpm/php-fpm.conf", FPM);
        stack.0.write("etc/php/8.2/fpm/php.ini", PHP_INI);
        stack
            .0
            .write("etc/passwd", "root:x:0:0:::\nwww-data:x:33:33:::\n");
        stack.0.write("etc/group", "root:x:0:\nwww-data:x:33:\n");
        stack
    }

    /// With a part of nginx's file replaced.
    pub(crate) fn with(self, old: &str, new: &str) -> Stack {
        let text = self.nginx();
        assert!(text.contains(old), "no {old}");
        self.0
            .write("etc/nginx/nginx.conf", text.replacen(old, new, 1));
        self
    }

    pub(crate) fn nginx(&self) -> String {
        let path = self.0.path().join("etc/nginx/nginx.conf");
        fs::read_to_string(path).expect("it is there")
    }

    /// Every file, to see whether any changed.
    pub(crate) fn all(&self) -> Vec<Vec<u8>> {
        let names = [
            "etc/nginx/nginx.conf",
            "etc/php/8.2/fpm/php-fpm.conf",
            "etc/php/8.2/fpm/php.ini",
        ];
        let read = |name: &str| fs::read(self.0.path().join(name)).expect("it is there");
        names.map(read).to_vec()
    }

    /// The program with a clean environment; no terminal.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(badgateway());
        command
            .arg("refactor")
            .arg("--root")
            .arg(self.0.path())
            .args(args)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("BADGATEWAY_STATE", self.0.path().join("state"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        ran(&mut self.command(args))
    }

    /// Asks a server, in JSON, with the key that it knows.
    pub(crate) fn ask(&self, name: &str, provider: &Provider, more: &[&str]) -> Ran {
        let url = match name {
            "openrouter" => format!("{}/api", provider.url()),
            _ => provider.url(),
        };
        let mut args = vec![
            "--provider",
            name,
            "--base-url",
            &url,
            "--yes",
            "--format",
            "json",
        ];
        if !more.contains(&"--model") {
            args.extend(["--model", "m-1"]);
        }
        args.extend(more);
        let mut command = self.command(&args);
        command.env(variable(name), KEY);
        let answer = ran(&mut command);
        for bytes in [answer.out.as_bytes(), answer.err.as_bytes()] {
            holds_no_canary(bytes, "the output");
            assert!(!contains(bytes, KEY.as_bytes()), "the key in the output");
        }
        answer
    }
}

/// The variable with the key.
pub(crate) fn variable(name: &str) -> &'static str {
    match name {
        "anthropic" => "ANTHROPIC_API_KEY",
        "openai" => "OPENAI_API_KEY",
        "gemini" => "GEMINI_API_KEY",
        "openrouter" => "OPENROUTER_API_KEY",
        _ => "NO_SUCH_KEY",
    }
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("badgateway runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    };
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }

    /// The reasons why edits were not taken.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let json = self.json();
        let refused = json["refused"].as_array().cloned().unwrap_or_default();
        let kind = |one: &Value| one["refused"].as_str().unwrap_or_default().to_owned();
        refused.iter().map(kind).collect()
    }
}

/// Nothing secret in bytes: as it is, in base64, with percent signs, in hexadecimal, backwards.
pub(crate) fn holds_no_canary(bytes: &[u8], name: &str) {
    for canary in CANARIES {
        let hex: String = canary.bytes().map(|b| format!("{b:02x}")).collect();
        let percent: String = canary
            .chars()
            .map(|c| match c {
                '-' => "%2D".to_owned(),
                c => c.to_string(),
            })
            .collect();
        let backwards: String = canary.chars().rev().collect();
        let forms = [
            (*canary).to_owned(),
            base64(canary),
            hex,
            percent,
            backwards,
        ];
        for form in forms {
            assert!(!contains(bytes, form.as_bytes()), "{canary} in {name}");
        }
    }
    assert!(!contains(bytes, b"c2hvcDpiNHNpYy1jYW5hcnktcHc5"), "{name}");
}

pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in text.as_bytes().chunks(3) {
        let bits =
            part.iter().fold(0_u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - part.len()));
        for n in 0..=part.len() {
            out.push(LETTERS[(bits >> (18 - 6 * n)) as usize & 63] as char);
        }
    }
    out
}

/// An answer with edits.
pub(crate) fn edits(list: &[(&str, &str, &str)]) -> String {
    let edits = list.iter().map(|(file, old, new)| {
        serde_json::json!({ "file": file, "old": old, "new": new, "why": "it fits then" })
    });
    Value::from(edits.collect::<Vec<_>>()).to_string()
}
