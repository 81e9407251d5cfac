//! Users and groups of the system, for the permissions of sockets.

use std::collections::{BTreeMap, BTreeSet};

use base::FilePath;

use crate::files::Files;

/// What `/etc/passwd` and `/etc/group` say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Primary group number of each user.
    primary: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Number of each group.
    numbers: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Users named in each group.
    members: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
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
