//! Running the program: a clean environment, a folder of its own, an answer as text.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// No input may take longer, however bad it is.
const LIMIT: Duration = Duration::from_secs(20);
/// Every format of `check`.
pub(crate) const FORMATS: [&str; 9] = [
    "full",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "markdown",
];
/// Address space for one run, in KiB: memory is bounded by what is read, not by its depth.
const MEMORY: u32 = 1_500_000;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    /// Both streams.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Expects an exit code.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Expects a text in either stream.
    pub(crate) fn says(self, text: &str) -> Self {
        let all = self.all();
        assert!(all.contains(text), "no `{text}` in\n{all}");
        self
    }
}

/// The example that comes with the sources.
pub(crate) fn example() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/broken-stack");
    path.canonicalize().expect("the example is there")
}

/// The program with a bounded address space and without the caller's environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        // A hang ends with the code 124 of `timeout`, which no test expects.
        .arg(format!(
            "ulimit -v {MEMORY}; exec timeout -k 1 {} \"$0\" \"$@\"",
            LIMIT.as_secs()
        ))
        .arg(env!("CARGO_BIN_EXE_badgateway"))
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(args: &[&str]) -> Answer {
    answer(program().args(args))
}

/// Runs a prepared command.
pub(crate) fn answer(command: &mut Command) -> Answer {
    let begin = Instant::now();
    let output = command.output().expect("the program runs");
    let took = begin.elapsed();
    let answer = of(&output);
    assert!(took < LIMIT, "took {took:?}: {command:?}");
    assert!(!answer.err.contains("panicked"), "{}", answer.err);
    answer
}

/// Runs it as somebody who may read only what everybody may: root may read anything.
pub(crate) fn run_as_nobody(folder: &Folder, args: &[&str]) -> Answer {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if id.stdout != b"0\n" {
        return run(args);
    }
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("ours to open");
    // The program's own folder may be closed to others. Another program copies it: a file that we
    // hold open for writing would be busy in every process that another test starts meanwhile.
    let copy = folder.at("badgateway");
    let program = env!("CARGO_BIN_EXE_badgateway");
    let copied = Command::new("cp").args([program, &copy]).status();
    assert!(copied.expect("cp runs").success(), "it can be copied");
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .args(["timeout", "20"])
        .arg(copy)
        .args(args)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null());
    answer(&mut command)
}

pub(crate) fn of(output: &Output) -> Answer {
    Answer {
        // A signal has no code: an abort or too much memory.
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).expect("the output is text"),
        err: String::from_utf8(output.stderr.clone()).expect("messages are text"),
    }
}

/// A folder that goes away.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bgw-cli-{}-{n}", std::process::id()));
        let _stale = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the temporary directory is writable");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in it.
    pub(crate) fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Closes a file or a folder to everybody but root.
    pub(crate) fn close(&self, name: &str) {
        let closed = fs::Permissions::from_mode(0o000);
        fs::set_permissions(self.0.join(name), closed).expect("ours to close");
    }

    /// Puts a pipe in the place of a file.
    pub(crate) fn pipe(&self, name: &str) {
        let path = self.0.join(name);
        let _absent = fs::remove_file(&path);
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo is there").success());
    }

    /// Writes a file with its parents and gives its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        let parent = path.parent().expect("it is in the folder");
        fs::create_dir_all(parent).expect("a folder can be made");
        fs::write(&path, bytes).expect("a file can be written");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// A sound pool; `@DIR@` is the folder.
pub(crate) const POOL: &str = "[www]\nuser = www-data\nlisten = /run/php/php-fpm.sock\n\
    listen.owner = www-data\nlisten.group = www-data\npm = static\npm.max_children = 5\n\
    request_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\nrequest_terminate_timeout = 40s\n";

/// An nginx.conf around a PHP location.
pub(crate) fn nginx(inside: &str) -> String {
    format!(
        "user www-data;\nevents {{}}\nhttp {{\n    server {{\n        listen 80;\n        \
         server_name shop.example;\n        root /srv/shop;\n        location ~ \\.php$ {{\n            \
         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n            {inside}\n            \
         fastcgi_pass unix:/run/php/php-fpm.sock;\n        }}\n    }}\n}}\n"
    )
}

/// A whole system with one route and one pool.
pub(crate) fn system(inside: &str, pool: &str, php_ini: &str) -> Folder {
    let folder = Folder::new();
    folder.write("etc/nginx/nginx.conf", nginx(inside));
    let fpm = format!("[global]\nprocess_control_timeout = 60s\n{pool}");
    folder.write("etc/php/8.2/fpm/php-fpm.conf", fpm);
    // Behind what is tested, so that its lines keep their numbers.
    let php_ini = format!("{php_ini}\ndisplay_errors = 0\nlog_errors = 1\n");
    folder.write("etc/php/8.2/fpm/php.ini", php_ini);
    folder.write("etc/passwd", "root:x:0:0:::\nwww-data:x:33:33:::\n");
    folder.write("etc/group", "root:x:0:\nwww-data:x:33:\n");
    folder
}
