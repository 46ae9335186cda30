//! The generator: what its parts share.

use std::collections::HashSet;

use crate::markets::Market;
use crate::random::Random;

/// Makes companies and people from a seed.
///
/// Equal calls in an equal order give equal values, on every machine and in every version.
pub struct Generator {
    /// Draws for companies.
    pub(crate) company_draws: Random,
    /// Draws for contacts.
    pub(crate) contact_draws: Random,
    /// Names and addresses that were given out and must not be again.
    pub(crate) used: HashSet<String>,
    /// One for each company, in the same order.
    pub(crate) offices: Vec<Office>,
}

/// A city in a country.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The country.
    pub(crate) market: &'static Market,
    /// An index of its cities.
    pub(crate) city: usize,
}

/// What the contacts of a company take from it.
pub(crate) struct Office {
    /// Where it is.
    pub(crate) place: Place,
    /// The domain of its e-mail.
    pub(crate) domain: String,
}

impl Generator {
    /// A generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            company_draws: Random::stream(seed, 1),
            contact_draws: Random::stream(seed, 2),
            used: HashSet::new(),
            offices: Vec::new(),
        }
    }
}

/// A word of a list: as people write it, and as addresses spell it.
#[derive(Clone, Copy)]
pub(crate) struct Word {
    /// As people write it.
    pub(crate) text: &'static str,
    spelling: &'static str,
}

impl Word {
    /// The word that an entry of a list stands for.
    pub(crate) fn of(entry: &'static str) -> Self {
        let (text, spelling) = entry.split_once(':').unwrap_or((entry, entry));
        Self { text, spelling }
    }

    /// In small ASCII letters, for addresses.
    pub(crate) fn ascii(self) -> String {
        self.spelling.replace('\'', "").to_ascii_lowercase()
    }

    /// In Latin letters with a capital, for names in an international alphabet.
    pub(crate) fn latin(self) -> String {
        let (first, rest) = self.spelling.split_at(1);
        first.to_ascii_uppercase() + rest
    }
}
