//! Every bad case of every rule: what must hold for any fix, and what most fixes do.

use std::fs;
use std::path::{Path, PathBuf};

use base::{Applicability, FixLevel};
use fix::{Fixed, Wants};

use crate::world::{World, all, fixtures, tally};

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a fixture folder can be listed");
    let paths = entries.flatten().map(|entry| entry.path());
    let mut out: Vec<_> = paths.filter(|path| path.is_dir()).collect();
    out.sort();
    out
}

/// All cases: the rule and the folder.
fn cases() -> Vec<(String, PathBuf)> {
    let mut out = Vec::new();
    for group in subfolders(&fixtures()) {
        for rule in subfolders(&group)
            .into_iter()
            .filter(|_| !group.ends_with("sound"))
        {
            let id = rule
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            out.extend(subfolders(&rule).into_iter().map(|case| (id.clone(), case)));
        }
    }
    assert!(out.len() > 150, "only {} cases", out.len());
    out
}

/// Lines of `old` that are not in `new`, in order: those that an edit replaced.
fn replaced(old: &[u8], new: &[u8]) -> usize {
    let mut rest = new.split_inclusive(|&b| b == b'\n');
    let lines = old.split_inclusive(|&b| b == b'\n');
    let mut gone = 0;
    for line in lines {
        let mut ahead = rest.clone();
        match ahead.any(|other| other == line) {
            true => rest = ahead,
            false => gone += 1,
        }
    }
    gone
}

fn edits(fixed: &Fixed) -> usize {
    fixed.changes.iter().map(|change| change.edits.len()).sum()
}

fn assert_sound(name: &str, world: &World, wants: &Wants) -> Fixed {
    let (before, problems) = world.check();
    let (after, fixed) = world.fixed(wants);
    let (left, problems_left) = after.check();
    assert!(problems_left <= problems, "{name}: {fixed:#?}");
    // Twice is as once.
    let (again, second) = after.fixed(wants);
    assert_eq!(again, after, "{name}: {second:#?}");
    // Nothing as bad is new.
    let worst = fixed.changes.iter().map(|change| change.severity).max();
    let had = tally(&before);
    for (rule, (severity, count)) in tally(&left) {
        let before = had.get(rule).map_or(0, |(_, count)| *count);
        let is_worse = count > before && worst.is_none_or(|worst| severity >= worst);
        assert!(!is_worse, "{name}: {rule} is new: {fixed:#?}");
    }
    // What was not edited is as it was.
    let gone: usize = fixed
        .files
        .iter()
        .map(|file| replaced(&file.old, &file.new))
        .sum();
    assert!(gone <= edits(&fixed), "{name}: {gone} lines are gone");
    fixed
}

#[test]
fn every_case_is_sound_after_fixing() {
    for (_, case) in cases() {
        let world = World::sound().over(&case);
        let name = case.display().to_string();
        assert_sound(&name, &world, &Wants::default());
        assert_sound(&name, &world, &all());
    }
}

/// What a rule promises, its cases keep: each bad case of a rule with a fix is gone, but for those
/// that say why not.
#[test]
fn promised_fixes_are_kept() {
    let mut kept = 0;
    let mut open = Vec::new();
    for (rule, case) in cases() {
        let level = rules::by_id(&rule).expect("a rule").fix;
        let world = World::sound().over(&case);
        if level < FixLevel::Unsafe || world.count(&rule) == 0 {
            continue;
        }
        let (after, fixed) = world.fixed(&all());
        match after.count(&rule) {
            0 => kept += 1,
            left => open.push(format!(
                "{}: {left} left, {:?}",
                case.display(),
                fixed.rejected
            )),
        }
    }
    assert!(kept > 55, "{kept} kept, open:\n{}", open.join("\n"));
    // Values that nginx sends for one route, pools of which nothing tells which is meant.
    assert!(open.len() <= 5, "{}", open.join("\n"));
}

/// Without being asked, nothing unsafe is done.
#[test]
fn safe_means_safe() {
    for (_, case) in cases() {
        let (_, fixed) = World::sound().over(&case).fixed(&Wants::default());
        let is_safe = |change: &fix::Change| change.applicability == Applicability::Safe;
        assert!(fixed.changes.iter().all(is_safe), "{}", case.display());
    }
}

/// What people see of each fix: the diff of every bad case, with what is unsafe.
#[test]
fn diffs() {
    for (rule, case) in cases() {
        let name = case
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let (_, fixed) = World::sound().over(&case).fixed(&all());
        if !name.starts_with("bad") || fixed.files.is_empty() {
            continue;
        }
        let mut text = Vec::new();
        for change in &fixed.changes {
            let line = format!(
                "{:?} [{}] {}; {}\n",
                change.applicability, change.rule, change.title, change.why
            );
            text.extend_from_slice(line.as_bytes());
        }
        let files: Vec<_> = fixed
            .files
            .iter()
            .map(|file| report::Diff {
                path: file.path.to_string(),
                old: file.old.to_vec(),
                new: file.new.to_vec(),
            })
            .collect();
        report::diff(&files, false, &mut text).expect("memory can be written");
        let text = String::from_utf8_lossy(&text).into_owned();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{rule}.{name}"), text);
        });
    }
}
