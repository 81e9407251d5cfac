//! Which room may use which: the table of `ARCHITECTURE.md`, compared with the manifests.

use std::collections::BTreeSet;
use std::fs;

use super::metadata::Package;
use crate::run::root;

/// One package of ours and the packages of ours it may use.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    /// On top of that, for its tests only.
    tests_may_use: &'static [&'static str],
}

/// A new package is a new row here and a paragraph in `ARCHITECTURE.md`.
const ROOMS: &[Room] = &[
    Room {
        name: "base",
        may_use: &[],
        tests_may_use: &[],
    },
    Room {
        name: "syntax",
        may_use: &["base"],
        tests_may_use: &[],
    },
    Room {
        name: "model",
        may_use: &["base", "syntax"],
        tests_may_use: &[],
    },
    // The fixtures of a rule hold its rendered report, so its tests render.
    Room {
        name: "rules",
        may_use: &["base", "syntax", "model"],
        tests_may_use: &["report", "settings", "redact"],
    },
    Room {
        name: "fix",
        may_use: &["base", "syntax", "model", "rules"],
        tests_may_use: &["report"],
    },
    Room {
        name: "redact",
        may_use: &["base", "syntax"],
        tests_may_use: &[],
    },
    Room {
        name: "report",
        may_use: &["base", "redact"],
        tests_may_use: &[],
    },
    // Rule files: the parsers of YAML and PromQL stay out of what the browser loads.
    Room {
        name: "prometheus",
        may_use: &["base", "yaml"],
        tests_may_use: &["report"],
    },
    Room {
        name: "yaml",
        may_use: &["base"],
        tests_may_use: &[],
    },
    Room {
        name: "logs",
        may_use: &["base"],
        tests_may_use: &[],
    },
    Room {
        name: "diagnose",
        may_use: &["base", "model", "logs", "redact"],
        tests_may_use: &[],
    },
    Room {
        name: "settings",
        may_use: &["base", "model", "rules", "redact"],
        tests_may_use: &[],
    },
    // Driven from outside: the program and the browser send what it says.
    Room {
        name: "refactor",
        may_use: &["base", "syntax", "model", "rules", "fix", "redact"],
        tests_may_use: &[],
    },
    Room {
        name: "intake",
        may_use: &[
            "base", "model", "rules", "fix", "report", "logs", "diagnose", "settings", "redact",
        ],
        tests_may_use: &[],
    },
    // Readers of images, Compose files and manifests: they stay out of what the browser loads, too.
    Room {
        name: "iac",
        may_use: &["base", "model", "image", "intake", "yaml"],
        tests_may_use: &["rules", "fix"],
    },
    // Archives of images. It keeps digests out of the rooms above, and what is packed is unpacked by
    // a function that is handed in.
    Room {
        name: "image",
        may_use: &["base", "model"],
        tests_may_use: &[],
    },
    Room {
        name: "wasm",
        may_use: &[
            "base", "rules", "fix", "report", "logs", "diagnose", "redact", "refactor", "intake",
        ],
        tests_may_use: &[],
    },
    Room {
        name: "agent",
        may_use: &["base", "model", "logs", "diagnose", "redact", "intake"],
        tests_may_use: &[],
    },
    Room {
        name: "badgateway",
        may_use: &[
            "agent",
            "base",
            "syntax",
            "model",
            "rules",
            "fix",
            "report",
            "logs",
            "diagnose",
            "settings",
            "redact",
            "refactor",
            "intake",
            "prometheus",
            "iac",
            "image",
        ],
        tests_may_use: &["yaml"],
    },
    // The lab may look into every room; nobody looks into the lab.
    Room {
        name: "lab",
        may_use: &[
            "agent",
            "base",
            "syntax",
            "model",
            "rules",
            "fix",
            "report",
            "logs",
            "diagnose",
            "settings",
            "redact",
            "refactor",
            "intake",
            "prometheus",
            "iac",
            "image",
            "yaml",
            "wasm",
            "badgateway",
        ],
        tests_may_use: &[],
    },
    // Must build when the product does not.
    Room {
        name: "xtask",
        may_use: &[],
        tests_may_use: &[],
    },
];

/// The rooms that touch nothing outside the program; each has a `clippy.toml` that says so.
pub(crate) const PURE: &[&str] = &[
    "base",
    "syntax",
    "model",
    "rules",
    "fix",
    "report",
    "logs",
    "diagnose",
    "settings",
    "redact",
    "refactor",
    "intake",
    "prometheus",
    "yaml",
    "iac",
    "image",
    "wasm",
];

/// The one package with lints of its own: a page calls it by addresses, so it cannot forbid
/// `unsafe_code`. It denies it, and all else is as in the workspace.
const OWN_LINTS: &str = "wasm";

/// Every edge, package or manifest that the table does not know.
pub(crate) fn slips(packages: &[Package]) -> Vec<String> {
    let ours: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let mut slips = Vec::new();
    for package in packages {
        slips.extend(manifest_slips(package));
        let Some(room) = ROOMS.iter().find(|room| room.name == package.name) else {
            slips.push(format!(
                "package `{}` is not in the table of xtask/src/tidy/edges.rs: add it with its \
                 reason for being a crate, here and in ARCHITECTURE.md",
                package.name
            ));
            continue;
        };
        let forbidden =
            |dep: &String| ours.contains(dep.as_str()) && !room.may_use.contains(&dep.as_str());
        for dep in package.deps.iter().filter(|dep| forbidden(dep)) {
            slips.push(format!("`{}` must not use `{dep}`", package.name));
        }
        let only_tests = |dep: &&String| !room.tests_may_use.contains(&dep.as_str());
        for dep in package
            .dev_deps
            .iter()
            .filter(|dep| forbidden(dep))
            .filter(only_tests)
        {
            slips.push(format!(
                "the tests of `{}` must not use `{dep}`",
                package.name
            ));
        }
    }
    slips
}

fn manifest_slips(package: &Package) -> Vec<String> {
    let mut slips = Vec::new();
    let manifest = root().join(&package.manifest);
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    if let Some(slip) = lints_slip(&package.name, &text, &workspace) {
        slips.push(format!("{}: {slip}", package.manifest.display()));
    }
    for kind in ["custom-build", "proc-macro"] {
        if package.kinds.iter().any(|k| k == kind) {
            slips.push(format!(
                "`{}` has a {kind} target; we keep none",
                package.name
            ));
        }
    }
    let guard = manifest.with_file_name("clippy.toml");
    if PURE.contains(&package.name.as_str()) && !guard.is_file() {
        slips.push(format!(
            "pure crate `{}` has no clippy.toml of its own",
            package.name
        ));
    }
    slips
}

fn lints_slip(name: &str, manifest: &str, workspace: &str) -> Option<&'static str> {
    if name != OWN_LINTS {
        let inherits = manifest.contains("[lints]\nworkspace = true");
        return (!inherits).then_some("no `[lints] workspace = true`");
    }
    let ours = lints(manifest, "[lints.");
    let theirs = lints(workspace, "[workspace.lints.");
    let theirs = theirs.replace("unsafe_code = \"forbid\"", "unsafe_code = \"deny\"");
    (ours != theirs).then_some("its lints must be the workspace's, with `unsafe_code` denied")
}

/// The lines of all tables of lints.
fn lints(manifest: &str, beginning: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in manifest.lines().filter(|line| !line.is_empty()) {
        if line.starts_with('[') {
            inside = line.starts_with(beginning);
        }
        if inside && !line.starts_with('#') {
            out += line.strip_prefix(beginning).unwrap_or(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, deps: &[&str], dev_deps: &[&str]) -> Vec<String> {
        let package = |name: &str, deps: &[&str], dev_deps: &[&str]| Package {
            name: name.to_owned(),
            version: String::new(),
            manifest: format!("crates/{name}/Cargo.toml").into(),
            deps: deps.iter().map(|dep| (*dep).to_owned()).collect(),
            dev_deps: dev_deps.iter().map(|dep| (*dep).to_owned()).collect(),
            kinds: vec![],
        };
        let mut packages: Vec<Package> = ROOMS.iter().map(|r| package(r.name, &[], &[])).collect();
        packages.retain(|p| p.name != name);
        packages.push(package(name, deps, dev_deps));
        let mut slips = slips(&packages);
        slips.retain(|slip| slip.contains(" use "));
        slips
    }

    #[test]
    fn the_table_bites() {
        let nothing: [&str; 0] = [];
        assert_eq!(said("report", &["base", "serde"], &["insta"]), nothing);
        assert_eq!(said("rules", &["model"], &["report"]), nothing);
        assert_eq!(
            said("report", &["model"], &[]),
            ["`report` must not use `model`"]
        );
        assert_eq!(
            said("rules", &["report"], &[]),
            ["`rules` must not use `report`"]
        );
        assert_eq!(
            said("xtask", &["rules"], &[]),
            ["`xtask` must not use `rules`"]
        );
        let tests_too = ["the tests of `model` must not use `rules`"];
        assert_eq!(said("model", &[], &["rules"]), tests_too);
    }

    #[test]
    fn one_package_denies_what_others_forbid() {
        let workspace = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n\n\
                         [workspace.lints.clippy]\ntodo = \"deny\"\n\n[profile.release]\nlto = true\n";
        let own = "[lib]\n\n# Why.\n[lints.rust]\nunsafe_code = \"deny\"\nmissing_docs = \"warn\"\n\n\
                   [lints.clippy]\ntodo = \"deny\"\n";
        let inherited = "[lints]\nworkspace = true\n";
        assert_eq!(lints_slip("base", inherited, workspace), None);
        assert_eq!(lints_slip("wasm", own, workspace), None);
        assert!(lints_slip("base", own, workspace).is_some());
        for worse in [
            own.replace("deny\"\nmissing", "warn\"\nmissing"),
            own.replace("todo = \"deny\"\n", ""),
            inherited.to_owned(),
        ] {
            assert!(lints_slip("wasm", &worse, workspace).is_some(), "{worse}");
        }
    }
}
