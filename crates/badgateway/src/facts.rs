//! Facts about a machine: read from this host, from another system's file tree, or from a file
//! that somebody wrote.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base::source::printable;
use base::{Bytes, FilePath, Limit, Millis};
use intake::{Found, Tree};
use model::accounts::Accounts;
use model::facts::{Fact, Facts, FpmFacts, NginxFacts, NginxVersion, Service};
use model::php::PhpVersion;
use model::{Files, MemoryFiles};

use crate::cli::FactsArgs;
use crate::disk::{self, Disk};
use crate::images::{self, Images};
use crate::run::Outcome;
use crate::talk;

/// Prints what is known of this host, or of a file tree.
pub(crate) fn print(args: &FactsArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    if !args.image.images.is_empty() {
        return print_of_images(args, out);
    }
    let disk = match &args.root {
        Some(root) => Disk::below(root.clone()),
        None => Disk::host(),
    };
    if let Err(error) = disk.list(&FilePath::new("/")) {
        let root = args.root.as_deref().unwrap_or(Path::new("/"));
        let root = printable(root.as_os_str().as_encoded_bytes());
        talk(&format!("error: cannot list {root}: {error}"));
        return Ok(Outcome::Undecided);
    }
    write!(
        out,
        "{}",
        settings::host::text(&collect(&disk, disk.is_host()))
    )?;
    Ok(Outcome::Clean)
}

/// Prints what is known of the systems that images hold.
fn print_of_images(args: &FactsArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut found = Found::default();
    let images = images::read(&args.image.alone(), &mut found);
    for problem in &found.problems {
        talk(&format!("error: {}", problem.message));
    }
    write!(out, "{}", settings::host::text(&of_images(&images)))?;
    Ok(match found.problems.is_empty() {
        true => Outcome::Clean,
        false => Outcome::Undecided,
    })
}

/// What images tell. Of several, each tells of the servers that it has, and none of the users: they
/// are those of one machine.
pub(crate) fn of_images(images: &Images) -> Facts {
    let mut out = Facts::default();
    let count = images.iter().count();
    for seen in images.iter() {
        let files = MemoryFiles::over(seen.image.clone());
        let facts = collect(&files, false);
        out.accounts = facts.accounts.filter(|_| count == 1);
        if out.nginx.version.is_none() {
            out.nginx = facts.nginx;
        }
        let told = seen.config.env.get("PHP_VERSION");
        let told = told.filter(|_| facts.fpm.is_empty()).map(|full| FpmFacts {
            version: iac::built::php(&seen.config),
            full_version: Some(Fact {
                value: full.clone(),
                from: format!("PHP_VERSION of {}", seen.via),
            }),
            ..FpmFacts::default()
        });
        out.fpm.extend(facts.fpm.into_iter().chain(told));
    }
    out
}

/// Reads a file of facts; `None` when it is wrong, which has been said then.
pub(crate) fn read(path: &Path) -> Option<Facts> {
    let name = printable(path.as_os_str().as_encoded_bytes());
    let complain = |why: String| {
        talk(&format!("error: {name}: {why}"));
        None
    };
    let bytes = match disk::read_settings(path) {
        Ok(bytes) => bytes,
        Err(error) => return complain(error.to_string()),
    };
    match settings::host::facts(&name, &bytes) {
        Ok(facts) => Some(facts),
        Err(refusal) => complain(refusal.to_string()),
    }
}

/// What a system tells. On this host nginx is asked for what it was built with.
pub(crate) fn collect(disk: &dyn Tree, is_host: bool) -> Facts {
    let fpms = fpm_versions(disk);
    let workers = is_host.then(worker_memory).flatten();
    Facts {
        memory: memory(disk),
        cores: cores(disk),
        somaxconn: number_in(disk, "/proc/sys/net/core/somaxconn"),
        accounts: Accounts::read(disk),
        nginx: nginx(disk, is_host),
        fpm: fpms
            .into_iter()
            .map(|(unit, full)| FpmFacts {
                version: PhpVersion::parse(
                    &full.value.split('.').take(2).collect::<Vec<_>>().join("."),
                ),
                full_version: Some(full),
                service: service(disk, &unit),
                worker_memory: workers.clone(),
            })
            .collect(),
    }
}

fn text(disk: &dyn Tree, path: &str) -> Option<String> {
    let bytes = disk.read(&FilePath::new(path)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn memory(disk: &dyn Tree) -> Option<Fact<Bytes>> {
    let path = "/proc/meminfo";
    let text = text(disk, path)?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let machine = Fact {
        value: Bytes(kib << 10),
        from: path.to_owned(),
    };
    // A container may have less than its machine.
    let own = limit_of_cgroup(disk, "/sys/fs/cgroup/memory.max");
    match own {
        Some(Fact {
            value: Some(bytes),
            from,
        }) if bytes < machine.value => Some(Fact { value: bytes, from }),
        _ => Some(machine),
    }
}

fn limit_of_cgroup(disk: &dyn Tree, path: &str) -> Option<Fact<Option<Bytes>>> {
    let text = text(disk, path)?;
    let value = match text.trim() {
        "max" => None,
        number => Some(Bytes(number.parse().ok()?)),
    };
    Some(Fact {
        value,
        from: path.to_owned(),
    })
}

fn cores(disk: &dyn Tree) -> Option<Fact<u32>> {
    let path = "/proc/cpuinfo";
    let text = text(disk, path)?;
    let count = text
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let value = u32::try_from(count).ok().filter(|count| *count > 0)?;
    Some(Fact {
        value,
        from: path.to_owned(),
    })
}

fn number_in(disk: &dyn Tree, path: &str) -> Option<Fact<u32>> {
    Some(Fact {
        value: text(disk, path)?.trim().parse().ok()?,
        from: path.to_owned(),
    })
}

fn nginx(disk: &dyn Tree, is_host: bool) -> NginxFacts {
    let asked = is_host.then(|| ask("nginx", "-V")).flatten();
    let packages = packages(disk);
    let packaged = packages.iter().find(|(name, ..)| {
        matches!(
            name.as_str(),
            "nginx" | "nginx-core" | "nginx-full" | "nginx-light" | "nginx-extras"
        )
    });
    let version = match &asked {
        Some(said) => said
            .lines()
            .find_map(|line| NginxVersion::parse(line.split("version: ").nth(1)?))
            .map(|value| (value, "nginx -V".to_owned())),
        None => packaged
            .and_then(|(_, version, from)| Some((NginxVersion::parse(version)?, from.clone()))),
    };
    let modules = asked.as_deref().map(|said| Fact {
        value: modules(said),
        from: "nginx -V".to_owned(),
    });
    NginxFacts {
        version: version.map(|(value, from)| Fact { value, from }),
        modules,
        service: service(disk, "nginx.service"),
    }
}

/// `http_v2_module` of `--with-http_v2_module`.
fn modules(said: &str) -> Vec<String> {
    let words = said.split_ascii_whitespace();
    let with = words.filter_map(|word| word.strip_prefix("--with-"));
    let plain = with
        .filter(|word| word.ends_with("_module") || matches!(*word, "stream" | "mail" | "threads"));
    plain.map(str::to_owned).collect()
}

/// What a program says of itself, on either stream.
fn ask(program: &str, flag: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(flag)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let both = [output.stdout, output.stderr].concat();
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&both).into_owned())
}

/// Name, upstream version and list of every package that matters, of Debian and Alpine.
fn packages(disk: &dyn Tree) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    for (path, name_key, version_key) in [
        ("/var/lib/dpkg/status", "Package: ", "Version: "),
        ("/lib/apk/db/installed", "P:", "V:"),
    ] {
        let Some(text) = text(disk, path) else {
            continue;
        };
        let mut name = None;
        for line in text.lines() {
            if let Some(found) = line.strip_prefix(name_key) {
                name = Some(found.to_owned());
            } else if let (Some(found), Some(name)) = (line.strip_prefix(version_key), &name) {
                // `1:1.22.1-9+deb12u3`: an epoch before, a revision behind.
                let version = found.split_once(':').map_or(found, |(_, rest)| rest);
                let version = version.split(['-', '+']).next().unwrap_or(version);
                out.push((name.clone(), version.to_owned(), path.to_owned()));
            }
        }
    }
    out
}

/// The unit and the whole version of every PHP-FPM that a package list names.
fn fpm_versions(disk: &dyn Tree) -> Vec<(String, Fact<String>)> {
    let is_fpm = |name: &str| {
        let rest = name.strip_prefix("php");
        rest.and_then(|rest| rest.strip_suffix("-fpm"))
            .is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            })
    };
    let found = packages(disk).into_iter().filter(|(name, ..)| is_fpm(name));
    found
        .map(|(name, value, from)| (format!("{name}.service"), Fact { value, from }))
        .collect()
}

/// The limits of a systemd unit: its drop-ins, then the unit, then systemd's own defaults.
fn service(disk: &dyn Tree, unit: &str) -> Service {
    let files = unit_files(disk, unit);
    if files.is_empty() {
        return Service::default();
    }
    let last = |key: &str| -> Option<(String, String)> {
        files.iter().rev().find_map(|(path, text)| {
            let lines = text.lines().rev();
            let value = lines
                .filter_map(|line| {
                    line.trim()
                        .strip_prefix(key)?
                        .trim_start()
                        .strip_prefix('=')
                })
                .next()?;
            Some((value.trim().to_owned(), path.clone()))
        })
    };
    let stop = last("TimeoutStopSec").or_else(|| last("TimeoutSec"));
    let stop = stop.and_then(|(value, from)| {
        Some(Fact {
            value: span(&value)?,
            from,
        })
    });
    let signal = last("KillSignal").map(|(value, from)| Fact { value, from });
    let cgroup = format!("/sys/fs/cgroup/system.slice/{unit}/memory.max");
    let memory = limit_of_cgroup(disk, &cgroup).or_else(|| {
        let (value, from) = last("MemoryMax").or_else(|| last("MemoryLimit"))?;
        let value = if value == "infinity" {
            None
        } else {
            Some(size(&value)?)
        };
        Some(Fact { value, from })
    });
    let files_limit = last("LimitNOFILE").and_then(|(value, from)| {
        let soft = value.split(':').next()?;
        Some(Fact {
            value: if soft == "infinity" {
                u64::MAX >> 1
            } else {
                soft.parse().ok()?
            },
            from,
        })
    });
    Service {
        timeout_stop: Some(stop.unwrap_or(Fact {
            value: Limit::After(Millis::from_secs(90)),
            from: "systemd's default".to_owned(),
        })),
        kill_signal: Some(signal.unwrap_or(Fact {
            value: "SIGTERM".to_owned(),
            from: "systemd's default".to_owned(),
        })),
        memory_max: memory,
        limit_nofile: Some(files_limit.unwrap_or(Fact {
            value: 1024,
            from: "systemd's default (soft limit)".to_owned(),
        })),
    }
}

/// The unit's own file and its drop-ins, weakest first.
fn unit_files(disk: &dyn Tree, unit: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for dir in [
        "/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/etc/systemd/system",
    ] {
        let path = format!("{dir}/{unit}");
        if let Some(text) = text(disk, &path) {
            out.retain(|(known, _): &(String, String)| !known.ends_with(unit));
            out.push((path, text));
        }
    }
    if out.is_empty() {
        return out;
    }
    for dir in ["/lib/systemd/system", "/etc/systemd/system"] {
        let dir = format!("{dir}/{unit}.d");
        let names = intake::names(disk, &FilePath::new(&dir)).unwrap_or_default();
        for name in names.iter().filter(|name| name.ends_with(".conf")) {
            let path = format!("{dir}/{name}");
            if let Some(text) = text(disk, &path) {
                out.push((path, text));
            }
        }
    }
    out
}

/// systemd's `90`, `90s`, `2min`, `1min 30s`, `infinity`.
fn span(value: &str) -> Option<Limit> {
    if value == "infinity" {
        return Some(Limit::Off);
    }
    let mut seconds = 0_u64;
    for part in value.split_ascii_whitespace() {
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let number: u64 = part[..end].parse().ok()?;
        let scale = match &part[end..] {
            "" | "s" | "sec" => 1,
            "m" | "min" => 60,
            "h" | "hr" => 3600,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(scale)?)?;
    }
    Some(if seconds == 0 {
        Limit::Off
    } else {
        Limit::After(Millis::from_secs(seconds))
    })
}

/// systemd's `512M`, `2G`, bytes. A percentage is of memory that is not known here.
fn size(value: &str) -> Option<Bytes> {
    let shift = match value.chars().last()? {
        'K' => 10,
        'M' => 20,
        'G' => 30,
        'T' => 40,
        _ => 0,
    };
    let digits = if shift == 0 {
        value
    } else {
        &value[..value.len() - 1]
    };
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(1 << shift).map(Bytes)
}

/// The mean proportional share (PSS) of the workers that run now.
fn worker_memory() -> Option<Fact<Bytes>> {
    let processes = fs::read_dir("/proc")
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let shares: Vec<u64> = processes.filter_map(|path| share(&path)).collect();
    let count = u64::try_from(shares.len())
        .ok()
        .filter(|count| *count > 0)?;
    Some(Fact {
        value: Bytes(shares.iter().sum::<u64>() / count),
        from: format!("mean share (PSS) of {count} workers"),
    })
}

fn share(process: &Path) -> Option<u64> {
    let command = fs::read(process.join("cmdline")).ok()?;
    if !command.starts_with(b"php-fpm: pool ") {
        return None;
    }
    let rollup: PathBuf = process.join("smaps_rollup");
    let text = fs::read_to_string(rollup).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}
