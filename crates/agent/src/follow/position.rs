//! How far logs were read, as it is saved.

use base::SortedMap;
use serde::{Deserialize, Serialize};

/// Positions by the names of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(String, Position)>", into = "Vec<(String, Position)>")]
pub struct Positions(SortedMap<String, Position>);

/// Most positions of logs that nobody follows any more.
const MOST: usize = 2_000;

impl Positions {
    /// That of a log, taken out.
    pub(super) fn take(&mut self, name: &str) -> Option<Position> {
        self.0.remove(name)
    }

    pub(super) fn put(&mut self, name: String, position: Position) {
        if self.0.len() < MOST {
            self.0.insert(name, position);
        }
    }
}

impl From<Vec<(String, Position)>> for Positions {
    fn from(all: Vec<(String, Position)>) -> Positions {
        Positions(all.into_iter().collect())
    }
}

impl From<Positions> for Vec<(String, Position)> {
    fn from(positions: Positions) -> Self {
        positions.0.into_iter().collect()
    }
}

/// Where the next entry of a log begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// In a file.
    File(InFile),
    /// In the journal, behind this entry; nothing was read when there is none.
    Journal {
        /// As `journalctl` names it.
        cursor: Option<String>,
    },
    /// There was no file yet.
    Nowhere,
}

/// In a file that may have been renamed or compressed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFile {
    /// Which file: its device and number.
    pub id: (u64, u64),
    /// How it begins.
    pub print: Print,
    /// Byte from its beginning.
    pub offset: u64,
    /// Number of the line, from 1.
    pub line: u64,
    /// When it was last written, in nanoseconds since 1970: tells what is newer than an empty
    /// file.
    pub modified: i64,
}

/// How a file begins: enough to know it again when it was renamed, compressed or written anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// How many bytes.
    pub len: u64,
    /// Their hash (FNV-1a).
    pub hash: u64,
}

impl Print {
    /// Longest beginning that is looked at.
    pub const MOST: usize = 1024;

    /// Of a beginning.
    pub fn of(head: &[u8]) -> Print {
        let head = &head[..head.len().min(Print::MOST)];
        let hash = head.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, b| {
            (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3)
        });
        Print {
            len: head.len() as u64,
            hash,
        }
    }

    /// Whether it is long enough to know a file by it alone: every log begins with a date.
    pub fn is_telling(&self) -> bool {
        self.len >= 64
    }

    /// Whether a file that begins so is the same, perhaps longer now.
    pub fn fits(&self, head: &[u8]) -> bool {
        let len = usize::try_from(self.len).unwrap_or(usize::MAX);
        head.get(..len).is_some_and(|head| Print::of(head) == *self)
    }
}
