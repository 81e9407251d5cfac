//! Users and groups of the system, for the permissions of sockets.

use base::{FilePath, SortedMap, SortedSet};

use crate::files::Files;

/// What `/etc/passwd` and `/etc/group` say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Primary group number of each user.
    primary: SortedMap<Vec<u8>, Vec<u8>>,
    /// Number of each group.
    numbers: SortedMap<Vec<u8>, Vec<u8>>,
    /// Users named in each group.
    members: SortedMap<Vec<u8>, SortedSet<Vec<u8>>>,
}

impl Accounts {
    /// Reads both files; `None` when either is missing, as in a dump or a part of a system.
    pub fn read(files: &dyn Files) -> Option<Accounts> {
        let passwd = files.read(&FilePath::new("/etc/passwd")).ok()?;
        let group = files.read(&FilePath::new("/etc/group")).ok()?;
        let mut out = Accounts::default();
        for fields in lines(&passwd) {
            if let [name, _, _, gid, ..] = fields.as_slice() {
                out.primary.insert(name.to_vec(), gid.to_vec());
            }
        }
        for fields in lines(&group) {
            if let [name, _, gid, users, ..] = fields.as_slice() {
                out.numbers.insert(name.to_vec(), gid.to_vec());
                let users = users.split(|&b| b == b',').filter(|user| !user.is_empty());
                out.members
                    .insert(name.to_vec(), users.map(<[u8]>::to_vec).collect());
            }
        }
        Some(out)
    }

    /// From each user's groups, the primary one first.
    pub fn from_groups(users: SortedMap<String, Vec<String>>) -> Accounts {
        let mut out = Accounts::default();
        for (user, groups) in users {
            let user = user.into_bytes();
            // Their names stand for their numbers.
            if let Some(primary) = groups.first() {
                out.primary
                    .insert(user.clone(), primary.clone().into_bytes());
            }
            for group in groups {
                let group = group.into_bytes();
                out.numbers.insert(group.clone(), group.clone());
                out.members.entry(group).or_default().insert(user.clone());
            }
        }
        out
    }

    /// Each user's groups by name, the primary one first.
    pub fn groups(&self) -> SortedMap<String, Vec<String>> {
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let of = |user: &Vec<u8>, primary: &Vec<u8>| {
            let by_number = self.numbers.iter().filter(|(_, number)| *number == primary);
            let named = self
                .members
                .iter()
                .filter(|(_, users)| users.contains(user));
            let all = by_number
                .map(|(group, _)| group)
                .chain(named.map(|(group, _)| group));
            let mut groups: Vec<String> = Vec::new();
            for group in all.map(|group| text(group)) {
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
            groups
        };
        let users = self.primary.iter();
        users
            .map(|(user, primary)| (text(user), of(user, primary)))
            .collect()
    }

    /// Whether a user exists.
    pub fn has_user(&self, user: &[u8]) -> bool {
        self.primary.contains_key(user)
    }

    /// Whether a user is in a group, as primary or by name; `None` when either does not exist.
    pub fn is_member(&self, user: &[u8], group: &[u8]) -> Option<bool> {
        let primary = self.primary.get(user)?;
        let number = self.numbers.get(group)?;
        let named = self.members.get(group).is_some_and(|m| m.contains(user));
        Some(primary == number || named)
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    bytes
        .split(|&b| b == b'\n')
        .map(|line| line.split(|&b| b == b':').collect())
}
