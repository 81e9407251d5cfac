//! A small sound stack into which an example is put: what the example does not say is right.

use std::collections::BTreeMap;

use base::{FilePath, Finding};
use model::php::FpmInput;
use model::{Inputs, MemoryFiles, Model, Source};

/// nginx, FPM and php.ini of one example, as texts.
#[derive(Default, Debug)]
pub(crate) struct Stack {
    pub(crate) nginx: String,
    pub(crate) fpm: String,
    pub(crate) php_ini: String,
    /// More files by absolute path.
    pub(crate) more: BTreeMap<String, String>,
}

const SOUND_FPM: &str = "\
[global]
process_control_timeout = 60s

[www]
user = www-data
group = www-data
listen = /run/php/php-fpm.sock
listen.owner = www-data
listen.group = www-data
pm = static
pm.max_children = 20
request_slowlog_timeout = 5s
slowlog = /var/log/php-slow.log
request_terminate_timeout = 40s
";

const ACCOUNTS: [(&str, &str); 2] = [
    (
        "/etc/passwd",
        "root:x:0:0:::\nwww-data:x:33:33:::\nnginx:x:101:101:::\n",
    ),
    ("/etc/group", "root:x:0:\nwww-data:x:33:\nnginx:x:101:\n"),
];

impl Stack {
    /// Reads the fenced blocks of a doc section: `nginx`, `fpm`, `php-ini`, `file PATH`.
    pub(crate) fn from_markdown(text: &str) -> Stack {
        let mut stack = Stack::default();
        let mut block: Option<(String, String)> = None;
        for line in text.lines() {
            match (line.strip_prefix("```"), &mut block) {
                (Some(_), Some((language, body))) => {
                    stack.add(language, body);
                    block = None;
                }
                (Some(language), None) => block = Some((language.to_owned(), String::new())),
                (None, Some((_, body))) => {
                    body.push_str(line);
                    body.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(block.is_none(), "a fence is not closed:\n{text}");
        stack
    }

    fn add(&mut self, language: &str, body: &str) {
        match language {
            "nginx" => self.nginx = whole_nginx(body),
            "fpm" => self.fpm = whole_fpm(body),
            "php-ini" => self.php_ini = body.to_owned(),
            other => match other.strip_prefix("file ") {
                Some(path) => drop(self.more.insert(path.to_owned(), body.to_owned())),
                None => panic!("no such fence language: `{other}`"),
            },
        }
    }

    /// Everything that is found in the stack.
    pub(crate) fn check(&self) -> (Model, Vec<Finding>) {
        let or = |text: &str, sound: String| match text.is_empty() {
            true => sound,
            false => text.to_owned(),
        };
        let mut files = MemoryFiles::default();
        let mut insert = |path: &str, text: String| files.insert(path, text.into_bytes());
        insert("/etc/nginx/nginx.conf", or(&self.nginx, whole_nginx("")));
        insert(
            "/etc/php/8.2/fpm/php-fpm.conf",
            or(&self.fpm, SOUND_FPM.to_owned()),
        );
        insert(
            "/etc/php/8.2/fpm/php.ini",
            or(&self.php_ini, SOUND_INI.to_owned()),
        );
        for (path, text) in ACCOUNTS {
            insert(path, text.to_owned());
        }
        for (path, text) in &self.more {
            insert(path, text.clone());
        }
        check_files(&files)
    }
}

const SOUND_INI: &str = "[PHP]\nmax_execution_time = 30\ndefault_socket_timeout = 20\n";

/// Loads `/etc/nginx/nginx.conf` and `/etc/php/8.2/fpm/php-fpm.conf` and runs every rule.
pub(crate) fn check_files(files: &MemoryFiles) -> (Model, Vec<Finding>) {
    let mut fpm = FpmInput::main(FilePath::new("/etc/php/8.2/fpm/php-fpm.conf"));
    fpm.php_ini = Some(FilePath::new("/etc/php/8.2/fpm/php.ini"));
    let mut inputs = Inputs::default();
    inputs.nginx.push(Source {
        input: FilePath::new("/etc/nginx/nginx.conf"),
        files,
        via: None,
    });
    inputs.fpm.push(Source {
        input: fpm,
        files,
        via: None,
    });
    let model = Model::load(inputs, files);
    let findings = rules::check(&rules::Context::new(&model, true));
    (model, findings)
}

/// Puts an nginx snippet where it belongs, told from its first word.
fn whole_nginx(snippet: &str) -> String {
    let first = snippet
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .and_then(|line| line.split_whitespace().next())
        .unwrap_or("");
    let own_pass = snippet.contains("_pass ");
    let sound_pass = if own_pass {
        ""
    } else {
        "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
         fastcgi_pass unix:/run/php/php-fpm.sock;\n"
    };
    let location = |body: &str| format!("location ~ \\.php$ {{\n{body}}}\n");
    let server = |body: &str| {
        format!("server {{\nlisten 80;\nserver_name shop.example;\nroot /srv/shop;\n{body}}}\n")
    };
    let whole = |http: &str| format!("user www-data;\nevents {{}}\nhttp {{\n{http}}}\n");
    match first {
        "user" | "events" | "http" => snippet.to_owned(),
        "server" | "upstream" | "map" | "include" => whole(snippet),
        "location" | "set" => whole(&server(snippet)),
        _ => whole(&server(&location(&format!("{snippet}{sound_pass}")))),
    }
}

/// Completes a part of a pool; a text with sections of its own stays as it is.
fn whole_fpm(snippet: &str) -> String {
    match snippet.lines().any(|line| line.starts_with('[')) {
        true => snippet.to_owned(),
        false => format!("{SOUND_FPM}{snippet}"),
    }
}
