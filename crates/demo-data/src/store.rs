//! Storing many rows, and the address book.

use std::collections::BTreeSet;

use domain_kernel::crud::{BulkItem, BulkOutcome, BulkResult, Crud, MAX_BULK_ITEMS};
use domain_kernel::field::Link;
use domain_kernel::{Error, Id, OpContext, Resource, Result};
use domain_sales::Contact;
use serde_json::Value;

use crate::calendar::hour;
use crate::load::Progress;
use crate::people::employer;
use crate::player::{Player, breathe, known};

/// Does many writes, as many in a unit of work as is allowed; the ids of what is new, in order.
pub(crate) async fn bulk<T: Resource>(
    crud: &Crud<T>,
    ctx: &OpContext,
    items: Vec<BulkItem<T>>,
) -> Result<Vec<Id<T>>> {
    let mut ids = Vec::with_capacity(items.len());
    for batch in items.chunks(MAX_BULK_ITEMS) {
        let items = batch.iter().cloned().map(Ok).collect();
        let outcome = crud.bulk(ctx, items, true, |_| Ok(Value::Null)).await?;
        let BulkOutcome::Fresh { results, .. } = outcome else {
            return Err(Error::internal("a bulk without an idempotency key was replayed"));
        };
        for result in results {
            match result {
                BulkResult::Created(record) => ids.push(record.id),
                BulkResult::Failed(error) => return Err(error),
                // Of what was there before nobody asks; or another item failed, and its error comes.
                _ => {}
            }
        }
    }
    Ok(ids)
}

impl Player<'_> {
    /// Fills the address book, by a clock that shows since when everybody is in it.
    pub(crate) async fn meet(&mut self, progress: &dyn Progress) -> Result<()> {
        let plan = self.plan;
        let companies = self.sales.companies.clone();
        let mut ids = vec![None; plan.people.companies.len()];
        self.enter(&companies, &plan.people.companies, &mut ids, progress).await?;
        self.companies = ids;
        let employed = plan.people.contacts.iter().map(|(since, contact)| {
            let company = employer(contact).map(|at| known(&self.companies, at)).transpose()?;
            Ok((*since, Contact { company: Link::to(company), ..contact.clone() }))
        });
        let employed = employed.collect::<Result<Vec<_>>>()?;
        let contacts = self.sales.contacts.clone();
        let mut ids = vec![None; employed.len()];
        self.enter(&contacts, &employed, &mut ids, progress).await?;
        self.contacts = ids;
        Ok(())
    }

    /// Stores rows together that are known since the same day.
    async fn enter<T: Resource>(
        &self,
        crud: &Crud<T>,
        rows: &[(i64, T)],
        ids: &mut [Option<Id<T>>],
        progress: &dyn Progress,
    ) -> Result<()> {
        let days: BTreeSet<i64> = rows.iter().map(|(since, _)| *since).collect();
        let mut done = 0;
        for day in days {
            self.clock.set(self.plan.calendar.at(hour(day, 3)));
            let places = (0..rows.len()).filter(|place| rows[*place].0 == day);
            let places: Vec<usize> = places.collect();
            let new = places.iter().map(|place| BulkItem::Create(rows[*place].1.clone()));
            let made = bulk(crud, &self.desk(0), new.collect()).await?;
            for (place, id) in places.iter().zip(made) {
                ids[*place] = Some(id);
            }
            done += places.len() as u64;
            progress.step(T::NAME, done, rows.len() as u64);
            breathe().await;
        }
        Ok(())
    }
}
