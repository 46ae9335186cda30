//! Names that the server makes where nobody gives one: slugs and SKUs.

use domain_kernel::journal::Verb;
use domain_kernel::{Error, Random, Resource, Result, Step};

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
        let Self { field, what } = self;
        let one = T::SINGULAR.replace('_', " ");
        let message = format!("Another {one} has the {what} \"{name}\".");
        match step.verb {
            Verb::Restored => Err(Error::Conflict(message)),
            _ => Err(Error::field(field, message)),
        }
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
        let numbered = (2..=NUMBERED).map(|number| number.to_string());
        let random = (0..ATTEMPTS).map(|_| random_end(step.random));
        for end in numbered.chain(random) {
            let name = format!("{stem}-{end}");
            if !is_taken::<T>(work, self.field, &name, None).await? {
                return Ok(name);
            }
        }
        Err(Error::Conflict(format!("No free {} was found for this name.", self.what)))
    }
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
