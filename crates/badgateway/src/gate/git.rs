//! Asking git, by its own program: where the base is, what was changed, what lay there.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base::source::printable;

/// Why the base cannot be known: exit 2, and what to do.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) help: &'static str,
}

const DEEPER: &str = "fetch the whole history: `fetch-depth: 0` for actions/checkout, \
                      `GIT_DEPTH: 0` for GitLab, `git fetch --unshallow`; or judge everything: --all";
const NO_GIT: &str = "run it inside of a repository that git may read; or judge everything: --all";

/// A repository.
#[derive(Debug)]
pub(super) struct Repository {
    /// Its top folder.
    pub(super) top: PathBuf,
    /// Where we are below it.
    pub(super) below: PathBuf,
}

impl Repository {
    /// The repository around the working directory.
    pub(super) fn here() -> Result<Repository, Refusal> {
        let here = std::env::current_dir().and_then(fs::canonicalize);
        let here = here.map_err(|error| Refusal {
            message: format!("cannot tell where this is: {error}"),
            help: NO_GIT,
        })?;
        let top = git(&here, None, &["rev-parse", "--show-toplevel"]).map_err(|why| Refusal {
            message: format!("git does not know this repository: {why}"),
            help: NO_GIT,
        })?;
        let top = PathBuf::from(OsStr::from_bytes(top.trim_ascii_end()));
        let top = fs::canonicalize(&top).unwrap_or(top);
        let Ok(below) = here.strip_prefix(&top) else {
            return Err(Refusal {
                message: "the working directory lies outside of the repository".to_owned(),
                help: NO_GIT,
            });
        };
        let below = below.to_owned();
        Ok(Repository { top, below })
    }

    fn ask(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        git(&self.top, None, args)
    }

    /// The commit of a revision.
    pub(super) fn commit(&self, revision: &str) -> Option<String> {
        let named = format!("{revision}^{{commit}}");
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &named,
        ];
        let out = self.ask(&args).ok()?;
        let name = String::from_utf8(out).ok()?.trim().to_owned();
        (!name.is_empty()).then_some(name)
    }

    /// Where one of the named revisions, the first that is there, and HEAD parted.
    pub(super) fn parted(&self, revisions: &[String]) -> Result<String, Refusal> {
        let shown = printable(revisions.first().map_or(b"", |name| name.as_bytes()));
        let Some(commit) = revisions.iter().find_map(|name| self.commit(name)) else {
            return Err(Refusal {
                message: format!("the base `{shown}` is not in this clone"),
                help: DEEPER,
            });
        };
        let parted = self.ask(&["merge-base", &commit, "HEAD"]);
        let parted = parted.map(|out| String::from_utf8_lossy(&out).trim().to_owned());
        match parted {
            Ok(parted) if !parted.is_empty() => Ok(parted),
            _ => Err(Refusal {
                message: format!("where `{shown}` and HEAD parted is not in this clone"),
                help: DEEPER,
            }),
        }
    }

    /// Whether nothing was changed since HEAD.
    pub(super) fn is_clean(&self) -> bool {
        let status = self.ask(&["status", "--porcelain", "-z"]);
        status.is_ok_and(|out| out.is_empty())
    }

    /// The files that are not as they were in a commit, relative to the top.
    pub(super) fn changed(&self, commit: &str) -> Result<BTreeSet<PathBuf>, Refusal> {
        let diff = [
            "diff",
            "--no-ext-diff",
            "--no-renames",
            "--no-relative",
            "--name-only",
            "-z",
            commit,
            "--",
        ];
        let new = ["ls-files", "--others", "--exclude-standard", "-z"];
        let mut out = BTreeSet::new();
        for args in [diff.as_slice(), new.as_slice()] {
            let names = self.ask(args).map_err(|why| Refusal {
                message: format!("git cannot tell what was changed: {why}"),
                help: DEEPER,
            })?;
            let names = names
                .split(|byte| *byte == 0)
                .filter(|name| !name.is_empty());
            out.extend(names.map(|name| PathBuf::from(OsStr::from_bytes(name))));
        }
        Ok(out)
    }

    /// Puts the files of a commit into a folder of their own, as a checkout would write them.
    pub(super) fn files_of(&self, commit: &str) -> Result<Scratch, Refusal> {
        let refuse = |why: String| Refusal {
            message: format!("the files of the base cannot be read: {why}"),
            help: DEEPER,
        };
        let scratch = Scratch::new().map_err(|error| refuse(error.to_string()))?;
        let index = scratch.0.join("index");
        let tree = scratch.tree();
        let mut prefix = tree.clone().into_os_string();
        prefix.push("/");
        let mut checkout = std::ffi::OsString::from("--prefix=");
        checkout.push(&prefix);
        git(&self.top, Some(&index), &["read-tree", commit]).map_err(refuse)?;
        let args = [
            OsStr::new("checkout-index"),
            OsStr::new("--all"),
            checkout.as_os_str(),
        ];
        git(&self.top, Some(&index), &args).map_err(refuse)?;
        // Looking upwards for badgateway.toml has to end here, as it does in the repository.
        let end = fs::create_dir_all(tree.join(".git"));
        end.map_err(|error| refuse(error.to_string()))?;
        Ok(scratch)
    }
}

/// A folder that goes away.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Scratch> {
        let parent = fs::canonicalize(std::env::temp_dir())?;
        for n in 0..100 {
            let path = parent.join(format!("badgateway-base-{}-{n}", std::process::id()));
            // Configuration holds passwords, and must not lie open in a shared folder.
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no free name for a temporary folder"))
    }

    /// Where the files are.
    pub(super) fn tree(&self) -> PathBuf {
        self.0.join("tree")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Runs git to its end; why it failed, in its own words.
fn git<S: AsRef<OsStr>>(dir: &Path, index: Option<&Path>, args: &[S]) -> Result<Vec<u8>, String> {
    let mut command = Command::new("git");
    command
        .args(args)
        .current_dir(dir)
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let output = command.output();
    let output = output.map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = output.stderr.trim_ascii();
    let first = said.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Err(match first.is_empty() {
        true => format!("git ended with {}", output.status),
        false => redact::masked_text(&printable(first)),
    })
}
