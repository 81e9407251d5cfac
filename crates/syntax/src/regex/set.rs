//! Sets of bytes.

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// None.
    pub const EMPTY: ByteSet = ByteSet([0; 4]);
    /// All 256.
    pub const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    /// The bytes of a text.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = Self::EMPTY;
        for byte in bytes {
            out.insert(*byte);
        }
        out
    }

    /// Every byte from one to another, both included.
    pub fn range(from: u8, to: u8) -> Self {
        let mut out = Self::EMPTY;
        for byte in from..=to {
            out.insert(byte);
        }
        out
    }

    /// Adds a byte.
    pub fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Whether a byte is in it.
    pub fn contains(self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// Whether any of these bytes is in it.
    pub fn contains_any(self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| self.contains(*byte))
    }

    /// What is in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// What is in neither.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    /// With both cases of every letter.
    #[must_use]
    pub fn caseless(self) -> Self {
        let mut out = self;
        for byte in self.iter().filter(u8::is_ascii_alphabetic) {
            out.insert(byte ^ 0x20);
        }
        out
    }

    /// Whether none is in it.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// How many are in it.
    pub fn len(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// All in it, in order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |byte| self.contains(*byte))
    }

    fn zip(self, other: Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let mut out = self;
        for (word, other) in out.0.iter_mut().zip(other.0) {
            *word = join(*word, other);
        }
        out
    }
}

impl std::fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes: Vec<u8> = self.iter().collect();
        write!(f, "[{}]", bytes.escape_ascii())
    }
}
