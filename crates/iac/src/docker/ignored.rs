//! `.dockerignore`: files that a build does not see. The rules are Docker's own: patterns as of a
//! shell with `**`, the last one that fits wins, and `!` takes back.

use base::FilePath;
use intake::Tree;

use super::Build;

/// Lines of such a file; people write some dozens.
const MOST_LINES: usize = 1000;

/// Patterns.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    context: Vec<u8>,
    /// In their order: whether it takes back, and the parts between slashes.
    patterns: Vec<(bool, Vec<Vec<u8>>)>,
}

impl Ignored {
    /// What a build ignores: a file of the Dockerfile's name wins over that of the folder.
    pub(super) fn of(tree: &dyn Tree, build: &Build) -> Ignored {
        let own = [build.dockerfile.as_bytes(), b".dockerignore"].concat();
        let usual = [build.context.as_bytes(), b"/.dockerignore"].concat();
        let text = [own, usual].into_iter().find_map(|path| {
            let path = FilePath::new(path);
            tree.may_exist(&path).then(|| tree.read(&path).ok())?
        });
        Ignored {
            context: build.context.as_bytes().to_vec(),
            patterns: patterns(&text.unwrap_or_default()),
        }
    }

    /// Whether a file of the context is ignored.
    pub(super) fn has(&self, path: &FilePath) -> bool {
        let rest = path.as_bytes().strip_prefix(self.context.as_slice());
        let Some(rest) = rest.and_then(|rest| rest.strip_prefix(b"/")) else {
            return false;
        };
        let parts: Vec<&[u8]> = rest.split(|b| *b == b'/').collect();
        let mut is_ignored = false;
        for (takes_back, pattern) in &self.patterns {
            if *takes_back == is_ignored {
                is_ignored ^= fits(pattern, &parts);
            }
        }
        is_ignored
    }
}

fn patterns(text: &[u8]) -> Vec<(bool, Vec<Vec<u8>>)> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let lines = text.split(|b| *b == b'\n').take(MOST_LINES);
    let lines = lines.filter(|line| !line.starts_with(b"#"));
    let pattern = |line: &[u8]| {
        let line = line.trim_ascii();
        let (takes_back, line) = match line.strip_prefix(b"!") {
            Some(rest) => (true, rest.trim_ascii()),
            None => (false, line),
        };
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for part in line.split(|b| *b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => drop(parts.pop()),
                // Two of them say no more than one.
                b"**" if parts.last().is_some_and(|last| last == b"**") => {}
                part => parts.push(part.to_vec()),
            }
        }
        (!parts.is_empty()).then_some((takes_back, parts))
    };
    lines.filter_map(pattern).collect()
}

/// Whether a path or a folder above it fits, part by part: `reached` are the parts of the pattern
/// that may come next.
fn fits(pattern: &[Vec<u8>], parts: &[&[u8]]) -> bool {
    let skip = |reached: &mut Vec<bool>| {
        for at in 0..pattern.len() {
            if reached[at] && pattern[at] == b"**" {
                reached[at + 1] = true;
            }
        }
    };
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip(&mut reached);
    for part in parts {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..pattern.len()).filter(|at| reached[*at]) {
            if pattern[at] == b"**" {
                next[at] = true;
            } else if is_one(&pattern[at], part) {
                next[at + 1] = true;
            }
        }
        skip(&mut next);
        if next[pattern.len()] {
            return true;
        }
        reached = next;
    }
    false
}

/// Whether a name fits; here a star stands for a dot, too.
fn is_one(pattern: &[u8], name: &[u8]) -> bool {
    let behind = |text: &[u8]| [b"x", text].concat();
    model::glob::matches(&behind(pattern), &behind(name))
}

#[cfg(test)]
mod tests {
    use super::{Ignored, patterns};
    use base::FilePath;

    fn ignored(text: &str, path: &str) -> bool {
        let ignored = Ignored {
            context: b"/r".to_vec(),
            patterns: patterns(text.as_bytes()),
        };
        ignored.has(&FilePath::new(format!("/r/{path}")))
    }

    #[test]
    fn patterns_of_docker() {
        for (text, path, wanted) in [
            ("docker", "docker/php/a.ini", true),
            ("docker", "app/docker/a.ini", false),
            ("/docker/", "docker/a.ini", true),
            ("*.conf", "a.conf", true),
            ("*.conf", "nginx/a.conf", false),
            ("**/*.conf", "nginx/conf.d/a.conf", true),
            ("**/*.conf", "a.conf", true),
            ("nginx/**", "nginx/conf.d/a.conf", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**/z", "a/b/c/y", false),
            ("*\n!docker", "docker/a.ini", false),
            ("*\n!docker\ndocker/a.ini", "docker/a.ini", true),
            ("# docker\n\n", "docker", false),
            (" docker ", "docker/a", true),
            ("./docker/../php", "php/a", true),
            ("a?.conf", "ab.conf", true),
            ("a[0-9].conf", "a7.conf", true),
            ("a[0-9].conf", "ab.conf", false),
            ("do\\*er", "docker", false),
        ] {
            assert_eq!(ignored(text, path), wanted, "{text:?} {path}");
        }
    }

    /// What takes time in other programs: it ends at once.
    #[test]
    fn many_stars() {
        let text = "**/a*a*a*a*a*a*a*a*b/".repeat(20);
        assert!(!ignored(
            &text,
            &"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/".repeat(50)
        ));
    }
}
