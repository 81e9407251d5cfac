//! Images that are built already: their files, as the servers in a container of them will see them.
//!
//! The image's `ENV` reaches PHP-FPM and php.ini, and the templates of the nginx image; its command
//! says which files the servers begin with.

mod environment;

use std::sync::Arc;

use base::{FilePath, Outer};
use image::{Config, Image, ImageFiles};
use intake::{Found, unreadable};
use model::php::PhpVersion;
use model::{Files, Machine, MemoryFiles};

use crate::command::{Told, told};
use crate::compose::repo::joined;
use crate::filled::{Environment, Making, Value, templates};
use crate::system::System;
use environment::Filled;

/// An image that is judged.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its name, as the places in it have it before them.
    pub via: String,
    /// Its own files.
    pub image: Arc<ImageFiles>,
    /// What it says of itself.
    pub config: Config,
}

/// Adds what is to be judged of an image. It is a machine of its own, unless it is all there is:
/// then it is looked at as another system's root is.
pub fn take(image: Image, via: String, is_alone: bool, found: &mut Found) -> Seen {
    let files = image.files.shown_behind(format!("{via}:"));
    let seen = Seen {
        via,
        image: Arc::new(files),
        config: image.config,
    };
    let network = found.machines.len();
    let mut system = System {
        machine: Machine {
            via: seen.via.clone(),
            shown: seen.via.clone(),
            network,
            loopback: network,
            is_whole: true,
            ..Machine::default()
        },
        files: started(&seen),
        php: php(&seen.config),
        ..System::default()
    };
    mains(&seen.config, &mut system);
    let is_nothing = system.nginx.iter().all(Vec::is_empty) && system.fpm.iter().all(Vec::is_empty);
    if is_nothing {
        let message = format!(
            "{}: no nginx and no PHP-FPM configuration in the usual places",
            seen.via
        );
        let help = "unpack it, and give the files or their directory as arguments";
        found.problems.push(unreadable(message, Some(help)));
        return seen;
    }
    let before = found.machines.len();
    system.found(found);
    if is_alone {
        found.machines.truncate(before);
    }
    seen
}

/// The version of PHP that the official images tell.
pub fn php(config: &Config) -> Option<PhpVersion> {
    let version = config.env.get("PHP_VERSION")?;
    let two: Vec<&str> = version.split('.').take(2).collect();
    PhpVersion::parse(&two.join("."))
}

/// The files that a container begins with.
fn started(seen: &Seen) -> MemoryFiles {
    let filled = Filled {
        image: Arc::clone(&seen.image),
        env: seen.config.env.clone(),
    };
    let mut files = MemoryFiles::over(Arc::new(filled));
    let fills_in = |word: &String| word.ends_with("docker-entrypoint.sh");
    let dir = FilePath::new("/etc/nginx/templates");
    if seen.config.command.iter().any(fills_in) {
        for name in seen.image.list(&dir).unwrap_or_default() {
            let path = joined(dir.as_bytes(), &name);
            match seen.image.read(&path) {
                Ok(bytes) => {
                    let outer = sealed(&seen.image, &path, &bytes);
                    files.insert_inner(path.as_bytes(), bytes, outer);
                }
                // A folder of templates, which is filled in, too.
                Err(error) => {
                    let target = [b"/etc/nginx/conf.d/", name.as_slice(), b".conf"].concat();
                    let why = format!("its template {path} is not read: it {error}");
                    files.insert_unknown(target, why);
                }
            }
        }
        let mut env = Environment::default();
        for (name, value) in &seen.config.env {
            env.set(name, Value::at(value, None));
        }
        let mut making = Making::new("with `-e` when a container is started");
        templates(&env, &mut making, &mut files);
        making.finish(&mut files);
    }
    files
}

/// A file of the image as one that others are made of, which nobody can edit in place.
fn sealed(image: &ImageFiles, path: &FilePath, bytes: &Arc<[u8]>) -> Outer {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let piece = base::outer::Piece::same(0..len, 0..len);
    let code = base::outer::Code {
        is_sealed: true,
        ..base::outer::Code::default()
    };
    Outer {
        path: image.shown(path).unwrap_or_else(|| path.clone()),
        bytes: Arc::clone(bytes),
        map: Arc::new(base::OuterMap::new(vec![piece], code)),
    }
}

/// The files that the servers begin with: those that the command names, or the usual ones.
fn mains(config: &Config, system: &mut System) {
    let told = told(&config.command);
    // nginx looks beside its usual main file.
    let nginx = told.nginx.as_ref();
    let nginx = nginx.map(|main| joined(b"/etc/nginx", main.as_bytes()));
    let dir = joined(b"/", config.folder.as_bytes());
    let fpm = told.fpm.as_ref();
    let fpm = fpm.map(|main| joined(dir.as_bytes(), main.as_bytes()));
    let (nginx, mut fpm) = system.mains(nginx, fpm);
    let ini = php_ini(&told, config, &dir, &system.files);
    let scanned = config.env.get("PHP_INI_SCAN_DIR");
    let settings = settings(&told, &mut system.files);
    for input in &mut fpm {
        input.php_ini = ini.clone().or(input.php_ini.take());
        if let Some(scanned) = scanned {
            input.scan_dirs = scan_dirs(scanned, &input.scan_dirs);
        }
        input.scan_files.extend(settings.clone());
    }
    (system.nginx, system.fpm) = (Some(nginx), Some(fpm));
}

/// `-c` of the command, or `PHPRC`: a file, or the folder of one.
fn php_ini(told: &Told, config: &Config, dir: &FilePath, files: &MemoryFiles) -> Option<FilePath> {
    let of_env = config.env.get("PHPRC").map(FilePath::new);
    let named = told.php_ini.clone().or(of_env)?;
    let named = joined(dir.as_bytes(), named.as_bytes());
    match files.list(&named).is_ok() {
        true => {
            Some(joined(named.as_bytes(), b"php.ini")).filter(|path| files.resolve(path).is_some())
        }
        false => Some(named),
    }
}

/// `PHP_INI_SCAN_DIR`: folders between colons, where an empty one is the usual one.
fn scan_dirs(text: &str, usual: &[FilePath]) -> Vec<FilePath> {
    let dirs = text.split(':').flat_map(|dir| match dir.is_empty() {
        true => usual.to_vec(),
        false => vec![FilePath::new(dir)],
    });
    dirs.collect()
}

/// `-d` of the command, as the ini file that they are like.
fn settings(told: &Told, files: &mut MemoryFiles) -> Option<FilePath> {
    if told.settings.is_empty() {
        return None;
    }
    let path = FilePath::new("/(the command of php-fpm).ini");
    let lines = told.settings.iter().map(|setting| format!("{setting}\n"));
    let text: String = lines.collect();
    files.insert(path.as_bytes(), text.into_bytes());
    Some(path)
}
