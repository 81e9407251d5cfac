//! The control group of a process: the limit of its service or container.
//!
//! Version 2 has one hierarchy (`0::/system.slice/php8.2-fpm.service`), version 1 one for memory
//! alone (`4:memory:/docker/…`). The tightest limit on the way up counts.

use std::fs;
use std::path::{Path, PathBuf};

/// A group with a limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The file that says so.
    pub from: PathBuf,
    /// How many bytes all its processes may take together.
    pub limit: u64,
    /// How many they take, without the cache of files, which gives way.
    pub used: u64,
}

/// The tightest limit of a process; nothing when there is none.
pub fn group_of(process: u32) -> Option<Group> {
    let text = fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
    tightest(&text, Path::new("/sys/fs/cgroup"))
}

/// How one version names things.
struct Names {
    folder: &'static str,
    /// A service is slowed down at the second, long before it is killed at the first.
    limits: &'static [&'static str],
    used: &'static str,
    /// Caches of files, in `memory.stat`.
    cache: [&'static str; 2],
}

const TWO: Names = Names {
    folder: "",
    limits: &["memory.max", "memory.high"],
    used: "memory.current",
    cache: ["active_file", "inactive_file"],
};
const ONE: Names = Names {
    folder: "memory",
    limits: &["memory.limit_in_bytes"],
    used: "memory.usage_in_bytes",
    cache: ["total_active_file", "total_inactive_file"],
};

/// Version 1 writes "no limit" as the biggest number of whole pages.
const NONE: u64 = 1 << 60;

fn tightest(text: &str, root: &Path) -> Option<Group> {
    let lines = text.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        Some((parts.next()?, parts.next()?, parts.next()?))
    });
    let groups = lines.filter_map(|(number, controllers, path)| {
        let is_memory = controllers.split(',').any(|name| name == "memory");
        let names = match (number, is_memory) {
            ("0", _) => TWO,
            (_, true) => ONE,
            _ => return None,
        };
        upwards(&root.join(names.folder), path, &names)
    });
    groups.min_by_key(|group| group.limit)
}

/// A container that sees its own group as the root still has the path that its host knows: what is
/// not there is passed over, up to the root.
fn upwards(root: &Path, path: &str, names: &Names) -> Option<Group> {
    let inside = Path::new(path.trim_start_matches('/'));
    let dirs = inside.ancestors().map(|part| root.join(part));
    let limits = dirs.flat_map(|dir| names.limits.iter().map(move |name| dir.join(name)));
    let found = limits.filter_map(|from| {
        let limit: u64 = fs::read_to_string(&from).ok()?.trim().parse().ok()?;
        (limit < NONE).then_some((from, limit))
    });
    let (from, limit) = found.min_by_key(|(_, limit)| *limit)?;
    let dir = from.parent()?;
    let used: u64 = fs::read_to_string(dir.join(names.used))
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let stat = fs::read_to_string(dir.join("memory.stat")).unwrap_or_default();
    let cache = stat.lines().filter_map(|line| {
        let (key, bytes) = line.split_once(' ')?;
        names
            .cache
            .contains(&key)
            .then(|| bytes.trim().parse::<u64>().ok())?
    });
    Some(Group {
        used: used.saturating_sub(cache.sum()),
        from,
        limit,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::tightest;

    #[test]
    fn the_tightest_limit_counts() {
        let root = std::env::temp_dir().join(format!("badgateway-cgroup-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("system.slice/fpm.service/memory.max", "max\n");
        write("system.slice/fpm.service/memory.high", "900\n");
        write("system.slice/fpm.service/memory.current", "800\n");
        write(
            "system.slice/fpm.service/memory.stat",
            "anon 500\nactive_file 100\ninactive_file 50\n",
        );
        write("system.slice/memory.max", "1000\n");
        write("system.slice/memory.current", "950\n");
        write(
            "memory/docker/a/memory.limit_in_bytes",
            "9223372036854771712\n",
        );
        write("memory/memory.limit_in_bytes", "700\n");
        write("memory/memory.usage_in_bytes", "600\n");

        let group = tightest("0::/system.slice/fpm.service\n", &root).unwrap();
        assert_eq!((group.limit, group.used), (900, 650));
        assert!(group.from.ends_with("fpm.service/memory.high"));
        let group = tightest("0::/system.slice/other.service\n", &root).unwrap();
        assert_eq!((group.limit, group.used), (1000, 950));
        let text = "5:devices:/\n4:memory:/docker/a\n0::/\n";
        assert_eq!(tightest(text, &root).unwrap().limit, 700);
        assert_eq!(tightest("1:cpu:/\n0::/user.slice\n", &root), None);
        fs::remove_dir_all(&root).unwrap();
    }
}
