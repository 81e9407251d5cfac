//! A small sound stack into which an example is put: what the example does not say is right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::{FilePath, Finding};
use model::php::FpmInput;
use model::{Facts, Inputs, MemoryFiles, Model, Source};
use report::{Format, Report, Style, Summary};

/// nginx, FPM and php.ini of one example, as texts.
#[derive(Default, Debug)]
pub(crate) struct Stack {
    pub(crate) nginx: String,
    pub(crate) fpm: String,
    pub(crate) php_ini: String,
    /// `host.toml`: what is known of the machine.
    pub(crate) facts: String,
    /// `badgateway.toml`: what a team says.
    pub(crate) policy: String,
    /// More files by absolute path.
    pub(crate) more: BTreeMap<String, String>,
}

/// Where the fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn sound(name: &str) -> String {
    fs::read_to_string(fixtures().join("sound").join(name)).expect("the sound stack is there")
}

const NGINX: &str = "/etc/nginx/nginx.conf";
const FPM: &str = "/etc/php/8.2/fpm/php-fpm.conf";
const PHP_INI: &str = "/etc/php/8.2/fpm/php.ini";

impl Stack {
    /// Reads a case: `nginx.conf`, `php-fpm.conf`, `php.ini`, `host.toml`, `badgateway.toml`, and below `root` any other file.
    pub(crate) fn from_folder(folder: &Path) -> Stack {
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let mut more = BTreeMap::new();
        let root = folder.join("root");
        let mut open = vec![root.clone()];
        while let Some(at) = open.pop() {
            for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let inside = path.strip_prefix(&root).expect("below the root");
                let text = fs::read_to_string(&path).expect("a fixture is text");
                more.insert(format!("/{}", inside.display()), text);
            }
        }
        Stack {
            nginx: text("nginx.conf"),
            fpm: text("php-fpm.conf"),
            php_ini: text("php.ini"),
            facts: text("host.toml"),
            policy: text("badgateway.toml"),
            more,
        }
    }

    /// Reads the fenced blocks of a doc section: `nginx`, `fpm`, `php-ini`, `facts`, `policy`, `file PATH`.
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
            "policy" => self.policy = body.to_owned(),
            "facts" => self.facts = body.to_owned(),
            "php-ini" => self.php_ini = body.to_owned(),
            other => match other.strip_prefix("file ") {
                Some(path) => drop(self.more.insert(path.to_owned(), body.to_owned())),
                None => panic!("no such fence language: `{other}`"),
            },
        }
    }

    /// All files, completed by those of the sound stack.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let or_sound = |text: &str, name: &str| match text.is_empty() {
            true => sound(name),
            false => text.to_owned(),
        };
        let mut out = BTreeMap::from([
            (NGINX.to_owned(), or_sound(&self.nginx, "nginx.conf")),
            (FPM.to_owned(), or_sound(&self.fpm, "php-fpm.conf")),
            (PHP_INI.to_owned(), or_sound(&self.php_ini, "php.ini")),
        ]);
        for name in ["/etc/passwd", "/etc/group"] {
            out.insert(name.to_owned(), sound(&format!("root{name}")));
        }
        out.extend(self.more.clone());
        out
    }

    /// Everything that is found in the stack.
    pub(crate) fn check(&self) -> (Model, Vec<Finding>) {
        let mut files = MemoryFiles::default();
        for (path, text) in self.files() {
            files.insert(&path, text.into_bytes());
        }
        let facts = settings::host::facts("host.toml", &self.facts).expect("host.toml is right");
        check_files(&files, facts, &self.policy)
    }
}

/// Loads `/etc/nginx/nginx.conf` and `/etc/php/8.2/fpm/php-fpm.conf` and runs every rule.
pub(crate) fn check_files(
    files: &MemoryFiles,
    facts: Facts,
    policy: &str,
) -> (Model, Vec<Finding>) {
    let mut fpm = FpmInput::main(FilePath::new(FPM));
    fpm.php_ini = Some(FilePath::new(PHP_INI));
    let mut inputs = Inputs {
        facts,
        ..Inputs::default()
    };
    inputs.nginx.push(Source {
        input: FilePath::new(NGINX),
        files,
        via: None,
    });
    inputs.fpm.push(Source {
        input: fpm,
        files,
        via: None,
    });
    let model = Model::load(inputs, files);
    let project = settings::project::project(policy).expect("badgateway.toml is right");
    let mut options = rules::Options::strict(true);
    options.margin = project.margin;
    options.policies = project
        .routes
        .into_iter()
        .map(|route| rules::Policy {
            route: route.name,
            may_take: route.may_take,
            from: format!("badgateway.toml:{}", route.line),
        })
        .collect();
    let findings = rules::check(&rules::Context::with(&model, options));
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
    let is_whole = snippet.lines().any(|line| line.starts_with("http {"));
    match first {
        _ if is_whole => snippet.to_owned(),
        "server" | "upstream" | "map" | "include" => whole(snippet),
        "location" | "set" | "ssl_protocols" | "ssl_ciphers" | "ssl_ecdh_curve" => {
            whole(&server(snippet))
        }
        _ => whole(&server(&location(&format!("{snippet}{sound_pass}")))),
    }
}

/// Completes a part of a pool; a text with sections of its own stays as it is.
fn whole_fpm(snippet: &str) -> String {
    match snippet.lines().any(|line| line.starts_with('[')) {
        true => snippet.to_owned(),
        false => format!("{}{snippet}", sound("php-fpm.conf")),
    }
}

/// What people see of the findings.
pub(crate) fn report(model: &Model, findings: &[Finding]) -> String {
    let report = Report {
        sources: &model.sources,
        findings,
        problems: &model.problems,
        ladders: &[],
        summary: Summary {
            routes: model.routes().count(),
            pools: model.pools().count(),
            files: model.sources.iter().count(),
            hidden: 0,
            version: "0",
        },
    };
    let style = Style {
        colour: false,
        width: 100,
        show_secrets: false,
        strict: true,
    };
    let mut out = Vec::new();
    report::render(&report, &[], Format::Full, &style, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("a report is text")
}
