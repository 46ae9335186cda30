//! Whole lists, piece by piece.

use crate::policy::Action;
use crate::query::{ListQuery, Window};
use crate::{Cursor, OpContext, Record, Resource, Result, Work as _};

use super::{Crud, permit};

/// Rows that are read at a time: enough to be fast, few enough to be small.
const PIECE: i64 = 1_000;

/// A list that is read to its end, piece by piece.
///
/// Each piece is a short unit of work of its own, so that a slow reader holds no transaction; a
/// row that is written meanwhile may show either state, and none is shown twice or left out
/// unless its place in the order changes.
pub struct Export<T: Resource> {
    crud: Crud<T>,
    ctx: OpContext,
    query: ListQuery,
    done: bool,
}

impl<T: Resource> Crud<T> {
    /// Begins an export of all rows that the query's filters match, in its order.
    ///
    /// # Errors
    /// When the caller may not export.
    pub fn export(&self, ctx: &OpContext, mut query: ListQuery) -> Result<Export<T>> {
        permit::<T>(ctx, Action::Export)?;
        query.window = Window::Keyset { from: None, size: PIECE };
        query.conditions.extend(T::own(ctx));
        Ok(Export { crud: self.clone(), ctx: ctx.clone(), query, done: false })
    }
}

impl<T: Resource> Export<T> {
    /// The next rows; none at the end.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn next(&mut self) -> Result<Option<Vec<Record<T>>>> {
        if self.done {
            return Ok(None);
        }
        let mut work = self.crud.store.begin_read(&self.ctx).await?;
        let listing = T::records(&mut work).list(&self.query).await?;
        work.commit().await?;
        self.done = !listing.more;
        if let Some(last) = listing.records.last() {
            let from = Some(Cursor::beside(last, &self.query.ordering, false));
            self.query.window = Window::Keyset { from, size: PIECE };
        }
        Ok((!listing.records.is_empty()).then_some(listing.records))
    }
}
