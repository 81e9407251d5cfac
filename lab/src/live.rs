//! A whole stack: the real nginx in front of the real php-fpm, in a folder of its own.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base::FilePath;
use model::php::FpmInput;
use model::{Files, Inputs, Model, ReadError, ReadErrorKind, Source};

use crate::nginx::{Response, Server, free_port, signal};
use crate::php::fpm_binary;
use crate::scratch::Scratch;

/// Texts of a stack. `@DIR@` stands for its folder, `@PORT@` for nginx's port.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// What stands before all blocks.
    pub main: String,
    /// What stands inside `events { … }`.
    pub events: String,
    /// What stands inside `http { … }`.
    pub http: String,
    /// The FPM file, `[global]` and pools; `pid` and `error_log` are added.
    pub fpm: String,
    /// php.ini.
    pub php_ini: String,
    /// Files below the document root `@DIR@/www`.
    pub scripts: Vec<(&'static str, String)>,
}

/// Scripts that every stack has: `sleep.php?S`, `burn.php?S` (CPU), `ok.php`, `value.php?NAME`.
const SCRIPTS: [(&str, &str); 4] = [
    (
        "sleep.php",
        "<?php $s = (int)$_SERVER['QUERY_STRING']; file_put_contents(__DIR__.'/began', \"x\", FILE_APPEND); \
         sleep($s); file_put_contents(__DIR__.'/ended', \"x\", FILE_APPEND); echo 'slept';",
    ),
    (
        "burn.php",
        "<?php $end = microtime(true) + (int)$_SERVER['QUERY_STRING']; \
         while (microtime(true) < $end) { sqrt(2); } echo 'burnt';",
    ),
    ("ok.php", "<?php echo 'ok';"),
    ("value.php", "<?php echo ini_get($_SERVER['QUERY_STRING']);"),
];

/// A running stack; both servers end by their own process ids on drop.
pub struct Stack {
    /// nginx; the folder is its own.
    pub nginx: Server,
    fpm: Child,
}

const START: Duration = Duration::from_secs(10);
/// Longer than any `process_control_timeout` of an experiment.
const STOP: Duration = Duration::from_secs(20);

impl Stack {
    /// Starts both servers on the texts and waits for them.
    ///
    /// # Panics
    /// With the servers' own words when one does not come up.
    pub fn start(texts: &Texts) -> Stack {
        let files = texts.files();
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(n, t)| (n.as_str(), t.as_str()))
            .collect();
        let nginx = Server::start_with(&texts.nginx(), &files);
        open_root(nginx.dir());
        let fpm = start_fpm(nginx.dir());
        Stack { nginx, fpm }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.nginx.dir()
    }

    /// GET with the host `shop.example`.
    pub fn get(&self, path: &str) -> Response {
        self.nginx.get("shop.example", path)
    }

    /// FPM's log so far.
    pub fn fpm_log(&self) -> String {
        fs::read_to_string(self.dir().join("fpm.log")).unwrap_or_default()
    }

    /// Sends a signal to the FPM master.
    ///
    /// # Panics
    /// When there is no `kill`.
    pub fn signal_fpm(&self, signal: &str) {
        let pid = self.fpm.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill runs").success(), "the master is there");
    }

    /// How many scripts `sleep.php` began or ended.
    pub fn count(&self, what: &str) -> usize {
        let path = self.dir().join("www").join(what);
        fs::read(path).map_or(0, |bytes| bytes.len())
    }

    /// The model of this stack, read from its files.
    pub fn model(&self) -> Model {
        load_model(self.dir())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // A master that is starting itself anew (USR2) loses a TERM that comes in between, so it
        // is sent until it is heard. KILL would leave its workers behind.
        let begin = Instant::now();
        while begin.elapsed() < STOP && matches!(self.fpm.try_wait(), Ok(None)) {
            signal(self.fpm.id(), "TERM");
            std::thread::sleep(Duration::from_millis(50));
        }
        if matches!(self.fpm.try_wait(), Ok(None)) {
            let _killed = self.fpm.kill();
            let _reaped = self.fpm.wait();
            let failing = std::thread::panicking();
            assert!(failing, "php-fpm did not end on TERM:\n{}", self.fpm_log());
        }
    }
}

impl Texts {
    fn nginx(&self) -> String {
        format!(
            "user www-data;\nworker_processes 1;\n{}\nevents {{{}}}\nhttp {{\naccess_log off;\n{}\n}}\n",
            self.main, self.events, self.http
        )
    }

    /// Everything but nginx.conf.
    fn files(&self) -> Vec<(String, String)> {
        let (global, pools) = match self.fpm.strip_prefix("[global]") {
            Some(rest) => ("", rest),
            None => ("\n", self.fpm.as_str()),
        };
        let fpm = format!(
            "[global]\npid = @DIR@/fpm.pid\nerror_log = @DIR@/fpm.log\ndaemonize = no\n{global}{pools}"
        );
        let mut out = vec![
            ("php-fpm.conf".to_owned(), fpm),
            ("php.ini".to_owned(), self.php_ini.clone()),
        ];
        let own = self
            .scripts
            .iter()
            .map(|(name, text)| (*name, text.as_str()));
        for (name, text) in SCRIPTS.into_iter().chain(own) {
            out.push((format!("www/{name}"), text.to_owned()));
        }
        out
    }

    /// Writes the texts into a folder without starting anything.
    pub fn write(&self, label: &str) -> Scratch {
        let scratch = Scratch::new(label);
        let dir = scratch.path().display().to_string();
        let port = free_port().to_string();
        let nginx = ("nginx.conf".to_owned(), self.nginx());
        for (name, text) in self.files().into_iter().chain([nginx]) {
            scratch.write(&name, text.replace("@DIR@", &dir).replace("@PORT@", &port));
        }
        scratch
    }
}

/// Workers run as www-data and leave marks in the document root.
fn open_root(dir: &Path) {
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(dir.join("www"), open).expect("a folder just made is ours");
}

fn start_fpm(dir: &Path) -> Child {
    let mut child = Command::new(fpm_binary())
        .arg("-F")
        .arg("-y")
        .arg(dir.join("php-fpm.conf"))
        .arg("-c")
        .arg(dir.join("php.ini"))
        .env("PHP_INI_SCAN_DIR", "")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("php-fpm starts");
    let deadline = Instant::now() + START;
    let log = || fs::read_to_string(dir.join("fpm.log")).unwrap_or_default();
    while !log().contains("ready to handle connections") {
        let ended = child.try_wait().expect("php-fpm can be asked");
        assert!(
            ended.is_none() && Instant::now() < deadline,
            "php-fpm did not come up:\n{}",
            log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// What `php-fpm -t` or `-tt` says of a stack's files: whether it accepts them, and its words.
///
/// # Panics
/// When php-fpm cannot be run.
pub fn test_fpm(dir: &Path, flag: &str) -> (bool, String) {
    let output = Command::new(fpm_binary())
        .arg(flag)
        .arg("-y")
        .arg(dir.join("php-fpm.conf"))
        .arg("-c")
        .arg(dir.join("php.ini"))
        .env("PHP_INI_SCAN_DIR", "")
        .stdin(Stdio::null())
        .output()
        .expect("php-fpm runs");
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.push_str(&fs::read_to_string(dir.join("fpm.log")).unwrap_or_default());
    (output.status.success(), text)
}

/// The model of the files in a stack's folder.
pub fn load_model(dir: &Path) -> Model {
    let disk = Disk;
    let at = |name: &str| FilePath::new(dir.join(name).display().to_string());
    let mut fpm = FpmInput::main(at("php-fpm.conf"));
    fpm.php_ini = Some(at("php.ini"));
    let mut inputs = Inputs::default();
    inputs.nginx.push(Source {
        input: at("nginx.conf"),
        files: &disk,
        via: None,
    });
    inputs.fpm.push(Source {
        input: fpm,
        files: &disk,
        via: None,
    });
    Model::load(inputs, &disk)
}

/// The plain disk; the command line has a more careful one.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &FilePath) -> Result<std::sync::Arc<[u8]>, ReadError> {
        let path = path.to_string();
        fs::read(path)
            .map(Into::into)
            .map_err(|error| read_error(&error))
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Vec<u8>>, ReadError> {
        let entries = fs::read_dir(dir.to_string()).map_err(|error| read_error(&error))?;
        let names = entries.flatten().map(|entry| entry.file_name());
        Ok(names
            .map(|name| name.to_string_lossy().into_owned().into_bytes())
            .collect())
    }

    fn resolve(&self, path: &FilePath) -> Option<FilePath> {
        let real = fs::canonicalize(path.to_string()).ok()?;
        Some(FilePath::new(real.display().to_string()))
    }
}

fn read_error(error: &std::io::Error) -> ReadError {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    let kind = match error.kind() {
        NotFound | NotADirectory => ReadErrorKind::Missing,
        _ => ReadErrorKind::Other,
    };
    ReadError::new(kind, error.to_string())
}
