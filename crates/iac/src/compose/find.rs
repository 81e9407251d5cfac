//! Which files are for Compose, and which of them make a stack together.

use base::{FilePath, SortedMap};

use super::book::Book;
use super::node::Node;
use super::repo::Repo;
use super::variables::Variables;
use crate::project::Project;

/// The names that Compose looks for, the first one first.
const BASES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// More alternatives than a folder has.
const MOST_ALTERNATIVES: usize = 20;

/// Files that are put on top of each other.
#[derive(Debug)]
pub(crate) struct Files {
    /// In their order.
    pub(crate) paths: Vec<FilePath>,
    /// Whether `docker compose up` without further words takes them.
    pub(crate) is_default: bool,
}

/// What a file's name says.
enum Role {
    Base(usize),
    Override,
    /// `compose.prod.yaml`
    Alternative,
    /// Another name: what it holds tells.
    Unnamed,
}

fn role(name: &[u8]) -> Option<Role> {
    let name = std::str::from_utf8(name).ok()?;
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"))?;
    if let Some(rank) = BASES.iter().position(|base| *base == name) {
        return Some(Role::Base(rank));
    }
    let middle = stem
        .strip_prefix("docker-compose")
        .or_else(|| stem.strip_prefix("compose"));
    Some(match middle {
        Some(".override") => Role::Override,
        Some(rest) if rest.starts_with(['.', '-', '_']) => Role::Alternative,
        _ => Role::Unnamed,
    })
}

/// The stacks of a repository.
pub(crate) fn stacks(book: &mut Book<'_>, project: &mut Project) -> Vec<Files> {
    let mut folders: SortedMap<Vec<u8>, Vec<(FilePath, Role)>> = SortedMap::new();
    for path in candidates(&mut book.repo, project) {
        if let Some(role) = role(path.name()) {
            let folder = folders.entry(path.parent().to_vec()).or_default();
            folder.push((path, role));
        }
    }
    let mut stacks = Vec::new();
    for (_, files) in folders {
        of_folder(book, files, &mut stacks, project);
    }
    stacks
}

/// Files that may be Compose's: by their name, or by what they hold.
fn candidates(repo: &mut Repo<'_>, project: &mut Project) -> Vec<FilePath> {
    let paths: Vec<FilePath> = repo.paths().cloned().collect();
    let mut is_candidate = |path: &FilePath| match role(path.name()) {
        _ if is_installed(path) => false,
        None => false,
        // What cannot be read is not ours to complain of: nothing says that it is Compose's.
        Some(Role::Unnamed) => {
            let bytes = repo.tree.read(&repo.given(path)).unwrap_or_default();
            holds_services(&bytes)
        }
        Some(_) => repo.read(path, project).is_some(),
    };
    paths
        .into_iter()
        .filter(|path| is_candidate(path))
        .collect()
}

/// Packages bring Compose files of their own, which nobody here starts.
fn is_installed(path: &FilePath) -> bool {
    let mut folders = path.parent().split(|b| *b == b'/');
    folders.any(|folder| matches!(folder, b"vendor" | b"node_modules"))
}

/// Whether it has services that say what they run, as those of other programs do not.
fn holds_services(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|b| *b == b'\n');
    if !lines.any(|line| line.starts_with(b"services:")) {
        return false;
    }
    let Ok(tree) = yaml::parse(bytes) else {
        return false;
    };
    let root = tree.documents.first();
    let services = root.and_then(|root| tree.fields(tree.field(*root, "services")?));
    let mut services = services.unwrap_or_default().into_iter();
    services.any(|(_, service)| {
        ["image", "build"]
            .iter()
            .any(|name| tree.field(service, name).is_some())
    })
}

fn of_folder(
    book: &mut Book<'_>,
    files: Vec<(FilePath, Role)>,
    stacks: &mut Vec<Files>,
    project: &mut Project,
) {
    let mut bases: Vec<(usize, FilePath)> = Vec::new();
    let (mut overrides, mut others) = (Vec::new(), Vec::new());
    for (path, role) in files {
        match role {
            Role::Base(rank) => bases.push((rank, path)),
            Role::Override => overrides.push(path),
            Role::Alternative => others.push((path, true)),
            Role::Unnamed => others.push((path, false)),
        }
    }
    bases.sort();
    let mut bases = bases.into_iter().map(|(_, path)| path);
    let base = bases.next();
    // Compose takes the first, and leaves the others to those who name them.
    others.extend(bases.map(|path| (path, true)));
    let under = base.as_ref().map(|path| services(book, path, project));
    if let Some(base) = &base {
        let paths = std::iter::once(base.clone()).chain(overrides).collect();
        stacks.push(Files {
            paths,
            is_default: true,
        });
    }
    let mut count = 0;
    for (path, is_named) in others {
        let own = services(book, &path, project);
        if own.is_empty() && !is_named {
            continue;
        }
        count += 1;
        if count > MOST_ALTERNATIVES {
            let what = format!(
                "not looked at: more than {MOST_ALTERNATIVES} alternatives lie beside each other"
            );
            book.repo.unknown(project, &path, &what);
            return;
        }
        let is_alone = match &under {
            None => true,
            Some(under) => stands_alone(&own, under),
        };
        if !is_named && (is_alone && !own.iter().all(|(_, one)| one.is_whole)) {
            continue;
        }
        let mut paths = vec![path];
        if let (false, Some(base)) = (is_alone, &base) {
            paths.insert(0, base.clone());
        }
        stacks.push(Files {
            paths,
            is_default: false,
        });
    }
}

/// What tells whether a service can run without another file.
struct Outline {
    /// It says what it runs.
    is_whole: bool,
    /// It says what it has besides.
    is_furnished: bool,
}

fn services(
    book: &mut Book<'_>,
    path: &FilePath,
    project: &mut Project,
) -> SortedMap<String, Outline> {
    let root = book.open(path, project);
    let root = root.and_then(|file| book.node(file, &Variables::new(), project));
    let services = root.as_ref().and_then(|root| root.field("services"));
    let services = services.and_then(Node::map).into_iter().flatten();
    let has = |node: &Node, names: &[&str]| names.iter().any(|name| node.field(name).is_some());
    services
        .filter(|(_, node)| node.map().is_some())
        .map(|(name, node)| {
            let outline = Outline {
                is_whole: has(node, &["image", "build", "extends"]),
                is_furnished: has(node, &["build", "volumes", "configs", "extends"]),
            };
            (name.clone(), outline)
        })
        .collect()
}

/// Whether a file beside the base is a stack of its own: each of its services says what it runs,
/// some say what they have, and it names services of the base again instead of adding to them.
fn stands_alone(own: &SortedMap<String, Outline>, under: &SortedMap<String, Outline>) -> bool {
    let repeats = own.keys().any(|name| under.contains_key(name));
    let is_furnished = own.values().any(|one| one.is_furnished);
    !own.is_empty() && own.values().all(|one| one.is_whole) && repeats && is_furnished
}
