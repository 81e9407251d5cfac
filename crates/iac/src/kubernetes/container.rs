//! From a container of a pod to a machine.

use base::{FilePath, Outer, ProblemKind, SortedMap, SortedSet};
use model::detect::Kind;
use model::php::FpmInput;
use model::{Files, MemoryFiles};
use yaml::Id;

use super::data::{Entry, outer};
use super::environment::environment;
use super::mount::{self, Mounted, Volume};
use super::pod::{Container, Pod, Runs};
use super::{Parts, hint};
use crate::docker;
use crate::filled::shown_at;
use crate::images::{Start, start};
use crate::system::{System, usual};

/// The machine of a container, without its names; `None` when it is no server of ours.
pub(crate) fn system(
    parts: &Parts<'_>,
    pod: &Pod<'_>,
    container: &Container<'_>,
    used: &mut SortedSet<(usize, Id)>,
) -> Option<System> {
    let runs = container.runs();
    let image = docker::pulled(container.image);
    let is_known = image.is_whole || !image.files.is_empty();
    let image_env = image.environment();
    let mut system = System {
        files: image.files,
        php: image.php,
        ..System::default()
    };
    let mut here = SortedSet::new();
    let mut mounted = Mounted {
        files: &mut system.files,
        shared: Vec::new(),
        put: Vec::new(),
        used: &mut here,
    };
    let volumes = volumes(parts, pod);
    let mut mounts = container.at.items("volumeMounts");
    mounts.sort_by_key(mount::depth);
    for mount in mounts {
        let name = mount.word("name").unwrap_or_default();
        let what = format!("{} volume {name}", pod.shown);
        match volumes.get(name) {
            Some(volume) => mounted.put(mount, volume, &what),
            None => {
                let why = format!("volume {name} is not in the manifest");
                mounted.put(mount, &Volume::Unknown(why), &what);
            }
        }
    }
    let (shared, mut put) = (mounted.shared, mounted.put);
    // A worker that uses the same image is no server: a php.ini is its own, and the rest nobody's.
    if runs == Runs::Other {
        let inis = put
            .iter()
            .filter(|(path, _)| path.name().ends_with(b".ini"));
        used.extend(inis.map(|(_, entry)| entry.at));
        return None;
    }
    used.extend(here);
    if runs == Runs::Image {
        let mut env = image_env;
        env.extend(environment(parts, pod, container.at));
        let begin = Start {
            image: image.known,
            env: &env,
            set: "in `env`",
            named: named(container),
        };
        let made = start(&begin, &mut system.files);
        fill(&system.files, &mut put, &made);
    } else if let Some(known) = image.known {
        known.hide(container.name, &mut system.files);
    }
    for path in container.written() {
        let why = format!("the command of container {} writes it", container.name);
        system.files.insert_unknown(path, why);
    }
    system.machine.shared = shared;
    system.machine.is_whole = image.is_whole && runs == Runs::Image;
    if !is_known {
        hide_inis(&mut system, container.image);
    }
    mains(&mut system, container, &put);
    if !is_known {
        hide_ini(&mut system, container.image);
    }
    Some(system)
}

/// Where the image of a container is named.
fn named(container: &Container<'_>) -> Option<Outer> {
    let at = container.at.get("image")?;
    Some(outer(at, shown_at(u32::MAX, at.range())))
}

/// What the entry point has made of templates takes their place: those are read by nobody else.
fn fill(files: &MemoryFiles, put: &mut Vec<(FilePath, Entry)>, made: &[(FilePath, FilePath)]) {
    let of_templates: Vec<(FilePath, Entry)> = made
        .iter()
        .filter_map(|(path, template)| {
            let (_, entry) = put.iter().find(|(known, _)| known == template)?;
            let entry = Entry {
                bytes: files.read(path).ok()?,
                outer: files.outer(path)?,
                ..entry.clone()
            };
            Some((path.clone(), entry))
        })
        .collect();
    let is_template = |path: &FilePath| {
        path.as_bytes().starts_with(b"/etc/nginx/templates/") && path.name().ends_with(b".template")
    };
    put.retain(|(path, _)| !is_template(path));
    put.extend(of_templates);
}

/// An image that is not known may have a php.ini: what no mounted file sets is unknown.
fn hide_inis(system: &mut System, image: &str) {
    let image = base::source::printable(image.as_bytes());
    for (main, ini) in INIS {
        let (main, ini) = (FilePath::new(main), FilePath::new(ini));
        if system.files.read(&main).is_ok() && system.files.resolve(&ini).is_none() {
            let why = format!("image {image} is not known");
            system.files.insert_unknown(ini.as_bytes(), why);
        }
    }
}

/// Main files of PHP-FPM in images, and the php.ini of each.
const INIS: [(&str, &str); 2] = [
    ("/usr/local/etc/php-fpm.conf", "/usr/local/etc/php/php.ini"),
    (
        "/opt/bitnami/php/etc/php-fpm.conf",
        "/opt/bitnami/php/etc/php.ini",
    ),
];

/// The same for a pool whose main file is not known.
fn hide_ini(system: &mut System, image: &str) {
    let inputs = system.fpm.iter_mut().flatten();
    for input in inputs.filter(|input| input.php_ini.is_none()) {
        let ini = FilePath::new(INIS[0].1);
        let why = format!(
            "image {} is not known",
            base::source::printable(image.as_bytes())
        );
        system.files.insert_unknown(ini.as_bytes(), why);
        input.php_ini = Some(ini);
    }
}

fn volumes<'m>(parts: &Parts<'_>, pod: &Pod<'m>) -> SortedMap<&'m str, Volume> {
    let lookup = |kind: &str, name: &str| parts.data(&pod.namespace, kind, name);
    let volumes = pod.spec.items("volumes").into_iter();
    let named = volumes.filter_map(|volume| {
        let name = volume.word("name")?;
        Some((name, mount::volume(volume, &lookup)))
    });
    named.collect()
}

/// The files that its servers are started with, when they are not the usual ones.
fn mains(system: &mut System, container: &Container<'_>, put: &[(FilePath, Entry)]) {
    let (mut nginx, mut fpm) = (Vec::new(), Vec::new());
    let line = container.words().join(" ");
    let is_fpm = line.contains("php-fpm") || container.option(&["-y", "--fpm-config"]).is_some();
    if let Some(main) = container
        .option(&["-c"])
        .filter(|_| !is_fpm && !line.contains("sh -c"))
    {
        nginx.push(FilePath::new(main));
    }
    if let Some(main) = container.option(&["-y", "--fpm-config"]) {
        fpm.push(with_inis(
            FpmInput::main(FilePath::new(main)),
            &system.files,
            put,
        ));
    }
    let usual = has_usual(&system.files);
    let of_kind = |wanted: &[Kind]| {
        let kind = |(path, entry): &&(FilePath, Entry)| {
            let name = String::from_utf8_lossy(path.name()).into_owned();
            let is_there = system.files.read(path).is_ok();
            let kind = hint::kind(&name, &entry.bytes);
            is_there && kind.is_some_and(|kind| wanted.contains(&kind))
        };
        let found = put.iter().filter(kind).map(|(path, _)| path.clone());
        found.collect::<Vec<_>>()
    };
    // The image has a main file that is not known: what is mounted is a part of something.
    if !usual.0 && nginx.is_empty() {
        nginx = of_kind(&[Kind::Nginx]);
    }
    if !usual.1 && fpm.is_empty() {
        let pools = of_kind(&[Kind::FpmPool, Kind::FpmMain]);
        if !pools.is_empty() {
            let input = FpmInput::fragments(pools);
            fpm.push(with_inis(input, &system.files, put));
        }
    }
    if !usual.1 && fpm.is_empty() {
        for ini in of_kind(&[Kind::PhpIni]) {
            system.problems.push((
                ProblemKind::Unknown,
                format!(
                    "{ini} of container {}: the PHP-FPM of image {} is not known; the file was \
                     not judged",
                    container.name,
                    base::source::printable(container.image.as_bytes())
                ),
            ));
        }
    }
    system.nginx = (!nginx.is_empty()).then_some(nginx);
    system.fpm = (!fpm.is_empty()).then_some(fpm);
}

/// Whether nginx and PHP-FPM have a main file in a usual place.
fn has_usual(files: &MemoryFiles) -> (bool, bool) {
    let found = usual(files);
    (!found.nginx.is_empty(), !found.fpm.is_empty())
}

/// The ini files that were put beside a pool.
fn with_inis(mut input: FpmInput, files: &MemoryFiles, put: &[(FilePath, Entry)]) -> FpmInput {
    for (path, _) in put {
        if !path.name().ends_with(b".ini") || files.read(path).is_err() {
            continue;
        }
        match path.name() == b"php.ini" {
            true => input.php_ini = Some(path.clone()),
            false => input.scan_files.push(path.clone()),
        }
    }
    input
}
