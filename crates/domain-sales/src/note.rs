//! Notes on records of any kind.

use async_trait::async_trait;
use domain_kernel::field::{LongText, Member, TargetId, TargetKind, Word};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{Actor, Records, Resource, Result, Step};

use crate::{SalesWork, member, target};

domain_kernel::resource! {
    /// A note on a record.
    pub struct Note, patch NotePatch {
        /// The member who wrote it; who makes it unless given.
        author: Member,
        /// Their name.
        author_name: Word<301> [read_only],
        /// What it says.
        content: LongText [required],
        /// What kind of record it is on, as `contact` or `opportunity`; in any spelling.
        related_object_type: TargetKind [required],
        /// The record that it is on.
        related_object_id: TargetId [required],
    }
}

#[async_trait]
impl Resource for Note {
    const NAME: &'static str = "notes";
    const SINGULAR: &'static str = "note";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str =
        "Notes on records of any kind. They stay while their record is deleted.";
    const AREA: Area = Area::Sales;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.notes()
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        let before = step.before.map(|before| &before.data);
        if data.author.0.is_none() {
            data.author = match (before, step.ctx.actor) {
                (Some(before), _) => before.author,
                (None, Actor::Member(person)) => Member(Some(person)),
                (None, _) => Member(None),
            };
        }
        if before.is_none_or(|before| before.author != data.author) {
            data.author_name = member::name_of(work, data.author).await?;
        }
        let same = |before: &Self| {
            before.related_object_type == data.related_object_type
                && before.related_object_id == data.related_object_id
        };
        if before.is_some_and(same) {
            return Ok(());
        }
        target::check(work, step.ctx, &data.related_object_type, data.related_object_id).await
    }
}
