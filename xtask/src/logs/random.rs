//! Numbers that look random and are the same on every machine (`splitmix64`).

/// The state.
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// One below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The bias is too small to matter here.
        self.next() % bound.max(1)
    }

    /// Whether something of this percentage happens.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// An index: small ones often, large ones seldom, each half of them as often as the next.
    pub(crate) fn long_tail(&mut self, len: usize) -> usize {
        let bits = u64::from((len as u64).max(1).ilog2()) + 1;
        let most = 1u64 << self.below(bits);
        usize::try_from(self.below(most)).unwrap_or(0) % len.max(1)
    }
}
