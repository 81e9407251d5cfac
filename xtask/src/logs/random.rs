//! Chance that is the same on every machine: one small generator, and ranks as people click.

/// SplitMix64: one addition and three mixings for each number, which is fast enough to draw a
/// dozen numbers for each line, and good enough for text that only has to look various.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0 and less than `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or_default()
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// A place in a list of that length.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.index(list.len())]
    }

    /// The same for texts.
    pub(crate) fn text(&mut self, list: &[&'static str]) -> &'static str {
        list[self.index(list.len())]
    }

    /// Times between events that do not know of each other: mostly short, sometimes long. The
    /// zeros in front of a random number are such a number, and need no logarithm.
    pub(crate) fn gap(&mut self, mean: u64) -> u64 {
        let zeros = u64::from(self.next().leading_zeros());
        zeros * mean / 2 + self.below(mean + 1)
    }
}

/// Places in a list, the first ones far more often than the last: Zipf's law, by which pages,
/// visitors and sites are distributed. A table, because a power for each draw would be slow.
pub(crate) struct Ranks(Vec<u32>);

/// Steps of the table; rarer places than one step are left out.
const STEPS: u32 = 1 << 16;

impl Ranks {
    /// For a list of that length, which must not be empty.
    pub(crate) fn new(length: u32) -> Self {
        let weights: Vec<f64> = (1..=length).map(|rank| 1.0 / f64::from(rank)).collect();
        let total: f64 = weights.iter().sum();
        let mut table = Vec::with_capacity(STEPS as usize);
        let (mut rank, mut reached) = (0, weights[0]);
        for step in 0..STEPS {
            let wanted = total * f64::from(step) / f64::from(STEPS);
            while reached < wanted && rank + 1 < length {
                rank += 1;
                reached += weights[rank as usize];
            }
            table.push(rank);
        }
        Self(table)
    }

    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        *random.pick(&self.0) as usize
    }
}
