//! What rows name beside themselves: the company of a contact, the category of a product.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain_kernel::field::{Link, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::query::ListQuery;
use domain_kernel::{Id, Patch, Record, Resource, Result, Step, fold};

use super::Under;

/// A resource that is known by its name, and made where it is missing.
#[async_trait]
pub(super) trait Named: Resource {
    /// One with nothing but a name.
    fn called(name: ShortText<255>) -> Self;

    /// Its name.
    fn name(&self) -> &str;

    /// Stores new ones.
    ///
    /// # Errors
    /// Those of the store, and of what is stored.
    async fn insert(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        rows: Vec<Self>,
    ) -> Result<Vec<Record<Self>>>;
}

/// Those that rows name, by folded name.
pub(super) struct Known<T>(BTreeMap<String, Id<T>>);

impl<T: Named> Known<T> {
    /// Finds them, of several with one name the first, and makes those that are missing.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn find_or_make<'n>(
        work: &mut T::Work,
        under: &Under<'_>,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Self> {
        let mut wanted = BTreeMap::new();
        for name in names {
            wanted.entry(fold(name)).or_insert(name);
        }
        let mut known = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(Self(known));
        }
        let query = ListQuery::alike::<T>("name", wanted.keys().cloned().collect())?;
        for found in T::records(work).list(&query).await?.records {
            known.entry(fold(found.data.name())).or_insert(found.id);
        }
        wanted.retain(|folded, _| !known.contains_key(folded));
        let missing: Vec<T> =
            wanted.into_values().map(|name| T::called(ShortText::trusted(name))).collect();
        if !missing.is_empty() {
            for made in T::insert(work, &under.step(Verb::Created, None), missing).await? {
                known.insert(fold(made.data.name()), made.id);
            }
        }
        Ok(Self(known))
    }

    /// The link to the one that a row names; nothing changes where it names none.
    pub(super) fn link(&self, name: Option<&str>) -> Patch<Link<T>> {
        let found = name.and_then(|name| self.0.get(&fold(name)));
        found.map_or(Patch::Keep, |id| Patch::Set(Link::to(Some(*id))))
    }
}
