//! Names that the server makes where nobody gives one: slugs and SKUs.

use std::collections::BTreeSet;

use domain_kernel::journal::Verb;
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, Random, Record, Resource, Result, Step, Value};

use crate::Unit;
use crate::ask::is_taken;

/// Longest slug that is made; one that is given may be longer.
const SLUG_MAX: usize = 200;
/// Longest SKU.
const SKU_MAX: usize = 64;
/// How many numbers are tried behind a name (`shoes-2`, `shoes-3`, …) before it gets a random end.
const NUMBERED: u32 = 9;
/// How many random ends are tried.
const ATTEMPTS: usize = 8;
/// Digits that nobody mistakes for each other (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A name that is unique among the live rows of a resource.
pub(crate) struct Unique {
    /// The field that holds it.
    pub(crate) field: &'static str,
    /// What it is called in messages.
    pub(crate) what: &'static str,
}

/// A part of an address.
pub(crate) const SLUG: Unique = Unique { field: "slug", what: "slug" };
/// A number in stock-keeping.
pub(crate) const SKU: Unique = Unique { field: "sku", what: "SKU" };

impl Unique {
    /// What a row is stored with: what is given, what it has, or a free one made from `stem`.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the field for a name that another row has; [`Error::Conflict`] when the
    /// row comes back and another has taken its name.
    pub(crate) async fn settle<T: Resource<Work = Unit>>(
        &self,
        work: &mut Unit,
        step: &Step<'_, T>,
        given: &str,
        before: Option<&str>,
        stem: impl FnOnce() -> String,
    ) -> Result<String> {
        let name = if given.is_empty() { before.unwrap_or_default() } else { given };
        if name.is_empty() {
            return self.make(work, step, stem()).await;
        }
        let is_kept = before == Some(name) && step.verb == Verb::Updated;
        let own = step.before.map(|before| before.id);
        if is_kept || !is_taken::<T>(work, self.field, name, own).await? {
            return Ok(name.to_owned());
        }
        let message = self.another_has::<T>(name);
        match step.verb {
            Verb::Restored => Err(Error::Conflict(message)),
            _ => Err(Error::field(self.field, message)),
        }
    }

    /// What many new rows are stored with, by the same rules: their names are theirs in the order in
    /// which they come.
    ///
    /// # Errors
    /// Those of the store; that of one row is its outcome.
    pub(crate) async fn settle_new<T: Resource<Work = Unit>>(
        &self,
        work: &mut Unit,
        step: &Step<'_, T>,
        wanted: Vec<Wanted>,
    ) -> Result<Vec<Result<String>>> {
        let candidates = wanted.iter().flat_map(Wanted::candidates).collect();
        let query = ListQuery::alike::<T>(self.field, candidates)?;
        let found = T::records(work).list(&query).await?.records;
        let name = |row: &Record<T>| match row.value(self.field) {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        };
        let mut taken: BTreeSet<String> = found.iter().filter_map(name).collect();
        let mut settled = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let free = wanted.candidates().find(|name| !taken.contains(name));
            let name = match (free, wanted) {
                (Some(name), _) => Ok(name),
                (None, Wanted::Given(name)) => {
                    Err(Error::field(self.field, self.another_has::<T>(&name)))
                }
                (None, Wanted::Made(stem)) => self.random(work, step, &stem, &taken).await,
            };
            taken.extend(name.iter().cloned());
            settled.push(name);
        }
        Ok(settled)
    }

    fn another_has<T: Resource>(&self, name: &str) -> String {
        let one = T::SINGULAR.replace('_', " ");
        format!("Another {one} has the {} \"{name}\".", self.what)
    }

    async fn make<T: Resource<Work = Unit>>(
        &self,
        work: &mut Unit,
        step: &Step<'_, T>,
        stem: String,
    ) -> Result<String> {
        if !is_taken::<T>(work, self.field, &stem, None).await? {
            return Ok(stem);
        }
        for name in numbered(&stem) {
            if !is_taken::<T>(work, self.field, &name, None).await? {
                return Ok(name);
            }
        }
        self.random(work, step, &stem, &BTreeSet::new()).await
    }

    /// A name with a random end that is neither stored nor among others.
    async fn random<T: Resource<Work = Unit>>(
        &self,
        work: &mut Unit,
        step: &Step<'_, T>,
        stem: &str,
        others: &BTreeSet<String>,
    ) -> Result<String> {
        for _ in 0..ATTEMPTS {
            let name = format!("{stem}-{}", random_end(step.random));
            if !others.contains(&name) && !is_taken::<T>(work, self.field, &name, None).await? {
                return Ok(name);
            }
        }
        Err(Error::Conflict(format!("No free {} was found for this name.", self.what)))
    }
}

/// A name that a new row wants.
pub(crate) enum Wanted {
    /// This one.
    Given(String),
    /// One that is made from this.
    Made(String),
}

impl Wanted {
    /// What is given, or one made from what a function tells where nothing is.
    pub(crate) fn new(given: &str, stem: impl FnOnce() -> String) -> Self {
        if given.is_empty() { Self::Made(stem()) } else { Self::Given(given.to_owned()) }
    }

    /// What it may become, the first that is free.
    fn candidates(&self) -> impl Iterator<Item = String> {
        let (name, ends) = match self {
            Self::Given(name) => (name, false),
            Self::Made(stem) => (stem, true),
        };
        let numbered = ends.then(|| numbered(name));
        std::iter::once(name.clone()).chain(numbered.into_iter().flatten())
    }
}

/// A name with numbers behind it.
fn numbered(stem: &str) -> impl Iterator<Item = String> {
    (2..=NUMBERED).map(move |number| format!("{stem}-{number}"))
}

/// A slug for a name in any alphabet.
pub(crate) fn slug_of(name: &str, otherwise: &str) -> String {
    match slug::slugify(name) {
        empty if empty.is_empty() => otherwise.to_owned(),
        slug => cut(&slug, SLUG_MAX),
    }
}

/// A SKU for a product: the beginnings of its name's words and an end of its own, `BLU-SHI-4F7K`.
pub(crate) fn product_sku(name: &str, random: &dyn Random) -> String {
    let words = abbreviated(name, 3);
    let words = if words.is_empty() { "SKU".to_owned() } else { words };
    format!("{words}-{}", random_end(random))
}

/// A SKU for a variant: its product's, and the beginnings of its own name's words.
pub(crate) fn variant_sku(product: &str, name: &str) -> String {
    // Room for the end that tells it from another.
    cut(&format!("{product}-{}", abbreviated(name, 4)), SKU_MAX - 8)
}

/// The first three letters of the first words, in capitals.
fn abbreviated(name: &str, words: usize) -> String {
    let slug = slug::slugify(name);
    let parts = slug.split('-').filter(|word| !word.is_empty()).take(words);
    let parts: Vec<String> =
        parts.map(|word| word.chars().take(3).collect::<String>().to_ascii_uppercase()).collect();
    parts.join("-")
}

/// Four digits that are hard to guess and easy to read.
fn random_end(random: &dyn Random) -> String {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
}

/// The beginning of an ASCII text, without a hyphen at its end.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same;

    impl Random for Same {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(42);
        }
    }

    #[test]
    fn a_slug_is_made_in_any_alphabet() {
        for (name, slug) in [
            ("Blue Shirts", "blue-shirts"),
            ("Ботинки зимние", "botinki-zimnie"),
            ("Schuhe für Große", "schuhe-fur-grosse"),
            ("靴", "xue"),
            ("🦀!", "crab"),
            ("…", "category"),
        ] {
            assert_eq!(slug_of(name, "category"), slug, "{name}");
        }
        assert_eq!(slug_of(&"a".repeat(255), "x").len(), SLUG_MAX);
    }

    #[test]
    fn a_sku_tells_what_it_is_for() {
        assert_eq!(product_sku("Blue shirt, cotton, XL", &Same), "BLU-SHI-COT-AAAA");
        assert_eq!(product_sku("!!", &Same), "SKU-AAAA");
        assert_eq!(variant_sku("BLU-SHI-AAAA", "Größe XL"), "BLU-SHI-AAAA-GRO-XL");
        let long = variant_sku(&"P".repeat(64), "red");
        assert!(long.len() + "-AAAA".len() <= SKU_MAX, "{long}");
    }
}
