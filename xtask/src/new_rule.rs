//! Starting a rule: `cargo xtask new-rule GROUP ID` writes the rule file, the fixture folder and
//! the two lines of the registry. What it writes compiles, and fails its tests until it is true.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::run::root;

const RULES: &str = "crates/rules/src/rules";
const REGISTRY: &str = "crates/rules/src/rules/mod.rs";
const FIXTURES: &str = "crates/rules/fixtures";
const TEMPLATE: &str = include_str!("new_rule.template");

/// Writes a new rule.
///
/// # Errors
/// When a name has the wrong form, the rule exists, or the registry does not look as expected.
pub(crate) fn new_rule(group: &str, id: &str) -> Result<()> {
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure!(
        id.chars().all(kebab) && id.starts_with(|c: char| c.is_ascii_lowercase()),
        "`{id}`: an id is kebab-case and names the fault: `read-timeout-below-terminate`"
    );
    ensure!(
        !group.is_empty() && group.chars().all(|c| c.is_ascii_lowercase()),
        "`{group}`: a group is one lower-case word: `timeouts`"
    );
    let module = id.replace('-', "_");
    let file = format!("{RULES}/{group}/{module}.rs");
    ensure!(!root().join(&file).exists(), "{file} exists");

    let registry_path = root().join(REGISTRY);
    let registry = fs::read_to_string(&registry_path).context(REGISTRY)?;
    let registry = register(&registry, group, &module)?;

    let rule = TEMPLATE
        .replace("{id}", id)
        .replace("{group}", group)
        .replace("{NAME}", &module.to_uppercase());
    write(&file, &rule)?;
    let fixtures = format!("{FIXTURES}/{group}/{id}");
    let sound = root().join(FIXTURES).join("sound/nginx.conf");
    let sound = fs::read_to_string(&sound).context("the sound stack")?;
    for file in cases(&fixtures) {
        write(&file, &sound)?;
    }
    fs::write(&registry_path, registry).context(REGISTRY)?;

    println!("{file}\n{fixtures}/\n{REGISTRY}");
    println!(
        "\nNext: write the doc comment, make bad/nginx.conf bad and mark the line with \
         `#~ {id}`, then `cargo test -p rules`."
    );
    Ok(())
}

/// One case of each kind. Both begin sound: until somebody makes the bad one bad and marks it by
/// hand, its test fails.
fn cases(fixtures: &str) -> [String; 2] {
    ["bad", "good"].map(|case| format!("{fixtures}/{case}/nginx.conf"))
}

fn write(path: &str, text: &str) -> Result<()> {
    let path = root().join(path);
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    fs::write(&path, text).with_context(|| path.display().to_string())
}

/// The registry with the module line in its group and the entry in `ALL`.
fn register(registry: &str, group: &str, module: &str) -> Result<String> {
    let opening = format!("mod {group} {{");
    let mut lines: Vec<String> = registry.lines().map(str::to_owned).collect();
    let visibility = visibility_of_modules(&lines);
    if !lines.iter().any(|line| line.trim() == opening) {
        let Some(first) = lines.iter().position(|line| line.starts_with("mod ")) else {
            bail!("{REGISTRY}: no `mod <group> {{` to put a new group before");
        };
        lines.splice(
            first..first,
            [opening.clone(), "}".to_owned(), String::new()],
        );
    }
    insert_sorted(
        &mut lines,
        &opening,
        "}",
        &format!("    {visibility}mod {module};"),
    )?;
    let entry = format!("    &{group}::{module}::{},", module.to_uppercase());
    let Some(list) = lines
        .iter()
        .find(|line| line.contains("static ALL:"))
        .cloned()
    else {
        bail!("{REGISTRY}: no list `ALL`");
    };
    insert_sorted(&mut lines, &list, "];", &entry)?;
    Ok(lines.join("\n") + "\n")
}

/// As the modules already there have it: `pub(super) `.
fn visibility_of_modules(lines: &[String]) -> String {
    let before = |line: &String| {
        let (before, after) = line.trim_start().split_once("mod ")?;
        after.ends_with(';').then(|| before.to_owned())
    };
    lines
        .iter()
        .find_map(before)
        .unwrap_or_else(|| "pub(super) ".to_owned())
}

/// Inserts a line at its sorted place between the line that starts with `opening` and the next
/// line that is `closing`. Lines of the list are sorted by their last path segment, which is the
/// rule's id.
fn insert_sorted(lines: &mut Vec<String>, opening: &str, closing: &str, new: &str) -> Result<()> {
    let Some(start) = lines.iter().position(|line| line.starts_with(opening)) else {
        bail!("{REGISTRY}: no line starts with `{opening}`");
    };
    let Some(length) = lines[start..].iter().position(|line| line == closing) else {
        bail!("{REGISTRY}: `{opening}` has no closing `{closing}`");
    };
    let key = |line: &str| {
        let word = line.trim().trim_end_matches([',', ';']);
        // As the ids are sorted: a hyphen comes before every letter, `_` behind the capitals.
        let last = word.rsplit([':', ' ']).next().unwrap_or(word);
        last.replace('_', "-")
    };
    let end = start + length;
    let place = (start + 1..end)
        .find(|&at| key(&lines[at]) > key(new))
        .unwrap_or(end);
    lines.insert(place, new.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
mod timeouts {
    pub(super) mod send_timeout_zero;
}

pub static ALL: &[&Rule] = &[
    &timeouts::send_timeout_zero::SEND_TIMEOUT_ZERO,
];
";

    #[test]
    fn a_rule_lands_in_its_group_and_in_the_sorted_list() {
        let after = register(BEFORE, "timeouts", "read_timeout_zero").expect("it is a registry");
        let wanted = "\
mod timeouts {
    pub(super) mod read_timeout_zero;
    pub(super) mod send_timeout_zero;
}

pub static ALL: &[&Rule] = &[
    &timeouts::read_timeout_zero::READ_TIMEOUT_ZERO,
    &timeouts::send_timeout_zero::SEND_TIMEOUT_ZERO,
];
";
        assert_eq!(after, wanted);
    }

    #[test]
    fn a_rule_gets_a_case_of_each_kind() {
        let files = cases("crates/rules/fixtures/timeouts/read-timeout-zero");
        let wanted = ["bad", "good"].map(|case| {
            format!("crates/rules/fixtures/timeouts/read-timeout-zero/{case}/nginx.conf")
        });
        assert_eq!(files, wanted);
    }

    /// A generated mark would be an expectation that nobody had.
    #[test]
    fn nothing_that_is_written_has_a_mark() {
        let sound = root().join(FIXTURES).join("sound/nginx.conf");
        let sound = fs::read_to_string(sound).expect("the sound stack is there");
        assert!(!sound.contains("#~") && !TEMPLATE.contains("#~"));
    }

    #[test]
    fn a_new_group_gets_its_own_block() {
        let after = register(BEFORE, "sockets", "socket_without_pool").expect("it is a registry");
        let block = "mod sockets {\n    pub(super) mod socket_without_pool;\n}\n\nmod timeouts";
        assert!(after.starts_with(block), "{after}");
        assert!(after.contains("    &sockets::socket_without_pool::SOCKET_WITHOUT_POOL,\n];"));
    }
}
