//! Random numbers that are the same on every machine and in every version.

/// What separates entries in the word lists.
const SEPARATOR: &str = "; ";

/// SplitMix64 (Steele, Lea and Flood, 2014).
///
/// Written out here, in whole numbers only: a library may change its algorithm with a version, and
/// floating-point functions differ between platforms.
pub(crate) struct Random(u64);

impl Random {
    /// One of the independent streams of a seed. Each resource draws from its own, so that one
    /// more draw for one does not change the others.
    pub(crate) fn stream(seed: u64, stream: u64) -> Self {
        Self(Self(seed ^ Self(stream).next()).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit` - 1. The bias of the multiplication is far below what anybody
    /// could notice with limits as small as ours.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// `true` in so many cases of a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items of a list that is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// One of the items of a list that is not empty, by their weights.
    pub(crate) fn weighted<T>(
        &mut self,
        items: &'static [T],
        weight: fn(&T) -> usize,
    ) -> &'static T {
        let mut left = self.below(items.iter().map(weight).sum());
        for item in items {
            match left.checked_sub(weight(item)) {
                Some(less) => left = less,
                None => return item,
            }
        }
        &items[0]
    }

    /// One entry of a word list.
    pub(crate) fn word(&mut self, list: &'static str) -> &'static str {
        let chosen = self.below(list.split(SEPARATOR).count());
        list.split(SEPARATOR).nth(chosen).unwrap_or_default()
    }

    /// A pattern filled in: `#` is a digit, `%` one from 1 to 9, `@` a letter of a postcode.
    pub(crate) fn fill(&mut self, pattern: &str) -> String {
        let one = |c| match c {
            '#' => self.pick(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
            '%' => self.pick(&['1', '2', '3', '4', '5', '6', '7', '8', '9']),
            '@' => self.pick(&['A', 'B', 'D', 'E', 'F', 'G', 'H', 'J', 'L', 'N', 'P', 'R', 'S']),
            other => other,
        };
        pattern.chars().map(one).collect()
    }

    /// Puts items into another order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_algorithm_is_the_published_one() {
        let mut random = Random(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        let published =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(first, published);
    }

    #[test]
    fn weights_are_kept_and_patterns_filled() {
        let mut random = Random::stream(1, 1);
        let heavy = (0..1_000).filter(|_| *random.weighted(&[1, 9], |weight| *weight) == 9).count();
        assert!((860..940).contains(&heavy), "{heavy}");
        let filled = random.fill("%-#-@-x");
        assert!(filled.ends_with("-x") && !filled.contains(['#', '%', '@']), "{filled}");
    }
}
