//! What belongs to a record of any kind: notes, and whatever is attached to records.

use domain_kernel::field::{TargetId, TargetKind};
use domain_kernel::{Error, OpContext, Result};

use crate::SalesWork;

/// Refuses what belongs to nothing that the caller sees: a kind of which there are no records, a
/// record that is not there. What it belonged to `before` it may go on belonging to.
///
/// # Errors
/// [`Error::Invalid`] on `related_object_type` or `related_object_id`.
pub(crate) async fn check(
    work: &mut dyn SalesWork,
    ctx: &OpContext,
    (kind, id): (&TargetKind, TargetId),
    before: Option<(&TargetKind, TargetId)>,
) -> Result<()> {
    if before == Some((kind, id)) {
        return Ok(());
    }
    let seen = work.record_kinds().iter().copied().filter(|kind| kind.is_seen(ctx));
    let seen: Vec<_> = seen.collect();
    let Some(found) = seen.iter().find(|known| known.singular == &**kind) else {
        let names: Vec<&str> = seen.iter().map(|kind| kind.singular).collect();
        let message = format!("There is no such kind of record. Known: {}.", names.join(", "));
        return Err(Error::field("related_object_type", message));
    };
    if work.has_record(*found, id.0).await? {
        return Ok(());
    }
    Err(Error::no_such_record("related_object_id", id.0))
}
