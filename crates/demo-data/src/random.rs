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

    /// A number from 0 to `most`, which is not negative.
    pub(crate) fn up_to(&mut self, most: i64) -> i64 {
        let limit = usize::try_from(most).unwrap_or_default() + 1;
        i64::try_from(self.below(limit)).unwrap_or_default()
    }

    /// An index of a list of weights, by them; of one that has none, the first.
    pub(crate) fn share(&mut self, weights: &[i64]) -> usize {
        let mut left = self.up_to((weights.iter().sum::<i64>() - 1).max(0));
        let found = weights.iter().position(|weight| {
            left -= weight;
            left < 0
        });
        found.unwrap_or_default()
    }

    /// So many indexes of a list of weights, in order: each where the next equal part of the whole
    /// begins, give or take, so that no stretch of the list is left out.
    pub(crate) fn spread(&mut self, count: usize, weights: &[i64]) -> Vec<usize> {
        let all: i64 = weights.iter().sum();
        let count = i64::try_from(count).unwrap_or_default();
        let (mut index, mut passed) = (0, 0);
        let place = |part: i64| {
            let at = all * part / count + self.up_to((all / count - 1).max(0));
            while index + 1 < weights.len() && passed + weights[index] <= at {
                passed += weights[index];
                index += 1;
            }
            index
        };
        (0..count).map(place).collect()
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
    fn shares_are_spread_over_all_of_a_list() {
        let mut random = Random::stream(1, 2);
        assert_eq!(random.spread(10, &[1; 10]), (0..10).collect::<Vec<_>>());
        let spread = random.spread(400, &[1_000, 3_000, 0, 4_000]);
        let many = |index| spread.iter().filter(|found| **found == index).count();
        assert_eq!([many(0), many(1), many(2), many(3)], [50, 150, 0, 200]);
        assert!(spread.is_sorted());
        let drawn = (0..1_000).filter(|_| random.share(&[1, 0, 9]) == 2).count();
        assert!((860..940).contains(&drawn), "{drawn}");
        assert_eq!((random.share(&[0, 0]), random.spread(0, &[1]).len()), (0, 0));
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
